"""Edits of JSON values: what an edit does not touch is the same bytes as before."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlint.cli import run
from ftlint.core import edits
from ftlint.core.edits import (
    Change,
    DropKey,
    Edit,
    QuoteValue,
    Selection,
    SetValue,
    apply,
    resolve,
)
from ftlint.core.json_spans import Pointer, Span, Spans
from tests.support.helpers import BOM, GOOD, LINE, read, write

ROUNDS = 10
TOOLS = '"tools":[{"type":"function","function":{"name":"f","description":"d"}}]'


def edited(raw: bytes, *changes: Change) -> bytes:
    return apply(raw, resolve(raw, 0, changes))


def drop(raw: bytes, *keys: str) -> bytes:
    """Drop keys of an object, as often as it takes for edits that touch each other."""
    for _ in range(ROUNDS):
        left = [DropKey((key,)) for key in keys if key in json.loads(raw)]
        raw = edited(raw, *left)
    return raw


@pytest.mark.parametrize(
    ("raw", "keys", "expected"),
    [
        ('{"a":1}', "a", "{}"),
        ('{ "a" : 1 }', "a", "{  }"),
        ('{"a":1,"b":2}', "a", '{"b":2}'),
        ('{"a":1,"b":2}', "b", '{"a":1}'),
        ('{"a":1,"b":2}', "ab", "{}"),
        ('{"a":1,"b":2,"c":3}', "b", '{"a":1,"c":3}'),
        ('{"a":1,"b":2,"c":3}', "ab", '{"c":3}'),
        ('{"a":1,"b":2,"c":3}', "bc", '{"a":1}'),
        ('{"a":1,"b":2,"c":3}', "ac", '{"b":2}'),
        ('{"a":1,"b":2,"c":3}', "abc", "{}"),
        ('{"a":1,"b":2,"c":3,"d":4,"e":5}', "bd", '{"a":1,"c":3,"e":5}'),
        ('{"a":1,"b":2,"c":3,"d":4,"e":5}', "bcde", '{"a":1}'),
        ('{ "a" : 1 , "b" : 2 , "c" : 3 }', "a", '{ "b" : 2 , "c" : 3 }'),
        ('{ "a" : 1 , "b" : 2 , "c" : 3 }', "b", '{ "a" : 1 , "c" : 3 }'),
        ('{ "a" : 1 , "b" : 2 , "c" : 3 }', "c", '{ "a" : 1 , "b" : 2  }'),
        ('{"a":{"b":[1,{"c":",}"}]},"d":"x"}', "a", '{"d":"x"}'),
        ('{"a":"}],\\"","b":1.0}', "a", '{"b":1.0}'),
        ('{"d":1.50e1,"a":[],"e":"\\u00e9\\/"}', "a", '{"d":1.50e1,"e":"\\u00e9\\/"}'),
        ('{"\\u0061":1,"b":2}', "a", '{"b":2}'),
        ('{"a":"é日😀","b":"é日😀"}', "a", '{"b":"é日😀"}'),
    ],
)
def test_keys_are_dropped_with_one_comma(raw: str, keys: str, expected: str) -> None:
    assert drop(raw.encode(), *keys) == expected.encode()


@pytest.mark.parametrize(
    ("raw", "pointer", "expected"),
    [
        ('{"a":{"b":1}}', ("a", "b"), '{"a":{}}'),
        ('[{"a":1},{"a":2,"b":3}]', (1, "a"), '[{"a":1},{"b":3}]'),
        ('{"a":[0,{"b":1,"c":[{"d":2}]}]}', ("a", 1, "c", 0, "d"), '{"a":[0,{"b":1,"c":[{}]}]}'),
        ('{"b":1,"a":{"b":2,"a":3}}', ("a", "b"), '{"b":1,"a":{"a":3}}'),
        ('{"a/b~":{"":1,"x":2}}', ("a/b~", ""), '{"a/b~":{"x":2}}'),
    ],
)
def test_keys_are_dropped_at_any_depth(raw: str, pointer: Pointer, expected: str) -> None:
    assert edited(raw.encode(), DropKey(pointer)) == expected.encode()


@pytest.mark.parametrize(
    ("raw", "pointer", "value", "expected"),
    [
        ('{"a":1}', ("a",), 0, '{"a":0}'),
        ('{ "a" : true , "b" : 1.0 }', ("a",), 1, '{ "a" : 1 , "b" : 1.0 }'),
        ('{"a":"x","b":"x"}', ("b",), "y", '{"a":"x","b":"y"}'),
        ('{"a":[1, 2 ,3]}', ("a", 1), None, '{"a":[1, null ,3]}'),
        ('{"a":{"b":[]}}', ("a",), "é", '{"a":"é"}'),
        ('{"a":"é"}', ("a",), {"url": "é"}, '{"a":{"url":"é"}}'),
        ("[[],[[]]]", (1, 0), 7, "[[],[7]]"),
        (' {"a":1} ', (), 0, " 0 "),
    ],
)
def test_values_are_set(raw: str, pointer: Pointer, value: Any, expected: str) -> None:
    assert edited(raw.encode(), SetValue(pointer, value)) == expected.encode()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('{"a":{"b": 1.0}}', r'{"a":"{\"b\": 1.0}"}'),
        ('{"a" : [ "\\u00e9/" ] }', r'{"a" : "[ \"\\u00e9/\" ]" }'),
        ('{"a":{}}', '{"a":"{}"}'),
        ('{"a":{"é":"😀"}}', r'{"a":"{\"é\":\"😀\"}"}'),
    ],
)
def test_values_are_quoted_as_they_stand(raw: str, expected: str) -> None:
    after = edited(raw.encode(), QuoteValue(("a",)))
    assert after == expected.encode()
    assert json.loads(json.loads(after)["a"]) == json.loads(raw)["a"]


def test_edits_of_one_line_go_together() -> None:
    raw = b'{"x":0,"a":[{"w":true,"n":null},{"w":"1"}],"y":0}'
    changes: list[Change] = [
        SetValue(("a", 1, "w"), 1),
        DropKey(("x",)),
        DropKey(("a", 0, "n")),
        SetValue(("a", 0, "w"), 1),
        DropKey(("y",)),
    ]
    assert edited(raw, *changes) == b'{"a":[{"w":1},{"w":1}]}'


def test_edits_count_from_where_the_json_starts() -> None:
    raw = BOM + b'{"a":1,"b":2}'
    edits = resolve(raw, len(BOM), [DropKey(("a",)), SetValue(("b",), 3)])
    assert apply(raw, edits) == BOM + b'{"b":3}'


def test_of_two_edits_that_overlap_the_first_is_made() -> None:
    edits = [Edit(Span(2, 5), b"Y"), Edit(Span(1, 3), b"X"), Edit(Span(3, 3), b"Z")]
    assert apply(b"012345", edits) == b"0XZ345"
    assert apply(b"01", [Edit(Span(2, 2), b"\n"), Edit(Span(0, 0), BOM)]) == BOM + b"01\n"


NAMES = ("a", "b", "\u00e9", 'q"', "\\", "", "😀")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3) | st.just(1.0),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from(NAMES), PLAIN, min_size=1),
    st.sets(st.sampled_from(NAMES)),
    st.booleans(),
    st.sampled_from([(",", ":"), (" , ", " : "), (",\t", ": ")]),
)
def test_dropping_any_keys_leaves_the_others(
    value: dict[str, Any], gone: set[str], ascii_only: bool, separators: tuple[str, str]
) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only, separators=separators).encode()
    left = {key: held for key, held in value.items() if key not in gone}
    after = json.loads(drop(raw, *gone))
    assert after == left
    assert list(after) == list(left)


@given(st.dictionaries(st.sampled_from(NAMES), PLAIN, min_size=1), PLAIN, st.data())
def test_setting_any_value_leaves_the_others(
    value: dict[str, Any], new: Any, data: st.DataObject
) -> None:
    expected: Any = copy.deepcopy(value)
    pointer, here = [], expected
    while True:
        step = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else [0]))
        pointer.append(step)
        if not here[step] or not isinstance(here[step], dict | list) or data.draw(st.booleans()):
            here[step] = new
            break
        here = here[step]
    assert json.loads(edited(json.dumps(value).encode(), SetValue(tuple(pointer), new))) == expected


def fixed(line: bytes, *arguments: str) -> bytes:
    """Fix a line at the end of a good file, and return what it has become."""
    path = write("a.jsonl", GOOD + line + b"\n")
    run(["fix", "--unsafe-fixes", *arguments, path])
    data = read(path)
    assert data.startswith(GOOD)
    return data.removeprefix(GOOD).removesuffix(b"\n")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"id":1,%}', "{%}"),
        ('{%,"id":1}', "{%}"),
        ('{"x":1,%,"y":{"messages":[]},"z":[1.0]}', "{%}"),
        ('{ "x" : 1 , % , "y" : "," }', "{ %  }"),
        (
            f'{{"x":1,{TOOLS},"parallel_tool_calls":"true",%}}',
            f'{{{TOOLS},"parallel_tool_calls":true,%}}',
        ),
    ],
)
def test_extra_keys_of_an_example(line: str, expected: str, in_tmp: object) -> None:
    held = LINE[1:-1].decode()
    assert fixed(line.replace("%", held).encode()) == expected.replace("%", held).encode()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('{"role":"assistant","content":"a","weight":true}', '"content":"a","weight":1}'),
        ('{"role":"assistant","content":"a","weight":"0" }', '"content":"a","weight":0 }'),
        ('{"role":"assistant","weight": 1.0,"content":"a"}', '"weight": 1,"content":"a"}'),
        ('{"role":"assistant","content":"a","weight":null}', '"content":"a"}'),
        ('{"role":"Assistant","content":"a" , "x":1.0}', '"content":"a" }'),
        ('{"role":"gpt","id":2,"content":"1.0 \\u00e9 \\/"}', '"content":"1.0 \\u00e9 \\/"}'),
        ('{"role":"assistant","content":"a","tool_calls":[] }', '"content":"a" }'),
    ],
)
def test_values_of_a_message(message: str, expected: str, in_tmp: object) -> None:
    before, _, after = LINE.decode().partition('{"role":"assistant","content":"a"}')
    line = fixed(f"{before}{message}{after}".encode()).decode()
    assert line == f'{before}{{"role":"assistant",{expected}{after}'


@pytest.mark.parametrize(
    ("message", "key"),
    [
        ('{"role":"assistant","content":"a","weight":0,"weight":null}', "weight"),
        ('{"role":"user","content":"a","weight":0,"weight":1}', "weight"),
        ('{"role":"user","content":"a","name":"n","name":null}', "name"),
        ('{"role":"user","content":"a","x":1,"x":2}', "x"),
    ],
)
def test_dropping_a_repeated_key_does_not_bring_an_older_value_back(
    message: str, key: str, in_tmp: object
) -> None:
    line = LINE.replace(b"[", b"[" + message.encode() + b",")
    kept = json.loads(fixed(line))["messages"][0]
    assert key not in kept or kept == json.loads(line)["messages"][0]


def share_bytes(one: Edit, other: Edit) -> bool:
    return one.span.start < other.span.end and other.span.start < one.span.end


places = st.tuples(st.integers(0, 12), st.integers(0, 4)).map(lambda at: Span(at[0], sum(at)))


@given(st.lists(st.lists(places.map(lambda span: Edit(span, b"x")), min_size=1, max_size=3)))
def test_edits_that_share_bytes_with_those_before_wait(fixes: list[list[Edit]]) -> None:
    chosen = Selection(bytes(16))
    for fix in fixes:
        before = list(chosen.edits)
        free = not any(share_bytes(edit, other) for edit in fix for other in before)
        assert chosen.add(fix) == free
        assert chosen.edits == [*before, *(fix if free else [])]


def test_a_line_is_read_once_for_all_its_fixes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = []

    def counted(raw: bytes, pointers: list[Pointer]) -> Spans:
        lines.append(raw)
        return Spans(raw, pointers)

    monkeypatch.setattr(edits, "Spans", counted)
    messages = b",".join([b'{"role":"user","content":"q","x":1}'] * 300)
    path = write(tmp_path / "a.jsonl", b'{"messages":[%s]}' % messages)
    run(["fix", "--unsafe-fixes", path])
    assert b'"x"' not in read(path)
    assert len(lines) == len(set(lines))
