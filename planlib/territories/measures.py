"""What is balanced: a measure per account without gaps, and what each territory should have."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.settings.territories import TerritoriesSettings
from planlib.tables import require_columns
from planlib.territories.findings import Problems
from planlib.territories.frames import numbers, some
from planlib.territories.gazetteer import fold

_STAND_INS = {
    "potential": ("acv", "accounts"), "workload_hours": ("accounts",), "acv": ("accounts",),
}  # fmt: skip
_DIFFERENT = 0.005  # share by which given targets may miss the sum before it is said
_LEAST = 0.01  # of the mean target: what a territory without any is lifted to


def add_measures(
    book: pd.DataFrame, segments: pd.DataFrame, settings: TerritoriesSettings, problems: Problems
) -> pd.DataFrame:
    """
    Add ``load_<measure>`` for each measure: never missing, never negative.

    A measure that no account has gives way to the next one; unknown values of single accounts
    count as the median of the known ones. Both are said.
    """
    if book.empty:
        problems.add("setting", "there are no accounts; nothing is planned")
        return book.assign(**{f"load_{measure}": 0.0 for measure in settings.measures})
    loads = {
        f"load_{measure}": _measure(book, segments, measure, problems)
        for measure in settings.measures
    }
    return book.assign(**loads)


def _measure(
    book: pd.DataFrame, segments: pd.DataFrame, measure: str, problems: Problems
) -> pd.Series:
    used = measure
    for used in (measure, *_STAND_INS.get(measure, ())):
        values = _values(book, segments, used)
        bad = values < 0
        if bad.any():
            problems.add_accounts("measure", f"{used} is negative; counted as unknown", book, bad)
        values = values.where((values >= 0) & np.isfinite(values))
        if values.sum() > 0:
            break
    if used != measure:
        problems.add("measure", f"{measure} is not known for any account; balanced by "
                     f"{'the number of accounts' if used == 'accounts' else used}")  # fmt: skip
    none = values.eq(0)
    if none.any() and used != "acv":  # an account that buys nothing yet has an ACV of 0
        said = "it weighs nothing there" if none.sum() == 1 else "they weigh nothing there"
        problems.add("measure", f"{used} is 0 for {int(none.sum()):,} of {len(book):,} accounts; "
                     f"{said}: {some(book.loc[none, 'account_id'])}")  # fmt: skip
    unknown = values.isna()
    if unknown.any():
        stand_in = float(values.median())
        problems.add("measure", f"{used} is unknown for {int(unknown.sum())} of {len(book)} "
                     f"accounts; each counts as the median, {stand_in:,.0f}")  # fmt: skip
        values = values.fillna(stand_in)
    return values.astype("float64")


def _values(book: pd.DataFrame, segments: pd.DataFrame, measure: str) -> pd.Series:
    if measure == "accounts":
        return pd.Series(1.0, index=book.index)
    if measure == "acv":
        return book["given_acv"]
    values = numbers(segments, measure).fillna(numbers(book, measure))
    return values.where(np.isfinite(values))


def check_targets(
    targets: pd.DataFrame | None,
    sellers: pd.DataFrame,
    settings: TerritoriesSettings,
    problems: Problems,
) -> pd.DataFrame:
    """
    Give the usable rows of given targets: ``rep_id``, ``measure``, ``target``; say what is not.

    Raises
    ------
    TableError
        If a column is missing.
    """
    names = ["rep_id", "measure", "target"]
    if targets is None or targets.empty:
        targets = _wide_targets(sellers, settings)
    require_columns("targets", targets, names)
    rows = targets[names].assign(target=numbers(targets, "target"))
    wrong = ~(rows["target"] > 0) | ~np.isfinite(rows["target"])
    for rep, measure in rows.loc[wrong, ["rep_id", "measure"]].itertuples(index=False):
        problems.add("target", f"the target of {measure} is not above 0; not used", rep_id=rep)
    rows = rows[~wrong]
    absent = ~rows["rep_id"].isin(sellers["rep_id"])
    if absent.any():
        problems.add("target", f"targets of {some(sorted(set(rows.loc[absent, 'rep_id'])))} are "
                     "not used: they do not own accounts in this plan")  # fmt: skip
    double = rows.duplicated(["rep_id", "measure"], keep="last")
    return pd.DataFrame(rows[~absent & ~double].reset_index(drop=True))


def _wide_targets(sellers: pd.DataFrame, settings: TerritoriesSettings) -> pd.DataFrame:
    """Read targets from columns ``target_<measure>`` of the reps, where these are there."""
    parts = [
        pd.DataFrame({"rep_id": sellers["rep_id"], "measure": measure,
                      "target": numbers(sellers, f"target_{measure}")}).dropna()
        for measure in settings.measures
        if f"target_{measure}" in sellers
    ]  # fmt: skip
    return (
        pd.concat(parts, ignore_index=True)
        if parts
        else pd.DataFrame({"rep_id": [], "measure": [], "target": []})
    )


def block_targets(
    accounts: pd.DataFrame,
    people: pd.DataFrame,
    settings: TerritoriesSettings,
    given: pd.DataFrame,
    problems: Problems,
) -> dict[str, np.ndarray]:
    """
    Give each rep's target by measure, (m,); the targets of a block sum to its accounts' load.

    Parameters
    ----------
    accounts
        Rows of the book in one block, with ``load_<measure>`` and ``unit``.
    people
        Its reps, with ``unit``, ``capacity_hours`` and ``ramp``.
    settings
        Kind of target by measure.
    given
        ``rep_id``, ``measure``, ``target`` for the kind given.
    problems
        Where findings go.
    """
    targets: dict[str, np.ndarray] = {}
    for measure in settings.measures:
        load = accounts[f"load_{measure}"].to_numpy(float)
        kind = settings.targets_of(measure)
        share = _weights(people, kind, problems)
        if kind == "given":
            target = _given_target(load.sum(), people, measure, given, problems)
            target = load.sum() * share / share.sum() if target is None else target
        elif kind == "unit capacity":
            target = _unit_target(load, share, accounts, people)
        else:
            target = load.sum() * share / share.sum()
        targets[measure] = _positive(target)
    return targets


def _weights(people: pd.DataFrame, kind: str, problems: Problems) -> np.ndarray:
    """Give the weight of each rep; equal where a capacity is not known."""
    equal = np.ones(len(people))
    if kind == "equal":
        return equal
    hours = people["capacity_hours"].to_numpy(float)
    usable = np.isfinite(hours) & (hours > 0)
    if not usable.all():
        if people["capacity_hours"].notna().any():
            names = some(people.loc[~usable, "rep_id"])
            problems.add("target", f"capacity_hours of {names} is not known or not above 0; all "
                         f"{len(people)} reps of the block count alike")  # fmt: skip
        hours = equal
    if kind != "ramp":
        return hours
    ramped = hours * people["ramp"].to_numpy(float)
    return ramped if ramped.sum() > 0 else hours


def _unit_target(
    load: np.ndarray, hours: np.ndarray, accounts: pd.DataFrame, people: pd.DataFrame
) -> np.ndarray:
    """Divide the load of each unit that has reps among these, and that of others among all."""
    ours, theirs = accounts["unit"].map(fold).to_numpy(), people["unit"].map(fold).to_numpy()
    target, rest = np.zeros(len(people)), np.ones(len(accounts), dtype=bool)
    if "" not in set(theirs):
        for unit in sorted(set(theirs)):
            mine, same = ours == unit, theirs == unit
            target += load[mine].sum() * np.where(same, hours, 0.0) / hours[same].sum()
            rest &= ~mine
    return np.asarray(target + load[rest].sum() * hours / hours.sum())


def _given_target(
    total: float, people: pd.DataFrame, measure: str, given: pd.DataFrame, problems: Problems
) -> np.ndarray | None:
    """Give the targets of the table, scaled to the accounts' sum; None where one is missing."""
    rows = given[given["measure"].eq(measure)].set_index("rep_id")["target"]
    target = people["rep_id"].map(rows).to_numpy(dtype=float)
    absent = people.loc[np.isnan(target), "rep_id"]
    if len(absent):
        problems.add("target", f"no target of {measure} is given for {some(absent)}; capacity "
                     "decides for all reps of the block")  # fmt: skip
        return None
    if abs(target.sum() - total) > _DIFFERENT * total:
        problems.add("target", f"given targets of {measure} sum to {target.sum():,.0f}, the "
                     f"accounts to {total:,.0f}; the targets are scaled to that")  # fmt: skip
    return np.asarray(target * total / target.sum())


def _positive(target: np.ndarray) -> np.ndarray:
    """Let no target be 0 beside others that are not: a rep without any load of the own unit."""
    least = _LEAST * target.mean()
    lifted = np.maximum(target, least)
    return np.asarray(lifted * target.sum() / lifted.sum() if target.sum() > 0 else target)
