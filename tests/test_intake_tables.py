"""From files to tables: column maps, quarantine, keys, currency, history, the as-of date."""

from __future__ import annotations

import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planlib.errors import InputError
from planlib.intake import Taken, known_maps, load_map, read_inputs
from planlib.intake.history import unify_history
from planlib.intake.matrix import SECTIONS, find_computable
from planlib.intake.near import find_near
from planlib.plan import parse_plan
from planlib.steps import STEPS
from planlib.tables import TABLES

ACCOUNTS = "account_id,name,employees,updated_date\nA1,Acme,10,2026-03-01\nA2,Beta,20,2026-03-02\n"
REPS = "rep_id,name,manager_id\nR1,Kim Lee,R2\nR2,Ann Day,\n"
DEALS = (
    "opportunity_id,name,account_id,owner_id,amount,close_date,is_closed,is_won,created_date\n"
    "D1,First,A1,R1,100,2026-03-10,true,true,2026-01-01\n"
    "D2,Second,A2,R2,200,2026-06-30,false,false,2026-02-01\n"
)


def make_workbook(folder: Path, plan: str = "name: Test\n", **files: str | bytes) -> Path:
    """Make a workbook with input files; the name of a file has __ for its dot."""
    (folder / "inputs").mkdir(parents=True, exist_ok=True)
    (folder / "plan.yaml").write_text(plan, encoding="utf-8")
    for name, text in files.items():
        stem, _, ending = name.rpartition("__")
        path = folder / "inputs" / f"{stem}.{ending}" if stem else folder / "inputs" / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def take(folder: Path, **changes: object) -> Taken:
    """Take in a workbook's inputs."""
    plan = parse_plan((folder / "plan.yaml").read_text(encoding="utf-8"))
    return read_inputs(plan, folder, **changes)


