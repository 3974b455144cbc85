"""Opening domains: addresses, modes, logins; and every way in which it fails."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath

import pytest

from h5modules.backends import (
    FileAccessError,
    FileError,
    FileMissingError,
    FileTakenError,
    H5Backend,
    UnsupportedError,
)
from h5modules.backends._h5pyd import H5pydDriver
from h5modules.backends._h5pyd_domain import parse_address
from h5modules.backends.hsds import HsdsServer


@contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """Fail when the block takes longer."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


@contextmanager
def silent_server() -> Iterator[str]:
    """Run a server that takes connections, reads, and never answers."""
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)

        def take() -> None:
            taken = []
            while not stopped.is_set():
                try:
                    taken.append(listening.accept()[0])
                except TimeoutError:
                    continue
            for connection in taken:
                connection.close()

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            stopped.set()
            thread.join()


@contextmanager
def speaking_server(answer: bytes) -> Iterator[str]:
    """Run a server that gives one answer to everything, and closes the connection."""
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)

        def speak() -> None:
            while not stopped.is_set():
                try:
                    connection = listening.accept()[0]
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(2)
                    connection.recv(65536)
                    connection.sendall(answer)

        thread = threading.Thread(target=speak)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            stopped.set()
            thread.join()


def make(server: HsdsServer, domain: str) -> None:
    H5pydDriver.open(domain, "w", **server.options).close()


# Addresses


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/home/ada/scan.h5", (None, "/home/ada/scan.h5")),
        ("hdf5://home/ada/scan.h5", (None, "/home/ada/scan.h5")),
        ("hdf5://lab.example.org/home/ada/scan.h5", ("http://lab.example.org", "/home/ada/scan.h5")),
        ("hdf5://localhost/home/scan.h5", ("http://localhost", "/home/scan.h5")),
        ("hdf5://lab:5101/home/scan.h5", ("http://lab:5101", "/home/scan.h5")),
        ("http://127.0.0.1:5101/home/scan.h5", ("http://127.0.0.1:5101", "/home/scan.h5")),
        ("https://lab/home/scan.h5", ("https://lab", "/home/scan.h5")),
        ("http+unix://%2Ftmp%2Fsn.sock/home/scan.h5", ("http+unix://%2Ftmp%2Fsn.sock", "/home/scan.h5")),
        (PureWindowsPath("/home/ada/scan.h5"), (None, "/home/ada/scan.h5")),
        ("/home/ada/a b é &?#%.h5", (None, "/home/ada/a b é &?#%.h5")),
    ],
    ids=str,
)
def test_address(address: str, expected: tuple[str | None, str]) -> None:
    assert parse_address(address) == expected


@pytest.mark.parametrize(
    "address", ["scan.h5", "", "/home/ada/", "/home//scan.h5", "/home/../scan.h5", "/a\0b", "http://lab"]
)
def test_address_that_is_none(address: str) -> None:
    with pytest.raises(FileError, match="not the path of a domain"):
        parse_address(address)


def test_every_form_of_the_address_opens_the_domain(hsds_server: HsdsServer, hsds_domain: str) -> None:
    make(hsds_server, hsds_domain)
    login = {"username": hsds_server.username, "password": hsds_server.password}
    bare = hsds_server.endpoint.removeprefix("http://")
    for address in (f"{hsds_server.endpoint}{hsds_domain}", f"hdf5://{bare}{hsds_domain}"):
        file = H5pydDriver.open(address, "r", **login)
        assert file.filename == f"{hsds_server.endpoint}{hsds_domain}"
        file.close()
    H5pydDriver.open(f"hdf5:/{hsds_domain}", "r", **hsds_server.options).close()
    H5pydDriver.open(Path(hsds_domain), "r", **hsds_server.options).close()


def test_odd_names_of_domains(hsds_server: HsdsServer) -> None:
    for name in ("a b é &?#%+,[].h5", "no extension", "x" * 150):
        make(hsds_server, hsds_server.folder + name)
        H5pydDriver.open(hsds_server.folder + name, "r", **hsds_server.options).close()


