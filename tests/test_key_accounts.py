"""Tests of planlib.key_accounts."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from planlib.errors import SettingsError, TableError
from planlib.key_accounts import (
    account_horizons,
    horizon_of,
    horizon_totals,
    review_key_accounts,
)
from planlib.key_accounts.factors import PRIOR_DEALS, factor_values, latest_ratings
from planlib.key_accounts.ranking import apply_memory
from planlib.key_accounts.scales import build_scales, score_values
from planlib.plan import Plan
from planlib.settings.key_accounts import KeyAccountsSettings
from planlib.tables import table

AS_OF = date(2026, 3, 31)


def make_accounts(count: int = 60, **changes) -> pd.DataFrame:
    """Accounts in two industries with distinct potentials."""
    random = np.random.default_rng(count)
    columns = {
        "account_id": [f"A{number:03d}" for number in range(count)],
        "industry_group": ["Retail", "Banking"] * (count // 2),
        "potential": np.sort(random.lognormal(10, 1, count)),
        "employees": random.integers(10, 5000, count),
        "acv": random.lognormal(8, 1, count),
    }
    return table("accounts").coerce(pd.DataFrame(columns | changes))


def make_opportunities(accounts: pd.DataFrame, count: int = 300, seed: int = 1) -> pd.DataFrame:
    """Deals over three years, four in five closed, a third of those won."""
    random = np.random.default_rng(seed)
    closed = random.random(count) < 0.8
    frame = pd.DataFrame(
        {
            "opportunity_id": [f"O{number}" for number in range(count)],
            "account_id": random.choice(accounts["account_id"], count),
            "is_closed": closed,
            "is_won": closed & (random.random(count) < 1 / 3),
            "amount": random.lognormal(9, 1, count).round(2),
            "probability": 0.4,
            "close_date": pd.Timestamp("2023-04-01")
            + pd.to_timedelta(random.integers(0, 1095, count), "D"),
        }
    )
    frame.loc[~closed, "close_date"] = pd.Timestamp("2026-05-15")
    return table("opportunities").coerce(frame)


def make_ratings(**changes) -> pd.DataFrame:
    """Two raters on one account, one of them twice."""
    columns = {
        "account_id": ["A000", "A000", "A000"],
        "factor": ["demonstration"] * 3,
        "rating": [2.0, 8.0, 6.0],
        "rater_id": ["R1", "R1", "R2"],
        "rating_date": ["2025-09-01", "2026-01-01", "2026-02-01"],
        "confidence": [1.0, 0.8, 0.6],
    }
    return table("ratings").check(pd.DataFrame(columns | changes))


def review(accounts: pd.DataFrame, settings: KeyAccountsSettings | None = None, **inputs):
    """Review with the default settings."""
    return review_key_accounts(accounts, settings or KeyAccountsSettings(), AS_OF, **inputs)


def test_the_score_is_the_weighted_sum_that_a_person_can_redo():
    """Score = 10 x sum of weight x factor score over the known factors / their weight."""
    accounts = make_accounts()
    result = review(accounts, opportunities=make_opportunities(accounts))
    parts = result.scores.assign(part=result.scores["weight"] * result.scores["factor_score"])
    sums = 10 * parts.groupby("account_id")["part"].sum(min_count=1)
    known = parts[parts["factor_score"].notna()].groupby("account_id")["weight"].sum()
    by_hand = result.key_accounts["account_id"].map(sums / known)
    np.testing.assert_allclose(result.key_accounts["score"], by_hand)


@pytest.mark.parametrize("factor", ["revenue", "potential", "winnability"])
def test_one_factor_alone_gives_that_factors_ranking(factor):
    """With all weight on a factor, the place in the stratum follows its value."""
    accounts = make_accounts()
    settings = KeyAccountsSettings(weights={factor: 1.0}, strata=())
    result = review(accounts, settings, opportunities=make_opportunities(accounts))
    value = result.scores[result.scores["factor"] == factor]["value"]
    order = result.key_accounts.assign(value=value.to_numpy()).sort_values("rank")
    assert (order["value"].diff().dropna() <= 1e-9).all() or factor == "revenue"
    assert order["score"].is_monotonic_decreasing


def test_the_same_place_among_comparable_accounts_earns_the_same_score():
    """Multiplying one industry's money by 100 changes no account's place in the list."""
    accounts = make_accounts()
    rich = accounts["industry_group"] == "Banking"
    richer = accounts.assign(
        potential=accounts["potential"].mask(rich, accounts["potential"] * 100),
        acv=accounts["acv"].mask(rich, accounts["acv"] * 100),
    )
    pd.testing.assert_series_equal(
        review(accounts).key_accounts["is_key"], review(richer).key_accounts["is_key"]
    )


def test_money_in_another_unit_changes_no_score():
    """Scores do not depend on the currency's unit."""
    accounts = make_accounts()
    scaled = accounts.assign(potential=accounts["potential"] * 10, acv=accounts["acv"] * 10)
    np.testing.assert_allclose(
        review(accounts).key_accounts["score"], review(scaled).key_accounts["score"]
    )


