"""What managers have said to the territories proposed for their teams, before release."""

from __future__ import annotations

import datetime
import zlib

import pandas as pd

from planlib.tables import require_columns
from planlib.territories.columns import shaped
from planlib.territories.teams import Team, find_teams, homes

_ONE, _REST = "territory", "territories"


def review_acceptance(
    plan: pd.DataFrame,
    reps: pd.DataFrame,
    answers: pd.DataFrame,
    *,
    cycle: str,
    as_of: datetime.date,
) -> pd.DataFrame:
    """
    Count what each manager accepted, challenged and left open in the pack of a cycle.

    Parameters
    ----------
    plan
        Table territory_plan: ``account_id``, ``rep_id``, ``previous_rep_id``, ``is_in_scope``.
    reps
        Table reps.
    answers
        Decisions of kind ``pack_answers`` in force.
    cycle
        Name of the cycle whose packs count.
    as_of
        Day that decides which managers are there.

    Returns
    -------
    DataFrame
        Table territory_acceptance, one row for each manager with planned accounts, by id. An
        account that moves between two teams counts for both.

    Raises
    ------
    TableError
        If a column is missing.
    """
    require_columns("territory_plan", plan,
                    ["account_id", "rep_id", "previous_rep_id", "is_in_scope"])  # fmt: skip
    teams = find_teams(reps, as_of)
    home = homes(teams)
    planned = plan[plan["is_in_scope"].fillna(False).astype(bool)]
    now, before = (planned[name].map(home) for name in ("rep_id", "previous_rep_id"))
    mine = answers[answers["cycle"].eq(cycle)]
    rows = [
        _row(team, planned[now.eq(who) | before.eq(who)], mine[mine["manager_id"].eq(who)])
        for who, team in teams.items()
        if (now.eq(who) | before.eq(who)).any()
    ]
    return shaped("territory_acceptance", pd.DataFrame(rows))


def plan_state(plan: pd.DataFrame) -> str:
    """
    Give a short sign for who owns which account, the same for any order of rows.

    Examples
    --------
    >>> one = pd.DataFrame({"account_id": ["A", "B"], "rep_id": ["R-1", None]})
    >>> plan_state(one) == plan_state(one.iloc[::-1]), len(plan_state(one))
    (True, 8)
    """
    pairs = sorted(
        f"{account}\t{'' if pd.isna(rep) else rep}"
        for account, rep in zip(plan["account_id"], plan["rep_id"], strict=True)
    )
    return f"{zlib.crc32(chr(10).join(pairs).encode('utf-8')):08x}"


def _row(team: Team, plan: pd.DataFrame, answers: pd.DataFrame) -> dict[str, object]:
    single = answers[answers["topic"].eq(_ONE)].drop_duplicates("subject_id", keep="last")
    rest = answers[answers["topic"].eq(_REST)]
    said = plan["account_id"].map(single.set_index("subject_id")["answer"])
    agreed = plan["account_id"].map(
        single[single["answer"].eq("accepted")].set_index("subject_id")["rep_id"]
    )
    challenged = int(said.eq("challenged").sum())
    accepted = int(said.eq("accepted").sum()) if rest.empty else len(plan) - challenged
    known = rest["detail"].iloc[-1] if len(rest) and pd.notna(rest["detail"].iloc[-1]) else ""
    is_other = agreed.notna() & agreed.ne(plan["rep_id"].fillna(""))
    return {
        "manager_id": team.manager_id,
        "manager_name": team.name,
        "account_count": len(plan),
        "accepted_count": accepted,
        "challenged_count": challenged,
        "open_count": len(plan) - accepted - challenged,
        "answered_share": (accepted + challenged) / len(plan),
        "last_date": answers["when"].max() if len(answers) else pd.NaT,
        "is_stale": bool(is_other.any() or (len(rest) and plan_state(plan) not in known)),
    }


__all__ = ["plan_state", "review_acceptance"]
