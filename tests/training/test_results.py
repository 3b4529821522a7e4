"""results.csv as services write it, and what is none."""

from __future__ import annotations

import base64
import codecs
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlint.core.errors import FtlintError
from ftlint.training.results import (
    FULL,
    TRAINING,
    VALIDATION,
    Metric,
    Point,
    Results,
    ResultsError,
    read,
)

AZURE = b"""\
step,train_loss,train_mean_token_accuracy,valid_loss,validation_mean_token_accuracy,\
full_valid_loss,full_valid_mean_token_accuracy
1,3.6,0.25,3.5,0.30,,
2,2.5,0.50,,,,
3,1.5,0.75,1.8,0.60,1.75,0.625
"""


def named(results: Results) -> dict[str, Metric]:
    """Return the metrics by name."""
    return {metric.name: metric for metric in results.metrics}


def kinds(header: str) -> list[tuple[str, str, str]]:
    """Return group, part and measure of the columns of a header."""
    data = f"step,{header}\n1{',0.5' * (header.count(',') + 1)}\n".encode()
    return [(metric.group, metric.part, metric.measure) for metric in read(data).metrics]


def test_the_columns_that_azure_documents() -> None:
    results = read(AZURE)
    assert (results.rows, results.first, results.last, results.texts) == (3, 1, 3, ())
    assert [(metric.group, metric.part, metric.measure) for metric in results.metrics] == [
        ("loss", TRAINING, "loss"),
        ("accuracy", TRAINING, "accuracy"),
        ("loss", VALIDATION, "loss"),
        ("accuracy", VALIDATION, "accuracy"),
        ("loss", FULL, "loss"),
        ("accuracy", FULL, "accuracy"),
    ]
    assert named(results)["valid_loss"].points == (Point(1, 3.5), Point(3, 1.8))
    assert named(results)["train_loss"].best == Point(3, 1.5)
    assert named(results)["train_mean_token_accuracy"].best == Point(3, 0.75)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("train_accuracy", ("accuracy", TRAINING, "accuracy")),
        ("valid_mean_token_accuracy", ("accuracy", VALIDATION, "accuracy")),
        ("training_loss", ("loss", TRAINING, "loss")),
        ("validation_loss", ("loss", VALIDATION, "loss")),
        ("training_token_accuracy", ("accuracy", TRAINING, "accuracy")),
        ("training_sequence_accuracy", ("accuracy", TRAINING, "sequence accuracy")),
        ("validation_sequence_accuracy", ("accuracy", VALIDATION, "sequence accuracy")),
        ("elapsed_tokens", ("other", "", "elapsed tokens")),
        ("elapsed_examples", ("other", "", "elapsed examples")),
        ("classification/accuracy", ("accuracy", "", "classification accuracy")),
        ("train_reward_mean", ("reward", TRAINING, "reward")),
        ("valid_reward_mean", ("reward", VALIDATION, "reward")),
        ("full_valid_mean_reward", ("reward", FULL, "reward")),
        ("full_validation_reward_mean", ("reward", FULL, "reward")),
        ("train_rewards/accuracies", ("accuracy", TRAINING, "rewards accuracies")),
        ("train_rewards/rejected", ("other", TRAINING, "rewards rejected")),
        ("train_reward_std", ("other", TRAINING, "reward std")),
        ("Train Loss", ("loss", TRAINING, "loss")),
        ("lossless", ("other", "", "lossless")),
    ],
)
def test_columns_are_told_apart_by_their_words(header: str, expected: tuple[str, str, str]) -> None:
    assert kinds(header) == [expected]


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + AZURE,
        AZURE.replace(b"\n", b"\r\n"),
        AZURE.rstrip(b"\n"),
        AZURE.replace(b"\n", b"\n\n"),
        AZURE.replace(b"step", b'"Step"'),
        AZURE.replace(b",,\n", b"\n"),
        base64.b64encode(AZURE),
        base64.encodebytes(codecs.BOM_UTF8 + AZURE),
        codecs.BOM_UTF8 + base64.b64encode(AZURE) + b"\r\n",
    ],
)
def test_it_is_read_however_it_is_written(data: bytes) -> None:
    assert read(data) == read(AZURE)


@pytest.mark.parametrize("blank", ["", " ", "-1", "-1.0", "N/A", "null", "nan", "-"])
def test_what_is_not_measured(blank: str) -> None:
    results = read(f"step,train_loss,valid_loss\n1,2,{blank}\n2,1,0.5\n".encode())
    assert named(results)["valid_loss"].points == (Point(2, 0.5),)
    assert named(results)["valid_loss"].broken == ()


def test_a_large_file_in_base64() -> None:
    rows = "".join(f"{step},{1 / step}\n" for step in range(1, 20_001))
    results = read(base64.b64encode(f"step,train_loss\n{rows}".encode()))
    assert results.rows == len(results.metrics[0].points) == 20_000


