"""What this user's cache holds: embedded texts, converted models, answers; and clearing it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pipeline.cache import CacheInfo, EmbeddingCache, cache_folder
from pipeline.cache_file import CacheFile
from pipeline.converted_models import ConvertedModel, clear_converted, list_converted
from pipeline.errors import InputError, OutputError
from pipeline.refine.store import AnswersInfo, AnswerStore


@dataclass(frozen=True, slots=True)
class Stored:
    """What the cache holds; `rows_trouble` and `answers_trouble` say what was amiss with their
    files, "" where nothing was."""

    folder: Path
    rows: CacheInfo
    models: tuple[ConvertedModel, ...]
    answers: AnswersInfo
    rows_trouble: str = ""
    answers_trouble: str = ""

    @property
    def n_bytes(self) -> int:
        """Of everything that is kept."""
        models = sum(model.n_bytes for model in self.models)
        return self.rows.n_bytes + models + self.answers.n_bytes


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was forgotten, and the bytes that came free."""

    folder: Path
    n_rows: int
    n_models: int
    n_answers: int
    n_bytes: int


def read_stored() -> Stored:
    """What the cache holds. Raises InputError where a file of it cannot be opened."""
    with closing(EmbeddingCache(quiet=True)) as cache, closing(AnswerStore(quiet=True)) as store:
        rows, answers = cache.info(), store.info()
        for file in (cache, store):
            if not file.is_usable:
                raise InputError(
                    f"{file.path}: {file.trouble}", hint="see to its permissions, or delete it"
                )
        models = tuple(list_converted())
        return Stored(cache_folder(), rows, models, answers, cache.trouble, store.trouble)


def clear_stored() -> Cleared:
    """Empty the cache, the rows first. Raises OutputError for what cannot be cleared."""
    with closing(EmbeddingCache(quiet=True)) as cache:
        n_rows, row_bytes = _clear(cache, cache.clear)
    with closing(AnswerStore(quiet=True)) as store:
        n_answers, answer_bytes = _clear(store, store.clear)
    models = clear_converted()
    n_bytes = row_bytes + answer_bytes + models.n_bytes
    return Cleared(cache_folder(), n_rows, models.n_models, n_answers, n_bytes)


def _clear(file: CacheFile, clear: Callable[[], int]) -> tuple[int, int]:
    """What was in the file, and the bytes that came free."""
    before = file.size_on_disk()
    n_entries = clear()
    if not file.is_usable:
        raise OutputError(
            f"{file.path}: {file.trouble}",
            hint="wait for the builds that use it, see to its permissions, or delete it",
        )
    return n_entries, max(0, before - file.size_on_disk())
