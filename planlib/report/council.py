"""Section of the report on the council: agenda, colours, causes, actions and what they did."""

from __future__ import annotations

import pandas as pd

from planlib.charts import council as charts
from planlib.council import DEFINITIONS, EFFECTS
from planlib.displays import Fact, Tone
from planlib.exchange.audience import AudienceView, Baseline
from planlib.notes import count_of, notes_of
from planlib.report.common import filled, gaps_in
from planlib.report.parts import Block, Line, Listing, Notes, Section, picture
from planlib.steps import STEPS

STEP = "07_council"
_KINDS = {
    "red_cell": "Red: act now",
    "overdue_action": "Action overdue",
    "changed_colour": "Changed colour",
    "not_reviewed": "Not reviewed",
    "absent_function": "Absent",
    "yellow_cell": "Yellow: watch",
}
_FIRST = 3  # red cells that stand on the first page of the report
_SHARES = ("value", "low", "high")
_PACE = ("attained_share", "usual_share", "low", "high")


def section(view: AudienceView) -> Section | None:
    """Give the section, or None when the step wrote no cells."""
    cells, notes = view.rows("council_cells"), view.rows("council_notes")
    if cells.empty:
        return None
    step = STEPS[STEP]
    agenda = view.rows("council_agenda")
    return Section(
        step=STEP,
        title=step.title,
        question=step.decides,
        decided=[Line(text, step=STEP) for text in notes_of(notes, "headline")],
        asks=_asks(agenda),
        problems=_problems(agenda),
        gaps=gaps_in(notes, "Council", STEP),
        facts=_facts(cells),
        blocks=_blocks(view, cells, notes, agenda),
    )


def changes(view: AudienceView, baseline: Baseline) -> list[Line]:
    """Say which cells have another colour than in an earlier state."""
    before = baseline.get("council_cells")
    if before is None or not view.has("council_cells"):
        return []
    keys = ["period", "cut", "cut_value"]
    both = view.read("council_cells").merge(before, on=keys, suffixes=("", "_before"))
    moved = both[both["colour"] != both["colour_before"]]
    if moved.empty:
        return [Line("Every cell has the colour that it had.", step=STEP)]
    worse = int((moved["colour"] == "red").sum())
    better = int((moved["colour"] == "green").sum())
    text = f"{count_of(len(moved), 'cell')} changed the colour: {worse} to red, {better} to green."
    return [Line(text, step=STEP)]


def _amount(value: object) -> float | None:
    return None if pd.isna(value) else float(str(value))  # type: ignore[call-overload]


def _asks(agenda: pd.DataFrame) -> list[Line]:
    red = agenda[agenda["kind"] == "red_cell"].sort_values("item_order").head(_FIRST)
    return [
        Line(str(row["text"]), _amount(row["amount"]), STEP) for row in red.to_dict("records")
    ]  # fmt: skip


def _problems(agenda: pd.DataFrame) -> list[Line]:
    chosen = agenda[agenda["kind"].isin(["overdue_action", "absent_function"])]
    return [
        Line(str(row["text"]), _amount(row["amount"]), STEP)
        for row in chosen.sort_values("item_order").to_dict("records")
    ]


def _facts(cells: pd.DataFrame) -> list[Fact]:
    live = cells[cells["is_live"].astype(bool) & cells["colour"].ne("grey")]
    if live.empty:
        return []
    count = live["colour"].value_counts()
    red = int(count.get("red", 0))
    note = f"{count.get('yellow', 0)} yellow, {count.get('green', 0)} green with a target"
    tone: Tone = "bad" if red else "good"
    return [Fact(f"Red cells {live['period'].iloc[0]}", red, note, tone, "count")]


def _blocks(
    view: AudienceView, cells: pd.DataFrame, notes: pd.DataFrame, agenda: pd.DataFrame
) -> list[Block]:
    currency = view.plan.currency
    colours, actions = view.rows("council_colours"), view.rows("council_actions")
    effects, causes = view.rows("council_effects"), view.rows("council_causes")
    found: list[Block] = [_agenda(view, agenda), *_cells(view, cells)]
    if len(causes):
        found += [picture(charts.plot_causes(causes, currency=currency)), _causes(view, causes)]
    found += [*_deals(view), *_suggestions(view)]
    if colours["colour"].ne("grey").any():
        found.append(picture(charts.plot_colours(colours, actions)))
    if len(actions):
        found.append(_actions(view, actions))
    if effects["treated_count"].gt(0).any():
        effects = effects.assign(action=_titled(view, effects["action"]))
        found += [picture(charts.plot_effects(effects)), _effects(effects)]
    found += _meetings(view)
    for kind, title in (
        ("caution", "Council: read with care"),
        ("rule", "Council: the rule of the colours"),
        ("definition", "Council: definitions"),
    ):
        found.append(Notes(notes_of(notes, kind), title))
    return found


