"""How fast texts become vectors, beside sentence-transformers in the same process.

    python benchmarks/embedding_speed.py --n 1000 --rounds 5
    python benchmarks/embedding_speed.py --whole
    python benchmarks/embedding_speed.py --query artifacts/seeds

The first measures every embedder against `SentenceTransformer.encode` as one calls it (fp32,
batches of 32, torch's own number of threads), in turns, so that other work on the machine meets
all of them alike. Processor seconds are those of all threads. The second embeds all papers of a
file through an empty cache as a build does, and again through the full one, each in a process of
its own. The third is the wall clock of `paperatlas related ATLAS --text ...` as whole processes.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import itertools
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from seeds_build import Cost, measure, with_caches_in

from pipeline.errors import PipelineError
from pipeline.settings import EmbedSettings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ROOT = Path(__file__).resolve().parents[1]
PAPERS = ROOT.parent / "shared" / "data" / "papers.parquet"
MODEL = "all-MiniLM-L6-v2"
REFERENCE = "SentenceTransformer.encode"
SEED = 0
_N_QUERIES, _QUERIES_A_TURN = 50, 10
# Tokens of one product, pairs of products in a chain, and how often the chain is timed.
_RATE_TOKENS, _RATE_PAIRS, _RATE_REPEATS = 2048, 2, 12
_TOLD_EVERY = 5000
# ru_maxrss is in KiB on Linux and in bytes on macOS.
_RSS_UNITS_PER_MIB = 1024 if sys.platform == "linux" else 1024**2

# New questions of 9 to 12 words: one of each, in every combination.
_METHODS = (
    "optimal transport",
    "graph neural networks",
    "policy gradients",
    "variational inference",
    "contrastive learning",
)
_TASKS = (
    "comparing datasets of different dimension",
    "predicting traffic on road networks",
    "translating between low-resource languages",
    "segmenting medical images",
    "planning with partial observations",
)
_CONDITIONS = (
    "with few labels",
    "under distribution shift",
    "without a simulator",
    "with error bounds",
)

FloatRows = NDArray[np.float32]


class Encoder(Protocol):
    """What the reference and every embedder offer."""

    def fit(self, texts: Sequence[str]) -> Encoder:
        """The encoder fitted to a corpus; itself where it is not of that kind."""

    def for_queries(self) -> Encoder:
        """The encoder of its query side."""

    def encode(self, texts: Sequence[str]) -> FloatRows:
        """Unit rows of `texts`: (n, dim) float32."""


class Reference:
    """`SentenceTransformer.encode` in fp32 on the CPU, in batches of 32."""

    def __init__(self, model: SentenceTransformer, n_threads: int) -> None:
        self.model = model
        self._n_threads = n_threads

    def fit(self, texts: Sequence[str]) -> Self:  # noqa: ARG002 - it is not of that kind
        """Itself."""
        return self

    def for_queries(self) -> Self:
        """Itself."""
        return self

    def encode(self, texts: Sequence[str]) -> FloatRows:
        """Unit rows of the beginnings of `texts`, as many tokens as the model's window has."""
        import torch

        # Another embedder may have left torch with fewer threads than it began with.
        torch.set_num_threads(self._n_threads)
        rows: FloatRows = self.model.encode(
            list(texts), batch_size=32, normalize_embeddings=True, show_progress_bar=False
        )
        return rows


@dataclass(frozen=True, slots=True)
class Aim:
    """What an embedder should reach: its ratio to the reference in documents per processor second,
    and the mean and the least cosine to the reference's rows; None where nothing was set."""

    ratio: float | None = None
    mean_cosine: float | None = None
    least_cosine: float | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """An embedder that is measured. `settings` is None for the reference, `rate` the key of the
    matrix rate that bounds it, None where products of matrices are not its work."""

    name: str
    settings: EmbedSettings | None
    rate: str | None
    aim: Aim = Aim()

    @property
    def reads_whole(self) -> bool:
        """True where it reads more of a long text than its first window."""
        return self.settings is not None and self.settings.max_pieces > 1

    @property
    def is_lexical(self) -> bool:
        """True where its rows have nothing to do with the reference's."""
        return self.settings is not None and self.settings.backend == "lexical"


