"""What the models' own chat templates write is read, and what is written, the templates would have written."""

from pathlib import Path
from typing import Any

import pytest
import trl
from transformers.utils.chat_template_utils import _compile_jinja_template

from rlcall import wire
from rlcall.calls import Call

TEMPLATES = Path(trl.__file__).parent / "chat_templates"
CALLS = [
    Call("weather", {"city": "Paris"}),
    Call("weather", {"city": "Le Havre", "days": 3}),
    Call("weather", {"at": {"lat": 48.5}, "city": "Nice", "days": [1, 2]}),
    Call("now", {}),
]
BEGINS = {
    "lfm2": "<|im_start|>assistant\n",
    "gemma4": "<|turn>model\n",
}


def reply(template: str, begin: str, call: Call) -> str:
    """Return what the assistant writes by a template, from the end of its prompt."""
    function = {"name": call.name, "arguments": call.arguments}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "What is the weather?"},
        {"role": "assistant", "content": "", "tool_calls": [{"function": function}]},
    ]
    source = (TEMPLATES / f"{template}.jinja").read_text()
    text = _compile_jinja_template(source).render(messages=messages, bos_token="")
    return text.rpartition(begin)[2]


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("lfm2_2_5", "lfm2"),
        ("lfm2_2_5_v2", "lfm2"),
        ("gemma4", "gemma4"),
        ("gemma4_v5", "gemma4"),
    ],
)
@pytest.mark.parametrize("call", CALLS)
def test_what_a_template_writes_is_read(template: str, name: str, call: Call) -> None:
    text = reply(template, BEGINS[name], call)
    for asked in (name, "auto"):
        parsed = wire.parse(text, [], asked)
        assert (parsed.wire, parsed.calls, parsed.problems) == (name, (call,), ())


@pytest.mark.parametrize(
    ("template", "name", "calls"),
    [
        # LFM2's template writes objects in JSON's quotes, which is no Python where they hold `true`.
        ("lfm2_2_5", "lfm2", [call for call in CALLS if "at" not in call.arguments]),
        ("gemma4", "gemma4", CALLS),
    ],
)
def test_what_is_written_the_template_would_have_written(
    template: str, name: str, calls: list[Call]
) -> None:
    for call in calls:
        assert reply(template, BEGINS[name], call).startswith(wire.get(name).render([call]))
