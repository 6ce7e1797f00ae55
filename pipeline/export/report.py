"""Write a report to be read: themes, typical papers, years, and how all of it was made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts import Manifest, Memberships, ThemeRow
from pipeline.export.files import Written, write_text
from pipeline.export.markdown import escaped
from pipeline.export.selection import Selection
from pipeline.membership import Trust, trust_from
from pipeline.papers import Paper
from pipeline.render import MapView, map_view, put_file, render_figure, render_years
from pipeline.render.wording import display_title, paper_link
from pipeline.settings import Settings, as_dict

_MAP, _YEARS = "report-map.png", "report-years.png"
_N_TERMS = 3
_N_TYPICAL = 3
_N_AUTHORS = 3


@dataclass(frozen=True, slots=True)
class _Facts:
    """What one look at every paper tells; papers by their positions."""

    n_papers: int = 0
    years: Counter[int] = field(default_factory=Counter)
    theme_years: Mapping[int, Counter[int]] = field(default_factory=dict)
    """By the theme's id, -1 for none."""
    doubtful: Sequence[Paper] = ()
    """Retracted and withdrawn ones."""


def write_report(selection: Selection, folder: Path, name: str) -> list[Written]:
    """Write `report.md` and its two figures; the map is that of the papers chosen."""
    papers = [entry.paper for entry in selection]  # the map shows all of them
    facts = _facts_of(papers, selection.theme_ids[selection.layer].tolist())
    picture = render_figure(_view_of(selection, papers), layer=selection.layer, dpi=150)
    put_file(folder / _MAP, picture)
    written = [Written(folder / _MAP, name, "paper", len(papers))]
    if facts.years:
        put_file(folder / _YEARS, render_years(facts.years, dpi=150))
        written.append(Written(folder / _YEARS, name, "paper", facts.years.total()))
    lines = list(_lines(selection, facts))
    path = folder / "report.md"
    write_text(path, lambda file: file.write("".join(f"{line}\n" for line in lines)))
    return [Written(path, name, "theme", len(selection.themes)), *written]


def _facts_of(papers: Sequence[Paper], theme_ids: Sequence[int]) -> _Facts:
    theme_years: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for paper, theme in zip(papers, theme_ids, strict=True):
        if paper.year:
            theme_years[theme][paper.year] += 1
    years = sum(theme_years.values(), Counter[int]())
    return _Facts(len(papers), years, theme_years, [paper for paper in papers if paper.status])


def _view_of(selection: Selection, papers: Sequence[Paper]) -> MapView:
    """The map of the papers chosen, with their themes in all layers."""
    memberships, snapshot = selection.snapshot.memberships, selection.snapshot
    sizes = Counter(selection.theme_ids.reshape(-1).tolist())
    themes = [replace(t, size=sizes[t.id]) for t in snapshot.themes() if sizes[t.id]]
    chosen = Memberships(
        selection.theme_ids, memberships.strengths[:, selection.rows], memberships.default_layer
    )
    layout = snapshot.layout[selection.rows]
    return map_view(snapshot.content_digest, papers, themes, chosen, layout)


def _lines(selection: Selection, facts: _Facts) -> Iterator[str]:
    manifest = selection.snapshot.manifest
    yield from _opening(selection, facts)
    yield from _themes_table(selection, facts)
    yield from _typical_papers(selection)
    if facts.doubtful:
        yield from _doubtful_papers(facts.doubtful)
    if facts.years:
        yield from _years_table(facts)
    trust = trust_from(manifest.details.facts.get("themes", {}), selection.layer)
    yield from _making(selection, manifest, trust)


def _opening(selection: Selection, facts: _Facts) -> Iterator[str]:
    chosen = selection.chosen
    if chosen.query is not None:
        yield f"# Papers on “{escaped(chosen.query)}”"
    elif chosen.theme is not None:
        yield f"# Theme report: {escaped(chosen.theme.name)}"
    else:
        yield f"# Themes of {_count(len(selection), 'paper')}"
    yield ""
    told = f"{_count(len(selection), 'paper')}{_span(facts.years, ' from {}')}"
    n_unassigned = len(selection.positions_in(None))
    told += f" in {_count(len(selection.themes), 'theme')}"
    if n_unassigned:
        told += f"; {n_unassigned:,} {'is' if n_unassigned == 1 else 'are'} in none"
    if not selection.is_whole:
        told += (
            f". They are some of the {_count(selection.snapshot.n_papers, 'paper')} of the atlas"
        )
    yield f"{told}."
    yield ""
    yield f"![Map of the papers, coloured and named by theme]({_MAP})"
    yield ""


def _themes_table(selection: Selection, facts: _Facts) -> Iterator[str]:
    yield "## Themes"
    yield ""
    rows = [("theme", "papers", "years", "also said")]
    for theme in selection.themes:
        terms = [term for term in theme.terms if term not in theme.name.split(" / ")]
        rows.append(
            (
                _name(theme),
                f"{len(selection.positions_in(theme)):,}",
                _span(facts.theme_years.get(theme.id, Counter()), "{}"),
                escaped(", ".join(terms[:_N_TERMS])),
            )
        )
    yield from _table(rows, numbers=(1,))
    if any(theme.is_unstable for theme in selection.themes):
        yield ""
        yield (
            "A theme marked (unstable) does not hold together: two of its papers are together less "
            "than half of the time when a fifth of the papers is missing."
        )
    yield ""


