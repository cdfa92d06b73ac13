"""How accounts did in a stretch of time, and groups of them beside each other, with intervals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.segmentation.shrinkage import between_variance, shrink, within_variance
from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.territories.columns import day, flag, number, text
from planlib.territories.evidence import resampled

_YEAR = 365.25
_GROUPS = (
    "kept by people", "moved by people", "agreed with the plan", "moved as proposed",
    "stayed as proposed",
)  # fmt: skip
_BY_PEOPLE = ("kept by people", "moved by people")
_OF_PERSON = (*_BY_PEOPLE, "agreed with the plan")
SCORES = ("won_amount", "won_share", "churn_share", "attainment")
_CERTAIN = 0.05
_SHARES = ("won_share", "churn_share")


def add_outcomes(
    rows: pd.DataFrame,
    opportunities: pd.DataFrame | None,
    reps: pd.DataFrame | None,
    notes: list[str],
) -> pd.DataFrame:
    """
    Add what each account brought in its stretch of days, and the attainment of its owner.

    Parameters
    ----------
    rows
        ``account_id``, ``decided_rep_id``, ``from_date``, ``to_date``, one row per account.
    opportunities, reps
        As for ``score_overrides``.
    notes
        Takes what is missing.

    Returns
    -------
    DataFrame
        With ``won_amount``, ``won_count``, ``lost_count``, ``is_churned``, ``attainment``.
    """
    blank = {name: np.nan for name in ("won_amount", "won_count", "lost_count", "attainment")}
    needed = {"account_id", "is_closed", "is_won", "close_date"}
    if opportunities is None or not needed <= set(opportunities):
        notes.append("no closed opportunities: it is not known how accounts did")
        return rows.assign(**blank, is_churned=pd.Series(pd.NA, index=rows.index, dtype="boolean"))
    deals = _closed(opportunities)
    if deals["renewal"].sum() == 0:
        notes.append("no closed renewals: churn is not known")
    inside = rows[["account_id", "from_date", "to_date"]].merge(deals, on="account_id")
    inside = inside[inside["closed"].between(inside["from_date"], inside["to_date"])]
    sums = inside.groupby("account_id")[["won_amount", "won", "lost", "churn", "renewal"]].sum()
    own = sums.reindex(rows["account_id"]).fillna(0.0).set_index(rows.index)
    churned = (own["churn"] > 0).astype("boolean").where(own["renewal"] > 0)
    return rows.assign(
        won_amount=own["won_amount"], won_count=own["won"], lost_count=own["lost"],
        is_churned=churned, attainment=_attainment(rows, deals, reps, notes),
    )  # fmt: skip


def _closed(opportunities: pd.DataFrame) -> pd.DataFrame:
    done = opportunities[flag(opportunities, "is_closed")]
    won = flag(done, "is_won")
    renewal = text(done, "deal_type").eq("renewal").fillna(value=False).astype(bool)
    return pd.DataFrame({
        "account_id": text(done, "account_id"), "owner_id": text(done, "owner_id"),
        "closed": day(done, "close_date"), "won": won.astype(float), "lost": (~won).astype(float),
        "won_amount": number(done, "amount").fillna(0.0).where(won, 0.0),
        "renewal": renewal.astype(float), "churn": (renewal & ~won).astype(float),
    })  # fmt: skip


def _attainment(
    rows: pd.DataFrame, deals: pd.DataFrame, reps: pd.DataFrame | None, notes: list[str]
) -> pd.Series:
    """Give won amount of the owner over the quota of the same days."""
    if reps is None or number(reps, "quota").notna().sum() == 0:
        notes.append("no quotas: attainment of owners is not known")
        return pd.Series(np.nan, index=rows.index)
    stretches = rows[["decided_rep_id", "from_date", "to_date"]].drop_duplicates()
    won = deals[deals["won"] > 0].merge(stretches, left_on="owner_id", right_on="decided_rep_id")
    won = won[won["closed"].between(won["from_date"], won["to_date"])]
    keys = ["decided_rep_id", "from_date", "to_date"]
    amount = won.groupby(keys)["won_amount"].sum()
    quota = dict(zip(reps["rep_id"].astype("str"), number(reps, "quota"), strict=True))
    days = (rows["to_date"] - rows["from_date"]).dt.days + 1
    due = rows["decided_rep_id"].map(quota).astype("float64") * days / _YEAR
    found = amount.reindex(pd.MultiIndex.from_frame(rows[keys])).fillna(0.0).to_numpy()
    return pd.Series(found, index=rows.index) / due.where(due > 0)


def score_groups(
    rows: pd.DataFrame, settings: TerritoryDecisionsSettings, seed: int
) -> pd.DataFrame:
    """
    Give ``territory_override_scorecard``: value, interval and shrunk value of each group.

    Shares have Wilson's interval, amounts one drawn again over accounts. The shrunk value draws a
    group to the mean of all groups by the moments of a random-effects model.
    """
    due = rows[rows["is_due"] & rows["group"].notna()].sort_values("account_id", kind="stable")
    persons = sorted(set(due["who"].dropna())) if "who" in due else []
    table: list[dict[str, object]] = []
    for who in ("all", *persons):
        own = due if who == "all" else due[due["who"].eq(who) | due["decision_id"].isna()]
        shown = _GROUPS if who == "all" else _OF_PERSON
        for measure in SCORES:
            lines = _lines(own, measure, settings, seed, shown=shown)
            table += [{"who": who, "measure": measure, **line} for line in lines]
    return pd.DataFrame(table)


def _values(rows: pd.DataFrame, measure: str) -> tuple[pd.Series, pd.Series]:
    """Give the value of each account and its weight: the deals or renewals behind a share."""
    one = pd.Series(1.0, index=rows.index)
    if measure == "won_share":
        decided = rows["won_count"] + rows["lost_count"]
        return rows["won_count"] / decided.where(decided > 0), decided
    if measure == "churn_share":
        return rows["is_churned"].astype("float64"), one
    return rows[measure].astype("float64"), one


def _lines(
    rows: pd.DataFrame,
    measure: str,
    settings: TerritoryDecisionsSettings,
    seed: int,
    *,
    shown: tuple[str, ...],
) -> Iterator[dict[str, object]]:
    value, weight = _values(rows, measure)
    known = value.notna()
    y, w = value[known].to_numpy(dtype=float), weight[known].to_numpy(dtype=float)
    code = rows.loc[known, "group"].map({one: at for at, one in enumerate(_GROUPS)})
    group = code.to_numpy(dtype=np.intp)
    drawn = _shrunk(y, group)
    cluster = rows.loc[known, "account_id"].to_numpy(dtype=object)
    if measure == "attainment":  # one value for all accounts of a rep
        cluster = rows.loc[known, "decided_rep_id"].to_numpy(dtype=object)
    for at, name in enumerate(_GROUPS):
        if name not in shown:
            continue
        inside = group == at
        low, high = _interval(y[inside], w[inside], cluster[inside], settings, seed)
        if measure in _SHARES:
            low, high = wilson(float((y * w)[inside].sum()), float(w[inside].sum()))
        count = int(inside.sum())
        yield {
            "group": name, "account_count": count, "value": _mean(y[inside], w[inside]),
            "low": low, "high": high, "shrunk_value": drawn[at],
            "is_grey": count < settings.least_accounts,
            "note": "" if count else "no account with a value",
        }  # fmt: skip
    people = np.isin(group, [_GROUPS.index(one) for one in _BY_PEOPLE])
    yield _difference((y, w, people), cluster, settings, seed)


def _mean(y: np.ndarray, w: np.ndarray) -> float:
    return float((y * w).sum() / w.sum()) if w.sum() > 0 else float("nan")


def _shrunk(y: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Draw the mean of each group to that of all groups; NaN for a group without accounts."""
    size = len(_GROUPS)
    count = np.bincount(group, minlength=size).astype(float)
    total = np.bincount(group, weights=y, minlength=size)
    mean = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
    within, _ = within_variance(y, group, size)
    if len(y) == 0 or not np.isfinite(within):
        return np.full(size, np.nan)
    parent = np.zeros(size, dtype=np.intp)
    between = between_variance(count, mean, parent, 1, within)
    every = np.full(size, float(y.mean()))
    cells = shrink(count, mean, every, np.zeros(size), within=within, between=between)
    return np.where(count > 0, cells.mean, np.nan)


