"""Ids: what a record and a paper are called, in an order that the content alone decides."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

from pipeline.papers.record import Paper
from pipeline.papers.text import comparison_key

_ARXIV_NEW = re.compile(r"(\d{4}\.\d{4,5})(?:v\d+)?")
_ARXIV_OLD = re.compile(r"([a-z-]+(?:\.[A-Za-z-]{2,8})?/\d{7})(?:v\d+)?", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_BEHIND_DOI = re.compile(
    r"(?:[?&]\S*|#\S+)$|/(?:full|abstract|e?pdf|epub|html|meta|summary|fulltext|pdfdirect)"
    r"(?:[/?#]\S*)?$",
    re.IGNORECASE,
)

# What an id of a catalogue looks like, however it is written: in an address, with its name before.
SCHEMES: Mapping[str, re.Pattern[str]] = {
    "pmid": re.compile(r"(?:.*\D)?0*([1-9]\d{0,8})/?"),
    "pmcid": re.compile(r"(?:.*[/:\s])?(PMC\d{3,9})(?:\.\d+)?/?", re.IGNORECASE),
    "openalex": re.compile(r"(?:.*[/:])?(W\d{4,12})", re.IGNORECASE),
    "openreview": re.compile(r"(?:.*[?&]id=|openreview:)?([\w-]{8,24})"),
    "s2": re.compile(r"(?:.*[/:])?([0-9a-f]{40})", re.IGNORECASE),
    "corpusid": re.compile(r"(?:.*\D)?([1-9]\d{0,11})"),
    "acl": re.compile(r"(?:.*aclanthology\.org/)?([A-Z]\d{2}-\d{4}|\d{4}\.\w+-\w+\.\d+)/?"),
    "dblp": re.compile(r"(?:.*/rec/|dblp:)?((?:conf|journals|books|phd|series)/[\w/.+-]+)"),
    "mag": re.compile(r"(?:.*\D)?([1-9]\d{3,11})"),
    "wos": re.compile(r"(?:.*?[:/])?((?:[A-Z]{2,10}:)?[A-Z0-9]{8,24})", re.IGNORECASE),
    "scopus": re.compile(r"(?:.*eid=)?(2-s2\.0-\d{6,14})"),
}
"""The catalogues whose ids are kept, by the name that stands before an id: `pmid:29456894`."""
_LOWER_CASE = frozenset({"s2"})
_UPPER_CASE = frozenset({"pmcid", "openalex", "wos"})


def identifier(scheme: str, text: str) -> str | None:
    """Give an id as `scheme:value` whatever stood around it; None if it is none of its kind."""
    match = SCHEMES[scheme].fullmatch(text.strip())
    if match is None:
        return None
    value = match[1]
    value = value.lower() if scheme in _LOWER_CASE else value
    return f"{scheme}:{value.upper() if scheme in _UPPER_CASE else value}"


def normalise_doi(text: str) -> str | None:
    """Give a DOI in lower case without resolver or trailing punctuation; None if it is none."""
    match = _DOI.search(text.strip())
    if match is None:
        return None
    doi = match[0]
    if "://" in text:  # an address goes on behind the DOI
        doi = _BEHIND_DOI.sub("", doi)
    return doi.rstrip(".,;)]}>\"'").lower()


def normalise_arxiv_id(text: str) -> str | None:
    """Give an arXiv id without version, prefix or address; None if there is none in `text`."""
    text = re.sub(r"(?i)^.*?(?:arxiv\.org/(?:abs|pdf|html)/|arxiv[.:]\s*)", "", text.strip())
    for pattern in (_ARXIV_NEW, _ARXIV_OLD):
        if match := pattern.match(text):
            return match[1]
    return None


_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)
_VERSIONED_DOI = re.compile(
    r"(10\.(?:1101|64898)/[\d.]+)v\d+(?:\..*)?"  # bioRxiv and medRxiv
    r"|(10\.21203/rs\..+?|10\.22541/au\..+?)/v\d+"  # Research Square, Authorea
    r"|(10\.(?:20944|36227|6084|25384)/.+?)\.v\d+"  # Preprints.org, TechRxiv, figshare
    r"|(10\.12688/\w+\.\d+)\.\d+"  # F1000Research
    r"|(10\.26434/chemrxiv.+?)[.-]v\d+"
    r"|(10\.(?:31219|31222|31223|31234|31235)/osf\.io/.+?)_v\d+"
)
_PREPRINT_DOI = re.compile(
    r"10\.(?:48550|1101/(?:19|20)\d\d\.|1101/\d{6}|64898|21203/rs\.|22541/au|20944/preprints|36227|"
    r"26434/chemrxiv|31219|31222|31223|31234|31235|2139/ssrn|3386/w|5281/zenodo|6084/m9|13140)"
)
# Of these one paper has one, and another paper never the same.
_ONE_A_PAPER = ("arxiv", "pmid", "pmcid")


def work_ids(paper: Paper) -> frozenset[str]:
    """Give the ids under which versions of one work are the same: `doi:...` without a version,
    an arXiv DOI as the `arxiv:...` that it means, and the ids of catalogues."""
    ids = set(paper.identifiers)
    if paper.arxiv_id:
        ids.add(f"arxiv:{paper.arxiv_id.lower()}")
    if paper.doi:
        arxiv = _ARXIV_DOI.fullmatch(paper.doi)
        arxiv_id = normalise_arxiv_id(arxiv[1]) if arxiv else None
        ids.add(f"arxiv:{arxiv_id.lower()}" if arxiv_id else f"doi:{_unversioned(paper.doi)}")
    return frozenset(ids)


def _unversioned(doi: str) -> str:
    match = _VERSIONED_DOI.fullmatch(doi.lower())
    return next(part for part in match.groups() if part) if match else doi.lower()


def is_preprint_doi(doi: str) -> bool:
    """Tell whether a DOI is a preprint server's, beside which a paper may have a journal's."""
    return _PREPRINT_DOI.match(doi.lower()) is not None


def is_preprint(paper: Paper) -> bool:
    """Tell whether a record is known to be one of a text that may be printed later."""
    if paper.kind in ("article", "manuscript", "report"):
        return True
    return is_preprint_doi(paper.doi) if paper.doi else paper.arxiv_id is not None


def contradicting_scheme(one: frozenset[str], other: frozenset[str]) -> str | None:
    """Give the catalogue that has a record under one id and the other under another, of those
    whose ids mean one paper each; None where there is none. OpenAlex, Semantic Scholar and
    OpenReview know one paper under several ids."""
    for scheme in _ONE_A_PAPER:
        mine = {name for name in one if name.startswith(f"{scheme}:")}
        theirs = {name for name in other if name.startswith(f"{scheme}:")}
        if mine and theirs and not mine & theirs:
            return scheme
    return None


def text_id(title: str, abstract: str) -> str:
    """Give `p-` and 12 hex digits of SHA-256 over the comparison keys of title and abstract."""
    return "p-" + _digest(comparison_key(title), comparison_key(abstract))


def strong_ids(paper: Paper) -> tuple[str, ...]:
    """Give the ids that hold beyond one file: `doi:...`, `arxiv:...`, then those of catalogues."""
    doi = (f"doi:{paper.doi}",) if paper.doi else ()
    arxiv = (f"arxiv:{paper.arxiv_id}",) if paper.arxiv_id else ()
    return (*doi, *arxiv, *paper.identifiers)


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
