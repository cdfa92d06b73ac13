"""Three checks: are the accounts, the sales people and the management up to standard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd

from planlib.key_accounts.evaluation.calendar import ASPECT_OF, ended
from planlib.key_accounts.ratings import on_scale
from planlib.notes import percent
from planlib.pipeline.lookup import look_up
from planlib.settings.closeness import ClosenessSettings
from planlib.settings.evaluation import EvaluationSettings
from planlib.tables import table

MET, NOT_MET, NOT_KNOWN = "met", "not met", "not known"
_YEAR = 365
#: By rule, its limit in words, with the side that is met, and how the figure is written.
LIMITS = {
    "score is backed": ("confidence at least {figure}", ".0%"),
    "stays under other weights": ("in the list in at least {figure} of the draws", ".0%"),
    "place is safe": ("not below the band", ""),
    "rated lately": ("at most {figure} days ago", ".0f"),
    "strategy is fresh": ("at most {figure} days old", ".0f"),
    "evaluates in time": ("at least {figure} in time", ".0%"),
    "logs contact": ("logging coverage at least {figure}", ".0%"),
    "more than one thread": ("at most {figure} of the accounts on one thread or none", ".0%"),
    "knows the seats": ("at least {figure} of the seats", ".0%"),
    "evaluations in time": ("at least {figure} in time", ".0%"),
    "strategies are fresh": ("at least {figure} of the key accounts", ".0%"),
    "tasks are done": ("at most {figure} overdue", ".0%"),
    "owners stay": ("at most {figure} with a new owner in a year", ".0%"),
}


def check_accounts(
    key_accounts: pd.DataFrame,
    settings: EvaluationSettings,
    as_of: date,
    *,
    ratings: pd.DataFrame | None = None,
    strategies: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Check 1: is the score of each key account still valid, and its strategy fresh.

    Parameters
    ----------
    key_accounts
        Table ``key_accounts``; only key accounts are checked.
    settings
        The limits.
    as_of
        As-of date.
    ratings
        Ratings with the confirmed ones, or None.
    strategies
        Table ``strategy_versions``, or None.

    Returns
    -------
    DataFrame
        Table ``account_checks``: one row per account and rule; what is not known is not met by
        nobody's fault and says so.
    """
    rows = key_accounts[key_accounts["is_key"].fillna(False).astype(bool)]
    ids = rows["account_id"]
    now = pd.Timestamp(as_of)
    rated = _last_day(ratings, "rating_date", now, "importance")
    revised = _last_day(strategies, "when", now)
    watched = rows["status"].isin(["watch", "leaves"]).astype("float64")
    found = [
        _rule(ids, "score is backed", rows["confidence"], settings.minimum_confidence,
              ("confidence of the score {figure}", "no factor is known")),
        _rule(ids, "stays under other weights", rows["in_list_probability"],
              settings.minimum_probability, ("in the list in {figure} of the draws", "not scored")),
        _rule(ids, "place is safe", watched, 0.0, ("0: inside the band, 1: below it and watched",
              "not scored"), at_most=True),
        _rule(ids, "rated lately", (now - look_up(ids, rated)).dt.days, settings.rating_days,
              ("importance last rated {figure} days ago", "importance was never rated"),
              at_most=True),
        _rule(ids, "strategy is fresh", (now - look_up(ids, revised)).dt.days,
              settings.strategy_days, ("strategy last revised {figure} days ago",
              "no strategy is recorded"), at_most=True),
    ]  # fmt: skip
    return _checked("account_checks", "account_id", found)


def check_sales(
    keys: pd.DataFrame,
    closeness: pd.DataFrame,
    logging: pd.DataFrame,
    calendar: pd.DataFrame,
    settings: tuple[EvaluationSettings, ClosenessSettings],
) -> pd.DataFrame:
    """
    Check 2: is the work of each owner up to standard; few rules, each with its evidence.

    Parameters
    ----------
    keys
        ``account_id``, ``rep_id``.
    closeness, logging
        Tables ``account_closeness`` and ``logging_coverage``.
    calendar
        Table ``evaluation_calendar``.
    settings
        Sections ``evaluation`` and ``closeness``.

    Returns
    -------
    DataFrame
        Table ``sales_checks``.
    """
    rules, close = settings
    ids = pd.Series(sorted(keys["rep_id"].dropna().unique()), dtype="str")
    over = ended(calendar)
    done = (over["status"] == "done").groupby(over["rep_id"])
    enough = done.size() >= rules.minimum_count
    on_time = (done.sum() / done.size()).where(enough)
    counted = closeness[closeness["thread_count"].notna()]
    thin = (counted["thread_count"] <= 1).astype("float64").groupby(counted["rep_id"]).mean()
    seats = closeness[closeness["basis"] == "seats"].groupby("rep_id")
    known = 1 - seats["unknown_count"].sum() / seats["seats_count"].sum()
    coverage = logging.set_index("rep_id")["coverage_share"]
    found = [
        _rule(ids, "evaluates in time", ids.map(on_time), rules.on_time_share,
              ("{figure} of the evaluations done in their period",
              "fewer evaluations than a share needs")),
        _rule(ids, "logs contact", ids.map(coverage), close.minimum_logging,
              ("logging coverage {figure}", "not at work, or nothing is logged")),
        _rule(ids, "more than one thread", ids.map(thin), rules.single_thread_share,
              ("{figure} of the accounts counted hang on one thread or none",
              "closeness of no account is counted"), at_most=True),
        _rule(ids, "knows the seats", ids.map(known), rules.known_seats_share,
              ("somebody is known in {figure} of the recorded seats", "no seats are recorded")),
    ]  # fmt: skip
    return _checked("sales_checks", "rep_id", found)


