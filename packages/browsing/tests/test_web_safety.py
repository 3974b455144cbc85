"""A server that strangers and their files come to: raw requests to a real one, and what it lets out."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import h5py
import hdf5plugin
import numpy as np
import pytest
from pebble import ProcessExpired

from h5modules.browsing.web import _answers
from h5modules.browsing.web._connections import PATIENCE
from h5modules.browsing.web._errors import ReaderError
from h5modules.browsing.web._readers import FileReaders

SECRET = "Nobody may read this"
SERVE = "import sys; from h5modules.browsing.web import serve; "
SERVE += "serve([sys.argv[1]], ready=lambda address: print(address.port, flush=True))"
FILTERS = {
    "blosc2": hdf5plugin.Blosc2(),
    "zstd": hdf5plugin.Zstd(),
    "lz4": hdf5plugin.LZ4(),
    "bitshuffle": hdf5plugin.Bitshuffle(),
}
VALUES = np.arange(3000.0).reshape(50, 60)
QUESTIONS = ("progress", "settings", "log", "thumbnail", "h5grove/paths", "h5grove/meta", "h5grove/attr")


def make_links(path: Path, secret: Path) -> None:
    """Make a file of which all that counts lies in another."""
    with h5py.File(path, "w") as file:
        file["RawData"] = h5py.ExternalLink(str(secret), "/RawData")
        file["near"] = h5py.ExternalLink("../secret.h5", "/RawData")
        file["soft"] = h5py.SoftLink("/RawData/Scan000/values")
        file["ring"] = h5py.SoftLink("/ring")
        layout = h5py.VirtualLayout((50, 60), "f8")
        layout[:] = h5py.VirtualSource(str(secret), "/RawData/Scan000/values", (50, 60))
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("raw", (8,), "u1", external=[(str(secret), 0, 8)])


def make_odd_files(folder: Path, top: Path) -> None:
    """Make links of the system, and a pipe that nobody writes into."""
    (folder / "link.h5").symlink_to(top / "secret.h5")
    (folder / "above").symlink_to(top)
    (folder / "ring.h5").symlink_to(folder / "ring.h5")
    os.mkfifo(folder / "pipe.h5")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with honest files, and with what a stranger may have left there."""
    top = tmp_path_factory.mktemp("secret-folder")
    folder = top / "served"
    (folder / "Données ☕").mkdir(parents=True)
    with h5py.File(top / "secret.h5", "w") as file:
        scan = file.create_group("RawData/Scan000")
        scan.attrs.update({"TITLE": SECRET, "type": "scan", "scan_settings": f"<a><b value='{SECRET}'/></a>"})
        scan["Acquired"] = np.ones((50, 60), "u4")
        scan["values"] = VALUES
        file["RawData/Logger"] = np.array([SECRET], "S40")
    with h5py.File(folder / "Données ☕" / "µ.h5", "w") as file:
        file["数据/é"] = np.arange(3)
    with h5py.File(folder / "packed.h5", "w") as file:
        for name, how in FILTERS.items():
            file.create_dataset(name, data=VALUES, chunks=(10, 60), compression=how)
    make_links(folder / "links.h5", top / "secret.h5")
    if os.name != "nt":
        make_odd_files(folder, top)
    with h5py.File(folder / "large.h5", "w") as file:
        file.create_dataset("bomb", (2**36,), "f8", chunks=(2**20,), compression="gzip", fillvalue=1.0)
        file.create_dataset("wide", (2**16,), "u1", chunks=(2**16,), compression="gzip")
    (folder / "broken.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + os.urandom(2000))
    with h5py.File(folder / "damaged.h5", "w") as file:
        file["group/values"] = VALUES
    stored = (folder / "damaged.h5").read_bytes()
    head, _, tail = stored.rpartition(b"SNOD")  # it opens, and breaks where the names of a group are listed
    (folder / "damaged.h5").write_bytes(head + b"----" + tail)
    (folder / "empty.h5").touch()
    (folder / ".hidden.h5").write_bytes((folder / "packed.h5").read_bytes())
    (folder / "notes.txt").write_text(SECRET, "utf-8")
    return folder


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    command = [sys.executable, "-c", SERVE, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.terminate()
        _, errors = process.communicate(timeout=30)
        assert errors == ""


def ask(port: int, target: str, method: str = "GET", **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """Send a target as it is, which clients that mean well would tidy up."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest(method, target, skip_host="host" in headers)
    for name, text in headers.items():
        connection.putheader(name.replace("_", "-"), text)
    connection.endheaders()
    response = connection.getresponse()
    found = response.status, response.read(), {name.lower(): text for name, text in response.getheaders()}
    connection.close()
    return found


def node(file: str, path: str = "/", what: str = "h5grove/meta", **more: str) -> str:
    return f"/api/{what}?{urlencode({'file': file, 'path': path, **more})}"


@pytest.mark.parametrize(
    "name",
    [
        "%2e%2e%2fsecret.h5",
        "..%2Fsecret.h5",
        "%252e%252e%252fsecret.h5",
        "..%5csecret.h5",
        "a%5c..%5c..%5csecret.h5",
        "C:%5csecret.h5",
        "C:/secret.h5",
        "//server/share/secret.h5",
        "%5c%5cserver%5cshare%5csecret.h5",
        "packed.h5%00",
        "%00",
        "packed.h5/../../secret.h5",
        "./packed.h5",
        "packed.h5::$DATA",
        "%ff%fe.h5",
        "%c0%ae%c0%ae%c0%afsecret.h5",
        "%ed%a0%80.h5",
        "%ef%bc%8e%ef%bc%8e%ef%bc%8fsecret.h5",  # full width: some systems take these for .. and /
        "notes.txt",
        ".hidden.h5",
        "link.h5",
        "above/secret.h5",
        "ring.h5",
        "pipe.h5",
        "~/secret.h5",
        "$HOME/secret.h5",
        "a" * 999 + ".h5",
        "a" * 5000,
    ],
)
def test_names_lead_nowhere_else(port: int, folder: Path, name: str) -> None:
    for what in QUESTIONS:
        status, body, _ = ask(port, f"/api/{what}?file={quote(name, safe='%/:$~')}")
        assert status in (404, 414, 422), (what, body)
        assert SECRET.encode() not in body
        assert str(folder.parent).encode() not in body


@pytest.mark.parametrize(
    "target",
    ["/../_guard.py", "/%2e%2e/_guard.py", "/assets/..%2f..%2f_guard.py", "/..%5c_guard.py", "//etc/passwd"],
)
def test_the_page_is_all_that_is_served_beside_files(port: int, target: str) -> None:
    status, body, _ = ask(port, target)
    assert status == 404, body


def test_files_and_nodes_have_names_of_any_letters(port: int) -> None:
    status, body, _ = ask(port, node("Données ☕/µ.h5", "/数据/é", "h5grove/data"))
    assert (status, json.loads(body)) == (200, [0, 1, 2])


@pytest.mark.parametrize("name", FILTERS)
def test_packed_values_are_sent_unpacked(port: int, name: str) -> None:
    status, body, _ = ask(port, node("packed.h5", f"/{name}", "h5grove/data", format="bin", dtype="safe"))
    assert status == 200, body
    np.testing.assert_array_equal(np.frombuffer(body).reshape(50, 60), VALUES)


def test_what_lies_in_other_files_is_not_told(port: int, folder: Path) -> None:
    for path in ("/RawData", "/near", "/RawData/Scan000/values", "/soft", "/virtual", "/raw", "/ring", "/"):
        for what in ("h5grove/data", "h5grove/meta", "h5grove/attr", "h5grove/paths"):
            _, body, _ = ask(port, node("links.h5", path, what))
            assert SECRET.encode() not in body, (path, what)
            assert str(folder.parent).encode() not in body, (path, what)
    for what in ("progress", "settings", "log", "thumbnail"):
        assert ask(port, f"/api/{what}?file=links.h5")[0] == 403, what
    assert ask(port, node("links.h5", "/virtual", "h5grove/data"))[0] == 403


def test_the_list_and_its_search_tell_nothing_of_other_files(port: int) -> None:
    deadline = time.monotonic() + 60
    while (told := json.loads(ask(port, "/api/files")[1]))["unread"]:
        assert time.monotonic() < deadline, "files are read"
    names = {each["name"]: each["contents"] for each in told["files"]}
    unreadable = ["links.h5", "damaged.h5", "broken.h5", "empty.h5"]
    assert set(names) == {"Données ☕/µ.h5", "packed.h5", "large.h5", *unreadable}
    assert [names[each] for each in unreadable] == [None] * 4
    assert names["packed.h5"] is not None
    states = {each["name"]: each["state"] for each in told["files"]}
    assert [states[each] for each in unreadable] == ["finished", "unreadable", "unreadable", "unreadable"]
    assert states["packed.h5"] == "finished"
    found = json.loads(ask(port, f"/api/files?search={quote(SECRET)}")[1])
    assert found["files"] == []
    assert ask(port, f"/api/files?search={quote('gain<much')}")[0] == 422


def test_answers_are_bounded(port: int) -> None:
    assert ask(port, node("large.h5", "/bomb", "h5grove/data"))[0] == 413
    assert ask(port, node("large.h5", "/bomb", "h5grove/data", selection="0:3"))[0] == 200
    assert ask(port, node("large.h5", "/" + "x" * 1500))[0] == 422


def test_only_reading_by_the_page_itself_is_answered(port: int) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"):
        assert ask(port, "/api/files", method)[0] == 405
    status, _, headers = ask(port, "/api/files", origin="https://elsewhere.example")
    assert status == 200
    assert not [name for name in headers if name.startswith("access-control")]
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert ask(port, "/api/files", sec_fetch_site="cross-site", sec_fetch_mode="no-cors")[0] == 403


def test_no_other_name_leads_to_the_server(port: int) -> None:
    for host in (
        "elsewhere.example",
        f"elsewhere.example:{port}",
        "127.0.0.1.elsewhere.example",
        "10.0.0.1",
        "",
    ):
        assert ask(port, "/api/files", host=host)[0] in (400, 421), host
    for host in ("localhost", f"127.0.0.1:{port}", f"LOCALHOST:{port}", f"[::1]:{port}"):
        assert ask(port, "/api/files", host=host)[0] == 200, host


def test_broken_files_harm_only_their_own_requests(port: int, folder: Path) -> None:
    for name in ("broken.h5", "empty.h5"):
        for what in QUESTIONS:
            status, body, _ = ask(port, f"/api/{what}?file={name}")
            assert status == 422, (name, what)
            assert str(folder.parent).encode() not in body
    assert ask(port, node("packed.h5", "/zstd"))[0] == 200


def test_a_connection_without_a_request_is_closed(port: int) -> None:
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as silent:
        silent.sendall(b"GET /api/files HTTP/1.1\r\nHost: local")
        assert ask(port, "/api/files")[0] == 200
        with contextlib.suppress(ConnectionResetError):
            assert silent.recv(100) == b""
    assert PATIENCE - 1 < time.monotonic() - begun < 3 * PATIENCE


def test_headers_are_bounded(port: int) -> None:
    with contextlib.suppress(ConnectionError):  # it may close the connection while it is still written to
        assert ask(port, "/api/files", cookie="x" * 2_000_000)[0] == 400


@pytest.mark.anyio
async def test_a_process_that_ends_or_hangs_is_replaced(folder: Path) -> None:
    with FileReaders(count=2, time_limit=0.5) as readers:
        assert await readers.run(abs, -1) == 1
        with pytest.raises(ProcessExpired):
            await readers.run(os._exit, 3)
        with pytest.raises(TimeoutError):
            await readers.run(time.sleep, 60)
        assert await readers.run(abs, -2) == 2


@pytest.mark.anyio
@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes on Windows")
async def test_a_file_that_hangs_is_left_alone_until_it_changes(folder: Path) -> None:
    with FileReaders(count=2, time_limit=0.5) as readers:
        for reason in ("may be damaged", "tried again when it changes"):
            with pytest.raises(ReaderError, match=reason):
                await readers.ask(_answers.lines, folder / "pipe.h5", "pipe.h5", seen=reason)


@pytest.mark.anyio
async def test_those_who_ask_the_same_are_given_the_same_answer(folder: Path) -> None:
    path, asked = folder / "packed.h5", {"node": "/"}
    with FileReaders(count=1) as readers:
        first, second, newer = await asyncio.gather(
            readers.ask(_answers.metadata, path, path.name, seen="7 points", **asked),
            readers.ask(_answers.metadata, path, path.name, seen="7 points", **asked),
            readers.ask(_answers.metadata, path, path.name, seen="8 points", **asked),
        )
        assert first is second
        assert newer is not first
        assert await readers.ask(_answers.metadata, path, path.name, seen="7 points", **asked) is first


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
