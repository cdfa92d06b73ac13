"""The form of a review: it refuses what is incomplete, and stores only when pressed."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from planlib import ranking_forms
from tests.recorder import Recorder

SCORES = pd.DataFrame({"rep_id": ["R2", "R1", "R3"], "tier": ["A", "B", None]})


def press(form: Any, who: str = "Ann", why: str = "monthly") -> str:
    """Sign, press the button and give what is said."""
    bar = form.children[-2].children
    bar[0].value, bar[1].value = who, why
    bar[2].click()
    return str(form.children[-1].value)


def test_without_a_person_a_note_says_how_to_keep_the_log() -> None:
    """Headless runs show no form."""
    view = ranking_forms.review_form(Recorder(), SCORES, "2026-03-31")
    assert "overrides/ranking_reviews.csv" in view.text


@pytest.mark.usefixtures("person")
def test_a_review_is_stored_with_step_and_helper() -> None:
    """Blank fields stay blank; the rep is the first with a tier."""
    wb = Recorder()
    form: Any = ranking_forms.review_form(wb, SCORES, "2026-03-31", names={"R1": "Kim"})
    rep, _, metric, step, helper, tier, *_ = form.children
    assert list(rep.options) == [("Kim (R1)", "R1"), ("R2", "R2")]
    metric.value, step.value, helper.value = "win_rate", "  Qualify  ", "Bo"
    assert tier.value == ""
    assert "Saved as D-0001" in press(form)
    kind, rows, who, why = wb.made[0]
    assert (kind, who, why) == ("ranking_reviews", "Ann", "monthly")
    assert rows == [{"rep_id": "R1", "review_date": "2026-03-31", "metric": "win_rate",
                     "agreed_step": "Qualify", "helper": "Bo", "tier": None}]  # fmt: skip


@pytest.mark.usefixtures("person")
def test_a_review_without_step_or_name_is_refused() -> None:
    """Every problem is named, and nothing is stored."""
    wb = Recorder()
    form: Any = ranking_forms.review_form(wb, SCORES, "2026-03-31")
    said = press(form, who="")
    assert "say which step was agreed" in said
    assert "say who" in said
    assert wb.made == []
