"""Decisions of people: appended, dated, superseded, and never read past an error."""

from __future__ import annotations

import datetime

import pytest

import planlib
from planlib.errors import InputError, WorkbookError
from planlib.intake import check_workbook
from planlib.store.decisions import folder_problems, stray_files

DAY = datetime.date(2026, 3, 31)
HEADER = "decision_id,who,when,why,effective_from,effective_to,supersedes,account_id,segment\n"


@pytest.fixture
def wb(tmp_path):
    """A workbook without decisions."""
    (tmp_path / "plan.yaml").write_text("as_of: 2026-03-31\n")
    return planlib.open_workbook(tmp_path, "2026Q1")


def write(wb, *rows, header=HEADER, encoding="utf-8"):
    """Write the file of decisions as a person would."""
    file = wb.root / "overrides" / "segments.csv"
    file.parent.mkdir(exist_ok=True)
    file.write_text(header + "".join(f"{row}\n" for row in rows), encoding=encoding)
    return file


def test_no_file_means_no_decisions(wb):
    """The columns are there, the rows are not."""
    assert wb.overrides("segments").empty
    assert "segment" in wb.overrides("segments").columns


def test_decisions_are_appended_and_nothing_is_changed(wb):
    """What stood in the file stays byte for byte."""
    file = write(wb, "X1,Ann,2026-03-01,why not,,,,A,big")
    before = file.read_bytes()
    ids = wb.decide(
        "segments",
        [{"account_id": "B", "segment": "small, or not"}],
        who="Bo",
        why='he said "yes"',
        when=DAY,
    )
    assert ids == ["D-0001"]
    assert file.read_bytes().startswith(before)
    found = wb.overrides("segments")
    assert found["decision_id"].tolist() == ["X1", "D-0001"]
    assert found["segment"].tolist() == ["big", "small, or not"]
    assert found["why"].iloc[1] == 'he said "yes"'


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["1,A,2026-01-01,w,2026-03-31,2026-03-31,,A,s"], ["1"]),
        (["1,A,2026-01-01,w,2026-04-01,,,A,s"], []),
        (["1,A,2026-01-01,w,,2026-03-30,,A,s"], []),
        (["1,A,2026-01-01,w,,,,A,s", "2,A,2026-01-01,w,,,1,A,t"], ["2"]),
        (["1,A,2026-01-01,w,,,,A,s", "2,A,2026-01-01,w,2026-04-01,,1,A,t"], ["1"]),
        (["1,A,2026-01-01,w,,,,A,s", "2,A,2026-01-01,w,,2026-02-01,1,A,t"], []),
        (
            ["1,A,2026-01-01,w,,,,A,s", "2,A,2026-01-01,w,,,1,A,t", "3,A,2026-01-01,w,,,2,A,u"],
            ["3"],
        ),
        (["1,A,2026/1/5,w,2026/3/1,,,A,s", ",,,,,,,,"], ["1"]),
    ],
    ids=[
        "first and last day",
        "not yet",
        "ended",
        "superseded",
        "superseded later",
        "successor ended",
        "chain",
        "slashes and a blank row",
    ],
)
def test_what_holds_on_the_as_of_date(wb, rows, expected):
    """Both bounds belong to the span, and a successor replaces for good once it has begun."""
    write(wb, *rows)
    assert wb.overrides("segments")["decision_id"].tolist() == expected


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,A,soon,w,,,,A,s", r"segments\.csv: line 2, column 'when': 'soon' is not a date"),
        ("1,A,2026-02-30,w,,,,A,s", "line 2, column 'when'"),
        ("1,,2026-01-01,w,,,,A,s", "line 2, column 'who': is blank"),
        ("1,A,2026-01-01,w,,,9,A,s", "column 'supersedes': no decision '9' stands above"),
        ("1,A,2026-01-01,w,,,1,A,s", "column 'supersedes'"),
        ("1,A,2026-01-01,w,,,,A,s,extra", "line 2: 10 values for 9 columns"),
        ("1,A,2026-01-01,w,,,,A,s\n1,A,2026-01-01,w,,,,B,s", "line 3, column 'decision_id'"),
    ],
)
def test_a_malformed_row_names_file_line_and_column(wb, row, message):
    """Nothing is skipped in silence."""
    write(wb, row)
    with pytest.raises(InputError, match=message):
        wb.overrides("segments")


def test_all_problems_are_told_at_once(wb):
    """Two wrong rows, two problems."""
    write(wb, "1,,2026-01-01,w,,,,A,s", "2,A,x,w,,,,A,s")
    with pytest.raises(InputError) as caught:
        wb.overrides("segments")
    assert len(caught.value.problems) == 2


def test_unknown_and_missing_columns_are_named(wb):
    """A typing error in the header names the nearest column."""
    write(wb, header="decision_id,who,when,why,account_id,segmnt\n")
    with pytest.raises(InputError, match="did you mean 'segment'"):
        wb.overrides("segments")
    write(wb, header="decision_id,who,when,account_id\n")
    with pytest.raises(InputError, match="line 1: column 'why' is missing"):
        wb.overrides("segments")


