"""Settings: one frozen dataclass for each step, loaded from defaults, a TOML file and `--set`."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from pipeline.errors import InputError, UsageError

_STRICT = ConfigDict(extra="forbid")
_LONGEST_SHOWN = 60
_Neighbors = Annotated[int, Field(strict=True, ge=2, le=200)]


@dataclass(frozen=True, slots=True)
class EmbedSettings:
    """How text becomes vectors."""

    __pydantic_config__ = _STRICT
    backend: Literal["openvino", "sentence-transformers", "lexical", "fused"] = "openvino"
    """Which embedder: `lexical` uses words alone, `fused` words beside the model."""
    model: Annotated[str, Field(min_length=1)] = "all-MiniLM-L6-v2"
    """The packaged model, the path of a sentence-transformers folder, or a name on the hub."""
    precision: Literal["auto", "bf16", "fp32", "int8"] = "auto"
    """Of the model's arithmetic; `auto` is bf16 where OpenVINO finds it on the CPU, else fp32."""
    device: Literal["cpu", "cuda", "mps"] = "cpu"
    """Where `sentence-transformers` runs."""
    max_length: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 0
    """Tokens of the model's window; 0 takes the model's own."""
    max_pieces: Annotated[int, Field(strict=True, ge=1, le=1000)] = 8
    """A text longer than the window is read in no more pieces than this; 1 reads its beginning."""
    truncate_dim: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 0
    """Leading dimensions of a row that are kept (Matryoshka models); 0 keeps all."""
    document_prompt: str = ""
    """Text before every paper's; empty takes the model's own, if it has one."""
    query_prompt: str = ""
    """Text before every query; empty takes the model's own, if it has one."""
    lexical_dim: Annotated[int, Field(strict=True, ge=2, le=2000)] = 256
    """Dimensions of `lexical` rows and of the words' part of `fused` ones."""
    lexical_weight: Annotated[float, Field(strict=True, gt=0, le=10)] = 0.5
    """Weight of the words' part of `fused` rows."""
    allow_download: Annotated[bool, Field(strict=True)] = False
    """Fetch a model that is not on this machine from the hub."""


@dataclass(frozen=True, slots=True)
class ReduceSettings:
    """The graph of neighbours that themes and map rest on, and the map's layout."""

    __pydantic_config__ = _STRICT
    map_min_dist: Annotated[float, Field(strict=True, ge=0, le=1)] = 0.1
    neighbors: Annotated[tuple[_Neighbors, ...], Field(min_length=1, max_length=8)] = (10, 15)
    """Neighbourhood sizes, the paper itself counted, whose graphs are averaged."""
    lexical_weight: Annotated[float, Field(strict=True, ge=0, le=2)] = 0.5
    """Weight of the papers' shared words beside the model's vectors, for themes and the map."""
    max_landmarks: Annotated[int, Field(strict=True, ge=100, le=20_000)] = 5000
    """Above this many papers, dense cores are looked for in a seeded sample of this size."""


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """Themes and who belongs to them."""

    __pydantic_config__ = _STRICT
    min_theme_size: Annotated[int, Field(strict=True, ge=1)] = 2
    """Fewest papers of a theme in the finest layer."""
    max_unassigned: Annotated[float, Field(strict=True, ge=0, le=1)] = 0.05
    """Largest share of papers that may stay without a theme in the default layer."""
    layers: Annotated[
        tuple[Annotated[int, Field(strict=True, ge=1)], ...], Field(max_length=8)
    ] = ()
    """How many themes each layer should have; empty: what suits the corpus."""
    refits: Annotated[int, Field(strict=True, ge=0, le=50)] = 5
    """How many times the themes are found again without a fifth of the papers, to measure them."""


@dataclass(frozen=True, slots=True)
class LabelSettings:
    """Theme names."""

    __pydantic_config__ = _STRICT
    stop: tuple[str, ...] = ()
    """Words that no name may begin or end with, besides the built-in ones."""
    banned: tuple[str, ...] = ()
    """Phrases that are never a name."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides an atlas besides its papers and the model's own files."""

    __pydantic_config__ = _STRICT
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**31)] = 0
    embed: EmbedSettings = field(default_factory=EmbedSettings)
    reduce: ReduceSettings = field(default_factory=ReduceSettings)
    cluster: ClusterSettings = field(default_factory=ClusterSettings)
    label: LabelSettings = field(default_factory=LabelSettings)


def as_dict(settings: Settings) -> dict[str, Any]:
    """The settings as plain, JSON-ready values."""
    plain: dict[str, Any] = json.loads(_adapter().dump_json(settings))
    return plain


