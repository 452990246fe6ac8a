"""The `rlcall` command: `rlcall grpo --max-steps 10`, `rlcall verify rows.jsonl`.

Each command's module is imported when it is called, so that `rlcall --help` and the verifier start
without torch.
"""

from __future__ import annotations

import importlib
import sys

from rlcall.train.methods import METHODS

# heading -> command -> what it does; the commands of METHODS train, each other is a module of
# rlcall.cli
COMMANDS = {
    "rows": {
        "tools": "make a file of tools from an MCP server, Python functions or OpenAPI",
        "tasks": "generate rows with answers, from shipped worlds or from your own tools",
        "convert": "turn public data sets into rows, and rows into other forms",
        "check": "find what is wrong with rows before they train a model",
        "pairs": "make pairs for DPO, or right completions for SFT, out of rows",
        "passrate": "keep the rows that a model sometimes gets right, for GRPO",
    },
    "rewards": {
        "verify": "verify completions in a JSON Lines file",
        "audit": "attack a reward as a policy would, on your own rows",
    },
    "runs": {
        "doctor": "find what is wrong with a run before hours are spent on it",
        **{name: method.summary for name, method in METHODS.items()},
    },
    "results": {
        "eval": "measure a model on rows, or on BFCL, with intervals",
        "compare": "put runs next to each other: tables, plots, one page",
        "experiment": "train and test several methods alike, and compare them on one page",
    },
}


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 found something, 2 a mistake in how
    it was called."""
    name, *words = (sys.argv[1:] if argv is None else argv) or ["--help"]
    if name in METHODS:
        from rlcall.train.main import main as train

        return train(name, words)
    if any(name in commands for commands in COMMANDS.values()):
        return importlib.import_module(f"rlcall.cli.{name}").main(words)
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
    """Return the commands under their headings."""
    lines = ["usage: rlcall COMMAND ...", ""]
    for heading, commands in COMMANDS.items():
        lines.append(f"{heading}:")
        for name, summary in commands.items():
            lines.append(f"  {name:<10} {summary}")
        lines.append("")
    lines.append("rlcall COMMAND --help says more.")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
