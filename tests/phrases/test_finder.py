"""Phrases: where they begin and end, how they are compared, how they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.phrases import form_factor, phrases_among, phrases_in, split_segments, word_key


def phrases_of(text: str) -> set[str]:
    return {mention.text for mention in phrases_in(split_segments(text))}


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


def test_merging_models_is_model_merging() -> None:
    keys = [
        {m.key for m in phrases_in(split_segments(text)) if len(m.key) == 2}
        for text in ("merging models", "model merging")
    ]
    assert keys[0] == keys[1] == {("model", "merging")}


@given(st.text(max_size=200))
def test_any_text_gives_well_formed_mentions(text: str) -> None:
    for mention in phrases_in(split_segments(text)):
        assert mention.text.strip() == mention.text
        assert 1 <= len(mention.key) <= 4
        assert 0.0 <= form_factor(mention.text) <= 1.0


WORDS = [
    "merging",
    "model-models",
    "of",
    "to",
    "the",
    "a+",
    "b'c",
    "3D",
    "x.y",
    "Ice,",
    "www.x.org",
]
KEYS = ["merging", "modelmodel", "of", "to", "ice", "the", "a+", "x", "y"]


@given(st.lists(st.sampled_from(WORDS), max_size=14), st.sets(st.sampled_from(KEYS)))
def test_phrases_among_are_those_whose_every_word_is_known(words, vocabulary) -> None:
    text = " ".join(words)
    expected = [m for m in phrases_in(split_segments(text)) if vocabulary.issuperset(m.key)]
    assert list(phrases_among(text, vocabulary)) == expected


@pytest.mark.parametrize("run", ["(" * 150_000, "._" * 75_000, ".com " + "a-" * 75_000])
def test_long_runs_of_marks_are_passed_once(run):
    text = f"green moss {run} green moss"
    assert [m.text for m in phrases_among(text, {"green", "moss"})].count("green moss") == 2
    assert list(phrases_in(split_segments(text)))


def test_a_space_at_the_end_joins_nothing():
    assert [m.text for m in phrases_among("moss ", {"moss"})] == ["moss"]
