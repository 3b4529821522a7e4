"""Where results go: formats, and the files that are written."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import IO, Any, NamedTuple

import click

from ftlint.profile import unknown


class Output(NamedTuple):
    """An output format, and the file it goes to (None: standard output)."""

    format: str
    path: str | None

    def open(self) -> AbstractContextManager[IO[str]]:
        """Open the file to write to. Raises `OSError` where that fails."""
        if self.path is not None:
            return open(self.path, "w", encoding="utf-8", newline="\n")
        if sys.stdout is None:
            raise OSError(errno.EBADF, "it is closed")
        return nullcontext(sys.stdout)

    def write(self, render: Callable[[IO[str]], Iterable[str]]) -> None:
        """Write the lines that `render` makes for the stream it is given.

        Raises `click.ClickException` where that fails, `BrokenPipeError` where the reader is gone.
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
        """Word a failure to write there."""
        where = self.path or "standard output"
        why = (error.strerror or str(error)).lower()
        return click.ClickException(f"{where}: cannot write: {why}")


def outputs_option(formats: Sequence[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make the option --output-format, which may name a file; the first format is the default."""

    def read(
        ctx: click.Context, param: click.Parameter, value: Sequence[str]
    ) -> tuple[Output, ...]:
        """Read `format` or `format=path`. Raises `click.BadParameter` for an unknown format."""
        outputs = []
        for entry in value or formats[:1]:
            name, separator, path = entry.partition("=")
            if name not in formats:
                raise click.BadParameter(str(unknown("output format", name, formats)), ctx, param)
            if separator and not path:
                raise click.BadParameter(f"{entry!r} names no file after the =", ctx, param)
            outputs.append(Output(name, path or None))
        return tuple(outputs)

    return click.option(
        "--output-format",
        "outputs",
        metavar="FORMAT[=PATH]",
        multiple=True,
        callback=read,
        help=f"{', '.join(formats)}; or format=path for a file. May be given several times.  "
        f"[default: {formats[0]}]",
    )
