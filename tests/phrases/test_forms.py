"""Forms: what can be a name, and how people write it."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.phrases import form_factor
from pipeline.phrases.forms import Casing
from pipeline.phrases.tokens import find_acronyms, read_tokens


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


def casing_of(titles: list[str], abstracts: list[str]) -> Casing:
    tokens = read_tokens([*titles, *abstracts])
    running = np.arange(len(titles) + len(abstracts)) >= len(titles)
    return Casing(tokens, running=running, defining=find_acronyms(tokens).spans)


def test_proper_names_and_acronyms_keep_their_capitals() -> None:
    casing = casing_of(["KerJEPA for Vision"], ["the Wasserstein distance is used in RLHF here"])
    assert casing.cased("wasserstein") == "Wasserstein"
    assert casing.cased("rlhf") == "RLHF"
    assert casing.cased("kerjepa") == "KerJEPA"
    assert casing.cased("vision") == "vision"


def test_a_capital_at_the_start_of_a_sentence_is_not_a_name() -> None:
    casing = casing_of([], ["Merging helps. Merging is cheap. we like merging"])
    assert casing.cased("merging") == "merging"


def test_capitals_of_a_definition_are_those_of_the_acronym_alone() -> None:
    casing = casing_of(
        [], ["We use Retrieval-Augmented Generation (RAG).", "A retrieval of augmented things."]
    )
    assert casing.cased("retrieval-augmented") == "retrieval-augmented"
    assert casing.cased("generation") == "generation"
    assert casing.cased("rag") == "RAG"


def test_a_hyphenated_word_has_the_capitals_of_its_parts() -> None:
    casing = casing_of([], ["the Wasserstein distance", "we study Gromov-Wasserstein maps"])
    assert casing.cased("gromov-wasserstein") == "Gromov-Wasserstein"
    casing = casing_of([], ["a text to an image", "so Text-to-Image models", "we use a text"])
    assert casing.cased("text-to-image") == "text-to-image"


def test_capitals_of_a_title_in_running_text_are_not_meant() -> None:
    casing = casing_of([], ["so Masked Diffusion Models win", "a diffusion of models"])
    assert casing.cased("masked") == "masked"
    casing = casing_of([], ["so Monte Carlo methods win"])
    assert (casing.cased("monte"), casing.cased("carlo")) == ("Monte", "Carlo")
