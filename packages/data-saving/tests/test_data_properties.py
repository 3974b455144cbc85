"""Whatever data PyMoDAQ can make: saved in any way, with any library, they come back equal in every field.

``H5MODULES_EXAMPLES=500 pytest .../test_data_properties.py`` tries as many of each; a few by default.
"""

from __future__ import annotations

import itertools
import os
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pymodaq_data.data import DataDistribution, DataToExport, DataWithAxes

from h5modules.data_saving import (
    BkgSaver,
    DataLoader,
    DataSaverLoader,
    DataToExportEnlargeableSaver,
    DataToExportExtendedSaver,
    DataToExportSaver,
    DataToExportTimedSaver,
    make_axis,
)
from h5modules.data_saving.testing import (
    again,
    assert_same_data,
    differences,
    points,
    shapes,
    signals,
)
from h5modules.saving import H5SaverLowLevel

EXAMPLES = int(os.environ.get("H5MODULES_EXAMPLES", "10"))

several = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(params=["h5py", "tables", "memory"])
def new_file(request, tmp_path):
    """Give what opens a new file, and what opens it again to read."""

    def new():
        return H5SaverLowLevel.from_file(tmp_path / "data.h5", new_file=True, backend=request.param)

    def again():
        return DataLoader(H5SaverLowLevel.from_file(tmp_path / "data.h5", mode="r", backend=request.param))

    return new, again


def all_loaded(loader, where="/RawData"):
    return DataToExport("loaded", data=list(loader.load_all(where).data))


@several
@given(data=signals(shapes(min_side=0)))
def test_saved_plain(new_file, data):
    new, again = new_file
    with new() as saver:
        DataSaverLoader(saver).add_data("/RawData", data)
    with again() as loader:
        assert_same_data(data, loader.load_data("/RawData/Data00", load_all=True))


@several
@given(point=points())
def test_saved_together(new_file, point):
    new, again = new_file
    with new() as saver:
        DataToExportSaver(saver).add_data("/RawData", point)
    with again() as loader:
        assert_same_data(point, all_loaded(loader))


@several
@given(both=points(1).flatmap(lambda point: st.tuples(st.just(point), again(point))))
def test_saved_as_background(new_file, both):
    signal, background = (point.data[0] for point in both)
    background.errors = None
    new, again = new_file
    with new() as saver:
        DataSaverLoader(saver).add_data("/RawData", signal)
        BkgSaver(saver).add_data("/RawData", background)
    with again() as loader:
        assert_same_data(signal, loader.load_data("/RawData/Data00", load_all=True))
        assert_same_data(background, loader.load_data("/RawData/Bkg00", load_all=True))


def whole(signal, found, shape, axes, distribution):
    """Return what a scan of a signal is, whose points are `found` by index; None was not acquired."""
    at_point = () if signal.shape == (1,) else signal.shape

    def stacked(arrays_of):
        stacks = []
        for number, first in enumerate(arrays_of(signal)):
            stack = np.zeros((*shape, *at_point), first.dtype)
            for index, point in found.items():
                if point is not None:
                    stack[index] = arrays_of(point)[number].reshape(at_point)
                elif first.dtype.kind in "fc":
                    stack[index] = np.nan
            stacks.append(stack)
        return stacks

    own = [axis.copy() for axis in signal.axes if at_point]
    for axis in own:
        axis.index += len(shape)
    is_spread = distribution == "spread"
    inner = signal.nav_indexes if at_point else ()
    navigation = tuple(range(len(shape))) + tuple(index + len(shape) for index in inner)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = DataWithAxes(
            signal.name,
            source=signal.source,
            distribution=distribution,
            data=stacked(lambda point: point.data),
            labels=signal.labels,
            origin=signal.origin,
            nav_indexes=navigation[:1] if is_spread else navigation,
            axes=[*own, *axes],
            errors=None if signal.errors is None else stacked(lambda point: point.errors),
            **{name: getattr(signal, name) for name in signal.extra_attributes},
        )
    data.force_units(signal.units)
    data.timestamp = signal.timestamp
    return data


