"""What pages have in common: templates that escape all they are given, and one style sheet."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ftlint.locate import sanitize

_FOLDER = Path(__file__).parent


def environment(**filters: Callable[..., Any]) -> Environment:
    """Return what loads the templates beside this module, with filters for them."""
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(filters)
    return made


def _visible(value: object) -> Any:
    """Make visible what a browser would obey, hide or re-order by."""
    return value if isinstance(value, Markup) else sanitize(str(value))


def stylesheet(*names: str) -> dict[str, Any]:
    """Return `css`, the style sheets of these names as one, and `css_hash`, for the page's policy.

    The hash is SHA-256 in base64: a browser obeys no other style sheet.
    """
    css = "".join((_FOLDER / "report" / name).read_text(encoding="utf-8") for name in names)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return {"css": Markup(css), "css_hash": digest}  # noqa: S704 - our own files


def lines(chunks: Iterable[str]) -> Iterator[str]:
    """Yield text that comes in chunks as lines, without line ends."""
    rest = ""
    for chunk in chunks:
        *whole, rest = f"{rest}{chunk}".split("\n")
        yield from whole
    yield rest
