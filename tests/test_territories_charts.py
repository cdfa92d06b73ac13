"""Pictures of territories draw what the tables say, in both samples' scripts, without network."""

from __future__ import annotations

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection

from planlib.charts import territories as pictures
from planlib.charts.maps import extent_of, spread
from planlib.territories import Alignment
from planlib.territories.gazetteer import land
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


def test_balance_shows_each_rep_and_the_band(alignment: Alignment) -> None:
    """One row per rep, the title counts those within the tolerance."""
    axes = pictures.plot_balances(alignment.balance, as_of=AS_OF)
    assert len(axes) == 2
    assert [len(ax.get_yticks()) for ax in axes] == [3, 3]
    assert "3 of 3 within ±20%" in axes[0].get_title(loc="left")


def test_moves_fall_back_to_accounts_without_money(alignment: Alignment) -> None:
    """Without ACV the bars count accounts."""
    assert "ACV" in pictures.plot_moves(alignment.reps, currency="EUR").get_xlabel()
    poor = alignment.reps.assign(gained_acv=np.nan, lost_acv=np.nan)
    assert "accounts" in pictures.plot_moves(poor).get_xlabel()


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
