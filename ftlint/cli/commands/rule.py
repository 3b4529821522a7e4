"""`ftlint rule`: the documentation of rules."""

from __future__ import annotations

import click

from ftlint.cli.options import OutputOptions
from ftlint.cli.output import show, show_json
from ftlint.cli.params import takes
from ftlint.core.errors import unknown
from ftlint.core.rule import Rule
from ftlint.reporters.docs.rule_docs import explain, to_markdown
from ftlint.rules import load_rules


@click.command("rule")
@click.argument("rule_id", required=False, metavar="[ID]")
@click.option("--all", "everything", is_flag=True, help="Explain every rule.")
@takes(OutputOptions)
def command(rule_id: str | None, everything: bool, output_format: str) -> None:  # noqa: FBT001 - click passes options by name
    """Explain a rule: what it requires, why, how to fix it; its levels, limits and examples.

    Without ID, list all rules.
    """
    if rule_id is None and not everything:
        _list(output_format)
        return
    chosen = list(load_rules().values()) if everything else [_find(rule_id or "")]
    explanations = [explain(rule) for rule in chosen]
    if output_format == "json":
        data = [explanation.to_dict() for explanation in explanations]
        show_json(data if everything else data[0])
    else:
        show("\n".join(map(to_markdown, explanations)).removesuffix("\n").split("\n"))


def _find(rule_id: str) -> Rule:
    """Return a rule by id, alias or `rule.case`. Raises `ConfigError` if there is none."""
    for rule in load_rules().values():
        if rule_id in rule.names or rule_id in rule.aliases:
            return rule
    raise unknown("rule", rule_id, load_rules())


def _list(output_format: str) -> None:
    rules = sorted(load_rules().values(), key=lambda rule: (rule.tags[0], rule.id))
    if output_format == "json":
        show_json(
            [
                {"id": r.id, "severity": r.severity, "tags": r.tags, "summary": r.summary}
                for r in rules
            ]
        )
        return
    width = max(len(rule.id) for rule in rules)
    show(
        f"{rule.id:<{width}}  {rule.severity:<7}  {rule.tags[0]:<12}  {rule.summary}"
        for rule in rules
    )
