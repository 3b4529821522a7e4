"""Uploading the files of a receipt, for `upload` and `run`; finding them, for `launch`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from ftlint.cli.params import SERVICE, option_class, seconds
from ftlint.cli.progress import Bar
from ftlint.cli.service import Log, PollOptions, Remote, service_option
from ftlint.training.providers.blob.account import read_account
from ftlint.training.receipt import TRAIN, VALIDATION, PassedFile, Receipt
from ftlint.training.upload.routes import ROUTES
from ftlint.training.upload.uploader import UploadedFile, Uploader, UploadSettings


@option_class
class FindOptions(PollOptions):
    """How files are found on a service; an upload has a route too."""

    route: str | None = None
    container: str | None = None
    no_resume: bool = False
    verify_remote: bool = service_option(
        "Download what was uploaded, and compare it.", is_flag=True
    )
    patience: float = seconds("Timeout for the service to process a file.", section=SERVICE,
                              default=1800.0)  # fmt: skip

    def check_container(self) -> None:
        """Raise `FtlintError` for a bad --container, before any work."""
        if self.container:
            read_account(self.container)


@option_class
class UploadOptions(FindOptions):
    """How files are uploaded."""

    route: str | None = service_option(
        "Upload in one request, in parts, or to a blob that the service imports.  "
        "[default: by size]", type=click.Choice(ROUTES))  # fmt: skip
    container: str | None = service_option(
        "Blob container of route blob: https://ACCOUNT.blob.core.windows.net/CONTAINER, "
        "or a name, with AZURE_STORAGE_CONNECTION_STRING.", metavar="URL")  # fmt: skip
    no_resume: bool = service_option(
        "Start uploads from the beginning, and discard them when interrupted.", is_flag=True
    )


def upload_files(
    remote: Remote, receipt: Receipt, options: UploadOptions, *, progress: bool
) -> list[UploadedFile]:
    """Upload the training and validation files of a receipt."""
    files = data_files(receipt)
    with _interruptible(remote.log, options), Bar(enabled=progress) as bar:
        uploader = _uploader(remote, options, bar.start(sum(file.bytes for file in files)))
        return [uploader.put(file) for file in files]


def find_files(remote: Remote, receipt: Receipt, options: FindOptions) -> list[UploadedFile]:
    """Find the files of a receipt on the service; nothing is uploaded."""
    uploader = _uploader(remote, options, lambda _: None)
    return [uploader.find(file) for file in data_files(receipt)]


def data_files(receipt: Receipt) -> list[PassedFile]:
    """Return the training and validation files of a receipt."""
    return [file for file in receipt.files if file.role in (TRAIN, VALIDATION)]


def _uploader(
    remote: Remote, options: FindOptions, acknowledged: Callable[[int], object]
) -> Uploader:
    def container() -> Any:
        from ftlint.training.providers.blob import container  # noqa: PLC0415 - an extra, and slow to import

        return container.connect(options.container or "", remote.log.info)

    upload_options = UploadSettings(
        route=options.route, place=options.container,
        container=container if options.container else None, resume=not options.no_resume,
        verify=options.verify_remote, poll=options.poll, patience=options.patience,
    )  # fmt: skip
    return Uploader(remote.api, remote.profile.upload, remote.ledger, options=upload_options,
                    log=remote.log, acknowledged=acknowledged)  # fmt: skip


@contextmanager
def _interruptible(log: Log, options: UploadOptions) -> Iterator[None]:
    """Say what becomes of an upload that is interrupted."""
    try:
        yield
    except KeyboardInterrupt:
        if options.no_resume:
            log.info("the incomplete upload was discarded")
        else:
            log.info("the incomplete upload is kept: run the same command again to resume it")
        raise
