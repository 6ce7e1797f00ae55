"""Models by their name on the hub, held against a small hub of the test's own on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from pipeline.embed.hub import repository_name
from pipeline.embed.model_folder import find_model_folder

REPOSITORY = "test-owner/tiny"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
# What the repository offers that is never to be asked for.
UNWANTED = (
    "pytorch_model.bin",
    "modeling_tiny.py",
    "tf_model.h5",
    "onnx/model.onnx",
    "onnx/config.json",
    "openvino/openvino_model.bin",
    "openvino/openvino_config.json",
)
FIND = """
import json, sys
from pipeline.embed.model_folder import find_model_folder
from pipeline.errors import MissingDependencyError
from pipeline.offline import forbid_telemetry

forbid_telemetry()
print("on stdout before")
try:
    found = find_model_folder(sys.argv[1], allow_download=sys.argv[2] == "allowed")
    answer = {"name": found.name, "path": str(found.path), "digest": found.digest}
except MissingDependencyError as error:
    answer = {"message": error.message, "hint": error.hint}
if "huggingface_hub" in sys.modules:
    from huggingface_hub import constants
    assert constants.HF_HUB_OFFLINE and constants.HF_HUB_DISABLE_TELEMETRY
print(json.dumps(answer))
"""


class Hub:
    """A hub with one repository: its files by name, what it was asked, and how it answers."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] = []
        self.refusal: tuple[int, dict[str, str]] | None = None
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10

            def do_GET(self) -> None:
                status, headers, body = hub.answer(unquote(urlsplit(self.path).path))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            do_HEAD = do_GET  # noqa: N815 - the name that http.server calls

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        if self.refusal:
            return self.refusal[0], self.refusal[1], b"{}"
        api, content = f"/api/models/{REPOSITORY}", f"/{REPOSITORY}/resolve/{COMMIT}/"
        if path in {api, f"{api}/revision/main"}:
            listed = [{"rfilename": name} for name in self.files]
            return (
                200,
                {},
                json.dumps({"id": REPOSITORY, "sha": COMMIT, "siblings": listed}).encode(),
            )
        if path == f"{api}/tree/{COMMIT}":
            tree = [
                {"type": "file", "path": name, "size": len(data), "oid": etag(data)}
                for name, data in self.files.items()
            ]
            return 200, {}, json.dumps(tree).encode()
        if path.startswith(content) and path.removeprefix(content) in self.files:
            data = self.files[path.removeprefix(content)]
            return 200, {"ETag": f'"{etag(data)}"', "X-Repo-Commit": COMMIT}, data
        return 404, {"X-Error-Code": "RepoNotFound"}, b"{}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


