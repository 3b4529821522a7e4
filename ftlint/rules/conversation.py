"""The order of messages, and what they say to each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ftlint.locate import show
from ftlint.model import Example, Hit, Related
from ftlint.registry import Options, rule
from ftlint.walk import CALLS, Conversation, Text, Turns

_ASSISTANT = ("assistant", CALLS)
_SYSTEM = ("system", "developer")
_LABELS = ("assistant", "user", "system", "human", "ai", "bot")
_LABEL = re.compile(rf"(?:{'|'.join(_LABELS)})\s*:", re.IGNORECASE)
_REPEATED = 40
"""Characters from which a repeated turn is told; shorter ones ("yes") repeat by nature."""


@rule("no-assistant-message", severity="error", on="turns", formats=["chat"], tags=["conversation"])
def no_assistant_message(turns: Turns, options: Options) -> Iterator[Hit]:
    """An example has an assistant message, for that is what is learnt.

    Together: "At least one message with the assistant role must be present in the example.";
    OpenAI's cookbook and Microsoft's `validate_sft.py` count it as an error too.
    """
    if not any(turn in _ASSISTANT for turn in turns):
        yield Hit((), "no assistant message, so there is nothing to learn")


@rule("no-user-message", severity="warning", on="turns", tags=["conversation"])
def no_user_message(turns: Turns, options: Options) -> Iterator[Hit]:
    """An example has a user message.

    Without one the model learns to speak unasked. No service is known to refuse it.
    """
    if "user" not in turns:
        yield Hit((), "no user message")


@rule(
    "last-message-not-assistant",
    severity="warning",
    on="turns",
    formats=["chat"],
    tags=["conversation"],
)
def last_message_not_assistant(turns: Turns, options: Options) -> Iterator[Hit]:
    """The last message is the assistant's.

    What follows the last answer is paid for and not learnt. Mistral refuses it ("Expected last
    role to be one of: [assistant]"); no message of OpenAI or Azure about it is known.
    """
    if turns[-1] not in _ASSISTANT and any(turn in _ASSISTANT for turn in turns):
        at = len(turns) - 1
        yield Hit((at,), f"the last message is from {turns[at]}, expected assistant")


@rule("system-not-first", severity="warning", on="turns", tags=["conversation"])
def system_not_first(turns: Turns, options: Options) -> Iterator[Hit]:
    """System messages come first.

    Fireworks: "system optional but must be first"; all of Microsoft's samples have it first.
    Azure and OpenAI say nothing of it.
    """
    for at, turn in enumerate(turns):
        if turn in _SYSTEM and any(before not in _SYSTEM for before in turns[:at]):
            yield Hit((at,), f"{turn} message after other messages, expected first")


@rule("multiple-system-messages", severity="warning", on="turns", tags=["conversation"])
def multiple_system_messages(turns: Turns, options: Options) -> Iterator[Hit]:
    """An example has one system message.

    Mistral: "Multiple messages with role 'system' encountered. Only one is allowed." Azure and
    OpenAI say nothing of it.
    """
    places = [at for at, turn in enumerate(turns) if turn in _SYSTEM]
    for at in places[1:]:
        first = Related("the first system message", (places[0],))
        yield Hit((at,), "a further system message", related=(first,))


@rule("consecutive-same-role", severity="warning", on="turns", tags=["conversation"],
      cases={"users": "info", "text-then-calls": "info"})  # fmt: skip
def consecutive_same_role(turns: Turns, options: Options) -> Iterator[Hit]:
    """User and assistant take turns.

    Together demands strict alternation. On Azure and OpenAI two user messages in a row are
    legal (their vision guides show it: `users`), and so is a text before tool calls, as in
    Microsoft's Zava sample (`text-then-calls`); two answers in a row look like a mistake.
    """
    for at in range(1, len(turns)):
        before, turn = turns[at - 1], turns[at]
        if before == turn == "user":
            yield Hit((at,), "two user messages in a row", case="users")
        elif before == "assistant" and turn == CALLS:
            message = "an assistant message with tool calls follows an assistant message"
            yield Hit((at,), message, case="text-then-calls")
        elif before == turn == "assistant":
            yield Hit((at,), "two assistant messages in a row")


@rule("assistant-first", severity="warning", on="turns", tags=["conversation"])
def assistant_first(turns: Turns, options: Options) -> Iterator[Hit]:
    """The conversation does not open with the assistant.

    Together demands user first. On Azure and OpenAI it is allowed, and teaches the model to
    answer before it was asked.
    """
    at = next((at for at, turn in enumerate(turns) if turn not in _SYSTEM), None)
    if at is not None and turns[at] in _ASSISTANT:
        yield Hit((at,), "the conversation opens with an assistant message")


@rule("role-label-in-content", severity="warning", on="text", when=_LABEL.match,
      starts=_LABELS, tags=["conversation"])  # fmt: skip
def role_label_in_content(example: Example, text: Text, options: Options) -> Iterator[Hit]:
    """A text does not begin with the name of a role.

    "Assistant: ..." inside the content is left over from a transcript, and is learnt as part of
    the answer. An inference; no service looks at it.
    """
    match = _LABEL.match(text.text)
    if match:
        message = f"the text begins with {show(match[0])}; the role says that already"
        yield Hit(text.pointer, message)


def _may_echo(messages: list[dict[str, Any]]) -> bool:
    asked = None
    for message in messages:
        role, said = message["role"], message.get("content")
        if role == "assistant" and asked is not None and _alike(asked, said):
            return True
        asked = said if role == "user" else None
    return False


def _alike(one: Any, other: Any) -> bool:
    return isinstance(one, str) and isinstance(other, str) and _same(one, other)


@rule("assistant-echoes-user", severity="warning", on="conversation", when=_may_echo,
      alike="start", tags=["conversation"])  # fmt: skip
def assistant_echoes_user(example: Example, talk: Conversation, options: Options) -> Iterator[Hit]:
    """An answer is not the question again.

    Case and white space do not count. Such rows come from columns that were mixed up.
    """
    before: dict[str, Any] = {}
    for index, message in enumerate(talk.messages):
        if message["role"] == "assistant" and before.get("role") == "user":
            asked, said = before.get("content"), message.get("content")
            if _alike(asked, said):
                related = (Related("the user message", (*talk.at, index - 1, "content")),)
                pointer = (*talk.at, index, "content")
                yield Hit(pointer, "the answer repeats the user message", related=related)
        before = message


def _same(one: str, other: str) -> bool:
    """Compare texts by their words; the first characters settle nearly every case."""
    first, second = one[:64].lstrip()[:1], other[:64].lstrip()[:1]
    if first and second and first.casefold() != second.casefold():
        return False
    words = one.casefold().split()
    return bool(words) and words == other.casefold().split()


def _may_repeat(messages: list[dict[str, Any]]) -> bool:
    texts = [message.get("content") for message in messages]
    long = [text for text in texts if isinstance(text, str) and len(text) >= _REPEATED]
    return len({len(text) for text in long}) < len(long) and len(set(long)) < len(long)


@rule("identical-turn-repeated", severity="info", on="conversation", when=_may_repeat,
      alike="length", tags=["conversation"])  # fmt: skip
def identical_turn_repeated(
    example: Example, talk: Conversation, options: Options
) -> Iterator[Hit]:
    """A message does not stand twice in an example.

    Of the same role and at least 40 characters: shorter ones ("yes", "go on") repeat by nature.
    An inference; it can be meant.
    """
    messages = talk.messages
    if len({message["role"] for message in messages}) == len(messages):
        return
    seen: dict[tuple[str, str], int] = {}
    for index, message in enumerate(messages):
        content = message.get("content")
        if isinstance(content, str) and len(content) >= _REPEATED:
            first = seen.setdefault((message["role"], content), index)
            if first != index:
                related = (Related("first here", (*talk.at, first, "content")),)
                message_ = f"the same {message['role']} message stands twice"
                yield Hit((*talk.at, index, "content"), message_, related=related)
