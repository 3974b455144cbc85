"""Domains: where they are, and how one is opened, created or replaced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from ._driver import OpenMode
from ._errors import FileAccessError, FileError, FileMissingError, FileTakenError, UnsupportedError
from ._files import require_mode
from ._h5pyd_http import Login, Server

_SERVER = re.compile(r"(?P<endpoint>(https?|http\+unix)://[^/]+)(?P<domain>/.*)")
_HDF5 = re.compile(r"hdf5:/+(?P<host>[^/]*)(?P<domain>/.*)")


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain on its server, opened."""

    server: Server
    root: str
    """The identifier of the root group."""
    compressors: frozenset[str]
    """What the server says it can pack values with."""
    writable: bool


def parse_address(target: PurePath | str) -> tuple[str | None, str]:
    """Return the endpoint that an address names, None when it names none, and the domain.

    Parameters
    ----------
    target
        The path of a domain; or with its server, ``http://host:port/path`` or ``hdf5://host:port/path``. As
        in h5pyd, ``hdf5://home/user/x.h5`` names no server: what stands for one has a dot or a colon in it.

    Raises
    ------
    FileError
        When it is none of these.

    Examples
    --------
    >>> parse_address('/home/ada/scan.h5')
    (None, '/home/ada/scan.h5')
    >>> parse_address('hdf5://127.0.0.1:5101/home/ada/scan.h5')
    ('http://127.0.0.1:5101', '/home/ada/scan.h5')
    >>> parse_address('hdf5://home/ada/scan.h5')
    (None, '/home/ada/scan.h5')
    """
    text = target.as_posix() if isinstance(target, PurePath) else str(target)
    endpoint: str | None = None
    domain = text
    if found := _SERVER.fullmatch(text):
        endpoint, domain = found["endpoint"], found["domain"]
    elif found := _HDF5.fullmatch(text):
        host = found["host"]
        is_server = any(sign in host for sign in ".:") or host == "localhost"
        endpoint, domain = (f"http://{host}" if is_server else None), found["domain"]
        domain = domain if is_server else f"/{host}{domain}"
    if domain.startswith("/") and domain.endswith("/"):
        raise FileError(
            f"{text!r} is not the path of a domain, but of a folder: name one in it, such as {domain}scan.h5."
        )
    if not domain.startswith("/") or "\0" in domain or "//" in domain:
        raise FileError(
            f"{text!r} is not the path of a domain: it starts with '/', such as '/home/user/scan.h5'."
        )
    if ".." in domain.split("/"):
        raise FileError(f"{text!r} is not the path of a domain: '..' is not resolved on a server.")
    return endpoint, domain


def open_domain(target: Path | str, mode: OpenMode, options: dict[str, Any]) -> Domain:
    """Open, create or replace a domain; the errors are those of `Driver.open`.

    Parameters
    ----------
    target, mode
        The domain, and how to open it.
    options
        What makes a `Login`; and ``make_folders``, whether to make the folders above a new domain.
    """
    require_mode(mode)
    chosen = dict(options)
    make_folders = bool(chosen.pop("make_folders", False))
    server = _server(target, chosen)
    try:
        return _Opening(server, mode, make_folders).domain()
    except BaseException:
        server.close()
        raise


def delete_domain(target: Path | str, options: dict[str, Any]) -> None:
    """Delete a domain and all in it; it is no error when there is none."""
    server = _server(target, _of_login(options))
    try:
        reply = server.get("/", expect=(404, 410))
        if reply.status == 200 and "root" not in reply.json():
            raise FileError(f"{server.address!r} is a folder, not a file.")
        if reply.status == 200:
            server.delete("/", expect=(404, 410))
    finally:
        server.close()


def rename_domain(source: Path | str, target: Path | str, options: dict[str, Any]) -> None:
    """Give a domain another path on its server, in the place of one that is there: `Driver.rename_file`."""
    server = _server(target, _of_login(options))
    _, path = parse_address(source)
    aside = f"{path}.old"
    try:
        there = server.get("/", expect=(404, 410))
        is_taken = there.status == 200
        if is_taken and "root" not in there.json():
            raise FileError(f"{server.address!r} is a folder, not a file.")
        if server.get("/", expect=(404, 410), domain=path).status != 200:
            raise FileMissingError(f"there is no file {path!r} on the server {server.endpoint}.")
        if is_taken:
            _rename(server, server.domain, aside)
        try:
            _rename(server, path, server.domain)
        except BaseException:
            if is_taken:
                _rename(server, aside, server.domain)
            raise
        if is_taken:
            server.delete("/", domain=aside)
    finally:
        server.close()


