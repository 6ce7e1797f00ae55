"""What a source says of one paper, whatever its format, to a `Paper`."""

from __future__ import annotations

import ast
import datetime
import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pipeline.papers import (
    Paper,
    Problem,
    Source,
    display_name,
    identifier,
    normalise_abstract,
    normalise_arxiv_id,
    normalise_doi,
    normalise_title,
    split_authors,
)
from pipeline.papers.identity import SCHEMES
from pipeline.papers.language import detect_language, normalise_language
from pipeline.papers.titles import status_in, without_notice
from pipeline.sources.arxiv_categories import CODES, full_category, is_category
from pipeline.sources.kinds import kind_of

NO_TEXT = "record has no title or abstract; set aside"
NO_MORE_THAN_A_FILE = "its title is but the name of a file, and there is no abstract; set aside"
MAX_EXTRA_CHARS = 300
"""A longer text that no field of `Paper` is read from is not kept."""
_ISO = re.compile(r"\s*(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:[-/.T\s].*)?$", re.DOTALL)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WORDED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:[a-z]+,\s+)?(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+)?{_MONTH},?[\s-]+"
        r"(?P<year>\d{4})(?!\d).*",
        rf"{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})(?!\d).*",
        rf"(?P<year>\d{{4}})[\s/-]+{_MONTH}(?:[\s/-]+(?P<day>\d{{1,2}}))?(?!\w).*",
    )
)
_YEAR_AT_AN_END = re.compile(
    r"\s*(?:(?P<first>\d{4})(?!\d).*|.*(?<!\d)(?P<last>\d{4})\s*)", re.DOTALL
)
_NO_ABSTRACT = re.compile(
    r"[\s.,:;?(\[\u2026_\u2013\u2014-]*(?:(?:no|without) abstract"
    r"(?: (?:is )?(?:available|provided|found))?|n/?a|none|null|abstract not available|"
    r"not available)?[\s.,:;?)\]\u2026_\u2013\u2014-]*",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"[\s.,:;?\u2026_\u2013\u2014-]*|\W*(?:(?:no|without) title|n/?a)\W*|<[^<>]*\.\w{2,4}>",
    re.IGNORECASE,
)
_NO_PLAIN_NAMES = ("&", "\\", "{", "$", "<", "~", "*", "_", "`", " and", " al", " others")
_WITHDRAWN = re.compile(
    r"\W*(?:this|the) (?:paper|article|submission|manuscript|work|preprint) (?:has been|was|is) "
    r"(?:being )?withdrawn\b",
    re.IGNORECASE,
)


def to_paper(
    cell: Mapping[str, Any], source: Source, *, extra: Iterable[tuple[str, object]] = ()
) -> Paper | Problem:
    """Give the paper that a record's raw values make, or a problem when there is neither title nor
    abstract in them.

    `cell`: by the names of `Paper`'s fields, as the source has them: texts, numbers, lists, names
    in any form; `identifiers` by scheme, `{"pmid": "29456894"}`. Missing and empty are the same.
    `extra`: other values by name; see `read_extra`.
    """
    get = cell.get
    raw_title, raw_abstract = text_of(get("title")), text_of(get("abstract"))
    title = "" if _NO_TITLE.fullmatch(raw_title) else normalise_title(raw_title)
    if len(raw_abstract) < 60 and _NO_ABSTRACT.fullmatch(raw_abstract):
        raw_abstract = ""
    abstract = normalise_abstract(raw_abstract)
    if not title and not abstract:
        is_file = "." in raw_title and not raw_title.isspace()
        return Problem(source.line, NO_MORE_THAN_A_FILE if is_file else NO_TEXT)
    authors, truncated = read_authors(get("authors"))
    url = line_of(get("url"))
    year, date = _year_and_date(get("year"), get("date"))
    # Most records lack most of these: what is not there is not looked into.
    return Paper(
        id=line_of(get("id")),
        title=without_notice(title),
        abstract=abstract,
        authors=authors,
        authors_truncated=truncated,
        affiliations=_texts(value) if (value := get("affiliations")) else (),
        year=year,
        date=date,
        category=_category(value) if (value := get("category")) else None,
        venue=(_recurring(text_of(value)) or None) if (value := get("venue")) else None,
        doi=_doi(get("doi"), url),
        arxiv_id=_arxiv_id(line_of(get("arxiv_id")), url),
        identifiers=_identifiers(value) if (value := get("identifiers")) else (),
        url=url or None,
        keywords=read_keywords(value) if (value := get("keywords")) else (),
        code=_flag(value) if (value := get("code")) else False,
        score=_number(value) if (value := get("score")) is not None else None,
        kind=kind_of(line_of(value)) if (value := get("kind")) else None,
        language=_language(get("language"), abstract),
        status=_status(get("status"), title, abstract),
        raw_title=raw_title,
        raw_abstract=raw_abstract,
        sources=(source,),
        extra=read_extra(extra) if extra else (),
    )


