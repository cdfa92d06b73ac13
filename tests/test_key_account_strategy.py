"""Tests of strategies, landing steps, partners, the director's log and projects over years."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from planlib.errors import SettingsError
from planlib.key_accounts.director import director_log
from planlib.key_accounts.long_view import projects_by_year
from planlib.key_accounts.partners import (
    check_partners,
    partner_coverage,
    partner_overlaps,
    partner_results,
)
from planlib.key_accounts.strategy import landing_steps, strategy_calls, strategy_versions
from planlib.plan import Plan
from planlib.settings.evaluation import EvaluationSettings
from planlib.settings.key_account_lines import KeyAccountLinesSettings
from planlib.settings.strategy import StrategySettings
from planlib.tables import table
from tests.closeness_frames import AS_OF, make_rows

KEYS = pd.DataFrame(
    {
        "account_id": ["A1", "A2"],
        "rep_id": ["R1", "R2"],
        "region": ["North", "South"],
        "status": ["stays", "stays"],
    }
)
SETTINGS = (StrategySettings(), EvaluationSettings())


def decided(kind: str, base: dict[str, Any], *rows: dict[str, Any]) -> pd.DataFrame:
    """Make decisions of a kind."""
    stamp = {"who": "Mia", "when": "2026-01-10", "why": "review", "account_id": "A1"}
    given = [{"decision_id": f"D-{at}", **stamp, **base, **row} for at, row in enumerate(rows)]
    return make_rows(f"override_{kind}", *given)


def make_strategies(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make versions of a strategy of A1."""
    return decided("account_strategies", {"stage_goal": "second plant"}, *rows)


def make_trend(**scores: list[float]) -> pd.DataFrame:
    """Make month ends until March 2026 by account."""
    rows = []
    for account, values in scores.items():
        days = pd.date_range(end="2026-03-31", periods=len(values), freq="ME")
        rows += [{"account_id": account, "month_date": day, "automatic_score": value, "reason": ""}
                 for day, value in zip(days, values, strict=True)]  # fmt: skip
    return make_rows("closeness_trend", *rows)


def test_without_key_accounts_no_strategy_is_asked_for() -> None:
    """Accounts and reps alone may give an empty list; the table is then empty too."""
    versions = strategy_versions(make_strategies(), AS_OF)
    found = strategy_calls(KEYS.astype("str").head(0), versions, make_trend(), SETTINGS, AS_OF)
    assert found.empty
    assert list(found.columns) == list(table("strategy_calls").by_name)


def test_a_version_says_what_changed_against_the_one_before() -> None:
    """Goal and day change, tactics are added; a confirmation says so; the future is not there."""
    found = strategy_versions(
        make_strategies(
            {"when": "2025-01-10", "goal_date": "2025-12-31"},
            {"when": "2025-07-10", "stage_goal": "frame contract", "goal_date": "2026-06-30",
             "tactics": "visit"},
            {"when": "2025-09-10", "stage_goal": "frame contract", "goal_date": "2026-06-30",
             "tactics": "visit"},
            {"when": "2026-04-10"},
        ),
        AS_OF,
    )  # fmt: skip
    assert found["version"].tolist() == [1, 2, 3]
    assert found["changed"].tolist() == [
        "first version",
        "stage goal: second plant → frame contract; goal date: 2025-12-31 → 2026-06-30; "
        "tactics: (blank) → visit",
        "confirmed without a change",
    ]
    assert found["is_current"].tolist() == [False, False, True]
    assert strategy_versions(None, AS_OF).empty


def test_a_strategy_is_called_for_review_with_its_reason() -> None:
    """No strategy, an old one, a goal that has passed, a changed class, moved closeness."""
    versions = strategy_versions(
        make_strategies({"when": "2025-01-10", "goal_date": "2026-01-31"}), AS_OF
    )
    keys = KEYS.assign(status=["watch", "stays"])
    trend = make_trend(A1=[50.0] * 15 + [30.0], A2=[50.0] * 16)
    found = strategy_calls(keys, versions, trend, SETTINGS, AS_OF).set_index("reason")
    assert set(found.index[found["account_id"] == "A1"]) == {
        "old", "goal passed", "class changed", "closeness moved",
    }  # fmt: skip
    assert found.loc["closeness moved", "detail"] == "-20 points since the last version"
    assert found.loc["no strategy", "account_id"] == "A2"


def test_the_first_list_calls_for_nothing_though_everybody_enters() -> None:
    """Where there was no list before, entering is no change of class."""
    versions = strategy_versions(make_strategies({}), AS_OF)
    for status, expected in ((["enters", "enters"], 0), (["enters", "stays"], 1)):
        found = strategy_calls(KEYS.assign(status=status), versions, make_trend(), SETTINGS, AS_OF)
        assert (found["reason"] == "class changed").sum() == expected


