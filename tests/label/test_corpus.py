"""Phrases counted over papers."""

from __future__ import annotations

import numpy as np

from pipeline.label.corpus import ABSTRACT_WEIGHT, TITLE_WEIGHT, PhraseCorpus, count_phrases


def texts_of(corpus: PhraseCorpus) -> list[str]:
    return corpus.write(np.arange(len(corpus.forms)))


def column(corpus: PhraseCorpus, text: str) -> int:
    return texts_of(corpus).index(text)


def test_a_title_weighs_more_than_an_abstract() -> None:
    corpus = count_phrases(
        ["Optimal transport", "Ships", "Cats", "Dogs"],
        ["on maps", "optimal transport here, optimal transport", "c", "d"],
    )
    weights = corpus.weights[:, column(corpus, "optimal transport")].toarray().ravel()
    assert weights.tolist() == np.float32([TITLE_WEIGHT, ABSTRACT_WEIGHT, 0, 0]).tolist()


def test_a_phrase_of_one_paper_alone_is_no_candidate() -> None:
    corpus = count_phrases([""] * 4, ["red kites", "red kites", "blue ships", "x"])
    assert "red kites" in texts_of(corpus)
    assert "blue ships" not in texts_of(corpus)


def test_a_fragment_gives_way_to_what_people_write() -> None:
    corpus = count_phrases(
        ["", "", "", ""],
        ["a large language model here", "large language models", "two large language models", "x"],
    )
    forms = dict(zip(texts_of(corpus), corpus.forms.tolist(), strict=True))
    assert forms["large language"] == 0
    assert forms["large language models"] > 0


def test_long_form_and_acronym_are_one_phrase() -> None:
    corpus = count_phrases(
        [""] * 4,
        ["large language models (LLMs) reason", "LLMs", "large language models", "LLMs reason"],
    )
    place = column(corpus, "large language models")
    assert corpus.key(place) == ("llm",)
    assert corpus.weights[:, place].nnz == 4


def test_merging_models_is_model_merging() -> None:
    corpus = count_phrases([""] * 4, ["model merging", "model merging", "merging models", "x"])
    place = column(corpus, "model merging")
    assert corpus.weights[:, place].nnz == 3


def test_a_phrase_is_written_as_most_papers_write_it() -> None:
    corpus = count_phrases(
        ["Optimal Transport Map", "", "", ""],
        ["optimal transport maps", "optimal transport maps", "an optimal transport map", ""],
    )
    assert "optimal transport map" in texts_of(corpus)
    corpus = count_phrases(
        [""] * 4, ["transport maps, transport map, transport map", "transport maps", "x", "y"]
    )
    assert "transport maps" in texts_of(corpus)


def test_what_is_followed_by_its_noun_is_formed_badly() -> None:
    abstracts = [
        "the syntactic trees grow",
        "syntactic trees",
        "syntactic rules",
        "a syntactic tree",
    ]
    corpus = count_phrases([""] * 4, abstracts)
    forms = dict(zip(texts_of(corpus), corpus.forms.tolist(), strict=True))
    assert forms.get("syntactic", 0.0) < 0.2 < forms["syntactic trees"]


def test_a_verb_before_a_determiner_is_formed_badly() -> None:
    abstracts = [
        "we probe the cells",
        "they probe the cells",
        "to probe the cells",
        "probe the cells",
    ]
    corpus = count_phrases([""] * 12, abstracts * 3)
    forms = dict(zip(texts_of(corpus), corpus.forms.tolist(), strict=True))
    assert forms["probe"] < 0.1 < forms["cells"]


def test_no_papers_have_no_phrases() -> None:
    assert count_phrases([], []).weights.shape == (0, 0)
    assert count_phrases(["", ""], ["", ""]).weights.shape == (2, 0)
