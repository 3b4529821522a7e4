"""A rule, explained: its documentation, its levels and limits, and examples from its fixtures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import orjson

from ftlint.config import Config, resolve
from ftlint.locate import sanitize, show
from ftlint.profile import PROFILES, Profile, load_profile
from ftlint.registry import RULES, Rule
from ftlint.rule_examples import RuleExample, read_examples
from ftlint.schema import data_folder

_NO_EXAMPLE = RuleExample([], [], [])


@dataclass(frozen=True, slots=True)
class Explanation:
    """The documentation of a rule.

    `severities` holds the severity of `rule` and each `rule.case` if a profile says nothing else.
    By profile, `levels` holds their severity there ("off" where it does not apply), `options` the
    limits, `sources` what both rest on. `bad` and `good` are lines of the rule's fixtures,
    `findings` those expected in `bad`.
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
    """Gather what there is to say of a rule."""
    known = _known(frozenset(RULES.values()))
    configs = {profile: config for profile, (config, _) in known.items()}
    levels = {
        profile: {name: str(config.levels.get(name, "off")) for name in rule.names}
        for profile, config in configs.items()
    }
    options = {profile: dict(config.options[rule.id]) for profile, config in configs.items()}
    sources = {profile: _sources(rule, found.rules) for profile, (_, found) in known.items()}
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
        options={profile: values for profile, values in options.items() if values},
        sources={profile: source for profile, source in sources.items() if source},
        bad=_printable(example.bad),
        findings=_printable(example.findings),
        good=_printable(example.good),
    )


@lru_cache(maxsize=1)
def _known(rules: frozenset[Rule]) -> dict[str, tuple[Config, Profile]]:
    """Read all profiles, once for the rules that are declared."""
    table = {rule.id: rule for rule in rules}
    return {name: (resolve(table, profile=name), load_profile(name, table)) for name in PROFILES}


