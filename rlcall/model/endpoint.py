"""A model behind an address that speaks OpenAI's chat completions.

    endpoint = Endpoint("http://localhost:8000/v1", "Qwen/Qwen2.5-7B-Instruct", key=None)
    endpoint.complete([{"role": "user", "content": "Say yes."}], n=2)    # ["Yes.", "yes"]

That may be OpenAI itself, vLLM, llama.cpp or transformers serve. Nothing is sent to any other
address: redirects are not followed. A key goes there only if one is given, and it is never shown.
The client is the extra `rlcall[teacher]`.
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
MESSAGE_LENGTH = 300  # characters of a server's own message

WHICH_URL = (
    "The address ends where /chat/completions would follow, mostly with /v1; "
    "its models are listed under /models."
)
WHICH_KEY = (
    "The key was refused, or none was given: put it into the environment variable "
    f"{KEY_ENV}, or name another one."
)
REDIRECTED = "It leads to another address, which is not followed. Give that one if you mean it."
ADVICE = {
    401: WHICH_KEY,
    403: WHICH_KEY,
    404: f"The model is not known there, or the address is not the right one. {WHICH_URL}",
    429: "Too many requests, or no quota. Try later.",
}


class EndpointError(UserError):
    """An endpoint that gives no completion.

    The message says which, why and what to do; it never holds the key.
    """


@dataclass(frozen=True)
class Endpoint:
    """The address of a model; its text leaves `key` out.

    `url` is the part before `/chat/completions`.
    """

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    timeout: float = 120.0
    """Seconds for one answer."""
    retries: int = 4
    """How often a request is repeated, each time after a longer wait.

    That is for reasons that may pass: 429, 5xx, no connection.
    """

    def complete(
        self,
        messages: Sequence[Mapping[str, Any]],
        n: int = 1,
        *,
        temperature: float = 1.0,
        max_tokens: int = 256,
        seed: int | None = None,
    ) -> list[str]:
        """Ask for `n` completions of a conversation, also of servers that give one at a time.

        Raises EndpointError.

        `seed` is passed on: how far it makes answers repeat is up to the server.
        """
        texts: list[str] = []
        while len(texts) < n:
            options: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens}
            if n - len(texts) > 1:
                options["n"] = n - len(texts)
            if seed is not None:
                options["seed"] = seed + len(texts)
            texts += self._ask(messages, options)
        return texts[:n]

    @cached_property
    def _client(self) -> OpenAI:
        try:
            import openai
        except ImportError as error:
            raise EndpointError(
                "a model behind an address needs the extra: pip install 'rlcall[teacher]'"
            ) from error
        # The library would take these from the environment, whoever the address belongs to.
        withheld = {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
        return openai.OpenAI(
            base_url=self.url,
            api_key=self.key or NO_KEY,
            max_retries=self.retries,
            timeout=self.timeout,
            http_client=openai.DefaultHttpxClient(follow_redirects=False, timeout=self.timeout),
            default_headers=withheld,  # type: ignore[arg-type]
        )

    def _ask(self, messages: Sequence[Mapping[str, Any]], options: dict[str, Any]) -> list[str]:
        client = self._client
        import openai

        try:
            reply = self._create(client, messages, options)
        except openai.OpenAIError as error:
            # Without its cause, which may hold the request and so the key.
            raise EndpointError(self._explain(error)) from None
        except ValueError as error:
            raise EndpointError(f"{self.url} sent no JSON: {error}. {WHICH_URL}") from None
        return self._texts(reply)

    def _create(
        self, client: OpenAI, messages: Sequence[Mapping[str, Any]], options: dict[str, Any]
    ) -> Any:
        import openai

        create: Any = client.chat.completions.create
        try:
            return create(model=self.model, messages=list(messages), **options)
        except openai.BadRequestError as error:
            if "max_completion_tokens" not in str(error):
                raise
            # Some models insist on the newer name.
            renamed = dict(options)
            renamed["max_completion_tokens"] = renamed.pop("max_tokens")
            return create(model=self.model, messages=list(messages), **renamed)

    def _texts(self, reply: Any) -> list[str]:
        """Return the texts of a reply; "" for a message without any.

        Raises EndpointError for what is no completion.
        """
        choices = getattr(reply, "choices", None)
        messages = []
        if isinstance(choices, list):
            messages = [getattr(choice, "message", None) for choice in choices]
        if not messages or None in messages:
            raise EndpointError(f"{self.url} sent no completion: {self._shown(reply)}. {WHICH_URL}")
        texts = []
        for message in messages:
            content = getattr(message, "content", None)
            texts.append(content if isinstance(content, str) else "")
        return texts

    def _explain(self, error: Exception) -> str:
        """Return what went wrong, in words that say what to do."""
        status = getattr(error, "status_code", None)
        message = self._shown(error)
        if status is None:
            if "timed out" in message.lower():
                attempts = self.retries + 1
                waited = f"{self.timeout:g} seconds, {attempts} times"
                return f"{self.url} gave no answer in {waited}. Is it busy?"
            return f"{self.url} cannot be reached: {message} Is a server running there?"
        advice = ADVICE.get(status, REDIRECTED if 300 <= status < 400 else "")
        return f"{self.url} answered {status} for model {self.model!r}: {message} {advice}".rstrip()

    def _shown(self, value: Any) -> str:
        """Return a message of the server on one line, cut short, with the key blotted out."""
        text = " ".join(str(value).split())
        if self.key:
            text = text.replace(self.key, "***")
        return text[:MESSAGE_LENGTH]


def key_from(variable: str | None) -> str | None:
    """Return the key in an environment variable.

    By default it is `OPENAI_API_KEY`, and None where that is not set.

    Raises EndpointError where a variable is named and not set.
    """
    key = os.environ.get(variable or KEY_ENV) or None
    if variable and not key:
        raise EndpointError(
            f"the environment variable {variable} is not set. Put the endpoint's key into it."
        )
    return key
