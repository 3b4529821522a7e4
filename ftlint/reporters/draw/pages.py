"""Common parts of HTML pages: templates that escape all values, and style sheets."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ftlint.core.text import sanitize, without_secrets

_FOLDER = Path(__file__).parent.parent


def environment(**filters: Callable[..., Any]) -> Environment:
    """Return the environment of the templates in this folder, with filters for them."""
    templates = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(filters)
    return templates


def _visible(value: object) -> Any:
    """Return a value without secrets, with control and bidirectional characters made visible."""
    return value if isinstance(value, Markup) else sanitize(without_secrets(str(value)))


def stylesheet(*names: str) -> dict[str, Any]:
    """Return `css`, the concatenated style sheets, and `css_hash` for the page's policy.

    The hash is SHA-256 in base64; browsers apply no other style sheet.
    """
    css = "".join((_FOLDER / "report" / name).read_text(encoding="utf-8") for name in names)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return {"css": Markup(css), "css_hash": digest}  # noqa: S704 - our own files


def lines(chunks: Iterable[str]) -> Iterator[str]:
    """Yield the lines of chunked text, without line ends."""
    rest = ""
    for chunk in chunks:
        *whole, rest = f"{rest}{chunk}".split("\n")
        yield from whole
    yield rest
