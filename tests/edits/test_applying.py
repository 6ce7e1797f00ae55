"""What each edit does to themes, worked out by hand, and what no edit may ever do."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.edits import Merge, Rename, Split, apply_edits

# Twelve papers, p0 to p11, the last one in no theme; three layers of 5, 3 and 2 themes.
LABELS = np.array(
    [
        [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, -1],
        [0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2, -1],
        [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, -1],
    ],
    dtype=np.int32,
)
STRENGTHS = np.where(LABELS >= 0, np.array([[0.5], [0.6], [0.7]]), 0).astype(np.float32)
ANGLES = np.radians([0, 10, 50, 60, 70, 120, 130, 180, 190, 200, 260, 300])
VECTORS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32)
DEFAULT_LAYER = 1


def find_row(paper):
    """`p3` and its alias `q3` mean row 3."""
    row = int(paper[1:]) if paper[0] in "pq" and paper[1:].isdecimal() else 99
    return row if row < LABELS.shape[1] else None


def applied(*edits, labels=LABELS, vectors=VECTORS, default_layer=DEFAULT_LAYER):
    strengths = STRENGTHS if labels is LABELS else (labels >= 0).astype(np.float32)
    before = labels.copy(), strengths.copy()
    edited = apply_edits(
        labels, strengths, vectors, edits, default_layer=default_layer, find_row=find_row
    )
    assert np.array_equal(before[0], labels)
    assert np.array_equal(before[1], strengths)
    assert edited.labels.dtype == np.int32
    assert edited.strengths.dtype == np.float32
    return edited


def themes(labels):
    """The rows of each theme of one layer, by first row."""
    groups = {tuple(np.flatnonzero(labels == t).tolist()) for t in set(labels.tolist()) - {-1}}
    return sorted(groups)


def names(edited):
    """The user's names, by layer and the first row of the theme."""
    return {
        (layer, int(np.flatnonzero(edited.labels[layer] == label)[0])): name
        for (layer, label), name in edited.names.items()
    }


def told(edited):
    """The problems as a user reads them; a theme is called by its layer and first row."""

    def name_of(layer, row):
        label = edited.labels[layer, row]
        return "no theme" if label < 0 else f"T{layer}.{np.argmax(edited.labels[layer] == label)}"

    return list(edited.report(name_of).problems)


def papers(*rows):
    return tuple(f"p{row}" for row in rows)


class TestWithoutEdits:
    def test_nothing_changes(self):
        edited = applied()
        assert np.array_equal(edited.labels, LABELS)
        assert np.array_equal(edited.strengths, STRENGTHS)
        assert (edited.names, edited.n_applied, edited.problems) == ({}, 0, ())


