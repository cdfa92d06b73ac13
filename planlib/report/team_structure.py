"""Part of the report on structure and channels: heads against a proposal, scenarios, response."""

from __future__ import annotations

import pandas as pd

from planlib.charts import team_structure as charts
from planlib.displays import Fact
from planlib.exchange.audience import AudienceView, Baseline
from planlib.notes import notes_of
from planlib.report.common import filled, gaps_in
from planlib.report.folds import Fold
from planlib.report.parts import Block, Gap, Line, Listing, Notes, picture

STEP = "10_team"
_LARGE = 0.5  # heads; smaller changes stand in the Excel file alone
_FIRST = 3


def decided(view: AudienceView) -> list[Line]:
    """Give the headlines of structure and channels."""
    return [Line(text, step=STEP) for text in notes_of(view.rows("structure_notes"), "headline")]


def asks(view: AudienceView) -> list[Line]:
    """Give the largest changes of heads that somebody must decide on."""
    rows = _changed(view).head(_FIRST)
    return [
        Line(
            f"{row['region']} / {row['segment']}: {row['today_heads']:g} {row['kind']} heads today,"
            f" {row['heads']:g} in the best structure: decide, or state your own in "
            "team_structure.scenarios",
            step=STEP,
        )
        for row in rows.to_dict("records")
    ]


def problems(view: AudienceView) -> list[Line]:
    """Give what is wrong with people, regions and limits."""
    return [Line(text, step=STEP) for text in notes_of(view.rows("structure_notes"), "finding")]


def gaps(view: AudienceView) -> list[Gap]:
    """Give what could not be computed."""
    return gaps_in(view.rows("structure_notes"), "Team", STEP)


def facts(view: AudienceView) -> list[Fact]:
    """Give the head count today, and that of the best structure."""
    scenarios = view.rows("structure_scenarios")
    heads = dict(zip(scenarios["scenario"], scenarios["heads"], strict=True))
    if "today" not in heads:
        return []
    note = "posts of inside, field, SDR, BDR and specialists, open ones included"
    if pd.notna(heads.get("optimum")):
        note += f"; {int(heads['optimum'])} in the best structure"
    return [Fact("Selling posts", int(heads["today"]), note, "", "count")]


def changes(view: AudienceView, baseline: Baseline) -> list[Line]:
    """Say how the number of posts changed since an earlier state."""
    before = baseline.get("structure_scenarios")
    if before is None or not view.has("structure_scenarios"):
        return []
    now = view.read("structure_scenarios").set_index("scenario")["heads"]
    old = before.set_index("scenario")["heads"]
    if "today" not in now.index or "today" not in old.index:
        return []
    difference = int(now["today"]) - int(old["today"])
    if not difference:
        return [Line("There are as many selling posts as before.", step=STEP)]
    return [Line(f"There are {difference:+d} selling posts against before.", step=STEP)]


def blocks(view: AudienceView) -> list[Block]:
    """Give pictures and short tables."""
    scenarios, heads = view.rows("structure_scenarios"), view.rows("structure_heads")
    found: list[Block] = []
    if len(scenarios):
        found.append(_scenarios(view, scenarios))
        found.append(Fold("Where heads change, by region and segment", [
            picture(charts.plot_structure_map(heads)), _changes_listed(view)]))  # fmt: skip
    chosen = [*_models(view), *_lines(view)]
    if chosen:
        found.append(Fold("Ways of selling by segment, teams by business line", chosen))
    found.append(Fold("Channels: where each persona responds", _channels(view)))
    notes = view.rows("structure_notes")
    words: list[Block] = []
    for kind, title in (
        ("assumption", "Structure: what it assumes"),
        ("caution", "Structure: read with care"),
        ("definition", "Structure and channels: definitions"),
    ):
        words.append(Notes(notes_of(notes, kind), title, folded=kind != "caution"))
    return [*found, Fold("Structure: assumptions, what to read with care, definitions", words)]


def _scenarios(view: AudienceView, scenarios: pd.DataFrame) -> Listing:
    columns = ["scenario", "status", "heads", "inside_share", "moved_heads", "margin_amount",
               "cost_amount", "contribution_amount", "path_margin_amount", "low", "high",
               "better_probability"]  # fmt: skip
    unit = str(scenarios["cost_unit"].iloc[0])
    return Listing(
        name="Team scenarios",
        frame=filled(scenarios.sort_values("scenario_order", ignore_index=True)[columns]),
        title="Structures beside each other",
        subtitle=f"{view.plan.currency} a year, all heads ramped; cost in {unit}; path: expected "
        f"margin over the next {view.plan.team_structure.path_quarters} quarters together, with "
        "leavers and ramp, and its 80 % interval; better than today: share of the simulated "
        "futures, after the cost of heads and change",
        labels={"inside_share": "Inside of sellers", "path_margin_amount": "Path margin",
                "low": "from", "high": "to", "better_probability": "Better than today",
                "moved_heads": "Heads that change"},
        formats={"inside_share": "share", "better_probability": "share", "moved_heads": "number",
                 "path_margin_amount": "amount", "low": "amount", "high": "amount",
                 **({} if unit == view.plan.currency else {"cost_amount": "number"})},
        limit=None,
    )  # fmt: skip


