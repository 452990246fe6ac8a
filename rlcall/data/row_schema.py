"""The form of a row as one JSON Schema, `ROW`: which keys there are, and of what kind.

A `description` here is what a user reads when something is wrong at that place, so it says what to write. Tools and
messages are OpenAI's and may hold more than is named; the row, its answer and the answer's calls are ours and may not.
"""

from __future__ import annotations

from typing import Any

from rlcall.answer import GRANULAR
from rlcall.values import COMPARATORS

TOOL: dict[str, Any] = {
    "type": "object",
    "description": 'A tool reads {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}.',
    "required": ["type", "function"],
    "properties": {
        "type": {"const": "function", "description": 'Write "type": "function", and the tool itself under "function".'},
        "function": {
            "type": "object",
            "description": 'Put the tool\'s name, description and parameters under "function".',
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "minLength": 1, "description": "A tool needs a name."},
                "description": {"type": ["string", "null"]},
                "parameters": {"type": ["object", "null"], "description": "Parameters are one JSON Schema object."},
            },
        },
    },
}

MESSAGE: dict[str, Any] = {
    "type": "object",
    "description": 'A message reads {"role": "user", "content": "..."}; an assistant may have tool_calls instead.',
    "required": ["role"],
    "anyOf": [{"required": ["content"]}, {"required": ["tool_calls"]}],
    "properties": {
        "role": {
            "enum": ["system", "developer", "user", "assistant", "tool"],
            "description": "A role is system, developer, user, assistant or tool.",
        },
        "content": {"type": ["string", "array", "null"]},
        "tool_calls": {"type": ["array", "null"], "items": {"type": "object", "required": ["function"]}},
    },
}

CALL: dict[str, Any] = {
    "type": "object",
    "description": 'A call reads {"name": "f", "arguments": {"city": "Paris"}}.',
    "required": ["name", "arguments"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "description": "The name of the tool that is due."},
        "arguments": {"type": "object", "description": "The right arguments by name; {} where the call takes none."},
        "label": {
            "type": "string",
            "pattern": r"\A[A-Za-z_]\w*\Z",
            "description": 'A label is a word that references use: "label": "var1" for "$var1.price$".',
        },
        "accept": {
            "type": "object",
            "additionalProperties": {"type": "array", "description": "A list of values, also where there is only one."},
            "description": 'What else is right, by JSONPath: {"$.city": ["Paris, France"]}.',
        },
        "optional": {
            "type": "array",
            "items": {"type": "string"},
            "description": 'JSONPaths of arguments that may be left out: ["$.unit"].',
        },
        "compare": {
            "type": "object",
            "additionalProperties": {"enum": list(COMPARATORS)},
            "description": 'A comparator by JSONPath: {"$.tags": "set"}. They are ' + ", ".join(COMPARATORS) + ".",
        },
    },
}

_ANSWERS = 'The answer reads {"calls": [...]}, {"calls": []} where no call is due, or null where unknown.'

ANSWER: dict[str, Any] = {
    "type": ["object", "null"],
    "description": _ANSWERS,
    "additionalProperties": False,
    "if": {"type": "object"},
    "then": {
        "description": _ANSWERS,
        "oneOf": [{"required": [kind]} for kind in ("calls", *GRANULAR)],
    },
    "properties": {
        "calls": {
            "if": {"type": "string"},
            "then": {"const": "any", "description": 'The one word here is "any": some valid call is due.'},
            "else": {"type": "array", "items": CALL, "description": "A list of calls, [] where none is due."},
        },
        "names": {"type": "array", "items": {"type": "string"}, "description": "A list of tool names."},
        "arguments": {"type": "object", "description": "Arguments by name, for a given tool."},
        "slots": {"type": ["array", "object"], "description": "Values that the reply must contain."},
        "order": {"enum": ["any", "sequence"], "description": "Whether the calls must come in the order given."},
        "compare": {"enum": ["exact", "text"], "description": "For the whole row; a call may say more by JSONPath."},
    },
}

ROW: dict[str, Any] = {
    "type": "object",
    "description": "A row is an object with messages, tools and answer.",
    "required": ["messages", "tools", "answer"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": ["string", "null"], "description": 'An id is text: "17", not 17.'},
        "task": {"type": ["string", "null"], "description": "The name of a task, as text."},
        "messages": {
            "type": "array",
            "minItems": 1,
            "items": MESSAGE,
            "description": 'The conversation so far: [{"role": "user", "content": "..."}].',
        },
        "tools": {"type": "array", "items": TOOL, "description": "A list of tools in OpenAI's form."},
        "answer": ANSWER,
    },
}
