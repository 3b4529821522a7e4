"""The work of a check: inputs are looked at, one after the other, and cut into ranges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ftlint.config.config import Config
from ftlint.core.report import RunError
from ftlint.engine.input_checker import check_file
from ftlint.engine.tally import Sum, Tally
from ftlint.inputs import ranges as reading
from ftlint.inputs.discovery import Input, Range
from ftlint.inputs.paths import InputError, unreadable
from ftlint.inputs.prefetch import prefetch
from ftlint.inputs.probe import Probe, probe


class Plan(Iterator[Range]):
    """The ranges of inputs; an input is looked at when its turn comes.

    `known` are the inputs looked at so far, `size` the bytes of the ranges so far; `found` is what
    looking at them has found already.
    """

    def __init__(self, inputs: Sequence[Input], config: Config, range_size: int) -> None:
        self._config, self._range_size = config, range_size
        self._ranges = self._all(inputs)
        self.known: list[tuple[Input, Probe]] = []
        self.found = Sum(config.max_findings)
        self.size = 0

    def __next__(self) -> Range:
        part = next(self._ranges)
        self.size += part.end - part.start
        return part

    def _look(self, entry: Input) -> Probe | OSError:
        try:
            return probe(entry, self._config.method)
        except OSError as error:
            return error

    def _all(self, inputs: Sequence[Input]) -> Iterator[Range]:
        for entry, looked in zip(inputs, prefetch(self._look, inputs), strict=True):
            try:
                if isinstance(looked, OSError):
                    raise looked
                ranges = list(ranges_of(entry, looked, self._range_size))
            except OSError as error:
                unread = Tally(self._config.max_findings)
                unread.fail(refusal(unreadable(entry.path, error)))
                self.found.add(unread)
                continue
            self.known.append((entry, looked))
            if looked.compression is None:  # else its size is known at the end
                self.found.add(check_file(looked, self._config))
            yield from ranges


def ranges_of(entry: Input, looked: Probe, size: int) -> Iterator[Range]:
    """Cut an input into ranges; `size` is in bytes."""
    text, compression = looked.kind == "lines", looked.compression
    cuts = reading.cut(entry, size) if compression is None else [(0, entry.size)]
    for start, end in cuts:
        given = (entry.path, entry.file, start, end, looked.format)
        yield Range(*given, text=text, fields=looked.fields, compression=compression)


def refusal(error: InputError) -> RunError:
    """Turn an input that cannot be read into an error of the run."""
    return RunError(None, error.path, error.offset, str(error))
