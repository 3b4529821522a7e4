"""Run the benchmark: `python -m benchmarks [--quick] [--write docs/performance.md]`."""

from __future__ import annotations

import datetime as dt
import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click

from benchmarks import files, suite, table
from benchmarks.measure import BenchmarkError

BEGIN, END = "<!-- results -->\n", "<!-- end of results -->\n"
_PACKAGES = ("ftlint", "orjson", "jsonschema-rs", "jsonschema", "tiktoken", "click")


def machine() -> str:
    """Describe the machine: processors, memory, kernel, and the versions of what is compared."""
    cpu = _first("/proc/cpuinfo", "model name")
    memory = int(_first("/proc/meminfo", "MemTotal").split()[0]) * 1024
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    peers = ", ".join(peer.replace("==", " ") for peer in files.PEERS)
    return (
        f"{len(os.sched_getaffinity(0))} cores of {cpu}, {memory / 2**30:.1f} GiB, "
        f"{platform.system()} {platform.release()}; "
        f"{platform.python_implementation()} {platform.python_version()}; {versions}, {peers}."
    )


def _first(path: str, key: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return "unknown"


def results(*, quick: bool) -> Iterator[str]:
    """Measure everything and yield the blocks of the report, in Markdown."""
    scale = suite.QUICK if quick else suite.FULL
    measured = {}
    for group in suite.groups(scale):
        group.measure()
        measured[group.name] = group
    today = dt.datetime.now(tz=dt.UTC).date()
    command = "python -m benchmarks --quick" if quick else "make bench"
    yield f"`{command}` on {today}: {machine()}"
    if quick:
        yield "The targets are for the full sizes; this was a quick run on small files."
    yield table.target_table(table.targets(measured))
    for group in measured.values():
        yield table.program_table(group)


def replace_results(page: str, text: str) -> str:
    """Return a page with `text` between its two markers.

    Raises `ValueError` when the page does not have both, in order.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"expected the lines {BEGIN.strip()} and {END.strip()}")
    return f"{before}{begin}\n{text}\n{end}{after}"


@click.command()
@click.option("--quick", is_flag=True, help="Small files, to try it out; the targets need large.")
@click.option(
    "--write",
    "page",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, writable=True, path_type=Path),
    help="Write the results between the markers of a Markdown file, too.",
)
def main(*, quick: bool, page: Path | None) -> None:
    """Compare ftlint with other programs, and print tables in Markdown."""
    if sys.platform != "linux":
        raise click.ClickException(f"the platform is {sys.platform}, expected linux: see timed.py")
    try:
        before = page.read_text(encoding="utf-8") if page else ""
        if page:
            replace_results(before, "")  # which fails before the quarter of an hour, not after it
        text = "\n\n".join(results(quick=quick)) + "\n"
        if page:
            page.write_text(replace_results(before, text), encoding="utf-8")
    except (BenchmarkError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(text)


if __name__ == "__main__":
    main()
