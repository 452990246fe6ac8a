"""Rows as text: the literal prompt, the same ids everywhere, the templates of other models, and
gold that is right."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
import trl
from datasets import Dataset
from tokenizers.processors import TemplateProcessing
from transformers import AutoTokenizer

import rlcall
import rlcall.calls
from rlcall import wire as wires
from rlcall.data.rows import Row
from rlcall.model.chat_template import PromptError, end_of_turn, wire_of
from rlcall.model.prompts import render_completion, render_prompt
from rlcall.model.signature import signature
from rlcall.tasks import phone
from rlcall.tasks.instructions import ARGUMENTS, NAMES, NEXT_NAME, REPLY
from rlcall.verifier.answer import AnswerError
from rlcall.verify import verify

TEMPLATES = Path(trl.__file__).parent / "chat_templates"
ROWS = list(phone.generate(60, seed=3))
PARAMETERS = {
    "type": "object",
    "properties": {"who": {"type": "string"}, "speaker": {"type": "boolean", "default": False}},
    "required": ["who"],
}
CALL = {
    "type": "function",
    "function": {"name": "call", "description": "Call a person.", "parameters": PARAMETERS},
}
ROW = Row(
    [{"role": "user", "content": "Ring Anna."}],
    [CALL],
    {"calls": [{"name": "call", "arguments": {"who": "Anna"}}]},
)
PROMPT = """<|im_start|>system
Write the calls that the request needs, or [] if no tool fits.
<tools>
call(who: string, speaker?: boolean = false): Call a person.
</tools>
<tool_call>[{"name": "tool", "arguments": {"parameter": "value"}}]</tool_call><|im_end|>
<|im_start|>user
Ring Anna.<|im_end|>
<|im_start|>assistant
"""


@pytest.fixture
def tokenizer(tiny_tokenizer: Any) -> Any:
    """A tokenizer that a test may change."""
    return deepcopy(tiny_tokenizer)


def with_template(tokenizer: Any, name: str) -> Any:
    tokenizer.chat_template = (TEMPLATES / f"{name}.jinja").read_text()
    return tokenizer


def test_the_prompt_and_the_gold_completion(tokenizer: Any) -> None:
    assert render_prompt(ROW, tokenizer, "smollm2") == PROMPT
    gold = '<tool_call>[{"name": "call", "arguments": {"who": "Anna"}}]</tool_call><|im_end|>'
    assert render_completion(ROW, tokenizer, "smollm2") == gold


def test_the_rows_own_system_message_comes_first(tokenizer: Any) -> None:
    row = Row(
        [{"role": "system", "content": "Today is Monday."}, *ROW.messages], ROW.tools, ROW.answer
    )
    assert render_prompt(row, tokenizer, "smollm2") == PROMPT.replace(
        "Write", "Today is Monday.\n\nWrite", 1
    )


def test_earlier_calls_and_results_are_part_of_the_prompt(tokenizer: Any) -> None:
    calls = [
        {
            "type": "function",
            "id": "c1",
            "function": {"name": "call", "arguments": '{"who": "Ben"}'},
        }
    ]
    earlier = [
        {"role": "user", "content": [{"type": "text", "text": "Ring Ben."}]},
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c1", "content": "no answer"},
    ]
    prompt = render_prompt(Row(earlier + ROW.messages, ROW.tools, ROW.answer), tokenizer, "smollm2")
    assert prompt.endswith("""
