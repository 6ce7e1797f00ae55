"""Shared phrases and the sentence that has most of them, on texts that can be read at a glance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.papers import Paper
from pipeline.reasons import Explanation, QueryWords, explain


def explained(query, title, abstract=""):
    return explain(QueryWords.of(query), Paper(id="w", title=title, abstract=abstract))


def shared(query, title, abstract=""):
    return list(explained(query, title, abstract).shared)


def sentence(query, abstract, title="Title"):
    return explained(query, title, abstract).sentence


@pytest.mark.parametrize("word", ["Model", "algorithm", "cost", "Learning", "training", "images"])
def test_one_everyday_word_is_no_reason(word):
    assert explained(f"{word}.", word, f"{word}. Of {word}.") == Explanation((), "")


@pytest.mark.parametrize(
    "phrase",
    ["a novel framework", "the proposed method", "experimental results", "state-of-the-art"],
)
def test_what_every_abstract_says_is_no_reason(phrase):
    text = f"Here is {phrase}. It is {phrase} again."
    assert explained(text, "Other", text) == Explanation((), "")


def test_an_everyday_term_is_shared_only_where_nothing_better_is():
    assert shared("On neural networks.", "Neural networks") == ["Neural networks"]
    assert shared("Neural networks of glaciers.", "Glaciers and neural networks") == ["Glaciers"]


def test_one_plain_word_is_shared_only_where_nothing_better_is():
    assert shared("Glaciers. Snow.", "On glaciers", "Of snow.") == ["glaciers"]
    assert shared("Glaciers. Coral reefs.", "On glaciers", "Of coral reefs.") == ["coral reefs"]
    assert shared("GAN. Glaciers.", "On glaciers", "A GAN.") == ["GAN"]


def test_a_plain_word_that_both_texts_are_about_goes_before_one_of_only_one_of_them():
    query = "Glaciers. They retreat. Deltas grow."
    assert shared(query, "Melting glaciers", "Deltas again. Deltas!") == ["glaciers"]
    assert shared(query, "Melting", "Deltas again. Deltas!") == ["Deltas"]
    assert shared(query, "Melting", "Some deltas vanish.") == []


@pytest.mark.parametrize("word", ["large-scale", "end-to-end", "cost-effective", "learned"])
def test_a_word_that_wants_a_noun_is_no_reason_alone(word):
    assert shared(f"A {word} way. So {word}.", f"Two {word} ways", f"How {word}.") == []


def test_the_longest_term_is_named_and_no_word_of_it_twice():
    query = "Simple Temporal Networks with Uncertainty. Networks with Uncertainty are old."
    found = shared(query, "Disjunctive Temporal Networks with Uncertainty", "Uncertainty rules.")
    assert found == ["Temporal Networks with Uncertainty"]


@pytest.mark.parametrize(
    ("term", "short"),
    [("batch normalization", "BN"), ("person re-identification", "re-id"), ("point clouds", "PCs")],
)
def test_an_acronym_is_not_named_beside_what_it_is_short_for(term, short):
    text = f"We study {term} ({short}). The {short} is old."
    assert shared(text, "Title", text) == [term]


def test_the_piece_of_a_clause_is_no_phrase():
    text = "Models pre-trained on natural language. Grounding aims to localize."
    assert shared(text, "Title", text) == ["natural language"]


def test_phrases_are_written_as_in_running_text():
    title, abstract = "Optimal Transport Maps", "Optimal transport is old. We solve {} again."
    found = shared("optimal transport", title, abstract.format("optimal transport"))
    assert found == ["optimal transport"]
    assert shared("optimal transport", title) == ["Optimal Transport"]
    assert shared("Merge models. On merging models.", "Model merging") == ["Model merging"]


def test_at_most_three_phrases_are_named_those_that_are_repeated_first():
    names = ["coral reefs", "alpine glaciers", "river deltas", "desert dunes"]
    text = ", ".join(names) + ". Of desert dunes."
    assert shared(text, "Title", text)[0] == "desert dunes"
    assert len(shared(text, "Title", text)) == 3


def test_the_sentence_shares_most_for_its_length():
    abstract = "Coral reefs are old. Alpine glaciers feed coral reefs. Nothing else is known."
    assert sentence("Coral reefs and alpine glaciers.", abstract) == (
        "Alpine glaciers feed coral reefs."
    )


def test_what_a_paper_does_goes_before_why_and_how_well():
    abstract = (
        "Coral reefs are very old in all seas. Experiments on coral reefs show that it wins. "
        "In this paper we study all coral reefs."
    )
    assert sentence("coral reefs", abstract) == "In this paper we study all coral reefs."


def test_a_sentence_that_shares_nothing_is_none():
    assert sentence("coral reefs", "Alpine glaciers retreat.") == ""
    assert sentence("coral reefs", "") == ""


def test_the_title_is_not_repeated_as_the_sentence():
    abstract = "Saving coral reefs. We plant some coral reefs by hand."
    assert sentence("coral reefs", abstract, "Saving Coral Reefs") == (
        "We plant some coral reefs by hand."
    )
    assert sentence("coral reefs", "Saving coral reefs.", "Saving Coral Reefs!") == ""


def test_a_sentence_is_not_cut_at_an_abbreviation():
    whole = "Seas, e.g. Pacific ones with coral reefs as in Fig. A, are warm."
    assert sentence("coral reefs", f"{whole} Yes.") == whole


def test_a_long_sentence_is_cut_with_a_mark_around_what_it_shares():
    tail = "goes on and on " * 40
    found = sentence("optimal transport", f"Optimal transport {tail}.")
    assert found.startswith("Optimal transport goes on")
    assert found.endswith(" …")
    assert len(found) <= 202
    found = sentence("optimal transport", f"It {tail}, and so optimal transport ends.")
    assert found == "… and so optimal transport ends."
    found = sentence("optimal transport", f"It {tail} and optimal transport {tail}.")
    assert found.startswith("… ")
    assert "optimal transport" in found
    assert found.endswith(" …")
    assert len(found) <= 204


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=200))
def test_any_texts_have_an_explanation_in_the_paper_s_own_words(query, title, abstract):
    found = explained(query, title, abstract)
    assert len(found.shared) <= 3
    assert all(phrase in title or phrase in abstract for phrase in found.shared)
    assert found.sentence.strip("… ") in abstract
    assert len(found.sentence) <= 204
