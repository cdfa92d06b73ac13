"""Tests of the council's Excel form: out, filled in, back, whole or not at all."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from typer.testing import CliRunner

from planlib import cli
from planlib.errors import InputError
from planlib.exchange import collect_forms, write_council_pack
from planlib.exchange.council_pack import KIND, LOGGED, NEW
from planlib.language import Language, say, speaking
from planlib.store import Workbook
from planlib.tables import TABLES
from tests.report_workbook import make_workbook

DAY = datetime.date(2026, 4, 1)
LATIN = "2026Q2 | region | Latin America"


LOGGED_ACTION: dict[str, object] = {"period": "2026Q1", "cut": "total", "cut_value": "all",
                 "action": "spiff",
                 "cause": "pushed_out", "units_count": 1, "cost_amount": 12_000.5, "owner": "@Bo",
                 "due_date": datetime.date(2026, 3, 20)}  # fmt: skip
FILLED_IN: list[tuple[str, int, dict[str, object]]] = [
    (NEW, 2, {"Action": "Prospect dinners", "Decided by": "Ana Li", "Reason": "新"}),
    (NEW, 4, {"Cell": LATIN, "Action": "Paid media budget", "Cause": "thin start", "Units": 2,
              "Decided by": "Bo", "Reason": "early"}),
    (LOGGED, 2, {"Status": "done", "Decided by": "Bo", "Reason": "held"}),
]  # fmt: skip


def make_cells(**changes: Any) -> pd.DataFrame:
    """A red, a yellow and a green cell of the live period, and a red one that is over."""
    rows = [("2026Q2", "region", "=EMEA", "red", True),
            ("2026Q2", "region", "亚太", "yellow", True),
            ("2026Q2", "region", "Latin America", "green", True),
            ("2026Q1", "total", "all", "red", False)]  # fmt: skip
    names = ["period", "cut", "cut_value", "colour", "is_live"]
    frame = pd.DataFrame(rows, columns=names).assign(
        reason="Red: behind", rule="usual pace", gap_amount=[200.0, 100.0, 0.0, 50.0],
        owner="Ana Li", context="new 5 (2)\npushed out 3 (1)",
    )  # fmt: skip
    return TABLES["council_cells"].coerce(frame.assign(**changes))


def make_suggestions() -> pd.DataFrame:
    """Dinners for the red cell: three of them."""
    row = {"period": "2026Q2", "cut": "region", "cut_value": "=EMEA", "action": "prospect_dinners",
           "title": "Prospect dinners", "cause": "thin_start", "units_count": 3.0,
           "unit": "one dinner with ten guests", "cost_amount": 15_000.0, "effect": "generated",
           "effect_amount": 180_000.0, "close_amount": 70_000.0, "owner": "Ana Li",
           "due_date": pd.Timestamp("2026-04-14"), "reason": "Works on thin start"}  # fmt: skip
    return TABLES["council_suggestions"].coerce(pd.DataFrame([row]))


@pytest.fixture
def workbook(tmp_path: Path) -> Workbook:
    """A workbook whose council has one open action in the log."""
    wb = make_workbook(tmp_path / "acme", "as_of: 2026-03-31\n")
    wb.write("council_cells", make_cells())
    wb.write("council_suggestions", make_suggestions())
    wb.decide(KIND, [{"period": "2026Q1", "cut": "total", "cut_value": "all", "action": "spiff",
                      "cause": "pushed_out", "units_count": 1, "cost_amount": 12_000.5,
                      "owner": "@Bo", "due_date": datetime.date(2026, 3, 20)}],
              who="Ana Li", why="-3 deals slipped", when=datetime.date(2026, 3, 1))  # fmt: skip
    return wb


def fill(path: Path, change: Callable[[Any], object]) -> Path:
    """Change a form as a person does, and save it."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def column(page: Worksheet, header: str) -> int:
    """The number of a column by the start of its header."""
    return next(cell.column for cell in page[1] if str(cell.value).startswith(header))


