"""What holds for any input: nothing raises, two engines agree on shape, fixing twice is once."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import ftlint
from ftlint.config.config import resolve
from ftlint.config.profile import PROFILES
from ftlint.core.errors import FtlintError
from ftlint.core.rule import RULES
from ftlint.engine.fixer import fix_file
from ftlint.formats.data_format import FORMATS
from ftlint.formats.schema import FormatValidator, load, rules_named
from ftlint.rules.events import Event

GOOD: dict[str, Any] = {
    "messages": [
        {"role": "system", "content": "You answer about orders.", "name": "shop"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Where is it? 日本 🚚"},
                {
                    "type": "image_url",
                    "image_url": {"url": "https://x.test/a.png", "detail": "low"},
                },
            ],
        },
        {
            "role": "assistant",
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "on its way"},
        {"role": "assistant", "content": "It is on its way.", "weight": 1},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "parallel_tool_calls": True,
}

PAIR: dict[str, Any] = {
    "input": {key: value for key, value in GOOD.items() if key != "messages"},
    "preferred_output": [{"role": "assistant", "content": "It is on its way."}],
    "non_preferred_output": [{"role": "assistant", "content": "Who knows?"}],
}
PAIR["input"]["messages"] = GOOD["messages"][:-1]
SOUND = {"chat": GOOD, "preference": PAIR, "completion": {"prompt": "q ->", "completion": " a"}}

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["system", "user", "assistant", "tool", "developer", "text", "null", "0", ""]),
)
KEYS = ["messages", "role", "content", "type", "text", "weight", "name", "tool_calls", "tools"]
KEYS += ["id", "function", "image_url", "url", "function_call", "arguments", "refusal", "prompt"]
KEYS += ["input", "preferred_output", "preferred_completion", "completion", "parallel_tool_calls"]
keys = st.sampled_from([*KEYS, "x", "", "0", "00"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=20,
)


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside a value."""
    found = [here] if here else []
    steps: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        steps = value.items()
    elif isinstance(value, list):
        steps = enumerate(value)
    for step, inner in steps:
        found += places(inner, (*here, step))
    return found


@st.composite
def mutated(draw: st.DrawFn, good: dict[str, Any] = GOOD) -> dict[str, Any]:
    """Return a good example with some values replaced, removed or added."""
    data = copy.deepcopy(good)
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(places(data)))
        parent: Any = data
        for step in path[:-1]:
            parent = parent[step]
        action = draw(st.sampled_from(["replace", "remove", "add"]))
        if action == "replace":
            parent[path[-1]] = draw(values)
        elif action == "remove":
            del parent[path[-1]]
        elif isinstance(parent, dict):
            parent[draw(keys)] = draw(values)
        else:
            parent.append(draw(values))
        if not data:
            break
    return data


def check(data: bytes, **choices: Any) -> ftlint.Report:
    """Check bytes; nothing may keep ftlint from a verdict."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data.jsonl"
        file.write_bytes(data)
        report = ftlint.check(file, **choices)
    assert not report.errors
    lines = data.split(b"\n")
    for finding in report.findings:
        where = finding.location
        assert 1 <= where.line <= max(len(lines), 1)
        assert 0 <= where.byte_offset <= len(data)
    return report


@given(st.binary(max_size=300), st.sampled_from(PROFILES))
@example(b"\xef\xbb\xbf" * 3, "azure")
@example(b"\x00", "azure")
@example(b"{", "openai")
@example(b"[" * 5000, "azure")
@example(b'{"a":' * 3000 + b"1" + b"}" * 3000, "azure")
@example(b'"\\ud83d"\n', "azure")
def test_no_bytes_raise(data: bytes, profile: str) -> None:
    check(data, profile=profile, max_findings=0)


FRAGMENTS = [b'{"messages":', b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\", b"\\u12", b"\\ud83d"]
FRAGMENTS += [
    b"NaN",
    b"True",
    b"'",
    b"//",
    b"1",
    b"-",
    b".5",
    b"e",
    b" ",
    b"\n",
    b"\r",
    b"\t",
    b"\x00",
]
FRAGMENTS += [
    b"\xef\xbb\xbf",
    "é".encode(),
    "“".encode(),
    b"\xe9",
    b"null",
    b'"role"',
    b"\xe2\x80\xa8",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(b"".join))
def test_no_near_json_raises(data: bytes) -> None:
    check(data, max_findings=0)


@given(st.lists(values, max_size=4))
def test_no_json_raises(lines: list[Any]) -> None:
    check(b"\n".join(map(orjson.dumps, lines)), max_findings=0)


@given(st.sampled_from(list(SOUND.values())).flatmap(mutated), st.sampled_from(PROFILES))
def test_no_mutated_example_raises(data: dict[str, Any], profile: str) -> None:
    report = check(orjson.dumps(data) + b"\n", profile=profile, max_findings=0)
    for finding in report.findings:
        pointer = finding.location.pointer
        if pointer:
            found: Any = data
            for step in pointer.split("/")[1:]:
                name = step.replace("~1", "/").replace("~0", "~")
                found = found[int(name)] if isinstance(found, list) else found[name]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", SOUND)
@given(draw=st.data())
def test_both_engines_agree_on_shape(profile: str, name: str, draw: st.DataObject) -> None:
    config = resolve(RULES, profile=profile)
    shape = FormatValidator(load(name), config.off, config.options)
    oracle = Draft202012Validator(shape.schema)
    data = orjson.loads(orjson.dumps(draw.draw(mutated(SOUND[name]))))
    assert shape.is_valid(data) == oracle.is_valid(data)
    assert shape.failed(data) == shape.describe(data)


@given(
    st.one_of(
        st.binary(max_size=200), *(mutated(good).map(orjson.dumps) for good in SOUND.values())
    ),
    st.booleans(),
)
@example(b"\n\n", False)
@example(b"\xef\xbb\xbf\xef\xbb\xbf\n\n{}", False)
@example("{}\r\n".encode("utf-16"), True)
@example(b"{}" + b"\r" * 20, True)
@example(b'{"messages":[],"tools":null,"functions":null}', False)
def test_fixing_twice_changes_nothing(data: bytes, unsafe: bool) -> None:
    for profile in PROFILES:
        config = resolve(RULES, profile=profile)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "data.jsonl"
            file.write_bytes(data)
            try:
                fix_file(str(file), config, unsafe=unsafe)
            except FtlintError:
                assert file.read_bytes() == data
                continue
            once = file.read_bytes()
            assert not fix_file(str(file), config, unsafe=unsafe).rules
            assert file.read_bytes() == once
            assert len(list(Path(folder).iterdir())) == 1


def test_every_keyword_of_the_schema_names_its_rule() -> None:
    known = [name for format_ in FORMATS for name in rules_named(load(format_))]
    named = {name.partition(".")[0] for name in known}
    declared = {rule.id for rule in RULES.values() if rule.calls[0][0] is Event.SCHEMA}
    assert named == declared
