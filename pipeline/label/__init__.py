"""Names for themes: candidates from the papers' own words, evidence, exemplars."""

from pipeline.label.themes import Theme, name_themes

__all__ = ["Theme", "name_themes"]
