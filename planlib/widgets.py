"""
Forms and sliders for notebooks; where nobody sits before the notebook, a note in their place.

Headless runs (papermill, nbclient, a cycle) never store a decision: only a person who presses
Save does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from planlib.displays import View, problem_list
from planlib.displays import table as table_view
from planlib.displays.values import humanize
from planlib.errors import PlanError, ProblemsError
from planlib.language import language, say
from planlib.tables import Column, table

if TYPE_CHECKING:
    import ipywidgets

#: Environment variable that says whether a person is there: 1 or 0.
ENV_INTERACTIVE = "PLANLIB_INTERACTIVE"

_MOST_SUGGESTIONS = 2_000
_STAMP = ("decision_id", "who", "when", "why", "effective_from", "effective_to", "supersedes")
_YES_NO = {"": None, "yes": True, "no": False}
_PLACE = re.compile(r"new row (\d+)(?:, column '(\w+)')?")


class Decides(Protocol):
    """What a form needs of a workbook."""

    def decide(
        self, kind: str, rows: Sequence[Mapping[str, object]], *, who: str, why: str
    ) -> list[str]:
        """Append decisions of a person and give their ids."""


def is_interactive() -> bool:
    """
    Tell whether a person sits before the notebook.

    JupyterLab and Notebook name their sessions in the environment, VS Code names itself; a run
    of a cycle says so too and wins. ``PLANLIB_INTERACTIVE`` = 1 or 0 decides where this fails.
    """
    told = os.environ.get(ENV_INTERACTIVE)
    if told in ("0", "1"):
        return told == "1"
    if "PLANLIB_REVISION" in os.environ:
        return False
    return any(name in os.environ for name in ("JPY_SESSION_NAME", "VSCODE_PID", "VSCODE_CWD"))


def decision_form(
    wb: Decides,
    kind: str,
    keys: Sequence[str] | pd.Series,
    *,
    names: pd.Series | None = None,
    choices: Mapping[str, Sequence[str] | Mapping[str, str]] | None = None,
    key: str = "account_id",
) -> ipywidgets.VBox | View:
    """
    Show a form in which a person decides about one account; Save stores the decision.

    Parameters
    ----------
    wb
        The workbook.
    kind
        Kind of decision, such as ``segments``; its own columns become the fields.
    keys
        Accounts that can be chosen, or what ``key`` names.
    names
        Company name by ``account_id``.
    choices
        Suggestions by field, such as the segments there are; or by id what a person reads of it:
        then no other id is taken.
    key
        Column of the decision that says about what it is, such as ``project_id``.

    Returns
    -------
    VBox or View
        The form, or a note that says how to decide without one.
    """
    contract = table(f"override_{kind}")
    fields = [one for one in contract.columns if one.name not in (*_STAMP, key)]
    if not is_interactive():
        as_is, as_is_fields = kind, ", ".join(one.name for one in fields)
        return _note(
            f"In JupyterLab a form stands here. Decide here, by wb.decide('{as_is}', [...], "
            f"who=..., why=...), or by a line in overrides/{as_is}.csv. Fields: {as_is_fields}."
        )
    return _form(wb, (kind, key), list(keys), fields, names=names, choices=choices or {})


def _form(
    wb: Decides,
    about: tuple[str, str],
    keys: list[str],
    fields: list[Column],
    *,
    names: pd.Series | None,
    choices: Mapping[str, Sequence[str] | Mapping[str, str]],
) -> ipywidgets.VBox:
    import ipywidgets as w

    labels = _labels(keys, names)
    style, layout = {"description_width": "11em"}, w.Layout(width="34em")
    account = w.Combobox(
        options=list(labels)[:_MOST_SUGGESTIONS],
        placeholder=say(f"{humanize(about[1])} or name"),
        description=say(about[1].removesuffix("_id")),
        ensure_option=False,
        style=style,
        layout=layout,
    )
    known = {name: _labels(list(one), pd.Series(one)) for name, one in choices.items()
             if isinstance(one, Mapping)}  # fmt: skip
    listed = {**choices, **known}
    inputs = {one.name: _field(one, list(listed.get(one.name, ())), style, layout)
              for one in fields}  # fmt: skip
    who = w.Text(description=say("who"), placeholder=say("your name"), style=style, layout=layout)
    why = w.Text(description=say("why"), placeholder=say("the reason"), style=style, layout=layout)
    save = w.Button(description=say("Save decision"), button_style="primary")
    said = w.HTML()

    def on_save(_: object) -> None:
        chosen = labels.get(account.value, account.value.strip())
        row = {one.name: _value(inputs[one.name].value, one) for one in fields}
        given = {name: value for name, value in row.items() if value is not None}
        wrong = [f"{say(humanize(name))}: '{given[name]}' is not among those that can be chosen"
                 for name, ids in known.items()
                 if name in given and given[name] not in {*ids, *ids.values()}]  # fmt: skip
        given |= {name: ids.get(str(given[name]), given[name]) for name, ids in known.items()
                  if name in given}  # fmt: skip
        signed = (who.value.strip(), why.value.strip())
        said.value = _save(wb, about, (chosen, given), signed=signed, keys=keys, problems=wrong)

    save.on_click(on_save)
    return w.VBox([account, *inputs.values(), who, why, save, said])


def _labels(keys: list[str], names: pd.Series | None) -> dict[str, str]:
    """Give what a person reads of each account, and its id."""
    if names is None:
        return {key: key for key in keys}
    known = names.dropna().to_dict()
    return {f"{key} · {known[key]}" if key in known else key: key for key in keys}


def _field(column: Column, choices: Sequence[str], style: Any, layout: Any) -> Any:
    """Give the input for a column: a choice, a number or a text, always with nothing chosen."""
    import ipywidgets as w

    unit = f", {column.unit}" if column.unit else ""
    common = {"description": say(humanize(column.name)), "style": style, "layout": layout,
              "tooltip": say(column.meaning)}  # fmt: skip
    if column.allowed:
        return w.Dropdown(options=said_options(["", *column.allowed]), value="", **common)
    if column.kind == "bool":
        return w.Dropdown(options=said_options(list(_YES_NO)), value="", **common)
    hint = say(column.meaning) + say(unit)
    if choices:
        return w.Combobox(options=list(choices), placeholder=hint, ensure_option=False, **common)
    return w.Text(placeholder=hint, **common)


def field_label(name: str) -> str:
    """Give the label of a slider: the setting itself, in Chinese its heading."""
    return name if language() == "en" else say(humanize(name))


def said_options(values: Sequence[object]) -> list[object]:
    """Give what can be chosen: shown in the language that is spoken, chosen in English."""
    if language() == "en":
        return list(values)
    return [(say(str(value).replace("_", " ")), value) for value in values]


def _value(text: str, column: Column) -> object:
    """Give what a field says; None where it is blank."""
    plain = text.strip()
    if column.kind == "bool":
        return _YES_NO[plain]
    return plain or None


def _save(
    wb: Decides,
    about: tuple[str, str],
    decided: tuple[str, Mapping[str, object]],
    *,
    signed: tuple[str, str],
    keys: list[str],
    problems: list[str],
) -> str:
    """Store a decision; give what to say about it as escaped HTML."""
    (kind, key), (chosen, given), (who, why) = about, decided, signed
    problems = list(problems)
    if chosen not in set(keys):
        what = key.removesuffix("_id")
        article = "an" if what[0] in "aeiou" else "a"
        problems.append(f"there is no {what} '{chosen}'" if chosen else f"choose {article} {what}")
    if not given:
        problems.append("nothing is decided: fill in at least one field")
    problems += [f"say {name}" for name, text in (("who", who), ("why", why)) if not text]
    if not problems:
        try:
            made = wb.decide(kind, [{key: chosen, **given}], who=who, why=why)
        except PlanError as error:
            problems = problems_of(error)
        else:
            done = f"Saved as {', '.join(made)}. Run the notebook again to see its effect."
            return _note(done).body
    return problem_list(problems, title="Not saved").body


def problems_of(error: PlanError, rows: Sequence[str] = ()) -> list[str]:
    """
    Give what is wrong with decisions as the person who filled them in sees the form.

    Parameters
    ----------
    error
        What the workbook said.
    rows
        What stands above the fields of each row; none where the form has one row.

    Returns
    -------
    list of str
        One line for each problem, with the row by its name and the field by its label.
    """
    if not isinstance(error, ProblemsError):
        return str(error).splitlines()

    def place(found: re.Match[str]) -> str:
        names = [rows[int(found[1]) - 1]] if rows else []
        names += [say(humanize(found[2]))] if found[2] else []
        return ", ".join(names) or found[0]

    return [_PLACE.sub(place, problem) for problem in error.problems]


def explore(
    show: Callable[..., object], **ranges: tuple[float, float, float, float]
) -> ipywidgets.VBox | View:
    """
    Show sliders that call a function, and what it gives, at once.

    Parameters
    ----------
    show
        Called with one keyword per slider; what it returns is displayed, a frame as a table.
    ranges
        Lowest, highest, step and start of each slider. All four whole: the function is given
        whole numbers.

    Returns
    -------
    VBox or View
        Sliders and result, or a note that names them.
    """
    if not is_interactive():
        listed = ", ".join(f"{name} from {low:g} to {high:g}"
                           for name, (low, high, _, _) in ranges.items())  # fmt: skip
        return _note(f"In JupyterLab sliders stand here: {listed}.")
    import ipywidgets as w
    from IPython.display import display

    sliders = {name: _slider(name, *limits) for name, limits in ranges.items()}
    result = w.Output()

    def on_change(*_: object) -> None:
        result.clear_output(wait=True)
        with result:
            try:
                found = show(**{name: one.value for name, one in sliders.items()})
                shown = table_view(found, limit=None) if isinstance(found, pd.DataFrame) else found
                display(shown)  # type: ignore[no-untyped-call]
            except PlanError as error:
                told = problem_list(str(error).splitlines(), title="This cannot be computed")
                display(told)  # type: ignore[no-untyped-call]

    for one in sliders.values():
        one.observe(on_change, names="value")
    on_change()
    return w.VBox([*sliders.values(), result])


def _slider(name: str, low: float, high: float, step: float, start: float) -> Any:
    import ipywidgets as w

    whole = all(isinstance(value, int) for value in (low, high, step, start))
    kind = w.IntSlider if whole else w.FloatSlider
    return kind(value=start, min=low, max=high, step=step, description=field_label(name),
                continuous_update=False, style={"description_width": "14em"},
                layout=w.Layout(width="40em"))  # fmt: skip


def _note(text: str) -> View:
    return problem_list([], none=text)
