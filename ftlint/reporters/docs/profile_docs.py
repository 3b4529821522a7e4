"""The documentation of a profile: the levels, limits and interfaces of a provider, with sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ftlint.config.config import resolve
from ftlint.config.profile import load_profile
from ftlint.reporters.docs.rule_docs import value_text
from ftlint.rules import load_rules


def explain_profile(name: str) -> dict[str, Any]:
    """Return a profile as plain data: for each rule and case its level, limits and source.

    `name` is that of a shipped profile, or the path of a user's own. Raises `ConfigError` if there
    is no such profile.
    """
    profile = load_profile(name, load_rules())
    config = resolve(load_rules(), profile=name)
    rules = {}
    for rule in load_rules().values():
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
"""The tables of a profile about uploads and jobs, with their headings."""

_STAGE_HEAD = ("| key | value | evidence | source |", "|---|---|---|---|")

_EVIDENCE = {
    "documented": "Documented: a page or an API description of the service says it",
    "observed": "Only observed: a message, a client or a sample of the service shows it",
    "disputed": "Disputed: the sources differ",
    "inferred": "Inferred: no source says it, it follows from others",
}


def profile_to_markdown(data: dict[str, Any]) -> str:
    """Return what `explain_profile` returned as Markdown, by kind of evidence."""
    parts = [f"# {data['title']}", f"`--profile {data['name']}`. Sources read: {data['checked']}."]
    if data["notes"]:
        parts.append(data["notes"].strip())
    for stage, title in STAGES.items():
        rows = [
            f"| `{key}` | {value_text(value)} | {evidence} | {source} |"
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
    """Return key, value, evidence and source of each entry of an upload or job table."""
    sources = table.get("sources", {})
    rows = []
    for key, value in table.items():
        if key == "sources":
            continue
        cited = sources.get(key, {})
        evidence, source = cited.get("evidence", ""), cited.get("source", "")
        parts = value.items() if isinstance(value, dict) else ()
        nested = [(f"{key}.{name}", part) for name, part in parts if isinstance(part, dict)]
        for name, part in nested or [(key, value)]:
            rows.append((name, part, evidence, source))
            source = "as above" if source else ""
    return rows


def _limits(limits: Mapping[str, Any]) -> str:
    return "; ".join(f"{key} {value_text(value)}" for key, value in limits.items())
