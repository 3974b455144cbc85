"""Scans that are being written: however many browsers look, the file is looked at once in a while."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from h5modules.browsing._rate import RateMeter

from . import _answers
from ._answers import Answer, told
from ._readers import FileReaders

_FRESH = 0.5
"""Seconds for which a look at a file is good."""

_MOST = 200
"""How many files are remembered."""


@dataclass
class _Watched:
    answer: Answer
    at: float
    meter: RateMeter = field(default_factory=RateMeter)


class ProgressWatch:
    """Tells how far scans are, how fast they go, and how long they will take.

    Parameters
    ----------
    readers
        The processes that read the files.
    """

    def __init__(self, readers: FileReaders) -> None:
        self._readers = readers
        self._watched: dict[Path, _Watched] = {}
        self._locks: dict[Path, asyncio.Lock] = {}

    async def look(self, path: Path, name: str) -> Answer:
        """Return how far the last scan of a file is, in JSON, with ``rate`` (1/s) and ``left`` (s)."""
        async with self._locks.setdefault(path, asyncio.Lock()):
            known, now = self._watched.get(path), time.monotonic()
            if known is not None and now - known.at < _FRESH:
                return known.answer
            answer = await self._readers.ask(_answers.progress, path, name)
            meter = RateMeter() if known is None else known.meter
            if answer.status == 200 and (look := json.loads(answer.content)) is not None:
                answer = told(_with_rate(look, meter, now))
            if len(self._watched) >= _MOST:
                self._watched.clear()
                self._locks = {path: self._locks[path]}
            self._watched[path] = _Watched(answer, time.monotonic(), meter)
            return answer


def _with_rate(look: dict[str, Any], meter: RateMeter, now: float) -> dict[str, Any]:
    rate = meter.rate(look["path"], look["acquired"], now)
    missing = None if look["total"] is None else look["total"] - look["acquired"]
    return {**look, "rate": rate, "left": None if missing is None or not rate else missing / rate}