def _status(value: object, title: str, abstract: str) -> str | None:
    """`retracted`, `withdrawn` or None, as the source, the title's mark or the abstract says."""
    said = line_of(value).lower() if value else ""
    if "retracted" in said or said in ("retraction", "true", "1"):
        return "retracted"
    if "withdrawn" in said or ("withdrawn" in abstract[:120] and _WITHDRAWN.match(abstract)):
        return "withdrawn"
    return status_in(title)


def read_extra(values: Iterable[tuple[str, object]]) -> tuple[tuple[str, str], ...]:
    """Give (name, text) of the values that are worth keeping, sorted by name.

    Numbers and booleans are texts, lists of them are joined by `; `; what is empty, nested, or
    longer than `MAX_EXTRA_CHARS` is left out.
    """
    found = {}
    for name, value in values:
        if value is not None and value != "" and (text := _extra_text(value)):
            # A column's name is in every row, and a group's in many: each is held once.
            found[sys.intern(" ".join(name.split()))] = sys.intern(text)
    return tuple(sorted(found.items()))


def _extra_text(value: object) -> str:
    """A value's text on one line; "" where it has none that is short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if len(value) > 4 * MAX_EXTRA_CHARS:
            return ""
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        if len(value) > MAX_EXTRA_CHARS or any(isinstance(item, list | dict) for item in value):
            return ""
        value = "; ".join(part for item in value if (part := line_of(item)))
    text = line_of(value)
    return text if len(text) <= MAX_EXTRA_CHARS else ""


def read_authors(value: object) -> tuple[tuple[str, ...], bool]:
    """Give display names from a list, a list of objects, or a string, and the `et al.` flag."""
    if not value:
        return (), False
    if type(value) is not list:
        value = _literal_list(value)
        if isinstance(value, str):
            return _listed_names(value)
        if not isinstance(value, Sequence):
            return (), False
    kept = tuple([name for item in value if (name := _person_name(item))])
    truncated = bool(kept) and kept[-1].lower().rstrip(".") in ("et al", "others")
    return (kept[:-1], True) if truncated else (kept, False)


def _listed_names(text: str) -> tuple[tuple[str, ...], bool]:
    """The names of a list in a string. Plain ones between semicolons are known from other papers"""
    if ";" not in text or any(mark in text for mark in _NO_PLAIN_NAMES):
        return split_authors(text)
    names = (_name_of_text(name) for name in text.split(";"))
    return tuple([name for name in names if name]), False


def _person_name(item: object) -> str:
    if type(item) is str:
        return _name_of_text(item)
    if isinstance(item, Mapping) and item.get("literal"):
        return normalise_title(line_of(item["literal"]))  # a body's commas part no names
    return _name_of_text(_person(item))


@lru_cache(maxsize=100_000)
def _name_of_text(text: str) -> str:
    """A display name; people write more than one paper."""
    return normalise_title(display_name(" ".join(text.split())))


def _person(item: object) -> str:
    """A name from the objects that export formats hold, `Last, First` where they say which."""
    if isinstance(item, Mapping):
        for key in ("name", "full_name", "display_name", "fullname", "literal", "author_name"):
            if item.get(key):
                return line_of(item[key])
        if isinstance(item.get("author"), Mapping):
            return _person(item["author"])
        family = item.get("family") or item.get("last") or item.get("last_name") or ""
        given = item.get("given") or item.get("first") or item.get("first_name") or ""
        particle = item.get("non-dropping-particle") or item.get("dropping-particle") or ""
        middle = item.get("middle") or ""
        parts = (given, middle, particle, family, item.get("suffix") or "")
        return " ".join(part for value in parts if (part := line_of(value)))
    if isinstance(item, Sequence) and not isinstance(item, str | bytes):
        return " ".join(line_of(part) for part in reversed(item[:2]))  # arXiv's [last, first, ...]
    return line_of(item)


def read_keywords(value: object) -> tuple[str, ...]:
    """Give keywords from a list or from a string parted by `;`, `|`, or else by commas."""
    if type(value) is not list:
        value = _literal_list(value)
    if isinstance(value, str):
        mark = ";" if ";" in value else "|" if "|" in value else ","
        value = value.split(mark)
    if not isinstance(value, Sequence):
        return ()
    words = (_recurring(_named(item)) for item in value)
    return tuple(dict.fromkeys(word for word in words if word))


@lru_cache(maxsize=100_000)
def _recurring(text: str) -> str:
    """A short text that many papers share: a keyword, a venue."""
    return normalise_title(text)


def _named(item: object) -> str:
    """A keyword, a subject, a place: its name where it is an object."""
    if isinstance(item, Mapping):
        keys = ("display_name", "name", "keyword", "category", "title", "descriptor", "term")
        return next((text_of(item[key]) for key in keys if item.get(key)), "")
    return text_of(item)


def _texts(value: object) -> tuple[str, ...]:
    """A list of short texts; a single text is parted at its semicolons, or else its bars."""
    value = _literal_list(value)
    if isinstance(value, str):
        value = value.split(";" if ";" in value else "|")
    if not isinstance(value, Sequence):
        return ()
    return tuple(dict.fromkeys(text for item in value if (text := normalise_title(_named(item)))))


def _year_and_date(year: object, date: object) -> tuple[int | None, str | None]:
    """The year and the ISO date of a record, either of which may be told by the other's value."""
    if type(year) in _PLAIN and type(date) in _PLAIN:
        return _known_year_and_date(year, date)
    return _known_year_and_date.__wrapped__(year, date)


