"""An experiment as pieces: commands that one could type, each with what is there when it is done.

    for piece in pieces(plan):
        if not piece.done() and (command := piece.work()):
            subprocess.run(command)

A piece that was cut off is done again, and goes on where it can: training from its newest checkpoint, an evaluation
from its last verdict. A later piece may depend on what an earlier one left, so they come one by one.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.evaluation.source import weights_digest
from rlcall.experiment.plan import MADE, Arm, Keys, Plan
from rlcall.experiment.tuning import TRIES, best_try, best_weights, write_tries
from rlcall.files.whole import whole_folder
from rlcall.runs.folder import RunFolder, checkpoint_name, checkpoints_in, read_json

EQUAL = "equal_compute"
"""The first test once more, with the weights at the end of each run, where all have had the same compute."""

OTHER_ORDER = 1000
"""What is added to the seed for the order of the warm start's rows: SFT would begin with the same ones again."""


@dataclass(frozen=True)
class Piece:
    """`work()` returns the command to run, or does what is too small for one and returns None."""

    name: str
    done: Callable[[], bool]
    work: Callable[[], list[str] | None]


def pieces(plan: Plan) -> Iterator[Piece]:
    """All pieces in order. Each is to be done before the next one is asked for."""
    for name, keys in plan.rows.items():
        yield _rows(plan, name, keys)
    if plan.tuning:
        yield from _tuning(plan, plan.tuning.seed)
    if plan.seeds:
        yield from _tests(plan, plan.out / "base", plan.model)
        for seed in plan.seeds:
            yield from _seed(plan, seed)
        yield _comparison(plan)


def drafts(plan: Plan) -> Iterator[list[str]]:
    """A command of every kind with all keys of the plan, for the parsers to look at before anything is done."""
    folder, seed = plan.out / "draft", plan.seeds[0] if plan.seeds else 0
    kinds = [_rows(plan, name, keys) for name, keys in plan.rows.items()]
    kinds += _beginning(plan, folder, seed)
    for name, arm in plan.arms.items():
        for settings in arm.tries:
            kinds += [
                _training(plan, folder / name, arm, seed, {**keys, **settings})
                for keys in ({}, arm.tuning)
            ]
    kinds += [_test(plan, folder / test, plan.model, _file(plan, test)) for test in plan.tests]
    kinds += [_comparison(plan)] if plan.seeds else []
    yield from (command for kind in kinds if (command := kind.work()))


def _tuning(plan: Plan, seed: int) -> Iterator[Piece]:
    folder = plan.out / "tuning"
    yield from _beginning(plan, folder, seed)
    for name, arm in plan.arms.items():
        for number, settings in enumerate(arm.tries if len(arm.tries) > 1 else [], 1):
            yield _training(
                plan, folder / f"{name}-{number}", arm, seed, {**arm.tuning, **settings}
            )
            yield _tidy(plan, folder / f"{name}-{number}")
    yield Piece(_title(plan, folder / TRIES), lambda: False, lambda: write_tries(plan.arms, folder))


def _seed(plan: Plan, seed: int) -> Iterator[Piece]:
    folder = plan.out / f"seed-{seed}"
    yield from _beginning(plan, folder, seed)
    if plan.warm_start is not None:
        yield from _tests(plan, folder / "warm_start", str(folder / "warm_start"))
        yield _tidy(plan, folder / "warm_start")
    for name, arm in plan.arms.items():
        settings = best_try(arm.tries, plan.out / "tuning", name)
        yield _training(plan, folder / name, arm, seed, settings)
        yield from _tests(plan, folder / name, str(folder / name), _begun_with(plan, folder))
        yield _tidy(plan, folder / name)


