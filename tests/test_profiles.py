"""The profiles that come with ftlint: valid, complete, and with a source for all they say."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import ftlint
import ftlint.rules
from ftlint.config import DEFAULT_PROFILE, resolve
from ftlint.profile import PROFILES
from ftlint.registry import RULES, Rule
from ftlint.schema import load

FOLDER = Path(ftlint.__file__).parent / "profiles"
FILES = {file.stem: file for file in sorted(FOLDER.glob("*.toml"))}
MAY_BE_UNKNOWN = {
    "too-many-examples": {"maximum", "reinforcement", "validation"},
    "score-model-fields": {"models"},
}
"""Limits that are not known of every service: the rule is silent without them."""

TABLES = {name: tomllib.loads(file.read_text(encoding="utf-8")) for name, file in FILES.items()}

every_file = pytest.mark.parametrize("name", FILES)
every_profile = pytest.mark.parametrize("name", PROFILES)
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def test_every_profile_has_a_file() -> None:
    assert DEFAULT_PROFILE in PROFILES
    assert set(FILES) == {*PROFILES, "common"}


@every_file
def test_a_profile_keeps_to_the_schema(name: str) -> None:
    schema = load("profile")
    Draft202012Validator.check_schema(schema)
    plain = json.loads(json.dumps(TABLES[name], default=str))
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(plain)


@every_file
def test_a_profile_says_when_it_was_checked(name: str) -> None:
    assert TABLES[name]["title"]
    assert TABLES[name]["checked"]


@every_file
def test_every_table_names_a_rule_and_has_a_source(name: str) -> None:
    names = {known for rule in RULES.values() for known in rule.names}
    for rule, table in TABLES[name]["rules"].items():
        assert rule in names
        assert table["source"].strip()


@every_file
def test_every_table_says_something(name: str) -> None:
    for rule, table in TABLES[name]["rules"].items():
        assert table.keys() - {"source", "checked"}, rule


@every_profile
@every_rule
def test_every_option_has_a_value_of_its_type(rule: Rule, name: str) -> None:
    options = resolve(RULES, profile=name).options[rule.id]
    assert options.keys() | MAY_BE_UNKNOWN.get(rule.id, set()) == rule.options.keys()
    for key, value in options.items():
        assert type(value) is rule.options[key]


@every_profile
def test_a_profile_resolves_to_its_own_name(name: str) -> None:
    config = resolve(RULES, profile=name)
    assert config.profile == name
    assert config.levels


def test_azure_is_what_is_documented() -> None:
    levels = resolve(RULES, profile="azure").levels
    assert levels["missing-bom"] == "error"
    assert "unexpected-bom" not in levels
    options: dict[str, Any] = dict(resolve(RULES, profile="azure").options)
    assert options["file-too-large"] == {"maximum": 536_870_912, "near": 512_000_000}
    assert levels["file-too-large.near-limit"] == "warning"
    assert options["too-few-examples"]["minimum"] == 10
