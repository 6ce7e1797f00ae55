"""What a command may not do: load what it does not need, or use the network."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

A_PAPER = "p-6ad7cbcfb4a1"
HEAVY = ("numpy", "torch", "transformers", "pydantic", "rich", "sqlite3", "faiss", "matplotlib")
# Python starts by running this where it is found: what was loaded is told at the end, every
# attempt to reach another machine is refused, and told as well.
SITE = """
import atexit, json, os, socket, sys
tried = []
def refuse(*arguments, **_):
    tried.append(repr(arguments[:2]))
    raise OSError("no network in this test")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = socket.create_connection = socket.gethostbyname = refuse
def tell():
    roots = sorted({name.partition(".")[0] for name in sys.modules})
    with open(os.environ["TOLD"], "w") as file:
        json.dump({"modules": roots, "tried": tried}, file)
atexit.register(tell)
"""


@pytest.fixture
def watched(run, tmp_path):
    """Run a command; gives what it loaded and which connections it tried."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SITE, "utf-8")

    def run_watched(*arguments, **env):
        told = tmp_path / "told.json"
        site = {"PYTHONPATH": str(tmp_path / "site"), "TOLD": str(told)}
        done = run(*arguments, env={**site, **env})
        assert done.returncode == 0, done.stderr
        return done, json.loads(told.read_text("utf-8"))

    return run_watched


def test_the_command_line_alone_loads_nothing_heavy():
    code = f"import sys, pipeline.cli; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("typed", [[], ["build"], ["inspect"], ["themes"], ["related"],
                                     ["show"], ["similar"], ["export"], ["predict"], ["name"],
                                     ["evaluate"], ["map"], ["doctor"], ["cache"],
                                     ["cache", "info"], ["cache", "clear"]])  # fmt: skip
def test_help_is_light_short_and_shows_an_example(watched, typed):
    done, told = watched(*typed, "--help")
    # Typer itself takes pydantic for the types of a command's options.
    assert not (set(HEAVY) - {"pydantic"}) & set(told["modules"])
    assert "Example: paperatlas" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "..." not in done.stdout.replace("{SOURCE}...", "").replace("[ARGS]...", "")


@pytest.mark.parametrize("typed", [["related", "--paper", A_PAPER], ["show", A_PAPER],
                                     ["themes"]])  # fmt: skip
def test_no_question_about_a_paper_loads_the_model(watched, seed_atlas, typed):
    _, told = watched(typed[0], seed_atlas, *typed[1:])
    assert not {"torch", "transformers", "sentence_transformers"} & set(told["modules"])
    assert told["tried"] == []


def test_the_doctor_loads_no_torch_and_tries_no_connection(watched):
    _, told = watched("doctor")
    assert not {"torch", "transformers", "sentence_transformers"} & set(told["modules"])
    assert told["tried"] == []


def test_a_query_says_that_it_loads_the_model_and_its_repetition_does_not_load_it(
    watched, seed_atlas
):
    first, told = watched("related", seed_atlas, "--text", "a question that nobody has asked")
    assert "tokenizers" in told["modules"]
    assert "torch" not in told["modules"]  # the build has converted the model
    assert told["tried"] == []
    assert first.stderr in ("", "loading the model\n")
    second, told = watched("related", seed_atlas, "--text", "a question that nobody has asked")
    assert not {"torch", "tokenizers"} & set(told["modules"])
    assert second.stdout == first.stdout


def test_a_build_and_its_query_try_no_connection(watched, seed_sources, tmp_path):
    atlas, cache = tmp_path / "atlas", str(tmp_path / "cache")
    _, told = watched("build", seed_sources[0], "-o", atlas, PAPERATLAS_CACHE=cache)
    assert told["tried"] == []
    assert "torch" in told["modules"]
    _, told = watched("related", atlas, "--text", "language", PAPERATLAS_CACHE=cache)
    assert told["tried"] == []
