"""Pictures of needs: white-space grid, capability over time, roll-forward of the register."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from planlib.charts.base import COLORS, label, money, new_axes, title
from planlib.charts.rows import nothing_to_draw
from planlib.notes import percent

_STATES = {
    "owned": (COLORS["good"], "owned"),
    "in_pipeline": (COLORS["after"], "in pipeline"),
    "gap": (COLORS["watch"], "gap"),
    "not_eligible": (COLORS["line"], "not eligible"),
}
_WIDTH = 18


def plot_white_space(
    cells: pd.DataFrame,
    names: pd.Series,
    currency: str,
    *,
    account_id: str = "",
    account_name: str = "",
    as_of: date | None = None,
    ax: Axes | None = None,
) -> Axes:
    """
    Show buying centre x offering: of one account its state, of all accounts the penetration.

    Parameters
    ----------
    cells
        Table ``key_account_white_space``.
    names
        Name of each product by ``product_id``.
    currency
        For labels.
    account_id, account_name
        One account; blank: all key accounts.
    as_of
        As-of date, for the subtitle.
    ax
        Axes to draw on.
    """
    mine = cells[cells["account_id"] == account_id] if account_id else cells
    if mine.empty:
        return nothing_to_draw(ax, "White space", "there are no products, or no key accounts")
    centres = sorted(mine["buying_centre"].unique())
    products = sorted(mine["product_id"].unique())
    ax = new_axes(ax, width=0.86 * len(products) + 2.2, height=0.56 * len(centres) + 2.1)
    for row, centre in enumerate(centres):
        for column, product in enumerate(products):
            cell = mine[(mine["buying_centre"] == centre) & (mine["product_id"] == product)]
            _draw_cell(ax, cell, (column, row), of_one=bool(account_id))
    ax.set_xlim(-0.5, len(products) - 0.5)
    ax.set_ylim(len(centres) - 0.5, -0.5)
    ax.set_xticks(
        range(len(products)),
        [label(names.get(one, one), _WIDTH, one) for one in products],
        rotation=28,
        ha="right",
    )
    ax.set_yticks(range(len(centres)), [label(one, 20) for one in centres])
    ax.tick_params(axis="both", labelcolor=COLORS["ink"])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    eligible = mine[mine["state"] != "not_eligible"]
    owned = int((eligible["state"] == "owned").sum())
    share = owned / len(eligible) if len(eligible) else 0.0
    space = money(float(eligible["gap_amount"].sum()), currency)
    said = f"{owned:,} of {len(eligible):,} cells owned ({percent(share)}), white space {space}"
    whose = label(account_name or account_id, 30, account_id)
    what = (
        "state of the cell; what a gap may be worth, none without potential left"
        if account_id
        else (
            f"owned / eligible cells of {mine['account_id'].nunique():,} key accounts; shade: "
            "share owned; below: what gaps are worth"
        )
    )
    title(
        ax,
        f"{whose}: {said}" if account_id else said,
        f"buying centre x offering; {what}; – not eligible",
        as_of=as_of,
    )
    return ax


def _draw_cell(ax: Axes, cell: pd.DataFrame, at: tuple[int, int], *, of_one: bool) -> None:
    eligible = cell[cell["state"] != "not_eligible"]
    column, row = at
    if eligible.empty:
        color, alpha, text = COLORS["line"], 0.5, "–"
    elif of_one:
        state = str(eligible["state"].iloc[0])
        color, alpha = _STATES[state][0], 0.45
        amount = eligible["gap_amount"].iloc[0]
        text = _STATES[state][1] + (f"\n{money(float(amount))}" if amount > 0 else "")
    else:
        owned = int((eligible["state"] == "owned").sum())
        color, alpha = COLORS["good"], 0.08 + 0.8 * owned / len(eligible)
        text = f"{owned}/{len(eligible)}\n{money(float(eligible['gap_amount'].sum()))}"
    _tile(ax, (column, row), text, (color, alpha))


def _tile(ax: Axes, place: tuple[float, float], text: str, fill: tuple[str, float]) -> None:
    """Draw a cell of a heat map with its text; ``place`` is column and row, ``fill`` with alpha."""
    column, row = place
    color, alpha = fill
    ax.bar(column, 0.92, bottom=row - 0.46, width=0.94, color=color, alpha=alpha)
    ax.text(column, row, text, ha="center", va="center", fontsize=7.8, color=COLORS["ink"],
            linespacing=1.1)  # fmt: skip


def plot_capability(capability: pd.DataFrame, as_of: date, *, ax: Axes | None = None) -> Axes:
    """
    Show skill hours that needs ask for against those available, month by month, as a heat map.

    Parameters
    ----------
    capability
        Table ``capability_gaps``.
    as_of
        For labels.
    ax
        Axes to draw on.
    """
    if capability.empty:
        return nothing_to_draw(ax, "Capability", "no open need asks for hours of a skill")
    months = sorted(capability["month"].unique())
    skills = ["all", *sorted(set(capability["skill"]) - {"all"})]
    ax = new_axes(ax, width=9.0, height=0.46 * len(skills) + 1.9)
    grid = capability.set_index(["skill", "month"])
    for row, skill in enumerate(skills):
        for column, month in enumerate(months):
            if (skill, month) in grid.index:
                _draw_hours(ax, grid.loc[(skill, month)], (column, row))
    ax.set_xlim(-0.5, len(months) - 0.5)
    ax.set_ylim(len(skills) - 0.5, -0.5)
    ax.set_xticks(range(len(months)), [month.replace("-", "\n") for month in months])
    texts = ["all skills together", *[label(skill, 24) for skill in skills[1:]]]
    ax.set_yticks(range(len(skills)), texts)
    ax.tick_params(axis="both", labelcolor=COLORS["ink"])
    ax.axhline(0.5, color=COLORS["grey"], linewidth=0.8)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    whole = capability[capability["skill"] == "all"]
    unmet = whole["unmet_hours"]
    if unmet.isna().all():
        headline = f"{whole['required_hours'].sum():,.0f} skill hours asked for"
        rest = "there are no experts to compare with"
    else:
        short = int((unmet > 0).sum())
        months_short = f"{short} {'month' if short == 1 else 'months'}"
        headline = f"Needs ask for {unmet.sum():,.0f} hours that nobody can give, in {months_short}"
        rest = "hours required / available; orange: some cannot be met, deeper with their share"
    title(ax, headline, f"open needs, not weighted by likelihood; {rest}; months from {as_of}")
    return ax


def _draw_hours(ax: Axes, one: pd.Series, at: tuple[int, int]) -> None:
    required, available = float(one["required_hours"]), one["available_hours"]
    column, row = at
    if pd.isna(available):
        color, alpha, text = COLORS["line"], 0.6, f"{required:,.0f}"
    else:
        unmet = float(one["unmet_hours"])
        share = unmet / required if required > 0 else 0.0
        color = COLORS["watch"] if unmet > 0 else COLORS["good"]
        used = min(1.0, required / available) if available > 0 else 0.0
        alpha = 0.3 + 0.6 * share if unmet > 0 else 0.06 + 0.3 * used
        text = f"{required:,.0f}/\n{available:,.0f}"
    _tile(ax, (column, row), text, (color, alpha))


def plot_need_flow(
    flow: pd.DataFrame, currency: str, as_of: date, *, ax: Axes | None = None
) -> Axes:
    """
    Show how the open needs of the last cycle became those of today, as a waterfall.

    Parameters
    ----------
    flow
        Table ``key_account_need_flow``.
    currency, as_of
        For labels.
    ax
        Axes to draw on.
    """
    rows = flow[(flow["horizon"] == "all") & ~flow["part"].isin(["moved in", "moved out"])]
    rows = rows.sort_values("place")
    if "opening" not in set(rows["part"]):
        closing = float(rows["value"].sum())
        reason = (
            f"open needs of all accounts, key or not: {money(closing, currency)}; the roll-forward "
            "starts with the next cycle"
        )
        return nothing_to_draw(ax, "Roll-forward of needs", reason)
    ends = rows["part"].isin(["opening", "closing"])
    rows = rows[ends | (rows["need_count"] > 0)]
    ax = new_axes(ax, width=9.0, height=4.0)
    level = 0.0
    tops = []
    for place, (_, row) in enumerate(rows.iterrows()):
        size = float(row["value"])
        whole = row["part"] in ("opening", "closing")
        low = 0.0 if whole else min(level, level + size)
        color = COLORS["after"] if whole else (COLORS["good"] if size >= 0 else COLORS["watch"])
        ax.bar(place, abs(size), bottom=low, width=0.64, color=color)
        level = size if whole else level + size
        tops.append(low + abs(size))
        sign = "" if whole else ("+" if size >= 0 else "-")
        count = int(row["need_count"])
        ax.annotate(
            f"{sign}{money(abs(size))}\n{count:,} {'need' if count == 1 else 'needs'}",
            (place, tops[-1]),
            (0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=8.2,
        )
    ax.set_xticks(range(len(rows)), list(rows["part"]))
    ax.set_ylim(0, float(np.max(tops)) * 1.16 or 1.0)
    ax.yaxis.set_major_formatter(lambda value, _: money(value))
    ax.set_ylabel(f"value of open needs, {currency}")
    change = float(rows["value"].iloc[-1]) - float(rows["value"].iloc[0])
    verb = "grew" if change >= 0 else "shrank"
    title(
        ax,
        f"The register {verb} by {money(abs(change), currency)} since the last cycle",
        f"open needs of all accounts and horizons, key or not, as of {as_of}; a need leaves at the "
        "value it opened with",
    )
    return ax
