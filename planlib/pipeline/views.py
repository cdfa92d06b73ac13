"""The performance matrix of one cut as a wide table to look at, with the tone of each cell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from planlib.notes import signed_percent
from planlib.pipeline.cuts import ALL, TOTAL, cut_parts
from planlib.pipeline.matrix import PRIOR
from planlib.settings.pipeline import PipelineSettings

#: Figures shown, and whether their change on the year before stands beside them.
SHOWN: dict[str, bool] = {
    "target": False,
    "forecast": True,
    "closed_acv": True,
    "open_in_period": True,
    "open_total": True,
    "generated": True,
    "coverage": True,
    "win_rate_count": False,
}
#: Headers of the wide table.
LABELS: dict[str, str] = {
    "target": "Target",
    "forecast": "Forecast",
    "closed_acv": "Closed ACV",
    "open_in_period": "Open, closes in period",
    "open_total": "Open, all",
    "generated": "Generated",
    "coverage": "Pipeline coverage",
    "win_rate_count": "Win rate",
    "cut_value": "",
    "attainment": "Attainment",
    "weighted": "Weighted",
    "win_rate_amount": "Win rate by amount",
    "commit": "Commit",
    "most_likely": "Most likely",
    "best_case": "Best case",
} | {f"{name}_change": "change" for name in SHOWN}
_TIMES = "x"
_ENDED = ("met", "over")  # nothing is left to cover, or no day to win it in


#: Columns of the matrix with prior value, change and its share, by basis of the year before.
PRIOR_COLUMNS: dict[str, tuple[str, str, str]] = {
    "reported": ("prior_value", "change", "change_share"),
    "restated": ("restated_value", "restated_change", "restated_change_share"),
}


def matrix_view(
    matrix: pd.DataFrame,
    cut: str,
    period: str | None = None,
    *,
    amounts: bool = False,
    prior: str = "reported",
) -> pd.DataFrame:
    """
    Give one cut of the matrix as a wide table, largest closed amount first, the total last.

    Parameters
    ----------
    matrix
        Table ``performance_matrix``.
    cut
        Which cut.
    period
        Which period; None: the first one in the table.
    amounts
        Whether the prior year's amount and the change in money stand there as well
        (``*_prior`` and ``*_change_amount``).
    prior
        Which year before: ``reported`` then, or ``restated`` to today's territories.

    Returns
    -------
    DataFrame
        ``cut_value``, then each figure of ``SHOWN`` with its ``*_change`` as text ("+12 %").
        Coverage is text: a multiple ("2.4 x"), "met", or "over" on the last day of the period and
        later. Figures that no cell has are left out.
    """
    rows = _rows(matrix, cut, period)
    value = rows.pivot(index="cut_value", columns="measure", values="value")
    wide: dict[str, pd.Series] = {}
    for name, has_change in SHOWN.items():
        of_figure = rows[rows["measure"] == name].set_index("cut_value")
        if of_figure["value"].isna().all() and not of_figure["status"].isin(_ENDED).any():
            continue
        wide[name] = _coverage(of_figure) if name == "coverage" else of_figure["value"]
        before, change, share = PRIOR_COLUMNS[prior]
        if has_change and of_figure[before].notna().any():
            if amounts:
                wide[f"{name}_prior"] = of_figure[before]
                wide[f"{name}_change_amount"] = of_figure[change]
            wide[f"{name}_change"] = _signed(of_figure[share])
    size = value.get("closed_acv", pd.Series(0.0, index=value.index)).fillna(0)
    size = size + value.get("open_total", pd.Series(0.0, index=value.index)).fillna(0)
    cells = value.index[value.index != ALL]
    order = size[cells].sort_values(ascending=False, kind="stable").index.tolist()
    order += [ALL] if ALL in value.index else []
    return pd.DataFrame(wide).reindex(order).rename_axis("cut_value").reset_index()


def matrix_colors(
    matrix: pd.DataFrame,
    cut: str,
    settings: PipelineSettings,
    period: str | None = None,
    *,
    prior: str = "reported",
) -> pd.DataFrame:
    """
    Give the tone of each cell of ``matrix_view``: good, watch, bad, grey or none.

    Changes are good above ``change_band`` and bad below minus ``change_band``. Coverage is bad
    below ``coverage_floor``, good from ``coverage_goal`` on or when the target is met, watch in
    between, and none once the period is over. A figure that rests on too few deals, or on
    truncated records, is grey.

    Parameters
    ----------
    matrix
        Table ``performance_matrix``.
    cut, period, prior
        As for ``matrix_view``.
    settings
        Section ``pipeline`` of plan.yaml: the thresholds.

    Returns
    -------
    DataFrame
        Rows and figures of ``matrix_view``: ``good``, ``watch``, ``bad``, ``grey`` or blank.
    """
    rows = _rows(matrix, cut, period)
    view = matrix_view(matrix, cut, period, prior=prior)
    tones = pd.DataFrame("", index=view.index, columns=view.columns)
    for column in view.columns[1:]:
        figure = column.removesuffix("_change")
        cells = rows[rows["measure"] == figure].set_index("cut_value").reindex(view["cut_value"])
        grey = cells["is_grey"].fillna(False).astype(bool)
        if not column.endswith("_change"):  # a weak year before is no fault of this year's figure
            grey &= ~cells["note"].fillna("").str.startswith(PRIOR)
        if column.endswith("_change"):
            share = cells[PRIOR_COLUMNS[prior][2]]
            tone = _tone(share, -settings.change_band, settings.change_band, "")
        elif figure == "coverage":
            tone = _tone(cells["value"], settings.coverage_floor, settings.coverage_goal, "watch")
            tone = tone.mask(cells["status"] == "met", "good")
        else:
            tone = pd.Series("", index=cells.index, dtype="str")
        tones[column] = tone.mask(grey, "grey").to_numpy()
    return tones


def coverage_period(matrix: pd.DataFrame, end: date) -> str:
    """
    Name the period whose coverage matters now: the next one once the first one is over.

    Parameters
    ----------
    matrix
        Table ``performance_matrix``.
    end
        Last day of its first period.

    Returns
    -------
    str
        Name of the period, as column ``period`` of the matrix has it.
    """
    periods = matrix["period"].drop_duplicates().tolist()
    is_over = bool(matrix["as_of"].iloc[0] >= pd.Timestamp(end))
    return str(periods[1] if is_over and len(periods) > 1 else periods[0])


def coverage_cut(matrix: pd.DataFrame, period: str, settings: PipelineSettings) -> str:
    """
    Give the cut by which coverage is shown: the one of plan.yaml where it has any.

    Parameters
    ----------
    matrix
        Table ``performance_matrix``.
    period
        Whose coverage.
    settings
        For the cut that is asked for.

    Returns
    -------
    str
        Without targets by that cut the first cut with a coverage, else the total.
    """
    rows = matrix[(matrix["measure"] == "coverage") & (matrix["period"] == period)]
    known = rows.loc[rows["value"].notna() | (rows["status"] == "met"), "cut"].drop_duplicates()
    singles = [cut for cut in known if cut != TOTAL and len(cut_parts(str(cut))) == 1]
    wanted = [cut for cut in (settings.coverage_cut, *singles) if cut in singles]
    return str(wanted[0]) if wanted else TOTAL


def small_cells(
    matrix: pd.DataFrame,
    cut: str,
    period: str | None = None,
    *,
    measures: Sequence[str] = ("closed_acv", "open_total"),
) -> str:
    """
    Say which cells of a cut have too few deals, and into which cell they roll.

    Parameters
    ----------
    matrix
        Table ``performance_matrix``.
    cut, period
        As for ``matrix_view``.
    measures
        Figures whose small cells are named: those that stand in the table above it.

    Returns
    -------
    str
        A sentence; blank when no cell of these figures is small. The figures of the parent hold
        those of its small cells.
    """
    rows = _rows(matrix, cut, period)
    shown = rows["measure"].isin(measures) & (rows["small_cells"] > 0)
    rows = rows[(rows["cut"] == cut) & shown.fillna(False) & (cut != TOTAL)]
    texts = []
    for (parent, measure), group in rows.groupby(["parent_value", "measure"], sort=False):
        count = int(group["small_cells"].iloc[0])
        name = "Total" if parent == ALL else str(parent)
        cells = "1 small cell" if count == 1 else f"{count} small cells"
        texts.append(f"{name} holds {cells} of {LABELS[str(measure)]}")
    return (
        f"A cell with too few deals keeps its number and takes the colour of its parent: "
        f"{'; '.join(texts)}."
        if texts
        else ""
    )


def _rows(matrix: pd.DataFrame, cut: str, period: str | None) -> pd.DataFrame:
    period = period or str(matrix["period"].iloc[0])
    mine = (matrix["period"] == period) & matrix["cut"].isin([cut, TOTAL])
    return matrix[mine]


def _tone(values: pd.Series, low: float, high: float, between: str) -> pd.Series:
    tone = pd.Series(between, index=values.index, dtype="str")
    tone = tone.mask(values < low, "bad").mask(values >= high, "good")
    return tone.mask(values.isna(), "")


def _coverage(cells: pd.DataFrame) -> pd.Series:
    text = cells["value"].map(lambda value: f"{value:.1f} {_TIMES}", na_action="ignore")
    return text.astype("str").mask(cells["status"].isin(_ENDED), cells["status"])


def _signed(shares: pd.Series) -> pd.Series:
    return shares.map(signed_percent, na_action="ignore").astype("str")
