"""Pictures of territories draw what the tables say, in both samples' scripts, without network."""

from __future__ import annotations

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex

from planlib.charts import territories as pictures
from planlib.charts.base import SERIES, _wrap
from planlib.charts.maps import Extent, draw_ground, extent_of, spread
from planlib.territories import Alignment
from planlib.territories.gazetteer import land, states
from tests.territory_frames import AS_OF, make_accounts, make_reps, make_settings, run


@pytest.fixture(autouse=True)
def _closed() -> object:
    yield None
    plt.close("all")


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    """A small alignment with a hostile name, one account without a place, and one moved."""
    accounts = make_accounts(name=["$x <b>", *["上海机械"] * 23])
    accounts.loc[4, ["city", "country"]] = pd.NA
    return run(accounts, settings=make_settings(disruption_share=1.0))


def drawn(ax: Axes) -> int:
    """Count the dots of scatter plots."""
    return sum(
        len(part.get_offsets()) for part in ax.collections if isinstance(part, PathCollection)
    )


def test_a_map_shows_every_account_with_a_place(alignment: Alignment) -> None:
    """23 of 24 accounts are dots; the subtitle counts the one without a place."""
    ax = pictures.plot_territory_map(alignment.plan, alignment.reps, as_of=AS_OF)
    texts = " ".join(text.get_text() for text in ax.texts)
    off = 23 - drawn(ax)
    assert 0 <= off <= 1
    assert "24 accounts, 1 without a place" in texts
    assert "2026-03-31" in texts


def test_cells_have_the_colour_of_the_rep_with_most_potential(alignment: Alignment) -> None:
    """Each city is one cell here; its tint is that of the rep whose accounts weigh most there."""
    ax = pictures.plot_territory_map(alignment.plan, alignment.reps)
    (tints,) = (part for part in ax.collections if part.get_alpha() == 0.20)
    placed = alignment.plan[alignment.plan["latitude"].notna()]
    cities = placed.groupby(["longitude", "latitude", "rep_id"])["potential"].sum().reset_index()
    top = cities.sort_values("potential").drop_duplicates(["longitude", "latitude"], keep="last")
    color = dict(zip(alignment.reps["rep_id"], alignment.reps["color"], strict=True))
    shades = {to_hex(SERIES[int(color[rep]) % len(SERIES)]) for rep in top["rep_id"]}
    assert {to_hex(one) for one in tints.get_facecolor()} == shades
    assert len(tints.get_paths()) in (len(top), len(top) - 1)  # one city may lie off the map


def test_the_blocks_with_most_accounts_are_shown() -> None:
    """Most accounts first, then by name; accounts outside any block do not count."""
    plan = pd.DataFrame({"block": ["c", "b", "b", "a", None, None, None, "d"]})
    assert pictures.largest_blocks(plan) == ["b", "a", "c"]
    assert pictures.largest_block(plan) == "b"
    assert pictures.largest_block(plan.head(0)) == ""


def test_before_and_after_stand_side_by_side(alignment: Alignment) -> None:
    """Two maps of the same extent, a legend with all reps beside the second."""
    left, right = pictures.plot_territory_maps(alignment.plan, alignment.reps, as_of=AS_OF)[0]
    assert left.get_xlim() == right.get_xlim()
    names = " ".join(text.get_text() for text in right.get_legend().get_texts())
    assert all(name in names for name in ("Ana", "Bo", "Cy"))
    right.figure.canvas.draw()


def test_many_reps_of_a_flat_market_have_room(alignment: Alignment) -> None:
    """The legend of forty reps does not crush the maps (a layout that fails is a warning)."""
    copies = [
        alignment.reps.assign(rep_id=alignment.reps["rep_id"] + str(copy), longitude=copy)
        for copy in range(14)
    ]
    grid = pictures.plot_territory_maps(alignment.plan, pd.concat(copies, ignore_index=True))
    grid[0][0].figure.canvas.draw()
    assert all(ax.get_position().height > 0.3 for ax in grid[0])


def test_no_two_reps_of_a_map_look_alike(alignment: Alignment) -> None:
    """Twenty reps with colours of their own, more than there are, differ in colour or shape."""
    people = pd.concat([alignment.reps.head(1)] * 20, ignore_index=True)
    people = people.assign(rep_id=[f"R{one:02d}" for one in range(20)], color=range(20))
    legend = pictures.plot_territory_maps(alignment.plan, people)[0][1].get_legend()
    looks = [(handle.get_color(), handle.get_marker()) for handle in legend.legend_handles]
    assert len(set(looks)) == len(looks) == 22


