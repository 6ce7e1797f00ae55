"""Papers: the record, its text, its identity, and the table that fixes the order of rows."""

from pipeline.papers.identity import normalise_arxiv_id, normalise_doi
from pipeline.papers.names import display_name, same_person, split_authors
from pipeline.papers.record import FileReport, Paper, Problem, Source
from pipeline.papers.table import PaperTable, build_table, embedding_text
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
    "Paper",
    "PaperTable",
    "Problem",
    "Source",
    "as_text",
    "build_table",
    "comparison_key",
    "display_name",
    "embedding_text",
    "folded",
    "normalise_abstract",
    "normalise_arxiv_id",
    "normalise_doi",
    "normalise_title",
    "require_texts",
    "same_person",
    "split_authors",
]
