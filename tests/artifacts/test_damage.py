"""Every changed, lost or cut file is found and named, with what to do next."""

import random
from pathlib import Path

import numpy as np
import pytest
from small_atlas import write_atlas

from pipeline.artifacts import manifest as manifests
from pipeline.artifacts import open_snapshot
from pipeline.errors import DamagedAtlasError, InputError
from pipeline.lexical import LexicalIndex

LEXICAL = [f"lexical-0000/{name}.npy" for name in ("digests", "starts", "rows", "impacts")]
DATA = [
    "papers.sqlite", "vectors-0000.npy", "layout.npy", "notes-0000/word.json", "map.html", *LEXICAL
]  # fmt: skip


@pytest.fixture
def atlas(tmp_path) -> Path:
    info = write_atlas(tmp_path / "atlas")
    for path in info.path.rglob("*.*"):
        path.chmod(0o755)  # damage does not ask for permission
    return tmp_path / "atlas"


def path_in(atlas: Path, name: str) -> Path:
    if name == "CURRENT":
        return atlas / name
    return atlas / "snapshots" / (atlas / "CURRENT").read_text().strip() / name


def verify(atlas: Path) -> None:
    with open_snapshot(atlas) as snapshot:
        snapshot.verify_all()


def places(n_bytes: int) -> set[int]:
    some = random.Random(n_bytes).sample(range(n_bytes), min(n_bytes, 40))  # noqa: S311
    return {0, n_bytes // 2, n_bytes - 1, *some}


@pytest.mark.parametrize("name", ["CURRENT", "manifest.json", *DATA])
def test_a_flipped_bit_is_found_anywhere(atlas, name):
    path = path_in(atlas, name)
    whole = path.read_bytes()
    for place in places(len(whole)):
        for bit in (0, 5):
            changed = bytearray(whole)
            changed[place] ^= 1 << bit
            path.write_bytes(changed)
            with pytest.raises(DamagedAtlasError) as error:
                verify(atlas)
            assert str(path) in error.value.message
            assert "paperatlas build SOURCE -o" in error.value.hint
    path.write_bytes(whole)
    verify(atlas)


@pytest.mark.parametrize("name", ["CURRENT", "manifest.json", *DATA])
@pytest.mark.parametrize("keep", [0, 0.5])
def test_a_cut_file_is_found_on_opening(atlas, name, keep):
    path = path_in(atlas, name)
    path.write_bytes(path.read_bytes()[: int(keep * path.stat().st_size)])
    with pytest.raises(DamagedAtlasError) as error:
        open_snapshot(atlas)
    assert str(path) in error.value.message


@pytest.mark.parametrize("name", ["manifest.json", *DATA])
def test_a_lost_file_is_found_on_opening(atlas, name):
    path = path_in(atlas, name)
    path.unlink()
    with pytest.raises(DamagedAtlasError, match="is missing") as error:
        open_snapshot(atlas)
    assert str(path) in error.value.message


def test_only_what_is_asked_for_is_read(atlas):
    path = path_in(atlas, "vectors-0000.npy")
    path.write_bytes(bytes(path.stat().st_size))
    with open_snapshot(atlas) as snapshot:
        assert len(snapshot.titles()) == 5
        with pytest.raises(DamagedAtlasError, match=r"vectors.*: was changed"):
            _ = snapshot.vectors


@pytest.mark.parametrize("name", LEXICAL)
def test_changed_words_are_found_by_what_reads_them_alone(atlas, name):
    path = path_in(atlas, name)
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
    with open_snapshot(atlas) as snapshot:
        assert snapshot.vectors.shape == (5, 4)
        with pytest.raises(DamagedAtlasError, match=f"{name}: was changed"):
            LexicalIndex.open(snapshot)


def test_the_changed_piece_of_a_large_array_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(manifests, "CHUNK_BYTES", 64)
    info = write_atlas(tmp_path / "atlas")
    monkeypatch.undo()  # a reader goes by the manifest
    path = info.path / "vectors-0000.npy"
    path.chmod(0o644)
    whole = bytearray(path.read_bytes())
    whole[150] ^= 1
    path.write_bytes(whole)
    with pytest.raises(DamagedAtlasError, match="near byte 128"):
        verify(tmp_path / "atlas")


class TestPointer:
    def test_to_a_snapshot_that_is_gone(self, atlas):
        (atlas / "CURRENT").write_text("20200101T000000000Z-aaaaaaaaaaaa\n")
        with pytest.raises(DamagedAtlasError, match="not there") as error:
            open_snapshot(atlas)
        (name,) = [path.name for path in (atlas / "snapshots").iterdir()]
        assert name in error.value.hint  # to go back to
        (atlas / "CURRENT").write_text(name)
        verify(atlas)

    @pytest.mark.parametrize("text", ["", "..", "/etc", "x" * 5000, "\udcff"])
    def test_to_no_name_at_all(self, atlas, text):
        (atlas / "CURRENT").write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(DamagedAtlasError, match="does not name a snapshot"):
            open_snapshot(atlas)

    def test_lost(self, atlas):
        (atlas / "CURRENT").unlink()
        with pytest.raises(DamagedAtlasError, match="CURRENT: is missing"):
            open_snapshot(atlas)

    def test_a_build_mends_it_and_keeps_the_snapshot_that_is_there(self, atlas):
        (before,) = (atlas / "snapshots").iterdir()
        (atlas / "CURRENT").write_text("nonsense")
        write_atlas(atlas, "new")
        verify(atlas)
        assert before.is_dir()


class TestManifest:
    def rewrite(self, atlas: Path, change) -> None:
        path = path_in(atlas, "manifest.json")
        path.write_bytes(change(path.read_bytes()))

    @pytest.mark.parametrize("version", [1, 2, 3, 4, 9])
    def test_of_another_version(self, atlas, version):
        self.rewrite(atlas, lambda raw: raw.replace(b"manifest/5", b"manifest/%d" % version))
        with pytest.raises(DamagedAtlasError) as error:
            open_snapshot(atlas)
        assert error.value.message == (
            f"{path_in(atlas, 'manifest.json')}: has the schema 'paperatlas.manifest/{version}'; "
            "this version reads 'paperatlas.manifest/5'"
        )
        assert error.value.hint.startswith("build it again")

    @pytest.mark.parametrize("raw", [b"", b"null", b"[]", b"{}", b"\xff\xfe", b'{"schema": 1}'])
    def test_that_is_something_else(self, atlas, raw):
        self.rewrite(atlas, lambda _: raw)
        with pytest.raises(DamagedAtlasError, match="manifest"):
            open_snapshot(atlas)

    def test_of_another_snapshot(self, atlas):
        info = write_atlas(atlas, "new")
        (old,) = set((atlas / "snapshots").iterdir()) - {info.path}
        manifest = info.path / "manifest.json"
        manifest.chmod(0o644)
        manifest.write_bytes((old / "manifest.json").read_bytes())
        with pytest.raises(DamagedAtlasError, match="is that of the snapshot"):
            open_snapshot(atlas)

    @pytest.mark.parametrize(
        ("name", "shape"),
        [
            ("layout", (4, 2)),
            ("neighbors", (4, 1)),
            ("neighbors", (5,)),
            ("similarities", (5, 2)),
            ("preservation", (4,)),
        ],
    )
    def test_arrays_that_are_whole_but_of_another_shape(self, atlas, name, shape):
        # A foreign tool may write a consistent manifest over files that do not fit each other.
        file = f"{name}.npy"
        np.save(path_in(atlas, file), np.zeros(shape, np.float32))

        def with_new_array(raw: bytes) -> bytes:
            from dataclasses import replace

            old = manifests.decode(raw)
            files = {**old.files, file: manifests.digest_file(path_in(atlas, file))}
            digest = manifests.content_digest(files, old.details, old.n_papers)
            return manifests.encode(replace(old, files=files, content_digest=digest))

        self.rewrite(atlas, with_new_array)
        with open_snapshot(atlas) as snapshot:
            with pytest.raises(DamagedAtlasError, match=f"{file}: has the shape") as error:
                getattr(snapshot, name)
            assert str(shape) in error.value.message


class TestNoAtlas:
    def test_says_how_to_build_one(self, tmp_path):
        (tmp_path / "empty").mkdir()
        (tmp_path / "file").write_text("x")
        (tmp_path / "documents").mkdir()
        (tmp_path / "documents" / "a.txt").write_text("x")
        for name in ("empty", "file", "documents", "nowhere", "file/below"):
            with pytest.raises(InputError) as error:
                open_snapshot(tmp_path / name)
            assert str(tmp_path / name) in error.value.message
            assert (
                error.value.hint == f"build one with: paperatlas build SOURCE -o {tmp_path / name}"
            )
