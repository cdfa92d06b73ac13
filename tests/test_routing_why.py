"""The answer to why not me is true: for every policy, every rep, and leads of earlier runs."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from planlib.errors import TableError
from planlib.routing import Routing, why_not
from planlib.routing.engine import decide
from tests.routing_frames import make_leads, make_ranking, run
from tests.test_routing_loop import ROUTED, busy_world

_PAIR = re.compile(r"([\d.]+) against ([\d.]+)")


def by_policy(name: str, policy: str) -> Routing:
    """Decide the leads of a busy world by another policy."""
    world = busy_world(name)
    settings = world.settings.model_copy(update={"policy": policy, "floor_share": 0.2})
    waits = (settings.wait_hours * 60, settings.owner_wait_hours * 60)
    outcome = decide(world.ready, world.start, policy, floor_share=0.2, waits=waits)
    return replace(world, policy=policy, settings=settings, outcome=outcome)


@pytest.mark.parametrize("policy", ROUTED)
@pytest.mark.parametrize("name", ["floor", "daily"])
def test_every_rep_gets_a_true_answer_for_every_third_lead(policy, name):
    """The rep named got it; what is compared stands in that order; nobody is left without one."""
    found = by_policy(name, policy)
    ids = found.crew.people["rep_id"].tolist()
    scores = dict(zip(ids, found.ready.people["score"], strict=True))
    leads = found.leads.loc[found.ready.order, "lead_id"].tolist()
    for at in range(0, len(leads), 3):
        rep = found.outcome.rep[at]
        winner = "the catch-all" if rep < 0 else ids[rep]
        for asked in ids:
            said = why_not(found, leads[at], asked)
            if asked == winner:
                assert said == f"{asked} got lead {leads[at]}."
                continue
            assert winner in said or "catch-all" in said
            pair = _PAIR.search(said)
            if pair:
                assert float(pair[1]) <= float(pair[2]) + 1e-6, said
            if "stands behind" in said:
                assert scores[asked] < scores[winner], said


def test_scores_are_named_as_scores_and_turns_of_the_floor_as_turns():
    """A ratio to peers is no win rate; a lead of the floor share went by turn."""
    ranks = make_ranking(1.28, 1.14, 0.9)
    found = run("best_ranked", ranking=ranks)
    assert "score 1.14 stands behind that of R-0 (1.28)" in why_not(found, "L-000", "R-1")
    by_turn = run("best_ranked", ranking=ranks, rules={"floor_share": 1.0})
    assert "100 % that go by turn" in why_not(by_turn, "L-001", "R-0")
    assert "R-1 was next (0 against 1)" in why_not(by_turn, "L-001", "R-0")


def test_a_lead_of_an_earlier_run_is_explained_by_its_decision():
    """Who got it, when and by which rule; the next best is told so; a stranger is refused."""
    first = run(leads=make_leads(2))
    answered = make_leads(2).assign(first_response_at=pd.Timestamp("2026-03-02 10:20"))
    again = run(leads=answered, earlier=first.decisions, state=first.state)
    assert again.decisions["outcome"].tolist() == ["kept", "kept"]
    said = why_not(again, "L-000", "R-2")
    assert said.startswith("R-0 got lead L-000 in an earlier run (2026-03-02 10:00): Policy round")
    assert why_not(again, "L-000", "R-1").endswith("R-1 would have been next.")
    assert why_not(again, "L-000", "R-0") == "R-0 got lead L-000."
    with pytest.raises(TableError, match="'L-9' was not decided"):
        why_not(again, "L-9", "R-0")