def test_row_order_does_not_matter():
    """Shuffled input gives every account the same row."""
    accounts = make_accounts()
    deals = make_opportunities(accounts)
    plain = review(accounts, opportunities=deals).key_accounts.set_index("account_id")
    mixed = review(accounts.sample(frac=1, random_state=2), opportunities=deals.iloc[::-1])
    pd.testing.assert_frame_equal(
        plain, mixed.key_accounts.set_index("account_id").reindex(plain.index)
    )


def test_top_share_of_each_stratum():
    """Ten percent of thirty accounts in each of two industries are three each."""
    result = review(make_accounts(), KeyAccountsSettings(top_share=0.1)).key_accounts
    assert result[result["is_key"].astype(bool)].groupby("stratum").size().tolist() == [3, 3]


def test_small_strata_are_pooled_and_said():
    """An industry with few accounts is compared with the other small ones."""
    accounts = make_accounts(industry_group=["Retail"] * 50 + ["Banking"] * 5 + ["Mining"] * 5)
    result = review(accounts)
    assert set(result.key_accounts["stratum"]) == {"Retail", "other (small strata)"}
    assert any("pooled (10 accounts)" in note for note in result.notes)


def test_unknown_factors_are_left_out_not_zero():
    """An account without potential is scored on what is known, or not at all."""
    accounts = make_accounts(potential=[None] + [1000.0] * 59)
    loose = review(accounts, KeyAccountsSettings(minimum_known_weight=0.3)).key_accounts
    assert loose.loc[0, "known_weight"] == pytest.approx(0.25 + 0.15)
    assert loose.loc[0, "score"] > 0
    strict = review(accounts, KeyAccountsSettings(minimum_known_weight=0.5)).key_accounts
    assert pd.isna(strict.loc[0, "score"])
    assert strict.loc[0, "status"] == "not scored"
    assert "only 40 % of the weight" in strict.loc[0, "reason"]


def test_won_deals_without_an_amount_are_unknown_revenue_not_zero():
    """An account whose won deals name no amount has no revenue score; one without wins has zero."""
    accounts = make_accounts()
    deals = make_opportunities(accounts)
    won = deals.loc[deals["is_won"], "account_id"]
    some, none = won.iloc[0], accounts.loc[~accounts["account_id"].isin(won), "account_id"].iloc[0]
    deals.loc[deals["account_id"] == some, "amount"] = np.nan
    found = review(accounts, opportunities=deals)
    revenue = found.scores[found.scores["factor"] == "revenue"].set_index("account_id")
    assert pd.isna(revenue.at[some, "factor_score"])
    assert revenue.at[some, "method"] == "unknown: no deal won has an amount"
    assert revenue.at[none, "factor_score"] == 0


