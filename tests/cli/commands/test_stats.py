"""`ftlint stats`: the picture of a file, as text and as JSON, and what is said of the rest."""

from __future__ import annotations

import io
from typing import Any

import orjson
import pytest
from rich.cells import cell_len

from ftlint.analysis.statistics.histogram import Histogram
from ftlint.cli import run
from ftlint.reporters import Style, drawable
from ftlint.reporters.draw.bars import bars
from tests.conftest import SAMPLES
from tests.formats.test_images import made, uri
from tests.support.helpers import BOM, LINE, one_line, process, terminal, whole, write

pytestmark = pytest.mark.usefixtures("in_tmp")

ROW: dict[str, Any] = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Was ist das?"}]},
        {"role": "assistant", "content": "Ein Hund.", "weight": 0},
        {"role": "user", "content": "Und das?"},
        {
            "role": "assistant",
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "look"}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": "猫"},
        {"role": "assistant", "content": "Eine Katze.", "weight": 1},
    ],
    "tools": [{"type": "function", "function": {"name": name}} for name in ("look", "listen")],
}
PLAIN: dict[str, Any] = {
    "messages": [
        {"role": "user", "content": "猫は?"},
        {"role": "assistant", "content": "Eine Katze."},
    ]
}
PICTURE = """\
a.jsonl: chat (messages), 3 examples (1.1 kB)

  Sizes
                               min  5%  median   mean  95%  max
    bytes per example           95  95     512  375.7  516  516
    messages per example         2   2       7    5.3    7    7
    user messages per example    1   1       2    1.7    2    2
    characters per answer        9   9      11   10.2   11   11

  Messages per example
    2   █████████████████████████████████████████████ 1
    3   0
    4   0
    5   0
    6   0
    7   ██████████████████████████████████████████████████████████████████████████████████████████ 2

  Bytes per example
     50 to  99   ████████████████████████████████████████▌ 1
    100 to 149   0
    150 to 199   0
    200 to 249   0
    250 to 299   0
    300 to 349   0
    350 to 399   0
    400 to 449   0
    450 to 499   0
    500 to 549   █████████████████████████████████████████████████████████████████████████████████ 2

  Characters per answer
     9   ███████████████████████████████████████████████████████████▍ 2
    10   0
    11   █████████████████████████████████████████████████████████████████████████████████████████ 3

  Roles, and characters per message
               messages  min  5%  median  mean  95%  max
    system            2    9   9       9   9.0    9    9
    user              5    3   3       8   8.6   12   12
    assistant         7    9   9      11  10.2   11   11
    tool              2    1   1       1   1.0    1    1

  System prompts: one, 1 example without
    2 x "Be brief." (9 characters)

  5 answers, 2 different; repeated most often
    3 x "Eine Katze." (11 characters)
    2 x "Ein Hund." (9 characters)

  Weights of assistant messages
    none given          3
    0 (not trained on)  2
    1                   2

  Tools: in 2 examples (2 each), 2 calls
            defined  called
    listen        2       0
    look          2       2

  Scripts, and examples that are mostly in each
              letters  share  examples
    Latin          85  95.5%         3
    Han             3   3.4%         0
    Hiragana        1   1.1%         0
"""


def data(*rows: Any) -> bytes:
    return whole(*map(orjson.dumps, rows))


