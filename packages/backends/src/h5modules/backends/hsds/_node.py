"""Run one process of a private HSDS server; started by `HsdsServer` as a script, never imported.

The first line of standard input is an order in JSON: which node, its socket, arguments and settings. Nothing
of it shows in the list of processes, as the password would on a command line. The end of standard input means
that the parent has stopped the server, or died: either way the node writes what is pending, and ends.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO, Any

LOCK_SECONDS = 15.0
"""How long to wait for the last server of the same folder to end."""

LARGEST_BODY = 2**28
"""How many bytes of JSON a request may carry: aiohttp takes 1 MiB, too little for some settings."""

DRAIN_SECONDS = 60.0
"""How long to go on writing at the end."""


def main() -> None:
    """Serve until standard input ends."""
    order = json.loads(sys.stdin.buffer.readline())
    listening = take_socket(order)
    threading.Thread(target=stop_with_parent, daemon=True).start()
    lock = hold_lock(Path(order["lock"])) if order["lock"] else None
    # HSDS looks its options up in sys.argv, and its settings in whatever config.yml it comes across first.
    own = Path(str(import_module("admin").__file__)).parent / "config"
    sys.argv = [sys.argv[0], f"--config_dir={own}", *order["arguments"]]
    config = import_module("hsds.config")
    config.get("log_level")  # reads the settings, so that they can be replaced
    # Here and not as arguments: HSDS casts those to the type of the default, and an int would not take 0.05.
    config.cfg.update(order["settings"])
    vars(import_module("hsds.hsds_logger"))["print"] = print_problems
    base = vars(import_module("hsds.basenode"))
    base["Application"] = functools.partial(base["Application"], client_max_size=LARGEST_BODY)
    serve(import_module(f"hsds.{order['module']}"), listening)
    if lock is not None:
        lock.close()


def print_problems(line: str) -> None:
    """Print a line of the log, but for those that come whatever its level: one for each request, and more."""
    if not any(sign in line for sign in ("REQ> ", "INFO> ", "DEBUG> ")):
        sys.stdout.write(f"{line}\n")


def take_socket(order: dict[str, Any]) -> socket.socket | None:
    """Return the socket that the parent listens on for us; None when the node makes its own."""
    match order["socket"]:
        case {"fd": int(number)}:
            return socket.socket(fileno=number)
        case {"share": str(description)}:  # how Windows hands sockets over; untried
            return socket.fromshare(base64.b64decode(description))  # type: ignore[attr-defined,no-any-return,unused-ignore]
    return None


def stop_with_parent() -> None:
    """Wait for the end of standard input, then end this process in order."""
    while os.read(0, 4096):
        pass
    if os.name == "nt":
        import _thread

        _thread.interrupt_main()  # Windows has no SIGTERM that could be handled
    else:
        os.kill(os.getpid(), signal.SIGTERM)


def hold_lock(path: Path) -> IO[bytes]:
    """Lock the folder for this process: two servers on one folder would spoil each other's files."""
    lock = path.open("ab")
    try_lock = windows_lock if os.name == "nt" else posix_lock
    deadline = time.monotonic() + LOCK_SECONDS
    while not try_lock(lock):
        if time.monotonic() > deadline:
            sys.exit(
                f"{str(path.parent)!r} is taken: another HSDS server uses it. Stop that, or take another."
            )
        time.sleep(0.05)
    return lock


def posix_lock(lock: IO[bytes]) -> bool:
    """Try to lock an open file; return whether that worked."""
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def windows_lock(lock: IO[bytes]) -> bool:
    """Try to lock an open file; return whether that worked."""
    import msvcrt

    try:
        msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return False
    return True


def serve(node: Any, listening: socket.socket | None) -> None:
    """Run the node on the socket handed to us; by itself it would listen on every network interface."""
    run_app: Callable[..., None] = node.run_app
    create_app: Callable[[], Any] = node.create_app

    def create() -> Any:
        app = create_app()
        if "dirty_ids" in app:  # only data nodes write
            app.on_shutdown.insert(0, drain)
        return app

    def run(app: Any, sock: socket.socket | None = None, **_: Any) -> None:
        run_app(app, sock=listening or sock, handle_signals=True, print=None)

    node.create_app = create
    node.run_app = run
    node.main()


async def drain(app: Any) -> None:
    """Wait until everything is on the disk; HSDS itself loses what is younger than ``s3_age_time``."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while app["dirty_ids"] or app["pending_s3_write_tasks"]:
        if time.monotonic() > deadline:
            sys.stderr.write(f"{len(app['dirty_ids'])} objects were not written to the disk.\n")
            return
        await asyncio.sleep(0.02)


if __name__ == "__main__":
    main()
