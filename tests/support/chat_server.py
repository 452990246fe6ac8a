"""Real HTTP servers on this machine that answer in OpenAI's form: as a script says, or as a model
does.

with serving(lambda body: (200, chat("yes"))) as server:
    server.url, server.asked        # "http://127.0.0.1:40123/v1", [("/v1/chat/completions", {"model": ...})]
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]


class Server:
    """What was asked, and what to answer: `script` is called with the request's body."""

    def __init__(self, script: Callable[[dict[str, Any]], Answer]) -> None:
        self.script, self.url = script, ""
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[Any] = []


@contextmanager
def serving(script: Callable[[dict[str, Any]], Answer]) -> Iterator[Server]:
    server = Server(script)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.asked.append((self.path, body))
            server.headers.append(self.headers)
            status, answer, *more = server.script(body)
            raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                **(more[0] if more else {}),
            }.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *args: Any) -> None: ...

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_port}/v1"
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def chat(*texts: str | None) -> dict[str, Any]:
    choices = [
        {"index": place, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        for place, text in enumerate(texts)
    ]
    return {"id": "c", "object": "chat.completion", "created": 0, "model": "m", "choices": choices}


def error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "error", "param": None, "code": None}}


@contextmanager
def transformers_serve() -> Iterator[str]:
    """The address of `transformers serve`, which loads the model that it is asked for; skips
    where it cannot start."""
    for module in ("fastapi", "uvicorn"):
        pytest.importorskip(module, reason="transformers serve needs it, and rlcall does not")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "transformers.cli.transformers",
        "serve",
        "--host",
        "127.0.0.1",
        "--device",
        "cpu",
    ]
    with subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait_for(port, server)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert server.poll() is None, "transformers serve ended by itself"
        time.sleep(0.1)
    raise TimeoutError("transformers serve did not come up in a minute")
