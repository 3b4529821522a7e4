"""What OpenAI's cookbook does with a file before it is uploaded; exit 1 if a check fails.

Written for this benchmark after the description in "Data preparation and analysis for chat model
fine-tuning": the whole file is loaded, then seven kinds of error are counted. With `--tokens`
before the file, and no error, tokens are counted too, as for gpt-3.5-turbo-0125, and what a job
would bill. The file has no byte-order mark, as the notebook opens it without regard for one.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

_KEYS = frozenset({"role", "content", "name", "function_call", "weight"})
_ROLES = frozenset({"system", "user", "assistant", "function"})

_CONTEXT = 16_385
"""The tokens that the model takes of one example."""

Messages = list[dict[str, Any]]
Encode = Callable[[str], list[int]]


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


def encoder() -> Encode:
    """Return what encodes a text; the vocabulary is the one that ftlint ships."""
    from ftlint.analysis.tokens import vocabulary  # noqa: PLC0415 - the checks alone do not pay for it

    return vocabulary.load("cl100k_base").encode


def tokens_of(messages: Messages, encode: Encode) -> int:
    """Return the tokens of an example: its texts, 3 a message, 1 a name, and 3 for a reply."""
    tokens = 3
    for message in messages:
        tokens += 3
        for key, value in message.items():
            tokens += len(encode(value)) + (key == "name")
    return tokens


def assistant_tokens_of(messages: Messages, encode: Encode) -> int:
    """Return the tokens of what the assistant says."""
    said = (message["content"] for message in messages if message["role"] == "assistant")
    return sum(len(encode(content)) for content in said)


def epochs_of(examples: int) -> int:
    """Return how often the service goes over so many examples, by default."""
    if examples * 3 < 100:
        return min(25, 100 // examples)
    return max(1, 25_000 // examples) if examples * 3 > 25_000 else 3


def print_tokens(dataset: list[Any]) -> None:
    """Print how messages and tokens are distributed, and what a job bills."""
    encode = encoder()
    lists = [example["messages"] for example in dataset]
    for role in ("system", "user"):
        without = sum(all(said["role"] != role for said in messages) for messages in lists)
        print(f"examples without a message of role {role}: {without}")
    totals = [tokens_of(messages, encode) for messages in lists]
    print_spread("messages", [len(messages) for messages in lists])
    print_spread("tokens", totals)
    print_spread("assistant tokens", [assistant_tokens_of(messages, encode) for messages in lists])
    print(f"examples over {_CONTEXT} tokens: {sum(tokens > _CONTEXT for tokens in totals)}")
    epochs = epochs_of(len(dataset))
    billed = epochs * sum(min(tokens, _CONTEXT) for tokens in totals)
    print(f"epochs: {epochs}, billed tokens: {billed}")


def print_spread(name: str, values: list[int]) -> None:
    """Print how values are distributed over examples."""
    ordered = sorted(values)
    cuts = (0, 5, 50, 95, 100)
    shares = ", ".join(f"{cut} %: {ordered[cut * (len(ordered) - 1) // 100]}" for cut in cuts)
    print(f"{name}: {sum(values)}, {sum(values) / len(values):.1f} an example; {shares}")


def main(path: str, *, count_tokens: bool = False) -> int:
    """Count the errors of a file by kind, and its tokens where that is asked for."""
    dataset = load(path)
    counts = Counter(fault for example in dataset for fault in faults(example))
    for kind, count in sorted(counts.items()):
        print(f"{kind}: {count}")
    print(f"{len(dataset)} examples, {counts.total()} errors")
    if count_tokens and not counts:
        print_tokens(dataset)
    return 1 if counts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[-1], count_tokens=sys.argv[1] == "--tokens"))
