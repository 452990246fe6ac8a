"""The state of a trainer beyond TRL's checkpoints, one file per rank and without pickle.

    path = Path("checkpoint-12/own_state_0.safetensors")
    save_state(path, {"micro_batches": 36, "buffer": [{"ids": tensor}]})
    load_state(path, device)      # the same again, to the bit

Tensors are stored as safetensors does; all else is JSON in the file's header, with a name in place
of each tensor.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

_TENSOR = "$tensor"


class OwnState:
    """The end of the chain of mixins that add to a checkpoint: a trainer with nothing beyond TRL's.

    A mixin extends both methods and calls `super()`; its keys are its own.
    """

    def own_state(self) -> dict[str, Any]:
        """Return tensors and JSON values of this rank, at the end of an optimiser step."""
        return {}

    def restore_own_state(self, state: dict[str, Any]) -> None:
        """Take up what `own_state` gave. Raises ConfigError where the settings are others now."""


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Write a state of tensors, lists, objects with string keys and JSON values.

    Raises TypeError for other things.
    """
    tensors: dict[str, torch.Tensor] = {}
    text = json.dumps(_without_tensors(state, tensors))
    save_file(tensors, path, metadata={"state": text})


def load_state(path: Path, device: Any) -> dict[str, Any]:
    """Return what was saved, its tensors on `device`."""
    with safe_open(path, framework="pt") as file:

        def with_tensors(item: dict[str, Any]) -> Any:
            return file.get_tensor(item[_TENSOR]).to(device) if set(item) == {_TENSOR} else item

        return json.loads(file.metadata()["state"], object_hook=with_tensors)


def _without_tensors(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    """Return a value with names instead of tensors, which go to `tensors`."""
    if isinstance(value, torch.Tensor):
        name = str(len(tensors))
        # copied, because safetensors refuses views that share memory
        tensors[name] = value.detach().to("cpu", copy=True).contiguous()
        return {_TENSOR: name}
    if isinstance(value, dict):
        return {key: _without_tensors(item, tensors) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_tensors(item, tensors) for item in value]
    return value
