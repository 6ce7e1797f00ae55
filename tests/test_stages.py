"""The steps of a build and how they fit, with an embedder whose rows can be worked out."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pipeline import query, stages
from pipeline.artifacts import BuildDetails, open_snapshot
from pipeline.embed.cached import CachedEmbedder
from pipeline.embed.protocol import LongTexts
from pipeline.errors import InputError, MissingDependencyError, OutputError, UsageError
from pipeline.lexical import LexicalIndex, WeightedTerms, index_words
from pipeline.settings import Settings, load_settings


class Letters:
    """Embeds a text by whether it has an a, an e, an i; counts the texts that it is given."""

    name = "letters"
    digest = "letters-1"
    space = "letters"
    languages = None
    state = b""
    dim = 4

    def __init__(self):
        self.n_encoded = 0

    def fit(self, _texts):
        return self

    def for_queries(self):
        return self

    def encode(self, texts):
        return np.concatenate([np.empty((0, 4)), *(row for _, row in self.encode_batches(texts))])

    def encode_batches(self, texts):
        for position, text in enumerate(texts):
            self.n_encoded += 1
            row = np.array([[1, "a" in text, "e" in text, "i" in text]], dtype=np.float32)
            yield np.array([position]), row / np.linalg.norm(row)

    def count_long(self, texts):
        return LongTexts(n_split=0, n_cut=sum(len(text) > 60 for text in texts))


class Listener:
    """`Progress` that remembers."""

    def __init__(self):
        self.stages = []
        self.done = 0

    def stage(self, name, total=0):
        self.stages.append((name, total))

    def advance(self, count):
        self.done += count


@pytest.fixture
def letters(monkeypatch, tmp_path):
    monkeypatch.setenv("PAPERATLAS_CACHE", str(tmp_path / "cache"))
    embedder = Letters()

    def make(_settings, *, store, **_):
        return CachedEmbedder(embedder, store)

    monkeypatch.setattr(stages, "make_embedder", make)
    monkeypatch.setattr(query, "make_embedder", make)
    return embedder


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "papers.jsonl"
    words = ["alpine glacier", "deep sea vents", "icy moons", "bird song", "old maps", "bread"]
    papers = [
        {"id": f"m-{n}", "title": f"On {word}", "abstract": f"We look at {word} in {n + 2} ways."}
        for n, word in enumerate(words)
    ]
    papers.append({"id": "m-x", "title": "A title without any abstract"})
    path.write_text("\n".join(map(json.dumps, papers)), "utf-8")
    return path


SETTINGS = load_settings(None, ["cluster.refits=2"])


def test_a_build_tells_its_steps_and_counts_every_paper(letters, source, tmp_path):
    heard = Listener()
    made = stages.build_atlas([source], tmp_path / "atlas", settings=SETTINGS, progress=heard)
    names = [
        "read",
        "merge",
        "embed",
        "index",
        "compare",
        "cluster",
        "lay out",
        "check the map",
        "name",
        "map",
    ]
    assert [name for name, _ in heard.stages] == names
    assert list(made.timings_s) == [name for name in names if name != "merge"]  # of reading
    assert dict(heard.stages)["embed"] == 7 == made.n_papers
    assert heard.done == 14  # records read, then papers embedded
    assert (made.n_records, made.n_merged, made.n_set_aside) == (7, 0, 0)
    assert 0 <= made.unassigned_share <= 1
    assert (made.split_share, made.cut_share) == (0, 0)


def test_the_words_of_a_build_are_those_of_its_papers_row_by_row(letters, source, tmp_path):
    stages.build_atlas([source], tmp_path / "atlas", settings=SETTINGS)
    with open_snapshot(tmp_path / "atlas") as snapshot:
        words = LexicalIndex.open(snapshot)
        ids = snapshot.column("id")
        for asked, found in (("icy", {"m-2"}), ("title", {"m-x"}), ("look", set(ids) - {"m-x"})):
            scores = words.scores(WeightedTerms.of(asked))
            assert {ids[row] for row in np.flatnonzero(scores)} == found
        texts = [*snapshot.texts()]
        again = index_words([title for title, _ in texts], [abstract for _, abstract in texts])
        assert words.rows.tolist() == again.rows.tolist()
        assert words.impacts.tolist() == again.impacts.tolist()


def test_limit_takes_the_first_papers_of_the_canonical_order(letters, source, tmp_path):
    few = stages.build_atlas([source], tmp_path / "a", settings=SETTINGS, limit=3, dry_run=True)
    assert (few.n_papers, few.n_records, few.snapshot) == (3, 7, "")
    more = stages.build_atlas([source], tmp_path / "a", settings=SETTINGS, limit=99, dry_run=True)
    assert more.n_papers == 7
    with pytest.raises(UsageError, match="limit 0"):
        stages.build_atlas([source], tmp_path / "a", settings=SETTINGS, limit=0, dry_run=True)
    assert letters.n_encoded == 0
    assert not (tmp_path / "a").exists()


def test_a_place_that_holds_other_files_is_refused_before_anything_is_read(letters, tmp_path):
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(OutputError, match=r"thesis\.doc"):
        stages.build_atlas([tmp_path / "nowhere"], tmp_path, settings=Settings())


def test_a_query_needs_the_model_that_the_atlas_was_built_with(letters, source, tmp_path):
    from pipeline import Atlas

    stages.build_atlas([source], tmp_path / "atlas", settings=SETTINGS)
    with Atlas.open(tmp_path / "atlas") as atlas:
        best = atlas.related("We look at icy moons in 4 ways.", k=1)
        assert best[0].score == pytest.approx(1, abs=1e-6)
    letters.space = "letters-2"
    with Atlas.open(tmp_path / "atlas") as atlas:
        with pytest.raises(MissingDependencyError, match="built with another letters"):
            atlas.related("anything at all")
        assert atlas.related(paper="m-0")


def test_a_model_in_a_folder_is_found_from_another_one(letters, source, tmp_path, monkeypatch):
    from pipeline import Atlas

    asked = []

    def make(settings, **_):
        asked.append(settings.model)
        return letters

    monkeypatch.setattr(stages, "make_embedder", make)
    monkeypatch.setattr(query, "make_embedder", make)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "mymodel").mkdir()
    (tmp_path / "mymodel" / "modules.json").write_text("[]")
    monkeypatch.chdir(tmp_path)
    settings = load_settings(None, ["cluster.refits=2", "embed.model=./mymodel"])
    stages.build_atlas([source], tmp_path / "atlas", settings=settings)
    monkeypatch.chdir(tmp_path / "elsewhere")
    with Atlas.open(tmp_path / "atlas") as atlas:
        atlas.related("icy moons", k=1)
        assert atlas.manifest.details.settings["embed"]["model"] == "mymodel"
    assert asked == ["./mymodel", str(tmp_path / "mymodel")]


@pytest.mark.parametrize(
    ("told", "facts"),
    [({"model": "letters"}, {}), ({"newer": 1}, {"model": "letters", "space": "letters"})],
)
def test_an_atlas_of_another_version_says_so(told, facts):
    details = BuildDetails(
        model_name="letters", model_digest="", settings={"embed": told}, seed=0, facts=facts
    )
    with pytest.raises(InputError, match="another version of paperatlas"):
        query.QueryEmbedder(details, state=b"")


def test_an_atlas_has_no_say_on_network_device_or_arithmetic(letters, monkeypatch):
    asked = []
    monkeypatch.setattr(
        query, "make_embedder", lambda settings, **_: asked.append(settings) or letters
    )
    told = {"device": "cuda", "precision": "bf16", "allow_download": True}
    details = BuildDetails(
        model_name="letters",
        model_digest="",
        settings={"embed": told},
        seed=0,
        facts={"model": "letters", "space": "letters"},
    )
    query.QueryEmbedder(details, state=b"").close()
    (settings,) = asked
    assert (settings.device, settings.precision) == ("cpu", "auto")
    assert not settings.allow_download


def test_a_library_without_metadata_is_left_out(monkeypatch):
    monkeypatch.setattr(stages, "_LIBRARIES", ("numpy", "no-such-library"))
    assert stages._library_versions() == {"numpy": np.__version__}
