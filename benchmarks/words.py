"""The words and templates of `words.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

_DATA = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))

WORDS: dict[str, list[str]] = {name: text.split() for name, text in _DATA["words"].items()}
TEMPLATES: dict[str, list[str]] = _DATA["templates"]
SYSTEM: dict[str, str] = _DATA["system"]
LANGUAGES: dict[str, list[str]] = {code: text.split() for code, text in _DATA["languages"].items()}
UNSPACED = frozenset({"ja", "th", "zh"})
"""Languages whose words are not set apart by spaces."""
