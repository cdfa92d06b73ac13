"""The performance matrix: every figure of every cell, beside the same day of the year before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from planlib.periods import Period
from planlib.pipeline.cuts import ALL, TOTAL, UNKNOWN, cross
from planlib.pipeline.measures import CUMULATIVE, SUMMED, Measured
from planlib.pipeline.money import from_cents, known, ratio
from planlib.pipeline.targets import CutTargets
from planlib.settings.pipeline import PipelineSettings

#: Figures in the order of the matrix.
SHOWN = (
    "target",
    "forecast",
    "closed_acv",
    "open_in_period",
    "open_total",
    "weighted",
    "generated",
    "coverage",
    "attainment",
    "win_rate_count",
    "win_rate_amount",
    *CUMULATIVE,
)
RATIOS = ("coverage", "attainment", "win_rate_count", "win_rate_amount")
#: How a note on the prior value begins.
PRIOR = "a year before"
_PARTS = {
    "forecast": ("closed_acv", "weighted"),
    "coverage": ("open_in_period", "closed_acv"),
    "attainment": ("closed_acv",),
    "win_rate_count": ("closed_acv", "lost"),
    "win_rate_amount": ("closed_acv", "lost"),
}


def prior_day(period: Period, as_of: date) -> date:
    """
    Give the same day of the same period a year before.

    The last day of a period maps to the last day of the one before (quarters differ by a day in
    leap years); days after the end keep their distance from it.

    Examples
    --------
    >>> prior_day(Period.parse("2026Q1"), date(2026, 2, 11))
    datetime.date(2025, 2, 11)
    """
    prior = period.prior_year()
    if as_of >= period.end:
        return prior.end + (as_of - period.end)
    return min(prior.start + (as_of - period.start), prior.end - timedelta(1))


def build_matrix(
    now: Measured,
    prior: Measured,
    cuts: Sequence[str],
    targets: dict[str, CutTargets],
    settings: PipelineSettings,
) -> pd.DataFrame:
    """
    Compute every figure of every cell.

    Parameters
    ----------
    now, prior
        The deals behind the figures, of the period and of the same period a year before.
    cuts
        Single cuts, ``total``, or two crossed cuts; the rows of ``now`` hold their columns.
    targets
        Targets by cut.
    settings
        For small cells.

    Returns
    -------
    DataFrame
        Table ``performance_matrix`` of this period: for every cut, cell and figure one row.
        Money figures of the cells of a cut add up to the total; ratios are computed from their
        parts in each cell. A cell is grey when neither year has ``minimum_deals`` deals (for a
        ratio: when the cell has not).
    """
    frames = [_one_cut(now, prior, cut, targets[cut], settings) for cut in cuts]
    return pd.concat(frames, ignore_index=True)


def _one_cut(
    now: Measured, prior: Measured, cut: str, target: CutTargets, settings: PipelineSettings
) -> pd.DataFrame:
    sums_now, sums_prior = _sums(now, cut), _sums(prior, cut)
    cells = _cells(cut, sums_now, sums_prior, target)
    figures_now = _figures(now, sums_now, cells, target)
    empty = CutTargets(cents=pd.Series(dtype="Int64"), basis="")
    figures_prior = _figures(prior, sums_prior, cells, empty)
    figures_prior.loc[figures_prior["measure"] == "target", "value"] = np.nan
    rows = figures_now.merge(
        figures_prior[["cut_value", "measure", "value", "count", "basis", "weak", "missing"]],
        "left",
        ["cut_value", "measure"],
        suffixes=("", "_prior"),
    )
    change = rows["value"] - rows["value_prior"]
    minimum = settings.minimum_deals
    is_ratio = rows["measure"].isin(RATIOS)
    most = rows["count"].where(is_ratio, np.maximum(rows["count"], rows["count_prior"].fillna(0)))
    grey = (most < minimum) & (rows["measure"] != "target") & rows["value"].notna()
    return pd.DataFrame(
        {
            "period": now.period.name,
            "cut": cut,
            "cut_value": rows["cut_value"],
            "measure": rows["measure"],
            "as_of": pd.Timestamp(now.as_of),
            "prior_as_of": pd.Timestamp(prior.as_of),
            "value": rows["value"],
            "prior_value": rows["value_prior"],
            "change": change,
            "change_share": ratio(change, rows["value_prior"]),
            "count": rows["count"],
            "prior_count": rows["count_prior"],
            "basis": rows["basis"],
            "prior_basis": rows["basis_prior"].where(
                rows["value_prior"].notna(), rows["missing_prior"]
            ),
            "status": _status(rows),
            "note": _note(rows),
            "is_grey": grey | _weak(rows),
        }
    )


def _weak(rows: pd.DataFrame) -> pd.Series:
    return ((rows["weak"] != "") | ((rows["weak_prior"] != "") & rows["value_prior"].notna())) & (
        rows["value"].notna()
    )


def _status(rows: pd.DataFrame) -> pd.Series:
    status = rows["status"].mask((rows["weak"] != "") & rows["value"].notna(), "truncated")
    return status.mask(
        (status == "") & rows["value"].isna() & (rows["missing"] != ""), "not_computed"
    )


def _note(rows: pd.DataFrame) -> pd.Series:
    prior = (PRIOR + " " + rows["weak_prior"]).where(
        (rows["weak_prior"] != "") & rows["value_prior"].notna(), ""
    )
    weak = rows["weak"].where(rows["value"].notna(), "")
    both = weak + np.where((weak != "") & (prior != ""), "; ", "") + prior
    return rows["missing"].where(rows["value"].isna(), both)


def _sums(measured: Measured, cut: str) -> pd.DataFrame:
    """Add up each summed figure per cell: cents of known amounts, deals, deals with an amount."""
    rows = measured.rows
    if cut == TOTAL:
        values = pd.Series(ALL, index=rows.index)
    elif " x " in cut:
        _, values = cross(rows, tuple(cut.split(" x ")))
    else:
        values = rows[cut]
    keyed = pd.DataFrame(
        {
            "cut_value": values,
            "measure": rows["measure"],
            "cents": known(rows["cents"]),
            "count": 1,
            "valued": rows["cents"].notna().astype("int64"),
            "worth": (known(rows["cents"]) != 0).astype("int64"),
        }
    )
    return keyed.groupby(["cut_value", "measure"])[["cents", "count", "valued", "worth"]].sum()


def _cells(cut: str, now: pd.DataFrame, prior: pd.DataFrame, target: CutTargets) -> list[str]:
    """Give the values of a cut in order, the unknown last."""
    if cut == TOTAL:
        return [ALL]
    values = {value for sums in (now, prior) for value in sums.index.get_level_values(0)}
    values |= set(target.cents.index)
    return sorted(values, key=lambda value: (value.startswith(UNKNOWN), value))


def _figures(
    measured: Measured, sums: pd.DataFrame, cells: list[str], target: CutTargets
) -> pd.DataFrame:
    """Compute all figures of all cells of one cut, on one of the two sides."""
    grid = pd.MultiIndex.from_product([cells, SUMMED], names=["cut_value", "measure"])
    full = sums.reindex(grid, fill_value=0)
    money, count = full["cents"].astype("Int64"), full["count"]
    worth = full["worth"].unstack()[list(SUMMED)]
    money = money.mask((count > 0) & (full["valued"] == 0))
    gone = full.index.get_level_values("measure").isin(list(measured.missing))
    wide = money.mask(gone).unstack()[list(SUMMED)]
    counts = count.unstack()[list(SUMMED)]
    begun = measured.as_of >= measured.period.start
    values, numbers = _values(wide, counts, target.cents.reindex(cells).astype("Int64"), begun)
    lost_blank = (counts["lost"] > 0) & (worth["lost"] == 0)
    values["win_rate_amount"] = values["win_rate_amount"].mask(lost_blank)
    long = pd.DataFrame(
        {
            "cut_value": np.repeat(cells, len(SHOWN)),
            "measure": list(SHOWN) * len(cells),
            "value": values.loc[cells].to_numpy(dtype="float64").ravel(),
            "count": pd.array(numbers.loc[cells].to_numpy().ravel(), dtype="Int64"),
        }
    ).astype({"cut_value": "str", "measure": "str"})
    long["basis"] = [target.basis if m == "target" else measured.basis(m) for m in long["measure"]]
    long["weak"] = long["measure"].map(measured.weak).fillna("").astype("str")
    long["missing"] = _reasons(measured, long, lost_blank)
    absent = long["measure"].isin(_absent(measured)) & long["value"].isna()
    long["count"] = long["count"].mask(absent)
    return _with_targets(long, wide, target, cells)


def _values(
    cents: pd.DataFrame, counts: pd.DataFrame, target: pd.Series, begun: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compute figures and their deal counts, one row per cell and one column per figure."""
    won, lost = cents["closed_acv"], cents["lost"]
    so_far = won if begun else won.fillna(0)  # nothing can be closed in a later period
    decided = counts["closed_acv"] + counts["lost"]
    left = target - so_far
    values = {name: from_cents(cents[name]) for name in SUMMED if name != "lost"}
    values["target"] = from_cents(target)
    values["forecast"] = from_cents(so_far + cents["weighted"])
    values["coverage"] = ratio(cents["open_in_period"], left)
    values["attainment"] = ratio(won, target)
    values["win_rate_count"] = ratio(counts["closed_acv"], decided).where(
        _computable(cents["closed_acv"], counts["closed_acv"])
    )
    values["win_rate_amount"] = ratio(won, won + lost)
    numbers = counts.assign(
        target=0,
        forecast=counts["closed_acv"] + counts["weighted"],
        coverage=counts["open_in_period"],
        attainment=counts["closed_acv"],
        win_rate_count=decided,
        win_rate_amount=decided,
    )
    order = list(SHOWN)
    return pd.DataFrame(values)[order], numbers[order]


