"""Pictures of intake: what they say above the axes, also when there is nothing to show."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.charts.intake import plot_account_quality, plot_clean_share, plot_rules
from planlib.hygiene import check_accounts, check_opportunities
from planlib.settings.hygiene import HygieneSettings
from planlib.tables import TABLES

DAY = datetime.date(2026, 3, 31)


@pytest.fixture(autouse=True)
def _close_pictures():
    yield
    pyplot.close("all")


def make_accounts(employees: list[object]) -> pd.DataFrame:
    """Make accounts with employee counts."""
    keys = [f"A{n}" for n in range(len(employees))]
    return TABLES["accounts"].coerce(pd.DataFrame({"account_id": keys, "employees": employees}))


def make_deals(owners: list[str]) -> pd.DataFrame:
    """Make open deals, the first without an amount."""
    amounts = [None, *[100.0 + n for n in range(len(owners) - 1)]]
    return TABLES["opportunities"].coerce(
        pd.DataFrame(
            {
                "opportunity_id": [f"D{n}" for n in range(len(owners))],
                "owner_id": owners,
                "amount": amounts[: len(owners)],
                "is_closed": [False] * len(owners),
            }
        )
    )


@pytest.mark.parametrize(
    ("employees", "headline"),
    [
        ([None, 5, 6, 7], "Employees missing: 25% of accounts"),
        ([4, 5], "No account is flagged"),
        ([], "No check of the account base could be made"),
    ],
)
def test_the_account_picture_says_its_finding(employees, headline):
    """The worst check, no flag, or nothing that could be checked."""
    checks = check_accounts(make_accounts(employees), HygieneSettings(), as_of=DAY)
    axes = plot_account_quality(checks.quality, DAY)
    assert axes.get_title(loc="left") == headline


def test_the_picture_of_rules_names_the_largest_amount():
    """A deal without an amount has none at stake, and the picture does not break."""
    checks = check_opportunities(make_deals(["R1"] * 3), HygieneSettings(), as_of=DAY)
    axes = plot_rules(checks.rules, "USD", DAY)
    assert axes.get_title(loc="left").startswith("Largest amount at stake: no amount")


@pytest.mark.parametrize(
    ("owners", "headline"),
    [
        (["R1"] * 20, "0 of 1 owners are below 70% clean deals"),
        ([], "There are no open deals by owner"),
    ],
)
def test_the_picture_of_people_counts_those_below_the_threshold(owners, headline):
    """A dollar sign in a name is text, and nobody is no error."""
    checks = check_opportunities(make_deals(owners), HygieneSettings(), as_of=DAY)
    summary = checks.summary.assign(name="Kim $\\frac$ Lee")
    axes = plot_clean_share(summary, level="owner", good=0.85, poor=0.7)
    axes.figure.canvas.draw()
    assert axes.get_title(loc="left") == headline
