"""Filters on papers: `year >= 2020 and author like 'Kakade'`, in a small grammar."""

from pipeline.filters.columns import Columns, PaperColumns, PaperSource
from pipeline.filters.conditions import Filter
from pipeline.filters.grammar import all_of, parse_filter

__all__ = ["Columns", "Filter", "PaperColumns", "PaperSource", "all_of", "parse_filter"]
