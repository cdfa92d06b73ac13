"""Trees of KPIs: the company target over roles, and each role's part as a product of drivers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from planlib.notes import percent
from planlib.pipeline.money import from_cents, split_cents
from planlib.settings.team_people import Driver, KpiTree
from planlib.team.experience import ratio_of_cases
from planlib.team.measures import MEASURES, MeasureInputs, person_sums, units_of
from planlib.team.staff import Staff

HEADCOUNT = "headcount"
REST = "not carried by any tree"
_MONTHS = 12
_Z = 1.96
_TITLES = {"existing_rate": "win rate of renewals and expansions"}  # others: words of their name


@dataclass(frozen=True, kw_only=True)
class Target:
    """
    What the firm is to reach.

    Parameters
    ----------
    cents
        Amount in whole cents; None: not known.
    name
        Period, as printed.
    basis
        Where it comes from, or why it is not known.
    """

    cents: int | None
    name: str
    basis: str


@dataclass(frozen=True)
class _Seen:
    """What was observed of a driver in the last twelve months."""

    value: float | None
    low: float | None = None
    high: float | None = None
    count: float | None = None
    how: str = ""


@dataclass
class _Nodes:
    """Rows of the tree as they are added."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, parent: str | None, kind: str, name: str, **more: Any) -> str:
        node = f"N{len(self.rows) + 1:03d}"
        self.rows.append({
            "node_id": node, "parent_id": parent, "node_order": len(self.rows), "kind": kind,
            "name": name, "is_lever": False, "is_beyond": False, **more,
        })  # fmt: skip
        return node


def build_trees(
    trees: tuple[KpiTree, ...], target: Target, staff: Staff, inputs: MeasureInputs
) -> pd.DataFrame:
    """
    Lay out the company target over roles and drivers, what is needed beside what was observed.

    Parameters
    ----------
    trees
        Trees of plan.yaml.
    target
        Company target.
    staff, inputs
        What the observed values come from: the last twelve months, by the present role.

    Returns
    -------
    DataFrame
        Rows of ``kpi_nodes``. The parts of the roles (and what no tree carries) add up to the
        company target to the cent, team and individual parts to that of the role, and the needed
        drivers multiply to the role's target: all keep their observed value but the lever.
    """
    if not trees:
        return pd.DataFrame()
    nodes = _Nodes()
    total = _observed_total(staff, inputs)
    company = nodes.add(
        None, "company", f"Company target {target.name}".strip(), needed=_money(target.cents),
        observed=total.value, gap_share=_gap(_money(target.cents), total.value),
        formula=f"{target.basis}; observed: amount won in the last {_MONTHS} months",
    )  # fmt: skip
    shares = [one.target_share for one in trees]
    rest = 1.0 - sum(shares)
    names = [one.role for one in trees]
    if rest > 1e-9:
        shares, names = [*shares, rest], [*names, REST]
    parts = _split(target.cents, shares)
    for name, share, cents in zip(names, shares, parts, strict=True):
        tree = next((one for one in trees if one.role == name), None)
        if tree is None:
            nodes.add(
                company,
                "part",
                REST,
                needed=_money(cents),
                formula=f"{percent(share, 1)} of target",
            )
        else:
            _add_role(nodes, company, tree, cents, staff=staff, inputs=inputs)
    return pd.DataFrame(nodes.rows)


def _add_role(
    nodes: _Nodes, company: str, tree: KpiTree, cents: int | None, *, staff: Staff,
    inputs: MeasureInputs,
) -> None:  # fmt: skip
    seen = {one.name: _observe(one, tree.role, staff, inputs) for one in tree.drivers}
    known = [one.value for one in seen.values() if one.value is not None]
    product = float(np.prod(known)) if len(known) == len(seen) else None
    needed = _money(cents)
    words = " x ".join(one.name for one in tree.drivers)
    role = nodes.add(
        company, "role", tree.role, role=tree.role, needed=needed, observed=product,
        gap_share=_gap(needed, product), formula=f"{percent(tree.target_share, 1)} of target = "
                                                 f"{words}",
    )  # fmt: skip
    if tree.team_share > 0:
        team, own = _split(cents, [tree.team_share, 1 - tree.team_share])
        nodes.add(role, "part", "reached together as a team", role=tree.role, needed=_money(team),
                  formula=f"{percent(tree.team_share)} of the role's target")  # fmt: skip
        if tree.team_share < 1:
            nodes.add(role, "part", "reached by each person", role=tree.role, needed=_money(own),
                      formula=f"{percent(1 - tree.team_share)} of the role's target")  # fmt: skip
    lever = tree.lever or tree.drivers[0].name
    for one in tree.drivers:
        now = seen[one.name]
        others = [found.value for name, found in seen.items() if name != one.name]
        want = now.value
        if one.name == lever:
            want = _solve(needed, others)
        beyond = want is not None and now.high is not None and want > now.high
        nodes.add(
            role, "driver", one.name, role=tree.role, unit=one.unit or _unit(one), needed=want,
            observed=now.value, low=now.low, high=now.high, gap_share=_gap(want, now.value),
            count=now.count, is_lever=one.name == lever, is_beyond=beyond, formula=now.how,
        )  # fmt: skip
    for metric in tree.long_term:
        if metric in MEASURES:
            now = _measure(metric, tree.role, staff, inputs)
            name = _TITLES.get(metric, metric.replace("_", " "))
            nodes.add(role, "long_term", name, role=tree.role,
                      unit=MEASURES[metric].unit, observed=now.value, low=now.low, high=now.high,
                      count=now.count, formula=now.how)  # fmt: skip