class TestRename:
    def test_the_theme_of_the_default_layer_gets_the_name(self):
        edited = applied(Rename(papers(0, 1), "mine"))
        assert names(edited) == {(1, 0): "mine"}
        assert edited.n_applied == 1
        assert np.array_equal(edited.labels, LABELS)

    @pytest.mark.parametrize(
        ("layer", "key"),
        [("finest", (0, 0)), ("default", (1, 0)), ("coarsest", (2, 0)), (0, (0, 0)), (2, (2, 0))],
    )
    def test_another_layer_is_named_by_word_or_number(self, layer, key):
        assert names(applied(Rename(papers(0, 1), "mine", layer))) == {key: "mine"}

    def test_most_of_the_papers_decide(self):
        assert names(applied(Rename(papers(0, 7, 4, 3), "mine"))) == {(1, 0): "mine"}

    def test_half_of_the_papers_are_not_most(self):
        edited = applied(Rename(papers(0, 1, 7, 8), "mine", line=3))
        assert (edited.n_applied, edited.names) == (0, {})
        assert told(edited) == [
            'labels.toml:3: rename "mine": "p0", "p1", "p7" and "p8" lie in different themes of '
            "layer 1 (T1.0, T1.7); name two papers of one theme"
        ]

    def test_papers_that_lie_apart_are_told_where_they_lie_and_where_together(self):
        edited = applied(Rename(papers(0, 5), "mine", line=7))
        assert told(edited) == [
            'labels.toml:7: rename "mine": "p0" and "p5" lie in different themes of layer 1 '
            "(T1.0, T1.5); name two papers of one theme, "
            'or give layer = "coarsest", where they share one'
        ]

    def test_one_paper_in_a_theme_and_one_in_none_are_not_two(self):
        (problem,) = told(applied(Rename(papers(0, 11), "mine")))
        assert "(T1.0, no theme)" in problem

    def test_two_papers_in_no_theme(self):
        labels = LABELS.copy()
        labels[:, 10] = -1
        (problem,) = told(applied(Rename(papers(10, 11), "mine"), labels=labels))
        assert '"p10" and "p11" are in no theme of layer 1; name two papers that' in problem

    def test_unknown_papers_are_told_and_two_known_ones_are_enough(self):
        edited = applied(Rename(("p0", "gone", "p1"), "mine", line=2))
        assert names(edited) == {(1, 0): "mine"}
        assert told(edited) == [
            'labels.toml:2: rename "mine": applied, but found no single paper for "gone"; correct '
            "it, or take it out of the edit"
        ]

    def test_one_known_paper_is_not_enough(self):
        edited = applied(Rename(("p0", "gone"), "mine", line=2))
        assert edited.n_applied == 0
        assert told(edited) == [
            'labels.toml:2: rename "mine": found no single paper for "gone"; name papers that '
            "`paperatlas themes ATLAS --json` lists"
        ]

    def test_one_paper_under_two_ids_is_one_paper(self):
        (problem,) = told(applied(Rename(("p0", "q0"), "mine")))
        assert '"p0" and "q0" are one paper; name another paper' in problem

    def test_a_layer_that_is_not_there(self):
        (problem,) = told(applied(Rename(papers(0, 1), "mine", 3)))
        assert "there is no layer 3; this atlas has the layers 0 (finest) to 2" in problem
        (problem,) = told(applied(Rename(papers(0, 1), "x", 1), labels=LABELS[:1], default_layer=0))
        assert "there is no layer 1; this atlas has layer 0 only" in problem

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("", "is empty"),
            (" \u00a0", "is empty"),
            ("\u200d", "is empty"),
            ("two\nlines", "cannot be seen"),
            ("tab\tbed", "cannot be seen"),
            ("\x1b[31mred", "cannot be seen"),
            ("turned \u202e round", "cannot be seen"),
            ("<b>bold</b>", "holds markup"),
            ("a&amp;b", "holds markup"),
            ("x" * 49, "has 49 characters, 48 is the most"),
        ],
    )
    def test_what_no_name_may_be(self, name, why):
        edited = applied(Rename(papers(0, 1), name))
        assert (edited.names, edited.n_applied) == ({}, 0)
        (problem,) = told(edited)
        assert why in problem
        assert problem.isprintable()

    @pytest.mark.parametrize(
        ("given", "name"),
        [
            ("x" * 48, "x" * 48),
            ("  wide\u00a0 blanks ", "wide blanks"),
            ("cafe\u0301", "caf\u00e9"),
            ("p < 0.05 & more", "p < 0.05 & more"),
            ("می\u200cخواهم", "می\u200cخواهم"),
            ("氷河 🎉", "氷河 🎉"),
        ],
    )
    def test_any_text_that_can_be_seen_is_a_name(self, given, name):
        assert names(applied(Rename(papers(0, 1), given))) == {(1, 0): name}

    def test_two_themes_of_a_layer_cannot_have_one_name(self):
        first, second = Rename(papers(0, 1), "Mine", line=1), Rename(papers(5, 6), "mine", line=4)
        edited = applied(first, second)
        assert names(edited) == {(1, 0): "Mine"}
        assert told(edited) == [
            'labels.toml:4: rename "mine": another theme of layer 1 has the name "Mine" already; '
            'choose another one, or change labels.toml:1: rename "Mine"'
        ]

    def test_themes_of_different_layers_can(self):
        edited = applied(Rename(papers(0, 1), "mine"), Rename(papers(0, 1), "mine", 2))
        assert names(edited) == {(1, 0): "mine", (2, 0): "mine"}
        assert not edited.problems

    def test_the_last_name_holds_and_the_first_edit_is_told(self):
        edited = applied(Rename(papers(0, 1), "a", line=1), Rename(papers(3, 4), "b", line=2))
        assert names(edited) == {(1, 0): "b"}
        assert told(edited) == [
            'labels.toml:1: rename "a": its name "a" is lost to a later edit, '
            'labels.toml:2: rename "b"; take one of the two out'
        ]


