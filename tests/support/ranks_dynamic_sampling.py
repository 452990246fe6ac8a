"""Dynamic sampling against TRL's own computation on the completions that are left after refilling.

Imported by the tests, and run by them on two ranks:

    accelerate launch --config_file configs/accelerate/zero3.yaml tests/support/ranks_dynamic_sampling.py FOLDER '{"rounds": 2}'

FOLDER holds the model; the other argument is TRL's settings and ours. Each rank prints a JSON line.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
from typing import Any

import torch
from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

from rlcall.model.load import load_model, load_tokenizer
from rlcall.train.groups.curriculum import Curriculum
from rlcall.train.groups.dynamic_sampling import DynamicSampling
from rlcall.train.groups.twin_pairs import TwinPairs
from tests.support.ranks_shared_prefix import SETTINGS

KINDS = ("easy", "hard", "mixed", "unknown", "mixed", "hard")
OURS = ("groups/", "curriculum/")
NOT_OF_COMPLETIONS = (*OURS, "num_tokens", "step_time", "loss")


def rows_of(kinds: tuple[str, ...] = KINDS, count: int = 24) -> Dataset:
    """Prompts of different lengths; the column `kind` says how their completions fare."""
    made = [kinds[number % len(kinds)] for number in range(count)]
    prompts = [f"Row {n}: {'call ' * (n % 5)}" for n in range(count)]
    return Dataset.from_dict({"prompt": prompts, "kind": made, "place": range(count)})


def reward(completion_ids: list[list[int]], kind: list[str], **_: Any) -> list[float | None]:
    fixed = {"easy": 1.0, "hard": 0.0, "unknown": None}
    return [
        fixed[k] if k in fixed else sum(ids) % 5 / 4
        for ids, k in zip(completion_ids, kind, strict=True)
    ]


class Drawn(GRPOTrainer):
    """TRL's trainer with random tokens for completions, some with an end; or those that it is
    given."""

    calls, given, latest = 0, None, ()

    def _generate_single_turn(self, prompt_ids: Any, *args: Any, **kwargs: Any) -> Any:
        if self.given is not None:
            return self.given, None
        self.calls, self.latest = self.calls + 1, prompt_ids
        source = torch.Generator().manual_seed(100 * self.calls + self.accelerator.process_index)
        lengths = torch.randint(1, 13, (len(prompt_ids),), generator=source).tolist()
        ids = [torch.randint(3, 700, (length,), generator=source).tolist() for length in lengths]
        end = self.processing_class.eos_token_id
        return [[*one[:-1], end] if len(one) % 2 else one for one in ids], None


class Checked(DynamicSampling, Drawn):
    """Ours; after each generation TRL does the same, from the rows and completions that were
    kept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.compared: list[dict[str, Any]] = []
        self.selected: list[Any] = []

    def _apply_std_floor(self, output: dict[str, Any]) -> None:
        self.selected = list(self._selected)
        super()._apply_std_floor(output)

    def _generate_and_score_completions(self, inputs: Any) -> Any:
        begun = {name: list(values) for name, values in self._metrics["train"].items()}
        ours = super()._generate_and_score_completions(inputs)
        logged = {name: list(values) for name, values in self._metrics["train"].items()}
        own = self._rank_slice(self.selected)
        seen, self.given = self.state.num_input_tokens_seen, [one.ids for one in own]
        rows = [self._row(one.row_index, one.with_example) for one in own]
        theirs = GRPOTrainer._generate_and_score_completions(self, rows)
        again = {
            name: values[len(logged.get(name, [])) :]
            for name, values in self._metrics["train"].items()
        }
        self.given, self.state.num_input_tokens_seen = None, seen
        self._metrics["train"].clear()
        self._metrics["train"].update(logged)
        added = {name: values[len(begun.get(name, [])) :] for name, values in logged.items()}
        groups = {name: values[-1] for name, values in added.items() if name.startswith(OURS)}
        places = [one.row_index for one in self.selected]
        differing = [*_differing(ours, theirs), *_differing(*map(_of_completions, (added, again)))]
        self.compared.append({"differing": differing, "places": places, "groups": groups})
        return ours


def _of_completions(metrics: dict[str, Any]) -> dict[str, torch.Tensor]:
    return {
        name: torch.tensor(v)
        for name, v in metrics.items()
        if v and not name.startswith(NOT_OF_COMPLETIONS)
    }


def _differing(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    return [
        name
        for name in sorted(ours.keys() | theirs.keys())
        if name not in ours
        or name not in theirs
        or not torch.equal(ours[name].nan_to_num(-9), theirs[name].nan_to_num(-9))
    ]


def build(
    cls: type[GRPOTrainer], folder: str, rows: Dataset | None = None, lora: int = 0, **settings: Any
) -> Any:
    from peft import LoraConfig

    args = GRPOConfig(tempfile.mkdtemp(), **{**SETTINGS, "max_steps": 3, **settings})
    return cls(
        model=load_model(folder),
        reward_funcs=reward,
        args=args,
        train_dataset=rows_of() if rows is None else rows,
        processing_class=load_tokenizer(folder),
        peft_config=LoraConfig(r=lora, target_modules="all-linear", init_lora_weights=False)
        if lora
        else None,
    )


def train(
    folder: str,
    rounds: int,
    curriculum: Any = None,
    twins: dict[str, int] | None = None,
    oversample: int = 1,
    oversample_prompts: int = 1,
    **settings: Any,
) -> Any:
    """Three checked steps, or as many as the settings say. The trainer afterwards.

    `twins` has the row of each twin; its keys are text, as in JSON.

    Under a curriculum rank 0 is always right and the others three times in four, together seven
    times in eight.
    """
    trainer = build(Checked, folder, **settings)
    levels = [1] * 8 + [2] * 8 + [3] * 8
    taken = Curriculum(curriculum, levels, seed=0) if curriculum else None

    def correct() -> list[bool]:
        count = len(trainer.latest)
        return [trainer.accelerator.process_index == 0 or place % 4 > 0 for place in range(count)]

    originals = {int(twin): original for twin, original in (twins or {}).items()}
    trainer.sample_dynamically(
        rounds,
        outcomes=correct,
        curriculum=taken,
        twins=TwinPairs(originals, seed=0) if originals else None,
        oversample=oversample,
        oversample_prompts=oversample_prompts,
    )
    trainer.train()
    return trainer


def main(folder: str, settings: str) -> None:
    from accelerate import PartialState

    from rlcall.model.runtime import use_gloo_only

    use_gloo_only()
    trainer = train(folder, **json.loads(settings))
    state = {"engine": type(trainer.model_wrapped).__name__, "compared": trainer.compared}
    line = json.dumps({**state, "rank": PartialState().process_index})
    print(f"{line}\n", end="", flush=True)  # one write: lines of two ranks do not mix
    trainer.accelerator.free_memory()
    trainer.model = trainer.model_wrapped = trainer.optimizer = None
    gc.collect()  # DDP keeps gloo's threads; alive at exit, they may end the process with SIGABRT
    PartialState().destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
