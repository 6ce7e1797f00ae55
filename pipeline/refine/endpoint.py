"""A chat endpoint over HTTP, in the form that OpenAI's has and many others share.

Everything that comes back is foreign: it is bounded in time and size, no redirect is followed,
nothing compressed is unpacked, and no word of it is ever part of a message to the user.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import json
import os
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from pipeline.errors import UsageError
from pipeline.settings import RefineSettings

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_BODY_BYTES = 1_000_000
"""A completion is some hundred bytes; a model's thoughts beside it some ten thousand."""
LONGEST_WAIT_S = 60.0
"""An endpoint that asks to wait longer is not waited for."""
_MAX_KEY_LENGTH = 4096
_TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_FORM_REFUSED = frozenset({400, 422})
_REASONS = {
    401: "did not accept the key",
    403: "did not accept the key",
    404: "knows no such model or path",
    429: "is asked too often (429)",
}

Message = Mapping[str, str]


class CallFailed(Exception):  # noqa: N818 - no PipelineError: names are kept, no command fails
    """A call that gave no completion; `reason` follows on "the endpoint" and holds no foreign text.

    `is_final`: the next call would fare no better; `is_transient`: the same call may fare better;
    `is_form`: the endpoint may not know an optional field of the request; `wait_s`: what it asks
    to wait before the next call, None where it does not say; `is_sent`: False where no connection
    came about.
    """

    def __init__(
        self,
        reason: str,
        *,
        is_final: bool = False,
        is_transient: bool = True,
        is_form: bool = False,
        wait_s: float | None = None,
        is_sent: bool = True,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final
        self.is_transient = is_transient and not is_final
        self.is_form = is_form
        self.wait_s = wait_s
        self.is_sent = is_sent


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model said, and the tokens that the endpoint says it took, 0 where it does not."""

    text: str
    n_tokens: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a chat model answers. `address`: for people, without anything secret."""

    host: str
    port: int
    path: str
    is_encrypted: bool
    model: str
    timeout_s: float
    key: str = field(repr=False)

    @property
    def address(self) -> str:
        """Host and port as a user would write them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == (443 if self.is_encrypted else 80)
        return host if usual else f"{host}:{self.port}"

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        schema: Mapping[str, Any],
        is_plain: bool = False,
    ) -> Completion:
        """What the model answers to `messages`; raises CallFailed within `timeout_s` whatever
        happens (looking up the host alone keeps the system's own limit).

        `max_tokens`: of the answer; `schema`: of the JSON that is wanted; `is_plain`: leave away
        what some endpoints refuse: the schema, the temperature, the old name of `max_tokens`.
        """
        body: dict[str, Any] = {"model": self.model, "messages": list(messages)}
        if is_plain:
            body |= {"max_completion_tokens": max_tokens}
        else:
            wanted = {"name": "theme_name", "strict": True, "schema": schema}
            body |= {
                "max_tokens": max_tokens,
                "temperature": 0,
                "response_format": {"type": "json_schema", "json_schema": wanted},
            }
        return _read_completion(self._post(json.dumps(body).encode("ascii")))

    def _post(self, body: bytes) -> bytes:
        deadline = time.monotonic() + self.timeout_s
        is_sent = False
        try:
            with closing(_dial(self, deadline)) as wire:
                is_sent = True
                connection = _connection(self, _BoundedSocket(wire, deadline))
                connection.request("POST", self.path, body, self._headers())
                with connection.getresponse() as response:
                    return _read_body(response)
        except (OSError, EOFError, http.client.HTTPException, ValueError) as error:
            is_final = isinstance(error, ssl.SSLCertVerificationError)
            reason = _reason(error, self.timeout_s)
            raise CallFailed(reason, is_final=is_final, is_sent=is_sent) from None

    def _headers(self) -> dict[str, str]:
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "Content-Type": "application/json",
            "User-Agent": "paperatlas",
        }
        return headers | ({"Authorization": f"Bearer {self.key}"} if self.key else {})


def make_endpoint(settings: RefineSettings) -> Endpoint:
    """The endpoint that `settings` name, with the key from the environment; nothing is asked yet.

    Raises UsageError where no URL or model is given, and for a key that cannot be one or that
    would go over a network unencrypted. No message holds the key.
    """
    if not settings.url:
        raise UsageError(
            "no language model is named: refine.url is empty",
            hint="for example --set refine.url=http://localhost:11434/v1 --set refine.model=NAME",
        )
    if not settings.model.strip():
        raise UsageError("refine.url is given without refine.model", hint="--set refine.model=NAME")
    parts = urlsplit(settings.url)
    is_encrypted = parts.scheme == "https"
    host = parts.hostname or ""
    key = _read_key(settings.key_variable)
    if key and not is_encrypted and not _is_this_machine(host):
        raise UsageError(
            f"the key in {settings.key_variable} would go to {host} unencrypted",
            hint="use https://, or send no key: --set 'refine.key_variable=\"\"'",
        )
    return Endpoint(
        host=host,
        port=parts.port or (443 if is_encrypted else 80),
        path=f"{parts.path.rstrip('/')}/chat/completions",
        is_encrypted=is_encrypted,
        model=settings.model.strip(),
        timeout_s=settings.timeout_s,
        key=key,
    )


def _read_key(variable: str) -> str:
    key = os.environ.get(variable, "").strip() if variable else ""
    if not key.isascii() or not key.isprintable() or " " in key or len(key) > _MAX_KEY_LENGTH:
        raise UsageError(
            f"what {variable} holds cannot be a key: it has spaces, line breaks or letters that "
            "are not ASCII, or is too long",
            hint=f"set {variable} to the key alone",
        )
    return key


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _BoundedSocket:
    """What http.client needs of a socket, each wait of it shortened to what is left of the call.

    A socket's own timeout starts again with every byte: a body of one byte a second never ends.
    """

    def __init__(self, wire: socket.socket, deadline: float) -> None:
        self._wire = wire
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self._wire.settimeout(_left(self._deadline))
            view = view[self._wire.send(view) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_BoundedReader(self._wire, self._deadline))

    def close(self) -> None:
        """Nothing: http.client closes before it reads the body, trusting in a socket's makefile."""


class _BoundedReader(io.RawIOBase):
    def __init__(self, wire: socket.socket, deadline: float) -> None:
        self._wire = wire
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._wire.settimeout(_left(self._deadline))
        return self._wire.recv_into(buffer)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connection(endpoint: Endpoint, wire: _BoundedSocket) -> http.client.HTTPConnection:
    """HTTP over a socket that is open already, straight to the host: no proxy is asked."""
    # The class decides on the port in the Host header alone: its own connecting is not used.
    kind = http.client.HTTPSConnection if endpoint.is_encrypted else http.client.HTTPConnection
    connection = kind(endpoint.host, endpoint.port)
    connection.sock = cast(socket.socket, wire)
    return connection


def _dial(endpoint: Endpoint, deadline: float) -> socket.socket:
    """An open socket to the first address of the host that takes it.

    Each address has an equal part of what is left of the time, so that one that never answers
    (IPv6, on many machines) leaves some for the next.
    """
    trouble: OSError = OSError("no address")
    found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    for i, (family, kind, protocol, _, address) in enumerate(found):
        wire = socket.socket(family, kind, protocol)
        try:
            wire.settimeout(_left(deadline) / (len(found) - i))
            wire.connect(address)
        except OSError as error:
            wire.close()
            trouble = error
            continue
        return _encrypted(wire, endpoint.host, deadline) if endpoint.is_encrypted else wire
    raise trouble


def _encrypted(wire: socket.socket, host: str, deadline: float) -> socket.socket:
    try:
        wire.settimeout(_left(deadline))
        return ssl.create_default_context().wrap_socket(wire, server_hostname=host)
    except BaseException:
        wire.close()
        raise


# The first kind that fits: the general ones come last.
_TROUBLES: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLCertVerificationError, "has a certificate that this machine does not trust"),
    (ssl.SSLError, "does not speak TLS as this machine does"),
    (ConnectionRefusedError, "refused the connection: nothing listens there"),
    (socket.gaierror, "is at a host that was not found"),
    (ConnectionError, "broke the connection"),  # http.client's RemoteDisconnected too
    (http.client.HTTPException, "did not answer in proper HTTP"),
    (OSError, "cannot be reached"),
    (EOFError, "broke the connection"),
)