@dataclass(frozen=True, slots=True)
class Contender:
    """An embedder that is loaded: the seconds that took, the first and the second time, and its
    rows of all texts."""

    kind: Kind
    encoder: Encoder
    loads_s: tuple[float, float]
    rows: FloatRows


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of one encoding of all texts."""

    wall_s: float
    cpu_s: float


def main() -> None:
    """Measure what was asked for and print tables."""
    options = read_options()
    if options.child:
        embed_whole(options.papers, options.limit, options.child)
        return
    console = Console(width=100)
    if options.query:
        console.print(query_table(options.query, options.rounds))
    elif options.whole:
        require_papers(options.papers)
        console.print(whole_table(options.papers, options.limit))
    else:
        require_papers(options.papers)
        for table in speed_tables(options.papers, options.n, options.rounds, options.kinds):
            console.print(table)
    print_machine()


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=Path, default=PAPERS, help=f"Parquet file ({PAPERS})")
    parser.add_argument("--n", type=int, default=1000, help="texts, drawn with seed 0 (1000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, or runs of --query (5)")
    names = [kind.name for kind in all_kinds()]
    parser.add_argument(
        "--kinds", nargs="+", choices=names[1:], default=names[1:], help="beside the reference"
    )
    parser.add_argument("--whole", action="store_true", help="embed all papers as a build does")
    parser.add_argument("--limit", type=int, help="papers of --whole (all)")
    parser.add_argument("--query", type=Path, metavar="ATLAS", help="time `related --text` instead")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def require_papers(path: Path) -> None:
    """SystemExit with one clear line where there is no such file."""
    if not path.is_file():
        sys.exit(f"{path}: no such file; name a Parquet file with the columns title and abstract")


def print_machine() -> None:
    """What the figures were measured on and with."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    libraries = [
        f"{name} {version(name)}"
        for name in ("openvino", "nncf", "torch", "sentence-transformers")
        if importlib.util.find_spec(name.replace("-", "_"))
    ]
    print(f"{os.cpu_count()} cores; load average at the end {load:.1f}. {', '.join(libraries)}.")


# Texts


def read_texts(path: Path, limit: int | None = None) -> list[str]:
    """The texts of a file's first papers, or of all, as a build embeds them."""
    return list(itertools.islice(_stream_texts(path), limit))


def _stream_texts(path: Path) -> Iterator[str]:
    # By batches: the whole table beside the texts would be the peak of the memory.
    import pyarrow.parquet as pq

    from pipeline.papers import Paper, embedding_text, normalise_abstract, normalise_title

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(1000, columns=["title", "abstract"]):
            for row in batch.to_pylist():
                title = normalise_title(row["title"] or "")
                abstract = normalise_abstract(row["abstract"] or "")
                yield embedding_text(Paper(title=title, abstract=abstract))


def draw(texts: Sequence[str], n: int) -> list[str]:
    """`n` of the texts, always the same."""
    n = min(n, len(texts))
    chosen = np.random.default_rng(SEED).choice(len(texts), n, replace=False)
    return [texts[i] for i in sorted(chosen.tolist())]


def new_queries(n: int) -> list[str]:
    """`n` different questions of 9 to 12 words, always the same; at most 100."""
    queries = [
        f"{method} for {task} {condition}"
        for method, task, condition in itertools.product(_METHODS, _TASKS, _CONDITIONS)
    ]
    random.Random(SEED).shuffle(queries)  # noqa: S311 - no secret
    return queries[:n]


# Embedders


