"""Real parts that several tests share, each made once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import hypothesis
import numpy as np
import pytest

# A busy machine may take any time over one example: that is no failure.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """The tests' own cache of vectors and converted models, in place of the user's."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAPERATLAS_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def embedder(cache):
    """The default embedder, loaded."""
    from pipeline.embed import make_embedder
    from pipeline.settings import EmbedSettings

    embedder = make_embedder(EmbedSettings())
    embedder.encode(["a"])
    return embedder


@pytest.fixture(scope="session")
def seed_papers():
    """The 169 papers of the seeds, duplicates merged, in canonical order."""
    from pipeline.reading import read_table

    return read_table([SEEDS]).table.papers


@pytest.fixture(scope="session")
def seed_texts(seed_papers):
    """What is embedded of each paper of the seeds."""
    from pipeline.papers import embedding_text

    return [embedding_text(paper) for paper in seed_papers]


@pytest.fixture(scope="session")
def seed_rows(embedder, seed_texts):
    """Vectors of the seeds' papers, (169, 384) float32; not to be written to."""
    rows = embedder.encode(seed_texts)
    rows.flags.writeable = False
    return rows


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    """Folder of a sentence-transformers model that the test made: one random BERT layer over
    letters, 32 wide, a window of 48 tokens, saved as safetensors."""
    torch = pytest.importorskip("torch")
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules as models
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("models")
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{c}" for c in letters)]
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(words))
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertModel(config).save_pretrained(folder / "bert")
    BertTokenizerFast(vocab_file=str(vocabulary)).save_pretrained(folder / "bert")
    transformer = models.Transformer(str(folder / "bert"), max_seq_length=48)
    model = SentenceTransformer(modules=[transformer, models.Pooling(32)], device="cpu")
    model.save(str(folder / "tiny"), safe_serialization=True)
    assert np.isfinite(model.encode("abc")).all()
    return folder / "tiny"


@pytest.fixture(scope="session")
def command() -> list[str]:
    """The installed command, or the same by way of Python where it is not in its usual place."""
    script = Path(sys.executable).with_name("paperatlas")
    inline = [sys.executable, "-c", "from pipeline.cli import main; main()"]
    return [str(script)] if script.is_file() else inline


@pytest.fixture(scope="session")
def environment(cache: Path) -> Mapping[str, str]:
    """The environment of commands: the tests' own cache, a plain terminal."""
    unwanted = ("COLUMNS", "NO_COLOR", "PYTHONIOENCODING", "PAPERATLAS_DEBUG")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "PAPERATLAS_CACHE": str(cache)}


@pytest.fixture(scope="session")
def run(command: list[str], environment: Mapping[str, str]) -> Run:
    """Run `paperatlas` with some arguments; `env` adds variables, or with None takes them away."""

    def run_command(
        *arguments: object, env: Mapping[str, str | None] = {}, **options: object
    ) -> subprocess.CompletedProcess[str]:
        changed = {**environment, **env}
        whole = {name: value for name, value in changed.items() if value is not None}
        defaults = {"capture_output": True, "text": True, "timeout": 300}
        return subprocess.run(  # type: ignore[call-overload]
            [*command, *map(str, arguments)], env=whole, check=False, **{**defaults, **options}
        )

    return run_command


@pytest.fixture
def run_here(
    environment: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    """As `run`, in this process: libraries and the model are loaded only once for many commands."""
    from pipeline.cli import main

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def run_command(*arguments: object) -> subprocess.CompletedProcess[str]:
        words = [*map(str, arguments)]
        capsys.readouterr()
        with pytest.raises(SystemExit) as done:
            main(words)
        code = done.value.code
        return subprocess.CompletedProcess(words, code, *capsys.readouterr())  # type: ignore[arg-type]

    yield run_command
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def seed_sources() -> tuple[Path, ...]:
    """Three seed files: 70 records of 50 papers, many of them on optimal transport."""
    return tuple(sorted(SEEDS.glob("00[012]_*.txt")))


@pytest.fixture(scope="session")
def seed_atlas(
    run: Run, seed_sources: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """An atlas of `seed_sources`, built by the command. Do not change it: `copied_atlas`."""
    atlas = tmp_path_factory.mktemp("atlas") / "seeds"
    done = run("build", *seed_sources, "-o", atlas)
    assert done.returncode == 0, done.stderr
    return atlas


@pytest.fixture(scope="session")
def topic_atlas(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An atlas of the papers in `three_topics`, by their words alone: no model is needed. Do not
    change it."""
    from three_topics import write_records

    from pipeline.settings import settings_from
    from pipeline.stages import build_atlas

    folder = tmp_path_factory.mktemp("topics")
    steered = {"embed.backend": "lexical", "cluster.refits": 2, "cluster.min_theme_size": 5}
    source = write_records(folder / "papers.jsonl")
    build_atlas([source], folder / "atlas", settings=settings_from(steered))
    return folder / "atlas"


@pytest.fixture
def copied_atlas(seed_atlas: Path, tmp_path: Path) -> Path:
    """A copy of `seed_atlas` to be changed."""
    return Path(shutil.copytree(seed_atlas, tmp_path / "atlas"))


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A headless Chromium; without one the tests are skipped, but fail where CI is set."""
    found = os.environ.get("PAPERATLAS_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if not found:
        reason = "no Chromium: install Debian's `chromium`, or set PAPERATLAS_CHROMIUM to one"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        print(f"browser tests skipped: {reason}", file=sys.stderr)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright
    from render.browsing import BROWSER_FLAGS

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=BROWSER_FLAGS)
        yield browser
        browser.close()
