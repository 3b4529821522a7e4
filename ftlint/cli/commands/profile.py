"""`ftlint profile`: the levels, limits and interfaces of a service, with their sources."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli.options import OutputOptions
from ftlint.cli.output import show, show_json
from ftlint.cli.params import takes
from ftlint.config.profile import PROFILES, load_profile
from ftlint.reporters.docs.profile_docs import STAGES, explain_profile, stage_rows
from ftlint.reporters.docs.rule_docs import value_text
from ftlint.rules import load_rules


@click.command("profile")
@click.argument("name", required=False, metavar="[NAME]")
@takes(OutputOptions)
def command(name: str | None, output_format: str) -> None:
    """Show a profile: its levels and limits, each with its source. NAME may be a file.

    Without NAME, list the profiles.
    """
    if name is None:
        profiles = [load_profile(profile, load_rules()) for profile in PROFILES]
        if output_format == "json":
            show_json([{"name": profile.name, "title": profile.title} for profile in profiles])
        else:
            show(f"{each.name:<10} {each.title}" for each in profiles)
        return
    data = explain_profile(name)
    if output_format == "json":
        show_json(data)
    else:
        show(_lines(data))


def _lines(data: dict[str, Any]) -> list[str]:
    lines = [f"{data['name']}: {data['title']}", f"sources read: {data['checked'] or 'not said'}"]
    lines += data["notes"].strip().split("\n") if data["notes"] else []
    for stage, title in STAGES.items():
        rows = stage_rows(data[stage])
        lines += ["", f"{title}:"] if rows else []
        width = max((len(key) for key, *_ in rows), default=0)
        for key, value, evidence, source in rows:
            lines.append(f"  {key:<{width}}  {value_text(value, ' ')}")
            if source:
                lines.append(f"    {evidence}: {source}")
    width = max(map(len, data["rules"]))
    for rule, table in sorted(data["rules"].items()):
        limits = ", ".join(
            f"{key} {value_text(value, ' ')}" for key, value in table["limits"].items()
        )
        lines += ["", f"{rule:<{width}}  {table['level']}{'  ' + limits if limits else ''}"]
        if table["source"]:
            lines.append(f"    {table['evidence'] or 'source'}: {table['source']}")
    return lines
