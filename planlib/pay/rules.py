"""The rules of the check: each one names where two of the three plans contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from planlib.pay.facts import PlanFacts
from planlib.pay.verdicts import Row, Verdict, count_words, finding, person_finding, unknown_words
from planlib.settings.pay import PlanCheckSettings


def quota_above_potential(facts: PlanFacts, settings: PlanCheckSettings) -> Verdict:
    """Find quotas that exceed what the accounts of the territory could spend."""
    people = _holders(facts)
    known = people[people["potential"].notna() & (people["potential"] > 0)]
    if known.empty:
        return Verdict(missing="quotas, and territories with potential (notebooks 02 and 03)")
    over = known[known["quota"] > settings.potential_limit * known["potential"]]
    return Verdict(tested=len(known), rows=tuple(
        person_finding(
            one, f"the quota is {one['quota'] / one['potential']:.2f} times the yearly potential "
            f"of the {int(one['account_count'])} accounts{unknown_words(one)}",
            ("quota", one["quota"]), ("potential", one["potential"]),
            warns=bool(one["unknown_potential_count"] > 0),
        )
        for one in _records(over)
    ))  # fmt: skip


def quota_above_capacity(facts: PlanFacts, settings: PlanCheckSettings) -> Verdict:
    """Find quotas above what a person can carry after ramp and presence."""
    people = _holders(facts)
    known = people[people["capacity"].notna()]
    if known.empty:
        return Verdict(missing="ramped capacity by person (tables of the capacity plan)")
    over = known[known["quota"] > (1 + settings.capacity_tolerance) * known["capacity"]]
    over = over[over["capacity"] > 0]
    return Verdict(tested=len(known), rows=tuple(
        person_finding(one, f"the quota is {one['quota'] / one['capacity']:.2f} times what falls "
                "to the person by ramp and presence",
                ("quota", one["quota"]), ("capacity", one["capacity"]))
        for one in _records(over)
    ))  # fmt: skip


def seat_without_capacity(facts: PlanFacts, _: PlanCheckSettings) -> Verdict:
    """Find accounts or quota of a seat that nobody fills, or of a person who sells nothing yet."""
    people = facts.people
    held = people[(people["account_count"].fillna(0) > 0) | (people["quota"].fillna(0) > 0)]
    if held["capacity"].notna().any():
        empty = held[held["capacity"].notna() & (held["capacity"] <= 0)]
        why = "has no ramped capacity in the year"
    else:
        empty, why = held[held["is_open_seat"]], "is an open seat; ramped capacity is not known"
    return Verdict(tested=len(held), rows=tuple(
        person_finding(one, f"{why}, but holds {count_words(one['account_count'])} accounts and "
                f"{'a' if one['quota'] > 0 else 'no'} quota",
                ("accounts", one["account_count"]), ("capacity", one["capacity"]),
                unit="accounts, amount", warns=not held["capacity"].notna().any())
        for one in _records(empty)
    ))  # fmt: skip


def owner_gone(facts: PlanFacts, _: PlanCheckSettings) -> Verdict:
    """Find accounts of people who have left or are not on the list of reps."""
    held = facts.people[facts.people["account_count"].fillna(0) > 0]
    if held.empty:
        return Verdict(missing="territories (notebook 03)")
    return Verdict(tested=len(held), rows=tuple(
        person_finding(one, f"owns {count_words(one['account_count'])} accounts in the territory "
                "plan, but has left or is not among the reps",
                ("accounts", one["account_count"]), ("capacity", one["capacity"]),
                unit="accounts, amount")
        for one in _records(held[held["is_gone"].astype(bool)])
    ))  # fmt: skip


def accounts_without_quota(facts: PlanFacts, _: PlanCheckSettings) -> Verdict:
    """Find owners of accounts without a quota, in a plan in which others have one."""
    held = facts.people[(facts.people["account_count"].fillna(0) > 0) & ~facts.people["is_gone"]]
    if held.empty or not facts.people["quota"].notna().any():
        return Verdict(missing="territories (notebook 03) and quotas")
    none = held[~(held["quota"].fillna(0) > 0)]
    return Verdict(tested=len(held), rows=tuple(
        person_finding(one, f"owns {count_words(one['account_count'])} accounts in the territory "
                "plan, but has no quota", ("accounts", one["account_count"]),
                ("quota", one["quota"]), unit="accounts, amount")
        for one in _records(none)
    ))  # fmt: skip


def quota_without_accounts(facts: PlanFacts, _: PlanCheckSettings) -> Verdict:
    """Find quotas of people who own no account, in roles in which others own some."""
    people = _holders(facts)
    roles = set(facts.people.loc[facts.people["account_count"].fillna(0) > 0, "role"])
    people = people[people["role"].isin(roles)]
    if people.empty:
        return Verdict(missing="territories (notebook 03) and quotas")
    none = people[~(people["account_count"].fillna(0) > 0)]
    return Verdict(tested=len(people), rows=tuple(
        person_finding(one, "has a quota, but no account in the territory plan",
                ("quota", one["quota"]), ("accounts", 0.0), unit="amount, accounts")
        for one in _records(none)
    ))  # fmt: skip


def hours_above_capacity(facts: PlanFacts, settings: PlanCheckSettings) -> Verdict:
    """Find territories with more work than their person has selling hours."""
    people = facts.people
    known = people[(people["capacity_hours"] > 0) & people["workload_hours"].notna()]
    if known.empty:
        return Verdict(missing="workload of accounts (notebook 02) and reps.capacity_hours")
    over = known[known["workload_hours"] > (1 + settings.hours_tolerance) * known["capacity_hours"]]
    return Verdict(tested=len(known), rows=tuple(
        person_finding(one, f"the accounts need {one['workload_hours']:,.0f} selling hours a year, "
                f"the person has {one['capacity_hours']:,.0f}",
                ("hours needed", one["workload_hours"]), ("selling hours", one["capacity_hours"]),
                unit="hours")
        for one in _records(over)
    ))  # fmt: skip


def quota_not_of_pay_plan(facts: PlanFacts, settings: PlanCheckSettings) -> Verdict:
    """Find roles whose quotas differ from the quota on which their pay plan rests."""
    people = _holders(facts)
    known = people[people["plan_quota"].notna()]
    if known.empty:
        return Verdict(missing="pay_plans with a quota, for a role with quotas")
    off = (known["quota"] / known["plan_quota"] - 1).abs() > settings.quota_tolerance
    rows = []
    for role, mine in known.groupby("role"):
        far = int(off[mine.index].sum())
        if far:
            mean = float(mine["quota"].sort_values().mean())
            plan = float(mine["plan_quota"].iloc[0])
            rows.append(finding(
                str(role), str(role),
                f"{far} of {len(mine)} quotas are more than {100 * settings.quota_tolerance:.0f} % "
                f"from the quota behind the pay plan; their mean is {mean / plan:.2f} times as "
                "high, so each unit sold is paid at another rate than planned",
                ("mean quota", mean), ("quota of the pay plan", plan), owner=facts.leader,
            ))  # fmt: skip
    return Verdict(rows=tuple(rows), tested=known["role"].nunique())


def no_pay_plan(facts: PlanFacts, _: PlanCheckSettings) -> Verdict:
    """Find roles with quotas and no pay plan in force."""
    people = _holders(facts)
    if people.empty or not people["has_pay_plan"].notna().any():
        return Verdict(missing="table pay_plans, and quotas")
    rows = [
        finding(str(role), str(role), f"{len(mine)} people of the role have a quota, but it has no "
             "pay plan in force", ("people", float(len(mine))), ("pay plans", 0.0),
             owner=facts.leader, unit="people, plans")
        for role, mine in people[~people["has_pay_plan"].astype(bool)].groupby("role")
    ]  # fmt: skip
    return Verdict(rows=tuple(rows), tested=people["role"].nunique())


def rarely_reaches_threshold(facts: PlanFacts, settings: PlanCheckSettings) -> Verdict:
    """Find roles in which many years end below the threshold, so that pay moves nobody."""
    return _simulated(
        facts,
        "below_threshold_share",
        settings.below_threshold_share,
        "of their simulated years end below the threshold, where nothing is paid: the quota "
        "is too far, or the threshold too high",
    )


def often_capped(facts: PlanFacts, settings: PlanCheckSettings) -> Verdict:
    """Find roles in which many years end above the cap, where selling on is not paid."""
    return _simulated(
        facts,
        "capped_share",
        settings.capped_share,
        "of their simulated years end above the cap, where one more sale is not paid",
    )


def _simulated(facts: PlanFacts, column: str, limit: float, text: str) -> Verdict:
    known = facts.people[facts.people[column].notna()]
    if known.empty:
        return Verdict(missing="simulated attainment and pay plans")
    share = known.groupby("role")[column].mean()
    rows = [
        finding(str(role), str(role), f"{100 * value:.0f} % {text}",
             ("share of years", float(value)), ("limit", limit), owner=facts.leader, unit="share")
        for role, value in share[share > limit].items()
    ]  # fmt: skip
    return Verdict(rows=tuple(rows), tested=len(share))


def _holders(facts: PlanFacts) -> pd.DataFrame:
    people = facts.people
    return people[(people["quota"] > 0) & ~people["is_gone"].astype(bool)]


def _records(frame: pd.DataFrame) -> Iterator[Row]:
    yield from frame.sort_values("rep_id").to_dict("records")  # type: ignore[misc]