def test_other_encodings_and_separators(wb):
    """A byte-order mark and semicolons of Excel are read; what is no UTF-8 is an error."""
    write(wb, "1;A;2026-01-01;w;;;;华为;s", header=HEADER.replace(",", ";"), encoding="utf-8-sig")
    assert wb.overrides("segments")["account_id"].tolist() == ["华为"]
    write(wb, "1,A,2026-01-01,w,,,,华为,s", encoding="gb18030")
    with pytest.raises(InputError, match="line 2: not UTF-8"):
        wb.overrides("segments")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"account_id": "A", "potential": -1}, "column 'potential': -1 is out of range"),
        ({"account_id": "A", "segmnt": "x"}, "column 'segmnt' is not in the file"),
        ({"segment": "x"}, "column 'account_id': is blank"),
        ({"account_id": "A", "lifecycle": "old"}, "'old' is none of"),
        ({"account_id": "A", "supersedes": "D-9"}, "no decision 'D-9'"),
    ],
)
def test_a_wrong_decision_is_not_written(wb, row, message):
    """The file stays as it was, or does not come into being."""
    with pytest.raises(InputError, match=message):
        wb.decide("segments", [row], who="A", why="w")
    assert not (wb.root / "overrides" / "segments.csv").exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"value": "1,000"}, "1000"), ({"value": "1,250,000.50"}, "1250000.5"),
        ({"value": "$ 1 000"}, "1000"), ({"value": "3.5万"}, "35000"),
        ({"fit": "55%"}, "0.55"), ({"fit": "55 %"}, "0.55"), ({"fit": "５５％"}, "0.55"),
        ({"fit": 0.55}, "0.55"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(wb, typed, kept):
    """Thousands are parted, shares may be percent; the file holds plain numbers."""
    wb.decide("need_proposals", [{"proposal_id": "P1", "is_confirmed": True, **typed}],
              who="A", why="w")  # fmt: skip
    (name,) = typed
    header, row = (wb.root / "overrides" / "need_proposals.csv").read_text().splitlines()
    assert dict(zip(header.split(","), row.split(","), strict=True))[name] == kept
    assert wb.overrides("need_proposals")[name].tolist() == [float(kept)]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"value": "55 %"}, "'55 %' is not a number"),
        ({"value": "1.200,50"}, "'1.200,50' is not a number"),
        ({"value": "EUR 5"}, "'EUR 5' names a currency; leave it out: it is that of the plan"),
        ({"value": "much"}, "'much' is not a number"),
        ({"fit": "55"}, "55 is out of range .at least 0 and at most 1; write 0.55 or 55 %"),
        ({"fit": "120 %"}, "120 % is out of range"),
    ],
)
def test_numbers_that_may_mean_something_else_are_refused(wb, typed, message):
    """Percent of an amount, another currency, and a share above one are no slips to guess at."""
    with pytest.raises(InputError, match=message):
        wb.decide("need_proposals", [{"proposal_id": "P1", "is_confirmed": True, **typed}],
                  who="A", why="w")  # fmt: skip
    assert not (wb.root / "overrides" / "need_proposals.csv").exists()


def test_kinds_are_those_of_the_contracts(wb):
    """A typing error names the nearest kind."""
    with pytest.raises(WorkbookError, match="did you mean 'segments'"):
        wb.overrides("segment")


def test_every_decision_can_be_read_to_replay_a_period(wb):
    """Those that have ended or begin later are there too, in the order of the file."""
    rows = ["1,A,2026-01-01,w,,2026-02-01,,A,s", "2,A,2026-01-01,w,2026-05-01,,,B,t"]
    write(wb, *rows)
    assert wb.overrides("segments").empty
    assert wb.overrides("segments", every=True)["decision_id"].tolist() == ["1", "2"]


def test_new_decisions_keep_the_semicolons_of_a_file(wb):
    """A file that a spreadsheet saved with semicolons can still be read after an append."""
    file = write(wb, "X1;Ann;2026-03-01;w;;;;A;big", header=HEADER.replace(",", ";"))
    wb.decide("segments", [{"account_id": "B", "segment": "a; b"}], who="Bo", why="1,5", when=DAY)
    assert file.read_text().splitlines()[-1] == 'D-0001;Bo;2026-03-31;1,5;;;;B;"a; b"'
    assert wb.overrides("segments")["segment"].tolist() == ["big", "a; b"]


def test_a_file_that_nobody_reads_is_named(wb):
    """A misspelt name, another kind of file and an unknown kind; notes and hidden files are not."""
    folder = write(wb, "1,Ann,2026-03-01,w,,,,A,big").parent
    for name in ("teritories.csv", "quotas.xlsx", "zebra.csv", "README.md", ".x.csv", "~$a.xlsx"):
        (folder / name).write_text("x")
    found = stray_files(folder)
    assert [one.split(" ")[0] for one in found] == ["quotas.xlsx", "teritories.csv", "zebra.csv"]
    assert "save it as quotas.csv, or move it out of this folder" in found[0]
    assert "save it as territories.csv" in found[1]
    assert "kinds are account_ratings, " in found[2]
    assert stray_files(wb.root / "nowhere") == []


def test_check_names_all_that_is_wrong_with_decisions(wb):
    """Malformed rows of several kinds and a misspelt file, at once, with file, line and column."""
    folder = write(wb, "1,Ann,soon,w,,,,A,big").parent
    (folder / "territories.csv").write_text(
        "decision_id,who,when,why,account_id,rep_id,rule\n1,A,2026-03-01,,007,R-1,Must\n"
    )
    (folder / "quota.csv").write_text("x\n")
    found = folder_problems(folder)
    assert [one.split(" is not")[0].split(":")[0] for one in found] == [
        "quota.csv",
        "segments.csv, line 2, column 'when'",
        "territories.csv, line 2, column 'why'",
        "territories.csv, line 2, column 'rule'",
    ]
    lines: list[str] = []
    assert check_workbook(wb.root, None, lambda line: lines.append(str(line))) == 2
    assert [line for line in lines if line.startswith("PROBLEM  overrides: ")] == [
        f"PROBLEM  overrides: {one}" for one in found
    ]
