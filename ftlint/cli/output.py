"""Output formats, and the files or streams that reports are written to."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import IO, Any, NamedTuple

import click
import orjson

from ftlint.cli.params import option
from ftlint.core.errors import unknown


class Output(NamedTuple):
    """An output format, and the file it goes to (None: standard output)."""

    format: str
    path: str | None

    def open(self) -> AbstractContextManager[IO[str]]:
        """Open the file for writing. Raises `OSError` if that fails."""
        if self.path is not None:
            return open(self.path, "w", encoding="utf-8", newline="\n")
        if sys.stdout is None:
            raise OSError(errno.EBADF, "it is closed")
        return nullcontext(sys.stdout)

    def write(self, render: Callable[[IO[str]], Iterable[str]]) -> None:
        """Write the lines that `render` returns for the stream it is given.

        Raises `click.ClickException` if that fails, `BrokenPipeError` if the reader has gone.
        """
        try:
            with self.open() as stream:
                for line in render(stream):
                    stream.write(f"{line}\n")
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self.refuse(error) from error

    def refuse(self, error: OSError) -> click.ClickException:
        """Return the error to raise when writing failed."""
        where = self.path or "standard output"
        return click.ClickException(f"{where}: cannot write: {reason(error)}")


def reason(error: OSError) -> str:
    """Return the operating system's reason, in lower case."""
    return (error.strerror or str(error)).lower()


def print_json(data: object) -> None:
    """Print data as indented JSON."""
    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def outputs_option(formats: Sequence[str]) -> Any:
    """Declare --output-format, which may name a file; the first format is the default."""

    def read(
        ctx: click.Context, param: click.Parameter, value: Sequence[str]
    ) -> tuple[Output, ...]:
        """Parse `format` or `format=path`. Raises `click.BadParameter` for an unknown format."""
        outputs = []
        for entry in value or formats[:1]:
            name, separator, path = entry.partition("=")
            if name not in formats:
                raise click.BadParameter(str(unknown("output format", name, formats)), ctx, param)
            if separator and not path:
                raise click.BadParameter(f"{entry!r} names no file after the =", ctx, param)
            outputs.append(Output(name, path or None))
        return tuple(outputs)

    text = f"{', '.join(formats)}; or FORMAT=PATH to write to a file. Repeatable."
    return option(
        f"{text}  [default: {formats[0]}]",
        "--output-format",
        metavar="FORMAT[=PATH]",
        multiple=True,
        callback=read,
    )
