"""One row of a table, whatever table it is, to a `Paper`: columns by name or common synonym."""

from __future__ import annotations

import ast
import datetime
import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.papers import (
    Paper,
    Problem,
    Source,
    display_name,
    normalise_abstract,
    normalise_arxiv_id,
    normalise_doi,
    normalise_title,
    split_authors,
)
from pipeline.sources.arxiv_categories import CODES, full_category, is_category

_SYNONYMS: dict[str, str] = {
    "id": "id paperid uid uuid key citekey citationkey identifier recordid entryid openreviewid",
    "title": "title papertitle documenttitle articletitle name ti",
    "abstract": "abstract abstracttext summary abstractnote description ab",
    "authors": "authors author authornames authorlist authorfullnames creators creator au",
    "year": "year publicationyear pubyear publishedyear yearpublished py",
    "venue": "venue journal conference booktitle sourcetitle publicationtitle publicationname "
    "journalname containertitle conferencename",
    "keywords": "keywords keyword authorkeywords tags subjects topics",
    "url": "url link paperurl pdfurl landingpageurl urls site",
    "doi": "doi",
    "date": "date publicationdate published publisheddate releasedate submitted publishedat",
    "arxiv_id": "arxivid arxiv eprint",
    "category": "category categories primarycategory arxivcategory",
    "code": "code hascode codeavailable",
    "score": "score rating",
}
_FIELD_OF = {name: field for field, names in _SYNONYMS.items() for name in names.split()}
_ISO = re.compile(r"\s*(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:[T\s].*)?$")
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
    )
)
_YEAR_AT_AN_END = re.compile(
    r"\s*(?:(?P<first>\d{4})(?!\d).*|.*(?<!\d)(?P<last>\d{4})\s*)", re.DOTALL
)
_INDEX_COLUMN = re.compile(r"unnamed: ?\d+|__index_level_\d+__", re.IGNORECASE)
_MAX_COLUMN_CHARS = 80
MAX_EXTRA_CHARS = 300
"""A longer text in a column that no field of `Paper` is read from is not kept."""
_NO_ABSTRACT = re.compile(
    r"\W*(?:(?:no|without) abstract(?: (?:is )?(?:available|provided|found))?|n/?a|none|null)?\W*",
    re.IGNORECASE,
)


def map_columns(names: Iterable[str]) -> dict[str, str]:
    """Give `field -> column` for the columns that are known; the first named wins.

    Case, spaces and underscores do not matter: `Paper Title` is `title`. Where a table has both a
    field's own name and a synonym, its own name wins.
    """
    columns: dict[str, str] = {}
    for name in names:
        squashed = re.sub(r"[^a-z0-9]", "", name.lower())
        field = _FIELD_OF.get(squashed)
        if field and (field not in columns or squashed == field.replace("_", "")):
            columns[field] = name
    return columns


def has_text(columns: Mapping[str, str]) -> bool:
    """Tell whether a table has what a paper needs at least: a title or an abstract."""
    return "title" in columns or "abstract" in columns


def to_paper(row: Mapping[str, Any], columns: Mapping[str, str], source: Source) -> Paper | Problem:
    """Give the paper of one row, or a problem when the row has neither title nor abstract."""
    cell = {field: row.get(column) for field, column in columns.items()}
    raw_title, raw_abstract = _text(cell.get("title")), _text(cell.get("abstract"))
    if _NO_ABSTRACT.fullmatch(raw_abstract):
        raw_abstract = ""
    title, abstract = normalise_title(raw_title), normalise_abstract(raw_abstract)
    if not title and not abstract:
        return Problem(source.line, "record has no title or abstract; set aside")
    authors, truncated = read_authors(cell.get("authors"))
    url = _line(cell.get("url"))
    date = read_date(cell.get("date"))
    return Paper(
        id=_line(cell.get("id")),
        title=title,
        abstract=abstract,
        authors=authors,
        authors_truncated=truncated,
        year=read_year(cell.get("year")) or _year_of_date(cell.get("date")),
        date=date,
        category=_category(cell.get("category")),
        venue=normalise_title(_text(cell.get("venue"))) or None,
        doi=normalise_doi(_line(cell.get("doi")))
        or (normalise_doi(url) if "doi.org" in url else None),
        arxiv_id=_arxiv_id(_line(cell.get("arxiv_id")), url),
        url=url or None,
        keywords=read_keywords(cell.get("keywords")),
        code=_flag(cell.get("code")),
        score=_number(cell.get("score")),
        raw_title=raw_title,
        raw_abstract=raw_abstract,
        sources=(source,),
        extra=read_extra(row, columns),
    )


