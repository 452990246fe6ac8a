"""`rlcall eval` as a user runs it: a tiny model that has learned a few rows by heart, and
completions from a file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from rlcall.cli.eval import main
from rlcall.data.rows import Row, write_rows
from rlcall.evaluation.tables import LABELS
from rlcall.metrics.baselines import POLICIES
from rlcall.metrics.rates import RATES
from tests.support.judged import due, row, tool

CALL = tool("call", who="string")
LEARNED = [row(due("call", who="Anna"), [CALL], "anna"), row({"calls": []}, [CALL], "hello")]
ROWS = [*LEARNED, row(due("call", who="Berta"), [CALL], "other", asked="Zzz")]
RIGHT = '<tool_call>[{"name": "call", "arguments": {"who": "Anna"}}]</tool_call>'


@pytest.fixture
def rows_file(tmp_path: Path) -> str:
    write_rows(tmp_path / "rows.jsonl", ROWS)
    return str(tmp_path / "rows.jsonl")


@pytest.fixture
def written(tmp_path: Path) -> str:
    path = tmp_path / "written.jsonl"
    texts = zip(ROWS, (RIGHT, "[]", "[]"), strict=True)
    path.write_text(
        "".join(json.dumps({"id": one.id, "completion": text}) + "\n" for one, text in texts)
    )
    return str(path)


def metrics(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "metrics.json").read_text())


def test_completions_from_elsewhere(
    rows_file: str, written: str, tmp_path: Path, capsys: Any
) -> None:
    assert main([rows_file, "--completions", written, "--out", str(tmp_path / "out")]) == 0
    found = metrics(tmp_path / "out")
    assert found["metrics"]["all"]["accuracy"]["value"] == pytest.approx(2 / 3)
    assert found["metrics"]["formats"]["share"] == {
        "smollm2": pytest.approx({"value": 0.5, "low": 0.0945, "high": 0.9055, "n": 2}, abs=1e-4),
        "text": pytest.approx({"value": 0.5, "low": 0.0945, "high": 0.9055, "n": 2}, abs=1e-4),
    }
    assert (
        list(found["baselines"]) == list(POLICIES) and found["settings"]["completions"] == written
    )
    page, screen = (tmp_path / "out" / "metrics.md").read_text(), capsys.readouterr().out
    assert "66.7 (20.8 to 93.9)" in page and "66.7 (20.8 to 93.9)" in screen
    assert "| strict accuracy | 66.7 (20.8 to 93.9) | 33.3 |" in page
    verdicts = [
        json.loads(line) for line in (tmp_path / "out" / "verdicts.jsonl").read_text().splitlines()
    ]
    assert [(one["id"], one["completion"], one["correct"]) for one in verdicts] == [
        ("anna", RIGHT, True),
        ("hello", "[]", True),
        ("other", "[]", False),
    ]


def test_every_rate_has_a_place_in_the_table() -> None:
    assert set(LABELS) == {*RATES, "balanced"}


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["model"], "give MODEL and ROWS"),
        (["model", "rows", "--completions", "x"], "give ROWS"),
        (["rows", "--suite", "bfcl"], "needs --bfcl"),
        (["model", "rows", "--bfcl", "x"], "goes with --suite"),
        (["model", "rows", "--samples", "4"], "give --samples 1"),
        (["model", "rows", "--samples", "0"], "must be a whole number of at least 1"),
        (["model", "rows", "--temperature", "-1"], "must not be negative"),
        (["model", "rows", "--wire", "auto"], "has to be told one format"),
    ],
)
def test_what_does_not_go_together_is_said(argv: list[str], said: str, capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2 and said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["missing.jsonl", "--completions", "x"], "missing.jsonl: cannot be read"),
        (["phone", "--completions", "x"], "say how many"),
        (["{rows}", "--completions", "x"], "x: cannot be read"),
        (["no/such/model", "{rows}"], "was not found"),
        (["{rows}", "--completions", "{written}", "--rewards", "nope"], "no reward preset"),
        (["--suite", "bfcl", "--bfcl", "nope.whl", "--completions", "x"], "pip download"),
    ],
)
def test_what_cannot_be_evaluated_is_said(
    argv: list[str], said: str, rows_file: str, written: str, capsys: Any
) -> None:
    assert main([part.format(rows=rows_file, written=written) for part in argv]) == 2
    assert said in capsys.readouterr().err


def test_twins_without_their_rows_are_said(tmp_path: Path, capsys: Any) -> None:
    write_rows(tmp_path / "rows.jsonl", [row({"calls": []}, [CALL], "anna~gold_tool_removed")])
    (tmp_path / "c.jsonl").write_text('{"id": "anna~gold_tool_removed", "completion": ""}\n')
    assert main([str(tmp_path / "rows.jsonl"), "--completions", str(tmp_path / "c.jsonl")]) == 2
    assert "put 'anna' in as well" in capsys.readouterr().err


# With a model


@pytest.fixture(scope="module")
def learned(
    tiny_folder: Path, tiny_tokenizer: Any, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    pytest.importorskip("torch", reason="the training extra is not installed")
    from rlcall.model.load import load_model
    from tests.support.tiny import memorise

    model = load_model(str(tiny_folder))
    memorise(model, tiny_tokenizer, LEARNED, "smollm2", goal=0.05)
    folder = tmp_path_factory.mktemp("run")
    model.save_pretrained(folder / "model")
    tiny_tokenizer.save_pretrained(folder / "model")
    (folder / "run.json").write_text("{}")
    return folder


def test_a_run_is_evaluated_and_gone_on_with(
    learned: Path, rows_file: str, tmp_path: Path, capsys: Any
) -> None:
    argv = [str(learned), rows_file, "--out", str(tmp_path / "out"), "--max-new-tokens", "48"]
    assert main(argv) == 0
    first = metrics(tmp_path / "out")
    assert first["metrics"]["all"]["accuracy"]["value"] == pytest.approx(2 / 3)
    assert first["settings"]["rendering"].startswith("rlcall's rendering")
    assert {"device", "versions", "seed"} <= set(first["settings"]) and "--out" in first[
        "settings"
    ]["command"]
    assert "does not render tools for smollm2" in capsys.readouterr().out
    kept = (tmp_path / "out" / "verdicts.jsonl").read_bytes()
    assert main(argv) == 0
    assert "3 completions are there already" in capsys.readouterr().out
    assert (tmp_path / "out" / "verdicts.jsonl").read_bytes() == kept and metrics(
        tmp_path / "out"
    ) == first
    for changed, said in (
        (["--max-new-tokens", "47"], "max_new_tokens: 48 there, 47 now"),
        (["--wire", "hermes"], "wire: smollm2 there, hermes now"),
        (["--n", "2"], "rows_count: 3 there, 2 now"),
    ):
        assert main([*argv, *changed]) == 2
        assert said in capsys.readouterr().err


def test_another_model_at_the_same_place_is_another_model(
    learned: Path, rows_file: str, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    place = tmp_path / "run"
    shutil.copytree(learned, place)
    argv = [str(place), rows_file, "--out", str(tmp_path / "out"), "--max-new-tokens", "4"]
    assert main(argv) == 0
    weights = load_file(place / "model" / "model.safetensors")
    save_file(
        {name: value * 0.9 for name, value in weights.items()},
        place / "model" / "model.safetensors",
        {"format": "pt"},
    )
    assert main(argv) == 2


def test_samples_of_a_row(learned: Path, rows_file: str, tmp_path: Path) -> None:
    argv = [
        str(learned),
        rows_file,
        "--out",
        str(tmp_path / "out"),
        "--samples",
        "4",
        "--temperature",
        "3.0",
    ]
    assert main([*argv, "--max-new-tokens", "24", "--batch-size", "6"]) == 0
    found = metrics(tmp_path / "out")["metrics"]
    assert list(found["pass"]) == ["pass@1", "pass@2", "pass@4"] and found["samples"] == 4
    policies = metrics(tmp_path / "out")["baselines"].values()
    assert all(
        list(policy["pass"]) == list(found["pass"]) and policy["diversity"] for policy in policies
    )
    assert 0 < found["diversity"]["ead"]["value"] <= 1.05
    verdicts = (tmp_path / "out" / "verdicts.jsonl").read_text().splitlines()
    assert len({json.loads(line)["completion"] for line in verdicts}) > 6


def test_a_template_that_cannot_say_how_calls_are_written(
    learned: Path, rows_file: str, tmp_path: Path, capsys: Any
) -> None:
    place = tmp_path / "model"
    shutil.copytree(learned / "model", place)
    plain = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"
    (place / "chat_template.jinja").write_text(plain)
    assert main([str(place), rows_file, "--max-new-tokens", "2"]) == 0
    assert "tools in the system message" in capsys.readouterr().out


def test_a_suite_refuses_a_run_that_has_seen_it(
    learned: Path, tmp_path: Path, capsys: Any, monkeypatch: Any
) -> None:
    from rlcall.cli import eval as cli_eval
    from rlcall.suites.bfcl import BfclEntry

    run = tmp_path / "run"
    shutil.copytree(learned, run)
    asked = row({"calls": []}, [CALL], "anna", asked="Please tell me, who is always late:")
    write_rows(tmp_path / "train.jsonl", [*LEARNED[:1], asked])
    config = {
        "train_rows": str(tmp_path / "train.jsonl"),
        "train_size": None,
        "rows_seed": 0,
        "rows_options": {},
    }
    (run / "config.yaml").write_text(json.dumps(config))
    request = [{"role": "user", "content": "please TELL me who is always late ... Anna"}]
    seen = Row(request, [CALL], asked.answer, "irrelevance_1", "irrelevance")
    monkeypatch.setattr(
        cli_eval, "read_entries", lambda path: [BfclEntry(seen, "irrelevance", [], None)]
    )
    for place in (run, run / "model"):
        assert main([str(place), "--suite", "bfcl", "--bfcl", "x"]) == 2
        assert (
            "was trained on 1 of BFCL's requests, row 'anna' the first" in capsys.readouterr().err
        )


def test_messages_that_a_template_refuses_are_said(
    learned: Path, tmp_path: Path, capsys: Any
) -> None:
    place = tmp_path / "model"
    shutil.copytree(learned / "model", place)
    picky = "{% for m in messages %}{% if 'Zzz' in m['content'] %}{{ raise_exception('no Zzz') }}{% endif %}{% endfor %}"
    template = place / "chat_template.jinja"
    template.write_text(picky + template.read_text())
    write_rows(tmp_path / "rows.jsonl", ROWS)
    assert main([str(place), str(tmp_path / "rows.jsonl"), "--max-new-tokens", "2"]) == 2
    assert "rows 1 to 3: messages: " in (said := capsys.readouterr().err) and "no Zzz" in said


def test_other_completions_or_another_rule_are_another_evaluation(
    rows_file: str, written: str, tmp_path: Path, capsys: Any
) -> None:
    rule, completions = tmp_path / "own.py", tmp_path / "completions.jsonl"
    rule.write_text("def own(verdict):\n    return 1.0\n")
    completions.write_bytes(Path(written).read_bytes())
    (tmp_path / "reward.yaml").write_text(f"{{rewards: {{correct: 1.0}}, gates: ['{rule}:own']}}\n")
    argv = [
        rows_file,
        "--completions",
        str(completions),
        "--rewards",
        str(tmp_path / "reward.yaml"),
    ]
    argv += ["--out", str(tmp_path / "o")]
    assert main(argv) == 0 and main(argv) == 0
    for file, text, said in (
        (completions, completions.read_text() + "\n", "completions_digest: "),
        (rule, rule.read_text() + "\n", "rewards_digest: "),
    ):
        before = file.read_text()
        file.write_text(text)
        assert main(argv) == 2 and said in capsys.readouterr().err
        file.write_text(before)


def test_a_rule_that_fails_is_said(
    rows_file: str, written: str, tmp_path: Path, capsys: Any
) -> None:
    (tmp_path / "picky.py").write_text(
        "def picky(verdict):\n    return 1.0 if verdict.calls else {}['no calls']\n"
    )
    (tmp_path / "reward.yaml").write_text(
        f"rewards: {{correct: 1.0, '{tmp_path}/picky.py:picky': 1.0}}\n"
    )
    argv = [
        rows_file,
        "--completions",
        written,
        "--rewards",
        str(tmp_path / "reward.yaml"),
        "--out",
        str(tmp_path / "o"),
    ]
    assert main(argv) == 0
    assert "a rule failed on 2 completions" in capsys.readouterr().out
    verdicts = [
        json.loads(line) for line in (tmp_path / "o" / "verdicts.jsonl").read_text().splitlines()
    ]
    assert (
        "no calls" in verdicts[1]["failures"]["picky"]
        and metrics(tmp_path / "o")["metrics"]["rules"]["picky"]["n"] == 1
    )
