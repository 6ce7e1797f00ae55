"""Applying edits to nested themes, so that they stay nested and no paper is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.edits.names import shown, tidy_name, what_is_wrong
from pipeline.edits.papers import FindRow
from pipeline.edits.record import FILE_NAME, Group, LayerWish, Merge, Rename, Split, ThemeEdit

FloatRows = NDArray[np.float32]
Labels = NDArray[np.int32]
Rows = NDArray[np.int64]

_NONE = -1
_MOST_LISTED = 4


@dataclass(frozen=True, slots=True)
class Problem:
    """An edit that was not applied, or not as it stands, and why.

    `edit`: which one; `rows` of `layer`: papers whose themes are named in the text.
    """

    edit: str
    what: str
    advice: str
    layer: int = 0
    rows: tuple[int, ...] = ()

    def text(self, name_of: Callable[[int, int], str]) -> str:
        """The problem in one line; `name_of` gives the theme's name of a layer and a row."""
        names = dict.fromkeys(name_of(self.layer, row) for row in self.rows)
        themes = f" ({', '.join(names)})" if names else ""
        return f"{self.edit}: {self.what}{themes}; {self.advice}"


@dataclass(frozen=True, slots=True)
class EditReport:
    """What became of the edits, for people: how many were applied, and a line for each that was
    not, or not as it stands."""

    n_applied: int = 0
    problems: tuple[str, ...] = ()

    def __add__(self, other: EditReport) -> EditReport:
        """Both together, this one first."""
        return EditReport(self.n_applied + other.n_applied, self.problems + other.problems)


@dataclass(frozen=True, slots=True)
class Edited:
    """Nested themes after the user's edits.

    `labels` and `strengths`: as they were given, (n_layers, n); `names`: the user's, by layer and
    label; `n_applied`: edits that changed something or found their wish met.
    """

    labels: Labels
    strengths: FloatRows
    names: Mapping[tuple[int, int], str]
    n_applied: int
    problems: tuple[Problem, ...]

    def report(self, name_of: Callable[[int, int], str]) -> EditReport:
        """What became of the edits, in words; `name_of` as for `Problem.text`."""
        return EditReport(self.n_applied, tuple(p.text(name_of) for p in self.problems))


def apply_edits(
    labels: Labels,
    strengths: FloatRows,
    vectors: FloatRows,
    edits: Sequence[ThemeEdit],
    *,
    default_layer: int,
    find_row: FindRow,
) -> Edited:
    """The themes after each edit in turn.

    `labels`: (n_layers, n) int32, finest layer first, 0.. within a layer, -1 where unassigned,
    each theme within one of the next layer; `strengths`: the same shape, in [0, 1]; `vectors`:
    (n, dim) unit rows; `find_row`: gives a paper's row by what the user calls it, or None. The
    arguments are not changed. An edit that does not fit changes nothing and is a problem.
    """
    if not edits:
        return Edited(labels, strengths, {}, 0, ())
    editor = _Editor(labels, strengths, vectors, default_layer, find_row)
    for edit in edits:
        editor.apply(edit)
    return editor.edited()


class _MisfitError(Exception):
    """An edit does not fit the themes."""

    def __init__(self, what: str, advice: str, layer: int = 0, rows: Sequence[int] = ()) -> None:
        super().__init__(what)
        self.what, self.advice, self.layer, self.rows = what, advice, layer, tuple(rows)


@dataclass(frozen=True, slots=True)
class _Pointed:
    """The theme that a group of papers means: its label, the papers' rows and what the user calls
    each, the rows inside the theme, and what of the group is no paper here."""

    label: int
    rows: tuple[int, ...]
    called: Group
    inside: tuple[int, ...]
    unknown: Group


@dataclass(frozen=True, slots=True)
class _Given:
    name: str
    edit: str


