"""Pictures of the stack ranking: intervals, false moves, tiers over time, leads by tier, a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from planlib.charts.base import COLORS, SERIES, label, new_axes, title
from planlib.charts.rows import NAME_WIDTH, name_rows, nothing_to_draw, row_axes
from planlib.ranking import METRICS

_TONES = {"good": "good", "behind": "bad", "as peers": "grey", "no sample": "line"}
_NO_RANK = "individual ranks are not shown to this audience (report.audiences in plan.yaml)"


def plot_ranking(
    scores: pd.DataFrame, names: Mapping[str, str] | None = None, *, up: float = 1.2,
    down: float = 0.8, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """
    Show the score of every ranked rep with its interval, by peer group.

    Parameters
    ----------
    scores
        Table ``rep_scores``; without its rank columns the picture says why it is empty.
    names
        Name by ``rep_id``; else the id is written.
    up, down
        Limits of the tier rule.
    ax
        Axes to draw on.
    """
    headline = "Score against peers"
    if "score" not in scores.columns:
        return nothing_to_draw(ax, headline, _NO_RANK)
    ranked = scores[scores["status"] == "ranked"]
    if ranked.empty:
        return nothing_to_draw(ax, headline, "nobody can be ranked: see the notes")
    rows = ranked.sort_values(["peer_group", "rank"], ignore_index=True)
    place = np.arange(len(rows)) + rows["peer_group"].ne(rows["peer_group"].shift()).cumsum() - 1
    place = np.asarray(place, dtype=float)
    ax = new_axes(ax, width=9.0, height=1.9 + 0.27 * (place[-1] + 1))
    grey = rows["is_grey"].fillna(True).astype(bool).to_numpy()
    colors = np.where(grey, COLORS["grey"], COLORS["accent"])
    ax.hlines(place, rows["low"], rows["high"], color=list(colors), linewidth=2.2, alpha=0.75)
    ax.scatter(rows["score"], place, color=list(colors), s=34, zorder=3)
    ax.scatter(rows["score_raw"], place, marker="|", color=COLORS["ink"], s=70, zorder=3)
    for value in (up, down):
        ax.axvline(value, color=COLORS["grey"], linewidth=0.9, linestyle="--")
    ax.axvline(1.0, color=COLORS["grey"], linewidth=0.9)
    _group_names(ax, rows, place)
    ax.set_yticks(place, [label((names or {}).get(one, one), NAME_WIDTH, one)
                          for one in rows["rep_id"]])  # fmt: skip
    ax.tick_params(axis="y", labelcolor=COLORS["ink"])
    ax.set_ylim(place[-1] + 0.8, -1.3)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("ratio to peers")
    title(ax, headline, "dot: shrunk score, line: 90 % interval, stroke: plain score; dashed: "
          "limits of the tier rule; grey: the group shows no evidence of difference")  # fmt: skip
    return ax


def _group_names(ax: Axes, rows: pd.DataFrame, place: np.ndarray) -> None:
    first = ~rows["peer_group"].duplicated()
    for name, y in zip(rows.loc[first, "peer_group"], place[first.to_numpy()], strict=True):
        ax.annotate(label(name, 60), (0, y - 0.85), xycoords=("axes fraction", "data"),
                    xytext=(4, 0), textcoords="offset points", va="center", fontsize=8.4,
                    color=COLORS["soft"], fontweight="bold")  # fmt: skip


def plot_two_leaders(
    scores: pd.DataFrame, names: Mapping[str, str] | None = None, *, currency: str = "",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """
    Show win share and amount won of every ranked rep: the best in both are often two people.

    Parameters
    ----------
    scores
        Table ``rep_scores``.
    names
        Name by ``rep_id``.
    currency
        Currency of the plan.
    ax
        Axes to draw on.
    """
    headline = "Win rate and amount won"
    if "win_share" not in scores.columns:
        return nothing_to_draw(ax, headline, _NO_RANK)
    rows = scores[(scores["status"] == "ranked") & scores["win_share"].notna()]
    rows = rows.sort_values("rep_id", ignore_index=True)
    if rows.empty:
        return nothing_to_draw(ax, headline, "nobody can be ranked: see the notes")
    ax = new_axes(ax, width=9.0, height=5.0)
    scale, word = (1e6, "M") if rows["won_amount"].max() >= 2e6 else (1e3, "k")
    y = rows["won_amount"] / scale
    ax.hlines(y, rows["win_share_low"], rows["win_share_high"], color=COLORS["before"],
              linewidth=1.1)  # fmt: skip
    ax.scatter(rows["win_share"], y, color=COLORS["accent"], s=36, zorder=3)
    best, most = int(rows["win_share"].argmax()), int(rows["won_amount"].argmax())
    for at, text in {best: "best win rate", most: "most won"}.items():
        said = "best in both" if best == most else text
        rep, x = str(rows["rep_id"].iloc[at]), float(rows["win_share"].iloc[at])
        ax.scatter(x, y[at], color=COLORS["good"], s=70, zorder=4)
        ax.annotate(f"{label((names or {}).get(rep, rep), 26, rep)}: {said}",
                    (x, y[at]), xytext=(0, 9),
                    textcoords="offset points", ha="center", fontsize=8.6, color=COLORS["ink"],
                    bbox={"facecolor": "white", "alpha": 0.85, "pad": 1.0}, zorder=5)  # fmt: skip
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.set_xlabel("cases won / decided in the window")
    ax.set_ylabel(f"amount won, {word} {currency}".strip())
    ax.set_ylim(0, float(y.max()) * 1.15)
    ax.grid(visible=True, axis="x")
    title(ax, headline, "line: 95 % interval of the win rate (Wilson); plain figures, not adjusted "
          "for the mix of leads")  # fmt: skip
    return ax


def plot_false_moves(noise: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show how many reps each rule moves: equal ones by luck, strong and weak ones rightly.

    Parameters
    ----------
    noise
        Table ``ranking_noise``.
    ax
        Axes to draw on.
    """
    headline = "What the tier rule moves, by luck and rightly"
    if noise.empty:
        return nothing_to_draw(ax, headline, "no peer group is ranked: see the notes")
    groups = sorted(noise["peer_group"].unique())
    ax = row_axes(ax, 3 * len(groups))
    labels, place = [], 0.0
    ticks = []
    for group in groups:
        mine = noise[noise["peer_group"] == group]
        for ratio, words in ((1.0, "all alike: moved by luck"), (1.3, "truly 30 % above: moved up"),
                             (0.7, "truly 30 % below: moved down")):  # fmt: skip
            for rule, shift, color in (("raw", -0.19, COLORS["before"]),
                                       ("guarded", 0.19, COLORS["after"])):  # fmt: skip
                found = mine[(mine["rule"] == rule) & (mine["true_ratio"] == ratio)]
                if found["move_share"].isna().all():
                    continue
                share = float(found["move_share"].iloc[0])
                ax.barh(place + shift, share, height=0.36, color=color,
                        label=_rule(rule) if place == 0 else None)  # fmt: skip
                ax.annotate(f"{100 * share:.1f} %", (share, place + shift), (4, 0), va="center",
                            textcoords="offset points", fontsize=8,
                            color=COLORS["soft"])  # fmt: skip
            ticks.append(place)
            labels.append(f"{label(group, 24)}: {words}" if ratio == 1.0 else words)
            place += 1.0
        place += 0.5
    ax.axvline(float(noise["limit_share"].max()), color=COLORS["bad"], linewidth=1, linestyle="--")
    ax.set_yticks(ticks, labels)
    ax.tick_params(axis="y", labelcolor=COLORS["ink"])
    ax.set_ylim(place - 0.9, -0.7)
    ax.set_xlim(0, min(1.0, float(noise["move_share"].max()) * 1.15 + 0.02))
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.06 - 0.1 / len(groups)), ncol=2)
    title(ax, headline, "share of simulated reviews at the samples of the window; dashed: most "
          "that plan.yaml lets luck move")  # fmt: skip
    return ax