def test_the_list_by_sales_is_as_long_as_that_by_score():
    """Accounts that cannot be scored make neither list longer."""
    accounts = make_accounts(potential=np.r_[np.full(30, np.nan), np.arange(1.0, 31)],
                             employees=np.r_[np.full(30, np.nan), np.arange(1.0, 31)])  # fmt: skip
    settings = KeyAccountsSettings(top_share=0.2, minimum_known_weight=0.6, minimum_stratum=2)
    found = review(accounts, settings, opportunities=make_opportunities(accounts, 900))
    listed = found.key_accounts
    assert listed["score"].notna().sum() == 30
    assert listed["is_top_by_sales"].sum() == listed["is_key"].sum() == 6


def test_accounts_alone_are_listed_unscored():
    """With nothing but ids there is no score, no list and no error."""
    result = review(make_accounts()[["account_id"]])
    assert result.key_accounts["score"].isna().all()
    assert not result.key_accounts["is_key"].any()
    assert len(result.notes) == 4


def test_a_missing_id_column_is_named():
    """Accounts need ids."""
    with pytest.raises(TableError, match="account_id"):
        review(pd.DataFrame({"name": ["x"]}))


def test_each_raters_latest_judgement_counts_once():
    """The mean over raters of their latest judgement; old and future ones do not count."""
    rated = latest_ratings(make_ratings(), 365, AS_OF)
    assert rated.loc[("A000", "demonstration"), "rating"] == 7.0
    assert rated.loc[("A000", "demonstration"), "rater_count"] == 2
    assert latest_ratings(make_ratings(), 365, date(2025, 10, 1))["rating"].tolist() == [2.0]
    old = latest_ratings(make_ratings(), 30, date(2026, 12, 1)).loc[("A000", "demonstration")]
    assert pd.isna(old["rating"])
    assert (old["rater_count"], old["expired_count"]) == (0, 2)


def test_a_judgement_beats_the_stand_in():
    """Where a person judged the demonstration effect, size does not count."""
    accounts = make_accounts()
    values = factor_values(
        accounts, accounts["industry_group"], KeyAccountsSettings(), AS_OF, ratings=make_ratings()
    )
    shown = values[(values["factor"] == "demonstration")].set_index("account_id")
    assert shown.loc["A000", "value"] == 7.0
    assert shown.loc["A000", "method"] == "judgement by 2 raters"
    assert shown.loc["A000", "confidence"] == pytest.approx(0.7)
    assert "stands in" in shown.loc["A001", "method"]


def test_win_rates_are_shrunk_to_the_stratum():
    """(wins + A m) / (closed + A), times 10, with the stratum's pooled rate m."""
    accounts = make_accounts(20, industry_group=["Retail"] * 20)
    deals = make_opportunities(accounts, 200)
    values = factor_values(
        accounts, accounts["industry_group"], KeyAccountsSettings(), AS_OF, opportunities=deals
    )
    closed = deals[deals["is_closed"] & (deals["close_date"] <= pd.Timestamp(AS_OF))]
    mine = closed[closed["account_id"] == "A003"]
    expected = (
        10
        * (mine["is_won"].sum() + PRIOR_DEALS * closed["is_won"].mean())
        / (len(mine) + PRIOR_DEALS)
    )
    found = values[(values["factor"] == "winnability") & (values["account_id"] == "A003")]
    assert found["value"].item() == pytest.approx(float(expected))


def test_scores_rise_with_values_and_hit_the_thresholds():
    """A value at threshold k earns k, between two it is linear, above the last it is 10."""
    settings = KeyAccountsSettings(scales={"revenue": {"all": tuple(range(100, 1100, 100))}})
    values = pd.DataFrame(
        {
            "account_id": list("abcdef"),
            "factor": "revenue",
            "value": [0.0, 50.0, 100.0, 250.0, 5000.0, None],
        }
    )
    strata = pd.Series("x", index=list("abcdef"))
    scales = build_scales(values, strata, settings)
    assert scales["origin"].unique().tolist() == ["plan.yaml"]
    scores = score_values(values, strata, scales)
    np.testing.assert_allclose(scores, [0, 0.5, 1, 2.5, 10, np.nan])


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"weights": {"revenue": -1}}, "at least 0"),
        ({"weights": {"sales": 1}}, "revenue"),
        ({"scales": {"revenue": {"all": [1, 2]}}}, "10 rising thresholds"),
        ({"top_share": 0}, "greater than 0"),
    ],
)
def test_wrong_settings_are_named(change, match):
    """Weights and scales are checked before anything runs."""
    with pytest.raises(SettingsError, match=match):
        Plan().override("key_accounts", **change)


