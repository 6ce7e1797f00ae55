"""Papers: the record, its text, its identity, and the table that fixes the order of rows."""

from pipeline.papers.record import FileReport, Paper, Problem, Source

__all__ = ["FileReport", "Paper", "Problem", "Source"]
