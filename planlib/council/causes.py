"""Why a cell is behind: causes computed against past periods, ranked by what they cost."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.council.flows import COMING, Flows, amounts
from planlib.forecast import Inputs, pooled_ratios
from planlib.forecast.conversion import Ratios
from planlib.forecast.panel import Bools, Floats
from planlib.pipeline import Bridge
from planlib.settings.council import CouncilSettings

#: Causes in words, with what their share is a share of.
MEANINGS: dict[str, str] = {
    "thin_start": "Pipeline of the period that was there at the start of the span, or has moved in "
    "from other periods since, for each unit of the target (past periods: of what was won in the "
    "end), against past periods at this point",
    "too_little_generated": "New pipeline that closes in the period, for each unit of the target "
    "(past periods: of what was won in the end), against past periods at this point",
    "pushed_out": "Pushed to a later period, as a share of all that was in the pipeline of the "
    "period (open at the start and come since), against past periods at this point",
    "lost_more": "Lost, as a share of all that was in the pipeline of the period (open at the "
    "start and come since), against past periods at this point",
    "low_conversion": "Won, as a share of what was decided (won and lost) since the start of the "
    "span, against past periods at this point",
    "late_stage_stuck": "Open deals in late stages that have been in their stage longer than most "
    "deals that were won later, as a share of all late-stage deals",
}
Past = tuple[tuple[int, Bridge], ...]
#: Causes of what did not come in, with the steps of the bridge that they are made of.
INFLOWS: dict[str, tuple[str, ...]] = {
    "thin_start": ("start", "pushed_in", "pulled_in"),
    "too_little_generated": ("new", "reopened"),
}
_OUT = {"pushed_out": ("pushed_out",), "lost_more": ("lost",)}


@dataclass(frozen=True, kw_only=True)
class Cause:
    """
    One cause in every cell, in the order of the cells of the panel.

    Parameters
    ----------
    name
        The cause.
    now, usual, low, high
        Its share today, in past periods, and the 80 % interval of that.
    base
        What it is a share of, in cents.
    weight
        What one unit of the share costs at the close, for each unit of ``base``.
    count
        Deals behind it.
    is_rising
        Whether a higher share is worse.
    """

    name: str
    now: Floats = field(repr=False)
    usual: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    base: Floats = field(repr=False)
    weight: Floats = field(repr=False)
    count: Floats = field(repr=False)
    is_rising: bool

    @property
    def effect(self) -> Floats:
        """What it costs at the close of the period in cents; below 0 it helps."""
        worse = self.now - self.usual if self.is_rising else self.usual - self.now
        return np.asarray(worse * self.base * self.weight)

    @property
    def is_usual(self) -> Bools:
        """Whether past periods vary as much: today's share lies inside their interval."""
        return np.asarray((self.now >= self.low) & (self.now <= self.high))


def find_causes(
    inputs: Inputs, flows: Flows, conversion: Floats, settings: CouncilSettings
) -> list[Cause]:
    """
    Compute every cause in every cell.

    Parameters
    ----------
    inputs, flows
        What the forecast rests on, and the moves.
    conversion
        What one open unit brings at the close, by cell (1 / required coverage); NaN: not known.
    settings
        Section ``council`` of plan.yaml.

    Returns
    -------
    list of Cause
        Empty where neither past periods nor the start of the span are known.
    """
    span = flows.span
    if span is None or not flows.past:
        return []
    found = [_inflow(inputs, span, flows.past, conversion, name) for name in INFLOWS]
    there = ("start", *COMING)  # all that was in the pipeline: at the start, and come since
    now_base = amounts(inputs, span, there, "cents")
    bases = np.array([amounts(inputs, one, there, "cents") for _, one in flows.past])
    counts = np.array([amounts(inputs, one, there, "count") for _, one in flows.past]).sum(axis=0)
    for name, reasons in _OUT.items():
        gone = np.abs(amounts(inputs, span, reasons, "cents"))
        past = np.array([-amounts(inputs, one, reasons, "cents") for _, one in flows.past])
        ratios = _ratios(inputs, past, bases, counts)
        found.append(
            Cause(
                name=name,
                now=_share(gone, now_base),
                usual=ratios.value,
                low=ratios.low,
                high=ratios.high,
                base=now_base,
                weight=conversion,
                count=amounts(inputs, span, reasons, "count"),
                is_rising=True,
            )
        )
    found.append(_conversion(inputs, span, flows.past))
    found.append(_stuck(inputs, conversion, settings))
    return found