def put(book: Any, sheet: str, row: int, **values: object) -> None:
    """Type values into a row, by header."""
    for header, value in values.items():
        book[sheet].cell(row, column(book[sheet], header.replace("_", " ")), value)


def written(wb: Workbook) -> Path:
    """The form of a workbook."""
    path = write_council_pack(wb)
    assert path is not None
    return path


def kept(wb: Workbook) -> bytes:
    """The log of actions as it lies on the disk."""
    return (wb.root / "overrides" / f"{KIND}.csv").read_bytes()


def collect(wb: Workbook, *files: Path) -> list[str]:
    """Read forms back; give the new decisions."""
    return collect_forms(wb.root, files, when=DAY).ids.get("council_actions", [])


def test_out_and_back_without_edits_changes_nothing(workbook: Workbook) -> None:
    """A form that comes back as it went out, or saved again, adds no decision."""
    path, before = written(workbook), kept(workbook)
    assert collect(workbook, path) == []
    assert collect(workbook, fill(path, lambda book: None)) == []
    assert kept(workbook) == before


def test_the_form_shows_red_and_yellow_cells_worst_first(workbook: Workbook) -> None:
    """Given rows are the red and yellow cells of the period that can still be moved."""
    book = openpyxl.load_workbook(written(workbook))
    rows = [[cell.value for cell in row[:3]] for row in book[NEW].iter_rows(min_row=2)]
    wanted = [["2026Q2 | region | =EMEA", "red", 200], ["2026Q2 | region | 亚太", "yellow", 100]]
    assert [row for row in rows if row[0]] == wanted
    assert book[LOGGED]["A2"].value == "D-0001"
    assert book.active.title == NEW
    assert book["_planlib"].sheet_state == "veryHidden"


def test_a_suggestion_for_a_doubtful_cause_says_so(workbook: Workbook) -> None:
    """Whoever decides reads beside the action that its cause may be none."""
    care = "few deals stand behind the cause: ask before acting"
    workbook.write("council_suggestions", make_suggestions().assign(caution=care))
    page = openpyxl.load_workbook(written(workbook))[NEW]
    said = str(page.cell(2, column(page, "Suggested")).value)
    assert said.endswith(f"brings 70,000 at the close ({care})")


def test_drop_downs_and_protection(workbook: Workbook) -> None:
    """Action, owner and status have drop-downs; only cells to fill in are open."""
    book = openpyxl.load_workbook(written(workbook))
    for name in (NEW, LOGGED):
        page = book[name]
        checks = {str(check.sqref).split(":")[0]: check for check in
                  page.data_validations.dataValidation}  # fmt: skip
        headers = ["Action", "Owner", "Status"] if name == NEW else ["Owner", "Status"]
        for header in headers:
            letter = page.cell(1, column(page, header)).column_letter
            assert checks[f"{letter}2"].type == "list"
        assert page.protection.sheet
        assert page.cell(2, column(page, "Cell")).protection.locked
        assert not page.cell(2, column(page, "Owner")).protection.locked
    assert book[NEW].cell(2, column(book[NEW], "Gap, USD")).protection.locked
    lists = [cell.value for row in book["Lists"].iter_rows() for cell in row]
    assert {"Prospect dinners", "Ana Li", "dropped", LATIN} <= set(lists)


def test_no_text_becomes_a_formula(workbook: Workbook) -> None:
    """Texts that begin with = + - @ stay texts on the way out."""
    book = openpyxl.load_workbook(written(workbook))
    found = [cell for page in book for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in found} <= {"s", "n", "d"}
    assert any(cell.value == "@Bo" for cell in found)


