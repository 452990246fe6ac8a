"""The client of chat endpoints, against a real HTTP server that answers in OpenAI's form, or
wrongly."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from rlcall.model.endpoint import Endpoint, EndpointError, key_from
from tests.support.chat_server import Answer, chat, error, serving, transformers_serve

KEY = "sk-very-secret-key"
ASK = [{"role": "user", "content": "Say yes."}]


def test_a_completion_and_what_is_sent() -> None:
    with serving(lambda body: (200, chat("yes"))) as server:
        endpoint = Endpoint(server.url, "m", KEY)
        assert endpoint.complete(ASK, temperature=0.5, max_tokens=7, seed=3) == ["yes"]
    (path, body), headers = server.asked[0], server.headers[0]
    assert path == "/v1/chat/completions"
    assert body == {"model": "m", "messages": ASK, "temperature": 0.5, "max_tokens": 7, "seed": 3}
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(endpoint) + str(endpoint)


def test_nothing_of_the_environment_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET"):
        monkeypatch.setenv(f"OPENAI_{name}", "of-another-place")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with serving(lambda body: (200, chat("yes"))) as server:
        Endpoint(server.url, "m").complete(ASK)
    assert "of-another-place" not in str(server.headers[0])


def test_several_completions_from_a_server_that_gives_one_at_a_time() -> None:
    with serving(lambda body: (200, chat(f"answer {body['seed']}"))) as server:
        assert Endpoint(server.url, "m").complete(ASK, 3, seed=10) == [
            "answer 10",
            "answer 11",
            "answer 12",
        ]
    with serving(lambda body: (200, chat(*"ab"[: body.get("n", 1)]))) as server:
        assert Endpoint(server.url, "m").complete(ASK, 3) == ["a", "b", "a"]
    assert [body.get("n") for _, body in server.asked] == [3, None]


def test_no_text_is_an_empty_text() -> None:
    with serving(lambda body: (200, chat(None))) as server:
        assert Endpoint(server.url, "m").complete(ASK) == [""]


def test_what_may_pass_is_tried_again() -> None:
    answers: list[Answer] = [
        (503, error("loading"), {"Retry-After": "0"}),
        (429, error("slow down"), {"Retry-After": "0"}),
        (200, chat("at last")),
    ]
    with serving(lambda body: answers.pop(0)) as server:
        assert Endpoint(server.url, "m").complete(ASK) == ["at last"]
    assert len(server.asked) == 3


def test_the_newer_name_of_max_tokens() -> None:
    def script(body: dict[str, Any]) -> Answer:
        if "max_tokens" in body:
            return 400, error("Unsupported parameter: use 'max_completion_tokens' instead.")
        return 200, chat(str(body["max_completion_tokens"]))

    with serving(script) as server:
        assert Endpoint(server.url, "m").complete(ASK, max_tokens=9) == ["9"]


@pytest.mark.parametrize(
    "answer, expected",
    [
        (
            (401, error(f"Incorrect API key provided: {KEY}")),
            "answered 401 .* variable OPENAI_API_KEY",
        ),
        ((404, error("The model `m` does not exist")), "for model 'm': .*not known there"),
        ((400, error("messages too long")), "answered 400 .*messages too long"),
        ((500, error(f"crash with {KEY}")), "answered 500"),
        ((429, error("quota")), "answered 429 .*Try later"),
        ((307, b"", {"Location": "http://127.0.0.1:9/v1"}), "answered 307 .* not followed"),
        ((200, b"<html>hello</html>", {"Content-Type": "text/html"}), "sent no completion: <html>"),
        ((200, b'{"choices": [', {}), "sent no"),
        ((200, {"choices": []}), "sent no completion"),
        ((200, {"choices": [{"index": 0}]}), "sent no completion"),
        ((200, {"choices": None}), "sent no completion"),
        ((200, {"ok": True}), "sent no completion"),
        ((200, []), "sent no"),
    ],
)
def test_errors_say_what_to_do_and_hide_the_key(answer: Answer, expected: str) -> None:
    with (
        serving(lambda body: answer) as server,
        pytest.raises(EndpointError, match=expected) as raised,
    ):
        Endpoint(server.url, "m", KEY, retries=0).complete(ASK)
    assert server.url in str(raised.value)
    assert KEY not in str(raised.value)
    assert raised.value.__cause__ is None


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(EndpointError, match=r"cannot be reached: .* Is a server running there"):
        Endpoint(url, "m", retries=0).complete(ASK)


def test_an_answer_that_does_not_come() -> None:
    done = threading.Event()
    with serving(lambda body: (done.wait(5), (200, b""))[1]) as server:
        with pytest.raises(EndpointError, match=r"no answer in 0\.1 seconds"):
            Endpoint(server.url, "m", timeout=0.1, retries=0).complete(ASK)
        done.set()


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert key_from(None) is None
    monkeypatch.setenv("OPENAI_API_KEY", "a")
    monkeypatch.setenv("MINE", "b")
    assert (key_from(None), key_from("MINE")) == ("a", "b")
    with pytest.raises(EndpointError, match="variable OTHER is not set"):
        key_from("OTHER")


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openai", None)
    with pytest.raises(EndpointError, match=r"rlcall\[teacher\]"):
        Endpoint("http://127.0.0.1:9/v1", "m").complete(ASK)


@pytest.mark.slow
def test_a_real_server(embedded: str) -> None:
    with transformers_serve() as url:
        texts = Endpoint(url, embedded).complete(ASK, 2, max_tokens=8, seed=1)
    assert len(texts) == 2
    assert all(isinstance(text, str) for text in texts)
