"""Servers that die, freeze, are busy or slow while a file is open: an error in time, nothing called saved."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

from h5modules.backends import ArraySpec, Durability, FileError, H5Backend, _h5pyd
from h5modules.backends._h5pyd import H5pydDriver
from h5modules.backends.hsds import HsdsServer

pytestmark = pytest.mark.slow

FLOATS = np.dtype(float)


@contextmanager
def refused(match: str, seconds: float = 8) -> Iterator[None]:
    """Expect a FileError within some seconds."""
    start = time.monotonic()
    with pytest.raises(FileError, match=match):
        yield
    assert time.monotonic() - start < seconds


class Between:
    """Stands between a client and a server, and does to the answers what a test asks for."""

    def __init__(self, endpoint: str) -> None:
        self.spoil: Callable[[str, str], str] = lambda method, path: ""
        outer = self
        target = urlsplit(endpoint).netloc

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                how = outer.spoil(self.command, self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, kind, content = 503, "text/plain", b""
                if how != "refuse":
                    server = http.client.HTTPConnection(target, timeout=30)
                    server.request(self.command, self.path, body, dict(self.headers))
                    answer = server.getresponse()
                    status, kind, content = answer.status, answer.getheader("Content-Type", ""), answer.read()
                    server.close()
                if how == "forget":
                    status, content = 503, b""
                if how == "break":
                    self.close_connection = True
                    return
                if how == "delay":
                    time.sleep(0.3)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_DELETE = _pass_on  # noqa: N815

            def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def next(self, how: str, method: str = "PUT", part: str = "/value", times: int = 1) -> None:
        """Spoil the next answers to requests of a kind."""
        left = [how] * times
        self.spoil = lambda sent, path: left.pop() if left and sent == method and part in path else ""

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def between(hsds_server: HsdsServer) -> Iterator[Between]:
    found = Between(hsds_server.endpoint)
    yield found
    found.close()


@pytest.fixture
def file(between: Between, hsds_server: HsdsServer, hsds_domain: str) -> Iterator[H5pydDriver]:
    options = {**hsds_server.options, "endpoint": between.endpoint, "timeout": 3.0}
    file = H5pydDriver.open(hsds_domain, "w", **options)
    file.create_array("/array", ArraySpec((10,), FLOATS, fill_value=np.nan))
    file.create_array("/rows", ArraySpec((0, 2), FLOATS, enlargeable=True))
    file.create_ragged("/texts", "u1")
    yield file
    between.spoil = lambda method, path: ""
    file.close()


# A server that dies


@contextmanager
def killed_while_open(root: Path) -> Iterator[tuple[HsdsServer, H5Backend, Any]]:
    """Give a server that was killed, the file that was open, and its writer; 20 points of it were flushed."""
    with HsdsServer(root) as server:
        file = H5Backend("h5pyd")
        file.open_file(f"{server.folder}scan.h5", "w", **server.options)
        writer = file.create_array("/", "Points", ArraySpec((1000,), FLOATS, fill_value=np.nan)).writer()
        for number in range(20):
            writer.write((number,), np.array(float(number)))
        file.flush()
        writer.write((20,), np.array(20.0))  # on the server, and perhaps not on its disk
        server.kill()
        with refused(r"cannot be reached.* Is it running"):
            writer.write((21,), np.array(21.0))
        yield server, file, writer


def points(server: HsdsServer) -> Any:
    again = H5pydDriver.open(f"{server.folder}scan.h5", "r", **server.options)
    values = again.read("/Points")
    again.close()
    return values


def test_killed_server(tmp_path: Path) -> None:
    with killed_while_open(tmp_path) as (server, file, _):
        with refused("cannot be reached"):
            file.get_node("/Points").read()
        with refused("cannot be reached"):
            file.flush()
        with refused("cannot be reached"):
            file.close_file()
        assert not file.isopen()
        server.start()
        values = points(server)
        assert values[:20].tolist() == list(range(20))
        assert np.isnan(values[21:]).all()


def test_killed_server_that_is_started_again(tmp_path: Path) -> None:
    with killed_while_open(tmp_path) as (server, file, writer):
        server.start()
        # Without a look at the server's start, this flush would confirm points that the server has lost.
        with refused("was started anew while .* was open.* may be lost"):
            file.flush()
        writer.write((20,), np.array(20.0))
        file.close_file()
        values = points(server)
        assert values[:21].tolist() == list(range(21))
        assert np.isnan(values[21:]).all()


def test_points_that_waited_for_the_disk_outlive_the_server(tmp_path: Path) -> None:
    with HsdsServer(tmp_path) as server:
        options = {**server.options, "durability": Durability(writes=2)}
        file = H5pydDriver.open(f"{server.folder}scan.h5", "w", **options)
        file.create_array("/Points", ArraySpec((100,), FLOATS, fill_value=np.nan))
        file.create_array("/Rows", ArraySpec((0,), FLOATS, enlargeable=True))
        writer, rows = file.writer("/Points"), file.appender("/Rows")
        for number in range(10):
            writer.write((number,), np.array(float(number)))
            rows.append(np.array(float(number)))
        server.kill()
        file.close()  # no error: nothing was left to be stored
        server.start()
        assert points(server)[:10].tolist() == list(range(10))
        H5pydDriver.delete_file(f"{server.folder}scan.h5", **options)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process is stopped by a signal on POSIX alone")
def test_killed_data_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_h5pyd, "FLUSH_SECONDS", 2.0)
    with HsdsServer(tmp_path) as server:
        file = H5pydDriver.open(f"{server.folder}scan.h5", "w", timeout=3.0, **server.options)
        file.create_array("/array", ArraySpec((10,), FLOATS))
        os.kill(server.pids[1], signal.SIGKILL)
        # The node that we talk to is alive, and does not say at once that it cannot reach the other.
        with refused("refuses|no answer|busy", seconds=8):
            file.write("/array", 0, 1.0)
        with refused("refuses|no answer|busy", seconds=8):
            file.close()
        assert not file.is_open
        assert not server.is_running


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process is frozen by a signal on POSIX alone")
def test_frozen_server_goes_on(tmp_path: Path) -> None:
    with HsdsServer(tmp_path) as server:
        file = H5pydDriver.open(f"{server.folder}scan.h5", "w", timeout=1.0, **server.options)
        file.create_array("/array", ArraySpec((10,), FLOATS))
        os.kill(server.pids[0], signal.SIGSTOP)
        try:
            with refused(r"no answer within 1 s"):
                file.write("/array", 0, 1.0)
        finally:
            os.kill(server.pids[0], signal.SIGCONT)
        file.write("/array", 1, 2.0)
        file.close()


def test_domain_deleted_by_another(hsds_server: HsdsServer, hsds_domain: str) -> None:
    file = H5pydDriver.open(hsds_domain, "w", **hsds_server.options)
    file.create_array("/array", ArraySpec((10,), FLOATS))
    H5pydDriver.delete_file(hsds_domain, **hsds_server.options)
    with pytest.raises((FileError, LookupError), match=r"any more|gone|refuses"):
        file.write("/array", 0, 1.0)
    with pytest.raises((FileError, LookupError), match=r"any more|gone|refuses"):
        file.close()
    assert not file.is_open


def test_node_deleted_by_another(hsds_server: HsdsServer, hsds_domain: str) -> None:
    file = H5pydDriver.open(hsds_domain, "w", **hsds_server.options)
    file.create_group("/group")
    other = H5pydDriver.open(hsds_domain, "a", **hsds_server.options)
    other.delete("/group")
    other.create_array("/group", ArraySpec((2,), FLOATS), np.ones(2))
    other.close()
    file.close()
    again = H5pydDriver.open(hsds_domain, "r", **hsds_server.options)
    assert again.read("/group").tolist() == [1, 1]
    again.close()


# A server that is busy, slow, or loses the line


def test_busy_server_gets_the_point_again(file: H5pydDriver, between: Between) -> None:
    between.next("refuse", times=3)
    file.write("/array", 3, 7.0)
    assert file.read("/array", 3) == 7


@pytest.mark.parametrize("how", ["refuse", "forget"])
def test_busy_server_gets_a_row_once(file: H5pydDriver, between: Between, how: str) -> None:
    # "refuse": it was busy before; "forget": it had made room and written, and then said that it is busy.
    file.append("/rows", np.ones((2, 2)))
    between.next(how)
    file.append("/rows", np.full((1, 2), 2.0))
    assert file.read("/rows").tolist() == [[1, 1], [1, 1], [2, 2]]
    between.next(how)
    file.append("/texts", np.frombuffer(b"abc", "u1"))
    file.append("/texts", np.frombuffer(b"d", "u1"))
    assert [row.tobytes() for row in file.read("/texts")] == [b"abc", b"d"]


def test_busy_server_and_an_unknown_length(
    file: H5pydDriver, between: Between, hsds_server: HsdsServer, hsds_domain: str
) -> None:
    other = H5pydDriver.open(hsds_domain, "a", **hsds_server.options)
    other.append("/rows", np.ones((1, 2)))
    other.close()
    between.next("forget")
    with refused("too busy to append 1 rows; whether it made room for them is not known"):
        file.append("/rows", np.full((1, 2), 2.0))


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write("/array", 3, 7.0),
        lambda file: file.writer("/array").write((3,), np.array(7.0)),
    ],
    ids=["write", "writer"],
)
def test_line_breaks_once(file: H5pydDriver, between: Between, change: Callable[[H5pydDriver], None]) -> None:
    between.next("break")
    change(file)
    assert file.read("/array", 3) == 7


@pytest.mark.parametrize(
    ("change", "method", "part"),
    [
        (lambda file: file.write("/array", 3, 7.0), "PUT", "/value"),
        (lambda file: file.append("/rows", np.ones((1, 2))), "PUT", "/value"),
        (lambda file: file.create_group("/group"), "POST", "/groups"),
        (lambda file: file.write_attributes("/", {"a": "b"}), "PUT", "/attributes"),
        (lambda file: file.read("/array"), "GET", "/value"),
        (lambda file: file.flush(), "PUT", "flush=1"),
    ],
    ids=["write", "append", "create", "attribute", "read", "flush"],
)
def test_line_that_breaks_is_an_error(
    file: H5pydDriver, between: Between, change: Callable[[H5pydDriver], Any], method: str, part: str
) -> None:
    between.next("break", method, part, times=5)
    with refused("the connection to the server .* broke"):
        change(file)


def test_slow_server_is_waited_for(file: H5pydDriver, between: Between) -> None:
    between.next("delay", times=3)
    for number in range(3):
        file.write("/array", number, 1.0)
    assert file.read("/array", slice(3)).tolist() == [1, 1, 1]


def test_flush_that_fails_is_not_forgotten(
    hsds_server: HsdsServer, hsds_domain: str, between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_h5pyd, "FLUSH_SECONDS", 1.0)
    file = H5pydDriver.open(
        hsds_domain, "w", **{**hsds_server.options, "endpoint": between.endpoint, "timeout": 1.0}
    )
    file.create_group("/group")
    between.next("refuse", "PUT", "flush=1", times=1000)
    with refused("too busy"):
        file.close()
    assert not file.is_open
    file.close()


def test_flush_is_asked_for_when_there_is_something_to_save(
    hsds_server: HsdsServer, hsds_domain: str, between: Between
) -> None:
    sent: list[str] = []

    def listen(method: str, path: str) -> str:
        sent.append(f"{method} {path.partition('?')[0]}{' flush' if 'flush=1' in path else ''}")
        return ""

    options = {**hsds_server.options, "endpoint": between.endpoint}
    between.spoil = listen
    file = H5pydDriver.open(hsds_domain, "w", **options)
    file.write_attributes("/", {"a": "b"})
    file.flush()
    flushes = sent.count("PUT / flush")
    assert flushes == 1
    file.close()  # nothing new: the server is not asked again
    assert sent.count("PUT / flush") == 1
    H5pydDriver.open(hsds_domain, "r", **options).close()
    assert sent.count("PUT / flush") == 1
