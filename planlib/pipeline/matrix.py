"""The performance matrix: every figure of every cell, beside the same day of the year before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from planlib.periods import Period
from planlib.pipeline.cuts import ALL, CROSS, TOTAL, UNKNOWN, cross, cut_parts
from planlib.pipeline.measures import SUMMED, Measured, is_over
from planlib.pipeline.money import from_cents, known, ratio
from planlib.pipeline.targets import CutTargets
from planlib.settings.pipeline import PipelineSettings
from planlib.tables.pipeline import MEASURES

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

    Parameters
    ----------
    period
        The period measured.
    as_of
        Day in it, or after its end.

    Returns
    -------
    date
        The day a year before.

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
    *,
    restated: Measured | None = None,
    prior_targets: dict[str, CutTargets] | None = None,
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
    restated
        The year before restated to today's territories; None: as ``prior``.
    prior_targets
        Targets of the year before by cut, for its coverage and attainment; None: not known. They
        are as set then, so a restated year before has none.

    Returns
    -------
    DataFrame
        Table ``performance_matrix`` of this period: for every cut, cell and figure one row.
        Money figures of the cells of a cut add up to the total; ratios are computed from their
        parts in each cell. A cell is grey when neither year has ``minimum_deals`` deals (for a
        ratio: when the cell has not); it then rolls into its parent, the total or, in crossed
        cuts, the cell of the first cut, and each row says how many grey cells that parent holds.

    Notes
    -----
    Deals without an amount count as deals and not in money. A cell in which no deal has an amount
    is blank; where only the open deals lack one, the forecast is the closed part. Once the period
    is over the forecast is the closed ACV.
    """
    other = restated or prior
    sums_now, sums_prior, sums_other = (_sums(side, cuts) for side in (now, prior, other))
    cells = _cells(cuts, (sums_now, sums_prior, sums_other), targets)
    rows = _figures(now, sums_now, cells, targets)
    set_then = prior_targets or {}
    before = _figures(prior, sums_prior, cells, set_then)
    for name in ("value", "count", "basis", "weak", "missing"):  # both have the same rows
        rows[f"{name}_prior"] = before[name]
    again = _figures(other, sums_other, cells, {} if restated else set_then)
    rows["value_restated"], rows["count_restated"] = again["value"], again["count"]
    change = rows["value"] - rows["value_prior"]
    most = rows["count"].fillna(0)
    both = most.where(most >= rows["count_prior"].fillna(0), rows["count_prior"])
    most = most.where(rows["measure"].isin(RATIOS), both)
    grey = (most < settings.minimum_deals) & (rows["measure"] != "target") & rows["value"].notna()
    is_grey = grey | _weak(rows)
    restated_change = rows["value"] - rows["value_restated"]
    found = pd.DataFrame(
        {
            "period": now.period.name,
            "cut": rows["cut"],
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
            "restated_value": rows["value_restated"],
            "restated_change": restated_change,
            "restated_change_share": ratio(restated_change, rows["value_restated"]),
            "restated_count": rows["count_restated"],
            "basis": rows["basis"],
            "prior_basis": rows["basis_prior"].where(
                rows["value_prior"].notna(), rows["missing_prior"]
            ),
            "status": _status(rows),
            "note": _note(rows),
            "is_grey": is_grey,
        }
    )
    return _with_parents(found, grey)


