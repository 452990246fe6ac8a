"""The settings of an evaluation, as settings.json holds them, and what each of them counts for.

    settings = EvaluationSettings(model="runs/grpo", weights="5f0c...", samples=1, ...)
    settings.to_json()         # {"model": "runs/grpo", "weights": "5f0c...", ...}

What does not apply is None, and is left out of the file. Each setting has a role: an interrupted
evaluation goes on under the same settings, circumstances aside; evaluations can be compared where
their protocol is the same; a measured pass rate holds for the same model, protocol and seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

LABEL = "label"  # the name of a model, whose weights are what counts
MODEL = "model"  # whose completions these are
ROWS = "rows"
CHANCE = "chance"
PROTOCOL = "protocol"  # how completions are sampled and judged
CIRCUMSTANCE = "circumstance"  # how an evaluation was run, not what it is


def _setting(role: str) -> Any:
    return field(default=None, metadata={"role": role})


@dataclass(frozen=True, kw_only=True)
class EvaluationSettings:
    """The model that is evaluated, its rows, and how it is sampled. None where a setting does not
    apply."""

    completions: str | None = _setting(MODEL)
    """A file of completions that were written elsewhere."""
    completions_digest: str | None = _setting(MODEL)
    url: str | None = _setting(MODEL)
    """The address of an endpoint."""
    name: str | None = _setting(MODEL)
    """The model's name there."""
    model: str | None = _setting(LABEL)
    """A model here, as it was named."""
    weights: str | None = _setting(MODEL)
    """A digest of its weights."""
    source: str | None = _setting(LABEL)
    """Where the model was found."""
    dtype: str | None = _setting(MODEL)
    rendering: str | None = _setting(MODEL)
    device: str | None = _setting(CIRCUMSTANCE)
    temperature: float | None = _setting(PROTOCOL)
    max_new_tokens: int | None = _setting(PROTOCOL)
    batch_size: int | None = _setting(CIRCUMSTANCE)
    seed: int | None = _setting(CHANCE)
    rows: str | None = _setting(ROWS)
    """The file, or the generator, that the rows come from."""
    rows_count: int | None = _setting(ROWS)
    rows_digest: str | None = _setting(ROWS)
    wire: str | None = _setting(MODEL)
    """The wire format that is asked for."""
    samples: int | None = _setting(PROTOCOL)
    """Completions of each row."""
    rewards: str | None = _setting(PROTOCOL)
    """A preset or a file of rules."""
    rewards_digest: str | None = _setting(PROTOCOL)
    """A digest of the reward's own files; None where everything is shipped with rlcall."""
    command: str | None = _setting(CIRCUMSTANCE)
    versions: Mapping[str, str] | None = _setting(CIRCUMSTANCE)

    def to_json(self) -> dict[str, Any]:
        """Return the settings that apply."""
        values = {key.name: getattr(self, key.name) for key in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    def sampled_from(self) -> dict[str, Any]:
        """Return what completions follow from, rows aside: the model, the protocol and the seed."""
        keys = keys_of(MODEL, PROTOCOL, CHANCE)
        return {name: value for name, value in self.to_json().items() if name in keys}


def keys_of(*roles: str) -> frozenset[str]:
    """Return the names of the settings with these roles."""
    return frozenset(
        key.name for key in fields(EvaluationSettings) if key.metadata["role"] in roles
    )
