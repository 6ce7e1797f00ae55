"""Settings: one frozen dataclass for each step, loaded from defaults, a TOML file and `--set`."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from pipeline.errors import InputError, UsageError

_STRICT = ConfigDict(extra="forbid")
_LONGEST_SHOWN = 60
_Neighbors = Annotated[int, Field(strict=True, ge=2, le=200)]
# What a user may have put here by mistake is a password or a key: it is never shown again.
_SECRETIVE = frozenset({"refine.url", "refine.key_variable"})
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")


def _checked_url(url: str) -> str:
    """`url` where it is "" or names an endpoint, without anything in it that is not for logs."""
    if not url:
        return url
    if not url.isascii() or not url.isprintable() or " " in url:  # urlsplit drops line breaks
        raise _url_error("expected an address in ASCII, without spaces")
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:  # a port that is no number, half an IPv6 address
        raise _url_error("expected an address such as http://localhost:11434/v1") from None
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(parts.hostname or ""):
        raise _url_error("expected http:// or https:// and a host")
    if "@" in parts.netloc:
        raise _url_error("expected no name or password in it: refine.key_variable names the key")
    if "?" in url or "#" in url or not has_port or not _PATH.fullmatch(parts.path):
        raise _url_error("expected scheme, host, port and path alone, as http://localhost:11434/v1")
    return url


def _url_error(wanted: str) -> PydanticCustomError:
    return PydanticCustomError("endpoint_url", "{wanted}", {"wanted": wanted})


@dataclass(frozen=True, slots=True)
class ColumnSettings:
    """Which column of a table holds what, by its heading; "" finds it by its name and content."""

    __pydantic_config__ = _STRICT
    id: str = ""
    title: str = ""
    abstract: str = ""
    authors: str = ""
    year: str = ""
    date: str = ""
    venue: str = ""
    doi: str = ""
    arxiv_id: str = ""
    pmid: str = ""
    url: str = ""
    keywords: str = ""
    category: str = ""
    language: str = ""


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
class IndexSettings:
    """How the nearest papers of a query are found; it changes no theme and no map."""

    __pydantic_config__ = _STRICT
    kind: Literal["auto", "exact", "hnsw", "ivf-sq", "ivf-pq", "binary", "adaptive"] = "auto"
    """`auto`: exact up to 200,000 papers, then the fastest kind that meets the next two."""
    min_recall: Annotated[float, Field(strict=True, gt=0, le=1)] = 0.99
    """Share of the ten nearest papers that a kind must find, measured on the atlas's own."""
    max_memory_share: Annotated[float, Field(strict=True, gt=0, le=1)] = 0.25
    """Of the machine's memory, that an index may take."""


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
    title_only: Annotated[bool, Field(strict=True)] = False
    """Papers without an abstract have a part in the themes, by their titles."""
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
class RefineSettings:
    """Theme names refined by a language model that the user has; without `url` by none."""

    __pydantic_config__ = _STRICT
    url: Annotated[str, Field(max_length=2000), AfterValidator(_checked_url)] = ""
    """Of an OpenAI-compatible endpoint, up to and with `/v1`; "" asks no model and no network."""
    model: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """As the endpoint calls it."""
    key_variable: Annotated[str, Field(pattern=r"^(?:[A-Z_][A-Z0-9_]{0,63})?$")] = "OPENAI_API_KEY"
    """Name of the environment variable that holds the key; "" sends none. The key is never here."""
    timeout_s: Annotated[float, Field(strict=True, gt=0, le=3600)] = 60.0
    """For one whole call, from looking up the host to the last byte."""
    max_calls: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 1000
    """Calls of one run at most, repeated ones counted."""
    max_tokens: Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)] = 1_000_000
    """Tokens of one run at most, of prompts and answers together."""
    attempts: Annotated[int, Field(strict=True, ge=1, le=10)] = 3
    """Calls for one theme at most, where one fails or its answer is no name."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides an atlas besides its papers and the model's own files."""

    __pydantic_config__ = _STRICT
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**31)] = 0
    columns: ColumnSettings = field(default_factory=ColumnSettings)
    embed: EmbedSettings = field(default_factory=EmbedSettings)
    index: IndexSettings = field(default_factory=IndexSettings)
    reduce: ReduceSettings = field(default_factory=ReduceSettings)
    cluster: ClusterSettings = field(default_factory=ClusterSettings)
    label: LabelSettings = field(default_factory=LabelSettings)
    refine: RefineSettings = field(default_factory=RefineSettings)


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
    if name in _SECRETIVE:
        if first["type"] == "string_pattern_mismatch":
            wanted = "expected the name of an environment variable, in capitals, and not the key"
        return f"setting {name}: {wanted}"
    return f"setting {name}={_shown(first['input'])}: {wanted}"


def _shown(value: Any) -> str:  # noqa: ANN401
    """`value` on one line, cut where it is long."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
