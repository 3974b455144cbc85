from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from h5modules.browsing import (
    NothingToShowError,
    SelectionError,
    ask_in_terminal,
    iter_data,
    open_to_read,
    pick_data,
)


@pytest.fixture
def scan(make_scan: Any) -> Path:
    path: Path = make_scan(
        (3,),
        {"Lamp": lambda index: np.arange(4.0), "Power": lambda index: index[0] + 0.5},
        {"Power": {"units": "mW"}},
    )
    return path


def test_data_are_picked_by_title_or_path(scan: Path) -> None:
    for pattern in ("power", "Data0D/CH00", "P?wer", "*/Data0D/*"):
        picked = pick_data(scan, pattern)
        assert (picked.units, picked[0].tolist()) == ("mW", [0.5, 1.5, 2.5])
        assert picked.get_nav_axes()[0].label == "Stage x"
    with open_to_read(scan) as file:
        assert [choice.shape for choice in iter_data(file)] == [(3,), (3, 4)]


def test_several_are_chosen_from(
    scan: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SelectionError, match=r"(?s)several data.*Power.*Lamp"):
        pick_data(scan, "Detector")
    assert pick_data(scan, "Detector", choose=lambda found: found[-1]).name == "Lamp"
    monkeypatch.setattr("sys.stdin", io.StringIO("7\nx\n1\n"))
    assert pick_data(scan, choose=ask_in_terminal).name == "Power"
    assert "  2  /RawData/Scan000/Detector000/Data1D/CH00/Data00  Lamp" in capsys.readouterr().out
    with pytest.raises(SelectionError, match="nobody answered"):
        pick_data(scan, choose=ask_in_terminal)


def test_a_pattern_that_nothing_matches(scan: Path) -> None:
    with pytest.raises(NothingToShowError, match="'camera' in"):
        pick_data(scan, "camera")
