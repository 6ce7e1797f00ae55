"""Labels, notes of publishers and keywords around an abstract."""

from __future__ import annotations

import pytest

from pipeline.papers import normalise_abstract, normalise_title

TEXT = "Moss grows on stones, and we count it."
LABELS = [
    "ABSTRACT ", "ABSTRACT: ", "Summary: ", "SUMMARY. ", "Abstract—", "Abstract-", "Abstract. ",
    "Zusammenfassung: ", "Résumé: ", "摘要: ", "Graphical abstract: ", "Abstract: Summary: ",
]  # fmt: skip
NOTES = [
    "© 2021 Elsevier B.V. All rights reserved.",
    "(C) 2009 Elsevier Ltd All rights reserved",
    "(c) 1999 Academic Press.",
    "2010 Elsevier Ltd. All rights reserved.",
    "Copyright (C) 2005 John Wiley & Sons, Ltd.",
    "Copyright © 2020, The Authors.",
    "Crown Copyright © 2010 Published by Elsevier Ltd.",
    "© 2010.",
    "© The Author 2016.",
    "© 2017 by the authors. Licensee MDPI, Basel, Switzerland.",
    "© 2016 Informa UK Limited, trading as Taylor & Francis Group.",
    "© The Author(s) 2020. Published by Oxford University Press on behalf of the Society. "
    "All rights reserved. For permissions, please e-mail: journals.permissions@oup.com.",
    "© 2020 The Authors. Ecology Letters published by CNRS and John Wiley & Sons Ltd",
    "Journal compilation © 2008 British Ecological Society.",
    "Published by Elsevier Inc. on behalf of The Society for Range Management.",
    "This article is protected by copyright. All rights reserved.",
    "This is an open access article under the CC BY license "
    "(http://creativecommons.org/licenses/by/4.0/).",
    "(PsycINFO Database Record (c) 2016 APA, all rights reserved)",
    "[on SciFinder (R)]",
    "Copyright of Moss is the property of Fern, Inc. and its content may not be copied or emailed "
    "without written permission. (Copyright applies to all Abstracts.)",
    "Keywords: moss, stone, counting",
    "Index Terms—moss, stones.",
    "(C) 2018 Elsevier Ltd. All rights reserved. Keywords: moss; stone",
]
UNHURT = [
    "We study copyright in law. The owner may claim copyright.",
    "Music is sold under the © symbol.",
    "We study Copyright 2020 reforms and how they fail.",
    "All rights reserved is a phrase that we study.",
    "Moss is rare. Published by hand, it is rarer.",
    "Three points: (a) moss; (b) stones; (c) Ferns that we saw.",
    "Abstract reasoning is hard.",
    "Abstract-level reasoning is hard.",
    "Summary form only given.",
    "We draw keywords: moss is one of the many that anybody would have drawn from such a text.",
]


@pytest.mark.parametrize("label", LABELS)
def test_label_goes(label):
    assert normalise_abstract(label + TEXT) == TEXT


@pytest.mark.parametrize("note", NOTES)
def test_note_at_the_end_goes_and_alone_leaves_nothing(note):
    assert normalise_abstract(f"{TEXT} {note}") == TEXT
    assert normalise_abstract(f"{TEXT}\n{note}\n") == TEXT
    assert normalise_abstract(note) == ""


@pytest.mark.parametrize(
    "note",
    [
        "© 2019 IEEE.",
        "© 2014 Elsevier B.V. All rights reserved. ",
        "Copyright © 2016 by ASME. ",
        "© Springer Science+Business Media New York 2013. ",
        "© 2017 by the authors. Licensee MDPI, Basel, Switzerland. ",
    ],
)
def test_note_at_the_beginning_goes(note):
    assert normalise_abstract(note + TEXT) == TEXT


@pytest.mark.parametrize("text", UNHURT)
def test_sentence_of_the_abstract_stays(text):
    assert normalise_abstract(text) == text


@pytest.mark.parametrize("text", ["No abstract available.", "[Abstract not available]", "Abstract"])
def test_excuse_is_no_abstract(text):
    assert normalise_abstract(text) == ""


def test_label_broken_over_lines_is_one():
    assert normalise_abstract(f"{TEXT} Key\nwords: moss, stone") == TEXT


def test_titles_keep_their_words():
    for text in ("Abstract: moss", "Keywords: a, b", "Copyright 2020 The Authors"):
        assert normalise_title(text) == text


def test_quotes_around_the_whole_go():
    assert normalise_abstract(f'"{TEXT}"') == TEXT
    assert normalise_abstract('"Moss" and "fern"') == '"Moss" and "fern"'
