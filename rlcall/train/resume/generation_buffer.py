"""GRPO whose checkpoints hold the completions that it is still learning from.

    class Trainer(SealedCheckpoints, GenerationBuffer, GRPOTrainer): ...

With `steps_per_generation: 4` TRL samples completions for four micro-batches ahead, and with
`num_iterations: 2` it takes each of them twice. It saves neither the completions nor how many of
them are used up, so that a run resumed in between would sample others and learn something else.
"""

from __future__ import annotations

from typing import Any

from rlcall.errors import ConfigError
from rlcall.train.resume.own_state import OwnState

# The keys that decide which completions belong to which step, and what is known of them.
SHAPE = (
    "per_device_train_batch_size",
    "gradient_accumulation_steps",
    "steps_per_generation",
    "num_iterations",
    "num_generations",
    "beta",
)


class GenerationBuffer(OwnState):
    """A mixin before TRL's GRPOTrainer.

    Its state is that of one rank, at the end of an optimiser step.
    """

    args: Any
    _buffered_inputs: Any
    _logs: dict[str, Any]
    _step: int

    def own_state(self) -> dict[str, Any]:
        """Return the last generation's micro-batches while they are needed, and their count."""
        args = self.args
        is_needed = self._step % (args.steps_per_generation * args.num_iterations)
        return {
            **super().own_state(),
            "shape": {key: getattr(args, key) for key in SHAPE},
            "micro_batches": self._step,
            "buffer": self._buffered_inputs if is_needed else None,
            "logged": _as_lists(self._logs),
        }

    def restore_own_state(self, state: dict[str, Any]) -> None:
        """Go on where `own_state` was taken.

        Raises ConfigError where the steps are cut in another way now.
        """
        super().restore_own_state(state)
        changes = []
        for key, value in state["shape"].items():
            if value != getattr(self.args, key):
                changes.append(f"{key}: {value}")
        if changes:
            raise ConfigError(
                f"this run was begun with {', '.join(changes)}, and cannot be resumed with "
                "another; set it back"
            )
        self._step, self._buffered_inputs = state["micro_batches"], state["buffer"]
        _refill(self._logs, state["logged"])


def _as_lists(logs: dict[str, Any]) -> dict[str, Any]:
    """Return TRL's table of the last completions, deques and mappings of deques, for JSON."""
    lists: dict[str, Any] = {}
    for name, column in logs.items():
        if name == "images":
            continue
        if isinstance(column, dict):
            lists[name] = {key: list(values) for key, values in column.items()}
        else:
            lists[name] = list(column)
    return lists


def _refill(logs: dict[str, Any], lists: dict[str, Any]) -> None:
    for name, column in lists.items():
        if isinstance(column, dict):
            for key, values in column.items():
                logs[name][key].extend(values)
        else:
            logs[name].extend(column)
