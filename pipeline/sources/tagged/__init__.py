"""Formats of one field a line behind a tag: RIS, MEDLINE, EndNote's `%` tags, Web of Science."""
