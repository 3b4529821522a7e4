"""Examples of the benchmark's files, as Python objects: chats of several kinds."""

from __future__ import annotations

import json
from typing import Any

from benchmarks import tools
from benchmarks.images import data_uri
from benchmarks.texts import Texts
from benchmarks.tools import Json
from benchmarks.words import LANGUAGES, SYSTEM

_CODES = tuple(LANGUAGES)


def _said(role: str, content: Any, **more: Any) -> Json:
    return {"role": role, "content": content, **more}


def _messages(system: str, *turns: Json) -> Json:
    return {"messages": [_said("system", SYSTEM[system]), *turns]}


def sums(texts: Texts) -> Json:
    """Return a sum in words and its solution; about 600 bytes."""
    question, solution = texts.sum()
    return _messages("sums", _said("user", question), _said("assistant", solution))


def summary(texts: Texts) -> Json:
    """Return an article and its summary; about 4 kB."""
    article = "\n\n".join(texts.prose(4 + texts.below(8)) for _ in range(2 + texts.below(7)))
    asked = _said("user", f"Summarize this article:\n\n{article}")
    return _messages("summary", asked, _said("assistant", texts.prose(3)))


def program(texts: Texts) -> Json:
    """Return a question about programs and an answer with a block of code; about 1.2 kB."""
    answer = texts.code(1 + texts.below(3))
    return _messages("program", _said("user", texts.request()), _said("assistant", answer))


def talk(texts: Texts) -> Json:
    """Return a conversation of two to five turns; about 1.5 kB."""
    turns: list[Json] = []
    for _ in range(2 + texts.below(4)):
        turns.append(_said("user", f"{texts.question()} {texts.prose(1)}"))
        turns.append(_said("assistant", texts.prose(1 + texts.below(4))))
    return _messages("talk", *turns)


def weighted(texts: Texts) -> Json:
    """Return a conversation whose answers are weighted 0, the last of them 1."""
    example = talk(texts)
    spoken = [message for message in example["messages"] if message["role"] == "assistant"]
    for message in spoken:
        message["weight"] = 0
    spoken[-1]["weight"] = 1
    return example


def tooled(texts: Texts) -> Json:
    """Return a conversation with tools, calls (one or two at once) and answers; about 2.5 kB."""
    defined, exchange = texts.random.choice(tools.DOMAINS)
    turns: list[Json] = []
    for _ in range(1 + texts.below(2)):
        exchanges = [exchange(texts) for _ in range(1 + (texts.below(5) == 0))]
        calls = [tools.call(texts, made) for made in exchanges]
        turns.append(_said("user", texts.question()))
        turns.append({"role": "assistant", "tool_calls": calls})
        turns += [tools.answer(*pair) for pair in zip(exchanges, calls, strict=True)]
        turns.append(_said("assistant", texts.prose(1 + texts.below(2))))
    return {**_messages("tools", *turns), "tools": defined}


def called(texts: Texts) -> Json:
    """Return a conversation that ends with a tool call, to teach calling."""
    example = _messages("tools", _said("user", texts.question()))
    made = tools.call(texts, tools.stocks(texts))
    example["messages"].append({"role": "assistant", "tool_calls": [made]})
    return {**example, "tools": tools.STOCKS}


def chat(texts: Texts) -> Json:
    """Return an example of any of the kinds above; 2.2 kB on average."""
    kinds = (sums, summary, program, talk, weighted, tooled, called)
    make = texts.random.choices(kinds, cum_weights=(23, 51, 60, 68, 72, 99, 100))[0]
    return make(texts)


def plain(texts: Texts) -> Json:
    """Return an example without tools and weights; 1.5 kB on average."""
    kinds = (sums, summary, program, talk)
    return texts.random.choices(kinds, cum_weights=(46, 68, 84, 100))[0](texts)


def wordy(texts: Texts) -> Json:
    """Return an article and its summary, of as many words as there are in real ones; 2.5 kB."""
    article = texts.lexicon.paragraphs(1 + texts.below(8))
    asked = _said("user", f"Summarize this article:\n\n{article}")
    return _messages("summary", asked, _said("assistant", texts.lexicon.sentence()))


def long(texts: Texts, size: int = 4_200_000) -> Json:
    """Return one conversation of about `size` bytes, no message of which is over 40 kB."""
    turns: list[Json] = []
    while size > 0:
        turns.append(_said("user", texts.prose(200)))
        turns.append(_said("assistant", texts.prose(200)))
        size -= len(turns[-1]["content"]) + len(turns[-2]["content"])
    return _messages("talk", *turns)


def seen(texts: Texts, largest: int = 3_000_000) -> Json:
    """Return a question about an image of 6 kB to `largest` bytes (4/3 of it in base64)."""
    size = int(6_000 * (largest / 6_000) ** texts.random.random() ** 4)
    url = data_uri(texts.random, size)
    image = {"type": "image_url", "image_url": {"url": url, "detail": "low"}}
    asked = {"type": "text", "text": texts.question()}
    told = {"type": "text", "text": texts.prose(1)}
    return {"messages": [_said("user", [asked, image]), _said("assistant", [told])]}


def foreign(texts: Texts) -> Json:
    """Return a conversation in one of 24 languages; about 1 kB."""
    code = texts.random.choice(_CODES)
    turns = (
        _said("user", texts.foreign(code, 10 + texts.below(40))),
        _said("assistant", texts.foreign(code, 20 + texts.below(80))),
    )
    return {"messages": list(turns)}


def strained(texts: Texts, *, sound: bool) -> Json:
    """Return one conversation of 4 MB and 2,000 messages; unless `sound`, two faults in each."""
    turns = [
        _said("assistant" if number % 2 else "user", texts.prose(25)) for number in range(2_000)
    ]
    for turn in () if sound else turns:
        turn.update({"id": texts.below(9_999), "weight": 2})
    return {"messages": turns}


def monotonous(character: str, length: int = 1_000_000) -> Json:
    """Return a conversation whose first message is `length` times the same character."""
    return {"messages": [_said("user", character * length), _said("assistant", "Noted.")]}


def broken(texts: Texts) -> str:
    """Return a line like those of `chat` that the service refuses, for one of seven reasons."""
    kind = texts.below(6)
    if kind == 0:
        example = tooled(texts)
        example["messages"] = [said for said in example["messages"] if said["role"] != "tool"]
        return json.dumps(example, ensure_ascii=False)
    example = chat(texts)
    first, last = example["messages"][1], example["messages"][-1]
    if kind == 1:
        first["role"] = "human"
    elif kind == 2:
        del first["content"]
    elif kind == 3:
        last["weight"] = 0.5 if texts.below(2) else "1"
    elif kind == 4:
        last["comment"] = "checked"
    line = json.dumps(example, ensure_ascii=False)
    return line[: -1 - texts.below(40)] if kind == 5 else line
