"""A chat endpoint on loopback that answers, or misbehaves, as a test says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LONGEST_S = 20.0
"""No answer, however slow it is meant to be, goes on for longer."""


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        return str(self.body["messages"][-1]["content"])

    @property
    def name_so_far(self) -> str:
        """The theme that is asked about, told by its name in the prompt's JSON."""
        told, _ = json.JSONDecoder().raw_decode(self.prompt)
        return str(told["name_so_far"])


Behaviour = Callable[["Wire", Asked], None]


class Wire:
    """What a behaviour may do with the connection."""

    def __init__(self, handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        self._handler = handler
        self.closing = closing

    def send(self, data: bytes) -> None:
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} Told"]
        told = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines += [f"{name}: {value}" for name, value in told.items() if value != ""]
        self.send("\r\n".join([*lines, "", ""]).encode() + body)

    def wait(self, seconds: float) -> bool:
        """False once the server is to stop."""
        return not self.closing.wait(seconds)

    def drip(self, byte: bytes, every_s: float) -> None:
        """One byte after another, without end."""
        end = time.monotonic() + LONGEST_S
        while time.monotonic() < end and self.wait(every_s):
            self.send(byte)


@dataclass
class ModelServer:
    """Where the server listens, what it was asked, and how many requests it had at once."""

    port: int
    behave: Behaviour
    asked: list[Asked] = field(default_factory=list)
    n_connections: int = 0
    n_now: int = 0
    n_at_once: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


def completion(content: object, **more: Any) -> bytes:
    """The body of a chat completion."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}}
    return json.dumps({"object": "chat.completion", "choices": [choice], **more}).encode()


def naming(name: object) -> bytes:
    """The body of a completion that gives a name."""
    return completion(json.dumps({"name": name}))


@contextmanager
def serving(behave: Behaviour) -> Iterator[ModelServer]:
    """A server on a free port of loopback, gone at the end of the block."""
    closing = threading.Event()
    lock = threading.Lock()
    told = ModelServer(0, behave)

    class Handler(BaseHTTPRequestHandler):
        timeout = LONGEST_S

        def setup(self) -> None:
            super().setup()
            with lock:
                told.n_connections += 1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = Asked(self.path, dict(self.headers.items()), json.loads(body))
            with lock:
                told.asked.append(asked)
                told.n_now += 1
                told.n_at_once = max(told.n_at_once, told.n_now)
            try:
                with suppress(OSError):
                    told.behave(Wire(self, closing), asked)
            finally:
                with lock:
                    told.n_now -= 1
                self.close_connection = True

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield told
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join(LONGEST_S)
        assert not thread.is_alive()
