"""Pictures of a council: cells as a coloured table, colours over time, causes, effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from planlib.charts.base import COLORS, SERIES, label, money, new_axes, title
from planlib.charts.rows import nothing_to_draw
from planlib.displays import Format, TableView, table
from planlib.notes import percent
from planlib.settings.council import CAUSES

#: Tone and colour by the colour of a cell; grey cells keep their numbers.
TONES = {"red": "bad", "yellow": "watch", "green": "good", "grey": "grey"}
_LETTERS = {"red": "R", "yellow": "Y", "green": "G", "grey": ""}
_WORDS = {"red": "red: act now", "yellow": "yellow: watch", "green": "green: on track"}
_FILL = {name: COLORS[tone] for name, tone in TONES.items()} | {"grey": COLORS["line"]}
_SHARES: dict[str, Format] = dict.fromkeys(
    ("attained_share", "usual_share", "low", "high"), "share"
)
_SHOWN = ("cut", "cut_value", "colour", "previous_colour", "gap_amount", "forecast_gap_amount",
          "target_amount", "won_amount", "open_amount", "attained_share", "usual_share", "low",
          "high", "coverage", "required_coverage", "owner")  # fmt: skip
_LABELS = {
    "cut": "Cut", "cut_value": "Cell", "colour": "Colour", "previous_colour": "Before",
    "gap_amount": "Gap", "forecast_gap_amount": "Target - forecast", "target_amount": "Target",
    "won_amount": "Won", "open_amount": "Open deals", "attained_share": "Attained",
    "usual_share": "Usual", "low": "from", "high": "to",
    "coverage": "Pipeline coverage", "required_coverage": "Required", "owner": "Owner",
}  # fmt: skip


def share_passed(cells: pd.DataFrame) -> str:
    """
    Give the share of the working days of a period that have passed, blank where not known.

    Parameters
    ----------
    cells
        Cells of one period: ``workday_share``.
    """
    passed = cells["workday_share"].max()
    return "" if pd.isna(passed) else percent(float(passed))


def council_table(
    cells: pd.DataFrame, rule: Sequence[str], *, currency: str = "", is_live: bool = True
) -> TableView:
    """
    Show coloured cells as a table with their numbers, the rule printed beneath.

    Parameters
    ----------
    cells
        Table ``council_cells``; cells without a target are left out and counted.
    rule
        The rule in sentences.
    currency
        Currency of the plan.
    is_live
        The period that can still be moved, or the one that is over.
    """
    mine = cells[cells["is_live"].astype(bool) == is_live]
    known = mine[mine["target_amount"].notna()].reset_index(drop=True)
    period = str(mine["period"].iloc[0]) if len(mine) else ""
    begun = (known["workday_share"] > 0).any()
    names = [name for name in _SHOWN if begun or name not in (*_SHARES, "won_amount")]
    if "forecast_gap_amount" not in known or known["forecast_gap_amount"].isna().all():
        names.remove("forecast_gap_amount")
    shown = known[names].assign(
        cut=known["cut"].str.replace("_", " "),
        cut_value=known["cut_value"].mask(known["cut"] == "total", "Total"),
    )
    tones = known["colour"].map(TONES)
    without = len(mine) - len(known)
    notes = [f"{without} cells without a target have no colour."] if without else []
    return table(
        shown,
        title=f"{period}: the colour of every cell",
        subtitle=_basis(known, currency, begun=bool(begun)),
        labels=_LABELS,
        formats={**_SHARES, "coverage": "number", "required_coverage": "number"},
        colors=pd.DataFrame({"colour": tones, "cut_value": tones}),
        limit=None,
        notes=[*notes, *rule],
        empty="no cell has a target",
    )


def _basis(cells: pd.DataFrame, currency: str, *, begun: bool) -> str:
    if not begun:
        return f"{currency}; the period has not begun: coverage alone tells"
    passed = share_passed(cells)
    if passed:
        return (
            f"{currency}, {passed} of the working days of the period have passed; usual: share "
            "that past periods had won by this day, with its band"
        )
    return f"{currency}; usual: share that past periods had won by this day, with its band"


def plot_colours(
    colours: pd.DataFrame,
    actions: pd.DataFrame | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """
    Show the colour of every cell by week, with the weeks in which actions began.

    Parameters
    ----------
    colours
        Table ``council_colours``; cells that are grey at every week are left out.
    actions
        Table ``council_actions``.
    ax
        Axes to draw on.
    """
    headline = "Colours by week"
    known = colours[colours["colour"] != "grey"]
    if known.empty:
        return nothing_to_draw(ax, headline, "no colour of the past is known: see the notes")
    cells = known[["cut", "cut_value"]].drop_duplicates()
    names = pd.MultiIndex.from_frame(cells)
    rows = colours[pd.MultiIndex.from_frame(colours[["cut", "cut_value"]]).isin(names)]
    weeks = _weeks(rows)
    columns = pd.MultiIndex.from_frame(weeks)
    rows = rows.assign(
        x=columns.get_indexer(pd.MultiIndex.from_frame(rows[["period", "day_date"]])),
        y=names.get_indexer(pd.MultiIndex.from_frame(rows[["cut", "cut_value"]])),
    )
    ax = new_axes(ax, width=9.6, height=1.9 + 0.36 * len(cells))
    for colour, mine in rows.groupby("colour"):
        ax.barh(mine["y"], 0.94, left=mine["x"] - 0.47, height=0.86, color=_FILL[str(colour)])
        if len(weeks) <= 66:
            for x, y in zip(mine["x"], mine["y"], strict=True):
                ax.text(x, y, _LETTERS[str(colour)], ha="center", va="center", fontsize=6,
                        color="white")  # fmt: skip
    marked = _mark_actions(ax, actions, weeks, names)
    _label_weeks(ax, weeks)
    ax.set_yticks(range(len(cells)), [
        "Total" if cut == "total" else label(value, 26)
        for cut, value in zip(cells["cut"], cells["cut_value"], strict=True)
    ])  # fmt: skip
    ax.set_ylim(len(cells) - 0.4, -0.6)
    ax.set_xlim(-0.6, len(weeks) - 0.4)
    ax.grid(visible=False)
    handles: list[Any] = [Patch(color=_FILL[name], label=text) for name, text in _WORDS.items()]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.07 - 0.4 / len(cells)),
              ncol=3)  # fmt: skip
    subtitle = ("each week from what was known then, by the same rule, with today's targets; the "
                "last day of a period stands in it and, as its start, in the next one")  # fmt: skip
    title(ax, headline, subtitle + ("; triangle: an action began" if marked else ""))
    return ax


def plot_causes(causes: pd.DataFrame, *, currency: str = "", ax: Axes | None = None) -> Axes:
    """
    Show what each cause costs at the close, by red and yellow cell.

    Parameters
    ----------
    causes
        Table ``council_causes``.
    currency
        Currency of the plan.
    ax
        Axes to draw on.
    """
    headline = "Why cells are behind"
    if causes.empty:
        return nothing_to_draw(ax, headline, "no cause could be computed, or none stands out")
    cells = causes[["cut", "cut_value"]].drop_duplicates().reset_index(drop=True)
    ax = new_axes(ax, width=9.0, height=1.9 + 0.2 * len(causes) + 0.3 * len(cells))
    place = 0.0
    ticks, texts = [], []
    widest = float(causes["effect_amount"].max())
    for cell in cells.to_dict("records"):
        mine = causes[(causes["cut"] == cell["cut"]) & (causes["cut_value"] == cell["cut_value"])]
        for row in mine.sort_values("cause_order").to_dict("records"):
            pale = bool(row["is_usual"]) or bool(row["is_grey"])
            ax.barh(place, row["effect_amount"], height=0.8, alpha=0.45 if pale else 1.0,
                    color=SERIES[CAUSES.index(row["cause"]) % len(SERIES)])  # fmt: skip
            words = f"{str(row['cause']).replace('_', ' ')} {money(row['effect_amount'])}"
            ax.annotate(words, (row["effect_amount"], place), (5, 0), va="center",
                        textcoords="offset points", fontsize=8.2, color=COLORS["soft"])  # fmt: skip
            place += 1.0
        ticks.append(place - len(mine) / 2 - 0.5)
        texts.append("Total" if cell["cut"] == "total" else label(cell["cut_value"], 24))
        place += 0.7
    ax.set_yticks(ticks, texts)
    ax.set_ylim(place - 0.7, -0.9)
    ax.set_xlim(0, widest * 1.45)
    ax.xaxis.set_major_formatter(lambda value, _: money(value))
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    title(ax, headline, f"what each cause costs at the close, {currency}; causes overlap; pale: "
          "past periods vary as much, or few deals")  # fmt: skip
    return ax


def plot_effects(effects: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """
    Show what actions did to the pace of their cells against untreated ones.

    Parameters
    ----------
    effects
        Table ``council_effects``.
    ax
        Axes to draw on.
    """
    rows = effects[(effects["measure"] == "pace_gap") & (effects["treated_count"] > 0)]
    headline = "What actions did"
    if rows.empty:
        return nothing_to_draw(ax, headline, "no action can be compared yet: see the table")
    rows = rows.reset_index(drop=True)
    alone = effects[(effects["topic"] == "recovery") & (effects["action"] == "none")]
    said = str(alone["reason"].iloc[0]) if len(alone) else ""
    ax = new_axes(ax, width=8.8, height=2.1 + 0.42 * len(rows))
    ax.axvline(0, color=COLORS["grey"], linewidth=0.9)
    for place, row in enumerate(rows.to_dict("records")):
        _effect_row(ax, place, row)
    names = [label(str(name).replace("_", " "), 26) for name in rows["action"]]
    ax.set_yticks(range(len(rows)), names)
    ax.set_ylim(len(rows) - 0.4, -0.7)
    ax.margins(x=0.3)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.set_xlabel("points of the target, treated less untreated cells")
    title(ax, headline, "change of attained - usual share against untreated cells of the same "
          f"colour; line: 80 % interval; pale: too few cases. {said}")  # fmt: skip
    return ax


def _effect_row(ax: Axes, place: int, row: Mapping[Any, Any]) -> None:
    color = COLORS["grey"] if row["is_grey"] else COLORS["accent"]
    end = 100 * row["value"]
    if pd.notna(row["low"]):
        ax.hlines(place, 100 * row["low"], 100 * row["high"], color=color, linewidth=1.6)
        end = 100 * row["high"]
    ax.plot(100 * row["value"], place, "o", color=color, markersize=8)
    count = int(row["treated_count"])
    ax.annotate(f"{100 * row['value']:+.1f}, {count} action{'' if count == 1 else 's'}",
                (end, place), (9, 0), textcoords="offset points", va="center", fontsize=8.3,
                color=COLORS["soft"])  # fmt: skip


def _weeks(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Give period and day of every column, periods one after the other.

    The last day of a period is also the first known one of the next: it has a column in both.
    """
    weeks = rows[["period", "day_date"]].drop_duplicates()
    weeks = weeks.assign(first=weeks.groupby("period")["day_date"].transform("min"))
    weeks = weeks.sort_values(["first", "period", "day_date"], ignore_index=True)
    return weeks[["period", "day_date"]]


