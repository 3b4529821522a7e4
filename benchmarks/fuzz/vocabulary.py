"""What mutations are made of: fragments of text, keys, values, names and JSON schemas.

They are those that a check looks at, so that a mutation reaches a rule rather than the parser.
"""

from __future__ import annotations

from random import Random
from typing import Any

FRAGMENTS = (
    "a", " ", "\n", "\t", "\0", "\\", '"', "/", "é", "日本", "🚚", "👩\u200d👩\u200d👧",
    "e\u0301", "\u202e",
    "\u2028", "\ud800", "\x1b[31m", "0", "9", " the", "ab ", "-", "_", ".", ",", "{", "}",
    "[", "(", ")",
    "{{", "}}", "{{item.a}}", "{{ sample.output_text }}", "{% for a in b %}", "{#", "<|endoftext|>",
    "<|im_start|>", "```", "user: ", "assistant: ", "https://a.test/b.png?sig=", "http://[", "%41",
    "data:image/png;base64,", "AAAA", "iVBORw0KGgo", "/9j/", "====", "sk-", "x^", "1+", "-", "min(",
    "import a\n", "try:\n ", "item['a']\n", "lambda a: ", "#", "//", "/*", "NaN", "null",
    "&amp;", "<a ",
    "why? ", "describe your reasoning ", "Lorem ipsum dolor sit amet, ", "#/$defs/a",
    "(a+)+$", "[a-z]*",
)  # fmt: skip
"""Fragments of text; repeated, they are long strings."""

KEYS = (
    "messages", "role", "content", "type", "text", "weight", "name", "tool_calls", "tool_call_id",
    "tools", "id", "function", "functions", "function_call", "arguments", "description",
    "parameters",
    "strict", "parallel_tool_calls", "image_url", "url", "detail", "refusal", "prompt",
    "completion",
    "input", "preferred_output", "non_preferred_output", "preferred_completion",
    "properties", "items",
    "required", "additionalProperties", "graders", "calculate_output", "source", "reference",
    "operation", "model", "range", "sampling_params", "conversations", "from", "value",
    "instruction",
    "output", "schema", "json_schema", "item", "sample", "a", "b", "", "0", "é",
    "__proto__", "$ref",
)  # fmt: skip
"""Keys that some format knows, and a few that none does."""

_SCALARS: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 0.5, 2, 1e308, -0.0, float("nan"), float("inf"), 2**53,
    2**64, -(10**40),
    "", "system", "user", "assistant", "tool", "developer", "function", "text", "image_url", "auto",
    "string_check", "text_similarity", "score_model", "label_model", "python", "multi",
    "object", [], {},
)  # fmt: skip

_SEPARATE = ("enum", "oneOf", "anyOf", "allOf", "prefixItems")


def fragment(random: Random) -> str:
    """Return a fragment of text."""
    return random.choice(FRAGMENTS)


def key(random: Random) -> str:
    """Return a key."""
    return random.choice(KEYS)


def value(random: Random) -> Any:
    """Return a value: a scalar, an empty container, a text, a call, a tool, an image."""
    kind = random.randrange(10)
    if kind < 5:
        return random.choice(_SCALARS)
    if kind < 7:
        return fragment(random) * random.choice((1, 3, 60))
    if kind == 7:
        return {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    if kind == 8:
        called = {"name": random.choice("fgh"), "arguments": '{"a": [1, {"a": "b"}]}'}
        return {"id": fragment(random), "type": "function", "function": called}
    return {"type": "function", "function": {"name": "f", "parameters": schema(random)}}


def schema(random: Random, depth: int = 3) -> Any:
    """Return a JSON schema with keywords that are costly to apply, nested up to `depth` deep."""
    if depth == 0:
        return random.choice((True, {"type": "string"}, {"const": 1}, {"$ref": "#/$defs/a"}, {}))
    inner = schema(random, depth - 1)
    many = [schema(random, depth - 1) for _ in range(random.choice((1, 2, 3)))]
    options: list[Any] = [
        {random.choice(_SEPARATE): many},
        {"type": "object", "properties": dict.fromkeys("abcd"[: random.randrange(5)], inner)},
        {"type": "array", "items": inner, "uniqueItems": True},
        {"$defs": {"a": inner, "b": {"$ref": "#/$defs/a"}}, random.choice(_SEPARATE): many},
        {"$ref": random.choice(("#", "#/$defs/a", "#a", "https://a.test/s", "#/properties/a"))},
        {"patternProperties": {random.choice(("(a+)+$", "^.*.*.*$", "a|b", "(")): inner}},
        {"pattern": random.choice(("(a+)+$", "^(([a-z])+.)+[A-Z]", "\\p{L}", "(?=a)*"))},
        {"additionalProperties": inner, "required": list("abc"), "propertyNames": inner},
        {"if": inner, "then": inner, "else": {"not": inner}},
        {"contains": inner, "minContains": 3, "maxItems": 10**9},
        {"unevaluatedProperties": inner, "dependentSchemas": {"a": inner}},
        {"enum": list(range(random.choice((1, 50))))},
        {"multipleOf": 1e-9, "minimum": 10**30, "format": "date-time"},
    ]
    return random.choice(options)
