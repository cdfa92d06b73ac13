"""What the report says on people in the team: who leaves, strain, ladders, trees of KPIs."""

from __future__ import annotations

import pandas as pd

from planlib.charts import team_growth
from planlib.charts import team_people as charts
from planlib.displays import Fact
from planlib.exchange.audience import AudienceView, Baseline
from planlib.notes import count_of, notes_of, percent
from planlib.report.common import gaps_in, named, rep_names
from planlib.report.folds import Fold
from planlib.report.parts import Block, Gap, Line, Listing, Notes, picture
from planlib.team.indicator_words import INDICATORS

STEP = "10_team"
_TONES = {"high": "bad", "watch": "watch", "low": "", "unknown": "grey"}
_MOST_ASKED = 3
_TEAMS = 5  # rows in the page; the roll-up holds all


def decided(view: AudienceView) -> list[Line]:
    """Say the headlines, which hold nothing that only some audiences may see."""
    return [Line(text, step=STEP) for text in notes_of(view.rows("people_notes"), "headline")]


def asks(view: AudienceView) -> list[Line]:
    """Name the teams under most strain, and the roles for which nothing is written down."""
    names = rep_names(view)
    bands = view.rows("burnout_bands")
    lines = [
        Line(f"{names.get(row['team'], row['team'])}, {int(row['people_count'])} people: risk "
             f"band high, {row['reasons']}", step=STEP)
        for row in bands[bands["band"] == "high"].head(_MOST_ASKED).to_dict("records")
    ]  # fmt: skip
    written = view.rows("role_expectations")
    if len(written):
        is_blank = written["is_gap"].astype(bool).groupby(written["role"]).all()
        roles = sorted(is_blank[is_blank].index)
        if roles:
            lines.append(Line(f"Nothing is written down for {', '.join(roles)}: add "
                              "team_people.expectations", step=STEP))  # fmt: skip
    return lines


def problems(view: AudienceView) -> list[Line]:
    """Name each kind of row or setting that cannot be right, with the first one."""
    found = view.rows("people_findings")
    return [
        Line(f"{count_of(len(rows), 'row')} with {finding}, first {rows.iloc[0]['table']} "
             f"{rows.iloc[0]['row_id']}: {rows.iloc[0]['detail']}", step=STEP)
        for finding, rows in found.groupby("finding", sort=True)
    ]  # fmt: skip


def gaps(view: AudienceView) -> list[Gap]:
    """Say what was not computed."""
    return gaps_in(view.rows("people_notes"), "People", STEP)


def facts(view: AudienceView) -> list[Fact]:
    """Give the rate of leaving of everybody."""
    turnover = view.rows("turnover")
    total = turnover[turnover["cut"] == "total"]
    if total.empty:
        return []
    row = total.iloc[0]
    note = (f"{int(row['leavers_count'])} leavers since {row['window_from']:%Y-%m-%d}, interval "
            f"{percent(row['low'])} to {percent(row['high'])}")  # fmt: skip
    return [Fact("Turnover a year", float(row["rate"]), note, "", "share")]


def changes(view: AudienceView, baseline: Baseline) -> list[Line]:
    """Say which teams have another risk band than in an earlier state."""
    before = baseline.get("burnout_bands")
    if before is None or not view.has("burnout_bands"):
        return []
    both = view.read("burnout_bands").merge(before, on=["team_by", "team"],
                                            suffixes=("", "_before"))  # fmt: skip
    moved = both[both["band"] != both["band_before"]]
    if moved.empty:
        return [Line("Every team has the risk band that it had.", step=STEP)]
    high = int((moved["band"] == "high").sum())
    return [
        Line(f"{count_of(len(moved), 'team')} changed the risk band: {high} to high.", step=STEP)
    ]


def blocks(view: AudienceView) -> list[Block]:
    """Give pictures and tables of the part, as far as the audience may see them."""
    currency, notes = view.plan.currency, view.rows("people_notes")
    if notes.empty:
        return []
    found: list[Block] = [picture(charts.plot_turnover(view.rows("turnover")))]
    close = view.rows("turnover_close")
    if "rate" in close.columns and len(close):
        found.append(picture(charts.plot_turnover(_with_names(close, view))))
    nodes = view.rows("kpi_nodes")
    tree: list[Block] = []
    if len(nodes):
        tree.append(picture(team_growth.plot_tree(nodes, currency=currency)))
    found += [
        Fold("Why people leave, and what a leaver costs", [*_drivers(view), *_costs(view)]),
        Fold("Onboarding", _onboarding(view)),
        Fold("Strain in teams", _strain(view)),
        Fold("Ladders, and the target down to each role", [*_ladders(view), *tree]),
    ]
    words: list[Block] = []
    for kind, title in (("caution", "People: read with care"), ("privacy", "People: who sees what"),
                        ("definition", "People: definitions")):  # fmt: skip
        words.append(Notes(notes_of(notes, kind), title, folded=kind != "caution"))
    return [*found, Fold("People: what to read with care, who sees what, definitions", words)]


