"""Pictures of segmentation are drawn from any result, and their titles say the finding."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from matplotlib.axes import Axes

from planlib.charts import figure_png
from planlib.charts import segmentation as pictures
from planlib.segmentation import Segmentation
from tests.segmentation_frames import AS_OF, make_accounts, make_market, make_reps, run

Plot = Callable[[Segmentation], Axes]
PLOTS: dict[str, Plot] = {
    "weights": lambda one: pictures.plot_segment_weights(one.profile(), "USD", AS_OF),
    "units": lambda one: pictures.plot_segment_weights(one.profile("unit"), "USD", AS_OF),
    "people": lambda one: pictures.plot_people_and_goal(one.profile(), AS_OF),
    "sizes": lambda one: pictures.plot_size_cuts(one.segment_sizes),
    "potential": lambda one: pictures.plot_potential(one.segments, "USD"),
    "look-alikes": lambda one: pictures.plot_lookalikes(one.potential_cells, "USD"),
    "coverage": lambda one: pictures.plot_coverage(one.segment_coverage, "USD", AS_OF),
    "complexity": lambda one: pictures.plot_complexity(one.complexity_tracking),
}
TITLES = {
    "weights": "of potential",
    "units": "of potential",
    "people": "of the people",
    "sizes": "Cut lines differ by market",
    "potential": "customers spend less than half",
    "look-alikes": "kinds that hold most",
    "coverage": "is not covered",
    "complexity": "tracked best by",
}
POOR_TITLES = {
    "weights": "potential and spend are not known",
    "units": "potential and spend are not known",
    "people": "is not known",
    "sizes": "One set of cut lines",
    "potential": "not known",
    "look-alikes": "No look-alikes",
    "coverage": "no account has an owner",
    "complexity": "is not known",
}


@pytest.fixture(scope="module")
def rich() -> Segmentation:
    """A market with customers, owners and two sets of cut lines."""
    text = "markets: [{name: India $ 印度, countries: IN, maturity: 0.5}]"
    return run(make_market(), text, reps=make_reps())


@pytest.fixture(scope="module")
def poor() -> Segmentation:
    """Accounts of which nothing but the id is known."""
    return run(make_accounts())


@pytest.mark.parametrize("name", PLOTS)
def test_pictures_say_what_they_show(rich: Segmentation, name: str) -> None:
    """Each picture is drawn with a finding as title."""
    ax = PLOTS[name](rich)
    assert TITLES[name] in ax.get_title(loc="left").replace("\n", " ")
    assert figure_png(ax).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", PLOTS)
def test_without_data_pictures_say_so(poor: Segmentation, name: str) -> None:
    """Where nothing is known the title says it; no empty axes pretend to be a picture."""
    ax = PLOTS[name](poor)
    assert POOR_TITLES[name] in ax.get_title(loc="left").replace("\n", " ")
    assert figure_png(ax).startswith(b"\x89PNG")


def test_customers_without_spend_count_among_those_below_half_of_their_potential(
    rich: Segmentation,
) -> None:
    """They have no place on a log scale, yet the share is of all customers, and both are said."""
    customer = rich.segments["is_customer"].astype(bool)
    spenders = int(customer.sum())
    half = rich.segments["potential"][customer] / 2
    low = int((rich.segments["yearly_spend"][customer] < half).sum())
    idle = rich.segments.index[~customer][:40]
    segments = rich.segments.copy()
    segments.loc[idle, "is_customer"] = True
    segments.loc[idle, "yearly_spend"] = 0.0
    ax = pictures.plot_potential(segments, "USD", count=60)
    title = ax.get_title(loc="left").replace("\n", " ")
    share = f"{100 * (low + 40) / (spenders + 40):.0f} % of {spenders + 40} customers"
    assert title.startswith(share)
    told = " ".join(text.get_text() for text in ax.texts).replace("\n", " ")
    assert f"shown: 60 of {spenders} with spend now; not shown: 40 without spend now" in told


def test_the_picture_of_coverage_names_the_days_of_silence() -> None:
    """Without a known activity there is no such rule, and none is named."""
    reps = make_reps()
    accounts = make_accounts(
        owner_id=["R1"] * 3, last_activity_date=pd.to_datetime(["2026-03-01", None, None])
    )
    for rows, told in ((accounts, True), (accounts.drop(columns="last_activity_date"), False)):
        ax = pictures.plot_coverage(
            run(rows, "activity_days: 45", reps=reps).segment_coverage, "USD", AS_OF
        )
        beneath = " ".join(text.get_text() for text in ax.texts).replace("\n", " ")
        assert ("no recent activity: none in the last 45 days" in beneath) is told


def test_money_of_0_is_no_picture_of_money(poor: Segmentation) -> None:
    """Where all spend is 0, accounts are drawn instead of bars without length."""
    profile = poor.profile().assign(acv=0.0)
    ax = pictures.plot_segment_weights(profile, "USD", AS_OF)
    assert ax.get_title(loc="left").endswith("neither potential nor spend is above 0")
    assert all(bar.get_width() > 0 for bar in ax.patches)


def test_pictures_are_the_same_each_time(rich: Segmentation) -> None:
    """The same tables give the same bytes."""
    first, second = (figure_png(PLOTS["coverage"](rich)) for _ in range(2))
    assert first == second
