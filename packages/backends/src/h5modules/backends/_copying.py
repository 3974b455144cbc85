"""Copying nodes, between files and between libraries.

What is copied is planned first, so that whatever cannot be copied is told at once and before anything is
written.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from ._array_spec import ArrayInfo, ArraySpec
from ._codec import RawValue
from ._compression import Compression
from ._driver import Driver, NodeKind, SupportsDirectCopy
from ._errors import (
    ArrayTypeError,
    NodeError,
    NodeExistsError,
    UndecodableError,
    UnsupportedError,
)
from ._making import whole

BLOCK_BYTES = 16 * 2**20
"""How much of an array is held in memory while it is copied."""

ChunkChoice: TypeAlias = Callable[[str], tuple[int, ...] | None]
"""Returns the chunks for a copy of the array at a path; None where the library may choose."""

MADE_WITH_THE_NODE = frozenset({"CLASS", "EXTDIM"})
"""Attributes that a driver writes by itself when it creates a node."""


@dataclass(frozen=True, slots=True)
class Packing:
    """How the arrays of a copy are packed."""

    compression: Compression
    chunks: ChunkChoice | None = None
    """What chunks an array gets that has none."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One node to be made: from where, to where, and what it is."""

    source: str
    target: str
    kind: NodeKind
    spec: ArraySpec | None = None
    """What an array is to be like; of a ragged one, the number of rows and what a row is like."""
    link_to: str = ""
    """The path of the same node, made already: then it gets a second name."""
    attributes: Mapping[str, RawValue] = field(default_factory=dict)


def copy_tree(
    source: Driver,
    path: str,
    target: Driver,
    new_path: str,
    *,
    packing: Packing | None = None,
    leave_out: bool = False,
) -> list[str]:
    """Copy a node and all below it to another file, of any library, or to another place of the same.

    Values, dtypes, attributes, chunks, compression, checksums and fill values go along; nodes that had
    several names below `path` have them in the copy too. Where the target's library cannot pack an array as
    it was, gzip is used.

    Parameters
    ----------
    source, path
        The file to copy from, and the node.
    target, new_path
        The file to copy to, and the path of the copy; ``/`` is for the children of a group, into an empty
        file.
    packing
        How arrays are packed in the copy; None is as they are.
    leave_out
        Leave out what cannot be copied, rather than refuse all of it.

    Returns
    -------
    What was left out, and why.

    Raises
    ------
    UnsupportedError
        When something cannot be copied, such as a broken link; the message names all of it, and nothing was
        written.
    NodeError, NodeExistsError
        When `path` does not exist, or `new_path` is taken or has no group to be in.
    """
    if source is target and f"{new_path}/".startswith(f"{path.rstrip('/')}/"):
        raise NodeError(f"{path!r} in {source.filename!r} cannot go into itself, to {new_path!r}.")
    kind = source.kind(path)
    if kind is None or (new_path == "/" and kind is not NodeKind.GROUP):
        raise NodeError(f"there is no {'node' if kind is None else 'group'} {path!r} in {source.filename!r}.")
    _require_place(target, new_path)
    if packing is None and isinstance(source, SupportsDirectCopy) and type(source) is type(target):
        source.copy_to(path, target, new_path)
        return []
    plan = _Planner(source, target, packing)
    plan.add(path, new_path)
    if plan.problems and not leave_out:
        problems = "; ".join(each.rstrip(".") for each in plan.problems)
        raise UnsupportedError(
            f"{path!r} in {source.filename!r} cannot be copied whole: {problems}. "
            "Copy it with leave_out=True to go without these."
        )
    with whole(target, new_path):
        for step in plan.steps:
            _do(step, source, target)
    return plan.problems


def _require_place(target: Driver, path: str) -> None:
    if path == "/":
        if target.child_names("/"):
            raise NodeExistsError(f"{target.filename!r} is not empty.")
        return
    if target.kind(path) is not None:
        raise NodeExistsError(f"{path!r} exists already in {target.filename!r}.")
    above = path.rpartition("/")[0] or "/"
    if target.kind(above) is not NodeKind.GROUP:
        raise NodeError(f"there is no group {above!r} in {target.filename!r} to hold {path!r}.")


