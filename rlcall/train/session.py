"""What all stages of a run share: its config, rows, tokenizer, reward, folder and display.

session = open_session(config)       # every mistake of the user's ends the run here, before anything is trained
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rlcall.data.rows import Row
from rlcall.model.runtime import Runtime
from rlcall.reward import Reward
from rlcall.runs.folder import RunFolder
from rlcall.train.arguments import lora_config
from rlcall.train.config import Config
from rlcall.train.start import Start
from rlcall.train.watch.clock import Clock
from rlcall.train.watch.display import Display

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase


@dataclass
class Session:
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
    train_rows: list[Row]
    eval_rows: list[Row]
    validation_rows: list[Row]
    """[] where the run does not validate."""
    datasets: dict[str, Dataset]
    """The training rows as each method that this run uses wants them."""
    clock: Clock = field(default_factory=Clock)
    train_levels: list[int] = field(default_factory=list)
    """The level of each training row; [] without a curriculum."""

    def seconds(self) -> float:
        """How long the run has trained, also before it was resumed."""
        return round(self.clock.seconds(), 2)

    def peft_config(self) -> Any:
        return lora_config(self.config.run)
