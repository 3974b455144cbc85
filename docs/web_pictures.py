"""Pictures of the served page for the pages: simulated instruments are scanned, and a browser looks at it.

usage: python docs/web_pictures.py [--folder docs/_static/web]

It needs Chromium and the package playwright.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from h5modules.scanning import LinearAxis, LogRule, Plan, Sampling, log_devices, run_scan
from h5modules_simulators import Microscope, make_microscope

STATIC = Path(__file__).parent / "_static" / "web"
DAY = Path("2026/20261127")
RUNNING = """
title = "Cells, every micrometre"
detectors = ["photodiode", "spectrometer"]
[[axes]]
kind = "linear"
actuator = "stage_x"
start = -30
stop = 30
points = {points}
[[axes]]
kind = "linear"
actuator = "stage_y"
start = -30
stop = 30
points = {points}
"""
PACED = "".join(
    f"[devices.{name}.options]\nseed = 3\npace = {{pace}}\n"
    for name in ("stage_x", "stage_y", "photodiode", "spectrometer")
)


def measure(folder: Path) -> None:
    """Scan a simulated sample in several ways, each into a file of its own."""
    microscope = make_microscope(seed=3)
    names = [stage.title for stage in microscope.actuators]
    wide = Plan(LinearAxis(name, -30, 30, 61) for name in names)
    save(microscope, wide, folder / "Dataset_20261127_000.h5", "Cells", count=1)
    near = Plan(LinearAxis(name, -8, 8, 33) for name in names)
    save(microscope, near, folder / "Dataset_20261127_001.h5", "Cells, the one in the middle", count=2)
    line = Plan([LinearAxis(names[0], -30, 30, 121)])
    save(microscope, line, folder / "Dataset_20261127_002.h5", "Spectra along a line", count=2)
    rule = LogRule(interval=0.01, seconds=2.0, devices={"Photodiode": Sampling(0.01)})
    log_devices(microscope.actuators[:1], microscope.detectors[:1], folder / "night.h5", rule)


def save(microscope: Microscope, plan: Plan, path: Path, title: str, count: int) -> None:
    """Scan, with some of the detectors."""
    actuators = microscope.actuators[: len(plan.shape)]
    run_scan(plan, actuators, microscope.detectors[:count], path, title=title)


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start a command, and kill it."""
    command = [sys.executable, "-m", "h5modules.cli", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def scan(plan: Path, target: Path, points: int, pace: float) -> list[str]:
    """Write a plan, and return the command that runs it."""
    plan.write_text((RUNNING + PACED).format(points=points, pace=pace), "utf-8")
    return ["scan", "run", str(plan), "-o", str(target)]


def wait_for_points(page: Page, count: int) -> None:
    """Wait until so many points are acquired, as the page tells."""
    page.wait_for_function(
        "least => parseInt(document.querySelector('.how-far')?.innerText.replace(/,/g, '')) >= least",
        arg=count,
    )


def picture(page: Page, target: Path, scheme: Literal["light", "dark"] = "light") -> None:
    """Take a picture in the light, or in the dark."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_timeout(1000)  # the plot is drawn anew
    page.screenshot(path=target)
    sys.stdout.write(f"{target}\n")


def opened(page: Page, name: str) -> None:
    """Go to a file, and wait for its plot."""
    page.evaluate("name => { location.hash = encodeURIComponent(name) }", name)
    page.locator("canvas").first.wait_for()
    page.get_by_role("status").wait_for()


def look(browser: Browser, address: str, scans: Path, target: Path) -> None:
    """Take all pictures."""
    page = browser.new_page(viewport={"width": 1180, "height": 720})
    page.set_default_timeout(120_000)  # the machine may be busy
    page.goto(address)
    with started(*scan(scans / "a.toml", scans / DAY / "Dataset_20261127_003.h5", 31, 12.0)):
        page.locator(".how-far").wait_for()
        opened(page, f"{DAY.as_posix()}/Dataset_20261127_003.h5")
        wait_for_points(page, 300)
    page.locator(".state.interrupted").wait_for()
    picture(page, target / "interrupted.png", "dark")
    with started(*scan(scans / "b.toml", scans / DAY / "Dataset_20261127_004.h5", 61, 12.0)):
        page.goto(f"{address}#")
        page.locator(".how-far").wait_for()
        opened(page, f"{DAY.as_posix()}/Dataset_20261127_004.h5")
        wait_for_points(page, 700)
        picture(page, target / "running.png")
        page.goto(f"{address}#")
        page.wait_for_function("() => document.querySelectorAll('.thumbnail img').length >= 6")
        picture(page, target / "list.png")
        page.set_viewport_size({"width": 390, "height": 720})
        picture(page, target / "telephone.png", "dark")
    page.set_viewport_size({"width": 1180, "height": 720})
    opened(page, f"{DAY.as_posix()}/Dataset_20261127_000.h5")
    picture(page, target / "map.png")


def main() -> None:
    """Measure, serve, and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, default=STATIC)
    target = parser.parse_args().folder
    target.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium") or shutil.which("google-chrome")
    flags = [] if getattr(os, "geteuid", lambda: 1)() else ["--no-sandbox"]
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        scans = Path(name)
        (scans / DAY).mkdir(parents=True)
        measure(scans / DAY)
        browser = playwright.chromium.launch(executable_path=program, args=[*flags, "--disable-gpu"])
        with started("serve", name, "--port", "0") as server:
            assert server.stdout is not None
            address = re.findall(r"http\S+", server.stdout.readline())[0]
            look(browser, address, scans, target)
        browser.close()


if __name__ == "__main__":
    main()
