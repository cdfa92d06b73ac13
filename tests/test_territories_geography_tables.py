"""Geographic design on tables: names come back, and bad input is named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planlib.errors import ParameterError
from planlib.territories import design
from tests.design_maps import make_areas

MEASURES = ["potential", "workload"]


def test_tables_in_and_tables_out() -> None:
    """Every area has a territory, loads add up, deviations are within the tolerance."""
    areas, pairs = make_areas()
    made = design(areas, pairs, 4, MEASURES, {"potential": 0.05, "workload": 0.1}, effort="quick")
    assert made.status == "feasible"
    assert made.plan["area_id"].tolist() == areas["area_id"].tolist()
    assert made.territories["territory"].tolist() == ["T1", "T2", "T3", "T4"]
    assert (made.territories["parts"] == 1).all()
    assert made.territories["potential_deviation_share"].abs().max() <= 0.05
    assert made.territories["workload_deviation_share"].abs().max() <= 0.1
    sums = areas.merge(made.plan).groupby("territory")["workload"].sum()
    np.testing.assert_allclose(made.territories["workload"], sums)
    assert made.territories["spread"].sum() == pytest.approx(made.objective)
    assert made.violations.empty


def test_row_order_and_ids_do_not_matter() -> None:
    """Shuffled tables give the same territory for every area; the input stays as it was."""
    areas, pairs = make_areas(2)
    kept = areas.copy()
    plain = design(areas, pairs, 4, MEASURES, 0.1, effort="quick").plan
    mixed = design(
        areas.sample(frac=1, random_state=1),
        pairs.sample(frac=1, random_state=2),
        4,
        MEASURES,
        0.1,
        effort="quick",
    ).plan
    pd.testing.assert_frame_equal(
        plain.sort_values("area_id", ignore_index=True),
        mixed.sort_values("area_id", ignore_index=True),
    )
    pd.testing.assert_frame_equal(areas, kept)


def test_places_on_earth_find_their_neighbours() -> None:
    """Without adjacency neighbours come from coordinates, and the findings say so."""
    areas, _ = make_areas(3)
    earth = areas.rename(columns={"x": "longitude", "y": "latitude"})
    earth["longitude"] = -120 + earth["longitude"] / 80
    earth["latitude"] = 30 + earth["latitude"] / 110
    made = design(earth, None, 4, MEASURES, 0.1, objective="distance", effort="quick")
    assert made.status in {"feasible", "optimal"}
    assert "taken to touch by their places" in made.findings[0]
    assert made.territories["centre_id"].isin(areas["area_id"]).all()


def test_names_of_targets_locks_and_the_start_are_kept() -> None:
    """Territories keep the names that a planner gave them, and their shares."""
    areas, pairs = make_areas(4)
    shares = {"north": 2.0, "south": 1.0, "west": 1.0}
    left = areas.loc[areas["x"].idxmin(), "area_id"]
    made = design(
        areas, pairs, 3, MEASURES, 0.1, targets=shares, locked={left: "west"}, effort="quick"
    )
    assert made.status == "feasible"
    assert set(made.plan["territory"]) == set(shares)
    assert made.plan.set_index("area_id").at[left, "territory"] == "west"
    by_name = made.territories.set_index("territory")["potential_target"]
    assert by_name["north"] == pytest.approx(2 * by_name["south"])
    again = design(
        areas,
        pairs,
        3,
        MEASURES,
        0.1,
        targets=shares,
        start=made.plan,
        change_cost=1e9,
        effort="quick",
    )
    assert again.changed_count == 0


def test_given_centres_attract_their_territories() -> None:
    """With centres the objective is the weighted distance to them."""
    areas, pairs = make_areas(5)
    centres = [areas.loc[areas["x"].idxmin(), "area_id"], areas.loc[areas["x"].idxmax(), "area_id"]]
    made = design(
        areas, pairs, 2, ["potential"], 0.1, centres=centres, objective="distance", effort="quick"
    )
    place = areas.set_index("area_id")[["x", "y"]]
    joined = made.plan.set_index("area_id")["territory"]
    names = sorted(joined.unique())
    total = 0.0
    for centre, name in zip(centres, names, strict=True):
        mine = place.loc[joined.index[joined == name]]
        total += np.hypot(*(mine - place.loc[centre]).to_numpy().T).sum()
    assert made.objective == pytest.approx(total)


def test_an_impossible_area_is_named() -> None:
    """An area above every limit is infeasible, with its id among the causes."""
    areas, pairs = make_areas(6)
    areas.loc[7, "potential"] = 1e4
    made = design(areas, pairs, 4, MEASURES, 0.05)
    assert made.status == "infeasible"
    assert made.violations["cause"].str.contains("area A007 alone").any()
    assert made.plan["territory"].nunique() == 4


def test_findings_name_one_way_pairs_loops_and_empty_areas() -> None:
    """What was put right in the input is said."""
    areas, pairs = make_areas(7)
    areas.loc[3, MEASURES] = 0.0
    back = pairs.iloc[1:].rename(columns={"area_id": "neighbour_id", "neighbour_id": "area_id"})
    loop = pd.DataFrame({"area_id": ["A001"], "neighbour_id": ["A001"]})
    both = pd.concat([pairs, back[["area_id", "neighbour_id"]], loop])
    text = " ".join(design(areas, both, 4, MEASURES, 0.2, effort="quick").findings)
    assert "one direction only" in text
    assert "own neighbours" in text
    assert "without any load: A003" in text


BAD = [
    ({"areas": lambda a: a.assign(latitude=120.0, longitude=10.0)}, "latitude beyond 90"),
    ({"areas": lambda a: a.assign(potential=np.nan)}, "potential is no number for A000"),
    ({"areas": lambda a: a.assign(potential=-1.0)}, "potential is negative for A000"),
    ({"areas": lambda a: a.assign(potential=0.0)}, "zero everywhere"),
    ({"areas": lambda a: a.assign(area_id="A000")}, "more than once: A000"),
    ({"areas": lambda a: a.drop(columns="x")}, "latitude and longitude, or x and y, are missing"),
    ({"areas": lambda a: a.iloc[:0]}, "no rows"),
    ({"k": 500}, "k: 500, allowed are 1 to"),
    ({"k": 0}, "k: 0, allowed are 1 to"),
    ({"k": 2.5}, "k: must be a whole number, found 2.5"),
    ({"tolerance": None}, "tolerance: None, allowed are shares"),
    ({"tolerance": {"potential": 0.1, "workload": "x"}}, "allowed are shares above 0"),
    ({"seed": -1}, "seed: -1, allowed are whole numbers of at least 0"),
    ({"workers": 0}, "workers: 0, allowed are whole numbers of at least 1, or None"),
    ({"measures": []}, "name at least one column"),
    ({"measures": ["tasks"]}, "column tasks is missing"),
    ({"tolerance": 1.5}, "tolerance: 1.5"),
    ({"tolerance": {"potential": 0.1}}, "tolerance: missing for workload"),
    ({"pairs": lambda p: p.assign(neighbour_id="X9")}, "unknown areas X9"),
    ({"pairs": lambda p: p[["area_id"]]}, "two columns"),
    ({"objective": "round"}, "objective: 'round'"),
    ({"locked": {"X1": "T1"}}, "locked: unknown areas X1"),
    ({"targets": {"north": 1.0}}, "k: 4, but 1 territories are named"),
    ({"targets": {"a": 1.0, "b": 1.0, "c": 1.0, "d": -1.0}}, "targets: give a number above 0"),
    ({"centres": ["X1", "A001", "A002", "A003"]}, "centres: unknown areas X1"),
    ({"centres": ["A001"]}, "1 areas for 4 territories"),
]


@pytest.mark.parametrize(("change", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_is_named(change: dict, message: str) -> None:
    """Each mistake gives one named error, never a traceback from within."""
    areas, pairs = make_areas()
    areas = change.get("areas", lambda a: a)(areas)
    pairs = change.get("pairs", lambda p: p)(pairs)
    options = {name: value for name, value in change.items() if name in OPTIONAL}
    with pytest.raises(ParameterError) as error:
        design(
            areas,
            pairs,
            change.get("k", 4),
            change.get("measures", MEASURES),
            change.get("tolerance", 0.1),
            **options,
        )
    assert message in str(error.value)


OPTIONAL = {"objective", "locked", "targets", "centres", "seed", "workers"}


def test_one_territory_is_the_whole_map() -> None:
    """With k = 1 there is one plan, and it is optimal."""
    areas, pairs = make_areas(8)
    made = design(areas, pairs, 1, MEASURES, 0.05)
    assert made.status == "optimal"
    assert made.plan["territory"].unique().tolist() == ["T1"]
