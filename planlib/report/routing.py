"""Section of the report on routing: waiting leads, policies compared, fairness, lead score."""

from __future__ import annotations

import pandas as pd

from planlib.charts import routing as charts
from planlib.displays import Fact
from planlib.exchange.audience import AudienceView, Baseline
from planlib.notes import count_of, notes_of
from planlib.report.common import filled, gaps_in, named, rep_names
from planlib.report.parts import Block, Line, Listing, Notes, Section, picture
from planlib.steps import STEPS

STEP = "08_routing"
_FIRST = 5  # headlines that open the section
_COMPARED = ("win_share", "median_response_minutes", "within_deadline_share", "minimum_share",
             "lead_gini", "region_concentration", "opportunity_cost_amount")  # fmt: skip


def section(view: AudienceView) -> Section | None:
    """Give the section, or None when the step wrote no notes."""
    notes = view.rows("routing_notes")
    if notes.empty:
        return None
    step = STEPS[STEP]
    routes = view.rows("lead_routes")
    return Section(
        step=STEP,
        title=step.title,
        question=step.decides,
        decided=[Line(text, step=STEP) for text in notes_of(notes, "headline")[:_FIRST]],
        asks=[],
        problems=_problems(routes),
        gaps=gaps_in(notes, "Routing", STEP),
        facts=_facts(routes),
        blocks=_blocks(view, routes, notes),
    )


def changes(view: AudienceView, baseline: Baseline) -> list[Line]:
    """Say how many waiting leads have another rep than in an earlier state."""
    before = baseline.get("lead_routes")
    if before is None or not view.has("lead_routes"):
        return []
    both = view.read("lead_routes").merge(before, on="lead_id", suffixes=("", "_before"))
    moved = int((both["rep_id"].fillna("") != both["rep_id_before"].fillna("")).sum())
    return [Line(f"{count_of(moved, 'waiting lead')} went to another rep.", step=STEP)]


def _problems(routes: pd.DataFrame) -> list[Line]:
    lost = routes[routes["outcome"] == "catch_all"] if len(routes) else routes
    if lost.empty:
        return []
    reason = str(lost["catch_all_reason"].fillna("").mode().iloc[0])
    return [
        Line(f"{count_of(len(lost), 'lead')} in the catch-all. Most often: {reason}", step=STEP)
    ]


def _facts(routes: pd.DataFrame) -> list[Fact]:
    if routes.empty:
        return []
    found = routes["rep_id"].notna()
    return [
        Fact("Leads routed", int(found.sum()), f"of {len(routes):,} that wait", "", "count"),
        Fact("In the catch-all", int((~found).sum()), "each with its reason", "", "count"),
    ]


def _blocks(view: AudienceView, routes: pd.DataFrame, notes: pd.DataFrame) -> list[Block]:
    results, shares = view.rows("policy_results"), view.rows("policy_shares")
    found: list[Block] = []
    if len(routes):
        found.append(_routes(view, routes))
    found += [picture(charts.plot_policies(results)), picture(charts.plot_gains(results))]
    found.append(_policies(view, results))
    found += [picture(charts.plot_shares(shares)), picture(charts.plot_floors(results))]
    replayed = view.rows("routing_shares")
    if len(replayed) and "lead_share" in replayed.columns:  # leads by rank tell the rank
        found.append(picture(charts.plot_replay(replayed)))
    found += _service(view)
    quality = view.rows("lead_score_quality")
    if len(quality):
        found.append(picture(charts.plot_score(quality)))
    found += _data(view)
    found.append(Notes(notes_of(notes, "headline")[_FIRST:], "Routing: what else it says"))
    for kind, name in (("rule", "Routing: the rules"), ("caution", "Routing: read with care"),
                       ("definition", "Routing: definitions")):  # fmt: skip
        found.append(Notes(notes_of(notes, kind), name))
    return found


def _routes(view: AudienceView, routes: pd.DataFrame) -> Listing:
    why = ["reason"] if "reason" in routes.columns else ["rule", "catch_all_reason"]
    columns = ["lead_id", "rep_id", "outcome", "grade", "created_at", "respond_by", "contact_at",
               *why]  # fmt: skip
    frame = routes.assign(rule=routes["rule"].str.replace("_", " "))
    frame = frame.sort_values(["outcome", "created_at", "lead_id"], ignore_index=True)[columns]
    return Listing(
        name="Lead routes",
        frame=filled(frame.assign(rep_id=named(frame["rep_id"], rep_names(view)),
                                  outcome=frame["outcome"].str.replace("_", " "))),
        title="Leads that wait for an answer, and who gets them",
        subtitle=f"times in {view.plan.time_zone}",
        labels={"rep_id": "Rep", "lead_id": "Lead", "created_at": "Came in",
                "respond_by": "Answer by", "contact_at": "Suits the customer from",
                "catch_all_reason": "Why nobody"},
        limit=view.plan.report.rows,
    )  # fmt: skip