def test_a_map_of_another_plan_says_so(alignment: Alignment) -> None:
    """The title names what its owners are from; without a name it is the plan."""
    draw = pictures.plot_territory_map
    assert ", plan: " in headline(draw(alignment.plan, alignment.reps))
    named = draw(alignment.plan, alignment.reps, name="contiguous areas")
    assert ", contiguous areas: " in headline(named)


def test_balance_shows_each_rep_and_the_band(alignment: Alignment) -> None:
    """One row per rep, the title counts those within the tolerance."""
    axes = pictures.plot_balances(alignment.balance, as_of=AS_OF)
    assert len(axes) == 2
    assert [len(ax.get_yticks()) for ax in axes] == [3, 3]
    assert "3 of 3 within ±20 %" in axes[0].get_title(loc="left")


def test_moves_fall_back_to_accounts_without_money(alignment: Alignment) -> None:
    """Without ACV the bars count accounts."""
    assert "ACV" in pictures.plot_moves(alignment.reps, currency="EUR").get_xlabel()
    poor = alignment.reps.assign(gained_acv=np.nan, lost_acv=np.nan)
    assert "accounts" in pictures.plot_moves(poor).get_xlabel()


def test_moves_count_in_words_and_none_is_a_sentence(alignment: Alignment) -> None:
    """One account comes, two come; without a move there are no bars of length 0."""
    none = alignment.reps.assign(gained_acv=np.nan, lost_acv=np.nan, gained_count=0, lost_count=0)
    quiet = pictures.plot_moves(none)
    assert quiet.get_title(loc="left") == "No account comes to a new owner"
    assert not quiet.patches
    counts = pd.Series([1, *[0] * (len(none) - 1)], index=none.index)
    one = pictures.plot_moves(none.assign(gained_count=counts, lost_count=counts[::-1].to_numpy()))
    assert one.get_title(loc="left") == "1 account comes to a new owner"
    ticks = one.get_xticks()
    assert (ticks == ticks.round()).all()
    two = pictures.plot_moves(none.assign(gained_count=2 * counts))
    assert two.get_title(loc="left") == "2 accounts come to new owners"


