"""Pipeline generated against targets of its own."""

from __future__ import annotations

import pandas as pd

from planlib.notes import percent_reached
from planlib.periods import Period
from planlib.pipeline.cuts import TOTAL, CutTables, cut_parts
from planlib.pipeline.money import from_cents
from planlib.pipeline.targets import PeriodTargets, cut_targets, targets_of_period
from planlib.pipeline.words import short_money, total_figures

MEASURE = "pipeline_generated"


def generated_lines(
    matrix: pd.DataFrame,
    targets: pd.DataFrame | None,
    period: Period,
    tables: CutTables,
    currency: str = "",
) -> list[str]:
    """
    Say how much of its target the pipeline generated has reached, and where least.

    Parameters
    ----------
    matrix
        Table ``performance_matrix``.
    targets
        Table ``targets``; the rows of measure ``pipeline_generated`` count.
    period
        The period measured.
    tables
        For the cuts by which targets are set.
    currency
        Currency of the plan.

    Returns
    -------
    list of str
        Nothing where there is no such target, or the figure is not known.
    """
    found = targets_of_period(targets, period, MEASURE)
    goal = cut_targets(found, TOTAL, tables).cents
    made = total_figures(matrix, period.name)["generated"]
    if goal.empty or goal.iloc[0] <= 0 or pd.isna(made["value"]):
        return []
    wanted = float(from_cents(goal).iloc[0])
    lines = [
        f"Pipeline generated in {period.name} is {short_money(made['value'], currency)}, "
        f"{percent_reached(made['value'] / wanted)} of its target of "
        f"{short_money(wanted, currency)}."
    ]
    rows = matrix[(matrix["period"] == period.name) & (matrix["measure"] == "generated")]
    behind = _behind(rows, found, tables)
    if len(behind):
        worst = behind.iloc[0]
        lines.append(
            f"Furthest behind its target of pipeline generated is "
            f"{str(worst['cut']).replace('_', ' ')} {worst['cut_value']}, with "
            f"{short_money(worst['value'], currency)} of {short_money(worst['goal'], currency)}."
        )
    return lines


def _behind(rows: pd.DataFrame, found: PeriodTargets, tables: CutTables) -> pd.DataFrame:
    """Give the cells below a target of their own, the largest gap first."""
    parts = []
    for cut in rows["cut"].drop_duplicates():
        if len(cut_parts(str(cut))) == 1 and cut != TOTAL:
            goals = from_cents(cut_targets(found, str(cut), tables).cents)
            mine = rows[rows["cut"] == cut]
            parts.append(mine.assign(goal=mine["cut_value"].map(goals).astype("float64")))
    if not parts:
        return rows.head(0)
    cells = pd.concat(parts, ignore_index=True)
    cells = cells.assign(gap=cells["goal"] - cells["value"])
    behind: pd.DataFrame = cells[cells["gap"] > 0].sort_values(
        ["gap", "cut", "cut_value"], ascending=[False, True, True]
    )
    return behind
