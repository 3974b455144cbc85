"""Kill writers of every kind at random moments, and count what they had acknowledged and what is left of it.

usage: python crash_campaign.py --kills 2000 [--seed 1] [--backend tables] [--json FILE]

With --backend tables it shows what that library leaves of its files: there is nothing to recover them by.

A writer is a process of its own. It tells each point through a pipe when the saver has returned. It is
killed, and the file is looked at: by plain h5py, by our loader at once, and often by our loader once it was
recovered. Then the next writer goes on in the same file.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from pymodaq_data.data import Axis, DataRaw, DataToExport

from h5modules.backends import H5ModulesError
from h5modules.data_saving import (
    DataLoader,
    DataSaverLoader,
    DataToExportEnlargeableSaver,
    DataToExportExtendedSaver,
    DataToExportTimedSaver,
)
from h5modules.saving import H5SaverLowLevel, pack, recover

Tell = Callable[[str, tuple[int, ...], float], None]
"""Acknowledges a point: the group, where in it, and what its values are."""

SHAPE = (6, 8)
BEGINNING, PAUSE, PATIENCE = 0.25, 0.02, 1.0
"""Seconds within which a writer is killed that begins, and one that told the last point that was waited for;
and seconds that are waited for it."""

ROWS, COLUMNS = (np.arange(float(length)) for length in SHAPE)


def point(value: float) -> DataToExport:
    """Return a point whose values all are `value`; its spectrometer moves now and then."""
    wavelength = Axis("wavelength", "nm", 500.0 + 10 * (value // 50) + np.arange(64.0), index=0)
    return DataToExport(
        "point",
        data=[
            DataRaw("power", origin="Diode", data=[np.array([value])]),
            DataRaw("spectrum", origin="Spec", data=[np.full(64, value)], axes=[wavelength]),
            DataRaw("frame", origin="Camera", data=[np.full((24, 24), value)]),
        ],
    )


def scans(path: Path, start: int, tell: Tell, backend: str = "h5py") -> None:
    """Save one scan after the other in a file, with lines in its log."""
    with H5SaverLowLevel.from_file(path, backend=backend) as file:
        value = float(start)
        while True:
            group = file.add_scan_group()
            saver = DataToExportExtendedSaver(file, SHAPE)
            saver.add_nav_axes(group, [Axis("y", "um", ROWS, index=0), Axis("x", "um", COLUMNS, index=1)])
            for index in np.ndindex(*SHAPE):
                value += 1
                saver.add_data(group, point(value), index)
                tell(group.path, index, value)
            file.add_log(f"{group.path} is done")


def growing(path: Path, start: int, tell: Tell, backend: str = "h5py") -> None:
    """Save rows of a log and of an adaptive scan in turn."""
    with H5SaverLowLevel.from_file(path, backend=backend) as file:
        log = DataToExportTimedSaver(file)
        adaptive = DataToExportEnlargeableSaver(file, ["x"], ["um"])
        groups = [file.get_set_group("/RawData", name).path for name in ("Log", "Adaptive")]
        rows = [_rows(file, group) for group in groups]
        value = float(start)
        while True:
            value += 1
            log.add_data(groups[0], point(value))
            tell(groups[0], (rows[0],), value)
            adaptive.add_data(groups[1], point(value), axis_values=[value])
            tell(groups[1], (rows[1],), value)
            rows = [each + 1 for each in rows]


def _rows(file: H5SaverLowLevel, group: str) -> int:
    path = f"{group}/Acquired"
    return 0 if file.driver.kind(path) is None else int(np.count_nonzero(file.get_node(path).read()))


def plain(path: Path, start: int, tell: Tell, backend: str = "h5py") -> None:
    """Save data at once, each in a group of its own, and flush."""
    with H5SaverLowLevel.from_file(path, backend=backend) as file:
        saver = DataSaverLoader(file)
        value = float(start)
        while True:
            value += 1
            group = file.add_generic_group(group_type="detector")
            saver.add_data(group, DataRaw("frame", data=[np.full((24, 24), value)]))
            saver.flush()
            tell(group.path, (), value)


def packing(path: Path, start: int, tell: Tell, backend: str = "h5py") -> None:
    """Pack a file again and again, after something was added to it."""
    value = float(start)
    while True:
        value += 1
        with H5SaverLowLevel.from_file(path, backend=backend) as file:
            group = file.add_generic_group(group_type="detector")
            DataSaverLoader(file).add_data(group, DataRaw("frame", data=[np.full((24, 24), value)]))
        tell(group.path, (), value)
        pack(path)


WRITERS: dict[str, Callable[[Path, int, Tell, str], None]] = {
    "scans": scans,
    "logs and adaptive scans": growing,
    "plain data and flush": plain,
    "packing": packing,
}


def write(kind: str, path: Path, start: int, backend: str, pipe: Connection) -> None:
    """Be a writer, until killed."""
    pipe.send("ready")
    WRITERS[kind](path, start, lambda *told: pipe.send(told), backend)


def mend(path: Path, pipe: Connection) -> None:
    """Recover a file, to be killed meanwhile."""
    pipe.send("ready")
    recover(path)


class Campaign:
    """Counts what became of the acknowledged points of many killed writers."""

    def __init__(self, folder: Path, seed: int, backend: str = "h5py") -> None:
        self._folder = folder
        self._backend = backend
        self._chance = random.Random(seed)
        # Writers fork from a process that has imported everything, where there is fork.
        methods = multiprocessing.get_all_start_methods()
        self._context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        needed = ["h5modules.data_saving", "h5modules.saving", "h5modules.backends._h5py"]
        self._context.set_forkserver_preload([__name__, *needed])
        self.counts: Counter[str] = Counter()
        self.failures: list[str] = []

    def run(self, kind: str, kills: int) -> None:
        """Kill so many writers of a kind; several, one after the other, write each file of h5py."""
        writers_per_file = 4 if self._backend == "h5py" else 1
        for number in range(kills):
            if number % writers_per_file == 0:
                path = self._folder / f"{kind.replace(' ', '_')}_{number}.h5"
                told: dict[tuple[str, tuple[int, ...]], float] = {}
            told.update(self._killed(kind, path, 10_000 * number))
            self.counts[f"{kind}: kills"] += 1
            if not told and not (path.exists() and path.stat().st_size):
                self.counts[f"{kind}: killed before the file was begun"] += 1
            else:
                self._check(kind, path, told, recovered=self._is_recovered())
            if number % writers_per_file == writers_per_file - 1:
                path.unlink(missing_ok=True)

    def _is_recovered(self) -> bool:
        return self._backend == "h5py" and self._chance.random() < 0.7

    def _killed(self, kind: str, path: Path, start: int) -> dict[tuple[str, tuple[int, ...]], float]:
        told = {}
        # By points too: a slow machine would be killed before it comes to any.
        after = self._chance.choice([0, self._chance.randrange(150)])
        seconds = PAUSE if after else BEGINNING
        for group, index, value in self._messages_of(after, seconds, write, kind, path, start, self._backend):
            told[group, index] = value
        return told

    def _messages_of(
        self, after: int, seconds: float, target: Callable[..., None], *arguments: Any
    ) -> list[Any]:
        """Run a function in a process, kill it within so many seconds after a message, return all it told."""
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=target, args=(*arguments, theirs), daemon=True)
        process.start()
        theirs.close()
        assert ours.recv() == "ready"
        messages, is_killed = [], False
        end = time.monotonic() + PATIENCE
        try:
            while len(messages) < after and ours.poll(max(end - time.monotonic(), 0)):
                messages.append(ours.recv())
            time.sleep(self._chance.uniform(0, seconds))
            is_killed = process.is_alive()
            process.kill()
            while True:
                messages.append(ours.recv())
        except EOFError:
            process.join()
        if process.exitcode and not is_killed:
            self.failures.append(f"{target.__name__} {arguments} ended by itself")
        return messages

    def _check(
        self, kind: str, path: Path, told: dict[tuple[str, tuple[int, ...]], float], *, recovered: bool
    ) -> None:
        self.counts[f"{kind}: points"] += len(told)
        self._count_plain(kind, path)
        self._count_lost(kind, path, told, "at once")
        if recovered:
            self._messages_of(0, PAUSE, mend, path)
            self._count_lost(kind, path, told, "killed while it was recovered")
            recover(path)
            self._count_lost(kind, path, told, "recovered")
            with h5py.File(path) as raw:
                raw.visit(lambda name: None)

    def _count_plain(self, kind: str, path: Path) -> None:
        """Count the files that plain h5py refuses: the kill fell into the application of a change."""
        try:
            with h5py.File(path) as raw:
                raw.visititems(lambda name, node: None)
        except (OSError, RuntimeError, KeyError):
            self.counts[f"{kind}: refused by plain h5py until recovered"] += 1

    def _count_lost(
        self, kind: str, path: Path, told: dict[tuple[str, tuple[int, ...]], float], when: str
    ) -> None:
        try:
            with DataLoader(path) as loader:
                for group in {group for group, _ in told}:
                    self._count_lost_of(loader, group, told, f"{kind}, {when}")
        except (H5ModulesError, OSError) as error:
            self.counts[f"{kind}: unreadable"] += 1
            self.failures.append(f"{kind}, {when}: {error}")

    def _count_lost_of(
        self, loader: DataLoader, group: str, told: dict[tuple[str, tuple[int, ...]], float], what: str
    ) -> None:
        signals = loader.load_all(group).data
        for (where, index), value in told.items():
            if where != group:
                continue
            arrays = [array[index] if index else array for data in signals for array in data.data]
            if not arrays or not all((np.asarray(array) == value).all() for array in arrays):
                self.counts[f"{what.partition(',')[0]}: points lost"] += 1
                self.failures.append(f"{what}: {group} {index} should be {value}")


def run_campaign(folder: Path, kills: int, seed: int, backend: str = "h5py") -> Campaign:
    """Kill writers of all kinds, as many in all."""
    campaign = Campaign(folder, seed, backend)
    kinds = [kind for kind in WRITERS if backend == "h5py" or kind != "packing"]
    share = {kind: kills // len(kinds) for kind in kinds}
    share["scans"] += kills - sum(share.values())
    for kind, count in share.items():
        campaign.run(kind, count)
    return campaign


def main() -> int:
    """Run a campaign, print what came of it, and return 1 when anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--backend", default="h5py", choices=["h5py", "tables"])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        campaign = run_campaign(Path(folder), arguments.kills, arguments.seed, arguments.backend)
    for name, count in sorted(campaign.counts.items()):
        sys.stdout.write(f"{name:70} {count:8}\n")
    for failure in campaign.failures[:20]:
        sys.stdout.write(f"{failure}\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(campaign.counts, indent=2), "utf-8")
    return bool(campaign.failures)


if __name__ == "__main__":
    sys.exit(main())
