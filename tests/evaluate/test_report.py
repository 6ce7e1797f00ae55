"""All figures of an atlas together, with words as vectors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluate.test_names import encode
from pipeline.evaluate import EvaluatedAtlas, EvaluatedTheme, evaluate_atlas, report

N = 30
TOPICS = ("Moss gardens", "Tide tables", "Loom cards")


def made(titles, fine, coarse=None, *, names=TOPICS, abstracts=None) -> EvaluatedAtlas:
    """An atlas of one or two layers; `fine` numbers the themes of the finest, -1 for none."""
    layers = [np.array(fine, dtype=np.int32)]
    if coarse is not None:
        layers.append(np.array(coarse, dtype=np.int32))
    ids = np.stack(layers)
    themes = [
        EvaluatedTheme(int(theme), layer, names[int(theme)], tuple(names[int(theme)].split()))
        for layer, own in enumerate(ids)
        for theme in np.unique(own[own >= 0])
    ]
    return EvaluatedAtlas(
        vectors=encode(titles),
        theme_ids=ids,
        strengths=(ids >= 0).astype(np.float32),
        default_layer=0,
        themes=tuple(themes),
        titles=titles,
        abstracts=abstracts or [f"{title} of old." for title in titles],
        encode_documents=encode,
        encode_queries=encode,
    )


def three_topics() -> EvaluatedAtlas:
    titles = [TOPICS[i // 10] for i in range(N)]
    fine = [i // 10 for i in range(N)]
    return made(titles, fine, [3 if i < 10 else 4 for i in range(N)],
                names=(*TOPICS, "Moss", "Tide and loom"))  # fmt: skip


def test_themes_that_are_plain_have_the_best_figures():
    told = evaluate_atlas(three_topics(), layers=[0], labels=["a", "b", "c"] * 10, column="x")
    (layer,) = told.layers
    assert layer.is_default
    assert layer.coverage.value == 1.0
    assert layer.sizes.n_groups == 3
    assert layer.names.n_themes == 3
    for name in layer.names.__slots__[1:-1]:
        assert getattr(layer.names, name).value == 1.0, name
    assert layer.names.coherence.value == pytest.approx(1.0)
    themes, kmeans, flat = layer.groups
    assert (themes.n_groups, kmeans.n_groups) == (3, 3)
    assert themes.silhouette.value == pytest.approx(1.0)
    assert kmeans.silhouette.value == pytest.approx(1.0)
    assert flat.n_groups or flat.missing


def test_agreement_is_over_papers_with_a_label_and_all_methods_have_the_same():
    labels = [("a", "b", "c")[i // 10] for i in range(N)]
    labels[0] = labels[29] = ""
    told = evaluate_atlas(three_topics(), layers=[0], labels=labels, column="area")
    assert (told.labels.n_papers, told.labels.n_labels, told.labels.n_without) == (28, 3, 2)
    for group in told.layers[0].groups[:2]:
        assert group.agreement.n_papers == 28
        assert group.agreement.ari.value == 1.0
        assert group.agreement_of_assigned is None


def test_an_unassigned_paper_counts_against_the_themes_but_not_among_the_assigned():
    atlas = three_topics()
    ids = atlas.theme_ids.copy()
    ids[:, [0, 1]] = -1
    labels = [("a", "b", "c")[i // 10] for i in range(N)]
    told = evaluate_atlas(replace(atlas, theme_ids=ids), layers=[0], labels=labels, column="area")
    (layer,) = told.layers
    assert layer.coverage.value == pytest.approx(28 / 30)
    themes, kmeans, _ = layer.groups
    assert themes.agreement.n_papers == 30
    assert themes.agreement.completeness.value < 1.0 == themes.agreement.homogeneity.value
    assert themes.agreement_of_assigned.n_papers == kmeans.agreement_of_assigned.n_papers == 28
    assert themes.agreement_of_assigned.ari.value == 1.0


def test_layers_have_figures_of_their_own_and_the_same_seed_gives_the_same():
    labels = [("a", "b", "c")[i // 10] for i in range(N)]
    heard: list[str] = []
    told = evaluate_atlas(
        three_topics(), layers=[0, 1], labels=labels, column="area", seed=5, tell=heard.append
    )
    assert [layer.sizes.n_groups for layer in told.layers] == [3, 2]
    assert [layer.is_default for layer in told.layers] == [True, False]
    assert told.layers[1].groups[0].agreement.completeness.value == 1.0
    assert told.layers[1].groups[0].agreement.homogeneity.value < 1.0
    assert heard
    again = evaluate_atlas(three_topics(), layers=[0, 1], labels=labels, column="area", seed=5)
    assert again == told


def test_papers_without_an_abstract_do_not_count_as_unassigned():
    titles = ["Moss gardens"] * 6 + ["Tide tables"] * 2
    atlas = made(titles, [0] * 6 + [-1] * 2, abstracts=["Green."] * 6 + [""] * 2)
    told = evaluate_atlas(atlas, layers=[0])
    assert (told.n_papers, told.n_charted) == (8, 6)
    assert told.layers[0].coverage.value == 1.0
    assert told.labels is None


@pytest.mark.parametrize(
    ("titles", "fine"),
    [
        (["Moss"], [0]),
        (["Moss"], [-1]),
        (["Moss", "Tide"], [0, 0]),
        (["Moss", "Tide"], [0, 1]),
        (["Moss"] * 5, [0] * 5),
        (["Moss"] * 5, [-1] * 5),
        (["Moss"] * 25, [0] * 25),
        (["Moss"] * 25, [0] * 12 + [1] * 13),
        ([""] * 6, [0] * 6),
    ],
)
def test_any_atlas_can_be_evaluated_and_what_does_not_exist_says_why(titles, fine):
    atlas = made(titles, fine, abstracts=[""] * len(titles))
    for labels in (
        None,
        ["a"] * len(fine),
        [""] * len(fine),
        [str(i % 2) for i in range(len(fine))],
    ):
        told = evaluate_atlas(atlas, layers=[0], labels=labels, column="x")
        (layer,) = told.layers
        figures = [getattr(layer.names, name) for name in layer.names.__slots__[1:]]
        figures += [layer.coverage]
        for group in layer.groups:
            figures += [group.silhouette, group.density_validity]
            assert not group.missing or group.n_groups == 0
        for figure in figures:
            assert (figure.value is None) == bool(figure.missing)


def test_a_large_atlas_is_evaluated_on_a_sample(monkeypatch):
    monkeypatch.setattr(report, "MOST_PAPERS", 24)
    atlas = three_topics()
    labels = [("a", "b", "c")[i // 10] for i in range(N)]
    told = evaluate_atlas(atlas, layers=[0], labels=labels, column="area")
    assert told.is_sampled
    assert (told.n_charted, told.n_evaluated) == (30, 24)
    assert told.layers[0].sizes.largest == 10  # of all papers
    assert told.labels.n_papers == 24
    assert told.layers[0].groups[0].agreement.ari.value == 1.0
    assert told == evaluate_atlas(atlas, layers=[0], labels=labels, column="area")
    assert evaluate_atlas(atlas, layers=[0], seed=1) != told
