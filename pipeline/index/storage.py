"""An index on disk: FAISS's own format, mapped and not read, and what the manifest says of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.errors import DamagedAtlasError
from pipeline.index.approximate import ApproximateIndex
from pipeline.index.choice import EXACT, IndexReport
from pipeline.index.exact import ExactIndex
from pipeline.index.kinds import KINDS
from pipeline.index.protocol import FloatRows, Index

INDEX_FILE = "index-0000.faiss"
FACTS = "index"
# FAISS loops no more often than this while it reads: lists of an atlas of 10**12 papers.
_MOST_LOOPS = 1 << 22
_reading = threading.Lock()


def write_index(faiss_index: Any, path: Path) -> None:  # noqa: ANN401 - faiss has no types
    """Write FAISS's part of an index to `path`, the same bytes for the same index.

    Raises RuntimeError, in FAISS's words, where that fails.
    """
    import faiss

    faiss.write_index(faiss_index, str(path))


def open_index(file: Callable[[str], Path], vectors: FloatRows, facts: Mapping[str, Any]) -> Index:
    """The index of an atlas: that which `facts["index"]` tells of, the exact one without it.

    `file`: path of a file of the atlas, checked against the manifest; `vectors`: (n, dim) unit
    rows, which may be mapped. The index stays on disk, and what a query touches is read. Raises
    DamagedAtlasError where the file is not there or holds another index than was written.
    """
    if FACTS not in facts:
        return ExactIndex(vectors)
    try:
        report = IndexReport.from_facts(facts[FACTS])
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise _damaged("manifest.json", f"does not tell of an index ({error})") from None
    if report.kind == EXACT:
        return ExactIndex(vectors)
    try:
        path = file(INDEX_FILE)
    except KeyError:
        raise _damaged(INDEX_FILE, "is missing") from None
    n_rows, dim = vectors.shape
    faiss_index = read_faiss_index(
        path, report.kind, n_rows=n_rows, dim=dim, n_bytes=report.n_bytes
    )
    assert report.effort is not None  # noqa: S101 - `from_facts` has seen to it
    return ApproximateIndex(faiss_index, vectors, KINDS[report.kind], report.effort)


def read_faiss_index(path: Path, kind: str, *, n_rows: int, dim: int, n_bytes: int) -> Any:  # noqa: ANN401
    """FAISS's part of an index of this kind and shape, mapped from the file `path` of `n_bytes`.

    FAISS checks sizes and numbers of rows as it reads; what it cannot know is checked here. Raises
    DamagedAtlasError.
    """
    import faiss

    # FAISS 1.15.1 crashes on some files that end early where it maps them.
    if (found_bytes := path.stat().st_size) != n_bytes:
        raise _damaged(str(path), f"has {found_bytes:,} bytes, not {n_bytes:,}")
    try:
        with _limits(path):
            found = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except (RuntimeError, MemoryError, OSError) as error:
        raise _damaged(str(path), "is not a whole FAISS index") from error
    made = faiss.index_factory(dim, KINDS[kind].factory(n_rows, dim), faiss.METRIC_L2)
    KINDS[kind].prepare(made)
    if found.ntotal != n_rows or _form(found) != _form(made):
        raise _damaged(str(path), f"is not an index of kind {kind} of {n_rows} rows by {dim}")
    return found


@contextmanager
def _limits(path: Path) -> Iterator[None]:
    """FAISS's limits of what a file may ask for: no array is larger than the file. They are the
    process's own, so one file is read at a time."""
    import faiss

    with _reading:
        loops = faiss.get_deserialization_loop_limit()
        n_bytes = faiss.get_deserialization_vector_byte_limit()
        faiss.set_deserialization_loop_limit(_MOST_LOOPS)
        faiss.set_deserialization_vector_byte_limit(path.stat().st_size + 1)
        try:
            yield
        finally:
            faiss.set_deserialization_loop_limit(loops)
            faiss.set_deserialization_vector_byte_limit(n_bytes)


def _form(index: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """What two indexes of one kind and shape have in common, from the outermost part inwards."""
    import faiss

    # Beside `index`, which keeps what FAISS made alive, not in its place.
    cast = faiss.downcast_index(index)
    # Read back, FAISS gives a flat index the name of its metric.
    name = type(cast).__name__.removesuffix("L2")
    form: tuple[Any, ...] = (name, cast.d, cast.metric_type)
    if isinstance(cast, faiss.IndexPreTransform):
        chain = [faiss.downcast_VectorTransform(cast.chain.at(i)) for i in range(cast.chain.size())]
        form += tuple((type(step).__name__, step.d_in, step.d_out) for step in chain)
        return form + _form(cast.index)
    if isinstance(cast, faiss.IndexIVF):
        form += (cast.nlist, cast.code_size, *_form(cast.quantizer))
    elif isinstance(cast, faiss.IndexHNSW):
        form += (cast.hnsw.nb_neighbors(0), *_form(cast.storage))
    elif isinstance(cast, faiss.IndexFlatCodes):
        form += (cast.code_size,)
    return form


def _damaged(name: str, what: str) -> DamagedAtlasError:
    return DamagedAtlasError(f"{name}: {what}", hint="build the atlas again")
