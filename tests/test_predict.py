"""Themes by the votes of near papers: votes that can be counted by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pipeline.predict import Judgement, Predictor, judge_predictions

# The chance is the share of the vote itself: log-odds in, log-odds out.
PLAIN = (0.0, 1.0)


def at(*cosines):
    """Unit rows whose similarity to (1, 0, ..., 0) is as given, and otherwise unlike each other."""
    rows = np.zeros((len(cosines), len(cosines) + 1), np.float32)
    for i, cosine in enumerate(cosines):
        rows[i, 0] = cosine
        rows[i, i + 1] = np.sqrt(1 - cosine**2)
    return rows


def query(papers):
    row = np.zeros((1, papers.shape[1]), np.float32)
    row[0, 0] = 1
    return row


def predictor(papers, layers, *, default_layer=0, far_below=0.0, odds=None, strengths=None):
    theme_ids = np.array(layers, np.int32)
    judgement = Judgement(
        (1.0,) * len(theme_ids), odds or (PLAIN,) * len(theme_ids), far_below=far_below
    )
    if strengths is None:
        strengths = np.where(theme_ids < 0, 0, 0.75)
    return Predictor(
        papers,
        theme_ids,
        np.array(strengths, np.float32),
        default_layer=default_layer,
        judgement=judgement,
    )


def test_a_near_paper_outvotes_two_far_ones_by_the_eighth_power():
    # .9^8 = .430, 2 x .8^8 = .336: theme 7 has .430 of .766.
    papers = at(0.9, 0.8, 0.8)
    found = predictor(papers, [[7, 3, 3]]).predict(query(papers))
    assert found.theme_ids.tolist() == [[7]]
    assert found.strengths[0, 0] == pytest.approx(0.9**8 / (0.9**8 + 2 * 0.8**8), abs=1e-5)
    assert found.nearest.tolist() == [[0, 1, 2]]
    assert found.similarities[0] == pytest.approx([0.9, 0.8, 0.8], abs=1e-6)
    # .9^8 = .430 against 3 x .8^8 = .503.
    more = at(0.9, 0.8, 0.8, 0.8)
    assert predictor(more, [[7, 3, 3, 3]]).predict(query(more)).theme_ids.tolist() == [[3]]


def test_a_tie_goes_to_the_lower_id():
    papers = at(0.6, 0.6)
    for ids in ([5, 2], [2, 5]):
        found = predictor(papers, [ids]).predict(query(papers))
        assert found.theme_ids.tolist() == [[2]]
        assert found.strengths.tolist() == [[0.5]]


def test_the_finer_theme_lies_in_the_default_one_though_another_has_more_votes():
    # Default themes 10 = {0, 1} and 11 = {2}; the fine theme of paper 2 has the most votes alone,
    # .9^8 = .430 against .85^8 = .272 each, but the papers of theme 10 together have .545.
    papers = at(0.9, 0.85, 0.85)
    layers = [[0, 1, 2], [11, 10, 10], [20, 20, 20]]
    found = predictor(papers, layers, default_layer=1).predict(query(papers))
    assert found.theme_ids[:, 0].tolist() == [1, 10, 20]
    total = 0.9**8 + 2 * 0.85**8
    shares = [0.85**8 / total, 2 * 0.85**8 / total, 0.98]  # a share is never more than .98
    assert found.strengths[:, 0] == pytest.approx(shares, abs=1e-5)


def test_the_coarser_theme_holds_the_default_one_though_another_has_more_votes():
    # Default theme 3 has .430 of the votes, 4 and 5 have .336 each, but these two lie in 21.
    papers = at(0.9, 0.87, 0.87)
    found = predictor(papers, [[3, 4, 5], [20, 21, 21]]).predict(query(papers))
    assert found.theme_ids[:, 0].tolist() == [3, 20]


@pytest.mark.parametrize("default_layer", [0, 1, 2])
def test_predicted_themes_are_nested_as_the_themes_are(default_layer):
    rng = np.random.default_rng(0)
    papers = rng.normal(size=(300, 6)).astype(np.float32)
    papers /= np.linalg.norm(papers, axis=1, keepdims=True)
    fine = rng.integers(0, 30, 300)
    layers = np.stack([fine, 100 + fine // 3, 200 + fine // 10]).astype(np.int32)
    layers[:, rng.random(300) < 0.2] = -1
    new = -papers[:50] + 0.01  # among them many that are near to nothing
    new /= np.linalg.norm(new, axis=1, keepdims=True)
    found = predictor(papers, layers, default_layer=default_layer).predict(new)
    holds = {tuple(column) for column in layers.T}
    assert {tuple(column) for column in found.theme_ids.T} <= holds


def test_papers_without_a_theme_have_a_vote_and_win_only_among_themselves():
    papers = at(0.9, 0.8, 0.8)
    found = predictor(papers, [[-1, 4, -1]]).predict(query(papers))
    assert found.theme_ids.tolist() == [[4]]
    share = 0.8**8 / (0.9**8 + 2 * 0.8**8)
    assert found.strengths[0, 0] == pytest.approx(share, abs=1e-5)
    nobody = predictor(papers, [[-1, -1, -1]]).predict(query(papers))
    assert (nobody.theme_ids.tolist(), nobody.strengths.tolist()) == ([[-1]], [[0.0]])


def test_what_is_far_has_a_theme_that_says_little():
    papers = at(0.2, 0.1)
    far = predictor(papers, [[1, 2]], far_below=0.4).predict(query(papers))
    assert far.is_far.tolist() == [True]
    assert far.theme_ids.tolist() == [[1]]
    # The vote, .98 at most, times how near the nearest is beside what is near: .2 of .4.
    assert far.strengths[0, 0] == pytest.approx(0.98 * 0.5, abs=1e-5)
    near = predictor(papers, [[1, 2]], far_below=0.2).predict(query(papers))
    assert (near.is_far.tolist(), near.strengths[0, 0]) == ([False], pytest.approx(0.98))


def test_opposites_of_all_papers_have_nested_themes_of_no_strength():
    papers = at(-0.9, -0.8, -0.8)
    layers = [[0, 1, 2], [11, 10, 10]]
    found = predictor(papers, layers, default_layer=1, far_below=0.3).predict(query(papers))
    # Nobody is near: each votes alike, two for theme 10, and of these the lower id.
    assert found.theme_ids[:, 0].tolist() == [1, 10]
    assert found.strengths.tolist() == [[0.0], [0.0]]
    assert found.is_far.tolist() == [True]


def test_a_very_far_text_is_no_tie():
    # .05^8 is 4e-11: only how near they are beside each other counts.
    papers = at(0.05, 0.04)
    found = predictor(papers, [[9, 1]]).predict(query(papers))
    assert found.theme_ids.tolist() == [[9]]


def test_papers_of_the_atlas_have_their_own_theme_alone_and_among_others():
    # Paper 0 lies amid papers of theme 2: its neighbours would vote for that.
    papers = at(0.99, 0.985, 0.985, 0.985)
    own = [[1, 2, 2, -1]]
    strengths = [[0.3, 0.6, 0.7, 0.0]]
    known = predictor(papers, own, strengths=strengths)
    together = known.predict(np.concatenate([papers, query(papers)]))
    assert together.theme_ids.tolist() == [[1, 2, 2, -1, 2]]
    assert together.strengths[0, :4] == pytest.approx(strengths[0])
    assert together.known_rows.tolist() == [0, 1, 2, 3, -1]
    for row in range(4):
        alone = known.predict(papers[row : row + 1])
        assert alone.theme_ids[0, 0] == own[0][row]
        assert alone.known_rows.tolist() == [row]


def test_a_row_that_is_told_is_believed_and_rounding_is_no_matter():
    papers = at(0.9, 0.5)
    told = predictor(papers, [[1, 2]]).predict(query(papers), rows=np.array([1]))
    assert (told.theme_ids.tolist(), told.known_rows.tolist()) == ([[2]], [1])
    almost = papers[1:] + np.float32(2e-7)
    assert predictor(papers, [[1, 2]]).predict(almost).known_rows.tolist() == [1]
    other = papers[1:] + np.float32(1e-4)
    assert predictor(papers, [[1, 2]]).predict(other).known_rows.tolist() == [-1]


def test_a_known_paper_is_never_far():
    papers = at(0.9, 0.5)
    found = predictor(papers, [[1, 2]], far_below=1.0).predict(papers)
    assert found.is_far.tolist() == [False, False]
    assert found.strengths.tolist() == [[0.75, 0.75]]


def test_no_rows_have_no_themes():
    papers = at(0.9, 0.5)
    found = predictor(papers, [[1, 2], [3, 3]]).predict(np.empty((0, 3), np.float32))
    assert found.theme_ids.shape == found.strengths.shape == (2, 0)
    assert found.nearest.shape == (0, 2)
    assert len(found.known_rows) == len(found.is_far) == 0


def test_rows_of_another_width_are_refused():
    with pytest.raises(ValueError, match="beside papers"):
        predictor(at(0.9, 0.5), [[1, 2]]).predict(np.ones((1, 2), np.float32))


def test_the_chance_follows_the_curve():
    papers = at(0.9, 0.9, 0.9, 0.9)
    # Three of four votes: log-odds ln 3; the curve doubles them and takes 1 away.
    found = predictor(papers, [[1, 1, 1, 2]], odds=((-1.0, 2.0),)).predict(query(papers))
    chance = 1 / (1 + np.exp(-(-1 + 2 * np.log(3))))
    assert found.strengths[0, 0] == pytest.approx(chance, abs=1e-5)


def test_eight_threads_get_the_same():
    rng = np.random.default_rng(1)
    papers = rng.normal(size=(500, 8)).astype(np.float32)
    papers /= np.linalg.norm(papers, axis=1, keepdims=True)
    asked = predictor(papers, [rng.integers(0, 20, 500)])
    new = np.roll(papers[:40], 1, axis=1)
    whole = asked.predict(new)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: asked.predict(new[i : i + 1]), range(40)))
    assert [a.theme_ids[0, 0] for a in answers] == whole.theme_ids[0].tolist()
    assert [a.strengths[0, 0] for a in answers] == whole.strengths[0].tolist()


# Three papers in theme 0 at one place, two in theme 1 at another; the last of theme 0 lies with
# theme 1, so that its neighbours vote for that.
PLACES = np.array([[1, 0], [0.96, 0.28], [0, 1], [0.28, 0.96], [0.1, 0.99498744]], np.float32)
THEMES = np.array([[0, 0, 1, 1, 0], [2, 2, 2, 2, 2]], np.int32)


def test_each_paper_is_hidden_from_its_own_vote():
    judged = judge_predictions(PLACES, THEMES, default_layer=0, seed=0)
    # 0 and 1 vote for each other; 2 has 4 (.995^8 = .96) and 3 (.72) and some of 1; 3 has 4
    # (.88) before 2 (.72); 4 has 2 and 3: of five papers 0 and 1 are right, and 2, 3, 4 not.
    assert judged.agreements == (0.4, 1.0)
    # Not one vote of the coarser layer was wrong.
    assert judged.odds[1] == (4.0, 0.0)
    # The nearest other one is at .96, .96, .995, .983, .995: all but one in 200 reach the least.
    assert judged.far_below == pytest.approx(0.96, abs=1e-3)


def test_votes_that_are_always_wrong_are_worth_little():
    papers = np.array([[1, 0], [0.96, 0.28]], np.float32)
    judged = judge_predictions(papers, np.array([[0, 1]], np.int32), default_layer=0, seed=0)
    assert judged.agreements == (0.0,)
    assert judged.odds == ((-4.0, 0.0),)


def test_a_clearer_vote_is_worth_more():
    rng = np.random.default_rng(0)
    angles = np.concatenate([rng.normal(0, 0.3, 100), rng.normal(1, 0.3, 100)])
    papers = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    themes = np.repeat([[0, 1]], 100, axis=1).astype(np.int32)
    judged = judge_predictions(papers, themes, default_layer=0, seed=0)
    assert 0.8 < judged.agreements[0] < 1
    assert judged.odds[0][1] > 0


def test_copies_are_not_what_is_near():
    copies = np.array([[1, 0], [1, 0], [0.6, 0.8], [0.6, 0.8]], np.float32)
    themes = np.zeros((1, 4), np.int32)
    assert judge_predictions(copies, themes, default_layer=0, seed=0).far_below == 0.6
    alike = np.ones((20, 1), np.float32)  # more of them than neighbours are asked for
    judged = judge_predictions(alike, np.zeros((1, 20), np.int32), default_layer=0, seed=0)
    assert (judged.far_below, judged.agreements) == (0.0, (1.0,))


@pytest.mark.parametrize("themes", [[[0]], [[-1]], [[-1, -1]]])
def test_nothing_is_told_where_nothing_can_be_compared(themes):
    papers = at(*[0.5] * len(themes[0]))
    judged = judge_predictions(papers, np.array(themes, np.int32), default_layer=0, seed=0)
    assert np.isnan(judged.agreements).all()
    assert (judged.odds, judged.far_below) == ((PLAIN,), 0.0)


def test_two_papers_vote_for_each_other():
    papers = at(0.9, 0.5)
    judged = judge_predictions(papers, np.array([[3, 3]], np.int32), default_layer=0, seed=0)
    assert judged.agreements == (1.0,)
    assert judged.far_below == pytest.approx(0.45, abs=1e-4)


def test_a_sample_is_judged_the_same_each_time():
    rng = np.random.default_rng(0)
    papers = rng.normal(size=(1500, 8)).astype(np.float32)
    papers /= np.linalg.norm(papers, axis=1, keepdims=True)
    themes = (papers[:, :1].T > 0).astype(np.int32)
    first = judge_predictions(papers, themes, default_layer=0, seed=4)
    assert judge_predictions(papers, themes, default_layer=0, seed=4) == first
    assert 0.6 < first.agreements[0] < 1
