"""Tests of planlib.key_accounts.evaluation: calendar, checks, burden, cost, steadiness."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from planlib.errors import SettingsError, TableError
from planlib.key_accounts.evaluation import (
    account_owners,
    account_stability,
    check_accounts,
    check_management,
    check_sales,
    check_spend,
    combined_ratings,
    effort_against_score,
    ended,
    evaluation_agenda,
    evaluation_calendar,
    key_account_returns,
    on_time_shares,
    plan_ratings,
)
from planlib.key_accounts.evaluation.calendar import periods
from planlib.key_accounts.owners import asking_notes, key_owners, people_to_ask
from planlib.periods import Period
from planlib.plan import Plan
from planlib.settings.closeness import ClosenessSettings
from planlib.settings.evaluation import EvaluationSettings
from planlib.settings.key_accounts import KeyAccountsSettings
from planlib.tables import table
from tests.closeness_frames import AS_OF, make_activities, make_ratings, make_rows

MONTHLY = {"importance": "quarter", "needs": "two_months", "closeness": "month"}
SETTINGS = EvaluationSettings(cadences=MONTHLY, months_shown=6, minimum_count=1)
KEYS = pd.DataFrame(
    {
        "account_id": ["A1", "A2"],
        "rep_id": ["R1", "R2"],
        "region": ["North", "South"],
        "score": [80.0, 40.0],
        "status": ["stays", "enters"],
    }
)


def make_confirmed(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make confirmed ratings of closeness of A1 by R1; a row gives what differs."""
    base = {"who": "Mia", "when": "2026-03-20", "why": "sheet", "account_id": "A1",
            "factor": "closeness", "rating": 5.0, "rating_date": "2026-03-20",
            "rater_id": "R1"}  # fmt: skip
    given = [{"decision_id": f"D-{at}", **base, **row} for at, row in enumerate(rows)]
    return make_rows("override_account_ratings", *given)


def states(aspect: str = "closeness", **given: Any) -> list[str]:
    """Give the states of an aspect of A1, oldest first."""
    calendar = evaluation_calendar(KEYS, SETTINGS, given.pop("as_of", AS_OF), **given)
    mine = calendar[(calendar["account_id"] == "A1") & (calendar["aspect"] == aspect)]
    return mine["status"].tolist()


def test_periods_follow_the_cadence_and_the_fiscal_year() -> None:
    """Quarters of a year that starts in February begin in February, May, August, November."""
    found = periods(SETTINGS, date(2026, 3, 15), first_month=2)
    mine = found[found["aspect"] == "importance"]
    assert mine["start_date"].dt.strftime("%Y-%m-%d").tolist() == [
        "2025-08-01", "2025-11-01", "2026-02-01",
    ]  # fmt: skip
    assert mine["end_date"].iloc[-1] == pd.Timestamp("2026-04-30")
    spans = found[found["aspect"] == "closeness"]
    assert (spans["end_date"].shift() + pd.Timedelta(days=1) == spans["start_date"]).iloc[1:].all()


def test_a_rating_fills_its_own_period_and_no_other() -> None:
    """Rated in December and March: January is skipped, February too, nothing is filled forward."""
    ratings = make_ratings({"rating_date": "2025-12-15"}, {"rating_date": "2026-03-02"})
    assert states(ratings=ratings) == ["skipped", "skipped", "done", "skipped", "skipped", "done"]


def test_the_running_period_is_due_and_the_one_before_overdue() -> None:
    """Only the last ended period can still be called overdue."""
    assert states(as_of=date(2026, 3, 10))[-3:] == ["skipped", "overdue", "due"]
    late = make_ratings({"rating_date": "2026-04-01"})
    assert states(ratings=late)[-1] == "due"


def test_each_aspect_has_its_own_evidence() -> None:
    """A rating of potential is evidence of importance; a need or a confirmation of needs."""
    ratings = make_ratings({"factor": "potential"})
    assert states("importance", ratings=ratings)[-1] == "done"
    assert states("closeness", ratings=ratings)[-1] == "due"
    needs = make_rows("needs", {"need_id": "N1", "account_id": "A1", "need": "pump",
                                "horizon": "0-3m", "recorded_date": "2026-02-03"})  # fmt: skip
    assert states("needs", needs=needs)[-2:] == ["done", "due"]
    confirmed = make_confirmed({"factor": "needs", "rating": None})
    assert states("needs", confirmed=confirmed)[-1] == "done"


