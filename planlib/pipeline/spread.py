"""Targets spread over the cells of a cut in which none is set, by a rule that is stated."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planlib.pipeline.cuts import ALL, CROSS, TOTAL, UNKNOWN, CutTables, cross, cut_parts
from planlib.pipeline.money import known, split_cents, to_cents
from planlib.pipeline.targets import CutTargets

#: How each rule is said.
RULES: dict[str, str] = {
    "prior_acv": "by the closed ACV of the whole period a year before",
    "equal": "equally",
    "capacity": "by the selling hours of the reps",
}
DERIVED = "derived: "
_BY_REPS = {"owner": "rep_id", "manager": "manager_id", "region": "region", "unit": "unit"}


def spread_targets(
    targets: Mapping[str, CutTargets],
    cut: str,
    rule: str,
    deals: pd.DataFrame,
    tables: CutTables,
) -> CutTargets:
    """
    Spread a target over the cells of a cut, where none is set in it.

    The target that is spread is the one of the total or, for crossed cuts, of the first single
    cut that has targets. It is spread in whole cents, so the cells add up to what was
    spread.

    Parameters
    ----------
    targets
        Targets by cut as they are set (``read_targets``), with the total.
    cut
        The cut that has none.
    rule
        ``prior_acv``, ``equal`` or ``capacity``.
    deals
        Won deals of the whole period a year before, with a column per single cut; for ``equal``
        they say which cells there are.
    tables
        For the reps and their names.

    Returns
    -------
    CutTargets
        ``basis`` begins with "derived" and states the rule; where the rule has nothing to go by,
        there are no targets and ``basis`` says why. What a parent cell cannot spread stands in
        its "(unknown)" cell.
    """
    parts = cut_parts(cut)
    base_cut = next((part for part in parts if len(parts) > 1 and len(targets[part].cents)), TOTAL)
    base = targets[base_cut]
    if not len(base.cents):
        return CutTargets(cents=base.cents, basis=base.basis)
    weights, reason = _weights(rule, cut, deals, tables)
    if reason:
        return CutTargets(cents=base.cents.iloc[:0], basis=f"{targets[cut].basis}; {reason}")
    spread: dict[str, int] = {}
    for value, cents in sorted(base.cents.items()):
        mine = weights[_inside(weights.index, cut, base_cut, str(value))]
        if mine.sum() <= 0:
            mine = pd.Series([1.0], index=[_unknown(parts, base_cut, str(value))])
        spread |= _in_cents(int(cents), mine)
    from_where = "the total target" if base_cut == TOTAL else f"targets by {base_cut}"
    return CutTargets(
        cents=pd.Series(spread, dtype="Int64"), basis=f"{DERIVED}{from_where} spread {RULES[rule]}"
    )


def _weights(rule: str, cut: str, deals: pd.DataFrame, tables: CutTables) -> tuple[pd.Series, str]:
    """Give the weight of each cell of a cut, or the reason why there is none."""
    if rule == "capacity":
        return _hours(cut, tables)
    value = cross(deals, cut_parts(cut))
    cents = known(to_cents(deals["amount"]))
    weights = cents.groupby(value).sum()
    weights = weights[~weights.index.str.contains(UNKNOWN, regex=False)]
    weights = weights[weights > 0].astype("float64")
    if weights.empty:
        return weights, "no closed ACV a year before to spread by"
    return (weights * 0 + 1.0 if rule == "equal" else weights), ""


def _hours(cut: str, tables: CutTables) -> tuple[pd.Series, str]:
    none = pd.Series(dtype="float64")
    reps = tables.reps()
    if cut not in _BY_REPS:
        return none, f"selling hours are known by {', '.join(_BY_REPS)}, not by {cut}"
    column = _BY_REPS[cut]
    if reps.empty or not {column, "capacity_hours"} <= set(reps.columns):
        return none, f"reps.{column} or reps.capacity_hours is missing"
    sellers = reps[~reps["rep_id"].isin(set(tables.reports_to().values()))]
    if "leave_date" in sellers:
        sellers = sellers[sellers["leave_date"].isna()]
    place = sellers[column]
    if column.endswith("_id"):
        place = tables.rep_label(place).where(place.notna())
    hours = sellers["capacity_hours"].groupby(place).sum()
    hours = hours[hours > 0].astype("float64")
    return (hours, "") if len(hours) else (none, "no rep has selling hours")


def _inside(cells: pd.Index, cut: str, base_cut: str, value: str) -> list[bool]:
    """Tell which cells of a cut lie in a cell of the base cut."""
    if base_cut == TOTAL:
        return [True] * len(cells)
    at = cut_parts(cut).index(base_cut)
    return [str(cell).split(CROSS)[at] == value for cell in cells]


def _unknown(parts: tuple[str, ...], base_cut: str, value: str) -> str:
    if base_cut == TOTAL:
        return CROSS.join([UNKNOWN] * len(parts)) if value == ALL else value
    return CROSS.join(value if part == base_cut else UNKNOWN for part in parts)


def _in_cents(cents: int, weights: pd.Series) -> dict[str, int]:
    """Split whole cents by weights, in the order of the names."""
    ordered = weights.sort_index()
    whole = pd.Series(cents, index=ordered.index, dtype="Int64")
    parts = split_cents(whole, ordered, pd.Series(0, index=ordered.index))
    return {str(name): int(part) for name, part in parts.items()}
