"""What a leader reads about movement: changes, stages, old deals, contract to cash, losses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
from matplotlib.axes import Axes

from planlib.charts import pipeline_movement as charts
from planlib.exchange.audience import AudienceView
from planlib.notes import count_of
from planlib.report.common import amount_of, filled, gaps_in
from planlib.report.parts import Block, Gap, Line, Listing, Notes, picture

STEP = "06_pipeline"
_DEALS = 6  # deals named in a table


def movement_asks(view: AudienceView) -> list[Line]:
    """List what needs a decision: old deals, cash that is overdue, changes of ended periods."""
    ageing, projects = view.rows("pipeline_ageing"), view.rows("project_line")
    restated = view.rows("pipeline_restatements")
    old = ageing[ageing["is_old"].fillna(False).astype(bool)]
    late = projects[projects["overdue_amount"] > 0]
    factor = view.plan.movement.ageing_factor
    parts = [
        (old, "amount", "open deal", f"at least {factor:g} times as long in the stage as won deals "
         "usually are (of the segment, else of all): move on or close"),
        (late, "overdue_amount", "project", "with overdue payments: collect them"),
        (restated, "effect_amount", "deal", "of ended periods changed since: confirm or correct"),
    ]  # fmt: skip
    return [
        Line(f"{count_of(len(rows), word)} {text}", amount_of(rows[column]), STEP)
        for rows, column, word, text in parts
        if len(rows)
    ]


def movement_gaps(view: AudienceView) -> list[Gap]:
    """Say what of movement could not be computed."""
    return gaps_in(view.rows("movement_notes"), "Movement", STEP)


def movement_blocks(view: AudienceView) -> list[Block]:
    """Show every change, the funnel, ageing, outcomes by age, the project line and losses."""
    notes = view.rows("movement_notes").sort_values("note_order")
    if notes.empty:
        return []
    blocks: list[Block] = [Notes(_lines(notes, "headline"), "What moved")]
    blocks += _pictures(view)
    blocks += [*_tables(view), *restated(view, limit=view.plan.report.rows)]
    blocks.append(Notes(_lines(notes, "caution"), "Movement: read with care"))
    blocks.append(Notes(_lines(notes, "definition"), "Movement: definitions"))
    return blocks


def _lines(notes: pd.DataFrame, kind: str) -> list[str]:
    rows = notes[notes["kind"] == kind]
    topic = rows["topic"].fillna("")
    return (topic.where(topic == "", topic + ": ") + rows["note"]).tolist()


def _pictures(view: AudienceView) -> list[Block]:
    currency, factor = view.plan.currency, view.plan.movement.ageing_factor
    draws: dict[str, Callable[[pd.DataFrame], Axes]] = {
        "pipeline_event_bridge": partial(charts.plot_event_bridge, currency=currency),
        "stage_conversion": charts.plot_funnel,
        "pipeline_ageing": partial(charts.plot_ageing, currency=currency, factor=factor),
        "pipeline_incidence": charts.plot_incidence,
        "project_figures": partial(charts.plot_contract_to_cash, currency=currency),
    }
    frames = {name: view.rows(name) for name in draws}
    return [picture(draw(frames[name])) for name, draw in draws.items() if len(frames[name])]


def _tables(view: AudienceView) -> list[Block]:
    currency = view.plan.currency
    slips, losses = view.rows("pipeline_slips"), view.rows("project_losses")
    reviews, ageing = view.rows("pipeline_reviews"), view.rows("pipeline_ageing")
    shares = ("slip_rate_amount", "slip_rate_count", "low", "high", "count_share", "amount_share",
              "reviewed_share", "reviewed_amount_share")  # fmt: skip
    old = ageing[ageing["is_old"].fillna(False).astype(bool)]
    old = old.sort_values(["amount", "opportunity_id"], ascending=[False, True])
    parts = [
        ("Slip rate", "Slip rate by period",
         slips.loc[slips["cut"] == "total", ["period", "start_amount", "slipped_amount",
                                             "slip_rate_amount", "slip_rate_count", "note"]]),
        ("Old deals", "Largest open deals that are old for their stage",
         old[["opportunity_id", "name", "owner", "stage", "amount", "days_in_stage", "usual_days",
              "push_count"]]),
        ("Reviews", "Open deals reviewed by manager",
         reviews[["cut_value", "deal_count", "reviewed_count", "reviewed_share", "open_amount",
                  "reviewed_amount_share"]]),
        ("Losses", "Lost, by cause",
         losses.loc[losses["cut"] == "total", ["cause", "count", "count_share", "low", "high",
                                               "amount", "amount_share"]]),
        ("Overdue projects", "Projects with the largest overdue payments", _overdue(view)),
        ("Contradictions", "Deals that contradict themselves",
         view.rows("pipeline_findings")[["finding", "opportunity_id", "value", "amount",
                                         "effect"]]),
    ]  # fmt: skip
    return [
        Listing(
            name=f"Movement, {name}"[:31],
            frame=filled(frame).reset_index(drop=True),
            title=title,
            subtitle=f"as of {view.as_of}",
            labels={"cut_value": "Manager", "opportunity_id": "Deal id", "name": "Name"},
            formats=dict.fromkeys([one for one in shares if one in frame.columns], "share"),
            units={
                one: currency
                for one in frame.columns
                if one.endswith("amount") and one not in shares
            },
            limit=_DEALS if name in ("Old deals", "Overdue projects", "Contradictions") else 15,
        )
        for name, title, frame in parts
        if len(frame)
    ]


def restated(
    view: AudienceView, *, limit: int, name: str = "Movement, restatements"
) -> list[Listing]:
    """List what changed in ended periods: which deal, what it does, who did it and when."""
    rows = view.rows("pipeline_restatements")
    if rows.empty:
        return []
    columns = ["opportunity_id", "name", "owner", "period", "kind", "amount_then", "amount_now",
               "effect_amount", "changed_by", "seen_date"]  # fmt: skip
    shown = rows[[name for name in columns if name in rows.columns]]
    since = rows["from_date"].max()
    return [
        Listing(
            name=name,
            frame=shown.reset_index(drop=True),
            title=f"Changed in ended periods since {since:%Y-%m-%d}",
            subtitle="effect: change of the closed amount of all ended periods, as of "
            f"{view.as_of}",
            labels={"opportunity_id": "Deal id", "name": "Deal", "kind": "What",
                    "effect_amount": "Effect", "changed_by": "Changed by", "seen_date": "Seen"},
            units={one: view.plan.currency for one in shown.columns if one.endswith("amount")},
            missing={"amount_now": "it has no amount any more, or there is no such deal",
                     "changed_by": "neither history nor deals table says who",
                     "seen_date": "only today's table shows it"},
            limit=limit,
        )
    ]  # fmt: skip


def _overdue(view: AudienceView) -> pd.DataFrame:
    rows = view.rows("project_line")
    rows = rows[rows["overdue_amount"] > 0]
    rows = rows.sort_values(["overdue_amount", "project_id"], ascending=[False, True])
    return rows[["project_id", "name", "contract_amount", "collected_amount", "overdue_amount",
                 "outstanding_amount"]]  # fmt: skip
