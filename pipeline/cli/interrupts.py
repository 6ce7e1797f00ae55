"""Whether the process was asked to stop.

The interrupt is an exception too, and a library that is just loading may turn it into another one;
what was asked is remembered here.
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import NoReturn

_received: list[int] = []


def heed() -> None:
    """Take Ctrl-C, and a service manager's stop alike, as an interrupt; an ignored one stays so."""
    _received.clear()
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def asked() -> bool:
    """True once the process was asked to stop."""
    return bool(_received)


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    _received.append(number)
    raise KeyboardInterrupt
