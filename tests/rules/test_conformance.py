"""The conformance table (rows 1 to 68): what a whole file is found to hold, and nothing else.

Each row is one file for Azure OpenAI, built byte by byte as the introduction of the table says:
a byte-order mark, nine sound examples, and the line that deviates as line 10, unless the row
describes the whole file. What is expected is the exact set of errors and warnings with their
line, the infos that the row names, the verdict, and whether a fix is safe.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson
import pytest

from ftlint.config.profile import PROFILES
from ftlint.core.rule import RULES
from tests.support.conformance import (
    BOM,
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
    v0,
    whole,
)

ROWS = (
    Row(
        "01",
        "no byte-order mark",
        whole(*base(), mark=b""),
        errors=("missing-bom",),
        line=1,
        fix="safe",
    ),
    Row("02", "a byte-order mark first", whole(*base())),
    Row(
        "02-openai",
        "a byte-order mark first, for another service",
        whole(*base()),
        errors=("unexpected-bom",),
        line=1,
        profile="openai",
    ),
    Row(
        "02-together",
        "a byte-order mark first, for a third service",
        whole(*base()),
        errors=("unexpected-bom",),
        line=1,
        profile="together",
    ),
    Row(
        "03",
        "lines that end in CR LF",
        whole(*base(), end=b"\r\n"),
        infos=("crlf-line-endings",),
        line=1,
    ),
    Row("04", "no final LF", whole(*base())[:-1], infos=("missing-final-newline",)),
    Row("05", "zero bytes", b"", errors=("empty-file",), line=1),
    Row("06", "nothing but a byte-order mark", BOM, errors=("empty-file",), line=1),
    Row(
        "07",
        "UTF-16 with its mark",
        b"\xff\xfe" + whole(*base(), mark=b"").decode().encode("utf-16-le"),
        errors=("utf16-or-utf32",),
        line=1,
    ),
    Row(
        "08",
        "an e-acute in Latin-1",
        tenth(chat(user(b'"content":"caf\xe9"'), A)),
        errors=("invalid-utf8",),
    ),
    Row(
        "09",
        "two files joined, the second with a byte-order mark",
        whole(*base()) + whole(*(v0(number) for number in range(11, 21))),
        errors=("bom-inside-file",),
        line=11,
    ),
    Row(
        "10",
        "gzip under a name that does not say so",
        gzip.compress(whole(*base()), mtime=0),
        errors=("not-a-text-file",),
        line=1,
    ),
    Row(
        "11",
        "lines that end in CR",
        whole(*base(), end=b"\r"),
        errors=("cr-only-line-endings",),
        line=1,
    ),
    Row(
        "12",
        "a NUL byte at the end of the file",
        whole(*base())[:-1] + b"\0",
        errors=("nul-byte",),
    ),
    Row(
        "13",
        "a raw U+2028 in a text",
        tenth(chat(user('"content":"q\u2028r"'.encode()), A)),
        infos=("unicode-line-separator-in-string",),
    ),
    Row(
        "14",
        "an empty line after line 3",
        whole(*base()[:3], b"", *base()[3:]),
        warnings=("blank-line",),
        line=4,
    ),
    Row("15", "a trailing comma", tenth(chat(U, A, more=b",")), errors=("invalid-json",)),
    Row("16", "single quotation marks", tenth(b"{'messages': []}"), errors=("invalid-json",)),
    Row(
        "17",
        "a raw tab in a text",
        tenth(chat(user(b'"content":"a\tb"'), A)),
        errors=("invalid-json",),
    ),
    Row(
        "18",
        "a last line that is cut off",
        whole(*base(9)) + b'{"messages":[{"role":"us',
        errors=("invalid-json",),
    ),
    Row("19a", "an array", tenth(b'["a"]'), errors=("line-not-object",)),
    Row("19b", "a number", tenth(b"42"), errors=("line-not-object",)),
    Row("19c", "null", tenth(b"null"), errors=("line-not-object",)),
    Row(
        "20",
        "one array on one line",
        whole(b"[ " + v0(1) + b", " + v0(2) + b" ]"),
        errors=("json-array-file",),
        line=1,
    ),
    Row(
        "21",
        "one object over eight lines",
        whole(
            b"{",
            b'  "messages":',
            b"  [",
            b'    {"role":"system","content":"s"},',
            b'    {"role":"user","content":"q1"},',
            b'    {"role":"assistant","content":"a1"}',
            b"  ]",
            b"}",
        ),
        errors=("pretty-printed-json",),
        line=1,
    ),
    Row(
        "22",
        "two objects on one line",
        tenth(v0(10) + v0(11)),
        errors=("multiple-objects-per-line",),
    ),
    Row(
        "23",
        "an object in a string",
        tenth(orjson.dumps(v0(10).decode())),
        errors=("double-encoded-line",),
    ),
    Row(
        "24",
        "messages twice",
        tenth(chat(U, A, more=b',"messages":[' + U + b"," + A + b"]")),
        warnings=("duplicate-key",),
    ),
    Row(
        "25",
        "half a surrogate pair",
        tenth(chat(user(b'"content":"\\ud83d"'), A)),
        errors=("lone-surrogate",),
    ),
    Row(
        "26",
        "prompt and completion",
        ten(b'{"prompt":"a%d","completion":" b%d"}'),
        errors=("legacy-format-for-chat-model",),
        line=1,
    ),
    Row(
        "27",
        "ShareGPT",
        ten(b'{"conversations":[{"from":"human","value":"hi %d"}]}'),
        errors=("sharegpt-or-alpaca-format",),
        line=1,
    ),
    Row(
        "28",
        "one line of prompt and completion among chats",
        tenth(b'{"prompt":"a","completion":" b"}'),
        errors=("mixed-formats", "legacy-format-for-chat-model"),
    ),
    Row(
        "29",
        "a text and nothing else",
        ten(b'{"text":"hello %d"}'),
        errors=("unrecognised-format",),
        line=1,
    ),
    Row("30", "messages a string", tenth(b'{"messages":"hi"}'), errors=("messages-not-array",)),
    Row("31", "messages empty", tenth(b'{"messages":[]}'), errors=("messages-empty",)),
    Row(
        "32",
        "an id beside messages",
        tenth(chat(U, A, more=b',"id":7')),
        errors=("extra-top-level-key",),
    ),
    Row(
        "33",
        "a weight beside messages",
        tenth(chat(U, A, more=b',"weight":1')),
        errors=("top-level-weight",),
    ),
    Row("34", "a message that is text", tenth(chat(b'"hi"', A)), errors=("message-not-object",)),
    Row(
        "35",
        "a message without role",
        tenth(chat(b'{"content":"hi"}', A)),
        errors=("missing-role",),
    ),
    Row(
        "36",
        "role User",
        tenth(chat(b'{"role":"User","content":"q"}', A)),
        errors=("unknown-role",),
        fix="safe",
    ),
    Row(
        "37",
        "role human",
        tenth(chat(b'{"role":"human","content":"q"}', A)),
        errors=("unknown-role",),
        fix="unsafe",
    ),
    Row(
        "38",
        "role developer",
        tenth(chat(b'{"role":"developer","content":"s"}', U, A)),
        warnings=("developer-role-in-sft",),
    ),
    Row(
        "39",
        "a user without content",
        tenth(chat(b'{"role":"user"}', A)),
        errors=("missing-content",),
    ),
    Row(
        "40",
        "an assistant without content",
        tenth(chat(U, b'{"role":"assistant"}')),
        errors=("missing-content",),
    ),
    Row(
        "41",
        "an answer that is null",
        tenth(chat(U, assistant(b'"content":null'))),
        errors=("null-content",),
    ),
    Row(
        "42",
        "content null beside tool calls",
        tenth(
            chat(
                U,
                assistant(b'"content":null,"tool_calls":[' + TC + b"]"),
                more=b',"tools":' + T,
            )
        ),
        warnings=("null-content",),
        fix="safe",
    ),
    Row(
        "43",
        "no content beside tool calls",
        tenth(chat(U, assistant(b'"tool_calls":[' + TC + b"]"), more=b',"tools":' + T)),
        infos=("ends-with-tool-call",),
    ),
    Row(
        "44",
        "the word null beside tool calls",
        tenth(
            chat(
                U,
                assistant(b'"content":"null","tool_calls":[' + TC + b"]"),
                more=b',"tools":' + T,
            )
        ),
        errors=("stringified-null-content",),
    ),
    Row(
        "45",
        "content a number",
        tenth(chat(user(b'"content":42'), A)),
        errors=("content-wrong-type",),
    ),
    Row(
        "46",
        "an empty answer",
        tenth(chat(U, assistant(b'"content":""'))),
        warnings=("empty-content",),
    ),
    Row(
        "47",
        "no parts",
        tenth(chat(user(b'"content":[]'), A)),
        errors=("empty-content-parts",),
    ),
    Row(
        "48",
        "a part of type video",
        tenth(chat(user(b'"content":[{"type":"video"}]'), A)),
        errors=("unknown-part-type",),
    ),
    Row(
        "49",
        "a text part without text",
        tenth(chat(user(b'"content":[{"type":"text"}]'), A)),
        errors=("malformed-part",),
    ),
    Row(
        "50",
        "an answer in parts",
        tenth(chat(U, assistant(b'"content":[{"type":"text","text":"a"}]'))),
    ),
    Row(
        "51",
        "a timestamp in a message",
        tenth(chat(user(b'"content":"q","timestamp":1'), A)),
        errors=("extra-message-key",),
    ),
    Row(
        "52",
        "tool_calls null",
        tenth(chat(U, assistant(b'"content":"a","tool_calls":null'))),
        warnings=("null-optional-key",),
        fix="safe",
    ),
    Row(
        "53",
        "a control token in a text",
        tenth(chat(U, assistant(b'"content":"a<|endoftext|>"'))),
        errors=("special-token-in-content",),
    ),
    Row("54", "no answer", tenth(chat(U)), errors=("no-assistant-message",)),
    Row(
        "55",
        "a user message last",
        tenth(chat(U, A, U)),
        warnings=("last-message-not-assistant",),
    ),
    Row("56", "two user messages in a row", tenth(chat(U, U, A)), infos=("consecutive-same-role",)),
    Row("57", "an answer first", tenth(chat(A, U, A)), warnings=("assistant-first",)),
    Row(
        "58",
        "a system message second",
        tenth(chat(U, b'{"role":"system","content":"s"}', A)),
        warnings=("system-not-first",),
    ),
    Row(
        "59",
        "weight 2",
        tenth(chat(U, assistant(b'"content":"a","weight":2'))),
        errors=("weight-not-0-or-1",),
    ),
    Row(
        "60",
        "weight 1.0",
        tenth(chat(U, assistant(b'"content":"a","weight":1.0'))),
        warnings=("weight-float",),
        fix="safe",
    ),
    Row(
        "61",
        "weight true",
        tenth(chat(U, assistant(b'"content":"a","weight":true'))),
        errors=("weight-bool",),
    ),
    Row(
        "62",
        "weight a string",
        tenth(chat(U, assistant(b'"content":"a","weight":"0"'))),
        errors=("weight-string",),
    ),
    Row(
        "63",
        "a weight on a user message",
        tenth(chat(user(b'"content":"q","weight":0'), A)),
        errors=("weight-on-non-assistant",),
        fix="safe",
    ),
    Row(
        "64",
        "the only answer with weight 0",
        tenth(chat(U, assistant(b'"content":"a","weight":0'))),
        warnings=("all-weights-zero",),
    ),
    Row(
        "65",
        "one answer of two with weight 0",
        tenth(
            chat(
                U,
                assistant(b'"content":"a","weight":0'),
                U,
                assistant(b'"content":"a","weight":1'),
            )
        ),
    ),
    Row("66", "nine examples", whole(*base(9)), errors=("too-few-examples",), line=1),
    Row("67", "ten examples", whole(*base()), warnings=("few-examples",), line=1),
    Row(
        "68",
        "ten times the same example",
        whole(*[v0(1)] * 10),
        warnings=("few-examples",),
        line=1,
        later=("duplicate-example", "all-completions-identical", "all-prompts-identical"),
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_row(row: Row, in_tmp: Path) -> None:
    hold(row, in_tmp)


def test_every_row_is_there() -> None:
    numbers = [int(row.number[:2]) for row in ROWS]
    assert sorted(set(numbers)) == list(range(1, 69))
    assert numbers == sorted(numbers)
    assert len({row.number for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", [row for row in ROWS if row.later], ids=named)
def test_what_a_row_puts_off_does_not_exist_yet(row: Row) -> None:
    known = {*RULES, *PROFILES, *(alias for rule in RULES.values() for alias in rule.aliases)}
    here = sorted(known & set(row.later))
    assert RULES
    assert not here, f"{named(row)} no longer waits for these: name them as expected, not as later"
