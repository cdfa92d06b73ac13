"""The four dimensions of segmentation, complexity and coverage, each by known cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from planlib.segmentation.complexity import rank_correlation, score_complexity
from planlib.segmentation.countries import country_key
from tests.segmentation_frames import (
    by_id,
    findings,
    make_accounts,
    make_deals,
    make_market,
    make_reps,
    run,
)

MARKETS = """
markets:
  - {name: India, countries: India, size_cuts: [50, 300, 2000]}
  - {name: South, regions: APAC, provinces: [Bavaria, NSW], maturity: 0.5}
"""


def test_first_market_that_names_the_place_counts() -> None:
    """Country by any name or code, region and province together; the rest is the default market."""
    accounts = make_accounts(
        country=["IN", "印度", "Australia", "Australia", None],
        region=["APAC", None, "APAC", "APAC", None],
        province=[None, None, "NSW", "Tasmania", None],
    )
    result = run(accounts, MARKETS)
    assert result.segments["market"].tolist() == ["India", "India", "South", "World", "World"]
    assert "South: no account is in Bavaria" in findings(result, "market")


@pytest.mark.parametrize(
    ("first", "second"),
    [("US", "United States"), ("中国", "CHN"), ("uk", "Great Britain"), (" Korea ", "KR")],
)
def test_one_country_has_one_key(first: str, second: str) -> None:
    """Codes, names and languages of a country are the same; others are not."""
    assert country_key(first) == country_key(second)
    assert country_key(first) != country_key("Atlantis")


def test_cut_lines_differ_by_market() -> None:
    """2,000 employees are enterprise in India, large elsewhere; maturity scales general lines."""
    accounts = make_accounts(
        country=["IN", "US", "US"],
        employees=[2000, 2000, 500],
        region=["APAC"] * 3,
        province=[None, None, "NSW"],
    )
    result = run(accounts, MARKETS)
    assert result.segments["size"].tolist() == ["enterprise", "large", "large"]
    lines = result.segment_sizes.set_index(["market", "size"])["employees_from"]
    assert lines["India"].tolist()[:4] == [0, 50, 300, 2000]
    assert lines["South"].tolist()[:4] == [0, 50, 500, 2500]


def test_a_value_on_the_line_is_in_the_upper_class() -> None:
    """A cut line is the first value of the class above it."""
    accounts = make_accounts(employees=[99, 100, 999, 1000, 5000])
    expected = ["small", "medium", "medium", "large", "enterprise"]
    assert run(accounts).segments["size"].tolist() == expected


def test_missing_employees_come_from_parent_then_revenue_then_unknown() -> None:
    """0 and blank employees are not known; the nearest parent that knows counts first."""
    accounts = make_accounts(
        employees=[9000, None, 0, None, None],
        parent_id=[None, "A1", "A2", None, "A404"],
        revenue=[None, 5e6, None, 5e6, None],
    )
    result = run(accounts, "revenue_cuts: [1000000, 10000000, 100000000]")
    assert by_id(result, "size") == {
        "A1": "enterprise",
        "A2": "enterprise",
        "A3": "enterprise",
        "A4": "medium",
        "A5": "unknown",
    }
    assert result.segments["size_source"].tolist() == [
        "employees",
        "parent",
        "parent",
        "revenue",
        "unknown",
    ]
    assert "unknown: size of 20 % of accounts is unknown" in findings(result, "size")


def test_companies_that_own_each_other_end() -> None:
    """A circle of parents without employees is unknown, not endless."""
    accounts = make_accounts(employees=[None, None, 7], parent_id=["A2", "A1", "A3"])
    assert run(accounts).segments["size"].tolist() == ["unknown", "unknown", "small"]


def test_revenue_per_employee_is_learned() -> None:
    """With enough pairs the median revenue per employee turns revenue into employees."""
    pairs = make_accounts(
        employees=[*range(10, 40), None], revenue=[*(1000.0 * n for n in range(10, 40)), 2e6]
    )
    result = run(pairs)
    assert result.segments["size"].iloc[-1] == "large"  # 2,000,000 / 1,000 = 2,000 employees
    assert "revenue: revenue gives the same size as employees for 100 % of 30" in " ".join(
        findings(result, "size")
    )


def test_too_few_pairs_teach_nothing() -> None:
    """With fewer pairs than asked for, revenue alone leaves the size unknown."""
    few = make_accounts(employees=[10, 20, None], revenue=[1e4, 2e4, 2e6])
    assert run(few).segments["size"].iloc[-1] == "unknown"


INDUSTRIES = [
    ("sic", "6021", "Financial services"),
    ("sic", "7372", "Technology and telecom"),
    ("sic", "0111", "Natural resources"),
    ("sic", "9111", "Public sector"),
    ("naics", "522110", "Financial services"),
    ("naics", "44", "Retail and consumer"),
    ("naics", "622", "Healthcare and life sciences"),
    ("gbt4754", "J", "Financial services"),
    ("gbt4754", "J6620", "Financial services"),
    ("gbt4754", "3511", "Manufacturing"),
    ("gbt4754", "C27", "Healthcare and life sciences"),
    ("gbt4754", "I65", "Technology and telecom"),
    ("industry", "Investment Banking", "Financial services"),
    ("industry", "technolgy", "Technology and telecom"),
    ("industry", "IT services", "Technology and telecom"),
    ("industry", "商业银行", "Financial services"),
    ("industry", "汽车制造", "Manufacturing"),
    ("industry", "Real Estate Investment Trusts", "Real estate and construction"),
    ("industry", "Property-Casualty Insurers", "Financial services"),
    ("industry", "Kitchen", "unmapped"),
    ("sic", "x", "unmapped"),
]


@pytest.mark.parametrize(("column", "value", "group"), INDUSTRIES)
def test_built_in_groups_know_codes_and_names(column: str, value: str, group: str) -> None:
    """Codes of three classifications and names in two languages lead to the group expected."""
    result = run(make_accounts(**{column: [value]}))
    assert result.segments["industry_group"].tolist() == [group]


def test_own_rules_come_first_and_names_can_change() -> None:
    """A rule of plan.yaml wins over the built-in one, and a built-in group takes another name."""
    text = """
