"""A picture of a scan: a panel for each signal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from h5modules.backends import Node, is_address
from h5modules.saving import H5SaverLowLevel

from ._errors import LibraryMissingError, NothingToShowError, PictureError
from ._labels import plain, shortened
from ._opening import backend_for, open_to_read
from ._scan_choice import find_scan
from ._scan_view import ScanSignal, iter_signals, iter_signals_below

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STYLE = {
    "axes.edgecolor": "0.3",
    "axes.formatter.limits": (-3, 6),
    "axes.formatter.use_mathtext": True,
    "axes.formatter.useoffset": False,
    "axes.labelcolor": "0.15",
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.constrained_layout.h_pad": 0.1,
    "figure.constrained_layout.w_pad": 0.1,
    "figure.dpi": 120,
    "font.size": 9.5,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "xtick.color": "0.3",
    "xtick.labelcolor": "0.15",
    "ytick.color": "0.3",
    "ytick.labelcolor": "0.15",
}

_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Microsoft YaHei",
    "Yu Gothic",
    "PingFang SC",
    "Hiragino Sans",
)
"""Fonts that know letters which matplotlib's own lacks; those that are installed are asked for them."""

_MOST_PANELS = 12

_PANEL_INCHES = (4.4, 3.9)

_LETTERS = 58
"""How many letters of the heading fit over a panel."""


def plot_scan(path: Path | str, scan: str | None = None, picture: Path | str | None = None) -> Path:
    """Draw a scan and save the picture, in place of one that is there.

    A value a point becomes a map, the last axis of the scan across; in a scan along one axis, a curve with
    its error bars. Spectra become their mean with the range of most points; in a scan along one axis, a map
    of all. Of images the frame at the point where the first map is brightest is shown.

    Parameters
    ----------
    path
        The file, or a domain ``hdf5://host:port/domain``; it is opened for reading, and not changed.
    scan
        The scan in it, by its path or its name (``Scan000``): see `find_scan`.
    picture
        Where to save it, in the format that the suffix tells; the file's path with ``.png`` when None.

    Returns
    -------
    Where it was saved.

    Raises
    ------
    FileMissingError, FileAccessError, FileFormatError
        When the file cannot be read.
    NothingToShowError
        When the file has no such scan, or the scan no data.
    PictureError
        When the picture cannot be saved there, or not in that format.
    LibraryMissingError
        When matplotlib is not installed.
    """
    target = _picture_path(path, picture)
    with drawing_style():
        with H5SaverLowLevel(backend=backend_for(path)) as saver:
            saver.open_file(path, "r")
            group = find_scan(saver, scan)
            figure = draw_scan(list(iter_signals(saver, group)), _title(path, group))
        _save(figure, target)
    return target


def plot_node(path: Path | str, where: str, picture: Path | str | None = None) -> Path:
    """Draw what lies at a node, or below it, and save the picture: a detector, a log, any array.

    Parameters
    ----------
    path
        The file, or the domain; it is opened for reading, and not changed.
    where
        The path of the node. Of a group, all measured data below it are drawn; where there are none, all
        arrays of numbers.
    picture
        See `plot_scan`; the name that a domain has, in the working folder, when None.

    Returns
    -------
    Where it was saved.

    Raises
    ------
    NodeError
        When there is no such node.
    NothingToShowError, PictureError, LibraryMissingError
        See `plot_scan`.
    """
    target = _picture_path(path, picture)
    with drawing_style():
        with open_to_read(path) as file:
            node = file.get_node(where)
            signals = [signal for signal in iter_signals_below(node) if signal.is_more_than_a_value]
            if not signals:
                raise NothingToShowError(
                    f"{node.path!r} in {file.filename!r} holds no arrays that can be drawn."
                )
            figure = draw_scan(signals, _title(path, node))
        _save(figure, target)
    return target


