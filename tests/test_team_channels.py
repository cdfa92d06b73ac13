"""Channels: personas by title, who responded, what converts, differences with interval."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from planlib.tables import table
from planlib.team import ChannelInputs, personas_of, review_channels
from planlib.team.channels import NO_DIFFERENCE, _headlines
from planlib.team.touches import gather_touches
from tests.structure_frames import AS_OF, channel_rules, dates

TITLES = [
    ("Chief Information Officer", "c_level"), ("Vice President Sales", "director"),
    ("Head of Data", "director"), ("Engineering Manager", "manager"), ("Data Engineer", "staff"),
    ("Managing Director", "c_level"), ("总工程师", "c_level"), ("设备工程师", "staff"),
    ("副总经理", "c_level"), ("工程部经理", "manager"), ("设备部部长", "director"),
    ("采购员", "staff"), ("Wizard", "unknown"), ("", "unknown"),
]  # fmt: skip


def make_contacts(count: int = 40) -> pd.DataFrame:
    """Give people of two accounts, chiefs and managers by turns."""
    return pd.DataFrame({
        "contact_id": [f"C{i}" for i in range(count)],
        "account_id": ["A1" if i < count // 2 else "A2" for i in range(count)],
        "title": ["CEO" if i % 2 else "IT Manager" for i in range(count)],
        "level": "unknown",
    })  # fmt: skip


def make_activities(count: int = 40) -> pd.DataFrame:
    """Call everyone, visit the first half; managers answer the call within a week."""
    rows = []
    for i in range(count):
        rows.append(("2026-01-10", f"C{i}", "call", "out"))
        if i < count // 2:
            rows.append(("2026-02-20", f"C{i}", "visit", "out"))
        if i % 2 == 0:
            rows.append(("2026-01-15", f"C{i}", "email", "in"))
    frame = pd.DataFrame(rows, columns=["activity_date", "contact_id", "activity_type",
                                        "direction"])  # fmt: skip
    return frame.assign(activity_date=pd.to_datetime(frame["activity_date"]), account_id=None)


def make_inputs(**changes: Any) -> ChannelInputs:
    """Give activities, contacts, a new deal of the first account, segments and marketing."""
    tables: dict[str, Any] = {
        "activities": make_activities(), "contacts": make_contacts(),
        "opportunities": pd.DataFrame({
            "opportunity_id": ["O1"], "account_id": ["A1"], "is_won": [True],
            "created_date": pd.to_datetime(["2026-01-20"]), "deal_type": ["new"],
        }),
        "segments": pd.DataFrame({"account_id": ["A1", "A2"], "segment": ["Large", "Small"]}),
        "reps": pd.DataFrame({"rep_id": ["R1"], "name": ["Ann"]}),
        "leads": pd.DataFrame({
            "lead_id": ["L1", "L2"], "title": ["CEO", "Buyer"], "account_id": ["A1", ""],
            "opportunity_id": ["O1", ""], "converted_date": dates("2026-01-20", ""),
        }),
        "marketing_touches": pd.DataFrame({
            "touch_date": pd.to_datetime(["2026-01-05", "2026-01-05"]), "lead_id": ["L1", "L2"],
            "channel": ["webinar", "webinar"],
        }),
    }  # fmt: skip
    return ChannelInputs(**{**tables, **changes})


def response(found: dict[str, pd.DataFrame], **keys: str) -> pd.Series:
    """Give the one row of the response table with these keys."""
    rows = found["channel_response"]
    for name, value in {"source": "sales", "segment": "all", "persona": "all", **keys}.items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1
    return rows.iloc[0]


def test_the_headline_says_why_an_interval_beside_zero_is_no_difference() -> None:
    """The level of the interval, and that one of many comparisons may be chance."""
    rows = pd.DataFrame({
        "comparison": "face to face less remote", "segment": ["all", "Large"], "persona": "all",
        "first_share": 0.32, "second_share": 0.27, "difference": 0.05, "low": [0.02, -0.1],
        "high": 0.07, "is_grey": False, "verdict": NO_DIFFERENCE,
    })  # fmt: skip
    assert _headlines(rows, channel_rules())[0].endswith(
        "(80 % interval +2 to +7 points): no clear difference, as it may be chance among 2 "
        "comparisons."
    )
    plain = _headlines(rows.assign(low=-0.01), channel_rules())[0]
    assert plain.endswith("(80 % interval -1 to +7 points): no clear difference.")


def test_what_a_system_sent_is_no_touch_and_no_response() -> None:
    """Automatic replies bring nobody back to us, and automatic mails touch nobody."""
    acts = make_activities()
    is_reply = acts["direction"] == "in"
    plain = review_channels(make_inputs(), channel_rules(), AS_OF).tables
    robots = make_inputs(activities=acts.assign(is_automatic=is_reply))
    replied = review_channels(robots, channel_rules(), AS_OF).tables
    assert response(plain, channel="call")["response_count"] == 20
    assert response(replied, channel="call")["response_count"] == 0
    mailed = make_inputs(activities=acts.assign(is_automatic=acts["activity_type"] == "call"))
    touched = review_channels(mailed, channel_rules(), AS_OF).tables["channel_response"]
    assert "call" not in set(touched.loc[touched["source"] == "sales", "channel"])


@pytest.mark.parametrize(("title", "persona"), TITLES)
def test_the_longest_known_word_of_a_title_gives_the_persona(title: str, persona: str) -> None:
    """English words are whole words, Chinese ones may stand anywhere."""
    assert personas_of(pd.Series([title]), channel_rules()).tolist() == [persona]


def test_own_words_come_first_and_levels_fill_in() -> None:
    """A word of plan.yaml wins over a built-in one of its length; a blank title takes the level."""
    settings = channel_rules(title_words={"c_level": ["wizard", "engineer"]})
    titles, levels = pd.Series(["Wizard", "Engineer", ""]), pd.Series(["", "", "executive"])
    assert personas_of(titles, settings, levels).tolist() == ["c_level"] * 3


def test_a_response_is_one_of_the_same_person_in_time() -> None:
    """Managers came back five days after the call; nobody came back after the visit."""
    found = review_channels(make_inputs(), channel_rules(), AS_OF).tables
    call = response(found, channel="call")
    assert (call["touched_count"], call["response_count"]) == (40, 20)
    assert response(found, channel="visit")["response_count"] == 0
    late = review_channels(make_inputs(), channel_rules(response_days=4), AS_OF).tables
    assert response(late, channel="call")["response_count"] == 0


def test_many_touches_are_no_more_chances() -> None:
    """A person counts by the first touch, however often we called."""
    again = make_activities()
    again = pd.concat([again, again[again["activity_type"] == "call"].assign(
        activity_date=pd.Timestamp("2026-01-12"))])  # fmt: skip
    found = review_channels(make_inputs(activities=again), channel_rules(), AS_OF).tables
    call = response(found, channel="call")
    assert (call["touch_count"], call["touched_count"], call["response_count"]) == (80, 40, 20)


def test_shares_are_drawn_to_the_channel_and_small_cells_are_grey() -> None:
    """The shrunk share lies between the cell's own and the channel's; ten people are too few."""
    found = review_channels(make_inputs(), channel_rules(), AS_OF).tables
    cell = response(found, segment="Large", persona="manager", channel="call")
    assert cell["raw_share"] == 1.0
    assert 0.5 < cell["response_share"] < 1.0
    assert cell["low"] < cell["response_share"] < cell["high"]
    assert bool(cell["is_grey"])
    assert not response(found, channel="call")["is_grey"]


def test_conversion_counts_new_deals_of_the_account_in_time() -> None:
    """The calls of account A1 were followed by a new deal, those of A2 and the visits not."""
    found = review_channels(make_inputs(), channel_rules(), AS_OF).tables
    call = response(found, channel="call")
    assert (call["converted_count"], call["won_count"]) == (20, 20)
    assert call["converted_share"] == pytest.approx(0.5)
    assert response(found, channel="visit")["converted_count"] == 0


def test_marketing_touches_convert_leads() -> None:
    """One of two leads of the webinar became a deal, and it was won."""
    found = review_channels(make_inputs(), channel_rules(), AS_OF).tables
    row = response(found, source="marketing", channel="webinar")
    assert (row["touched_count"], row["response_count"], row["won_count"]) == (2, 1, 1)


def test_differences_say_who_responds_more_only_beyond_the_interval() -> None:
    """Managers answer calls and chiefs do not; on visits nobody differs."""
    found = review_channels(make_inputs(), channel_rules(minimum_cases=5), AS_OF)
    rows = found.tables["channel_preferences"]
    levels = rows[rows["comparison"] == "c_level less manager"].set_index("channel")
    assert levels.loc["call", "verdict"] == "manager responds more"
    assert levels.loc["call", "difference"] == -1.0
    assert levels.loc["visit", "verdict"] == "no clear difference"
    face = rows[(rows["comparison"] == "face to face less remote") & (rows["persona"] == "all")]
    assert face.set_index("segment").loc["all", "verdict"] == "remote responds more"
    assert "call (-100 points)" in " ".join(found.headlines)


def test_the_content_owner_comes_from_settings_then_from_the_segment() -> None:
    """A given owner wins; the owner of the segment has a name; else it is said to be missing."""
    settings = channel_rules(minimum_cases=5, content_owners={"Large": "Brand team"})
    found = review_channels(make_inputs(), settings, AS_OF, segment_owners={"Small": "R1"})
    content = found.tables["channel_content"].set_index(["segment", "persona"])
    assert content.loc[("Large", "manager"), "owner"] == "Brand team"
    assert content.loc[("Small", "manager"), "owner"] == "Ann"
    assert content.loc[("Large", "manager"), "channel"] == "call"
    assert content.loc[("Large", "manager"), "engaged_channel"] == "email"
    bare = review_channels(make_inputs(), channel_rules(), AS_OF).tables["channel_content"]
    assert bare["owner"].isna().all()
    assert bare["owner_basis"].str.contains("content_owners").all()


@pytest.mark.parametrize(
    "missing", ["activities", "contacts", "marketing_touches", "leads", "opportunities",
                "segments", "reps"],
)  # fmt: skip
def test_each_table_may_be_missing(missing: str) -> None:
    """The rest is computed, keeps its contracts, and what is lost is said."""
    found = review_channels(make_inputs(**{missing: None}), channel_rules(), AS_OF)
    for name, frame in found.tables.items():
        table(name).check(frame)
    if missing in ("activities", "contacts", "marketing_touches", "leads", "segments"):
        assert any(missing in line or "segment" in line for line in found.notes("missing"))


def test_without_any_table_nothing_is_claimed() -> None:
    """No rows, no headlines, what is missing named."""
    found = review_channels(ChannelInputs(), channel_rules(), AS_OF)
    assert all(frame.empty for frame in found.tables.values())
    assert found.headlines == []
    assert len(found.notes("missing")) == 3 + 4  # of channels, and of prospecting


def test_row_order_does_not_matter() -> None:
    """Shuffled activities give the same touches."""
    plain = gather_touches(make_inputs(), channel_rules(), AS_OF).people
    mixed = make_activities().sample(frac=1, random_state=3)
    other = gather_touches(make_inputs(activities=mixed), channel_rules(), AS_OF).people
    pd.testing.assert_frame_equal(plain, other)
