"""
How fast reps become productive, and how productive they are by tenure, from hire cohorts.

``observed(m) = attained / full quota of all reps in their month of tenure m``, divided by the same
ratio of ramped reps, is made monotone by isotonic regression. The curve of a role is shrunk to that
of all roles, and that one to the stated curve, by the rep-months behind them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from planlib.capacity.hazard import months_between, person_months
from planlib.settings.capacity import CapacitySettings

Floats = npt.NDArray[np.float64]
ALL_ROLES = "all roles"
BASES = ("fitted", "all roles", "stated")
RAMPED = 0.95  # a ramp is over in the first month with at least this share
_DAYS = 30.4375  # days of a month


@dataclass(frozen=True, kw_only=True)
class Productivity:
    """
    Ramp and productivity by tenure.

    Parameters
    ----------
    ramp
        ``role``, ``tenure_month``, ``observed_share``, ``fitted_share``, ``ramp_share`` (used),
        ``rep_months``, ``own_weight``, ``basis``.
    bands
        ``role``, ``tenure_from``, ``tenure_to``, ``rep_months``, ``productivity_raw``,
        ``productivity``: factor on ramped reps of a tenure band.
    """

    ramp: pd.DataFrame = field(repr=False)
    bands: pd.DataFrame = field(repr=False)

    def effect(self, role: str, count: int, *, ramp_factor: float = 1.0) -> Floats:
        """Give ramp x productivity of each month of tenure from the first on."""
        months = np.arange(count)
        curve = self.curve(role)
        place = months / ramp_factor
        found = np.interp(place, np.arange(len(curve)), curve, right=1.0)
        mine = self.bands[self.bands["role"] == _role(self.bands, role)]
        factor = np.ones(count)
        for start, value in sorted(zip(mine["tenure_from"], mine["productivity"], strict=True)):
            factor[int(start) :] = value
        return np.asarray(found * factor, dtype="float64")

    def curve(self, role: str) -> Floats:
        """Give the ramp of a role by month of tenure; 1 afterwards."""
        mine = self.ramp[self.ramp["role"] == _role(self.ramp, role)]
        return mine.sort_values("tenure_month")["ramp_share"].to_numpy(dtype="float64")

    def length(self, role: str) -> int:
        """Give the months until a rep of the role is ramped."""
        return int((self.curve(role) < RAMPED).sum())


def rep_months(
    carriers: pd.DataFrame, won: pd.DataFrame | None, as_of: pd.Timestamp,
    rep_history: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    """
    Give quota and attained amount of every rep in every wholly observed month of tenure.

    Parameters
    ----------
    carriers
        ``rep_id``, ``role``, ``hire_date``, ``leave_date``, ``quota_amount`` (yearly, of today:
        former quotas are not known).
    won
        ``rep_id``, ``day``, ``amount``; None gives no rows, nor do wins of which no whole month
        of a known rep has been observed yet.
    as_of
        Day until which the data count.
    rep_history
        The role at the time; only months in the role of today count.

    Returns
    -------
    DataFrame
        ``rep_id``, ``role``, ``tenure_month``, ``month_start``, ``quota_month``,
        ``attained_amount``.
    """
    columns = ["rep_id", "role", "tenure_month", "month_start", "quota_month", "attained_amount"]
    known = carriers[carriers["quota_amount"] > 0]
    if won is None or won.empty or known.empty:
        return pd.DataFrame(columns=columns)
    since = won["day"].min()
    window = int((as_of.year - since.year) * 12 + as_of.month - since.month) + 1
    months = person_months(
        known[["rep_id", "role", "hire_date", "leave_date"]], as_of,
        window_months=max(window - 1, 1), rep_history=rep_history,
    )  # fmt: skip
    today = known.set_index("rep_id")
    months = months[months["role"] == months["rep_id"].map(today["role"])]
    if months.empty:
        return pd.DataFrame(columns=columns)
    deals = won.assign(hire_date=won["rep_id"].map(today["hire_date"])).dropna(subset="hire_date")
    deals["tenure_month"] = months_between(deals["hire_date"], deals["day"])
    sums = deals.groupby(["rep_id", "tenure_month"])["amount"].sum().rename("attained_amount")
    rows = months.merge(sums.reset_index(), on=["rep_id", "tenure_month"], how="left")
    rows["attained_amount"] = rows["attained_amount"].fillna(0.0)
    rows["quota_month"] = rows["rep_id"].map(today["quota_amount"]) / 12
    return rows[columns].sort_values(["rep_id", "tenure_month"], ignore_index=True)


def fit_productivity(
    months: pd.DataFrame, roles: list[str], settings: CapacitySettings
) -> Productivity:
    """
    Fit the ramp of each role and the productivity of its tenure bands.

    Parameters
    ----------
    months
        From ``rep_months``; without rows the stated ramp is used for all roles.
    roles
        Roles wanted.
    settings
        Stated curves, longest ramp, priors, bands.

    Returns
    -------
    Productivity
        By role: share of a ramped rep's sales by month of tenure, and the factor of each tenure
        band.
    """
    everyone = _fit(months, ALL_ROLES, _stated(settings, "default"), BASES[2], settings)
    pooled = everyone["ramp_share"].to_numpy(dtype="float64")
    basis = BASES[2] if everyone["own_weight"].iloc[0] == 0 else BASES[1]
    found = [everyone]
    for role in sorted(set(roles)):
        stated = role in settings.ramp
        fallback = _stated(settings, role) if stated else pooled
        found.append(_fit(months[months["role"] == role], role, fallback,
                          BASES[2] if stated else basis, settings))  # fmt: skip
    bands = _bands(months, sorted(set(roles)), settings)
    return Productivity(ramp=pd.concat(found, ignore_index=True), bands=bands)


def cycle_days(opportunities: pd.DataFrame | None, carriers: pd.DataFrame) -> pd.DataFrame:
    """
    Give the median days from creation to win of the deals of each role.

    Returns
    -------
    DataFrame
        ``role``, ``won_count``, ``cycle_days``; no rows without deals that have both days.
    """
    columns = ["role", "won_count", "cycle_days"]
    needed = {"owner_id", "created_date", "close_date", "is_won"}
    if opportunities is None or not needed <= set(opportunities.columns):
        return pd.DataFrame(columns=columns)
    won = opportunities[opportunities["is_won"].fillna(False).astype(bool)]
    days = (won["close_date"] - won["created_date"]).dt.days
    role = won["owner_id"].map(carriers.set_index("rep_id")["role"])
    rows = pd.DataFrame({"role": role, "days": days})
    rows = rows[rows["role"].notna() & (rows["days"] >= 0)]
    found = rows.groupby("role")["days"].agg(["size", "median"]).reset_index()
    found.columns = pd.Index(columns)
    return found


def short_ramps(fitted: Productivity, cycles: pd.DataFrame) -> list[tuple[str, str]]:
    """Warn of ramps that are shorter than the sales cycle: first wins cannot come earlier."""
    found = []
    for role, count, days in zip(
        cycles["role"], cycles["won_count"], cycles["cycle_days"], strict=True
    ):
        length = fitted.length(str(role))
        if length * _DAYS < days:
            found.append((
                f"ramp of {role}",
                f"{length} months, shorter than the sales cycle of {days:.0f} days (median of "
                f"{count} deals won): a rep cannot be productive before the first deals close",
            ))  # fmt: skip
    return found


def _role(rows: pd.DataFrame, role: str) -> str:
    return role if (rows["role"] == role).any() else ALL_ROLES


def _stated(settings: CapacitySettings, role: str) -> Floats:
    curve = np.ones(settings.ramp_most)
    stated = np.asarray(settings.ramp[role], dtype="float64")[: settings.ramp_most]
    curve[: len(stated)] = stated
    return curve


def _fit(
    months: pd.DataFrame, role: str, fallback: Floats, basis: str, settings: CapacitySettings
) -> pd.DataFrame:
    most = settings.ramp_most
    observed, fitted = np.full(most, np.nan), np.full(most, np.nan)
    count = np.zeros(most)
    early = months[months["tenure_month"] < most]
    late = months[months["tenure_month"] >= most]
    full = _ratio(late)
    weight = 0.0
    if len(early) and full > 0:
        sums = early.groupby("tenure_month")[["attained_amount", "quota_month"]].sum()
        size = early.groupby("tenure_month").size()
        at = sums.index.to_numpy(dtype="int64")
        count[at] = size.to_numpy()
        observed[at] = (sums["attained_amount"] / sums["quota_month"]).to_numpy() / full
        fitted = _monotone(at, observed[at], sums["quota_month"].to_numpy(), most)
        weight = float(len(early) / (len(early) + settings.ramp_prior))
    used = fallback if weight == 0 else weight * fitted + (1 - weight) * fallback
    return pd.DataFrame(
        {
            "role": role,
            "tenure_month": np.arange(most),
            "observed_share": observed,
            "fitted_share": fitted,
            "ramp_share": used,
            "rep_months": count.astype("int64"),
            "own_weight": weight,
            "basis": BASES[0] if weight > 0 else basis,
        }
    )


def _monotone(at: npt.NDArray[np.int64], share: Floats, weight: Floats, most: int) -> Floats:
    """Give the nearest curve that never falls, at most 1, for all months."""
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression(y_min=0.0, y_max=1.0, increasing=True, out_of_bounds="clip")
    model.fit(at.astype("float64"), share, sample_weight=weight)
    return np.asarray(model.predict(np.arange(most, dtype="float64")), dtype="float64")


def _bands(months: pd.DataFrame, roles: list[str], settings: CapacitySettings) -> pd.DataFrame:
    """Give the productivity of ramped reps by tenure band; 1 is the mean of all ramped reps."""
    limits = [settings.ramp_most, *(one for one in settings.tenure_bands
                                    if one > settings.ramp_most)]  # fmt: skip
    ramped = months[months["tenure_month"] >= settings.ramp_most]
    rows = []
    for role in [ALL_ROLES, *roles]:
        mine = ramped if role == ALL_ROLES else ramped[ramped["role"] == role]
        full = _ratio(mine)
        for low, high in zip(limits, [*limits[1:], None], strict=True):
            inside = mine["tenure_month"] >= low
            band = mine[inside if high is None else inside & (mine["tenure_month"] < high)]
            raw = _ratio(band) / full if full > 0 and len(band) else np.nan
            own = len(band) / (len(band) + settings.productivity_prior)
            used = 1.0 if np.isnan(raw) else own * raw + (1 - own)
            rows.append((role, low, high, len(band), raw, used))
    columns = ["role", "tenure_from", "tenure_to", "rep_months", "productivity_raw",
               "productivity"]  # fmt: skip
    found = pd.DataFrame(rows, columns=columns)
    found["tenure_to"] = found["tenure_to"].astype("Float64").astype("Int64")
    return found


def _ratio(months: pd.DataFrame) -> float:
    quota = float(months["quota_month"].sum())
    return float(months["attained_amount"].sum()) / quota if quota > 0 else 0.0
