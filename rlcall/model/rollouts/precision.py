"""The type of numbers in which a rollout computes.

rollout_dtype("auto", model)        # torch.bfloat16 where the machine multiplies it natively
RolloutWeights(torch.bfloat16).call(model, function)    # which sees the weights in bfloat16
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch

from rlcall.model.runtime import multiplies_bfloat16

RolloutDtype = Literal["auto", "float32", "bfloat16"]


def rollout_dtype(wanted: RolloutDtype, model: Any) -> torch.dtype:
    """Return the type for a model's rollouts: under "auto" bfloat16 where it is native."""
    if wanted == "auto":
        return torch.bfloat16 if multiplies_bfloat16(model.device.type) else model.dtype
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[wanted]


class RolloutWeights:
    """Copies of a model's weights in another type, made anew for each rollout in the same place."""

    def __init__(self, dtype: torch.dtype) -> None:
        self._dtype = dtype
        self._copies: dict[str, torch.Tensor] = {}

    @torch.no_grad()
    def call(self, model: Any, function: Callable[[], Any]) -> Any:
        """Return what a function returns while the model has its weights in this type.

        The parameters themselves, their gradients and hooks are not touched.
        """
        weights = dict(model.named_parameters())
        if all(weight.dtype == self._dtype for weight in weights.values()):
            return function()
        for name, weight in weights.items():
            copy = self._copies.get(name)
            if copy is None or copy.shape != weight.shape or copy.device != weight.device:
                copy = self._copies[name] = torch.empty_like(weight, dtype=self._dtype)
            copy.copy_(weight)
        swapped = {f"model.{name}": copy for name, copy in self._copies.items()}
        return torch.func.functional_call(_Call(model, function), swapped, ())


class _Call(torch.nn.Module):
    """A function as a module, so that `functional_call` swaps weights once around all of it."""

    def __init__(self, model: Any, function: Callable[[], Any]) -> None:
        super().__init__()
        self.model = model
        self._function = function

    def forward(self) -> Any:
        return self._function()
