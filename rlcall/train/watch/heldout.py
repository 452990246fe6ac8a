"""Held-out rows at each stage of a run: strict accuracy of the model that plain transformers loads from a folder."""

from __future__ import annotations

import gc

from rlcall.evaluation.evaluate import evaluate
from rlcall.model import load as models
from rlcall.train.session import Session
from rlcall.train.watch.display import STAGES


def evaluate_stage(session: Session, stage: str, model: str) -> None:
    """Evaluate a model on the held-out rows, into the run's folder. Once per stage: a resumed run has some already."""
    if not session.rows.held_out or stage in session.folder.evaluations():
        return
    run = session.config.run
    with models.whole_weights():
        loaded = models.load_model(model, dtype=run.dtype).to(session.device)
    result = evaluate(
        loaded,
        session.tokenizer,
        session.rows.held_out,
        session.wire,
        session.reward,
        max_new_tokens=run.eval_max_new_tokens,
        batch_size=session.config.trainer.get("per_device_eval_batch_size", 16),
    )
    del loaded
    gc.collect()
    session.folder.add_evaluation(stage, result.summary(), result.completions)
    session.display.say(
        f"{STAGES[stage]}: {result.correct} of {len(result.outcomes)} held-out requests correct, e.g."
    )
    session.display.sample(
        {**result.completions[0], "request": session.rows.held_out[0].last_request}
    )
