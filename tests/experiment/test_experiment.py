"""An experiment's steps: what is run, in which order, with which settings, and what a second
call still does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rlcall.cli import compare as cli_compare
from rlcall.cli import eval as cli_eval
from rlcall.cli import pairs as cli_pairs
from rlcall.cli import passrate as cli_passrate
from rlcall.cli import tasks as cli_tasks
from rlcall.cli.experiment import main
from rlcall.evaluation.source import weights_digest
from rlcall.experiment import run
from rlcall.experiment.plan import Plan, PlanError, keep_plan, read_plan
from rlcall.experiment.run import StepError, do
from rlcall.experiment.steps import EQUAL, Step, steps
from rlcall.experiment.tuning import best_try, best_weights
from rlcall.files.yaml import dump_yaml
from rlcall.runs.folder import read_json
from rlcall.train.config import parse
from rlcall.train.resume.manifest import describe, write_manifest

ROOT = Path(__file__).parents[2]
PLANS = sorted((ROOT / "configs" / "compare").glob("*.yaml"))
SMALL: dict[str, Any] = {
    "seeds": [1],
    "model": "tiny",
    "rows": {
        name: {"split": name, "n": 16, "level": 1} for name in ("train", "validation", "test")
    },
    "warm_start": {"max_steps": 2},
    "sampled": {"n": 4, "samples": 2},
    "arms": {
        "sft": {
            "method": "sft",
            "tries": [{"learning_rate": 1e-4}, {"learning_rate": 3e-5}],
            "tuning": {"max_steps": 1},
        },
        "dpo": {
            "method": "dpo",
            "keys": {"pairs": "{pairs}"},
            "tries": [{"beta": 0.1}, {"beta": 0.5}],
        },
    },
    "tuning": {"seed": 9},
    "tests": ["test"],
}


def plan_of(folder: Path, **changes: Any) -> Plan:
    file = folder / "plan.yaml"
    file.write_text(
        dump_yaml({**SMALL, "out": str(folder / "out"), **changes}),
        encoding="utf-8",
    )
    return read_plan(file)


def planted(plan: Plan, best_step: int = 1) -> Iterator[Step]:
    """The steps, and after each what it would have left: runs validated by their learning rate,
    say."""
    for step in steps(plan):
        yield step
        command, folder = step.work() or [], plan.out / step.name
        if "--output_dir" in command:
            accuracy = 0.5 if {"3e-05", "0.5"} & set(command) else 0.25
            leave_run(folder, [(best_step, accuracy), (2, 0.2)])
        elif "eval" in command:
            folder.mkdir(parents=True)
            (folder / "metrics.json").write_text(json.dumps(folder.parents[1].name))
            (folder / "settings.json").write_text(
                json.dumps({"weights": weights_digest(str(folder))})
            )


def leave_run(folder: Path, validated: list[tuple[int, float]]) -> None:
    """A finished run whose best weights are the first of these, and its last ones the last."""
    (step, accuracy), (last_step, last_accuracy) = validated[0], validated[-1]
    last = folder / f"checkpoint-{last_step}"
    correct = round(last_accuracy * 100)
    line = {
        "phase": "sft",
        "step": last_step,
        "validation/correct": correct,
        "validation/rows": 100,
    }
    line |= {"validation/malformed": 0.125, "validation/reward": 0.5}
    last.mkdir(parents=True)
    (folder / "model").mkdir(exist_ok=True)
    (last / "trainer_state.json").write_text("{}")
    write_manifest(last, describe(last, 0, 1))
    best = {
        "step": step,
        "accuracy": accuracy,
        "last_step": last_step,
        "last_accuracy": last_accuracy,
    }
    (folder / "metrics.jsonl").write_text(json.dumps(line) + "\n")
    (folder / "run.json").write_text(json.dumps({"finished": "now", "best": best, "seconds": 61.7}))


def value(command: list[str], key: str) -> str:
    return command[command.index(key) + 1]


def test_every_method_begins_with_one_warm_start_and_each_has_as_many_tries(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    names = [step.name for step in planted(plan)]
    begin = ["rows/train.jsonl", "rows/validation.jsonl", "rows/test.jsonl"]
    tries = [
        f"{arm}-{number}{part}"
        for arm in ("sft", "dpo")
        for number in (1, 2)
        for part in ("", "/checkpoints")
    ]
    tuning = ["warm_start", "pairs.jsonl", *tries, "tries.md"]
    parts = ("/eval/test", f"/eval/{EQUAL}", "/checkpoints")
    seed = ["warm_start", "pairs.jsonl", *(f"warm_start{part}" for part in parts)]
    seed += [f"{arm}{part}" for arm in ("sft", "dpo") for part in ("", *parts)]
    assert names == [
        *begin,
        *(f"tuning/{name}" for name in tuning),
        "base/eval/test",
        f"base/eval/{EQUAL}",
        *(f"seed-1/{name}" for name in seed),
        "page",
    ]


def test_settings_are_those_that_did_best_on_validation_rows(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    commands = {step.name: step.work() for step in planted(plan)}
    sft, dpo = commands["seed-1/sft"], commands["seed-1/dpo"]
    assert sft and dpo
    assert value(sft, "--learning_rate") == "3e-05" and value(dpo, "--beta") == "0.5"
    assert value(sft, "--model") == value(dpo, "--model") == str(plan.out / "seed-1" / "warm_start")
    assert value(dpo, "--pairs") == str(plan.out / "seed-1" / "pairs.jsonl")
    assert value(commands["tuning/sft-2"] or [], "--max_steps") == "1"
    assert "--max_steps" not in sft  # the tuning's own keys stay with the tuning
    warm_start = commands["seed-1/warm_start"]
    assert (
        warm_start
        and value(warm_start, "--data_seed") != value(sft, "--seed")
        and "--data_seed" not in sft
    )


def test_a_warm_start_may_have_rows_of_its_own(tmp_path: Path) -> None:
    rows = {**SMALL["rows"], "first": {"n": 8, "split": "train"}}
    plan = plan_of(tmp_path, rows=rows, warm_start={"max_steps": 2, "train_rows": "{first}"})
    commands = {step.name: step.work() or [] for step in planted(plan)}
    of_runs = {
        name: value(commands[f"seed-1/{name}"], "--train_rows")
        for name in ("warm_start", "sft", "dpo")
    }
    first, train = (str(plan.out / "rows" / f"{name}.jsonl") for name in ("first", "train"))
    assert of_runs == {"warm_start": first, "sft": train, "dpo": train}


def test_without_a_warm_start_every_method_begins_with_the_model(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, warm_start=None)
    commands = {step.name: step.work() for step in planted(plan)}
    assert not [name for name in commands if "warm_start" in name]
    started = [commands[f"{folder}/pairs.jsonl"] or [] for folder in ("tuning", "seed-1")]
    started += [
        commands[name] or []
        for name in ("tuning/sft-1", "tuning/dpo-2", "seed-1/sft", "seed-1/dpo")
    ]
    assert {value(command, "--model") for command in started} == {"tiny"}
    assert not [word for word in commands["page"] or [] if word.endswith("/warm_start")]


def test_that_there_is_no_warm_start_has_to_be_said(tmp_path: Path) -> None:
    file = plan_of(tmp_path).out.parent / "plan.yaml"
    lines = (
        file.read_text(encoding="utf-8").replace("warm_start:", "#").replace("  max_steps: 2", "#")
    )
    file.write_text(lines, encoding="utf-8")
    with pytest.raises(PlanError, match="warm_start: Field required"):
        read_plan(file)


def test_what_only_a_try_names_is_made_too(tmp_path: Path) -> None:
    tries = [{"learning_rate": 1e-4}, {"completions": "{right}"}]
    plan = plan_of(tmp_path, arms={"sft": {"method": "sft", "tries": tries}})
    assert [step.name for step in planted(plan)][4] == "tuning/pairs.jsonl"


def test_the_last_weights_are_tested_where_the_best_were_others(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    commands = {step.name: step.work() for step in planted(plan)}
    last = commands[f"seed-1/sft/eval/{EQUAL}"]
    assert last and str(plan.out / "seed-1" / "sft" / "checkpoint-2") in last
    assert not list((plan.out / "seed-1" / "sft").glob("checkpoint-*")), (
        "nothing asks for them any more"
    )
    kept, copied = plan.out / "base" / "eval" / "test", plan.out / "base" / "eval" / EQUAL
    assert {file.name for file in copied.iterdir()} == {file.name for file in kept.iterdir()}


@pytest.mark.parametrize("warm_start", [{"max_steps": 2}, None])
def test_best_weights_that_are_still_the_first_are_not_tested_again(
    warm_start: dict[str, int] | None, tmp_path: Path
) -> None:
    plan = plan_of(tmp_path, warm_start=warm_start)
    commands = {step.name: step.work() for step in planted(plan, best_step=0)}
    start = plan.out / ("base" if warm_start is None else "seed-1/warm_start")
    assert commands[str((start / "eval" / "test").relative_to(plan.out))]
    for arm in ("sft", "dpo"):
        assert commands[f"seed-1/{arm}/eval/test"] is None
        copied = plan.out / "seed-1" / arm / "eval" / "test" / "metrics.json"
        assert (
            copied.read_text()
            == (start / "eval" / "test" / "metrics.json").read_text()
            == f'"{start.name}"'
        )
        assert commands[f"seed-1/{arm}/eval/{EQUAL}"], "the last weights are others"


def test_first_weights_that_were_loaded_as_another_type_are_tested(tmp_path: Path) -> None:
    commands = {}
    for step in planted(plan_of(tmp_path), best_step=0):
        if step.name == "seed-1/dpo":
            model = tmp_path / "out" / "seed-1" / "dpo" / "model"
            model.mkdir(parents=True)
            (model / "model.safetensors").write_bytes(b"rounded")
        commands[step.name] = step.work()
    assert commands["seed-1/sft/eval/test"] is None and commands["seed-1/dpo/eval/test"]


def test_a_run_that_was_cut_off_is_resumed(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    run = next(step for step in steps(plan) if step.name == "tuning/warm_start")
    assert "--resume" not in (run.work() or [])
    (plan.out / "tuning" / "warm_start").mkdir(parents=True)
    (plan.out / "tuning" / "warm_start" / "run.json").write_text('{"started": "now"}')
    assert "--resume" in (run.work() or []) and not run.is_done()
    (plan.out / "tuning" / "warm_start" / "run.json").write_text('{"finished": "now"}')
    assert run.is_done()


@pytest.mark.parametrize("file", PLANS, ids=lambda file: file.stem)
def test_the_commands_of_a_shipped_plan_are_understood(file: Path, tmp_path: Path) -> None:
    """Each is read by the parser that it is for, so a key that is not there fails here and not
    after an hour."""
    plan = read_plan(file, {"out": str(tmp_path / "out")})
    parsers = {"tasks": cli_tasks.parser, "eval": cli_eval.parser, "pairs": cli_pairs.parser}
    parsers |= {"passrate": cli_passrate.parser, "compare": cli_compare.parser}
    read = []
    for step in planted(plan):
        words = step.work() or []
        if "rlcall" in words:
            command, *rest = words[words.index("rlcall") + 1 :]
            parse(command, rest) if command in ("sft", "dpo", "grpo") else None
            parsers[command]().parse_args(rest) if command in parsers else None
            read.append(command)
    tested = {"eval", "compare"} if plan.seeds else set()
    assert {"tasks", "sft"} | tested | {arm.method for arm in plan.arms.values()} <= set(read)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"arms": {"sft": {"method": "sft"}, "dpo": {"method": "dpo", "tries": [{}, {}]}}},
            "same tuning budget",
        ),
        ({"tuning": None}, "no `tuning`"),
        ({"tuning": {"seed": 1}}, "one of the experiment's own"),
        (
            {"arms": {"sft": {"method": "sft", "tuning": {"max_steps": 1}}}},
            "no `tries` to be judged with it",
        ),
        (
            {"warm_start": {"completions": "{right}"}},
            "warm_start: {right} is none of the files .*: train, validation",
        ),
        ({"train": {"train_rows": "{mroe}"}}, "warm_start: {mroe} is none of the files"),
        (
            {
                "arms": {"sft": {"method": "sft", "keys": {"completions": "{rihgt}"}}},
                "tuning": None,
            },
            "arms.sft: {rihgt} is none of the files it can be given: pairs, right, passed, train",
        ),
        ({"reference": "ppo"}, "'ppo' is not one of the arms sft, dpo"),
        ({"tests": ["twins"]}, "'twins' is missing"),
        ({"tests": []}, "tests: name at least one"),
        (
            {"seeds": [], "arms": {"sft": {"method": "sft"}}, "tuning": None},
            "there is no work",
        ),
        (
            {"rows": {**SMALL["rows"], "pairs": {"n": 1}}},
            "'pairs' is the name of what the start writes",
        ),
        ({"arms": {"x": {"method": "ppo"}}}, "arms.x.method"),
        (
            {"arms": {"sft": {"method": "sft"}, "sft_8": {"method": "sft"}}, "tuning": None},
            "'sft_8' would be read as",
        ),
        ({"armes": {}}, "armes"),
    ],
)
def test_a_mistake_in_a_plan_is_named(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(PlanError, match=message):
        plan_of(tmp_path, **changes)


def test_a_search_without_seeds_leaves_its_tries_and_tests_nothing(tmp_path: Path) -> None:
    arms = {
        "sft": {
            "method": "sft",
            "tries": [{"learning_rate": 1e-4}, {"learning_rate": 3e-5, "train_rows": "{more}"}],
        }
    }
    rows = {**SMALL["rows"], "more": {"n": 8, "split": "train"}}
    plan = plan_of(tmp_path, seeds=[], tests=[], arms=arms, rows=rows)
    commands = {step.name: step.work() for step in planted(plan)}
    files = [f"rows/{name}.jsonl" for name in rows]
    runs = [f"tuning/sft-{number}{part}" for number in (1, 2) for part in ("", "/checkpoints")]
    assert list(commands) == [*files, "tuning/warm_start", *runs, "tuning/tries.md"]
    assert value(commands["tuning/sft-2"] or [], "--train_rows") == str(
        plan.out / "rows" / "more.jsonl"
    )
    table = (plan.out / "tuning" / "tries.md").read_text(encoding="utf-8")
    assert (
        "| 1 | learning_rate: 0.0001 | 20.0 (13.3 to 28.9) | 12.5 | 0.50 | 25.0 | 1 | 62 |" in table
    )
    assert "| 2, taken | learning_rate: 3e-05, train_rows: {more} | 20.0 (13.3 to 28.9)" in table


ORPHANED = """
import time
from rlcall.experiment import run
from rlcall.files.yaml import dump_yaml
run.GRACE = run.KILLED = 0.5
start = time.monotonic()
assert run._call(["bash", "-c", "sleep 60 & exit 3"], None) == 3
print(time.monotonic() - start)
"""
ADOPTING = (
    "import ctypes; assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0\n"  # PR_SET_CHILD_SUBREAPER
)


@pytest.mark.skipif(
    sys.platform != "linux", reason="orphans are adopted by the first process elsewhere"
)
@pytest.mark.parametrize("ours", [True, False])
def test_orphans_that_nobody_asks_after_do_not_hold_an_experiment_up(ours: bool) -> None:
    """As in a container without an init: they become children of ours, or of one who never
    looks."""
    inner = f"import subprocess, sys\nsys.exit(subprocess.run([sys.executable, '-c', {ORPHANED!r}]).returncode)\n"
    line = [sys.executable, "-c", ADOPTING + (ORPHANED if ours else inner)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < (1.0 if ours else 20.0), "the orphan sleeps for a minute"


def test_the_try_that_reached_most_is_taken_and_of_equals_the_one_that_ended_higher(
    tmp_path: Path,
) -> None:
    leave_run(tmp_path / "sft-1", [(4, 0.5), (6, 0.25)])
    leave_run(tmp_path / "sft-2", [(2, 0.75), (6, 0.1)])
    leave_run(tmp_path / "sft-3", [(6, 0.75)])
    tries = [{"beta": number} for number in (1, 2, 3)]
    assert best_try(tries, tmp_path, "sft") == {"beta": 3}, (
        "it ended higher than the second, whose best is the same"
    )
    assert best_try(tries[:2], tmp_path, "sft") == {"beta": 2}
    leave_run(tmp_path / "sft-4", [(6, 0.75)])
    assert best_try([*tries, {"beta": 4}], tmp_path, "sft") == {"beta": 3}
    assert best_try(tries[:1], tmp_path, "sft") == {"beta": 1}
    assert best_weights(tmp_path / "none") is None
    with pytest.raises(ValueError, match="dpo-1 was not validated"):
        best_try([{}, {}], tmp_path, "dpo")


def script(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_steps_are_done_once_and_a_failure_is_told_with_its_command(tmp_path: Path) -> None:
    plan, made = plan_of(tmp_path), tmp_path / "made"
    write = Step("write", made.is_file, lambda: script(f"open({str(made)!r}, 'a').write('x')"))
    assert do(plan, [write, write], None) and made.read_text() == "x"
    with pytest.raises(StepError, match=r"fail ended with status 3[\s\S]*exit\(3\)"):
        do(plan, [write, Step("fail", lambda: False, lambda: script("exit(3)"))], None)
    lines = [json.loads(line) for line in (plan.out / "pieces.jsonl").read_text().splitlines()]
    assert [(line["piece"], line["status"]) for line in lines] == [("write", 0), ("fail", 3)]


def test_a_folder_keeps_to_its_plan(tmp_path: Path) -> None:
    keep_plan(plan_of(tmp_path))
    more = {**SMALL["arms"], "grpo": {"method": "grpo", "tries": [{}, {"beta": 0.1}]}}
    keep_plan(plan_of(tmp_path, seeds=[1, 2], arms=more))
    file = tmp_path / "out" / "plan.json"
    older = json.loads(file.read_text())
    del older["arms.dpo"]["tuning"], older["passrate"]
    file.write_text(json.dumps(older))
    keep_plan(plan_of(tmp_path))
    with pytest.raises(
        PlanError, match=r"was begun with warm_start: {'max_steps': 2}, not {'max_steps': 3}"
    ):
        keep_plan(plan_of(tmp_path, warm_start={"max_steps": 3}))
    with pytest.raises(PlanError, match=r"begun with arms\.grpo: .*name another folder with --out"):
        keep_plan(
            plan_of(tmp_path, arms={**SMALL["arms"], "grpo": {"method": "grpo", "tries": [{}, {}]}})
        )


def test_a_key_that_is_not_there_ends_an_experiment_before_it_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = plan_of(tmp_path, evaluate={"max_tokens": 9})
    file = str(tmp_path / "plan.yaml")
    with pytest.raises(SystemExit, match="2"):
        main([file])
    assert "unrecognized arguments: --max-tokens 9" in capsys.readouterr().err
    arms = {"sft": {"method": "sft", "keys": {"learning_rat": 1}}}
    assert main([file, "--evaluate", "{}", "--tuning", "null", "--arms", json.dumps(arms)]) == 2
    assert "unknown key 'learning_rat'; did you mean 'learning_rate'?" in capsys.readouterr().err
    arms["sft"] = {
        "method": "sft",
        "keys": {"max_steps": "few"},
        "tuning": {"max_steps": 1},
        "tries": [{}, {}],
    }
    assert main([file, "--evaluate", "{}", "--arms", json.dumps(arms)]) == 2
    assert "max_steps" in capsys.readouterr().err, "though no try is trained with it"
    assert not plan.out.exists()


@pytest.fixture
def heeded() -> Iterator[None]:
    """Ctrl-C is heard: what a shell starts in the background ignores it, and so would the tests
    there."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_stops_an_experiment_stops_its_step(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a rank that goes on when its launcher has gone."""
    monkeypatch.setattr(run, "GRACE", 1)
    plan, told = plan_of(tmp_path), tmp_path / "told"
    rank = f"""
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open({str(told)!r}, "w").write(str(os.getpid()))
time.sleep(60)
"""
    launcher = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {rank!r}]); time.sleep(60)"
    threading.Thread(target=stop_when_there, args=(told, number)).start()
    with pytest.raises(KeyboardInterrupt):
        do(plan, [Step("long", lambda: False, lambda: script(launcher))], None)
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


