"""Tests of targets: taken at their grain, added up, never spread."""

from __future__ import annotations

import pytest

from planlib.periods import Period
from planlib.pipeline.cuts import CutTables
from planlib.pipeline.targets import read_targets
from tests.pipeline_frames import Q1, deal, make_deals, make_reps, make_targets

TABLES = CutTables({"opportunities": make_deals(deal("a")), "reps": make_reps()})


def cents(targets, cut, period=Q1):
    """Give the targets of a cut in money."""
    found = read_targets(targets, period, cut, TABLES)
    return {key: value / 100 for key, value in found.cents.items()}, found.basis


def test_a_target_counts_for_the_cut_it_is_set_in():
    """Region targets are the targets of the cut region, as set."""
    targets = make_targets(
        {"region": "EMEA", "target_amount": 60}, {"region": "APAC", "target_amount": 40}
    )
    assert cents(targets, "region") == ({"APAC": 40, "EMEA": 60}, "as set")


def test_the_total_is_the_total_row_or_the_sum_of_a_cut():
    """Without a row for everything, the regions add up, and the basis says so."""
    regions = [{"region": "EMEA", "target_amount": 60}, {"region": "APAC", "target_amount": 40}]
    assert cents(make_targets(*regions), "total") == (
        {"all": 100},
        "added up from targets by region",
    )
    assert cents(make_targets({"target_amount": 90}, *regions), "total") == ({"all": 90}, "as set")


def test_finer_targets_add_up_to_coarser_cuts():
    """Targets by region and product family give targets by either."""
    targets = make_targets(
        {"region": "EMEA", "product_family": "Data", "target_amount": 10},
        {"region": "EMEA", "product_family": "Apps", "target_amount": 5},
        {"region": "APAC", "product_family": "Data", "target_amount": 2},
    )
    assert cents(targets, "region")[0] == {"APAC": 2, "EMEA": 15}
    assert cents(targets, "region x product_family")[0]["EMEA x Apps"] == 5
    assert cents(targets, "total")[0] == {"all": 17}


@pytest.mark.parametrize("cut", ["segment", "creator_role", "region x segment", "account_owner"])
def test_targets_are_never_spread(cut):
    """A cut that no target is set in has none, with the reason."""
    found, basis = cents(make_targets({"region": "EMEA", "target_amount": 60}), cut)
    assert found == {}
    assert basis.startswith(f"targets are not set by {cut}")


def test_months_add_up_to_a_quarter_only_when_all_are_there():
    """Two of three months are not a quarter's target."""
    months = [{"period": f"2026-0{n}", "target_amount": n} for n in (1, 2, 3)]
    assert cents(make_targets(*months), "total") == ({"all": 6}, "as set, months added up")
    assert cents(make_targets(*months[:2]), "total")[0] == {}


def test_a_year_is_not_divided_into_quarters():
    """A yearly target says nothing about one quarter."""
    found, basis = cents(make_targets({"period": "2026", "target_amount": 100}), "total")
    assert (found, basis) == ({}, "there is no ACV target for 2026Q1")
    quarters = [{"period": f"2026Q{n}", "target_amount": 10} for n in (1, 2, 3, 4)]
    assert cents(make_targets(*quarters), "total", Period.parse("2026"))[0] == {"all": 40}


def test_targets_of_managers_do_not_count_twice():
    """A manager's target is the sum of the reps' and belongs to the manager cut."""
    targets = make_targets(
        {"rep_id": "R1", "target_amount": 60},
        {"rep_id": "R2", "target_amount": 40},
        {"rep_id": "M1", "target_amount": 60},
        {"rep_id": "M2", "target_amount": 40},
    )
    assert cents(targets, "total")[0] == {"all": 100}
    assert cents(targets, "manager")[0] == {"Max": 40, "Mia": 60}
    assert cents(targets, "owner")[0]["Ann"] == 60


def test_other_measures_are_not_acv_targets():
    """A target of new customers is no money."""
    targets = make_targets({"measure": "new_customers", "target_amount": 12})
    assert cents(targets, "total") == ({}, "there is no ACV target for 2026Q1")