def before(places: list[bool], outside: list[int]) -> pd.DataFrame:
    """The list of the last cycle."""
    return pd.DataFrame(
        {
            "account_id": [f"A{n}" for n in range(len(places))],
            "is_key": places,
            "reviews_outside": outside,
        }
    )


def test_memory_lets_nobody_in_or_out_by_one_year():
    """Inside the band nothing changes; an account leaves at its second review below it."""
    ids = pd.Series([f"A{n}" for n in range(5)])
    rank = pd.Series([15, 23, 23, 19, 25], dtype="Int64")
    cut_off = pd.Series([20] * 5, dtype="Int64")
    settings = KeyAccountsSettings(band_share=0.1, reviews_to_leave=2)
    listed = before([False, True, True, False, False], [0, 0, 1, 0, 0])
    result = apply_memory(rank, cut_off, ids, settings, listed)
    assert result["status"].tolist() == ["enters", "watch", "leaves", "outside", "outside"]
    assert result["is_key"].tolist() == [True, True, False, False, False]


def test_one_extreme_year_does_not_admit_an_account_by_sales():
    """An account first by last year's sales alone stays out when its other factors are low."""
    accounts = make_accounts(40, industry_group=["Retail"] * 40)
    deals = make_opportunities(accounts, 200)
    deals.loc[0, ["account_id", "is_closed", "is_won", "amount", "close_date"]] = [
        "A000",
        True,
        True,
        1e7,
        pd.Timestamp("2026-02-01"),
    ]
    result = review(accounts, opportunities=deals).key_accounts.set_index("account_id")
    assert result.loc["A000", "is_top_by_sales"]
    assert not result.loc["A000", "is_key"]


def test_a_persons_decision_wins_and_is_named():
    """An override admits or removes an account and says who and why."""
    accounts = make_accounts()
    plain = review(accounts).key_accounts
    inside = plain[plain["is_key"].astype(bool)]["account_id"].iloc[0]
    outside = plain[~plain["is_key"].astype(bool)]["account_id"].iloc[0]
    decided = pd.DataFrame(
        {
            "account_id": [inside, outside],
            "is_key": [False, True],
            "who": ["Kim", "Kim"],
            "why": ["merged", "new group"],
        }
    )
    result = review(accounts, overrides=decided).key_accounts.set_index("account_id")
    assert not result.loc[inside, "is_key"]
    assert result.loc[outside, "is_key"]
    assert result.loc[outside, "reason"].startswith("decided by Kim: new group (place")
    assert result.loc[outside, "status"] == "enters"


def test_a_decision_on_an_unknown_account_is_named():
    """It changes nothing, and a finding says which decision that is."""
    decided = pd.DataFrame({"decision_id": ["D-0007", "D-0008"], "account_id": ["A000", "A-gone"],
                            "is_key": [True, True], "who": "Kim", "why": "x"})  # fmt: skip
    found = review(make_accounts(), overrides=decided).findings
    found = found[found["table"] == "override_key_accounts"]
    assert found[["check", "row_id", "value", "effect"]].to_numpy().tolist() == [
        ["unknown account", "D-0008", "A-gone", "the decision is not used"]
    ]


def test_certain_weights_give_certain_lists():
    """With weights that hardly vary, the chance to be in the list is that of the list."""
    accounts = make_accounts()
    sure = review(accounts, KeyAccountsSettings(weight_spread=1e9)).key_accounts
    assert (sure["in_list_probability"].round(6) == sure["is_key"].astype(float)).mean() > 0.95
    unsure = review(accounts, KeyAccountsSettings(weight_spread=2.0)).key_accounts
    expected = unsure.groupby("stratum")["in_list_probability"].sum()
    np.testing.assert_allclose(expected, unsure.groupby("stratum")["cut_off_rank"].first())