class TestMerge:
    def test_themes_become_one_and_finer_ones_stay(self):
        edited = applied(Merge((papers(0, 3), papers(5, 6)), "both"))
        assert np.array_equal(edited.labels[0], LABELS[0])
        assert themes(edited.labels[1]) == [(0, 1, 2, 3, 4, 5, 6), (7, 8, 9, 10)]
        assert np.array_equal(edited.labels[2], LABELS[2])
        assert names(edited) == {(1, 0): "both"}
        assert np.array_equal(edited.strengths, STRENGTHS)

    def test_all_go_where_the_largest_lies(self):
        edited = applied(Merge((papers(5, 6), papers(7, 8))))
        assert themes(edited.labels[1]) == [(0, 1, 2, 3, 4), (5, 6, 7, 8, 9, 10)]
        assert themes(edited.labels[2]) == [(0, 1, 2, 3, 4), (5, 6, 7, 8, 9, 10)]
        moved = np.isin(np.arange(12), [5, 6])
        assert edited.strengths[2].tolist() == STRENGTHS[2].tolist()
        assert edited.strengths[2][moved].tolist() == pytest.approx([0.7, 0.7])

    def test_a_moved_paper_keeps_its_larger_strength(self):
        labels, strengths = LABELS[1:], STRENGTHS[1:].copy()
        strengths[0, 5], strengths[0, 6] = 0.9, 0.1
        edited = apply_edits(
            labels, strengths, VECTORS, (Merge((papers(5, 6), papers(7, 8))),),
            default_layer=0, find_row=find_row,
        )  # fmt: skip
        assert edited.strengths[1, [5, 6]].tolist() == pytest.approx([0.9, 0.7])
        assert np.array_equal(edited.strengths[0], strengths[0])

    def test_of_themes_of_one_size_the_first_one_named_is_the_home(self):
        edited = applied(Merge((papers(9, 10), papers(5, 6)), layer="finest"))
        assert themes(edited.labels[0])[2:] == [(5, 6, 9, 10), (7, 8)]
        assert themes(edited.labels[1]) == [(0, 1, 2, 3, 4), (5, 6, 7, 8, 9, 10)]
        edited = applied(Merge((papers(5, 6), papers(9, 10)), layer="finest"))
        assert themes(edited.labels[1]) == [(0, 1, 2, 3, 4), (5, 6, 9, 10), (7, 8)]

    def test_a_theme_that_loses_all_its_papers_goes_and_its_name_is_told(self):
        edited = applied(
            Rename(papers(5, 6), "five", line=1),
            Merge((papers(0, 1), papers(5, 6)), layer="finest", line=2),
        )
        assert themes(edited.labels[1]) == [(0, 1, 2, 3, 4, 5, 6), (7, 8, 9, 10)]
        assert set(edited.labels[1].tolist()) == {-1, 0, 1}
        assert edited.names == {}
        assert told(edited) == [
            'labels.toml:1: rename "five": its name "five" is lost to a later edit, '
            "labels.toml:2: merge; take one of the two out"
        ]

    def test_a_name_given_before_stays_with_the_merged_theme(self):
        edited = applied(Rename(papers(5, 6), "five"), Merge((papers(0, 1), papers(5, 6))))
        assert names(edited) == {(1, 0): "five"}
        assert not edited.problems

    def test_of_two_names_given_before_the_largest_keeps_its_own(self):
        edited = applied(
            Rename(papers(5, 6), "five", line=1),
            Rename(papers(0, 1), "nought", line=2),
            Merge((papers(5, 6), papers(0, 1)), line=3),
        )
        assert names(edited) == {(1, 0): "nought"}
        (problem,) = told(edited)
        assert problem.startswith('labels.toml:1: rename "five": its name "five" is lost')

    def test_three_themes_at_once(self):
        edited = applied(Merge((papers(0, 1), papers(5, 6), papers(7, 10)), "all"))
        assert themes(edited.labels[1]) == themes(edited.labels[2]) == [tuple(range(11))]

    def test_what_lies_in_one_theme_already_only_gets_the_name(self):
        edited = applied(Merge((papers(0, 1), papers(3, 4)), "mine", line=5))
        assert np.array_equal(edited.labels, LABELS)
        assert (names(edited), edited.n_applied) == ({(1, 0): "mine"}, 1)
        assert told(edited) == [
            'labels.toml:5: merge "mine": its groups lie in one theme already (T1.0); '
            "a [[rename]] would do"
        ]
        (problem,) = told(applied(Merge((papers(0, 1), papers(3, 4)))))
        assert problem.endswith("take the edit out")

    def test_one_group_that_does_not_fit_leaves_all_as_it_was(self):
        edited = applied(Merge((papers(0, 1), papers(5, 7), papers(8, 9)), "mine"))
        assert np.array_equal(edited.labels, LABELS)
        assert (edited.names, edited.n_applied) == ({}, 0)
        assert '"p5" and "p7" lie in different themes' in told(edited)[0]

    def test_a_name_that_cannot_be_leaves_all_as_it_was(self):
        edited = applied(Merge((papers(0, 1), papers(5, 6)), "x" * 49))
        assert np.array_equal(edited.labels, LABELS)
        assert edited.n_applied == 0


