"""Roles: what each is there for, costs and carries; what it does, can, gets and lacks."""

from __future__ import annotations

import pandas as pd

from planlib.notes import percent_above_zero
from planlib.settings.team_structure import TeamStructureSettings
from planlib.tables import table
from planlib.team.structure.costs import Costs
from planlib.team.structure.deals import window_start
from planlib.team.structure.ground import Ground
from planlib.team.structure.inputs import days, flags, numbers, words

_WEEKS = 365.25 / 7 / 12  # of a month
_GAP = 0.05  # an industry with so much more of the accounts than of the people is a gap
_INTERESTS = "in no data; what is written down of the role stands in role_expectations"


def describe_roles(ground: Ground, costs: Costs) -> pd.DataFrame:
    """
    Describe each role that somebody has, by kind of work: table ``team_roles``.

    Figures by head divide by the people in post on the as-of date, by year or week of the window;
    work of people who have left meanwhile counts, so that the figures say what the posts do.

    Parameters
    ----------
    ground
        Used beside people, cells and deals: activities.
    costs
        Cost of a head.
    """
    settings, deals, years = ground.settings, ground.deals, ground.years
    people = ground.roster.people
    posts = people[people["is_post"]]
    keys = posts[["role", "kind"]].drop_duplicates().sort_values(["role", "kind"])
    keys = keys.reset_index(drop=True)
    placed = people[["rep_id", "role", "kind"]].merge(keys.assign(post=keys.index), how="left")
    post_of = pd.Series(placed["post"].to_numpy(), index=placed["rep_id"])
    by_post = posts.assign(post=posts["rep_id"].map(post_of)).groupby("post")
    here = by_post["is_here"].sum().reindex(keys.index).fillna(0)
    head = here.where(here > 0).astype("float64")
    work = _work(ground)
    acted = work["rep_id"].map(post_of)
    contacts = acted[~work["is_automatic"]].value_counts().reindex(keys.index)
    owned = ground.cells.accounts["owner_id"].map(post_of).value_counts().reindex(keys.index)
    closed = deals["owner_id"].map(post_of).value_counts().reindex(keys.index).astype("float64")
    won = deals[deals["is_won"]]
    won_amount = won.groupby(won["owner_id"].map(post_of))["amount"].sum().reindex(keys.index)
    created = deals["creator_id"].map(post_of).value_counts().reindex(keys.index)
    cost = costs.by_role.reindex(pd.MultiIndex.from_frame(keys)).reset_index(drop=True)
    per_head = closed / years / head
    frame = keys.assign(
        definition=keys["kind"].map(_definitions(settings)),
        work=[_in_words(work[acted == post]) for post in keys.index],
        heads=here, open_count=by_post["is_open"].sum().reindex(keys.index).fillna(0),
        capacity_hours=by_post["capacity_hours"].mean().reindex(keys.index),
        cost_amount=cost,
        cost_basis=[_cost_basis(value, costs, name) for value, name in
                    zip(cost, keys["kind"], strict=True)],
        accounts_per_head=owned / head, closed_per_head=per_head,
        created_per_head=created / years / head,
        won_per_head_amount=won_amount / years / head,
        cost_per_deal_amount=(cost / per_head).where(per_head > 0),
        contacts_per_head=contacts / (settings.window_months * _WEEKS) / head,
    )  # fmt: skip
    return table("team_roles").coerce(frame)


def profile_roles(ground: Ground) -> pd.DataFrame:
    """
    Say by role what people can, do, get and lack: table ``role_profile``.

    Capability: people with a skill. Daily work: share of logged work by kind. Interests are in no
    data, and it is said where they are written down. Support: expert hours, deals shared with
    specialists, and people of other kinds by head. Gap: industry groups whose share of the accounts
    is well above the share of people with a skill of that name.

    Parameters
    ----------
    ground
        Used beside people, cells and deals: activities, support_requests.
    """
    people = ground.roster.people
    posts = people[people["is_post"]]
    work = _work(ground)
    rows: list[dict[str, object]] = []
    for role in sorted(set(posts["role"])):
        mine = posts[posts["role"] == role]
        rows += _capability(role, mine)
        rows += _daily(role, work[work["role"] == role])
        rows.append(_row((role, "interests", "interests"), None, None, _INTERESTS))
        rows += _support(role, mine, ground)
        rows += _gaps(role, mine, ground)
    return table("role_profile").coerce(pd.DataFrame(rows))


def _definitions(settings: TeamStructureSettings) -> dict[str, str]:
    """Give the sentence of each kind; the first rule that has one counts."""
    found: dict[str, str] = {}
    for rule in settings.rules:
        if rule.definition:
            found.setdefault(rule.kind, rule.definition)
    return found


def _cost_basis(value: float | None, costs: Costs, kind: str) -> str:
    if pd.isna(value):
        return "not known: no pay plan of this role, nor team_structure.cost_amount"
    return costs.basis.get(kind, "pay plans: base and variable at 100 %, plus overhead")


