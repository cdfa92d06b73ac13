"""Tests of retention: turnover, survival, drivers, experience, cost of a leaver, onboarding."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planlib.capacity.hazard import exit_hazard
from planlib.capacity.vacancies import FillTime
from planlib.hygiene.moves import record_gap
from planlib.settings.capacity import CapacitySettings
from planlib.settings.team_people import OnboardingVariant, TeamPeopleSettings
from planlib.tables import table
from planlib.team.causes import compare_rates, find_drivers
from planlib.team.experience import cost_leavers, measure_experience, ratio_by_people
from planlib.team.grouping import group_months, window_start
from planlib.team.onboarding import (
    check_method,
    compare_variants,
    complete_onboarding,
    expected_months,
)
from planlib.team.people_review import PeopleInputs
from planlib.team.retention import measure_turnover, poisson_interval, shrink_rates, survive_cohorts
from planlib.team.staff import Staff, tenure_band
from tests.team_frames import (
    AS_OF,
    crowd,
    make_history,
    make_reps,
    make_won,
    review,
    staff_of,
)

SETTINGS = TeamPeopleSettings(minimum_group=3)
CAPACITY = CapacitySettings()


def turnover_of(staff: Staff, **settings: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure the turnover of some people over 24 months."""
    chosen = SETTINGS.model_copy(update=settings)
    months, shown = group_months(staff, None, chosen, window_months=24,
                                 bands=CAPACITY.tenure_bands)  # fmt: skip
    return measure_turnover(months, shown, staff, chosen)


def test_person_years_are_days_there_in_the_window() -> None:
    """Two years of four people, and the days until the fifth left; by hand."""
    reps = make_reps({}, {}, {}, {}, {"leave_date": "2025-03-31"})
    total = turnover_of(staff_of(reps))[0].query("cut == 'total'").iloc[0]
    assert total["person_years"] == pytest.approx((4 * 730 + 365) / 365.25)
    assert total["leavers_count"] == 1
    assert total["rate"] == pytest.approx(1 / ((4 * 730 + 365) / 365.25))


def test_leavers_before_the_window_and_open_seats_do_not_count() -> None:
    """The window begins 24 months before the as-of date; seats are no people."""
    reps = make_reps({}, {}, {}, {"leave_date": "2024-03-31"}, {"is_open_seat": True})
    total = turnover_of(staff_of(reps))[0].query("cut == 'total'").iloc[0]
    assert (total["people_count"], total["leavers_count"]) == (3, 0)


def test_the_groups_of_every_cut_add_up_to_all() -> None:
    """Person-years and leavers of a cut are those of everybody."""
    found, close = turnover_of(staff_of(crowd()))
    both = pd.concat([found, close])
    sums = both.groupby("cut")[["person_years", "leavers_count"]].sum()
    assert np.allclose(sums["person_years"], sums.loc["total", "person_years"])
    assert (sums["leavers_count"] == 2).all()


def test_role_and_manager_are_those_of_the_time() -> None:
    """A promoted person counts in both roles, for the days in each."""
    history = make_history(
        *((f"R{at:02d}", "2022-01-01", "2025-03-31", "BDR", "I") for at in range(3)),
        *((f"R{at:02d}", "2025-04-01", None, "AE", "I") for at in range(3)),
    )
    found = turnover_of(staff_of(make_reps({}, {}, {}), history))[0].query("cut == 'role'")
    assert found.set_index("cut_value")["person_years"].round(3).to_dict() == {
        "AE": round(3 * 365 / 365.25, 3), "BDR": round(3 * 365 / 365.25, 3),
    }  # fmt: skip


def test_causes_of_fewer_leavers_than_the_smallest_group_are_not_shown() -> None:
    """Two leavers with a cause are too few; four with the same one are shown."""
    assert "cause" not in set(turnover_of(staff_of(crowd()))[1].get("cut", []))
    rows = [{"leave_date": f"2025-0{at}-15", "leave_reason": "offer"} for at in range(1, 5)]
    close = turnover_of(staff_of(make_reps(*rows, {}, {}, {})))[1]
    cause = close[close["cut"] == "cause"]
    assert cause[["cut_value", "leavers_count"]].to_numpy().tolist() == [["offer", 4]]