def test_a_version_written_since_the_review_has_seen_the_class() -> None:
    """Months later the list still says that the account enters; its strategy answers that."""
    versions = strategy_versions(make_strategies({"when": "2026-01-10"}), AS_OF)
    for review, expected in (("2025-12-31", 0), ("2026-01-31", 1)):
        keys = KEYS.assign(status=["enters", "stays"], review_date=pd.Timestamp(review))
        found = strategy_calls(keys, versions, make_trend(), SETTINGS, AS_OF)
        assert (found["reason"] == "class changed").sum() == expected


def test_landing_steps_show_the_last_entry_and_what_the_records_say() -> None:
    """Every step of plan.yaml stands for every account; the log fills in."""
    log = decided(
        "account_steps", {"step": "win_sponsor", "status": "open"},
        {"when": "2026-01-10", "due_date": "2026-02-28"},
        {"step": "lock_in", "status": "open"},
        {"step": "lock_in", "status": "done", "when": "2026-02-10"},
    )  # fmt: skip
    seats = make_rows(
        "closeness_seats",
        {"account_id": "A1", "seat": "one", "basis": "seats", "contact_id": "C1",
         "decision_power": 0.6, "attitude": 2},
        {"account_id": "A1", "seat": "two", "basis": "seats", "decision_power": 0.4},
    )  # fmt: skip
    needs = make_rows("needs", {"need_id": "N1", "account_id": "A1", "need": "-",
                                "horizon": "1-3y"})  # fmt: skip
    found, findings = landing_steps(KEYS, log, SETTINGS[0], AS_OF, seats=seats, needs=needs)
    assert len(found) == 2 * len(SETTINGS[0].steps)
    mine = found[found["account_id"] == "A1"].set_index("step")
    assert mine.loc["win_sponsor", ["status", "is_overdue"]].tolist() == ["open", True]
    assert mine.loc["lock_in", "status"] == "done"
    assert mine.loc["first_call", "status"] == "not begun"
    assert mine.loc["map_seats", "hint"] == "1 of 2 seats have a name"
    assert mine.loc["win_sponsor", "hint"] == "sponsors hold 60 % of the power"
    assert mine.loc["see_plans", "hint"] == "1 needs of the next 1 to 3 years"
    assert findings.empty


def test_entries_that_cannot_be_used_are_named() -> None:
    """An unknown step with its row; accounts that are not key in sum."""
    base = {"step": "lock_in", "status": "open"}
    log = decided("account_steps", base, {"step": "hope"}, {"account_id": "A9"}, {})
    _, findings = landing_steps(KEYS, log, SETTINGS[0], AS_OF)
    told = findings.set_index("row_id")["detail"]
    assert "no landing step 'hope'" in told["D-0"]
    assert told["accounts not in the list"].startswith("1 entries of 1 accounts")


def test_a_step_that_stands_twice_is_refused() -> None:
    """Keys of landing steps are unique."""
    step = {"key": "a", "title": "A"}
    with pytest.raises(SettingsError, match="stands twice"):
        Plan().override("strategy", steps=[step, step])