def _rule(rule: str) -> str:
    return "plain 20 % rule" if rule == "raw" else "rule used: 20 % and sure enough"


def plot_tiers(
    rep_tiers: pd.DataFrame, tiers: Sequence[str], names: Mapping[str, str] | None = None, *,
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """
    Show the tier of every rep who moved, by month.

    Parameters
    ----------
    rep_tiers
        Table ``rep_tiers``.
    tiers
        Names from best to lowest.
    names
        Name by ``rep_id``.
    ax
        Axes to draw on.
    """
    headline = "Movement between tiers"
    if "tier" not in rep_tiers.columns:
        return nothing_to_draw(ax, headline, _NO_RANK)
    moved = rep_tiers.loc[rep_tiers["move"] != "stay", "rep_id"].unique()
    if len(moved) == 0:
        return nothing_to_draw(ax, headline, "no review on record moved anybody")
    rows = rep_tiers[rep_tiers["rep_id"].isin(moved)]
    days = np.sort(rows["month_date"].unique())
    reps = sorted(moved)
    ax = new_axes(ax, width=9.0, height=2.0 + 0.3 * len(reps))
    x = np.searchsorted(days, rows["month_date"].to_numpy())
    y = np.array([reps.index(one) for one in rows["rep_id"]])
    shades = dict(zip(tiers, _shades(len(tiers)), strict=True))
    for tier in tiers:
        mine = (rows["tier"] == tier).to_numpy()
        ax.barh(y[mine], 0.94, left=x[mine] - 0.47, height=0.84, color=shades[tier],
                label=f"tier {label(tier, 14)}")  # fmt: skip
    for at, (move, tier) in enumerate(zip(rows["move"], rows["tier"], strict=True)):
        ink = "white" if tier == tiers[0] else COLORS["ink"]
        if move != "stay":
            ax.text(x[at], y[at], {"up": "▲", "down": "▼"}[move], ha="center", va="center",
                    fontsize=8, color=ink)  # fmt: skip
    ax.set_xticks(range(len(days)), [f"{pd.Timestamp(day):%Y-%m}" for day in days], fontsize=8)
    name_rows(ax, pd.Series([label((names or {}).get(one, one), NAME_WIDTH, one) for one in reps]))
    ax.set_xlim(-0.6, len(days) - 0.4)
    ax.grid(visible=False)
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.06 - 0.4 / len(reps)), ncol=len(tiers))
    title(ax, headline, "tier after each monthly review; triangle: moved; reps who never moved are "
          "left out")  # fmt: skip
    return ax


