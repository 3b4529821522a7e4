"""Which examples are longer than the model takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from ftlint.registry import Options
from ftlint.tokens.measure import Measure
from ftlint.tokens.meter import Meter

_CONTEXT = "example-exceeds-context"


class Gauge:
    """Measures examples: all of them where counts are `exact`, else those that may be too long.

    `limit` is how many tokens the model takes, None where that is not known. `measured` is the
    measure of the last example, where counts are exact.
    """

    def __init__(self, meter: Meter, limit: int | None, *, exact: bool) -> None:
        self.meter, self.limit, self.exact = meter, limit, exact
        self.measured: Measure | None = None

    @classmethod
    def of(
        cls, job: Mapping[str, Any], options: Mapping[str, Options], name: str, *, told: bool
    ) -> Self | None:
        """Return what a job asks for, for data of a format; `told` is whether a rule would speak.

        None where nothing is to be counted.
        """
        mode, limit = job["tokens"], context_of(job, options)
        exact = mode == "exact"
        if mode == "off" or (not exact and (limit is None or not told)):
            return None
        return cls(Meter(name, job.get("model")), limit, exact=exact)

    def over(self, raw: bytes, data: dict[str, Any]) -> Measure | None:
        """Return the measure of an example that is too long, None for one that is not."""
        meter, limit = self.meter, self.limit
        if self.exact:
            self.measured = measure = meter.measure(data)
        elif limit is None or meter.bound(raw) <= limit or meter.guess(data).longest <= limit:
            return None
        else:
            measure = meter.measure(data)
        return measure if limit is not None and measure.longest > limit else None


def context_of(job: Mapping[str, Any], options: Mapping[str, Options]) -> int | None:
    """Return the tokens that an example of a job may have, None where that is not known."""
    if "model" in job:
        known: int | None = job["model"].get("context")
        return known
    default: int | None = options[_CONTEXT].get("default_context")
    return default
