"""Connections that are closed when no request comes: each of them takes a place."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 10.0
"""Seconds in which a request must have come, from when its first byte did or the connection was made."""


class BoundedConnection(H11Protocol):
    """A connection whose requests are bounded in time; h11 bounds the size of what stands before the body."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        # docstring inherited
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        # docstring inherited
        self._wait()
        super().data_received(data)
        cycle: Any = self.cycle  # None before the first request
        if cycle is not None and not cycle.response_complete:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        # docstring inherited
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(PATIENCE, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
