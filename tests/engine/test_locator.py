"""What a person sees of a line: the piece around a fault, and values written for a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlint.core.finding import Excerpt
from ftlint.core.json_spans import Span
from ftlint.core.text import UNSAFE, json_kind, sanitize, show
from ftlint.engine.locator import EXCERPT_RADIUS, excerpt
from tests.support.helpers import BOM

CHARACTERS = st.sampled_from("ab \té日😀\u0301\u2028")
TEXTS = st.text(CHARACTERS, max_size=30) | st.builds(
    lambda text, times: text * times,
    st.text(CHARACTERS, min_size=1, max_size=4),
    st.integers(1, 300),
)


def cut(text: str, start: int, end: int, *, mark: bytes = b"", after: str = "\n") -> Excerpt:
    """Cut the excerpt around the code points `start` to `end` of a line."""
    first, last = (len(mark) + len(text[:at].encode()) for at in (start, end))
    return excerpt(mark + (text + after).encode(), Span(first, last), len(mark))


@given(TEXTS, TEXTS, TEXTS, st.sampled_from([b"", BOM]), st.sampled_from(["", "\n", "\r\n"]))
def test_an_excerpt_is_a_piece_of_the_line_around_the_mark(
    before: str, marked: str, after: str, mark: bytes, end: str
) -> None:
    text = before + marked + after
    held = cut(text, len(before), len(before) + len(marked), mark=mark, after=end)
    shown = held.text[: held.start], held.text[held.start : held.end], held.text[held.end :]
    assert before.endswith(shown[0])
    assert len(shown[0]) == min(len(before), EXCERPT_RADIUS)
    assert marked.startswith(shown[1])
    assert len(shown[1]) >= min(len(marked), EXCERPT_RADIUS)
    assert held.text in text
    assert held.cut_before is (before != shown[0])
    assert held.cut_after is (marked + after != shown[1] + shown[2])


@pytest.mark.parametrize("length", [100, 240, 241, 500, 960, 961, 5000])
def test_a_long_mark_is_not_joined_with_what_stands_behind_it(length: int) -> None:
    held = cut("a" * length + "b" * 10, 0, length)
    assert held.text in "a" * length + "b" * 10
    assert held.start == 0
    assert held.cut_after is (len(held.text) < length + 10)


@pytest.mark.parametrize("character", ["a", "é", "日", "😀"])
@pytest.mark.parametrize("length", [119, 120, 121, 159, 160, 240])
def test_an_excerpt_ends_with_the_line(character: str, length: int) -> None:
    held = cut(character * length, 0, 0)
    assert held.text == character * min(length, EXCERPT_RADIUS)
    assert held.cut_after is (length > EXCERPT_RADIUS)
    held = cut(character * length, length, length)
    assert held.text == character * min(length, EXCERPT_RADIUS)
    assert held.cut_before is (length > EXCERPT_RADIUS)


@pytest.mark.parametrize(
    ("raw", "span", "start", "expected"),
    [
        (b"abc\n", Span(1, 2), 0, Excerpt("abc", 1, 2, cut_before=False, cut_after=False)),
        (b"abc\r\n", Span(3, 5), 0, Excerpt("abc", 3, 3, cut_before=False, cut_after=False)),
        (b"abc", Span(3, 3), 0, Excerpt("abc", 3, 3, cut_before=False, cut_after=False)),
        (BOM + b"abc\n", Span(3, 4), 3, Excerpt("abc", 0, 1, cut_before=False, cut_after=False)),
        (b"\n", Span(0, 1), 0, Excerpt("", 0, 0, cut_before=False, cut_after=False)),
        (b"a\xffb\n", Span(1, 2), 0, Excerpt("a\ufffdb", 1, 2, cut_before=False, cut_after=False)),
    ],
)
def test_excerpts_by_hand(raw: bytes, span: Span, start: int, expected: Excerpt) -> None:
    assert excerpt(raw, span, start) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        (
            "plain é 日 😀 e\u0301 👨\u200d👩 \u0645\u06cc\u200c\u062e",
            "plain é 日 😀 e\u0301 👨\u200d👩 \u0645\u06cc\u200c\u062e",
        ),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x00\x07\t\n\r\x7f", r"\x00\x07\x09\x0a\x0d\x7f"),
        ("\u0080\u009b\u009f\u00a0", "\\x80\\x9b\\x9f\u00a0"),
        (
            "\u202a\u202e\u2066\u2069\u200e\u200f\u061c",
            r"\u202a\u202e\u2066\u2069\u200e\u200f\u061c",
        ),
        ("\u2028\u2029\u0085", r"\u2028\u2029\x85"),
        ("\ufeff\u200b\u00ad\u2060", r"\ufeff\u200b\xad\u2060"),
        ("\ud800", r"\ud800"),
        (r"\x1b", r"\x1b"),
    ],
)
def test_sanitize(text: str, shown: str) -> None:
    assert sanitize(text) == shown


@given(st.text(st.characters()))
def test_what_is_sanitized_is_safe_and_encodes(text: str) -> None:
    shown = sanitize(text)
    assert UNSAFE.search(shown) is None
    assert sanitize(shown) == shown
    shown.encode()
    kept = "".join(character for character in text if not UNSAFE.match(character))
    assert UNSAFE.sub("", text) == kept


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "true"),
        (0, "0"),
        (-1.5, "-1.5"),
        (1.0, "1.0"),
        ("", '""'),
        ("a", '"a"'),
        ("a\n\x1b\u202e", r'"a\n\u001b\u202e"'),
        ('"\\', r'"\"\\"'),
        ("x" * 40, '"' + "x" * 40 + '"'),
        ("x" * 41, '"' + "x" * 39 + '…"'),
        ("日" * 1000, '"' + "日" * 39 + '…"'),
        ([], "an array"),
        ([1, 2], "an array"),
        ({}, "an object"),
        ({"a": 1}, "an object"),
    ],
)
def test_show(value: object, shown: str) -> None:
    assert show(value) == shown


def test_show_keeps_to_the_limit_it_is_given() -> None:
    assert show("abcdef", 6) == '"abcdef"'
    assert show("abcdefg", 6) == '"abcde…"'


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        (False, "false"),
        (1, "a number"),
        (1.0, "a number"),
        ("", "a string"),
        ([], "an array"),
        ({}, "an object"),
    ],
)
def test_json_kind(value: object, kind: str) -> None:
    assert json_kind(value) == kind
