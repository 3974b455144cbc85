"""Requests to an HSDS server: each is answered, or raises an error of ours in time.

h5pyd keeps changes back and sends them later; it then loses some without a sign. Its connection gives us the
login, the settings and the certificates; the requests are our own, one for each thing done, so that what has
returned is on the server.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import requests_unixsocket
from h5pyd.httpconn import HttpConn

from ._errors import FileAccessError, FileClosedError, FileError, NodeError

CONNECT_SECONDS = 3.0
"""How long to wait for a server to take a connection."""

DEFAULT_SECONDS = 10.0
"""How long to wait for an answer, when nothing else is asked for."""

BINARY = "application/octet-stream"

_LOG = logging.getLogger("h5modules.backends.h5pyd")
# Everything that goes wrong is raised. Without a handler Python would print h5pyd's lines about it as well.
_LOG.addHandler(logging.NullHandler())
_LOG.propagate = False


@dataclass(frozen=True, slots=True)
class Login:
    """Where a domain is, and what to log in with; None is what the environment or ``.hscfg`` says.

    Attributes
    ----------
    endpoint
        The address of the server, such as ``http://127.0.0.1:5101``.
    username, password, api_key
        What to log in with.
    bucket
        The bucket to look in, when it is not the server's default.
    timeout
        How many seconds to wait for an answer.
    """

    endpoint: str | None = None
    username: str | None = None
    password: str | None = None
    bucket: str | None = None
    api_key: Any = None
    timeout: float = DEFAULT_SECONDS

    def connection(self, domain: str, mode: str) -> Any:
        """Return h5pyd's connection for this login, not yet opened."""
        # h5pyd reads these once in the life of a process, and HS_BUCKET never.
        wanted = {
            "endpoint": self.endpoint or os.environ.get("HS_ENDPOINT"),
            "username": self.username or os.environ.get("HS_USERNAME"),
            "password": self.password or os.environ.get("HS_PASSWORD"),
            "bucket": self.bucket or os.environ.get("HS_BUCKET"),
            "api_key": self.api_key,
        }
        try:
            return HttpConn(domain, mode=mode, logger=_LOG, retries=1, timeout=self.timeout, **wanted)
        except ValueError as error:
            remedy = "give endpoint='http://...' or set the environment variable HS_ENDPOINT"
            raise FileError(f"no server is named for the domain {domain!r}: {remedy} ({error}).") from error


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to the server.

    Attributes
    ----------
    method, path, parameters
        What it is about; the domain is added to the parameters.
    body
        Bytes are sent as they are, anything else as JSON.
    repeat
        Whether it may be sent again: when the server is busy, or has closed an idle connection.
    is_for_values
        Whether bytes are asked for, and not JSON.
    timeout
        Seconds to wait, when not those of the login.
    """

    method: str
    path: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    repeat: bool = True
    is_for_values: bool = False
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered."""

    status: int
    content: bytes

    def json(self) -> dict[str, Any]:
        """Return the content as what its JSON says; NaN is a number in it."""
        try:
            content = json.loads(self.content)
        except ValueError as error:
            start = self.content[:60]
            raise FileError(
                f"the server's answer is not JSON ({error}): {start!r}. Is it an HSDS server?"
            ) from error
        if not isinstance(content, dict):
            raise FileError(
                f"the server's answer is not an object: {self.content[:60]!r}. Is it an HSDS server?"
            )
        return content