industry_rules:
  - {group: Rail, names: [rail], sic: [40]}
industry_names: {Manufacturing: 制造业}
"""
    accounts = make_accounts(industry=["Railways", "Machinery", "Retail"], sic=["4011", None, None])
    groups = run(accounts, text).segments["industry_group"].tolist()
    assert groups == ["Rail", "制造业", "Retail and consumer"]


def test_what_no_rule_knows_is_reported() -> None:
    """Unmapped names are a problem with their share, and the mapping lists them."""
    result = run(make_accounts(industry=["Qwerty", "Qwerty", "Bank"]))
    assert findings(result, "industry group") == [
        "unmapped: no rule knows the industry of 67 % of accounts"
    ]
    rows = result.industry_mapping.set_index("value")["account_count"]
    assert rows["Qwerty"] == 2


def test_code_counts_before_name_and_contradictions_are_counted() -> None:
    """Where code and name differ the first in industry_order counts, and it is said."""
    accounts = make_accounts(sic=["6021"], industry=["Retail"])
    result = run(accounts)
    assert result.segments["industry_group"].tolist() == ["Financial services"]
    told = findings(result, "industry group")[0]
    assert "1 accounts have codes or names" in told
    assert told.endswith("the first of SIC, NAICS, GB/T 4754, industry name counts")
    other = run(accounts, "industry_order: [name, sic]")
    told = findings(other, "industry group")[0]
    assert told.endswith("the first of industry name, SIC counts")
    assert other.segments["industry_group"].tolist() == ["Retail and consumer"]


def test_lifecycle_by_customer_flag_contract_and_deals() -> None:
    """Each way to be a customer or not gives its class with its own reason."""
    accounts = make_accounts(
        account_id=list("abcdefg"),
        is_customer=[True, True, False, None, None, None, False],
        acv=[200_000, 5_000, None, None, None, None, 10],
    )
    deals = make_deals(
        account_id=["d", "e", "f", "f"],
        close_date=pd.to_datetime(["2026-01-15", "2020-01-15", "2026-02-01", "2027-01-01"]),
        amount=[150_000, 10, 10, 1e9],
    )
    result = run(accounts, opportunities=deals)
    assert by_id(result, "lifecycle") == {
        "a": "large_footprint",
        "b": "new_customer",
        "c": "prospect",
        "d": "large_footprint",
        "e": "prospect",
        "f": "new_customer",
        "g": "new_customer",
    }
    reasons = by_id(result, "lifecycle_reason")
    assert reasons["e"] == "bought before, last deal won too long ago"
    assert reasons["g"] == "a contract in force although is_customer says no"
    assert by_id(result, "yearly_spend")["f"] == 10  # the deal after the as-of date is not there


def test_a_market_may_have_its_own_large_footprint() -> None:
    """The threshold of the market counts."""
    text = "markets: [{name: India, countries: IN, large_footprint_acv: 1000}]"
    accounts = make_accounts(country=["IN", "US"], is_customer=[True, True], acv=[2_000, 2_000])
    assert run(accounts, text).segments["lifecycle"].tolist() == ["large_footprint", "new_customer"]


def test_rank_correlation_agrees_with_scipy() -> None:
    """Spearman's coefficient, ties included, is that of scipy; NaN pairs are left out."""
    draw = np.random.default_rng(3)
    x = draw.integers(0, 8, 60).astype(float)
    y = x + draw.normal(0, 3, 60).round()
    x[::7] = np.nan
    count, r, low, high = rank_correlation(x, y)
    known = ~np.isnan(x)
    assert count == known.sum()
    assert r == pytest.approx(stats.spearmanr(x[known], y[known]).statistic)
    assert low < r < high


@pytest.mark.parametrize(
    ("values", "missing"), [([1.0, 2.0, 3.0], True), ([1.0] * 9, True), (list(range(9)), False)]
)
def test_too_few_or_equal_values_have_no_correlation(values: list[float], missing: bool) -> None:
    """Under four pairs, or without variation, nothing is claimed."""
    _, r, low, _ = rank_correlation(np.array(values, dtype=float), np.arange(float(len(values))))
    assert bool(np.isnan(r)) is missing
    assert bool(np.isnan(low)) is missing


