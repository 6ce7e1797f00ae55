"""The texts of a map page: what is told of each paper, and how it is cited, in chunks of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.citing import bibtex_entry, citation_keys, ris_record
from pipeline.papers import Paper
from pipeline.render.blocks import Block, as_json, pack
from pipeline.render.wording import display_title, paper_links

CHUNK_SIZE = 500
"""Papers a block: a click on one paper unpacks one block, some 1 MB of text, in some 10 ms."""


def text_blocks(papers: Sequence[Paper]) -> Iterator[Block]:
    """Yield `atlas-texts-0` and so on: three lines of JSON for each of 500 papers, its head, its
    abstract and its details.

    Lines, for a search looks through a chunk as one text, and most of it is never parsed. Title,
    authors and citations of a paper stand near each other, so that a citation, which repeats them,
    costs little when it is deflated. The citation keys are those of an export of all papers.
    """
    keys = citation_keys(papers)
    for number, start in enumerate(range(0, len(papers), CHUNK_SIZE)):
        rows = range(start, min(start + CHUNK_SIZE, len(papers)))
        lines = (line for i in rows for line in _lines(papers[i], keys[i]))
        yield pack(f"atlas-texts-{number}", b"\n".join(map(as_json, lines)))


def _lines(paper: Paper, key: str) -> tuple[object, object, object]:
    """What lists show: title, authors, year, venue, sources; the abstract; and id, DOI,
    BibTeX, RIS, the own title, names of authors, venue alone, ids elsewhere, labelled links.

    A citation leaves the abstract to the page, unless nothing else says what the paper is.
    """
    has_abstract = not paper.title
    head = [
        display_title(paper),
        ", ".join(paper.authors) + (" et al." if paper.authors_truncated else ""),
        paper.year,
        " · ".join(part for part in (paper.venue, paper.category) if part),
        [f"{source.file}:{source.line}" for source in paper.sources],
    ]
    details = [
        paper.id,
        paper.doi or "",
        bibtex_entry(paper, key, has_abstract=has_abstract),
        ris_record(paper, has_abstract=has_abstract),
        paper.title,
        [*paper.authors, *(["et al."] if paper.authors_truncated else [])],
        paper.venue or "",
        list(paper.identifiers),
        paper_links(paper),
    ]
    return head, paper.abstract, details
