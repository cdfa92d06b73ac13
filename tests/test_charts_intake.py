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
        ([None, 5, 6, 7], "Employees missing: 25 % of accounts"),
        ([4, 5], "No account is flagged"),
        ([], "No check of the account base could be made"),
    ],
)
def test_the_account_picture_says_its_finding(employees, headline):
    """The worst check, no flag, or nothing that could be checked."""
    checks = check_accounts(make_accounts(employees), HygieneSettings(), as_of=DAY)
    axes = plot_account_quality(checks.quality, DAY)
    assert axes.get_title(loc="left") == headline


def test_the_picture_of_rules_counts_deals_without_an_amount():
    """A deal without an amount has none at stake; it is counted."""
    checks = check_opportunities(make_deals(["R1"] * 3), HygieneSettings(), as_of=DAY)
    axes = plot_rules(checks.rules, "USD", DAY)
    assert axes.get_title(loc="left").startswith("Broken by most open deals: no amount")


def make_rules(**changes):
    """Two rules of three open deals each, as step 01 writes them."""
    rows = {
        "rule": ["no owner", "pushed"], "meaning": ["No owner", "Pushed"], "checked_count": [3, 3],
        "flagged_count": [2, 0], "flagged_share": [2 / 3, 0.0], "flagged_amount": [900.0, 0.0],
    }  # fmt: skip
    return pd.DataFrame(rows | changes)


def lengths(axes):
    """Give the lengths of the bars."""
    return [bar.get_width() for bar in axes.patches]


def test_rules_that_nothing_breaks_are_a_sentence_and_no_empty_bars():
    """Bars of length 0 would say no more than one sentence does."""
    none = {"flagged_count": [0, 0], "flagged_share": [0.0, 0.0], "flagged_amount": [0.0, 0.0]}
    axes = plot_rules(make_rules(**none), "USD", DAY)
    assert axes.get_title(loc="left") == "No open deal breaks a rule of data rigour"
    assert lengths(axes) == []
    assert axes.texts[0].get_text().startswith("2 rules found nothing as of")
    axes = plot_rules(make_rules(checked_count=[0, 0]), "USD", DAY)
    assert axes.get_title(loc="left") == "No rule of data rigour could be checked"
    assert lengths(axes) == []


def test_without_money_at_stake_the_bars_count_deals():
    """Deals at fault are seen also where they have no amount."""
    axes = plot_rules(make_rules(flagged_amount=[0.0, None]), "USD", DAY)
    assert max(lengths(axes)) == 2
    assert axes.get_xlabel() == "open deals that break the rule"
    assert axes.get_title(loc="left") == "Broken by most open deals: no owner"
    assert max(lengths(plot_rules(make_rules(), "USD", DAY))) == 900


def test_an_unknown_amount_is_not_written_as_0():
    """One deal is one deal, a share above zero is no 0 %, and no deals are no money."""
    rules = make_rules(
        rule=["no owner", "no amount", "pushed"], meaning=["", "", ""], checked_count=[900] * 3,
        flagged_count=[1, 29, 0], flagged_share=[1 / 900, 29 / 900, 0.0],
        flagged_amount=[51_000.0, None, None],
    )  # fmt: skip
    axes = plot_rules(rules, "USD", DAY)
    told = [text.get_text().strip() for text in axes.texts[:3]]
    assert told == ["no deals", "amount not known, 29 deals (3 %)", "51.0 k, 1 deal (under 1 %)"]


def test_names_of_thresholds_do_not_run_into_each_other():
    """Each stands on its own side, also where the thresholds are close."""
    checks = check_opportunities(make_deals(["R1"] * 20), HygieneSettings(), as_of=DAY)
    axes = plot_clean_share(checks.summary, level="owner", good=0.85, poor=0.84)
    axes.figure.canvas.draw()
    good, poor = axes.texts[:2]
    assert [good.get_text(), poor.get_text()] == ["good from 85 %", "poor below 84 %"]
    assert not good.get_window_extent().overlaps(poor.get_window_extent())


def test_accounts_without_a_flag_are_a_sentence_and_no_empty_bars():
    """The picture of checks that found nothing has no bars, and says how many there were."""
    checks = check_accounts(make_accounts([4, 5]), HygieneSettings(), as_of=DAY)
    axes = plot_account_quality(checks.quality, DAY)
    assert lengths(axes) == []
    assert "checks found nothing as of" in axes.texts[0].get_text()


@pytest.mark.parametrize(
    ("owners", "headline"),
    [
        (["R1"] * 20, "0 of 1 owners are below 70 % clean deals"),
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
