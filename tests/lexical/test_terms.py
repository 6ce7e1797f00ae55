"""Which terms a text has, and which terms meet."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lexical import read_terms
from pipeline.lexical.terms import FORM, PAIR, WORD, pair_digests


def terms_of(text, kind=None):
    """The digests of one text's terms, each as often as it is there."""
    terms = read_terms([text])
    chosen = terms.digests if kind is None else terms.digests[terms.kinds == kind]
    return Counter(chosen.tolist())


def words(text):
    return terms_of(text, WORD)


def pairs(text):
    return terms_of(text, PAIR)


def pair_of(first, second):
    """The digest of a pair of plain words."""
    ((one, _),), ((other, _),) = words(first).items(), words(second).items()
    return int(pair_digests(np.array([one], np.uint64), np.array([other], np.uint64))[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("models", "model"),
        ("MODELLING", "modelling"),
        ("optimization optimizing", "optimized optimize"),
        ("generative", "generation"),
        ("Übertragung", "übertragung"),
        ("GANs", "gan"),
        ("C++", "c"),
    ],
)
def test_forms_of_a_word_meet(one, other):
    assert words(one) == words(other)
    assert pairs(one) == pairs(other)


def forms(text):
    return terms_of(text, FORM)


def test_a_word_that_is_not_its_own_stem_is_known_by_its_form_too():
    assert words("optimizer") == words("optimal") == words("optim")
    assert forms("optimizer") == forms("Optimizer")
    assert forms("optimizer").keys().isdisjoint(forms("optimal"))
    assert len(forms("optimizer optimizer")) == 1
    assert forms("optimizer optimizer").total() == 2
    assert not forms("optim model 3")
    assert forms("optimizer").keys().isdisjoint(words("optimizer optimal optim =optimizer"))


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("optimiser", "optimizer"), ("Optimisation", "optimization"), ("analysed", "analyzed"),
        ("behaviour", "behavior"), ("neighbourhoods", "neighborhoods"), ("colouring", "coloring"),
        ("modelling", "modeling"), ("unlabelled", "unlabeled"), ("travelled", "traveled"),
        ("colour-based", "color-based"), ("re-colour", "re-color"),
    ],
)  # fmt: skip
def test_british_and_american_spellings_meet(british, american):
    assert words(british) == words(american)
    if british.lower() not in ("modelling", "unlabelled", "travelled"):
        assert terms_of(british) == terms_of(american)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("supervised", "supervision"), ("unsupervised", "unsupervision"), ("precise", "precision"),
        ("imprecise", "imprecisely"), ("concise", "concisely"), ("revised", "revision"),
        ("surprising", "surprisingly"), ("advertising", "advertisement"),
    ],
)  # fmt: skip
def test_words_that_are_spelt_with_s_everywhere_keep_their_stem(one, other):
    assert words(one) == words(other)


@pytest.mark.parametrize("word", ["noise", "four", "our", "is", "tour", "size", "analysis", "fell"])
def test_words_that_look_british_are_still_themselves(word):
    assert terms_of(word) == terms_of(word.upper())
    assert words("noise") != words("noses")
    assert words("four").keys().isdisjoint(words("fore"))


@pytest.mark.parametrize(("one", "other"), [("model", "mode"), ("transport", "export"), ("α", "a")])
def test_other_words_do_not_meet(one, other):
    assert words(one).keys().isdisjoint(words(other))


def test_a_compound_is_its_parts_their_pair_and_one_word():
    parts = words("pre training")
    assert words("pre-training") == parts
    assert pairs("pre-training") == pairs("pre training") == {pair_of("pre", "training"): 1}
    assert terms_of("pre-training", FORM) == words("pretraining")
    assert words("training").items() <= parts.items()


def test_a_compound_joins_the_words_beside_it_and_stop_words_in_it_are_left_out():
    assert pairs("fast pre-training methods") == {
        pair_of("fast", "pre"): 1,
        pair_of("pre", "training"): 1,
        pair_of("training", "methods"): 1,
    }
    assert words("state-of-the-art") == words("state art")
    assert pairs("state-of-the-art") == {pair_of("state", "art"): 1}
    assert terms_of("state-of-the-art", FORM) == words("stateoftheart")


def test_a_pair_has_an_order_and_counts_each_time():
    assert pairs("optimal transport") == {pair_of("optimal", "transport"): 1}
    assert pair_of("optimal", "transport") != pair_of("transport", "optimal")
    assert pairs("go go go") == {pair_of("go", "go"): 2}


@pytest.mark.parametrize(
    "text",
    [
        "transport, maps",
        "transport. Maps",
        "transport (maps)",
        "transport/maps",
        "transport  maps",
        "transport\nmaps",
        "transport of maps",
        "transport and the maps",
        "transport https://example.org/a maps",
    ],
)
def test_no_pair_crosses_a_mark_a_line_or_a_stop_word(text):
    assert words(text) == words("transport maps")
    assert not pairs(text)


def test_no_pair_crosses_two_texts():
    terms = read_terms(["moss", "transport"])
    assert terms.texts.tolist() == [0, 1]
    assert PAIR not in terms.kinds


def test_terms_know_their_text_and_lengths_count_stems_alone():
    terms = read_terms(["the optimal maps", "", "of", "pre-training maps maps"])
    assert terms.lengths.tolist() == [2, 0, 0, 4]
    # Two words, one pair, two forms; four words, three pairs, the compound and three forms.
    assert sorted(terms.texts.tolist()) == [*[0] * 5, *[3] * 10]
    for text in (0, 3):
        alone = read_terms([["the optimal maps", "", "of", "pre-training maps maps"][text]])
        here = terms.texts == text
        assert Counter(terms.digests[here].tolist()) == Counter(alone.digests.tolist())


@pytest.mark.parametrize(
    "text",
    ["", " ", "the of and", "\0", "\udcff\ud800", "🙂🙃", "?!…—", "https://example.org/maps"],
)
def test_a_text_without_words_has_no_terms(text):
    assert not terms_of(text)


def test_hostile_texts_have_the_terms_of_their_words():
    assert words("maps\0maps\udcffmaps🙂maps") == {next(iter(words("maps"))): 4}
    assert not pairs("maps\0maps\udcffmaps🙂maps")
    assert len(words("نقل مثالي 最优传输 оптимальный")) == 4
    assert words("optimal " * 100_000) == {next(iter(words("optimal"))): 100_000}


def test_a_word_is_known_by_its_first_64_letters():
    assert words("x" * 100_000) == words("x" * 64)
    assert words("x" * 63) != words("x" * 64)
    assert len(words("1-" * 50_000 + "1")) == 1


def test_digests_are_the_same_in_every_process():
    """The first 64 bits of BLAKE2b, as an atlas on disk has them."""
    assert words("transporting") == {0x6FF4E81D7FBE7CDE: 1}


@given(st.lists(st.text(max_size=40), max_size=6))
def test_any_texts_have_terms_within_them(texts):
    terms = read_terms(texts)
    assert len(terms.digests) == len(terms.texts) == len(terms.kinds)
    assert len(terms.lengths) == len(texts)
    assert terms.digests.dtype == np.uint64
    counted = np.bincount(terms.texts[terms.kinds == WORD], minlength=len(texts))
    assert counted.tolist() == terms.lengths.tolist()
