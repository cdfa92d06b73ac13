"""Column maps of Chinese CRM and ERP exports: read, and honest about what is not verified."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from planlib.errors import InputError
from planlib.intake.maps import load_map
from planlib.intake.take import read_inputs
from planlib.plan import parse_plan


def take(root: Path, name: str, **files: dict[str, list[object]]) -> dict[str, pd.DataFrame]:
    """Read exports through a map."""
    (root / "inputs").mkdir()
    for file, content in files.items():
        pd.DataFrame(content).to_csv(root / "inputs" / f"{file}.csv", index=False)
    plan = parse_plan(f"currency: CNY\nas_of: 2026-03-31\ninputs: {{map: {name}}}\n")
    return read_inputs(plan, root).tables


@pytest.mark.parametrize("name", ["fxiaoke", "xiaoshouyi", "kingdee", "yonyou-u8"])
def test_what_no_export_has_confirmed_is_marked(name: str) -> None:
    """Each map lists what is unverified, and says so in a word."""
    found = load_map(name, Path())
    assert found.unverified
    assert "not verified" in found.about


def test_an_unverified_name_must_be_in_the_map(tmp_path: Path) -> None:
    """A mark on a column that the map does not have is an error."""
    (tmp_path / "m.yaml").write_text(
        "name: m\nunverified: [accounts.city]\ntables: {accounts: {columns: {account_id: no}}}\n"
    )
    with pytest.raises(InputError, match=r"unverified: accounts\.city is not in this map"):
        load_map("m.yaml", tmp_path)


def test_a_fxiaoke_export_of_deals_is_read(tmp_path: Path) -> None:
    """State, percent and amount arrive as the table means them."""
    deals = {
        "商机编号": ["S1", "S2"], "商机名称": ["甲", "乙"], "客户名称": ["A1", "A2"],
        "负责人": ["R1", "R1"], "商机阶段": ["谈判", "赢单"], "赢率": [30, 100],
        "预计成交金额": [1000, 2000], "预计成交日期": ["2026-04-01", "2026-03-01"],
        "商机状态": ["进行中", "赢单"], "创建时间": ["2026-01-05", "2026-01-06"],
    }  # fmt: skip
    frame = take(tmp_path, "fxiaoke", 商机=deals)["opportunities"]
    assert frame["opportunity_id"].tolist() == ["S1", "S2"]
    assert frame["probability"].tolist() == [0.3, 1.0]
    assert frame["is_closed"].tolist() == [False, True]
    assert frame["is_won"].tolist() == [False, True]
    assert frame["amount"].tolist() == [1000, 2000]


def test_yonyou_lines_take_day_and_customer_from_their_order(tmp_path: Path) -> None:
    """A line is a booking; head and line are joined by the number of the order."""
    heads = {"cSOCode": ["O1"], "dDate": ["2026-02-03"], "cCusCode": ["C7"], "cPersonCode": ["P1"]}
    lines = {"AutoID": [1, 2], "cSOCode": ["O1", "O1"], "iSum": [10.5, 20], "cInvCode": ["X", "Y"]}
    frame = take(tmp_path, "yonyou-u8", SO_SOMain=heads, SO_SODetails=lines)["bookings"]
    assert frame["booking_date"].dt.strftime("%Y-%m-%d").tolist() == ["2026-02-03"] * 2
    assert frame["account_id"].tolist() == ["C7", "C7"]
    assert frame["booked_amount"].tolist() == [10.5, 20.0]
