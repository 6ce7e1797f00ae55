"""The report on a whole atlas."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.artifacts import ThemeRow
from pipeline.report.cautions import cautions_section, trust_section
from pipeline.report.counts import venues_section, years_section
from pipeline.report.document import (
    Block,
    Document,
    Fact,
    Facts,
    Paragraph,
    Picture,
    Section,
    Span,
    line,
)
from pipeline.report.growth import differs, n_since
from pipeline.report.making import citing_section, making_section
from pipeline.report.material import Layer, Material
from pipeline.report.phrasing import counted, enumeration, percent, quoted, year_span
from pipeline.report.themes import theme_profile, theme_table, venue_counts

MAP_PICTURE = "map"
N_DETAILED = 60
"""Themes that have a section of their own in the report on an atlas; all are in its table."""
_OF_ONE_THEME = "paperatlas export ATLAS --format report --theme NAME -o DIR"
_N_NAMED = 3
_FEWEST = 10  # papers with a year, of a theme that is said to grow


def report_on_atlas(material: Material, layer_number: int, *, version: str) -> Document:
    """The report on all papers, with the themes of one layer."""
    layer = Layer(material, layer_number)
    detailed = layer.themes[:N_DETAILED]
    parts = [
        _themes_section(layer, detailed),
        _profiles_section(layer, detailed),
        years_section(layer.years, len(layer.rows)),
        venues_section(layer),
        cautions_section(layer),
        trust_section(layer),
        making_section(layer),
        citing_section(material, version),
    ]
    title = f"{counted(len(layer.rows), 'paper')} in {counted(len(layer.themes), 'theme')}"
    return Document(
        title,
        subtitle(material, version),
        (
            headline(layer),
            Paragraph(line(" ".join(_findings(layer)))),
            Picture(
                MAP_PICTURE,
                f"Map of the papers, coloured and named by theme: {title}",
                "Each dot is a paper; papers about the same things lie together.",
            ),
        ),
        tuple(part for part in parts if part),
    )


def subtitle(material: Material, version: str) -> str:
    """What made the report, and from what."""
    return f"A report by paperatlas {version} on the atlas {material.content_digest[:12]}"


def headline(layer: Layer) -> Facts:
    """How much there is, in a few figures."""
    facts = [Fact("Papers", line(f"{len(layer.rows):,}"))]
    if len(layer.rows) == len(layer.material.papers):
        facts.append(Fact("Records", line(f"{layer.material.n_records:,}")))
    facts.append(Fact("Themes", line(f"{len(layer.themes):,}")))
    if layer.years:
        facts.append(Fact("Years", line(year_span(layer.years))))
    if venues := venue_counts(layer, layer.rows):
        facts.append(Fact("Venues", line(f"{len(venues):,}")))
    facts.append(Fact("In no theme", line(f"{layer.n_unassigned:,}")))
    return Facts(tuple(facts), is_headline=True)


def _findings(layer: Layer) -> list[str]:
    """What a reader would tell others, in sentences."""
    told = [_opening(layer)]
    if len(layer.themes) > 1:
        told.append(largest_themes(layer))
    told += changing_themes(layer)
    trust = layer.material.trust(layer.number)
    if trust.stability is not None and len(layer.themes) > 1:
        told.append(
            "When the themes are found again without a fifth of the papers, two papers of one "
            f"theme are still together {percent(trust.stability)} of the time{_unstable(layer)}."
        )
    return told


def _opening(layer: Layer) -> str:
    n_papers, n_themes = len(layer.rows), len(layer.themes)
    told = counted(n_papers, "paper")
    if layer.years:
        told += f" {'of' if len(layer.years) == 1 else 'from'} {year_span(layer.years, ' to ')}"
    if not n_themes:
        return f"{told}. No theme was found among them."
    told += f" {'falls' if n_papers == 1 else 'fall'} into {counted(n_themes, 'theme')}"
    if layer.n_unassigned:
        is_one = layer.n_unassigned == 1
        told += f"; {layer.n_unassigned:,} {'is' if is_one else 'are'} in none"
    return f"{told}."


def largest_themes(layer: Layer, noun: str = "theme") -> str:
    """The largest themes and how much they hold."""
    named = [
        f"{quoted(theme.name)} ({counted(len(layer.members(theme.id)), 'paper')})"
        for theme in layer.themes[:_N_NAMED]
    ]
    n_top = min(10, len(layer.themes))
    held = sum(len(layer.members(theme.id)) for theme in layer.themes[:n_top])
    told = f"The largest {noun}s are {enumeration(named)}"
    if n_top < len(layer.themes):
        told += f"; the ten largest hold {percent(held, len(layer.rows))} of all papers"
    return f"{told}."


def changing_themes(layer: Layer) -> list[str]:
    """Which themes have more of the recent papers than chance gives them, and which have fewer."""
    first = layer.recent_from
    if first is None or len(layer.themes) < 2:
        return []
    overall = n_since(layer.years, first) / layer.years.total()
    rising, fading = [], []
    for theme in layer.themes:
        years = layer.theme_years[theme.id]
        recent, total = n_since(years, first), years.total()
        if total < _FEWEST:
            continue
        found = (recent / total, f"{quoted(theme.name)} ({percent(recent, total)})")
        match differs(recent, total, overall):
            case 1:
                rising.append(found)
            case -1:
                fading.append(found)
    told = []
    most = [name for _, name in sorted(rising, key=lambda found: -found[0])[:_N_NAMED]]
    least = [name for _, name in sorted(fading, key=lambda found: found[0])[:_N_NAMED]]
    if most:
        told.append(
            f"Of all papers {percent(overall)} are from {first} or later; the share is highest in "
            f"{enumeration(most)}{f', lowest in {enumeration(least)}' if least else ''}."
        )
    return told


def _unstable(layer: Layer) -> str:
    n = sum(theme.is_unstable for theme in layer.themes)
    if not n:
        return ""
    return f"; {counted(n, 'theme')} {'does' if n == 1 else 'do'} not hold together then"


def _themes_section(layer: Layer, detailed: Sequence[ThemeRow]) -> Section | None:
    if not layer.themes:
        return None
    caption = f"{counted(len(layer.themes), 'theme')}, largest first"
    return Section("Themes", "themes", tuple(theme_table(layer, caption, layer.themes, detailed)))


def _profiles_section(layer: Layer, detailed: Sequence[ThemeRow]) -> Section | None:
    if not detailed:
        return None
    notes: list[Block] = []
    if n_left := len(layer.themes) - len(detailed):
        told = line(
            f"These are the {len(detailed)} largest themes. Of the other {n_left:,}, which the "
            "table has too, ",
            Span(_OF_ONE_THEME, is_code=True),
            " writes a report each; ",
            Span("--layer", is_code=True),
            " chooses a layer of fewer and broader themes.",
        )
        notes.append(Paragraph(told, is_note=True))
    if any(f" of {theme.size} papers" not in told for theme in detailed for told in theme.evidence):
        told = line("The phrases of a name are counted in the papers that it was chosen from.")
        notes.append(Paragraph(told, is_note=True))
    linked = {theme.id for theme in detailed}
    profiles = tuple(theme_profile(layer, theme, linked) for theme in detailed)
    return Section("Theme by theme", "profiles", tuple(notes), profiles)
