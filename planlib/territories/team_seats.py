"""Who sits in which seat of an account's team, and from where that is known."""

from __future__ import annotations

import pandas as pd

from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.territories.columns import names_of, text

_ORDER = ("decision", "owner", "opportunity team", "split", "activity", "manager")


def fill_seats(
    targets: pd.DataFrame,
    reps: pd.DataFrame,
    settings: TerritoryDecisionsSettings,
    *,
    decisions: pd.DataFrame,
    left: set[str],
    contacts: pd.DataFrame,
    deals: pd.DataFrame | None,
    teams: pd.DataFrame | None,
    splits: pd.DataFrame | None,
) -> pd.DataFrame:
    """
    Give one row per seat and target, the best-founded name in it or a gap.

    A seat goes to who was decided, else to the first source that names somebody in the order of
    decisions, owner, deal teams, splits, activities, managers; among equals to the smallest id.
    Decided seats that the settings do not name are added behind. Nobody sits twice. Being high in
    the line makes nobody a sponsor: that takes a decision, a deal team, or contact.

    Parameters
    ----------
    targets
        ``account_id``, ``rep_id``.
    reps
        ``rep_id``, ``name``, ``role``, ``manager_id``.
    decisions
        In force, oldest first: ``account_id``, ``seat``, ``rep_id``, ``person_name``.
    left
        Reps who left: they fill no seat.
    contacts
        ``account_id``, ``rep_id`` of recent contacts.
    deals, teams, splits
        Tables of deals, their teams and their splits.
    """
    role = dict(zip(reps["rep_id"].astype("str"), text(reps, "role"), strict=True))
    seat_of = {name.strip().casefold(): seat for name, seat in settings.team_roles.items()}
    known = pd.concat([
        _decided(decisions, targets), _owners(targets, settings),
        _members(targets, deals, teams, "opportunity team", role),
        _members(targets, deals, splits, "split", role),
        _active(targets, contacts, role), _managers(targets, reps),
    ], ignore_index=True)  # fmt: skip
    by_role = known["role"].str.strip().str.casefold().map(seat_of).astype("str")
    known["seat"] = known["seat"].fillna(by_role)
    sponsor = settings.team_sponsor_seat.strip().casefold()
    in_line = known["source"].eq("manager") & known["seat"].str.strip().str.casefold().eq(sponsor)
    known = known[known["seat"].notna() & ~known["person_id"].isin(left) & ~in_line].copy()
    known["place"] = known["source"].map({name: at for at, name in enumerate(_ORDER)})
    chosen = _seated(known)
    frame = _sheet(targets, settings, chosen)
    frame = frame.merge(chosen, on=["account_id", "key"], how="left")
    names = frame["person_id"].map(names_of(reps, "rep_id")).astype("str")
    frame["person_name"] = frame["person_name"].fillna(names).fillna(frame["person_id"])
    frame["person_role"] = frame["person_id"].map(role).astype("str")
    frame["is_gap"] = frame["person_name"].isna()
    frame["source"] = frame["source"].astype("str").fillna("blank")
    frame["is_sponsor"] = frame["key"].eq(sponsor)
    return frame.rename(columns={"rep_id": "owner_id"})


def _seated(known: pd.DataFrame) -> pd.DataFrame:
    """Give each seat its best-founded person; nobody gets a second seat on one account."""
    known = known.assign(
        key=known["seat"].str.strip().str.casefold(),
        who=known["person_id"].fillna(known["person_name"]),
    )
    known = known[known["who"].notna()].sort_values(
        ["account_id", "place", "weight", "who"], ascending=[True, True, False, True],
        kind="stable",
    )  # fmt: skip
    taken: set[tuple[str, str]] = set()
    rows = []
    columns = ("account_id", "key", "who", "source")
    lists = (known[name].astype("str") for name in columns)
    for row, (account, key, who, source) in enumerate(zip(*lists, strict=True)):
        seat, person = (account, f"seat {key}"), (account, f"person {who}")
        if seat in taken or (person in taken and source != "decision"):
            continue
        taken |= {seat, person}
        rows.append(row)
    kept = ["account_id", "key", "seat", "person_id", "person_name", "source"]
    chosen = known.iloc[rows][kept].rename(columns={"seat": "decided_seat"})
    return chosen.astype("str").reset_index(drop=True)


