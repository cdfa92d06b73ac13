"""What happened to the Chinese equipment maker: accounts, people, ownership, deals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_samples.generator import deal_tables
from data_samples.generator.clock import day
from data_samples.generator.cn_crew import chinese_crew
from data_samples.generator.cn_deals import EQUIPMENT, PROCESS, Scene, open_projects
from data_samples.generator.cn_market import make_chinese_accounts
from data_samples.generator.crew import Person
from data_samples.generator.deals import WON, Deal
from data_samples.generator.holidays import holiday_table, work_days
from data_samples.generator.names import pick
from data_samples.generator.owners import Timeline, own_accounts, owner_at

_NEXT = (
    "拜访设备部",
    "提交技术方案",
    "配合设计院选型",
    "准备投标文件",
    "安排厂家考察",
    "商务谈判",
    "合同评审",
    "等待招标公告",
    "与分管副总沟通",
    "现场踏勘",
    "补充业绩资料",
    "等待集团批复",
)
_LOST = "价格*3|关系不到位*2.5|技术方案*1.6|项目取消*2|项目延期*1.5|品牌短名单*1.2"


@dataclass(kw_only=True)
class ChineseWorld:
    """Everything that happened, before it becomes tables with faults."""

    seed: int
    as_of: int
    accounts: pd.DataFrame
    crew: list[Person]
    lines: list[Timeline]
    deals: list[Deal]
    ids: dict[int, str]
    names: deal_tables.Names
    wrong: dict[str, float]


def make_chinese_world(seed: int) -> ChineseWorld:
    """Make accounts, people, ownership and all deals."""
    as_of = day("2026-03-31")
    accounts = make_chinese_accounts(seed, 1_200, as_of)
    crew = chinese_crew(seed, as_of)
    work = work_days(holiday_table(["CN"]), "CN")
    for one in crew:
        one.work = work
    lines = own_accounts(seed, accounts, crew, as_of)
    deals = deal_tables.known_deals(
        open_projects(Scene(seed=seed, accounts=accounts, crew=crew, lines=lines, as_of=as_of)),
        as_of,
    )
    ids = deal_tables.number_deals(deals, seed, "SJ", 31_000)
    accounts["owner"] = [owner_at(line, as_of) for line in lines]
    _bought(accounts, deals, as_of)
    names = deal_tables.Names(
        seed=seed,
        as_of=as_of,
        process=PROCESS,
        account_ids=accounts["account_id"].tolist(),
        account_names=accounts["name"].tolist(),
        rep_ids=[one.rep_id for one in crew],
        product_ids=[one.product_id for one in EQUIPMENT],
        product_names=[one.name for one in EQUIPMENT],
        prices=[one.price for one in EQUIPMENT],
        first_closed=day("2024-01-01"),
        next_steps=_NEXT,
        namer=_deal_name,
        reasons={"new": _LOST, "expansion": _LOST, "renewal": "自行维保*3|价格*2|装置停产*1"},
    )
    wrong = _wrong_amount(deals, accounts, ids, as_of)
    return ChineseWorld(
        seed=seed,
        as_of=as_of,
        accounts=accounts,
        crew=crew,
        lines=lines,
        deals=deals,
        ids=ids,
        names=names,
        wrong=wrong,
    )


def _deal_name(rng: np.random.Generator, deal: Deal, product: str, full: str) -> str:
    short = full.removesuffix("有限公司").removesuffix("有限责任公司").removesuffix("股份")
    if deal.due is not None:
        return f"{short}{2020 + deal.due // 365}年度维保"
    kind = pick(rng, "项目*4|采购*2|改造项目*2|二期项目*0.8|技改项目*1.2|成套供货*0.8")
    return f"{short}{product}{kind}"


def _bought(accounts: pd.DataFrame, deals: list[Deal], as_of: int) -> None:
    """Yearly purchases: the mean of the last three years; a customer has bought at least once."""
    count = len(accounts)
    total, ever = np.zeros(count), np.zeros(count, dtype=bool)
    first = np.full(count, 10**6)
    for one in deals:
        first[one.account] = min(first[one.account], one.created)
        if one.won and one.end <= as_of and one.changes[-1][1] == WON:
            ever[one.account] = True
            if one.end > as_of - 1_096:
                total[one.account] += one.final_amount
    accounts["acv"] = np.where(ever, np.round(total / 3, -3), np.nan)
    accounts["is_customer"] = ever
    accounts["created"] = np.minimum(accounts["created"].to_numpy(), first)


def _wrong_amount(
    deals: list[Deal], accounts: pd.DataFrame, ids: dict[int, str], as_of: int
) -> dict[str, float]:
    """Put tax on top of one win of the last quarter in the CRM; finance has it without."""
    for deal in deals:
        if (
            deal.won
            and as_of - 89 <= deal.end <= as_of
            and deal.changes[-1][1] == WON
            and deal.deal_type != "renewal"
            and 2e6 < deal.final_amount < 8e6
            and accounts["region"].iat[deal.account] == "北方大区"
        ):
            last = deal.changes[-1]
            deal.changes[-1] = (last[0], last[1], round(deal.final_amount * 1.13, 2), *last[3:])
            return {ids[deal.number]: deal.final_amount}
    return {}
