"""
Three allocation models side by side, one chosen per unit.

Enterprise: accounts and reps are matched one by one by fit, skill and level, workload kept near
even. Commercial: an opportunity index times the manager's judgement is balanced. Small business:
accounts are dealt out evenly, score band by score band in every segment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.settings.territory_models import Model, TerritoryModelsSettings
from planlib.tables import table
from planlib.territories.block import Block
from planlib.territories.engine.assign import assign
from planlib.territories.figures import figures_of
from planlib.territories.gazetteer import fold
from planlib.territories.opportunity import (
    bands_of,
    judgement_of,
    lost_judgements,
    opportunity_index,
)
from planlib.territories.statement import Statement

MODELS: tuple[Model, ...] = ("enterprise", "commercial", "small_business")
_WIDTHS = (0.05, 0.1, 0.2, 0.35, 0.6, 1.0)  # tolerances tried, tightest first
_FIT_FIRST = {"travel": 0.5, "misfit": 3.0, "complexity": 2.0, "disruption": 0.5}
_DEALT = 1000  # accounts of one band that are dealt out at once
_BY_COVERAGE = {
    "individual match": "enterprise", "opportunity index": "commercial",
    "automatic": "small_business",
}  # fmt: skip
_BY_WORD = (
    ("enterprise", ("enterprise", "strategic", "global", "key account", "大客户", "战略")),
    ("small_business", ("small", "smb", "inside", "digital", "小客户", "中小")),
)


@dataclass(frozen=True, kw_only=True)
class UnitModels:
    """
    ``models`` (territory_models) compares, ``plan`` (territory_model_plan) is what is chosen.

    ``findings`` name judgements of people that are not used.
    """

    models: pd.DataFrame
    plan: pd.DataFrame
    findings: list[str] = field(default_factory=list)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish, by name."""
        return {"territory_models": self.models, "territory_model_plan": self.plan}

    def decisions(self, unit: str) -> pd.DataFrame:
        """
        Give the decisions of kind ``territories`` that put the chosen model of a unit in force.

        Parameters
        ----------
        unit
            Business unit; one that is not planned gives no rows.

        Returns
        -------
        DataFrame
            ``account_id``, ``rep_id`` and ``rule`` (must), for every account of the unit: the next
            run keeps to them, and plans the other units around them.
        """
        rows = self.plan.loc[self.plan["unit"].eq(unit), ["account_id", "rep_id"]]
        return rows.assign(rule="must").reset_index(drop=True)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One unit in one block: its accounts and reps, and what the models look at."""

    block: Block
    rows: np.ndarray  # accounts of the block
    columns: np.ndarray  # reps of the block
    book: pd.DataFrame
    index: pd.Series
    judgement: pd.Series
    band: pd.Series

    @property
    def opportunity(self) -> np.ndarray:
        """Opportunity index times judgement, (n,)."""
        return (self.index * self.judgement).to_numpy(float)

    @property
    def share(self) -> np.ndarray:
        """Each rep's share of the unit's targets, (m,)."""
        known = self.block.target[self.block.is_balanced][:, self.columns]
        weight = known[0] if len(known) else np.ones(len(self.columns))
        return np.asarray(weight / weight.sum())

    @property
    def fixed(self) -> np.ndarray:
        """Column of the part of the rep who must have the account, or -1."""
        place = np.full(self.block.shape[1] + 1, -1)
        place[self.columns] = np.arange(len(self.columns))
        return np.asarray(place[self.block.fixed[self.rows]])

    def cost(self, factors: Mapping[str, float] | None = None) -> np.ndarray:
        """Give the cost of accounts with reps, infinite where not allowed; parts by factor."""
        parts = self.block.costs.parts()
        total = np.zeros((len(self.rows), len(self.columns)))
        for name, part in parts.items():
            total += (factors or {}).get(name, 1.0) * part[np.ix_(self.rows, self.columns)]
        may = self.block.may(self.rows[:, None], self.columns[None, :])
        return np.where(may, total, np.inf)


def unit_models(
    statement: Statement,
    settings: TerritoryModelsSettings,
    *,
    segments: pd.DataFrame | None = None,
    judgements: pd.DataFrame | None = None,
    seed: int = 0,
) -> UnitModels:
    """
    Try the three models on every unit of every block, and plan each unit by its own.

    Parameters
    ----------
    statement
        From ``state``; accounts and reps of the same unit are matched. Where reps have no unit,
        or all of them, they take part in every unit's trial.
    settings
        Model by unit, weights of the index, number of bands.
    segments
        From step 02: ``coverage_model`` chooses the model of a unit that the settings leave open.
    judgements
        ``account_id``, ``factor`` (0.1 to 10) on the opportunity index.
    seed
        Of the engine.

    Returns
    -------
    UnitModels
        Locks hold in every model. Accounts whose unit has no rep in the block are left out.
    """
    rows: list[dict[str, object]] = []
    plans: list[pd.DataFrame] = []
    judgement = judgement_of(statement.book, judgements)
    for block in statement.blocks:
        for unit, part in _parts(statement, block, settings, judgement):
            chosen = _chosen(unit, settings, segments)
            found = {model: _planned(part, model, seed) for model in MODELS}
            head: dict[str, object] = {"block": block.name, "unit": unit}
            rows += [
                {**head, "model": model, "is_chosen": model == chosen, "status": status,
                 **_compared(part, plan, statement)}
                for model, (plan, status) in found.items()
            ]  # fmt: skip
            rows_of = _plan_rows(statement, part, found, chosen)
            plans.append(rows_of.assign(block=block.name, unit=unit))
    plan = pd.concat(plans, ignore_index=True) if plans else pd.DataFrame()
    if len(plan):
        plan = plan.sort_values("account_id", kind="stable")
    return UnitModels(models=table("territory_models").conform(rows),
                      plan=table("territory_model_plan").conform(plan),
                      findings=lost_judgements(statement.book, judgements))  # fmt: skip


def _parts(
    statement: Statement, block: Block, settings: TerritoryModelsSettings, judgement: pd.Series
) -> list[tuple[str, Part]]:
    book = statement.book.iloc[block.rows]
    ours = book["unit"].fillna("all").astype(str)
    folded = ours.map(fold).to_numpy(object)
    theirs = np.array(
        [fold(one) for one in statement.sellers["unit"].iloc[block.reps]], dtype=object
    )
    parts = []
    for unit in sorted(set(folded)):
        columns = np.flatnonzero((theirs == unit) | (theirs == "") | (theirs == "all"))
        mine = (folded == unit) & ((block.fixed < 0) | np.isin(block.fixed, columns))
        rows = np.flatnonzero(mine)
        if len(columns):
            able = block.may(rows[:, None], columns[None, :]).any(axis=1)
            rows = rows[able]
        if not len(columns) or not len(rows):
            continue
        accounts = book.iloc[rows].reset_index(drop=True)
        index = opportunity_index(accounts, dict(settings.index_weights.items()))
        factor = judgement.iloc[block.rows].iloc[rows].reset_index(drop=True)
        band = bands_of(index * factor, accounts["segment"].astype("object"), settings.bands)
        part = Part(block=block, rows=rows, columns=columns, book=accounts, index=index,
                    judgement=factor, band=band)  # fmt: skip
        parts.append((str(ours.iloc[rows[0]]), part))
    return parts


def _chosen(unit: str, settings: TerritoryModelsSettings, segments: pd.DataFrame | None) -> Model:
    """Give the model of a unit: by setting, by step 02, by its name, else commercial."""
    given = {fold(name): model for name, model in settings.unit_models.items()}
    if fold(unit) in given:
        return given[fold(unit)]
    if segments is not None and {"unit", "coverage_model"} <= set(segments):
        mine = segments.loc[segments["unit"].map(fold).eq(fold(unit)), "coverage_model"].dropna()
        known = [_BY_COVERAGE[one] for one in mine.unique() if one in _BY_COVERAGE]
        if known:
            return known[0]  # type: ignore[return-value]
    word = unit.casefold()
    for model, names in _BY_WORD:
        if any(name in word for name in names):
            return model  # type: ignore[return-value]
    return "commercial"


def _planned(part: Part, model: Model, seed: int) -> tuple[np.ndarray, str]:
    if model == "small_business":
        return _dealt(part)
    if model == "enterprise":
        load = part.block.costs.size[part.rows][None, :]
        return _balanced(part, part.cost(_FIT_FIRST), load, seed)
    return _balanced(part, part.cost(), part.opportunity[None, :], seed)


def _balanced(part: Part, cost: np.ndarray, load: np.ndarray, seed: int) -> tuple[np.ndarray, str]:
    """Assign at the tightest tolerance of a few at which a plan is found."""
    target = load.sum(axis=1)[:, None] * part.share
    groups = part.block.groups[part.rows]
    for width in (*_WIDTHS, np.inf):
        lower = (1 - width) * target if np.isfinite(width) else np.full(target.shape, -np.inf)
        upper = (1 + width) * target if np.isfinite(width) else np.full(target.shape, np.inf)
        found = assign(cost, load, lower, upper, groups=groups, seed=seed, effort="quick")
        if not found.violations:
            break
    return found.rep, "feasible" if not found.violations else "unresolved"


def _dealt(part: Part) -> tuple[np.ndarray, str]:
    """Deal out each band of each segment evenly, at the least cost; remainders even out too."""
    from scipy.optimize import linear_sum_assignment

    cost, fixed = part.cost(), part.fixed
    large = np.abs(cost[np.isfinite(cost)]).sum() + 1.0
    rep = fixed.copy()
    held = np.bincount(fixed[fixed >= 0], minlength=len(part.columns)).astype(float)
    for rows in _cells(part):
        count = np.bincount(fixed[rows][fixed[rows] >= 0], minlength=len(held))
        free = rows[fixed[rows] < 0]
        seats = []
        for _ in free:
            seat = int(np.lexsort((np.arange(len(held)), held, count))[0])
            seats.append(seat)
            count[seat] += 1
            held[seat] += 1
        chosen = np.array(seats, dtype=np.int64)
        table = np.where(np.isfinite(cost[free]), cost[free], large)[:, chosen]
        _, place = linear_sum_assignment(table)
        rep[free] = chosen[place]
    barred = ~np.isfinite(cost[np.arange(len(rep)), rep])
    rep[barred] = cost[barred].argmin(axis=1)
    return rep, "feasible"


def _cells(part: Part) -> list[np.ndarray]:
    """Give the accounts of each segment and band, best first, in pieces that are dealt at once."""
    keys = part.book["segment"].fillna("").astype(str) + "\x00" + part.band.astype(str)
    order = np.lexsort((part.book["account_id"].to_numpy(str), -part.opportunity))
    names = keys.to_numpy(object)[order]
    pieces = []
    for key in sorted(set(names)):
        rows = order[names == key]
        pieces += [rows[at : at + _DEALT] for at in range(0, len(rows), _DEALT)]
    return pieces


def _compared(part: Part, plan: np.ndarray, statement: Statement) -> dict[str, object]:
    """Give the same figures for any plan of a unit."""
    rep = np.full(part.block.shape[0], -1)
    rep[part.rows] = part.columns[plan]
    figures = figures_of(part.block, rep, statement.book)
    before = part.block.owner[part.rows]
    moved = (before >= 0) & (before != part.columns[plan])
    acv = part.book["acv"].fillna(0.0).to_numpy(float)
    cell = pd.Series(part.book["segment"].fillna("").astype(str) + "\x00" + part.band.astype(str))
    table = pd.crosstab(cell, plan).reindex(columns=range(len(part.columns)), fill_value=0)

    def off(load: np.ndarray) -> float:
        load = np.nan_to_num(load)
        if load.sum() <= 0:
            return float("nan")
        got = np.bincount(plan, load, len(part.columns))
        return float(np.abs(got / (part.share * load.sum()) - 1).max())

    return {
        "account_count": len(plan), "rep_count": len(part.columns), "misfit": figures.misfit,
        "complexity_short": figures.complexity_short, "travel_km": figures.travel_km,
        "moved_count": int(moved.sum()),
        "moved_acv_share": acv[moved].sum() / acv.sum() if acv.sum() > 0 else np.nan,
        "potential_deviation": off(part.book["potential"].to_numpy(float)),
        "workload_deviation": off(part.book["workload_hours"].to_numpy(float)),
        "index_deviation": off(part.opportunity), "count_deviation": off(np.ones(len(plan))),
        "segment_spread": float((table.max(axis=1) - table.min(axis=1)).max()),
    }  # fmt: skip


def _plan_rows(
    statement: Statement, part: Part, found: dict[Model, tuple[np.ndarray, str]], chosen: Model
) -> pd.DataFrame:
    ids = statement.sellers["rep_id"].to_numpy(object)[part.block.reps][part.columns]
    frame = pd.DataFrame({
        "account_id": part.book["account_id"], "model": chosen, "rep_id": ids[found[chosen][0]],
        "opportunity_index": part.index, "judgement": part.judgement,
        "band": part.band.astype(str),
    })  # fmt: skip
    return frame.assign(**{f"{model}_rep_id": ids[plan] for model, (plan, _) in found.items()})
