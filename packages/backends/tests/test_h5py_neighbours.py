"""What a file of h5py shares with others: links into other files, forked processes, copies while it grows."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from h5modules.backends import H5Backend, UnsupportedError


def test_what_a_link_finds_in_another_file_is_not_changed(tmp_path: Path) -> None:
    with H5Backend.open(tmp_path / "far.h5", "w") as far:
        far.create_carray(far.get_set_group("/", "There"), "Fixed", np.arange(5.0))
        far.create_earray("/There", "Growing", "f8").append(np.array(1.0))
    with H5Backend.open(tmp_path / "near.h5", "w") as near:
        near.create_carray("/", "Fixed", np.arange(5.0))
        near.driver.handle["Link"] = h5py.ExternalLink("far.h5", "/There")
        near.flush()
        before = [(tmp_path / name).read_bytes() for name in ("far.h5", "near.h5")]
        for change in (
            lambda: near.driver.write("/Link/Fixed", 1, 99.0),
            lambda: near.driver.writer("/Link/Fixed"),
            lambda: near.driver.appender("/Link/Growing"),
            lambda: near.driver.append("/Link/Growing", np.zeros(1)),
            lambda: near.driver.truncate("/Link/Growing", 0),  # type: ignore[attr-defined]
            lambda: near.set_attr("/Link/Fixed", "units", "V"),
            lambda: near.create_carray("/Link", "New", [1.0]),
            lambda: near.remove_node("/Link/Fixed"),
        ):
            with pytest.raises(UnsupportedError, match=r"'/Link.*another|'/Link.*far\.h5"):
                change()
        near.flush()
        assert [(tmp_path / name).read_bytes() for name in ("far.h5", "near.h5")] == before
        assert near.get_node("/Link/Fixed").read().tolist() == [0, 1, 2, 3, 4]
