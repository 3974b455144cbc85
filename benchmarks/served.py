"""What a server costs: batches of 64 points, by hand through h5pyd and through ours."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5pyd
import numpy as np
from measuring import Case, Side, Work

from h5modules.backends import ArraySpec, H5Backend
from h5modules.backends.hsds import HsdsServer

BATCH, POINTS = 64, 64 * 40
VALUES = np.random.default_rng(0).random((BATCH, 1024))


@contextmanager
def by_hand(server: HsdsServer) -> Iterator[Work]:
    """Write by h5pyd, and flush after each batch."""
    options = server.options
    with h5pyd.File(_domain(server), "w", **options) as file:
        dataset = file.create_dataset("data", (POINTS, 1024), "f8", chunks=(BATCH, 1024))
        file.flush()

        def write(number: int) -> None:
            dataset[number * BATCH : (number + 1) * BATCH] = VALUES
            file.flush()

        yield write


@contextmanager
def ours(server: HsdsServer) -> Iterator[Work]:
    """Write through `H5Backend`: it returns when the server has the batch."""
    with H5Backend.open(_domain(server), "w", "h5pyd", **server.options) as file:
        spec = ArraySpec((POINTS, 1024), np.dtype(float), chunks=(BATCH, 1024))
        array = file.create_array("/", "data", spec)

        def write(number: int) -> None:
            array[number * BATCH : (number + 1) * BATCH] = VALUES

        yield write


def _domain(server: HsdsServer) -> str:
    return f"{server.folder}{uuid.uuid4().hex}.h5"


def served(prepare: object) -> Side:
    """Return a side with a server of its own."""

    @contextmanager
    def with_server(folder: Path) -> Iterator[Work]:
        with HsdsServer(folder) as server, prepare(server) as work:  # type: ignore[operator]
            yield work

    return with_server


CASES = {
    "server": Case(
        "a batch of 64 points of 1024 values, to a server on this machine",
        {"by hand (h5pyd)": served(by_hand), "H5Backend": served(ours)},
        steps=40,
        targets={"H5Backend": ("by hand (h5pyd)", 1 / 0.9)},
        rounds_at_most=3,
    )
}