def test_a_rating_outside_the_scale_is_no_evaluation() -> None:
    """It fills no period, is not shown as the last value, and nobody counts as rated by it."""
    wrong = make_ratings({"rating": 11.0, "rating_date": "2026-03-05"})
    assert states(ratings=wrong)[-1] == "due"
    calendar = evaluation_calendar(KEYS, SETTINGS, AS_OF, ratings=wrong)
    sheet, _ = plan_ratings(KEYS, calendar, wrong, SETTINGS)
    assert sheet["last_rating"].isna().all()
    late = wrong.assign(factor="potential")
    checks = check_accounts(make_listed(), SETTINGS, AS_OF, ratings=late).set_index("rule")
    assert checks.at["rated lately", "result"] == "not known"


def test_confirmed_ratings_stand_beside_given_ones_and_win_where_both_exist() -> None:
    """The same person, day and factor: the confirmed value; the other rows stay."""
    given = make_ratings({"rating": 1.0}, {"rating_date": "2026-01-10"})
    both = combined_ratings(given, make_confirmed({}, {"factor": "needs", "rating": None}))
    assert both is not None
    assert len(both) == 2
    assert both.set_index("rating_date").loc[pd.Timestamp("2026-03-20"), "rating"] == 5.0
    assert combined_ratings(None, None) is None


def test_the_share_in_time_counts_the_periods_that_have_ended() -> None:
    """What is done in the running period flatters no share; regions and owners sum to the total."""
    ratings = make_ratings({"rating_date": "2026-02-10"}, {"rating_date": "2026-03-20"})
    calendar = evaluation_calendar(KEYS, SETTINGS, AS_OF, ratings=ratings)
    assert (calendar.loc[calendar["aspect"] == "closeness", "status"] == "done").sum() == 2
    assert "due" not in set(ended(calendar)["status"])
    found = on_time_shares(calendar, KEYS, SETTINGS)
    found = found.set_index(["aspect", "cut", "cut_value"]).sort_index()
    total = found.loc[("closeness", "total", "all")]
    assert (total["done_count"], total["count"]) == (1, 10)
    assert total["share"] == pytest.approx(1 / 10)
    assert total["low"] < total["share"] < total["high"]
    regions = found.loc[("closeness", "region")]
    assert regions["count"].sum() == 10
    assert found.loc[("closeness", "rep", "R1"), "done_count"] == 1


def test_the_burden_is_capped_and_what_is_put_off_is_counted() -> None:
    """Overdue first, then by score; 8 minutes leave room for closeness and importance of A1."""
    keys = KEYS.assign(rep_id="R1")
    settings = SETTINGS.model_copy(update={"minutes_a_month": 8.0})
    calendar = evaluation_calendar(keys, settings, AS_OF)
    sheet, burden = plan_ratings(keys, calendar, make_ratings({"rating_date": "2026-01-10"}),
                                 settings)  # fmt: skip
    asked = sheet[sheet["is_asked"].astype(bool)]
    assert set(asked["account_id"]) == {"A1"}
    assert set(asked["factor"]) == {"closeness", "potential", "demonstration", "winnability"}
    assert burden["asked_minutes"].tolist() == [8.0]
    assert burden["minutes_per_account"].tolist() == [4.0]
    assert burden["put_off_count"].tolist() == [len(sheet) - 4]
    assert asked.set_index("factor").loc["closeness", "last_rating"] == 6.0


def test_without_key_accounts_every_evaluation_is_empty() -> None:
    """Accounts and reps alone may give an empty list; sheets, effort and stability are empty."""
    keys = KEYS.astype({"account_id": "str", "rep_id": "str"}).head(0)
    calendar = evaluation_calendar(keys, SETTINGS, AS_OF)
    sheet, burden = plan_ratings(keys, calendar, None, SETTINGS)
    assert sheet.empty
    assert burden.empty
    assert effort_against_score(keys, SETTINGS, AS_OF).empty
    close = make_rows("account_closeness").head(0)
    assert account_stability(keys, SETTINGS, AS_OF, closeness=close).empty


