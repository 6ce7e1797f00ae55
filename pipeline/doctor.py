"""What decides whether paperatlas works on this machine and how fast: facts, and what is amiss.

Nothing is printed here, and PyTorch is not loaded. Each probe can fail alone: its part of the
report is then None, and a problem says why.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pipeline.errors import DamagedAtlasError, MissingDependencyError, PipelineError

if TYPE_CHECKING:
    from pipeline.artifacts import Snapshot
    from pipeline.settings import EmbedSettings

_Fact = TypeVar("_Fact")

# What numpy calls the units of a processor that decide how fast a model runs.
_UNITS = ("SSE42", "AVX2", "FMA3", "AVX512F", "AVX512VNNI", "AVX512BF16", "ASIMD", "ASIMDDP", "SVE")
_REINSTALL = "reinstall paperatlas with its constraints file"


@dataclass(frozen=True, slots=True)
class Library:
    """A library by the name that pip knows; `version` is "" where it came without metadata."""

    name: str
    is_installed: bool
    version: str
    purpose: str
    """What it is for."""
    install: str
    """The command that brings it."""
    is_essential: bool


@dataclass(frozen=True, slots=True)
class Platform:
    """Versions of paperatlas, Python and the operating system."""

    paperatlas: str
    python: str
    system: str


@dataclass(frozen=True, slots=True)
class Processor:
    """What computes. `units`: its instruction sets, as numpy calls them."""

    name: str
    machine: str
    n_threads: int
    """That this process may use."""
    n_present: int
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenVino:
    """What OpenVINO finds in the processor."""

    device: str
    capabilities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """The model of the default settings, checked: a packaged one that is not as published is a
    problem and not here."""

    name: str
    path: Path
    digest: str
    is_packaged: bool


@dataclass(frozen=True, slots=True)
class Backend:
    """How the default settings run the model; `is_converted`: None where nothing is converted."""

    name: str
    precision: str
    is_converted: bool | None


@dataclass(frozen=True, slots=True)
class Cache:
    """The user's cache. `n_bytes` counts the rows, `model_bytes` the converted models."""

    folder: Path
    n_rows: int
    n_bytes: int
    n_models: int
    model_bytes: int
    is_writable: bool


@dataclass(frozen=True, slots=True)
class CheckedAtlas:
    """An atlas whose files were read in full.

    `damage` is "" where each one is as it was written. `has_its_model`: whether the model on this
    machine gives the rows that the atlas holds; None where that could not be found out.
    """

    path: Path
    snapshot: str
    n_papers: int
    n_files: int
    n_bytes: int
    model_name: str
    damage: str
    has_its_model: bool | None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is amiss, and what to do next; without something essential nothing can be built."""

    what: str
    remedy: str
    is_essential: bool


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found out; None for what could not be, or was not asked."""

    platform: Platform | None
    processor: Processor | None
    openvino: OpenVino | None
    model: Model | None
    backend: Backend | None
    cache: Cache | None
    atlas: CheckedAtlas | None
    libraries: tuple[Library, ...]
    problems: tuple[Problem, ...]

    @property
    def missing_options(self) -> tuple[Library, ...]:
        """Libraries that are not here, and that only some uses need."""
        return tuple(x for x in self.libraries if not x.is_installed and not x.is_essential)

    @property
    def lacks_essentials(self) -> bool:
        """True where no atlas can be built here."""
        return any(problem.is_essential for problem in self.problems)

    @property
    def exit_code(self) -> int:
        """That of a damaged atlas, of a missing model or library, or 0."""
        if self.atlas is not None and self.atlas.damage:
            return DamagedAtlasError.exit_code
        return MissingDependencyError.exit_code if self.lacks_essentials else 0


