"""The form of a row as one JSON Schema, `ROW`: its keys, and the kind of each.

    ROW["properties"]["tools"]["description"]    # "A list of tools in OpenAI's form."

A `description` is what a user reads when something is wrong at that place, so it says what to
write. Tools and messages are OpenAI's and may hold more than is named; the row, its answer and the
answer's calls are ours and may not.
"""

from __future__ import annotations

from typing import Any

from rlcall.verifier.answer import GRANULAR
from rlcall.verifier.values import COMPARATORS

TOOL: dict[str, Any] = {
    "type": "object",
    "description": 'A tool reads {"type": "function", "function": {"name": "f", '
    '"parameters": {"type": "object"}}}.',
    "required": ["type", "function"],
    "properties": {
        "type": {
            "const": "function",
            "description": 'Write "type": "function", and the tool itself under "function".',
        },
        "function": {
            "type": "object",
            "description": 'Put the tool\'s name, description and parameters under "function".',
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "minLength": 1, "description": "A tool needs a name."},
                "description": {"type": ["string", "null"]},
                "parameters": {
                    "type": ["object", "null"],
                    "description": "Parameters are one JSON Schema object.",
                },
            },
        },
    },
}

MESSAGE: dict[str, Any] = {
    "type": "object",
    "description": 'A message reads {"role": "user", "content": "..."}; '
    "an assistant may have tool_calls instead.",
    "required": ["role"],
    "anyOf": [{"required": ["content"]}, {"required": ["tool_calls"]}],
    "properties": {
        "role": {
            "enum": ["system", "developer", "user", "assistant", "tool"],
            "description": "A role is system, developer, user, assistant or tool.",
        },
        "content": {"type": ["string", "array", "null"]},
        "tool_calls": {
            "type": ["array", "null"],
            "items": {"type": "object", "required": ["function"]},
        },
    },
}

ACCEPT: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {
        "type": "array",
        "description": "A list of values, also where there is only one.",
    },
    "description": 'What else is right, by JSONPath: {"$.city": ["Paris, France"]}.',
}
OPTIONAL: dict[str, Any] = {
    "type": "array",
    "items": {"type": "string"},
    "description": 'JSONPaths of arguments that may be left out: ["$.unit"].',
}
COMPARE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {"enum": list(COMPARATORS)},
    "description": 'A comparator by JSONPath: {"$.tags": "set"}. They are '
    + ", ".join(COMPARATORS)
    + ".",
}

CALL: dict[str, Any] = {
    "type": "object",
    "description": 'A call reads {"name": "f", "arguments": {"city": "Paris"}}.',
    "required": ["name", "arguments"],
    "additionalProperties": False,
    "properties": {
        "name": {
            "type": "string",
            "minLength": 1,
            "description": "The name of the tool that is due.",
        },
        "arguments": {
            "type": "object",
            "description": "The right arguments by name; {} where the call takes none.",
        },
        "label": {
            "type": "string",
            "pattern": r"\A[A-Za-z_]\w*\Z",
            "description": "A label is a word that references use: "
            '"label": "var1" for "$var1.price$".',
        },
        "accept": ACCEPT,
        "optional": OPTIONAL,
        "compare": COMPARE,
    },
}

# A boolean or null has no one word in a reply: the row says which word it is.
DETAIL: dict[str, Any] = {
    "type": ["string", "number"],
    "pattern": r"\S",
    "description": "A text or a number; for true, write the word that says so.",
}
SLOTS: dict[str, Any] = {
    "type": ["array", "object"],
    "minItems": 1,
    "minProperties": 1,
    "items": DETAIL,
    "additionalProperties": DETAIL,
    "description": 'What the reply must hold: {"price": 12.5}, or a list; at least one.',
}

_ANSWERS = (
    'The answer reads {"calls": [...]}, {"calls": []} where no call is due, or null where unknown.'
)

# key -> the kinds of answer that it may come with
_COMES_WITH = {
    "name": ["arguments"],
    "accept": ["arguments", "slots"],
    "optional": ["arguments"],
    "also": ["slots"],
    "avoid": ["slots"],
    "reply": ["slots"],
    "order": ["calls", "names"],
    "compare": ["calls", "arguments"],
}

ANSWER: dict[str, Any] = {
    "type": ["object", "null"],
    "description": _ANSWERS,
    "additionalProperties": False,
    "if": {"type": "object"},
    "then": {
        "description": _ANSWERS,
        "oneOf": [{"required": [kind]} for kind in ("calls", *GRANULAR)],
    },
    "dependentSchemas": {
        "arguments": {
            "required": ["name"],
            "properties": {
                "name": {
                    "description": 'Say whose arguments they are: "name": "f", next to `arguments`.'
                }
            },
        },
        "calls": {
            "properties": {
                "compare": {"type": "string", "description": "Here it is exact or text."}
            }
        },
        **{
            key: {
                "anyOf": [{"required": [kind]} for kind in kinds],
                "description": f"`{key}` has no meaning here.",
            }
            for key, kinds in _COMES_WITH.items()
        },
    },
    "properties": {
        "calls": {
            "if": {"type": "string"},
            "then": {
                "const": "any",
                "description": 'The one word here is "any": some valid call is due.',
            },
            "else": {
                "type": "array",
                "items": CALL,
                "description": "A list of calls, [] where none is due.",
            },
        },
        "names": {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "description": "A list of tool names, [] where none is due.",
        },
        "name": {
            "type": "string",
            "minLength": 1,
            "description": "The name of the tool that is given.",
        },
        "arguments": {
            "type": "object",
            "description": "The right arguments of the given tool, by name.",
        },
        "slots": SLOTS,
        "accept": ACCEPT,
        "optional": OPTIONAL,
        "also": {
            "type": "array",
            "items": DETAIL,
            "description": 'What else the reply may hold: [2, "Rome"].',
        },
        "avoid": {
            "type": "array",
            "items": {
                "type": "string",
                "pattern": r"\S",
                "description": "A text; numbers need not be listed.",
            },
            "description": "What the reply must not hold.",
        },
        "reply": {"type": "string", "pattern": r"\S", "description": "A right reply, as text."},
        "order": {
            "enum": ["any", "sequence"],
            "description": "Whether calls or names must come in the order given.",
        },
        "compare": {
            "if": {"type": "string"},
            "then": {
                "enum": ["exact", "text"],
                "description": "For all values; by JSONPath a call may say more.",
            },
            "else": COMPARE,
        },
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
        "tools": {
            "type": "array",
            "items": TOOL,
            "description": "A list of tools in OpenAI's form.",
        },
        "answer": ANSWER,
        "words": {
            "type": ["object", "null"],
            "description": 'What stood beside the calls: {"text": "...", "reasoning": "..."}.',
            "additionalProperties": False,
            "properties": {"text": {"type": "string"}, "reasoning": {"type": "string"}},
        },
    },
}
