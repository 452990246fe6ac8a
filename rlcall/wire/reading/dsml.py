"""DeepSeek's DSML: `invoke` tags that say of each value whether it is text or JSON.

    <｜DSML｜tool_calls>
    <｜DSML｜invoke name="f">
    <｜DSML｜parameter name="city" string="true">Paris</｜DSML｜parameter>
    <｜DSML｜parameter name="days" string="false">3</｜DSML｜parameter>
    </｜DSML｜invoke>
    </｜DSML｜tool_calls>

Dsml("tool_calls").blocks.read(text, tools)     # [Call("f", {"city": "Paris", "days": 3})]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rlcall.calls import Call, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.invoke import Invoked, InvokeTags, Parameter
from rlcall.wire.reading.objects import call_of, framed
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

_TAGS = InvokeTags("｜DSML｜")
_IS_TEXT = {'string="true"': True, 'string="false"': False}
MARKERS = ("<｜DSML｜", "</｜DSML｜")


class Dsml:
    """The dialect whose calls are all inside the tag `outer`."""

    def __init__(self, outer: str) -> None:
        self._begin, self._end = f"<｜DSML｜{outer}>", f"</｜DSML｜{outer}>"
        self.opening = re.compile(self._begin)
        self.blocks = Blocks(self.opening, self._end, _read)

    def write(self, calls: Sequence[Call]) -> str:
        """Return the calls in one block; "" for none."""
        if not calls:
            return ""
        lines = [self._begin]
        for call in calls:
            lines.append(f'<｜DSML｜invoke name="{call.name}">')
            lines += [_parameter(key, encode(value)) for key, value in call.arguments.items()]
            lines.append("</｜DSML｜invoke>")
        return "\n".join([*lines, self._end])


def _read(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    invoked, end = _TAGS.read(text, start)
    items: list[Item] = []
    for call in invoked:
        items += call_of({"name": call.name, "arguments": _arguments(call)})
    return items, end


def _arguments(call: Invoked) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for parameter in call.parameters:
        if parameter.name in arguments:
            raise Unreadable("duplicate_key", "a call gives the same argument twice")
        arguments[parameter.name] = _value(parameter)
    return arguments


def _value(parameter: Parameter) -> Any:
    is_text = _IS_TEXT.get(parameter.attributes.strip())
    if is_text is None:
        raise Unreadable("unreadable", f"parameter {parameter.name} does not say string=")
    return parameter.value if is_text else bounded_json.load(parameter.value)


def _parameter(key: str, value: Any) -> str:
    is_text = isinstance(value, str)
    text = framed(value) if is_text else bounded_json.dump(value)
    attributes = f'name="{key}" string="{"true" if is_text else "false"}"'
    return f"<｜DSML｜parameter {attributes}>{text}</｜DSML｜parameter>"