def _with_names(close: pd.DataFrame, view: AudienceView) -> pd.DataFrame:
    return close.assign(cut_value=named(close["cut_value"], rep_names(view)))


def _drivers(view: AudienceView) -> list[Block]:
    rows = view.rows("exit_drivers")
    if "ratio" not in rows.columns or rows.empty:
        return []
    columns = ["driver", "driver_level", "people_count", "leavers_count", "ratio", "low", "high",
               "finding"]  # fmt: skip
    return [
        Listing(
            name="Exit drivers",
            frame=rows[columns].assign(driver=rows["driver"].str.replace("_", " ")),
            title="What goes with leaving, by own data",
            subtitle="rate of a level / rate of all others, 95 % interval",
            labels={"driver": "Possible reason", "driver_level": "Level", "people_count": "People",
                    "leavers_count": "Leavers", "finding": "In words"},
            limit=None,
        )
    ]  # fmt: skip


def _costs(view: AudienceView) -> list[Block]:
    rows = view.rows("leaver_costs")
    if rows.empty:
        return []
    columns = ["role", "part", "cost_amount", "low", "high", "formula"]
    return [
        Listing(
            name="Cost of a leaver",
            frame=rows[columns],
            title="What it costs when one rep leaves",
            subtitle=f"{view.plan.currency}; low and high: 95 % interval of the sales behind it",
            labels={"cost_amount": "Cost", "formula": "How"},
            formats=dict.fromkeys(("cost_amount", "low", "high"), "amount"),
            missing={"cost_amount": "not known"},
            limit=None,
        )
    ]


def _onboarding(view: AudienceView) -> list[Block]:
    done, variants = view.rows("onboarding_completion"), view.rows("onboarding_variants")
    found: list[Block] = []
    if len(done):
        rows = done[(done["item"] == "all") | (done["cohort"] == "all")]
        found.append(Listing(
            name="Onboarding",
            frame=rows[["cohort", "item", "people_count", "due_count", "done_share", "low", "high",
                        "on_time_share"]],
            title="How far newcomers have come with the programme",
            subtitle="done / due by the as-of date; 95 % interval (Wilson)",
            labels={"people_count": "People", "due_count": "Items due", "done_share": "Done",
                    "on_time_share": "In time"},
            formats=dict.fromkeys(("done_share", "low", "high", "on_time_share"), "share"),
            grey=rows["is_grey"].astype(bool).reset_index(drop=True),
            limit=None, in_page=False,
        ))  # fmt: skip
    if len(variants) > 1:
        found.append(Listing(
            name="Onboarding variants",
            frame=variants[["variant", "first_year_share", "expected_tenure_years",
                            "leavers_a_year", "saved_amount", "basis"]],
            title="What a variant of onboarding would change: scenarios, not findings",
            subtitle=f"{view.plan.currency}; tenure within 20 years",
            labels={"first_year_share": "Leave in year 1", "expected_tenure_years": "Tenure, years",
                    "leavers_a_year": "Leavers a year", "saved_amount": "Saved a year"},
            formats={"first_year_share": "share", "saved_amount": "amount"},
            limit=None,
            in_page=False,
        ))  # fmt: skip
    return found + _method(view)


def _method(view: AudienceView) -> list[Block]:
    rows = view.rows("method_consistency")
    if rows.empty:
        return []
    columns = ["team_by", "team", "people_count", "won_count", "usual_share", "low", "high",
               "finding"]  # fmt: skip
    return [
        Listing(
            name="One sales method",
            frame=rows[columns].assign(team=named(rows["team"], rep_names(view))),
            title="Whether teams sell by one method",
            subtitle="deals won that were seen in every usual stage / deals won; 95 % interval",
            labels={"team_by": "By", "people_count": "People", "won_count": "Won",
                    "usual_share": "In every stage", "finding": "In words"},
            formats=dict.fromkeys(("usual_share", "low", "high"), "share"),
            limit=None, in_page=False,
        )
    ]  # fmt: skip


