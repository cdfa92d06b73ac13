"""The checks of the account base: each is made only where its columns have values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.hygiene.industries import agree, division, fits_name, is_naics
from planlib.hygiene.places import fits_place, fits_postcode
from planlib.settings.hygiene import HygieneSettings

_FEWEST = 30  # accounts from which an outlier can be told
_INDUSTRY = ("sic", "naics", "gbt4754", "industry")


@dataclass(frozen=True, kw_only=True)
class Found:
    """Which accounts could be checked, which are flagged, and what was found."""

    checked: pd.Series
    flagged: pd.Series
    detail: pd.Series


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check: name, kind, meaning with thresholds, the columns it needs, and the function."""

    name: str
    kind: str
    meaning: str
    needs: tuple[tuple[str, ...], ...]  # of each group one column must have values
    find: Callable[[pd.DataFrame, HygieneSettings, pd.Timestamp], Found]


def _blank(*columns: str) -> Callable[[pd.DataFrame, HygieneSettings, pd.Timestamp], Found]:
    """Make a check that flags accounts in which all of some columns are blank."""

    def find(frame: pd.DataFrame, _: HygieneSettings, __: pd.Timestamp) -> Found:
        there = [column for column in columns if column in frame]
        blank = frame[there].isna().all(axis=1)
        return Found(
            checked=pd.Series(True, index=frame.index),
            flagged=blank,
            detail=pd.Series("no " + " or ".join(there), index=frame.index),
        )

    return find


def _stale(frame: pd.DataFrame, settings: HygieneSettings, day: pd.Timestamp) -> Found:
    age = (day - frame["updated_date"]).dt.days
    known = age.notna()
    return Found(
        checked=known,
        flagged=known & (age > settings.account_stale_days),
        detail="last checked " + age.astype("Int64").astype("str") + " days ago",
    )


def _no_employees(frame: pd.DataFrame, _: HygieneSettings, __: pd.Timestamp) -> Found:
    known = frame["employees"].notna()
    return Found(
        checked=known,
        flagged=frame["employees"].eq(0).fillna(False).astype(bool),
        detail=pd.Series("0 employees", index=frame.index),
    )


