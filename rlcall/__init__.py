"""rlcall: a mechanical verifier of function calls as the reward of GRPO, with SFT and DPO baselines.

import rlcall
verdict = rlcall.verify(completion, tools, answer)
reward = rlcall.reward_function("graded", tokenizer, wire="hermes")     # for TRL's GRPOTrainer
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rlcall.reward import load_reward, reward_function
from rlcall.verify import Verdict, verify

__version__ = "0.1.0"
__all__ = ["Verdict", "__version__", "load_reward", "render_prompts", "reward_function", "verify"]


def render_prompts(
    rows: Iterable[Any], tokenizer: Any, wire: str | None = None
) -> list[dict[str, Any]]:
    """Rows for a stock TRL GRPOTrainer: dicts of `prompt` (text with each row's own tools), `tools`, `answer`, `id`."""
    from rlcall.model.prompts import (
        render_prompts,
    )  # the verifier alone needs neither torch nor transformers

    return render_prompts(rows, tokenizer, wire)
