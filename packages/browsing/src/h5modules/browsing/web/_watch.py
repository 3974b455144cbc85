"""Scans that are being written: however many browsers look, the file is looked at once in a while."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import _answers
from ._answers import Answer, told
from ._readers import FileReaders

_FRESH = 0.5
"""Seconds for which a look at a file is good."""

_WINDOW = 10.0
"""Seconds over which the rate is taken."""

_MOST = 200
"""How many files are remembered."""


@dataclass
class _Watched:
    answer: Answer
    at: float
    looks: deque[tuple[float, int]] = field(default_factory=deque)


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
            looks = deque() if known is None else known.looks
            if answer.status == 200 and (look := json.loads(answer.content)) is not None:
                answer = told(_with_rate(look, looks, now))
            if len(self._watched) >= _MOST:
                self._watched.clear()
                self._locks = {path: self._locks[path]}
            self._watched[path] = _Watched(answer, time.monotonic(), looks)
            return answer


def _with_rate(look: dict[str, Any], looks: deque[tuple[float, int]], now: float) -> dict[str, Any]:
    if looks and look["acquired"] < looks[-1][1]:  # another scan has begun
        looks.clear()
    looks.append((now, look["acquired"]))
    while now - looks[0][0] > _WINDOW and len(looks) > 2:
        looks.popleft()
    elapsed = now - looks[0][0]
    rate = (look["acquired"] - looks[0][1]) / elapsed if elapsed else 0.0
    missing = None if look["total"] is None else look["total"] - look["acquired"]
    return {**look, "rate": rate, "left": None if missing is None or not rate else missing / rate}
