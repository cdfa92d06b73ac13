"""What a reader of the pipeline's figures must know before using them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd

from planlib.notes import percent
from planlib.pipeline.bridge import Bridge
from planlib.pipeline.cuts import CutTables
from planlib.pipeline.measures import NOT_BEGUN, Measured
from planlib.workdays import WorkCalendar


def bridge_notes(bridge: Bridge) -> dict[str, str]:
    """Say what a bridge cannot show."""
    notes = {}
    if bridge.scope == "all":
        notes["bridge"] = (
            "over all open deals, reconstructed from created and closed dates at today's amounts: "
            "moves of close dates, changes of amounts and deleted deals cannot be seen"
        )
    if bridge.passed_through:
        notes["bridge, in between"] = (
            f"{bridge.passed_through} deals were created and closed between the two days and are "
            "in neither state"
        )
    return notes


def not_computed(
    tables: CutTables, cuts: Iterable[str], targets: pd.DataFrame | None
) -> dict[str, str]:
    """Say why cuts, and what rests on targets, cannot be computed, by topic."""
    found = {}
    for cut in dict.fromkeys(cuts):
        lookup, reason = tables.resolve(cut)
        if lookup is None:
            found[f"cut {cut}"] = reason
    if targets is None or targets.empty:
        found["target, coverage, attainment"] = "table targets is missing"
    elif (targets["measure"] == "new_customers").any():
        found["targets of new_customers"] = "no figure of this step is compared with them"
    return found


def cautions(
    deals: pd.DataFrame,
    now: Measured,
    prior: Measured,
    data_until: date,
    calendar: WorkCalendar | None = None,
) -> dict[str, str]:
    """
    Collect what is blank, weak, filled in or contradictory, by topic.

    Parameters
    ----------
    deals
        Prepared deals.
    now, prior
        Both sides of the matrix.
    data_until
        Day until which the deals table is complete.
    calendar
        Working days.
    """
    notes: dict[str, str] = {}
    period, before = now.period, prior.period
    calendar = calendar or WorkCalendar()
    if now.as_of >= period.start:
        shares = [
            calendar.elapsed_share(side.start, side.end, day)
            for side, day in ((period, now.as_of), (before, prior.as_of))
        ]
        notes["same day"] = (
            f"{percent(shares[0])} of the working days of {period.name} have passed on "
            f"{now.as_of}, "
            f"{percent(shares[1])} of {before.name} on {prior.as_of}"
        )
    for reason in dict.fromkeys(now.missing.values()):
        figures = ", ".join(name for name, why in now.missing.items() if why == reason)
        if reason != NOT_BEGUN:
            notes[figures] = f"not computed: {reason}"
    for reason in dict.fromkeys(prior.missing.values()):
        figures = ", ".join(name for name, why in prior.missing.items() if why == reason)
        notes[f"a year before: {figures}"] = f"not computed: {reason}"
    for reason in dict.fromkeys(now.weak.values()):
        figures = ", ".join(name for name, why in now.weak.items() if why == reason)
        notes[f"{figures} "] = reason
    return notes | _estimated(deals) | _gaps(now) | _contradictions(deals, data_until)


def _estimated(deals: pd.DataFrame) -> dict[str, str]:
    """Count open deals whose amount a rule filled in, such as the list price."""
    open_deals = deals[deals["status"] == "open"]
    filled = open_deals[open_deals["is_amount_estimated"].fillna(False).astype(bool)]
    if filled.empty:
        return {}
    share = float(filled["amount"].sum()) / max(1.0, float(open_deals["amount"].sum()))
    return {
        "open at an estimated amount": (
            f"{len(filled)} of {len(open_deals)} open deals have an amount filled in by a rule, "
            f"such as the list price ({percent(share)} of the open amount)"
        )
    }


def _gaps(now: Measured) -> dict[str, str]:
    """Count deals whose amounts or dates are missing or stand in for others."""
    notes = {}
    open_deals = now.state.open_deals
    blank = int(open_deals["amount"].isna().sum())
    if blank:
        notes["open without amount"] = (
            f"{blank} of {len(open_deals)} open deals have no amount; they count as deals, not "
            "in money"
        )
    undated = int(open_deals["close_date"].isna().sum())
    if undated:
        notes["open without close date"] = (
            f"{undated} of {len(open_deals)} open deals have no close date; they are in no period"
        )
    inside = now.rows[now.rows["measure"] == "open_in_period"]
    late = inside[inside["close_date"] < pd.Timestamp(now.as_of)]
    if len(late):
        share = float(late["cents"].sum()) / max(1.0, float(inside["cents"].sum()))
        said = (
            f"{len(late)} of the {len(inside)} open deals that close in {now.period.name} are past "
            f"their close date ({percent(share)} of the amount): they count as open"
        )
        if now.as_of < now.period.end:  # later there is no coverage
            said += ", and coverage counts on them"
        notes["open past its close date"] = said
    unborn = int(open_deals["created_date"].isna().sum())
    if unborn:
        notes["open without created date"] = (
            f"{unborn} of {len(open_deals)} open deals have no created date; they are not in a "
            "reconstructed past"
        )
    generated = now.rows[now.rows["measure"] == "generated"]
    today = int((generated["amount_basis"] == "today's amount").sum())
    unknown = int(generated["cents"].isna().sum())
    if unknown:
        notes["generated without amount"] = (
            f"{unknown} of {len(generated)} deals have no known amount at creation; "
            "they count as deals, not in money"
        )
    if today:
        notes["generated at today's amount"] = (
            f"{today} of {len(generated)} deals have no amount at creation and count with today's"
        )
    return notes


def _contradictions(deals: pd.DataFrame, data_until: date) -> dict[str, str]:
    """Count deals whose flags and dates contradict each other or are missing."""
    closed = deals["status"].isin(["won", "lost"])
    found = {
        "unknown status": (
            deals["status"] == "unknown",
            "have neither is_closed nor is_won; they count nowhere",
        ),
        "closed without date": (
            closed & deals["close_date"].isna(),
            "are closed without a close date; they are in no period",
        ),
        "closed in the future": (
            closed & (deals["close_date"] > pd.Timestamp(data_until)),
            f"are closed with a close date after {data_until}; not counted yet",
        ),
        "closed before created": (
            deals["close_date"] < deals["created_date"],
            "have a close date before the created date; they have no cycle",
        ),
        "won without amount": (
            (deals["status"] == "won") & deals["amount"].isna(),
            "are won without an amount",
        ),
    }
    return {
        topic: f"{int(rows.sum())} deals {text}"
        for topic, (rows, text) in found.items()
        if rows.any()
    }
