"""Any input, however poor, gives complete tables with findings; never an error of a solver."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from planlib.settings.territories import TerritoriesSettings
from planlib.tables import table
from planlib.territories import Alignment, align, list_findings, solve_statement
from tests.territory_frames import (
    AS_OF,
    details,
    make_accounts,
    make_locks,
    make_reps,
    make_settings,
    make_statement,
)

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


def found(kind: str, alignment: Alignment) -> pd.DataFrame:
    """Give the findings of a kind."""
    return alignment.problems[alignment.problems["problem"].eq(kind)]


def test_a_rep_whose_region_has_no_account_is_named_with_the_likely_spelling() -> None:
    """A misspelt region takes the rep out of the plan, and says so."""
    reps = make_reps(region=["EMEA", "EMAE", "EMEA", "EMEA"])
    alignment = align(make_accounts(), reps, make_settings(), as_of=AS_OF)
    row = found("no_account", alignment).iloc[0]
    assert row["rep_id"] == "R-2"
    assert "no account is in 'EMAE' (did you mean 'EMEA'?)" in row["detail"]


def test_owners_who_are_not_in_the_list_of_reps_are_named_once_each() -> None:
    """Accounts of an unknown owner are counted; known owners are not."""
    accounts = make_accounts(owner_id=["R-77"] * 3 + ["R-1"] * 21)
    rows = found("owner_unknown", align(accounts, make_reps(), make_settings(), as_of=AS_OF))
    assert rows["rep_id"].tolist() == ["R-77"]
    assert "owns 3 accounts but is not in reps" in rows["detail"].iloc[0]


def test_a_negative_acv_is_unknown_and_named_by_account() -> None:
    """One account below 0 is named, the plan goes on, and the budget does not count it."""
    accounts = make_accounts(acv=[-5.0] + [1000.0] * 23)
    alignment = align(accounts, make_reps(), make_settings(), as_of=AS_OF)
    rows = found("measure", alignment)
    assert rows["account_id"].tolist() == ["A-000"]
    assert "acv is negative" in rows["detail"].iloc[0]
    assert alignment.status in ("optimal", "feasible")


def test_capacities_of_zero_are_named_and_all_reps_count_alike() -> None:
    """Where no capacity can be used although given, the reps are named."""
    reps = make_reps(capacity_hours=[0.0, 0.0, -1.0, 0.0])
    alignment = align(make_accounts(), reps, make_settings(), as_of=AS_OF)
    assert "capacity_hours of R-1, R-2, R-3" in found("target", alignment)["detail"].iloc[0]
    targets = alignment.balance.groupby("measure")["target"].nunique()
    assert targets.eq(1).all()


def test_an_unknown_rule_is_refused_and_not_taken_for_a_bar() -> None:
    """A rule that is neither must nor must_not is named; the account is planned as before."""
    locks = make_locks(("A-000", "R-1", "mst"))
    alignment = align(make_accounts(), make_reps(), make_settings(), as_of=AS_OF, overrides=locks)
    row = found("lock_not_usable", alignment).iloc[0]
    assert "rule 'mst' is unknown; must be must or must_not" in row["detail"]
    assert alignment.overrides["state"].tolist() == ["not_usable"]


def test_the_note_says_how_many_territories_a_tightest_tolerance_leaves_outside() -> None:
    """Locks on one rep put all outside; the tightest tolerance of the others does not hide it."""
    locks = make_locks(*[(f"A-{row:03d}", "R-1", "must") for row in range(24)])
    settings = make_settings(tolerance=None)
    alignment = align(make_accounts(), make_reps(), settings, as_of=AS_OF, overrides=locks)
    assert alignment.solution["note"].str.contains("3 territories are outside it").all()


def test_findings_are_listed_once_with_the_accounts_they_concern() -> None:
    """The same finding on several accounts is one row with count, first ids and ACV."""
    accounts = make_accounts(latitude=[480.0] * 5 + [48.0] * 19, longitude=2.0, acv=10.0)
    alignment = align(accounts, make_reps(), make_settings(), as_of=AS_OF)
    listed = list_findings(alignment.problems.to_dict("records"))
    row = listed[listed["detail"].eq("coordinates are out of range")].iloc[0]
    assert row["row_count"] == 5
    assert row["who"] == "A-000, A-001, A-002, A-003 and 1 more"
    assert row["amount"] == 50.0
    assert list_findings([]).empty


def test_accounts_that_weigh_nothing_are_named() -> None:
    """A potential of 0 is a finding with the accounts; an ACV of 0 is that of a prospect."""
    accounts = make_accounts()
    accounts.loc[:1, "potential"] = 0.0
    said = details(make_statement(accounts), "measure")
    assert said == "potential is 0 for 2 of 24 accounts; they weigh nothing there: A-000, A-001"
    accounts = make_accounts(acv=[0.0, *[5.0] * 23])
    assert details(make_statement(accounts, settings=make_settings(measures=("acv",))),
                   "measure") == ""  # fmt: skip


def test_no_accounts_are_one_finding() -> None:
    """An empty table says so once, and no measure is called unknown."""
    statement = make_statement(make_accounts().iloc[:0])
    assert "there are no accounts; nothing is planned" in details(statement, "setting")
    assert details(statement, "measure") == ""


def test_families_without_a_rep_are_no_fault() -> None:
    """Nobody to share a family among: the plan is empty and says so, whatever the rule."""
    settings = make_settings(split_families_above=0.5)
    found = align(make_accounts(), make_reps().iloc[:0], settings, as_of=AS_OF)
    assert found.status == "empty"
