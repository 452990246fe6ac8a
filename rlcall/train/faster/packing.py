"""Completions without their padding: several of a prompt go through the model as one row.

    <pad> a b c | x y z        the prompts' caches     <pad> a b        d e f
    <pad> a b c | u            what goes in with it    c x y            g v v
    <pad> a b c | s t                                  <pad> a b
      d   e f g | v v w                                c | c s
                               hidden states           of x, y, z, u, s, t, v, v and w

Each completion sees the prompt and itself: the mask says so, and positions are those of the padded
batch. Only tokens with a label go in, so that truncated completions which are not learned from,
and padding, cost nothing. Log-probabilities and gradients stay the same but for rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, inf
from types import MethodType
from typing import Any, NamedTuple

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from rlcall.model.prefix_cache import distinct


def pack_completions(model: Any) -> None:
    """Teach the backbone of a model whose prompts are shared an argument `labelled`.

    It is a mask of (batch, completion length), the tokens to be predicted: the first few of each
    row. With it `last_hidden_state` is (1, labelled tokens, width), row after row. Where layers see
    a window of the tokens alone, completions keep their padding, and only the states are picked.
    """
    backbone = model.base_model
    shared, packs = backbone.forward, sees_all(model)

    def forward(_: Any, *args: Any, labelled: torch.Tensor | None = None, **kwargs: Any) -> Any:
        if labelled is None:
            return shared(*args, **kwargs)
        if packs and labelled.any():
            return _packed_forward(shared, model.config, labelled, **kwargs)
        output = shared(*args, completion_length=labelled.shape[1], **kwargs)
        output.last_hidden_state = output.last_hidden_state[labelled].unsqueeze(0)
        return output

    backbone.forward = MethodType(forward, backbone)


def sees_all(model: Any) -> bool:
    """Tell whether each layer of a model sees all tokens before, not just a window of them."""
    return {type(layer) for layer in DynamicCache(config=model.config).layers} == {DynamicLayer}


def _packed_forward(
    plain: Callable[..., Any],
    config: Any,
    labelled: torch.Tensor,
    *,
    input_ids: torch.Tensor,
    attention_mask: torch.Tensor,
    **kwargs: Any,
) -> Any:
    begin = input_ids.shape[1] - labelled.shape[1] - 1
    ids, mask, prompts = distinct(input_ids[:, :begin], attention_mask[:, :begin])
    kwargs |= {"past_key_values": DynamicCache(config=config), "use_cache": True}
    plain(input_ids=ids, attention_mask=mask, **kwargs)
    packed = _pack(input_ids[:, begin:-1], labelled, prompts)
    kwargs["past_key_values"].reorder_cache(packed.prompts)
    before = mask[packed.prompts].bool().unsqueeze(1).expand(-1, packed.ids.shape[1], -1)
    visible = torch.cat([before, packed.visible], dim=-1).unsqueeze(1)
    if config._attn_implementation == "eager":  # which adds the mask to its scores
        zeros = kwargs["past_key_values"].layers[0].keys.new_zeros(visible.shape)
        visible = zeros.masked_fill(~visible, torch.finfo(zeros.dtype).min)
    output = plain(
        input_ids=packed.ids,
        attention_mask=visible,
        position_ids=begin + packed.offsets,
        **kwargs,
    )
    output.last_hidden_state = output.last_hidden_state[packed.rows, packed.columns].unsqueeze(0)
    return output


class _Packed(NamedTuple):
    """Labelled tokens next to each other in bins; `ids` and `offsets` are (bins, most tokens)."""

    prompts: torch.Tensor
    """(bins,): the prompt whose completions are in each."""
    ids: torch.Tensor
    offsets: torch.Tensor
    """Of each token within its completion."""
    visible: torch.Tensor
    """(bins, tokens, tokens): which token sees which."""
    rows: torch.Tensor
    columns: torch.Tensor
    """Where each labelled token is, in the order of the batch."""


def _pack(inputs: torch.Tensor, labelled: torch.Tensor, prompts: torch.Tensor) -> _Packed:
    """Put the labelled tokens of (batch, completion length) inputs into bins, by prompt."""
    device = inputs.device
    lengths = labelled.sum(1).tolist()
    bins = fewest_tokens(lengths, prompts.tolist())
    bin_of_row, start_of_row = [0] * len(lengths), [0] * len(lengths)
    for number, members in enumerate(bins):
        start = 0
        for row in members:
            bin_of_row[row], start_of_row[row] = number, start
            start += lengths[row]
    completions, offsets = labelled.nonzero(as_tuple=True)
    rows = torch.tensor(bin_of_row, device=device)[completions]
    columns = torch.tensor(start_of_row, device=device)[completions] + offsets
    size = len(bins), int(columns.max()) + 1

    def table(values: torch.Tensor, padding: int) -> torch.Tensor:
        return values.new_full(size, padding).index_put((rows, columns), values)

    owner, place = table(completions, -1), table(offsets, 0)
    is_own = owner.unsqueeze(2) == owner.unsqueeze(1)
    is_before = place.unsqueeze(1) <= place.unsqueeze(2)
    return _Packed(
        prompts=prompts[[members[0] for members in bins]],
        ids=table(inputs[completions, offsets], 0),
        offsets=place,
        visible=is_own & is_before,
        rows=rows,
        columns=columns,
    )


def fewest_tokens(lengths: Sequence[int], prompts: Sequence[int]) -> list[list[int]]:
    """Return bins of rows of one prompt each, such that bins padded to the fullest are smallest.

    Of those that are as small it is the one with the most bins: attention within a bin is to all of
    it. Rows of length 0 are in none.
    """
    totals: dict[int, int] = {}
    for length, prompt in zip(lengths, prompts, strict=True):
        totals[prompt] = totals.get(prompt, 0) + length
    longest = max(lengths)
    rooms = {longest}
    for total in totals.values():
        for parts in range(1, total // longest + 1):
            rooms.add(ceil(total / parts))
    best: list[list[int]] = []
    fewest = inf
    for room in sorted(rooms):
        bins = _first_fit(lengths, prompts, room)
        fullest = max(sum(lengths[row] for row in members) for members in bins)
        if len(bins) * fullest < fewest:
            best, fewest = bins, len(bins) * fullest
    return best


def _first_fit(lengths: Sequence[int], prompts: Sequence[int], room: int) -> list[list[int]]:
    """Return bins of at most `room` tokens: the longest rows first, each where it first fits."""
    bins: list[list[int]] = []
    left: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if not lengths[row]:
            break
        for number, members in enumerate(bins):
            if prompts[members[0]] == prompts[row] and left[number] >= lengths[row]:
                members.append(row)
                left[number] -= lengths[row]
                break
        else:
            bins.append([row])
            left.append(room - lengths[row])
    return bins
