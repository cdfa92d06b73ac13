"""Past councils of a sample: who was there, what was decided for which cell, what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from data_samples.generator.decisions import Row

_HEAD = ("decision_id", "who", "when", "why", "effective_from", "effective_to", "supersedes")
_ACTION = ("period", "cut", "cut_value", "cause", "action", "units_count", "cost_amount", "owner",
           "start_date", "due_date", "effect_amount", "status")  # fmt: skip
_MEETING = ("meeting_date", "function", "person_name", "is_present", "decision")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One action that a council took, with the status it got in the end."""

    when: str
    period: str
    cell: tuple[str, str]
    cause: str
    action: str
    units: int
    cost: int
    effect: int
    due: str
    status: str
    why: str


def _taken(line: str) -> Taken:
    when, period, cut, value, cause, action, units, cost, effect, due, status, why = (
        part.strip() for part in line.split(";")
    )
    return Taken(when=when, period=period, cell=(cut, value), cause=cause, action=action,
                 units=int(units), cost=int(cost), effect=int(effect), due=due, status=status,
                 why=why)  # fmt: skip


SOFTWARE = tuple(map(_taken, """\
2025-07-16;2025Q3;region;Asia Pacific;too_little_generated;prospect_dinners;4;20000;240000;2025-08-15;done;Two quarters without new names
2025-07-23;2025Q3;product_family;Data Platform;pushed_out;deal_review;3;4500;45000;2025-08-06;done;Nine deals moved into autumn
2025-08-13;2025Q3;product_family;Automation;lost_more;enablement;2;12000;60000;2025-09-05;done;Lost three times to the same competitor
2025-10-15;2025Q4;region;UK & Ireland;too_little_generated;paid_media;2;40000;320000;2025-11-28;done;Website leads fell by a third
2025-10-22;2025Q4;region;Latin America;late_stage_stuck;spiff;1;12000;48000;2025-11-14;dropped;Budget was needed elsewhere
2025-10-29;2025Q4;product_family;Governance;too_little_generated;prospect_dinners;3;15000;180000;2025-11-28;done;Compliance dates help to open doors
2025-11-12;2025Q4;region;Continental Europe;late_stage_stuck;deal_review;4;6000;60000;2025-11-26;done;Procurement holds six deals
2026-01-14;2026Q1;region;Asia Pacific;thin_start;prospect_dinners;6;30000;360000;2026-02-13;done;Quarter starts with half of what is needed
2026-01-21;2026Q1;product_family;Automation;pushed_out;deal_review;3;4500;45000;2026-02-06;done;Every second deal was moved to spring
2026-02-04;2026Q1;product_family;Data Platform;low_conversion;enablement;3;18000;90000;2026-03-06;done;Demos do not show the new release
2026-02-11;2026Q1;region;UK & Ireland;late_stage_stuck;spiff;2;24000;96000;2026-03-31;done;Twelve deals stand still in the last stage
2026-02-25;2026Q1;region;Latin America;too_little_generated;paid_media;1;20000;160000;2026-03-20;open;Campaign in Portuguese
2026-03-25;2026Q2;product_family;Governance;thin_start;prospect_dinners;4;20000;240000;2026-04-24;open;Start of the new quarter is thin
""".splitlines()))  # noqa: E501  # fmt: skip
INDUSTRIAL = tuple(map(_taken, """\
2025-07-09;2025Q3;product_family;环保装备;thin_start;prospect_dinners;3;90000;2700000;2025-08-15;done;季度初商机不足
2025-07-16;2025Q3;region;西部大区;pushed_out;deal_review;2;20000;1000000;2025-08-08;done;五个项目推迟到四季度
2025-10-15;2025Q4;product_family;流体装备;lost_more;enablement;2;60000;1200000;2025-11-14;done;两次因技术交流不足丢单
2025-10-22;2025Q4;region;北方大区;late_stage_stuck;spiff;2;120000;2400000;2025-11-28;dropped;预算调整
2025-11-05;2025Q4;region;中南大区;too_little_generated;prospect_dinners;4;120000;3600000;2025-11-28;done;设计院交流会
2026-01-14;2026Q1;region;中南大区;late_stage_stuck;deal_review;3;30000;1500000;2026-02-06;done;领导拜访三家业主
2026-02-04;2026Q1;product_family;环保装备;lost_more;enablement;2;60000;1200000;2026-03-06;done;竞争对手降价
2026-03-04;2026Q1;product_family;流体装备;pushed_out;spiff;1;60000;1200000;2026-03-25;open;一季度末冲刺
2026-03-25;2026Q2;region;西部大区;thin_start;prospect_dinners;4;120000;3600000;2026-04-24;open;二季度商机覆盖不足
""".splitlines()))  # fmt: skip