def _revenue_per_head(frame: pd.DataFrame, settings: HygieneSettings, _: pd.Timestamp) -> Found:
    people = frame["employees"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    money = frame["revenue"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(money / people)
    known = np.isfinite(ratio)
    score = np.zeros(len(frame))
    if known.sum() >= _FEWEST:
        middle = np.median(ratio[known])
        spread = 1.4826 * np.median(np.abs(ratio[known] - middle))
        if spread > 0:
            score[known] = (ratio[known] - middle) / spread
    per_head = pd.Series(money / np.where(people > 0, people, np.nan), index=frame.index)
    detail = per_head.map("{:,.0f} revenue per employee".format)
    checked = known & (known.sum() >= _FEWEST)
    return Found(
        checked=pd.Series(checked, index=frame.index),
        detail=detail,
        flagged=pd.Series(np.abs(score) > settings.outlier_distance, index=frame.index),
    )


def _pairs(
    frame: pd.DataFrame, columns: tuple[str, ...], test: Callable[..., bool | None], text: str
) -> Found:
    """Run a test once per different set of values; None means that it cannot be told."""
    filled = frame[list(columns)].notna().all(axis=1)
    values = frame.loc[filled, list(columns)]
    rows = list(values.itertuples(index=False, name=None))
    answers = {row: test(*row) for row in set(rows)}
    result = pd.Series([answers[row] for row in rows], index=values.index, dtype="boolean")
    result = result.reindex(frame.index)
    bad = result.eq(False).fillna(False).astype(bool)
    texts = [
        text.format(*row)
        for row in frame.loc[bad, list(columns)].itertuples(index=False, name=None)
    ]
    detail = pd.Series(texts, index=frame.index[bad], dtype="str").reindex(frame.index)
    return Found(checked=result.notna(), flagged=bad, detail=detail)


def _postcode(frame: pd.DataFrame, _: HygieneSettings, __: pd.Timestamp) -> Found:
    return _pairs(frame, ("country", "postcode"), fits_postcode, "{0}: postcode {1}")


def _place(frame: pd.DataFrame, _: HygieneSettings, __: pd.Timestamp) -> Found:
    return _pairs(
        frame, ("country", "latitude", "longitude"), fits_place, "{0}: at {1:.2f}, {2:.2f}"
    )


def _half_place(frame: pd.DataFrame, _: HygieneSettings, __: pd.Timestamp) -> Found:
    latitude = frame.get("latitude", pd.Series(np.nan, index=frame.index))
    longitude = frame.get("longitude", pd.Series(np.nan, index=frame.index))
    half = latitude.isna() != longitude.isna()
    null_island = latitude.eq(0) & longitude.eq(0)
    return Found(
        checked=latitude.notna() | longitude.notna(),
        flagged=half | null_island,
        detail=pd.Series("one coordinate, or both zero", index=frame.index),
    )


def _sic(frame: pd.DataFrame, _: HygieneSettings, __: pd.Timestamp) -> Found:
    return _pairs(frame, ("sic",), lambda code: bool(division(code)), "SIC {0} does not exist")


def _naics(frame: pd.DataFrame, _: HygieneSettings, __: pd.Timestamp) -> Found:
    return _pairs(frame, ("naics",), is_naics, "NAICS {0} does not exist")


def _codes(frame: pd.DataFrame, _: HygieneSettings, __: pd.Timestamp) -> Found:
    return _pairs(frame, ("sic", "naics"), agree, "SIC {0} and NAICS {1}")


def _industry(frame: pd.DataFrame, _: HygieneSettings, __: pd.Timestamp) -> Found:
    return _pairs(frame, ("sic", "industry"), fits_name, "SIC {0}, called {1}")


def _parent(frame: pd.DataFrame, _: HygieneSettings, __: pd.Timestamp) -> Found:
    has = frame["parent_id"].notna()
    return Found(
        checked=has,
        flagged=has & ~frame["parent_id"].isin(frame["account_id"]),
        detail="parent " + frame["parent_id"].fillna("") + " is not in the table",
    )


def _cycle(frame: pd.DataFrame, _: HygieneSettings, __: pd.Timestamp) -> Found:
    rows = frame.dropna(subset=["parent_id"])
    above = dict(zip(rows["account_id"], rows["parent_id"], strict=True))
    state: dict[str, bool] = {}
    for start in above:
        path: list[str] = []
        at = start
        while at in above and at not in state and at not in path:
            path.append(at)
            at = above[at]
        loop = set(path[path.index(at) :]) if at in path else set()
        state.update({one: one in loop for one in path})
    flagged = frame["account_id"].map(state).fillna(False).astype(bool)
    return Found(
        checked=frame["parent_id"].notna(),
        flagged=flagged,
        detail="is above itself through " + frame["parent_id"].fillna(""),
    )


def _dates(frame: pd.DataFrame, _: HygieneSettings, day: pd.Timestamp) -> Found:
    nothing = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    created, updated = frame.get("created_date", nothing), frame.get("updated_date", nothing)
    future = (created > day) | (updated > day)
    return Found(
        checked=created.notna() | updated.notna(),
        flagged=future | (updated < created),
        detail=pd.Series(
            "a date after the as-of date, or changed before created", index=frame.index
        ),
    )


_PLACE = ("country", "region", "province", "city", "postcode", "latitude")
#: In the order in which they are shown.
CHECKS = (
    Check(
        name="name missing",
        kind="missing",
        meaning="No company name",
        needs=(("name",),),
        find=_blank("name"),
    ),
    Check(
        name="employees missing",
        kind="missing",
        meaning="No employee count",
        needs=(("employees",),),
        find=_blank("employees"),
    ),
    Check(
        name="industry missing",
        kind="missing",
        meaning="Neither an industry code (SIC, NAICS, GB/T 4754) nor a name",
        needs=(_INDUSTRY,),
        find=_blank(*_INDUSTRY),
    ),
    Check(
        name="industry code missing",
        kind="missing",
        meaning="No industry code",
        needs=(_INDUSTRY[:3],),
        find=_blank(*_INDUSTRY[:3]),
    ),
    Check(
        name="location missing",
        kind="missing",
        meaning="Neither country, region, province, city, postcode nor coordinates",
        needs=(_PLACE,),
        find=_blank(*_PLACE),
    ),
    Check(
        name="owner missing",
        kind="missing",
        meaning="No owner",
        needs=(("owner_id",),),
        find=_blank("owner_id"),
    ),
    Check(
        name="stale",
        kind="stale",
        meaning="Not checked or changed for more than {account_stale_days} days",
        needs=(("updated_date",),),
        find=_stale,
    ),
    Check(
        name="no employees",
        kind="contradiction",
        meaning="An employee count of 0",
        needs=(("employees",),),
        find=_no_employees,
    ),
    Check(
        name="revenue per employee",
        kind="contradiction",
        meaning="Revenue per employee more than {outlier_distance} robust deviations from "
        "the median, on a log scale",
        needs=(("employees",), ("revenue",)),
        find=_revenue_per_head,
    ),
    Check(
        name="postcode",
        kind="contradiction",
        meaning="The postcode does not have the form of its country",
        needs=(("country",), ("postcode",)),
        find=_postcode,
    ),
    Check(
        name="coordinates",
        kind="contradiction",
        meaning="The coordinates lie outside the box around the country",
        needs=(("country",), ("latitude",), ("longitude",)),
        find=_place,
    ),
    Check(
        name="half a coordinate",
        kind="contradiction",
        meaning="One coordinate without the other, or both zero",
        needs=(("latitude", "longitude"),),
        find=_half_place,
    ),
    Check(
        name="SIC code",
        kind="contradiction",
        meaning="The SIC code does not exist",
        needs=(("sic",),),
        find=_sic,
    ),
    Check(
        name="NAICS code",
        kind="contradiction",
        meaning="The NAICS code does not exist",
        needs=(("naics",),),
        find=_naics,
    ),
    Check(
        name="SIC and NAICS",
        kind="contradiction",
        meaning="The two industry codes are of trades that do not overlap",
        needs=(("sic",), ("naics",)),
        find=_codes,
    ),
    Check(
        name="SIC and industry",
        kind="contradiction",
        meaning="The SIC code is of another trade than the industry's name",
        needs=(("sic",), ("industry",)),
        find=_industry,
    ),
    Check(
        name="parent missing",
        kind="contradiction",
        meaning="The parent account is not in the table",
        needs=(("parent_id",),),
        find=_parent,
    ),
    Check(
        name="parent cycle",
        kind="contradiction",
        meaning="The account is its own parent, directly or through others",
        needs=(("parent_id",),),
        find=_cycle,
    ),
    Check(
        name="dates",
        kind="contradiction",
        meaning="Created or changed after the as-of date, or changed before created",
        needs=(("created_date", "updated_date"),),
        find=_dates,
    ),
)