def _beginning(plan: Plan, folder: Path, seed: int) -> Iterator[Piece]:
    """What all methods begin with: the warm start, if any, and its completions where a method needs them."""
    if plan.warm_start is not None:
        keys = {
            **plan.train,
            "data_seed": OTHER_ORDER + seed,
            **plan.warm_start,
            "model": plan.model,
        }
        yield _run(plan, folder / "warm_start", "sft", _filled(keys, _files(plan)), seed)
    told = [keys for arm in plan.arms.values() for keys in (arm.keys, arm.tuning, *arm.tries)]
    named = {str(value) for keys in told for value in keys.values()}
    if {"{pairs}", "{right}"} & named:
        yield _samples(plan, folder, seed)
    if "{passed}" in named:
        yield _passed(plan, folder, seed)


def _start(plan: Plan, folder: Path) -> str:
    """The weights that all methods begin with."""
    return plan.model if plan.warm_start is None else str(folder / "warm_start")


def _begun_with(plan: Plan, folder: Path) -> Path:
    """Where those weights have been tested."""
    return plan.out / "base" if plan.warm_start is None else folder / "warm_start"


def _places(folder: Path) -> dict[str, Path]:
    """What comes of the warm start's completions, by what the plan calls it."""
    return {f"{{{name}}}": folder / f"{name}.jsonl" for name in MADE}


def _files(plan: Plan) -> dict[str, Path]:
    """The rows, by what the plan calls them."""
    return {f"{{{name}}}": _file(plan, name) for name in plan.rows}


def _filled(keys: Keys, places: dict[str, Path]) -> Keys:
    """With the file in the place of what it is called."""
    return {key: places.get(str(value), value) for key, value in keys.items()}


def _rows(plan: Plan, name: str, keys: Keys) -> Piece:
    file = _file(plan, name)
    return Piece(_title(plan, file), file.is_file, lambda: _rlcall("tasks", **keys, out=file))


def _samples(plan: Plan, folder: Path, seed: int) -> Piece:
    pairs, right, _ = _places(folder).values()
    keys = {
        **plan.sampled,
        "model": _start(plan, folder),
        "out": pairs,
        "right": right,
        "seed": seed,
    }
    done = lambda: pairs.is_file() and right.is_file()  # noqa: E731
    return Piece(_title(plan, pairs), done, lambda: _rlcall("pairs", _file(plan, "train"), **keys))


def _passed(plan: Plan, folder: Path, seed: int) -> Piece:
    file = _places(folder)["{passed}"]
    keys = {**plan.passrate, "out": file, "seed": seed}
    start = _start(plan, folder)
    return Piece(
        _title(plan, file),
        file.is_file,
        lambda: _rlcall("passrate", start, _file(plan, "train"), **keys),
    )


def _training(plan: Plan, folder: Path, arm: Arm, seed: int, settings: Keys) -> Piece:
    keys = {**plan.train, **arm.keys, **settings, "model": _start(plan, folder.parent)}
    return _run(
        plan, folder, arm.method, _filled(keys, _places(folder.parent) | _files(plan)), seed
    )


def _run(plan: Plan, folder: Path, method: str, keys: Keys, seed: int) -> Piece:
    rows: Keys = {"train_rows": _file(plan, "train"), "train_size": None, "eval_rows": None}
    rows |= {"validation_rows": _file(plan, "validation"), "validation_size": None}
    rows |= {} if method == "sft" else {"warm_start_steps": 0}
    keys = {**rows, **keys, "seed": seed, "output_dir": folder}

    def work() -> list[str]:
        resume = ["--resume"] if RunFolder(folder).is_run else []
        launch = [
            sys.executable,
            "-m",
            "accelerate.commands.launch",
            *plan.launch,
            "-m",
            "rlcall",
            method,
        ]
        options = [word for key, value in keys.items() for word in (f"--{key}", _word(value))]
        return [*launch, *options, *resume]

    return Piece(_title(plan, folder), lambda: "finished" in RunFolder(folder).metadata(), work)