def picture(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Describe data, of which nothing is to be said besides; return the text."""
    assert run(["stats", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def json(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    assert run(["stats", "--output-format", "json", *arguments]) == code
    found: dict[str, Any] = orjson.loads(capsys.readouterr().out)
    return found


def test_the_picture_of_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert picture(capsys, write("a.jsonl", data(ROW, ROW, PLAIN))) == PICTURE


def test_what_is_not_in_the_data_is_not_in_the_picture(capsys: pytest.CaptureFixture[str]) -> None:
    text = picture(capsys, write("a.jsonl", data(PLAIN, PLAIN)))
    for title in ("Tools", "Images", "Weights", "System", "Fields", "Messages per"):
        assert title not in text


def rows_of(text: str) -> list[list[str]]:
    """Return the last words of each line, those that a table is about."""
    return [line.split()[-8:] for line in text.split("\n")]


def test_preference_data_show_both_outputs(capsys: pytest.CaptureFixture[str]) -> None:
    output = [{"role": "assistant", "content": "Ja."}]
    other = [{"role": "assistant", "content": "Nein, das nicht."}]
    row = {"input": {"messages": PLAIN["messages"][:1]}, "preferred_output": output,
           "non_preferred_output": other}  # fmt: skip
    text = picture(capsys, write("a.jsonl", data(row, row)))
    assert ["preferred", "output", "3", "3", "3", "3.0", "3", "3"] in rows_of(text)
    assert ["non-preferred", "output", "16", "16", "16", "16.0", "16", "16"] in rows_of(text)
    assert "characters per answer" not in text
    assert '  2 preferred answers, 1 different; repeated most often\n    2 x "Ja."' in text


def test_rows_for_a_grader_show_their_fields(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"messages": PLAIN["messages"][:1], "answer": 1}
    text = picture(capsys, write("a.jsonl", data(row, {**row, "bei\u202espiel": 2})))
    assert text.endswith("that have them\n    answer          2\n    bei\\u202espiel  1\n")


def test_images_are_shown_by_kind_and_size(capsys: pytest.CaptureFixture[str]) -> None:
    urls = [uri(made("PNG")), uri(made("PNG", size=(60, 90)))]
    found = [{"url": url, "detail": "low"} for url in urls]
    found.append({"url": "https://a.example/b.png"})
    parts = [{"type": "image_url", "image_url": image} for image in found]
    row = {"messages": [{"role": "user", "content": parts}, PLAIN["messages"][1]]}
    text = picture(capsys, write("a.jsonl", data(row)))
    assert "  Images: 3 in 1 example\n    kind    2 png, 1 remote\n" in text
    assert "    detail  2 low, 1 none given\n" in text
    assert ["longer", "side", "12", "12", "12", "51.0", "90", "90"] in rows_of(text)


def test_tools_beyond_those_that_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    tools = [{"type": "function", "function": {"name": f"f{number:02}"}} for number in range(25)]
    calls = [{"id": "c", "type": "function", "function": {"name": f"f{number:02}"}}
             for number in range(24)]  # fmt: skip
    said = {"role": "assistant", "tool_calls": calls}
    row = {"messages": [*PLAIN["messages"][:1], said], "tools": tools}
    text = picture(capsys, write("a.jsonl", data(row, {**row, "tools": tools[:2]})))
    assert "  Tools: in 2 examples (2 to 25 each), 48 calls\n" in text
    assert ["f00", "2", "2"] in rows_of(text)
    assert ["f02", "1", "2"] in rows_of(text)
    assert "    also never called: f24\n" in text


def test_several_inputs_follow_one_another(capsys: pytest.CaptureFixture[str]) -> None:
    write("d/a.jsonl", data(PLAIN))
    write("d/b.jsonl", data(ROW))
    one, other = picture(capsys, "d/a.jsonl"), picture(capsys, "d/b.jsonl")
    assert picture(capsys, "d") == f"{one}\n{other}"


def test_json_holds_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = json(capsys, write("a.jsonl", data(ROW, ROW, PLAIN)))
    assert found["errors"] == []
    [entry] = found["files"]
    assert [entry[key] for key in ("path", "bytes", "lines", "examples", "format", "method")] == [
        "a.jsonl", 1133, 3, 3, "chat", "sft",
    ]  # fmt: skip
    assert len(entry["sha256"]) == 64
    shown = entry["data"]
    assert shown["examples"] == 3
    assert shown["tools"]["uncalled"] == ["listen"]
    assert Histogram.from_dict(shown["messages"]).to_dict() == shown["messages"]


@pytest.mark.parametrize("more", [["-j", "2"], ["--range-size", "700"], ["--range-size", "1"]])
def test_how_the_work_is_cut_changes_nothing(
    capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    rows = [{**ROW, "tools": ROW["tools"][: number % 3]} for number in range(200)]
    path = write("a.jsonl", data(*rows, *[PLAIN] * 50))
    assert json(capsys, *more, path) == json(capsys, "-j", "1", path)


def test_lines_like_one_another_are_all_counted(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl", whole(*[LINE] * 500))
    [entry] = json(capsys, path)["files"]
    assert entry["data"]["examples"] == 500
    assert entry["data"]["answers"]["repeated"] == [{"text": "a", "length": 1, "times": 500}]


def test_the_method_decides_what_messages_are(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl", data(PLAIN))
    [entry] = json(capsys, "--method", "rft", "--profile", "openai", path)["files"]
    assert (entry["format"], entry["method"]) == ("reinforcement", "rft")


def test_lines_that_are_no_examples_are_left_out_and_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = write("a.jsonl", whole(LINE, b"{", b"[]", b"", LINE))
    assert run(["stats", path]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("a.jsonl: chat (messages), 2 examples (")
    assert err.startswith("a.jsonl: 3 of 5 lines not counted")
    assert err.count("\n") == 1


@pytest.mark.parametrize("content", [b"", BOM, b"{\n", b"\n", b'[{"messages": []}]'])
def test_without_examples_there_is_no_picture(
    capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = write("a.jsonl", content)
    assert run(["stats", path]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert lines[0].endswith(f", 0 examples ({len(content)} byte{'s' * (len(content) != 1)})")
    assert lines[1:] == ["  no examples to describe", ""]
    assert json(capsys, path)["files"][0]["data"] is None


def test_what_cannot_be_read_is_said_and_the_rest_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = write("a.jsonl", data(PLAIN))
    assert run(["stats", "none.jsonl", path]) == 2
    out, err = capsys.readouterr()
    assert "none.jsonl" in one_line(err)
    assert out.startswith("a.jsonl: ")
    found = json(capsys, "none.jsonl", path, code=2)
    assert [entry["path"] for entry in found["files"]] == ["a.jsonl"]
    assert len(found["errors"]) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--output-format", "xml", "a.jsonl"], "'xml'"),
        (["--method", "none", "a.jsonl"], "'none'"),
        (["--profile", "none", "a.jsonl"], "'none'"),
        (["-j", "0", "a.jsonl"], "'0'"),
        ([], "PATH"),
    ],
)
def test_wrong_options_are_named(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    write("a.jsonl")
    assert run(["stats", *arguments]) == 2
    assert words in one_line(capsys.readouterr().err)


HOSTILE = "\x1b[31m\u202e::error::\r\n##[group]\x07\u2028"


def test_nothing_in_the_data_reaches_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    call = {"id": "c", "type": "function", "function": {"name": HOSTILE}}
    messages = [
        {"role": "system", "content": HOSTILE},
        {"role": HOSTILE, "content": HOSTILE},
        {"role": "assistant", "content": HOSTILE, "tool_calls": [call]},
    ]
    row = {"messages": messages, "tools": [call], HOSTILE: HOSTILE}
    path = write("a.jsonl", data(*[row] * 3))
    for arguments in ([], ["--method", "rft"], ["--output-format", "json"]):
        assert run(["stats", *arguments, path]) == 0
        out = capsys.readouterr().out
        assert not {"\x1b", "\u202e", "\r", "\x07", "\u2028"} & set(out)
        assert not any(line.startswith("::") for line in out.splitlines())


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_texts_of_the_data_fit_into_the_terminal(width: int) -> None:
    texts = ["猫" * 300, "a" * 300, "e\u0301" * 300, "\n" * 300, "\x1b" * 300, "短い"]
    rows = [{"messages": [{"role": "system", "content": text}, PLAIN["messages"][0],
                          {"role": "assistant", "content": text}]} for text in texts]  # fmt: skip
    write("a.jsonl", data(*rows * 2))
    code, text = terminal("stats", "a.jsonl", env={"COLUMNS": str(width)})
    assert code == 0
    shown = [line for line in text.split("\n") if " x " in line]
    assert len(shown) == 5 + 6
    for line in shown:
        assert cell_len(line) <= max(width, 60)


def test_headings_are_bold_where_colours_are_wanted() -> None:
    write("a.jsonl", data(PLAIN))
    assert "  \x1b[1mSizes\x1b[0m\n" in terminal("stats", "a.jsonl")[1]
    assert "\x1b" not in terminal("stats", "a.jsonl", env={"NO_COLOR": "1"})[1]


def test_bars_are_drawn_with_what_can_be_written() -> None:
    write("a.jsonl", data(ROW, PLAIN))
    done = process("stats", "a.jsonl", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert b"    2   ####" in done.stdout
    assert b"\\u258" not in done.stdout
    done = process("stats", "a.jsonl", env={"PYTHONIOENCODING": "utf-8"})
    assert "    2   ████".encode() in done.stdout


def test_bars_are_as_long_as_their_counts() -> None:
    histogram = Histogram()
    for size, times in ((1, 800), (2, 400), (3, 1), (200, 50)):
        histogram.add(size, times)
    lines = list(bars(histogram, Style(width=60, blocks=False), indent=0))
    assert lines == [
        "  0 to  19   " + "#" * 41 + " 1,201",
        *(f"{low:>3} to {low + 19:>3}   0" for low in range(20, 200, 20)),
        "200 to 219   " + "#" * 2 + " 50",
    ]
    assert list(bars(Histogram(), Style())) == []


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples lie in another folder")
def test_what_is_told_of_microsofts_samples(capsys: pytest.CaptureFixture[str]) -> None:
    [entry] = json(capsys, str(SAMPLES / "sft-tools-stock-train.jsonl"))["files"]
    shown = entry["data"]
    assert shown["examples"] == 86
    assert shown["system_prompts"]["without"] == 0
    assert shown["system_prompts"]["distinct"] == 1
    assert {name: role["messages"] for name, role in shown["roles"].items()} == {
        "system": 86, "user": 86, "assistant": 86,
    }  # fmt: skip
    assert shown["tools"]["calls"] == 36
    assert [(tool["text"], tool["times"]) for tool in shown["tools"]["called"]] == [
        ("get_current_stock_price", 24),
        ("get_last_nday_stock_price", 12),
    ]
    assert shown["answers"]["characters"]["count"] == 86 - 36


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples lie in another folder")
def test_every_sample_has_a_picture(capsys: pytest.CaptureFixture[str]) -> None:
    for sample in sorted(SAMPLES.glob("*.jsonl")):
        text = picture(capsys, str(sample))
        assert "  Sizes\n" in text
        assert "  Scripts, " in text


def test_calls_of_tools_that_nobody_defines(capsys: pytest.CaptureFixture[str]) -> None:
    row = {key: value for key, value in ROW.items() if key != "tools"}
    text = picture(capsys, write("a.jsonl", data(row)))
    assert "  Tools: in 0 examples, 1 call\n" in text
    assert ["look", "0", "1"] in rows_of(text)


def test_few_of_many_scripts_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    alphabets = "aжبאक漢あア한กקაՀதአᠮ𐌀βᚠ"
    texts = [letter * (30 - place) for place, letter in enumerate(alphabets)]
    rows = [{"messages": [{"role": "user", "content": text}]} for text in texts]
    path = write("a.jsonl", data(*rows))
    named = json(capsys, path)["files"][0]["data"]["scripts"]
    assert picture(capsys, path).endswith(f"    and {len(named) - 12} more\n")


def test_texts_without_letters_have_no_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"messages": [{"role": "user", "content": "2+2"}, {"role": "assistant", "content": "4"}]}
    assert "Scripts" not in picture(capsys, write("a.jsonl", data(row)))


def test_a_stream_says_whether_it_takes_blocks() -> None:
    assert drawable(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert not drawable(io.TextIOWrapper(io.BytesIO(), encoding="cp1252"))
    assert not drawable(io.StringIO())
    assert not drawable(None)
