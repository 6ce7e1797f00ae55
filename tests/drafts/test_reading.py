"""What a draft is about, whatever kind of file it is in, and what cannot be one."""

from __future__ import annotations

import io
import os
import threading

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.drafts import reading
from pipeline.drafts.draft import Parts, draft_of
from pipeline.drafts.reading import read_draft
from pipeline.errors import InputError
from pipeline.sentences import MAX_CHARS

TITLE, ABSTRACT = "Naïve transport", "We study transport of “naïve” mass. It is fast."


@pytest.fixture
def draft(tmp_path):
    """Read a draft of some content, bytes or text, under some name."""

    def read(content, name="draft.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_draft(path)

    return read


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_text_is_read_in_any_encoding_that_editors_write(draft, encoding):
    found = draft(f"{TITLE}\r\n{ABSTRACT}\r\n".encode(encoding))
    assert (found.title, found.text, found.is_whole) == (TITLE, ABSTRACT, True)
    assert found.query == f"{TITLE}\n{ABSTRACT}"
    assert found.told == "used the title and the text"


def test_a_single_last_letter_in_latin_1_is_not_lost(draft):
    assert draft("Café".encode("latin-1")).query == "Café"


def test_what_a_file_is_its_content_says(draft):
    tex = r"\documentclass{article}\title{On Mass}\begin{document}Mass moves.\end{document}"
    assert draft(tex, "draft.txt").title == "On Mass"
    assert draft("# On Mass\n\nMass *moves*.\n", "notes").text == "Mass moves."
    assert draft("---\ntitle: On Mass\n---\nMass moves.\n", "notes.txt").title == "On Mass"
    assert draft("On Mass\n\nMass moves.", "draft.pdf").title == "On Mass"


def test_of_a_long_text_the_beginning_is_used_and_told(draft):
    sentence = "Mass moves along geodesics of the plane. "
    found = draft(f"On Mass\n\n{sentence * 500}")
    assert found.text == (sentence * (MAX_CHARS // len(sentence))).strip()
    assert found.told == f"used the title and the first {len(found.text):,} characters of its text"
    assert not found.is_whole


def test_text_without_a_sentence_is_cut_at_a_word():
    found = draft_of(Parts("", "", "mass " * 2000))
    assert found.text == ("mass " * (MAX_CHARS // 5)).strip()


def test_of_an_abstract_with_a_body_the_abstract_alone_is_used(draft):
    found = draft("On Mass\n\nAbstract\nMass moves.\n\n1 Introduction\nLong ago.\n")
    assert (found.title, found.text) == ("On Mass", "Mass moves.")
    assert (found.told, found.is_whole) == ("used the title and the abstract", False)


def test_what_is_beyond_the_part_that_is_looked_at_is_told(draft, monkeypatch):
    monkeypatch.setattr(reading, "_MAX_LOOKED", 25)
    assert draft("On Mass\n\nMass moves.").is_whole
    assert not draft("On Mass\n\nMass moves. And it moves again.").is_whole


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "draft.txt: empty file"),
        (b" \n\t\r\n", "draft.txt: empty file"),
        (b"\xef\xbb\xbf", "draft.txt: no words in it"),
        (b"-- ** --", "draft.txt: no words in it"),
        (b"PK\x03\x04 and so on", "draft.txt: a zip archive or an office document, not a draft"),
        (bytes(range(256)) * 20, "draft.txt: binary data, not a draft"),
        (b"<!DOCTYPE html><p>Mass</p>", "draft.txt: a web page, not a draft"),
        (b"{\\rtf1 Mass}", "draft.txt: an RTF document, not a draft"),
        (b"<?xml version='1.0'?><a/>", "draft.txt: an XML file, not a draft"),
    ],
)
def test_what_is_no_draft_is_refused_in_one_line(draft, content, says):
    with pytest.raises(InputError) as caught:
        draft(content)
    assert caught.value.message.endswith(says)
    assert "expected a" in caught.value.hint


def test_a_missing_path_and_a_folder_are_told(tmp_path):
    with pytest.raises(InputError, match=r"none\.txt: cannot be read \(no such file or directory"):
        read_draft(tmp_path / "none.txt")
    with pytest.raises(InputError, match=r"cannot be read \(is a directory\)"):
        read_draft(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_draft("a\0b")


def test_a_file_that_is_too_large_is_refused_and_not_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_BYTES", 1_000_000)
    with pytest.raises(InputError, match="/dev/zero: larger than 1 MB"):
        read_draft("/dev/zero")
    path = tmp_path / "draft.txt"
    path.write_text("mass " * 200_000)
    assert read_draft(path).text.startswith("mass mass")


def test_a_pipe_is_read_as_a_file_is(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=(f"{TITLE}\n{ABSTRACT}",))
    writer.start()
    assert read_draft(tmp_path / "pipe").title == TITLE
    writer.join()


@given(st.binary(max_size=400))
@example(b"%PDF-1.7")
@example(b"\\documentclass{a}\\title{{{")
@example(b"---\ntitle: |\n---\n")
@example("\ud800 half".encode("utf-16-le", "surrogatepass"))
def test_any_bytes_are_a_draft_or_one_line(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any"
    for name in ("any.md", "any.tex", "any"):
        path = path.with_name(name)
        path.write_bytes(content)
        try:
            found = read_draft(path)
        except InputError as error:
            assert "\n" not in error.message  # noqa: PT017 - both ends are good
        else:
            assert found.query.strip()
            assert len(found.text) <= MAX_CHARS


def test_a_list_between_rules_without_an_end_is_a_plain_text(draft):
    # Its lines could begin a field as well as an item: to try both at each would never end.
    read = draft("---\n" + "-a: x\n" * 60 + "Mass moves.")
    assert read.text.endswith("Mass moves.")


def test_standard_input_is_read_by_its_sign_and_stays_open(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(b"Moss in bogs\n\nWe study moss.\n"))
    monkeypatch.setattr("sys.stdin", stream)
    assert read_draft("-").title == "Moss in bogs"
    assert not stream.closed
    with pytest.raises(InputError, match="-: empty file"):
        read_draft("-")
