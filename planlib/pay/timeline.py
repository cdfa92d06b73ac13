"""Timeline of the planning cycle: milestones with sponsor, owner, due date and state (S0-33)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from planlib.periods import FiscalYear, Period
from planlib.settings.pay import MilestoneRule


def planning_timeline(
    milestones: pd.DataFrame | None,
    rules: Sequence[MilestoneRule],
    as_of: date,
    fiscal_year: FiscalYear,
) -> pd.DataFrame:
    """
    Give the milestones of the planning cycle and their state on a day.

    Parameters
    ----------
    milestones
        Decisions of kind ``planning_milestones`` in force; the last one of a milestone counts.
    rules
        What is proposed where there are none: weeks from the first day of the fiscal year that
        begins next.
    as_of
        Day of the state: past due and not done is late.
    fiscal_year
        Where fiscal years lie.

    Returns
    -------
    DataFrame
        Table ``planning_timeline``, by order of work, then due date.
    """
    if milestones is None or milestones.empty:
        return _proposed(rules, as_of, fiscal_year)
    last = milestones.sort_values(["when", "decision_id"]).drop_duplicates("milestone", keep="last")
    last = last.sort_values(["milestone_order", "due_date", "milestone"], na_position="last")
    day = pd.Timestamp(as_of)
    rows = []
    for order, one in enumerate(last.to_dict("records"), start=1):
        due, done = one["due_date"], one["done_date"]
        done = pd.NaT if not pd.isna(done) and done > day else done
        state, reason = _state(due, done, day)
        until = day if pd.isna(done) else done
        late = 0 if pd.isna(due) else max((until - due).days, 0)
        rows.append({
            "milestone_order": order, "milestone": one["milestone"], "sponsor": one["sponsor"],
            "owner": one["owner"], "due_date": due, "done_date": done, "state": state,
            "late_days": late if not pd.isna(due) else None, "expectation": one["expectation"],
            "reason": reason,
        })  # fmt: skip
    return pd.DataFrame(rows)


def check_milestones(milestones: pd.DataFrame | None, as_of: date) -> pd.DataFrame:
    """
    Name milestones without owner or date, out of order, or done on a day to come.

    Parameters
    ----------
    milestones
        Decisions of kind ``planning_milestones`` in force, or None.
    as_of
        Day after which nothing can be done yet.

    Returns
    -------
    DataFrame
        Rows for ``pay_problems``; the milestones stay in the timeline.
    """
    if milestones is None or milestones.empty:
        return pd.DataFrame()
    last = milestones.sort_values(["when", "decision_id"]).drop_duplicates("milestone", keep="last")
    last = last.sort_values(["milestone_order", "due_date", "milestone"], na_position="last")
    before = last["due_date"].cummax().shift()
    ordered = last["milestone_order"].notna()
    blank = last["owner"].fillna("").astype("str").str.strip().eq("")
    rows = []
    for problem, column, wrong, detail in (
        ("milestone_without_owner", "owner", blank, "a person who does it; shown as open"),
        ("milestone_without_date", "due_date", last["due_date"].isna(),
         "a date; the milestone has no bar in the picture"),
        ("milestones_out_of_order", "due_date", ordered & (last["due_date"] < before),
         "not before the milestones ahead of it in milestone_order; shown as entered"),
        ("done_in_future", "done_date", last["done_date"] > pd.Timestamp(as_of),
         f"a day until {as_of}; counted as not done"),
    ):  # fmt: skip
        for _, row in last[wrong].iterrows():
            value = row[column]
            rows.append({
                "problem": problem, "source": "override_planning_milestones",
                "row": f"{row['decision_id']}: {row['milestone']}", "column": column,
                "value": "" if pd.isna(value) else str(value).split(" 00:")[0], "detail": detail,
            })  # fmt: skip
    return pd.DataFrame(rows)


def next_year_start(as_of: date, fiscal_year: FiscalYear) -> date:
    """Give the first day of the fiscal year that begins after a day."""
    return Period.of(as_of, "year", fiscal_year).shift(1).start


def _proposed(rules: Sequence[MilestoneRule], as_of: date, fiscal_year: FiscalYear) -> pd.DataFrame:
    start = pd.Timestamp(next_year_start(as_of, fiscal_year))
    ordered = sorted(rules, key=lambda rule: (rule.weeks, rule.milestone))
    return pd.DataFrame([
        {
            "milestone_order": order, "milestone": rule.milestone,
            "due_date": start + pd.Timedelta(weeks=rule.weeks), "state": "proposed",
            "expectation": rule.expectation,
            "reason": f"proposed: {_weeks(rule.weeks)} the fiscal year begins on {start.date()}; "
            "nobody has confirmed it",
        }
        for order, rule in enumerate(ordered, start=1)
    ])  # fmt: skip


def _weeks(weeks: int) -> str:
    word = "week" if abs(weeks) == 1 else "weeks"
    return f"{abs(weeks)} {word} {'before' if weeks < 0 else 'after'}"


def _state(due: Any, done: Any, day: pd.Timestamp) -> tuple[str, str]:
    if not pd.isna(done):
        late = 0 if pd.isna(due) else (done - due).days
        if late > 0:
            return "done", f"done {_days(late)} after its date"
        return "done", "done in time" if not pd.isna(due) else "done"
    if pd.isna(due):
        return "planned", "no date is given"
    left = (due - day).days
    if left < 0:
        return "late", f"was due {_days(-left)} ago and is not done"
    return "planned", f"due in {_days(left)}"


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