class TestSplit:
    def test_in_the_finest_layer_each_paper_goes_where_it_is_nearest(self):
        # Means of the groups at 5 and 65 degrees; 50 is nearer to the second.
        edited = applied(
            Split((papers(0, 1), papers(3, 4)), ("low", "high")), labels=LABELS[1:], default_layer=0
        )
        assert themes(edited.labels[0])[:2] == [(0, 1), (2, 3, 4)]
        assert names(edited) == {(0, 0): "low", (0, 2): "high"}
        assert np.array_equal(edited.labels[1], LABELS[2])

    def test_a_paper_that_a_group_names_goes_with_it_wherever_it_lies(self):
        edited = applied(Split((papers(0, 4), papers(1, 3))), labels=LABELS[1:], default_layer=0)
        # Means at 35 and at 35 degrees: the paper between them goes to the first.
        assert themes(edited.labels[0])[:2] == [(0, 2, 4), (1, 3)]

    def test_above_it_finer_themes_stay_whole(self):
        edited = applied(Split((papers(0, 1), papers(3, 4))))
        assert themes(edited.labels[1]) == [(0, 1, 2), (3, 4), (5, 6), (7, 8, 9, 10)]
        assert np.array_equal(edited.labels[0], LABELS[0])
        assert np.array_equal(edited.labels[2], LABELS[2])

    def test_a_finer_theme_that_no_group_names_goes_with_most_of_its_papers(self):
        finest = np.array([0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 4, -1])
        labels = np.stack([finest, np.where(finest == 4, 1, np.minimum(finest, 0))])
        angles = np.radians([0, 0, 90, 90, 30, 50, 60, 10, 20, 80, 200, 0])
        vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
        edited = applied(
            Split((papers(0, 1), papers(2, 3))), labels=labels.astype(np.int32), vectors=vectors
        )
        # 30 degrees goes alone to the first, 50 and 60 to the second; 10 and 20 outvote 80.
        assert themes(edited.labels[1]) == [(0, 1, 7, 8, 9), (2, 3, 4, 5, 6), (10,)]

    def test_groups_within_one_finer_theme_are_split_there_first(self):
        split = Split((papers(0, 1), papers(2, 3, 4)))
        groups = (papers(7, 8), papers(9, 10))
        assert applied(split).n_applied == 1
        labels = np.stack([LABELS[1], LABELS[1], LABELS[2]])
        edited = applied(Split(groups, line=8), labels=labels)
        assert np.array_equal(edited.labels, labels)
        assert told(edited) == [
            "labels.toml:8: split: the papers of group 2 share finer themes with those of another "
            'group; split these first, with layer = "finest"'
        ]
        edited = applied(Split(groups, layer="finest"), Split(groups), labels=labels)
        assert themes(edited.labels[1])[2:] == themes(edited.labels[0])[2:] == [(7, 8), (9, 10)]
        assert not edited.problems

    def test_a_named_paper_that_its_finer_theme_takes_elsewhere_is_told(self):
        edited = applied(Split((papers(0, 1), papers(3, 4, 2)), line=6))
        assert themes(edited.labels[1])[:2] == [(0, 1, 2), (3, 4)]
        assert edited.n_applied == 1
        assert told(edited) == [
            'labels.toml:6: split: applied, but finer themes took "p2" to another group; '
            'split these first, with layer = "finest"'
        ]

    def test_the_largest_part_keeps_a_name_given_before(self):
        edited = applied(Rename(papers(0, 1), "old"), Split((papers(3, 4), papers(0, 1))))
        assert names(edited) == {(1, 0): "old"}
        edited = applied(
            Rename(papers(0, 1), "old"), Split((papers(3, 4), papers(0, 1)), ("old", "new"))
        )
        assert names(edited) == {(1, 3): "old", (1, 0): "new"}

    def test_groups_of_different_themes_have_nothing_to_split_but_get_their_names(self):
        edited = applied(Split((papers(0, 1), papers(5, 6)), ("a", "b"), line=1))
        assert np.array_equal(edited.labels, LABELS)
        assert (names(edited), edited.n_applied) == ({(1, 0): "a", (1, 5): "b"}, 1)
        assert told(edited) == [
            "labels.toml:1: split: its groups lie in themes of their own already (T1.0, T1.5); "
            "a [[rename]] would do"
        ]

    def test_three_groups_of_two_themes_do_not_fit(self):
        edited = applied(Split((papers(0, 1), papers(3, 4), papers(5, 6))))
        assert np.array_equal(edited.labels, LABELS)
        (problem,) = told(edited)
        assert "some of its groups lie in one theme, others in another (T1.0, T1.5)" in problem

    def test_one_paper_in_two_groups_under_two_ids(self):
        edited = applied(Split((papers(0, 1), ("q1", "p3", "p4")), layer="default"))
        assert np.array_equal(edited.labels, LABELS)
        assert "one paper is in two of its groups" in told(edited)[0]

    def test_names_that_are_the_same(self):
        (problem,) = told(applied(Split((papers(0, 1), papers(3, 4)), ("a", "A"))))
        assert "two of its names are the same" in problem


