"""Sliders and form of the quotas: they show what comes of it, refuse, and store only when told."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from planlib import quota_forms
from planlib.quotas import QuotaReview
from planlib.quotas.assign import assign_quotas
from planlib.quotas.decided import decisions_of_year
from planlib.store.appending import append_decisions
from planlib.store.decisions import read_decisions
from tests.quota_frames import AS_OF, YEAR, make_quota_review
from tests.recorder import Recorder

ANN, TEAM, NORTH = "a · Ann", "M1 · Manager 1, team", "unit · North"


class Folder:
    """Keeps decisions in a file, some weeks after the last day of the data."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "quotas.csv"

    def decide(
        self, kind: str, rows: Sequence[Mapping[str, object]], *, who: str, why: str
    ) -> list[str]:
        """Append decisions as a workbook does."""
        return append_decisions(self.file, kind, rows, who=who, why=why,
                                when=datetime.date(2026, 2, 10))  # fmt: skip


@pytest.fixture(scope="module")
def review() -> QuotaReview:
    """The quota of b is set by a person."""
    return make_quota_review({"rep_id": "b", "quota_amount": 250.0})


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits before the notebook."""
    monkeypatch.setenv("PLANLIB_INTERACTIVE", "1")


def fill(view: Any, whose: str, amount: str, first: str | None = None) -> str:
    """Fill in the form, and give what it shows at once."""
    view.children[0].value, view.children[1].value = whose, amount
    if first is not None:
        view.children[2].value = first
    return str(view.children[4].value)


def press(view: Any, who: str = "Ann", why: str = "kick-off") -> str:
    """Sign, press the button and give what is said."""
    bar = view.children[-2].children
    bar[0].value, bar[1].value = who, why
    bar[2].click()
    return str(view.children[-1].value)


@pytest.mark.usefixtures("person")
def test_reps_teams_and_units_can_be_chosen(review):
    """Managers stand for their teams; a planned seat carries a quota too."""
    options = quota_forms.quota_form(Recorder(), review).children[0].options
    assert options == ("H · Head, team", TEAM, "M2 · Manager 2, team", ANN, "b · Bob", "c · Cid",
                       "d · Dee", "s · Seat", NORTH, "unit · South")  # fmt: skip


@pytest.mark.usefixtures("person")
def test_what_the_level_gets_is_shown_before_anything_is_stored(review):
    """Cid gets more, the others of the manager's team less; the sum of the level is there."""
    wb = Recorder()
    shown = fill(quota_forms.quota_form(wb, review), "c · Cid", "1,00")
    assert "What the level then gets" in shown
    assert "together, Manager 2" in shown
    assert "in force for the whole year" in shown
    assert wb.made == []


@pytest.mark.usefixtures("person")
def test_a_quota_is_stored_for_the_year_with_who_and_why(review):
    """First and last day are those of the year, so that it does not count in later ones."""
    wb = Recorder()
    view = quota_forms.quota_form(wb, review)
    fill(view, TEAM, "400.50")
    assert "Saved as D-0001" in press(view)
    row = {"rep_id": "M1", "quota_amount": "400.50", "effective_from": "2026-01-01",
           "effective_to": "2026-12-31", "supersedes": None}  # fmt: skip
    assert wb.made == [("quotas", [row], "Ann", "kick-off")]


@pytest.mark.usefixtures("person")
def test_a_quota_of_before_is_superseded(review):
    """The row names the decision whose place it takes, and the form says so."""
    wb = Recorder()
    view = quota_forms.quota_form(wb, review)
    assert "it takes the place of D-1" in fill(view, "b · Bob", "280")
    press(view)
    assert wb.made[0][1][0]["supersedes"] == "D-1"


