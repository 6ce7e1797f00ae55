"""BibTeX of many makers, and what is left of it when it is broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources import bibtex, read_sources
from sources.conftest import abstract_of, document
from sources.damage import damaged, read_damaged

PLAIN = f"""@article{{vega2001,
  title = {{On Moss}},
  author = {{Vega, Ana and Boer, Jan}},
  journal = {{Journal of Moss}},
  year = 2001,
  volume = {{3}},
  number = {{2}},
  pages = {{10--20}},
  doi = {{10.1000/moss}},
  abstract = {{{abstract_of("moss")}}},
}}

@inproceedings{{boer2002,
  title = "On Tides",
  booktitle = "Proceedings on Tides",
  year = "2002"
}}
"""


def records(path):
    return read_sources([path]).records


def read_one(page, text):
    (paper,) = bibtex.read(document(page(text, "a.bib")))
    return paper


def test_the_fields_of_an_entry(page):
    one, two = bibtex.read(document(page(PLAIN, "a.bib")))
    assert (one.id, one.title, one.year, one.venue) == (
        "vega2001", "On Moss", 2001, "Journal of Moss",
    )  # fmt: skip
    assert one.authors == ("Ana Vega", "Jan Boer")
    assert (one.doi, one.kind) == ("10.1000/moss", "article-journal")
    assert one.abstract == abstract_of("moss")
    assert dict(one.extra) == {"volume": "3", "issue": "2", "pages": "10-20"}
    assert one.sources[0].line == 1
    assert (two.title, two.venue, two.kind) == (
        "On Tides", "Proceedings on Tides", "paper-conference",
    )  # fmt: skip
    assert two.sources[0].line == 13


@pytest.mark.parametrize(
    ("field", "name", "expected"),
    [
        ("title = {{The} {DNA} of na{\\\"i}ve models}", "title", "The DNA of naïve models"),
        ('title = "A {"}quoted{"} word"', "title", 'A "quoted" word'),
        ("title = {A}, subtitle = {and B}", "title", "A: and B"),
        ("title = {x}, author = {{Group of Ten, Inc.} and Vega, A. and others}", "authors",
         ("Group of Ten, Inc.", "A. Vega")),
        ("title = {x}, author = {Ana Vega AND Jan Boer}", "authors", ("Ana Vega", "Jan Boer")),
        ("title = {x}, editor = {Ana Vega}", "authors", ("Ana Vega",)),
        ("title = {x}, author = {de la {V\\'e}ga, Ana}", "authors", ("Ana de la Véga",)),
        ("title = {x}, doi = {https://doi.org/10.1000/A\\_b}", "doi", "10.1000/a_b"),
        ("title = {x}, eprint = {2401.01234v2}, archivePrefix = {arXiv}", "arxiv_id", "2401.01234"),
        ("title = {x}, eprint = {29456894}, eprinttype = {pubmed}", "identifiers",
         ("pmid:29456894",)),
        ("title = {x}, month = feb, year = 2010", "date", "2010-02"),
        ("title = {x}, date = {2010-02-03}", "date", "2010-02-03"),
        ("title = {x}, date = {2010-02-03}", "year", 2010),
        ("title = {x}, url = {\\url{https://e.org/a\\_b}}", "url", "https://e.org/a_b"),
        ("title = {x}, keywords = {moss, tides}", "keywords", ("moss", "tides")),
        ("title = {RETRACTED: On Moss}", "title", "On Moss"),
        ("title = {RETRACTED: On Moss}", "status", "retracted"),
        ("title = {x}, title = {y}", "title", "x"),
        ("title = {x # y}", "title", "x # y"),
        ('title = "Blue " # "moss"', "title", "Blue moss"),
        ("title = {x}, howpublished = {Moss Notes}", "venue", "Moss Notes"),
        ("title = {x}, howpublished = {\\url{https://e.org}}", "venue", None),
        ("title = {{x}}, Year = {{2020}}", "year", 2020),
        ("title = {x}, Volume = {{12}}, publisher = {A \\& B}", "extra",
         (("publisher", "A & B"), ("volume", "12"))),
        ("title = {x}, Unique-ID = {{WOS:000600000000001}}", "identifiers",
         ("wos:000600000000001",)),
        ("title = {x}, journal = {CoRR}, volume = {abs/2102.01235}", "arxiv_id", "2102.01235"),
        ("title = {x}, journal = {arXiv preprint arXiv:2102.01236}", "arxiv_id", "2102.01236"),
        ("title = {x}, author = {Vega, A. and family=Berg, given=Jan, prefix=van der, "
         "useprefix=true}", "authors",
         ("A. Vega", "Jan van der Berg")),
        ("title = {x}, file = {:home/x.pdf:PDF}, note = {seen}", "extra", (("note", "seen"),)),
    ],
)  # fmt: skip
def test_values(page, field, name, expected):
    assert getattr(read_one(page, f"@article{{k, {field}}}"), name) == expected


def test_a_cut_author_list_is_known(page):
    assert read_one(page, "@misc{k, title={x}, author={A Vega and others}}").authors_truncated


def test_abbreviations_hold_to_the_end_of_the_file(page, monkeypatch):
    monkeypatch.setattr(bibtex, "_PORTION_CHARS", 1)
    monkeypatch.setattr("pipeline.sources.document._BLOCK_CHARS", 64)
    text = '@string{jm = "Journal of Moss"}\n' + "".join(
        f"@article{{k{i}, title = {{Paper number {i}}}, journal = jm}}\n" for i in range(5)
    )
    path = page(text, "a.bib")
    found = records(path)
    assert {paper.venue for paper in found} == {"Journal of Moss"}
    assert [paper.sources[0].line for paper in found] == [2, 3, 4, 5, 6]


def test_a_child_has_what_its_book_says(page):
    text = """@inproceedings{a, title = {On Moss}, author = {Ana Vega}, crossref = {Conf20}}
