"""Tests of the performance matrix: figures, cells, targets, the year before."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planlib.periods import Period
from planlib.pipeline import (
    CutTables,
    PipelineHistory,
    build_matrix,
    matrix_colors,
    matrix_view,
    measure_deals,
    prior_day,
)
from planlib.pipeline.targets import read_targets
from planlib.settings.pipeline import PipelineSettings
from planlib.tables import table
from tests.pipeline_frames import (
    AS_OF,
    Q1,
    cells,
    deal,
    figure,
    make_accounts,
    make_deals,
    make_history,
    make_reps,
    make_targets,
    review,
    seen,
)

PLAIN = PipelineSettings(periods_ahead=0, weeks=1, minimum_deals=1)
ADDITIVE = [
    "closed_acv",
    "open_in_period",
    "open_total",
    "weighted",
    "generated",
    "forecast",
    "commit",
    "most_likely",
    "best_case",
]


def test_closed_acv_counts_won_deals_of_the_period_until_the_as_of_date():
    """Lost deals, deals of other periods and deals that close later do not count."""
    found = review(
        deal("a", "won", 10, "2026-01-01"),
        deal("b", "won", 20, "2026-02-16"),
        deal("c", "won", 40, "2026-02-17"),
        deal("d", "won", 80, "2025-12-31"),
        deal("e", "lost", 160, "2026-02-01"),
        data_until=date(2026, 3, 31),
    )
    assert figure(found, "closed_acv")["value"] == 30
    assert figure(found, "closed_acv")["count"] == 2


def test_generation_counts_deals_that_are_already_closed():
    """All deals created in the period count at their first amount, whatever became of them."""
    found = review(
        deal("a", "won", 10, "2026-02-01", "2026-01-05", created_amount=7),
        deal("b", "lost", 20, "2026-02-01", "2026-01-05", created_amount=None),
        deal("c", "open", 40, "2026-05-01", "2026-02-16", created_amount=50),
        deal("d", "open", 80, "2026-05-01", "2025-12-31"),
    )
    assert figure(found, "generated")["value"] == 7 + 20 + 50
    assert any("1 of 3 deals have no amount at creation" in n for n in found.notes("caution"))


def test_most_likely_deals_stay_in_the_pipeline():
    """No forecast category takes an open deal out of the open pipeline."""
    names = ["omitted", "pipeline", "best_case", "most_likely", "commit", None]
    found = review(*(deal(f"d{at}", forecast_category=name) for at, name in enumerate(names)))
    assert figure(found, "open_in_period")["value"] == 600
    assert figure(found, "open_in_period")["count"] == 6


def test_cumulative_categories_nest():
    """Commit is part of most likely, most likely of best case; each holds closed deals."""
    found = review(
        deal("w", "won", 1000, "2026-01-20"),
        deal("a", forecast_category="commit", amount=1),
        deal("b", forecast_category="most_likely", amount=2),
        deal("c", forecast_category="best_case", amount=4),
        deal("d", forecast_category="pipeline", amount=8),
    )
    values = [figure(found, name)["value"] for name in ("commit", "most_likely", "best_case")]
    assert values == [1001, 1003, 1007]


def test_weighted_takes_probability_as_a_share():
    """A probability of 0.65 weighs a deal by 65 %, and the forecast adds what is closed."""
    found = review(deal("a", probability=0.65), deal("w", "won", 10, "2026-01-05"))
    assert figure(found, "weighted")["value"] == 65
    assert figure(found, "forecast")["value"] == 75


def test_a_probability_in_percent_is_refused_by_the_table():
    """65 is not a share; the contract of the deals table names the column."""
    with pytest.raises(ValueError, match="probability"):
        table("opportunities").check(make_deals(deal("a", probability=65)))


def test_coverage_is_open_over_remaining_target():
    """300 open against a target of 200 of which 50 are closed covers it twice."""
    found = review(
        deal("a", amount=300),
        deal("w", "won", 50, "2026-01-05"),
        targets=make_targets({"target_amount": 200}),
    )
    assert figure(found, "coverage")["value"] == 2
    assert figure(found, "attainment")["value"] == 0.25


@pytest.mark.parametrize("won", [200, 250])
def test_a_target_that_is_met_is_met_not_infinite(won):
    """With nothing left to win, coverage has no value and the status says why."""
    found = review(
        deal("a"),
        deal("w", "won", won, "2026-01-05"),
        targets=make_targets({"target_amount": 200}),
    )
    coverage = figure(found, "coverage")
    assert coverage["status"] == "met"
    assert pd.isna(coverage["value"])
    assert matrix_view(found.matrix, "manager")["coverage"].tolist()[-1] == "met"


def test_without_target_coverage_is_blank_with_a_reason():
    """No target is not a target of zero."""
    coverage = figure(review(deal("a")), "coverage")
    assert pd.isna(coverage["value"])
    assert (coverage["status"], coverage["note"]) == ("no_target", "there are no targets")


def test_a_rep_who_never_lost_has_a_win_rate_of_one():
    """Win rates divide by won plus lost; they never exceed one nor drop to zero for a winner."""
    found = review(
        deal("a", "won", 10, "2026-01-05"),
        deal("b", "won", 20, "2026-01-05", owner_id="R2"),
        deal("c", "lost", 30, "2026-01-05", owner_id="R2"),
        reps=make_reps(),
        settings=PipelineSettings(cuts=("owner",), periods_ahead=0, weeks=1),
    )
    assert figure(found, "win_rate_count", "owner", "Ann")["value"] == 1
    assert figure(found, "win_rate_count", "owner", "Bo")["value"] == 0.5
    assert figure(found, "win_rate_amount", "owner", "Bo")["value"] == 0.4


def test_win_rate_by_amount_is_blank_when_lost_deals_carry_no_amount():
    """A lost amount of zero would make every win rate by amount 100 %."""
    found = review(deal("a", "won", 10, "2026-01-05"), deal("b", "lost", 0, "2026-01-05"))
    rate = figure(found, "win_rate_amount")
    assert pd.isna(rate["value"])
    assert rate["note"] == "lost deals carry no amount"


def test_deals_without_amount_are_counted_and_not_taken_for_zero():
    """A cell whose deals have no amount is blank in money and keeps its count."""
    found = review(deal("a", amount=None), deal("b", amount=None))
    total = figure(found, "open_total")
    assert pd.isna(total["value"])
    assert (total["count"], total["note"]) == (2, "none of these deals has an amount")


def test_the_year_before_comes_from_snapshots_and_names_them():
    """Open pipeline a year before is what a snapshot of that day had, not today's amounts."""
    found = review(
        deal("a", "won", 900, "2025-03-20", "2024-11-01"),
        deal("b", amount=300, created="2025-12-10"),
        history=make_history(
            seen("2025-02-10", "a", amount=200, close="2025-03-01", created="2024-11-01")
        ),
    )
    row = figure(found, "open_in_period")
    assert row["prior_value"] == 200
    assert row["prior_basis"] == "snapshot of 2025-02-10"
    assert row["change"] == 100
    assert row["change_share"] == 0.5
    assert row["prior_as_of"] == pd.Timestamp("2025-02-16")


