"""The steps of a build, in their order: from SOURCEs to a committed snapshot.

Each step is arrays in, arrays out, and knows no other; only this module knows what follows what.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts import (
    BuildDetails,
    SnapshotWriter,
    open_writer,
)
from pipeline.artifacts.disk import writing
from pipeline.artifacts.folder import EMBEDDER, require_writable_place
from pipeline.cache import EmbeddingCache
from pipeline.chart import Chart, chart_papers, charted_rows, place_beside, spread_themes
from pipeline.edits import FILE_NAME, EditReport, Edits, edits_digest, read_edits
from pipeline.embed import Embedder, make_embedder
from pipeline.embed.model_folder import findable_name
from pipeline.errors import UsageError
from pipeline.index import IndexReport, choose_index, write_index
from pipeline.index.storage import FACTS, INDEX_FILE
from pipeline.layout_quality import LayoutQuality, judge_layout
from pipeline.lexical import LexicalIndex, index_words
from pipeline.nearest import nearest_papers
from pipeline.papers import (
    FileReport,
    Paper,
    PaperTable,
    embedding_text,
)
from pipeline.progress import Progress, Silence
from pipeline.reading import read_table, require_clean
from pipeline.render import map_view, render
from pipeline.report import REPORT_FILE, Material, render_report
from pipeline.settings import IndexSettings, RefineSettings, Settings, as_dict
from pipeline.sources import ProblemLog
from pipeline.sources.problems import PROBLEMS_FILE
from pipeline.themes import NamedThemes, name_clustering, refine_names

FloatRows = NDArray[np.float32]

VECTORS_FILE = "vectors-0000.npy"
MAP_FILES = ("map.html", "map.png")
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "faiss-cpu", "umap-learn", "numba", "hdbscan",
              "torch", "transformers", "sentence-transformers", "openvino", "nncf", "tokenizers",
              "matplotlib")  # fmt: skip


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build made. `snapshot` is "" for a dry run.

    `unassigned_share`: of the default layer, over papers that have an abstract. `split_share`: of
    papers whose text is longer than the model's window and is read in pieces; `cut_share`: of
    those whose end is not read at all. `timings_s`: seconds by step. `refined`: what a language
    model did with the names, in words; nothing where none was asked. `edits`: what became of the
    user's edits. `stability`, None where it was not measured, and `n_unstable`, a number
    of themes, are those of the default layer.
    """

    atlas: Path
    snapshot: str
    reports: tuple[FileReport, ...]
    n_papers: int
    n_themes: int
    unassigned_share: float
    split_share: float
    cut_share: float
    timings_s: dict[str, float]
    edits: EditReport
    refined: tuple[str, ...]
    stability: float | None
    n_unstable: int

    @property
    def n_records(self) -> int:
        """Records found in all files."""
        return sum(report.found for report in self.reports)

    @property
    def n_merged(self) -> int:
        """Records that are further copies or versions of an imported one."""
        return sum(report.merged for report in self.reports)

    @property
    def n_set_aside(self) -> int:
        """Records that could not be used."""
        return sum(report.set_aside for report in self.reports)


class _Clock:
    """Seconds by step, and the steps told to `progress`."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.timings_s: dict[str, float] = {}

    @contextmanager
    def step(self, name: str, total: int = 0) -> Iterator[None]:
        self._progress.stage(name, total)
        with self.timed(name):
            yield

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """The same for a step that tells its progress itself."""
        begun = time.perf_counter()
        yield
        self.timings_s[name] = round(time.perf_counter() - begun, 3)


def build_atlas(
    sources: Sequence[Path],
    out: Path,
    *,
    settings: Settings,
    limit: int | None = None,
    dry_run: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> BuildResult:
    """Build an atlas of `sources` in the folder `out` and move its pointer to the new snapshot.

    `limit`: use no more papers than this, the first of the canonical order; `dry_run`: read and
    count only, write nothing; `strict`: InputError, and nothing is written, unless every record
    found could be used. Raises UsageError, InputError, MissingDependencyError, OutputError.
    """
    progress = progress or Silence()
    clock = _Clock(progress)
    # What can be refused at once is refused before anything is read.
    with writing(out):
        require_writable_place(out)
    edits = read_edits(out / FILE_NAME)
    with closing(EmbeddingCache()) as cache:
        embedder = make_embedder(settings.embed, seed=settings.seed, store=cache)
        with clock.step("read"):
            corpus = _read_corpus(sources, limit, embedder, settings, edits, progress)
        if strict:
            require_clean(corpus.table.reports)
        if dry_run:
            return _result(out, corpus, clock)
        with open_writer(out) as writer:
            made = _write_snapshot(
                writer, corpus, embedder, edits, settings=settings, clock=clock, progress=progress
            )
    return _result(out, corpus, clock, made)


@dataclass(frozen=True, slots=True)
class _Made:
    """What was written: the themes, what a language model did with their names, in words, and the
    snapshot's name."""

    named: NamedThemes
    refined: tuple[str, ...]
    snapshot: str