def make_book(folder: Path, name: str, **sheets: list[list[object]]) -> None:
    """Write an Excel file with these sheets into the inputs."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder / "inputs" / name)


def adds_up(taken: Taken) -> bool:
    """Tell whether every row read is kept, filtered or set aside."""
    summary = taken.summary
    total = summary["rows_kept"] + summary["rows_filtered"] + summary["rows_quarantined"]
    return bool((summary["rows_read"] == total).all())


def test_files_named_like_tables_need_no_map(tmp_path):
    """Canonical names are read as they are, and every table keeps its contract."""
    taken = take(
        make_workbook(tmp_path, accounts__csv=ACCOUNTS, reps__csv=REPS, opportunities__csv=DEALS)
    )
    assert list(taken.tables) == ["accounts", "reps", "opportunities"]
    for name, frame in taken.tables.items():
        TABLES[name].check(frame)
    assert taken.quarantine.empty
    assert adds_up(taken)


def test_a_bad_key_sets_the_row_aside_and_a_bad_cell_only_itself(tmp_path):
    """File, row, column, value, rule and money are named; nothing is lost."""
    deals = DEALS + (
        ",Third,A1,R1,300,2026-05-01,false,false,2026-02-01\n"
        "D4,Fourth,A1,R1,400,someday,false,false,2026-02-01\n"
    )
    taken = take(
        make_workbook(tmp_path, accounts__csv=ACCOUNTS, reps__csv=REPS, opportunities__csv=deals)
    )
    rows = taken.quarantine.set_index("severity")
    assert rows.loc["row", ["file", "row", "column", "amount_at_stake"]].tolist() == [
        "opportunities.csv",
        4,
        "opportunity_id",
        300.0,
    ]
    assert rows.loc["cell", ["row", "column", "value", "rule"]].tolist() == [
        5,
        "close_date",
        "someday",
        "not a date",
    ]
    assert taken.tables["opportunities"]["opportunity_id"].tolist() == ["D1", "D2", "D4"]
    assert pd.isna(taken.tables["opportunities"]["close_date"].iloc[2])
    assert adds_up(taken)


@settings(max_examples=8)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "D1", "D2", "D3"]),
            st.sampled_from(["", "5", "x", "1,0,0"]),
            st.sampled_from(["2026-01-01", "", "31/31/2026", "a,b"]),
        ),
        max_size=8,
    )
)
def test_rows_in_are_rows_kept_plus_rows_set_aside(tmp_path_factory, rows):
    """Whatever a file holds, no row appears or disappears."""
    folder = tmp_path_factory.mktemp("book")
    text = "opportunity_id,amount,created_date\n" + "".join(
        f'{key},"{amount}",{date}\n' for key, amount, date in rows
    )
    text += "D9,1,2026-01-01\n" * (len(rows) + 1)
    taken = take(make_workbook(folder, "as_of: 2026-03-31\n", opportunities__csv=text))
    assert adds_up(taken)
    filled = sum(any(row) for row in rows)
    assert int(taken.summary["rows_read"].iloc[0]) == filled + len(rows) + 1
    assert taken.tables["opportunities"]["opportunity_id"].is_unique


@pytest.mark.parametrize("blank", ["", ",,", ',"",', '"","",""', " , ,"])
def test_lines_without_a_value_are_no_rows(tmp_path, blank):
    """A line of separators, quotes or spaces alone counts neither as read nor as set aside."""
    text = f"opportunity_id,amount,created_date\nD1,1,2026-01-01\n{blank}\nD2,2,2026-01-02\n"
    taken = take(make_workbook(tmp_path, "as_of: 2026-03-31\n", opportunities__csv=text + blank))
    assert taken.summary["rows_read"].tolist() == [2]
    assert taken.quarantine.empty


def test_identical_duplicates_keep_one_and_conflicts_keep_the_latest(tmp_path):
    """The rule stands beside each row set aside."""
    accounts = ACCOUNTS + "A1,Acme,10,2026-03-01\nA2,Beta two,25,2026-03-09\nA2,Old,1,\n"
    taken = take(make_workbook(tmp_path, accounts__csv=accounts))
    assert taken.tables["accounts"].set_index("account_id")["name"].to_dict() == {
        "A1": "Acme",
        "A2": "Beta two",
    }
    rules = taken.quarantine.sort_values("row")["rule"].tolist()
    assert rules == [
        "same key as row 5 of accounts.csv with other values; kept: the later updated_date, else "
        "the first",
        "identical duplicate of row 2 of accounts.csv",
        "same key as row 5 of accounts.csv with other values; kept: the later updated_date, else "
        "the first",
    ]
    assert adds_up(taken)


def test_an_identical_row_puts_no_money_at_stake(tmp_path):
    """It is counted apart, as its money is in the row kept; rows still add up."""
    deals = DEALS + DEALS.splitlines()[1] + "\n,No key,A1,R1,300,2026-05-01,false,false,\n"
    deals += "D2,Other,A2,R2,50,2026-06-30,false,false,2026-02-01\n"
    taken = take(make_workbook(tmp_path, "as_of: 2026-03-31\n", opportunities__csv=deals))
    row = taken.summary.iloc[0]
    assert (row["rows_kept"], row["rows_quarantined"], row["rows_repeated"]) == (2, 3, 1)
    assert (row["amount_column"], row["amount_kept"]) == ("amount", 300)
    assert row["amount_quarantined"] == 350
    same = taken.quarantine["rule"].str.startswith("identical duplicate")
    assert taken.quarantine.loc[same, "amount_at_stake"].isna().all()
    assert adds_up(taken)


def test_rows_that_state_the_same_money_several_times_have_no_sum(tmp_path):
    """A total beside its parts, or the states of one deal, are not added up."""
    controls = (
        "period,measure,cut,cut_value,booked_amount\n"
        "2026Q1,closed_acv,total,all,100\n2026Q1,won_count,total,all,1\n"
    )
    taken = take(
        make_workbook(
            tmp_path, "as_of: 2026-03-31\n", opportunities__csv=DEALS, controls__csv=controls
        )
    )
    rows = taken.summary.set_index("table")
    assert rows.loc["opportunities", "amount_kept"] == 300
    assert rows.loc["controls", ["amount_column", "amount_kept", "amount_quarantined"]].isna().all()


def test_row_order_does_not_change_what_is_kept(tmp_path):
    """Conflicting duplicates are decided by date, not by place."""
    lines = ["A1,Old,1,2026-01-01", "A1,New,2,2026-02-01", "A2,X,3,2026-02-01"]
    names = []
    for number, order in enumerate((lines, lines[::-1])):
        folder = make_workbook(
            tmp_path / str(number),
            accounts__csv=("account_id,name,employees,updated_date\n" + "\n".join(order)),
        )
        names.append(take(folder).tables["accounts"].set_index("account_id")["name"].to_dict())
    assert names[0] == names[1] == {"A1": "New", "A2": "X"}


def test_orphans_are_kept_and_listed_with_their_money(tmp_path):
    """A deal of an unknown account is still a deal."""
    deals = DEALS.replace("D2,Second,A2", "D2,Second,A9")
    taken = take(
        make_workbook(tmp_path, accounts__csv=ACCOUNTS, reps__csv=REPS, opportunities__csv=deals)
    )
    assert taken.tables["opportunities"]["account_id"].tolist() == ["A1", "A9"]
    note = taken.quarantine.iloc[0]
    assert (note["severity"], note["value"], note["amount_at_stake"]) == ("note", "A9", 200)
    assert note["rule"] == "not found in accounts (one row)"


@pytest.mark.parametrize(
    ("owner", "meant"),
    [("ann  LEE", "R1, whose name it is (lookup in a column map"), ("r-1", "R1;"), ("Bo", None)],
)
def test_an_id_that_is_a_name_or_written_otherwise_is_recognised(tmp_path, owner, meant):
    """Who fills in names where ids belong is told the id; a name that two have says nothing."""
    reps = "rep_id,name,manager_id\nR1,Ann Lee,R2\nR2,Bo,\nR3,Bo,\n"
    deals = DEALS.replace("D1,First,A1,R1", f"D1,First,A1,{owner}")
    folder = make_workbook(tmp_path, accounts__csv=ACCOUNTS, reps__csv=reps,
                           opportunities__csv=deals)  # fmt: skip
    notes = take(folder).quarantine
    note = notes[notes["column"].eq("owner_id")].iloc[0]
    assert note["value"] == owner
    assert ("perhaps" in note["allowed"]) == (meant is not None)
    assert meant is None or f"perhaps {meant}" in note["allowed"]


def test_every_problem_of_every_source_comes_at_once(tmp_path):
    """A missing column, an unclear date and a broken file are one message."""
    folder = make_workbook(
        tmp_path,
        accounts__csv="acount_id,name\nA1,x\n",
        reps__csv=b"",
        opportunities__csv="opportunity_id,close_date,amount\nD1,,1.5\nD2,03/04/2026,350.000\n"
        "D3,04/03/2026,1.250\n",
    )
    with pytest.raises(InputError) as caught:
        take(folder)
    text = str(caught.value)
    assert "no column for 'account_id', which is required" in text
    assert "nearest: acount_id" in text
    assert "reps.csv: the file is empty" in text
    assert "row 3, column 'close_date' (for close_date): '03/04/2026' may have the day" in text
    assert "row 3, column 'amount' (for amount): '350.000' may have a decimal mark" in text
    kept = take(folder, strict=False)
    assert len(kept.problems) == 3  # the as-of date may stand in these files
    assert kept.tables == {}


def test_a_declaration_in_plan_yaml_settles_what_is_unclear(tmp_path):
    """date_order and decimal of a source are believed."""
    plan = (
        "as_of: 2026-12-31\ninputs:\n  sources:\n"
        "    - {path: deals.csv, table: opportunities, date_order: dmy, decimal: ','}\n"
    )
    folder = make_workbook(
        tmp_path, plan, deals__csv=("opportunity_id;close_date;amount\nD1;03/04/2026;1.500\n")
    )
    row = take(folder).tables["opportunities"].iloc[0]
    assert (str(row["close_date"].date()), row["amount"]) == ("2026-04-03", 1500)


def test_money_in_another_currency_is_converted_or_left_out(tmp_path):
    """At the plan's rate; without a rate the money is missing and listed."""
    plan = "as_of: 2026-03-31\ncurrency: USD\nrates: {EUR: 1.1}\n"
    deals = "opportunity_id,amount,currency\nD1,100,EUR\nD2,100,USD\nD3,100,CHF\nD4,EUR 10,\n"
    taken = take(make_workbook(tmp_path, plan, opportunities__csv=deals))
    rows = taken.tables["opportunities"]
    assert rows["amount"].round(6).tolist()[:2] == [110, 100]
    assert rows["amount"].round(6).iloc[3] == 11
    assert rows["source_amount"].tolist()[0] == 100
    assert pd.isna(rows["amount"].iloc[2])
    assert taken.quarantine["rule"].tolist() == ["no rate for CHF in plan.yaml"]


