"""Read Web of Science's tab-delimited tables, whose headings are tags of two letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pipeline.papers import Paper, Problem
from pipeline.sources.csv_tables import Table, count_rows, first_lines, read_rows, table_of
from pipeline.sources.delimited import Dialect, split_rows
from pipeline.sources.document import Document
from pipeline.sources.table_header import find_header

NAME = "wos-tab"
_TAG = re.compile(r"[A-Z][A-Z0-9]")
_LEAST_TAGS = 8
_DIALECT = Dialect("\t", "none")
# The tags by the headings of the same columns in Web of Science's workbooks.
_HEADINGS = {
    "PT": "Publication Type", "AU": "Authors", "BA": "Book Authors", "BE": "Book Editors",
    "GP": "Book Group Authors", "AF": "Author Full Names", "BF": "Book Author Full Names",
    "CA": "Group Authors", "TI": "Article Title", "SO": "Source Title", "SE": "Book Series Title",
    "BS": "Book Series Subtitle", "LA": "Language", "DT": "Document Type",
    "CT": "Conference Title", "CY": "Conference Date", "CL": "Conference Location",
    "SP": "Conference Sponsor", "HO": "Conference Host", "DE": "Author Keywords",
    "ID": "Keywords Plus", "AB": "Abstract", "C1": "Addresses", "C3": "Affiliations",
    "RP": "Reprint Addresses", "EM": "Email Addresses", "RI": "Researcher Ids", "OI": "ORCIDs",
    "FU": "Funding Orgs", "FP": "Funding Name Preferred", "FX": "Funding Text",
    "CR": "Cited References", "NR": "Cited Reference Count", "TC": "Times Cited, WoS Core",
    "Z9": "Times Cited, All Databases", "U1": "180 Day Usage Count",
    "U2": "Since 2013 Usage Count", "PU": "Publisher", "PI": "Publisher City",
    "PA": "Publisher Address", "SN": "ISSN", "EI": "eISSN", "BN": "ISBN",
    "J9": "Journal Abbreviation", "JI": "Journal ISO Abbreviation", "PD": "Publication Day",
    "PY": "Publication Year", "VL": "Volume", "IS": "Issue", "PN": "Part Number",
    "SU": "Supplement", "SI": "Special Issue", "MA": "Meeting Abstract", "BP": "Start Page",
    "EP": "End Page", "AR": "Article Number", "DI": "DOI", "DL": "DOI Link", "D2": "Book DOI",
    "EA": "Early Access Date", "EY": "Early Access Year", "PG": "Number of Pages",
    "WC": "WoS Categories", "WE": "Web of Science Index", "SC": "Research Areas",
    "GA": "IDS Number", "PM": "Pubmed Id", "OA": "Open Access Designations",
    "HC": "Highly Cited Status", "HP": "Hot Paper Status", "DA": "Date of Export",
    "UT": "UT (Unique WOS ID)",
}  # fmt: skip


def sniff(document: Document) -> float:
    """Say whether the first line is of such tags, those of type and title among them: 0 or 1."""
    first = document.head.lstrip("\ufeff\r\n").replace("\r", "\n").partition("\n")[0]
    cells = [cell.strip(' "') for cell in first.split("\t")]
    tags = [cell for cell in cells if _TAG.fullmatch(cell)]
    is_wos = {"PT", "TI"} <= set(tags) and len(tags) >= max(_LEAST_TAGS, 0.9 * len(cells) - 1)
    return 1.0 if is_wos else 0.0


def count(document: Document) -> int:
    """Count the lines behind the first that are not blank and do not repeat it."""
    return count_rows(document, _open(document))


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each row's paper; `Source.line` is its line."""
    yield from read_rows(document, _open(document))


def _open(document: Document) -> Table:
    lines, _ = first_lines(document)
    rows = [row for row in split_rows(lines, _DIALECT) if row.cells is not None]
    cells = [[cell.strip() for cell in row.cells or ()] for row in rows]
    cells[0] = [_HEADINGS.get(cell, cell) for cell in cells[0]]
    named = {field: _HEADINGS.get(name, name) for field, name in document.columns.items()}
    header = find_header(cells, named, document.shown)
    return table_of(_DIALECT, replace(header, is_written=True), rows)
