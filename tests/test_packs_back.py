"""Tests of the way back of packs: every row of all files becomes a decision, or none does."""

from __future__ import annotations

import datetime
import shutil
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.styles import PatternFill
from typer.testing import CliRunner

from planlib import cli
from planlib.errors import InputError
from planlib.exchange import collect_forms
from planlib.store import Workbook, journal, open_workbook
from planlib.territories import review_acceptance
from tests.pack_frames import (
    DAY,
    PAY,
    column,
    fill,
    kept,
    make_pack_workbook,
    packs_of,
    put,
    row_of,
    say,
    with_part,
    write_challenge_outcomes,
    write_plan,
)

WISH = {"Decision": "challenge", "Wanted_owner": "Ed (R-2)", "Kind_of_reason": "relation",
        "Note": "knows them"}  # fmt: skip
Case = tuple[Workbook, dict[str, Path]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small organisation with its packs, to be copied."""
    wb = make_pack_workbook(tmp_path_factory.mktemp("packs") / "acme")
    packs_of(wb)
    return wb.root


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Case:
    """A copy of it, with the packs by manager."""
    return copied(made, tmp_path)


def copied(made: Path, folder: Path) -> Case:
    """Copy workbook and packs."""
    root = folder / "acme"
    shutil.copytree(made, root)
    wb = open_workbook(root, "2026Q1", as_of="2026-03-31")
    files = (wb.target / "exchange" / "packs").glob("*.xlsx")
    return wb, {path.name.split(" ")[0]: path for path in files}


def collect(wb: Workbook, *files: Path) -> dict[str, list[str]]:
    """Collect packs; give the new decisions by kind."""
    return dict(collect_forms(wb.root, files, when=DAY).ids)


def refused(wb: Workbook, *files: Path) -> str:
    """Collect packs that are refused; nothing may be kept. Give the message."""
    before = kept(wb)
    with pytest.raises(InputError) as caught:
        collect_forms(wb.root, files, when=DAY)
    assert kept(wb) == before
    return str(caught.value)


def test_out_and_back_without_edits_changes_nothing(case: Case) -> None:
    """Packs that come back as they went out, or saved by another program, add nothing."""
    wb, packs = case
    assert collect(wb, *packs.values()) == {}
    assert collect(wb, *(fill(path, lambda book: None) for path in packs.values())) == {}
    assert kept(wb) == {}


def test_decisions_come_back_once(case: Case) -> None:
    """All kinds of answers reach overrides/ with who, when and why; a second time adds nothing."""
    wb, packs = case

    def decide(book: Any) -> None:
        put(book, "Territories", "007", **WISH | {"Note": "=1+1 亚太 🙂\nsecond line"})
        put(book, "Territories", "A-1", Decision="accept")
        put(
            book,
            "Quotas",
            "R-1",
            Decision="challenge",
            Wanted_quota=250.5,
            Kind_of_reason="absence",
            Note="part-time",
        )
        put(
            book,
            "Quotas",
            "M-1",
            Decision="challenge",
            Wanted_quota=500,
            Kind_of_reason="other",
            Note="-2 posts open",
        )
        put(book, "Questions", "need:deal:1", Answer="yes")
        put(book, "Questions", "fairness:R-1", Answer="no", Note="too large")
        say(book, "Accept the rest", "yes")

    path = fill(packs["M-1"], decide)
    ids = collect(wb, path)
    assert {kind: len(some) for kind, some in ids.items()} == {
        "challenges": 1,
        "need_proposals": 1,
        "pack_answers": 7,
        "quota_challenges": 1,
        "quotas": 1,
    }
    wish = wb.overrides("challenges").iloc[-1]
    assert list(wish[["who", "why", "account_id", "rep_id", "reason_code"]]) == [
        "Bo Li",
        "=1+1 亚太 🙂\nsecond line",
        "007",
        "R-2",
        "relation",
    ]
    assert wish["when"].date() == DAY
    asked = wb.overrides("quota_challenges").iloc[-1]
    assert list(asked[["who", "why", "rep_id", "wanted_amount", "reason_code"]]) == [
        "Bo Li", "-2 posts open", "M-1", 500, "other",
    ]  # fmt: skip
    quota = wb.overrides("quotas").iloc[-1]
    assert (quota["rep_id"], quota["quota_amount"], quota["effective_from"].date()) == (
        "R-1",
        250.5,
        datetime.date(2026, 1, 1),
    )
    before = kept(wb)
    assert collect(wb, path) == {}
    assert kept(wb) == before


def test_a_changed_mind_replaces_what_was_said(case: Case) -> None:
    """The same person challenges, then accepts: the challenge has ended, the log keeps both."""
    wb, packs = case
    collect(wb, fill(packs["M-1"], lambda book: put(book, "Territories", "007", **WISH)))
    assert len(wb.overrides("challenges")) == 1
    blank = dict.fromkeys(WISH, None) | {"Decision": "accept"}
    collect(wb, fill(packs["M-1"], lambda book: put(book, "Territories", "007", **blank)))
    assert wb.overrides("challenges").empty
    assert list(wb.overrides("pack_answers")["answer"]) == ["accepted"]
    assert len(wb.decisions("pack_answers")) == 2


def test_two_people_who_decide_otherwise(case: Case, tmp_path: Path) -> None:
    """Two files with different wishes for one account are named with both cells; none is kept."""
    wb, packs = case
    one = fill(packs["M-1"], lambda book: put(book, "Territories", "A-2", **WISH))
    other = fill(packs["M-2"], lambda book: put(
        book, "Territories", "A-2", **WISH | {"Wanted_owner": "Gus (R-4)"}))  # fmt: skip
    message = refused(wb, one, other)
    assert "M-2 Cy Wu.xlsx, sheet Territories, cell O" in message
    assert "Cy Wu decides otherwise than Bo Li at M-1 Bo Li.xlsx, sheet Territories" in message
    twice = tmp_path / "copy.xlsx"
    shutil.copy(one, twice)
    fill(twice, lambda book: put(book, "Territories", "A-2", Note="another reason"))
    assert "decides otherwise" in refused(wb, one, twice)


def test_what_others_decided_since_is_not_overwritten(case: Case) -> None:
    """A pack of before somebody else's decision is refused, by name of that person."""
    wb, packs = case

    def deputy(book: Any) -> None:
        put(book, "Territories", "007", **WISH)
        say(book, "Filled in by", "A deputy")

    first = packs["M-1"].read_bytes()
    collect(wb, fill(packs["M-1"], deputy))
    packs["M-1"].write_bytes(first)
    mine = fill(packs["M-1"], lambda book: put(book, "Territories", "007", Decision="accept"))
    assert "since this pack was made, A deputy decided it (D-0001" in refused(wb, mine)


def test_a_stale_row_is_named(case: Case) -> None:
    """Where the plan has another owner by now, the row is refused with both owners."""
    wb, packs = case
    path = fill(packs["M-1"], lambda book: put(book, "Territories", "007", **WISH))
    write_plan(wb, **{"007": "R-2"})
    message = refused(wb, path)
    assert "cell C" in message
    assert "the pack says 'Di (R-1)', the plan now says 'Ed (R-2)'; take a new pack" in message


def test_the_rest_is_accepted_only_as_it_was_shown(case: Case) -> None:
    """An owner whom the manager never saw, or a row that was taken out, is not accepted unseen."""
    wb, packs = case
    sent = packs["M-1"].read_bytes()

    def shorten(book: Any) -> None:
        say(book, "Accept the rest", "yes")
        page = book["Territories"]
        page.delete_rows(row_of(page, "A-1"))

    message = refused(wb, fill(packs["M-1"], shorten))
    assert "accounts of the plan that are not in this file: 1, such as A-1" in message
    packs["M-1"].write_bytes(sent)
    path = fill(packs["M-1"], lambda book: say(book, "Accept the rest", "yes"))
    write_plan(wb, A_1="R-4")
    message = refused(wb, path)
    assert "line Accept the rest: accounts with another owner in the plan by now: 1" in message
    write_plan(wb)
    assert collect(wb, path) == {"pack_answers": ["D-0001"]}
    write_plan(wb, A_1="R-4")
    assert collect(wb, path) == {}  # read before: nothing new is said


def test_accounts_that_a_cut_pack_left_out_stay_open(tmp_path: Path) -> None:
    """Accept the rest covers the accounts that the pack showed, not those beyond most_rows."""
    settings = PAY.replace("managers}\n", "managers, most_rows: 100}\n")
    wb = make_pack_workbook(tmp_path / "acme", settings)
    plan = wb.read("territory_plan")
    more = pd.concat([plan.iloc[[0]]] * 102, ignore_index=True)
    more = more.assign(account_id=[f"B-{at:03d}" for at in range(102)],
                       potential=[2000.0 - at for at in range(102)])  # fmt: skip
    wb.write("territory_plan", pd.concat([plan, more], ignore_index=True))
    path = packs_of(wb)["M-1"]
    assert collect(wb, fill(path, lambda book: say(book, "Accept the rest", "yes")))
    assert wb.overrides("pack_answers")["detail"].str.startswith("100 accounts down to B-099").all()

    def said(**changes: Any) -> list[Any]:
        now = wb.read("territory_plan")
        for key, rep in changes.items():
            now.loc[now["account_id"].eq(key.replace("_", "-")), "rep_id"] = rep
        found = review_acceptance(now, wb.read("reps"), wb.overrides("pack_answers"),
                                  cycle="2026Q1", as_of=wb.as_of)  # fmt: skip
        names = ["account_count", "accepted_count", "open_count", "is_stale"]
        return found.set_index("manager_id").loc["M-1", names].tolist()

    assert said() == [105, 100, 5, False]
    assert said(B_101="R-2") == [105, 100, 5, False]
    assert said(B_099="R-2") == [105, 100, 5, True]


def test_a_pack_of_a_cycle_that_is_over_is_stale(case: Case) -> None:
    """Once a later cycle has planned territories, only its packs count."""
    wb, packs = case
    path = fill(packs["M-1"], lambda book: put(book, "Territories", "007", **WISH))
    later = wb.root / "cycles" / "2026Q2"
    (later / "r1" / "tables").mkdir(parents=True)
    plan = wb.target / "tables" / "territory_plan.parquet"
    shutil.copy(plan, later / "r1" / "tables" / plan.name)
    (later / "r1" / "manifest.json").write_text("{}", encoding="utf-8")
    (later / "current").write_text("r1\n", encoding="utf-8")
    message = refused(wb, path)
    assert "the pack is of 2026Q1, and 2026Q2 has been planned since; fill in its pack" in message


WRONG: dict[str, tuple[Callable[[Any], object], str]] = {
    "unknown rep": (lambda book: put(book, "Territories", "007",
                                     **WISH | {"Wanted_owner": "Edd (R-2)"}),
                    "'Edd (R-2)' is no rep who owns accounts in this plan; did you mean "
                    "'Ed (R-2)'?"),
    "the same owner": (
        lambda book: put(book, "Territories", "007", **WISH | {"Wanted_owner": "Di (R-1)"}),
        "the plan gives it to 'Di (R-1)' already; choose accept",
    ),
    "no reason": (lambda book: put(book, "Territories", "007", Decision="challenge",
                                   Wanted_owner="Ed (R-2)"), "say why; challenge needs a note"),
    "wrong code": (lambda book: put(book, "Territories", "007",
                                    **WISH | {"Kind_of_reason": "mood"}), "'mood' is none of"),
    "wrong decision": (lambda book: put(book, "Territories", "007", Decision="perhaps"),
                       "'perhaps' is none of accept, challenge"),
    "note alone": (lambda book: put(book, "Territories", "007", Note="hm"),
                   "choose a decision, or clear the row"),
    "wish with accept": (lambda book: put(book, "Territories", "007",
                                          **WISH | {"Decision": "accept"}),
                         "choose challenge, or clear the wish"),
    "quota in words": (lambda book: put(book, "Quotas", "R-1", Decision="challenge",
                                        Wanted_quota="half", Note="x"),
                       "'half' is not a number"),
    "comma for a point": (lambda book: put(book, "Quotas", "R-1", Decision="challenge",
                                           Wanted_quota="1.200,50", Note="x"),
                          "'1.200,50' is not a number"),
    "no kind of reason": (lambda book: put(book, "Quotas", "M-1", Decision="challenge",
                                           Wanted_quota=1, Note="x"),
                          "choose the kind of reason: terr"),
    "below zero": (lambda book: put(book, "Quotas", "R-1", Decision="challenge",
                                    Wanted_quota=-1, Note="x"), "out of range"),
    "protected cell": (lambda book: put(book, "Territories", "007", Potential=5),
                       "'5' is not what was sent; only pale yellow cells may be changed"),
    "protected sheet": (lambda book: put(book, "Balance", "R-1", Accounts_in_the_plan=77),
                        "sheet Balance, cell E2 (Accounts in the plan): '77' is not what was sent"),
    "added row": (lambda book: book["Territories"].append(["A-99"]),
                  "'A-99' was not in the form; rows are neither added nor renamed"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(WRONG))
def test_what_is_wrong_is_named_with_file_sheet_and_cell(case: Case, name: str) -> None:
    """Every slip has its place and what is allowed; nothing is kept."""
    wb, packs = case
    change, words = WRONG[name]
    message = refused(wb, fill(packs["M-1"], change))
    assert words in message
    assert "M-1 Bo Li.xlsx, sheet " in message


def test_text_is_shown_as_typed_and_a_wish_without_decision_is_checked(case: Case) -> None:
    """Capitals stay in the message; a wrong decision does not hide a wrong wish."""
    wb, packs = case

    def spoil(book: Any) -> None:
        put(book, "Territories", "007", **WISH | {"Kind_of_reason": "Bad Mood"})
        put(book, "Territories", "A-1", Decision="Perhaps", Wanted_owner="Edd (R-2)")
        put(book, "Quotas", "R-1", Wanted_quota="half")

    message = refused(wb, fill(packs["M-1"], spoil))
    for part in (
        "'Bad Mood' is none of",
        "'Perhaps' is none of accept",
        "'Edd (R-2)' is no rep who owns accounts",
        "choose a decision, or clear the row",
        "'half' is not a number",
    ):
        assert part in message


def test_broken_formula_renamed_column_and_a_good_row_together(case: Case) -> None:
    """All problems are told at once, and the good file beside them is not kept either."""
    wb, packs = case

    def spoil(book: Any) -> None:
        page = book["Territories"]
        cell = page.cell(row_of(page, "007"), column(page, "Note"))
        cell.value, cell.data_type = "#REF!", "e"
        page = book["Quotas"]
        page.cell(1, column(page, "Wanted quota")).value = "Wanted quotas"

    good = fill(packs["M-2"], lambda book: put(book, "Territories", "A-3", Decision="accept"))
    message = refused(wb, good, fill(packs["M-1"], spoil))
    assert "sheet Territories, cell R" in message
    assert "a formula without a value, or one that failed" in message
    assert "sheet Quotas: column 'Wanted quota, " in message
    assert "says 'Wanted quotas'; give it back" in message


def test_a_moved_column_is_found_by_its_header(case: Case) -> None:
    """The order of columns does not matter."""
    wb, packs = case

    def move(book: Any) -> None:
        put(book, "Territories", "007", Decision="accept")
        page = book["Territories"]
        rows = [[cell.value for cell in row] for row in page.iter_rows()]
        for at, values in enumerate(rows, start=1):
            for place, value in enumerate([*values[1:], values[0]], start=1):
                page.cell(at, place).value = value
                if isinstance(value, str):
                    page.cell(at, place).data_type = "s"

    path = fill(packs["M-1"], move)
    assert list(collect(wb, path)) == ["pack_answers"]
    assert wb.overrides("pack_answers")["subject_id"].tolist() == ["007"]


def test_an_accepted_challenge_is_put_in_force(case: Case) -> None:
    """The manager who leads both reps is asked; yes makes it a decision on the owner."""
    wb, _ = case
    wb.decide("challenges", [{"account_id": "A-3", "rep_id": "R-1", "reason_code": "location"}],
              who="Bo Li", why="near", when=DAY)  # fmt: skip
    write_challenge_outcomes(wb, [{
        "decision_id": "D-0001", "account_id": "A-3", "rep_id": "R-1", "planned_rep_id": "R-3",
        "decision": "accepted", "who": "Bo Li", "why": "near", "detail": "goes to Di (R-1)",
    }])  # fmt: skip
    path = packs_of(wb)["M-0"]
    collect(wb, fill(path, lambda book: put(book, "Questions", "in-force:D-0001", Answer="yes")))
    made = wb.overrides("territories").iloc[-1]
    assert (made["account_id"], made["rep_id"], made["rule"], made["who"]) == (
        "A-3",
        "R-1",
        "must",
        "Ana Top",
    )
    assert wb.overrides("challenges").empty
    assert collect(wb, path) == {}


def test_two_collects_at_once_lose_nothing(case: Case) -> None:
    """Two processes' worth of files at the same time: every row is there once."""
    wb, packs = case
    files = [fill(packs["M-1"], lambda book: put(book, "Territories", "007", **WISH)),
             fill(packs["M-2"], lambda book: put(book, "Territories", "A-3", **WISH))]  # fmt: skip
    failed: list[BaseException] = []

    def run(some: list[Path]) -> None:
        try:
            collect(wb, *some)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(some,))
               for some in ([files[0]], [files[1]], files)]  # fmt: skip
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    assert sorted(wb.overrides("challenges")["account_id"]) == ["007", "A-3"]
    assert len(wb.decisions("pack_answers")) == 2


