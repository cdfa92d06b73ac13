"""The deals behind each figure of the performance matrix, for one period on one day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from planlib.periods import Period
from planlib.pipeline.cuts import CutTables
from planlib.pipeline.history import AsOf, PipelineHistory
from planlib.pipeline.money import to_cents
from planlib.pipeline.truncation import Records

#: Figures that are sums over deals; the others are computed from these.
SUMMED = (
    "closed_acv",
    "lost",
    "open_in_period",
    "open_total",
    "weighted",
    "generated",
    "commit",
    "most_likely",
    "best_case",
)
#: Categories that count in each cumulative category, beside closed deals.
CUMULATIVE = {
    "commit": ("commit",),
    "most_likely": ("commit", "most_likely"),
    "best_case": ("commit", "most_likely", "best_case"),
}
NOT_BEGUN = "the period has not begun"
NO_DATES = "close dates of that day are not known without snapshots or change records"

_FACTS = ("closed_acv", "lost")
_COLUMNS = [
    "measure",
    "opportunity_id",
    "owner_id",
    "account_id",
    "cents",
    "amount_basis",
    "close_date",
    "created_date",
    "stage",
]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """
    The deals behind the figures of one period as of one day.

    Parameters
    ----------
    rows
        One row per ``measure`` and deal with ``cents`` (missing: the deal has no amount) and one
        column per cut.
    state
        The pipeline as known on that day.
    missing
        Why a figure cannot be computed, by figure.
    weak
        Why a figure is weak, by figure.
    sums
        Sums of cents and deals by cut, cell and figure where the deals stayed in a database;
        None: they are added up from ``rows``.
    """

    period: Period
    as_of: date
    rows: pd.DataFrame
    state: AsOf
    missing: dict[str, str]
    weak: dict[str, str]
    sums: pd.DataFrame | None = None

    def basis(self, measure: str) -> str:
        """Say what a figure rests on."""
        ended = ("forecast", *CUMULATIVE) if is_over(self.period, self.as_of) else ()
        if measure in (*_FACTS, "attainment", "win_rate_count", "win_rate_amount", *ended):
            return "closed deals of the deals table"
        if measure == "generated":
            return "deals table, amount at creation"
        return self.state.label


def measure_deals(
    history: PipelineHistory,
    period: Period,
    as_of: date,
    tables: CutTables,
    cuts: Sequence[str],
    *,
    cycle_share: float = 0.9,
) -> Measured:
    """
    Find the deals behind each figure.

    - ``closed_acv``: won, close date in the period and not after the day; ``lost`` alike.
    - ``open_in_period``: open on the day, close date (as it stood then) in the period.
    - ``open_total``: open on the day, whatever the close date, with or without one.
    - ``weighted``: the deals of ``open_in_period``, amount times the CRM's probability; none once
      the period is over.
    - ``generated``: created in the period until the day, at the amount at creation, whatever
      became of them since; deals deleted since do not count.
    - ``commit``, ``most_likely``, ``best_case``: cumulative categories, closed deals included, of
      the deals of ``open_in_period``; once the period is over the closed deals alone.

    Parameters
    ----------
    history
        Deals and their history.
    period, as_of
        What is measured, and the day until which it counts.
    tables, cuts
        Where the cuts come from, and which ones to attach.
    cycle_share
        See ``Records.truncation``.
    """
    state = history.at(as_of)
    facts = _closed(history.deals, period, as_of)
    open_deals = state.open_deals.assign(amount_basis=state.label)
    inside = open_deals[_between(open_deals["close_date"], period.start, period.end)]
    to_win = inside.head(0) if is_over(period, as_of) else inside
    parts = {
        "closed_acv": facts[facts["status"] == "won"],
        "lost": facts[facts["status"] == "lost"],
        "open_in_period": inside,
        "open_total": open_deals,
        "weighted": to_win.assign(
            amount=to_win["amount"] * to_win["probability"],
            amount_basis="amount x probability of the CRM",
        ),
        "generated": _generated(history, period, as_of),
    }
    for measure, categories in CUMULATIVE.items():
        called = to_win[to_win["forecast_category"].isin(categories)]
        parts[measure] = pd.concat([parts["closed_acv"], called])
    records = Records.of(history.deals)
    missing = missing_figures(state, period, as_of, records)
    chosen = [
        part.assign(measure=name, cents=to_cents(part["amount"]))[_COLUMNS]
        for name, part in parts.items()
        if name not in missing and len(part)
    ]
    rows = pd.concat(chosen, ignore_index=True) if chosen else _no_rows()
    return Measured(
        period=period,
        as_of=as_of,
        rows=tables.attach(rows, cuts),
        state=state,
        missing=missing,
        weak=weak_figures(records, period, as_of, cycle_share),
    )


def is_over(period: Period, as_of: date) -> bool:
    """Tell whether nothing can be won in a period any more: its last day counts as over."""
    return as_of >= period.end


def _closed(deals: pd.DataFrame, period: Period, as_of: date) -> pd.DataFrame:
    inside = _between(deals["close_date"], period.start, min(period.end, as_of))
    closed = deals["status"].isin(["won", "lost"])
    return deals[closed & inside].assign(amount_basis="deals table")


def _generated(history: PipelineHistory, period: Period, as_of: date) -> pd.DataFrame:
    deals = history.deals
    created = deals[_between(deals["created_date"], period.start, min(period.end, as_of))]
    return created.drop(columns="amount").merge(history.created_amounts(), "left", "opportunity_id")


def _between(dates: pd.Series, start: date, end: date) -> pd.Series:
    return (dates >= pd.Timestamp(start)) & (dates <= pd.Timestamp(end))


def _no_rows() -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.Series(dtype="str") for name in _COLUMNS})
    return frame.astype(
        {"cents": "Int64", "close_date": "datetime64[us]", "created_date": "datetime64[us]"}
    )


def missing_figures(state: AsOf, period: Period, as_of: date, records: Records) -> dict[str, str]:
    """Say for each figure why it cannot be computed; figures that can are left out."""
    reasons: dict[str, str] = {}
    open_deals = state.open_deals
    in_period = ("open_in_period", "weighted", *CUMULATIVE)
    if not records.has_status:
        reasons |= dict.fromkeys((*SUMMED, "coverage"), "no deal has is_closed or is_won")
        reasons.pop("generated")
    elif records.first_close is None:
        reasons |= dict.fromkeys(_FACTS, "no closed deal has a close date")
    elif records.first_close > as_of:
        first = f"closed deals are recorded only from {records.first_close} on"
        reasons |= dict.fromkeys(_FACTS, first)
    if not state.knows_dates:
        reasons |= dict.fromkeys(in_period, NO_DATES)
        if records.first_created is None:
            reasons["open_total"] = "no deal has a created date"
    elif len(open_deals) and open_deals["close_date"].isna().all():
        reasons |= dict.fromkeys(in_period, "no open deal has a close date")
    elif len(open_deals) and open_deals["forecast_category"].isna().all():
        reasons |= dict.fromkeys(CUMULATIVE, "no open deal has a forecast category")
    if len(open_deals) and open_deals["probability"].isna().all():
        reasons.setdefault("weighted", "no open deal has a probability")
    if records.first_created is None:
        reasons["generated"] = "no deal has a created date"
    elif records.first_created > as_of:
        first = f"deals are recorded only from {records.first_created} on"
        reasons |= dict.fromkeys(SUMMED, first)
    if as_of < period.start:
        reasons |= dict.fromkeys((*_FACTS, "generated"), NOT_BEGUN)
    return _of_ended(reasons) if is_over(period, as_of) else reasons


def _of_ended(reasons: dict[str, str]) -> dict[str, str]:
    """Give the reasons for a period that is over: what it closes at rests on closed deals alone."""
    names = ("weighted", *CUMULATIVE)
    kept = {name: why for name, why in reasons.items() if name not in names}
    return kept | (dict.fromkeys(names, kept["closed_acv"]) if "closed_acv" in kept else {})


def weak_figures(records: Records, period: Period, as_of: date, share: float) -> dict[str, str]:
    """Say for each figure why it is weak; figures that are not are left out."""
    truncation = records.truncation(period, share)
    weak = (
        dict.fromkeys(
            ("closed_acv", "win_rate_count", "win_rate_amount", "attainment", "forecast"),
            truncation,
        )
        if truncation
        else {}
    )
    too_young = records.open_truncation(as_of, share)
    if too_young:
        left = () if is_over(period, as_of) else ("weighted",)
        weak |= dict.fromkeys(("open_total", "open_in_period", *left, "coverage"), too_young)
    if records.first_created and records.first_created > period.start:
        weak["generated"] = (
            f"deals are recorded from {records.first_created} on, the period starts {period.start}"
        )
    return weak
