"""Options and steps of uploading, for `upload` and `run`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from ftlint.cli.options import document_options, options_of, rule_options, run_options
from ftlint.cli.progress import Bar
from ftlint.cli.remote import Remote, Voice, talk_options
from ftlint.cli.seconds import SECONDS
from ftlint.gate import TRAIN, VALIDATION, PassedFile, Receipt
from ftlint.providers.blob_account import read_account
from ftlint.upload import ROUTES, UploadedFile, Uploader, UploadOptions

gate_options = options_of(
    rule_options,
    document_options,
    click.option(
        "--receipt",
        metavar="PATH",
        help="What an earlier check --receipt wrote; the files are held against it, not checked.",
    ),
    run_options,
    talk_options,
)
"""What decides whether data passes."""

find_options = options_of(
    click.option(
        "--verify-remote", is_flag=True, help="Download what was uploaded, and compare it."
    ),
    click.option(
        "--patience",
        type=SECONDS,
        default=1800.0,
        show_default=True,
        metavar="SECONDS",
        help="Wait this long for the service to process a file.",
    ),
)
"""How files are found on a service."""

send_options = options_of(
    click.option(
        "--route",
        type=click.Choice(ROUTES),
        help="The way to the service: one request, parts, or a blob that the service imports.  "
        "[default: as the size demands]",
    ),
    click.option(
        "--container",
        metavar="URL",
        help="Where the blob goes on route blob: https://ACCOUNT.blob.core.windows.net/CONTAINER, "
        "or a name, with AZURE_STORAGE_CONNECTION_STRING.",
    ),
    click.option(
        "--no-resume", is_flag=True, help="Begin anew, and leave nothing begun when interrupted."
    ),
    find_options,
)
"""How files are sent."""


def send(remote: Remote, receipt: Receipt, options: Mapping[str, Any]) -> list[UploadedFile]:
    """Send the files of a receipt: what it is trained on, and what it is validated with."""
    files = data_of(receipt)
    with Bar(enabled=not options["no_progress"] and not options["quiet"]) as bar:
        sender = uploader(remote, options, bar.start(sum(file.bytes for file in files)))
        return [sender.put(file) for file in files]


def find(remote: Remote, receipt: Receipt, options: Mapping[str, Any]) -> list[UploadedFile]:
    """Find the files of a receipt on the service; nothing is sent."""
    finder = uploader(remote, options, lambda _: None)
    return [finder.find(file) for file in data_of(receipt)]


def data_of(receipt: Receipt) -> list[PassedFile]:
    """Return the files of a receipt that a service is given."""
    return [file for file in receipt.files if file.role in (TRAIN, VALIDATION)]


def ensure_place(options: Mapping[str, Any]) -> None:
    """Raise what is wrong with the place for blobs, before the work."""
    if options.get("container"):
        read_account(options["container"])


def uploader(
    remote: Remote, options: Mapping[str, Any], acknowledged: Callable[[int], object]
) -> Uploader:
    """Make what sends files as the options say."""
    place: str | None = options.get("container")

    def container() -> Any:
        from ftlint.providers import blob  # noqa: PLC0415 - an extra, and slow to import

        return blob.connect(place or "", remote.voice.info)

    upload_options = UploadOptions(
        route=options.get("route"),
        place=place,
        container=container if place else None,
        resume=not options.get("no_resume"),
        verify=options["verify_remote"],
        poll=options["poll"],
        patience=options["patience"],
    )
    return Uploader(
        remote.api,
        remote.profile.upload,
        remote.ledger,
        options=upload_options,
        log=remote.voice,
        acknowledged=acknowledged,
    )


@contextmanager
def kept(voice: Voice, options: Mapping[str, Any]) -> Iterator[None]:
    """Say what becomes of an upload that is interrupted."""
    try:
        yield
    except KeyboardInterrupt:
        if options["no_resume"]:
            voice.info("what was sent of a file is thrown away")
        else:
            voice.info(
                "what was sent is kept: run the same command again, and it goes on from there"
            )
        raise
