"""Tests of the report's part on pay: what it shows, asks, and hides from other audiences."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.plan import Plan
from planlib.report import pay as report
from planlib.report.parts import Listing, Picture
from planlib.tables import table
from tests.pay_frames import AS_OF, make_milestones, make_plans
from tests.test_pay_review import make_inputs, replace, review


@dataclass
class View:
    """The tables of a cycle as an audience reads them."""

    tables: dict[str, pd.DataFrame]
    sees: tuple[str, ...] = ()
    plan: Any = None
    as_of: Any = AS_OF
    audience: str = "leadership"

    def columns(self, name: str) -> list[str]:
        """Give the columns that the audience may see."""
        hidden = table(name).sensitive(self.sees)
        return [one.name for one in table(name).columns if one.name not in hidden]

    def rows(self, name: str) -> pd.DataFrame:
        """Give a table without hidden columns."""
        return self.tables.get(name, table(name).empty())[self.columns(name)]


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    """A review with a blocking contradiction and a late milestone."""
    late = make_milestones({"milestone": "Pay agreed", "due_date": "2026-03-30", "owner": None})
    plans = make_plans({"base_pay": 54.32, "variable_pay": 45.67, "accelerator": 1.5})
    inputs = replace(make_inputs(), milestones=late, pay_plans=plans, target_amount=700.0)
    return review(inputs).tables


def view_of(tables: dict[str, pd.DataFrame], *sees: str) -> Any:
    """Give the view of an audience that sees some classes."""
    return View(tables, sees, Plan())


def page_of(blocks: list[Any]) -> str:
    """Give tables and notes as text, pictures by their headlines."""
    return html.unescape("".join(
        one.alt if isinstance(one, Picture) else one.__html__() for one in blocks
    ))  # fmt: skip


def test_who_may_see_pay_gets_cost_and_profit(tables: dict[str, pd.DataFrame]) -> None:
    """Cost and timeline as pictures, the table of cost, and one row for each rule that found."""
    blocks = [one for part in report.blocks(view_of(tables, "pay")) for one in part]
    assert sum(isinstance(one, Picture) for one in blocks) == 2
    names = {one.name for one in blocks if isinstance(one, Listing)}
    assert {"Pay cost", "Contradictions of the plans", "Releases",
            "Size of the sales force"} <= names  # fmt: skip


def test_the_page_has_a_row_for_each_rule_and_the_roll_up_each_case(
    tables: dict[str, pd.DataFrame],
) -> None:
    """Persons do not stand in the page; counts of the page are those of the cases."""
    listings = {
        one.name: one
        for one in [one for part in report.blocks(view_of(tables)) for one in part]
        if isinstance(one, Listing)
    }
    rules, cases = listings["Rules that found something"], listings["Contradictions of the plans"]
    assert rules.frame["found"].sum() == len(cases.frame)
    assert rules.frame["severity"].iloc[0] == "blocks"
    assert set(rules.frame["rule"]) == set(cases.frame["rule"])
    assert rules.in_page
    assert not cases.in_page
    assert cases.__html__() == ""


def test_what_plans_say_of_a_person_is_for_those_who_may_see_pay(
    tables: dict[str, pd.DataFrame],
) -> None:
    """The sentence names a quota of a person: other audiences get rule, name and what to decide."""
    columns = {}
    for sees in ((), ("pay",)):
        blocks = [one for part in report.blocks(view_of(tables, *sees)) for one in part]
        cases = next(
            one for one in blocks if getattr(one, "name", "") == "Contradictions of the plans"
        )
        columns[sees] = list(cases.frame.columns)
    assert "statement" not in columns[()]
    assert "statement" in columns["pay",]


def test_every_case_says_what_the_rule_finds(tables: dict[str, pd.DataFrame]) -> None:
    """A name such as pay ignores need tells nothing: the meaning of the rule stands beside it."""
    listings = {
        one.name: one
        for one in [one for part in report.blocks(view_of(tables)) for one in part]
        if isinstance(one, Listing)
    }
    for name in ("Rules that found something", "Contradictions of the plans"):
        assert listings[name].frame["meaning"].str.len().min() > 20
    assert "meaning" in listings["Rules that found something"].labels


def test_shares_of_pay_say_at_which_quotas_and_groups_add_up(
    tables: dict[str, pd.DataFrame],
) -> None:
    """Pay rests on the quotas of the plan; people without attainment are in no group."""
    view = view_of(tables)
    blocks = [one for part in report.blocks(view) for one in part]
    reached = next(one for one in blocks if getattr(one, "name", "") == "Attainment by group")
    assert "at the quotas of the plan, if sales follow" in reached.subtitle
    counts = reached.frame.set_index("role_group")["simulated_count"]
    assert counts["all"] == counts.drop("all").sum()
    facts = {one.label: one for one in report.facts(view)}
    assert "quotas of the plan" in str(facts["Pay, share of expected sales"].note)


def test_two_sizes_are_told_apart(tables: dict[str, pd.DataFrame]) -> None:
    """Beside the structure of the team the size says why its number of heads is another."""
    columns = [one.name for one in table("structure_scenarios").columns]
    structure = pd.DataFrame([dict.fromkeys(columns)])
    full = {
        **tables,
        "force_size": tables["force_size"].assign(carry_second_share=0.6),
        "structure_scenarios": structure,
    }
    for given, count in ((tables, 0), (full, 1)):
        blocks = [one for part in report.blocks(view_of(given)) for one in part]
        size = next(one for one in blocks if getattr(one, "name", "") == "Size of the sales force")
        assert len(size.notes) == count


def test_nobody_else_sees_a_sum_of_pay(tables: dict[str, pd.DataFrame]) -> None:
    """No cost picture, no cost table, no amount of it anywhere; shares of attainment stay."""
    blocks = [one for part in report.blocks(view_of(tables)) for one in part]
    page = page_of(blocks)
    names = {one.name for one in blocks if isinstance(one, Listing)}
    assert "Pay cost" not in names
    assert "Attainment by group" in names
    assert "What pay is expected to cost" not in page
    for name in ("cost_amount", "base_amount", "target_pay_amount"):
        for value in tables["pay_cost"][name].dropna():
            assert f"{value:,.0f}" not in page
            assert f"{value:,.2f}" not in page


def test_what_blocks_is_asked_and_what_is_late_is_named(tables: dict[str, pd.DataFrame]) -> None:
    """The decision stands in the line, and the milestone with its days."""
    view = view_of(tables)
    assert [one.text for one in report.asks(view)] == [
        "Quotas below target (1) keeps territories, quotas and pay from being released: decide who "
        "carries the rest.",
        "Territories, quotas and pay: 1 contradiction to look at (capacity below target).",
    ]
    assert [one.text for one in report.problems(view)] == [
        "Late by 1 day: Pay agreed (no owner)."
    ]  # fmt: skip


def test_key_figures_have_their_definition(tables: dict[str, pd.DataFrame]) -> None:
    """Pay as a share of sales, and plans released of three."""
    facts = {one.label: one for one in report.facts(view_of(tables))}
    assert facts["Plans released"].value == 0
    assert "1 contradiction in the way" in str(facts["Plans released"].note)
    assert "Pay, share of expected sales" in facts


def test_without_tables_the_part_leaves_no_hole() -> None:
    """A cycle without the step adds nothing."""
    view = view_of({})
    assert report.blocks(view) == ([], [])
    assert report.decided(view) == report.asks(view) == report.gaps(view) == []
    assert report.facts(view) == []


def test_headlines_and_gaps_come_from_the_notes(tables: dict[str, pd.DataFrame]) -> None:
    """The check stands on the first page, the rest below."""
    view = view_of(tables)
    assert any("contradictions between territories" in one.text for one in report.decided(view))
    assert any("pay ignores need" in one.what for one in report.gaps(view))
