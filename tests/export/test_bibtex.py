"""BibTeX that other parsers read as it was meant."""

from __future__ import annotations

import bibtexparser
import pytest
from hypothesis import given
from pylatexenc.latex2text import LatexNodes2Text

from export.made import WILD, entry, written
from pipeline.artifacts import ThemeRow
from pipeline.citing.bibtex import escaped, protected
from pipeline.export import Entry
from pipeline.export.bibtex import write_bibtex
from pipeline.papers import Paper, normalise_title


def test_a_keyword_with_a_comma_stays_one_and_issns_stay_together():
    extra = (("eissn", "1095-4244"), ("issn", "1234-5678"), ("publisher", "Taylor & Francis"))
    bib = written(
        write_bibtex,
        entry(
            "k", keywords=("Public Health, General",), extra=extra, url="https://a.example/a b/c"
        ),
    )
    assert "  keywords = {Public Health, General;},\n" in bib
    assert "  issn = {1095-4244, 1234-5678},\n" in bib
    assert "  publisher = {Taylor \\& Francis},\n" in bib
    assert "  url = {https://a.example/a%20b/c},\n" in bib


def fields_of(text):
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    (parsed,) = library.entries
    return parsed, {field.key: field.value for field in parsed.fields}


def plain(latex):
    """What pylatexenc makes of it, which lacks two macros and takes a third for an accent."""
    known = latex.replace(r"\textbraceleft{}", r"\{").replace(r"\textbraceright{}", r"\}")
    return LatexNodes2Text(keep_comments=True).latex_to_text(known).replace("ˆ", "^")


def on_a_line(text):
    return " ".join(text.replace("\x00", "").replace("\x1b", "").split())


def test_a_paper_is_an_entry_with_all_that_is_known():
    paper = Paper(
        id="p-6ad7cbcfb4a1",
        title="BERT on ImageNet & R_max: a 3D Q-learning Study",
        abstract="Costs fall by 6.9%.",
        authors=("Ludwig van Beethoven", "Jane Doe Jr", "Institute of Physics and Astronomy"),
        authors_truncated=True,
        year=2004,
        date="2004-05-17",
        venue="Nature",
        doi="10.1000/a_b",
        arxiv_id="2401.01234",
        category="cs.LG",
        identifiers=("pmid:29456894",),
        url="https://example.org/?a=1&b=%20",
        keywords=("policy iteration", "moss"),
        language="en",
        kind="article-journal",
        status="retracted",
        extra=(("Issue", "3.0"), ("Page end", "19"), ("Page start", "12"), ("Volume", "7")),
    )
    theme = ThemeRow(1, 0, "optimal transport", 3, None)
    assert written(write_bibtex, Entry(paper, "beethoven2004bert", theme)) == (
        "@article{beethoven2004bert,\n"
        "  title = {{BERT} on {ImageNet} \\& R\\_max: a {3D} {Q}-learning Study},\n"
        "  author = {van Beethoven, Ludwig and Doe, Jr, Jane and "
        "{Institute of Physics and Astronomy} and others},\n"
        "  journal = {Nature},\n"
        "  year = {2004},\n"
        "  month = may,\n"
        "  volume = {7},\n"
        "  number = {3},\n"
        "  pages = {12--19},\n"
        "  doi = {10.1000/a_b},\n"
        "  eprint = {2401.01234},\n"
        "  archiveprefix = {arXiv},\n"
        "  primaryclass = {cs.LG},\n"
        "  pmid = {29456894},\n"
        "  url = {https://example.org/?a=1&b=%20},\n"
        "  language = {en},\n"
        "  keywords = {policy iteration; moss},\n"
        "  abstract = {Costs fall by 6.9\\%.},\n"
        "  note = {Retracted},\n"
        "  status = {retracted},\n"
        "  paperatlas-theme = {optimal transport},\n"
        "  paperatlas-id = {p-6ad7cbcfb4a1},\n"
        "}\n\n"
    )


@pytest.mark.parametrize(
    ("kind", "venue", "entry_type", "field"),
    [
        ("article-journal", "Nature", "article", "journal"),
        ("paper-conference", "ICML", "inproceedings", "booktitle"),
        ("chapter", "A Book", "incollection", "booktitle"),
        ("thesis", "MIT", "phdthesis", "school"),
        ("report", "NBER", "techreport", "institution"),
        ("dataset", "Zenodo", "misc", "howpublished"),
        (None, "icml", "inproceedings", "booktitle"),
        (None, "Proc. of a Symposium", "inproceedings", "booktitle"),
        (None, "Journal of Moss", "article", "journal"),
    ],
)
def test_the_kind_decides_on_the_entry_and_on_the_field_of_the_venue(
    kind, venue, entry_type, field
):
    parsed, fields = fields_of(written(write_bibtex, entry(kind=kind, venue=venue)))
    assert (parsed.entry_type, fields[field]) == (entry_type, venue)


def test_an_id_that_is_the_key_is_not_said_twice():
    _, fields = fields_of(written(write_bibtex, entry("p-1")))
    assert "paperatlas-id" not in fields


@given(WILD)
def test_any_text_is_in_its_field_whatever_stands_in_it(text):
    made = entry("key", id=text, title=f"T{text}", abstract=f"A{text}")
    parsed, fields = fields_of(written(write_bibtex, made))
    assert parsed.key == "key"
    assert ("paperatlas-id" in fields) == bool(on_a_line(text))
    assert plain(fields["abstract"])[:1] == "A"


@given(WILD.map(lambda text: "".join(c for c in text if c not in "`'")))
def test_latex_sets_a_text_as_it_was_written(text):
    # Quotes in a row are typography, there as in LaTeX itself.
    assert plain(escaped(f"A{text}B")) == on_a_line(f"A{text}B")


@given(WILD)
def test_any_title_that_we_would_store_reads_back(text):
    title = normalise_title(text)
    assert normalise_title(escaped(title)) == title
    assert normalise_title(protected(title)) == title
