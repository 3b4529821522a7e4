"""An output format added as one module: the command line knows it, and nothing else is written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.support.helpers import LINE, whole

TALLY = '''"""The number of findings, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from ftlint.core.report import Report
from ftlint.reporters import Style


def render(report: Report, style: Style) -> Iterator[str]:
    """Yield one line."""
    yield f"{len(report.findings)} findings"
'''


def test_an_output_format_is_a_module(tmp_path: Path) -> None:
    (tmp_path / "schemas").symlink_to(ROOT / "schemas")
    shutil.copytree(ROOT / "ftlint", tmp_path / "ftlint", ignore=shutil.ignore_patterns("*.pyc"))
    (tmp_path / "ftlint" / "reporters" / "formats" / "tally.py").write_text(TALLY)
    (tmp_path / "train.jsonl").write_bytes(whole(*[LINE] * 20, mark=b""))
    done = subprocess.run(
        [sys.executable, "-m", "ftlint", "check", "train.jsonl", "--output-format", "tally"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("2 findings\n", "", 1)
