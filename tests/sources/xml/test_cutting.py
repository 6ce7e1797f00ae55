"""Cutting records out of text: lines, borders of blocks, sizes, and counting apart from that."""

from __future__ import annotations

import itertools

import pytest

from pipeline.sources import read_sources
from pipeline.sources.xml import cutting
from pipeline.sources.xml.cutting import Cutter, RecordTag, count
from sources.conftest import document
from sources.xml.conftest import endnote, pubmed, record_of

RECORD = RecordTag(("record",), ("records",))
OAI = RecordTag(("record",), ("ListRecords",), first_child="header", prefixed=True)


class Blocks:
    """A document whose text comes in the given pieces."""

    def __init__(self, pieces):
        self.pieces = pieces

    def blocks(self):
        yield from self.pieces


def cut(document, tag):
    return list(Cutter(document, tag).pieces())


def in_blocks(text, size):
    return Blocks([text[start : start + size] for start in range(0, len(text), size)])


@pytest.fixture
def held(monkeypatch):
    """How many characters are held whenever a block was added."""
    sizes = []
    grow = Cutter._grow

    def watched(self):
        more = grow(self)
        sizes.append(len(self._text))
        return more

    monkeypatch.setattr(Cutter, "_grow", watched)
    return sizes


TEXT = """<?xml version="1.0"?>
<records><!-- <record>no</record> -->
<record a="1">one</record>
between <record>two <![CDATA[</record><record>]]> two</record >
<record>three
<record>four</records>
<recording/> </record> <record/>"""


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, 64, 1000])
def test_records_are_the_same_however_the_text_comes(size):
    pieces = cut(in_blocks(TEXT, size), RECORD)
    assert [(piece.line, piece.text) for piece in pieces] == [
        (3, '<record a="1">one</record>'),
        (4, "<record>two <![CDATA[</record><record>]]> two</record >"),
        (5, "<record>three\n"),
        (6, "<record>four"),
        (7, "<record/>"),
    ]
    assert pieces[1].before == "\nbetween "
    assert count(in_blocks(TEXT, size), RECORD) == 5


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_records_inside_records_are_part_of_them(size):
    records = [
        '<record><header/><o:record xmlns:o="x">1</o:record></record>',
        "<record>\n <header/>2<record>unclosed</record>",
        "<o:record><o:header/>3</o:record>",
    ]
    text = f"<ListRecords>{''.join(records)}</ListRecords>"
    assert [piece.text for piece in cut(in_blocks(text, size), OAI)] == records
    assert count(in_blocks(text, size), OAI) == 3


def test_a_record_that_is_too_long_is_passed_over_in_little_memory(monkeypatch, held):
    monkeypatch.setattr(cutting, "MAX_RECORD_CHARS", 50_000)
    words = itertools.repeat("words " * 1000, 3000)
    start, end = (
        "<records><record>first</record>\n<record>second ",
        "</record>\n<record>third</record>",
    )
    first, second, third = cut(Blocks(itertools.chain([start], words, [end])), RECORD)
    assert [piece.is_too_long for piece in (first, second, third)] == [False, True, False]
    assert second.text.startswith("<record>second words")
    assert (len(second.text), third.text) == (1000, "<record>third</record>")
    assert [piece.line for piece in (first, second, third)] == [1, 2, 3]
    assert max(held) < 150_000


def test_a_line_of_many_records_is_not_held(held):
    records = itertools.repeat("<record>words of it</record>" * 40, 5000)
    assert len(cut(Blocks(records), RECORD)) == 200_000
    assert max(held) < 100_000


def test_what_is_between_records_is_kept_only_so_far():
    text = f"<record>1</record>{'x' * 200_000}<record>2</record>"
    one, two = cut(in_blocks(text, 5000), RECORD)
    assert (one.before, set(two.before)) == ("", {"x"})
    assert len(two.before) <= cutting.MAX_CONTEXT_CHARS


def test_an_abstract_of_fifty_million_characters_is_set_aside(page):
    long = record_of("pubmed-xml", 2, abstract="It is known. " * 4_000_000)
    path = page(pubmed(record_of("pubmed-xml", 1), long, record_of("pubmed-xml", 3)))
    result = read_sources([path])
    (report,) = result.reports
    assert (report.found, report.imported, report.set_aside) == (3, 2, 1)
    assert [paper.id for paper in result.records] == ["1", "3"]
    (told,) = report.problems
    assert told.reason == "record longer than 16,777,216 characters; set aside"


def test_a_file_on_one_line_is_read(page):
    path = page(endnote(*(record_of("endnote-xml", n) for n in range(2000))))
    records = read_sources([path]).records
    assert [paper.id for paper in records] == [str(n) for n in range(2000)]
    assert {paper.sources[0].line for paper in records} == {1}


def test_the_lines_are_those_of_the_start_tags(page):
    path = page(pubmed(*(record_of("pubmed-xml", n) for n in range(1, 900))))
    lines = path.read_text().splitlines()
    for paper in read_sources([path]).records:
        line = paper.sources[0].line
        assert lines[line - 1] == "<PubmedArticle>"
        assert f">{paper.id}<" in lines[line + 1]


def test_a_document_type_hides_no_record_behind_it(page):
    declared = '<!ENTITY a "<record>">\n<!-- it\'s > ]> here -->\n<!ELEMENT x ANY>'
    path = page(f"<!DOCTYPE records [{declared}]><records><record>1</record></records>")
    (piece,) = cut(document(path), RECORD)
    assert (piece.line, piece.text) == (3, "<record>1</record>")
    assert count(document(path), RECORD) == 1


@pytest.mark.parametrize(
    ("text", "is_cut_off"),
    [
        ("<records><record>1</record></records>", False),
        ("<record>1</record><record>2</record>", False),
        ("<records><record>1</record>", True),
        ("<records><record>1</record><rec", True),
        ("<records><record>1</record></records><records>", True),
    ],
)
def test_a_file_that_ends_before_its_records_do_is_cut_off(text, is_cut_off):
    cutter = Cutter(in_blocks(text, 7), RECORD)
    assert sum(1 for _ in cutter.pieces()) == text.count("<record>")
    assert cutter.is_cut_off == is_cut_off


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<r>a<L>b<L>c</L></L>d</r>", "<r>ad</r>"),
        ("<r>a<L>b</r>", "<r>a<L>b</r>"),
        ("<r>a</L>b<L>c</r>", "<r>a</L>b<L>c</r>"),
    ],
)
def test_what_is_not_read_is_left_out_where_it_is_whole(text, left):
    assert RecordTag(("r",), ("rs",), unread=("L",)).without_unread(text) == left
