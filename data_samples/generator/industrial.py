"""The industrial sample: an equipment maker in China, with branches, key accounts, projects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from data_samples.generator import around, cn_around, deal_tables, dirt, money, relations
from data_samples.generator.clock import MONTH_END, dates, day, fresh, quarters
from data_samples.generator.cn_crew import chinese_history, chinese_reps
from data_samples.generator.cn_deals import EQUIPMENT, equipment_table
from data_samples.generator.cn_lines import confirm_needs, enter_duties
from data_samples.generator.cn_projects import projects
from data_samples.generator.cn_support import project_decisions, support_tables
from data_samples.generator.cn_world import ChineseWorld, make_chinese_world
from data_samples.generator.councils import INDUSTRIAL, INDUSTRIAL_WORDS, hold_councils
from data_samples.generator.decisions import write_decisions
from data_samples.generator.hiring import INDUSTRIAL as HIRING
from data_samples.generator.hiring import plan_hires, set_quotas
from data_samples.generator.holidays import holiday_table
from data_samples.generator.ledger import SHEETS, write_ledger
from data_samples.generator.opinions import INDUSTRIAL_OPINIONS, voice_opinions
from data_samples.generator.rep_reviews import INDUSTRIAL as TALKS
from data_samples.generator.rep_reviews import hold_talks
from data_samples.generator.write import arrange, as_text, write_csv, write_parquet

PARQUET = ("opportunity_history", "activities")
_TOPICS = {
    "service": "售后服务",
    "complaint": "投诉",
    "business review": "业务回顾",
    "training": "技术培训",
    "invoice": "回款",
    "roadmap": "技术交流",
}


def make_chinese_tables(world: ChineseWorld) -> dict[str, pd.DataFrame]:
    """Make all tables of the workbook, faults included."""
    seed, as_of, accounts, crew = world.seed, world.as_of, world.accounts, world.crew
    first = day("2024-04-01")
    deals = deal_tables.opportunities(world.deals, world.ids, world.names)
    shown = set(deals["opportunity_id"])
    people = cn_around.chinese_contacts(seed, accounts, as_of)
    acts = around.activities(
        seed, world.deals, world.ids, accounts, people, crew, (first, as_of), 0.55
    )
    acts = acts[acts["opportunity_id"].isna() | acts["opportunity_id"].isin(shown)]
    acts = _chinese_activities(seed, acts.reset_index(drop=True))
    deals["last_activity_date"] = deals["opportunity_id"].map(
        around.last_days(acts, "opportunity_id")
    )
    people["last_activity_date"] = people["contact_id"].map(around.last_days(acts, "contact_id"))
    top = relations.top_accounts(accounts.assign(acv=accounts["acv"] / 4), 64)
    months = [MONTH_END[one] for one in range(first - 31, as_of + 1) if MONTH_END[one] == one]
    table, paid = projects(seed, world.deals, world.ids, shown, accounts, as_of)
    rich = _described(deals, accounts)
    tables = {
        "reps": chinese_reps(seed, crew),
        "rep_history": chinese_history(seed, crew, as_of),
        "contacts": people,
        "activities": acts,
        "products": equipment_table(),
        "opportunity_lines": deal_tables.lines(world.deals, world.ids, deals, world.names),
        "opportunity_history": deal_tables.history(world.deals, world.ids, world.names, months),
        "splits": deal_tables.splits(
            world.deals,
            world.ids,
            deals,
            seed,
            [one.rep_id for one in crew if one.role == "KA director"],
        ),
        "stakeholders": cn_around.chinese_stakeholders(seed, top, people, as_of),
        "needs": cn_around.chinese_needs(seed, top, crew, as_of),
        "ratings": cn_around.chinese_ratings(seed, top, crew, as_of),
        "experts": cn_around.chinese_experts(seed, as_of),
        "projects": table,
        "payments": paid,
        "partners": cn_around.chinese_partners(seed, accounts, crew, as_of),
        "territories": _territories(world),
        "targets": _targets(seed, rich),
        "forecast_calls": money.forecast_calls(seed, rich, crew, first, as_of).drop(columns="note"),
        "availability": money.availability(seed, crew, first, as_of + 120),
        "holidays": holiday_table(["CN"]),
        "accounts": _account_table(world, acts, top),
    }
    booked = money.bookings(seed, deals, world.wrong)
    found = money.controls(
        booked, accounts.set_index("account_id")["region"], quarters("2025Q1", "2026Q1")
    )
    found["source"] = "财务总账 " + found["period"]
    tables |= {"bookings": booked, "controls": found}
    soiled, _ = dirt.soil_deals(seed, deals, as_of, 0.6)
    soiled["account_id"] = soiled["account_id"].str.replace("A-9", "KH9", regex=False)
    tables["opportunities"] = dirt.bad_rows(seed, as_text("opportunities", soiled))
    tables["support_requests"], tables["expert_leave"] = support_tables(
        seed, table, tables["experts"], deals, as_of
    )
    return tables


def _chinese_activities(seed: int, acts: pd.DataFrame) -> pd.DataFrame:
    """More visits and messages, fewer mails; topics in Chinese."""
    rng = fresh(seed, "chinese activities")
    table = acts.copy()
    mail = (table["activity_type"] == "email").to_numpy()
    kinds = rng.choice(["message", "call", "visit", "email"], len(table), p=[0.4, 0.2, 0.18, 0.22])
    table["activity_type"] = np.where(mail, kinds, table["activity_type"])
    long = mail & (kinds == "visit")
    table["minutes"] = table["minutes"].mask(
        long, rng.choice([60.0, 90.0, 120.0, 180.0], len(table))
    )
    call = mail & (kinds == "call")
    table["minutes"] = table["minutes"].mask(call, rng.choice([5.0, 10.0, 15.0, 20.0], len(table)))
    table["is_automatic"] = table["is_automatic"] & (table["activity_type"] == "email")
    table["topic"] = table["topic"].map(_TOPICS)
    return table


def _described(deals: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    region = dict(zip(accounts["account_id"], accounts["region"], strict=True))
    family = {one.product_id: one.family for one in EQUIPMENT}
    return deals.assign(
        region=deals["account_id"].map(region),
        family=deals["product_id"].map(family),
        is_won=deals["is_won"].astype(bool),
    )


def _territories(world: ChineseWorld) -> pd.DataFrame:
    turn: dict[str, int] = {}
    names: dict[int, str] = {}
    for place, one in enumerate(world.crew):
        if one.role == "AE":
            turn[one.unit] = turn.get(one.unit, 0) + 1
            names[place] = f"{cn_around.branch_code(one.unit)}-{turn[one.unit]}"
    rows = []
    for number, row in enumerate(world.accounts.itertuples()):
        start, owner = world.lines[number][-1]
        if owner >= 0:
            rows.append(
                (
                    row.account_id,
                    "AE",
                    world.crew[owner].rep_id,
                    names[owner],
                    max(start, row.created),
                )
            )
    table = pd.DataFrame(rows, columns=["account_id", "role_layer", "rep_id", "territory", "since"])
    table["since_date"] = dates(table["since"])
    return table


def _targets(seed: int, deals: pd.DataFrame) -> pd.DataFrame:
    """Give table ``targets``: total, by region and by product family; the lines sum up."""
    rng = fresh(seed, "chinese targets")
    year = deals[deals["is_won"] & (deals["close_date"].dt.year == 2025)]
    parts = {1: 0.20, 2: 0.26, 3: 0.25, 4: 0.29}
    hope = {str(one): float(rng.uniform(1.0, 1.18)) for one in sorted(set(deals["region"]))}
    rows = []
    for name in quarters("2024Q2", "2026Q4"):
        age = int(name[:4]) + (int(name[5]) - 1) / 4 - 2025.375
        total = 0.0
        for region, amount in year.groupby("region")["amount"].sum().items():
            value = round(float(amount) * parts[int(name[5])] * 1.15**age * hope[str(region)], -5)
            rows.append((name, "acv", value, region, None))
            total += value
        rows.append((name, "acv", total, None, None))
        family = year.groupby("family")["amount"].sum()
        values = (family / family.sum() * total).round(-5)
        values.iloc[0] += total - values.sum()
        rows += [(name, "acv", float(value), None, one) for one, value in values.items()]
    return pd.DataFrame(
        rows, columns=["period", "measure", "target_amount", "region", "product_family"]
    )


def _account_table(world: ChineseWorld, acts: pd.DataFrame, top: pd.DataFrame) -> pd.DataFrame:
    table = world.accounts.copy()
    rng = fresh(world.seed, "chinese account columns")
    reps = [one.rep_id for one in world.crew]
    table["owner_id"] = [reps[one] if one >= 0 else None for one in table["owner"]]
    table["parent_id"] = [
        table["account_id"].iat[one] if one >= 0 else None for one in table["parent"]
    ]
    table["created_date"] = dates(table["created"])
    table["last_activity_date"] = table["account_id"].map(around.last_days(acts, "account_id"))
    table["potential"] = np.nan
    given = table.loc[top.index, "true_potential"] * np.exp(rng.normal(0, 0.15, len(top)))
    table.loc[top.index, "potential"] = given.round(-5)
    return soil_chinese(world.seed, table, world.as_of)


def soil_chinese(seed: int, accounts: pd.DataFrame, as_of: int) -> pd.DataFrame:
    """Put faults into the accounts: employees, codes, names of provinces, doubles."""
    rng = fresh(seed, "chinese dirt")
    table = accounts.copy()
    count = len(table)
    table["employees"] = table["employees"].astype("object")
    table.loc[rng.random(count) < 0.08, "employees"] = None
    table.loc[rng.choice(count, 4, replace=False), "employees"] = 0
    table.loc[rng.random(count) < 0.06, "gbt4754"] = None
    table.loc[rng.random(count) < 0.03, "industry"] = None
    long = {"内蒙古": "内蒙古自治区", "广西": "广西壮族自治区", "北京": "北京市", "上海": "上海市"}
    mixed = rng.random(count) < 0.06
    table.loc[mixed, "province"] = [
        long.get(one, f"{one}省") if one not in ("宁夏", "新疆", "天津", "重庆") else one
        for one in table.loc[mixed, "province"]
    ]
    gone = rng.random(count) < 0.03
    table.loc[gone, ["latitude", "longitude"]] = np.nan
    ages = np.where(
        rng.random(count) < 0.27, rng.integers(380, 1_400, count), rng.integers(0, 365, count)
    )
    table["updated_date"] = dates(np.maximum(table["created"].to_numpy(), as_of - ages))
    fits = np.flatnonzero(
        table["name"].str.endswith("有限责任公司") | table["name"].str.contains("（")
    )
    double = table.iloc[np.sort(rng.choice(fits, 9, replace=False))].copy()
    double["name"] = [
        name.replace("有限责任公司", "有限公司")
        if name.endswith("有限责任公司")
        else name.replace("（", "(").replace("）", ")")
        for name in double["name"]
    ]
    used = table["account_id"].str[2:].astype(int).max()
    double["account_id"] = [f"KH{used + 3 + 2 * place:06d}" for place in range(len(double))]
    double["acv"], double["is_customer"], double["parent_id"] = np.nan, False, None
    double["last_activity_date"] = pd.NaT
    return pd.concat([table, double], ignore_index=True)


def write_chinese_workbook(folder: Path, seed: int) -> None:
    """Write input files and past decisions of the workbook."""
    world = make_chinese_world(seed)
    tables = make_chinese_tables(world)
    tables["hiring_plan"] = plan_hires(HIRING, tables["reps"])
    for name, frame in tables.items():
        if name in PARQUET:
            write_parquet(folder / "inputs", name, frame)
        elif name in SHEETS:
            write_ledger(folder / "inputs", name, arrange(name, frame))
        else:
            write_csv(folder / "inputs", name, frame, is_text=name == "opportunities")
    known = {
        "region": set(tables["reps"]["region"].dropna()),
        "product_family": set(tables["products"]["family"]),
    }
    councils = hold_councils(INDUSTRIAL, known, tables["reps"], INDUSTRIAL_WORDS)
    reps = [one.rep_id for one in world.crew]
    owned = world.accounts.assign(
        owner_id=[reps[one] if one >= 0 else None for one in world.accounts["owner"]]
    )
    said = voice_opinions(owned, tables["reps"], INDUSTRIAL_OPINIONS, seed)
    lines = _line_entries(world, tables)
    taken = project_decisions(seed, tables, world.as_of)
    talks = hold_talks(TALKS, tables["reps"], seed)
    kept = _decisions(world, tables["reps"]) | councils | said | lines | taken | talks
    kept |= set_quotas(HIRING, tables["reps"])
    write_decisions(folder, kept)


def _line_entries(
    world: ChineseWorld, tables: dict[str, pd.DataFrame]
) -> dict[str, list[tuple[object, ...]]]:
    """Give what people entered on duties of directors and on proposed needs."""
    top = relations.top_accounts(world.accounts.assign(acv=world.accounts["acv"] / 4), 20)
    deals = deal_tables.opportunities(world.deals, world.ids, world.names)
    reps = tables["reps"]
    return {
        "director_duties": enter_duties(world.seed, reps, world.as_of),
        "need_proposals": confirm_needs(deals, tables["needs"], top, reps, world.as_of),
    }


def _decisions(world: ChineseWorld, reps: pd.DataFrame) -> dict[str, list[tuple[object, ...]]]:
    head = (
        "decision_id",
        "who",
        "when",
        "why",
        "effective_from",
        "effective_to",
        "supersedes",
        "account_id",
    )
    owned = world.accounts[world.accounts["owner"] >= 0]
    top = relations.top_accounts(owned.assign(acv=owned["acv"] / 4), 30).reset_index(drop=True)
    names = dict(zip(reps["rep_id"], reps["name"], strict=True))
    bosses = dict(zip(reps["rep_id"], reps["manager_id"], strict=True))
    leads = dict(zip(reps["rep_id"], reps["functional_manager_id"], strict=True))

    def boss(place: int, of: dict[str, str]) -> str:
        return str(names.get(of.get(world.crew[int(top.at[place, "owner"])].rep_id), "营销总部"))

    def rep(place: int) -> str:
        return world.crew[int(top.at[place, "owner"])].rep_id

    ids = top["account_id"].tolist()
    return {
        "key_accounts": [
            (*head, "is_key"),
            (
                "D-0001",
                boss(3, leads),
                "2025-01-10",
                "行业示范项目，集团战略合作协议",
                "2025-01-10",
                "",
                "",
                ids[3],
                "true",
            ),
            (
                "D-0002",
                boss(6, leads),
                "2025-07-08",
                "装置搬迁，两年内无投资计划",
                "2025-07-08",
                "2027-06-30",
                "",
                ids[6],
                "false",
            ),
        ],
        "territories": [
            (*head, "rep_id", "rule"),
            (
                "D-0001",
                boss(0, bosses),
                "2026-01-09",
                "在建项目未验收，不换人",
                "2026-01-09",
                "2026-12-31",
                "",
                ids[0],
                rep(0),
                "must",
            ),
            (
                "D-0002",
                boss(4, bosses),
                "2026-01-09",
                "高层关系由本人维护",
                "2026-01-09",
                "",
                "",
                ids[4],
                rep(4),
                "must",
            ),
            (
                "D-0003",
                boss(8, bosses),
                "2026-01-09",
                "客户投诉，要求更换客户经理",
                "2026-01-09",
                "",
                "",
                ids[8],
                rep(8),
                "must_not",
            ),
        ],
        "segments": [
            (*head, "segment", "unit", "lifecycle", "potential", "workload_hours"),
            (
                "D-0001",
                boss(2, bosses),
                "2026-01-12",
                "集团十五五规划新增两套装置",
                "2026-01-12",
                "",
                "",
                ids[2],
                "",
                "",
                "",
                int(round(float(top.at[2, "true_potential"]) * 1.5, -5)),
                "",
            ),
            (
                "D-0002",
                boss(5, bosses),
                "2026-01-12",
                "驻厂服务，每周到访",
                "2026-01-12",
                "",
                "",
                ids[5],
                "",
                "",
                "",
                "",
                220,
            ),
        ],
    }
