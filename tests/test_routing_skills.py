"""Tests of planlib.routing.skills: one spelling, synonyms, near misses."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.routing.skills import near_misses, plain_skill, skill_set
from tests.routing_frames import make_leads, make_reps, run


@pytest.mark.parametrize(
    "text", ["Financial services", " FINANCIAL  SERVICES ", "Financial\u00a0services"]
)
def test_case_and_spaces_do_not_matter(text):
    """Also for the space that does not break, and full-width letters."""
    assert plain_skill(text) == "financial services"
    assert plain_skill("ＳＡＰ") == "sap"


def test_a_synonym_counts_as_its_main_word_in_leads_and_reps():
    """The lead says FSI, the rep banking; both are financial services."""
    synonyms = {"FSI": "Financial Services", "banking": "financial services"}
    assert skill_set("Banking; Retail", synonyms) == {"financial services", "retail"}
    leads = make_leads(4, industry="fsi")
    reps = make_reps(3, skills=["Retail", "Banking", None])
    found = run(leads=leads, reps=reps, rules={"skill_synonyms": synonyms})
    assert set(found.decisions["rep_id"]) == {"R-1"}
    plain = run(leads=leads, reps=reps)
    assert plain.decisions["rep_id"].nunique() == 3


def test_odd_spelling_still_finds_the_rep():
    """Two spaces and capitals in the CRM are no reason to send the lead to anybody."""
    leads = make_leads(3, industry=" Public  SECTOR")
    found = run(leads=leads, reps=make_reps(3, skills=[None, None, "public sector"]))
    assert set(found.decisions["rep_id"]) == {"R-2"}


def test_a_near_miss_is_named_with_what_to_do():
    """A word close to a skill is a finding; a far one and an exact one are not."""
    leads = make_leads(4, industry=["Financial service", "Financial service", "Mining", "Retail"])
    found = run(leads=leads, reps=make_reps(2, skills=["Financial services", "Retail"]))
    said = [one for one in found.findings if "skill_synonyms" in one]
    assert said == [
        "no rep has skill 'financial service' (2 leads), but some have 'financial services': if "
        "that is the same, add it to routing.skill_synonyms"
    ]


def test_many_near_misses_are_counted():
    """Five are named, the rest are a number."""
    asked = pd.Series([f"machine tool {at}" for at in range(8)])
    found = near_misses(asked, frozenset({"machine tools"}))
    assert len(found) == 6
    assert found[-1] == "3 more skills are nearly alike"
