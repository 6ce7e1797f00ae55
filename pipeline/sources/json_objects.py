"""One JSON object, whosever it is, to a paper: catalogues are told by the keys of their objects."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from pipeline.papers import Paper, Problem, Source, identity
from pipeline.sources import fields
from pipeline.sources.json_vendors import READERS
from pipeline.sources.rows import is_extra, listed_ids, map_columns

ENVELOPES = frozenset(
    """
    results items data records works papers documents docs articles publications entries hits hit
    result notes message response resultList feed
    """.split()  # noqa: SIM905  one word a line would hide the list
)
"""Names below which catalogues put their records: never ids of them."""
# In these lies what a record says, beside its id, its links and its score.
_WRAPPERS = (
    "attributes", "metadata", "data", "info", "_source", "bib", "paper", "citingPaper",
    "citedPaper", "document", "work", "publication", "article", "record", "fields", "content",
)  # fmt: skip
_VAGUE = frozenset({"name", "description", "summary"})
_VALUES = ("value", "text", "#text", "name", "title", "display_name", "$oid", "en")
_LISTS = ("author", "authors", "creator", "creators", "keyword", "keywords", "item", "list")


class _Sign(NamedTuple):
    """An object is a vendor's when it has all of the one keys and any of the others."""

    vendor: str
    all_of: str
    any_of: str = ""


_SIGNS = tuple(
    (vendor, frozenset(all_of.split()), frozenset(any_of.split()))
    for vendor, all_of, any_of in (
        _Sign("openalex", "", "abstract_inverted_index authorships"),
        _Sign("openreview", "content", "forum invitation invitations"),
        _Sign("zotero", "itemType"),
        _Sign("arxiv", "", "authors_parsed"),
        _Sign("arxiv", "submitter categories"),
        _Sign("europepmc", "", "authorString abstractText firstPublicationDate"),
        _Sign(
            "s2",
            "",
            "externalIds externalids paperAbstract s2Url paperId s2FieldsOfStudy s2fieldsofstudy "
            "mag_field_of_study",
        ),
        _Sign("s2", "paper_id title"),
        _Sign("paperlists", "title site status", "author author_site track"),
        _Sign(
            "crossref",
            "DOI",
            "prefix member indexed deposited content-domain reference-count references-count "
            "is-referenced-by-count published-print published-online",
        ),
        _Sign(
            "csl",
            "title",
            "issued container-title container-title-short citation-key title-short accessed "
            "event-place publisher-place collection-title",
        ),
        _Sign("lens", "lens_id"),
        _Sign("inspire", "titles", "arxiv_eprints inspire_categories abstracts control_number"),
        _Sign("datacite", "titles creators"),
        _Sign("dblp", "key title type year", "ee access venue"),
    )
)


def to_paper(
    record: object, source: Source, *, named: Mapping[str, str], own_id: str = ""
) -> Paper | Problem:
    """Give the paper that one parsed value makes, or why it makes none.

    `named`: the keys that hold a field, where the user said it (field -> key); `meta.title` is the
    `title` within `meta`. `own_id`: its id where the record has none.
    """
    if not isinstance(record, dict):
        return Problem(source.line, "not a JSON object; set aside")
    record = unwrapped(record)
    vendor = vendor_of(record)
    cell, extra = _vendor_cell(vendor, record) if vendor else _plain_cell(record)
    if vendor == "zotero" and not cell:
        return Problem(source.line, f"Zotero's {record['itemType']}, not a paper; set aside")
    if named:
        given = ((field, _found(record, key)) for field, key in named.items())
        cell |= {field: value for field, value in given if value is not None}
        if ids := cell.keys() & identity.SCHEMES.keys():
            cell["identifiers"] = {**(cell.get("identifiers") or {}), **{s: cell[s] for s in ids}}
    if own_id and not cell.get("id"):
        cell["id"] = own_id
    paper = fields.to_paper(cell, source, extra=extra)
    if isinstance(paper, Problem) and (reply := reply_of(record)):
        return Problem(source.line, reply)
    return paper


