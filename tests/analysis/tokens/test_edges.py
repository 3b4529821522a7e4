"""What is odd about tokens: hostile shapes, tools of many numbers, tables of prices, memory."""

from __future__ import annotations

import base64
import os
import sys
import tracemalloc
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from PIL import Image

from ftlint.analysis.tokens.example_counter import Meter
from ftlint.analysis.tokens.example_tokens import Spot
from ftlint.analysis.tokens.text_counter import counter
from ftlint.analysis.tokens.totals import Totals
from ftlint.cli import run
from tests.support.helpers import LINE, one_line, process, report_of, whole, write

ABOUT = ("--select", "example-exceeds-context,nothing-left-after-truncation")
DEEP = b"[" * 1000 + b"]" * 1000
TALK: dict[str, Any] = orjson.loads(LINE)


def result_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Run `ftlint tokens` and return the JSON that it prints."""
    capsys.readouterr()
    assert run(["tokens", "--output-format", "json", *arguments]) == 0
    return orjson.loads(capsys.readouterr().out)


def tools(parameters: Any, **more: Any) -> list[Any]:
    return [{"type": "function", "function": {"name": "f", "parameters": parameters, **more}}]


@pytest.mark.parametrize(
    "function",
    [
        b'{"name":%s}',
        b'{"name":"f","description":%s}',
        b'{"name":"f","parameters":{"properties":{"a":{"type":%s}}}}',
        b'{"name":"f","parameters":{"properties":{"a":{"enum":[%s]}}}}',
    ],
)
def test_what_is_nested_deeply_where_a_text_belongs_is_no_text(
    in_tmp: Path, capsys: pytest.CaptureFixture[str], function: bytes
) -> None:
    end = b',"tools":[{"type":"function","function":' + function % DEEP + b"}]}"
    name = write("a.jsonl", whole(LINE, LINE[:-1] + end))
    assert result_of(capsys, name)["total"]["examples"] == 2


def test_arguments_that_are_nested_deeply_are_no_text(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = b'{"id":"c","type":"function","function":{"name":"f","arguments":%s}}' % DEEP
    line = LINE.replace(b'"content":"a"', b'"tool_calls":[%s]' % call)
    assert result_of(capsys, write("a.jsonl", whole(line)))["total"]["trainable_tokens"] == 4


def over(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[tuple[str, int, str]]:
    findings = report_of(capsys, *ABOUT, "--max-findings", "0", *arguments).findings
    return [(found.rule, found.location.line, found.message) for found in findings]


def test_enums_of_numbers_have_more_tokens_than_bytes(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    properties = {f"p{place}": {"enum": list(range(10))} for place in range(100)}
    given = tools({"type": "object", "properties": properties})
    lines = []
    for place in range(200):
        talk = orjson.loads(LINE)
        talk["messages"][0]["content"] = "q" * (place * 2) + " x" * (place // 5)
        lines.append(orjson.dumps({**talk, "tools": given}))
    profile = write(
        "tight.toml",
        b'title = "tight"\nextends = "azure"\n'
        b"[rules.example-exceeds-context]\ndefault_context = 4360\n",
    )
    name = write("a.jsonl", whole(*lines))
    counted = over(capsys, "--profile", profile, "--tokens", "exact", name)
    assert 0 < len(counted) < len(lines)
    assert min(len(lines[line - 1]) for _, line, _ in counted) < 4360
    assert over(capsys, "--profile", profile, name) == counted


def test_a_line_of_an_image_is_cut_into_tiles_too() -> None:
    stream = BytesIO()
    Image.new("1", (20_000, 1)).save(stream, "PNG")
    url = "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}]
    found = Meter("chat", None).measure({"messages": [{"role": "user", "content": content}]})
    assert found.images == 85 + 4 * 170


def test_tools_are_known_again_and_not_kept() -> None:
    meter = Meter("chat", None)
    lists = [tools({"properties": {f"p{place}": {}}}) for place in range(50)]
    before = [sys.getrefcount(entry) for entry in lists]
    counts = [meter.measure({**TALK, "tools": entry}).tools for entry in lists]
    after = [sys.getrefcount(entry) for entry in lists]
    assert sum(after) - sum(before) <= 1
    again = [meter.measure({**TALK, "tools": orjson.loads(orjson.dumps(x))}).tools for x in lists]
    assert again == counts


def test_many_messages_are_added_up_as_they_come() -> None:
    measure = Meter("chat", None).measure({"messages": TALK["messages"] * 5000})
    totals = Totals(None)
    tracemalloc.start()
    try:
        for place in range(40):
            totals.add(measure, Spot(place, 0, place, place))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert totals.roles["user"].count == 200_000
    assert most < 8 << 20


def test_files_of_all_formats_share_what_is_remembered() -> None:
    assert counter("o200k_base") is counter("o200k_base")
    assert counter("o200k_base") is not counter("cl100k_base")


def test_lines_of_another_format_are_said_not_to_be_counted(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = b'{"instruction":"q","output":"a"}'
    name = write("a.jsonl", whole(LINE, LINE, other, LINE))
    assert run(["tokens", name]) == 0
    assert "1 of 4 lines not counted" in capsys.readouterr().err


def test_a_profile_that_knows_no_context_cuts_nothing(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write("a.jsonl", whole(LINE.replace(b'"q"', b'"' + b"word " * 70_000 + b'"')))
    for profile, lost in (("azure", True), ("openai", True), ("together", False)):
        (entry,) = result_of(capsys, "--profile", profile, name)["files"]
        assert (entry["context"], entry["lost_tokens"] > 0) == (65_536 if lost else None, lost)
        known = entry["tokens"] - entry["lost_tokens"]
        assert entry["billed_tokens"] == known * entry["epochs"]
    assert run(["tokens", "--profile", "together", name]) == 0
    assert "  context   unknown\n" in capsys.readouterr().out
    (entry,) = result_of(capsys, "--profile", "together", "--model", "gpt-4o", name)["files"]
    assert entry["context"] == 65_536


def test_a_pair_is_held_against_the_context_by_output(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "word " * 30_000
    pair = {
        "input": {"messages": [{"role": "user", "content": said}]},
        "preferred_output": [{"role": "assistant", "content": said}],
        "non_preferred_output": [{"role": "assistant", "content": said}],
    }
    name = write("a.jsonl", whole(orjson.dumps(pair)))
    assert run(["tokens", name]) == 0
    out = capsys.readouterr().out
    assert "longest   90,018 (line 1)" in out
    assert "65,536: no input with an output is longer" in out


def table(price: str, more: str = "") -> str:
    return f"""currency = "EUR"
