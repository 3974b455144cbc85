"""The panels of a picture: what is drawn of each signal, and how."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ._image import draw_image, mark_empty, mark_place
from ._labels import axis_label, coordinate, labelled, plain, shortened, shown_axis
from ._scan_view import Array, ScanAxis, ScanSignal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colours: people see colours differently, and tell these apart."""

_MOST_VALUES = 8_000_000
"""How many values are read for one panel at most."""

_MOST_PLACES = 2000
"""How many places along a spectrum are drawn at most; neighbours are averaged."""

_MOST_MARKERS = 60


class Panel(Protocol):
    """One part of a picture."""

    def draw(self, axes: Axes) -> None:
        """Draw it."""


def make_panels(signals: Sequence[ScanSignal]) -> list[Panel]:
    """Return a panel for each signal that can be drawn; curves of one signal share a panel."""
    drawn = [signal for signal in signals if signal.acquired.any() and signal.signal_dimensions <= 2]
    brightest = _brightest(drawn)
    panels: list[Panel] = []
    for signal in drawn:
        panel = _panel(signal, brightest.get(signal.scan_shape, _middle(signal)))
        last = panels[-1] if panels else None
        if isinstance(panel, Curves) and isinstance(last, Curves) and last.takes(signal):
            panels[-1] = Curves((*last.signals, signal))
        else:
            panels.append(panel)
    return panels


def _panel(signal: ScanSignal, place: tuple[int, ...]) -> Panel:
    lengths = [length for length in signal.scan_shape if length > 1]
    if signal.signal_dimensions == 2:
        return Frame(signal, place)
    if signal.signal_dimensions == 1:
        return AllSpectra(signal) if len(lengths) == 1 and not signal.is_spread else MeanSpectrum(signal)
    if signal.is_spread:
        return Scatter(signal)
    return Curves((signal,)) if len(lengths) < 2 else Map(signal, place)


def _brightest(signals: Sequence[ScanSignal]) -> dict[tuple[int, ...], tuple[int, ...]]:
    """Return for each shape of a scan the place where the first map is brightest."""
    found: dict[tuple[int, ...], tuple[int, ...]] = {}
    for signal in signals:
        if signal.signal_dimensions == 0 and signal.scan_shape not in found:
            values = signal.map()
            if np.isfinite(values).any():
                flat = int(np.argmax(np.where(np.isfinite(values), values, -np.inf)))
                found[signal.scan_shape] = tuple(map(int, np.unravel_index(flat, values.shape)))
    return found