def _agenda(view: AudienceView, agenda: pd.DataFrame) -> Listing:
    rows = agenda.sort_values("item_order", ignore_index=True)
    tones = rows["kind"].map({"red_cell": "bad", "overdue_action": "bad", "yellow_cell": "watch"})
    frame = rows[["kind", "text", "amount", "owner", "due_date"]].assign(
        kind=rows["kind"].map(_KINDS)
    )
    return Listing(
        name="Council agenda",
        frame=frame,
        title=f"Agenda of {view.as_of}",
        subtitle=f"amounts in {view.plan.currency}",
        labels={"kind": "Item", "text": "What", "due_date": "Due"},
        colors=pd.DataFrame({"kind": tones.astype("str").fillna("")}),
        limit=None,
        empty="nothing is on the agenda",
    )


def _cells(view: AudienceView, cells: pd.DataFrame) -> list[Block]:
    live = cells[cells["is_live"].astype(bool)]
    shown = live if len(live) else cells
    rows = shown[shown["colour"] != "grey"].reset_index(drop=True)
    begun = rows["workday_share"].gt(0).any()
    columns = ["cell", "colour", "previous_colour", "gap_amount", "forecast_gap_amount",
               *(_PACE if begun else ()), "coverage", "required_coverage", "owner",
               "reason"]  # fmt: skip
    tone = rows["colour"].map(charts.TONES)
    frame = rows.assign(cell=_named(rows))
    moved = frame[frame["context"].fillna("") != ""]
    found: list[Block] = [
        Listing(
            name="Council cells",
            frame=filled(frame[columns]),
            title=f"{shown['period'].iloc[0]}: the colour of every cell that has one",
            subtitle=_basis(shown, view.plan.currency),
            labels={"previous_colour": "Before", "gap_amount": "Gap",
                    "forecast_gap_amount": "Target - forecast", "attained_share": "Attained",
                    "usual_share": "Usual", "low": "from", "high": "to",
                    "required_coverage": "Required", "reason": "Why"},
            formats={**dict.fromkeys(_PACE, "share"), "coverage": "number",
                     "required_coverage": "number"},
            colors=pd.DataFrame({"colour": tone, "cell": tone}),
            limit=None,
            empty="no cell has a colour: see what is missing",
        )
    ]  # fmt: skip
    if len(moved):
        found.append(
            Listing(name="Council context", frame=moved[["cell", "colour", "context"]],
                    title="What moved red and yellow cells",
                    subtitle="steps of the bridge of the open pipeline of the period, deals in "
                    "brackets", labels={"context": "Moves"}, limit=None,
                    notes=[DEFINITIONS["moves"]])
        )  # fmt: skip
    return found


def _basis(cells: pd.DataFrame, currency: str) -> str:
    rows = int((cells["colour"] == "grey").sum())
    if not cells["workday_share"].gt(0).any():
        return f"{currency}; {rows} cells are grey; the period has not begun: coverage alone tells"
    passed = charts.share_passed(cells)
    if passed:
        return (
            f"{currency}, {passed} of the working days of the period have passed; {rows} cells are "
            "grey; usual: share that past periods had won by this day, with its band"
        )
    return (
        f"{currency}; {rows} cells are grey; usual: share that past periods had won by this day, "
        "with its band"
    )


def _named(rows: pd.DataFrame) -> pd.Series:
    """Give cells by name, the total as such."""
    name = rows["cut"].str.replace("_", " ") + " " + rows["cut_value"]
    return name.mask(rows["cut"] == "total", "Total")


def _causes(view: AudienceView, causes: pd.DataFrame) -> Listing:
    columns = ["cut_value", "cause_order", "cause", "effect_amount", "effect_share", "count",
               "reason"]  # fmt: skip
    return Listing(
        name="Council causes",
        frame=causes[columns].assign(cause=causes["cause"].str.replace("_", " ")),
        title="Causes of red and yellow cells, largest first",
        subtitle=f"what each cause costs at the close, {view.plan.currency}; causes overlap",
        labels={"cut_value": "Cell", "cause_order": "Rank", "effect_amount": "Costs",
                "effect_share": "Of the gap", "count": "Deals", "reason": "In words"},
        formats={"effect_share": "share"},
        limit=view.plan.report.rows,
    )  # fmt: skip


