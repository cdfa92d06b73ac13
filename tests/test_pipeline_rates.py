"""Tests of win rates, cycles, truncation, series and deals that need attention."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planlib.errors import ParameterError
from planlib.periods import Period
from planlib.pipeline import CutTables, PipelineHistory, Records, measure_rates, prepare_deals
from planlib.pipeline.money import from_cents, to_cents
from planlib.pipeline.review import review_period
from planlib.pipeline.series import pipeline_pacing, pipeline_weeks, week_days
from planlib.settings.pipeline import PipelineSettings
from planlib.workdays import WorkCalendar
from tests.pipeline_frames import AS_OF, Q1, deal, make_deals, make_history, review, seen


def rates(*rows, **options):
    """Give the total rates of some deals by name."""
    deals = prepare_deals(make_deals(*rows))
    found = measure_rates(deals, "all", CutTables({"opportunities": deals}), [], 1, **options)
    return found.set_index("rate")


def test_win_rates_differ_by_their_denominator():
    """Won of decided and won of all created are two figures, each named."""
    found = rates(
        deal("a", "won"), deal("b", "won"), deal("c", "lost"), deal("d"), deal("e"), deal("f", "?")
    )
    assert found.loc["win_rate_decided", "value"] == pytest.approx(2 / 3)
    assert found.loc["win_rate_created", "value"] == 2 / 5
    assert found.loc["win_rate_decided", "denominator_name"] == "won and lost deals"
    assert found.loc["win_rate_created", "denominator_name"] == "all deals, open ones included"


def test_cycles_are_days_from_created_to_closed():
    """A deal closed before it was created has a wrong date and no cycle."""
    found = rates(
        deal("a", "won", close="2026-01-11", created="2026-01-01"),
        deal("b", "lost", close="2026-01-31", created="2026-01-01"),
        deal("c", "won", close="2025-01-01", created="2026-01-01"),
        deal("d", created="2020-01-01"),
    )
    assert found.loc["cycle_closed_mean", "value"] == 20
    assert found.loc["cycle_closed_mean", "denominator"] == 2
    assert found.loc["cycle_won_median", "value"] == 10


def test_no_decided_deal_gives_no_rate():
    """Open deals alone have no win rate, not one of zero."""
    found = rates(deal("a"))
    assert pd.isna(found.loc["win_rate_decided", "value"])
    assert found.loc["win_rate_decided", "status"] == "not_computed"
    assert found.loc["win_rate_created", "value"] == 0


def quarter_of_closed(first_created: date) -> Records:
    """Make records whose deals take 40 to 60 days, created daily from a day on."""
    rows = [
        deal(
            f"d{at}",
            "won",
            close=str(first_created + timedelta(at + 40 + at % 20)),
            created=str(first_created + timedelta(at)),
        )
        for at in range(200)
    ]
    return Records.of(prepare_deals(make_deals(*rows)))


def test_a_period_too_close_to_the_first_deal_is_truncated():
    """Slow deals cannot have closed yet, so the period's rates are not performance."""
    records = quarter_of_closed(date(2025, 12, 1))
    note = records.truncation(Q1, 0.9)
    assert note.startswith("truncated: records begin 2025-12-01, 31 days before the period starts")
    assert records.truncation(Period.parse("2026Q2"), 0.9) == ""


def test_closings_recorded_only_from_within_the_period_are_truncated():
    """When the first closed deal comes late in a period, earlier closings are missing."""
    rows = [
        deal("a", "won", close="2026-03-01", created="2024-01-01"),
        deal("b", "won", close="2026-03-02", created="2026-03-01"),
    ]
    records = Records.of(prepare_deals(make_deals(*rows, deal("c", created="2022-01-01"))))
    assert "closed deals are recorded from 2026-03-01 on" in records.truncation(Q1, 0.5)


def test_a_truncated_period_keeps_its_figures_and_loses_their_colour():
    """The win rate stands, marked and grey, in matrix and rates."""
    rows = [deal(f"w{at}", "won", 10, "2026-01-20", "2025-12-20") for at in range(9)]
    found = review(*rows, deal("l", "lost", 10, "2026-02-01", "2025-12-20"))
    matrix = found.matrix.set_index(["cut", "measure"]).loc["total"]
    assert matrix.loc["win_rate_count", "value"] == 0.9
    assert matrix.loc["win_rate_count", "status"] == "truncated"
    assert matrix.loc["win_rate_count", "is_grey"]
    period = found.rates[found.rates["scope"] == "2026Q1"].set_index("rate")
    assert period.loc["win_rate_decided", "status"] == "truncated"


def test_pacing_ends_at_the_full_amounts():
    """The curve rises by the day a deal closed and stops at the as-of date."""
    deals = prepare_deals(
        make_deals(
            deal("a", "won", 10, "2026-01-03"),
            deal("b", "won", 5, "2026-02-16"),
            deal("c", "won", 7, "2025-03-31", "2024-12-01"),
            deal("o", "won", 1, "2024-06-01", "2024-01-01"),
        )
    )
    pace = pipeline_pacing(deals, Q1, AS_OF, target=100.0, calendar=WorkCalendar())
    pace = pace.set_index("day_number")
    assert pace["closed_amount"].reindex([1, 3, 46, 47]).tolist() == [0, 10, 10, 15]
    assert pace["closed_amount"].loc[48:].isna().all()
    assert pace.loc[90, "prior_closed_amount"] == 7
    assert pace.loc[90, "workday_share"] == 1
    assert pace["workday_share"].is_monotonic_increasing


