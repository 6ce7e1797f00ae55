"""The report on one theme, and the one on the papers that answer a query."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.artifacts import ThemeRow
from pipeline.membership import tier_of
from pipeline.papers import Paper
from pipeline.papers.plain import one_line
from pipeline.report.bridges import Bridges, NearTheme
from pipeline.report.cautions import cautions_section
from pipeline.report.counts import authors_section, venues_section, years_section
from pipeline.report.document import (
    Block,
    Cell,
    Column,
    Document,
    Fact,
    Facts,
    PaperItem,
    PaperList,
    Paragraph,
    Picture,
    Section,
    Span,
    Table,
    cell,
    line,
)
from pipeline.report.making import citing_section, making_section
from pipeline.report.material import Layer, Material, Rows
from pipeline.report.overview import (
    MAP_PICTURE,
    changing_themes,
    headline,
    largest_themes,
    subtitle,
)
from pipeline.report.phrasing import counted, enumeration, paper_item, percent, quoted, year_span
from pipeline.report.themes import (
    near_themes,
    papers_between,
    theme_facts,
    theme_name,
    theme_table,
    themes_above,
    top_venues,
    typical_papers,
)

_N_TYPICAL = 5
_N_LISTED = 8
_N_NEAR = 6
_N_BETWEEN = 3
_MOST_PAPERS = 200


def report_on_theme(
    material: Material, theme: ThemeRow, layer_number: int, *, version: str
) -> Document:
    """The report on one theme. `layer_number`: the layer of its sub-themes; that of the theme
    itself, or a coarser one, stands for the next finer one."""
    layer = Layer(material, theme.layer)
    own = Layer(material, theme.layer, layer.members(theme.id))
    parts = sub_themes(material, theme, layer_number)
    sections = [
        _place_section(own, theme, parts),
        _papers_section(layer, theme),
        _bridges_section(layer, theme),
        years_section(own.years, len(own.rows)),
        venues_section(own),
        authors_section(material, own.rows),
        _all_papers_section(layer, theme),
        cautions_section(own),
        making_section(own),
        citing_section(material, version),
    ]
    name = one_line(theme.name)
    return Document(
        f"Theme: {name}",
        subtitle(material, version),
        (
            _headline(own, theme, parts),
            Paragraph(line(" ".join(_findings(layer, own, theme, parts)))),
            Picture(
                MAP_PICTURE,
                f"Map of the atlas with the papers of {name} in front",
                "In colour the papers of the theme, in grey all others.",
            ),
        ),
        tuple(section for section in sections if section),
    )


def sub_themes(material: Material, theme: ThemeRow, layer_number: int) -> Layer | None:
    """The theme's papers in a finer layer: that of this number, or the next finer one where it is
    not finer; finer still where it has all of them in one theme. None where no layer divides it."""
    first = layer_number if layer_number < theme.layer else theme.layer - 1
    rows = Layer(material, theme.layer).members(theme.id)
    for finer in range(first, -1, -1):
        parts = Layer(material, finer, rows)
        if not any(len(parts.members(part.id)) == len(rows) for part in parts.themes):
            return parts
    return None


def _headline(own: Layer, theme: ThemeRow, parts: Layer | None) -> Facts:
    facts = [fact for fact in headline(own).facts if fact.name not in {"Themes", "In no theme"}]
    if parts is not None:
        facts.append(Fact("Sub-themes", line(f"{len(parts.themes):,}")))
    if theme.stability is not None:
        facts.append(Fact("Stability", line(f"{theme.stability:.2f}")))
    return Facts(tuple(facts), is_headline=True)


def _findings(layer: Layer, own: Layer, theme: ThemeRow, parts: Layer | None) -> list[str]:
    n_all = len(layer.rows)
    told = f"{quoted(theme.name)} has {len(own.rows):,} of the atlas's {counted(n_all, 'paper')}"
    told += f" ({percent(len(own.rows), n_all)})"
    if own.years:
        told += f", {'of' if len(own.years) == 1 else 'from'} {year_span(own.years, ' to ')}"
    sentences = [f"{told}."]
    if parts is not None and len(parts.themes) > 1:
        sentences.append(largest_themes(parts, "sub-theme"))
        sentences += changing_themes(parts)
    if venues := top_venues(own, own.rows, 3):
        sentences.append(f"Its papers appeared in {venues}.")
    if near := near_themes(layer, theme)[:3]:
        names = [quoted(layer.material.themes_by_id[other.theme].name) for other in near]
        sentences.append(f"Nearest to it {'are' if len(names) > 1 else 'is'} {enumeration(names)}.")
    if theme.is_unstable:
        sentences.append("It does not hold together: read it with care.")
    return sentences


def _place_section(own: Layer, theme: ThemeRow, parts: Layer | None) -> Section:
    """Proof of the name, the themes above it and those inside it."""
    facts = theme_facts(own, theme, own.rows)
    if above := themes_above(own.material, theme):
        named = [f"{one_line(other.name)} ({counted(other.size, 'paper')})" for other in above]
        facts.insert(0, Fact("Part of", line(", in ".join(named))))
    blocks: list[Block] = [Facts(tuple(facts))]
    if parts is not None and parts.themes:
        caption = f"{counted(len(parts.themes), 'sub-theme')}, largest first"
        blocks += theme_table(parts, caption, parts.themes)
    return Section("Name and place", "place", tuple(blocks), theme=theme.id)


def _papers_section(layer: Layer, theme: ThemeRow) -> Section:
    """Papers to begin with: typical, central, recent and doubtful ones."""
    parts = [
        _listed(
            "Typical papers",
            "typical",
            "Together they cover the theme; the first is nearest to its middle.",
            typical_papers(layer, theme, _N_TYPICAL),
        ),
        _listed(
            "Central papers",
            "central",
            "They are among the nearest papers of most others of the theme.",
            _central_papers(layer, theme),
        ),
        _listed("Most recent papers", "recent", "", _recent_papers(layer, theme)),
        _listed(
            "Papers at the fringe",
            "fringe",
            "They belong to the theme least firmly: the strength is the chance to stay in it when "
            "a fifth of the papers is missing.",
            _fringe_papers(layer, theme),
        ),
    ]
    return Section("Papers to know", "papers", (), tuple(part for part in parts if part))


def _listed(title: str, anchor: str, what: str, papers: Sequence[PaperItem]) -> Section | None:
    if not papers:
        return None
    blocks: list[Block] = [Paragraph(line(what), is_note=True)] if what else []
    return Section(title, anchor, (*blocks, PaperList(tuple(papers))))


def _central_papers(layer: Layer, theme: ThemeRow) -> list[PaperItem]:
    rows = layer.members(theme.id)
    counts = layer.bridges.n_nearest_to(rows).tolist()
    papers, k = layer.material.papers, layer.bridges.k
    order = sorted(range(len(rows)), key=lambda place: (-counts[place], place))
    return [
        paper_item(papers[rows[i]], f"among the {k} nearest of {counted(counts[i], 'other')} here")
        for i in order[:_N_LISTED]
        if counts[i]
    ]


def _recent_papers(layer: Layer, theme: ThemeRow) -> list[PaperItem]:
    """Of a large theme; the list of all papers of a small one begins with them."""
    rows = layer.members(theme.id).tolist()
    if len(rows) <= 2 * _N_LISTED:
        return []
    dated = [row for row in rows if layer.material.papers[row].year]
    newest = _newest_first(layer, dated)[:_N_LISTED]
    return [paper_item(layer.material.papers[row]) for row in newest]


def _newest_first(layer: Layer, rows: Sequence[int]) -> list[int]:
    """By year and date, those of one day by strength; those without a year at the end."""

    def key(row: int) -> tuple[int, str, float, int]:
        paper = layer.material.papers[row]
        return paper.year or 0, _day(paper), float(layer.strengths[row]), -row

    return sorted(rows, key=key, reverse=True)


def _day(paper: Paper) -> str:
    return paper.date if paper.date and paper.date.startswith(str(paper.year)) else ""


def _fringe_papers(layer: Layer, theme: ThemeRow) -> list[PaperItem]:
    rows = [
        row
        for row in layer.members(theme.id).tolist()
        if tier_of(float(layer.strengths[row])) == "fringe"
    ]
    weakest = sorted(rows, key=lambda row: (float(layer.strengths[row]), row))[:_N_LISTED]
    return [
        paper_item(
            layer.material.papers[row],
            f"strength {layer.strengths[row]:.2f}{_leaning(layer, theme, row)}",
        )
        for row in weakest
    ]


def _leaning(layer: Layer, theme: ThemeRow, row: int) -> str:
    """The other theme that most of its nearest papers are in."""
    others = [
        (other, n)
        for other, n in layer.bridges.nearest_themes_of(row)
        if other not in {theme.id, -1}
    ]
    if not others:
        return ""
    other, n = others[0]
    name = quoted(layer.material.themes_by_id[other].name)
    return f"; {n} of its {layer.bridges.k} nearest papers are in {name}"


def _bridges_section(layer: Layer, theme: ThemeRow) -> Section | None:
    """The themes around it, and the papers between, from here and from there."""
    near = near_themes(layer, theme)
    if not near:
        return None
    shown = near[:_N_NEAR]
    blocks: list[Block] = [
        _near_table(layer, shown),
        Paragraph(line(_near_note(layer.bridges, theme, near)), is_note=True),
    ]
    by_id = layer.material.themes_by_id
    back = NearTheme(theme.id, 0.0, 0.0)
    here = papers_between(layer, theme, shown, n_each=_N_BETWEEN)
    there = [
        item
        for other in shown
        for item in papers_between(layer, by_id[other.theme], [back], n_each=_N_BETWEEN)
    ]
    told = "Of the nearest papers of each, at least a quarter is in either theme."
    parts = [
        _listed("From here", "from-here", told, here),
        _listed("From there", "from-there", told, there),
    ]
    return Section(
        "Bridges to other themes", "bridges", tuple(blocks), tuple(part for part in parts if part)
    )


def _near_table(layer: Layer, near: Sequence[NearTheme]) -> Table:
    columns = (
        Column("theme"),
        Column("papers", is_number=True),
        Column("from here", is_number=True),
        Column("from there", is_number=True),
    )
    most = max(max(other.share, other.back) for other in near)
    rows = []
    for other in near:
        row = layer.material.themes_by_id[other.theme]
        rows.append(
            (
                Cell(line(Span(theme_name(row))), theme=row.id),
                cell(f"{row.size:,}"),
                cell(percent(other.share), share=other.share / most),
                cell(percent(other.back), share=other.back / most),
            )
        )
    return Table("Nearest themes", columns, tuple(rows))


def _near_note(bridges: Bridges, theme: ThemeRow, near: Sequence[NearTheme]) -> str:
    told = (
        f"From here: the share of the {bridges.k} nearest papers of each paper of this theme that "
        f"are in the other; {percent(bridges.share_within(theme.id))} are in this theme itself. "
        "From there: the same the other way round."
    )
    if len(near) > _N_NEAR:
        left = sum(other.share for other in near[_N_NEAR:])
        told += f" In {counted(len(near) - _N_NEAR, 'more theme')} together are {percent(left)}."
    return told


def _all_papers_section(layer: Layer, theme: ThemeRow) -> Section:
    """The theme's papers, newest first; of a large theme the strongest."""
    rows = layer.members(theme.id).tolist()
    strongest = sorted(rows, key=lambda row: (-float(layer.strengths[row]), row))[:_MOST_PAPERS]
    items = [paper_item(layer.material.papers[row]) for row in _newest_first(layer, strongest)]
    blocks: list[Block] = [PaperList(tuple(items))]
    if len(rows) > _MOST_PAPERS:
        told = line(
            f"These are the {_MOST_PAPERS} papers that belong to the theme most firmly, newest "
            f"first. All {len(rows):,}: ",
            Span(f"paperatlas export ATLAS --format csv --theme {theme.id} -o DIR", is_code=True),
        )
        blocks.insert(0, Paragraph(told, is_note=True))
    return Section("The papers, newest first", "all-papers", tuple(blocks))


