"""OpenAPI 3.1, written from the registered operations and the types that validate them."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from telegut import __version__
from telegut.web import problems
from telegut.web.api import UNSAFE, Operation

_REF = "#/components/schemas/{model}"

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "a stable word such as slot_taken"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "current": {"description": "the present state, on a stale write"},
    },
}


def document(operations: list[Operation], server: str) -> dict[str, Any]:
    """The whole description; *server* is the public address."""
    names, definitions = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = re.sub(r"\{(\w+):[^}]*\}", r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, path, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "telegut",
            "version": __version__,
            "description": "A place that a patient and a care team share before, during and after a visit.",
        },
        "servers": [{"url": server}],
        "security": [{"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": {**definitions, "Problem": PROBLEM},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-telegut"},
            },
        },
    }


def _schemas(operations: list[Operation]) -> tuple[dict[tuple[type[BaseModel], str], dict[str, Any]], dict[str, Any]]:
    inputs = [(one.body, "validation") for one in operations if one.body]
    outputs = [(one.answer, "serialization") for one in operations if one.answer]
    unique: list[Any] = list(dict.fromkeys(inputs + outputs))
    names, definitions = models_json_schema(unique, ref_template=_REF)
    return names, definitions.get("$defs", {})  # type: ignore[return-value]


def _operation(one: Operation, path: str, names: dict[Any, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "tags": [one.tag],
        "operationId": one.handler.__name__,
        "summary": one.summary,
        "parameters": [*_path_parameters(path), *_query_parameters(one)],
        "responses": _responses(one, names),
    }
    if one.method in UNSAFE:
        described["parameters"].append(
            {"name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string"}}
        )
    if one.body is not None:
        described["requestBody"] = {"required": True, "content": _json(names[(one.body, "validation")])}
    if one.multipart:
        described["requestBody"] = {
            "required": True,
            "content": {"multipart/form-data": {"schema": {"type": "object"}}},
        }
    if one.open:
        described["security"] = []
    if one.roles:
        described["x-roles"] = sorted(one.roles)
    return described


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _query_parameters(one: Operation) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    schema = one.query.model_json_schema(by_alias=True, ref_template=_REF)
    required = schema.get("required", [])
    words = {_REF.format(model=name): definition for name, definition in schema.get("$defs", {}).items()}
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _inlined(value, words)}
        for name, value in schema.get("properties", {}).items()
    ]


def _inlined(schema: Any, words: dict[str, Any]) -> Any:
    """*schema* with what it refers to in its place: a query's own words are in no body, so in no list of schemas."""
    if isinstance(schema, list):
        return [_inlined(one, words) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inlined = {name: _inlined(value, words) for name, value in schema.items() if name != "$ref"}
    return {**words.get(schema.get("$ref", ""), {}), **inlined}


def _responses(one: Operation, names: dict[Any, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "done"}
    if one.answer is not None:
        good["content"] = _json(names[(one.answer, "serialization")])
    responses = {str(one.status if one.answer is not None or one.status != 200 else 200): good}
    codes: dict[int, list[str]] = {}
    for refusal in one.refusals:
        codes.setdefault(problems.status_of(refusal("")), []).append(refusal.code)
    for status in (401, 403, 404, 422, 429, 503):
        codes.setdefault(status, [])
    for status, words in sorted(codes.items()):
        text = ", ".join(words) or problems.TITLES[status]
        content = {problems.CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        responses[str(status)] = {"description": text, "content": content}
    return responses
