"""What the report on a whole atlas says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.artifacts import Memberships, ThemeRow
from pipeline.report import report_on_atlas, write_markdown
from pipeline.report.document import Document, Section, Table, all_sections
from pipeline.report.overview import N_DETAILED

from .made import (
    make_details,
    make_material,
    with_one_paper,
    with_one_theme,
    without_themes,
    without_years,
)


def report(material=None, layer: int = 0) -> Document:
    return report_on_atlas(material or make_material(), layer, version="1.2")


def section(document: Document, anchor: str) -> Section:
    (found,) = (part for part in all_sections(document.sections) if part.anchor == anchor)
    return found


def text_of(document: Document) -> str:
    return " ".join(write_markdown(document, {}).split())


def rows_of(table: Table) -> list[list[str]]:
    return [["".join(span.text for span in cell.line) for cell in row] for row in table.rows]


def table_of(document: Document, anchor: str) -> Table:
    (table,) = (b for b in section(document, anchor).blocks if isinstance(b, Table))
    return table


def test_it_begins_with_what_is_counted_and_found():
    text = write_markdown(report(), {"map": "map.png"})
    assert text.startswith("""\
# 12 papers in 3 themes

A report by paperatlas 1.2 on the atlas 0123456789ab

- Papers: 12
- Records: 13
- Themes: 3
- Years: 1999–2023
- Venues: 3
- In no theme: 1

12 papers from 1999 to 2023 fall into 3 themes; 1 is in none. The largest themes are “moss” (5
papers), “transport / maps” (4 papers) and “comets” (2 papers). When the themes are found again
without a fifth of the papers, two papers of one theme are still together 80% of the time; 1 theme
does not hold together then.

![Map of the papers, coloured and named by theme: 12 papers in 3 themes](map.png)

## Themes

""")


def test_the_table_has_a_row_for_each_theme_largest_first():
    table = table_of(report(), "themes")
    assert [column.name for column in table.columns] == [
        "theme", "papers", "years", "since 2023", "stability", "also said"
    ]  # fmt: skip
    assert rows_of(table) == [
        ["moss", "5", "2019–2022", "0%", "0.90", "peat, bogs"],
        ["transport / maps (unstable)", "4", "2020–2023", "1 of 3", "0.40", "mass"],
        ["comets", "2", "2023", "100%", "1.00", "ice"],
    ]
    assert table.rows[0][2].years[-5:] == (1, 1, 2, 1, 0)  # 2019 to 2023
    assert [row[1].share for row in table.rows] == [1.0, 0.8, 0.4]


def test_a_theme_is_told_with_proof_places_papers_and_neighbours():
    document = report()
    moss = Document("Moss", "", (), (section(document, "theme-0"),))
    assert (
        write_markdown(moss, {}).partition("## moss\n\n")[2]
        == """\
5 papers, 42% of all, 2019–2022; 0% from 2023 or later. Part of earth (9 papers).

- Its name: “moss” in 5 of 5 papers, 8.5 times as often as in transport / maps
- Also said: peat, bogs
- Venues: Bogs (3) and Mites (1)
- Stability: 0.90
- Nearest themes: 85% of the 4 papers nearest to each of its papers are its own, 15% are in
  transport / maps

### Typical papers

- Moss after fire. Ada Berg, Bo Lind, Cy Holt, 2021, Bogs. <https://papers.example/2>
- Moss on granite. Ada Berg, 2019, Bogs. <https://papers.example/0>
- Moss in wind. Ada Berg, Bo Lind, 2020, Bogs.

### Between it and others

- Moss maps. Ada Berg, 2022. <https://papers.example/4> (2 of its 4 nearest papers are in “moss”, 2
  in “transport / maps”)
"""
    )


def test_a_name_of_two_phrases_tells_how_much_both_cover_and_no_contrast_that_is_none():
    text = text_of(report())
    assert (
        "- Its name: “transport” in 3 of 4 papers; “maps” in 1 of 4 papers; one or the other in 75%"
        in text
    )
    assert "0.8 times" not in text


def test_a_name_given_by_somebody_is_not_said_to_be_proved():
    themes = tuple(
        replace(theme, name="Bryology") if theme.id == 0 else theme
        for theme in make_material().themes
    )
    assert "- Its papers' words: “moss” in 5 of 5 papers" in text_of(
        report(make_material(themes=themes))
    )


def test_whatever_is_doubtful_is_told():
    text = write_markdown(report(), {})
    start, end = text.index("## What to be careful"), text.index("## How far")
    assert (
        text[start:end]
        == """\
