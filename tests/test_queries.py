"""What a user asks, as vectors, terms and rows that are left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from three_topics import VERSION_TITLE

from pipeline.artifacts import open_snapshot
from pipeline.errors import UsageError
from pipeline.lexical import WeightedTerms
from pipeline.papers import embedding_text
from pipeline.queries import Asked, QueryMaker
from pipeline.query import QueryEmbedder
from pipeline.references import PaperResolver

TEXT = "optimal transport of comets"


@pytest.fixture(scope="module")
def snapshot(topic_atlas):
    with open_snapshot(topic_atlas) as opened:
        yield opened


@pytest.fixture(scope="module")
def encode(snapshot):
    embedder = QueryEmbedder(snapshot.manifest.details, state=snapshot.embedder_state)
    yield embedder.encode_queries
    embedder.close()


@pytest.fixture(scope="module")
def row_of(snapshot):
    return {paper_id: row for row, paper_id in enumerate(snapshot.column("id"))}


@pytest.fixture(scope="module")
def themes_of_rows(snapshot):
    """The theme of each row in the default layer."""
    themes = {theme.id: theme for theme in snapshot.themes()}
    ids = snapshot.memberships.theme_ids[snapshot.default_layer]
    return [themes.get(int(theme_id)) for theme_id in ids]


@pytest.fixture(scope="module")
def maker(snapshot, encode, themes_of_rows):
    return QueryMaker(snapshot, PaperResolver(snapshot), encode, themes_of_rows.__getitem__)


def same(one, other):
    """Whether two queries look for the same."""
    return (
        (one.words, one.excluded, one.theme) == (other.words, other.excluded, other.theme)
        and np.array_equal(one.terms.digests, other.terms.digests)
        and np.array_equal(one.terms.weights, other.terms.weights)
        and np.array_equal(one.vector, other.vector)
    )


def unit(vector):
    return vector / np.linalg.norm(vector)


def vectors_of(snapshot, *rows):
    return np.asarray(snapshot.vectors[list(rows)], np.float64)


def terms_of_length_1(text):
    terms = WeightedTerms.of(text)
    return WeightedTerms(terms.digests, unit(terms.weights))


def terms_of(snapshot, *weighted):
    parts = [
        (terms_of_length_1(embedding_text(snapshot.paper(row))), weight) for row, weight in weighted
    ]
    return WeightedTerms.sum_of(parts)


def require_terms(found, expected):
    assert found.digests.tolist() == expected.digests.tolist()
    np.testing.assert_allclose(found.weights, expected.weights)


def test_a_text_is_its_vector_and_its_terms(maker, encode):
    query = maker.make(Asked(text=f"  {TEXT}\n"))
    assert (query.words, query.excluded, query.theme) == (TEXT, (), None)
    np.testing.assert_array_equal(query.vector, encode([TEXT])[0])
    require_terms(query.terms, WeightedTerms.of(TEXT))


def test_texts_are_made_together_as_alone(maker):
    texts = [TEXT, "moss", "granite\0"]
    for together, text in zip(maker.of_texts(texts), texts, strict=True):
        assert same(together, maker.make(Asked(text=text)))
    assert maker.of_texts([]) == []


def test_by_words_alone_no_text_is_embedded(snapshot, themes_of_rows):
    def refuse(_texts):
        raise AssertionError("the model was asked")

    maker = QueryMaker(snapshot, PaperResolver(snapshot), refuse, themes_of_rows.__getitem__)
    for asked in (Asked(text=TEXT), Asked(text=TEXT, like=("moss-0",), unlike=("moss-1",))):
        query = maker.make(asked, by_meaning=False)
        assert query.vector is None
        assert len(query.terms.digests)
    assert [query.vector for query in maker.of_texts([TEXT, "moss"], by_meaning=False)] == [
        None
    ] * 2
    assert maker.make(Asked(paper="moss-0")).vector is not None


@pytest.mark.parametrize("text", ["", " ", "\n\t", " \0\udcff\n", "Abstract:"])
@pytest.mark.parametrize("by_meaning", [True, False])
def test_a_text_without_any_text_is_refused(maker, text, by_meaning):
    for asked in (Asked(text=text), Asked(text=text, paper="moss-0")):
        with pytest.raises(UsageError, match="the query text is empty") as told:
            maker.make(asked, by_meaning=by_meaning)
        assert told.value.hint
    with pytest.raises(UsageError, match="empty"):
        maker.of_texts(["moss", text], by_meaning=by_meaning)


def test_a_paper_is_its_stored_vector_and_all_its_words(maker, snapshot, row_of, themes_of_rows):
    row = row_of["transport-2"]
    query = maker.make(Asked(paper="transport-2"))
    paper = snapshot.paper(row)
    assert query.words == embedding_text(paper)
    assert query.excluded == (row,)
    assert query.theme == themes_of_rows[row].name
    np.testing.assert_array_equal(query.vector, snapshot.vectors[row])
    require_terms(query.terms, WeightedTerms.of(f"{paper.title}.\n{paper.abstract}"))
    assert same(query, maker.of_row(row))


@pytest.mark.parametrize(
    ("reference", "paper_id"),
    [
        ("transport-1", "transport-1"),
        ("10.1000/fast.1", "transport-1"),
        ("https://doi.org/10.1000/FAST.1", "transport-1"),
        ("arXiv:2401.01234v2", "transport-2"),
        ("Water ice in comet nuclei", "comets-2"),
        ("Nitrogen uptakke by moss in boggs", "moss-5"),
    ],
)
def test_a_paper_goes_by_whatever_people_call_it(maker, row_of, reference, paper_id):
    expected = maker.of_row(row_of[paper_id])
    assert same(maker.make(Asked(paper=reference)), expected)
    assert same(maker.make(Asked(like=(reference,))), expected)


def test_a_paper_takes_its_versions_along(maker, row_of):
    versions = tuple(sorted((row_of["version-0"], row_of["version-1"])))
    for name in ("version-0", "version-1", "2101.00001"):
        assert maker.make(Asked(paper=name)).excluded == versions
        assert maker.make(Asked(text=TEXT, unlike=(name,))).excluded == versions
        assert maker.make(Asked(like=(name, "version-1"))).excluded == versions
    with pytest.raises(UsageError, match="2 papers have the title"):
        maker.make(Asked(paper=VERSION_TITLE))


def test_several_papers_are_their_mean(maker, snapshot, row_of):
    rows = [row_of[name] for name in ("moss-1", "comets-4")]
    for asked in (Asked(like=("moss-1", "comets-4")), Asked(paper="moss-1", like=("comets-4",))):
        query = maker.make(asked)
        np.testing.assert_allclose(
            query.vector, unit(vectors_of(snapshot, *rows).mean(axis=0)), atol=1e-6
        )
        require_terms(query.terms, terms_of(snapshot, *((row, 0.5) for row in rows)))
        assert query.excluded == tuple(sorted(rows))
        assert query.theme is None
        assert query.words == "\n".join(embedding_text(snapshot.paper(row)) for row in rows)


def test_what_is_not_liked_counts_half_against_it(maker, snapshot, row_of):
    liked, *unliked = (row_of[name] for name in ("moss-1", "comets-4", "transport-0"))
    query = maker.make(Asked(paper="moss-1", unlike=("comets-4", "transport-0")))
    one, *others = vectors_of(snapshot, liked, *unliked)
    np.testing.assert_allclose(query.vector, unit(one - sum(others) / 4), atol=1e-6)
    require_terms(query.terms, terms_of(snapshot, (liked, 1.0), *((row, -0.25) for row in unliked)))
    assert query.excluded == tuple(sorted([liked, *unliked]))
    assert query.words == embedding_text(snapshot.paper(liked))


def test_a_text_and_a_paper_count_alike(maker, snapshot, encode, row_of):
    row = row_of["moss-1"]
    query = maker.make(Asked(text=TEXT, like=("moss-1",)))
    mean = vectors_of(snapshot, row)[0] + encode([TEXT])[0]
    np.testing.assert_allclose(query.vector, unit(mean), atol=1e-6)
    assert query.excluded == (row,)
    parts = [(terms_of_length_1(TEXT), 0.5), (terms_of(snapshot, (row, 1.0)), 0.5)]
    require_terms(query.terms, WeightedTerms.sum_of(parts))


def test_words_that_are_asked_for_outweigh_an_abstract_that_is_not_liked(maker, encode):
    for text in ("optimal transport", "optimal"):
        asked = WeightedTerms.of(text)
        query = maker.make(Asked(text=text, unlike=("transport-0",)))
        weights = dict(zip(query.terms.digests.tolist(), query.terms.weights, strict=True))
        assert all(weights[digest] > 0 for digest in asked.digests.tolist())
        assert min(weights.values()) < 0


def test_one_paper_or_theme_is_asked_for_by_example_and_what_is_in_several_places_is_not(
    maker, snapshot
):
    theme = str(snapshot.themes()[0].id)
    for asked in (Asked(paper="moss-0"), Asked(like=("moss-0",)), Asked(more_of=theme)):
        assert maker.make(asked).by_example
        assert maker.make(replace(asked, unlike=("comets-0",))).by_example
        assert not maker.make(replace(asked, text="moss")).by_example
    for asked in (Asked(text="moss"), Asked(like=("moss-0", "comets-0")),
                  Asked(paper="moss-0", more_of=theme)):  # fmt: skip
        assert not maker.make(asked).by_example


def test_a_paper_that_is_named_twice_counts_once(maker):
    assert same(maker.make(Asked(like=("moss-0", "moss-0"))), maker.make(Asked(paper="moss-0")))
    twice = maker.make(Asked(paper="moss-0", like=("moss-1", "moss-0"), unlike=("comets-1",) * 2))
    once = maker.make(Asked(paper="moss-0", like=("moss-1",), unlike=("comets-1",)))
    assert same(twice, once)


def test_vectors_are_float32_of_length_1(maker, snapshot):
    theme = snapshot.themes()[0]
    for asked in (Asked(text="moss"), Asked(paper="moss-0"), Asked(more_of=str(theme.id)),
                  Asked(text="moss", like=("comets-0",), unlike=("moss-3",))):  # fmt: skip
        vector = maker.make(asked).vector
        assert vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


def test_a_theme_is_the_mean_of_its_papers_by_id_or_name(maker, snapshot):
    for theme in snapshot.themes():
        members = np.flatnonzero(snapshot.memberships.theme_ids[theme.layer] == theme.id)
        query = maker.make(Asked(more_of=str(theme.id)))
        np.testing.assert_allclose(
            query.vector, unit(vectors_of(snapshot, *members).mean(axis=0)), atol=1e-6
        )
        assert query.excluded == tuple(members.tolist())
        assert query.words.startswith(theme.name)
        texts = [embedding_text(snapshot.paper(int(row))) for row in members]
        summed = WeightedTerms.sum_of([(WeightedTerms.of(text), 1.0) for text in texts])
        require_terms(query.terms, WeightedTerms(summed.digests, unit(summed.weights)))
        for name in (theme.name, f" {theme.name.upper()} ", f" {theme.id}\n"):
            assert same(maker.make(Asked(more_of=name)), query)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Asked(), "nothing to look for"),
        (Asked(unlike=("moss-0",)), "only what is not wanted is given"),
        (Asked(paper="nobody"), "no paper has the id or title 'nobody'"),
        (Asked(paper=""), "no paper is named"),
        (Asked(text="moss", like=("nobody",)), "no paper has the id or title 'nobody'"),
        (Asked(text="moss", unlike=("nobody",)), "no paper has the id or title 'nobody'"),
        (Asked(like=("moss-0", "moss-1"), unlike=("moss-1",)), "moss-1 is liked and not liked"),
        (Asked(more_of="telescopes"), "no theme 'telescopes'"),
        (Asked(more_of=""), "no theme ''"),
        (Asked(more_of="\0\udcff"), "no theme"),
        (Asked(more_of="999"), "no theme '999'"),
        (Asked(more_of="-1"), "no theme '-1'"),
    ],
)
def test_what_cannot_be_looked_for_is_one_line_with_a_hint(maker, asked, says):
    with pytest.raises(UsageError, match=says) as told:
        maker.make(asked)
    assert "\n" not in told.value.message
    assert told.value.hint
    assert told.value.exit_code == 2


def test_what_cancels_is_refused(snapshot, themes_of_rows, row_of):
    row = row_of["moss-0"]
    maker = QueryMaker(
        snapshot,
        PaperResolver(snapshot),
        lambda texts: -snapshot.vectors[[row] * len(texts)],
        themes_of_rows.__getitem__,
    )
    with pytest.raises(UsageError, match="cancel each other") as told:
        maker.make(Asked(text="moss", like=("moss-0",)))
    assert told.value.hint
