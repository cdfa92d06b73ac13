"""The ground of a map: coast lines, US states, large cities, extent and aspect; no network."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.patheffects as effects
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from planlib.charts.base import label
from planlib.territories.gazetteer import cities, land, states

_LAND, _SEA, _CITY = "#F3F1EA", "#E9EFF4", "#56606A"
_NAME = (0.17, 0.07)  # room of a city's name, shares of width and height of the map
_ABOVE_ALL = 6  # names stand above accounts and reps
_MARGIN = 0.06  # of the span, around the places
_LEAST_SPAN = 1.2  # degrees
_WIDEST = 2.1  # width over height of a map on paper
_NARROWEST = 1.15
_OUTLIERS = 0.008  # share of places on each side that may lie outside


@dataclass(frozen=True)
class Extent:
    """Part of the earth that a map shows, in degrees; ``aspect`` is height over width of one."""

    west: float
    east: float
    south: float
    north: float

    @property
    def ratio(self) -> float:
        """Width over height of the map on paper."""
        return (self.east - self.west) / ((self.north - self.south) * self.aspect)

    @property
    def aspect(self) -> float:
        """Degrees of longitude shrink with the cosine of the latitude in the middle."""
        return 1.0 / float(np.cos(np.deg2rad((self.south + self.north) / 2)))

    def holds(self, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
        """Tell which places lie on the map."""
        return np.asarray(
            (longitude >= self.west)
            & (longitude <= self.east)
            & (latitude >= self.south)
            & (latitude <= self.north)
        )


def extent_of(longitude: pd.Series, latitude: pd.Series) -> Extent:
    """Give the extent that holds the places, a few far outliers left out."""
    known = longitude.notna() & latitude.notna()
    if not known.any():
        return Extent(-170.0, 180.0, -55.0, 75.0)
    low, high = _OUTLIERS, 1 - _OUTLIERS
    west, east = np.quantile(longitude[known].to_numpy(float), [low, high])
    south, north = np.quantile(latitude[known].to_numpy(float), [low, high])
    wide = max(east - west, _LEAST_SPAN) * (1 + 2 * _MARGIN)
    tall = max(north - south, _LEAST_SPAN) * (1 + 2 * _MARGIN)
    shrink = float(np.cos(np.deg2rad((south + north) / 2)))
    ratio = wide * shrink / tall
    if ratio > _WIDEST:
        tall = wide * shrink / _WIDEST
    if ratio < _NARROWEST:
        wide = tall * _NARROWEST / shrink
    x, y = (west + east) / 2, (south + north) / 2
    return Extent(x - wide / 2, x + wide / 2, max(y - tall / 2, -80.0), min(y + tall / 2, 84.0))


def draw_ground(ax: Axes, extent: Extent, *, city_count: int = 9) -> None:
    """
    Draw land and sea and name the largest cities, so that a reader can find the way.

    Borders of countries are not drawn, those of US states are. Coast lines: Natural Earth; states:
    US Census Bureau; cities: GeoNames.
    """
    ax.set_facecolor(_SEA)
    inside = []
    for ring in land():
        for shift in (-360.0, 0.0, 360.0):
            moved = ring + [shift, 0.0]
            if (
                moved[:, 0].max() >= extent.west
                and moved[:, 0].min() <= extent.east
                and moved[:, 1].max() >= extent.south
                and moved[:, 1].min() <= extent.north
            ):
                inside.append(moved)
    ax.add_collection(
        PolyCollection(inside, facecolors=_LAND, edgecolors="#C9C8C0", linewidths=0.5, zorder=0)
    )
    near = [
        line
        for line in states()
        if line[:, 0].max() >= extent.west
        and line[:, 0].min() <= extent.east
        and line[:, 1].max() >= extent.south
        and line[:, 1].min() <= extent.north
    ]
    ax.add_collection(LineCollection(near, colors="#D3D1C8", linewidths=0.5, zorder=0.5))
    ax.set_xlim(extent.west, extent.east)
    ax.set_ylim(extent.south, extent.north)
    ax.set_aspect(extent.aspect)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set_color("#D5DADF")
    _name_cities(ax, extent, city_count)


def _name_cities(ax: Axes, extent: Extent, count: int) -> None:
    table = cities()
    east, north = table["longitude"].to_numpy(float), table["latitude"].to_numpy(float)
    wide, tall = extent.east - extent.west, extent.north - extent.south
    inner = Extent(
        extent.west + 0.02 * wide,
        extent.east - 0.02 * wide,
        extent.south + 0.03 * tall,
        extent.north - 0.04 * tall,
    )
    shown: list[tuple[float, float]] = []
    for row in np.flatnonzero(inner.holds(east, north)):
        left = float((east[row] - extent.west) / wide)
        up = float((north[row] - extent.south) / tall)
        is_right = left <= 1 - _NAME[0]  # else the name stands left of its city, inside the map
        left -= 0.0 if is_right else _NAME[0]
        if any(abs(left - x) < _NAME[0] and abs(up - y) < _NAME[1] for x, y in shown):
            continue
        shown.append((left, up))
        ax.plot(east[row], north[row], ".", ms=3.0, color=_CITY, zorder=1)
        ax.annotate(
            label(table["name"].iloc[row], 16),
            (east[row], north[row]),
            xytext=(8 if is_right else -8, 3),
            textcoords="offset points",
            ha="left" if is_right else "right",
            fontsize=6.5,
            path_effects=[effects.withStroke(linewidth=1.8, foreground="white")],
            color=_CITY,
            zorder=_ABOVE_ALL,
        )
        if len(shown) == count:
            return


def spread(longitude: np.ndarray, latitude: np.ndarray, extent: Extent) -> np.ndarray:
    """
    Move places that coincide apart, on a spiral, so that each can be seen.

    Returns
    -------
    ndarray
        Longitude and latitude, (n, 2); the first of each place stays where it is.
    """
    table = pd.DataFrame({"x": np.round(longitude, 2), "y": np.round(latitude, 2)})
    turn = table.groupby(["x", "y"], dropna=False).cumcount().to_numpy(float)
    step = 0.0075 * (extent.north - extent.south)
    radius, angle = step * np.sqrt(turn), turn * 2.399963
    return np.column_stack(
        [longitude + radius * np.cos(angle) * extent.aspect, latitude + radius * np.sin(angle)]
    )
