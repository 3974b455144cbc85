"""Parts of arrays, told as numpy tells them: ``0, :, 3:10``."""

from __future__ import annotations

import re

from ._errors import SelectionError

Selection = tuple[int | slice, ...]

_PART = re.compile(r"(?P<index>-?\d+)|(?P<slice>(-?\d+)?:(-?\d+)?(:(\d+))?)")


def parse_selection(text: str, shape: tuple[int, ...]) -> Selection:
    """Return what to read of an array, an index or a slice for each dimension.

    Parameters
    ----------
    text
        Indexes and slices as numpy takes them, with commas in between; dimensions left out are whole.
    shape
        The shape of the array.

    Raises
    ------
    SelectionError
        When it is not understood, has too many dimensions, or an index lies outside.

    Examples
    --------
    >>> parse_selection('-1, 2:4', (5, 8, 3))
    (4, slice(2, 4, 1), slice(0, 3, 1))
    """
    parts = [part.strip() for part in text.strip().removeprefix("[").removesuffix("]").split(",")]
    if parts == [""]:
        parts = []
    if "..." in parts:
        place = parts.index("...")
        parts[place : place + 1] = [":"] * (len(shape) - len(parts) + 1)
    if len(parts) > len(shape):
        raise SelectionError(f"{text!r} selects in {len(parts)} dimensions; the array has the shape {shape}.")
    parts += [":"] * (len(shape) - len(parts))
    return tuple(_part(part, text, length) for part, length in zip(parts, shape, strict=True))


def _part(part: str, text: str, length: int) -> int | slice:
    match = _PART.fullmatch(part)
    if match is None:
        raise SelectionError(f"{part!r} in {text!r} is no index and no slice; write such as '0, :, 3:10'.")
    if match["index"]:
        index = int(part)
        if not -length <= index < length:
            raise SelectionError(f"{index} in {text!r} lies outside of a dimension of length {length}.")
        return index % length
    numbers = [int(number) if number else None for number in part.split(":")]
    if numbers[2:] == [0]:
        raise SelectionError(f"{part!r} in {text!r} has a step of 0; steps begin with 1.")
    return slice(*slice(*numbers).indices(length))


def selected_shape(selection: Selection) -> tuple[int, ...]:
    """Return the shape of what a selection gives.

    Examples
    --------
    >>> selected_shape(parse_selection('0, 2:4', (5, 8, 3)))
    (2, 3)
    """
    return tuple(
        len(range(part.start, part.stop, part.step)) for part in selection if isinstance(part, slice)
    )


def part_of(selection: Selection, block: tuple[slice, ...]) -> Selection:
    """Return which part of an array a block of the selected values is."""
    blocks = iter(block)
    return tuple(part if isinstance(part, int) else _narrowed(part, next(blocks)) for part in selection)


def _narrowed(part: slice, block: slice) -> slice:
    return slice(
        part.start + block.start * part.step, part.start + (block.stop - 1) * part.step + 1, part.step
    )
