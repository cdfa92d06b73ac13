"""Put plans of a statement side by side by expected sales: fair against most profitable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planlib.notes import percent
from planlib.settings.territory_models import TerritoryModelsSettings
from planlib.tables import table
from planlib.territories.block import Block
from planlib.territories.figures import Figures, figures_of, raw_at
from planlib.territories.inequality import gini
from planlib.territories.response import (
    FEWEST_FITTED,
    Response,
    Worth,
    fitted_elasticity,
    most_profitable,
    worth_of,
)
from planlib.territories.solving import Answer
from planlib.territories.spent import TimeSpent
from planlib.territories.statement import Statement

_SOLD = 0.3  # share of potential sold where nothing tells
_FULL_YEAR = 1.0  # hours of an account whose workload is not known


@dataclass(frozen=True, kw_only=True)
class Assumed:
    """What expected sales rest on: elasticity and its source, share of the potential sold."""

    elasticity: float
    sold_share: float
    words: str


@dataclass(frozen=True, kw_only=True)
class ResponseComparison:
    """
    Expected sales of today's, the fair and the most profitable plans.

    ``plans`` (territory_response), ``reps`` (territory_response_reps) and ``accounts``
    (territory_response_accounts); ``notes`` say where potential is not known.
    """

    plans: pd.DataFrame
    reps: pd.DataFrame
    accounts: pd.DataFrame
    assumed: Assumed
    notes: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish, by name."""
        return {
            "territory_response": self.plans,
            "territory_response_reps": self.reps,
            "territory_response_accounts": self.accounts,
        }


def compare_response(
    statement: Statement,
    answers: Sequence[Answer],
    settings: TerritoryModelsSettings,
    *,
    spent: TimeSpent | None = None,
    seed: int = 0,
) -> ResponseComparison:
    """
    Compare plans by what they are expected to sell.

    Parameters
    ----------
    statement
        From ``state``; needs potential, and workload in hours, by account.
    answers
        The fair plan, one per block.
    settings
        Form, elasticity, losses by misfit and travel.
    spent
        From ``time_spent``, to fit the elasticity where the settings leave it open.
    seed
        Of the engine.

    Returns
    -------
    ResponseComparison
        Locks hold in every plan; limits only in the fair one and in "profitable and fair". A part
        of the market without any known potential is left out, and ``notes`` say so.
    """
    assumed = _assumed(statement, settings, spent)
    plans: list[dict[str, object]] = []
    reps: list[dict[str, object]] = []
    accounts: list[dict[str, object]] = []
    notes: list[str] = []
    for answer in answers:
        unknown = statement.book["potential"].iloc[answer.block.rows].isna()
        notes += _unknown(answer.block.name, unknown)
        if unknown.all():
            continue
        response = response_of(statement, answer.block, settings, assumed)
        found = _plans(answer, response, seed)
        fair = found["fair"][1].total
        for name, (rep, worth, most) in found.items():
            figures = figures_of(answer.block, rep, statement.book)
            row = _row(worth, most, fair, figures)
            known = {"elasticity": assumed.elasticity, "assumptions": assumed.words}
            plans.append({"block": answer.block.name, "plan": name, **row, **known})
            reps += _rep_rows(statement, answer.block, name, rep, worth)
        accounts += _account_rows(statement, answer.block, found)
    return ResponseComparison(
        plans=table("territory_response").conform(plans),
        reps=table("territory_response_reps").conform(reps),
        accounts=table("territory_response_accounts").conform(accounts), assumed=assumed,
        notes=tuple(notes),
    )  # fmt: skip


def _unknown(block: str, unknown: pd.Series) -> list[str]:
    """Say how many accounts of a block have no potential."""
    if not unknown.any():
        return []
    if unknown.all():
        return [f"{block} is left out: the potential of none of its accounts is known"]
    return [
        f"{int(unknown.sum()):,} of {len(unknown):,} accounts of {block} have no known potential "
        "and count as selling nothing"
    ]


def response_of(
    statement: Statement, block: Block, settings: TerritoryModelsSettings, assumed: Assumed
) -> Response:
    """
    Give the response of a block: an account sells ``potential x sold share x (1 - loss x misfit)``.

    The needed hours grow with the way: at ``half_time_km`` half of the time is on the way. A rep
    has ``capacity_hours``, else what an even share of the workload asks for.
    """
    book = statement.book.iloc[block.rows]
    n, m = block.shape
    potential = book["potential"].fillna(0.0).clip(lower=0).to_numpy(float)
    needed = book["workload_hours"].to_numpy(float)
    middle = float(np.nanmedian(needed)) if np.isfinite(needed).any() else _FULL_YEAR
    needed = np.where(np.isfinite(needed) & (needed > 0), needed, max(middle, 1e-6))
    size = np.maximum(block.costs.size, 1e-12)
    misfit, way = np.zeros((n, m)), np.zeros((n, m))
    for j in range(m):
        one = np.full(n, j)
        misfit[:, j] = np.nan_to_num(raw_at(block, "misfit", one) / size)
        km = block.costs.km_at(one)
        way[:, j] = np.where(np.isfinite(km), km, np.nan)
    way = np.where(np.isnan(way), np.nanmean(way) if np.isfinite(way).any() else 0.0, way)
    people = statement.sellers.iloc[block.reps]
    hours = pd.to_numeric(people["capacity_hours"], errors="coerce").to_numpy(float)
    hours = np.where(np.isfinite(hours) & (hours > 0), hours, needed.sum() / m)
    ceiling = potential[:, None] * assumed.sold_share * (1 - settings.misfit_loss * misfit)
    return Response(
        ceiling=ceiling, needed=needed[:, None] * (1 + way / settings.half_time_km), hours=hours,
        elasticity=assumed.elasticity, form=settings.response_form,
    )  # fmt: skip


