"""Forms and sliders: they act only when a person is there, and refuse what cannot be stored."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from planlib import widgets
from planlib.displays.values import humanize
from planlib.language import say, speaking
from planlib.tables import table
from tests.recorder import Recorder

SIGNS = ("PLANLIB_INTERACTIVE", "PLANLIB_REVISION", "JPY_SESSION_NAME", "VSCODE_PID", "VSCODE_CWD")


def make_form(wb: Recorder, kind: str = "segments", **values: str) -> Any:
    """Make a form and fill fields in by the name of their column."""
    names = pd.Series({"A1": "Northwind"})
    form = widgets.decision_form(wb, kind, ["A1", "A2"], names=names, choices={"segment": ["X"]})
    fields = {child.description: child for child in form.children[:-2]}
    for name, value in values.items():
        label = name if name in ("account", "who", "why") else humanize(name)
        fields[label].value = value
    return form


def press_save(form: Any) -> str:
    """Press Save and give what the form says."""
    form.children[-2].click()
    return str(form.children[-1].value)


@pytest.mark.usefixtures("person")
def test_save_stores_one_decision() -> None:
    """An account chosen by id and name is stored with the filled fields, who and why."""
    wb = Recorder()
    said = press_save(make_form(wb, account="A1 · Northwind", segment="X", who="Kim", why="merger"))
    assert wb.made == [("segments", [{"account_id": "A1", "segment": "X"}], "Kim", "merger")]
    assert "Saved as D-0001" in said


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "choose an account"),
        ({"account": "A7", "segment": "X", "who": "K", "why": "w"}, "there is no account"),
        ({"account": "A2", "who": "K", "why": "w"}, "nothing is decided"),
        ({"account": "A2", "segment": "X", "why": "w"}, "say who"),
        ({"account": "A2", "segment": "X", "who": "K"}, "say why"),
        ({"account": "A2", "potential": "-1", "who": "K", "why": "w"}, "&lt;at least 0&gt;"),
    ],
)
def test_what_cannot_be_stored_is_said(values: dict[str, str], message: str) -> None:
    """An incomplete form, or one the store refuses, stores nothing and says why, escaped."""
    wb = Recorder()
    assert message in press_save(make_form(wb, **values))
    assert wb.made == []


@pytest.mark.usefixtures("person")
def test_a_decision_may_be_about_something_else_than_an_account() -> None:
    """With another key the form asks for it and stores it; a wrong one is named as what it is."""
    wb = Recorder()
    form = widgets.decision_form(wb, "project_gates", ["X1"], key="project_id")
    fields = {child.description: child for child in form.children[:-2]}
    assert "Project id" not in fields
    for name, value in {"Phase": "tender", "Gate": "go", "who": "Kim", "why": "won"}.items():
        fields[name].value = value
    assert "choose a project" in press_save(form)
    fields["project"].value = "X7"
    assert "there is no project &#x27;X7&#x27;" in press_save(form)
    fields["project"].value = "X1"
    press_save(form)
    stored = {"project_id": "X1", "phase": "tender", "gate": "go"}
    assert wb.made == [("project_gates", [stored], "Kim", "won")]


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    ("entered", "stored"), [("R1 · Kim", "R1"), ("R2", "R2"), ("R9", None), ("Kim", None)]
)
def test_people_are_chosen_by_name_and_nobody_else_is_taken(entered: str, stored: str | None):
    """A rep is shown with the name and stored by id; one who cannot be chosen is refused."""
    wb = Recorder()
    form = widgets.decision_form(
        wb, "territories", ["A1"], choices={"rep_id": {"R1": "Kim", "R2": None}}
    )
    fields = {child.description: child for child in form.children[:-2]}
    assert fields["Rep id"].options == ("R1 · Kim", "R2")
    fields["account"].value, fields["Rep id"].value, fields["Rule"].value = "A1", entered, "must"
    fields["who"].value, fields["why"].value = "Ann", "near"
    said = press_save(form)
    assert [row[0]["rep_id"] for _, row, *_ in wb.made] == ([stored] if stored else [])
    assert ("is not among those that can be chosen" in said) == (stored is None)


@pytest.mark.usefixtures("person")
def test_yes_and_no_become_true_and_false() -> None:
    """A field of kind bool is a choice of yes and no."""
    wb = Recorder()
    press_save(make_form(wb, "key_accounts", account="A2", is_key="no", who="Kim", why="sold"))
    assert wb.made[0][1] == [{"account_id": "A2", "is_key": False}]


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("kind", ["segments", "territories", "key_accounts"])
def test_every_kind_has_a_form_with_its_own_columns(kind: str) -> None:
    """The fields are the kind's own columns, never those of the stamp."""
    shown = {child.description for child in make_form(Recorder(), kind).children[:-2]}
    own = set(table(f"override_{kind}").by_name) - {
        "decision_id",
        "when",
        "effective_from",
        "effective_to",
        "supersedes",
        "account_id",
    }
    labels = {name if name in ("who", "why") else humanize(name) for name in own}
    assert shown == labels | {"account"}


