"""The keys of a run that are ours, with their defaults and meanings.

    RunConfig(model="smollm2-135m", rewards="strict")

`rlcall.train.config` reads them from a YAML file and the command line. The text under a key is its
help in `rlcall grpo --help`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import field
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, model_validator
from pydantic.dataclasses import dataclass

from rlcall import wire as wires
from rlcall.tasks.curriculum import by_step
from rlcall.tasks.options import one_of

AtLeastOne = Annotated[int, Field(ge=1)]
NotNegative = Annotated[int, Field(ge=0)]
NO_IDENTITY = {"identity": False}
"""Marks a key that says how a run is watched or continued, not what it is; see INCIDENTAL."""


def _check_plan(plan: list[list[int]]) -> list[list[int]]:
    try:
        by_step([(first, level) for first, level in plan], 0)
    except ValueError as error:
        raise ValueError(f"should be a plan ({error})") from None
    return plan


Plan = Annotated[list[list[int]], AfterValidator(_check_plan)]


@dataclass(config=ConfigDict(use_attribute_docstrings=True))
class RunConfig:
    """Our keys. The trainer's own (learning_rate, max_steps, num_generations, ...) are TRL's.

    Raises pydantic's ValidationError; `rlcall.train.config.parse` says the same as a ConfigError.
    """

    model: str = "smollm2-135m"
    """What to train: `smollm2-135m`, a Hugging Face name, `tiny` (random, for smoke tests), or a
    folder: a run, a checkpoint, a saved model, a LoRA adapter."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """Type of the weights as loaded.

    `bf16: true` (TRL's key, on by default on a GPU) computes in bfloat16, with weights as here.
    """
    wire: Annotated[str, one_of(wires.NAMES)] | None = None
    """How calls are written (hermes, smollm2, python, ...); null: as its run taught the model, or
    its template."""

    train_rows: str = "phone"
    """Where rows come from: a generator (`phone`, `phone:validation`), `toolrl:FILE`, or a JSON
    Lines file."""
    train_size: AtLeastOne | None = 512
    """How many rows to generate, or how many of a file's rows to take (null: all of them)."""
    eval_rows: str | None = "phone"
    """Held-out rows for the closing table, given like `train_rows` (a generator's split is `test`);
    null: none."""
    eval_size: AtLeastOne | None = 64
    """How many held-out rows."""
    eval_max_new_tokens: AtLeastOne = 96
    """The longest completion in an evaluation, in tokens."""
    validation_every: NotNegative = 0
    """Evaluate on `validation_rows` at step 0, every this many steps and at the end, and keep the
    best weights.

    0: never.
    """
    validation_rows: str | None = None
    """Rows to validate on, given like `train_rows` (a generator's split is `validation`); never
    those of the table."""
    validation_size: AtLeastOne | None = 64
    """How many validation rows."""
    rows_seed: int = 0
    """Seed of generated rows; separate from `seed`, so that runs with other seeds see the same
    rows."""
    rows_options: dict[str, Any] = field(default_factory=dict)
    """Options of the generator, for training and held-out rows alike: `{phrasings: 2,
    no_call_share: 0.15}`."""

    no_call_twins: Annotated[float, Field(ge=0, le=1)] = 0.0
    """The share of training rows that get a twin on top: the same request without the tool that it
    needs, where no call is due. GRPO takes both in one step."""

    rewards: str | dict[str, Any] = "graded"
    """A preset of configs/rewards/, or rules with their weights: `{name: 1.0, my_rules.py:short:
    0.5}`."""
    gates: list[str] | None = None
    """Rules that multiply the reward; null: the preset's own."""

    warm_start_steps: NotNegative = 0
    """GRPO and DPO: begin with this many steps of SFT on the same rows; 0: none.

    Skipped where the model is an SFT run's.
    """
    warm_start_until: Annotated[float, Field(gt=0, le=1)] | None = None
    """GRPO and DPO: end the warm start, before its last step, once this share of groups is mixed:
    of the completions of a validation row some right and some wrong. null: at its last step."""
    warm_start_check_every: AtLeastOne = 8
    """With `warm_start_until`: look every this many steps of the warm start."""
    warm_start_batch_size: AtLeastOne = 8
    """Rows per warm-start step, over all ranks."""
    warm_start_learning_rate: float = 1e-4
    """The warm start's learning rate (linear decay to zero)."""

    pairs: str = "made"
    """DPO only: `made` sets each training row's gold against wrong completions made from it; or a
    file of pairs."""
    pairs_per_row: AtLeastOne = 1
    """How many made pairs per row, each with another kind of mistake."""
    pairs_kinds: list[str] | None = None
    """The kinds of mistakes in made pairs (malformed, wrong_name, wrong_value, ...); null: all."""
    completions: str = "gold"
    """SFT only: `gold` imitates the rows' answers; or a file of right completions (`rlcall pairs
    --right FILE`)."""

    lora_rank: NotNegative = 0
    """Train LoRA adapters of this rank; 0: train all weights."""
    lora_alpha: int | None = None
    """LoRA's scale; null: twice the rank."""
    lora_targets: str | list[str] = "all-linear"
    """The modules that get an adapter."""

    shared_prefix: bool | None = None
    """GRPO only: take equal prompts of a micro-batch through the model once. null: where the
    numbers stay the same; true: end the run where they would not; false: never."""
    rollout_batch_size: AtLeastOne | None = None
    """GRPO only: how many completions a rank generates at once, those with prompts of similar
    length together. null: all of a generation, which is fastest where memory allows and prompts
    do not differ much in length."""

    rollout_dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """GRPO only: the numbers in which completions are generated. auto: bfloat16 where the machine
    multiplies it natively, else the model's own; TRL's importance sampling then corrects for the
    distance. float32: those of training, to the last bits."""

    dynamic_sampling_rounds: NotNegative = 0
    """GRPO only: replace groups of equal rewards by those of fresh prompts, in at most this many
    rounds a generation."""
    reward_std_floor: Annotated[float, Field(ge=0)] = 0.05
    """GRPO only: with `scale_rewards`, rewards are divided by no standard deviation below this; 0:
    as TRL does."""
    oversample: AtLeastOne = 1
    """GRPO only: generate this many times `num_generations` completions of a prompt, and learn
    from the `num_generations` of them whose rewards vary most."""
    oversample_prompts: AtLeastOne = 1
    """GRPO only: draw this many times as many prompts, and learn from the groups whose rewards
    vary most."""
    worked_examples: bool = False
    """GRPO only: sample a group whose completions are all wrong once more, with a worked example
    before its request, and learn from that group, with that prompt, where one of it is right."""
    curriculum: Literal["pass_rate"] | Plan | None = None
    """GRPO only: the level of the rows, a plan `[[0, 1], [100, 3]]` of (first step, level), or
    `pass_rate`: up where the model is nearly always right, down where it nearly never is.

    There are `train_size` rows of each level.
    """

    ranks: AtLeastOne | None = None
    """How many processes this run expects; any other number ends it at once. null: any."""
    zero_stage: Literal[0, 1, 2, 3] | None = None
    """The DeepSpeed ZeRO stage it expects (0: no DeepSpeed); another ends it at once. null: any."""
    cpu_threads: AtLeastOne | None = field(default=None, metadata=NO_IDENTITY)
    """Threads per rank where there is no GPU; null: the cores divided among the ranks."""

    allow_cut_golds: bool = field(default=False, metadata=NO_IDENTITY)
    """Go on where golds are longer than max_completion_length, max_length (SFT) or
    eval_max_new_tokens, and say how many; false: refuse them before the run."""
    show_steps: NotNegative = field(default=5, metadata=NO_IDENTITY)
    """Show a completion with its verdict every this many steps; 0: never."""
    resume: bool = field(default=False, metadata=NO_IDENTITY)
    """Go on from the newest whole checkpoint in `output_dir`."""

    @model_validator(mode="after")
    def _check_validation(self) -> RunConfig:
        for key in ("validation_every", "warm_start_until"):
            if getattr(self, key) and self.validation_rows is None:
                raise ValueError(
                    f"{key} needs validation_rows: phone, worlds, or a file apart from train_rows"
                )
        if self.warm_start_until and not self.warm_start_steps:
            raise ValueError("warm_start_until needs warm_start_steps, which it ends before")
        return self


# Keys that say where a run is and how it is watched or continued: they do not make another run.
INCIDENTAL = frozenset(
    key.name for key in dataclasses.fields(RunConfig) if not key.metadata.get("identity", True)
) | {"output_dir", "run_name", "logging_dir"}


def describe() -> Iterator[tuple[str, str, str]]:
    """Return (key, default, meaning) of each of our keys."""
    for key, schema in TypeAdapter(RunConfig).json_schema()["properties"].items():
        yield key, json.dumps(schema.get("default", {})), schema["description"]
