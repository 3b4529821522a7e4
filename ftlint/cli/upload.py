"""`ftlint upload`: files that pass the check, and no others, go to the service."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli import PASSED
from ftlint.cli.grouped import Grouped
from ftlint.cli.receipts import pass_gate
from ftlint.cli.remote import Remote, Voice, poll_option, remote_options
from ftlint.cli.sending import ensure_place, gate_options, kept, send, send_options
from ftlint.cli.stage import Result
from ftlint.reporters.stages import sent_lines


@click.command("upload", cls=Grouped)
@click.argument("train", metavar="TRAIN")
@gate_options
@send_options
@poll_option
@remote_options
def command(train: str, **options: Any) -> int:
    """Check TRAIN, and the --validation file, then send what passed: those bytes and no others.

    Each file is opened once and hashed while it is sent; one that changed since it was checked is
    refused before it is complete. Sent again, the same bytes are found on the service and used.
    Keys come from the environment (AZURE_OPENAI_API_KEY, OPENAI_API_KEY) or from Entra ID.
    """
    voice = Voice.of(options)
    with Result("upload", options) as result, Remote(options, voice) as remote:
        ensure_place(options)
        passing = pass_gate(train, options)
        if passing.receipt is None:
            return result.refuse(passing)
        with kept(voice, options):
            sent = send(remote, passing.receipt, options)
        result.add(passed=True, receipt=passing.receipt.to_dict(),
                   files=[file._asdict() for file in sent])  # fmt: skip
        result.show(sent_lines(sent))
    return PASSED
