"""Section of the report on projects: process, gates, cash, and who gets the scarce experts."""

from __future__ import annotations

import pandas as pd

from planlib.charts import projects as charts
from planlib.charts.base import money
from planlib.displays import Fact
from planlib.exchange.audience import AudienceView, Baseline
from planlib.notes import count_of, notes_of, percent
from planlib.projects.cash import tracked_total
from planlib.projects.words import LACKING, finding_groups
from planlib.report.common import amount_of, differs, expert_names, filled, named, rep_names
from planlib.report.parts import Block, Gap, Line, Listing, Notes, Section, picture
from planlib.steps import STEPS
from planlib.support import contested_requests, presales_queue
from planlib.tables.projects import WORK_STATES

STEP = "09_projects"
_SHARES = ("win_share", "rate", "low", "high", "stated_probability", "win_probability",
           "p_without", "p_with", "change_below", "with_share", "without_share", "hours_share",
           "score_share", "in_time_share", "in_place_share", "relation_share", "relation_low",
           "relation_high")  # fmt: skip
_KEYS = ("phase", "gate", "support_line")  # words of ours that a person reads
_MOST = 12


def section(view: AudienceView) -> Section | None:
    """Give the section, or None when the step wrote no notes."""
    notes = view.rows("project_notes")
    if notes.empty:
        return None
    step = STEPS[STEP]
    missing = notes[notes["kind"] == "missing"]
    return Section(
        step=STEP,
        title=step.title,
        question=step.decides,
        decided=[Line(text, step=STEP) for text in notes_of(notes, "headline")],
        asks=_asks(view),
        problems=_problems(view),
        gaps=[
            Gap(
                f"Projects: {row['topic']}",
                row["note"],
                _text(row.get("supply")),
                STEP,
                LACKING.get(str(row["topic"]), frozenset()),
            )
            for row in missing.to_dict("records")
        ],
        facts=_facts(view),
        blocks=_blocks(view, notes),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def changes(view: AudienceView, baseline: Baseline) -> list[Line]:
    """Say which requests got another answer than in an earlier state."""
    before = baseline.get("support_plan")
    if before is None or not view.has("support_plan"):
        return []
    moved = differs(view.rows("support_plan"), before, "request_id", "outcome")
    if moved.empty:
        return []
    won = int((moved["after"] == "served").sum())
    text = f"{count_of(len(moved), 'request')} for support got another answer, {won} now served."
    return [Line(text, step=STEP)]


def _asks(view: AudienceView) -> list[Line]:
    reviews, plan = view.rows("project_reviews"), view.rows("support_plan")
    gates = reviews[(reviews["gate"] == "missing") & (len(view.rows("project_gate_log")) > 0)]
    stopped = reviews[reviews["gate"] == "no_go"]
    refused = plan[plan["reason_kind"].isin(["worth less", "no skill", "no hours in window"])]
    late = plan[plan["is_late_answer"].fillna(False).astype(bool)]
    parts = [
        (gates, "amount", "project", "passed a gate without a go on record: decide"),
        (stopped, "amount", "project", "open after a no-go: close, or decide anew"),
        (refused, "gain_amount", "request", "refused for lack of experts: more hours, or no"),
        (late[late["outcome"] != "running"], "gain_amount", "request",
         "waiting longer for an answer than agreed"),
    ]  # fmt: skip
    return [
        Line(f"{count_of(len(rows), word)} {text}", amount_of(rows[column]), STEP)
        for rows, column, word, text in parts
        if len(rows)
    ]


def _problems(view: AudienceView) -> list[Line]:
    actions, findings = view.rows("project_actions"), view.rows("project_findings")
    late = int(actions["is_overdue"].fillna(False).astype(bool).sum())
    lines = [Line(f"{count_of(late, 'action')} of work plans overdue", None, STEP)] if late else []
    if len(findings):
        kinds = count_of(len(finding_groups(findings)), "kind")
        text = (
            f"{count_of(len(findings), 'row')} on projects and support cannot be used as given, "
            f"of {kinds}"
        )
        lines.append(Line(text, amount_of(findings["amount"]), STEP))
    return lines


def _facts(view: AudienceView) -> list[Fact]:
    figures = view.rows("support_figures").set_index("figure")["value"]
    totals, found = view.rows("project_cash_totals"), []
    if pd.notna(figures.get("gain")):
        gap = figures["gap"]
        note = "no plan is worth more" if gap <= 0 else f"at most {percent(gap, 1)} below the best"
        found.append(Fact("Gain of support planned", money(figures["gain"], view.plan.currency),
                          note, "", "text"))  # fmt: skip
    whole = totals[totals["topic"] == "total"]
    if len(whole):
        late, of = whole["overdue_amount"].iloc[0], tracked_total(totals)[0]
        if pd.notna(late):
            found.append(Fact("Overdue of contracts", money(late, view.plan.currency),
                              f"of {money(of, view.plan.currency)}",
                              "bad" if late > 0 else "good", "text"))  # fmt: skip
    return found


def _blocks(view: AudienceView, notes: pd.DataFrame) -> list[Block]:
    currency, as_of = view.plan.currency, view.as_of
    blocks: list[Block] = []
    process, totals = view.rows("project_process"), view.rows("project_cash_totals")
    load, plan = view.rows("support_skill_load"), view.rows("support_plan")
    experience = view.rows("support_experience")
    planned = plan["outcome"].isin(["served", "refused"]).any()
    if process["open_count"].gt(0).any():
        blocks.append(picture(charts.plot_process(process, currency=currency, as_of=as_of)))
    blocks += _listings(view, _PROJECTS)
    blocks += _work(view)
    blocks += _listings(view, _CLOSE)
    results = view.rows("project_closeness_results")
    if (results["closed_count"].gt(0) & results["band"].ne("not known")).any():
        blocks.append(picture(charts.plot_closeness_results(results, as_of=as_of)))
        blocks += _listings(view, _BANDS)
    if len(totals):
        blocks.append(picture(charts.plot_cash(totals, currency=currency, as_of=as_of)))
    blocks += _listings(view, _CASH)
    if len(load):
        blocks.append(picture(charts.plot_load(load, as_of=as_of)))
    if planned:
        values = view.rows("support_values")
        blocks.append(picture(charts.plot_gain(plan, values, currency=currency, as_of=as_of)))
    if planned and plan["change_below"].notna().any():
        blocks.append(picture(charts.plot_sensitivity(plan, as_of=as_of)))
    blocks += _listings(view, _SUPPORT)
    blocks += _contested(view, plan)
    blocks += _presales(view, plan)
    if len(experience):
        blocks.append(picture(charts.plot_experience(experience, as_of=as_of)))
    blocks += _listings(view, _LEARNT)
    blocks += _found(view)
    for kind, title in (
        ("rule", "Projects: the rule of the lanes"),
        ("caution", "Projects: read with care"),
        ("definition", "Projects: definitions"),
    ):
        blocks.append(Notes(notes_of(notes, kind), title))
    return blocks


def _contested(view: AudienceView, plan: pd.DataFrame) -> list[Block]:
    """List the requests that want more of an expert than there is in the same weeks."""
    rows = contested_requests(view.rows("support_conflicts"), plan, view.get("accounts"))
    if rows.empty:
        return []
    return [
        Listing(
            name="Requests in conflict",
            frame=rows.drop(columns=["wanted_hours", "available_hours"]),
            title="Which requests want the hours of the same expert",
            subtitle=f"{view.plan.currency}; scarce weeks: the expert has fewer hours in them than "
            "the requests of the conflict want; weeks: in which the support is needed",
            labels={"name": "Project or account"},
            missing={"gain_amount": "not known", "weeks": "not said"},
            limit=2 * _MOST,
        )
    ]


def _presales(view: AudienceView, plan: pd.DataFrame) -> list[Block]:
    """List the requests that were made before there was a deal, the longest waiting first."""
    rows = presales_queue(plan)
    if rows.empty:
        return []
    frame = rows.assign(
        asked_by=named(rows["requested_by"], rep_names(view)),
        expert=named(rows["expert_id"], expert_names(view)),
    )
    return [
        Listing(
            name="Presales",
            frame=filled(frame[["requested_date", "request_id", "name", "asked_by", "skill",
                                "hours", "needed_from", "outcome", "expert", "margin_amount",
                                "gain_amount", "reason"]]),
            title="Asked for before there was a deal, the longest waiting first",
            subtitle=f"{view.plan.currency}; the request names the margin expected; once the deal "
            "is opened, name it in the request",
            labels={"requested_date": "Asked on", "asked_by": "Asked by"},
            missing={"asked_by": "not said", "expert": "nobody", "margin_amount": "not known",
                     "gain_amount": "not known"},
            limit=_MOST,
        )
    ]  # fmt: skip


_COUNTED = {"counted by step 05": "contacts of the account"}
#: Table, name of the sheet, title, columns; rows stand in the order of the step.
_Plan = tuple[tuple[str, str, str, tuple[str, ...]], ...]
_PROJECTS: _Plan = (
    ("project_reviews", "Projects", "Largest open projects",
     ("project_id", "name", "lane", "phase", "amount", "close_date", "gate", "position",
      "stated_probability", "win_probability", "closeness_score", "closeness_origin",
      "next_action", "next_date")),
    ("project_gate_log", "Gates", "Decisions at gates, newest first",
     ("day_date", "project_id", "name", "phase", "gate", "approver", "amount", "why")),
    ("project_win_rates", "Project win rates", "Win rates by lane, phase reached, assessment",
     ("lane", "phase", "position", "won_count", "closed_count", "win_share", "rate", "low",
      "high")),
)  # fmt: skip
_CLOSE: _Plan = (
    ("project_closeness", "Closeness of projects", "Closeness before and after projects",
     ("project_id", "name", "state", "counted_before", "counted_after", "counted_change",
      "rated_before", "rated_after", "rated_change")),
)  # fmt: skip
_BANDS: _Plan = (
    ("project_closeness_results", "Losses by closeness", "Won, lost, and why lost, by closeness",
     ("measure", "band", "from_score", "to_score", "won_count", "lost_count", "win_share", "low",
      "high", "relation_count", "support_count", "coded_count", "relation_share", "relation_low",
      "relation_high")),
)  # fmt: skip
_CASH: _Plan = (
    ("project_cash_totals", "Cash by milestone", "Money of signed contracts",
     ("topic", "item", "project_count", "due_amount", "due_now_amount", "received_amount",
      "overdue_amount", "note")),
    ("project_lesson_log", "Lessons", "What projects taught about the next three years",
     ("project_id", "name", "lesson", "horizon", "need_id", "value", "state", "day_date")),
    ("project_learning", "Learning", "Large projects closed in twelve months, and what is recorded",
     ("project_id", "name", "outcome", "decided_date", "amount", "lesson_count",
      "counted_change", "rated_change", "state")),
)  # fmt: skip
_SUPPORT: _Plan = (
    ("support_figures", "Support figures", "The support plan in figures",
     ("figure", "value", "unit", "meaning")),
    ("support_plan", "Support plan",
     "Requests for support, refused ones first: served by whom, or why not",
     ("request_id", "name", "skill", "hours", "outcome", "expert_id", "gain_amount", "p_without",
      "p_with", "reason", "free_date")),
    ("support_values", "One more expert", "What one more expert would be worth",
     ("skill", "expert_count", "request_count", "served_count", "requested_hours",
      "planned_hours", "refused_gain_amount", "expert_value_amount", "hour_value_amount",
      "basis")),
    ("support_conflicts", "Conflicts", "Experts whom more requests want than there are hours",
     ("name", "request_count", "first_date", "last_date", "wanted_hours", "available_hours",
      "refused_gain_amount")),
)  # fmt: skip
_LEARNT: _Plan = (
    ("support_experience", "Support experience", "Closed projects with and without support",
     ("topic", "item", "with_won_count", "with_count", "with_share", "without_won_count",
      "without_count", "without_share", "odds_ratio", "low", "high", "note")),
    ("support_parties", "Support by party",
     "Who is asked, how soon they answer, and is support in place when needed",
     ("support_line", "period", "request_count", "answer_days", "in_time_share", "served_count",
      "refused_count", "in_place_count", "due_count", "in_place_share", "low", "high",
      "won_count", "lost_count")),
    ("support_accounts", "Support by account", "Hours by account beside its score",
     ("account_id", "name", "is_key", "score", "request_count", "requested_hours",
      "planned_hours", "hours_share", "score_share", "gain_amount")),
)  # fmt: skip


def _work(view: AudienceView) -> list[Block]:
    """Count the open projects by step of the work and its state."""
    rows = view.rows("project_work")
    if rows.empty:
        return []
    counts = rows.groupby(["work_order", "work", "state"]).size().unstack(fill_value=0)
    states = [one for one in WORK_STATES if one in counts.columns]
    frame = counts[states].reset_index().drop(columns="work_order")
    projects = rows["project_id"].nunique()
    return [
        Listing(
            name="Work on projects",
            frame=frame.assign(work=frame["work"].str.replace("_", " ")),
            title="Work on open projects by step (TAS+) and its state",
            subtitle=f"{projects:,} open projects, as of {view.as_of}; the lane says which steps "
            "are asked for; missing: nothing is on record, never zero",
            labels={"work": "Step", "out of date": "Out of date"},
            limit=None,
        )
    ]


def _found(view: AudienceView) -> list[Block]:
    """Give findings by kind on the page, and every row in the Excel file."""
    rows = view.rows("project_findings")
    if rows.empty:
        return []
    return [
        Listing(
            name="Kinds of findings",
            frame=finding_groups(rows),
            title="Rows of the input that could not be used as they are, by kind",
            subtitle="what matters first; minor: changes little; all rows are in the Excel file",
            labels={"rows_count": "Rows", "minor_count": "Minor", "rows": "First rows"},
            formats={"amount": "amount"},
            missing={"amount": "no money named"},
            limit=_MOST,
        ),
        Listing(
            name="Findings on projects",
            frame=filled(rows[["table", "row_id", "column", "value", "finding", "amount"]]),
            title="Every row that could not be used as it is",
            limit=None,
            in_page=False,
        ),
    ]


def _ordered(table: str, rows: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Give the rows of a table as the page shows them: what needs a person first."""
    if table == "project_reviews":
        shown = rows.assign(closeness_origin=rows["closeness_origin"].replace(_COUNTED))
        return shown.sort_values(["amount", "project_id"], ascending=[False, True])
    if table == "project_gate_log":
        return rows.iloc[::-1]
    if table == "project_closeness":
        known = rows[rows[["counted_change", "rated_change"]].notna().any(axis=1)]
        return known.sort_values(["counted_change", "rated_change", "project_id"])
    if table == "support_plan":
        by = ["is_refused", "gain_amount", "request_id"]
        shown = rows.assign(is_refused=rows["outcome"].eq("refused"))
        return shown.sort_values(by, ascending=[False, False, True])
    if table == "support_figures":
        units = {"money": currency, "share": "%", "count": ""}
        value = rows["value"].mask(rows["unit"].eq("share"), 100 * rows["value"])
        return rows.assign(value=value, unit=rows["unit"].replace(units))
    return rows


def _listings(view: AudienceView, plan: _Plan) -> list[Block]:
    found: list[Block] = []
    experts = expert_names(view)
    for table, name, title, columns in plan:
        rows = view.rows(table)
        if rows.empty:
            continue
        rows = _ordered(table, rows, view.plan.currency)
        if rows.empty:
            continue
        shown = filled(rows[[one for one in columns if one in rows.columns]])
        if table == "support_plan" and "expert_id" in shown:
            shown = shown.assign(expert_id=named(shown["expert_id"], experts))
            shown = shown.rename(columns={"expert_id": "expert"})
        if table == "support_conflicts":
            shown = shown.rename(columns={"name": "expert"})
        keys = [one for one in _KEYS if one in shown]
        shown = shown.assign(**{one: shown[one].str.replace("_", " ") for one in keys})
        grey = rows["is_grey"].fillna(True).astype(bool) if "is_grey" in rows else None
        # a rate in low and high, but odds in those of experience
        plain = ("low", "high") if table == "support_experience" else ()
        found.append(
            Listing(
                name=name,
                frame=shown.reset_index(drop=True),
                title=title,
                subtitle=f"{view.plan.currency}, as of {view.as_of}",
                labels={"change_below": "Served below this chance without support",
                        "rate": "Drawn to wider group", "low": "From", "high": "To",
                        "relation_count": "Lost for lack of relation",
                        "support_count": "Lost for lack of support",
                        "coded_count": "Lost with a cause on record",
                        "relation_share": "Share lost for lack of relation",
                        "relation_low": "Share lost for it, from",
                        "relation_high": "Share lost for it, to",
                        "received_amount": "Received", "overdue_amount": "Overdue",
                        "day_date": "Day", "lesson_count": "Lessons",
                        "due_now_amount": "Due by now", "due_amount": "Agreed",
                        "due_count": "Needed by now",
                        "project_count": "Contracts",
                        "expert_value_amount": "One more expert", "free_date": "Next free",
                        "unit": "Measured in", "support_line": "Party",
                        "hour_value_amount": "One more hour"},
                formats={one: "share" for one in _SHARES if one in shown and one not in plain},
                grey=None if grey is None else grey.reset_index(drop=True),
                limit=_MOST if len(rows) > 2 * _MOST else None,
            )
        )  # fmt: skip
    return found
