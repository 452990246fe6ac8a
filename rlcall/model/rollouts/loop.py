"""The loop of a rollout, as `custom_generate` of transformers' `generate`.

    a b c | x <end>                  a b c | x <end>
    a b c | y z z <end>      ->      a b c | y z z <end>      five tokens, not eight
    a b c | z <end>                  a b c | z <end>

Distinct prompts go through the model once; then each step takes one token of each row that has not
ended.
"""

from __future__ import annotations

import inspect
from typing import Any

import torch
import torch.distributed as dist
from transformers import DynamicCache, GenerationConfig, LogitsProcessorList, StoppingCriteriaList
from transformers.distributed.fsdp import is_fsdp_managed_module
from transformers.integrations.deepspeed import is_deepspeed_zero3_enabled

from rlcall.errors import UserError
from rlcall.model.prefix_cache import distinct
from rlcall.model.rollouts.cache import RolloutCache, Slots, rollout_attention
from rlcall.model.rollouts.draws import pick


class NotFiniteError(UserError):
    """Logits that are no numbers: there is no next token. `row` and `position` say where."""

    def __init__(self, row: int, position: int, where: str = "") -> None:
        self.row, self.position = row, position
        super().__init__(
            f"{where}the model's logits are NaN at token {position + 1} of a completion, so its "
            "weights have diverged; go on from an earlier checkpoint with a smaller learning_rate"
        )


class RolloutLoop:
    """One call of `generate`. `numbers` are (rows, most tokens), None where it is greedy.

    `logprobs` has, for each row, those of its tokens: under the distribution that was drawn from,
    or the model's own where it is greedy.
    """

    def __init__(self, numbers: torch.Tensor | None) -> None:
        self._numbers = numbers
        self.logprobs: list[list[float]] = []

    @torch.no_grad()
    def sample(
        self,
        model: Any,
        input_ids: torch.Tensor,
        logits_processor: LogitsProcessorList,
        stopping_criteria: StoppingCriteriaList,
        generation_config: GenerationConfig,
        **kwargs: Any,
    ) -> torch.Tensor:
        """Return (rows, prompt + longest completion) token ids."""
        count, width = input_ids.shape
        room = max(generation_config.max_length - width, 1)
        mask = kwargs.get("attention_mask")
        if mask is None:  # which is what transformers makes of one without padding
            mask = torch.ones_like(input_ids)
        logits, cache = _prefill(model, input_ids, mask, room)
        padding = generation_config._pad_token_tensor
        texts = _Texts(input_ids, room, 0 if padding is None else int(padding))
        self.logprobs = [[] for _ in range(count)]
        in_step = _ranks_in_step(model)
        slots, done = cache.slots, False
        with rollout_attention(model):
            while True:
                if not done:
                    tokens = self._pick(logits, logits_processor, texts, slots.rows)
                    texts.add(slots.rows, tokens)
                    ended = stopping_criteria(texts.ids, None).tolist()
                    leaving = [slot for slot, row in enumerate(slots.rows) if ended[row]]
                    done = len(leaving) == len(slots.rows)
                    # Another rank may go on: one row stays to keep step with it.
                    cache.remove(leaving[1:] if done else leaving)
                if not model._has_unfinished_sequences(done, in_step, device=input_ids.device):
                    return texts.ids
                if done:
                    slots.length = min(slots.length, room - 1)
                positions = slots.begin_step()
                logits = _decode(model, texts.last(slots.rows), positions, cache)

    def _pick(
        self,
        logits: torch.Tensor,
        processor: LogitsProcessorList,
        texts: _Texts,
        rows: list[int],
    ) -> torch.Tensor:
        """Return the next token of each row, and keep its log-probability."""
        scores = logits.float()
        if len(processor):  # a processor may know its rows by their index: those gone get nothing
            every_row = scores.new_zeros(len(texts.ids), scores.shape[1])
            every_row[rows] = scores
            scores = processor(texts.ids, every_row)[rows]  # type: ignore[arg-type]
        if self._numbers is None:
            tokens = scores.argmax(-1)
            logprobs = scores.gather(-1, tokens[:, None])[:, 0] - scores.logsumexp(-1)
        else:
            tokens, logprobs = pick(scores, self._numbers[rows, texts.length])
        for row, logprob in zip(rows, logprobs.tolist(), strict=True):
            if logprob != logprob:
                raise NotFiniteError(row, texts.length)
            self.logprobs[row].append(logprob)
        return tokens


class _Texts:
    """Token ids of all rows so far."""

    def __init__(self, prompts: torch.Tensor, room: int, padding: int) -> None:
        self._prompt_width = prompts.shape[1]
        self._ids = torch.nn.functional.pad(prompts, (0, room), value=padding)
        self.length = 0
        """How many tokens the completions have by now."""

    @property
    def ids(self) -> torch.Tensor:
        return self._ids[:, : self._prompt_width + self.length]

    def add(self, rows: list[int], tokens: torch.Tensor) -> None:
        self._ids[rows, self._prompt_width + self.length] = tokens
        self.length += 1

    def last(self, rows: list[int]) -> torch.Tensor:
        """Return the last token of these rows: (rows, 1)."""
        return self._ids[rows, self._prompt_width + self.length - 1][:, None]


def _prefill(
    model: Any, ids: torch.Tensor, mask: torch.Tensor, room: int
) -> tuple[torch.Tensor, RolloutCache]:
    """Return (rows, vocabulary) logits after the prompts, and the cache of the distinct prompts."""
    ids, mask, prompt_of_row = distinct(ids, mask)
    stored = DynamicCache()  # without the config, which would have it drop what windows pass
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    options = {"position_ids": positions, "logits_to_keep": 1, "attention_mask": mask}
    outputs = model(
        input_ids=ids,
        past_key_values=stored,
        use_cache=True,
        return_dict=True,
        **_taken(model, options),
    )
    cache = RolloutCache(stored, Slots(mask, prompt_of_row.tolist()), room)
    return outputs.logits[:, -1][prompt_of_row], cache


def _decode(
    model: Any, tokens: torch.Tensor, positions: torch.Tensor, cache: RolloutCache
) -> torch.Tensor:
    options = _taken(model, {"position_ids": positions})
    outputs = model(
        input_ids=tokens, past_key_values=cache, use_cache=True, return_dict=True, **options
    )
    logits: torch.Tensor = outputs.logits[:, -1]
    return logits


def _taken(model: Any, options: dict[str, Any]) -> dict[str, Any]:
    parameters = inspect.signature(model.forward).parameters
    return {name: value for name, value in options.items() if name in parameters}


def _ranks_in_step(model: Any) -> bool:
    """Tell whether a forward pass needs every rank.

    transformers decides in the same way, but does not tell.
    """
    if not (is_deepspeed_zero3_enabled() or is_fsdp_managed_module(model)):
        return False
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1
