"""The steps of an experiment: commands that one could type, each with what is there when it is
done.

    for step in steps(plan):
        if not step.is_done():
            command = step.work()
            if command:
                subprocess.run(command)

A step that was cut off is done again, and goes on where it can: training from its newest
checkpoint, an evaluation from its last verdict. A later step may depend on what an earlier one
left, so they come one by one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.evaluation.source import weights_digest
from rlcall.experiment.commands import Layout, rlcall_command, sampled_file, training_command
from rlcall.experiment.plan import Arm, Keys, Plan
from rlcall.experiment.tuning import TRIES, best_try, best_weights, write_tries
from rlcall.files.whole import whole_folder
from rlcall.runs.folder import RunFolder, checkpoint_name, checkpoints_in, read_json

# The first test once more, with the weights at the end of each run, where all have had the same
# compute.
EQUAL = "equal_compute"

# Added to the seed for the order of the warm start's rows: SFT would begin with the same ones
# again.
WARM_START_SEED_OFFSET = 1000


@dataclass(frozen=True)
class Step:
    """`work()` returns the command to run, or does what is too small for one and returns None."""

    name: str
    is_done: Callable[[], bool]
    work: Callable[[], list[str] | None]


def steps(plan: Plan) -> Iterator[Step]:
    """Yield all steps in order. Each is to be done before the next one is asked for."""
    for name, keys in plan.rows.items():
        yield _rows(plan, name, keys)
    if plan.tuning:
        yield from _tuning(plan, plan.tuning.seed)
    if plan.seeds:
        yield from _tests(plan, Layout(plan).base, plan.model)
        for seed in plan.seeds:
            yield from _seed(plan, seed)
        yield _comparison(plan)


def draft_commands(plan: Plan) -> Iterator[list[str]]:
    """Yield a command of every kind with all keys of the plan, for the parsers to check
    beforehand."""
    folder, seed = plan.out / "draft", plan.seeds[0] if plan.seeds else 0
    drafts = [_rows(plan, name, keys) for name, keys in plan.rows.items()]
    drafts += _start(plan, folder, seed)
    for name, arm in plan.arms.items():
        for settings in arm.tries:
            drafts.append(_training(plan, folder / name, arm, seed, settings))
            drafts.append(_training(plan, folder / name, arm, seed, {**arm.tuning, **settings}))
    for test in plan.tests:
        drafts.append(_test(plan, folder / test, plan.model, Layout(plan).rows(test)))
    if plan.seeds:
        drafts.append(_comparison(plan))
    for step in drafts:
        command = step.work()
        if command:
            yield command


def _tuning(plan: Plan, seed: int) -> Iterator[Step]:
    """Train every try and write down which settings did best."""
    layout = Layout(plan)
    folder = layout.tuning
    yield from _start(plan, folder, seed)
    for name, arm in plan.arms.items():
        if len(arm.tries) < 2:
            continue
        for number, settings in enumerate(arm.tries, 1):
            run = folder / f"{name}-{number}"
            yield _training(plan, run, arm, seed, {**arm.tuning, **settings})
            yield _tidy(plan, run)

    def work() -> None:
        write_tries(plan.arms, folder)

    yield Step(layout.title(folder / TRIES), _never_done, work)


def _seed(plan: Plan, seed: int) -> Iterator[Step]:
    """Train and test every arm with a seed."""
    layout = Layout(plan)
    folder = layout.seed(seed)
    yield from _start(plan, folder, seed)
    if plan.warm_start is not None:
        warm_start = folder / "warm_start"
        yield from _tests(plan, warm_start, str(warm_start))
        yield _tidy(plan, warm_start)
    for name, arm in plan.arms.items():
        settings = best_try(arm.tries, layout.tuning, name)
        yield _training(plan, folder / name, arm, seed, settings)
        yield from _tests(plan, folder / name, str(folder / name), layout.start_tests(folder))
        yield _tidy(plan, folder / name)


def _start(plan: Plan, folder: Path, seed: int) -> Iterator[Step]:
    """Make what all methods begin with: the warm start, and its completions where a method needs
    them."""
    if plan.warm_start is not None:
        data_seed = WARM_START_SEED_OFFSET + seed
        keys = {**plan.train, "data_seed": data_seed, **plan.warm_start, "model": plan.model}
        yield _run(plan, folder / "warm_start", "sft", Layout(plan).fill(keys), seed)
    names = plan.names_in_arms()
    if {"pairs", "right"} & names:
        yield _samples(plan, folder, seed)
    if "passed" in names:
        yield _passed(plan, folder, seed)


def _rows(plan: Plan, name: str, keys: Keys) -> Step:
    layout = Layout(plan)
    file = layout.rows(name)

    def work() -> list[str]:
        return rlcall_command("tasks", **keys, out=file)

    return Step(layout.title(file), file.is_file, work)


def _samples(plan: Plan, folder: Path, seed: int) -> Step:
    """Sample the start: pairs for DPO, and right completions for SFT."""
    layout = Layout(plan)
    pairs, right = sampled_file(folder, "pairs"), sampled_file(folder, "right")

    def is_done() -> bool:
        return pairs.is_file() and right.is_file()

    def work() -> list[str]:
        keys = {**plan.sampled, "model": layout.start(folder), "out": pairs, "right": right}
        return rlcall_command("pairs", layout.rows("train"), **{**keys, "seed": seed})

    return Step(layout.title(pairs), is_done, work)


def _passed(plan: Plan, folder: Path, seed: int) -> Step:
    """Keep the training rows that the start sometimes gets right."""
    layout = Layout(plan)
    file = sampled_file(folder, "passed")

    def work() -> list[str]:
        keys = {**plan.passrate, "out": file, "seed": seed}
        return rlcall_command("passrate", layout.start(folder), layout.rows("train"), **keys)

    return Step(layout.title(file), file.is_file, work)


def _training(plan: Plan, folder: Path, arm: Arm, seed: int, settings: Keys) -> Step:
    layout = Layout(plan)
    start = layout.start(folder.parent)
    keys = {**plan.train, **arm.keys, **settings, "model": start}
    return _run(plan, folder, arm.method, layout.fill(keys, folder.parent), seed)


def _run(plan: Plan, folder: Path, method: str, keys: Keys, seed: int) -> Step:
    layout = Layout(plan)
    defaults: Keys = {
        "train_rows": layout.rows("train"),
        "train_size": None,
        "eval_rows": None,
        "validation_rows": layout.rows("validation"),
        "validation_size": None,
    }
    if method != "sft":
        defaults["warm_start_steps"] = 0

    def is_done() -> bool:
        return "finished" in RunFolder(folder).metadata()

    def work() -> list[str]:
        every_key = {**defaults, **keys, "seed": seed, "output_dir": folder}
        return training_command(plan, folder, method, every_key)

    return Step(layout.title(folder), is_done, work)


def _tests(plan: Plan, folder: Path, model: str, start: Path | None = None) -> Iterator[Step]:
    """Test the best weights; where they are still those of the start, copy its tests from
    `start`."""
    layout = Layout(plan)
    tests = []
    for name in plan.tests:
        tests.append(_test(plan, folder / "eval" / name, model, layout.rows(name)))
    if plan.bfcl:
        keys: Keys = {"suite": "bfcl", "bfcl": plan.bfcl.wheel}
        if plan.bfcl.n:
            keys["n"] = plan.bfcl.n
        tests.append(_test(plan, folder / "eval" / "bfcl", model, **keys))
    unchanged = start is not None and _is_unchanged(plan, folder, start)
    for test in tests:
        if start and unchanged:
            target = plan.out / test.name
            yield _copy(plan, start / "eval" / target.name, target)
        else:
            yield test
    yield _equal_compute(plan, folder)


def _is_unchanged(plan: Plan, folder: Path, start: Path) -> bool:
    """Tell whether a run's best weights are the start's.

    By their digest, and not the step alone: a run may have loaded them as another type.
    """
    settings = read_json(start / "eval" / plan.tests[0] / "settings.json")
    if (best_weights(folder) or {}).get("step") != 0:
        return False
    return bool(settings.get("weights") == weights_digest(str(RunFolder(folder).model)))


def _test(plan: Plan, folder: Path, *words: Any, **keys: Any) -> Step:
    def work() -> list[str]:
        return rlcall_command("eval", *words, **plan.evaluate, **keys, out=folder)

    return Step(Layout(plan).title(folder), (folder / "metrics.json").is_file, work)


def _equal_compute(plan: Plan, folder: Path) -> Step:
    """Test the weights at the end; where they are those kept as the best, copy their test."""
    name, target = plan.tests[0], folder / "eval" / EQUAL
    best = best_weights(folder)
    if best and best["step"] < best["last_step"]:
        checkpoint = folder / checkpoint_name(best["last_step"])
        return _test(plan, target, checkpoint, Layout(plan).rows(name))
    return _copy(plan, folder / "eval" / name, target)


def _copy(plan: Plan, source: Path, target: Path) -> Step:
    """Copy an evaluation of the very same weights."""

    def work() -> None:
        with whole_folder(target) as part:
            shutil.copytree(source, part, dirs_exist_ok=True)

    return Step(Layout(plan).title(target), (target / "metrics.json").is_file, work)


def _tidy(plan: Plan, folder: Path) -> Step:
    """Remove checkpoints: they take three times the model's disk, and nothing asks for them any
    more."""

    def is_done() -> bool:
        return not checkpoints_in(folder)

    def work() -> None:
        for checkpoint in checkpoints_in(folder):
            shutil.rmtree(checkpoint)

    return Step(Layout(plan).title(folder / "checkpoints"), is_done, work)


def _comparison(plan: Plan) -> Step:
    """Write the page anew each time: it takes seconds, and nothing else shows what has changed."""
    layout = Layout(plan)
    names = list(plan.arms) if plan.warm_start is None else ["warm_start", *plan.arms]
    runs = [layout.base]
    for seed in plan.seeds:
        runs += [layout.seed(seed) / name for name in names]

    def work() -> list[str]:
        reference = layout.seed(plan.seeds[0]) / plan.reference
        return rlcall_command("compare", *runs, seeds=True, against=reference, out=layout.page)

    return Step(layout.title(layout.page), _never_done, work)


def _never_done() -> bool:
    return False