#: Days of the last councils; the last one without marketing.
_DAYS = ("2026-03-04", "2026-03-11", "2026-03-18", "2026-03-25")


def hold_councils(
    taken: tuple[Taken, ...],
    cells: Mapping[str, Collection[str]],
    reps: pd.DataFrame,
    words: Mapping[str, str],
) -> dict[str, list[Row]]:
    """
    Write the log of past councils.

    Parameters
    ----------
    taken
        Actions in order; those for a cell that the sample does not have are left out.
    cells
        Values by cut.
    reps
        Table ``reps``; the owner of an action is the first manager of its region, else the first.
    words
        ``chair`` and the name of each function's head, ``why`` of a meeting, ``closed`` and
        ``dropped`` for what became of an action, and ``decided`` by a council.

    Returns
    -------
    dict
        Rows by kind, the header first.
    """
    managers = reps[reps["rep_id"].isin(reps["manager_id"].dropna()) & reps["leave_date"].isna()]
    first = managers.sort_values("rep_id")
    by_region = first.drop_duplicates("region").set_index("region")["name"]
    actions: list[Row] = [(*_HEAD, *_ACTION)]
    for one in taken:
        if one.cell[1] not in cells.get(one.cell[0], ()):
            continue
        owner = str(by_region.get(one.cell[1], first["name"].iloc[0]))
        number = f"D-{len(actions):04d}"
        facts = (one.period, *one.cell, one.cause, one.action, one.units, one.cost, owner,
                 one.when, one.due, one.effect)  # fmt: skip
        actions.append((number, words["chair"], one.when, one.why, "", "", "", *facts, "open"))
        if one.status != "open":
            later, why = f"D-{len(actions):04d}", words[one.status]
            actions.append((later, owner, one.due, why, "", "", number, *facts, one.status))
    meetings: list[Row] = [(*_HEAD, *_MEETING)]
    for day in _DAYS:
        for function in ("sales", "product", "marketing", "operations"):
            is_here = not (function == "marketing" and day == _DAYS[-1])
            row = (day, function, words[function], "true" if is_here else "false", "")
            meetings.append(_signed(len(meetings), day, words, row))
        meetings.append(_signed(len(meetings), day, words, (day, "", "", "", words["decided"])))
    return {"council_actions": actions, "council_meetings": meetings}


def _signed(number: int, day: str, words: Mapping[str, str], row: Row) -> Row:
    return (f"D-{number:04d}", words["operations"], day, words["why"], "", "", "", *row)


SOFTWARE_WORDS = {
    "chair": "Linda Moriarty",
    "sales": "Linda Moriarty",
    "product": "Priya Raman",
    "marketing": "Tom Vandenberg",
    "operations": "Hannah Liu",
    "why": "Weekly pipeline council",
    "done": "Done as planned",
    "dropped": "Stopped, money was needed elsewhere",
    "decided": "Actions of red cells reviewed, new ones are in the log",
}
INDUSTRIAL_WORDS = {
    "chair": "林晨曦",
    "sales": "林晨曦",
    "product": "赵思远",
    "marketing": "何雨桐",
    "operations": "郭建军",
    "why": "每周商机会议",
    "done": "按计划完成",
    "dropped": "预算调整，停止",
    "decided": "逐项检查红色单元的措施，新措施已登记",
}
