"""What became of targets that one good year made: years of the past, and how they went on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.key_accounts.targets import rep_targets
from planlib.periods import Period
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import ratio
from planlib.settings.key_accounts import KeyAccountsSettings
from planlib.tables import table

ALL, AFTER, OTHER = "all", "after one good year", "after other years"
BY_TARGET, BY_SALES = "target", "sales alone"
_LEAST_YEARS = 2
_COLUMNS = ["rep_id", "period", "start_date", "end_date", "target_amount", "base_amount",
            "last_amount", "last_ratio", "is_jump", "basis"]  # fmt: skip


def past_years(as_of: date, count: int, year: Period) -> list[Period]:
    """Give fiscal years that begin by a day, the one that holds it and those before."""
    last = Period.of(as_of, "year", year.fiscal_year)
    return [last.shift(-back) for back in range(count)]


def good_years(
    opportunities: pd.DataFrame | None,
    reps: pd.DataFrame,
    years: Sequence[Period],
    settings: KeyAccountsSettings,
    *,
    targets: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Tell for each person and fiscal year whether one good year made its target.

    The rule is that of ``target_jumps`` at the first day of each year, by the person's own won
    deals: last twelve months, and the target, both above the base of several years by more than
    ``jump_share``. Where table ``targets`` has no target of a person for any of these years, sales
    alone decide. Whoever was not there for all years of the base is left out: a newcomer's rise
    is no good year.

    Parameters
    ----------
    opportunities
        ``owner_id``, ``is_won``, ``close_date``, ``amount``, or None.
    reps
        ``rep_id``, ``hire_date``, ``is_open_seat``.
    years
        Fiscal years.
    settings
        ``revenue_years``, ``jump_share``.
    targets
        Targets of persons, measure acv, as for ``rep_targets``, or None.

    Returns
    -------
    DataFrame
        ``rep_id``, ``period``, ``start_date``, ``end_date``, ``target_amount``, ``base_amount``,
        ``last_amount`` (won in the twelve months before), ``last_ratio``, ``is_jump``, ``basis``
        (target, sales alone); only where the rule can be applied.
    """
    people = table("reps").coerce(reps).drop_duplicates("rep_id")
    people = people[~people["is_open_seat"].fillna(False).astype(bool)]
    own = people.assign(quota=np.nan)  # the quota of today is no target of the past
    found = [
        _year(_sales(opportunities), own, rep_targets(own["rep_id"], year, own, targets), year,
              settings)
        for year in years
        if opportunities is not None
    ]  # fmt: skip
    rows = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=_COLUMNS)
    if rows.empty:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in _COLUMNS})
    limit = 1 + settings.jump_share
    jump, basis = rows["last_ratio"] > limit, BY_SALES
    if rows["target_amount"].notna().any():
        rows = rows[rows["target_amount"].notna()]
        jump, basis = jump & (ratio(rows["target_amount"], rows["base_amount"]) > limit), BY_TARGET
    kept = rows.assign(is_jump=jump.reindex(rows.index), basis=basis)
    return kept.sort_values(["period", "rep_id"], ignore_index=True)[_COLUMNS]


