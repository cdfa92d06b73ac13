"""The first page of a council: red cells by gap, overdue actions, changes, reviews, presence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from planlib.council.context import name_deals, of_cell, open_deals
from planlib.council.rule import gap_words
from planlib.forecast import Inputs
from planlib.pipeline.words import short_money

_NOT_REVIEWED = "not_reviewed"


def not_reviewed_deals(cells: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """
    Give the open deals of red cells that no manager has reviewed.

    Parameters
    ----------
    cells
        Coloured cells.
    inputs
        What the forecast rests on; its deals hold ``review_status``.

    Returns
    -------
    DataFrame
        Rows of table ``council_deals``, per red cell of the live period the largest first; a
        status other than ``reviewed`` counts as not reviewed. No rows where no deal has one.
    """
    known = inputs.history.deals.set_index("opportunity_id")["review_status"]
    red = cells[cells["is_live"] & (cells["colour"] == "red")]
    if known.isna().all() or red.empty:
        return pd.DataFrame()
    deals = open_deals(inputs)
    status = deals["opportunity_id"].map(known).astype("str")
    status = status.mask(status.isin(["nan", "None", "<NA>"]), "none")
    deals = deals.assign(detail="review status: " + status.fillna("none"))
    deals = deals[status != "reviewed"]
    parts = []
    for row in red.to_dict("records"):
        mine = of_cell(deals, str(row["cut"]), str(row["cut_value"]))
        mine = mine.sort_values(["amount", "opportunity_id"], ascending=[False, True])
        shown = name_deals(mine, inputs).assign(detail=mine["detail"].to_numpy())
        keys = {name: row[name] for name in ("period", "cut", "cut_value")}
        parts.append(shown.assign(**keys, topic=_NOT_REVIEWED))
    return pd.concat(parts, ignore_index=True)


def build_agenda(
    cells: pd.DataFrame,
    causes: pd.DataFrame,
    deals: pd.DataFrame,
    actions: pd.DataFrame,
    meetings: pd.DataFrame,
    *,
    currency: str = "",
    titles: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """
    Put together what a council talks about, in order.

    Parameters
    ----------
    cells
        Coloured cells with ``previous_colour`` and ``owner``.
    causes, deals, actions, meetings
        Tables ``council_causes``, ``council_deals``, ``council_actions``, ``council_meetings``.
    currency
        Currency of the plan, for sentences.
    titles
        Names that people read by key of an action; others go by the words of their key.

    Returns
    -------
    DataFrame
        Table ``council_agenda``: red cells by gap, overdue actions, cells that changed their
        colour, open deals of red cells without review, functions that were absent last time,
        yellow cells by gap.
    """
    named = actions["action"].map(titles or {}).astype("str")
    words = actions["action"].str.replace("_", " ")
    actions = actions.assign(action=named.fillna(words))
    rows = [
        *_cells(cells, causes, actions, "red", currency),
        *_overdue(actions, currency),
        *_changed(cells),
        *_unreviewed(deals, currency),
        *_absent(meetings),
        *_cells(cells, causes, actions, "yellow", currency),
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(item_order=range(1, len(frame) + 1))


def cell_name(cut: object, value: object) -> str:
    """Give a cell in words, such as "region EMEA"."""
    return "the total" if cut == "total" else f"{str(cut).replace('_', ' ')} {value}"


def _cells(
    cells: pd.DataFrame, causes: pd.DataFrame, actions: pd.DataFrame, colour: str, currency: str
) -> list[dict[str, Any]]:
    chosen = cells[cells["is_live"] & (cells["colour"] == colour)]
    chosen = chosen.sort_values(["gap_amount", "cut", "cut_value"], ascending=[False, True, True])
    rows = []
    for row in chosen.to_dict("records"):
        name = cell_name(row["cut"], row["cut_value"])
        text = f"{name[0].upper()}{name[1:]}"
        gap = gap_words(row, currency)
        text += f": {gap}" if gap else ""
        if pd.notna(row["weeks_in_colour"]) and row["weeks_in_colour"] > 1:
            text += f"; {colour} for {row['weeks_in_colour']} known weeks"
        first = _first(causes, row)
        text += f". {first}" if first else ". No cause stands out against past periods."
        text += _running(actions, row)
        rows.append(_item(f"{colour}_cell", row, text, row["gap_amount"]))
    return rows


def _first(causes: pd.DataFrame, row: dict[Any, Any]) -> str:
    if causes.empty:
        return ""
    mine = causes[
        (causes["period"] == row["period"]) & (causes["cut"] == row["cut"])
        & (causes["cut_value"] == row["cut_value"]) & (causes["cause_order"] == 1)
    ]  # fmt: skip
    return str(mine["reason"].iloc[0]) if len(mine) else ""


def _running(actions: pd.DataFrame, row: dict[Any, Any]) -> str:
    mine = actions[
        (actions["period"] == row["period"]) & (actions["cut"] == row["cut"])
        & (actions["cut_value"] == row["cut_value"]) & (actions["status"] == "open")
    ]  # fmt: skip
    if mine.empty:
        return " No action is under way."
    return " Under way: " + ", ".join(str(one) for one in mine["action"]) + "."


def _overdue(actions: pd.DataFrame, currency: str) -> list[dict[str, Any]]:
    late = actions[actions["is_overdue"].astype(bool)].sort_values(["due_date", "decision_id"])
    rows = []
    for row in late.to_dict("records"):
        name = cell_name(row["cut"], row["cut_value"])
        cost = f" ({short_money(row['cost_amount'], currency)})"
        cost = cost if pd.notna(row["cost_amount"]) else ""
        action = str(row["action"])
        text = f"{action[:1].upper()}{action[1:]}{cost} for {name} was due on "
        text += f"{row['due_date']:%Y-%m-%d} and is open ({row['decision_id']})."
        rows.append(_item("overdue_action", row, text, row["cost_amount"], row["due_date"]))
    return rows


def _changed(cells: pd.DataFrame) -> list[dict[str, Any]]:
    before = cells["previous_colour"]
    moved = cells[(before != "") & (before != cells["colour"])]
    order = {"red": 0, "yellow": 1, "green": 2, "grey": 3}
    moved = moved.assign(place=moved["colour"].map(order))
    moved = moved.sort_values(["place", "gap_amount", "cut", "cut_value"],
                              ascending=[True, False, True, True])  # fmt: skip
    rows = []
    for row in moved.to_dict("records"):
        name = cell_name(row["cut"], row["cut_value"])
        text = f"{name[0].upper()}{name[1:]} in {row['period']} went from {row['previous_colour']} "
        text += f"({row['previous_date']:%Y-%m-%d}) to {row['colour']}."
        rows.append(_item("changed_colour", row, text, row["gap_amount"]))
    return rows


def _unreviewed(deals: pd.DataFrame, currency: str) -> list[dict[str, Any]]:
    if deals.empty:
        return []
    open_ = deals[deals["topic"] == _NOT_REVIEWED]
    rows = []
    for (period, cut, value), mine in open_.groupby(["period", "cut", "cut_value"], sort=False):
        amount = mine["amount"].sum(min_count=1)
        count = f"{len(mine)} open deal{'' if len(mine) == 1 else 's'}"
        worth = f" ({short_money(amount, currency)})" if pd.notna(amount) else ""
        text = f"{count}{worth} of {cell_name(cut, value)} in {period} without a manager's review."
        cell = {"period": period, "cut": cut, "cut_value": value}
        rows.append(_item(_NOT_REVIEWED, cell, text, amount))
    return sorted(rows, key=lambda row: (-float(row["amount"] or 0), str(row["text"])))


def _absent(meetings: pd.DataFrame) -> list[dict[str, Any]]:
    if meetings.empty:
        return []
    last = meetings[meetings["meeting_date"] == meetings["meeting_date"].max()]
    away = last[last["is_required"].astype(bool) & ~last["is_present"].astype(bool)]
    return [
        _item(
            "absent_function",
            {},
            f"{str(row['function']).capitalize()} was absent from the council of "
            f"{row['meeting_date']:%Y-%m-%d}; decisions that need it wait.",
            None,
        )
        for row in away.to_dict("records")
    ]


def _item(
    kind: str, row: dict[Any, Any], text: str, amount: Any, due: Any = None
) -> dict[str, Any]:
    return {
        "kind": kind,
        "period": row.get("period"),
        "cut": row.get("cut"),
        "cut_value": row.get("cut_value"),
        "amount": None if amount is None or pd.isna(amount) else float(amount),
        "owner": row.get("owner") or None,
        "due_date": due,
        "text": text,
    }
