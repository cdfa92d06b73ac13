"""Pictures of the team's structure and of channels: map of heads, mix, scenarios, response."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.charts.rows import nothing_to_draw
from planlib.charts.spoken import SpokenFigure

_KINDS = ("field", "inside", "sdr", "bdr", "specialist")
_KIND_COLORS = dict(zip(_KINDS, ("#0B62A4", "#E69F00", "#009E73", "#CC79A7", "#8A8F96"),
                        strict=True))  # fmt: skip
_WORDS = {"field": "field", "inside": "inside", "sdr": "SDR", "bdr": "BDR",
          "specialist": "specialist"}  # fmt: skip
_PERSONAS = {"c_level": "C-level", "director": "director", "manager": "manager", "staff": "staff",
             "unknown": "not known"}  # fmt: skip


def plot_structure_map(
    heads: pd.DataFrame, scenario: str = "optimum", *, ax: Axes | None = None
) -> Axes:
    """
    Show inside and field heads by region and segment, today against a proposal.

    Parameters
    ----------
    heads
        Table ``structure_heads``.
    scenario
        The proposal.
    ax
        Axes to draw on.
    """
    headline = f"Where sellers stand: today against {scenario}"
    rows = heads[(heads["scenario"] == scenario) & heads["kind"].isin(["field", "inside"])]
    if rows.empty:
        return nothing_to_draw(ax, headline, "no such structure: see the notes")
    regions, segments = sorted(set(rows["region"])), sorted(set(rows["segment"]))
    today = rows.groupby(["region", "segment"])["today_heads"].sum()
    kinds = rows.pivot_table(index=["region", "segment"], columns="kind", values="heads",
                             aggfunc="sum").reindex(columns=["field", "inside"])  # fmt: skip
    after = kinds.fillna(0.0)
    most = max(float(today.max()), float(after.sum(axis=1).max()), 1e-9)
    ax = new_axes(ax, width=max(7.0, 1.7 + 1.45 * len(segments)),
                  height=1.9 + 0.72 * len(regions))  # fmt: skip
    for row in today.reset_index(name="before").to_dict("records"):
        place = segments.index(row["segment"]), regions.index(row["region"])
        _pair(ax, place, float(row["before"]), after.loc[(row["region"], row["segment"])], most)
    ax.set_xticks(np.arange(len(segments)) + 0.46, [label(name, 18) for name in segments],
                  va="baseline")  # fmt: skip
    ax.set_yticks(np.arange(len(regions)) + 0.5, [label(name, 22) for name in regions])
    ax.tick_params(axis="both", labelcolor=COLORS["ink"])
    ax.xaxis.tick_top()
    ax.set_xlim(-0.05, len(segments))
    ax.set_ylim(len(regions), 0)
    for y in range(1, len(regions)):
        ax.axhline(y, color=COLORS["line"], linewidth=0.7)
    ax.grid(visible=False)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    title(ax, headline, "heads of inside and field; pale: today, blue: field, orange: inside of "
          "the proposal; figures: today → proposal, in parts of a head")  # fmt: skip
    return ax


def _pair(ax: Axes, place: tuple[int, int], before: float, after: pd.Series, most: float) -> None:
    """Draw two bars of a cell, and the figures."""
    x, y = place
    scale = 0.86 / most
    ax.add_patch(Rectangle((x, y + 0.42), before * scale, 0.2, color=COLORS["before"]))
    start = 0.0
    for kind in ("field", "inside"):
        width = float(after[kind]) * scale
        ax.add_patch(Rectangle((x + start, y + 0.64), width, 0.2, color=_KIND_COLORS[kind]))
        start += width
    total = float(after.sum())
    change = total - before
    color = COLORS["ink"] if abs(change) < 0.2 else COLORS["good"] if change > 0 else COLORS["bad"]
    ax.text(x, y + 0.25, f"{before:.3g} → {total:.3g}", fontsize=8.6, va="center", color=color,
            fontweight="bold" if abs(change) >= 1 else "normal")  # fmt: skip


def plot_mix(
    scenarios: pd.DataFrame,
    benchmark_inside: float | None = None,
    source: str = "",
    *,
    ax: Axes | None = None,
) -> Axes:
    """
    Show the heads of each scenario by kind, and a benchmark split as a mark.

    Parameters
    ----------
    scenarios
        Table ``structure_scenarios``.
    benchmark_inside
        Share of inside of inside and field heads; marked on each bar, never used.
    source
        Where the benchmark comes from.
    ax
        Axes to draw on.
    """
    headline = "Heads by kind of work"
    rows = scenarios[scenarios["status"] != "infeasible"].sort_values("scenario_order")
    if rows.empty:
        return nothing_to_draw(ax, headline, "no structure was computed: see the notes")
    ax = new_axes(ax, width=8.8, height=1.9 + 0.55 * len(rows))
    for place, row in enumerate(rows.to_dict("records")):
        start = 0.0
        for kind in ("inside", "field", "sdr", "bdr", "specialist"):
            count = float(row[f"{kind}_count"] or 0)
            if count <= 0:
                continue
            named = _WORDS[kind] if place == 0 or kind == "inside" else None
            handles = ax.get_legend_handles_labels()[1]
            ax.barh(place, count, left=start, height=0.56, color=_KIND_COLORS[kind],
                    label=None if named in handles else named)  # fmt: skip
            middle = 0.75 if kind == "field" else 0.5  # the benchmark stands left of it
            ax.text(start + count * middle, place, f"{count:.0f}", ha="center", va="center",
                    fontsize=8.6, color="white")  # fmt: skip
            start += count
        if benchmark_inside is not None:
            sellers = float(row["inside_count"] or 0) + float(row["field_count"] or 0)
            ax.vlines(benchmark_inside * sellers, place - 0.38, place + 0.38,
                      color=COLORS["ink"], linestyle=(0, (3, 2)), linewidth=1.4)  # fmt: skip
    ax.set_yticks(range(len(rows)), [label(name, 28) for name in rows["scenario"]])
    ax.tick_params(axis="y", labelcolor=COLORS["ink"])
    ax.set_ylim(len(rows) - 0.45, -0.75)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.set_xlabel("heads")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    said = f"; dashed: where inside would end by the benchmark. {source}" if source else ""
    title(ax, headline, f"posts, open ones included{said}")
    return ax


def plot_scenarios(
    paths: pd.DataFrame, *, currency: str = "", axes: np.ndarray | None = None
) -> np.ndarray:
    """
    Show heads and margin of the scenarios by quarter, with intervals.

    Parameters
    ----------
    paths
        Table ``structure_paths``.
    currency
        Currency of margin.
    axes
        Two axes to draw on.
    """
    from matplotlib import pyplot

    rows = paths[paths["kind"] == "all"]
    if rows.empty:
        one = nothing_to_draw(None, "Scenarios by quarter", "no structure was computed")
        return np.array([one])
    if axes is None:
        figure, axes = pyplot.subplots(
            1, 2, figsize=(10.4, 4.2), layout="constrained", FigureClass=SpokenFigure
        )
        figure.get_layout_engine().set(w_pad=0.1, h_pad=0.08)  # type: ignore[call-arg, union-attr]
    names = list(dict.fromkeys(rows["scenario"]))
    banded = set(names) if len(names) <= 3 else {names[0], "optimum"}
    colors = [COLORS["grey"], *SERIES]
    for name, color in zip(names, colors, strict=False):
        mine = rows[rows["scenario"] == name].sort_values("quarter_order")
        x = mine["quarter_order"].to_numpy(dtype=float)
        for ax, value in ((axes[0], "heads"), (axes[1], "margin")):
            first = mine["margin_amount"] if value == "margin" else mine["heads"]
            low, high = (mine[f"{value}_{side}"].to_numpy(dtype=float) for side in ("low", "high"))
            if name in banded:
                ax.fill_between(x, low, high, color=color, alpha=0.16, linewidth=0)
            ax.plot(x, first.to_numpy(dtype=float), color=color, label=label(name, 24))
    first = rows[rows["scenario"] == names[0]].sort_values("quarter_order")
    for ax in axes:
        step = 2 if len(first) > 6 else 1
        ax.set_xticks(first["quarter_order"].to_numpy()[::step], first["period"].tolist()[::step])
    axes[0].set_ylim(bottom=0)
    axes[1].yaxis.set_major_formatter(lambda value, _: money(value))
    axes[0].legend(loc="lower left")
    whose = "" if len(banded) == len(names) else ", of today and the optimum"
    title(axes[0], "Heads in post by quarter", f"band: 80 % of simulated futures{whose}")
    title(axes[1], "Margin by quarter", f"{currency}; band: 80 % of simulated futures{whose}")
    return np.asarray(axes)


def plot_channels(
    response: pd.DataFrame,
    segment: str = "all",
    source: str = "sales",
    *,
    ax: Axes | None = None,
) -> Axes:
    """
    Show the response of each persona on each channel; few people stay grey.

    Parameters
    ----------
    response
        Table ``channel_response``.
    segment, source
        Which rows: a segment or all; sales or marketing.
    ax
        Axes to draw on.
    """
    where = "all segments" if segment == "all" else segment
    headline = f"Response by persona and channel: {source}, {where}"
    rows = response[
        (response["segment"] == segment) & (response["source"] == source)
        & (response["persona"] != "all")
    ]  # fmt: skip
    if rows.empty:
        return nothing_to_draw(ax, headline, "nobody was touched, or the tables are missing")
    personas = [name for name in _PERSONAS if name in set(rows["persona"])]
    channels = sorted(set(rows["channel"]))
    sure = rows.loc[~rows["is_grey"], "response_share"]
    low, high = (float(sure.min()), float(sure.max())) if len(sure) else (0.0, 1.0)
    ax = new_axes(ax, width=max(7.0, 1.6 + 1.12 * len(channels)),
                  height=2.1 + 0.56 * len(personas))  # fmt: skip
    for row in rows.to_dict("records"):
        x, y = channels.index(row["channel"]), personas.index(row["persona"])
        part = 0.5 if high <= low else (row["response_share"] - low) / (high - low)
        face = COLORS["line"] if row["is_grey"] else _shade(part)
        ink = COLORS["soft"] if row["is_grey"] else "white" if part > 0.55 else COLORS["ink"]
        ax.add_patch(Rectangle((x + 0.02, y + 0.03), 0.96, 0.94, color=face))
        ax.text(x + 0.5, y + 0.38, f"{100 * row['response_share']:.0f} %", ha="center",
                va="center", fontsize=9.4, color=ink)  # fmt: skip
        ax.text(x + 0.5, y + 0.72, f"{row['touched_count']:,}", ha="center", va="center",
                fontsize=7.6, color=ink)  # fmt: skip
    ax.set_xticks(np.arange(len(channels)) + 0.5, [_broken(name) for name in channels])
    ax.set_yticks(np.arange(len(personas)) + 0.5, [_PERSONAS[name] for name in personas])
    ax.tick_params(axis="both", labelcolor=COLORS["ink"])
    ax.set_xlim(0, len(channels))
    ax.set_ylim(len(personas), 0)
    ax.grid(visible=False)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    what = "people who came back to us" if source == "sales" else "leads converted"
    title(ax, headline, f"share of {what} after the first touch, drawn to the channel's; below: "
          "touched; grey: too few")  # fmt: skip
    return ax


def _shade(part: float) -> tuple[float, float, float]:
    """Give a blue from pale to strong."""
    pale, strong = np.array([0.88, 0.93, 0.97]), np.array([0.043, 0.384, 0.643])
    red, green, blue = pale + (strong - pale) * float(np.clip(part, 0, 1))
    return float(red), float(green), float(blue)


def _broken(name: str) -> str:
    """Write a channel in two lines where it has several words."""
    first, _, rest = name.partition(" ")
    return label(first, 14) + ("\n" + label(rest, 14) if rest else "")
