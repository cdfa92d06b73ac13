"""Shrinkage, potential and workload: formulas against other ways to compute them, and sense."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planlib.segmentation.profile import share_people
from planlib.segmentation.shrinkage import (
    between_variance,
    gamma_prior,
    gamma_rate,
    shrink,
    within_variance,
)
from tests.segmentation_frames import (
    findings,
    make_accounts,
    make_deals,
    make_market,
    make_reps,
    run,
)


def make_groups(seed: int, groups: int = 40, within: float = 0.6, between: float = 0.9):
    """Draw values of groups of unlike size around true means; give values, group, true means."""
    draw = np.random.default_rng(seed)
    truth = draw.normal(5.0, between, groups)
    cell = np.repeat(np.arange(groups), draw.integers(1, 12, groups))
    return draw.normal(truth[cell], within), cell, truth


def test_variances_match_one_way_analysis() -> None:
    """For groups of equal size the moments are those of the textbook one-way table."""
    values = np.array([1.0, 3.0, 6.0, 8.0, 10.0, 14.0])
    cell = np.array([0, 0, 1, 1, 2, 2])
    within, freedom = within_variance(values, cell, 3)
    assert (within, freedom) == (pytest.approx((2 + 2 + 8) / 3), 3)
    means = np.array([2.0, 7.0, 12.0])
    found = between_variance(np.full(3, 2.0), means, np.zeros(3, dtype=int), 1, within)
    mean_square_between = 2 * ((means - 7) ** 2).sum() / 2
    assert found == pytest.approx((mean_square_between - within) / 2)


def test_shrunk_mean_is_the_posterior_mean() -> None:
    """For one group the result is the normal posterior by precision weights, done by hand."""
    cells = shrink(
        np.array([4.0]), np.array([10.0]), np.array([6.0]), np.array([0.0]), within=2.0, between=1.0
    )
    precision = 4 / 2.0 + 1 / 1.0
    assert cells.mean[0] == pytest.approx((4 / 2.0 * 10 + 1 / 1.0 * 6) / precision)
    assert cells.variance[0] == pytest.approx(1 / precision)


def test_a_group_without_values_has_its_parents_mean() -> None:
    """No value: the parent's mean, and all of the spread between groups as uncertainty."""
    cells = shrink(
        np.array([0.0]),
        np.array([np.nan]),
        np.array([6.0]),
        np.array([0.5]),
        within=2.0,
        between=1.0,
    )
    assert (cells.mean[0], cells.weight[0], cells.variance[0]) == (6.0, 0.0, 1.5)


@given(st.integers(1, 500), st.floats(-5, 5), st.floats(-5, 5), st.floats(0.01, 9), st.floats(0, 9))
def test_shrunk_mean_lies_between(
    count: int, raw: float, parent: float, within: float, between: float
) -> None:
    """Whatever the variances, the mean lies between the group's own and its parent's."""
    cells = shrink(
        np.array([float(count)]),
        np.array([raw]),
        np.array([parent]),
        np.zeros(1),
        within=within,
        between=between,
    )
    assert min(raw, parent) - 1e-9 <= cells.mean[0] <= max(raw, parent) + 1e-9


def test_more_values_mean_more_weight() -> None:
    """The own mean's weight grows with the sample."""
    count = np.array([1.0, 5.0, 50.0])
    cells = shrink(count, np.full(3, 1.0), np.zeros(3), np.zeros(3), within=1.0, between=0.5)
    assert (np.diff(cells.weight) > 0).all()
    assert (np.diff(cells.variance) < 0).all()


def test_shrinkage_beats_raw_means_and_its_intervals_hold() -> None:
    """Over drawn groups shrunk means are closer to the truth; 80 % intervals hold about 80 %."""
    raw_error, error, inside = 0.0, 0.0, []
    for seed in range(30):
        values, cell, truth = make_groups(seed)
        size = len(truth)
        count = np.bincount(cell, minlength=size).astype(float)
        mean = np.bincount(cell, values, size) / count
        within, _ = within_variance(values, cell, size)
        top = np.zeros(size, dtype=int)
        between = between_variance(count, mean, top, 1, within)
        cells = shrink(
            count,
            mean,
            np.full(size, values.mean()),
            np.full(size, between / size),
            within=within,
            between=between,
        )
        raw_error += ((mean - truth) ** 2).sum()
        error += ((cells.mean - truth) ** 2).sum()
        inside += list(np.abs(cells.mean - truth) <= 1.2816 * np.sqrt(cells.variance))
    assert error < 0.9 * raw_error
    assert np.mean(inside) == pytest.approx(0.8, abs=0.04)


