"""JSON that was damaged anywhere: no exception, and nothing is lost in silence."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.papers import ProblemKind
from pipeline.sources import read_sources
from pipeline.sources.document import Document
from pipeline.sources.json_objects import to_paper
from sources.json_layouts import LAYOUTS, record

RECORDS = [record(number) for number in range(5)]
TEXTS = {name: layout(RECORDS) for name, layout in LAYOUTS.items()}


def _account(text: str):
    """What is read of a text, checked for losses; None where it cannot be used."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.json")
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            result = read_sources([path])
        except InputError:
            return None
    (report,) = result.reports
    assert report.found == report.imported + report.merged + report.set_aside
    told = [p for p in report.problems if p.kind is ProblemKind.SET_ASIDE]
    assert bool(told) == bool(report.set_aside)
    return {paper.id for paper in result.records}


@settings(max_examples=150, deadline=None)
@given(layout=st.sampled_from(sorted(TEXTS)), share=st.floats(0, 1))
def test_a_text_cut_anywhere_keeps_what_comes_before(layout, share):
    text = TEXTS[layout]
    end = int(share * len(text))
    whole = [i for i in range(4) if 0 <= text.find(f'"r{i + 1}"') < end - 20]
    kept = _account(text[:end])
    assert {f"r{i}" for i in whole} <= (kept or set()) or not whole


@settings(max_examples=300, deadline=None)
@given(
    layout=st.sampled_from(sorted(TEXTS)),
    cuts=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 6), st.text('"{}[],:\\ \nx\ud800', max_size=4)),
        min_size=1,
        max_size=3,
    ),
)
def test_characters_taken_out_and_put_in_raise_nothing(layout, cuts):
    text = TEXTS[layout]
    for share, n_out, put_in in cuts:
        at = int(share * len(text))
        text = text[:at] + put_in + text[at + n_out :]
    _account(text)


def test_a_record_that_the_end_of_the_file_cuts_within_a_list_of_its_own_is_told_once(page):
    concepts = [{"id": f"C{number}", "name": "moss"} for number in range(3)]
    papers = [
        {"id": f"W{number}", "doi": None, "title": f"On moss {number}", "concepts": concepts}
        for number in range(3)
    ]
    text = json.dumps({"meta": {"count": 3}, "results": papers}, separators=(",", ":"))
    cut = text[: text.rindex('"C1') + 3]
    (report,) = read_sources([page(cut, "a.json")]).reports
    assert (report.found, report.imported, report.set_aside) == (3, 2, 1)
    (told,) = (p for p in report.problems if "abstract" not in p.reason)
    assert told.reason == "broken JSON (unterminated string starting at); set aside"


# In these a bracket too many may find its partner outside the list of records.
_WITHOUT_LIMITS = {"not indented", "pages"}


@settings(max_examples=200, deadline=None)
@given(
    layout=st.sampled_from(sorted(set(TEXTS) - _WITHOUT_LIMITS)),
    share=st.floats(0, 1),
    put_in=st.sampled_from(['"', "{", "}", "[", "]", ",", ":", "\\", "x", ""]),
)
def test_one_wrong_character_costs_one_record_and_perhaps_the_next(layout, share, put_in):
    text = TEXTS[layout]
    begin, end = text.index('"r2"'), text.index('"topics"', text.index('"r2"'))
    at = begin + int(share * (end - begin))
    kept = _account(text[:at] + put_in + text[at + 1 :])
    assert {"r0", "r1", "r4"} <= kept


@pytest.mark.parametrize("put_in", ["{", "}", '"'])
def test_a_bracket_too_many_in_a_record_by_id_costs_that_record_alone(put_in):
    text = TEXTS["by id"]
    begin = text.index('"r2"')
    for at in range(begin, begin + 90):
        kept = _account(text[:at] + put_in + text[at + 1 :])
        assert {"r0", "r1", "r4"} <= kept, (at - begin, put_in)


@settings(max_examples=200, deadline=None)
@given(text=st.text('[]{}",:\\ \nab1', max_size=200))
def test_no_text_of_brackets_and_quotes_raises(text):
    _account(text)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
_NAMES = """
    id title abstract authors author year journal venue doi DOI URL url ids identifiers
    keywords abstract_inverted_index authorships primary_location biblio concepts locations
    externalIds paperId publicationTypes s2FieldsOfStudy member subtitle container-title issued
    published-print updated-by note attributes titles descriptions creators dates metadata
    abstracts arxiv_eprints publication_info authors_parsed versions categories submitter
    content forum cdate itemType tags extra date data info ee type key access authorString
    authorList journalInfo pubTypeList abstractText site status track message items
""".split()  # noqa: SIM905  one word a line would hide the list


@settings(max_examples=400, deadline=None)
@given(row=st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=12))
def test_values_of_any_type_under_known_keys_raise_nothing(row):
    source = Document(Path("a.json"), "a.json", "a.json").source(1)
    to_paper(row, source, named={"title": "data.title"}, own_id="k")


@pytest.mark.parametrize("layout", sorted(TEXTS))
def test_two_broken_neighbours_are_two_problems(layout):
    text = TEXTS[layout].replace("Moss number 2", "Moss \\alpha 2")
    text = text.replace("Moss number 3", "Moss \\alpha 3")
    assert _account(text) == {"r0", "r1", "r4"}


def test_quotes_that_never_close_are_looked_at_once():
    assert _account('{\\"' * 200_000 + "\n") is None
