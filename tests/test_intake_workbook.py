"""Intake of a workbook: finance, checks, the command, snapshots, the notebook's tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import planlib
from planlib.clients.blank_inputs import write_blank
from planlib.errors import InputError, WorkbookError
from planlib.intake import (
    check_data,
    check_workbook,
    output_tables,
    read_inputs,
    snapshot_workbook,
    store_inputs,
    take_in,
    tie_out,
)
from planlib.plan import Plan, parse_plan
from planlib.tables import TABLES

ACCOUNTS = "account_id,name,region,updated_date\nA1,Acme,EMEA,2026-03-31\nA2,Beta,APAC,2026-03-31\n"
DEALS = (
    "opportunity_id,name,account_id,owner_id,amount,close_date,is_closed,is_won,created_date\n"
    "D1,First,A1,R1,100,2026-03-10,true,true,2026-01-01\n"
    "D2,Second,A2,R1,250,2026-02-10,true,true,2026-01-01\n"
    "D3,Late,A1,R1,40,2026-04-02,true,true,2026-01-01\n"
    "D4,Open,A2,R1,70,2026-06-30,false,false,2026-02-01\n"
)
CONTROLS = "period,measure,cut,cut_value,booked_amount,source\n"


def make_workbook(folder: Path, plan: str = "as_of: 2026-04-05\n", **files: str) -> Path:
    """Make a workbook with CSV inputs by table."""
    book = folder / "book"
    (book / "inputs").mkdir(parents=True, exist_ok=True)
    (book / "plan.yaml").write_text(plan)
    for name, text in files.items():
        (book / "inputs" / f"{name}.csv").write_text(text)
    return book


def tie(folder: Path, controls: str, **files: str) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Compare control figures with the inputs."""
    book = make_workbook(
        folder, controls=CONTROLS + controls, accounts=ACCOUNTS, **{"opportunities": DEALS, **files}
    )
    plan = parse_plan((book / "plan.yaml").read_text())
    taken = read_inputs(plan, book)
    found = tie_out(taken.tables, taken.quarantine, plan)
    TABLES["tie_out"].check(found.figures)
    TABLES["tie_out_candidates"].check(found.candidates)
    return found.figures, found.candidates, found.sentence()


def test_figures_that_agree_tie(tmp_path):
    """Totals, cuts by region of the account, counts."""
    figures, candidates, sentence = tie(
        tmp_path,
        "2026Q1,closed_acv,total,all,350,ledger\n2026Q1,closed_acv,region,emea,100,x\n"
        "2026Q1,won_count,total,all,2,x\n2026,account_count,total,all,2,x\n",
    )
    assert figures["is_tied"].tolist() == [True] * 4
    assert candidates.empty
    assert sentence == "ties to finance within 0.5 %: all 4 control figures"


def test_a_shortfall_names_the_deal_over_the_border_of_the_period(tmp_path):
    """Finance has 40 more: the deal closed two days after the quarter explains it."""
    figures, candidates, sentence = tie(tmp_path, "2026Q1,closed_acv,total,all,390,x\n")
    assert figures["difference_amount"].tolist() == [-40]
    first = candidates.iloc[0]
    assert (first["key"], first["remaining_amount"]) == ("D3", 0)
    assert "outside the period" in first["reason"]
    assert sentence == (
        "0 of 1 control figures tie to finance within 0.5 %; largest difference: closed amount in "
        "2026Q1, 40 USD (10.3 %) below finance"
    )


def test_the_tolerance_and_the_cut_are_told_in_words(tmp_path):
    """A difference inside the tolerance ties, and the sentence says how wide that is."""
    figures, _, sentence = tie(
        tmp_path,
        "2026Q1,closed_acv,total,all,349,x\n2026Q1,closed_acv,region,APAC,200,x\n",
    )
    assert figures["is_tied"].tolist() == [True, False]
    assert sentence == (
        "1 of 2 control figures tie to finance within 0.5 %; largest difference: closed amount of "
        "region APAC in 2026Q1, 50 USD (25.0 %) above finance"
    )


