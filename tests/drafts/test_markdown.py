"""Markdown without its markup."""

from __future__ import annotations

import pytest

from pipeline.drafts.draft import draft_of
from pipeline.drafts.markdown import read_markdown

PAPER = """\
# On [Mass](https://example.org) {#mass}

![a picture](mass.png)

## Abstract

Mass *moves* along `geodesics` [@monge1781; @villani], see
[the code](https://example.org/code)[^1]. <!-- not yet -->

- It is **fast**.

```python
print("mass")
```

| a | b |
|---|---|
| 1 | 2 |

## Introduction

Long ago.

[^1]: A note
    of two lines.
"""


def test_title_and_abstract_are_read_by_their_headings():
    parts = read_markdown(PAPER)
    assert parts.title == "On Mass"
    assert draft_of(parts).text == "Mass moves along geodesics, see the code. It is fast."
    assert parts.body == "Introduction\n\nLong ago."


@pytest.mark.parametrize(
    ("head", "title", "abstract"),
    [
        ("---\ntitle: On Mass\nabstract: Mass moves.\n---\n", "On Mass", "Mass moves."),
        ("---\ntitle: 'On \"Mass\"'\n---\n", 'On "Mass"', ""),
        ("---\ntitle: \"On: Mass\"\nabstract: |\n  Mass\n  moves.\nauthor: M\n---\n",
         "On: Mass", "Mass moves."),
        ("---\nabstract: >-\n  Mass moves.\n\n  It rests.\ntitle:\n  On Mass\n...\n",
         "On Mass", "Mass moves. It rests."),
        ('+++\ntitle = "On Mass"\ndraft = true\n+++\n', "On Mass", ""),
    ],
)  # fmt: skip
def test_a_front_matter_goes_before_headings(head, title, abstract):
    parts = read_markdown(head + "\n# Other\n\nText.\n")
    assert (parts.title, parts.abstract) == (title, abstract)
    assert parts.body == "Other\n\nText."


def test_an_abstract_may_be_a_paragraph_that_says_so():
    parts = read_markdown("# On Mass\n\n**Abstract.** Mass moves.\n\nIt rests.\n\n# Intro\n\nOld.")
    assert parts.abstract == "Mass moves.\n\nIt rests."
    parts = read_markdown("# On Mass\n\n**Abstract**\nMass moves.\n\n**Keywords:** mass\n\nOld.")
    assert (parts.abstract.strip(), parts.body) == ("Mass moves.", "Keywords: mass\n\nOld.")


def test_without_headings_the_first_paragraph_is_the_title_where_it_looks_like_one():
    assert read_markdown("On Mass\n\nMass moves.").title == "On Mass"
    assert read_markdown("Mass moves.").title == ""
    assert read_markdown("On Mass\n=======\n\nMass moves.").title == "On Mass"


def test_a_rule_at_the_top_is_no_front_matter():
    assert read_markdown("---\n\n# On Mass\n\nMass moves.").title == "On Mass"


def test_formulas_are_readable_as_those_of_abstracts_are():
    found = draft_of(read_markdown("# Mass\n\nA cost of $\\alpha_{1} \\leq x^2$ is low."))
    assert found.text == "A cost of α_1 ≤ x^2 is low."


def test_brackets_that_cite_nothing_stay():
    parts = read_markdown("# On Mass\n\nWrite to [ann@example.org], [see] it [@monge1781 p. 3].\n")
    assert parts.body == "Write to [ann@example.org], [see] it."


@pytest.mark.parametrize(
    "run", [" " * 150_000, "\n" * 150_000, "[@" + "a" * 150_000, "{#" + " " * 150_000]
)
def test_long_runs_without_an_end_are_read_once(run):
    assert read_markdown(f"# On Mass\n\nIt moves{run}x").title == "On Mass"
