"""Places in a line, held against the standard library's json."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlint.core.json_spans import (
    Pointer,
    Span,
    Spans,
    duplicate_keys,
    long_strings,
    nesting_depth,
    value_end,
)
from ftlint.engine.locator import Columns

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\/{}[],:\t\n\x1b\u2028é日😀'),
    max_size=8,
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(-1e9, 1e9) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
SPACE = st.text(" \t\r\n", max_size=2)


def encoded(value: Any, draw: st.DataObject) -> str:
    """Write a value with white space and escapes anywhere."""
    space = draw.draw(SPACE), draw.draw(SPACE)
    return space[0] + _written(value, draw) + space[1]


def _written(value: Any, draw: st.DataObject) -> str:
    if isinstance(value, dict):
        members = [f"{encoded(key, draw)}:{encoded(held, draw)}" for key, held in value.items()]
        return "{" + (",".join(members) or draw.draw(SPACE)) + "}"
    if isinstance(value, list):
        return "[" + (",".join(encoded(held, draw) for held in value) or draw.draw(SPACE)) + "]"
    return json.dumps(value, ensure_ascii=draw.draw(st.booleans()))


def pointers(value: Any, here: Pointer = ()) -> Iterator[tuple[Pointer, Any]]:
    """Yield every pointer of a value, with what is there."""
    yield here, value
    if isinstance(value, dict):
        for key, held in value.items():
            yield from pointers(held, (*here, key))
    elif isinstance(value, list):
        for index, held in enumerate(value):
            yield from pointers(held, (*here, index))


def cut(raw: bytes, span: Span) -> bytes:
    return raw[span.start : span.end]


@given(VALUES, st.data())
def test_spans_hold_the_values_and_keys_of_all_pointers(value: Any, data: st.DataObject) -> None:
    raw = encoded(value, data).encode()
    places = list(pointers(value))
    spans = Spans(raw, [pointer for pointer, _ in places])
    for pointer, held in places:
        text = cut(raw, spans.value(pointer))
        assert text == text.strip()
        assert json.loads(text) == held
        if pointer and isinstance(pointer[-1], str):
            assert json.loads(cut(raw, spans.key(pointer))) == pointer[-1]
        else:
            assert spans.key(pointer) == spans.value(pointer)


@given(VALUES, st.data())
def test_spans_of_some_pointers_are_those_of_all(value: Any, data: st.DataObject) -> None:
    raw = encoded(value, data).encode()
    places = [pointer for pointer, _ in pointers(value)]
    known = Spans(raw, places)
    some = data.draw(st.lists(st.sampled_from(places), max_size=3))
    spans = Spans(raw, some)
    for pointer in some:
        assert spans.value(pointer) == known.value(pointer)
        assert spans.key(pointer) == known.key(pointer)


@pytest.mark.parametrize(
    ("raw", "pointer", "value", "key"),
    [
        ('{"a":1}', ("a",), "1", '"a"'),
        ('{"a":1}', (), '{"a":1}', '{"a":1}'),
        ('  {"a" :  "x" }  ', ("a",), '"x"', '"a"'),
        ('{"a":{"b":[1,{"c":"]}"}]}}', ("a", "b", 1, "c"), '"]}"', '"c"'),
        ('{"a":{"b":[1,{"c":"]}"}]}}', ("a", "b", 0), "1", "1"),
        ('{"\\u0061\\/\\"":[]}', ('a/"',), "[]", '"\\u0061\\/\\""'),
        ('{"":{"":2}}', ("", ""), "2", '""'),
        ('{"0":[5],"1":6}', ("0", 0), "5", "5"),
        ("[[[]]]", (0, 0), "[]", "[]"),
        ('{"é":"日","😀":-1.5e3}', ("😀",), "-1.5e3", '"😀"'),
        ('{"a":1,"a":[2],"b":3}', ("a",), "[2]", '"a"'),
        ('{"a":[1,2],"a":[3]}', ("a", 0), "3", "3"),
        ('{"a":{"x":1},"a":{"y":2}}', ("a", "y"), "2", '"y"'),
    ],
)
def test_spans_by_hand(raw: str, pointer: Pointer, value: str, key: str) -> None:
    line = raw.encode()
    spans = Spans(line, [pointer])
    assert cut(line, spans.value(pointer)).decode() == value
    assert cut(line, spans.key(pointer)).decode() == key


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        (("a", "b"), '{"c":1}'),
        (("a", "b", "d"), '{"c":1}'),
        (("x",), '{"a":{"c":1},"l":[0]}'),
        (("l", 5), "[0]"),
        (("l", "k"), "[0]"),
        (("l", 0, "k"), "0"),
    ],
)
def test_a_place_that_is_not_there_is_the_nearest_around_it(pointer: Pointer, value: str) -> None:
    raw = b'{"a":{"c":1},"l":[0]}'
    assert cut(raw, Spans(raw, [pointer]).value(pointer)).decode() == value


def test_the_last_of_equal_keys_counts() -> None:
    raw = b'{"a":1,"a":2,"\\u0061":3}'
    spans = Spans(raw, [("a",)])
    assert cut(raw, spans.value(("a",))) == b"3"
    assert cut(raw, spans.key(("a",))) == b'"\\u0061"'


def test_a_place_in_the_last_of_equal_keys_is_not_sought_in_the_first() -> None:
    raw = b'{"a":{"x":1,"z":{"k":2}},"a":{"y":3}}'
    assert cut(raw, Spans(raw, [("a", "x")]).value(("a", "x"))) == b'{"y":3}'


TEXT_LINES = st.text(st.sampled_from("ab\té日😀\u0301\ufeff\u2028"), max_size=40)


@given(TEXT_LINES, st.data(), st.booleans())
def test_columns_count_code_points(text: str, data: st.DataObject, mark: bool) -> None:
    start = 3 if mark else 0
    raw = b"\xef\xbb\xbf" * mark + text.encode()
    places = [start + len(text[:at].encode()) for at in range(len(text) + 1)]
    columns = Columns(raw, start)
    for offset in data.draw(st.lists(st.sampled_from(places))):
        assert columns.column(offset) == len(raw[start:offset].decode()) + 1


@pytest.mark.parametrize(
    ("raw", "start", "offset", "column"),
    [
        (b"abc", 0, 0, 1),
        (b"abc", 0, 3, 4),
        (b"\xef\xbb\xbfabc", 3, 3, 1),
        (b"\xef\xbb\xbfabc", 3, 0, 1),
        (b"\xef\xbb\xbfabc", 3, 5, 3),
        ("é日😀x".encode(), 0, 9, 4),
        (b"\xffa", 0, 1, 2),
        (b"a\xff\xfeb", 0, 3, 4),
        (b"\xe2\x82a", 0, 2, 2),
        (b"\xf0\x9f\x98a", 0, 3, 2),
    ],
)
def test_columns_by_hand(raw: bytes, start: int, offset: int, column: int) -> None:
    assert Columns(raw, start).column(offset) == column


def repeated(raw: bytes) -> list[tuple[Pointer, str, str]]:
    return [
        (pointer, cut(raw, first).decode(), cut(raw, again).decode())
        for pointer, first, again in duplicate_keys(raw)
    ]


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"{}", []),
        (b"1", []),
        (b'{"a":{"a":{"a":1}}}', []),
        (b'[{"a":1},{"a":2}]', []),
        (b'{"a":"a","b":"a"}', []),
        (b'{"a":1,"a":2}', [(("a",), '"a"', '"a"')]),
        (b'{"a":1,"\\u0061":2}', [(("a",), '"a"', '"\\u0061"')]),
        (b'{"a":1,"a":2,"a":3}', [(("a",), '"a"', '"a"')] * 2),
        (b'[0,{"x":[{"k":1,"k":[]}]}]', [((1, "x", 0, "k"), '"k"', '"k"')]),
        (b'{"a":{"b":1,"b":2},"a":3}', [(("a", "b"), '"b"', '"b"'), (("a",), '"a"', '"a"')]),
        (b'{"":1," ":2,"":3}', [(("",), '""', '""')]),
    ],
)
def test_duplicate_keys_by_hand(raw: bytes, found: list[tuple[Pointer, str, str]]) -> None:
    assert repeated(raw) == found


@given(st.data())
def test_duplicate_keys_are_those_that_a_parser_drops(data: st.DataObject) -> None:
    dropped: list[str] = []

    def written(depth: int) -> str:
        if depth and data.draw(st.booleans()):
            if data.draw(st.booleans()):
                return "[" + ",".join(written(depth - 1) for _ in range(2)) + "]"
            keys = data.draw(st.lists(st.sampled_from(["a", "b", "\\u0061", "é"]), max_size=4))
            return "{" + ",".join(f'"{key}" : {written(depth - 1)}' for key in keys) + "}"
        return '"a"'

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for key, value in pairs:
            dropped.extend([key] * (key in seen))
            seen[key] = value
        return seen

    raw = written(3).encode()
    json.loads(raw, object_pairs_hook=note)
    again = [json.loads(second) for _, _, second in repeated(raw)]
    assert sorted(again) == sorted(dropped)


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(VALUES, st.data())
def test_nesting_depth(value: Any, data: st.DataObject) -> None:
    raw = encoded(value, data).encode()
    depth, at = nesting_depth(raw)
    assert depth == depth_of(value)
    if depth:
        assert raw[at : at + 1] in (b"{", b"[")
        assert nesting_depth(raw[:at])[0] == depth - 1


@pytest.mark.parametrize(
    ("raw", "depth", "at"),
    [
        (b"[" * 5000, 5000, 4999),
        (b'{"a":[{"b":1}],"c":[[[]]]}', 4, 21),
        (b'"[[[["', 0, 0),
        (b"[[]]]]]]][", 2, 1),
        (b"", 0, 0),
    ],
)
def test_nesting_depth_by_hand(raw: bytes, depth: int, at: int) -> None:
    assert nesting_depth(raw) == (depth, at)


@given(VALUES, st.data(), st.sampled_from([b"", b" ", b"{}", b" [1]", b'"x"', b", 1", b"\n{"]))
def test_value_end(value: Any, data: st.DataObject, more: bytes) -> None:
    raw = encoded(value, data).strip(" \t\r\n").encode()
    glued = not isinstance(value, str | dict | list) and more[:1].strip(b' ,\n{["') != b""
    assert glued or value_end(raw + more) == len(raw)


@pytest.mark.parametrize(
    ("raw", "end"),
    [
        (b"", -1),
        (b"  ", -1),
        (b"{", -1),
        (b'{"a":[1,2}', -1),
        (b"[[1]", -1),
        (b"{} {}", 2),
        (b" [1] ", 4),
        (b'"a" "b"', 3),
        (b"1 2", 1),
        (b'{"a":"}"}x', 9),
    ],
)
def test_value_end_by_hand(raw: bytes, end: int) -> None:
    assert value_end(raw) == end


@given(VALUES, st.data(), st.integers(0, 8))
def test_long_strings_are_found_with_their_places(
    value: Any, data: st.DataObject, longer: int
) -> None:
    raw = encoded(value, data).encode()
    found = list(long_strings(raw, longer))
    for text, start, end in found:
        assert json.loads(raw[start:end]) == text
        assert len(text) > longer
    known = [pointer[-1] for pointer, _ in pointers(value) if pointer] + [
        held for _, held in pointers(value)
    ]
    expected = [text for text in known if isinstance(text, str) and len(text) > longer]
    assert sorted(text for text, _, _ in found) == sorted(expected)
