"""The plan of a check: inputs are probed one after another, and split into ranges.

It is lazy, so that checking starts before the last input is probed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ftlint.config.config import Config
from ftlint.core.report import RunError
from ftlint.engine.input_checker import check_file
from ftlint.engine.tally import Sum, Tally
from ftlint.inputs.discovery import Input, Range
from ftlint.inputs.paths import InputError, unreadable
from ftlint.inputs.prefetch import prefetch
from ftlint.inputs.probe import Probe, probe
from ftlint.inputs.ranges import cut


class Plan(Iterator[Range]):
    """The ranges of inputs; each input is probed when its turn comes.

    `inputs` holds the inputs probed so far, `size` the bytes of the ranges so far, `tallies` the
    findings of the rules on files.
    """

    def __init__(self, inputs: Sequence[Input], config: Config, range_size: int) -> None:
        self._config, self._range_size = config, range_size
        self._ranges = self._all(inputs)
        self.inputs: list[tuple[Input, Probe]] = []
        self.tallies = Sum(config.max_findings)
        self.size = 0

    def __next__(self) -> Range:
        part = next(self._ranges)
        self.size += part.end - part.start
        return part

    def _probe(self, entry: Input) -> Probe | OSError:
        try:
            return probe(entry, self._config.method)
        except OSError as error:
            return error

    def _all(self, inputs: Sequence[Input]) -> Iterator[Range]:
        for entry, probed in zip(inputs, prefetch(self._probe, inputs), strict=True):
            try:
                if isinstance(probed, OSError):
                    raise probed
                ranges = list(ranges_of(entry, probed, self._range_size))
            except OSError as error:
                unread = Tally(self._config.max_findings)
                unread.fail(refusal(unreadable(entry.path, error)))
                self.tallies.add(unread)
                continue
            self.inputs.append((entry, probed))
            if probed.compression is None:  # else its size is known only at the end
                self.tallies.add(check_file(probed, self._config))
            yield from ranges


def ranges_of(entry: Input, probed: Probe, size: int) -> Iterator[Range]:
    """Yield the ranges of an input, of about `size` bytes."""
    text, compression = probed.kind == "lines", probed.compression
    cuts = cut(entry, size) if compression is None else [(0, entry.size)]
    for start, end in cuts:
        given = (entry.path, entry.file, start, end, probed.format)
        yield Range(*given, text=text, fields=probed.fields, compression=compression)


def refusal(error: InputError) -> RunError:
    """Return the run error for an input that cannot be read."""
    return RunError(None, error.path, error.offset, str(error))
