"""Requests for experts, and what people entered about projects, of the industrial sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_samples.generator.clock import BASE, fresh, iso
from data_samples.generator.decisions import Row

_HEAD = ("decision_id", "who", "when", "why", "effective_from", "effective_to", "supersedes")
_RIVALS = ("东岭重机", "海瑞流体", "北辰动力")
_QUESTIONS = ("opportunity", "compete", "win", "worth")
_LINE_OF = {"自控集成": "delivery", "振动诊断": "test", "流体仿真": "product"}
_ACTIONS = ("与设计院主设人确认技术规格", "安排同类装置现场参观", "提交全生命周期成本测算",
            "高层拜访分管副总", "澄清商务条款与付款节点", "组织样机性能试验")  # fmt: skip
_STRATEGIES = ("frontal", "flanking", "fragment", "defend", "develop")
_LESSONS = ("二期扩建已列入集团规划", "现有机组三年内需节能改造", "在线监测将在全厂推广",
            "环保指标收紧，需提标改造", "备件与检修将集中招标", "新基地选址已启动")  # fmt: skip
_HORIZONS = ("3-12m", "1-3y", "1-3y", "0-3m")


def _days(values: pd.Series) -> np.ndarray:
    """Give dates as day numbers."""
    return (values.to_numpy().astype("datetime64[D]") - BASE).astype(int)


def support_tables(
    seed: int,
    projects: pd.DataFrame,
    experts: pd.DataFrame,
    deals: pd.DataFrame,
    as_of: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Give tables ``support_requests`` and ``expert_leave``.

    Closed projects whose request was served won more often than those whose request was not; in
    part because larger projects were served first. Every expert has work that is running.
    """
    rng = fresh(seed, "chinese support requests")
    amount = projects["opportunity_id"].map(deals.set_index("opportunity_id")["amount"])
    rows = projects.assign(amount=amount)
    asked = [*_past(rng, rows, experts, as_of), *_running(rng, rows, experts, as_of),
             *_open(rng, rows, as_of)]  # fmt: skip
    table = pd.DataFrame(asked)
    table.insert(0, "request_id", [f"ZC{one:04d}" for one in range(1, len(table) + 1)])
    for name in ("needed_from", "needed_to", "requested_date", "answered_date"):
        days = [None if pd.isna(one) else iso(int(one)) for one in table[name]]
        table[name] = pd.to_datetime(pd.Series(days, dtype="object")).astype("datetime64[us]")
    return table, _leave(rng, experts, as_of)


def _past(
    rng: np.random.Generator, rows: pd.DataFrame, experts: pd.DataFrame, as_of: int
) -> list[dict[str, object]]:
    over = rows[rows["status"].ne("open")].reset_index(drop=True)
    size = over["amount"].rank(pct=True).to_numpy()
    found: list[dict[str, object]] = []
    for place, row in enumerate(over.to_dict("records")):
        if rng.random() > 0.3:
            continue
        won = row["status"] != "lost"
        served = rng.random() < 0.28 + 0.3 * size[place] + 0.16 * won
        start = int((np.datetime64(row["support_from"], "D") - BASE).astype(int))
        end = int((np.datetime64(row["support_to"], "D") - BASE).astype(int))
        wait = int(rng.gamma(1.6, 3.2) + (0 if served else 3))
        found.append({
            **_asks(row), "hours": row["skill_hours"], "needed_from": start,
            "needed_to": max(end, start + 7), "requested_date": start - 10,
            "answered_date": min(start - 10 + wait, as_of),
            "status": "served" if served else "refused",
            "expert_id": str(rng.choice(experts["expert_id"])) if served else None,
        })  # fmt: skip
    return found


def _running(
    rng: np.random.Generator, rows: pd.DataFrame, experts: pd.DataFrame, as_of: int
) -> list[dict[str, object]]:
    """Give each expert work on a contract that is being built."""
    built = rows[rows["status"].eq("won")].reset_index(drop=True)
    found: list[dict[str, object]] = []
    for row in experts.to_dict("records"):
        weeks = int(rng.integers(12, 32))
        project = built.iloc[int(rng.integers(len(built)))].to_dict()
        busy = float(rng.uniform(0.75, 1.1))
        skill = str(rng.choice(str(row["skills"]).split(";")))
        found.append({
            **_asks(project), "skill": skill, "support_line": row["line"],
            "hours": float(round(busy * float(row["hours_per_week"]) * weeks * 0.8)),
            "needed_from": as_of - int(rng.integers(10, 60)), "needed_to": as_of + 7 * weeks,
            "requested_date": as_of - 90, "answered_date": as_of - 84, "status": "running",
            "expert_id": row["expert_id"],
        })  # fmt: skip
    return found


