"""The process in which a user's module is imported and its functions are described.

    main("answer.json", ["shop:search"])    # {"tools": [...]} or {"mistake": "..."}

Pydantic makes the schemas of type hints, so defaults, bounds, null and nested models are kept.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import os
import sys
import traceback
import typing
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import TypeAdapter

from rlcall.tools.places import is_json

Tool = dict[str, Any]
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_POSITIONAL)


class _Mistake(Exception):
    """What the user can mend, with the reference in front."""


def main(answer: str, references: Sequence[str]) -> None:
    """Write the tools, or the first mistake, and end the process."""
    # A module of the project at hand is found first, as Python finds it for a script there.
    sys.path.insert(0, os.getcwd())
    message: dict[str, Any]
    try:
        tools: list[Tool] = []
        for reference in references:
            tools += _tools(reference)
        message = {"tools": tools}
    except _Mistake as mistake:
        message = {"mistake": str(mistake).encode("utf-8", "backslashreplace").decode()}
    Path(answer).write_text(json.dumps(message), encoding="utf-8")
    os._exit(0)  # threads and exit handlers of the module have no part in it


def _tools(reference: str) -> Iterator[Tool]:
    place, _, name = reference.rpartition(":")
    module = _import(place or name, reference)
    if not place:
        names = _public(module)
        if not names:
            raise _Mistake(f"{reference}: the module has no public functions of its own")
        for public in names:
            yield _tool(getattr(module, public), public, f"{reference}:{public}", False)
        return
    holder: Any = None
    target: Any = module
    for part in name.split("."):
        holder, raw = target, inspect.getattr_static(target, part, None)
        try:
            target = getattr(target, part)
        except AttributeError:
            has = ", ".join(key for key in dir(holder) if not key.startswith("_"))[:200]
            raise _Mistake(f"{reference}: there is no {part!r} in it. It has: {has}.") from None
        except Exception as error:  # a property's own
            cause = f"{type(error).__name__}: {error}"
            raise _Mistake(f"{reference}: {part!r} cannot be read: {cause}") from None
    is_method = inspect.isclass(holder) and inspect.isfunction(raw)
    yield _tool(target, name.rpartition(".")[2], reference, is_method)


def _import(place: str, reference: str) -> ModuleType:
    try:
        if not place.endswith(".py"):
            return importlib.import_module(place)
        file = Path(place)
        if not file.is_file():
            raise _Mistake(
                f"{reference}: there is no file {place}. Paths count from {os.getcwd()}."
            )
        sys.path.insert(0, str(file.resolve().parent))
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec is not None and spec.loader is not None  # its name ends in .py
        module = importlib.util.module_from_spec(spec)
        sys.modules[file.stem] = module  # pydantic looks the names of hints up there
        spec.loader.exec_module(module)
        return module
    except _Mistake:
        raise
    except BaseException as error:  # SystemExit too: a script that was never meant for import
        cause = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if "importlib" not in frame.filename]
        where = f" ({own[-1].filename}, line {own[-1].lineno})" if len(own) > 1 else ""
        raise _Mistake(f"{reference}: cannot be imported: {cause}{where}") from None


def _public(module: ModuleType) -> list[str]:
    """Return the names of a module's own functions that do not begin with an underscore."""
    named = getattr(module, "__all__", None)
    names = []
    for name in named if named is not None else vars(module):
        value = getattr(module, name, None)
        is_own = named is not None or getattr(value, "__module__", "") == module.__name__
        if inspect.isroutine(value) and is_own and not name.startswith("_"):
            names.append(name)
    return names


def _tool(target: Any, name: str, reference: str, is_method: bool) -> Tool:
    if not callable(target):
        kind = type(target).__name__
        raise _Mistake(f"{reference}: is {kind}, but a function or a class is expected")
    is_class = inspect.isclass(target)
    if not is_class:
        _check_parameters(target, reference)
    schema = _schema(target, reference)
    if schema.get("type") != "object" and "$ref" not in schema:
        raise _Mistake(f"{reference}: its arguments are no JSON object, so no call can name them")
    if is_method:
        first = next(iter(inspect.signature(target).parameters), None)
        schema["properties"] = {
            key: part for key, part in schema.get("properties", {}).items() if key != first
        }
        schema["required"] = [key for key in schema.get("required", ()) if key != first]
    function = {"name": name, "parameters": schema}
    description = inspect.getdoc(target) or ""
    if description and not (is_class and description.startswith(f"{name}(")):  # a dataclass's own
        function = {"name": name, "description": description, "parameters": schema}
    if not is_class:
        _add_hints(target, function)
    return {"type": "function", "function": function}


def _check_parameters(target: Any, reference: str) -> None:
    try:
        parameters = inspect.signature(target).parameters
    except (TypeError, ValueError):
        raise _Mistake(f"{reference}: its parameters are not known to Python") from None
    for parameter in parameters.values():
        if parameter.kind in _POSITIONAL:
            raise _Mistake(
                f"{reference}: {parameter} is given by position, and calls give arguments by name. "
                "Give it a name of its own, or wrap the function."
            )


def _schema(target: Any, reference: str) -> dict[str, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a default that JSON cannot hold is left out
            schema = TypeAdapter(target).json_schema()
    except Exception as error:
        cause = " ".join(str(error).split())[:300] or type(error).__name__
        raise _Mistake(f"{reference}: its types make no JSON Schema: {cause}") from None
    _drop_unwritable(schema)
    return schema


def _drop_unwritable(schema: Any) -> None:
    """Drop the defaults that JSON cannot hold, such as NaN and infinity."""
    for part in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(part, dict | list):
            _drop_unwritable(part)
    if isinstance(schema, dict) and "default" in schema and not is_json(schema["default"]):
        del schema["default"]


def _add_hints(target: Any, function: dict[str, Any]) -> None:
    """Add what `Annotated[str, "a description"]` says, and what the function gives back."""
    try:
        hints = typing.get_type_hints(target, include_extras=True)
    except Exception:  # pydantic has read what it could
        return
    for name, part in function["parameters"].get("properties", {}).items():
        notes = [note for note in getattr(hints.get(name), "__metadata__", ()) if _is_text(note)]
        if notes:
            part.setdefault("description", notes[0])
    result = hints.get("return")
    if result in (None, type(None)):
        return
    try:
        schema = TypeAdapter(result).json_schema(mode="serialization")
    except Exception:  # a result that is no data is not described
        return
    if schema.get("type") == "object" and schema.get("properties"):
        function["returns"] = schema


def _is_text(note: Any) -> bool:
    return isinstance(note, str)