class _Editor:
    """Themes while they are edited. Each edit is checked in full before it changes anything."""

    def __init__(
        self,
        labels: Labels,
        strengths: FloatRows,
        vectors: FloatRows,
        default_layer: int,
        find_row: FindRow,
    ) -> None:
        self._labels, self._strengths = labels.copy(), strengths.copy()
        self._vectors, self._find_row = vectors, find_row
        self._words = {"finest": 0, "default": default_layer, "coarsest": len(labels) - 1}
        self._names: dict[tuple[int, int], _Given] = {}
        self._problems: list[Problem] = []
        self._n_applied = 0
        self._edit = ""

    def apply(self, edit: ThemeEdit) -> None:
        """Apply one edit, or remember why it cannot be."""
        self._edit = _called(edit)
        try:
            layer = self._layer(edit.layer)
            if isinstance(edit, Rename):
                self._rename(edit, layer)
            elif isinstance(edit, Merge):
                self._merge(edit, layer)
            else:
                self._split(edit, layer)
        except _MisfitError as error:
            self._tell(error.what, error.advice, error.layer, error.rows)
        else:
            self._n_applied += 1

    def edited(self) -> Edited:
        """What the edits made, with labels 0.. again in each layer."""
        labels, names = np.empty_like(self._labels), {}
        for layer, own in enumerate(self._labels):
            known = np.unique(own[own != _NONE])
            labels[layer] = np.where(own == _NONE, _NONE, np.searchsorted(known, own))
            for label in known:
                if given := self._names.get((layer, int(label))):
                    names[layer, int(np.searchsorted(known, label))] = given.name
        _require_nested(labels)
        return Edited(labels, self._strengths, names, self._n_applied, tuple(self._problems))

    def _rename(self, edit: Rename, layer: int) -> None:
        meant = self._point(edit.papers, layer)
        (name,) = self._checked_names([edit.name], layer, {meant.label})
        self._give(layer, meant.label, name)
        self._tell_unknown([meant])

    def _merge(self, edit: Merge, layer: int) -> None:
        groups = [self._point(group, layer) for group in edit.groups]
        sizes = {meant.label: self._size(layer, meant.label) for meant in groups}
        # Of themes of one size, the one that the user names first.
        kept, *others = sorted(sizes, key=lambda label: -sizes[label])
        named = [] if edit.name is None else [edit.name]
        names = self._checked_names(named, layer, set(sizes))
        if others:
            self._join(layer, kept, others)
        else:
            self._tell(
                "its groups lie in one theme already", _needless(names), layer, groups[0].inside[:1]
            )
        for name in names:
            self._give(layer, kept, name)
        self._tell_unknown(groups)

    def _join(self, layer: int, kept: int, others: Sequence[int]) -> None:
        """Make one theme of several of a layer; all their papers go where the kept one lies in
        the coarser layers."""
        joined = np.isin(self._labels[layer], [kept, *others])
        anchor = int(np.flatnonzero(self._labels[layer] == kept)[0])
        for other in others:
            self._pass_on((layer, other), (layer, kept))
        self._labels[layer, joined] = kept
        for coarser in range(layer + 1, len(self._labels)):
            home = self._labels[coarser, anchor]
            moved = joined & (self._labels[coarser] != home)
            emptied = np.unique(self._labels[coarser, moved])
            # What is known of a moved paper is how firmly it lay in its theme.
            firmer = np.maximum(self._strengths[coarser], self._strengths[layer])
            self._strengths[coarser] = np.where(moved, firmer, self._strengths[coarser])
            self._labels[coarser, moved] = home
            for label in emptied:
                if not self._size(coarser, int(label)):
                    self._lose((coarser, int(label)))

    def _split(self, edit: Split, layer: int) -> None:
        groups = [self._point(group, layer) for group in edit.groups]
        labels = [meant.label for meant in groups]
        names = self._checked_names(edit.names, layer, set(labels))
        themes = [meant.inside[0] for meant in groups]
        if len(set(labels)) == 1:
            labels = self._divide(layer, labels[0], groups)
        elif len(set(labels)) == len(groups):
            what = "its groups lie in themes of their own already"
            self._tell(what, _needless(names), layer, themes)
        else:
            what = "some of its groups lie in one theme, others in another"
            raise _MisfitError(what, "name groups of one theme", layer, themes)
        for label, name in zip(labels, names, strict=False):  # a name for each group, or none
            self._give(layer, label, name)
        self._tell_unknown(groups)

    def _divide(self, layer: int, theme: int, groups: Sequence[_Pointed]) -> list[int]:
        """Make one theme for each group out of one theme; gives their labels. The largest part
        keeps the theme's label, and with it a name that the user gave before."""
        members = np.flatnonzero(self._labels[layer] == theme)
        pinned = _pinned(members, groups)
        nearest = self._nearest_groups(members, groups)
        parts = np.where(pinned == _NONE, nearest, pinned)
        if layer:
            parts = _by_theme(self._labels[layer - 1, members], parts, pinned, nearest)
        sizes = np.bincount(parts, minlength=len(groups))
        fresh = int(self._labels[layer].max()) + 1
        labels = [fresh + group for group in range(len(groups))]
        labels[int(sizes.argmax())] = theme
        divided = self._labels[layer].copy()
        divided[members] = np.array(labels)[parts]
        for number, (meant, label) in enumerate(zip(groups, labels, strict=True), start=1):
            if _most_common(divided[list(meant.rows)]) != label:
                raise _MisfitError(
                    f"the papers of group {number} share finer themes with those of another group",
                    f"split these first, with layer = {self._wish(layer - 1)}",
                )
        self._labels[layer] = divided
        self._tell_elsewhere(layer, labels, groups)
        return labels

    def _tell_elsewhere(
        self, layer: int, labels: Sequence[int], groups: Sequence[_Pointed]
    ) -> None:
        """Tell of named papers that their finer themes took along to another group."""
        elsewhere = tuple(
            paper
            for meant, label in zip(groups, labels, strict=True)
            for paper, row in zip(meant.called, meant.rows, strict=True)
            if row in meant.inside and self._labels[layer, row] != label
        )
        if elsewhere:
            what = f"applied, but finer themes took {listed(elsewhere)} to another group"
            self._tell(what, f"split these first, with layer = {self._wish(layer - 1)}")

    def _nearest_groups(self, members: Rows, groups: Sequence[_Pointed]) -> Rows:
        """For each member the group whose mean vector it is nearest to, by cosine; the first one
        on a tie."""
        means = np.stack(
            [np.asarray(self._vectors[list(g.inside)], np.float64).mean(axis=0) for g in groups]
        )
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
        cosines = np.asarray(self._vectors[members], np.float64) @ means.T
        nearest: Rows = np.round(cosines, 6).argmax(axis=1)
        return nearest

    def _point(self, papers: Group, layer: int) -> _Pointed:
        """The theme of a layer that holds more than half of the papers that are found, and two."""
        found = {paper: row for paper in papers if (row := self._find_row(paper)) is not None}
        unknown = tuple(paper for paper in papers if paper not in found)
        by_row = {row: paper for paper, row in reversed(found.items())}
        rows = tuple(dict.fromkeys(found.values()))
        if len(rows) < 2 and unknown:
            what = f"found no single paper for {listed(unknown)}"
            raise _MisfitError(what, "name papers that `paperatlas themes ATLAS --json` lists")
        if len(rows) < 2:
            what = f"{listed(tuple(found))} are one paper"
            raise _MisfitError(what, "name another paper of the theme beside it")
        own = self._labels[layer, list(rows)]
        label = _most_common(own)
        if label is None:
            raise self._scattered(tuple(by_row[row] for row in rows), rows, layer)
        inside = tuple(row for row, other in zip(rows, own, strict=True) if other == label)
        return _Pointed(label, rows, tuple(by_row[row] for row in rows), inside, unknown)

    def _scattered(self, papers: Group, rows: Sequence[int], layer: int) -> _MisfitError:
        own = self._labels[layer, list(rows)]
        told = listed(papers)
        if (own == _NONE).all():
            what = f"{told} are in no theme of layer {layer}"
            return _MisfitError(what, "name two papers that are in one")
        advice = "name two papers of one theme"
        for coarser in range(layer + 1, len(self._labels)):
            if _most_common(self._labels[coarser, list(rows)]) is not None:
                advice += f", or give layer = {self._wish(coarser)}, where they share one"
                break
        firsts = [rows[place] for place in sorted(np.unique(own, return_index=True)[1])]
        return _MisfitError(
            f"{told} lie in different themes of layer {layer}", advice, layer, firsts
        )

    def _layer(self, wish: LayerWish) -> int:
        layer = self._words[wish] if isinstance(wish, str) else wish
        last = len(self._labels) - 1
        if layer > last:
            known = f"the layers 0 (finest) to {last}" if last else "layer 0 only"
            raise _MisfitError(f"there is no layer {layer}", f"this atlas has {known}")
        return layer

    def _wish(self, layer: int) -> str:
        """How a user best writes a layer: by a word that holds when layers come or go."""
        return next((f'"{w}"' for w, number in self._words.items() if number == layer), str(layer))

    def _checked_names(self, names: Sequence[str], layer: int, own: set[int]) -> list[str]:
        """The names, tidied; each could be that of one of the themes `own` of the layer."""
        tidy = [tidy_name(name) for name in names]
        for name in tidy:
            if wrong := what_is_wrong(name):
                raise _MisfitError(wrong, "choose another one")
        folded = {name.casefold() for name in tidy}
        if len(folded) < len(tidy):
            raise _MisfitError("two of its names are the same", "choose different ones")
        for (other_layer, label), given in self._names.items():
            taken = given.name.casefold() in folded and other_layer == layer
            if taken and label not in own:
                what = f"another theme of layer {layer} has the name {shown(given.name)} already"
                raise _MisfitError(what, f"choose another one, or change {given.edit}")
        return tidy

    def _give(self, layer: int, label: int, name: str) -> None:
        before = self._names.get((layer, label))
        self._names[layer, label] = _Given(name, self._edit)
        if before and before.name != name:
            self._tell_overruled(before)

    def _pass_on(self, before: tuple[int, int], after: tuple[int, int]) -> None:
        """Let a name that the user gave before go with its papers to a theme that has none."""
        given = self._names.pop(before, None)
        if given and after in self._names:
            self._tell_overruled(given)
        elif given:
            self._names[after] = given

    def _lose(self, theme: tuple[int, int]) -> None:
        if given := self._names.pop(theme, None):
            self._tell_overruled(given)

    def _size(self, layer: int, label: int) -> int:
        return int((self._labels[layer] == label).sum())

    def _tell(self, what: str, advice: str, layer: int = 0, rows: Sequence[int] = ()) -> None:
        self._problems.append(Problem(self._edit, what, advice, layer, tuple(rows)))

    def _tell_overruled(self, given: _Given) -> None:
        what = f"its name {shown(given.name)} is lost to a later edit, {self._edit}"
        self._problems.append(Problem(given.edit, what, "take one of the two out"))

    def _tell_unknown(self, groups: Sequence[_Pointed]) -> None:
        if unknown := tuple(paper for meant in groups for paper in meant.unknown):
            what = f"applied, but found no single paper for {listed(unknown)}"
            self._tell(what, "correct it, or take it out of the edit")


