"""`ftlint jobs deploy` and `delete`: exact requests, and none is sent."""

from __future__ import annotations

import json
import shlex
import socket
from pathlib import Path
from typing import Any, NoReturn

import pytest
from jsonschema import Draft4Validator

from ftlint.training.ledger import FOLDER, Ledger
from tests.support import contracts
from tests.support.rehearsal import Captured, failed, lines, result_of

MODEL = "gpt-4.1-2025-04-14.ft-0123456789abcdef-mine"
PLACE = (
    "--subscription", "00000000-aaaa-bbbb-cccc-000000000000", "--resource-group", "my_group.(1)",
    "--account", "my-account", "--name", "mine",
)  # fmt: skip
DEPLOY = ("deploy", MODEL, "--dry-run", *PLACE)
PATH = (
    "/subscriptions/00000000-aaaa-bbbb-cccc-000000000000/resourceGroups/my_group.(1)"
    "/providers/Microsoft.CognitiveServices/accounts/my-account/deployments/mine"
)
URL = f"https://management.azure.com{PATH}?api-version=2024-10-01"
SOURCE = (
    "/subscriptions/1/resourceGroups/other/providers/Microsoft.CognitiveServices/accounts/theirs"
)


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch, in_tmp: Path) -> None:
    """Let nothing be sent, and have neither endpoint nor key."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for name in ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def note(job: str, **more: Any) -> None:
    body = {"training_file": "file-1", "validation_file": "file-2"}
    Ledger(FOLDER).note_job({"intent": "i", "job": job, "body": body, **more})


def test_the_request_keeps_to_the_contract(capsys: Captured) -> None:
    if contracts.MISSING:
        pytest.skip(contracts.MISSING)
    data = result_of(capsys, *DEPLOY, "--source-account", SOURCE)
    assert (data["sent"], data["request"]["method"], data["request"]["url"]) == (False, "PUT", URL)
    spec = json.loads((contracts.SPECS / "arm-deployments-2024-10-01.SUBSET.json").read_text())
    for definition in spec["definitions"].values():
        definition.setdefault("additionalProperties", False)
    [path] = spec["paths"]
    assert "put" in spec["paths"][path]
    schema = {**spec, "$ref": "#/definitions/Deployment"}
    assert list(Draft4Validator(schema).iter_errors(data["request"]["body"])) == []
    assert data["request"]["body"] == {
        "sku": {"name": "Standard", "capacity": 1},
        "properties": {
            "model": {"format": "OpenAI", "name": MODEL, "version": "1", "source": SOURCE}
        },
    }


def test_the_command_sends_the_same(capsys: Captured) -> None:
    data = result_of(capsys, *DEPLOY, "--tier", "developer", "--capacity", "50")
    words = shlex.split(data["az"])
    assert words[:6] == ["az", "rest", "--method", "put", "--url", URL]
    assert json.loads(words[7]) == data["request"]["body"]
    assert data["request"]["body"]["sku"] == {"name": "developertier", "capacity": 50}
    shown = lines(capsys, *DEPLOY, "--tier", "developer", "--capacity", "50")
    assert f"PUT {URL}" in shown
    assert data["az"] in shown


def test_what_is_to_be_known_has_its_sources(capsys: Captured) -> None:
    rules = result_of(capsys, *DEPLOY)["rules"]
    assert all(rule["source"] for rule in rules)
    words = "\n".join(rule["words"] for rule in rules)
    for number in ("last 3 epochs", "15 days", "24 hours", "by the hour", "--source-account"):
        assert number in words


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("gpt-oss-20b-11.ft-1", "Microsoft"),
        ("Ministral-3B.ft-1", "Mistral AI"),
        ("Llama-3.3-70B-Instruct.ft-1", "Meta"),
        ("qwen-3-32b.ft-1", "Alibaba"),
        ("o4-mini-2025-04-16.ft-1", "OpenAI"),
    ],
)
def test_the_format_of_the_model(capsys: Captured, model: str, kind: str) -> None:
    request = result_of(capsys, "deploy", model, "--dry-run", *PLACE)["request"]
    assert request["body"]["properties"]["model"]["format"] == kind


def test_a_checkpoint(capsys: Captured) -> None:
    request = result_of(capsys, *DEPLOY, "--checkpoint", "20")["request"]
    name = request["body"]["properties"]["model"]["name"]
    assert name == f"{MODEL}:ckpt-step-20"
    message = failed(
        capsys, "deploy", name, "--dry-run", *PLACE, "--checkpoint", "10", code=2
    )  # fmt: skip
    assert message.endswith("is a checkpoint already; leave --checkpoint out")


def test_the_model_of_a_job(capsys: Captured) -> None:
    arguments = ("deploy", "ftjob-1", "--dry-run", *PLACE)
    assert "is not recorded here; ftlint jobs show ftjob-1" in failed(capsys, *arguments, code=2)
    note("ftjob-1", fine_tuned_model=MODEL)
    assert result_of(capsys, *arguments)["request"]["body"]["properties"]["model"]["name"] == MODEL


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["deploy", MODEL, *PLACE], "ftlint prints this request and does not send it yet"),
        (["delete", MODEL], "add --dry-run"),
        (["deploy", MODEL, "--dry-run"], "where to? give --subscription, --resource-group"),
        (["deploy", MODEL, "--dry-run", *PLACE[:6]], "a deployment is named by all of"),
        (["deploy", MODEL, "--dry-run", *PLACE[:7], "a/b"], 'name "a/b": expected letters'),
        (["deploy", MODEL, "--dry-run", *PLACE[:7], ".."], 'name "..": expected letters'),
        ([*DEPLOY, "--source-account", "theirs"], "expected /subscriptions/ID/resourceGroups/"),
        ([*DEPLOY, "--tier", "Fast"], "'Fast' is not one of"),
        ([*DEPLOY, "--profile", "openai"], "has no deployments: a model there is used by its name"),
        ([*DEPLOY, "--profile", "together"], "sends nothing there yet"),
        (["deploy", "a/b", "--dry-run", *PLACE], 'job or model "a/b" is no id'),
        (["delete", "a/b", "--dry-run"], 'job, model or file "a/b" is no id'),
        (["delete", "ft:a:b", "--dry-run", "--profile", "openai", *PLACE], "has no deployments"),
    ],
)
def test_usage(capsys: Captured, arguments: list[str], words: str) -> None:
    assert words in failed(capsys, *arguments, code=2)


def test_clears_away_in_order(capsys: Captured) -> None:
    note("ftjob-1", fine_tuned_model=MODEL)
    data = result_of(capsys, "delete", "ftjob-1", "--dry-run", *PLACE)
    assert (data["sent"], data["notes"]) == (False, [])
    base = "https://YOUR-RESOURCE.openai.azure.com/openai"
    query = "?api-version=2024-10-21"
    assert [(one["method"], one["url"]) for one in data["requests"]] == [
        ("DELETE", URL),
        ("DELETE", f"{base}/models/{MODEL}{query}"),
        ("DELETE", f"{base}/files/file-1{query}"),
        ("DELETE", f"{base}/files/file-2{query}"),
        ("DELETE", f"{base}/fine_tuning/jobs/ftjob-1{query}"),
    ]
    assert "no published contract" in data["requests"][1]["note"]
    shown = lines(capsys, "delete", "ftjob-1", "--dry-run", *PLACE)
    assert f"1. DELETE {URL}" in shown


@pytest.mark.parametrize(
    ("name", "path"),
    [("file-1", "/files/file-1"), (MODEL, f"/models/{MODEL}"), ("j-1", "/fine_tuning/jobs/j-1")],
)
def test_clears_one_thing_away(capsys: Captured, name: str, path: str) -> None:
    [request] = result_of(capsys, "delete", name, "--dry-run")["requests"]
    assert request["url"].removesuffix("?api-version=2024-10-21").endswith(f"/openai{path}")


@pytest.mark.parametrize(("profile", "version"), [("openai", "v1"), ("azure", "v1")])
def test_says_what_a_version_does_not_delete(capsys: Captured, profile: str, version: str) -> None:
    where = ("--profile", profile, "--api-version", version)
    data = result_of(capsys, "delete", "ftjob-1", "--dry-run", *where)
    assert data["requests"] == []
    assert (
        f"version {version} of this API does not delete jobs: ftjob-1 stays listed" in data["notes"]
    )
    assert any("ftlint jobs show ftjob-1 names" in words for words in data["notes"])
    assert len(lines(capsys, "delete", "ftjob-1", "--dry-run", *where)) == 2 + len(data["notes"])


def test_says_that_deployments_go_first(capsys: Captured) -> None:
    data = result_of(capsys, "delete", MODEL, "--dry-run")
    assert data["notes"] == [
        "a deployment of the model goes first: --subscription, --resource-group, --account, --name"
    ]
    assert (
        result_of(capsys, "delete", "ft:gpt:x", "--dry-run", "--profile", "openai")["notes"] == []
    )
