"""The store: what is read from where, what is written how."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

import planlib
from planlib.errors import MissingTableError, PlanError, TableError, WorkbookError
from planlib.store.atomic import write_file, write_json
from planlib.store.content import hash_frame
from planlib.store.frames import frame_facts, read_frame, write_frame
from planlib.store.layout import CycleFolder
from planlib.tables import TABLES

DAY = datetime.date(2026, 3, 31)


def make_accounts(**changes):
    """Three accounts, with an id that looks like a number and a region that looks like nothing."""
    columns = {
        "account_id": ["007", "A-1", "A-2"],
        "name": ["Acme", "Bär & Söhne", None],
        "region": ["NA", "EMEA", "NA"],
        "employees": [10, None, 300],
    }
    return pd.DataFrame({**columns, **changes})


@pytest.fixture
def root(tmp_path):
    """An empty workbook."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "plan.yaml").write_text("")
    return tmp_path / "acme"


def publish(root, cycle, number=1, as_of=DAY, **tables):
    """Make a published revision by hand."""
    folder = CycleFolder(root, cycle)
    path = folder.path / f"r{number}"
    for name, frame in tables.items():
        part = "inputs" if TABLES[name].role == "input" else "tables"
        write_frame(path / part / f"{name}.parquet", TABLES[name].coerce(frame))
    write_json(path / "manifest.json", {"as_of": as_of.isoformat(), "steps": {}})
    folder.point_to(number)
    return path


def open_at(root, cycle="2026Q1", as_of=None):
    """Open the workbook."""
    return planlib.open_workbook(root, cycle, as_of=as_of)


def test_what_is_read_is_what_was_coerced(root):
    """Dtypes, order of columns, missing values and ids survive."""
    wb = open_at(root)
    wb.write_inputs({"accounts": make_accounts()}, as_of=DAY)
    expected = TABLES["accounts"].coerce(make_accounts())
    pd.testing.assert_frame_equal(wb.read("accounts"), expected)
    assert wb.read("accounts")["account_id"].iloc[0] == "007"


def test_a_missing_table_names_the_command(root):
    """Nothing was taken in yet: the message says what to run."""
    wb = open_at(root, as_of=DAY)
    command = r"planlib run acme --cycle 2026Q1 --only 01_intake"
    with pytest.raises(MissingTableError, match=command):
        wb.read("accounts")
    assert wb.get("accounts") is None
    assert not wb.has("accounts")


def test_an_unknown_table_names_the_nearest(root):
    """A typing error is no missing table."""
    with pytest.raises(PlanError, match="did you mean 'accounts'"):
        open_at(root).read("acounts")


def test_the_draft_is_read_before_what_is_published(root):
    """An interactive session sees what it wrote."""
    publish(root, "2026Q1", accounts=make_accounts())
    wb = open_at(root)
    assert str(wb.sources("accounts")) == "2026Q1/r1"
    wb.write("accounts", make_accounts(name=["x", "y", "z"]))
    assert str(wb.sources("accounts")) == "2026Q1/draft"
    assert list(wb.read("accounts")["name"]) == ["x", "y", "z"]


def make_segments(name):
    """One row of an output table, in which a label shows where it comes from."""
    frame = TABLES["segments"].empty()
    row = {column.name: _example(column) for column in TABLES["segments"].columns}
    row |= {"account_id": "007", "segment": name}
    return pd.concat([frame, pd.DataFrame([row])[list(frame.columns)]])


def _example(column):
    if column.allowed:
        return column.allowed[0]
    kinds = {
        "id": "x",
        "text": "x",
        "category": "x",
        "date": pd.Timestamp(DAY),
        "timestamp": pd.Timestamp(DAY),
        "bool": True,
    }
    return kinds.get(column.kind, column.bounds[0] or 0)


