"""Reading texts that are longer than a model's window: in pieces that each begin with the title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.embed.protocol import FloatRows

# The lead has at most this share of a window, so that a piece is mostly text of its own.
_LEAD_SHARE = 4


@dataclass(frozen=True, slots=True)
class Layout:
    """How token ids become a model's input: `prefix` and `suffix` are its special tokens, `size`
    the tokens of a window, those included."""

    size: int
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]

    @property
    def room(self) -> int:
        """Tokens of text in a window."""
        return self.size - len(self.prefix) - len(self.suffix)


def split_tokens(
    lead: Sequence[int], body: Sequence[int], layout: Layout, max_pieces: int
) -> list[list[int]]:
    """Inputs for a text: a full window, and behind the lead what that leaves, window by window.

    `lead`: token ids of the title; `body`: those of the rest. Of a lead that is longer than a
    quarter of the window, only its beginning is repeated. What is beyond `max_pieces` is cut.
    """
    whole = [*lead, *body]
    repeated = whole[: min(len(lead), layout.room // _LEAD_SHARE)]
    step = layout.room - len(repeated)
    pieces = [whole[: layout.room]]
    for at in range(layout.room, min(len(whole), layout.room + (max_pieces - 1) * step), step):
        pieces.append([*repeated, *whole[at : at + step]])
    return [[*layout.prefix, *piece, *layout.suffix] for piece in pieces]


def is_cut(n_lead: int, n_body: int, layout: Layout, max_pieces: int) -> bool:
    """True where a text of so many tokens is longer than all the pieces it may have."""
    repeated = min(n_lead, layout.room // _LEAD_SHARE)
    return n_lead + n_body > layout.room + (max_pieces - 1) * (layout.room - repeated)


def join_pieces(rows: Sequence[FloatRows], lengths: Sequence[int]) -> FloatRows:
    """The unit row of a text from those of its pieces, each weighing as many tokens as it has:
    (dim,) float32."""
    if len(rows) == 1:
        return rows[0]
    mean = np.average(np.stack(rows).astype(np.float64), axis=0, weights=lengths)
    unit: FloatRows = np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32)
    return unit