class Server:
    """Sends requests about one domain, and counts them.

    Parameters
    ----------
    login
        Where, and as whom.
    domain
        The path of the domain.
    """

    def __init__(self, login: Login, domain: str) -> None:
        connection = login.connection(domain, "a")
        self.login = login
        self.domain = domain
        self.endpoint = str(connection.endpoint)
        self.username: str | None = connection.username
        self.requests = 0
        self._headers = connection.getHeaders
        self._verify = connection.verifyCert
        self._bucket = login.bucket or os.environ.get("HS_BUCKET")
        self._session: Any = _new_session(self.endpoint)

    @property
    def address(self) -> str:
        """The address of the domain: endpoint and path."""
        return f"{self.endpoint}{self.domain}"

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return self._session is not None

    def close(self) -> None:
        """Close the connection; nothing is pending in it."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def get(self, path: str, *, expect: Container[int] = (), **parameters: Any) -> Reply:
        """Send a GET request; a status in `expect` is no error, as in all of these."""
        return self.send(Request("GET", path, parameters), expect)

    def put(self, path: str, body: Any, *, expect: Container[int] = (), **parameters: Any) -> Reply:
        """Send a PUT request: bytes as they are, anything else as JSON."""
        return self.send(Request("PUT", path, parameters, body), expect)

    def post(self, path: str, body: Any, *, expect: Container[int] = (), **parameters: Any) -> Reply:
        """Send a POST request; it is sent once, as twice would make two things."""
        return self.send(Request("POST", path, parameters, body, repeat=False), expect)

    def delete(self, path: str, *, expect: Container[int] = (), **parameters: Any) -> Reply:
        """Send a DELETE request."""
        return self.send(Request("DELETE", path, parameters), expect)

    def send(self, request: Request, expect: Container[int] = ()) -> Reply:
        """Send a request and return the answer.

        Parameters
        ----------
        request
            What to send.
        expect
            Statuses that are no errors beside those below 300.

        Raises
        ------
        FileError
            When the server does not answer, or refuses.
        FileAccessError
            When it refuses the user.
        NodeError
            When what the request is about is gone.
        """
        if self._session is None:
            raise FileClosedError(f"the file {self.address!r} is closed.")
        headers = {**self._headers(), "Accept": BINARY if request.is_for_values else "application/json"}
        body = request.body
        if body is not None:
            headers["Content-Type"] = BINARY if isinstance(body, bytes) else "application/json"
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        parameters = {"domain": self.domain, **request.parameters}
        if self._bucket:
            parameters["bucket"] = self._bucket
        reply, reason = self._patiently(request, {"params": parameters, "headers": headers, "data": body})
        if reply.status < 300 or reply.status in expect:
            return reply
        raise self._refusal(reply.status, reason, f"{request.method} {request.path}")

    def _patiently(self, request: Request, content: dict[str, Any]) -> tuple[Reply, str]:
        seconds = self.login.timeout if request.timeout is None else request.timeout
        deadline = time.monotonic() + seconds
        pause = 0.05
        was_cut = False
        while True:
            try:
                reply, reason = self._once(request, content, seconds)
            except requests.RequestException as error:
                # A server closes connections that lie idle, perhaps just when a request is on its way.
                if request.repeat and not was_cut and _is_cut(error):
                    was_cut = True
                    continue
                raise self._failure(error, seconds) from error
            if reply.status != 503 or not request.repeat or time.monotonic() + pause > deadline:
                return reply, reason
            time.sleep(pause)  # the server is busy, and says so
            pause = min(2 * pause, 1.0)

    def _once(self, request: Request, content: dict[str, Any], seconds: float) -> tuple[Reply, str]:
        self.requests += 1
        response = self._session.request(
            request.method,
            f"{self.endpoint}{request.path}",
            timeout=(min(CONNECT_SECONDS, seconds), seconds),
            verify=self._verify(),
            # A request that was redirected would come out as a GET, and change nothing.
            allow_redirects=False,
            **content,
        )
        return Reply(int(response.status_code), bytes(response.content)), str(response.reason)

    def _failure(self, error: Exception, seconds: float) -> FileError:
        if isinstance(error, requests.ConnectTimeout):
            return FileError(f"the server {self.endpoint} takes no connection. Is it running?")
        if isinstance(error, requests.Timeout) or "timed out" in str(error):
            return FileError(
                f"the server {self.endpoint} gave no answer within {seconds:g} s; whether it has done "
                "what was asked is not known. Give a longer timeout=... when it is slow."
            )
        if isinstance(error, requests.ConnectionError) and not _is_cut(error):
            return FileError(f"the server {self.endpoint} cannot be reached: {_cause(error)}. Is it running?")
        return FileError(f"the connection to the server {self.endpoint} broke: {_cause(error)}.")

    def _refusal(self, status: int, reason: str, what: str) -> Exception:
        who = f"the user {self.username!r}" if self.username else "a client without user and password"
        if status == 401:
            check = "username=... and password=..., or HS_USERNAME and HS_PASSWORD of the environment"
            same = ", or not with this password; check" if self.username else "; give"
            return FileAccessError(f"the server {self.endpoint} does not know {who}{same} {check}.")
        if status == 403:
            return FileAccessError(
                f"the server {self.endpoint} does not allow {who} to do this with {self.domain!r}."
            )
        if status in (404, 410):
            return NodeError(
                f"what was asked for is not in {self.address!r} any more: deleted by another program?"
            )
        if status == 503:
            return FileError(f"the server {self.endpoint} is too busy ({reason}); try again later.")
        return FileError(f"the server {self.endpoint} refuses {what} for {self.domain!r}: {status} {reason}.")


def _new_session(endpoint: str) -> Any:
    if endpoint.startswith("http+unix://"):
        return requests_unixsocket.Session()
    session = requests.Session()
    # A proxy or a .netrc is not for a server on this machine; .netrc would even replace our login.
    session.trust_env = urlsplit(endpoint).hostname not in ("127.0.0.1", "localhost", "::1")
    return session


def _is_cut(error: Exception) -> bool:
    """Tell whether a connection was made, and then ended without an answer."""
    names = {type(each).__name__ for each in _chain(error)}
    return bool(names & {"ProtocolError", "ChunkedEncodingError"}) and "NewConnectionError" not in names


def _cause(error: BaseException) -> str:
    """Return what the innermost error says; requests wraps it into long lines about pools."""
    causes = [each.strerror or str(each) for each in _chain(error) if isinstance(each, OSError)]
    shown = [cause for cause in causes if cause and "Pool(" not in cause and not cause.startswith("(")]
    return shown[-1] if shown else type(error).__name__


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(found) < 30:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            waiting += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return found
