"""The model that puts requests of `rlcall tasks --teacher` into other words: here, or behind an
address.

ask = open_teacher("http://localhost:8000/v1", "big", None, seed=0)
ask([[{"role": "user", "content": "..."}]])     # ["..."]
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from rlcall.data.rows import Row
from rlcall.errors import UserError
from rlcall.model.endpoint import Endpoint, key_from
from rlcall.tasks.teacher import BATCH, Ask, Messages

MAX_TOKENS = 300  # of one request


class TeacherError(UserError):
    """A teacher that cannot be used; the message says why."""


def open_teacher(teacher: str, name: str | None, key_env: str | None, seed: int) -> Ask:
    """Return what asks the teacher: a model's name here, or an address with the model's `name`
    there."""
    if not teacher.startswith(("http://", "https://")):
        return _local_model(teacher)
    if not name:
        raise TeacherError(
            "--teacher with an address needs --teacher-model, the model's name there"
        )
    return _endpoint(Endpoint(teacher, name, key_from(key_env)), seed)


def _endpoint(endpoint: Endpoint, seed: int) -> Ask:
    def complete(prompt: Messages) -> str:
        texts = endpoint.complete(prompt, temperature=0.7, max_tokens=MAX_TOKENS, seed=seed)
        return texts[0]

    def ask(prompts: Sequence[Messages]) -> list[str]:
        with ThreadPoolExecutor(BATCH) as pool:
            return list(pool.map(complete, prompts))

    return ask


def _local_model(name: str) -> Ask:
    """Return what asks a model on this machine, greedily, so that equal prompts get equal
    answers."""
    import torch

    from rlcall.model.generate import generate
    from rlcall.model.load import load_model, load_tokenizer
    from rlcall.model.prompts import render_prompt

    tokenizer = load_tokenizer(name)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = load_model(name, dtype="auto").to(device)  # type: ignore[arg-type]

    def ask(prompts: Sequence[Messages]) -> list[str]:
        rows = [Row(prompt, [], {"names": []}) for prompt in prompts]
        texts = [render_prompt(row, tokenizer, "hermes") for row in rows]
        return generate(model, tokenizer, texts, max_new_tokens=MAX_TOKENS, batch_size=BATCH)

    return ask
