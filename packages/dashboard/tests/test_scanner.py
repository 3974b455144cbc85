"""The scanner of h5modules in the real Dashboard, without a screen."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from h5modules.data_saving import DataLoader
from h5modules.saving import H5SaverLowLevel

pytestmark = pytest.mark.slow

AT_WORK = Path(__file__).with_name("in_pymodaq") / "scanner_at_work.py"
SIGNALS = {"Detector000/Data0D": (), "Detector001/Data1D": (1024,)}


def work(folder, *steps):
    """Return what was told by a Dashboard that did some steps, and its exit code."""
    command = [sys.executable, str(AT_WORK), str(folder), *steps]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    told = folder / "told.json"
    assert told.exists(), done.stdout + done.stderr
    return json.loads(told.read_text()), done


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What was seen in one Dashboard whose other modules are PyMoDAQ's own."""
    steps = ["menu", "plain_side", "scans", "early_close", "stopped", "listed", "changing", "refused"]
    steps += ["files_in_mid_scan", "disturbed", "other_files", "on_a_server"]
    seen, done = work(tmp_path_factory.mktemp("whole"), *steps)
    assert done.returncode == 0, done.stdout + done.stderr
    return seen


@pytest.fixture(scope="module")
def mended(tmp_path_factory):
    """What was seen in a second Dashboard, whose other modules are ours, after a first one was killed."""
    folder = tmp_path_factory.mktemp("mended")
    killed, done = work(folder / "killed", "kill")
    assert done.returncode == -signal.SIGKILL if hasattr(signal, "SIGKILL") else done.returncode
    (folder / "mended").mkdir()
    seen, done = work(folder / "mended", "mend", "--served")
    assert done.returncode == 0, done.stdout + done.stderr
    assert seen["resumed"] == killed["killed"]
    return seen


def loaded(path, node):
    with H5SaverLowLevel.from_file(path, mode="r") as saver:
        return DataLoader(saver).load_data(node, load_all=True)


def signals_of(path, scan, shape):
    for signal_path, own in SIGNALS.items():
        data = loaded(path, f"/RawData/{scan}/{signal_path}/CH00/Data00")
        assert data.shape == (*shape, *own)
        yield data


def test_it_is_in_the_menu_beside_pymodaqs_own(told):
    assert {"Scanner", "Scanner (h5modules)"} <= set(told["menu"])


@pytest.mark.parametrize(("scan", "shape"), [("Scan000", (5, 4)), ("Scan001", (6,))])
def test_it_saves_what_pymodaqs_own_saves(told, scan, shape):
    pairs = zip(signals_of(told["ours"], scan, shape), signals_of(told["plain"], scan, shape), strict=True)
    for one, other in pairs:
        assert np.isfinite(one[0]).all()
        axes, others = ([(a.label, a.units) for a in each.get_nav_axes()] for each in (one, other))
        assert axes == others
        np.testing.assert_array_equal(one[0], other[0])


def test_plots_show_what_was_acquired(told):
    line, spectra = signals_of(told["ours"], "Scan001", (6,))
    np.testing.assert_array_equal(told["line"]["Grouped/Data0D"][0], line[0])
    np.testing.assert_array_equal(told["line"]["Spectrometer/Spectrometer"][0], spectra[0].T)
    power, _ = signals_of(told["ours"], "Scan000", (5, 4))
    np.testing.assert_array_equal(told["map"]["Grouped/Data0D"][0], power[0].T)


def test_the_strip_tells_how_far_the_scan_is(told):
    assert all("being written" in text and "of 20 points" in text for text in told["during"])
    counts = [int(text.split(": ")[1].split(" ")[0]) for text in told["during"]]
    assert counts == sorted(counts)
    assert counts[-1] > 0
    assert told["after"].startswith("● finished")
    assert "20 of 20 points" in told["after"]


def test_a_file_that_is_to_be_closed_gets_its_last_points(told):
    assert told["behind"][0] < 21
    assert "finished" in told["closed_text"]
    assert "21 of 21 points" in told["closed_text"]


def test_a_stopped_scan_is_gone_on_with(told):
    assert told["stopped_text"].startswith("● interrupted")
    assert "17 of 33 points" in told["stopped_text"]
    assert "33 of 33 points" in told["went_on_text"]


