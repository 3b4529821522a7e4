"""The schemas of tools are the user's data: hostile ones cost little and fetch nothing."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import orjson
import pytest

import ftlint
from ftlint.formats.tools import sets as tool_sets
from ftlint.formats.tools.arguments import Verdict, compiled, judge
from ftlint.formats.tools.parameters import places

A = {"role": "assistant", "content": "a"}
U = {"role": "user", "content": "q"}


def tool(parameters: Any, name: str = "f") -> dict[str, Any]:
    function = {"name": name, "description": "d", "parameters": parameters}
    return {"type": "function", "function": function}


def calling(parameters: Any, arguments: str) -> dict[str, Any]:
    """Return an example with one tool and one call of it."""
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    return {
        "messages": [U, {"role": "assistant", "tool_calls": [call]}],
        "tools": [tool(parameters)],
    }


def found(folder: Path, *examples: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    """Return (rule, pointer, message) of all but the missing mark and the number of examples."""
    file = folder / "data.jsonl"
    file.write_bytes(b"".join(orjson.dumps(example) + b"\n" for example in examples))
    report = ftlint.check(file, select=["tools"])
    assert report.errors == ()
    return [
        (finding.rule, finding.location.pointer, finding.message)
        for finding in report.findings
        if finding.severity != "info"
    ]


def verdict(schema: dict[str, Any], arguments: dict[str, Any]) -> Verdict:
    """Return the verdict on arguments."""
    whole = compiled(schema).schema
    assert whole is not None
    return judge(whole, json.dumps(arguments), arguments)


def test_a_value_too_deep_for_an_error_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(900):
        deep = {"x": deep}
    assert verdict({"const": 1}, deep).refusal == "not what the parameters allow"


def doubled(levels: int) -> dict[str, Any]:
    """Return a schema that a value meets 2 ** levels times when its references are followed."""
    schemas: dict[str, Any] = {
        f"s{level}": {"allOf": [{"$ref": f"#/definitions/s{level + 1}"}] * 2}
        for level in range(levels)
    }
    schemas[f"s{levels}"] = {"type": "object"}
    return {"type": "object", "allOf": [{"$ref": "#/definitions/s0"}], "definitions": schemas}


def nested(levels: int, key: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {key: [schema]} if key == "anyOf" else {key: schema}
    return {"type": "object", "properties": {"x": schema}}


def test_a_reference_outside_is_not_followed(in_tmp: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/s.json"
        schemas = [
            {"type": "object", "properties": {"x": {"$ref": url}}},
            {"type": "object", "$schema": url},
            {"type": "object", "$id": url, "properties": {"x": {"$ref": "other.json"}}},
        ]
        hits = found(in_tmp, *(calling(schema, '{"x": 1}') for schema in schemas))
        server.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody has knocked
            server.accept()
    place = "/tools/0/function/parameters/properties/x/$ref"
    assert hits == [
        ("parameters-schema-invalid", place, f'$ref "{ref}" is not in the parameters')
        for ref in (url, "other.json")
    ]


@pytest.mark.parametrize(
    "schema",
    [
        doubled(60),
        nested(90, "items"),
        nested(90, "anyOf"),
        nested(200, "anyOf"),
        nested(400, "items"),
        {"$ref": "#"},
        {"type": "object", "allOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"type": "object", "properties": {"x": {"pattern": "^(?:a|a)+(?<!b)$(?!c)(?=x)"}}},
        {"type": "object", "properties": {f"p{i}": {"pattern": "a{9}"} for i in range(70)}},
        {"type": "object", "description": "d" * 300_000},
    ],
    ids=[
        *("doubled", "deep", "deep-any", "deeper-any", "too-deep"),
        *("itself", "itself-twice", "backtracking", "patterns", "large"),
    ],
)
def test_a_hostile_schema_says_nothing(schema: dict[str, Any], in_tmp: Path) -> None:
    example = calling("SCHEMA", '{"x": "' + "a" * 60 + '"}')
    deep = json.dumps(schema).encode()  # orjson does not write what is nested this deep
    line = orjson.dumps(example).replace(b'"SCHEMA"', deep)
    (in_tmp / "data.jsonl").write_bytes(line + b"\n")
    report = ftlint.check("data.jsonl", select=["tools"])
    assert report.errors == ()
    assert {finding.severity for finding in report.findings} <= {"info"}


ITSELF = {"$ref": "#"}


@pytest.mark.parametrize(
    "schema",
    [
        {"$anchor": "n", "properties": {"a": {"anyOf": [{"$ref": "#n"}, {"$ref": "#n"}]}}},
        {"$id": "http://h/x", "properties": {"a": {"anyOf": [{"$ref": "http://h/x"}, ITSELF]}}},
        {"$dynamicAnchor": "n", "properties": {"a": {"anyOf": [{"$dynamicRef": "#n"}] * 2}}},
        {"properties": {"a": ITSELF}, "patternProperties": {"a": ITSELF}},
        {"properties": {"a": ITSELF}, "dependencies": {"a": {"properties": {"a": ITSELF}}}},
        {"properties": {"a": {**ITSELF, "properties": {"a": ITSELF}}}},
        {"id": "http://h/x", "properties": {"a": {"allOf": [ITSELF, ITSELF]}}},
    ],
    ids=["anchor", "id", "dynamic", "patterns", "dependencies", "beside", "draft-4"],
)
def test_work_that_doubles_with_each_level_is_not_begun(schema: dict[str, Any]) -> None:
    """A line of 690 bytes took 12 GB."""
    assert compiled({"type": "object", **schema}).schema is None


def test_a_circle_of_references_is_checked() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "n": {"minimum": 1}}}
    schema = {"$ref": "#/$defs/node", "$defs": {"node": node}}
    assert verdict(schema, {"next": {"next": {"n": 1}}}) == Verdict()
    assert verdict(schema, {"next": {"next": {"n": 0}}}).refusal == '"n" is 0, refused by minimum'


@pytest.mark.parametrize(
    ("items", "value", "refusal"),
    [
        ({"enum": [f"e{i}" for i in range(800)]}, "z", '0 is "z", expected one of the enum'),
        (
            {"oneOf": [{"const": i} for i in range(50)]},
            {"x": -1},
            "0 is an object, refused by oneOf",
        ),
        ({"oneOf": [{"const": i} for i in range(1000)]}, "z" * 9, "not what the parameters allow"),
    ],
    ids=["enum", "alternatives", "many-alternatives"],
)
def test_of_many_errors_only_one_is_built(items: Any, value: Any, refusal: str) -> None:
    """A line of 110 kB took 5.3 GB, for each error holds the value and what it is compared to."""
    arguments = {"a": [value] * 2_000}
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": items}}}
    assert verdict(schema, arguments).refusal == refusal


def test_arguments_deeper_than_the_engine_goes_are_left_alone(in_tmp: Path) -> None:
    schema = {"type": "object", "properties": {"n": {"minimum": 1}}}
    deep = '{"x":' * 900 + '{"n":0}' + "}" * 900
    assert found(in_tmp, calling(schema, deep)) == []
    assert found(in_tmp, calling(schema, '{"n":0}')) == [
        (
            "arguments-violate-schema",
            "/messages/1/tool_calls/0/function/arguments",
            'arguments of "f": "n" is 0, refused by minimum',
        )
    ]


def test_schemas_come_in_order_and_names_are_not_keywords() -> None:
    schema = {
        "properties": {"title": {"type": "string"}, "items": {"items": [{"not": {}}, True]}},
        "enum": [{"properties": {}}],
        "additionalProperties": {"title": "T"},
        "anyOf": [{}, {"$defs": {"a": {}}}],
    }
    assert [(place.pointer, place.part) for place in places(schema)] == [
        ((), False),
        (("properties", "title"), False),
        (("properties", "items"), False),
        (("properties", "items", "items", 0), False),
        (("properties", "items", "items", 0, "not"), True),
        (("additionalProperties",), False),
        (("anyOf", 0), True),
        (("anyOf", 1), True),
        (("anyOf", 1, "$defs", "a"), True),
    ]


def test_what_is_kept_is_bounded(in_tmp: Path) -> None:
    lines = [{"messages": [U, A], "tools": [tool({"type": "str"}, f"f{n}")]} for n in range(2000)]
    large = {"messages": [U, A], "tools": [tool({"type": "object", "description": "d" * 40_000})]}
    (in_tmp / "data.jsonl").write_bytes(b"\n".join(map(orjson.dumps, [*lines, large, large])))
    assert ftlint.check("data.jsonl", select=["tools"]).errors == ()
    cache = tool_sets._ANALYSES  # noqa: SLF001 - nothing outside shows how much is kept
    assert 0 < len(cache._lists) <= 256  # noqa: SLF001 - as above
    assert 0 < len(cache._functions) <= 1024  # noqa: SLF001 - as above
    assert max(map(len, cache._lists)) <= 32_768  # noqa: SLF001 - as above


def test_the_same_list_is_worked_out_once() -> None:
    one, same = [tool({"type": "object"})], [tool({"type": "object"})]
    assert tool_sets.declared(one) is tool_sets.declared(same)
    assert tool_sets.declared(one) is not tool_sets.declared([])


def test_malformed_tools_are_told_once_and_the_sound_ones_still_looked_at(in_tmp: Path) -> None:
    example = calling({"type": "object", "properties": {"x": {"type": "int"}}}, "{}")
    example["tools"] += [7, {"type": "function"}, {"type": "function", "function": {"name": 1}}]
    example["messages"][1]["tool_calls"][0]["function"]["name"] = "g"
    function = "/tools/0/function/parameters/properties/x/type"
    assert found(in_tmp, example) == [
        ("parameters-schema-invalid", function, 'type "int" is not one of JSON Schema'),
        ("malformed-tool", "/tools/1", "the tool is a number, expected an object"),
        ("malformed-tool", "/tools/2", "the tool has no function"),
        ("malformed-tool", "/tools/3/function/name", "name is a number, expected a string"),
    ]


def test_a_reference_to_an_entry_of_5000_digits_leads_nowhere(in_tmp: Path) -> None:
    far = {"$ref": "#/prefixItems/" + "9" * 5000}
    parameters = {"type": "object", "properties": {"a": far}, "prefixItems": [{}]}
    Path("a.jsonl").write_bytes(orjson.dumps(calling(parameters, '{"a": 1}')))
    report = ftlint.check(["a.jsonl"])
    assert list(report.errors) == []
    rules = {finding.rule: finding.message for finding in report.findings}
    assert rules["parameters-schema-invalid"].endswith("is not in the parameters")
