"""paperatlas: related papers, named themes and theme maps for any list of abstracts, offline."""
