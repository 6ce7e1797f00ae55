"""BM25 on texts short enough to score by hand, and against a plain one on any others."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from math import log, sqrt

import numpy as np
import pytest
from artifacts.small_atlas import small_details
from hypothesis import given
from hypothesis import strategies as st
from Stemmer import Stemmer

from pipeline.artifacts import open_snapshot, open_writer
from pipeline.errors import DamagedAtlasError
from pipeline.lexical import LexicalIndex, WeightedTerms, bm25, index_words
from pipeline.papers import Paper, Source

ARRAYS = ("digests", "starts", "rows", "impacts")


def scores_of(query, titles, abstracts=None):
    index = index_words(titles, abstracts or [""] * len(titles))
    return index.scores(WeightedTerms.of(query)).tolist()


def idf(n, df):
    return log(1 + (n - df + 0.5) / (df + 0.5))


def saturated(count, length, mean_length):
    return count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / mean_length))


def test_one_word_of_an_abstract_by_hand():
    abstracts = ["moss", "moss moss fern stone", "fern"]
    # Lengths 1, 4 and 1, so 2 on average; moss is in two of three texts: log(1 + 1.5 / 2.5).
    first = log(1.6) * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 0.5))
    second = log(1.6) * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 2))
    found = scores_of("moss", ["", "", ""], abstracts)
    assert found == pytest.approx([first, second, 0])
    assert found == pytest.approx([0.590862, 0.504394, 0], abs=1e-6)


def test_a_word_of_the_title_counts_three_times():
    found = scores_of("moss", ["moss", "", ""], ["", "moss moss moss", "fern"])
    assert found[0] == found[1] > 0
    # Lengths 3, 3 and 1.
    assert found[0] == pytest.approx(idf(3, 2) * saturated(3, 3, 7 / 3))


def test_title_and_abstract_add_up():
    found = scores_of("moss", ["moss fern", "fern"], ["green moss", "stone"])
    assert found == pytest.approx([idf(2, 1) * saturated(4, 8, 6), 0])


def test_the_words_of_a_query_add_up_and_a_repeated_one_counts_by_its_root():
    titles = ["moss", "fern", "moss, fern"]
    moss, fern = scores_of("moss", titles), scores_of("fern", titles)
    both = [one + other for one, other in zip(moss, fern, strict=True)]
    assert scores_of("moss, fern", titles) == pytest.approx(both)
    assert scores_of("moss, moss; moss", titles) == pytest.approx([sqrt(3) * s for s in moss])


def test_a_pair_adds_a_fifth_of_its_own_score():
    titles = ["green moss", "moss, green", "green moss"]
    words, found = scores_of("green, moss", titles), scores_of("green moss", titles)
    pair = 0.2 * idf(3, 2) * saturated(3, 6, 6)
    assert found == pytest.approx([words[0] + pair, words[1], words[2] + pair])


def test_a_pair_that_one_text_has_adds_nothing():
    titles = ["green moss", "fern"]
    assert scores_of("green moss", titles) == scores_of("green, moss", titles)


def test_a_compound_is_found_by_its_parts_and_as_one_word():
    titles = ["Pre-training", "Pretraining", "Training", "Fern"]
    by_part, as_one = scores_of("training", titles), scores_of("pretraining", titles)
    assert [score > 0 for score in by_part] == [True, False, True, False]
    assert [score > 0 for score in as_one] == [True, True, False, False]
    both = scores_of("pre-training", titles)
    assert both[0] > both[2] > both[3] == 0
    assert both[1] > 0


def test_a_compound_of_one_text_alone_is_found_as_one_word():
    assert scores_of("pretraining", ["Pre-training", "Fern"])[0] > 0


def test_stems_meet():
    assert scores_of("generative models", ["A generation model", "fern"])[0] > 0


def test_a_word_that_every_text_has_adds_a_little():
    found = scores_of("moss", ["moss", "moss fern"])
    assert 0 < found[1] < found[0]
    assert found[0] == pytest.approx(log(1.2) * saturated(3, 3, 4.5))


def test_equal_texts_score_the_same():
    texts = ["moss on green stone", "fern", "moss on green stone"] * 7
    found = scores_of("green moss, stone and fern", texts)
    assert set(found[0::3]) == set(found[2::3]) != set(found[1::3])
    assert len(set(found)) == 2


@pytest.mark.parametrize(
    "query", ["", "the of and", "\0", "\udcff", "🙂", "unknown", "https://a.org"]
)
def test_a_query_without_a_known_word_scores_nothing(query):
    assert scores_of(query, ["moss", "the of", ""]) == [0, 0, 0]


@pytest.mark.parametrize("texts", [[], [""], ["the of"], ["", ""], ["🙂", "\0"]])
def test_an_atlas_without_words_scores_nothing(texts):
    index = index_words(texts, texts)
    assert index.n_rows == len(texts)
    assert index.scores(WeightedTerms.of("moss the")).tolist() == [0] * len(texts)


def test_one_paper_is_found():
    assert scores_of("moss", ["Moss"]) == pytest.approx([log(4 / 3) * saturated(3, 3, 3)])


@pytest.mark.parametrize("text", ["نقل مثالي", "最优传输", "оптимальный транспорт", "ελάχιστη"])
def test_any_alphabet_finds_itself(text):
    found = scores_of(text, ["moss", text])
    assert found[0] == 0 < found[1]


def test_long_and_broken_texts_are_indexed_beside_others():
    texts = ["x" * 100_000, "moss " * 100_000, "moss\0fern\udcff🙂", "-" * 100_000]
    found = scores_of("moss", texts)
    assert [score > 0 for score in found] == [False, True, True, False]
    assert np.isfinite(found).all()
    assert scores_of("x" * 100_000, texts)[0] > 0


def test_scores_are_float32_of_every_row():
    found = index_words(["moss", "fern"], ["", ""]).scores(WeightedTerms.of("moss"))
    assert (found.dtype, found.shape) == (np.float32, (2,))


def test_texts_read_in_blocks_give_the_same_index(monkeypatch):
    titles = [f"moss {i % 5} green-stone fern" for i in range(23)]
    abstracts = ["the fern grows" * (i % 3) for i in range(23)]
    whole = index_words(titles, abstracts)
    for size in (1, 4, 23):
        monkeypatch.setattr(bm25, "_READ_AT_ONCE", size)
        parts = index_words(titles, abstracts)
        for name in ARRAYS:
            one, other = getattr(whole, name), getattr(parts, name)
            assert one.dtype == other.dtype
            assert one.tolist() == other.tolist(), name


def test_terms_are_ascending_with_ascending_rows():
    index = index_words(["b a", "a c", "c a b"], ["", "b", ""])
    assert (np.diff(index.digests.astype(object)) > 0).all()
    assert index.starts[0] == 0
    assert index.starts[-1] == len(index.rows) == len(index.impacts)
    for start, end in pairwise(index.starts.tolist()):
        assert (np.diff(index.rows[start:end]) > 0).all()
    assert [getattr(index, name).dtype for name in ARRAYS] == [
        np.uint64, np.int64, np.int32, np.float32
    ]  # fmt: skip


def test_weights_of_several_queries_add_up_and_may_be_negative():
    titles = ["moss", "fern", "moss, fern"]
    index = index_words(titles, [""] * 3)
    parts = [(WeightedTerms.of("moss"), 1.0), (WeightedTerms.of("fern, moss"), -0.5)]
    moss, fern = scores_of("moss", titles), scores_of("fern", titles)
    expected = [0.5 * one - 0.5 * other for one, other in zip(moss, fern, strict=True)]
    assert index.scores(WeightedTerms.sum_of(parts)).tolist() == pytest.approx(expected)
    assert expected[1] < 0


def write_words(atlas, titles, index=None):
    """An atlas of these titles, with the index of their words or another one."""
    here = (Source("a.txt", 1),)
    papers = [Paper(id=str(i), title=title, sources=here) for i, title in enumerate(titles)]
    with open_writer(atlas) as writer:
        writer.write_papers(papers, [[replace(paper, id="")] for paper in papers], [])
        (index or index_words(titles, [""] * len(titles))).write(writer)
        writer.seal(small_details())
        writer.commit()


@pytest.mark.parametrize("titles", [["green moss", "moss"], ["the", ""], [""]])
def test_what_a_snapshot_holds_is_the_same_index(tmp_path, titles):
    write_words(tmp_path / "atlas", titles)
    made = index_words(titles, [""] * len(titles))
    with open_snapshot(tmp_path / "atlas") as snapshot:
        opened = LexicalIndex.open(snapshot)
        assert opened.n_rows == len(titles)
        for name in ARRAYS:
            one, other = getattr(made, name), getattr(opened, name)
            assert (one.dtype, one.tolist()) == (other.dtype, other.tolist())
            assert not other.flags.writeable
        asked = WeightedTerms.of("green moss")
        assert opened.scores(asked).tolist() == made.scores(asked).tolist()


def test_a_changed_index_is_not_opened(tmp_path):
    write_words(tmp_path / "atlas", ["green moss", "moss"])
    (path,) = tmp_path.rglob("impacts.npy")
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with (
        open_snapshot(tmp_path / "atlas") as snapshot,
        pytest.raises(DamagedAtlasError, match=r"impacts\.npy: was changed"),
    ):
        LexicalIndex.open(snapshot)


def is_refused(atlas, says):
    with open_snapshot(atlas) as snapshot, pytest.raises(DamagedAtlasError, match=says) as told:
        LexicalIndex.open(snapshot)
    assert told.value.hint == "build the atlas again"


def test_an_atlas_without_an_index_of_words_is_not_whole(tmp_path):
    class Nothing:
        def write(self, _writer):
            pass

    write_words(tmp_path / "atlas", ["moss"], Nothing())
    is_refused(tmp_path / "atlas", r"lexical-0000/digests\.npy: is missing")


@pytest.mark.parametrize(
    "change",
    [
        lambda index: {"rows": index.rows + np.int32(1)},
        lambda index: {"rows": index.rows - np.int32(1)},
        lambda index: {"rows": index.rows[:-1]},
        lambda index: {"rows": index.rows.astype(np.int64)},
        lambda index: {"rows": index.rows[:, None]},
        lambda index: {"impacts": index.impacts[1:]},
        lambda index: {"impacts": index.impacts.astype(np.float64)},
        lambda index: {"starts": index.starts[:-1]},
        lambda index: {"starts": index.starts + 1},
        lambda index: {"starts": index.starts[[0, 2, 1, *range(3, len(index.starts))]]},
        lambda index: {"starts": index.starts.astype(np.float64)},
        lambda index: {"starts": index.starts[:0], "digests": index.digests[:0]},
        lambda index: {"digests": index.digests[::-1]},
        lambda index: {"digests": index.digests[1:]},
        lambda index: {"digests": index.digests.astype(np.int64)},
    ],
)
def test_arrays_that_are_no_index_of_the_papers_are_not_opened(tmp_path, change):
    titles = ["green moss", "moss", "fern"]
    index = index_words(titles, [""] * 3)
    write_words(tmp_path / "atlas", titles, replace(index, **change(index)))
    is_refused(tmp_path / "atlas", "lexical-0000: is no index of 3 papers")


# A plain BM25: terms as strings and tuples, counted by dictionaries.
STEM = Stemmer("english").stemWord
STOP = {"the", "of", "do"}
WORDS = ["moss", "mosses", "fern", "ferns", "the", "of", "green", "pre-moss", "premoss", "un-of-do"]


def plain_terms(tokens):
    """Terms of a text of single-spaced `tokens`, in which "." ends a sentence, by kind."""
    words, forms, pairs, before = [], [], [], None
    for token in tokens:
        stems = [STEM(part) for part in token.split("-") if part not in STOP and part != "."]
        for stem in stems:
            words.append(stem)
            if before is not None:
                pairs.append((before, stem))
            before = stem
        if "-" in token:
            forms.append(STEM(token.replace("-", "")))
        elif stems and stems != [token]:
            forms.append(f"={token}")
        if not stems:
            before = None
    return words, forms, pairs


def plain_scores(query, papers):
    """Scores of (title, abstract) by the textbook's sum."""
    counts, lengths, whole = [], [], set()
    for title, abstract in papers:
        counted, length = Counter(), 0
        for tokens, weight in ((title, 3), (abstract, 1)):
            words, forms, pairs = plain_terms(tokens)
            whole.update(words, forms)
            length += weight * len(words)
            for term in (*words, *forms, *pairs):
                counted[term] += weight
        counts.append(counted)
        lengths.append(length)
    n, mean_length = len(papers), max(sum(lengths) / max(len(papers), 1), 1)
    n_texts = Counter(term for counted in counts for term in counted)
    words, forms, pairs = plain_terms(query)
    asked = Counter([*words, *forms, *pairs])
    scores = [0.0] * n
    for term, count in asked.items():
        if term not in whole and n_texts[term] < 2:
            continue
        weight = sqrt(count) * (1 if term in words else 0.2)
        for row, counted in enumerate(counts):
            if term in counted:
                found = saturated(counted[term], lengths[row], mean_length)
                scores[row] += weight * idf(n, n_texts[term]) * found
    return scores


tokens = st.lists(st.sampled_from([*WORDS, "."]), max_size=8)


@given(tokens, st.lists(st.tuples(tokens, tokens), max_size=6))
def test_scores_are_those_of_a_plain_bm25(query, papers):
    titles = [" ".join(title) for title, _ in papers]
    abstracts = [" ".join(abstract) for _, abstract in papers]
    found = scores_of(" ".join(query), titles, abstracts)
    assert found == pytest.approx(plain_scores(query, papers), rel=1e-5, abs=1e-6)
