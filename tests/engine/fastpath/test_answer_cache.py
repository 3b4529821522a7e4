"""What is said of a line does not depend on the lines before it, nor on what was cached."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks import corpus
from ftlint.config.config import resolve
from ftlint.config.profile import PROFILES
from ftlint.core.free_text import FreeText, FreeTextError
from ftlint.core.rule import RULES
from ftlint.engine.binding import Outcome
from ftlint.engine.fastpath import answer_cache
from ftlint.engine.fastpath.tool_lists import parse
from ftlint.engine.fastpath.views import View
from ftlint.engine.line_checker import LineChecker
from ftlint.formats.data_format import FORMATS
from ftlint.formats.schema import FormatValidator, load
from ftlint.formats.schema_proof import words_of
from tests.conftest import FIXTURES, SAMPLES
from tests.formats.test_json_errors import ACCEPTED, REFUSED, Accepted, Refused
from tests.support import own_rules
from tests.support.helpers import LINE, report_of, write

LINES = sorted(
    {
        line + b"\n"
        for path in (FIXTURES / "rules").glob("*/*.jsonl")
        for line in path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
        if line.startswith(b"{") and len(line) < 16384
    }
)
TEXTS = [
    *("", " ", "\t\n", "\u3000", "null", "None", "nan", "undefined", "|>", "{}", "1e999"),
    *("Assistant: yes", "USER :no", "ai: x", "a <|im_end|> b", "line\u2028end", "caf\u00e9 \u0085"),
    "\u00df and the same long answer, of more than forty characters",
    "ss and the same long answer, of more than forty characters",
    "  The same long answer, of more than forty characters, said again",
    " " * 15 + "The same long answer, of more than forty characters, said again",
    "the  same long answer, of more than forty characters, said again",
    "The\tsame long answer, of more than forty characters, said again",
    *('{"city": 5}', "call_1", '"quoted"', "data:image/png;base64,AAAA", "https://localhost/a.png"),
    "long " * 20_000,
]
texts = st.one_of(st.sampled_from(TEXTS), st.text(max_size=12))
WORDS = {"", "null", "None", "nan", "undefined"}
FORMAT_OF = {"chat": "sft", "preference": "dpo"}


def places_of(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of each string in a value."""
    if isinstance(value, str):
        yield here
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places_of(inner, (*here, key))


@st.composite
def alike(draw: st.DrawFn) -> list[bytes]:
    """Draw some lines of one shape whose strings differ, written with or without escapes."""
    line = draw(st.sampled_from(LINES))
    drawn = [line] * draw(st.integers(1, 2))
    for _ in range(draw(st.integers(1, 4))):
        try:
            data = orjson.loads(line)
        except orjson.JSONDecodeError:
            break
        places = list(places_of(data))
        for place in draw(st.lists(st.sampled_from(places), max_size=3)) if places else ():
            holder = data
            for step in place[:-1]:
                holder = holder[step]
            holder[place[-1]] = draw(texts)
        ascii_only = draw(st.booleans())
        drawn.append(json.dumps(data, ensure_ascii=ascii_only).encode() + b"\n")
    return drawn


@pytest.fixture(autouse=True, scope="module")
def rules_of_its_own() -> Iterator[None]:
    """Have rules of every kind that depend on texts, beside ftlint's own."""
    before = set(RULES)
    own_rules.declare()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answer_cache, "_FIRST", 1)  # the examples of these tests have few lines
        yield
    for name in RULES.keys() - before:
        del RULES[name]


def said(checker: LineChecker, lines: list[bytes]) -> list[object]:
    """Return all that is said of lines."""
    results: list[object] = []
    for number, line in enumerate(lines):
        result = checker.check(line, "data.jsonl", number)
        out = Outcome()
        worded = [(name, hit) for _, name, hit in checker.worded(result, RULES, out)]
        found = sorted(name for _, name, _ in result.matches(resolve(RULES).levels))
        crashes = [(rule.id, str(error)) for rule, error in (*result.crashes, *out.crashes)]
        results.append((result.kind, result.start, worded, found, crashes))
    states = checker.take_states()
    results.append(sorted((name, str(vars(state))) for name, state in states.items()))
    return results


@given(
    st.lists(alike(), min_size=1, max_size=4),
    st.sampled_from(PROFILES),
    st.sampled_from(sorted(FORMAT_OF)),
)
@example(
    [[b'{"messages": [{"role": "user", "content": "x"}], "tools": [1e999]}\n'] * 3],
    "azure",
    "chat",
)
def test_cached_equals_uncached(parts: list[list[bytes]], profile: str, form: str) -> None:
    lines = [line for part in parts for line in part]
    config = resolve(RULES, profile=profile, method=FORMAT_OF[form])
    uncached = said(LineChecker(config, form, cached=False), lines)
    checker = LineChecker(config, form)
    assert said(checker, lines) == uncached
    assert said(checker, lines) == uncached  # all of them seen before


