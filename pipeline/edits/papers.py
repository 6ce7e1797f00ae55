"""Finding the paper that a user means: by id, by alias, by title."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from pipeline.papers import Paper, comparison_key, normalise_arxiv_id, normalise_doi

FindRow = Callable[[str], int | None]


def paper_finder(papers: Sequence[Paper]) -> FindRow:
    """Give a function from an id, an alias, a DOI, an arXiv id or a title to the row of the one
    paper that has it; None where none has it, or several. An id goes before an alias, an alias
    before a title. Titles are compared by their words."""
    by_alias = _only_once((alias, row) for row, p in enumerate(papers) for alias in p.aliases)
    by_id = by_alias | {paper.id: row for row, paper in enumerate(papers)}

    @cache
    def by_title() -> dict[str, int]:
        titles = _only_once((comparison_key(p.title), row) for row, p in enumerate(papers))
        return {title: row for title, row in titles.items() if title}

    def find_row(wanted: str) -> int | None:
        doi, arxiv_id = normalise_doi(wanted), normalise_arxiv_id(wanted)
        for name in (wanted, wanted.strip(), wanted.strip().lower(), f"doi:{doi}",
                     f"arxiv:{arxiv_id}"):  # fmt: skip
            if name in by_id:
                return by_id[name]
        return by_title().get(comparison_key(wanted))

    return find_row


def _only_once(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The pairs whose text stands for one row alone."""
    distinct = set(pairs)
    counts = Counter(text for text, _ in distinct)
    return {text: row for text, row in distinct if counts[text] == 1}
