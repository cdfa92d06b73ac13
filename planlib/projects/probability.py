"""Win probability by evidence: what became of deals that came as far, by lane and assessment."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from planlib.projects.late import LATE
from planlib.settings.projects import ProjectsSettings

_ALL = "all"


def win_rates(
    closed: pd.DataFrame,
    positions: pd.Series,
    settings: ProjectsSettings,
    late: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Give win rates of closed deals by lane, phase that they reached, and assessment.

    Each rate is drawn to that of the wider group by ``prior_deals`` deals: the phase with its
    assessment to the phase, the phase to its lane, the lane to all. The interval is that of the
    Beta distribution that this gives, so that three wins of three do not read as certain.

    Parameters
    ----------
    closed
        ``project_id``, ``is_won``, ``lane``, ``phase_order`` (furthest phase; blank: not seen).
    positions
        Against the best competitor, by ``project_id``, from assessments made before the close.
    settings
        Section ``projects``.
    late
        Deals that were once late, from ``once_late``: one more rate, drawn to that of all; None
        leaves it out.

    Returns
    -------
    DataFrame
        Table ``project_win_rates``.
    """
    rows = closed.assign(
        position=closed["project_id"].map(positions).astype("str").fillna("not assessed"),
        is_won=closed["is_won"].astype(bool),
    )
    lines: list[dict[str, object]] = []
    whole = _add(lines, rows, (_ALL, _ALL, _ALL), None, settings)
    if late is not None:
        _add(lines, late, (_ALL, _ALL, LATE), whole, settings)
    for lane in ("large", "fast"):
        mine = rows[rows["lane"] == lane]
        of_lane = _add(lines, mine, (lane, _ALL, _ALL), whole, settings)
        for phase, order in settings.phases.items():
            reached = mine[(mine["phase_order"] >= order).fillna(False).astype(bool)]
            of_phase = _add(lines, reached, (lane, phase, _ALL), of_lane, settings)
            for position in ("ahead", "level", "behind"):
                judged = reached[reached["position"] == position]
                _add(lines, judged, (lane, phase, position), of_phase, settings)
    return pd.DataFrame(lines)


def _add(
    lines: list[dict[str, object]],
    rows: pd.DataFrame,
    name: tuple[str, str, str],
    wider: float | None,
    settings: ProjectsSettings,
) -> float | None:
    """Add the line of a group, and give its rate; without deals that of the wider group."""
    won, count = int(rows["is_won"].sum()), len(rows)
    weight = settings.prior_deals if wider is not None else 0.0
    rate = wider if count == 0 else (won + weight * (wider or 0.0)) / (count + weight)
    if count == 0:
        return rate
    middle = 0.5 if wider is None else wider
    extra = max(weight, 1.0)  # one deal at least, so that the interval is never a point
    low, high = betaincinv(won + extra * middle, count - won + extra * (1 - middle), [0.025, 0.975])
    lines.append(
        {
            "lane": name[0], "phase": name[1], "position": name[2],
            "phase_order": settings.phases.get(name[1]),
            "won_count": won, "closed_count": count, "win_share": won / count, "rate": rate,
            "low": min(float(np.nan_to_num(low)), float(rate or 0.0)),
            "high": max(float(np.nan_to_num(high, nan=1.0)), float(rate or 0.0)),
            "is_grey": count < settings.minimum_deals,
        }
    )  # fmt: skip
    return rate


def evidence(projects: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """
    Give the win probability of each open project by the narrowest group that has deals.

    Parameters
    ----------
    projects
        ``lane``, ``phase`` (blank: not known), ``position`` and, where known, ``is_late``: a late
        one has the rate of deals that were once as late; without it its own rate is grey.
    rates
        From ``win_rates``.

    Returns
    -------
    DataFrame
        ``win_probability``, ``low``, ``high``, ``probability_basis``, ``is_grey`` in the order of
        ``projects``; blank without any closed deal.
    """
    known = {(row["lane"], row["phase"], row["position"]): row for row in rates.to_dict("records")}
    found = []
    for row in projects.to_dict("records"):
        phase = _ALL if pd.isna(row["phase"]) else row["phase"]
        keys = [(row["lane"], phase, row["position"]), (row["lane"], phase, _ALL),
                (row["lane"], _ALL, _ALL), (_ALL, _ALL, _ALL)]  # fmt: skip
        late = bool(row.get("is_late", False))
        keys = [(_ALL, _ALL, LATE), *keys] if late else keys
        key = next((one for one in keys if one in known), None)
        if key is None:
            found.append({"win_probability": np.nan, "low": np.nan, "high": np.nan,
                          "probability_basis": "no closed deal is known",
                          "is_grey": True})  # fmt: skip
            continue
        rate = known[key]
        parts = [
            "all deals" if key[0] == _ALL else f"{key[0]} lane",
            "" if key[1] == _ALL else f"reached {str(key[1]).replace('_', ' ')}",
            "" if key[2] in (_ALL, LATE) else f"{key[2]} by assessment",
        ]
        words = ", ".join(part for part in parts if part)
        words = "deals once as late past their close date" if key[2] == LATE else words
        words += f": {rate['won_count']} of {rate['closed_count']} won"
        unsure = rate["is_grey"] or (late and key[2] != LATE)
        found.append({"win_probability": rate["rate"], "low": rate["low"], "high": rate["high"],
                      "probability_basis": words, "is_grey": unsure})  # fmt: skip
    columns = ["win_probability", "low", "high", "probability_basis", "is_grey"]
    return pd.DataFrame(found, index=projects.index, columns=columns)
