"""Detection of examples that exceed the model's context."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from ftlint.analysis.tokens.example_tokens import MOST_PER_BYTE, Measure
from ftlint.core.rule import Options

if TYPE_CHECKING:
    from ftlint.analysis.tokens.example_counter import Meter

_CONTEXT = "example-exceeds-context"
_CONTEXT_RULES = frozenset({_CONTEXT, "nothing-left-after-truncation"})


class Gauge:
    """A gauge that measures all examples if `exact`, else only those that may be too long.

    `name` is the data format, `model` the result of `ftlint.config.models.find` or None, `limit`
    the context in tokens, None if unknown.
    """

    def __init__(
        self, name: str, model: Mapping[str, Any] | None, limit: int | None, *, exact: bool
    ) -> None:
        self._of, self.limit, self.exact = (name, model), limit, exact

    @property
    def surely_fits(self) -> int:
        """The bytes up to which a line without images is not measured; -1 if all are."""
        return -1 if self.exact else (self.limit or 0) // MOST_PER_BYTE

    @cached_property
    def _meter(self) -> Meter:
        """The meter, which most files do not need."""
        from ftlint.analysis.tokens.example_counter import Meter  # noqa: PLC0415 - for examples that may be too long

        return Meter(*self._of)

    @classmethod
    def of(
        cls,
        job: Mapping[str, Any],
        options: Mapping[str, Options],
        off: frozenset[str],
        name: str,
        *,
        has_rules: bool,
    ) -> Self | None:
        """Return the gauge of a job for a data format, None if nothing is to be counted.

        `has_rules` is whether rules on its results are in force; `off` are the rules that the
        profile switches off.
        """
        mode, limit = job["tokens"], context_of(job, options, off)
        exact = mode == "exact"
        if mode == "off" or (not exact and (limit is None or not has_rules)):
            return None
        return cls(name, job.get("model"), limit, exact=exact)

    def measure(self, raw: bytes, data: dict[str, Any], *, images: bool) -> Measure | None:
        """Return the measure of an example that may exceed the limit, or of any with exact counts.

        `images` is whether it may hold any; their tokens do not follow from bytes.
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
    """Return the context of a job in tokens, None if unknown or if `off` has the rules on it."""
    if "model" in job:
        context: int | None = job["model"].get("context")
        return context
    if off >= _CONTEXT_RULES:
        return None
    default: int | None = options[_CONTEXT].get("default_context")
    return default
