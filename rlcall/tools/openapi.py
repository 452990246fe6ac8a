"""The operations of an OpenAPI 3 document as tools: one for each path and method.

    read_openapi(Path("petstore.yaml"))     # [{"type": "function", "function": ...

Parameters in the path, the query and the headers become parameters of the tool, and so do the
members of a JSON body; a body that is no plain object is one parameter, `body`. Cookies and the
headers that HTTP itself sets are no arguments that a model gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rlcall.tools.openapi_document import OpenApiDocument, read_document

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
HTTP_HEADERS = frozenset(("accept", "content-type", "authorization"))  # ignored, says OpenAPI
LONGEST_NAME = 64  # characters, as OpenAI and its followers admit
PLAIN_BODY = frozenset((
    "type", "properties", "required", "additionalProperties", "title", "description", "example",
    "examples", "xml", "externalDocs",
))  # fmt: skip

Tool = dict[str, Any]


def read_openapi(path: Path) -> list[Tool]:
    """Return the operations of a file, JSON or YAML, as tools in OpenAI's form.
    ToolSourceError."""
    return list(_Operations(read_document(path)).tools())


class _Operations:
    """The operations of one document, and the names that they have taken."""

    def __init__(self, document: OpenApiDocument) -> None:
        self._document = document
        self._names: set[str] = set()

    def tools(self) -> Iterator[Tool]:
        """Yield a tool for each operation, in the document's order."""
        for route, item in self._document.paths.items():
            where = f"paths.{route}"
            item = self._document.resolved(item, where)
            for method in METHODS:
                if method in item:
                    operation = self._document.object(item[method], f"{where}.{method}")
                    declared = []
                    for holder in (item, operation):
                        declared += self._document.items(
                            holder.get("parameters") or [], f"{where}.parameters"
                        )
                    yield self._tool(str(route), method, operation, declared)

    def _tool(
        self, route: str, method: str, operation: dict[str, Any], declared: list[Any]
    ) -> Tool:
        where = f"paths.{route}.{method}"
        function: dict[str, Any] = {"name": self._name(operation, route, method)}
        texts = []
        for key in ("summary", "description"):
            text = str(operation.get(key) or "").strip()
            if text and text not in texts:
                texts.append(text)
        if texts:
            function["description"] = "\n\n".join(texts)
        properties: dict[str, Any] = {}
        required: list[str] = []
        self._add_parameters(declared, where, properties, required)
        self._add_body(operation, where, properties, required)
        function["parameters"] = self._document.whole({"type": "object", "properties": properties})
        if required:
            function["parameters"]["required"] = required
        if returns := self._returns(operation, where):
            function["returns"] = returns
        return {"type": "function", "function": function}

    def _name(self, operation: dict[str, Any], route: str, method: str) -> str:
        text = str(operation.get("operationId") or f"{method}_{route}")
        name = re.sub(r"[\W_]+", "_", text, flags=re.ASCII).strip("_")[:LONGEST_NAME] or method
        number = 1
        candidate = name
        while candidate in self._names:
            number += 1
            candidate = f"{name[: LONGEST_NAME - len(str(number)) - 1]}_{number}"
        self._names.add(candidate)
        return candidate

    def _add_parameters(
        self,
        items: list[Any],
        where: str,
        properties: dict[str, Any],
        required: list[str],
    ) -> None:
        """Add parameters; a later one replaces an earlier one of the same name and place."""
        declared: dict[tuple[str, str], dict[str, Any]] = {}
        for item in items:
            parameter = self._document.resolved(item, f"{where}.parameters")
            name, place = parameter.get("name"), parameter.get("in")
            if not isinstance(name, str) or not isinstance(place, str):
                raise self._document.mistake(
                    f"{where}.parameters", "a parameter needs `name` and `in`"
                )
            declared[name, place] = parameter
        for (name, place), parameter in declared.items():
            is_set_by_http = place == "header" and name.lower() in HTTP_HEADERS
            if place == "cookie" or is_set_by_http:
                continue
            content = parameter.get("content")
            schema = parameter.get("schema")
            if schema is None and content:
                schema = self._json_schema(content, f"{where}.parameters.{name}")
            schema = self._document.schema(schema, f"{where}.parameters.{name}")
            if parameter.get("description"):
                schema = {**schema, "description": parameter["description"]}
            if name in properties:  # the same name in the path and in the query
                name = f"{place}_{name}"
            properties[name] = schema
            if parameter.get("required") is True or place == "path":
                required.append(name)

    def _add_body(
        self,
        operation: dict[str, Any],
        where: str,
        properties: dict[str, Any],
        required: list[str],
    ) -> None:
        """Add the members of the body, or the body as a whole."""
        if "requestBody" not in operation:
            return
        body = self._document.resolved(operation["requestBody"], f"{where}.requestBody")
        schema = self._json_schema(body.get("content"), f"{where}.requestBody")
        if schema is None:
            return
        is_required = body.get("required") is True
        plain = self._document.target(schema)
        members = plain.get("properties")
        is_plain = PLAIN_BODY.issuperset(plain) and isinstance(members, dict) and members
        is_open = isinstance(plain.get("additionalProperties"), dict)
        if not is_plain or is_open or properties.keys() & plain["properties"].keys():
            name = "body" if "body" not in properties else "request_body"
            properties[name] = self._document.schema(schema, f"{where}.requestBody")
            if is_required:
                required.append(name)
            return
        for name, member in plain["properties"].items():
            part = self._document.schema(member, f"{where}.requestBody.{name}")
            if self._document.target(part).get("readOnly") is True:  # the server's to give
                continue
            properties[name] = part
            if is_required and name in plain.get("required", ()):
                required.append(name)

    def _returns(self, operation: dict[str, Any], where: str) -> dict[str, Any] | None:
        """Return the schema of the first success, where it is an object with members."""
        responses = self._document.object(operation.get("responses") or {}, f"{where}.responses")
        for status, response in responses.items():
            if not str(status).startswith("2"):
                continue
            answer = self._document.resolved(response, f"{where}.responses.{status}")
            schema = self._json_schema(answer.get("content"), f"{where}.responses.{status}")
            target = self._document.target(schema) if isinstance(schema, dict) else {}
            if target.get("properties"):
                return self._document.whole(target)
        return None

    def _json_schema(self, content: Any, where: str) -> Any:
        """Return the schema of JSON among the contents, or of a form."""
        contents = self._document.object(content or {}, f"{where}.content")
        for part in ("json", "form"):
            for kind, media in contents.items():
                if part in str(kind) and isinstance(media, dict) and "schema" in media:
                    return media["schema"]
        return None