def make_tasks(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make entries of a director's log for region North."""
    base = {"director_id": "M1", "kind": "training", "title": "seats", "account_id": None,
            "region": "North", "start_date": "2025-12-01", "due_date": "2025-12-31"}  # fmt: skip
    return decided("director_tasks", base, *rows)


def test_the_effect_of_a_task_is_set_against_the_other_accounts() -> None:
    """North rose by 20 in the three months after the start, the others fell by 5."""
    trend = make_trend(A1=[10.0, 10, 20, 30, 30], A2=[40.0, 40, 40, 35, 35])
    row = director_log(make_tasks({"status": "done", "effect": "two seats"}), KEYS, trend,
                       AS_OF).iloc[0]  # fmt: skip
    assert (row["closeness_change"], row["others_change"], row["accounts_count"]) == (20, -5, 1)
    assert not row["is_overdue"]
    assert row["done_date"] == pd.Timestamp("2026-01-10")


def test_a_task_is_overdue_when_open_past_its_day_and_blank_effects_have_reasons() -> None:
    """Too late for three months of closeness; a region without key accounts."""
    trend = make_trend(A1=[10.0] * 3)
    log = make_tasks({}, {"start_date": "2026-03-01", "due_date": "2026-05-01"},
                     {"region": "East"}, {"start_date": "2026-04-02"})  # fmt: skip
    found = director_log(log, KEYS, trend, AS_OF).set_index("decision_id")
    assert found["is_overdue"].to_dict() == {"D-0": True, "D-2": True, "D-1": False}
    assert "less than 3 months" in found.loc["D-1", "reason"]
    assert "no account or region" in found.loc["D-2", "reason"]
    assert director_log(None, KEYS, trend, AS_OF).empty


PARTNERS = make_rows(
    "partners",
    {"partner_id": "P1", "name": "One", "kind": "integrator", "region": "North"},
    {"partner_id": "P2", "name": "Two", "kind": "integrator", "region": "North"},
    {"partner_id": "P3", "name": "Three", "kind": "contractor", "region": "South"},
)
ACCOUNTS = make_rows("accounts", {"account_id": "A1", "region": "North"},
                     {"account_id": "A2", "region": "South"})  # fmt: skip
DEALS = make_rows(
    "opportunities",
    {"opportunity_id": "O1", "account_id": "A1", "amount": 100.0, "is_won": True,
     "is_closed": True, "close_date": "2026-01-10", "created_date": "2025-10-01"},
    {"opportunity_id": "O2", "account_id": "A1", "amount": 300.0, "is_won": True,
     "is_closed": True, "close_date": "2026-02-10", "created_date": "2025-10-01"},
    {"opportunity_id": "O3", "account_id": "A2", "amount": 50.0, "is_won": False,
     "is_closed": False, "created_date": "2025-10-01"},
)  # fmt: skip
LINES = KeyAccountLinesSettings()
TOOK = make_rows(
    "partner_deals",
    {"partner_id": "P1", "opportunity_id": "O1", "role": "delivered"},
    {"partner_id": "P2", "opportunity_id": "O1", "role": "resold"},
)


def test_coverage_counts_a_deal_once_a_kind_and_finds_the_gaps() -> None:
    """Two integrators in one deal influence 100 of 400; South has no integrator, an idle firm."""
    found = partner_coverage(PARTNERS, TOOK, DEALS, ACCOUNTS, KEYS, settings=LINES, as_of=AS_OF)
    rows = found.set_index(["kind", "region"])
    north = rows.loc[("integrator", "North")]
    assert (north["partners_count"], north["active_count"], north["deals_count"]) == (2, 2, 1)
    assert (north["influenced_amount"], north["influenced_share"]) == (100.0, 0.25)
    assert not north["is_gap"]
    assert rows.loc[("integrator", "South"), "detail"] == "no partner of this kind here"
    assert rows.loc[("contractor", "South"), "detail"] == "none took part in a deal this year"
    assert rows.loc[("contractor", "South"), "is_gap"]
    assert rows.loc[("contractor", "North"), "is_gap"]


def test_a_kind_that_is_expected_and_that_nobody_has_is_a_gap_in_every_region() -> None:
    """No design institute anywhere, and North without open business: gaps all the same."""
    found = partner_coverage(PARTNERS, TOOK, DEALS, ACCOUNTS, KEYS, settings=LINES, as_of=AS_OF)
    mine = found[found["kind"] == "design_institute"]
    assert mine["region"].tolist() == ["North", "South"]
    assert mine["is_gap"].all()
    assert set(mine["detail"]) == {"no partner of this kind in any region"}
    assert mine["open_amount"].tolist() == [0.0, 50.0]
    assert int(found["is_expected"].sum()) == 6


def test_regions_may_expect_other_kinds_and_what_is_not_expected_is_no_gap() -> None:
    """South needs service firms alone; the idle contractor there is told, and is no gap."""
    lines = KeyAccountLinesSettings(
        expected_partners=("integrator",), region_partners={"South": ("service",), "West": ()}
    )
    found = partner_coverage(PARTNERS, TOOK, DEALS, ACCOUNTS, KEYS, settings=lines, as_of=AS_OF)
    rows = found.set_index(["kind", "region"])
    assert rows.index[rows["is_gap"]].tolist() == [("service", "South")]
    wanted = [("integrator", "North"), ("service", "South")]
    assert rows.index[rows["is_expected"]].tolist() == wanted
    assert rows.loc[("contractor", "South"), "detail"] == (
        "none took part in a deal this year; not expected")  # fmt: skip
    assert "West" not in set(found["region"])


def test_partners_without_region_or_kind_and_strange_regions_of_the_plan_are_named() -> None:
    """Each with its row; a partner without kind is one of another kind."""
    lines = KeyAccountLinesSettings(region_partners={"West": ("service",), "North": ()})
    blank = make_rows("partners", {"partner_id": "P1", "name": "One", "kind": "service"},
                      {"partner_id": "P2", "name": "Two", "region": "North"})  # fmt: skip
    found = check_partners(lines, ACCOUNTS, blank)
    assert found[["check", "table", "row_id", "value"]].to_numpy().tolist() == [
        ["partner without kind", "partners", "P2", "Two"],
        ["partner without region", "partners", "P1", "One"],
        ["unknown region", "plan.yaml", "key_account_lines.region_partners.West", "West"],
    ]
    assert check_partners(LINES, ACCOUNTS, None).empty
    with pytest.raises(ValueError, match="design_institute"):
        KeyAccountLinesSettings(expected_partners=("designer",))


def test_without_deals_of_partners_nobody_is_called_idle() -> None:
    """Activity is not known then, so only a missing partner is a gap."""
    found = partner_coverage(PARTNERS, None, DEALS, ACCOUNTS, KEYS, settings=LINES, as_of=AS_OF)
    rows = found.set_index(["kind", "region"])
    assert not rows.loc[("contractor", "South"), "is_gap"]
    assert rows.loc[("integrator", "South"), "is_gap"]
    assert rows["active_count"].isna().all()
    none = partner_coverage(None, None, DEALS, ACCOUNTS, KEYS, settings=LINES, as_of=AS_OF)
    assert none.empty
    assert partner_results(PARTNERS, None, DEALS, as_of=AS_OF).empty


def test_results_and_overlaps_of_partners() -> None:
    """Both count with the shared deal; who took part in nothing stands with zero."""
    results = partner_results(PARTNERS, TOOK, DEALS, as_of=AS_OF).set_index("partner_id")
    assert results["won_amount"].tolist() == [100.0, 100.0, 0.0]
    assert results["deals_count"].tolist() == [1, 1, 0]
    assert pd.isna(results.loc["P3", "win_share"])
    assert results["is_grey"].all()
    pair = partner_overlaps(PARTNERS, TOOK, DEALS, as_of=AS_OF).iloc[0]
    assert (pair["partner_id"], pair["other_id"], pair["deals_count"]) == ("P1", "P2", 1)
    assert pair["overlap_share"] == 1.0


def make_projects(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make projects of A1; a row gives what differs from a won one of 100."""
    base = {"account_id": "A1", "contract_amount": 100.0, "contract_date": "2025-05-05",
            "status": "active", "margin_share": 0.2}  # fmt: skip
    return make_rows("projects", *[{"project_id": f"X{at}", **base, **row}
                                   for at, row in enumerate(rows)])  # fmt: skip


def test_projects_are_counted_by_year_with_their_quality() -> None:
    """Two won and one lost in 2025, margin weighted by amount; years before the data unknown."""
    lost = {"contract_date": None, "contract_amount": None, "status": "lost",
            "opportunity_id": "O1"}  # fmt: skip
    deals = make_rows("opportunities", {"opportunity_id": "O1", "close_date": "2025-08-08"})
    large = {"contract_amount": 300.0, "margin_share": 0.4}
    early, later = {"contract_date": "2024-01-20"}, {"contract_date": "2026-06-01"}
    projects = make_projects({}, large, lost, early, later)
    found = projects_by_year(KEYS, 4, AS_OF, projects=projects, opportunities=deals)
    mine = found[found["account_id"] == "A1"].set_index("year")
    year = mine.loc[2025]
    assert (year["won_count"], year["lost_count"], year["won_amount"]) == (2, 1, 400.0)
    assert year["win_share"] == pytest.approx(2 / 3)
    assert year["mean_amount"] == 200.0
    assert year["margin_share"] == pytest.approx((20 + 120) / 400)
    assert mine["is_known"].to_dict() == {2023: False, 2024: True, 2025: True, 2026: True}
    assert pd.isna(mine.loc[2023, "won_count"])
    assert mine.loc[2026, "won_count"] == 0


def test_without_projects_deals_stand_in_and_renewals_are_no_projects() -> None:
    """The basis says so."""
    deals = make_rows(
        "opportunities",
        {"opportunity_id": "O1", "account_id": "A1", "is_closed": True, "is_won": True,
         "amount": 10.0, "close_date": "2025-01-20", "deal_type": "new"},
        {"opportunity_id": "O2", "account_id": "A1", "is_closed": True, "is_won": True,
         "amount": 90.0, "close_date": "2025-02-02", "deal_type": "renewal"},
    )  # fmt: skip
    found = projects_by_year(KEYS, 3, AS_OF, opportunities=deals)
    row = found[(found["account_id"] == "A1") & (found["year"] == 2025)].iloc[0]
    assert (row["basis"], row["won_count"], row["won_amount"]) == ("deals", 1, 10.0)
    assert projects_by_year(KEYS, 3, AS_OF).empty
    assert list(found.columns) == [one.name for one in table("key_account_projects").columns]
