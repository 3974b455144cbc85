"""How fast points come."""

from __future__ import annotations

import time
from collections import deque

_WINDOW = 10.0
"""Seconds over which the rate is taken, where points come faster than that."""


class RateMeter:
    """Tells how many points come in a second: over the last seconds, or the last two that came."""

    def __init__(self) -> None:
        self._path = ""
        self._news: deque[tuple[float, int]] = deque()

    def rate(self, path: str, acquired: int, now: float | None = None) -> float:
        """Return the rate, after a look at a scan.

        Parameters
        ----------
        path
            The scan; with another one it begins anew.
        acquired
            How many points it has.
        now
            When that was, in seconds of a monotonic clock; by default just now.

        Examples
        --------
        >>> meter = RateMeter()
        >>> [meter.rate('/Scan000', n, now=n / 2) for n in range(3)]
        [0.0, 2.0, 2.0]
        >>> [round(meter.rate('/Scan000', 2, now=later), 2) for later in (1.5, 3.0, 30.0)]
        [2.0, 1.0, 0.1]
        """
        moment, news = time.monotonic() if now is None else now, self._news
        if path != self._path or (news and acquired < news[-1][1]):
            self._path = path
            news.clear()
        if not news or acquired > news[-1][1]:
            news.append((moment, acquired))
            while len(news) > 2 and moment - news[1][0] > _WINDOW:
                news.popleft()
        (first, before), (last, _) = news[0], news[-1]
        if last == first:
            return 0.0
        # The next one has not come yet: it is no faster than that.
        return min((acquired - before) / (last - first), (acquired - before + 1) / (moment - first))
