"""What commands print: tables for people, one JSON object for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from pipeline.artifacts import ThemeRow
    from pipeline.atlas import Atlas, PaperInAtlas, RelatedPaper
    from pipeline.papers import FileReport, Paper, PaperTable
    from pipeline.stages import BuildResult

_PLAIN_WIDTH = 100
_MAX_PROBLEMS = 20
_N_TERMS = 4


def print_json(name: str, values: dict[str, Any]) -> None:
    """One object, with its schema first."""
    schema = {"schema": f"paperatlas.{name}/1"}
    # Lone surrogates in a text are no UTF-8: escaped, they are still what was read.
    text = json.dumps({**schema, **values}, ensure_ascii=False)
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode() + "\n")


def print_build(result: BuildResult, *, as_json: bool) -> None:
    """What a build made, and what it made of each file."""
    if as_json:
        print_json("build", _build_values(result))
        return
    out = _console()
    merged = f", {result.n_merged:,} copies merged" if result.n_merged else ""
    aside = f", {result.n_set_aside:,} set aside" if result.n_set_aside else ""
    out.print(f"{result.n_records:,} records are {result.n_papers:,} papers{merged}{aside}.")
    _print_problems(out, result.reports)
    if result.cut_share:
        out.print(f"{result.cut_share:.0%} are longer than the model reads; their end is cut.")
    if not result.snapshot:
        out.print("A dry run: nothing was written.")
        return
    out.print(
        f"{_count(result.n_themes, 'theme')}; {result.unassigned_share:.0%} of papers unassigned."
    )
    out.print(f"Atlas:  {result.atlas}", soft_wrap=True)
    out.print(f"Map:    {result.atlas / 'map.html'}", soft_wrap=True)
    out.print(f"Figure: {result.atlas / 'map.png'}", soft_wrap=True)


def _build_values(result: BuildResult) -> dict[str, Any]:
    return {
        "atlas": str(result.atlas),
        "snapshot": result.snapshot,
        "records": result.n_records,
        "papers": result.n_papers,
        "merged": result.n_merged,
        "set_aside": result.n_set_aside,
        "themes": result.n_themes,
        "unassigned_share": round(result.unassigned_share, 4),
        "cut_share": round(result.cut_share, 4),
        "timings_s": result.timings_s,
    }


def print_reports(table: PaperTable, *, as_json: bool) -> None:
    """What became of each file."""
    if as_json:
        print_json("inspect", {"files": [_report_values(report) for report in table.reports]})
        return
    out = _console()
    counts = ("found", "imported", "merged", "set_aside")
    rows = _table("file", "format", *(name.replace("_", " ") for name in counts), right=counts)
    for report in table.reports:
        rows.add_row(
            _plain(report.file), report.format, *(f"{getattr(report, name):,}" for name in counts)
        )
    out.print(rows)
    _print_problems(out, table.reports)
    found = sum(report.found for report in table.reports)
    out.print(f"{found:,} records are {len(table.papers):,} papers.")


def _report_values(report: FileReport) -> dict[str, Any]:
    return {
        "file": report.file,
        "format": report.format,
        "found": report.found,
        "imported": report.imported,
        "merged": report.merged,
        "set_aside": report.set_aside,
        "problems": [{"line": p.line, "reason": p.reason} for p in report.problems],
    }


def _print_problems(out: Console, reports: Sequence[FileReport]) -> None:
    lines = [f"{r.file}:{p.line}: {p.reason}" for r in reports for p in r.problems]
    for line in lines[:_MAX_PROBLEMS]:
        out.print(_plain(line), soft_wrap=True)
    if len(lines) > _MAX_PROBLEMS:
        out.print(f"and {len(lines) - _MAX_PROBLEMS:,} more; paperatlas inspect --json lists all.")


def print_themes(atlas: Atlas, layer: int | None, *, as_json: bool) -> None:
    """The themes of one layer, or for programs of all."""
    if as_json:
        if layer is not None:
            atlas.themes(layer)  # refuses a layer that is not there
        layers = range(atlas.n_layers) if layer is None else [layer]
        values = [_layer_values(atlas, number) for number in layers]
        print_json("themes", {"default_layer": atlas.default_layer, "layers": values})
        return
    number = atlas.default_layer if layer is None else layer
    titles = dict(zip(atlas.ids, (_title(paper) for paper in atlas.papers), strict=True))
    rows = _table("id", "theme", "papers", "also said", "typical paper", right=("id", "papers"))
    for theme in atlas.themes(number):
        typical = titles[atlas.ids[theme.exemplars[0]]] if theme.exemplars else ""
        also = [term for term in theme.terms if term not in theme.name.split(" / ")][:_N_TERMS]
        rows.add_row(
            str(theme.id), _plain(theme.name), f"{theme.size:,}", ", ".join(also), _plain(typical)
        )
    out = _console()
    out.print(rows)
    others = [n for n in range(atlas.n_layers) if n != number]
    more = f" Other layers: {', '.join(map(str, others))} (--layer)." if others else ""
    unassigned = len(atlas.unassigned(number))
    out.print(
        f"Layer {number} of {atlas.n_layers}; {_count(unassigned, 'paper')} unassigned.{more}"
    )


def _layer_values(atlas: Atlas, layer: int) -> dict[str, Any]:
    return {
        "layer": layer,
        "themes": [
            {
                "id": theme.id,
                "name": theme.name,
                "size": theme.size,
                "terms": list(theme.terms),
                "evidence": list(theme.evidence),
                "exemplars": [atlas.ids[row] for row in theme.exemplars],
                "parent": theme.parent,
                "papers": atlas.members(theme),
            }
            for theme in atlas.themes(layer)
        ],
        "unassigned": atlas.unassigned(layer),
    }


def print_related(found: Sequence[RelatedPaper], *, as_json: bool) -> None:
    """Related papers, best first, each with its reasons."""
    if as_json:
        print_json("related", {"results": [_related_values(hit) for hit in found]})
        return
    out = _console()
    for hit in found:
        out.print(f"{hit.rank:>3}. {_plain(_title(hit.paper))}", highlight=False, soft_wrap=True)
        told = [f"{hit.score:.2f}", _who_and_when(hit.paper)]
        if hit.theme:
            told.append(f"theme: {_plain(hit.theme.name)}")
        told.append(_plain(hit.paper.id))
        out.print("     " + " · ".join(part for part in told if part), soft_wrap=True)
        for reason in hit.why:
            out.print(f"     - {_plain(reason)}", highlight=False, soft_wrap=True)


def _related_values(hit: RelatedPaper) -> dict[str, Any]:
    return {
        "rank": hit.rank,
        "id": hit.paper.id,
        "title": hit.paper.title,
        "authors": list(hit.paper.authors),
        "year": hit.paper.year,
        "score": round(hit.score, 6),
        "theme": None if hit.theme is None else _theme_values(hit.theme),
        "why": list(hit.why),
    }


def _theme_values(theme: ThemeRow) -> dict[str, Any]:
    return {"id": theme.id, "name": theme.name, "layer": theme.layer}


def print_paper(shown: PaperInAtlas, *, as_json: bool) -> None:
    """One paper with all that the atlas knows of it."""
    if as_json:
        print_json("show", _paper_values(shown))
        return
    out, paper = _console(), shown.paper
    out.print(_plain(_title(paper)), style="bold", soft_wrap=True)
    facts = [_who_and_when(paper), paper.venue, paper.category, paper.doi, paper.url]
    out.print(" · ".join(_plain(fact) for fact in facts if fact), soft_wrap=True)
    out.print(f"id {_plain(paper.id)}" + "".join(f", {_plain(a)}" for a in paper.aliases))
    out.print()
    out.print(_plain(paper.abstract) or "(no abstract)", highlight=False)
    out.print()
    for of in shown.themes:
        fit = "" if of.strength >= 0.2 else ", fits badly"
        out.print(
            f"theme {of.theme.id}: {_plain(of.theme.name)} "
            f"(layer {of.theme.layer}, strength {of.strength:.2f}{fit})"
        )
    if not shown.themes:
        out.print("in no theme")
    for hit in shown.neighbours:
        out.print(f"near {hit.score:.2f}: {_plain(_title(hit.paper))}  {_plain(hit.paper.id)}")
    for record in shown.records:
        for source in record.sources:
            title = _plain(record.title) or "(no title)"
            out.print(f"from {_plain(source.file)}:{source.line}: {title}", soft_wrap=True)


def _paper_values(shown: PaperInAtlas) -> dict[str, Any]:
    paper = shown.paper
    return {
        "id": paper.id,
        "aliases": list(paper.aliases),
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "authors_truncated": paper.authors_truncated,
        "affiliations": list(paper.affiliations),
        "year": paper.year,
        "date": paper.date,
        "category": paper.category,
        "venue": paper.venue,
        "doi": paper.doi,
        "url": paper.url,
        "keywords": list(paper.keywords),
        "code": paper.code,
        "score": paper.score,
        "raw_title": paper.raw_title,
        "raw_abstract": paper.raw_abstract,
        "themes": [
            {**_theme_values(of.theme), "strength": round(of.strength, 4)} for of in shown.themes
        ],
        "neighbours": [
            {"id": hit.paper.id, "title": hit.paper.title, "score": round(hit.score, 6)}
            for hit in shown.neighbours
        ],
        "versions": [
            {"id": record.id, "title": record.title, "abstract": record.abstract}
            for record in shown.records
        ],
        "sources": [{"file": s.file, "line": s.line} for s in paper.sources],
    }


def _console() -> Console:
    from rich.console import Console

    # Off a terminal there is no width to ask for, and colours would be noise.
    width = None if sys.stdout.isatty() else _PLAIN_WIDTH
    return Console(width=width, markup=False, highlight=False, emoji=False)


def _table(*columns: str, right: Sequence[str] = ()) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        counts = column.replace(" ", "_") in right
        table.add_column(column, justify="right" if counts else "left", overflow="fold")
    return table


def _plain(text: str) -> str:
    """Text from a file as one line that cannot steer a terminal or break its encoding."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    encoding = sys.stdout.encoding or "utf-8"
    return line.encode(encoding, "replace").decode(encoding)


def _title(paper: Paper) -> str:
    return paper.title or f"“{paper.abstract[:80]}…”"


def _who_and_when(paper: Paper) -> str:
    names = ", ".join(paper.authors[:3])
    if len(paper.authors) > 3 or (names and paper.authors_truncated):
        names += " et al."
    return _plain(" ".join(part for part in (names, str(paper.year or "")) if part))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
