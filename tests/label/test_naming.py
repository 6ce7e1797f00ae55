"""Names: which phrase wins, what proves it, and that no two are alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.label import Theme, name_themes
from pipeline.label.corpus import count_phrases
from pipeline.label.naming import mark_themes
from pipeline.phrases import STOP_WORDS

TRANSPORT = [
    ("Neural optimal transport", "We solve optimal transport with networks."),
    ("Optimal transport maps", "Maps of optimal transport between datasets."),
    ("Fast optimal transport", "The cost of optimal transport falls."),
]
MERGING = [
    ("Model merging by permutation", "We study model merging of two networks."),
    ("Conflicts in model merging", "In model merging, parameters of networks interfere."),
    ("Merging models that differ", "Merging models of other tasks is hard for networks."),
]


def encode_by_letters(phrases: Sequence[str]) -> np.ndarray:
    """A toy embedder: counts of the letters, as unit rows."""
    rows = np.zeros((len(phrases), 26), dtype=np.float32)
    for row, phrase in enumerate(phrases):
        for letter in phrase.lower():
            if "a" <= letter <= "z":
                rows[row, ord(letter) - ord("a")] += 1
    rows += 1e-3
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def name(
    papers: Sequence[tuple[str, str]], labels: Sequence[Sequence[int]], **options: Any
) -> list[Theme]:
    layers = np.array(labels, dtype=np.int32)
    return name_themes(
        layers,
        np.where(layers >= 0, 1.0, 0.0).astype(np.float32),
        encode_by_letters([f"{title} {abstract}" for title, abstract in papers]),
        [title for title, _ in papers],
        [abstract for _, abstract in papers],
        encode=encode_by_letters,
        **options,
    )


def test_themes_are_named_by_what_their_papers_share() -> None:
    themes = name(TRANSPORT + MERGING, [[0, 0, 0, 1, 1, 1]])
    assert [theme.name for theme in themes] == ["optimal transport", "model merging"]
    assert themes[0].evidence == ("“optimal transport” in 3 of 3 papers",)
    assert [theme.size for theme in themes] == [3, 3]


def test_a_word_of_every_theme_names_none() -> None:
    themes = name(TRANSPORT + MERGING, [[0, 0, 0, 1, 1, 1]])
    assert all("networks" not in theme.name for theme in themes)


def test_a_banned_phrase_is_no_name() -> None:
    themes = name(TRANSPORT + MERGING, [[0, 0, 0, 1, 1, 1]], banned=("Optimal Transport",))
    assert themes[0].name != "optimal transport"


def test_a_stop_word_of_the_user_ends_no_name() -> None:
    themes = name(TRANSPORT + MERGING, [[0, 0, 0, 1, 1, 1]], stop=("transport",))
    assert not themes[0].name.endswith("transport")


def test_a_name_that_the_user_gave_is_that_of_its_theme_alone() -> None:
    labels = [[0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 0]]
    themes = name(TRANSPORT + MERGING, labels, given={(0, 1): "Optimal Transport"})
    assert [theme.name for theme in themes[:2]] != ["optimal transport", "Optimal Transport"]
    assert themes[1].name == "Optimal Transport"
    assert themes[1].evidence == ("named by the user",)
    assert "model merging" in themes[1].terms
    assert themes[2].evidence != themes[1].evidence


def test_layers_are_nested_by_parent_and_ids_are_unique() -> None:
    themes = name(TRANSPORT + MERGING, [[0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 0]])
    assert [theme.id for theme in themes] == [0, 1, 2]
    assert [theme.layer for theme in themes] == [0, 0, 1]
    assert [theme.parent for theme in themes] == [2, 2, None]
    assert themes[2].size == 6


def test_the_larger_theme_has_the_phrase_that_two_want() -> None:
    same = ("Optimal transport", "On optimal transport.")
    themes = name([same] * 5 + [("Ships", "Ships sail.")] * 5, [[0] * 3 + [1] * 2 + [2] * 5])
    assert {len(theme.members): theme.name for theme in themes}[3] == "optimal transport"
    assert len({theme.name for theme in themes}) == 3


def test_unassigned_papers_belong_to_no_theme() -> None:
    themes = name(TRANSPORT + MERGING, [[0, 0, 0, 1, 1, -1]])
    assert [theme.members.tolist() for theme in themes] == [[0, 1, 2], [3, 4]]


def test_exemplars_are_members_best_first() -> None:
    (theme, _) = name(TRANSPORT + MERGING, [[0, 0, 0, 1, 1, 1]])
    assert set(theme.exemplars) == {0, 1, 2}


def test_a_theme_without_words_still_has_a_name() -> None:
    papers = [("", "数学 数学"), ("", "Θ Θ"), ("", "12 34"), ("", "56 78")]
    themes = name(papers, [[0, 0, 1, 1]])
    names = [theme.name for theme in themes]
    assert all(names)
    assert len(set(names)) == 2


def test_one_paper_is_named_by_itself() -> None:
    (theme,) = name(TRANSPORT[:1], [[0]])
    assert theme.name
    assert theme.size == 1


def test_names_follow_the_papers_language() -> None:
    papers = [("Réseaux de neurones profonds", "Les réseaux de neurones apprennent.")] * 3
    themes = name([*papers, *TRANSPORT], [[0, 0, 0, 1, 1, 1]])
    assert "neurones" in themes[0].name or "réseaux" in themes[0].name.lower()


def test_a_fragment_gives_way_to_what_people_write() -> None:
    corpus = count_phrases(
        ["", "", "", ""],
        ["a large language model here", "large language models", "two large language models", "x"],
    )
    assert "large language" not in corpus.texts
    assert any(text.startswith("large language model") for text in corpus.texts)


def test_marking_score_is_the_stated_formula() -> None:
    corpus = count_phrases(["", "", "", ""], ["red kites", "red kites", "blue ships", "blue ships"])
    (candidates, _) = mark_themes(corpus, [np.array([0, 1]), np.array([2, 3])])
    best = candidates[0]
    share, background, other = 0.6, 0.5 / 3, 0.0
    smooth = 1.2 / 3
    expected = share * np.log(share / background) * smooth / (smooth + 0.5 * other)
    assert best.text == "red kites"
    assert best.score == pytest.approx(expected, rel=1e-5)


WORDS = ["graph", "kernel", "neural", "sparse", "causal", "bandit", "image", "speech", "merge"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 4),
            st.lists(st.sampled_from([*WORDS, "the", "of", "and", "method,"]), max_size=15),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_every_name_is_well_formed_and_unique(drawn: list[tuple[int, list[str]]]) -> None:
    labels = [label for label, _ in drawn]
    dense = np.unique(labels, return_inverse=True)[1].tolist()
    themes = name([(" ".join(words[:4]), " ".join(words)) for _, words in drawn], [dense])
    names = [theme.name for theme in themes]
    assert len({text.casefold() for text in names}) == len(names)
    for text in names:
        assert 0 < len(text) <= 48
        parts = text.split(" / ")
        assert len(parts) <= 2
        for part in parts:
            words = part.lower().split()
            assert 1 <= len(words) <= 4
            assert words[0] not in STOP_WORDS
            assert words[-1] not in STOP_WORDS
            assert not re.search(r"[<>{}|]", part)


def test_names_do_not_depend_on_the_order_of_papers() -> None:
    papers = TRANSPORT + MERGING
    labels = [0, 0, 0, 1, 1, 1]
    order = [4, 1, 5, 0, 3, 2]
    shuffled = name([papers[i] for i in order], [[labels[i] for i in order]])
    straight = name(papers, [labels])
    assert {t.name for t in shuffled} == {t.name for t in straight}
