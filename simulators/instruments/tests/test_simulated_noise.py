"""Noise belongs to a place and a read, not to the history of a device."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from h5modules_simulators import Microscope, Photodiode, PhotodiodeModel, make_microscope
from h5modules_simulators._noise import keyed_generator

PLACES = [(float(x), float(y)) for x in (-3, 0, 4) for y in (-1, 2)]
Readings = dict[tuple[float, float], list[np.ndarray]]


def scan(microscope: Microscope, places: Iterable[tuple[float, float]], reads: int = 1) -> Readings:
    x, y = microscope.actuators
    readings: Readings = {}
    for place in places:
        x.move_to(place[0])
        y.move_to(place[1])
        readings[place] = [d.read()[0] for _ in range(reads) for d in microscope.detectors]
    return readings


def assert_same(left: Readings, right: Readings) -> None:
    assert left.keys() == right.keys()
    for place, arrays in left.items():
        for one, other in zip(arrays, right[place], strict=True):
            np.testing.assert_array_equal(one, other)


def test_two_microscopes_of_one_seed_read_the_same() -> None:
    assert_same(scan(make_microscope(seed=1), PLACES), scan(make_microscope(seed=1), PLACES))


def test_order_and_start_of_a_scan_do_not_matter() -> None:
    expected = scan(make_microscope(seed=0), PLACES, reads=2)
    microscope = make_microscope(seed=0)
    microscope.camera.read()
    assert_same(scan(microscope, reversed(PLACES), reads=2), expected)
    # Again with the same devices, from where the last scan ended.
    assert_same(scan(microscope, PLACES, reads=2), expected)
    # A scan that is resumed in the middle.
    resumed = scan(microscope, PLACES[3:], reads=2)
    assert_same(resumed, {place: expected[place] for place in PLACES[3:]})


def test_order_of_the_axes_and_of_the_detectors_does_not_matter() -> None:
    expected = scan(make_microscope(seed=0), [(4.0, 2.0)])[4.0, 2.0]
    microscope = make_microscope(seed=0)
    microscope.stage.y.move_to(2.0)
    microscope.stage.x.move_to(4.0)
    backwards = [detector.read()[0] for detector in reversed(microscope.detectors)]
    for one, other in zip(expected, reversed(backwards), strict=True):
        np.testing.assert_array_equal(one, other)


def test_move_to_the_same_place_is_an_arrival() -> None:
    microscope = make_microscope(seed=0)
    expected = scan(microscope, [(1.0, 1.0)], reads=2)
    assert_same(scan(microscope, [(1.0, 1.0)], reads=2), expected)


@pytest.mark.parametrize("name", ["photodiode", "spectrometer", "camera"])
def test_two_reads_at_one_place_differ(name: str) -> None:
    detector = getattr(make_microscope(seed=0), name)
    assert not np.array_equal(detector.read()[0], detector.read()[0])


@pytest.mark.parametrize("name", ["photodiode", "spectrometer", "camera"])
def test_other_seeds_read_other_values(name: str) -> None:
    one, other = (getattr(make_microscope(seed=seed), name).read()[0] for seed in (0, 1))
    assert not np.array_equal(one, other)


def test_devices_of_other_titles_have_noise_of_their_own() -> None:
    microscope = make_microscope(seed=0)
    twins = [
        Photodiode(microscope.sample, microscope.stage, PhotodiodeModel(title=title)) for title in ("A", "B")
    ]
    readings = np.array([[twin.read()[0][0] for twin in twins] for _ in range(400)])
    assert abs(np.corrcoef(readings.T)[0, 1]) < 0.25


def test_noise_of_neighbouring_places_is_independent() -> None:
    draws = np.array([keyed_generator(0, "Camera", (x, 0)).standard_normal(2) for x in range(2000)])
    assert abs(draws.mean()) < 0.08
    assert draws.std() == pytest.approx(1.0, abs=0.08)
    assert abs(np.corrcoef(draws[1:, 0], draws[:-1, 0])[0, 1]) < 0.12


def test_key_is_the_same_on_every_machine() -> None:
    # Raw words of the generator: they depend on the key alone, not on the version of numpy.
    raw = keyed_generator(7, "Caméra", (-12, 34), 5).bit_generator.random_raw(2)
    assert raw.tolist() == [10016159007575282896, 10052177669219196763]


@pytest.mark.parametrize(
    "key",
    [
        (1, "Camera", (2, 3), 0),
        (0, "camera", (2, 3), 0),
        (0, "Camera", (3, 2), 0),
        (0, "Camera", (2, -3), 0),
        (0, "Camera", (2, 3), 1),
    ],
    ids=["seed", "title", "axes swapped", "sign", "count"],
)
def test_each_part_of_the_key_counts(key: tuple[int, str, tuple[int, int], int]) -> None:
    assert keyed_generator(*key).random() != keyed_generator(0, "Camera", (2, 3), 0).random()
