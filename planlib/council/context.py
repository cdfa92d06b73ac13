"""Context of red and yellow cells: moves, causes with their numbers, and the deals behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from planlib.council.causes import INFLOWS, Cause, find_causes, stuck_deals
from planlib.council.flows import Flows, find_flows, moves_table
from planlib.forecast import Inputs
from planlib.notes import percent, percent_above_zero
from planlib.pipeline import Bridge
from planlib.pipeline.cuts import ALL, TOTAL
from planlib.pipeline.words import short_money
from planlib.settings.council import CouncilSettings

WATCHED = ("red", "yellow")
_BEHIND = {
    "too_little_generated": ("new", "reopened"),
    "pushed_out": ("pushed_out",),
    "lost_more": ("lost",),
    "low_conversion": ("lost",),
}
_DETAIL = {
    "new": "new since {day}",
    "reopened": "reopened since {day}",
    "pushed_out": "pushed out of the period since {day}",
    "lost": "lost since {day}",
}


@dataclass(frozen=True, kw_only=True)
class Context:
    """
    Why cells are where they are.

    Parameters
    ----------
    moves, causes, deals
        Tables ``council_moves``, ``council_causes`` and ``council_deals``.
    words
        Context in words by cell, in the order of the watched cells.
    """

    moves: pd.DataFrame = field(repr=False)
    causes: pd.DataFrame = field(repr=False)
    deals: pd.DataFrame = field(repr=False)
    words: pd.Series = field(repr=False)


def cell_context(
    cells: pd.DataFrame,
    inputs: Inputs,
    settings: CouncilSettings,
    *,
    forecast: pd.DataFrame | None = None,
    currency: str = "",
) -> Context:
    """
    Compute what moved the red and yellow cells of the live period, and why they are behind.

    Parameters
    ----------
    cells
        Coloured cells, from ``colour_cells``.
    inputs
        What the forecast rests on.
    settings
        Section ``council`` of plan.yaml.
    forecast
        Table ``forecast`` of step 06; its chosen method is named in the context.
    currency
        Currency of the plan, for sentences.

    Returns
    -------
    Context
        Causes are ranked by what each is expected to cost at the close; they overlap, so they do
        not add up to the gap.
    """
    live = cells[cells["is_live"] & cells["colour"].isin(WATCHED)].reset_index(drop=True)
    flows = find_flows(inputs, settings.past_periods)
    moves = moves_table(flows, inputs.period.name)
    if len(moves):
        keys = pd.MultiIndex.from_frame(live[["cut", "cut_value"]])
        places = pd.MultiIndex.from_frame(moves[["cut", "cut_value"]])
        moves = moves[places.isin(keys)].reset_index(drop=True)
    order = pd.MultiIndex.from_frame(inputs.panel.cells[["cut", "cut_value"]])
    needed = cells[cells["is_live"]].set_index(["cut", "cut_value"])["required_coverage"]
    conversion = (1 / needed.where(needed > 0)).reindex(order).to_numpy(dtype="float64")
    found = find_causes(inputs, flows, conversion, settings)
    causes = _causes_table(live, found, inputs, settings, currency)
    deals = _deals_behind(causes, flows, inputs, settings)
    words = [
        _words(row, moves, flows, forecast, currency) for row in live.to_dict("records")
    ]  # fmt: skip
    return Context(moves=moves, causes=causes, deals=deals, words=pd.Series(words, dtype="str"))


def open_deals(inputs: Inputs) -> pd.DataFrame:
    """Give the open deals of the live period with the value of every cut; none if not known."""
    period, state = inputs.period, inputs.history.at(inputs.as_of)
    deals = state.open_deals if state.knows_dates else state.open_deals.head(0)
    inside = deals["close_date"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))
    deals = deals[inside].reset_index(drop=True)
    return inputs.tables.attach(deals, inputs.panel.cuts[1:]).assign(**{TOTAL: ALL})


def of_cell(deals: pd.DataFrame, cut: str, value: str) -> pd.DataFrame:
    """Give the deals of one cell."""
    return deals[deals[cut] == value] if cut in deals else deals.head(0)


def name_deals(deals: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Give deals as they are shown: name, owner, amount, close date, stage of today."""
    today = inputs.history.deals.set_index("opportunity_id")
    known = today.reindex(deals["opportunity_id"])
    return pd.DataFrame(
        {
            "opportunity_id": deals["opportunity_id"].to_numpy(),
            "name": known["name"].to_numpy() if "name" in known else None,
            "owner": inputs.tables.rep_label(known["owner_id"]).to_numpy(),
            "amount": deals["amount"].to_numpy(),
            "close_date": known["close_date"].to_numpy(),
            "stage": known["stage"].to_numpy() if "stage" in known else None,
        }
    )


