"""Keys and values of a rollout: a prompt's once, whoever completes it; the completions' in a block.

    prompts, once each      completions, in slots        a row that ends leaves its slot to the last
    a b c                   0: a b c | x y               0: a b c | x y
      d e                   1:   d e | u v     ->        1: a b c | z z
                            2: a b c | z z

The queries of all completions of a prompt meet its keys in one product. The block's slots that are
in use are its first, so that a view is all that attention takes of it; nothing is copied from step
to step.

It is a `Cache` to the model, and "rlcall_rollout" among transformers' attention functions: a
layer's `update` hands itself on in the place of the keys, and the function asks it to attend.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import AttentionInterface, Cache, DynamicCache
from transformers.cache_utils import DynamicLayer

ATTENTION = "rlcall_rollout"
LOWEST = torch.finfo(torch.float32).min


class Slots:
    """Which row is completed in which slot, and which prompt each continues.

    `prompt_mask` is (prompts, longest prompt), padded on the left; `prompt_of_row` has the index
    of each row's prompt.
    """

    def __init__(self, prompt_mask: torch.Tensor, prompt_of_row: Sequence[int]) -> None:
        self.rows = list(range(len(prompt_of_row)))
        """The row in each slot in use."""
        self.prompts = list(prompt_of_row)
        """The prompt of each slot in use."""
        self.length = 0
        """How many tokens of the completions have keys and values."""
        self.prompt_lengths = prompt_mask.sum(1)
        self._is_token = prompt_mask.bool()
        self._positions = prompt_mask.cumsum(1) - 1
        self._biases: dict[int | None, torch.Tensor] = {}
        self._arrange()

    def _arrange(self) -> None:
        """Give each slot a seat at the table of its prompt, all of which have as many."""
        taken = [0] * len(self.prompt_lengths)
        seats = []
        for prompt in self.prompts:
            seats.append(taken[prompt])
            taken[prompt] += 1
        self.group_size = max(taken, default=0)
        device = self.prompt_lengths.device
        table = [
            prompt * self.group_size + seat
            for prompt, seat in zip(self.prompts, seats, strict=True)
        ]
        self.seats = torch.tensor(table, device=device)
        """(slots): the index of each slot's seat among those of all prompts."""
        self.prompt_index = torch.tensor(self.prompts, device=device)
        self._biases.clear()

    def begin_step(self) -> torch.Tensor:
        """Make room for a token more. Returns its position in each slot: (slots, 1)."""
        self.length += 1
        self._biases.clear()
        return (self.prompt_lengths[self.prompt_index] + self.length - 1)[:, None]

    def bias(self, window: int | None) -> torch.Tensor:
        """Return what is added to scores over prompts, (prompts, 1, 1, longest prompt) float32.

        Padding is out of sight, and so is what lies `window` tokens or more behind.
        """
        if window not in self._biases:
            seen = self._is_token
            if window is not None:
                latest = self.prompt_lengths[:, None] + self.length - 1
                seen = seen & (self._positions > latest - window)
            bias = torch.zeros_like(seen, dtype=torch.float32).masked_fill(~seen, LOWEST)
            self._biases[window] = bias[:, None, None]
        return self._biases[window]

    def remove(self, ended: Sequence[int]) -> list[tuple[int, int]]:
        """Take these slots out of use; return the moves (from, to) that fill the gaps."""
        moves: dict[int, int] = {}
        for slot in sorted(ended, reverse=True):
            last = len(self.rows) - 1
            self.rows[slot], self.prompts[slot] = self.rows[last], self.prompts[last]
            del self.rows[last], self.prompts[last]
            if slot != last:
                moves[slot] = moves.pop(last, last)
        self._arrange()
        return [(source, target) for target, source in moves.items()]

    def drop_idle_prompts(self) -> torch.Tensor | None:
        """Forget prompts that nobody completes any more, once a quarter is idle.

        Returns the indices of those that stay; None where all do.
        """
        live = sorted(set(self.prompts))
        if not live or len(live) > 0.75 * len(self.prompt_lengths):
            return None
        number = {prompt: index for index, prompt in enumerate(live)}
        self.prompts = [number[prompt] for prompt in self.prompts]
        staying = torch.tensor(live, device=self.prompt_lengths.device)
        self.prompt_lengths = self.prompt_lengths[staying]
        self._is_token, self._positions = self._is_token[staying], self._positions[staying]
        self._arrange()
        return staying


