"""Which examples are longer than the model takes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from ftlint.registry import Options
from ftlint.tokens.measure import MOST_PER_BYTE, Measure

if TYPE_CHECKING:
    from ftlint.tokens.meter import Meter

_CONTEXT = "example-exceeds-context"
_ABOUT = frozenset({_CONTEXT, "nothing-left-after-truncation"})


class Gauge:
    """Measures examples: all of them where counts are `exact`, else those that may be too long.

    `name` is the data format, `model` what `ftlint.models.find` says, None for none. `limit` is how
    many tokens the model takes, None where that is not known.
    """

    def __init__(
        self, name: str, model: Mapping[str, Any] | None, limit: int | None, *, exact: bool
    ) -> None:
        self._of, self.limit, self.exact = (name, model), limit, exact

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

    def measure(self, raw: bytes, data: dict[str, Any], *, images: bool) -> Measure | None:
        """Return the measure of an example, None for one that is not too long, unless `exact`.

        `images` is whether it may hold any, for which its bytes tell nothing.
        """
        limit = self.limit
        if not self.exact:
            if limit is None or (len(raw) * MOST_PER_BYTE <= limit and not images):
                return None
            if self._meter.bound(raw) <= limit or self._meter.guess(data).longest <= limit:
                return None
        return self._meter.measure(data)


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