def _causes_table(
    live: pd.DataFrame,
    found: list[Cause],
    inputs: Inputs,
    settings: CouncilSettings,
    currency: str,
) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    order = pd.MultiIndex.from_frame(inputs.panel.cells[["cut", "cut_value"]])
    places = order.get_indexer(pd.MultiIndex.from_frame(live[["cut", "cut_value"]]))
    for cell, place in zip(live.to_dict("records"), places, strict=True):
        at = int(place)
        if at < 0:
            continue
        gap = float(cell["gap_amount"])
        floor = settings.cause_share * gap if gap > 0 else 0.0
        mine = [(float(one.effect[at]) / 100, one) for one in found]
        mine = [(effect, one) for effect, one in mine if effect > max(floor, 0.0)]
        mine.sort(key=lambda pair: (-pair[0], pair[1].name))
        for rank, (effect, one) in enumerate(mine, start=1):
            rows.append(
                {
                    "period": inputs.period.name,
                    "cut": cell["cut"],
                    "cut_value": cell["cut_value"],
                    "cause": one.name,
                    "cause_order": rank,
                    "now_value": one.now[at],
                    "usual_value": one.usual[at],
                    "low": one.low[at],
                    "high": one.high[at],
                    "base_amount": one.base[at] / 100,
                    "effect_amount": round(effect, 2),
                    "effect_share": effect / gap if gap > 0 else np.nan,
                    "count": int(one.count[at]),
                    "is_usual": bool(one.is_usual[at]),
                    "is_grey": _is_few(one, at, settings),
                    "reason": _cause_words(one, at, effect, settings, currency),
                }
            )
    return pd.DataFrame(rows)


def _cause_words(
    one: Cause, at: int, effect: float, settings: CouncilSettings, currency: str
) -> str:
    share = one.name not in INFLOWS
    now, usual, low, high = (float(part[at]) for part in (one.now, one.usual, one.low, one.high))
    count = int(one.count[at])
    deals = f"{count} deal{'' if count == 1 else 's'}"

    def said(value: float) -> str:
        return percent_above_zero(value) if share else f"{value:.2f}"

    ends = [percent(end) if share else f"{end:.2f}" for end in (low, high)]
    band = "" if np.isnan(low) or ends[0] == ends[1] else f" ({ends[0]} to {ends[1]})"
    head = {
        "thin_start": f"The period started with, or got from other periods, {said(now)} for each "
        f"unit of the target in {deals}; past periods had {said(usual)}{band}",
        "too_little_generated": f"New pipeline is {said(now)} for each unit of the target in "
        f"{deals}; past periods had {said(usual)} by then{band}",
        "pushed_out": f"{said(now)} of the period's pipeline was pushed out in {deals}, usual are "
        f"{said(usual)}{band}",
        "lost_more": f"{said(now)} of the period's pipeline was lost in {deals}, usual are "
        f"{said(usual)}{band}",
        "low_conversion": f"{said(now)} of the {deals} decided were won by amount, usual are "
        f"{said(usual)}{band}",
        "late_stage_stuck": f"{said(now)} of the late-stage amount ({deals}) has been in its "
        f"stage longer than {100 * settings.stuck_quantile:.0f} % of the deals that were won later",
    }[one.name]
    chance = "; past periods vary as much, so it may be chance" if one.is_usual[at] else ""
    chance += "; few deals, so ask before acting" if _is_few(one, at, settings) else ""
    return f"{head}: about {short_money(effect, currency)} less at the close{chance}."


def _is_few(one: Cause, at: int, settings: CouncilSettings) -> bool:
    """Tell whether a share rests on few deals; an amount that is missing needs none."""
    return one.name not in INFLOWS and int(one.count[at]) < settings.minimum_deals


