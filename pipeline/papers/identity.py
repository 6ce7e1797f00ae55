"""Ids: what a record and a paper are called, in an order that the content alone decides."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from pipeline.papers.record import Paper
from pipeline.papers.text import comparison_key

_ARXIV_NEW = re.compile(r"(\d{4}\.\d{4,5})(?:v\d+)?")
_ARXIV_OLD = re.compile(r"([a-z-]+(?:\.[A-Za-z-]{2,8})?/\d{7})(?:v\d+)?", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")


def normalise_doi(text: str) -> str | None:
    """Give a DOI in lower case without resolver or trailing punctuation; None if it is none."""
    match = _DOI.search(text.strip())
    return match[0].rstrip(".,;)]}>\"'").lower() if match else None


def normalise_arxiv_id(text: str) -> str | None:
    """Give an arXiv id without version, prefix or address; None if there is none in `text`."""
    text = re.sub(r"(?i)^.*?(?:arxiv\.org/(?:abs|pdf|html)/|arxiv[.:]\s*)", "", text.strip())
    for pattern in (_ARXIV_NEW, _ARXIV_OLD):
        if match := pattern.match(text):
            return match[1]
    return None


def text_id(title: str, abstract: str) -> str:
    """Give `p-` and 12 hex digits of SHA-256 over the comparison keys of title and abstract."""
    return "p-" + _digest(comparison_key(title), comparison_key(abstract))


def strong_ids(paper: Paper) -> tuple[str, ...]:
    """Give the ids that hold beyond one file, the strongest first: `doi:...`, `arxiv:...`."""
    doi = (f"doi:{paper.doi}",) if paper.doi else ()
    return (*doi, f"arxiv:{paper.arxiv_id}") if paper.arxiv_id else doi


def record_id(paper: Paper, shared_ids: frozenset[str]) -> str:
    """Give a record's id: its own if not in `shared_ids`, else DOI, arXiv, or by its text."""
    if paper.id and paper.id not in shared_ids:
        return paper.id
    return next(iter(strong_ids(paper)), None) or text_id(paper.title, paper.abstract)


def full_digest_id(paper: Paper) -> str:
    """Give an id by all that a record says, for papers that no shorter id tells apart."""
    return "p-" + _digest(
        paper.title, paper.abstract, *paper.authors, str(paper.year), str(paper.date),
        str(paper.venue), str(paper.doi), str(paper.arxiv_id), str(paper.url), paper.id,
    )  # fmt: skip


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:12]


def ids_of_several(groups: Iterable[Iterable[str]]) -> frozenset[str]:
    """Give the ids that more than one group holds: they name no paper."""
    seen: set[str] = set()
    several: set[str] = set()
    for group in groups:
        ids = set(group)
        several |= ids & seen
        seen |= ids
    return frozenset(several)
