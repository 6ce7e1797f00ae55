"""How many threads FAISS may take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def faiss_threads(n_threads: int) -> Iterator[None]:
    """FAISS's OpenMP loops on so many threads. The number is the calling thread's own: no other
    one is slowed."""
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(n_threads)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for FAISS and for the matrix products below it, in the whole process: what is
    built here has the same bytes however many processors there are."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1), faiss_threads(1):
        yield
