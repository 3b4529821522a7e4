"""The conformance table (rows 69 to 113): models, vision, tools, preference and reinforcement."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest

from ftlint.core.rule import RULES
from tests.support.conformance import (
    TC,
    A,
    Row,
    T,
    U,
    assistant,
    base,
    chat,
    hold,
    named,
    ten,
    tenth,
    user,
    whole,
)

TOOLS = b',"tools":' + T
CALLS = assistant(b'"tool_calls":[' + TC + b"]")
ANSWER = b'{"role":"tool","tool_call_id":"call_1","content":"r"}'
GIF = base64.b64encode(
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
LOW = b',"detail":"low"'
DPO: Mapping[str, str] = {"method": "dpo", "model": "gpt-4.1-2025-04-14"}
RFT: Mapping[str, str] = {"method": "rft", "model": "o4-mini-2025-04-16"}
SFT: Mapping[str, str] = {"model": "gpt-4.1-2025-04-14"}


def image(url: bytes = b"https://example.com/a.png", more: bytes = b"") -> bytes:
    return b'{"type":"image_url","image_url":{"url":"' + url + b'"' + more + b"}}"


def seen(*parts: bytes) -> bytes:
    """Return an example in which the user shows these parts."""
    return chat(user(b'"content":[' + b",".join(parts) + b"]"), A)


def calling(call: bytes) -> bytes:
    """Return an example that ends in a call, with the tool declared."""
    return chat(U, assistant(b'"tool_calls":[' + call + b"]"), more=TOOLS)


def pair(number: int) -> bytes:
    """Return a sound preference pair with a question of its own."""
    return (
        b'{"input":{"messages":[{"role":"user","content":"q%d"}]},'
        b'"preferred_output":[{"role":"assistant","content":"a%d"}],'
        b'"non_preferred_output":[{"role":"assistant","content":"b%d"}]}'
    ) % (number, number, number)


def preferring(line: bytes) -> bytes:
    """Return a file of nine sound pairs with `line` as line 10."""
    return whole(*(pair(number) for number in range(1, 10)), line)


def outputs(preferred: bytes, other: bytes, more: bytes = b"", key: bytes = b"output") -> bytes:
    return (b'{"input":{"messages":[%b]},"preferred_%b":%b,"non_preferred_%b":%b%b}') % (
        U,
        key,
        preferred,
        key,
        other,
        more,
    )


def prompt(number: int) -> bytes:
    """Return a sound reinforcement row, with a field for the grader."""
    return b'{"messages":[{"role":"user","content":"q%d"}],"answer":"%d"}' % (number, number)


def reinforcing(line: bytes) -> bytes:
    """Return a file of nine sound rows with `line` as line 10."""
    return whole(*(prompt(number) for number in range(1, 10)), line)


def grader(**changes: str) -> dict[str, bytes]:
    """Return a file that grades an answer by a field of the row."""
    definition = {
        "type": "string_check",
        "name": "same",
        "operation": "eq",
        "input": "{{sample.output_text}}",
        "reference": "{{item.answer}}",
    }
    return {"grader.json": orjson.dumps({**definition, **changes})}


B = assistant(b'"content":"b"')
GRADED = {**RFT, "grader": "grader.json"}

ROWS = (
    Row("69", "an answer that the limit cuts off",
        tenth(chat(user(b'"content":"' + b"word " * 70_000 + b'"'), assistant(b'"content":"a1"'))),
        errors=("nothing-left-after-truncation",), fix="unsafe"),
    Row("70", "a file over the limit", whole(*base()), errors=("file-too-large",), line=1,
        profile="small.toml",
        files={"small.toml": b'title = "small"\nextends = "azure"\n[rules.file-too-large]\n'
                             b"maximum = 500\nnear = 400\n"}),
    Row("71", "a model of another method", whole(*base()), errors=("model-not-finetunable",),
        line=1, choices={"model": "o4-mini-2025-04-16"}),
    Row("72", "a suffix with a dot", whole(*base()), errors=("invalid-suffix",), line=1,
        choices={"suffix": "my.model"}),
    Row("73", "an image from the assistant",
        tenth(chat(U, assistant(b'"content":[' + image() + b"]"))),
        errors=("image-outside-user-message",), choices=SFT),
    Row("74a", "65 images", tenth(seen(*[image(more=LOW)] * 65)),
        errors=("too-many-images-per-example",), choices=SFT),
    Row("74b", "11 images", tenth(seen(*[image()] * 11)), warnings=("too-many-images-per-example",),
        choices=SFT),
    Row("75", "image_url a string",
        tenth(seen(b'{"type":"image_url","image_url":"https://example.com/a.png"}')),
        errors=("image-url-not-object",), fix="safe", choices=SFT),
    Row("76", "a GIF", tenth(seen(image(b"data:image/gif;base64," + GIF))),
        errors=("unsupported-image-format",), choices=SFT),
    Row("77", "detail medium", tenth(seen(image(more=b',"detail":"medium"'))),
        errors=("invalid-detail",), choices=SFT),
    Row("78", "an image for a model of texts", tenth(seen(image())),
        errors=("model-not-vision-finetunable",), choices={"model": "gpt-4.1-mini"}),
    Row("79", "an image by its URL", tenth(seen(image())), infos=("face-or-captcha-reminder",),
        choices=SFT),
    Row("80", "arguments an object",
        tenth(calling(TC.replace(b'"{\\"x\\":\\"1\\"}"', b'{"x":"1"}'))),
        errors=("arguments-not-string",), fix="safe", choices=SFT),
    Row("81", "arguments no JSON",
        tenth(calling(TC.replace(b'"{\\"x\\":\\"1\\"}"', b'"{x:1}"'))),
        warnings=("arguments-not-json",), choices=SFT),
    Row("82", "an argument left out",
        tenth(calling(TC.replace(b'"{\\"x\\":\\"1\\"}"', b'"{}"'))),
        warnings=("arguments-violate-schema",), choices=SFT),
    Row("83", "a call to nothing declared", tenth(calling(TC.replace(b'"f"', b'"g"'))),
        warnings=("call-to-undeclared-function",), choices=SFT),
    Row("84", "a call without tools", tenth(chat(U, CALLS)), infos=("tool-calls-without-tools",),
        choices=SFT),
    Row("85", "a call without an answer", tenth(chat(U, CALLS, A, more=TOOLS)),
        errors=("unanswered-tool-call",), choices=SFT),
    Row("86", "a call and its answer", tenth(chat(U, CALLS, ANSWER, A, more=TOOLS)), choices=SFT),
    Row("87", "an answer to no call",
        tenth(chat(U, CALLS, ANSWER.replace(b"call_1", b"call_9"), A, more=TOOLS)),
        errors=("orphan-tool-message", "unanswered-tool-call"), choices=SFT),
    Row("88", "an answer without the id of its call",
        tenth(chat(U, CALLS, ANSWER.replace(b'"tool_call_id":"call_1",', b""), A, more=TOOLS)),
        errors=("missing-tool-call-id",), choices=SFT),
    Row("89", "a function name with a blank",
        tenth(chat(U, A, more=TOOLS.replace(b'"name":"f"', b'"name":"my func"'))),
        errors=("invalid-function-name",), choices=SFT),
    Row("90", "no tools in tools", tenth(chat(U, A, more=b',"tools":[]')),
        warnings=("tools-empty",), choices=SFT),
    Row("91", "functions",
        tenth(chat(U, assistant(b'"function_call":{"name":"f","arguments":"{}"}'),
                   more=b',"functions":[{"name":"f","description":"d"}]')),
        warnings=("deprecated-functions-api",), choices=SFT),
    Row("92", "a schema with title and a null default",
        tenth(chat(U, A, more=TOOLS.replace(
            b'{"type":"string"}', b'{"type":"string","title":"X","default":null}'))),
        warnings=("azure-unsupported-schema-keyword",), choices=SFT),
    Row("93", "preference pairs", preferring(pair(10)), choices=DPO),
    Row("94", "preference pairs for sft", preferring(pair(10)), errors=("format-method-mismatch",),
        line=1, choices=SFT),
    Row("95", "two outputs alike", preferring(outputs(b"[" + A + b"]", b"[" + A + b"]")),
        warnings=("outputs-identical",), choices=DPO),
    Row("96", "the names of the API description",
        preferring(outputs(b"[" + A + b"]", b"[" + B + b"]", key=b"completion")),
        errors=("openapi-field-names",), fix="safe", choices=DPO),
    Row("97", "pairs of TRL", ten(b'{"prompt":"q%d","chosen":"a","rejected":"b"}'),
        errors=("trl-format",), line=1, choices=DPO),
    Row("98", "an output that is a string", preferring(outputs(b'"a"', b"[" + B + b"]")),
        errors=("output-not-array",), fix="safe", choices=DPO),
    Row("99", "an output of the user", preferring(outputs(b"[" + U + b"]", b"[" + B + b"]")),
        errors=("output-without-assistant", "output-role-not-allowed"), choices=DPO),
    Row("100", "tools beside the input",
        preferring(outputs(b"[" + A + b"]", b"[" + B + b"]", more=TOOLS)),
        errors=("tools-at-top-level-in-dpo",), choices=DPO),
    Row("101", "a system message in reinforcement data",
        reinforcing(b'{"messages":[{"role":"system","content":"s"},' + U + b'],"answer":"4"}'),
        errors=("system-message-in-rft",), fix="safe", choices=RFT),
    Row("102", "a developer message in reinforcement data",
        reinforcing(b'{"messages":[{"role":"developer","content":"s"},' + U + b'],"answer":"4"}'),
        choices=RFT),
    Row("103", "a row that ends in an answer",
        reinforcing(b'{"messages":[' + U + b"," + A + b'],"answer":"4"}'),
        errors=("last-message-not-user",), choices=RFT),
    Row("104", "a row without the field that is graded",
        reinforcing(b'{"messages":[' + U + b"]}"),
        warnings=("template-field-missing", "inconsistent-item-fields"), choices=GRADED,
        files=grader()),
    Row("105", "no row has the field that is graded", whole(*(prompt(n) for n in range(1, 11))),
        errors=("template-field-missing",), line=1, choices=GRADED,
        files=grader(reference="{{item.solution}}")),
    Row("106", "a grader that contains", whole(*(prompt(n) for n in range(1, 11))),
        errors=("string-check-operation",), line=1, choices=GRADED,
        files=grader(operation="contains")),
    Row("107", "reinforcement data alone", whole(*(prompt(n) for n in range(1, 11))),
        warnings=("missing-validation-file", "rft-too-few"), line=1, choices=RFT),
    Row("108", "a key of an API", whole(*base()), later=("cloud-api-key",)),
    Row("109", "a prompt to train and to validate with", whole(*base()),
        later=("train-validation-leak",)),
    Row("110", "a placeholder left", whole(*base()), later=("placeholder-text",)),
    Row("111", "mojibake", whole(*base()), later=("mojibake",)),
    Row("112", "two answers in a row", tenth(chat(U, A, B)), warnings=("consecutive-same-role",),
        choices=SFT),
    Row("113", "a text before a call", tenth(chat(U, A, CALLS, more=TOOLS)),
        infos=("consecutive-same-role", "ends-with-tool-call"), choices=SFT),
)  # fmt: skip


@pytest.mark.parametrize("row", [row for row in ROWS if not row.later], ids=named)
def test_row(row: Row, in_tmp: Path) -> None:
    hold(row, in_tmp)


def test_every_row_is_there() -> None:
    assert sorted({int(row.number.rstrip("ab")) for row in ROWS}) == list(range(69, 114))


@pytest.mark.parametrize("row", [row for row in ROWS if row.later], ids=named)
def test_what_a_row_puts_off_does_not_exist_yet(row: Row) -> None:
    assert not RULES.keys() & set(row.later)
