"""Blocks of data inside a page: inert elements that its script unpacks when it needs them."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LEVEL = 5
"""Half the time of level 6, and 0.8% more bytes of text."""

Whole = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Block:
    """One block: the element's id, and base64 of its deflated bytes, which no text can disturb."""

    id: str
    text: str

    @property
    def element(self) -> str:
        """The element that holds it. Its kind is one that no browser runs."""
        return f'<script type="text/plain" id="{self.id}">{self.text}</script>\n'


def pack(block_id: str, data: bytes) -> Block:
    """The block of some bytes, in the format of zlib (RFC 1950), which browsers call `deflate`."""
    return Block(block_id, base64.b64encode(zlib.compress(data, _LEVEL)).decode("ascii"))


def pack_json(block_id: str, content: object) -> Block:
    """The block of some JSON."""
    return pack(block_id, as_json(content))


def as_json(content: object) -> bytes:
    """JSON on one line, in UTF-8. Half a character, which UTF-8 has not, becomes U+FFFD."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8")


def byte_planes(values: Whole, n_bytes: int) -> bytes:
    """All low bytes, then all next ones, up to `n_bytes`: of small numbers the upper planes are
    zeros, which deflate to nothing. Negative numbers are in two's complement."""
    whole = np.ascontiguousarray(values, dtype="<i4")
    planes = whole.reshape(-1).view(np.uint8).reshape(-1, 4)
    return np.ascontiguousarray(planes[:, :n_bytes].T).tobytes()
