"""The build hook of the wheel: `rules.json`, the examples of all rules, in place of fixtures.

Hatchling runs it, from a checkout or an sdist, with nothing installed but itself.
"""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class RuleExamplesHook(BuildHookInterface[Any]):
    """Adds `rules.json` to a wheel, and nothing to an editable one: a checkout has the fixtures."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the examples to a temporary file that the build includes."""
        self._folder = TemporaryDirectory()
        if version == "editable":
            return
        root = Path(self.root)
        module = runpy.run_path(str(root / "ftlint" / "reporters" / "docs" / "rule_examples.py"))
        examples = module["read_examples"](root / "fixtures" / "rules")
        file = Path(self._folder.name, "rules.json")
        file.write_text(json.dumps(examples, ensure_ascii=False), encoding="utf-8")
        build_data["force_include"][str(file)] = "ftlint/rules.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary file."""
        self._folder.cleanup()
