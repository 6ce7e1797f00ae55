"""What the objects of each catalogue say of a paper: their keys to raw values by field.

Each reader takes one object, of which any value may be missing or of another type, and gives what
`fields.to_paper` reads; under `extra` what has no field of its own.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any

from pipeline.sources.fields import line_of, text_of
from pipeline.sources.json_crossref import read_crossref, read_csl
from pipeline.sources.json_lens import read_lens
from pipeline.sources.json_values import (
    abstract_of_index,
    arxiv_id_in,
    first_mapping_of,
    first_of,
    in_print,
    language,
    list_of,
    mapping_of,
    mappings_of,
    noted_ids,
    number_of,
    page_range,
    person_name,
    pmcid,
)
from pipeline.sources.kinds import kind_of

Cell = dict[str, Any]
_CONCEPT_SCORE = 0.5
_NO_AUTHORS = frozenset(
    """
    editor seriesEditor translator reviewedAuthor contributor recipient attorneyAgent sponsor
    counsel commenter castMember bookAuthor
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_DBLP_KINDS = {
    "Conference and Workshop Papers": "paper-conference",
    "Journal Articles": "article-journal",
    "Informal and Other Publications": "preprint",
    "Informal Publications": "preprint",
    "Parts in Books or Collections": "chapter",
    "Books and Theses": "book",
}


def read_openalex(work: Mapping[str, Any]) -> Cell:
    """A work of OpenAlex; its abstract is an index of words."""
    ids, place = mapping_of(work.get("ids")), mapping_of(work.get("primary_location"))
    venue = mapping_of(place.get("source")) or mapping_of(work.get("host_venue"))
    authorships = mappings_of(work.get("authorships"))
    institutions = [one for a in authorships for one in mappings_of(a.get("institutions"))]
    biblio = mapping_of(work.get("biblio"))
    addresses = [
        work.get("doi"),
        *(one.get("landing_page_url") for one in mappings_of(work.get("locations"))),
    ]
    return {
        "id": line_of(work.get("id")).removeprefix("https://openalex.org/"),
        "title": work.get("title") or work.get("display_name"),
        "abstract": work.get("abstract") or abstract_of_index(work.get("abstract_inverted_index")),
        "authors": [
            mapping_of(a.get("author")).get("display_name") or a.get("raw_author_name")
            for a in authorships
        ],
        "affiliations": [one.get("display_name") for one in institutions],
        "year": work.get("publication_year"),
        "date": work.get("publication_date"),
        "venue": venue.get("display_name"),
        "doi": work.get("doi") or ids.get("doi"),
        "arxiv_id": arxiv_id_in(place.get("landing_page_url"), *addresses),
        "url": place.get("landing_page_url") or work.get("id"),
        "identifiers": {
            "openalex": ids.get("openalex") or work.get("id"),
            "pmid": ids.get("pmid"),
            "pmcid": pmcid(ids.get("pmcid")),
            "mag": ids.get("mag"),
        },
        "keywords": _openalex_keywords(work),
        "kind": work.get("type_crossref") or work.get("type"),
        "language": work.get("language"),
        "status": "retracted" if work.get("is_retracted") is True else None,
        "extra": in_print(
            volume=biblio.get("volume"),
            issue=biblio.get("issue"),
            pages=page_range(biblio.get("first_page"), biblio.get("last_page")),
            publisher=venue.get("host_organization_name") or venue.get("publisher"),
            issn=venue.get("issn_l"),
        ),
    }


def _openalex_keywords(work: Mapping[str, Any]) -> list[object]:
    given = work.get("keywords")
    if isinstance(given, list) and given:
        return given
    concepts = mappings_of(work.get("concepts"))
    return [c for c in concepts if number_of(c.get("score")) > _CONCEPT_SCORE]


