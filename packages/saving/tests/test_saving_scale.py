"""What a thing costs does not grow with what was saved before: calls of the driver are counted."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

import numpy as np
import pytest

from h5modules.backends import Driver
from h5modules.backends._memory import MemoryDriver
from h5modules.saving import H5SaverLowLevel

COUNTED = [name for name in dir(Driver) if not name.startswith("_") and callable(getattr(Driver, name))]


def counted(name: str) -> Any:
    def ask(self: CountingDriver, *args: Any, **options: Any) -> Any:
        self.asked[name] += 1
        return getattr(MemoryDriver, name)(self, *args, **options)

    return ask


class CountingDriver(MemoryDriver):
    """A file in memory that counts what it is asked."""

    asked: ClassVar[Counter[str]] = Counter()


for each in COUNTED:
    if each not in ("open", "delete_file"):
        setattr(CountingDriver, each, counted(each))


@pytest.fixture
def saver(tmp_path):
    opened = H5SaverLowLevel(backend="memory")
    opened._driver_class = CountingDriver
    opened.init_file(tmp_path / "scale.h5")
    yield opened
    opened.close_file()


def cost(saver, do) -> Counter[str]:
    CountingDriver.asked.clear()
    do()
    return Counter(CountingDriver.asked)


def test_the_thousandth_scan(saver):
    costs = [cost(saver, saver.add_scan_group) for _ in range(1001)]
    assert costs[200] == costs[999] == costs[1000]
    assert costs[1000].total() <= costs[0].total() + 1  # the number before is looked at: it is taken
    find = [cost(saver, lambda: saver.get_last_group("/RawData", "scan"))]
    assert sum(find[0].values()) < 10


def test_the_first_scan_in_a_file_of_a_thousand(saver, tmp_path):
    first = cost(saver, saver.add_scan_group)
    for _ in range(999):
        saver.add_scan_group()
    saver.close_file()
    saver.init_file(tmp_path / "scale.h5")
    assert cost(saver, saver.add_scan_group) == first
    assert saver.get_last_group("/RawData", "scan").name == "Scan1000"


def test_the_five_hundredth_array(saver):
    group = saver.add_scan_group()

    def add() -> None:
        number = saver.next_number(group, "Data")
        saver.add_array(group, f"Data{number:02d}", "data", np.ones(3), data_dimension="Data1D")

    costs = [cost(saver, add) for _ in range(501)]
    assert costs[200] == costs[499] == costs[500]
    assert costs[500].total() <= costs[0].total() + 1


def test_the_thousandth_line_of_the_log(saver):
    costs = [cost(saver, lambda: saver.add_log("a line")) for _ in range(1001)]
    assert costs[0] == costs[1000]


def test_room_for_a_scan_of_any_size(saver):
    group = saver.add_scan_group()

    def room(name: str, length: int) -> Counter[str]:
        arguments = {
            "data_shape": (length,),
            "array_type": "u1",
            "scan_shape": (length,),
            "add_scan_dim": True,
        }
        return cost(saver, lambda: saver.add_array(group, name, "data", **arguments))

    assert room("Data00", 2) == room("Data01", 2000)
