"""Tests of the simulator: the six known answers, and what it says."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from planlib.routing.measures import (
    best_quarter_share,
    concentration,
    moves,
    zone_balance,
)
from planlib.routing.simulated import SCENARIOS, interval
from planlib.routing.simulator import (
    headlines,
    run_world,
    simulate_policies,
    tight_work,
)
from planlib.routing.words import compare_policies
from planlib.routing.worlds import Setting, draw_world, make_setting
from planlib.settings.routing import RoutingSettings, SimulatorSettings

PLAIN = {"reps": 6, "days": 28, "seeds": 2, "leads_per_rep_day": 3.0}


def make(
    routing: RoutingSettings | None = None, **changes: object
) -> tuple[Setting, SimulatorSettings]:
    """A small setting of assumed reps."""
    settings = SimulatorSettings(**{**PLAIN, **changes})  # type: ignore[arg-type]
    return make_setting(settings, routing or RoutingSettings()), settings


def win_rate(policy: str, setting: Setting, settings: SimulatorSettings, *, skill_sd: float,
             seeds: int = 6, work: int = 1) -> np.ndarray:  # fmt: skip
    """Win rate of a policy in some worlds."""
    found = []
    for seed in range(seeds):
        world = draw_world(setting, settings, seed, skill_sd)
        found.append(run_world(setting, settings, world, policy, work=work)["won"].mean())
    return np.array(found)


def always_free(setting: Setting) -> Setting:
    """The same reps, at work at every hour of every day."""
    slots = np.arange(setting.shifts.next_open.shape[1], dtype=np.int32)
    opens = np.tile(slots, (setting.shifts.next_open.shape[0], 1))
    return dataclasses.replace(
        setting, absence_share=0.0, shifts=dataclasses.replace(setting.shifts, next_open=opens)
    )


@pytest.mark.parametrize("policy", ["geography", "round_robin", "best_ranked", "ranked_by_grade",
                                    "thompson", "strict_round_robin"])  # fmt: skip
def test_equal_skill_without_decay_makes_all_policies_equal(policy):
    """Known answer 1: the same luck gives the very same wins."""
    setting, settings = make(lasting_share=1.0)
    given = win_rate(policy, setting, settings, skill_sd=0.0, seeds=2)
    assert given.tolist() == win_rate("true_skill", setting, settings, skill_sd=0.0,
                                      seeds=2).tolist()  # fmt: skip


def test_best_to_best_pays_only_where_quality_and_skill_multiply():
    """Known answer 2: at fixed volumes matching gains nothing if additive, and pays if not."""
    gains = {}
    for outcome in ("additive", "multiplicative"):
        setting, settings = make(outcome=outcome, lasting_share=1.0, quality_sd=2.0,
                                 score_noise_sd=0.0)  # fmt: skip
        world = draw_world(setting, settings, 3, 2.0)
        count, reps = len(world["at"]), len(world["skill"])
        by_quality = np.argsort(np.argsort(-world["quality"], kind="stable"), kind="stable")
        order = np.argsort(-world["skill"], kind="stable")
        matched = order[by_quality * reps // count]
        mixed = np.random.default_rng(0).permutation(matched)
        quality, skill, base = world["quality"], world["skill"], setting.base_rate

        def mean(rep, outcome=outcome, quality=quality, skill=skill, base=base):
            if outcome == "additive":
                return (base * (1 + quality + skill[rep])).mean()
            return (base * (1 + quality) * (1 + skill[rep])).mean()

        gains[outcome] = mean(matched) - mean(mixed)
    assert gains["additive"] == pytest.approx(0, abs=1e-12)
    assert gains["multiplicative"] > 0.01


def test_graded_routing_gives_better_leads_to_better_reps_when_skill_multiplies():
    """The policy itself moves in the direction of the rearrangement."""
    setting, settings = make(outcome="multiplicative", quality_sd=2.0, score_noise_sd=0.0,
                             lasting_share=1.0, days=91)  # fmt: skip
    setting = always_free(setting)
    graded = win_rate("ranked_by_grade", setting, settings, skill_sd=2.0)
    turns = win_rate("round_robin", setting, settings, skill_sd=2.0)
    assert graded.mean() > turns.mean() + 0.005


def test_when_all_reps_are_full_rank_loses_most_of_its_gain():
    """Known answer 3."""
    setting, settings = make(days=56, lasting_share=1.0)
    gain = {
        work: (win_rate("true_skill", setting, settings, skill_sd=0.6, work=work)
               - win_rate("round_robin", setting, settings, skill_sd=0.6, work=work)).mean()
        for work in (1, 400)
    }  # fmt: skip
    assert gain[1] > 0.02
    assert abs(gain[400]) < gain[1] / 3


def test_with_everybody_always_free_both_round_robins_are_the_same():
    """Known answer 4: identical assignments."""
    setting, settings = make()
    setting = always_free(setting)
    world = draw_world(setting, settings, 1, 0.3)
    plain = run_world(setting, settings, world, "round_robin", work=0)["rep"]
    strict = run_world(setting, settings, world, "strict_round_robin", work=0)["rep"]
    assert plain.tolist() == strict.tolist()


@pytest.mark.parametrize("weights", [(1, 1, 1, 1, 1, 1), (4, 2, 1, 1, 1, 1), (3, 2, 2, 1, 0, 0)])
def test_shares_of_leads_come_out_as_the_weights(weights):
    """Known answer 5: turns by weight give shares within one turn of the weights."""
    setting, settings = make(days=56)
    setting = dataclasses.replace(always_free(setting), people=setting.people.assign(
        weight=np.array(weights, dtype=float)))  # fmt: skip
    world = draw_world(setting, settings, 2, 0.3)
    rep = run_world(setting, settings, world, "weighted", work=0)["rep"]
    share = np.bincount(rep, minlength=6) / len(rep)
    wanted = np.array(weights) / sum(weights)
    assert np.abs(share - wanted).max() <= 1.5 / len(rep)


def test_shares_hold_on_average_where_reps_are_away():
    """Known answer 5 with leave: a rep of weight 2 gets twice the leads of one of weight 1."""
    setting, settings = make(days=182, absence_share=0.1)
    people = setting.people.assign(weight=[2.0, 1.0, 1.0] * 2)
    setting = dataclasses.replace(always_free(setting), people=people, absence_share=0.1)
    twice = []
    for seed in range(4):
        world = draw_world(setting, settings, seed, 0.0)
        leads = np.bincount(run_world(setting, settings, world, "weighted", work=0)["rep"],
                            minlength=6)  # fmt: skip
        twice.append((leads[0] + leads[3]) / (leads[1] + leads[2] + leads[4] + leads[5]))
    assert np.mean(twice) == pytest.approx(1.0, abs=0.12)


def test_a_more_skilled_rep_is_never_ranked_lower():
    """Known answer 6: raising a rep's true skill never lowers the expected rank."""
    setting, settings = make(days=91)
    setting = always_free(setting)
    places = []
    for lift in (-0.8, 0.0, 0.8):
        sums = []
        for seed in range(6):
            world = draw_world(setting, settings, seed, 0.3)
            world["skill"] = world["skill"].copy()
            world["skill"][0] += lift
            run = run_world(setting, settings, world, "round_robin", work=1)
            rate = run["won_count"] / run["expected"]
            sums.append((rate > rate[0]).sum())
        places.append(np.mean(sums))
    assert places[0] > places[1] > places[2]