def _solve(needed: float | None, others: list[float | None]) -> float | None:
    if needed is None or any(value is None or value <= 0 for value in others):
        return None
    return needed / float(np.prod([value for value in others if value is not None]))


def _observe(driver: Driver, role: str, staff: Staff, inputs: MeasureInputs) -> _Seen:
    if driver.metric == HEADCOUNT:
        return _headcount(role, staff)
    if driver.metric in MEASURES:
        found = _measure(driver.metric, role, staff, inputs)
        if found.value is not None or driver.value is None:
            return found
        return _Seen(driver.value, how=f"assumption of plan.yaml; {found.how}")
    if driver.value is not None:
        return _Seen(driver.value, how="assumption of plan.yaml")
    return _Seen(None, how=f"no metric '{driver.metric}' is known and no value is set")


def _headcount(role: str, staff: Staff) -> _Seen:
    first = staff.as_of.to_period("M").start_time - pd.DateOffset(months=_MONTHS - 1)
    rows = staff.since(first)
    rows = rows[rows["rep_id"].isin(_of_role(role, staff)["rep_id"])]
    years = float(rows["years"].sum())
    if not years:
        return _Seen(None, how=f"nobody was {role} in the last {_MONTHS} months")
    return _Seen(years, count=float(rows["rep_id"].nunique()),
                 how=f"people of the role, average of the last {_MONTHS} months")  # fmt: skip


def _measure(metric: str, role: str, staff: Staff, inputs: MeasureInputs) -> _Seen:
    facts = MEASURES[metric]
    units, people = units_of(metric, inputs), _of_role(role, staff)
    if units is None or people.empty:
        return _Seen(None, how=f"not known: no {facts.source} of the role")
    first = staff.as_of.to_period("M").start_time - pd.DateOffset(months=_MONTHS - 1)
    sums = person_sums(units, people, first, staff.as_of)
    by_time = facts.family in ("count", "amount")
    lower = sums["years"] if by_time else sums["lower"]
    left = people["leave_date"].notna().to_numpy()
    if by_time and left.any():  # who left was there until then
        lower = _years_there(people, first, staff.as_of)
    value, variance = ratio_of_cases(
        sums["upper"].to_numpy(dtype=float), lower.to_numpy(dtype=float)
    )
    if np.isnan(value):
        return _Seen(None, how=f"not known: {facts.meaning} has no cases")
    half = _Z * float(np.sqrt(variance)) if variance == variance else float("nan")
    return _Seen(
        value, None if half != half else max(value - half, 0.0), None if half != half else
        value + half, float(lower.sum()), f"{facts.meaning}, last {_MONTHS} months",
    )  # fmt: skip


def _years_there(people: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.Series:
    begin = people["start"].where(people["start"] > first, first)
    end = people["leave_date"].fillna(last)
    years = ((end - begin).dt.days + 1).clip(lower=0) / 365.25
    return years.reset_index(drop=True)


def _of_role(role: str, staff: Staff) -> pd.DataFrame:
    """Give the people whose present (or last) role it is."""
    return staff.people[staff.people["role"] == role].reset_index(drop=True)


def _observed_total(staff: Staff, inputs: MeasureInputs) -> _Seen:
    units = units_of("won_amount", inputs)
    if units is None:
        return _Seen(None)
    first = staff.as_of.to_period("M").start_time - pd.DateOffset(months=_MONTHS - 1)
    inside = units[(units["day"] >= first) & (units["day"] <= staff.as_of)]
    return _Seen(float(inside["upper"].sum()))


def _split(cents: int | None, shares: list[float]) -> list[int | None]:
    if cents is None or sum(shares) <= 0:
        return [None] * len(shares)
    same = pd.Series(0, index=range(len(shares)))
    parts = split_cents(pd.Series([cents] * len(shares)), pd.Series(shares), same)
    return [int(one) for one in parts]


def _money(cents: int | None) -> float | None:
    return None if cents is None else float(from_cents(pd.Series([cents], dtype="Int64")).iloc[0])


def _gap(needed: float | None, observed: float | None) -> float | None:
    return None if needed is None or not observed else needed / observed - 1


def _unit(driver: Driver) -> str:
    if driver.metric == HEADCOUNT:
        return "people"
    return MEASURES[driver.metric].unit if driver.metric in MEASURES else ""