def reply_of(value: object) -> str:
    """Say what the reply of an API is that holds no papers; "" where it may be anything else."""
    keys = value.keys() if isinstance(value, dict) else frozenset[str]()
    if "group_by" in keys:
        return "a page of counts (group_by), not a list of papers; set aside"
    if {"error", "errors", "fault"} & keys or {"message", "code"} <= keys:
        return "an error message of an API, not a list of papers; set aside"
    return ""


def likeness(record: Mapping[str, Any], named: Mapping[str, str]) -> int:
    """Say how sure it is that an object is a paper's record: 0 (no) to 3."""
    record = unwrapped(record)
    if vendor_of(record):
        return 3
    if any(_found(record, named[field]) for field in ("title", "abstract") if field in named):
        return 3
    columns = map_columns(record)
    texts = [columns[field] for field in ("title", "abstract") if field in columns]
    if all(text.lower() in _VAGUE for text in texts):
        return int(bool(texts))
    return 1 + len(texts)


def vendor_of(record: Mapping[str, Any]) -> str:
    """Give the catalogue that made an unwrapped object, by its keys: `openalex`; "" if unknown."""
    vendor = _vendor_by_keys(tuple(record))
    if vendor == "openreview" and not isinstance(record["content"], dict):
        return ""
    return vendor


@lru_cache(maxsize=4096)  # a source has the same few sets of keys again and again
def _vendor_by_keys(keys: tuple[str, ...]) -> str:
    here = frozenset(keys)
    for vendor, all_of, any_of in _SIGNS:
        if all_of <= here and (not any_of or any_of & here):
            return vendor
    return ""


def unwrapped(record: dict[str, Any] | Mapping[str, Any]) -> dict[str, Any]:
    """Give an object with what lies within `attributes`, `_source` and the like at its own level.

    One that has a title of its own stays as it is. One that has neither title nor abstract, but the
    title in one object and the abstract in another, is those two joined.
    """
    wrappers = _wrappers(tuple(record))
    inner = next((record[w] for w in wrappers if isinstance(record[w], dict) and record[w]), None)
    if inner is None:
        parts = () if _says_what_it_is(tuple(record)) else _parts_of_one(record)
        if parts:
            return {**parts[0], **parts[1], **record}
        return record if isinstance(record, dict) else dict(record)
    is_paper = bool(_vendor_by_keys(tuple(inner)) or "title" in map_columns(inner))
    return {**record, **inner} if is_paper else dict(record)


@lru_cache(maxsize=4096)
def _wrappers(keys: tuple[str, ...]) -> tuple[str, ...]:
    if "title" in map_columns(keys) or _vendor_by_keys(keys):
        return ()
    return tuple(name for name in _WRAPPERS if name in keys)


@lru_cache(maxsize=4096)
def _says_what_it_is(keys: tuple[str, ...]) -> bool:
    return bool(_vendor_by_keys(keys) or {"title", "abstract"} & map_columns(keys).keys())


