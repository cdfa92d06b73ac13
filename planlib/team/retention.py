"""Who leaves: turnover of groups that may be shown, and survival of hire cohorts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.disclosure import OTHER, publishable
from planlib.pipeline.movement.survival import cumulative_incidence
from planlib.ranking.shrink import gamma_ratio
from planlib.settings.team_people import TeamPeopleSettings
from planlib.team.grouping import ALL
from planlib.team.staff import Staff

_STEP_MONTHS = 3
_DAYS_A_MONTH = 365.25 / 12
_FEW_LEAVERS = 3  # fewer give no more than a question


def measure_turnover(
    months: pd.DataFrame, shown: dict[str, pd.Series], staff: Staff, settings: TeamPeopleSettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Count leavers per person-year for every group that may be shown.

    Parameters
    ----------
    months
        Person-months of the window with the cuts, from ``grouping.group_months``.
    shown
        Groups that may be shown, from there.
    staff
        For the reasons of leavers.
    settings
        Smallest group, floor of the spread.

    Returns
    -------
    tuple
        Rows of ``turnover`` (total, role, tenure band) and of ``turnover_close`` (manager, cause).
        A cause of fewer leavers than the smallest group is merged.
    """
    if months.empty:
        return pd.DataFrame(), pd.DataFrame()
    shared = {"window_from": months["month_date"].min(), "window_to": staff.as_of}
    found = {
        cut: _rates(months, cut, shown[cut], settings).assign(cut=cut, **shared)
        for cut in ("total", "role", "tenure_band", "manager")
    }
    causes = _causes(staff, months, settings).assign(cut="cause", **shared)
    names = ["total", "role", "tenure_band"]
    open_cuts = pd.concat([found[cut] for cut in names], ignore_index=True)
    close = [one for one in (found["manager"], causes) if len(one)]
    return open_cuts, pd.concat(close, ignore_index=True) if close else pd.DataFrame()


def poisson_interval(count: pd.Series, years: pd.Series) -> tuple[pd.Series, pd.Series]:
    """
    Give the exact 95 % interval of a rate (Garwood, Biometrika 28, 1936).

    Examples
    --------
    >>> low, high = poisson_interval(pd.Series([0, 4]), pd.Series([10.0, 10.0]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.109], [0.369, 1.024])
    """
    from scipy.special import gammaincinv

    n = count.to_numpy(dtype=float)
    low = np.where(n > 0, gammaincinv(np.maximum(n, 1), 0.025), 0.0)
    high = gammaincinv(n + 1, 0.975)
    base = years.to_numpy(dtype=float)
    base = np.where(base > 0, base, np.nan)
    return pd.Series(low / base, index=count.index), pd.Series(high / base, index=count.index)


def shrink_rates(rows: pd.DataFrame, pooled: float, floor: float) -> pd.DataFrame:
    """
    Draw rates to the pooled one.

    Parameters
    ----------
    rows
        ``leavers_count`` and ``person_years`` of groups that share the pooled rate.
    pooled
        Leavers / person-years of everybody.
    floor
        Smallest standard deviation of true ratios.

    Returns
    -------
    DataFrame
        ``rate_shrunk``, ``shrunk_low``, ``shrunk_high`` (95 %); where nobody left, blank.
    """
    names = ["rate_shrunk", "shrunk_low", "shrunk_high"]
    if not pooled > 0 or rows.empty:
        return pd.DataFrame(np.nan, index=rows.index, columns=names)
    expected = rows["person_years"].to_numpy(dtype=float) * pooled
    fit = gamma_ratio(rows["leavers_count"].to_numpy(dtype=float), expected, expected, floor)
    found = [fit.mean, fit.quantile(0.025), fit.quantile(0.975)]
    return pd.DataFrame(np.column_stack(found) * pooled, index=rows.index, columns=names)


def _rates(
    months: pd.DataFrame, cut: str, names: pd.Series, settings: TeamPeopleSettings
) -> pd.DataFrame:
    if names.empty or months.empty:
        return pd.DataFrame()
    label = months[cut].map(names)
    by = months.groupby(label)
    rows = pd.DataFrame({
        "people_count": by["rep_id"].nunique(), "person_years": by["years"].sum(),
        "leavers_count": by["is_exit"].sum().astype(int),
    }).rename_axis("cut_value").reset_index()  # fmt: skip
    pooled = _pooled(months)
    order = rows["cut_value"].map(lambda name: (name == OTHER, _leading(name), name))
    rows = rows.iloc[sorted(range(len(rows)), key=lambda at: order.iloc[at])]
    rows = _with_intervals(rows.reset_index(drop=True))
    rows = rows.join(shrink_rates(rows, pooled, settings.spread_floor))
    if cut == "total":  # there is nothing to draw it to
        rows["rate_shrunk"], rows["shrunk_low"], rows["shrunk_high"] = (
            rows["rate"], rows["low"], rows["high"]
        )  # fmt: skip
    merged = int((names == OTHER).sum())
    return rows.assign(
        year_share=1 - np.exp(-rows["rate_shrunk"]),
        is_grey=rows["leavers_count"] < _FEW_LEAVERS,
        note=np.where(rows["cut_value"] == OTHER, f"{merged} groups, not shown one by one", ""),
    )


