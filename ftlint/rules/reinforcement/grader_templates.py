"""Rules on the documents of a reinforcement job: their JSON, and templates of graders."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from ftlint.config.documents import Document
from ftlint.core.finding import Hit
from ftlint.core.json_spans import Span
from ftlint.core.rule import Options
from ftlint.core.text import json_kind, plain, show
from ftlint.formats.grader import (
    NAMESPACES,
    Placeholder,
    Template,
    parts,
    placeholders,
    templates,
    unbalanced,
)
from ftlint.formats.grader_python import reads
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

Found = tuple[Template, Placeholder]

_SAMPLE = ("output_text", "output_json", "output_tools", "choices", "output_audio")
"""The fields of a sample: OpenAI's guide to graders, Azure's guide."""


@rule("document-not-json", severity="error", on=Event.REFUSED_DOCUMENT, tags=["graders"])
def document_not_json(document: Document, options: Options) -> Iterator[Hit]:
    """A grader and a response format are JSON.

    A job is created by a JSON request that they are part of. The file may span lines and may
    start with a byte-order mark.
    """
    what = document.kind.replace("-", " ")
    body = document.raw[document.start :]
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        at = error.start + document.start
        words = f"the {what} is not UTF-8: byte 0x{document.raw[at]:02x}"
        yield Hit(None, words, span=Span(at, at + 1))
        return
    if not text.strip():
        yield Hit(None, f"the {what} is empty")
        return
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        from ftlint.formats.json_errors import diagnose  # noqa: PLC0415 - words for what is refused

        hint = diagnose(text, error.pos, error.msg)
        start = document.start + len(text[: hint.pos].encode())
        end = start + len(text[hint.pos : hint.pos + hint.length].encode())
        why = hint.message.replace("the line ", "the file ")
        words = f"the {what} is not JSON: {why}"
        yield Hit(None, words, help=hint.help, span=Span(start, end))


def _all(document: Document) -> Iterator[Found]:
    for template in templates(document.data):
        for holder in placeholders(template.text):
            yield template, holder


def _shown(holder: Placeholder) -> str:
    return plain("{{" + holder.body + "}}", 60)


@rule("template-namespace", severity="error", on=Event.GRADER, tags=["graders"])
def template_namespace(document: Document, options: Options) -> Iterator[Hit]:
    """A placeholder begins with `item.` or `sample.`.

    OpenAI's guide to graders: "The only supported namespaces are `item` and `sample`"; Azure's
    guide says the same. `item` is the row of the data, `sample` what the model answered.
    """
    for template, holder in _all(document):
        if holder.path and holder.path[0] not in NAMESPACES:
            words = f"{_shown(holder)} begins neither with item. nor with sample."
            help_ = "write {{item." + ".".join(holder.path) + "}} for a field of the row"
            yield Hit(template.at, words, help=plain(help_, 80), part=(holder.start, holder.end))


@rule("template-syntax", severity="warning", on=Event.GRADER, tags=["graders"],
      cases={"spaces": "warning", "index": "warning"})  # fmt: skip
def template_syntax(document: Document, options: Options) -> Iterator[Hit]:
    """A placeholder is `{{item.field}}`: balanced, without spaces, without an index.

    The sources differ. Azure's pages and OpenAI's API description write `{{ item.x }}`, which
    Microsoft's own skill on graders forbids (`spaces`); OpenAI's guide and Microsoft's SCHEMA.md
    show `[0]`, which the skill calls unsupported (`index`). A placeholder that is not recognised
    stays in the text, and the grader scores that.
    """
    for template in templates(document.data):
        for holder in placeholders(template.text):
            part = (holder.start, holder.end)
            if not holder.path:
                words = f"{_shown(holder)} is no path"
                yield Hit(template.at, words, help="write {{item.field}}", part=part)
                continue
            if holder.body != holder.body.strip():
                help_ = plain("write {{" + holder.body.strip() + "}}", 80)
                words = f"{_shown(holder)} has spaces, which may not be taken"
                yield Hit(template.at, words, help=help_, part=part, case="spaces")
            if "[" in holder.body:
                words = f"{_shown(holder)} has an index, which may not be taken"
                yield Hit(template.at, words, part=part, case="index")
        for at in unbalanced(template.text):
            mark = template.text[at : at + 2]
            other = "}}" if mark == "{{" else "{{"
            yield Hit(template.at, f"{mark} has no {other} that belongs to it", part=(at, at + 2))


@rule("unknown-sample-field", severity="warning", on=Event.GRADER, tags=["graders"])
def unknown_sample_field(document: Document, options: Options) -> Iterator[Hit]:
    """A placeholder of the sample names one of its fields.

    output_text, output_json, output_tools, choices (Azure's guide), and output_audio (OpenAI's
    guide to graders). Anything else is replaced by nothing.
    """
    for template, holder in _all(document):
        named = holder.path[1:2] if holder.path[:1] == ("sample",) else ()
        if named and named[0] not in _SAMPLE:
            words = f"sample has no field {show(named[0])}"
            help_ = f"its fields are {', '.join(_SAMPLE)}"
            yield Hit(template.at, words, help=help_, part=(holder.start, holder.end))


@rule("output-json-without-response-format", severity="warning", on=Event.GRADER, tags=["graders"],
      job=["documents"])  # fmt: skip
def output_json_without_response_format(document: Document, options: Options) -> Iterator[Hit]:
    """A grader that reads `sample.output_json` goes with a response format.

    Azure's guide: output_json is there when the job asks for a JSON schema. Without one the
    grader reads nothing. Told once, at the first place.
    """
    if "response-format" in options["documents"]:
        return
    help_ = "give it with --response-format"
    words = "the grader reads sample.output_json, and no response format is given"
    for template, holder in _all(document):
        if holder.path[:2] == ("sample", "output_json"):
            yield Hit(template.at, words, help=help_, part=(holder.start, holder.end))
            return
    for at, grader in parts(document.data):
        source = grader.get("source") if grader.get("type") == "python" else None
        if isinstance(source, str) and reads(source, 0).get("output_json") is False:
            yield Hit((*at, "source"), words, help=help_)
            return


@rule("response-format-schema", severity="error", on=Event.RESPONSE_FORMAT, tags=["graders"])
def response_format_schema(document: Document, options: Options) -> Iterator[Hit]:
    """A response format is `{"type": "json_schema", "json_schema": {"name", "schema", "strict"}}`.

    OpenAI's API description (f85dbe2) and Azure's guide to reinforcement fine-tuning; Microsoft's
    countdown sample has one. `strict` may be left out.
    """
    data = document.data
    if not isinstance(data, dict):
        yield Hit((), f"the response format is {json_kind(data)}, expected an object")
        return
    if data.get("type") != "json_schema":
        words = f"type is {show(data['type'])}" if "type" in data else "type is missing"
        yield Hit(("type",) if "type" in data else (), f'{words}, expected "json_schema"')
    inner = data.get("json_schema")
    if not isinstance(inner, dict):
        help_ = None
        if "schema" in data:
            help_ = "put name, schema and strict inside json_schema"
        state = f"is {json_kind(inner)}" if "json_schema" in data else "is missing"
        at = ("json_schema",) if "json_schema" in data else ()
        yield Hit(at, f"json_schema {state}, expected an object", help=help_)
        return
    for key, kind, wanted in (("name", str, "a string"), ("schema", dict, "an object")):
        if key not in inner:
            yield Hit(("json_schema",), f"json_schema has no {key}")
        elif not isinstance(inner[key], kind):
            words = f"{key} is {json_kind(inner[key])}, expected {wanted}"
            yield Hit(("json_schema", key), words)
    strict = inner.get("strict")
    if strict is not None and not isinstance(strict, bool):
        words = f"strict is {show(strict)}, expected true or false"
        yield Hit(("json_schema", "strict"), words)