def test_gamma_posterior_by_hand() -> None:
    """The rate is prior events plus events over prior time plus time."""
    rate = np.array([4.0])
    cell = np.zeros(3, dtype=int)
    counts, years = np.array([0.0, 4.0, 20.0]), np.ones(3)
    prior = gamma_prior(counts, years, cell, rate)
    excess = ((16 + 0 + 256) - 12) / 48
    assert prior.shape[0] == pytest.approx(1 / excess)
    found = gamma_rate(counts, years, cell, prior)
    assert found == pytest.approx((counts + 1 / excess) / (1 + 1 / excess / 4.0))
    assert found[0] > 0
    assert found[2] < 20


def test_potential_of_one_kind_is_the_quantile_of_its_spend() -> None:
    """With many customers of one kind the potential is near the quantile of their spend."""
    draw = np.random.default_rng(5)
    spend = np.exp(draw.normal(9.0, 0.7, 4000))
    accounts = make_accounts(acv=[*spend, None], employees=[500] * 4001)
    last = run(accounts).segments.iloc[-1]
    assert last["potential"] == pytest.approx(np.quantile(spend, 0.75), rel=0.05)
    assert last["potential_low"] < last["potential"] < last["potential_high"]
    assert last["potential_sample_count"] == 4000


def test_potential_is_never_below_own_spend() -> None:
    """Derived potential, and its interval, reach at least what the account spends now."""
    rows = run(make_market()).segments.dropna(subset=["yearly_spend"])
    for name in ("potential", "potential_low", "potential_high"):
        assert (rows[name] >= rows["yearly_spend"] - 1e-9).all()
    own = rows[rows["potential_source"] == "own spend"]
    assert len(own) > 0
    assert (own["potential"] == own["yearly_spend"]).all()


def test_potential_grows_with_the_quantile() -> None:
    """A higher quantile never lowers a potential."""
    low = run(make_market(), "potential_quantile: 0.6").segments["potential"]
    high = run(make_market(), "potential_quantile: 0.9").segments["potential"]
    assert (high >= low).all()


def test_a_wider_interval_holds_the_narrower_one() -> None:
    """The interval grows with its probability, the potential stays."""
    narrow = run(make_market(), "interval: 0.5").segments
    wide = run(make_market(), "interval: 0.95").segments
    assert (wide["potential_low"] <= narrow["potential_low"]).all()
    assert (wide["potential_high"] >= narrow["potential_high"]).all()
    pd.testing.assert_series_equal(wide["potential"], narrow["potential"])


def test_intervals_hold_the_true_quantile() -> None:
    """Over kinds of account with known truth the 80 % interval holds it in about 80 % of cases."""
    inside = []
    for seed in range(12):
        draw = np.random.default_rng(seed)
        truth = draw.normal(9.0, 0.6, 25)
        kind = np.repeat(np.arange(25), draw.integers(2, 15, 25))
        spend = np.exp(draw.normal(truth[kind], 0.7))
        accounts = make_accounts(
            acv=[*spend, *[None] * 25], province=[f"P{k:02d}" for k in [*kind, *range(25)]]
        )
        rows = run(accounts, "lookalike_levels: [[province]]").segments.tail(25)
        quantile = np.exp(truth + 0.6745 * 0.7)
        inside += list((rows["potential_low"] <= quantile) & (quantile <= rows["potential_high"]))
    assert np.mean(inside) == pytest.approx(0.8, abs=0.07)


def test_small_cells_lean_on_wider_ones_and_say_so() -> None:
    """A kind with one customer takes most of its estimate from its size, and the reason says it."""
    draw = np.random.default_rng(2)
    spend = list(np.exp(draw.normal(8, 1.0, 60))) + [1e6]
    accounts = make_accounts(
        acv=[*spend, None],
        employees=[500] * 62,
        industry=[*(["Bank", "Retail", "Software"] * 20), "Hospital", "Hospital"],
    )
    row = run(accounts).segments.iloc[-1]
    assert row["potential_source"] == "wider look-alikes"
    assert "its own kind (Healthcare and life sciences) has 1" in row["potential_reason"]
    assert row["potential"] < 2e5


def test_no_spend_no_potential_and_the_reason() -> None:
    """Without enough customers potential is blank, never zero, and the reason says what to give."""
    rows = run(make_accounts(acv=[5.0, None, None], potential=[None, 77.0, None])).segments
    assert rows["potential"].tolist()[1] == 77.0
    assert rows["potential"].isna().tolist() == [True, False, True]
    assert "fewer than 5 customers" in rows["potential_reason"].iloc[0]


def test_equal_spend_gives_that_spend() -> None:
    """Where all look-alikes spend the same there is nothing to be unsure about."""
    row = run(make_accounts(acv=[*[100.0] * 20, None])).segments.iloc[-1]
    assert row["potential"] == pytest.approx(100.0)
    assert row["potential_high"] == pytest.approx(row["potential_low"])


