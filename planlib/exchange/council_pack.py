"""The council's actions as an Excel form: red and yellow cells, and the actions that are open."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.exchange.audience import AudienceView
from planlib.exchange.excel import FOLDER, about
from planlib.exchange.forms import FormColumn, FormSheet, write_form
from planlib.exchange.sheets import plain_text
from planlib.settings.council import CAUSES, CouncilSettings
from planlib.tables.council import STATUSES

if TYPE_CHECKING:
    from planlib.store import Workbook

KIND = "council_actions"
NEW, LOGGED = "Actions", "Open actions"
STEP = "07_council"
KEY = ("period", "cut", "cut_value")
_SPARE = 20  # blank rows for a second action of a cell, or for cells of any colour
_MOST_NAMES = 500  # in a drop-down


def write_council_pack(workbook: Workbook, audience: str | None = None) -> Path | None:
    """
    Write the form in which a council decides without a notebook.

    Parameters
    ----------
    workbook
        The cycle; the file goes into ``exchange/`` of the revision being built, or of the draft.
    audience
        Name of an audience of plan.yaml; None takes ``report.audience``.

    Returns
    -------
    Path or None
        The file; None when the council has no cells in this cycle.
    """
    view = AudienceView(workbook, audience)
    cells = view.rows("council_cells")
    if STEP not in [step.name for step in view.steps()] or cells.empty:
        return None
    settings, currency = workbook.plan.council, workbook.plan.currency
    names = _names(view, cells)
    sheets = [
        FormSheet(
            name=NEW,
            columns=new_columns(settings, currency, cells, names),
            frame=_watched(cells, view.rows("council_suggestions"), currency),
            spare=_SPARE,
        ),
        FormSheet(
            name=LOGGED,
            columns=logged_columns(currency, names),
            frame=_open_actions(workbook, view.rows("council_actions"), settings),
            key=("decision_id",),
        ),
    ]
    path = workbook.target / FOLDER / f"{KIND}.xlsx"
    write_form(
        path,
        sheets,
        about=[*about(view, "Council: decide on actions"), *_how(workbook)],
        stamp={
            "kind": KIND,
            "workbook": workbook.root.name,
            "cycle": workbook.cycle.name,
            "as_of": view.as_of.isoformat(),
            "decisions": str(len(workbook.decisions(KIND))),
        },
        created=view.as_of,
        title=f"Council actions, {workbook.cycle.name}",
    )
    return path


def cell_label(row: Mapping[Any, Any]) -> str:
    """
    Name a cell in one text, as the form does.

    Examples
    --------
    >>> cell_label({"period": "2026Q1", "cut": "deal_type", "cut_value": "new"})
    '2026Q1 | deal type | new'
    """
    period, cut, value = (str(row[name]) for name in KEY)
    return plain_text(f"{period} | {in_words(cut)} | {value}")[0]


def in_words(key: str) -> str:
    """Write the key of a cut or a cause as people read it."""
    return key.replace("_", " ")


def action_title(key: str, settings: CouncilSettings) -> str:
    """Give the name that people read for an action; an own entry is its own name."""
    return next((one.title or one.key for one in settings.actions if one.key == key), key)


def new_columns(
    settings: CouncilSettings,
    currency: str,
    cells: pd.DataFrame,
    names: tuple[str, ...] = (),
) -> tuple[FormColumn, ...]:
    """Give the columns of the sheet on which new actions are decided."""
    labels = tuple(cell_label(row) for row in cells[list(KEY)].to_dict("records"))
    titles = tuple(action_title(one.key, settings) for one in settings.actions)
    return (
        FormColumn(name="cell", header="Cell", width=30, choices=labels, is_strict=True,
                   is_free=True, help="On blank rows: the cell that the action is for."),
        FormColumn(name="colour", header="Colour", width=8),
        FormColumn(name="gap_amount", header=f"Gap, {currency}", kind="amount", width=12),
        FormColumn(name="reason", header="Why this colour", width=40),
        FormColumn(name="context", header="What moved it", width=40),
        FormColumn(name="suggested", header="Suggested", width=44),
        FormColumn(name="action", header="Action", width=26, choices=titles,
                   help="One of the catalogue, or an own name. Blank: nothing is decided here."),
        FormColumn(name="cause", header="Cause", width=18, choices=tuple(map(in_words, CAUSES)),
                   is_strict=True,
                   help="What it works on. Blank: as suggested."),
        *_figures(currency, "Blank: as suggested."),
        *_people(names, "Blank: as suggested."),
        FormColumn(name="status", header="Status", width=9, choices=STATUSES, is_strict=True,
                   help="Blank: open."),
        *_signature(names),
    )  # fmt: skip


def logged_columns(currency: str, names: tuple[str, ...] = ()) -> tuple[FormColumn, ...]:
    """Give the columns of the sheet on which open actions are changed or ended."""
    return (
        FormColumn(name="decision_id", header="Decision", kind="id", width=10),
        FormColumn(name="cell", header="Cell", width=30),
        FormColumn(name="action", header="Action", width=26),
        FormColumn(name="cause", header="Cause", width=18),
        FormColumn(name="course", header="What became of the cell", width=44),
        FormColumn(name="status", header="Status", width=9, choices=STATUSES, is_strict=True,
                   help="done or dropped ends the action."),
        *_figures(currency, ""),
        *_people(names, ""),
        *_signature(names),
    )  # fmt: skip


def _figures(currency: str, blank: str) -> tuple[FormColumn, ...]:
    return (
        FormColumn(name="units_count", header="Units", kind="number", width=8,
                   help=f"How many units, such as dinners. {blank}".strip()),
        FormColumn(name="cost_amount", header=f"Cost, {currency}", kind="amount", width=11,
                   help=f"What it costs. {blank}".strip()),
        FormColumn(name="effect_amount", header=f"Expected effect, {currency}", kind="amount",
                   width=13, help=f"What it should bring. {blank}".strip()),
    )  # fmt: skip


def _people(names: tuple[str, ...], blank: str) -> tuple[FormColumn, ...]:
    return (
        FormColumn(name="owner", header="Owner", width=20, choices=names,
                   help=f"Who does it; others than those listed can be typed. {blank}".strip()),
        FormColumn(name="start_date", header="Start", kind="date", width=11,
                   help="First day. Blank: day of the decision."),
        FormColumn(name="due_date", header="Due", kind="date", width=11,
                   help=f"To be done by. {blank}".strip()),
    )  # fmt: skip


def _signature(names: tuple[str, ...]) -> tuple[FormColumn, ...]:
    return (
        FormColumn(name="who", header="Decided by", width=20, choices=names,
                   help="Who decided; needed where something is filled in or changed."),
        FormColumn(name="why", header="Reason", width=34,
                   help="Why; needed where something is filled in or changed."),
    )  # fmt: skip


def _watched(cells: pd.DataFrame, suggestions: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Give the red and yellow cells of the period that can still be moved, worst first."""
    mine = cells[cells["is_live"].astype(bool) & cells["colour"].isin(["red", "yellow"])]
    mine = mine.sort_values(["colour", "gap_amount", "cut", "cut_value"],
                            ascending=[True, False, True, True])  # fmt: skip
    offers: dict[tuple[str, ...], list[str]] = {}
    for row in suggestions.to_dict("records"):
        text = f"{row['title']}: {row['units_count']:g} x {row['unit'] or 'unit'}, "
        text += f"{row['cost_amount']:,.0f} {currency}"
        if pd.notna(row["close_amount"]):
            text += f", brings {row['close_amount']:,.0f} at the close"
        care = row.get("caution")
        text += f" ({care})" if isinstance(care, str) and care else ""
        offers.setdefault(tuple(str(row[name]) for name in KEY), []).append(text)
    keys = [tuple(str(value) for value in row) for row in mine[list(KEY)].itertuples(index=False)]
    return mine.assign(
        cell=[cell_label(row) for row in mine[list(KEY)].to_dict("records")],
        suggested=["\n".join(offers.get(key, [])) for key in keys],
    )[["cell", "colour", "gap_amount", "reason", "context", "suggested"]].reset_index(drop=True)


