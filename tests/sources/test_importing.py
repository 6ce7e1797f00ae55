"""SOURCEs: files and folders, what cannot be used, and a report that adds up."""

from __future__ import annotations

import hashlib
import os

import pytest

from pipeline.errors import InputError
from pipeline.papers import build_table
from pipeline.sources import read_sources
from sources.conftest import SEEDS, abstract_of

GOOD = f"A Good Title\n\n{abstract_of('good things')}\n"


def reasons(report):
    return " ".join(problem.reason for problem in report.problems)


def test_the_report_of_the_seeds_adds_up():
    result = read_sources([SEEDS])
    table = build_table(result.records, result.reports)
    assert sum(r.found for r in table.reports) == 190
    assert sum(r.imported for r in table.reports) == len(table) == 169
    assert all(r.found == r.imported + r.merged + r.set_aside for r in table.reports)
    assert [r.file for r in table.reports] == [p.name for p in sorted(SEEDS.glob("*.txt"))]


def test_a_file_is_named_by_its_own_name(page):
    (record,) = read_sources([page(GOOD, "deep/folder/a.txt")]).records
    assert record.sources[0].file == "a.txt"


def test_folders_are_walked_in_order_and_named_from_the_source(page, tmp_path):
    for name in ("b/z.txt", "a.txt", "b/a.txt"):
        page(GOOD.replace("Good", name[0].upper() + name[2].upper()), name)
    files = [r.file for r in read_sources([tmp_path]).reports]
    assert files == ["a.txt", "b/a.txt", "b/z.txt"]


def test_equal_names_are_told_apart_in_any_order(page):
    one, two = page(GOOD, "x/a.txt"), page(GOOD, "y/a.txt")
    names = [r.file for r in read_sources([one, two]).reports]
    assert names == [r.file for r in read_sources([two, one]).reports] == ["x/a.txt", "y/a.txt"]


def test_a_file_given_twice_is_read_once(page, tmp_path):
    path = page(GOOD)
    assert len(read_sources([path, tmp_path, path]).records) == 1


def test_a_bad_file_among_good_ones_is_reported(page, tmp_path):
    page(GOOD, "good.txt")
    page("", "empty.txt")
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)) * 4)
    page("# Notes", "README.md")
    page("secret", ".hidden")
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    result = read_sources([tmp_path])
    by_file = {r.file: r for r in result.reports}
    assert len(result.records) == 1
    assert "empty file" in reasons(by_file["empty.txt"])
    assert "PNG" in reasons(by_file["picture.txt"])
    assert "binary" in reasons(by_file["noise.bin"])
    assert by_file["README.md"].format == "skipped"
    assert ".hidden" not in by_file
    assert "not a regular file" in reasons(by_file["broken"])
    assert all(r.found == r.imported + r.merged + r.set_aside for r in result.reports)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "empty file"),
        (b" \n\n ", "white space"),
        (b"%PDF-1.7 ....", "PDF"),
        (bytes(range(256)) * 8, "binary"),
        (b"just a few words\nand some more\n", "no paper|no known format"),
        (b"a,b\n1,2\n", "no paper|no known format"),
        (b'{"x": 1}\n', "no title or abstract"),
        (b"<html><body><p>x</p></body></html>\n", "a web page, not an export"),
        (b"<rss><channel/></rss>\n", "no known format"),
    ],
)
def test_a_named_file_that_is_unusable_is_one_line(tmp_path, content, match):
    path = tmp_path / "x.dat"
    path.write_bytes(content)
    with pytest.raises(InputError, match=match) as error:
        read_sources([path])
    assert str(path) in error.value.message
    assert "\n" not in error.value.message
    assert error.value.hint


