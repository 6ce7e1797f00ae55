"""What commands tell people: lines of text, as wide as the terminal; in a pipe nothing is cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pipeline.cli.layout import bold, cell_len, fit, fit_list, pad, page_width, plain, wrap
from pipeline.papers import ProblemKind

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.artifacts import ThemeRow
    from pipeline.atlas import Atlas
    from pipeline.cli.caches import Cleared, Stored
    from pipeline.doctor import Backend, CheckedAtlas, Report
    from pipeline.dossier import PaperInAtlas, PredictedPaper, ThemeOfPaper
    from pipeline.papers import FileReport, Paper, Source
    from pipeline.renaming import Renaming
    from pipeline.stages import BuildResult

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_MAX_PROBLEMS = 20
_N_TERMS = 4
_N_AUTHORS = 3
_UNSTABLE = "~"
_LEAST_TERMS_WIDTH = 40


def build_page(result: BuildResult) -> Iterator[str]:
    """What a build made, what it made of each file, and where to look."""
    yield _tally(result.reports, result.n_papers)
    yield from _problems(result.reports)
    if result.split_share:
        share = _percent(result.split_share)
        yield f"{share} of the papers are longer than the model's window and are read in pieces."
    if result.cut_share:
        yield f"{_percent(result.cut_share)} of the papers are so long that their end is not read."
    if not result.snapshot:
        yield "A dry run: nothing was written."
        return
    unassigned = result.unassigned_share
    fate = f"{_percent(unassigned)} of the papers are in none" if unassigned else "none left over"
    yield f"{count(result.n_themes, 'theme')}; {fate}."
    if result.stability is not None:
        yield from wrap(_stability(result.stability, result.n_unstable), page_width())
    if result.edits.n_applied:
        n_edits = count(result.edits.n_applied, "edit")
        yield f"{n_edits} of labels.toml {'is' if result.edits.n_applied == 1 else 'are'} applied."
    yield from map(plain, result.edits.problems)
    yield from map(plain, result.refined)
    yield ""
    yield from _places(result.atlas)


def _places(atlas: Path) -> Iterator[str]:
    yield f"Atlas:   {atlas}"
    yield f"Map:     {atlas / 'map.html'}"
    yield f"Figure:  {atlas / 'map.png'}"
    yield f"Report:  {atlas / 'report.md'}"
    yield f"Next:    paperatlas themes {_shell_word(str(atlas))}"


def renaming_page(renaming: Renaming) -> Iterator[str]:
    """What became of the names of an atlas."""
    width = page_width()
    for theme, (before, now) in renaming.names.items():
        yield from wrap(f"{theme:>5}  {plain(before)} -> {plain(now)}", width, indent=" " * 7)
    if renaming.names:
        yield ""
    for line in renaming.told:
        yield from wrap(plain(line), width)


def inspect_page(reports: Sequence[FileReport]) -> Iterator[str]:
    """What became of each file."""
    heads = ("file", "format", "found", "imported", "merged", "set aside")
    rows = [
        (plain(r.file), r.format, *(f"{n:,}" for n in (r.found, r.imported, r.merged, r.set_aside)))
        for r in reports
    ]
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(2, len(heads))]
    width = page_width()
    formats = max(len(row[1]) for row in [heads, *rows])
    if width is not None:
        width = max(8, width - formats - sum(widths) - 2 * (len(heads) - 1))
    files = [fit(row[0], width) for row in [heads, *rows]]
    longest = max(map(len, files))
    for file, row in zip(files, [heads, *rows], strict=True):
        counts = "  ".join(c.rjust(w) for c, w in zip(row[2:], widths, strict=True))
        line = f"{pad(file, longest)}  {row[1]:<{formats}}  {counts}"
        yield bold(line) if row is heads else line
    yield ""
    yield from _problems(reports)
    yield _tally(reports, sum(report.imported for report in reports))


def _tally(reports: Sequence[FileReport], n_papers: int) -> str:
    found, merged, aside = (
        sum(getattr(report, name) for report in reports)
        for name in ("found", "merged", "set_aside")
    )
    n_found = found - merged - aside
    told = f"{count(found, 'record')} {'is' if found == 1 else 'are'} {count(n_found, 'paper')}"
    if merged:
        told += f", {count(merged, 'copy', 'copies')} merged"
    told += f", {aside:,} set aside" if aside else ""
    if n_papers < n_found:
        told += f"; {n_papers:,} of the papers {'is' if n_papers == 1 else 'are'} used (--limit)"
    return f"{told}."


_GRAVEST_FIRST = (ProblemKind.SET_ASIDE, ProblemKind.DOUBT, ProblemKind.NOTE)


def _problems(reports: Iterable[FileReport]) -> Iterator[str]:
    told = [(report.file, problem) for report in reports for problem in report.problems]
    told.sort(key=lambda pair: _GRAVEST_FIRST.index(pair[1].kind))
    for file, problem in told[:_MAX_PROBLEMS]:
        yield f"{plain(file)}:{problem.line}: {plain(problem.reason)}"
    if len(told) > _MAX_PROBLEMS:
        yield f"and {len(told) - _MAX_PROBLEMS:,} more: paperatlas inspect --json lists all"


def themes_page(atlas: Atlas, layer: int | None) -> Iterator[str]:
    """The themes of one layer, two lines each: its name and terms, and a typical paper."""
    number = atlas.default_layer if layer is None else layer
    themes = atlas.themes(number)
    titles = [title_of(paper) for paper in atlas.papers]
    width = page_width()
    names = max([len("theme"), *(len(theme.name) for theme in themes)])
    head = f"{'id':>5}  papers  " + pad("theme", names) + "  also said, and a typical paper"
    yield bold(fit(head, width))
    for theme in themes:
        yield from _theme_lines(theme, titles, names, width)
    yield ""
    yield from wrap(_layer_summary(atlas, number), width)


def _theme_lines(
    theme: ThemeRow, titles: Sequence[str], names: int, width: int | None
) -> Iterator[str]:
    head = f"{theme.id:>5}  {theme.size:>6,} {_UNSTABLE if theme.is_unstable else ' '}"
    name = plain(theme.name)
    if width is not None:
        name = fit(name, width - len(head))
    if width is None or width - len(head) - names >= _LEAST_TERMS_WIDTH:
        line = head + pad(name, names) + "  "
    else:  # on a narrow terminal the terms have no column of their own
        line = f"{head}{name}: "
    also = [plain(term) for term in theme.terms if term not in theme.name.split(" / ")]
    yield line + fit_list(also[:_N_TERMS], None if width is None else width - cell_len(line))
    if theme.exemplars:
        yield fit(" " * len(head) + "e.g. " + titles[theme.exemplars[0]], width)


def _layer_summary(atlas: Atlas, layer: int) -> str:
    found = atlas.themes(layer)
    themes, unassigned = len(found), len(atlas.unassigned(layer))
    n_unstable = sum(theme.is_unstable for theme in found)
    rest = f", {count(unassigned, 'paper')} in none" if unassigned else ""
    told = f"Layer {layer}: {count(themes, 'theme')} of {count(len(atlas.ids), 'paper')}{rest}."
    stability = atlas.trust(layer).stability
    if stability is None:
        told += " How stable they are was not measured."
    else:
        told += f" {_stability(stability, n_unstable, f', marked {_UNSTABLE},')}"
    others = [
        f"--layer {other} has {len(atlas.themes(other)):,}"
        for other in range(atlas.n_layers)
        if other != layer
    ]
    return f"{told} {'; '.join(others)}." if others else told


def _stability(stability: float, n_unstable: int, mark: str = "") -> str:
    """How firmly the themes of a layer hold together; `mark`: how the unstable ones are marked."""
    told = (
        "Without a fifth of the papers, two of the same theme stay together "
        f"{_percent(stability)} of the time"
    )
    themes = count(n_unstable, "theme") if n_unstable else "no theme"
    are = "is" if n_unstable < 2 else "are"
    return f"{told}; {themes}{mark if n_unstable else ''} {are} unstable."


def text_query(text: str) -> str:
    """How a page names a query text; a line of its own, as a title is, ends like a sentence."""
    lines = [line for line in map(plain, text.splitlines()) if line]
    ended = [line if line[-1] in ".?!:;," else f"{line}." for line in lines[:-1]]
    return f"“{fit(' '.join([*ended, *lines[-1:]]), 200)}”"


def paper_query(paper: Paper) -> str:
    """How a page names a query paper."""
    return f"{title_of(paper)} ({plain(paper.id)})"


def show_page(shown: PaperInAtlas) -> Iterator[str]:
    """One paper with all that the atlas knows of it."""
    width, paper = page_width(), shown.paper
    yield from map(bold, wrap(title_of(paper), width))
    yield from _fact_lines(paper, width)
    yield ""
    yield from wrap(plain(paper.abstract) or "(no abstract)", width)
    yield ""
    yield from _themes_of_paper(shown.themes)
    near = [(hit.paper, hit.score) for hit in shown.neighbours if hit.score is not None]
    yield from _nearest_papers(near, width)
    yield ""
    yield bold("Read from")
    for record in shown.records:
        title = plain(record.title) or "(no title)"
        for source in record.sources:
            head = f"  {plain(source.file)}:{source.line}  "
            yield from wrap(title, width, first=head, indent=" " * 8)
    if len(shown.records) > 1:
        yield ""
        yield from wrap(_provenance(shown), width, indent="  ")


def _provenance(shown: PaperInAtlas) -> str:
    """Which fields came from each file and line, in one line."""
    fields: dict[Source, list[str]] = {}
    for name, source in shown.provenance.items():
        fields.setdefault(source, []).append(name.replace("_", " "))
    told = (
        f"{', '.join(names)} from {plain(source.file)}:{source.line}"
        for source, names in sorted(fields.items())
    )
    return f"Fields: {'; '.join(told)}"


def cache_page(stored: Stored) -> Iterator[str]:
    """Where the cache is and what it holds."""
    models = [model for model in stored.models if model.is_whole]
    remains = sum(model.n_bytes for model in stored.models if not model.is_whole)
    yield f"Folder:            {plain(str(stored.folder))}"
    yield f"Takes:             {_size(stored.n_bytes)}"
    yield f"Embedded texts:    {stored.rows.n_rows:,} ({_size(stored.rows.n_bytes)})"
    for digest, n_rows in stored.rows.rows_by_embedder.items():
        yield f"  {n_rows:>9,} by the embedder {plain(digest)[:12]}"
    yield f"Converted models:  {len(models):,} ({_size(sum(model.n_bytes for model in models))})"
    for model in models:
        yield f"  {plain(model.name)}, {plain(model.precision)}, {_size(model.n_bytes)}"
    if remains:
        yield f"Remains:           {_size(remains)} of conversions that are not done, or damaged"
    answers = stored.answers
    yield f"Models' answers:   {answers.n_answers:,} ({_size(answers.n_bytes)})"
    for path, trouble in (
        (stored.rows.path, stored.rows_trouble),
        (answers.path, stored.answers_trouble),
    ):
        if trouble:
            yield f"! {plain(str(path))}: {plain(trouble)}"


def cleared_page(cleared: Cleared) -> Iterator[str]:
    """What was forgotten."""
    rows = count(cleared.n_rows, "embedded text")
    models = count(cleared.n_models, "converted model")
    answers = count(cleared.n_answers, "answer")
    yield f"Forgot {rows}, {models} and {answers}; {_size(cleared.n_bytes)} came free."


def doctor_page(report: Report) -> Iterator[str]:
    """What was found out, then a line with "!" for each problem and "-" for what only some uses
    need, each with what to do."""
    facts = list(_doctor_facts(report))
    widest = max((len(name) for name, _ in facts), default=0)
    for name, told in facts:
        # Not wrapped: these lines are copied into reports.
        yield f"{pad(name, widest)}  {plain(told)}"
    yield ""
    for problem in report.problems:
        yield f"! {plain(problem.what)} - {plain(problem.remedy)}"
    for library in report.missing_options:
        yield f"- {library.name} is not installed: it {library.purpose} - {library.install}"
    if report.lacks_essentials:
        yield "Something essential is missing: no atlas can be built here."
    elif not report.problems:
        yield "Nothing is amiss."


def _doctor_facts(report: Report) -> Iterator[tuple[str, str]]:
    if found := report.platform:
        yield "paperatlas", f"{found.paperatlas}, Python {found.python}, {found.system}"
    if model := report.model:
        checked = "as published" if model.is_packaged else "not a packaged one"
        yield "model", f"{model.name}, {checked} (SHA-256 {model.digest[:12]}…)"
        yield "", str(model.path)
    if backend := report.backend:
        yield "backend", _backend_line(backend)
    if processor := report.processor:
        yield "processor", processor.name or processor.machine
        threads = f"{processor.n_threads} of {count(processor.n_present, 'thread')} may be used"
        yield "", f"{threads}; {', '.join(processor.units) or 'no vector units known'}"
    if report.openvino:
        yield "OpenVINO", ", ".join(report.openvino.capabilities)
    here = [f"{x.name} {x.version}".strip() for x in report.libraries if x.is_installed]
    if here:
        yield "libraries", ", ".join(here)
    if cache := report.cache:
        rows, models = count(cache.n_rows, "text"), count(cache.n_models, "converted model")
        yield "cache", str(cache.folder)
        yield "", f"{rows} ({_size(cache.n_bytes)}), {models} ({_size(cache.model_bytes)})"
    if report.atlas:
        yield from _atlas_facts(report.atlas)


def _backend_line(backend: Backend) -> str:
    converted = {
        None: "",
        True: "; the model is converted",
        False: "; the model is not converted yet: the first build does it, once",
    }[backend.is_converted]
    return f"{backend.name}, {backend.precision}{converted}"


def _atlas_facts(atlas: CheckedAtlas) -> Iterator[tuple[str, str]]:
    yield "atlas", f"{atlas.path} ({atlas.snapshot or 'no snapshot can be read'})"
    if not atlas.snapshot:
        return
    files = f"{count(atlas.n_files, 'file')}, {_size(atlas.n_bytes)}"
    state = "damaged" if atlas.damage else "each as it was written"
    yield "", f"{count(atlas.n_papers, 'paper')}; {files}, {state}"
    fate = {
        None: "could not be compared with the one on this machine",
        True: "is the one on this machine",
        False: "is not the one on this machine",
    }[atlas.has_its_model]
    yield "", f"its model, {atlas.model_name}, {fate}"


def _fact_lines(paper: Paper, width: int | None) -> Iterator[str]:
    authors = ", ".join(paper.authors) + (" et al." if paper.authors_truncated else "")
    if paper.affiliations:
        authors += f" ({', '.join(paper.affiliations)})"
    facts = [
        _when(paper),
        paper.category,
        paper.kind,
        paper.language,
        paper.venue,
        f"doi:{paper.doi}" if paper.doi else "",
        paper.url,
        "with code" if paper.code else "",
        "" if paper.score is None else f"score {paper.score:g}",
    ]
    others = f" (also {', '.join(paper.aliases)})" if paper.aliases else ""
    keywords = f"keywords: {', '.join(paper.keywords)}" if paper.keywords else ""
    extra = [f"{column}: {text}" for column, text in paper.extra]
    for line in (
        authors,
        joined(fact or "" for fact in facts),
        keywords,
        *extra,
        f"id {paper.id}{others}",
    ):
        if line.strip():
            yield from wrap(plain(line), width, indent="  ")


def predict_page(found: PredictedPaper) -> Iterator[str]:
    """The themes of one text, finest layer first, and the papers near it."""
    width = page_width()
    if found.known:
        told = f"This is {paper_query(found.known)}, a paper of this atlas."
        yield from wrap(told, width, indent="  ")
        yield ""
    if found.is_far:
        yield from wrap("Nothing in this atlas is near: the themes say little.", width)
        yield ""
    yield from _themes_of_paper(found.themes)
    yield from _nearest_papers(found.nearest, width)


def _nearest_papers(near: Sequence[tuple[Paper, float]], width: int | None) -> Iterator[str]:
    if near:
        yield ""
        yield bold("Nearest papers")
    for paper, score in near:
        head = f"  {score:.2f}  {plain(paper.id)}  "
        yield from wrap(title_of(paper), width, first=head, indent=" " * 8)


def _themes_of_paper(themes: Sequence[ThemeOfPaper]) -> Iterator[str]:
    if not themes:
        yield "In no theme: unassigned."
        return
    yield bold("Themes")
    for of in themes:
        tier = f", {of.tier}" if of.tier else ""
        yield (
            f"  layer {of.theme.layer}: {plain(of.theme.name)} "
            f"(theme {of.theme.id}, strength {of.strength:.2f}{tier})"
        )


def title_of(paper: Paper) -> str:
    """The paper's title, or where it has none the beginning of its abstract; before it what its
    sources say of it, `[retracted]`."""
    title = plain(paper.title) or f"“{fit(plain(paper.abstract), 80)}”"
    return f"[{plain(paper.status)}] {title}" if paper.status else title


def _when(paper: Paper) -> str:
    """The paper's date; where that has no year, the day and the year known from elsewhere."""
    year = str(paper.year or "")
    if not paper.date or not paper.date.startswith("--"):
        return paper.date or year
    month, _, day = paper.date[2:].partition("-")
    name = _MONTHS[int(month) - 1]
    told = f"{int(day)} {name}" if day else name
    return f"{told}; {year}" if year else told


def who_and_when(paper: Paper) -> str:
    """The first authors and the year."""
    names = ", ".join(paper.authors[:_N_AUTHORS])
    if len(paper.authors) > _N_AUTHORS or (names and paper.authors_truncated):
        names += " et al."
    year = str(paper.year or "")
    return plain(f"{names} ({year})" if names and year else names or year)


def joined(parts: Iterable[str]) -> str:
    """The parts that are not empty, a dot between them."""
    return " · ".join(part for part in parts if part)


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _size(n_bytes: int) -> str:
    """Bytes in the largest unit of which there is one."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if n_bytes >= size:
            return f"{n_bytes / size:.1f} {unit}"
    return count(n_bytes, "byte")


def _percent(share: float) -> str:
    return "less than 1%" if 0 < share < 0.01 else f"{share:.0%}"


def _shell_word(text: str) -> str:
    import shlex

    return shlex.quote(text)
