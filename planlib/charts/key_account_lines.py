"""Pictures of the two lines: the bridge from counted to credited, and the duties of directors."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from planlib.charts.base import COLORS, label, money, new_axes, title
from planlib.charts.rows import NAME_WIDTH, nothing_to_draw

_STEPS = {
    "company total": "company total\n(bookings, once)",
    "counted": "counted\ncredit",
    "overlay": "overlay\nsplits",
    "functional": "functional\nline",
    "credited": "credited",
}
_TONES = {"done": COLORS["good"], "open": COLORS["watch"], "not known": COLORS["line"]}
_SIGNS = {"done": "done", "open": "open", "not known": "–"}
_ORIGINS = {"person": " (entry)", "log": " (log)"}


def plot_credit_bridge(
    bridge: pd.DataFrame, currency: str, *, period: str = "", ax: Axes | None = None
) -> Axes:
    """
    Show how the company total, counted once, becomes what is credited in both lines.

    Parameters
    ----------
    bridge
        Table ``key_account_credit_bridge``.
    currency
        For labels.
    period
        Fiscal quarter; blank: the last one.
    ax
        Axes to draw on.
    """
    chosen = period or (bridge["period"].max() if len(bridge) else "")
    rows = bridge[bridge["period"] == chosen].set_index("part")
    if not {*_STEPS, "difference"} <= set(rows.index) or not rows.loc["company total", "amount"]:
        return nothing_to_draw(ax, "Credit", "nothing was booked in the quarter")
    amounts = {str(part): float(value) for part, value in rows["amount"].items()}
    of_keys = {str(part): float(value) for part, value in rows["key_account_amount"].items()}
    ax = new_axes(ax, width=8.6, height=4.0)
    level = 0.0
    for place, (part, _) in enumerate(_STEPS.items()):
        size = amounts[part]
        whole = part in ("company total", "counted", "credited")
        low = 0.0 if whole else level
        color = COLORS["after"] if whole else COLORS["watch"]
        ax.bar(place, size, bottom=low, width=0.62, color=color)
        keys = of_keys[part]
        if whole and keys > 0:
            ax.bar(place, keys, width=0.62, color=COLORS["before"])
            ax.text(
                place,
                keys / 2,
                f"key accounts\n{money(keys)}",
                ha="center",
                va="center",
                fontsize=8,
                color=COLORS["ink"],
            )
        text = money(size) if whole else f"+{money(size)}"
        ax.annotate(
            text,
            (place, low + size),
            (0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=8.8,
        )
        level = size if whole else level + size
    booked = amounts["company total"]
    credited = amounts["credited"]
    ax.set_xticks(range(len(_STEPS)), list(_STEPS.values()))
    ax.set_ylim(0, max(level, booked) * 1.12)
    ax.yaxis.set_major_formatter(lambda value, _: money(value))
    ax.set_ylabel(currency)
    title(
        ax,
        f"{money(booked, currency)} booked once, credited {credited / booked:.2f} times",
        f"{chosen}; counted credit adds up to the bookings, difference "
        f"{money(amounts['difference'])}; credited amounts may not be added up "
        "to a company total",
    )
    return ax


def plot_duties(
    duties: pd.DataFrame, names: pd.Series, as_of: date, *, ax: Axes | None = None
) -> Axes:
    """
    Show the checklist of duties of each regional key-account director.

    Parameters
    ----------
    duties
        Table ``director_duties``.
    names
        Name by ``rep_id``.
    as_of
        For labels.
    ax
        Axes to draw on.
    """
    if duties.empty:
        return nothing_to_draw(ax, "Duties", "there is no regional key-account director")
    order = duties.sort_values("place").drop_duplicates("duty")
    people = sorted(duties["director_id"].unique())
    ax = new_axes(ax, width=10.5, height=0.36 * len(order) + 1.7)
    grid = duties.set_index(["duty", "director_id"])
    for row, duty in enumerate(order["duty"]):
        for column, director in enumerate(people):
            if (duty, director) not in grid.index:
                continue
            one = grid.loc[(duty, director)]
            tone = _TONES[one["status"]]
            ax.barh(
                row,
                0.94,
                left=column - 0.47,
                height=0.86,
                color=tone,
                alpha=0.7 if one["origin"] == "person" else 0.35,
            )
            sign = _SIGNS[one["status"]] + _ORIGINS.get(one["origin"], "")
            ax.text(column, row, sign, ha="center", va="center", fontsize=8.2, color=COLORS["ink"])
    ax.set_xlim(-0.5, len(people) - 0.5)
    ax.set_xticks(
        range(len(people)), [label(names.get(one, one), NAME_WIDTH, one) for one in people]
    )
    ax.xaxis.tick_top()
    ax.set_yticks(range(len(order)), [label(text, 82) for text in order["title"]])
    ax.tick_params(axis="y", labelcolor=COLORS["ink"], labelsize=8.4)
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    counts = duties["status"].value_counts()
    title(
        ax,
        f"{int(counts.get('done', 0))} of {len(duties)} duties done, "
        f"{int(counts.get('open', 0))} open, {int(counts.get('not known', 0))} not known",
        f"read from the data as of {as_of}, else from the log of the director (log), or entered by "
        "a person (entry); – : nothing shows it",
    )
    return ax


def plot_roll_ups(
    rollups: pd.DataFrame, names: pd.Series, currency: str, *, ax: Axes | None = None
) -> Axes:
    """
    Show credit by leader in both lines: counted beside credited.

    Parameters
    ----------
    rollups
        Table ``key_account_rollups``; the last quarter is drawn, in the administrative line those
        below the top.
    names
        Name by ``rep_id``.
    currency
        For labels.
    ax
        Axes to draw on.
    """
    last = rollups[rollups["period"] == rollups["period"].max()]
    functional = last["line"] == "functional"
    shown = last[functional | ~last["is_top"].astype(bool) | last["lead_id"].str.startswith("(")]
    shown = shown[shown["credited_amount"] > 0]
    if shown.empty:
        return nothing_to_draw(ax, "Two lines", "no leader has anybody below with bookings")
    shown = shown.sort_values(["line", "credited_amount", "lead_id"], ascending=[True, False, True])
    ax = new_axes(ax, width=9.0, height=0.34 * len(shown) + 1.9)
    places = np.arange(len(shown)) + (shown["line"] == "functional").to_numpy() * 1.0
    ax.barh(
        places,
        shown["credited_amount"],
        height=0.7,
        color=COLORS["watch"],
        label="credited: counted, overlay, functional line",
    )
    ax.barh(
        places,
        shown["counted_amount"],
        height=0.7,
        color=COLORS["after"],
        label="counted, once within a line",
    )
    for place, (_, row) in zip(places, shown.iterrows(), strict=True):
        ax.annotate(
            f"{money(row['counted_amount'])} / {money(row['credited_amount'])}",
            (row["credited_amount"], place),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.2,
        )
    lines = shown["line"].map({"administrative": "branch line", "functional": "key-account line"})
    texts = [
        f"{line}: {label(names.get(key, key), NAME_WIDTH, key)}"
        for line, key in zip(lines, shown["lead_id"], strict=True)
    ]
    ax.set_yticks(places, texts)
    ax.tick_params(axis="y", labelcolor=COLORS["ink"])
    ax.invert_yaxis()
    ax.set_xlim(0, float(shown["credited_amount"].max()) * 1.2)
    ax.xaxis.set_major_formatter(lambda value, _: money(value))
    ax.grid(visible=False, axis="y")
    ax.legend(loc="upper left", bbox_to_anchor=(0.0, -0.06), ncols=2)
    title(
        ax,
        "The same bookings, seen by both lines",
        f"{last['period'].iloc[0]}, {currency}; each leader with everybody below; counted / "
        "credited; lines must not be added to each other",
    )
    return ax