@pytest.mark.usefixtures("person")
def test_sliders_call_the_function_at_once_and_on_change() -> None:
    """The function gets the start values first, then each new value; whole limits stay whole."""
    seen: list[dict[str, float]] = []

    def show(**values: float) -> None:
        seen.append(values)

    box = widgets.explore(show, share=(0.0, 1.0, 0.1, 0.5), days=(1, 9, 1, 3))
    box.children[0].value = 0.7
    assert seen == [{"share": 0.5, "days": 3}, {"share": 0.7, "days": 3}]
    assert isinstance(seen[0]["days"], int)


@pytest.mark.usefixtures("person")
def test_a_frame_is_shown_as_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a slider gives is displayed in the style of every other table."""
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    widgets.explore(lambda share: pd.DataFrame({"share": [share]}), share=(0.0, 1.0, 0.1, 0.5))
    assert [type(one).__name__ for one in shown] == ["TableView"]


def test_headless_gives_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a person there are notes, the same each time, and nothing is called."""
    monkeypatch.setenv("PLANLIB_INTERACTIVE", "0")
    note = widgets.decision_form(Recorder(), "segments", ["A1"])
    assert "overrides/segments.csv" in repr(note)
    assert "share from 0 to 1" in repr(widgets.explore(pytest.fail, share=(0, 1, 1, 0)))


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        ({}, False),
        ({"JPY_SESSION_NAME": "a.ipynb"}, True),
        ({"VSCODE_PID": "1"}, True),
        ({"JPY_SESSION_NAME": "a.ipynb", "PLANLIB_REVISION": "r1"}, False),
        ({"JPY_SESSION_NAME": "a.ipynb", "PLANLIB_INTERACTIVE": "0"}, False),
        ({"PLANLIB_REVISION": "r1", "PLANLIB_INTERACTIVE": "1"}, True),
    ],
)
def test_who_counts_as_a_person(
    monkeypatch: pytest.MonkeyPatch, signs: dict[str, str], expected: bool
) -> None:
    """An editor's session is a person, a run is not, and the own switch decides over both."""
    for name in SIGNS:
        monkeypatch.delenv(name, raising=False)
    for name, value in signs.items():
        monkeypatch.setenv(name, value)
    assert widgets.is_interactive() is expected


@pytest.mark.usefixtures("person")
def test_a_chinese_form_stores_the_same_decision() -> None:
    """Labels, choices, the button and what is said are Chinese; what is stored is not."""
    wb = Recorder()
    with speaking("zh"):
        form: Any = widgets.decision_form(wb, "project_gates", ["X1"], key="project_id")
        labels = [child.description for child in form.children[:-2]]
        fields = dict(zip(labels, form.children[:-2], strict=True))
        gate = fields[say("Gate")]
        assert say("no go") in dict(gate.options)
        gate.value = "no_go"
        fields[say("Phase")].value = "tender"
        fields[say("project")].value = "X1"
        fields[say("who")].value, fields[say("why")].value = "Kim", "lost"
        told = press_save(form)
    assert wb.made == [
        ("project_gates", [{"project_id": "X1", "phase": "tender", "gate": "no_go"}], "Kim", "lost")
    ]
    assert form.children[-2].description == "保存决定"
    assert "Saved" not in told