_PLAIN = frozenset({str, int, type(None)})


@lru_cache(maxsize=50_000)  # there are more papers than days
def _known_year_and_date(
    year: str | int | None, date: str | int | None
) -> tuple[int | None, str | None]:
    found = (read_year(year) or _year_of_date(year)) if year else None
    if not date:
        return found, None
    return found or _year_of_date(date), read_date(date)


def read_year(value: object) -> int | None:
    """Give the year of a number or of a text that begins with one; None outside 1000 to 2999."""
    if type(value) is int:
        return value if 1000 <= value <= 2999 else None
    match = re.match(r"\s*([12]\d{3})(?:\.0+)?(?!\d)", text_of(value))
    return int(match[1]) if match else None


def read_date(value: object) -> str | None:
    """Give an ISO date (`2024-09-11`, `2024-09`) of a date, a time stamp or a text; else None.

    `11 Sep 2024`, `Sep 11, 2024`, `2024 Sep 11` and CSL's `{"date-parts": [[2024, 9, 11]]}` are
    read too; a day that does not exist is no date.
    """
    text = _date_text(value)
    if (match := _ISO.match(text)) and match[2]:
        year, month, day = int(match[1]), int(match[2]), match[3]
    elif match := next((m for pattern in _WORDED if (m := pattern.fullmatch(text))), None):
        year, day = int(match["year"]), match["day"]
        month = _MONTHS.index(match["month"][:3].lower()) + 1
    else:
        return None
    if not 1000 <= year <= 2999 or not 1 <= month <= 12:
        return None
    if day is None:
        return f"{year}-{month:02}"
    try:
        return datetime.date(year, month, int(day)).isoformat()
    except ValueError:
        return None