@st.composite
def scans(draw, scan_shapes, moving=False):
    shape = draw(scan_shapes)
    first = draw(points(2, with_navigation=not moving))
    indexes = draw(st.permutations(list(itertools.product(*map(range, shape)))))
    skipped = draw(st.integers(0, len(indexes) - 1))
    found = {index: draw(again(first, with_moving_axes=moving)) for index in indexes[skipped + 1 :]}
    return shape, first, {indexes[skipped]: first, **found}, indexes


def grid(shape):
    return [
        make_axis(f"nav {index}", "um", np.arange(float(length)) ** 2, index)
        for index, length in enumerate(shape)
    ]


def listed(length):
    values = np.arange(float(length))
    return [make_axis(f"nav {order}", "um", (values - 1) ** 2 + order, 0, order) for order in range(2)]


@pytest.mark.parametrize("distribution", ["uniform", "spread"])
def test_saved_in_a_scan(new_file, distribution):
    lengths = shapes(1, 4, 1, 3) if distribution == "uniform" else shapes(1, 1, 1, 6)

    @several
    @given(scan=scans(lengths))
    def run(scan):
        shape, first, found, indexes = scan
        axes = grid(shape) if distribution == "uniform" else listed(*shape)
        new, again = new_file
        with new() as saver:
            writer = DataToExportExtendedSaver(saver, shape)
            writer.add_nav_axes("/RawData", axes)
            for index, point in found.items():
                writer.add_data("/RawData", point, index, DataDistribution[distribution])
        with again() as loader:
            loaded = {(data.name, data.origin): data for data in loader.load_all("/RawData").data}
        for signal in first.data:
            points_of = dict.fromkeys(indexes)
            for index, point in found.items():
                points_of[index] = point.get_data_from_name_origin(signal.name, signal.origin)
            expected = whole(signal, points_of, shape, axes, distribution)
            assert_same_data(expected, loaded[signal.name, signal.origin])

    run()


@pytest.mark.parametrize("saver_class", [DataToExportTimedSaver, DataToExportEnlargeableSaver])
def test_saved_row_by_row(new_file, saver_class):
    @several
    @given(scan=points(2, with_navigation=False).flatmap(rows))
    def run(scan):
        new, again = new_file
        places = np.arange(float(len(scan))) ** 2
        with new() as saver:
            is_log = saver_class is DataToExportTimedSaver
            log = saver_class(saver) if is_log else saver_class(saver, ["x", "y"], ["um", "mm"])
            for place, point in zip(places, scan, strict=True):
                point.timestamp = place
                if is_log:
                    log.add_data("/RawData", point)
                else:
                    log.add_data("/RawData", point, axis_values=[place, -place])
        if is_log:
            axes = [make_axis("time", "s", places)]
        else:
            axes = [make_axis("x", "um", places), make_axis("y", "mm", -places, 0, 1)]
        with again() as loader:
            loaded = {(data.name, data.origin): data for data in loader.load_all("/RawData").data}
        for signal in scan[0].data:
            found = {
                (number,): point.get_data_from_name_origin(signal.name, signal.origin)
                for number, point in enumerate(scan)
            }
            expected = whole(signal, found, (len(scan),), axes, "spread")
            assert_same_data(expected, loaded[signal.name, signal.origin])

    run()


@several
@given(scan=scans(shapes(1, 3, 1, 3), moving=True))
def test_points_of_a_scan_whose_axes_move(new_file, scan):
    shape, _, found, indexes = scan
    new, again = new_file
    with new() as saver:
        writer = DataToExportExtendedSaver(saver, shape)
        for index, point in found.items():
            writer.add_data("/RawData", point, index)
    with again() as loader:
        where = {(data.name, data.origin): data.path for data in loader.load_all("/RawData").data}
        for key, path in where.items():
            for index, point in found.items():
                saved = point.get_data_from_name_origin(*key)
                lines = list(differences(saved, loader.load_point(path, index)))
                # Points are laid out on a grid, those of a spread signal too; axes that move are float64.
                assert [
                    line for line in lines if "distribution" not in line and ".data.dtype" not in line
                ] == []
            for index in set(indexes) - set(found):
                with pytest.raises(IndexError, match="was not acquired"):
                    loader.load_point(path, index)
            assert set(loader.load_point_axes(path)) <= {axis.index + len(shape) for axis in saved.axes}


def rows(first):
    return st.lists(again(first), max_size=3).map(lambda others: [first, *others])
