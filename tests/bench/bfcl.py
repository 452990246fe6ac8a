"""BFCL's way from a completion to a verdict: its `ast_checker` from the wheel `bfcl-eval`, after
decoders like its own.

    bfcl = Bfcl("bfcl_eval-2026.3.23-py3-none-any.whl", tasks)
    bfcl.is_valid(written)     # True or False

The checker is the wheel's. The decoders are written after its handlers (qwen_fc.py, granite.py,
glm.py, salesforce_llama.py, openai_completion.py, utils.py), since those cannot be imported without
31 packages and since the one for Python evaluates what it reads; here literals are read with
`ast.literal_eval`.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

from tests.support.bfcl_completions import BfclCompletion, BfclTask

_BLOCK = re.compile(r"<tool_call>\n(.*?)\n</tool_call>", re.DOTALL)
_TYPES = {
    "object": "dict",
    "number": "float",
}  # the tasks' tools are in JSON Schema's words; BFCL's has its own
Calls = list[dict[str, Any]]


class Bfcl:
    """The checker of a `bfcl-eval` wheel, or of the folder that it was unzipped to."""

    def __init__(self, wheel: str, tasks: Iterable[BfclTask]) -> None:
        sys.path.insert(0, wheel)  # a wheel is a zip file, from which Python can import
        # Of the models' configuration, which imports every handler and its packages, the checker
        # needs one boolean.
        stub = types.ModuleType("bfcl_eval.constants.model_config")
        stub.MODEL_CONFIG_MAPPING = {"plain": types.SimpleNamespace(underscore_to_dot=False)}  # type: ignore[attr-defined]
        sys.modules[stub.__name__] = stub
        from bfcl_eval.constants.enums import Language
        from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker

        self._check, self._language = ast_checker, Language.PYTHON
        self._tools = {
            task.id: [_dialect(tool["function"]) for tool in task.tools] for task in tasks
        }

    def is_valid(self, written: BfclCompletion) -> bool:
        """BFCL's verdict: where no call is due, whatever does not decode to one is valid."""
        task = written.task
        try:
            calls = DECODERS[written.wire](written.completion)
        except Exception:  # whatever a decoder raises is "cannot be decoded" to BFCL's runner
            return not task.answers
        if not task.answers:
            return not calls or not _is_calls(calls)
        if not _is_calls(calls):
            return False
        found = self._check(
            self._tools[task.id], calls, task.answers, self._language, task.category, "plain"
        )
        return bool(found["valid"])


def _dialect(schema: Any) -> Any:
    """A tool's schema in BFCL's own words, as its data has them."""
    if not isinstance(schema, dict):
        return schema
    changed = {key: _dialect(item) for key, item in schema.items()}
    if "properties" in changed:
        changed["properties"] = {
            name: {"type": "any", **item} for name, item in changed["properties"].items()
        }
        changed.setdefault("required", [])
    if isinstance(changed.get("type"), str):
        changed["type"] = _TYPES.get(changed["type"], changed["type"])
    return changed


def _is_calls(calls: Any) -> bool:
    return isinstance(calls, list) and all(
        isinstance(call, dict) and len(call) == 1 and isinstance(next(iter(call.values())), dict)
        for call in calls
    )


def hermes(text: str) -> Calls:
    blocks = [json.loads(block.replace("'", '"')) for block in _BLOCK.findall(text)]
    return [{block["name"]: block["arguments"]} for block in blocks]


def granite(text: str) -> Any:
    decoded: list[Any] = []
    for part in filter(None, map(str.strip, text.split("<function_call>"))):
        try:
            value = json.loads(part)
        except ValueError:
            decoded.append(part)
        else:
            name = value.get("name", "").strip()
            decoded.append(
                "No function is called"
                if name == "no_function"
                else {name: value.get("arguments", {})}
            )
    return decoded


def glm(text: str) -> Any:
    lines = text.split("\n")
    return [lines[0]] if len(lines) == 1 else [{lines[0]: json.loads(lines[1])}]


def xlam(text: str) -> Calls:
    return [{call["name"]: call["arguments"]} for call in json.loads(text)["tool_calls"]]


def openai(message: dict[str, Any]) -> Calls:
    functions = [call["function"] for call in message["tool_calls"]]
    return [{function["name"]: json.loads(function["arguments"])} for function in functions]


def python(text: str) -> Calls:
    text = text.strip("`\n ")
    text = text if text.startswith("[") else "[" + text
    body: Any = ast.parse((text if text.endswith("]") else text + "]").strip("'"), mode="eval").body
    calls = body.elts if isinstance(body, ast.List) else [body]
    return [
        {ast.unparse(call.func): {k.arg: ast.literal_eval(k.value) for k in call.keywords}}
        for call in calls
    ]


DECODERS: dict[str, Callable[[Any], Any]] = {
    "hermes": hermes,
    "granite20b": granite,
    "glm4": glm,
    "json": xlam,
    "openai": openai,
    "python": python,
}
