"""Places are looked up without network, with their precision; wrong coordinates are flagged."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planlib.errors import TableError
from planlib.tables import table
from planlib.territories import locate
from planlib.territories.places import distances_km


def make_accounts(**columns: object) -> pd.DataFrame:
    """Make one account with the columns given."""
    return pd.DataFrame({"account_id": ["A-1"], **{name: [one] for name, one in columns.items()}})


def place(**columns: object) -> pd.Series:
    """Locate one account."""
    return locate("accounts", make_accounts(**columns), "account_id").iloc[0]


@pytest.mark.parametrize(
    ("country", "province", "city", "latitude", "longitude"),
    [
        ("China", "江苏省", "苏州市", 31.3, 120.6),
        ("中国", "安徽", "宿州", 33.6, 117.0),
        ("CN", "Jiangsu", "Suzhou", 31.3, 120.6),
        ("Germany", "Bavaria", "München", 48.1, 11.6),
        ("Deutschland", None, "Munich", 48.1, 11.6),
        ("United States", "TX", "Paris", 33.7, -95.6),
        ("France", None, "Paris", 48.9, 2.4),
        ("UK", "England", "London", 51.5, -0.1),
        ("BRA", None, "sao paulo", -23.5, -46.6),
        (None, None, "Tokyo", 35.7, 139.7),
        (None, "广东", "佛山", 23.0, 113.1),
    ],
)
def test_cities_are_found_by_any_usual_name(
    country: str | None, province: str | None, city: str, latitude: float, longitude: float
) -> None:
    """English, local and Chinese names, codes, and equal names in two provinces."""
    found = place(country=country, province=province, city=city)
    assert found["place_precision"] == "city"
    assert found["latitude"] == pytest.approx(latitude, abs=0.3)
    assert found["longitude"] == pytest.approx(longitude, abs=0.3)
    assert found["place_problem"] == ""


@pytest.mark.parametrize(
    ("columns", "precision", "near"),
    [
        ({"country": "China", "province": "浙江"}, "province", (29.7, 120.5)),
        ({"country": "China", "postcode": "310000"}, "province", (29.7, 120.5)),
        ({"country": "China", "province": "台湾"}, "province", (24.4, 121.1)),
        ({"country": "China", "province": "Xizang"}, "province", (29.6, 91.1)),
        ({"country": "United States", "postcode": "94105"}, "province", (35.2, -119.2)),
        ({"country": "US", "province": "Texas", "city": "Nowhereville"}, "province", (30.7, -97.4)),
        ({"country": "France", "city": "Nowhereville"}, "country", (47.3, 2.9)),
    ],
)
def test_what_is_not_found_falls_back_by_one_step(
    columns: dict[str, str], precision: str, near: tuple[float, float]
) -> None:
    """An unknown city gives the province, a postcode its province, else the country."""
    found = place(**columns)
    assert found["place_precision"] == precision
    assert (found["latitude"], found["longitude"]) == pytest.approx(near, abs=1.0)


def test_no_clue_is_missing_and_never_zero() -> None:
    """Without any clue the coordinates are missing and the row says so."""
    found = place(city=None, country="Atlantis")
    assert found["place_precision"] == "none"
    assert np.isnan(found["latitude"])
    assert "no coordinates" in found["place_problem"]


def test_zero_zero_stands_for_missing() -> None:
    """Coordinates of 0, 0 are not a place; the city is looked up, and the problem named."""
    found = place(country="Germany", city="Berlin", latitude=0.0, longitude=0.0)
    assert found["place_precision"] == "city"
    assert found["latitude"] == pytest.approx(52.5, abs=0.2)
    assert "0, 0" in found["place_problem"]


@pytest.mark.parametrize(
    ("country", "latitude", "longitude", "turned"),
    [("US", -121.9, 37.3, (37.3, -121.9)), ("Italy", 9.2, 45.5, (45.5, 9.2))],
)
def test_swapped_coordinates_are_turned_round(
    country: str, latitude: float, longitude: float, turned: tuple[float, float]
) -> None:
    """Latitude and longitude in the wrong columns are found by range or by country."""
    found = place(country=country, latitude=latitude, longitude=longitude)
    assert (found["latitude"], found["longitude"]) == turned
    assert "swapped" in found["place_problem"]


def test_coordinates_outside_the_country_are_flagged() -> None:
    """They are replaced where the city is known, kept where nothing better is there."""
    known = place(country="Brazil", city="São Paulo", latitude=48.1, longitude=11.5)
    assert known["place_precision"] == "city"
    unknown = place(country="Brazil", latitude=48.1, longitude=11.5)
    assert unknown["place_precision"] == "given"
    assert "outside" in known["place_problem"]
    assert "outside" in unknown["place_problem"]


def test_good_coordinates_stay_as_given() -> None:
    """A site near a city of its country is not touched."""
    found = place(country="Germany", city="Berlin", latitude=50.94, longitude=6.96)
    assert (found["latitude"], found["longitude"]) == (50.94, 6.96)
    assert found["place_precision"] == "given"
    assert found["place_problem"] == ""


def test_half_and_wild_coordinates_are_named() -> None:
    """One of the two, or numbers beyond the earth, are no place."""
    assert "only one" in place(country="Italy", latitude=45.0)["place_problem"]
    assert "out of range" in place(country="Italy", latitude=450.0, longitude=9.0)["place_problem"]


def test_row_order_does_not_matter() -> None:
    """Shuffled rows give every account the same place."""
    accounts = pd.DataFrame(
        {"account_id": ["a", "b", "c"], "city": ["Oslo", None, "Lyon"],
         "country": ["Norway", "Chile", "France"]}
    )  # fmt: skip
    plain = locate("accounts", accounts, "account_id").set_index("account_id")
    mixed = locate("accounts", accounts.iloc[::-1], "account_id").set_index("account_id")
    pd.testing.assert_frame_equal(plain, mixed.loc[plain.index])
    precisions = table("territory_plan").by_name["place_precision"].allowed
    assert set(plain["place_precision"]) <= set(precisions)


def test_missing_key_is_named() -> None:
    """The error names the table and the column."""
    with pytest.raises(TableError, match="accounts: column 'account_id' is missing"):
        locate("accounts", pd.DataFrame({"city": ["Oslo"]}), "account_id")


def test_distances_are_great_circles() -> None:
    """Paris to London is about 344 km, a place to itself 0, an unknown place unknown."""
    here = np.array([48.8566, np.nan])
    km = distances_km(here, np.array([2.3522, 0.0]), np.array([51.5074, 48.8566]),
                      np.array([-0.1278, 2.3522]))  # fmt: skip
    assert km[0] == pytest.approx([343.6, 0.0], abs=1.0)
    assert np.isnan(km[1]).all()
