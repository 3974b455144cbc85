"""Serving files until somebody stops it."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from ._application import create_app
from ._connections import BoundedConnection
from ._errors import ServingError
from ._guard import Guard
from ._readers import FileReaders
from ._served_files import ServedFiles

_MOST_CONNECTIONS = 256
_LONGEST_HEADERS = 16 * 2**10


@dataclass(frozen=True, slots=True)
class Address:
    """Where files are served.

    Attributes
    ----------
    host, port
        The name or number to listen at, and the port.
    token
        What a browser must know; None on this machine alone.
    """

    host: str
    port: int
    token: str | None = None

    @property
    def url(self) -> str:
        """What to open in a browser, with the token."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.host in ("0.0.0.0", "::"):
            host = socket.gethostname()
        return f"http://{host}:{self.port}/" + (f"?token={self.token}" if self.token else "")


def serve(
    places: Sequence[Path | str],
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[Address], object] = lambda address: None,
) -> None:
    """Serve folders and files for reading until the process is asked to stop (Ctrl-C).

    Parameters
    ----------
    places
        Folders, which are served with what lies below, and files.
    host
        Where to listen. Anywhere but on this machine alone a token is asked for.
    port
        The port; any that is free when 0.
    ready
        Called with the address when it listens.

    Raises
    ------
    FileMissingError
        When one of the places is not there.
    ServingError
        When it cannot listen there.
    """
    served = ServedFiles(places)
    listening = _listen(host, port)
    with listening:
        token = None if _is_loopback(host) else secrets.token_urlsafe(24)
        address = Address(host, listening.getsockname()[1], token)
        readers = FileReaders()
        app = Guard(create_app(served, readers), _names(host), token)
        config = uvicorn.Config(
            app,
            http=BoundedConnection,
            access_log=False,  # it would hold the token
            log_level="error",  # what strangers send wrongly is nobody's concern
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=_LONGEST_HEADERS,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=2,
        )
        ready(address)
        _Server(config, readers).run([listening])


class _Server(uvicorn.Server):
    """A server that keeps nobody waiting for files when it is asked to stop."""

    def __init__(self, config: uvicorn.Config, readers: FileReaders) -> None:
        super().__init__(config)
        self._readers = readers

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # docstring inherited
        self._readers.give_up()
        await super().shutdown(sockets)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=256
        )
    except (OSError, OverflowError) as error:
        raise ServingError(f"cannot listen at {host!r}, port {port}: {error}.") from error


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _names(host: str) -> frozenset[str]:
    names = {"localhost", "127.0.0.1", "::1", host.lower()}
    if not _is_loopback(host):
        names |= {socket.gethostname().lower(), socket.getfqdn().lower()}
    return frozenset(names)