def all_kinds() -> list[Kind]:
    """The reference, and what is measured beside it."""

    first = partial(EmbedSettings, max_pieces=1)
    torch = first(backend="sentence-transformers")
    best = "bf16" if has_bf16() else "fp32"
    return [
        Kind(REFERENCE, None, "torch fp32"),
        Kind("bf16", first(precision="bf16"), "bf16", Aim(3.8, 0.9999, 0.999)),
        Kind("fp32", first(precision="fp32"), "fp32", Aim(2.2)),
        Kind("int8", first(precision="int8"), "int8", Aim(5.4, 0.997)),
        Kind("sentence-transformers", torch, "torch fp32"),
        Kind("lexical", first(backend="lexical"), None, Aim(100)),
        Kind("whole", EmbedSettings(max_pieces=8), best),
    ]


def has_bf16() -> bool:
    """True where OpenVINO says that the processor multiplies bf16 matrices."""
    if importlib.util.find_spec("openvino") is None:
        return False
    import openvino

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def why_not(kind: Kind) -> str:
    """Why an embedder cannot be measured on this machine; empty where it can."""
    if kind.settings is None or kind.settings.backend != "openvino":
        return ""
    if importlib.util.find_spec("openvino") is None:
        return "openvino is not installed"
    if kind.settings.precision == "bf16" and not has_bf16():
        return "OpenVINO finds no bf16 on this processor"
    if kind.settings.precision == "int8" and importlib.util.find_spec("nncf") is None:
        return "nncf is not installed"
    return ""


def load_reference() -> Reference:
    """The reference, over the packaged model."""
    from pipeline.embed.model_folder import find_model_folder

    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    n_threads = torch.get_num_threads()
    folder = str(find_model_folder(MODEL).path)
    model = SentenceTransformer(folder, device="cpu", local_files_only=True)
    return Reference(model, n_threads)


def load(kind: Kind, texts: Sequence[str]) -> Contender:
    """Make the embedder twice, then encode all texts once, so that nothing is left to be made."""
    encoder, first_s = _loaded(kind, texts)
    encoder, second_s = _loaded(kind, texts)
    return Contender(kind, encoder, (first_s, second_s), encoder.fit(texts).encode(texts))


def _loaded(kind: Kind, texts: Sequence[str]) -> tuple[Encoder, float]:
    """The embedder, not fitted, and the seconds until it has embedded one text."""
    from pipeline.embed import make_embedder

    begun = time.perf_counter()
    encoder: Encoder = load_reference() if kind.settings is None else make_embedder(kind.settings)
    encoder.fit(texts).encode(texts[:1])
    return encoder, time.perf_counter() - begun


def import_libraries() -> None:
    """Import what the embedders use, so that no embedder's load pays for another's libraries."""
    for name in ("torch", "sentence_transformers", "openvino", "nncf", "sklearn.decomposition"):
        if importlib.util.find_spec(name.partition(".")[0]):
            importlib.import_module(name)


# Speed


def speed_tables(papers: Path, n: int, rounds: int, names: Sequence[str]) -> list[Table]:
    """Measure the embedders with these names, and the reference, in turns."""
    texts = draw(read_texts(papers), n)
    import_libraries()
    with tempfile.TemporaryDirectory() as folder:
        contenders = load_all(texts, names, Path(folder))
        return compare(contenders, texts, rounds)


def compare(contenders: Sequence[Contender], texts: Sequence[str], rounds: int) -> list[Table]:
    """Measure what is loaded, the reference first."""
    rates = matrix_rates()
    spent = encode_in_turns(contenders, texts, rounds)
    latencies_ms = query_in_turns(contenders, texts)
    again = matrix_rates()
    rates = {name: max(rates[name], again[name]) for name in rates}
    work = count_work(texts)
    title = f"{len(texts)} texts, {rounds} rounds in turns"
    return [
        speed_table(contenders, spent, len(texts), title),
        agreement_table(contenders),
        share_table(contenders, spent, work, rates),
        latency_table(contenders, latencies_ms),
    ]


