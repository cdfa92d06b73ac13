"""Roles: what each is there for, costs and carries; what it does, can, gets and lacks."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.settings.team_structure import TeamStructureSettings
from planlib.tables import table
from planlib.team.structure.cells import Cells
from planlib.team.structure.costs import Costs
from planlib.team.structure.deals import window_start
from planlib.team.structure.inputs import Roster, StructureInputs, days, flags, numbers, words

_WEEKS = 365.25 / 7 / 12  # of a month


def describe_roles(
    inputs: StructureInputs,
    roster: Roster,
    cells: Cells,
    deals: pd.DataFrame,
    costs: Costs,
    settings: TeamStructureSettings,
    as_of: date,
) -> pd.DataFrame:
    """
    Describe each role that somebody has: table ``team_roles``.

    Figures by head divide by the people in post on the as-of date, by year or week of the window;
    work of people who have left meanwhile counts, so that the figures say what the posts do.

    Parameters
    ----------
    inputs
        Used: activities.
    roster, cells, deals, costs
        People, accounts, closed deals, cost of a head.
    settings, as_of
        Section ``team_structure``; end of the window.
    """
    people = roster.people
    role_of = people.set_index("rep_id")["role"]
    posts = people[people["is_post"]]
    roles = sorted(set(posts["role"]))
    years = settings.window_months / 12
    here = posts[posts["is_here"]].groupby("role").size().reindex(roles).fillna(0)
    head = here.where(here > 0).astype("float64")
    work = _work(inputs, role_of, settings, as_of)
    contacts = work[~work["is_automatic"]].groupby("role").size().reindex(roles)
    owned = cells.accounts["owner_id"].map(role_of).value_counts().reindex(roles)
    closed = deals.assign(role=deals["owner_id"].map(role_of)).groupby("role")
    closed_count = closed.size().reindex(roles).astype("float64")
    won = deals[deals["is_won"]]
    won_amount = won.groupby(won["owner_id"].map(role_of))["amount"].sum().reindex(roles)
    created = deals["creator_id"].map(role_of).value_counts().reindex(roles)
    kind = posts.drop_duplicates("role").set_index("role")["kind"].reindex(roles)
    cost = costs.by_role.reindex(roles)
    per_head = closed_count / years / head
    frame = pd.DataFrame({
        "role": roles, "kind": kind, "definition": kind.map(_definitions(settings)),
        "work": [_in_words(work[work["role"] == role]) for role in roles],
        "heads": here, "open_count": posts[posts["is_open"]].groupby("role").size()
        .reindex(roles).fillna(0),
        "capacity_hours": posts.groupby("role")["capacity_hours"].mean().reindex(roles),
        "cost_amount": cost,
        "cost_basis": [_cost_basis(value, costs, name) for value, name in
                       zip(cost, kind, strict=True)],
        "accounts_per_head": owned / head, "closed_per_head": per_head,
        "created_per_head": created / years / head, "won_per_head_amount": won_amount / years
        / head,
        "cost_per_deal_amount": (cost / per_head).where(per_head > 0),
        "contacts_per_head": contacts / (settings.window_months * _WEEKS) / head,
    }).reset_index(drop=True)  # fmt: skip
    return table("team_roles").coerce(frame)


def profile_roles(
    inputs: StructureInputs,
    roster: Roster,
    cells: Cells,
    deals: pd.DataFrame,
    settings: TeamStructureSettings,
    as_of: date,
) -> pd.DataFrame:
    """
    Say by role what people can, do, get and lack: table ``role_profile``.

    Capability: people with a skill. Daily work: share of logged work by kind. Interests are in no
    table and are said to be unknown. Support: expert hours, deals shared with specialists, and
    people of other kinds by head. Gap: industry groups whose share of the accounts is well above
    the share of people with a skill of that name.

    Parameters
    ----------
    inputs
        Used: activities, support_requests.
    roster, cells, deals, settings, as_of
        As for ``describe_roles``.
    """
    posts = roster.people[roster.people["is_post"]]
    work = _work(inputs, roster.people.set_index("rep_id")["role"], settings, as_of)
    rows: list[dict[str, object]] = []
    for role in sorted(set(posts["role"])):
        mine = posts[posts["role"] == role]
        rows += _capability(role, mine)
        rows += _daily(role, work[work["role"] == role])
        rows.append(_row(role, "interests", "interests", None, None,
                         "not known: no table holds what people wish to do; ask in reviews"))
        rows += _support(role, mine, posts, inputs, deals)
        rows += _gaps(role, mine, cells)
    return table("role_profile").coerce(pd.DataFrame(rows))


def _definitions(settings: TeamStructureSettings) -> dict[str, str]:
    """Give the sentence of each kind; the first rule that has one counts."""
    found: dict[str, str] = {}
    for rule in settings.rules:
        if rule.definition:
            found.setdefault(rule.kind, rule.definition)
    return found


def _cost_basis(value: float, costs: Costs, kind: str) -> str:
    if pd.isna(value):
        return "not known: no pay plan of this role, nor team_structure.cost_amount"
    return costs.basis.get(kind, "pay plans: base and variable at 100 %, plus overhead")


def _work(
    inputs: StructureInputs, role_of: pd.Series, settings: TeamStructureSettings, as_of: date
) -> pd.DataFrame:
    """Give the logged activities of the window with the role of who acted."""
    activities = inputs.activities
    if activities is None or activities.empty:
        return pd.DataFrame({"role": [], "activity_type": [], "minutes": [], "rep_id": [],
                             "is_automatic": pd.Series(dtype="bool")})  # fmt: skip
    day = days(activities, "activity_date")
    inside = (day > window_start(as_of, settings.window_months)) & (day <= pd.Timestamp(as_of))
    rep = words(activities, "rep_id")
    kind = words(activities, "activity_type")
    return pd.DataFrame({
        "role": rep.map(role_of), "activity_type": kind.mask(kind == "", "other"), "rep_id": rep,
        "minutes": numbers(activities, "minutes"),
        "is_automatic": flags(activities, "is_automatic"),
    })[inside].dropna(subset=["role"])  # fmt: skip


def _in_words(work: pd.DataFrame, most: int = 4) -> str:
    count = work.loc[~work["is_automatic"], "activity_type"].value_counts(normalize=True)
    count = count.sort_index().sort_values(ascending=False, kind="stable").head(most)
    return ", ".join(f"{name} {100 * share:.0f} %" for name, share in count.items())


def _row(
    role: str, topic: str, item: str, value: float | None, count: int | None, meaning: str
) -> dict[str, object]:
    return {"role": role, "topic": topic, "item": item, "value": value, "count": count,
            "meaning": meaning}  # fmt: skip


def _capability(role: str, mine: pd.DataFrame) -> list[dict[str, object]]:
    skills = mine["skills"].str.split(r"\s*[;；]\s*", regex=True).explode().str.strip()
    count = skills[skills.fillna("") != ""].value_counts().sort_index()
    if count.empty:
        return [_row(role, "capability", "skills", None, 0,
                     "not known: no skills are given in the reps table")]  # fmt: skip
    return [
        _row(role, "capability", str(name), number / len(mine), int(number),
             f"posts with this skill / {len(mine)} posts")
        for name, number in count.items()
    ]  # fmt: skip


def _daily(role: str, work: pd.DataFrame) -> list[dict[str, object]]:
    own = work[~work["is_automatic"]]
    if own.empty:
        return [_row(role, "daily work", "activities", None, 0,
                     "not known: no activity of this role is logged")]  # fmt: skip
    count = own["activity_type"].value_counts().sort_index()
    minutes = own.groupby("activity_type")["minutes"].mean()
    return [
        _row(role, "daily work", str(name), number / len(own), int(number),
             "share of logged work, by count" + (
                 f"; {minutes[name]:.0f} minutes on average where logged"
                 if pd.notna(minutes[name]) else ""))
        for name, number in count.items()
    ]  # fmt: skip


def _support(
    role: str, mine: pd.DataFrame, posts: pd.DataFrame, inputs: StructureInputs, deals: pd.DataFrame
) -> list[dict[str, object]]:
    if mine["kind"].iloc[0] not in ("field", "inside"):
        return []
    rows = []
    for kind, said in (("sdr", "SDR"), ("bdr", "BDR"), ("specialist", "specialists"),
                       ("manager", "managers")):  # fmt: skip
        count = int((posts["kind"] == kind).sum())
        rows.append(_row(role, "support", f"{said} by head", count / len(mine), count,
                         f"posts of {said} / {len(mine)} posts of the role"))  # fmt: skip
    own = deals[deals["owner_id"].isin(mine["rep_id"])]
    if len(own):
        rows.append(_row(role, "support", "deals with a specialist",
                         float(own["is_supported"].mean()), len(own),
                         "closed deals that a specialist shares or created / closed deals owned"))
    requests = inputs.support_requests
    if requests is not None and len(requests) and "account_id" in requests.columns:
        served = requests[words(requests, "status") == "served"]
        hours = numbers(served, "hours").sum()
        rows.append(_row(role, "support", "expert hours served by head", hours / len(mine),
                         len(served), "hours of served support requests / posts of the role"))
    return rows


def _gaps(role: str, mine: pd.DataFrame, cells: Cells) -> list[dict[str, object]]:
    if mine["kind"].iloc[0] not in ("field", "inside") or cells.accounts.empty:
        return []
    group = cells.accounts["industry_group"]
    share = group[(group != "") & (group != "unmapped")].value_counts(normalize=True).sort_index()
    skills = mine["skills"].str.casefold()
    if (skills == "").all():
        return [_row(role, "gap", "skills", None, 0, "not known: no skills are given")]
    rows = []
    for name, part in share.items():
        first = str(name).casefold().split(" ")[0]
        able = float(skills.str.contains(first, regex=False).mean())
        if part - able > 0.1:
            rows.append(_row(role, "gap", str(name), float(part - able), int((group == name).sum()),
                             f"share of accounts {100 * part:.0f} % less share of posts with a "
                             f"skill of that name {100 * able:.0f} %"))  # fmt: skip
    return rows
