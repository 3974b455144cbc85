"""What a file cannot take is refused with an error of ours, and nothing is written."""

from __future__ import annotations

import numpy as np
import pytest

from h5modules.backends import (
    AttributeValueError,
    FileClosedError,
    FileReadOnlyError,
    H5ModulesError,
    NodeError,
    NodeNameError,
)
from h5modules.saving import H5SaverLowLevel

WRITING = {
    "scan": lambda saver: saver.add_scan_group(),
    "detector": lambda saver: saver.add_det_group("/RawData"),
    "actuator": lambda saver: saver.add_act_group("/RawData"),
    "channel": lambda saver: saver.add_ch_group("/RawData"),
    "data group": lambda saver: saver.add_data_group("/RawData", "Data1D"),
    "any group": lambda saver: saver.get_set_group("/RawData", "Mine"),
    "array": lambda saver: saver.add_array("/RawData", "Data00", "data", np.ones(2)),
    "room": lambda saver: saver.add_array("/RawData", "Data00", "data", None, (2,), float),
    "growing": lambda saver: saver.add_array(
        "/RawData", "Data00", "data", np.ones(2), (2,), enlargeable=True
    ),
    "texts": lambda saver: saver.add_string_array("/RawData", "Notes"),
    "log": lambda saver: saver.add_log("a line"),
}
"""What changes a file."""

BAD = {
    "slash in a group": (
        NodeNameError,
        lambda saver: saver.add_data_group("/RawData", "Data1D", group_name="a/b"),
    ),
    "slash in a type": (NodeNameError, lambda saver: saver.add_incremental_group("a/b", "/RawData")),
    "slash in texts": (NodeNameError, lambda saver: saver.add_string_array("/RawData", "a/b")),
    "no name": (NodeNameError, lambda saver: saver.add_array("/RawData", "", "data", np.ones(2))),
    "no such group": (NodeError, lambda saver: saver.add_det_group("/RawData/Scan007")),
    "an array as group": (NodeError, lambda saver: saver.add_det_group("/RawData/Logger")),
    "no such log": (NodeError, lambda saver: saver.get_set_logger("/Nowhere")),
    "metadata": (
        AttributeValueError,
        lambda saver: saver.add_det_group("/RawData", metadata={"x": object()}),
    ),
    "settings": (AttributeValueError, lambda saver: saver.add_scan_group(metadata={"settings": object()})),
}
"""What no file takes."""


def everything(saver: H5SaverLowLevel) -> list[str]:
    return [f"{node} {dict(node.attrs)}" for node in saver.walk_nodes("/")]


@pytest.mark.parametrize("do", WRITING.values(), ids=WRITING)
def test_a_closed_file(tmp_path, backend, do):
    saver = H5SaverLowLevel.from_file(tmp_path / "closed.h5", backend=backend)
    saver.close_file()
    with pytest.raises(FileClosedError, match="init_file"):
        do(saver)


@pytest.mark.parametrize("do", WRITING.values(), ids=WRITING)
def test_a_file_opened_for_reading(tmp_path, backend, do):
    H5SaverLowLevel.from_file(tmp_path / "read.h5", backend=backend).close_file()
    with H5SaverLowLevel.from_file(tmp_path / "read.h5", mode="r", backend=backend) as saver:
        before = everything(saver)
        with pytest.raises(FileReadOnlyError, match=r"read\.h5"):
            do(saver)
        assert everything(saver) == before


@pytest.mark.parametrize(("error", "do"), BAD.values(), ids=BAD)
def test_what_no_file_takes(tmp_path, backend, error, do):
    with H5SaverLowLevel.from_file(tmp_path / "bad.h5", backend=backend) as saver:
        before = everything(saver)
        with pytest.raises(error) as told:
            do(saver)
        assert isinstance(told.value, H5ModulesError)
        assert everything(saver) == before
