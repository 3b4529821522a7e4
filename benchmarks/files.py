"""What a benchmark needs on disk, made once: the files in `.cache/bench/`, the peers' packages."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks import corpus
from benchmarks.measure import BenchmarkError

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache" / "bench"
VENV = ROOT / ".cache" / "bench-venv"
PEERS = ("together==3.1.1", "cleanllm==4.0.0")
"""What is compared with from PyPI, in a virtual environment of its own."""

_GENERATOR = (
    *("corpus.py", "examples.py", "images.py", "lexicon.py", "texts.py", "tools.py"),
    "words.toml",
)


def folder() -> Path:
    """Return the folder of the files, named by the code that writes them; remove older ones."""
    code = b"".join(Path(__file__).with_name(name).read_bytes() for name in _GENERATOR)
    wanted = CACHE / hashlib.sha256(code).hexdigest()[:12]
    for other in CACHE.glob("*"):
        if other != wanted:
            shutil.rmtree(other)
    wanted.mkdir(parents=True, exist_ok=True)
    return wanted


def prepare(kind: str, size: int, *, bom: bool = True) -> Path:
    """Return a file of a kind and size (bytes), written if there is none yet."""
    path = folder() / f"{kind}-{size}{'' if bom else '-no-bom'}.jsonl"
    if not path.exists():
        print(f"writing {path.name}", file=sys.stderr)
        corpus.write(kind, str(path), size, bom=bom)
    return path


def count_lines(path: Path) -> int:
    """Count the lines of a file; it is in the page cache afterwards."""
    with path.open("rb", 1 << 20) as file:
        return sum(1 for _ in file)


def peers_python() -> Path:
    """Return the Python that has the `PEERS`, in a virtual environment made if there is none.

    Raises `BenchmarkError` when they cannot be installed.
    """
    python = VENV / "bin" / "python"
    ready = VENV / ".ready"
    if not ready.exists() or ready.read_text(encoding="utf-8") != "\n".join(PEERS):
        print(f"installing {', '.join(PEERS)}", file=sys.stderr)
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        for command in ([sys.executable, "-m", "venv", "--clear", str(VENV)], [*install, *PEERS]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise BenchmarkError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
        ready.write_text("\n".join(PEERS), encoding="utf-8")
    return python