def test_edits_apply_in_their_order():
    merge, split = Merge((papers(0, 3), papers(5, 6))), Split((papers(0, 1), papers(5, 6)))
    # Of p3 and p4, 60 and 70 degrees, each is nearer to another group: they go with the first.
    assert themes(applied(merge, split).labels[1])[:2] == [(0, 1, 2, 3, 4), (5, 6)]
    assert themes(applied(split, merge).labels[1])[0] == (0, 1, 2, 3, 4, 5, 6)


ROWS = st.integers(0, 29).map(lambda row: f"p{row}")
GROUP = st.lists(ROWS, min_size=2, max_size=5, unique=True).map(tuple)
GROUPS = st.lists(GROUP, min_size=2, max_size=3).map(tuple)
LAYERS = st.sampled_from(["finest", "default", "coarsest", 0, 1, 2, 3])
NAME = st.sampled_from(["a", "A", "b", "c", "<i>d</i>"])
EDITS = st.lists(
    st.one_of(
        st.builds(Rename, GROUP, NAME, LAYERS),
        st.builds(Merge, GROUPS, st.none() | NAME, LAYERS),
        GROUPS.flatmap(
            lambda groups: st.builds(
                Split,
                st.just(groups),
                st.just(()) | st.lists(NAME, min_size=len(groups), max_size=len(groups)).map(tuple),
                LAYERS,
            )
        ),
    ),
    max_size=6,
)


