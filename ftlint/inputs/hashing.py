"""SHA-256 of the inputs, computed concurrently with the checks, since hashlib releases the GIL."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from ftlint.inputs import discovery
from ftlint.inputs.discovery import Input
from ftlint.inputs.prefetch import prefetch


class Digests:
    """Hashes of inputs, computed in order in a daemon thread that starts immediately.

    A daemon thread lets an interrupted check exit at once.
    """

    def __init__(self, inputs: Iterable[Input]) -> None:
        self._inputs = list(inputs)
        self._digests: dict[str, str] = {}
        self._failure: Exception | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="ftlint-sha256", daemon=True)
        self._thread.start()

    def of(self, entry: Input) -> str:
        """Return the hash of an input, in hexadecimal; empty if it can no longer be read."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return self._digests[entry.path]

    def stop(self) -> None:
        """Stop before the next input."""
        self._stopped = True

    def _run(self) -> None:
        try:
            digests = prefetch(_sha256, self._inputs)
            for entry in self._inputs:
                if self._stopped:
                    return
                self._digests[entry.path] = next(digests)
        except Exception as error:  # noqa: BLE001 - raised again by `of`
            self._failure = error


def _sha256(entry: Input) -> str:
    try:
        return discovery.sha256(entry)
    except OSError:  # disappeared meanwhile; `discovery.changed` detects that
        return ""
