"""The phone assistant's seven tools, in OpenAI's form.

TOOLS["show_map"]["function"]["parameters"]["required"] == ["place"]
"""

from __future__ import annotations

from typing import Any


def _tool(
    name: str, description: str, required: str, /, **parameters: dict[str, Any]
) -> dict[str, Any]:
    schema = {"type": "object", "properties": parameters, "required": required.split()}
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": schema},
    }


_TEXT, _FLAG = {"type": "string"}, {"type": "boolean"}

# Date and time are two parameters: `format: date-time` demands a time zone (RFC 3339), which nobody
# says to a phone.
_TOOLS = (
    _tool(
        "set_flashlight",
        "Turn the flashlight on or off.",
        "on",
        on=_FLAG,
        brightness={"type": "integer", "default": 100},
    ),
    _tool(
        "create_contact",
        "Save a contact.",
        "name phone",
        name=_TEXT,
        phone=_TEXT,
        group={"type": "string", "enum": ["family", "friends", "work"]},
    ),
    _tool("send_email", "Send an email.", "to subject", to=_TEXT, subject=_TEXT, body=_TEXT),
    _tool(
        "show_map",
        "Show a place, or the way there.",
        "place",
        place=_TEXT,
        mode={"type": "string", "enum": ["car", "walk", "bike", "bus"], "default": "car"},
    ),
    _tool("set_wifi", "Turn wi-fi on or off.", "on", on=_FLAG, network=_TEXT),
    _tool(
        "create_event",
        "Add an event to the calendar.",
        "title date time",
        title=_TEXT,
        date={"type": "string", "format": "date"},
        time={"type": "string", "description": "HH:MM"},
        minutes={"type": "integer", "default": 60},
    ),
    _tool(
        "make_call",
        "Call a person or a number.",
        "who",
        who=_TEXT,
        speaker={"type": "boolean", "default": False},
    ),
)
TOOLS: dict[str, dict[str, Any]] = {tool["function"]["name"]: tool for tool in _TOOLS}
