"""Scans in threads and in asyncio; devices that are plain functions."""

from __future__ import annotations

import asyncio
import threading
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from h5modules.scanning import (
    DeviceFailedError,
    FunctionActuator,
    FunctionDetector,
    LinearAxis,
    Plan,
    PlanError,
    RunningScan,
    in_background,
    run_scan,
)

LINE = Plan([LinearAxis("Stage", 0, 4, 5)])


def background(path: Path, stage: Any, *detectors: Any) -> RunningScan:
    return in_background(
        lambda control, callback: run_scan(LINE, [stage], detectors, path, control=control, callback=callback)
    )


def test_a_scan_runs_in_a_thread(tmp_path: Path, stage: Any, make_detector: Any) -> None:
    go = threading.Event()
    running = background(tmp_path / "scan.h5", stage, make_detector("D", lambda: float(go.wait(20))))
    with pytest.raises(TimeoutError):
        running.result(timeout=0.01)
    assert not running.is_done
    running.control.stop()
    go.set()
    assert running.result(20).progress.done <= 1
    assert running.is_done
    assert running.progress is not None


def test_what_a_scan_raises_in_a_thread_is_raised_by_its_result(tmp_path: Path, stage: Any) -> None:
    def fail() -> float:
        raise OSError("no answer")

    with pytest.raises(DeviceFailedError, match="detector 'fail' failed at point 1"):
        background(tmp_path / "scan.h5", stage, fail).result(20)


def test_a_scan_is_awaited(tmp_path: Path, stage: Any, diode: Any) -> None:
    result = asyncio.run(background(tmp_path / "scan.h5", stage, diode).wait())
    assert result.is_complete


def test_a_wait_that_is_cancelled_stops_the_scan(tmp_path: Path, stage: Any, make_detector: Any) -> None:
    go = threading.Event()
    running = background(tmp_path / "scan.h5", stage, make_detector("D", lambda: float(go.wait(20))))

    async def cancel() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(running.wait(), 0.05)

    asyncio.run(cancel())
    assert running.control.is_stopping
    go.set()
    assert running.result(20).progress.done <= 1


def test_functions_are_devices(tmp_path: Path, values_of: Any) -> None:
    sent: list[float] = []
    stage = FunctionActuator(sent.append, "Stage", "mm")

    def power() -> float:
        return sent[-1] ** 2

    path = run_scan(LINE, [stage], [power, FunctionDetector(power, "Again", "mW")], tmp_path / "a.h5").path
    for number in (0, 1):
        values = values_of(path, f"Detector00{number}/Data0D/CH00/Data00")
        np.testing.assert_array_equal(values, np.arange(5.0) ** 2)
    with pytest.raises(PlanError, match="2 devices are titled 'power'"):
        run_scan(LINE, [stage], [power, power], tmp_path / "b.h5")


def test_the_ten_lines_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = Path(__file__).parent.parent / "README.md"
    code = readme.read_text("utf-8").split("```python\n")[1].split("```")[0]
    assert len([line for line in code.splitlines() if line]) <= 10
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own page
    assert names["result"].is_complete
    assert (tmp_path / "map.h5").exists()


def test_the_plan_of_the_readme_is_one() -> None:
    from h5modules.scanning import Recipe

    readme = Path(__file__).parent.parent / "README.md"
    text = readme.read_text("utf-8").split("```toml\n")[1].split("```")[0]
    assert tomllib.loads(text)
    assert Recipe.from_toml(text).plan.shape == (41, 41)
