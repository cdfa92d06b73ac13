"""Figures that other people published on the shared data sets, from our pipeline tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from planlib.periods import Period
from planlib.pipeline import CutTables, PipelineReview, measure_pipeline, measure_rates
from planlib.pipeline.deals import prepare_deals
from planlib.settings.pipeline import PipelineSettings

CUTS = PipelineSettings(
    cuts=("product_family", "region", "manager", "owner"), periods_ahead=0, weeks=1
)


@pytest.fixture(scope="module")
def maven(shared: Path) -> dict[str, pd.DataFrame]:
    """The maven set as canonical tables: value and dates as given, list price left out."""
    folder = shared / "real" / "maven-crm"
    raw = pd.read_csv(folder / "sales_pipeline.csv", parse_dates=["engage_date", "close_date"])
    products = pd.read_csv(folder / "products.csv")
    teams = pd.read_csv(folder / "sales_teams.csv")
    managers = pd.DataFrame({"rep_id": teams["manager"].unique()})
    reps = teams.rename(
        columns={"sales_agent": "rep_id", "manager": "manager_id", "regional_office": "region"}
    )
    return {
        "opportunities": pd.DataFrame(
            {
                "opportunity_id": raw["opportunity_id"],
                "account_id": raw["account"],
                "owner_id": raw["sales_agent"],
                "stage": raw["deal_stage"],
                "amount": raw["close_value"],
                "close_date": raw["close_date"],
                "created_date": raw["engage_date"],
                "is_closed": raw["deal_stage"].isin(["Won", "Lost"]),
                "is_won": raw["deal_stage"] == "Won",
                "product_id": raw["product"].replace("GTXPro", "GTX Pro"),
            }
        ),
        "products": pd.DataFrame(
            {
                "product_id": products["product"],
                "name": products["product"],
                "family": products["series"],
            }
        ),
        "reps": pd.concat(
            [reps.assign(name=reps["rep_id"]), managers.assign(name=managers["rep_id"])],
            ignore_index=True,
        ),
    }


@pytest.fixture(scope="module")
def maven_year(maven: dict[str, pd.DataFrame]) -> PipelineReview:
    """The maven set over its whole year."""
    return measure_pipeline(
        maven["opportunities"],
        CUTS,
        Period.parse("2017"),
        date(2017, 12, 31),
        products=maven["products"],
        reps=maven["reps"],
    )


def rate(found: pd.DataFrame, name: str, cut: str = "total", cell: str = "all") -> pd.Series:
    """Give one rate of all data."""
    rows = found[
        (found["scope"] == "all data")
        & (found["cut"] == cut)
        & (found["cut_value"] == cell)
        & (found["rate"] == name)
    ]
    return rows.iloc[0]


def test_maven_win_rates_and_cycles(maven_year: PipelineReview):
    """63.15 % of decided deals and 48.2 % of all, mean cycle 47.99 days closed, 51.8 won."""
    rates = maven_year.rates
    decided, created = rate(rates, "win_rate_decided"), rate(rates, "win_rate_created")
    assert (decided["numerator"], decided["denominator"]) == (4238, 4238 + 2473)
    assert round(decided["value"], 4) == 0.6315
    assert (created["denominator"], round(created["value"], 3)) == (8800, 0.482)
    assert round(rate(rates, "cycle_closed_mean")["value"], 2) == 47.99
    assert round(rate(rates, "cycle_won_mean")["value"], 1) == 51.8
    assert rate(rates, "cycle_won_median")["value"] == 57
    assert rate(rates, "win_rate_amount")["note"] == "lost deals carry no amount"


def test_maven_counts_by_status_and_stage(maven_year: PipelineReview):
    """4,238 won, 2,473 lost, 1,589 engaging and 500 prospecting."""
    deals = maven_year.tables["pipeline_deals"]
    deals = deals[deals["period"] == "2017"]  # the year before stands beside it
    counts = deals["measure"].value_counts()
    assert (counts["closed_acv"], counts["lost"], counts["open_total"]) == (4238, 2473, 2089)
    stages = deals.loc[deals["measure"] == "open_total", "stage"].value_counts()
    assert stages.to_dict() == {"Engaging": 1589, "Prospecting": 500}


def test_maven_won_revenue(maven_year: PipelineReview):
    """10,005,534 in all, 1,153,214 of them by the largest seller."""
    closed = maven_year.matrix[maven_year.matrix["measure"] == "closed_acv"]
    closed = closed.set_index(["cut", "cut_value"])["value"]
    assert closed["total", "all"] == 10_005_534
    assert closed["owner", "Darcel Schlecht"] == 1_153_214
    assert closed.loc["region"].sum() == 10_005_534


@pytest.mark.parametrize(
    ("cut", "cell", "decided", "share"),
    [
        ("owner", "Hayden Neloms", None, 70.39),
        ("owner", "Lajuana Vencill", None, 54.98),
        ("manager", "Cara Losch", 745, 64.43),
        ("manager", "Melvin Marxen", 1418, 62.2),
    ],
)
def test_maven_win_rate_by_seller_and_manager(
    maven_year: PipelineReview, cut: str, cell: str, decided: int | None, share: float
):
    """Published win rates of sellers and managers come out of the cut."""
    found = rate(maven_year.rates, "win_rate_decided", cut, cell)
    assert round(100 * found["value"], 2) == share
    assert decided is None or found["denominator"] == decided


def test_maven_first_quarter_is_named_as_truncated(maven: dict[str, pd.DataFrame]):
    """82 % in 2017Q1 is history that begins too late; 62 % in 2017Q2 is a rate."""
    found = {}
    for name, day in (("2017Q1", date(2017, 3, 31)), ("2017Q2", date(2017, 6, 30))):
        review = measure_pipeline(
            maven["opportunities"], CUTS, Period.parse(name), day, data_until=date(2017, 12, 31)
        )
        total = review.matrix[review.matrix["cut"] == "total"].set_index("measure")
        found[name] = total.loc["win_rate_count"]
    assert round(found["2017Q1"]["value"], 2) == 0.82
    assert found["2017Q1"]["status"] == "truncated"
    assert "records begin 2016-10-20" in found["2017Q1"]["note"]
    assert found["2017Q1"]["is_grey"]
    assert round(found["2017Q2"]["value"], 2) == 0.62
    assert found["2017Q2"]["status"] == ""


def test_maven_open_deals_without_value_are_not_zero(maven_year: PipelineReview):
    """2,089 open deals have neither value nor close date: counted, blank in money."""
    matrix = maven_year.matrix
    total = matrix[matrix["cut"] == "total"].set_index("measure")
    assert total.loc["open_total", "count"] == 2089
    assert pd.isna(total.loc["open_total", "value"])
    assert total.loc["open_in_period", "note"] == "no open deal has a close date"


@pytest.fixture(scope="module")
def preppin(shared: Path) -> dict[str, pd.DataFrame]:
    """Week 38 of the preppin set as canonical tables."""
    folder = shared / "real" / "preppin-salesforce" / "week38" / "inputs"
    deals = pd.read_csv(folder / "Opportunity.csv", encoding="utf-8-sig")
    accounts = pd.read_csv(folder / "Account.csv", encoding="utf-8-sig", low_memory=False)
    users = pd.read_csv(folder / "User.csv")
    return {
        "opportunities": pd.DataFrame(
            {
                "opportunity_id": deals["Id"],
                "account_id": deals["AccountId"],
                "owner_id": deals["OwnerId"],
                "amount": deals["Amount"],
                "is_closed": deals["IsClosed"],
                "is_won": deals["IsWon"],
                "close_date": pd.to_datetime(deals["CloseDate"], format="%d/%m/%Y"),
                "created_date": pd.to_datetime(
                    deals["CreatedDate"], format="%d/%m/%Y %H:%M:%S"
                ).dt.normalize(),
            }
        ),
        "accounts": pd.DataFrame({"account_id": accounts["Id"], "owner_id": accounts["OwnerId"]}),
        "reps": pd.DataFrame({"rep_id": users["Id"], "name": users["Name"]}),
    }


@pytest.mark.parametrize(
    ("cut", "file", "column"),
    [
        ("owner", "Highest Amount Opportunity Owner.csv", "Owner Name"),
        ("account_owner", "Highest Amount Account Owner.csv", "Account Owner Name"),
    ],
)
def test_preppin_amount_by_owner(
    preppin: dict[str, pd.DataFrame], shared: Path, cut: str, file: str, column: str
):
    """The published amounts of 18 owners, of the opportunity and of the account, which differ."""
    folder = shared / "real" / "preppin-salesforce" / "week38" / "outputs"
    published = pd.read_csv(folder / file).set_index(column)["Amount"].sort_index()
    deals = prepare_deals(preppin["opportunities"])
    tables = CutTables({**preppin, "opportunities": deals})
    attached = tables.attach(deals, [cut])
    amounts = attached.groupby(cut)["amount"].sum().sort_index()
    assert amounts.round().astype("int64").to_dict() == published.round().astype("int64").to_dict()


def test_ms_ai_counts_and_shares(shared: Path):
    """11,420 won, 6,113 lost and 2,467 open on 2021-05-25; probabilities are shares."""
    raw = pd.read_csv(
        shared / "real" / "ms-ai-sample" / "Opportunities.csv",
        parse_dates=["CloseDate", "Opportunity Created On"],
    )
    deals = pd.DataFrame(
        {
            "opportunity_id": raw["OpportunitySeq"].astype("str"),
            "account_id": raw["AccountSeq"].astype("str"),
            "owner_id": raw["Opportunity Owner Name"],
            "amount": raw["Value"],
            "probability": raw["Probability"],
            "is_closed": raw["Status"] != "Open",
            "is_won": raw["Status"] == "Won",
            "close_date": raw["CloseDate"],
            "created_date": raw["Opportunity Created On"],
        }
    )
    prepared = prepare_deals(deals)
    assert prepared["status"].value_counts().to_dict() == {
        "won": 11_420,
        "lost": 6_113,
        "open": 2_467,
    }
    rates = measure_rates(
        prepared, "all data", CutTables({"opportunities": prepared}), [], 5
    ).set_index("rate")
    assert rates.loc["win_rate_decided", "denominator"] == 17_533
    found = measure_pipeline(
        deals,
        CUTS,
        Period.parse("2021Q2"),
        date(2021, 5, 25),
    )
    total = found.matrix[found.matrix["cut"] == "total"].set_index("measure")
    weighted, inside = total.loc["weighted", "value"], total.loc["open_in_period", "value"]
    assert 0 < weighted < inside
    assert total.loc["open_total", "count"] == 2_467
