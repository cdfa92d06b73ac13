"""The whole step on small tables: sums, missing tables, weaker ways, order of rows."""

from __future__ import annotations

import functools

import pandas as pd
import pytest

from planlib.periods import FiscalYear, Period
from planlib.quotas import OPTIONAL, RESULTS, QuotaReview, plan_year, review_quotas
from planlib.settings.capacity import CapacitySettings
from planlib.settings.quotas import QuotasSettings
from planlib.tables import table
from tests.quota_frames import AS_OF, YEAR, make_accounts, make_reps, make_targets, make_won

CAPACITY = CapacitySettings(simulations=100, months=12)
QUOTAS = QuotasSettings(simulations=500)


@functools.cache
def make_tables() -> dict[str, pd.DataFrame | None]:
    """Every table the step can use, small."""
    won = make_won()
    came = pd.date_range("2024-06-01", periods=40, freq="14D")
    leads = pd.DataFrame({"lead_id": [f"L{at}" for at in range(40)], "created_at": came})
    won.loc[13:22, "lead_id"] = leads["lead_id"].iloc[5:15].to_numpy()
    accounts = make_accounts()
    owned = accounts[["account_id"]].assign(rep_id=accounts["owner_id"])
    segments = accounts[["account_id", "owner_id", "potential"]].assign(
        segment=["Large", "Large", "Small", "Small"], workload_hours=[10.0, 20.0, 30.0, 40.0]
    )
    history = pd.DataFrame({"rep_id": list("abcd"), "effective_from": "2015-01-01", "role": "AE"})
    return {
        "reps": make_reps(),
        "accounts": accounts,
        "segments": segments,
        "territories": owned.assign(role_layer="AE"),
        "territory_plan": owned,
        "targets": make_targets(1200.0, M1=500.0),
        "opportunities": won,
        "bookings": table("bookings").coerce(pd.DataFrame({
            "booking_id": won["opportunity_id"], "booking_date": won["close_date"],
            "booked_amount": won["amount"], "rep_id": won["owner_id"],
        })),
        "leads": table("leads").coerce(leads),
        "rep_history": table("rep_history").coerce(history),
        "availability": table("availability").coerce(pd.DataFrame({
            "rep_id": ["a"], "start_date": ["2026-03-01"], "end_date": ["2026-04-30"]})),
        "holidays": None,
        "pay_plans": table("pay_plans").coerce(pd.DataFrame({
            "role": ["AE"], "effective_from": ["2025-01-01"], "quota": [250.0]})),
        "hiring_plan": table("hiring_plan").coerce(pd.DataFrame({
            "hire_plan_id": ["P"], "role": ["AE"], "unit": ["North"], "region": ["N"],
            "start_date": ["2026-02-01"]})),
    }  # fmt: skip


def review(tables: dict[str, pd.DataFrame | None], **more: pd.DataFrame) -> QuotaReview:
    """Review with few simulations."""
    return review_quotas(tables, CAPACITY, QUOTAS, AS_OF.date(), YEAR,
                         seed=3, currency="EUR", **more)  # fmt: skip


@pytest.fixture(scope="module")
def whole() -> QuotaReview:
    """The step with every table."""
    decisions = table("override_quotas").coerce(pd.DataFrame({
        "decision_id": ["D-1"], "who": ["Boss"], "when": ["2025-12-01"], "why": ["agreed"],
        "rep_id": ["b"], "quota_amount": [250.0],
    }))  # fmt: skip
    return review(make_tables(), decisions=decisions)


def test_all_tables_are_written_in_their_shape(whole):
    """Every declared table, checked against its contract; only findings may be empty."""
    assert tuple(whole.tables) == RESULTS
    for name, frame in whole.tables.items():
        table(name).check(frame)
    empty = {name for name, frame in whole.tables.items() if frame.empty}
    assert empty == {"quota_findings"}


def test_sums_close_from_rep_to_company(whole):
    """Target parts add up to the target, quotas to the street quota, levels to their children."""
    quotas, street = whole.tables["quotas"], whole.tables["quota_street"].set_index("quota_set")
    levels = whole.tables["quota_levels"].set_index("node_id")
    assert round(quotas["target_amount"].sum() * 100) == 120_000
    assert round(quotas["top_down_amount"].sum() * 100) == 120_000
    assert quotas["quota_amount"].sum() == pytest.approx(street.loc["plan", "street_amount"])
    assert street.loc["plan", "over_assignment"] >= 1
    for column in ("target_amount", "top_down_amount", "quota_amount"):
        team = quotas[quotas["manager_id"] == "M1"][column].sum()
        assert levels.loc["M1", column] == pytest.approx(team)
        assert levels.loc["H", column] == pytest.approx(levels.loc["company", column])
    assert levels.loc["M1", "top_down_amount"] == 500.0
    assert levels.loc["M1", "stated_amount"] == 500.0


