"""What a user is told after a run, and after a dry one."""

from __future__ import annotations

from pipeline.refine import Plan, Refined, plan_summary, refined_summary

PLAN = Plan("toy", "localhost:11434", 42, 40, 2, 0, 31_000, 1000, 1_000_000)


def test_a_dry_run_in_three_lines():
    assert list(plan_summary(PLAN)) == [
        "42 themes: 40 calls to toy at localhost:11434, about 31,000 tokens; 2 answers from the "
        "cache.",
        "A run stays within 1,000 calls (refine.max_calls) and 1,000,000 tokens "
        "(refine.max_tokens), repeated calls counted.",
        "A dry run: nothing was sent.",
    ]


def test_a_dry_run_beyond_the_limits():
    plan = Plan("toy", "h", 3, 1, 0, 2, 700, 1, 1000)
    told = list(plan_summary(plan))
    assert told[0].startswith("3 themes: 1 call to toy")
    assert told[1] == "2 themes would not be asked, for these limits:"


def test_a_run_that_named_all_is_one_line():
    refined = Refined("toy", "h", {1: "a", 2: "b"}, {}, 2, 0, 1500, "")
    assert list(refined_summary(refined)) == [
        "toy at h named 2 of 2 themes: 2 calls, about 1,500 tokens, 0 answers from the cache."
    ]


def test_reasons_are_told_once_with_their_counts():
    kept = {2: "no answer", 3: "not asked: stopped", 4: "not asked: stopped"}
    names = {1: "a", 2: "b", 3: "c", 4: "d"}
    refined = Refined("toy", "h", names, kept, 2, 0, 900, "stopped")
    assert list(refined_summary(refined))[1:] == [
        "3 themes keep the name that they had:",
        "  2: not asked: stopped",
        "  1: no answer",
    ]
