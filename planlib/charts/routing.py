"""Pictures of routing: policies compared, shares of reps, waiting time, floors, the lead score."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from planlib.charts.base import COLORS, SERIES, label, new_axes, title
from planlib.charts.rows import nothing_to_draw
from planlib.notes import percent

_ORDER = (
    "geography",
    "cherry_picking",
    "strict_round_robin",
    "round_robin",
    "weighted",
    "least_loaded",
    "raw_rank",
    "best_ranked",
    "thompson",
    "ranked_by_grade",
    "true_skill",
)

_GAINS = {
    "availability_gain_points": "reps at work instead of a fixed owner",
    "rank_gain_points": "the best ranked instead of turns",
}


def plot_policies(
    policy_results: pd.DataFrame, *, measure: str = "win_share", ax: Axes | None = None
) -> Axes:
    """
    Show a measure of every policy with its interval, for spare and tight capacity.

    Parameters
    ----------
    policy_results
        Table ``policy_results``.
    measure
        Measure with unit share.
    ax
        Axes to draw on.
    """
    headline = "Win rate by policy" if measure == "win_share" else measure.replace("_", " ")
    rows = policy_results[(policy_results["measure"] == measure)
                          & (policy_results["floor_share"] == 0)]  # fmt: skip
    if rows.empty:
        return nothing_to_draw(ax, headline, "no policy was simulated")
    names = [one for one in _ORDER if one in set(rows["policy"])]
    ax = new_axes(ax, width=8.6, height=1.7 + 0.42 * len(names))
    for at, scenario in enumerate(("spare capacity", "tight capacity")):
        mine = rows[rows["scenario"] == scenario].set_index("policy").reindex(names)
        place = np.arange(len(names)) + (at - 0.5) * 0.3
        ax.hlines(place, 100 * mine["low"], 100 * mine["high"], color=SERIES[at], linewidth=2.4)
        ax.plot(100 * mine["value"], place, "o", color=SERIES[at], markersize=6, label=scenario)
        for x, y in zip(100 * mine["high"], place, strict=True):
            ax.annotate(f"{100 * mine['value'].iloc[round(y)]:.1f}", (x, y), (6, 0),
                        textcoords="offset points", va="center", fontsize=7.6,
                        color=COLORS["soft"])  # fmt: skip
    ax.set_yticks(range(len(names)), [one.replace("_", " ") for one in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.margins(x=0.12)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.set_xlabel("wins per 100 leads")
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.55 / (0.42 * len(names) + 1)), ncol=2)
    worlds = int(rows["world_count"].max())
    title(ax, headline, f"mean of {worlds} simulated worlds, the same for each policy; line: 95 % "
          "interval; a model, not evidence")  # fmt: skip
    return ax


def plot_shares(policy_shares: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show the share of leads by place in true skill, for the policies that differ most.

    Parameters
    ----------
    policy_shares
        Table ``policy_shares``.
    ax
        Axes to draw on.
    """
    headline = "Who gets the leads"
    rows = policy_shares[policy_shares["scenario"] == "spare capacity"]
    if rows.empty:
        return nothing_to_draw(ax, headline, "no policy was simulated")
    names = [one for one in ("round_robin", "best_ranked", "thompson", "ranked_by_grade",
                             "true_skill") if one in set(rows["policy"])]  # fmt: skip
    names = names or sorted(set(rows["policy"]))[:5]
    ax = new_axes(ax, width=8.6, height=4.2)
    reps = int(rows["skill_place"].max())
    for at, name in enumerate(names):
        mine = rows[rows["policy"] == name].sort_values("skill_place")
        ax.plot(mine["skill_place"], reps * mine["lead_share"], color=SERIES[at % len(SERIES)],
                linewidth=1.8, label=name.replace("_", " "))  # fmt: skip
    ax.axhline(1, color=COLORS["grey"], linewidth=0.8)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("reps, the most skilled first")
    ax.set_ylabel("leads, multiple of an even share")
    ax.legend(loc="upper right")
    title(ax, headline, "spare capacity; mean over simulated worlds; 1: an even share")
    return ax


