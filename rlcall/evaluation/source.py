"""The source of an evaluation's completions: a model, here or behind an address, or a file.

source = model_source("runs/grpo", None, "float32", Sampling(samples=1, temperature=0.0))
source.settings                # EvaluationSettings(model="runs/grpo", weights="5f0c...", ...)
source.write(rows, start=0)    # for each row a list of its completions
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from rlcall.data.rows import Row, RowError, load_line
from rlcall.evaluation.settings import EvaluationSettings
from rlcall.metrics.judged_completion import Completion
from rlcall.model.endpoint import Endpoint

if TYPE_CHECKING:
    from rlcall.model.sample import Sampling

Write = Callable[[Sequence[Row], int], Iterator[Sequence[Completion]]]


@dataclass(frozen=True)
class CompletionSource:
    """A source of completions, with those settings that the source decides.

    `write(rows, start)` gives each row's completions; `start` is the index of the first one among
    all rows.
    """

    settings: EvaluationSettings
    write: Write
    note: str = ""
    """What to tell the user."""

    @property
    def wire(self) -> str:
        """The wire format that is asked for."""
        return str(self.settings.wire)

    @property
    def samples(self) -> int:
        """The number of completions of each row."""
        return self.settings.samples or 1


def model_source(name: str, wire: str | None, dtype: str, sampling: Sampling) -> CompletionSource:
    """Write with a model that `rlcall.model.load.resolve` finds. ModelNotFoundError, PromptError.

    A model whose chat template renders no tools, or shows no format for calls, gets the documented
    rendering.
    """
    from rlcall.model.chat_template import PromptError
    from rlcall.model.load import resolve
    from rlcall.model.sample import open_model

    sampler = open_model(name, wire, dtype)

    def write(rows: Sequence[Row], start: int) -> Iterator[Sequence[Completion]]:
        seed = Random(f"{sampling.seed} {start}").getrandbits(32)
        try:
            yield from sampler.sample(rows, replace(sampling, seed=seed))
        except PromptError as error:
            place = f"rows {start + 1} to {start + len(rows)}"
            raise RowError(place, 0, "messages", str(error)) from error

    location = resolve(name)
    settings = EvaluationSettings(
        model=name,
        weights=weights_digest(location.path),
        source=location.source,
        dtype=dtype,
        rendering=sampler.rendering,
        device=sampler.device,
        wire=sampler.wire,
        samples=sampling.samples,
        temperature=sampling.temperature,
        max_new_tokens=sampling.max_new_tokens,
        batch_size=sampling.batch_size,
        seed=sampling.seed,
    )
    return CompletionSource(settings, write, sampler.note)


def endpoint_source(endpoint: Endpoint, wire: str, sampling: Sampling) -> CompletionSource:
    """Write with a model behind an address. EndpointError once it is asked."""
    from rlcall.model.sample import open_endpoint

    sampler = open_endpoint(endpoint, wire)

    def write(rows: Sequence[Row], start: int) -> Iterator[Sequence[Completion]]:
        return sampler.sample(rows, sampling)

    settings = EvaluationSettings(
        url=endpoint.url,
        name=endpoint.model,
        wire=wire,
        samples=sampling.samples,
        temperature=sampling.temperature,
        max_new_tokens=sampling.max_new_tokens,
        seed=sampling.seed,
    )
    return CompletionSource(settings, write)


def file_source(path: str, rows: Sequence[Row], wire: str) -> CompletionSource:
    """Take completions from a JSON Lines file, several of a row in their order.

    A line is `{"id": "r1", "completion": "..."}`.

    RowError where a row has none, or fewer than others, and where an id belongs to none of the
    rows.
    """
    completions = _read_completions(path)
    _check_ids(path, rows, completions)
    counts = {len(of_row) for of_row in completions.values()}
    if len(counts) > 1:
        reason = f"rows have {sorted(counts)} completions"
        raise RowError(path, 0, "completion", reason, "Give the same number for each row.")

    def write(rows: Sequence[Row], start: int) -> Iterator[Sequence[Completion]]:
        return (completions[str(row.id)] for row in rows)

    settings = EvaluationSettings(
        completions=path,
        completions_digest=hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16],
        wire=wire,
        samples=counts.pop(),
    )
    return CompletionSource(settings, write)


def weights_digest(path: str) -> str:
    """Return a digest of a model's weights, wherever transformers has loaded them from."""
    from huggingface_hub import try_to_load_from_cache

    folder = Path(path)
    if not folder.is_dir():
        folder = Path(str(try_to_load_from_cache(path, "config.json"))).parent
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        with file.open("rb") as weights:
            digest.update(hashlib.file_digest(weights, "sha256").digest())
    return digest.hexdigest()[:16]


def _check_ids(path: str, rows: Sequence[Row], completions: Mapping[str, object]) -> None:
    """Raise RowError unless each row has an id of its own, and all have completions."""
    counts = Counter(row.id for row in rows)
    for id, count in counts.items():
        if id is None or count > 1:
            reason = f"completions are joined to rows by id, and {id!r} is not one row's alone"
            raise RowError(path, 0, "id", reason)
    for id in counts:
        if id not in completions:
            reason = f"there is no completion for row {id!r}"
            raise RowError(path, 0, "id", reason, "Each row needs one.")
    for id in completions:
        if id not in counts:
            reason = f"{id!r} is none of the {len(rows)} rows"
            raise RowError(path, 0, "id", reason, "Are these the right rows?")


def _read_completions(path: str) -> dict[str, list[Completion]]:
    """Return each id's completions."""
    completions: dict[str, list[Completion]] = {}
    try:
        lines = Path(path).read_bytes().split(b"\n")
    except OSError as error:
        raise RowError(path, 0, "", f"cannot be read: {error.strerror}") from error
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        value = load_line(raw, path, number)
        entry = value if isinstance(value, dict) else {}
        id, completion = entry.get("id"), entry.get("completion")
        if not isinstance(id, str) or not isinstance(completion, str | dict):
            form = json.dumps({"id": "r1", "completion": "text, or a message"})
            raise RowError(path, number, "", "is not a completion of a row", f"Write {form}.")
        completions.setdefault(id, []).append(completion)
    return completions
