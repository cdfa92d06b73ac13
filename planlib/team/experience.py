"""What experience is worth: sales and deal size by tenure, and what the loss of a rep costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planlib.capacity.vacancies import FillTime
from planlib.notes import percent
from planlib.ranking.shrink import Floats, normal_ratio
from planlib.settings.capacity import CapacitySettings
from planlib.settings.team_people import TeamPeopleSettings
from planlib.team.grouping import ALL, window_start
from planlib.team.staff import Staff, band_names, tenure_band

_Z = 1.96
_MONTHS_A_YEAR = 12
_LEAST_DEALS = 5


def measure_experience(
    staff: Staff,
    opportunities: pd.DataFrame | None,
    settings: TeamPeopleSettings,
    capacity: CapacitySettings,
) -> pd.DataFrame:
    """
    Measure sales per person-month and the size of a deal at each tenure.

    Parameters
    ----------
    staff
        People by month.
    opportunities
        Table ``opportunities``: won deals count for their owner in the month of closing.
    settings
        Roles that sell, smallest group.
    capacity
        Window and tenure bands.

    Returns
    -------
    DataFrame
        Rows of ``experience_curve`` for each selling role and for all of them. Intervals count
        people, not deals: the deals of one person are no independent cases. A band in which any
        of the roles has fewer people than ``minimum_group`` is left blank for each of them.
    """
    won = _won(opportunities)
    if won.empty or staff.months.empty:
        return pd.DataFrame()
    first = max(window_start(staff.as_of, capacity.leaver_months), won["month_date"].min())
    months = staff.since(first).merge(won, on=["rep_id", "month_date"], how="left")
    months[["won_count", "won_amount"]] = months[["won_count", "won_amount"]].fillna(0.0)
    roles = [one for one in settings.selling_roles if (months["role"] == one).any()]
    sells = months.groupby("rep_id")["won_count"].transform("sum") > 0
    chosen = months[months["role"].isin(roles) if roles else sells]
    band = tenure_band(chosen["tenure_months"], capacity.tenure_bands)
    chosen = chosen.assign(tenure_band=band, months=_MONTHS_A_YEAR * chosen["years"])
    names = band_names(capacity.tenure_bands)
    small = _small(chosen, ["tenure_band"], settings.minimum_group)
    found = [_bands(chosen, names, small, settings).assign(role=ALL)]
    if len(roles) > 1:
        small |= _small(chosen, ["tenure_band", "role"], settings.minimum_group)
        found += [
            _bands(chosen[chosen["role"] == role], names, small, settings).assign(role=role)
            for role in roles
        ]
    return pd.concat(found, ignore_index=True)


def ratio_by_people(upper: pd.Series, lower: pd.Series, person: pd.Series) -> tuple[float, float]:
    """
    Give a ratio of sums and its variance, people being the cases.

    ``R = sum y / sum x``, ``var = n / (n - 1) sum (y - R x)^2 / (sum x)^2`` over people (Cochran,
    Sampling Techniques, 1977, section 6.3).

    Examples
    --------
    >>> ratio_by_people(pd.Series([1.0, 3.0]), pd.Series([1.0, 1.0]), pd.Series(["a", "b"]))
    (2.0, 1.0)
    """
    sums = pd.DataFrame({"y": upper, "x": lower}).groupby(person.to_numpy()).sum()
    return ratio_of_cases(sums["y"].to_numpy(dtype=float), sums["x"].to_numpy(dtype=float))


def ratio_of_cases(y: Floats, x: Floats) -> tuple[float, float]:
    """Give a ratio of sums and its variance, each place being one case; see above."""
    total, n = float(x.sum()), len(x)
    if total <= 0:
        return float("nan"), float("nan")
    ratio = float(y.sum() / total)
    if n < 2:
        return ratio, float("nan")
    return ratio, float(n / (n - 1) * ((y - ratio * x) ** 2).sum() / total**2)


def cost_leavers(
    experience: pd.DataFrame,
    roles: Sequence[str],
    settings: TeamPeopleSettings,
    capacity: CapacitySettings,
    fill: FillTime | None = None,
) -> pd.DataFrame:
    """
    Add up what it costs when one rep leaves, part by part.

    Parameters
    ----------
    experience
        Rows of ``experience_curve``.
    roles
        Roles to show.
    settings
        ``hiring_cost``, ``covered_share``, ``margin_share``.
    capacity
        Tenure bands, and ``fill_days`` where ``fill`` is missing.
    fill
        Time to fill a post, learnt from past leavers where those are enough
        (``planlib.capacity.vacancies.time_to_fill``); None: as stated.

    Returns
    -------
    DataFrame
        Rows of ``leaver_costs``. Vacancy: months to fill x sales of an experienced month x
        (1 - covered) x margin; its interval is that of the sales, and the formula says where the
        days come from. Ramp: over the months of the first two bands, what the newcomer
        sells less than an experienced person, x margin. A part that is not known is blank and
        says what would supply it; the total is the sum of the known parts.
    """
    fill = fill or FillTime(days=float(capacity.fill_days), basis="as stated in plan.yaml")
    found = []
    for role in roles:
        mine = experience[experience["role"] == role] if len(experience) else experience
        if mine.empty and len(experience) and role in settings.selling_roles:
            mine = experience[experience["role"] == ALL]
        parts = [
            _vacancy(mine, settings, fill),
            _ramp(mine, settings, capacity.tenure_bands),
            _hiring(role, settings),
        ]
        known = [one for one in parts if one[1] is not None]
        ends = [
            sum(one[place] if one[place] is not None else one[1] for one in known)  # type: ignore[misc]
            for place in (2, 3)
        ]
        blank = ", ".join(str(one[0]) for one in parts if one[1] is None)
        text = "sum of the known parts" + (f"; not known: {blank}" if blank else "")
        total = sum(one[1] for one in known) if known else None  # type: ignore[misc]
        wide = any(one[2] is not None for one in known)
        parts.append(("total", total, ends[0] if wide else None, ends[1] if wide else None, text))
        found += [(role, *part, not blank) for part in parts]
    names = ["role", "part", "cost_amount", "low", "high", "formula", "is_complete"]
    return pd.DataFrame(found, columns=names)


_Part = tuple[str, float | None, float | None, float | None, str]


def _won(opportunities: pd.DataFrame | None) -> pd.DataFrame:
    names = ["rep_id", "month_date", "won_count", "won_amount"]
    if opportunities is None:
        return pd.DataFrame(columns=names)
    won = opportunities[opportunities["is_won"].fillna(False).astype(bool)]
    won = won[won["close_date"].notna() & won["amount"].notna() & won["owner_id"].notna()]
    month = won["close_date"].dt.to_period("M").dt.start_time.astype("datetime64[us]")
    sums = won.groupby([won["owner_id"], month])["amount"].agg(["count", "sum"]).reset_index()
    return sums.set_axis(names, axis=1)


def _small(rows: pd.DataFrame, by: list[str], minimum: int) -> set[str]:
    """Give the bands in which a group has fewer people than may be shown."""
    count = rows.groupby(by)["rep_id"].nunique()
    return set(count[count < minimum].reset_index()["tenure_band"])


def _bands(
    rows: pd.DataFrame, names: list[str], small: set[str], settings: TeamPeopleSettings
) -> pd.DataFrame:
    found, pace, noise = [], [], []
    pooled = ratio_by_people(rows["won_amount"], rows["months"], rows["rep_id"])[0]
    for order, name in enumerate(names):
        mine = rows[rows["tenure_band"] == name]
        people = mine["rep_id"].nunique()
        if people == 0 or name in small:
            found.append({"tenure_band": name, "band_order": order, "is_grey": True,
                          "note": f"fewer than {settings.minimum_group} people"})  # fmt: skip
            pace.append(np.nan)
            noise.append(np.nan)
            continue
        month, month_var = ratio_by_people(mine["won_amount"], mine["months"], mine["rep_id"])
        deal, deal_var = ratio_by_people(mine["won_amount"], mine["won_count"], mine["rep_id"])
        pace.append(month)
        noise.append(month_var)
        found.append({
            "tenure_band": name, "band_order": order, "people_count": people,
            "person_months": mine["months"].sum(), "won_count": int(mine["won_count"].sum()),
            "won_amount": mine["won_amount"].sum(), "month_amount": month,
            **_ends("month", month, month_var), "deal_size": deal, **_ends("deal", deal, deal_var),
            "is_grey": mine["won_count"].sum() < _LEAST_DEALS, "note": "",
        })  # fmt: skip
    table = pd.DataFrame(found)
    if "month_amount" in table and pooled > 0:
        ratio, variance = np.array(pace) / pooled, np.array(noise) / pooled**2
        known = np.isfinite(ratio) & (variance > 0)
        table["month_shrunk"] = np.nan
        if known.any():
            fit = normal_ratio(ratio[known], variance[known], settings.spread_floor)
            table.loc[known, "month_shrunk"] = fit.mean * pooled
    return table


def _ends(name: str, value: float, variance: float) -> dict[str, float]:
    half = _Z * float(np.sqrt(variance))
    return {f"{name}_low": max(value - half, 0.0), f"{name}_high": value + half}


def _experienced(curve: pd.DataFrame) -> tuple[float, float, float] | None:
    """Give sales of a month beyond the first two bands, with interval, from the known bands."""
    if curve.empty or "month_amount" not in curve:
        return None
    late = curve[(curve["band_order"] >= 2) & curve["month_amount"].notna()]
    months = late["person_months"].sum()
    if not months > 0:
        return None
    value = float(late["won_amount"].sum() / months)
    half: Floats = ((late["month_high"] - late["month_amount"]) * late["person_months"]).to_numpy()
    spread = float(np.sqrt((half**2).sum()) / months)
    return value, max(value - spread, 0.0), value + spread


def _vacancy(curve: pd.DataFrame, settings: TeamPeopleSettings, fill: FillTime) -> _Part:
    pace = _experienced(curve)
    if pace is None:
        return "vacancy", None, None, None, "sales of an experienced month are not known"
    months = fill.days / (365.25 / _MONTHS_A_YEAR)
    factor = months * (1 - settings.covered_share) * settings.margin_share
    text = (
        f"{fill.days:.0f} days to fill x {pace[0]:,.0f} a month x "
        f"{percent(1 - settings.covered_share)} "
        f"not covered{_margin(settings)}"
    )
    if np.isnan(fill.low):
        text += f"; days {fill.basis}"
    else:
        text += f"; days (80 % interval {fill.low:.0f} to {fill.high:.0f}) learnt from {fill.basis}"
    return "vacancy", factor * pace[0], factor * pace[1], factor * pace[2], text


def _ramp(curve: pd.DataFrame, settings: TeamPeopleSettings, bands: tuple[int, ...]) -> _Part:
    pace = _experienced(curve)
    if pace is None:
        return "ramp", None, None, None, "sales of an experienced month are not known"
    early = curve[(curve["band_order"] < 2) & curve["month_amount"].notna()]
    if early.empty:
        return "ramp", None, None, None, "too few newcomers to know what they sell"
    edges = (0, *bands[:2])
    length = np.diff(edges)[early["band_order"].to_numpy(dtype=int)]
    lost = [
        float((length * np.maximum(pace[0] - early[name].to_numpy(dtype=float), 0.0)).sum())
        for name in ("month_amount", "month_high", "month_low")
    ]
    text = (f"first {length.sum():g} months: {pace[0]:,.0f} less what a newcomer sells a month, "
            f"over all months{_margin(settings)}")  # fmt: skip
    value, low, high = (settings.margin_share * one for one in lost)
    return "ramp", value, low, high, text


def _margin(settings: TeamPeopleSettings) -> str:
    share = settings.margin_share
    return "; sales count in full" if share == 1 else f" x {percent(share)} margin"


def _hiring(role: str, settings: TeamPeopleSettings) -> _Part:
    cost = settings.hiring_cost.get(role, settings.hiring_cost.get("default"))
    if cost is None:
        return "hiring", None, None, None, "team_people.hiring_cost is not set"
    return "hiring", float(cost), None, None, "search, hiring and equipment, by plan.yaml"