def _open_actions(
    workbook: Workbook, actions: pd.DataFrame, settings: CouncilSettings
) -> pd.DataFrame:
    """Give the actions in force that are open, as they stand in overrides/, oldest first."""
    log = workbook.overrides(KIND)
    log = log[log["status"].fillna("open") == "open"].reset_index(drop=True)
    courses = actions.drop_duplicates("decision_id").set_index("decision_id")["course"]
    return log.assign(
        cell=[cell_label(row) for row in log[list(KEY)].to_dict("records")],
        action=[action_title(key, settings) for key in log["action"]],
        cause=log["cause"].map(in_words, na_action="ignore"),
        course=courses.reindex(log["decision_id"]).to_numpy(),
        status="open",
        who=None,
        why=None,
    )


def _names(view: AudienceView, cells: pd.DataFrame) -> tuple[str, ...]:
    """Give the people of the drop-downs: owners of cells and actions first, then all reps."""
    reps = view.get("reps")
    parts = [cells["owner"], view.rows("council_actions")["owner"]]
    parts += [] if reps is None or "name" not in reps.columns else [reps["name"].sort_values()]
    names = [plain_text(name)[0] for part in parts for name in part.dropna() if str(name).strip()]
    return tuple(dict.fromkeys(names))[:_MOST_NAMES]


def _how(workbook: Workbook) -> list[tuple[str, str]]:
    return [
        ("To fill in", "Pale yellow columns. On sheet Actions: an action for a cell; blank rows "
         "below are for a second action of a cell, or for other cells. On sheet Open actions: a "
         "new status, date, owner or amount. Every row that says something needs who decided and "
         "why."),
        ("Left blank", "A row without an action decides nothing. Units, cost, effect, cause, owner "
         "and due date that are left blank are taken from the suggestion or the catalogue."),
        ("Gap", "Target that open pipeline does not cover at the required coverage, or that is "
         "behind the usual pace; not a forecast."),
        ("To hand in", f"Save the file and run: planlib collect {workbook.root.name} FILE. All "
         "rows are kept in overrides/council_actions.csv, or none: what is wrong is listed by "
         "file, sheet and cell. Handing in the same file twice changes nothing."),
    ]  # fmt: skip


__all__ = [
    "KEY",
    "KIND",
    "LOGGED",
    "NEW",
    "action_title",
    "cell_label",
    "in_words",
    "logged_columns",
    "new_columns",
    "write_council_pack",
]