def _sheet(
    targets: pd.DataFrame, settings: TerritoryDecisionsSettings, chosen: pd.DataFrame
) -> pd.DataFrame:
    """Give the seats of every target: those of the settings, then others that were decided."""
    seats = pd.DataFrame({"seat": settings.team_seats})
    frame = targets[["account_id", "rep_id"]].merge(seats, how="cross")
    frame["key"] = frame["seat"].str.strip().str.casefold()
    more = chosen[~chosen["key"].isin(frame["key"]) & chosen["source"].eq("decision")]
    more = more.rename(columns={"decided_seat": "seat"})[["account_id", "seat", "key"]]
    more = more.merge(targets[["account_id", "rep_id"]], on="account_id")
    order = {account: at for at, account in enumerate(targets["account_id"])}
    frame = pd.concat([frame, more.sort_values(["account_id", "seat"])], ignore_index=True)
    frame = frame.assign(order=frame["account_id"].map(order)).sort_values("order", kind="stable")
    frame["seat_number"] = frame.groupby("account_id").cumcount() + 1
    return frame.drop(columns="order").reset_index(drop=True)


def _rows(frame: pd.DataFrame, source: str, **columns: object) -> pd.DataFrame:
    blank = {name: pd.Series(pd.NA, index=frame.index, dtype="str")
             for name in ("seat", "person_name", "role")}  # fmt: skip
    given = {"person_id": frame["rep_id"].astype("str"), "weight": 0.0, **blank, **columns}
    return pd.DataFrame(
        {"account_id": frame["account_id"].astype("str"), "source": source, **given}
    )


def _decided(decisions: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Give the seats that people filled; the latest decision has the largest weight."""
    made = decisions[text(decisions, "seat").notna()]
    made = made[made["account_id"].astype("str").isin(set(targets["account_id"]))]
    return _rows(
        made.assign(rep_id=text(made, "rep_id")), "decision", seat=text(made, "seat"),
        person_name=text(made, "person_name"),
        weight=pd.Series(range(len(made)), index=made.index, dtype="float64"),
    )  # fmt: skip


def _owners(targets: pd.DataFrame, settings: TerritoryDecisionsSettings) -> pd.DataFrame:
    seat = pd.Series(settings.team_seats[0], index=targets.index, dtype="str")
    return _rows(targets, "owner", seat=seat)


def _members(
    targets: pd.DataFrame,
    deals: pd.DataFrame | None,
    members: pd.DataFrame | None,
    source: str,
    role: dict[str, str],
) -> pd.DataFrame:
    """Give the colleagues on deals of the targets; more deals weigh more."""
    needed = {"opportunity_id", "rep_id"}
    if deals is None or members is None or not needed <= set(members):
        return _rows(targets.iloc[:0], source)
    by = pd.DataFrame({
        "opportunity_id": text(deals, "opportunity_id"), "account_id": text(deals, "account_id"),
    }).dropna().drop_duplicates("opportunity_id")  # fmt: skip
    own = pd.DataFrame({
        "opportunity_id": text(members, "opportunity_id"), "rep_id": text(members, "rep_id"),
        "team_role": text(members, "team_role"),
    })  # fmt: skip
    own = own.merge(by, on="opportunity_id")
    own = own[own["account_id"].isin(set(targets["account_id"]))].dropna(subset=["rep_id"])
    own["team_role"] = own["team_role"].fillna(own["rep_id"].map(role).astype("str")).fillna("")
    count = own.groupby(["account_id", "rep_id", "team_role"]).size().reset_index(name="count")
    return _rows(count, source, role=count["team_role"], weight=count["count"].astype(float))


def _active(targets: pd.DataFrame, contacts: pd.DataFrame, role: dict[str, str]) -> pd.DataFrame:
    """Give the colleagues with contact in the window; more contacts weigh more."""
    own = contacts[contacts["account_id"].isin(set(targets["account_id"]))]
    own = own.dropna(subset=["rep_id"])
    count = own.groupby(["account_id", "rep_id"]).size().reset_index(name="count")
    return _rows(count, "activity", role=count["rep_id"].map(role).astype("str"),
                 weight=count["count"].astype(float))  # fmt: skip


def _managers(targets: pd.DataFrame, reps: pd.DataFrame) -> pd.DataFrame:
    """Give the line of managers of each owner, by their roles; the nearest one first."""
    above = dict(zip(reps["rep_id"].astype("str"), text(reps, "manager_id"), strict=True))
    role = dict(zip(reps["rep_id"].astype("str"), text(reps, "role"), strict=True))
    rows = []
    for account, owner in zip(targets["account_id"], targets["rep_id"], strict=True):
        seen, one = {owner}, above.get(owner)
        while one is not None and pd.notna(one) and one not in seen:
            rows.append({"account_id": account, "rep_id": one, "weight": -float(len(seen))})
            seen.add(one)
            one = above.get(one)
    line = pd.DataFrame(rows, columns=["account_id", "rep_id", "weight"])
    return _rows(line, "manager", role=line["rep_id"].map(role).astype("str"),
                 weight=line["weight"].astype(float))  # fmt: skip