def test_reps_needed_are_those_of_a_twelfth_of_the_target(whole):
    """Capacity has no season, so months are not set against targets of quarters."""
    notes = whole.tables["quota_notes"]["note"]
    assert notes.str.contains("A twelfth of the target needs", regex=False).any()
    assert notes.str.contains("target of the year / 12 / (mean full quota", regex=False).any()


def test_the_target_that_was_set_is_the_same_in_every_table(whole):
    """The company's target stands as set in the levels as it does in the year to date."""
    levels = whole.tables["quota_levels"].set_index("node_id")["stated_amount"]
    year = whole.tables["quota_year"]
    year = year[year["cut"].isin(["company", "manager"])].set_index("cut_value")["stated_amount"]
    assert levels["company"] == 1200.0
    both = levels.index.intersection(year.index)
    pd.testing.assert_series_equal(levels[both], year[both], check_names=False, check_dtype=False)


def test_a_decision_is_kept_and_shown(whole):
    """The rep has the quota that was set, and the row names the decision."""
    row = whole.tables["quotas"].set_index("rep_id").loc["b"]
    assert row["quota_amount"] == 250.0
    assert row["decision_id"] == "D-1"


def test_street_quota_and_factor_are_those_of_their_definitions(whole):
    """Quotas in force: sum of ramped quotas; target / street; its inverse."""
    street = whole.tables["quota_street"].set_index("quota_set").loc["in force"]
    ramped = whole.tables["quotas"]["ramped_quota_amount"].sum()
    assert street["street_amount"] == pytest.approx(ramped)
    assert street["attainment_factor"] == pytest.approx(1200.0 / ramped)
    assert street["over_assignment"] == pytest.approx(ramped / 1200.0)


def test_capacity_is_lower_while_somebody_is_away_and_before_the_hire(whole):
    """Ann is away in March and April, the hire comes in February and ramps."""
    months = whole.tables["capacity_months"]
    north = months[(months["scenario"] == "plan") & (months["cut_value"] == "North")]
    by_month = north.set_index(north["month_date"].dt.month)["effective_reps"]
    assert by_month[3] == pytest.approx(by_month[2] - 1.0, abs=0.2)
    assert set(months["scenario"]) == {"plan", "weak onboarding", "no hires"}
    total = months[(months["cut"] == "total") & (months["scenario"] == "plan")]
    assert total["target_amount"].tolist() == pytest.approx([100.0] * 12)


def test_shares_of_capacity_and_goal_add_up(whole):
    """By region, unit and segment both shares add up to one."""
    rows = whole.tables["capacity_alignment"]
    sums = rows.groupby("cut")[["capacity_share", "goal_share", "difference"]].sum()
    assert set(sums.index) == {"region", "unit", "segment"}
    assert sums["capacity_share"].tolist() == pytest.approx([1.0] * 3)
    assert sums["difference"].tolist() == pytest.approx([0.0] * 3, abs=1e-9)


def test_the_goal_of_a_unit_says_whose_accounts_its_potential_is(whole):
    """Without targets by unit: potential of the accounts that the people of the unit own."""
    rows = whole.tables["capacity_alignment"].set_index(["cut", "cut_value"])
    assert set(rows.loc["unit", "goal_basis"]) == {"potential of the accounts its people own"}
    assert set(rows.loc["segment", "goal_basis"]) == {"potential of accounts"}
    assert rows.loc[("unit", "North"), "goal_amount"] == 800.0  # those of Ann and Bob


def test_lead_supply_is_leads_times_conversion_times_amount(whole):
    """The figures of the check multiply to each other."""
    value = whole.tables["capacity_pipeline"].set_index("measure")["value"]
    supply = value["leads a month"] * 12 * value["conversion"]
    supply *= value["won per lead that converts"]
    assert value["lead supply a year"] == pytest.approx(supply)
    assert value["cover by leads"] == pytest.approx(supply / value["capacity that needs leads"])


@pytest.mark.parametrize("missing", [name for name in OPTIONAL if name != "holidays"])
def test_each_table_may_be_missing(missing):
    """Quotas still add up to a target, and a note says what the missing table would add."""
    found = review(make_tables() | {missing: None})
    assert len(found.tables["quotas"]) == (5 if missing == "hiring_plan" else 6)
    target = found.world.target.cents
    assert round(found.tables["quotas"]["target_amount"].sum() * 100) == target
    words = " ".join(found.notes("missing"))
    assert missing in ("accounts", "territory_plan") or f"table {missing} is missing" in words
    assert found.headlines


