"""What differs between two files, or two nodes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Set
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from h5modules.backends import CARRAY, GROUP, VLARRAY, Node, UnreadableNode
from h5modules.saving import is_second_name

from ._blocks import iter_blocks
from ._details import read_attributes
from ._settings import compare_settings, read_settings
from ._tree import units_of
from ._units import Convert, conversion

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_LAST_DIGITS = 1e-12
"""How far values that were converted may be from each other, relatively."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that two nodes do not share.

    Attributes
    ----------
    path
        Where, below the nodes that are compared; ``/`` for these themselves.
    kind
        ``missing`` (only in the first), ``added`` (only in the second), ``class``, ``shape``, ``dtype``,
        ``values``, ``attribute``, ``setting`` or ``problem``.
    name
        The name of the attribute, or the path of the setting; empty otherwise.
    before, after
        What it is in the first and in the second; None where it is not there. Of values, those that differ
        most, both in the units of the first.
    count
        How many values differ; 0 for other kinds.
    """

    path: str
    kind: str
    name: str = ""
    before: Any = None
    after: Any = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two nodes are compared.

    Values in other units, which the attribute ``units`` tells, are converted to those of the first before,
    where that can be done; what converting makes of their last digits is no difference.

    Attributes
    ----------
    relative, absolute
        Values *a* and *b* are the same when ``|a - b| <= absolute + relative * |b|``.
    ignored
        Names of attributes that may differ, such as ``timestamp``; with ``units`` nothing is converted.
    """

    relative: float = 0.0
    absolute: float = 0.0
    ignored: Set[str] = field(default_factory=frozenset)

    def differences(self, first: Node, second: Node) -> Iterator[Difference]:
        """Yield what differs between two nodes and below them, as it is found; large arrays by blocks.

        Examples
        --------
        >>> import numpy as np
        >>> from h5modules.backends import H5Backend
        >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
        ...     one = file.create_carray('/', 'One', np.array([1.0, 2.0]))
        ...     two = file.create_carray('/', 'Two', np.array([1.0, 2.5]))
        ...     for found in Comparison().differences(one, two):
        ...         print(found.kind, found.count, found.before, found.after)
        values 1 2.0 2.5
        """
        yield from self._compare(first, second, "/", frozenset())

    def _compare(
        self, first: Node, second: Node, path: str, above: frozenset[Hashable]
    ) -> Iterator[Difference]:
        classes = type(first).__name__, type(second).__name__
        if classes[0] != classes[1]:
            yield Difference(path, "class", before=classes[0], after=classes[1])
            return
        yield from self._attributes(first, second, path)
        if isinstance(first, UnreadableNode) and isinstance(second, UnreadableNode):
            if first.reason != second.reason:
                yield Difference(path, "problem", before=first.reason, after=second.reason)
        elif isinstance(first, CARRAY) and isinstance(second, CARRAY):
            yield from self._arrays(first, second, path)
        elif isinstance(first, GROUP) and isinstance(second, GROUP):
            identity = first.driver.identity(first.path)
            if identity not in above:  # a hard link may lead back up
                yield from self._groups(first, second, path, above | {identity})

    def _groups(
        self, first: GROUP, second: GROUP, path: str, above: frozenset[Hashable]
    ) -> Iterator[Difference]:
        left, right = _names(first), _names(second)
        right_names, left_names = set(right), set(left)
        for name in left:
            below = f"{path.rstrip('/')}/{name}"
            if name in right_names:
                yield from self._compare(first.get_child(name), second.get_child(name), below, above)
            else:
                yield Difference(below, "missing", before=type(first.get_child(name)).__name__)
        for name in right:
            if name not in left_names:
                below = f"{path.rstrip('/')}/{name}"
                yield Difference(below, "added", after=type(second.get_child(name)).__name__)

    def _attributes(self, first: Node, second: Node, path: str) -> Iterator[Difference]:
        (left, _), (right, _) = read_attributes(first), read_attributes(second)
        for name in sorted((left.keys() | right.keys()) - self.ignored):
            before, after = left.get(name), right.get(name)
            if (name in left) == (name in right) and _same(before, after):
                continue
            if name == "settings" and name in left and name in right:
                for change in compare_settings(read_settings(first), read_settings(second)):
                    yield Difference(path, "setting", change.path, change.before, change.after)
            else:
                yield Difference(path, "attribute", name, before, after)

    def _arrays(self, first: CARRAY, second: CARRAY, path: str) -> Iterator[Difference]:
        left, right = first.info, second.info
        if left.shape != right.shape:
            yield Difference(path, "shape", before=left.shape, after=right.shape)
        if left.dtype != right.dtype:
            yield Difference(path, "dtype", before=str(left.dtype), after=str(right.dtype))
        if left.shape != right.shape:
            return
        if isinstance(first, VLARRAY) or left.dtype.kind not in "biufc" or right.dtype.kind not in "biufc":
            yield from _compare_items(first, second, path)
        else:
            yield from self._compare_numbers(first, second, path)

    def _compare_numbers(self, first: CARRAY, second: CARRAY, path: str) -> Iterator[Difference]:
        count, worst, largest = 0, None, -1.0
        itemsize = max(8, first.dtype.itemsize, second.dtype.itemsize)
        convert = self._conversion(first, second)
        relative = self.relative if convert is None else max(self.relative, _LAST_DIGITS)
        for block in iter_blocks(first.shape, itemsize):
            left, right = (np.asarray(array[block or ...]) for array in (first, second))
            right = right if convert is None else convert(right)
            differ = self._differ(left, right, relative)
            if differ.any():
                count += int(differ.sum())
                ones, others = left[differ], right[differ]
                gaps = np.nan_to_num(_gap(ones, others), nan=np.inf)
                place = int(np.argmax(gaps))
                if gaps[place] > largest:
                    largest, worst = float(gaps[place]), (ones[place].item(), others[place].item())
        if worst is not None:
            yield Difference(path, "values", before=worst[0], after=worst[1], count=count)

    def _conversion(self, first: CARRAY, second: CARRAY) -> Convert | None:
        """Return what makes of the second's values those in units of the first; None to leave them."""
        units = units_of(second), units_of(first)
        return None if units[0] == units[1] or "units" in self.ignored else conversion(*units)

    def _differ(self, left: Array, right: Array, relative: float) -> Array:
        if not relative and not self.absolute:
            return np.asarray((left != right) & ~((left != left) & (right != right)))  # NaN is NaN
        return ~np.isclose(left, right, rtol=relative, atol=self.absolute, equal_nan=True)


