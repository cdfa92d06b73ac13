"""What a leader reads about a plan of territories beside the plan: price, hierarchy, fairness."""

from __future__ import annotations

import pandas as pd

from planlib.charts import territories as charts
from planlib.charts.base import money
from planlib.exchange.audience import AudienceView
from planlib.notes import count_of, percent
from planlib.report.common import amount_of
from planlib.report.parts import Block, Line, Listing, picture

STEP = "03_territories"


def review_lines(view: AudienceView) -> list[Line]:
    """Say what the hierarchy costs, how even potential lies, and what became of challenges."""
    texts = [*_hierarchy(view), *_even(view), *_levels(view), *_challenged(view), *_held(view)]
    return [Line(text, step=STEP) for text in texts]


def review_asks(view: AudienceView) -> list[Line]:
    """List what a leader should look at: flags, challenges not accepted, limits worth a change."""
    return [*_flags(view), *_open_challenges(view), *_prices(view)]


def review_blocks(view: AudienceView) -> list[Block]:
    """Show the trade-off, the hierarchy and the territories with a flag."""
    blocks: list[Block] = []
    curve, levels = view.rows("territory_trade_off"), view.rows("territory_cascade")
    if len(curve):
        block = charts.largest_block(view.rows("territory_plan"))
        ax = charts.plot_trade_off(curve, block, currency=view.plan.currency, as_of=view.as_of)
        blocks.append(picture(ax))
    if len(levels):
        ax = charts.plot_cascade(levels, currency=view.plan.currency, as_of=view.as_of)
        blocks.append(picture(ax))
    if len(view.rows("territory_fairness")):
        blocks.append(_flagged(view))
    return blocks


def _hierarchy(view: AudienceView) -> list[str]:
    cost = view.rows("territory_cascade_cost")
    known = cost[cost["gap"].notna()].set_index("plan")["gap"]
    if not {"cascade", "flat"} <= set(known.index):
        return []
    return [
        f"Planned from the head down the plan is at most {percent(known['cascade'], 1)} above the "
        f"cheapest possible, planned all at once {percent(known['flat'], 1)}."
    ]


def _even(view: AudienceView) -> list[str]:
    rows = view.rows("territory_fairness_summary")
    rows = rows[rows["block"].eq("all") & rows["measure"].eq("potential")]
    return [
        f"Potential lies more evenly over the reps: Gini coefficient {before:.2f} today, "
        f"{after:.2f} in the plan."
        for before, after in rows[["gini_before", "gini_after"]].dropna().to_numpy(float)
        if after < before
    ]


def _levels(view: AudienceView) -> list[str]:
    """Say how many accounts are more complex than the level of their rep, today and in the plan."""
    rows = view.rows("territory_reps")
    known = rows[rows["skill_score"].notna()]
    total = view.rows("territory_plan")["cost"].sum()
    if known.empty or total <= 0:
        return []
    worth = [
        "" if amount is None else f" (potential {money(amount, view.plan.currency)})"
        for amount in (amount_of(known[f"{when}_above_potential"]) for when in ("before", "after"))
    ]
    return [
        f"Above the level of their rep are {int(known['before_above_count'].sum()):,} accounts "
        f"today{worth[0]} and {int(known['after_above_count'].sum()):,} in the plan{worth[1]}, "
        f"which is {percent(known['after_above_cost'].sum() / total, 1)} of its cost."
    ]


def _challenged(view: AudienceView) -> list[str]:
    rows = view.rows("territory_challenges")
    if rows.empty:
        return []
    taken = int(rows["decision"].eq("accepted").sum())
    return [f"{taken:,} of {count_of(len(rows), 'challenge')} accepted."]


def _held(view: AudienceView) -> list[str]:
    rows = view.rows("territory_holdover")
    held = rows[rows["is_held"].fillna(False).astype(bool)]
    if held.empty:
        return []
    total = amount_of(held["amount"])
    sum_of = "" if total is None else f" ({money(total, view.plan.currency)})"
    verb = "stays" if len(held) == 1 else "stay"
    return [f"{count_of(len(held), 'open deal')}{sum_of} {verb} with the old rep for a while."]


def _flags(view: AudienceView) -> list[Line]:
    rows = view.rows("territory_fairness")
    flagged = rows[rows["flag_count"].fillna(0).gt(0)]
    if flagged.empty:
        return []
    verb = "has" if len(flagged) == 1 else "have"
    noun = count_of(len(flagged), "territory", "territories")
    text = f"{noun} of {len(rows):,} {verb} a fairness flag: look at them before release"
    return [Line(text, step=STEP)]


def _open_challenges(view: AudienceView) -> list[Line]:
    rows = view.rows("territory_challenges")
    rows = rows[rows["decision"].eq("not accepted")]
    if rows.empty:
        return []
    text = f"{count_of(len(rows), 'challenge')} not accepted, first: {rows['detail'].iloc[0]}"
    return [Line(text, amount_of(rows["acv"]), STEP)]


def _prices(view: AudienceView) -> list[Line]:
    """Name the parts of the market where a larger disruption budget would save something."""
    rows = view.rows("territory_solution")
    rows = rows[rows["price_acv"].fillna(0).gt(0)]
    return [
        Line(f"{block}: the disruption budget binds. {note}", step=STEP)
        for block, note in rows[["block", "budget_note"]].dropna().to_numpy(object)
    ]


def _flagged(view: AudienceView) -> Listing:
    rows = view.rows("territory_fairness")
    rows = rows[rows["flag_count"].fillna(0).gt(0)].sort_values(
        ["flag_count", "rep_id"], ascending=[False, True], kind="stable"
    )
    frame = pd.DataFrame({
        "rep": rows["rep_name"].fillna(rows["rep_id"]), "block": rows["block"],
        "flags": rows["flags"],
    }).reset_index(drop=True)  # fmt: skip
    return Listing(
        name="Fairness",
        frame=frame,
        title="Territories with a fairness flag",
        subtitle="a flag is a question, not a verdict; limits stand with each",
        labels={"block": "Part of the market", "flags": "What stands out"},
        limit=view.plan.report.rows,
        empty="no territory has a flag",
    )