def test_small_samples_are_drawn_to_the_pooled_rate() -> None:
    """The shrunk rate lies between the raw and the pooled one, and nearer for fewer years."""
    rows = pd.DataFrame({"leavers_count": [2, 20], "person_years": [5.0, 50.0]})
    found = shrink_rates(rows, 0.2, 0.2)["rate_shrunk"]
    assert (found > 0.2).all()
    assert (found < 0.4).all()
    assert found[0] < found[1]
    assert shrink_rates(rows, 0.0, 0.2)["rate_shrunk"].isna().all()


def test_the_poisson_interval_of_no_leaver_is_the_rule_of_minus_log() -> None:
    """Nobody left in 10 years: up to -log(0.025) / 10."""
    low, high = poisson_interval(pd.Series([0]), pd.Series([10.0]))
    assert (low[0], high[0]) == (0.0, pytest.approx(-np.log(0.025) / 10))


def test_survival_is_kaplan_meier_by_hand() -> None:
    """Four hired on a day; one leaves with three months, one with nine: 3/4, then 3/4 x 2/3."""
    rows = [{"hire_date": "2025-01-01", "leave_date": day}
            for day in ("2025-04-15", "2025-10-01", None, None)]  # fmt: skip
    settings = SETTINGS.model_copy(update={"minimum_group": 1})
    found = survive_cohorts(staff_of(make_reps(*rows)), pd.Timestamp("2024-04-01"), settings)
    curve = found[found["cohort"] == "all"].set_index("tenure_months")["stayed_share"]
    assert curve[[0, 3, 6, 9, 12]].round(6).tolist() == [1.0, 1.0, 0.75, 0.75, 0.5]
    ends = found[found["cohort"] == "all"].set_index("tenure_months")[["low", "high"]]
    assert ends.loc[[0, 3]].isna().all(axis=None)  # nobody left yet: no width, never 100 to 100 %
    assert (ends.loc[6, "low"], ends.loc[6, "high"]) == (pytest.approx(0.325646, abs=1e-5), 1.0)


def test_people_hired_before_the_window_enter_late() -> None:
    """They are not at risk at tenures at which nobody could have been seen to leave."""
    rows = [{"hire_date": "2020-01-01"}] * 4 + [{"hire_date": "2025-01-01"}] * 4
    found = survive_cohorts(staff_of(make_reps(*rows)), pd.Timestamp("2024-04-01"), SETTINGS)
    risk = found[found["cohort"] == "all"].set_index("tenure_months")["at_risk_count"]
    assert risk[0] == 4
    assert 24 not in risk.index
    assert risk[60] == 4


def test_a_cohort_that_is_too_small_has_no_curve_of_its_own() -> None:
    """Two people of one hire year are merged."""
    rows = [{"hire_date": "2024-05-01"}] * 6 + [{"hire_date": "2025-05-01"}] * 2
    rows += [{"hire_date": "2023-05-01"}] * 6
    found = survive_cohorts(staff_of(make_reps(*rows)), pd.Timestamp("2024-04-01"), SETTINGS)
    assert "2025" not in set(found["cohort"])


def test_rates_are_compared_exactly() -> None:
    """Ten of ten leavers at half the time: low end by Clopper-Pearson, no upper end."""
    ratio, low, high = compare_rates(np.array([10.0, 0.0]), np.array([50.0, 50.0]))
    share = 0.025 ** (1 / 10)
    assert np.isinf(ratio[0])
    assert np.isinf(high[0])
    assert low[0] == pytest.approx(share / (1 - share))
    same = compare_rates(np.array([5.0, 5.0]), np.array([50.0, 50.0]))
    assert same[0].tolist() == [1.0, 1.0]
    assert same[1][0] < 1 < same[2][0]
    assert np.isnan(compare_rates(np.zeros(2), np.ones(2))[0]).all()


