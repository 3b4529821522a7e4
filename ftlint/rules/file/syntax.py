"""Rules on JSON Lines: one JSON object per line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

from ftlint.core.edits import Edit, Fix
from ftlint.core.finding import Hit, Related
from ftlint.core.json_spans import Span, duplicate_keys, long_strings, nesting_depth, value_end
from ftlint.core.limits import LINE_VALUES
from ftlint.core.rule import Options
from ftlint.core.text import json_kind, plain, show
from ftlint.inputs.filetype import parses
from ftlint.inputs.probe import Probe
from ftlint.rules.context import Line
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

_SURROGATE = r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
_NON_FINITE = r"[-+]?(?:NaN|Infinity|nan|inf(?:inity)?)\b"
_TOO_GREAT = r"-?\d[\d.eE+-]*"
_DEPTH = 1024
"""Brackets that orjson follows (its documentation, and measured with 3.13)."""


@rule("json-array-file", severity="error", on=Event.FILE, tags=["syntax"])
def json_array_file(probe: Probe, options: Options) -> Iterator[Hit]:
    """A file is JSON Lines, not one JSON array.

    OpenAI's upload answers an array with "Expected file to have JSONL format, where every line
    is a valid JSON dictionary".
    """
    if probe.kind == "json-array":
        yield Hit(
            None,
            "the file is one JSON array, expected one object on each line",
            help="write each element on a line of its own, without brackets and commas, "
            "as with: jq -c '.[]'",
        )


@rule("pretty-printed-json", severity="error", on=Event.FILE, tags=["syntax"])
def pretty_printed_json(probe: Probe, options: Options) -> Iterator[Hit]:
    """Each object stands on one line.

    The hint `{` in OpenAI's "Line 1 is not a dictionary (HINT: line starts with ...)" is what an
    indented file looks like to a reader of lines.
    """
    if probe.kind == "pretty-printed":
        yield Hit(
            None,
            "the objects of this file span lines, expected one object on each line",
            help="write them without line breaks, as with: jq -c .",
        )


@rule("blank-line", severity="warning", on=Event.BLANK_LINE, tags=["syntax"], fixable=True)
def blank_line(line: Line, options: Options) -> Iterator[Hit]:
    """No line is blank.

    Together's client parses every line and fails on a blank one; what Azure and OpenAI do is
    not documented.

    The fix removes the line; it is safe.
    """
    span = Span(line.start, len(line.raw))
    what = "this line holds only white space" if line.body else "this line is empty"
    yield Hit(None, what, fix=Fix("remove the line", safe=True, edits=(Edit(span, b""),)))


@rule("line-too-long", severity="error", on=Event.OVERLONG_LINE, tags=["syntax"],
      options={"maximum": int})  # fmt: skip
def line_too_long(line: Line, length: int, options: Options) -> Iterator[Hit]:
    """A line is short enough, and has few enough values, to be held in memory.

    The caps are ftlint's own, so that memory is bounded for any input; they lie far above what an
    example can hold. The line is not looked at any further.
    """
    what = f"is {length:,} bytes long, over the cap of {options['maximum']:,}"
    if length <= options["maximum"]:
        what = f"holds over {LINE_VALUES:,} values"
    yield Hit(
        None,
        f"the line {what}; not checked",
        help="a line end may be missing, or the file may be no JSON Lines",
    )


@rule("double-encoded-line", severity="error", on=Event.LINE_VALUE, tags=["syntax"])
def double_encoded_line(line: Line, value: Any, options: Options) -> Iterator[Hit]:
    """A line is a JSON object, not a string that holds one.

    It comes from encoding twice, such as `json.dumps(json.dumps(example))`. An inference: the
    services want a dictionary on every line.
    """
    if isinstance(value, str):
        try:
            held = orjson.loads(value)
        except orjson.JSONDecodeError:
            return
        if isinstance(held, dict):
            help_ = "encode it once: json.dumps(example), not json.dumps(json.dumps(example))"
            yield Hit((), "the line is a string that holds a JSON object", help=help_)


@rule("line-not-object", severity="error", on=Event.LINE_VALUE, tags=["syntax"])
def line_not_object(line: Line, value: Any, options: Options) -> Iterator[Hit]:
    """A line is a JSON object.

    OpenAI: "every line is a JSON dictionary. Line 1 is not a dictionary".
    """
    yield Hit((), f"the line is {json_kind(value)}, expected a JSON object")


@rule("lone-surrogate", severity="error", on=Event.REFUSED_LINE, tags=["syntax"])
def lone_surrogate(line: Line, options: Options) -> Iterator[Hit]:
    r"""Escapes for surrogates come in pairs.

    A lone `\ud83d` stands for no character: it cannot be written as UTF-8 (RFC 8259, section
    8.2). It is left by cutting a text in the middle of an emoji.
    """
    match = re.compile(_SURROGATE).match(line.text, line.error.pos)
    if match and "surrogate" in line.error.msg:
        at = line.byte(match.start())
        yield Hit(
            None,
            f"{match[0]} is half of a character; the other half is missing",
            help="cut texts between characters, not between UTF-16 units",
            span=Span(at, at + len(match[0])),
        )


@rule("non-finite-number", severity="error", on=Event.REFUSED_LINE, tags=["syntax"])
def non_finite_number(line: Line, options: Options) -> Iterator[Hit]:
    """Numbers are finite.

    Python's `json` and pandas write NaN and Infinity, which JSON does not have (RFC 8259,
    section 6); `1e999` is read as infinity.
    """
    text, at = line.text, line.error.pos
    if text[at - 1 : at] in ("-", "+"):
        at -= 1
    pattern = _TOO_GREAT if "infinity" in line.error.msg else _NON_FINITE
    match = re.compile(pattern).match(text, at)
    if match:
        first = line.byte(at)
        what = "is read as infinity" if pattern is _TOO_GREAT else "is no number in JSON"
        yield Hit(
            None,
            f"{plain(match[0])} {what}",
            help="write null, or leave the key out",
            span=Span(first, first + len(match[0])),
        )


@rule("multiple-objects-per-line", severity="error", on=Event.REFUSED_LINE, tags=["syntax"])
def multiple_objects_per_line(line: Line, options: Options) -> Iterator[Hit]:
    """A line holds one object.

    Two of them come from a missing line end, as after `cat` of a file whose last line has none.
    """
    if "after document" not in line.error.msg:
        return
    first = value_end(line.body)
    rest = line.body[max(first, 0) :].lstrip(b" \t\r,")
    both = line.body.lstrip().startswith(b"{") and rest.startswith(b"{")
    if first > 0 and both and parses(line.body[:first]):
        at = line.end - len(rest)
        yield Hit(
            None,
            "another object starts on the same line",
            help="put it on a line of its own",
            span=Span(at, at + 1),
        )


@rule("excessive-nesting", severity="warning", on=(Event.REFUSED_LINE, Event.NESTED_LINE),
      tags=["syntax"], cases={"refused": "error"}, options={"maximum": int})  # fmt: skip
def excessive_nesting(line: Line, options: Options) -> Iterator[Hit]:
    """Values are not nested too deeply.

    Nothing that a service takes is nested a hundred deep; beyond 1,024 brackets (`refused`)
    ftlint's own parser gives up. The limits are inferences, no service documents one.
    """
    if line.refused and "depth" not in line.error.msg:
        return
    depth, at = nesting_depth(line.body)
    span = Span(line.start + at, line.start + at + 1)
    if depth > _DEPTH:
        message = f"nested {depth:,} deep; parsers give up at {_DEPTH:,}"
        yield Hit(None, message, span=span, case="refused")
    elif depth > options["maximum"] and not line.refused:
        yield Hit(None, f"nested {depth:,} deep, over {options['maximum']:,}", span=span)


@rule("invalid-json", severity="error", on=Event.REFUSED_LINE, tags=["syntax"])
def invalid_json(line: Line, options: Options) -> Iterator[Hit]:
    """A line is one JSON text (RFC 8259).

    orjson judges, which is as strict as the RFC. The services say of such a line "Example 1273
    cannot be parsed. Error: line contains invalid json: Expecting ',' delimiter: line 1 column
    79" (OpenAI), or "Error parsing json payload. Unexpected format on line 1273." (Together).
    """
    if line.brief:
        yield Hit(None, "the line is not JSON")
        return
    from ftlint.formats.json_errors import diagnose  # noqa: PLC0415 - words for what is refused

    hint = diagnose(line.text, line.error.pos, line.error.msg)
    span = Span(line.byte(hint.pos), line.byte(hint.pos + hint.length))
    yield Hit(None, hint.message, help=hint.help, span=span)


@rule("duplicate-key", severity="warning", on=Event.REPEATED_KEY, tags=["syntax"])
def duplicate_key(line: Line, options: Options) -> Iterator[Hit]:
    """A key stands once in an object.

    Parsers keep the last one and drop the others without a word, so data is lost. RFC 8259,
    section 4: "names within an object SHOULD be unique".
    """
    for pointer, first, again in duplicate_keys(line.body):
        shift = line.start
        yield Hit(
            pointer,
            f"key {show(pointer[-1])} stands twice in this object; parsers keep the last",
            span=Span(again.start + shift, again.end + shift),
            related=(Related("first here", pointer, Span(first.start + shift, first.end + shift)),),
        )


@rule("long-string", severity="warning", on=Event.LONG_LINE, tags=["syntax"],
      options={"maximum": int})  # fmt: skip
def long_string(line: Line, options: Options) -> Iterator[Hit]:
    """A string is not longer than a message may be.

    Azure's quotas name 1,048,576 characters for a message in chat. Data URIs are left out, they
    have limits of their own.
    """
    for text, start, end in long_strings(line.body, options["maximum"]):
        if not text.startswith("data:"):
            yield Hit(
                None,
                f"a string of {len(text):,} characters, over {options['maximum']:,}",
                span=Span(line.start + start, line.start + end),
            )
