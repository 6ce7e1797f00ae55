"""`paperatlas name`, against a real server on loopback."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest
from refine.model_server import naming, serving


@pytest.fixture
def server():
    def answer(wire, asked):
        wire.reply(200, naming(f"{asked.name_so_far} studies"))

    with serving(answer) as server:
        yield server


@pytest.fixture
def name(run_here, server, copied_atlas, monkeypatch, tmp_path):
    """Name the themes of a copy of the seeds' atlas."""
    monkeypatch.setenv("PAPERATLAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    given = ["--set", f"refine.url={server.url}", "--set", "refine.model=toy"]

    def run(*options, settings=given):
        return run_here("name", copied_atlas, *settings, "--set", "refine.attempts=1", *options)

    return run


def test_the_json_tells_every_name_that_changed(name, run_here, copied_atlas):
    old = json.loads(run_here("themes", copied_atlas, "--json").stdout)
    done = name("--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert list(told) == ["schema", "snapshot", "renamed", "told"]
    assert told["schema"] == "paperatlas.name/1"
    assert told["snapshot"] == (copied_atlas / "CURRENT").read_text().strip()
    before = {t["id"]: t["name"] for layer in old["layers"] for t in layer["themes"]}
    for renamed in told["renamed"]:
        assert renamed["before"] == before[renamed["id"]]
        assert renamed["name"] == f"{renamed['before']} studies"
    new = json.loads(run_here("themes", copied_atlas, "--json").stdout)
    after = {t["id"]: t["name"] for layer in new["layers"] for t in layer["themes"]}
    assert after == before | {r["id"]: r["name"] for r in told["renamed"]}
    assert run_here("doctor", copied_atlas).returncode == 0


def test_the_page_tells_the_same(name):
    done = name()
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert " -> " in lines[0]
    assert any(line.startswith("toy at 127.0.0.1") for line in lines)
    assert "asking for names" in done.stderr


def test_a_dry_run_tells_calls_and_tokens_and_asks_nothing(name, server):
    told = json.loads(name("--dry-run", "--json").stdout)
    assert (told["snapshot"], told["renamed"], server.asked) == ("", [], [])
    assert "calls to toy at 127.0.0.1" in told["told"][0]
    assert "tokens" in told["told"][0]


def test_without_an_address_it_is_a_mistake_in_one_line(name):
    done = name(settings=[])
    assert (done.returncode, done.stdout) == (2, "")
    assert "refine.url" in done.stderr.splitlines()[-1]


def test_what_is_no_atlas_is_told(run_here, server, tmp_path):
    done = run_here("name", tmp_path / "none", "--set", f"refine.url={server.url}", "--json")
    assert done.returncode == 4
    assert json.loads(done.stdout)["error"]["code"] == "input"


def test_an_interrupt_leaves_the_atlas_whole(command, environment, server, copied_atlas):
    def never(wire, asked):
        wire.wait(20)

    server.behave = never
    before = (copied_atlas / "CURRENT").read_text()
    given = ["--set", f"refine.url={server.url}", "--set", "refine.model=toy"]
    process = subprocess.Popen(
        [*command, "name", str(copied_atlas), *given],
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while not process.stderr.readline().startswith("asking"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == (
        "paperatlas: interrupted - the atlas is whole, and the answers so far are kept for the "
        "next time"
    )
    assert (copied_atlas / "CURRENT").read_text() == before
    assert len(list((copied_atlas / "snapshots").iterdir())) == 1
