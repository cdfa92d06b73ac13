"""Pictures of key accounts: parts of the score, score against sales, needs by horizon."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.key_accounts.horizons import OVERDUE_DEALS
from planlib.settings.key_accounts import FACTORS
from planlib.tables.inputs_customers import HORIZONS

_HORIZON_LABELS = {"0-3m": "0 to 3 months", "3-12m": "3 to 12 months", "1-3y": "1 to 3 years"}
_NAME_WIDTH = 30


def plot_score_parts(
    key_accounts: pd.DataFrame,
    scores: pd.DataFrame,
    names: pd.Series,
    *,
    count: int = 15,
    as_of: date | None = None,
    ax: Axes | None = None,
) -> Axes:
    """
    Show which factors make the score of the best key accounts.

    Parameters
    ----------
    key_accounts, scores
        Tables that step 05 writes.
    names
        Company name by ``account_id``.
    count
        Accounts shown, by score.
    as_of
        As-of date, for the subtitle.
    ax
        Axes to draw on.
    """
    listed = key_accounts[key_accounts["is_key"].astype(bool)]
    top = listed.sort_values(["score", "account_id"], ascending=[False, True]).head(count)
    ax = new_axes(ax, width=9.0, height=0.34 * len(top) + 1.6)
    mine = scores[scores["account_id"].isin(top["account_id"])]
    parts = (
        mine.assign(part=10 * mine["weight"] * mine["factor_score"])
        .pivot(index="account_id", columns="factor", values="part")
        .reindex(top["account_id"])
    )
    parts = parts.div(top["known_weight"].to_numpy(), axis=0).fillna(0.0)
    places = np.arange(len(top))
    left = np.zeros(len(top))
    for factor, color in zip(FACTORS, SERIES, strict=False):
        width = parts[factor].to_numpy() if factor in parts else np.zeros(len(top))
        ax.barh(places, width, left=left, color=color, label=factor, height=0.72)
        left = left + width
    for place, total in zip(places, left, strict=True):
        ax.text(float(total) + 0.8, float(place), f"{total:.0f}", va="center", fontsize=8.5)
    ax.set_yticks(
        places, [label(names.get(key, key), _NAME_WIDTH, key) for key in top["account_id"]]
    )
    ax.invert_yaxis()
    ax.set_xlim(0, 100)
    ax.set_xlabel("score (0 to 100) = sum of weight x factor score x 10")
    ax.grid(visible=False, axis="y")
    ax.legend(ncols=1, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    title(
        ax,
        f"What makes the {len(top)} highest key accounts",
        "scores compare accounts of the same stratum; a factor that is not known is left out and "
        "the others count for more",
        as_of=as_of,
    )
    return ax


def plot_score_against_sales(
    key_accounts: pd.DataFrame, currency: str, as_of: date, *, ax: Axes | None = None
) -> Axes:
    """
    Show the score against the last twelve months' sales: whom sales alone would miss or add.

    Accounts without sales stand in a strip at the left.
    """
    ax = new_axes(ax, width=9.0, height=5.2)
    frame = key_accounts[key_accounts["score"].notna()]
    sales = frame["sales_amount"].fillna(0.0).to_numpy()
    smallest = sales[sales > 0].min() if (sales > 0).any() else 1.0
    at = np.where(sales > 0, sales, smallest / 3)
    key = frame["is_key"].to_numpy(dtype=bool)
    by_sales = frame["is_top_by_sales"].fillna(False).to_numpy(dtype=bool)
    groups = (
        (~key & ~by_sales, "neither", COLORS["line"], 10),
        (key & by_sales, "key, and top by sales", COLORS["after"], 26),
        (~key & by_sales, "top by sales alone, not key", COLORS["watch"], 26),
        (key & ~by_sales, "key, missed by sales alone", COLORS["good"], 26),
    )
    for mask, name, color, size in groups:
        ax.scatter(
            at[mask],
            frame["score"].to_numpy()[mask],
            s=size,
            color=color,
            linewidths=0,
            alpha=0.85,
            label=f"{name} ({int(mask.sum()):,})",
        )
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(lambda value, _: money(value))
    ax.axvline(smallest / 1.7, color=COLORS["grey"], linewidth=0.7)
    ax.text(
        smallest / 3,
        0.015,
        "no\nsales",
        ha="center",
        va="bottom",
        backgroundcolor="white",
        fontsize=8,
        color=COLORS["soft"],
        transform=ax.get_xaxis_transform(),
    )
    ax.set_xlabel(f"sales of the last twelve months, {currency}, log scale")
    ax.set_ylabel("score (0 to 100)")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    missed = int((key & ~by_sales).sum())
    title(
        ax,
        f"{missed:,} of {int(key.sum()):,} key accounts would be missed by sales alone",
        f"one point an account; as of {as_of}",
    )
    return ax


def plot_horizons(
    horizons: pd.DataFrame,
    names: pd.Series,
    currency: str,
    as_of: date,
    *,
    count: int = 18,
    ax: Axes | None = None,
) -> Axes:
    """
    Show needs of key accounts by horizon as a heat map, largest accounts first.

    Parameters
    ----------
    horizons
        Table ``key_account_horizons``; overdue deals are left out.
    names
        Company name by ``account_id``.
    currency, as_of
        For labels.
    count
        Accounts shown, by value over all horizons.
    ax
        Axes to draw on.
    """
    horizons = horizons[horizons["origin"] != OVERDUE_DEALS]
    wide = horizons.pivot_table(
        index="account_id", columns="horizon", values="value", aggfunc="sum", min_count=1
    ).reindex(columns=list(HORIZONS))
    wide = wide.assign(total=wide.sum(axis=1)).reset_index()
    top = wide.sort_values(["total", "account_id"], ascending=[False, True]).head(count)
    ax = new_axes(ax, width=8.0, height=0.33 * max(len(top), 1) + 1.5)
    values = top[list(HORIZONS)].to_numpy(dtype="float64")
    largest = np.nanmax(values) if np.isfinite(values).any() else 1.0
    shade = np.sqrt(np.nan_to_num(values) / largest)
    ax.imshow(shade, aspect="auto", cmap="Blues", vmin=0, vmax=1.15)
    for row, column in np.ndindex(values.shape):
        text = money(float(values[row, column]))
        dark = shade[row, column] > 0.62
        ax.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            fontsize=8.5,
            color="white" if dark else COLORS["ink"],
        )
    ax.set_xticks(range(len(HORIZONS)), [_HORIZON_LABELS[name] for name in HORIZONS])
    ax.xaxis.tick_top()
    ax.set_yticks(
        range(len(top)), [label(names.get(key, key), _NAME_WIDTH, key) for key in top["account_id"]]
    )
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    origins = ", ".join(sorted(horizons["origin"].dropna().unique())) or "nothing known"
    title(
        ax,
        "What the key accounts with the largest needs may buy, and when",
        f"sum of need values, {currency}; from {origins}; months from {as_of}; – none known",
    )
    ax.title.set_y(1.06)
    return ax
