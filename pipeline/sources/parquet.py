"""Read Parquet tables through pyarrow, the `parquet` extra."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.errors import InputError, MissingDependencyError
from pipeline.papers import Paper, Problem, Source
from pipeline.sources.rows import has_text, map_columns, to_paper

NAME = "parquet"
_BATCH_ROWS = 2048


def sniff(head: str, _path: Path) -> float:
    """Say whether the file begins as a Parquet file must: 0 or 1."""
    return 1.0 if head.startswith("PAR1") else 0.0


def count(path: Path) -> int:
    """Give the number of rows that the file's footer states."""
    return int(_open(path).metadata.num_rows)


def read(path: Path, *, file: str) -> Iterator[Paper | Problem]:
    """Yield each row's paper, a few thousand rows in memory at a time; `Source.line` is the row."""
    table = _open(path)
    columns = map_columns(table.schema_arrow.names)
    if not has_text(columns):
        known = ", ".join(table.schema_arrow.names[:12])
        raise InputError(
            f"{path}: no column named title or abstract (columns: {known})",
            hint="rename the columns that hold titles and abstracts",
        )
    number = 0
    for batch in table.iter_batches(batch_size=_BATCH_ROWS, columns=sorted(columns.values())):
        for row in batch.to_pylist():
            number += 1
            yield to_paper(row, columns, Source(file, number))


def _open(path: Path) -> Any:  # noqa: ANN401  pyarrow has no types
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingDependencyError(
            f"{path}: reading Parquet needs pyarrow", hint="pip install 'paperatlas[parquet]'"
        ) from error
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else "unreadable"
        raise InputError(
            f"{path}: damaged Parquet file ({reason})", hint="export or download it again"
        ) from error