def test_minus_one_is_a_reward() -> None:
    assert read(b"step,train_reward\n1,-1\n").metrics[0].points == (Point(1, -1.0),)


def test_a_training_loss_that_is_no_number_is_kept_in_mind() -> None:
    results = read(b"step,train_loss,valid_loss\n1,2,inf\n2,nan,\n3,1e200,\n4,-Infinity,0.5\n")
    assert named(results)["train_loss"] == Metric(
        "train_loss", "loss", TRAINING, "loss", (Point(1, 2.0),), (2, 3, 4)
    )
    assert named(results)["valid_loss"].broken == (1,)


def test_steps_are_put_in_order_and_the_later_row_holds() -> None:
    results = read(b"train_loss,step\n3,20\n1,10\n,20\n2,10.0\n")
    assert results.metrics[0].points == (Point(10, 2.0), Point(20, 3.0))
    assert (results.rows, results.first, results.last) == (4, 10, 20)


def test_what_is_not_known_is_kept() -> None:
    results = read(b"step,lr,note,,train_loss\n1,1e-5,warm,7,2\n2,2e-5,,8,1\n")
    assert [metric.name for metric in results.metrics] == ["lr", "column 4", "train_loss"]
    assert results.metrics[0].points == (Point(1, 1e-5), Point(2, 2e-5))
    assert results.metrics[0].best is None
    assert results.texts == ("note",)


def test_a_column_without_values() -> None:
    metric = read(b"step,valid_loss\n1,\n").metrics[0]
    assert metric.points == ()
    assert metric.best is None
    assert metric.to_dict()["first"] is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty; expected the results.csv of a fine-tuning job"),
        (b" \r\n", "the file is empty; expected the results.csv of a fine-tuning job"),
        (codecs.BOM_UTF8, "there is no column step, and the file starts with"),
        (b"loss,acc\n1,2\n", 'no column step, and the file starts with "loss,acc'),
        (b'{"error": {"code": "404"}}', 'the file starts with "{\\"error\\"'),
        (b"<!doctype html>\x1b[2J", r"the file starts with \"<!doctype html>\x1b"),
        (base64.b64encode(b"loss\n1\n"), "there is no column step"),
        (b"hello123", 'the file starts with "hello123"'),
        (b"\xff\xfes\x00t\x00", "byte 0 is not UTF-8"),
        (b"step,train_loss\n", "no rows follow the header; the job ended before its first step"),
        (b"step,a,A\n1,2,3\n", "column A occurs twice; expected each name once"),
        (b"step,step\n1,1\n", "column step occurs twice"),
        (b"step,train_loss\n1,2,3\n", "line 2 has 3 cells, the header has 2"),
        (b"step,train_loss\n1,2\nx,3\n", 'step "x" in line 3; expected a whole number'),
        (b"train_loss,step\n1\n", 'step "" in line 2; expected a whole number'),
        (b"step,train_loss\n1.5,2\n", 'step "1.5" in line 2'),
        (b"step,train_loss\n-2,2\n", 'step "-2" in line 2'),
        (b"step,train_loss\nnan,2\n", 'step "nan" in line 2'),
        (b"step,train_loss\n1e300,2\n", 'step "1e300" in line 2'),
        (b"step,train_loss\n1,2\n2,abc\n", 'train_loss is "abc" in line 3; expected a number'),
        (b'step,train_loss\n1,"2\n', "line 2 is not CSV"),
        (b"step,train_loss\n1," + b"2" * 200_000, "line 2 is not CSV"),
    ],
)
def test_what_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ResultsError) as caught:
        read(data)
    assert isinstance(caught.value, FtlintError)
    assert message.replace('\\"', '"') in str(caught.value)


def test_json() -> None:
    data = json.loads(json.dumps(read(AZURE).to_dict(), allow_nan=False))
    assert {key: data[key] for key in data if key != "metrics"} == {
        "rows": 3,
        "first_step": 1,
        "last_step": 3,
        "text_columns": [],
    }
    assert data["metrics"][2] == {
        "name": "valid_loss",
        "group": "loss",
        "part": "validation",
        "measure": "loss",
        "count": 2,
        "first": {"step": 1, "value": 3.5},
        "last": {"step": 3, "value": 1.8},
        "best": {"step": 3, "value": 1.8},
        "broken": [],
        "points": [[1, 3.5], [3, 1.8]],
    }


@given(st.binary(max_size=200) | st.text('step,loss\n\r"10. -naife+', max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for given_bytes in (data, b"step,train_loss,x\n" + data, base64.b64encode(data)):
        try:
            results = read(given_bytes)
        except ResultsError:
            continue
        assert results.first <= results.last
        for metric in results.metrics:
            assert all(math.isfinite(point.value) for point in metric.points)
            assert [*metric.points] == sorted(metric.points)
