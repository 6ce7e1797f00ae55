"""Read Parquet tables through pyarrow, the `parquet` extra."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.errors import InputError, MissingDependencyError
from pipeline.papers import Paper, Problem, Source
from pipeline.sources.rows import MAX_EXTRA_CHARS, has_text, is_extra, map_columns, to_paper

NAME = "parquet"
_BATCH_ROWS = 2048
# Short texts beside a few long ones are read; a column of nothing but long ones is not.
_LONG_FACTOR = 4


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
    wanted = sorted({*columns.values(), *_extra_columns(table)})
    for batch in table.iter_batches(batch_size=_BATCH_ROWS, columns=wanted):
        for row in batch.to_pylist():
            number += 1
            yield to_paper(row, columns, Source(file, number))


def _extra_columns(table: Any) -> list[str]:  # noqa: ANN401  pyarrow has no types
    """Columns of plain values that are short on average: full texts and vectors are not read."""
    from pyarrow import types

    metadata = table.metadata
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    places = {metadata.schema.column(i).path: i for i in range(metadata.num_columns)}
    most = _LONG_FACTOR * MAX_EXTRA_CHARS * max(metadata.num_rows, 1)
    names = []
    for field in table.schema_arrow:
        kind = field.type.value_type if types.is_dictionary(field.type) else field.type
        if types.is_nested(kind) or "binary" in str(kind) or not is_extra(field.name):
            continue
        place = places.get(field.name)
        if place is None:
            continue
        if sum(group.column(place).total_uncompressed_size for group in groups) <= most:
            names.append(field.name)
    return names


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
