"""Papers by year, by venue and by author: figures and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pipeline.papers.plain import one_line
from pipeline.report.document import Block, Column, Paragraph, Section, Table, YearChart, cell, line
from pipeline.report.material import Layer, Material, Rows
from pipeline.report.phrasing import counted, percent, year_span
from pipeline.report.themes import venue_counts

YEARS_PICTURE = "years"
_MOST_VENUES = 25
_MOST_AUTHORS = 15


def years_section(years: Mapping[int, int], n_papers: int) -> Section | None:
    """Papers by year as a chart and a table; None where no paper has a year."""
    if not years:
        return None
    busiest = max(years, key=lambda year: (years[year], year))
    total = sum(years.values())
    caption = f"Papers by year, {year_span(years)}"
    alt = f"{caption}; most in {busiest}, {counted(years[busiest], 'paper')}"
    span = range(min(years), max(years) + 1)
    series = tuple(years.get(year, 0) for year in span)
    blocks: list[Block] = [
        YearChart(YEARS_PICTURE, alt, caption, span[0], series),
        count_table(
            f"Papers by year ({counted(total, 'paper')})",
            "year",
            [(str(year), years[year]) for year in sorted(years)],
            total,
        ),
    ]
    if n_without := n_papers - total:
        has = "has" if n_without == 1 else "have"
        blocks.append(Paragraph(line(f"{counted(n_without, 'paper')} {has} no year."), True))
    return Section("Years", "years", tuple(blocks))


def venues_section(layer: Layer) -> Section | None:
    """Papers by venue, those with most of them; None where no paper names one."""
    counts = venue_counts(layer, layer.rows)
    if not counts:
        return None
    n_named = sum(n for _, n in counts)
    shown = counts[:_MOST_VENUES]
    blocks: list[Block] = [
        count_table(
            f"Papers by venue ({counted(n_named, 'paper')})", "venue", shown, len(layer.rows)
        )
    ]
    notes = []
    if left := counts[_MOST_VENUES:]:
        n_left = sum(n for _, n in left)
        notes.append(
            f"{counted(len(left), 'further venue')} with {counted(n_left, 'paper')} together: the "
            "column venue of a CSV export has them all."
        )
    if n_without := len(layer.rows) - n_named:
        notes.append(f"{counted(n_without, 'paper')} without a venue.")
    if notes:
        blocks.append(Paragraph(line(" ".join(notes)), is_note=True))
    return Section("Venues", "venues", tuple(blocks))


def authors_section(material: Material, rows: Rows) -> Section | None:
    """Authors with several of these papers; None where nobody has."""
    counts = Counter(
        one_line(name)
        for row in rows.tolist()
        for name in dict.fromkeys(material.papers[row].authors)
    )
    several = sorted(
        ((name, n) for name, n in counts.items() if n > 1), key=lambda found: (-found[1], found[0])
    )
    if not several:
        return None
    table = count_table("Authors with most papers", "author", several[:_MOST_AUTHORS], len(rows))
    told = "Names are counted as they are written: two people of one name count as one."
    if len(several) > _MOST_AUTHORS:
        told += f" {counted(len(several) - _MOST_AUTHORS, 'more author')} with two papers or more."
    return Section("Authors", "authors", (table, Paragraph(line(told), is_note=True)))


def count_table(caption: str, what: str, counts: Sequence[tuple[str, int]], total: int) -> Table:
    """A row for each count, with its share of `total`."""
    most = max((n for _, n in counts), default=1)
    columns = (Column(what), Column("papers", is_number=True), Column("share", is_number=True))
    rows = tuple(
        (cell(name), cell(f"{n:,}", share=n / most), cell(percent(n, total))) for name, n in counts
    )
    return Table(caption, columns, rows)