@st.composite
def nested_themes(draw):
    """Nested labels of 24 papers in one to three layers, some papers in no theme."""
    finest = np.array(draw(st.lists(st.integers(-1, 6), min_size=24, max_size=24)), np.int32)
    layers = [finest]
    for _ in range(draw(st.integers(0, 2))):
        parents = np.array([*draw(st.lists(st.integers(0, 3), min_size=8, max_size=8)), -1])
        layers.append(np.where(layers[-1] < 0, -1, parents[layers[-1]]).astype(np.int32))
    return np.stack([np.where(x < 0, -1, np.unique(np.r_[-1, x], return_inverse=True)[1][1:] - 1)
                     for x in layers]).astype(np.int32)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(nested_themes(), EDITS, st.integers(0, 99))
def test_whatever_the_edits_themes_stay_nested_and_no_paper_is_lost(labels, edits, seed):
    n = labels.shape[1]
    vectors = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    def find(paper):
        return row if (row := int(paper[1:])) < n else None

    edited = apply_edits(
        labels, (labels >= 0).astype(np.float32) / 2, vectors, tuple(edits),
        default_layer=len(labels) // 2, find_row=find,
    )  # fmt: skip
    assert np.array_equal(edited.labels == -1, labels == -1)
    assert ((edited.strengths > 0) == (labels >= 0)).all()
    for layer in edited.labels:
        known = set(layer.tolist()) - {-1}
        assert known == set(range(len(known)))
    for finer, coarser in pairwise(edited.labels):
        pairs = {(f, c) for f, c in zip(finer.tolist(), coarser.tolist(), strict=True) if f >= 0}
        assert len(pairs) == len({f for f, _ in pairs})
    folded = [(layer, name.casefold()) for (layer, _), name in edited.names.items()]
    assert len(set(folded)) == len(folded)
    assert all((edited.labels[layer] == label).any() for layer, label in edited.names)
    assert edited.n_applied <= len(edits)
    for line in edited.report(lambda layer, row: str(edited.labels[layer, row])).problems:
        assert line.isprintable()


@settings(max_examples=300, deadline=None)
@given(nested_themes(), EDITS.filter(bool), st.integers(0, 99))
def test_an_edit_that_is_applied_has_done_what_it_says(labels, edits, seed):
    n = labels.shape[1]
    vectors = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)

    def find(paper):
        return row if (row := int(paper[1:])) < n else None

    edit, default_layer = edits[0], len(labels) // 2
    edited = apply_edits(
        labels, (labels >= 0).astype(np.float32), vectors, (edit,),
        default_layer=default_layer, find_row=find,
    )  # fmt: skip
    if not edited.n_applied:
        assert edited.names == {}
        assert len(edited.problems) == 1
        assert [themes(x) for x in edited.labels] == [themes(x) for x in labels]
        return
    words = {"finest": 0, "default": default_layer, "coarsest": len(labels) - 1}
    layer = words.get(edit.layer, edit.layer)
    groups = [edit.papers] if isinstance(edit, Rename) else edit.groups
    meant = []
    for group in groups:
        own = edited.labels[layer, [row for p in group if (row := find(p)) is not None]].tolist()
        (label,) = [t for t in set(own) - {-1} if own.count(t) >= 2 and 2 * own.count(t) > len(own)]
        meant.append(label)
    if isinstance(edit, Split):
        assert len(set(meant)) == len(groups)
        wanted = edit.names
    else:
        assert len(set(meant)) == 1
        wanted = [edit.name] if edit.name is not None else []
    assert [edited.names[layer, label] for label in meant[: len(wanted)]] == list(wanted)
