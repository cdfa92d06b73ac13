"""Whether a cut-off by deal size divides inside from field: tested on the own deals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.tables import table
from planlib.team.structure.costs import Costs
from planlib.team.structure.ground import Ground
from planlib.team.structure.inputs import flags, numbers, words

_CONFIDENCE = 0.80
_PREPARATION = 1.5  # hours of work behind one logged hour; as segmentation.preparation_factor
_MINUTES = {"call": 15.0, "meeting": 60.0, "email": 10.0, "message": 5.0, "demo": 60.0,
            "visit": 180.0, "event": 240.0, "task": 20.0, "other": 15.0}  # fmt: skip
_FACE = ("visit", "event")


def bands_by_mode(ground: Ground, costs: Costs) -> pd.DataFrame:
    """
    Compare ways of selling within bands of amount: table ``structure_bands``.

    Where both inside and field people own deals, the way is the owner's kind; else it is whether
    the deal saw a visit or event (face to face) or remote contacts alone. A deal without any
    contact by a person is self-serve. Hours are logged minutes (the usual ones of the kind where
    blank) with preparation. Deals without amount are left out.

    Parameters
    ----------
    ground
        Deals and activities; ``acv_cuts``, else fifths of the own deals.
    costs
        Cost of an hour, where cost is known in money.

    Returns
    -------
    DataFrame
        Empty without deals or without activities.
    """
    empty = table("structure_bands").empty()
    deals = ground.deals[ground.deals["amount"] > 0]
    work = deal_work(ground)
    if deals.empty or work is None:
        return empty
    deals = deals.assign(
        hours=deals["opportunity_id"].map(work["hours"]).fillna(0.0),
        face=deals["opportunity_id"].map(work["face"]).fillna(0.0),
        touches=deals["opportunity_id"].map(work["touches"]).fillna(0.0),
    )
    kinds = set(deals["owner_kind"]) & {"inside", "field"}
    by_owner = len(kinds) == 2
    way = np.where(deals["face"] > 0, "face to face", "remote")
    mode = deals["owner_kind"].to_numpy(dtype=object) if by_owner else way
    deals = deals.assign(mode=np.where(deals["touches"] > 0, mode, "self-serve"))
    deals = deals[deals["mode"].isin(table("structure_bands").by_name["mode"].allowed)]
    cuts = _cuts(deals["amount"], ground.settings.acv_cuts)
    deals = deals.assign(band_order=np.searchsorted(cuts, deals["amount"], side="right") + 1)
    hour = _hour_cost(ground, costs)
    rows = [
        _row((band, mode), deals[(deals["band_order"] == band) & (deals["mode"] == mode)],
             _name(band, cuts), hour.get(mode, hour.get("field")), ground)
        for band, mode in sorted(set(zip(deals["band_order"], deals["mode"], strict=True)))
    ]  # fmt: skip
    found = pd.DataFrame(rows)
    found["verdict"] = _verdicts(found)
    return table("structure_bands").coerce(found)


def deal_work(ground: Ground) -> pd.DataFrame | None:
    """Give hours, face-to-face contacts and contacts by people of each deal."""
    activities = ground.inputs.activities
    if activities is None or activities.empty or "opportunity_id" not in activities.columns:
        return None
    kind = words(activities, "activity_type").replace({"": "other"})
    minutes = numbers(activities, "minutes").fillna(kind.map(_MINUTES)).fillna(15.0)
    frame = pd.DataFrame({
        "opportunity_id": words(activities, "opportunity_id"),
        "hours": minutes / 60 * _PREPARATION, "face": kind.isin(_FACE).astype(float),
        "touches": 1.0,
    })[~flags(activities, "is_automatic")]  # fmt: skip
    return frame[frame["opportunity_id"] != ""].groupby("opportunity_id").sum()


def _cuts(amounts: pd.Series, given: tuple[float, ...]) -> np.ndarray:
    if given:
        return np.array(given)
    cuts = amounts.quantile([0.2, 0.4, 0.6, 0.8]).to_numpy()
    return np.unique(cuts)


def _name(band: int, cuts: np.ndarray) -> str:
    if not len(cuts):
        return "all"
    if band == 1:
        return f"below {cuts[0]:,.0f}"
    if band > len(cuts):
        return f"{cuts[-1]:,.0f} and more"
    return f"{cuts[band - 2]:,.0f} to {cuts[band - 1]:,.0f}"


def _hour_cost(ground: Ground, costs: Costs) -> dict[str, float]:
    if not costs.is_money:
        return {}
    posts = ground.roster.people[ground.roster.people["is_post"]]
    hours = posts.groupby("kind")["capacity_hours"].mean()
    return {
        kind: costs.by_kind[kind] / float(hours[kind]) for kind in ("field", "inside")
        if kind in hours.index and hours[kind] > 0
    }  # fmt: skip


def _row(
    key: tuple[int, str], mine: pd.DataFrame, name: str, hour: float | None, ground: Ground
) -> dict[str, object]:
    count, won = len(mine), int(mine["is_won"].sum())
    low, high = wilson(float(won), float(count), _CONFIDENCE)
    hours = float(mine["hours"].sum())
    margin = float(mine["margin"].sum())
    profit = (margin - hours * hour) / count if hour is not None else None
    return {
        "band_order": key[0], "band": name, "mode": key[1], "count": count, "won_count": won,
        "win_share": won / count, "low": low, "high": high,
        "mean_amount": float(mine.loc[mine["is_won"], "amount"].mean()) if won else None,
        "margin_per_deal": margin / count, "hours_per_deal": hours / count,
        "profit_per_deal": profit, "margin_per_hour": margin / hours if hours > 0 else None,
        "is_grey": count < ground.settings.minimum_cases,
    }  # fmt: skip


def _verdicts(found: pd.DataFrame) -> list[str]:
    """Compare the two ways of each band by the intervals of their chances."""
    texts = {}
    for band, rows in found.groupby("band_order"):
        sure = rows[~rows["is_grey"] & (rows["mode"] != "self-serve")]
        if len(sure) < 2:
            texts[band] = "open: the own deals show one way only, or too few deals of the other"
            continue
        first, second = sure.sort_values("win_share", ascending=False).to_dict("records")[:2]
        ratio = (first["margin_per_hour"] or 0) - (second["margin_per_hour"] or 0)
        if first["low"] <= second["high"]:
            texts[band] = (
                f"open: chances of {first['mode']} and {second['mode']} overlap; margin an hour "
                f"is higher for {first['mode'] if ratio > 0 else second['mode']}"
            )
        else:
            texts[band] = (
                f"{first['mode']} wins more ({100 * first['win_share']:.0f} % against "
                f"{100 * second['win_share']:.0f} %), with "
                f"{'more' if ratio > 0 else 'less'} margin an hour; what is won may be visited "
                "because it goes well"
            )
    return [texts[band] for band in found["band_order"]]