def test_a_surplus_names_the_deal_of_that_size(tmp_path):
    """Finance has 100 less: the deal of 100 comes first."""
    _, candidates, _ = tie(tmp_path, "2026Q1,closed_acv,total,all,250,x\n")
    assert candidates.iloc[0][["key", "remaining_amount"]].tolist() == ["D1", 0]


def test_a_row_set_aside_may_explain_a_shortfall(tmp_path):
    """A deal without an id is in quarantine with its money."""
    deals = DEALS + ",Lost key,A1,R1,33,2026-03-11,true,true,2026-01-01\n"
    _, candidates, _ = tie(tmp_path, "2026Q1,closed_acv,total,all,383,x\n", opportunities=deals)
    aside = candidates[candidates["reason"].str.startswith("set aside")].iloc[0]
    assert (aside["amount"], aside["remaining_amount"]) == (33, 0)


def test_bookings_of_another_amount_are_named(tmp_path):
    """A deal that finance has booked at 90 and not at 100."""
    bookings = "booking_id,booking_date,booked_amount,opportunity_id\nB1,2026-03-10,90,D1\n"
    bookings += "B2,2026-02-10,250,D2\n"
    _, candidates, _ = tie(tmp_path, "2026Q1,closed_acv,total,all,340,x\n", bookings=bookings)
    assert candidates["reason"].tolist() == ["booked at 90 in finance"]
    assert candidates["key"].tolist() == ["D1"]
    assert candidates["remaining_amount"].tolist() == [0]


def test_a_deal_that_is_booked_in_full_explains_nothing(tmp_path):
    """D1 is of the very size of the difference and booked; D2 is the one booked too low."""
    bookings = "booking_id,booking_date,booked_amount,opportunity_id\nB1,2026-03-10,100,D1\n"
    bookings += "B2,2026-02-10,150,D2\n"
    _, candidates, _ = tie(tmp_path, "2026Q1,closed_acv,total,all,250,x\n", bookings=bookings)
    assert candidates[["key", "reason", "remaining_amount"]].to_numpy().tolist() == [
        ["D2", "booked at 150 in finance", 0]
    ]


def test_bookings_in_another_period_or_of_deals_not_won_are_told_apart(tmp_path):
    """What would be left is the difference less what each deal is off, nearest first."""
    bookings = (
        "booking_id,booking_date,booked_amount,opportunity_id\nB1,2026-04-01,100,D1\n"
        "B3,2026-03-30,40,D3\nB4,2026-03-30,70,D4\n"
    )
    _, candidates, _ = tie(tmp_path, "2026Q1,closed_acv,total,all,110,x\n", bookings=bookings)
    told = candidates.set_index("key")[["reason", "remaining_amount"]].to_dict("index")
    assert candidates["remaining_amount"].tolist() == [-10, 140, 280, 310]
    assert told == {
        "D2": {"reason": "no booking in finance names this deal", "remaining_amount": -10},
        "D1": {"reason": "booked in another period in finance", "remaining_amount": 140},
        "D3": {
            "reason": "booked in this period in finance, but its close date is not in it",
            "remaining_amount": 280,
        },
        "D4": {
            "reason": "booked in this period in finance, not won here",
            "remaining_amount": 310,
        },
    }


def test_bookings_of_other_years_leave_the_guesses(tmp_path):
    """Where no booking lies in the period, bookings tell nothing about it."""
    bookings = "booking_id,booking_date,booked_amount,opportunity_id\nB1,2024-03-10,100,D1\n"
    _, candidates, _ = tie(tmp_path, "2026Q1,closed_acv,total,all,250,x\n", bookings=bookings)
    assert candidates["reason"].tolist() == ["this deal alone, if finance has not booked it"]


