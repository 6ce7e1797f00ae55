"""`Atlas.predict`: the themes of an atlas are what it predicts, and new texts find theirs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pipeline import Atlas
from pipeline.errors import InputError, UsageError
from pipeline.papers import embedding_text
from pipeline.themes import judgement_from

NEW = "Transport maps\nWe learn Monge maps between measures with neural networks."


@pytest.fixture(scope="module")
def atlas(seed_atlas):
    with Atlas.open(seed_atlas) as opened:
        yield opened


def own_themes(atlas, paper):
    return atlas.show(paper.id).themes


FORMS = {
    "as it was embedded": embedding_text,
    "title, line break, abstract": lambda paper: f"{paper.title}\n{paper.abstract}",
    "on one line": lambda paper: f"{paper.title} {paper.abstract}",
    "in capitals": lambda paper: f"{paper.title}\n{paper.abstract}".upper(),
    "wrapped": lambda paper: f"{paper.title}\n{paper.abstract}".replace(" ", "\n\t"),
    "the abstract alone": lambda paper: paper.abstract or paper.title,
    "the abstract with its heading": lambda paper: f"Abstract: {paper.abstract or paper.title}",
    "as the source had it": lambda paper: f"{paper.raw_title}\n{paper.raw_abstract}",
    "the title alone": lambda paper: paper.title if len(paper.title) >= 20 else paper.abstract,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_paper_of_the_atlas_has_its_own_themes(atlas, form):
    papers = [paper for paper in atlas.papers if FORMS[form](paper).strip()]
    found = atlas.predict([FORMS[form](paper) for paper in papers])
    assert len(found) == len(papers) > 40
    for paper, predicted in zip(papers, found, strict=True):
        assert predicted.known == paper
        assert predicted.themes == own_themes(atlas, paper)
        assert not predicted.is_far
        assert paper.id not in {near.id for near, _ in predicted.nearest}


def test_alone_as_among_others(atlas):
    texts = [embedding_text(paper) for paper in atlas.papers[:8]] + [NEW]
    together = atlas.predict(texts)
    assert [atlas.predict([text])[0] for text in texts] == together
    assert atlas.predict(texts[::-1]) == together[::-1]


def test_a_new_text_has_nested_themes_and_the_nearest_papers(atlas):
    (found,) = atlas.predict(NEW)
    assert found.known is None
    assert [of.theme.layer for of in found.themes] == list(range(atlas.n_layers))
    for finer, coarser in zip(found.themes, found.themes[1:], strict=False):
        assert finer.theme.parent == coarser.theme.id
    assert all(0 < of.strength < 1 for of in found.themes)
    scores = [score for _, score in found.nearest]
    assert scores == sorted(scores, reverse=True)
    assert len(found.nearest) == 3
    assert "transport" in " ".join(paper.title.lower() for paper, _ in found.nearest)
    assert not found.is_far


@pytest.mark.parametrize(
    "text",
    [
        "Kochrezept für Apfelstrudel: Mehl, Zucker, Zimt und Äpfel",
        "図書館の開館時間と貸出の規則について",
        "\ud83d \U0001f600",
        "zzz " * 20_000,
        "<b>\x1b[31m\0</b> x",
    ],
    ids=["German", "Japanese", "signs", "huge", "control characters"],
)
def test_any_text_has_an_answer(atlas, text):
    (found,) = atlas.predict([text])
    assert found.known is None
    assert len(found.nearest) == 3
    assert all(np.isfinite(of.strength) for of in found.themes)


def test_what_has_nothing_to_do_with_the_papers_is_far(atlas):
    (found,) = atlas.predict("Apfelstrudel mit Zimt, Zucker und Rosinen")
    assert found.is_far
    (near,) = atlas.predict(NEW)
    assert max(of.strength for of in found.themes) < max(of.strength for of in near.themes)


@pytest.mark.parametrize("k", [0, 1, 10])
def test_as_many_near_papers_as_are_asked_for(atlas, k):
    assert len(atlas.predict(NEW, n_nearest=k)[0].nearest) == k


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ("", "text 0 is empty"),
        ([NEW, " \n\t"], "text 1 is empty"),
        (["\0"], "text 0 is empty"),
        ([NEW, None], "text 1 is of the type NoneType"),
        ([b"bytes"], "text 0 is of the type bytes"),
        (b"bytes", "expected a list of texts"),
        ([["a"]], "text 0 is of the type list"),
    ],
)
def test_what_is_no_text_is_refused(atlas, texts, says):
    with pytest.raises(UsageError, match=says):
        atlas.predict(texts)


@pytest.mark.parametrize("k", [-1, 11])
def test_a_number_of_near_papers_out_of_range_is_refused(atlas, k):
    with pytest.raises(UsageError, match=f"n_nearest = {k}"):
        atlas.predict(NEW, n_nearest=k)


def test_no_texts_have_no_themes(atlas):
    assert atlas.predict([]) == []


def test_eight_threads_that_ask_at_once_open_one_predictor(seed_atlas):
    with Atlas.open(seed_atlas) as atlas, ThreadPoolExecutor(8) as pool:
        text = embedding_text(atlas.papers[7])
        answers = list(pool.map(lambda i: atlas.predict([text, NEW][i % 2]), range(32)))
    assert all(answer == answers[i % 2] for i, answer in enumerate(answers))
    assert answers[0][0].known == answers[2][0].known != answers[1][0].known


@pytest.mark.parametrize("backend", ["lexical", "fused"])
def test_atlases_of_words_predict_too(seed_sources, tmp_path, backend):
    settings = {"embed.backend": backend, "cluster.refits": 2}
    with Atlas.build(seed_sources[0], out=tmp_path, settings=settings) as atlas:
        texts = [embedding_text(paper) for paper in atlas.papers]
        for paper, found in zip(atlas.papers, atlas.predict(texts), strict=True):
            assert (found.known, found.themes) == (paper, own_themes(atlas, paper))
        (unknown,) = atlas.predict(["xyzzy plugh"])
        assert unknown.known is None


def build_of(tmp_path, *rows):
    import json

    source = tmp_path / "papers.jsonl"
    source.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    settings = {"embed.backend": "lexical"}
    return Atlas.build(source, out=tmp_path / "atlas", settings=settings)


def test_an_atlas_of_one_paper(tmp_path):
    row = {"title": "One paper on optimal transport", "abstract": "It has one abstract of words."}
    with build_of(tmp_path, row) as atlas:
        known, new = atlas.predict([row["abstract"], "transport"])
        assert known.known == atlas.papers[0]
        assert known.themes == own_themes(atlas, atlas.papers[0])
        assert known.nearest == ()
        assert new.known is None
        assert [paper for paper, _ in new.nearest] == [atlas.papers[0]]


def test_papers_without_an_abstract_are_known_and_in_no_theme(tmp_path):
    rows = [
        {"title": f"The title of paper number {i}", "abstract": f"words {i} " * 9} for i in "ab"
    ]
    bare = {"title": "A title that has no abstract at all"}
    with build_of(tmp_path, *rows, bare) as atlas:
        (found,) = atlas.predict([bare["title"]])
        assert found.known.title == bare["title"]
        assert found.themes == ()


def test_an_atlas_that_holds_no_judgement_says_what_to_do():
    for facts in ({}, {"themes": {}}, {"themes": {"agreements": 1}}):
        with pytest.raises(InputError, match="another version") as told:
            judgement_from(facts)
        assert told.value.hint == "build the atlas again"
