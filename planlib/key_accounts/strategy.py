"""Strategy of key accounts: versions with what changed, landing steps, and calls to look again."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.notes import percent
from planlib.pipeline.lookup import look_up
from planlib.settings.evaluation import EvaluationSettings
from planlib.settings.strategy import StrategySettings
from planlib.tables import table

_FIELDS = ("direction", "stage_goal", "goal_date", "strategy", "tactics")


def strategy_versions(decisions: pd.DataFrame | None, as_of: date) -> pd.DataFrame:
    """
    Give every version of every strategy with what changed against the one before.

    Parameters
    ----------
    decisions
        Decisions of kind ``account_strategies`` in force, or None. Each row is a version; one that
        supersedes another corrects it.
    as_of
        Later versions are left out.

    Returns
    -------
    DataFrame
        Table ``strategy_versions``, by account, oldest first.
    """
    rows = table("override_account_strategies").coerce(decisions)
    rows = rows[rows["when"] <= pd.Timestamp(as_of)]
    rows = rows.sort_values(["account_id", "when", "decision_id"], ignore_index=True)
    before = rows.groupby("account_id")[list(_FIELDS)].shift()
    version = rows.groupby("account_id").cumcount() + 1
    changed = [
        "first version" if first else _difference(new, old)
        for first, new, old in zip(
            version == 1,
            rows[list(_FIELDS)].to_dict("records"),
            before.to_dict("records"),
            strict=True,
        )
    ]
    found = rows.assign(
        version=version,
        changed=pd.Series(changed, index=rows.index, dtype="str"),
        is_current=~rows.duplicated("account_id", keep="last"),
    )
    output = table("strategy_versions")
    return output.check(found[[column.name for column in output.columns]])


def revisions(versions: pd.DataFrame) -> pd.DataFrame:
    """
    Give the versions that changed a strategy, the latest first; a first version changes nothing.

    Parameters
    ----------
    versions
        Table ``strategy_versions``.

    Returns
    -------
    DataFrame
        The same columns.
    """
    later = versions[(versions["version"] > 1).fillna(False).astype(bool)]
    return later.sort_values(
        ["when", "account_id", "version"], ascending=[False, True, False], ignore_index=True
    )


def strategy_calls(
    keys: pd.DataFrame,
    versions: pd.DataFrame,
    trend: pd.DataFrame,
    settings: tuple[StrategySettings, EvaluationSettings],
    as_of: date,
) -> pd.DataFrame:
    """
    Say whose strategy should be looked at again, and why.

    Parameters
    ----------
    keys
        ``account_id``, ``rep_id``, ``status`` (of the list of key accounts), where known
        ``review_date``: a version written since that review has seen the class.
    versions
        Table ``strategy_versions``.
    trend
        Table ``closeness_trend``: the change since the last version.
    settings
        Sections ``strategy`` (``revise_points``) and ``evaluation`` (``strategy_days``).
    as_of
        As-of date.

    Returns
    -------
    DataFrame
        Table ``strategy_calls``: at most one row per account and reason.
    """
    now = pd.Timestamp(as_of)
    last = versions[versions["is_current"].astype(bool)].set_index("account_id")
    rows = keys[["account_id", "rep_id", "status"]].assign(
        last_date=look_up(keys["account_id"], last["when"]),
        goal_date=look_up(keys["account_id"], last["goal_date"]),
    )
    age = (now - rows["last_date"]).dt.days
    moved = rows["account_id"].map(_moved(trend, rows)).astype("float64")
    points = settings[0].revise_points
    new = rows["status"].isin(["enters", "leaves", "watch"])
    new &= not rows["status"].eq("enters").all()  # the first list: everybody enters
    reviewed = pd.to_datetime(keys.get("review_date", pd.Series(now, index=keys.index))).fillna(now)
    seen = (rows["last_date"] >= reviewed).fillna(False)
    day = rows["goal_date"].dt.strftime("%Y-%m-%d")
    tests = {
        "no strategy": (rows["last_date"].isna(), "no version is recorded"),
        "old": (age > settings[1].strategy_days,
                "last version " + age.astype("Int64").astype("str") + " days ago"),
        "goal passed": (rows["goal_date"] < now, "the goal was to be reached by " + day),
        "class changed": (new & ~seen, "the account " + rows["status"].map(
            {"enters": "enters the list", "leaves": "leaves the list",
             "watch": "is below the band and watched"})),
        "closeness moved": (moved.abs() >= points,
                            moved.round().map("{:+.0f} points since the last version".format)),
    }  # fmt: skip
    parts = []
    for reason, (mask, detail) in tests.items():
        hit = mask.fillna(False).astype(bool)
        told = detail if isinstance(detail, str) else detail[hit]
        parts.append(
            rows.loc[hit, ["account_id", "rep_id", "last_date"]].assign(reason=reason, detail=told)
        )
    found = pd.concat(parts, ignore_index=True)
    return table("strategy_calls").check(
        found.sort_values(["account_id", "reason"], ignore_index=True)
    )


def landing_steps(
    keys: pd.DataFrame,
    decisions: pd.DataFrame | None,
    settings: StrategySettings,
    as_of: date,
    *,
    seats: pd.DataFrame | None = None,
    needs: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Give the state of every landing step of every key account.

    Parameters
    ----------
    keys
        ``account_id`` of the key accounts.
    decisions
        Decisions of kind ``account_steps`` in force, or None.
    settings
        The steps.
    as_of
        Later entries are left out.
    seats
        Table ``closeness_seats``: what the records say about seats and sponsors.
    needs
        Needs register: what it says about plans of the next three years.

    Returns
    -------
    tuple
        Tables ``landing_steps`` and ``strategy_findings`` (entries for a step that plan.yaml does
        not have, or for an account that is not key).
    """
    now = pd.Timestamp(as_of)
    log = table("override_account_steps").coerce(decisions)
    log = log[log["when"] <= now].sort_values(["when", "decision_id"])
    steps = pd.DataFrame(
        [(step.task, step.key, order, step.title) for order, step in enumerate(settings.steps)],
        columns=["task", "step", "step_order", "title"],
    )
    stray = ~log["step"].isin(steps["step"]) | ~log["account_id"].isin(keys["account_id"])
    last = log[~stray].drop_duplicates(["account_id", "step"], keep="last")
    grid = keys[["account_id"]].sort_values("account_id").merge(steps, how="cross")
    columns = ["account_id", "step", "status", "owner_id", "due_date", "competitor", "evidence"]
    noted = last[[*columns, "when"]].rename(columns={"when": "noted_date"})
    found = grid.merge(noted, on=["account_id", "step"], how="left")
    status = found["status"].fillna("not begun")
    late = status.isin(["open", "not begun"]) & (found["due_date"] < now)
    found = found.assign(status=status, is_overdue=late.fillna(False))
    found = found.assign(hint=_hints(found, seats, needs))
    return table("landing_steps").check(found), _stray(log[stray], steps["step"])


