"""Phrases: where they begin and end, how they are compared, how they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.phrases import (
    PhraseFinder,
    Wording,
    find_acronyms,
    form_factor,
    split_segments,
)
from pipeline.phrases.finder import word_key


def phrases_of(text: str, acronyms: dict[tuple[str, ...], str] | None = None) -> set[str]:
    finder = PhraseFinder(acronyms or {})
    return {mention.text for mention in finder.mentions(split_segments(text))}


def test_a_segment_ends_at_punctuation_and_keeps_hyphens() -> None:
    segments = [[w.text for w in s] for s in split_segments("Gromov-Wasserstein maps, in f-GANs.")]
    assert segments == [["Gromov-Wasserstein", "maps"], ["in", "f-GANs"]]


def test_urls_offer_no_phrases() -> None:
    assert phrases_of("see https://github.com/some/repo and example.org/page") == set()


def test_no_phrase_begins_or_ends_with_a_stop_word() -> None:
    assert phrases_of("the mixture of experts") == {"mixture", "mixture of experts", "experts"}


def test_a_name_holds_at_most_four_words() -> None:
    assert max(len(p.split()) for p in phrases_of("deep sparse robust causal graph networks")) == 4


def test_numbers_open_no_phrase() -> None:
    assert "3D scenes" not in phrases_of("3D scenes")
    assert "scenes" in phrases_of("3D scenes")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("models", "model"),
        ("LLMs", "llm"),
        ("strategies", "strategy"),
        ("biases", "bias"),
        ("pre-training", "pretraining"),
        ("losses", "loss"),
        ("boxes", "box"),
    ],
)
def test_words_are_compared_in_the_singular(a: str, b: str) -> None:
    assert word_key(a) == word_key(b)


@pytest.mark.parametrize("word", ["bias", "analysis", "loss", "focus", "gas"])
def test_words_that_only_look_plural_stay(word: str) -> None:
    assert word_key(word) == word


def test_an_acronym_is_defined_by_the_initials_before_it() -> None:
    found = find_acronyms(["We study large language models (LLMs) and optimal transport (OT)."])
    assert found == {("large", "language", "model"): "llm", ("optimal", "transport"): "ot"}


def test_an_acronym_with_two_meanings_is_none() -> None:
    texts = ["neural architecture search (NAS) is slow", "network attached storage (NAS) is full"]
    assert find_acronyms(texts) == {}


def test_long_form_and_acronym_are_one_phrase() -> None:
    finder = PhraseFinder({("large", "language", "model"): "llm"})
    keys = {m.key for m in finder.mentions(split_segments("reasoning of large language models"))}
    assert ("llm",) in keys
    short = {m.key for m in finder.mentions(split_segments("reasoning of LLMs"))}
    assert keys == short


def test_merging_models_is_model_merging() -> None:
    finder = PhraseFinder({})
    keys = [
        {m.key for m in finder.mentions(split_segments(text)) if len(m.key) == 2}
        for text in ("merging models", "model merging")
    ]
    assert keys[0] == keys[1] == {("model", "merging")}


def wording_of(titles: list[str], abstracts: list[str]) -> Wording:
    wording = Wording()
    finder = PhraseFinder({})
    for texts, running in ((titles, False), (abstracts, True)):
        for text in texts:
            segments = list(split_segments(text))
            wording.add_words(segments, running=running)
            wording.add_mentions(finder.mentions(segments))
    return wording


def test_a_phrase_is_written_as_most_papers_write_it_in_running_text() -> None:
    wording = wording_of(
        ["Optimal Transport Maps"],
        ["we use optimal transport maps.", "an optimal transport map.", "optimal transport maps."],
    )
    assert wording.text(("optimal", "transport", "map")) == "optimal transport maps"


def test_proper_names_and_acronyms_keep_their_capitals() -> None:
    wording = wording_of(["KerJEPA for Vision"], ["the Wasserstein distance is used in RLHF here"])
    assert wording.text(("wasserstein", "distance")) == "Wasserstein distance"
    assert wording.text(("rlhf",)) == "RLHF"
    assert wording.text(("kerjepa",)) == "KerJEPA"


def test_a_capital_at_the_start_of_a_sentence_is_not_a_name() -> None:
    wording = wording_of([], ["Merging helps. Merging is cheap. we like merging"])
    assert wording.text(("merging",)) == "merging"


@pytest.mark.parametrize(
    "text",
    ["novel method", "results", "better models", "model based", "significantly faster", "datasets"],
)
def test_phrases_that_name_nothing_have_no_form(text: str) -> None:
    assert form_factor(text) == 0.0


def test_two_words_are_formed_better_than_one_and_an_acronym_than_a_plain_word() -> None:
    assert form_factor("optimal transport") == 1.0
    assert form_factor("transport") < form_factor("RLHF") < form_factor("optimal transport")


def test_a_participle_at_the_end_is_formed_badly() -> None:
    assert form_factor("responses preferred") < form_factor("preferred responses")


@given(st.text(max_size=200))
def test_any_text_gives_well_formed_mentions(text: str) -> None:
    for mention in PhraseFinder({}).mentions(split_segments(text)):
        assert mention.text.strip() == mention.text
        assert 1 <= len(mention.key) <= 4
        assert 0.0 <= form_factor(mention.text) <= 1.0
