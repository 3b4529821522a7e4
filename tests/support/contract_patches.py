"""The faults of the published contracts: each mended by name, with its reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

AZURE, OPENAI = "azureopenai-2024-10-21.json", "openai-ft-subset.json"

Json = dict[str, Any]


class Patch(NamedTuple):
    """A fault of a contract: its name, why it is one, and how it is mended."""

    name: str
    reason: str
    mend: Callable[[Json], None]


def _purpose(spec: Json) -> None:
    del spec["definitions"]["Purpose"]["readOnly"]


def _bearer(spec: Json) -> None:
    spec["security"].append({"bearer": []})


def _job_keys(spec: Json) -> None:
    known = spec["definitions"]["FineTuningJobCreation"]["properties"]
    known.update({"method": {"type": "object"}, "metadata": {"type": "object"},
                  "integrations": {"type": "array"}, "trainingType": {}})  # fmt: skip


def _paging(spec: Json) -> None:
    strings = {"first_id": {"type": "string"}, "last_id": {"type": "string"}}
    spec["definitions"]["FileList"]["properties"].update(has_more={"type": "boolean"}, **strings)
    spec["paths"]["/files"]["get"]["parameters"] += [
        {"in": "query", "name": "after", "type": "string"},
        {"in": "query", "name": "limit", "type": "integer"},
        {"in": "query", "name": "order", "type": "string", "enum": ["asc", "desc"]},
    ]


def _nullable(spec: Json) -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.pop("nullable", False) and isinstance(node.get("type"), str):
                node["type"] = [node["type"], "null"]
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(spec)


def _paused(spec: Json) -> None:
    spec["components"]["schemas"]["FineTuningJob"]["properties"]["status"]["enum"].append("paused")


def _response_format(spec: Json) -> None:
    method = spec["components"]["schemas"]["FineTuneReinforcementMethod"]
    method["properties"]["response_format"] = {"type": "object"}


def _content(spec: Json) -> None:
    del spec["paths"]["/files/{file_id}/content"]["get"]["responses"]["200"]["content"]


def _errors(spec: Json) -> None:
    text = {"type": ["string", "null"]}
    error = {"type": "object", "required": ["message", "type", "param", "code"],
             "properties": {"message": {"type": "string"}, "type": {"type": "string"},
                            "param": text, "code": text}}  # fmt: skip
    whole = {"type": "object", "required": ["error"], "properties": {"error": error}}
    answer = {"content": {"application/json": {"schema": whole}}}
    for operations in spec["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = answer


PATCHES = {
    AZURE: (
        Patch("purpose-read-only", "readOnly, and required in requests all the same", _purpose),
        Patch("bearer", "Microsoft Entra ID is taken too; only api-key is named", _bearer),
        Patch("job-keys", "documented for jobs, and not named in the contract", _job_keys),
        Patch("file-list-paging", "whether the list of files has pages is open", _paging),
    ),
    OPENAI: (
        Patch("nullable", "of OpenAPI 3.0, in a file of 3.1, where it says nothing", _nullable),
        Patch("paused", "jobs can be paused, and no status says so", _paused),
        Patch("response-format", "documented for reinforcement, and not named", _response_format),
        Patch("content-is-bytes", "a file's content is its bytes, not a JSON string", _content),
        Patch("errors", "no answer but 200 is declared; the shape is that of the SDK", _errors),
    ),
}  # fmt: skip
"""What is mended in which file, and why. Nothing else is."""