def _tests(plan: Plan, folder: Path, model: str, start: Path | None = None) -> Iterator[Piece]:
    """Where the best weights are still those it began with, whose tests are in `start`, they are not tested again."""
    tests = [_test(plan, folder / "eval" / test, model, _file(plan, test)) for test in plan.tests]
    if plan.bfcl:
        few = {"n": plan.bfcl.n} if plan.bfcl.n else {}
        tests.append(
            _test(plan, folder / "eval" / "bfcl", model, suite="bfcl", bfcl=plan.bfcl.wheel, **few)
        )
    if start and _unchanged(plan, folder, start):
        tests = [
            _copied(plan, start / "eval" / Path(test.name).name, plan.out / test.name)
            for test in tests
        ]
    yield from tests
    yield _equal(plan, folder)


def _unchanged(plan: Plan, folder: Path, start: Path) -> bool:
    """By their digest, and not the step alone: a run may have loaded them as another type."""
    tested = read_json(start / "eval" / plan.tests[0] / "settings.json")
    first = (best_weights(folder) or {}).get("step") == 0
    return first and tested.get("weights") == weights_digest(str(RunFolder(folder).model))


def _test(plan: Plan, folder: Path, *what: Any, **keys: Any) -> Piece:
    done = (folder / "metrics.json").is_file
    return Piece(
        _title(plan, folder),
        done,
        lambda: _rlcall("eval", *what, **plan.evaluate, **keys, out=folder),
    )


def _equal(plan: Plan, folder: Path) -> Piece:
    """Where the weights at the end are those that were kept as the best, they are tested already."""
    first, target = plan.tests[0], folder / "eval" / EQUAL
    best = best_weights(folder)
    if best and best["step"] < best["last_step"]:
        return _test(plan, target, folder / checkpoint_name(best["last_step"]), _file(plan, first))
    return _copied(plan, folder / "eval" / first, target)


def _copied(plan: Plan, source: Path, target: Path) -> Piece:
    """An evaluation of the very same weights."""

    def copy() -> None:
        with whole_folder(target) as part:
            shutil.copytree(source, part, dirs_exist_ok=True)

    return Piece(_title(plan, target), (target / "metrics.json").is_file, copy)


def _tidy(plan: Plan, folder: Path) -> Piece:
    """Checkpoints take three times the disk of the model, and nothing asks for them any more."""

    def work() -> None:
        for checkpoint in checkpoints_in(folder):
            shutil.rmtree(checkpoint)

    return Piece(_title(plan, folder / "checkpoints"), lambda: not checkpoints_in(folder), work)


def _comparison(plan: Plan) -> Piece:
    """Made anew each time: it takes seconds, and nothing else shows what has changed."""
    seeds = [plan.out / f"seed-{seed}" for seed in plan.seeds]
    names = [*([] if plan.warm_start is None else ["warm_start"]), *plan.arms]
    runs = [plan.out / "base", *(folder / name for folder in seeds for name in names)]
    keys = {"seeds": True, "against": seeds[0] / plan.reference, "out": plan.out / "page"}
    return Piece(
        _title(plan, plan.out / "page"), lambda: False, lambda: _rlcall("compare", *runs, **keys)
    )


def _file(plan: Plan, name: str) -> Path:
    return plan.out / "rows" / f"{name}.jsonl"


def _title(plan: Plan, path: Path) -> str:
    return str(path.relative_to(plan.out))


def _rlcall(command: str, *words: Any, **keys: Any) -> list[str]:
    """`_rlcall("pairs", rows, per_row=2, kinds=["a", "b"])` -> `rlcall pairs ROWS --per-row 2 --kinds a b`."""
    options = []
    for key, value in keys.items():
        options.append("--" + key.replace("_", "-"))
        options += (
            []
            if value is True
            else [_word(one) for one in (value if isinstance(value, list) else [value])]
        )
    return [sys.executable, "-m", "rlcall", command, *map(str, words), *options]


def _word(value: Any) -> str:
    return str(value) if isinstance(value, str | Path) else json.dumps(value)
