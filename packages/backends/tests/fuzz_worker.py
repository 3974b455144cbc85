"""Read damaged files, one after the other; called by test_fuzz.py in a process of its own.

usage: python fuzz_worker.py LIBRARY KIND SEED_FILE SCRATCH_FILE FIRST COUNT

KIND is ``truncated``, ``corrupted`` or ``checked``: a file of which every byte that matters has a checksum.
For each damaged file one line is written before it is read, so that the caller knows which one it was.
"""

from __future__ import annotations

import math
import random
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from h5modules.backends import CARRAY, AttributeWarning, H5Backend, H5ModulesError, UnreadableNode
from h5modules.backends._codec import same

MOST_BYTES = 50_000_000
"""A damaged shape may claim any size: more than this is not read as a whole."""


def damaged(content: bytes, kind: str, seed: int) -> bytes:
    """Return a file of which something is missing, or some bytes are others."""
    chance = random.Random(seed)
    if kind == "truncated":
        return content[: chance.randrange(len(content))]
    changed = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        place = chance.randrange(len(changed))
        changed[place] = chance.choice(
            [0, 0xFF, changed[place] ^ (1 << chance.randrange(8)), chance.randrange(256)]
        )
    if chance.random() < 0.2:  # a whole stretch is lost
        start = chance.randrange(len(changed))
        changed[start : start + 64] = bytes(len(changed[start : start + 64]))
    return bytes(changed)


def is_endless(content: bytes) -> bool:
    """Tell whether HDF5 would never come back from reading a text of that file.

    Texts lie in global heaps, as a list of objects. HDF5 (2.0.0 and before) walks over one that is free and
    has no size without moving on. Nothing above the library can tell this beforehand at a bearable cost: such
    files are left out here, and named among the limits.
    """
    start = content.find(b"GCOL")
    while start >= 0:
        end = start + int.from_bytes(content[start + 8 : start + 16], "little")
        place = start + 16
        while place + 16 <= min(end, len(content)):
            index = int.from_bytes(content[place : place + 2], "little")
            size = int.from_bytes(content[place + 8 : place + 16], "little")
            step = (16 + (size + 7) // 8 * 8 if index else size) % 2**64
            if not step:
                return True
            place += step
        start = content.find(b"GCOL", start + 4)
    return False


def read_all(path: Path, library: str) -> dict[str, Any]:
    """Return all that can be read; what cannot has to raise an error of ours."""
    found: dict[str, Any] = {}
    try:
        with H5Backend.open(path, "r", library) as file:
            for number, node in enumerate(file.walk_nodes()):
                if number > 1000:  # damaged links may make a tree without end
                    break
                _read_node(node, found)
    except H5ModulesError as error:
        found["error"] = str(error)
    return found


def _read_node(node: Any, found: dict[str, Any]) -> None:
    try:
        if isinstance(node, UnreadableNode):
            found[f"{node.path} unreadable"] = node.reason
            return
        for name in node.attrs.attrs_name:
            _keep(found, f"{node.path}@{name}", lambda name=name: node.attrs[name])
        if isinstance(node, CARRAY):
            info = node.info
            is_large = math.prod(info.shape) * max(info.dtype.itemsize, 16) > MOST_BYTES
            _keep(
                found,
                f"{node.path} large" if is_large else node.path,
                lambda: node[0] if is_large else node.read(),
            )
    except H5ModulesError as error:
        found[f"{node.path} error"] = str(error)


def _keep(found: dict[str, Any], name: str, read: Any) -> None:
    try:
        found[name] = read()
    except H5ModulesError as error:
        found[f"{name} error"] = str(error)


def wrong_values(found: dict[str, Any], right: dict[str, Any]) -> list[str]:
    """Return the names of what was read as something else."""
    shared = [name for name in found if name in right]
    return [name for name in shared if not _same(found[name], right[name])]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, np.ndarray) and one.dtype.kind == "O":
        return bool(np.array_equal(one, other))
    return same(one, other)


def main(library: str, kind: str, seed_file: str, scratch_file: str, first: str, count: str) -> int:
    """Read `count` damaged files; return 1 at the first wrong value."""
    warnings.simplefilter("ignore", AttributeWarning)
    content, scratch = Path(seed_file).read_bytes(), Path(scratch_file)
    right = read_all(Path(seed_file), library)
    if len(right) < 30 or "error" in right:
        print(f"the seed is not as it should be: {sorted(right)}", flush=True)
        return 1
    for seed in range(int(first), int(first) + int(count)):
        print(f"seed {seed}", flush=True)
        changed = damaged(content, kind, seed)
        if is_endless(changed):
            continue
        scratch.write_bytes(changed)
        found = read_all(scratch, library)
        if kind != "corrupted" and (wrong := wrong_values(found, right)):
            print(f"wrong values: {[(name, found[name], right[name]) for name in wrong]}", flush=True)
            return 1
    print("done", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
