"""Rules on definitions of tools and functions: names, descriptions, parameter schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from ftlint.core.edits import DropKey, Fix, SetValue
from ftlint.core.example import Example
from ftlint.core.finding import Hit, Related
from ftlint.core.json_spans import Pointer, find
from ftlint.core.rule import Options
from ftlint.core.text import json_kind, plain, show
from ftlint.formats.schema import SchemaFault
from ftlint.formats.tools.parameters import SchemaFlaw
from ftlint.formats.tools.sets import declared
from ftlint.rules.context import InputFacts
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

_LISTS = (Event.EXAMPLE_KEY("tools"), Event.EXAMPLE_KEY("functions"))


@rule("tools-empty", severity="warning", on=_LISTS, tags=["tools"], fixable=True)
def tools_empty(
    example: Example, at: Pointer, holder: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """`tools` (and the older `functions`) holds at least one function.

    OpenAI's API description asks for one of `functions` at least; Azure's page on tools shows
    `"tools": []` as a way to save tokens, so it may well be taken.

    The fix removes the key; it is safe, for no tool is lost.
    """
    if holder[str(at[-1])] == []:
        fix = Fix("remove the key", safe=True, edits=(DropKey(at),))
        yield Hit(at, f"{at[-1]} is empty", help="leave the key out", fix=fix, on_key=True)


@rule("invalid-function-name", severity="error", on=Event.SCHEMA, tags=["tools"])
def invalid_function_name(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """The name of a function is 1 to 64 letters a-z and A-Z, digits, underscores and dashes.

    OpenAI's API description, for definitions and for calls; a function message repeats the name.
    """
    name = fault.instance
    reason = "expected letters, digits, _ and - only"
    if fault.keyword != "not":
        reason = f"{len(name):,} characters, expected 1 to 64"
    yield Hit(fault.pointer, f"function name {show(name)}: {reason}")


@rule("duplicate-function-name", severity="warning", on=_LISTS, tags=["tools"])
def duplicate_function_name(
    example: Example, at: Pointer, holder: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """No two tools of an example have the same name.

    A call says nothing but the name, so it is not clear which one is meant. An inference; no
    message of a service is known.
    """
    for again, first in declared(holder[str(at[-1])]).repeated:
        pointer = (*at, *again, "name")
        related = (Related("first here", (*at, *first, "name")),)
        name = find_in(holder[str(at[-1])], again)["name"]
        yield Hit(pointer, f"function {show(name)} is declared twice", related=related)


def find_in(tools: Any, at: Pointer) -> Any:
    """Return the value at a pointer into a list of tools."""
    for step in at:
        tools = tools[step]
    return tools


@rule("parameters-not-object-schema", severity="error", on=Event.SCHEMA, tags=["tools"])
def parameters_not_object_schema(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """`parameters` is a JSON Schema of an object.

    OpenAI's API description: "The parameters the functions accepts, described as a JSON Schema
    object", left out when there are none. Mistral: the key `parameters` of type dict.
    """
    key = fault.pointer[-1]
    if fault.keyword == "const":
        said = show(fault.instance)
        yield Hit(fault.pointer, f'the type of parameters is {said}, expected "object"')
    else:
        yield Hit(fault.pointer, f"{key} is {json_kind(fault.instance)}, expected an object")


@rule("parameters-schema-invalid", severity="warning", on=_LISTS, tags=["tools"])
def parameters_schema_invalid(
    example: Example, at: Pointer, holder: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """The parameters of a function are valid JSON Schema.

    Of draft 2020-12, 7 or 4. Told too are names in `required` that no property has, an `enum`
    that is empty or repeats a value, and references that lead out of the parameters. Schemas
    that are very large or deep are not looked at. An inference; the chat API has been reported to
    answer "Invalid schema for function ...: None is not of type 'array'" (yomorun/yomo#860).
    """
    for place, function in declared(holder[str(at[-1])]).invalid:
        for flaw in function.invalid:
            yield Hit((*at, *place, *flaw.pointer), flaw.message)


_FIXES = {
    "notes": "remove the keys",
    "types": "remove null from the types",
    "rest": "",
}


@rule("azure-unsupported-schema-keyword", severity="warning", on=_LISTS, tags=["tools"],
      fixable=True)  # fmt: skip
def azure_unsupported_schema_keyword(
    example: Example, at: Pointer, holder: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """The parameters of a function do without what generators of schemas add.

    `title`, `default` null, null as a type (also in `anyOf` and `oneOf`) and `$defs`, as pydantic
    and MCP write them. Azure has answered "contains invalid schema" on every line of such a file,
    and took it with plain schemas; that file had `"content": null` too, so the cause is not
    certain. Azure documents no list of keywords.

    The fix removes `title` and `default` null, which is safe. It takes null out of a list of
    types, which is unsafe, for null was allowed then. The rest is left to you.
    """
    tools = holder[str(at[-1])]
    for place, function in declared(tools).odd:
        for kind, found in function.odd:
            base = (*at, *place)
            words = dict.fromkeys(flaw.message for flaw in found)
            more = f" ({len(found):,} places)" if found[1:] else ""
            fix = None
            if title := _FIXES[kind]:
                edits = tuple(_repair(find_in(tools, place), base, flaw) for flaw in found)
                fix = Fix(title, safe=kind == "notes", edits=edits)
            message = f"{' and '.join(words)} in the parameters{more}, which Azure may refuse"
            yield Hit((*base, *found[0].pointer), message, on_key=True, fix=fix)


def _repair(function: Any, base: Pointer, flaw: SchemaFlaw) -> DropKey | SetValue:
    if flaw.pointer[-1] != "type":
        return DropKey((*base, *flaw.pointer))
    left = [kind for kind in find_in(function, flaw.pointer) if kind != "null"]
    return SetValue((*base, *flaw.pointer), left[0] if len(left) == 1 else left)


@rule("too-many-tools", severity="error", on=Event.SCHEMA, tags=["tools"],
      options={"maxItems": int})  # fmt: skip
def too_many_tools(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """An example declares no more functions than the service takes.

    128 on Azure (quotas and limits: "Max functions" and "Max tools") and in OpenAI's API
    description.
    """
    count = len(fault.instance)
    yield Hit(fault.pointer, f"{count:,} {fault.pointer[-1]}, over {fault.expected:,}")


@rule("missing-tool-description", severity="warning", on=_LISTS, tags=["tools"])
def missing_tool_description(
    example: Example, at: Pointer, holder: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """A function has a description.

    It is what the model chooses by. Mistral's tool demands one; for OpenAI's API description it is
    optional.
    """
    tools = holder[str(at[-1])]
    for place, function in declared(tools).undescribed:
        name = f"function {show(function.name)}"
        written = find_in(tools, place)
        if "description" in written:
            pointer: Pointer = (*at, *place, "description")
            state = "null" if written["description"] is None else "empty"
            yield Hit(pointer, f"the description of {name} is {state}", on_key=True)
        else:
            yield Hit((*at, *place), f"{name} has no description")


@rule("strict-schema-incomplete", severity="warning", on=_LISTS, tags=["tools"])
def strict_schema_incomplete(
    example: Example, at: Pointer, holder: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """A strict function leaves nothing open.

    With `"strict": true` each object says `"additionalProperties": false` and requires all its
    properties. Remembered behaviour of the chat API; no document says it for training.
    """
    for place, function in declared(holder[str(at[-1])]).loose:
        for flaw in function.loose:
            yield Hit((*at, *place, *flaw.pointer), flaw.message)


@rule("tools-in-message", severity="error", on=Event.SCHEMA, tags=["tools"])
def tools_in_message(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Tools stand beside the messages, not in one of them.

    An inference from OpenAI's API description, in which no message has such a key.
    """
    key = fault.pointer[-1]
    help_ = f"put {key} beside messages"
    yield Hit(fault.pointer, f"{key} inside a message", help=help_, on_key=True)


_REMEMBERED = 256
"""Different lists of tools that are remembered, not to look at them again."""


@rule("inconsistent-tools-across-dataset", severity="info", on=Event.DATASET, sees="view",
      tags=["tools", "quality"], options={"maximum": int})  # fmt: skip
class InconsistentTools:
    """A function has the same parameters in every example.

    Where they differ, the model cannot learn what a name stands for; it can be meant, for data of
    several versions. An inference. Of the names, as many as the profile says are looked at, the
    first in the order of the alphabet.
    """

    def __init__(self, options: Options) -> None:
        self._most: int = options["maximum"]
        self._seen: dict[str, tuple[bytes, bool]] = {}
        self._lists: set[tuple[tuple[str, bytes], ...]] = set()

    def add(self, example: Example) -> None:
        """Add the functions that an example declares."""
        holder = example.data
        if "messages" not in holder:
            holder = find(holder, ("input",)) or {}
        for key in ("tools", "functions"):
            if holder.get(key):
                versions = declared(holder[key]).versions
                if versions not in self._lists:
                    self._take(versions)

    def _take(self, versions: tuple[tuple[str, bytes], ...]) -> None:
        if len(self._lists) > _REMEMBERED:
            self._lists.clear()
        self._lists.add(versions)
        for name, digest in versions:
            self._put(name, digest, differs=False)
        if len(self._seen) > 2 * self._most:
            self._trim()

    def _put(self, name: str, digest: bytes, *, differs: bool) -> None:
        known, differed = self._seen.get(name, (digest, False))
        self._seen[name] = (min(known, digest), differed or differs or known != digest)

    def _trim(self) -> None:
        self._seen = dict(sorted(self._seen.items())[: self._most])

    def merge(self, other: Self) -> Self:
        """Return the state for both parts."""
        both = type(self)({"maximum": self._most})
        for part in (self, other):
            for name, (digest, differs) in part._seen.items():  # noqa: SLF001 - of the same class
                both._put(name, digest, differs=differs)  # noqa: SLF001 - as above
        both._trim()  # noqa: SLF001 - as above
        return both

    def finish(self, facts: InputFacts) -> Iterator[Hit]:
        """Yield a hit for each function whose parameters differ."""
        self._trim()
        names = sorted(name for name, (_, differs) in self._seen.items() if differs)
        if names:
            told = ", ".join(plain(name) for name in names[:3])
            more = f" and {len(names) - 3:,} more" if names[3:] else ""
            yield Hit(None, f"the parameters differ between examples: {told}{more}")