@dataclass(frozen=True, slots=True)
class _Corpus:
    """The papers, and of each the text that is embedded; the shares are those of `BuildResult`.
    `edits`: what became of those that are about papers."""

    table: PaperTable
    edits: EditReport
    texts: tuple[str, ...]
    split_share: float
    cut_share: float
    input_digests: Mapping[str, str]
    problems: ProblemLog


def _read_corpus(
    sources: Sequence[Path],
    limit: int | None,
    embedder: Embedder,
    settings: Settings,
    edits: Edits,
    progress: Progress,
) -> _Corpus:
    if limit is not None and limit < 1:
        raise UsageError(f"limit {limit}: expected at least 1", hint="leave it away for all papers")
    read = read_table(
        sources,
        settings,
        languages=embedder.languages,
        edits=edits,
        progress=progress,
    )
    table = _limited(read.table, limit)
    texts = tuple(embedding_text(paper) for paper in table.papers)
    long = embedder.count_long(texts)
    return _Corpus(
        table,
        read.edits,
        texts,
        long.n_split / len(texts),
        long.n_cut / len(texts),
        read.digests,
        read.problems,
    )


def _result(out: Path, corpus: _Corpus, clock: _Clock, made: _Made | None = None) -> BuildResult:
    return BuildResult(
        atlas=out,
        snapshot=made.snapshot if made else "",
        reports=corpus.table.reports,
        n_papers=len(corpus.texts),
        n_themes=made.named.n_themes if made else 0,
        unassigned_share=made.named.unassigned_share(corpus.table.papers) if made else 0.0,
        split_share=corpus.split_share,
        cut_share=corpus.cut_share,
        timings_s=clock.timings_s,
        edits=corpus.edits + made.named.edits if made else corpus.edits,
        refined=made.refined if made else (),
        stability=made.named.stability if made else None,
        n_unstable=made.named.n_unstable if made else 0,
    )


def _write_snapshot(
    writer: SnapshotWriter,
    corpus: _Corpus,
    embedder: Embedder,
    edits: Edits,
    *,
    settings: Settings,
    clock: _Clock,
    progress: Progress,
) -> _Made:
    """The steps after reading, in their order."""
    table, texts = corpus.table, corpus.texts
    writer.write_papers(table.papers, table.records, table.reports)
    with clock.step("embed", len(texts)):
        embedder = embedder.fit(texts)
        vectors = writer.create_array(VECTORS_FILE, (len(texts), embedder.dim))
        embed_texts(embedder, texts, vectors, progress)
    if embedder.state:
        writer.write_file(EMBEDDER, embedder.state)
    with clock.step("index"):
        words_of(table.papers).write(writer)
        index = _write_index(writer, vectors, settings.index)
    chart = _chart(table, texts, vectors, without_words_twice(settings, embedder), clock)
    with clock.step("check the map"):
        themes = chart.clustering.labels[chart.clustering.default_layer]
        map_quality, preserved = judge_layout(chart.layout, vectors, chart.nearest.rows, themes)
    with clock.step("name"):
        named = name_clustering(
            table.papers, chart.clustering, vectors, edits, settings, encode=embedder.encode
        )
    refined: tuple[str, ...] = ()
    if settings.refine.url:
        with clock.timed("refine names"):
            themes, refined = refine_names(named.themes, table.papers, settings, progress=progress)
        named = replace(named, themes=themes)
    members = named.memberships
    writer.write_themes(
        named.themes, members.theme_ids, members.strengths, default_layer=members.default_layer
    )
    writer.write_layout(chart.layout)
    writer.write_nearest(chart.nearest.rows, chart.nearest.similarities, preserved)
    details = _details(embedder, settings, corpus, edits, named, index, map_quality)
    info = writer.seal(details)
    corpus.problems.save(writer.new_path(PROBLEMS_FILE))
    with clock.step("map"):
        view = map_view(
            info.content_digest,
            table.papers,
            named.themes,
            members,
            chart.layout,
            neighbors=chart.nearest.rows,
            similarities=chart.nearest.similarities,
            preservation=preserved,
        )
        for name in MAP_FILES:
            writer.write_file(name, render(view, Path(name).suffix))
        material = Material(
            papers=table.papers,
            themes=named.themes,
            memberships=members,
            nearest=chart.nearest,
            preservation=preserved,
            reports=table.reports,
            details=details,
            content_digest=info.content_digest,
            n_records=sum(len(records) for records in table.records),
            dim=embedder.dim,
        )
        writer.write_file(REPORT_FILE, render_report(material))
    return _Made(named, refined, writer.commit(timings_s=clock.timings_s).name)


