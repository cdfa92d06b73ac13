"""Definitions, headlines and cautions on credit and marketing, computed from the tables."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planlib.notes import count_of, note_rows, percent
from planlib.pipeline.credit import BENCHMARKS
from planlib.pipeline.touches import UNATTRIBUTED
from planlib.pipeline.words import short_money
from planlib.settings.marketing import MarketingSettings

#: What each figure of credit and marketing is; printed under the tables.
SOURCE_DEFINITIONS: dict[str, str] = {
    "creation credit": "Deals created in the period until the as-of date, at the amount at "
    "creation, by the role that created them (creator_role of the deal, else the role of its "
    "creator on that day).",
    "benchmark": "Share of creation in one published firm: "
    + ", ".join(f"{role} {words}" for role, (_, words) in BENCHMARKS.items())
    + ". Context, not a target.",
    "conversion of what a role created": "Won deals / all deals of a cohort: created in the year "
    "that ended as long ago as nine of ten deals take. Interval: Wilson, 95 %.",
    "hand-over": "A deal whose owner is not its creator. Days: from creation to the first record "
    "with the new owner, so at most so long. Kept: not lost within the days of plan.yaml "
    "(marketing.handover_days).",
    "counted credit": "Revenue splits of won deals, brought to 100 % where they exceed it; the "
    "owner gets what they leave. Adds up to closed ACV once.",
    "credited": "Counted credit plus overlay splits; may exceed closed ACV.",
    "first, last, even": "Credit of a deal to its first touch, to its last, or split evenly over "
    "all. For pipeline touches count until the deal's creation, for ACV until its close.",
    "unattributed": "Deals that no touch reached in time. They are part of every total.",
    "link of a touch": "The deal it names, else the deal of its lead, else (only with "
    "marketing.account_link_days) deals of its account. The campaign that a deal or its lead "
    "names counts as one touch.",
    "cost": "Cost of campaigns plus their staff, even over the days of each campaign, of the days "
    "in scope. Cost per pipeline and per ACV: cost / credited amount, of the same days; in the "
    "total: cost of all / amount credited to sources with a cost, without the unattributed part.",
    "staff": "Full-time equivalents of the campaigns, averaged over the scope. Pipeline per "
    "employee: in the total, that credited to sources that show one / their staff. Blank where "
    "staff costs more than twice as much a full-time year as that of the median source: the dates "
    "of the campaigns are shorter than the work on them.",
    "new audience": "Leads and accounts whose first touch of all came from the source in the "
    "scope, and those of them with a deal created since.",
    "balance": "Creation: touch until the deal's creation. Maturing: after it. Closing: in the "
    "last open stage (highest mean probability). The cost of a campaign is even over its touches.",
    "account-based": "Accounts with a touch of a campaign of that source until the end of the "
    "scope. Activities that the customer started, deals created and deals won in the scope count "
    "from the first such touch on; that they follow it makes it no cause.",
    "conversion of leads": "Leads that became a deal / leads created in the scope; leads of the "
    "last weeks may still convert.",
    "level": "From the job title: executive, manager, staff.",
    "engagement": "Touches of marketing by channel and activities of sales by type. Inbound: "
    "started by the customer.",
    "predictability": "Win rate (won / decided) of each full quarter of the last eight. Steady: "
    "a chi-square test does not tell the quarters apart at 5 %. The best team is found on rates "
    "drawn towards that of all teams, because the best of several is partly luck.",
}


def source_headlines(tables: Mapping[str, pd.DataFrame], model: str, currency: str) -> list[str]:
    """
    Say what a leader should know first of credit and sources.

    Parameters
    ----------
    tables
        Tables of ``measure_sources`` by name.
    model
        Credit model that is shown.
    currency
        Currency of the plan.
    """
    return [
        *_creation_line(tables["creation_credit"]),
        *_closing_line(tables["closing_credit"], currency),
        *_source_lines(tables["marketing_sources"], model, currency),
        *_balance_line(tables["marketing_balance"]),
        *_account_line(tables["marketing_accounts"], currency),
        *_team_line(tables["team_predictability"]),
    ]


def _creation_line(rows: pd.DataFrame) -> list[str]:
    known = rows[rows["amount_share"].notna() & (rows["generated_count"] > 0)]
    if known.empty:
        return []
    parts = [
        f"{row['role']} {percent(row['amount_share'])}"
        + (f" (elsewhere {row['benchmark']})" if row["benchmark"] else "")
        for row in known.head(3).to_dict("records")
    ]
    return [f"Pipeline generated in {known['period'].iloc[0]} was created by {', '.join(parts)}."]


def _closing_line(rows: pd.DataFrame, currency: str) -> list[str]:
    whole = rows[rows["credit_by"] == "all"]
    if whole.empty:
        return []
    row = whole.iloc[0]
    same = "equals" if row["difference_amount"] == 0 else "does not equal"
    return [
        f"Counted closing credit of {short_money(row['counted_amount'], currency)} {same} closed "
        f"ACV; with overlays {short_money(row['credited_amount'], currency)} is credited."
    ]


def _source_lines(rows: pd.DataFrame, model: str, currency: str) -> list[str]:
    if rows.empty:
        return []
    rows = rows[(rows["credit_model"] == model) & (rows["scope"] == rows["scope"].iloc[-1])]
    whole = rows[rows["by"] == "all"].iloc[0]
    mine = rows[rows["by"] == "source"]
    named = mine[mine["value"] != UNATTRIBUTED].sort_values(
        ["pipeline_amount", "value"], ascending=[False, True]
    )
    reached = 1 - float(mine.loc[mine["value"] == UNATTRIBUTED, "pipeline_share"].sum())
    if named.empty or pd.isna(whole["pipeline_share"]):
        return []
    top = named.iloc[0]
    lines = [
        f"Marketing reached {percent(reached)} of the pipeline created in {whole['scope']} "
        "before its "
        f"creation; {top['value']} is the largest source with {percent(top['pipeline_share'])} "
        f"({short_money(top['pipeline_amount'], currency)})."
    ]
    priced = named[named["cost_per_pipeline"].notna() & ~named["is_grey"]]
    if len(priced) > 1:
        ordered = priced.sort_values(["cost_per_pipeline", "value"])
        low, high = ordered.iloc[0], ordered.iloc[-1]
        lines.append(
            f"100 {currency} of pipeline cost {100 * low['cost_per_pipeline']:.1f} from "
            f"{low['value']} and {100 * high['cost_per_pipeline']:.1f} from {high['value']}."
        )
    return lines


def _balance_line(rows: pd.DataFrame) -> list[str]:
    if rows.empty:
        return []
    rows = rows[rows["scope"] == rows["scope"].iloc[-1]]
    by = rows.groupby("phase")["cost_amount"].sum()
    total = float(by.sum())
    if total <= 0:
        return []
    parts = [
        f"{percent(float(by.get(phase, 0.0)) / total)} {said}"
        for phase, said in (
            ("creation", "went to touches before a deal's creation"),
            ("maturing", "to deals in work"),
            ("closing", "to the last stage"),
            ("no deal", "to touches that reached no deal"),
        )
    ]
    return [f"Of the marketing cost {', '.join(parts)}."]


def _account_line(rows: pd.DataFrame, currency: str) -> list[str]:
    """Say what came of the accounts that account-based campaigns reached."""
    if rows.empty:
        return []
    rows = rows[rows["scope"] == rows["scope"].iloc[-1]]
    touched, engaged, created = (
        int((rows[f"{name}_count"] > 0).sum()) for name in ("touch", "engaged", "created")
    )
    return [
        f"Account-based campaigns have reached {len(rows)} accounts, {touched} of them in "
        f"{rows['scope'].iloc[0]}. In these days, after their first touch, {engaged} accounts "
        f"came to us and {created} had a deal created, with "
        f"{short_money(rows['pipeline_amount'].sum(), currency)} of pipeline and "
        f"{short_money(rows['acv_amount'].sum(), currency)} of closed ACV."
    ]


def _team_line(rows: pd.DataFrame) -> list[str]:
    best = rows[rows["is_best"].fillna(False).astype(bool)]
    if best.empty or len(rows) < 2 or pd.isna(best["win_rate"].iloc[0]):
        return []
    row = best.iloc[0]
    steady = "too thin to judge over"
    if pd.notna(row["is_stable"]):
        steady = "steady over" if row["is_stable"] else "not steady over"
    others = rows[~rows["is_grey"].fillna(True).astype(bool)].drop(index=best.index)
    near = int((others["high"] >= row["low"]).sum())
    if near:
        return [
            f"Best team by win rate is {row['team']}: {percent(row['win_rate'])} "
            f"({percent(row['low'])} to {percent(row['high'])}), {steady} {row['quarter_count']} "
            f"quarters; {near} of {count_of(len(others), 'other team')} may be as good, because "
            "the intervals overlap."
        ]
    return [
        f"Best team by win rate is {row['team']}: {percent(row['win_rate'])} "
        f"({percent(row['low'])} to {percent(row['high'])}), {steady} {row['quarter_count']} "
        "quarters."
    ]


def source_notes(
    lines: list[str],
    cautions: Mapping[str, str],
    missing: Mapping[str, str],
    settings: MarketingSettings,
) -> pd.DataFrame:
    """
    Give headlines, cautions, what is missing and definitions as table ``marketing_notes``.

    Parameters
    ----------
    lines
        Headlines.
    cautions, missing
        Notes by topic.
    settings
        For the rule of small cells.
    """
    grey = {
        "grey": f"Fewer than {settings.minimum_count} deals or leads, or a group that is known for "
        "converted leads only: the number stays, the colour goes."
    }
    return note_rows({
        "headline": lines,
        "caution": cautions,
        "missing": missing,
        "definition": {**SOURCE_DEFINITIONS, **grey},
    })  # fmt: skip
