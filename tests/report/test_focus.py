"""What the reports on one theme and on a query say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.artifacts import Memberships
from pipeline.report import report_on_query, report_on_theme, sub_themes, write_markdown
from pipeline.report.document import Document, Section, all_sections

from .made import EARTH, MOSS, SKY, THEMES, TRANSPORT, make_material


def on_theme(number: int, layer: int = 0) -> Document:
    (theme,) = (theme for theme in THEMES if theme.id == number)
    return report_on_theme(make_material(), theme, layer, version="1.2")


def told(document: Document, anchor: str) -> str:
    """The Markdown of one section, from its second line on."""
    (found,) = (part for part in all_sections(document.sections) if part.anchor == anchor)
    text = write_markdown(Document("x", "y", (), (found,)), {})
    return text.partition(f"## {found.title}\n\n")[2]


def has(document: Document, anchor: str) -> bool:
    return any(part.anchor == anchor for part in all_sections(document.sections))


def test_a_theme_begins_with_its_size_and_what_is_near():
    text = write_markdown(on_theme(TRANSPORT), {})
    assert text.startswith("""\
# Theme: transport / maps

A report by paperatlas 1.2 on the atlas 0123456789ab

- Papers: 4
- Years: 2020–2023
- Venues: 1
- Stability: 0.40

“transport / maps” has 4 of the atlas's 12 papers (33%), from 2020 to 2023. Its papers appeared in
Maths (3). Nearest to it are “moss” and “comets”. It does not hold together: read it with care.

## Name and place

""")


def test_a_theme_tells_what_it_is_part_of():
    assert (
        told(on_theme(TRANSPORT), "place")
        == """\
- Part of: earth (9 papers)
- Its name: “transport” in 3 of 4 papers; “maps” in 1 of 4 papers; one or the other in 75%
- Also said: mass
- Venues: Maths (3)
- Stability: 0.40, it does not hold together
- Nearest themes: 69% of the 4 papers nearest to each of its papers are its own, 19% are in moss,
  6.2% are in comets
"""
    )


@pytest.mark.parametrize("layer", [0, 1])
def test_a_broad_theme_tells_its_sub_themes_from_the_next_finer_layer(layer):
    text = told(on_theme(EARTH, layer), "place")
    assert (
        """\
| theme                       | papers | years     | since 2022 | stability | also said  |
|-----------------------------|-------:|-----------|-----------:|----------:|------------|
| moss                        |      5 | 2019–2022 |        20% |      0.90 | peat, bogs |
| transport / maps (unstable) |      4 | 2020–2023 |     2 of 3 |      0.40 | mass       |
"""
        in text
    )
    words = " ".join(write_markdown(on_theme(EARTH), {}).split())
    assert (
        "The largest sub-themes are “moss” (5 papers) and “transport / maps” (4 papers)." in words
    )


def test_layers_that_change_nothing_are_left_out_of_its_place():
    """Moss stands in two layers below earth, as the same five papers."""
    moss, transport, earth = (
        next(theme for theme in THEMES if theme.id == number) for number in (MOSS, TRANSPORT, EARTH)
    )
    fine = (replace(moss, parent=5), replace(transport, parent=6))
    same = (replace(moss, layer=1, id=5), replace(transport, layer=1, id=6))
    ids = np.array([[MOSS] * 5 + [TRANSPORT] * 4, [5] * 5 + [6] * 4, [EARTH] * 9], np.int32)
    ids = np.pad(ids, [(0, 0), (0, 3)], constant_values=-1)
    material = make_material(
        themes=(*fine, *same, replace(earth, layer=2)),
        memberships=Memberships(ids, np.ones(ids.shape, np.float32), 0),
    )
    for theme in (fine[0], same[0]):
        assert "- Part of: earth (9 papers)\n" in write_markdown(
            report_on_theme(material, theme, 0, version="1.2"), {}
        )
    assert sub_themes(material, same[0], 0) is None
    assert sub_themes(material, replace(earth, layer=2), 1).number == 1


def test_central_papers_are_those_that_most_others_have_near():
    lines = told(on_theme(MOSS), "central").splitlines()
    assert next(line for line in lines if line.startswith("- ")).startswith("- Moss on granite.")
    assert "(among the 4 nearest of 4 others here)" in " ".join(" ".join(lines).split())


def test_fringe_papers_are_the_weakest_with_the_theme_they_lean_to():
    text = " ".join(told(on_theme(TRANSPORT), "fringe").split())
    assert "Transport in peat." in text
    assert "(strength 0.30; 1 of its 4 nearest papers are in “moss”)" in text
    assert "Transport plans" not in text  # of the core
    assert not has(on_theme(SKY, 1), "fringe")


def test_bridges_are_told_from_both_sides():
    document = on_theme(MOSS)
    assert """\
| theme                       | papers | from here | from there |
|-----------------------------|-------:|----------:|-----------:|
| transport / maps (unstable) |      4 |       15% |        19% |
""" in told(document, "bridges")
    assert "Moss maps." in told(document, "from-here")
    there = " ".join(told(document, "from-there").split())
    assert "Transport plans." in there
    assert "(3 of its 4 nearest papers are in “transport / maps”, 1 in “moss”)" in there


def test_all_papers_of_a_small_theme_are_listed_newest_first():
    document = on_theme(TRANSPORT)
    lines = [line for line in told(document, "all-papers").splitlines() if line.startswith("- ")]
    assert [line.split(".")[0] for line in lines] == [
        "- Transport maps",
        "- Transport of mass",
        "- Transport plans",
        "- Transport in peat",
    ]
    assert not has(document, "recent")  # they would be the same


def test_authors_of_several_papers_are_counted():
    assert told(on_theme(MOSS), "authors").startswith("""\
| author   | papers | share |
|----------|-------:|------:|
| Ada Berg |      5 |  100% |
| Bo Lind  |      3 |   60% |
| Cy Holt  |      2 |   40% |
""")


def test_cautions_are_those_of_the_theme_alone():
    assert "1 paper (20%)" not in told(on_theme(MOSS), "cautions")
    assert "Moss and its mites" in told(on_theme(MOSS), "doubtful")
    assert not has(on_theme(TRANSPORT), "doubtful")


def test_a_query_lists_its_papers_best_first():
    document = report_on_query(
        make_material(), "peat *and* moss", np.array([8, 0, 11]), 0, version="1.2"
    )
    text = write_markdown(document, {})
    assert text.startswith("# Papers on “peat \\*and\\* moss”\n")
    assert "\n3 papers of the atlas's 12 answer best; they are in 2 themes.\n" in text
    lines = [line for line in told(document, "papers").splitlines() if line.startswith("- ")]
    assert [line.split(".")[0] for line in lines] == [
        "- Transport in peat",
        "- Moss on granite",
        "- A cookbook",
    ]
    assert "| moss                        |      1 |" in text


def test_sections_are_named_apart():
    for document in (on_theme(EARTH), on_theme(MOSS)):
        anchors = [part.anchor for part in all_sections(document.sections)]
        assert len(set(anchors)) == len(anchors)
        assert all(isinstance(part, Section) for part in document.sections)
