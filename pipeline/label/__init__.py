"""Names for themes: candidates from the papers' own words, evidence, exemplars."""

from pipeline.label.naming import NAMED_BY_USER
from pipeline.label.themes import Theme, name_themes

__all__ = ["NAMED_BY_USER", "Theme", "name_themes"]
