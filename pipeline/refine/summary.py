"""What a run, or a dry one, is told to the user in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pipeline.refine.names import Plan, Refined


def plan_summary(plan: Plan) -> Iterator[str]:
    """What would be asked, and what it would not exceed."""
    calls = _count(plan.n_calls, "call")
    yield (
        f"{_count(plan.n_themes, 'theme')}: {calls} to {plan.model} at {plan.address}, about "
        f"{plan.n_tokens:,} tokens; {_count(plan.n_cached, 'answer')} from the cache."
    )
    if plan.n_left:
        yield f"{_count(plan.n_left, 'theme')} would not be asked, for these limits:"
    yield (
        f"A run stays within {_count(plan.max_calls, 'call')} (refine.max_calls) and "
        f"{plan.max_tokens:,} tokens (refine.max_tokens), repeated calls counted."
    )
    yield "A dry run: nothing was sent."


def refined_summary(refined: Refined) -> Iterator[str]:
    """How many names are the model's, what that took, and why the others are not."""
    yield (
        f"{refined.model} at {refined.address} named {refined.n_refined:,} of "
        f"{_count(len(refined.names), 'theme')}: {_count(refined.n_calls, 'call')}, about "
        f"{refined.n_tokens:,} tokens, {_count(refined.n_cached, 'answer')} from the cache."
    )
    if refined.kept:
        yield f"{_count(len(refined.kept), 'theme')} keep the name that they had:"
    for reason, count in Counter(refined.kept.values()).most_common():
        yield f"  {count:,}: {reason}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
