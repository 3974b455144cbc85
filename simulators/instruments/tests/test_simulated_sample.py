"""The sample: structure, mixtures of spectra, and queries that agree with each other."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from h5modules_simulators import Sample, SettingError

AXIS = np.linspace(-50.0, 50.0, 201)
WIDE = np.arange(200.0, 1100.0, 0.5)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return Sample(seed=0)


def brightest(sample: Sample, kind: str) -> tuple[float, float]:
    """Return a bright place where one kind of emitter gives the largest part of the light."""
    rates = sample.rates_at(AXIS[None, :], AXIS[:, None])
    total = rates.sum(axis=-1)
    part = rates[..., sample.kinds.index(kind)] / total * (total > np.percentile(total, 70))
    row, column = np.unravel_index(np.argmax(part), part.shape)
    return float(AXIS[column]), float(AXIS[row])


def test_image_gives_the_same_as_the_intensity_of_each_place(sample: Sample) -> None:
    x, y = np.linspace(-3.3, 4.1, 37), np.linspace(20.0, 22.0, 11)
    image = sample.image(x, y)
    assert image.shape == (11, 37)
    np.testing.assert_allclose(image, sample.intensity_at(x[None, :], y[:, None]), rtol=1e-12)


def test_axes_of_an_image_need_neither_rise_nor_be_regular(sample: Sample) -> None:
    x, y = np.array([5.0, -7.0, 0.3, 5.0]), np.array([1.0, -40.0])
    np.testing.assert_allclose(sample.image(x, y), sample.intensity_at(x[None, :], y[:, None]), rtol=1e-12)


@pytest.mark.parametrize(("columns", "rows"), [(0, 3), (3, 0), (0, 0)])
def test_image_of_nothing_is_empty(sample: Sample, columns: int, rows: int) -> None:
    assert sample.image(np.zeros(columns), np.zeros(rows)).shape == (rows, columns)


def test_kinds_of_emitters_add_up_to_the_intensity(sample: Sample) -> None:
    x, y = np.linspace(-50, 50, 300), np.linspace(30, -30, 300)
    np.testing.assert_allclose(sample.rates_at(x, y).sum(axis=-1), sample.intensity_at(x, y), rtol=1e-6)


def test_spectrum_integrates_to_the_intensity(sample: Sample) -> None:
    x, y = np.linspace(-40, 40, 25), np.linspace(-10, 30, 25)
    spectra = sample.spectrum_at(x, y, WIDE)
    assert spectra.shape == (25, WIDE.size)
    np.testing.assert_allclose(spectra.sum(axis=-1) * 0.5, sample.intensity_at(x, y), rtol=1e-4)


@pytest.mark.parametrize(
    ("kind", "band"),
    [("nucleus", 460.0), ("fibre", 523.0), ("mitochondrion", 603.0), ("vesicle", 684.0)],
)
def test_each_structure_shines_in_its_own_band(sample: Sample, kind: str, band: float) -> None:
    spectrum = sample.spectrum_at(*brightest(sample, kind), WIDE)
    assert abs(WIDE[np.argmax(spectrum)] - band) < 10.0


def test_spectra_are_mixtures_of_as_many_as_there_are_kinds(sample: Sample) -> None:
    spectra = sample.spectrum_at(AXIS[None, ::4], AXIS[::4, None], WIDE).reshape(-1, WIDE.size)
    strengths = np.linalg.svd(spectra, compute_uv=False)
    kinds = len(sample.kinds)
    assert strengths[kinds - 1] > 1e-3 * strengths[0]
    assert strengths[kinds] < 1e-9 * strengths[0]


def test_map_has_bright_structure_on_a_dark_background(sample: Sample) -> None:
    dark, bright = np.percentile(sample.image(AXIS, AXIS), [5, 99])
    assert 0 < dark < bright / 20


def test_something_bright_lies_where_the_stage_starts() -> None:
    for seed in (0, 1):
        image = Sample(seed).image(AXIS, AXIS)
        near = Sample(seed).image(np.linspace(-2, 2, 20), np.linspace(-2, 2, 20))
        assert near.mean() > 1.5 * image.mean()


@pytest.mark.parametrize("shape", [(), (4,), (2, 3)], ids=str)
def test_queries_follow_the_shape_of_the_places(sample: Sample, shape: tuple[int, ...]) -> None:
    x, y = np.full(shape, 1.0), np.full(shape, 2.0)
    assert sample.intensity_at(x, y).shape == shape
    assert sample.rates_at(x, y).shape == (*shape, len(sample.kinds))
    assert sample.spectrum_at(x, y, WIDE).shape == (*shape, WIDE.size)
    assert sample.spectrum_at(x, y, WIDE).dtype == np.float64


def test_values_of_the_edge_go_on_outside_the_field(sample: Sample) -> None:
    assert sample.intensity_at(100.0, 3.0) == sample.intensity_at(1e6, 3.0)
    assert sample.image([-1e6], [3.0])[0, 0] == sample.intensity_at(-100.0, 3.0)


def test_equal_seeds_are_equal_samples_and_others_are_not() -> None:
    assert Sample(0) == Sample(0)
    assert hash(Sample(0)) == hash(Sample(0))
    assert Sample(0) != Sample(1)
    np.testing.assert_array_equal(Sample(0).image(AXIS, AXIS), Sample(0).image(AXIS, AXIS))
    assert np.corrcoef(Sample(0).image(AXIS, AXIS).ravel(), Sample(1).image(AXIS, AXIS).ravel())[0, 1] < 0.5


def test_sample_is_frozen(sample: Sample) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        sample.seed = 3  # type: ignore[misc]


def test_changing_what_a_query_gave_changes_no_sample(sample: Sample) -> None:
    before = sample.image(AXIS, AXIS)
    for given in (sample.image(AXIS, AXIS), sample.rates_at(0, 0), sample.spectrum_at(0, 0, WIDE)):
        given[...] = -1.0
    np.testing.assert_array_equal(sample.image(AXIS, AXIS), before)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(SettingError, match="choose a seed in this range"):
        Sample(seed)


def test_seed_that_is_no_integer_is_refused() -> None:
    with pytest.raises(TypeError):
        Sample(0.5)  # type: ignore[arg-type]


def test_numpy_integers_are_seeds() -> None:
    assert Sample(np.int32(1)) == Sample(1)  # type: ignore[arg-type]
    assert type(Sample(np.int32(1)).seed) is int  # type: ignore[arg-type]
