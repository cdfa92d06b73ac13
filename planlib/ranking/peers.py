"""Who is ranked, with whom, and why others are not."""

from __future__ import annotations

import pandas as pd

from planlib.errors import TableError
from planlib.ranking.cases import UNKNOWN, Cases
from planlib.settings.ranking import RankingSettings

_FACTS = ("name", "role", "level", "unit", "region", "hire_date", "leave_date", "is_open_seat",
          "manager_id")  # fmt: skip


def people(cases: Cases, reps: pd.DataFrame | None) -> pd.DataFrame:
    """
    Give everybody who may be ranked, by ``rep_id``: those of table reps and all owners.

    Raises
    ------
    TableError
        If a rep stands in the table twice, as one in two teams would.
    """
    owners = set(cases.rows["rep_id"])
    if reps is None:
        found = pd.DataFrame({"rep_id": pd.Series(sorted(owners), dtype="str"), "is_known": True})
    else:
        double = reps[reps["rep_id"].duplicated(keep=False)]
        if len(double):
            teams = [
                f"{rep} in {' and '.join(sorted(map(str, rows.get('unit', rows.index))))}"
                for rep, rows in double.groupby("rep_id")
            ]
            said = "; ".join(teams[:3])
            raise TableError("reps", [f"a rep stands twice: {said}; a rep has one team at a time, "
                                      "changes belong into rep_history"])  # fmt: skip
        mine = reps[["rep_id", *[name for name in _FACTS if name in reps.columns]]]
        others = sorted(owners - set(reps["rep_id"]))
        found = pd.concat(
            [
                mine.assign(is_known=True),
                pd.DataFrame({"rep_id": pd.Series(others, dtype="str"), "is_known": False}),
            ],
            ignore_index=True,
        )
    for name in _FACTS:
        if name not in found.columns:
            found[name] = pd.NaT if name.endswith("_date") else None
    return found.sort_values("rep_id", ignore_index=True)


def months_by_rep(staff: pd.DataFrame, settings: RankingSettings) -> dict[str, int]:
    """Give the length of the window of each rep, by role and unit."""
    return {
        str(rep): settings.months_of(role, unit)
        for rep, role, unit in staff[["rep_id", "role", "unit"]].to_numpy(object)
    }


def key_account_shares(
    cases: Cases, key_accounts: pd.DataFrame | None, first: pd.Timestamp
) -> pd.Series:
    """Give the share of each rep's deals since a day, by creation or close, with key accounts."""
    if key_accounts is None:
        return pd.Series(dtype="float64")
    key = key_accounts.loc[key_accounts["is_key"].fillna(False).astype(bool), "account_id"]
    deals = cases.deals
    recent = deals[(deals["decided_date"] >= first) | (deals["received_date"] >= first)]
    return recent["account_id"].isin(key).groupby(recent["rep_id"]).mean()


def judge_people(
    found: pd.DataFrame, counts: pd.Series, key_shares: pd.Series, settings: RankingSettings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:  # fmt: skip
    """
    Give ``status`` and ``reason`` of everybody before peer groups are made.

    Parameters
    ----------
    found
        From ``people``.
    counts
        Decided cases in the window by rep.
    key_shares
        From ``key_account_shares``.
    settings
        Section ``ranking``.
    as_of
        Day of the review.
    """
    role = found["role"].astype("str").fillna("")
    wanted = role.isin(settings.roles)
    if not wanted.any() or not settings.roles:
        wanted = pd.Series(True, index=found.index)
    cases_of = found["rep_id"].map(counts).fillna(0).astype(int)
    share = found["rep_id"].map(key_shares).astype("float64").fillna(0.0)
    hired = pd.to_datetime(found["hire_date"])
    tenure = (as_of - hired).dt.days
    open_seat = found["is_open_seat"].astype("boolean").fillna(False).astype(bool)
    judged = found.assign(cases_count=cases_of, key_account_share=share.round(6), status="ranked",
                          reason="")  # fmt: skip
    rules = [
        (cases_of < settings.minimum_cases, "too few cases",
         cases_of.astype(str) + f" decided in the window, {settings.minimum_cases} are needed"),
        (tenure < settings.ramp_days, "new",
         "hired " + hired.dt.strftime("%Y-%m-%d").fillna("") + f": ranked after "
         f"{settings.ramp_days} days, the lowest tier until then"),
        ((share >= settings.key_account_share) & settings.leave_out_key_account_reps,
         "key-account rep",
         (100 * share).round().astype(int).astype(str) + " % of the deals are with key accounts"),
        (~found["is_known"].astype(bool), "not in reps", "owns cases but stands not in table reps"),
        (~wanted & found["is_known"].astype(bool), "other role", "role " + role.replace("", "-")),
        (pd.to_datetime(found["leave_date"]) <= as_of, "left", "left the firm"),
        (open_seat, "open seat", "a post that is not filled"),
    ]  # fmt: skip
    for chosen, status, reason in rules:
        chosen = chosen.fillna(False).astype(bool)
        judged = judged.assign(
            status=judged["status"].mask(chosen, status),
            reason=judged["reason"].mask(chosen, reason),
        )
    return judged


def group_peers(judged: pd.DataFrame, cases: Cases, settings: RankingSettings) -> pd.DataFrame:
    """
    Give the peer group of those who are ranked.

    A group smaller than ``minimum_peers`` is pooled with the other small ones of its role; where
    that is too small as well, nobody in it is ranked.

    Returns
    -------
    DataFrame
        ``judged`` plus ``peer_group``; status "too few peers" where no group is large enough.
    """
    segment = (
        cases.rows.groupby(["rep_id", "segment"]).size().reset_index(name="count")
        .sort_values(["count", "segment"], ascending=[False, True]).drop_duplicates("rep_id")
        .set_index("rep_id")["segment"]
    )  # fmt: skip
    facts = judged.assign(segment=judged["rep_id"].map(segment))
    role = facts["role"].astype("str").fillna("all owners").replace("", "all owners")
    names = [facts[column].astype("str").fillna(UNKNOWN) if column != "role" else role
             for column in settings.peer_by]  # fmt: skip
    group = names[0] if names else role
    for more in names[1:]:
        group = (group + ", " + more.where(more != UNKNOWN, "")).str.rstrip(", ")
    ranked = judged["status"] == "ranked"
    size = group[ranked].value_counts()
    small = group.map(size).fillna(0) < settings.minimum_peers
    has_large = (ranked & ~small).groupby(role).any()
    pooled = role.where(~role.map(has_large).astype(bool), role + ", small groups")
    group = group.where(~small, pooled)
    size = group[ranked].value_counts()
    lonely = ranked & (group.map(size).fillna(0) < settings.minimum_peers)
    reason = f"fewer than {settings.minimum_peers} peers in " + group
    return judged.assign(
        peer_group=group.where(ranked | judged["status"].isin(["too few cases", "new"])),
        status=judged["status"].mask(lonely, "too few peers"),
        reason=judged["reason"].mask(lonely, reason),
    )
