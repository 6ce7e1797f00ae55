"""What `labels.toml` may say, and how each thing that it may not is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.artifacts.folder import USER_FILES
from pipeline.edits import FILE_NAME, Merge, Rename, Split, edits_digest, read_edits
from pipeline.errors import InputError, UsageError

ALL = """\
# my themes
[[merge]]
groups = [["p-1", "p-2"], ["p-3", "p-4"]]
[[rename]]   # the first one
papers = ["p-1", "Attention is all you need"]
name = "transformers"
layer = "finest"

  [[ split ]]
groups = [
  ["p-1", "p-2"],
  ["p-5", "p-6", "p-7"],
]
names = ["a", "b"]
[[rename]]
papers = ["p-3", "p-3", "p-4"]
name = '''
second'''
layer = 2
[[merge]]
groups = [["p-1", "p-2"], ["p-3", "p-4"]]
name = "joined"
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / FILE_NAME


def read(path, text):
    path.write_text(text, "utf-8", newline="")
    return read_edits(path)


def test_a_file_that_is_not_there_holds_no_edits(path):
    assert read_edits(path) == ()
    assert read_edits(path / "deeper") == ()


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "\ufeff", "rename = []"])
def test_neither_does_an_empty_one(path, text):
    assert read(path, text) == ()


def test_edits_come_in_the_order_of_the_file(path):
    edits = read(path, ALL)
    assert edits == (
        Merge((("p-1", "p-2"), ("p-3", "p-4"))),
        Rename(("p-1", "Attention is all you need"), "transformers", "finest"),
        Split((("p-1", "p-2"), ("p-5", "p-6", "p-7")), ("a", "b")),
        Rename(("p-3", "p-4"), "second", 2),
        Merge((("p-1", "p-2"), ("p-3", "p-4")), "joined"),
    )
    assert [edit.line for edit in edits] == [2, 4, 9, 15, 20]


def test_the_documentation_shows_one_of_each_kind(path):
    page = (Path(__file__).parents[2] / "docs" / "labels.md").read_text("utf-8")
    edits = read(path, page.split("```toml\n")[1].split("```")[0])
    assert [type(edit) for edit in edits] == [Rename, Merge, Split]


def test_windows_editors_and_links_do_not_matter(path, tmp_path):
    plain = read(path, ALL)
    assert read(path, "\ufeff" + ALL.replace("\n", "\r\n")) == plain
    path.rename(tmp_path / "elsewhere.toml")
    path.symlink_to("elsewhere.toml")
    assert read_edits(path) == plain


def test_the_digest_is_that_of_the_edits_alone(path):
    edits = read(path, ALL)
    assert edits_digest(()) == ""
    assert len(edits_digest(edits)) == 64
    assert edits_digest(read(path, "# more\n\n" + ALL)) == edits_digest(edits)
    assert edits_digest(edits[::-1]) != edits_digest(edits)
    assert edits_digest(edits[:-1]) != edits_digest(edits)


PARTS = ["[[split]]", "\n[[merge]]\n", '"""', "layer = 9", "]", "= [[", "x = 1", "1979-05-27", "{}",
         "x" * 5000, f"\n{'y' * 5000} = 1\n{'y' * 5000} = 2\n"]  # fmt: skip
