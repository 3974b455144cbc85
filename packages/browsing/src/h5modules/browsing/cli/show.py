"""``h5modules show``: values and statistics of an array."""

from __future__ import annotations

import itertools
import math
from dataclasses import asdict
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from h5modules.backends import CARRAY, VLARRAY, H5Backend, StringARRAY, UnreadableNode
from h5modules.browsing._errors import NothingToShowError
from h5modules.browsing._opening import open_to_read
from h5modules.browsing._scan_view import is_drawable
from h5modules.browsing._selecting import Selection, parse_selection, selected_shape
from h5modules.browsing._statistics import Statistics, read_statistics
from h5modules.browsing._tree import dtype_text, printable, units_of

from ._terminal import AsJson, File, NodePath, console, show_block, tell_json

_MOST_ROWS = 20
_PIPE_COLUMNS = 20
"""How many columns are shown where no width tells how many fit."""


def show(
    file: File,
    node: NodePath,
    part: Annotated[
        str,
        typer.Option("--slice", "-s", help="A part, as numpy takes it: '0,:,3:10'.", show_default=False),
    ] = "",
    rows: Annotated[int, typer.Option(help="How many rows to show at most; 0 is all.", min=0)] = _MOST_ROWS,
    as_json: AsJson = False,
) -> None:
    """Show the values of an array as a table, and their statistics.

    Statistics leave out points that were not acquired. With --slice, any array is shown.

    Exit codes: 0 done; 2 the input was refused.
    """
    with open_to_read(file) as opened:
        array = _array(opened, node)
        selection = parse_selection(part, array.shape)
        statistics = read_statistics(array, selection) if is_drawable(array) else None
        if as_json:
            _tell(array, selection, statistics, rows)
        else:
            _show(console(), array, selection, rows)
            if statistics is not None:
                console().print(_summary(statistics, units_of(array)))


def _array(file: H5Backend, path: str) -> CARRAY:
    node = file.get_node(path)
    if isinstance(node, UnreadableNode):
        raise NothingToShowError(f"{node.path!r} in {file.filename!r} cannot be shown: {node.reason}.")
    if not isinstance(node, CARRAY):
        raise NothingToShowError(
            f"{node.path!r} in {file.filename!r} is a group, not an array; h5modules tree lists its arrays."
        )
    return node


def _type_of(array: CARRAY) -> str:
    return "text" if isinstance(array, StringARRAY) else dtype_text(array.dtype)


def _tell(array: CARRAY, selection: Selection, statistics: Statistics | None, rows: int) -> None:
    shape = selected_shape(selection)
    tell_json(
        path=array.path,
        shape=shape,
        dtype=_type_of(array),
        units=units_of(array),
        statistics=None if statistics is None else asdict(statistics),
    )
    if not shape:
        tell_json(index=None, values=_read(array, selection))
        return
    for number in range(shape[0] if not rows else min(rows, shape[0])):
        index, row = _row(selection, number)
        tell_json(index=index, values=_read(array, row))


def _row(selection: Selection, number: int) -> tuple[int, Selection]:
    """Return the index of a row of what is selected, and the selection of that row alone."""
    first = next(place for place, part in enumerate(selection) if isinstance(part, slice))
    part = selection[first]
    assert isinstance(part, slice)  # by the line above
    index = part.start + number * part.step
    return index, (*selection[:first], index, *selection[first + 1 :])


def _read(array: CARRAY, selection: Selection) -> Any:
    return array[selection[0]] if isinstance(array, VLARRAY) else array[selection or ...]


