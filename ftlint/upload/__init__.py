"""From bytes that passed to a file that the service has taken."""

from __future__ import annotations

from ftlint.upload.route import ROUTES
from ftlint.upload.stage import UploadedFile, Uploader, UploadOptions, remote_name

__all__ = ["ROUTES", "UploadOptions", "UploadedFile", "Uploader", "remote_name"]