def _computable(cents: pd.Series, counts: pd.Series) -> pd.Series:
    """Tell where a count is known: the figure is there, or only its amounts are missing."""
    return cents.notna() | (counts > 0)


def _absent(measured: Measured) -> list[str]:
    """Give the figures that cannot be computed, with those computed from them."""
    return [
        measure
        for measure in SHOWN
        if any(part in measured.missing for part in (measure, *_PARTS.get(measure, ())))
    ]


def _reasons(measured: Measured, long: pd.DataFrame, lost_blank: pd.Series) -> pd.Series:
    """Say why a blank value is blank."""
    reasons = {}
    for measure in SHOWN:
        parts = (measure, *_PARTS.get(measure, ()))
        found = [measured.missing[part] for part in parts if part in measured.missing]
        reasons[measure] = found[0] if found else ""
    text = long["measure"].map(reasons).fillna("").astype("str")
    no_amount = (text == "") & ~long["measure"].isin([*RATIOS, "target"]) & (long["count"] > 0)
    text = text.mask(no_amount, "none of these deals has an amount")
    nothing = (text == "") & long["measure"].isin(["win_rate_count", "win_rate_amount"])
    text = text.mask(nothing, "no deal was won or lost")
    is_blank = (long["measure"] == "win_rate_amount") & long["cut_value"].map(lost_blank)
    return text.mask(is_blank, "lost deals carry no amount")


def _with_targets(
    long: pd.DataFrame, wide: pd.DataFrame, target: CutTargets, cells: list[str]
) -> pd.DataFrame:
    """Mark where a target is missing, or already met."""
    goal = target.cents.reindex(cells)
    met = (wide["closed_acv"] >= goal).fillna(False).astype(bool)
    bound = long["measure"].isin(["target", "coverage", "attainment"])
    lacks = bound & long["cut_value"].map(goal.isna())
    is_met = long["cut_value"].map(met) & long["measure"].isin(["target", "coverage", "attainment"])
    status = pd.Series("", index=long.index, dtype="str")
    status = status.mask(lacks, "no_target").mask(is_met, "met")
    covered = (long["measure"] == "coverage") & is_met
    missing = long["missing"].mask(lacks, target.basis or "no target")
    missing = missing.mask(covered, "target met: nothing is left to cover")
    return long.assign(status=status, missing=missing, value=long["value"].mask(covered))
