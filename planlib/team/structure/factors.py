"""The decision table: what each factor says about inside or field, beside the optimum."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.settings.team_structure import CHOSEN
from planlib.tables import table
from planlib.team.structure.cells import KEYS
from planlib.team.structure.ground import Ground
from planlib.team.structure.value import Value

_CLEAR = 0.2  # mean direction beyond which the factors say something
_SHARES = (1 / 3, 2 / 3)  # below: field; above: inside; between: mixed

#: Factor: measure or ratio of measures, direction (1: more means field), words.
FACTORS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "value_density": (("margin", "win_share"), 1, "margin of a won deal x win share"),
    "small_customers": (("enterprise_share",), 1, "share of the largest fifth of accounts: few of "
                        "them means small customers, which inside handles"),
    "distance": (("local_share",), -1, "share of local accounts: where all are local nobody needs "
                 "to travel; where few are, people with local knowledge must"),
    "account_size": (("deal_size",), 1, "mean amount of a won deal"),
    "product_breadth": (("lines_per_deal",), 1, "products of a won deal"),
    "industry": (("field_industry_share",), 1, "share of traditional industries"),
    "face_to_face": (("face_to_face_share",), 1, "visits and events of all contacts: the channel "
                     "that is used today"),
    "cycle": (("cycle_days",), 1, "days from creation to close"),
    "lead_volume": (("leads", "accounts"), -1, "leads a year and account: many call for inside"),
    "expansion": (("prospect_share",), 1, "share of accounts that are not customers yet: where the "
                  "business is still to be opened, people with local knowledge must"),
}  # fmt: skip


def weigh_factors(ground: Ground, demand: pd.DataFrame) -> pd.DataFrame:
    """
    Say for every cell and factor whether it calls for inside or field: ``structure_factors``.

    The direction is ``tanh(z / 2)`` with z the distance to the median of all cells in robust
    standard deviations (1.4826 x median absolute deviation), so that no cut-off from elsewhere is
    used; 0 where all cells are alike.

    Parameters
    ----------
    ground
        Cells and weights.
    demand
        Table ``structure_demand``.
    """
    cells, settings = ground.cells, ground.settings
    values = demand.pivot_table(index=KEYS, columns="measure", values="value").reindex(cells.index)
    counts = demand.pivot_table(index=KEYS, columns="measure", values="count").reindex(cells.index)
    grey = demand.pivot_table(index=KEYS, columns="measure", values="is_grey", aggfunc="max")
    grey = grey.reindex(cells.index)
    rows = []
    for factor, (measures, sign, said) in FACTORS.items():
        if any(name not in values for name in measures):
            value = pd.Series(np.nan, index=cells.index)
            count, pale = value, pd.Series(True, index=cells.index)
        else:
            value = _figure(values, factor, measures)
            count, pale = counts[measures[0]], grey[measures[0]].fillna(True).astype(bool)
        median = float(value.median()) if value.notna().any() else np.nan
        rows.append(cells.table[KEYS].assign(
            factor=factor, value=value.to_numpy(), usual_value=median,
            direction=sign * _direction(value, median), weight=settings.weights.get(factor, 0.0),  # type: ignore[call-overload]
            count=count.to_numpy(), is_grey=pale.to_numpy(), definition=said,
        ))  # fmt: skip
    found = pd.concat(rows, ignore_index=True)
    order = {name: place for place, name in enumerate(FACTORS)}
    found = found.assign(place=found["factor"].map(order)).sort_values(
        [*KEYS, "place"], kind="stable", ignore_index=True
    )
    return table("structure_factors").coerce(found.drop(columns="place"))


def compare_cells(
    ground: Ground, factors: pd.DataFrame, value: Value, optimum: np.ndarray | None
) -> pd.DataFrame:
    """
    Put the weighted factors beside today and the optimum: table ``structure_cells``.

    Parameters
    ----------
    ground, factors, value
        Cells, table ``structure_factors``, the problem.
    optimum
        (K, C) parts of the optimum; None where there is none.
    """
    problem, cells = value.problem, ground.cells
    lean = _lean(factors).reindex(cells.index)
    known = factors[factors["direction"].notna() & (factors["weight"] > 0)].groupby(KEYS).size()
    frame = cells.table[[*KEYS, "account_count", "workload_hours"]].assign(
        lean=lean.to_numpy(), factor_count=known.reindex(cells.index).fillna(0).to_numpy(),
        suggestion=[_suggest(one) for one in lean.to_numpy()], penalty_share=value.penalty,
    )  # fmt: skip
    hours = problem.workload
    for name, parts in (("today", problem.today), ("optimum", optimum)):
        if parts is None:
            continue
        heads = parts[:2] / problem.parts
        both = heads.sum(axis=0)
        share = np.divide(heads[1], both, out=np.full(len(both), np.nan), where=both > 0)
        given = problem.hours(parts / problem.parts)[0]
        frame[f"{name}_heads"] = both
        frame[f"{name}_inside_share"] = share
        frame[f"{name}_coverage_share"] = np.divide(
            given, hours, out=np.full(len(both), np.nan), where=hours > 0
        )
    if optimum is not None:
        frame["agrees"] = [
            _agrees(said, share) for said, share in
            zip(frame["suggestion"], frame["optimum_inside_share"], strict=True)
        ]  # fmt: skip
        frame["reason"] = _reasons(frame, factors, value)
    return table("structure_cells").coerce(frame)


def _figure(values: pd.DataFrame, factor: str, measures: tuple[str, ...]) -> pd.Series:
    if factor == "value_density":
        return values[measures[0]] * values[measures[1]]
    if factor == "lead_volume":
        return values[measures[0]] / values[measures[1]]
    return values[measures[0]]


def _direction(value: pd.Series, median: float) -> np.ndarray:
    spread = 1.4826 * float((value - median).abs().median())
    if not spread > 0:
        spread = float(value.std(ddof=0))
    if not spread > 1e-12 * max(abs(median), 1e-12):
        return np.where(value.notna(), 0.0, np.nan)
    return np.asarray(np.tanh((value.to_numpy(dtype=float) - median) / spread / 2), dtype=float)


def _lean(factors: pd.DataFrame) -> pd.Series:
    known = factors[factors["direction"].notna()]
    weighed = known.assign(part=known["direction"] * known["weight"]).groupby(KEYS)
    total = weighed["weight"].sum()
    return weighed["part"].sum() / total.where(total > 0)


def _suggest(lean: float | None) -> str:
    if pd.isna(lean):
        return "not known"
    return "field" if lean > _CLEAR else "inside" if lean < -_CLEAR else "mixed"


def _agrees(said: str, share: float | None) -> bool | None:
    """Say whether a clear suggestion and the optimum are one; a mix contradicts neither."""
    if said in ("not known", "mixed") or pd.isna(share):
        return None
    chosen = "inside" if share > _SHARES[1] else "field" if share < _SHARES[0] else "mixed"
    return chosen in (said, "mixed")


def _reasons(frame: pd.DataFrame, factors: pd.DataFrame, value: Value) -> list[str]:
    strongest = factors[factors["direction"].notna()].assign(
        size=factors["direction"].abs() * factors["weight"]
    )
    strongest = strongest.sort_values(["size", "factor"], ascending=[False, True], kind="stable")
    named = {
        key: ", ".join(
            f"{row['factor'].replace('_', ' ')} "
            f"{'field' if row['direction'] > 0 else 'inside'} ({row['direction']:+.1f})"
            for row in rows.head(3).to_dict("records") if abs(row["direction"]) > 0.05
        )
        for key, rows in strongest.groupby(KEYS)
    }  # fmt: skip
    problem = value.problem
    inside, outside = CHOSEN.index("inside"), CHOSEN.index("field")
    limit = 1 - problem.cost[inside] / (problem.cost[outside] * max(value.gain, 1e-9))
    texts = []
    for row in frame.to_dict("records"):
        text = named.get((row["region"], row["segment"]), "")
        loss = (
            f"inside loses {100 * row['penalty_share']:.0f} % quality here and pays below "
            f"{100 * limit:.0f} %"
        )
        texts.append(f"{text}; {loss}" if text else loss)
    return texts
