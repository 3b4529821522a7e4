"""How many tokens an example has: published examples, parts, images, and what a limit leaves."""

from __future__ import annotations

import base64
import math
from io import BytesIO
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ftlint.analysis.tokens.example_counter import Meter
from ftlint.analysis.tokens.example_tokens import Spot
from ftlint.analysis.tokens.formulas import Epochs, default_epochs, image_formula, tables
from ftlint.analysis.tokens.text_counter import Counter
from ftlint.analysis.tokens.totals import LONGEST, Totals
from ftlint.analysis.tokens.vocabulary import encoding_of
from ftlint.config import models
from ftlint.formats.data_format import FORMATS

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_current_weather",
        "description": "Get the current weather in a given location",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {
                    "type": "string",
                    "description": "The city and state, e.g. San Francisco, CA",
                },
                "unit": {
                    "type": "string",
                    "description": "The unit of temperature to return",
                    "enum": ["celsius", "fahrenheit"],
                },
            },
            "required": ["location"],
        },
    },
}
ASKED = [
    {
        "role": "system",
        "content": "You are a helpful assistant that can answer to questions about the weather.",
    },
    {"role": "user", "content": "What's the weather like in San Francisco?"},
]
"""The example of OpenAI's cookbook, which the API counted: 101 and 105 tokens."""


def meter(model: str | None = "gpt-4o", name: str = "chat") -> Meter:
    return Meter(name, models.find(model) if model else None)


def tokens(text: str) -> int:
    return Counter("o200k_base")(text)


def messages(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content} for role, content in pairs]}


@pytest.mark.parametrize(
    ("model", "expected"),
    [("gpt-4o", 101), ("gpt-4o-mini", 101), ("gpt-3.5-turbo", 105), ("gpt-4", 105)],
)
def test_the_published_examples_have_the_published_tokens(model: str, expected: int) -> None:
    assert meter(model).measure({"messages": ASKED, "tools": [WEATHER]}).tokens == expected


def test_functions_count_like_tools() -> None:
    legacy = {"messages": ASKED, "functions": [WEATHER["function"]]}
    assert meter().measure(legacy).tokens == 101


def test_a_message_counts_three_its_role_and_its_text() -> None:
    found = meter().measure(messages(("user", "hello"), ("assistant", "good day")))
    assert [(part.pointer, part.role, part.tokens) for part in found.parts] == [
        (("messages", 0), "user", 3 + 1 + tokens("hello")),
        (("messages", 1), "assistant", 3 + 1 + tokens("good day")),
    ]
    assert found.tokens == sum(part.tokens for part in found.parts) + 3
    assert found.trainable == tokens("good day")


@pytest.mark.parametrize(
    ("more", "added", "learnt"),
    [
        ({"name": "Ada"}, 2, 0),
        ({"weight": 1}, 0, 0),
        ({"refusal": "no"}, 1, 1),
        ({"audio": {"id": "x"}}, 0, 0),
    ],
)
def test_further_keys_of_a_message(more: dict[str, Any], added: int, learnt: int) -> None:
    plain = messages(("user", "q"), ("assistant", "a"))
    rich = orjson.loads(orjson.dumps(plain))
    rich["messages"][1].update(more)
    known, found = meter().measure(plain), meter().measure(rich)
    assert found.tokens - known.tokens == added
    assert found.trainable - known.trainable == learnt


def test_what_has_weight_0_is_not_learnt() -> None:
    data = messages(("user", "q"), ("assistant", "a"))
    data["messages"][1]["weight"] = 0
    assert meter().measure(data).trainable == 0


def test_calls_count_their_names_and_arguments() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}
    data = messages(("user", "q"))
    data["messages"].append({"role": "assistant", "tool_calls": [call, call]})
    said = 2 * (3 + tokens("look") + tokens('{"at": 1}'))
    assert meter().measure(data).parts[1].tokens == 3 + 1 + said
    assert meter().measure(data).trainable == said
    data["messages"][1] = {"role": "assistant", "function_call": call["function"]}
    assert meter().measure(data).trainable == said // 2