def _middle(signal: ScanSignal) -> tuple[int, ...]:
    places = np.argwhere(signal.acquired)
    return tuple(map(int, places[len(places) // 2]))


def _nav_axis(signal: ScanSignal, dimension: int) -> ScanAxis | None:
    """Return the axis of a scan dimension."""
    axis = next(iter(signal.nav_axes[dimension]), None)
    return None if axis is None else shown_axis(axis)


def _moving_axis(signal: ScanSignal, dimension: int) -> ScanAxis | None:
    """Return the axis of a scan dimension; None also where the scan stayed at one place."""
    axis = _nav_axis(signal, dimension)
    stays = axis is not None and len(axis.values) > 1 and bool(np.all(axis.values == axis.values[0]))
    return None if stays else axis


def _long_dimensions(signal: ScanSignal) -> list[int]:
    return [dimension for dimension, length in enumerate(signal.scan_shape) if length > 1]


def _name(signal: ScanSignal) -> str:
    same = signal.label in ("", signal.title)
    return shortened(signal.title if same else f"{signal.title}: {signal.label}", 40)


def _values_label(signal: ScanSignal) -> str:
    return labelled("magnitude" if signal.array.dtype.kind == "c" else "", signal.units)


@dataclass(frozen=True, slots=True)
class Curves:
    """Channels of one value a point, in a scan along one axis."""

    signals: tuple[ScanSignal, ...]

    def takes(self, signal: ScanSignal) -> bool:
        """Tell whether another channel belongs to these."""
        first = self.signals[0]
        same = (first.origin, first.title, first.units, first.scan_shape)
        fits = same == (signal.origin, signal.title, signal.units, signal.scan_shape)
        return fits and len(self.signals) < len(_COLOURS)

    def draw(self, axes: Axes) -> None:  # docstring inherited
        first = self.signals[0]
        dimension = next(iter(_long_dimensions(first)), first.acquired.ndim - 1)
        axis = _moving_axis(first, dimension)
        x = np.arange(first.acquired.size) if axis is None else axis.values
        order = np.argsort(x, kind="stable")
        for signal, colour in zip(self.signals, _COLOURS, strict=False):
            errors = signal.error_map()
            axes.errorbar(
                x[order],
                signal.map().reshape(-1)[order],
                yerr=None if errors is None else np.abs(errors.reshape(-1)[order]),
                color=colour,
                linewidth=1.4,
                marker="o" if len(x) <= _MOST_MARKERS else "",
                markersize=3.5,
                elinewidth=1,
                capsize=2,
                label=plain(signal.label),
            )
        several = len(self.signals) > 1
        axes.set_title(plain(shortened(first.title, 40) if several else _name(first)))
        axes.set_xlabel(plain(axis_label(axis, "point")))
        axes.set_ylabel(plain(_values_label(first)))
        margin = 0.02 * float(np.ptp(x))
        if margin > 0:  # the whole axis, also of a scan that has come half the way
            axes.set_xlim(float(x.min()) - margin, float(x.max()) + margin)
        if several:
            axes.legend()


@dataclass(frozen=True, slots=True)
class Map:
    """One value a point over two axes of the scan, the last across; of more, the plane through a place."""

    signal: ScanSignal
    place: tuple[int, ...]

    def draw(self, axes: Axes) -> None:  # docstring inherited
        signal = self.signal
        up, across = _long_dimensions(signal)[-2:]
        index = tuple(slice(None) if each in (across, up) else at for each, at in enumerate(self.place))
        image_axes = _nav_axis(signal, up), _nav_axis(signal, across)
        draw_image(axes, signal.map()[index], image_axes, ("point", "point"), _values_label(signal))
        axes.set_title(plain(_name(signal)))
        fixed = [each for each in _long_dimensions(signal) if each not in (across, up)]
        mark_place(axes, [coordinate(_moving_axis(signal, each), self.place[each]) for each in fixed])


@dataclass(frozen=True, slots=True)
class Scatter:
    """One value a point of a scan whose points are listed: dots at the first two coordinates."""

    signal: ScanSignal

    def draw(self, axes: Axes) -> None:  # docstring inherited
        signal = self.signal
        x, y = next(found for found in signal.nav_axes if len(found) > 1)[:2]
        values = signal.map().reshape(-1)
        dots = axes.scatter(
            x.values, y.values, c=values, cmap="viridis", s=28, edgecolors="0.3", linewidths=0.5
        )
        bar = axes.figure.colorbar(dots, cax=axes.inset_axes((1.03, 0, 0.045, 1)))
        bar.set_label(plain(_values_label(signal)))
        axes.set_title(plain(_name(signal)))
        axes.set_xlabel(plain(axis_label(x, "point")))
        axes.set_ylabel(plain(axis_label(y, "point")))


@dataclass(frozen=True, slots=True)
class AllSpectra:
    """The spectra of all points of a scan along one axis: the scan upwards, the spectrum across."""

    signal: ScanSignal

    def draw(self, axes: Axes) -> None:  # docstring inherited
        signal = self.signal
        (dimension,) = _long_dimensions(signal)
        axis, step = _nav_axis(signal, dimension), -(-math.prod(signal.array.shape) // _MOST_VALUES)
        rows = _every_spectrum(signal, step)
        if axis is not None:
            axis = ScanAxis(axis.label, axis.units, axis.values[::step])
        values, signal_axis = _thinned(rows, signal.signal_axes[0])
        draw_image(axes, values, (axis, signal_axis), ("point", "pixel"), _values_label(signal))
        axes.set_title(plain(_name(signal)))


@dataclass(frozen=True, slots=True)
class MeanSpectrum:
    """The mean of all spectra of a scan, and the range that most of them keep to."""

    signal: ScanSignal

    def draw(self, axes: Axes) -> None:  # docstring inherited
        signal = self.signal
        places, spectra = signal.frames(_MOST_VALUES)
        values, axis = _thinned(spectra, signal.signal_axes[0])
        known = np.isfinite(values).any(axis=0)
        x = (np.arange(values.shape[1]) if axis is None else axis.values)[known]
        values = values[:, known]
        count, total = len(places), int(signal.acquired.sum())
        name = f"mean of {count} points" if count == total else f"mean of {count} of {total} points"
        if count > 1 and len(x):
            low, high = np.nanpercentile(values, (10, 90), axis=0)
            band: dict[str, Any] = {"color": _COLOURS[0], "alpha": 0.22, "linewidth": 0}
            axes.fill_between(x, low, high, label="10 to 90 % of points", **band)
        if len(x):
            axes.plot(x, np.nanmean(values, axis=0), color=_COLOURS[0], linewidth=1.4, label=name)
        else:
            mark_empty(axes)
        axes.set_title(plain(_name(signal)))
        axes.set_xlabel(plain(axis_label(axis, "pixel")))
        axes.set_ylabel(plain(_values_label(signal)))
        axes.margins(x=0)
        if count > 1 and len(x):
            low, high = axes.get_ylim()
            axes.set_ylim(low, high + 0.2 * (high - low))  # room for the legend
            axes.legend(loc="upper right")


@dataclass(frozen=True, slots=True)
class Frame:
    """The image at one point."""

    signal: ScanSignal
    place: tuple[int, ...]

    def draw(self, axes: Axes) -> None:  # docstring inherited
        signal = self.signal
        values = signal.frame(self.place)
        label = _values_label(signal)
        draw_image(axes, values, signal.signal_axes, ("pixel", "pixel"), label, colours="gray")
        axes.set_title(plain(_name(signal)))
        mark_place(
            axes,
            [
                coordinate(axis, number)
                for found, number in zip(signal.nav_axes, self.place, strict=True)
                for axis in found or (None,)
            ],
        )


def _every_spectrum(signal: ScanSignal, step: int) -> Array:
    """Return every spectrum of a scan along one axis, or every so-manieth; NaN where it was not acquired."""
    rows = np.full((signal.acquired.size, signal.array.shape[-1]), np.nan)
    acquired = signal.acquired.reshape(-1)
    if step == 1:
        rows[acquired] = signal.frames(rows.size)[1]
        return rows
    for number in range(0, len(rows), step):
        if acquired[number]:
            rows[number] = signal.frame(tuple(map(int, np.unravel_index(number, signal.scan_shape))))
    return rows[::step]


def _thinned(spectra: Array, axis: ScanAxis | None) -> tuple[Array, ScanAxis | None]:
    """Return spectra of no more places than can be seen: neighbours are averaged, also on the axis."""
    step = -(-spectra.shape[1] // _MOST_PLACES)
    if step < 2:
        return spectra, axis
    length = spectra.shape[1] // step * step
    coarse = spectra[:, :length].reshape(len(spectra), -1, step).mean(axis=2)
    values = np.arange(spectra.shape[1]) if axis is None else axis.values
    label, units = ("pixel", "") if axis is None else (axis.label, axis.units)
    return coarse, ScanAxis(label, units, values[:length].reshape(-1, step).mean(axis=1))
