"""What a reader should know before believing an atlas."""

from __future__ import annotations

from collections import Counter

from pipeline.layout_quality import FAR_PRESERVATION, LayoutQuality
from pipeline.papers import ProblemKind
from pipeline.papers.plain import one_line
from pipeline.report.document import (
    Block,
    Line,
    Listing,
    PaperList,
    Paragraph,
    Section,
    line,
)
from pipeline.report.material import Layer, Material
from pipeline.report.phrasing import counted, enumeration, paper_item, percent, quoted

_MOST_NAMED = 8
_MOST_DOUBTFUL = 40


def cautions_section(layer: Layer) -> Section:
    """All that was found to be doubtful, and the papers that were retracted or withdrawn."""
    told = [*_about_themes(layer), *_about_papers(layer), *_about_reading(layer.material)]
    block: Block = Listing(tuple(line(one) for one in told))
    if not told:
        block = Paragraph(
            line(
                "Nothing was found: every theme holds together, every paper is in one and has an "
                "abstract and a year, and every record was read without a doubt."
            )
        )
    doubtful = doubtful_section(layer)
    return Section(
        "What to be careful about", "cautions", (block,), (doubtful,) if doubtful else ()
    )


def _about_themes(layer: Layer) -> list[str]:
    n_papers, told = len(layer.rows), []
    if not layer.themes:
        told.append("No theme was found: the papers are too few, or too little alike.")
    elif len(layer.themes) == 1:
        told.append("This layer has a single theme: it does not part the papers.")
    unstable = [quoted(theme.name) for theme in layer.themes if theme.is_unstable]
    if unstable:
        names = unstable[:_MOST_NAMED]
        if len(unstable) > len(names):
            names.append(f"{len(unstable) - len(names)} more that the table marks")
        does = "does" if len(unstable) == 1 else "do"
        told.append(
            f"{len(unstable)} of {counted(len(layer.themes), 'theme')} {does} not hold together "
            f"when a fifth of the papers is missing: {enumeration(names)}."
        )
    if layer.themes and layer.n_unassigned:
        told.append(
            f"{_papers(layer.n_unassigned, n_papers)} {_is(layer.n_unassigned)} in no theme: too "
            "unlike the others, or without an abstract."
        )
    return told


def _about_papers(layer: Layer) -> list[str]:
    papers = [layer.material.papers[row] for row in layer.rows.tolist()]
    told = []
    if n_bare := sum(not paper.abstract for paper in papers):
        told.append(
            f"{_papers(n_bare, len(papers))} {'has' if n_bare == 1 else 'have'} no abstract and "
            f"{'is known by its title' if n_bare == 1 else 'are known by their titles'} alone."
        )
    if n_undated := sum(not paper.year for paper in papers):
        told.append(
            f"{_papers(n_undated, len(papers))} {'has' if n_undated == 1 else 'have'} no year and "
            f"{_is(n_undated)} left out wherever years are counted."
        )
    languages = Counter(paper.language for paper in papers if paper.language)
    n_foreign = languages.total() - languages["en"]
    if n_foreign and len(languages) > 1:
        others = sorted(((n, code) for code, n in languages.items() if code != "en"), reverse=True)
        named = enumeration([f"{code}: {n:,}" for n, code in others[:_MOST_NAMED]])
        told.append(
            f"{counted(n_foreign, 'paper')} in other languages than English ({named}): a model "
            "that knows English best may group them by their language."
        )
    return told


def _about_reading(material: Material) -> list[str]:
    told = []
    n_set_aside = sum(report.set_aside for report in material.reports)
    problems = [problem for report in material.reports for problem in report.problems]
    n_doubts = sum(problem.kind is ProblemKind.DOUBT for problem in problems)
    if n_set_aside or n_doubts:
        found = []
        if n_set_aside:
            found.append(f"{counted(n_set_aside, 'record')} could not be used")
        if n_doubts:
            found.append(f"{counted(n_doubts, 'doubt')} arose when the files were read")
        told.append(f"{enumeration(found)}: problems.csv in the atlas lists each with its reason.")
    if cut := float(material.details.facts.get("cut_share", 0.0)):
        told.append(
            f"The end of {percent(cut)} of the texts was not read: they are longer than the model "
            "can take."
        )
    for problem in material.details.facts.get("edits", {}).get("problems", ()):
        told.append(f"An edit in labels.toml had no effect: {one_line(str(problem))}")
    return told


def doubtful_section(layer: Layer) -> Section | None:
    """Retracted and withdrawn papers; None without any."""
    papers = [paper for row in layer.rows.tolist() if (paper := layer.material.papers[row]).status]
    if not papers:
        return None
    items = tuple(paper_item(paper) for paper in papers[:_MOST_DOUBTFUL])
    blocks: list[Block] = [PaperList(items)]
    if left := papers[_MOST_DOUBTFUL:]:
        told = f"{counted(len(left), 'more paper')}: the column status of a CSV export tells each."
        blocks.append(Paragraph(line(told), is_note=True))
    return Section("Retracted and withdrawn papers", "doubtful", tuple(blocks))


def trust_section(layer: Layer) -> Section | None:
    """What the build measured of themes and map; None where nothing was."""
    trust, told = layer.material.trust(layer.number), list[Line]()
    if trust.stability is not None:
        told.append(
            line(
                "Themes: found again without a fifth of the papers, two papers of one theme are "
                f"still together {percent(trust.stability)} of the time."
            )
        )
    if trust.calibration_error is not None:
        told.append(
            line(
                "Strengths: the chance that is told for a paper to stay in its theme is off by "
                f"{trust.calibration_error:.2f} on average."
            )
        )
    if trust.agreement is not None:
        told.append(
            line(
                f"Neighbours: the papers nearest to a paper vote for its own theme "
                f"{percent(trust.agreement)} of the time."
            )
        )
    told += [line(one) for one in _about_map(layer)]
    if not told:
        return None
    return Section("How far to believe it", "trust", (Listing(tuple(told)),))


def _about_map(layer: Layer) -> list[str]:
    if not layer.material.nearest.rows.shape[1]:
        return []
    told = []
    if facts := layer.material.details.facts.get("map"):
        told += _map_figures(LayoutQuality.from_facts(facts))
    far = int((layer.material.preservation[layer.rows] < FAR_PRESERVATION).sum())
    if far:
        told.append(
            f"Map: {_papers(far, len(layer.rows))} {'lies' if far == 1 else 'lie'} far from the "
            "papers nearest in meaning, which a plane cannot always keep together; the map marks "
            "such papers."
        )
    else:
        told.append("Map: every paper lies by the papers that are nearest to it in meaning.")
    return told


def _map_figures(quality: LayoutQuality) -> list[str]:
    """What of the embedding space is kept on the map; nothing for figures that there are not."""
    told = []
    if quality.neighbors_kept is not None:
        ranks = [
            f"{name} {figure:.2f}"
            for name, figure in (
                ("trustworthiness", quality.trustworthiness),
                ("continuity", quality.continuity),
            )
            if figure is not None
        ]
        behind = f" ({', '.join(ranks)})" if ranks else ""
        told.append(
            f"Map: of the ten papers nearest to a paper, {percent(quality.neighbors_kept)} are "
            f"among the ten nearest on the map{behind}."
        )
    if quality.arrangement is not None:
        told.append(
            "Map: distances of themes on it and in meaning agree with a rank correlation of "
            f"{quality.arrangement:.2f}."
        )
    return told


def _papers(n: int, n_all: int) -> str:
    return f"{counted(n, 'paper')} ({percent(n, n_all)})"


def _is(n: int) -> str:
    return "is" if n == 1 else "are"