[[price]]
profile = "azure"
methods = ["sft"]
unit = "million tokens"
source = "our contract"
{price}
{more}"""


def costs(capsys: pytest.CaptureFixture[str], prices: str, *arguments: str) -> dict[str, Any]:
    name = write("a.jsonl", whole(*[LINE] * 50))
    file = write("prices.toml", prices.encode())
    found = result_of(capsys, "--prices", file, *arguments, name)["files"][0]["cost"]
    return {row["tier"]: row["price"] for row in found}


def test_a_price_is_found_by_the_name_that_was_given(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "gpt-4.1-2025-04-14"
    own = table(f'model = "{name}"\ntier = "Standard"\namount = 3\nchecked = 2026-01-02')
    assert costs(capsys, own, "--model", name) == {"Standard": [3, 3]}
    assert costs(capsys, own, "--model", "gpt-4o") == {"Standard": None}


DISCOUNTS = """
[[discount]]
profile = "azure"
tier = "Developer"
of = "Global"
share = 0.5
checked = 2026-01-02
source = "annex"
[[discount]]
profile = "azure"
tier = "Global"
of = "Standard"
share = [0.9, 0.7]
checked = 2026-01-02
source = "annex"
"""


def test_the_order_in_a_table_of_prices_means_nothing(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    price = 'model = "gpt-4.1"\ntier = "Standard"\namount = [20, 10]\nchecked = 2026-01-02'
    found = costs(capsys, table(price, DISCOUNTS), "--model", "gpt-4.1")
    assert found == {"Standard": [10, 20], "Global": [7, 18], "Developer": [3.5, 9]}


def test_a_small_cost_is_not_zero(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = write("a.jsonl", whole(LINE))
    price = 'model = "gpt-4.1"\ntier = "Standard"\namount = 0.1\nchecked = 2026-01-02'
    write("prices.toml", table(price).encode())
    cheap = ("--model", "gpt-4.1", "--epochs", "1", "--prices", "prices.toml", name)
    (row,) = result_of(capsys, *cheap)["files"][0]["cost"]
    assert row["cost"] == [0.0000013, 0.0000013]
    assert run(["tokens", *cheap]) == 0
    assert "1.3e-06 EUR" in capsys.readouterr().out


def test_a_table_of_prices_is_nothing_to_the_terminal(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write("a.jsonl", whole(LINE))
    price = r'model = "gpt-4.1"' + '\ntier = "\\u001b[1m"\namount = 1\nchecked = 2026-01-02'
    write("prices.toml", table(price).encode())
    assert run(["tokens", "--model", "gpt-4.1", "--prices", "prices.toml", name]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert r"\x1b[1m" in out


def test_a_profile_of_ones_own_has_the_prices_of_the_service_it_extends(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write("a.jsonl", whole(*[LINE] * 50))
    write("mine.toml", b'title = "mine"\nextends = "azure"\n')
    write("further.toml", b'title = "further"\nextends = "mine"\n')
    for profile in ("mine.toml", "further.toml"):
        arguments = ("--profile", profile, "--model", "gpt-4.1", name)
        assert result_of(capsys, *arguments)["files"][0]["cost"][0]["price"] == [2.0, 2.0]


def test_the_sequence_of_a_pair_is_what_the_limit_is_held_against(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = b'[{"role":"assistant","content":"' + b"word " * 2500 + b'"}]'
    pair = b'{"input":{"messages":[{"role":"user","content":"q"}]},"preferred_output":' + said
    name = write("a.jsonl", whole(*[pair + b',"non_preferred_output":' + said + b"}"] * 50))
    (entry,) = result_of(capsys, "--model", "gpt-3.5-turbo-0613", name)["files"]
    assert entry["longest"][0]["tokens"] > entry["context"] > entry["longest_sequence"]
    assert entry["longest"][0]["sequence"] == entry["longest_sequence"]
    assert entry["over_context"] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--epochs", "100000001"), "epochs is 100000001; give 1 to 100,000,000, or leave it out"),
        (("--epochs", "9" * 20), f"epochs is {'9' * 20}; give 1 to 100,000,000, or leave it out"),
        (("--prices", ""), "prices is empty; name a file, or leave it out"),
    ],
)
@pytest.mark.parametrize("command", ["tokens", "check"])
def test_values_that_do_not_fit_are_refused(
    in_tmp: Path, capsys: pytest.CaptureFixture[str], command: str, arguments: Any, words: str
) -> None:
    assert run([command, *arguments, write("a.jsonl")]) == 2
    assert one_line(capsys.readouterr().err) == words


@pytest.mark.skipif(os.name == "nt", reason="arguments are text there")
def test_a_model_that_is_no_text_is_refused(in_tmp: Path) -> None:
    done = process("tokens", "--model", "\udcff", write("a.jsonl"))
    assert done.returncode == 2
    assert one_line(done.stderr.decode()).startswith(r"model is '\udcff', which is not UTF-8")