def test_only_a_weaker_basis_is_among_what_is_missing(whole):
    """Bookings and the territory plan are the best there is; without them the notes say what is."""
    best = ("bookings in finance, by the rep credited", "owners of the territory plan")
    assert set(best) <= {one.split(": ", 1)[1] for one in whole.notes("rule") if ": " in one}
    assert not any(text in " ".join(whole.notes("missing")) for text in best)
    weaker = review(make_tables() | {"bookings": None, "territory_plan": None})
    said = " ".join(weaker.notes("missing"))
    assert "won amounts: deals won in the CRM, by owner (no bookings by rep)" in said
    assert "owners: owners" in said
    stated = weaker.world.spread.stated
    assert all(text in said for text in stated)


def test_with_reps_alone_the_quotas_in_force_make_the_target():
    """The weakest way is named; nothing is zero that is unknown."""
    found = review({"reps": make_reps()})
    assert found.world.target.is_weak
    quotas = found.tables["quotas"]
    ramped = quotas["ramped_quota_amount"].sum()
    assert quotas["target_amount"].sum() == pytest.approx(ramped, abs=0.006)
    assert quotas[["potential_part", "trend_part"]].isna().all(axis=None)
    assert found.tables["capacity_alignment"].empty
    assert "weaker" in " ".join(found.notes("caution"))


def test_without_quotas_everybody_carries_an_equal_share_of_the_target():
    """No quota is known: the target over the ramped heads."""
    found = review({"reps": make_reps(quota=[None] * 8), "targets": make_targets(1000.0)})
    quotas = found.tables["quotas"]
    assert len(set(quotas["quota_full_amount"])) == 1
    assert quotas["ramped_quota_amount"].sum() == pytest.approx(1000.0)
    assert set(quotas["quota_source"]) == {"equal share of the target"}


@pytest.mark.parametrize("reps", [None, table("reps").empty()])
def test_without_anybody_who_carries_a_quota_the_step_says_so(reps):
    """No people at all: no zeros, a reason."""
    found = review({"reps": reps, "targets": make_targets()})
    assert found.tables["quotas"].empty
    assert "no quotas are planned: nobody carries a quota" in " ".join(found.notes("missing"))


def test_wrong_rows_end_in_one_table():
    """People, targets and decisions: each wrong row is named with its table."""
    decisions = table("override_quotas").coerce(pd.DataFrame({
        "decision_id": ["D-9"], "who": ["x"], "when": ["2025-12-01"], "why": ["y"],
        "rep_id": ["nobody"], "quota_amount": [1.0],
    }))  # fmt: skip
    reps = make_reps(manager_id=["M1", "H", "H", "M1", "M1", "M2", "M2", "M2"])
    found = review({"reps": reps, "targets": make_targets(100.0, a=80.0, b=80.0)},
                   decisions=decisions)  # fmt: skip
    rows = found.tables["quota_findings"]
    assert set(rows["table"]) == {"reps", "targets", "override_quotas"}
    assert "add up to more than the level has" in " ".join(rows["finding"])


def test_row_order_does_not_matter():
    """Shuffled tables give the same quotas and the same capacity."""
    tables = make_tables()
    mixed = {name: None if frame is None else frame.iloc[::-1] for name, frame in tables.items()}
    one, other = review(tables), review(mixed)
    for name in ("quotas", "capacity_months", "quota_street", "exit_hazards"):
        pd.testing.assert_frame_equal(one.tables[name], other.tables[name])


def test_the_plan_year_is_that_of_the_cycle():
    """Unless plan.yaml names another."""
    cycle = Period.parse("2026Q2")
    assert plan_year(cycle, QuotasSettings(), FiscalYear()).name == "2026"
    assert plan_year(cycle, QuotasSettings(year="2027"), FiscalYear()).name == "2027"


def test_a_challenge_of_nobody_known_is_among_the_findings() -> None:
    """It changes no quota, and stands with its id in the list of what cannot be kept."""
    asked = table("override_quota_challenges").coerce(pd.DataFrame([
        {"decision_id": "D-7", "who": "Ann", "when": "2026-01-05", "why": "", "rep_id": rep,
         "wanted_amount": 100.0, "reason_code": "other"}
        for rep in ("R-404", make_reps()["rep_id"][0])
    ]))  # fmt: skip
    given = {"reps": make_reps(), "opportunities": make_won(), "targets": make_targets(1200.0)}
    plain, found = (
        review_quotas(given, CapacitySettings(simulations=100, months=12, scenarios=()),
                      QUOTAS, AS_OF.date(), YEAR, challenges=challenges)
        for challenges in (None, asked)
    )  # fmt: skip
    lost = found.tables["quota_findings"].query("table == 'override_quota_challenges'")
    assert lost[["row_id", "column", "value"]].to_numpy().tolist() == [["D-7", "rep_id", "R-404"]]
    assert lost["finding"].iloc[0].startswith("R-404 is neither in reps nor a post")
    pd.testing.assert_frame_equal(plain.tables["quotas"], found.tables["quotas"])
