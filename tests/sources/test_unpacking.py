"""Archives: read as the files in them, within limits, and never out of their folder."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from backports import zstd

from pipeline.errors import InputError
from pipeline.sources import read_sources, unpacking
from sources.conftest import abstract_of

JSONL = '{"title": "On Moss"}\n{"title": "On Tides"}\n'
RIS = "TY  - JOUR\nTI  - On Ferns\nER  - \n"


def pack(tmp_path, members, name="papers.zip"):
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path


def titles(result):
    return sorted(paper.title for paper in result.records)


def reasons(result):
    return {report.file: " ".join(p.reason for p in report.problems) for report in result.reports}


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.data"])
def test_gzip(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(JSONL.encode()))
    result = read_sources([path])
    assert titles(result) == ["On Moss", "On Tides"]
    assert result.records[0].sources[0].file == name
    assert list(result.digests) == [name]


def test_gzip_of_several_pieces(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(b"".join(gzip.compress(line.encode()) for line in JSONL.splitlines(True)))
    assert titles(read_sources([path])) == ["On Moss", "On Tides"]


def test_zstd(tmp_path):
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(
        b"".join(zstd.compress(line.encode()) for line in JSONL.splitlines(keepends=True))
    )
    assert titles(read_sources([path])) == ["On Moss", "On Tides"]


def test_a_zip_is_read_as_a_folder(tmp_path):
    path = pack(
        tmp_path,
        {
            "deep/a.jsonl": JSONL,
            "b.ris": RIS,
            "c.jsonl.gz": gzip.compress(b'{"title": "On Stones"}\n'),
            "README.md": "# no papers",
            ".hidden": JSONL,
            "__MACOSX/a.jsonl": "noise",
            "picture.png": b"\x89PNG\r\n\x1a\n",
        },
    )
    result = read_sources([path])
    assert titles(result) == ["On Ferns", "On Moss", "On Stones", "On Tides"]
    found = {report.file: report.format for report in result.reports}
    assert found == {
        "papers.zip/README.md": "skipped",
        "papers.zip/b.ris": "ris",
        "papers.zip/c.jsonl.gz": "jsonl",
        "papers.zip/deep/a.jsonl": "jsonl",
        "papers.zip/picture.png": "unreadable",
    }
    assert set(result.digests) == {"papers.zip"}


def test_names_that_leave_the_archive_are_not_read(tmp_path):
    bad = ["../out.jsonl", "/etc/out.jsonl", "a/../../out.jsonl", "C:\\out.jsonl", "..\\out.jsonl"]
    path = pack(tmp_path, {**dict.fromkeys(bad, JSONL), "good.jsonl": JSONL})
    result = read_sources([path])
    assert titles(result) == ["On Moss", "On Tides"]
    told = reasons(result)
    assert sum("leaves the archive" in reason for reason in told.values()) == len(bad)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["papers.zip"]
    assert not any(report.is_clean for report in result.reports if "out" in report.file)


def test_links_and_encrypted_files_are_told(tmp_path):
    path = tmp_path / "papers.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("link.jsonl")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("good.jsonl", JSONL)
        archive.writestr("secret.jsonl", JSONL)
    raw = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):  # the flag that says: encrypted
        raw[raw.rindex(mark) + at] |= 1
    path.write_bytes(raw)
    told = reasons(read_sources([path]))
    assert "a link" in told["papers.zip/link.jsonl"]
    assert "encrypted" in told["papers.zip/secret.jsonl"]


def test_an_archive_in_an_archive_is_not_opened(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.jsonl", JSONL)
    path = pack(tmp_path, {"inner.zip": inner.getvalue(), "b.ris": RIS})
    assert "archive in an archive" in reasons(read_sources([path]))["papers.zip/inner.zip"]


def test_two_files_of_one_name_are_both_read(tmp_path):
    path = tmp_path / "papers.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jsonl", JSONL)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.jsonl", '{"title": "On Stones"}\n')
    result = read_sources([path])
    assert [r.file for r in result.reports] == ["papers.zip/a.jsonl", "papers.zip/a.jsonl (2)"]
    assert titles(result) == ["On Moss", "On Stones", "On Tides"]


def test_a_name_that_a_second_file_would_get_may_be_taken(tmp_path):
    path = tmp_path / "papers.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.ris", RIS)
        archive.writestr("a.ris (2)", RIS)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.ris", RIS)
    files = [report.file for report in read_sources([path]).reports]
    assert sorted(files) == [f"papers.zip/a.ris{end}" for end in ("", " (2)", " (2) (2)")]


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress])
def test_what_follows_the_data_costs_none_of_it(tmp_path, compress):
    path = tmp_path / "a.gz"
    path.write_bytes(compress(JSONL.encode()) + b"and more")
    result = read_sources([path])
    assert titles(result) == ["On Moss", "On Tides"]
    assert "ends early or is damaged" in reasons(result)["a.gz"]


@pytest.fixture
def low_limits(monkeypatch):
    monkeypatch.setattr(unpacking, "FLOOR_BYTES", 100_000)


@pytest.mark.parametrize("kind", ["gz", "zst", "zip", "gz in zip"])
def test_a_bomb_is_stopped_at_a_stated_limit(tmp_path, low_limits, kind):
    zeros = (b'{"title": "' + b"0" * 999 + b'"}\n') * 60_000  # 60 MB, a thousand times its size
    path = tmp_path / "bomb"
    match kind:
        case "gz":
            path.write_bytes(gzip.compress(zeros))
        case "zst":
            path.write_bytes(zstd.compress(zeros))
        case "zip":
            pack(tmp_path, {"a.jsonl": zeros}, "bomb")
        case _:
            pack(tmp_path, {"a.jsonl.gz": gzip.compress(zeros)}, "bomb")
    with pytest.raises(InputError, match=r"bomb: unpacks to more than 100 times its size; stopped"):
        read_sources([path])
    good = tmp_path / "good.jsonl"
    good.write_text(JSONL)
    result = read_sources([tmp_path])
    assert titles(result) == ["On Moss", "On Tides"]
    assert "unpacks to more than" in reasons(result)["bomb"]


def test_an_honest_archive_of_any_ratio_below_the_floor_is_read(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b'{"title": "' + b"ha " * 100_000 + b'"}\n'))
    assert len(read_sources([path]).records) == 1


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])
def test_an_archive_that_ends_early_gives_what_it_has(tmp_path, compress):
    lines = "".join(
        f'{{"title": "{i} {hash_words(i)}", "abstract": "{abstract_of(f"x{i}")}"}}\n'
        for i in range(3000)
    )
    whole = compress(lines.encode())
    path = tmp_path / "a.gz"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    result = read_sources([path])
    (report,) = result.reports
    assert 500 < len(result.records) < 3000
    assert report.found == report.imported + report.set_aside
    doubts = [p.reason for p in report.problems if p.kind == "doubt"]
    assert any("ends early" in reason for reason in doubts)
    assert not report.is_clean


def hash_words(i):
    return " ".join(f"{(i + k) * 2654435761 % 2**32:x}" for k in range(6))


@pytest.mark.parametrize(
    "content",
    [b"\x1f\x8b garbage", b"\x28\xb5\x2f\xfd garbage", b"PK\x03\x04 garbage", b"\x1f\x8b"],
)
def test_a_damaged_archive_is_one_line(tmp_path, content):
    path = tmp_path / "a.gz"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_sources([path])
    assert str(path) in error.value.message
    assert "\n" not in error.value.message


def test_a_damaged_file_in_a_zip_costs_no_other(tmp_path):
    path = tmp_path / "papers.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.jsonl", JSONL)
        archive.writestr("b.ris", RIS)
    raw = path.read_bytes().replace(b"On Moss", b"On Mess", 1)  # its checksum no longer holds
    path.write_bytes(raw)
    result = read_sources([path])
    assert "On Ferns" in titles(result)
    assert "damaged" in reasons(result)["papers.zip/a.jsonl"]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_of_any_method_costs_no_other(tmp_path, method):
    path = tmp_path / "papers.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name in ("a.ris", "b.ris", "c.ris"):
            archive.writestr(name, RIS)
        start = archive.getinfo("b.ris").header_offset + 30 + len("b.ris")
    raw = bytearray(path.read_bytes())
    raw[start + 9 : start + 15] = b"\xff" * 6
    path.write_bytes(raw)
    result = read_sources([path])
    assert reasons(result)["papers.zip/b.ris"].startswith("damaged (")
    assert [r.imported for r in result.reports] == [1, 0, 1]


def test_a_file_that_cannot_be_opened_is_not_the_one_before_it(tmp_path):
    path = pack(tmp_path, {"a.ris": RIS, "b.ris": RIS.replace("Ferns", "Tides")})
    raw = bytearray(path.read_bytes())
    raw[raw.find(b"PK\x03\x04", 4)] ^= 0xFF
    path.write_bytes(raw)
    result = read_sources([path])
    assert titles(result) == ["On Ferns"]
    assert reasons(result)["papers.zip/b.ris"].startswith("damaged (")


def test_other_archives_are_named(tmp_path):
    for content, kind in ((b"BZh91AY", "bzip2"), (b"\xfd7zXZ\0\0", "xz"), (b"Rar!\x1a\x07", "rar")):
        path = tmp_path / "a.bin"
        path.write_bytes(content + b"x" * 50)
        with pytest.raises(InputError, match=kind):
            read_sources([path])


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    spool = tmp_path / "tmp"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    path = pack(tmp_path, {"a.jsonl": JSONL})
    read_sources([path])
    with pytest.raises(InputError):
        read_sources([pack(tmp_path, {"a.png": b"\x89PNG"}, "b.zip")])
    assert list(spool.iterdir()) == []