@pytest.mark.parametrize(
    ("published", "cycle", "expected"),
    [
        ({"2025Q4": DAY, "2025Q3": DAY}, "2026Q1", "2025Q4/r1"),
        ({"2026": DAY, "2025Q4": DAY}, "2026Q1", "2026/r1"),
        ({"2026": DAY, "2026-01": DAY}, "2026Q1", "2026/r1"),
        ({"2026Q1": DAY, "2026-02": DAY}, "2026-03", "2026-02/r1"),
        ({"2026Q2": DAY}, "2026Q1", None),
        ({"2025Q4": datetime.date(2026, 6, 30), "2025Q3": DAY}, "2026Q1", "2025Q3/r1"),
    ],
    ids=["latest start", "same start", "coarser first", "finer later", "later", "later as-of"],
)
def test_tables_of_other_cycles(root, published, cycle, expected):
    """The latest start counts, the coarser first on ties, later as-of dates never."""
    for name, day in published.items():
        publish(root, name, as_of=day, segments=make_segments(name))
    source = open_at(root, cycle, as_of=DAY).sources("segments")
    assert (str(source) if source else None) == expected


def test_inputs_are_never_taken_from_another_cycle(root):
    """Last quarter's accounts are no accounts of this quarter."""
    publish(root, "2025Q4", accounts=make_accounts())
    wb = open_at(root, as_of=DAY)
    assert not wb.has("accounts")
    assert wb.previous("accounts") is not None


def test_previous_is_of_an_earlier_cycle(root):
    """The year that starts with this quarter is not before it."""
    publish(root, "2026", segments=make_segments("year"))
    publish(root, "2025Q4", segments=make_segments("quarter"))
    wb = open_at(root, as_of=DAY)
    assert wb.previous("segments")["segment"].iloc[0] == "quarter"
    assert str(wb.previous_source("segments")) == "2025Q4/r1"
    assert open_at(root, "2025Q1", as_of=DAY).previous("segments") is None


def test_a_wrong_frame_leaves_the_good_one(root):
    """A table that breaks its contract is not written."""
    wb = open_at(root)
    wb.write("accounts", make_accounts())
    with pytest.raises(TableError, match="employees"):
        wb.write("accounts", make_accounts(employees=[-1, 2, 3]))
    assert len(wb.read("accounts")) == 3


def test_new_inputs_replace_all_old_ones(root):
    """A table that is no longer taken in does not stay behind."""
    wb = open_at(root)
    wb.write_inputs(
        {"accounts": make_accounts(), "holidays": TABLES["holidays"].empty()},
        as_of=DAY,
        facts={"rows_in": 3},
    )
    wb.write_inputs({"accounts": make_accounts()}, as_of=DAY)
    assert wb.has("accounts")
    assert not wb.has("holidays")
    assert wb.facts() == {}


def test_the_as_of_date_is_never_today(root):
    """Given, else of the inputs, else of plan.yaml, else an error."""
    with pytest.raises(WorkbookError, match="as-of date of 2026Q1 is not known yet"):
        _ = open_at(root).as_of
    (root / "plan.yaml").write_text("as_of: 2026-01-05\n")
    assert open_at(root).as_of == datetime.date(2026, 1, 5)
    assert open_at(root).given_as_of == datetime.date(2026, 1, 5)
    open_at(root).write_inputs({"accounts": make_accounts()}, as_of=DAY)
    assert open_at(root).as_of == DAY
    assert open_at(root, as_of="2026-02-01").as_of == datetime.date(2026, 2, 1)


