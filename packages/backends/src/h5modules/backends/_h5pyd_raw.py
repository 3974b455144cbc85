"""h5pyd's own file object on a domain that we have open, for those who ask for it.

h5pyd keeps what it knows of a domain, and what is to be changed in it, in memory. Here it is made to forget
what it knows before it is handed out, and to send what is to be changed before we ask the server for
anything. The ways in which h5pyd 1.0.0 loses changes without a sign are closed, as far as they can be from
outside.
"""

from __future__ import annotations

import json
import logging
from typing import Any

import h5pyd
from h5json import Hdf5db
from h5json.time_util import getNow
from h5pyd._hl.objectid import GroupID
from h5pyd.hsds_plugin import HsdsPlugin

from ._errors import FileReadOnlyError
from ._h5pyd_http import Reply, Request, Server

_EVERY_REFUSAL = range(300, 600)
_LOG = logging.getLogger("h5modules.backends.h5pyd")


class _Response:
    """An answer as h5pyd reads it."""

    def __init__(self, reply: Reply, *, is_binary: bool) -> None:
        self.status_code = reply.status
        self.reason = f"status {reply.status}"
        self.text = reply.content
        self.is_binary = is_binary and reply.status < 300
        self.is_json = not self.is_binary

    def json(self) -> Any:
        return json.loads(self.text)


class _Connection:
    """Sends h5pyd's requests through ours: with our limits of time, and no hidden changes of logging."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._is_open = False

    def open(self) -> None:
        self._is_open = True

    def close(self) -> None:
        self._is_open = False

    def isClosed(self) -> bool:  # noqa: N802
        return not (self._is_open and self._server.is_open)

    def serverInfo(self) -> Any:  # noqa: N802
        return self._server.get("/about").json()

    # The names are h5pyd's: methods of HTTP, and an argument that is called like a built-in.
    def GET(self, req: str, **more: Any) -> _Response:  # noqa: N802
        return self._send("GET", req, **more)

    def PUT(self, req: str, **more: Any) -> _Response:  # noqa: N802
        if req.endswith("/attributes"):
            # Without this, writing an attribute a second time fails, and so does every flush after it.
            more["params"] = {**(more.get("params") or {}), "replace": 1}
        return self._send("PUT", req, **more)

    def POST(self, req: str, body: Any = None, **more: Any) -> _Response:  # noqa: N802
        return self._send("POST", req, body=body, **more)

    def DELETE(self, req: str, **more: Any) -> _Response:  # noqa: N802
        return self._send("DELETE", req, **more)

    def _send(self, method: str, path: str, body: Any = None, params: Any = None, **more: Any) -> _Response:
        is_binary = more.get("format") == "binary"
        request = Request(
            method,
            path,
            params or {},
            bytes(body) if isinstance(body, bytearray) else body,
            repeat=method != "POST",
            is_for_values=is_binary and method != "PUT",
        )
        return _Response(self._server.send(request, _EVERY_REFUSAL), is_binary=is_binary)


class _Plugin(HsdsPlugin):  # type: ignore[misc]  # h5pyd has no types
    """Sends what h5pyd keeps; opened without asking the server again for what is known already."""

    def __init__(self, server: Server, root: str, *, read_only: bool) -> None:
        # getobjs: the server's collected description of a domain is up to half a minute old, and h5pyd never
        # looks for a newer one.
        super().__init__(server.domain, append=True, read_only=read_only, getobjs=False, app_logger=_LOG)
        self._http_conn = _Connection(server)
        self._root_id = root

    def open(self) -> str:
        self._http_conn.open()
        # h5pyd drops deletions before the first flush of a file object: take this for one.
        self._last_flush_time = getNow()
        return str(self._root_id)


class _Database(Hdf5db):  # type: ignore[misc]  # h5json has no types
    """What h5pyd keeps in memory; of a file opened for reading, nothing may be changed in it."""

    def make_dirty(self, obj_id: str) -> None:
        self._require_writable()
        super().make_dirty(obj_id)

    def resizeDataset(self, dset_id: str, shape: Any) -> None:  # noqa: N802
        self._require_writable()
        super().resizeDataset(dset_id, shape)

    def _require_writable(self) -> None:
        if self.plugin.read_only:
            # h5pyd would take the change, and drop it when the file is closed.
            raise FileReadOnlyError("the file was opened for reading; open it with mode 'a' or 'r+'.")


class RawFile:
    """The file object of h5pyd, made when first asked for.

    Parameters
    ----------
    server, root
        The domain, and its root group.
    read_only
        Whether it was opened for reading.
    """

    def __init__(self, server: Server, root: str, *, read_only: bool) -> None:
        self._server = server
        self._root = root
        self._read_only = read_only
        self._file: Any = None
        self._database: Any = None

    @property
    def has_changes(self) -> bool:
        """Whether it holds changes that the server does not know of."""
        kept = self._database
        return kept is not None and any(
            (kept.new_objects, kept.dirty_objects, kept.deleted_objects, kept.resized_datasets)
        )

    def file(self) -> Any:
        """Return the file object, which knows the domain as it is now."""
        if self._file is None:
            self._file = self._open()
        elif not self.has_changes:
            self._database.db.clear()
        return self._file

    def _open(self) -> Any:
        everybody = logging.getLogger()
        level = everybody.level
        self._database = _Database(app_logger=_LOG)
        self._database.plugin = _Plugin(self._server, self._root, read_only=self._read_only)
        self._database.open()
        try:
            return h5pyd.File(GroupID(None, self._root, db=self._database))
        finally:
            everybody.setLevel(level)  # h5pyd sets the level of everybody's logging to ERROR

    def flush(self) -> None:
        """Send what is to be changed."""
        if self.has_changes:
            self._database.flush()

    def close(self) -> None:
        """Close the file object; what was not sent is dropped."""
        if self._database is not None:
            self._database.plugin.close()
            self._file = self._database = None
