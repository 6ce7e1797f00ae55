"""Read PubMed's XML, as its site saves it and efetch gives it: articles, and books of NCBI."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pipeline.papers import Paper, Problem
from pipeline.sources.document import Document
from pipeline.sources.fields import to_paper
from pipeline.sources.kinds import kind_of
from pipeline.sources.xml import cutting
from pipeline.sources.xml.records import Record, read_records, text_of
from pipeline.sources.xml.sniffing import looks_like

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAME = "pubmed-xml"
_TAG = cutting.RecordTag(
    ("PubmedArticle", "PubmedBookArticle"),
    ("PubmedArticleSet",),
    # References alone are half of a record of today.
    unread=("ReferenceList", "ChemicalList", "GrantList", "History"),
)
_SIGNS = (re.compile(r"<(?:PubmedArticleSet|PubmedArticle|PubmedBookArticle)[\s>]"),)
_NO_TITLE = re.compile(r"\W*not available\W*", re.IGNORECASE)
_CITATION = "MedlineCitation"
_ARTICLE = f"{_CITATION}/Article"
_BOOK = "BookDocument"


def sniff(document: Document) -> float:
    """Say whether the head names elements of PubMed: 0 to 1."""
    return looks_like(document, _SIGNS)


def count(document: Document) -> int:
    """Count articles and books by their start tags; a DeleteCitation is none."""
    return cutting.count(document, _TAG)


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each article's or book's paper."""
    return read_records(document, _TAG, _read)


def _read(record: Record) -> Paper | Problem:
    cell, extra = (_book if record.element.tag == "PubmedBookArticle" else _article)(record)
    if cell["identifiers"].get("pmid"):
        cell["url"] = f"https://pubmed.ncbi.nlm.nih.gov/{cell['id']}/"
    return to_paper(cell, record.source, extra=extra.items())


def _article(record: Record) -> tuple[dict[str, Any], dict[str, Any]]:
    title = record.text_at(f"{_ARTICLE}/ArticleTitle")
    if not title.strip() or _NO_TITLE.fullmatch(title):
        title = record.text_at(f"{_ARTICLE}/VernacularTitle")
    issued = record.find(f"{_ARTICLE}/Journal/JournalIssue/PubDate")
    ids = _ids(record, "PubmedData/ArticleIdList/ArticleId")
    pmid = record.text_at(f"{_CITATION}/PMID").strip()
    cell = {
        "id": pmid,
        "title": title,
        "abstract": _abstract(record, f"{_ARTICLE}/Abstract/AbstractText")
        or _abstract(record, f"{_CITATION}/OtherAbstract/AbstractText"),
        "authors": _authors(record.find(f"{_ARTICLE}/AuthorList")),
        "affiliations": _affiliations(record),
        "year": _text(issued, "Year") or _text(issued, "MedlineDate"),
        "date": _full_date(issued, record.find(f"{_ARTICLE}/ArticleDate")),
        "venue": record.text_at(
            f"{_ARTICLE}/Journal/Title",
            f"{_ARTICLE}/Journal/ISOAbbreviation",
            f"{_CITATION}/MedlineJournalInfo/MedlineTA",
        ),
        "doi": _doi(record) or ids.get("doi"),
        "identifiers": {"pmid": pmid, "pmcid": ids.get("pmc")},
        "keywords": _keywords(record),
        "kind": _kind(record.texts_at(f"{_ARTICLE}/PublicationTypeList/PublicationType")),
        "language": record.text_at(f"{_ARTICLE}/Language"),
        "status": _status(record),
    }
    extra = {
        "volume": record.text_at(f"{_ARTICLE}/Journal/JournalIssue/Volume"),
        "issue": record.text_at(f"{_ARTICLE}/Journal/JournalIssue/Issue"),
        "pages": record.text_at(f"{_ARTICLE}/Pagination/MedlinePgn"),
        "issn": record.text_at(f"{_ARTICLE}/Journal/ISSN"),
        "mesh": record.texts_at(f"{_CITATION}/MeshHeadingList/MeshHeading/DescriptorName"),
    }
    return cell, extra