def test_a_chosen_action_is_completed_by_its_suggestion(workbook: Workbook) -> None:
    """What is left blank comes from the suggestion for this cell."""
    path = fill(written(workbook), lambda book: put(
        book, NEW, 2, Action="Prospect dinners", Decided_by="Ana Li", Reason="-new"))  # fmt: skip
    assert collect(workbook, path) == ["D-0002"]
    row = workbook.decisions(KIND).iloc[-1]
    assert row["cut_value"] == "=EMEA"
    assert (row["units_count"], row["cost_amount"], row["effect_amount"]) == (3, 15_000, 180_000)
    assert (row["cause"], row["owner"], row["due_date"]) == (
        "thin_start", "Ana Li", pd.Timestamp("2026-04-14"))  # fmt: skip
    assert (row["who"], row["why"], row["when"]) == ("Ana Li", "-new", pd.Timestamp(DAY))
    assert row["status"] == "open"


def test_units_alone_are_priced_by_the_catalogue(workbook: Workbook) -> None:
    """Two dinners cost two times one dinner, and should bring the catalogue's multiple."""
    path = fill(written(workbook), lambda book: put(
        book, NEW, 4, Cell=LATIN, Action="prospect_dinners", Cause="thin start", Units=2,
        Decided_by="Bo", Reason="early"))  # fmt: skip
    assert collect(workbook, path) == ["D-0002"]
    row = workbook.decisions(KIND).iloc[-1]
    assert (row["cost_amount"], row["effect_amount"]) == (10_000, 120_000)
    assert (row["cut_value"], row["cause"]) == ("Latin America", "thin_start")
    assert pd.isna(row["owner"])


def test_an_own_entry_keeps_its_name(workbook: Workbook) -> None:
    """An action that is not in the catalogue is kept as typed, also behind a sign."""

    def change(book: Any) -> None:
        put(book, NEW, 2, Decided_by="Bo", Reason="x", Cost=500)
        cell = book[NEW].cell(2, column(book[NEW], "Action"), "=Customer day")
        cell.data_type = "s"

    assert collect(workbook, fill(written(workbook), change)) == ["D-0002"]
    row = workbook.decisions(KIND).iloc[-1]
    assert (row["action"], row["cost_amount"]) == ("=Customer day", 500)


def test_a_new_status_supersedes_the_action(workbook: Workbook) -> None:
    """Ending an action is a new decision that keeps all else; the old line stays as it was."""
    path, before = written(workbook), kept(workbook)
    fill(path, lambda book: put(book, LOGGED, 2, Status="done", Decided_by="Bo", Reason="held"))
    assert collect(workbook, path) == ["D-0002"]
    assert kept(workbook).startswith(before)
    held = workbook.overrides(KIND)
    assert held["decision_id"].tolist() == ["D-0002"]
    row = held.iloc[0]
    assert (row["supersedes"], row["status"], row["action"]) == ("D-0001", "done", "spiff")
    assert (row["cost_amount"], row["owner"], row["cause"]) == (12_000.5, "@Bo", "pushed_out")


def test_the_same_file_twice_adds_nothing_the_second_time(workbook: Workbook) -> None:
    """A form that was read before is noticed row by row."""

    def change(book: Any) -> None:
        put(book, NEW, 2, Action="Prospect dinners")
        put(book, LOGGED, 2, Status="dropped")

    path = fill(written(workbook), change)
    first = collect_forms(workbook.root, [path], who="Ana Li", why="council", when=DAY)
    assert first.ids == {"council_actions": ["D-0002", "D-0003"]}
    again = collect_forms(workbook.root, [path], who="Ana Li", why="council", when=DAY)
    assert again.ids == {}
    assert [note.rsplit(" ", 1)[1] for note in again.notes] == ["D-0002", "D-0003"]


