"""The page in a browser, as a person uses it: from the list to a plot, a running scan, and its end."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect, sync_playwright

pytestmark = pytest.mark.slow

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
FLAGS = (
    "--disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
MILLISECONDS = 60_000
"""How long anything is waited for: machines may be busy."""

MAP = ["-a", "stage_x=-20:20:15", "-a", "stage_y=-20:20:15", "-d", "photodiode", "-d", "spectrometer"]
SLOW = """
title = "Slow map"
detectors = ["photodiode"]
[[axes]]
kind = "linear"
actuator = "stage_x"
start = -20
stop = 20
points = 40
[[axes]]
kind = "linear"
actuator = "stage_y"
start = -20
stop = 20
points = 40
[devices.photodiode.options]
pace = 2.0
[devices.stage_x.options]
pace = 2.0
[devices.stage_y.options]
pace = 2.0
"""

expect.set_options(timeout=MILLISECONDS)


def run(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "h5modules.cli", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None and not os.environ.get("CI"):
        pytest.skip(f"there is no browser here: install Chromium, so that one of {', '.join(NAMES)} is found")
    assert program is not None, "there is no Chromium on the machine that checks changes"
    flags = FLAGS if getattr(os, "geteuid", lambda: 1)() else ["--no-sandbox", *FLAGS]  # root has no sandbox
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    (folder / "monday").mkdir()
    target = folder / "monday" / "été.h5"
    process = run("scan", "run", *MAP, "--title", "Stained cells", "-o", str(target))
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    process = run("serve", str(folder), "--port", "0")
    assert process.stdout is not None
    told = re.search(r"http\S+", process.stdout.readline())
    assert told is not None, process.communicate(timeout=30)
    yield told[0]
    process.terminate()
    _, errors = process.communicate(timeout=30)
    assert errors == "", "the server complained, or did not end cleanly"


@pytest.fixture
def complaints() -> list[str]:
    """Gather what the browser complains about."""
    return []


@pytest.fixture
def open_page(chromium: Browser, address: str, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Open the list of files; in the end, the browser must have had nothing to complain about."""
    contexts = []

    def open_list(**how: object) -> Page:
        context = chromium.new_context(base_url=address, **how)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(MILLISECONDS)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("requestfinished", lambda asked: note_refusal(asked, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield open_list
    for context in contexts:
        context.close()
    assert complaints == []


def note_refusal(asked: Request, complaints: list[str]) -> None:
    """Note what the server refused: the browser's own complaint does not name it."""
    answer = asked.response()
    if answer is not None and answer.status >= 400:
        complaints.append(f"{asked.url}: {answer.text()}")


def colours(canvas: Locator) -> int:
    """Return how many colours a plot has."""
    picture = matplotlib.image.imread(io.BytesIO(canvas.screenshot()), format="png")
    return len(np.unique((picture[..., :3] * 15).astype(int).reshape(-1, 3), axis=0))


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + MILLISECONDS / 1000
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"


def test_from_the_list_to_a_plot(open_page: Callable[..., Page]) -> None:
    page = open_page(viewport={"width": 1200, "height": 800})
    row = page.get_by_role("listitem").filter(has_text="été.h5")
    expect(row).to_contain_text("finished")
    expect(row).to_contain_text("Stained cells")
    expect(row).to_contain_text("15 \N{MULTIPLICATION SIGN} 15")
    expect(row.locator("img")).to_be_visible()
    row.get_by_role("link").click()

    expect(page.get_by_role("status")).to_have_text("225 of 225 points")
    expect(page.get_by_text("Photodiode (V)", exact=True)).to_be_visible()
    for label in ("Stage x (um)", "Stage y (um)"):
        expect(page.get_by_text(label, exact=True)).to_be_visible()
    canvas = page.locator("canvas").first
    expect(canvas).to_be_visible()
    wait_until(lambda: colours(canvas) > 20)

    tree = page.get_by_role("tree")
    for name in ("NeXus", "Scan000", "Spectrometer_Spectrometer"):
        tree.get_by_role("treeitem").filter(has_text=re.compile(f"^{name}")).first.click()
    expect(page.get_by_text("wavelength (nm)", exact=False).first).to_be_visible()

    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_role("table").first).to_be_visible()
    page.get_by_role("tab", name="Log").click()
    expect(page.locator(".texts")).to_be_visible()
    page.get_by_title("All files").click()
    expect(row).to_be_visible()


SCANNED = "x (um)"
DRAWN = {
    "Line": ("NX Line", [SCANNED, "power (mW)"]),
    "Map": ("NX Heatmap", ["y (um)", SCANNED, "power (mW)"]),
    "Cloud": ("NX Scatter", [SCANNED, "y (um)", "power (mW)"]),
    "Spectra": ("NX Heatmap", ["wavelength (nm)", SCANNED]),
    "Spectra_of_a_map": ("NX Heatmap", ["wavelength (nm)", "y (um)"]),
    "Frames": ("NX Heatmap", ["across (mm)", "up (mm)"]),
    "Channels": ("NX Line", [SCANNED, "left"]),
    "Snapshot": ("NX Heatmap", ["across (mm)", "up (mm)"]),
    "Adaptive": ("NX Scatter", [SCANNED, "y (um)", "power (mW)"]),
    "Spectra_log": ("NX Heatmap", ["time (s)"]),
    "Log": ("NX Line", ["time (s)", "power (mW)"]),
}
"""What the viewer draws first of each kind of measurement, and what is written beside it."""


def test_each_kind_is_drawn_as_what_it_is(
    open_page: Callable[..., Page], folder: Path, save_each_kind: Callable[..., Path]
) -> None:
    shutil.move(save_each_kind(), folder / "kinds.h5")
    page = open_page(viewport={"width": 1200, "height": 900})
    page.get_by_role("link").filter(has_text="kinds.h5").click()
    items = page.get_by_role("tree").get_by_role("treeitem")
    items.filter(has_text=re.compile("^NeXus")).first.click()
    for name, (tab, labels) in DRAWN.items():
        items.filter(has_text=re.compile(f"^{name}")).first.click()
        expect(page.get_by_role("tab", selected=True, name=tab)).to_be_visible()
        expect(page.locator("canvas").first).to_be_visible()
        for label in labels:
            expect(page.get_by_text(label, exact=True).first).to_be_visible()
        if name == "Channels":
            expect(page.get_by_role("button", name="Errors", pressed=True)).to_be_visible()
            page.get_by_role("button", name="Signals").click()
            expect(page.get_by_text("right", exact=True).first).to_be_visible()
            page.keyboard.press("Escape")


def test_files_are_found_by_what_they_hold(open_page: Callable[..., Page]) -> None:
    page = open_page()
    row, search = page.get_by_role("listitem").filter(has_text="été.h5"), page.get_by_role("searchbox")
    expect(row).to_contain_text("Stained cells")
    search.fill("stained PHOTODIODE monday")
    expect(row).to_be_visible()
    search.fill("stained camera")
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    expect(row).to_have_count(0)


def test_a_file_appears_in_the_list_and_goes_from_it(
    open_page: Callable[..., Page], complaints: list[str], folder: Path
) -> None:
    page = open_page()
    expect(page.get_by_role("listitem").filter(has_text="été.h5")).to_be_visible()
    search = page.get_by_role("searchbox")
    search.fill("copied")
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    shutil.copy(folder / "monday" / "été.h5", folder / "copied.h5")
    row = page.get_by_role("listitem").filter(has_text="copied.h5")
    expect(row).to_contain_text("Stained cells")
    row.get_by_role("link").click()
    expect(page.locator("canvas").first).to_be_visible()
    page.get_by_title("All files").click()
    expect(search).to_have_value("copied")  # where one came from

    row.get_by_role("link").click()
    expect(page.get_by_role("status")).to_have_text("225 of 225 points")
    expect(page.locator("canvas").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert complaints == []
    (folder / "copied.h5").unlink()
    expect(page.get_by_role("alert")).to_contain_text("no file 'copied.h5' is served")
    expect(page.locator(".state")).to_have_count(0)  # it is neither finished nor running
    expect(page.locator("canvas").first).to_be_visible()  # what was seen stays
    page.get_by_title("All files").click()
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    # The browser tells each refusal, and the note beside it of which file.
    told = [each for each in complaints if not each.startswith("Failed to load resource")]
    assert [each for each in told if "copied.h5" not in each] == []
    complaints.clear()


def test_a_page_of_which_nothing_is_new_asks_how_far_the_scan_is_and_no_more(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    page.get_by_role("link").filter(has_text="été.h5").click()
    expect(page.get_by_role("status")).to_have_text("225 of 225 points")
    expect(page.locator("canvas").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    wait_until(lambda: sum("/api/progress" in url for url in asked) >= 3 or page.wait_for_timeout(200))
    assert [url for url in asked if "/api/progress" not in url] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_telephone(open_page: Callable[..., Page], scheme: str) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, color_scheme=scheme, has_touch=True)
    page.get_by_role("link").filter(has_text="été.h5").tap()
    expect(page.get_by_text("Photodiode (V)", exact=True)).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    red, green, blue = map(int, re.findall(r"\d+", ground))
    assert (red + green + blue > 3 * 128) == (scheme == "light")


def test_a_running_scan_is_followed_until_it_is_killed(
    open_page: Callable[..., Page], folder: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "slow.toml"
    plan.write_text(SLOW, "utf-8")
    process = run("scan", "run", str(plan), "-o", str(folder / "live.h5"))
    try:
        page = open_page(viewport={"width": 1200, "height": 800})
        row = page.get_by_role("listitem").filter(has_text="live.h5")
        expect(row).to_contain_text("running")
        expect(row.get_by_role("status")).to_contain_text(re.compile(r"\d+ of 1,600 points"))
        row.get_by_role("link").click()

        status = page.get_by_role("status")
        expect(status).to_contain_text(re.compile(r"[1-9][\d.]*/s.*left"))
        canvas = page.locator("canvas").first
        expect(canvas).to_be_visible()
        canvas.evaluate("node => { node.dataset.same = 'yes' }")
        points, picture = acquired(status), canvas.screenshot()
        wait_until(lambda: acquired(status) > points + 5)
        wait_until(lambda: canvas.screenshot() != picture)
        assert canvas.get_attribute("data-same") == "yes", "the plot went on, and was not made anew"
    finally:
        process.kill()
        process.communicate()
    expect(page.locator(".state.interrupted")).to_be_visible()
    left = acquired(status)
    assert points < left < 1600
    expect(status).to_have_text(f"{left:,} of 1,600 points")
    asked = {"file": "live.h5", "path": "/NeXus/Scan000/Photodiode_Photodiode/Photodiode", "format": "bin"}
    values = np.frombuffer(page.request.get("/api/h5grove/data", params=asked).body())
    assert np.isfinite(values).sum() == left, "what was not acquired is not sent as zeros"


def acquired(status: Locator) -> int:
    found = re.search(r"([\d,]+) of", status.inner_text())
    assert found is not None
    return int(found[1].replace(",", ""))
