"""Names for themes: candidates from the papers' own words, proof, exemplars."""

from pipeline.label.naming import NAMED_BY_USER
from pipeline.label.themes import Contrast, Theme, name_themes

__all__ = ["NAMED_BY_USER", "Contrast", "Theme", "name_themes"]
