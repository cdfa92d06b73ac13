"""The report's section on step 08: what routing and ranking say, together and alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.exchange.audience import AudienceView
from planlib.exchange.leads import write_routing_files
from planlib.plan import Plan, parse_plan
from planlib.ranking import RankingInputs, rank_reps
from planlib.report import leads as report
from planlib.report.parts import Listing, Picture
from planlib.routing import review_routing
from planlib.settings.routing import SimulatorSettings
from planlib.tables import table
from tests.ranking_frames import draw_deals, make_settings
from tests.ranking_frames import make_reps as ranked_reps
from tests.report_workbook import make_workbook
from tests.routing_frames import AS_OF, make_leads, make_reps

QUICK = SimulatorSettings(seeds=2, days=14, policies=["geography", "round_robin", "best_ranked"],
                          floors=[0.0, 0.2])  # fmt: skip


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
        """Give a table or None."""
        return self.tables.get(name)

    def read(self, name: str) -> pd.DataFrame:
        """Give a table."""
        return self.tables[name]

    def has(self, name: str) -> bool:
        """Tell whether the cycle has a table."""
        return name in self.tables


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def routed() -> dict[str, pd.DataFrame]:
    """Routing of three leads, one of them without a time."""
    leads = make_leads(3)
    leads.loc[1, "created_at"] = pd.NaT
    given = {"reps": make_reps(3, region="UK"), "leads": leads}
    return review_routing(given, parse_plan(""), AS_OF, simulator=QUICK).tables


@pytest.fixture(scope="module")
def ranked() -> dict[str, pd.DataFrame]:
    """A ranking of six reps."""
    chances = {f"R{at}": 0.3 for at in range(6)}
    inputs = RankingInputs(opportunities=draw_deals(chances, 4, 20, 2), reps=ranked_reps(*chances))
    return rank_reps(inputs, make_settings(), AS_OF, seed=1).tables


def test_leads_that_wait_policies_and_prices_are_shown(routed: dict[str, pd.DataFrame]) -> None:
    """Counts, the lead in the catch-all with its reason, four pictures, gains in the headlines."""
    found = report.section(View(routed))  # type: ignore[arg-type]
    assert found is not None
    facts = {one.label: one.value for one in found.facts}
    assert facts == {"Leads routed": 2, "In the catch-all": 1}
    assert "1 lead in the catch-all" in found.problems[0].text
    assert "time at which the lead came in is missing" in found.problems[0].text
    said = " ".join(one.text for one in found.decided)
    assert "sending leads to reps who are at work brings" in said
    assert "of win rate over geography" in said
    listed = {one.name for one in found.blocks if isinstance(one, Listing)}
    assert {"Lead routes", "Policies", "Lead completeness"} <= listed
    assert sum(isinstance(one, Picture) for one in found.blocks) >= 5


def test_ranking_comes_first_and_both_share_one_section(
    routed: dict[str, pd.DataFrame], ranked: dict[str, pd.DataFrame]
) -> None:
    """Nothing of either part is lost."""
    alone = [report.section(View(one)) for one in (ranked, routed)]  # type: ignore[arg-type]
    both = report.section(View(ranked | routed))  # type: ignore[arg-type]
    assert both is not None
    assert alone[0] is not None
    assert alone[1] is not None
    assert both.decided == [*alone[0].decided, *alone[1].decided]
    assert len(both.blocks) == len(alone[0].blocks) + len(alone[1].blocks)


def test_without_leads_the_gap_is_named() -> None:
    """Routing alone says that leads are missing, and still compares policies."""
    given = {"reps": make_reps(3, region="UK")}
    tables = review_routing(given, parse_plan(""), AS_OF, simulator=QUICK).tables
    found = report.section(View(tables))  # type: ignore[arg-type]
    assert found is not None
    assert found.facts == []
    assert any("table leads is missing" in one.because for one in found.gaps)


def test_nothing_written_gives_no_section() -> None:
    """A cycle without step 08 has no section on it."""
    assert report.section(View({})) is None  # type: ignore[arg-type]


def test_who_may_not_see_ranks_sees_neither_order_nor_leads_by_rank(
    tmp_path: Path, routed: dict[str, pd.DataFrame]
) -> None:
    """The best ranked is not named; the catch-all keeps its reason; the CRM gets all."""
    workbook = make_workbook(
        tmp_path / "acme", "report: {audiences: {leadership: {}, managers: {sees: [rank]}}}\n"
    )
    for name, frame in routed.items():
        workbook.write(name, frame)
    pages = {}
    for audience in ("leadership", "managers"):
        found = report.section(AudienceView(workbook, audience))
        assert found is not None
        pages[audience] = "".join(one.__html__() for one in found.blocks)
        assert "time at which the lead came in is missing" in found.problems[0].text
    assert "the best ranked rep at work." in pages["managers"]
    assert "the best ranked rep at work." not in pages["leadership"]
    assert "Why nobody" in pages["leadership"]
    view = AudienceView(workbook, "leadership")
    assert not {"list_order", "tier", "weight"} & set(view.rows("routing_tiers").columns)
    assert not {"lead_share", "lead_count"} & set(view.rows("routing_shares").columns)
    owners, tiers = write_routing_files(workbook)
    assert owners.read_text(encoding="utf-8").splitlines()[0].endswith("Rule,Reason")
    assert "list_order,tier,weight" in tiers.read_text(encoding="utf-8").splitlines()[0]


def test_changes_count_leads_with_another_rep(routed: dict[str, pd.DataFrame]) -> None:
    """A lead that went from nobody to somebody counts; none is named."""
    before = routed["lead_routes"].copy()
    before.loc[before["lead_id"] == "L-000", "rep_id"] = None
    lines = report.changes(View(routed), {"lead_routes": before})  # type: ignore[arg-type]
    assert [one.text for one in lines] == ["1 waiting lead went to another rep."]
    assert report.changes(View(routed), {}) == []  # type: ignore[arg-type]
