"""Rules about the job to start: its parameters, with the data and without it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import ftlint
from ftlint.config.config import resolve
from ftlint.core.errors import FtlintError
from ftlint.core.finding import Hit
from ftlint.core.rule import RULES
from ftlint.engine.checker import check_job
from ftlint.rules.declare import rule
from ftlint.rules.events import Event
from tests.support.conformance import base, whole
from tests.support.helpers import CHECK_ONLY

DATA = whole(*base())
WRONG: dict[str, Any] = {
    "suffix": "my.model",
    "hyperparameters": {"n_epochs": 51, "n_epoch": 3},
    "seed": -1,
    "tier": "Globl",
}
JOB = {"invalid-suffix", "hyperparameter-out-of-range", "unknown-training-tier"}


@pytest.fixture
def train(in_tmp: Path) -> str:
    (in_tmp / "train.jsonl").write_bytes(DATA)
    (in_tmp / "valid.jsonl").write_bytes(DATA.replace(b'"q', b'"v'))
    return "train.jsonl"


def result_of(findings: object, *rules: str) -> list[tuple[str, str, str]]:
    assert isinstance(findings, tuple | list)
    return [
        (finding.rule, finding.severity.value, finding.message)
        for finding in findings
        if finding.rule in (rules or JOB)
    ]


def test_what_is_said_of_the_job_is_held_against_the_profile_once(train: str) -> None:
    report = ftlint.check(train, validation="valid.jsonl", **WRONG)
    found = [finding for finding in report.findings if finding.rule in JOB]
    assert {finding.location.path for finding in found} == {train}
    assert {(f.location.line, f.location.column, f.location.pointer) for f in found} == {
        (1, 1, None)
    }
    assert [finding.rule for finding in found].count("hyperparameter-out-of-range") == 3
    assert len({finding.fingerprint for finding in found}) == len(found) == 5
    assert not report.passed


def test_a_check_without_data_says_the_same(train: str) -> None:
    report = ftlint.check(train, **WRONG)
    found = check_job(resolve(RULES, method="sft", **WRONG), train)
    assert result_of(found) == result_of(report.findings)
    assert {finding.location.path for finding in found} == {train}


def test_findings_as_they_come_are_the_same(train: str) -> None:
    report = ftlint.check(train, **WRONG)
    assert result_of(list(ftlint.iter_findings(train, **WRONG))) == result_of(report.findings)


def test_without_a_word_of_the_job_nothing_is_said(train: str) -> None:
    assert not result_of(ftlint.check(train).findings)
    assert not result_of(check_job(resolve(RULES, method="sft"), train))


def test_rules_of_the_job_can_be_ignored(train: str) -> None:
    config = resolve(RULES, method="sft", ignore=sorted(JOB), **WRONG)
    assert check_job(config, train) == ()


def test_digests_follow_what_is_said_and_nothing_else() -> None:
    plain, same = resolve(RULES), resolve(RULES, suffix=None, hyperparameters={}, launching=False)
    said = resolve(RULES, launching=True, **WRONG)
    assert plain.job == same.job
    assert plain.digest == same.digest != said.digest
    assert plain.rules_digest == said.rules_digest
    assert plain.job.keys().isdisjoint({*WRONG, "launching", "epochs"})


def test_epochs_are_those_of_the_hyperparameter(train: str) -> None:
    report = ftlint.check(train, tokens="exact", hyperparameters={"n_epochs": 4})
    counted = report.statistics[train]["tokens"]
    assert (counted["epochs"], counted["epochs_source"]) == (4, "given")
    assert resolve(RULES, epochs=4, hyperparameters={"n_epochs": 4}).job["epochs"] == 4
    assert "epochs" not in resolve(RULES, hyperparameters={"n_epochs": "auto"}).job
    with pytest.raises(FtlintError, match="epochs is 3, the hyperparameter n_epochs 4"):
        resolve(RULES, epochs=3, hyperparameters={"n_epochs": 4})


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"suffix": ""}, "suffix is empty"),
        ({"suffix": "\udcff"}, "not UTF-8"),
        ({"tier": "\udcff"}, "not UTF-8"),
        ({"seed": 1 << 70}, "seed is 1180591620717411303424"),
        ({"seed": True}, "seed is True"),
        ({"hyperparameters": {"beta": math.nan}}, "beta is nan"),
        ({"hyperparameters": {"beta": None}}, "beta is None"),
        ({"hyperparameters": {"": 1}}, "hyperparameter is empty"),
    ],
)
def test_what_no_job_can_have_is_refused(choices: dict[str, Any], words: str) -> None:
    with pytest.raises(FtlintError, match=words):
        resolve(RULES, **choices)


@pytest.mark.parametrize(
    ("suffix", "profile", "like"),
    [
        ("my.model", "azure", '"my-model"'),
        ("....", "azure", '"my-model"'),
        ("support-answers-2026", "azure", '"support-answers-20"'),
        ("a" * 65, "openai", f'"{"a" * 39}…"'),
    ],
)
def test_the_help_names_a_suffix_that_fits(suffix: str, profile: str, like: str) -> None:
    config = resolve(RULES, profile=profile, suffix=suffix, select=["invalid-suffix"])
    (finding,) = check_job(config, "train.jsonl")
    assert finding.help == f"choose one like {like}"


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"hyperparameters": {"n_epoch": 3}}, "did you mean n_epochs?"),
        ({"hyperparameters": {"x": 3}}, "known: n_epochs, batch_size"),
        ({"hyperparameters": {"n_epochs": -1}}, "leave it out, or give auto"),
        ({"tier": "Globl"}, "did you mean Global?"),
        ({"tier": "Standard", "profile": "openai"}, "leave it out"),
    ],
)
def test_the_help_says_what_to_do(choices: dict[str, Any], words: str) -> None:
    (finding,) = check_job(resolve(RULES, method="sft", **choices), "train.jsonl")
    assert words in (finding.help or "")


@pytest.mark.parametrize("profile", ["azure", "openai"])
@pytest.mark.parametrize(
    ("method", "values"),
    [
        ("sft", {"n_epochs": 1, "batch_size": 256, "learning_rate_multiplier": 0.1}),
        ("sft", {"n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto"}),
        ("completions", {"n_epochs": 4}),
        ("dpo", {"n_epochs": 50, "beta": 2}),
        ("dpo", {"beta": "auto"}),
        ("rft", {"eval_interval": 5, "eval_samples": 1, "compute_multiplier": 10,
                 "reasoning_effort": "high"}),
    ],
)  # fmt: skip
def test_values_in_range_are_taken(profile: str, method: str, values: dict[str, Any]) -> None:
    for seed in (0, 2_147_483_647):
        config = resolve(RULES, profile=profile, method=method, hyperparameters=values, seed=seed)
        assert not result_of(check_job(config, "train.jsonl"))


@pytest.mark.parametrize("profile", CHECK_ONLY)
def test_services_that_start_no_job_here_have_no_ranges(profile: str) -> None:
    config = resolve(RULES, profile=profile, method="sft", **WRONG)
    assert not result_of(check_job(config, "train.jsonl"))


@pytest.mark.parametrize(
    ("choices", "severity"),
    [
        ({"method": "rft"}, "warning"),
        ({"method": "rft", "launching": True}, "error"),
        ({"method": "sft", "launching": True}, "info"),
        ({"method": "dpo", "launching": True}, "info"),
        ({"method": "sft"}, None),
        ({"method": "rft", "launching": True, "validation": "valid.jsonl"}, None),
    ],
)
def test_a_job_without_validation(choices: dict[str, Any], severity: str | None) -> None:
    config = resolve(RULES, select=["missing-validation-file"], **choices)
    levels = [finding.severity.value for finding in check_job(config, "train.jsonl")]
    assert levels == ([severity] if severity else [])


def test_a_rule_that_fails_is_no_verdict(train: str) -> None:
    @rule("faulty", severity="error", on=Event.JOB)
    def faulty(job: object, options: object) -> list[Hit]:
        raise ValueError("no")

    try:
        with pytest.raises(FtlintError, match="rule faulty failed with ValueError"):
            check_job(resolve(RULES, select=["faulty"]), train)
    finally:
        del RULES["faulty"]