def stop_when_there(file: Path, number: signal.Signals) -> None:
    while not file.is_file() or not file.read_text():
        time.sleep(0.05)
    os.kill(os.getpid(), number)


def test_out_of_time_stops_the_step_politely(tmp_path: Path) -> None:
    plan, told = plan_of(tmp_path), tmp_path / "told"
    text = f"""
import signal, sys, time
def stop(*_): open({str(told)!r}, "w").write("asked"); sys.exit(130)
signal.signal(signal.SIGTERM, stop)
time.sleep(60)
"""
    assert not do(plan, [Step("long", lambda: False, lambda: script(text))], minutes=0.02)
    assert told.read_text() == "asked"
    (line,) = map(json.loads, (plan.out / "pieces.jsonl").read_text().splitlines())
    assert line["status"] is None and line["seconds"] > 0.9, "what was cut off took time, too"


@pytest.mark.slow
def test_a_whole_experiment_on_a_tiny_model(tiny_folder: Path, tmp_path: Path) -> None:
    """Cut off again and again, then done; a second call only compares."""
    plan, out = ROOT / "configs" / "compare" / "smoke.yaml", tmp_path / "out"
    line = [
        sys.executable,
        "-m",
        "rlcall",
        "experiment",
        str(plan),
        "--out",
        str(out),
        "--model",
        str(tiny_folder),
    ]
    statuses = [subprocess.run([*line, "--minutes", "0.7"], cwd=ROOT).returncode for _ in range(3)]
    assert set(statuses) == {75}
    assert subprocess.run(line, cwd=ROOT).returncode == 0
    assert (out / "page" / "compare.html").is_file() and (out / "page" / "compare.md").is_file()
    for arm in ("sft", "dpo_made", "grpo"):
        assert read_json(out / "seed-1" / arm / "run.json")["finished"]
    before = (out / "pieces.jsonl").read_text().splitlines()
    assert subprocess.run(line, cwd=ROOT).returncode == 0
    after = (out / "pieces.jsonl").read_text().splitlines()
    assert [json.loads(line)["piece"] for line in after[len(before) :]] == ["page"]
