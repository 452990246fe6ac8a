"""GRPO whose checkpoints hold the completions that it is still learning from.

    class Trainer(WholeCheckpoints, GenerationBuffer, GRPOTrainer): ...

With `steps_per_generation: 4` TRL samples completions for four micro-batches ahead, and with `num_iterations: 2` it
takes each of them twice. It saves neither the completions nor how many of them are used up, so that a run resumed in
between would sample others and learn something else.
"""

from __future__ import annotations

from typing import Any

from rlcall.errors import ConfigError

# What decides which of the completions belongs to which step, and what is known of them.
SHAPE = (
    "per_device_train_batch_size",
    "gradient_accumulation_steps",
    "steps_per_generation",
    "num_iterations",
    "num_generations",
    "beta",
)


class GenerationBuffer:
    """A mixin before TRL's GRPOTrainer. Its state is that of one rank, at the end of an optimiser step."""

    args: Any
    _buffered_inputs: Any
    _logs: dict[str, Any]
    _step: int

    def own_state(self) -> dict[str, Any]:
        """The micro-batches of the last generation while they are needed, and the micro-batches taken so far."""
        args = self.args
        needed = self._step % (args.steps_per_generation * args.num_iterations)
        return {
            **getattr(super(), "own_state", dict)(),
            "shape": {key: getattr(args, key) for key in SHAPE},
            "micro_batches": self._step,
            "buffer": self._buffered_inputs if needed else None,
            "logged": _lists(self._logs),
        }

    def restore_own_state(self, state: dict[str, Any]) -> None:
        """Go on where `own_state` was taken. Raises ConfigError where the steps are cut in another way now."""
        getattr(super(), "restore_own_state", id)(state)
        changed = {
            key: was for key, was in state["shape"].items() if was != getattr(self.args, key)
        }
        if changed:
            was = ", ".join(f"{key}: {value}" for key, value in changed.items())
            raise ConfigError(
                f"this run was begun with {was}, and cannot be resumed with another; set it back"
            )
        self._step, self._buffered_inputs = state["micro_batches"], state["buffer"]
        for name, kept in state["logged"].items():
            _refill(self._logs, name, kept)


def _lists(logs: dict[str, Any]) -> dict[str, Any]:
    """TRL's table of the last completions (`log_completions`) as JSON has it: deques, some of them in a mapping."""
    return {
        name: {key: list(column) for key, column in kept.items()}
        if isinstance(kept, dict)
        else list(kept)
        for name, kept in logs.items()
        if name != "images"
    }


def _refill(logs: dict[str, Any], name: str, kept: Any) -> None:
    if isinstance(kept, dict):
        for key, column in kept.items():
            logs[name][key].extend(column)
    else:
        logs[name].extend(kept)
