"""Actions of the catalogue that fit the causes of a cell, with cost, effect, owner and due date."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from planlib.council.cells import KEY
from planlib.forecast import Inputs
from planlib.pipeline.cuts import ALL, TOTAL
from planlib.pipeline.words import short_money
from planlib.settings.council import CouncilAction, CouncilSettings

#: What an action raises, in words.
EFFECTS = {"generated": "pipeline", "won": "ACV won"}
Cell = tuple[str, str, str, str]


def suggest_actions(
    causes: pd.DataFrame,
    cells: pd.DataFrame,
    settings: CouncilSettings,
    as_of: date,
    currency: str = "",
    *,
    actions: pd.DataFrame | None = None,
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
    actions
        Table ``council_actions``: what open ones are expected to bring at the close is taken off
        the cause that they are meant for (else the first that they work on), and their units off
        ``most_units``.

    Returns
    -------
    DataFrame
        Table ``council_suggestions``: each action once per cell, for the first cause that it
        works on, as many units as the cause needs, at most ``most_units``, and no more than the
        deals behind the cause need (``unit_deals``). What an action raises in pipeline counts at
        the close with the cell's conversion. ``caution`` says where the cause may be none.
        Ordered by cell, then by what a unit of money brings at the close.
    """
    if causes.empty:
        return pd.DataFrame()
    keys = KEY
    known = {tuple(row[name] for name in keys): row for row in cells.to_dict("records")}
    due = pd.Timestamp(as_of + timedelta(settings.due_days))
    rows: list[dict[str, Any]] = []
    taken: set[tuple[str, str, str, str]] = set()
    running = _under_way(causes, known, settings, actions)
    for cause in causes.sort_values([*keys, "cause_order"]).to_dict("records"):
        cell = (str(cause["period"]), str(cause["cut"]), str(cause["cut_value"]))
        needed = float(known[cell]["required_coverage"])
        for action in settings.actions:
            if cause["cause"] not in action.causes or (*cell, action.key) in taken:
                continue
            brought = running.brought.get((*cell, cause["cause"]), 0.0)
            most = _most_units(action, cause, running.units.get((*cell, action.key), 0.0))
            if most < 1 or (brought > 0 and brought >= cause["effect_amount"]):
                continue
            taken.add((*cell, action.key))
            rest = {**cause, "effect_amount": cause["effect_amount"] - brought}
            row = _suggestion(action, rest, needed, most, currency, is_rest=brought > 0)
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


@dataclass(frozen=True, kw_only=True)
class _Running:
    """Open actions: what they bring at the close by cell and cause, units by cell and action."""

    brought: Mapping[Cell, float]
    units: Mapping[Cell, float]


def _under_way(
    causes: pd.DataFrame,
    known: Mapping[Any, Mapping[Any, Any]],
    settings: CouncilSettings,
    actions: pd.DataFrame | None,
) -> _Running:
    brought: dict[Cell, float] = defaultdict(float)
    units: dict[Cell, float] = defaultdict(float)
    if actions is None or actions.empty:
        return _Running(brought=brought, units=units)
    catalogue = {action.key: action for action in settings.actions}
    ranked = causes.sort_values("cause_order").groupby(KEY, sort=False)["cause"].agg(list)
    named: dict[Any, list[str]] = {key: list(values) for key, values in ranked.items()}
    for row in actions[actions["status"] == "open"].to_dict("records"):
        cell = (str(row["period"]), str(row["cut"]), str(row["cut_value"]))
        action, mine = catalogue.get(row["action"]), named.get(cell, [])
        count = row["units_count"]
        units[(*cell, str(row["action"]))] += 1.0 if pd.isna(count) else float(count)
        works = [one for one in mine if action is not None and one in action.causes]
        meant = row["cause"] if row["cause"] in mine else next(iter(works), None)
        if meant is None or pd.isna(row["effect_amount"]):
            continue
        needed = float(known[cell]["required_coverage"])
        at_close = float(row["effect_amount"]) * _conversion(action, needed)
        brought[(*cell, str(meant))] += 0.0 if math.isnan(at_close) else at_close
    return _Running(brought=brought, units=units)


