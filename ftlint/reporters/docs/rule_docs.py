"""The documentation of a rule: description, levels and limits by profile, examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import orjson

from ftlint.config.config import Config, resolve
from ftlint.config.profile import PROFILES, Profile, load_profile
from ftlint.core.rule import Rule
from ftlint.core.text import sanitize, show
from ftlint.formats.schema import data_folder
from ftlint.reporters.docs.rule_examples import RuleExample, read_examples
from ftlint.rules import load_rules

_NO_EXAMPLE = RuleExample([], [], [])


@dataclass(frozen=True, slots=True)
class Explanation:
    """The documentation of a rule.

    `severities` maps `rule` and each `rule.case` to its default severity. By profile, `levels` has
    their severity ("off" if the profile does not apply them), `options` the limits, `sources` the
    sources of both. `bad` and `good` are lines of examples, `findings` the findings in `bad`.
    """

    id: str
    summary: str
    doc: str
    tags: tuple[str, ...]
    scope: str
    formats: tuple[str, ...]
    fixable: bool
    since: str
    aliases: tuple[str, ...]
    severities: dict[str, str]
    levels: dict[str, dict[str, str]]
    options: dict[str, dict[str, Any]]
    sources: dict[str, str]
    bad: tuple[str, ...]
    findings: tuple[str, ...]
    good: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)


def explain(rule: Rule) -> Explanation:
    """Return the documentation of a rule."""
    profiles = _profiles(frozenset(load_rules().values()))
    levels = {
        name: {case: str(config.levels.get(case, "off")) for case in rule.names}
        for name, (config, _) in profiles.items()
    }
    options = {name: dict(config.options[rule.id]) for name, (config, _) in profiles.items()}
    sources = {name: _sources(rule, profile.rules) for name, (_, profile) in profiles.items()}
    example = _examples().get(rule.id, _NO_EXAMPLE)
    return Explanation(
        id=rule.id,
        summary=rule.summary,
        doc=rule.doc,
        tags=rule.tags,
        scope=rule.scope,
        formats=rule.formats,
        fixable=rule.fixable,
        since=rule.since,
        aliases=rule.aliases,
        severities={name: str(rule.default_severity(name)) for name in rule.names},
        levels=levels,
        options={name: limits for name, limits in options.items() if limits},
        sources={name: source for name, source in sources.items() if source},
        bad=_printable(example.bad),
        findings=_printable(example.findings),
        good=_printable(example.good),
    )


@lru_cache(maxsize=1)
def _profiles(rules: frozenset[Rule]) -> dict[str, tuple[Config, Profile]]:
    """Return all profiles by name, cached until another rule is declared."""
    table = {rule.id: rule for rule in rules}
    return {name: (resolve(table, profile=name), load_profile(name, table)) for name in PROFILES}


def _sources(rule: Rule, tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Join the sources that a profile gives for a rule and its cases."""
    sources = [tables.get(name, {}).get("source", "") for name in rule.names]
    return "; ".join(source for source in sources if source)


@cache
def _examples() -> dict[str, RuleExample]:
    """Return the examples of all rules, by id: from the build, in a checkout from the fixtures."""
    stored = resources.files("ftlint") / "rules.json"
    if stored.is_file():
        return {
            rule: RuleExample(*lines) for rule, lines in orjson.loads(stored.read_bytes()).items()
        }
    return read_examples(data_folder("fixtures") / "rules")


def _printable(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(sanitize, lines))


def to_markdown(explanation: Explanation, *, by_profile: bool = True) -> str:
    """Return the documentation of a rule as Markdown.

    Without `by_profile` it omits levels, limits and sources, which the pages of the profiles have,
    so that a new profile changes no page of a rule.
    """
    facts = [f"Looks at: {explanation.scope}", f"Tags: {', '.join(explanation.tags)}"]
    if explanation.aliases:
        facts.append(f"Also called: {', '.join(explanation.aliases)}")
    facts.append(f"Fix: {'yes' if explanation.fixable else 'none'}")
    facts += [
        f"Severity of {name}: {severity}" for name, severity in explanation.severities.items()
    ]
    parts = [f"# {explanation.id}", explanation.doc, "\n".join(f"- {fact}" for fact in facts)]
    parts += _by_profile(explanation) if by_profile else []
    if explanation.bad:
        parts += ["## Bad", _block(explanation.bad)]
    if explanation.findings:
        parts += [
            "Found, as line:column, severity, pointer and message:",
            _block(explanation.findings),
        ]
    if explanation.good:
        parts += ["## Good", _block(explanation.good)]
    return "\n\n".join(parts) + "\n"


def _by_profile(explanation: Explanation) -> list[str]:
    """Return the sections that compare profiles."""
    parts = ["## Levels", _table(explanation.levels)]
    if explanation.options:
        parts += ["## Limits", _table(explanation.options)]
    if explanation.sources:
        lines = [f"- {profile}: {source}" for profile, source in explanation.sources.items()]
        parts += ["## Sources", "\n".join(lines)]
    return parts


def _table(by_profile: Mapping[str, Mapping[str, Any]]) -> str:
    profiles = list(by_profile)
    rows = [f"| | {' | '.join(profiles)} |", f"|---|{'---|' * len(profiles)}"]
    for name in dict.fromkeys(name for values in by_profile.values() for name in values):
        cells = [value_text(by_profile[profile].get(name, "none")) for profile in profiles]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def value_text(value: Any, separator: str = ", ") -> str:
    """Return a value of a profile as text; the entries of a list are joined by `separator`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return show(value)
    if isinstance(value, dict):
        texts = {key: value_text(part, separator) for key, part in value.items()}
        return "; ".join(f"{key} {text or 'none'}" for key, text in texts.items())
    return separator.join(map(str, value)) if isinstance(value, list) else str(value)


def _block(lines: tuple[str, ...]) -> str:
    return "\n".join(("```text", *lines, "```"))


def to_index(rules: list[Rule]) -> str:
    """Return the list of all rules as Markdown, by tag."""
    parts = ["# Rules"]
    for tag in sorted({rule.tags[0] for rule in rules}):
        rows = [f"## {tag}", "", "| rule | severity | fix | what it asks |", "|---|---|---|---|"]
        for rule in sorted(rules, key=lambda rule: rule.id):
            if rule.tags[0] == tag:
                fix = "yes" if rule.fixable else ""
                link = f"[{rule.id}]({rule.id}.md)"
                rows.append(f"| {link} | {rule.severity} | {fix} | {rule.summary} |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts) + "\n"
