"""Cost parts: travel, misfit, complexity, change of owner; as matrices, rows and pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planlib.errors import TableError
from planlib.territories import costs as costs_module
from planlib.territories.costs import PARTS
from tests.territory_frames import (
    details,
    make_accounts,
    make_reps,
    make_settings,
    make_statement,
)

LEVELS = ["AE I", "Senior AE", "AE II", None]


def make_complex(**changes: object) -> pd.DataFrame:
    """Make accounts with business lines and products, from simple to complex."""
    return make_accounts(
        business_line_count=[row % 12 for row in range(24)],
        product_need_count=[row % 8 for row in range(24)],
        **changes,
    )


def test_rows_pairs_and_matrices_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled loop of large blocks gives what the matrices of small ones give."""
    accounts = make_complex()
    accounts.loc[3, ["city", "country"]] = pd.NA
    reps = make_reps(level=LEVELS, city=["Paris", None, "Nantes", "Paris"],
                     country=["France", None, "France", "France"])  # fmt: skip
    accounts.loc[accounts["owner_id"].eq("R-2"), "owner_id"] = pd.NA
    costs = make_statement(accounts, reps).blocks[0].costs
    assert costs.names == PARTS
    full = costs.total()
    rep = np.arange(24) % 3
    parts = costs.at_reps(rep)
    np.testing.assert_allclose(sum(parts.values()), full[np.arange(24), rep], rtol=1e-12)
    np.testing.assert_allclose(costs.cost_at(rep), full[np.arange(24), rep], rtol=1e-12)
    np.testing.assert_allclose(costs.rows(5, 9), full[5:9], rtol=1e-12)
    np.testing.assert_allclose(sum(costs.parts().values()), full, rtol=1e-12)
    monkeypatch.setattr(costs_module, "DENSE", 0)
    monkeypatch.setattr(costs_module, "_PARTS_KEPT", 0)
    large = make_statement(accounts, reps).blocks[0].costs
    assert not large.is_dense
    np.testing.assert_allclose(large.rows(0, 24), full, rtol=1e-9)
    np.testing.assert_allclose(large.rows(7, 11), full[7:11], rtol=1e-9)


def test_far_distances_are_exact_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond 60 degrees the compiled loop takes the arc sine; both agree to a metre."""
    places = {"latitude": [48.9, -33.9, 0.1, 35.7] * 6, "longitude": [2.4, 151.2, -78.5, 139.7] * 6}
    accounts = make_accounts(country=None, city=None, **places)
    plain = make_statement(accounts).blocks[0].costs
    km = plain.km_at(np.zeros(24, dtype=np.int64))
    assert km[:4] == pytest.approx([5, 16_960, 9_330, 9_720], abs=30)
    monkeypatch.setattr(costs_module, "DENSE", 0)
    monkeypatch.setattr(costs_module, "_PARTS_KEPT", 0)
    large = make_statement(accounts).blocks[0].costs
    np.testing.assert_allclose(large.rows(0, 24), plain.total(), rtol=1e-9)


def test_an_unknown_place_favours_nobody() -> None:
    """A rep without a place counts at the account's mean distance, an account without at none."""
    accounts = make_accounts()
    accounts.loc[3, ["city", "country"]] = pd.NA
    accounts.loc[accounts["owner_id"].eq("R-2"), "owner_id"] = pd.NA
    reps = make_reps(city=["Paris", None, "Nantes", "Paris"],
                     country=["France", None, "France", "France"])  # fmt: skip
    statement = make_statement(accounts, reps)
    travel = statement.blocks[0].costs.part("travel")
    assert travel[0, 1] == pytest.approx((travel[0, 0] + travel[0, 2]) / 2)
    assert travel[3].tolist() == [0.0, 0.0, 0.0]
    assert "mean distance of the others" in details(statement, "place")


def test_given_travel_times_replace_great_circles() -> None:
    """Hours of a table or matrix count; missing ones follow the speed of the others."""
    long = pd.DataFrame({"account_id": ["A-000", "A-001"], "rep_id": ["R-2", "R-3"],
                         "travel_hours": [40.0, 4.0]})  # fmt: skip
    statement = make_statement(travel=long)
    costs = statement.blocks[0].costs
    hours = costs.hours
    assert hours is not None
    assert (hours[0, 1], hours[1, 2]) == (40.0, 4.0)
    assert np.isfinite(hours).all()
    assert "70 of 72 travel times are not given" in details(statement, "travel")
    wide = long.pivot_table(index="account_id", columns="rep_id", values="travel_hours")
    np.testing.assert_allclose(make_statement(travel=wide).blocks[0].costs.total(), costs.total())
    in_km = long.rename(columns={"travel_hours": "travel_km"})
    by_km = make_statement(travel=in_km).blocks[0].costs.hours
    assert by_km is not None
    assert by_km[0, 1] == pytest.approx(40.0 / 75)


