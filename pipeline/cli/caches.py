"""What this user's cache holds, embedded texts and converted models alike, and clearing it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pipeline.cache import CacheInfo, EmbeddingCache, cache_folder
from pipeline.converted_models import ConvertedModel, clear_converted, list_converted
from pipeline.errors import InputError, OutputError


@dataclass(frozen=True, slots=True)
class Stored:
    """What the cache holds; `trouble` says what was amiss with its file, "" where nothing was."""

    folder: Path
    rows: CacheInfo
    models: tuple[ConvertedModel, ...]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was forgotten, and the bytes that came free."""

    folder: Path
    n_rows: int
    n_models: int
    n_bytes: int


def read_stored() -> Stored:
    """What the cache holds. Raises InputError where its file cannot be opened."""
    with closing(EmbeddingCache(quiet=True)) as cache:
        rows = cache.info()
        if not cache.is_usable:
            raise InputError(
                f"{cache.path}: {cache.trouble}", hint="see to its permissions, or delete it"
            )
        return Stored(cache_folder(), rows, tuple(list_converted()), cache.trouble)


def clear_stored() -> Cleared:
    """Empty the cache, the rows first. Raises OutputError for what cannot be cleared."""
    with closing(EmbeddingCache(quiet=True)) as cache:
        before = cache.info().n_bytes
        n_rows = cache.clear()
        if not cache.is_usable:
            raise OutputError(
                f"{cache.path}: {cache.trouble}",
                hint="wait for the builds that use it, see to its permissions, or delete it",
            )
        freed = before - cache.info().n_bytes
    models = clear_converted()
    return Cleared(cache_folder(), n_rows, models.n_models, max(0, freed) + models.n_bytes)
