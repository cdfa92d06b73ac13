"""The report's section on projects and support: what it shows, asks, and says is missing."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.plan import Plan
from planlib.projects import review_projects, step_tables
from planlib.report import projects as report
from planlib.report.parts import Listing, Picture
from planlib.support import plan_support
from planlib.tables import table
from tests.project_frames import AS_OF, SETTINGS, make_closed, make_deals, make_decisions
from tests.test_projects import INPUTS, SUPPORT


@dataclass
class View:
    """The tables of a cycle as the report reads them."""

    tables: dict[str, pd.DataFrame]
    plan: Plan = field(default_factory=Plan)
    as_of: Any = AS_OF

    def rows(self, name: str) -> pd.DataFrame:
        """Give a table, or its columns."""
        return self.tables.get(name, table(name).empty())

    def get(self, name: str) -> pd.DataFrame | None:
        """Give a table, or None."""
        return self.tables.get(name)

    def has(self, name: str) -> bool:
        """Tell whether the cycle has a table."""
        return name in self.tables


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    pyplot.close("all")


def make_view(*, bare: bool = False) -> Any:
    """Give the tables of a small step 09; bare: of opportunities alone."""
    deals = make_deals({}, {"amount": 300.0, "is_won": True, "is_closed": True},
                       *make_closed(2, 2, amount=1500.0))  # fmt: skip
    gates = make_decisions("project_gates", {"project_id": "X9", "phase": "award", "gate": "go"})
    said = {} if bare else {"project_gates": gates}
    found = review_projects(deals, SETTINGS, AS_OF, decisions=said, **({} if bare else INPUTS))
    people: Any = {} if bare else {"projects": INPUTS["projects"], **SUPPORT}
    support = plan_support(found.asking, Plan().support, AS_OF, closed=found.closed, **people)
    return View(step_tables(found, support, "EUR"))


def test_the_section_shows_pictures_tables_and_definitions() -> None:
    """Process, cash, load, gain and sensitivity are drawn; every table with rows is listed."""
    view = make_view()
    section = report.section(view)
    assert section is not None
    assert sum(isinstance(block, Picture) for block in section.blocks) == 5
    names = [block.name for block in section.blocks if isinstance(block, Listing)]
    assert {"Projects", "Cash by milestone", "Support plan", "One more expert"} <= set(names)
    page = html.unescape("".join(block.__html__() for block in section.blocks))
    assert "Large-project process: an amount of 1,000 or more" in page
    assert [line.text for line in section.decided][0].startswith("1 open projects")


def test_refused_requests_stand_first_and_figures_have_their_unit() -> None:
    """What needs an answer is on the page; money has its currency, a share is in percent."""
    view = make_view()
    plan = view.tables["support_plan"].iloc[[0, 0, 0]].assign(
        request_id=["Q1", "Q2", "Q3"], outcome=["served", "refused", "refused"],
        gain_amount=[90.0, 10.0, None],
    )  # fmt: skip
    figures = (
        view.tables["support_figures"]
        .iloc[[0, 0, 0]]
        .assign(
            figure=["gain", "gap", "served"],
            value=[250.0, 0.021, 3.0],
            unit=["money", "share", "count"],
        )
    )
    view.tables |= {"support_plan": plan, "support_figures": figures}
    section = report.section(view)
    assert section is not None
    shown = {block.name: block.frame for block in section.blocks if isinstance(block, Listing)}
    assert shown["Support plan"]["request_id"].tolist() == ["Q2", "Q3", "Q1"]
    told = shown["Support figures"]
    assert list(zip(told["value"], told["unit"], strict=True)) == [
        (250.0, view.plan.currency), (2.1, "%"), (3.0, ""),
    ]  # fmt: skip


def test_what_needs_a_decision_carries_its_money() -> None:
    """The project in the tender without a go is asked about with its amount."""
    section = report.section(make_view())
    assert section is not None
    asks = {line.text: line.amount for line in section.asks}
    text = "1 project passed a gate without a go on record: decide"
    assert asks[text] == 2000
    assert any("cannot be used as given" in line.text for line in section.problems)


def test_a_project_that_goes_on_after_a_no_go_is_asked_about() -> None:
    """It is named with its amount, and no key of ours stands in the table."""
    view = make_view()
    reviews = view.tables["project_reviews"].assign(gate="no_go", phase="design_institute")
    view.tables |= {"project_reviews": reviews}
    section = report.section(view)
    assert section is not None
    asks = {line.text: line.amount for line in section.asks}
    assert asks["1 project open after a no-go: close, or decide anew"] == 2000
    shown = {block.name: block.frame for block in section.blocks if isinstance(block, Listing)}
    assert shown["Projects"][["gate", "phase"]].iloc[0].tolist() == ["no go", "design institute"]


def test_what_is_missing_is_a_gap_and_no_hole() -> None:
    """With opportunities alone gaps are named; gates that nobody keeps are not asked for."""
    section = report.section(make_view(bare=True))
    assert section is not None
    whats = {gap.what for gap in section.gaps}
    assert {"Projects: projects", "Projects: cash by milestone", "Projects: experts"} <= whats
    assert section.asks == []
    assert sum(isinstance(block, Picture) for block in section.blocks) == 1


def test_a_cycle_without_the_step_adds_nothing() -> None:
    """Tables of an older cycle leave no hole."""
    view: Any = View({})
    assert report.section(view) is None
    assert report.changes(view, {}) == []  # type: ignore[arg-type]


def test_a_request_with_another_answer_is_a_change() -> None:
    """One request was refused and is served now."""
    view = make_view()
    before = view.rows("support_plan").assign(outcome="refused")
    lines = report.changes(view, {"support_plan": before})  # type: ignore[arg-type]
    assert [line.text for line in lines] == [
        "1 request for support got another answer, 1 now served."
    ]