def _names(group: GROUP) -> list[str]:
    """Return the names of the children; a second name tells nothing that the first does not."""
    return [name for name, child in group.iter_children() if group.path != "/" or not is_second_name(child)]


def _gap(left: Array, right: Array) -> Array:
    with np.errstate(all="ignore"):
        wide = complex if "c" in left.dtype.kind + right.dtype.kind else float
        return np.asarray(np.abs(left.astype(wide) - right.astype(wide)))


def _compare_items(first: CARRAY, second: CARRAY, path: str) -> Iterator[Difference]:
    """Compare rows of any length, lines of text, records: one by one."""
    shape = first.shape
    count, example = 0, (None, None)
    for index in range(shape[0]) if shape else [...]:
        left, right = first[index], second[index]
        if not _same(left, right):
            example = example if count else (left, right)
            count += 1
    if count:
        yield Difference(path, "values", before=example[0], after=example[1], count=count)


def _same(left: Any, right: Any) -> bool:
    """Tell whether two values are equal, NaN to NaN."""
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        ones, others = np.asarray(left), np.asarray(right)
        if ones.shape != others.shape or ones.dtype.kind != others.dtype.kind:
            return False
        return bool(np.array_equal(ones, others, equal_nan=ones.dtype.kind in "fc"))
    return type(left) is type(right) and bool(left == right or (left != left and right != right))
