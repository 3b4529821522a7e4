"""An emulator of Azure OpenAI and OpenAI on loopback, for rehearsals and tests.

    with Emulator(Settings(delay=0, faults=[Fault.parse("POST /files status=500 times=1")])) as it:
        client = OpenAI(base_url=f"{it.address}/v1", api_key="any")

On the command line it is `ftlint emulator`; docs/emulator.md says what it proves.
"""

from __future__ import annotations

from ftlint.emulator.exchange import Exchange
from ftlint.emulator.faults import Fault
from ftlint.emulator.server import Emulator
from ftlint.emulator.service.store import KEY, Settings

__all__ = ["KEY", "Emulator", "Exchange", "Fault", "Settings"]
