"""What managers have said to the territories proposed for their teams, before release."""

from __future__ import annotations

import datetime
import re
import zlib

import pandas as pd

from planlib.tables import require_columns, table
from planlib.territories.teams import Team, find_teams, homes

_ONE, _REST = "territory", "territories"
_WORDS = re.compile(r"\d+ accounts(?: down to (?P<until>.*))?, plan (?P<state>[0-9a-f]{8})")


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
        Table territory_plan: ``account_id``, ``rep_id``, ``previous_rep_id``, ``is_in_scope``,
        ``potential``.
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
        account that moves between two teams counts for both. "Accept the rest" covers the accounts
        that its pack showed; those that it left out for their number stay open.

    Raises
    ------
    TableError
        If a column is missing.
    """
    needed = ["account_id", "rep_id", "previous_rep_id", "is_in_scope", "potential"]
    require_columns("territory_plan", plan, needed)
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
    return table("territory_acceptance").conform(rows)


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


def rest_words(plan: pd.DataFrame, until: str = "") -> str:
    """
    Say which accounts and owners "accept the rest" covered.

    Parameters
    ----------
    plan
        ``account_id`` and ``rep_id`` of the accounts that the pack showed.
    until
        The last of them by potential, where the pack left out others; blank: it showed all.

    Examples
    --------
    >>> rest_words(pd.DataFrame({"account_id": ["A"], "rep_id": ["R-1"]}), "A")
    '1 accounts down to A, plan 90e0b0fc'
    """
    shown = f" down to {until}" if until else ""
    return f"{len(plan)} accounts{shown}, plan {plan_state(plan)}"


def by_potential(plan: pd.DataFrame) -> pd.DataFrame:
    """Sort accounts as packs show them: the largest potential first, unknown ones last."""
    return plan.sort_values(["potential", "account_id"], ascending=[False, True],
                            na_position="last")  # fmt: skip


def _covered(plan: pd.DataFrame, rest: pd.DataFrame) -> tuple[pd.Series, bool]:
    """Tell which accounts "accept the rest" covers, and whether it was said of other owners."""
    if rest.empty:
        return pd.Series(False, index=plan.index), False
    said = rest["detail"].iloc[-1]
    found = _WORDS.fullmatch(said) if pd.notna(said) else None
    if found is None or found["until"] is None:
        state = found["state"] if found else ""
        return pd.Series(True, index=plan.index), plan_state(plan) != state
    order = by_potential(plan)["account_id"].tolist()
    shown = order[: order.index(found["until"]) + 1] if found["until"] in order else []
    covered = plan["account_id"].isin(shown)
    return covered, plan_state(plan[covered]) != found["state"]


def _row(team: Team, plan: pd.DataFrame, answers: pd.DataFrame) -> dict[str, object]:
    single = answers[answers["topic"].eq(_ONE)].drop_duplicates("subject_id", keep="last")
    rest = answers[answers["topic"].eq(_REST)]
    said = plan["account_id"].map(single.set_index("subject_id")["answer"])
    agreed = plan["account_id"].map(
        single[single["answer"].eq("accepted")].set_index("subject_id")["rep_id"]
    )
    challenged = int(said.eq("challenged").sum())
    covered, is_old = _covered(plan, rest)
    accepted = int((said.eq("accepted") | (covered & ~said.eq("challenged"))).sum())
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
        "is_stale": bool(is_other.any() or is_old),
    }


__all__ = ["by_potential", "plan_state", "rest_words", "review_acceptance"]