GROUPS = 'groups = [["p-1", "p-2"], ["p-3", "p-4"]]'
PAPERS = 'papers = ["p-1", "p-2"]'
WRONG = {
    'merged = "x"': 'unknown entry "merged" - did you mean [[merge]]?',
    "x = 1": 'unknown entry "x" - known edits: [[rename]], [[merge]], [[split]]',
    f'[rename]\n{PAPERS}\nname = "x"': "rename: expected a list of edits - write [[rename]] above",
    'rename = [{papers = ["p-1", "p-2"], name = "x"}]': "rename: 1 edits, but 0 lines that are [[",
    "rename = [1]": "0 lines that are [[rename]] - write [[re",
    "[[rename]]\nname = 'x'": ":1: [[rename]] number 1: papers: expected a list of two or more",
    f'[[rename]]\n{PAPERS}\nname="x"\n[[rename]]\n{PAPERS}': ":4: [[rename]] number 2: name: expe",
    f"[[rename]]\n{PAPERS}\nname = 7": "name: expected a name in quotes, not 7",
    f'[[rename]]\n{PAPERS}\nname = "x"\npaper = 3': 'unknown key "paper" - it takes papers, name,',
    '[[rename]]\npapers = "p-1"\nname = "x"': 'two or more papers, not "p-1"',
    '[[rename]]\npapers = ["p-1"]\nname = "x"': "two or more papers, not ['p-1']",
    '[[rename]]\npapers = []\nname = "x"': "two or more papers, not an empty list",
    '[[rename]]\npapers = ["p-1", "p-1"]\nname = "x"': "papers: expected a list of two or more pap",
    '[[rename]]\npapers = ["p-1", 3]\nname = "x"': "each an id or a title in quotes, not 3",
    '[[rename]]\npapers = ["p-1", " "]\nname = "x"': 'in quotes, not " "',
    f'[[rename]]\n{PAPERS}\nname = "x"\nlayer = -1': 'layer: expected "finest", "default", "coarse',
    f'[[rename]]\n{PAPERS}\nname = "x"\nlayer = true': "or a number from 0, not true",
    f'[[rename]]\n{PAPERS}\nname = "x"\nlayer = "low"': 'or a number from 0, not "low"',
    f'[[rename]]\n{PAPERS}\nname = "x"\nlayer = 1.5': "or a number from 0, not 1.5",
    "[[rename]]\nname = '''\n[[rename]]\n'''": "rename: 1 edits, but 2 lines that are [[rename]]",
    "[[merge]]": "groups: expected two or more lists of papers, not nothing",
    '[[merge]]\ngroups = [["p-1", "p-2"]]': "groups: expected two or more lists of papers, not [",
    '[[merge]]\ngroups = [["p-1", "p-2"], ["p-3"]]': "groups, number 2: expected a list of two or",
    '[[merge]]\ngroups = [["p-1", "p-2"], "p-3"]': 'number 2: expected a list of two or more pap',
    f"[[merge]]\n{PAPERS}": 'unknown key "papers" - it takes groups, name, layer',
    '[[split]]\ngroups = [["p-1", "p-2"], ["p-2", "p-3"]]': 'groups: "p-2" is in two of them - lea',
    f'[[split]]\n{GROUPS}\nnames = ["a"]': "names: expected a list of 2 names, one for each group",
    f'[[split]]\n{GROUPS}\nnames = "a"': "names: expected a list of 2 names, one for each group - ",
    f'[[split]]\n{GROUPS}\nnames = ["a", 2]': "names: expected a name in quotes, not 2",
    '[[rename]]\npapers = ["\\u001b[31m", "p-1"]\nname = 1': "name: expected a name in quotes",
    f'[[rename]]\n{PAPERS}\nname = "x"\n"\\u001b" = 1': r'unknown key "\x1b"',
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_no_edit_can_be_is_told_with_its_place(path, text):
    with pytest.raises(UsageError) as error:
        read(path, text)
    line = f"{error.value.message} - {error.value.hint}"
    assert line.startswith(f"{path}:")
    assert WRONG[text] in line
    assert line.isprintable()
    assert error.value.hint


@pytest.mark.parametrize(
    "text", ["[[rename", "rename = 1\nrename = 2", "x = " + "[" * 5000, "x = " + "1" * 5000]
)
def test_what_is_no_toml(path, text):
    with pytest.raises(InputError, match=r"labels\.toml is not TOML"):
        read(path, text)


def test_what_is_no_utf8(path):
    path.write_bytes(b'[[rename]]\nname = "caf\xe9"\n')
    with pytest.raises(InputError, match=r"labels\.toml:2: is not UTF-8"):
        read_edits(path)


def test_a_file_beyond_a_megabyte(path):
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(InputError, match="larger than 1 MB"):
        read_edits(path)
    path.write_bytes(b"#" * 1_000_000)
    assert read_edits(path) == ()


def test_what_is_no_file(path, tmp_path):
    path.mkdir()
    with pytest.raises(InputError, match="is not a file"):
        read_edits(path)
    path.rmdir()
    os.mkfifo(path)
    with pytest.raises(InputError, match="is not a file"):
        read_edits(path)
    path.unlink()
    path.symlink_to(tmp_path / "gone")
    with pytest.raises(InputError, match="is a link to a file that is not there"):
        read_edits(path)
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_edits(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(path):
    path.touch(0)
    with pytest.raises(InputError, match="cannot be read"):
        read_edits(path)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, len(ALL)), st.integers(0, 40), st.text(max_size=12) | st.sampled_from(PARTS))
def test_whatever_is_written_is_read_or_refused_in_one_line(path, start, length, put):
    text = ALL[:start] + put + ALL[start + length :]
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    message = ""
    try:
        read_edits(path)
    except (InputError, UsageError) as error:
        message = error.message.removeprefix(str(path))
    assert len(message) < 300
    assert message.isprintable()


def test_an_atlas_folder_knows_the_file_as_the_users():
    assert FILE_NAME in USER_FILES
