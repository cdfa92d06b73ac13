"""Actions of the catalogue that fit the causes of a cell, with cost, effect, owner and due date."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from planlib.forecast import Inputs
from planlib.pipeline.cuts import ALL, TOTAL
from planlib.pipeline.words import short_money
from planlib.settings.council import CouncilAction, CouncilSettings


def suggest_actions(
    causes: pd.DataFrame,
    cells: pd.DataFrame,
    settings: CouncilSettings,
    as_of: date,
    currency: str = "",
) -> pd.DataFrame:
    """
    Propose actions of the catalogue for the causes of red and yellow cells.

    Parameters
    ----------
    causes
        Table ``council_causes``.
    cells
        Coloured cells with ``owner`` and ``required_coverage``.
    settings
        Catalogue, and days until an action is due.
    as_of
        Day of the council.
    currency
        Currency of the plan, for sentences.

    Returns
    -------
    DataFrame
        Table ``council_suggestions``: each action once per cell, for the first cause that it
        works on, as many units as the cause needs and at most ``most_units``. What an action
        raises in pipeline counts at the close with the cell's conversion. Ordered by cell, then
        by what a unit of money brings at the close.
    """
    if causes.empty:
        return pd.DataFrame()
    keys = ["period", "cut", "cut_value"]
    known = {tuple(row[name] for name in keys): row for row in cells.to_dict("records")}
    due = pd.Timestamp(as_of + timedelta(settings.due_days))
    rows: list[dict[str, Any]] = []
    taken: set[tuple[str, str, str, str]] = set()
    for cause in causes.sort_values([*keys, "cause_order"]).to_dict("records"):
        cell = (str(cause["period"]), str(cause["cut"]), str(cause["cut_value"]))
        needed = float(known[cell]["required_coverage"])
        for action in settings.actions:
            if cause["cause"] not in action.causes or (*cell, action.key) in taken:
                continue
            taken.add((*cell, action.key))
            row = _suggestion(action, cause, needed, currency)
            who = {"owner": known[cell]["owner"], "due_date": due}
            rows.append({**dict(zip(keys, cell, strict=True)), **row, **who})
    frame = pd.DataFrame(rows)
    if frame.empty:
        return frame
    worth = frame["close_amount"] / frame["cost_amount"].where(frame["cost_amount"] > 0)
    frame = frame.assign(worth=worth.fillna(np.inf))
    order = {key: at for at, key in enumerate(zip(*(cells[name] for name in keys), strict=True))}
    places = [order[key] for key in zip(*(frame[name] for name in keys), strict=True)]
    frame = frame.assign(place=places)
    frame = frame.sort_values(["place", "worth", "action"], ascending=[True, False, True])
    return frame.drop(columns=["worth", "place"]).reset_index(drop=True)


def _suggestion(
    action: CouncilAction, cause: Mapping[Any, Any], needed: float, currency: str
) -> dict[str, object]:
    conversion = 1.0 if action.effect == "won" else 1 / needed if needed > 0 else math.nan
    of_unit = action.unit_cost * action.effect_multiple
    at_close = of_unit * conversion
    units = 1
    if at_close > 0:
        units = min(action.most_units, max(1, math.ceil(float(cause["effect_amount"]) / at_close)))
    close, cost = units * at_close, units * action.unit_cost
    what = "pipeline" if action.effect == "generated" else "ACV won"
    covers = ""
    if not math.isnan(close) and cause["effect_amount"] > 0:
        share = 100 * min(1.0, close / cause["effect_amount"])
        covers = f", {share:.0f} % of what this cause costs"
    reason = (
        f"Works on {str(cause['cause']).replace('_', ' ')}: {units} x {action.unit or 'unit'} for "
        f"{short_money(cost, currency)} should raise {what} by "
        f"{short_money(units * of_unit, currency)}, seen after {action.weeks} weeks{covers}. The "
        f"multiple of {action.effect_multiple:g} is an assumption of plan.yaml."
    )
    return {
        "action": action.key,
        "title": action.title or action.key,
        "cause": cause["cause"],
        "units_count": float(units),
        "unit": action.unit,
        "cost_amount": cost,
        "effect": action.effect,
        "effect_amount": units * of_unit,
        "close_amount": close,
        "reason": reason,
    }


def cell_owners(cells: pd.DataFrame, inputs: Inputs | None) -> pd.Series:
    """
    Name who answers for each cell.

    Parameters
    ----------
    cells
        ``cut``, ``cut_value``.
    inputs
        What the forecast rests on; None: no owner is known.

    Returns
    -------
    Series
        The manager himself for the cut manager; else the manager with the largest amount, won in
        the live period or open in it; for the total the head of all managers. Blank where table
        ``reps`` names no managers.
    """
    blank = pd.Series("", index=cells.index, dtype="str")
    if inputs is None or not inputs.tables.resolve("manager")[0]:
        return blank
    deals = inputs.history.at(inputs.as_of).states
    period = inputs.period
    inside = deals["close_date"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))
    deals = deals[inside & deals["status"].isin(["open", "won"])]
    cuts = list(dict.fromkeys((*inputs.panel.cuts[1:], "manager")))
    deals = inputs.tables.attach(deals, cuts)
    deals = deals[deals["manager"] != "(unknown)"]
    named: dict[tuple[str, str], str] = {(TOTAL, ALL): _head(inputs)}
    for cut in cuts:
        by = list(dict.fromkeys([cut, "manager"]))
        sums = deals.groupby(by)[["amount"]].sum().reset_index()
        sums = sums.sort_values(["amount", "manager"], ascending=[False, True])
        first = sums.drop_duplicates(cut)
        pairs = zip(first[cut], first["manager"], strict=True)
        named |= {(cut, str(value)): str(who) for value, who in pairs}
    found = [
        named.get((cut, value), "")
        for cut, value in zip(cells["cut"], cells["cut_value"], strict=True)
    ]
    return pd.Series(found, index=cells.index, dtype="str")


def _head(inputs: Inputs) -> str:
    """Give the manager above all others, blank when there is more than one."""
    above = inputs.tables.reports_to()
    managers = set(above.values())
    heads = sorted(one for one in managers if above.get(one) is None)
    many = [one for one in heads if any(above.get(other) == one for other in managers)]
    chosen = many or heads
    return str(inputs.tables.rep_label(pd.Series(chosen)).iloc[0]) if len(chosen) == 1 else ""
