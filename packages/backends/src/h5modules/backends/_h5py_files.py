"""How arrays are made, and nodes copied, through h5py, so that every HDF5 program opens them."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5d, h5f, h5o, h5p

from ._array_spec import ArraySpec
from ._compression import Compression
from ._filters import plugin_options
from ._h5py_appender import block_shape
from ._values import fit_values


def array_options(spec: ArraySpec) -> dict[str, Any]:
    """Return what to tell h5py when it creates an array like `spec`."""
    options: dict[str, Any] = {}
    if spec.fill_value is not None:
        options["fillvalue"] = fit_values(spec.fill_value, spec.dtype, "the fill value")[()]
    packing = filter_options(spec.compression, checksum=spec.checksum)
    has_room = bool(spec.shape) and 0 not in spec.shape
    if not (spec.enlargeable or (has_room and (spec.chunks or packing))):
        # In one piece, which has its place from the start; HDF5 packs nothing where there is no room.
        plan = _early_plan()
        plan.set_layout(h5d.CONTIGUOUS)
        return {**options, "dcpl": plan}
    if spec.enlargeable:
        options["maxshape"] = (None, *spec.shape[1:])
    if spec.enlargeable and not packing:
        return {**options, "dcpl": _block_plan(spec), "chunks": spec.chunks or block_shape(spec)}
    return {**options, "chunks": spec.chunks, **packing}


def _early_plan() -> h5p.PropDCID:
    plan = h5p.create(h5p.DATASET_CREATE)
    plan.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    return plan


def _block_plan(spec: ArraySpec) -> h5p.PropDCID:
    plan = _early_plan()
    if spec.fill_value is None and spec.chunks is None:
        # The appender knows what rows to come read as, and that new room reads 0: HDF5 would write twice.
        plan.set_fill_time(h5d.FILL_TIME_NEVER)
    return plan


def filter_options(compression: Compression | None, *, checksum: bool) -> dict[str, Any]:
    """Return what to tell h5py about the packing of chunks."""
    options: dict[str, Any] = {"fletcher32": True} if checksum else {}
    if compression is None or compression.level == 0:
        return options
    if compression.name == "gzip":
        packing = {"compression": "gzip", "compression_opts": compression.level}
        return {**options, **packing, "shuffle": compression.shuffle}
    return {**options, **plugin_options(compression)}


def copy_object(node: h5py.h5g.GroupID | h5d.DatasetID, where: h5f.FileID, path: str) -> None:
    """Copy a node and all below it to a path of an open file; references in it lead to the copies."""
    how = h5p.create(h5p.OBJECT_COPY)
    how.set_copy_object(h5o.COPY_EXPAND_REFERENCE_FLAG)
    names = h5p.create(h5p.LINK_CREATE)
    names.set_char_encoding(h5py.h5t.CSET_UTF8)
    h5o.copy(node, b".", where, path.encode(), copypl=how, lcpl=names)


def copy_root(group: h5py.h5g.GroupID, file: h5py.File) -> None:
    """Give the root of an empty file the children and the attributes of a group.

    HDF5 cannot copy to the root itself. What hangs from it has to be copied in one go, or names shared
    between children would become copies of their own: so the group is copied as a child first, and then
    emptied upwards.
    """
    passage = "h5modules-passage"
    copy_object(group, file.id, passage)
    copied = file[passage]
    for name in list(copied):
        link = copied.get(name, getlink=True)
        if isinstance(link, h5py.HardLink):
            file[name] = copied[name]  # a second name: a link back to the group stays good
        else:
            copied.move(name, f"/{name}" if isinstance(name, str) else b"/" + name)
    for name in list(copied.attrs):
        _copy_attribute(copied.attrs.get_id(name), file.id)
    del file[passage]


def _copy_attribute(stored: h5a.AttrID, group: h5f.FileID) -> None:
    kind, space = stored.get_type(), stored.get_space()
    if h5a.exists(group, stored.name_bytes if hasattr(stored, "name_bytes") else stored.name):
        return
    values = np.empty(space.shape if space.shape is not None else (), kind.dtype)
    stored.read(values)
    h5a.create(group, stored.name, kind, space).write(values)