def test_nested_parameters_count_too() -> None:
    flat = {"name": "f", "parameters": {"properties": {"a": {"type": "object"}}}}
    inner = {"properties": {"b": {"type": "string", "enum": [1, "x"]}}}
    deep = orjson.loads(orjson.dumps(flat))
    deep["parameters"]["properties"]["a"].update(inner)
    more = 3 + 3 - 3 + 2 * 3 + tokens("1") + tokens("x") + tokens("b:string:")
    plain = messages(("user", "q"))
    counted = [meter().measure({**plain, "functions": [entry]}).tools for entry in (flat, deep)]
    assert counted[1] - counted[0] == more
    listed = {"name": "f", "parameters": {"properties": {"a": {"type": "object", "items": inner}}}}
    assert meter().measure({**plain, "functions": [listed]}).tools == counted[1]


def png(width: int, height: int) -> str:
    stream = BytesIO()
    Image.new("1", (width, height)).save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


@pytest.mark.parametrize(
    ("model", "size", "detail", "expected"),
    [
        ("gpt-4o", (1024, 1024), "high", 765),
        ("gpt-4o", (2048, 4096), None, 1105),
        ("gpt-4o", (4096, 4096), "low", 85),
        ("gpt-4.1", (512, 512), "auto", 255),
        ("gpt-4o-mini", (512, 512), "high", 8500),
        ("gpt-4.1-mini", (1024, 1024), "high", math.ceil(1024 * 1.62)),
        ("gpt-4.1-nano", (4096, 4096), "low", math.ceil(1536 * 2.46)),
    ],
)
def test_images_count_by_size_and_detail(
    model: str, size: tuple[int, int], detail: str | None, expected: int
) -> None:
    picture = {"url": png(*size)} | ({"detail": detail} if detail else {})
    found = meter(model).measure(shown(picture))
    assert (found.images, found.estimated) == (expected, False)