def load_all(texts: Sequence[str], names: Sequence[str], folder: Path) -> list[Contender]:
    """The reference first; what cannot be measured here is left out, with a line that says why."""
    contenders = []
    for kind in all_kinds():
        if kind.name not in (REFERENCE, *names):
            continue
        # A model that another embedder or an earlier day has converted would make a load quick.
        os.environ["PAPERATLAS_CACHE"] = str(folder / kind.name)
        reason = why_not(kind)
        try:
            if not reason:
                contenders.append(load(kind, texts))
                tell(f"{kind.name}: loaded")
        except PipelineError as error:
            reason = str(error)
        if reason:
            print(f"{kind.name}: not measured, {reason}")
    return contenders


def encode_in_turns(
    contenders: Sequence[Contender], texts: Sequence[str], rounds: int
) -> dict[str, list[Spent]]:
    """What each encoding took, by embedder and round; each round begins with another embedder."""
    spent: dict[str, list[Spent]] = {contender.kind.name: [] for contender in contenders}
    for turn in range(rounds):
        first = turn % len(contenders)
        for contender in [*contenders[first:], *contenders[:first]]:
            wall_s, cpu_s = time.perf_counter(), time.process_time()
            contender.encoder.fit(texts).encode(texts)
            taken = Spent(time.perf_counter() - wall_s, time.process_time() - cpu_s)
            spent[contender.kind.name].append(taken)
        tell(f"round {turn + 1} of {rounds}")
    return spent


def query_in_turns(contenders: Sequence[Contender], texts: Sequence[str]) -> dict[str, list[float]]:
    """Milliseconds of every query, by embedder; each query is new to all of them.

    A turn is one query that does not count and then ten that do: an embedder whose model another
    one has driven out of the processor's caches is not warm.
    """
    encoders = {c.kind.name: c.encoder.fit(texts).for_queries() for c in contenders}
    taken_ms: dict[str, list[float]] = {name: [] for name in encoders}
    n_turns = _N_QUERIES // _QUERIES_A_TURN
    queries = new_queries(_N_QUERIES + n_turns)
    for turn in range(n_turns):
        warm_up, *counted = queries[turn::n_turns]
        for name, encoder in encoders.items():
            encoder.encode([warm_up])
            for query in counted:
                begun = time.perf_counter()
                encoder.encode([query])
                taken_ms[name].append(1000 * (time.perf_counter() - begun))
    return taken_ms


def tell(line: str) -> None:
    """Say how far the benchmark is."""
    print(line, file=sys.stderr, flush=True)


def speed_table(
    contenders: Sequence[Contender], spent: Mapping[str, Sequence[Spent]], n: int, title: str
) -> Table:
    """Documents per second, and their ratio to the reference in the same round."""
    table = Table("embedder", title=f"Documents per processor second ({title})")
    for column in ("docs/CPU-s", "ratio", "least", "most", "aim", "docs/s", "ratio, wall"):
        table.add_column(column, justify="right")
    reference = spent[REFERENCE]
    for contender in contenders:
        own = spent[contender.kind.name]
        ratios = [r.cpu_s / o.cpu_s for r, o in zip(reference, own, strict=True)]
        wall_ratios = [r.wall_s / o.wall_s for r, o in zip(reference, own, strict=True)]
        told = [f"{f:.2f}" for f in (statistics.median(ratios), min(ratios), max(ratios))]
        table.add_row(
            shown_name(contender.kind),
            f"{n / statistics.median(s.cpu_s for s in own):.1f}",
            *told,
            as_aim(contender.kind.aim.ratio),
            f"{n / statistics.median(s.wall_s for s in own):.1f}",
            f"{statistics.median(wall_ratios):.2f}",
        )
    return table


