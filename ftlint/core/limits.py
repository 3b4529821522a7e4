"""Limits of the work on one line, in one place because together they bound what a line may cost.

Data is untrusted: a line of a few kilobytes can ask for hours. What lies beyond a limit is not
checked, and a finding or a missing suggestion is all that a user sees of it. All of them are far
above what training data needs; `docs/security.md` lists them.
"""

from __future__ import annotations

LINE_VALUES = 1_000_000
"""Most values of a line: parsed, each takes up to 100 bytes of memory, and rules look at all."""

LINE_FINDINGS = 1_000
"""Most findings of a rule that are located in a line, unless more are to be stored; all count."""

SCHEMA_BYTES = 262_144
"""Most bytes of a function's parameters (as JSON) that are compiled."""

SCHEMA_PATTERNS = 64
"""Most regular expressions in a function's parameters."""

SCHEMA_STEPS = 10_000
"""Most schemas in a function's parameters, with references followed."""

PATTERN_STEPS = 10_000
"""Most steps back of a regular expression on one string; then the arguments are undecided."""

PATTERN_MATCHES = 5_000
"""Most regular expressions matched for one call: about a second at `PATTERN_STEPS` each."""

ARGUMENT_STEPS = 20_000_000
"""Most pairs of a schema, or an enum's value, and a value of the arguments of one call."""

ERROR_BYTES = 16 << 20
"""Most bytes of errors built for one call; above it only the first, which may be as large."""

SUGGESTED_NAMES = 256
"""Most names that a suggestion is looked for in; services take 128 functions."""

SUGGESTED_CHARACTERS = 64
"""Most characters of a name that gets a suggestion; services take names of 64."""
