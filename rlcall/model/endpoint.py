"""A model behind an address that speaks OpenAI's chat completions: OpenAI itself, vLLM, llama.cpp, transformers serve.

    endpoint = Endpoint("http://localhost:8000/v1", "Qwen/Qwen2.5-7B-Instruct", key=None)
    endpoint.complete([{"role": "user", "content": "Say yes."}], n=2, temperature=0.7, max_tokens=8)  # ["Yes.", "yes"]

Nothing is sent to any other address: redirects are not followed. A key goes there only if one is given, and it is
never shown. The client is the extra `rlcall[teacher]`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rlcall.errors import UserError

if TYPE_CHECKING:
    from openai import OpenAI

KEY_ENV = "OPENAI_API_KEY"
NO_KEY = "none"  # local servers want none, and the client insists on one
SHOWN = 300  # characters of a server's own message


class EndpointError(UserError):
    """An endpoint that gives no completion. The message says which, why and what to do; it never holds the key."""


@dataclass(frozen=True)
class Endpoint:
    """`url` is the part before `/chat/completions`. `key` stays out of the object's text."""

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    timeout: float = 120.0
    """Seconds for one answer."""
    retries: int = 4
    """Of a request that failed for a reason that may pass (429, 5xx, no connection), each after a longer wait."""

    def complete(
        self,
        messages: Sequence[Mapping[str, Any]],
        n: int = 1,
        *,
        temperature: float = 1.0,
        max_tokens: int = 256,
        seed: int | None = None,
    ) -> list[str]:
        """`n` completions of a conversation, also from servers that give one at a time. EndpointError.

        `seed` is passed on: how far it makes answers repeat is the server's affair.
        """
        texts: list[str] = []
        while len(texts) < n:
            options: dict[str, Any] = {
                "temperature": temperature,
                "max_tokens": max_tokens,
                "n": n - len(texts),
            }
            if seed is not None:
                options["seed"] = seed + len(texts)
            texts += self._ask(
                messages, {key: value for key, value in options.items() if (key, value) != ("n", 1)}
            )
        return texts[:n]

    @cached_property
    def _client(self) -> OpenAI:
        try:
            import openai
        except ImportError as error:
            raise EndpointError(
                "a model behind an address needs the extra: pip install 'rlcall[teacher]'"
            ) from error
        client = openai.DefaultHttpxClient(follow_redirects=False, timeout=self.timeout)
        # The library would take these out of the environment, whoever the address belongs to.
        withheld = {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
        return openai.OpenAI(
            base_url=self.url,
            api_key=self.key or NO_KEY,
            max_retries=self.retries,
            timeout=self.timeout,
            http_client=client,
            default_headers=withheld,  # type: ignore[arg-type]
        )

    def _ask(self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> list[str]:
        create: Any = self._client.chat.completions.create
        import openai

        try:
            try:
                reply = create(model=self.model, messages=list(messages), **options)
            except openai.BadRequestError as error:
                if "max_completion_tokens" not in str(
                    error
                ):  # the newer name, on which some models insist
                    raise
                renamed = {
                    {"max_tokens": "max_completion_tokens"}.get(key, key): item
                    for key, item in options.items()
                }
                reply = create(model=self.model, messages=list(messages), **renamed)
        except openai.OpenAIError as error:
            raise EndpointError(
                self._explained(error)
            ) from None  # the cause may hold the request, and so the key
        except ValueError as error:
            raise EndpointError(f"{self.url} sent no JSON: {error}. {_WHICH_URL}") from None
        return self._texts(reply)

    def _texts(self, reply: Any) -> list[str]:
        choices = getattr(reply, "choices", None)
        messages = (
            [getattr(choice, "message", None) for choice in choices]
            if isinstance(choices, list)
            else []
        )
        if not messages or None in messages:
            raise EndpointError(
                f"{self.url} sent no completion: {self._shown(reply)}. {_WHICH_URL}"
            )
        return [
            text if isinstance(text := getattr(one, "content", None), str) else ""
            for one in messages
        ]

    def _explained(self, error: Exception) -> str:
        """What went wrong, in words that say what to do."""
        status = getattr(error, "status_code", None)
        if status is None:
            said = self._shown(error)
            late = (
                f"gave no answer in {self.timeout:g} seconds, {self.retries + 1} times. Is it busy?"
            )
            return f"{self.url} {late if 'timed out' in said.lower() else f'cannot be reached: {said} {_NOBODY}'}"
        advice = _ADVICE.get(status, _ELSEWHERE if 300 <= status < 400 else "")
        return f"{self.url} answered {status} for model {self.model!r}: {self._shown(error)} {advice}".rstrip()

    def _shown(self, value: Any) -> str:
        said = " ".join(str(value).split())[:SHOWN]
        return said.replace(self.key, "***") if self.key else said


_WHICH_URL = "The address ends where /chat/completions would follow, mostly with /v1; its models are listed under /models."
_WHICH_KEY = f"The key was refused, or none was given: put it into the environment variable {KEY_ENV}, or name another one."
_NOBODY = "Is a server running there?"
_ELSEWHERE = "It leads to another address, which is not followed. Give that one if you mean it."
_ADVICE = {
    401: _WHICH_KEY,
    403: _WHICH_KEY,
    404: f"The model is not known there, or the address is not the right one. {_WHICH_URL}",
    429: "Too many requests, or no quota. Try later.",
}


def key_from(variable: str | None) -> str | None:
    """The key in an environment variable; by default in `OPENAI_API_KEY`, and None where that is not set.

    EndpointError where a variable is named and not set.
    """
    key = os.environ.get(variable or KEY_ENV) or None
    if variable and not key:
        raise EndpointError(
            f"the environment variable {variable} is not set. Put the endpoint's key into it."
        )
    return key