def test_closed_and_won_come_from_metadata_never_from_labels(tmp_path):
    """A stage called Closed Won with a probability of 0 is lost."""
    plan = "as_of: 2026-03-31\n"
    deals = (
        "opportunity_id,stage,probability\nD1,Closed Won,0\nD2,Contract sent,1\n"
        "D3,Closed Lost,0.5\nD4,x,\n"
    )
    taken = take(make_workbook(tmp_path, plan, opportunities__csv=deals))
    rows = taken.tables["opportunities"]
    assert rows["is_closed"].tolist()[:3] == [True, True, False]
    assert rows["is_won"].tolist()[:3] == [False, True, False]
    assert pd.isna(rows["is_won"].iloc[3])
    assert taken.quarantine["rule"].iloc[0].startswith("closed and won were worked out")


# ------------------------------------------------------------------ column maps


@pytest.mark.parametrize(
    "name", ["salesforce", "salesforce-report", "salesforce-fivetran", "hubspot", "dynamics"]
)
def test_the_maps_that_come_along_are_valid(name, tmp_path):
    """Every table and column of a shipped map exists."""
    assert name in known_maps()
    assert "opportunities" in load_map(name, tmp_path).tables


BAD_MAPS = {
    "no table": ("name: x\ntables:\n  account: {columns: {name: a}}\n", "did you mean 'accounts'"),
    "no column": ("name: x\ntables:\n  accounts: {columns: {nmae: a}}\n", "did you mean 'name'"),
    "unknown key": ("name: x\ntables:\n  accounts: {colums: {}}\n", "colums: Extra inputs"),
    "not YAML": ("name: [x\n", "not valid YAML"),
    "alias": ("name: x\na: &b\ntables: {}\n", "anchors and aliases"),
    "no mapping": ("- a\n", "a map has the keys name and tables"),
    "circle": ("based_on: m.yaml\nname: x\n", "based on itself"),
}