def test_most_lines_of_samples_and_of_a_generated_file_are_answered_by_the_cache(
    tmp_path: Path,
) -> None:
    path = tmp_path / "chat.jsonl"
    corpus.write("chat", str(path), 4_000_000)
    shares = {path.name: answered(path)}
    for sample in sorted(SAMPLES.glob("sft-text-*.jsonl")) if SAMPLES.is_dir() else ():
        shares[sample.name] = answered(sample)
    assert all(share > 0.9 for share in shares.values()), shares


def answered(path: Path) -> float:
    """Return the share of the lines of a chat file that the cache answers."""
    lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
    checker = LineChecker(resolve(RULES, profile="azure"), "chat")
    for line in lines:
        checker.check(line, path.name, 1)
    return 1 - checker.cache.misses / len(lines)


@given(alike())
def test_placeholders_stand_where_the_format_says_that_free_texts_are(lines: list[bytes]) -> None:
    for line in lines:
        try:
            data = parse(line)
        except ValueError:
            continue
        for known in FORMATS.values():
            allowed = {(*base, "*", *path) for base in known.lists for path in known.texts}
            view = View(data, known) if isinstance(data, dict) else None
            for place in places_of(view.data) if view else ():
                value: Any = view.data if view else None
                for step in place:
                    value = value[step]
                starred = tuple("*" if isinstance(step, int) else step for step in place)
                assert not isinstance(value, FreeText) or starred in allowed


def changed(**keywords: Any) -> frozenset[str] | None:
    """Return what a chat schema with further keywords about content compares texts with."""
    schema = load("chat")
    schema["$defs"]["said"].update(keywords)
    known = FORMATS["chat"]
    return words_of(schema, [(*base, "*", *path) for base in known.lists for path in known.texts])


def test_a_schema_that_looks_into_texts_is_asked_of_every_line() -> None:
    assert changed() == frozenset(WORDS)
    assert changed(const="yes") == frozenset({*WORDS, "yes"})
    for keyword, value in (
        *(("maxLength", 50_000), ("minLength", 2), ("pattern", "^a"), ("format", "email")),
        *(("unknown", 1), ("contentEncoding", "base64")),
    ):
        assert changed(**{keyword: value}) is None, keyword
        assert changed(allOf=[{"if": True, "then": {"not": {keyword: value}}}]) is None, keyword


def test_a_shape_of_a_schema_that_looks_into_texts_caches_nothing() -> None:
    known = FORMATS["chat"]
    schema = load("chat")
    assert FormatValidator(schema, frozenset(), {}).words(known) is not None
    schema["$defs"]["said"]["maxLength"] = 5
    schema["$defs"]["said"]["x-rule"] = "long-string"
    assert FormatValidator(schema, frozenset(), {}).words(known) is None


@pytest.mark.parametrize("compared", [{"const": ["x"]}, {"enum": [1], "const": ["x"]}])
def test_a_container_that_is_compared_whole_is_compared_with_its_texts(compared: Any) -> None:
    schema = {"properties": {"a": {"items": {}, **compared}}}
    assert words_of(schema, [("a", "*")]) is None
    assert words_of({"properties": {"a": {"items": {}, "const": []}}}, [("a", "*")]) == frozenset()


CASES = [
    *ACCEPTED,
    *(case for kinds in REFUSED.values() for cases in kinds.values() for case in cases),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_what_the_fast_parser_takes_is_json(case: Accepted | Refused) -> None:
    line = case.line if isinstance(case.line, bytes) else case.line.encode()
    line = line.replace(b"@", b"")
    try:
        data = parse(line)
        orjson.dumps(data)
    except (TypeError, ValueError):
        return
    assert orjson.loads(line) == data


@pytest.mark.parametrize(
    "look", [len, list, str.lower, lambda text: text[0], lambda text: "a" in text]
)
def test_a_rule_about_shape_cannot_look_into_a_text(look: Any) -> None:
    view = View({"messages": [{"role": "user", "content": "Hello."}]}, FORMATS["chat"])
    text = view.data["messages"][0]["content"]
    assert text
    assert not text.isspace()
    assert f"{text}" == "…"
    if look is str.lower:
        look = FreeText.lower
    with pytest.raises(FreeTextError, match="a rule on a shape event sees none"):
        look(text)


@pytest.mark.parametrize("number", ["0.5", "1e-09", "123456789012345678901234567890"])
def test_numbers_in_tools_that_are_no_list_are_read_as_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: str
) -> None:
    line = LINE[:-1] + b',"tools":{"a":[%s]}}' % number.encode()
    report = report_of(capsys, write(tmp_path / "a.jsonl", line))
    assert not report.errors
    assert "tools-not-array" in report.rules