def test_an_exit_counts_for_peers_and_not_for_the_leaver_or_for_ever() -> None:
    """After one left, the others of the team are exposed for six months; other teams are not."""
    rows = [{"leave_date": "2025-03-31"}] + [{}] * 4 + [{"manager_id": "M2"}] * 5
    staff = staff_of(make_reps(*rows))
    months, shown = group_months(staff, None, SETTINGS, window_months=24,
                                 bands=CAPACITY.tenure_bands)  # fmt: skip
    exposed = months[months["peer_exits"] == "exit of a peer"]
    assert sorted(exposed["rep_id"].unique()) == ["R01", "R02", "R03", "R04"]
    assert exposed.groupby("rep_id").size().tolist() == [6] * 4
    found = find_drivers(months, shown).set_index("driver_level")
    assert found["leavers_count"].to_dict() == {"exit of a peer": 0, "no exit of a peer": 1}
    assert "no evidence" in found["finding"]["exit of a peer"]


def test_the_year_after_a_good_year_is_a_level_of_its_own() -> None:
    """Four of nine had an exceptional year; two of them left in the year after it."""
    rows = [{"leave_date": "2025-06-30"}] * 2 + [{}] * 7
    years = ("2022-06-30", "2023-06-30", "2024-06-30")
    deals = make_won(*((f"R{at:02d}", day, 300.0 if at < 4 and day == years[2] else 100.0)
                       for at in range(9) for day in years))  # fmt: skip
    deals = deals.assign(close_date=deals["close_date"].mask(deals.index == 0, "2022-01-10"))
    reps = make_reps(*rows).assign(hire_date=pd.Timestamp("2021-01-01"))
    found = review(PeopleInputs(reps=reps, opportunities=deals), minimum_group=3)
    levels = found.tables["exit_drivers"].query("driver == 'target_jump'").set_index("driver_level")
    mine = levels.loc["after one exceptional year"]
    assert (mine["people_count"], mine["leavers_count"]) == (4, 2)
    assert mine["low"] < mine["ratio"] or mine["ratio"] != mine["ratio"]
    assert levels.loc["after other years", "leavers_count"] == 0
    assert levels["leavers_count"].sum() == 2
    hidden = review(PeopleInputs(reps=reps, opportunities=deals), minimum_group=5)
    assert "after one exceptional year" not in set(hidden.tables["exit_drivers"]["driver_level"])


def test_thirds_of_performance_are_of_the_past_and_within_the_role() -> None:
    """Six people who sell 1 to 6 each month: two in each third."""
    reps = make_reps(*({} for _ in range(6)))
    days = pd.date_range("2023-01-31", "2026-03-31", freq="ME")
    deals = make_won(*((f"R{at:02d}", str(day.date()), float(at + 1)) for at in range(6)
                       for day in days))  # fmt: skip
    months, _ = group_months(staff_of(reps), deals, SETTINGS, window_months=24,
                             bands=CAPACITY.tenure_bands)  # fmt: skip
    third = months.groupby("rep_id")["performance"].agg(lambda one: one.mode()[0])
    assert third.tolist() == ["lower third"] * 2 + ["middle third"] * 2 + ["upper third"] * 2