def _interval(
    y: np.ndarray,
    w: np.ndarray,
    cluster: np.ndarray,
    settings: TerritoryDecisionsSettings,
    seed: int,
) -> tuple[float, float]:
    if len(y) == 0:
        return float("nan"), float("nan")
    return resampled(
        lambda some: _mean(y[some], w[some]), cluster, draws=settings.history_draws, seed=seed
    )


def _difference(
    values: tuple[np.ndarray, np.ndarray, np.ndarray],
    cluster: np.ndarray,
    settings: TerritoryDecisionsSettings,
    seed: int,
) -> dict[str, object]:
    """
    Give decided against the plan less as the plan said, with its interval.

    It differs by more than chance where the interval leaves out 0 and fewer than 5 % of shuffles,
    shared among the four measures, are as far apart: most accounts win nothing in two quarters, and
    intervals of such amounts are too narrow when they are few.
    """
    y, w, people = values

    def less(some: np.ndarray) -> float:
        picked = people[some]
        ours, theirs = some[picked], some[~picked]
        return _mean(y[ours], w[ours]) - _mean(y[theirs], w[theirs])

    count = int(people.sum())
    low = high = value = chance = float("nan")
    if 0 < count < len(y):
        value = less(np.arange(len(y)))
        low, high = resampled(less, cluster, draws=settings.history_draws, seed=seed)
        chance = _shuffled(values, abs(value), settings.history_draws, seed)
    few = min(count, len(y) - count) < settings.least_accounts
    if not np.isfinite(value):
        note = "one side has no account with a value"
    elif few:
        note = "too few accounts to tell people and plan apart"
    elif chance < _CERTAIN / len(SCORES) and np.isfinite(low) and (low > 0 or high < 0):
        note = "differs by more than chance; people chose these accounts, so no proof"
    else:
        note = "cannot be told apart from chance"
    return {
        "group": "people less plan", "account_count": count, "value": value, "low": low,
        "high": high, "shrunk_value": float("nan"), "is_grey": few, "note": note,
    }  # fmt: skip


def _shuffled(
    values: tuple[np.ndarray, np.ndarray, np.ndarray], found: float, draws: int, seed: int
) -> float:
    """Give the share of shuffles of people and plan that are at least as far apart."""
    y, w, people = values
    chance = np.random.default_rng(seed)
    count, total, weight = int(people.sum()), float((y * w).sum()), float(w.sum())
    far = 0
    for _ in range(draws):
        ours = chance.permutation(len(y))[:count]
        amount, part = float((y[ours] * w[ours]).sum()), float(w[ours].sum())
        rest = weight - part
        apart = abs(amount / part - (total - amount) / rest) if part > 0 and rest > 0 else 0.0
        far += apart >= found * (1 - 1e-12)
    return (1 + far) / (1 + draws)
