"""A run from beginning to end: base model -> warm start -> training, each held-out result beside the last.

    run(parse("grpo", ["--config", "configs/smoke/grpo.yaml"]))

Every stage begins from a folder and ends in one, so that each is what plain transformers loads, works the same at
every ZeRO stage, and is not done twice when a run is resumed.
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from accelerate import PartialState
from transformers import set_seed

from rlcall.files.whole import whole_folder
from rlcall.model import load as models
from rlcall.model.runtime import weights_hash
from rlcall.runs.folder import checkpoints_in, step_of
from rlcall.runs.origin import is_sft_run
from rlcall.train.arguments import trainer_args
from rlcall.train.config import Config, trainer_class
from rlcall.train.methods import dpo, grpo, sft
from rlcall.train.opening import open_session, wants_warm_start
from rlcall.train.resume.checkpoints import checkpoint_to_resume, is_last
from rlcall.train.session import Session
from rlcall.train.start import now
from rlcall.train.watch.heldout import evaluate_stage
from rlcall.train.watch.progress import Progress
from rlcall.train.watch.validation import Validation, forget_validations, weights_to_publish

BUILDERS: dict[str, Callable[..., Any]] = {
    "sft": sft.build_trainer,
    "dpo": dpo.build_trainer,
    "grpo": grpo.build_trainer,
}


def run(config: Config) -> None:
    """Do what the config says. Raises the user's mistakes as open_session does."""
    session = open_session(config)
    folder, display = session.folder, session.display
    if finished := folder.metadata().get("finished"):
        display.say(f"nothing to resume: this run finished on {finished}")
    else:
        _run_stages(session)
        session.start.write()  # of a resumed run that had nothing left to train
        folder.update_metadata(finished=now(), seconds=session.seconds())
    if folder.evaluations():
        display.results(folder.evaluations(), config.run.eval_rows or "")
    display.say(f"model: {folder.model}")
    gc.collect()  # a DDP model that is still there keeps gloo's threads, which may abort the process at exit
    PartialState().destroy_process_group()


def _run_stages(session: Session) -> None:
    method = session.config.method
    evaluate_stage(session, "base", session.base)
    start = session.base if method == "sft" else _warm_start(session)
    trained = _stage(session, method, session.config.trainer, start, session.folder.model)
    evaluate_stage(session, method, trained)


def _warm_start(session: Session) -> str:
    """The model that GRPO or DPO begins with."""
    if not wants_warm_start(session.config.run, session.base):
        why = (
            f"{session.base} comes from an SFT run"
            if is_sft_run(session.base)
            else "warm_start_steps is 0"
        )
        session.display.say(f"warm start: skipped, {why}")
        return session.base
    keys = sft.warm_start_keys(session.config, session.runtime.ranks)
    folder = session.folder.warm_start
    model = _stage(session, "warm_start", keys, session.base, folder / "model")
    if session.folder.writes:
        for checkpoint in checkpoints_in(folder):
            shutil.rmtree(checkpoint)  # nothing resumes from there any more
    evaluate_stage(session, "warm_start", model)
    return model


def _stage(session: Session, phase: str, keys: dict[str, Any], source: str, target: Path) -> str:
    """Train the model at `source` and leave it at `target`; what a resumed run has done already is not done again."""
    done = target.is_dir()
    PartialState().wait_for_everyone()  # all ranks have looked before one of them makes it
    if done:
        session.display.say(f"{phase.replace('_', ' ')}: done already, {target}")
        return str(target)
    method = "sft" if phase == "warm_start" else session.config.method
    folder = target.parent
    checkpoint = _checkpoint(session, phase, folder) if session.config.run.resume else None
    args = trainer_args(trainer_class(method), keys, folder)
    saved = (
        checkpoint if checkpoint and is_last(checkpoint, args.max_steps) else folder / ".trained"
    )
    if saved != checkpoint:
        _train(session, phase, method, args, source, checkpoint, saved)
    with args.distributed_state.main_process_first():
        if session.folder.writes:
            publish(weights_to_publish(session, phase, saved), source, target, session)
            for scratch in (".trained", session.folder.best.name, dpo.REFERENCE):
                shutil.rmtree(folder / scratch, ignore_errors=True)
    return str(target)


def _checkpoint(session: Session, phase: str, folder: Path) -> Path | None:
    """Where a resumed run goes on. None: at the beginning of this phase."""
    checkpoint = checkpoint_to_resume(folder, session.display.say)
    where = (
        f"goes on from {checkpoint}"
        if checkpoint
        else f"no whole checkpoint in {folder}, starts at its beginning"
    )
    session.display.say(f"{phase.replace('_', ' ')}: {where}")
    return checkpoint


def _train(
    session: Session,
    phase: str,
    method: str,
    args: Any,
    source: str,
    checkpoint: Path | None,
    saved: Path,
) -> None:
    set_seed(args.seed)  # LoRA's first weights depend on nothing that ran before
    model = models.load_model(source, dtype=session.config.run.dtype)
    trainer, samples = BUILDERS[method](session, model, args)
    reached = (
        step_of(checkpoint) if checkpoint else -1
    )  # before step 0, at which a validation has its line
    session.folder.forget_after(phase, reached)
    forget_validations(session, phase, reached)
    with Progress(session, phase, trainer, samples):
        if phase != "warm_start" and session.validation_rows:
            trainer.add_callback(Validation(session, phase, trainer))
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    trainer.save_model(str(saved))
    _record_weights(session, phase, trainer)
    _release(trainer)


def _record_weights(session: Session, phase: str, trainer: Any) -> None:
    """One digest per rank: they are equal, or the ranks trained apart."""
    from accelerate.utils import gather_object

    hashes = gather_object([weights_hash(trainer.accelerator.unwrap_model(trainer.model_wrapped))])
    before = session.folder.metadata().get("weights", {})
    session.folder.update_metadata(weights={**before, phase: hashes})


def _release(trainer: Any) -> None:
    """Give back the engine's memory before the next stage."""
    trainer.accelerator.free_memory()
    trainer.model = trainer.model_wrapped = trainer.optimizer = None
    gc.collect()


def publish(saved: Path, source: str, target: Path, session: Session) -> None:
    """Make the folder that `from_pretrained` reads out of what a trainer saved.

    It is loaded once for that: an adapter is merged into the weights at `source` that it was trained on, and tied
    weights, which DeepSpeed writes twice, are written once.
    """
    with models.whole_weights():
        if (saved / "adapter_config.json").is_file():
            from peft import PeftModel

            base = models.load_model(source, dtype=session.config.run.dtype)
            model = PeftModel.from_pretrained(base, str(saved)).merge_and_unload()
        else:
            model = models.load_model(str(saved), dtype=session.config.run.dtype)
    with whole_folder(target) as part:
        model.save_pretrained(part)
        session.tokenizer.save_pretrained(part)
