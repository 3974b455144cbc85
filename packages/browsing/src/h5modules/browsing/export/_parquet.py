"""Parquet: a long table in columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ._exporter import H5Exporter
from ._libraries import library
from ._long_table import long_blocks
from ._signal import Array
from ._source import ExportSource


class ParquetExporter(H5Exporter):
    """One row a value, with its coordinate along each dimension."""

    FORMAT_EXTENSION = "parquet"
    FORMAT_DESCRIPTION = "Parquet table"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        source.require_types("a Parquet table", "gFDG")
        arrow, parquet = library("pyarrow"), library("pyarrow.parquet")
        writer: Any = None
        try:
            for columns in long_blocks(source, "a Parquet table"):
                table = arrow.table({name: _column(arrow, values) for name, values in columns.items()})
                if writer is None:
                    writer = parquet.ParquetWriter(str(target), table.schema)
                writer.write_table(table)
        finally:
            if writer is not None:
                writer.close()


def _column(arrow: Any, values: Array) -> Any:
    held = np.ma.getdata(values)
    native = held.astype(held.dtype.newbyteorder("="), copy=False)
    return arrow.array(native, mask=np.ma.getmask(values) if np.ma.isMA(values) else None)
