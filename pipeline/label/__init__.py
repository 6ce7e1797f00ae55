"""Names for themes: candidates from the papers' own words, proof, exemplars."""

from pipeline.label.themes import Contrast, Theme, name_themes

__all__ = ["Contrast", "Theme", "name_themes"]
