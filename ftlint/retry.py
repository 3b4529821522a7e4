"""When a request is sent again, and when that is given up.

Waiting is left to `tenacity`; what is decided here is how long, which the SDK's own retries get
wrong: they send a POST again whose work was done, and give up where they are asked to wait for
more than 120 seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from ftlint.failures import Unreachable

_TRIES = 6
_FIRST, _MOST = 0.5, 30.0
"""Seconds of the first wait and of the longest, full jitter: Azure's guide on retries."""

_PATIENCE = 600.0
"""Seconds that waiting takes in all, where a service asks for more with Retry-After."""

T = TypeVar("T")


class Again(Unreachable):
    """A failure that may pass.

    `after` are the seconds that the service asks to wait, None where it does not say. `sent` tells
    whether the service may have done the work.
    """

    def __init__(self, message: str, *, after: float | None = None, sent: bool = True) -> None:
        super().__init__(message)
        self.after = after
        self.sent = sent


def sleep(seconds: float) -> None:
    """Wait; tests put another clock here."""
    time.sleep(seconds)


def with_retries(
    do: Callable[[], T],
    told: Callable[[str], None],
    *,
    while_: Callable[[Again], bool] = lambda _: True,
) -> T:
    """Do something until it goes through, `_TRIES` times at most.

    It is done again after `Again`, where `while_` agrees. Raises the last `Again`, and whatever
    else `do` raises.
    """
    from tenacity import (  # noqa: PLC0415 - for the commands that reach a service only
        RetryCallState,
        Retrying,
        retry_if_exception,
        stop_after_attempt,
        wait_random_exponential,
    )

    jitter = wait_random_exponential(multiplier=_FIRST, max=_MOST)

    def failure(state: RetryCallState) -> BaseException | None:
        return state.outcome.exception() if state.outcome else None

    def wait(state: RetryCallState) -> float:
        error = failure(state)
        asked = error.after if isinstance(error, Again) else None
        return jitter(state) if asked is None else asked

    def too_long(state: RetryCallState) -> bool:
        return state.idle_for + state.upcoming_sleep > _PATIENCE

    def tell(state: RetryCallState) -> None:
        told(f"{failure(state)}; trying again in {state.upcoming_sleep:.1f} s")

    return Retrying(
        stop=lambda state: stop_after_attempt(_TRIES)(state) or too_long(state),
        wait=wait,
        retry=retry_if_exception(lambda error: isinstance(error, Again) and while_(error)),
        before_sleep=tell,
        sleep=lambda seconds: sleep(seconds),  # noqa: PLW0108 - looked up when it waits
        reraise=True,
    )(do)
