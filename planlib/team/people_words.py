"""Notes on people: headlines, cautions, what is missing, definitions, who may see what."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planlib.notes import count_of, note_rows, percent, signed_percent
from planlib.settings.team_people import TeamPeopleSettings
from planlib.team.grouping import ALL
from planlib.team.indicator_words import INDICATORS

DEFINITIONS = {
    "turnover": "leavers / person-years of the window; days there / 365.25; open seats and people "
    "without a first day are left out; interval 95 %, exact Poisson; shrunk rates are drawn to "
    "that of everybody",
    "survival": "share of a hire cohort still there (Kaplan-Meier); who came before the window "
    "is watched from its first day on",
    "exit drivers": "rate of a level / rate of all other levels, exact 95 % interval; several are "
    "looked at, so a difference is only named where it is beyond chance among all of them "
    "(Benjamini-Hochberg at 5 %)",
    "alerts of strain": "beyond the limit and beyond noise, also when all cells of one way of "
    "making teams are looked at together (Benjamini-Hochberg at team_people.false_alert_share)",
    "experience": "amount won and size of a deal by tenure of the owner on the day of closing; "
    "intervals count people, not deals",
    "cost of a leaver": "vacancy + ramp + hiring, each with its formula; sales of the vacant post "
    "count in full unless team_people.margin_share says otherwise",
    "readiness": "each criterion reached in the window, and the true value after shrinkage to "
    "peers reaches it with at least team_people.ready_confidence",
    "posts from inside": "posts filled by a change of role / posts filled in the window",
    "KPI tree": "needed drivers multiply to the role's target; all but the lever keep what was "
    "observed in the last twelve months",
}


def notes_table(
    tables: Mapping[str, pd.DataFrame],
    missing: Mapping[str, str],
    settings: TeamPeopleSettings,
    *,
    currency: str,
    has_history: bool,
    names: Mapping[str, str],
) -> pd.DataFrame:
    """
    Write every note.

    Parameters
    ----------
    tables
        Tables of the people part by name, in their declared shape.
    missing
        What was not computed, by topic.
    settings
        Section ``team_people``.
    currency
        For sentences.
    has_history
        Whether states of the past are known.
    names
        Names of people by id, for teams that have that of their manager.
    """
    named = {
        f"strain, {facts.title.lower()}": f"{facts.meaning} ({facts.unit})"
        for name, facts in INDICATORS.items()
        if name in settings.indicators
    }
    return note_rows({
        "headline": headlines(tables, currency, names, settings.margin_share),
        "caution": _cautions(tables, has_history=has_history),
        "missing": missing,
        "definition": [*DEFINITIONS.items(), *named.items()],
        "privacy": privacy_notes(settings),
    })  # fmt: skip


def headlines(
    tables: Mapping[str, pd.DataFrame],
    currency: str,
    names: Mapping[str, str],
    margin_share: float = 1.0,
) -> list[str]:
    """Say what a leader should know first; nothing that only some audiences may see."""
    found = [*_turnover(tables["turnover"])]
    found += _cost(tables["leaver_costs"], currency, margin_share)
    found += _experience(tables["experience_curve"], currency)
    bands = tables["burnout_bands"]
    for band in ("high", "watch"):
        mine = bands[bands["band"] == band]
        if len(mine):
            first = mine.iloc[0]
            team = names.get(first["team"], first["team"])
            ways = ", ".join(sorted(set(bands["team_by"])))
            found.append(
                f"{len(mine)} of {len(bands)} teams by {ways} {'has' if len(mine) == 1 else 'have'}"
                f" risk band {band} (a person is in one of each); the first is {team} by "
                f"{first['team_by']} ({int(first['people_count'])} people): {first['reasons']}."
            )
            break
    found += _everywhere(tables["burnout_indicators"])
    fills = tables["internal_fills"]
    total = fills[fills["role"] == ALL]
    if len(total):
        row = total.iloc[0]
        found.append(
            f"{int(row['inside_count'])} of {int(row['filled_count'])} posts filled since "
            f"{row['window_from']:%Y-%m-%d} went to people from inside (interval "
            f"{percent(row['low'])} to {percent(row['high'])})."
        )
    return found + _ladder(tables["ladder_rungs"]) + _tree(tables["kpi_nodes"])


def privacy_notes(settings: TeamPeopleSettings) -> list[str]:
    """Say who is shown to whom."""
    rows = (
        "Rows on single people are written (team_people.individual_rows): table ladder_people, "
        "for audiences that see retention."
        if settings.individual_rows
        else "No row on a single person is written (team_people.individual_rows is off)."
    )
    return [
        rows,
        f"Groups of fewer than {settings.minimum_group} people are merged, and more with them "
        "where a small group would follow by subtraction.",
        "Turnover by manager and by cause, and exit drivers, are for audiences that see "
        "retention (report.audiences in plan.yaml).",
        "Risk bands speak of teams and processes. Nothing here judges a person, and no decision "
        "about a person may rest on it alone.",
        "docs/people-data.md says what is computed, for whom, and what to check before switching "
        "anything on.",
    ]


def _turnover(turnover: pd.DataFrame) -> list[str]:
    total = turnover[turnover["cut"] == "total"]
    if total.empty:
        return []
    row = total.iloc[0]
    text = (
        f"{int(row['leavers_count'])} of {int(row['people_count'])} people left since "
        f"{row['window_from']:%Y-%m-%d}: {100 * row['rate']:.1f} leavers per 100 person-years "
        f"(95 % interval {100 * row['low']:.1f} to {100 * row['high']:.1f})."
    )
    others = turnover[(turnover["cut"] != "total") & turnover["rate_shrunk"].notna()]
    apart = others[(others["shrunk_low"] > row["rate"]) & ~others["is_grey"].astype(bool)]
    if len(apart):
        worst = apart.sort_values("rate_shrunk", ascending=False).iloc[0]
        text += (
            f" Above that beyond noise: {worst['cut_value']} with "
            f"{100 * worst['rate_shrunk']:.1f} "
            f"(from {100 * worst['shrunk_low']:.1f})."
        )
    else:
        text += " No role or tenure stands apart beyond noise."
    return [text]


def _cost(costs: pd.DataFrame, currency: str, margin_share: float) -> list[str]:
    counted = (
        "sales lost by vacancy and ramp, in full and not their margin, and hiring"
        if margin_share == 1 else "margin lost by vacancy and ramp, and hiring"
    )  # fmt: skip
    rows = costs[(costs["part"] == "total") & costs["cost_amount"].notna()]
    rows = rows[rows["is_complete"].astype(bool)]
    return [
        f"One {row['role']} who leaves costs about {currency} {row['cost_amount']:,.0f} "
        f"(interval {row['low']:,.0f} to {row['high']:,.0f}): {counted}."
        for row in rows[rows["low"].notna()].head(1).to_dict("records")
    ]


def _experience(curve: pd.DataFrame, currency: str) -> list[str]:
    rows = curve[(curve["role"] == ALL) & curve["month_amount"].notna()].sort_values("band_order")
    if len(rows) < 2:
        return []
    first, last = rows.iloc[0], rows.iloc[-1]
    clear = first["month_high"] < last["month_low"] or last["month_high"] < first["month_low"]
    return [
        f"A month at {first['tenure_band']} brings {currency} {first['month_amount']:,.0f}, one at "
        f"{last['tenure_band']} {last['month_amount']:,.0f}; the intervals "
        f"{'lie apart' if clear else 'overlap'}."
    ]


def _ladder(rungs: pd.DataFrame) -> list[str]:
    known = rungs[rungs["blocked_count"].notna() & rungs["ready_count"].notna()]
    if known.empty:
        return []
    ready, blocked = int(known["ready_count"].sum()), int(known["blocked_count"].sum())
    return [
        f"{ready} of {int(known['headcount'].sum())} people on rungs with criteria are ready for "
        f"the next one beyond noise; {blocked} of them {'waits' if blocked == 1 else 'wait'} "
        "longer than the ladder says."
    ]


def _tree(nodes: pd.DataFrame) -> list[str]:
    levers = nodes[nodes["is_lever"].fillna(False).astype(bool) & nodes["needed"].notna()]
    levers = levers[levers["observed"].notna()]
    return [
        f"{row['role']}: the target needs {row['name']} of {row['needed']:,.2f}, observed "
        f"{row['observed']:,.2f} ({signed_percent(row['gap_share'])})"
        + ("; beyond its interval." if row["is_beyond"] else ".")
        for row in levers.to_dict("records")
    ]


def _everywhere(indicators: pd.DataFrame) -> list[str]:
    """Say what is beyond its limit in most teams alike: of the process or the data, not of one."""
    found: list[str] = []
    if indicators.empty or "peers_limit" not in indicators.columns:
        return found
    rows = indicators[indicators["value"].notna() & indicators["level_limit"].notna()
                      & indicators["peers_limit"].notna()]  # fmt: skip
    for name, facts in sorted(INDICATORS.items()):
        mine = rows[rows["indicator"] == name]
        over = mine["value"].gt(mine["level_limit"])
        beyond = over if facts.is_bad_high else mine["value"].lt(mine["level_limit"])
        if 2 * int(beyond.sum()) <= len(mine):
            continue
        limit, low, high = mine["level_limit"].iloc[0], mine["value"].min(), mine["value"].max()
        limit, low, high = (
            percent(one) if facts.unit == "share" else f"{one:,.1f}" for one in (limit, low, high)
        )
        found.append(
            f"{facts.title}: {low} to {high} in the teams, "
            f"{int(beyond.sum())} of {len(mine)} beyond the limit of {limit}: a habit of "
            "all, or of the data. A team is alerted only where it is worse than all others."
        )
    return found


def _cautions(tables: Mapping[str, pd.DataFrame], *, has_history: bool) -> list[tuple[str, str]]:
    found = []
    findings = tables["people_findings"]
    for finding, rows in findings.groupby("finding", sort=True):
        first = rows.iloc[0]
        found.append((str(finding), f"{len(rows)} in {first['table']}, first {first['row_id']}: "
                      f"{first['detail']}"))  # fmt: skip
    total = tables["turnover"]
    total = total[total["cut"] == "total"]
    if len(total) and int(total["leavers_count"].iloc[0]) < 10:
        left = count_of(int(total["leavers_count"].iloc[0]), "leaver")
        found.append(("few leavers", f"{left} in the window: intervals are wide, and causes cannot "
                      "be told apart"))  # fmt: skip
    if not has_history:
        found.append(("no history", "table rep_history is missing: the present role and manager "
                      "stand for all of the past (weaker)"))  # fmt: skip
    elif len(tables["role_change_times"]):
        found.append(("moves", "people who left before the record are not in it: shares that moved "
                      "on are at most what is shown"))  # fmt: skip
    return found
