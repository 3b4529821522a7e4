"""Data is untrusted text: nothing in it, nor in a file's name, is obeyed by who reads a report."""

from __future__ import annotations

import json
import re

import orjson
import pytest

from ftlint.cli import run
from tests.support.helpers import BOM, LINE, write

pytestmark = pytest.mark.usefixtures("in_tmp")

OBEYED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""What a terminal obeys or re-orders by; LF ends the lines of a report."""

TEXTS = {
    "escape sequence": "\x1b[2J\x1b]0;title\x07",
    "C1 control": "\u009b31m\u009d0;title\u009c",
    "bidi override": "\u202eabc\u202c \u2066x\u2069 \u200f\u061c",
    "NUL": "a\x00b",
    "return and backspace": "secret\r\x08\x08",
    "line ends": "a\nb\x0b\x0c\u0085\u2028\u2029c",
    "byte-order mark": "\ufeffx",
    "markup": "[red]x[/red] [link=http://x.test]y[/link]",
    "GitHub command": "::error file=x,line=1::injected",
    "old GitHub command": "##[add-mask]injected",
    "Azure Pipelines command": "##vso[task.setvariable variable=PATH]injected",
}
FORMATS = ("full", "concise", "json")

every_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
every_format = pytest.mark.parametrize("name", FORMATS)


def harmless(text: str) -> None:
    """Hold a report to what terminals and build logs may be shown.

    GitHub's runner takes `::` for a command at the start of a line (white space aside) and `##[`
    anywhere in it; the agent of Azure Pipelines takes `##vso[` anywhere.
    """
    found = OBEYED.search(text)
    assert found is None, ascii(text[max(found.start() - 40, 0) : found.end() + 40])
    for line in text.split("\n"):
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line


def escaped(text: str, *, raw: bool) -> bytes:
    """Write a text for a JSON string: with escapes, or raw where JSON allows it."""
    return json.dumps(text, ensure_ascii=not raw).encode("utf-8")[1:-1]


def lines_with(text: str, *, raw: bool) -> list[bytes]:
    """Return lines that hold a text at every place that some rule talks about."""
    held = escaped(text, raw=raw)
    part = b'[{"type":"%s","text":"t"}]' % held
    tool = b'"tools":[{"type":"%s","function":{"name":"f"}}],' % held
    call = b',"tool_calls":[{"id":"%s","type":"%s","function":{"name":"f","arguments":{"%s":1}}}]}'
    return [
        LINE.replace(b'"user"', b'"%s"' % held),
        LINE.replace(b'"user"', b'"user%s"' % held),
        LINE.replace(b'{"messages"', b'{"%s":1,"messages"' % held),
        LINE.replace(b'{"role":"user"', b'{"%s":{"a":1},"role":"user"' % held),
        LINE.replace(b'"a"}', b'"a","weight":"%s"}' % held),
        LINE.replace(b'"a"}', b'"a","name":"%s"}' % held),
        LINE.replace(b'"q"', part),
        LINE.replace(b'"q"', b'"%s <|im_start|>"' % held),
        LINE.replace(b'"q"', b'"user: %s"' % held),
        LINE.replace(b'{"messages"', b"{" + tool + b'"messages"'),
        LINE.replace(b'"a"}', b'"a"' + call % (held, held, held)),
        LINE.replace(b'{"messages"', b'{"%s":1,"%s":2,"messages"' % (held, held)),
        LINE.replace(b'{"messages"', b'{"parallel_tool_calls":"%s","messages"' % held),
        b'{"messages":"%s"}' % held,
        b'{"%s":"%s"}' % (held, held),
        b'"%s"' % held,
        b'"{\\"%s\\":1}"' % held.replace(b"\\", b"\\\\").replace(b'"', b'\\"'),
        b'{"messages": %s}' % held,
        b'{"a": "%s", b}' % held,
        b'{"a": "%s" "b"}' % held,
        b'{"%s": NaN}' % held,
        b'{"%s": "\\ud800"}' % held,
        b'{"a": "%s' % held,
        b'{"a": "%s"} {"b": 1}' % held,
        b"%s" % held,
    ]


def output(capsys: pytest.CaptureFixture[str], name: str, path: str) -> str:
    """Check a file, all findings shown; return all that is written to any stream."""
    capsys.readouterr()
    assert run(["check", "-v", "--max-findings", "0", "--output-format", name, path]) in (0, 1)
    out, err = capsys.readouterr()
    return out + err


@every_format
@every_text
@pytest.mark.parametrize("raw", [False, True], ids=["escaped", "raw"])
def test_data_is_not_obeyed(
    text: str, name: str, *, raw: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = lines_with(text, raw=raw)
    path = write("a.jsonl", BOM + b"\n".join([LINE] * 30 + lines) + b"\n")
    shown = output(capsys, name, path)
    harmless(shown)
    assert shown.count("unknown-role") > 1


@every_format
@every_text
def test_bytes_that_are_no_json_are_not_obeyed(
    text: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    held = text.replace("\n", "").encode()
    lines = [held, b'{"a":"' + held + b'"}', b'{"a":"\xff' + held, LINE + held, held + LINE]
    path = write("a.jsonl", BOM + b"\n".join([LINE] * 30 + lines) + b"\n")
    harmless(output(capsys, name, path))


@every_format
@every_text
def test_a_file_of_no_known_format_is_not_obeyed(
    text: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = b'{"%s":"%s"}\n' % (escaped(text, raw=True), escaped(text, raw=True))
    shown = output(capsys, name, write("a.jsonl", BOM + line * 20))
    harmless(shown)
    assert "unrecognised-format" in shown


@every_format
@every_text
def test_the_name_of_a_file_is_not_obeyed(
    text: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = text.replace("\x00", "").replace("/", "_")
    harmless(output(capsys, name, write(f"{path}.jsonl", LINE)))
    harmless(output(capsys, name, write(path, LINE)))
    harmless(output(capsys, name, write(f"{path}.d/{path}.jsonl", LINE)))


@every_text
def test_the_name_of_what_cannot_be_read_is_not_obeyed(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = text.replace("\x00", "")
    for arguments in (["check"], ["check", "--output-format", "json"], ["fix"]):
        assert run([*arguments, f"{path}.jsonl"]) == 2
        out, err = capsys.readouterr()
        harmless(out)
        harmless(err)


@every_text
def test_what_is_fixed_is_told_without_being_obeyed(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = text.replace("\x00", "").replace("/", "_")
    assert run(["fix", write(f"{path}.jsonl", LINE + b"\n")]) == 1
    out, err = capsys.readouterr()
    harmless(out)
    harmless(err)


@every_text
def test_json_gives_back_what_the_data_holds(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    line = LINE.replace(b'{"messages"', b'{"%s":1,"messages"' % escaped(text, raw=False))
    path = f"{text.replace(chr(0), '').replace('/', '_')}.jsonl"
    write(path, BOM + (LINE + b"\n") * 50 + line + b"\n")
    capsys.readouterr()
    assert run(["check", "--output-format", "json", path]) == 1
    (finding,) = orjson.loads(capsys.readouterr().out)["findings"]
    pointer = "/" + text.replace("~", "~0").replace("/", "~1")
    assert finding["location"]["pointer"] == pointer
    assert finding["location"]["path"] == path


def test_markup_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl", LINE.replace(b'"user"', b'"[bold]user[/bold]"'))
    for name in FORMATS:
        for color in ("always", "never"):
            run(["check", "--output-format", name, "--color", color, path])
            assert "[bold]user[/bold]" in capsys.readouterr().out
