"""Related papers over a real atlas: what is found, what never is, and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from three_topics import records

from pipeline import Atlas
from pipeline.errors import UsageError
from pipeline.search import MODES

TEXT = "optimal transport with entropy"
TOPICS = ("moss", "transport", "comets")
N = len(records())


@pytest.fixture(scope="module")
def atlas(topic_atlas):
    with Atlas.open(topic_atlas) as opened:
        yield opened


@pytest.fixture
def fresh(topic_atlas):
    """An atlas of which nothing was asked yet."""
    with Atlas.open(topic_atlas) as opened:
        yield opened


def ids(found):
    assert [hit.rank for hit in found] == list(range(1, len(found) + 1))
    return [hit.paper.id for hit in found]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("text", "topic"),
    [("moss in a habitat", "moss"), (TEXT, "transport"), ("telescope light curves", "comets")],
)
def test_a_text_finds_its_topic(atlas, text, topic, mode):
    found = atlas.related(text, k=8, mode=mode)
    assert {name.split("-")[0] for name in ids(found)} <= {topic, "version"}
    assert all(hit.theme in atlas.themes() and hit.why for hit in found)


def test_a_result_has_the_scores_of_its_paper(atlas):
    row = atlas.ids.index("moss-3")
    vectors = atlas._snapshot.vectors
    for hit in atlas.related(paper="moss-3", k=N):
        cosine = vectors[row].astype(float) @ vectors[atlas.ids.index(hit.paper.id)].astype(float)
        assert hit.score == hit.hit.score == pytest.approx(cosine, abs=1e-6)
        assert (hit.rank, hit.why) == (hit.hit.rank, hit.hit.why)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("diversity", [0.0, 0.3])
@pytest.mark.parametrize(
    ("asked", "left_out"),
    [
        ({"paper": "moss-0"}, {"moss-0"}),
        ({"paper": "version-0"}, {"version-0", "version-1"}),
        ({"like": ("version-1", "moss-0")}, {"version-0", "version-1", "moss-0"}),
        ({"paper": "moss-0", "unlike": ("version-0",)}, {"version-0", "version-1", "moss-0"}),
        ({"text": TEXT, "unlike": ("version-1",)}, {"version-0", "version-1"}),
        ({"text": TEXT, "like": ("transport-0",)}, {"transport-0"}),
        ({"text": TEXT}, set()),
    ],
)
def test_what_is_named_is_never_found_nor_are_its_versions(atlas, asked, left_out, mode, diversity):
    found = ids(atlas.related(k=1000, mode=mode, diversity=diversity, **asked))
    assert len(set(found)) == len(found)
    assert left_out.isdisjoint(found)
    if mode != "lexical":
        assert {*found, *left_out} == set(atlas.ids)


def test_more_of_a_theme_finds_papers_outside_it(atlas):
    for theme in atlas.themes():
        members = set(atlas.members(theme))
        for name in (str(theme.id), theme.name):
            found = ids(atlas.related(more_of=name, k=1000))
            assert members.isdisjoint(found)
            assert members | set(found) == set(atlas.ids)
        beside = ids(atlas.related(more_of=theme.name, text="comets", k=3))
        assert members.isdisjoint(beside)


def test_a_paper_that_is_not_liked_takes_its_like_down(atlas):
    plain = ids(atlas.related("moss and comets", k=N))
    steered = ids(atlas.related("moss and comets", unlike=("comets-0",), k=N))
    comets = [name for name in atlas.ids if name.startswith("comets") and name != "comets-0"]

    def places(found):
        return sum(found.index(name) for name in comets)

    assert places(steered) > places([name for name in plain if name != "comets-0"])


@pytest.mark.parametrize("mode", ["hybrid", "dense"])
@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        ({"where": "year >= 2019"}, lambda paper: paper.year >= 2019),
        ({"since": "2019"}, lambda paper: paper.year >= 2019),
        ({"since": "2019-06-01"}, lambda paper: paper.year > 2019),
        ({"category": "cs"}, lambda paper: paper.category.startswith("cs.")),
        ({"category": "cs.LG"}, lambda paper: paper.category == "cs.LG"),
        ({"where": "authors like 'Iris'"}, lambda paper: "Iris Berg" in paper.authors),
        (
            {"where": "year > 2015", "since": "2017", "category": "cs"},
            lambda paper: paper.year >= 2017 and paper.category.startswith("cs"),
        ),
    ],
)
def test_filters_choose_before_k_does(atlas, wanted, holds, mode):
    allowed = [paper.id for paper in atlas.papers if holds(paper)]
    everything = ids(atlas.related("moss", k=N, mode=mode))
    expected = [name for name in everything if name in allowed]
    found = ids(atlas.related("moss", k=N, mode=mode, **wanted))
    assert sorted(found) == sorted(expected)
    if mode == "dense":
        assert found == expected
    assert ids(atlas.related("moss", k=2, mode=mode, **wanted)) == found[:2]
    assert len(found) >= 2


def test_a_theme_is_a_filter_by_id_and_name(atlas):
    for theme in atlas.themes():
        for name in (str(theme.id), theme.name):
            assert set(ids(atlas.related("moss", k=N, theme=name))) == set(atlas.members(theme))


def test_a_filter_that_nothing_passes_finds_nothing(atlas):
    for mode in MODES:
        assert atlas.related(TEXT, mode=mode, where="year = 1900") == []
        assert atlas.related_to_each([TEXT], mode=mode, since="3000") == [[]]


def test_diversity_changes_the_order_and_not_the_first(atlas):
    plain, spread = (ids(atlas.related(TEXT, k=6, diversity=d)) for d in (0.0, 0.6))
    assert plain[0] == spread[0]
    assert plain != spread
    assert len(set(spread)) == 6


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"k": 0}, "k = 0"),
        ({"k": -5}, "k = -5"),
        ({"mode": "semantic"}, "no mode 'semantic'"),
        ({"diversity": 1.0}, "diversity = 1.0"),
        ({"diversity": -0.1}, "diversity = -0.1"),
        ({"diversity": float("nan")}, "diversity = nan"),
        ({"where": ""}, "filter: it is empty"),
        ({"where": "year >="}, "filter, column 8"),
        ({"where": "yeer = 1"}, "no field 'yeer'"),
        ({"where": "1=1; DROP TABLE papers"}, "filter, column"),
        ({"since": "long ago"}, "since 'long ago': no time"),
        ({"category": " "}, "category: it is empty"),
        ({"theme": ""}, "theme: it is empty"),
        ({"theme": "nobody's"}, "no theme"),
    ],
)
def test_what_cannot_be_wanted_is_refused_before_a_model_is_loaded(fresh, wanted, says):
    with pytest.raises(UsageError, match=says) as told:
        fresh.related(TEXT, **wanted)
    assert "\n" not in told.value.message
    assert told.value.hint
    assert told.value.exit_code == 2
    if "diversity" not in wanted:
        with pytest.raises(UsageError, match=says):
            fresh.related_to_each([TEXT], **wanted)
    assert fresh._query_embedder is None


def test_by_words_no_model_is_loaded(fresh):
    assert fresh.related(TEXT, mode="lexical", k=3)[0].score is None
    assert fresh.related_to_each([TEXT], mode="lexical")
    assert fresh.related(paper="moss-0")
    assert fresh._query_embedder is None
    assert fresh.related(TEXT)
    assert fresh._query_embedder is not None


@pytest.mark.parametrize("mode", MODES)
def test_each_of_many_texts_has_the_answer_that_it_has_alone(atlas, mode):
    texts = [TEXT, "moss", "comets near the sun", "nothing known", TEXT]
    for wanted in ({}, {"k": 3, "where": "year >= 2016"}, {"category": "cs", "k": 100}):
        together = atlas.related_to_each(texts, mode=mode, **wanted)
        assert together == [atlas.related(text, mode=mode, **wanted) for text in texts]
    bare = atlas.related_to_each(texts, mode=mode, reasons=False)
    for found, plain in zip(atlas.related_to_each(texts, mode=mode), bare, strict=True):
        without = [replace(hit.hit, shared=(), sentence="", why=()) for hit in found]
        assert [hit.hit for hit in plain] == without


def test_no_texts_have_no_answers_and_what_is_no_text_is_refused(atlas):
    assert atlas.related_to_each([]) == []
    for texts, says in ((TEXT, "expected a list"), ([TEXT, 3], "text 1 is of the type int"),
                        ([TEXT, " "], "text 1 is empty")):  # fmt: skip
        with pytest.raises(UsageError, match=says):
            atlas.related_to_each(texts)


def test_many_threads_have_the_answers_of_one(fresh, topic_atlas):
    asked = [
        {"text": TEXT},
        {"paper": "moss-0", "mode": "lexical"},
        {"like": ("moss-0", "comets-1"), "where": "year >= 2015"},
        {"text": "comets", "unlike": ("comets-2",), "diversity": 0.3},
        {"more_of": "0", "category": "cs"},
        {"paper": "10.1000/fast.1", "mode": "dense"},
    ] * 8
    with Atlas.open(topic_atlas) as alone:
        expected = [alone.related(k=5, **query) for query in asked]
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda query: fresh.related(k=5, **query), asked))
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        "' OR 1=1; DROP TABLE papers; --",
        'title:moss* AND NOT "comets" NEAR/3',
        "🙂🙃🙂",
        "moss\0comets",
        "نقل مثالي",
        "最优传输",
        "the of and",
        "moss " * 20_000,
        "x" * 100_000,
    ],
)
def test_any_text_is_answered(atlas, text):
    for mode in MODES:
        found = atlas.related(text, k=4, mode=mode)
        assert len(found) <= 4 if mode == "lexical" else len(found) == 4


def test_neighbours_of_a_paper_are_the_nearest_by_meaning(atlas):
    shown = atlas.show("transport-3", n_neighbours=6)
    assert list(shown.neighbours) == atlas.related(paper="transport-3", k=6, mode="dense")
    assert ids(atlas.show("version-0", n_neighbours=100).neighbours).count("version-1") == 0


@pytest.mark.parametrize("name", ["like", "unlike"])
def test_one_text_in_place_of_several_papers_is_not_read_by_its_letters(atlas, name):
    for ask in (atlas.related, atlas.novelty):
        with pytest.raises(UsageError, match="expected a list of texts, not one text"):
            ask(TEXT, **{name: "moss-0"})


def similarities_without(atlas, vector, left_out):
    found = np.asarray(atlas._snapshot.vectors, np.float64) @ np.asarray(vector, np.float64)
    for name in left_out:
        found[atlas.ids.index(name)] = -1
    return found


@pytest.mark.parametrize(
    ("paper", "left_out"),
    [("moss-0", {"moss-0"}), ("version-0", {"version-0", "version-1"})],
)
def test_the_novelty_of_a_paper_leaves_it_and_its_versions_out(atlas, paper, left_out):
    found = atlas.novelty(paper=paper)
    vector = atlas._snapshot.vectors[atlas.ids.index(paper)]
    expected = similarities_without(atlas, vector, left_out)
    assert found.nearest == pytest.approx(expected.max(), abs=1e-6)
    assert atlas.ids[found.nearest_row] not in left_out
    assert found.tenth == pytest.approx(np.sort(expected)[-10], abs=1e-6)
    # The very words of the paper find it: as a text, it is as near as can be.
    told = atlas.find(paper)
    as_text = atlas.novelty(f"{told.title}. {told.abstract}")
    assert atlas.ids[as_text.nearest_row] == paper
    assert as_text.nearest == pytest.approx(1, abs=1e-3)


def test_the_novelty_of_several_papers_and_of_a_theme_leaves_all_of_them_out(atlas):
    (theme, *_) = atlas.themes()
    members = set(atlas.members(theme))
    assert atlas.ids[atlas.novelty(more_of=theme.name).nearest_row] not in members
    found = atlas.novelty(like=("moss-0", "moss-1"), unlike=("moss-2",))
    assert atlas.ids[found.nearest_row] not in {"moss-0", "moss-1", "moss-2"}
    with pytest.raises(UsageError, match="nothing to look for"):
        atlas.novelty()


def test_ids_and_years_may_be_numbers(atlas):
    theme = atlas.themes()[0]
    for number, text in ((theme.id, str(theme.id)),):
        assert atlas.related("moss", theme=number) == atlas.related("moss", theme=text)
        assert atlas.related(more_of=number) == atlas.related(more_of=text)
    assert atlas.related("moss", since=2020) == atlas.related("moss", since="2020")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"text": 5}, "text"),
        ({"paper": 1.5}, "paper is of the type float"),
        ({"text": "moss", "theme": 1.5}, "theme is of the type float"),
        ({"text": "moss", "where": ["year = 2020"]}, "where is of the type list"),
        ({"text": "moss", "since": b"2020"}, "since is of the type bytes"),
        ({"text": "moss", "k": "3"}, "k = '3'"),
        ({"text": "moss", "k": 2.5}, "k = 2.5"),
        ({"like": "moss-0"}, "expected a list of texts"),
        ({"like": [3]}, "text 0 is of the type int"),
    ],
)
def test_what_is_of_another_type_is_refused_by_name(atlas, asked, says):
    with pytest.raises(UsageError, match=says) as told:
        atlas.related(**asked)
    assert told.value.hint


def test_a_closed_atlas_says_so(topic_atlas):
    closed = Atlas.open(topic_atlas)
    closed.close()
    with pytest.raises(UsageError, match="the atlas is closed") as told:
        closed.related(paper="moss-0")
    assert told.value.hint == "open it again"