def test_coverage_of_the_year_before_is_against_the_target_of_then():
    """Open 200 of a target of 100 then, 300 of one of 100 now; without one it says so."""
    rows = [
        deal("a", "won", 900, "2025-03-20", "2024-11-01"),
        deal("w", "won", 50, "2025-01-20", "2024-11-01"),
        deal("b", amount=300, created="2025-12-10"),
    ]
    history = make_history(
        seen("2025-02-10", "a", amount=200, close="2025-03-01", created="2024-11-01")
    )
    both = make_targets({"target_amount": 100}, {"period": "2025Q1", "target_amount": 150})
    found = review(*rows, history=history, targets=both)
    coverage, attained = (figure(found, name) for name in ("coverage", "attainment"))
    assert (coverage["value"], coverage["prior_value"], coverage["change_share"]) == (3, 2, 0.5)
    assert attained["prior_value"] == pytest.approx(50 / 150)
    assert figure(found, "target")["change_share"] == pytest.approx(-1 / 3)
    assert matrix_view(found.matrix, "total")["coverage_change"].tolist() == ["+50 %"]
    assert pd.isna(coverage["restated_value"])
    alone = figure(review(*rows, history=history, targets=both.head(1)), "coverage")
    assert alone["prior_basis"] == "there is no ACV target for 2025Q1"


