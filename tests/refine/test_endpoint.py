"""The client against a real server that misbehaves: it ends in time, and says what was wrong."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from pipeline.errors import UsageError
from pipeline.refine.answers import ANSWER_SCHEMA
from pipeline.refine.endpoint import MAX_BODY_BYTES, CallFailed, make_endpoint
from pipeline.settings import RefineSettings

from .model_server import completion, naming, serving

QUESTION = ({"role": "user", "content": "name it — please"},)
KEY = "sk-test-0123456789abcdef"


def ask(url, *, timeout_s=2.0, **options):
    endpoint = make_endpoint(RefineSettings(url=url, model="toy", timeout_s=timeout_s))
    return endpoint.complete(QUESTION, max_tokens=50, schema=ANSWER_SCHEMA, **options)


def failure(behave, **options) -> CallFailed:
    """How a call fails where the server behaves like that; it takes no longer than it may."""
    with serving(behave) as server:
        begun = time.monotonic()
        with pytest.raises(CallFailed) as caught:
            ask(server.url, **options)
        assert time.monotonic() - begun < options.get("timeout_s", 2.0) + 1.0
        assert len(server.asked) == 1
    assert "\n" not in caught.value.reason
    return caught.value


def says(status=200, body=b"", **headers):
    return lambda wire, _: wire.reply(status, body, **headers)


def sends(data):
    return lambda wire, _: wire.send(data)


GOOD_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def test_a_question_goes_out_whole_and_the_answer_comes_back():
    with serving(says(200, completion("π", usage={"total_tokens": 31}))) as server:
        told = ask(server.url)
    assert (told.text, told.n_tokens) == ("π", 31)
    (asked,) = server.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["Host"] == f"127.0.0.1:{server.port}"
    assert "Authorization" not in asked.headers
    assert asked.body["messages"] == list(QUESTION)
    assert (asked.body["model"], asked.body["max_tokens"]) == ("toy", 50)
    assert asked.body["response_format"]["json_schema"]["schema"] == ANSWER_SCHEMA


def test_a_plain_question_has_no_field_that_some_endpoints_refuse():
    with serving(says(200, naming("x"))) as server:
        ask(server.url, is_plain=True)
    assert set(server.asked[0].body) == {"model", "messages", "max_completion_tokens"}


def test_a_chunked_answer_is_read():
    body = completion("fine")
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:]))
    data = GOOD_HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    with serving(sends(data)) as server:
        assert ask(server.url).text == "fine"


@pytest.mark.parametrize("usage", [None, 7, {"total_tokens": "many"}, {"total_tokens": -4},
                                   {"total_tokens": True}, {}])  # fmt: skip
def test_a_count_of_tokens_that_is_none_is_zero(usage):
    with serving(says(200, completion("x", usage=usage))) as server:
        assert ask(server.url).n_tokens == 0


class TestTime:
    def test_no_answer_at_all(self):
        failed = failure(lambda wire, _: wire.wait(10), timeout_s=0.4)
        assert failed.reason == "gave no whole answer within 0.4 s"
        assert failed.is_transient

    def test_a_body_that_never_ends(self):
        def behave(wire, asked):
            wire.send(GOOD_HEAD + b"Content-Length: 900000\r\n\r\n")
            wire.drip(b" ", 0.05)

        assert "within 0.4 s" in failure(behave, timeout_s=0.4).reason

    def test_a_head_that_never_ends(self):
        def behave(wire, asked):
            wire.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            wire.drip(b"x", 0.05)

        assert "within 0.4 s" in failure(behave, timeout_s=0.4).reason

    def test_interim_answers_that_never_end(self):
        def behave(wire, asked):
            wire.drip(b"HTTP/1.1 100 Continue\r\n\r\n", 0.01)

        assert "within 0.4 s" in failure(behave, timeout_s=0.4).reason

    def test_a_chunked_body_that_never_ends(self):
        def behave(wire, asked):
            wire.send(GOOD_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
            wire.drip(b"1\r\n \r\n", 0.05)

        assert "within 0.4 s" in failure(behave, timeout_s=0.4).reason

    def test_a_host_that_takes_the_connection_and_reads_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            deaf.listen()
            begun = time.monotonic()
            with pytest.raises(CallFailed, match="no whole answer"):
                ask(f"http://127.0.0.1:{deaf.getsockname()[1]}/v1", timeout_s=0.3)
            assert time.monotonic() - begun < 1.5

    def test_a_handshake_that_never_begins(self):
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            url = f"https://127.0.0.1:{deaf.getsockname()[1]}/v1"
            with pytest.raises(CallFailed) as failed:
                ask(url, timeout_s=0.3)
        assert failed.value.reason == "gave no whole answer within 0.3 s"


class TestConnections:
    def test_nothing_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        with pytest.raises(CallFailed, match="refused the connection") as caught:
            ask(f"http://127.0.0.1:{port}/v1")
        assert caught.value.is_transient

    def test_a_host_that_is_not_there(self):
        with pytest.raises(CallFailed, match=r"not found|cannot be reached|within"):
            ask("http://no-such-host.invalid/v1")

    def test_the_connection_is_closed_without_a_word(self):
        failed = failure(lambda _wire, _: None)
        assert failed.reason == "broke the connection"
        assert failed.is_transient

    def test_the_body_breaks_off(self):
        body = naming("x")
        data = GOOD_HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body[:-3]
        assert failure(sends(data)).reason == "broke off its answer"

    def test_a_chunk_breaks_off(self):
        data = GOOD_HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\nabc"
        assert failure(sends(data)).is_transient

    def test_what_answers_does_not_speak_http(self):
        assert failure(sends(b"SSH-2.0-OpenSSH_9.6\r\n")).reason == "did not answer in proper HTTP"

    def test_a_line_without_end(self):
        assert failure(sends(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000)).reason == (
            "did not answer in proper HTTP"
        )

    def test_what_answers_does_not_speak_tls(self):
        with serving(says(200, naming("x"))) as server, pytest.raises(CallFailed) as caught:
            ask(server.url.replace("http:", "https:"))
        assert "TLS" in caught.value.reason or "broke" in caught.value.reason
        assert server.asked == []

    def test_no_proxy_of_the_environment_is_asked(self, monkeypatch):
        with serving(says(200, naming("x"))) as proxy, serving(says(200, naming("y"))) as server:
            for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url)
            assert '"y"' in ask(server.url).text
        assert proxy.n_connections == 0


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_a_certificate_that_is_not_trusted_ends_the_run(tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)

        def answer():
            wire, _ = listening.accept()
            with pytest.raises((ssl.SSLError, OSError)), wire:
                context.wrap_socket(wire, server_side=True).recv(10)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(CallFailed, match="certificate") as caught:
            ask(f"https://127.0.0.1:{listening.getsockname()[1]}/v1")
        thread.join(10)
    assert caught.value.is_final


class TestStatus:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_is_not_followed(self, status):
        with serving(says(200, naming("stolen"))) as other:
            failed = failure(says(status, Location=f"{other.url}/chat/completions"))
            assert other.n_connections == 0
        assert failed.is_final
        assert str(other.port) not in failed.reason

    @pytest.mark.parametrize(
        ("status", "is_final", "is_transient"),
        [(401, True, False), (403, True, False), (404, True, False), (400, False, False),
         (413, False, False), (408, False, True), (429, False, True), (500, False, True),
         (502, False, True), (503, False, True), (204, False, False), (205, False, False)],
    )  # fmt: skip
    def test_a_status_says_whether_to_ask_again(self, status, is_final, is_transient):
        failed = failure(says(status))
        assert (failed.is_final, failed.is_transient) == (is_final, is_transient)
        assert failed.wait_s is None

    @pytest.mark.parametrize("status", [400, 422])
    def test_a_refused_field_is_told_apart(self, status):
        assert failure(says(status)).is_form

    @pytest.mark.parametrize(("asked", "wait_s"), [("0", 0), ("7", 7), (" 60 ", 60)])
    def test_a_wait_in_seconds(self, asked, wait_s):
        failed = failure(says(429, Retry_After=asked))
        assert (failed.wait_s, failed.is_transient) == (wait_s, True)

    def test_a_wait_until_a_date(self):
        when = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
        wait_s = failure(says(503, Retry_After=when)).wait_s
        assert wait_s is not None
        assert 25 < wait_s <= 30
        past = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
        assert failure(says(503, Retry_After=past)).wait_s == 0

    @pytest.mark.parametrize("asked", ["3600", "9" * 500, "Wed, 21 Oct 2099 07:28:00 GMT"])
    def test_a_wait_beyond_bounds_ends_the_run(self, asked):
        failed = failure(says(429, Retry_After=asked))
        assert failed.is_final
        assert "wants a wait of more than 60 s" in failed.reason

    @pytest.mark.parametrize("asked", ["soon", "-5", "1.5", "²", "Wed, 99 Foo 2099", "nan"])
    def test_a_wait_that_is_none_is_passed_over(self, asked):
        header = f"Retry-After: {asked}\r\n".encode()
        data = b"HTTP/1.1 429 No\r\nContent-Length: 0\r\n" + header + b"\r\n"
        failed = failure(sends(data))
        assert (failed.wait_s, failed.is_transient) == (None, True)


class TestBody:
    def test_a_huge_length_is_refused_before_it_is_read(self):
        def behave(wire, asked):
            wire.send(GOOD_HEAD + b"Content-Length: 10000000000\r\n\r\n")
            wire.wait(10)

        assert "far too long" in failure(behave).reason

    def test_a_huge_body_without_a_length_is_read_to_a_bound(self):
        sent = []

        def behave(wire, asked):
            wire.send(GOOD_HEAD + b"\r\n")
            for _ in range(400):
                wire.send(b" " * 1_000_000)
                sent.append(1)

        assert "far too long" in failure(behave).reason
        assert len(sent) < 40  # what the system's buffers took

    def test_a_huge_chunk_is_read_to_a_bound(self):
        def behave(wire, asked):
            wire.send(GOOD_HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n")
            for _ in range(40):
                wire.send(b" " * 1_000_000)

        assert "far too long" in failure(behave).reason

    def test_a_gzip_bomb_is_not_unpacked(self):
        bomb = gzip.compress(b" " * 50_000_000)
        assert len(bomb) < MAX_BODY_BYTES
        failed = failure(says(200, bomb, Content_Encoding="gzip"))
        assert "compressed" in failed.reason
        assert "chat completion" in failure(says(200, bomb)).reason

    @pytest.mark.parametrize(
        "kind", ["text/html", "text/plain", "", "application/jsonx", "image/*"]
    )
    def test_another_type_than_json(self, kind):
        assert "JSON" in failure(says(200, naming("x"), Content_Type=kind)).reason

    def test_json_with_a_character_set_is_json(self):
        kind = "application/json; charset=utf-8"
        with serving(says(200, completion("x"), Content_Type=kind)) as server:
            assert ask(server.url).text == "x"

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"\xff\xfe{}",
            b'{"choices":[{"message":{"content":"\xe9"}}]}',
            b"[" * 200_000,
            b"9" * 200_000,
            b"null",
            b"[]",
            b"{}",
            b'{"choices":[]}',
            b'{"choices":{}}',
            b'{"choices":[{}]}',
            b'{"choices":[{"message":null}]}',
            b'{"choices":[{"message":{"content":null}}]}',
            b'{"choices":[{"message":{"content":["x"]}}]}',
            b'{"choices":"abc"}',
            b'{"error":{"message":"no"}}',
            b'data: {"choices":[]}\n\n',
        ],
    )
    def test_what_is_no_completion(self, body):
        failed = failure(says(200, body))
        assert failed.reason == "did not answer in the form of a chat completion"
        assert failed.is_transient


class TestKey:
    @pytest.fixture(autouse=True)
    def key(self, monkeypatch):
        monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")

    def test_it_is_sent_to_the_endpoint_and_is_in_no_text_of_ours(self):
        with serving(says(401, json.dumps({"error": f"bad key {KEY}"}).encode())) as server:
            endpoint = make_endpoint(RefineSettings(url=server.url, model="toy"))
            assert KEY not in repr(endpoint)
            with pytest.raises(CallFailed) as caught:
                endpoint.complete(QUESTION, max_tokens=9, schema=ANSWER_SCHEMA)
        assert server.asked[0].headers["Authorization"] == f"Bearer {KEY}"
        assert KEY not in repr(caught.value) + caught.value.reason

    def test_no_variable_means_no_key(self):
        with serving(says(200, naming("x"))) as server:
            settings = RefineSettings(url=server.url, model="toy", key_variable="")
            make_endpoint(settings).complete(QUESTION, max_tokens=9, schema=ANSWER_SCHEMA)
        assert "Authorization" not in server.asked[0].headers

    @pytest.mark.parametrize("host", ["example.org", "192.0.2.7", "localhost.example.org"])
    def test_it_does_not_leave_this_machine_unencrypted(self, host):
        with pytest.raises(UsageError, match="unencrypted") as caught:
            make_endpoint(RefineSettings(url=f"http://{host}/v1", model="toy"))
        assert KEY not in str(caught.value) + caught.value.hint
        assert make_endpoint(RefineSettings(url=f"https://{host}/v1", model="toy")).key == KEY

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "llm.localhost"])
    def test_this_machine_may_have_it(self, host):
        assert make_endpoint(RefineSettings(url=f"http://{host}/v1", model="toy")).key == KEY

    @pytest.mark.parametrize("key", ["a b", "a\r\nX-Evil: 1", "kéy", "x" * 5000, "a\tb"])
    def test_one_that_cannot_be_a_key_is_refused_without_being_shown(self, monkeypatch, key):
        monkeypatch.setenv("OPENAI_API_KEY", key)
        with pytest.raises(UsageError, match="OPENAI_API_KEY") as caught:
            make_endpoint(RefineSettings(url="https://example.org/v1", model="toy"))
        assert key not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize(
    ("url", "address", "path"),
    [
        ("http://localhost:11434/v1", "localhost:11434", "/v1/chat/completions"),
        ("https://api.example.org/v1/", "api.example.org", "/v1/chat/completions"),
        ("https://[2001:db8::1]:8443", "[2001:db8::1]:8443", "/chat/completions"),
        ("http://h", "h", "/chat/completions"),
    ],
)
def test_an_address_is_told_as_users_write_it(url, address, path):
    endpoint = make_endpoint(RefineSettings(url=url, model="toy"))
    assert (endpoint.address, endpoint.path) == (address, path)


@pytest.mark.parametrize(
    ("settings", "says_what"),
    [
        (RefineSettings(), "refine.url is empty"),
        (RefineSettings(model="toy"), "refine.url is empty"),
        (RefineSettings(url="http://localhost/v1"), "without refine.model"),
        (RefineSettings(url="http://localhost/v1", model="  "), "without refine.model"),
    ],
)
def test_half_an_endpoint_is_refused(settings, says_what):
    with pytest.raises(UsageError, match=says_what) as caught:
        make_endpoint(settings)
    assert caught.value.hint


def test_these_tests_have_no_key_of_the_machine():
    assert "OPENAI_API_KEY" not in os.environ
