"""Tools in the forms that others write them in, read as OpenAI's: the one place that does so.

    read_tools([{"name": "f", "inputSchema": {"type": "object"}}], notes)
    # [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]

MCP's (and what `tools/list` returns), Anthropic's, Gemini's, Bedrock's, Cohere's, API-Bank's and
OpenAI's flat form are read, and parameters that are a bare map of names. What is changed leaves a
note; what is not read is a ToolFormError that names the key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rlcall.data.reading.python_types import set_type
from rlcall.files import strict_json
from rlcall.verifier.dialects import TYPES, normalise
from rlcall.verifier.parameter_keys import bare_names, unread_fault

# Where other forms hold the parameters: MCP, Anthropic, API-Bank, Cohere, Gemini, smolagents.
PARAMETERS = (
    "inputSchema", "input_schema", "input_parameters", "parameter_definitions",
    "parametersJsonSchema", "parameters_json_schema", "inputs", "args",
)  # fmt: skip
# ... and what a tool gives back: MCP, API-Bank, transformers' get_json_schema, Gemini.
RESULTS = ("outputSchema", "output_schema", "output_parameters", "return", "response")
VALUES = frozenset(("enum", "const", "default", "examples", "example"))  # keywords without schemas
LISTS = ("functionDeclarations", "function_declarations")  # a tool of Gemini's holds several
FORM = (
    'A tool reads {"type": "function", "function": '
    '{"name": "f", "description": "...", "parameters": {...}}}'
)

OUTER_REQUIRED = "`required` beside `parameters` was read as the parameters' own"  # notes
BARE_MAP = "parameters without `properties` around them were read as a JSON Schema"
FOREIGN_TYPES = "types in other words than JSON Schema's were read as its own"

UNTYPED = "tools without `type` were read as functions"

_OPTIONAL = re.compile(r",\s*optional\s*$")


class ToolFormError(ValueError):
    """A tool in a form that is not read: `reason` is of a few kinds, `detail` is about this one."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}. {self.detail}"


def read_tools(value: Any, notes: list[str]) -> list[dict[str, Any]]:
    """Return tools in OpenAI's form; those that are in it stay as they are. ToolFormError."""
    tools = []
    for item in _items(value):
        item = _from_text(item)
        if not isinstance(item, dict):
            raise ToolFormError("an item is not a tool", f"It reads {item!r:.80}. {FORM}.")
        for key in LISTS:
            if isinstance(item.get(key), list):
                tools += read_tools(item[key], notes)
                break
        else:
            tools.append(_tool(item, notes))
    return tools


def _items(value: Any) -> list[Any]:
    """Return the list that a value is or holds: `tools/list` gives it as `tools`, in `result`."""
    value = _from_text(value)
    if isinstance(value, dict) and isinstance(value.get("result"), dict):
        value = value["result"]
    if isinstance(value, dict):
        for key in ("tools", "functions", *LISTS):
            if isinstance(value.get(key), list):
                return list(value[key])
        return [value]
    if not isinstance(value, list):
        raise ToolFormError("is not a list of tools", f"It reads {value!r:.80}.")
    return value


def _from_text(value: Any) -> Any:
    """Return the value of JSON text, in which data sets store tools that differ; others as is."""
    if not isinstance(value, str):
        return value
    try:
        return strict_json.load(value)
    except ValueError:
        return value


def _tool(item: Mapping[str, Any], notes: list[str]) -> dict[str, Any]:
    item = item["toolSpec"] if isinstance(item.get("toolSpec"), dict) else item
    inner = _from_text(item.get("function"))
    if isinstance(inner, dict):
        outer = {key: value for key, value in item.items() if key != "function"}
        if "type" not in outer:
            notes.append(UNTYPED)
            outer = {"type": "function", **outer}
        if outer["type"] != "function":
            raise _other_type(outer["type"])
        function = _function({**_beside(outer), **inner}, notes)
        return {**outer, "function": function}
    kind = item.get("type", "function")
    if (isinstance(kind, str) and kind not in ("function", "custom")) or "format" in item:
        raise _other_type(kind)
    function = {key: value for key, value in item.items() if key != "type"}
    return {"type": "function", "function": _function(function, notes)}


def _other_type(kind: Any) -> ToolFormError:
    return ToolFormError(
        "a tool is of a type that has no JSON Schema", f"Its type is {kind!r:.80}. {FORM}."
    )


def _beside(outer: dict[str, Any]) -> dict[str, Any]:
    """Take what belongs to the function from beside it."""
    return {key: outer.pop(key) for key in ("required",) if key in outer}