def test_policies_meet_the_same_world():
    """Arrivals, quality, skill, absence and luck depend on the seed alone."""
    setting, settings = make()
    first, second = draw_world(setting, settings, 5, 0.3), draw_world(setting, settings, 5, 0.3)
    assert all(np.array_equal(first[name], second[name]) for name in first)
    other = draw_world(setting, settings, 6, 0.3)
    assert not np.array_equal(first["luck"], other["luck"])


def test_the_results_have_every_figure_with_an_interval_and_say_what_is_what():
    """One long table; headlines split availability from rank and price each floor."""
    setting, settings = make(policies=["geography", "best_ranked", "true_skill"], floors=[0.0, 0.5])
    found = simulate_policies(setting, settings, RoutingSettings())
    results = found.results
    assert set(results["scenario"]) == set(SCENARIOS)
    assert "round_robin" in set(results["policy"])  # what the others are measured beside
    rows = results[results["measure"] == "win_share"]
    assert (rows["low"] <= rows["value"]).all()
    assert (rows["value"] <= rows["high"]).all()
    best = results[(results["policy"] == "true_skill")
                   & (results["measure"] == "opportunity_cost_amount")]  # fmt: skip
    assert best["value"].eq(0).all()
    assert found.shares.groupby("policy")["lead_share"].sum().round(9).eq(1).all()
    assert sum("rank brings" in one for one in found.headlines) == 2
    assert sum("A floor of 50 %" in one for one in found.headlines) == 1
    assert sum(one.startswith("Opportunity cost of") for one in found.headlines) == 3
    gains = results[results["measure"].str.endswith("_gain_points")]
    assert len(gains) == 4
    assert (gains["low"] <= gains["value"]).all()
    assert (gains["value"] <= gains["high"]).all()