def words_of(papers: Sequence[Paper]) -> LexicalIndex:
    """The index of the papers by their words."""
    return index_words([paper.title for paper in papers], [paper.abstract for paper in papers])


def _write_index(
    writer: SnapshotWriter, vectors: FloatRows, settings: IndexSettings
) -> IndexReport:
    """Choose the index and write what it needs on disk; the exact one needs nothing."""
    chosen = choose_index(
        vectors,
        kind=settings.kind,
        min_recall=settings.min_recall,
        max_memory_share=settings.max_memory_share,
    )
    if chosen.faiss_index is not None:
        write_index(chosen.faiss_index, writer.new_path(INDEX_FILE))
    return chosen.report


def without_words_twice(settings: Settings, embedder: Embedder) -> Settings:
    """The settings for vectors that may hold the words already."""
    if not embedder.state:
        return settings
    return replace(settings, reduce=replace(settings.reduce, lexical_weight=0.0))


def embed_texts(
    embedder: Embedder, texts: Sequence[str], rows: FloatRows, progress: Progress
) -> None:
    """Fill `rows`, (n, dim) float32, with the vectors of `texts` as they come."""
    for positions, batch in embedder.encode_batches(texts):
        rows[positions] = batch
        progress.advance(len(positions))


def _chart(
    table: PaperTable,
    texts: Sequence[str],
    vectors: FloatRows,
    settings: Settings,
    clock: _Clock,
) -> Chart:
    """Themes and layout of the papers with an abstract; the others lie beside their neighbours
    and belong to no theme."""
    rows = charted_rows(table, title_only=settings.cluster.title_only)
    chart = chart_papers(
        np.asarray(vectors[rows]), [texts[row] for row in rows], settings, step=clock.step
    )
    if len(rows) == len(texts):
        return chart
    return Chart(
        spread_themes(chart.clustering, rows, len(texts)),
        place_beside(chart.layout, rows, np.asarray(vectors)),
        nearest_papers(np.asarray(vectors)),
    )


def _details(
    embedder: Embedder,
    settings: Settings,
    corpus: _Corpus,
    edits: Edits,
    named: NamedThemes,
    index: IndexReport,
    map_quality: LayoutQuality,
) -> BuildDetails:
    findable = findable_name(settings.embed.model)
    told = corpus.edits + named.edits
    deciding = as_dict(_deciding(settings))
    del deciding["index"]  # it finds papers faster, and changes none of what is made
    return BuildDetails(
        model_name=embedder.name,
        model_digest=embedder.digest,
        settings=deciding,
        seed=settings.seed,
        input_digests=dict(corpus.input_digests),
        edits_digest=edits_digest(edits),
        library_versions=_library_versions(),
        facts={
            "split_share": round(corpus.split_share, 4),
            "cut_share": round(corpus.cut_share, 4),
            "model": findable,
            "space": embedder.space,
            FACTS: index.as_facts(),
            "edits": {
                "applied": told.n_applied,
                "problems": list(told.problems),
            },
            "themes": named.facts,
            "map": map_quality.as_facts(),
        },
    )


def _deciding(settings: Settings) -> Settings:
    """The settings without those that change nothing of what is made: where the model lies, and
    whether it may be fetched; what a language model may take, and where its key is."""
    findable = findable_name(settings.embed.model)
    embed = replace(settings.embed, model=Path(findable).name, allow_download=False)
    refine = RefineSettings(url=settings.refine.url, model=settings.refine.model)
    return replace(settings, embed=embed, refine=refine)


def _library_versions() -> dict[str, str]:
    """Versions of the libraries that decide an atlas; one that came without its metadata (conda
    names some of them differently) is left out."""
    from importlib.metadata import PackageNotFoundError, version

    versions = {}
    for name in _LIBRARIES:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


def _limited(table: PaperTable, limit: int | None) -> PaperTable:
    """The first `limit` papers of the table; what its files held is told unchanged."""
    if limit is None or limit >= len(table.papers):
        return table
    return PaperTable(table.papers[:limit], table.records[:limit], table.reports)