def jump_results(
    years: pd.DataFrame,
    opportunities: pd.DataFrame | None,
    reps: pd.DataFrame,
    as_of: date,
    minimum_group: int,
) -> pd.DataFrame:
    """
    Say how the years went on whose target one good year had made, beside the others.

    Whole years of people who were there to their end count: reached is the target or, where
    targets of the past are not known, what they had won in the year before. How many left is
    among the reasons of step 10 (``exit_drivers``, ``target_jump``), where all figures on leavers
    are decided together.

    Parameters
    ----------
    years
        From ``good_years``.
    opportunities
        Won deals, or None.
    reps
        ``rep_id``, ``leave_date``.
    as_of
        Years that end later do not count.
    minimum_group
        Fewest people behind a row, and behind the difference of two rows.

    Returns
    -------
    DataFrame
        Table ``key_account_jump_results``; groups with too few people are not shown alone.
    """
    contract = table("key_account_jump_results")
    over = years[pd.to_datetime(years["end_date"]) <= pd.Timestamp(as_of)]
    gone = look_up(over["rep_id"], reps.drop_duplicates("rep_id").set_index("rep_id")["leave_date"])
    over = over[~(gone <= pd.to_datetime(over["end_date"])).fillna(False).astype(bool)]
    if over.empty or opportunities is None:
        return contract.empty()
    over = over.assign(won=_won_in(over, _sales(opportunities)))
    by_target = (over["basis"] == BY_TARGET).all()
    asked = over["target_amount" if by_target else "last_amount"].astype("float64")
    over = over.assign(ratio=ratio(over["won"], asked)).dropna(subset="ratio")
    jump = over["is_jump"].astype(bool)
    parts = {ALL: over, AFTER: over[jump], OTHER: over[~jump]}
    people = {name: rows["rep_id"].nunique() for name, rows in parts.items()}
    if min(people[AFTER], people[OTHER]) < minimum_group:
        parts = {ALL: over}
    if people[ALL] < minimum_group:
        return contract.empty()
    note = (
        f"fewer than {minimum_group} people in a group: it is not shown alone"
        if len(parts) == 1
        else ""
    )
    return contract.check(pd.DataFrame([
        {"level": name, "level_order": order, "basis": over["basis"].iloc[0],
         "people_count": people[name], "case_count": len(rows),
         "reached_count": int((rows["ratio"] >= 1).sum()), "median_ratio": rows["ratio"].median(),
         "first_year": over["period"].min(), "last_year": over["period"].max(), "note": note}
        for order, (name, rows) in enumerate(parts.items())
    ]).assign(**{
        "reached_share": lambda frame: frame["reached_count"] / frame["case_count"],
        "low": lambda frame: wilson(frame["reached_count"], frame["case_count"])[0].clip(0, 1),
        "high": lambda frame: wilson(frame["reached_count"], frame["case_count"])[1].clip(0, 1),
        "is_grey": lambda frame: frame["case_count"] < 2 * minimum_group,
    }))  # fmt: skip


def _sales(opportunities: pd.DataFrame | None) -> pd.DataFrame:
    rows = table("opportunities").or_empty(opportunities)
    won = rows[rows["is_won"].fillna(False).astype(bool)]
    return won.loc[won["amount"].notna(), ["owner_id", "close_date", "amount"]]


def _year(
    won: pd.DataFrame,
    people: pd.DataFrame,
    targets: pd.DataFrame,
    year: Period,
    settings: KeyAccountsSettings,
) -> pd.DataFrame:
    """Give the base of each person on the first day of a year, by whole spans of twelve months."""
    start = pd.Timestamp(year.start)
    first, spans = won["close_date"].min(), 0
    while spans < settings.revenue_years and (
        first <= start - pd.DateOffset(years=spans + 1) + pd.DateOffset(days=31)
    ):
        spans += 1
    if spans < _LEAST_YEARS:
        return pd.DataFrame(columns=_COLUMNS)
    sums = []
    for span in range(spans):
        until, since = start - pd.DateOffset(years=span), start - pd.DateOffset(years=span + 1)
        inside = won[(won["close_date"] >= since) & (won["close_date"] < until)]
        sums.append(look_up(people["rep_id"], inside.groupby("owner_id")["amount"].sum()))
    amounts = pd.concat(sums, axis=1).fillna(0.0).set_axis(range(spans), axis=1)
    there = people["hire_date"] <= start - pd.DateOffset(years=spans)
    gone = (people["leave_date"] < start).fillna(False)
    rows = pd.DataFrame(
        {
            "rep_id": people["rep_id"],
            "period": year.name,
            "start_date": start,
            "end_date": pd.Timestamp(year.end),
            "target_amount": targets["target_amount"].to_numpy(),
            "base_amount": amounts.mean(axis=1),
            "last_amount": amounts[0],
            "last_ratio": ratio(amounts[0], amounts.iloc[:, 1:].mean(axis=1)),
        }
    )
    return rows[there.fillna(False) & ~gone & rows["last_ratio"].notna()]


def _won_in(rows: pd.DataFrame, won: pd.DataFrame) -> pd.Series:
    """Give what each person won in the year of each row."""
    both = rows.reset_index(names="place").merge(won, left_on="rep_id", right_on="owner_id")
    inside = both[both["close_date"].between(both["start_date"], both["end_date"])]
    return inside.groupby("place")["amount"].sum().reindex(rows.index).fillna(0.0)
