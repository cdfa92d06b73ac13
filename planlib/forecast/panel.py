"""
The past as it was known, week by week: open deals with what was known of them, and their outcome.

Built once and read by every method, so that none of them looks at anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from planlib.forecast.grid import Point, position_of, week_of, week_points
from planlib.periods import Period
from planlib.pipeline.cuts import ALL, TOTAL, UNKNOWN, CutTables
from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.money import known, to_cents
from planlib.workdays import WorkCalendar

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """
    Open deals at every known week of every period, and what became of them.

    Parameters
    ----------
    points
        The weeks at which the pipeline is known, and last the as-of date; a week that could only
        be reconstructed is not among them.
    rows
        One row per point and open deal, ordered by point and deal, with what was known on that
        day. ``won_cents`` is what it brought later in the period (0 when it did not).
    row_cells, sold_cells
        Number of the cell of each row, one column per cut.
    sold
        Won deals of the periods: ``number`` of the period, ``opportunity_id``, ``close_day``,
        ``cents``.
    cells
        Cells in order: ``cut``, ``cut_value``.
    cuts
        Cuts, the total first.
    starts
        First row of each point, and the end.
    skipped
        Weeks of each period that are not known, by name of the period.
    """

    points: list[Point]
    rows: pd.DataFrame = field(repr=False)
    row_cells: Ints = field(repr=False)
    sold: pd.DataFrame = field(repr=False)
    sold_cells: Ints = field(repr=False)
    cells: pd.DataFrame = field(repr=False)
    cuts: tuple[str, ...]
    starts: Ints = field(repr=False)
    skipped: dict[str, int]

    def span(self, point: int) -> slice:
        """Give the rows of a point."""
        return slice(int(self.starts[point]), int(self.starts[point + 1]))

    def of_period(self, number: int) -> list[int]:
        """Give the points of a period, in order of weeks."""
        return [at for at, point in enumerate(self.points) if point.number == number]

    def sum_cells(self, cells: Ints, values: Floats) -> Floats:
        """Add up values by cell; ``cells`` has one column per cut."""
        many = len(self.cells)
        total = np.zeros(many)
        for column in range(cells.shape[1]):
            total += np.bincount(cells[:, column], weights=values, minlength=many)
        return total

    def cell(self, cut: str, value: str = ALL) -> int:
        """Give the number of a cell."""
        found = (self.cells["cut"] == cut) & (self.cells["cut_value"] == value)
        return int(np.flatnonzero(found.to_numpy())[0])


def build_panel(
    history: PipelineHistory,
    periods: Sequence[Period],
    as_of: date,
    tables: CutTables,
    cuts: Sequence[str],
    *,
    calendar: WorkCalendar | None = None,
) -> Panel:
    """
    Ask the history for every week of every period and put the answers into one table.

    Parameters
    ----------
    history
        Deals and their history. Days that it can only reconstruct are left out.
    periods
        Periods in order; the last one is the one to forecast.
    as_of
        Today of the forecast; the point of this day is the last one.
    tables, cuts
        Cells; the total is added.
    calendar
        Working days.

    Returns
    -------
    Panel
        Points, open deals at each of them, and what became of them.
    """
    calendar = calendar or WorkCalendar()
    last = periods[-1]
    first_week = min(0, week_of(last, as_of))
    wanted = [
        point
        for point in week_points(periods, calendar, first_week)
        if point.day < as_of or (point.day == as_of and point.period != last)
    ]
    wanted.append(
        Point(
            period=last,
            number=len(periods) - 1,
            week=week_of(last, as_of),
            day=as_of,
            position=position_of(last, as_of, calendar),
        )
    )
    states = {point.day: history.at(point.day) for point in wanted}
    points = [point for point in wanted if states[point.day].knows_dates]
    skipped: dict[str, int] = {}
    for point in wanted:
        if not states[point.day].knows_dates:
            skipped[point.period.name] = skipped.get(point.period.name, 0) + 1
    names = list(dict.fromkeys(cut for cut in cuts if cut != TOTAL))
    days = sorted({point.day for point in points})
    deals = _with_moves([states[day].open_deals.assign(day=pd.Timestamp(day)) for day in days])
    deals = tables.attach(deals, names).assign(**{TOTAL: ALL})
    sold = _sold(history.deals, periods, as_of)
    sold = tables.attach(sold, names).assign(**{TOTAL: ALL})
    every = [TOTAL, *names]
    cells = _cells(pd.concat([deals[every], sold[every]]), every)
    rows, starts = _rows(deals, points, history.deals)
    return Panel(
        points=points,
        rows=rows,
        row_cells=_codes(rows, cells, every),
        sold=sold[["number", "opportunity_id", "close_day", "cents"]],
        sold_cells=_codes(sold, cells, every),
        cells=cells,
        cuts=tuple(every),
        starts=starts,
        skipped=skipped,
    )


def _with_moves(states: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack the states and count, for each deal, what the earlier ones tell of its moves."""
    if not states:
        return _no_states()
    deals = pd.concat(states, ignore_index=True)
    deals = deals.sort_values(["opportunity_id", "day"], ignore_index=True)
    close = deals["close_date"].to_numpy()
    same = np.zeros(len(deals), dtype=bool)
    ids = pd.factorize(deals["opportunity_id"])[0]
    same[1:] = ids[1:] == ids[:-1]
    moved = np.zeros(len(deals), dtype=bool)
    moved[1:] = same[1:] & (close[1:] > close[:-1])
    stage = pd.factorize(deals["stage"].fillna(UNKNOWN))[0]
    entered = np.ones(len(deals), dtype=bool)
    entered[1:] = ~same[1:] | (stage[1:] != stage[:-1])
    day = deals["day"].to_numpy().astype("datetime64[D]").astype("int64")
    since = np.maximum.accumulate(np.where(entered, np.arange(len(deals)), 0))
    total = np.cumsum(moved)
    first = np.maximum.accumulate(np.where(~same, np.arange(len(deals)), 0))
    pushes = total - total[first] if len(deals) else total
    return deals.assign(push_count=pushes, stage_days=day - day[since] if len(deals) else day)