@pytest.mark.parametrize("case", BAD_MAPS)
def test_a_wrong_map_is_refused_by_key(tmp_path, case):
    """The message names the key and the nearest name."""
    text, message = BAD_MAPS[case]
    (tmp_path / "m.yaml").write_text(text)
    with pytest.raises(InputError, match=message):
        load_map("m.yaml", tmp_path)


@pytest.mark.parametrize("name", ["salesfroce", "../m.yaml", "/etc/passwd", "nope.yaml"])
def test_a_map_is_found_by_name_or_inside_the_workbook_only(tmp_path, name):
    """Other names and paths are refused with the maps that exist."""
    (tmp_path / "book").mkdir()
    (tmp_path / "m.yaml").write_text("name: x\ntables: {}\n")
    with pytest.raises(InputError, match="there is no such map"):
        load_map(name, tmp_path / "book")


def test_a_map_changes_the_one_it_is_based_on(tmp_path):
    """Only the columns that differ are written again."""
    (tmp_path / "m.yaml").write_text(
        "based_on: salesforce\nname: own\ntables:\n  accounts:\n    columns:\n      segment: Tier\n"
    )
    own, base = load_map("m.yaml", tmp_path), load_map("salesforce", tmp_path)
    assert own.tables["accounts"][0].columns["segment"].names == ("Tier",)
    assert own.tables["accounts"][0].columns["name"] == base.tables["accounts"][0].columns["name"]


SALESFORCE = {
    "Account__csv": "Id,Name,OwnerId,NumberOfEmployees,IsDeleted\n"
    "001A0000006Vm9r,Acme,005A0000001Abcd,12,false\n"
    "001A0000006Vm9s,Gone,005A0000001Abcd,12,true\n",
    "Opportunity__csv": "Id,AccountId,OwnerId,StageName,Probability,ForecastCategory,Amount,"
    "CloseDate,CreatedDate,IsClosed,IsWon,Type,IsDeleted\n"
    "006A0000001Abcd,001A0000006Vm9rIAC,Kim Lee,Working on it,65,BestCase,"
    "1000,2026-06-30,2026-01-02T03:04:05.000+0000,false,false,Renewal,false\n",
    "User__csv": "Id,Name,ManagerId,IsActive\n005A0000001Abcd,Kim Lee,,true\n",
}


def test_salesforce_objects_come_together(tmp_path):
    """15- and 18-character ids meet, names become keys, 65 is 0.65, deleted rows are filtered."""
    taken = take(make_workbook(tmp_path, "inputs: {map: salesforce}\n", **SALESFORCE))
    deal = taken.tables["opportunities"].iloc[0]
    assert deal["account_id"] == taken.tables["accounts"]["account_id"].iloc[0]
    assert deal["owner_id"] == taken.tables["reps"]["rep_id"].iloc[0]
    assert (deal["probability"], deal["forecast_category"], deal["deal_type"]) == (
        0.65,
        "best_case",
        "renewal",
    )
    assert str(deal["created_date"]) == "2026-01-02 00:00:00"
    assert taken.summary.set_index("table").loc["accounts", "rows_filtered"] == 1
    assert adds_up(taken)


