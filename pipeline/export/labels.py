"""What a paper is called in a picture of a network."""

from __future__ import annotations

from pipeline.papers import Paper, split_name
from pipeline.papers.plain import one_line


def short_label(paper: Paper) -> str:
    """`Kakade (2002)`; the title where nobody is named."""
    if not paper.authors:
        return one_line(paper.title or paper.abstract[:60] or paper.id)
    family = one_line(split_name(paper.authors[0])[0])
    return f"{family} ({paper.year})" if paper.year else family