## What to be careful about

- 1 of 3 themes does not hold together when a fifth of the papers is missing: “transport / maps”.
- 1 paper (8.3%) is in no theme: too unlike the others, or without an abstract.
- 1 paper (8.3%) has no abstract and is known by its title alone.
- 1 paper (8.3%) has no year and is left out wherever years are counted.
- 1 paper in other languages than English (de: 1): a model that knows English best may group them
  by their language.
- 1 record could not be used and 1 doubt arose when the files were read: problems.csv in the atlas
  lists each with its reason.
- The end of 25% of the texts was not read: they are longer than the model can take.
- An edit in labels.toml had no effect: labels.toml: no paper x

### Retracted and withdrawn papers

- \\[retracted\\] Moss and its mites. Ada Berg, Bo Lind, Cy Holt et al., 2021, Mites.

"""
    )


def test_how_far_to_believe_it_is_told_as_it_was_measured():
    text = text_of(report())
    assert "off by 0.04 on average" in text
    assert "vote for its own theme 95% of the time" in text
    assert "Map: 2 papers (17%) lie far from the papers nearest in meaning" in text
    assert "vote" not in text_of(report(layer=1))


def test_what_the_map_keeps_is_told_where_it_was_measured():
    figures = {
        "trustworthiness": 0.912,
        "continuity": None,
        "neighbors_kept": 0.318,
        "arrangement": 0.654,
        "far_share": 0.1,
    }
    text = text_of(report(make_material(details=make_details(facts={"map": figures}))))
    assert (
        "- Map: of the ten papers nearest to a paper, 32% are among the ten nearest on the map "
        "(trustworthiness 0.91). - Map: distances of themes on it and in meaning agree with a rank "
        "correlation of 0.65. - Map: 2 papers (17%) lie far" in text
    )
    unknown = dict.fromkeys(figures, None) | {"far_share": 0.0}
    text = text_of(report(make_material(details=make_details(facts={"map": unknown}))))
    assert "nearest on the map" not in text


def test_how_it_was_made_is_told_with_the_command_that_makes_it_again():
    text = write_markdown(report(), {})
    start = text.index("## How it was made")
    assert (
        text[start:]
        == """\
## How it was made

- Papers: 14 records in 2 files gave 12 papers; 1 further copy or version; 1 record that could not
  be used
- Model: toy, 8 dimensions, SHA-256 `ffffffffffff`
- Themes: layer 0 of the layers 0, the finest, to 1; it is shown first
- Seed: 3
- Settings: the defaults but for cluster.refits=2
- Names: 1 edit of labels.toml applied
- Versions: numpy 2.0, scipy 1.0
- Content: SHA-256 `0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef`

With the same files and versions this makes the same atlas:

    paperatlas build SOURCE... -o ATLAS \\
        --seed 3 \\
        --set cluster.refits=2

### Sources

| file  | format | records | papers | copies | set aside | SHA-256        |
|-------|--------|--------:|-------:|-------:|----------:|----------------|
| a.bib | bibtex |      12 |     10 |      1 |         1 | `aaaaaaaaaaaa` |
| b.ris | ris    |       2 |      2 |      0 |         0 | `bbbbbbbbbbbb` |

## How to cite

An atlas is known by the digest of its content, which is the same for the same papers and settings.
In BibTeX:

    @software{paperatlas,
      author  = {{paperatlas contributors}},
      title   = {paperatlas},
      version = {1.2},
      note    = {Atlas of 12 papers, content 0123456789ab}
    }

