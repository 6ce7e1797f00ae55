"""How a paper is cited: its key, and its entry in the formats of reference managers."""

from pipeline.citing.bibtex import bibtex_entry
from pipeline.citing.keys import citation_keys
from pipeline.citing.ris import ris_record

__all__ = ["bibtex_entry", "citation_keys", "ris_record"]