def test_one_wrong_row_keeps_all_others_out(workbook: Workbook) -> None:
    """Every problem is named with file, sheet and cell, and nothing is kept by halves."""

    def change(book: Any) -> None:
        put(book, NEW, 2, Action="Prospect dinners", Decided_by="Bo", Reason="good")
        put(book, NEW, 3, Action="Prospect diners", Cost="many", Due="14.4.2026", Status="finished")
        put(book, NEW, 6, Cell=LATIN, Action="SPIFF week", Cause="bad luck", Decided_by="Bo",
            Reason="x")  # fmt: skip
        put(book, NEW, 4, Cell="2026Q2 | region | Latin Amerika", Action="SPIFF week",
            Decided_by="Bo", Reason="x")  # fmt: skip
        put(book, NEW, 5, Owner="Ana Li")
        put(book, LOGGED, 2, Status="done", Units=-1)

    path, before = fill(written(workbook), change), kept(workbook)
    with pytest.raises(InputError, match="nothing was kept") as caught:
        collect(workbook, path)
    told = "\n".join(caught.value.problems)
    for text in (
        "council_actions.xlsx, sheet Actions, cell G3: 'Prospect diners' is not in the catalogue; "
        "did you mean 'Prospect dinners'?",
        "cell J3 (Cost, USD): 'many' is not a number",
        "(Due): '14.4.2026' is not a date such as 2026-03-31",
        "(Status): 'finished' is none of open, done, dropped",
        "sheet Actions, cell A4: '2026Q2 | region | Latin Amerika' is no cell of the matrix; did "
        f"you mean '{LATIN}'?",
        "cell G5: choose an action, or clear the row (something stands in owner)",
        "sheet Open actions, cell G2 (Units): -1 is out of range",
        "cell H6 (Cause): 'bad luck' is none of thin start, ",
        "say who decided", "say the reason",
    ):  # fmt: skip
        assert text in told
    assert kept(workbook) == before


def test_broken_formulas_and_errors_are_named(workbook: Workbook) -> None:
    """A formula without a value, or one that failed, is refused by cell."""
    path = fill(written(workbook), lambda book: put(
        book, NEW, 2, Action="Prospect dinners", Cost="=5000*3", Owner="#REF!", Decided_by="B",
        Reason="r"))  # fmt: skip
    with pytest.raises(InputError, match="cell J2: a formula without a value") as caught:
        collect(workbook, path)
    assert "cell L2: a formula" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda book: put(book, NEW, 1, Owner="Owners"), "column 'Owner' is missing; cell L1"),
        (lambda book: book.remove(book[LOGGED]), "there is no sheet 'Open actions'"),
        (lambda book: book.remove(book["_planlib"]), "the file has no stamp"),
        (lambda book: put(book, LOGGED, 2, Decision="D-77"), "there is no decision 'D-77'"),
        (
            lambda book: put(book, LOGGED, 2, Action="Prospect dinners"),
            "'Prospect dinners' is not what was sent; only pale yellow cells may be changed",
        ),
    ],
)
def test_a_changed_form_is_refused(
    workbook: Workbook, change: Callable[[Any], object], told: str
) -> None:
    """A renamed column, a sheet or stamp that is gone, and an unknown decision are named."""
    with pytest.raises(InputError, match=told):
        collect(workbook, fill(written(workbook), change))


def test_a_stale_form_cannot_change_what_others_decided_since(workbook: Workbook) -> None:
    """An action that was replaced, or decided for the same cell, after the form was made."""
    path = written(workbook)
    old = workbook.overrides(KIND).iloc[0]
    kept_columns = ["period", "cut", "cut_value", "action"]
    workbook.decide(KIND, [{**old[kept_columns].to_dict(), "status": "dropped",
                            "supersedes": "D-0001"},
                           {"period": "2026Q2", "cut": "region", "cut_value": "=EMEA",
                            "action": "prospect_dinners", "owner": "Cy"}],
                    who="Cy", why="mine", when=DAY)  # fmt: skip

    def change(book: Any) -> None:
        put(book, NEW, 2, Action="Prospect dinners", Decided_by="Bo", Reason="r")
        put(book, LOGGED, 2, Status="done", Decided_by="Bo", Reason="r")

    with pytest.raises(InputError, match="Cy decided the same action") as caught:
        collect(workbook, fill(path, change))
    assert "D-0001 no longer holds, Cy replaced it by D-0002" in str(caught.value)


