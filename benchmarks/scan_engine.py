"""What a scan point costs beyond devices and saving: `python benchmarks/scan_engine.py [--points 2000]`.

Devices return at once; saving is timed by itself and subtracted. The rest is the engine's: where to go, calls
of devices in their threads, checks, progress. The time is the processor's, that of all threads together, so
that a busy machine does not count.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from h5modules.module_saving import ScanSaver
from h5modules.scanning import CallLimits, FailurePolicy, LinearAxis, Plan, run_scan


class Stage:
    """An actuator that is there at once."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.position = 0.0

    def move_to(self, value: float) -> None:
        """Be there."""
        self.position = value


class TimedSaver:
    """Adds up the time that saving takes, while the block is open."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._add_data = ScanSaver.add_data

    def __enter__(self) -> TimedSaver:
        add_data, seconds = self._add_data, self.seconds

        def timed(saver: ScanSaver, *arguments: Any, **options: Any) -> None:
            start = time.process_time()
            add_data(saver, *arguments, **options)
            seconds.append(time.process_time() - start)

        ScanSaver.add_data = timed  # type: ignore[method-assign]
        return self

    def __exit__(self, *details: object) -> None:
        ScanSaver.add_data = self._add_data  # type: ignore[method-assign]


def measure(actuators: int, detectors: int, points: int, policy: FailurePolicy) -> tuple[float, float]:
    """Return the median time of a point without saving, and of saving it, in microseconds."""
    stages = [Stage(f"stage {number}") for number in range(actuators)]
    spectrum = np.zeros(1024)
    readers = [
        SimpleNamespace(title=f"detector {number}", read=lambda: spectrum) for number in range(detectors)
    ]
    side = round(points ** (1 / actuators))
    plan = Plan(LinearAxis(stage.title, 0, 1, side) for stage in stages)
    ticks: list[float] = []
    with tempfile.TemporaryDirectory() as folder, TimedSaver() as saver:
        run_scan(
            plan,
            stages,
            readers,
            Path(folder) / "bench.h5",
            policy=policy,
            callback=lambda progress: ticks.append(time.process_time()),
        )
    whole = np.diff(ticks)[1:]
    saving = np.array(saver.seconds)[1:]
    return 1e6 * statistics.median(whole - saving), 1e6 * statistics.median(saving)


def main() -> None:
    """Print a line for each setup."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=2000)
    points = parser.parse_args().points
    names = [f"detector {number}" for number in range(3)]
    with_timeouts = FailurePolicy(limits={name: CallLimits(timeout=5.0) for name in names})
    setups = [
        (1, 1, FailurePolicy()),
        (2, 1, FailurePolicy()),
        (2, 3, FailurePolicy()),
        (2, 3, with_timeouts),
    ]
    table = Table("actuators", "detectors", "time-outs", "engine (us)", "saving (us)")
    for actuators, detectors, policy in setups:
        engine, saving = measure(actuators, detectors, points, policy)
        has_limits = "yes" if policy.limits else "no"
        table.add_row(str(actuators), str(detectors), has_limits, f"{engine:.0f}", f"{saving:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
