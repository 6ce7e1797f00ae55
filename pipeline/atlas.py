"""`Atlas`: what a Python user holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts import Manifest, Snapshot, ThemeRow, open_snapshot
from pipeline.dossier import PaperInAtlas, PredictedPaper, ThemeOfPaper
from pipeline.errors import UsageError
from pipeline.membership import Trust, trust_from
from pipeline.papers import Paper, require_texts
from pipeline.queries import Asked
from pipeline.references import PaperResolver, find_theme
from pipeline.related import RelatedFinder, RelatedPaper, SimilarPapers, Wanted
from pipeline.search import Mode

if TYPE_CHECKING:
    from pipeline.evaluate import EvaluatedAtlas, Evaluation
    from pipeline.export import Written
    from pipeline.novelty import Novelty
    from pipeline.predict import Predictions, Predictor
    from pipeline.query import QueryEmbedder
    from pipeline.recognise import PaperFinder
    from pipeline.render import FigureStyle


class Atlas:
    """One snapshot of an atlas, held for life: a build that finishes meanwhile changes nothing.

    Safe for many threads. Use it as a context manager, or `close()` it.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._query_embedder: QueryEmbedder | None = None
        self._resolver = PaperResolver(snapshot)
        self._finder = RelatedFinder(
            snapshot, self._encode_queries, self._resolver, self._theme_of_row
        )
        self._opening_embedder, self._opening_predictor = Lock(), Lock()  # one thread opens
        self._recogniser: tuple[PaperFinder, Predictor] | None = None

    @classmethod
    def open(cls, path: str | Path) -> Atlas:
        """The live snapshot of the atlas in the folder `path`.

        Raises InputError where there is no atlas and DamagedAtlasError where it is not whole.
        """
        return cls(open_snapshot(Path(path)))

    @classmethod
    def build(
        cls,
        sources: Sequence[str | Path] | str | Path,
        *,
        out: str | Path,
        settings: Mapping[str, Any] | None = None,
    ) -> Atlas:
        """Build an atlas of `sources`, files or folders, in the folder `out`, and open it.

        `settings`: values by dotted name, such as `{"cluster.max_unassigned": 0}`. Raises
        UsageError, InputError, MissingDependencyError or OutputError; on any of them, and on an
        interrupt, what was in `out` is still there.
        """
        from pipeline.settings import settings_from
        from pipeline.stages import build_atlas

        paths = [sources] if isinstance(sources, str | Path) else sources
        build_atlas([Path(p) for p in paths], Path(out), settings=settings_from(settings or {}))
        return cls.open(out)

    def close(self) -> None:
        """Let go of the snapshot's files."""
        if self._query_embedder is not None:
            self._query_embedder.close()
        self._snapshot.close()

    def __enter__(self) -> Atlas:
        """Give the atlas itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    @property
    def snapshot(self) -> str:
        """Name of the snapshot."""
        return self._snapshot.name

    @property
    def manifest(self) -> Manifest:
        """How the atlas was made."""
        return self._snapshot.manifest

    @cached_property
    def papers(self) -> tuple[Paper, ...]:
        """All papers; row i is the same paper in every array of the atlas."""
        return tuple(self._snapshot.all_papers())

    @property
    def default_layer(self) -> int:
        """The layer of themes that a user sees first; 0 is the finest."""
        return self._snapshot.default_layer

    @property
    def n_layers(self) -> int:
        """Number of layers of themes."""
        return len(self._snapshot.memberships.theme_ids)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids of all papers, in row order."""
        return tuple(self._snapshot.column("id"))

    def themes(self, layer: int | None = None) -> list[ThemeRow]:
        """The themes of one layer, the default one where None, largest first.

        Raises UsageError for a layer that the atlas does not have.
        """
        wanted = self.default_layer if layer is None else layer
        self._require_layer(wanted)
        return [theme for theme in self._snapshot.themes() if theme.layer == wanted]

    def trust(self, layer: int | None = None) -> Trust:
        """How far to believe one layer, the default one where None; UsageError for a layer that
        the atlas does not have."""
        wanted = self.default_layer if layer is None else layer
        self._require_layer(wanted)
        return trust_from(self.manifest.details.facts.get("themes", {}), wanted)

    def members(self, theme: ThemeRow) -> list[str]:
        """Ids of a theme's papers, in row order."""
        rows = np.flatnonzero(self._snapshot.memberships.theme_ids[theme.layer] == theme.id)
        return [self.ids[row] for row in rows]

    def unassigned(self, layer: int) -> list[str]:
        """Ids of the papers without a theme in a layer, in row order."""
        self._require_layer(layer)
        rows = np.flatnonzero(self._snapshot.memberships.theme_ids[layer] == -1)
        return [self.ids[row] for row in rows]

    def related(
        self,
        text: str | None = None,
        *,
        paper: str | None = None,
        like: Sequence[str] = (),
        unlike: Sequence[str] = (),
        more_of: str | int | None = None,
        k: int = 10,
        mode: Mode = "hybrid",
        where: str | None = None,
        since: str | int | None = None,
        category: str | None = None,
        theme: str | int | None = None,
        diversity: float = 0.0,
        rerank: str | None = None,
        allow_download: bool = False,
    ) -> list[RelatedPaper]:
        """The `k` papers that answer a query best, best first; fewer only where no more match.

        The query is a `text` (a question, words, an abstract), a `paper` of the atlas (id, alias,
        DOI, arXiv id or title), several papers to be `like` and `unlike`, `more_of` a theme (id or
        name), or any of these together. No paper that it names, and no version of one, is found.

        `mode`: by meaning and words (`hybrid`), or by one of them. `where`, a filter such as
        `year >= 2020 and author like 'Kakade'`, `since`, a year or date, `category` and `theme`:
        only such papers are found. `diversity`, in [0, 1): how much likeness to a better paper
        counts against one. `rerank`: a cross-encoder by folder or name, to re-order the best 50,
        or k of them; it is fetched where it is not on this machine only if `allow_download`.

        Raises UsageError for a query, a filter or a value that cannot be used, with what to do, and
        MissingDependencyError where a model is needed that is not on this machine.
        """
        wanted = Wanted(k, mode, where, since, category, theme, diversity, rerank, allow_download)
        return self._finder.find(Asked.of(text, paper, like, unlike, more_of), wanted)

    def related_to_each(
        self,
        texts: Sequence[str],
        *,
        k: int = 10,
        mode: Mode = "hybrid",
        where: str | None = None,
        since: str | int | None = None,
        category: str | None = None,
        theme: str | int | None = None,
        reasons: bool = True,
    ) -> list[list[RelatedPaper]]:
        """For each text what `related` finds for it alone; embedded and compared together, they
        take far less time, and without `reasons` less again."""
        wanted = Wanted(k, mode, where, since, category, theme, reasons=reasons)
        return self._finder.find_each(texts, wanted)

    def novelty(
        self,
        text: str | None = None,
        *,
        paper: str | None = None,
        like: Sequence[str] = (),
        unlike: Sequence[str] = (),
        more_of: str | int | None = None,
    ) -> Novelty:
        """How crowded the neighbourhood of a query is, beside that of the atlas's own papers, and
        since when. The query is one for `related`."""
        return self._finder.novelty(Asked.of(text, paper, like, unlike, more_of))

    def count(
        self,
        *,
        where: str | None = None,
        since: str | int | None = None,
        category: str | None = None,
        theme: str | int | None = None,
    ) -> int:
        """How many papers pass the filters of `related`."""
        wanted = Wanted(where=where, since=since, category=category, theme=theme)
        return self._finder.count(wanted)

    def similar(
        self,
        *,
        over: float = 0.9,
        k: int = 20,
        where: str | None = None,
        since: str | int | None = None,
        category: str | None = None,
        theme: str | int | None = None,
    ) -> SimilarPapers:
        """The `k` most similar pairs of papers with a cosine similarity of `over` or more, above -1
        and at most 1, and how many there are; of papers that both pass the filters of `related`.

        Raises UsageError for a value out of range and for a filter that says nothing here.
        """
        wanted = Wanted(k, where=where, since=since, category=category, theme=theme)
        return self._finder.similar(wanted, over=over)

    def paper(self, paper_id: str) -> Paper:
        """The paper with this id or alias; UsageError, naming the nearest ids, if unknown."""
        return self._snapshot.paper(self._snapshot.find_row(paper_id))

    def find(self, reference: str) -> Paper:
        """The one paper that a reference means: id, alias, DOI, arXiv id or title, in the forms
        that people write them; UsageError, naming the nearest, where none or several are meant."""
        return self._snapshot.paper(self._resolver.resolve(reference))

    def find_theme(self, wanted: str) -> ThemeRow:
        """The theme with this id or name: of several of one name that of the default layer, else
        the finest. UsageError, with the nearest names, for an unknown one."""
        return find_theme(wanted, self._snapshot.themes(), default_layer=self.default_layer)

    def show(self, paper_id: str, *, n_neighbours: int = 5) -> PaperInAtlas:
        """All that the atlas knows of one paper, by its id, an alias, a DOI, an arXiv id, its
        address or its title (see `PaperResolver.resolve`); UsageError if unknown."""
        row = self._resolver.resolve(paper_id)
        memberships = self._snapshot.memberships
        return PaperInAtlas(
            self._snapshot.paper(row),
            self._themes_with(memberships.theme_ids[:, row], memberships.strengths[:, row]),
            tuple(self._finder.neighbours(row, n_neighbours)),
            self._snapshot.records(row),
        )

    def predict(self, texts: Sequence[str] | str, *, n_nearest: int = 3) -> list[PredictedPaper]:
        """The themes of `texts`, each a title, a line break and an abstract, or either alone.

        A paper of the atlas has its own themes and strengths, whatever is asked beside it; it is
        known by its words: title, abstract or both. So has a text with the very vector of a paper,
        which in an atlas of words may be another one. `n_nearest`: how many
        papers near each are told, 10 at most. Raises UsageError for an empty text and for what is
        no text, and MissingDependencyError where the model is needed and not on this machine.
        """
        from pipeline.predict import N_NEAREST
        from pipeline.recognise import UNKNOWN

        texts = require_texts([texts] if isinstance(texts, str) else texts)
        if not 0 <= n_nearest <= N_NEAREST:
            raise UsageError(f"n_nearest = {n_nearest}", hint=f"expected 0 to {N_NEAREST}")
        finder, predictor = self._open_predictor()
        texts = [_as_paper_text(text, number) for number, text in enumerate(texts)]
        rows = finder.rows(texts)
        vectors = np.asarray(self._snapshot.vectors[np.maximum(rows, 0)])
        new = np.flatnonzero(rows == UNKNOWN)
        if len(new):
            embedder = self._open_query_embedder()
            vectors[new] = embedder.encode_documents([texts[int(i)] for i in new])
        found = predictor.predict(vectors, rows=rows)
        return [self._predicted(found, i, int(row), n_nearest) for i, row in enumerate(rows)]

    def _predicted(self, found: Predictions, i: int, known: int, n_nearest: int) -> PredictedPaper:
        others = np.flatnonzero(found.nearest[i] != known)[:n_nearest]
        papers = self._snapshot.papers(found.nearest[i, others])
        return PredictedPaper(
            self._themes_with(found.theme_ids[:, i], found.strengths[:, i]),
            tuple(zip(papers, found.similarities[i, others].tolist(), strict=True)),
            self._snapshot.paper(known) if known >= 0 else None,
            bool(found.is_far[i]),
        )

    def map(
        self,
        path: str | Path,
        style: FigureStyle | None = None,
        *,
        highlight: Sequence[str | int] = (),
    ) -> Path:
        """Write the map to `path`, as its ending says: .html, or a .png, .svg or .pdf figure in a
        `style`, in which the `highlight`, themes (id or name) or papers, stands before all others.
        UsageError for what cannot be drawn so; OutputError, and no change, where it cannot be."""
        from pipeline.render import find_highlight, put_file, render, require_place, snapshot_view

        path = require_place(Path(path))
        marked = find_highlight(highlight, self.find_theme, self._resolver.resolve)
        view = snapshot_view(self._snapshot, self.papers)
        put_file(path, render(view, path.suffix, style, marked))
        return path

    def export(
        self,
        out: str | Path,
        formats: Sequence[str] | str,
        *,
        theme: str | int | None = None,
        query: str | None = None,
        k: int = 10,
        layer: int | None = None,
    ) -> list[Written]:
        """Write papers to files in the folder `out`, one format or several, and tell which.

        `formats`: names of `pipeline.export.FORMATS`, such as `bibtex`. All papers are written, or
        those of a `theme` (id or name), or the `k` that answer a `query` best, of a theme where one
        is given too. `layer`: the one whose themes are written, by default that of the theme, else
        the default one. A file that was there is replaced only by a whole one, and others stay.

        Raises UsageError for an unknown format, theme or layer and where there is no paper to
        write, OutputError, or MissingDependencyError for `parquet` without pyarrow.
        """
        from pipeline.export import (
            Chosen,
            Selection,
            answering,
            export_selection,
            require_formats,
        )

        names = require_formats([formats] if isinstance(formats, str) else formats)
        of_theme = None if theme is None else self.find_theme(str(theme))
        if layer is not None:
            self._require_layer(layer)
        elif of_theme is not None:
            layer = of_theme.layer
        hits = self.related(query, k=k, theme=theme) if query is not None else []
        chosen = Chosen(of_theme, query, answering(hits))
        selection = Selection(
            self._snapshot, chosen, self.default_layer if layer is None else layer
        )
        return export_selection(selection, names, Path(out))

    def evaluate(
        self,
        *,
        labels: str | None = None,
        layer: int | None = None,
        seed: int = 0,
        tell: Callable[[str], None] | None = None,
    ) -> Evaluation:
        """What a careful reader would ask of the themes, layer by layer, or of one `layer` only.

        `labels`: a column of the sources to compare the themes with; `seed`: of samples, folds,
        draws and baselines; `tell` hears which step begins. Raises UsageError for an unknown
        column, naming the known ones, or an unknown layer, and MissingDependencyError where the
        atlas's model is not on this machine.
        """
        from pipeline.evaluate import evaluate_atlas
        from pipeline.evaluate.label_columns import FIELDS, find_labels

        if layer is not None:
            self._require_layer(layer)
        if seed < 0:
            raise UsageError(f"seed {seed}: expected 0 or more", hint="leave it away for 0")
        column, values = "", None
        if labels is not None:
            fields = {name: self._snapshot.column(name) for name in FIELDS}
            column, values = find_labels(labels, self._snapshot.column("extra"), fields)
        return evaluate_atlas(
            self._evaluated(),
            layers=range(self.n_layers) if layer is None else [layer],
            seed=seed,
            column=column,
            labels=values,
            tell=tell,
        )

    def _evaluated(self) -> EvaluatedAtlas:
        from pipeline.evaluate import EvaluatedAtlas, EvaluatedTheme
        from pipeline.layout_quality import LayoutQuality

        embedder = self._open_query_embedder()
        facts = self.manifest.details.facts
        label = self.manifest.details.settings.get("label", {})
        return EvaluatedAtlas(
            vectors=self._snapshot.vectors,
            theme_ids=self._snapshot.memberships.theme_ids,
            strengths=self._snapshot.memberships.strengths,
            default_layer=self.default_layer,
            themes=tuple(
                EvaluatedTheme(theme.id, theme.layer, theme.name, theme.terms, theme.is_unstable)
                for theme in self._snapshot.themes()
            ),
            trust=tuple(self.trust(layer) for layer in range(self.n_layers)),
            titles=self._snapshot.titles(),
            abstracts=self._snapshot.column("abstract"),
            encode_documents=embedder.encode_documents,
            encode_queries=embedder.encode_queries,
            layout=LayoutQuality.from_facts(facts["map"]) if "map" in facts else None,
            stop=label.get("stop", ()),
            banned=label.get("banned", ()),
        )

    def _require_layer(self, layer: int) -> None:
        if not 0 <= layer < self.n_layers:
            known = "0" if self.n_layers == 1 else f"0 (finest) to {self.n_layers - 1}"
            raise UsageError(f"no layer {layer}", hint=f"this atlas has the layers {known}")

    def _themes_with(
        self, theme_ids: NDArray[np.int32], strengths: NDArray[np.float32]
    ) -> tuple[ThemeOfPaper, ...]:
        return tuple(
            ThemeOfPaper(self._theme(int(theme_id)), float(strength))
            for theme_id, strength in zip(theme_ids, strengths, strict=True)
            if theme_id >= 0
        )

    def _open_predictor(self) -> tuple[PaperFinder, Predictor]:
        from pipeline.predict import Predictor
        from pipeline.recognise import PaperFinder
        from pipeline.themes import judgement_from

        with self._opening_predictor:
            if self._recogniser is None:
                memberships = self._snapshot.memberships
                predictor = Predictor(
                    self._snapshot.vectors,
                    memberships.theme_ids,
                    memberships.strengths,
                    default_layer=memberships.default_layer,
                    judgement=judgement_from(self.manifest.details.facts),
                )
                self._recogniser = PaperFinder(self._snapshot.texts()), predictor
            return self._recogniser

    @cached_property
    def _themes_by_id(self) -> dict[int, ThemeRow]:
        return {theme.id: theme for theme in self._snapshot.themes()}

    def _theme(self, theme_id: int) -> ThemeRow:
        return self._themes_by_id[theme_id]

    def _theme_of_row(self, row: int) -> ThemeRow | None:
        theme_id = self._snapshot.theme_id(row)
        return None if theme_id < 0 else self._theme(theme_id)

    def _open_query_embedder(self) -> QueryEmbedder:
        from pipeline.query import QueryEmbedder

        with self._opening_embedder:
            if self._query_embedder is None:
                details, state = self._snapshot.manifest.details, self._snapshot.embedder_state
                self._query_embedder = QueryEmbedder(details, state=state)
            return self._query_embedder

    def _encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._open_query_embedder().encode_queries(texts)


def _as_paper_text(text: str, number: int) -> str:
    """The text as a paper with these words would be embedded: UsageError where it has none."""
    from pipeline.papers import embedding_text, normalise_abstract, normalise_title

    first, _, rest = text.strip().partition("\n")
    abstract = normalise_abstract(rest)
    if not abstract:
        first, abstract = "", normalise_abstract(first)
    if not abstract:
        raise UsageError(f"text {number} is empty", hint="expected a title, an abstract, or both")
    return embedding_text(Paper(title=normalise_title(first), abstract=abstract))
