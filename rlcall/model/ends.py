"""The tokens that end a model's turn, of which a tokenizer often knows several.

end_ids(tokenizer)
# of Llama 3.1: [128001, 128008, 128009], which are <|end_of_text|>, <|eom_id|> and <|eot_id|>
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rlcall.model.chat_template import end_of_turn
from rlcall.wire.reading.gathered import call_ends, turn_ends

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def end_ids(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Return the token ids after which nothing of a turn may come, in ascending order.

    They are the tokenizer's own end, what its chat template writes after a turn, and those of every
    wire format that are added tokens of its vocabulary. The verifier takes them off the end of a
    completion, but for those that belong to a call (`ends_call`).
    """
    added = tokenizer.get_added_vocab()
    ids = {added[token] for token in (*turn_ends(), *call_ends()) if token in added}
    ids.add(tokenizer.convert_tokens_to_ids(end_of_turn(tokenizer)))
    ids.add(tokenizer.eos_token_id)
    return sorted(ids - {None})


def ends_call(completion: str) -> bool:
    """Return whether a completion ends with a token that ends its turn and belongs to its call."""
    return completion.endswith(call_ends())


def with_end(completion: str, end: str) -> str:
    """Return a completion with its end of turn, which a call may have written already."""
    return completion if ends_call(completion) else completion + end


def end_turns(model: Any, tokenizer: PreTrainedTokenizerBase, args: Any) -> None:
    """Have a GRPO trainer take all of them as ends, and whoever loads what it saves.

    What the model declares itself stays one, too. vLLM has a model of its own, and is told with
    each request.
    """
    declared = model.generation_config.eos_token_id
    if declared is None:
        declared = []
    elif not isinstance(declared, list):
        declared = [declared]
    ends = sorted({*declared, *end_ids(tokenizer)})
    model.generation_config.eos_token_id = ends
    if args.use_vllm:
        args.generation_kwargs = {"stop_token_ids": ends, **(args.generation_kwargs or {})}
