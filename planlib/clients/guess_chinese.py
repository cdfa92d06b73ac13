"""Chinese names of columns: the words of the data request, and how exports vary them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from planlib.clients.request import chinese_words
from planlib.tables import Column

_SAME = 0.97  # weight of the word of the data request itself
_VARIED = 0.93  # of the word with another ending
_PLAIN = 0.88  # of an ending without the thing, of a thing without its ending
_NUMBER = "编号"
_NUMBERS = ("编码", "代码", "工号", "号码", "号", "id")
_DAY = "日期"
_DAYS = ("时间", "日")
#: Further names that exports give columns of any table.
_ALSO: dict[str, tuple[str, ...]] = {
    "parent_id": ("所属集团编号", "集团编号", "母公司编号", "所属集团", "母公司"),
    "country": ("国别", "国家地区"),
    "region": ("大区", "销售区域", "所属大区"),
    "province": ("省", "省市", "所在省份", "省级"),
    "city": ("市", "地市", "所在城市"),
    "postcode": ("邮政编码",),
    "employees": ("职工人数", "员工数", "职工数"),
    "revenue": ("营业收入", "年营业额", "年收入", "年销售额"),
    "industry": ("行业名称", "所属行业"),
    "gbt4754": ("行业代码", "国民经济行业代码", "国标代码"),
    "customer_type": ("客户类别", "客户性质"),
    "owner_id": ("客户经理", "客户经理编号", "客户经理工号", "业务员", "业务员编号", "业务员编码",
                 "销售负责人", "负责人工号"),
    "created_date": ("建档日期", "建档时间", "录入日期", "建立日期"),
    "updated_date": ("最近核对日期", "最近更新日期", "最后更新时间", "最后修改日期", "修改日期"),
    "last_activity_date": ("最近联系日期", "最近跟进日期", "最后跟进时间", "最近拜访日期"),
    "website": ("官网", "网站"),
    "is_customer": ("是否成交",),
    "acv": ("年均采购额", "年采购额", "年度合同额"),
    "potential": ("年潜力", "潜力"),
    "email": ("电子邮箱", "电子邮件"),
    "title": ("职位",),
    "rep_id": ("员工编号", "员工工号", "工号", "销售工号"),
    "manager_id": ("直属上级", "上级工号", "汇报对象"),
    "close_date": ("预计成交日期", "预计签约日期"),
    "probability": ("赢率", "成功率"),
    "loss_reason": ("输单原因",),
    "target_amount": ("目标", "目标金额"),
    "booked_amount": ("订单金额",),
    "booking_date": ("订单日期", "下单日期"),
    "contract_amount": ("合同额",),
}  # fmt: skip


def chinese_names(column: Column, *, is_key: bool) -> Mapping[str, float]:
    """
    Give the Chinese names by which a column may be called, with their weight.

    Parameters
    ----------
    column
        Column of an input table.
    is_key
        Whether it is the id that its table is kept by; that may be called just "number".
    """
    word = _words("columns").get(column.name, "")
    found: dict[str, float] = {}
    for name, weight in ((word, _SAME), *((one, _VARIED) for one in _ALSO.get(column.name, ()))):
        if not name:
            continue
        found.setdefault(name, weight)
        for other in _varied(name):
            found.setdefault(other, _VARIED)
    if word.endswith(_NUMBER) and not is_key:
        found.setdefault(word.removesuffix(_NUMBER), _PLAIN)
    if is_key and column.kind == "id":
        found |= {ending: _PLAIN for ending in (_NUMBER, "编码") if ending not in found}
    return found


def chinese_things(table: str) -> tuple[str, ...]:
    """Give the Chinese word of a table in the data request."""
    word = _words("tables").get(table, "")
    return (word,) if word else ()


def _varied(name: str) -> list[str]:
    for ending, others in ((_NUMBER, _NUMBERS), (_DAY, _DAYS)):
        if name.endswith(ending):
            return [name.removesuffix(ending) + other for other in others]
    return []


@lru_cache(maxsize=4)
def _words(part: str) -> Mapping[str, str]:
    return {str(name): str(word) for name, word in chinese_words()[part].items()}