def _assumed(
    statement: Statement, settings: TerritoryModelsSettings, spent: TimeSpent | None
) -> Assumed:
    book = statement.book
    both = (book["acv"] > 0) & (book["potential"] > 0)
    if settings.sold_share is not None:
        share, source = settings.sold_share, "as set"
    elif both.any():
        money = book.loc[both, ["acv", "potential"]].sum()
        share = float(np.clip(money["acv"] / money["potential"], 0.01, 1.0))
        source = f"what {int(both.sum()):,} accounts with ACV above 0 buy today of theirs"
    else:
        share, source = _SOLD, "assumed, no account has both ACV and potential"
    elasticity, words = settings.elasticity, "as set"
    if elasticity is None:
        elasticity, words = _elasticity(book, spent)
    form = "a power" if settings.response_form == "power" else "an approach to a ceiling"
    text = (
        f"Sales follow {form} of selling time, elasticity {elasticity:.2f} ({words}); at the "
        f"needed time {percent(share)} of the potential is sold ({source}); a full misfit loses "
        f"{percent(settings.misfit_loss)}; at {settings.half_time_km:,.0f} km half of the time "
        "is spent "
        "on the way; each rep's time is divided best"
    )
    return Assumed(elasticity=elasticity, sold_share=share, words=text)


def _elasticity(book: pd.DataFrame, spent: TimeSpent | None) -> tuple[float, str]:
    """Fit the elasticity on the time spent, and say on what, or why the usual value stands in."""
    if spent is None or spent.hours.empty:
        hours, reason = np.full(len(book), np.nan), spent.reason if spent is not None else ""
    else:
        summed = spent.hours.groupby("account_id")["hours"].sum()
        hours = book["account_id"].map(summed).to_numpy(dtype="float64", na_value=np.nan)
        reason = (
            f"fewer than {FEWEST_FITTED} accounts have time spent, hours needed, ACV and potential"
        )
    sales, potential = (book[name].to_numpy(float) for name in ("acv", "potential"))
    elasticity, error, count = fitted_elasticity(
        hours, book["workload_hours"].to_numpy(float), sales, potential
    )
    if count >= FEWEST_FITTED:
        return elasticity, (
            f"fitted on {count:,} accounts and drawn to 0.3, standard error {error:.2f}"
        )
    return elasticity, f"usual value; {reason or 'no history of time spent'}"


def _plans(
    answer: Answer, response: Response, seed: int
) -> dict[str, tuple[np.ndarray, Worth, float]]:
    """Give each plan with its worth and what no plan of its kind exceeds (NaN: not sought)."""
    block = answer.block
    accounts, columns = np.indices(block.shape)
    may = block.may(accounts, columns)
    arguments: dict[str, Any] = block.assign_arguments(answer.tolerance)
    limits = {name: arguments[name] for name in
              ("load", "allowed", "fixed", "groups", "owner", "stake", "budget")}  # fmt: skip
    limits |= {"lower": answer.lower, "upper": answer.upper}
    even = most_profitable(
        response, start=answer.rep, allowed=may, limits=limits, seed=seed, rounds=3
    )
    free = most_profitable(response, start=even.rep, allowed=may, seed=seed)
    return {
        "today": (block.owner, worth_of(response, block.owner), np.nan),
        "fair": (answer.rep, worth_of(response, answer.rep), np.nan),
        "profitable": (free.rep, free.worth, free.most),
        "profitable and fair": (even.rep, even.worth, even.most),
    }


def _row(worth: Worth, most: float, fair: float, figures: Figures) -> dict[str, object]:
    return {
        "expected_sales": worth.total, "most": most,
        "gap": max(most - worth.total, 0.0) / most if most > 0 else np.nan,
        "gain": worth.total / fair - 1 if fair > 0 else np.nan,
        "sales_gini": gini(worth.by_rep),
        "potential_deviation": figures.deviation.get("potential", np.nan),
        "workload_deviation": figures.deviation.get("workload_hours", np.nan),
        "moved_count": figures.moved_count, "moved_acv_share": figures.moved_acv_share,
    }  # fmt: skip


def _rep_rows(
    statement: Statement, block: Block, plan: str, rep: np.ndarray, worth: Worth
) -> list[dict[str, object]]:
    ids = statement.sellers["rep_id"].to_numpy(object)[block.reps]
    return [
        {"rep_id": ids[j], "plan": plan, "block": block.name,
         "hours": float(worth.hours[rep == j].sum()), "expected_sales": worth.by_rep[j],
         "hour_worth": worth.hour_worth[j], "account_count": int((rep == j).sum())}
        for j in range(len(ids))
    ]  # fmt: skip


def _account_rows(
    statement: Statement, block: Block, found: dict[str, tuple[np.ndarray, Worth, float]]
) -> list[dict[str, object]]:
    ids = statement.sellers["rep_id"].to_numpy(object)[block.reps]
    accounts = statement.book["account_id"].to_numpy(object)[block.rows]
    (fair, ours, _), (best, theirs, _) = found["fair"], found["profitable"]
    return [
        {"account_id": account, "block": block.name, "fair_rep_id": ids[fair[i]],
         "fair_hours": ours.hours[i], "fair_sales": ours.sales[i],
         "profitable_rep_id": ids[best[i]], "profitable_hours": theirs.hours[i],
         "profitable_sales": theirs.sales[i]}
        for i, account in enumerate(accounts)
    ]  # fmt: skip