def _no_states() -> pd.DataFrame:
    text = ["opportunity_id", "status", "stage", "forecast_category", "owner_id", "account_id"]
    numbers = ["amount", "probability"]
    dates = ["close_date", "created_date", "day"]
    counts = ["push_count", "stage_days"]
    kinds = {
        **dict.fromkeys(text, "str"),
        **dict.fromkeys(numbers, "float64"),
        **dict.fromkeys(dates, "datetime64[us]"),
        **dict.fromkeys(counts, "int64"),
    }
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def _sold(deals: pd.DataFrame, periods: Sequence[Period], as_of: date) -> pd.DataFrame:
    """Give the won deals of each period, until the as-of date."""
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= pd.Timestamp(as_of))]
    parts = []
    for number, period in enumerate(periods):
        inside = won["close_date"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))
        parts.append(won[inside].assign(number=number))
    sold = pd.concat(parts, ignore_index=True)
    return sold.assign(
        close_day=_days(sold["close_date"]), cents=known(to_cents(sold["amount"]))
    ).reset_index(drop=True)


def _rows(
    deals: pd.DataFrame, points: list[Point], final: pd.DataFrame
) -> tuple[pd.DataFrame, Ints]:
    """Give the open deals of every point with their outcome in the point's period."""
    deals = deals.sort_values(["day", "opportunity_id"], ignore_index=True)
    stamps = _days(deals["day"])
    low = [int(np.searchsorted(stamps, _day(point.day), "left")) for point in points]
    high = [int(np.searchsorted(stamps, _day(point.day), "right")) for point in points]
    sizes = np.array([end - start for start, end in zip(low, high, strict=True)], dtype="int64")
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype("int64")
    pieces = [np.arange(a, b) for a, b in zip(low, high, strict=True)]
    take = np.concatenate(pieces) if pieces else np.zeros(0, dtype="int64")
    rows = deals.take(take).reset_index(drop=True)
    point = np.repeat(np.arange(len(points)), sizes)

    def of_point(values: list[float]) -> Floats:
        return np.array(values, dtype="float64")[point] if len(points) else np.zeros(0)

    begin = of_point([_day(one.period.start) for one in points])
    end = of_point([_day(one.period.end) for one in points])
    day = of_point([_day(one.day) for one in points])
    close = _days(rows["close_date"]).astype("float64")
    close[rows["close_date"].isna().to_numpy()] = np.nan
    created = _days(rows["created_date"]).astype("float64")
    created[rows["created_date"].isna().to_numpy()] = np.nan
    outcome = final.set_index("opportunity_id")[["status", "close_date", "amount"]]
    place = outcome.index.get_indexer(pd.Index(rows["opportunity_id"]))
    outcome = outcome.take(np.maximum(place, 0))
    closed = _days(outcome["close_date"]).astype("float64")
    status = np.where(place < 0, "deleted", outcome["status"].to_numpy(dtype=object))
    ended = (closed > day) & np.isin(status, ["won", "lost"])
    won = ended & (status == "won") & (closed <= end)
    cents = known(to_cents(outcome["amount"])).to_numpy()
    return (
        rows.assign(
            point=point,
            cents=known(to_cents(rows["amount"])).to_numpy(),
            has_amount=rows["amount"].notna().to_numpy(),
            age_days=day - created,
            due_days=close - day,
            left_days=end - day,
            in_period=(close >= begin) & (close <= end),
            end_in_days=np.where(ended, closed - day, np.inf),
            ends_won=ended & (status == "won"),
            is_won=won,
            won_cents=np.where(won, cents, 0),
        ),
        starts,
    )


def _cells(frame: pd.DataFrame, cuts: Sequence[str]) -> pd.DataFrame:
    """Give the cells: cuts in order, values by name, the unknown last."""
    found = []
    for cut in cuts:
        values = frame[cut].drop_duplicates().tolist() if cut != TOTAL else [ALL]
        ordered = sorted(values, key=lambda value: (value == UNKNOWN, value))
        found += [(cut, value) for value in ordered]
    return pd.DataFrame(found, columns=["cut", "cut_value"]).astype("str")


def _codes(frame: pd.DataFrame, cells: pd.DataFrame, cuts: Sequence[str]) -> Ints:
    codes = np.zeros((len(frame), len(cuts)), dtype="int64")
    for column, cut in enumerate(cuts):
        mine = cells[cells["cut"] == cut]
        place = pd.Index(mine["cut_value"]).get_indexer(frame[cut])
        codes[:, column] = mine.index.to_numpy()[place] if len(frame) else 0
    return codes


def _day(day: date) -> int:
    return int(np.datetime64(day, "D").astype("int64"))


def _days(dates: pd.Series) -> Ints:
    """Give dates as day numbers; a missing date is far in the past."""
    return dates.to_numpy().astype("datetime64[D]").astype("int64")