def stuck_deals(inputs: Inputs, settings: CouncilSettings) -> pd.DataFrame:
    """
    Give the late-stage open deals of the period with the days that their stage may take.

    Returns
    -------
    DataFrame
        Rows of the panel at the as-of date with ``limit_days`` (a quantile of the days in this
        stage over past deals that were won later) and ``is_stuck``; index: row of the panel.
    """
    panel = inputs.panel
    rows = panel.rows
    known = bool(panel.points) and panel.points[-1].day == inputs.as_of
    span = panel.span(inputs.live) if known else slice(len(rows), len(rows))
    now = rows.iloc[span]
    late = now["in_period"] & (now["probability"] >= settings.late_probability)
    past = rows.iloc[: span.start]
    past = past[past["ends_won"] & (past["probability"] >= settings.late_probability)]
    past = past.sort_values(["opportunity_id", "stage", "stage_days"])
    past = past.drop_duplicates(["opportunity_id", "stage"], keep="last")
    limits = past.groupby("stage")["stage_days"].quantile(settings.stuck_quantile)
    now = now[late]
    now = now.assign(limit_days=now["stage"].map(limits.to_dict()).astype("float64"))
    return now.assign(is_stuck=now["stage_days"] > now["limit_days"])


def _inflow(inputs: Inputs, span: Bridge, past: Past, conversion: Floats, name: str) -> Cause:
    reasons = INFLOWS[name]
    came = amounts(inputs, span, reasons, "cents")
    before = np.array([amounts(inputs, one, reasons, "cents") for _, one in past])
    finals = np.array([inputs.sums.final_cents[number] for number, _ in past])
    counts = np.array([amounts(inputs, one, reasons, "count") for _, one in past])
    ratios = _ratios(inputs, before, finals, counts.sum(axis=0))
    goal = inputs.goals()
    return Cause(
        name=name,
        now=_share(came, goal),
        usual=ratios.value,
        low=ratios.low,
        high=ratios.high,
        base=goal,
        weight=conversion,
        count=amounts(inputs, span, reasons, "count"),
        is_rising=False,
    )


def _conversion(inputs: Inputs, span: Bridge, past: Past) -> Cause:
    won = -amounts(inputs, span, ("won",), "cents")
    both = -amounts(inputs, span, ("won", "lost"), "cents")
    past_won = np.array([-amounts(inputs, one, ("won",), "cents") for _, one in past])
    decided = np.array([-amounts(inputs, one, ("won", "lost"), "cents") for _, one in past])
    counts = np.array([amounts(inputs, one, ("won", "lost"), "count") for _, one in past])
    ratios = _ratios(inputs, past_won, decided, counts.sum(axis=0))
    return Cause(
        name="low_conversion",
        now=_share(won, both),
        usual=ratios.value,
        low=ratios.low,
        high=ratios.high,
        base=both,
        weight=np.ones(len(both)),
        count=amounts(inputs, span, ("won", "lost"), "count"),
        is_rising=False,
    )


def _stuck(inputs: Inputs, conversion: Floats, settings: CouncilSettings) -> Cause:
    late = stuck_deals(inputs, settings)
    cells = inputs.panel.row_cells[late.index.to_numpy()]
    cents = late["cents"].to_numpy().astype("float64")
    stuck = late["is_stuck"].to_numpy(dtype=bool)
    base = inputs.panel.sum_cells(cells, cents)
    held = inputs.panel.sum_cells(cells, cents * stuck)
    usual = np.full(len(base), 1 - settings.stuck_quantile)
    return Cause(
        name="late_stage_stuck",
        now=_share(held, base),
        usual=usual,
        low=np.full(len(base), np.nan),
        high=np.full(len(base), np.nan),
        base=base,
        weight=conversion,
        count=inputs.panel.sum_cells(cells, stuck.astype("float64")),
        is_rising=True,
    )


def _ratios(inputs: Inputs, upper: Floats, lower: Floats, deals: Floats) -> Ratios:
    return pooled_ratios(upper, lower, deals, inputs.parents, inputs.settings.prior_deals)


def _share(upper: Floats, lower: Floats) -> Floats:
    return np.where(lower > 0, upper / np.where(lower > 0, lower, 1.0), np.nan)
