"""
A grid to decide in: rows of a table with fields beside them, filtered, page by page, saved once.

Nothing is stored before a person presses Save; where nobody sits before the notebook, a note says
how to decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.council_forms import signature, store_decisions
from planlib.displays import View, problem_list
from planlib.displays.values import humanize, kind_of, write
from planlib.displays.views import safe
from planlib.errors import WorkbookError
from planlib.language import say
from planlib.tables import Column
from planlib.tables import table as contract
from planlib.widgets import Decides, is_interactive, said_options

if TYPE_CHECKING:
    import ipywidgets

_PAGE = 8
_NAMED = 2  # columns of the title that name a row in a message
_BLANK = ""
_KEY = re.compile(r"[a-z]+(_[a-z0-9]+)+")  # a word such as red_cell
_HINTS = {"date": "as 2026-03-31", "share": "as 55 % or 0.55", "amount": "as 12,000",
          "int": "whole number", "number": "number"}  # fmt: skip
_AFTER = "Run the notebook again to see its effect."
_YES_NO = (_BLANK, "yes", "no")
_WIDTHS = {"bool": "6em", "number": "8em", "share": "8em", "amount": "9em", "int": "7em",
           "date": "9em", "id": "11em", "category": "12em"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class GridSpec:
    """
    What a grid decides.

    Parameters
    ----------
    kind
        Kind of decision, such as ``need_proposals``.
    keys
        Columns of the rows that go into each decision as they are.
    fields
        Columns of the decision that a person fills in, in order.
    title
        Columns of the rows printed in bold, first of all; they are searched too.
    text
        Column of the rows printed in small letters beneath; blank: none.
    always
        What each decision holds besides, such as ``{"rater_id": "R-1"}``.
    choices
        Values to choose from by field, where the contract does not list them; or by value what
        a person reads of it.
    needed
        Fields without which a row that has others is not saved.
    currency
        Currency of the amounts: it stands with each amount of the title and in the headings of
        the fields for amounts.
    """

    kind: str
    keys: tuple[str, ...]
    fields: tuple[str, ...]
    title: tuple[str, ...]
    text: str = ""
    always: Mapping[str, object] | None = None
    choices: Mapping[str, Sequence[str] | Mapping[str, str]] | None = None
    needed: tuple[str, ...] = ()
    currency: str = ""


def decision_grid(wb: Decides, rows: pd.DataFrame, spec: GridSpec) -> ipywidgets.VBox | View:
    """
    Show rows with fields beside them; Save stores one decision for each row that was filled in.

    Parameters
    ----------
    wb
        The workbook.
    rows
        What can be decided about, in the order of the grid.
    spec
        What is decided.

    Returns
    -------
    VBox or View
        The grid, or a note that says how to decide without one.

    Raises
    ------
    WorkbookError
        If the kind of decision has no such column, or the rows have not.
    """
    table = contract(f"override_{spec.kind}")
    always = spec.always or {}
    lacking = [name for name in (*spec.keys, *spec.fields, *always) if name not in table.by_name]
    wanted = [*spec.keys, *spec.title, *([spec.text] if spec.text else [])]
    lacking += [name for name in wanted if name not in rows.columns]
    if lacking:
        raise WorkbookError(f"grid of {spec.kind}: there is no column {', '.join(lacking)}")
    if not is_interactive():
        as_is, as_is_fields = spec.kind, ", ".join((*spec.keys, *spec.fields, *always))
        return problem_list([], none=(
            f"In JupyterLab a grid of {len(rows):,} rows stands here. Decide here, by "
            f"wb.decide('{as_is}', [...], who=..., why=...), or by a line in "
            f"overrides/{as_is}.csv. Fields: {as_is_fields}."
        ))  # fmt: skip
    if rows.empty:
        return problem_list([], none="There is nothing to decide here.")
    return _Grid(wb, rows.reset_index(drop=True), spec).view


class _Grid:
    """The parts of the grid and what they do."""

    def __init__(self, wb: Decides, rows: pd.DataFrame, spec: GridSpec) -> None:
        import ipywidgets as w

        self.wb, self.rows, self.spec, self.first = wb, rows, spec, 0
        self.columns = contract(f"override_{spec.kind}").by_name
        self.filled: dict[int, dict[str, str]] = {}
        searched = [*spec.keys, *spec.title, *([spec.text] if spec.text else [])]
        self.words_of = (
            rows[searched].astype("object").where(rows[searched].notna(), "").astype(str)
            .agg(" ".join, axis=1).str.casefold()
        )  # fmt: skip
        self.words = w.Text(description=say("find"), placeholder=say("words of a row"),
                            continuous_update=False,
                            style={"description_width": "initial"})  # fmt: skip
        self.body, self.count = w.VBox(), w.HTML()
        back = w.Button(description="◀", tooltip=say("earlier rows"), layout=w.Layout(width="3em"))
        ahead = w.Button(description="▶", tooltip=say("further rows"), layout=w.Layout(width="3em"))
        back.on_click(lambda _: self._turn(-_PAGE))
        ahead.on_click(lambda _: self._turn(_PAGE))
        self.words.observe(lambda _: self._turn(None), names="value")
        self.who, self.why, save, self.said = signature("Save decisions")
        save.on_click(lambda _: self._save())
        self.view = w.VBox([
            self.words, self.body, w.HBox([back, ahead, self.count]),
            w.HBox([self.who, self.why, save]), self.said,
        ])  # fmt: skip
        self._turn(None)

    def _places(self) -> list[int]:
        words = self.words.value.strip().casefold()
        found = self.words_of.str.contains(words, regex=False) if words else self.words_of.notna()
        return [int(place) for place in self.rows.index[found]]

    def _turn(self, step: int | None) -> None:
        places = self._places()
        last = max(len(places) - 1, 0) // _PAGE * _PAGE
        self.first = 0 if step is None else min(max(self.first + step, 0), last)
        self.body.children = [self._line(at) for at in places[self.first : self.first + _PAGE]]
        self._count()

    def _count(self) -> None:
        places = self._places()
        end = min(self.first + _PAGE, len(places))
        shown = f"{self.first + 1:,} to {end:,} of {len(places):,}" if places else "no row fits"
        self.count.value = f"{say(shown)}; {say(f'{len(self.filled):,} filled in')}"

    def _line(self, at: int) -> Any:
        import ipywidgets as w

        row = self.rows.loc[at]
        known = [name for name in self.spec.title if not pd.isna(row[name])]
        bold, *others = [safe(self._written(row[name], name)) for name in known] or [""]
        head = " · ".join([f"<b>{bold}</b>", *others])
        beneath = row[self.spec.text] if self.spec.text else ""
        small = safe(say(beneath)) if isinstance(beneath, str) else ""
        text = w.HTML(f'<div style="line-height:1.35">{head}<br>'
                      f'<span style="opacity:.75;font-size:12px">{small}</span></div>',
                      layout=w.Layout(width="auto"))  # fmt: skip
        fields = [self._field(at, self.columns[name]) for name in self.spec.fields]
        return w.VBox([text, w.HBox(fields, layout=w.Layout(flex_flow="row wrap"))],
                      layout=w.Layout(border_bottom="1px solid #d5dade"))  # fmt: skip

    def _written(self, value: object, name: str) -> str:
        is_amount = name in self.columns and self.columns[name].kind == "amount"
        kind = "amount" if is_amount else kind_of(self.rows[name], name, {})
        if kind == "amount":
            return f"{self.spec.currency} {write(value, kind)}".strip()
        key = kind == "text" and isinstance(value, str) and bool(_KEY.fullmatch(value))
        return write(value, "words" if key else kind)

    def _field(self, at: int, column: Column) -> Any:
        import ipywidgets as w

        listed = (self.spec.choices or {}).get(column.name) or column.allowed
        value = self.filled.get(at, {}).get(column.name, _BLANK)
        label = say(humanize(column.name))
        if column.kind == "amount" and self.spec.currency:
            label = f"{label}, {self.spec.currency}"
        common = {"tooltip": say(column.meaning), "description": label,
                  "style": {"description_width": "initial"}}  # fmt: skip
        wide = w.Layout(width=f"calc({_WIDTHS.get(column.kind, '16em')} + {len(label)}ch)")
        if column.kind == "bool":
            field = w.Dropdown(options=said_options(_YES_NO), value=value, layout=wide, **common)
        elif isinstance(listed, Mapping):
            shown = [("", _BLANK), *((text, key) for key, text in listed.items())]
            field = w.Dropdown(options=shown, value=value, layout=wide, **common)
        elif listed:
            options = said_options([_BLANK, *listed])
            field = w.Dropdown(options=options, value=value, layout=wide, **common)
        else:
            hint = say(column.unit or _HINTS.get(column.kind, ""))
            field = w.Text(value=value, placeholder=hint, layout=wide, **common)
        field.observe(lambda change: self._fill(at, column.name, change["new"]), names="value")
        return field

    def _name(self, at: int) -> str:
        """Name a row by the first columns of its title, as the grid shows them."""
        row = self.rows.loc[at]
        known = [name for name in self.spec.title if not pd.isna(row[name])]
        return " · ".join(self._written(row[name], name) for name in known[:_NAMED])

    def _fill(self, at: int, name: str, value: str) -> None:
        mine = {**self.filled.get(at, {}), name: value.strip()}
        mine = {key: text for key, text in mine.items() if text}
        if mine:
            self.filled[at] = mine
        else:
            self.filled.pop(at, None)
        self._count()

    def _save(self) -> None:
        spec, problems = self.spec, []
        decided: list[dict[str, object]] = []
        names = [self._name(at) for at in sorted(self.filled)]
        for at, named in zip(sorted(self.filled), names, strict=True):
            given = self.filled[at]
            key = {name: self.rows.at[at, name] for name in spec.keys}
            problems += [f"{named}: fill in {say(humanize(name))}" for name in spec.needed
                         if name not in given]  # fmt: skip
            values = {name: text == "yes" if self.columns[name].kind == "bool" else text
                      for name, text in given.items()}  # fmt: skip
            decided.append({**key, **(spec.always or {}), **values})
        if not decided:
            problems.append("nothing is decided: fill in a field of a row")
        said = store_decisions(self.wb, spec.kind, decided, (self.who.value, self.why.value),
                               problems, after=_AFTER, named=names)  # fmt: skip
        self.said.value = said
        if "Not saved" not in said:
            self.filled.clear()
            self._turn(0)


__all__ = ["GridSpec", "decision_grid"]