def _conversion(action: CouncilAction | None, needed: float) -> float:
    """Give what one unit of the effect of an action brings at the close."""
    if action is None or action.effect == "won":
        return 1.0
    return 1 / needed if needed > 0 else math.nan


def _most_units(action: CouncilAction, cause: Mapping[Any, Any], running: float) -> int:
    """Give how many units may be suggested beside those under way."""
    most = action.most_units - math.ceil(running)
    if action.unit_deals is not None and cause.get("count") is not None:
        most = min(most, math.ceil(int(cause["count"]) / action.unit_deals))
    return most


def _suggestion(
    action: CouncilAction,
    cause: Mapping[Any, Any],
    needed: float,
    most: int,
    currency: str,
    *,
    is_rest: bool,
) -> dict[str, object]:
    of_unit = action.unit_cost * action.effect_multiple
    at_close = of_unit * _conversion(action, needed)
    units = 1
    if at_close > 0:
        units = min(most, max(1, math.ceil(float(cause["effect_amount"]) / at_close)))
    close, cost = units * at_close, units * action.unit_cost
    what = EFFECTS[action.effect]
    covers = ""
    if not math.isnan(close) and cause["effect_amount"] > 0:
        share = 100 * min(1.0, close / cause["effect_amount"])
        covers = f", {share:.0f} % of what this cause costs"
        if is_rest:
            covers = f", {share:.0f} % of what this cause costs beyond the actions under way"
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
        "caution": _caution(cause),
        "reason": reason,
    }


def _caution(cause: Mapping[Any, Any]) -> str:
    """Say why a cause may be none; blank for one that stands out of the past of many deals."""
    if cause.get("is_grey"):
        return "few deals stand behind the cause: ask before acting"
    if cause.get("is_usual"):
        return "past periods vary as much: the cause may be chance"
    return ""


def declared_owners(
    settings: CouncilSettings,
    segment_owners: Mapping[str, str | tuple[str, ...]] | None,
    inputs: Inputs | None,
) -> dict[tuple[str, str], str]:
    """
    Give the owners that plan.yaml names, by cut and cell.

    Parameters
    ----------
    settings
        ``owners`` come before those of segments.
    segment_owners
        ``segmentation.segment_owners``.
    inputs
        For names of reps; None: as plan.yaml says.
    """
    segments = {
        ("segment", segment): who if isinstance(who, str) else ", ".join(who)
        for segment, who in (segment_owners or {}).items()
    }
    own = {
        (cut, cell): who for cut, cells in settings.owners.items() for cell, who in cells.items()
    }
    found = segments | own
    if inputs is None or not found:
        return found
    names = inputs.tables.rep_label(pd.Series(list(found.values()), dtype="str"))
    return dict(zip(found, names, strict=True))


def cell_owners(
    cells: pd.DataFrame,
    inputs: Inputs | None,
    declared: Mapping[tuple[str, str], str] | None = None,
) -> pd.Series:
    """
    Name who answers for each cell.

    Parameters
    ----------
    cells
        ``cut``, ``cut_value``.
    inputs
        What the forecast rests on; None: no manager is known.
    declared
        Owners that plan.yaml names (``declared_owners``): they come first.

    Returns
    -------
    Series
        Whom plan.yaml names; the manager himself for the cut manager; else the manager with the
        largest amount, won in the live period or open in it; for the total the head of all
        managers. Blank where table ``reps`` names no managers.
    """
    named = {**_managers(inputs), **(declared or {})}
    found = [
        named.get((cut, value), "")
        for cut, value in zip(cells["cut"], cells["cut_value"], strict=True)
    ]
    return pd.Series(found, index=cells.index, dtype="str")


def _managers(inputs: Inputs | None) -> dict[tuple[str, str], str]:
    """Give the manager with the largest amount of each cell, won or open in the live period."""
    if inputs is None or not inputs.tables.resolve("manager")[0]:
        return {}
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
    return named


def _head(inputs: Inputs) -> str:
    """Give the manager above all others, blank when there is more than one."""
    above = inputs.tables.reports_to()
    managers = set(above.values())
    heads = sorted(one for one in managers if above.get(one) is None)
    many = [one for one in heads if any(above.get(other) == one for other in managers)]
    chosen = many or heads
    return str(inputs.tables.rep_label(pd.Series(chosen)).iloc[0]) if len(chosen) == 1 else ""