def test_maturity_scales_what_comes_from_other_markets() -> None:
    """A market without customers takes others' spend times its maturity."""
    text = "markets: [{name: India, countries: IN, maturity: 0.5, size_cuts: [100, 1000, 5000]}]"
    accounts = make_accounts(
        country=[*["US"] * 30, "IN", "US"], acv=[*np.linspace(90, 110, 30), None, None]
    )
    rows = run(accounts, text + "\nlookalike_levels: [[size], [size, industry_group]]").segments
    assert rows["potential"].iloc[-2] == pytest.approx(rows["potential"].iloc[-1] / 2)


def test_look_alikes_by_segment_are_possible() -> None:
    """With segment among the levels, segments come first and potential follows."""
    text = "lookalike_levels: [[segment]]"
    rows = run(make_market(), text)
    assert rows.potential_cells["level"].unique().tolist() == ["all", "segment"]
    assert rows.segments["potential"].notna().all()


def test_given_potential_below_spend_is_a_problem() -> None:
    """A given potential is kept, and named where it is below today's spend."""
    result = run(make_accounts(acv=[100.0, 5.0], potential=[10.0, 10.0]))
    assert result.segments["potential"].tolist() == [10.0, 10.0]
    assert "given below spend" in findings(result, "potential")[0]


def test_rules_give_hours_by_lifecycle_and_size() -> None:
    """Without activities hours are contacts times hours per contact of the first rule."""
    accounts = make_accounts(
        employees=[9000, 50, 9000, 50, None],
        is_customer=[True, True, False, False, None],
        acv=[200_000, 10, None, None, None],
    )
    assert run(accounts).segments["workload_hours"].tolist() == [72.0, 16.0, 20.0, 4.5, 4.5]


def make_log(**counts: int) -> pd.DataFrame:
    """Make contacts of an hour each, evenly spread over the year before the as-of date."""
    ids = [account for account, count in counts.items() for _ in range(count)]
    days = [
        int(364 * place / max(count - 1, 1)) for count in counts.values() for place in range(count)
    ]
    return pd.DataFrame(
        {
            "activity_id": [str(place) for place in range(len(ids))],
            "activity_date": pd.Timestamp("2026-03-31") - pd.to_timedelta(days, unit="D"),
            "account_id": ids,
            "minutes": 60.0,
        }
    )


def test_logged_contacts_correct_the_rules() -> None:
    """Busy accounts get more hours than quiet ones of their kind, both drawn together."""
    accounts = make_accounts(
        employees=[50] * 40, owner_id=["R1"] * 39 + ["R2"], is_customer=[False] * 40
    )
    busy = {f"A{place}": 24 for place in range(1, 20)}
    rows = run(accounts, activities=make_log(**busy), reps=make_reps()).segments
    hours = rows["workload_hours"]
    assert set(rows["workload_source"]) == {"activities"}
    assert hours.iloc[0] > hours.iloc[30] > 0
    assert hours.iloc[0] < 24 * 1.5
    assert hours.iloc[30] < hours.iloc[39] < hours.iloc[0]  # nobody works on A40: the kind's hours


@pytest.mark.parametrize(
    ("log", "text", "note"),
    [
        (None, "", "no activities in the last year"),
        ({"A1": 1}, "", "activities cover only 1 days"),
        ({"A1": 2}, "", "logging is too thin"),
        ({"A1": 50}, "workload_source: rules", "plan.yaml asks for rules"),
    ],
)
def test_thin_logs_are_not_believed(log: dict[str, int] | None, text: str, note: str) -> None:
    """Logs that are missing, short or thin leave the rules in force, and it is said why."""
    accounts = make_accounts(employees=[50] * 10, owner_id=["R1"] * 10)
    activities = None if log is None else make_log(**log)
    result = run(accounts, text, activities=activities, reps=make_reps())
    assert set(result.segments["workload_source"]) == {"rules"}
    assert note in " ".join(findings(result, "workload"))


def test_won_deals_of_the_last_year_stand_in_for_acv() -> None:
    """Yearly spend is what was won in the 365 days up to the as-of date."""
    deals = make_deals(
        account_id=["A1", "A1", "A1", "A404"],
        amount=[10.0, 5.0, 99.0, 1.0],
        close_date=pd.to_datetime(["2026-03-31", "2025-04-01", "2025-03-31", "2026-01-01"]),
    )
    spend = run(make_accounts(acv=[None, 7.0, None]), opportunities=deals).segments["yearly_spend"]
    assert spend.tolist()[:2] == [15.0, 7.0]
    assert np.isnan(spend.iloc[2])


def test_each_active_owner_is_one_person() -> None:
    """People add up to the active owners, in proportion to workload."""
    owner = pd.Series(["a", "a", "b", "c", None], dtype="str")
    active = np.array([True, True, True, False, False])
    people = share_people(owner, active, np.array([30.0, 10.0, 5.0, 5.0, 5.0]))
    assert people.tolist() == pytest.approx([0.75, 0.25, 1.0, 0.0, 0.0])
    assert np.isnan(share_people(owner, np.zeros(5, dtype=bool), np.ones(5))).all()