def _parts_of_one(record: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The object with the title and that with the abstract of a record that is parted into objects;
    () where there is not one of each. What has both is a record of its own."""
    titled, abstracted = [], []
    for key, value in record.items():
        if isinstance(value, dict) and not _OF_OTHERS & map_columns((key,)).keys():
            columns = map_columns(value)
            is_titled = columns.get("title", "name").lower() not in _VAGUE
            is_abstracted = columns.get("abstract", "summary").lower() not in _VAGUE
            if is_titled and is_abstracted:
                return ()
            titled += [value] * is_titled
            abstracted += [value] * is_abstracted
    return (*titled, *abstracted) if len(titled) == len(abstracted) == 1 else ()


_OF_OTHERS = frozenset({"venue", "authors", "keywords", "category", "affiliations"})
"""Fields whose objects may have a title, which is not that of the paper."""


_Cell = tuple[dict[str, Any], list[tuple[str, object]]]


def _vendor_cell(vendor: str, record: Mapping[str, Any]) -> _Cell:
    cell = READERS[vendor](record)
    return cell, list(cell.pop("extra", {}).items())


class _Layout(NamedTuple):
    """What the keys of a plain object mean."""

    columns: tuple[tuple[str, str], ...]
    schemes: tuple[str, ...]
    others: tuple[str, ...]


@lru_cache(maxsize=4096)
def _layout(keys: tuple[str, ...]) -> _Layout:
    columns = map_columns(keys)
    read = set(columns.values())
    schemes = tuple(scheme for scheme in columns if scheme in identity.SCHEMES)
    others = tuple(key for key in keys if key not in read and is_extra(key))
    return _Layout(tuple(columns.items()), schemes, others)


def _plain_cell(record: Mapping[str, Any]) -> _Cell:
    layout = _layout(tuple(record))
    cell = {field: record[column] for field, column in layout.columns}
    for field, value in cell.items():
        if type(value) is dict:
            cell[field] = _value_within(value)
    if layout.schemes or "identifiers" in cell:
        named = {scheme: cell[scheme] for scheme in layout.schemes}
        cell["identifiers"] = listed_ids(cell.get("identifiers")) | named
    return cell, [(key, record[key]) for key in layout.others]


def _value_within(value: Mapping[str, Any]) -> object:
    """What an object says where a text or a list was expected: `{"value": "..."}`."""
    for key in _LISTS:
        if isinstance(value.get(key), list):
            return value[key]
    return next((value[key] for key in _VALUES if isinstance(value.get(key), str | list)), value)


def _found(record: Mapping[str, Any], key: str) -> object:
    """The value under a key, else under a path of keys parted by dots; None where none is."""
    if key in record:
        return record[key]
    value: object = record
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return _value_within(value) if isinstance(value, dict) else value


# A half of a pair of UTF-16 is no character: nothing that holds one can be stored.
_ESCAPES = re.compile(
    r"(\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\[^u])"
    r"|\\u[dD][89a-fA-F][\da-fA-F]{2}"
)


def parse(text: str) -> object:
    """Give the value of a JSON text; ValueError or RecursionError where it is broken.

    Taken are line breaks within strings, NaN, commas that nothing follows, and halves of surrogate
    pairs, which are left out.
    """
    if "\\ud" in text or "\\uD" in text:
        text = _ESCAPES.sub(lambda escape: escape[1] or "", text)
    try:
        return _decode(text)
    except ValueError:
        shorter = _TRAILING.sub(lambda match: match[1] or "", text)
        if len(shorter) == len(text):
            raise
    return _decode(shorter)


def _decode(text: str) -> object:
    parsed: object = _DECODER.decode(text)
    return parsed


STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+'
"""A string up to its closing quote, as a regular expression (DOTALL) that does not go back."""
# One that never ends is taken whole: else each of its quotes would be looked behind anew.
_TRAILING = re.compile(rf'({STRING}(?:"|\\?\Z))|,(?=\s*(?:[}}\]]|\Z))', re.DOTALL)


_DECODER = json.JSONDecoder(strict=False)


def broken(error: Exception, line: int, raw: str) -> Problem:
    """The problem of a record that cannot be parsed: what is wrong, and where it is."""
    what = getattr(error, "msg", "") or "a number of too many digits"
    if isinstance(error, RecursionError):
        what = "nested too deeply"
    what = what[:1].lower() + what[1:]
    return Problem(line, f"broken JSON ({what}); set aside", raw=raw)


def with_raw(record: Paper | Problem, raw: str) -> Paper | Problem:
    """A problem with the text that it is about; a paper as it is."""
    return replace(record, raw=raw) if isinstance(record, Problem) else record