def test_a_deal_is_listed_once_with_its_most_telling_reason(tmp_path):
    """A deal of the last days of the quarter is not listed again as a deal of that size."""
    deals = DEALS.replace("2026-03-10", "2026-03-30")
    _, candidates, _ = tie(tmp_path, "2026Q1,closed_acv,total,all,250,x\n", opportunities=deals)
    assert candidates[["key", "reason"]].to_numpy().tolist() == [
        ["D1", "closed within a week of the period's ends"]
    ]


def test_a_control_that_cannot_be_compared_says_why(tmp_path):
    """An unknown cut or period is no zero."""
    figures, _, sentence = tie(
        tmp_path,
        "2026Q1,closed_acv,planet,Mars,1,x\nsoon,closed_acv,total,all,1,x\n"
        "2026Q1,rep_count,total,all,1,x\n",
    )
    assert figures["own_amount"].isna().all()
    assert figures["note"].tolist()[0] == "no column 'planet' in deals, accounts, reps or products"
    assert "'soon'" in figures["note"].tolist()[1]
    assert figures["note"].tolist()[2] == "no table reps"
    assert sentence.endswith("3 cannot be compared")


def test_without_controls_nothing_is_compared():
    """And the sentence says so."""
    found = tie_out({}, pd.DataFrame(), Plan())
    assert found.sentence() == "not checked: no control figures"


@pytest.mark.parametrize(
    "files",
    [
        {"accounts": ACCOUNTS, "opportunities": DEALS},
        {"accounts": ACCOUNTS},
        {"opportunities": DEALS},
        {"reps": "rep_id\nR1\n"},
    ],
    ids=lambda files: "+".join(files),
)
def test_all_tables_of_the_step_are_written_whatever_is_there(tmp_path, files):
    """With one input table as with many, every output keeps its contract."""
    book = make_workbook(tmp_path, **files)
    wb = planlib.open_workbook(book, "2026Q2")
    taken = take_in(wb)
    store_inputs(wb, taken)
    tables = output_tables(taken, check_data(taken, wb.plan))
    for name, frame in tables.items():
        wb.write(name, frame)
    assert set(tables) == {name for name, one in TABLES.items() if one.step == "01_intake"}
    assert str(wb.as_of) == "2026-04-05"
    assert wb.facts()["rows_read"] == sum(len(text.splitlines()) - 1 for text in files.values())


def test_every_intake_leaves_a_snapshot_and_the_second_has_a_history(tmp_path):
    """From the second as-of date on there is a history, without any history input."""
    book = make_workbook(tmp_path, opportunities=DEALS)
    first = planlib.open_workbook(book, "2026Q2")
    taken = take_in(first)
    assert "opportunity_history" not in taken.tables
    assert store_inputs(first, taken) == "4 opportunities are kept in history as of 2026-04-05"
    (book / "plan.yaml").write_text("as_of: 2026-04-12\n")
    (book / "inputs" / "opportunities.csv").write_text(DEALS.replace("70,2026", "90,2026"))
    again = take_in(planlib.open_workbook(book, "2026Q2"))
    moved = again.tables["opportunity_history"]
    assert moved[moved["opportunity_id"] == "D4"]["amount"].tolist() == [70, 90]


def test_check_says_problems_and_what_can_be_computed(tmp_path):
    """Exit code 0 when every source can be used, 2 when a table is unusable."""
    book = make_workbook(tmp_path, accounts=ACCOUNTS, opportunities=DEALS)
    lines: list[str] = []
    assert check_workbook(book, None, lambda line: lines.append(str(line))) == 0
    text = "\n".join(lines)
    assert "  without findings, 6 rows kept: accounts, opportunities" in lines
    assert lines[0] == "nothing stops a run"
    assert "  Pipeline: 12 sections: " in text
    assert "bridge" not in text
    lines.clear()
    assert check_workbook(book, None, lambda line: lines.append(str(line)), details=True) == 0
    assert "no      06_pipeline  bridge; missing opportunity_history" in "\n".join(lines)
    assert "opportunities: 4 rows read, 4 kept" in "\n".join(lines)
    (book / "inputs" / "reps.csv").write_text("rep,name\nR1,x\n")
    lines.clear()
    assert check_workbook(book, None, lambda line: lines.append(str(line))) == 2
    assert lines[0].startswith("PROBLEM  reps.csv: row 1: no column for 'rep_id'")