def _policies(view: AudienceView, results: pd.DataFrame) -> Listing:
    rows = results[results["measure"].isin(_COMPARED) & (results["floor_share"] == 0)
                   & (results["scenario"] == "spare capacity")]  # fmt: skip
    wide = rows.pivot(index="policy", columns="measure", values="value")
    wide = wide.reindex(columns=list(_COMPARED)).reset_index()
    wide = wide.sort_values("win_share", ascending=False, ignore_index=True)
    return Listing(
        name="Policies",
        frame=wide.assign(policy=wide["policy"].str.replace("_", " ")),
        title="Policies compared with spare capacity",
        subtitle=f"means over simulated worlds of {view.plan.simulator.days} days, in which every "
        f"rep may get any lead; amounts in {view.plan.currency}; intervals and tight capacity in "
        "the Excel file",
        labels={"win_share": "Win rate", "median_response_minutes": "Median wait, minutes",
                "within_deadline_share": "In time", "minimum_share": "Fewest / mean",
                "lead_gini": "Gini", "region_concentration": "One region",
                "opportunity_cost_amount": "Lost to known skill"},
        formats={"win_share": "share", "within_deadline_share": "share", "minimum_share": "share",
                 "region_concentration": "share", "lead_gini": "number",
                 "median_response_minutes": "count", "opportunity_cost_amount": "amount"},
        limit=None,
    )  # fmt: skip


def _service(view: AudienceView) -> list[Block]:
    """Give the follow-up by grade, and how far reps depend on one region or sector."""
    service, exposure = view.rows("lead_service"), view.rows("rep_exposure")
    found: list[Block] = []
    if len(service):
        columns = ["grade", "lead_count", "answered_share", "in_time_share", "answer_hours",
                   "assigned_share", "replay_in_time_share", "replay_wait_minutes"]  # fmt: skip
        found.append(Listing(
            name="Lead service", frame=service.sort_values("grade_order")[columns],
            title="Follow-up by grade: a lead of a low grade is still a buyer",
            subtitle="in time: answered within routing.deadline_minutes of coming in, by the "
            "clock; replay: past leads by the policy in force",
            labels={"lead_count": "Leads", "answered_share": "Answered", "in_time_share": "In time",
                    "assigned_share": "Replay: with a rep",
                    "replay_in_time_share": "Replay: in time",
                    "replay_wait_minutes": "Replay: median wait, minutes"},
            formats={"answered_share": "share", "in_time_share": "share", "answer_hours": "number",
                     "assigned_share": "share", "replay_in_time_share": "share",
                     "replay_wait_minutes": "number"},
            limit=None,
        ))  # fmt: skip
    if len(exposure):
        columns = ["rep_id", "basis", "case_count", "region", "region_share", "sector",
                   "sector_share"]  # fmt: skip
        columns = [one for one in columns if one in exposure.columns]
        frame = exposure.sort_values(["basis", "region_share", "rep_id"], ignore_index=True,
                                     ascending=[True, False, True])[columns]  # fmt: skip
        found.append(Listing(
            name="Rep exposure", frame=filled(
                frame.assign(rep_id=named(frame["rep_id"], rep_names(view)))),
            title="How far a rep depends on one region or sector",
            subtitle="the largest region and sector among the deals that the rep owns, and among "
            "the leads of the replay; blank below ten",
            labels={"rep_id": "Rep", "case_count": "Cases", "region_share": "Of the region",
                    "sector_share": "Of the sector"},
            formats={"region_share": "share", "sector_share": "share"},
            limit=view.plan.report.rows,
        ))  # fmt: skip
    return found


def _data(view: AudienceView) -> list[Block]:
    complete, matches = view.rows("lead_completeness"), view.rows("lead_matches")
    found: list[Block] = []
    if len(complete):
        columns = ["field", "given_count", "enriched_count", "known_share", "filled_from"]
        found.append(Listing(
            name="Lead completeness", frame=complete[columns].assign(
                field=complete["field"].str.replace("_", " ")),
            title="How complete the leads are", subtitle=f"of {int(complete['lead_count'].max()):,}"
            " leads; enriched: filled from other tables", formats={"known_share": "share"},
            labels={"known_share": "Known"}, limit=None,
        ))  # fmt: skip
    open_ = matches[~matches["is_used"].astype(bool)] if len(matches) else matches
    if len(open_):
        columns = ["lead_id", "company", "account_id", "account_name", "similarity", "reason"]
        found.append(Listing(
            name="Lead matches", frame=open_[columns].reset_index(drop=True),
            title="Leads that may belong to an account: a person should look",
            limit=view.plan.report.rows,
        ))  # fmt: skip
    return found
