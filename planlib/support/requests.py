"""Requests with what they are worth: margin, probabilities, place and weight from other tables."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planlib.pipeline.lookup import look_up
from planlib.pipeline.presales import BEFORE, PROJECT, request_origins
from planlib.settings.support import SupportSettings
from planlib.support.experience import Experience
from planlib.support.presales import Presales
from planlib.tables import table


def gather_requests(
    support_requests: pd.DataFrame | None,
    projects: pd.DataFrame | None,
    reviews: pd.DataFrame,
    settings: SupportSettings,
    experience: Experience,
    *,
    accounts: pd.DataFrame | None = None,
    key_accounts: pd.DataFrame | None = None,
    presales: Presales | None = None,
) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """
    Give open and running requests as ``allocate`` takes them, and what is wrong with them.

    Without a table of requests, open projects with a skill and hours ask for themselves. What a
    request leaves blank comes from its project (margin, probability by evidence as the one without
    support, with support by the odds ratio of ``experience``), its account (province, key account)
    and plan.yaml (strategic factor). Before there is a deal, the margin is the one that the request
    names, and the probability without support that of ``presales``.

    Parameters
    ----------
    support_requests, projects
        Input tables, or None.
    reviews
        Open projects and small deals: ``project_id``, ``opportunity_id``, ``account_id``,
        ``name``, ``margin_amount``, ``win_probability``.
    settings
        Section ``support``.
    experience
        What closed projects say about support.
    accounts
        For the province, and the name before there is a deal.
    key_accounts
        Table of step 05, for the strategic factor.
    presales
        What is known of requests before there is a deal; None: that they name no deal.

    Returns
    -------
    tuple of DataFrame and list
        The requests, and findings: table, row_id, column, value, finding.
    """
    rows = _given(support_requests, projects)
    findings = _findings(rows, reviews, "projects" if support_requests is None else None)
    key = rows["project_id"].fillna(rows["opportunity_id"])
    by_project = reviews.set_index("project_id")
    by_deal = reviews.dropna(subset="opportunity_id").drop_duplicates("opportunity_id")
    by_deal = by_deal.set_index("opportunity_id")

    def known(name: str) -> pd.Series:
        mine = by_project[name].reindex(key).set_axis(key.index)
        deal = by_deal[name].reindex(rows["opportunity_id"]).set_axis(key.index)
        return mine.where(key.isin(by_project.index), deal)

    if presales is None:
        presales = Presales(origins=request_origins(rows).set_axis(rows["request_id"]))
    origin = look_up(rows["request_id"], presales.origins).fillna(PROJECT).astype("str")
    early = origin == BEFORE
    base = known("win_probability").astype("float64").mask(early, presales.chance)
    without = rows["p_without"].fillna(base)
    odds = without / (1 - without).where(without < 1) * experience.odds_ratio
    raised = (odds / (1 + odds)).mask(without >= 1, 1.0)
    derived = (rows["p_without"].isna() | rows["p_with"].isna()) & without.notna()
    account = rows["account_id"].fillna(known("account_id"))
    is_key = _is_key(account, key_accounts)
    factor = is_key.fillna(False).astype(bool).map({True: settings.key_account_factor, False: 1.0})
    province = _of(accounts, "province", account)
    return rows.assign(
        account_id=account,
        origin=origin,
        name=known("name").mask(early, _of(accounts, "name", account)),
        margin_amount=rows["margin_amount"].fillna(known("margin_amount").astype("float64")),
        p_without=without,
        p_with=rows["p_with"].fillna(raised),
        probability_basis=pd.Series("given with the request", index=rows.index)
        .where(without.notna(), None)
        .mask(derived, "p without: probability by evidence; p with: " + experience.basis)
        .mask(derived & early, f"{presales.basis}; p with: {experience.basis}"),
        strategic_factor=rows["strategic_factor"].fillna(factor.astype("float64")),
        province=rows["province"].fillna(province.astype("str")),
        is_key=is_key,
    ), [*findings, *presales.findings]


def _given(support_requests: pd.DataFrame | None, projects: pd.DataFrame | None) -> pd.DataFrame:
    contract = table("support_requests")
    if support_requests is not None and len(support_requests):
        rows = contract.coerce(
            support_requests[[name for name in support_requests if name in contract.by_name]]
        )
        return rows[rows["status"].fillna("open").isin(["open", "running"])].reset_index(drop=True)
    if projects is None or projects.empty:
        return contract.empty()
    shape = table("projects")
    mine = shape.coerce(projects[[name for name in projects if name in shape.by_name]])
    asks = (mine["status"].fillna("open") == "open") & mine["skill"].notna()
    mine = mine[asks & (mine["skill_hours"] > 0)]
    return contract.coerce(
        pd.DataFrame(
            {
                "request_id": mine["project_id"],
                "project_id": mine["project_id"],
                "opportunity_id": mine["opportunity_id"],
                "account_id": mine["account_id"],
                "skill": mine["skill"],
                "hours": mine["skill_hours"],
                "needed_from": mine["support_from"],
                "needed_to": mine["support_to"],
            }
        )
    )


def _findings(
    rows: pd.DataFrame, reviews: pd.DataFrame, origin: str | None
) -> list[dict[str, object]]:
    name = origin or "support_requests"
    known = set(reviews["project_id"]) | set(reviews["opportunity_id"].dropna())
    named = rows["project_id"].fillna(rows["opportunity_id"])
    lacks = rows[["margin_amount", "p_without", "p_with"]].isna().any(axis=1)
    checks = [
        (named.notna() & ~named.isin(known) & (rows["status"] != "running") & lacks,
         "project_id", named,
         "no open project or deal has this id: margin and probability are not derived"),
        (rows["needed_to"] < rows["needed_from"], "needed_to", rows["needed_to"],
         "ends before it begins: not planned"),
        (rows["p_with"] < rows["p_without"], "p_with", rows["p_with"],
         "below the probability without support: support would do harm, so it is refused"),
        (rows["hours"] == 0, "hours", rows["hours"], "0 hours: takes none"),
        (rows["also_hours"].notna() & rows["also_skills"].isna(), "also_hours", rows["also_hours"],
         "hours of further experts, but also_skills names none: no effect"),
    ]  # fmt: skip
    found: list[dict[str, object]] = []
    for holds, column, values, text in checks:
        for place in rows.index[holds.fillna(False).astype(bool)]:
            value = values[place]
            shown = f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
            found.append({"table": name, "row_id": rows.at[place, "request_id"],
                          "column": column, "value": shown, "finding": text})  # fmt: skip
    return found


def _is_key(account: pd.Series, key_accounts: pd.DataFrame | None) -> pd.Series:
    if key_accounts is None or key_accounts.empty:
        return pd.Series(pd.NA, index=account.index, dtype="boolean")
    keys: Mapping[str, bool] = dict(
        zip(key_accounts["account_id"], key_accounts["is_key"].astype(bool), strict=True)
    )
    return account.map(keys).astype("boolean")


def _of(frame: pd.DataFrame | None, column: str, keys: pd.Series) -> pd.Series:
    if frame is None or column not in frame:
        return pd.Series(None, index=keys.index, dtype="str")
    return keys.map(frame.drop_duplicates("account_id").set_index("account_id")[column])


def account_support(
    plan: pd.DataFrame,
    accounts: pd.DataFrame | None,
    key_accounts: pd.DataFrame | None,
) -> pd.DataFrame:
    """
    Put the hours that each account gets beside its score as a key account.

    Parameters
    ----------
    plan
        Table ``support_plan``.
    accounts
        For the names.
    key_accounts
        Table of step 05.

    Returns
    -------
    DataFrame
        Table ``support_accounts``, most hours first; shares are of the accounts that ask.
    """
    contract = table("support_accounts")
    rows = plan[plan["account_id"].notna()]
    if rows.empty:
        return contract.empty()
    served = rows["outcome"].isin(["served", "running"])
    sums = rows.assign(
        planned=rows["planned_hours"].where(served), gain=rows["gain_amount"].where(served)
    ).groupby("account_id", as_index=False).agg(
        request_count=("request_id", "size"),
        requested_hours=("hours", lambda values: values.sum(min_count=1)),
        planned_hours=("planned", "sum"),
        gain_amount=("gain", lambda values: values.sum(min_count=1)),
    )  # fmt: skip
    score = pd.Series(float("nan"), index=sums.index)
    if key_accounts is not None and len(key_accounts):
        score = sums["account_id"].map(key_accounts.set_index("account_id")["score"])
    hours, points = sums["planned_hours"].sum(), score.sum()
    sums = sums.assign(
        name=_of(accounts, "name", sums["account_id"]),
        is_key=_is_key(sums["account_id"], key_accounts),
        score=score,
        hours_share=sums["planned_hours"] / hours if hours > 0 else float("nan"),
        score_share=score / points if points > 0 else float("nan"),
    )
    return contract.coerce(
        sums.sort_values(["planned_hours", "account_id"], ascending=[False, True])
    )
