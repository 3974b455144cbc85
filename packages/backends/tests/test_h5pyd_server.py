"""A private HSDS server: ready, private, on the same folder again, gone with its parent."""

from __future__ import annotations

import base64
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from h5modules.backends import BackendMissingError, H5Backend
from h5modules.backends.hsds import HsdsServer, HsdsServerError
from h5modules.backends.hsds import _server as server_module


def status(server: HsdsServer, path: str, login: str | None) -> int:
    """Return the status of a request to the server."""
    headers = {} if login is None else {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(
            urllib.request.Request(server.endpoint + path, headers=headers), timeout=10
        ) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended; one that nobody has waited for counts as ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z"


def wait_until(condition: object, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_server_answers_its_user_alone(hsds_server: HsdsServer) -> None:
    folder = f"/?domain={hsds_server.folder.rstrip('/')}"
    assert status(hsds_server, folder, f"{hsds_server.username}:{hsds_server.password}") == 200
    assert status(hsds_server, folder, f"{hsds_server.username}:wrong") == 401
    assert status(hsds_server, folder, None) == 401
    assert hsds_server.is_running


def test_server_listens_on_this_machine_alone(hsds_server: HsdsServer) -> None:
    port = int(hsds_server.endpoint.rpartition(":")[2])
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in {"127.0.0.2", *others} - {"127.0.0.1"}:
        with pytest.raises(OSError):  # noqa: PT011  # refused or unreachable, as the system has it
            socket.create_connection((address, port), timeout=2).close()


@pytest.mark.skipif(
    not Path("/proc").is_dir(), reason="only Linux shows the command lines of processes there"
)
def test_password_is_not_in_the_list_of_processes(hsds_server: HsdsServer) -> None:
    for pid in hsds_server.pids:
        assert hsds_server.password.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
        assert hsds_server.password.encode() not in Path(f"/proc/{pid}/environ").read_bytes()


@pytest.mark.slow
def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    # So late does it write to its disk that stopping it has to.
    with HsdsServer(tmp_path, settings={"s3_age_time": 4.0}) as server:
        address = server.endpoint
        file = H5Backend("h5pyd")
        file.open_file(f"{server.folder}scan.h5", "w", **server.options)
        writer = file.create_earray("/", "Rows", float).writer()
        file.get_node("/Rows").driver.append("/Rows", np.zeros(20))
        for number in range(20):
            writer.write((number,), np.array(float(number)))
        # No flush: stopping in order writes what the server has acknowledged.
        server.restart()
        assert server.endpoint == address
        assert file.get_node("/Rows").read().tolist() == list(range(20))
        with pytest.raises(OSError, match="started anew"):
            file.close_file()


def test_two_servers_on_one_folder_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hasty = tmp_path / "node.py"
    hasty.write_text(
        server_module.NODE_SCRIPT.read_text().replace("LOCK_SECONDS = 15.0", "LOCK_SECONDS = 0.1")
    )
    with HsdsServer(tmp_path):
        monkeypatch.setattr(server_module, "NODE_SCRIPT", hasty)
        with pytest.raises(
            HsdsServerError, match=r"data node .*ended with code 1[\s\S]*another HSDS server uses it"
        ):
            HsdsServer(tmp_path).start()


def test_server_is_started_once(hsds_server: HsdsServer) -> None:
    with pytest.raises(HsdsServerError, match="started already"):
        hsds_server.start()


def test_address_before_the_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HsdsServerError, match="no address before it is started"):
        _ = HsdsServer(tmp_path).endpoint


def test_stopping_twice_is_no_error(tmp_path: Path) -> None:
    server = HsdsServer(tmp_path)
    server.stop()
    server.kill()
    assert not server.is_running


def test_taken_port_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(HsdsServerError, match=rf"port {port} .*cannot be listened on"):
            HsdsServer(tmp_path, port=port).start()


@pytest.mark.parametrize(
    ("username", "password"), [("ab", "secret"), ("ada", "xy"), ("a:b", "secret"), ("a/b", "secret")]
)
def test_unusable_login_is_refused(tmp_path: Path, username: str, password: str) -> None:
    with pytest.raises(HsdsServerError, match="three characters"):
        HsdsServer(tmp_path, username=username, password=password)


def test_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BackendMissingError, match=r"h5modules-backends\[hsds-server\]"):
        HsdsServer(tmp_path).start()


def test_server_that_does_not_start_shows_its_log(tmp_path: Path) -> None:
    broken = HsdsServer(tmp_path, settings={"metadata_mem_cache_size": "a lot"})
    with pytest.raises(HsdsServerError, match=r"ended with code 1[\s\S]*hsds-.*\.log[\s\S]*a lot"):
        broken.start()
    assert not broken.is_running


def test_importing_the_package_imports_neither_library() -> None:
    imports = "import sys, h5modules.backends, h5modules.backends.hsds"
    code = f"{imports}; print({{'h5pyd', 'hsds', 'h5py'}} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process can be killed like this on POSIX alone")
def test_server_ends_with_its_parent(tmp_path: Path) -> None:
    code = textwrap.dedent("""
        import sys, time
        from h5modules.backends.hsds import HsdsServer
        print(*HsdsServer(sys.argv[1]).start().pids, flush=True)
        time.sleep(600)
    """)
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        parent.kill()
    assert wait_until(lambda: all(is_gone(pid) for pid in pids))
