"""What is counted of examples: by hand on small data, for any shape, for any cut."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from copy import deepcopy
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlint.analysis.statistics import heavy_hitters, scripts
from ftlint.analysis.statistics.dataset import Statistics
from ftlint.analysis.statistics.scripts import letters
from ftlint.core.example import Example
from ftlint.formats.data_format import FORMATS
from tests.engine.test_properties import PAIR, mutated, values
from tests.formats.test_images import made, uri
from tests.support.helpers import BOM

LONG = "Verstanden. " * 20
CALL = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
TOOLS = [
    {"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}},
    {"type": "function", "function": {"name": "order"}},
]
ROWS: list[dict[str, Any]] = [
    {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Hello!", "weight": 0},
            {"role": "user", "content": "Where is it?"},
            {"role": "assistant", "tool_calls": [CALL, CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": "there"},
            {"role": "assistant", "content": "Hello!", "weight": 1},
        ],
        "tools": TOOLS,
    },
    {
        "messages": [
            {"role": "user", "content": "Привет, Anna"},
            {"role": "assistant", "content": LONG, "weight": 0.5},
        ]
    },
    {
        "messages": [
            {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
            {
                "role": "user",
                "content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "!"}],
            },
            {"role": "assistant", "refusal": "No."},
        ]
    },
]


def examples(rows: Iterable[Any], end: bytes = b"\n") -> list[Example]:
    """Write rows as lines of one file, and read them as examples."""
    found, offset = [], 0
    for row in rows:
        raw = orjson.dumps(row) + end
        found.append(Example("a.jsonl", offset, raw, row))
        offset += len(raw)
    return found


def result_of(rows: Iterable[Any], name: str = "chat") -> dict[str, Any]:
    """Take rows, and return what is told of them; it is plain data."""
    statistics = Statistics(name)
    for example in examples(rows):
        statistics.add(example)
    data = statistics.to_dict()
    assert orjson.loads(orjson.dumps(data)) == data
    return data


def whole(sizes: dict[str, Any]) -> tuple[int, int, int | None, int]:
    """Return number, sum and extremes of a distribution."""
    return sizes["count"], sizes["sum"], sizes["minimum"], sizes["maximum"]


def test_messages_turns_and_roles_are_counted() -> None:
    data = result_of(ROWS)
    assert data["examples"] == 3
    assert whole(data["messages"]) == (3, 12, 2, 7)
    assert whole(data["turns"]) == (3, 4, 1, 2)
    assert list(data["roles"]) == ["system", "developer", "user", "assistant", "tool"]
    assert data["roles"]["user"]["messages"] == 4
    assert whole(data["roles"]["user"]["characters"]) == (4, 2 + 12 + 12 + 3, 2, 12)
    assert data["roles"]["assistant"]["messages"] == 5


def test_a_message_that_only_calls_tools_has_no_length_and_is_no_answer() -> None:
    data = result_of(ROWS)
    sizes = (4, 6 + 6 + len(LONG) + 3, 3, len(LONG))
    assert whole(data["roles"]["assistant"]["characters"]) == sizes
    assert whole(data["answers"]["characters"]) == sizes
    empty: Any = {"messages": [{"role": "assistant", "content": "", "tool_calls": [CALL]}]}
    assert result_of([empty])["answers"]["distinct"] == 0
    del empty["messages"][0]["tool_calls"]
    assert whole(result_of([empty])["answers"]["characters"]) == (1, 0, 0, 0)


def test_lines_are_measured_without_their_ends_and_byte_order_mark() -> None:
    size = len(orjson.dumps(ROWS[0]))
    for end in (b"\n", b"\r\n", b""):
        statistics = Statistics("chat")
        [example] = examples(ROWS[:1], end)
        statistics.add(example)
        statistics.add(Example("a.jsonl", 0, BOM + example.raw, example.data))
        assert whole(statistics.to_dict()["bytes"]) == (2, 2 * size, size, size)


def test_system_prompts_are_told_apart_by_their_text() -> None:
    assert result_of(ROWS)["system_prompts"] == {
        "without": 1,
        "distinct": 1,
        "top": [{"text": "Be brief.", "length": 9, "times": 2}],
    }


def test_answers_that_are_repeated_are_named() -> None:
    answers = result_of(ROWS)["answers"]
    assert answers["distinct"] == 3
    assert answers["repeated"] == [{"text": "Hello!", "length": 6, "times": 2}]
    again = result_of(ROWS[1:2] * 3)["answers"]["repeated"]
    assert again == [{"text": LONG[:120], "length": len(LONG), "times": 3}]


@pytest.mark.parametrize(
    ("weight", "name"),
    [(0, "0"), (1, "1"), (2, "other"), (True, "other"), (1.0, "other"), (None, "other"),
     ("1", "other"), ([], "other"), (10**30, "other")],
)  # fmt: skip
def test_weights_are_those_of_assistant_messages(weight: Any, name: str) -> None:
    messages = [{"role": role, "weight": weight} for role in ("user", "assistant")]
    messages.append({"role": "assistant"})
    expected = {"absent": 1, "0": 0, "1": 0, "other": 0}
    expected[name] += 1
    statistics = Statistics("chat")
    statistics.add(Example("a.jsonl", 0, b"{}", {"messages": messages}))
    assert statistics.to_dict()["weights"] == expected


def test_tools_that_are_defined_and_called_are_counted_by_name() -> None:
    assert result_of(ROWS)["tools"] == {
        "examples": 1,
        "per_example": result_of([ROWS[0]])["tools"]["per_example"],
        "defined": [{"text": name, "length": len(name), "times": 1} for name in ("find", "order")],
        "calls": 2,
        "called": [{"text": "find", "length": 4, "times": 2}],
        "uncalled": ["order"],
    }
    assert whole(result_of(ROWS)["tools"]["per_example"]) == (1, 2, 2, 2)


def test_functions_are_tools_of_an_older_form() -> None:
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": ""}}
    tools = result_of([{"messages": [call], "functions": [{"name": "f"}, {"name": "g"}]}])["tools"]
    assert (tools["examples"], tools["calls"], tools["uncalled"]) == (1, 1, ["g"])


def test_which_tools_are_never_called_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heavy_hitters, "KEPT", 4)
    tools = [{"type": "function", "function": {"name": f"f{number}"}} for number in range(5)]
    assert result_of([{"messages": [], "tools": tools}])["tools"]["uncalled"] is None
    assert result_of([{"messages": [], "tools": tools[:4]}])["tools"]["uncalled"] == [
        "f0", "f1", "f2", "f3",
    ]  # fmt: skip


def image_part(url: str, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def test_images_are_counted_by_kind_size_and_detail() -> None:
    png, jpeg = made("PNG", size=(12, 7)), made("JPEG", size=(30, 40))
    parts = [
        image_part(uri(png), detail="low"),
        image_part(uri(jpeg, "jpeg"), detail="high"),
        image_part(uri(jpeg, "png")),
        image_part("https://example.com/a.png", detail="auto"),
        image_part("data:image/png;base64,?", detail="LOW"),
        image_part(uri(png[:30]), detail=["low"]),
    ]
    rows = [{"messages": [{"role": "user", "content": parts}]}, *ROWS]
    images = result_of(rows)["images"]
    assert (images["count"], images["examples"]) == (6, 1)
    assert images["kinds"] == {"jpeg": 2, "unreadable": 2, "png": 1, "remote": 1}
    assert images["detail"] == {"low": 1, "high": 1, "auto": 1, "absent": 1, "other": 2}
    sizes = sorted((len(png), len(jpeg)))
    assert whole(images["bytes"]) == (3, len(png) + 2 * len(jpeg), *sizes)
    assert whole(images["pixels"]) == (3, 12 + 40 + 40, 12, 40)


def test_examples_are_told_by_the_script_of_most_letters() -> None:
    counted = result_of(ROWS)["scripts"]
    assert counted["Cyrillic"] == {"letters": 6, "examples": 0}
    assert counted["Latin"]["examples"] == 3
    rows = [
        {"messages": [{"role": "user", "content": text}]} for text in ("Привет, Anna", "Я.", "!")
    ]
    found = result_of(rows)["scripts"]
    assert found == {
        "Cyrillic": {"letters": 7, "examples": 2},
        "Latin": {"letters": 4, "examples": 0},
    }


@pytest.mark.parametrize(
    ("text", "script"),
    [("aZéßª\uff21\U0001d400\u212a", "Latin"), ("Ωµ", "Greek"), ("漢字々", "Han"),
     ("ひらがな", "Hiragana"), ("カタカナｶﾅ", "Katakana"), ("한글", "Hangul"),
     ("текст", "Cyrillic"), ("سلام", "Arabic"), ("नमत", "Devanagari"), ("שלום", "Hebrew"),
     ("ไทย", "Thai"), ("ქარ", "Georgian"), ("Հայ", "Armenian"), ("தமழ", "Tamil"),
     ("አማርኛ", "Ethiopic"), ("ᠮᠣᠩ", "Mongolian"), ("𐌀𐌁", "Old Italic"), ("𐀀", "Linear B"),
     ("ꙮ", "Cyrillic"), ("\u02b9", "Other")],
)  # fmt: skip
def test_letters_are_counted_by_the_usual_names_of_scripts(text: str, script: str) -> None:
    assert letters(f"{text} 12 … 🚚 ،") == {script: len(text)}
    assert letters(text * 100) == {script: 100 * len(text)}


@given(st.text())
def test_all_letters_are_counted_and_nothing_else(text: str) -> None:
    assert sum(letters(text).values()) == sum(map(str.isalpha, text))


def test_only_so_many_characters_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "_REMEMBERED", 4)
    assert letters("текст слово") == {"Cyrillic": 10}


def test_preference_pairs_are_their_input_and_two_outputs() -> None:
    row = {
        "input": {"messages": ROWS[0]["messages"][:2], "tools": TOOLS},
        "preferred_output": [{"role": "assistant", "content": "Good."}],
        "non_preferred_output": [{"role": "assistant", "content": "Worse, and long."}],
    }
    data = result_of([row, row], "preference")
    assert whole(data["messages"]) == (2, 4, 2, 2)
    assert whole(data["outputs"]["preferred"]) == (2, 10, 5, 5)
    assert whole(data["outputs"]["non_preferred"]) == (2, 32, 16, 16)
    assert data["answers"]["repeated"] == [{"text": "Good.", "length": 5, "times": 2}]
    assert data["roles"]["assistant"]["messages"] == 4
    assert data["tools"]["examples"] == 2
    assert result_of([row])["outputs"] is None


def test_reinforcement_rows_tell_what_stands_beside_their_messages() -> None:
    rows = [{"messages": ROWS[0]["messages"][:2], "answer": 1, "tools": TOOLS}] * 2
    rows.append({"messages": [], "answer": 2, "numbers": []})
    assert result_of(rows, "reinforcement")["fields"] == {"answer": 3, "numbers": 1}
    assert result_of(rows)["fields"] == {}


def test_completions_are_their_answers() -> None:
    data = result_of([{"prompt": "Q ->", "completion": " yes"}, {"prompt": "Q"}], "completion")
    assert whole(data["answers"]["characters"]) == (1, 4, 4, 4)
    assert data["scripts"]["Latin"] == {"letters": 5, "examples": 2}
    assert data["messages"]["count"] == 0
    assert data["roles"] == {}


def test_roles_that_are_free_text_are_gathered_beyond_a_number() -> None:
    names = ["user", "other", "x" * 65, *(f"role {number:02}" for number in range(40))]
    data = result_of({"messages": [{"role": name, "content": "ab"}]} for name in names)
    roles = data["roles"]
    assert list(roles) == ["user", "other", *(f"role {number:02}" for number in range(26))]
    assert roles["other"]["messages"] == 1 + 1 + 14
    assert whole(roles["other"]["characters"]) == (16, 32, 2, 2)


def test_at_most_fifty_fields_are_named() -> None:
    rows = [{"messages": [], **dict.fromkeys(map(str, range(60)))}, {"messages": [], "59": 1}]
    fields = result_of(rows, "reinforcement")["fields"]
    assert len(fields) == 50
    assert next(iter(fields.items())) == ("59", 2)


rows = st.lists(
    st.one_of(
        mutated(),
        mutated(PAIR),
        st.dictionaries(st.sampled_from(["prompt", "completion", "messages", "tools"]), values),
        st.dictionaries(st.text(max_size=3), values, max_size=3),
    ),
    max_size=8,
)


@given(rows, st.sampled_from(sorted(FORMATS)))
def test_no_object_raises_or_is_changed(objects: list[Any], name: str) -> None:
    before = deepcopy(objects)
    assert result_of(objects, name)["examples"] == len(objects)
    assert objects == before


def gathered(parts: list[list[Example]], name: str) -> list[Statistics]:
    made_ = [Statistics(name) for _ in parts]
    for statistics, part in zip(made_, parts, strict=True):
        for example in part:
            statistics.add(example)
    return made_


@given(rows, st.sampled_from(sorted(FORMATS)), st.data())
def test_how_the_data_is_cut_changes_nothing(
    objects: list[Any], name: str, data: st.DataObject
) -> None:
    lines = examples(objects)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=3)))
    parts = gathered([lines[a:b] for a, b in pairwise([0, *cuts, len(lines)])], name)
    parts = [pickle.loads(pickle.dumps(part)) for part in parts]  # noqa: S301 - our own
    known = [part.to_dict() for part in parts]
    expected = result_of(objects, name)
    assert reduce(Statistics.merge, data.draw(st.permutations(parts))).to_dict() == expected
    right = reduce(lambda later, earlier: earlier.merge(later), reversed(parts))
    assert right.to_dict() == expected
    assert [part.to_dict() for part in parts] == known


@pytest.mark.parametrize("size", [1, 7, 50])
def test_many_different_texts_names_and_roles_are_cut_as_one_likes(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(heavy_hitters, "KEPT", 6)
    objects = []
    for number in range(100):
        tool = {"type": "function", "function": {"name": f"f{number % 9}"}}
        said = [
            (f"r{number * 7 % 50}", "?"),
            ("system", f"s{number % 8}"),
            ("assistant", str(number % 11)),
        ]
        messages = [{"role": role, "content": text} for role, text in said]
        objects.append({"messages": messages, "tools": [tool], f"k{number % 13}": 1})
    lines = examples(objects)
    parts = gathered([lines[at : at + size] for at in range(0, 100, size)], "reinforcement")
    found = reduce(Statistics.merge, parts[1::2] + parts[::2][::-1])
    assert found.to_dict() == result_of(objects, "reinforcement")
    assert found.to_dict()["system_prompts"]["distinct"] is None


HOSTILE: list[Any] = [
    {"messages": {"role": "user"}},
    {"messages": [[], 1, None, "user", {}]},
    {"messages": [{"role": ["user"], "content": {"text": "x"}}]},
    {"messages": [{"role": {}, "content": [{"type": "text", "text": ["x"]}, "x", None]}]},
    {"messages": [{"role": "assistant", "tool_calls": {"function": 1}, "function_call": "f"}]},
    {"messages": [{"role": "assistant", "tool_calls": [1, {"function": {"name": 5}}, {}]}]},
    {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": 1}}]}]},
    {"messages": [{"role": "user", "content": [{"type": [], "image_url": "https://a.b/c"}]}]},
    {"messages": [], "tools": {"function": {"name": "f"}}, "functions": "f"},
    {"messages": [], "tools": [None, {"function": "f"}, {"function": {"name": []}}]},
    {"input": [], "preferred_output": {}, "non_preferred_output": [None]},
    {"input": {"messages": 1, "tools": [[]]}, "preferred_output": [{"role": 1}]},
    {"prompt": ["x"], "completion": {"x": 1}},
    {},
]


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_of_another_type_is_passed_over(name: str) -> None:
    data = result_of(HOSTILE, name)
    assert data["examples"] == len(HOSTILE)
    assert data["answers"]["characters"]["count"] == 0
    assert data["images"]["count"] == 0


def test_the_page_on_statistics_names_every_key() -> None:
    page = (Path(__file__).parents[3] / "docs" / "stats.md").read_text(encoding="utf-8")
    found_ = result_of(ROWS)
    nested = ("system_prompts", "answers", "tools", "images", "messages")
    for key in {*found_, *(key for name in nested for key in found_[name])}:
        assert f"`{key}`" in page, key
