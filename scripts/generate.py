"""Write what is derived: `docs/rules/`, `docs/providers/`, the copy of the pre-commit hooks.

`make generate` runs it; a test fails when the tree is not what it writes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import ftlint.rules  # noqa: F401 - declares the rules
from ftlint.explain import (
    explain,
    explain_profile,
    profile_to_markdown,
    to_index,
    to_markdown,
)
from ftlint.profile import PROFILES
from ftlint.registry import RULES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs" / "rules"
SERVICES = ROOT / "docs" / "providers"
_NOTE = "<!-- written by scripts/generate.py from the rule's docstring and fixtures -->\n\n"
_SERVICE_NOTE = "<!-- written by scripts/generate.py from the profile -->\n\n"


def files() -> dict[Path, str]:
    """Return the text of every file that is written."""
    written = {
        DOCS / f"{rule.id}.md": _NOTE + to_markdown(explain(rule), by_profile=False)
        for rule in RULES.values()
    }
    written[DOCS / "index.md"] = _NOTE + to_index(list(RULES.values()))
    for name in PROFILES:
        page = SERVICES / f"{name}.md"
        written[page] = _SERVICE_NOTE + profile_to_markdown(explain_profile(name))
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    written[ROOT / "pre-commit-hooks.yaml"] = hooks
    return written


def main() -> int:
    """Write the files, and remove pages of rules that are no more."""
    wanted = files()
    for folder in (DOCS, SERVICES):
        folder.mkdir(parents=True, exist_ok=True)
        for page in folder.glob("*.md"):
            if page not in wanted:
                page.unlink()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