def check_management(
    keys: pd.DataFrame,
    reps: pd.DataFrame | None,
    calendar: pd.DataFrame,
    settings: EvaluationSettings,
    as_of: date,
    *,
    strategies: pd.DataFrame | None = None,
    tasks: pd.DataFrame | None = None,
    owners: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Check 3: was the process followed under each lead of the functional line.

    Without a functional line the manager stands in. Without table reps there is nobody to check.

    Parameters
    ----------
    keys, calendar
        Key accounts with owner, and table ``evaluation_calendar``.
    reps
        ``functional_manager_id``, ``manager_id`` by ``rep_id``, or None.
    settings
        The limits.
    as_of
        As-of date.
    strategies, tasks, owners
        Tables ``strategy_versions``, ``director_log``, ``key_account_owners``, or None.

    Returns
    -------
    DataFrame
        Table ``management_checks``.
    """
    if reps is None:
        return table("management_checks").empty()
    now = pd.Timestamp(as_of)
    known = reps.drop_duplicates("rep_id").set_index("rep_id")
    lead = known["functional_manager_id"].fillna(known["manager_id"])
    mine = keys.assign(manager_id=keys["rep_id"].map(lead)).dropna(subset=["manager_id"])
    ids = pd.Series(sorted(mine["manager_id"].unique()), dtype="str")
    over = ended(calendar)
    done = (over["status"] == "done").groupby(over["rep_id"].map(lead))
    enough = done.size() >= settings.minimum_count
    revised = look_up(mine["account_id"], _last_day(strategies, "when", now))
    fresh = ((now - revised).dt.days <= settings.strategy_days).astype("float64")
    by_lead = fresh.groupby(mine["manager_id"]).mean()
    late = pd.Series(dtype="float64")
    if tasks is not None and len(tasks):
        late = tasks["is_overdue"].astype("float64").groupby(tasks["director_id"]).mean()
    changed = pd.Series(dtype="float64")
    if owners is not None and len(owners):
        begins = owners.sort_values("from_date")
        moved = begins[begins.duplicated("account_id")]
        recent = moved[(now - moved["from_date"]).dt.days <= _YEAR]["account_id"]
        seen = mine[mine["account_id"].isin(owners["account_id"])]
        hit = seen["account_id"].isin(recent).astype("float64")
        changed = hit.groupby(seen["manager_id"]).mean()
    found = [
        _rule(ids, "evaluations in time", ids.map((done.sum() / done.size()).where(enough)),
              settings.on_time_share, ("{figure} of the team's evaluations done in their period",
              "fewer evaluations than a share needs")),
        _rule(ids, "strategies are fresh",
              ids.map(by_lead) if strategies is not None else pd.Series(float("nan"), ids.index),
              settings.on_time_share, ("{figure} of the team's key accounts have a fresh strategy",
              "no strategies are recorded")),
        _rule(ids, "tasks are done", ids.map(late).astype("float64"), settings.overdue_share,
              ("{figure} of the logged tasks are overdue", "no task is in the log"), at_most=True),
        _rule(ids, "owners stay", ids.map(changed).astype("float64"),
              settings.owner_change_share,
              ("owner of {figure} of the accounts changed within a year",
              "owners of the past are not known"), at_most=True),
    ]  # fmt: skip
    return _checked("management_checks", "manager_id", found)


def _last_day(
    rows: pd.DataFrame | None, column: str, now: pd.Timestamp, aspect: str = ""
) -> pd.Series:
    """Give the last day of a column by account, nothing later than now."""
    if rows is None or rows.empty:
        return pd.Series(dtype="datetime64[us]")
    if aspect:
        rows = rows[(rows["factor"].map(ASPECT_OF) == aspect) & on_scale(rows)]
    return rows[rows[column] <= now].groupby("account_id")[column].max()


def write_figure(value: float, rule: str) -> str:
    """Write a figure of a rule as its limit is written."""
    form = LIMITS[rule][1]
    return percent(value) if form.endswith("%") else format(value, form)


def _rule(
    ids: pd.Series, rule: str, value: pd.Series, limit: float, words: tuple[str, str],
    *, at_most: bool = False,
) -> pd.DataFrame:  # fmt: skip
    numbers = value.astype("float64")
    good = numbers <= limit if at_most else numbers >= limit
    result = good.map({True: MET, False: NOT_MET}).mask(numbers.isna(), NOT_KNOWN)
    told = [words[1] if one != one else words[0].format(figure=write_figure(one, rule))
            for one in numbers]  # fmt: skip
    return pd.DataFrame(
        {
            "subject": ids.to_numpy(),
            "rule": rule,
            "value": numbers.to_numpy(),
            "limit": float(limit),
            "result": result.to_numpy(),
            "evidence": told,
        }
    )


def _checked(name: str, key: str, rules: Iterable[pd.DataFrame]) -> pd.DataFrame:
    parts = [rows.assign(rule_order=order) for order, rows in enumerate(rules)]
    found = pd.concat(parts, ignore_index=True).rename(columns={"subject": key})
    return table(name).check(found.sort_values([key, "rule_order"], ignore_index=True))
