"""Whether a business line carries a team of its own, or one team sells all lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from planlib.intervals import newcombe
from planlib.settings.team_structure import TeamStructureSettings
from planlib.tables import table
from planlib.team.multiplicity import FALSE_SHARE, adjust, p_of_interval
from planlib.team.structure.ground import Ground
from planlib.team.structure.ratios import Ratio, ratio_of_means

_COMPARED = ("home_win_share", "others_win_share", "win_difference", "low", "high")


def weigh_lines(ground: Ground) -> pd.DataFrame:
    """
    Say for every business line whether a team of its own would do better.

    A team of its own: the line alone fills a team, at most ``line_shared_share`` of its customers
    buy other lines too, and sellers who are at home in it win a larger share of its deals than all
    others, beyond the 95 % interval and beyond chance among all lines (``multiplicity``). One team
    for all: the line fills no team, or more of its customers are shared. Otherwise it is open. Home
    is where ``line_home_share`` of the decided deals of a seller are, won or not, so that success
    does not choose the group.

    Parameters
    ----------
    ground
        Deals with the business line of their main product, people, and the limits of plan.yaml.

    Returns
    -------
    DataFrame
        Table ``structure_lines``, most sold first; empty with fewer than two lines.
    """
    deals = ground.deals[ground.deals["line"] != ""]
    lines = sorted(deals["line"].unique())
    if len(lines) < 2:  # noqa: PLR2004  # one line is no choice
        return table("structure_lines").empty()
    people = ground.roster.people
    sells = people["is_post"] & people["kind"].isin(["field", "inside"])
    by_region = people[sells].groupby("region").size().astype("float64")
    decided = deals[deals["owner_id"] != ""].groupby(["owner_id", "line"]).size()
    own = decided / decided.groupby(level="owner_id").transform("sum")
    at_home = own[own >= ground.settings.line_home_share - 1e-9].reset_index(name="share")
    homes = at_home.groupby("line")["owner_id"].agg(set).to_dict()
    rows = [_row(ground, deals, line, homes.get(line, set()), by_region) for line in lines]
    found = pd.DataFrame(rows).sort_values(["won_amount", "line"], ascending=[False, True])
    found["p_adjusted"] = adjust(
        p_of_interval(found["win_difference"], found["low"], found["high"])
    )
    said = [_judge(row, ground.settings) for row in found.to_dict("records")]
    found = found.assign(verdict=[verdict for verdict, _ in said], reason=[
        f"{reason}; {pace}" for (_, reason), pace in zip(said, found["pace"], strict=True)
    ])  # fmt: skip
    return table("structure_lines").coerce(found.drop(columns="pace").reset_index(drop=True))


def _row(
    ground: Ground, deals: pd.DataFrame, line: str, home: set[str], sellers: pd.Series
) -> dict[str, Any]:
    settings = ground.settings
    won = deals[deals["is_won"]]
    mine = won[won["line"] == line]
    total = float(won["amount"].sum())
    share = float(mine["amount"].sum()) / total if total > 0 else np.nan
    bought = won.groupby("account_id")["line"].nunique()
    customers = mine["account_id"].unique()
    shared = float((bought.reindex(customers) > 1).mean()) if len(customers) else np.nan
    by_region = won.groupby("region")["amount"].sum()
    in_region = mine.groupby("region")["amount"].sum() / by_region.where(by_region > 0)
    filled = int((in_region.reindex(sellers.index).fillna(0.0) * sellers >= settings.team_size)
                 .sum())  # fmt: skip
    cycle = ratio_of_means(mine["cycle_days"], won.loc[won["line"] != line, "cycle_days"],
                           settings.minimum_cases)  # fmt: skip
    workflow = _workflow(cycle, settings.line_pace)
    return {
        "line": line, "won_count": len(mine), "won_amount": float(mine["amount"].sum()),
        "amount_share": share, "heads": share * float(sellers.sum()),
        "account_count": len(customers), "shared_share": shared, "region_count": filled,
        "cycle_days": cycle.value, "cycle_ratio": cycle.ratio, "cycle_low": cycle.low,
        "cycle_high": cycle.high, "workflow": workflow, "pace": _pace(cycle, workflow),
        **_who_wins(deals[deals["line"] == line], home, settings),
    }  # fmt: skip


def _who_wins(
    decided: pd.DataFrame, home: set[str], settings: TeamStructureSettings
) -> dict[str, Any]:
    """Compare the win share of sellers at home in the line with that of the others."""
    named = decided[decided["owner_id"] != ""]
    is_home = named["owner_id"].isin(home)
    first, second = named[is_home], named[~is_home]
    found: dict[str, Any] = {"home_sellers": len(home), **dict.fromkeys(_COMPARED, np.nan)}
    groups = (first["owner_id"].nunique(), second["owner_id"].nunique())
    cases_least = min(len(first), len(second))
    if min(groups) < settings.line_sellers or cases_least < settings.minimum_cases:
        return found
    cases = [(int(one["is_won"].sum()), len(one)) for one in (first, second)]
    low, high = newcombe(cases[0], cases[1], 0.95)
    shares = [k / n for k, n in cases]
    return {
        **found, "home_win_share": shares[0], "others_win_share": shares[1],
        "win_difference": shares[0] - shares[1], "low": low, "high": high,
    }  # fmt: skip


def _judge(row: dict[Any, Any], settings: TeamStructureSettings) -> tuple[str, str]:
    heads, shared, team_size = row["heads"], row["shared_share"], settings.team_size
    if np.isnan(heads) or heads < team_size:
        return "one team for all", (
            f"{heads:.1f} heads would sell it, fewer than a team of {team_size}"
            if not np.isnan(heads) else "nothing of it was won in the window"
        )  # fmt: skip
    if shared > settings.line_shared_share:
        return "one team for all", (
            f"{100 * shared:.0f} % of its customers buy other lines too: two teams would call on "
            "them"
        )
    if np.isnan(row["low"]):
        return "open", (
            f"{heads:.1f} heads would fill a team, {100 * shared:.0f} % of its customers are "
            "shared; too few sellers are at home in it to say whether they win more"
        )
    points = f"{100 * row['win_difference']:+.0f} points ({100 * row['low']:+.0f} to "
    points += f"{100 * row['high']:+.0f})"
    if row["low"] > 0 and row["p_adjusted"] <= FALSE_SHARE:
        return "team of its own", (
            f"sellers at home in it win more of its deals: {points}; {heads:.1f} heads fill a "
            f"team, {100 * shared:.0f} % of its customers are shared"
        )
    return "open", (
        f"sellers at home in it do not win more of its deals beyond noise: {points}; "
        f"{heads:.1f} heads would fill a team"
    )


def _workflow(cycle: Ratio, alike: tuple[float, float]) -> str:
    if np.isnan(cycle.low):
        return "not known"
    if cycle.answer == "more" and cycle.ratio > alike[1]:
        return "slower"
    return "faster" if cycle.answer == "less" and cycle.ratio < alike[0] else "same"


def _pace(cycle: Ratio, workflow: str) -> str:
    if workflow == "not known":
        return "too few won deals to compare its cycle"
    around = f"x {cycle.ratio:.2f} ({cycle.low:.2f} to {cycle.high:.2f})"
    if workflow == "same":
        return f"cycle near that of the other lines, {around}: the same workflow fits"
    return f"cycle {around} that of the other lines: check that the stages fit both"