def read_s2(paper: Mapping[str, Any]) -> Cell:
    """A paper of Semantic Scholar: of its API, its data sets, S2ORC or SPECTER's sample."""
    ids = {str(name).lower(): value for name, value in _ids_of_s2(paper).items()}
    journal = mapping_of(paper.get("journal"))
    name = journal.get("name") or paper.get("journalName") or text_of(paper.get("journal"))
    own = paper.get("paperId") or paper.get("paper_id") or paper.get("id")
    corpus = ids.get("corpusid") or paper.get("corpusId") or paper.get("corpusid")
    is_number = line_of(own).isdigit()
    kinds = list_of(paper.get("publicationTypes") or paper.get("publicationtypes"))
    areas = paper.get("s2FieldsOfStudy") or paper.get("s2fieldsofstudy") or ()
    areas = areas or paper.get("fieldsOfStudy") or paper.get("mag_field_of_study")
    return {
        "id": own or corpus,
        "title": paper.get("title"),
        "abstract": paper.get("abstract") or paper.get("paperAbstract"),
        "authors": paper.get("authors"),
        "year": paper.get("year"),
        "date": paper.get("publicationDate") or paper.get("publicationdate"),
        "venue": paper.get("venue")
        or mapping_of(paper.get("publicationVenue")).get("name")
        or name,
        "doi": ids.get("doi"),
        "arxiv_id": ids.get("arxiv"),
        "url": paper.get("url") or paper.get("s2Url"),
        "identifiers": {
            "s2": own,
            "corpusid": corpus or (own if is_number else None),
            "pmid": ids.get("pubmed"),
            "pmcid": pmcid(ids.get("pubmedcentral")),
            "mag": ids.get("mag"),
            "acl": ids.get("acl"),
            "dblp": ids.get("dblp"),
        },
        "keywords": paper.get("entities"),
        "category": next((_area(area) for area in list_of(areas)), None),
        "kind": next((kind for kind in kinds if kind_of(line_of(kind))), None),
        "extra": in_print(
            volume=journal.get("volume") or paper.get("journalVolume"),
            pages=journal.get("pages") or paper.get("journalPages"),
        ),
    }


