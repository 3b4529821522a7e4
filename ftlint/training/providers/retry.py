"""Retry policy of requests, on top of `tenacity`.

The SDK's own retries do not fit: they repeat a POST whose work was done, and give up when asked to
wait for more than 120 seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from ftlint.core.errors import Unreachable

_TRIES = 6
_FIRST, _MOST = 0.5, 30.0
"""Seconds of the first and of the longest wait, with full jitter: Azure's guide on retries."""

_PATIENCE = 600.0
"""Maximum seconds of waiting in all, even if Retry-After asks for more."""

T = TypeVar("T")


class Again(Unreachable):
    """A transient failure.

    `after` is the seconds that the service asks to wait, None if unspecified. `sent` tells whether
    the service may have done the work.
    """

    def __init__(self, message: str, *, after: float | None = None, sent: bool = True) -> None:
        super().__init__(message)
        self.after = after
        self.sent = sent


def sleep(seconds: float) -> None:
    """Sleep; tests replace this."""
    time.sleep(seconds)


def with_retries(
    do: Callable[[], T],
    warn: Callable[[str], None],
    *,
    while_: Callable[[Again], bool] = lambda _: True,
) -> T:
    """Call `do` until it succeeds, at most `_TRIES` times, and return its result.

    A call is retried after `Again` if `while_` returns true for it; `warn` gets a message before
    each wait. Raises the last `Again`, and anything else that `do` raises.
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

    def announce(state: RetryCallState) -> None:
        warn(f"{failure(state)}; trying again in {state.upcoming_sleep:.1f} s")

    return Retrying(
        stop=lambda state: stop_after_attempt(_TRIES)(state) or too_long(state),
        wait=wait,
        retry=retry_if_exception(lambda error: isinstance(error, Again) and while_(error)),
        before_sleep=announce,
        sleep=lambda seconds: sleep(seconds),  # noqa: PLW0108 - late bound, so that tests can patch
        reraise=True,
    )(do)