def load_settings(config: Path | None = None, overrides: Sequence[str] = ()) -> Settings:
    """Defaults, then the TOML file `config`, then each `KEY=VALUE` of `overrides` in turn.

    Keys are dotted names such as `cluster.max_unassigned`; values are read as TOML, or as plain
    text where they are no TOML. Raises InputError for a file that cannot be read, and UsageError
    for an unknown name (naming the nearest known one) or a value out of range.
    """
    values: dict[str, Any] = {}
    if config is not None:
        _merge(values, _read_config(config), origin=str(config))
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals:
            raise UsageError(
                f"--set {override}: expected KEY=VALUE", hint="for example --set cluster.refits=10"
            )
        _merge(values, _nested(key.strip(), _parse_value(text.lstrip())), origin="--set")
    return _validated(values)


def settings_from(values: Mapping[str, Any]) -> Settings:
    """Defaults with `values` by dotted name over them; raises UsageError as `load_settings`."""
    merged: dict[str, Any] = {}
    for key, value in values.items():
        _merge(merged, _nested(key, value), origin="settings")
    return _validated(merged)


def known_settings() -> tuple[str, ...]:
    """Dotted names of all settings, sorted."""
    names = []
    for step in dataclasses.fields(Settings):
        default = getattr(Settings(), step.name)
        if dataclasses.is_dataclass(default):
            names += [f"{step.name}.{inner.name}" for inner in dataclasses.fields(default)]
        else:
            names.append(step.name)
    return tuple(sorted(names))


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Settings]:
    return TypeAdapter(Settings)


def _validated(values: Mapping[str, Any]) -> Settings:
    try:
        return _adapter().validate_python(values)
    except ValidationError as error:
        raise UsageError(_describe(error), hint="configs/default.toml lists all settings") from None


def _read_config(path: Path) -> dict[str, Any]:
    try:
        # Windows editors put a byte order mark first, which TOML knows nothing of.
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise InputError(
            f"cannot read config {path}: {error.strerror}", hint="check the path after --config"
        ) from None
    except (ValueError, RecursionError) as error:  # also no UTF-8, and numbers of 5,000 digits
        raise InputError(f"{path} is not TOML: {error}", hint="see configs/default.toml") from None


def _parse_value(text: str) -> Any:  # noqa: ANN401 - any TOML value
    try:
        table = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return table["value"] if len(table) == 1 else text


def _nested(key: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
    *tables, name = key.split(".")
    nested: dict[str, Any] = {name: value}
    for table in reversed(tables):
        nested = {table: nested}
    return nested


def _merge(into: dict[str, Any], new: Mapping[str, Any], *, origin: str, prefix: str = "") -> None:
    """Put `new` over `into`, table by table; an unknown name is refused with the nearest one."""
    known = known_settings()
    for key, value in new.items():
        name = prefix + key
        in_table = [k for k in known if k.startswith(f"{name}.")]
        if in_table and not isinstance(value, Mapping):
            raise UsageError(
                f"{origin}: {name} is a table of settings, not one setting",
                hint=f"it has {', '.join(in_table)}",
            )
        if in_table:
            _merge(into.setdefault(key, {}), value, origin=origin, prefix=f"{name}.")
        elif name in known:
            into[key] = value
        else:
            name = ".".join([name, *_only_keys(value)])
            raise UsageError(
                f"{origin}: unknown setting {_shown(name)}", hint=_suggestion(name, known)
            )


def _only_keys(value: Any) -> Iterator[str]:  # noqa: ANN401
    """The keys into `value` as long as each table holds one: the rest of a dotted name."""
    while isinstance(value, Mapping) and len(value) == 1:
        ((key, value),) = value.items()
        yield key


def _suggestion(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    by_last_part = {k.rpartition(".")[2]: k for k in known}
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    near = near or [
        by_last_part[k]
        for k in get_close_matches(name.rpartition(".")[2], by_last_part, n=1, cutoff=0.5)
    ]
    if near:
        return f"did you mean {near[0]}?"
    return f"known settings: {', '.join(known)}"


def _describe(error: ValidationError) -> str:
    first = error.errors()[0]
    # Positions inside a list belong to the list's name.
    name = ".".join(str(part) for part in first["loc"] if isinstance(part, str))
    if first["type"] in {"tuple_type", "missing", "too_long"}:
        table, _, last = name.rpartition(".")
        default = as_dict(Settings())[table][last]
        wanted = f"expected a list such as {json.dumps(default or ['a phrase', 'another'])}"
    else:
        wanted = first["msg"][:1].lower() + first["msg"][1:]
    return f"setting {name}={_shown(first['input'])}: {wanted}"


def _shown(value: Any) -> str:  # noqa: ANN401
    """`value` on one line, cut where it is long."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
