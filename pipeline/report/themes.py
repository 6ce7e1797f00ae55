"""The themes of a layer: all of them in a table, and each one by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from pipeline.artifacts import ThemeRow
from pipeline.papers.plain import one_line
from pipeline.report.bridges import NearTheme
from pipeline.report.document import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Line,
    PaperItem,
    PaperList,
    Paragraph,
    Section,
    Span,
    Table,
    cell,
    line,
)
from pipeline.report.growth import n_since
from pipeline.report.material import Layer, Material, Rows
from pipeline.report.phrasing import counted, enumeration, paper_item, percent, quoted, year_span

_N_TERMS = 3
_N_VENUES = 3
_N_TYPICAL = 3
_N_NEAR = 3
UNSTABLE = (
    "A theme marked (unstable) does not hold together: two of its papers are apart more often than "
    "together when the themes are found again without a fifth of the papers."
)


def theme_anchor(theme: ThemeRow) -> str:
    """The anchor of its section."""
    return f"theme-{theme.id}"


def theme_name(theme: ThemeRow) -> str:
    """Its name, with a mark where it does not hold together."""
    return f"{one_line(theme.name)}{' (unstable)' if theme.is_unstable else ''}"


def other_terms(theme: ThemeRow) -> list[str]:
    """Its terms that its name does not say, best first."""
    said = {part.casefold() for part in theme.name.split(" / ")}
    return [one_line(term) for term in theme.terms if term.casefold() not in said]


def theme_table(
    layer: Layer, caption: str, themes: Sequence[ThemeRow], detailed: Sequence[ThemeRow] = ()
) -> list[Block]:
    """A row for each theme, and what the columns mean. `detailed`: those with a section of their
    own, to which their names lead."""
    linked = {theme.id for theme in detailed}
    has_stability = any(theme.stability is not None for theme in themes)
    columns = [Column("theme"), Column("papers", is_number=True), Column("years")]
    if layer.recent_from:
        columns.append(Column(f"since {layer.recent_from}", is_number=True))
    if has_stability:
        columns.append(Column("stability", is_number=True))
    columns.append(Column("also said"))
    most = max((len(layer.members(theme.id)) for theme in themes), default=1)
    rows = []
    for theme in themes:
        n_papers = len(layer.members(theme.id))
        years = layer.theme_years.get(theme.id, Counter())
        name = Span(theme_name(theme), anchor=theme_anchor(theme) if theme.id in linked else "")
        cells = [
            Cell(line(name), theme=theme.id),
            cell(f"{n_papers:,}", share=n_papers / most),
            Cell(line(year_span(years) or "–"), years=layer.year_series(years)),
        ]
        if layer.recent_from:
            cells.append(cell(_recent(layer, years, n_papers)))
        if has_stability:
            cells.append(cell("–" if theme.stability is None else f"{theme.stability:.2f}"))
        cells.append(cell(", ".join(other_terms(theme)[:_N_TERMS])))
        rows.append(tuple(cells))
    blocks: list[Block] = [Table(caption, tuple(columns), tuple(rows))]
    if notes := _column_notes(layer, themes, has_stability):
        blocks.append(Paragraph(line(" ".join(notes)), is_note=True))
    return blocks


def _recent(layer: Layer, years: Counter[int], n_papers: int) -> str:
    """The share of recent papers, as `2 of 3` where not every paper has a year."""
    if not years or not layer.recent_from:
        return "–"
    recent, dated = n_since(years, layer.recent_from), years.total()
    return percent(recent, dated) if dated == n_papers else f"{recent:,} of {dated:,}"


def _column_notes(layer: Layer, themes: Sequence[ThemeRow], has_stability: bool) -> list[str]:
    notes = []
    if layer.recent_from:
        share = percent(n_since(layer.years, layer.recent_from), layer.years.total())
        notes.append(
            f"Since {layer.recent_from}: how many of a theme's papers are of that year or later, "
            f"among those with a year; of all papers here it is {share}."
        )
    if has_stability:
        notes.append(
            "Stability: how often two papers of the theme are together again when the themes are "
            "found without a fifth of the papers; 1.00 is always."
        )
    if any(theme.is_unstable for theme in themes):
        notes.append(UNSTABLE)
    return notes


def theme_profile(layer: Layer, theme: ThemeRow, linked: Collection[int] = ()) -> Section:
    """What there is to say of one theme, for a reader of the whole atlas. `linked`: ids of the
    themes that have such a section."""
    members = layer.members(theme.id)
    years = layer.theme_years.get(theme.id, Counter())
    sections = [
        Section(
            "Typical papers",
            f"{theme_anchor(theme)}-typical",
            (PaperList(tuple(typical_papers(layer, theme, _N_TYPICAL))),),
        )
    ]
    if between := papers_between(layer, theme, near_themes(layer, theme)[:_N_NEAR], n_each=1):
        sections.append(
            Section(
                "Between it and others",
                f"{theme_anchor(theme)}-between",
                (PaperList(tuple(between)),),
            )
        )
    return Section(
        theme_name(theme),
        theme_anchor(theme),
        (
            Paragraph(line(_opening(layer, theme))),
            Facts(tuple(theme_facts(layer, theme, members, linked))),
        ),
        tuple(sections),
        theme=theme.id,
        years=layer.year_series(years),
    )


def _opening(layer: Layer, theme: ThemeRow) -> str:
    """Size, years and place in one or two sentences."""
    members, years = layer.members(theme.id), layer.theme_years.get(theme.id, Counter())
    told = f"{counted(len(members), 'paper')}, {percent(len(members), len(layer.rows))} of all"
    if years:
        told += f", {year_span(years)}"
    if layer.recent_from and years:
        is_dated = years.total() == len(members)
        told += f"; {_recent(layer, years, len(members))}{'' if is_dated else ' with a year'}"
        told += f" from {layer.recent_from} or later"
    for parent in themes_above(layer.material, theme)[:1]:
        told += f". Part of {one_line(parent.name)} ({counted(parent.size, 'paper')})"
    return f"{told}."


def themes_above(material: Material, theme: ThemeRow) -> list[ThemeRow]:
    """The themes that hold it, the smallest first; of those of the same papers only the finest."""
    above, last = [], theme
    while last.parent is not None:
        parent = material.themes_by_id[last.parent]
        if parent.size > last.size:
            above.append(parent)
        last = parent
    return above


def theme_facts(
    layer: Layer, theme: ThemeRow, members: Rows, linked: Collection[int] = ()
) -> list[Fact]:
    """Proof of the name, further words, venues, stability, nearest themes; what is unknown is
    left out."""
    facts = []
    if proof := name_proof(layer, theme):
        facts.append(Fact(_proof_title(theme), line(proof)))
    if terms := other_terms(theme):
        facts.append(Fact("Also said", line(", ".join(terms))))
    if venues := top_venues(layer, members, _N_VENUES):
        facts.append(Fact("Venues", line(venues)))
    if theme.stability is not None:
        held = ", it does not hold together" if theme.is_unstable else ""
        facts.append(Fact("Stability", line(f"{theme.stability:.2f}{held}")))
    if near := nearest_line(layer, theme, near_themes(layer, theme)[:_N_NEAR], linked):
        facts.append(Fact("Nearest themes", near))
    return facts


def _proof_title(theme: ThemeRow) -> str:
    """A name that a person or a language model gave is not proved by the papers' words."""
    proof = " ".join(theme.evidence).casefold()
    is_own = all(f"“{part.casefold()}”" in proof for part in theme.name.split(" / "))
    return "Its name" if is_own else "Its papers' words"