def _called(edit: ThemeEdit) -> str:
    """What an edit is called in a message: its place in the file, and its name where it has one."""
    kind = type(edit).__name__.lower()
    name = edit.name if not isinstance(edit, Split) else None
    return f"{FILE_NAME}:{edit.line}: {kind}" + (f" {shown(name)}" if name is not None else "")


def listed(papers: Group) -> str:
    """The papers as the user calls them, the first few."""
    told = [shown(paper) for paper in papers[:_MOST_LISTED]]
    if len(papers) > _MOST_LISTED:
        told.append(f"{len(papers) - _MOST_LISTED} more")
    return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)


def _needless(names: Sequence[str]) -> str:
    return "a [[rename]] would do" if names else "take the edit out"


def _most_common(labels: Labels) -> int | None:
    """The theme of more than half of the papers and of two at least; None where there is none."""
    themes, counts = np.unique(labels[labels != _NONE], return_counts=True)
    most = int(counts.max(initial=0))
    return int(themes[counts.argmax()]) if most >= 2 and 2 * most > len(labels) else None


def _pinned(members: Rows, groups: Sequence[_Pointed]) -> Rows:
    """For each member the group that names it, -1 for none."""
    pinned = np.full(len(members), _NONE, dtype=np.int64)
    for group, meant in enumerate(groups):
        places = np.searchsorted(members, np.array(meant.inside))
        if (pinned[places] != _NONE).any():
            what = "one paper is in two of its groups, by two of its ids or titles"
            raise _MisfitError(what, "leave it in one")
        pinned[places] = group
    return pinned


def _by_theme(finer: Labels, parts: Rows, pinned: Rows, nearest: Rows) -> Rows:
    """The parts of a theme with its finer themes left whole.

    A finer theme goes with the group that names most of its papers; of several such, or where
    none does, with the one that most of its papers are nearest to, and then with the first.
    """
    n_groups = int(max(parts.max(), nearest.max())) + 1
    whole = parts.copy()
    for theme in np.unique(finer[finer != _NONE]):
        own = finer == theme
        named = np.bincount(pinned[own & (pinned != _NONE)], minlength=n_groups)
        near = np.bincount(nearest[own], minlength=n_groups)
        whole[own] = np.lexsort((-near, -named))[0]
    return whole


def _require_nested(labels: Labels) -> None:
    """Raise ValueError unless each theme lies within one of the next layer."""
    for layer, (finer, coarser) in enumerate(pairwise(labels)):
        pairs = np.unique(np.stack([finer, coarser])[:, finer != _NONE], axis=1)
        if len(np.unique(pairs[0])) < pairs.shape[1] or (pairs[1] == _NONE).any():
            raise ValueError(f"themes of layer {layer} are not within those of layer {layer + 1}")
