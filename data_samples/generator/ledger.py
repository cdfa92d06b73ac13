"""Excel files as a Chinese sales office keeps them: own headers, money in 万元, days as text."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import xlsxwriter

from planlib.tables import table as contract

#: File name (also the sheet's) by table.
SHEETS = {"accounts": "客户台账", "targets": "业绩目标"}
#: Header by column; a header that ends in （万元） holds money in units of 10,000.
HEADERS: dict[str, dict[str, str]] = {
    "accounts": {
        "account_id": "客户编号",
        "name": "客户名称",
        "parent_id": "所属集团编号",
        "country": "国家",
        "region": "销售大区",
        "province": "省份",
        "city": "城市",
        "postcode": "邮编",
        "latitude": "纬度",
        "longitude": "经度",
        "employees": "职工人数",
        "revenue": "年营业收入（万元）",
        "industry": "行业名称",
        "gbt4754": "行业代码",
        "customer_type": "客户类型",
        "owner_id": "客户经理工号",
        "created_date": "建档日期",
        "updated_date": "最近核对日期",
        "last_activity_date": "最近联系日期",
        "is_customer": "是否成交",
        "acv": "年均采购额（万元）",
        "business_line_count": "业务板块数",
        "product_need_count": "需求产品数",
        "potential": "年度潜力（万元）",
    },
    "targets": {
        "period": "期间",
        "measure": "指标",
        "target_amount": "目标（万元）",
        "region": "销售大区",
        "product_family": "产品线",
    },
}
_MEASURES = {"acv": "合同额"}
_UNIT = 10_000


def write_ledger(folder: Path, name: str, frame: pd.DataFrame) -> None:
    """
    Write a table as an Excel file with Chinese headers.

    Parameters
    ----------
    folder
        Folder of the file.
    name
        Table; its headers stand in ``HEADERS``.
    frame
        The table.
    """
    headers = HEADERS[name]
    folder.mkdir(parents=True, exist_ok=True)
    title = SHEETS[name]
    with xlsxwriter.Workbook(folder / f"{title}.xlsx") as book:
        book.set_properties({"created": datetime.datetime(2026, 4, 1)})
        sheet = book.add_worksheet(title)
        sheet.write_row(0, 0, list(headers.values()), book.add_format({"bold": True}))
        sheet.freeze_panes(1, 2)
        for place, column in enumerate(headers):
            cells = frame[column] if column in frame.columns else pd.Series(dtype="object")
            for line, value in enumerate(cells, start=1):
                if not pd.isna(value):
                    sheet.write(line, place, _cell(name, column, value))
        sheet.set_column(0, len(headers) - 1, 14)


def _cell(name: str, column: str, value: object) -> str | float:
    kind = contract(name).by_name[column].kind
    if kind == "date":
        day = pd.Timestamp(str(value))
        return f"{day.year}年{day.month}月{day.day}日"
    if kind == "bool":
        return "是" if value else "否"
    if column == "measure":
        return _MEASURES[str(value)]
    if HEADERS[name][column].endswith("（万元）"):
        return round(float(str(value)) / _UNIT, 4)
    return str(value) if kind in ("id", "text", "category") else float(str(value))
