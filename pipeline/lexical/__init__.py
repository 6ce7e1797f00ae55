"""Search by words: BM25 over titles and abstracts, by stems and by phrases of two words."""

from pipeline.lexical.bm25 import LexicalIndex, WeightedTerms, index_words
from pipeline.lexical.terms import Terms, read_terms

__all__ = ["LexicalIndex", "Terms", "WeightedTerms", "index_words", "read_terms"]