def test_experience_is_amount_over_months_with_people_as_cases() -> None:
    """Three newcomers and three with five years, one deal a month each."""
    rows = [{"hire_date": "2025-10-01"}] * 3 + [{"hire_date": "2020-01-01"}] * 3
    days = pd.date_range("2025-10-31", "2026-03-31", freq="ME")
    deals = make_won(*(
        (f"R{at:02d}", str(day.date()), 100.0 if at < 3 else 300.0)
        for at in range(6) for day in days
    ))  # fmt: skip
    found = measure_experience(staff_of(make_reps(*rows)), deals, SETTINGS, CAPACITY)
    found = found.set_index("tenure_band")
    assert found["month_amount"]["0-6 months"] == pytest.approx(100, rel=0.01)
    assert found["month_amount"]["48+ months"] == pytest.approx(300, rel=0.01)
    assert found["deal_size"]["48+ months"] == 300
    assert pd.isna(found["month_amount"]["6-12 months"])
    assert found["note"]["6-12 months"] == "fewer than 3 people"
    assert found["month_low"]["48+ months"] == pytest.approx(300, rel=0.01)


def test_the_variance_of_a_ratio_counts_people() -> None:
    """Many deals of one person are one case: no variance can be told."""
    ones = pd.Series([1.0, 3.0, 2.0])
    assert np.isnan(ratio_by_people(ones, ones * 0 + 1, pd.Series(["a", "a", "a"]))[1])
    assert ratio_by_people(ones, ones * 0, pd.Series(["a", "b", "c"])) == (
        pytest.approx(float("nan"), nan_ok=True), pytest.approx(float("nan"), nan_ok=True),
    )  # fmt: skip


def test_the_cost_of_a_leaver_is_the_sum_of_its_parts() -> None:
    """30.4375 days at 300 a month, half of it covered; six months of 200 less; hiring 1000."""
    curve = pd.DataFrame({
        "role": "all", "tenure_band": ["0-6", "6-12", "12-24"], "band_order": [0, 1, 2],
        "month_amount": [100.0, np.nan, 300.0], "month_low": [100.0, np.nan, 300.0],
        "month_high": [100.0, np.nan, 300.0], "person_months": [6.0, 0.0, 24.0],
        "won_amount": [600.0, 0.0, 7200.0],
    })  # fmt: skip
    settings = TeamPeopleSettings(covered_share=0.5, hiring_cost={"default": 1000})
    capacity = CapacitySettings(fill_days=61)
    found = cost_leavers(curve, ["AE"], settings, capacity).set_index("part")["cost_amount"]
    assert found["vacancy"] == pytest.approx(61 / 30.4375 * 300 * 0.5)
    assert found["ramp"] == pytest.approx(6 * 200)
    assert found["total"] == pytest.approx(found[["vacancy", "ramp", "hiring"]].sum())


def test_the_learnt_time_to_fill_counts_where_it_is_known() -> None:
    """Forty days learnt from leavers replace the stated ones, and the formula says so."""
    curve = pd.DataFrame({
        "role": "all", "tenure_band": ["12-24"], "band_order": [2], "month_amount": [300.0],
        "month_low": [300.0], "month_high": [300.0], "person_months": [24.0],
        "won_amount": [7200.0],
    })  # fmt: skip
    stated = CapacitySettings(fill_days=61)
    fill = FillTime(days=40.0, low=30.0, high=55.0, filled_count=9, basis="9 posts of leavers")
    found = cost_leavers(curve, ["AE"], TeamPeopleSettings(), stated, fill).set_index("part")
    assert found["cost_amount"]["vacancy"] == pytest.approx(40 / 30.4375 * 300)
    assert "40 days to fill" in found["formula"]["vacancy"]
    assert "(80 % interval 30 to 55) learnt from 9 posts of leavers" in found["formula"]["vacancy"]
    plain = cost_leavers(curve, ["AE"], TeamPeopleSettings(), stated).set_index("part")
    assert "61 days to fill" in plain["formula"]["vacancy"]
    assert plain["formula"]["vacancy"].endswith("days as stated in plan.yaml")


