"""No command asks the network for anything, and no library sends reports."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

import pytest

from pipeline.offline import forbid_telemetry

# Python runs this at the start of every process that has its folder on PYTHONPATH, those that the
# command starts included. Audit events cover every way to the network that Python has, also by
# `_socket`; compiled libraries that open sockets on their own would pass them.
RECORDER = """
import _socket, os, sys

def _record(event, arguments):
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        if arguments[0].family == _socket.AF_UNIX:
            return
        target = arguments[1]
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
                   "socket.getnameinfo"}:
        target = arguments[0]
    else:
        return
    line = f"{event} {target} {sys.argv}\\n"
    record = os.open(os.environ["CONNECTIONS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(record, line.encode("utf-8", "replace"))
    os.close(record)
    raise ConnectionRefusedError(f"the test refuses {event}")

sys.addaudithook(_record)
with open(os.environ["PROCESSES"], "a") as processes:
    processes.write(f"{os.getpid()}\\n")
"""

# What keeps libraries off the network though the command forgot to, and CI's own marks.
UNWANTED = ("HF_", "TRANSFORMERS_", "DO_NOT_TRACK", "DISABLE_TELEMETRY", "XDG_", "NNCF_", "CI",
            "TF_BUILD", "JENKINS_URL")  # fmt: skip

Recorded = Callable[[], list[str]]


@pytest.fixture
def recording(tmp_path: Path, environment: Mapping[str, str]) -> Mapping[str, str]:
    """Environment of a process whose connections, and its children's, are refused and recorded;
    with a home of its own, so that no cache has anything ready and no report was declined."""
    (tmp_path / "recorder").mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "recorder" / "sitecustomize.py").write_text(RECORDER)
    kept = {k: v for k, v in environment.items() if not k.startswith(UNWANTED)}
    return {
        **kept,
        "PYTHONPATH": str(tmp_path / "recorder"),
        "CONNECTIONS": str(tmp_path / "connections"),
        "PROCESSES": str(tmp_path / "processes"),
        "PAPERATLAS_CACHE": str(tmp_path / "cache"),
        "HOME": str(tmp_path / "home"),
    }


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    """What was tried since the last look."""

    def read() -> list[str]:
        record = tmp_path / "connections"
        tried = record.read_text().splitlines() if record.exists() else []
        record.unlink(missing_ok=True)
        return tried

    return read


@pytest.mark.parametrize(
    ("attempt", "event"),
    [
        ("socket.socket().connect(('192.0.2.1', 80))", "socket.connect"),
        ("socket.socket().connect_ex(('127.0.0.1', 9))", "socket.connect"),
        ("_socket.socket().connect(('127.0.0.1', 9))", "socket.connect"),
        ("socket.getaddrinfo('example.invalid', 80)", "socket.getaddrinfo"),
        ("socket.gethostbyname('example.invalid')", "socket.gethostbyname"),
        (
            "socket.socket(type=socket.SOCK_DGRAM).sendto(b'a', ('127.0.0.1', 9))",
            "socket.sendto",
        ),
        ("urllib.request.urlopen('http://127.0.0.1:9/')", "socket.getaddrinfo"),
        ("subprocess.run([sys.executable, '-c', child], check=True)", "socket.getaddrinfo"),
    ],
)
def test_recorder_records_and_refuses(attempt, event, recording, recorded):
    script = f"""
import _socket, socket, subprocess, sys, urllib.request
child = "import socket; socket.getaddrinfo('example.invalid', 80)"
{attempt}
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env=recording, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert any(line.startswith(f"{event} ") for line in recorded())


def test_recorder_lets_processes_of_this_machine_talk(recording, recorded, tmp_path):
    script = """
import asyncio, socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
socket.socket(socket.AF_UNIX).connect(sys.argv[1])
asyncio.run(asyncio.sleep(0))
"""
    subprocess.run([sys.executable, "-c", script, tmp_path / "s"], env=recording, check=True)
    assert recorded() == []


def run_recorded(
    words: Sequence[object], recording: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, words)], env=recording, capture_output=True, text=True, check=False, timeout=300
    )


