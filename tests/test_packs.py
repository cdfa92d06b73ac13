"""Tests of the Excel packs of managers: what goes out, and to whom."""

from __future__ import annotations

import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from planlib.errors import SettingsError
from planlib.exchange.packs import write_packs
from planlib.exchange.packs.columns import territory_columns
from planlib.exchange.packs.write import answer_line
from planlib.plan import parse_plan
from planlib.settings.packs import PacksSettings
from planlib.store import Workbook
from planlib.tables import TABLES
from planlib.territories.teams import COMPANY, common, find_teams, homes
from tests.pack_frames import ACCOUNTS, LONG, column, make_pack_workbook, packs_of, row_of

DAY = datetime.date(2026, 3, 31)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    """The small organisation."""
    return make_pack_workbook(tmp_path_factory.mktemp("packs") / "acme")


@pytest.fixture(scope="module")
def packs(workbook: Workbook) -> dict[str, Path]:
    """Its packs, by manager."""
    return packs_of(workbook)


def make_reps(**bosses: str | None) -> pd.DataFrame:
    """Reps with their managers."""
    rows = [{"rep_id": key, "manager_id": boss} for key, boss in bosses.items()]
    return TABLES["reps"].coerce(pd.DataFrame(rows))


def sheet(packs: dict[str, Path], who: str, name: str) -> list[dict[str, object]]:
    """Rows of a sheet by header."""
    page = openpyxl.load_workbook(packs[who])[name]
    head, *rows = page.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def test_every_leader_has_a_pack(packs: dict[str, Path]) -> None:
    """Each manager and the top leader have one file; reps have none."""
    assert sorted(packs) == ["M-0", "M-1", "M-2"]


def test_a_pack_holds_the_own_accounts_those_that_leave_and_nothing_else(
    packs: dict[str, Path],
) -> None:
    """A-2 goes from one team to the other: both packs have it, and that of the leader of both."""
    ids = {who: {row["Account id"] for row in sheet(packs, who, "Territories")} for who in packs}
    assert ids == {"M-1": {"007", "A-1", "A-2"}, "M-2": {"A-2", "A-3", "A-4"}, "M-0": {"A-2"}}
    words = {row["Account id"]: row["What changes"] for row in sheet(packs, "M-1", "Territories")}
    assert words == {"007": "stays", "A-1": "comes from Di (R-1)",
                     "A-2": "leaves your team; today with Ed (R-2)"}  # fmt: skip


def test_no_text_is_a_formula_and_numbers_stay_numbers(packs: dict[str, Path]) -> None:
    """Names that begin with = + - @, long ones, line breaks, Chinese, emoji and 007 survive."""
    rows = {}
    for path in packs.values():
        for page in openpyxl.load_workbook(path):
            cells = [cell for row in page.iter_rows() for cell in row]
            assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    for who in ("M-1", "M-2"):
        rows |= {row["Account id"]: row for row in sheet(packs, who, "Territories")}
    assert {key: row["Account"] for key, row in rows.items()} == {
        key: name for key, (name, _, _) in ACCOUNTS.items()
    }
    assert rows["A-4"]["Account"] == LONG
    assert [value for name, value in rows["007"].items() if name.startswith("Potential")] == [100]


def test_numbers_are_shown_as_people_read_them(packs: dict[str, Path]) -> None:
    """Money and hours whole, ratios in percent; the value behind a cell stays exact."""
    shown = {}
    book = openpyxl.load_workbook(packs["M-1"])
    for name in ("Territories", "Balance", "Quotas"):
        page = book[name]
        shown |= {str(cell.value): page.cell(2, cell.column).number_format for cell in page[1]}
    assert shown["Hours a year"] == "#,##0"
    assert shown["Quota / bottom-up"] == "0 %"
    assert shown["Price of balance for it, cost units"] == "#,##0.00"
    money = [one for one in shown if one.endswith((", USD", ", EUR"))]
    assert money
    assert {shown[one] for one in money} == {"#,##0"}
    deviations = [one for one in shown if one.endswith("deviation from the target")]
    assert {shown[one] for one in deviations} == {"0.0 %"}


def test_what_columns_mean_stands_on_the_first_sheet(packs: dict[str, Path]) -> None:
    """Terms of the plan are explained in words; the way back still knows their headers."""
    lines = dict(openpyxl.load_workbook(packs["M-1"])["About"].iter_rows(values_only=True))
    for what in ("More cost with the next best", "Price of balance for it", "Quota / bottom-up"):
        assert lines[what]
    heads = [one.header for one in territory_columns("EUR")]
    for what in ("More cost with the next best", "Price of balance for it", "Next best owner"):
        assert any(head.startswith(what) for head in heads)


def test_the_day_of_answer_is_never_past_when_a_pack_is_made() -> None:
    """Days count from when the pack was handed out; a fixed day is told as it is."""
    assert answer_line(PacksSettings()) == (
        "To be handed back", "within 14 days after you got this file",
    )  # fmt: skip
    assert answer_line(PacksSettings(answer_days=1))[1] == "within 1 day after you got this file"
    fixed = PacksSettings(answer_by=datetime.date(2026, 4, 30))
    assert answer_line(fixed) == ("To be handed back by", "2026-04-30")


