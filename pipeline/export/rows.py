"""One paper as a row of a table: the columns that CSV, JSON Lines and Parquet share."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from pipeline.export.entries import Entry
from pipeline.papers.plain import one_line

TEXTS = ("id", "title", "abstract", "date", "venue", "kind", "category", "doi", "arxiv_id", "url",
         "language", "status")  # fmt: skip
LISTS = ("authors", "affiliations", "identifiers", "keywords")
COLUMNS = (
    "id", "title", "abstract", "authors", "year", "date", "venue", "kind", "category", "doi",
    "arxiv_id", "identifiers", "url", "keywords", "affiliations", "language", "status", "code",
    "score", "theme", "theme_id", "theme_strength",
)  # fmt: skip
"""As in `Paper`, which our readers read back, and the theme in the chosen layer."""
QUERY_COLUMNS = ("rank", "similarity")
"""Those of papers that answer a query."""
_FROM_SOURCE = " (source)"


def column_names(
    entries: Iterable[Entry], *, also: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], dict[str, str]]:
    """The columns of the table of these papers, those of a format `also`, and the name of each
    other column of their sources in it: a source may have had a `theme` too."""
    found: dict[str, None] = {}
    is_answer = False
    for entry in entries:
        found.update(dict.fromkeys(column for column, _ in entry.paper.extra))
        is_answer = is_answer or entry.rank is not None
    names = [*COLUMNS, *(QUERY_COLUMNS if is_answer else ()), *also]
    taken = {name.casefold() for name in names}
    extra = {}
    for column in sorted(found):
        name = one_line(column)
        while name.casefold() in taken:
            name += _FROM_SOURCE
        taken.add(name.casefold())
        extra[column] = name
    return (*names, *extra.values()), extra


def row_of(entry: Entry, extra: dict[str, str]) -> dict[str, Any]:
    """The paper's values by column; None, or an empty list, for what is not known."""
    paper, theme = entry.paper, entry.theme
    row: dict[str, Any] = {name: one_line(getattr(paper, name) or "") or None for name in TEXTS}
    row |= {name: [one_line(part) for part in getattr(paper, name)] for name in LISTS}
    if paper.authors_truncated:
        row["authors"].append("et al.")
    # `article` alone is what BibTeX calls a paper in a journal.
    row["kind"] = "preprint" if paper.kind == "article" else row["kind"]
    row["year"], row["code"] = paper.year, paper.code
    row["score"] = paper.score if paper.score is None or math.isfinite(paper.score) else None
    row["theme"] = one_line(theme.name) if theme else None
    row["theme_id"] = theme.id if theme else None
    row["theme_strength"] = None if entry.strength is None else round(entry.strength, 4)
    if entry.rank is not None:
        row["rank"] = entry.rank
        row["similarity"] = None if entry.similarity is None else round(entry.similarity, 6)
    return row | {extra[column]: one_line(text) for column, text in paper.extra}