def agreement_table(contenders: Sequence[Contender]) -> Table:
    """Cosines of each row to the reference's row of the same text."""
    table = Table("embedder", title="Cosine to the reference's rows")
    for column in ("mean", "aim", "least", "aim"):
        table.add_column(column, justify="right")
    reference = contenders[0].rows.astype(np.float64)
    for contender in contenders[1:]:
        if contender.kind.is_lexical:
            continue
        cosines = (contender.rows * reference).sum(axis=1)
        aim = contender.kind.aim
        table.add_row(
            shown_name(contender.kind),
            f"{cosines.mean():.6f}",
            as_aim(aim.mean_cosine),
            f"{cosines.min():.6f}",
            as_aim(aim.least_cosine),
        )
    return table


def latency_table(
    contenders: Sequence[Contender], latencies_ms: Mapping[str, Sequence[float]]
) -> Table:
    """Seconds of a load, and milliseconds of a query after it."""
    table = Table("embedder", title=f"Load, and {_N_QUERIES} new queries of 9 to 12 words")
    for column in ("first load", "second load", "query, median", "least", "most"):
        table.add_column(column, justify="right")
    for contender in contenders:
        taken = latencies_ms[contender.kind.name]
        table.add_row(
            shown_name(contender.kind),
            *(f"{seconds:.2f} s" for seconds in contender.loads_s),
            *(f"{ms:.1f} ms" for ms in (statistics.median(taken), min(taken), max(taken))),
        )
    table.caption = (
        "A load ends with the first text. Libraries are imported before; lexical is fitted in it."
    )
    return table


def shown_name(kind: Kind) -> str:
    """The embedder's name in a table."""
    return f"{kind.name} (reads more)" if kind.reads_whole else kind.name


def as_aim(aim: float | None) -> str:
    """An aim in a table, empty where there is none."""
    return "" if aim is None else f"{aim:g}"


# Arithmetic


@dataclass(frozen=True, slots=True)
class Work:
    """Floating point operations that the texts' own tokens need, padding left out: those of each
    text's first window, and those of all its windows."""

    first: float
    whole: float


