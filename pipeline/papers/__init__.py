"""Papers: the record, its text, its identity, and the table that fixes the order of rows."""

from pipeline.papers.cells import guard_cell, unguard_cell
from pipeline.papers.identity import identifier, normalise_arxiv_id, normalise_doi
from pipeline.papers.names import display_name, same_person, split_authors, split_name
from pipeline.papers.record import FileReport, Paper, Problem, ProblemKind, Source
from pipeline.papers.store import RecordStore
from pipeline.papers.table import (
    GroupedRecords,
    PaperTable,
    build_table,
    count_duplicates,
    embedding_text,
    group_records,
    table_of,
)
from pipeline.papers.text import (
    NORMALISER_VERSION,
    as_text,
    comparison_key,
    folded,
    normalise_abstract,
    normalise_title,
    require_texts,
)

__all__ = [
    "NORMALISER_VERSION",
    "FileReport",
    "GroupedRecords",
    "Paper",
    "PaperTable",
    "Problem",
    "ProblemKind",
    "RecordStore",
    "Source",
    "as_text",
    "build_table",
    "comparison_key",
    "count_duplicates",
    "display_name",
    "embedding_text",
    "folded",
    "group_records",
    "guard_cell",
    "identifier",
    "normalise_abstract",
    "normalise_arxiv_id",
    "normalise_doi",
    "normalise_title",
    "require_texts",
    "same_person",
    "split_authors",
    "split_name",
    "table_of",
    "unguard_cell",
]
