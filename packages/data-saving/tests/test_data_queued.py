"""Points that wait in a queue are stored in their order, and none is lost without a word."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from pymodaq_data.data import DataRaw, DataToExport

from h5modules.data_saving import DataToExportExtendedSaver, QueuedPointError, QueuedSaver
from h5modules.saving import H5SaverLowLevel

DATA = "/RawData/Data0D/CH00/Data00"


def point(value: float) -> DataToExport:
    return DataToExport("point", data=[DataRaw("power", data=[np.array([value])])])


@pytest.fixture
def saver(tmp_path):
    with DataToExportExtendedSaver(tmp_path / "scan.h5", (20,)) as made:
        yield made


class SlowSaver:
    """A saver that waits until it is free; at some points it fails."""

    def __init__(self, saver, fails_at=()):
        self._saver, self.fails_at = saver, set(fails_at)
        self.free, self.has_failed = threading.Event(), threading.Event()

    def add_data(self, where, data, indexes):
        self.free.wait(60)
        if indexes[0] in self.fails_at:
            self.has_failed.set()
            raise OSError("the store is full")
        self._saver.add_data(where, data, indexes)


def test_the_caller_does_not_wait_for_the_store(saver):
    slow = SlowSaver(saver)
    with QueuedSaver(slow.add_data) as queue:
        for number in range(20):
            queue.add_data("/RawData", point(float(number)), (number,))
        assert queue.waiting == 20
        slow.free.set()
        queue.flush()
        assert queue.waiting == 0
        assert saver.h5saver.get_node(DATA).read().tolist() == list(range(20))


def test_a_full_queue_makes_the_caller_wait(saver):
    slow = SlowSaver(saver)
    queue = QueuedSaver(slow.add_data, size=3)
    for number in range(3):
        queue.add_data("/RawData", point(float(number)), (number,))
    held = threading.Thread(target=queue.add_data, args=("/RawData", point(3.0), (3,)))
    held.start()
    held.join(0.1)
    assert held.is_alive()
    assert queue.waiting == 3
    slow.free.set()
    held.join()
    queue.close()
    queue.close()
    assert saver.h5saver.get_node(DATA).read()[:4].tolist() == [0, 1, 2, 3]


def test_what_the_caller_changes_afterwards_is_not_saved(saver):
    values = np.array([1.0])
    data = DataToExport("point", data=[DataRaw("power", data=[values])])
    slow = SlowSaver(saver)
    with QueuedSaver(slow.add_data) as queue:
        queue.add_data("/RawData", data, (0,))
        data[0].data[0][0] = 2.0
        slow.free.set()
    assert saver.h5saver.get_node(DATA)[0] == 1.0


def test_an_error_comes_at_the_next_point_with_all_that_is_unsaved(saver):
    slow = SlowSaver(saver, fails_at={2})
    queue = QueuedSaver(slow.add_data)

    def measure():
        for number in range(20):
            queue.add_data("/RawData", point(float(number)), (number,))
            if number == 4:
                slow.free.set()
                slow.has_failed.wait(60)

    with pytest.raises(QueuedPointError, match=r"'/RawData', \(2,\)\): the store is full") as caught:
        measure()
    unsaved = [each.arguments[2] for each in caught.value.unsaved]
    assert unsaved[0] == (2,)
    assert unsaved == [(number,) for number in range(2, 2 + len(unsaved))]
    slow.fails_at.clear()
    for each in caught.value.unsaved:  # once there is room again
        queue.add_data(*each.arguments, **each.options)
    queue.close()
    values = saver.h5saver.get_node(DATA).read()
    assert values[: 2 + len(unsaved)].tolist() == list(range(2 + len(unsaved)))


def test_an_error_of_the_last_point_comes_when_it_is_closed(saver):
    slow = SlowSaver(saver, fails_at={0})
    slow.free.set()
    queue = QueuedSaver(slow.add_data)
    queue.add_data("/RawData", point(0.0), (0,))
    with pytest.raises(QueuedPointError, match="store is full"):
        queue.close()
    with pytest.raises(ValueError, match="at least 1"):
        QueuedSaver(saver.add_data, size=0)


def test_points_on_a_server(hsds_server):
    domain = f"{hsds_server.folder}queued.h5"
    with H5SaverLowLevel.from_file(domain, backend="h5pyd", **hsds_server.options) as file:
        saver = DataToExportExtendedSaver(file, (8,))
        with QueuedSaver(saver.add_data) as queue:
            for number in range(8):
                queue.add_data("/RawData", point(float(number)), (number,))
        assert file.get_node(DATA).read().tolist() == list(range(8))


def test_what_cannot_be_copied_takes_no_place_in_the_queue(saver):
    queue = QueuedSaver(saver.add_data, size=2)
    for _ in range(3):
        with pytest.raises(TypeError, match="lock"):
            queue.add_data("/RawData", threading.Lock(), (0,))
    done = threading.Event()

    def save():
        for number in range(4):
            queue.add_data("/RawData", point(float(number)), (number,))
        done.set()

    threading.Thread(target=save, daemon=True).start()
    assert done.wait(60)
    queue.close()
    assert saver.h5saver.get_node(DATA).read()[:4].tolist() == [0, 1, 2, 3]


def test_a_closed_queue_takes_no_point_and_says_so(saver):
    queue = QueuedSaver(saver.add_data)
    queue.add_data("/RawData", point(1.0), (0,))
    queue.close()
    with pytest.raises(QueuedPointError, match="closed, and takes no more"):
        queue.add_data("/RawData", point(2.0), (1,))
    queue.flush()
    queue.close()
    assert queue.waiting == 0
    assert saver.h5saver.get_node("/RawData/Acquired").read()[:2].tolist() == [1, 0]


def test_an_error_ends_with_one_full_stop(saver):
    with (
        pytest.raises(QueuedPointError, match=r"lie in a scan of shape \(20,\)\. It and those"),
        QueuedSaver(saver.add_data) as queue,
    ):
        queue.add_data("/RawData", point(1.0), (20,))