def test_wrong_travel_times_are_named() -> None:
    """Negative and infinite times count as unknown; a table without times is an error."""
    bad = pd.DataFrame({"account_id": ["A-000", "A-001", "A-002"], "rep_id": "R-2",
                        "travel_hours": [-1.0, np.inf, 3.0]})  # fmt: skip
    statement = make_statement(travel=bad)
    assert "2 travel times are negative or infinite" in details(statement, "travel")
    with pytest.raises(TableError, match="travel: column 'travel_hours' is missing"):
        make_statement(travel=bad.drop(columns="travel_hours"))


def test_complex_accounts_suit_experienced_reps() -> None:
    """Only what is above a rep's level costs; the highest level can serve any account."""
    statement = make_statement(make_complex(), make_reps(level=LEVELS))
    part = statement.blocks[0].costs.part("complexity")
    assert statement.sellers["skill"].tolist() == pytest.approx([1 / 3, 1.0, 2 / 3])
    assert (part[:, 1] == 0).all()
    assert (part[:, 0] >= part[:, 2]).all()
    assert part[:, 0].max() > 0


def test_reps_who_are_all_alike_leave_complexity_out() -> None:
    """Without levels or hire dates that differ the part is dropped and said."""
    statement = make_statement(make_complex())
    assert "complexity" not in statement.blocks[0].costs.names
    assert "complexity of accounts is left out" in details(statement, "skill")
    days = pd.to_datetime(["2020-01-01", "2025-01-01", "2023-01-01", "2018-01-01"])
    dated = make_statement(make_complex(), make_reps(hire_date=days))
    assert dated.sellers["skill"].tolist() == pytest.approx([1.0, 1 / 3, 2 / 3])


@pytest.mark.parametrize(
    ("level", "order"),
    [
        (["初级", "资深", "客户经理", None], [0, 2, 1]),
        (["Junior", "Principal", "Senior", None], [0, 2, 1]),
    ],
)
def test_levels_are_read_by_name(level: list[str | None], order: list[int]) -> None:
    """Junior below plain below senior below principal, in English and Chinese."""
    sellers = make_statement(make_complex(), make_reps(level=level)).sellers
    assert sellers["skill"].rank().sub(1).astype(int).tolist() == order


def test_segments_named_as_skills_count() -> None:
    """A rep whose skills name the segment suits its accounts."""
    accounts = make_accounts(segment=["Enterprise", "Small"] * 12, industry=None)
    reps = make_reps(skills=["Enterprise", "Small", "Enterprise;Small", None])
    part = make_statement(accounts, reps).blocks[0].costs.part("misfit")
    assert (part[::2, 0] == 0).all()
    assert (part[1::2, 0] > 0).all()
    assert (part[:, 2] == 0).all()


def test_losing_a_long_relation_with_much_at_stake_costs_most() -> None:
    """ACV, open pipeline and tenure raise the price of a change; staying is free."""
    layer = pd.DataFrame({"account_id": [f"A-{row:03d}" for row in range(24)], "role_layer": "AE",
                          "rep_id": ["R-1", "R-2"] * 12,
                          "since_date": pd.Timestamp("2026-03-01")})  # fmt: skip
    layer.loc[0, "since_date"] = pd.Timestamp("2020-03-01")
    accounts = make_accounts(acv=5000.0)
    part = make_statement(accounts, territories=layer).blocks[0].costs.part("disruption")
    assert part[0, 0] == 0
    assert part[0, 1] == pytest.approx(part[2, 1] * (1.0 / (0.5 + 0.25 * 30 / 365.25)), rel=1e-6)


def test_weights_scale_their_part() -> None:
    """Twice the weight is twice the part; 0 leaves it out."""
    one = make_statement(settings=make_settings(weight_travel=1.0)).blocks[0].costs
    two = make_statement(settings=make_settings(weight_travel=2.0)).blocks[0].costs
    np.testing.assert_allclose(two.part("travel"), 2 * one.part("travel"))
    none = make_settings(weight_travel=0.0, weight_misfit=0.0, weight_disruption=0.0)
    assert (make_statement(settings=none).blocks[0].costs.total() == 0).all()
