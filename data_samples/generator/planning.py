"""The planning cycle of a sample: milestones, releases, and pay plans where it has none yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from data_samples.generator.decisions import Row, write_decisions
from data_samples.generator.write import write_csv

_HEAD = ("decision_id", "who", "when", "why", "effective_from", "effective_to", "supersedes")
_ALL_TYPES = "new;expansion;renewal"


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """One milestone: name, due and done day, what is there when it is done; owner by place."""

    name: str
    due: str
    done: str
    expectation: str
    owner: int = 0


@dataclass(frozen=True, kw_only=True)
class Planning:
    """
    Words and days of a planning cycle.

    Parameters
    ----------
    office
        Name of the sales operations.
    why
        Why the milestones were set, why one was moved, and why a plan was agreed or released.
    milestones
        In order of work; owner 0 is the sponsor, 1 the office, from 2 on a manager.
    moved
        The milestone that was due on an earlier day at first, and that day.
    releases
        Plan, state, day.
    pay_plans
        Rows of ``pay_plans``; empty: the sample has its own.
    """

    office: str
    why: tuple[str, str, str]
    milestones: Sequence[Milestone]
    moved: tuple[str, str]
    releases: Sequence[tuple[str, str, str]]
    pay_plans: Sequence[tuple[object, ...]] = ()


SOFTWARE = Planning(
    office="Sales operations",
    why=("Timeline of planning 2026", "Two leads were still to be hired", "Planning 2026"),
    milestones=(
        Milestone(name="Sponsor names goals, owners and dates", due="2025-09-01", done="2025-09-01",
                  expectation="One page: growth of 13 %, no new region, territories first"),
        Milestone(name="Data are fit and segments agreed", due="2025-09-26", done="2025-10-02",
                  expectation="No account without segment and owner", owner=1),
        Milestone(name="Targets and capacity top-down", due="2025-10-17", done="2025-10-17",
                  expectation="Target by region, heads and hires", owner=1),
        Milestone(name="Territories proposed to managers", due="2025-10-31", done="2025-11-05",
                  expectation="Plan and moves; challenges until 14 November", owner=1),
        Milestone(name="Quotas from below", due="2025-11-28", done="2025-12-04",
                  expectation="Managers' quotas, reconciled with the target", owner=2),
        Milestone(name="Pay plans and their cost", due="2025-12-05", done="2025-12-12",
                  expectation="Cost at simulated attainment against the budget", owner=3),
        Milestone(name="Territories, quotas and pay released", due="2025-12-19", done="",
                  expectation="Everybody has territory, quota and pay plan in hand"),
        Milestone(name="Pay plans signed by everybody", due="2026-02-15", done="",
                  expectation="A signed plan of each person with variable pay", owner=3),
        Milestone(name="Mid-year review", due="2026-07-03", done="",
                  expectation="Changes pro rata, the same check once more", owner=1),
        Milestone(name="Planning of 2027 begins", due="2026-08-28", done="",
                  expectation="The sponsor names goals, owners and dates"),
    ),
    moved=("Quotas from below", "2025-11-14"),
    releases=(("territories", "released", "2025-12-19"), ("quotas", "released", "2025-12-22"),
              ("pay", "agreed", "2026-01-20")),
)  # fmt: skip
INDUSTRIAL = Planning(
    office="销售运营部",
    why=("2026年度销售规划时间表", "等待大客户名单确认", "2026年度销售规划"),
    milestones=(
        Milestone(name="确定目标、负责人和日程", due="2025-09-15", done="2025-09-15",
                  expectation="合同额增长15%，先定区域再定指标"),
        Milestone(name="客户台账核对完毕", due="2025-10-15", done="2025-10-28",
                  expectation="每个客户都有所属分公司和客户经理", owner=1),
        Milestone(name="下达大区指标", due="2025-11-10", done="2025-11-10",
                  expectation="各大区合同额指标和人员编制", owner=1),
        Milestone(name="分公司上报指标", due="2025-12-05", done="2025-12-10",
                  expectation="按客户潜力和在手项目测算", owner=2),
        Milestone(name="薪酬方案及成本测算", due="2025-12-19", done="2025-12-26",
                  expectation="按模拟完成率测算奖金成本", owner=1),
        Milestone(name="区域、指标和薪酬同时发布", due="2026-01-10", done="2026-01-15",
                  expectation="每人收到区域、指标和薪酬方案"),
        Milestone(name="大客户总监签署目标责任书", due="2026-03-15", done="",
                  expectation="四位大客户总监全部签署", owner=2),
        Milestone(name="年中调整", due="2026-07-10", done="",
                  expectation="按在岗月份折算，重新核对", owner=1),
    ),
    moved=("分公司上报指标", "2025-11-28"),
    releases=(("territories", "released", "2026-01-15"), ("quotas", "released", "2026-01-15"),
              ("pay", "released", "2026-01-15")),
    pay_plans=tuple(
        (role, f"{year}-01-01", round(base * rise, -2), round(variable * rise, -2),
         quota and round(quota * rise, -5), floor, fast, cap, draw, kinds)
        for year, rise in ((2025, 1.0), (2026, 1.04))
        for role, base, variable, quota, floor, fast, cap, draw, kinds in (
            ("AE", 132_000, 128_000, 13_500_000, 0.5, 1.3, 2.0, 6_000, "new;expansion"),
            ("KA director", 340_000, 160_000, None, 0.6, 1.3, 1.8, 0, _ALL_TYPES),
            ("PS", 210_000, 60_000, None, 0.0, 1.0, 1.5, 0, _ALL_TYPES),
            ("manager", 300_000, 180_000, 38_000_000, 0.6, 1.3, 1.8, 0, _ALL_TYPES),
            ("head", 620_000, 380_000, 450_000_000, 0.7, 1.5, 2.0, 0, _ALL_TYPES),
        )
    ),
)  # fmt: skip


def add_planning(folder: Path, words: Planning) -> None:
    """
    Write milestones and releases, and pay plans where the sample has none yet.

    Parameters
    ----------
    folder
        The workbook, whose reps are written already: the one without a manager is the sponsor,
        managers by id own milestones. No draw is made.
    words
        Words and days.
    """
    reps = pd.read_csv(folder / "inputs" / "reps.csv", dtype="str").sort_values("rep_id")
    bosses = reps[reps["rep_id"].isin(reps["manager_id"].dropna()) & reps["leave_date"].isna()]
    sponsor = str(bosses.loc[bosses["manager_id"].isna(), "name"].iloc[0])
    people = (sponsor, words.office, *bosses.loc[bosses["manager_id"].notna(), "name"].astype(str))
    write_decisions(folder, {
        "planning_milestones": _milestones(words, sponsor, people),
        "releases": _releases(words, sponsor),
    })  # fmt: skip
    if words.pay_plans:
        names = ["role", "effective_from", "base_pay", "variable_pay", "quota", "threshold_share",
                 "accelerator", "cap_share", "draw_amount", "deal_types"]  # fmt: skip
        plans = pd.DataFrame(list(words.pay_plans), columns=names)
        plans["effective_from"] = pd.to_datetime(plans["effective_from"])
        write_csv(folder / "inputs", "pay_plans", plans)


def _milestones(words: Planning, sponsor: str, people: Sequence[str]) -> list[Row]:
    first, later, _ = words.why
    begun = words.milestones[0].due
    rows: list[Row] = [
        (*_HEAD, "milestone", "milestone_order", "sponsor", "owner", "due_date", "done_date",
         "expectation")
    ]  # fmt: skip
    moved, early = words.moved
    replaced = ""
    for place, one in enumerate(words.milestones, start=1):
        owner = people[min(one.owner, len(people) - 1)]
        if one.name == moved:
            replaced = f"D-{len(rows):04d}"
            rows.append((replaced, words.office, begun, first, "", "", "", one.name, place,
                         sponsor, owner, early, "", one.expectation))  # fmt: skip
        supersedes = replaced if one.name == moved else ""
        rows.append((
            f"D-{len(rows):04d}", words.office, one.done or begun,
            later if supersedes else first, "", "", supersedes, one.name, place, sponsor, owner,
            one.due, one.done, one.expectation,
        ))  # fmt: skip
    return rows


def _releases(words: Planning, sponsor: str) -> list[Row]:
    rows: list[Row] = [(*_HEAD, "part", "state")]
    rows += [
        (f"D-{place:04d}", sponsor, day, words.why[2], "", "", "", part, state)
        for place, (part, state, day) in enumerate(words.releases, start=1)
    ]
    return rows
