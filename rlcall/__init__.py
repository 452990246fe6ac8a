"""A mechanical verifier of function calls as the reward of GRPO, with SFT and DPO baselines.

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
    """Return rows for a stock TRL GRPOTrainer, as `rlcall.model.prompts.render_prompts` does.

    Each is a dict of `prompt` (text with the row's own tools), `tools`, `answer` and `id`.
    """
    # The verifier alone needs neither torch nor transformers.
    from rlcall.model.prompts import render_prompts

    return render_prompts(rows, tokenizer, wire)
