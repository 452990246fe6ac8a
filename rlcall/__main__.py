"""The `rlcall` command: `rlcall grpo --max_steps 10`, `rlcall verify rows.jsonl`.

Each command's module is imported when it is called, so that `rlcall --help` and the verifier start without torch.
"""

from __future__ import annotations

import importlib
import sys

METHODS = {
    "sft": "train on the right calls (supervised fine-tuning)",
    "dpo": "train on pairs of a right and a wrong completion (preferences)",
    "grpo": "train with the verifier as the reward",
}
# name -> (module with main(argv) -> exit status, summary)
COMMANDS = {
    "verify": ("rlcall.cli.verify", "verify completions in a JSON Lines file"),
    "audit": ("rlcall.cli.audit", "attack a reward as a policy would, on your own rows"),
    "eval": ("rlcall.cli.eval", "measure a model on rows, or on BFCL, with intervals"),
    "compare": ("rlcall.cli.compare", "set runs beside each other: tables, plots, one page"),
    "tasks": (
        "rlcall.cli.tasks",
        "generate rows with answers, from shipped worlds or from your own tools",
    ),
    "convert": ("rlcall.cli.convert", "turn public data sets into rows, and rows into other forms"),
    "pairs": ("rlcall.cli.pairs", "make pairs for DPO, or right completions for SFT, out of rows"),
    "passrate": (
        "rlcall.cli.passrate",
        "keep the rows that a model sometimes gets right, for GRPO",
    ),
    "check": ("rlcall.cli.check", "find what is wrong with rows before they train a model"),
    "experiment": (
        "rlcall.cli.experiment",
        "train and test several methods alike, and compare them on one page",
    ),
    "doctor": ("rlcall.cli.doctor", "find what is wrong with a run before hours are spent on it"),
}


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 found something, 2 a mistake in how it was called."""
    name, *rest = (sys.argv[1:] if argv is None else argv) or ["--help"]
    if name in METHODS:
        from rlcall.train.main import main as train

        return train(name, rest)
    if name in COMMANDS:
        return importlib.import_module(COMMANDS[name][0]).main(rest)
    if name == "--version":
        from rlcall import __version__

        print(f"rlcall {__version__}")
        return 0
    if name in ("--help", "-h", "help"):
        print(usage())
        return 0
    print(f"rlcall: no such command: {name}\n\n{usage()}", file=sys.stderr)
    return 2


def usage() -> str:
    commands = {**METHODS, **{name: summary for name, (_, summary) in COMMANDS.items()}}
    lines = "\n".join(f"  {name:<10} {summary}" for name, summary in commands.items())
    return f"usage: rlcall COMMAND ...\n\n{lines}\n\nrlcall COMMAND --help says more."


if __name__ == "__main__":
    sys.exit(main())
