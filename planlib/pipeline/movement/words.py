"""Headlines, definitions and what is missing on movement, in words, computed from its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from planlib.notes import count_of, note_rows, percent
from planlib.periods import Period
from planlib.pipeline.movement.conversion import MATURE
from planlib.pipeline.movement.timeline import Timeline
from planlib.pipeline.words import short_money
from planlib.settings.movement import MovementSettings

#: What each figure is; printed with the tables.
DEFINITIONS: dict[str, str] = {
    "event bridge": "Each recorded day is compared with the one before by the rules of the bridge, "
    "and all changes are added up. Start, end and net change are those of the bridge of two "
    "days; what is more is movement that the two days alone do not show.",
    "stage conversion": "Deals that reached a later stage or were won / deals that reached the "
    "stage, of a cohort by quarter of creation. Skipped stages count as passed; steps back are "
    "counted apart. Only deals observed since their creation.",
    "days in stage": "Kaplan-Meier median: deals still in the stage count as long as they have "
    "been in it. Latest: the last stay; cumulative: all stays of a deal together.",
    "ageing": "Days of an open deal in its stage / median days that won deals were in that stage, "
    "in the same segment where enough were won there.",
    "slip rate": "Of what was open at the period's start with its close date in the period: still "
    "open with a later close date, or none / all; by amount at the start, and by deals.",
    "velocity": "Open deals x win rate x mean won amount / mean cycle of won deals: money per day "
    "if nothing changes.",
    "won and lost by age": "Aalen-Johansen estimate: won and lost compete, open deals count as "
    "long as they are watched; deals from before the first recorded closing from that day on.",
    "restatements": "Deals of periods that had ended, as recorded then beside today's table. Who "
    "changed a deal comes from the record that shows it, else from the deal's last editor.",
    "manager reviews": "Open deals with review status reviewed / all open deals.",
    "project line": "Contracts signed, cash received, and what is due or overdue until the as-of "
    "date; margins and shares are recomputed from sums.",
    "causes of losses": "Lost projects by cause: the relation was missing, the support was, both, "
    "or another cause; shares of all lost, those not coded included.",
}


def movement_notes(
    tables: Mapping[str, pd.DataFrame],
    period: Period,
    timeline: Timeline,
    settings: MovementSettings,
    *,
    missing: Mapping[str, str],
    cautions: Mapping[str, str],
    currency: str,
) -> pd.DataFrame:
    """
    Give headlines, cautions, what is missing and definitions as table ``movement_notes``.

    Parameters
    ----------
    tables
        Tables of movement in their declared shape.
    period, timeline, settings
        What was measured, from what, and with which settings.
    missing, cautions
        Notes by topic.
    currency
        Currency of the plan.
    """
    careful = {"history": timeline.note, **_found(tables["pipeline_findings"]), **cautions}
    rule = f"A deal is old from {settings.ageing_factor:g} times the usual days on."
    return note_rows({
        "headline": _headlines(tables, period, currency),
        "caution": careful,
        "missing": missing,
        "definition": {**DEFINITIONS, "ageing": f"{DEFINITIONS['ageing']} {rule}"},
    })  # fmt: skip


def _found(findings: pd.DataFrame) -> dict[str, str]:
    """Say how many deals each finding names, and what it does."""
    counts = findings.groupby("finding", sort=False).agg(
        count=("line", "size"), effect=("effect", "first"), first=("opportunity_id", "first")
    )
    return {
        str(name): f"{row['count']} found"
        + (f", first {row['first']}" if pd.notna(row["first"]) else "")
        + f"; {row['effect']}"
        for name, row in counts.iterrows()
    }


def _headlines(tables: Mapping[str, pd.DataFrame], period: Period, currency: str) -> list[str]:
    parts = (
        _slip_line(tables["pipeline_slips"], period, currency),
        _event_line(tables["pipeline_event_bridge"], currency),
        _stage_line(tables["stage_conversion"]),
        _ageing_line(tables["pipeline_ageing"], currency),
        _push_line(tables["pipeline_pushes"]),
        _review_line(tables["pipeline_reviews"]),
        _restated_line(tables["pipeline_restatements"], currency),
        _cash_line(tables["project_figures"], currency),
        _loss_line(tables["project_losses"]),
    )
    return [line for part in parts for line in part]


def _slip_line(slips: pd.DataFrame, period: Period, currency: str) -> Iterator[str]:
    total = slips[(slips["cut"] == "total") & slips["slip_rate_amount"].notna()]
    mine, before = total[total["period"] == period.name], total[total["period"] != period.name]
    if mine.empty:
        return
    row = mine.iloc[0]
    so_far = "" if row["to_date"] >= pd.Timestamp(period.end) else " so far"
    text = (
        f"{percent(row['slip_rate_amount'])} of the pipeline that {period.name} started with "
        f"({short_money(row['slipped_amount'], currency)}, {row['slipped_count']} deals) has "
        f"slipped to a later period{so_far}"
    )
    if len(before):
        usual = before["slipped_amount"].sum() / before["start_amount"].sum()
        text += f"; it was {percent(usual)} over the {len(before)} periods before"
    yield text + "."


def _event_line(bridge: pd.DataFrame, currency: str) -> Iterator[str]:
    pushed = bridge[(bridge["cut"] == "total") & (bridge["reason"] == "pushed_out")]
    if pushed.empty:
        return
    row = pushed.iloc[0]
    hidden = row["count"] - row["two_point_count"]
    if hidden > 0 and pd.notna(row["amount"]):
        times = count_of(row["count"], "time")
        yield (
            f"Since {row['from_date']:%Y-%m-%d} deals were pushed out {times} "
            f"({short_money(-row['amount'], currency)}); the bridge of two days shows "
            f"{row['two_point_count']} of them; the other deals came in after the first day, came "
            "back or were decided."
        )


def _stage_line(conversion: pd.DataFrame) -> Iterator[str]:
    rows = conversion[
        (conversion["cut"] == "total")
        & (conversion["cohort"] == MATURE)
        & ~conversion["is_grey"].astype(bool)
        & conversion["conversion"].notna()
    ]
    if rows.empty:
        return
    weak = rows.sort_values(["conversion", "stage_order"]).iloc[0]
    first, last = rows.iloc[0], rows.iloc[-1]
    yield (
        f"Of 100 deals created, {100 * last['passed_count'] / first['entered_count']:.0f} are won; "
        f"the narrowest step is {weak['stage']}, where {percent(weak['conversion'])} come further "
        f"({percent(weak['low'])} to {percent(weak['high'])})."
    )


def _ageing_line(ageing: pd.DataFrame, currency: str) -> Iterator[str]:
    judged = ageing[ageing["is_old"].notna()]
    old = judged[judged["is_old"].astype(bool)]
    if len(old):
        yield (
            f"{len(old)} of {len(judged)} open deals ({short_money(old['amount'].sum(), currency)})"
            " have been in their stage far longer than won deals were."
        )


def _push_line(pushes: pd.DataFrame) -> Iterator[str]:
    rows = pushes[pushes["win_rate"].notna() & ~pushes["is_grey"].astype(bool)]
    rows = rows.sort_values("push_order")
    if len(rows) > 1 and rows["push_order"].iloc[0] == 0:
        first, last = rows.iloc[0], rows.iloc[-1]
        yield (
            f"Deals never pushed are won in {percent(first['win_rate'])} of decided cases, "
            "deals pushed "
            f"{last['pushes']} times in {percent(last['win_rate'])}."
        )


def _review_line(reviews: pd.DataFrame) -> Iterator[str]:
    total = reviews[reviews["cut"] == "total"]
    if len(total) and pd.notna(total["reviewed_share"].iloc[0]):
        row = total.iloc[0]
        yield (
            f"Managers have reviewed {row['reviewed_count']} of {row['deal_count']} open deals "
            f"({percent(row['reviewed_share'])}"
            + (
                f", {percent(row['reviewed_amount_share'])} of the amount)."
                if pd.notna(row["reviewed_amount_share"])
                else ")."
            )
        )


def _restated_line(restated: pd.DataFrame, currency: str) -> Iterator[str]:
    if len(restated):
        effect = float(restated["effect_amount"].sum())
        deals = "1 deal" if len(restated) == 1 else f"{len(restated)} deals"
        verb = "stands" if len(restated) == 1 else "stand"
        yield (
            f"{deals} of ended periods no longer {verb} as on "
            f"{restated['from_date'].iloc[0]:%Y-%m-%d}; together that changes closed amounts by "
            f"{short_money(effect, currency)}."
        )


def _cash_line(figures: pd.DataFrame, currency: str) -> Iterator[str]:
    total = figures[figures["cut"] == "total"].set_index("figure")["value"]
    if "contract_amount" not in total or pd.isna(total["contract_amount"]):
        return
    text = f"Contracts of {short_money(total['contract_amount'], currency)} are signed"
    if pd.notna(total.get("collected_share")):
        share, tracked = percent(total["collected_share"]), total.get("tracked_amount")
        if pd.isna(tracked) or tracked == total["contract_amount"]:
            text += f", {share} of it is collected"
        else:
            text += (
                f", {share} of the {short_money(tracked, currency)} with payments on record is "
                "collected"
            )
    if pd.notna(total.get("overdue_amount")):
        text += f" and {short_money(total['overdue_amount'], currency)} is overdue"
    if pd.notna(total.get("on_time_share")):
        text += f"; {percent(total['on_time_share'])} of deliveries were on time"
    yield text + "."


def _loss_line(losses: pd.DataFrame) -> Iterator[str]:
    total = losses[losses["cut"] == "total"].set_index("cause")
    if total.empty:
        return
    shares = total["count_share"]
    yield (
        f"Of {total['lost_count'].iloc[0]} lost, the relation was missing in "
        f"{percent(shares['relation'])}, the support in {percent(shares['support'])}, both in "
        f"{percent(shares['both'])}."
    )