def _strain(view: AudienceView) -> list[Block]:
    bands = view.rows("burnout_bands")
    if bands.empty:
        return []
    names = rep_names(view)
    rows = bands[["team_by", "team", "people_count", "band", "known_count", "reasons"]]
    rows = rows.assign(team=named(rows["team"], names))
    tones = bands["band"].map(_TONES)
    found: list[Block] = [
        Listing(
            name="Risk bands of teams", frame=rows,
            title="Risk band of each team and its processes, with the reasons",
            subtitle="of teams, never of a person",
            labels={"team_by": "By", "people_count": "People", "known_count": "Known indicators",
                    "reasons": "Beyond limit and noise"},
            colors=pd.DataFrame({"band": tones}), limit=_TEAMS,
        ),
    ]  # fmt: skip
    remedies = view.rows("team_remedies")
    if len(remedies):
        shown = remedies[["team", "indicator", "remedy", "start_date", "before", "after", "change",
                          "low", "high", "others_change", "finding"]]  # fmt: skip
        titles = {name: facts.title for name, facts in INDICATORS.items()}
        found.append(Listing(
            name="Remedies against strain",
            frame=shown.assign(indicator=shown["indicator"].map(titles)),
            title="Remedies, and how their indicator has moved since",
            subtitle="low and high: 90 % interval of the change; not an experiment",
            labels={"start_date": "Since", "others_change": "All others"}, limit=None,
            in_page=False,
        ))  # fmt: skip
    return found


def _expectations(view: AudienceView) -> list[Block]:
    rows = view.rows("role_expectations")
    if rows.empty:
        return []
    known = rows.assign(written=rows["written"].mask(rows["is_gap"].astype(bool)))
    wide = known.pivot(index="role", columns="topic", values="written")
    wide = wide.reindex(columns=rows["topic"].drop_duplicates()).rename_axis(columns=None)
    return [
        Listing(
            name="Expectations of roles",
            frame=wide.reset_index(),
            title="What is written down for each role",
            subtitle="team_people.expectations and team_people.kpi_trees of plan.yaml",
            labels={"kpis": "KPIs"},
            missing=dict.fromkeys(wide.columns, "not written down"),
            limit=None, in_page=False,
        )
    ]  # fmt: skip


def _ladders(view: AudienceView) -> list[Block]:
    rungs = view.rows("ladder_rungs")
    fills, times = view.rows("internal_fills"), view.rows("role_change_times")
    found: list[Block] = _expectations(view)
    if len(rungs):
        found.append(Listing(
            name="Ladders",
            frame=rungs[["ladder", "level", "headcount", "grade_months", "usual_months",
                         "ready_count", "blocked_count", "false_ready", "criteria"]],
            title="Rungs: who stands there, who is ready, who waits",
            subtitle="ready: every criterion met beyond noise; waits: ready, and longer than usual",
            labels={"grade_months": "Months, median", "usual_months": "Usual",
                    "ready_count": "Ready", "blocked_count": "Waits",
                    "false_ready": "Ready by chance"},
            missing={"ready_count": "not shown", "blocked_count": "not shown"}, limit=None,
            in_page=False,
        ))  # fmt: skip
    if len(fills):
        found.append(Listing(
            name="Posts from inside",
            frame=fills[["role", "filled_count", "inside_count", "inside_share", "low", "high"]],
            title=f"Posts filled since {fills['window_from'].min():%Y-%m-%d}, and from inside",
            labels={"filled_count": "Filled", "inside_count": "From inside",
                    "inside_share": "Share"},
            formats=dict.fromkeys(("inside_share", "low", "high"), "share"),
            grey=fills["is_grey"].astype(bool), limit=None, in_page=False,
        ))  # fmt: skip
    if len(times):
        horizon = f"{times['horizon_months'].iloc[0]:g}"
        found.append(Listing(
            name="Time to the next role",
            frame=times[["from_role", "to_role", "people_count", "moved_count", "moved_share",
                         "low", "high", "median_months"]],
            title=f"Moved on within {horizon} months, and at any time",
            subtitle="leaving competes with moving; median of those who moved",
            labels={"people_count": "Started", "moved_count": "Moved at any time",
                    "moved_share": f"Share within {horizon} months"},
            formats=dict.fromkeys(("moved_share", "low", "high"), "share"),
            grey=times["is_grey"].astype(bool), limit=None, in_page=False,
        ))  # fmt: skip
    return found