def test_pacing_has_no_year_before_the_records():
    """Before the first closed deal of the data there is no prior curve, not a flat one."""
    deals = prepare_deals(make_deals(deal("a", "won", 10, "2026-01-03")))
    assert pipeline_pacing(deals, Q1, AS_OF)["prior_closed_amount"].isna().all()


def test_weeks_show_open_pipeline_by_stage_in_order_of_probability():
    """Stages stand in the order of their chance; a rebuilt week does not know its stages."""
    history = PipelineHistory(
        make_deals(
            deal("a", stage="Demo", probability=0.2, created="2025-06-01"),
            deal("b", stage="Contract", probability=0.8, created="2025-06-01"),
        ),
        make_history(seen("2026-02-09", "a", stage="Demo", probability=0.2)),
        data_until=AS_OF,
    )
    weeks = pipeline_weeks(history, week_days(AS_OF, 2))
    assert weeks["stage"].tolist() == ["(unknown)", "Demo", "Demo", "Contract"]
    assert weeks["basis"].tolist() == ["reconstructed", "snapshot", "current", "current"]
    assert weeks["count"].tolist() == [2, 1, 1, 1]


def test_attention_lists_late_slipped_and_large_deals():
    """Each issue names its deals, the largest first."""
    found = review(
        deal("late", close="2026-02-06", amount=50),
        deal("slid", close="2026-03-20", amount=70),
        deal("big", close="2026-03-30", amount=900),
        deal("gone", "lost", 300, "2026-02-12"),
        history=make_history(
            seen("2025-12-29", "gone", amount=400),
            seen("2026-02-09", "slid", close="2026-03-13"),
            seen("2026-02-09", "late", close="2026-02-06"),
            seen("2026-02-09", "big"),
            seen("2026-02-09", "gone"),
        ),
        settings=PipelineSettings(periods_ahead=0, weeks=1, attention_deals=2),
    )
    listed = found.attention.groupby("issue")["opportunity_id"].agg(list).to_dict()
    assert listed["past_close_date"] == ["late"]
    assert listed["slipped"] == ["big", "slid"]
    assert listed["largest_effect"] == ["big", "gone"]
    details = found.attention.set_index(["issue", "opportunity_id"])["detail"]
    assert details["slipped", "slid"] == "close date 7 days later than on 2026-02-09"
    assert details["past_close_date", "late"] == "10 days past its close date"
    effect = found.attention.set_index(["issue", "opportunity_id"])["effect_amount"]
    assert effect["largest_effect", "gone"] == -400


@pytest.mark.parametrize(
    ("cycle", "kind", "name"),
    [
        ("2026", "quarter", "2026Q1"),
        ("2026Q1", "quarter", "2026Q1"),
        ("2026W07", "quarter", "2026Q1"),
        ("2026Q1", "month", "2026-02"),
        ("2026", "cycle", "2026"),
        ("2025", "quarter", "2025Q4"),
    ],
)
def test_the_period_around_the_as_of_date_is_measured(cycle, kind, name):
    """A week's or a year's cycle looks at the quarter around the as-of date, inside the cycle."""
    assert review_period(Period.parse(cycle), AS_OF, kind).name == name


@given(st.integers(-(10**12), 10**12))
def test_cents_come_back_as_the_same_money(cents):
    """Money with two decimals survives the way to cents and back."""
    money = pd.Series([cents / 100])
    assert int(to_cents(money)[0]) == cents
    assert from_cents(to_cents(money))[0] == money[0]


def test_settings_refuse_unlike_cuts():
    """A cut twice, or one crossed cut, is named as an error."""
    with pytest.raises(ValueError, match="each cut once"):
        PipelineSettings(cuts=("region", "region"))
    with pytest.raises(ValueError, match="two different cuts"):
        PipelineSettings(two_way=("region",))


def test_the_cut_to_show_is_checked():
    """A cut that was not computed is refused with the reason."""
    found = review(deal("a", deal_type="new"))
    assert found.choose(None) == "deal_type"
    assert found.choose("total") == "total"
    with pytest.raises(ParameterError, match="table accounts is missing"):
        found.choose("region")
    with pytest.raises(ParameterError, match="not in pipeline.cuts; choose one of deal_type"):
        found.choose("colour")


@pytest.mark.parametrize(
    ("given", "message"),
    [("last week", "is not a date"), ("2026-02-16", "not before the as-of date 2026-02-16")],
)
def test_the_start_of_the_bridge_is_checked(given, message):
    """A compare date that is no earlier day is refused."""
    with pytest.raises(ParameterError, match=message):
        review(deal("a"), compare_date=given)


def test_the_bridge_starts_where_it_is_told():
    """The compare date is the start of the span."""
    found = review(deal("a"), compare_date="2026-02-09")
    span = found.bridge[found.bridge["series"] == "span"]
    assert set(span["from_date"]) == {pd.Timestamp("2026-02-09")}


def test_coverage_looks_ahead_once_the_period_is_over():
    """On the last day of a quarter the next quarter's coverage matters."""
    ahead = PipelineSettings(periods_ahead=1, weeks=1)
    assert review(deal("a"), settings=ahead).coverage_period == "2026Q1"
    over = review(deal("a"), settings=ahead, as_of=date(2026, 3, 31))
    assert over.coverage_period == "2026Q2"


def test_an_unknown_table_is_refused():
    """A misspelt table must not silently leave out a cut."""
    with pytest.raises(TypeError, match="takes no table acounts; it takes accounts, reps"):
        review(deal("a"), acounts=None)