def _deals_behind(
    causes: pd.DataFrame, flows: Flows, inputs: Inputs, settings: CouncilSettings
) -> pd.DataFrame:
    if causes.empty or flows.span is None:
        return pd.DataFrame()
    now, late = open_deals(inputs), stuck_deals(inputs, settings)
    parts = []
    for row in causes.to_dict("records"):
        cause, cut, value = str(row["cause"]), str(row["cut"]), str(row["cut_value"])
        if cause in _BEHIND:
            found = _moved(flows.span, flows.start, (cut, value), _BEHIND[cause])
        else:
            found = of_cell(now, cut, value)[["opportunity_id", "amount"]]
            found = found.assign(detail="open in the period")
            if cause == "late_stage_stuck":
                found = _stuck_of(found, late)
        found = found.sort_values(["amount", "opportunity_id"], ascending=[False, True])
        found = found.head(settings.cause_deals)
        shown = name_deals(found, inputs).assign(detail=found["detail"].to_numpy())
        keys = {name: row[name] for name in ("period", "cut", "cut_value")}
        parts.append(shown.assign(**keys, topic=cause))
    return pd.concat(parts, ignore_index=True)


def _moved(
    bridge: Bridge, start: date, cell: tuple[str, str], reasons: tuple[str, ...]
) -> pd.DataFrame:
    cut, value = cell
    deals = bridge.deals[bridge.deals["reason"].isin(reasons)]
    side = "end" if reasons[0] == "new" else "start"
    mine = deals if cut == TOTAL else deals[deals[f"{cut}_{side}"] == value]
    detail = [_DETAIL[str(one)].format(day=f"{start:%Y-%m-%d}") for one in mine["reason"]]
    return pd.DataFrame(
        {
            "opportunity_id": mine["opportunity_id"],
            "amount": mine[f"amount_{side}"],
            "detail": pd.Series(detail, index=mine.index, dtype="str"),
        }
    )


def _stuck_of(found: pd.DataFrame, late: pd.DataFrame) -> pd.DataFrame:
    stuck = late[late["is_stuck"]].set_index("opportunity_id")
    mine = found[found["opportunity_id"].isin(stuck.index)]
    rows = stuck.loc[mine["opportunity_id"]]
    detail = [
        f"{days:.0f} days in {stage}, usual are at most {limit:.0f}"
        for days, stage, limit in zip(
            rows["stage_days"], rows["stage"], rows["limit_days"], strict=True
        )
    ]
    return mine.assign(detail=pd.Series(detail, index=mine.index, dtype="str"))


def _words(
    row: Mapping[Any, Any],
    moves: pd.DataFrame,
    flows: Flows,
    forecast: pd.DataFrame | None,
    currency: str,
) -> str:
    parts = []
    for span, day in (("period", flows.start), ("week", flows.week_start)):
        name = f"Since {day:%Y-%m-%d}" if span == "period" else "This week"
        bridge = flows.span if span == "period" else flows.week
        if bridge is None:
            iso = f"{day:%Y-%m-%d}"
            parts.append(f"{name}: not known, no snapshot tells what was open on {iso}.")
            continue
        mine = moves[
            (moves["cut"] == row["cut"])
            & (moves["cut_value"] == row["cut_value"])
            & (moves["span"] == span)
        ].sort_values("step_order") if len(moves) else moves  # fmt: skip
        said = [_step_words(one, currency) for one in mine.to_dict("records")]
        parts.append(f"{name}: {', '.join(said) if said else 'nothing moved'}.")
    parts += _forecast_words(row, forecast, currency)
    return " ".join(parts)


def _step_words(step: Mapping[Any, Any], currency: str) -> str:
    known = pd.notna(step["amount"])
    amount = short_money(step["amount"], currency) if known else "without an amount"
    return f"{str(step['reason']).replace('_', ' ')} {amount} ({step['count']})"


def _forecast_words(
    row: Mapping[Any, Any], forecast: pd.DataFrame | None, currency: str
) -> list[str]:
    if forecast is None or forecast.empty:
        return []
    mine = forecast[
        forecast["is_chosen"].fillna(False).astype(bool)
        & (forecast["period"] == row["period"])
        & (forecast["cut"] == row["cut"])
        & (forecast["cut_value"] == row["cut_value"])
    ]
    if mine.empty or pd.isna(mine["point_amount"].iloc[0]):
        return []
    one = mine.iloc[0]
    text = f"Forecast {short_money(one['point_amount'], currency)}"
    if pd.notna(one["p10_amount"]):
        low, high = (short_money(one[name], currency) for name in ("p10_amount", "p90_amount"))
        text += f" (P10 {low}, P90 {high})"
    if pd.notna(one["target_chance"]):
        text += f", reaches the target in {100 * one['target_chance']:.0f} % of draws"
    return [text + "."]
