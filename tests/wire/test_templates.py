"""What the models' own chat templates write is read, and what is written, the templates would have
written."""

import json
from pathlib import Path
from typing import Any

import pytest
import trl
from transformers.utils.chat_template_utils import _compile_jinja_template

from rlcall import wire
from rlcall.calls import Call
from rlcall.wire.reading.turn import own_text

TEMPLATES = Path(trl.__file__).parent / "chat_templates"
CALLS = [
    Call("weather", {"city": "Paris"}),
    Call("weather", {"city": "Le Havre", "days": 3}),
    Call("weather", {"at": {"lat": 48.5, "near": True}, "city": "Nice", "days": [1, 2]}),
    Call("now", {}),
]
WORDS = Call("weather", {"exact": True, "unit": None, "tags": ["a", "b c"]})
# the beginning of a template's name -> the format that it writes, and where the model's turn begins
CHATML = "<|im_start|>assistant\n"
WRITES = {
    "deepseekv3": ("deepseek_v3", "<｜Assistant｜>"),
    "diffusion_gemma": ("gemma4", "<|turn>model\n"),
    "gemma4": ("gemma4", "<|turn>model\n"),
    "glm4moe": ("glm45", "<|assistant|>"),
    "gptoss": ("harmony", "<|start|>assistant"),
    "lfm2_v2": ("lfm2", CHATML),
    "lfm2_2_5": ("lfm2", CHATML),
    "llama3_1": ("llama3", "<|start_header_id|>assistant<|end_header_id|>\n\n"),
    "llama3_2": ("llama3", "<|start_header_id|>assistant<|end_header_id|>\n\n"),
    "nemotron_3": ("qwen3_coder", CHATML),
    "qwen2_5": ("hermes", CHATML),
    "qwen3_5": ("qwen3_coder", CHATML),
    "qwen3_6": ("qwen3_coder", CHATML),
    "qwen3_8": ("qwen3_coder", CHATML),
    "qwen3": ("hermes", CHATML),
}
# Muse Glimmer's form is noticed, not read. R1's distilled templates leave out the end of a block.
NOT_READ = ("muse_glimmer", "deepseek_r1_distill")
ONE_CALL = ("gptoss", "llama3_1", "llama3_2")  # templates that refuse or drop a second one
PYTHON_WORDS = ("diffusion", "gemma4", "lfm2_v2", "lfm2_2_5_vl", "nemotron", "qwen3_5")


def templates_with_calls() -> list[str]:
    names = []
    for path in sorted(TEMPLATES.glob("*.jinja")):
        if "tool_calls" in path.read_text() and not path.stem.startswith(NOT_READ):
            names.append(path.stem)
    return names


def written_by(template: str) -> tuple[str, str]:
    """The format that a template writes, and where the model's turn begins."""
    return WRITES[max((name for name in WRITES if template.startswith(name)), key=len)]


def reply(template: str, calls: list[Call]) -> str:
    """Return what the assistant writes by a template, from the end of its prompt."""
    tool_calls = []
    for call in calls:
        arguments: Any = call.arguments
        if template == "deepseekv3":
            arguments = json.dumps(arguments)  # it prints them as they are
        function = {"name": call.name, "arguments": arguments}
        tool_calls.append({"type": "function", "function": function})
    content = None if template.startswith("deepseek") else ""
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "What is the weather?"},
        {"role": "assistant", "content": content, "tool_calls": tool_calls},
    ]
    source = (TEMPLATES / f"{template}.jinja").read_text()
    text = _compile_jinja_template(source).render(messages=messages, bos_token="", eos_token="")
    return text.partition(written_by(template)[1])[2]


def test_every_template_with_calls_is_known() -> None:
    assert {written_by(template)[0] for template in templates_with_calls()} <= set(wire.NAMES)
    assert len(templates_with_calls()) > 30


@pytest.mark.parametrize("template", templates_with_calls())
def test_what_a_template_writes_is_read(template: str) -> None:
    name, _ = written_by(template)
    several = [] if template.startswith(ONE_CALL) else [[CALLS[1], CALLS[2], CALLS[0]]]
    for calls in [*([call] for call in (*CALLS, WORDS)), *several]:
        text = reply(template, calls)
        for asked in (name, "auto"):
            parsed = wire.parse(text, [], asked)
            assert (parsed.wire, parsed.calls, parsed.problems) == (name, tuple(calls), ())


@pytest.mark.parametrize("template", templates_with_calls())
def test_what_is_written_the_template_would_have_written(template: str) -> None:
    format = wire.get(written_by(template)[0])
    # Some templates print `True` and `None` as Python does; the formats write JSON's words.
    calls = CALLS if template.startswith(PYTHON_WORDS) else [*CALLS, WORDS]
    several = [] if template.startswith(ONE_CALL) else [[calls[1], calls[0]]]
    for written in [*([call] for call in calls), *several]:
        assert own_text(reply(template, written)) == own_text(format.render(written))