def shown(picture: dict[str, str]) -> dict[str, Any]:
    parts = [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": picture}]
    return {"messages": [{"role": "user", "content": parts}]}


@pytest.mark.parametrize(
    ("picture", "expected", "estimated"),
    [
        ({"url": "https://example.com/a.png"}, 1445, True),
        ({"url": "https://example.com/a.png", "detail": "low"}, 85, False),
        ({"url": "data:image/png;base64,AAAA"}, 1445, True),
    ],
)
def test_an_image_of_unknown_size_counts_the_most(
    picture: dict[str, str], expected: int, *, estimated: bool
) -> None:
    found = meter().measure(shown(picture))
    assert (found.images, found.estimated) == (expected, estimated)
    assert found.parts[0].tokens == 3 + 1 + tokens("look") + expected


def test_no_image_has_more_than_the_most() -> None:
    for kind in tables()["images"]:
        formula = image_formula(kind)
        sizes = [1, 31, 512, 768, 769, 1000, 2047, 2048, 2049, 5000, 20_000]
        assert max(formula.tokens(w, h) for w in sizes for h in sizes) <= formula.most


def test_preference_data_has_two_sequences() -> None:
    data = {
        "input": messages(("user", "q" * 3)) | {"tools": [WEATHER]},
        "preferred_output": [{"role": "assistant", "content": "a b c d"}],
        "non_preferred_output": [{"role": "assistant", "content": "e"}],
    }
    found = meter(name="preference").measure(data)
    assert [part.branch for part in found.parts] == [0, 1, 2]
    assert found.tools > 0
    assert [len(parts) for parts in found.sequences()] == [2, 2]
    common = found.tools + found.parts[0].tokens
    assert found.longest == common + found.parts[1].tokens
    assert found.trainable == 5
    assert found.kept(common + 5) == common + 5 + 5
    assert found.kept(common - 1) == common - 1


def test_a_completion_has_its_texts_and_nothing_more() -> None:
    found = meter(name="completion").measure({"prompt": "a b", "completion": " c"})
    assert (found.tokens, found.trainable, found.reply) == (3, 1, 0)


def test_reinforcement_rows_hold_nothing_to_learn() -> None:
    assert meter(name="reinforcement").measure(messages(("assistant", "a"))).trainable == 0


@pytest.mark.parametrize(
    ("model", "encoding", "note"),
    [
        (None, "o200k_base", ""),
        ("gpt-4.1-2025-04-14.ft-abc-x", "o200k_base", ""),
        ("gpt-oss-20b", "o200k_base", ""),
        ("gpt-35-turbo", "cl100k_base", ""),
        ("Ministral-3B", "o200k_base", "the tokenizer of Ministral-3B (tekken) does not ship"),
        ("new-model", "o200k_base", "the tokenizer of new-model is not known"),
    ],
)
def test_the_encoding_follows_the_model(model: str | None, encoding: str, note: str) -> None:
    assert encoding_of(models.find(model) if model else None) == (encoding, note)


_ANY = ("messages", "role", "content", "tools", "functions", "function", "name", "parameters")
_DEEP = ("properties", "type", "enum", "items", "tool_calls", "arguments", "image_url", "url")
_OTHER = ("input", "preferred_output", "non_preferred_output", "prompt", "completion", "weight")
KEYS = st.sampled_from([*_ANY, *_DEEP, *_OTHER])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=25,
)


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.dictionaries(KEYS, JSON, max_size=5))
def test_data_of_any_shape_is_measured_and_bytes_bound_it(name: str, data: dict[str, Any]) -> None:
    measured = meter(None, name).measure(data)
    assert measured.tokens >= measured.trainable >= 0
    assert measured.longest <= meter(None, name).guess(data).longest


@given(st.lists(st.tuples(st.sampled_from(["user", "assistant", "x"]), st.text()), min_size=1))
def test_bytes_of_a_line_bound_its_tokens(pairs: list[tuple[str, str]]) -> None:
    data = messages(*pairs)
    raw = orjson.dumps(data)
    assert meter().measure(data).longest <= meter().bound(raw)


TALKS = st.lists(
    st.lists(st.tuples(st.sampled_from(["user", "assistant", "x"]), st.text()), max_size=4),
    max_size=30,
)


@given(talks=TALKS, cut=st.integers(0, 30))
def test_totals_of_parts_add_up_to_the_whole(talks: list[list[tuple[str, str]]], cut: int) -> None:
    measures = [meter().measure(messages(*pairs)) for pairs in talks]
    whole, parts = Totals(12), [Totals(12), Totals(12)]
    for place, measure in enumerate(measures):
        spot = Spot(place * 100, 0, place + 1, place + 1)
        whole.add(measure, spot)
        parts[place >= cut].add(measure, spot)
    shown = whole.to_dict({0: (0, 0)})
    for merged in (parts[0].merge(parts[1]), parts[1].merge(parts[0])):
        assert merged.to_dict({0: (0, 0)}) == shown
    assert shown["tokens"] == sum(measure.tokens for measure in measures)
    assert shown["over_context"] == sum(measure.longest > 12 for measure in measures)
    assert len(shown["longest"]) == min(LONGEST, len(measures))


@pytest.mark.parametrize(
    ("examples", "expected"),
    [
        (0, 3),
        (1, 25),
        (3, 25),
        (5, 20),
        (10, 10),
        (33, 3),
        (34, 3),
        (8333, 3),
        (8334, 2),
        (30_000, 1),
    ],
)
def test_default_epochs(examples: int, expected: int) -> None:
    assert default_epochs("sft").of(examples) == expected


def test_every_method_has_default_epochs() -> None:
    for known in FORMATS.values():
        assert isinstance(default_epochs(known.method), Epochs)