def report_on_query(
    material: Material,
    query: str,
    rows: Rows,
    layer_number: int,
    *,
    theme: ThemeRow | None = None,
    version: str,
) -> Document:
    """The report on the papers that answer a query. `rows`: theirs, best first; `theme`: the one
    that they were looked for in."""
    layer = Layer(material, layer_number, rows)
    asked = f"Papers on “{one_line(query)}”"
    told = f"{counted(len(rows), 'paper')} of the atlas's {len(material.papers):,}"
    if theme is not None:
        told += f", of those in {one_line(theme.name)},"
    told += f" {'answers' if len(rows) == 1 else 'answer'} best"
    told += f"; they are in {counted(len(layer.themes), 'theme')}" if layer.themes else ""
    items = tuple(paper_item(material.papers[row]) for row in rows.tolist())
    caption = f"{counted(len(layer.themes), 'theme')} of these papers"
    themes = Section("Themes", "themes", tuple(theme_table(layer, caption, layer.themes)))
    sections = [
        Section("The papers, best first", "papers", (PaperList(items),)),
        themes if layer.themes else None,
        years_section(layer.years, len(rows)),
        venues_section(layer),
        cautions_section(layer),
        making_section(layer),
        citing_section(material, version),
    ]
    return Document(
        asked,
        subtitle(material, version),
        (
            headline(layer),
            Paragraph(line(f"{told}.")),
            Picture(
                MAP_PICTURE, f"Map: {asked}", "Ringed the papers that answer, in grey all others."
            ),
        ),
        tuple(section for section in sections if section),
    )