def test_only_decision_cells_are_open(packs: dict[str, Path]) -> None:
    """Sheets are protected; decisions have drop-downs with the reps of the scope and the codes."""
    book = openpyxl.load_workbook(packs["M-1"])
    page = book["Territories"]
    assert page.protection.sheet
    assert page.freeze_panes == "C2"
    assert page.auto_filter.ref.startswith("A1:")
    open_heads = {str(cell.value) for cell in page[1]
                  if not page.cell(2, cell.column).protection.locked}  # fmt: skip
    assert open_heads == {"Decision", "Wanted owner", "Kind of reason", "Note"}
    lists = {cell.value for row in book["Lists"].iter_rows() for cell in row}
    assert {"accept", "challenge", "Gus (R-4)", "relation", "later"} <= lists
    assert book["_planlib"].sheet_state == book["_marks"].sheet_state == "veryHidden"
    assert book.active.title == "About"


def test_the_balance_has_a_chart(packs: dict[str, Path]) -> None:
    """Balance and roll-up carry a chart of Excel's own, over the rows of the sheet."""
    book = openpyxl.load_workbook(packs["M-1"])
    series = book["Balance"]._charts[0].series[0]
    assert series.val.numRef.f.endswith("$3")  # two reps below the header
    assert openpyxl.load_workbook(packs["M-0"])["Teams"]._charts


def test_the_leader_sees_the_teams_rolled_up(packs: dict[str, Path]) -> None:
    """Each team below is one line with its accounts, moves and quota."""
    rows = {row["Manager id"]: row for row in sheet(packs, "M-0", "Teams")}
    first = rows["M-1"]
    assert (
        first["Accounts in the plan"],
        first["Gained from others"],
        first["Lost to others"],
    ) == (2, 0, 1)
    amount = next(name for name in first if name.startswith("Quotas"))
    assert [rows[who][amount] for who in ("M-1", "M-2")] == [622, 422]


def test_quotas_of_people_only_for_those_who_may_see_pay(tmp_path: Path) -> None:
    """Without the right to see pay the sheet has the quotas of teams alone."""
    rich = make_pack_workbook(tmp_path / "rich")
    poor = make_pack_workbook(tmp_path / "poor", "")
    ids = {
        wb.root.name: {row["Id"] for row in sheet(packs_of(wb), "M-1", "Quotas")}
        for wb in (rich, poor)
    }
    assert ids == {"rich": {"M-1", "R-1", "R-2"}, "poor": {"M-1"}}
    for path in packs_of(poor).values():
        text = {str(cell.value) for page in openpyxl.load_workbook(path) for row in
                page.iter_rows() for cell in row}  # fmt: skip
        assert not {"311", "211"} & text


def test_a_team_without_figures_says_why(tmp_path: Path) -> None:
    """A blank quota is never left without its reason where a decision on it is asked for."""
    poor = make_pack_workbook(tmp_path / "poor", "")
    levels = poor.read("quota_levels")
    poor.write("quota_levels", levels.assign(is_group=levels["node_id"].ne("M-1")))
    packs = packs_of(poor)
    row = sheet(packs, "M-1", "Quotas")[0]
    assert row["Quota of the plan, USD"] is None
    assert str(row["What stands out"]).startswith("not shown")
    lines = dict(openpyxl.load_workbook(packs["M-1"])["About"].iter_rows(values_only=True))
    assert "few people" in lines["Blank quotas"]
    other = dict(openpyxl.load_workbook(packs["M-2"])["About"].iter_rows(values_only=True))
    assert "Blank quotas" not in other


def test_questions_are_those_of_the_team(packs: dict[str, Path]) -> None:
    """Flags, proposed needs and the like are asked of the manager whose team they concern."""
    ids = [row["Question id"] for row in sheet(packs, "M-1", "Questions")]
    assert ids == ["fairness:R-1", "need:deal:1"]
    need = sheet(packs, "M-1", "Questions")[1]["Question"]
    assert need == "Proposed need: Disks, 0-3m, 7 USD (open deal). Is it there?"
    assert "Questions" not in openpyxl.load_workbook(packs["M-2"]).sheetnames