def test_complexity_is_the_mean_of_percentiles() -> None:
    """Two measures count equally; one alone counts alone; none is unknown."""
    nan = np.nan
    found = score_complexity(
        np.array([1, 3, nan, nan]), np.array([5.0, 1, 9, nan]), np.full(4, nan)
    )
    assert found.score[:3].tolist() == pytest.approx([(25 + 50) / 2, (75 + 100 / 6) / 2, 500 / 6])
    assert np.isnan(found.score[3])
    assert found.method == "business lines and products needed"


def test_products_bought_stand_in_for_products_needed() -> None:
    """Without either measure the weaker method is used and named."""
    accounts = make_accounts(employees=[1, 2, 3])
    deals = make_deals(
        account_id=["A1", "A1", "A2"],
        product_id=["p", "q", "p"],
        close_date=pd.to_datetime(["2026-01-01"] * 3),
        amount=[1.0] * 3,
    )
    result = run(accounts, opportunities=deals)
    assert set(result.complexity_tracking["method"]) == {"products bought (weaker)"}
    assert result.segments["complexity_score"].round(1).tolist()[:2] == [75.0, 25.0]


def test_lines_of_a_deal_count_before_its_main_product() -> None:
    """Products come from the lines where a deal has lines."""
    accounts = make_accounts(employees=[1, 2])
    deals = make_deals(
        account_id=["A1", "A2"],
        product_id=["p", "p"],
        close_date=pd.to_datetime(["2026-01-01"] * 2),
        amount=[1.0, 1.0],
    )
    lines = pd.DataFrame(
        {"line_id": ["1", "2"], "opportunity_id": ["D1", "D1"], "product_id": ["x", "y"]}
    )
    result = run(accounts, opportunities=deals, opportunity_lines=lines)
    assert result.segments["complexity_score"].tolist() == [75.0, 25.0]


def test_tracking_is_grey_when_small_and_says_what_is_missing() -> None:
    """A small sample keeps its number and loses its colour; a missing measure says so."""
    accounts = make_accounts(employees=[1, 2, 3, 4, 5], business_line_count=[1, 2, 2, 4, 9])
    rows = run(accounts).complexity_tracking.set_index("measure")
    assert rows.loc["employees", "correlation"] > 0.9
    assert rows.loc["employees", "is_grey"]
    assert rows.loc["revenue", "note"] == "the measure is not known"


def test_coverage_names_the_first_thing_that_is_wrong() -> None:
    """No owner, stranger, leaver, future starter and silence are told apart."""
    accounts = make_accounts(
        owner_id=[None, "R9", "R2", "R3", "R1", "R1"],
        last_activity_date=pd.to_datetime([None] * 4 + ["2026-03-01", "2024-03-01"]),
    )
    result = run(accounts, reps=make_reps())
    assert result.segments["coverage"].tolist() == [
        "no owner",
        "owner not among the reps",
        "owner has left",
        "owner has not started",
        "covered",
        "no recent activity",
    ]
    rows = result.segment_coverage.query("segment == 'all'")
    assert rows["account_count"].sum() == 6
    assert rows["account_share"].sum() == pytest.approx(1.0)
    assert set(rows["activity_days"]) == {180}
    short = run(accounts, "activity_days: 20", reps=make_reps())
    assert short.segments["coverage"].tolist()[4] == "no recent activity"
    assert set(short.segment_coverage["activity_days"]) == {20}


def test_unknown_owners_are_not_called_uncovered() -> None:
    """Where no account has an owner, coverage is not known, and nobody is blamed."""
    result = run(make_accounts(), reps=make_reps())
    assert set(result.segments["coverage"]) == {"owner not known"}
    assert result.segment_coverage["is_covered"].isna().all()
    assert result.segment_coverage["activity_days"].isna().all()


def test_activities_and_deals_count_as_contact() -> None:
    """The last contact is the latest of account, people's activities and deals, never later."""
    accounts = make_accounts(
        owner_id=["R1"] * 3, last_activity_date=pd.to_datetime(["2024-01-01", None, None])
    )
    activities = pd.DataFrame(
        {
            "activity_id": ["1", "2", "3"],
            "account_id": ["A1", "A2", "A3"],
            "activity_date": pd.to_datetime(["2026-03-21", "2026-03-21", "2026-06-01"]),
            "is_automatic": pd.array([False, True, False], dtype="boolean"),
        }
    )
    result = run(accounts, reps=make_reps(), activities=activities)
    assert result.segments["coverage"].tolist() == ["covered"] + ["no recent activity"] * 2
    assert result.segments["last_activity_days"].tolist()[0] == 10.0


def test_whole_market_is_covered_by_the_tables() -> None:
    """Coverage, sizes and industries each count every account once."""
    result = run(make_market(), reps=make_reps())
    assert result.segment_coverage.query("segment != 'all'")["account_count"].sum() == 400
    assert result.segment_sizes["account_count"].sum() == 400
    assert result.industry_mapping["account_count"].sum() == 400
