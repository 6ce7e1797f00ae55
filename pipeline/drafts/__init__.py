"""Drafts: what a user's own file is about, as text to look for related papers with."""

from pipeline.drafts.draft import Draft
from pipeline.drafts.reading import read_draft

__all__ = ["Draft", "read_draft"]