def count_work(texts: Sequence[str]) -> Work:
    """Linear layers at two operations a weight and token, attention at 4 times length times width
    a token and layer. The titles that are read again before later windows count as padding."""
    from pipeline.embed.model_folder import find_model_folder

    folder = find_model_folder(MODEL).path
    config = json.loads((folder / "config.json").read_text("utf-8"))
    size = json.loads((folder / "sentence_bert_config.json").read_text("utf-8"))["max_seq_length"]
    layers, width = config["num_hidden_layers"], config["hidden_size"]
    weights = layers * (4 * width**2 + 2 * width * config["intermediate_size"])

    def of_window(n_tokens: int) -> float:
        return float(n_tokens * (2 * weights + 4 * n_tokens * width * layers))

    lengths = count_tokens(texts, folder / "tokenizer.json")
    return Work(
        sum(of_window(min(length, size)) for length in lengths),
        sum(length // size * of_window(size) + of_window(length % size) for length in lengths),
    )


def count_tokens(texts: Sequence[str], tokenizer_file: Path) -> list[int]:
    """Tokens of each text, special ones included, however many a window holds."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return [len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts))]


def share_table(
    contenders: Sequence[Contender],
    spent: Mapping[str, Sequence[Spent]],
    work: Work,
    rates: Mapping[str, float],
) -> Table:
    """How much of what a thread can multiply an embedder uses."""
    table = Table("embedder", title="Share of the machine's matrix rate")
    for column in ("GFLOP per CPU-s", "one thread's GFLOP/s", "of", "share"):
        table.add_column(column, justify="right")
    for contender in contenders:
        kind = contender.kind
        if kind.rate is None or kind.rate not in rates:
            continue
        cpu_s = statistics.median(s.cpu_s for s in spent[kind.name])
        done = (work.whole if kind.reads_whole else work.first) / cpu_s / 1e9
        rate = rates[kind.rate]
        own = "" if kind.rate.startswith("torch") else "OpenVINO "
        table.add_row(
            shown_name(kind), f"{done:.1f}", f"{rate:.0f}", own + kind.rate, f"{done / rate:.0%}"
        )
    table.caption = "Operations of the texts' own tokens; padding and repeated titles are no work."
    return table


def matrix_rates() -> dict[str, float]:
    """The best GFLOP/s of one thread by kind of number, in MiniLM's products: (2048 x 384) times
    (384 x 1536) and back. Of processor seconds: other work on the machine does not count."""
    rates = {"torch fp32": _torch_rate()}
    if importlib.util.find_spec("openvino"):
        rates |= {"fp32": _openvino_rate("f32"), "int8": _openvino_rate("f32", quantised=True)}
        if has_bf16():
            rates["bf16"] = _openvino_rate("bf16")
    return rates


def _weights() -> list[FloatRows]:
    # Scaled so that the numbers stay of order one along the chain.
    shapes = [(384, 1536), (1536, 384)] * _RATE_PAIRS
    rng = np.random.default_rng(SEED)
    return [(rng.standard_normal(s) / np.sqrt(s[0])).astype(np.float32) for s in shapes]


def _tokens() -> FloatRows:
    tokens = np.random.default_rng(SEED).standard_normal((_RATE_TOKENS, 384))
    return tokens.astype(np.float32)


def _best_rate(run: Callable[[], object]) -> float:
    operations = sum(2 * _RATE_TOKENS * weights.size for weights in _weights())
    taken_s = []
    for _ in range(_RATE_REPEATS):
        begun = time.process_time()
        run()
        taken_s.append(time.process_time() - begun)
    return operations / min(taken_s) / 1e9


def _torch_rate() -> float:
    import torch

    tokens, weights = torch.from_numpy(_tokens()), [torch.from_numpy(w.T) for w in _weights()]

    def run() -> None:
        out = tokens
        for matrix in weights:
            out = torch.nn.functional.linear(out, matrix)

    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            return _best_rate(run)
    finally:
        torch.set_num_threads(n_threads)


def _openvino_rate(precision: str, *, quantised: bool = False) -> float:
    import openvino
    from openvino import opset13 as ops

    tokens = _tokens()
    chain = start = ops.parameter(list(tokens.shape), np.float32)
    for matrix in _weights():
        weights = ops.constant(matrix)
        if quantised:
            end, most = np.float32(4), np.abs(matrix).max()
            chain = ops.fake_quantize(chain, -end, end, -end, end, 256)
            weights = ops.fake_quantize(weights, -most, most, -most, most, 255)
        chain = ops.matmul(chain, weights, False, False)
    settings = {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": 1,
        "NUM_STREAMS": 1,
    }
    compiled = openvino.Core().compile_model(openvino.Model([chain], [start]), "CPU", settings)
    request = compiled.create_infer_request()
    return _best_rate(lambda: request.infer([tokens]))


# A whole file


@dataclass(frozen=True, slots=True)
class Whole:
    """Embedding all papers once: seconds, memory before and at the peak, and what it left."""

    n: int
    wall_s: float
    cpu_s: float
    before_mib: float
    peak_mib: float
    cache_mib: float
    rows_sha256: str


class Counter:
    """`Progress` that tells every few thousand papers how fast they were."""

    def __init__(self) -> None:
        self._begun, self._done = time.perf_counter(), 0

    def stage(self, name: str, total: int = 0) -> None:
        """Say nothing."""

    def advance(self, count: int) -> None:
        """Tell when the next thousands are full."""
        before, self._done = self._done, self._done + count
        if before // _TOLD_EVERY != self._done // _TOLD_EVERY:
            speed = self._done / (time.perf_counter() - self._begun)
            tell(f"{self._done} papers, {speed:.0f} a second")


def embed_whole(papers: Path, limit: int | None, folder: Path) -> None:
    """Embed all papers through the cache in `folder` and print a `Whole` as JSON."""
    from pipeline.cache import EmbeddingCache
    from pipeline.embed import make_embedder
    from pipeline.stages import embed_texts

    texts = read_texts(papers, limit)
    before_mib = _peak_mib()
    out, caches = folder / "rows.npy", folder / "cache"
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    with closing(EmbeddingCache(folder=caches)) as cache:
        embedder = make_embedder(EmbedSettings(), store=cache)
        shape = (len(texts), embedder.dim)
        rows = np.lib.format.open_memmap(out, mode="w+", dtype=np.float32, shape=shape)
        embed_texts(embedder, texts, rows, Counter())
        rows.flush()
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    peak_mib = _peak_mib()
    cache_mib = sum(f.stat().st_size for f in caches.rglob("*") if f.is_file()) / 1024**2
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    done = (len(texts), wall_s, cpu_s, before_mib, peak_mib, cache_mib, digest)
    print(json.dumps(done))


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _RSS_UNITS_PER_MIB


def whole_table(papers: Path, limit: int | None) -> Table:
    """Embed all papers, and again with the cache that this left; before both, convert the model,
    whose memory and time would hide theirs."""
    table = Table("run", title=f"{papers.name} through the cache, by the default embedder")
    columns = ("papers", "time", "docs/s", "CPU-s", "docs/CPU-s", "peak", "peak before", "cache")
    for column in columns:
        table.add_column(column, justify="right")
    with tempfile.TemporaryDirectory() as folder:
        models, other, rows = (Path(folder) / name for name in ("models", "other", "rows"))
        runs = {
            "converts": _in_a_child(papers, 1, other, models),
            "embeds": _in_a_child(papers, limit, rows, models),
            "looks up": _in_a_child(papers, limit, rows, models),
        }
    for name, run in runs.items():
        table.add_row(
            name,
            f"{run.n:,}",
            f"{run.wall_s:.1f} s",
            f"{run.n / run.wall_s:.1f}",
            f"{run.cpu_s:.1f}",
            f"{run.n / run.cpu_s:.1f}",
            *(f"{mib:.0f} MiB" for mib in (run.peak_mib, run.before_mib, run.cache_mib)),
        )
    same = runs["embeds"].rows_sha256 == runs["looks up"].rows_sha256
    table.caption = (
        f"Peak before: when all texts were read. Rows that were looked up: "
        f"{'same' if same else 'OTHER'} bytes. The time has the load in it, not reading the file."
    )
    return table


def _in_a_child(papers: Path, limit: int | None, folder: Path, models: Path) -> Whole:
    folder.mkdir(exist_ok=True)
    arguments = ["--papers", str(papers), "--child", str(folder)]
    if limit is not None:
        arguments += ["--limit", str(limit)]
    done = subprocess.run(
        [sys.executable, __file__, *arguments],
        env=os.environ | {"PAPERATLAS_CACHE": str(models)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"embedding {papers} failed; its own message is above")
    return Whole(*json.loads(done.stdout.splitlines()[-1]))


# Queries as whole processes


def query_table(atlas: Path, runs: int) -> Table:
    """Whole processes of `related --text`, each with a text that no cache knows."""
    with tempfile.TemporaryDirectory() as folder:
        environment = with_caches_in(Path(folder) / "caches")
        costs = [
            measure(["related", str(atlas), "--text", query, "-k", "3"], environment)
            for query in new_queries(runs + 1)
        ]
    table = Table("`paperatlas related --text`", title=f"A new text each time, on {atlas}")
    for column in ("runs", "median", "least", "most", "processor", "peak"):
        table.add_column(column, justify="right")
    table.add_row("first, all caches empty", *_as_cells(costs[:1]))
    table.add_row("then", *_as_cells(costs[1:]))
    return table


def _as_cells(costs: Sequence[Cost]) -> list[str]:
    walls = [cost.wall_s for cost in costs]
    return [
        str(len(costs)),
        *(f"{wall:.2f} s" for wall in (statistics.median(walls), min(walls), max(walls))),
        f"{statistics.median(cost.cpu_s for cost in costs):.2f} s",
        f"{statistics.median(cost.peak_mib for cost in costs):.0f} MiB",
    ]


if __name__ == "__main__":
    main()