def examine(atlas: Path | None = None) -> Report:
    """Find out all that `Report` has, for the default settings, and check `atlas` if given.

    Raises InputError where there is no atlas at that path: everything else is in the report.
    """
    problems: list[Problem] = []
    probe = partial(_probe, problems)
    checked, damage = _open_and_check(atlas) if atlas is not None else (None, [])
    settings = probe("the settings", _default_settings)
    openvino = probe("OpenVINO", _openvino, is_essential=True)
    model = backend = None
    if settings is not None:
        model = probe("the model", lambda: _model(settings), is_essential=True)
        backend = probe("the backend", lambda: _backend(settings, model, openvino))
    libraries = probe("the libraries", lambda: _libraries(backend)) or ()
    cache = probe("the cache", lambda: _cache(problems))
    problems += [_missing(x) for x in libraries if _is_lacking(x)]
    return Report(
        probe("the versions", _platform),
        probe("the processor", _processor),
        openvino,
        model,
        backend,
        cache,
        checked,
        libraries,
        (*damage, *problems),
    )


def _probe(
    problems: list[Problem], what: str, find: Callable[[], _Fact], *, is_essential: bool = False
) -> _Fact | None:
    """What `find` gives; where it fails, None and one more of `problems`."""
    try:
        return find()
    except PipelineError as error:
        problems.append(Problem(error.message, error.hint, is_essential))
    except Exception as error:  # noqa: BLE001 - one probe fails alone, whatever a library raises
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        problems.append(
            Problem(f"{what} could not be examined ({reason})", _REINSTALL, is_essential)
        )
    return None


def _platform() -> Platform:
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    libc = " ".join(platform.libc_ver()).strip()
    return Platform(
        version("paperatlas"), platform.python_version(), f"{system}, {libc}" if libc else system
    )


def _processor() -> Processor:
    from pipeline.embed.processor import usable_threads

    features = importlib.import_module("numpy._core._multiarray_umath").__cpu_features__
    return Processor(
        _processor_name(),
        platform.machine(),
        usable_threads(),
        os.cpu_count() or 1,
        tuple(unit for unit in _UNITS if features.get(unit)),
    )


def _processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(iter(names), "") or platform.processor()


def _openvino() -> OpenVino:
    from pipeline.embed.conversion import openvino_core

    core = openvino_core()
    capabilities = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    name = core.get_property("CPU", "FULL_DEVICE_NAME")
    return OpenVino(str(name).strip(), tuple(sorted(map(str, capabilities))))


def _default_settings() -> EmbedSettings:
    from pipeline.settings import load_settings

    return load_settings().embed


def _model(settings: EmbedSettings) -> Model:
    from pipeline.embed.model_folder import DEFAULT_MODEL, find_model_folder

    folder = find_model_folder(settings.model)
    return Model(folder.name, folder.path, folder.digest, settings.model == DEFAULT_MODEL)


def _backend(settings: EmbedSettings, model: Model | None, openvino: OpenVino | None) -> Backend:
    by_openvino = settings.backend in {"openvino", "fused"}
    precision: str = settings.precision
    if precision == "auto":
        has_bf16 = openvino is not None and "BF16" in openvino.capabilities
        precision = "bf16" if by_openvino and has_bf16 else "fp32"
    converted = _is_converted(model, precision) if by_openvino and model is not None else None
    return Backend(settings.backend, precision, converted)


def _is_converted(model: Model, precision: str) -> bool:
    from pipeline.embed.conversion import is_converted
    from pipeline.embed.model_folder import ModelFolder

    # bf16 is a way to run the graph that is kept as fp32.
    kind = "int8" if precision == "int8" else "fp32"
    return is_converted(ModelFolder(model.name, model.path, model.digest), kind)


def _libraries(backend: Backend | None) -> tuple[Library, ...]:
    """The main libraries; torch is needed as long as the model is not converted."""
    is_converted = backend is not None and backend.is_converted is True
    for_torch = "converts the model, once, and runs the backend sentence-transformers"
    steps = {
        "numpy": "computes with arrays",
        "scipy": "computes with sparse arrays",
        "scikit-learn": "reduces the papers' words",
        "faiss-cpu": "finds nearest papers",
        "umap-learn": "lays out the map",
        "numba": "makes UMAP quick",
        "hdbscan": "finds themes",
        "matplotlib": "draws figures",
        "tokenizers": "cuts texts into tokens",
    }
    return (
        *(_library(name, steps[name]) for name in steps),
        _library("openvino", "runs the model"),
        *(
            _library(name, for_torch, is_essential=not is_converted)
            for name in ("torch", "transformers", "sentence-transformers")
        ),
        _library("nncf", "converts a model to int8", extra="int8", is_essential=False),
        _library("pyarrow", "reads Parquet files", extra="parquet", is_essential=False),
    )


