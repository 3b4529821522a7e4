"""How long is waited before a request is sent again, and when that is given up."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate
from typing import NoReturn

import pytest

from ftlint.cli import run
from ftlint.core.errors import Rejected, Unreachable
from ftlint.training.providers import retry
from ftlint.training.providers.retry import Again, with_retries
from tests.support.helpers import one_line
from tests.support.stub import KEY, Said, reach, stub

Waits = list[float]


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    """Return the seconds that would be waited; the clock stands still."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    monkeypatch.delenv("OPENAI_CUSTOM_HEADERS", raising=False)
    found: Waits = []
    monkeypatch.setattr(retry, "sleep", found.append)
    return found


def asked_to_wait(name: str, value: str) -> tuple[int, float | None]:
    """Answer 429 once, and 200 from then on; return the requests and what `Again` says."""
    said = [Said({"error": {}}, 429, headers={name: value})]
    with stub(lambda _: said.pop() if said else Said({"id": "j"})) as service:
        with reach(service.address) as api:
            try:
                api.job("j")
            except Again as error:
                return len(service.asked), error.after
        return len(service.asked), None


@pytest.mark.parametrize(
    ("name", "value", "seconds"),
    [
        ("Retry-After", "0", 0),
        ("Retry-After", "3", 3),
        ("Retry-After", " 3 ", 3),
        ("Retry-After", "1.5", 1.5),
        ("Retry-After", "121", 121),
        ("Retry-After", "599", 599),
        ("retry-after-ms", "250", 0.25),
        ("retry-after-ms", "121000", 121),
        ("retry-after-ms", "0.5", 0.0005),
    ],
)
def test_what_the_service_asks_for_is_obeyed(
    name: str, value: str, seconds: float, waits: Waits
) -> None:
    assert asked_to_wait(name, value) == (2, None)
    assert waits == [seconds]


@pytest.mark.parametrize("ahead", [5, 300])
def test_a_date_is_obeyed(ahead: int, waits: Waits) -> None:
    assert asked_to_wait("Retry-After", formatdate(time.time() + ahead, usegmt=True)) == (2, None)
    (waited,) = waits
    assert ahead - 5 <= waited <= ahead


def test_a_date_that_is_over_is_no_wait(waits: Waits) -> None:
    asked_to_wait("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT")
    assert waits == [0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Retry-After", "601"),
        ("Retry-After", "86400"),
        ("Retry-After", "9" * 400),
        ("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"),
        ("retry-after-ms", "600001"),
    ],
)
def test_more_than_ten_minutes_is_given_up_at_once(name: str, value: str, waits: Waits) -> None:
    requests, after = asked_to_wait(name, value)
    assert requests == 1
    assert after is not None
    assert after > 600
    assert waits == []


@pytest.mark.parametrize(
    "value",
    [
        "", "-1", "-3.5", "+3", "NaN", "inf", "1e3", "soon", "3 s", "²", "0x10", "1,5", ".", "٣",
        "Mon, 01 Jan 0001 00:00:00 -0000", "Mon, 01 Jan 0000 00:00:00 GMT",
        "Mon, 99 Foo 2026 25:61:61 GMT", "3; 4",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["Retry-After", "retry-after-ms"])
def test_what_is_no_time_counts_for_nothing(name: str, value: str, waits: Waits) -> None:
    if not value.isascii():
        value = value.encode().decode("latin-1")  # as bytes that are no ASCII arrive
    assert asked_to_wait(name, value) == (2, None)
    (waited,) = waits
    assert 0 <= waited <= 1


def test_waits_that_add_up_to_more_than_ten_minutes_are_given_up(waits: Waits) -> None:
    said = Said({}, 429, headers={"Retry-After": "250"})
    with stub(lambda _: said) as service, reach(service.address) as api:
        with pytest.raises(Unreachable, match="answers 429"):
            api.job("j")
        assert len(service.asked) == 3
    assert waits == [250, 250]


def test_the_command_line_ends_with_5(waits: Waits, capsys: pytest.CaptureFixture[str]) -> None:
    answer = {"error": {"code": "quotaExceeded", "message": "come back tomorrow"}}
    said = Said(answer, 429, headers={"Retry-After": "86400"})
    with stub(lambda _: said) as service:
        assert run(["jobs", "list", "-q", "--endpoint", service.address]) == 5
    shown = one_line(capsys.readouterr().err)
    assert "answers 429 (quotaExceeded): come back tomorrow" in shown
    assert waits == []


def test_what_is_waited_for_is_told(waits: Waits, capsys: pytest.CaptureFixture[str]) -> None:
    said = [Said({}, 503, headers={"Retry-After": "7"})]
    with stub(lambda _: said.pop() if said else Said({"data": []})) as service:
        assert run(["jobs", "list", "-v", "--endpoint", service.address]) == 0
    assert "answers 503; trying again in 7.0 s" in capsys.readouterr().err


def failing(error: Exception) -> tuple[Callable[[], NoReturn], list[None]]:
    calls: list[None] = []

    def do() -> NoReturn:
        calls.append(None)
        raise error

    return do, calls


def test_six_tries_and_growing_waits(waits: Waits) -> None:
    do, calls = failing(Again("lost"))
    with pytest.raises(Again, match="lost"):
        with_retries(do, lambda _: None)
    assert len(calls) == 6
    assert len(waits) == 5
    for number, waited in enumerate(waits):
        assert 0 <= waited <= min(30, 0.5 * 2**number)


def test_the_waits_are_not_the_same_for_all(waits: Waits) -> None:
    for _ in range(4):
        do, _calls = failing(Again("lost"))
        with pytest.raises(Again):
            with_retries(do, lambda _: None)
    assert len(set(waits)) > 10


@pytest.mark.parametrize("error", [Rejected("no"), Unreachable("no"), ValueError("no"), OSError()])
def test_only_what_may_pass_is_done_again(error: Exception, waits: Waits) -> None:
    do, calls = failing(error)
    with pytest.raises(type(error)):
        with_retries(do, lambda _: None)
    assert len(calls) == 1
    assert waits == []


def test_whoever_calls_may_forbid_it(waits: Waits) -> None:
    for sent, count in ((True, 1), (False, 6)):
        do, calls = failing(Again("lost", sent=sent))
        with pytest.raises(Again):
            with_retries(do, lambda _: None, while_=lambda failure: not failure.sent)
        assert len(calls) == count


def test_an_interrupt_ends_it(waits: Waits) -> None:
    def do() -> NoReturn:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        with_retries(do, lambda _: None)
    assert waits == []