def test_policies_stand_side_by_side_in_their_units():
    """Most wins first, shares in per cent, money without cents, what is not known is blank."""
    given = {"round_robin": (9, 0.1, None), "true_skill": (12, 0.125, 5e4)}
    rows = pd.DataFrame([
        {"policy": policy, "measure": measure, "measure_order": order, "unit": unit, "value": value}
        for policy, values in given.items()
        for order, (measure, unit, value) in enumerate(zip(
            ("wins", "win_share", "acv_amount"), ("wins", "share", "amount"), values, strict=True))
    ]).assign(scenario="spare capacity", floor_share=0.0)  # fmt: skip
    found = compare_policies(rows, "spare capacity")
    assert found.columns.tolist() == ["measure", "unit", "true skill", "round robin"]
    assert found["true skill"].tolist() == ["12", "12.5 %", "50,000"]
    assert found["round robin"].tolist() == ["9", "10.0 %", ""]
    assert compare_policies(rows, "tight capacity").empty


def test_no_interval_passes_what_its_unit_allows():
    """A share of moves near zero has no interval below zero; money may have either sign."""
    setting, settings = make(policies=["round_robin", "true_skill"], floors=[0.0], seeds=3)
    rows = simulate_policies(setting, settings, RoutingSettings()).results
    shares = rows[rows["unit"].isin(["share", "gini"]) & rows["low"].notna()]
    assert len(shares) > 20
    assert shares["low"].ge(0).all()
    assert shares["high"].le(1).all()
    assert rows.loc[rows["unit"] == "minutes", "low"].dropna().ge(0).all()


def floor_rows(low: float, high: float) -> pd.DataFrame:
    """Results of a floor of a tenth whose cost has this interval."""
    key = {"scenario": "spare capacity", "policy": "best_ranked"}
    cost = {"value": (low + high) / 2, "low": low, "high": high}
    return pd.DataFrame([
        key | {"floor_share": 0.1, "measure": "floor_cost_points"} | cost,
        key | {"floor_share": 0.0, "measure": "minimum_share", "value": 0.07},
        key | {"floor_share": 0.1, "measure": "minimum_share", "value": 0.18},
    ])  # fmt: skip


@pytest.mark.parametrize(("low", "high", "words"), [
    (-0.4, 0.13, "A floor of 10 % costs no win rate beyond chance (-0.40 to 0.13 points)"),
    (0.2, 0.6, "A floor of 10 % costs 0.40 points of win rate (0.20 to 0.60)"),
])  # fmt: skip
def test_a_floor_that_costs_nothing_beyond_chance_is_said_so(low, high, words):
    """No negative price is named; what the floor does for the others is."""
    said = headlines(floor_rows(low, high), days=91)
    assert said == [
        f"{words} and lifts the rep with the fewest leads from 7 % to 18 % of the mean."
    ]


def test_gains_and_prices_add_up_from_the_win_rates():
    """Availability plus rank is the whole way from geography to the best ranked."""
    setting, settings = make(policies=["geography", "best_ranked"], floors=[0.0, 0.5], seeds=3)
    results = simulate_policies(setting, settings, RoutingSettings()).results
    rows = results.set_index(["scenario", "policy", "floor_share", "measure"])["value"]
    for scenario in SCENARIOS[:2]:
        parts = [rows[scenario, "best_ranked", 0.0, f"{one}_gain_points"]
                 for one in ("availability", "rank")]  # fmt: skip
        way = (rows[scenario, "best_ranked", 0.0, "win_share"]
               - rows[scenario, "geography", 0.0, "win_share"])  # fmt: skip
        assert sum(parts) == pytest.approx(100 * way)
    free, floor = (rows["spare capacity", "best_ranked", one, "win_share"] for one in (0.0, 0.5))
    cost = rows["spare capacity", "best_ranked", 0.5, "floor_cost_points"]
    assert cost == pytest.approx(100 * (free - floor))


def test_policies_that_were_not_simulated_leave_no_gain_and_no_headline():
    """Without a fixed owner and without the best ranked there is nothing to split."""
    setting, settings = make(policies=["round_robin", "thompson"], floors=[0.0])
    found = simulate_policies(setting, settings, RoutingSettings())
    assert not found.results["measure"].str.endswith("_points").any()
    assert found.headlines == ()


