"""Where an evaluation's completions come from: a model, or a file of what some model wrote elsewhere.

source = model_source("runs/grpo", wire=None, dtype="float32", how=Sampling(samples=1, temperature=0.0))
source.facts        # {"model": "runs/grpo", "weights": "5f0c...", "rendering": "the template's own", ...}
source.write(rows)  # for each row a list of its completions
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from rlcall.data.rows import Row, RowError, load_line
from rlcall.metrics.judged_completion import Completion

if TYPE_CHECKING:
    from rlcall.model.endpoint import Endpoint
    from rlcall.model.sample import Sampling


@dataclass(frozen=True)
class Source:
    """`wire` is the format asked for, `facts` what there is to say of where completions come from.

    `write(rows, start)` gives `samples` completions of each; `start` is the place of the first among all rows.
    """

    wire: str
    samples: int
    facts: dict[str, Any]
    write: Callable[[Sequence[Row], int], Iterator[Sequence[Completion]]]
    note: str = ""


def model_source(name: str, wire: str | None, dtype: str, how: Sampling) -> Source:
    """Write with a model that `rlcall.model.load.resolve` finds. ModelNotFoundError, PromptError.

    A model whose chat template renders no tools, or shows no format for calls, gets the documented rendering.
    """
    from rlcall.model.chat_template import PromptError
    from rlcall.model.load import resolve
    from rlcall.model.sample import open_model

    sampler = open_model(name, wire, dtype)

    def write(rows: Sequence[Row], start: int) -> Iterator[Sequence[Completion]]:
        own_seed = Random(f"{how.seed} {start}").getrandbits(32)
        try:
            yield from sampler.sample(rows, replace(how, seed=own_seed))
        except PromptError as error:
            raise RowError(
                f"rows {start + 1} to {start + len(rows)}", 0, "messages", str(error)
            ) from error

    location = resolve(name)
    facts = {
        "model": name,
        "weights": weights_digest(location.path),
        "source": location.source,
        "dtype": dtype,
    }
    sampling = {key: value for key, value in asdict(how).items() if key != "samples"}
    facts |= {"rendering": sampler.rendering, "device": sampler.device, **sampling}
    return Source(sampler.wire, how.samples, facts, write, sampler.note)


def endpoint_source(endpoint: Endpoint, wire: str, how: Sampling) -> Source:
    """Write with a model behind an address. EndpointError once it is asked."""
    from rlcall.model.sample import open_endpoint

    sampler = open_endpoint(endpoint, wire)

    def write(rows: Sequence[Row], start: int) -> Iterator[Sequence[Completion]]:
        return sampler.sample(rows, how)

    facts = {"url": endpoint.url, "name": endpoint.model, **asdict(how)}
    del facts["batch_size"]
    return Source(wire, how.samples, facts, write)


def weights_digest(path: str) -> str:
    """A digest of a model's weights, wherever transformers has loaded them from."""
    from huggingface_hub import try_to_load_from_cache

    folder = Path(path)
    if not folder.is_dir():
        folder = Path(str(try_to_load_from_cache(path, "config.json"))).parent
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        with file.open("rb") as weights:
            digest.update(hashlib.file_digest(weights, "sha256").digest())
    return digest.hexdigest()[:16]


def file_source(path: str, rows: Sequence[Row], wire: str) -> Source:
    """Completions from a JSON Lines file: `{"id": "r1", "completion": "..."}`, several of a row in their order.

    RowError where a row has none, or fewer than others, and where an id is none of the rows'.
    """
    written = _completions(path)
    ids = [row.id for row in rows]
    for id, count in Counter(ids).items():
        if count > 1 or id is None:
            raise RowError(
                path,
                0,
                "id",
                f"completions are joined to rows by id, and {id!r} is not one row's alone",
            )
    for id in ids:
        if id not in written:
            raise RowError(
                path, 0, "id", f"there is no completion for row {id!r}", "Each row needs one."
            )
    if other := next((id for id in written if id not in set(ids)), None):
        raise RowError(
            path, 0, "id", f"{other!r} is none of the {len(rows)} rows", "Are these the right rows?"
        )
    counts = Counter(map(len, written.values()))
    if len(counts) > 1:
        raise RowError(
            path,
            0,
            "completion",
            f"rows have {sorted(counts)} completions",
            "Give as many for each row.",
        )

    def write(part: Sequence[Row], start: int) -> Iterator[Sequence[Completion]]:
        return (written[str(row.id)] for row in part)

    facts = {
        "completions": path,
        "completions_digest": hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16],
    }
    return Source(wire, next(iter(counts)), facts, write)


def _completions(path: str) -> dict[str, list[Completion]]:
    """Id -> its completions."""
    found: dict[str, list[Completion]] = {}
    try:
        lines = Path(path).read_bytes().split(b"\n")
    except OSError as error:
        raise RowError(path, 0, "", f"cannot be read: {error.strerror}") from error
    for number, raw in enumerate(lines, 1):
        if raw.strip():
            value = load_line(raw, path, number)
            id, completion = (
                (value.get("id"), value.get("completion"))
                if isinstance(value, dict)
                else (None, None)
            )
            if not isinstance(id, str) or not isinstance(completion, str | dict):
                form = json.dumps({"id": "r1", "completion": "text, or a message"})
                raise RowError(path, number, "", "is no completion of a row", f"Write {form}.")
            found.setdefault(id, []).append(completion)
    return found