def _leading(name: str) -> int:
    """Give the number a tenure band begins with, so that bands stand in order; else 0."""
    digits = name.split("-")[0].split("+")[0]
    return int(digits) if digits.isdigit() and "month" in name else 0


def _pooled(months: pd.DataFrame) -> float:
    years = float(months["years"].sum())
    return float(months["is_exit"].sum()) / years if years else float("nan")


def _with_intervals(rows: pd.DataFrame) -> pd.DataFrame:
    low, high = poisson_interval(rows["leavers_count"], rows["person_years"])
    return rows.assign(rate=rows["leavers_count"] / rows["person_years"], low=low, high=high)


def _causes(staff: Staff, months: pd.DataFrame, settings: TeamPeopleSettings) -> pd.DataFrame:
    """Give the rates of causes; a cause of fewer leavers than the smallest group is merged."""
    left = months.loc[months["is_exit"], ["rep_id"]].merge(
        staff.people[["rep_id", "leave_reason"]], on="rep_id"
    )
    if left.empty or left["leave_reason"].isna().all():
        return pd.DataFrame()
    left = left.assign(total=ALL, cause=left["leave_reason"].astype("str").fillna("(not given)"))
    names = publishable(left, ["total", "cause"], settings.minimum_group)["cause"]
    if names.empty:
        return pd.DataFrame()
    counts = left.groupby(left["cause"].map(names)).size()
    rows = pd.DataFrame({
        "cut_value": counts.index.astype("str"), "leavers_count": counts.to_numpy(dtype=int),
        "people_count": months["rep_id"].nunique(), "person_years": months["years"].sum(),
    })  # fmt: skip
    rows = _with_intervals(rows)
    merged = int((names == OTHER).sum())
    return rows.assign(
        is_grey=rows["leavers_count"] < _FEW_LEAVERS,
        note=np.where(rows["cut_value"] == OTHER, f"{merged} causes, not shown one by one", ""),
    )


def survive_cohorts(
    staff: Staff, start: pd.Timestamp, settings: TeamPeopleSettings
) -> pd.DataFrame:
    """
    Estimate the share of each hire cohort that is still there, by quarters of tenure.

    Kaplan-Meier with late entry: who came before the window is watched from its first day on.
    Cohorts are hire years; those with fewer people than ``minimum_group`` are merged with the
    others too small, and a point with fewer people at risk is left out.

    Parameters
    ----------
    staff
        People.
    start
        First day of the window: leavers before it are not counted.
    settings
        Smallest group.

    Returns
    -------
    DataFrame
        Rows of ``tenure_survival``.
    """
    people = staff.people
    stop = people["leave_date"].fillna(staff.as_of)
    facts = people.assign(
        days=(stop - people["start"]).dt.days.astype(float) + people["leave_date"].notna(),
        entry=(start - people["start"]).dt.days.clip(lower=0).astype(float),
        cause=np.where(people["leave_date"].notna(), "left", ""),
        cohort=people["start"].dt.year.astype("str"),
        total=ALL,
    )
    facts = facts[stop >= start]
    names = publishable(facts, ["total", "cohort"], settings.minimum_group)["cohort"]
    parts = [(ALL, facts)]
    if not names.empty:
        parts += [(str(name), rows) for name, rows in facts.groupby(facts["cohort"].map(names))]
    found = [_curve(name, rows, settings.minimum_group) for name, rows in parts if len(rows)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _curve(name: str, rows: pd.DataFrame, minimum: int) -> pd.DataFrame:
    most = float(rows["days"].max()) / _DAYS_A_MONTH
    months = np.arange(0, most + _STEP_MONTHS, _STEP_MONTHS)
    ages = months * _DAYS_A_MONTH
    curve = cumulative_incidence(rows["days"], rows["cause"], rows["entry"], ages, ("left",))
    if (rows["cause"] == "").all():
        gone = low = high = pd.Series(np.where(ages <= rows["days"].max(), 0.0, np.nan))
        high = pd.Series(np.nan, index=gone.index)
        low = high
    else:
        gone, low, high = curve["left"], curve["left_low"], curve["left_high"]
    found = pd.DataFrame({
        "cohort": name, "tenure_months": months.astype(int),
        "at_risk_count": curve["at_risk"].astype(int), "stayed_share": 1 - gone,
        "low": (1 - high).clip(0, 1), "high": (1 - low).clip(0, 1), "cohort_count": len(rows),
    })  # fmt: skip
    nobody = found["stayed_share"] == 1  # as long as nobody left no event tells a width
    found[["low", "high"]] = found[["low", "high"]].mask(nobody)
    thin = found["at_risk_count"] < minimum
    return found.assign(is_grey=found["at_risk_count"] < 2 * minimum)[~thin]
