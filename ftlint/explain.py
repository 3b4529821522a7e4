"""A rule, explained: its documentation, its levels and limits, and examples from its fixtures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ftlint.config import PROFILES, load_profile, resolve
from ftlint.locate import sanitize
from ftlint.registry import RULES, Rule
from ftlint.schema import data_folder

_WIDTH = 300
_LINES = 3


@dataclass(frozen=True, slots=True)
class Explanation:
    """What there is to say of a rule.

    By profile, `levels` holds the severity of `rule` and each `rule.case` ("off" where it does not
    apply), `options` the limits, `sources` what both rest on. `good` and `bad` are lines of its
    fixtures, `findings` what is expected of the bad ones.
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
    """Gather what there is to say of a rule."""
    configs = {profile: resolve(RULES, profile=profile) for profile in PROFILES}
    levels = {
        profile: {name: str(config.levels.get(name, "off")) for name in rule.names}
        for profile, config in configs.items()
    }
    options = {profile: dict(config.options[rule.id]) for profile, config in configs.items()}
    profiles = {profile: load_profile(profile, RULES).rules for profile in PROFILES}
    sources = {profile: _sources(rule, tables) for profile, tables in profiles.items()}
    folder = data_folder("fixtures") / "rules" / rule.id
    expected = _lines(folder / "expected.txt")[1:]
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
        levels=levels,
        options={profile: values for profile, values in options.items() if values},
        sources={profile: source for profile, source in sources.items() if source},
        bad=tuple(_lines(next(folder.glob("bad.*"), folder))[:_LINES]),
        findings=tuple(_within(expected, _LINES)),
        good=tuple(_lines(next(folder.glob("good.*"), folder))[:_LINES]),
    )


def _sources(rule: Rule, tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Join what a profile says of where a rule and its cases come from."""
    found = [tables.get(name, {}).get("source", "") for name in rule.names]
    return "; ".join(source for source in found if source)


def _within(expected: list[str], lines: int) -> list[str]:
    """Return the expected findings that lie in the first `lines` lines."""
    return [entry for entry in expected if int(entry.partition(":")[0]) <= lines]


def _lines(file: Path) -> list[str]:
    """Return the lines of a fixture, fit to be read; none where it is missing or not text."""
    try:
        text = file.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return []
    lines = [line.rstrip("\r") for line in text.removesuffix("\n").split("\n")]
    return [sanitize(line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…") for line in lines]


def to_markdown(found: Explanation) -> str:
    """Write an explanation as Markdown."""
    facts = [f"Looks at: {found.scope}", f"Tags: {', '.join(found.tags)}"]
    if found.aliases:
        facts.append(f"Also called: {', '.join(found.aliases)}")
    facts.append(f"Fix: {'yes' if found.fixable else 'none'}")
    parts = [f"# {found.id}", found.doc, "\n".join(f"- {fact}" for fact in facts)]
    parts += ["## Levels", _table(found.levels)]
    if found.options:
        parts += ["## Limits", _table(found.options)]
    if found.sources:
        lines = [f"- {profile}: {source}" for profile, source in found.sources.items()]
        parts += ["## Sources", "\n".join(lines)]
    if found.bad:
        parts += ["## Bad", _block(found.bad)]
    if found.findings:
        parts += ["Found, as line:column, severity, pointer and message:", _block(found.findings)]
    if found.good:
        parts += ["## Good", _block(found.good)]
    return "\n\n".join(parts) + "\n"


def _table(by_profile: Mapping[str, Mapping[str, Any]]) -> str:
    profiles = list(by_profile)
    rows = [f"| | {' | '.join(profiles)} |", f"|---|{'---|' * len(profiles)}"]
    for name in by_profile[profiles[0]]:
        cells = [_value(by_profile[profile][name]) for profile in profiles]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _value(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _block(lines: tuple[str, ...]) -> str:
    return "\n".join(("```text", *lines, "```"))


def to_index(rules: list[Rule]) -> str:
    """Write the list of all rules as Markdown, by tag."""
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