def test_nothing_to_show_is_said() -> None:
    """Without reps every picture says so and none fails."""
    empty = run(reps=make_reps().head(0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grid = pictures.plot_territory_maps(empty.plan, empty.reps)
        pictures.plot_balances(empty.balance)
        pictures.plot_moves(empty.reps)
    assert "No territory" in grid[0, 0].get_title(loc="left")


def test_places_that_coincide_are_spread_apart() -> None:
    """Ten accounts in one city become ten dots, the first where the city is."""
    extent = extent_of(pd.Series([2.0, 5.0]), pd.Series([45.0, 49.0]))
    where = spread(np.full(10, 2.35), np.full(10, 48.86), extent)
    assert len(np.unique(where.round(6), axis=0)) == 10
    assert where[0] == pytest.approx([2.35, 48.86])


def test_coast_lines_have_no_jumps() -> None:
    """No land mass is drawn across the whole map by the date line."""
    jumps = [np.abs(np.diff(ring[:, 0])).max() for ring in land()]
    assert max(jumps) < 60


def test_borders_of_states_meet_where_they_should() -> None:
    """Four states meet at 37 degrees north and 109.05 west; no line jumps."""
    lines = states()
    nearest = min(np.hypot(line[:, 0] + 109.05, line[:, 1] - 37.0).min() for line in lines)
    assert nearest < 0.02
    assert max(np.abs(np.diff(line, axis=0)).max() for line in lines) < 12


def test_states_are_drawn_where_the_map_shows_them() -> None:
    """A map of France has none of these lines, one around Denver has some."""
    counts = []
    for west, south in ((-5.0, 42.0), (-110.0, 36.0)):
        ax = plt.figure().subplots()
        draw_ground(ax, Extent(west, west + 10, south, south + 8))
        counts.append(sum(len(part.get_segments()) for part in ax.collections
                          if isinstance(part, LineCollection)))  # fmt: skip
    assert counts[0] == 0
    assert counts[1] > 3


def make_progress(*rows: tuple[str, float, float, float, int]) -> pd.DataFrame:
    """Make what a search tells: block, share, bound, cost, violations."""
    return pd.DataFrame(rows, columns=["block", "share", "bound", "cost", "violations"])


def headline(ax: Axes) -> str:
    """Give all texts written on a picture."""
    return " ".join(text.get_text() for text in ax.texts) + ax.get_title(loc="left")


def test_a_search_is_drawn_with_its_gap() -> None:
    """Costs outside the limits do not count, and the best plan never gets worse in the picture."""
    progress = make_progress(
        ("North", 0.1, 80.0, 70.0, 2),
        ("North", 0.5, 95.0, 100.0, 0),
        ("North", 1.0, 95.0, 120.0, 0),
    )
    ax = pictures.plot_convergence(progress, "North")
    assert "gap 5.00 %" in headline(ax)
    ends = [float(line.get_ydata()[0]) for line in ax.lines if line.get_marker() == "o"]
    assert ends == pytest.approx([-0.05, 0.0])  # dots: seen also where all came at the end
    best = ax.lines[1].get_ydata()
    assert np.isnan(best[0])
    assert np.allclose(best[1:], 0.0)
    done = make_progress(("North", 1.0, 100.0, 100.0, 0))
    assert "gap below 0.01 %" in headline(pictures.plot_convergence(done, "North"))
    none = make_progress(("North", 1.0, 100.0, 90.0, 1))
    assert "no plan within all limits" in headline(pictures.plot_convergence(none, "North"))


def test_a_bound_below_the_picture_is_said() -> None:
    """The lower edge is dotted where the bound lies below it, and the legend says how low."""
    progress = make_progress(("North", 0.1, 40.0, 102.0, 0), ("North", 1.0, 100.0, 100.0, 0))
    ax = pictures.plot_convergence(progress, "North")
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["proven bound", "best plan", "bound below the picture, from -60 %"]
    low = ax.get_ylim()[0]
    assert ax.lines[2].get_ydata()[0] == pytest.approx(low)
    near = make_progress(("North", 0.1, 99.0, 102.0, 0), ("North", 1.0, 100.0, 100.0, 0))
    assert len(pictures.plot_convergence(near, "North").get_legend().get_texts()) == 2


def test_a_percent_sign_stays_with_its_figure() -> None:
    """A headline too long for its picture is not broken between figure and sign."""
    for width in range(20, 40):
        lines = _wrap("Continental Europe: gap below 0.01 % in all", width).split("\n")
        assert not any(line.startswith("%") for line in lines)


def test_names_of_cities_stay_on_the_map_and_above_all() -> None:
    """A name near the eastern edge ends at its city; none is hidden by accounts or reps."""
    ax = plt.figure(figsize=(4.6, 3.2)).subplots()
    extent = Extent(-125.0, -66.0, 24.0, 50.0)
    draw_ground(ax, extent)
    names = [text for text in ax.texts if text.get_text()]
    assert names
    assert min(text.get_zorder() for text in names) > 5
    for text in names:
        is_right = text.xy[0] <= extent.west + 0.83 * (extent.east - extent.west)
        assert text.get_ha() == ("left" if is_right else "right")
    assert {"left", "right"} == {text.get_ha() for text in names}


def test_only_the_last_solve_of_a_block_is_drawn() -> None:
    """Where a search begins anew, its share of work falls; what was before is left out."""
    progress = make_progress(
        ("North", 0.2, 10.0, 20.0, 0), ("North", 1.0, 10.0, 20.0, 0), ("North", 0.5, 99.0, 100.0, 0)
    )
    assert "gap 1.00 %" in headline(pictures.plot_convergence(progress, "North"))


def test_a_watch_keeps_what_the_engine_tells() -> None:
    """A real solve tells at least bound and cost of every block, and its picture is drawn."""
    watch = pictures.Watch()
    solved = run(make_accounts(), on_progress=watch)
    assert set(watch.frame["block"]) == set(solved.plan["block"].dropna())
    axes = pictures.plot_convergences(watch.frame, as_of=AS_OF)
    assert len(axes) == watch.frame["block"].nunique()
    assert "Nothing was searched" in headline(pictures.plot_convergences(watch.frame.head(0))[0])


def make_curve(**columns: list[object]) -> pd.DataFrame:
    """Make a curve of three points: as set, no weight on travel, and a smaller budget."""
    return pd.DataFrame({
        "block": "North", "point": [0, 1, 2], "varied": [None, "weight_travel", "disruption_share"],
        "value": [np.nan, 0.0, 0.1], "status": ["feasible", "feasible", "unresolved"],
        "travel_km": [300.0, 900.0, 500.0], "misfit": 0.2, "complexity_short": 0.1,
        "moved_count": [5, 4, 2], "moved_acv": [50.0, 40.0, 20.0], "is_efficient": True,
        "is_chosen": [True, False, False], **columns,
    })  # fmt: skip


def test_a_trade_off_names_its_points() -> None:
    """Each changed setting is named, and a plan outside a limit is not called unbeaten."""
    ax = pictures.plot_trade_off(make_curve(), "North", currency="EUR", as_of=AS_OF)
    assert drawn(ax) == 3
    assert "1: budget 10 %" in headline(ax)
    assert "2: weight of travel 0" in headline(ax)
    numbers = {text.get_text(): text.xy for text in ax.texts if hasattr(text, "xy")}
    assert {"1": (500.0, 20.0), "2": (900.0, 40.0)}.items() <= numbers.items()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "beaten by none", "misses a limit", "settings as they are",
    ]  # fmt: skip
    assert "ACV" in ax.get_ylabel()


def test_points_that_cover_each_other_share_a_place_and_keep_their_numbers() -> None:
    """Two settings that give one plan are one point with two numbers, both of them explained."""
    curve = make_curve(travel_km=[300.0, 900.0, 900.0], moved_acv=[50.0, 40.0, 40.0])
    ax = pictures.plot_trade_off(curve, "North")
    assert "1, 2" in [text.get_text() for text in ax.texts]
    assert "1: weight of travel 0\n2: budget 10 %" in headline(ax)


def test_a_trade_off_without_places_or_money_shows_what_is_known() -> None:
    """Without travel misfit stands across, without ACV accounts are counted, else it says so."""
    nothing = [np.nan] * 3
    ax = pictures.plot_trade_off(make_curve(travel_km=nothing, moved_acv=nothing), "North")
    assert "misfit" in ax.get_xlabel()
    assert "accounts" in ax.get_ylabel()
    assert "No trade-off" in headline(pictures.plot_trade_off(make_curve(), "South"))


def test_a_tree_stands_in_order_with_sums() -> None:
    """Each leader stands straight before those below, whatever the order of rows."""
    levels = pd.DataFrame({
        "leader_id": ["R2", "R1", "M1", "M2", "H"], "measure": "potential",
        "level": [2, 2, 1, 1, 0], "leader_name": ["Bo", "Ana", "$x", "Mia", "Head"],
        "parent_id": ["M1", "M2", "H", "H", None], "is_owner": [True, True, False, False, False],
        "head_count": [1, 1, 1, 1, 2], "actual": [5.0, 6.0, 5.0, 6.0, 11.0],
        "deviation": [-0.1, 0.1, -0.1, 0.1, 0.0], "is_closed": True,
    })  # fmt: skip
    ax = pictures.plot_cascade(levels, tolerance=0.2, currency="EUR", as_of=AS_OF)
    names = [text.get_text().strip() for text in ax.get_yticklabels()]
    assert [name.split(" ")[0] for name in names] == ["Head", "\\$x", "Bo", "Mia", "Ana"]
    assert "every sum closes" in headline(ax)
    assert "owners may differ from those proposed" in " ".join(headline(ax).split())
    ax.figure.canvas.draw()
    assert not ax.collections
    even = pictures.plot_cascade(levels.assign(deviation=0.0), currency="EUR")
    assert len(even.collections[0].get_offsets()) == 5  # dots where bars have no length
    assert "No hierarchy" in headline(pictures.plot_cascade(levels.head(0)))


def test_parts_of_the_market_are_named_in_rows_of_their_own(alignment: Alignment) -> None:
    """With two blocks no name of a block stands in the row of a rep, where dots may be."""
    balance = alignment.balance.copy()
    balance.loc[balance["rep_id"].eq("R-3"), "block"] = "North and Middle America"
    ax = pictures.plot_balance(balance, "potential")
    named = {text.xy[1] for text in ax.texts if text.get_text() in set(balance["block"])}
    assert len(named) == 2
    assert named.isdisjoint(ax.get_yticks())


def test_between_two_budgets_the_smaller_tolerance_is_what_is_proven() -> None:
    """Budgets between two points may reach what the larger one reaches: the line is a step."""
    frontier = pd.DataFrame({"block": "EMEA", "disruption_share": [0.0, 0.1, 0.05],
                             "tolerance": [0.9, 0.2, 0.5],
                             "is_chosen": [False, False, True]})  # fmt: skip
    ax = pictures.plot_frontier(frontier, "EMEA")
    assert ax.lines[0].get_drawstyle() == "steps-pre"
    assert ax.lines[0].get_ydata().tolist() == [0.9, 0.2]
