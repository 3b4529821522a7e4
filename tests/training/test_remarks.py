"""Remarks on training curves: said where the curves show it, not where it may be chance."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlint.training import results
from ftlint.training.remarks import (
    LEAST,
    LEAST_EXACT,
    LEAST_TRAINING,
    THRESHOLD,
    Remark,
    figure,
    remarks,
)
from ftlint.training.results import Results
from tests.support.training import Values, falling, job, noisy, parted, table

SEEDS = st.integers(0, 1 << 32)
SPREADS = st.sampled_from([0.0, 0.02, 0.1, 0.3])


def kinds(of: Results) -> list[str]:
    """Return the kinds of what is remarked."""
    return [remark.kind for remark in remarks(of)]


def only(of: Results) -> Remark:
    """Return the one remark there is."""
    (remark,) = remarks(of)
    return remark


def losses(training: Values, validation: Values) -> Results:
    """Return a job with both losses at each step."""
    return job(train_loss=training, valid_loss=validation)


def test_nothing_is_said_of_good_curves() -> None:
    assert kinds(losses(falling(200), falling(200, level=0.7))) == []
    full = {"train_loss": falling(300), "full_valid_loss": [0.9, 0.8, 0.78]}
    assert kinds(results.read(table(full, every={"full_valid_loss": 100}))) == []


def test_validation_that_rises_while_training_falls() -> None:
    remark = only(losses(falling(200), parted(200)))
    assert (remark.kind, remark.severity) == ("overfitting", "warning")
    assert remark.step is not None
    assert 60 <= remark.step <= 90
    assert remark.message == (
        "validation loss is lowest around step 71 (0.8022) and 82% higher at the end, while "
        "training loss still falls (0.7449 to 0.5093): later checkpoints fit the training data "
        "more closely than the validation data; consider the checkpoint at or before step 71, "
        "fewer epochs or more data"
    )


def test_the_whole_validation_file_needs_few_values() -> None:
    full = {"train_loss": falling(300), "full_valid_loss": [0.8, 0.84, 0.95]}
    remark = only(results.read(table(full, every={"full_valid_loss": 100})))
    assert remark.kind == "overfitting"
    assert remark.step == 100
    assert remark.message.startswith(
        "full validation loss is lowest at step 100 (0.8000) and 19% higher at the end, while "
        "training loss still falls"
    )


def test_the_whole_file_says_more_than_batches() -> None:
    columns = {"train_loss": falling(300), "valid_loss": parted(300)}
    every = {"full_valid_loss": 100}
    assert (
        kinds(results.read(table({**columns, "full_valid_loss": [0.9, 0.8, 0.7]}, every=every)))
        == []
    )
    few: Values = [0.9, 0.8]
    assert kinds(results.read(table({**columns, "full_valid_loss": few}, every=every))) == [
        "overfitting"
    ]


@pytest.mark.parametrize(
    ("full", "expected"),
    [
        ([0.8, 0.9], []),
        ([0.8, 0.82, 0.87], []),
        ([0.95, 0.8, 0.87], []),
        ([0.8, 0.82, 0.89], ["overfitting"]),
        ([0.8, 1.2, 0.8], []),
        ([0.0, 0.5, 0.9], []),
    ],
)
def test_what_is_enough_for_the_whole_file(full: Sequence[float], expected: list[str]) -> None:
    assert LEAST_EXACT == 3
    assert THRESHOLD == 0.1
    assert kinds(job(full_valid_loss=full)) == expected


def test_few_batches_say_nothing() -> None:
    curve = parted(LEAST)
    assert kinds(losses(falling(LEAST), [*curve[:-1], None])) == []
    steep = [2.0, 1.0, 0.8, 1.0, 1.3, 1.6, 1.9, 2.2, 2.5, 2.8]
    assert kinds(losses(falling(LEAST), steep)) == ["overfitting"]


def test_training_that_stands_still_or_is_not_there() -> None:
    still = [0.5] * 100 + [0.495] * 100
    assert (
        "while training loss no longer falls (0.5000 to 0.4950)"
        in remarks(losses(still, parted(200)))[0].message
    )
    alone = only(job(valid_loss=parted(200)))
    assert alone.kind == "overfitting"
    assert "while" not in alone.message


@pytest.mark.parametrize("spread", [0.02, 0.05])
@pytest.mark.parametrize("seed", range(20))
def test_overfitting_is_found_in_noise(seed: int, spread: float) -> None:
    training = noisy(falling(200), seed, spread)
    assert kinds(losses(training, noisy(parted(200), seed + 99, spread))) == ["overfitting"]


def test_a_long_job_is_looked_at_as_a_short_one() -> None:
    training, validation = noisy(falling(20_000), 1, 0.2), noisy(parted(20_000), 2, 0.2)
    remark = only(losses(training, validation))
    assert remark.kind == "overfitting"
    assert remark.step is not None
    assert 5_000 <= remark.step <= 10_000


@given(SEEDS, SPREADS, st.integers(1, 250), st.sampled_from([0.4, 1.0, 2.5]))
def test_noise_around_a_falling_curve_is_not_overfitting(
    seed: int, spread: float, count: int, start: float
) -> None:
    training = noisy(falling(count, start=start, level=0.4), seed, spread)
    validation = noisy(falling(count, start=start, level=0.4), seed + 1, spread)
    assert not {"overfitting", "rising"} & {*kinds(losses(training, validation))}


@given(st.lists(st.floats(0.96, 1.04), min_size=1, max_size=120), st.floats(0.01, 100))
def test_what_is_less_than_the_threshold_is_never_overfitting(
    factors: list[float], level: float
) -> None:
    curve = falling(len(factors), start=2 * level, level=level)
    values = [value * factor for value, factor in zip(curve, factors, strict=True)]
    assert not {"overfitting", "rising"} & {*kinds(losses(values, values))}
    assert "overfitting" not in kinds(job(full_valid_loss=values))


@given(SEEDS, st.integers(10, 200))
def test_odd_values_do_not_make_overfitting(seed: int, count: int) -> None:
    values = falling(count)
    for place in random.Random(seed).sample(range(count), count // 10):  # noqa: S311 - a sample
        values[place] = 50.0
    assert kinds(losses(falling(count), values)) == []


def test_training_that_rises_itself() -> None:
    remark = only(losses(parted(200), parted(200)))
    assert remark.kind == "rising"
    assert remark.message == (
        "training loss is lowest around step 71 (0.8022) and 82% higher at the end: the training "
        "did not settle; consider a lower learning rate multiplier, or the checkpoint at or before "
        "step 71"
    )


def test_rewards_fall_where_losses_rise() -> None:
    up = [0.3 + 0.5 * place / 200 for place in range(200)]
    down = [0.7 - abs(place - 80) / 400 for place in range(200)]
    remark = only(job(train_reward_mean=up, valid_reward_mean=down, train_loss=parted(200)))
    assert remark.kind == "overfitting"
    assert "validation reward is highest around step 81 (" in remark.message
    assert "lower at the end, while training reward still rises (" in remark.message
    assert kinds(job(train_reward_mean=up, valid_reward_mean=up)) == []
    assert kinds(job(train_reward_mean=down, valid_reward_mean=down)) == ["rising"]
    assert kinds(job(train_mean_reward=up, full_valid_mean_reward=[0.7, 0.6, 0.5])) == []


@pytest.mark.parametrize(
    ("training", "words"),
    [
        ([2.0, "nan", 1.0], "train_loss is not a finite number at step 2: the training broke down"),
        ([2.0, "inf", "nan"], "train_loss is not a finite number at 2 steps, first at step 2: the"),
        (["nan"], "train_loss is not a finite number at step 1: the training"),
    ],
)
def test_a_loss_that_is_not_finite(training: Values, words: str) -> None:
    remark = only(losses(training, [2.0, 1.5, 1.0]))
    assert (remark.kind, remark.severity) == ("not-finite", "warning")
    assert remark.message.startswith(words)


def test_nothing_else_is_said_of_a_training_that_broke_down() -> None:
    assert kinds(losses([*falling(199), "nan"], parted(200))) == ["not-finite"]


def test_a_loss_that_does_not_fall() -> None:
    still = [0.5] * LEAST_TRAINING
    remark = only(losses(still, still))
    assert (remark.kind, remark.severity) == ("not-falling", "warning")
    assert remark.message.startswith(
        "train_loss does not fall: 0.5000 over its first 5 values, 0.5000 over its last 5 (medians)"
    )
    assert kinds(losses(still[1:], still)) == []
    assert kinds(losses(noisy([0.5] * 200, 1, 0.1), still)) == ["not-falling"]


def test_noise_may_hide_that_a_loss_falls() -> None:
    assert kinds(losses(noisy([0.5] * 20, 1, 0.5), [0.5])) == []


@given(SEEDS, st.sampled_from([0.0, 0.02, 0.1, 0.3]), st.integers(1, 250))
def test_a_loss_that_falls_in_noise_is_seen_to_fall(seed: int, spread: float, count: int) -> None:
    assert "not-falling" not in kinds(job(train_loss=noisy(falling(count), seed, spread)))


def test_no_validation_data() -> None:
    remark = only(job(train_loss=falling(100), valid_loss=[], note=["a"]))
    assert (remark.kind, remark.severity) == ("no-validation", "info")
    assert "validation file" in remark.message
    assert kinds(job(train_loss=falling(100), valid_mean_token_accuracy=[0.5])) == []


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.84123, "0.8412"),
        (1234.5, "1234.5000"),
        (123456.0, "123,456"),
        (1.0, "1"),
        (0.0, "0"),
        (0.00012345, "0.000123"),
        (-0.5, "-0.5000"),
        (123456.7, "1.23e+05"),
        (1e90, "1e+90"),
    ],
)
def test_figures(value: float, written: str) -> None:
    assert figure(value) == written