def _book(record: Record) -> tuple[dict[str, Any], dict[str, Any]]:
    """A chapter of a book, or a book as a whole where it has no title of its own."""
    chapter = record.text_at(f"{_BOOK}/ArticleTitle", f"{_BOOK}/VernacularTitle")
    book = record.text_at(f"{_BOOK}/Book/BookTitle")
    ids = _ids(record, f"{_BOOK}/ArticleIdList/ArticleId")
    ids |= _ids(record, "PubmedBookData/ArticleIdList/ArticleId")
    pmid = record.text_at(f"{_BOOK}/PMID").strip()
    lists = [
        found
        for path in (f"{_BOOK}/AuthorList", f"{_BOOK}/Book/AuthorList")
        for found in record.find_all(path)
        if found.get("Type", "authors") == "authors"
    ]
    issued = record.find(f"{_BOOK}/Book/PubDate")
    cell = {
        "id": pmid,
        "title": chapter or book,
        "abstract": _abstract(record, f"{_BOOK}/Abstract/AbstractText"),
        "authors": _authors(lists[0] if lists else None),
        "year": _text(issued, "Year") or _text(issued, "MedlineDate"),
        "date": _full_date(issued, record.find(f"{_BOOK}/ContributionDate")),
        "venue": book if chapter else "",
        "doi": ids.get("doi"),
        "identifiers": {"pmid": pmid, "pmcid": ids.get("pmc")},
        "keywords": record.texts_at(f"{_BOOK}/KeywordList/Keyword"),
        "kind": "chapter" if chapter else "book",
        "language": record.text_at(f"{_BOOK}/Language"),
    }
    extra = {
        "publisher": record.text_at(f"{_BOOK}/Book/Publisher/PublisherName"),
        "isbn": record.texts_at(f"{_BOOK}/Book/Isbn"),
        "pages": record.text_at(f"{_BOOK}/Pagination/MedlinePgn"),
        "bookaccession": ids.get("bookaccession", ""),
    }
    return cell, extra


def _abstract(record: Record, path: str) -> str:
    """Its parts, one a line, each after its label."""
    parts = []
    for part in record.find_all(path):
        if text := text_of(part).strip():
            label = part.get("Label", "").strip(" :")
            is_named = label and label.upper() != "UNLABELLED"
            parts.append(f"{label}: {text}" if is_named else text)
    return "\n".join(parts)


def _authors(authors: Element | None) -> list[Any]:
    if authors is None:
        return []
    names: list[Any] = []
    for author in authors.iter("Author"):
        if group := _text(author, "CollectiveName"):
            names.append(group)
        else:
            given = _text(author, "ForeName") or _text(author, "Initials")
            suffix = _text(author, "Suffix")
            names.append({"family": _text(author, "LastName"), "given": given, "suffix": suffix})
    return [*names, "et al."] if authors.get("CompleteYN") == "N" else names


def _affiliations(record: Record) -> list[str]:
    """Those of the authors; until 2014 there was one for all of them."""
    authors = f"{_ARTICLE}/AuthorList/Author"
    paths = (f"{authors}/AffiliationInfo/Affiliation", f"{authors}/Affiliation")
    texts = [text for path in paths for text in record.texts_at(path)]
    return texts or record.texts_at(f"{_ARTICLE}/Affiliation")


def _ids(record: Record, path: str) -> dict[str, str]:
    """A record's own ids by their type; those of what it cites stand in lists of their own."""
    ids: dict[str, str] = {}
    for found in record.element.findall(path):
        ids.setdefault(found.get("IdType", ""), text_of(found).strip())
    return ids


def _doi(record: Record) -> str:
    for found in record.find_all(f"{_ARTICLE}/ELocationID"):
        if found.get("EIdType") == "doi" and found.get("ValidYN") != "N":
            return text_of(found)
    return ""


def _keywords(record: Record) -> list[str]:
    """The authors' keywords, and the subject headings that the indexers marked as what the paper is
    about: of the others most say who was measured (`Humans`, `Adult`, `Female`)."""
    words = record.texts_at(f"{_CITATION}/KeywordList/Keyword")
    for heading in record.find_all(f"{_CITATION}/MeshHeadingList/MeshHeading"):
        if any(part.get("MajorTopicYN") == "Y" for part in heading):
            words.append(_text(heading, "DescriptorName"))
    by_key = {" ".join(word.lower().split()): word for word in reversed(words)}
    return [by_key[key] for key in reversed(by_key)]


def _kind(types: list[str]) -> str:
    """The first of the types that says what was published; a preprint is one above all."""
    kinds = {word: kind_of(word) for word in types}
    preprint = next((word for word, kind in kinds.items() if kind == "article"), "")
    return preprint or next((word for word, kind in kinds.items() if kind), "")


def _status(record: Record) -> str:
    """A notice ("Retraction of Publication") is a text of its own, and not retracted."""
    types = record.texts_at(f"{_ARTICLE}/PublicationTypeList/PublicationType")
    notes = record.find_all(f"{_CITATION}/CommentsCorrectionsList/CommentsCorrections")
    is_retracted = "Retracted Publication" in types or any(
        note.get("RefType") == "RetractionIn" for note in notes
    )
    return "retracted" if is_retracted else ""


def _full_date(issued: Element | None, online: Element | None) -> str:
    """The issue's date if it has a month, else the day on which it was online in the same year."""
    is_same = _text(issued, "Year") == _text(online, "Year")
    return _date(online if is_same and not _text(issued, "Month") else issued)


def _date(element: Element | None) -> str:
    """`2012-06-05` or `2012-Jun-05`, as far as it is told."""
    parts: list[str] = []
    for name in ("Year", "Month", "Day"):
        part = _text(element, name)
        if not part:
            break
        parts.append(part)
    return "-".join(parts)


def _text(element: Element | None, name: str) -> str:
    return text_of(element.find(name)).strip() if element is not None else ""
