"""The HTML page as a document: in order, the same each time, and nothing in the data is obeyed."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ftlint.core.report import Report
from tests.reporters.test_hostile import TEXTS, harmless
from tests.support.pages import Page, example_report, hostile, render


@pytest.fixture(scope="module")
def bikes() -> Report:
    """Return the report of the README's example."""
    return example_report()


def test_the_page_is_the_same_each_time(bikes: Report) -> None:
    assert render(bikes) == render(bikes)


@pytest.mark.parametrize("text", ["odd-text", *TEXTS.values()])
def test_the_page_is_in_order_and_loads_nothing(text: str) -> None:
    written = render(hostile(text))
    harmless(written)
    page = Page(written)
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    for target in page.values("href"):
        assert target.startswith("#")
        assert target[1:] in ids
    for tag, attributes in page.tags:
        assert tag not in {"script", "img", "link", "iframe", "object", "form", "base"}
        assert not {name for name in attributes if name.startswith("on")}
        assert not {"src", "style", "srcset", "xlink:href", "action"} & {*attributes}
        assert tag != "th" or "scope" in attributes
    assert page.tags[0] == ("html", {"lang": "en"})
    for place, (tag, attributes) in enumerate(page.tags):
        if tag == "svg":
            assert "aria-hidden" in attributes or page.tags[place + 1][0] == "title"


def test_a_browser_obeys_the_one_style_sheet(bikes: Report) -> None:
    text = render(bikes)
    (css,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'"
    assert any((value or "").startswith(policy) for value in Page(text).values("content"))
    assert "url(" not in css
    assert "@import" not in css


ODD = st.text(min_size=1, max_size=40) | st.text(alphabet="<>&\"'/=`{}%#!-] abr\n", min_size=1)


@given(ODD)
@example('"><script>alert(1)</script>')
@example("</style><script>alert(1)</script>")
@example("' onmouseover='alert(1)")
@example("{{ 7 * 7 }}{% raw %}")
@example("-->]]><svg/onload=alert(1)>")
@example("\ud800")
def test_no_text_adds_markup(text: str) -> None:
    found = Page(render(hostile(text)))
    assert [(tag, [*attributes]) for tag, attributes in found.tags] == harmless_markup()


@cache
def harmless_markup() -> list[tuple[str, list[str]]]:
    """Return the tags of a page of harmless text, with the names of their attributes."""
    return [(tag, [*attributes]) for tag, attributes in Page(render(hostile("a"))).tags]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, as WCAG 2 has it."""

    def light(color: str) -> float:
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_there_is_enough_contrast_in_both_schemes(bikes: Report) -> None:
    schemes = re.findall(r":root \{([^}]*)\}", render(bikes))[:2]
    assert len(schemes) == 2
    for scheme in schemes:
        color = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", scheme))
        for kind in ("error", "warning", "info", "passed"):
            assert contrast(color[kind], color["page"]) >= 4.5
            assert contrast(color[kind], color[f"{kind}-box"]) >= 4.5
            assert contrast(color["text"], color[f"{kind}-box"]) >= 4.5
        for ink in ("text", "aside", "link"):
            assert min(contrast(color[ink], color[paper]) for paper in ("page", "box")) >= 4.5
        assert contrast(color["fill"], color["page"]) >= 3
