"""Tables, plots, pages and images of training results: complete, in the frame, and not obeyed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ftlint.reporters import Style
from ftlint.reporters import results as reporter
from ftlint.reporters.draw.line_svg import drawings
from ftlint.reporters.draw.series import panels
from ftlint.training import results
from ftlint.training.results import FULL, TRAINING, VALIDATION, Metric, Point, Results
from tests.reporters.test_hostile import TEXTS, harmless
from tests.reporters.test_html_markup import contrast
from tests.support.pages import Page
from tests.support.training import Values, falling, job, noisy, parted, table
from tests.training.test_results import AZURE

WIDTHS = pytest.mark.parametrize("width", [40, 80, 120])
BOTH = pytest.mark.parametrize("blocks", [True, False], ids=["blocks", "ascii"])
CURVES = {"train_loss": falling(60), "valid_loss": parted(60), "train_accuracy": [0.5, 0.75]}


def shown(of: Results, style: Style | None = None) -> list[str]:
    """Return what a terminal shows."""
    return [*reporter.render(of, style or Style(width=80))]


def page(of: Results, title: str = "ftjob-1") -> str:
    """Return the page."""
    return "".join(f"{line}\n" for line in reporter.page(of, title))


def hostile(text: str) -> Results:
    """Return results that have a text wherever the file may bring one."""
    points = tuple(Point(step, 1 / step) for step in range(1, 101))
    metrics = (
        Metric(f"{text} loss", "loss", TRAINING, f"{text} loss", points),
        Metric(f"{text} valid", "loss", VALIDATION, f"{text} loss", points[::-1][:3]),
        Metric(f"{text} full", "loss", FULL, f"{text} loss", points[:3], (2,)),
        Metric(text, "other", "", text, points),
    )
    return Results(100, 1, 100, metrics, (text,))


def test_the_table() -> None:
    lines = shown(results.read(AZURE))
    assert lines[:9] == [
        "3 rows, step 1 to 3",
        "",
        "  metric                          values   first    last    best  at step",
        "  train_loss                           3  3.6000  1.5000  1.5000        3",
        "  train_mean_token_accuracy            3  0.2500  0.7500  0.7500        3",
        "  valid_loss                           2  3.5000  1.8000  1.8000        3",
        "  validation_mean_token_accuracy       2  0.3000  0.6000  0.6000        3",
        "  full_valid_loss                      1  1.7500  1.7500  1.7500        3",
        "  full_valid_mean_token_accuracy       1  0.6250  0.6250  0.6250        3",
    ]


def test_other_columns_are_in_the_table_and_not_drawn() -> None:
    text = "\n".join(shown(job(tokens=[5000, 60000], valid_loss=[], note=["a", "b"])))
    assert "  tokens           2  5,000  60,000" in text
    assert "  valid_loss       0" in text
    assert "  without numbers: note" in text
    assert "step 1 " not in text.replace("step 1 to", "")


def test_remarks_stand_before_the_plots() -> None:
    lines = shown(job(train_loss=falling(60), valid_loss=parted(60)))
    places = [place for place, line in enumerate(lines) if line.startswith("warning: ")]
    assert len(places) == 1
    assert places[0] < next(place for place, line in enumerate(lines) if "  Loss" in line)
    assert shown(job(train_loss=[1.0]))[5].startswith("info: nothing was measured on validation")
    colored = shown(job(train_loss=[1.0]), Style(width=80, color=True))
    assert colored[5].startswith("\x1b[36m\x1b[22minfo\x1b[0m: ")


PLOT = """\
  Loss
    .. train_loss
    o valid_loss
      2+...      o
       |  ..
       |   ..
       |    ...
    1.5+      ....
       |         ..
       |          ..
       |           ..
      1+            ....
       |               ...
       |                 ..
       |                  ..
    0.5+o                  ..
       +---------------------
        step 1             10"""

LINE = """\
  Loss   ⠒⠒ train_loss
      2┤⠙⢦
       │ ⠈⠳⣄
       │   ⠘⢦⡀
       │     ⠹⣄
    1.5┤      ⠈⢳⡀
       │        ⠙⢦
       │         ⠈⠳⣄
       │           ⠘⢦⡀
      1┤             ⠹⣄
       │              ⠈⢳⡀
       │                ⠙⢦
       │                 ⠈⠳⣄
    0.5┤                   ⠘⢦
       └─────────────────────
        step 1              2"""


def test_a_plot_in_ascii() -> None:
    some = job(
        train_loss=[2.0 - step / 6 for step in range(10)], valid_loss=[0.5, *[None] * 3, 2.0]
    )
    assert "\n".join(shown(some, Style(width=30, blocks=False))[-18:]) == PLOT


def test_a_plot_in_blocks() -> None:
    lines = shown(job(train_loss=[2.0, 0.5]), Style(width=30))
    assert "\n".join(lines[-16:]) == LINE


@BOTH
@WIDTHS
def test_lines_are_as_wide_as_there_is_room(*, width: int, blocks: bool) -> None:
    columns: dict[str, Values] = {
        "train_mean_token_accuracy": falling(300),
        "valid_loss": [None, *parted(200)],
    }
    columns |= {"train_loss": falling(300), "full_validation_mean_token_accuracy": [0.5]}
    lines = shown(job(**columns), Style(width=width, blocks=blocks))
    assert all(line == line.rstrip() for line in lines)
    plots = lines[lines.index("", 2) + 3 :]
    assert plots[0].startswith("  Loss")
    assert max(map(len, plots)) <= max(width, 55)
    assert all(map(str.isascii, plots)) != blocks
    assert max(map(len, lines[2:7])) <= max(width, 70)


def test_metrics_are_told_apart_without_colour() -> None:
    some = {"full_valid_loss": [1.0], "valid_loss": [2.0], "train_loss": [3.0], "loss": [4.0]}
    text = "\n".join(shown(job(**some), Style(width=200)))
    assert "⠒⠒ train_loss   o valid_loss   x full_valid_loss   + loss" in text
    colored = "\n".join(shown(job(**some), Style(width=200, color=True)))
    assert "\x1b[33mo\x1b[0m valid_loss" in colored
    assert re.sub("\x1b\\[[0-9]*m", "", colored) == text


@BOTH
def test_a_peak_of_one_step_is_seen(*, blocks: bool) -> None:
    loss = [1.0] * 20_000
    loss[12_345] = 9.0
    for name, mark in (("train_loss", "." if not blocks else "⠃⡇⠘⢸⡆⢰⡄⢠⡀⢀⠁⠈"), ("valid_loss", "o")):
        columns = {"train_loss": [1.0], name: loss}
        lines = shown(job(**columns), Style(width=80, blocks=blocks))
        drawn = lines[-17:]
        top = next(line for line in drawn if line.lstrip().startswith(("10┤", "10+", "9┤", "9+")))
        below = drawn[drawn.index(top) + 1]
        assert {*mark} & {*f"{top}{below}"}, drawn
        assert lines[-1].strip().startswith("up to 2")
    (drawing,) = drawings(job(train_loss=loss))
    (curve,) = drawing.curves
    heights = [float(height) for height in re.findall(r" ([\d.]+)", curve.band)]
    assert min(heights) <= 1000 * (drawing_top(job(train_loss=loss), 9.0)) + 0.1


def drawing_top(of: Results, value: float) -> float:
    """Return how far from the top a value is, 0 to 1."""
    return 1 - panels(of)[0].height(value)


FLOATS = st.floats(-1e100, 1e100) | st.floats(-2, 2) | st.sampled_from([0.0, 1e-320, 1e-9, 1.0])


@given(
    st.lists(FLOATS, min_size=1, max_size=40),
    st.lists(FLOATS, max_size=40),
    st.sampled_from([1, 1000, 1 << 45]),
)
def test_all_is_in_the_frame(first: list[float], second: list[float], stride: int) -> None:
    def points(values: list[float]) -> tuple[Point, ...]:
        return tuple(Point(place * stride, value) for place, value in enumerate(values))

    metrics = (
        Metric("train_loss", "loss", TRAINING, "loss", points(first)),
        Metric("valid_loss", "loss", VALIDATION, "loss", points(second)),
    )
    longest = max(len(first), len(second))
    data = Results(longest, 0, (longest - 1) * stride, metrics)
    (panel,) = panels(data)
    assert 2 <= len(panel.ticks) <= 7
    assert all(low < high for low, high in pairwise(panel.ticks))
    for metric in panel.metrics:
        places = panel.places(metric, 50)
        assert sum(place.total for place in places) == len(metric.points)
        for place in places:
            assert 0 <= place.column < 50
            assert 0 <= place.across <= 1
            assert -1e-9 <= panel.height(place.low) <= panel.height(place.high) <= 1 + 1e-9
    for style in (Style(width=60), Style(width=60, blocks=False)):
        assert max(map(len, shown(data, style)[-15:])) <= 60
    for drawing in drawings(data):
        for curve in drawing.curves:
            numbers = re.findall(r"-?[\d.]+", f"{curve.line}{curve.band}")
            assert all(-0.1 <= float(number) <= 1000.1 for number in numbers)
    assert json.dumps(reporter.to_dict(data), allow_nan=False)


def test_json_has_the_remarks() -> None:
    data = reporter.to_dict(job(train_loss=falling(60)))
    assert data["rows"] == 60
    assert [remark["kind"] for remark in data["remarks"]] == ["no-validation"]
    assert {*data["remarks"][0]} == {"kind", "severity", "message", "step"}


def test_what_the_page_tells() -> None:
    found = Page(page(job(**CURVES), "ftjob-17"))
    assert found.headings[0] == (1, "ftjob-17")
    assert [words for level, words in found.headings if level == 2] == [
        "Remarks",
        "Curves",
        "Metrics",
    ]
    assert "warning validation loss is lowest around step" in found.text
    assert "Loss by step: train_loss 2.5000 at first, 0.5055 at last; valid_loss" in found.text
    assert "train_accuracy 2 0.5000 0.7500 0.7500 2" in found.text
    assert "A line is the mean" not in found.text
    long = Page(page(job(train_loss=falling(20_000)))).text
    assert "A line is the mean of up to 63 values, the band around it reaches from" in long


def test_a_page_without_curves() -> None:
    found = Page(page(job(tokens=[1, 2], valid_accuracy=[], note=["a"])))
    assert "No loss, accuracy or reward was measured." in found.text
    assert "Columns without numbers note" in found.text
    assert "None: the curves show nothing" in Page(page(job(valid_loss=[1]))).text


@pytest.mark.parametrize("text", ["odd-text", *TEXTS.values()])
def test_the_page_is_in_order_and_loads_nothing(text: str) -> None:
    written = page(hostile(text), text)
    harmless(written)
    found = Page(written)
    levels = [level for level, _ in found.headings]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for place, (tag, attributes) in enumerate(found.tags):
        assert tag not in {"script", "img", "link", "iframe", "object", "form", "base", "a"}
        assert not {name for name in attributes if name.startswith("on")}
        assert not {"src", "style", "href", "xlink:href"} & {*attributes}
        assert tag != "th" or "scope" in attributes
        if tag == "svg":
            assert "aria-hidden" in attributes or found.tags[place + 1][0] == "title"
    harmless("\n".join(shown(hostile(text))))
    harmless(reporter.svg(hostile(text)))


ODD = st.text(min_size=1, max_size=40) | st.text(alphabet="<>&\"'/=`{}%#!-] abr\n", min_size=1)


@given(ODD)
@example('"><script>alert(1)</script>')
@example("</style><script>alert(1)</script>")
@example("{{ 7 * 7 }}{% raw %}")
@example("-->]]><svg/onload=alert(1)>")
@example("\ud800")
def test_no_text_adds_markup(text: str) -> None:
    shape = [(tag, [*attributes]) for tag, attributes in Page(page(hostile("a"), "a")).tags]
    found = Page(page(hostile(text), text))
    assert [(tag, [*attributes]) for tag, attributes in found.tags] == shape
    plain, odd = (ET.fromstring(reporter.svg(hostile(name))) for name in ("a", text))  # noqa: S314
    assert [element.tag for element in odd.iter()] == [element.tag for element in plain.iter()]


def test_a_browser_obeys_the_one_style_sheet() -> None:
    text = page(job(**CURVES))
    (css,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'"
    assert any((value or "").startswith(policy) for value in Page(text).values("content"))
    assert "url(" not in css
    assert "@import" not in css


def test_there_is_enough_contrast_in_both_schemes() -> None:
    schemes = re.findall(r":root \{([^}]*)\}", reporter.svg(job(**CURVES)))
    assert len(schemes) == 2
    for scheme in schemes:
        color = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", scheme))
        for name in ("first", "second", "third"):
            assert contrast(color[name], color["curve-page"]) >= 4.5
        for name in ("curve-text", "curve-aside"):
            assert contrast(color[name], color["curve-page"]) >= 4.5


def test_the_image_stands_alone() -> None:
    text = reporter.svg(job(**CURVES))
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.attrib["viewBox"] == f"0 0 720 {root.attrib['height']}"
    words = [element.text for element in root.iter() if element.tag.endswith("}text")]
    assert [word for word in words if word in {"Loss", "Accuracy", *CURVES}] == [
        "Loss",
        "train_loss",
        "valid_loss",
        "Accuracy",
        "train_accuracy",
    ]
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text
    assert "no loss, accuracy or reward was measured" in reporter.svg(job(tokens=[1]))


def test_the_same_results_give_the_same_bytes() -> None:
    data = results.read(table({"train_loss": noisy(falling(500), 1, 0.1)}))
    assert page(data) == page(data)
    assert reporter.svg(data) == reporter.svg(data)
