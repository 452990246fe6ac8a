"""A run from beginning to end: base model -> warm start -> training, each with its held-out result.

    run(parse("grpo", ["--config", "configs/smoke/grpo.yaml"]))

Every stage begins with the folder of a model and ends with one, so that each is what plain
transformers loads, works the same at every ZeRO stage, and is not done twice when a run is resumed.
"""

from __future__ import annotations

import gc
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate import PartialState
from transformers import set_seed

from rlcall.files.whole import whole_folder
from rlcall.model import load as models
from rlcall.model.runtime import weights_hash
from rlcall.runs.folder import REFERENCE, TRAINED, checkpoints_in, step_of
from rlcall.train.arguments import trainer_args
from rlcall.train.config import Config, trainer_class
from rlcall.train.methods import implementation
from rlcall.train.opening import open_session
from rlcall.train.resume.checkpoints import checkpoint_to_resume, is_last
from rlcall.train.session import Session
from rlcall.train.start import now
from rlcall.train.warm_start import warm_start_keys, why_no_warm_start
from rlcall.train.watch.heldout import evaluate_stage
from rlcall.train.watch.mixed_groups import WarmStartEnd
from rlcall.train.watch.progress import Progress
from rlcall.train.watch.validation import Validation, forget_validations, weights_to_publish


def run(config: Config) -> None:
    """Do what the config says. Raises UserError, as open_session does."""
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
    # A DDP model that is still there keeps gloo's threads, which may abort the process at exit.
    gc.collect()
    PartialState().destroy_process_group()


def _run_stages(session: Session) -> None:
    config, folder = session.config, session.folder
    evaluate_stage(session, "base", session.base)
    begin = session.base if config.method == "sft" else _warm_start(session)
    trained = Stage(session, config.method, config.trainer, begin, folder.path).run()
    evaluate_stage(session, config.method, trained)


def _warm_start(session: Session) -> str:
    """Return the model that GRPO or DPO begins with."""
    why_not = why_no_warm_start(session.config, session.base)
    if why_not:
        session.display.say(f"warm start: skipped, {why_not}")
        return session.base
    keys = warm_start_keys(session.config, session.runtime.ranks)
    folder = session.folder.warm_start
    model = Stage(session, "warm_start", keys, session.base, folder).run()
    if session.folder.writes:
        for checkpoint in checkpoints_in(folder):
            shutil.rmtree(checkpoint)  # nothing resumes from there any more
    evaluate_stage(session, "warm_start", model)
    return model


@dataclass(frozen=True)
class Stage:
    """One training within a run: the warm start, or the method itself."""

    session: Session
    phase: str
    """`warm_start` or the method: the phase of its log lines."""
    keys: dict[str, Any]
    """TRL's keys."""
    begin: str
    """The model that it begins with."""
    folder: Path
    """Where its checkpoints and its model go."""

    def run(self) -> str:
        """Train, if a resumed run has not done so already, and return the folder of the model."""
        model = self.folder / "model"
        is_done = model.is_dir()
        PartialState().wait_for_everyone()  # all ranks have looked before one of them makes it
        if is_done:
            self._say(f"done already, {model}")
            return str(model)
        checkpoint = self._checkpoint()
        args = trainer_args(trainer_class(self.method), self.keys, self.folder)
        if checkpoint and is_last(checkpoint, args.max_steps):
            weights = checkpoint
        else:
            weights = self.folder / TRAINED
            self._train(args, checkpoint, weights)
        with args.distributed_state.main_process_first():
            if self.session.folder.writes:
                self._publish(weights, model)
        return str(model)

    @property
    def method(self) -> str:
        """The method whose trainer trains."""
        return "sft" if self.phase == "warm_start" else self.session.config.method

    def _say(self, text: str) -> None:
        self.session.display.say(f"{self.phase.replace('_', ' ')}: {text}")

    def _checkpoint(self) -> Path | None:
        """Return the checkpoint from which a resumed run goes on; None: it starts anew."""
        if not self.session.config.run.resume:
            return None
        checkpoint = checkpoint_to_resume(self.folder, self.session.display.say)
        if checkpoint:
            self._say(f"goes on from {checkpoint}")
        else:
            self._say(f"no whole checkpoint in {self.folder}, starts at its beginning")
        return checkpoint

    def _train(self, args: Any, checkpoint: Path | None, target: Path) -> None:
        """Train from a checkpoint or from the beginning, and save the trained weights."""
        session, phase = self.session, self.phase
        set_seed(args.seed)  # LoRA's first weights depend on nothing that ran before
        model = models.load_model(self.begin, dtype=session.config.run.dtype)
        trainer, samples = implementation(self.method).build_trainer(session, model, args)
        # -1: before step 0, at which a validation has its line
        step = step_of(checkpoint) if checkpoint else -1
        session.folder.forget_after(phase, step)
        forget_validations(session, phase, step)
        with Progress(session, phase, trainer, samples):
            self._watch(trainer)
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        trainer.save_model(str(target))
        _record_weights(session, phase, trainer)
        _release(trainer)

    def _watch(self, trainer: Any) -> None:
        """Add the callbacks that look at validation rows."""
        session, run = self.session, self.session.config.run
        if self.phase == "warm_start":
            if run.warm_start_until:
                trainer.add_callback(WarmStartEnd(session, trainer))
        elif run.validation_every:
            trainer.add_callback(Validation(session, self.phase, trainer))

    def _publish(self, weights: Path, model: Path) -> None:
        """Make the model of what was trained, and delete what only the training needed.

        On rank 0.
        """
        source = weights_to_publish(self.session, self.phase, weights)
        publish(source, self.begin, model, self.session)
        for name in (TRAINED, REFERENCE, self.session.folder.best.name):
            shutil.rmtree(self.folder / name, ignore_errors=True)


def _record_weights(session: Session, phase: str, trainer: Any) -> None:
    """Keep one digest per rank: they are equal, or the ranks trained apart."""
    from accelerate.utils import gather_object

    model = trainer.accelerator.unwrap_model(trainer.model_wrapped)
    hashes = gather_object([weights_hash(model)])
    before = session.folder.metadata().get("weights", {})
    session.folder.update_metadata(weights={**before, phase: hashes})


def _release(trainer: Any) -> None:
    """Give back the engine's memory before the next stage."""
    trainer.accelerator.free_memory()
    trainer.model = trainer.model_wrapped = trainer.optimizer = None
    gc.collect()


def publish(saved: Path, begin: str, target: Path, session: Session) -> None:
    """Make the folder that `from_pretrained` reads out of what a trainer saved.

    It is loaded once for that: an adapter is merged into the weights at `begin` that it was trained
    on, and tied weights, which DeepSpeed writes twice, are written once.
    """
    dtype = session.config.run.dtype
    with models.whole_weights():
        if (saved / "adapter_config.json").is_file():
            from peft import PeftModel

            base = models.load_model(begin, dtype=dtype)
            model = PeftModel.from_pretrained(base, str(saved)).merge_and_unload()
        else:
            model = models.load_model(str(saved), dtype=dtype)
    with whole_folder(target) as part:
        model.save_pretrained(part)
        session.tokenizer.save_pretrained(part)
