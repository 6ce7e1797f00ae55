"""Sources: files and folders of abstracts in, papers and a report on every file out."""

from pipeline.sources.importing import ImportReport, ImportResult, read_into, read_sources
from pipeline.sources.problems import ProblemLog
from pipeline.sources.registry import FORMATS, SourceFormat, detect_format

__all__ = [
    "FORMATS",
    "ImportReport",
    "ImportResult",
    "ProblemLog",
    "SourceFormat",
    "detect_format",
    "read_into",
    "read_sources",
]