<|im_start|>user
Ring Ben.<|im_end|>
<|im_start|>assistant
<tool_call>[{"name": "call", "arguments": {"who": "Ben"}}]</tool_call><|im_end|>
<|im_start|>user
<tool_response>
no answer
</tool_response><|im_end|>
<|im_start|>user
Ring Anna.<|im_end|>
<|im_start|>assistant
""")
    native = render_prompt(
        Row(earlier + ROW.messages, ROW.tools, None), with_template(tokenizer, "qwen2_5"), "hermes"
    )
    assert '{"name": "call", "arguments": {"who": "Ben"}}\n</tool_call>' in native


def test_a_picture_is_no_text(tokenizer: Any) -> None:
    row = Row([{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}], [CALL], None)
    with pytest.raises(PromptError, match="a part of type 'image_url'"):
        render_prompt(row, tokenizer, "smollm2")


@pytest.mark.parametrize("template", [None, "qwen2_5", "llama3_1"])
def test_a_prompts_ids_begin_those_of_prompt_and_completion(
    tokenizer: Any, template: str | None
) -> None:
    if template:
        with_template(tokenizer, template)
    wire = wire_of(tokenizer)
    for row in ROWS:
        prompt, completion = (
            render_prompt(row, tokenizer, wire),
            render_completion(row, tokenizer, wire),
        )
        apart = (
            tokenizer(prompt)["input_ids"]
            + tokenizer(completion, add_special_tokens=False)["input_ids"]
        )
        assert apart == tokenizer(prompt + completion)["input_ids"]


def test_the_embedded_models_ids_too(smollm2_tokenizer: Any) -> None:
    test_a_prompts_ids_begin_those_of_prompt_and_completion(smollm2_tokenizer, None)


def test_the_embedded_models_prompts_stay_short(smollm2_tokenizer: Any) -> None:
    lengths = {2: [], 3: []}
    for row in ROWS:
        lengths[len(row.tools)].append(
            len(smollm2_tokenizer(render_prompt(row, smollm2_tokenizer, "smollm2"))["input_ids"])
        )
    assert sum(lengths[2]) / len(lengths[2]) < 150
    assert max(lengths[3]) <= 200


def test_sft_grpo_and_evaluation_see_the_same_ids(tokenizer: Any) -> None:
    from rlcall.model.generate import generate
    from rlcall.train.methods import grpo, sft

    rows = [row for row in ROWS if row.answer and row.answer["calls"]][:8]
    prompts = grpo.columns(rows, tokenizer, "smollm2")["prompt"]
    imitated = sft.columns(rows, tokenizer, "smollm2")
    seen: list[list[int]] = []

    class Recorder(torch.nn.Module):
        """In the place of a model: notes what it is given to continue, and writes nothing."""

        device, generation_config = "cpu", None

        def generate(self, input_ids: Any, attention_mask: Any) -> Any:
            seen.append(input_ids[0][attention_mask[0].bool()].tolist())
            return input_ids

    generate(Recorder(), tokenizer, list(prompts), max_new_tokens=1, batch_size=1)
    trl_ids = tokenizer(text=list(prompts))["input_ids"]  # as GRPOTrainer._tokenize_prompts has it
    assert sorted(seen) == sorted(trl_ids)
    for ids, labels, prompt in zip(imitated["input_ids"], imitated["labels"], trl_ids, strict=True):
        assert ids[: len(prompt)] == prompt
        assert labels[: len(prompt)] == [-100] * len(prompt) and -100 not in labels[len(prompt) :]


def test_no_second_beginning_of_sequence(tokenizer: Any) -> None:
    bos = tokenizer.bos_token
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"{bos} $A", special_tokens=[(bos, tokenizer.bos_token_id)]
    )
    tokenizer.chat_template = (
        "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
    )
    ids = tokenizer(render_prompt(ROW, tokenizer, "smollm2"))["input_ids"]
    assert ids[0] == tokenizer.bos_token_id
    assert ids.count(tokenizer.bos_token_id) == 1


def test_the_wire_follows_from_the_template(tokenizer: Any, smollm2_tokenizer: Any) -> None:
    assert wire_of(smollm2_tokenizer) == wire_of(tokenizer) == "smollm2"
    for name, wire in {
        "qwen2_5": "hermes",
        "qwen3": "hermes",
        "llama3_1": "llama3",
        "glm4moe": "glm45",
        "qwen3_6": "qwen3_coder",
        "gptoss": "harmony",
        "gemma4_v5": "gemma4",
        "lfm2_2_5_v2": "lfm2",
    }.items():
        assert wire_of(with_template(tokenizer, name)) == wire, name


@pytest.mark.parametrize("name", ["muse_glimmer", "gemma", "phi3"])
def test_an_unknown_template_asks_for_the_key_wire(tokenizer: Any, name: str) -> None:
    with pytest.raises(PromptError, match=r"Set the key `wire` to one of: .*hermes"):
        wire_of(with_template(tokenizer, name))


def test_a_template_that_refuses_says_why(tokenizer: Any) -> None:
    with pytest.raises(PromptError, match="refuses a row's messages: System role not supported"):
        render_prompt(ROW, with_template(tokenizer, "gemma"), "python")
    tokenizer.chat_template = None
    with pytest.raises(PromptError, match="has no chat template"):
        render_prompt(ROW, tokenizer, "python")


@pytest.mark.parametrize("name", ["qwen2_5", "llama3_1"])
def test_a_template_that_renders_tools_is_used_as_it_is(tokenizer: Any, name: str) -> None:
    with_template(tokenizer, name)
    own = tokenizer.apply_chat_template(
        ROW.messages, tools=ROW.tools, add_generation_prompt=True, tokenize=False
    )
    assert render_prompt(ROW, tokenizer, wire_of(tokenizer)) == own
    assert '"description": "Call a person."' in own


def test_another_wire_than_the_templates_own_gets_our_instructions(tokenizer: Any) -> None:
    prompt = render_prompt(ROW, with_template(tokenizer, "qwen2_5"), "python")
    assert "[tool(parameter='value')]" in prompt
    assert "<tool_call>" not in prompt


def test_a_template_that_can_reason_is_asked_not_to(tokenizer: Any) -> None:
    assert render_prompt(ROW, with_template(tokenizer, "qwen3"), "hermes").endswith(
        "<think>\n\n</think>\n\n"
    )


@pytest.mark.parametrize("name, end", [("qwen2_5", "<|im_end|>"), ("llama3_1", "<|eot_id|>")])
def test_a_turn_ends_with_the_templates_own_token(tokenizer: Any, name: str, end: str) -> None:
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|eot_id|>"]})
    assert end_of_turn(with_template(tokenizer, name)) == end


@pytest.mark.parametrize("wire", [name for name in wires.NAMES if name != "openai"])
def test_gold_is_right_in_every_wire_format(tokenizer: Any, wire: str) -> None:
    written = [row for row in ROWS if wires.get(wire).can_render([*gold_calls(row)], row.tools)]
    assert len(written) > len(ROWS) / 2
    for row in written:
        gold = render_completion(row, tokenizer, wire)
        assert verify(gold, row.tools, row.answer, wire=wire).correct, (row.id, gold)


def gold_calls(row: Row) -> list[Any]:
    assert row.answer is not None
    return [rlcall.calls.Call(call["name"], call["arguments"]) for call in row.answer["calls"]]


def test_where_no_call_is_due_the_gold_is_an_empty_list(tokenizer: Any) -> None:
    row = Row(ROW.messages, ROW.tools, {"calls": []})
    assert render_completion(row, tokenizer, "smollm2") == "[]<|im_end|>"


def test_labels_are_written_only_where_a_call_refers_to_another(tokenizer: Any) -> None:
    calls = [
        {"name": "call", "arguments": {"who": "Anna"}},
        {"name": "call", "arguments": {"who": "$var1.number$"}},
    ]
    chained = render_completion(
        Row(ROW.messages, ROW.tools, {"calls": calls}), tokenizer, "smollm2"
    )
    assert '"label": "var1"' in chained and "$var1.number$" in chained
    assert "label" not in render_completion(ROW, tokenizer, "smollm2")


@pytest.mark.parametrize("answer", [None, {"calls": "any"}])
def test_an_answer_without_calls_has_no_gold(tokenizer: Any, answer: Any) -> None:
    with pytest.raises(AnswerError):
        render_completion(Row(ROW.messages, ROW.tools, answer), tokenizer, "smollm2")


def test_calls_that_a_wire_format_cannot_write(tokenizer: Any) -> None:
    answer = {"calls": [{"name": "a tool with blanks", "arguments": {}}]}
    with pytest.raises(PromptError, match="row r7: wire format python cannot write"):
        render_completion(Row(ROW.messages, ROW.tools, answer, id="r7"), tokenizer, "python")


def test_columns_for_a_stock_grpo_trainer(tokenizer: Any) -> None:
    columns = Dataset.from_list(rlcall.render_prompts(ROWS, tokenizer))
    assert columns.column_names == ["prompt", "tools", "answer", "id"]
    for row, column in zip(ROWS, columns, strict=True):
        assert column["prompt"] == render_prompt(row, tokenizer, "smollm2")
        assert (json.loads(column["tools"]), json.loads(column["answer"])) == (
            row.tools,
            row.answer,
        )


def test_a_saved_tokenizer_renders_the_same(tokenizer: Any, tmp_path: Path) -> None:
    tokenizer.save_pretrained(tmp_path)
    assert render_prompt(ROW, AutoTokenizer.from_pretrained(tmp_path), "smollm2") == PROMPT


@pytest.mark.parametrize(
    "schema, text",
    [
        ({"type": "string"}, "x?: string"),
        ({"type": "string", "enum": ["a", "b"], "default": "a"}, 'x?: "a"|"b" = "a"'),
        ({"type": "string", "format": "date", "description": "When."}, "x?: string (date, When.)"),
        ({"enum": [1, None]}, "x?: 1|null"),
        ({}, "x?: any"),
        ({"type": ["string", "null"]}, 'x?: {"type": ["string", "null"]}'),
        (
            {"type": "array", "items": {"type": "integer"}, "minItems": 1},
            "x?: [integer] (at least 1)",
        ),
        (
            {"type": "array", "items": {"enum": ["a"]}, "uniqueItems": True},
            'x?: ["a"] (all different)',
        ),
        ({"type": "array", "contains": {}}, 'x?: {"type": "array", "contains": {}}'),
        (
            {"type": "integer", "minimum": 1, "maximum": 9, "description": "How many."},
            "x?: integer (1 to 9, How many.)",
        ),
        ({"type": "number", "maximum": 0}, "x?: number (at most 0)"),
        ({"type": "string", "pattern": "^[A-Z]$"}, "x?: string (like ^[A-Z]$)"),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "string"}},
                "required": ["a"],
                "additionalProperties": False,
            },
            "x?: {a: string}",
        ),
        (
            {"type": "object", "properties": {"a": {}}},
            'x?: {"type": "object", "properties": {"a": {}}}',
        ),
        (True, "x?: true"),
    ],
)
def test_a_tool_as_one_line(schema: Any, text: str) -> None:
    assert signature({"name": "f", "parameters": {"properties": {"x": schema}}}) == f"f({text})"


@pytest.mark.parametrize(
    "tool",
    [
        {
            "name": "f",
            "parameters": {
                "properties": {"x": {"$ref": "#/$defs/x"}},
                "$defs": {"x": {"type": "string"}},
            },
        },
        {"name": "f", "output_parameters": {"price": {"type": "number"}}},
    ],
)
def test_a_tool_that_says_more_of_itself_stays_json(tool: Any) -> None:
    assert json.loads(signature(tool)) == tool


def test_what_a_tool_gives_back_as_part_of_its_line() -> None:
    returns = {
        "type": "object",
        "properties": {"price": {"type": "number"}, "day": {"type": "string", "format": "date"}},
    }
    tool = {
        "name": "f",
        "description": "Does f.",
        "parameters": {"type": "object", "properties": {}},
        "returns": returns,
    }
    assert signature(tool) == "f() -> {price: number, day: string (date)}: Does f."
    assert json.loads(signature({**tool, "returns": {"type": "array"}}))["returns"] == {
        "type": "array"
    }


def test_a_tool_without_parameters_as_one_line() -> None:
    assert signature({"name": "f", "description": "Does f.", "parameters": None}) == "f(): Does f."


# Granular rows

TRACE = [
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "c1",
                "type": "function",
                "function": {"name": "call", "arguments": '{"who": "Ben"}'},
            }
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": '{"minutes": 12.5}'},
]


def granular(instruction: str, answer: Any, trace: Any = (), tools: Any = (CALL,)) -> Row:
    said = [
        {"role": "system", "content": instruction},
        {"role": "user", "content": "Ring Ben."},
        *trace,
    ]
    return Row(said, list(tools), answer)


NEXT = granular(NEXT_NAME["train"][0], {"names": []}, TRACE)
GRANULAR = [
    granular(NAMES["train"][0], {"names": ["call"]}),
    NEXT,
    granular(
        ARGUMENTS["train"][0].format(name="call"), {"name": "call", "arguments": {"who": "Ben"}}
    ),
    granular(REPLY["train"][0], {"slots": [12.5], "reply": "You spoke for 12.5 minutes."}, TRACE),
]
GOLD = ['["call"]', "[]", '{"who": "Ben"}', "You spoke for 12.5 minutes."]


def test_a_granular_row_says_itself_what_it_asks_for(tokenizer: Any) -> None:
    assert (
        render_prompt(NEXT, tokenizer, "smollm2")
        == f"""<|im_start|>system
{NEXT_NAME["train"][0]}