def test_pipeline_generated_has_targets_of_its_own():
    """150 of 200 in all, 50 of 120 where least; a target nobody compares is named."""
    targets = make_targets(
        {"measure": "pipeline_generated", "region": "EMEA", "target_amount": 120},
        {"measure": "pipeline_generated", "region": "APAC", "target_amount": 80},
        {"measure": "new_customers", "target_amount": 4},
    )
    found = review(
        deal("a", created="2026-01-05", amount=50),
        deal("b", created="2026-01-05", amount=100, account_id="A2"),
        targets=targets, accounts=make_accounts(), currency="EUR",
    )  # fmt: skip
    assert found.headlines[-2:] == [
        "Pipeline generated in 2026Q1 is 150 EUR, 75 % of its target of 200 EUR.",
        "Furthest behind its target of pipeline generated is region EMEA, with 50 EUR of 120 EUR.",
    ]
    assert any("targets of new customers" in note for note in found.notes("missing"))
    assert not any("Pipeline generated in" in line for line in review(deal("a")).headlines)


def test_without_snapshots_the_year_before_has_no_close_dates():
    """Reconstructed open pipeline is given in all, never by the close date it ended with."""
    found = review(deal("a", "won", 900, "2025-03-20", "2024-11-01"), deal("b", amount=300))
    inside, whole = figure(found, "open_in_period"), figure(found, "open_total")
    assert pd.isna(inside["prior_value"])
    assert "not known without snapshots" in inside["prior_basis"]
    assert whole["prior_value"] == 900
    assert whole["prior_basis"].startswith("reconstructed")


def test_closed_of_the_year_before_stops_at_the_same_day():
    """A deal won later in last year's quarter does not count yet."""
    found = review(
        deal("a", "won", 10, "2026-02-01", "2025-01-01"),
        deal("b", "won", 4, "2025-02-16", "2024-11-01"),
        deal("c", "won", 100, "2025-02-17", "2024-11-01"),
        deal("d", "won", 1, "2024-01-02", "2024-01-01"),
    )
    row = figure(found, "closed_acv")
    assert (row["value"], row["prior_value"], row["change_share"]) == (10, 4, 1.5)


@pytest.mark.parametrize(
    ("period", "day", "prior"),
    [
        ("2026Q1", date(2026, 2, 11), date(2025, 2, 11)),
        ("2026Q1", date(2026, 3, 31), date(2025, 3, 31)),
        ("2024Q1", date(2024, 3, 30), date(2023, 3, 30)),
        ("2025Q1", date(2025, 3, 31), date(2024, 3, 31)),
        ("2026Q1", date(2026, 4, 10), date(2025, 4, 10)),
        ("2026Q2", date(2026, 3, 31), date(2025, 3, 31)),
        ("2026W10", date(2026, 3, 4), date(2025, 3, 5)),
    ],
)
def test_the_same_day_a_year_before(period, day, prior):
    """The day number within the period is kept; last days map to last days."""
    assert prior_day(Period.parse(period), day) == prior


def test_a_period_that_has_not_begun_shows_target_and_open_pipeline_only():
    """Nothing can be closed or generated in a later period; coverage divides by all the target."""
    found = review(
        deal("a", close="2026-05-01", amount=500),
        settings=PipelineSettings(periods_ahead=1, weeks=1),
        targets=make_targets({"period": "2026Q2", "target_amount": 250}),
    )
    rows = found.matrix[(found.matrix["period"] == "2026Q2") & (found.matrix["cut"] == "total")]
    ahead = rows.set_index("measure")
    assert ahead.loc["coverage", "value"] == 2
    assert pd.isna(ahead.loc["closed_acv", "value"])
    assert ahead.loc["closed_acv", "note"] == "the period has not begun"


def test_unknown_values_are_shown_and_come_last():
    """A deal whose account has no region, or no account, is in the cell (unknown)."""
    found = review(
        deal("a"),
        deal("b", account_id="A3"),
        deal("c", account_id="A9"),
        deal("d", account_id=None),
        accounts=make_accounts(),
    )
    assert list(cells(found, "region")) == ["EMEA", "(unknown)"]
    assert figure(found, "open_total", "region", "(unknown)")["count"] == 3