REPORT_EN = (
    '"Opportunity Owner","Account Name","Opportunity Name","Opportunity ID","Stage","Amount",'
    '"Probability (%)","Close Date","Created Date","Closed","Won"\n'
    '"Kim Lee","Acme","First","006A0000001Abcd","Talking","USD 1,000.00","50%","6/30/2026",'
    '"1/31/2026","0","0"\n'
    '"Ann Day","Beta","Second","006A0000001Abce","Done","USD 2,500.00","100%","3/15/2026",'
    '"1/15/2026","1","1"\n\n"My pipeline"\n'
    '"Confidential Information - Do Not Distribute"\n"Generated By:  Kim Lee  4/1/2026"\n'
)
REPORT_ZH = (
    '"业务机会所有人","客户名","业务机会名称","业务机会 ID","阶段","金额","可能性 (%)","结束日期",'
    '"创建日期","已结束","赢得"\n'
    '"李金","海华电力","一期","006A0000001Abcd","谈判","CNY 12万","50%","2026-6-30",'
    '"2026年1月31日","否","否"\n'
    '"王安","张三科技","二期","006A0000001Abce","完成","CNY 2,500.00","100%","2026-3-15",'
    '"2026年1月15日","是","是"\n\n"总计","2"\n"机密信息 - 请勿分发"\n'
)


@pytest.mark.parametrize(
    ("text", "encoding", "currency", "amount"),
    [
        (REPORT_EN, "utf-8", "USD", 1000),
        (REPORT_ZH, "utf-8-sig", "CNY", 120_000),
        (REPORT_ZH, "gb18030", "CNY", 120_000),
    ],
    ids=["English", "Chinese", "Chinese in GB18030"],
)
def test_one_report_export_is_enough(tmp_path, text, encoding, currency, amount):
    """Labels in English or Chinese, a footer, money as text: one file is enough to begin."""
    plan = f"currency: {currency}\ninputs: {{map: salesforce-report}}\n"
    taken = take(make_workbook(tmp_path, plan, report1774000000__csv=text.encode(encoding)))
    deals = taken.tables["opportunities"]
    assert deals["amount"].tolist() == [amount, 2500]
    assert deals["is_won"].tolist() == [False, True]
    assert (
        deals["opportunity_id"].tolist()[0]
        == "006A0000001AbcdEAD"[:15] + deals["opportunity_id"].tolist()[0][15:]
    )
    assert set(deals["account_id"]) == set(taken.tables["accounts"]["account_id"])
    assert set(deals["owner_id"]) == set(taken.tables["reps"]["rep_id"])
    assert taken.dropped
    assert adds_up(taken)


def test_hubspot_stages_are_read_by_metadata(tmp_path):
    """Where the stage with id closedwon means lost, the deal is lost."""
    files = {
        "deal__csv": "deal_id,deal_pipeline_stage_id,property_dealname,property_amount,"
        "property_createdate,is_deleted\n1,closedwon,A,10,2026-01-01 10:00:00,false\n"
        "2,contractsent,B,20,2026-01-02 10:00:00,false\n",
        "deal_pipeline_stage__csv": "stage_id,label,probability,is_closed,closed_won\n"
        "closedwon,Lost to rival,0.0,TRUE,FALSE\n"
        "contractsent,Won,1.0,TRUE,TRUE\n",
    }
    deals = take(make_workbook(tmp_path, "inputs: {map: hubspot}\n", **files)).tables[
        "opportunities"
    ]
    assert deals["is_won"].tolist() == [False, True]
    assert deals["is_closed"].tolist() == [True, True]
    assert deals["stage"].tolist() == ["Lost to rival", "Won"]


def test_dynamics_states_tell_open_won_and_lost(tmp_path):
    """State codes are 0, 1, 2; the estimated value counts until there is an actual one."""
    files = {
        "opportunity__csv": "opportunityid,name,statecode,estimatedvalue,actualvalue,"
        "createdon,closeprobability\no1,A,0,10,,2026-01-01,40\n"
        "o2,B,1,10,12,2026-01-01,100\no3,C,2,10,0,2026-01-01,0\n"
    }
    deals = take(make_workbook(tmp_path, "inputs: {map: dynamics}\n", **files)).tables[
        "opportunities"
    ]
    assert deals["is_closed"].tolist() == [False, True, True]
    assert deals["is_won"].tolist() == [False, True, False]
    assert deals["amount"].tolist() == [10, 12, 0]