def _work(ground: Ground) -> pd.DataFrame:
    """Give the logged activities of the window with the role of who acted."""
    role_of = ground.roster.people.set_index("rep_id")["role"]
    activities = ground.inputs.activities
    if activities is None or activities.empty:
        return pd.DataFrame({"role": [], "activity_type": [], "minutes": [], "rep_id": [],
                             "is_automatic": pd.Series(dtype="bool")})  # fmt: skip
    day = days(activities, "activity_date")
    inside = (day > window_start(ground.as_of, ground.settings.window_months)) & (
        day <= pd.Timestamp(ground.as_of)
    )
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
    key: tuple[str, str, str], value: float | None, count: int | None, meaning: str
) -> dict[str, object]:
    """Give a row of ``role_profile``; the key is role, topic and item."""
    role, topic, item = key
    return {"role": role, "topic": topic, "item": item, "value": value, "count": count,
            "meaning": meaning}  # fmt: skip


def _capability(role: str, mine: pd.DataFrame) -> list[dict[str, object]]:
    skills = mine["skills"].str.split(r"\s*[;；]\s*", regex=True).explode().str.strip()
    count = skills[skills.fillna("") != ""].value_counts().sort_index()
    if count.empty:
        return [_row((role, "capability", "skills"), None, 0,
                     "not known: no skills are given in the reps table")]  # fmt: skip
    return [
        _row((role, "capability", str(name)), number / len(mine), int(number),
             f"posts with this skill / {len(mine)} posts")
        for name, number in count.items()
    ]  # fmt: skip


def _daily(role: str, work: pd.DataFrame) -> list[dict[str, object]]:
    own = work[~work["is_automatic"]]
    if own.empty:
        return [_row((role, "daily work", "activities"), None, 0,
                     "not known: no activity of this role is logged")]  # fmt: skip
    count = own["activity_type"].value_counts().sort_index()
    minutes = own.groupby("activity_type")["minutes"].mean()
    return [
        _row((role, "daily work", str(name)), number / len(own), int(number),
             "share of logged work, by count" + (
                 f"; {minutes[str(name)]:.0f} minutes on average where logged"
                 if pd.notna(minutes[str(name)]) else ""))
        for name, number in count.items()
    ]  # fmt: skip


def _support(role: str, mine: pd.DataFrame, ground: Ground) -> list[dict[str, object]]:
    if not mine["kind"].isin(["field", "inside"]).any():
        return []
    people, deals, requests = ground.roster.people, ground.deals, ground.inputs.support_requests
    rows = []
    for kind, said in (("sdr", "SDR"), ("bdr", "BDR"), ("specialist", "specialists"),
                       ("manager", "managers")):  # fmt: skip
        count = int((people["is_post"] & (people["kind"] == kind)).sum())
        rows.append(_row((role, "support", f"{said} by head"), count / len(mine), count,
                         f"posts of {said} / {len(mine)} posts of the role"))  # fmt: skip
    own = deals[deals["owner_id"].isin(mine["rep_id"])]
    if len(own):
        said = "closed deals that a specialist shares or created / closed deals owned"
        shared = float(own["is_supported"].mean())
        rows.append(_row((role, "support", "deals with a specialist"), shared, len(own), said))
    if requests is not None and len(requests):
        served = requests[words(requests, "status") == "served"]
        hours = float(numbers(served, "hours").sum())
        said = "hours of served support requests, all years / posts of the role"
        rows.append(_row((role, "support", "expert hours by head"), hours / len(mine), len(served),
                         said))  # fmt: skip
    return rows


def _gaps(role: str, mine: pd.DataFrame, ground: Ground) -> list[dict[str, object]]:
    """Compare the industries of accounts, by name as skills are, with the skills of the role."""
    if not mine["kind"].isin(["field", "inside"]).any() or ground.cells.accounts.empty:
        return []
    skills = mine["skills"].str.casefold()
    if (skills == "").all():
        return [_row((role, "gap", "skills"), None, 0, "not known: no skills are given")]
    industry = _industry_names(ground, skills)
    share = industry[industry != ""].value_counts(normalize=True).sort_index()
    rows = []
    for name, part in share.items():
        able = float(skills.str.contains(_first_word(str(name)), regex=False).mean())
        if part - able > _GAP:
            said = (
                f"share of accounts {percent_above_zero(part)} less share of posts with a skill "
                f"of that name {percent_above_zero(able)}"
            )
            count = int((industry == name).sum())
            rows.append(_row((role, "gap", str(name)), float(part - able), count, said))
    return rows


def _industry_names(ground: Ground, skills: pd.Series) -> pd.Series:
    """Give industry group or industry of accounts, whichever more skills are named after."""
    accounts = ground.inputs.accounts
    group = ground.cells.accounts["industry_group"].replace({"unmapped": ""})
    if accounts is None or "industry" not in accounts.columns:
        return group
    plain = words(accounts, "industry")
    known = [len({word for word in set(names) if word and _named(word, skills)})
             for names in (group, plain)]  # fmt: skip
    return plain if known[1] > known[0] else group


def _named(word: str, skills: pd.Series) -> bool:
    return bool(skills.str.contains(_first_word(word), regex=False).any())


def _first_word(name: str) -> str:
    return name.casefold().split(" ")[0]
