"""What pages that follow a running scan cost who writes it: `python benchmarks/following.py [--clients 50]`.

A process saves a scan, a point every few milliseconds; another serves its folder; a third asks as many
pages do: each looks how far the scan is once a second, and reads its plot again when points were acquired.
They come and go while the scan goes on, so that a busy machine slows both alike.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from rich.console import Console
from rich.table import Table
from scan_points import SPECTRUM, Point, ours_scan

FILE, ROWS = "ours.h5", 2000
GROUPS = ("/", "/RawData", "/RawData/Scan000")
POINT = Point({"power": np.array([1.5]), "spectrum": SPECTRUM})


def write(folder: Path, pause: float) -> None:
    """Save points until nobody reads what is printed: when each was saved, and how long it took."""
    with ours_scan(POINT, ROWS)(folder) as save:
        for number in range(ROWS * 20):
            begun = time.perf_counter()
            save(number)
            took = time.perf_counter() - begun
            print(time.monotonic(), took, flush=True)  # noqa: T201 - to the process that asked for it
            time.sleep(pause)


class Client:
    """Asks a server as the page does, over one connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.seconds: list[float] = []
        self.refused = 0

    async def follow(self, until: float, begin: float) -> None:
        """Look once a second, from a moment on."""
        await asyncio.sleep(begin)
        seen = ""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        while time.monotonic() < until:
            look = json.loads(await self._ask(reader, writer, "progress"))
            if (now := f"{look['acquired']} {look['state']}") != seen:
                seen = now
                for path in GROUPS:
                    await self._ask(reader, writer, "h5grove/meta", path=path, seen=seen)
                await self._ask(
                    reader, writer, "h5grove/data", path=ARRAY, seen=seen, format="bin", dtype="safe"
                )
            await asyncio.sleep(1.0)
        writer.close()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, what: str, **values: str
    ) -> bytes:
        begun = time.monotonic()
        target = f"/api/{what}?{urlencode({'file': FILE, **values})}"
        writer.write(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = re.search(r"content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        self.seconds.append(time.monotonic() - begun)
        self.refused += not head.startswith("http/1.1 200")
        return body


ARRAY = "/RawData/Scan000/Detector000/Data0D/CH00/Data00"


def look(port: int, clients: int, seconds: float) -> None:
    """Be so many pages for a while; print how long answers took, as JSON."""

    async def all_of_them() -> list[Client]:
        pages = [Client(port) for _ in range(clients)]
        until = time.monotonic() + seconds
        await asyncio.gather(*(page.follow(until, number / clients) for number, page in enumerate(pages)))
        return pages

    pages = asyncio.run(all_of_them())
    took = [each for page in pages for each in page.seconds]
    print(json.dumps({"took": took, "refused": sum(page.refused for page in pages)}))  # noqa: T201


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start Python with arguments, and end it."""
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def measure(clients: int, rounds: int, seconds: float, pause: float) -> dict[str, Any]:
    """Return what points took while nobody looked and while all did, and what answers took."""
    points: list[tuple[float, float]] = []

    def collect(process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            at, took = line.split()
            points.append((float(at), float(took)))

    phases: list[tuple[float, float, float]] = []
    answers: dict[str, Any] = {"took": [], "refused": 0}
    with (
        tempfile.TemporaryDirectory() as folder,
        started(__file__, "--write", folder, "--pause", str(pause)) as writer,
        started("-m", "h5modules.cli", "serve", folder, "--port", "0") as server,
    ):
        collecting = threading.Thread(target=collect, args=(writer,))
        collecting.start()
        assert server.stdout is not None
        port = re.findall(r":(\d+)/", server.stdout.readline())[0]
        while len(points) < 100 and writer.poll() is None:  # until both have started
            time.sleep(0.1)
        for _ in range(rounds):
            quiet = time.monotonic()
            time.sleep(seconds)
            busy = time.monotonic()
            asked = [sys.executable, __file__, "--look", port, "--clients", str(clients)]
            done = subprocess.run(
                [*asked, "--seconds", str(seconds)], stdout=subprocess.PIPE, text=True, check=True
            )
            phases.append((quiet, busy, time.monotonic()))
            told = json.loads(done.stdout)
            answers = {
                "took": answers["took"] + told["took"],
                "refused": answers["refused"] + told["refused"],
            }
        writer.terminate()
        collecting.join()
    return {"rounds": [_round(points, *phase) for phase in phases], "answers": answers}


def _round(points: list[tuple[float, float]], quiet: float, busy: float, end: float) -> dict[str, Any]:
    def told(since: float, until: float) -> list[float]:
        took = [each for at, each in points if since <= at < until]
        return [1e6 * float(np.quantile(took, part)) for part in (0.5, 0.95)]

    return {"quiet": told(quiet, busy), "busy": told(busy, end)}


def report(found: dict[str, Any], clients: int, seconds: float) -> Table:
    """Return what was found as a table."""
    table = Table("", "median (us)", "of 20, the slowest (us)", title="saving a point", title_justify="left")
    for name, title in (("quiet", "nobody looks"), ("busy", f"{clients} pages follow")):
        medians = [statistics.median(each[name][part] for each in found["rounds"]) for part in (0, 1)]
        table.add_row(title, *(f"{each:.0f}" for each in medians))
    ratios = [
        statistics.median(each["busy"][part] / each["quiet"][part] for each in found["rounds"])
        for part in (0, 1)
    ]
    table.add_row("ratio, median of rounds", *(f"{each:.2f}" for each in ratios))
    quiet = [each["quiet"] for each in found["rounds"]]
    spread = [
        f"{min(each) / max(each):.2f} to {max(each) / min(each):.2f}" for each in zip(*quiet, strict=True)
    ]
    table.add_row("of two rounds in which nobody looks", *spread)
    took = found["answers"]["took"]
    rate = len(took) / (len(found["rounds"]) * seconds)
    slow = 1e3 * float(np.quantile(took, 0.95))
    table.caption = (
        f"{rate:.0f} answers a second, {found['answers']['refused']} refused; "
        f"median {1e3 * statistics.median(took):.0f} ms, 95 % within {slow:.0f} ms"
    )
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0, help="of looking, and of leaving, in a round")
    parser.add_argument("--pause", type=float, default=0.005, help="seconds between two points")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--look", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write:
        write(arguments.write, arguments.pause)
    elif arguments.look:
        if hasattr(os, "nice"):
            os.nice(19)  # pages are on other machines
        look(arguments.look, arguments.clients, arguments.seconds)
    else:
        found = measure(arguments.clients, arguments.rounds, arguments.seconds, arguments.pause)
        Console().print(report(found, arguments.clients, arguments.seconds))


if __name__ == "__main__":
    main()