def test_two_people_who_change_the_same_action_are_both_named(
    workbook: Workbook, tmp_path: Path
) -> None:
    """Two forms that end one action are refused together, whichever comes first."""
    files = []
    for name, status in (("a.xlsx", "done"), ("b.xlsx", "dropped")):
        path = tmp_path / name
        path.write_bytes(written(workbook).read_bytes())
        files.append(fill(path, lambda book, status=status: put(
            book, LOGGED, 2, Status=status, Decided_by="Bo", Reason="r")))  # fmt: skip
    with pytest.raises(InputError, match="is changed by a.xlsx, sheet Open actions, cell A2 too"):
        collect(workbook, *files)


def test_the_form_of_another_workbook_is_refused(workbook: Workbook, tmp_path: Path) -> None:
    """Decisions do not end up with another client."""
    other = make_workbook(tmp_path / "beta", "as_of: 2026-03-31\n")
    with pytest.raises(InputError, match="belongs to workbook 'acme', not to 'beta'"):
        collect(other, written(workbook))


def test_without_cells_there_is_no_form(tmp_path: Path) -> None:
    """A cycle without a council gets no form."""
    assert write_council_pack(make_workbook(tmp_path / "acme")) is None


def test_the_same_content_gives_the_same_file(workbook: Workbook) -> None:
    """Written twice, the form is the same byte for byte."""
    assert written(workbook).read_bytes() == written(workbook).read_bytes()


def test_the_command_says_what_it_kept_or_why_it_kept_nothing(workbook: Workbook) -> None:
    """Exit code 0 with the new decisions, 0 without any, 2 with every problem by cell."""
    path = fill(written(workbook), lambda book: put(book, NEW, 2, Action="Prospect dinners"))
    command = ["collect", str(workbook.root), str(path)]
    wrong = CliRunner().invoke(cli.app, command)
    assert wrong.exit_code == 2
    signed = [*command, "--who", "Bo", "--why", "council", "--on", "2026-04-01"]
    kept_now = CliRunner().invoke(cli.app, signed)
    assert (kept_now.exit_code, "D-0002" in kept_now.output) == (0, True)
    again = CliRunner().invoke(cli.app, signed)
    assert (again.exit_code, "nothing new was decided" in again.output) == (0, True)


def test_a_form_filled_in_in_chinese_gives_the_same_decisions(tmp_path: Path) -> None:
    """What is chosen from the drop-downs of a Chinese form is kept as if the form were English."""
    kept_rows = []
    languages: tuple[Language, ...] = ("en", "zh")
    for spoken in languages:
        wb = make_workbook(tmp_path / spoken / "acme", "as_of: 2026-03-31\n")
        wb.write("council_cells", make_cells())
        wb.write("council_suggestions", make_suggestions())
        wb.decide(KIND, [LOGGED_ACTION], who="Ana Li", why="late", when=datetime.date(2026, 3, 1))
        with speaking(spoken):
            path = written(wb)
            for sheet, row, values in FILLED_IN:
                fill(path, partial(put_said, sheet=sheet, row=row, values=values))
        assert len(collect(wb, path)) == len(FILLED_IN)
        kept_rows.append(wb.decisions(KIND))
    pd.testing.assert_frame_equal(kept_rows[0], kept_rows[1])


def put_said(book: Any, sheet: str, row: int, values: dict[str, object]) -> None:
    """Type values into a row as the language that is spoken shows headers and choices."""
    page = book[say(sheet)]
    lists = {cell.value for line in book["Lists"].iter_rows() for cell in line}
    for header, value in values.items():
        is_chosen = header in ("Action", "Cause", "Status")
        shown = say(str(value)) if is_chosen else value
        assert not is_chosen or shown in lists
        page.cell(row, column(page, say(header)), shown)