def test_the_review_learns_the_time_to_fill_from_its_leavers() -> None:
    """Four posts filled after 20 days each: the vacancy is nearer to 20 than to the stated 75."""
    reps = []
    for at in range(4):
        gone = pd.Timestamp("2025-02-01") + pd.DateOffset(months=2 * at)
        reps += [{"hire_date": "2020-01-01", "leave_date": str(gone.date())},
                 {"hire_date": str((gone + pd.Timedelta(days=20)).date())}]  # fmt: skip
    inputs = PeopleInputs(reps=make_reps(*reps), opportunities=make_won(
        *((f"R{at:02d}", "2025-01-15", 100.0) for at in (0, 2, 4, 6))
    ))  # fmt: skip
    found = review(inputs, minimum_group=3).tables["leaver_costs"]
    formula = found.set_index("part")["formula"]["vacancy"]
    days = int(formula.split(" days to fill")[0])
    assert days == round((4 * 20 + 5 * 75) / 9)
    assert "learnt from 4 posts of leavers filled" in formula


def test_an_unknown_part_of_the_cost_is_blank_and_named() -> None:
    """Without deals and hiring cost nothing is made up."""
    found = cost_leavers(pd.DataFrame(), ["AE"], TeamPeopleSettings(), CAPACITY)
    assert found["cost_amount"].isna().all()
    assert not found["is_complete"].any()
    assert "hiring_cost is not set" in found["formula"].str.cat(sep=" ")


def test_a_constant_hazard_has_its_closed_form() -> None:
    """Expected months (1 - (1 - h)^M) / h; leavers a year are heads over expected years."""
    hazard = np.full(240, 0.03)
    assert expected_months(hazard) == pytest.approx((1 - 0.97**240) / 0.03)
    months = pd.DataFrame({"role": "AE", "tenure_month": [0, 1], "is_leaver": [False, False]})
    hazards = exit_hazard(months, [12], prior=1.0, yearly_turnover=1 - 0.97**12)
    variant = OnboardingVariant(name="better", turnover_ratio=0.5)
    found = compare_variants(hazards, 60, 1000.0, [variant]).set_index("variant")
    as_is, better = found.loc["as it is"], found.loc["better"]
    assert as_is["expected_tenure_years"] == pytest.approx((1 - 0.97**240) / 0.03 / 12)
    assert as_is["leavers_a_year"] == pytest.approx(60 / as_is["expected_tenure_years"])
    assert better["first_year_share"] == pytest.approx(1 - 0.985**12)
    assert better["saved_amount"] == pytest.approx(
        1000 * (as_is["leavers_a_year"] - better["leavers_a_year"])
    )


def test_what_a_variant_saves_is_not_told_within_noise() -> None:
    """One leaver in fifty months: 14.2 % a year may be how it is; 90 % a year may not."""
    months = pd.DataFrame({"role": "AE", "tenure_month": [*range(10)] * 5, "is_leaver": False})
    months.loc[0, "is_leaver"] = True
    hazards = exit_hazard(months, [12], prior=1.0)
    shares = {"near": 0.142, "far": 0.9}
    rows = [OnboardingVariant(name=name, turnover_share=one, months=12)
            for name, one in shares.items()]  # fmt: skip
    found = compare_variants(hazards, 10, 1000.0, rows).set_index("variant")
    assert pd.isna(found.loc["near", "saved_amount"])
    assert "rests on 1 leaver of these months" in found.loc["near", "basis"]
    assert found.loc["far", "saved_amount"] < 0
    assert "leaver of" not in found.loc["far", "basis"]


def test_a_turnover_share_of_a_variant_holds_in_its_months() -> None:
    """14.2 % in the first twelve months is what leaves in the first year."""
    months = pd.DataFrame({"role": "AE", "tenure_month": [0, 1], "is_leaver": [True, False]})
    hazards = exit_hazard(months, [12], prior=1.0)
    one = OnboardingVariant(name="weak", turnover_share=0.142, months=12)
    found = compare_variants(hazards, 10, None, [one]).set_index("variant")
    assert found["first_year_share"]["weak"] == pytest.approx(0.142)
    assert found["saved_amount"].isna().all()


