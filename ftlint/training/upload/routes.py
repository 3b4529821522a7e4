"""Choice of the route of an upload, by size and by the API's abilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ftlint.core.errors import FtlintError

MULTIPART, UPLOADS, BLOB = "multipart", "uploads", "blob"
ROUTES = (MULTIPART, UPLOADS, BLOB)
"""One request; parts by the Uploads API; a blob that the service imports."""

_NEEDS = {MULTIPART: "files", UPLOADS: "uploads", BLOB: "import"}
_LIMITS = {MULTIPART: "multipart_limit", UPLOADS: "uploads_limit"}


class Route(NamedTuple):
    """One of `ROUTES`, and the reason for it in words."""

    name: str
    reason: str


def choose(
    size: int, wanted: str | None, upload: Mapping[str, Any], version: str, container: str | None
) -> Route:
    """Choose the route of a file of `size` bytes by the `upload` table of a profile.

    `wanted` is the user's choice or None, `container` the storage for blobs or None. Raises
    `FtlintError` where no route is possible.
    """
    has = upload["versions"][version]
    if wanted == BLOB and not container:
        raise FtlintError("route blob needs a container for the blob: --container URL")
    if wanted:
        if _NEEDS[wanted] not in has:
            others = ", ".join(route for route in ROUTES if _NEEDS[route] in has)
            raise FtlintError(f"API {version} has no route {wanted}; it has {others}")
        return _within(Route(wanted, "as requested"), size, upload)
    small = size < upload["parts_from"]
    threshold = _megabytes(upload["parts_from"])
    if small:
        return _within(Route(MULTIPART, f"less than {threshold}"), size, upload)
    if _NEEDS[UPLOADS] in has:
        return _within(Route(UPLOADS, f"{threshold} or more"), size, upload)
    missing = f"{threshold} or more, and API {version} has no uploads in parts"
    if container and _NEEDS[BLOB] in has:
        return Route(BLOB, missing)
    return _within(Route(MULTIPART, missing), size, upload)


def _within(route: Route, size: int, upload: Mapping[str, Any]) -> Route:
    limit = upload.get(_LIMITS.get(route.name, ""))
    if limit is not None and size >= limit:
        words = f"{size:,} bytes are too many for route {route.name}, whose limit is {limit:,}"
        raise FtlintError(f"{words}; split the file or choose another route")
    return route


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