def _open(rng: np.random.Generator, rows: pd.DataFrame, as_of: int) -> list[dict[str, object]]:
    opened = rows[rows["status"].eq("open")].sort_values(["amount", "project_id"])
    chosen = opened.tail(64).sample(34, random_state=int(rng.integers(1_000))).index
    small = opened.head(150).sample(8, random_state=int(rng.integers(1_000))).index
    mine = opened.loc[[*chosen, *small]].sort_values("project_id").to_dict("records")
    found: list[dict[str, object]] = []
    for place, row in enumerate(mine):
        start = as_of + int(rng.integers(-6, 70))
        asked, hours = as_of - int(rng.integers(1, 25)), float(str(row["skill_hours"]))
        line: dict[str, object] = {
            **_asks(row), "hours": hours, "needed_from": start,
            "needed_to": start + int(max(rng.integers(24, 75), rng.uniform(0.22, 0.75) * hours)),
            "requested_date": asked,
            "answered_date": None, "status": "open",
        }  # fmt: skip
        if rng.random() < 0.3:
            low = float(round(rng.uniform(0.15, 0.5), 2))
            line |= {"p_without": low, "p_with": round(low + float(rng.uniform(0.05, 0.25)), 2)}
        if place in (4, 17, 29):  # built over two years and more
            line |= {
                "needed_to": start + int(rng.integers(560, 900)),
                "hours": float(rng.integers(30, 60) * 10),
                "strategic_factor": 1.5,
            }
        found.append(line)
    found[9]["skill"] = "电气设计"
    found[14]["needed_to"] = int(str(found[14]["needed_from"])) - 20
    found[22]["hours"] = None
    found[6] |= {"expert_count": 2, "hours": 12.0, "strategic_factor": 2.0}
    for place, also in ((12, 20.0), (26, 6.0)):  # a second skill in the same weeks
        mine = str(found[place]["skill"])
        other = next(one for one in _LINE_OF if one != mine)
        found[place] |= {"hours": 1.5 * also, "also_skills": other, "also_hours": also,
                         "strategic_factor": 1.8}  # fmt: skip
    return found


def _asks(row: dict[str, object]) -> dict[str, object]:
    skill = str(row["skill"])
    return {"project_id": row["project_id"], "account_id": row["account_id"], "skill": skill,
            "support_line": _LINE_OF.get(skill, "solution")}  # fmt: skip


def _leave(rng: np.random.Generator, experts: pd.DataFrame, as_of: int) -> pd.DataFrame:
    rows = []
    for name in experts["expert_id"]:
        for _ in range(int(rng.integers(1, 4))):
            start = as_of + int(rng.integers(-40, 150))
            length = int(rng.choice([2, 4, 9, 14]))
            kind = "培训" if length == 4 else "休假"
            share = 0.5 if kind == "培训" else None
            rows.append((name, iso(start), iso(start + length), share, kind))
    rows.append(("ZJ099", iso(as_of + 10), iso(as_of + 12), None, "休假"))
    table = pd.DataFrame(
        rows, columns=["expert_id", "start_date", "end_date", "away_share", "kind"]
    )
    for name in ("start_date", "end_date"):
        table[name] = pd.to_datetime(table[name]).astype("datetime64[us]")
    return table


