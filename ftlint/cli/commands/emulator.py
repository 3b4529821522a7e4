"""`ftlint emulator`: a local server to rehearse with."""

from __future__ import annotations

import os
import signal
import sys
import threading

import click

from ftlint.cli.output import say, show
from ftlint.cli.params import SECONDS
from ftlint.emulator import KEY, Emulator, Fault, Settings

PORT = 8017
"""The default port: free on most machines."""


@click.command("emulator")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, metavar="N",
              help="Port on 127.0.0.1; 0: any free port.")  # fmt: skip
@click.option("--delay", type=SECONDS, default=0.2, show_default=True, metavar="SECONDS",
              help="Duration of each state of a file or job.")  # fmt: skip
@click.option("--fault", "faults", multiple=True, metavar="SPEC",
              help="Inject a fault, such as 'POST /fine_tuning/jobs status=500 when=after "
              "times=1'. Repeatable.")  # fmt: skip
@click.option("--paging/--no-paging", default=False, show_default=True,
              help="Whether Azure's list of files is paginated.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Do not log requests.")
def command(port: int, delay: float, faults: tuple[str, ...], paging: bool, quiet: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Answer as Azure OpenAI and OpenAI do, on 127.0.0.1, until Ctrl-C.

    Files, uploads, imports and fine-tuning jobs, without a cloud and without cost. The environment
    variables to export are printed first; each request is then logged to standard error. Any key
    is accepted, unless FTLINT_EMULATOR_KEY is set.
    """
    settings = Settings(
        delay=delay,
        faults=[Fault.parse(text) for text in faults],
        paging=paging,
        port=port,
        log=None if quiet else _log,
        record=False,
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with Emulator(settings) as emulator:
        show(_exports(emulator.address, known=bool(settings.key)))
        stop.wait()


def _log(line: str) -> None:
    """Write a line to standard error, as long as it is open."""
    try:
        say(line)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _exports(address: str, *, known: bool) -> tuple[str, ...]:
    """Return shell commands that select the emulator; a key of the user's own is not printed."""
    key = f'"${KEY}"' if known else "not-a-secret"
    return (
        f"export AZURE_OPENAI_ENDPOINT={address}",
        f"export AZURE_OPENAI_API_KEY={key}",
        f"export OPENAI_BASE_URL={address}/v1",
        f"export OPENAI_API_KEY={key}",
    )