def name_proof(layer: Layer, theme: ThemeRow) -> str:
    """In how many papers the phrases of the name stand, and what tells it from its neighbour."""
    contrast = theme.contrast
    other = layer.material.themes_by_id.get(contrast.theme) if contrast else None
    parts = []
    for told in theme.evidence:
        part = one_line(told)
        if contrast and other and contrast.times > 1 and f"“{contrast.phrase}”" in told:
            part += f", {contrast.times:.1f} times as often as in {one_line(other.name)}"
        parts.append(part)
    if len(parts) > 1 and theme.covered_share:
        parts.append(f"one or the other in {percent(theme.covered_share)}")
    return "; ".join(parts)


def top_venues(layer: Layer, rows: Rows, n: int) -> str:
    """Such as `CVPR (21), ECCV (12) and 4 others`; "" where no paper names one."""
    counts = venue_counts(layer, rows)
    told = [f"{venue} ({count:,})" for venue, count in counts[:n]]
    if len(counts) > n:
        told.append(counted(len(counts) - n, "other venue"))
    return enumeration(told)


def venue_counts(layer: Layer, rows: Rows) -> list[tuple[str, int]]:
    """Venues of these papers with how many each has, most first."""
    papers = layer.material.papers
    counts = Counter(one_line(papers[row].venue or "") for row in rows.tolist())
    del counts[""]
    return sorted(counts.items(), key=lambda found: (-found[1], found[0]))


def typical_papers(layer: Layer, theme: ThemeRow, n: int) -> list[PaperItem]:
    """The theme's exemplars, best first, then its strongest papers."""
    members = layer.members(theme.id).tolist()
    strongest = sorted(members, key=lambda row: (-float(layer.strengths[row]), row))
    rows = list(dict.fromkeys([*theme.exemplars, *strongest]))[:n]
    return [paper_item(layer.material.papers[row]) for row in rows]


def near_themes(layer: Layer, theme: ThemeRow) -> list[NearTheme]:
    """The themes that any of its papers' nearest papers are in, most of them first."""
    return [near for near in layer.bridges.near_themes(theme.id) if near.share]


def nearest_line(
    layer: Layer, theme: ThemeRow, near: Sequence[NearTheme], linked: Collection[int] = ()
) -> Line:
    """Whose the papers are that are nearest to those of the theme."""
    if not layer.bridges.k:
        return ()
    within = percent(layer.bridges.share_within(theme.id))
    told: list[str | Span] = [
        f"{within} of the {layer.bridges.k} papers nearest to each of its papers are its own"
    ]
    for other in near:
        row = layer.material.themes_by_id[other.theme]
        anchor = theme_anchor(row) if row.id in linked else ""
        told += [f", {percent(other.share)} are in ", Span(one_line(row.name), anchor=anchor)]
    return line(*told)


def papers_between(
    layer: Layer, theme: ThemeRow, near: Sequence[NearTheme], *, n_each: int
) -> list[PaperItem]:
    """The theme's papers that stand between it and each of these themes."""
    found = []
    for other in near:
        name = quoted(layer.material.themes_by_id[other.theme].name)
        for between in layer.bridges.between(theme.id, other.theme)[:n_each]:
            remark = (
                f"{between.n_own} of its {between.n_nearest} nearest papers are in "
                f"{quoted(theme.name)}, {between.n_other} in {name}"
            )
            found.append(paper_item(layer.material.papers[between.row], remark))
    return found
