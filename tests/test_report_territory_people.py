"""Lines of the report about people and money around territories, from known rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from planlib.exchange.audience import AudienceView
from planlib.report import territories
from planlib.report.territory_people import people_asks, people_blocks, people_lines
from planlib.report.territory_review import review_lines
from planlib.tables import table
from tests.report_workbook import make_workbook


@pytest.fixture
def wb(tmp_path: Path):
    """A workbook without tables."""
    return make_workbook(tmp_path / "acme")


def filled(wb, name: str, **columns: object):
    """Write rows of a table; what is not given is blank."""
    frame = pd.DataFrame(columns)
    blank = {one: pd.NA for one in table(name).by_name if one not in frame}
    wb.write(name, table(name).coerce(frame.assign(**blank)))
    return AudienceView(wb)


def words(lines) -> str:
    """Give the lines as one text."""
    return " | ".join(line.text for line in lines)


def test_without_tables_nothing_is_said(wb) -> None:
    """No line, no question and no listing."""
    view = AudienceView(wb)
    assert (people_lines(view), people_asks(view), people_blocks(view)) == ([], [], [])


def test_fair_is_compared_with_profitable_by_sums(wb) -> None:
    """Sales of all parts are summed before they are divided: 330 over 300 is 10 % more."""
    view = filled(
        wb, "territory_response", block=["a", "a", "b", "b"],
        plan=["fair", "profitable and fair"] * 2, expected_sales=[100.0, 130.0, 200.0, 200.0],
        assumptions="x",
    )  # fmt: skip
    assert "would sell 10.0 % more" in words(people_lines(view))


@pytest.mark.parametrize(
    ("apart", "said"),
    [(True, "uneven territories went with exits"), (False, "cannot be told apart from chance")],
)
def test_the_past_is_told_with_its_doubt(wb, apart: bool, said: str) -> None:
    """An outcome that stands out is named with its correlation, else chance is."""
    view = filled(
        wb, "territory_history_cost", outcome=["exit"], definition="x", sample_count=[40],
        correlation=[0.4], is_told_apart=[apart], verdict="x",
    )  # fmt: skip
    assert said in words(people_lines(view))
    assert len(people_blocks(view)) == 1


def test_accounts_above_the_level_of_their_rep_are_told_with_their_share_of_the_cost(wb) -> None:
    """Today beside the plan, reps without a known level left out; 5 of 200 cost units is 2.5 %."""
    filled(wb, "territory_plan", account_id=["A", "B"], role_layer="AE", is_in_scope=True,
           is_moved=False, is_protected=False, reason="x", cost=[150.0, 50.0])  # fmt: skip
    view = filled(
        wb, "territory_reps", rep_id=["R-1", "R-2", "R-3"], skill_score=[100.0, 50.0, None],
        before_above_count=[0, 3, None], after_above_count=[0, 2, None],
        before_above_potential=[0.0, 4e6, None], after_above_potential=[0.0, 1e6, None],
        after_above_cost=[0.0, 5.0, None],
    )  # fmt: skip
    assert words(review_lines(view)) == (
        "Above the level of their rep are 3 accounts today (potential USD 4.0 M) and 2 in the plan "
        "(potential USD 1.0 M), which is 2.5 % of its cost."
    )


def test_decisions_are_counted_with_what_they_cost_and_moved(wb) -> None:
    """Only those applied count; the accounts that changed with them are those of the blocks."""
    filled(
        wb, "territory_solution", block=["a", "all"], status="feasible",
        changed_further_count=[3, 3],
    )  # fmt: skip
    view = filled(
        wb, "territory_overrides", account_id=["A", "B", "C"], rep_id="R", rule="must",
        state=["applied", "applied", "not_usable"], price=[2.0, 0.0, None],
    )  # fmt: skip
    assert words(people_lines(view)) == (
        "2 decisions of managers on owners are kept; 1 of them costs something; 3 other accounts "
        "changed with them."
    )


def test_targets_without_sponsor_or_agreement_are_asked_about(wb) -> None:
    """Both questions have their counts; a team that agrees is not asked."""
    view = filled(
        wb, "territory_account_targets", account_id=["A", "B", "C"], rep_id="R", importance="x",
        is_sponsor_missing=[True, True, False], is_agreed=[False, True, None],
    )  # fmt: skip
    said = words(people_asks(view))
    assert "2 of 3 important targets have no executive sponsor" in said
    assert "does not agree on the outlook of 1 important target:" in said
    blocks = people_blocks(view)
    assert len(blocks) == 1
    assert "contacts: in the 180 days until 2026-03-31 and in those before" in blocks[0].subtitle


def test_accounts_whose_rep_is_not_sure_are_counted(wb) -> None:
    """One unstable account of two is named in the singular."""
    view = filled(
        wb, "territory_sensitivity", account_id=["A", "B"], block="a", rep_id="R",
        kept_share=[0.5, 1.0], is_unstable=[True, False],
    )  # fmt: skip
    assert "The rep of 1 account depends on where potential lies" in words(people_asks(view))


def test_approval_says_what_the_plan_chose(wb) -> None:
    """Accounts without an owner have to move; what the plan chose stands beside them."""
    causes = ["plan", "no owner", None]
    filled(wb, "territory_plan", account_id=["A", "B", "C"], role_layer="AE", block="North",
           is_in_scope=True, rep_id="R", is_moved=[True, True, False], move_cause=causes,
           is_protected=False, is_changed=False, acv=[1e5, 2e5, 4e5], reason="-")  # fmt: skip
    shown = territories.section(AudienceView(wb))
    assert shown is not None
    said = words(shown.asks)
    assert "2 accounts get another owner (1 by choice of the plan, ACV USD 100 k; 1 that" in said


def test_decisions_name_account_and_rep(wb) -> None:
    """Ids stand only where no name is known; rules are words."""
    accounts = table("accounts").coerce(pd.DataFrame({"account_id": ["A"], "name": ["Acme"]}))
    reps = table("reps").coerce(pd.DataFrame({"rep_id": ["R"], "name": ["Ann"]}))
    wb.write_inputs({"accounts": accounts, "reps": reps}, as_of=wb.as_of)
    view = filled(
        wb, "territory_overrides", account_id=["A", "B"], rep_id=["R", "S"],
        rule=["must_not", "must"], decision_id=["D1", "D2"], state="applied", who="Kim", why="w",
    )  # fmt: skip
    page = people_blocks(view)[0].__html__()
    for text in ("Acme", "Ann", "must not", ">B<", ">S<"):
        assert text in page