def test_build_and_query_try_no_connection(command, seed_sources, recording, recorded, tmp_path):
    """From nothing: no row, no converted model and no model of the hub is in a cache."""
    atlas = tmp_path / "atlas"
    for arguments in (
        ("build", *seed_sources[:2], "-o", atlas),
        ("related", atlas, "--text", "optimal transport between distributions", "--json"),
    ):
        done = run_recorded([*command, *arguments], recording)
        assert done.returncode == 0, done.stderr
        assert recorded() == []
    assert len((tmp_path / "processes").read_text().splitlines()) >= 2
    assert not (tmp_path / "home" / "intel").exists()  # where OpenVINO would keep a user's number


def test_unknown_model_tries_no_connection(command, seed_sources, recording, recorded, tmp_path):
    arguments = ("build", seed_sources[0], "-o", tmp_path / "a", "--set", "embed.model=owner/name")
    done = run_recorded([*command, *arguments], recording)
    assert done.returncode == 3, done.stderr
    assert "--allow-download" in done.stderr
    assert "Traceback" not in done.stderr
    assert recorded() == []


@pytest.mark.parametrize("forbidden", [True, False])
def test_converting_a_model_reports_nothing_once_that_is_forbidden(forbidden, recording, recorded):
    """The other case shows that the recorder would have seen it."""
    # By their metadata: this process may have kept telemetry from being imported.
    for package in ("openvino-telemetry", "torch"):
        try:
            metadata.version(package)
        except metadata.PackageNotFoundError:
            pytest.skip(f"{package} is not installed")
    script = f"""
from pipeline.offline import forbid_telemetry
if {forbidden}:
    forbid_telemetry()
import openvino, torch
openvino.convert_model(torch.nn.Linear(2, 2).eval(), example_input=torch.zeros(1, 2))
"""
    done = run_recorded([sys.executable, "-c", script], recording)
    assert done.returncode == 0, done.stderr
    assert any("google-analytics" in line for line in recorded()) is not forbidden


@pytest.mark.parametrize(
    "module", ["openvino.tools.ovc.telemetry_utils", "openvino.tools.ovc.convert_impl"]
)
def test_converter_of_openvino_has_a_stub_in_telemetrys_place(module):
    pytest.importorskip("openvino.tools.ovc")
    script = f"""
from pipeline.offline import forbid_telemetry
forbid_telemetry()
import importlib
assert importlib.import_module({module!r}).tm.__name__ == "openvino.tools.ovc.telemetry_stub"
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


def test_nncf_has_a_stub_in_telemetrys_place():
    pytest.importorskip("nncf")
    script = """
from pipeline.offline import forbid_telemetry
forbid_telemetry()
from nncf.telemetry.wrapper import NNCFTelemetryStub, telemetry
assert isinstance(telemetry, NNCFTelemetryStub), type(telemetry)
"""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)}
    subprocess.run([sys.executable, "-c", script], env=kept, check=True, timeout=120)


def test_forbidding_sets_what_libraries_read_and_no_more(monkeypatch):
    for name in ("HF_HUB_DISABLE_PROGRESS_BARS", "TOKENIZERS_PARALLELISM"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK", "HF_HUB_OFFLINE"):
        monkeypatch.setenv(name, "0")
    monkeypatch.setenv("TRANSFORMERS_VERBOSITY", "info")
    monkeypatch.delitem(sys.modules, "openvino_telemetry", raising=False)
    before = dict(os.environ)
    forbid_telemetry()
    once = dict(os.environ)
    forbid_telemetry()
    assert dict(os.environ) == once
    changed = {name: value for name, value in once.items() if before.get(name) != value}
    assert changed == {
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "1",
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
    with pytest.raises(ImportError):
        import openvino_telemetry  # noqa: F401


def test_forbidding_loads_nothing():
    script = """
import sys
from pipeline.offline import forbid_telemetry
forbid_telemetry()
assert not {"numpy", "huggingface_hub", "transformers", "torch", "openvino"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