class _Planner:
    """Looks at all that a copy will hold, and notes what is to be done and what cannot be."""

    def __init__(self, source: Driver, target: Driver, packing: Packing | None) -> None:
        self._source = source
        self._target = target
        self._packing = packing
        self._made: dict[Hashable, str] = {}
        self.steps: list[_Step] = []
        self.problems: list[str] = []

    def add(self, path: str, new_path: str) -> None:
        """Plan the copy of a node and of all below it, parents first."""
        waiting = [(path, new_path)]
        while waiting:
            here, there = waiting.pop()
            kind = self._source.kind(here)
            if kind is None or kind is NodeKind.UNREADABLE:
                self.problems.append(f"{here!r}: {self._source.problem(here)}")
                continue
            identity = self._source.identity(here)
            if identity in self._made:
                self.steps.append(_Step(here, there, kind, link_to=self._made[identity]))
            elif self._add_node(here, there, kind):
                self._made[identity] = there
                if kind is NodeKind.GROUP:
                    names = reversed(self._source.child_names(here))
                    waiting += [(_below(here, name), _below(there, name)) for name in names]

    def _add_node(self, here: str, there: str, kind: NodeKind) -> bool:
        spec = None
        if kind is not NodeKind.GROUP:
            try:
                spec = self._spec(here)
            except (ArrayTypeError, UnsupportedError) as error:
                self.problems.append(f"{here!r}: {error}")
                return False
        made = frozenset() if there == "/" else MADE_WITH_THE_NODE  # the root was there, without any
        self.steps.append(_Step(here, there, kind, spec, attributes=self._attributes(here, made)))
        return True

    def _spec(self, path: str) -> ArraySpec:
        info, able = self._source.array_info(path), self._target.abilities
        packing = self._packing
        compression = packing.compression if packing else _kept(info)
        if packing is None and compression and compression.name not in able.compressions:
            compression = Compression("gzip", compression.level, shuffle=compression.shuffle)
        fill_value = info.fill_value if info.dtype.kind in able.fill_kinds else None
        spec = replace(
            info.spec(),
            compression=compression,
            checksum=info.checksum and able.checksum,
            fill_value=fill_value,
        )
        if packing and packing.chunks and spec.chunks is None:
            spec = replace(spec, chunks=packing.chunks(path))
        if reason := able.refusal(spec):
            raise UnsupportedError(f"{self._target.library} cannot hold it: {reason}")
        return spec

    def _attributes(self, path: str, made: frozenset[str]) -> dict[str, RawValue]:
        found: dict[str, RawValue] = {}
        for name, value in self._source.read_attributes(path, made).items():
            try:
                if isinstance(value, UndecodableError):
                    raise value
                self._require_able(value)
                found[name] = value
            except (UndecodableError, UnsupportedError) as error:
                self.problems.append(f"attribute {name!r} of {path!r}: {error}")
        return found

    def _require_able(self, value: RawValue) -> None:
        able, library = self._target.abilities, self._target.library
        if isinstance(value, bytes) and not able.raw_bytes:
            raise UnsupportedError(f"{library} keeps no bytes that are not UTF-8")
        if (
            isinstance(value, str)
            and able.largest_text is not None
            and len(value.encode()) > able.largest_text
        ):
            raise UnsupportedError(f"{library} keeps no text of more than {able.largest_text} bytes")


def _kept(info: ArrayInfo) -> Compression | None:
    is_packed = any(name not in ("shuffle", "fletcher32") for name in info.filters)
    return info.compression or (Compression() if is_packed else None)


def _below(path: str, name: str) -> str:
    return f"{path.rstrip('/')}/{name}"


def _do(step: _Step, source: Driver, target: Driver) -> None:
    if step.link_to:
        target.link(step.link_to, step.target)
        return
    if step.spec is None:
        if step.target != "/":
            target.create_group(step.target)
    elif step.kind is NodeKind.VLARRAY:
        target.create_ragged(step.target, step.spec.dtype, step.spec.compression)
        for part in _parts(step.spec.shape[0], 256):
            for row in source.read(step.source, part):
                target.append(step.target, row)
    else:
        _copy_array(step, step.spec, source, target)
    target.write_attributes(step.target, step.attributes)


def _copy_array(step: _Step, spec: ArraySpec, source: Driver, target: Driver) -> None:
    if math.prod(spec.shape) * spec.dtype.itemsize <= BLOCK_BYTES:
        target.create_array(step.target, spec, np.asarray(source.read(step.source)))
        return
    target.create_array(step.target, spec)
    chunks = target.array_info(step.target).chunks or (1,) * len(spec.shape)
    for block in _blocks(spec.shape, chunks, BLOCK_BYTES // spec.dtype.itemsize):
        target.write(step.target, block, source.read(step.source, block))


def _blocks(shape: tuple[int, ...], chunks: tuple[int, ...], most: int) -> Iterator[tuple[slice, ...]]:
    """Return the blocks of an array, each of about `most` values, of whole chunks: none is packed twice."""
    lengths = list(chunks)
    for dimension in reversed(range(len(shape))):
        wanted = max(1, most // math.prod(lengths))
        lengths[dimension] = min(chunks[dimension] * wanted, shape[dimension])
        if lengths[dimension] < shape[dimension]:
            break
    return itertools.product(*map(_parts, shape, lengths))


def _parts(length: int, step: int) -> Iterator[slice]:
    return (slice(start, min(start + step, length)) for start in range(0, length, step))