def _sources(rule: Rule, tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Join what a profile says of where a rule and its cases come from."""
    found = [tables.get(name, {}).get("source", "") for name in rule.names]
    return "; ".join(source for source in found if source)


@cache
def _examples() -> dict[str, RuleExample]:
    """Return the examples of all rules: as the build stored them, in a checkout from fixtures."""
    stored = resources.files("ftlint") / "rules.json"
    if stored.is_file():
        return {
            rule: RuleExample(*lines) for rule, lines in orjson.loads(stored.read_bytes()).items()
        }
    return read_examples(data_folder("fixtures") / "rules")


def _printable(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(sanitize, lines))


def to_markdown(found: Explanation, *, by_profile: bool = True) -> str:
    """Write an explanation as Markdown.

    Without `by_profile` it leaves out levels, limits and sources, which the pages of the profiles
    have: no page of a rule changes with a provider.
    """
    facts = [f"Looks at: {found.scope}", f"Tags: {', '.join(found.tags)}"]
    if found.aliases:
        facts.append(f"Also called: {', '.join(found.aliases)}")
    facts.append(f"Fix: {'yes' if found.fixable else 'none'}")
    facts += [f"Severity of {name}: {severity}" for name, severity in found.severities.items()]
    parts = [f"# {found.id}", found.doc, "\n".join(f"- {fact}" for fact in facts)]
    parts += _by_profile(found) if by_profile else []
    if found.bad:
        parts += ["## Bad", _block(found.bad)]
    if found.findings:
        parts += ["Found, as line:column, severity, pointer and message:", _block(found.findings)]
    if found.good:
        parts += ["## Good", _block(found.good)]
    return "\n\n".join(parts) + "\n"


def _by_profile(found: Explanation) -> list[str]:
    """Return the sections of an explanation that differ between profiles."""
    parts = ["## Levels", _table(found.levels)]
    if found.options:
        parts += ["## Limits", _table(found.options)]
    if found.sources:
        lines = [f"- {profile}: {source}" for profile, source in found.sources.items()]
        parts += ["## Sources", "\n".join(lines)]
    return parts


def _table(by_profile: Mapping[str, Mapping[str, Any]]) -> str:
    profiles = list(by_profile)
    rows = [f"| | {' | '.join(profiles)} |", f"|---|{'---|' * len(profiles)}"]
    for name in dict.fromkeys(name for values in by_profile.values() for name in values):
        cells = [_value(by_profile[profile].get(name, "none")) for profile in profiles]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return show(value)
    if isinstance(value, dict):
        return "; ".join(f"{key} {_value(part) or 'none'}" for key, part in value.items())
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


def explain_profile(name: str) -> dict[str, Any]:
    """Return a profile as plain data: for each rule and case its level, limits and source.

    `name` is that of a profile of ours, or the path of a user's own.
    """
    profile = load_profile(name, RULES)
    config = resolve(RULES, profile=name)
    rules = {}
    for rule in RULES.values():
        for entry in rule.names:
            table = profile.rules.get(entry, {})
            rules[entry] = {
                "level": str(config.levels.get(entry, "off")),
                "limits": {key: table[key] for key in rule.options if key in table},
                "evidence": table.get("evidence"),
                "source": table.get("source"),
            }
    return {
        "name": profile.name,
        "title": profile.title,
        "checked": profile.checked,
        "notes": profile.notes,
        "rules": rules,
        "upload": profile.upload,
        "job": profile.job,
    }


STAGES = {"upload": "Upload", "job": "Jobs"}
"""The tables of a profile about what comes after a check, and what they are called."""

_STAGE_HEAD = ("| key | value | evidence | source |", "|---|---|---|---|")

_EVIDENCE = {
    "documented": "Documented: a page or an API description of the service says it",
    "observed": "Only observed: a message, a client or a sample of the service shows it",
    "disputed": "Disputed: the sources differ",
    "inferred": "Inferred: no source says it, it follows from others",
}


def profile_to_markdown(data: dict[str, Any]) -> str:
    """Write what `explain_profile` returns as Markdown, by the kind of evidence."""
    parts = [f"# {data['title']}", f"`--profile {data['name']}`. Sources read: {data['checked']}."]
    if data["notes"]:
        parts.append(data["notes"].strip())
    for stage, title in STAGES.items():
        rows = [
            f"| `{key}` | {_value(value)} | {evidence} | {source} |"
            for key, value, evidence, source in stage_rows(data[stage])
        ]
        if rows:
            parts += [f"## {title}", "\n".join([*_STAGE_HEAD, *rows])]
    for evidence, title in _EVIDENCE.items():
        rows = [
            f"| [{rule}](../rules/{rule.partition('.')[0]}.md) | {table['level']} "
            f"| {_limits(table['limits'])} | {table['source']} |"
            for rule, table in sorted(data["rules"].items())
            if table["evidence"] == evidence
        ]
        if rows:
            head = ["| rule | level | limits | source |", "|---|---|---|---|"]
            parts += [f"## {title}", "\n".join(head + rows)]
    parts.append(
        "A case is off if its rule is. Every other rule and case has the severity that "
        "[the page of the rule](../rules/index.md) gives."
    )
    return "\n\n".join(parts) + "\n"


def stage_rows(table: Mapping[str, Any]) -> list[tuple[str, Any, str, str]]:
    """Return key, value, evidence and source of what a profile says of a stage."""
    sources = table.get("sources", {})
    rows = []
    for key, value in table.items():
        if key == "sources":
            continue
        said = sources.get(key, {})
        evidence, source = said.get("evidence", ""), said.get("source", "")
        parts = value.items() if isinstance(value, dict) else ()
        nested = [(f"{key}.{name}", part) for name, part in parts if isinstance(part, dict)]
        for name, part in nested or [(key, value)]:
            rows.append((name, part, evidence, source))
            source = "as above" if source else ""
    return rows


def _limits(limits: Mapping[str, Any]) -> str:
    return "; ".join(f"{key} {_value(value)}" for key, value in limits.items())