def test_check_gives_tables_with_findings_and_one_line_for_the_rest(tmp_path):
    """Briefly: a line where something was set aside, left out or remarked; in detail: all."""
    reps = "rep_id,name\nR1,Ann\nR2,Bob\n"
    book = make_workbook(tmp_path, accounts=ACCOUNTS + "A3,Gamma,EMEA,someday\n", reps=reps)
    said = {}
    for details in (False, True):
        lines: list[str] = []
        check_workbook(book, "2026-03-31", lambda line: lines.append(str(line)), details=details)  # noqa: B023
        told = lines[lines.index("Tables") + 1 :]
        said[details] = told[: told.index("")]
    one = "  accounts: 3 rows read, 3 kept, 1 cell left out  (accounts.csv)"
    assert said[False] == [one, "  without findings, 2 rows kept: reps"]
    assert said[True] == [one, "  reps: 2 rows read, 2 kept  (reps.csv)"]


def test_check_of_an_empty_workbook_names_no_day(tmp_path):
    """Without data there is no as-of date, and none is made up."""
    (tmp_path / "inputs").mkdir()
    (tmp_path / "plan.yaml").write_text("name: Empty\n")
    lines: list[str] = []
    assert check_workbook(tmp_path, None, lambda line: lines.append(str(line))) == 2
    assert "no data yet: no as-of date is known" in lines
    assert not any("1900" in line for line in lines)


def test_a_date_is_not_asked_for_while_a_file_cannot_be_read(tmp_path):
    """The file that cannot be read may hold the date: it alone is a problem."""
    plan = "inputs: {map: maps/own.yaml}\n"
    book = make_workbook(tmp_path, plan, accounts=ACCOUNTS)
    lines: list[str] = []
    assert check_workbook(book, None, lambda line: lines.append(str(line))) == 2
    assert [line for line in lines if line.startswith("PROBLEM")] == lines[:1]
    assert "maps/own.yaml" in lines[0]
    assert not any("as_of" in line for line in lines)


def test_check_names_files_that_are_not_read(tmp_path):
    """Declared sources alone are read; a filled-in file beside them is named, no blank one."""
    plan = "as_of: 2026-04-05\ninputs: {sources: [{path: accounts.csv}]}\n"
    book = make_workbook(tmp_path, plan, accounts=ACCOUNTS, opportunities=DEALS)
    write_blank(book / "inputs" / "targets.xlsx", TABLES["targets"])
    (book / "inputs" / "reps.ods").write_bytes(b"x")
    lines: list[str] = []
    check_workbook(book, None, lambda line: lines.append(str(line)))
    assert [line for line in lines if "is not read" in line] == [
        "  opportunities.csv is not read, since inputs.sources of plan.yaml does not name it",
        "  reps.ods is not read, since it is of another kind; save it as CSV or .xlsx",
    ]


def test_check_names_the_command_for_a_file_that_feeds_no_table(tmp_path):
    """Where steps wait for a table and a file feeds none, planlib map is named."""
    book = make_workbook(tmp_path, opportunities=DEALS, kunden="Kundennr,Firma\n1,Acme\n")
    lines: list[str] = []
    check_workbook(book, None, lambda line: lines.append(str(line)))
    assert "  kunden.csv: feeds no table" in lines
    assert any(line.startswith("  planlib map FILE --workbook WORKBOOK proposes") for line in lines)


def test_check_names_findings_by_file_and_row(tmp_path):
    """Each kind of finding has an example a person can open."""
    book = make_workbook(tmp_path, accounts=ACCOUNTS + "A3,Gamma,EMEA,someday\n")
    lines: list[str] = []
    check_workbook(book, "2026-03-31", lambda line: lines.append(str(line)))
    found = next(line for line in lines if "someday" in line)
    assert "accounts.csv row 4, column updated_date, value 'someday': not a date" in found


