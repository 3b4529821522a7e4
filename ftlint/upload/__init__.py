"""Upload of files that passed the check."""

from __future__ import annotations

from ftlint.upload.route import ROUTES
from ftlint.upload.stage import UploadedFile, Uploader, UploadOptions, remote_name

__all__ = ["ROUTES", "UploadOptions", "UploadedFile", "Uploader", "remote_name"]
