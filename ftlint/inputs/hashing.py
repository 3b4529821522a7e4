"""SHA-256 of the inputs, computed beside the checks: hashlib releases the interpreter's lock."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from ftlint.inputs import discovery
from ftlint.inputs.discovery import Input
from ftlint.inputs.prefetch import ahead


class Digests:
    """Hashes inputs in a thread of its own, from now on, in their order.

    The thread does not keep the program from ending: an interrupted check ends at once.
    """

    def __init__(self, inputs: Iterable[Input]) -> None:
        self._inputs = list(inputs)
        self._found: dict[str, str] = {}
        self._failure: Exception | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="ftlint-sha256", daemon=True)
        self._thread.start()

    def of(self, entry: Input) -> str:
        """Return the hash of an input, in hexadecimal; "" for one that cannot be read any more."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return self._found[entry.path]

    def stop(self) -> None:
        """Hash no further input."""
        self._stopped = True

    def _run(self) -> None:
        try:
            digests = ahead(_sha256, self._inputs)
            for entry in self._inputs:
                if self._stopped:
                    return
                self._found[entry.path] = next(digests)
        except Exception as error:  # noqa: BLE001 - it is raised again where the hash is asked for
            self._failure = error


def _sha256(entry: Input) -> str:
    try:
        return discovery.sha256(entry)
    except OSError:  # gone meanwhile, which `source.changed` tells
        return ""