def project_decisions(
    seed: int, tables: dict[str, pd.DataFrame], as_of: int
) -> dict[str, list[Row]]:
    """Give what people entered about projects: gates, assessments, ratings, plans, lessons."""
    rng = fresh(seed, "chinese project decisions")
    projects = tables["projects"]
    deals = tables["opportunities"].drop_duplicates("opportunity_id").set_index("opportunity_id")
    amount = pd.to_numeric(projects["opportunity_id"].map(deals["amount"]), errors="coerce")
    rows = projects.assign(amount=amount).sort_values(
        ["amount", "project_id"], ascending=[False, True]
    )
    reps = tables["reps"]
    leads = reps.loc[reps["role"].str.contains("KA director"), "name"].tolist() or ["营销总部"]
    opened = rows[rows["status"].eq("open")].head(48).to_dict("records")
    past = rows[rows["status"].ne("open")].head(420)
    past = past.sample(110, random_state=7).sort_values("project_id").to_dict("records")
    found: dict[str, list[Row]] = {
        "project_gates": _gates(rng, opened, leads, as_of),
        "project_assessments": _assessments(rng, opened, past, leads, as_of),
        "project_people": _people(rng, opened, tables["stakeholders"], leads, as_of),
        "project_plans": _plans(rng, opened, leads, as_of),
        "project_lessons": _lessons(rng, rows, tables["needs"], leads, as_of),
        "support_locks": _locks(tables["support_requests"], tables["experts"], leads, as_of),
    }
    return found


def _numbered(
    columns: Sequence[str], rows: list[tuple[int, str, str, Sequence[object]]]
) -> list[Row]:
    """Put decisions in order of their days, and number them."""
    ordered = sorted(rows, key=lambda row: row[0])
    table: list[Row] = [(*_HEAD, *columns)]
    for number, (when, who, why, values) in enumerate(ordered, start=1):
        table.append((f"D-{number:04d}", who, iso(when), why, "", "", "", *values))
    return table


def _gates(
    rng: np.random.Generator, opened: list[dict[str, object]], leads: list[str], as_of: int
) -> list[Row]:
    rows: list[tuple[int, str, str, Sequence[object]]] = []
    for place, row in enumerate(opened):
        who = str(rng.choice(leads))
        if rng.random() > 0.72:
            continue
        gate = {3: "no_go", 11: "no_go", 19: "hold"}.get(place, "go")
        why = {
            "go": "毛利与中标把握符合要求",
            "no_go": "技术规格已锁定对手",
            "hold": "等待业主资金落实",
        }
        phase = "contract" if row["stage"] == "合同谈判" and rng.random() < 0.6 else "tender"
        when = as_of - int(rng.integers(5, 150))
        rows.append((when, who, why[gate], (row["project_id"], phase, gate, who)))
    return _numbered(("project_id", "phase", "gate", "approver"), rows)


def _assessments(
    rng: np.random.Generator,
    opened: list[dict[str, object]],
    past: list[dict[str, object]],
    leads: list[str],
    as_of: int,
) -> list[Row]:
    rows: list[tuple[int, str, str, Sequence[object]]] = []

    def judge(project: object, when: int, lift: float, blanks: float) -> None:
        who = str(rng.choice(leads))
        rivals = list(rng.choice(_RIVALS, int(rng.integers(1, 3)), replace=False))
        for party in ("us", *rivals):
            level = 5.6 + (lift if party == "us" else 0.0)
            for question in _QUESTIONS:
                value = float(np.clip(round(2 * rng.normal(level, 1.3)) / 2, 0, 10))
                shown: object = "" if rng.random() < blanks else f"{value:g}"
                rows.append((when, who, "项目分析会", (project, party, question, shown)))

    for row in opened[:26]:
        judge(row["project_id"], as_of - int(rng.integers(3, 130)), float(rng.normal(0, 1)), 0.08)
    for row in past:
        end = int((np.datetime64(row["support_to"], "D") - BASE).astype(int))
        lift = float(rng.normal(0.9 if row["status"] != "lost" else -0.7, 1.0))
        judge(row["project_id"], min(end, as_of) - int(rng.integers(20, 60)), lift, 0.0)
    return _numbered(("project_id", "party", "question", "rating"), rows)


