"""Another policy is tried on past leads without storing it; why not me is answered."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from planlib.routing import try_policy
from planlib.routing_forms import policy_form, why_form
from tests.routing_frames import make_leads, make_ranking, make_reps, run


def test_the_policy_in_force_changes_nothing() -> None:
    """Tried as it is, every rep gets the leads that were routed."""
    found = try_policy(run(), "round_robin", 0.0)
    assert found["difference"].tolist() == [0, 0, 0, 0]
    assert found["lead_count"].sum() == 8


def test_what_is_tried_is_what_routing_would_do() -> None:
    """The counts are those of a run with that policy; no lead is lost, the catch-all counts."""
    ranking = make_ranking(0.4, 0.2, 0.1)
    now = run("round_robin", ranking=ranking)
    then = run("best_ranked", ranking=ranking)
    found = try_policy(now, "best_ranked", 0.0).set_index("rep_id")
    real = then.decisions["rep_id"].value_counts()
    assert {rep: found["tried_count"][rep] for rep in ("R-0", "R-1", "R-2")} == {
        rep: int(real.get(rep, 0)) for rep in ("R-0", "R-1", "R-2")
    }
    assert found["tried_count"].sum() == found["lead_count"].sum() == 8
    assert found["difference"].sum() == 0


def test_a_lead_that_nobody_takes_is_in_the_catch_all() -> None:
    """Leads of a Sunday night that wait an hour at most have no rep in either count."""
    leads = make_leads(3, created_at=pd.Timestamp("2026-03-01 02:00"))
    found = try_policy(run(leads=leads, rules={"wait_hours": 1}), "round_robin", 0.0)
    assert found.loc[found["rep_id"].isna(), "lead_count"].tolist() == [3]
    assert found.loc[found["rep_id"].isna(), "tried_count"].tolist() == [3]


@pytest.mark.usefixtures("person")
def test_the_form_names_the_settings_to_keep() -> None:
    """Another policy is shown at once with the lines of plan.yaml; the routing stays as it was."""
    routing = run(ranking=make_ranking(0.4, 0.2, 0.1))
    before = routing.decisions.copy()
    form: Any = policy_form(routing)
    form.children[0].value = "best_ranked"
    form.children[1].value = 0.25
    assert "policy: best_ranked, floor_share: 0.25" in form.children[2].value
    pd.testing.assert_frame_equal(routing.decisions, before)


@pytest.mark.usefixtures("person")
def test_why_not_me_is_answered_or_refused() -> None:
    """A lead and a rep give a sentence; an unknown lead is named, as text."""
    form: Any = why_form(run(reps=make_reps(name="<b>Rep</b>")))
    lead, rep, said = form.children
    rep.value = "R-1"
    assert said.value == ""
    lead.value = "L-000"
    assert "L-000" in said.value
    lead.value = "<i>L-9"
    assert "&lt;i&gt;L-9" in said.value
    assert "No answer" in said.value


def test_headless_notes_name_settings_and_command() -> None:
    """Without a person the settings in force are told; without leads, that there are none."""
    assert "now round_robin and 0" in repr(policy_form(run()))
    assert "--why" in repr(why_form(run()))
    assert "no lead is known" in repr(policy_form(None))