def _reason(error: Exception, timeout_s: float) -> str:
    if isinstance(error, TimeoutError):
        return f"gave no whole answer within {timeout_s:g} s"
    fitting = (reason for kind, reason in _TROUBLES if isinstance(error, kind))
    return next(fitting, "did not answer in proper HTTP")


def _read_body(response: http.client.HTTPResponse) -> bytes:
    """The body of a good answer, in full; raises CallFailed for any other."""
    if response.status != 200:
        raise _as_failure(response)
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise CallFailed("sent a compressed answer, which was not asked for")
    if not _is_json(response.headers.get_content_type()):
        raise CallFailed("did not answer in JSON: is the address right, up to its /v1?")
    length = response.length  # None for a chunked body
    if length is not None and length > MAX_BODY_BYTES:
        raise CallFailed("sent far too long an answer")
    body = response.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        raise CallFailed("sent far too long an answer")
    if length is not None and len(body) < length:
        raise CallFailed("broke off its answer")
    return body


def _is_json(content_type: str) -> bool:
    return content_type == "application/json" or (
        content_type.startswith("application/") and content_type.endswith("+json")
    )


def _as_failure(response: http.client.HTTPResponse) -> CallFailed:
    status = response.status
    if 300 <= status < 400:
        reason = f"sent on to another address ({status}), which is not followed"
        return CallFailed(reason, is_final=True)
    reason = _REASONS.get(status, f"answered with status {status}")
    if status in {401, 403, 404}:
        return CallFailed(reason, is_final=True)
    if status in _FORM_REFUSED:
        return CallFailed(reason, is_transient=False, is_form=True)
    wait_s = _read_wait(response.headers.get("Retry-After", ""))
    if wait_s is not None and wait_s > LONGEST_WAIT_S:
        reason = f"{reason} and wants a wait of more than {LONGEST_WAIT_S:g} s"
        return CallFailed(reason, is_final=True)
    return CallFailed(reason, is_transient=status in _TRANSIENT, wait_s=wait_s)


def _read_wait(header: str) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date; None where it is none.

    RFC 9110, section 10.2.3.
    """
    text = header.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:12])
    try:
        when = parsedate_to_datetime(text)
        return max(0.0, (when.astimezone(UTC) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _read_completion(body: bytes) -> Completion:
    try:
        told = json.loads(body.decode("utf-8"))
        text = told["choices"][0]["message"]["content"]
        usage = told.get("usage")
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        raise CallFailed("did not answer in the form of a chat completion") from None
    if not isinstance(text, str):
        raise CallFailed("did not answer in the form of a chat completion")
    n_tokens = usage.get("total_tokens") if isinstance(usage, dict) else 0
    return Completion(text, n_tokens if type(n_tokens) is int and n_tokens > 0 else 0)
