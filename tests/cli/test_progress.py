"""The progress bar: on the terminal of standard error, for long work, and nowhere else."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from types import SimpleNamespace

import pytest

from ftlint.cli import progress, run
from ftlint.cli.progress import Bar
from tests.support.helpers import write


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Return True, whatever else is so."""
        return True


class Clock:
    """Stands in for `time.monotonic`; `now` (seconds) is set by the test."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time that the test has set."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=made))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    return made


def test_nothing_is_shown_within_a_second(clock: Clock) -> None:
    with redirect_stderr(Terminal()) as terminal, Bar(enabled=True) as bar:
        step = bar.start(100)
        for clock.now in (0.0, 0.5, 1.0):
            step(10)
    assert terminal.getvalue() == ""


def test_a_bar_is_shown_after_a_second_and_removed_at_the_end(clock: Clock) -> None:
    with redirect_stderr(Terminal()) as terminal, Bar(enabled=True) as bar:
        step = bar.start(4_000_000)
        step(1_000_000)
        clock.now = 1.1
        step(1_000_000)
        shown = terminal.getvalue()
        assert "4.0 MB" in shown
        step(2_000_000)
    text = terminal.getvalue()
    assert "4.0/4.0 MB" in text
    assert text.endswith("\x1b[2K")  # the line is erased
    assert text.count("\n") <= 1


def test_a_bar_is_removed_when_the_work_fails(clock: Clock) -> None:
    def fail() -> None:
        with Bar(enabled=True) as bar:
            clock.now = 2.0
            bar.start(10)(5)
            raise KeyboardInterrupt

    with redirect_stderr(Terminal()) as terminal, pytest.raises(KeyboardInterrupt):
        fail()
    assert terminal.getvalue().endswith("\x1b[2K")


def test_no_bar_is_shown_where_it_is_not_wanted(clock: Clock) -> None:
    with redirect_stderr(Terminal()) as terminal, Bar(enabled=False) as bar:
        clock.now = 5.0
        bar.start(10)(5)
    assert terminal.getvalue() == ""


def test_no_bar_is_shown_away_from_a_terminal(clock: Clock) -> None:
    with redirect_stderr(io.StringIO()) as stream, Bar(enabled=True) as bar:
        clock.now = 5.0
        bar.start(10)(5)
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("arguments", "shown"), [([], True), (["--no-progress"], False), (["-q"], False)]
)
def test_a_check_shows_a_bar_unless_told_otherwise(
    arguments: list[str],
    *,
    shown: bool,
    in_tmp: object,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    begun = Bar.start

    def start(bar: Bar, total: int) -> Bar:
        clock.now += 2.0
        return begun(bar, total)

    monkeypatch.setattr(Bar, "start", start)
    with redirect_stderr(Terminal()) as terminal:
        assert run(["check", *arguments, write("a.jsonl")]) == 0
    assert bool(terminal.getvalue()) is shown
    assert "\x1b" not in capsys.readouterr().out