def test_missing_and_empty_sources(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_sources([tmp_path / "nowhere"])
    with pytest.raises(InputError, match="no file with papers"):
        read_sources([tmp_path])
    with pytest.raises(InputError, match="no SOURCE"):
        read_sources([])
    for odd in ("a\0b", "x" * 5000):
        with pytest.raises(InputError):
            read_sources([odd])


def test_a_folder_of_nothing_usable_is_an_error(page, tmp_path):
    page("", "a.txt")
    page("words only", "b.txt")
    with pytest.raises(InputError, match=r"a\.txt: empty file and 1 more"):
        read_sources([tmp_path])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(page):
    path = page(GOOD)
    path.chmod(0)
    with pytest.raises(InputError, match="cannot be read"):
        read_sources([path])


def test_a_pipe_is_not_waited_on(page, tmp_path):
    page(GOOD)
    os.mkfifo(tmp_path / "pipe.txt")
    assert len(read_sources([tmp_path]).records) == 1
    with pytest.raises(InputError, match="not a regular file"):
        read_sources([tmp_path / "pipe.txt"])


def test_links_in_a_circle_end(page, tmp_path):
    page(GOOD, "a/x.txt")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    assert len(read_sources([tmp_path]).records) == 1


@pytest.mark.parametrize(
    ("encoding", "noted"),
    [
        ("utf-8", False),
        ("utf-8-sig", False),
        ("utf-16", False),
        ("latin-1", True),
        ("cp1252", True),
    ],
)
def test_encodings(page, encoding, noted):
    text = GOOD.replace("Good", "Naïve")
    result = read_sources([page(text, encoding=encoding)])
    assert result.records[0].title == "A Naïve Title"
    assert ("Latin-1" in reasons(result.reports[0])) is noted


def test_an_enormous_line_is_set_aside(page, monkeypatch):
    monkeypatch.setattr("pipeline.sources.document.MAX_LINE_CHARS", 5000)
    path = page('{"title": "One"}\n{"title": "' + "x" * 20000 + '"}\n{"title": "Two"}\n', "a.jsonl")
    result = read_sources([path])
    assert [r.title for r in result.records] == ["One", "Two"]
    assert "too long" in reasons(result.reports[0])
    assert [r.sources[0].line for r in result.records] == [1, 3]


def test_a_record_that_the_parser_loses_is_said(page, monkeypatch):
    path = page('{"title": "One"}\n', "a.jsonl")
    from pipeline.sources import jsonl, registry

    lossy = registry.SourceFormat("lossy", lambda *_: 1.0, lambda _: 3, jsonl.read)
    monkeypatch.setattr(registry, "FORMATS", (lossy,))
    (report,) = read_sources([path]).reports
    assert (report.found, report.imported, report.set_aside) == (3, 1, 2)
    assert "3 records counted but 1 parsed" in reasons(report)


def test_each_file_has_its_digest(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"title\nOn Moss\n")
    expected = hashlib.sha256(b"title\nOn Moss\n").hexdigest()
    assert read_sources([tmp_path]).digests == {"a.csv": expected}


def test_a_folder_that_cannot_be_listed_is_reported(page, tmp_path, monkeypatch):
    page(GOOD, "a.txt")
    page(GOOD, "b/shut/c.txt")
    listed = os.scandir

    def scandir(path):
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    good, shut = read_sources([tmp_path]).reports
    assert (good.file, good.imported) == ("a.txt", 1)
    assert (shut.file, shut.format, shut.found) == ("b/shut/", "unreadable", 0)
    assert reasons(shut) == "folder cannot be read (Permission denied)"
    assert set(read_sources([tmp_path]).digests) == {"a.txt"}


@pytest.mark.parametrize("inside", [["CURRENT", "snapshots/1/papers.txt"], [".paperatlas.lock"]])
def test_an_atlas_among_the_sources_is_not_read(page, tmp_path, inside):
    page(GOOD, "a.txt")
    for name in [*inside, "more/b.txt", "c.txt"]:
        page(GOOD, f"atlas/{name}")
    page(GOOD, "plain/CURRENT")
    assert [r.file for r in read_sources([tmp_path]).reports] == ["a.txt", "plain/CURRENT"]
