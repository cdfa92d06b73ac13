"""What changed in periods that were over: closed deals as they stood then and as they stand now."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.periods import Period
from planlib.pipeline.cuts import CutTables
from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.money import from_cents, known, to_cents
from planlib.pipeline.movement.cells import value_of

_CLOSED = ("won", "lost")
_FACTS = ["opportunity_id", "status", "amount", "close_date", "owner_id"]


def find_restated(
    history: PipelineHistory,
    published: date,
    as_of: date,
    tables: CutTables,
    *,
    period: Period,
) -> tuple[pd.DataFrame, str]:
    """
    List the deals of ended periods that no longer stand as they stood on a day.

    Parameters
    ----------
    history
        Deals and their history.
    published
        Day of the earlier state, such as that of the last publication.
    as_of
        Day of the present state.
    tables
        For the names of owners.
    period
        Any period of the plan, for its kind and fiscal year: ended are those of this kind that
        were over on ``published``.

    Returns
    -------
    tuple
        Table ``pipeline_restatements``, largest effect first, and a sentence on what it rests on
        or why it is empty. ``kind``: added (closed in an ended period now, not then), removed,
        status, amount (of a won deal), close date (moved between ended periods); the first that
        holds. ``effect_amount`` is the change of the closed ACV of all ended periods together.
        ``changed_by``: who made the change, as the first record that shows it says; else who last
        changed the deal, where that was after ``published``; blank where no table says it.
    """
    then = history.recorded_at(published)
    if then is None:
        return pd.DataFrame(), f"what was closed on {published} is not in the history"
    if not then["status"].isin(_CLOSED).any():
        return pd.DataFrame(), f"the history of {published} holds no closed deals"
    last = _last_ended(published, period)
    began = then.loc[then["status"].isin(_CLOSED), "close_date"].min()
    both = then[_FACTS].merge(
        history.at(as_of).states[_FACTS], "outer", "opportunity_id", suffixes=("_then", "_now"),
    )  # fmt: skip
    for side in ("then", "now"):
        inside = both[f"close_date_{side}"].between(began, pd.Timestamp(last))
        both[f"inside_{side}"] = both[f"status_{side}"].isin(_CLOSED) & inside
        won = both[f"inside_{side}"] & (both[f"status_{side}"] == "won")
        both[f"cents_{side}"] = known(to_cents(both[f"amount_{side}"])).where(won, 0)
    both = _without_archived(both)
    rows = both.assign(kind=_kinds(both, period))
    rows = rows[rows["kind"] != ""]
    owner = rows["owner_id_now"].fillna(rows["owner_id_then"])
    names = history.deals.set_index("opportunity_id")["name"]
    effect = rows["cents_now"] - rows["cents_then"]
    rows = rows.assign(
        period=_periods(rows["close_date_then"].where(rows["inside_then"], rows["close_date_now"]),
                        period),
        name=value_of(rows["opportunity_id"], names),
        owner=tables.rep_label(owner),
        effect_amount=from_cents(effect),
        from_date=pd.Timestamp(published),
        **_seen(rows, history, tables, (published, as_of)),
        size=effect.abs(),
    )  # fmt: skip
    rows = rows.sort_values(["size", "opportunity_id"], ascending=[False, True], ignore_index=True)
    note = f"closed deals of periods that ended by {last}, as recorded on {published} and now"
    return rows.drop(columns="size"), note


def _last_ended(day: date, period: Period) -> date:
    """Give the last day of the last period that was over at the end of a day."""
    around = Period.of(day, period.kind, period.fiscal_year)
    return around.end if around.end <= day else around.shift(-1).end


def _without_archived(both: pd.DataFrame) -> pd.DataFrame:
    """Leave out deals that are no longer in the deals table because it begins later."""
    first = both.loc[both["inside_now"], "close_date_now"].min()
    if pd.isna(first):
        return both
    gone = both["status_now"].isna() & (both["close_date_then"] < first)
    kept: pd.DataFrame = both[~gone]
    return kept


def _kinds(both: pd.DataFrame, period: Period) -> pd.Series:
    then, now = both["inside_then"], both["inside_now"]
    stays = then & now
    moved = _periods(both["close_date_then"], period) != _periods(both["close_date_now"], period)
    other = both["cents_then"] != both["cents_now"]
    kind = pd.Series("", index=both.index, dtype="str")
    kind = kind.mask(stays & moved, "close date").mask(stays & other, "amount")
    kind = kind.mask(stays & (both["status_then"] != both["status_now"]), "status")
    return kind.mask(then & ~now, "removed").mask(now & ~then, "added")


def _periods(days: pd.Series, period: Period) -> pd.Series:
    names = {
        day: Period.of(day.date(), period.kind, period.fiscal_year).name
        for day in days.dropna().unique()
    }
    return days.map(names).astype("str")


def _seen(
    rows: pd.DataFrame, history: PipelineHistory, tables: CutTables, span: tuple[date, date]
) -> dict[str, pd.Series]:
    """Give the first recorded day after the publication on which the deal differed, and by whom."""
    published, as_of = span
    records = history.records
    later = records[
        records["opportunity_id"].isin(rows["opportunity_id"])
        & (records["snapshot_date"] > pd.Timestamp(published))
        & (records["snapshot_date"] <= pd.Timestamp(as_of))
    ]
    then = rows.set_index("opportunity_id")
    differs = np.zeros(len(later), dtype=bool)
    for name in ("status", "amount", "close_date"):
        before = value_of(later["opportunity_id"], then[f"{name}_then"])
        same = (later[name] == before) | (later[name].isna() & before.isna())
        differs |= ~same.fillna(False).to_numpy(dtype=bool)
    first = later[differs].drop_duplicates("opportunity_id").set_index("opportunity_id")
    deals = history.deals.set_index("opportunity_id")
    recent = deals["updated_date"].isna() | (deals["updated_date"] > pd.Timestamp(published))
    said = value_of(rows["opportunity_id"], first["updated_by"])
    last = value_of(rows["opportunity_id"], deals["updated_by"].where(recent))
    return {
        "seen_date": value_of(rows["opportunity_id"], first["snapshot_date"]),
        "changed_by": tables.rep_label(said.where(said.notna(), last)),
    }
