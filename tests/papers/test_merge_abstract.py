"""Which abstract a merged paper has."""

from __future__ import annotations

from pipeline.papers import Paper
from pipeline.papers.merge import merge_records


def test_the_abstract_that_most_records_have_is_the_papers():
    longer = Paper(title="On Moss", abstract="It dries. And here begins the introduction.")
    records = [longer, *[Paper(title="On Moss", abstract="It dries.")] * 2]
    assert merge_records(records).abstract == "It dries."


def test_of_abstracts_that_no_other_record_has_the_first_is_taken():
    records = [Paper(title="On Moss", abstract=text) for text in ("It dries.", "It is dry.")]
    assert merge_records(records).abstract == "It dries."


def test_a_record_without_an_abstract_takes_no_part():
    records = [Paper(title="On Moss"), Paper(title="On Moss"), Paper(abstract="It dries.")]
    assert merge_records(records).abstract == "It dries."
