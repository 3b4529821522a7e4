"""Write what is derived from the code: `docs/rules/` and the copy of the pre-commit hooks.

`make generate` runs it; a test fails when the tree is not what it writes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import ftlint.rules  # noqa: F401 - declares the rules
from ftlint.explain import explain, to_index, to_markdown
from ftlint.registry import RULES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs" / "rules"
_NOTE = "<!-- written by scripts/generate.py from the rule's docstring and fixtures -->\n\n"


def files() -> dict[Path, str]:
    """Return the text of every file that is written."""
    written = {
        DOCS / f"{rule.id}.md": _NOTE + to_markdown(explain(rule)) for rule in RULES.values()
    }
    written[DOCS / "index.md"] = _NOTE + to_index(list(RULES.values()))
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    written[ROOT / "pre-commit-hooks.yaml"] = hooks
    return written


def main() -> int:
    """Write the files, and remove pages of rules that are no more."""
    wanted = files()
    DOCS.mkdir(parents=True, exist_ok=True)
    for page in DOCS.glob("*.md"):
        if page not in wanted:
            page.unlink()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
