"""`ftlint jobs results`: the metrics of a job, as a table, plots and remarks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

import click

from ftlint.cli.options import style
from ftlint.cli.output import Output, outputs_option, reason
from ftlint.cli.params import Options, option, option_class, takes
from ftlint.cli.result import Result
from ftlint.cli.service import QUIET, VERBOSE, Remote, ServiceOptions
from ftlint.core.errors import FtlintError
from ftlint.core.files.small_file import read_small_file
from ftlint.core.text import sanitize
from ftlint.reporters.formats.json_ import document
from ftlint.training import jobs
from ftlint.training.watch import status_of

_FORMATS = ("text", "json", "html", "svg")
_JSON = Output("json", None)
"""JSON on standard output: the whole result, not the metrics alone."""

_MAXIMUM = 64 << 20
"""Maximum bytes of a results.csv: a million steps with six metrics."""


@option_class
class _Options(Options):
    """Where results come from, and where they go."""

    path: str | None = option("Read this results.csv, without a service.", "--file", metavar="PATH")
    folder: str | None = option("Save results.csv in this folder.", "--save", metavar="DIR")
    outputs: tuple[Output, ...] = outputs_option(_FORMATS)
    quiet: int = QUIET
    verbose: int = VERBOSE


@click.command("results")
@click.argument("job", required=False, metavar="[JOB]")
@takes(_Options, ServiceOptions)
def results_command(job: str | None, **given: Any) -> None:
    """Show the training metrics of JOB.

    Losses and accuracies as a table and plots, with remarks on what stands out.
    Exit code 5 while there are no results yet, 7 if there will be none.
    """
    options = _Options.of(given)
    if (job is None) == (options.path is None):
        raise click.UsageError("give either a JOB or --file PATH")
    if options.path is not None and options.folder is not None:
        words = f"--save keeps what a service has; {options.path} is a file already"
        raise click.UsageError(words)
    with Result("jobs results", "json" if _JSON in options.outputs else "text") as result:
        if options.path is not None:
            result.add(file=options.path)
            _show(result, options.outputs, options.path, _read(options.path))
        else:
            job = jobs.check_id(str(job))
            files = _fetch(job, options, ServiceOptions.of(given), result)
            _show(result, options.outputs, job, files[0].data)


def _read(path: str) -> bytes:
    try:
        return read_small_file(path, _MAXIMUM)
    except OSError as error:
        raise FtlintError(f"{path}: cannot read: {reason(error)}") from error


def _fetch(
    job: str, options: _Options, service: ServiceOptions, result: Result
) -> list[jobs.ResultFile]:
    """Fetch the result files of a job, and save them with --save."""
    with Remote(service, options.verbose - options.quiet) as remote:
        found = jobs.find(remote.api, job)
        result.add(host=remote.api.host, job=job, status=status_of(found))
        files = list(jobs.result_files(remote.api, found))
    saved = jobs.save(options.folder, files) if options.folder is not None else []
    result.add(files=[{"id": file.id, "name": file.name} for file in files], saved=saved)
    for name in saved:
        remote.log.info(f"saved: {name}")
    if len(files) > 1 and not saved:
        words = f"only the first of {len(files)} result files is shown"
        remote.log.info(f"{words}; --save DIR saves all of them")
    return files


def _show(result: Result, outputs: Sequence[Output], name: str, data: bytes) -> None:
    """Write the results of a job to each output."""
    from ftlint.reporters import results as reporter  # noqa: PLC0415 - as above
    from ftlint.training import results  # noqa: PLC0415 - plotting is imported by this command only

    try:
        metrics = results.read(data)
    except results.ResultsError as error:
        raise results.ResultsError(f"{name}: {error}") from error
    plain = reporter.to_dict(metrics)
    result.add(results=plain)
    renderers: dict[str, Callable[[IO[str]], Iterator[str]]] = {
        "text": lambda stream: reporter.render(metrics, style("auto", 0, stream)),
        "json": lambda _: document(plain),
        "html": lambda _: reporter.page(metrics, f"Results of {sanitize(name)}"),
        "svg": lambda _: iter(reporter.svg(metrics).split("\n")),
    }
    for output in outputs:
        if output != _JSON:
            output.write(renderers[output.format], painted=True)
