"""How costs are measured: the sides of a case take turns, so that a busy machine slows all of them alike."""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_FEW = 20
"""Fewer steps than that are large ones."""

Work = Callable[[int], object]
"""Does the work of one step, which has a number from 0 on."""

Side = Callable[[Path], AbstractContextManager[Work]]
"""Prepares everything in a folder, and gives what does one step."""


def peak_megabytes() -> float:
    """Return the most memory that this process ever had, in MB; NaN where the system does not tell."""
    if resource is None:
        return float("nan")
    unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


@dataclass(frozen=True)
class Case:
    """What is compared.

    Attributes
    ----------
    title
        What a step is.
    sides
        Who does it, by name; ratios are to the first.
    steps
        How many steps a round has; the first is not counted, for it prepares what comes.
    targets
        The largest ratio that is wanted, by side, and to which side: ``{"ours": ("by hand", 0.5)}``.
    rounds_at_most
        How often it is repeated at most: some cases are slow.
    """

    title: str
    sides: dict[str, Side]
    steps: int = 200
    targets: dict[str, tuple[str, float]] = field(default_factory=dict)
    rounds_at_most: int = 1000


@dataclass(frozen=True)
class Cost:
    """What a step costs on one side.

    Attributes
    ----------
    microseconds
        The median time.
    ratio
        To the first side; the median over rounds.
    kilobytes
        What Python's allocations grew to at most, from the second step on.
    to_target
        The ratio to the side that its target names, and the target; None without one.
    """

    microseconds: float
    ratio: float
    kilobytes: float
    to_target: tuple[float, float] | None = None


def measure(case: Case, rounds: int) -> dict[str, Cost]:
    """Return what a step costs on each side."""
    times: dict[str, list[float]] = {name: [] for name in case.sides}
    for _ in range(min(rounds, case.rounds_at_most)):
        for name, side in case.sides.items():
            times[name].append(_median_time(side, case.steps))
    first = next(iter(case.sides))
    found = {}
    for name, side in case.sides.items():
        target = case.targets.get(name)
        found[name] = Cost(
            statistics.median(times[name]) * 1e6,
            _ratio(times[name], times[first]),
            _peak_memory(side, min(case.steps, 50)) / 1e3,
            None if target is None else (_ratio(times[name], times[target[0]]), target[1]),
        )
    return found


def _ratio(times: list[float], others: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(times, others, strict=True))


def _median_time(side: Side, steps: int) -> float:
    return statistics.median(_timed(side, steps))


def _timed(side: Side, steps: int) -> Iterator[float]:
    with _folder() as folder, side(Path(folder)) as work:
        work(0)
        gc.collect()
        for number in range(1, max(steps, 2)):
            start = time.perf_counter()
            work(number)
            yield time.perf_counter() - start
            if steps < _FEW:
                gc.collect()  # data of PyMoDAQ refer to themselves: large ones would pile up


def _peak_memory(side: Side, steps: int) -> int:
    with _folder() as folder, side(Path(folder)) as work:
        work(0)
        gc.collect()
        tracemalloc.start()
        try:
            for number in range(1, max(steps, 2)):
                work(number)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