def test_contradictions_of_no_single_person_are_asked_of_their_owner(tmp_path: Path) -> None:
    """A person's goes to the manager right above, that of a role or a planned post to its owner."""
    wb = make_pack_workbook(tmp_path / "poor", "")
    shared = {"severity": "warns", "parts": "quotas, pay", "statement": "x", "decide": "which"}
    rows = [
        {"rule": "quota_above_capacity", "subject": "R-3", "subject_name": "Flo", "owner": "Cy Wu"},
        {"rule": "pay_above_budget", "subject": "all", "subject_name": "all roles",
         "owner": "Ana Top"},
        {"rule": "quota_without_accounts", "subject": "HP-1", "subject_name": "Planned hire HP-1",
         "owner": "Cy Wu"},
    ]  # fmt: skip
    found = TABLES["plan_contradictions"].coerce(pd.DataFrame([one | shared for one in rows]))
    wb.write("plan_contradictions", found)
    rules = found[["rule", "severity"]].assign(
        rule_order=range(1, 4), meaning="what it finds", tested_count=1, found_count=1
    )
    wb.write("plan_rules", TABLES["plan_rules"].coerce(rules))
    packs = packs_of(wb)
    asked = {who: {row["About"]: row["Question"] for row in sheet(packs, who, "Questions")}
             for who in ("M-0", "M-2")}  # fmt: skip
    assert set(asked["M-0"]) == {"all roles"}
    assert set(asked["M-2"]) == {"Flo (R-3)", "Planned hire HP-1"}
    assert asked["M-0"]["all roles"].startswith("quotas, pay: what it finds.")


def test_key_accounts_say_what_is_due(packs: dict[str, Path]) -> None:
    """Needs stand with horizon, value and whether they are overdue."""
    row = sheet(packs, "M-1", "Key accounts")[0]
    assert (row["Open needs"], row["Needs overdue"], row["Needs, next first"]) == (
        1,
        1,
        "0-3m: =more, 50, overdue",
    )


def test_same_content_same_file(workbook: Workbook, packs: dict[str, Path]) -> None:
    """Packs are the same byte for byte when written again."""
    before = {who: path.read_bytes() for who, path in packs.items()}
    assert {who: path.read_bytes() for who, path in packs_of(workbook).items()} == before


def test_packs_can_be_switched_off(tmp_path: Path) -> None:
    """With packs.is_on at false none is written."""
    assert write_packs(make_pack_workbook(tmp_path / "acme", "packs: {is_on: false}\n")) == []


def test_several_at_the_top_get_a_company_pack() -> None:
    """Where nobody leads everyone, a pack of the company stands above; rings are cut."""
    teams = find_teams(make_reps(A=None, B=None, C="A", D="B"), DAY)
    assert sorted(teams) == ["A", "B", COMPANY]
    assert teams[COMPANY].leads == ("A", "B")
    ring = find_teams(make_reps(A="B", B="A", C="B"), DAY)
    assert sorted(ring) == ["A", "B"]
    assert ring["A"].below == {"A", "B", "C"}


def test_without_managers_the_company_answers_for_all() -> None:
    """Nobody is forgotten: reps without any manager stand in the company's pack."""
    teams = find_teams(make_reps(A=None, B=None), DAY)
    assert homes(teams) == {"A": COMPANY, "B": COMPANY, COMPANY: COMPANY}


def test_the_next_one_above_stands_in_for_a_manager_who_left() -> None:
    """The team of a leaver belongs to the manager above."""
    reps = make_reps(A=None, B="A", C="B").assign(
        leave_date=[pd.NaT, pd.Timestamp("2026-01-31"), pd.NaT]
    )
    teams = find_teams(reps, DAY)
    assert sorted(teams) == ["A"]
    assert teams["A"].direct == {"A", "B", "C"}


def test_the_lowest_manager_above_two_is_found() -> None:
    """Two managers of different branches meet at the leader of both."""
    teams = find_teams(make_reps(T=None, A="T", B="T", C="A", D="B", E="C"), DAY)
    assert (common("A", "B", teams), common("C", "A", teams), common("A", None, teams)) == (
        "T",
        "A",
        "",
    )


def test_ids_that_no_file_system_takes(tmp_path: Path) -> None:
    """The key column finds its row however the id looks."""
    packs = packs_of(make_pack_workbook(tmp_path / "acme"))
    page = openpyxl.load_workbook(packs["M-1"])["Territories"]
    assert page.cell(row_of(page, "007"), column(page, "Owner in")).value == "Di (R-1)"


def test_no_pack_replaces_another(tmp_path: Path) -> None:
    """Managers whose ids differ in capital letters or a last point alone have a file each."""
    wb = make_pack_workbook(tmp_path / "acme")
    reps = wb.read("reps")
    swap = {"M-1": "m", "M-2": "M.", "M-0": "M"}
    reps["rep_id"] = reps["rep_id"].replace(swap)
    reps["manager_id"] = reps["manager_id"].replace(swap)
    wb.write_inputs({"reps": reps.assign(name=None), "accounts": wb.read("accounts")},
                    as_of=datetime.date(2026, 3, 31))  # fmt: skip
    names = [path.name for path in write_packs(wb)]
    assert sorted(names) == ["M 2.xlsx", "M.xlsx", "m 3.xlsx"]


def test_an_unknown_audience_is_refused() -> None:
    """The audience of packs must be one of the audiences of plan.yaml."""
    with pytest.raises(SettingsError, match="packs.audience 'board' is none of leadership"):
        parse_plan("packs: {audience: board}\n")