class RolloutLayer:
    """Keys and values of one layer, each (rows, heads, tokens, width)."""

    def __init__(self, slots: Slots, keys: Any, values: Any, room: int) -> None:
        self._slots = slots
        self._prompt_keys, self._prompt_values = keys, values
        _, heads, _, width = keys.shape
        rows = len(slots.rows)
        self._keys = keys.new_empty(rows, heads, room, width)
        self._values = values.new_empty(rows, heads, room, values.shape[-1])

    def update(self, keys: torch.Tensor, values: torch.Tensor) -> None:
        """Add a token's to each slot in use."""
        at, used = self._slots.length - 1, len(keys)
        self._keys[:used, :, at] = keys[:, :, 0]
        self._values[:used, :, at] = values[:, :, 0]

    def move(self, sources: torch.Tensor, targets: torch.Tensor) -> None:
        """Copy slots over others."""
        length = self._slots.length
        for block in (self._keys, self._values):
            block[targets, :, :length] = block[sources, :, :length]

    def keep_prompts(self, staying: torch.Tensor) -> None:
        """Drop the keys and values of all prompts but these."""
        self._prompt_keys = self._prompt_keys[staying]
        self._prompt_values = self._prompt_values[staying]

    def attend(
        self, query: torch.Tensor, scaling: float, softcap: float | None, window: int | None
    ) -> torch.Tensor:
        """Return what (slots, heads, 1, width) queries see: (slots, 1, heads, width).

        The softmax over prompt and completion is taken in two parts, each relative to its own
        highest score, which are put together as in FlashAttention (arXiv 2205.14135, section 3.1).
        """
        slots, rows = self._slots, len(query)
        key_heads = self._keys.shape[1]
        per_head = query.shape[1] // key_heads
        grouped = query.reshape(rows, key_heads, per_head, -1) * scaling

        first = 0 if window is None else max(slots.length - window, 0)
        keys = self._keys[:rows, :, first : slots.length]
        values = self._values[:rows, :, first : slots.length]
        own = _partial_softmax(_capped(grouped @ keys.mT, softcap), values)

        prompts, size = len(self._prompt_keys), slots.group_size
        table = grouped.new_zeros(prompts * size, key_heads, per_head, grouped.shape[-1])
        table[slots.seats] = grouped
        table = table.view(prompts, size, key_heads, -1).transpose(1, 2)
        table = table.reshape(prompts, key_heads, size * per_head, -1)
        scores = _capped(table @ self._prompt_keys.mT, softcap) + slots.bias(window)
        parts = _partial_softmax(scores, self._prompt_values)
        of_prompt = [self._of_slots(part, size) for part in parts]

        return _merged(own, of_prompt).to(query.dtype).reshape(rows, 1, query.shape[1], -1)

    def _of_slots(self, part: torch.Tensor, size: int) -> torch.Tensor:
        """Return the slots' own of (prompts, key heads, size * per head, n)."""
        prompts, key_heads, _, width = part.shape
        part = part.view(prompts, key_heads, size, -1, width).transpose(1, 2)
        return part.reshape(prompts * size, key_heads, -1, width)[self._slots.seats]


Softmax = Sequence[torch.Tensor]
"""Highest score, sum of exponentials relative to it, and the values weighted with these."""


def _partial_softmax(scores: torch.Tensor, values: torch.Tensor) -> Softmax:
    scores = scores.float()
    highest = scores.amax(-1, keepdim=True)
    weights = (scores - highest).exp_()
    return highest, weights.sum(-1, keepdim=True), (weights.to(values.dtype) @ values).float()


def _merged(one: Softmax, other: Softmax) -> torch.Tensor:
    highest = torch.maximum(one[0], other[0])
    one_factor, other_factor = (one[0] - highest).exp(), (other[0] - highest).exp()
    total = one[1] * one_factor + other[1] * other_factor
    return (one[2] * one_factor + other[2] * other_factor) / total


def _capped(scores: torch.Tensor, softcap: float | None) -> torch.Tensor:
    return scores if softcap is None else (scores / softcap).tanh() * softcap


class RolloutCache(Cache):
    """A prefilled cache of prompts, with room for `room` tokens of each row's completion."""

    def __init__(self, prefilled: DynamicCache, slots: Slots, room: int) -> None:
        super().__init__(layers=[])
        self.slots = slots
        self._rollout_layers: list[RolloutLayer] = []
        for layer in prefilled.layers:
            assert isinstance(layer, DynamicLayer)
            self._rollout_layers.append(RolloutLayer(slots, layer.keys, layer.values, room))

    def update(
        self, key_states: Any, value_states: Any, layer_idx: int, *_: Any, **__: Any
    ) -> tuple[Any, Any]:
        """Add a token's, and hand the layer on to `attend`."""
        layer = self._rollout_layers[layer_idx]
        layer.update(key_states, value_states)
        return layer, layer

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Return how many tokens a row has at most."""
        return int(self.slots.prompt_lengths.max()) + self.slots.length

    def remove(self, ended: Sequence[int]) -> None:
        """Have slots leave."""
        if not ended:
            return
        moves = self.slots.remove(ended)
        if moves:
            sources, targets = torch.tensor(moves, device=self.slots.seats.device).T
            for layer in self._rollout_layers:
                layer.move(sources, targets)
        staying = self.slots.drop_idle_prompts()
        if staying is not None:
            for layer in self._rollout_layers:
                layer.keep_prompts(staying)


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: RolloutLayer,
    value: RolloutLayer,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    softcap: float | None = None,
    sliding_window: int | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attend as one of transformers' attention functions, with a `RolloutCache`."""
    if scaling is None:
        scaling = query.shape[-1] ** -0.5
    return key.attend(query, scaling, softcap, sliding_window), None


@contextmanager
def rollout_attention(model: Any) -> Iterator[None]:
    """Have a model attend with a `RolloutCache`."""
    AttentionInterface.register(ATTENTION, attend)  # nothing where it is there
    config = model.config
    own = config._attn_implementation
    config._attn_implementation = ATTENTION
    try:
        yield
    finally:
        config._attn_implementation = own
