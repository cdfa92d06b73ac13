"""Column maps proposed for Chinese exports: the words of the data request, values as evidence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from planlib.clients.guess import Guess, SheetGuess, guess_sheet
from planlib.clients.guess_values import id_fit, unit_factor
from planlib.clients.propose import propose_map, write_proposal
from planlib.clients.request import chinese_words
from planlib.intake.maps import load_map
from planlib.intake.read import read_file
from planlib.intake.sheet import Sheet
from planlib.settings.inputs import Source
from planlib.tables import TABLES, Column

SAMPLES = Path(__file__).parents[1] / "data_samples"
ACCOUNTS: dict[str, list[str]] = {
    "客户名称": ["成都岭通公司", "湛业矿业公司", "华北水泥公司"],
    "客户编码": ["KH1", "KH2", "KH3"],
    "行业代码": ["C3011", "B0610", "C3011"],
    "省份": ["四川", "重庆", "河北"],
    "纬度": ["30.7", "29.4", "38.0"],
    "建档日期": ["2020年1月6日", "2021年3月2日", "2022年5月9日"],
}


def sheet_of(frame: pd.DataFrame, file: str = "x.csv") -> Sheet:
    """Make a sheet as it is read from a file."""
    return Sheet(frame=frame, rows=np.arange(2, len(frame) + 2), file=file)


def guess(columns: dict[str, list[str]], table: str = "accounts") -> SheetGuess:
    """Guess the columns of a sheet with these cells."""
    return guess_sheet(sheet_of(pd.DataFrame(columns, dtype="str")), table)


def by_column(found: SheetGuess) -> dict[str, Guess]:
    """Give the guesses by the column of the table."""
    return {one.column: one for one in found.guesses}


@pytest.mark.parametrize(
    ("file", "table"), [("客户台账.xlsx", "accounts"), ("业绩目标.xlsx", "targets")]
)
def test_the_ledger_of_the_sample_is_proposed_as_people_wrote_its_map(
    tmp_path: Path, file: str, table: str
) -> None:
    """Every column, and the factor of money in 万元, is that of the reviewed map."""
    found = propose_map(SAMPLES / "industrial" / "inputs" / file)
    write_proposal(found, tmp_path / "maps" / "ledger.yaml")
    (proposed,) = load_map("maps/ledger.yaml", tmp_path).tables[table]
    (reviewed,) = load_map("maps/ledger.yaml", SAMPLES / "industrial").tables[table]
    assert {name: (one.names, one.scale) for name, one in proposed.columns.items()} == {
        name: (one.names, one.scale) for name, one in reviewed.columns.items()
    }
    assert {one.mark for one in found[0].guesses if not one.values} == {"sure"}


@pytest.mark.parametrize(
    "table",
    ["accounts", "contacts", "reps", "opportunities", "opportunity_lines", "products", "leads",
     "campaigns", "bookings", "targets", "splits", "territories", "ratings"],
)  # fmt: skip
def test_a_request_answered_under_its_chinese_words_is_known(table: str) -> None:
    """A file with the Chinese words of table and columns needs no person to be mapped."""
    words = chinese_words()
    (path,) = (SAMPLES / "software" / "inputs").glob(f"{table}.*")
    (sheet,) = read_file(path, Source(path=path.name))
    columns = [name for name in sheet.frame.columns if name in TABLES[table].by_name]
    headers = {words["columns"][name]: name for name in columns}
    frame = sheet.frame[columns].head(200).set_axis(list(headers), axis=1)
    found = guess_sheet(sheet_of(frame, f"{words['tables'][table]}.xlsx"))
    assert found.table == table
    assert {one.header: one.column for one in found.guesses} == headers
    assert found.missing == ()


def test_an_id_is_not_taken_from_a_name_where_there_is_an_id() -> None:
    """It does not matter which of the two stands first, nor what the file is called."""
    for order in (list(ACCOUNTS), list(ACCOUNTS)[::-1]):
        found = by_column(guess({name: ACCOUNTS[name] for name in order}))
        assert found["account_id"].header == "客户编码"
        assert found["account_id"].mark == "sure"
        assert found["name"].header == "客户名称"


def test_a_name_that_stands_in_for_an_id_is_never_sure() -> None:
    """Where there is no id, the name is offered, for a person to decide."""
    rest = {name: cells for name, cells in ACCOUNTS.items() if name != "客户编码"}
    found = by_column(guess(rest))
    assert found["name"].header == found["account_id"].header == "客户名称"
    assert found["account_id"].mark == "doubtful"
    deals = guess(
        {"商机编号": ["D1"], "客户名称": ["成都岭通公司"], "金额": ["1"]}, "opportunities"
    )
    assert by_column(deals)["account_id"].looks_up
    assert by_column(deals)["account_id"].mark == "likely"


def test_values_speak_against_a_name() -> None:
    """Repeated ids, places outside the globe, words for codes and dates: none of them is sure."""
    good = by_column(guess(ACCOUNTS))
    bad = {
        "account_id": {"客户编码": ["四川 一部"] * 3},
        "gbt4754": {"行业代码": ["水泥制造", "采矿", "水泥"]},
        "latitude": {"纬度": ["300", "290", "380"]},
        "created_date": {"建档日期": ["很早", "去年", "今年"]},
    }
    for column, cells in bad.items():
        assert good[column].mark == "sure"
        doubted = by_column(guess(ACCOUNTS | cells)).get(column)
        assert doubted is None or doubted.mark != "sure"


def test_two_columns_that_fit_as_well_by_name_are_left_to_a_person() -> None:
    """One is proposed, as likely, and the other is named beside it."""
    found = by_column(guess(ACCOUNTS | {"客户代码": ["1", "2", "3"]}))
    assert found["account_id"].mark == "likely"
    assert "'客户代码' fits as well" in found["account_id"].why


def test_nothing_is_sure_of_a_sheet_that_may_be_another_table() -> None:
    """A few columns that many tables have do not make a table; its file's name does."""
    frame = pd.DataFrame({"编号": ["1", "2"], "名称": ["甲", "乙"], "负责人": ["R1", "R2"]})
    unnamed, named = (guess_sheet(sheet_of(frame, file)) for file in ("x.csv", "产品清单.csv"))
    assert "sure" not in {one.mark for one in unnamed.guesses}
    assert named.table == "products"
    assert by_column(named)["name"].mark == "sure"


def test_a_column_without_values_is_never_sure() -> None:
    """Its name alone is no evidence."""
    found = by_column(guess(ACCOUNTS | {"省份": ["", "", ""]}))
    assert found["province"].mark == "likely"


def test_ids_differ_from_row_to_row() -> None:
    """What repeats, or holds spaces, is less of an id; one repeated row is forgiven."""
    good = pd.Series([f"K{one}" for one in range(20)])
    assert id_fit(good) == id_fit(pd.concat([good, good.head(1)])) == 1
    assert id_fit(pd.Series(["a", "a", "a", "b"])) == 0.5
    assert id_fit(pd.Series(["Ann Ray", "Kim Lee"])) == 0.5


@pytest.mark.parametrize(
    ("header", "factor"),
    [
        ("金额（万元）", 1e4),
        ("金额(千元)", 1e3),
        ("金额（亿元）", 1e8),
        ("金额（元）", 1),
        ("金额", 1),
        ("金额（含税）", 1),
    ],
)
def test_the_unit_of_a_header_becomes_the_factor(header: str, factor: float) -> None:
    """Only of money: a number of people in 万 is none of our columns."""
    assert unit_factor(header, Column("amount", "amount", "Amount")) == factor
    assert unit_factor(header, Column("employees", "int", "Employees")) == 1
