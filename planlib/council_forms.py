"""
Forms of a council in a notebook: actions for red and yellow cells, their status, who was there.

Nothing is stored before a person presses Save; where nobody sits before the notebook, a note says
how to decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.displays import View, problem_list
from planlib.displays.values import write
from planlib.displays.views import safe
from planlib.errors import PlanError
from planlib.language import language, say
from planlib.widgets import Decides, is_interactive, problems_of, said_options

if TYPE_CHECKING:
    import ipywidgets

_NONE = "no action"
_OWN = "own entry"
_STATUSES = ("open", "done", "dropped")
_KEY = ("period", "cut", "cut_value")
_KEPT = (
    *_KEY, "cause", "action", "units_count", "cost_amount", "owner", "start_date", "due_date",
    "effect_amount",
)  # fmt: skip


def council_grid(
    wb: Decides, cells: pd.DataFrame, suggestions: pd.DataFrame, actions: pd.DataFrame
) -> ipywidgets.VBox | View:
    """
    Show red and yellow cells with an action to choose for each, and the open actions.

    Parameters
    ----------
    wb
        The workbook; Save stores decisions of kind ``council_actions``.
    cells
        Table ``council_cells``.
    suggestions
        Table ``council_suggestions``; choosing one fills in cost, owner, due date and effect.
    actions
        Table ``council_actions``; a new status of an open action supersedes it.

    Returns
    -------
    VBox or View
        The grid, or a note that says how to decide without one.
    """
    if not is_interactive():
        as_is = ", ".join((*_KEPT, "status"))
        return problem_list([], none=(
            "In JupyterLab a grid stands here: choose an action for each red or yellow cell, set "
            "owner and due date, note what became of earlier ones, save. Decide here, in the form "
            "exchange/council_actions.xlsx that the cycle writes (planlib collect reads it back), "
            "by wb.decide('council_actions', [...], who=..., why=...), or by a line in "
            f"overrides/council_actions.csv. Fields: {as_is}."
        ))  # fmt: skip
    watched = cells[cells["is_live"].astype(bool) & cells["colour"].isin(["red", "yellow"])]
    watched = watched.sort_values(["colour", "gap_amount", "cut", "cut_value"],
                                  ascending=[True, False, True, True])  # fmt: skip
    return _Grid(wb, watched, suggestions, actions[actions["status"] == "open"]).view


def meeting_form(
    wb: Decides, functions: Sequence[str], meeting_date: object
) -> ipywidgets.VBox | View:
    """
    Show a form for who is present at a council and what it decides.

    Parameters
    ----------
    wb
        The workbook; Save stores decisions of kind ``council_meetings``.
    functions
        Functions that must be present; each gets a line.
    meeting_date
        Day that is filled in.

    Returns
    -------
    VBox or View
        The form, or a note that says how to keep the log without one.
    """
    if not is_interactive():
        return problem_list([], none=(
            "In JupyterLab a form stands here for presence and decisions. Keep them here, by "
            "wb.decide('council_meetings', [...], who=..., why=...), or by a line in "
            "overrides/council_meetings.csv. Fields: meeting_date, function, person_name, "
            "is_present, decision."
        ))  # fmt: skip
    return _meeting(wb, functions, str(meeting_date))


class _Grid:
    """The parts of the grid and what they do."""

    def __init__(
        self, wb: Decides, cells: pd.DataFrame, suggestions: pd.DataFrame, actions: pd.DataFrame
    ) -> None:
        import ipywidgets as w

        self.wb = wb
        self.cells = cells.to_dict("records")
        self.offers = [self._offers(row, suggestions) for row in self.cells]
        self.lines = [self._line(at) for at in range(len(self.cells))]
        self.actions = actions.to_dict("records")
        self.states = [
            w.Dropdown(options=said_options(_STATUSES), value="open", description=_action_name(row),
                       style={"description_width": "initial"}, layout=w.Layout(width="60em"))
            for row in self.actions
        ]  # fmt: skip
        self.who, self.why, self.save, self.said = signature("Save actions")
        self.save.on_click(lambda _: self._save())
        self.view = w.VBox([
            *[line["view"] for line in self.lines],
            *self.states,
            w.HBox([self.who, self.why, self.save]),
            self.said,
        ])  # fmt: skip

    def _offers(
        self, row: Mapping[Any, Any], suggestions: pd.DataFrame
    ) -> dict[str, dict[Any, Any]]:
        if suggestions.empty:
            return {}
        mine = suggestions
        for name in _KEY:
            mine = mine[mine[name] == row[name]]
        return {str(one["action"]): one for one in mine.to_dict("records")}

    def _line(self, at: int) -> dict[str, Any]:
        import ipywidgets as w

        row, offers = self.cells[at], self.offers[at]
        options = [(say(_NONE), "")]
        options += [(f"{say(str(one['title']))}, {write(one['cost_amount'], 'amount')}", key)
                    for key, one in offers.items()]  # fmt: skip
        options.append((say(_OWN), _OWN))
        action = w.Dropdown(options=options, value="", layout=w.Layout(width="24em"))
        fields = {
            name: w.Text(placeholder=say(hint), layout=w.Layout(width="13em"))
            for name, hint in (("own", "name of own action"), ("cost_amount", "cost"),
                               ("owner", "owner"), ("due_date", "due, as 2026-03-31"))
        }  # fmt: skip
        action.observe(lambda change: self._fill(at, change["new"]), names="value")
        text = w.HTML(
            f'<div style="line-height:1.35"><b>{_said(row["colour"])}</b> '
            f"{_said(write(row['cut'], 'words'))}: "
            f"{safe(row['cut_value'])} · {_said('gap')} {safe(write(row['gap_amount'], 'amount'))}"
            f'<br><span style="opacity:.75;font-size:12px">{_said(row["reason"])}<br>'
            f"{_said(row['context'])}</span></div>",
            layout=w.Layout(width="70em"),
        )
        view = w.VBox([text, w.HBox([action, *fields.values()])],
                      layout=w.Layout(border_bottom="1px solid #d5dade"))  # fmt: skip
        return {"view": view, "action": action, **fields}

    def _fill(self, at: int, key: str) -> None:
        line, offer = self.lines[at], self.offers[at].get(key)
        due = "" if offer is None else f"{offer['due_date']:%Y-%m-%d}"
        line["cost_amount"].value = "" if offer is None else f"{offer['cost_amount']:.0f}"
        owner = None if offer is None else offer["owner"]
        line["owner"].value = owner if isinstance(owner, str) else ""
        line["due_date"].value = due

    def _chosen(self) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        for row, line, offers in zip(self.cells, self.lines, self.offers, strict=True):
            key = line["action"].value
            if not key:
                continue
            offer = offers.get(key, {})
            given = {name: line[name].value.strip() or None
                     for name in ("cost_amount", "owner", "due_date")}  # fmt: skip
            rows.append({
                **{name: row[name] for name in _KEY},
                **{name: offer.get(name) for name in ("cause", "units_count", "effect_amount")},
                **given,
                "action": line["own"].value.strip() if key == _OWN else key,
                "status": "open",
            })  # fmt: skip
        for row, state in zip(self.actions, self.states, strict=True):
            if state.value != "open":
                rows.append({**{name: row[name] for name in _KEPT}, "status": state.value,
                             "supersedes": row["decision_id"]})  # fmt: skip
        return rows

    def _save(self) -> None:
        rows = self._chosen()
        problems = [] if rows else ["nothing is decided: choose an action or a new status"]
        problems += ["name the own action" for row in rows if not row["action"]]
        self.said.value = store_decisions(self.wb, "council_actions", rows,
                                          (self.who.value, self.why.value), problems)  # fmt: skip


def _meeting(wb: Decides, functions: Sequence[str], day: str) -> ipywidgets.VBox:
    import ipywidgets as w

    style = {"description_width": "9em"}
    date_field = w.Text(value=day, description=say("day"), style=style)
    people = {
        one: w.Text(placeholder=say("names, separated by a comma; blank: absent"),
                    description=say(one), style=style, layout=w.Layout(width="40em"))
        for one in functions
    }  # fmt: skip
    decision = w.Textarea(description=say("decided"), placeholder=say("one decision per line"),
                          style=style, layout=w.Layout(width="40em"))  # fmt: skip
    who, why, save, said = signature("Save meeting")

    def on_save(_: object) -> None:
        rows: list[dict[str, object]] = []
        for function, box in people.items():
            names = [name.strip() for name in box.value.split(",") if name.strip()]
            rows += [{"function": function, "person_name": name, "is_present": True}
                     for name in names]  # fmt: skip
            if not names:
                rows.append({"function": function, "is_present": False})
        rows += [{"decision": line.strip()} for line in decision.value.splitlines()
                 if line.strip()]  # fmt: skip
        rows = [{"meeting_date": date_field.value.strip(), **row} for row in rows]
        said.value = store_decisions(wb, "council_meetings", rows, (who.value, why.value), [])

    save.on_click(on_save)
    return w.VBox([date_field, *people.values(), decision, w.HBox([who, why, save]), said])


def signature(button: str) -> tuple[Any, Any, Any, Any]:
    """Give the fields who and why, a button to save, and a place for what became of it."""
    import ipywidgets as w

    style = {"description_width": "initial"}
    return (
        w.Text(description=say("who"), placeholder=say("your name"), style=style),
        w.Text(description=say("why"), placeholder=say("the reason"), style=style),
        w.Button(description=say(button), button_style="primary"),
        w.HTML(),
    )


def _action_name(row: Mapping[Any, Any]) -> str:
    action, cut = (say(str(row[name]).replace("_", " ")) if language() != "en" else row[name]
                   for name in ("action", "cut"))  # fmt: skip
    return f"{row['decision_id']} {action} · {cut}: {row['cut_value']}"


def _said(text: object) -> str:
    """Give a text of a table in the language that is spoken, escaped; blank where it is none."""
    return safe(say(text)) if isinstance(text, str) else ""


def store_decisions(
    wb: Decides,
    kind: str,
    rows: Sequence[Mapping[str, object]],
    signed: tuple[str, str],
    problems: list[str],
    *,
    after: str = "Run the notebook again to see it in the log.",
    named: Sequence[str] = (),
) -> str:
    """
    Store decisions; give what to say about it, and what comes after, as escaped HTML.

    ``named`` says by which name a problem calls each row.
    """
    who, why = (text.strip() for text in signed)
    problems = problems + [f"say {name}" for name, text in (("who", who), ("why", why)) if not text]
    if not problems:
        try:
            made = wb.decide(kind, rows, who=who, why=why)
        except PlanError as error:
            problems = problems_of(error, named)
        else:
            done = f"Saved as {', '.join(made)}. {after}"
            return problem_list([], none=done).body
    return problem_list(problems, title="Not saved").body
