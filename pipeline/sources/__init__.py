"""Sources: files and folders of abstracts in, papers and a report on every file out."""

from pipeline.sources.importing import ImportResult, digest_sources, read_sources
from pipeline.sources.registry import FORMATS, SourceFormat, detect_format

__all__ = [
    "FORMATS",
    "ImportResult",
    "SourceFormat",
    "detect_format",
    "digest_sources",
    "read_sources",
]