def test_account_owner_and_opportunity_owner_differ():
    """The two owners are two cuts, each named for what it is."""
    found = review(
        deal("a", owner_id="R1", account_id="A1"),
        accounts=make_accounts(),
        reps=make_reps(),
        settings=PipelineSettings(cuts=("owner", "account_owner"), periods_ahead=0, weeks=1),
    )
    assert list(cells(found, "owner")) == ["Ann"]
    assert list(cells(found, "account_owner")) == ["Bo"]
    assert any("need not own the opportunity" in note for note in found.notes("definition"))


def test_a_cut_without_its_table_is_named_with_the_reason():
    """Nothing is dropped silently: the cut is listed with the table that it lacks."""
    found = review(deal("a", owner_id="R1"))
    assert found.cuts == ()
    assert found.not_computed["cut region"] == "table accounts is missing; table reps is missing"
    assert found.not_computed["cut product_family"] == "no deal has a product_id"


def test_only_opportunities_are_needed():
    """With bare deals every table is made, and every blank figure has a reason."""
    found = review(
        deal("a"), deal("b", "won", 10, "2026-01-10"), deal("c", "lost", 5, "2026-01-20")
    )
    for name, frame in found.tables.items():
        table(name).check(frame)
    blank = found.matrix[found.matrix["value"].isna()]
    assert (blank["note"] != "").all()


def test_deals_without_any_dates_give_reasons_not_zeros():
    """Ids and flags alone leave money by period blank, each figure with its reason."""
    bare = [deal("a", close=None, created=None), deal("b", "won", 10, None, None)]
    found = review(*bare)
    rows = found.matrix[found.matrix["cut"] == "total"].set_index("measure")
    assert rows.loc["closed_acv", "note"] == "no closed deal has a close date"
    assert rows.loc["generated", "note"] == "no deal has a created date"
    assert rows.loc["open_in_period", "note"] == "no open deal has a close date"
    assert rows.loc["open_total", "value"] == 100


def test_deals_without_flags_count_nowhere_and_are_named():
    """A deal that is neither known to be open nor closed is not guessed from its stage."""
    found = review(deal("a"), deal("b", "?", stage="Closed Won"))
    assert figure(found, "open_total")["count"] == 1
    assert any("1 deals have neither is_closed nor is_won" in n for n in found.notes("caution"))


def test_small_cells_keep_their_number_and_lose_their_colour():
    """A change that rests on fewer deals than the minimum in both years is grey."""
    rows = [deal(f"n{at}", "won", 10, "2026-01-10", "2025-01-01") for at in range(2)]
    rows += [deal(f"p{at}", "won", 10, "2025-01-10", "2024-01-01") for at in range(4)]
    rows += [deal("old", "won", 10, "2024-01-10", "2023-01-01")]
    small = PipelineSettings(periods_ahead=0, weeks=1, minimum_deals=5, cuts=("owner",))
    large = PipelineSettings(periods_ahead=0, weeks=1, minimum_deals=4, cuts=("owner",))
    grey, shown = review(*rows, settings=small), review(*rows, settings=large)
    assert figure(grey, "closed_acv")["value"] == figure(shown, "closed_acv")["value"] == 20
    assert figure(grey, "closed_acv")["is_grey"]
    assert not figure(shown, "closed_acv")["is_grey"]
    tones = matrix_colors(shown.matrix, "owner", large)["closed_acv_change"]
    assert set(tones) == {"bad"}
    assert set(matrix_colors(grey.matrix, "owner", small)["closed_acv_change"]) == {"grey"}


DEALS = st.lists(
    st.builds(
        dict,
        status=st.sampled_from(["open", "won", "lost"]),
        amount=st.one_of(st.none(), st.integers(0, 10**8).map(lambda cents: cents / 100)),
        close=st.sampled_from(["2025-02-01", "2026-01-10", "2026-02-16", "2026-03-30", None]),
        created=st.sampled_from(["2024-06-01", "2025-01-15", "2025-11-01", "2026-01-03"]),
        probability=st.sampled_from([None, 0.1, 1 / 3, 0.65]),
        forecast_category=st.sampled_from([None, "commit", "best_case", "pipeline"]),
        owner_id=st.sampled_from(["R1", "R2", "R7", None]),
        account_id=st.sampled_from(["A1", "A2", "A3", None]),
        deal_type=st.sampled_from(["new", "expansion", None]),
    ),
    min_size=1,
    max_size=12,
)


