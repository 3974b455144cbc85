"""Whether the plots in ``/NeXus`` are those of what the file holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator

from h5modules.backends import GROUP, H5Backend
from h5modules.saving import arrays_at, valid_name, view_of

from ._deviation import Deviation, Severity

_REMEDY = "make the plots anew with `h5modules nexus`"


def plots(file: H5Backend) -> Iterator[Deviation]:
    """Yield the entries that show nothing, or something else than the group they are named after."""
    view = view_of(file)
    if view is None:
        return
    yield from _default(view)
    measurements = _measurements(file, view)
    for name, entry in view.iter_children():
        if not isinstance(entry, GROUP):
            continue
        yield from _default(entry)
        own: set[Hashable] = set()
        own.update(*(arrays_at(file, path) for path in measurements[name]))
        if arrays_at(file, entry.path) - own:
            told = f"it shows arrays that are not in the group it is named after: {_REMEDY}"
            yield Deviation(entry.path, Severity.WARNING, told)


def _default(group: GROUP) -> Iterator[Deviation]:
    values = group.driver.read_attributes(group.path)  # the names of NeXus are in no envelope
    default = values.get("default")
    if default is not None and str(default) not in group:
        told = f"it is to open with {str(default)!r}, which is not there: {_REMEDY}"
        yield Deviation(group.path, Severity.WARNING, told)


def _measurements(file: H5Backend, view: GROUP) -> dict[str, list[str]]:
    """Return the groups that each entry may be named after."""
    found: dict[str, list[str]] = defaultdict(list)
    found[valid_name("/", "root")].append("/")
    for _, top in file.root().iter_children():
        if isinstance(top, GROUP) and top != view:
            for group in (top, *(child for _, child in top.iter_children() if isinstance(child, GROUP))):
                found[valid_name(group.name, "root")].append(group.path)
    return found
