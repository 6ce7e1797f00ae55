"""Read RIS, as reference managers and publishers write it: `TY  - JOUR` to `ER  - `.

The tags are those of the RIS format specification of 2011 and of the older one, which exports mix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipeline.papers import Paper, Problem
from pipeline.papers.identity import normalise_doi
from pipeline.sources.document import Document
from pipeline.sources.tagged.cutting import (
    Grammar,
    Tags,
    count_records,
    every,
    first,
    page_range,
    read_records,
    web_address,
)

NAME = "ris"
_KNOWN = frozenset(
    """
    A1 A2 A3 A4 AB AD AN AU AV BT C1 C2 C3 C4 C5 C6 C7 C8 CA CN CP CR CT CY DA DB DI DO DP DS DT ED
    EP ER ET FD H1 H2 ID IP IS J1 J2 JA JF JO KW L1 L2 L3 L4 LA LB LK LL M1 M2 M3 N1 N2 NO NV OL OP
    PA PB PM PP PT PY RD RI RN RP SE SF SL SN SO SP SR ST T1 T2 T3 TA TI TT TY U1 U2 U3 U4 U5 UN UR
    VL VO WP WT WV Y1 Y2 YR
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_LOOSE = re.compile(
    r"\ufeff?\s{0,4}([A-Z][A-Z0-9]|[a-z][a-z0-9](?=  -)) {0,4}[-–](?:\s(.*)|)", re.DOTALL
)
_START = re.compile(r"\ufeff?\s{0,4}(?:TY|ty(?=  -)) {0,4}[-–](?:\s|$)")
_STATUS = re.compile(r"^(retracted|withdrawn)\W*$", re.IGNORECASE | re.MULTILINE)
_NOTICE = re.compile(r"Copyright of .{3,300} is the property of\b")  # EBSCO's
_LABELLED_DOI = re.compile(r"\s*doi\W*10\.\S+\s*", re.IGNORECASE)
_PMID = re.compile(r"\bPMID:\s*(\d{4,9})")
_DOI_TAGS = ("DO", "DI", "M3", "L3", "N1", "UR", "L2", "LK", "AN")
# The tags that fields are read from, and those that name files on somebody's disk.
_READ = frozenset(
    """
    TY TI T1 CT BT ST AB N2 AU A1 A2 ED PY Y1 YR DA JF JO T2 J2 JA T3 C3 TA DO DI UR L2 LK KW LA AN
    ID VL VO IS SP EP SN PB L1 L3 L4 ER AD
    """.split()  # noqa: SIM905  one word a line would hide the list
)


def split_line(line: str) -> tuple[str, str] | None:
    """The tag and the value of a line, also of one with too few or too many blanks."""
    if line[2:6] == "  - " and ((tag := line[:2]) in _KNOWN or tag.isupper()):
        return tag, line[6:].strip()
    if "-" not in line[:11] and "–" not in line[:11]:
        return None
    match = _LOOSE.fullmatch(line)
    if match is None or match[1].upper() not in _KNOWN:
        return None
    return match[1].upper(), (match[2] or "").strip()


_GRAMMAR = Grammar(split_line, start="TY", end="ER")


def sniff(document: Document) -> float:
    """Say whether a line begins a record and others have tags: 0 to 1."""
    lines = document.head.splitlines()
    if not any(_START.match(line) for line in lines):
        return 0.0
    return 0.97 if sum(split_line(line) is not None for line in lines[:2000]) > 1 else 0.5


def count(document: Document) -> int:
    """Count the lines that begin a record."""
    return count_records(document, _GRAMMAR, _START)


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each record's paper."""
    return read_records(document, _GRAMMAR, to_cell)


def to_cell(tags: Tags) -> dict[str, Any]:
    """The raw values of a record."""
    numbers = [number for value in tags.get("SN", ()) for number in re.split(r"[;,\n]\s*", value)]
    isbns = [number for number in numbers if len(re.sub(r"[^\dXx]", "", number)) > 8]
    record_id = first(tags, "ID")
    extra: dict[str, Any] = {
        "volume": first(tags, "VL", "VO"),
        "issue": first(tags, "IS"),
        "pages": page_range(first(tags, "SP"), first(tags, "EP")),
        "publisher": first(tags, "PB"),
        "issn": [number for number in numbers if number not in isbns],
        "isbn": isbns,
    }
    extra |= {tag: values for tag, values in tags.items() if tag not in _READ}
    ids = _catalogue_ids(tags)
    return {
        # A number alone is the record's place in somebody's library, and names no paper.
        "id": "" if record_id.isdigit() else record_id.removeprefix("paperatlas:"),
        "kind": first(tags, "TY"),
        "title": first(tags, "TI", "T1", "CT", "BT", "ST"),
        "abstract": _abstract(tags),
        "authors": every(tags, "AU", "A1", "A2", "ED"),
        "affiliations": every(tags, "AD"),
        "year": first(tags, "PY", "Y1", "YR"),
        "date": first(tags, "DA", "Y1", "PY"),
        "venue": first(tags, "JF", "JO", "T2", "BT", "C3", "T3", "J2", "JA", "TA"),
        "doi": next((doi for t in _DOI_TAGS if t in tags and (doi := _doi_in(tags, t))), ""),
        "url": web_address(tags, "UR", "L2", "LK"),
        "keywords": every(tags, "KW"),
        "language": first(tags, "LA"),
        "identifiers": ids,
        "arxiv_id": ids.get("arxiv"),
        "status": next(iter(_STATUS.findall("\n".join(tags.get("N1", ())))), ""),
        "extra": extra.items(),
    }


def _catalogue_ids(tags: Tags) -> dict[str, str]:
    """The ids of catalogues among the accession numbers, by scheme: `pmid:123`, `WOS:000123`, and
    a bare number of PubMed's."""
    is_pubmed = any("pubmed" in first(tags, name).lower() for name in ("DB", "DP"))
    ids = {}
    for value in tags.get("AN", ()):
        scheme, colon, rest = value.partition(":")
        if colon:
            ids[scheme.lower()] = rest
        elif is_pubmed and value.isdigit():
            ids["pmid"] = value
    for note in tags.get("N1", ()):
        if "pmid" not in ids and (match := _PMID.search(note)):
            ids["pmid"] = match[1]
    return ids


def _abstract(tags: Tags) -> str:
    """The abstract, which some part into several values; `N2` is one too, or a note beside it."""
    for tag in ("AB", "N2"):
        parts = [text for text in tags.get(tag, ()) if text and not _NOTICE.match(text)]
        if parts:
            return "\n".join(dict.fromkeys(parts))
    return ""


def _doi_in(tags: Tags, tag: str) -> str:
    """The DOI that a tag holds; in notes and addresses only one that says that it is one."""
    for value in tags[tag]:
        if "10." not in value:
            continue
        if tag in ("DO", "DI", "M3", "L3"):
            is_own = True
        elif tag == "N1":  # notes name other papers too
            is_own = bool(_LABELLED_DOI.fullmatch(value))
        else:
            is_own = "doi" in value.lower()
        if is_own:
            return normalise_doi(value) or ""
    return ""