def _date_text(value: object) -> str:
    """A date as text; of an object, its parts joined."""
    if isinstance(value, Mapping):
        parts = value.get("date-parts") or value.get("raw") or value.get("literal") or ""
        if isinstance(parts, Sequence) and not isinstance(parts, str) and parts:
            first = parts[0] if isinstance(parts[0], Sequence) else parts
            first = first.split("-") if isinstance(first, str) else first
            return "-".join(text for part in first if (text := line_of(part)))
        return line_of(parts) or line_of(value.get("date-time"))
    return line_of(value)


def _year_of_date(value: object) -> int | None:
    """The year of a date, even of one that does not exist or may be read in two ways."""
    text = _date_text(value)
    match = _YEAR_AT_AN_END.fullmatch(text[:64])
    year = int(match["first"] or match["last"]) if match else 0
    if 1000 <= year <= 2999:
        return year
    date = read_date(value)
    return int(date[:4]) if date else None


def _literal_list(value: object) -> object:
    """A list written as text, as pandas does (`['A', 'B']`), is a list; anything else stays."""
    if isinstance(value, str):
        if value[:1] == "[" and value.rstrip()[-1:] == "]":
            try:
                return ast.literal_eval(value.strip())
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                return value
        return value
    if hasattr(value, "tolist"):
        return value.tolist()
    return value


def text_of(value: object) -> str:
    """A value as text; "" for what is missing, however the source writes that."""
    if type(value) is str:
        return "" if value in ("", "nan", "NaN", "None", "NULL", "null") else value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return " ".join(text_of(item) for item in value)
    return "" if isinstance(value, Mapping | bytes) else str(value)


def line_of(value: object) -> str:
    """A value as text on one line."""
    if type(value) is str:
        return " ".join(value.split()) if len(value) > 4 or text_of(value) else ""
    if not value and value != 0:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(text_of(value).split())


def _language(value: object, text: str) -> str | None:
    """The code of the language that the text is in, else of that which the source names: that of
    the paper, whose abstract is in English as a rule."""
    found = detect_language(text) if text else None
    return found or (_named_language(value) if type(value) is str and value else None)


_named_language = lru_cache(maxsize=1000)(normalise_language)


def _doi(value: object, url: str) -> str | None:
    doi = normalise_doi(line_of(value)) if value else None
    return doi or (normalise_doi(url) if "doi.org" in url else None)


def _identifiers(value: object) -> tuple[str, ...]:
    """`scheme:value` of each id whose value looks like one of its scheme, sorted."""
    if not isinstance(value, Mapping):
        return ()
    named = ((scheme, line_of(text)) for scheme, text in value.items() if scheme in SCHEMES)
    return tuple(sorted({name for s, text in named if text and (name := identifier(s, text))}))


def _category(value: object) -> str | None:
    """The first category; words that are no list of codes are one name: `Computer Science`."""
    first = re.split(r"[,;|]+", line_of(value).strip(" ,;|"), maxsplit=1)[0].strip()
    words = first.split()
    codes = [is_category(word) or "." in word for word in words]
    if words and (all(codes) or words[0] in CODES):
        first = words[0]
    return full_category(first) if first else None


def _arxiv_id(text: str, url: str) -> str | None:
    if text and (found := normalise_arxiv_id(text)):
        return found
    return normalise_arxiv_id(url) if "arxiv.org/" in url else None


def _flag(value: object) -> bool:
    return line_of(value).lower() not in ("", "0", "false", "no", "none", "n")


def _number(value: object) -> float | None:
    try:
        number = float(line_of(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