def make_listed(**changes: Any) -> pd.DataFrame:
    """Make a list of key accounts whose only one is up to standard."""
    row = {"account_id": "A1", "stratum": "all", "score": 80.0, "known_weight": 1.0,
           "confidence": 0.7, "rank": 1, "cut_off_rank": 1, "is_key": True, "status": "stays",
           "reviews_outside": 0, "in_list_probability": 0.9, "reason": "first",
           **changes}  # fmt: skip
    names = {column.name for column in table("key_accounts").columns}
    return pd.DataFrame([{name: row.get(name) for name in names}])


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"confidence": 0.3}, "score is backed"),
        ({"in_list_probability": 0.4}, "stays under other weights"),
        ({"status": "watch"}, "place is safe"),
    ],
)
def test_an_account_below_standard_fails_its_rule(change: dict[str, Any], rule: str) -> None:
    """Everything else is met; what nobody recorded is not known, neither met nor failed."""
    ratings = make_ratings({"factor": "potential"})
    for changes, expected in (({}, "met"), (change, "not met")):
        found = check_accounts(make_listed(**changes), SETTINGS, AS_OF, ratings=ratings)
        result = found.set_index("rule")["result"]
        assert result[rule] == expected
        assert result["rated lately"] == "met"
        assert result["strategy is fresh"] == "not known"


def test_an_old_rating_fails_and_its_age_is_said() -> None:
    """201 days are one too many."""
    ratings = make_ratings({"factor": "potential", "rating_date": "2025-09-11"})
    row = check_accounts(make_listed(), SETTINGS, AS_OF, ratings=ratings).set_index("rule")
    assert row.loc["rated lately", "result"] == "not met"
    assert "201 days" in row.loc["rated lately", "evidence"]


def test_owners_are_checked_on_evidence_alone() -> None:
    """R1 rates in time and has two threads; R2 has one thread and no logging."""
    settings = SETTINGS.model_copy(update={"months_shown": 2})
    ratings = make_ratings(
        *[{"factor": factor, "rating_date": day} for factor in ("closeness", "potential")
          for day in ("2026-02-10", "2026-03-20", "2025-12-10")]
    )  # fmt: skip
    gone_over = {"factor": "needs", "rating": None}
    confirmed = make_confirmed(gone_over, {**gone_over, "rating_date": "2026-02-10"})
    calendar = evaluation_calendar(KEYS, settings, AS_OF, ratings=ratings, confirmed=confirmed)
    closeness = make_rows(
        "account_closeness",
        {"account_id": "A1", "rep_id": "R1", "carried_by": "automatic", "thread_count": 2,
         "basis": "seats", "seats_count": 4, "unknown_count": 1},
        {"account_id": "A2", "rep_id": "R2", "carried_by": "automatic", "thread_count": 1,
         "basis": "seats", "seats_count": 4, "unknown_count": 3},
    )  # fmt: skip
    logging = make_rows(
        "logging_coverage",
        {"rep_id": "R1", "coverage_share": 0.9, "is_low": False, "reason": "-"},
        {"rep_id": "R2", "is_low": True, "reason": "-"},
    )
    found = check_sales(KEYS, closeness, logging, calendar, (settings, ClosenessSettings()))
    result = found.set_index(["rep_id", "rule"])["result"]
    assert set(result["R1"]) == {"met"}
    assert result["R2"].to_dict() == {
        "evaluates in time": "not met", "logs contact": "not known",
        "more than one thread": "not met", "knows the seats": "not met",
    }  # fmt: skip


def test_management_answers_for_process_and_continuity() -> None:
    """The functional lead of R1; half of the strategies fresh, a late task, one changed owner."""
    reps = make_rows("reps", {"rep_id": "R1", "functional_manager_id": "M1", "manager_id": "M9"},
                     {"rep_id": "R2", "manager_id": "M1"})  # fmt: skip
    versions = make_rows(
        "strategy_versions",
        {"account_id": "A1", "version": 1, "decision_id": "D", "when": "2026-01-10", "who": "Mia",
         "why": "-", "stage_goal": "-", "changed": "-", "is_current": True},
    )  # fmt: skip
    tasks = pd.DataFrame({"director_id": ["M1", "M1"], "is_overdue": [True, False]})
    owners = make_rows(
        "key_account_owners",
        {"account_id": "A1", "from_date": "2025-01-31", "to_date": "2025-10-31", "rep_id": "R9",
         "basis": "-"},
        {"account_id": "A1", "from_date": "2025-11-30", "to_date": "2026-03-31", "rep_id": "R1",
         "basis": "-"},
        {"account_id": "A2", "from_date": "2025-01-31", "to_date": "2026-03-31", "rep_id": "R2",
         "basis": "-"},
    )  # fmt: skip
    calendar = evaluation_calendar(KEYS, SETTINGS, AS_OF)
    found = check_management(KEYS, reps, calendar, SETTINGS, AS_OF, strategies=versions,
                             tasks=tasks, owners=owners).set_index("rule")  # fmt: skip
    assert set(found["manager_id"]) == {"M1"}
    assert found["value"].to_dict() == {
        "evaluations in time": 0.0, "strategies are fresh": 0.5, "tasks are done": 0.5,
        "owners stay": 0.5,
    }  # fmt: skip
    bare = check_management(KEYS, reps, calendar, SETTINGS, AS_OF).set_index("rule")
    assert (bare["result"] == "not known").sum() == 3
    assert check_management(KEYS, None, calendar, SETTINGS, AS_OF).empty