# Modes


def test_x_refuses_and_w_replaces(hsds_server: HsdsServer, hsds_domain: str) -> None:
    file = H5pydDriver.open(hsds_domain, "x", **hsds_server.options)
    file.create_group("/group")
    file.close()
    with pytest.raises(FileTakenError, match="exists already"):
        H5pydDriver.open(hsds_domain, "x", **hsds_server.options)
    file = H5pydDriver.open(hsds_domain, "w", **hsds_server.options)
    assert file.child_names("/") == []
    file.close()


@pytest.mark.parametrize("mode", ["r", "r+"])
def test_missing_domain(hsds_server: HsdsServer, hsds_domain: str, mode: str) -> None:
    with pytest.raises(FileMissingError, match="there is no file"):
        H5pydDriver.open(hsds_domain, mode, **hsds_server.options)
    # h5pyd makes a domain in mode r+ when there is none.
    with pytest.raises(FileMissingError, match="there is no file"):
        H5pydDriver.open(hsds_domain, "r", **hsds_server.options)


def test_deleted_domain_is_missing(hsds_server: HsdsServer, hsds_domain: str) -> None:
    make(hsds_server, hsds_domain)
    H5pydDriver.delete_file(hsds_domain, **hsds_server.options)
    with pytest.raises(FileMissingError, match="there is no file"):
        H5pydDriver.open(hsds_domain, "r", **hsds_server.options)


@pytest.mark.parametrize("mode", ["r", "r+", "a", "w", "x"])
def test_missing_folder_is_named(hsds_server: HsdsServer, mode: str) -> None:
    with pytest.raises(
        FileMissingError, match=rf"no folder '{hsds_server.folder}nowhere'.*make_folders=True"
    ):
        H5pydDriver.open(f"{hsds_server.folder}nowhere/below/scan.h5", mode, **hsds_server.options)


@pytest.mark.parametrize("mode", ["r", "r+", "a", "w", "x"])
def test_folder_is_no_file(hsds_server: HsdsServer, mode: str) -> None:
    with pytest.raises(FileError, match="is a folder, not a file"):
        H5pydDriver.open(hsds_server.folder.rstrip("/"), mode, **hsds_server.options)
    with pytest.raises(FileError, match="is a folder, not a file"):
        H5pydDriver.delete_file(hsds_server.folder.rstrip("/"), **hsds_server.options)


def test_file_is_no_folder(hsds_server: HsdsServer, hsds_domain: str) -> None:
    make(hsds_server, hsds_domain)
    with pytest.raises(FileMissingError, match="is a file, not a folder"):
        H5pydDriver.open(f"{hsds_domain}/scan.h5", "w", **hsds_server.options)


def test_folders_are_made_when_asked_for(hsds_server: HsdsServer) -> None:
    domain = f"{hsds_server.folder}2024/week 7/scan.h5"
    H5pydDriver.open(domain, "a", make_folders=True, **hsds_server.options).close()
    H5pydDriver.open(domain, "r", **hsds_server.options).close()


# Logins


def test_wrong_password(hsds_server: HsdsServer, hsds_domain: str) -> None:
    options = {**hsds_server.options, "password": "wrong"}
    for mode in ("r", "a", "w"):
        with (
            no_longer_than(5),
            pytest.raises(FileAccessError, match=f"does not know the user '{hsds_server.username}'"),
        ):
            H5pydDriver.open(hsds_domain, mode, **options)


def test_unknown_user(hsds_server: HsdsServer, hsds_domain: str) -> None:
    with pytest.raises(PermissionError, match="does not know the user 'nobody'"):
        H5pydDriver.open(hsds_domain, "r", **{**hsds_server.options, "username": "nobody"})


def test_no_login(hsds_server: HsdsServer, hsds_domain: str) -> None:
    with pytest.raises(
        FileAccessError, match="without user and password; give .* HS_USERNAME and HS_PASSWORD"
    ):
        H5pydDriver.open(hsds_domain, "r", endpoint=hsds_server.endpoint)


