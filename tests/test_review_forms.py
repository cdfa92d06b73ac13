"""The manager's view shows text as text, filters, and stores a challenge and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from planlib.review_forms import review_page
from planlib.review_scope import scope_review
from planlib.tables import table
from tests.recorder import Recorder
from tests.review_frames import HARM, make_tables


def make_page(wb: Recorder | None = None, manager: str = "M1", **changes: Any) -> Any:
    """Make the page of a manager; what was stored is what the recorder has."""
    recorder = wb or Recorder()

    def sent(kind: str) -> pd.DataFrame:
        rows = [
            {"decision_id": f"D-{at:04d}", "who": who, "why": why, **row}
            for at, (stored, made, who, why) in enumerate(recorder.made, start=1)
            for row in made
            if stored == kind
        ]
        return table(f"override_{kind}").coerce(
            pd.DataFrame(rows, columns=list(table(f"override_{kind}").by_name), dtype="object")
        )

    tables = scope_review({**make_tables(), **changes}, manager)
    return review_page(tables, recorder, sent, about=["a plan"])


def everything(widget: Any) -> Iterator[Any]:
    """Give a widget and all below it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from everything(child)


def find(page: Any, description: str) -> Any:
    """Give the widget with a description."""
    return next(one for one in everything(page) if getattr(one, "description", None) == description)


def text_of(page: Any) -> str:
    """Give all HTML of the page."""
    return "\n".join(str(one.value) for one in everything(page) if type(one).__name__ == "HTML")


def fill(page: Any, **values: str) -> None:
    """Fill the form of a challenge in and send it."""
    for name, value in values.items():
        find(page, name.replace("_", " ")).value = value
    find(page, "Send challenge").click()


def test_text_from_data_is_never_markup() -> None:
    """Names of accounts and reps and reasons with a script in them stand there as text."""
    page = make_page()
    find(page, "account").value = f"A2 · {HARM}"
    shown = text_of(page)
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown
    assert "<img" not in shown
    assert "<b>Bo" not in shown


def test_the_filter_narrows_the_accounts_down() -> None:
    """Words, a rep and changes only; the count says how many there are."""
    page = make_page()
    assert "1 to 3 of 3" in text_of(page)
    find(page, "find").value = "NORTH"
    assert "1 to 1 of 1" in text_of(page)
    find(page, "find").value = ""
    find(page, "changes only").value = True
    assert "1 to 2 of 2" in text_of(page)
    find(page, "rep, today or in the plan").value = "R2"
    assert "1 to 1 of 1" in text_of(page)


def test_a_challenge_is_stored_and_listed() -> None:
    """The account chosen by id and name, the rep, the reason and the note become one row."""
    wb = Recorder()
    page = make_page(wb)
    find(page, "account").value = f"A2 · {HARM}"
    assert [rep for _, rep in find(page, "wanted rep").options] == ["", "R2", "R1"]
    fill(page, wanted_rep="R1", reason="relation", **{"why (note)": f"ours {HARM}"})
    row = {"account_id": "A2", "rep_id": "R1", "reason_code": "relation"}
    assert wb.made == [("challenges", [row], "M1 Mia", f"ours {HARM}")]
    assert "Saved as D-0001" in text_of(page)
    assert "ours &lt;script&gt;" in text_of(page)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "choose an account"),
        ({"account": "A4"}, "no account &#x27;A4&#x27; in this view"),
        ({"account": "A1"}, "choose the rep"),
        ({"account": "A1", "wanted_rep": "R2"}, "choose a reason"),
        ({"account": "A1", "wanted_rep": "R2", "reason": "relation"}, "say why"),
        ({"account": "A1", "why (note)": "x" * 2001}, "2,001 characters; allowed are 2,000"),
    ],
)
def test_what_is_not_complete_is_not_stored(values: dict[str, str], message: str) -> None:
    """An account of another team, no rep, no reason or no note: said, and nothing is stored."""
    wb = Recorder()
    page = make_page(wb)
    fill(page, **values)
    assert message in text_of(page)
    assert wb.made == []


def test_quotas_are_not_shown_to_whom_pay_is_hidden() -> None:
    """Without the column the page says who decides that; with it the own people's stand there."""
    hidden = make_tables()["quotas"]
    assert hidden is not None
    page = make_page(quotas=hidden.drop(columns="quota_amount"))
    assert "may not see pay" in text_of(page)
    assert "200" in text_of(make_page())
    assert "300" not in text_of(make_page())


def test_a_quota_is_challenged_where_quotas_are_seen() -> None:
    """The own people's quotas can be challenged; the row has amount, reason and note."""
    wb = Recorder()
    page = make_page(wb)
    assert [rep for _, rep in find(page, "quota of").options] == ["", "R1", "R2"]
    find(page, "Ask for another quota").click()
    assert "choose a rep" in text_of(page)
    given = {"quota of": "R2", "wanted quota": "150,000"}
    given |= {"reason for it": "absence", "why (quota)": "<b>parental</b>"}
    for name, value in given.items():
        find(page, name).value = value
    find(page, "Ask for another quota").click()
    row = {"rep_id": "R2", "reason_code": "absence", "wanted_amount": "150000"}
    assert wb.made == [("quota_challenges", [row], "M1 Mia", "<b>parental</b>")]
    assert "&lt;b&gt;parental" in text_of(page)
    find(page, "Ask for another quota").click()
    assert len(wb.made) == 1
