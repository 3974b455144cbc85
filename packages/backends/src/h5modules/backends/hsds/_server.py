"""Starting and stopping a private HSDS server."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from h5modules.backends._errors import BackendMissingError, H5ModulesError

NODE_SCRIPT = Path(__file__).with_name("_node.py")
BUCKET = "data"
"""The folder below the root that holds the domains; HSDS calls it a bucket."""

SETTINGS: Mapping[str, Any] = {
    # By default the server writes to disk a second after a change, looks for work each second, and a flush
    # looks whether it is done each second. Much sooner, and it writes the same chunk over and over.
    "s3_age_time": 0.1,
    "s3_sync_interval": 0.05,
    "flush_sleep_interval": 0.01,
    "allow_noauth": False,
}

KEPT_VARIABLES = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "TEMP",
    "TMP",
    "LD_LIBRARY_PATH",
    "SYSTEMROOT",
    "USERPROFILE",
)
"""HSDS takes any setting from a variable of its name (TIMEOUT, LOG_LEVEL, ...): it is given these alone."""


class HsdsServerError(H5ModulesError, RuntimeError):
    """The server did not start, or has ended by itself."""


@dataclass(frozen=True, slots=True)
class _Node:
    """One process of the server."""

    name: str
    process: subprocess.Popen[bytes]


class HsdsServer:
    """An HSDS server of your own, on this machine alone: one service node and one data node.

    It listens on 127.0.0.1 and on a free port, keeps its domains in files below a folder, and knows one user,
    who may do everything. Use it in a ``with`` block: it is ready inside, and stopped after. Should this
    process die, the server stops by itself.

    Parameters
    ----------
    root
        The folder for the domains; made where missing. A server started later on the same folder finds them.
    username, password
        Of three characters or more each; without a password, a random one is made.
    port
        The port to listen on; 0 takes a free one.
    settings
        Settings of HSDS by the names of its ``config.yml``, beside those that make it fast on a local disk.
    python
        The Python that runs it, when ``hsds`` is installed in another environment.

    Attributes
    ----------
    username, password
        What to log in with.

    Examples
    --------
    >>> from h5modules.backends import H5Backend
    >>> with HsdsServer(tmp_path) as server:  # doctest: +SKIP
    ...     file = H5Backend('h5pyd')
    ...     file.open_file(f'{server.folder}scan.h5', 'w', **server.options)
    """

    def __init__(
        self,
        root: Path | str,
        *,
        username: str = "h5user",
        password: str | None = None,
        port: int = 0,
        settings: Mapping[str, Any] | None = None,
        python: Path | str | None = None,
    ) -> None:
        self.root = Path(root).resolve()
        self.username = username
        self.password = password or secrets.token_urlsafe(12)
        self._port = port
        self._settings = {**SETTINGS, **(settings or {})}
        self._python = None if python is None else str(python)
        self._nodes: list[_Node] = []
        self._private: Path | None = None
        if len(self.username) < 3 or len(self.password) < 3 or ":" in self.username or "/" in self.username:
            raise HsdsServerError(
                "user and password need three characters or more, and the user no ':' or '/'."
            )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    # What a client needs

    @property
    def endpoint(self) -> str:
        """The address of the server, such as ``http://127.0.0.1:41235``; known once it was started."""
        if not self._port:
            raise HsdsServerError(
                "the server has no address before it is started; call start() or use it in a with block."
            )
        return f"http://127.0.0.1:{self._port}"

    @property
    def folder(self) -> str:
        """The folder on the server for the user's domains, with a ``/`` at the end."""
        return f"/home/{self.username}/"

    @property
    def options(self) -> dict[str, str]:
        """What `H5Backend.open_file` and `h5pyd.File` take to reach the server."""
        return {"endpoint": self.endpoint, "username": self.username, "password": self.password}

    @property
    def is_running(self) -> bool:
        """Whether all processes of the server run."""
        return bool(self._nodes) and all(node.process.poll() is None for node in self._nodes)

    @property
    def pids(self) -> tuple[int, ...]:
        """The numbers of the server's processes: the service node's, then the data node's."""
        return tuple(node.process.pid for node in self._nodes)

    # Starting and stopping

    def start(self, timeout: float = 60.0) -> Self:
        """Start the server and return when it answers, some 2 s later.

        Parameters
        ----------
        timeout
            Seconds to wait for it at most.

        Raises
        ------
        BackendMissingError
            When ``hsds`` is not installed.
        HsdsServerError
            When its folder cannot be made; or when it ends at once or does not answer in time: the message
            shows the end of its log.
        """
        if self._nodes:
            raise HsdsServerError(f"the server of {str(self.root)!r} was started already; stop it first.")
        if self._python is None and importlib.util.find_spec("hsds") is None:
            raise BackendMissingError(
                'an HSDS server needs the package hsds. Try: pip install "h5modules-backends[hsds-server]"'
            )
        try:
            (self.root / BUCKET).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HsdsServerError(
                f"the folder {str(self.root)!r} cannot hold domains: {error.strerror}; name another."
            ) from error
        try:
            self._launch()
            self._await_ready(time.monotonic() + timeout)
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self, timeout: float = 60.0) -> None:
        """Stop the server in order: everything that it has acknowledged is on the disk after.

        Parameters
        ----------
        timeout
            Seconds to wait for each process before it is killed.
        """
        for (
            node
        ) in self._nodes:  # the service node first: no request comes in while the data node writes the rest
            _close_input(node.process)
            try:
                node.process.wait(timeout)
            except subprocess.TimeoutExpired:
                node.process.kill()
                node.process.wait()
        self._forget()

    def kill(self) -> None:
        """Kill the server at once, as a crash would: what was not flushed may be lost."""
        for node in self._nodes:
            node.process.kill()
        for node in self._nodes:
            node.process.wait()
            _close_input(node.process)
        self._forget()

    def restart(self, timeout: float = 60.0) -> Self:
        """Stop the server where it runs, and start it again on the same folder and at the same address.

        Parameters
        ----------
        timeout
            Seconds to wait for it at most.
        """
        self.stop()
        return self.start(timeout)

    def _forget(self) -> None:
        self._nodes = []
        if self._private is not None:
            shutil.rmtree(self._private, ignore_errors=True)
            self._private = None

    def _launch(self) -> None:
        with self._listen(self._port) as front:
            self._port = front.getsockname()[1]
            # The data node asks nobody for a password. Where sockets have permissions, it makes one that only
            # this user can reach; elsewhere (Windows; untried) it gets a port of this machine.
            if hasattr(socket, "AF_UNIX") and os.name != "nt":
                self._private = Path(tempfile.mkdtemp(prefix="h5m-"))
                path = urllib.parse.quote(str(self._private / "dn.sock"), safe="")
                self._start_nodes(front, None, f"http+unix://{path}")
            else:
                with self._listen(0) as back:
                    self._start_nodes(front, back, f"http://127.0.0.1:{back.getsockname()[1]}")

    def _listen(self, port: int) -> socket.socket:
        try:
            return socket.create_server(("127.0.0.1", port), backlog=128)
        except OSError as error:
            raise HsdsServerError(
                f"the port {port} of this machine cannot be listened on: {error}."
            ) from error

    def _start_nodes(self, front: socket.socket, back: socket.socket | None, back_url: str) -> None:
        common = [
            "--standalone",
            f"--dn_urls={back_url}",
            f"--hsds_endpoint={self.endpoint}",
            f"--root_dir={self.root}",
            f"--bucket_name={BUCKET}",
            "--log_level=ERROR",
            "--password_file=",
            f"--admin_user={self.username}",
        ]
        login = [f"--hs_username={self.username}", f"--hs_password={self.password}"]
        self._start_node("data", back, ["--node_type=dn", "--node_number=0", *common])
        self._start_node("service", front, ["--node_type=sn", f"--sn_url={self.endpoint}", *login, *common])
        self._nodes.reverse()

    def _start_node(self, name: str, listening: socket.socket | None, arguments: list[str]) -> None:
        variables = {key: os.environ[key] for key in KEPT_VARIABLES if key in os.environ}
        variables.update(PYTHONUNBUFFERED="1", CONFIG_OVERRIDE_PATH=os.devnull)
        with self._log(name).open("ab") as log:
            process = subprocess.Popen(
                # -P: the folder of the script must not stand on the path, before the packages it imports.
                [self._python or sys.executable, "-P", str(NODE_SCRIPT)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=variables,
                cwd=self.root,
                **_system_options(listening),
            )
        self._nodes.append(_Node(name, process))
        order = {
            "module": f"{name}node",
            "socket": _handed_over(listening, process.pid),
            "arguments": arguments,
            "settings": self._settings,
            "lock": str(self.root / "hsds.lock") if name == "data" else None,
        }
        assert process.stdin is not None
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.flush()

    def _log(self, name: str) -> Path:
        return self.root / f"hsds-{name}.log"

    # Waiting

    def _await_ready(self, deadline: float) -> None:
        # Making the folders takes both nodes: what answers this is ready.
        for folder in ("/home", self.folder.rstrip("/")):
            while not self._try_folder(folder):
                self._require_alive()
                if time.monotonic() > deadline:
                    raise HsdsServerError(f"the HSDS server did not get ready in time.{self._last_words()}")
                time.sleep(0.02)

    def _try_folder(self, folder: str) -> bool:
        login = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        request = urllib.request.Request(
            f"{self.endpoint}/?domain={urllib.parse.quote(folder)}",
            data=b'{"folder": 1}',
            headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"},
            method="PUT",
        )
        # Without proxies: a proxy on the way to this very machine could only be a mistake.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=2):
                return True
        except urllib.error.HTTPError as error:
            error.close()
            return error.code == 409  # it is there already
        except OSError:
            return False

    def _require_alive(self) -> None:
        for node in self._nodes:
            if (code := node.process.poll()) is not None:
                raise HsdsServerError(
                    f"the {node.name} node of the HSDS server ended with code {code}.{self._last_words()}"
                )

    def _last_words(self) -> str:
        words = []
        for node in self._nodes:
            log = self._log(node.name)
            words.append(f"\n--- {log}:\n{log.read_text('utf-8', 'replace')[-1500:].rstrip()}")
        return "".join(words)


def _system_options(listening: socket.socket | None) -> dict[str, Any]:
    # A Ctrl-C in the terminal is for the parent alone: it stops the nodes in their order.
    if os.name == "nt":  # untried
        return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    return {"start_new_session": True, "pass_fds": () if listening is None else (listening.fileno(),)}


def _handed_over(listening: socket.socket | None, pid: int) -> dict[str, Any] | None:
    if listening is None:
        return None
    if os.name == "nt":  # untried; Windows passes no descriptors on
        share = listening.share(pid)  # type: ignore[attr-defined,unused-ignore]
        return {"share": base64.b64encode(share).decode()}
    return {"fd": listening.fileno()}


def _close_input(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        try:
            process.stdin.close()
        except BrokenPipeError:
            return  # it has ended before it could read all of it