def _ids_of_s2(paper: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its ids elsewhere; in S2ORC and the first dumps they stand among its own keys."""
    elsewhere = mapping_of(paper.get("externalIds") or paper.get("externalids"))
    return elsewhere or {
        "doi": paper.get("doi"),
        "arxiv": paper.get("arxiv_id") or paper.get("arxivId"),
        "pubmed": paper.get("pubmed_id") or paper.get("pmid"),
        "pubmedcentral": paper.get("pmc_id"),
        "mag": paper.get("mag_id") or paper.get("magId"),
        "acl": paper.get("acl_id"),
    }


def _area(area: object) -> object:
    return mapping_of(area).get("category") or area


def read_europepmc(result: Mapping[str, Any]) -> Cell:
    """A result of Europe PMC, core or lite."""
    journal = mapping_of(result.get("journalInfo"))
    printed = mapping_of(journal.get("journal"))
    people = mappings_of(mapping_of(result.get("authorList")).get("author"))
    kinds = list_of(mapping_of(result.get("pubTypeList")).get("pubType") or result.get("pubType"))
    kinds = [part for kind in kinds for part in text_of(kind).split("; ")]
    is_retracted = any(kind.lower() == "retracted publication" for kind in kinds)
    pmid = result.get("pmid") or (result.get("id") if result.get("source") == "MED" else None)
    return {
        "id": result.get("id"),
        "title": result.get("title"),
        "abstract": result.get("abstractText"),
        "authors": [person_name(p) for p in people] or _initials_last(result.get("authorString")),
        "year": result.get("pubYear"),
        "date": result.get("firstPublicationDate"),
        "venue": printed.get("title") or result.get("journalTitle"),
        "doi": result.get("doi"),
        "identifiers": {"pmid": pmid, "pmcid": pmcid(result.get("pmcid"))},
        "keywords": mapping_of(result.get("keywordList")).get("keyword"),
        "kind": next((kind for kind in kinds if kind_of(kind)), None),
        "language": result.get("language"),
        "status": "retracted" if is_retracted else None,
        "extra": in_print(
            volume=journal.get("volume") or result.get("journalVolume"),
            issue=journal.get("issue") or result.get("issue"),
            pages=result.get("pageInfo"),
            issn=printed.get("issn") or text_of(result.get("journalIssn")).split(";")[0],
        ),
    }


def _initials_last(people: object) -> list[str]:
    """`Vega A, de Boer JP.` as names in the order in which they are said."""
    names = [name.strip() for name in text_of(people).rstrip(". ").split(",")]
    return [re.sub(r"^(.+) ([A-Z]{1,4})$", r"\2 \1", name) for name in names]


def read_dblp(info: Mapping[str, Any]) -> Cell:
    """A publication of DBLP."""
    people = list_of(mapping_of(info.get("authors")).get("author"))
    kind = text_of(info.get("type"))
    # Namesakes are numbered: `Li Wu 0002`.
    names = [re.sub(r" \d{4}$", "", text_of(mapping_of(p).get("text") or p)) for p in people]
    return {
        "id": info.get("key"),
        "title": info.get("title"),
        "abstract": info.get("abstract"),
        "authors": names,
        "year": info.get("year"),
        "venue": first_of(info.get("venue")),
        "doi": info.get("doi"),
        "url": first_of(info.get("ee")) or info.get("url"),
        "identifiers": {"dblp": info.get("key")},
        "kind": _DBLP_KINDS.get(kind, kind),
        "extra": in_print(
            volume=info.get("volume"), issue=info.get("number"), pages=info.get("pages"),
            publisher=info.get("publisher"), isbn=info.get("isbn"),
        ),
    }  # fmt: skip


def read_datacite(attributes: Mapping[str, Any]) -> Cell:
    """The attributes of a DOI of DataCite."""
    titles = mappings_of(attributes.get("titles"))
    main = [t.get("title") for t in titles if not t.get("titleType")] or [None]
    texts = mappings_of(attributes.get("descriptions"))
    abstracts = [t.get("description") for t in texts if t.get("descriptionType") == "Abstract"]
    dates = {
        line_of(d.get("dateType")): d.get("date") for d in mappings_of(attributes.get("dates"))
    }
    container, types = mapping_of(attributes.get("container")), mapping_of(attributes.get("types"))
    kinds = [types.get(n) for n in ("citeproc", "resourceType", "resourceTypeGeneral")]
    publisher = attributes.get("publisher")
    others = mappings_of(attributes.get("identifiers"))
    return {
        "id": attributes.get("doi") or attributes.get("id"),
        "title": main[0] or (titles[0].get("title") if titles else None),
        "abstract": next(iter(abstracts), None),
        "authors": [person_name(one) for one in mappings_of(attributes.get("creators"))],
        "year": attributes.get("publicationYear"),
        "date": dates.get("Issued") or dates.get("Submitted") or dates.get("Available"),
        "venue": container.get("title"),
        "doi": attributes.get("doi"),
        "arxiv_id": arxiv_id_in(
            attributes.get("doi"),
            *(f"arXiv:{o.get('identifier')}" for o in others if o.get("identifierType") == "arXiv"),
        ),
        "url": attributes.get("url"),
        "keywords": [s.get("subject") for s in mappings_of(attributes.get("subjects"))],
        "kind": next((kind for kind in kinds if kind_of(text_of(kind))), None),
        "language": language(attributes.get("language")),
        "extra": in_print(
            volume=container.get("volume"),
            issue=container.get("issue"),
            pages=page_range(container.get("firstPage"), container.get("lastPage")),
            publisher=mapping_of(publisher).get("name") or publisher,
        ),
    }


def read_inspire(record: Mapping[str, Any]) -> Cell:
    """The metadata of a record of INSPIRE."""
    printed = first_mapping_of(record.get("publication_info"))
    eprint = first_mapping_of(record.get("arxiv_eprints"))
    number = line_of(record.get("control_number"))
    return {
        "id": number or record.get("id"),
        "title": first_mapping_of(record.get("titles")).get("title"),
        "abstract": first_mapping_of(record.get("abstracts")).get("value"),
        "authors": record.get("authors"),
        "year": printed.get("year"),
        "date": record.get("preprint_date") or record.get("earliest_date"),
        "venue": printed.get("journal_title"),
        "doi": first_mapping_of(record.get("dois")).get("value"),
        "arxiv_id": eprint.get("value"),
        "keywords": [k.get("value") for k in mappings_of(record.get("keywords"))],
        "category": first_of(eprint.get("categories")),
        "kind": first_of(record.get("document_type")),
        "status": "withdrawn" if record.get("withdrawn") is True else None,
        "extra": in_print(
            volume=printed.get("journal_volume"),
            issue=printed.get("journal_issue"),
            pages=page_range(
                printed.get("page_start") or printed.get("artid"), printed.get("page_end")
            ),
            isbn=first_mapping_of(record.get("isbns")).get("value"),
        ),
    }


def read_arxiv(paper: Mapping[str, Any]) -> Cell:
    """A line of arXiv's snapshot on Kaggle."""
    parsed = [one for one in list_of(paper.get("authors_parsed")) if one and isinstance(one, list)]
    people = [[line_of(part) for part in one] for one in parsed]
    names = [" ".join(filter(None, [*one[1:2], one[0], *one[2:3]])) for one in people]
    created = first_mapping_of(paper.get("versions")).get("created")
    return {
        "id": paper.get("id"),
        "title": paper.get("title"),
        "abstract": paper.get("abstract"),
        "authors": names or paper.get("authors"),
        "date": created or paper.get("update_date"),
        "category": paper.get("categories"),
        "doi": paper.get("doi"),
        "arxiv_id": paper.get("id"),
        "kind": "preprint",
        "extra": {name: paper.get(name) for name in ("journal-ref", "report-no", "comments")},
    }


def read_openreview(note: Mapping[str, Any]) -> Cell:
    """A note of OpenReview, of the first or the second API: there each value is an object."""
    content = {k: mapping_of(v).get("value", v) for k, v in mapping_of(note.get("content")).items()}
    venue = text_of(content.get("venue"))
    told = f"{venue} {text_of(content.get('venueid'))}".lower()
    made = next((note[k] for k in ("pdate", "odate", "cdate", "tcdate") if note.get(k)), None)
    return {
        "id": note.get("id"),
        "title": content.get("title"),
        "abstract": content.get("abstract"),
        "authors": content.get("authors"),
        "date": _date_of_ms(made),
        "venue": venue or None,
        "identifiers": {"openreview": note.get("forum") or note.get("id")},
        "keywords": content.get("keywords"),
        "status": "withdrawn" if "withdrawn" in told else None,
        "extra": {"primary_area": content.get("primary_area"), "decision": content.get("decision")},
    }


def _date_of_ms(value: object) -> str | None:
    """The day of a time in milliseconds since 1970."""
    if type(value) is not int or not 0 < value < 1 << 42:
        return None
    return datetime.datetime.fromtimestamp(value / 1000, datetime.UTC).date().isoformat()


def read_zotero(item: Mapping[str, Any]) -> Cell:
    """An item of Zotero's API or of its export; of an attachment there is nothing to read."""
    if item.get("itemType") in ("attachment", "note", "annotation"):
        return {}
    noted = noted_ids(item.get("extra"))
    people = [
        p
        for p in mappings_of(item.get("creators"))
        if line_of(p.get("creatorType")) not in _NO_AUTHORS
    ]
    places = ("publicationTitle", "proceedingsTitle", "bookTitle", "conferenceName", "websiteTitle")
    return {
        "id": item.get("citationKey") or item.get("key") or item.get("itemID"),
        "title": item.get("title"),
        "abstract": item.get("abstractNote"),
        "authors": [person_name(one) for one in people],
        "date": item.get("date"),
        "venue": next((item[name] for name in places if item.get(name)), None),
        "doi": item.get("DOI") or noted.get("doi"),
        "arxiv_id": noted.get("arxiv") or arxiv_id_in(item.get("archiveID"), item.get("url")),
        "url": item.get("url"),
        "identifiers": {
            "pmid": item.get("PMID") or noted.get("pmid"),
            "pmcid": pmcid(item.get("PMCID") or noted.get("pmcid")),
        },
        "keywords": [mapping_of(tag).get("tag") or tag for tag in list_of(item.get("tags"))],
        "kind": item.get("itemType"),
        "language": language(item.get("language")),
        "extra": in_print(
            volume=item.get("volume"), issue=item.get("issue"), pages=item.get("pages"),
            publisher=item.get("publisher"), issn=item.get("ISSN"), isbn=item.get("ISBN"),
        ),
    }  # fmt: skip


def read_paperlists(paper: Mapping[str, Any]) -> Cell:
    """A submission as paperlists (papercopilot) has it: its status is a decision, or a place."""
    site, status = paper.get("site"), text_of(paper.get("status"))
    told = {name: paper.get(name) for name in ("track", "primary_area", "tldr")}
    return {
        "id": paper.get("id"),
        "title": paper.get("title"),
        "abstract": paper.get("abstract"),
        "authors": paper.get("author") or paper.get("authors"),
        "affiliations": paper.get("aff"),
        "year": paper.get("year"),
        "venue": paper.get("venue") or paper.get("conference"),
        "doi": paper.get("doi"),
        "arxiv_id": paper.get("arxiv"),
        "url": site or paper.get("pdf"),
        "identifiers": {"openreview": site if "openreview.net" in text_of(site) else None},
        "keywords": paper.get("keywords"),
        "status": "withdrawn" if status.lower().startswith("withdraw") else None,
        "extra": {**told, "status": status},
    }


READERS: Mapping[str, Callable[[Mapping[str, Any]], Cell]] = {
    "openalex": read_openalex,
    "s2": read_s2,
    "crossref": read_crossref,
    "csl": read_csl,
    "lens": read_lens,
    "europepmc": read_europepmc,
    "dblp": read_dblp,
    "datacite": read_datacite,
    "inspire": read_inspire,
    "arxiv": read_arxiv,
    "openreview": read_openreview,
    "zotero": read_zotero,
    "paperlists": read_paperlists,
}
