"""The events that rules are declared on, each with the signature of its functions.

Typed events let mypy check the signature of a rule where it is declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ftlint.analysis.tokens.example_tokens import Measure
from ftlint.config.documents import Document
from ftlint.core.example import Example
from ftlint.core.finding import Hit
from ftlint.core.json_spans import Pointer
from ftlint.core.rule import Accumulator, EventType, KeyEvent, Options
from ftlint.formats.images import Picture
from ftlint.formats.schema import SchemaFault
from ftlint.inputs.probe import Probe
from ftlint.rules.context import (
    Call,
    Contents,
    Conversation,
    InputFacts,
    Line,
    Pair,
    Roles,
    Text,
    Turns,
)

Hits = Iterable[Hit]
_FILE, _DATASET, _JOB = "file", "dataset", "job"


class Event:
    """The events, as attributes.

    A rule on a *shape* event is given a view of the example, in which every free text (content,
    texts of parts, URLs, ids and arguments of calls) is a placeholder
    (`ftlint.core.free_text.FreeText`) that shows only whether it is blank, and which ids are equal.
    Its hits may therefore be cached by the view: the rule cannot read more. To put a finding into
    words, the rule is called again with the example itself; hits that it did not yield for the
    view are dropped.

    A rule on any other event of an example is called for every example, unless `contains` filters
    it.
    """

    # Files and their lines; `Line` has the bytes.

    FILE: EventType[Callable[[Probe, Options], Hits]] = EventType("probe, options", scope=_FILE)
    """Once for each input, before its lines."""

    LINE: EventType[Callable[[Line, Options], Hits]] = EventType("line, options", scope=_FILE)
    """Each line that parses to an object."""

    BLANK_LINE: EventType[Callable[[Line, Options], Hits]] = EventType("line, options", scope=_FILE)
    """A line of white space only."""

    LINE_BOM: EventType[Callable[[Line, int, Options], Hits]] = EventType(
        "line, length, options", scope=_FILE
    )
    """A line with a byte-order mark of `length` bytes where none belongs."""

    CRLF_LINE: EventType[Callable[[Line, Options], Hits]] = EventType("line, options", scope=_FILE)
    """A line that ends in CR LF."""

    REFUSED_LINE: EventType[Callable[[Line, Options], Hits]] = EventType(
        "line, options", scope=_FILE
    )
    """A line that orjson refuses. Only the first hit of all rules, in declaration order, counts."""

    LONG_LINE: EventType[Callable[[Line, Options], Hits]] = EventType("line, options", scope=_FILE)
    """A line that parses to an object and has more bytes than `long-string` allows characters."""

    NESTED_LINE: EventType[Callable[[Line, Options], Hits]] = EventType(
        "line, options", scope=_FILE
    )
    """A line that parses to an object and has more brackets than `excessive-nesting` allows."""

    REPEATED_KEY: EventType[Callable[[Line, Options], Hits]] = EventType(
        "line, options", scope=_FILE
    )
    """A line that parses to an object in which a key may be repeated."""

    LINE_VALUE: EventType[Callable[[Line, Any, Options], Hits]] = EventType(
        "line, value, options", scope=_FILE
    )
    """A line that parses, but not to an object. Only the first hit of all rules counts."""

    LINE_FORMAT: EventType[
        Callable[[Line, str | None, str | None, dict[str, Any], Options], Hits]
    ] = EventType("line, kind, expected, data, options", scope=_FILE)
    """An object of another format than the file's, or any object of a file that is not chat."""

    OVERLONG_LINE: EventType[Callable[[Line, int, Options], Hits]] = EventType(
        "line, length, options", scope=_FILE
    )
    """A line of `length` bytes, over the cap, which is not parsed; `Line` has its first bytes."""

    UNENDED_LINE: EventType[Callable[[Line, Options], Hits]] = EventType(
        "line, options", scope=_FILE
    )
    """The last line, if it does not end in LF."""

    # The shape of an example.

    SCHEMA: EventType[Callable[[SchemaFault, Options], Hits]] = EventType("fault, options")
    """A value that the schema of the format refuses; its `x-rule` names the rule."""

    TURNS: EventType[Callable[[Turns, Options], Hits]] = EventType("turns, options", shape=True)
    """The roles of each conversation (shape). Pointers of hits are (index of a turn,)."""

    EXAMPLE_KEY: KeyEvent[Callable[[Example, Pointer, dict[str, Any], Options], Hits]] = KeyEvent(
        "example, pointer, holder, options"
    )
    """A valid key next to the messages (shape); `holder` is the object that has it."""

    MESSAGE_KEY: KeyEvent[Callable[[Example, Pointer, dict[str, Any], Options], Hits]] = KeyEvent(
        "example, pointer, message, options"
    )
    """A valid key of a message (shape)."""

    MESSAGES_KEY: KeyEvent[Callable[[Example, Conversation, Options], Hits]] = KeyEvent(
        "example, talk, options"
    )
    """A valid list of messages, at least one of which has the key (shape)."""

    # An example with its texts.

    ROW: EventType[Callable[[Example, Options], Hits]] = EventType("example, options")
    """Each line that is an object, valid or not."""

    EXAMPLE: EventType[Callable[[Example, Options], Hits]] = EventType("example, options")
    """Each example whose messages are valid."""

    CONVERSATION: EventType[Callable[[Roles, Contents, Options], Hits]] = EventType(
        "roles, contents, options"
    )
    """Each valid list of messages. Pointers of hits begin with the index of a message."""

    TEXT: EventType[Callable[[Example, Text, Options], Hits]] = EventType("example, text, options")
    """Each text of a message: its content, or the text of a part."""

    CALL: EventType[Callable[[Example, Call, Options], Hits]] = EventType("example, call, options")
    """Each tool call or function call."""

    CALL_ID: EventType[Callable[[Example, Pointer, str, Options], Hits]] = EventType(
        "example, pointer, call_id, options"
    )
    """The id of each tool call, and each id that a tool message answers."""

    IMAGE: EventType[Callable[[Example, Picture, Options], Hits]] = EventType(
        "example, picture, options"
    )
    """Each image of a message."""

    IMAGES: EventType[Callable[[Example, Conversation, list[Picture], Options], Hits]] = EventType(
        "example, talk, pictures, options"
    )
    """Each list of messages with images; only the parts that hold images are sure to be valid."""

    TOKENS: EventType[Callable[[Example, Measure, int, Options], Hits]] = EventType(
        "example, measure, limit, options"
    )
    """An example with more tokens than the `limit` of the model."""

    # Whole inputs, the job and its documents.

    DATASET: EventType[Callable[[Options], Accumulator]] = EventType("options", scope=_DATASET)
    """A class (`Accumulator`) that is given every valid example, or every different view of one."""

    DATASET_IMAGES: EventType[Callable[[Options], Accumulator]] = EventType(
        "options", scope=_DATASET
    )
    """A class (`Accumulator`) that is given every valid example with images."""

    INPUT: EventType[Callable[[InputFacts, Options], Hits]] = EventType(
        "facts, options", scope=_DATASET
    )
    """Once for each input, after its lines."""

    PAIR: EventType[Callable[[Pair, Options], Hits]] = EventType("pair, options", scope=_DATASET)
    """Once for a training file and a validation file."""

    JOB: EventType[Callable[[Mapping[str, Any], Options], Hits]] = EventType(
        "job, options", scope=_JOB
    )
    """Once for each training file, and without data when a job is started; `job` is
    `ftlint.config.config.Config.job` with the `method` and `format` of the file."""

    GRADER: EventType[Callable[[Document, Options], Hits]] = EventType(
        "document, options", scope=_FILE
    )
    """The file given with --grader."""

    RESPONSE_FORMAT: EventType[Callable[[Document, Options], Hits]] = EventType(
        "document, options", scope=_FILE
    )
    """The file given with --response-format."""

    REFUSED_DOCUMENT: EventType[Callable[[Document, Options], Hits]] = EventType(
        "document, options", scope=_FILE
    )
    """A --grader or --response-format file that is not JSON."""
