"""How a sample's firm looks after its key accounts: ratings, strategies, steps, tasks, partners."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data_samples.generator.clock import fresh
from data_samples.generator.decisions import Row, write_decisions
from data_samples.generator.write import write_csv

_HEAD = ("decision_id", "who", "when", "why", "effective_from", "effective_to", "supersedes")
_AS_OF = pd.Timestamp("2026-03-31")
_MONTHS = pd.date_range("2025-04-30", "2026-03-31", freq="ME")
_FAULTY = 5  # last deals, which cannot be used as they are
_MORE = 60  # accounts with most deals won that are looked after too
_STEPS = ("map_seats", "win_sponsor", "prove_value", "know_rivals", "set_criteria", "lock_in",
          "see_plans", "shape_need", "first_call")  # fmt: skip
_ROLES = {"design_institute": "specified", "integrator": "delivered", "distributor": "resold",
          "contractor": "delivered", "service": "serviced", "other": "other"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Words:
    """What people write in one sample."""

    confirmed: str
    goals: tuple[str, ...]
    ways: tuple[str, ...]
    tactics: tuple[str, ...]
    reasons: tuple[str, ...]
    evidence: tuple[str, ...]
    rivals: tuple[str, ...]
    tasks: tuple[tuple[str, str, str], ...]
    done: str
    director_role: str
    prefers: str


SOFTWARE = Words(
    confirmed="Rating sheet of the month",
    goals=("Second business unit on the platform", "Renew for three years before the tender",
           "Replace the incumbent's reporting", "From pilot to group standard"),
    ways=("Win the chief data officer as sponsor, start with one plant", "Show savings in figures "
          "that finance has confirmed", "Joint roadmap, twice a year with the board",
          "Offer migration with a fixed price"),
    tactics=("Workshop on governance in May", "Reference visit in June", "Executive dinner",
             "Proof of value with two data sets", "Meet procurement before the summer"),
    reasons=("Half-year review", "New head of IT", "Competitor lost a renewal", "Budget was cut",
             "Quarterly evaluation"),
    evidence=("Minutes of the steering group", "Letter of intent", "Mail of the sponsor",
              "Signed savings report"),
    rivals=("Nordlake", "Datamere", "Quillion"),
    tasks=(("training", "Reading a buying centre", "Two reps filled the seats of nine accounts"),
           ("guidance", "Go through the account plans", "Three goals were made measurable"),
           ("task", "Name a sponsor in each key account", ""),
           ("support", "Bring a solution architect into the pilot", "Pilot was extended")),
    done="Done as planned", director_role="manager", prefers="Partner",
)  # fmt: skip
INDUSTRIAL = Words(
    confirmed="当月客户评分表",
    goals=("进入集团框架采购名录", "二期项目前完成技术标准植入", "由单机供货转为成套供货",
           "签订三年备件与服务协议", "在新基地取得首台套"),
    ways=("以能耗指标为切入点，争取总工程师支持", "与设计院共同编制技术规范",
          "高层互访，每半年一次", "以样板工程带动同类装置", "先服务后设备，逐步替换竞争对手"),
    tactics=("五月安排样板工程参观", "六月向设备部作技术交流", "与采购部核对付款条件",
             "提交寿命周期成本测算", "配合车间完成振动测试"),
    reasons=("半年度评估", "集团换帅", "竞争对手中标", "投资计划推迟", "季度评估"),
    evidence=("会议纪要", "客户来函", "技术协议", "验收报告"),
    rivals=("恒泰机械", "北辰重工", "蓝石装备"),
    tasks=(("training", "客户决策链分析培训", "参训人员补齐了决策链"),
           ("training", "成套方案与报价培训", "方案一次通过率提高"),
           ("guidance", "逐户检查大客户规划", "三户调整了阶段目标"),
           ("task", "每户落实一名支持者", ""),
           ("partner", "与设计院签订年度交流计划", "两家设计院采用我方参数"),
           ("support", "协调专家参加投标前交流", "技术评分第一"),
           ("campaign", "行业技术研讨会", "新增四个需求线索")),
    done="按计划完成", director_role="KA director", prefers="设计院推荐",
)  # fmt: skip


def add_care(folder: Path, words: Words, seed: int) -> None:
    """
    Write the decisions about key accounts, and which partner took part in which deal.

    Parameters
    ----------
    folder
        The workbook, whose other files are written already: accounts with stakeholders, and those
        with most deals won, are looked after; territories say by whom.
    words
        What people write.
    seed
        Seed of the sample; the draws have a stream of their own.
    """
    inputs = folder / "inputs"
    names = ("stakeholders", "territories", "reps", "partners", "opportunities")
    read = {name: pd.read_csv(inputs / f"{name}.csv", dtype="str") for name in names}
    owned = read["territories"][read["territories"]["role_layer"] == "AE"]
    owner = owned.set_index("account_id")["rep_id"]
    won = read["opportunities"][read["opportunities"]["is_won"] == "true"]
    best = won["account_id"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    wanted = dict.fromkeys([*read["stakeholders"]["account_id"], *best.index[:_MORE]])
    ids = [one for one in wanted if one in owner.index]
    rng = fresh(seed, "care")
    reps = read["reps"].set_index("rep_id")
    decisions = {
        "account_ratings": _ratings(rng, ids, owner, reps, words),
        "account_strategies": _strategies(rng, ids, owner, reps, words),
        "account_steps": _steps(rng, ids, owner, reps, words),
        "director_tasks": _tasks(rng, ids, owner, reps, words),
    }
    write_decisions(folder, decisions)
    write_csv(inputs, "partner_deals", _partner_deals(rng, read, reps, words), is_text=True)


def _day(rng: np.random.Generator, last: pd.Timestamp, back: int) -> str:
    return f"{last - pd.Timedelta(days=int(rng.integers(0, back))):%Y-%m-%d}"


def _ratings(
    rng: np.random.Generator, ids: list[str], owner: pd.Series, reps: pd.DataFrame, words: Words
) -> list[Row]:
    """Owners differ in how reliably they rate; some never do."""
    people = sorted(set(owner[ids]))
    habit = {one: float(rng.choice([0.0, 0.55, 0.8, 0.95], p=[0.12, 0.25, 0.38, 0.25]))
             for one in people}  # fmt: skip
    level = {one: float(rng.uniform(2.5, 7.5)) for one in ids}
    rows: list[Row] = [(*_HEAD, "account_id", "factor", "rating", "confidence", "rating_date",
                        "rater_id")]  # fmt: skip
    for month, last in enumerate(_MONTHS):
        for account in ids:
            rep = str(owner[account])
            level[account] = float(np.clip(level[account] + rng.normal(0.08, 0.5), 0, 10))
            asked = ["closeness", *(["needs"] if month % 2 else [])]
            for factor in asked:
                if rng.random() >= habit[rep]:
                    continue
                day = _day(rng, last, 9)
                value = "" if factor == "needs" else f"{round(level[account] * 2) / 2:g}"
                sure = "" if factor == "needs" else f"{rng.choice([0.5, 0.6, 0.7, 0.8])}"
                rows.append(
                    (f"D-{len(rows):04d}", reps.at[rep, "name"], day, words.confirmed, "", "", "",
                     account, factor, value, sure, day, rep)
                )  # fmt: skip
    return rows


def _strategies(
    rng: np.random.Generator, ids: list[str], owner: pd.Series, reps: pd.DataFrame, words: Words
) -> list[Row]:
    rows: list[tuple[str, Row]] = []
    for account in ids:
        if rng.random() < 0.2:
            continue
        who = reps.at[str(owner[account]), "name"]
        goal, way = str(rng.choice(words.goals)), str(rng.choice(words.ways))
        direction = str(rng.choice(["expand", "protect", "pursue", "create"]))
        day = pd.Timestamp("2024-11-01") + pd.Timedelta(days=int(rng.integers(0, 200)))
        while day <= _AS_OF:
            until = f"{day + pd.Timedelta(days=int(rng.integers(240, 500))):%Y-%m-%d}"
            facts = (account, direction, goal, until, way, str(rng.choice(words.tactics)))
            when = f"{day:%Y-%m-%d}"
            rows.append((when, (who, when, str(rng.choice(words.reasons)), "", "", "", *facts)))
            day += pd.Timedelta(days=int(rng.integers(110, 330)))
            changes = rng.random(2)
            goal = str(rng.choice(words.goals)) if changes[0] < 0.35 else goal
            way = str(rng.choice(words.ways)) if changes[1] < 0.5 else way
    head: Row = (*_HEAD, "account_id", "direction", "stage_goal", "goal_date", "strategy",
                 "tactics")  # fmt: skip
    return [head, *_numbered(rows)]


def _steps(
    rng: np.random.Generator, ids: list[str], owner: pd.Series, reps: pd.DataFrame, words: Words
) -> list[Row]:
    rows: list[tuple[str, Row]] = []
    for account in ids:
        rep = str(owner[account])
        for place, step in enumerate(_STEPS):
            if rng.random() > 0.75 - 0.06 * place:
                continue
            when = _day(rng, _AS_OF, 330)
            state = str(rng.choice(["open", "done", "dropped"], p=[0.5, 0.45, 0.05]))
            due = f"{pd.Timestamp(when) + pd.Timedelta(days=int(rng.integers(40, 200))):%Y-%m-%d}"
            rival = str(rng.choice(words.rivals)) if step in _STEPS[3:6] else ""
            shown = str(rng.choice(words.evidence)) if state == "done" else ""
            facts = (account, step, state, rep, due, rival, shown)
            rows.append((when, (reps.at[rep, "name"], when, str(rng.choice(words.reasons)), "", "",
                                "", *facts)))  # fmt: skip
    when = "2026-02-11"
    stray = (ids[0], "win_hearts", "open", str(owner[ids[0]]), "2026-06-30", "", "")
    rows.append((when, (reps.at[str(owner[ids[0]]), "name"], when, words.reasons[0], "", "", "",
                        *stray)))  # fmt: skip
    head: Row = (*_HEAD, "account_id", "step", "status", "owner_id", "due_date", "competitor",
                 "evidence")  # fmt: skip
    return [head, *_numbered(rows)]


def _tasks(
    rng: np.random.Generator, ids: list[str], owner: pd.Series, reps: pd.DataFrame, words: Words
) -> list[Row]:
    """Tasks and trainings of each director over a year; most were done, some are late."""
    here = reps[(reps["role"] == words.director_role) & reps["leave_date"].isna()]
    rows: list[Row] = [(*_HEAD, "director_id", "kind", "title", "account_id", "region",
                        "person_id", "participants_count", "hours", "start_date", "due_date",
                        "status", "effect")]  # fmt: skip
    for director in here.index:
        mine = [one for one in ids if reps.at[str(owner[one]), "region"] == here.at[director,
                "region"]]  # fmt: skip
        for turn in range(int(rng.integers(3, 7))):
            kind, title, effect = words.tasks[int(rng.integers(len(words.tasks)))]
            begin = pd.Timestamp("2025-06-02") + pd.Timedelta(days=int(rng.integers(0, 290)))
            due = begin + pd.Timedelta(days=int(rng.integers(20, 75)))
            many = kind in ("training", "campaign") or not mine
            account = "" if many else mine[(turn * 7) % len(mine)]
            person = "" if many else str(owner[account])
            facts = (director, kind, title, account, here.at[director, "region"], person,
                     str(int(rng.integers(4, 12))) if many else "", f"{rng.choice([2, 4, 8])}",
                     f"{begin:%Y-%m-%d}", f"{due:%Y-%m-%d}")  # fmt: skip
            who = here.at[director, "name"]
            first = f"D-{len(rows):04d}"
            rows.append((first, who, f"{begin:%Y-%m-%d}", title, "", "", "", *facts, "open", ""))
            end = due + pd.Timedelta(days=int(rng.integers(-12, 15)))
            if end <= _AS_OF and rng.random() < 0.75:
                rows.append((f"D-{len(rows):04d}", who, f"{end:%Y-%m-%d}", words.done, "", "",
                             first, *facts, "done", effect))  # fmt: skip
    return rows


def _partner_deals(
    rng: np.random.Generator, read: dict[str, pd.DataFrame], reps: pd.DataFrame, words: Words
) -> pd.DataFrame:
    """Each partner takes part in some deals of its region, more in those its kind brings."""
    deals = read["opportunities"].iloc[:-_FAULTY]
    deals = deals.dropna(subset=["opportunity_id", "account_id", "owner_id"])
    deals = deals.drop_duplicates("opportunity_id")
    region = deals["owner_id"].map(reps["region"])
    brought = deals["source"].fillna("").str.contains(words.prefers).to_numpy()
    rows = []
    for partner in read["partners"].to_dict("records"):
        kind = str(partner["kind"])
        at = np.flatnonzero((region == partner["region"]).to_numpy())
        if not len(at) or rng.random() < 0.15:
            continue
        likely = np.where(brought[at], 4.0 if kind == "design_institute" else 1.5, 1.0)
        count = min(int(rng.poisson(9)) + 1, len(at))
        for place in np.sort(rng.choice(at, count, replace=False, p=likely / likely.sum())):
            deal = deals.iloc[int(place)]
            rows.append((partner["partner_id"], deal["opportunity_id"], _ROLES.get(kind, "other"),
                         deal["created_date"]))  # fmt: skip
    return pd.DataFrame(rows, columns=["partner_id", "opportunity_id", "role", "noted_date"])


def _numbered(rows: list[tuple[str, Row]]) -> list[Row]:
    ordered = sorted(rows, key=lambda one: (one[0], *map(str, one[1])))
    return [(f"D-{at:04d}", *row) for at, (_, row) in enumerate(ordered, start=1)]
