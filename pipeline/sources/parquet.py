"""Read Parquet tables through pyarrow, the `parquet` extra."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.errors import InputError, MissingDependencyError
from pipeline.papers import Paper, Problem, ProblemKind
from pipeline.sources.column_names import columns_of_fields
from pipeline.sources.document import Document
from pipeline.sources.fields import MAX_EXTRA_CHARS
from pipeline.sources.rows import RowReader, is_extra
from pipeline.sources.table_header import Header, completed

NAME = "parquet"
_BATCH_ROWS = 2048
_BATCH_BYTES = 32 << 20
_SAMPLE_ROWS = 200
# Short texts beside a few long ones are read; a column of nothing but long ones is not.
_LONG_FACTOR = 4


def sniff(document: Document) -> float:
    """Say whether the file begins as a Parquet file must: 0 or 1."""
    return 1.0 if document.head_bytes.startswith(b"PAR1") else 0.0


def count(document: Document) -> int:
    """Give the number of rows that the file's footer states."""
    return int(_open(document).metadata.num_rows)


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each row's paper, some thousand rows in memory at a time; `Source.line` is the row.

    InputError when no column holds titles or abstracts, or there is none that the user named.
    """
    table = _open(document)
    header = _header(table, document)
    if header.guessed:
        yield Problem(1, header.guessed, ProblemKind.DOUBT)
    used = {header.names[number] for numbers in header.columns.values() for number in numbers}
    wanted = [name for name in header.names if name in used.union(_extra_columns(table))]
    places = {name: place for place, name in enumerate(wanted)}
    columns = {
        field: [places[header.names[number]] for number in numbers]
        for field, numbers in header.columns.items()
    }
    reader, last = RowReader(wanted, columns), 0
    try:
        for batch in table.iter_batches(batch_size=_batch_rows(table, wanted), columns=wanted):
            for last, row in enumerate(_rows(batch, wanted), last + 1):  # noqa: B020
                yield reader.paper(row, document.source(last))
    except _damage() as error:
        yield Problem(last + 1, f"table damaged from here on ({_said(error)})")


def _header(table: Any, document: Document) -> Header:  # noqa: ANN401  pyarrow has no types
    names = tuple(table.schema_arrow.names)
    header = Header(0, True, names, columns_of_fields(names))
    sample: list[list[str]] = []
    if not {"title", "abstract"} <= header.columns.keys() | document.columns.keys():
        batch = next(table.iter_batches(batch_size=_SAMPLE_ROWS), None)
        rows = _rows(batch, names) if batch is not None else ()
        sample = [
            [str(cell) if isinstance(cell, str | int) else "" for cell in row] for row in rows
        ]
    return completed(header, sample, document.columns, document.shown)


def _rows(batch: Any, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
    """The rows of a batch, cells in the order of `names`."""
    return zip(*(_values(batch.column(name)) for name in names), strict=True)


def _values(column: Any) -> list[Any]:  # noqa: ANN401
    import pyarrow as pa

    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        # Nanoseconds are no Python time stamps, unless pandas is there.
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    values: list[Any] = column.to_pylist()
    return values


def _batch_rows(table: Any, names: Sequence[str]) -> int:  # noqa: ANN401
    """As many rows as take some 32 MiB in these columns, at most a few thousand."""
    metadata = table.metadata
    total: int = 0
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        columns = map(group.column, range(group.num_columns))
        total += sum(
            column.total_uncompressed_size
            for column in columns
            if column.path_in_schema.partition(".")[0] in names
        )
    per_row = max(1, total // max(1, int(metadata.num_rows)))
    return max(1, min(_BATCH_ROWS, _BATCH_BYTES // per_row))


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


def _open(document: Document) -> Any:  # noqa: ANN401  pyarrow has no types
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingDependencyError(
            f"{document.shown}: reading Parquet needs pyarrow",
            hint="pip install 'paperatlas[parquet]'",
        ) from error
    try:
        return pq.ParquetFile(document.path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{document.shown}: damaged Parquet file ({_said(error)})",
            hint="export or download it again",
        ) from error


def _damage() -> tuple[type[Exception], ...]:
    import pyarrow as pa

    return (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError)


def _said(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else "unreadable"
