"""The pages that derive from rules and profiles: one of each rule, one of each provider.

`make docs` writes them to `site/`, which git ignores; `ftlint rule` and `ftlint profile` print
the same from an installed package.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ftlint.config.profile import PROFILES
from ftlint.reporters.docs.profile_docs import explain_profile, profile_to_markdown
from ftlint.reporters.docs.rule_docs import explain, to_index, to_markdown
from ftlint.rules import load_rules


def pages() -> dict[str, str]:
    """Return the text of every page, by its path."""
    rules = {
        f"rules/{rule.id}.md": to_markdown(explain(rule), by_profile=False)
        for rule in load_rules().values()
    }
    providers = {
        f"providers/{name}.md": profile_to_markdown(explain_profile(name)) for name in PROFILES
    }
    return rules | {"rules/index.md": to_index(list(load_rules().values()))} | providers


def main(folder: str) -> int:
    """Write the pages to a folder."""
    for path, text in pages().items():
        page = Path(folder, path)
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