def test_blank_amounts_are_filled_from_the_price_list_and_flagged(tmp_path):
    """Only where the map says so, only for open deals, and visible in a column."""
    (tmp_path / "m.yaml").write_text(
        "name: m\ntables:\n  opportunities:\n    columns:\n      amount:\n        from: amount\n"
        "        fill: {table: products, on: product_id, take: list_price, only_open: true,\n"
        "               flag: is_amount_estimated}\n"
    )
    files = {
        "products__csv": "product_id,list_price\nP,50\n",
        "opportunities__csv": "opportunity_id,product_id,amount,is_closed,is_won,created_date\n"
        "D1,P,,false,false,2026-01-01\nD2,P,,true,false,2026-01-01\n"
        "D3,P,7,false,false,2026-01-01\n",
    }
    deals = take(make_workbook(tmp_path, "inputs: {map: m.yaml}\n", **files)).tables[
        "opportunities"
    ]
    assert deals["amount"].fillna(-1).tolist() == [50, -1, 7]
    assert deals["is_amount_estimated"].tolist() == [True, False, False]


def test_values_that_a_map_does_not_know_are_listed(tmp_path):
    """A new deal type is neither guessed nor lost."""
    taken = take(
        make_workbook(
            tmp_path,
            "inputs: {map: salesforce}\n",
            **{
                **SALESFORCE,
                "Opportunity__csv": SALESFORCE["Opportunity__csv"].replace(
                    "Renewal,false", "Barter,false"
                ),
            },
        )
    )
    finding = taken.quarantine[taken.quarantine["column"] == "Type"].iloc[0]
    assert (finding["value"], finding["severity"]) == ("Barter", "cell")
    assert pd.isna(taken.tables["opportunities"]["deal_type"].iloc[0])


def test_a_repeated_header_that_is_needed_is_refused(tmp_path):
    """Which of two columns is meant cannot be known."""
    folder = make_workbook(tmp_path, accounts__csv="account_id,name,name\nA1,x,y\n")
    with pytest.raises(InputError, match="row 1: column 'name' stands more than once"):
        take(folder)


def test_a_path_outside_the_workbook_must_be_declared(tmp_path):
    """inputs.outside: true is the declaration; absolute paths are never taken."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "accounts.csv").write_text(ACCOUNTS)
    folder = make_workbook(tmp_path / "book", "inputs: {folder: ../data}\n")
    with pytest.raises(InputError, match="lies outside the workbook"):
        take(folder)
    folder = make_workbook(tmp_path / "book", "inputs: {folder: ../data, outside: true}\n")
    assert len(take(folder).tables["accounts"]) == 2


def test_a_file_that_feeds_nothing_is_named(tmp_path):
    """A file of another name is listed; one that plan.yaml names is an error with a hint."""
    folder = make_workbook(tmp_path, accounts__csv=ACCOUNTS, notes__csv="a,b\n1,2\n")
    assert take(folder).unused == ("notes.csv",)
    plan = "inputs: {sources: [{path: opportunitys.csv}]}\n"
    folder = make_workbook(tmp_path, plan, opportunitys__csv="a,b\n1,2\n")
    with pytest.raises(InputError, match="feeds no table; did you mean table: opportunities"):
        take(folder)


# ------------------------------------------------------------------ names, history, as-of


def test_names_that_look_alike_are_offered_and_never_merged(tmp_path):
    """GTXPro and GTX Pro; Plant 1 and Plant 2 are different."""
    products = "product_id,name\n1,GTX Pro\n2,GTXPro\n3,Plant 1 controller\n4,Plant 2 controller\n"
    taken = take(make_workbook(tmp_path, "as_of: 2026-01-01\n", products__csv=products))
    pairs = taken.near_keys[["value", "near_value"]].to_numpy().tolist()
    assert pairs == [["GTX Pro", "GTXPro"]]
    assert len(taken.tables["products"]) == 4


def test_many_names_are_compared_in_blocks():
    """Among thousands of names the pair is still found."""
    names = [f"Firm number {chr(97 + n % 26)}{n}" for n in range(3000)] + ["Zebra AG", "Zebra Inc"]
    accounts = pd.DataFrame({"account_id": [f"{n}" for n in range(len(names))], "name": names})
    near = find_near({"accounts": TABLES["accounts"].coerce(accounts)})
    assert near[["value", "near_value"]].to_numpy().tolist() == [["Zebra AG", "Zebra Inc"]]


def history(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Make history rows of deal, day and kind."""
    frame = pd.DataFrame(rows, columns=["opportunity_id", "snapshot_date", "record"])
    return TABLES["opportunity_history"].coerce(frame.assign(sequence=0))