@proceedings{conf20, title = {Proceedings on Moss}, year = 2020, publisher = {Moss Press}}
"""
    child, book = records(page(text, "a.bib"))
    assert (child.title, child.venue, child.year) == ("On Moss", "Proceedings on Moss", 2020)
    assert dict(child.extra)["publisher"] == "Moss Press"
    assert book.title == "Proceedings on Moss"


def test_joined_abbreviations(page):
    text = '@string{jm = "Journal of Moss"}\n@article{a, title={x}, journal = jm # ", " # {B}}\n'
    assert records(page(text, "a.bib"))[0].venue == "Journal of Moss, B"


def test_portions_give_what_the_whole_gives(page, monkeypatch):
    text = "".join(
        PLAIN.replace("vega2001", f"v{i}").replace("Moss", f"Moss {i}") for i in range(9)
    )
    path = page(text, "a.bib")
    whole = records(path)
    monkeypatch.setattr(bibtex, "_PORTION_CHARS", 300)
    monkeypatch.setattr("pipeline.sources.document._BLOCK_CHARS", 97)
    assert records(path) == whole
    assert bibtex.count(document(path)) == 18


BROKEN = {
    "an unclosed brace": "@article{b, title = {Broken,\n year = 2002\n}\n",
    "an unclosed quote": '@article{b, title = "Broken,\n year = 2002\n}\n',
    "no key": "@article{ title = {Broken}, year={2005}}\n",
    "no comma": "@article{b, title = {Broken} year = {2005}}\n",
    "a type with a hyphen": "@conference-paper{b, title={Broken}, year={2004}}\n",
    "a repeated key": "@article{before, title = {Broken}}\n",
    "a repeated field": "@article{b, title = {Broken}, title = {Else}}\n",
    "two in a line": "@misc{b, title={Broken}} ",
    "round brackets": '@article(b, title = "Broken")\n',
    "a stray line before": "some text\n@misc{b, title={Broken}}\n",
    "an address at a line's start": "@misc{b, title={Broken}, note={\n@home is {here}}}\n",
}


def test_a_repeated_key_leaves_the_values_whole(page):
    text = '@string{jm = "Journal of Moss"}\n' + '@misc{k, title = "A", journal = jm}\n' * 2
    assert [(p.title, p.venue) for p in records(page(text, "a.bib"))] == [
        ("A", "Journal of Moss")
    ] * 2


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_entry_costs_no_other_one(page, broken):
    text = f"@misc{{before, title={{Before}}}}\n{broken}@misc{{after, title={{After}}}}\n"
    result = read_sources([page(text, "a.bib")])
    titles = [paper.title for paper in result.records]
    assert titles[0] == "Before"
    assert titles[-1] == "After"
    assert "Broken" in titles
    (report,) = result.reports
    assert (report.found, report.imported, report.set_aside) == (3, 3, 0)


def test_what_had_to_be_mended_is_told(page):
    result = read_sources([page(BROKEN["no key"] + PLAIN, "a.bib")])
    doubts = [p for p in result.reports[0].problems if p.kind == "doubt"]
    assert [(p.line, p.reason) for p in doubts] == [(1, "broken entry, read as far as possible")]


def test_comments_and_preambles_are_no_papers(page):
    text = '%  @article{no, title={No}}\n@comment{jabref-meta: x}\n@preamble{"x"}\n' + PLAIN
    result = read_sources([page(text, "a.bib")])
    assert [paper.id for paper in result.records][-2:] == ["vega2001", "boer2002"]


def test_an_entry_without_title_and_abstract_is_set_aside_with_its_text(page, tmp_path):
    result = read_sources([page("@misc{a, year = {2000}}\n" + PLAIN, "a.bib")])
    assert result.reports[0].set_aside == 1
    result.problems.save(tmp_path / "problems.csv")
    assert "@misc{a, year = {2000}}" in (tmp_path / "problems.csv").read_text("utf-8")


@given(damaged(PLAIN))
def test_damage_costs_no_more_than_what_it_touches(tmp_path_factory, text):
    read_damaged(tmp_path_factory.mktemp("bib") / "a.bib", text)


@given(st.text(alphabet='@{}()",=#%\\ \nabc', max_size=200))
def test_any_text_is_read_without_an_error(tmp_path_factory, text):
    read_damaged(tmp_path_factory.mktemp("bib") / "a.bib", "@misc{a, title={A}}\n" + text)


@given(damaged("@misc{k, title = {Between}, year = {2000}}\n"))
def test_neighbours_of_damage_survive(tmp_path_factory, text):
    before = f"@misc{{b, title = {{Before}}, abstract = {{{abstract_of('moss')}}}}}\n"
    after = "\n@misc{a, title = {After}}\n"
    read = read_damaged(tmp_path_factory.mktemp("bib") / "a.bib", before + text + after)
    assert read is not None
    titles = [paper.title for paper in read[0]]
    assert "Before" in titles
    assert "After" in titles


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://example.org/~x/{y}", "https://example.org/~x/{y}"),
        (r"\url{https://example.org/a\_b}", "https://example.org/a_b"),
        ("{https://example.org/}", "https://example.org/"),
    ],
)
def test_braces_of_an_address_are_told_from_those_around_it(tmp_path, written, url):
    path = tmp_path / "a.bib"
    path.write_text(f"@misc{{a,\n  title = {{On Moss}},\n  url = {{{written}}}\n}}\n")
    assert read_sources([path]).records[0].url == url