def etag(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


@pytest.fixture
def hub(tiny_model: Path) -> Iterator[Hub]:
    files = {
        file.relative_to(tiny_model).as_posix(): file.read_bytes()
        for file in sorted(tiny_model.rglob("*"))
        if file.is_file()
    }
    card = {"README.md": b"---\nlanguage: en\n---\n"}
    hub = Hub({**card, **files, **dict.fromkeys(UNWANTED, b"import os; os.abort()")})
    yield hub
    hub.stop()


Find = Callable[..., dict[str, str]]


@pytest.fixture
def find(hub: Hub, tmp_path: Path) -> Find:
    """Find a model in a process of its own, which reads where the hub is when it starts."""
    home = tmp_path / "hf"

    def find_there(model: str, *, allowed: bool, **more: str) -> dict[str, str]:
        unwanted = ("HF_", "HUGGING", "TRANSFORMERS_", "XDG_CACHE", "HTTP", "ALL_PROXY")
        kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(unwanted)}
        env = {**kept, "HF_HOME": str(home), "HF_ENDPOINT": hub.url, "NO_PROXY": "*", **more}
        done = subprocess.run(
            [sys.executable, "-c", FIND, model, "allowed" if allowed else "-"],
            env=env,
            check=False,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        first, answer = done.stdout.splitlines()
        assert first == "on stdout before"
        return json.loads(answer)

    return find_there


def test_without_leave_nothing_is_asked_and_the_way_is_told(hub, find, tmp_path):
    found = find(REPOSITORY, allowed=False)
    assert hub.asked == []
    assert found["message"] == (
        f"model {REPOSITORY!r} is not on this machine: it is no folder with a modules.json, and "
        f"{REPOSITORY} is not in {tmp_path / 'hf' / 'hub'}"
    )
    assert found["hint"].startswith("--allow-download fetches it")


def test_fetched_model_is_found_again_without_the_hub(hub, find, tiny_model):
    fetched = find(REPOSITORY, allowed=True)
    assert fetched["name"] == REPOSITORY
    assert fetched["digest"] == find_model_folder(str(tiny_model)).digest
    asked = len(hub.asked)
    assert find(REPOSITORY, allowed=True) == fetched
    assert len(hub.asked) == asked
    hub.stop()
    assert find(REPOSITORY, allowed=True) == fetched
    assert find(REPOSITORY, allowed=False) == fetched
    # The folder itself, whose files are links into the cache, is a local folder as any other.
    local = find(fetched["path"], allowed=False)
    assert (local["name"], local["digest"]) == (COMMIT, fetched["digest"])


def test_only_what_is_loaded_is_fetched(hub, find):
    path = Path(find(REPOSITORY, allowed=True)["path"])
    wanted = {name for name in hub.files if name not in UNWANTED}
    assert {"model.safetensors", "modules.json", "1_Pooling/config.json"} <= wanted
    there = {file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()}
    assert there == wanted
    asked = {path.partition(f"/{COMMIT}/")[2] for path in hub.asked if "/resolve/" in path}
    assert asked == wanted
    others = [path for path in hub.asked if "/resolve/" not in path]
    assert all(path.startswith(f"/api/models/{REPOSITORY}") for path in others), others


def test_leave_of_the_command_passes_before_the_variables(hub, find):
    assert "path" in find(REPOSITORY, allowed=True, HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")
    assert hub.asked


def test_download_that_broke_off_is_told_and_completed(hub, find):
    whole = find(REPOSITORY, allowed=True)
    folder = Path(whole["path"])
    for name in ("modules.json", "model.safetensors"):
        (folder / name).resolve().unlink()
        (folder / name).unlink()
    assert find(REPOSITORY, allowed=False)["message"].startswith(f"{folder} has no modules.json")
    assert find(REPOSITORY, allowed=True) == whole


def test_cache_is_looked_for_where_the_variables_say(find, tmp_path):
    fetched = find(REPOSITORY, allowed=True)
    shutil.move(tmp_path / "hf" / "hub", tmp_path / "elsewhere")
    assert str(tmp_path / "hf" / "hub") in find(REPOSITORY, allowed=False)["message"]
    found = find(REPOSITORY, allowed=False, HF_HUB_CACHE=str(tmp_path / "elsewhere"))
    assert found["digest"] == fetched["digest"]
    assert found["path"].startswith(str(tmp_path / "elsewhere"))


def test_fetched_model_that_names_code_is_refused(hub, find):
    config = json.loads(hub.files["config.json"])
    config["auto_map"] = {"AutoModel": "modeling_tiny.Tiny"}
    hub.files["config.json"] = json.dumps(config).encode()
    for allowed in (True, False):
        assert "config.json names an auto_map" in find(REPOSITORY, allowed=allowed)["message"]


def test_model_with_pickled_weights_alone_is_told_after_its_settings(hub, find):
    del hub.files["model.safetensors"]
    message = find(REPOSITORY, allowed=True)["message"]
    assert message.endswith("holds no .safetensors weights")
    assert not [path for path in hub.asked if path.endswith(".bin")]


def test_repository_of_another_kind_is_told(hub, find):
    del hub.files["modules.json"]
    message = find(REPOSITORY, allowed=True)["message"]
    assert f"has no modules.json: {REPOSITORY} is not a sentence-transformers model" in message


def test_unknown_name_is_told(hub, find):
    found = find("test-owner/teeny", allowed=True)
    assert found["message"] == f"there is no model test-owner/teeny at {hub.url}, or it is private"
    assert "check the name" in found["hint"]


def test_bare_name_is_one_of_sentence_transformers(hub, find):
    found = find("tiny", allowed=True)
    assert found["message"].startswith("there is no model sentence-transformers/tiny at ")


def test_gated_model_is_told_with_the_way_in(hub, find):
    hub.refusal = (403, {"X-Error-Code": "GatedRepo"})
    found = find(REPOSITORY, allowed=True)
    assert "is only for those whom its owners have let in" in found["message"]
    assert found["hint"] == f"ask for access at {hub.url}/{REPOSITORY}, then set HF_TOKEN"


def test_hub_out_of_order_is_told(hub, find):
    hub.refusal = (500, {})
    found = find(REPOSITORY, allowed=True)
    assert found["message"].startswith(f"model {REPOSITORY} could not be fetched from {hub.url}: ")
    assert "500" in found["message"]
    assert "copy the model's folder" in found["hint"]


def test_hub_out_of_reach_is_told(find):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    found = find(REPOSITORY, allowed=True, HF_ENDPOINT=url)
    assert found["message"].startswith(f"model {REPOSITORY} could not be fetched from {url}: ")
    assert "refused" in found["message"]


def test_local_folder_passes_before_a_hub_of_the_same_name(hub, find, tiny_model, tmp_path):
    shutil.copytree(tiny_model, tmp_path / REPOSITORY)
    assert find(REPOSITORY, allowed=True)["name"] == "tiny"
    (tmp_path / REPOSITORY / "modules.json").unlink()
    assert "nor a folder with a modules.json" in find(REPOSITORY, allowed=True)["message"]
    assert hub.asked == []


@pytest.mark.parametrize(
    ("model", "repository"),
    [
        ("all-mpnet-base-v2", "sentence-transformers/all-mpnet-base-v2"),
        ("intfloat/e5-small", "intfloat/e5-small"),
        ("a", "sentence-transformers/a"),
        *((model, None) for model in (
            "", ".", "..", "/a", "./a", "~/a", "a/b/c", "a//b", "a/", "a b", "a--b", "a..b/c",
            "a/b.git", "ä/b", "x" * 97, "nul\0byte", "a\n", "-a", "C:\\models", "https://x/y",
        )),
    ],
)  # fmt: skip
def test_name_that_a_hub_could_have(model, repository):
    assert repository_name(model) == repository