def _mark_actions(
    ax: Axes, actions: pd.DataFrame | None, weeks: pd.DataFrame, names: pd.MultiIndex
) -> int:
    """Draw a triangle in the week of its period in which an action began; count those placed."""
    if actions is None or actions.empty:
        return 0
    y = names.get_indexer(pd.MultiIndex.from_frame(actions[["cut", "cut_value"]]))
    places = []
    for period, start in zip(actions["period"], actions["start_date"], strict=True):
        mine = weeks[weeks["period"] == period]
        begun = mine.index[mine["day_date"] <= start]
        places.append(begun[-1] if len(begun) else mine.index[0] if len(mine) else -1)
    x = np.array(places)
    inside = (y >= 0) & (x >= 0)
    ax.plot(x[inside] - 0.3, y[inside] + 0.3, "^", color=COLORS["ink"], markersize=4.5)
    return int(inside.sum())


def _label_weeks(ax: Axes, weeks: pd.DataFrame) -> None:
    """Name every period at its first week, and draw a line before it."""
    first = weeks.reset_index().groupby("period")["index"].min().sort_values()
    names = [str(name) for name in first.index]
    ax.set_xticks(first.to_numpy(), names, fontsize=8)
    for text, x in zip(ax.get_xticklabels(), first.to_numpy(), strict=True):
        text.set_horizontalalignment("right" if x > 0.95 * len(weeks) else "left")
    for x in first.to_numpy()[1:]:
        ax.axvline(x - 0.5, color=COLORS["ink"], linewidth=0.8)
    days = weeks["day_date"]
    ax.set_xlabel(f"{days.nunique()} known weeks until {days.max():%Y-%m-%d}")
