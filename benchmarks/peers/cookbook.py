"""The checks of format that OpenAI's cookbook describes; exit 1 if one fails.

Written for this benchmark after the description in "Data preparation and analysis for chat model
fine-tuning": the whole file is loaded, then seven kinds of error are counted. The file has no
byte-order mark, as the notebook opens it without regard for one.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

_KEYS = frozenset({"role", "content", "name", "function_call", "weight"})
_ROLES = frozenset({"system", "user", "assistant", "function"})


def load(path: str) -> list[Any]:
    """Return all examples of a file."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def faults(example: Any) -> Iterator[str]:
    """Yield the name of each error of an example."""
    if not isinstance(example, dict):
        yield "data_type"
        return
    messages = example.get("messages")
    if not messages:
        yield "missing_messages_list"
        return
    for message in messages:
        yield from message_faults(message)
    if not any(message.get("role") == "assistant" for message in messages):
        yield "example_missing_assistant_message"


def message_faults(message: dict[str, Any]) -> Iterator[str]:
    """Yield the name of each error of a message."""
    if "role" not in message or "content" not in message:
        yield "message_missing_key"
    if not _KEYS.issuperset(message):
        yield "message_unrecognized_key"
    if message.get("role") not in _ROLES:
        yield "unrecognized_role"
    content = message.get("content")
    if not isinstance(content, str) or (not content and not message.get("function_call")):
        yield "missing_content"


def main(path: str) -> int:
    """Count the errors of a file by kind."""
    dataset = load(path)
    counts = Counter(fault for example in dataset for fault in faults(example))
    for kind, count in sorted(counts.items()):
        print(f"{kind}: {count}")
    print(f"{len(dataset)} examples, {counts.total()} errors")
    return 1 if counts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