def test_a_full_disk_leaves_nothing_by_halves(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the second file cannot be written, the first one is as it was."""
    wb, packs = case
    path = fill(packs["M-1"], lambda book: put(book, "Territories", "007", **WISH))
    real, calls = journal.write_bytes, []

    def fails(file: Path, content: bytes) -> None:
        calls.append(file.name)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(file, content)

    monkeypatch.setattr(journal, "write_bytes", fails)
    with pytest.raises(OSError, match="No space"):
        collect(wb, path)
    assert calls[:2] == ["challenges.csv", "pack_answers.csv"]
    assert kept(wb) == {}
    assert not (wb.root / "overrides" / journal.JOURNAL).exists()
    monkeypatch.setattr(journal, "write_bytes", real)
    assert sorted(collect(wb, path)) == ["challenges", "pack_answers"]


def test_files_that_are_no_packs_are_refused_by_name(case: Case, tmp_path: Path) -> None:
    """A password, an old file, macros, a bomb, another form, another workbook: nothing is run."""
    wb, packs = case
    good = packs["M-1"].read_bytes()
    files = {
        "locked.xlsx": b"\xd0\xcf\x11\xe0" + bytes(600),
        "text.xlsx": b"no zip at all",
        "macros.xlsm": with_part(good, "xl/vbaProject.bin", b"code"),
        "bomb.xlsx": with_part(good, "xl/media/image1.xml", bytes(60_000_000)),
        "doctype.xlsx": with_part(good, "xl/sharedStrings.xml", b"<!DOCTYPE a []><a/>"),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    message = refused(wb, packs["M-1"], *(tmp_path / name for name in files),
                      tmp_path / "nowhere.xlsx")  # fmt: skip
    for words in ("locked.xlsx: an encrypted or old binary Excel file",
                  "text.xlsx: not an Excel file", "macros.xlsm: the file has macros",
                  "bomb.xlsx: unpacks from", "doctype.xlsx: part xl/sharedStrings.xml declares a "
                  "document type", "nowhere.xlsx: cannot be read: No such file"):  # fmt: skip
        assert words in message


def test_another_form_names_the_command_that_reads_it(case: Case) -> None:
    """A rating sheet among packs is refused, and the message says how it is read."""
    wb, packs = case

    def relabel(book: Any) -> None:
        book["_planlib"].cell(1, 2).value = "rating_sheet"

    message = refused(wb, fill(packs["M-1"], relabel))
    assert "a form of kind 'rating_sheet'; it is read by planlib ratings" in message


def test_a_pack_without_its_marks_is_not_taken_for_an_empty_one(case: Case) -> None:
    """Where the hidden sheet that says what was sent is gone, nothing is read and that is told."""
    wb, packs = case

    def strip(book: Any) -> None:
        put(book, "Territories", "007", Decision="accept")
        del book["_marks"]

    assert "the hidden sheet _marks is gone" in refused(wb, fill(packs["M-1"], strip))


def test_a_pack_of_another_workbook(case: Case, made: Path, tmp_path: Path) -> None:
    """The stamp tells whose pack it is."""
    _, packs = case
    other = tmp_path / "other"
    shutil.copytree(made, other)
    wb = open_workbook(other, "2026Q1", as_of="2026-03-31")
    assert "belongs to workbook 'acme', not to 'other'" in refused(wb, packs["M-1"])


def test_thousands_of_blank_rows_are_read_as_none(case: Case) -> None:
    """Rows that hold nothing but a format below the table change nothing."""
    wb, packs = case

    def paint(book: Any) -> None:
        page = book["Territories"]
        for at in range(page.max_row + 1, 5000):
            page.cell(at, 2).fill = PatternFill("solid", fgColor="FFFFFF")

    assert collect(wb, fill(packs["M-1"], paint)) == {}


def test_script_in_a_note_stays_text(case: Case) -> None:
    """A script in a challenge is kept as the text it is, and shown escaped in the next pack."""
    wb, packs = case
    script = "<script>alert(1)</script>"
    collect(wb, fill(packs["M-1"], lambda book: put(
        book, "Territories", "007", **WISH | {"Note": script})))  # fmt: skip
    assert wb.overrides("challenges")["why"].tolist() == [script]
    again = packs_of(wb)["M-1"]
    with zipfile.ZipFile(again) as parts:
        assert b"<script>" not in parts.read("xl/sharedStrings.xml")


def test_the_command_says_what_was_kept(case: Case) -> None:
    """The command names the files in overrides/; wrong input has exit code 2."""
    wb, packs = case
    path = fill(packs["M-1"], lambda book: put(book, "Territories", "007", **WISH))
    done = CliRunner().invoke(cli.app, ["collect", str(wb.root), str(path)])
    assert done.exit_code == 0
    bad = fill(packs["M-2"], lambda book: put(book, "Territories", "A-3", Decision="x"))
    assert CliRunner().invoke(cli.app, ["collect", str(wb.root), str(bad)]).exit_code == 2
    assert len(wb.overrides("challenges")) == 1


def ask(wb: Workbook, pack: Path, amount: float = 500.0) -> str:
    """Challenge the own quota in a pack of M-1; give the decision."""
    made = collect(wb, fill(pack, lambda book: put(
        book, "Quotas", "M-1", Decision="challenge", Wanted_quota=amount,
        Kind_of_reason="pipeline too thin", Note="two posts open")))  # fmt: skip
    return made["quota_challenges"][0]


def questions(path: Path) -> dict[str, str]:
    """The questions of a pack by id."""
    book = openpyxl.load_workbook(path)
    if "Questions" not in book.sheetnames:
        return {}
    page = book["Questions"]
    return {str(row[0]): str(row[2]) for row in page.iter_rows(min_row=2, values_only=True)}


def test_a_quota_that_was_asked_for_is_set_by_the_manager_above(case: Case) -> None:
    """The own quota goes where the review's goes; yes above sets it and ends the challenge."""
    wb, packs = case
    decision = ask(wb, packs["M-1"])
    path = packs_of(wb)["M-0"]
    assert questions(path)[f"quota:{decision}"] == (
        "Bo Li asks for a yearly quota of 500 USD (pipeline too thin): two posts open. Set it? The "
        "others of that level take up the difference."
    )
    made = collect(wb, fill(path, lambda book: put(
        book, "Questions", f"quota:{decision}", Answer="yes")))  # fmt: skip
    assert sorted(made) == ["pack_answers", "quota_challenges", "quotas"]
    quota = wb.overrides("quotas").iloc[-1]
    assert (quota["rep_id"], quota["quota_amount"], quota["who"]) == ("M-1", 500, "Ana Top")
    assert wb.overrides("quota_challenges").empty
    assert collect(wb, path) == {}
    assert f"quota:{decision}" not in questions(packs_of(wb)["M-0"])


def test_a_quota_that_was_asked_for_can_be_declined_or_taken_back(case: Case) -> None:
    """No ends the challenge and sets nothing; so does accepting one's own quota after all."""
    wb, packs = case
    sent = packs["M-1"].read_bytes()
    decision = ask(wb, packs["M-1"])
    path = packs_of(wb)["M-0"]
    collect(wb, fill(path, lambda book: put(
        book, "Questions", f"quota:{decision}", Answer="no", Note="all are")))  # fmt: skip
    assert wb.overrides("quota_challenges").empty
    packs["M-1"].write_bytes(sent)
    ask(wb, packs["M-1"], 400.0)
    assert wb.overrides("quota_challenges")["wanted_amount"].tolist() == [400.0]
    packs["M-1"].write_bytes(sent)
    collect(wb, fill(packs["M-1"], lambda book: put(book, "Quotas", "M-1", Decision="accept")))
    assert wb.overrides("quota_challenges").empty
    assert wb.overrides("quotas").empty


def test_a_quota_asked_for_in_the_review_is_asked_in_the_pack_too(case: Case) -> None:
    """Both ways are one list; who may not see pay is not told what a single rep was to have."""
    wb, _ = case
    row = {"rep_id": "R-3", "wanted_amount": 150.0, "reason_code": "absence"}
    wb.decide("quota_challenges", [row], who="M-2 Cy Wu", why="parental", when=DAY)
    path = packs_of(wb)["M-0"]
    assert questions(path)["quota:D-0001"].startswith("M-2 Cy Wu asks for a yearly quota of 150 ")
    plan = (wb.root / "plan.yaml").read_text()
    (wb.root / "plan.yaml").write_text(plan.replace("sees: [pay]", "sees: []"))
    blind = open_workbook(wb.root, "2026Q1", as_of="2026-03-31")
    assert "quota:D-0001" not in questions(packs_of(blind)["M-0"])


def test_one_quota_is_not_set_to_two_amounts(case: Case) -> None:
    """Yes to a wish and another amount on sheet Quotas: both cells are named, none is kept."""
    wb, packs = case
    decision = ask(wb, packs["M-1"])

    def both(book: Any) -> None:
        put(book, "Questions", f"quota:{decision}", Answer="yes")
        put(book, "Quotas", "M-1", Decision="challenge", Wanted_quota=450, Note="half way",
            Kind_of_reason="other")  # fmt: skip

    path = packs_of(wb)["M-0"]
    message = refused(wb, fill(path, both))
    assert "the quota of M-1 is set to another amount at M-0 Ana Top.xlsx, sheet Quotas" in message
    again = fill(path, lambda book: put(book, "Quotas", "M-1", Wanted_quota=500))
    assert sorted(collect(wb, again)) == ["pack_answers", "quota_challenges", "quotas"]
    assert len(wb.decisions("quotas")) == 1


def test_a_pack_of_the_layout_before_is_still_taken(case: Case) -> None:
    """A pack that went out without a kind of reason, and with another header, comes back."""
    wb, packs = case

    def older(book: Any) -> None:
        put(book, "Quotas", "M-1", Decision="challenge", Wanted_quota=500, Note="two posts open")
        page = book["Quotas"]
        page.delete_cols(column(page, "Kind of reason"))
        for cell in (cell for sheet in book for row in sheet.iter_rows() for cell in row):
            if "Blended target" in str(cell.value):
                cell.value = cell.value.replace("Blended target", "Target")
        hidden = book["_planlib"]
        hidden.delete_rows(next(at for at in range(1, 20) if hidden.cell(at, 1).value == "version"))

    collect(wb, fill(packs["M-1"], older))
    assert wb.overrides("quota_challenges")["reason_code"].tolist() == ["other"]
