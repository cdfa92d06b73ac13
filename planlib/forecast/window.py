"""Past periods at the same share of working days, and the sums of every point by cell."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from planlib.forecast.panel import Floats, Ints, Panel

_WIDEST = 0.5  # share of a period between two known weeks that is still bridged
_NEAR = 0.04  # share by which a known week may miss the place asked for (half a week)


@dataclass(frozen=True, kw_only=True)
class Window:
    """
    The points of past periods that stand where one point stands.

    Parameters
    ----------
    points, weights
        Known weeks on either side of the same share of working days. The weights of one period
        add up to 1: between two known weeks sums are taken on a straight line.
    numbers
        The past periods, oldest first.
    """

    points: Ints
    weights: Floats
    numbers: Ints
    owner: Ints

    @property
    def periods(self) -> int:
        """How many past periods are known at this place."""
        return len(self.numbers)

    def by_period(self, values: Floats) -> Floats:
        """Give values of points (first axis) as one row per past period."""
        out = np.zeros((len(self.numbers), *values.shape[1:]))
        weighted = values[self.points] * self.weights.reshape(-1, *[1] * (values.ndim - 1))
        np.add.at(out, np.searchsorted(self.numbers, self.owner), weighted)
        return out

    def rows(self, panel: Panel) -> tuple[Ints, Floats]:
        """Give the rows of the points and the weight of each."""
        if not len(self.points):
            return np.zeros(0, dtype="int64"), np.zeros(0)
        spans = [panel.span(int(point)) for point in self.points]
        take = np.concatenate([np.arange(span.start, span.stop) for span in spans])
        sizes = [span.stop - span.start for span in spans]
        return take.astype("int64"), np.repeat(self.weights, sizes)


def window_at(panel: Panel, position: float, before: int, longest: int) -> Window:
    """
    Find the known weeks of past periods around a share of working days.

    Parameters
    ----------
    panel
        The past as it was known.
    position
        Share of working days passed.
    before
        Only periods with a smaller number are looked at: those that were over then.
    longest
        How many periods at most, the latest first.
    """
    points: list[int] = []
    weights: list[float] = []
    owner: list[int] = []
    for number in range(max(0, before - longest), before):
        mine = panel.of_period(number)
        places = np.array([panel.points[at].position for at in mine])
        for at, weight in _around(places, position):
            points.append(mine[at])
            weights.append(weight)
            owner.append(number)
    return Window(
        points=np.array(points, dtype="int64"),
        weights=np.array(weights, dtype="float64"),
        numbers=np.unique(np.array(owner, dtype="int64")),
        owner=np.array(owner, dtype="int64"),
    )


def _around(places: Floats, position: float) -> list[tuple[int, float]]:
    if not len(places):
        return []
    after = int(np.searchsorted(places, position, side="left"))
    if after < len(places) and places[after] - position < 1e-9:
        return [(after, 1.0)]
    if after == 0:
        return [(0, 1.0)] if places[0] - position <= _NEAR else []
    if after == len(places):
        return [(after - 1, 1.0)] if position - places[-1] <= _NEAR else []
    low, high = places[after - 1], places[after]
    if high - low > _WIDEST:
        return []
    share = float((position - low) / (high - low))
    return [(after - 1, 1.0 - share), (after, share)]


@dataclass(frozen=True, kw_only=True)
class Sums:
    """
    Sums of every point (first axis) and cell (second), money in cents.

    Parameters
    ----------
    open_cents, open_count
        Deals open on the day whose close date, as it stood then, lies in the period.
    before_cents, before_count
        Won in the period until the day.
    later_cents
        Won in the period after the day, whether open on the day or not.
    final_cents, final_count
        Won in the whole period; first axis: periods.
    """

    open_cents: Floats = field(repr=False)
    open_count: Floats = field(repr=False)
    before_cents: Floats = field(repr=False)
    before_count: Floats = field(repr=False)
    later_cents: Floats = field(repr=False)
    final_cents: Floats = field(repr=False)
    final_count: Floats = field(repr=False)


def sum_points(panel: Panel) -> Sums:
    """Add up open, won before and won later by point and cell."""
    shape = (len(panel.points), len(panel.cells))
    found = {name: np.zeros(shape) for name in ("open", "opened", "before", "befores")}
    inside = panel.rows["in_period"].to_numpy()
    cents = panel.rows["cents"].to_numpy().astype("float64")
    sold_number = panel.sold["number"].to_numpy()
    sold_day = panel.sold["close_day"].to_numpy()
    sold_cents = panel.sold["cents"].to_numpy().astype("float64")
    periods = 1 + max(point.number for point in panel.points) if panel.points else 0
    final = np.zeros((periods, shape[1]))
    finals = np.zeros((periods, shape[1]))
    for number in range(periods):
        mine = sold_number == number
        cells = panel.sold_cells[mine]
        final[number] = panel.sum_cells(cells, sold_cents[mine])
        finals[number] = panel.sum_cells(cells, np.ones(mine.sum()))
    for at, point in enumerate(panel.points):
        span = panel.span(at)
        keep = inside[span]
        cells = panel.row_cells[span][keep]
        found["open"][at] = panel.sum_cells(cells, cents[span][keep])
        found["opened"][at] = panel.sum_cells(cells, np.ones(keep.sum()))
        day = int(np.datetime64(point.day, "D").astype("int64"))
        before = (sold_number == point.number) & (sold_day <= day)
        cells = panel.sold_cells[before]
        found["before"][at] = panel.sum_cells(cells, sold_cents[before])
        found["befores"][at] = panel.sum_cells(cells, np.ones(before.sum()))
    numbers = np.array([point.number for point in panel.points], dtype="int64")
    return Sums(
        open_cents=found["open"],
        open_count=found["opened"],
        before_cents=found["before"],
        before_count=found["befores"],
        later_cents=final[numbers] - found["before"] if len(numbers) else found["before"],
        final_cents=final,
        final_count=finals,
    )
