"""Pictures of routing: what is drawn, and what is said where there is nothing to see."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.charts import routing as charts
from planlib.charts.base import figure_png
from planlib.routing import Simulation, make_setting, routing_shares, simulate_policies
from planlib.settings.routing import RoutingSettings, SimulatorSettings
from planlib.tables import table
from tests.routing_frames import make_leads, make_ranking, make_reps, run

SMALL = SimulatorSettings(
    reps=5, days=28, seeds=3, leads_per_rep_day=2.0, floors=[0.0, 0.5],
    policies=["geography", "round_robin", "best_ranked", "true_skill"],
)  # fmt: skip


@pytest.fixture(autouse=True)
def _close_pictures():
    """Pictures are closed again."""
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    """Four policies and a floor in three small worlds."""
    return simulate_policies(make_setting(SMALL, RoutingSettings()), SMALL, RoutingSettings())


def texts(ax) -> str:
    """Give headline and every text of a picture."""
    return " ".join([ax.get_title(loc="left"), *(one.get_text() for one in ax.texts)])


def names_of(ax) -> list[str]:
    """Give the names of the rows."""
    return [one.get_text() for one in ax.get_yticklabels()]


def test_each_policy_has_its_win_rate_in_both_scenarios(simulation: Simulation) -> None:
    """One row per policy, two figures in it, in the order from geography to known skill."""
    ax = charts.plot_policies(simulation.results)
    assert names_of(ax) == ["geography", "round robin", "best ranked", "true skill"]
    rows = simulation.results
    rates = rows[(rows["measure"] == "win_share") & (rows["floor_share"] == 0)
                 & (rows["scenario"] != "equal skill")]  # fmt: skip
    drawn = sorted(one.get_text() for one in ax.texts if one.get_text()[:1].isdigit())
    assert drawn == sorted(f"{100 * one:.1f}" for one in rates["value"])
    assert figure_png(ax)


def test_another_measure_takes_its_own_name(simulation: Simulation) -> None:
    """The headline says what is drawn."""
    assert "within deadline share" in texts(
        charts.plot_policies(simulation.results, measure="within_deadline_share")
    )


def test_gains_are_split_into_availability_and_rank_with_intervals(simulation: Simulation) -> None:
    """A bar for each part and scenario, each with its line and its figure."""
    ax = charts.plot_gains(simulation.results)
    rows = simulation.results
    gains = rows[rows["measure"].isin(["availability_gain_points", "rank_gain_points"])]
    assert len(ax.patches) == len(gains) == 4
    assert sorted(one.get_width() for one in ax.patches) == sorted(gains["value"])
    ends = [tuple(part[:, 0]) for one in ax.collections for part in one.get_segments()]
    assert sorted(ends) == sorted(zip(gains["low"], gains["high"], strict=True))
    assert names_of(ax) == ["spare capacity", "tight capacity"]
    assert figure_png(ax)


def test_a_floor_shows_its_cost_with_an_interval(simulation: Simulation) -> None:
    """One point per floor; the bar at 50 % has the length of the interval of its cost."""
    ax = charts.plot_floors(simulation.results)
    assert "floor 50 %" in texts(ax)
    rows = simulation.results
    cost = rows[rows["measure"] == "floor_cost_points"].iloc[0]
    low, high = sorted(ax.collections[0].get_segments()[0][:, 1])
    assert high - low == pytest.approx(cost["high"] - cost["low"])
    assert figure_png(ax)


def test_shares_run_from_the_most_skilled_rep_on(simulation: Simulation) -> None:
    """A line for each policy of interest, with a point for each of five reps."""
    ax = charts.plot_shares(simulation.shares)
    lines = {one.get_label(): one for one in ax.get_lines()}
    assert {"round robin", "best ranked", "true skill"} <= set(lines)
    assert len(lines["best ranked"].get_xdata()) == 5
    assert sum(lines["round robin"].get_ydata()) == pytest.approx(5)


def test_replay_stands_beside_the_past_with_names() -> None:
    """Every rep with leads has a row; a name cannot be read as a formula."""
    leads = make_leads(6, owner_id=["R-0", "R-0", "R-1", "R-1", "R-2", "R-2"])
    reps = make_reps(3, name=["Kim $", "Lee", "Max"])
    rows = routing_shares(run("best_ranked", leads, reps, ranking=make_ranking(0.3, 0.2, 0.1)))
    ax = charts.plot_replay(rows)
    assert names_of(ax)[0] == "Kim \\$"
    assert len(names_of(ax)) == 3
    assert figure_png(ax)


def test_foretold_stands_beside_what_came_true() -> None:
    """Two bars for each fifth of the leads."""
    quality = table("lead_score_quality").coerce(pd.DataFrame({
        "measure": [f"fifth {at} of the leads by score" for at in range(1, 6)],
        "measure_order": range(5), "value": [0.4, 0.3, 0.2, 0.1, 0.05],
        "base_value": [0.38, 0.3, 0.22, 0.1, 0.04], "lead_count": 200,
    }))  # fmt: skip
    ax = charts.plot_score(quality)
    assert len(ax.patches) == 10
    assert ax.patches[0].get_height() == pytest.approx(40)
    assert figure_png(ax)


def test_nothing_to_draw_says_why() -> None:
    """Empty tables give a sentence in the place of a picture."""
    results = table("policy_results").empty()
    assert "no policy was simulated" in texts(charts.plot_policies(results))
    assert "neither a fixed owner" in texts(charts.plot_gains(results))
    assert "no floor was simulated" in texts(charts.plot_floors(results))
    assert "no policy was simulated" in texts(charts.plot_shares(table("policy_shares").empty()))
    assert "nothing could be replayed" in texts(charts.plot_replay(table("routing_shares").empty()))
    assert "no lead score" in texts(charts.plot_score(table("lead_score_quality").empty()))