def _shades(count: int) -> list[str]:
    full = [COLORS["after"], "#6FA3CC", "#CFDDE9", "#E4E9EE", "#EFF2F5"]
    return [full[min(at, len(full) - 1)] for at in range(count)]


def plot_tier_leads(tier_leads: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show reps, leads and good leads that each tier received, as shares.

    Parameters
    ----------
    tier_leads
        Table ``tier_leads``.
    ax
        Axes to draw on.
    """
    headline = "Who got which leads"
    rows = tier_leads[tier_leads["received_count"] > 0].reset_index(drop=True)
    if rows.empty:
        return nothing_to_draw(
            ax, headline, "no lead came in during the window, or no rep has a tier"
        )
    ax = new_axes(ax, width=8.4, height=1.9 + 0.75 * len(rows))
    reps = rows["reps_count"] / rows["reps_count"].sum()
    bars: list[tuple[Any, str, str]] = [
        (reps, "share of reps that received any", COLORS["before"]),
        (rows["received_share"], "share of leads or deals received", SERIES[0]),
        (rows["best_share"], "share of the better third of them", SERIES[2]),
    ]
    for shift, (values, words, color) in zip((-0.25, 0.0, 0.25), bars, strict=True):
        places = np.arange(len(rows)) + shift
        ax.barh(places, values, height=0.23, color=color, label=words)
        for place, value in zip(places, values, strict=True):
            ax.annotate(f"{100 * value:.0f} %", (value, place), (4, 0), va="center",
                        textcoords="offset points", fontsize=8, color=COLORS["soft"])  # fmt: skip
    said = [f"tier {label(row['tier'], 12)}: {row['per_rep']:.1f} a rep, quality "
             f"{100 * row['quality']:.0f} %" for row in rows.to_dict("records")]  # fmt: skip
    ax.set_yticks(range(len(rows)), said)
    ax.tick_params(axis="y", labelcolor=COLORS["ink"])
    ax.set_ylim(len(rows) - 0.5, -0.6)
    ax.margins(x=0.12)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.1), ncol=2)  # three do not fit beside it
    title(ax, headline, "received in the window, by the tier at that time: a rep who moved counts "
          "in both; quality: mean expected chance to win")  # fmt: skip
    return ax


def plot_card(
    rep_metrics: pd.DataFrame, rep_id: str, name: str = "", *, ax: Axes | None = None
) -> Axes:
    """
    Show the metrics of one rep against peers, with interval, target and verdict.

    Parameters
    ----------
    rep_metrics
        Table ``rep_metrics``.
    rep_id
        The rep.
    name
        Name for the headline; else the id.
    ax
        Axes to draw on.
    """
    headline = f"Scorecard of {label(name or rep_id, 40, rep_id)}"
    if "ratio" not in rep_metrics.columns:
        return nothing_to_draw(ax, headline, _NO_RANK)
    rows = rep_metrics[rep_metrics["rep_id"] == rep_id].reset_index(drop=True)
    if rows.empty:
        return nothing_to_draw(ax, headline, "this rep is not ranked: see the table of scores")
    ax = row_axes(ax, len(rows))
    colors = [COLORS[_TONES[str(one)]] for one in rows["verdict"]]
    ax.axvline(1.0, color=COLORS["grey"], linewidth=0.9)
    ax.hlines(range(len(rows)), rows["low"], rows["high"], color=colors, linewidth=3)
    ax.scatter(rows["ratio"], range(len(rows)), color=colors, s=54, zorder=3)
    ax.scatter(rows["ratio_raw"], range(len(rows)), marker="|", color=COLORS["ink"], s=90, zorder=3)
    for at, row in enumerate(rows.to_dict("records")):
        end = max(row["high"], row["ratio_raw"])
        words = f"{row['verdict']}, {row['count']} case{'' if row['count'] == 1 else 's'}"
        ax.annotate(words, (end, at), (8, 0), textcoords="offset points",
                    va="center", fontsize=8.2, color=COLORS["soft"])  # fmt: skip
    name_rows(ax, rows["metric"].map({key: one.title for key, one in METRICS.items()}))
    ax.margins(x=0.2)
    ax.set_xlim(left=max(ax.get_xlim()[0], -0.05))
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlabel("ratio to peers")
    title(ax, headline, "dot: shrunk, line: 90 % interval, stroke: as it is; 1: what peers reach "
          "with the same mix")  # fmt: skip
    return ax