def test_a_variant_needs_one_effect() -> None:
    """Neither or both of share and ratio are refused; none is the default."""
    with pytest.raises(ValueError, match="exactly one of turnover_share, turnover_ratio"):
        OnboardingVariant(name="x")
    with pytest.raises(ValueError, match="exactly one of"):
        OnboardingVariant(name="x", turnover_share=0.1, turnover_ratio=0.5)
    assert TeamPeopleSettings().onboarding_variants == ()


def test_completion_counts_items_due_by_cohort() -> None:
    """Done late counts as done, not in time; what is due later does not count yet."""
    reps = make_reps(*({"hire_date": "2025-02-01"} for _ in range(3)))
    rows = pd.DataFrame({
        "rep_id": ["R00", "R01", "R02", "R00"], "item": ["Guide", "Guide", "Guide", "Later"],
        "due_date": ["2025-02-10", "2025-02-10", "2025-02-10", "2026-09-01"],
        "done_date": ["2025-02-09", "2025-03-01", None, None],
        "is_method": [True, True, True, False],
    })  # fmt: skip
    found = complete_onboarding(table("onboarding").coerce(rows), staff_of(reps), SETTINGS)
    guide = found[(found["item"] == "Guide") & (found["cohort"] == "2025H1")].iloc[0]
    assert (guide["due_count"], guide["done_count"], guide["on_time_count"]) == (3, 2, 1)
    assert bool(guide["is_method"])
    assert "Later" not in set(found["item"])


def test_a_common_method_is_deals_that_passed_the_usual_stages() -> None:
    """Four of six deals were in both stages; those of the other team in one alone and twice."""
    reps = make_reps(*({"manager_id": "M1"} for _ in range(3)))
    deals = make_won(*((f"R0{at % 3}", "2026-01-31", 1.0) for at in range(6)))
    seen = [(f"O{at}", stage) for at in range(6)
            for stage in (("Need", "Offer") if at < 4 else ("Need", "Other"))]  # fmt: skip
    history = table("opportunity_history").coerce(pd.DataFrame(
        [{"opportunity_id": deal, "stage": stage, "snapshot_date": "2026-01-01",
          "is_closed": False, "sequence": 0, "record": "snapshot"} for deal, stage in seen]
    ))  # fmt: skip
    found = check_method(staff_of(reps), deals, history, SETTINGS)
    everybody = found[found["team_by"] == "all"].iloc[0]
    assert (everybody["won_count"], everybody["usual_count"]) == (6, 4)
    assert check_method(staff_of(reps), deals, None, SETTINGS).empty


@pytest.mark.parametrize(("record", "said"), [("snapshot", "not compared"), ("change", "only")])
def test_snapshots_far_apart_do_not_tell_who_skips_stages(record: str, said: str) -> None:
    """A stay that is shorter than the days between snapshots is not seen; changes show all."""
    reps = make_reps(*({"manager_id": "M1"} for _ in range(3)))
    deals = make_won(*((f"R0{at % 3}", "2026-01-31", 1.0) for at in range(6)))
    history = table("opportunity_history").coerce(pd.DataFrame(
        [{"opportunity_id": f"O{at}", "stage": stage, "snapshot_date": day, "is_closed": False,
          "sequence": 0, "record": record}
         for at in range(6) for day, stage in (("2026-01-01", "Need"), ("2026-01-08", "Offer"))]
    ))  # fmt: skip
    found = check_method(staff_of(reps), deals, history, SETTINGS)
    assert found["finding"].str.contains(said).all()
    assert record_gap(history) == {"snapshot": 7, "change": 0}[record]


def test_bands_and_windows_have_their_edges() -> None:
    """A band begins at its lower end; a window begins on a first of month."""
    assert tenure_band(pd.Series([5.99, 6.0]), (6, 12)).tolist() == ["0-6 months", "6-12 months"]
    assert window_start(pd.Timestamp("2026-03-15"), 12) == pd.Timestamp("2025-04-01")
    assert window_start(pd.Timestamp(AS_OF), 12) == pd.Timestamp("2025-04-01")
