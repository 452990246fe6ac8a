"""The methods of training, one file each.

    METHODS["dpo"].title                 # "DPO"
    implementation("dpo").build_trainer  # of rlcall/train/methods/dpo.py

A method of your own is a file here with the three functions of `Implementation`, a line in each of
the two tables below, its `configs/NAME.yaml` and its `launch/NAME.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase

    from rlcall.data.rows import Row
    from rlcall.reward import Reward
    from rlcall.train.methods.grpo import Samples
    from rlcall.train.session import Session
    from rlcall.train.settings import RunConfig


@dataclass(frozen=True)
class Method:
    """The facts of a method that commands and tables need before anything heavy is imported."""

    title: str
    summary: str
    """What `rlcall --help` says."""
    trainer_config: str
    """The name of TRL's config class."""


METHODS = {
    "sft": Method("SFT", "train on the right calls (supervised fine-tuning)", "SFTConfig"),
    "dpo": Method(
        "DPO", "train on pairs of a right and a wrong completion (preferences)", "DPOConfig"
    ),
    "grpo": Method("GRPO", "train with the verifier as the reward", "GRPOConfig"),
}


class Implementation(Protocol):
    """The functions that the file of a method holds."""

    def check_settings(self, run: RunConfig, args: Any) -> None:
        """Refuse settings that do not go together. Raises ConfigError."""

    def make_dataset(
        self,
        run: RunConfig,
        rows: list[Row],
        tokenizer: PreTrainedTokenizerBase,
        wire: str,
        reward: Reward,
    ) -> tuple[Dataset, str]:
        """Return the rows, and what goes with them, as the trainer wants them; and a note."""

    def build_trainer(self, session: Session, model: Any, args: Any) -> tuple[Any, Samples | None]:
        """Return the trainer, and the samples that it leaves behind at each step, if any."""


def implementation(method: str) -> Implementation:
    """Import and return the file of a method."""
    from rlcall.train.methods import dpo, grpo, sft

    files: dict[str, Implementation] = {"sft": sft, "dpo": dpo, "grpo": grpo}
    return files[method]