def _difference(new: dict[object, object], old: dict[object, object]) -> str:
    changes = []
    for name in _FIELDS:
        before, after = old[name], new[name]
        if pd.isna(before) and pd.isna(after):  # type: ignore[call-overload]
            continue
        if before != after:
            changes.append(f"{name.replace('_', ' ')}: {_said(before)} → {_said(after)}")
    return "; ".join(changes) or "confirmed without a change"


def _said(value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return "(blank)"
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


def _moved(trend: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Give the change of the automatic score since the last month end before the version."""
    known = trend[trend["automatic_score"].notna()].sort_values("month_date")
    now = known.drop_duplicates("account_id", keep="last").set_index("account_id")
    since = known.merge(rows[["account_id", "last_date"]], on="account_id")
    past = since[since["month_date"] <= since["last_date"]]
    then = past.drop_duplicates("account_id", keep="last").set_index("account_id")
    moved: pd.Series = now["automatic_score"] - then["automatic_score"]
    return moved


def _hints(
    found: pd.DataFrame, seats: pd.DataFrame | None, needs: pd.DataFrame | None
) -> pd.Series:
    """Say what the records know about a standard step; own steps have no hint."""
    hint = pd.Series("", index=found.index, dtype="str")
    if seats is not None:
        mine = seats[seats["basis"] == "seats"]
        grouped = mine.groupby("account_id")
        known = grouped["contact_id"].count().astype("str") + " of " + grouped.size().astype("str")
        told = found["account_id"].map(known + " seats have a name")
        hint = hint.mask((found["step"] == "map_seats") & told.notna(), told)
        power = mine["decision_power"].where(mine["attitude"] >= 2, 0.0).groupby(
            mine["account_id"]).sum().round(2)  # fmt: skip
        told = found["account_id"].map(
            power.map(lambda figure: f"sponsors hold {percent(figure)} of the power")
        )
        hint = hint.mask((found["step"] == "win_sponsor") & told.notna(), told)
    if needs is not None:
        open_needs = needs[needs["status"].fillna("open") == "open"]
        later = open_needs[open_needs["horizon"] == "1-3y"]["account_id"].value_counts()
        told = found["account_id"].map(later.astype("str") + " needs of the next 1 to 3 years")
        hint = hint.mask((found["step"] == "see_plans") & told.notna(), told)
        told = found["account_id"].map(
            open_needs[open_needs["horizon"] != "0-3m"]["account_id"].value_counts().astype("str")
            + " needs recorded beyond three months"
        )
        hint = hint.mask((found["step"] == "shape_need") & told.notna(), told)
    return hint


def _stray(log: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    """Name entries for an unknown step one by one; those of accounts that are not key, in sum."""
    strange = log[~log["step"].isin(known)]
    rows = pd.DataFrame(
        {
            "table": "account_steps",
            "row_id": strange["decision_id"],
            "account_id": strange["account_id"],
            "detail": "no landing step '" + strange["step"] + "' in plan.yaml; not used",
        }
    )
    other = log[log["step"].isin(known)]
    if len(other):
        accounts = other["account_id"].nunique()
        detail = f"{len(other):,} entries of {accounts:,} accounts that are not key accounts today"
        rows = pd.concat(
            [rows, pd.DataFrame([{"table": "account_steps", "row_id": "accounts not in the list",
                                  "account_id": None, "detail": f"{detail}; kept, not shown"}])],
            ignore_index=True,
        )  # fmt: skip
    return table("strategy_findings").check(rows)