def _with_parents(rows: pd.DataFrame, is_small: pd.Series) -> pd.DataFrame:
    """Say into which cell a small cell rolls, and how many small cells that one holds."""
    parts = rows["cut"].map(lambda cut: cut_parts(str(cut)))
    is_crossed = parts.map(len) > 1
    first = rows["cut_value"].str.split(CROSS, regex=False).str[0]
    parent_cut = parts.map(lambda names: names[0] if len(names) > 1 else TOTAL).astype("str")
    parent = pd.Series(ALL, index=rows.index, dtype="str").mask(is_crossed, first)
    is_total = rows["cut"] == TOTAL
    keyed = rows.assign(
        parent=parent, small=is_small & (rows["count"] > 0).fillna(False) & ~is_total
    )
    small = keyed.groupby(["cut", "parent", "measure"])["small"].transform("sum").astype("Int64")
    return rows.assign(
        parent_cut=parent_cut.mask(is_total),
        parent_value=parent.mask(is_total),
        small_cells=small.mask(is_total),
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


def _sums(measured: Measured, cuts: Sequence[str]) -> pd.DataFrame:
    """Add up each summed figure per cell: cents of known amounts, deals, deals with an amount."""
    if measured.sums is not None:
        return measured.sums
    rows = measured.rows
    values = []
    for cut in cuts:
        parts = cut_parts(cut)
        values.append(cross(rows, parts) if parts else pd.Series(ALL, index=rows.index))
    cents = known(rows["cents"])
    keyed = pd.DataFrame(
        {
            "cut": np.repeat(list(cuts), len(rows)),
            "cut_value": np.concatenate([value.to_numpy(dtype=object) for value in values]),
            "measure": np.tile(rows["measure"].to_numpy(dtype=object), len(cuts)),
            "cents": np.tile(cents.to_numpy(), len(cuts)),
            "count": 1,
            "valued": np.tile(rows["cents"].notna().to_numpy(dtype="int64"), len(cuts)),
            "worth": np.tile((cents != 0).to_numpy(dtype="int64"), len(cuts)),
        }
    )
    return keyed.groupby(["cut", "cut_value", "measure"]).sum()


def _cells(
    cuts: Sequence[str], sides: Sequence[pd.DataFrame], targets: dict[str, CutTargets]
) -> pd.MultiIndex:
    """Give the cells of every cut in order, the unknown last."""
    found = {(cut, str(value)) for cut in cuts for value in targets[cut].cents.index}
    for sums in sides:
        found |= {(str(cut), str(value)) for cut, value, _ in sums.index}
    found |= {(TOTAL, ALL)} if TOTAL in cuts else set()
    place = {cut: at for at, cut in enumerate(cuts)}
    order = sorted(found, key=lambda cell: (place[cell[0]], UNKNOWN in cell[1], cell[1]))
    return pd.MultiIndex.from_tuples(order, names=["cut", "cut_value"])


def _figures(
    measured: Measured,
    sums: pd.DataFrame,
    cells: pd.MultiIndex,
    targets: dict[str, CutTargets],
) -> pd.DataFrame:
    """Compute all figures of all cells, on one of the two sides."""
    part = {name: _wide(sums[name], cells) for name in ("cents", "count", "valued", "worth")}
    money = part["cents"].astype("Int64").mask((part["count"] > 0) & (part["valued"] == 0))
    money = money.mask(np.tile([name in measured.missing for name in SUMMED], (len(cells), 1)))
    goal = _goal(targets, cells)
    begun = measured.as_of >= measured.period.start
    values, numbers = _values(money, part["count"], goal, begun)
    lost_blank = (part["count"]["lost"] > 0) & (part["worth"]["lost"] == 0)
    values["win_rate_amount"] = values["win_rate_amount"].mask(lost_blank)
    many = len(MEASURES)
    long = pd.DataFrame(
        {
            "cut": np.repeat(cells.get_level_values(0).to_numpy(dtype=object), many),
            "cut_value": np.repeat(cells.get_level_values(1).to_numpy(dtype=object), many),
            "measure": list(MEASURES) * len(cells),
            "value": values.to_numpy(dtype="float64").ravel(),
            "count": pd.array(numbers.to_numpy().ravel(), dtype="Int64"),
            "basis": [measured.basis(name) for name in MEASURES] * len(cells),
            "weak": [measured.weak.get(name, "") for name in MEASURES] * len(cells),
        }
    ).astype(dict.fromkeys(("cut", "cut_value", "measure", "basis", "weak"), "str"))
    set_by = {cut: target.basis for cut, target in targets.items()}
    is_target = long["measure"] == "target"
    long["basis"] = long["basis"].mask(is_target, long["cut"].map(set_by).astype("str").fillna(""))
    long["missing"] = _reasons(measured, long, np.repeat(lost_blank.to_numpy(), many))
    absent = long["measure"].isin(_absent(measured)) & long["value"].isna()
    long["count"] = long["count"].mask(absent)
    met = (money["closed_acv"] >= goal).fillna(False).to_numpy(dtype=bool)
    return _with_targets(
        long,
        np.repeat(goal.isna().to_numpy(), many),
        np.repeat(met, many),
        set_by,
        ended=is_over(measured.period, measured.as_of),
    )


def _wide(sums: pd.Series, cells: pd.MultiIndex) -> pd.DataFrame:
    """Bring one sum into a row per cell and a column per summed figure, zero without deals."""
    full = pd.DataFrame(0, index=cells, columns=list(SUMMED), dtype="int64")
    found = sums.unstack("measure", fill_value=0) if len(sums) else full
    return found.reindex(index=cells, columns=list(SUMMED), fill_value=0).astype("int64")


def _goal(targets: dict[str, CutTargets], cells: pd.MultiIndex) -> pd.Series:
    """Give the target of every cell in cents, missing where there is none."""
    known_goals = {
        (cut, str(value)): int(cents)
        for cut, target in targets.items()
        for value, cents in target.cents.items()
    }
    goals = [known_goals.get(cell, pd.NA) for cell in cells]
    return pd.Series(pd.array(goals, dtype="Int64"), index=cells)


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
    weighted = cents["weighted"]
    no_part = weighted.isna() | (counts["weighted"] == 0)
    blank = (so_far.isna() & no_part) | bool(weighted.isna().all())
    values["forecast"] = from_cents((so_far.fillna(0) + weighted.fillna(0)).mask(blank))
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
    order = list(MEASURES)
    return pd.DataFrame(values)[order], numbers[order]


def _computable(cents: pd.Series, counts: pd.Series) -> pd.Series:
    """Tell where a count is known: the figure is there, or only its amounts are missing."""
    return cents.notna() | (counts > 0)


def _absent(measured: Measured) -> list[str]:
    """Give the figures that cannot be computed, with those computed from them."""
    return [
        measure
        for measure in MEASURES
        if any(part in measured.missing for part in (measure, *_PARTS.get(measure, ())))
    ]


def _reasons(
    measured: Measured, long: pd.DataFrame, lost_blank: npt.NDArray[np.bool_]
) -> pd.Series:
    """Say why a blank value is blank."""
    reasons = {}
    for measure in MEASURES:
        parts = (measure, *_PARTS.get(measure, ()))
        found = [measured.missing[part] for part in parts if part in measured.missing]
        reasons[measure] = found[0] if found else ""
    text = long["measure"].map(reasons).astype("str").fillna("")
    no_amount = (text == "") & ~long["measure"].isin([*RATIOS, "target"]) & (long["count"] > 0)
    text = text.mask(no_amount, "none of these deals has an amount")
    nothing = (text == "") & long["measure"].isin(["win_rate_count", "win_rate_amount"])
    text = text.mask(nothing, "no deal was won or lost")
    is_blank = (long["measure"] == "win_rate_amount") & lost_blank
    return text.mask(is_blank, "lost deals carry no amount")


def _with_targets(
    long: pd.DataFrame,
    lacks_target: npt.NDArray[np.bool_],
    is_met: npt.NDArray[np.bool_],
    set_by: dict[str, str],
    *,
    ended: bool,
) -> pd.DataFrame:
    """Mark where a target is missing or met, and coverage of a period in which nothing is left."""
    bound = long["measure"].isin(["target", "coverage", "attainment"])
    lacks, met = bound & lacks_target, bound & is_met
    status = pd.Series("", index=long.index, dtype="str").mask(lacks, "no_target").mask(met, "met")
    why = long["cut"].map(set_by).astype("str").fillna("no target")
    is_coverage = long["measure"] == "coverage"
    covered, over = is_coverage & met, is_coverage & ~lacks & ~met & ended
    missing = long["missing"].mask(lacks, why).mask(covered, "target met: nothing is left to cover")
    missing = missing.mask(over, "the period is over: nothing can be won in it any more")
    return long.assign(
        status=status.mask(over, "over"),
        missing=missing,
        value=long["value"].mask(covered | over),
    )