def _rename(server: Server, path: str, free: str) -> None:
    # HSDS has no renaming: a domain can be made to hold what another one does, which is then taken away.
    server.put("/", {"linked_domain": path}, domain=free)
    server.delete("/", domain=path, keep_root=1)


def _of_login(options: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if key != "make_folders"}


def _server(target: Path | str, options: dict[str, Any]) -> Server:
    endpoint, domain = parse_address(target)
    known = set(Login.__dataclass_fields__)
    if unknown := sorted(set(options) - known):
        named = ", ".join(map(repr, unknown))
        takes = ", ".join(sorted({*known, "make_folders"}))
        raise UnsupportedError(f"the h5pyd backend takes no option {named}; it takes {takes}.")
    if endpoint is not None:  # what stands in the address counts
        options = {**options, "endpoint": endpoint}
    return Server(Login(**options), domain)


class _Opening:
    """One opening of a domain."""

    def __init__(self, server: Server, mode: OpenMode, make_folders: bool) -> None:
        self._server = server
        self._mode = mode
        self._make_folders = make_folders
        self._parent = server.domain.rpartition("/")[0]

    def domain(self) -> Domain:
        """Return the domain as the mode asks for it."""
        found = self._look_up(self._server.domain)
        if found is not None and "root" not in found:
            raise FileError(f"{self._server.address!r} is a folder, not a file.")
        if found is None and self._mode in ("r", "r+"):
            raise self._missing(f"there is no file {self._server.address!r}")
        if found is not None and self._mode == "x":
            raise self._taken()
        if found is not None and self._mode == "w":
            self._server.delete("/", expect=(404, 410))
            found = None
        if found is None:
            found = self._create()
        elif self._mode != "r":
            self._require_permission()
        packers = frozenset(map(str, found.get("compressors") or ("gzip", "deflate")))
        return Domain(self._server, str(found["root"]), packers, self._mode != "r")

    def _look_up(self, domain: str) -> dict[str, Any] | None:
        reply = self._server.get("/", expect=(404, 410), domain=domain)
        return None if reply.status in (404, 410) else reply.json()

    def _create(self) -> dict[str, Any]:
        if self._make_folders:
            self._make_parents()
        reply = self._server.put("/", {}, expect=(400, 404, 409, 410))
        if reply.status == 201:
            return reply.json()
        if reply.status == 409:
            raise self._taken()
        raise self._missing(f"there is no folder {self._parent!r} on the server to hold it")

    def _make_parents(self) -> None:
        parts = self._parent.strip("/").split("/")
        for depth in range(1, len(parts) + 1):
            folder = "/" + "/".join(parts[:depth])
            if self._look_up(folder) is None:
                self._server.put("/", {"folder": 1}, expect=(409,), domain=folder)

    def _missing(self, what: str) -> FileMissingError:
        """Return the error that tells the first folder on the way that is not there."""
        parts = self._parent.strip("/").split("/")
        for depth in range(1, len(parts) + 1):
            folder = "/" + "/".join(parts[:depth])
            there = self._look_up(folder)
            if there is None:
                return FileMissingError(
                    f"{what}: the server has no folder {folder!r}. make_folders=True "
                    "(h5modules copy --make-folders) makes it."
                )
            if "root" in there:
                return FileMissingError(f"{what}: {folder!r} is a file, not a folder.")
        return FileMissingError(f"{what}.")

    def _taken(self) -> FileTakenError:
        return FileTakenError(
            f"{self._server.address!r} exists already; open it with mode 'a', overwrite it, or choose "
            "another name."
        )

    def _require_permission(self) -> None:
        """Refuse at once who may not write; h5pyd asks by a flush, which can take seconds."""
        user = self._server.username
        if user:
            reply = self._server.get(f"/acls/{user}", expect=(400, 403, 404))
            if reply.status == 200 and reply.json().get("acl", {}).get("update"):
                return
        try:
            self._server.put("/", {}, flush=1)
        except FileAccessError as error:
            raise FileAccessError(f"no permission to write {self._server.address!r}: {error}") from error
