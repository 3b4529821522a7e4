"""One finding in full: its excerpt cut to the width, carets under it, and where help stands."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ftlint.core.finding import Excerpt, Finding, FixSummary, Location, RelatedPlace, Severity
from ftlint.core.report import Report, no_counts
from ftlint.reporters import Style
from ftlint.reporters.formats import full


def excerpt(text: str, start: int, end: int, *, width: int, **cut: bool) -> tuple[str, str]:
    """Show a piece of text as an excerpt; return the text and its carets, margins left out."""
    lines = list(render(Excerpt(text, start, end, **{**NOT_CUT, **cut}), width=width))
    assert lines[2] == "  |"
    assert lines[3].startswith("1 | ")
    assert lines[4].startswith("  | ")
    for line in lines[2:5]:
        assert cell_len(line) <= width
    return lines[3][4:], lines[4][4:]


NOT_CUT = {"cut_before": False, "cut_after": False}


def render(cut: Excerpt | None, *, width: int = 100, help_: str | None = None) -> list[str]:
    """Show one finding; there is no input, and so no verdict."""
    finding = Finding(
        rule="a-rule",
        severity=Severity.ERROR,
        message="a message",
        help=help_,
        location=Location("a.jsonl", 1, 1, 1, 0, ""),
        related=(RelatedPlace("see", Location("a.jsonl", 2, 2, 3, 4, None)),),
        fix=FixSummary("mend it", safe=True),
        fingerprint="",
        excerpt=cut,
    )
    report = Report(
        ftlint_version="",
        passed=False,
        strict=False,
        profile="",
        model=None,
        config_digest="",
        rules_digest="",
        counts=no_counts(),
        rules={},
        inputs=(),
        findings=(finding,),
        truncated={},
        statistics={},
        errors=(),
    )
    return list(full.render(report, Style(width=width)))[:-1]


def test_an_excerpt_that_fits_is_not_cut() -> None:
    assert excerpt("0123456789" * 3, 10, 12, width=40) == ("0123456789" * 3, " " * 10 + "^^")


def test_an_excerpt_is_cut_behind() -> None:
    text, carets = excerpt("0123456789" * 20, 3, 5, width=40)
    assert text == "0123456789" * 3 + "0123…"
    assert carets == "   ^^"


def test_an_excerpt_is_cut_in_front() -> None:
    text, carets = excerpt("0123456789" * 20, 198, 200, width=40)
    assert text == "…" + "6789" + "0123456789" * 3
    assert carets == " " * 33 + "^^"


def test_an_excerpt_is_cut_on_both_sides() -> None:
    text, carets = excerpt("0123456789" * 20, 100, 103, width=40)
    assert text.startswith("…")
    assert text.endswith("…")
    assert text[carets.index("^") : carets.index("^") + 3] == "012"
    assert carets.count("^") == 3


def test_what_was_cut_before_is_shown_as_cut() -> None:
    assert excerpt("abc", 1, 2, width=40, cut_before=True) == ("…abc", "  ^")
    assert excerpt("abc", 1, 2, width=40, cut_after=True) == ("abc…", " ^")


def test_a_mark_without_length_has_one_caret() -> None:
    assert excerpt("abc", 0, 0, width=40) == ("abc", "^")
    assert excerpt("abc", 2, 2, width=40) == ("abc", "  ^")
    assert excerpt("abc", 3, 3, width=40) == ("abc", "   ^")


def test_a_mark_is_cut_with_its_text() -> None:
    text, carets = excerpt("x" * 240, 10, 240, width=40)
    assert text.endswith("x…")
    assert carets.endswith("^")
    assert len(carets) == len(text) - 1


ANY = st.text(st.sampled_from("ab \té日😀\u0301\x1b\u202e\u200b\u009b\ufffd"), max_size=150)


@given(ANY, ANY, ANY, st.integers(40, 130), st.booleans(), st.booleans())
def test_any_excerpt_keeps_to_the_width(
    before: str, marked: str, after: str, width: int, cut_before: bool, cut_after: bool
) -> None:
    whole_text = before + marked + after or "x"
    text, carets = excerpt(
        whole_text,
        len(before),
        len(before + marked),
        width=width,
        cut_before=cut_before,
        cut_after=cut_after,
    )
    assert carets.strip() == "^" * carets.count("^")
    assert cell_len(carets) <= cell_len(text) + 1


def test_help_stands_beside_the_carets_where_it_fits() -> None:
    abc = Excerpt("abc", 1, 2, **NOT_CUT)
    short, long = "do this", "do that " * 5
    assert render(abc, width=40, help_=short)[4:6] == [
        "  |  ^ do this",
        "  = see: line 2, column 3",
    ]
    assert render(abc, width=40, help_=long)[4:7] == [
        "  |  ^",
        "  = see: line 2, column 3",
        f"  = help: {long}",
    ]
    assert render(abc, width=40, help_=long[:33])[4] == f"  |  ^ {long[:33]}"
    assert render(abc, width=40, help_=long[:34])[4] == "  |  ^"


def test_help_without_an_excerpt_has_a_line_of_its_own() -> None:
    for cut in (None, Excerpt("", 0, 0, **NOT_CUT)):
        assert render(cut, help_="do this") == [
            "error[a-rule]: a message",
            "  --> a.jsonl:1:1 (example 1)",
            "  = see: line 2, column 3",
            "  = help: do this",
            "  = fix: mend it (safe)     more: ftlint rule a-rule",
        ]