def test_listed_places_are_plotted_and_gone_on_with(told):
    assert told["list_text"].startswith("● interrupted")
    assert "5 of 9 points" in told["list_text"]
    assert len(told["list_plotted"]["Grouped/Data0D"][0]) == 5
    assert "9 of 9 points" in told["list_whole_text"]
    assert np.isfinite(told["list_whole"]["Grouped/Data0D"][0]).sum() == 9
    assert not any(told["locked"])
    data = loaded(told["ours"], "/RawData/Scan004/Detector000/Data0D/CH00/Data00")
    assert np.isfinite(data[0]).all()
    assert [axis.get_data()[:2].tolist() for axis in data.get_nav_axes()] == [[0, 0], [5, -5]]


def test_a_point_that_cannot_be_saved_is_told(told):
    assert "Not saved: " in told["changed"]
    assert "Spectrometer" in told["changed"]
    assert "4 of 6 points" in told["changed_text"]
    power, _ = signals_of(told["ours"], "Scan005", (6,))
    np.testing.assert_array_equal(np.isfinite(power[0]), [True] * 4 + [False] * 2)


def test_a_module_without_data_is_told(told):
    assert "no answer received from: Spectrometer" in told["without"]


def test_what_cannot_be_is_told(told):
    assert "choose a detector" in told["no_detector"]
    assert "there is no file" in told["no_file"]
    assert "it has no points" in told["no_points"]


def test_a_scan_keeps_its_file_when_another_is_asked_for(told):
    assert "A scan is being saved" in told["refusal"]
    assert not told["boxes"]
    assert told["kept"]
    assert not told["others"]
    assert "11 of 11 points" in told["refused_text"]


def test_a_copy_of_the_file_is_made(told):
    assert told["copied"] == f"{told['copy']} is a copy of the file as it is now."
    for one, other in zip(
        signals_of(told["copy"], "Scan000", (5, 4)), signals_of(told["ours"], "Scan000", (5, 4)), strict=True
    ):
        np.testing.assert_array_equal(one[0], other[0])


def test_a_file_that_cannot_be_opened_is_told_and_the_one_before_kept(told):
    assert "damaged.h5 cannot be opened: " in told["damaged"]
    assert told["before_damaged"] == told["after_damaged"]
    assert not told["file_boxes"]


def test_a_scan_on_a_server_is_shown_and_gone_on_with(told):
    assert told["served_at"].startswith("/home/")
    assert told["served_text"].startswith("● interrupted")
    assert "3 of 5 points" in told["served_text"]
    assert told["served_again"].startswith("● finished")
    assert len(told["served_power"]) == 5
    assert np.isfinite(told["served_power"]).all()


def readings(told, seen):
    """Which reading of the photodiode each point of a scan is, from its file."""
    name = seen["text"].split(", ")[1].split(":")[0]
    (power,) = loaded(told["ours"], f"/RawData/{name}/Detector000/Data0D/CH00/Data00").data
    return power


def test_a_scan_after_one_that_was_stopped_within_a_point_has_each_point_once(told):
    assert "3 of 11 points" in told["left"]["text"]
    after = told["after_left"]
    assert after["points"] == [*range(11)]
    assert "11 of 11 points" in after["text"]
    # the fourth reading was under way when the scan was stopped: it belongs to none of its points
    np.testing.assert_array_equal(readings(told, after), np.arange(4, 15))


def test_a_pause_that_ends_within_the_point_changes_nothing(told):
    assert told["paused"]["points"] == [*range(11)]
    np.testing.assert_array_equal(readings(told, told["paused"]), np.arange(11))


def test_a_late_answer_belongs_to_no_other_point(told):
    assert told["late"]["points"] == [0, 1, 2, *range(4, 11)]
    np.testing.assert_array_equal(readings(told, told["late"]), [0, 1, 2, np.nan, *range(4, 11)])


def test_a_killed_scan_is_recovered_and_gone_on_with_in_the_window(mended):
    assert "9 of 20 points" in mended["recovered"]
    assert "interrupted" in mended["before"]
    assert mended["offered"]
    assert "20 of 20 points" in mended["resumed_text"]
    assert "no point of '/RawData/Scan000'" in mended["whole"]
    for data in signals_of(mended["resumed"], "Scan000", (5, 4)):
        assert np.isfinite(data[0]).all()
