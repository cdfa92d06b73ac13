"""Tests of the year before: as reported then, and restated to today's territories."""

from __future__ import annotations

import pandas as pd

from planlib.charts.pipeline import matrix_table, plot_change
from planlib.pipeline import matrix_view
from planlib.pipeline.views import small_cells
from planlib.settings.pipeline import PipelineSettings
from planlib.tables import table
from tests.pipeline_frames import (
    deal,
    figure,
    make_accounts,
    make_history,
    make_reps,
    review,
    seen,
)

SETTINGS = PipelineSettings(
    cuts=("owner", "manager", "region"), periods_ahead=0, weeks=1, minimum_deals=1
)


def make_rep_history() -> pd.DataFrame:
    """Ann was under Max until the middle of 2025."""
    return table("rep_history").coerce(
        pd.DataFrame(
            {
                "rep_id": ["R1", "R1"],
                "effective_from": ["2024-01-01", "2025-07-01"],
                "effective_to": ["2025-06-30", None],
                "manager_id": ["M2", "M1"],
            }
        )
    )


def make_territories(since: str) -> pd.DataFrame:
    """Account A1 is Bo's since a day; another layer is not the one that owns."""
    return table("territories").coerce(
        pd.DataFrame(
            {
                "account_id": ["A1", "A2", "A1"],
                "role_layer": ["AE", "AE", "BDR"],
                "rep_id": ["R2", "R1", "R1"],
                "since_date": [since, "2020-01-01", "2025-12-01"],
            }
        )
    )


def measured(**tables: object):
    """One deal of Ann's won a year before, one now."""
    return review(
        deal("p", "won", 300, "2025-02-01", "2024-12-01"),
        deal("w", "won", 400, "2026-02-01"),
        accounts=make_accounts(),
        reps=make_reps(),
        settings=SETTINGS,
        **tables,
    )


def test_as_reported_takes_the_manager_of_that_day():
    """Ann's deal of last February belonged to Max's team then."""
    found = measured(rep_history=make_rep_history())
    assert figure(found, "closed_acv", "manager", "Max")["prior_value"] == 300
    assert figure(found, "closed_acv", "manager", "Mia")["prior_value"] == 0
    assert figure(found, "closed_acv", "manager", "Mia")["restated_value"] == 300


def test_restated_counts_for_todays_owner_of_the_account():
    """An account that changed hands since counts for Bo; one that did not stays Ann's."""
    moved = measured(territories=make_territories("2025-09-01"))
    assert figure(moved, "closed_acv", "owner", "Bo")["restated_value"] == 300
    assert figure(moved, "closed_acv", "owner", "Ann")["prior_value"] == 300
    stayed = measured(territories=make_territories("2024-09-01"))
    assert figure(stayed, "closed_acv", "owner", "Ann")["restated_value"] == 300


def test_deals_of_reps_who_left_go_to_the_owner_of_the_account():
    """Without dates of territories only reps who left are replaced."""
    reps = make_reps().assign(leave_date=pd.to_datetime(["2025-10-01", None, None, None]))
    found = review(
        deal("p", "won", 300, "2025-02-01", "2024-12-01"),
        accounts=make_accounts(),
        reps=reps,
        settings=SETTINGS,
    )
    assert figure(found, "closed_acv", "owner", "Bo")["restated_value"] == 300
    assert figure(found, "closed_acv", "owner", "Ann")["prior_value"] == 300


def test_as_reported_takes_the_owner_of_the_last_record():
    """The deals table says Ann, the snapshot of that day said Bo."""
    found = measured(history=make_history(seen("2025-02-14", "p", "won", 300, owner_id="R2")))
    assert figure(found, "closed_acv", "owner", "Bo")["prior_value"] == 300


def test_both_bases_add_up_to_the_same_total():
    """Territories move amounts between cells, never in or out."""
    found = measured(
        rep_history=make_rep_history(), territories=make_territories("2025-09-01")
    ).matrix
    closed = found[found["measure"] == "closed_acv"]
    sums = closed.groupby("cut")[["value", "prior_value", "restated_value"]].sum()
    assert (sums == sums.loc["total"]).all().all()


def test_the_basis_is_named_and_can_be_switched():
    """Header, changes and picture follow the basis that is asked for."""
    found = measured(territories=make_territories("2025-09-01"))
    reported = matrix_view(found.matrix, "owner").set_index("cut_value")
    restated = matrix_view(found.matrix, "owner", prior="restated").set_index("cut_value")
    assert reported.loc["Ann", "closed_acv_change"] == "+33 %"
    assert pd.isna(restated.loc["Ann", "closed_acv_change"])
    assert "as reported then" in matrix_table(found.matrix, "owner", SETTINGS).text
    view = matrix_table(found.matrix, "owner", SETTINGS, prior="restated")
    assert "restated to today's territories" in view.text
    ax = plot_change(found.matrix, "owner", SETTINGS, prior="restated")
    assert "restated to today's territories" in ax.get_title(loc="left")


def test_what_each_basis_rests_on_is_said():
    """Missing history, rep history and territories are named, not passed over."""
    notes = " ".join(measured().notes("caution"))
    assert "there is no rep_history" in notes
    assert "there is no opportunity_history" in notes
    assert "no territories" in notes


def test_small_cells_name_their_parent():
    """A cell with too few deals rolls into the total, or into the first cut of two."""
    settings = PipelineSettings(
        cuts=("owner",), two_way=("region", "owner"), periods_ahead=0, weeks=1, minimum_deals=2
    )
    found = review(
        deal("a", "won", 10, "2026-01-10"),
        deal("b", "won", 10, "2026-01-11"),
        deal("c", "won", 10, "2026-01-12", owner_id="R2", account_id="A2"),
        accounts=make_accounts(),
        reps=make_reps(),
        settings=settings,
    )
    small = figure(found, "closed_acv", "owner", "Bo")
    assert (small["parent_cut"], small["parent_value"], small["small_cells"]) == ("total", "all", 1)
    assert small["is_grey"]
    assert small["value"] == 10
    crossed = figure(found, "closed_acv", "region x owner", "APAC x Bo")
    assert (crossed["parent_cut"], crossed["parent_value"]) == ("region", "APAC")
    assert figure(found, "closed_acv", "region x owner", "EMEA x Ann")["small_cells"] == 0
    closed = small_cells(found.matrix, "owner", measures=("closed_acv",))
    assert closed.endswith("Total holds 1 small cell of Closed ACV.")
    assert small_cells(found.matrix, "owner", measures=("open_in_period",)) == ""
    text = matrix_table(found.matrix, "owner", settings).text
    assert "Total holds 1 small cell of Closed ACV" in text