def make_history() -> tuple[pd.DataFrame, pd.DataFrame]:
    """300 leads over 150 days, every third converted; of three deals one is won and one lost."""
    ids = [f"O-{at:03d}" for at in range(300)]
    leads = pd.DataFrame({
        "created_at": pd.date_range("2026-01-05 09:00", periods=300, freq="12h"),
        "is_converted": [True, False, False] * 100, "territory": "Europe/London",
        "industry": "Retail",
        "opportunity_id": [one if at % 3 == 0 else None for at, one in enumerate(ids)],
    })  # fmt: skip
    deals = pd.DataFrame({
        "opportunity_id": ids, "is_won": [at % 9 == 0 for at in range(300)],
        "is_closed": [at % 9 < 6 for at in range(300)], "amount": 1000.0,
    })  # fmt: skip
    return leads, deals


def test_the_own_history_is_used_where_it_is_long_enough():
    """Volume and hours come from the leads; without deals a conversion counts as a win."""
    leads, _ = make_history()
    settings = SimulatorSettings(days=28)
    found = make_setting(settings, RoutingSettings(), leads=leads)
    assert found.base_rate == pytest.approx(1 / 3)
    assert "so a conversion counts as a win" in found.basis["chance"]
    assert found.basis["volume"].startswith("own history")
    assert found.basis["arrivals"].startswith("own history")


def test_a_conversion_is_no_win_where_the_deals_are_known():
    """A ninth is won, not the third that converted; open deals and leads too young are left out."""
    leads, deals = make_history()
    found = make_setting(SimulatorSettings(days=28), RoutingSettings(score_mature_days=60),
                         leads=leads, opportunities=deals)  # fmt: skip
    young = leads["created_at"] > leads["created_at"].max() - pd.Timedelta(days=60)
    open_ = pd.Series([at % 9 == 6 for at in range(300)])
    counted = leads[~young & ~open_]
    won = counted["opportunity_id"].isin(deals.loc[deals["is_won"], "opportunity_id"])
    assert found.base_rate == pytest.approx(won.mean())
    assert f"of {len(counted)} leads are won" in found.basis["chance"]
    assert found.acv == 1000.0


def test_thebest_quarter_share_by_hand():
    """One of four reps is the best team: three of its six leads are won."""
    leads, wins = np.array([4.0, 6.0, 2.0, 8.0]), np.array([4.0, 3.0, 0.0, 1.0])
    assert best_quarter_share(leads, wins, np.array([0.1, 0.9, 0.2, -1.0])) == pytest.approx(0.5)
    assert np.isnan(best_quarter_share(0 * leads, wins, np.zeros(4)))


def test_zones_with_even_leads_are_level():
    """Four leads a rep against eight is a half; one zone alone tells nothing."""
    zones = np.array(["Asia/Tokyo", "Asia/Tokyo", "Europe/London"], dtype=object)
    assert zone_balance(np.array([3.0, 5.0, 8.0]), zones) == 0.5
    assert zone_balance(np.array([5.0, 5.0, 5.0]), zones) == 1.0
    assert np.isnan(zone_balance(np.array([5.0, 5.0]), zones[:2]))


@pytest.mark.parametrize("volume", [0.3, 2.5])
def test_tight_capacity_is_tight_at_any_volume(volume):
    """Leads fill nine tenths of the working time, and rank loses most of what it brings."""
    setting, settings = make(leads_per_rep_day=volume, days=84, lasting_share=1.0)
    tight = tight_work(setting, settings)
    gain = [
        (win_rate("true_skill", setting, settings, skill_sd=0.6, work=work)
         - win_rate("round_robin", setting, settings, skill_sd=0.6, work=work)).mean()
        for work in (1, tight)
    ]  # fmt: skip
    assert gain[1] < gain[0] / 2
    assert tight == pytest.approx(tight_work(*make(leads_per_rep_day=2 * volume)) * 2, rel=0.02)


def test_concentration_by_hand():
    """A rep in one region has 1, one in two even regions a half."""
    rep, group = np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])
    assert concentration(rep, group, 2) == pytest.approx(0.75)


def test_the_bare_rule_moves_equal_reps_and_the_guarded_one_hardly_any():
    """40 reps of equal skill, 60 leads at 20 %: 42 to 44 % against at most the set level."""
    draw = np.random.default_rng(1)
    raw, guarded = zip(*[
        moves(draw.binomial(60, 0.2, 40).astype(float), np.full(40, 60.0), 0.2,
              SimulatorSettings())
        for _ in range(60)
    ], strict=True)  # fmt: skip
    assert 0.38 < np.mean(raw) < 0.48
    assert np.mean(guarded) < 0.1


def test_an_interval_needs_two_worlds():
    """One world has a value and no interval."""
    assert interval(np.array([2.0]))[0] == 2.0
    assert np.isnan(interval(np.array([2.0]))[1])
    assert np.isnan(interval(np.array([np.nan]))[0])
