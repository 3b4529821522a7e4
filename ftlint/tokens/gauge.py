"""Detection of examples that exceed the model's context."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import orjson

from ftlint.registry import Options
from ftlint.tokens.measure import MOST_PER_BYTE, Measure

if TYPE_CHECKING:
    from ftlint.tokens.meter import Meter

_CONTEXT = "example-exceeds-context"
_CONTEXT_RULES = frozenset({_CONTEXT, "nothing-left-after-truncation"})


class Gauge:
    """A gauge that measures all examples if `exact`, else only those that may be too long.

    `name` is the data format, `model` the result of `ftlint.models.find` or None, `limit` the
    context in tokens, None if unknown. With exact counts, `measured` is the last example's measure.
    """

    def __init__(
        self, name: str, model: Mapping[str, Any] | None, limit: int | None, *, exact: bool
    ) -> None:
        self._of, self.limit, self.exact = (name, model), limit, exact
        self.measured: Measure | None = None

    @cached_property
    def _meter(self) -> Meter:
        """The meter, which most files do not need."""
        from ftlint.tokens.meter import Meter  # noqa: PLC0415 - for examples that may be too long

        return Meter(*self._of)

    @classmethod
    def of(
        cls,
        job: Mapping[str, Any],
        options: Mapping[str, Options],
        off: frozenset[str],
        name: str,
        *,
        told: bool,
    ) -> Self | None:
        """Return the gauge of a job for a data format, None if nothing is to be counted.

        `told` tells whether a rule would report its results; `off` are the rules that the profile
        switches off.
        """
        mode, limit = job["tokens"], context_of(job, options, off)
        exact = mode == "exact"
        if mode == "off" or (not exact and (limit is None or not told)):
            return None
        return cls(name, job.get("model"), limit, exact=exact)

    def over(self, raw: bytes, data: dict[str, Any]) -> Measure | None:
        """Return the measure of an example that exceeds the limit, None for any other."""
        limit = self.limit
        if self.exact:
            self.measured = measure = self._meter.measure(data)
        elif limit is None or not self._may_be_over(raw, data, limit):
            return None
        else:
            measure = self._meter.measure(data)
        return measure if limit is not None and measure.longest > limit else None

    def _may_be_over(self, raw: bytes, data: dict[str, Any], limit: int) -> bool:
        """Return whether an example may exceed the limit, from upper bounds by bytes."""
        if len(raw) * MOST_PER_BYTE <= limit and b'"image_url"' not in raw:
            return False
        return self._meter.bound(raw) > limit and self._meter.guess(data).longest > limit

    def dense(self, raw: bytes, data: dict[str, Any]) -> bool:
        """Return whether the tools of a chat example may have more tokens than bytes.

        Then it may exceed the limit although its line is short, as may others with these tools.
        """
        if self.exact or b'"enum"' not in raw:
            return False
        tools = orjson.dumps([data.get("tools"), data.get("functions")])
        shortest = tools.replace(b"0", b"")  # since 1000000000.0 may have been written as 1e9
        return self._meter.guess(data).tools > len(shortest)


def context_of(
    job: Mapping[str, Any], options: Mapping[str, Options], off: frozenset[str]
) -> int | None:
    """Return the context of a job in tokens, None if unknown or if `off` has the rules on it."""
    if "model" in job:
        context: int | None = job["model"].get("context")
        return context
    if off >= _CONTEXT_RULES:
        return None
    default: int | None = options[_CONTEXT].get("default_context")
    return default
