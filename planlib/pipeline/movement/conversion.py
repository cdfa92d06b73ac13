"""Stage conversion by cohort: of the deals that entered a stage, how many came further."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.periods import Period
from planlib.pipeline.cuts import CutTables
from planlib.pipeline.money import from_cents, known, ratio, to_cents
from planlib.pipeline.movement.cells import CELL, by_cut, in_order, value_of
from planlib.pipeline.movement.stages import Stages
from planlib.pipeline.movement.timeline import Timeline

#: Name of the cohort of all deals that are old enough.
MATURE = "all old enough"


def measure_conversion(
    stages: Stages,
    timeline: Timeline,
    tables: CutTables,
    cuts: Sequence[str],
    *,
    quarters: Sequence[Period],
    mature_days: int,
    minimum_deals: int,
) -> pd.DataFrame:
    """
    Give for every cohort and stage how many deals entered it and how many came further.

    Conversion of a stage = deals that reached a later stage or were won / deals that reached the
    stage. A deal that skipped a stage has passed it; one that went back keeps what it had
    reached, and its step back is counted apart. A deal enters the first stage when it is
    created. Only deals observed since their creation are in it.

    Parameters
    ----------
    stages, timeline
        Stays of deals, and the deals.
    tables, cuts
        Cells, for the cohort of all deals that are old enough; single quarters have the total.
    quarters
        Cohorts by quarter of creation, oldest first.
    mature_days
        Days after creation by which nearly all deals are decided. A younger cohort is grey: what
        is still open in it may come further.
    minimum_deals
        Fewer deals that entered are grey.

    Returns
    -------
    DataFrame
        Table ``stage_conversion``. In every row: entered = passed + lost + still open + deleted.
    """
    if not stages.order:
        return pd.DataFrame()
    deals = _furthest(stages, timeline)
    ripe = timeline.as_of - timedelta(mature_days)
    mature = deals[deals["created_date"] <= pd.Timestamp(ripe)]
    cells = by_cut(mature, tables, cuts).assign(cohort=MATURE)
    names = _quarter_names(deals["created_date"], quarters)
    single = by_cut(deals.assign(cohort=names).dropna(subset=["cohort"]), tables, ())
    rows = _all_stages(pd.concat([cells, single], ignore_index=True), stages.order)
    if rows.empty:
        return pd.DataFrame()
    ends = {quarter.name: quarter for quarter in quarters}
    young = rows["cohort"].map(lambda name: name in ends and ends[name].end > ripe)
    early = rows["cohort"].map(lambda name: name in ends and _early(ends[name], timeline))
    note = pd.Series("", index=rows.index, dtype="str")
    note = note.mask(early, f"deals created before {timeline.first_day} are not in the history")
    note = note.mask(young, f"younger than {mature_days} days: open deals may still come further")
    rows = rows.assign(
        note=note,
        is_mature=~young,
        is_grey=young | early | (rows["entered_count"] < minimum_deals),
        status=pd.Series("", index=rows.index).mask(early, "truncated"),
    )
    cohort_place = {name: at for at, name in enumerate([MATURE, *ends])}
    rows = rows.assign(cohort_order=rows["cohort"].map(cohort_place))
    return in_order(rows, cuts, ["cohort_order", "stage_order"])


def _early(quarter: Period, timeline: Timeline) -> bool:
    return timeline.first_day is None or quarter.start < timeline.first_day


def _quarter_names(created: pd.Series, quarters: Sequence[Period]) -> pd.Series:
    names = pd.Series(pd.NA, index=created.index, dtype="str")
    for quarter in quarters:
        inside = created.between(pd.Timestamp(quarter.start), pd.Timestamp(quarter.end))
        names = names.mask(inside, quarter.name)
    return names


def _furthest(stages: Stages, timeline: Timeline) -> pd.DataFrame:
    """Give per deal observed since creation: furthest stage, where it was seen, how it stands."""
    deals = timeline.deals[timeline.deals["is_whole"]]
    last = timeline.changes.drop_duplicates("opportunity_id", keep="last")
    last = last.set_index("opportunity_id")
    ids = deals["opportunity_id"]
    status = value_of(ids, last["status"]).astype("str")
    visits = stages.visits
    reached = visits.groupby("opportunity_id")["place"].max()
    furthest = (
        value_of(ids, reached).fillna(0).astype("int64").mask(status == "won", len(stages.order))
    )
    facts = {
        "opportunity_id": ids,
        "owner_id": deals["owner_id"],
        "account_id": deals["account_id"],
        "created_date": deals["created_date"],
        "furthest": furthest,
        "status": status,
        "cents": to_cents(value_of(ids, last["amount"])),
    }
    back = visits[visits["end"] == "backward"]
    for place in range(len(stages.order)):
        here = visits.loc[visits["place"] == place, "opportunity_id"]
        facts[f"seen_{place}"] = ids.isin(here)
        moves = back.loc[back["place"] == place].groupby("opportunity_id").size()
        facts[f"back_{place}"] = value_of(ids, moves).fillna(0).astype("int64")
    return pd.DataFrame(facts).reset_index(drop=True)


def _all_stages(cells: pd.DataFrame, order: tuple[str, ...]) -> pd.DataFrame:
    """Add up every stage of every cohort and cell."""
    keys = ["cohort", *CELL]
    has_lost_money = bool((known(cells.loc[cells["status"] == "lost", "cents"]) != 0).any())
    parts = [_one_stage(cells, keys, place) for place in range(len(order))]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.assign(stage=rows["stage_order"].map(dict(enumerate(order))))
    low, high = wilson(rows["passed_count"], rows["entered_count"])
    by_money = ratio(rows["passed_amount"], rows["entered_amount"])
    return rows.assign(
        conversion=ratio(rows["passed_count"], rows["entered_count"]),
        low=low,
        high=high,
        conversion_amount=by_money if has_lost_money else np.nan,
    )


def _one_stage(cells: pd.DataFrame, keys: list[str], place: int) -> pd.DataFrame:
    entered, passed = cells["furthest"] >= place, cells["furthest"] > place
    stopped = entered & ~passed
    cents = known(cells["cents"])
    facts = pd.DataFrame(
        {
            "entered": entered,
            "passed": passed,
            "skipped": passed & ~cells[f"seen_{place}"],
            "backward": cells[f"back_{place}"],
            "lost": stopped & (cells["status"] == "lost"),
            "deleted": stopped & (cells["status"] == "deleted"),
            "entered_cents": cents.where(entered, 0),
            "passed_cents": cents.where(passed, 0),
        }
    ).astype("int64")
    sums = facts.groupby([cells[key] for key in keys]).sum().reset_index()
    counts = {f"{name}_count": sums[name] for name in ("entered", "passed", "skipped", "lost")}
    return pd.DataFrame(
        {
            **{key: sums[key] for key in keys},
            "stage_order": place,
            **counts,
            "open_count": sums["entered"] - sums["passed"] - sums["lost"] - sums["deleted"],
            "deleted_count": sums["deleted"],
            "backward_count": sums["backward"],
            "entered_amount": from_cents(sums["entered_cents"]),
            "passed_amount": from_cents(sums["passed_cents"]),
        }
    )


def recent_quarters(as_of: date, count: int, fiscal_year_of: Period) -> list[Period]:
    """
    Give the last fiscal quarters up to a day, oldest first.

    Parameters
    ----------
    as_of
        A day in the last one.
    count
        How many.
    fiscal_year_of
        Any period of the plan, for its fiscal year.
    """
    last = Period.of(as_of, "quarter", fiscal_year_of.fiscal_year)
    return [last.shift(-back) for back in range(count - 1, -1, -1)]
