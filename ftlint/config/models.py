"""Catalogue of models that can be fine-tuned, from `models.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_TUNED = r"^(?:ft:)?(?P<base>[^:]+?)(?:\.ft-.*|:.*)?$"
"""Names of fine-tuned models: `BASE.ft-JOB-SUFFIX` on Azure, `ft:BASE:...` on OpenAI."""


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "models.toml").read_text(encoding="utf-8"))


def find(name: str) -> dict[str, Any]:
    """Return the facts on a model, by its name or that of a model fine-tuned from it.

    `name` is the given name, `id` that of the table (None for an unknown model), `methods` the
    training methods, `disputed` those on which sources differ, `vision` whether it is trained on
    images, `encoding` the tokenizer, `context` the maximum tokens of an example or None, `retired`
    the ISO dates of retirement by profile, `source` the source of all that.
    """
    match = re.match(_TUNED, name)
    base = match["base"] if match else name
    retired = {
        entry["profile"]: entry["date"].isoformat()
        for entry in _tables()["retired"]
        if re.fullmatch(entry["pattern"], base)
    }
    for id_, table in _tables()["models"].items():
        if re.fullmatch(table["pattern"], base):
            facts = {key: value for key, value in table.items() if key != "pattern"}
            return {"context": None, "disputed": [], **facts, "id": id_, "name": name,
                    "retired": retired}  # fmt: skip
    return {"name": name, "id": None, "retired": retired}


def names() -> list[str]:
    """Return the names of the models in the table."""
    return list(_tables()["models"])


def spellings() -> list[str]:
    """Return the names of models, including dated ones."""
    spelled = names()
    for table in _tables()["models"].values():
        parts = re.fullmatch(r"([\w\\.-]+)\(([\w\\.|-]+)\)\?", table["pattern"])
        if parts:
            plain = (parts[1].replace("\\", ""), parts[2].replace("\\", ""))
            spelled += [plain[0] + dated for dated in plain[1].split("|")]
    return spelled
