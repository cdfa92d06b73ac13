"""Real exports through their column maps: row counts and figures that others have published."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from planlib.intake import Taken, check_data, read_inputs
from planlib.plan import Plan, load_plan
from planlib.settings.inputs import InputsSettings, Source
from planlib.tables import TABLES

HERE = Path(__file__).resolve().parent
SETS = ("maven-crm", "ms-ai-sample", "preppin-week38", "preppin-week23")


@pytest.fixture(scope="module")
def taken(shared: Path) -> dict[str, Taken]:
    """Take in every real set once."""
    return {name: read_inputs(load_plan(HERE / name), HERE / name) for name in SETS}


@pytest.mark.parametrize("name", SETS)
def test_a_real_set_is_taken_in_whole(taken, name):
    """No row is lost, every table keeps its contract, and every check runs."""
    found = taken[name]
    summary = found.summary
    assert (
        summary["rows_read"]
        == summary["rows_kept"] + summary["rows_filtered"] + summary["rows_quarantined"]
    ).all()
    assert not summary["rows_quarantined"].any()
    for table, frame in found.tables.items():
        TABLES[table].check(frame)
    checks = check_data(found, load_plan(HERE / name))
    TABLES["rigour_summary"].check(checks.deals.summary)
    TABLES["account_quality"].check(checks.accounts.quality)


def test_maven_gives_the_published_figures(taken):
    """Counts by outcome, won revenue, both win rates, cycle days, accounts that are missing."""
    deals = taken["maven-crm"].tables["opportunities"]
    won = deals["is_won"].astype(bool)
    closed = deals["is_closed"].astype(bool)
    assert len(deals) == 8800
    assert deals["stage"].value_counts().to_dict() == {
        "Won": 4238,
        "Lost": 2473,
        "Engaging": 1589,
        "Prospecting": 500,
    }
    assert deals.loc[won, "amount"].sum() == 10_005_534
    assert round(100 * won.sum() / closed.sum(), 2) == 63.15
    assert round(100 * won.sum() / len(deals), 1) == 48.2
    days = (deals["close_date"] - deals["created_date"]).dt.days
    assert round(days[closed].mean(), 2) == 47.99
    assert deals["account_id"].isna().sum() == 1425
    assert not closed[deals["account_id"].isna()].any()
    assert deals.loc[won, "owner_id"].nunique() == 30


def test_maven_open_deals_have_list_prices_and_say_so(taken):
    """Only the open deals, which have no value, are estimated; GTXPro finds its product."""
    tables = taken["maven-crm"].tables
    deals = tables["opportunities"]
    estimated = deals["is_amount_estimated"].astype(bool)
    assert (estimated == ~deals["is_closed"].astype(bool)).all()
    assert deals["product_id"].isin(tables["products"]["product_id"]).all()
    assert len(tables["reps"]) == 35 + 6
    assert set(tables["accounts"]["country"]) >= {"Philippines"}
    assert "technolgy" not in set(tables["accounts"]["industry"])
    assert str(taken["maven-crm"].as_of) == "2017-12-31"


def test_the_ai_sample_gives_the_published_counts(taken):
    """20,000 deals, and every owner and manager is a known rep."""
    tables = taken["ms-ai-sample"].tables
    deals, reps = tables["opportunities"], tables["reps"]
    won, closed = deals["is_won"].astype(bool), deals["is_closed"].astype(bool)
    assert (len(deals), won.sum(), (closed & ~won).sum(), (~closed).sum()) == (
        20_000,
        11_420,
        6_113,
        2_467,
    )
    assert deals["owner_id"].isin(reps["rep_id"]).all()
    assert reps["manager_id"].isin(reps["rep_id"]).all()
    assert tables["accounts"]["owner_id"].isin(reps["rep_id"]).all()
    assert tables["accounts"]["industry"].isna().sum() == 32


def published(shared: Path, name: str) -> dict[str, float]:
    """Read a published list of owner and amount."""
    path = shared / "real" / "preppin-salesforce" / "week38" / "outputs" / name
    frame = pd.read_csv(path, encoding="utf-8-sig")
    return dict(zip(frame.iloc[:, 0], frame["Amount"].astype(float), strict=True))


def test_week_38_gives_the_published_amounts_by_both_owners(taken, shared):
    """By the owner of the deal and by the owner of the account, which differ."""
    tables = taken["preppin-week38"].tables
    deals, reps = tables["opportunities"], tables["reps"].set_index("rep_id")["name"]
    owner = tables["accounts"].set_index("account_id")["owner_id"]
    by_deal = deals.groupby(deals["owner_id"].map(reps))["amount"].sum()
    by_account = deals.groupby(deals["account_id"].map(owner).map(reps))["amount"].sum()
    assert by_deal.to_dict() == published(
        shared, "output-2022-38-highest-amount-opportunity-owner.csv"
    )
    assert by_account.to_dict() == published(
        shared, "output-2022-38-highest-amount-account-owner.csv"
    )
    assert by_deal["Laura Garza"] != by_account["Laura Garza"]
    assert (len(tables["accounts"]), len(deals), len(tables["reps"])) == (1002, 706, 28)


def test_week_23_brings_its_stage_history(taken):
    """219 deals and 584 changes, dates with the day first, all of known deals."""
    tables = taken["preppin-week23"].tables
    history = tables["opportunity_history"]
    assert (len(tables["opportunities"]), len(history)) == (219, 584)
    assert set(history["record"]) == {"change"}
    assert history["opportunity_id"].isin(tables["opportunities"]["opportunity_id"]).all()
    first = history[history["opportunity_id"] == "0068d000002OrbYAAS"]
    assert first["snapshot_date"].dt.strftime("%Y-%m-%d").min() == "2022-04-06"


def fivetran(shared: Path, folder: str, column_map: str) -> Taken:
    """Take in the column-name fixtures of a replication tool."""
    real = os.path.relpath(shared / "real" / "fivetran-crm-fixtures" / folder, HERE)
    files = sorted((shared / "real" / "fivetran-crm-fixtures" / folder).glob("*.csv"))
    plan = Plan(
        inputs=InputsSettings(
            folder=real,
            outside=True,
            map=column_map,
            sources=tuple(Source(path=file.name) for file in files),
        )
    )
    return read_inputs(plan, HERE, strict=False)


def test_salesforce_tables_of_a_replication_tool_find_their_columns(shared):
    """Accounts, users, deals, their history, lines, products, contacts, leads and tasks."""
    found = fivetran(shared, "salesforce", "salesforce-fivetran")
    columns = found.summary.set_index("table")["columns_used"]
    assert set(columns.index) >= {
        "accounts",
        "reps",
        "opportunities",
        "opportunity_history",
        "opportunity_lines",
        "products",
        "contacts",
        "leads",
        "activities",
    }
    assert columns["opportunities"] >= 15
    assert columns["accounts"] >= 12


def test_hubspot_tables_of_a_replication_tool_find_their_columns(shared):
    """Deals meet their pipeline stages, whose metadata say what is closed and won."""
    found = fivetran(shared, "hubspot", "hubspot")
    columns = found.summary.set_index("table")["columns_used"]
    assert set(columns.index) >= {"reps", "opportunities", "opportunity_history", "contacts"}
    assert columns["opportunities"] >= 6
