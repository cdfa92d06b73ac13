"""The process by lane: what is open in each phase, and what became of deals that reached it."""

from __future__ import annotations

import pandas as pd

from planlib.intervals import wilson
from planlib.pipeline.money import known, to_cents
from planlib.settings.projects import ProjectsSettings


def read_process(
    projects: pd.DataFrame,
    closed: pd.DataFrame,
    settings: ProjectsSettings,
    *,
    kept: bool = True,
) -> pd.DataFrame:
    """
    Count open projects and deals by lane and phase, beside the closed deals that reached the phase.

    Parameters
    ----------
    projects
        Open projects, and the open deals that are none, with ``lane``, ``phase``, ``amount``,
        ``gate``.
    closed
        Closed deals with ``lane``, ``phase_order``, ``is_won``.
    settings
        From how many deals a rate has a colour.
    kept
        Whether decisions at gates are kept at all; if not, nothing is said to be missing.

    Returns
    -------
    DataFrame
        Table ``project_process``. ``reached_count`` counts deals that were seen in the phase or a
        later one while they were open; it is blank where no deal was seen in any phase.
    """
    seen = closed[closed["phase_order"].notna()]
    lines = []
    for lane in ("large", "fast"):
        of_lane = projects[projects["lane"] == lane]
        past = seen[seen["lane"] == lane]
        for phase, order in settings.phases.items():
            here = of_lane[of_lane["phase"] == phase]
            came = past[past["phase_order"] >= order]
            lines.append(
                {
                    "lane": lane, "phase": phase, "phase_order": order,
                    "open_count": len(here),
                    "open_amount": _known_sum(here["amount"]),
                    "reached_count": len(came) if len(seen) else None,
                    "won_count": int(came["is_won"].astype(bool).sum()) if len(seen) else None,
                    "missing_gates_count": int((here["gate"] == "missing").sum()) if kept else None,
                }
            )  # fmt: skip
    rows = pd.DataFrame(lines)
    reached, won = rows["reached_count"].astype("float64"), rows["won_count"].astype("float64")
    low, high = wilson(won, reached)
    return rows.assign(
        win_share=won / reached.where(reached > 0),
        low=low,
        high=high,
        is_grey=reached.fillna(0) < settings.minimum_deals,
    )


def _known_sum(amounts: pd.Series) -> float | None:
    """Add up the known amounts to the cent; None where there are rows and none is known."""
    if len(amounts) and amounts.isna().all():
        return None
    return int(known(to_cents(amounts)).sum()) / 100