def test_check_speaks_of_no_step_that_is_switched_off(tmp_path):
    """Neither briefly nor in detail."""
    book = make_workbook(
        tmp_path, "as_of: 2026-04-05\nrun: {off: [07_council]}\n", opportunities=DEALS
    )
    for details in (False, True):
        lines: list[str] = []
        check_workbook(book, None, lambda line: lines.append(str(line)), details=details)  # noqa: B023
        text = "\n".join(lines)
        assert "ouncil" not in text
        assert ("06_pipeline" if details else "Pipeline") in text


def test_check_says_what_to_do_next(tmp_path):
    """Tables that steps wait for are named with those steps, then the run."""
    book = make_workbook(tmp_path, accounts=ACCOUNTS, opportunities=DEALS)
    lines: list[str] = []
    check_workbook(book, None, lambda line: lines.append(str(line)))
    after = lines[lines.index("Next") + 1 :]
    assert after[0].startswith("  add reps: without it these do not run: Territories, ")
    assert "  Territories: does not run without reps" in lines
    assert after[-1].startswith("  then planlib run")
    (book / "inputs" / "accounts.csv").write_text("company\nAcme\n")
    lines.clear()
    check_workbook(book, None, lambda line: lines.append(str(line)))
    after = lines[lines.index("Next") + 1 :]
    assert after[0] == "  mend what PROBLEM names: nothing can be run before that"
    assert not any("planlib run" in line for line in after)


def test_check_names_further_rows_of_a_kind_of_finding(tmp_path):
    """One line for all blank accounts: the first row, then the others, up to five."""
    rows = "".join(f"E{one},x,,R1,5,2026-06-30,false,false,2026-02-01\n" for one in range(8))
    book = make_workbook(tmp_path, accounts=ACCOUNTS, opportunities=DEALS + rows)
    lines: list[str] = []
    check_workbook(book, None, lambda line: lines.append(str(line)))
    found = [line for line in lines if "counts for no account" in line]
    assert len(found) == 1
    assert "opportunities.csv row 6, column account_id, value ''" in found[0]
    assert found[0].endswith("; also in rows 7, 8, 9, 10, 11 and 2 more")


def test_check_lists_the_first_kinds_of_findings_and_the_rest_on_request(tmp_path):
    """Fifteen kinds are enough to begin with; none is lost in detail."""
    text = ACCOUNTS + "".join(f"A1,Acme {one},EMEA,2026-03-31\n" for one in range(20))
    book = make_workbook(tmp_path, accounts=text)
    for details, count in ((False, 15), (True, 20)):
        lines: list[str] = []
        check_workbook(book, None, lambda line: lines.append(str(line)), details=details)  # noqa: B023
        assert sum("same key as row" in line for line in lines) in (1, count)
        assert lines.count("Rows set aside: 20") == 1


def test_a_snapshot_does_that_alone(tmp_path):
    """It keeps the deals once, writes no cycle, and needs deals."""
    book = make_workbook(tmp_path, opportunities=DEALS)
    assert snapshot_workbook(book).name == "2026-04-05.parquet"
    assert snapshot_workbook(book) is None
    assert snapshot_workbook(book, "2026-04-06").name == "2026-04-06.parquet"
    assert not (book / "cycles").exists()
    other = make_workbook(tmp_path / "other", accounts=ACCOUNTS)
    with pytest.raises(InputError, match="no table opportunities"):
        snapshot_workbook(other)
    with pytest.raises(WorkbookError, match="'soon' is not a date"):
        snapshot_workbook(book, "soon")


def test_inputs_are_only_read(tmp_path):
    """Intake changes no input file."""
    book = make_workbook(tmp_path, accounts=ACCOUNTS, opportunities=DEALS)
    shutil.copytree(book / "inputs", tmp_path / "copy")
    take_in(planlib.open_workbook(book, "2026Q2"))
    for path in (tmp_path / "copy").iterdir():
        assert (book / "inputs" / path.name).read_bytes() == path.read_bytes()