def make_wins(*amounts: float, day: str = "2026-01-15") -> pd.DataFrame:
    """Make won deals of A1 with product P1."""
    rows = [{"opportunity_id": f"O{at}", "account_id": "A1", "is_won": True, "is_closed": True,
             "amount": amount, "close_date": day, "product_id": "P1"}
            for at, amount in enumerate(amounts)]  # fmt: skip
    return make_rows("opportunities", *rows)


PRODUCTS = make_rows("products", {"product_id": "P1", "margin_share": 0.5})


def test_cost_and_return_are_hours_times_cost_against_later_margin() -> None:
    """Two visits of four stated hours before the lag, one after it; margins 300 and 400."""
    acts = make_activities(
        {"activity_type": "visit", "activity_date": "2025-08-01"},
        {"activity_type": "visit", "activity_date": "2025-08-02", "minutes": 600},
        {"activity_type": "visit", "activity_date": "2026-01-02"},
        {"activity_type": "visit", "activity_date": "2025-08-03", "is_automatic": True},
        weekly=False,
    )
    reps = make_rows("reps", {"rep_id": "R1", "role": "AE"})
    settings = EvaluationSettings(cost_per_hour={"default": 1.0, "AE": 5.0}, lag_months=6)
    found = key_account_returns(
        KEYS, settings, AS_OF, activities=acts, opportunities=make_wins(600.0, 800.0),
        products=PRODUCTS, reps=reps,
    ).set_index("account_id")  # fmt: skip
    mine = found.loc["A1"]
    assert (mine["hours"], mine["cost_amount"]) == (14.0, 70.0)
    assert mine["margin_amount"] == 700.0
    assert mine["return_ratio"] == pytest.approx(10.0)
    assert mine["high_amount"] - 700 == pytest.approx(1.96 * 500)
    assert mine["low_amount"] == 0
    assert mine["is_grey"]
    assert found.loc["all", "margin_amount"] == 700.0
    assert pd.isna(found.loc["A2", "return_ratio"])
    assert found.loc["A2", "reason"] != ""


def test_money_put_into_decided_projects_is_part_of_the_cost() -> None:
    """Won by contract and lost by its deal count; open, older and other accounts' do not."""
    acts = make_activities({"activity_type": "visit", "activity_date": "2025-08-01"}, weekly=False)
    lost = {"opportunity_id": "O9", "account_id": "A1", "is_won": False, "is_closed": True,
            "close_date": "2025-06-01"}  # fmt: skip
    deals = pd.concat([make_wins(600.0), make_rows("opportunities", lost)], ignore_index=True)
    base = {"account_id": "A1", "status": "won", "contract_date": "2026-01-15"}
    projects = make_rows(
        "projects",
        {**base, "project_id": "X1", "input_cost_amount": 20.0},
        {"project_id": "X2", "account_id": "A1", "status": "lost", "opportunity_id": "O9",
         "input_cost_amount": 30.25},
        {**base, "project_id": "X3"},
        {"project_id": "X4", "account_id": "A1", "status": "open", "opportunity_id": "O9",
         "input_cost_amount": 1000.0},
        {**base, "project_id": "X5", "contract_date": "2024-01-15", "input_cost_amount": 1000.0},
        {**base, "project_id": "X6", "account_id": "A9", "input_cost_amount": 1000.0},
    )  # fmt: skip
    settings = EvaluationSettings(cost_per_hour={"default": 5.0}, lag_months=6)
    given: dict[str, Any] = {"activities": acts, "opportunities": deals, "products": PRODUCTS}
    found = key_account_returns(KEYS, settings, AS_OF, projects=projects, **given)
    rows = found.set_index("account_id")
    for key in ("A1", "all"):
        mine = rows.loc[key]
        assert (mine["hours_cost_amount"], mine["spend_amount"]) == (20.0, 50.25)
        assert mine["cost_amount"] == 70.25
        assert (mine["projects_count"], mine["uncosted_count"]) == (2, 1)
        assert mine["return_ratio"] == pytest.approx(300 / 70.25)
    assert rows.loc["A2", "spend_amount"] == 0
    bare = key_account_returns(KEYS, settings, AS_OF, **given).set_index("account_id")
    assert pd.isna(bare.loc["A1", "spend_amount"])
    assert bare.loc["A1", "cost_amount"] == 20.0
    assert "money put in is not known" in bare.loc["A1", "reason"]


