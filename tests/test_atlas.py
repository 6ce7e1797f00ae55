"""`Atlas`, as a Python user holds it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import pipeline
from pipeline import Atlas
from pipeline.errors import InputError, OutputError, UsageError

A_PAPER = "p-6ad7cbcfb4a1"


@pytest.fixture
def atlas(seed_atlas):
    with Atlas.open(seed_atlas) as opened:
        yield opened


def test_rows_mean_the_same_paper_everywhere(atlas):
    assert [paper.id for paper in atlas.papers] == list(atlas.ids)
    assert len(set(atlas.ids)) == 50 == atlas.manifest.n_papers
    for layer in range(atlas.n_layers):
        members = [paper for theme in atlas.themes(layer) for paper in atlas.members(theme)]
        assert sorted(members + atlas.unassigned(layer)) == sorted(atlas.ids)


def test_themes_come_largest_first_and_the_default_layer_where_none_is_named(atlas):
    for layer in range(atlas.n_layers):
        sizes = [theme.size for theme in atlas.themes(layer)]
        assert sizes == sorted(sizes, reverse=True)
    assert atlas.themes() == atlas.themes(atlas.default_layer)
    for layer in (-1, atlas.n_layers):
        with pytest.raises(UsageError, match=f"no layer {layer}"):
            atlas.themes(layer)
        with pytest.raises(UsageError, match=f"no layer {layer}"):
            atlas.unassigned(layer)


@pytest.mark.parametrize(
    ("mode", "goes_by"),
    [("hybrid", "fused_score"), ("dense", "score"), ("lexical", "lexical_score")],
)
def test_scores_are_the_cosines_of_the_stored_vectors(atlas, seed_atlas, mode, goes_by):
    (path,) = seed_atlas.rglob("vectors-0000.npy")
    vectors = np.load(path, allow_pickle=False)
    row = atlas.ids.index(A_PAPER)
    hits = atlas.related(paper=A_PAPER, k=1000, mode=mode)
    assert len({hit.paper.id for hit in hits} - {A_PAPER}) == len(hits) == 49
    for hit in hits:
        cosine = vectors[row] @ vectors[atlas.ids.index(hit.paper.id)]
        assert hit.score == pytest.approx(cosine, abs=1e-5)
        assert hit.why
    assert [hit.rank for hit in hits] == list(range(1, 50))
    scores = [getattr(hit.hit, goes_by) for hit in hits]
    assert scores == sorted(scores, reverse=True)


def test_many_threads_may_ask_at_once(atlas, embedder, seed_atlas):
    texts = [f"{word} of thread {n}" for n in range(16) for word in ("transport", "tokens")]
    with ThreadPoolExecutor(16) as pool:
        by_paper = pool.map(lambda _: atlas.related(paper=A_PAPER, k=5), range(16))
        by_text = list(pool.map(lambda text: atlas.related(text, k=5), texts))
    assert len(set(map(tuple, by_paper))) == 1
    (path,) = seed_atlas.rglob("vectors-0000.npy")
    vectors = np.load(path, allow_pickle=False)
    # Embedded anew, one by one: a row that went to another thread's text would be found out.
    for text, found in zip(texts, by_text, strict=True):
        similarities = vectors @ embedder.encode([text])[0]
        scores = [similarities[atlas.ids.index(hit.paper.id)] for hit in found]
        assert [hit.score for hit in found] == pytest.approx(scores, abs=1e-5)
        assert found == atlas.related(text, k=5)
    assert len({tuple(hit.score for hit in found) for found in by_text}) == len(texts)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({}, "nothing to look for"),
        ({"text": ""}, "the query text is empty"),
        ({"text": " \0\udcff\n"}, "the query text is empty"),
        ({"text": "a", "k": 0}, "k = 0"),
        ({"paper": "nobody"}, "no paper has the id or title 'nobody'"),
        ({"paper": "\0"}, "no paper has the id or title"),
    ],
)
def test_a_query_that_cannot_be_answered_is_refused(atlas, query, says):
    with pytest.raises(UsageError, match=says):
        atlas.related(query.pop("text", None), **query)


def test_a_paper_is_found_by_alias_and_shown_with_its_records(atlas):
    merged = next(paper for paper in atlas.papers if paper.aliases)
    for name in (merged.id, *merged.aliases):
        assert atlas.paper(name) == merged
        shown = atlas.show(name, n_neighbours=3)
        assert shown.paper == merged
        assert len(shown.records) == len(merged.sources) > 1
        assert [hit.rank for hit in shown.neighbours] == [1, 2, 3]
        assert {of.theme.layer for of in shown.themes} <= set(range(atlas.n_layers))


def test_a_map_that_cannot_be_written_leaves_what_was_there(atlas, tmp_path):
    with pytest.raises(OutputError, match="no such folder"):
        atlas.map(tmp_path / "nowhere" / "map.html")
    with pytest.raises(OutputError, match="is a folder"):
        atlas.map(tmp_path)
    (tmp_path / "map.docx").write_text("old")
    with pytest.raises(UsageError, match="docx"):
        atlas.map(tmp_path / "map.docx")
    assert [path.name for path in tmp_path.iterdir()] == ["map.docx"]
    assert (tmp_path / "map.docx").read_text() == "old"


def test_what_is_no_atlas_is_not_opened(tmp_path):
    with pytest.raises(InputError, match="is not an atlas"):
        Atlas.open(tmp_path)


def test_build_opens_what_it_built(seed_sources, environment, monkeypatch, tmp_path):
    monkeypatch.setenv("PAPERATLAS_CACHE", environment["PAPERATLAS_CACHE"])
    steered = {"cluster.refits": 2}
    with Atlas.build(str(seed_sources[0]), out=tmp_path / "a", settings=steered) as made:
        assert len(made.papers) == 10
        assert made.manifest.details.settings["cluster"]["refits"] == 2
        (hit,) = made.related("language models", k=1)
        assert hit.paper in made.papers
    with pytest.raises(UsageError, match="unknown setting"):
        Atlas.build(seed_sources[0], out=tmp_path / "b", settings={"cluster.refit": 2})


def test_the_package_offers_the_atlas_and_nothing_unknown():
    assert pipeline.Atlas is Atlas
    with pytest.raises(AttributeError, match="Atlsa"):
        _ = pipeline.Atlsa


def test_a_paper_is_shown_by_its_title_too(atlas):
    shown = atlas.show(A_PAPER)
    assert atlas.show(f" {shown.paper.title.upper()} ") == shown
    slip = shown.paper.title.replace("o", "0", 1)
    with pytest.raises(UsageError, match="no paper has the id or title") as told:
        atlas.show(slip)
    assert told.value.hint.startswith(f"nearest: {A_PAPER}")
    for empty in ("", " "):
        with pytest.raises(UsageError, match="no paper is named: the text is empty"):
            atlas.show(empty)
    with pytest.raises(UsageError, match="no paper has the id or title 'p-6ad7cbcfb4a2'") as told:
        atlas.show("p-6ad7cbcfb4a2")
    assert told.value.hint == f"nearest: {A_PAPER}"
