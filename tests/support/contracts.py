"""The published contracts of the services, as a judge of single exchanges.

The files lie beside the project (`../shared/specs`); where they are absent, tests are skipped.
They have faults of their own: each is mended by a patch with a name and a reason (see
`tests.support.contract_patches`), and by nothing else. A path that is not in the contract, or a key
that it does not declare, is a violation. There is no file for Azure's v1 route: its exchanges are
held against nothing here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft4Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from ftlint.emulator import Exchange
from tests.conftest import ROOT
from tests.support.contract_patches import AZURE, OPENAI, PATCHES, Json, Patch

SPECS = ROOT.parent / "shared" / "specs"
MISSING = None if SPECS.is_dir() else f"the contracts are not there: {SPECS}"


def _read_only(_: Any, forbidden: bool, __: Any, ___: Any) -> Iterator[ValidationError]:
    if forbidden:
        yield ValidationError("is read-only, and stands in a request")


_Request = extend(Draft4Validator, {"readOnly": _read_only})  # type: ignore[no-untyped-call]


def _closed(node: Any) -> Any:
    """Return a schema in which objects have no keys but those that are declared."""
    if isinstance(node, list):
        return [_closed(value) for value in node]
    if not isinstance(node, dict):
        return node
    found = {key: _closed(value) for key, value in node.items()}
    if isinstance(node.get("properties"), dict) and "type" in node:
        found.setdefault("additionalProperties", False)
    return found


class Contract:
    """One contract, patched."""

    def __init__(self, file: str, service: str, patches: Iterable[Patch]) -> None:
        if MISSING:
            pytest.skip(MISSING)
        spec = json.loads((SPECS / file).read_text(encoding="utf-8"))
        for patch in patches:
            patch.mend(spec)
        self.service, self._spec = service, _closed(spec)
        resource = Resource.from_contents(self._spec, DRAFT4)
        self._registry: Registry[Any] = Registry().with_resource("urn:spec", resource)

    @classmethod
    @cache
    def azure(cls) -> Contract:
        """Return the contract of Azure OpenAI 2024-10-21."""
        return cls(AZURE, "azure", PATCHES[AZURE])

    @classmethod
    @cache
    def openai(cls) -> Contract:
        """Return the contract of OpenAI."""
        return cls(OPENAI, "openai", PATCHES[OPENAI])

    def violations(self, exchange: Exchange) -> list[str]:
        """Return what is wrong with a request and its answer."""
        return [*self.of_request(exchange), *self.of_answer(exchange)]

    def of_request(self, exchange: Exchange) -> list[str]:
        """Return what is wrong with a request."""
        what = f"{exchange.method} {exchange.below}"
        operation = self._operation(exchange)
        if operation is None:
            return [f"{what}: not in the contract"]
        found = [*self._credentials(exchange), *self._query(operation, exchange.query)]
        if exchange.status or exchange.body is not None or exchange.form:  # else it was cut
            found += self._body(operation, exchange)
        return [f"{what}: {fault}" for fault in found]

    def of_answer(self, exchange: Exchange) -> list[str]:
        """Return what is wrong with an answer; nothing is, where there was none."""
        what = f"{exchange.method} {exchange.below} -> {exchange.status}"
        operation = self._operation(exchange)
        if operation is None or not exchange.status:
            return []
        declared = operation["responses"]
        if str(exchange.status) not in declared and exchange.status < 400:
            return [f"{what}: status not in the contract"]
        answer = declared.get(str(exchange.status)) or declared["default"]
        found = []
        if "Location" in answer.get("headers", {}) and not exchange.location:
            found.append("no Location")
        schema = _schema(answer)
        if schema is not None:
            found += self._faults(Draft4Validator, schema, exchange.answer)
        return [f"{what}: {fault}" for fault in found]

    def _operation(self, exchange: Exchange) -> Json | None:
        if exchange.service != self.service:
            return None
        fitting = []
        for path, operations in self._spec["paths"].items():
            pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(path))
            if re.fullmatch(pattern, exchange.below) and exchange.method.lower() in operations:
                fitting.append((path.count("{"), operations[exchange.method.lower()]))
        return min(fitting, key=lambda found: found[0])[1] if fitting else None

    def _credentials(self, exchange: Exchange) -> Iterator[str]:
        schemes = {name for entry in self._spec["security"] for name in entry}
        bearer = exchange.headers.get("authorization", "").startswith("Bearer ")
        if "api-key" in schemes and exchange.headers.get("api-key"):
            return
        if not bearer or not schemes & {"bearer", "ApiKeyAuth"}:
            yield "no credentials"

    def _query(self, operation: Json, query: Mapping[str, str]) -> Iterator[str]:
        known = {entry["name"]: entry for entry in self._parameters(operation, "query")}
        for name, entry in known.items():
            if entry.get("required") and name not in query:
                yield f"no {name} in the query"
        for name, text in query.items():
            declared = known.get(name.partition("[")[0])
            if declared is None:
                yield f"{name} in the query is not declared"
                continue
            schema = declared.get("schema", declared)
            if schema.get("type") == "integer" and not text.isdigit():
                yield f"{name}={text} is no integer"
            if "enum" in schema and text not in schema["enum"]:
                yield f"{name}={text} is not one of {schema['enum']}"

    def _parameters(self, operation: Json, place: str) -> list[Json]:
        entries = [
            self._spec["parameters"][entry["$ref"].rpartition("/")[2]] if "$ref" in entry else entry
            for entry in operation.get("parameters", [])
        ]
        return [entry for entry in entries if entry["in"] == place]

    def _body(self, operation: Json, exchange: Exchange) -> Iterator[str]:
        forms = self._parameters(operation, "formData")
        bodies = self._parameters(operation, "body")
        content = operation.get("requestBody", {}).get("content", {})
        if forms or "multipart/form-data" in content:
            yield from self._form(forms, content, exchange)
        elif bodies or content:
            consumed = operation.get("consumes", list(content))
            if exchange.content_type.partition(";")[0] not in consumed:
                yield f"content type {exchange.content_type!r} is not declared"
            [asked] = bodies or content.values()
            yield from self._faults(_Request, asked["schema"], exchange.body)
        elif exchange.body is not None or exchange.form:
            yield "a body is not declared"

    def _form(self, forms: list[Json], content: Json, exchange: Exchange) -> Iterator[str]:
        if not exchange.content_type.startswith("multipart/form-data"):
            yield f"content type {exchange.content_type!r} is not declared"
        schema: Json = {
            "type": "object",
            "properties": {entry["name"]: _plain(entry) for entry in forms},
            "required": [entry["name"] for entry in forms if entry.get("required")],
            "additionalProperties": False,
        }
        if content:
            schema = content["multipart/form-data"]["schema"]
        sent: Json = {}
        for part in exchange.form:
            name, _, inner = part.name.partition("[")
            value: Any = part.value if part.filename is None else "a file"
            if inner:
                number = int(value) if value.isdigit() else value
                sent.setdefault(name, {})[inner.rstrip("]")] = number
            else:
                sent[name] = value
            if name in {"file", "data"} and part.filename is None:
                yield f"{name} is no file"
        yield from self._faults(_Request, schema, sent)

    def _faults(self, kind: Any, schema: Json, value: Any) -> Iterator[str]:
        rooted = json.loads(json.dumps(schema).replace('"#/', '"urn:spec#/'))
        for error in kind(rooted, registry=self._registry).iter_errors(value):
            yield f"{error.json_path}: {error.message}"


def _schema(answer: Json) -> Json | None:
    """Return the schema of an answer, if it is JSON."""
    schema: Json | None = answer.get("schema")
    if schema is None and "content" in answer:
        schema = answer["content"]["application/json"]["schema"]
    return None if schema is None or schema.get("type") == "file" else schema


def _plain(entry: Json) -> Json:
    found = {"type": "string" if entry["type"] == "file" else entry["type"]}
    return found | ({"enum": entry["enum"]} if "enum" in entry else {})


def contract_of(exchange: Exchange) -> Contract | None:
    """Return what judges an exchange; None for Azure's v1 route, which has no contract here."""
    if exchange.service == "azure-v1":
        return None
    return Contract.openai() if exchange.service == "openai" else Contract.azure()


def violations(exchanges: Iterable[Exchange]) -> list[str]:
    """Return what is wrong with exchanges of any service; those of Azure's v1 route are let by."""
    found = []
    for exchange in exchanges:
        contract = contract_of(exchange)
        found += contract.violations(exchange) if contract else []
    return found