@pytest.mark.usefixtures("person")
def test_a_quota_that_cannot_be_kept_is_not_stored(review):
    """More than the level has: the reason stands there at once, and after Save."""
    wb = Recorder()
    view = quota_forms.quota_form(wb, review)
    assert "It cannot be kept" in fill(view, ANN, "9000000")
    said = press(view)
    assert "Not saved" in said
    assert "M1 has" in said
    assert wb.made == []


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    ("whose", "amount", "first", "message"),
    [
        ("nobody", "1", None, "there is no rep, team or unit &#x27;nobody&#x27;"),
        ("<b>", "1", None, "&lt;b&gt;"),
        ("", "", None, "choose a rep, a team or a unit"),
        (ANN, "-1", None, "a number of at least 0"),
        (ANN, "nan", None, "a number of at least 0"),
        (ANN, "many", None, "a number of at least 0"),
        (ANN, "1", "July", "give days as 2026-07-01"),
        (ANN, "1", "2027-01-01", "the last day is before the first"),
    ],
)
def test_what_is_incomplete_is_refused(review, whose, amount, first, message):
    """Every problem is said as text, and nothing is stored."""
    wb = Recorder()
    view = quota_forms.quota_form(wb, review)
    fill(view, whose, amount, first)
    said = press(view, who=" ")
    assert message in said
    assert "say who" in said
    assert wb.made == []


@pytest.mark.usefixtures("person")
def test_what_the_store_refuses_is_shown_escaped(review):
    """The message of the store stands below the form, as text."""
    view = quota_forms.quota_form(Recorder(), review)
    fill(view, "c · Cid", "300")
    assert "&lt;who&gt; is not allowed" in press(view, who="stranger")


@pytest.mark.usefixtures("person")
def test_a_saved_quota_counts_when_the_notebook_runs_again(review, tmp_path):
    """Set weeks after the last day of the data, it holds, and the street quota stays."""
    parts = dataclasses.replace(review.parts, decisions=None)
    wb = Folder(tmp_path)
    view = quota_forms.quota_form(wb, dataclasses.replace(review, parts=parts))
    fill(view, NORTH, "600")
    assert "Saved as D-0001" in press(view)
    stored = decisions_of_year(read_decisions(wb.file, "quotas"), YEAR, AS_OF)
    made = assign_quotas(dataclasses.replace(parts, decisions=stored))
    assert made.decided.decisions["status"].tolist() == ["applied"]
    north = made.decided.cents.groupby(parts.carriers["unit"]).sum()["North"]
    assert (north, made.decided.cents.sum()) == (60_000, made.proposed.sum())


@pytest.mark.usefixtures("person")
def test_sliders_show_the_effect_and_name_the_setting(review, monkeypatch):
    """At once and on every change: plan beside sliders, and what to write in plan.yaml."""
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    view = quota_forms.blend_sliders(review)
    assert [child.description for child in view.children[:2]] == ["top_down_share", "certainty"]
    view.children[0].value = 0.9
    text = str(shown[-1])
    assert len(shown) == 2
    assert "top_down_share: 0.9, certainty: 0.8" in text
    assert "90.0 %" in text
    assert "reps beyond their capacity" in text


def test_headless_a_table_and_a_note_stand_in(review, monkeypatch):
    """Both ends of the blend beside the plan; the note says where to decide."""
    monkeypatch.setenv("PLANLIB_INTERACTIVE", "0")
    wb = Recorder()
    text = str(quota_forms.blend_sliders(review))
    assert "top-down alone" in text
    assert "bottom-up alone" in text
    assert "overrides/quotas.csv" in str(quota_forms.quota_form(wb, review))
    assert wb.made == []


@pytest.mark.parametrize("interactive", ["0", "1"])
def test_without_quotas_it_says_so(review, monkeypatch, interactive):
    """A plan without a target has nothing to try or to set."""
    monkeypatch.setenv("PLANLIB_INTERACTIVE", interactive)
    empty = dataclasses.replace(review, parts=None)
    assert "no quotas are planned" in str(quota_forms.blend_sliders(empty))
    assert "no quotas are planned" in str(quota_forms.quota_form(Recorder(), empty))
