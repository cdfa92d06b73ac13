"""Any input, however poor, gives complete tables with findings; never an error of a solver."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from planlib.settings.territories import TerritoriesSettings
from planlib.tables import table
from planlib.territories import Alignment, align, solve_statement
from tests.territory_frames import AS_OF, make_accounts, make_reps, make_settings, make_statement

AMOUNTS = st.sampled_from([np.nan, 0.0, -5.0, 10.0, 12.5, 30.0, 1e9])
OWNERS = st.sampled_from([None, "R-1", "R-2", "R-3", "gone"])
REGIONS = st.sampled_from([None, "North", "north ", "South"])


@st.composite
def requests(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, TerritoriesSettings, dict]:
    """Draw accounts, reps, settings and decisions, small and as odd as real ones."""
    count, reps = draw(st.integers(0, 6)), draw(st.integers(0, 3))
    ids = [f"A-{row}" for row in range(count)]

    def column(values: st.SearchStrategy[object], size: int = count) -> list[object]:
        return draw(st.lists(values, min_size=size, max_size=size))

    accounts = pd.DataFrame({
        "account_id": ids, "owner_id": column(OWNERS), "region": column(REGIONS),
        "potential": column(AMOUNTS), "workload_hours": column(AMOUNTS), "acv": column(AMOUNTS),
        "parent_id": column(st.sampled_from([None, *ids, "elsewhere"])),
        "latitude": column(st.sampled_from([np.nan, 0.0, 48.9, 120.0])),
        "longitude": column(st.sampled_from([np.nan, 0.0, 2.4, 51.0])),
        "unit": column(st.sampled_from([None, "Enterprise", "Small"])),
    })  # fmt: skip
    people = pd.DataFrame({
        "rep_id": [f"R-{row + 1}" for row in range(reps)], "role": "AE",
        "region": column(REGIONS, reps), "capacity_hours": column(AMOUNTS, reps),
        "skills": column(st.sampled_from([None, "Retail", "Bank;Retail"]), reps),
        "city": column(st.sampled_from([None, "Paris", "Nowhere"]), reps),
    })  # fmt: skip
    rules = TerritoriesSettings(
        tolerance=draw(st.sampled_from([None, 0.1])), effort="quick",
        disruption_share=draw(st.sampled_from([None, 0.0, 0.2])),
        within=draw(st.sampled_from(["", "region"])),
        targets=draw(st.sampled_from(["equal", "capacity", "unit capacity", "ramp", "given"])),
        max_accounts=draw(st.sampled_from([None, 1, 3])),
        min_accounts=draw(st.sampled_from([None, 1])),
        split_families_above=draw(st.sampled_from([None, 0.5])),
    )  # fmt: skip
    locks = pd.DataFrame(
        draw(st.lists(st.tuples(st.sampled_from([*ids, "A-9"]), OWNERS.filter(bool),
                                st.sampled_from(["must", "must_not"])), max_size=3)),
        columns=["account_id", "rep_id", "rule"],
    )  # fmt: skip
    return accounts, people, rules, {"overrides": locks if len(locks) else None}


def complete(alignment: Alignment, accounts: pd.DataFrame) -> None:
    """Check that tables keep their contracts, every account has its row, and sums agree."""
    for name, frame in alignment.tables.items():
        table(name).check(frame)
    plan = alignment.plan
    assert sorted(plan["account_id"]) == sorted(accounts["account_id"])
    assert plan.loc[plan["is_in_scope"].astype(bool), "rep_id"].notna().all()
    assert plan["reason"].notna().all()
    assert not (plan["latitude"].eq(0) & plan["longitude"].eq(0)).any()
    assert len(alignment.summary()) > 5


@settings(max_examples=15, deadline=None, derandomize=True, phases=[Phase.generate])
@given(requests())
def test_any_request_gives_complete_tables(
    request: tuple[pd.DataFrame, pd.DataFrame, TerritoriesSettings, dict],
) -> None:
    """Whatever is missing, wrong or contradictory, the planner gets a plan and findings."""
    accounts, reps, rules, tables = request
    complete(align(accounts, reps, rules, as_of=AS_OF, **tables), accounts)


def test_the_price_of_a_budget_is_confirmed_by_solving_again() -> None:
    """With one more unit no plan saves more than the price, and a binding budget has one."""
    rules = {"measures": ("potential",), "tolerance": 0.35, "effort": "normal"}
    small = make_statement(make_accounts(60), make_reps(), make_settings(
        disruption_share=0.1, **rules))  # fmt: skip
    block = small.blocks[0]
    answer = solve_statement(small)[0]
    price = float(answer.budget_prices[0])
    assert price > 0
    assert answer.used[0] <= block.budget[0]
    for more in (0.11, 0.15, 0.2):
        wider = solve_statement(small.changed(make_settings(disruption_share=more, **rules)))[0]
        step = wider.block.budget[0] - block.budget[0]
        assert wider.bound >= answer.bound - price * step - 1e-6 * abs(answer.bound)
        assert wider.cost <= answer.cost + 1e-9
