"""Held-out rows at each stage of a run: strict accuracy of the model in a folder.

evaluate_stage(session, "warm_start", "runs/grpo/warm_start/model")
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from rlcall.data.rows import Row
from rlcall.evaluation.evaluate import StageResult, evaluate
from rlcall.model import load as models
from rlcall.train.watch.display import stage_title

if TYPE_CHECKING:
    from rlcall.train.session import Session


def evaluate_stage(session: Session, stage: str, model: str) -> None:
    """Evaluate a model on the held-out rows, into the run's folder.

    Once per stage: a resumed run has some already.
    """
    rows = session.rows.held_out
    if not rows or stage in session.folder.evaluations():
        return
    with models.whole_weights():
        loaded = models.load_model(model, dtype=session.config.run.dtype).to(session.device)
    result = evaluate_rows(session, loaded, rows)
    del loaded
    gc.collect()
    session.folder.add_evaluation(stage, result.summary(), result.completions)
    counts = f"{result.correct} of {len(result.outcomes)} held-out requests correct"
    session.display.say(f"{stage_title(stage)}: {counts}, e.g.")
    session.display.sample({**result.completions[0], "request": rows[0].last_request})


def evaluate_rows(session: Session, model: Any, rows: list[Row]) -> StageResult:
    """Evaluate a model as this run evaluates. All ranks call it."""
    return evaluate(
        model,
        session.tokenizer,
        rows,
        session.wire,
        session.reward,
        max_new_tokens=session.config.run.eval_max_new_tokens,
        batch_size=session.config.trainer.get("per_device_eval_batch_size", 16),
    )
