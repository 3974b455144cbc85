"""From what detectors return to what is in the file."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest

from h5modules.scanning import DeviceFailedError, LinearAxis, Plan, run_scan

PLAN = Plan([LinearAxis("Stage", 0, 1, 2)])


@pytest.mark.parametrize(
    ("returned", "arrays"),
    [
        pytest.param(3, [np.array([3.0, 3.0])], id="int"),
        pytest.param([1, 2], [np.array([[1.0, 2.0]] * 2)], id="list-of-ints"),
        pytest.param(2**53 + 1, [np.array([2**53 + 1] * 2)], id="int-that-no-float-is"),
        pytest.param(np.int64(3), [np.array([3, 3])], id="numpy-int"),
        pytest.param(0.5, [np.array([0.5, 0.5])], id="float"),
        pytest.param(True, [np.array([True, True])], id="bool"),
        pytest.param(1 - 2j, [np.array([1 - 2j] * 2)], id="complex"),
        pytest.param(np.float32(0.5), [np.array([0.5, 0.5], np.float32)], id="numpy-scalar"),
        pytest.param(np.array(7, np.uint8), [np.array([7, 7], np.uint8)], id="array-without-dimensions"),
        pytest.param([1.0, 2.0, 3.0], [np.array([[1.0, 2.0, 3.0]] * 2)], id="list-of-numbers-is-one-array"),
        pytest.param((1.0, 2.0), [np.array([1.0] * 2), np.array([2.0] * 2)], id="tuple-holds-channels"),
        pytest.param(
            [np.arange(3)] * 2, [np.array([np.arange(3)] * 2)] * 2, id="list-of-arrays-holds-channels"
        ),
        pytest.param(np.arange(6).reshape(2, 3), [np.array([np.arange(6).reshape(2, 3)] * 2)], id="image"),
        pytest.param(np.asfortranarray(np.ones((2, 3))), [np.ones((2, 2, 3))], id="fortran-order"),
        pytest.param(np.arange(5)[::-2], [np.array([[4, 2, 0]] * 2)], id="strided"),
    ],
)
def test_values_and_dtypes_are_kept(
    tmp_path: Path, stage: Any, make_detector: Any, returned: Any, arrays: list[Any]
) -> None:
    path = run_scan(PLAN, [stage], [make_detector("D", lambda: returned)], tmp_path / "scan.h5").path
    with h5py.File(path) as file:
        detector = file["RawData/Scan000/Detector000"]
        (dimension,) = (name for name in detector if name.startswith("Data"))
        group = detector[dimension]["CH00"]
        assert sorted(name for name in group if name.startswith("Data")) == [
            f"Data{number:02d}" for number in range(len(arrays))
        ]
        for number, expected in enumerate(arrays):
            saved = group[f"Data{number:02d}"][()]
            np.testing.assert_array_equal(saved, expected)
            assert saved.dtype == expected.dtype


@pytest.mark.parametrize(
    ("returned", "shown"),
    [
        (None, "None"),
        ("text", "'text'"),
        ([], r"\[\]"),
        ((), r"\(\)"),
        ({"a": 1}, "{'a': 1}"),
        ("x" * 200, r"x\.\.\."),
    ],
    ids=["none", "text", "empty-list", "no-channels", "dict", "long-text"],
)
def test_what_is_not_made_of_numbers_is_told(
    tmp_path: Path, stage: Any, make_detector: Any, returned: Any, shown: str
) -> None:
    with pytest.raises(
        DeviceFailedError, match=rf"'D' failed at point 1 .* {shown}, which is not made of numbers|{shown}"
    ):
        run_scan(PLAN, [stage], [make_detector("D", lambda: returned)], tmp_path / "scan.h5")


def axis(*values: float) -> SimpleNamespace:
    return SimpleNamespace(label="t", units="s", values=np.array(values))


@pytest.mark.parametrize(
    ("returned", "attributes", "message"),
    [
        (np.zeros(3), {"axes": [axis(0, 1)]}, r"arrays of shape \(3,\), its axes have the lengths \(2,\)"),
        (np.zeros((2, 3)), {"axes": [axis(0, 1)]}, r"of shape \(2, 3\), its axes have the lengths \(2,\)"),
        ((1.0, 2.0), {"labels": ["one"]}, r"returned 2 channel\(s\), and has the labels \['one'\]"),
        ((np.zeros(2), np.zeros(3)), {}, r"channels have the shapes \(2,\), \(3,\); they need one shape"),
    ],
    ids=["length", "dimensions", "labels", "channels"],
)
def test_what_does_not_fit_axes_and_labels_is_told(
    tmp_path: Path, stage: Any, returned: Any, attributes: dict[str, Any], message: str
) -> None:
    detector = SimpleNamespace(title="D", read=lambda: returned, **attributes)
    with pytest.raises(DeviceFailedError, match=message):
        run_scan(PLAN, [stage], [detector], tmp_path / "scan.h5")


def test_axes_labels_units_and_settings_are_saved_as_they_are(tmp_path: Path, stage: Any) -> None:
    times = np.array([0.0, 1.0, 10.0]) * 1e-9  # far from a line, though the steps differ by less than 1e-8
    detector = SimpleNamespace(
        title="Scope",
        units="mV",
        labels=("left", "right"),
        axes=[SimpleNamespace(label="time", units="s", values=times)],
        settings={"gain": 2, "input": {"coupling": "DC"}},
        read=lambda: (np.arange(3), np.arange(3)),
    )
    path = run_scan(PLAN, [stage], [detector], tmp_path / "scan.h5").path
    with h5py.File(path) as file:
        group = file["RawData/Scan000/Detector000"]
        assert group.attrs["TITLE"] == "Scope"
        assert ">2</gain>" in group.attrs["settings"]
        assert ">DC</coupling>" in group.attrs["settings"]
        channel = group["Data1D/CH00"]
        assert [channel[name].attrs["label"] for name in ("Data00", "Data01")] == ["left", "right"]
        assert [channel[name].attrs["units"] for name in ("Data00", "Axis00")] == ["mV", "s"]
        np.testing.assert_array_equal(channel["Axis00"][()], times)


def test_a_detector_may_reuse_its_buffer(
    tmp_path: Path, stage: Any, make_detector: Any, values_of: Any
) -> None:
    buffer = np.zeros(3)

    def measure() -> Any:
        buffer[:] += 1
        return buffer

    path = run_scan(PLAN, [stage], [make_detector("D", measure)], tmp_path / "scan.h5").path
    np.testing.assert_array_equal(values_of(path, "Detector000/Data1D/CH00/Data00"), [[1] * 3, [2] * 3])


def test_a_detector_may_return_ints_at_one_point_and_floats_at_the_next(
    tmp_path: Path, stage: Any, make_detector: Any
) -> None:
    values = iter([0, 0.5, 1, np.array([2])])
    plan = Plan([LinearAxis("Stage", 0, 3, 4)])
    path = run_scan(plan, [stage], [make_detector("D", lambda: next(values))], tmp_path / "scan.h5").path
    with h5py.File(path) as file:
        assert file["RawData/Scan000/Detector000/Data0D/CH00/Data00"][()].tolist() == [0, 0.5, 1, 2]


def test_masked_values_of_a_detector_are_nan_or_refused(
    tmp_path: Path, stage: Any, make_detector: Any
) -> None:
    masked = np.ma.array([1.0, 1e20], mask=[False, True])
    path = run_scan(PLAN, [stage], [make_detector("D", lambda: masked)], tmp_path / "scan.h5").path
    with h5py.File(path) as file:
        held = file["RawData/Scan000/Detector000/Data1D/CH00/Data00"][()]
    np.testing.assert_array_equal(held, [[1, np.nan]] * 2)
    counts = make_detector("D", lambda: np.ma.array([1, 2], mask=[False, True]))
    with pytest.raises(DeviceFailedError, match=r"what it returned: some of its int64 .*filled"):
        run_scan(PLAN, [stage], [counts], tmp_path / "counts.h5")
