"""Tests of planlib.ranking.preparation: support before, during and after a talk."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.ranking import RankingInputs, rank_reps
from planlib.ranking.preparation import preparation_rows, talks_of
from planlib.tables import table
from tests.ranking_frames import AS_OF, draw_deals, make_reps, make_settings

_NAMES = ["rep_id", "account_id", "activity_date", "activity_type"]


def make_acts(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Activities by rep, account, day and type."""
    frame = pd.DataFrame(rows, columns=_NAMES)
    frame["activity_date"] = pd.to_datetime(frame["activity_date"])
    return table("activities").coerce(
        frame.assign(activity_id=[f"T-{at}" for at in range(len(frame))])
    )


ACTS = make_acts(
    ("R-0", "A-1", "2026-02-02", "email"),
    ("R-0", "A-1", "2026-02-05", "meeting"),  # prepared three days before
    ("R-0", "A-1", "2026-02-05", "demo"),  # the same talk
    ("R-1", "A-1", "2026-02-05", "meeting"),  # a colleague joins
    ("R-0", "A-2", "2026-02-10", "visit"),  # a mail of the same day prepares nothing
    ("R-0", "A-2", "2026-02-10", "email"),
    ("R-0", "A-2", "2026-02-16", "call"),  # next step six days later
    ("R-0", "A-3", "2026-03-30", "meeting"),  # the days after are not over
)


def test_each_talk_is_checked_by_hand():
    """Before within seven days, during by a colleague, after within seven days; one talk a day."""
    talks = talks_of(ACTS, make_settings())
    mine = talks[talks["rep_id"] == "R-0"]
    assert mine["account_id"].tolist() == ["A-1", "A-2", "A-3"]
    assert mine["before"].tolist() == [True, False, False]
    assert mine["during"].tolist() == [True, False, False]
    assert mine["after"].tolist() == [False, True, False]


def test_what_a_system_sent_is_neither_preparation_nor_next_step():
    """The same mails by a person count, those of a system do not."""
    acts = make_acts(
        ("R-0", "A-1", "2026-02-02", "email"),
        ("R-0", "A-1", "2026-02-05", "meeting"),
        ("R-0", "A-1", "2026-02-09", "email"),
    )
    plain = talks_of(acts, make_settings()).iloc[0]
    assert (plain["before"], plain["after"]) == (True, True)
    sent = talks_of(acts.assign(is_automatic=[True, False, True]), make_settings()).iloc[0]
    assert (sent["before"], sent["after"]) == (False, False)


def test_counts_intervals_and_peers_by_hand():
    """One of three prepared: Wilson's 90 % interval; a talk too young for a next step is out."""
    rows = preparation_rows(ACTS, ["R-0", "R-1", "R-2"], make_settings(), AS_OF)
    table("rep_preparation").check(table("rep_preparation").coerce(rows))
    found = rows.set_index(["rep_id", "check"])
    before = found.loc[("R-0", "before")]
    assert (before["talk_count"], before["done_count"]) == (3, 1)
    assert before["low"] == pytest.approx(0.0783, abs=5e-4)
    assert before["high"] == pytest.approx(0.7465, abs=5e-4)
    assert before["peer_share"] == 0.0
    assert found.loc[("R-0", "after"), "talk_count"] == 2
    idle = found.loc[("R-2", "before")]
    assert pd.isna(idle["done_share"])
    assert idle["verdict"] == "no sample"


def test_order_of_rows_does_not_matter_and_no_activities_give_no_rows():
    """Shuffled activities give the same table; without any there is nothing to say."""
    plain = preparation_rows(ACTS, ["R-0", "R-1"], make_settings(), AS_OF)
    mixed = preparation_rows(ACTS.iloc[::-1], ["R-1", "R-0"], make_settings(), AS_OF)
    pd.testing.assert_frame_equal(plain, mixed)
    assert preparation_rows(None, ["R-0"], make_settings(), AS_OF).empty


def test_with_a_weight_preparation_is_a_metric_of_the_score():
    """The rep who prepares every talk stands above peers; without a weight it is not missed."""
    reps = [f"R{at}" for at in range(6)]
    rows = []
    for rep in reps:
        for at in range(12):
            day = pd.Timestamp("2026-01-05") + pd.Timedelta(days=6 * at)
            rows.append((rep, f"A-{rep}-{at}", str(day.date()), "meeting"))
            if rep == "R0" or at % 3 == 0:
                rows.append(
                    (rep, f"A-{rep}-{at}", str((day - pd.Timedelta(days=2)).date()), "email")
                )
    inputs = RankingInputs(opportunities=draw_deals(dict.fromkeys(reps, 0.4), 3, 12, 1),
                           reps=make_reps(*reps), activities=make_acts(*rows))  # fmt: skip
    found = rank_reps(inputs, make_settings(weights={"win_rate": 0.5, "preparation": 0.5}), AS_OF)
    ratio = found.metrics[found.metrics["metric"] == "preparation"].set_index("rep_id")["ratio"]
    assert ratio.idxmax() == "R0"
    assert ratio["R0"] > 1.2
    assert len(found.tables["rep_preparation"]) == 18
    plain = rank_reps(inputs, make_settings(), AS_OF)
    assert not any("reparation" in one for one in plain.notes("missing"))