_MODULES = {"scikit-learn": "sklearn", "faiss-cpu": "faiss", "umap-learn": "umap"}
"""How a library is imported where that is not its name with "_" for "-"."""


def _library(name: str, purpose: str, *, extra: str = "", is_essential: bool = True) -> Library:
    install = f"pip install 'paperatlas[{extra}]'" if extra else f"pip install {name}"
    module = _MODULES.get(name, name.replace("-", "_"))
    # Found, not imported: torch alone would take seconds.
    is_installed = importlib.util.find_spec(module) is not None
    try:
        told = version(name) if is_installed else ""
    except PackageNotFoundError:  # conda names some packages differently
        told = ""
    return Library(name, is_installed, told, purpose, install, is_essential)


def _is_lacking(library: Library) -> bool:
    # What is wrong with openvino is told by its own probe, which loads it.
    return library.is_essential and not library.is_installed and library.name != "openvino"


def _missing(library: Library) -> Problem:
    what = f"{library.name} is not installed: it {library.purpose}"
    return Problem(what, library.install, is_essential=True)


def _cache(problems: list[Problem]) -> Cache:
    from pipeline.cache import EmbeddingCache, cache_folder
    from pipeline.converted_models import list_converted

    folder = cache_folder()
    unusable = _why_not_writable(folder)
    with closing(EmbeddingCache(quiet=True)) as cache:
        rows = cache.info()
    if not cache.is_usable:
        unusable = unusable or cache.trouble
    elif cache.trouble:
        remedy = "nothing to do: it fills again with the next build"
        problems.append(Problem(f"{cache.path}: {cache.trouble}", remedy, is_essential=False))
    if unusable:
        remedy = "every build embeds anew until PAPERATLAS_CACHE names a folder that can be used"
        problems.append(Problem(f"the cache {folder}: {unusable}", remedy, is_essential=False))
    models = list_converted()
    return Cache(
        folder,
        rows.n_rows,
        rows.n_bytes,
        sum(model.is_whole for model in models),
        sum(model.n_bytes for model in models),
        not unusable,
    )


def _why_not_writable(folder: Path) -> str:
    """The reason why no file can be made in `folder`, or where it would be made; "" if one can."""
    try:
        place = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        with tempfile.TemporaryFile(dir=place):
            return ""
    except OSError as error:
        return f"cannot be written ({os.strerror(error.errno or 0).lower()})"


def _open_and_check(path: Path) -> tuple[CheckedAtlas, list[Problem]]:
    """Every file of an atlas against its manifest. Raises InputError where there is no atlas."""
    from pipeline.artifacts import open_snapshot

    problems: list[Problem] = []
    try:
        with open_snapshot(path) as snapshot:
            damage = _damage(snapshot, problems)
            manifest = snapshot.manifest
            checked = CheckedAtlas(
                path,
                manifest.snapshot,
                manifest.n_papers,
                len(manifest.files),
                sum(entry.size for entry in manifest.files.values()),
                manifest.details.model_name,
                damage,
                None if damage else _has_its_model(snapshot, problems),
            )
    except DamagedAtlasError as error:
        checked = CheckedAtlas(path, "", 0, 0, 0, "", error.message, None)
        problems.append(Problem(error.message, error.hint, is_essential=False))
    return checked, problems


def _damage(snapshot: Snapshot, problems: list[Problem]) -> str:
    try:
        snapshot.verify_all()
    except DamagedAtlasError as error:
        problems.append(Problem(error.message, error.hint, is_essential=False))
        return error.message
    return ""


def _has_its_model(snapshot: Snapshot, problems: list[Problem]) -> bool | None:
    """Whether a query would be embedded here as the atlas's papers were; what a query would say
    if not is one more of `problems`."""
    from pipeline.query import QueryEmbedder

    def find() -> bool:
        state = snapshot.embedder_state
        try:
            with closing(QueryEmbedder(snapshot.manifest.details, state=state)):
                return True
        except MissingDependencyError as error:
            problems.append(Problem(error.message, error.hint, is_essential=False))
            return False

    return _probe(problems, "the atlas's model", find)
