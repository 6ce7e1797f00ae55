"""Names: which phrase wins, what proves it, and that no two are alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.label import Theme, name_themes
from pipeline.label.themes import nearest_siblings
from pipeline.phrases import STOP_WORDS
from pipeline.phrases.finder import word_key

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


def encode_by_words(phrases: Sequence[str]) -> np.ndarray:
    """A toy embedder: counts of the words but the commonest, as unit rows."""
    rows = np.full((len(phrases), 128), 1e-3, dtype=np.float32)
    for row, phrase in enumerate(phrases):
        for word in re.findall(r"\w+", phrase.lower()):
            if word not in STOP_WORDS:
                rows[row, crc32(word_key(word).encode()) % 128] += 1
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def name(
    papers: Sequence[tuple[str, str]], labels: Sequence[Sequence[int]], **options: Any
) -> list[Theme]:
    layers = np.array(labels, dtype=np.int32)
    return name_themes(
        layers,
        np.where(layers >= 0, 1.0, 0.0).astype(np.float32),
        encode_by_words([f"{title} {abstract}" for title, abstract in papers]),
        [title for title, _ in papers],
        [abstract for _, abstract in papers],
        encode=encode_by_words,
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
        parts = text.removeprefix("mixed: ").split(" / ")
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


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.permutations(range(4)))
def test_names_do_not_depend_on_order_or_on_numbers_of_groups(
    random: Random, numbers: list[int]
) -> None:
    papers = [
        (" ".join(random.choices(WORDS, k=3)) + f" {i}", " ".join(random.choices(WORDS, k=12)))
        for i in range(24)
    ]
    groups = [i % 4 for i in range(24)]
    order = random.sample(range(24), 24)
    straight = name(papers, [groups])
    shuffled = name([papers[i] for i in order], [[numbers[groups[i]] for i in order]])
    by_members = {tuple(sorted(order[i] for i in t.members)): t for t in shuffled}
    for theme in straight:
        same = by_members[tuple(theme.members.tolist())]
        assert (same.name, same.terms, same.evidence) == (theme.name, theme.terms, theme.evidence)
        assert {order[i] for i in same.exemplars} == set(theme.exemplars)


def is_well_formed(text: str) -> bool:
    parts = text.removeprefix("mixed: ").split(" / ")
    return 0 < len(text) <= 48 and all(
        1 <= len(part.split()) <= 4
        and part.lower().split()[0] not in STOP_WORDS
        and part.lower().split()[-1] not in STOP_WORDS
        and not re.search(r"[<>{}|/\\]", part)
        for part in parts
    )


PIECES = [*WORDS, "the", "of", "for", "Gromov-Wasserstein", "large language models (LLMs)", "LLM",
          "<b>bold</b>", "https://example.org/x", "$x_1$", "naïve", "数学", "state-of-the-art",
          "incomprehensibilities", "electroencephalographically", "\n", "...", "-", "(", "1,000",
          ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.lists(st.sampled_from(PIECES), max_size=6),
            st.lists(st.sampled_from(PIECES), max_size=30),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_names_of_nested_layers_are_well_formed_and_unique(
    drawn: list[tuple[int, list[str], list[str]]],
) -> None:
    fine = np.array([group for group, _, _ in drawn])
    papers = [(" ".join(title), " ".join(abstract)) for _, title, abstract in drawn]
    themes = name(papers, [fine.tolist(), (fine // 2).tolist(), np.where(fine < 4, 0, -1).tolist()])
    for layer in range(3):
        names = [theme.name for theme in themes if theme.layer == layer]
        assert len({text.casefold() for text in names}) == len(names)
    for theme in themes:
        assert is_well_formed(theme.name), theme.name
        assert 0.0 <= theme.covered_share <= 1.0
        assert set(theme.exemplars) <= set(theme.members.tolist())
        assert len(set(theme.exemplars)) == len(theme.exemplars) == min(5, theme.size)


def test_one_thread_or_two_give_the_same_names() -> None:
    from threadpoolctl import threadpool_limits

    papers = [(" ".join(WORDS[i % 7 : i % 7 + 2]), " ".join(WORDS[i % 5 :])) for i in range(60)]
    found = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads):
            found.append([(t.name, t.terms) for t in name(papers, [[i % 7 for i in range(60)]])])
    assert found[0] == found[1]


def test_two_phrases_name_a_theme_that_one_does_not_cover() -> None:
    both = [
        ("Sparse parities", "We learn sparse parities."),
        ("Limits of sparse parities", "On sparse parities."),
        ("Robust kernel machines", "A kernel machine."),
        ("Kernel machines", "On kernel machines."),
    ]
    other = [("Ships", f"Ships sail to port {i}.") for i in range(8)]
    theme = name(both + other, [[0] * 4 + [1] * 8])[1]
    assert set(theme.name.split(" / ")) == {"sparse parities", "kernel machines"}
    assert theme.covered_share == 1.0
    assert set(theme.evidence) == {
        "“sparse parities” in 2 of 4 papers",
        "“kernel machines” in 2 of 4 papers",
    }


def test_a_theme_that_one_phrase_covers_is_named_by_one() -> None:
    themes = name(TRANSPORT + MERGING, [[0, 0, 0, 1, 1, 1]])
    assert [theme.covered_share for theme in themes] == [1.0, 1.0]


def test_a_parent_is_named_from_what_all_of_its_children_share() -> None:
    cats = [(f"Cats {i}", "Cats purr. Animal care.") for i in range(6)]
    dogs = [(f"Dogs {i}", "Dogs bark. Animal care.") for i in range(3)]
    ships = [(f"Ships {i}", "Ships sail. Sea trade.") for i in range(6)]
    layers = [[0] * 6 + [1] * 3 + [2] * 6, [0] * 9 + [1] * 6]
    parent = next(t for t in name(cats + dogs + ships, layers) if t.layer == 1 and t.size == 9)
    assert parent.name == "animal care"


def test_the_contrast_is_with_the_nearest_sibling() -> None:
    first, second = name(TRANSPORT + MERGING, [[0, 0, 0, 1, 1, 1]])
    assert first.contrast is not None
    # 3 of 3 papers against 0 of 3, half a paper added to each of both.
    assert (first.contrast.theme, first.contrast.phrase) == (second.id, "optimal transport")
    assert first.contrast.times == (3.5 / 4) / (0.5 / 4)


def test_a_theme_that_is_alone_has_no_contrast() -> None:
    assert [t.contrast for t in name(TRANSPORT, [[0, 0, 0]])] == [None]


def test_siblings_are_those_of_the_same_parent_where_there_are_any() -> None:
    centres = np.array([[1, 0], [0.9, 0.1], [-1, 0], [0, 1]], dtype=np.float32)
    assert nearest_siblings(centres, np.array([0, 1, 0, 2])).tolist() == [2, 0, 0, 1]
    assert nearest_siblings(centres[:1], np.array([-1])).tolist() == [0]


def test_a_theme_that_no_phrase_fits_says_so() -> None:
    apart = [
        "red kites", "red kites", "blue ships", "blue ships", "old maps", "old maps",
        "cold seas", "cold seas", "wet sand", "wet sand",
    ]  # fmt: skip
    mixed = [(f"A{i}", f"There are {text} here.") for i, text in enumerate(apart)]
    # Outside the theme each phrase is as common.
    layers = [[0] * 10 + [1] * 30]
    others = [(f"B{i}", f"There are {apart[i % 10]} here.") for i in range(30)]
    theme = next(t for t in name(mixed + others, layers) if t.size == 10)
    assert theme.name.startswith(("mixed: ", "papers "))


def test_themes_of_many_languages_have_names() -> None:
    papers = [
        ("Tiefe neuronale Netze", "Wir lernen tiefe neuronale Netze für Bilder."),
        ("Netze und Bilder", "Tiefe neuronale Netze sehen Bilder."),
        ("Neuronale Netze", "On deep networks: tiefe neuronale Netze."),
        ("深度学习", "深度学习 研究 图像。"),
        ("图像", "深度学习 研究 网络。"),
        ("网络", "深度学习 研究 数据。"),
        ("Обучение сетей", "Глубокие нейронные сети."),
        ("Сети", "Глубокие нейронные сети для речи."),
    ]
    names = [t.name for t in name(papers, [[0, 0, 0, 1, 1, 1, 2, 2]])]
    assert any("Netze" in text or "netze" in text for text in names)
    assert any("深度学习" in text for text in names)
    assert any("сети" in text for text in names)


@pytest.mark.parametrize("n_papers", [1, 2, 5])
def test_identical_papers_are_one_named_theme(n_papers: int) -> None:
    (theme,) = name(TRANSPORT[:1] * n_papers, [[0] * n_papers])
    assert "optimal transport" in theme.name
    assert theme.size == n_papers


@pytest.mark.parametrize("n_papers", [1, 2, 5])
def test_papers_that_share_nothing_have_names(n_papers: int) -> None:
    papers = [(f"{word} rules", f"The {word} wins.") for word in WORDS[:n_papers]]
    names = [t.name for t in name(papers, [list(range(n_papers))])]
    assert all(names)
    assert len(set(names)) == n_papers


def test_no_papers_and_no_assigned_ones_have_no_themes() -> None:
    assert name_none(0) == []
    assert name(TRANSPORT, [[-1, -1, -1]]) == []


def name_none(n_papers: int) -> list[Theme]:
    empty = np.empty((0, n_papers))
    return name_themes(
        empty.astype(np.int32),
        empty.astype(np.float32),
        np.empty((n_papers, 128), np.float32),
        [],
        [],
        encode=encode_by_words,
    )


def test_a_large_theme_is_named_from_its_strongest_papers() -> None:
    papers = [
        (f"{title} {i}", abstract)
        for i in range(3000)
        for title, abstract in TRANSPORT + (MERGING if i < 1000 else [])
    ]
    groups = [int("merg" in f"{title}{abstract}".lower()) for title, abstract in papers]
    themes = name(papers, [groups])
    assert themes[0].name.startswith("optimal transport")
    assert themes[1].name == "model merging"
    assert [theme.size for theme in themes] == [9000, 3000]