def _typical_papers(selection: Selection) -> Iterator[str]:
    yield "## Typical papers"
    yield ""
    for theme in selection.themes:
        positions = selection.positions_in(theme)
        yield f"### {_name(theme)}"
        yield ""
        why = "; ".join(theme.evidence)
        told = _count(len(positions), "paper")
        if len(positions) < theme.size:
            told = f"{len(positions):,} of the theme's {_count(theme.size, 'paper')}"
        yield f"{told}{f'. Its name: {escaped(why)}' if why else ''}."
        yield ""
        for entry in selection.entries(_most_typical(selection, theme, positions)):
            yield f"- {_told(entry.paper)}"
        yield ""


def _most_typical(
    selection: Selection, theme: ThemeRow, positions: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Positions of the theme's exemplars that are here, else of its strongest papers."""
    if selection.chosen.query:
        return positions[:_N_TYPICAL]
    strengths = selection.snapshot.memberships.strengths[selection.layer][selection.rows[positions]]
    place = {row: i for i, row in enumerate(theme.exemplars)}
    ranks = np.array([place.get(row, len(place)) for row in selection.rows[positions].tolist()])
    return positions[np.lexsort((positions, -strengths, ranks))][:_N_TYPICAL]


def _doubtful_papers(papers: Sequence[Paper]) -> Iterator[str]:
    yield "## Retracted and withdrawn papers"
    yield ""
    for paper in papers:
        yield f"- {(paper.status or '').capitalize()}: {_told(paper)}"
    yield ""


def _years_table(facts: _Facts) -> Iterator[str]:
    yield "## Papers by year"
    yield ""
    yield f"![Bars: papers of each year]({_YEARS})"
    yield ""
    rows = [("year", "papers"), *((str(y), f"{facts.years[y]:,}") for y in sorted(facts.years))]
    yield from _table(rows, numbers=(1,))
    if n_without := facts.n_papers - facts.years.total():
        yield ""
        yield f"{_count(n_without, 'paper')} {'has' if n_without == 1 else 'have'} no year."
    yield ""


def _making(selection: Selection, manifest: Manifest, trust: Trust) -> Iterator[str]:
    """Whatever another person needs to make the same."""
    details, settings = manifest.details, manifest.details.settings
    n_files = len(details.input_digests)
    read = f"{_count(manifest.n_records, 'record')} of {_count(n_files, 'file')}"
    yield "## How this was made"
    yield ""
    yield f"- Papers: {read}, which are {_count(manifest.n_papers, 'paper')} without their copies."
    yield (
        f"- Model: {escaped(details.model_name)}, {manifest.dim} dimensions "
        f"(SHA-256 {details.model_digest[:12]})."
    )
    yield f"- Themes: layer {selection.layer} of {len(selection.theme_ids)}, 0 being the finest."
    if trust.stability is not None:
        yield (
            f"- Trust: two papers of one theme stay together {trust.stability:.0%} of the time "
            "when a fifth of the papers is missing and the themes are found again."
        )
    told = _settings(settings)
    others = f", other than the defaults: {escaped(told)}" if told else ": the defaults"
    yield f"- Seed: {details.seed}. Settings{others}."
    versions = ", ".join(f"{name} {told}" for name, told in details.library_versions.items())
    yield f"- Versions: {escaped(versions)}."
    yield f"- Snapshot: {manifest.snapshot}, built {manifest.created[:10]}."
    yield f"- Content: SHA-256 {manifest.content_digest}. The snapshot's manifest.json tells all."


def _settings(settings: Mapping[str, Any]) -> str:
    """Those that are not the defaults, by dotted name as `--set` takes them."""
    usual = as_dict(Settings())
    told = [
        f"{section}.{name}={value}"
        for section, values in settings.items()
        if isinstance(values, Mapping)
        for name, value in values.items()
        if value != usual.get(section, {}).get(name)
    ]
    return ", ".join(told)


def _told(paper: Paper) -> str:
    """Title, authors, year, venue and address in one line."""
    names = ", ".join(paper.authors[:_N_AUTHORS])
    if len(paper.authors) > _N_AUTHORS or (names and paper.authors_truncated):
        names += " et al."
    facts = (names, str(paper.year or ""), paper.venue or "")
    known = ", ".join(escaped(fact) for fact in facts if fact)
    link = paper_link(paper)
    sentences = [_ended(escaped(display_title(paper))), _ended(known), f"<{link}>" if link else ""]
    return " ".join(sentence for sentence in sentences if sentence)


def _ended(text: str) -> str:
    """The text with the full stop that it may lack; nothing stays nothing."""
    return f"{text}." if text and text[-1] not in ".?!" else text


def _name(theme: ThemeRow) -> str:
    return f"{escaped(theme.name)}{' (unstable)' if theme.is_unstable else ''}"


def _table(rows: Sequence[Sequence[str]], *, numbers: Sequence[int]) -> Iterator[str]:
    """A table whose columns stand below each other in plain text too."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = (
            cell.rjust(width) if column in numbers else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield f"| {' | '.join(cells)} |"
        if number == 0:
            marks = (
                "-" * (w + 1) + ":" if column in numbers else "-" * (w + 2)
                for column, w in enumerate(widths)
            )
            yield f"|{'|'.join(marks)}|"


def _span(years: Counter[int], told: str) -> str:
    """Such as `2019 to 2024` in the place of the braces; "" without years."""
    if not years:
        return ""
    first, last = min(years), max(years)
    return told.format(first if first == last else f"{first} to {last}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