def test_given_and_kept_history_become_one():
    """A day that the inputs have is not taken twice; snapshots come after changes of the day."""
    today = TABLES["opportunities"].coerce(pd.DataFrame({"opportunity_id": ["D1"]}))
    given = history(
        ("D1", "2026-01-01", "snapshot"),
        ("D1", "2026-03-31", "change"),
        ("D1", "2026-05-01", "change"),
    )
    kept = history(("D1", "2026-01-01", "snapshot"), ("D1", "2026-02-01", "snapshot"))
    one = unify_history(given, kept, today, datetime.date(2026, 3, 31))
    rows = one.sort_values(["snapshot_date", "sequence"])
    assert rows["snapshot_date"].dt.strftime("%m-%d").tolist() == [
        "01-01",
        "02-01",
        "03-31",
        "03-31",
    ]
    assert rows["record"].tolist() == ["snapshot", "snapshot", "change", "snapshot"]
    TABLES["opportunity_history"].check(one)


def test_a_first_intake_has_no_history_yet():
    """One day alone is no history."""
    today = TABLES["opportunities"].coerce(pd.DataFrame({"opportunity_id": ["D1"]}))
    empty = TABLES["opportunity_history"].empty()
    assert unify_history(None, empty, today, datetime.date(2026, 3, 31)) is None


def test_history_rows_get_their_order_within_a_day(tmp_path):
    """Changes of one day stay in the order of their clock times."""
    changes = (
        "OpportunityId,CreatedDate,StageName\nD1,2026-01-01 15:00:00,Late\n"
        "D1,2026-01-01 09:00:00,Early\nD1,2026-01-02 09:00:00,Next\n"
    )
    taken = take(
        make_workbook(tmp_path, "inputs: {map: salesforce}\n", OpportunityHistory__csv=changes)
    )
    rows = taken.tables["opportunity_history"].sort_values(["snapshot_date", "sequence"])
    assert rows["stage"].tolist() == ["Early", "Late", "Next"]
    assert rows["sequence"].tolist() == [0, 1, 0]
    assert rows["created_date"].isna().all()


AS_OF = {
    "snapshots": (
        {
            "opportunity_history__csv": "opportunity_id,snapshot_date,sequence,record\n"
            "D1,2026-03-31,0,snapshot\n",
            "opportunities__csv": DEALS,
        },
        "2026-03-31",
        "latest snapshot_date",
    ),
    "changes": ({"accounts__csv": ACCOUNTS}, "2026-03-02", "latest updated_date of accounts"),
    "closed deals": ({"opportunities__csv": DEALS}, "2026-03-10", "latest close_date of closed"),
    "typing error": ({"accounts__csv": ACCOUNTS + "A3,C,1,2062-01-01\n"}, "2026-03-02", "updated"),
    "reps alone": ({"reps__csv": "rep_id,hire_date\nR1,2025-05-01\n"}, "2025-05-01", "hire_date"),
}


@pytest.mark.parametrize("case", AS_OF)
def test_the_as_of_date_comes_from_the_data(tmp_path, case):
    """Snapshots first, then changes, then closed deals; never the clock, never a typing error."""
    files, expected, rule = AS_OF[case]
    taken = take(make_workbook(tmp_path, **files))
    assert str(taken.as_of) == expected
    assert rule in taken.as_of_rule


@pytest.mark.parametrize(("last", "is_named"), [("2026-05-30", True), ("2026-04-10", False)])
def test_a_lone_late_date_that_moves_the_as_of_date_is_named(tmp_path, last, is_named):
    """One typing error would make every deal look two months older."""
    days = [f"2026-03-{day:02d}" for day in range(2, 30, 3)] + [last]
    rows = [f"D{at},A1,{day}" for at, day in enumerate(days)]
    folder = make_workbook(
        tmp_path, accounts__csv=ACCOUNTS.replace(",updated_date", ",u"), reps__csv=REPS,
        opportunities__csv="opportunity_id,account_id,created_date\n" + "\n".join(rows) + "\n",
    )  # fmt: skip
    rule = take(folder).as_of_rule
    assert rule.startswith("latest created_date of opportunities")
    assert ("one row, 62 days after all others" in rule) == is_named


