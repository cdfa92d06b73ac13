"""Headlines, cautions and definitions of a council."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from planlib.council.agenda import cell_name
from planlib.council.causes import MEANINGS
from planlib.council.rule import BY_COVERAGE, describe_rule, forecast_words
from planlib.notes import note_rows
from planlib.pipeline.words import short_money
from planlib.settings.council import CouncilSettings

DEFINITIONS: dict[str, str] = {
    "causes": "Each cause is a share of today against the same share of past periods at the same "
    "share of working days, times what it is a share of, times what one open unit brings at the "
    "close (1 / required coverage). Causes overlap and do not add up to the gap. A deal created "
    "and closed within the span is in no cause.",
    **MEANINGS,
    "moves": "Each span compares two days deal by deal: its start and today. The week is no part "
    "of the longer span: a deal created since the start stands there once, as new at its amount of "
    "today, and nowhere when it is closed by now; in the week it counts as raised, moved or won.",
    "span": "The day before the period until the as-of date; before a period begins, the whole "
    "period in front of it.",
    "effect of an action": "Change of its cell over the weeks of plan.yaml, minus the mean change "
    "of cells of the same period that had the same colour that day and no action; 80 % interval "
    "from Student's t over actions. Cells of several cuts share deals, so it is rather too narrow.",
    "recovery": "Spells of red, each counted once from its first week, that are green within the "
    "weeks of plan.yaml; spells with fewer weeks left in their period are left out.",
    "owner": "Whom council.owners names, for a segment segmentation.segment_owners; else the "
    "manager with the largest amount of the cell, won or open in the period.",
}


def headlines(tables: Mapping[str, pd.DataFrame], currency: str) -> list[str]:
    """Say what a leader should know first."""
    return [
        *_colour_line(tables["council_cells"]),
        *_gap_line(tables["council_cells"], currency),
        *_action_line(tables["council_actions"]),
        *_effect_line(tables["council_effects"]),
    ]


def cautions(tables: Mapping[str, pd.DataFrame], strange: list[str]) -> dict[str, str]:
    """Say what to read with care, by topic."""
    found: dict[str, str] = {}
    cells = tables["council_cells"]
    if len(tables["council_colours"]):
        found["colours of the past"] = (
            "they use today's targets, and won deals by their close date of today; what was open "
            "is as it was known then"
        )
    weak = cells[cells["rule"].isin(["linear pace", "usual pace, assumed band"])]
    if len(weak):
        found["weaker rule"] = (
            f"{len(weak)} cells are coloured without a band learnt from the past; their reason "
            "says by which rule"
        )
    if len(tables["council_actions"]):
        found["effects"] = (
            "actions were not drawn by lot: a council acts where it sees most to gain, so an "
            "effect may be the choice of cells"
        )
    for at, text in enumerate(strange, start=1):
        found[f"log of actions {at}"] = text
    return found


def notes_table(
    lines: list[str], careful: Mapping[str, str], missing: Mapping[str, str],
    settings: CouncilSettings,
) -> pd.DataFrame:  # fmt: skip
    """Give all notes as rows of table ``council_notes``."""
    return note_rows({
        "headline": lines,
        "caution": careful,
        "missing": missing,
        "definition": DEFINITIONS,
        "rule": describe_rule(settings),
    })  # fmt: skip


def _colour_line(cells: pd.DataFrame) -> list[str]:
    lines = []
    for is_live in (True, False):
        mine = cells[cells["is_live"] == is_live]
        if mine.empty:
            continue
        count = mine["colour"].value_counts()
        said = ", ".join(
            f"{count.get(one, 0)} {one}" for one in ("red", "yellow", "green", "grey")
        )  # fmt: skip
        text = f"{mine['period'].iloc[0]}: {said} of {len(mine)} cells"
        grey = mine.loc[mine["colour"] == "grey", "reason"]
        if len(grey):
            why = grey.str.removeprefix("Grey: ").str.removesuffix(".").value_counts()
            text += f"; most grey ones: {why.index[0]} ({why.iloc[0]})"
        lines.append(text + ("." if is_live else "; this period is over."))
    return lines


def _gap_line(cells: pd.DataFrame, currency: str) -> list[str]:
    red = cells[cells["is_live"] & (cells["colour"] == "red") & (cells["gap_amount"] > 0)]
    if red.empty:
        return []
    top = red.sort_values(["gap_amount", "cut", "cut_value"], ascending=[False, True, True])
    said = ", ".join(_cell_gap(row, currency) for row in top.head(3).to_dict("records"))
    if (red["gap_basis"] == BY_COVERAGE).all():
        return [
            f"Red cells with most of their target not covered at the required coverage: {said}."
        ]
    return [f"Largest gaps of red cells, against required coverage or usual pace: {said}."]


def _cell_gap(row: Mapping[Any, Any], currency: str) -> str:
    text = f"{cell_name(row['cut'], row['cut_value'])} {short_money(row['gap_amount'], currency)}"
    forecast = forecast_words(row, currency)
    return f"{text} ({forecast})" if forecast else text


def _action_line(actions: pd.DataFrame) -> list[str]:
    if actions.empty:
        return []
    count = actions["status"].value_counts()
    overdue = int(actions["is_overdue"].sum())
    back = int((actions["weeks_to_green"] > 0).sum())
    already = int((actions["weeks_to_green"] == 0).sum())
    return [
        f"{len(actions)} actions in the log: {count.get('open', 0)} open ({overdue} overdue), "
        f"{count.get('done', 0)} done, {count.get('dropped', 0)} dropped. Cells that became green "
        f"after their action began: {back}; green already when it began: {already}."
    ]


def _effect_line(effects: pd.DataFrame) -> list[str]:
    rows = effects[(effects["action"] == "all") & (effects["topic"] == "effect")]
    rows = rows[(rows["treated_count"] > 0) & (rows["measure"] == "pace_gap")]
    alone = effects[(effects["topic"] == "recovery") & (effects["action"] == "none")]
    alone = alone[alone["treated_count"] > 0]
    return [*rows["reason"].tolist(), *alone["reason"].tolist()]
