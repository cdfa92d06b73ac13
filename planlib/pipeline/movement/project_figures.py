"""Figures of the project line by cell: money, margin, delivery, cycle, causes of losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.pipeline.cuts import CutTables
from planlib.pipeline.money import from_cents, known, ratio, to_cents
from planlib.pipeline.movement.cells import CELL, by_cut, in_order
from planlib.pipeline.movement.projects import ProjectLine
from planlib.pipeline.movement.survival import kaplan_meier

#: Each figure with what it is.
FIGURES: dict[str, str] = {
    "contract_amount": "contracts signed until the as-of date",
    "tracked_amount": "of these, contracts with payments on record; the cash of others is unknown",
    "collected_amount": "cash received until the as-of date",
    "outstanding_amount": "contracts with payments on record less cash received",
    "due_amount": "payments due until the as-of date",
    "overdue_amount": "payments due before the as-of date and not received",
    "margin_amount": "contract amount x margin share, of contracts that have one",
    "input_cost_amount": "cost put in to win, of won and of lost projects",
    "collected_share": "cash received / contract amount, of contracts with payments on record",
    "overdue_share": "overdue / due until the as-of date",
    "margin_share": "margin / contract amount of contracts with a margin",
    "input_cost_share": "input cost of won and lost projects / contract amount",
    "win_rate": "won / (won + lost) projects",
    "on_time_share": "delivered by the promised day / delivered with both days",
    "retention_share": "retention received / retention due: a hint at quality, no measure of it",
    "delay_days": "median days from promised to accepted delivery; below 0: early",
    "to_contract_days": "median days from opportunity to contract",
    "to_delivery_days": "median days from contract to delivery, undelivered counted in",
    "to_cash_days": "median days from contract to the last of the cash, unpaid counted in",
    "whole_days": "median days from opportunity to the last of the cash, unpaid counted in",
}
CAUSES = ("relation", "support", "both", "other", "not coded")
_SUMS = ("contract", "tracked", "collected", "outstanding", "due", "overdue", "margin", "input")
_CURVES = {"to_delivery_days": "is_delivered", "to_cash_days": "is_paid", "whole_days": "is_paid"}


def measure_projects(
    line: ProjectLine, tables: CutTables, cuts: Sequence[str], *, minimum_deals: int
) -> pd.DataFrame:
    """
    Add up the project line by cell.

    Parameters
    ----------
    line
        Projects with money and days.
    tables, cuts
        Cells; a project has the attributes of its opportunity and account.
    minimum_deals
        Fewer projects behind a figure are grey.

    Returns
    -------
    DataFrame
        Table ``project_figures``: one row per cell and figure of ``FIGURES``. Medians with
        "counted in" are Kaplan-Meier: projects that are not through yet count as long as they
        last. Figures without their data are blank.
    """
    paid = line.projects["collected_cents"].notna()
    known_cash = line.projects.assign(tracked_cents=line.projects["contract_cents"].where(paid))
    cells = by_cut(known_cash, tables, cuts)
    parts = [*_money_rows(cells), *_share_rows(cells), *_median_rows(cells)]
    rows = pd.concat(parts, ignore_index=True)
    order = {name: at for at, name in enumerate(FIGURES)}
    rows = rows.assign(
        figure_order=rows["figure"].map(order),
        meaning=rows["figure"].map(FIGURES),
        is_grey=rows["count"] < minimum_deals,
        note=pd.Series("", index=rows.index, dtype="str").mask(
            rows["value"].isna(), "no project has the data for it"
        ),
    )
    return in_order(rows, cuts, ["figure_order"])


def _money_rows(cells: pd.DataFrame) -> list[pd.DataFrame]:
    names = [f"{name}_cents" for name in _SUMS]
    grouped = cells.groupby(CELL)
    sums, counts = grouped[names].sum(), grouped[names].count()
    rows = []
    for name in _SUMS:
        figure = "input_cost_amount" if name == "input" else f"{name}_amount"
        count = counts[f"{name}_cents"]
        value = from_cents(sums[f"{name}_cents"]).where(count > 0)
        rows.append(_row(figure, value, count))
    return rows


def _share_rows(cells: pd.DataFrame) -> list[pd.DataFrame]:
    """Divide sums by sums, each over the projects that have both parts."""
    won, lost = cells["outcome"] == "won", cells["outcome"] == "lost"
    dated = cells["delay_days"].notna()
    contract, margin = cells["contract_cents"], cells["margin_cents"]
    decided = won | lost
    pairs = {
        "collected_share": (
            cells["collected_cents"],
            cells["tracked_cents"],
            cells["tracked_cents"].notna(),
        ),
        "overdue_share": (cells["overdue_cents"], cells["due_cents"], cells["due_cents"].notna()),
        "margin_share": (margin, contract, margin.notna()),
        "input_cost_share": (cells["input_cents"], contract, decided),
        "win_rate": (won.astype("Int64"), decided.astype("Int64"), decided),
        "on_time_share": ((cells["delay_days"] <= 0).astype("Int64"), dated.astype("Int64"), dated),
        "retention_share": (
            cells["retention_received_cents"],
            cells["retention_due_cents"],
            cells["retention_due_cents"].fillna(0) > 0,
        ),
    }
    rows = []
    for figure, (upper, lower, chosen) in pairs.items():
        parts = pd.DataFrame(
            {
                "upper": known(upper.where(chosen)),
                "lower": known(lower.where(chosen)),
                "any": upper.notna() & chosen,
                "count": chosen.astype("int64"),
            }
        )
        sums = parts.groupby([cells[key] for key in CELL]).sum()
        value = ratio(sums["upper"], sums["lower"]).where(sums["any"] > 0)
        low = high = pd.Series(np.nan, index=sums.index)
        if figure in ("win_rate", "on_time_share"):
            low, high = wilson(sums["upper"], sums["lower"])
        rows.append(_row(figure, value, sums["count"], low, high))
    return rows


def _median_rows(cells: pd.DataFrame) -> list[pd.DataFrame]:
    rows, grouped = [], cells.groupby(CELL)
    for figure in ("delay_days", "to_contract_days"):
        middle, count = grouped[figure].median(), grouped[figure].count()
        rows.append(_row(figure, middle, count))
    signed = cells[cells["to_cash_days"].notna()]
    for figure, over in _CURVES.items():
        known_days = signed[signed[figure].notna() & signed["collected_cents"].notna()]
        if figure == "to_delivery_days":
            known_days = signed[signed[figure].notna()]
        found = [
            (*key, *kaplan_meier(group[figure], group[over]).median, len(group))
            for key, group in known_days.groupby(CELL)
        ]
        frame = pd.DataFrame(found, columns=[*CELL, "value", "low", "high", "count"])
        rows.append(frame.assign(figure=figure))
    return rows


def _row(
    figure: str,
    value: pd.Series,
    count: pd.Series,
    low: pd.Series | float = float("nan"),
    high: pd.Series | float = float("nan"),
) -> pd.DataFrame:
    frame = pd.DataFrame({"value": value, "count": count, "low": low, "high": high})
    return frame.reset_index().assign(figure=figure)


def measure_losses(
    lost: pd.DataFrame, tables: CutTables, cuts: Sequence[str], *, minimum_deals: int
) -> pd.DataFrame:
    """
    Count lost deals by their cause: the relation was missing, the support was, or both.

    Parameters
    ----------
    lost
        Lost projects or deals: ``opportunity_id``, ``owner_id``, ``account_id``, ``loss_cause``
        (blank: not coded), ``lost_cents``.
    tables, cuts
        Cells.
    minimum_deals
        Fewer lost deals in a cell are grey.

    Returns
    -------
    DataFrame
        Table ``project_losses``: every cell has every cause. Shares are of all lost deals of the
        cell, those not coded included; the interval is Wilson's at 95 %.
    """
    if lost.empty:
        return pd.DataFrame()
    cause = lost["loss_cause"].astype("str")
    cause = cause.where(cause.isin(CAUSES), "not coded")
    cells = by_cut(lost.assign(cause=cause), tables, cuts)
    facts = cells.assign(
        one=1, cents=known(cells["lost_cents"]), valued=cells["lost_cents"].notna()
    )
    sums = facts.groupby([*CELL, "cause"])[["one", "cents", "valued"]].sum()
    grid = cells[CELL].drop_duplicates().merge(pd.DataFrame({"cause": list(CAUSES)}), "cross")
    rows = grid.merge(sums.reset_index(), "left", [*CELL, "cause"])
    rows[["one", "cents", "valued"]] = rows[["one", "cents", "valued"]].fillna(0).astype("int64")
    whole = rows.groupby(CELL)[["one", "cents"]].transform("sum")
    low, high = wilson(rows["one"], whole["one"])
    rows = rows.assign(
        count=rows["one"],
        lost_count=whole["one"],
        amount=from_cents(rows["cents"]).mask((rows["one"] > 0) & (rows["valued"] == 0)),
        count_share=ratio(rows["one"], whole["one"]),
        low=low,
        high=high,
        amount_share=ratio(rows["cents"], whole["cents"]),
        cause_order=rows["cause"].map({name: at for at, name in enumerate(CAUSES)}),
        is_grey=whole["one"] < minimum_deals,
    ).drop(columns=["one", "cents", "valued"])
    return in_order(rows, cuts, ["cause_order"])


def causes_of_reasons(reasons: pd.Series, causes: Mapping[str, str]) -> pd.Series:
    """
    Give the cause of a loss that each reason of the CRM stands for; missing where none is said.

    Examples
    --------
    >>> reasons = pd.Series([" No champion", "Price"])
    >>> causes_of_reasons(reasons, {"no champion": "relation"}).tolist()
    ['relation', nan]
    """
    words = {word.strip().casefold(): cause for word, cause in causes.items()}
    return reasons.astype("str").str.strip().str.casefold().map(words).astype("str")


def lost_deals(
    line: ProjectLine | None, deals: pd.DataFrame, causes: Mapping[str, str]
) -> tuple[pd.DataFrame, str]:
    """
    Give lost projects with their cause; without them, lost deals by their reason.

    Parameters
    ----------
    line
        Projects, or None.
    deals
        Prepared deals.
    causes
        Which cause each ``loss_reason`` of the CRM stands for (setting ``loss_causes``).

    Returns
    -------
    tuple
        Rows for ``measure_losses``, and what they rest on or what is missing.
    """
    if line is not None:
        lost = line.projects[line.projects["outcome"] == "lost"]
        if lost["loss_cause"].notna().any():
            coded = int(lost["loss_cause"].notna().sum())
            return lost, f"{coded} of {len(lost)} lost projects have a cause (projects.loss_cause)"
    lost = deals[deals["status"] == "lost"]
    cause = causes_of_reasons(lost["loss_reason"], causes)
    if cause.isna().all():
        return lost.iloc[:0], (
            "no loss has a cause: fill projects.loss_cause, or say in plan.yaml "
            "(movement.loss_causes) which reason of the CRM means relation, support or both"
        )
    rows = lost.assign(loss_cause=cause, lost_cents=to_cents(lost["amount"]))
    return rows, f"{int(cause.notna().sum())} of {len(lost)} lost deals have a reason with a cause"
