"""Tests of the pictures of the two lines and of needs: what is drawn, what is said without."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.charts import key_account_lines as line_charts
from planlib.charts import key_account_needs as need_charts
from planlib.charts.base import figure_png
from planlib.key_accounts.register import register_needs
from planlib.key_accounts.roll_forward import roll_forward
from planlib.tables import table
from tests.key_account_frames import AS_OF, make, make_need

HARM = "<b>$x$ 北京 " + "long " * 20


@pytest.fixture(autouse=True)
def _close_pictures():
    """Pictures are closed again."""
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


def texts(ax) -> str:
    """Give every text of a picture, and its headline."""
    return " ".join([ax.get_title(loc="left"), *[one.get_text() for one in ax.texts]])


def make_bridge(total: float) -> pd.DataFrame:
    """The steps of one quarter: twice the total is credited."""
    amounts = {
        "company total": total, "counted": total, "difference": 0.0, "overlay": total / 2,
        "functional": total / 2, "credited": 2 * total,
    }  # fmt: skip
    rows = [
        {"period": "2026Q1", "part": part, "place": place, "amount": amount,
         "key_account_amount": amount / 2}
        for place, (part, amount) in enumerate(amounts.items())
    ]  # fmt: skip
    return make("key_account_credit_bridge", *rows)


def test_the_bridge_says_how_often_bookings_are_credited() -> None:
    """100 booked, 200 credited: twice; and that nothing was booked where nothing was."""
    ax = line_charts.plot_credit_bridge(make_bridge(100.0), "EUR")
    assert "EUR 100 booked once, credited 2.00 times" in texts(ax)
    assert "+50" in texts(ax)
    assert "nothing was booked" in texts(line_charts.plot_credit_bridge(make_bridge(0.0), "EUR"))
    empty = table("key_account_credit_bridge").empty()
    assert "nothing was booked" in texts(line_charts.plot_credit_bridge(empty, "EUR"))


def test_both_lines_stand_beside_each_other() -> None:
    """Leaders below the top, the functional line and those outside are drawn with both amounts."""
    row = {"period": "2026Q1", "is_top": False, "counted_amount": 10.0, "credited_amount": 30.0}
    rows = make(
        "key_account_rollups",
        row | {"line": "administrative", "lead_id": "M1"},
        row | {"line": "administrative", "lead_id": "H", "is_top": True},
        row | {"line": "functional", "lead_id": "D", "is_top": True},
    )
    ax = line_charts.plot_roll_ups(rows, pd.Series({"M1": HARM}), "EUR")
    assert len(ax.get_yticks()) == 2
    assert "10 / 30" in texts(ax)
    assert figure_png(ax)
    none = line_charts.plot_roll_ups(table("key_account_rollups").empty(), pd.Series(), "EUR")
    assert "no leader" in texts(none)


def test_the_checklist_counts_every_status() -> None:
    """Done, open and not known are counted; an entry of a person is marked."""
    row = {"director_id": "D", "title": HARM, "evidence": "seen"}
    states = [("done", "data"), ("open", "person"), ("not known", "no data")]
    rows = make(
        "director_duties",
        *[
            row | {"duty": f"d{n}", "place": n, "status": status, "origin": origin}
            for n, (status, origin) in enumerate(states)
        ],
    )
    ax = line_charts.plot_duties(rows, pd.Series({"D": "Kim"}), AS_OF)
    assert "1 of 3 duties done, 1 open, 1 not known" in texts(ax)
    assert "open (entry)" in texts(ax)
    empty = line_charts.plot_duties(table("director_duties").empty(), pd.Series(), AS_OF)
    assert "no regional key-account director" in texts(empty)


def make_cells() -> pd.DataFrame:
    """Two accounts with one owned and one open cell each."""
    rows = [
        {"account_id": key, "buying_centre": "plant", "product_id": product, "state": state,
         "gap_amount": 40.0 if state == "gap" else None}
        for key in ("K1", "K2")
        for product, state in (("P1", "owned"), ("P2", "gap"), ("P3", "not_eligible"))
    ]  # fmt: skip
    return make("key_account_white_space", *rows)


def test_white_space_of_all_and_of_one() -> None:
    """All: owned of eligible cells and the sum of gaps; one: the state of each cell."""
    ax = need_charts.plot_white_space(make_cells(), pd.Series({"P1": HARM}), "EUR")
    assert "2 of 4 cells owned (50 %), white space EUR 80" in " ".join(texts(ax).split())
    assert "2/2" in texts(ax)
    one = need_charts.plot_white_space(make_cells(), pd.Series(), "EUR", account_id="K1")
    assert "1 of 2 cells owned" in texts(one)
    assert "gap\n40" in texts(one)
    empty = table("key_account_white_space").empty()
    assert "no products" in texts(need_charts.plot_white_space(empty, pd.Series(), "EUR"))


def make_hours(available: float | None, unmet: float | None) -> pd.DataFrame:
    """One skill in one month."""
    row = {"month": "2026-04", "required_hours": 50.0, "available_hours": available,
           "unmet_hours": unmet}  # fmt: skip
    return make("capability_gaps", row | {"skill": "all"}, row | {"skill": HARM})


def test_hours_that_nobody_can_give_are_the_headline() -> None:
    """Required and available stand in each cell; without experts only what is asked for."""
    ax = need_charts.plot_capability(make_hours(40.0, 10.0), AS_OF)
    assert "Needs ask for 10 hours that nobody can give, in 1 month" in texts(ax)
    assert "50/\n40" in texts(ax)
    bare = need_charts.plot_capability(make_hours(None, None), AS_OF)
    assert "50 skill hours asked for" in texts(bare)
    empty = need_charts.plot_capability(table("capability_gaps").empty(), AS_OF)
    assert "no open need asks" in texts(empty)


def test_the_roll_forward_says_how_the_register_changed() -> None:
    """From 100 to 150; the first cycle says that it has no opening."""
    before = register_needs(make("needs", make_need("1")), AS_OF)
    now = register_needs(make("needs", make_need("1"), make_need("2", value=50.0)), AS_OF)
    ax = need_charts.plot_need_flow(roll_forward(now, before), "EUR", AS_OF)
    assert "The register grew by EUR 50 since the last cycle" in texts(ax)
    first = need_charts.plot_need_flow(roll_forward(now, None), "EUR", AS_OF)
    assert "starts with the next cycle" in texts(first)
