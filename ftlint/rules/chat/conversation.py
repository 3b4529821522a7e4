"""Rules on the order of messages, and on repetition among them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

from ftlint.core.finding import Hit, Related
from ftlint.core.rule import Options
from ftlint.core.text import show
from ftlint.rules.context import CALLS, Contents, Roles, Turns, texts
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

_ASSISTANT = ("assistant", CALLS)
_SYSTEM = ("system", "developer")
_LABELS = ("assistant", "user", "system", "human", "ai", "bot")
_LABEL = re.compile(rf"(?:{'|'.join(_LABELS)})\s*:", re.IGNORECASE)
_ASKED = ("user", "assistant")
_START = 16
"""Characters of two texts that are compared before all of them are."""

_REPEATED = 40
"""Characters from which a repeated turn is told; shorter ones ("yes") repeat by nature."""


@rule("no-assistant-message", severity="error", on=Event.TURNS, formats=["chat"],
      tags=["conversation"])  # fmt: skip
def no_assistant_message(turns: Turns, options: Options) -> Iterator[Hit]:
    """An example has an assistant message, for that is what is learnt.

    Together: "At least one message with the assistant role must be present in the example.";
    OpenAI's cookbook and Microsoft's `validate_sft.py` count it as an error too.
    """
    if not any(turn in _ASSISTANT for turn in turns):
        yield Hit((), "no assistant message, so there is nothing to learn")


@rule("no-user-message", severity="warning", on=Event.TURNS, tags=["conversation"])
def no_user_message(turns: Turns, options: Options) -> Iterator[Hit]:
    """An example has a user message.

    Without one the model learns to speak unasked. No service is known to refuse it.
    """
    if "user" not in turns:
        yield Hit((), "no user message")


@rule(
    "last-message-not-assistant",
    severity="warning",
    on=Event.TURNS,
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


@rule("system-not-first", severity="warning", on=Event.TURNS, tags=["conversation"])
def system_not_first(turns: Turns, options: Options) -> Iterator[Hit]:
    """System messages come first.

    Fireworks: "system optional but must be first"; all of Microsoft's samples have it first.
    Azure and OpenAI say nothing of it.
    """
    for at, turn in enumerate(turns):
        if turn in _SYSTEM and any(before not in _SYSTEM for before in turns[:at]):
            yield Hit((at,), f"{turn} message after other messages, expected first")


@rule("multiple-system-messages", severity="warning", on=Event.TURNS, tags=["conversation"])
def multiple_system_messages(turns: Turns, options: Options) -> Iterator[Hit]:
    """An example has one system message.

    Mistral: "Multiple messages with role 'system' encountered. Only one is allowed." Azure and
    OpenAI say nothing of it.
    """
    places = [at for at, turn in enumerate(turns) if turn in _SYSTEM]
    for at in places[1:]:
        first = Related("the first system message", (places[0],))
        yield Hit((at,), "a further system message", related=(first,))


@rule("consecutive-same-role", severity="warning", on=Event.TURNS, tags=["conversation"],
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


@rule("assistant-first", severity="warning", on=Event.TURNS, tags=["conversation"])
def assistant_first(turns: Turns, options: Options) -> Iterator[Hit]:
    """The conversation does not open with the assistant.

    Together demands user first. On Azure and OpenAI it is allowed, and teaches the model to
    answer before it was asked.
    """
    at = next((at for at, turn in enumerate(turns) if turn not in _SYSTEM), None)
    if at is not None and turns[at] in _ASSISTANT:
        yield Hit((at,), "the conversation opens with an assistant message")


@rule("role-label-in-content", severity="warning", on=Event.CONVERSATION, tags=["conversation"])
def role_label_in_content(roles: Roles, contents: Contents, options: Options) -> Iterator[Hit]:
    """A text does not begin with the name of a role.

    "Assistant: ..." inside the content is left over from a transcript, and is learnt as part of
    the answer. An inference; no service looks at it.
    """
    for index, content in enumerate(contents):
        if type(content) is str and not (":" in content and _LABEL.match(content)):
            continue  # as most are
        for text in texts((index,), {"role": roles[index], "content": content}):
            if match := _LABEL.match(text.text):
                words = f"the text begins with {show(match[0])}; the role says that already"
                yield Hit(text.pointer, words)


@rule("assistant-echoes-user", severity="warning", on=Event.CONVERSATION, tags=["conversation"])
def assistant_echoes_user(roles: Roles, contents: Contents, options: Options) -> Iterator[Hit]:
    """An answer is not the question again.

    Case and white space do not count. Such rows come from columns that were mixed up.
    """
    for index in _answers(roles):
        if _same_words(contents[index - 1], contents[index]):
            related = (Related("the user message", (index - 1, "content")),)
            yield Hit((index, "content"), "the answer repeats the user message", related=related)


@lru_cache(4096)
def _answers(roles: tuple[str, ...]) -> list[int]:
    """Return the indices of assistant messages that follow a user message."""
    return [index for index, pair in enumerate(pairwise(roles), 1) if pair == _ASKED]


def _same_words(one: Any, other: Any) -> bool:
    """Return whether texts have the same words; the first words decide nearly every case."""
    if type(one) is not str or type(other) is not str:
        return False
    first, second = one[:1], other[:1]
    blank = first.isspace() or second.isspace()
    if not blank and first.casefold()[:1] != second.casefold()[:1]:
        return False
    whole = min(len(one), len(other)) <= _START
    start, begin = one[:_START].casefold().split(), other[:_START].casefold().split()
    same = min(len(start), len(begin)) - 1  # the last word may be cut
    if not whole and start[:same] != begin[:same]:
        return False
    words = one.casefold().split()
    return bool(words) and words == other.casefold().split()


@rule("identical-turn-repeated", severity="info", on=Event.CONVERSATION, tags=["conversation"])
def identical_turn_repeated(roles: Roles, contents: Contents, options: Options) -> Iterator[Hit]:
    """A message does not stand twice in an example.

    Of the same role and at least 40 characters: shorter ones ("yes", "go on") repeat by nature.
    An inference; it can be meant.
    """
    long = [text for text in contents if type(text) is str and len(text) >= _REPEATED]
    if len(set(map(len, long))) == len(long):
        return
    seen: dict[tuple[str, str], int] = {}
    for index, content in enumerate(contents):
        if type(content) is str and len(content) >= _REPEATED:
            first = seen.setdefault((roles[index], content), index)
            if first != index:
                related = (Related("first here", (first, "content")),)
                message = f"the same {roles[index]} message stands twice"
                yield Hit((index, "content"), message, related=related)
