"""The five layouts of the seeds, and other pages of the same sites."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.papers import Paper
from pipeline.sources import read_sources, scraped
from sources.conftest import SEEDS, abstract_of, document

HEADINGS = json.loads(Path(__file__).with_name("glued_headings.json").read_text(encoding="utf-8"))
COUNTS = {"000": 10, "001": 10, "002": 50, "003": 70, "004": 50}


def read(path: Path) -> list[Paper]:
    return list(scraped.read(document(path)))


@pytest.fixture(scope="module")
def seeds() -> dict[tuple[str, int], Paper]:
    records = read_sources([SEEDS]).records
    return {(r.sources[0].file, r.sources[0].line): r for r in records}


def test_the_seeds_hold_190_records_by_two_counts():
    for path in sorted(SEEDS.glob("*.txt")):
        assert len(read(path)) == scraped.count(document(path)) == COUNTS[path.name[:3]]


@pytest.mark.parametrize("row", HEADINGS, ids=lambda row: row["title"][:40])
def test_every_glued_heading_is_split(seeds, row):
    paper = seeds[row["file"], row["line"]]
    assert paper.title == row["title"]
    assert list(paper.authors) == row["authors"]
    assert paper.authors_truncated == row["truncated"]
    assert list(paper.affiliations) == row["affiliations"]


def test_abstracts_alone_have_no_title(seeds):
    alone = [r for (file, _), r in seeds.items() if file.startswith("000")]
    assert all(not r.title and not r.authors for r in alone)
    assert not any(r.abstract.startswith("Abstract") for r in alone)
    assert [r.sources[0].line for r in alone] == list(range(1, 11))


def test_a_heading_that_looks_like_an_author_is_no_record(seeds):
    first = seeds["001_1d4fce77ce8ef9b5.txt", 2]
    assert first.title.startswith("DDEQs: ")
    assert first.authors == (
        "Jonathan Geuter",
        "Clément Bonet",
        "Anna Korba",
        "David Alvarez-Melis",
    )


def test_a_search_page_header_is_furniture(seeds):
    titles = [r.title for (file, _), r in seeds.items() if file.startswith("003")]
    assert titles[0].startswith("LLM as Dataset Analyst")
    assert titles[-1].startswith("PLeaS – Merging Models")
    assert not any(r.date for (file, _), r in seeds.items() if file.startswith("003"))


@pytest.mark.parametrize(
    ("file", "line", "date", "year", "category", "score", "code"),
    [
        ("002_c6f869283c1d1a11.txt", 1, "--05-28", None, "cs.LG", None, False),
        ("002_c6f869283c1d1a11.txt", 7, "2024-09-11", 2024, "cs.LG", None, True),
        ("002_c6f869283c1d1a11.txt", 16, "--02-16", None, "cs.LG", None, True),
        ("002_c6f869283c1d1a11.txt", 43, "--03-11", None, "cs.CY", None, False),
        ("004_6ccdfc8f9d884491.txt", 5, "2022-10-09", 2022, "cs.LG", 29.5, False),
        ("004_6ccdfc8f9d884491.txt", 8, "2011-10-08", 2011, "math.OC", 2.5, False),
        ("004_6ccdfc8f9d884491.txt", 53, "2010-12-04", 2010, "stat.ML", 3.2, False),
        ("004_6ccdfc8f9d884491.txt", 74, "2012-11-23", 2012, "DS", 1.2, False),
        ("004_6ccdfc8f9d884491.txt", 77, "2024-09-24", 2024, "eess.SY", 5.9, False),
        ("004_6ccdfc8f9d884491.txt", 91, "2025-06-25", 2025, "cs.CL", 8.3, True),
        ("004_6ccdfc8f9d884491.txt", 1, None, None, None, None, False),
    ],
)
def test_metadata_lines(seeds, file, line, date, year, category, score, code):
    paper = seeds[file, line]
    assert (paper.date, paper.year, paper.category, paper.score, paper.code) == (
        date, year, category, score, code,
    )  # fmt: skip


def test_raw_text_is_kept(seeds):
    paper = seeds["002_c6f869283c1d1a11.txt", 76]
    assert "$\\textit{quality}$" in paper.raw_abstract
    assert "Data quality is a crucial factor" in paper.abstract


CARDS = f"""CVJan 3, 2021Code
Sparse Codes for Quiet RoomsAnna K. Möller, Ibn al-Farsi, Wei-Lin Ou et al. · eth-zurich
{abstract_of("sparse codes")}
7.0quant-phDec 31, 1999
Do Spins Dream?Bo Li
{abstract_of("spins")}
Lattices with RAMPeter van der Berg, O. J. Quist
{abstract_of("lattices")}
"""


def test_other_cards(page):
    one, two, three = read(page(CARDS))
    assert (one.title, one.authors) == (
        "Sparse Codes for Quiet Rooms", ("Anna K. Möller", "Ibn al-Farsi", "Wei-Lin Ou"),
    )  # fmt: skip
    assert (one.affiliations, one.code, one.date) == (("eth-zurich",), True, "2021-01-03")
    assert (two.title, two.authors, two.category) == ("Do Spins Dream?", ("Bo Li",), "quant-ph")
    assert (two.date, two.score) == ("1999-12-31", 7.0)
    assert (three.title, three.authors) == (
        "Lattices with RAM",
        ("Peter van der Berg", "O. J. Quist"),
    )
    assert [r.sources[0].line for r in (one, two, three)] == [1, 4, 7]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\n\n", "\n \n\n"])
def test_line_ends_and_blank_lines_change_nothing(page, newline):
    plain = read(page(CARDS, "a.txt"))
    other = read(page(CARDS, "b.txt", newline=newline))
    assert [(r.title, r.authors, r.abstract, r.date) for r in other] == [
        (r.title, r.authors, r.abstract, r.date) for r in plain
    ]
    assert scraped.count(document(page(CARDS, "b.txt", newline=newline))) == 3


def test_a_page_with_a_single_card(page):
    path = page("\n".join(CARDS.splitlines()[:3]))
    (paper,) = read(path)
    assert paper.authors_truncated
    assert scraped.count(document(path)) == 1


def test_a_card_without_an_author_line(page):
    text = f"LGMay 2, 2020\nA Title Without Names\n{abstract_of('names')}\n" + CARDS
    path = page(text)
    records = read(path)
    assert (records[0].title, records[0].authors) == ("A Title Without Names", ())
    assert len(records) == scraped.count(document(path)) == 4


def test_a_card_without_an_abstract_keeps_its_title(page):
    path = page("LGMay 2, 2020\nA Lonely CardMia Roth, Jan Novak\n" + CARDS)
    records = read(path)
    assert (records[0].title, records[0].abstract) == ("A Lonely Card", "")
    assert len(records) == scraped.count(document(path)) == 4


def test_a_card_with_a_short_abstract(page):
    path = page("LGMay 2, 2020\nTiny ProofsMia Roth, Jan Novak et al.\nWe prove it.\n" + CARDS)
    records = read(path)
    assert (records[0].title, records[0].abstract) == ("Tiny Proofs", "We prove it.")
    assert len(records) == scraped.count(document(path)) == 4


def test_an_abstract_of_several_paragraphs(page):
    body = f"{abstract_of('waves')}\n\n{abstract_of('tides')}\n\nCode is at https://x.org/y_z."
    path = page(f"Waves and Tides\n\n{body}\n\nAnother Sea\n\n{abstract_of('seas')}\n")
    one, two = read(path)
    assert (one.title, two.title) == ("Waves and Tides", "Another Sea")
    assert "tides" in one.abstract
    assert one.abstract.endswith("Code is at https://x.org/y_z.")
    assert scraped.count(document(path)) == 2


@pytest.mark.parametrize("blank", ["\n\n", "\n"])
def test_abstracts_without_any_title_are_a_record_each(page, blank):
    texts = [abstract_of(name) for name in ("waves", "tides", "seas")]
    path = page(blank.join(texts) + "\n")
    records = read(path)
    assert [(r.title, r.abstract) for r in records] == [("", text) for text in texts]
    assert [r.sources[0].line for r in records] == [1, 1 + len(blank), 1 + 2 * len(blank)]
    (report,) = read_sources([path]).reports
    assert (report.found, report.imported, report.problems) == (3, 3, ())


def test_an_abstract_without_a_title_keeps_what_belongs_to_it(page):
    broken_off = abstract_of("waves").removesuffix(".") + ", as follows:"
    code = "Code and data are at https://x.org/y_z."
    path = page("\n\n".join([broken_off, abstract_of("tides"), code, abstract_of("seas")]))
    one, two = read(path)
    assert one.abstract.startswith("We study waves")
    assert one.abstract.endswith("https://x.org/y_z.")
    assert two.abstract == abstract_of("seas")
    assert scraped.count(document(path)) == 2


def test_an_abstract_without_a_title_on_a_line_a_sentence_is_one(page):
    path = page(abstract_of("waves").replace("enough. ", "enough.\n"))
    (paper,) = read(path)
    assert paper.abstract == abstract_of("waves")


SEARCH = "\n\n".join(
    f"Paper {name}: On {name} and Other AI\n\n{abstract_of(name)}"
    for name in ("moss", "fern", "kelp")
)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "new\n\nMar 11\n\n",
        "Search\nSign in\nTrending\n\nbyAK and the research community\n\nJun 2\n\n",
    ],
)
@pytest.mark.parametrize("blank", ["\n\n", "\n"])
def test_search_pages_with_and_without_header(page, header, blank):
    path = page((header + SEARCH).replace("\n\n", blank))
    assert [r.title.split()[1] for r in read(path)] == ["moss:", "fern:", "kelp:"]
    assert scraped.count(document(path)) == 3


def test_titles_in_a_listing_without_authors_are_never_cut(page):
    titles = [
        "Fast Models in PyTorch Geometric",
        "YouTube Data, McDonald Trees, and LuaJIT Code",
        "On AI",
    ]
    path = page("\n\n".join(f"{t}\n\n{abstract_of(t)}" for t in titles))
    assert [r.title for r in read(path)] == titles
    assert not any(r.authors for r in read(path))


TRIPLES = "\n".join(
    ["Vega, Ana"]
    + [
        line
        for name in ("moss", "fern")
        for line in (
            f"On {name}, Light, and Water",
            "Vega, Ana, de Boer, Jan, Ou, W. L.",
            abstract_of(name),
        )
    ]
)


def test_triples_under_a_page_heading(page):
    one, two = read(page(TRIPLES))
    assert one.title == "On moss, Light, and Water"
    assert one.authors == two.authors == ("Ana Vega", "Jan de Boer", "W. L. Ou")
    assert (one.sources[0].line, two.sources[0].line) == (2, 5)


def test_pages_may_be_joined_in_one_file(page):
    alone = "\n".join(f"Abstract: {abstract_of(name)}" for name in ("rain", "snow"))
    path = page("\n".join([TRIPLES, SEARCH, CARDS, alone]))
    records = read(path)
    assert len(records) == scraped.count(document(path)) == 2 + 3 + 3 + 2
    assert [r.title for r in records[-2:]] == ["", ""]
    assert records[5].title == "Sparse Codes for Quiet Rooms"


def test_all_seeds_in_one_file(page, seeds):
    joined = "\n".join(p.read_text(encoding="utf-8") for p in sorted(SEEDS.glob("*.txt")))
    path = page(joined)
    assert len(read(path)) == scraped.count(document(path)) == 190
    assert [(r.title, r.abstract) for r in read(path)] == [
        (r.title, r.abstract) for r in seeds.values()
    ]


def test_hard_wrapped_paragraphs_are_joined(page):
    words, lines, line = abstract_of("wrapping", 5).split(), [], ""
    for word in words:
        if len(line) + len(word) > 78:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    path = page("On Wrapping\n\n" + "\n".join([*lines, line]) + "\n\n" + SEARCH)
    assert read(path)[0].title == "On Wrapping"
    assert read(path)[0].abstract == abstract_of("wrapping", 5)


@given(st.text(max_size=400))
def test_any_text_is_read_without_an_error(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "x.txt"
    path.write_text(text, encoding="utf-8", errors="replace")
    read(path)
    scraped.count(document(path))