def test_a_workbook_is_found_from_below(root, monkeypatch):
    """A relative path is looked up in the folders above."""
    (root.parent / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(root.parent / "a" / "b")
    assert planlib.open_workbook("acme", 2026).root == root
    assert planlib.open_workbook("acme", 2026).cycle.name == "2026"


def test_without_a_cycle_the_latest_run_counts(root):
    """The one with the latest start; without any, the message asks for one."""
    with pytest.raises(WorkbookError, match="name one, as 2026Q1"):
        planlib.open_workbook(root)
    publish(root, "2025Q4", accounts=make_accounts())
    publish(root, "2026Q1", accounts=make_accounts())
    assert planlib.open_workbook(root).cycle.name == "2026Q1"


def test_sql_reads_the_same_tables(root):
    """SELECT over the tables, and a relation that reads only what is asked."""
    wb = open_at(root)
    wb.write_inputs({"accounts": make_accounts()}, as_of=DAY)
    found = wb.sql(
        "select region, count(*) as n, sum(employees) as people from accounts "
        "group by region order by region"
    )
    assert found["n"].tolist() == [1, 2]
    assert found["people"].iloc[1] == 310
    assert wb.sql("select count(*) as n from accounts")["n"].tolist() == [3]  # and once more
    assert wb.relation("accounts").filter("employees > 10").count("*").fetchone() == (1,)
    with pytest.raises(MissingTableError, match="01_intake"):
        wb.sql("select * from opportunities")
    with pytest.raises(WorkbookError, match="the query cannot run"):
        wb.sql("selec 1")


def test_the_hash_is_of_content(tmp_path):
    """Order of rows and columns, values and dtypes count; files, indexes and -0.0 do not."""
    frame = TABLES["accounts"].coerce(make_accounts(acv=[0.0, 1.5, None]))
    assert hash_frame(frame) == hash_frame(frame.set_axis([5, 6, 7]))
    assert hash_frame(frame) == hash_frame(frame.assign(acv=[-0.0, 1.5, None]))
    assert hash_frame(frame) != hash_frame(frame.iloc[::-1])
    assert hash_frame(frame) != hash_frame(frame[frame.columns[::-1]])
    assert hash_frame(frame) != hash_frame(frame.assign(acv=[0.0, 1.5, 0.0]))
    assert hash_frame(frame) != hash_frame(frame.assign(name=["Acm", "eBär & Söhne", None]))
    assert hash_frame(frame) != hash_frame(frame.astype({"employees": "float64"}))
    write_frame(tmp_path / "a.parquet", frame)
    assert frame_facts(tmp_path / "a.parquet") == {"rows": 3, "content": hash_frame(frame)}
    assert hash_frame(read_frame(tmp_path / "a.parquet", TABLES["accounts"])) == hash_frame(frame)


def test_the_hash_is_the_same_everywhere():
    """A fixed value, so that a change of pandas or of the machine would show."""
    days = pd.to_datetime(["2026-03-31", None, "2024-02-29"]).astype("datetime64[us]")
    frame = pd.DataFrame(
        {
            "id": pd.Series(["007", None, "ü"], dtype="str"),
            "n": pd.Series([1, None, 3], dtype="Int64"),
            "x": [0.5, None, 2.0],
            "b": pd.Series([True, None, False], dtype="boolean"),
            "d": days,
        }
    )
    assert hash_frame(frame) == ("320e70eec0cca09daaa27ff83881bf41804d990e0f02e4075ae99afb5d9e2fe6")


def test_a_broken_table_is_named(root):
    """A file cut short is an error that names it, not a traceback."""
    wb = open_at(root)
    wb.write("accounts", make_accounts())
    path = wb.sources("accounts").path
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(WorkbookError, match=r"accounts\.parquet cannot be read"):
        wb.read("accounts")


def test_snapshots_are_kept_once_and_never_lost(root):
    """The same content adds nothing; a correction is a version beside it, and counts."""
    wb = open_at(root, as_of=DAY)
    deals = pd.DataFrame({"opportunity_id": ["1", "2"], "amount": [10.0, 20.0]})
    first = wb.append_history(deals, DAY)
    assert wb.append_history(deals, DAY) is None
    second = wb.append_history(deals.assign(amount=[10.0, 25.0]), DAY)
    wb.append_history(deals, datetime.date(2026, 4, 30))
    assert [first.name, second.name] == ["2026-03-31.parquet", "2026-03-31.v2.parquet"]
    history = wb.history()
    assert history["amount"].tolist() == [10.0, 25.0]
    assert history["snapshot_date"].dt.date.unique().tolist() == [DAY]
    assert list(history.columns) == list(TABLES["opportunity_history"].by_name)
    assert len(list((root / "history" / "opportunities").iterdir())) == 3


def test_what_a_writer_of_excel_says_of_the_disk_is_an_error_of_the_disk(tmp_path):
    """The command line so tells it as such; nothing is left behind, and the old file stays."""
    import xlsxwriter

    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")
    with pytest.raises(FileNotFoundError, match="gone.xlsx"):
        write_file(path, lambda part: xlsxwriter.Workbook(str(part / "gone.xlsx")).close())
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a.xlsx", b"old")]
