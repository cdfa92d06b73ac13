"""Onboarding: how far cohorts have come, what variants would change, and one common method."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planlib.capacity.hazard import hazard_of_months
from planlib.disclosure import publishable
from planlib.hygiene.moves import record_gap
from planlib.intervals import wilson
from planlib.notes import count_of, percent
from planlib.ranking.shrink import Floats, difference_test
from planlib.settings.team_people import OnboardingVariant, TeamPeopleSettings
from planlib.team.grouping import ALL
from planlib.team.retention import poisson_interval
from planlib.team.staff import Staff

AS_IS = "as it is"
_HORIZON = 240  # months of tenure that are followed; by then everybody has gone
_ALPHA = 0.05
_FEW = 5


def complete_onboarding(
    onboarding: pd.DataFrame | None, staff: Staff, settings: TeamPeopleSettings
) -> pd.DataFrame:
    """
    Measure completion of each item by hire half-year.

    Parameters
    ----------
    onboarding
        Table ``onboarding``; items without a due date count as due, items due later do not count.
    staff
        People.
    settings
        Smallest group: cohorts of fewer people are merged.

    Returns
    -------
    DataFrame
        Rows of ``onboarding_completion``: everybody first, item ``all`` first in each cohort. An
        item that few people of any cohort have is shown for everybody alone.
    """
    if onboarding is None or onboarding.empty:
        return pd.DataFrame()
    rows = onboarding.merge(staff.people[["rep_id", "start"]], on="rep_id")
    rows = rows[~(rows["due_date"] > staff.as_of)]
    done = rows["done_date"].notna() & (rows["done_date"] <= staff.as_of)
    half = np.where(rows["start"].dt.month <= 6, "H1", "H2")
    rows = rows.assign(
        cohort=rows["start"].dt.year.astype("str") + half, total=ALL, is_done=done,
        is_method=rows["is_method"].fillna(False).astype(bool),
        is_on_time=done & ~(rows["done_date"] > rows["due_date"]),
    )  # fmt: skip
    shown = publishable(rows, ["total", "cohort"], settings.minimum_group)
    if shown["total"].empty:
        return pd.DataFrame()
    rows = pd.concat([rows.assign(item=ALL, is_method=False), rows], ignore_index=True)
    parts = [rows.assign(cohort=ALL)]
    if not shown["cohort"].empty:
        rows = rows.assign(cohort=rows["cohort"].map(shown["cohort"]))
        people = rows.groupby(["item", "cohort"])["rep_id"].nunique()
        small = people[people < settings.minimum_group].reset_index()["item"]
        parts.append(rows[~rows["item"].isin(small)])
    double = pd.concat(parts, ignore_index=True)
    sums = double.groupby(["cohort", "item"], as_index=False).agg(
        people_count=("rep_id", "nunique"), due_count=("is_done", "size"),
        done_count=("is_done", "sum"), on_time_count=("is_on_time", "sum"),
        is_method=("is_method", "any"),
    )  # fmt: skip
    sums = sums[sums["people_count"] >= settings.minimum_group]
    order = [sums["cohort"] != ALL, sums["cohort"], sums["item"] != ALL, sums["item"]]
    sums = sums.iloc[np.lexsort([one.to_numpy() for one in reversed(order)])]
    sums = sums.reset_index(drop=True)
    low, high = wilson(sums["done_count"].astype(float), sums["due_count"])
    return sums.assign(
        done_share=sums["done_count"] / sums["due_count"], low=low, high=high,
        on_time_share=sums["on_time_count"] / sums["due_count"],
        is_grey=sums["due_count"] < 2 * settings.minimum_group,
    )  # fmt: skip


def expected_months(hazard: Floats) -> float:
    """
    Give the expected months of tenure within the months of the hazard (restricted mean).

    ``E = sum over m of S(m)``, ``S(m) = product of (1 - h)`` before m; with a constant hazard
    ``(1 - (1 - h)^M) / h`` for M months.

    Examples
    --------
    >>> round(expected_months(np.full(240, 0.02)), 3)
    49.608
    """
    return float(np.concatenate([[1.0], np.cumprod(1 - hazard[:-1])]).sum())


def compare_variants(
    hazards: pd.DataFrame,
    headcount: int,
    leaver_cost: float | None,
    variants: Sequence[OnboardingVariant],
) -> pd.DataFrame:
    """
    Compare variants of onboarding with how it is: expected tenure and leavers a year.

    Parameters
    ----------
    hazards
        From ``planlib.capacity.exit_hazard`` by role; the pooled hazard of each tenure is used.
    headcount
        People whom the figure is for.
    leaver_cost
        What a leaver costs; None: not known.
    variants
        Scenarios of plan.yaml; none is assumed.

    Returns
    -------
    DataFrame
        Rows of ``onboarding_variants``, how it is first. What a share of leavers from outside would
        save is blank where that share is within the interval of how it is. Expected tenure is that
        within twenty years; leavers a year in the long run are headcount / expected tenure (renewal
        theorem).
    """
    if hazards.empty or headcount < 1:
        return pd.DataFrame()
    base = hazard_of_months(hazards, None, _HORIZON)
    stated = (hazards["basis"] == "stated").all()
    said = "plan.yaml: nobody left in the window" if stated else "own monthly hazard by tenure"
    rows = [_variant(AS_IS, base, headcount, f"{said}, pooled over roles")]
    unclear = [True]  # how it is saves nothing against itself
    for one in variants:
        text = (
            f"{percent(one.turnover_share, 1)} a year leave"
            if one.turnover_share is not None
            else f"{one.turnover_ratio:g} times the hazard as it is"
        )
        when = f" in the first {one.months} months" if one.months else ""
        noise = _within_noise(hazards, one)
        rows.append(_variant(one.name, _changed(base, one), headcount,
                             f"scenario of plan.yaml: {text}{when}{noise}"))  # fmt: skip
        unclear.append(bool(noise))
    found = pd.DataFrame(rows)
    saved = found["leavers_a_year"].iloc[0] - found["leavers_a_year"]
    found["saved_amount"] = np.nan if leaver_cost is None else saved * leaver_cost
    found["saved_amount"] = found["saved_amount"].mask(pd.Series(unclear))
    return found


def _within_noise(hazards: pd.DataFrame, variant: OnboardingVariant) -> str:
    """
    Say where a share of leavers from outside cannot be told from how it is; else blank.

    A ratio is a change of how it is by itself, so there is nothing to tell apart.
    """
    share = variant.turnover_share
    if share is None or (hazards["basis"] == "stated").all():
        return ""
    mine = hazards
    if variant.months:
        mine = hazards[hazards["tenure_to"].notna() & (hazards["tenure_to"] <= variant.months)]
    left, years = float(mine["leaver_count"].sum()), float(mine["exposure_months"].sum()) / 12
    if not years > 0:
        return ""
    ends = poisson_interval(pd.Series([left]), pd.Series([years]))
    low, high = (float(1 - np.exp(-one.iloc[0])) for one in ends)
    if not low <= share <= high:
        return ""
    return (
        f"; how it is rests on {count_of(int(left), 'leaver')} of these months (95 % interval "
        f"{percent(low, 1)} to {percent(high, 1)} a year), so what it would save cannot be told"
    )


def check_method(
    staff: Staff,
    opportunities: pd.DataFrame | None,
    opportunity_history: pd.DataFrame | None,
    settings: TeamPeopleSettings,
) -> pd.DataFrame:
    """
    Check whether teams sell by one method: deals won that were seen in every usual stage.

    A stage is usual when at least half of all deals won with a recorded course (two or more open
    stages) were seen in it. Teams are compared by Cochran's Q, as in the ranking, where records
    tell each stage (``record_gap``): else teams with short cycles would seem to skip stages.

    Parameters
    ----------
    staff
        People; a deal counts for the present team of its owner.
    opportunities, opportunity_history
        Deals won, and the stages on record.
    settings
        What makes a team, smallest group.

    Returns
    -------
    DataFrame
        Rows of ``method_consistency``; empty without a history of stages.
    """
    course = _courses(opportunities, opportunity_history)
    if course.empty:
        return pd.DataFrame()
    rows = course.merge(staff.here[["rep_id", *settings.burnout_by]], on="rep_id")
    rows = rows.assign(all=ALL)
    shown = publishable(rows, ["all", *settings.burnout_by], settings.minimum_group)
    gap = record_gap(opportunity_history)
    found = []
    for cut, names in shown.items():
        if not names.empty:
            by = rows.groupby(rows[cut].map(names))
            sums = pd.DataFrame({
                "people_count": by["rep_id"].nunique(), "won_count": by.size(),
                "usual_count": by["is_usual"].sum().astype(int),
            }).rename_axis("team").reset_index()  # fmt: skip
            found.append(sums.assign(team_by=cut, finding=_unseen(gap) or _differs(sums)))
    if not found:  # no group is large enough to be shown
        return pd.DataFrame()
    table = pd.concat(found, ignore_index=True)
    low, high = wilson(table["usual_count"].astype(float), table["won_count"])
    return table.assign(usual_share=table["usual_count"] / table["won_count"], low=low, high=high)


def _unseen(gap: int) -> str:
    if gap <= 1:
        return ""
    return (
        f"at least so many, and teams are not compared: records stand {gap} days apart, so that a "
        "shorter stay in a stage is not seen"
    )


def _variant(name: str, hazard: Floats, headcount: int, basis: str) -> dict[str, object]:
    months = expected_months(hazard)
    return {
        "variant": name, "first_year_share": float(1 - np.prod(1 - hazard[:12])),
        "expected_tenure_years": months / 12, "leavers_a_year": 12 * headcount / months,
        "headcount": headcount, "basis": basis,
    }  # fmt: skip


def _changed(base: Floats, variant: OnboardingVariant) -> Floats:
    months = variant.months or len(base)
    hazard = base.copy()
    if variant.turnover_share is not None:
        hazard[:months] = 1 - (1 - variant.turnover_share) ** (1 / 12)
    elif variant.turnover_ratio is not None:
        hazard[:months] = np.minimum(base[:months] * variant.turnover_ratio, 1.0)
    return hazard


def _courses(opportunities: pd.DataFrame | None, history: pd.DataFrame | None) -> pd.DataFrame:
    """Give each deal won with a recorded course, and whether it was seen in every usual stage."""
    none = pd.DataFrame()
    if opportunities is None or history is None or history.empty:
        return none
    won = opportunities[opportunities["is_won"].fillna(False).astype(bool)]
    open_rows = history[~history["is_closed"].fillna(False).astype(bool)]
    seen = open_rows[["opportunity_id", "stage"]].dropna().drop_duplicates()
    seen = seen[seen["opportunity_id"].isin(won["opportunity_id"])]
    count = seen.groupby("opportunity_id")["stage"].transform("size")
    seen = seen[count >= 2]
    deals = seen["opportunity_id"].nunique()
    if not deals:
        return none
    often = seen["stage"].value_counts()
    usual = set(often[often >= deals / 2].index)
    passed = seen[seen["stage"].isin(usual)].groupby("opportunity_id").size()
    rows = won[won["opportunity_id"].isin(seen["opportunity_id"])]
    return pd.DataFrame({
        "rep_id": rows["owner_id"].to_numpy(),
        "is_usual": rows["opportunity_id"].map(passed).fillna(0).to_numpy() == len(usual),
    })  # fmt: skip


def _differs(sums: pd.DataFrame) -> str:
    if len(sums) < 2:
        return "the only group"
    enough = sums["won_count"] >= _FEW
    share = float(sums["usual_count"].sum() / sums["won_count"].sum())
    if enough.sum() < 2 or not 0 < share < 1:
        return "too few deals to compare teams"
    rows = sums[enough]
    count = rows["won_count"].to_numpy(dtype=float)
    chance = difference_test(
        rows["usual_count"].to_numpy(dtype=float) / count, share * (1 - share) / count
    )[2]
    if chance < _ALPHA:
        return f"teams differ beyond chance (p {chance:.2f})"
    return f"no evidence that teams differ (p {chance:.2f})"