def _deals(view: AudienceView) -> list[Block]:
    deals = view.rows("council_deals")
    columns = ["cut_value", "topic", "opportunity_id", "name", "owner", "amount", "close_date",
               "stage", "detail"]  # fmt: skip
    known = deals[[name for name in columns if name in deals.columns]]
    found: list[Block] = []
    for is_review, name, title in (
        (False, "Council deals", "Deals behind the causes"),
        (True, "Council reviews", "Open deals of red cells without a manager's review"),
    ):
        rows = known[(known["topic"] == "not_reviewed") == is_review].reset_index(drop=True)
        if len(rows):
            rows = (rows.drop(columns="topic") if is_review
                    else rows.assign(topic=rows["topic"].str.replace("_", " ")))  # fmt: skip
            found.append(
                Listing(name=name, frame=rows, title=title,
                        subtitle=f"{view.plan.currency}, {deals['period'].iloc[0]}",
                        labels={"cut_value": "Cell", "topic": "Cause", "opportunity_id": "Deal"},
                        limit=view.plan.report.rows)
            )  # fmt: skip
    return found


def _suggestions(view: AudienceView) -> list[Block]:
    rows = view.rows("council_suggestions")
    if rows.empty:
        return []
    columns = ["cut_value", "title", "cause", "units_count", "cost_amount", "effect",
               "effect_amount", "close_amount", "owner", "due_date", "caution"]  # fmt: skip
    return [
        Listing(
            name="Council suggestions",
            frame=filled(rows.reindex(columns=columns)).assign(
                cause=rows["cause"].str.replace("_", " "), effect=rows["effect"].map(EFFECTS)
            ),
            title="Actions of the catalogue that work on a cause",
            subtitle=f"{view.plan.currency}; expected effects are assumptions of plan.yaml; each "
            "action is sized alone, so several for one cause do not add up",
            labels={"cut_value": "Cell", "title": "Action", "units_count": "Units",
                    "cost_amount": "Cost", "effect": "Effect on", "effect_amount": "Effect",
                    "close_amount": "ACV at the close", "due_date": "Due",
                    "caution": "With care"},
            notes=["Decide in exchange/council_actions.xlsx, beside this report: choose action, "
                   "owner and due date, and hand it in by planlib collect."],
            limit=view.plan.report.rows,
        )
    ]  # fmt: skip


def _actions(view: AudienceView, actions: pd.DataFrame) -> Listing:
    columns = ["decision_id", "period", "cut_value", "action", "owner", "due_date", "status",
               "cost_amount", "effect", "effect_amount", "course"]  # fmt: skip
    late = actions["is_overdue"].fillna(False).astype(bool)
    tones = pd.Series("", index=actions.index).mask(late, "bad")
    return Listing(
        name="Council actions",
        frame=actions[columns].assign(action=_titled(view, actions["action"]),
                                      effect=actions["effect"].map(EFFECTS)),
        title="Log of actions, and how their cells have fared",
        subtitle=f"{view.plan.currency}; coloured: overdue",
        labels={"decision_id": "Decision", "cut_value": "Cell", "due_date": "Due",
                "cost_amount": "Cost", "effect": "Effect on", "effect_amount": "Expected effect",
                "course": "What became of the cell"},
        colors=pd.DataFrame({"status": tones, "due_date": tones}),
        limit=view.plan.report.rows,
    )  # fmt: skip


def _titled(view: AudienceView, actions: pd.Series) -> pd.Series:
    """Give actions by the names of the catalogue, others by the words of their key."""
    named = actions.map(view.plan.council.titles).astype("str")
    return named.fillna(actions.str.replace("_", " "))


def _effects(effects: pd.DataFrame) -> Listing:
    columns = ["topic", "action", "measure", "treated_count", *_SHARES, "reason"]
    return Listing(
        name="Council effects",
        frame=effects[columns].assign(
            measure=effects["measure"].str.replace("_", " "),
        ),
        title="What actions did against untreated cells, and how many cells recover anyway",
        subtitle="low and high: 80 % interval; pale: too few cases",
        labels={"treated_count": "Cases", "reason": "In words"},
        formats=dict.fromkeys(_SHARES, "share"),
        grey=effects["is_grey"].fillna(True).astype(bool),
        limit=None,
    )


def _meetings(view: AudienceView) -> list[Block]:
    rows = view.rows("council_meetings")
    if rows.empty:
        return []
    last = rows[rows["meeting_date"] == rows["meeting_date"].max()].reset_index(drop=True)
    tones = last["is_present"].astype(bool).map({True: "", False: "bad"})
    columns = ["meeting_date", "function", "people", "is_present", "decisions"]
    return [
        Listing(
            name="Council presence",
            frame=filled(last[columns]),
            title="Who was at the last council, and what it decided",
            labels={"meeting_date": "Day", "is_present": "Present"},
            colors=pd.DataFrame({"function": tones}),
            limit=None,
        )
    ]
