"""The one way out: whatever is printed, and the files and streams that reports are written to.

Nothing else prints (`tests/cli/test_way_out.py`): here all lines are neutralised and redacted.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from itertools import islice
from typing import IO, Any, NamedTuple, cast

import click

from ftlint.cli.params import option
from ftlint.core.errors import unknown
from ftlint.core.secret_marks import may_leak
from ftlint.core.text import sanitize_line, without_secrets

_BATCH = 500
"""Lines to write at once: they are searched for secrets together."""

_SECRETS = (
    "API_KEY", "ACCESS_KEY", "ACCOUNT_KEY", "ADMIN_KEY", "EMULATOR_KEY", "SECRET_KEY",
    "STORAGE_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "CONNECTION_STRING",
)  # fmt: skip
"""How the names of environment variables end that hold a secret."""

_LEAST = 12
"""Minimum characters of a secret in the environment: a shorter one may be a word of the data."""


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

    def write(self, render: Callable[[IO[str]], Iterable[str]], *, painted: bool = False) -> None:
        """Write the lines that `render` returns for the stream it is given.

        `painted` keeps their colours. Raises `click.ClickException` if that fails,
        `BrokenPipeError` if the reader has gone.
        """
        try:
            with self.open() as stream:
                emit(stream, render(stream), self.format, painted=painted)
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


def emit(
    stream: IO[str],
    lines: Iterable[str],
    output_format: str = "text",
    *,
    painted: bool = False,
    end: str = "\n",
) -> None:
    """Write lines to a stream, neutralised and redacted; JSON is redacted before it is text."""
    rest = iter(lines)
    while batch := list(islice(rest, _BATCH)):
        if output_format != "json" and may_leak("\n".join(batch)):
            batch = list(map(without_secrets, batch))
        stream.write("".join(f"{sanitize_line(line, painted=painted)}{end}" for line in batch))


def show(lines: Iterable[str]) -> None:
    """Print lines on standard output, at once."""
    Output("text", None).write(lambda _: lines)
    sys.stdout.flush()


def show_json(data: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print data as an indented JSON document."""
    from ftlint.reporters.formats.json_ import document  # noqa: PLC0415 - most output is text

    Output("json", None).write(lambda _: document(data))


def show_data(parts: Iterable[bytes]) -> None:
    """Print parts of the data: unchanged to a program, as any other text to people.

    A build log is for people too, and obeys what is written to it.
    """
    sys.stdout.flush()
    if not (sys.stdout.isatty() or (_in_build() and not _is_file(sys.stdout))):
        sys.stdout.buffer.writelines(parts)
        return
    for data in parts:
        *lines, rest = data.decode("utf-8", "replace").split("\n")
        show(lines)
        emit(sys.stdout, [rest] if rest else [], end="")


def _in_build() -> bool:
    return any(os.environ.get(name) for name in ("GITHUB_ACTIONS", "TF_BUILD"))


def _is_file(stream: IO[str]) -> bool:
    return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)


def say(*lines: str, painted: bool = False) -> None:
    """Print lines on standard error; where that fails, the exit code remains."""
    if sys.stderr is None:
        return
    try:
        stream = stderr()
        emit(stream, lines, painted=painted)
        stream.flush()
    except OSError:
        discard(sys.stderr)


def discard(stream: IO[str] | None) -> None:
    """Discard buffered output that cannot be written, so that exiting does not try again."""
    if stream is not None:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def learn_secrets(environ: Mapping[str, str]) -> None:
    """Register the secrets in the environment, also those that only the data may repeat."""
    values = [value.strip() for name, value in environ.items() if name.upper().endswith(_SECRETS)]
    values += environ.get("OPENAI_CUSTOM_HEADERS", "").split()  # the SDK sends them
    secrets = [value for value in values if len(value) >= _LEAST]
    if secrets:
        from ftlint.core.redact import secret  # noqa: PLC0415 - it compiles patterns

        for each in secrets:
            secret(each)


class _Guarded:
    """Standard error as Python and libraries write to it, with logs, warnings and tracebacks."""

    def __init__(self, stream: IO[str]) -> None:
        self.unguarded = stream

    def write(self, text: str) -> int:
        """Write a text line by line, neutralised and redacted."""
        lines = (sanitize_line(without_secrets(line)) for line in text.split("\n"))
        self.unguarded.write("\n".join(lines))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unguarded, name)


@contextmanager
def guarded() -> Iterator[None]:
    """Let nothing pass to standard error that `say` would not print either."""
    stream = sys.stderr
    if stream is None:
        yield
        return
    sys.stderr = cast("IO[str]", _Guarded(stream))
    try:
        yield
    finally:
        sys.stderr = stream


def stderr() -> IO[str]:
    """Return standard error for what is safe already, or moves the cursor."""
    return sys.stderr.unguarded if isinstance(sys.stderr, _Guarded) else sys.stderr


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