def _show(terminal: Console, array: CARRAY, selection: Selection, rows: int) -> None:
    shape, units = selected_shape(selection), units_of(array)
    size = " x ".join(map(str, shape)) or "one value"
    told = [(f"  {size} {printable(_type_of(array))}", "")]
    told += [(f"  {printable(units)}", "cyan")] if units else []
    terminal.print(Text.assemble((printable(array.path), "bold"), *told), soft_wrap=True)
    if len(shape) > 2:
        example = ",".join(["0"] * (len(shape) - 2) + [":"] * 2)
        terminal.print(f"Choose a part of it to see values, such as --slice {example}", style="dim")
    elif 0 in shape:
        terminal.print("It is empty.", style="dim")
    elif not shape:
        terminal.print(Text(_text(_read(array, selection))))
    else:
        show_block(terminal, _table(terminal, array, selection, rows))


def _table(terminal: Console, array: CARRAY, selection: Selection, rows: int) -> Table:
    shape, fields = selected_shape(selection), array.dtype.names or ()
    names = list(fields) or [str(index) for index in _indexes(selection, 1)] or ["value"]
    held = [
        None if number is None else _row(selection, number) for number in _ends(shape[0], rows or shape[0])
    ]
    values = [None if row is None else _values(_read(array, row[1]), fields, len(shape)) for row in held]
    shown = _columns(terminal, values, names)
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("", style="dim", justify="right", no_wrap=True)
    for place in shown:
        name = "…" if place is None else printable(names[place])
        table.add_column(name, justify="right", overflow="ellipsis" if len(names) > 1 else "fold")
    for row, cells in zip(held, values, strict=True):
        if row is None or cells is None:
            table.add_row(*["…"] * (len(shown) + 1))
        else:
            table.add_row(str(row[0]), *("…" if place is None else _text(cells[place]) for place in shown))
    return table


def _columns(terminal: Console, rows: list[Any], names: list[str]) -> list[int | None]:
    """Return the columns to show: as many as fit."""
    likely = _ends(len(names), _PIPE_COLUMNS)
    texts = [_text(row[place]) for row in rows if row is not None for place in likely if place is not None]
    width = max(map(len, [*texts, *(names[place] for place in likely if place is not None)]))
    fitting = (terminal.width - 8) // (width + 2) - 1 if terminal.is_terminal else _PIPE_COLUMNS
    return _ends(len(names), max(1, fitting))


def _values(row: Any, fields: tuple[str, ...], dimensions: int) -> list[Any]:
    """Return the values of a row, one a column."""
    if fields and dimensions == 1:
        return [row[name] for name in fields]
    return list(row) if dimensions == 2 else [row]


def _indexes(selection: Selection, dimension: int) -> range:
    parts = [part for part in selection if isinstance(part, slice)]
    found = parts[dimension : dimension + 1]
    return range(found[0].start, found[0].stop, found[0].step) if found else range(0)


def _ends(count: int, most: int) -> list[int | None]:
    """Return the places to show of so many: all, or the first and the last with None in between."""
    if count <= most:
        return list(range(count))
    head = math.ceil(most / 2)
    return [*range(head), None, *itertools.islice(range(count), count - (most - head), count)]


def _text(value: Any) -> str:
    if isinstance(value, np.ndarray) and not value.ndim:
        value = value.item()
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    if isinstance(value, (complex, np.complexfloating)):
        return f"{value:.4g}"
    if isinstance(value, bytes):
        return printable(value.decode("utf-8", "backslashreplace"))
    if isinstance(value, np.ndarray):
        return np.array2string(value, threshold=6, precision=6).replace("\n", "")
    return printable(str(value))


def _summary(found: Statistics, units: str) -> Text:
    """Return the statistics on two lines."""
    unit = f" {printable(units)}" if units else ""
    counts = [f"{found.count} value{'' if found.count == 1 else 's'}"]
    if found.missing:
        counts.append(f"{found.missing} not acquired")
    if found.finite < found.count - found.missing:
        counts.append(f"{found.count - found.missing - found.finite} not finite")
    lines = [", ".join(counts)]
    if found.finite:
        numbers = {"min": found.minimum, "max": found.maximum, "mean": found.mean, "std": found.deviation}
        lines.append("  ".join(f"{name} {number:.6g}{unit}" for name, number in numbers.items()))
    return Text("\n".join(lines), "cyan")