def make_spend(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make items of spend on A1 within the months of the work; a row gives what differs."""
    base = {"account_id": "A1", "spend_date": "2025-08-01", "amount": 10.0}
    return make_rows(
        "account_spend", *[{"spend_id": f"S{at}", **base, **row} for at, row in enumerate(rows)]
    )


COSTED = make_rows(
    "projects",
    {"project_id": "X1", "account_id": "A1", "status": "open", "input_cost_amount": 20.0},
    {"project_id": "X2", "account_id": "A1", "status": "open"},
)


def test_money_spent_on_the_account_is_part_of_the_cost_once() -> None:
    """Of the months of the hours; what the input cost of a project holds is not added again."""
    spend = make_spend(
        {"amount": 5.5}, {"amount": -1.0}, {"project_id": "X1", "amount": 1000.0},
        {"project_id": "X2", "amount": 2.0}, {"spend_date": "2026-02-01", "amount": 1000.0},
        {"spend_date": "2024-09-30", "amount": 1000.0}, {"account_id": "A9", "amount": 1000.0},
    )  # fmt: skip
    acts = make_activities({"activity_type": "visit", "activity_date": "2025-08-01"}, weekly=False)
    settings = EvaluationSettings(cost_per_hour={"default": 5.0}, lag_months=6)
    given: dict[str, Any] = {"activities": acts, "opportunities": make_wins(600.0),
                             "products": PRODUCTS, "projects": COSTED}  # fmt: skip
    found = key_account_returns(KEYS, settings, AS_OF, account_spend=spend, **given)
    rows = found.set_index("account_id")
    for key in ("A1", "all"):
        assert (rows.loc[key, "hours_cost_amount"], rows.loc[key, "account_spend_amount"]) == (
            20.0, 6.5)  # fmt: skip
        assert rows.loc[key, "cost_amount"] == 26.5
        assert rows.loc[key, "return_ratio"] == pytest.approx(300 / 26.5)
        assert rows.loc[key, "reason"] == ""
    assert rows.loc["A2", "account_spend_amount"] == 0
    bare = key_account_returns(KEYS, settings, AS_OF, **given).set_index("account_id")
    assert pd.isna(bare.loc["A1", "account_spend_amount"])
    assert bare.loc["A1", "cost_amount"] == 20.0
    assert "no account_spend" in bare.loc["A1", "reason"]


def test_money_goes_to_accounts_in_line_with_their_score_or_not() -> None:
    """A1 has two thirds of the scores and a quarter of the money of the last twelve months."""
    spend = make_spend({"amount": 30.0}, {"account_id": "A2", "amount": 90.0, "project_id": "X1"},
                       {"spend_date": "2025-03-31", "amount": 1000.0})  # fmt: skip
    found = effort_against_score(KEYS, SETTINGS, AS_OF, account_spend=spend)
    rows = found.set_index("account_id")
    assert rows["spend_amount"].tolist() == [30.0, 90.0]
    assert rows["fair_spend_amount"].tolist() == [80.0, 40.0]
    assert rows["spend_ratio"].tolist() == [0.375, 2.25]
    none = effort_against_score(KEYS, SETTINGS, AS_OF)
    assert none[["spend_amount", "fair_spend_amount", "spend_ratio"]].isna().all(axis=None)


def test_spend_that_does_not_fit_is_named_with_its_row() -> None:
    """Another account's project, a later day, and money that a project holds already."""
    spend = make_spend({"account_id": "A2", "project_id": "X2"}, {"spend_date": "2026-04-01"},
                       {"project_id": "X1", "amount": 2.5}, {"project_id": "X1", "amount": 3.0},
                       {})  # fmt: skip
    found = check_spend(spend, COSTED, AS_OF).set_index("check")
    assert found[["row_id", "value"]].to_dict("index") == {
        "spend on another account's project": {"row_id": "S0", "value": "X2"},
        "spend of a later day": {"row_id": "S1", "value": "2026-04-01"},
        "spend that a project holds": {"row_id": "X1", "value": "5.50 in 2 rows of 1 projects"},
    }
    assert check_spend(None, COSTED, AS_OF).empty
    assert check_spend(make_spend({}), None, AS_OF).empty


def test_spend_below_0_lowers_the_cost_and_spend_of_0_has_no_effect_and_both_are_named() -> None:
    """Money paid back is allowed, and often a wrong sign: row, value and what it does are told."""
    found = check_spend(make_spend({}, {"amount": -1234.5}, {"amount": 0.0}), None, AS_OF)
    assert found[["check", "row_id", "column", "value"]].to_numpy().tolist() == [
        ["spend below 0", "S1", "amount", "-1,234.50"], ["spend of 0", "S2", "amount", "0.00"],
    ]  # fmt: skip
    assert found["effect"].tolist() == [
        "counts as paid back: lowers the cost of the account", "no effect: nothing was spent",
    ]  # fmt: skip


def test_a_cost_that_was_paid_back_in_full_has_no_return() -> None:
    """Hours of 20 and 20 or more paid back leave no cost to set the margin against."""
    acts = make_activities({"activity_type": "visit", "activity_date": "2025-08-01"}, weekly=False)
    settings = EvaluationSettings(cost_per_hour={"default": 5.0}, lag_months=6)
    for amount in (-20.0, -50.0):
        found = key_account_returns(
            KEYS, settings, AS_OF, account_spend=make_spend({"amount": amount}), activities=acts,
            opportunities=make_wins(600.0), products=PRODUCTS, projects=COSTED,
        ).set_index("account_id")  # fmt: skip
        assert found.loc["A1", "cost_amount"] == 20.0 + amount
        assert found.loc["A1", ["return_ratio", "low", "high"]].isna().all()
        assert found.loc["A1", "reason"] == "as much was paid back as the work cost, or more"


def test_cost_and_return_without_a_table_are_blank_with_the_reason() -> None:
    """No activities, no hours; no products, no margin; never zero."""
    blind = key_account_returns(KEYS, SETTINGS, AS_OF, opportunities=make_wins(1.0),
                                products=PRODUCTS)  # fmt: skip
    assert blind["cost_amount"].isna().all()
    assert blind["reason"].str.contains("no activities").all()
    bare = key_account_returns(KEYS, SETTINGS, AS_OF, activities=make_activities({}))
    assert bare["margin_amount"].isna().all()
    unpriced = key_account_returns(KEYS, SETTINGS, AS_OF, activities=make_activities({}),
                                   opportunities=make_wins(np.nan), products=PRODUCTS)  # fmt: skip
    assert unpriced.set_index("account_id").loc["A1", "unpriced_count"] == 1


def test_fair_hours_share_all_hours_by_score() -> None:
    """A1 has two thirds of the scores and a quarter of the hours: too little; A2 too much."""
    acts = make_activities(
        {"activity_type": "visit"},
        *[{"activity_type": "visit", "account_id": "A2", "rep_id": "R2"}] * 3,
        weekly=False,
    )
    found = effort_against_score(KEYS, SETTINGS, AS_OF, activities=acts).set_index("account_id")
    assert found["hours"].tolist() == [4.0, 12.0]
    assert found["fair_hours"].tolist() == pytest.approx([32 / 3, 16 / 3])
    assert found["balance"].tolist() == ["too little", "too much"]
    none = effort_against_score(KEYS, SETTINGS, AS_OF)
    assert set(none["balance"]) == {"not known"}
    assert none["hours"].isna().all()


def test_sales_are_unsteady_only_beyond_what_chance_gives() -> None:
    """Ten equal deals in one of four quarters are unsteady; spread evenly they are not."""
    settings = EvaluationSettings(quarters=4)
    days = ["2025-05-15", "2025-08-15", "2025-11-15", "2026-02-15"]
    old = make_wins(1.0, day="2024-01-10").assign(opportunity_id="old")
    lumpy = pd.concat([make_wins(*[10.0] * 12, day=days[3]), old], ignore_index=True)
    even = make_wins(*[10.0] * 12).assign(close_date=pd.to_datetime(days * 3))
    even = pd.concat([table("opportunities").coerce(even), old], ignore_index=True)
    for deals, variation, unsteady in ((lumpy, np.sqrt(3), True), (even, 0.0, False)):
        row = account_stability(KEYS, settings, AS_OF, opportunities=deals).iloc[0]
        assert row["variation"] == pytest.approx(variation)
        assert row["chance_variation"] == pytest.approx(np.sqrt(3 * 12 * 100) / 120)
        assert bool(row["is_unsteady"]) is unsteady


@pytest.mark.parametrize(("first_month", "share"), [(1, 0.0), (2, 1.0)])
def test_a_push_is_seen_at_the_end_of_fiscal_quarters(first_month: int, share: float) -> None:
    """Deals of the last days of April end a quarter of a year that starts in February."""
    deals = make_wins(*[10.0] * 12, day="2025-04-28")
    found = account_stability(
        KEYS, SETTINGS, AS_OF, opportunities=deals, first_month=first_month
    ).iloc[0]
    assert found["short_term_share"] == share
    assert (found["is_push"] is pd.NA) == bool(share)  # whether closeness falls is not known


def test_only_quarters_that_the_deals_cover_count() -> None:
    """Deals since four and a half months ago cover one whole quarter, not two."""
    deals = make_wins(*[10.0] * 4, day="2026-02-15")
    old = make_wins(5.0, day="2025-11-15").assign(opportunity_id="old")
    for day, count in (("2025-11-15", 1), ("2025-10-01", 2)):
        first = old.assign(close_date=pd.Timestamp(day))
        both = pd.concat([deals, first], ignore_index=True)
        found = account_stability(KEYS, SETTINGS, AS_OF, opportunities=both)
        assert found["quarters_count"].iloc[0] == count


def test_chance_variation_is_what_random_quarters_give() -> None:
    """The mean square of the variation over random placings of the same deals, by simulation."""
    amounts = np.array([10.0, 25.0, 5.0, 60.0, 12.0])
    random = np.random.default_rng(4)
    squares = []
    for _ in range(4000):
        sums = np.bincount(random.integers(0, 6, len(amounts)), weights=amounts, minlength=6)
        squares.append((sums.std() / sums.mean()) ** 2)
    formula = np.sqrt(5 * (amounts**2).sum()) / amounts.sum()
    assert np.sqrt(np.mean(squares)) == pytest.approx(formula, rel=0.03)


def test_owners_come_from_month_end_extracts() -> None:
    """Two spells; a week within a month and a closed deal change nothing."""
    rows = [
        ("2026-01-31", "R9", False), ("2026-02-10", "R5", False), ("2026-02-28", "R9", False),
        ("2026-03-31", "R1", False), ("2026-03-31", "R7", True),
    ]  # fmt: skip
    history = make_rows(
        "opportunity_history",
        *[{"opportunity_id": f"O{at}", "snapshot_date": day, "sequence": 0, "record": "snapshot",
           "owner_id": rep, "account_id": "A1", "is_closed": closed}
          for at, (day, rep, closed) in enumerate(rows)],
    )  # fmt: skip
    found = account_owners(KEYS, history)
    assert found["rep_id"].tolist() == ["R9", "R1"]
    assert found["to_date"].dt.strftime("%Y-%m-%d").tolist() == ["2026-02-28", "2026-03-31"]
    steady = account_stability(KEYS, SETTINGS, AS_OF, owners=found).set_index("account_id")
    assert steady.loc["A1", "owner_changes_count"] == 1
    assert pd.isna(steady.loc["A2", "owner_changes_count"])
    assert account_owners(KEYS, None).empty


def test_key_owners_give_only_key_accounts_with_their_owner() -> None:
    """An account without owner stays, with nobody."""
    accounts = make_rows("accounts", {"account_id": "A1"}, {"account_id": "A2", "owner_id": "R2"})
    listed = pd.concat([make_listed(), make_listed(account_id="A2", is_key=False)])
    found = key_owners(listed, accounts)
    assert found["account_id"].tolist() == ["A1"]
    assert found["rep_id"].isna().all()
    with pytest.raises(TableError, match="status"):
        key_owners(listed.drop(columns="status"), accounts)


def make_gone() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Make four key accounts (owner there, left, none, left), reps, and a territory plan."""
    ids = ["A1", "A2", "A3", "A4"]
    keys = pd.DataFrame({"account_id": ids, "rep_id": ["R1", "R2", None, "R2"],
                         "region": "North", "score": 50.0, "status": "stays"})  # fmt: skip
    reps = make_rows(
        "reps", {"rep_id": "R1"}, {"rep_id": "R2", "leave_date": "2025-08-14"}, {"rep_id": "R3"},
        {"rep_id": "S1", "is_open_seat": True},
    )  # fmt: skip
    plan = pd.DataFrame({"account_id": ids, "rep_id": ["R3", "R3", "R3", "S1"]})
    return keys.astype({"rep_id": "str"}), reps, plan


def test_who_takes_over_is_asked_where_the_owner_is_gone() -> None:
    """The owner of today, else the owner in the plan who is there, else nobody."""
    keys, reps, plan = make_gone()
    found = people_to_ask(keys, reps, AS_OF, plan)
    assert found["rep_id"].fillna("-").tolist() == ["R1", "R3", "R3", "-"]
    assert found["origin"].tolist() == ["owner", "territory plan", "territory plan", "nobody"]
    assert found["owner_id"].equals(keys["rep_id"])
    alone = people_to_ask(keys, reps, AS_OF)
    assert alone["rep_id"].fillna("-").tolist() == ["R1", "-", "-", "-"]
    assert people_to_ask(keys, None, AS_OF)["rep_id"].fillna("-").tolist() == [
        "R1", "R2", "-", "R2",
    ]  # fmt: skip
    names = pd.Series({"A2": "Beta", "A4": "Delta"})
    assert asking_notes(found, names, pd.Series({"R3": "Mia"})) == [
        "2 key accounts without an owner who is there; asked is the owner in the territory plan: "
        "Beta (Mia), A3 (Mia)",
        "1 key account without an owner who is there, today or in a territory plan: nobody to ask: "
        "Delta",
    ]
    assert asking_notes(found.head(1), names, names) == []


def test_nobody_who_has_left_gets_a_rating_sheet() -> None:
    """Sheets and burden are those of who is asked; the calendar still has the owner of today."""
    keys, reps, plan = make_gone()
    calendar = evaluation_calendar(keys, SETTINGS, AS_OF)
    assert "R2" in set(calendar["rep_id"])
    asked = people_to_ask(keys, reps, AS_OF, plan)
    sheet, burden = plan_ratings(asked, calendar, None, SETTINGS)
    assert set(sheet["rep_id"]) == {"R1", "R3"}
    assert burden.set_index("rep_id")["accounts_count"].to_dict() == {"R1": 1, "R3": 2}


def test_wrong_settings_are_refused() -> None:
    """Every aspect needs a cadence, and every role a cost or the default."""
    with pytest.raises(SettingsError, match="missing"):
        Plan().override("evaluation", cadences={"needs": "month"})
    with pytest.raises(SettingsError, match="default"):
        Plan().override("evaluation", cost_per_hour={"AE": 5.0})


def test_the_agenda_says_what_is_asked_until_when_and_how_it_is_run() -> None:
    """Months between quarters take up closeness and needs; importance waits for a review."""
    ratings = make_ratings({"rating_date": "2026-03-02"})
    calendar = evaluation_calendar(KEYS, SETTINGS, AS_OF, ratings=ratings)
    sheet, _ = plan_ratings(KEYS, calendar, ratings, SETTINGS)
    cycle = Period.parse("2026Q1")
    scoring = KeyAccountsSettings(review_every="half_year")
    found = evaluation_agenda(calendar, sheet, (SETTINGS, scoring), cycle, AS_OF, workbook="acme")
    rows = found.set_index("aspect")
    close = rows.loc["closeness"]
    assert close[["accounts_count", "done_count", "due_count", "overdue_count"]].tolist() == [
        2, 1, 1, 1,
    ]  # fmt: skip
    assert close["end_date"] == pd.Timestamp("2026-03-31")
    assert close["asked_count"] == 1
    assert close["hand_in"] == "planlib ratings acme --cycle 2026Q1 FILES"
    assert close["command"] == "planlib run acme --cycle 2026-04"
    assert rows.loc["needs", "next_cycle"] == "2026-04"
    assert rows.loc["importance", "next_cycle"] == "2026Q3"
    quarterly = (SETTINGS, KeyAccountsSettings())
    middle = evaluation_agenda(
        calendar, sheet, quarterly, cycle, date(2026, 4, 15), workbook="acme"
    )
    assert middle["next_cycle"].tolist() == ["2026Q2", "2026-04", "2026-04"]