def test_a_given_as_of_date_wins(tmp_path):
    """plan.yaml or the command decide where they say something."""
    folder = make_workbook(tmp_path, "as_of: 2026-01-31\n", accounts__csv=ACCOUNTS)
    assert str(take(folder).as_of) == "2026-01-31"
    assert str(take(folder, given_as_of=datetime.date(2025, 5, 5)).as_of) == "2025-05-05"


def test_without_any_date_the_plan_must_say_it(tmp_path):
    """Today is never taken."""
    with pytest.raises(InputError, match="as_of is not set and no input has a date"):
        take(make_workbook(tmp_path, products__csv="product_id\nP\n"))


# ------------------------------------------------------------------ what can be computed


def test_the_list_of_sections_names_what_exists():
    """Steps, tables and columns of the list are real."""
    needs = [
        one.partition(".")
        for section in SECTIONS
        for need in (*section.needs, *(section.weaker_needs or ()))
        for one in need.split(" or ")
    ]
    assert {section.step for section in SECTIONS} - set(STEPS) == set()
    assert {table for table, _, _ in needs} - set(TABLES) == set()
    columns = [(table, column) for table, _, column in needs if column]
    assert [one for one in columns if one[1] not in TABLES[one[0]].by_name] == []


def test_more_data_never_allow_less():
    """Adding a table turns no section from yes to no."""
    rank = {"no": 0, "weaker": 1, "yes": 2}
    few = {"accounts": TABLES["accounts"].coerce(pd.DataFrame({"account_id": ["A"]}))}
    full = {
        name: table.coerce(
            pd.DataFrame(
                {column.name: [_example(column.kind, column.allowed)] for column in table.columns}
            )
        )
        for name, table in TABLES.items()
        if table.role == "input"
    }
    less = find_computable(few)["can_compute"].map(rank)
    more = find_computable(full)["can_compute"].map(rank)
    assert (more >= less).all()
    assert set(find_computable(full)["can_compute"]) == {"yes"}


def _example(kind: str, allowed: tuple[str, ...]) -> object:
    if kind in ("id", "text", "category"):
        return allowed[0] if allowed else "x"
    if kind in ("date", "timestamp"):
        return pd.Timestamp("2026-01-01")
    return True if kind == "bool" else 1


def test_what_is_missing_and_what_it_would_add_are_named():
    """Without targets coverage has no target, and the table to add is named."""
    matrix = find_computable({}).set_index("section")
    assert set(matrix["can_compute"]) == {"no"}
    assert "targets" in matrix.loc["coverage", "missing"]
    assert matrix.loc["coverage", "unlocks"]


def test_two_sheets_of_one_file_feed_its_table_together(tmp_path):
    """Neither has the table's name; rows of both are there."""
    make_workbook(tmp_path, "as_of: 2026-03-31\n")
    head = ["rep_id", "name"]
    make_book(tmp_path, "reps.xlsx", Tabelle1=[head, ["R1", "Kim"]], Tabelle2=[head, ["R2", "Lee"]])
    assert take(tmp_path).tables["reps"]["rep_id"].tolist() == ["R1", "R2"]


def test_a_sheet_of_notes_beside_a_table_is_no_table(tmp_path):
    """It is named as of no use and stops nothing; alone, its missing columns are named."""
    make_workbook(tmp_path, "as_of: 2026-03-31\n")
    notes = [["done", "by whom"], ["yes", "Kim"]]
    make_book(tmp_path, "reps.xlsx", Notes=notes, Data=[["rep_id", "name"], ["R1", "Kim"]])
    taken = take(tmp_path)
    assert len(taken.tables["reps"]) == 1
    assert taken.unused == ("reps.xlsx[Notes]",)
    make_book(tmp_path, "reps.xlsx", Notes=notes)
    with pytest.raises(InputError, match="no column for 'rep_id', which is required"):
        take(tmp_path)


@pytest.mark.parametrize("as_of", ["", "as_of: 2026-03-31\n"])
def test_a_workbook_without_any_row_is_refused(tmp_path, as_of):
    """An empty plan would replace the last one; what feeds no table is named."""
    plan = f"name: x\n{as_of}"
    with pytest.raises(InputError, match=r"no input table has a row; put files named after"):
        take(make_workbook(tmp_path, plan))
    make_workbook(tmp_path, plan, accounts__csv="account_id,name\n", Kunden__csv="Kunde\nMüller\n")
    with pytest.raises(InputError, match=r"; Kunden.csv feeds no table, and planlib map FILE"):
        take(tmp_path)
    loose = take(tmp_path, strict=False)
    assert [error.where for error in loose.problems] == ["inputs"]