def test_a_folder_is_told_from_a_domain(hsds_server: HsdsServer) -> None:
    with pytest.raises(FileError, match=r"'/home/.*/' is not the path of a domain, but of a folder"):
        H5pydDriver.open(hsds_server.folder, "r", **hsds_server.options)


def test_login_from_the_environment(
    hsds_server: HsdsServer, hsds_domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HS_ENDPOINT", hsds_server.endpoint)
    monkeypatch.setenv("HS_USERNAME", hsds_server.username)
    monkeypatch.setenv("HS_PASSWORD", "wrong")
    with pytest.raises(FileAccessError, match="does not know"):
        H5pydDriver.open(hsds_domain, "w")
    # h5pyd reads these variables once, and keeps what they were.
    monkeypatch.setenv("HS_PASSWORD", hsds_server.password)
    H5pydDriver.open(hsds_domain, "w").close()
    monkeypatch.setenv("HS_BUCKET", "nowhere")
    with pytest.raises(FileError):
        H5pydDriver.open(hsds_domain, "r")


def test_no_server_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HS_ENDPOINT", raising=False)
    with pytest.raises(FileError, match=r"no server is named.*endpoint='http://\.\.\.'"):
        H5pydDriver.open("/home/ada/scan.h5", "r")


def test_unknown_option_is_refused(hsds_server: HsdsServer, hsds_domain: str) -> None:
    with pytest.raises(
        UnsupportedError, match="takes no option 'retries'; it takes api_key, bucket, endpoint"
    ):
        H5pydDriver.open(hsds_domain, "w", **hsds_server.options, retries=3)


# Servers that are not there, silent, or something else


@pytest.mark.parametrize("mode", ["r", "r+", "a", "w", "x"])
def test_server_that_is_not_there(mode: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    # h5pyd tries for eight minutes in mode r.
    with no_longer_than(3), pytest.raises(FileError, match=r"cannot be reached: .*refused.* Is it running\?"):
        H5pydDriver.open(
            "/home/ada/scan.h5", mode, endpoint=f"http://127.0.0.1:{port}", username="ada", password="xyz"
        )


def test_unknown_host() -> None:
    with no_longer_than(20), pytest.raises(FileError, match=r"cannot be reached|takes no connection"):
        H5pydDriver.open("/home/ada/scan.h5", "r", endpoint="http://no.such.host.invalid:5101")


@pytest.mark.parametrize("mode", ["r", "w"])
def test_server_that_does_not_answer(mode: str) -> None:
    late = r"no answer within 0\.5 s.*timeout=\.\.\."
    with silent_server() as endpoint, no_longer_than(4), pytest.raises(FileError, match=late):
        H5pydDriver.open("/home/ada/scan.h5", mode, endpoint=endpoint, timeout=0.5)


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "not JSON.*Is it an HSDS server"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "not an object.*Is it an HSDS server"),
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
            "refuses GET /.*302",
        ),
        (b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n", "refuses GET /.*500 Broken"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", "broke"),
        (b"nonsense\r\n\r\n", "broke"),
        (b"", "broke"),
    ],
    ids=["text", "list", "redirect", "error", "cut short", "no HTTP", "nothing"],
)
def test_server_that_is_no_hsds(answer: bytes, match: str) -> None:
    with speaking_server(answer) as endpoint, no_longer_than(5), pytest.raises(FileError, match=match):
        H5pydDriver.open("/home/ada/scan.h5", "r", endpoint=endpoint, timeout=2)


def test_busy_server_is_asked_again() -> None:
    busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with speaking_server(busy) as endpoint, no_longer_than(5), pytest.raises(FileError, match="too busy"):
        H5pydDriver.open("/home/ada/scan.h5", "r", endpoint=endpoint, timeout=1)


def test_failed_opening_leaves_the_backend_closed(hsds_server: HsdsServer, hsds_domain: str) -> None:
    file = H5Backend("h5pyd")
    with pytest.raises(FileMissingError, match="there is no file"):
        file.open_file(hsds_domain, "r", **hsds_server.options)
    assert not file.isopen()
    file.close_file()
