"""The profiles that come with ftlint: valid, complete, and with a source for all they say."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import ftlint
from ftlint.config.config import DEFAULT_PROFILE, resolve
from ftlint.config.profile import PROFILES, load_profile
from ftlint.core.errors import FtlintError
from ftlint.core.rule import RULES, Rule
from ftlint.formats.data_format import METHODS
from ftlint.formats.schema import load

FOLDER = Path(ftlint.__file__).parent / "config" / "profiles"
FILES = {file.stem: file for file in sorted(FOLDER.glob("*.toml"))}
MAY_BE_UNKNOWN = {
    "too-many-examples": {"maximum", "reinforcement", "validation"},
    "score-model-fields": {"models"},
    "invalid-suffix": {"maximum", "recommended", "characters"},
}
"""Limits that are not known of every service: the rule is silent without them."""

STAGES = ("upload", "job")
TABLES = {name: tomllib.loads(file.read_text(encoding="utf-8")) for name, file in FILES.items()}

every_file = pytest.mark.parametrize("name", FILES)
every_profile = pytest.mark.parametrize("name", PROFILES)
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


@every_file
def test_the_tables_of_the_stages_stand_last(name: str) -> None:
    """A check reads a shipped file up to `[upload]`."""
    text = FILES[name].read_text(encoding="utf-8")
    before = tomllib.loads(text.partition("\n[upload]\n")[0])
    assert before == {key: TABLES[name][key] for key in TABLES[name] if key not in STAGES}


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
def test_a_check_does_without_the_tables_about_uploads_and_jobs(name: str) -> None:
    profile = load_profile(name, RULES, stages=False)
    assert (profile.upload, profile.job) == ({}, {})


@every_profile
@pytest.mark.parametrize("stage", ["upload", "job"])
def test_what_is_said_of_upload_and_jobs_has_a_source(name: str, stage: str) -> None:
    table = TABLES[name].get(stage, {})
    sources = table.get("sources", {})
    assert table.keys() - {"sources"} == sources.keys()
    assert all(source["source"].strip() for source in sources.values())


@every_profile
def test_a_profile_says_how_to_upload_or_why_not(name: str) -> None:
    profile = load_profile(name, RULES)
    assert (profile.check_only is None) == ("client" in TABLES[name].get("upload", {}))
    if profile.check_only is None:
        assert profile.upload["part_size"] <= profile.upload["part_limit"]
        assert profile.upload["parts_from"] < profile.upload["multipart_limit"]
        assert profile.upload["versions"].keys() == profile.job["versions"].keys()
        assert profile.job["methods"].keys() == METHODS.keys()


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


OWN = """
title = "own"
{}
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[upload]\nclient = "openai"', "upload: purpose is missing"),
        ("[job]\nmetadata = true", "job: methods is missing"),
        ('extends = "openai"\n[job]\ntiers = { A = "a" }', "job: tier_key is missing"),
        ('extends = "azure"\n[job]\ndefault_tier = "X"', "expected one of: Standard, Global"),
        ('extends = "azure"\n[upload]\ndefault_version = "v2"', "expected one of: 2024-10-21, v1"),
        ('extends = "azure"\n[job]\nfine_tuned_model = "("', "no regular expression"),
        ('extends = "azure"\n[upload]\npart_size = 0', "upload.part_size: 0 is less than"),
        ('extends = "azure"\n[job]\nhyperparameters.beta = { most = 1 }', "'most'"),
        ('extends = "azure"\n[job]\nhyperparameters.beta = { maximum = 1 }', '"type" is'),
    ],
)
def test_a_faulty_profile_is_refused(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN.format(text), encoding="utf-8")
    with pytest.raises(FtlintError, match=re.escape(words)):
        load_profile(str(file), RULES)


def test_a_profile_of_ones_own_changes_a_key_and_its_source(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN.format('extends = "azure"\n[upload]\npart_size = 1_000'), encoding="utf-8")
    own, azure = load_profile(str(file), RULES), load_profile("azure", RULES)
    sources = {k: said for k, said in azure.upload["sources"].items() if k != "part_size"}
    assert own.upload == {**azure.upload, "part_size": 1000, "sources": sources}
    assert own.job == azure.job
    file.write_text(
        OWN.format('extends = "azure"\n[job]\nhyperparameters.beta = { enum = ["a"] }'),
        encoding="utf-8",
    )
    changed = load_profile(str(file), RULES).job["hyperparameters"]
    assert changed == {**azure.job["hyperparameters"], "beta": {"enum": ["a"]}}
    bare = tmp_path / "bare.toml"
    bare.write_text(OWN.format(""), encoding="utf-8")
    why = load_profile(str(bare), RULES).check_only
    assert why == "profile bare has no [upload] table; give it one, or extend azure or openai"


@pytest.mark.parametrize(
    ("spelled", "tier"),
    [("standard", "Standard"), ("GlobalStandard", "Global"), ("developertier", "Developer"),
     ("DEVELOPER", "Developer"), ("Batch", None), ("", None)],
)  # fmt: skip
def test_a_tier_is_known_however_it_is_spelled(spelled: str, tier: str | None) -> None:
    assert load_profile("azure", RULES).tier(spelled) == tier
    assert load_profile("openai", RULES).tier(spelled) is None


def test_azure_is_what_is_documented() -> None:
    levels = resolve(RULES, profile="azure").levels
    assert levels["missing-bom"] == "error"
    assert "unexpected-bom" not in levels
    options: dict[str, Any] = dict(resolve(RULES, profile="azure").options)
    assert options["file-too-large"] == {"maximum": 536_870_912, "near": 512_000_000}
    assert levels["file-too-large.near-limit"] == "warning"
    assert options["too-few-examples"]["minimum"] == 10
