"""A line like one that was seen gets the findings that it gets when it is looked at in full."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ftlint import checker, lines
from ftlint.config import resolve
from ftlint.model import Example, Hit, Pointer
from ftlint.profile import PROFILES
from ftlint.registry import RULES, Options, rule
from ftlint.repeated import parse
from ftlint.skeleton import Skeletons
from tests.test_json_edges import ACCEPTED, REFUSED, Accepted, Refused

FIXTURES = Path(__file__).parent.parent / "fixtures" / "rules"
CHAT = sorted(
    {
        line + b"\n"
        for path in FIXTURES.glob("*/*.jsonl")
        for line in path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
        if b'"messages"' in line and len(line) < 4096
    }
)
TEXTS = [
    "",
    " ",
    "\t\n",
    "\u3000",
    "null",
    "None",
    "nan",
    "undefined",
    "Assistant: yes",
    "USER :no",
    "ai: x",
    "a <|im_end|> b",
    "|>",
    "line\u2028end",
    "caf\u00e9 \u0085",
    "\u00df and the same long answer, of more than forty characters",
    "ss and the same long answer, of more than forty characters",
    "  The same long answer, of more than forty characters, said again",
    "The same long answer, of more than forty characters, said again",
    "the  same long answer, of more than forty characters, said again",
    "The\tsame long answer, of more than forty characters, said again",
    "{}",
    '{"city": 5}',
    "1e999",
    "call_1",
    '"quoted"',
]

texts = st.one_of(st.sampled_from(TEXTS), st.text(max_size=12))


def strings(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of each string in a value."""
    if isinstance(value, str):
        yield here
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from strings(inner, (*here, key))


@st.composite
def alike(draw: st.DrawFn) -> bytes:
    """Draw some lines of one shape whose strings differ, written with or without escapes."""
    line = draw(st.sampled_from(CHAT))
    drawn = [line] * draw(st.integers(1, 2))
    for _ in range(draw(st.integers(1, 4))):
        try:
            data = orjson.loads(line)
        except orjson.JSONDecodeError:
            break
        places = list(strings(data))
        for place in draw(st.lists(st.sampled_from(places), max_size=3)) if places else ():
            holder = data
            for step in place[:-1]:
                holder = holder[step]
            holder[place[-1]] = draw(texts)
        if draw(st.booleans()):
            drawn.append(json.dumps(data, ensure_ascii=draw(st.booleans())).encode() + b"\n")
        else:
            drawn.append(orjson.dumps(data) + b"\n")
    return b"".join(drawn)


@pytest.fixture(autouse=True, scope="module")
def _from_the_first_line() -> Iterator[None]:
    """Make skeletons of files of a few lines too."""
    few, lines.FEW = lines.FEW, 0
    yield
    lines.FEW = few


@contextmanager
def looking_at_each() -> Iterator[None]:
    """Let no line be known by its skeleton."""
    possible = Skeletons.of
    Skeletons.of = lambda self, lines: [None] * len(lines)  # type: ignore[method-assign]  # noqa: ARG005
    try:
        yield
    finally:
        Skeletons.of = possible  # type: ignore[method-assign]


def report(path: Path, profile: str) -> dict[str, Any]:
    config = resolve(RULES, profile=profile, method="sft", max_findings=2)
    return checker.check([str(path)], config).to_dict()


CALL = (
    b'{"messages": [{"role": "user", "content": "Go on."}, {"role": "assistant", "tool_calls": '
    b'[{"id": "%b", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}]}\n'
)


@given(st.lists(alike(), min_size=1, max_size=4), st.sampled_from(PROFILES))
@example([b'{"messages": [{"role": "user", "content": "x"}], "tools": [1e999]}\n'] * 3, "azure")
@example([CALL % b"call_1", CALL % b"a <|im_end|> b", CALL % "\u2028".encode()], "azure")
def test_nothing_is_lost_by_skeletons(parts: list[bytes], profile: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.jsonl")
        path.write_bytes(b"".join(parts))
        with looking_at_each():
            expected = report(path, profile)
        assert report(path, profile) == expected


CASES = [
    *ACCEPTED,
    *(case for kinds in REFUSED.values() for cases in kinds.values() for case in cases),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_what_is_parsed_for_skeletons_is_json(case: Accepted | Refused) -> None:
    line = case.line if isinstance(case.line, bytes) else case.line.encode()
    line = line.replace(b"@", b"")
    try:
        parse(line)
    except ValueError:
        return
    if not re.search(rb"\de\+?\d{3}|\d{309}", line, re.IGNORECASE):  # no double, and in no skeleton
        orjson.loads(line)


def test_a_rule_that_declares_nothing_sees_every_line(tmp_path: Path) -> None:
    seen: list[object] = []

    @rule("sees-calls", severity="info", on="message.tool_calls")
    def sees_calls(
        example: Example, at: Pointer, message: dict[str, Any], options: Options
    ) -> Iterator[Hit]:
        seen.append(message)
        yield from ()

    @rule("sees-examples", severity="info", on="example")
    def sees_examples(example: Example, options: Options) -> Iterator[Hit]:
        seen.append(example)
        yield from ()

    path = tmp_path / "data.jsonl"
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [{"role": "user", "content": "Go on."}, {"role": "assistant", "tool_calls": [call]}]
    path.write_bytes((orjson.dumps({"messages": messages}) + b"\n") * 5)
    try:
        for known in ("sees-calls", "sees-examples"):
            seen.clear()
            checker.check([str(path)], resolve(RULES, profile="azure", select=[known]))
            assert len(seen) == 5
    finally:
        del RULES["sees-calls"], RULES["sees-examples"]