def _picture_path(path: Path | str, picture: Path | str | None) -> Path:
    if picture is not None:
        return _target(Path(picture))
    beside = Path(str(path).rpartition("/")[2]) if is_address(path) else Path(path)
    return _target(beside.with_suffix(".png"))


def _title(path: Path | str, node: Node) -> str:
    return "   ".join(part for part in (Path(path).name, node.path, node.title) if part)


def draw_scan(signals: Sequence[ScanSignal], title: str = "") -> Figure:
    """Return a figure with a panel for each signal that can be drawn; channels of a signal may share one.

    Raises
    ------
    NothingToShowError
        When none can.
    LibraryMissingError
        When matplotlib is not installed.
    """
    with drawing_style() as new_figure:
        from ._panels import make_panels

        panels = make_panels(signals)
        if not panels:
            raise NothingToShowError(_reason(signals))
        shown = panels[:_MOST_PANELS]
        rows, columns = _grid(len(shown))
        width, height = _PANEL_INCHES
        figure: Figure = new_figure(figsize=(width * columns, height * rows + 0.3), layout="constrained")
        for number, panel in enumerate(shown, start=1):
            axes = figure.add_subplot(rows, columns, number)
            panel.draw(axes)
            axes.locator_params(axis="x", nbins=6)
        heading = _heading(title, signals, len(panels) - len(shown), _LETTERS * columns)
        figure.suptitle(plain(heading), fontsize=9, color="0.35", x=0.008, ha="left")
    return figure


@contextmanager
def drawing_style() -> Iterator[Any]:
    """Draw with our settings and matplotlib's own, whatever the user's are; give the class of figures."""
    try:
        from matplotlib import font_manager, style
        from matplotlib.figure import Figure
    except ImportError as error:
        message = 'pictures need matplotlib. Try: pip install "h5modules-browsing[plot]"'
        raise LibraryMissingError(message) from error
    installed = set(font_manager.get_font_names())
    fonts = {"font.family": ["DejaVu Sans", *(name for name in _FONTS if name in installed)]}
    with style.context([_STYLE, fonts], after_reset=True):
        yield Figure


def _save(figure: Figure, target: Path) -> None:
    formats = figure.canvas.get_supported_filetypes()
    if target.suffix[1:].lower() not in formats:
        known = ", ".join(f".{suffix}" for suffix in sorted(formats))
        raise PictureError(f"{str(target)!r} is not the name of a picture; let it end in one of {known}.")
    try:
        figure.savefig(target)
    except OSError as error:
        raise PictureError(f"the picture cannot be saved as {str(target)!r}: {error.strerror}.") from error


def _target(path: Path) -> Path:
    if path.is_dir():
        raise PictureError(f"{str(path)!r} is a folder; name a file.")
    target = path if path.suffix else path.with_suffix(".png")
    if not target.parent.is_dir():
        raise PictureError(f"there is no folder {str(target.parent)!r}; create it first.")
    return target


def _grid(count: int) -> tuple[int, int]:
    columns = count if count <= 3 else math.ceil(math.sqrt(count))
    return math.ceil(count / columns), columns


def _heading(title: str, signals: Sequence[ScanSignal], left_out: int, letters: int) -> str:
    """Return the title, as far as it fits, and what the picture does not show."""
    acquired = signals[0].acquired
    told = []
    if not acquired.all():
        told.append(f"{int(acquired.sum())} of {acquired.size} points acquired")
    if left_out := left_out + sum(signal.signal_dimensions > 2 for signal in signals):
        told.append(f"{left_out} more not drawn")
    return "   ".join([shortened(title, letters - len("   ".join(["", *told]))), *told])


def _reason(signals: Sequence[ScanSignal]) -> str:
    if not signals:
        return "the scan holds no data of detectors."
    if not any(signal.acquired.any() for signal in signals):
        return "no point of the scan was acquired."
    return "the scan holds no data of up to two dimensions a point; those can be drawn."