def _function(function: Mapping[str, Any], notes: list[str]) -> dict[str, Any]:
    name = function.get("name")
    if not isinstance(name, str) or not name:
        raise ToolFormError("a tool has no name", f"It reads {function!r:.80}. {FORM}.")
    result = dict(function)
    key = _parameters_key(function)
    if key != "parameters" and key in function:
        notes.append(f"`{key}` was read as a tool's `parameters`")
        result["parameters"] = _unwrapped(result.pop(key))
    _read_results(result, notes)
    parameters = _from_text(result.get("parameters"))
    if not isinstance(parameters, dict | None):
        detail = f"{key} of {name!r} is {parameters!r:.80}; it should be a JSON Schema object."
        raise ToolFormError(f"a tool has {key} that are no object", detail)
    if parameters is not None:
        result["parameters"] = _schema(parameters, notes, is_foreign=key != "parameters")
        _read_outer_required(result, notes)
    if fault := unread_fault(result):
        raise ToolFormError("a tool has parameters that are not read", f"Of {name!r}, {fault}.")
    if not isinstance(result.get("description"), str | None):
        detail = f"That of {name!r} is {result['description']!r:.80}."
        raise ToolFormError("a tool has a description that is no text", detail)
    return result


def _parameters_key(function: Mapping[str, Any]) -> str:
    if function.get("parameters"):
        return "parameters"
    present = [key for key in PARAMETERS if isinstance(function.get(key), dict)]
    return present[0] if present else "parameters"


def _unwrapped(schema: Any) -> Any:
    """Return the schema inside Bedrock's `{"json": {...}}`."""
    if isinstance(schema, dict) and set(schema) == {"json"}:
        return schema["json"]
    return schema


def _read_results(function: dict[str, Any], notes: list[str]) -> None:
    """Read what a tool gives back as `returns`, where another key describes it as a schema."""
    for key in RESULTS:
        declared = function.get(key)
        if "returns" in function or not isinstance(declared, dict) or not declared:
            continue
        schema = _schema(_unwrapped(declared), notes, is_foreign=True)
        if "type" in schema or "properties" in schema:
            del function[key]
            function["returns"] = schema
            notes.append(f"`{key}` was read as a tool's `returns`")


def _read_outer_required(function: dict[str, Any], notes: list[str]) -> None:
    names = function.get("required")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return
    del function["required"]
    if names and "required" not in function["parameters"]:
        function["parameters"] = {**function["parameters"], "required": names}
        notes.append(OUTER_REQUIRED)


def _schema(schema: dict[str, Any], notes: list[str], *, is_foreign: bool) -> dict[str, Any]:
    """Return parameters as a JSON Schema.

    One that stands where OpenAI's form has it stays as it is: the verifier knows its dialects.
    """
    names = bare_names(schema)
    if names:
        notes.append(BARE_MAP)
        schema = _of_bare_map(schema, names)
    if (names or is_foreign) and not TYPES.issuperset(_type_words(schema)):
        notes.append(FOREIGN_TYPES)
        read: dict[str, Any] = normalise(_with_generics(schema, notes), [], "$")
        return read
    return schema


def _with_generics(schema: Any, notes: list[str]) -> Any:
    """Return a schema with Python's types that have parts, such as `List[int]`, put into words."""
    if isinstance(schema, list):
        return [_with_generics(item, notes) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {}
    for key, item in schema.items():
        result[key] = item if key in VALUES else _with_generics(item, notes)
    words = result.get("type")
    if isinstance(words, str) and "[" in words:
        del result["type"]
        set_type(result, words, notes)
    return result


def _of_bare_map(parameters: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Return the schema of a map of parameters.

    Each is required unless it says `optional`, has a default or `required: false`; a list
    `required` beside them decides where there is one.
    """
    schema = {key: value for key, value in parameters.items() if key not in names}
    properties = {}
    required = []
    for name in names:
        described = dict(parameters[name])
        words = described.get("type")
        is_optional = "default" in described
        if isinstance(words, str) and _OPTIONAL.search(words):
            described["type"] = _OPTIONAL.sub("", words)
            is_optional = True
        flag = described.get("required")
        if isinstance(flag, bool):
            del described["required"]
            is_optional = not flag
        properties[name] = described
        if not is_optional:
            required.append(name)
    schema = {"type": "object", **schema, "properties": properties}
    if required:
        schema.setdefault("required", required)
    return schema


def _type_words(schema: Any) -> Iterator[str]:
    """Yield the words that a schema and those inside it have as types."""
    if isinstance(schema, list):
        for item in schema:
            yield from _type_words(item)
    elif isinstance(schema, dict):
        declared = schema.get("type")
        words = declared if isinstance(declared, list) else [declared]
        yield from (word for word in words if isinstance(word, str))
        for key, item in schema.items():
            if key not in VALUES:
                yield from _type_words(item)
