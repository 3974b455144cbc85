"""Who may ask, and what every answer says to the browser about safety."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LONGEST = 4096
"""How many bytes the address of a request may have."""

_SECONDS = 120.0
"""How long an answer may take, until its last byte was taken: who reads slowly is left."""

# The viewer makes functions for arrays of each kind from text (the package ndarray), so it needs eval.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Guard:
    """Stands before an application, and lets nothing through but reading by who may read.

    Parameters
    ----------
    app
        The application.
    hosts
        By which names the server may be called; others may be a page that pretends to be it. With a token,
        numbers (``192.168.1.7``) are good as well.
    token
        What a browser must know; None where nobody is kept out.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str], token: str | None = None) -> None:
        self._app = app
        self._hosts = hosts
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, text in _HEADERS.items():
                    headers[name] = text
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refused = self._refusal(scope) or self._login(scope)
        with contextlib.suppress(TimeoutError):  # the connection is closed then
            async with asyncio.timeout(_SECONDS):
                await (self._app if refused is None else refused)(scope, receive, send_safely)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if scope["method"] not in ("GET", "HEAD"):
            return _told("this server only reads.", 405)
        if len(scope["raw_path"]) + len(scope["query_string"]) > _LONGEST:
            return _told("the address is too long.", 414)
        if len(headers.getlist("host")) != 1 or not self._is_ours(headers["host"]):
            return _told("this server is not called by that name.", 421)
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return _told("other pages may not ask.", 403)
        return None

    def _is_ours(self, host: str) -> bool:
        name = host.lower() if host.endswith("]") else host.lower().rpartition(":")[0] or host.lower()
        name = name.strip("[]").rstrip(".")
        return name in self._hosts or (self._token is not None and _is_number(name))

    def _login(self, scope: Scope) -> Response | None:
        """Return None for who knows the token; who brings it in the address is sent on with a cookie."""
        if self._token is None:
            return None
        cookie = f"h5modules-{scope['server'][1] if scope.get('server') else ''}"
        try:
            known = SimpleCookie(Headers(scope=scope).get("cookie", "")).get(cookie)
        except CookieError:
            known = None
        if known is not None and _same(known.value, self._token):
            return None
        brought = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if not _same(brought, self._token):
            return _told("a token is needed: open the address that the server printed.", 401)
        response = RedirectResponse("/", 303)
        response.set_cookie(cookie, self._token, httponly=True, samesite="strict")
        return response


def _told(message: str, status: int) -> Response:
    return JSONResponse({"message": message}, status)


def _same(left: str, right: str) -> bool:
    return secrets.compare_digest(left.encode(), right.encode())


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