def plot_floors(policy_results: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show what a floor share costs in win rate, and what it does for the rep with the fewest leads.

    Parameters
    ----------
    policy_results
        Table ``policy_results``.
    ax
        Axes to draw on.
    """
    headline = "What a fairness floor costs"
    rows = policy_results[(policy_results["policy"] == "best_ranked")
                          & (policy_results["scenario"] == "spare capacity")]  # fmt: skip
    wide = rows.pivot(index="floor_share", columns="measure", values="value").sort_index()
    wide = wide.reindex(columns=["minimum_share", "win_share"]).dropna()
    cost = rows[rows["measure"] == "floor_cost_points"].set_index("floor_share")
    if len(wide) < 2:
        return nothing_to_draw(ax, headline, "no floor was simulated (simulator.floors)")
    ax = new_axes(ax, width=7.4, height=3.8)
    x, y = 100 * wide["minimum_share"], 100 * wide["win_share"]
    ax.plot(x, y, "-o", color=COLORS["accent"], markersize=7)
    free = float(y.iloc[0])
    ax.vlines(x.reindex(cost.index), free - cost["high"], free - cost["low"],
              color=COLORS["accent"], linewidth=2.2, alpha=0.45)  # fmt: skip
    for floor, across, up in zip(wide.index, x, y, strict=True):
        ax.annotate(f"floor {percent(floor)}", (across, up), (7, 7), textcoords="offset points",
                    fontsize=8.4, color=COLORS["soft"])  # fmt: skip
    ax.margins(x=0.16, y=0.2)
    ax.set_xlabel("leads of the rep with the fewest, % of the mean")
    ax.set_ylabel("wins per 100 leads")
    title(ax, headline, "best ranked, spare capacity; floor: share of leads by turn; bar: 95 % "
          "interval of its cost")  # fmt: skip
    return ax


def plot_gains(policy_results: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show how much of the gain is availability and how much is rank, with intervals.

    Parameters
    ----------
    policy_results
        Table ``policy_results``.
    ax
        Axes to draw on.
    """
    headline = "Availability or rank?"
    rows = policy_results[policy_results["measure"].isin(list(_GAINS))]
    if rows.empty:
        return nothing_to_draw(ax, headline, "neither a fixed owner nor the best ranked was "
                               "simulated (simulator.policies)")  # fmt: skip
    scenarios = [
        one for one in ("spare capacity", "tight capacity") if one in set(rows["scenario"])
    ]
    ax = new_axes(ax, width=8.2, height=1.7 + 0.75 * len(scenarios))
    for at, (measure, name) in enumerate(_GAINS.items()):
        mine = rows[rows["measure"] == measure].set_index("scenario").reindex(scenarios)
        place = np.arange(len(scenarios)) + (at - 0.5) * 0.36
        ax.barh(place, mine["value"], 0.3, color=SERIES[at], label=name)
        ax.hlines(place, mine["low"], mine["high"], color=COLORS["ink"], linewidth=1.2)
        for value, high, y in zip(mine["value"], mine["high"], place, strict=True):
            ax.annotate(f"{value:+.2f}", (max(value, high, 0.0), y), (5, 0),
                        textcoords="offset points", va="center", fontsize=8,
                        color=COLORS["soft"])  # fmt: skip
    ax.axvline(0, color=COLORS["grey"], linewidth=0.8)
    ax.set_yticks(range(len(scenarios)), scenarios)
    ax.set_ylim(len(scenarios) - 0.4, -0.6)
    ax.margins(x=0.12)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.set_xlabel("points of win rate")
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.5 / (0.75 * len(scenarios) + 0.4)), ncol=2)
    worlds = int(rows["world_count"].max())
    title(ax, headline, f"mean of {worlds} simulated worlds; line: 95 % interval; rank: the best "
          "ranked at work against turns among them")  # fmt: skip
    return ax


def plot_replay(routing_shares: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show leads by rep in the replay beside the leads that the rep really owns.

    Parameters
    ----------
    routing_shares
        Table ``routing_shares``.
    ax
        Axes to draw on.
    """
    headline = "Leads by rep: replay and past"
    rows = routing_shares[(routing_shares["lead_count"] > 0) | (routing_shares["past_count"] > 0)]
    if rows.empty:
        return nothing_to_draw(ax, headline, "no leads: nothing could be replayed")
    rows = rows.sort_values(["lead_count", "rep_id"], ascending=[False, True]).head(40)
    ax = new_axes(ax, width=8.4, height=1.7 + 0.21 * len(rows))
    place = np.arange(len(rows))
    ax.hlines(place, 100 * rows["past_share"], 100 * rows["lead_share"], color=COLORS["line"],
              linewidth=1.4)  # fmt: skip
    ax.plot(100 * rows["past_share"], place, "o", color=COLORS["grey"], markersize=5,
            label="owned in the past")  # fmt: skip
    ax.plot(100 * rows["lead_share"], place, "o", color=COLORS["accent"], markersize=5,
            label="replay")  # fmt: skip
    names = rows["name"].fillna(rows["rep_id"])
    ax.set_yticks(place, [label(one, 22) for one in names], fontsize=7.6)
    ax.set_ylim(len(rows) - 0.4, -0.8)
    ax.set_xlim(left=-0.3)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.set_xlabel("% of the leads")
    ax.legend(loc="lower right")
    title(ax, headline, "shares of all assigned leads, and of all leads that have an owner; owners "
          "whose role gets no leads are not shown")  # fmt: skip
    return ax


def plot_score(lead_score_quality: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show foretold and true conversion by fifths of the score, on later leads.

    Parameters
    ----------
    lead_score_quality
        Table ``lead_score_quality``.
    ax
        Axes to draw on.
    """
    headline = "Is the lead score right?"
    rows = lead_score_quality[lead_score_quality["measure"].str.startswith("fifth")]
    if rows.empty:
        return nothing_to_draw(ax, headline, "there is no lead score: see the notes")
    rows = rows.sort_values("measure_order").reset_index(drop=True)
    ax = new_axes(ax, width=7.4, height=3.6)
    place = np.arange(len(rows))
    ax.bar(place - 0.19, 100 * rows["value"], 0.36, color=COLORS["accent"], label="foretold")
    ax.bar(place + 0.19, 100 * rows["base_value"], 0.36, color=COLORS["grey"], label="came true")
    ax.set_xticks(place, ["best fifth", *["" for _ in place[2:]], "last fifth"])
    ax.set_ylabel("%")
    ax.grid(visible=False, axis="x")
    ax.legend(loc="upper right")
    count = int(rows["lead_count"].iloc[0])
    title(ax, headline, f"{count:,} leads that came after those it learnt from, by fifths of the "
          "score")  # fmt: skip
    return ax
