"""Tests of planlib.territories.plan_response."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from planlib.settings.territory_models import TerritoryModelsSettings
from planlib.tables import table
from planlib.territories import solve_statement
from planlib.territories.plan_response import ResponseComparison, compare_response
from planlib.territories.spent import TimeSpent, time_spent
from planlib.territories.statement import Statement
from tests import territory_frames
from tests.territory_model_frames import make_accounts, make_statement


def make_comparison(**changes: object) -> ResponseComparison:
    """Compare plans of the small market; changes are settings of the models."""
    statement = make_statement()
    settings = TerritoryModelsSettings(**changes)  # type: ignore[arg-type]
    return compare_response(statement, solve_statement(statement), settings)


@pytest.mark.parametrize("form", ["power", "saturation"])
def test_the_most_profitable_plan_sells_most(form: str) -> None:
    """No plan sells more than the most profitable one, and that no more than its bound."""
    found = make_comparison(response_form=form)
    table("territory_response").check(found.plans)
    table("territory_response_reps").check(found.reps)
    table("territory_response_accounts").check(found.accounts)
    for _, rows in found.plans.groupby("block"):
        own = rows.set_index("plan")
        best = own.loc["profitable"]
        assert (own["expected_sales"] <= best["expected_sales"] * (1 + 1e-9)).all()
        assert best["expected_sales"] <= best["most"] * (1 + 1e-9)
        assert own.loc["profitable and fair", "expected_sales"] >= own.loc["fair", "expected_sales"]
        assert own.loc["fair", "gain"] == 0.0
        assert own.loc["profitable and fair", "potential_deviation"] <= 0.3


def test_tables_agree() -> None:
    """Sales of accounts and of reps add up to the plan's, and reps use their hours."""
    found = make_comparison()
    plans = found.plans.groupby("plan")["expected_sales"].sum()
    reps = found.reps.groupby("plan")["expected_sales"].sum()
    assert plans.to_dict() == pytest.approx(reps.to_dict())
    assert found.accounts["fair_sales"].sum() == pytest.approx(plans["fair"])
    busy = found.reps[found.reps["account_count"] > 0]
    assert np.allclose(busy["hours"], 400.0)
    assert set(found.tables) == {"territory_response", "territory_response_reps",
                                 "territory_response_accounts"}  # fmt: skip


def test_assumptions_are_stated() -> None:
    """The words say where elasticity and the share sold come from."""
    plain = make_comparison().assumed
    assert "usual value; no history" in plain.words
    assert "what 32 accounts with ACV above 0 buy today of theirs" in plain.words
    given = make_comparison(elasticity=0.4, sold_share=0.5).assumed
    assert (given.elasticity, given.sold_share) == (0.4, 0.5)
    statement = make_statement()
    accounts = make_accounts()
    hours = accounts["workload_hours"] * np.tile([0.5, 2.0], 20)
    spent = TimeSpent(hours=pd.DataFrame({"account_id": accounts["account_id"], "hours": hours}))
    fitted = compare_response(statement, solve_statement(statement), TerritoryModelsSettings(),
                              spent=spent).assumed  # fmt: skip
    assert "fitted on 32 accounts" in fitted.words
    assert fitted.elasticity != 0.3


def test_the_most_profitable_plan_begins_with_the_one_within_the_tolerance() -> None:
    """With a ceiling on sales too, no plan that keeps more limits sells more."""
    found = territory_frames.run()
    settings = TerritoryModelsSettings(response_form="saturation")
    plans = compare_response(found.statement, found.answers, settings).plans.set_index("plan")
    sales = plans["expected_sales"]
    assert sales["profitable"] >= sales["profitable and fair"] >= sales["fair"]


def test_unknown_potential_is_said_and_not_sold() -> None:
    """Without potential nothing is expected; where some is missing, the accounts are counted."""
    accounts = territory_frames.make_accounts()
    for unknown, said in ((24, "EMEA is left out"), (2, "2 of 24 accounts of EMEA have no known")):
        potential = accounts["potential"].mask(accounts.index < unknown)
        statement = territory_frames.make_statement(accounts.assign(potential=potential))
        found = compare_response(statement, solve_statement(statement), TerritoryModelsSettings())
        assert found.notes[0].startswith(said)
        assert found.plans.empty == (unknown == 24)
        table("territory_response").check(found.plans)


def make_contacts(statement: Statement, *, every: int = 30, minutes: float = 45.0) -> pd.DataFrame:
    """A contact with each account in each span of days over the last year, the last automatic."""
    days = pd.date_range(end=pd.Timestamp(statement.as_of), periods=360 // every, freq=f"{every}D")
    rows = pd.DataFrame(
        [(account, day) for account in statement.book["account_id"] for day in days],
        columns=["account_id", "activity_date"],
    )
    return rows.assign(minutes=minutes, is_automatic=rows["activity_date"] == days[-1])


def test_time_spent_is_what_people_logged_with_a_duration() -> None:
    """Hours by account, without automatic contacts and those whose need comes from the log."""
    statement = make_statement()
    ids = statement.book["account_id"]
    found = time_spent(statement, make_contacts(statement))
    assert found.hours["hours"].to_numpy() == pytest.approx(11 * 0.75)  # 12 contacts, 1 automatic
    assert len(found.hours) == len(ids)
    source = pd.DataFrame({"account_id": ids, "workload_source": "rules"})
    source.loc[:4, "workload_source"] = "activities"
    apart = time_spent(statement, make_contacts(statement), source)
    assert not set(apart.hours["account_id"]) & set(ids[:5])
    assert len(apart.hours) == len(ids) - 5


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda rows: None, "no activities in the last year"),
        (lambda rows: rows.tail(1).assign(is_automatic=False), "activities cover only 1 days"),
        (lambda rows: rows.head(11), "logging is too thin"),
        (lambda rows: rows.assign(minutes=np.nan), "no logged activity has minutes"),
        (lambda rows: rows, "counted from the logged activities themselves"),
    ],
)
def test_time_that_does_not_tell_leaves_the_usual_value(
    change: Callable[[pd.DataFrame], pd.DataFrame | None], reason: str
) -> None:
    """A log that is missing, short, thin, untimed, or the source of the need is named instead."""
    statement = make_statement()
    source = pd.DataFrame(
        {"account_id": statement.book["account_id"], "workload_source": "activities"}
    )
    source.loc[:2, "workload_source"] = "override"  # too few to tell
    spent = time_spent(statement, change(make_contacts(statement)), source)
    assert spent.hours.empty
    assert reason in spent.reason
    assumed = compare_response(
        statement, solve_statement(statement), TerritoryModelsSettings(), spent=spent
    ).assumed
    assert assumed.elasticity == 0.3
    assert f"usual value; {spent.reason}" in assumed.words
    assert "fitted" not in assumed.words  # the size by return reads it so
