"""Texts read once as arrays of words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.phrases import split_segments
from pipeline.phrases.tokens import find_acronyms, read_tokens


def written(text: str) -> list[list[str]]:
    """The segments of one text, by its tokens."""
    tokens = read_tokens([text])
    segments: list[list[str]] = []
    for word, joined in zip(tokens.words.tolist(), tokens.joined.tolist(), strict=True):
        if word == 0:
            continue
        if not joined:
            segments.append([])
        segments[-1].append(tokens.vocabulary[word])
    return segments


def test_a_segment_ends_at_punctuation_and_keeps_hyphens() -> None:
    assert written("Gromov-Wasserstein maps, in f-GANs.") == [
        ["Gromov-Wasserstein", "maps"],
        ["in", "f-GANs"],
    ]


def test_no_word_is_joined_to_one_of_another_text() -> None:
    tokens = read_tokens(["optimal", " transport"])
    assert not tokens.joined.any()
    assert tokens.texts[tokens.words > 0].tolist() == [0, 1]


def test_no_texts_and_empty_texts_have_no_words() -> None:
    assert len(read_tokens([]).words) == 0
    assert not read_tokens(["", ""]).words.any()


def test_a_word_opens_a_sentence_after_a_full_stop() -> None:
    tokens = read_tokens(["We merge. Merging helps, they say"])
    opening = [tokens.vocabulary[w] for w in tokens.words[tokens.opens] if w]
    assert opening == ["We", "Merging"]


@given(st.lists(st.text(max_size=60), max_size=4))
def test_tokens_are_the_words_of_the_segments(texts: list[str]) -> None:
    tokens = read_tokens(texts)
    for place, text in enumerate(texts):
        own = [tokens.vocabulary[w] for w in tokens.words[tokens.texts == place] if w]
        assert own == [word.text for segment in split_segments(text) for word in segment]


def test_an_acronym_is_defined_by_the_initials_before_it() -> None:
    found = find_acronyms(
        read_tokens(["We study large language models (LLMs) and optimal transport (OT)."])
    )
    assert found.of == {("large", "language", "model"): "llm", ("optimal", "transport"): "ot"}


def test_an_acronym_with_two_meanings_is_none() -> None:
    texts = ["neural architecture search (NAS) is slow", "network attached storage (NAS) is full"]
    assert find_acronyms(read_tokens(texts)).of == {}


def test_brackets_without_matching_initials_define_nothing() -> None:
    assert find_acronyms(read_tokens(["(LLM) a method (BERT) of ours", "(OT)"])).of == {}