<tools>
call(who: string, speaker?: boolean = false): Call a person.
</tools><|im_end|>
<|im_start|>user
Ring Ben.<|im_end|>
<|im_start|>assistant
<tool_call>[{{"name": "call", "arguments": {{"who": "Ben"}}}}]</tool_call><|im_end|>
<|im_start|>user
<tool_response>
{{"minutes": 12.5}}
</tool_response><|im_end|>
<|im_start|>assistant
"""
    )


def test_results_of_one_turn_are_one_message(tokenizer: Any) -> None:
    row = granular(
        REPLY["train"][0], {"slots": [12.5, 7]}, [*TRACE, {**TRACE[1], "content": "7 missed"}]
    )
    shown = """<|im_start|>user
<tool_response>
{"minutes": 12.5}
</tool_response>
<tool_response>
7 missed
</tool_response><|im_end|>
"""
    assert shown in render_prompt(row, tokenizer, "smollm2")


def test_a_granular_row_without_tools_shows_none(tokenizer: Any) -> None:
    row = granular("Reply.", {"slots": [1]}, tools=())
    assert render_prompt(row, tokenizer, "smollm2").startswith(
        "<|im_start|>system\nReply.<|im_end|>\n<|im_start|>user"
    )


@pytest.mark.parametrize("template", [None, "qwen2_5", "qwen3", "llama3_1"])
@pytest.mark.parametrize("row", GRANULAR, ids=GOLD)
def test_no_template_asks_a_granular_row_for_calls(
    tokenizer: Any, template: str | None, row: Row
) -> None:
    if template:
        with_template(tokenizer, template)
    prompt = render_prompt(row, tokenizer, wire_of(tokenizer))
    assert row.messages[0]["content"] in prompt and "call(who: string" in prompt
    assert not any(
        words in prompt for words in ("function call", "one or more functions", "Write the calls")
    )
    assert ("12.5" in prompt) is (len(row.messages) > 2), "the results of calls are there to read"


@pytest.mark.parametrize(("row", "gold"), list(zip(GRANULAR, GOLD, strict=True)), ids=GOLD)
def test_the_gold_of_a_granular_row_is_right(tokenizer: Any, row: Row, gold: str) -> None:
    assert render_completion(row, tokenizer, "smollm2") == f"{gold}<|im_end|>"
    assert verify(f"{gold}<|im_end|>", row.tools, row.answer).correct


def test_a_reply_that_nobody_wrote_has_no_gold_and_is_not_imitated(tokenizer: Any) -> None:
    from rlcall.train.methods import sft

    row = granular("Reply.", {"slots": [12.5]}, TRACE)
    with pytest.raises(AnswerError, match="no `reply`"):
        render_completion(row, tokenizer, "smollm2")
    assert len(sft.columns([row, *GRANULAR], tokenizer, "smollm2")) == len(GRANULAR)