def read_extra(row: Mapping[str, Any], columns: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Give (column, text) of the cells that no field is read from, sorted by column.

    Numbers and booleans are texts, lists of them are joined by `; `; what is empty, nested, or
    longer than `MAX_EXTRA_CHARS` is left out, and so are the row numbers that pandas writes.
    """
    read = set(columns.values())
    found = {}
    for column, value in row.items():
        if column not in read and is_extra(column) and (text := _extra_text(value)):
            # A column's name is in every row, and a group's in many: each is held once.
            found[sys.intern(" ".join(column.split()))] = sys.intern(text)
    return tuple(sorted(found.items()))


def is_extra(column: str) -> bool:
    """Tell whether a column has a name that is worth keeping."""
    name = column.strip()
    return 0 < len(name) <= _MAX_COLUMN_CHARS and not _INDEX_COLUMN.fullmatch(name)


def _extra_text(value: object) -> str:
    """A cell's text on one line; "" where it has none that is short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and len(value) > 4 * MAX_EXTRA_CHARS:
        return ""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        if len(value) > MAX_EXTRA_CHARS or any(isinstance(item, list | dict) for item in value):
            return ""
        text = "; ".join(part for item in value if (part := _line(item)))
    else:
        text = _line(value)
    return text if len(text) <= MAX_EXTRA_CHARS else ""


def read_authors(value: object) -> tuple[tuple[str, ...], bool]:
    """Give display names from a list, a list of objects, or a string, and the `et al.` flag."""
    value = _literal_list(value)
    if isinstance(value, str):
        return split_authors(value)
    if not isinstance(value, Sequence):
        return (), False
    names = [normalise_title(display_name(_person(item))) for item in value]
    kept = tuple(name for name in names if name)
    truncated = bool(kept) and kept[-1].lower().rstrip(".") in ("et al", "others")
    return (kept[:-1], True) if truncated else (kept, False)


def _person(item: object) -> str:
    """A name from a string or from the objects that export formats hold."""
    if isinstance(item, Mapping):
        for key in ("name", "full_name", "display_name", "fullname", "literal"):
            if item.get(key):
                return _line(item[key])
        family = item.get("family") or item.get("last") or item.get("last_name") or ""
        given = item.get("given") or item.get("first") or item.get("first_name") or ""
        return f"{_line(given)} {_line(family)}".strip()
    if isinstance(item, Sequence) and not isinstance(item, str):
        return " ".join(_line(part) for part in reversed(item[:2]))  # arXiv's [last, first, suffix]
    return _line(item)


def read_keywords(value: object) -> tuple[str, ...]:
    """Give keywords from a list or from a string parted by `;`, `|`, or else by commas."""
    value = _literal_list(value)
    if isinstance(value, str):
        mark = ";" if ";" in value else "|" if "|" in value else ","
        value = value.split(mark)
    if not isinstance(value, Sequence):
        return ()
    words = (normalise_title(_text(item)) for item in value)
    return tuple(dict.fromkeys(word for word in words if word))


def read_year(value: object) -> int | None:
    """Give the year of a number or of a text that begins with one; None outside 1000 to 2999."""
    match = re.match(r"\s*([12]\d{3})(?:\.0+)?(?!\d)", _text(value))
    return int(match[1]) if match else None


def read_date(value: object) -> str | None:
    """Give an ISO date (`2024-09-11`, `2024-09`) of a date, a time stamp or a text; else None.

    `11 Sep 2024` and `Sep 11, 2024` are read too; a day that does not exist is no date.
    """
    text = _line(value)
    if match := _ISO.match(text):
        year, month, day = int(match[1]), int(match[2] or 0), match[3]
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


def _year_of_date(value: object) -> int | None:
    """The year of a date, even of one that does not exist or may be read in two ways."""
    match = _YEAR_AT_AN_END.fullmatch(_line(value)[:64])
    year = int(match["first"] or match["last"]) if match else 0
    if 1000 <= year <= 2999:
        return year
    date = read_date(value)
    return int(date[:4]) if date else None


def _literal_list(value: object) -> object:
    """A list written as text, as pandas does (`['A', 'B']`), is a list; anything else stays."""
    if isinstance(value, str) and value.startswith("[") and value.rstrip().endswith("]"):
        try:
            return ast.literal_eval(value.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return value
    if hasattr(value, "tolist"):
        return value.tolist()
    return value


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return "" if value in ("nan", "NaN", "None", "NULL", "null") else value
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return " ".join(_text(item) for item in value)
    return "" if isinstance(value, Mapping | bytes) else str(value)


def _line(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(_text(value).split())


def _category(value: object) -> str | None:
    """The first category; words that are no list of codes are one name: `Computer Science`."""
    first = re.split(r"[,;|]+", _line(value).strip(" ,;|"), maxsplit=1)[0].strip()
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
    return _line(value).lower() not in ("", "0", "false", "no", "none", "n")


def _number(value: object) -> float | None:
    try:
        number = float(_line(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
