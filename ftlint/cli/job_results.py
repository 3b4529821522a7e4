"""`ftlint jobs results`: what a job measured, as a table, plots and a remark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any

import click

from ftlint import jobs
from ftlint.cli.options import profile_option, style
from ftlint.cli.output import Output, outputs_option
from ftlint.cli.remote import Remote, Voice, remote_options, voice_options
from ftlint.cli.stage import Result
from ftlint.locate import sanitize
from ftlint.model import FtlintError
from ftlint.reporters.json_ import document
from ftlint.watch import status_of

_FORMATS = ("text", "json", "html", "svg")


@click.command("results")
@click.argument("job", required=False, metavar="[JOB]")
@click.option("--file", "path", metavar="PATH", help="Read this results.csv, and ask no service.")
@click.option("--save", "folder", metavar="DIR", help="Keep results.csv in this folder.")
@outputs_option(_FORMATS)
@profile_option
@remote_options
@voice_options
def results_command(job: str | None, path: str | None, folder: str | None, **options: Any) -> None:
    """Show what JOB measured while it was trained.

    Losses and accuracies as a table and plots, and a remark where they say something.
    Exit code 5 while there are no results yet, 7 where there will be none.
    """
    if (job is None) == (path is None):
        raise click.UsageError("give either a JOB or --file PATH")
    if path is not None and folder is not None:
        raise click.UsageError(f"--save keeps what a service has; {path} is a file already")
    outputs: Sequence[Output] = options["outputs"]
    plain_json = any(output == Output("json", None) for output in outputs)
    with Result("jobs results", {"output_format": "json" if plain_json else "text"}) as result:
        if path is not None:
            result.add(file=path)
            _show(result, outputs, path, _read(path))
        else:
            job = jobs.check_id(str(job))
            files = _fetch(job, folder, options, result)
            _show(result, outputs, job, files[0].data)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise FtlintError(f"{path}: cannot read: {why}") from error


def _fetch(
    job: str, folder: str | None, options: Mapping[str, Any], result: Result
) -> list[jobs.ResultFile]:
    """Fetch the files of a job, and keep them where that is wanted."""
    voice = Voice.of(options)
    with Remote(options, voice) as remote:
        found = jobs.find(remote.api, job)
        result.add(host=remote.api.host, job=job, status=status_of(found))
        files = list(jobs.result_files(remote.api, found))
    saved = jobs.save(folder, files) if folder is not None else []
    result.add(files=[{"id": file.id, "name": file.name} for file in files], saved=saved)
    for name in saved:
        voice.info(f"saved: {name}")
    if len(files) > 1 and not saved:
        voice.info(
            f"shown is the first of {len(files)} files of results; --save DIR keeps them all"
        )
    return files


def _show(result: Result, outputs: Sequence[Output], name: str, data: bytes) -> None:
    """Write the results of a job to each output."""
    from ftlint import results  # noqa: PLC0415 - and what draws them: for this command only
    from ftlint.reporters import training  # noqa: PLC0415 - as above

    try:
        measured = results.read(data)
    except results.ResultsError as error:
        raise results.ResultsError(f"{name}: {error}") from error
    told = training.to_dict(measured)
    result.add(results=told)
    makers: dict[str, Callable[[IO[str]], Iterator[str]]] = {
        "text": lambda stream: training.render(measured, style("auto", 0, stream)),
        "json": lambda _: document(told),
        "html": lambda _: training.page(measured, f"Results of {sanitize(name)}"),
        "svg": lambda _: iter([training.svg(measured)]),
    }
    for output in outputs:
        if output != Output("json", None):
            output.write(makers[output.format])
