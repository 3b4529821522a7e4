"""What services have said of a file, the input that made them, and what ftlint says of it first."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

import ftlint
from tests.support.conformance import (
    BOM,
    TC,
    A,
    T,
    U,
    assistant,
    base,
    chat,
    ten,
    tenth,
    user,
    v0,
    whole,
)


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a service, the file that it was about, and the rule that finds the cause.

    `number` is that of the message in the catalogue's list; what it says of the cause is cut to
    the words that matter.
    """

    number: int
    words: str
    data: bytes
    rule: str
    profile: str = "openai"
    choices: dict[str, str] = field(default_factory=dict)


def plain(*lines: bytes) -> bytes:
    """Return a file without a byte-order mark."""
    return whole(*lines, mark=b"")


def odd(line: bytes) -> bytes:
    """Return a file without a mark: nine sound examples, then this line."""
    return plain(*base(9), line)


IMAGE = b'{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}'
CALL = assistant(b'"tool_calls":[' + TC + b"]")
REASONING = b'"content":"Show your chain of thought, then answer: 2+2?"'
RFT = {"method": "rft"}

MESSAGES = (
    Said(
        1,
        "No valid json line found in file",
        ten(b'{"prompt":"","completion":" b%d"}'),
        "legacy-empty-prompt",
        "azure",
        {"method": "completions"},
    ),
    Said(2, "Line 1 is not a dictionary (HINT: ...)", whole(*base()), "unexpected-bom"),
    Said(
        2,
        "every line is a valid JSON dictionary",
        b"[" + b",".join(base()) + b"]\n",
        "json-array-file",
    ),
    Said(
        3,
        "line contains invalid json: Expecting ',' delimiter",
        odd(b'{"messages":[' + U + b" " + A + b"]}"),
        "invalid-json",
    ),
    Said(4, "Training file has 7 example(s)", plain(*base(7)), "too-few-examples"),
    Said(
        5, 'Example 1 contains an extra "weight"', odd(chat(U, A, more=b',"weight":1')),
        "top-level-weight",
    ),
    Said(
        5, 'contains an extra "source_agent"', odd(chat(U, A, more=b',"source_agent":"x"')),
        "extra-top-level-key",
    ),
    Said(
        6, "Discriminator 'role' is missing in value", odd(chat(U, b'{"content":"a"}')),
        "missing-role",
    ),
    Said(7, "Example X is missing key 'messages'", odd(b'{"message":[]}'), "missing-messages"),
    Said(
        7,
        "Example 1 is missing key 'input'",
        plain(*[b'{"preferred_output":[' + A + b'],"non_preferred_output":[' + A + b"]}"] * 10),
        "missing-preference-key",
        choices={"method": "dpo"},
    ),
    Said(8, "Unexpected file format", plain(*[b'{"text":"hello"}'] * 10), "unrecognised-format"),
    Said(
        9,
        "is in the fine-tune-chat format, but",
        plain(*base()),
        "format-method-mismatch",
        choices={"method": "dpo"},
    ),
    Said(
        10,
        "message contains an invalid token: <|fim_suffix|>",
        odd(chat(U, assistant(b'"content":"x <|fim_suffix|> y"'))),
        "special-token-in-content",
    ),
    Said(
        12,
        "System messages are not supported in 'reinforcement' examples",
        tenth(b'{"messages":[{"role":"system","content":"s"},' + U + b'],"answer":"4"}'),
        "system-message-in-rft",
        "azure",
        RFT,
    ),
    Said(
        12,
        "Finetuning with o4-mini-2025-04-16 requires the reinforcement method",
        whole(*base()),
        "model-not-finetunable",
        "azure",
        {"model": "o4-mini-2025-04-16"},
    ),
    Said(
        12,
        "unsafe_file: ... with respect to model reasoning extraction",
        whole(*[b'{"messages":[' + user(REASONING) + b'],"answer":"4"}'] * 10),
        "reasoning-extraction-prompt",
        "azure",
        RFT,
    ),
    Said(
        13,
        "contains invalid schema (20)",
        tenth(chat(U, CALL, A, more=b',"tools":' + T)),
        "unanswered-tool-call",
        "azure",
    ),
    Said(
        13,
        "contains invalid schema",
        tenth(chat(U, A, more=b',"tools":' + T.replace(b'"type":"string"', b'"type":"string",'
              b'"title":"X","default":null'))),
        "azure-unsupported-schema-keyword",
        "azure",
    ),
    Said(
        13,
        "contains invalid schema",
        tenth(chat(U, assistant(b'"content":null,"tool_calls":[' + TC + b"]"))),
        "null-content",
        "azure",
    ),
    Said(
        17,
        "must be followed by tool messages responding to each 'tool_call_id'",
        odd(chat(U, CALL, U, A, more=b',"tools":' + T)),
        "unanswered-tool-call",
    ),
    Said(
        17,
        "must be a response to a preceeding message with 'tool_calls'",
        odd(chat(U, b'{"role":"tool","tool_call_id":"call_1","content":"r"}', A)),
        "orphan-tool-message",
    ),
    Said(17, "'$.messages' is too long", odd(chat(*[U, A] * 1025)), "too-many-messages"),
    Said(18, "File is empty", b"", "empty-file", "together"),
    Said(18, "File is not UTF-8 encoded", odd(chat(user(b'"content":"\xe9"'), A)),
         "invalid-utf8", "together"),
    Said(18, "Unexpected format on line 10", odd(b"{"), "invalid-json", "together"),
    Said(18, "Unexpected format on line 1", whole(*base()), "unexpected-bom", "together"),
    Said(18, 'Found extra column "x"', odd(chat(U, A, more=b',"x":1')), "extra-top-level-key",
         "together"),
    Said(18, "the same dataset format", odd(b'{"prompt":"a","completion":"b"}'),
         "mixed-formats", "together"),
    Said(18, "roles must alternate", odd(chat(U, U, A)), "consecutive-same-role", "together"),
    Said(18, "At least one message with the assistant role", odd(chat(U)),
         "no-assistant-message", "together"),
    Said(18, "Weight must be an integer", odd(chat(U, assistant(b'"content":"a","weight":1.0'))),
         "weight-float", "together"),
    Said(18, "Weight must be either 0 or 1", odd(chat(U, assistant(b'"content":"a","weight":2'))),
         "weight-not-0-or-1", "together"),
    Said(18, "base64-encoded image", odd(chat(user(b'"content":[' + IMAGE + b"]"), A)),
         "remote-url-not-allowed", "together"),
    Said(18, "field must be a list",
         plain(*[b'{"input":{"messages":[' + U + b']},"preferred_output":"a",'
                 b'"non_preferred_output":[' + A + b"]}"] * 10),
         "output-not-array", "together", {"method": "dpo"}),
    Said(18, "must not be from the assistant",
         plain(*[b'{"input":{"messages":[' + U + b"," + A + b']},"preferred_output":[' + A
                 + b'],"non_preferred_output":[' + A + b"]}"] * 10),
         "input-ends-with-assistant", "together", {"method": "dpo"}),
    Said(20, "column/key is missing", plain(*base(9), b'{"prompt":"a"}'), "missing-messages"),
    Said(20, "completion column/key is missing",
         ten(b'{"prompt":"a%d","completion":""}').removeprefix(BOM), "legacy-empty-completion",
         choices={"method": "completions"}),
    Said(20, "appears to be in a JSON format", b"[" + v0(1) + b"]", "json-array-file"),
)  # fmt: skip


@pytest.mark.parametrize("said", MESSAGES, ids=lambda said: f"{said.number}-{said.rule}")
def test_the_cause_is_found(said: Said, in_tmp: Path) -> None:
    (in_tmp / "data.jsonl").write_bytes(said.data)
    report = ftlint.check("data.jsonl", profile=said.profile, **said.choices)  # type: ignore[arg-type]
    assert said.rule in {finding.rule for finding in report.findings}


def test_each_message_that_names_a_cause_is_there() -> None:
    beyond_data = {11, 14, 15, 16, 19}  # moderation, training types, uploads, an empty request
    assert {said.number for said in MESSAGES} == set(range(1, 21)) - beyond_data
