"""The detectors: shot noise, spectra and frames, and descriptions that hold."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from h5modules_simulators import (
    Camera,
    CameraModel,
    Microscope,
    Photodiode,
    PhotodiodeModel,
    Sample,
    SettingError,
    SignalAxis,
    Spectrometer,
    SpectrometerModel,
    Stage,
    StageAxis,
    make_microscope,
)

DETECTORS = ["photodiode", "spectrometer", "camera"]
PAIRS = [(Photodiode, PhotodiodeModel), (Spectrometer, SpectrometerModel), (Camera, CameraModel)]


@pytest.fixture
def microscope() -> Microscope:
    return make_microscope(seed=0)


def go(microscope: Microscope, x: float, y: float) -> None:
    for axis, value in zip(microscope.actuators, (x, y), strict=True):
        axis.move_to(value)


def stand_at(x: float, y: float) -> Stage:
    stage = Stage(StageAxis("Stage x"), StageAxis("Stage y"))
    stage.x.move_to(x)
    stage.y.move_to(y)
    return stage


# ------------------------------------------------------------------------------------------- description


@pytest.mark.parametrize("name", DETECTORS)
def test_description_is_what_reading_gives(microscope: Microscope, name: str) -> None:
    detector = getattr(microscope, name)
    arrays = detector.read()
    assert isinstance(arrays, tuple)
    assert len(arrays) == len(detector.labels)
    for array in arrays:
        assert array.shape == detector.shape
        assert array.dtype == detector.dtype
    assert isinstance(detector.dtype, np.dtype)
    if detector.axes:
        assert tuple(axis.values.size for axis in detector.axes) == detector.shape
    else:
        assert detector.shape == (1,)
    assert all(isinstance(text, str) and text for text in (detector.title, detector.units))


def test_detectors_go_from_0d_to_2d(microscope: Microscope) -> None:
    assert [len(detector.axes) for detector in microscope.detectors] == [0, 1, 2]
    assert [detector.units for detector in microscope.detectors] == ["V", "counts", "counts"]
    titles = [device.title for device in (*microscope.actuators, *microscope.detectors)]
    assert len(set(titles)) == 5


def test_axes_of_a_frame_are_rows_then_columns() -> None:
    model = CameraModel(rows=3, columns=4, pixel_size=0.5)
    camera = Camera(Sample(0), stand_at(0.0, 0.0), model)
    y, x = camera.axes
    assert (y.label, y.units, x.label, x.units) == ("y", "um", "x", "um")
    np.testing.assert_array_equal(y.values, [-0.5, 0.0, 0.5])
    np.testing.assert_array_equal(x.values, [-0.75, -0.25, 0.25, 0.75])
    assert camera.read()[0].shape == (3, 4)


def test_wavelengths_are_the_middles_of_the_pixels() -> None:
    model = SpectrometerModel(pixels=4, first=400.0, last=440.0)
    spectrometer = Spectrometer(Sample(0), stand_at(0.0, 0.0), model)
    np.testing.assert_allclose(spectrometer.axes[0].values, [405.0, 415.0, 425.0, 435.0])


@pytest.mark.parametrize(("device", "model"), PAIRS)
def test_settings_are_plain_and_rebuild_the_detector(device: Any, model: Any) -> None:
    first = device(Sample(1), stand_at(1.0, 2.0), model(title="Mine", exposure=0.02), seed=5)
    settings = json.loads(json.dumps(first.settings))
    assert settings == first.settings
    assert (settings["exposure"], settings["title"]) == (0.02, "Mine")
    seed = settings.pop("seed")
    again = device(Sample(1), stand_at(1.0, 2.0), model(**settings), seed=seed)
    np.testing.assert_array_equal(first.read()[0], again.read()[0])


@pytest.mark.parametrize("name", DETECTORS)
def test_settings_belong_to_the_caller(microscope: Microscope, name: str) -> None:
    detector = getattr(microscope, name)
    detector.settings["exposure"] = 99.0
    assert detector.exposure == detector.settings["exposure"] != 99.0


@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.parametrize("exposure", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_exposure_is_refused_and_changes_nothing(
    microscope: Microscope, name: str, exposure: float
) -> None:
    detector = getattr(microscope, name)
    before = detector.settings
    with pytest.raises(SettingError, match=f"{detector.title!r}: exposure is {exposure!r}"):
        detector.exposure = exposure
    assert detector.settings == before


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (PhotodiodeModel, {"efficiency": 1.5}),
        (PhotodiodeModel, {"efficiency": 0.0}),
        (PhotodiodeModel, {"dark_rate": -1.0}),
        (PhotodiodeModel, {"gain": 0.0}),
        (SpectrometerModel, {"pixels": 0}),
        (SpectrometerModel, {"first": 700.0, "last": 500.0}),
        (CameraModel, {"rows": 0}),
        (CameraModel, {"pixel_size": -0.1}),
        (CameraModel, {"read_noise": float("nan")}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value.__name__,
)
def test_impossible_model_is_refused(model: Any, wrong: dict[str, float]) -> None:
    with pytest.raises(SettingError, match="it must be"):
        model(**wrong)


# --------------------------------------------------------------------------------------------- aliasing


@pytest.mark.parametrize("name", DETECTORS)
def test_arrays_are_new_and_the_callers_own(microscope: Microscope, name: str) -> None:
    detector = getattr(microscope, name)
    (first,) = detector.read()
    kept = first.copy()
    (second,) = detector.read()
    assert not np.shares_memory(first, second)
    np.testing.assert_array_equal(first, kept)
    first[...] = 0
    go(microscope, 0.0, 0.0)
    np.testing.assert_array_equal(detector.read()[0], kept)


def test_axes_cannot_be_changed_by_the_caller(microscope: Microscope) -> None:
    with pytest.raises(ValueError, match="read-only"):
        microscope.camera.axes[0].values[0] = 1.0


def test_signal_axis_keeps_a_copy_and_compares_by_value() -> None:
    values = np.array([1.0, 2.0])
    axis = SignalAxis("time", "s", values)
    values[0] = 99.0
    assert axis == SignalAxis("time", "s", np.array([1.0, 2.0]))
    assert hash(axis) == hash(SignalAxis("time", "s", np.array([1.0, 2.0])))
    assert axis != SignalAxis("time", "ms", np.array([1.0, 2.0]))
    assert axis != SignalAxis("time", "s", np.array([1.0, 2.5]))
    assert axis != "time"


# ------------------------------------------------------------------------------------------- photodiode


@pytest.mark.parametrize("exposure", [0.001, 0.01])
@pytest.mark.parametrize("place", [(0.0, 0.0), (30.0, 12.0), (-49.0, 44.0)], ids=str)
def test_photodiode_follows_shot_noise(place: tuple[float, float], exposure: float) -> None:
    model = PhotodiodeModel(exposure=exposure)
    sample = Sample(0)
    photodiode = Photodiode(sample, stand_at(*place), model)
    volts = np.array([photodiode.read()[0][0] for _ in range(1500)])
    rate = model.efficiency * float(sample.intensity_at(*place)) + model.dark_rate
    variance = model.gain**2 * rate / exposure + model.read_noise**2
    assert volts.mean() == pytest.approx(model.gain * rate, abs=5 * (variance / volts.size) ** 0.5)
    assert volts.var() == pytest.approx(variance, rel=5 * (2 / volts.size) ** 0.5)


def test_photodiode_in_the_dark_gives_its_dark_current() -> None:
    model = PhotodiodeModel(efficiency=1e-12, dark_rate=5e4, read_noise=0.0)
    photodiode = Photodiode(Sample(0), stand_at(0.0, 0.0), model)
    volts = np.array([photodiode.read()[0][0] for _ in range(500)])
    assert volts.mean() == pytest.approx(model.gain * 5e4, rel=0.02)
    # Whole electrons in each exposure.
    electrons = volts * model.exposure / model.gain
    np.testing.assert_allclose(electrons, np.rint(electrons), atol=1e-6)


# ----------------------------------------------------------------------------------------- spectrometer


def test_spectrum_is_that_of_the_sample_within_its_noise(microscope: Microscope) -> None:
    go(microscope, 0.5, -1.0)
    spectrometer, model = microscope.spectrometer, SpectrometerModel()
    wavelengths = spectrometer.axes[0].values
    width = wavelengths[1] - wavelengths[0]
    density = microscope.sample.spectrum_at(0.5, -1.0, wavelengths)
    expected = (model.efficiency * density * width + model.dark_rate) * model.exposure
    score = (spectrometer.read()[0] - expected) / np.sqrt(expected + model.read_noise**2)
    assert abs(score.mean()) < 5 / 1024**0.5
    assert score.std() == pytest.approx(1.0, abs=5 / (2 * 1024) ** 0.5)


def test_spectrum_holds_nearly_all_the_light() -> None:
    sample = Sample(0)
    model = SpectrometerModel(exposure=10.0, dark_rate=0.0)
    spectrometer = Spectrometer(sample, stand_at(0.0, 0.0), model)
    photons = spectrometer.read()[0].sum() / model.efficiency / model.exposure
    assert photons == pytest.approx(float(sample.intensity_at(0.0, 0.0)), rel=0.03)


def test_longer_exposure_gathers_more_light(microscope: Microscope) -> None:
    spectrometer = microscope.spectrometer
    short = spectrometer.read()[0].sum()
    spectrometer.exposure *= 4
    assert spectrometer.read()[0].sum() == pytest.approx(4 * short, rel=0.02)


# ----------------------------------------------------------------------------------------------- camera


def test_frame_is_the_picture_around_the_stage_within_its_noise(microscope: Microscope) -> None:
    go(microscope, 12.0, -7.0)
    camera, model = microscope.camera, CameraModel()
    y, x = (axis.values for axis in camera.axes)
    light = model.efficiency * microscope.sample.image(12.0 + x, -7.0 + y)
    expected = (light + model.dark_rate) * model.exposure
    score = (camera.read()[0] - model.offset - expected) / np.sqrt(expected + model.read_noise**2)
    assert abs(score.mean()) < 5 / 128
    assert score.std() == pytest.approx(1.0, abs=0.03)


def test_in_dim_light_a_camera_counts_by_poissons_law() -> None:
    model = CameraModel(rows=300, columns=300, efficiency=1e-12, dark_rate=500.0, read_noise=0.0, offset=0.0)
    (frame,) = Camera(Sample(0), stand_at(0.0, 0.0), model).read()
    assert frame.mean() == pytest.approx(5.0, abs=0.05)
    assert frame.var() == pytest.approx(5.0, abs=0.15)
    assert (frame == 0).mean() == pytest.approx(np.exp(-5), rel=0.2)


@pytest.mark.parametrize(("dx", "dy"), [(2.0, 0.0), (0.0, 1.0), (-1.0, 0.5)])
def test_stage_moves_shift_the_picture(microscope: Microscope, dx: float, dy: float) -> None:
    camera = microscope.camera
    before = camera.read()[0].astype(np.float64)
    go(microscope, dx, dy)
    after = camera.read()[0].astype(np.float64)
    # What lay at an offset (dx, dy) lies in the middle now: the picture moves against the stage.
    shift = tuple(-round(d / CameraModel().pixel_size) for d in (dy, dx))
    inner = (slice(20, -20), slice(20, -20))
    moved = np.roll(before, shift, axis=(0, 1))[inner]
    assert np.corrcoef(moved.ravel(), after[inner].ravel())[0, 1] > 0.995
    assert np.corrcoef(before[inner].ravel(), after[inner].ravel())[0, 1] < 0.9


def test_camera_is_read_by_gain_and_offset() -> None:
    stage = stand_at(0.0, 0.0)
    plain = Camera(Sample(0), stage, CameraModel(offset=0.0, read_noise=0.0))
    scaled = Camera(Sample(0), stage, CameraModel(offset=500.0, read_noise=0.0, gain=0.5))
    electrons = plain.read()[0].astype(np.float64)
    np.testing.assert_allclose(scaled.read()[0], 500.0 + electrons / 2, atol=0.5)


def test_camera_saturates_and_does_not_wrap() -> None:
    camera = Camera(Sample(0), stand_at(0.0, 0.0), CameraModel(exposure=10.0))
    (frame,) = camera.read()
    assert frame.dtype == np.uint16
    assert frame.min() == 65535


def test_noise_below_zero_is_cut_off_and_does_not_wrap() -> None:
    model = CameraModel(exposure=1e-9, offset=0.0, read_noise=3.0)
    (frame,) = Camera(Sample(0), stand_at(0.0, 0.0), model).read()
    assert frame.min() == 0
    assert frame.max() < 30


def test_default_frames_are_bright_and_not_saturated(microscope: Microscope) -> None:
    for place in [(0.0, 0.0), (-20.0, 10.0), (19.0, -16.0)]:
        go(microscope, *place)
        (frame,) = microscope.camera.read()
        assert 5_000 < frame.max() < 65_535


# ----------------------------------------------------------------------------------------------- read-out


@pytest.mark.parametrize(
    ("device", "model"),
    [
        (Photodiode, PhotodiodeModel(efficiency=1e-12, dark_rate=0.0, read_noise=20.0)),
        (Spectrometer, SpectrometerModel(efficiency=1e-12, dark_rate=0.0, read_noise=20.0)),
        (Camera, CameraModel(efficiency=1e-12, dark_rate=0.0, read_noise=20.0, offset=1000.0)),
    ],
    ids=["photodiode", "spectrometer", "camera"],
)
def test_reading_out_the_dark_leaves_the_read_noise(device: Any, model: Any) -> None:
    detector = device(Sample(0), stand_at(0.0, 0.0), model)
    values = np.concatenate([detector.read()[0].ravel() for _ in range(1000 // detector.shape[0] + 1)])
    assert values.mean() == pytest.approx(getattr(model, "offset", 0.0), abs=5 * 20.0 / values.size**0.5)
    assert values.std() == pytest.approx(20.0, rel=5 / (2 * values.size) ** 0.5)


# ------------------------------------------------------------------------------------------------- time


@pytest.mark.parametrize("name", DETECTORS)
def test_reading_waits_for_the_exposure_only_in_real_time(name: str) -> None:
    slept: list[float] = []
    at_once = getattr(make_microscope(seed=0, sleep=slept.append), name)
    at_once.read()
    assert slept == []
    real = getattr(make_microscope(seed=0, realtime=True, sleep=slept.append), name)
    real.exposure = 0.25
    real.read()
    assert slept == [0.25]
    assert (at_once.settings["realtime"], real.settings["realtime"]) == (False, True)