def _changed(view: AudienceView) -> pd.DataFrame:
    """Give cells of the optimum that change by half a head or more, largest first."""
    heads = view.rows("structure_heads")
    rows = heads[(heads["scenario"] == "optimum") & (heads["change_heads"].abs() >= _LARGE)]
    return rows.assign(size=rows["change_heads"].abs()).sort_values(
        ["size", "region", "segment", "kind"], ascending=[False, True, True, True],
        kind="stable", ignore_index=True,
    )  # fmt: skip


def _changes_listed(view: AudienceView) -> Listing:
    rows = _changed(view)
    columns = ["region", "segment", "kind", "today_heads", "heads", "marginal_amount", "next_best",
               "next_best_amount", "reason"]  # fmt: skip
    return Listing(
        name="Team changes",
        frame=rows[columns],
        title="Largest changes in the best structure",
        subtitle=f"half a head or more; {view.plan.currency} of margin a year a head, at the rate "
        "of the next part of a head; regions get whole heads, and a whole one here brings that at "
        "most",
        labels={"today_heads": "Today", "heads": "Best", "marginal_amount": "Rate of the next part",
                "next_best": "Next best place", "next_best_amount": "There"},
        formats={"today_heads": "number", "heads": "number"},
        limit=5,
        empty="no cell changes by half a head",
    )  # fmt: skip


def _models(view: AudienceView) -> list[Block]:
    models = view.rows("structure_models")
    if models.empty:
        return []
    columns = ["segment", "model", "field_heads", "inside_heads", "sdr_heads", "relief_heads",
               "leads_growth", "needs", "marketing", "reason"]  # fmt: skip
    return [Listing(
        name="Ways of selling", frame=filled(models[columns]),
        title="Which way of selling each segment calls for",
        subtitle="each segment against all others; relief: heads of field time that small local "
        "accounts need",
        labels={"model": "Way of selling", "field_heads": "Field", "inside_heads": "Inside",
                "sdr_heads": "SDR", "relief_heads": "Relief", "leads_growth": "Leads grow",
                "needs": "It needs", "marketing": "Marketing"},
        formats={"leads_growth": "share", "relief_heads": "number", "field_heads": "number",
                 "inside_heads": "number", "sdr_heads": "number"},
        limit=None,
    )]  # fmt: skip


def _lines(view: AudienceView) -> list[Block]:
    lines = view.rows("structure_lines")
    if lines.empty:
        return []
    columns = ["line", "verdict", "heads", "shared_share", "win_difference", "low", "high",
               "workflow", "reason"]  # fmt: skip
    return [Listing(
        name="Teams by line", frame=filled(lines[columns]),
        title="Whether a business line carries a team of its own",
        subtitle="win difference: sellers at home in the line less all others, 95 % interval",
        labels={"shared_share": "Shared customers", "win_difference": "Win difference",
                "low": "from", "high": "to"},
        formats={"heads": "number", **dict.fromkeys(
            ["shared_share", "win_difference", "low", "high"], "share")},
        limit=None,
    )]  # fmt: skip


def _channels(view: AudienceView) -> list[Block]:
    response, content = view.rows("channel_response"), view.rows("channel_content")
    found = _prospecting(view)
    if response.empty:
        return found
    known = content[~content["is_grey"].astype(bool)].sort_values(
        ["low", "segment", "persona"], ascending=[False, True, True], ignore_index=True
    )
    if len(known):
        columns = ["segment", "persona", "channel", "response_share", "low", "high",
                   "touched_count", "second_channel", "owner"]  # fmt: skip
        found.append(Listing(
            name="Content by persona", frame=known[columns],
            title="Where to reach whom, surest first",
            subtitle="channel with the highest lower end of the response; people behind it",
            labels={"response_share": "Response", "low": "from", "high": "to",
                    "touched_count": "People", "second_channel": "Next", "owner": "Owns content"},
            formats=dict.fromkeys(["response_share", "low", "high"], "share"), limit=5,
        ))  # fmt: skip
    return found


def _prospecting(view: AudienceView) -> list[Block]:
    asked = view.rows("channel_prospecting")
    if asked.empty:
        return []
    columns = ["segment", "question", "value", "count", "others_value", "difference", "low", "high",
               "verdict", "definition"]  # fmt: skip
    asked = asked.assign(question=asked["question"].str.replace("_", " "))
    return [Listing(
        name="Prospecting", frame=filled(asked[columns]),
        title="Is prospecting in place: right buyer, right information, right time",
        subtitle="each segment against all others; interval of the difference at the level of "
        "channels.confidence; verdicts allow for all questions together",
        labels={"value": "Share", "count": "Cases", "others_value": "Elsewhere", "low": "from",
                "high": "to"},
        formats=dict.fromkeys(["value", "others_value", "difference", "low", "high"], "share"),
        limit=8,
    )]  # fmt: skip
