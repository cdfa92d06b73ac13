"""Segmentation of the shared real data: counts that can be checked in the files by hand."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest

from planlib.plan import parse_plan
from planlib.segmentation import Segmentation, segment_accounts


@pytest.fixture(scope="module")
def maven(request: pytest.FixtureRequest) -> Segmentation:
    """The maven-crm accounts and won deals, columns renamed by hand."""
    folder: Path = request.getfixturevalue("shared") / "real" / "maven-crm"
    accounts = pd.read_csv(folder / "accounts.csv").rename(
        columns={
            "account": "account_id",
            "office_location": "country",
            "sector": "industry",
            "subsidiary_of": "parent_id",
        }
    )
    deals = pd.read_csv(folder / "sales_pipeline.csv")
    opportunities = pd.DataFrame(
        {
            "opportunity_id": deals["opportunity_id"],
            "account_id": deals["account"],
            "close_date": pd.to_datetime(deals["close_date"]),
            "is_won": deals["deal_stage"] == "Won",
            "amount": deals["close_value"],
            "product_id": deals["product"],
        }
    )
    return segment_accounts(
        accounts,
        parse_plan("").segmentation,
        opportunities=opportunities,
        as_of=datetime.date(2017, 12, 31),
    )


def test_maven_spend_is_the_published_won_revenue(maven: Segmentation) -> None:
    """All deals closed in 2017, so the yearly spend adds up to the published won revenue."""
    assert maven.segments["yearly_spend"].sum() == 10_005_534


def test_maven_accounts_are_all_there_with_known_sizes_and_industries(maven: Segmentation) -> None:
    """85 accounts, each sized by its employees and in an industry group, misspelt ones too."""
    segments = maven.segments
    assert len(segments) == 85
    assert set(segments["size_source"]) == {"employees"}
    assert "unmapped" not in set(segments["industry_group"])
    assert (segments["industry_group"] == "Technology and telecom").sum() == 12 + 7 + 6


def test_maven_customers_have_won_deals(maven: Segmentation) -> None:
    """Every account has bought, so there is no prospect among them."""
    assert set(maven.segments["lifecycle"]) == {"large_footprint", "new_customer"}
    large = maven.segments["yearly_spend"] >= 100_000
    assert (maven.segments["lifecycle"] == "large_footprint").eq(large).all()


def test_every_industry_of_the_dynamics_sample_has_a_group(shared: Path) -> None:
    """All 45 industry names of ms-ai-sample but "n/a" are known to the built-in groups."""
    accounts = pd.read_csv(shared / "real" / "ms-ai-sample" / "Accounts.csv", dtype="str")
    frame = pd.DataFrame(
        {
            "account_id": accounts["AccountSeq"],
            "industry": accounts["Industry"],
            "employees": accounts["Number of Employees"].astype("Int64"),
        }
    )
    result = segment_accounts(frame, parse_plan("").segmentation, as_of=datetime.date(2021, 5, 25))
    blank = frame["industry"].isna()
    assert (result.segments["industry_group"] == "unmapped").tolist() == blank.tolist()
    assert int(blank.sum()) == 32
