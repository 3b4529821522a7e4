"""`ftlint upload`: uploads files that pass the check, and no others."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli.gate import GateOptions, pass_gate
from ftlint.cli.params import SectionedCommand, takes
from ftlint.cli.result import stage
from ftlint.cli.service import StageOptions
from ftlint.cli.transfer import UploadOptions, upload_files
from ftlint.core.errors import PASSED
from ftlint.reporters.launch import sent_lines


@click.command("upload", cls=SectionedCommand)
@click.argument("train", metavar="TRAIN")
@takes(GateOptions, UploadOptions, StageOptions)
def command(train: str, **given: Any) -> int:
    """Check TRAIN, and the --validation file, then upload exactly the bytes that passed.

    Each file is opened once and hashed while it is sent; one that changed since the check is
    refused before the upload is complete. Bytes that were uploaded before are found and reused.
    Keys come from the environment (AZURE_OPENAI_API_KEY, OPENAI_API_KEY) or from Entra ID.
    """
    upload, options = UploadOptions.of(given), StageOptions.of(given)
    with stage("upload", options) as (result, remote):
        upload.check_container()
        gate = GateOptions.of(given)
        passing = pass_gate(train, gate, progress=options.progress, verbosity=options.verbosity)
        if passing.receipt is None:
            return result.refuse(passing)
        sent = upload_files(remote, passing.receipt, upload, progress=options.progress)
        result.add(passed=True, receipt=passing.receipt.to_dict(),
                   files=[file._asdict() for file in sent])  # fmt: skip
        result.show(sent_lines(sent))
    return PASSED