def _people(
    rng: np.random.Generator,
    opened: list[dict[str, object]],
    stakeholders: pd.DataFrame,
    leads: list[str],
    as_of: int,
) -> list[Row]:
    seats = {key: mine["seat"].tolist() for key, mine in stakeholders.groupby("account_id")}
    rows: list[tuple[int, str, str, Sequence[object]]] = []
    for row in opened[:30]:
        for seat in seats.get(str(row["account_id"]), ["设备部部长", "采购部部长"]):
            if rng.random() < 0.25:
                continue
            close = float(rng.integers(2, 8))
            values = [close, float(rng.integers(3, 10)), float(rng.integers(1, 9))]
            shown = ["" if rng.random() < 0.12 else f"{one:g}" for one in values]
            when, who = as_of - int(rng.integers(60, 140)), str(rng.choice(leads))
            rows.append((when, who, "拜访记录", (row["project_id"], seat, *shown)))
            if rng.random() < 0.4:
                later = f"{min(close + float(rng.integers(0, 3)), 10):g}"
                rows.append((as_of - int(rng.integers(2, 40)), who, "复盘",
                             (row["project_id"], seat, later, *shown[1:])))  # fmt: skip
    columns = ("project_id", "seat", "closeness", "solution_acceptance", "price_acceptance")
    return _numbered(columns, rows)


def _plans(
    rng: np.random.Generator, opened: list[dict[str, object]], leads: list[str], as_of: int
) -> list[Row]:
    rows: list[tuple[int, str, str, Sequence[object]]] = []
    for row in opened[:28]:
        when, who = as_of - int(rng.integers(20, 80)), str(rng.choice(leads))
        plan = str(rng.choice(_STRATEGIES))
        if rng.random() < 0.8:
            rows.append((when, who, "竞争策略评审", (row["project_id"], plan, "", "", "", "")))
        for action in rng.choice(_ACTIONS, int(rng.integers(1, 4)), replace=False):
            due = when + int(rng.integers(15, 75))
            status = "done" if due < as_of and rng.random() < 0.7 else "open"
            rows.append((when, who, "工作计划", (row["project_id"], "", action,
                         str(rng.choice(leads)), iso(due), status)))  # fmt: skip
    columns = ("project_id", "strategy", "action", "owner", "due_date", "status")
    return _numbered(columns, rows)


def _lessons(
    rng: np.random.Generator,
    projects: pd.DataFrame,
    needs: pd.DataFrame,
    leads: list[str],
    as_of: int,
) -> list[Row]:
    built = projects[projects["status"].isin(["delivered", "closed"])]
    built = built[built["account_id"].isin(needs["account_id"])].head(14)
    of = {key: mine["need_id"].tolist() for key, mine in needs.groupby("account_id")}
    rows: list[tuple[int, str, str, Sequence[object]]] = []
    for place, row in enumerate(built.to_dict("records")):
        mine = of[str(row["account_id"])]
        need = "" if place % 3 == 2 else str(mine[int(rng.integers(len(mine)))])
        value = float(round(rng.uniform(2e6, 3e7), -5)) if not need else ""
        rows.append((as_of - int(rng.integers(5, 200)), str(rng.choice(leads)), "项目复盘",
                     (row["project_id"], str(rng.choice(_LESSONS)),
                      "" if need else str(rng.choice(_HORIZONS)), need, "", value)))  # fmt: skip
    rows.append((as_of - 9, leads[0], "项目复盘",
                 (built["project_id"].iat[0], _LESSONS[0], "1-3y", "XQ9999", "", "")))  # fmt: skip
    columns = ("project_id", "lesson", "horizon", "need_id", "product_id", "value")
    return _numbered(columns, rows)


def _locks(
    requests: pd.DataFrame, experts: pd.DataFrame, leads: list[str], as_of: int
) -> list[Row]:
    opened = requests[requests["status"].eq("open") & requests["hours"].lt(80)]
    able = experts["skills"].str.split(";")
    first, second = opened.iloc[0], opened.iloc[5]
    who = experts.loc[able.map(lambda has: first["skill"] in has), "expert_id"].iat[0]
    other = experts.loc[able.map(lambda has: second["skill"] in has), "expert_id"].iat[0]
    rows: list[tuple[int, str, str, Sequence[object]]] = [
        (as_of - 6, leads[0], "业主点名要求", (first["request_id"], who, "must")),
        (as_of - 4, leads[-1], "曾参与对手方案评审", (second["request_id"], other, "must_not")),
    ]
    return _numbered(("request_id", "expert_id", "rule"), rows)