What was found by it are papers, and they are what to cite.
`paperatlas export ATLAS --format bibtex -o DIR` writes an entry for each, `--theme` for those of a
theme, and `--format bib-by-theme` a file for each theme.
"""
    )


def test_years_and_venues_are_counted():
    assert rows_of(table_of(report(), "years")) == [
        ["1999", "1", "9.1%"],
        ["2019", "1", "9.1%"],
        ["2020", "2", "18%"],
        ["2021", "2", "18%"],
        ["2022", "2", "18%"],
        ["2023", "3", "27%"],
    ]
    assert rows_of(table_of(report(), "venues")) == [
        ["Bogs", "3", "25%"],
        ["Maths", "3", "25%"],
        ["Mites", "1", "8.3%"],
    ]


def test_themes_that_grow_more_than_chance_allows_are_named():
    material = make_material()
    papers = tuple(
        replace(paper, year=2024 if row % 2 else 2010)
        for row, paper in enumerate(material.papers * 10)
    )
    ids = [[0 if row % 2 else 1 for row in range(120)]]
    themes = (ThemeRow(0, 0, "new", 60, None), ThemeRow(1, 0, "old", 60, None))
    import numpy as np

    from pipeline.nearest import NearestPapers

    grown = make_material(
        papers=papers,
        themes=themes,
        memberships=Memberships(np.array(ids, np.int32), np.ones((1, 120), np.float32), 0),
        nearest=NearestPapers(np.empty((120, 0), np.int32), np.empty((120, 0), np.float32)),
        preservation=np.ones(120, np.float32),
    )
    assert (
        "Of all papers 50% are from 2024 or later; the share is highest in “new” (100%), lowest in "
        "“old” (0%)." in text_of(report(grown))
    )


def test_no_theme_is_told_and_no_table_is_empty():
    document = report(without_themes())
    text = text_of(document)
    assert text.startswith("# 12 papers in 0 themes")
    assert "No theme was found among them." in text
    assert "No theme was found: the papers are too few, or too little alike." in text
    assert "## Themes " not in text
    assert "## Theme by theme" not in text


def test_without_years_nothing_is_said_of_them():
    document = report(without_years())
    assert "years" not in {part.anchor for part in all_sections(document.sections)}
    assert "12 papers (100%) have no year" in text_of(document)
    assert not any(
        column.name.startswith("since") for column in table_of(document, "themes").columns
    )


def test_one_theme_is_said_to_part_nothing():
    text = text_of(report(with_one_theme()))
    assert text.startswith("# 12 papers in 1 theme ")
    assert "This layer has a single theme: it does not part the papers." in text
    assert "stability" not in text


def test_one_paper_has_a_report():
    text = text_of(report(with_one_paper()))
    assert text.startswith("# 1 paper in 1 theme ")
    assert "1 paper of 2019 falls into 1 theme." in text
    assert "Nearest themes" not in text


def test_nothing_doubtful_is_told_too():
    material = with_one_paper()
    two = (ThemeRow(0, 0, "alone", 1, None, exemplars=(0,)), ThemeRow(1, 0, "empty", 0, None))
    text = text_of(report(replace(material, themes=two)))
    assert "This layer has a single theme" in text  # one without papers is none


@pytest.mark.parametrize(("n_themes", "n_told"), [(N_DETAILED, 0), (N_DETAILED + 2, 2)])
def test_themes_without_a_section_of_their_own_are_in_the_table_and_said_to_be(n_themes, n_told):
    import numpy as np

    from pipeline.nearest import NearestPapers

    paper = make_material().papers[0]
    material = make_material(
        papers=(paper,) * n_themes,
        themes=tuple(
            ThemeRow(i, 0, f"theme {i}", 1, None, exemplars=(i,)) for i in range(n_themes)
        ),
        memberships=Memberships(
            np.arange(n_themes, dtype=np.int32)[None], np.ones((1, n_themes), np.float32), 0
        ),
        nearest=NearestPapers(
            np.empty((n_themes, 0), np.int32), np.empty((n_themes, 0), np.float32)
        ),
        preservation=np.ones(n_themes, np.float32),
        details=make_details(facts={}),
    )
    document = report(material)
    assert len(table_of(document, "themes").rows) == n_themes
    assert len(section(document, "profiles").sections) == N_DETAILED
    assert (f"Of the other {n_told}, which the table has too," in text_of(document)) == bool(n_told)


def test_anchors_are_unique():
    anchors = [part.anchor for part in all_sections(report().sections)]
    assert len(set(anchors)) == len(anchors)
