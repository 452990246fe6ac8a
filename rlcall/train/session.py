"""Everything that the stages of a run share: config, rows, tokenizer, reward, folder, display.

session = open_session(config)       # of rlcall.train.opening
session.folder.path, session.wire    # runs/grpo, "hermes"
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rlcall.model.runtime import Runtime
from rlcall.reward import Reward
from rlcall.runs.folder import RunFolder
from rlcall.train.arguments import lora_config
from rlcall.train.config import Config
from rlcall.train.row_sets import RowSets
from rlcall.train.start import Start
from rlcall.train.watch.clock import TrainingClock
from rlcall.train.watch.display import Display

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase


@dataclass
class Session:
    """A run that is open: everything is loaded and checked, and nothing is trained yet."""

    config: Config
    runtime: Runtime
    device: Any
    folder: RunFolder
    start: Start
    display: Display
    base: str
    """The model to begin with, as `load_model` takes it."""
    tokenizer: PreTrainedTokenizerBase
    wire: str
    reward: Reward
    rows: RowSets
    datasets: dict[str, Dataset]
    """The training rows as each method that this run uses wants them."""
    clock: TrainingClock = field(default_factory=TrainingClock)

    def seconds(self) -> float:
        """Return how long the run has trained, also before it was resumed."""
        return round(self.clock.seconds(), 2)

    def peft_config(self) -> Any:
        """Return LoRA's config, None where all weights are trained."""
        return lora_config(self.config.run)
