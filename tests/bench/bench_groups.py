"""GRPO with and without dynamic sampling and the pass-rate filter: strict accuracy over steps and seconds.

    python -m tests.bench.bench_groups --out runs/groups                   # about 25 minutes on two quiet cores
    python -m tests.bench.bench_groups --out runs/groups --steps 60        # on a GPU; finished arms are not redone

All arms begin with one warm start, and see the same settings, seed and validation rows:

    plain      TRL's GRPO
    dynamic    dynamic_sampling_rounds: 2
    filtered   on the rows that `rlcall passrate` keeps, its time in the seconds

The reward is `strict`, where groups are equal most often. FOLDER gets groups.md and groups.json, and groups.svg where
matplotlib is installed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rlcall.intervals import wilson_interval

ARMS = ("plain", "dynamic", "filtered")
ROWS = ["--rows-options", "{tools_shown: [2, 2]}"]
KEYS: dict[str, Any] = {
    "train_rows": "phone",
    "rows_options": "{tools_shown: [2, 2]}",
    "eval_rows": "null",
    "validation_rows": "phone",
    "rewards": "strict",
    "warm_start_steps": 0,
    "num_generations": 4,
    "max_completion_length": 72,
    "learning_rate": "1e-5",
    "save_total_limit": 1,
    "show_steps": 0,
}
SHARES = ("groups/equal", "groups/equal_left", "groups/all_right", "groups/all_wrong")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=ARMS)
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--warm-start", type=int, default=12, help="steps of SFT that all arms begin with")
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--every", type=int, default=3, help="steps between validations")
    parser.add_argument("--validation", type=int, default=64, help="rows of each validation")
    parser.add_argument("--filtered", type=int, default=64, help="rows that the filter samples")
    arguments = parser.parse_args()
    warm = warm_start(arguments)
    found = {arm: run_arm(arm, warm, arguments) for arm in arguments.arms}
    (arguments.out / "groups.json").write_text(json.dumps(found, indent=2) + "\n")
    (arguments.out / "groups.md").write_text(table(found))
    print(table(found))
    plot(found, arguments.out / "groups.svg")


def rlcall(*argv: str) -> float:
    """Seconds that the command took."""
    started = time.monotonic()
    print("rlcall", *argv, flush=True)
    subprocess.run([sys.executable, "-m", "rlcall", *argv], check=True)
    return time.monotonic() - started


def is_done(folder: Path) -> bool:
    record = folder / "run.json"
    return record.is_file() and bool(json.loads(record.read_text()).get("finished"))


def train(method: str, folder: Path, **keys: Any) -> None:
    if not is_done(folder):
        given = [part for key, value in keys.items() for part in (f"--{key}", str(value))]
        rlcall(method, "--output_dir", str(folder), *given, *(["--resume"] if (folder / "run.json").is_file() else []))


def warm_start(arguments: argparse.Namespace) -> Path:
    folder = arguments.out / "warm"
    keys = {key: KEYS[key] for key in ("train_rows", "rows_options", "eval_rows", "show_steps")}
    steps = {"max_steps": arguments.warm_start, "save_steps": arguments.warm_start}
    train("sft", folder, model=arguments.model, train_size=512, learning_rate="1e-4", **keys, **steps)
    return folder


def run_arm(arm: str, warm: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    folder, seconds = arguments.out / arm, 0.0
    keys = {**KEYS, "model": warm, "train_size": 512, "max_steps": arguments.steps, "save_steps": arguments.every}
    keys |= {"validation_every": arguments.every, "validation_size": arguments.validation}
    if arm == "dynamic":
        keys["dynamic_sampling_rounds"] = 2
    if arm == "filtered":
        rows, seconds = filtered(warm, arguments)
        keys |= {"train_rows": rows, "train_size": "null"}
    train("grpo", folder, **keys)
    return curves(folder, seconds, arguments.validation)


def filtered(warm: Path, arguments: argparse.Namespace) -> tuple[Path, float]:
    """The rows with a pass rate from 0.05 to 0.95, and how long they took."""
    out, clock = arguments.out / "sometimes.jsonl", arguments.out / "sometimes.seconds"
    if not clock.is_file():
        sampling = ["--n", str(arguments.filtered), "--max-new-tokens", str(KEYS["max_completion_length"])]
        clock.write_text(str(rlcall("passrate", str(warm), "phone", *sampling, *ROWS, "--out", str(out))))
    return out, float(clock.read_text())


def curves(folder: Path, before: float, rows: int) -> dict[str, Any]:
    """Of a run: validations by step and seconds, the shares of equal groups, and what was generated."""
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    validations = [
        {
            "step": line["step"],
            "seconds": round(before + line["seconds"], 1),
            "accuracy": line["validation/accuracy"],
            "interval": wilson_interval(round(line["validation/accuracy"] * rows), rows),
        }
        for line in lines
        if "validation/accuracy" in line
    ]
    groups = [line for line in lines if "groups/equal" in line]
    shares = {name: sum(line[name] for line in groups) / len(groups) for name in SHARES}
    on_rows = [{"step": line["step"], "correct": line["rules/correct"]} for line in groups]
    return {"validations": validations, **shares, "generated": groups[-1]["groups/generated"], "training": on_rows}


def table(found: dict[str, dict[str, Any]]) -> str:
    head = "| arm | strict accuracy (95 % interval) after step, s | equal | equal after refilling | all right | "
    head += "all wrong | completions |\n|---|---|---|---|---|---|---|\n"
    return head + "".join(_line(arm, one) for arm, one in found.items())


def _line(arm: str, one: dict[str, Any]) -> str:
    points = "; ".join(
        f"{point['accuracy']:.1%} ({point['interval'][0]:.0%} to {point['interval'][1]:.0%}) "
        f"after {point['step']}, {point['seconds']:.0f} s"
        for point in one["validations"]
    )
    shares = " | ".join(f"{one[name]:.0%}" for name in SHARES)
    return f"| {arm} | {points} | {shares} | {one['generated']:,.0f} |\n"


def plot(found: dict[str, dict[str, Any]], path: Path) -> None:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print(f"no {path.name}: matplotlib is not installed")
        return
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    for axes, over in zip(figure.subplots(1, 2, sharey=True), ("step", "seconds"), strict=True):
        for arm, one in found.items():
            points = one["validations"]
            axes.plot([point[over] for point in points], [point["accuracy"] for point in points], marker="o", label=arm)
        axes.set_xlabel(over)
        axes.set_ylim(0, 1)
    figure.axes[0].set_ylabel("strict accuracy, validation")
    figure.axes[0].legend()
    figure.savefig(path)


if __name__ == "__main__":
    main()
