"""
A grid in a notebook: filter accounts, see the reason, give one to another rep, try it, save it.

Nothing is stored before a person presses Save; where nobody sits before the notebook, a note says
how to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.displays import View, problem_list, table
from planlib.displays.values import write
from planlib.displays.views import safe
from planlib.errors import PlanError
from planlib.language import say
from planlib.widgets import Decides, is_interactive

if TYPE_CHECKING:
    import ipywidgets

_PAGE = 8
_EVERY = "all"
_STAYS = "as planned"


def owner_grid(
    wb: Decides,
    rows: pd.DataFrame,
    reps: Mapping[str, Mapping[str, str]],
    try_out: Callable[[Mapping[str, str]], pd.DataFrame],
    *,
    currency: str,
) -> ipywidgets.VBox | View:
    """
    Show accounts with owner, planned rep and reason; a person may choose another rep for each.

    Parameters
    ----------
    wb
        The workbook; Save stores decisions of kind ``territories``, rule must.
    rows
        ``account_id``, ``name``, ``block``, ``owner``, ``planned``, ``acv``, ``cause``,
        ``reason``; in the order of the grid.
    reps
        By block, id and name of the reps that can be chosen.
    try_out
        Called with rep by account; gives a table that is shown below the grid.
    currency
        Of ``acv``, shown with it.

    Returns
    -------
    VBox or View
        The grid, or a note that says how to decide without one.
    """
    if not is_interactive():
        return problem_list([], none=(
            "In JupyterLab a grid stands here: filter the accounts, choose another rep, try it, "
            "save it. Decide here, by wb.decide('territories', [...], who=..., why=...), or by a "
            "line in overrides/territories.csv."
        ))  # fmt: skip
    return _Grid(wb, rows.reset_index(drop=True), reps, try_out, currency).view


class _Grid:
    """The parts of the grid and what they do."""

    def __init__(
        self,
        wb: Decides,
        rows: pd.DataFrame,
        reps: Mapping[str, Mapping[str, str]],
        try_out: Callable[[Mapping[str, str]], pd.DataFrame],
        currency: str,
    ) -> None:
        import ipywidgets as w

        self.wb, self.rows, self.reps, self.try_out = wb, rows, reps, try_out
        self.currency = currency
        self.chosen: dict[str, str] = {}
        self.first, self.range = 0, ""
        style = {"description_width": "initial"}
        self.words = w.Text(description=say("find"),
                            placeholder=say("account, id or words of the reason"),
                            continuous_update=False, style=style)  # fmt: skip
        self.person = self._choice("rep, old or new", pd.concat([rows["owner"], rows["planned"]]))
        self.cause = self._choice("cause", rows["cause"])
        self.body, self.count = w.VBox(), w.HTML()
        back, ahead = w.Button(description="◀"), w.Button(description="▶")
        for button, step in ((back, -_PAGE), (ahead, _PAGE)):
            button.layout.width = "3em"
            button.on_click(lambda _, step=step: self._turn(step))
        attempt = w.Button(description=say("Try: solve again"))
        save = w.Button(description=say("Save decisions"), button_style="primary")
        self.who = w.Text(description=say("who"), placeholder=say("your name"), style=style)
        self.why = w.Text(description=say("why"), placeholder=say("the reason"), style=style)
        self.said = w.HTML()
        attempt.on_click(lambda _: self._try())
        save.on_click(lambda _: self._save())
        for one in (self.words, self.person, self.cause):
            one.observe(lambda _: self._turn(None), names="value")
        self.view = w.VBox([
            w.HBox([self.words, self.person, self.cause]), self.body,
            w.HBox([back, ahead, self.count]), w.HBox([self.who, self.why, attempt, save]),
            self.said,
        ])  # fmt: skip
        self._draw()

    def _choice(self, name: str, values: pd.Series) -> Any:
        import ipywidgets as w

        known = sorted(set(values.dropna().astype(str)) - {""})
        return w.Dropdown(options=[(say(_EVERY), _EVERY), *((say(one), one) for one in known)],
                          value=_EVERY, description=say(name),
                          style={"description_width": "initial"})  # fmt: skip

    def _filtered(self) -> pd.DataFrame:
        rows = self.rows
        if self.person.value != _EVERY:
            rows = rows[rows["owner"].eq(self.person.value) | rows["planned"].eq(self.person.value)]
        if self.cause.value != _EVERY:
            rows = rows[rows["cause"].eq(self.cause.value)]
        words = self.words.value.strip().casefold()
        if words:
            text = (
                rows[["account_id", "name", "reason"]].fillna("").astype(str).agg(" ".join, axis=1)
            )
            rows = rows[text.str.casefold().str.contains(words, regex=False)]
        return rows

    def _turn(self, step: int | None) -> None:
        last = max(len(self._filtered()) - 1, 0) // _PAGE * _PAGE
        self.first = 0 if step is None else min(max(self.first + step, 0), last)
        self._draw()

    def _draw(self) -> None:
        rows = self._filtered()
        shown = rows.iloc[self.first : self.first + _PAGE]
        self.body.children = [self._line(row) for row in shown.to_dict("records")]
        end = self.first + len(shown)
        self.range = (
            f"{self.first + 1:,} to {end:,} of {len(rows):,}" if len(rows)
            else "no account fits the filter"
        )  # fmt: skip
        if self.chosen:
            self._count_only()
        else:
            self.count.value = say(self.range)

    def _line(self, row: Mapping[Any, Any]) -> Any:
        import ipywidgets as w

        account = str(row["account_id"])
        names = self.reps.get(str(row["block"]), {})
        options = [(say(_STAYS), "")] + [(f"{name} ({rep})", rep) for rep, name in names.items()]
        other = w.Dropdown(options=options, value=self.chosen.get(account, ""),
                           layout=w.Layout(width="17em"))  # fmt: skip
        other.observe(lambda change: self._choose(account, change["new"]), names="value")
        owner, planned = (safe(say(row[name])) if isinstance(row[name], str) else say("nobody")
                          for name in ("owner", "planned"))  # fmt: skip
        name = safe(row["name"]) if isinstance(row["name"], str) else ""
        reason = safe(say(str(row["reason"])))
        text = w.HTML(
            f'<div style="line-height:1.35"><b>{name}</b> {safe(account)} · '
            f"ACV {safe(self.currency)} {safe(write(row['acv'], 'amount'))} · "
            f"{owner} → {planned}<br>"
            f'<span style="opacity:.75;font-size:12px">{reason}</span></div>',
            layout=w.Layout(width="52em"),
        )
        return w.HBox([text, other], layout=w.Layout(border_bottom="1px solid #d5dade"))

    def _choose(self, account: str, rep: str) -> None:
        if rep:
            self.chosen[account] = rep
        else:
            self.chosen.pop(account, None)
        self._count_only()

    def _count_only(self) -> None:
        self.count.value = say(f"{self.range}; {len(self.chosen)} chosen")

    def _try(self) -> None:
        try:
            shown = self.try_out(dict(self.chosen))
        except PlanError as error:
            self.said.value = problem_list(str(error).splitlines(), title="Not tried").body
            return
        view = table(shown, title="What the choices would do; nothing is stored yet", limit=None)
        self.said.value = view._repr_html_()

    def _save(self) -> None:
        who, why = self.who.value.strip(), self.why.value.strip()
        problems = [] if self.chosen else ["nothing is decided: choose another rep for an account"]
        problems += [f"say {name}" for name, text in (("who", who), ("why", why)) if not text]
        made: Sequence[str] = ()
        if not problems:
            rows = [{"account_id": account, "rep_id": rep, "rule": "must"}
                    for account, rep in self.chosen.items()]  # fmt: skip
            try:
                made = self.wb.decide("territories", rows, who=who, why=why)
            except PlanError as error:
                problems = str(error).splitlines()
        if problems:
            self.said.value = problem_list(problems, title="Not saved").body
            return
        self.chosen.clear()
        self._draw()
        done = f"Saved as {', '.join(made)}. Run the notebook again: the plan then keeps to it."
        self.said.value = problem_list([], none=done).body
