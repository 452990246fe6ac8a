"""An OpenAPI document and what its references lead to.

document = read_document(Path("petstore.yaml"))
document.resolved({"$ref": "#/components/parameters/Limit"}, "paths./pets.get.parameters")
document.whole({"$ref": "#/components/schemas/Pet"})    # {"$ref": "#/$defs/Pet", "$defs": ...}
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rlcall.files import strict_json
from rlcall.files.yaml import YamlError, parse_yaml
from rlcall.tools.mistake import ToolSourceError
from rlcall.tools.places import changed

_COMPONENT = "#/components/schemas/"


def read_document(path: Path) -> OpenApiDocument:
    """Read a document of OpenAPI 3, JSON or YAML. ToolSourceError."""
    content = _read(path)
    version = content.get("openapi")
    if not isinstance(version, str) or not version.startswith("3."):
        spoken = content.get("swagger") or version
        remedy = "convert it to OpenAPI 3" if spoken else "it should begin with `openapi: 3...`"
        raise ToolSourceError(f"{path}: is OpenAPI {spoken}; {remedy}")
    if not isinstance(content.get("paths"), dict):
        raise ToolSourceError(f"{path}: has no `paths`, so there is nothing to call")
    return OpenApiDocument(path, content)


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        is_json = text.lstrip().startswith("{")
        document = strict_json.load(text) if is_json else parse_yaml(text)
    except OSError as error:
        raise ToolSourceError(f"{path}: cannot be read: {error.strerror}") from None
    except (YamlError, ValueError) as error:
        raise ToolSourceError(f"{path}: {error}") from None
    if not isinstance(document, dict):
        raise ToolSourceError(f"{path}: is no OpenAPI document, but {type(document).__name__}")
    return document


class OpenApiDocument:
    """A document whose references are followed."""

    def __init__(self, path: Path, content: dict[str, Any]) -> None:
        self._path = path
        self._content = content
        components = self.object(content.get("components") or {}, "components")
        self._schemas = self.object(components.get("schemas") or {}, "components.schemas")

    @property
    def paths(self) -> dict[str, Any]:
        """The routes with their operations."""
        return dict(self._content["paths"])

    def schema(self, schema: Any, where: str) -> dict[str, Any]:
        """Return a schema; {} where there is none."""
        return self.object({} if schema in (None, True) else schema, f"{where}.schema")

    def whole(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return a schema that holds the components it refers to, as JSON Schema's `$defs`."""
        definitions: dict[str, Any] = {}
        waiting: list[str] = []

        def localised(part: dict[str, Any], _name: str) -> dict[str, Any]:
            result = changed(_with_null(part), localised)
            reference = result.get("$ref")
            if isinstance(reference, str):
                name = self.component(reference)
                result["$ref"] = f"#/$defs/{name}"
                waiting.append(name)
            return result

        result = localised(schema, "")
        while waiting:
            name = waiting.pop()
            if name not in definitions:
                definitions[name] = None
                target = self.object(self._schemas[_key(name)], f"{_COMPONENT}{name}")
                definitions[name] = localised(target, "")
        if definitions:
            result["$defs"] = {_key(name): target for name, target in definitions.items()}
        return result

    def component(self, reference: str) -> str:
        """Return the name, as a pointer has it, of the schema to which a reference leads."""
        name = reference.removeprefix(_COMPONENT)
        if name == reference or _key(name) not in self._schemas:
            raise self.mistake(
                reference, "leads to no schema under components; put what it names there"
            )
        return name

    def target(self, schema: Any) -> dict[str, Any]:
        """Return the schema to which a schema that is only a reference leads."""
        seen: set[str] = set()
        while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
            reference = schema["$ref"]
            if reference in seen:
                return {}
            seen.add(reference)
            schema = self._schemas[_key(self.component(reference))]
        return schema if isinstance(schema, dict) else {}

    def resolved(self, item: Any, where: str) -> dict[str, Any]:
        """Return what a parameter, body or response is, through its references."""
        for _ in range(10):
            item = self.object(item, where)
            reference = item.get("$ref")
            if reference is None:
                return item
            parts = str(reference).split("/")
            if parts[0] != "#":
                raise self.mistake(where, f"$ref {reference!r} leads out of the file")
            item = self._content
            for part in parts[1:]:
                item = item.get(_key(part)) if isinstance(item, dict) else None
        raise self.mistake(where, "its $ref leads back to itself")

    def object(self, value: Any, where: str) -> dict[str, Any]:
        """Return a value that should be an object."""
        if not isinstance(value, dict):
            raise self.mistake(where, f"should be an object, and is {value!r:.60}")
        return value

    def items(self, value: Any, where: str) -> list[Any]:
        """Return a value that should be a list."""
        if not isinstance(value, list):
            raise self.mistake(where, f"should be a list, and is {value!r:.60}")
        return value

    def mistake(self, where: str, reason: str) -> ToolSourceError:
        """Return the mistake at a place of the document."""
        return ToolSourceError(f"{self._path}: {where}: {reason}")


def _key(part: str) -> str:
    """Return the key that a part of a JSON pointer stands for."""
    return part.replace("~1", "/").replace("~0", "~")


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Write OpenAPI 3.0's `nullable` as JSON Schema's null."""
    if "nullable" not in schema:
        return schema
    result = {key: value for key, value in schema.items() if key != "nullable"}
    if schema["nullable"] is not True or not isinstance(schema.get("type"), str):
        return result  # beside no type it changes nothing, says OpenAPI
    result["type"] = [schema["type"], "null"]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        result["enum"] = [*schema["enum"], None]
    return result