def test_horizons_by_calendar_months():
    """Three months, a year and three years after the as-of date are the last days that count."""
    days = pd.to_datetime(
        pd.Series(
            ["2026-01-01", "2026-06-30", "2026-07-01", "2027-03-31", "2029-03-31", "2029-04-01"]
        )
    )
    assert horizon_of(days, AS_OF).tolist()[:5] == ["0-3m", "0-3m", "3-12m", "3-12m", "1-3y"]
    assert horizon_of(days, AS_OF).isna().tolist() == [False] * 5 + [True]


def test_register_sums_and_gap():
    """Gap value = value x likelihood x (1 - fit); unknown parts are counted, not zero."""
    needs = table("needs").check(
        pd.DataFrame(
            {
                "need_id": ["1", "2", "3", "4"],
                "account_id": ["A000"] * 4,
                "need": list("abcd"),
                "horizon": ["0-3m", "0-3m", "1-3y", "0-3m"],
                "value": [100.0, 50.0, 70.0, 999.0],
                "likelihood": [0.5, None, 1.0, 1.0],
                "fit": [0.8, 0.5, None, 0.0],
                "status": ["open", "open", None, "lost"],
            }
        )
    )
    rows = account_horizons(make_accounts(), AS_OF, needs=needs).set_index("horizon")
    assert rows.loc[
        "0-3m", ["need_count", "value", "expected_value", "unknown_count"]
    ].tolist() == [2, 150.0, 50.0, 1]
    assert rows.loc["0-3m", "gap_value"] == pytest.approx(10.0)
    assert pd.isna(rows.loc["1-3y", "gap_value"])


def test_without_a_register_open_deals_and_white_space_are_proposed():
    """White space = potential less contract value in force less open deals, never below zero."""
    accounts = make_accounts(2, potential=[1000.0, 10.0], acv=[200.0, 50.0])
    deals = make_opportunities(accounts, 1)
    deals = deals.assign(
        account_id="A000", is_closed=False, amount=300.0, close_date=pd.Timestamp("2026-05-15")
    )
    rows = account_horizons(accounts, AS_OF, opportunities=deals)
    assert rows[["account_id", "horizon", "origin", "value"]].to_numpy().tolist() == [
        ["A000", "0-3m", "open deals", 300.0],
        ["A000", "1-3y", "white space", 500.0],
    ]
    assert rows["expected_value"].tolist()[0] == pytest.approx(120.0)


def test_a_deal_past_its_close_date_is_no_deal_of_the_next_three_months():
    """It stands apart as an overdue deal; one that closes on the as-of date is not past it."""
    accounts = make_accounts(2, potential=[1000.0, 10.0], acv=[200.0, 50.0])
    deals = make_opportunities(accounts, 2).assign(
        opportunity_id=["O1", "O2"], account_id="A000", is_closed=False, amount=[300.0, 50.0],
        close_date=[pd.Timestamp("2023-11-30"), pd.Timestamp(AS_OF)],
    )  # fmt: skip
    rows = account_horizons(accounts, AS_OF, opportunities=deals)
    soon = rows[rows["horizon"] == "0-3m"].set_index("origin")["value"]
    assert soon.to_dict() == {"open deals": 50.0, "overdue deals": 300.0}


def test_totals_run_from_near_to_far():
    """Totals over accounts stand in the order of time, not of the alphabet."""
    accounts = make_accounts()
    totals = horizon_totals(review(accounts, opportunities=make_opportunities(accounts)).horizons)
    order = [name for name in ("0-3m", "3-12m", "1-3y") if name in set(totals["horizon"])]
    assert totals["horizon"].drop_duplicates().tolist() == order
    assert totals["account_count"].min() > 0


def test_inputs_are_not_changed():
    """The frames handed in are the same afterwards."""
    accounts = make_accounts()
    deals = make_opportunities(accounts)
    copies = accounts.copy(deep=True), deals.copy(deep=True)
    review(accounts, opportunities=deals)
    pd.testing.assert_frame_equal(accounts, copies[0])
    pd.testing.assert_frame_equal(deals, copies[1])