@given(DEALS)
def test_cells_add_up_to_the_total(drawn):
    """Money and counts of the cells of every cut, also a crossed one, give the total."""
    rows = [deal(f"d{at}", **values) for at, values in enumerate(drawn)]
    history = PipelineHistory(make_deals(*rows), data_until=AS_OF)
    tables = CutTables(
        {"opportunities": history.deals, "accounts": make_accounts(), "reps": make_reps()}
    )
    single = ["region", "manager", "deal_type"]
    cuts = ["total", *single, "region x deal_type"]
    now = measure_deals(history, Q1, AS_OF, tables, single)
    prior = measure_deals(history, Q1.prior_year(), date(2025, 2, 16), tables, single)
    targets = {cut: read_targets(None, Q1, cut, tables) for cut in cuts}
    matrix = build_matrix(now, prior, cuts, targets, PLAIN)
    matrix = matrix[matrix["measure"].isin(ADDITIVE)]
    for columns in (["value", "count"], ["prior_value", "prior_count"]):
        sums = matrix.groupby(["cut", "measure"])[columns].sum()
        for cut in cuts[1:]:
            mine, total = sums.loc[cut], sums.loc["total"]
            assert (mine[columns[0]] - total[columns[0]]).abs().max() < 0.005
            assert mine[columns[1]].equals(total[columns[1]])


@settings(max_examples=5)
@given(DEALS, st.randoms(use_true_random=False))
def test_row_order_changes_nothing(drawn, random):
    """Shuffled deals give the same tables."""
    rows = [deal(f"d{at}", **values) for at, values in enumerate(drawn)]
    mixed = list(rows)
    random.shuffle(mixed)
    first, second = review(*rows), review(*mixed)
    for name, frame in first.tables.items():
        pd.testing.assert_frame_equal(frame, second.tables[name])


def test_money_ten_times_as_large_gives_the_same_ratios():
    """Scaling all money scales the amounts and leaves shares and multiples alone."""
    rows = [
        deal("a", amount=300, probability=0.5),
        deal("w", "won", 50, "2026-01-05"),
        deal("l", "lost", 20, "2026-01-05"),
        deal("p", "won", 30, "2025-01-05", "2024-01-01"),
    ]
    targets = make_targets({"target_amount": 200})
    plain = review(*rows, targets=targets, settings=PLAIN).matrix
    large = review(
        *({**row, "amount": 10 * row["amount"]} for row in rows),
        targets=targets.assign(target_amount=targets["target_amount"] * 10),
        settings=PLAIN,
    ).matrix
    is_ratio = plain["measure"].isin(
        ["coverage", "attainment", "win_rate_count", "win_rate_amount"]
    )
    factor = is_ratio.map({True: 1.0, False: 10.0})
    pd.testing.assert_series_equal(large["value"], plain["value"] * factor, check_names=False)
    pd.testing.assert_series_equal(large["change_share"], plain["change_share"])


def test_every_figure_opens_to_its_deals():
    """The listed deals of a figure add up to it."""
    found = review(
        deal("a", amount=300, probability=0.5),
        deal("w", "won", 50, "2026-01-05"),
        deal("l", "lost", 20, "2026-01-05"),
        deal("n", created="2026-01-20", amount=7),
    )
    deals = found.tables["pipeline_deals"]
    listed = deals[deals["period"] == "2026Q1"].groupby("measure")["amount"].sum()
    for measure in ("closed_acv", "open_in_period", "open_total", "weighted", "generated"):
        value = figure(found, measure)["value"]
        assert listed.get(measure, 0) == value


def test_headlines_say_where_the_period_stands():
    """The sentences hold the computed figures, and cannot be read without their day."""
    found = review(
        deal("a", amount=300_000),
        deal("w", "won", 50_000, "2026-01-05"),
        deal("o", close="2026-02-01", amount=1000),
        targets=make_targets({"target_amount": 200_000}),
        currency="USD",
    )
    text = " ".join(found.headlines)
    assert f"2026Q1 on {AS_OF}: closed ACV is 50.0 k USD, 25 % of the target of 200 k USD" in text
    assert "2.0 times the 150 k USD still to win" in text
    assert "1 open deal (1.00 k USD) is past its close date." in text
