"""What is shipped: the wheel alone in a bare environment, and the hook under real pre-commit.

Both build environments from the wheelhouse that `make test` fills, so they touch no network.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from ftlint.version import __version__
from tests.conftest import FIXTURES, ROOT

WHEELHOUSE = ROOT / ".cache" / "wheelhouse"
GOOD = FIXTURES / "files" / "support-chat-good.jsonl"
BAD = FIXTURES / "files" / "support-chat.jsonl"

pytestmark = pytest.mark.skipif(
    not WHEELHOUSE.is_dir(), reason="the wheelhouse is filled by `make test`"
)


@pytest.fixture(scope="session")
def offline() -> dict[str, str]:
    """Return an environment in which pip sees the wheelhouse and nothing else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    kept.pop("PYTHONPATH", None)
    return {
        **kept,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(WHEELHOUSE),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def run(*command: object, cwd: Path, env: Mapping[str, str], code: int = 0) -> str:
    """Run a program and return what it printed; it must end with `code`."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == code, done.stdout
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory, offline: dict[str, str]) -> Path:
    """Build the wheel by way of the sdist, as a release does."""
    folder = tmp_path_factory.mktemp("dist")
    command = (sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    run(*command, cwd=folder, env=offline)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_its_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for name in (
        "ftlint/py.typed",
        "ftlint/schemas/chat.schema.json",
        "ftlint/schemas/report.schema.json",
        "ftlint/config/profiles/azure.toml",
        "ftlint/config/profiles/common.toml",
        "ftlint/training/service_messages.toml",
        "ftlint/schemas/receipt.schema.json",
        "ftlint/analysis/tokens/o200k_base.vocabulary",
        "ftlint/analysis/tokens/cl100k_base.vocabulary",
        "ftlint/analysis/tokens/LICENSE.tiktoken",
        "ftlint/analysis/tokens/formulas.toml",
        "ftlint/config/prices.toml",
        "ftlint/rules.json",
    ):
        assert name in names
    strays = ("tests/", "scripts/", "fixtures/", "ftlint/fixtures/")
    assert not [name for name in names if name.startswith(strays)]
    assert len(names) < 400
    assert wheel.stat().st_size < 6_000_000


def test_the_wheel_works_in_a_bare_environment(
    wheel: Path, offline: dict[str, str], tmp_path: Path
) -> None:
    run(sys.executable, "-m", "venv", "bare", cwd=tmp_path, env=offline)
    programs = tmp_path / "bare" / "bin"
    run(programs / "pip", "install", "--quiet", wheel, cwd=tmp_path, env=offline)
    ftlint = programs / "ftlint"
    assert run(ftlint, "--version", cwd=tmp_path, env=offline) == f"ftlint {__version__}\n"
    assert "passed" in run(ftlint, "check", GOOD, cwd=tmp_path, env=offline)
    assert "unknown-role" in run(ftlint, "check", BAD, cwd=tmp_path, env=offline, code=1)
    counted = run(ftlint, "tokens", GOOD, cwd=tmp_path, env=offline)
    assert "counted with o200k_base" in counted
    assert '"human"' in run(ftlint, "rule", "unknown-role", cwd=tmp_path, env=offline)
    every = ("rule", "--all", "--output-format", "json")
    checkout = run(sys.executable, "-m", "ftlint", *every, cwd=ROOT, env=offline)
    assert run(ftlint, *every, cwd=tmp_path, env=offline) == checkout
    env = {**offline, "AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:1", "AZURE_OPENAI_API_KEY": "none"}
    planned = run(ftlint, "run", GOOD, "--model", "gpt-4.1", cwd=tmp_path, env=env)
    assert "nothing was sent" in planned
    refused = run(ftlint, "upload", GOOD, cwd=tmp_path, env=env, code=2)
    assert "pip install 'ftlint[upload]'" in refused
    assert "pip install" in run(ftlint, "emulator", cwd=tmp_path, env=env, code=2)
    code = f"import ftlint; r = ftlint.check({str(BAD)!r}); print(r.passed, r.counts)"
    printed = run(programs / "python", "-c", code, cwd=tmp_path, env=offline)
    assert printed == "False {'error': 5, 'warning': 1, 'info': 0}\n"


def git(*arguments: object, cwd: Path, env: Mapping[str, str]) -> str:
    """Run git with an identity of its own and without the user's configuration."""
    identity = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for role in ("AUTHOR", "COMMITTER"):
        identity[f"GIT_{role}_NAME"] = "test"
        identity[f"GIT_{role}_EMAIL"] = "test@example.com"
    return run("git", *arguments, cwd=cwd, env={**env, **identity})


def test_pre_commit_blocks_a_bad_file_and_lets_a_good_one_pass(
    offline: dict[str, str], tmp_path: Path
) -> None:
    env = {**offline, "PRE_COMMIT_HOME": str(tmp_path / "home")}
    hooks = tmp_path / "ftlint"
    hooks.mkdir()
    for name in git("ls-files", "-coz", "--exclude-standard", cwd=ROOT, env=env).split("\0")[:-1]:
        target = hooks / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    git("init", "--quiet", cwd=hooks, env=env)
    git("add", "--all", "--force", cwd=hooks, env=env)
    git("commit", "--quiet", "--message", "ftlint", cwd=hooks, env=env)
    revision = git("rev-parse", "HEAD", cwd=hooks, env=env).strip()

    data = tmp_path / "data"
    data.mkdir()
    (data / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks:\n  - id: ftlint\n"
    )
    (data / "train.jsonl").write_bytes(BAD.read_bytes())
    git("init", "--quiet", cwd=data, env=env)
    git("add", "--all", cwd=data, env=env)
    command = (sys.executable, "-m", "pre_commit", "run", "--color", "never")
    refused = run(*command, cwd=data, env=env, code=1)
    assert "Failed" in refused
    assert "train.jsonl:3:106" in refused
    (data / "train.jsonl").write_bytes(GOOD.read_bytes())
    git("add", "--all", cwd=data, env=env)
    assert "Passed" in run(*command, cwd=data, env=env)


def test_both_names_of_the_hook_file_hold_the_same() -> None:
    dotted = (ROOT / ".pre-commit-hooks.yaml").read_bytes()
    assert (ROOT / "pre-commit-hooks.yaml").read_bytes() == dotted
