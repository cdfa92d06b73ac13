"""Bad input of the pipeline as named findings with their deals: nothing is dropped silently."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.movement.cells import value_of

_LONG = 1.5  # times the usual distance of snapshots
#: Each finding and what it does to the figures.
EFFECTS = {
    "closed before created": "has no cycle and no age; it counts in amounts and win rates",
    "created after the as-of date": "counts as open; it is in no cohort",
    "won without amount": "counts as a deal, not in money",
    "won with negative amount": "lowers the closed amount",
    "closed without close date": "is in no period",
    "closed in the future": "is not counted as closed before its close date",
    "unknown status": "counts neither as open nor as closed",
    "unknown stage": "is in no stage figure",
    "stage and flags contradict": "counts by its flags, not by the label of its stage",
    "history contradicts the present": "counts as the deals table says",
    "history goes on after closing": "is closed from its close date on; later records are left out",
    "missing from the deals table": "counts as deleted from the first snapshot without it",
    "missing weeks": "what moved between the two days shows on the second one",
}


def find_bad_input(history: PipelineHistory, as_of: date) -> pd.DataFrame:
    """
    Name what contradicts itself or is missing, deal by deal.

    Parameters
    ----------
    history
        Deals and their history.
    as_of
        Later records are left out.

    Returns
    -------
    DataFrame
        Table ``pipeline_findings``: ``finding``, ``opportunity_id`` (blank for a gap of the
        history), ``value`` (what was found), ``amount``, ``effect`` (what it does to figures).
    """
    parts = [*_of_deals(history, as_of), *_of_history(history, as_of)]
    rows = pd.concat([part for part in parts if len(part)] or [parts[0]], ignore_index=True)
    order = {name: at for at, name in enumerate(EFFECTS)}
    rows = rows.assign(effect=rows["finding"].map(EFFECTS), place=rows["finding"].map(order))
    rows = rows.sort_values(["place", "opportunity_id", "value"], ignore_index=True)
    return rows.assign(line=rows.groupby("finding").cumcount()).drop(columns="place")


def _rows(finding: str, deals: pd.DataFrame, value: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "finding": pd.Series(finding, index=deals.index, dtype="str"),
            "opportunity_id": deals["opportunity_id"],
            "value": value.astype("str"),
            "amount": deals["amount"].astype("float64"),
        }
    )


def _of_deals(history: PipelineHistory, as_of: date) -> Iterator[pd.DataFrame]:
    deals, day = history.deals, pd.Timestamp(as_of)
    status, close, created = deals["status"], deals["close_date"], deals["created_date"]
    closed = status.isin(["won", "lost"])
    dates = "created " + _text(created) + ", closes " + _text(close)
    amount = deals["amount"]
    checks = [
        ("closed before created", close < created, dates),
        ("created after the as-of date", created > day, "created " + _text(created)),
        ("won without amount", (status == "won") & amount.isna(), "closed " + _text(close)),
        ("won with negative amount", (status == "won") & (amount < 0), amount.astype("str")),
        ("closed without close date", closed & close.isna(), status),
        ("closed in the future", closed & (close > day), status + " on " + _text(close)),
        ("unknown status", status == "unknown", "neither is_closed nor is_won"),
        ("unknown stage", deals["stage"].isna() & bool(deals["stage"].notna().any()), status),
        ("stage and flags contradict", _odd_stage(deals), deals["stage"] + ", but " + status),
    ]
    for name, rows, value in checks:
        chosen = rows.fillna(False).astype(bool)
        text = pd.Series(value, index=deals.index).astype("str")
        yield _rows(name, deals[chosen], text[chosen])


def _odd_stage(deals: pd.DataFrame) -> pd.Series:
    """Tell deals whose flags differ from those of nearly all deals with the same stage."""
    known = deals[(deals["status"] != "unknown") & deals["stage"].notna()]
    counts = known.groupby(["stage", "status"]).size().reset_index(name="count")
    whole = counts.groupby("stage")["count"].transform("sum")
    usual = counts[(counts["count"] >= 0.9 * whole) & (whole >= 10)]
    expected = value_of(deals["stage"], usual.set_index("stage")["status"])
    return expected.notna() & (deals["status"] != expected) & (deals["status"] != "unknown")


def _of_history(history: PipelineHistory, as_of: date) -> Iterator[pd.DataFrame]:
    records = history.records
    records = records[records["snapshot_date"] <= pd.Timestamp(as_of)]
    deals = history.deals
    yield from _against_present(history, records, as_of)
    yield _after_closing(deals, records)
    last = records.drop_duplicates("opportunity_id", keep="last")
    gone = last[~last["opportunity_id"].isin(deals["opportunity_id"]) & (last["status"] == "open")]
    yield _rows("missing from the deals table", gone, "last seen " + _text(gone["snapshot_date"]))
    yield _missing_weeks(history, as_of)


def _against_present(
    history: PipelineHistory, records: pd.DataFrame, as_of: date
) -> Iterator[pd.DataFrame]:
    """Compare the last record of each deal with the deals table.

    A snapshot is compared on the day of the table only; the last change record holds until then.
    """
    until = history.data_until
    if until is None or until > as_of:
        return
    today = records
    if not history.has_change_records:
        today = records[records["snapshot_date"] == pd.Timestamp(until)]
    today = today.drop_duplicates("opportunity_id", keep="last")
    both = history.deals.merge(today, "inner", "opportunity_id", suffixes=("", "_record"))
    for name in ("status", "amount", "close_date", "stage", "owner_id"):
        here, there = both[name], both[f"{name}_record"]
        known = here.notna() & there.notna() & (here != "unknown") & (there != "unknown")
        differs = (known & (here != there)).fillna(False).astype(bool)
        text = f"{name} " + _text(there) + " in the record of " + _text(both["snapshot_date"])
        text = text + ", " + _text(here)
        yield _rows("history contradicts the present", both[differs], (text + " now")[differs])


def _after_closing(deals: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Name deals that a record still shows as open on a day after their close date."""
    closed = deals[deals["status"].isin(["won", "lost"])].set_index("opportunity_id")
    end = value_of(records["opportunity_id"], closed["close_date"])
    late = records[(records["status"] == "open") & (records["snapshot_date"] > end)]
    late = late.drop_duplicates("opportunity_id", keep="last")
    text = "closed " + _text(end[late.index]) + ", open in the record of "
    return _rows("history goes on after closing", late, text + _text(late["snapshot_date"]))


def _missing_weeks(history: PipelineHistory, as_of: date) -> pd.DataFrame:
    """Name the gaps between snapshots that are longer than usual."""
    days = pd.Series(pd.to_datetime([day for day in history.snapshot_dates if day <= as_of]))
    gaps = days.diff().dt.days
    long = gaps[gaps > _LONG * gaps.median()] if len(days) > 2 else gaps.iloc[:0]
    before = days.shift()[long.index]
    text = "no snapshot between " + _text(before) + " and " + _text(days[long.index])
    text = text + ", " + long.astype("Int64").astype("str") + " days"
    blank = pd.DataFrame(
        {"opportunity_id": pd.Series(pd.NA, index=long.index, dtype="str"), "amount": np.nan}
    )
    return _rows("missing weeks", blank, text)


def _text(values: pd.Series) -> pd.Series:
    dated = pd.api.types.is_datetime64_any_dtype(values)
    texts: pd.Series = values.dt.strftime("%Y-%m-%d") if dated else values
    return texts.astype("str").fillna("blank")
