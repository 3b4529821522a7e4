"""Which examples are longer than the model takes."""

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
_ABOUT = frozenset({_CONTEXT, "nothing-left-after-truncation"})


class Gauge:
    """Measures examples: all of them where counts are `exact`, else those that may be too long.

    `name` is the data format, `model` what `ftlint.models.find` says, None for none. `limit` is how
    many tokens the model takes, None where that is not known. `measured` is the measure of the last
    example, where counts are exact.
    """

    def __init__(
        self, name: str, model: Mapping[str, Any] | None, limit: int | None, *, exact: bool
    ) -> None:
        self._of, self.limit, self.exact = (name, model), limit, exact
        self.measured: Measure | None = None

    @cached_property
    def _meter(self) -> Meter:
        """What counts; most files need none."""
        from ftlint.tokens.meter import Meter  # noqa: PLC0415 - for what may be too long

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
        """Return what a job asks for, for data of a format; `told` is whether a rule would speak.

        `off` are the rules that the profile has switched off. None where nothing is to be counted.
        """
        mode, limit = job["tokens"], context_of(job, options, off)
        exact = mode == "exact"
        if mode == "off" or (not exact and (limit is None or not told)):
            return None
        return cls(name, job.get("model"), limit, exact=exact)

    def over(self, raw: bytes, data: dict[str, Any]) -> Measure | None:
        """Return the measure of an example that is too long, None for one that is not."""
        limit = self.limit
        if self.exact:
            self.measured = measure = self._meter.measure(data)
        elif limit is None or not self._may_be_over(raw, data, limit):
            return None
        else:
            measure = self._meter.measure(data)
        return measure if limit is not None and measure.longest > limit else None

    def _may_be_over(self, raw: bytes, data: dict[str, Any], limit: int) -> bool:
        """Tell whether an example may be too long, without counting where its bytes tell."""
        if len(raw) * MOST_PER_BYTE <= limit and b'"image_url"' not in raw:
            return False
        return self._meter.bound(raw) > limit and self._meter.guess(data).longest > limit

    def dense(self, raw: bytes, data: dict[str, Any]) -> bool:
        """Tell whether the tools of a chat example may have more tokens than bytes.

        Then it may be too long although its line is not, and so may others with these tools.
        """
        if self.exact or b'"enum"' not in raw:
            return False
        tools = orjson.dumps([data.get("tools"), data.get("functions")])
        shortest = tools.replace(b"0", b"")  # as if 1000000000.0 stood there as 1e9
        return self._meter.guess(data).tools > len(shortest)


def context_of(
    job: Mapping[str, Any], options: Mapping[str, Options], off: frozenset[str]
) -> int | None:
    """Return the tokens that an example of a job may have, None where that is not known.

    A profile that has switched the rules about it off (they are in `off`) knows of none.
    """
    if "model" in job:
        known: int | None = job["model"].get("context")
        return known
    if off >= _ABOUT:
        return None
    default: int | None = options[_CONTEXT].get("default_context")
    return default
