"""A case that can be shown: nobody is in it, and its structure is the client's."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from planlib import cli
from planlib.clients import anonymise
from planlib.clients.disguise import Disguise, NameFinder, action
from planlib.errors import WorkbookError
from planlib.intake.take import read_inputs
from planlib.intake.taken import Taken
from planlib.plan import load_plan
from planlib.tables import TABLES

KEY = b"a secret of the test, long enough"
CANARIES = (
    "Quillmont",
    "quillmont",
    "Zephyrine",
    "Ottoline",
    "赵钱孙",
    "澜岳",
    "A-77",
    "R-9",
    "O-5",
    "secret note",
)


def make_client(folder: Path) -> Path:
    """A workbook whose names stand in names, labels, mails, notes, settings and overrides."""
    root = folder / "client"
    (root / "inputs").mkdir(parents=True)
    (root / "overrides").mkdir()
    (root / "plan.yaml").write_text(
        "name: Quillmont Group  # of Zephyrine\ncurrency: CNY\nas_of: 2026-03-31\n"
        "segmentation:\n  large_footprint_acv: 1000\n  segment_owners: {Large: R-9}\n"
        "  unit_rules:\n    - {when: {region: [North]}, unit: Quillmont North}\n"
    )
    tables = {
        "accounts": {
            "account_id": ["A-77", "A-78", "A-79"],
            "name": ["Quillmont Ltd", "澜岳工业", "Bee Ltd"],
            "parent_id": ["", "A-77", ""], "owner_id": ["R-9", "R-9", "R-8"],
            "region": ["North", "North", "South"], "segment": ["Quillmont key", "Large", "Large"],
            "website": ["quillmont.com", "", ""], "acv": [100.0, 200.0, 400.0],
            "employees": [1234, 56, 7], "latitude": [51.5074, 30.1, 2.0],
            "longitude": [0.1, 120.2, 3.0],
            "postcode": ["E1 6AN", "", ""], "created_date": ["2020-02-03"] * 3,
        },
        "reps": {
            "rep_id": ["R-9", "R-8"], "name": ["Zephyrine Vale", "赵钱孙"], "role": ["AE", "AE"],
        },
        "contacts": {
            "contact_id": ["C-1"], "account_id": ["A-77"], "name": ["Ottoline Marsh"],
            "email": ["ottoline@quillmont.com"],
        },
        "opportunities": {
            "opportunity_id": ["O-5"], "account_id": ["A-77"], "owner_id": ["R-9"],
            "name": ["Quillmont renewal"], "amount": [500.0], "close_date": ["2026-03-30"],
            "is_closed": ["true"], "is_won": ["true"], "next_step": ["secret note"],
            "stage": ["Won"],
        },
        "onboarding": {"rep_id": ["R-9", "R-9"], "item": ["Quillmont tour", "Price list"]},
        "targets": {
            "period": ["2026Q1", "2026Q1"], "measure": ["acv", "new_customers"],
            "target_amount": [1000.0, 5.0],
        },
    }  # fmt: skip
    for name, content in tables.items():
        pd.DataFrame(content).to_csv(root / "inputs" / f"{name}.csv", index=False)
    (root / "overrides" / "territories.csv").write_text(
        "decision_id,who,when,why,effective_from,effective_to,supersedes,account_id,rep_id,rule\n"
        "D-0001,Zephyrine Vale,2026-03-01,secret note,,,,A-77,R-8,must\n"
    )
    return root


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The client and its case, made once."""
    folder = tmp_path_factory.mktemp("cases")
    client = make_client(folder)
    anonymise(client, folder / "case", KEY)
    return client, folder / "case"


@pytest.fixture
def both(case: tuple[Path, Path]) -> tuple[Taken, Taken]:
    """What intake takes in from the client and from the case."""
    client, shown = (read_inputs(load_plan(root), root) for root in case)
    return client, shown


def test_no_name_survives_anywhere(case: tuple[Path, Path]) -> None:
    """Not in a table, an override, the settings, the report, nor in the name of a file."""
    for path in case[1].rglob("*"):
        text = path.name + (path.read_text(encoding="utf-8") if path.is_file() else "")
        found = [canary for canary in CANARIES if canary in text]
        assert found == [], path.name


def test_the_structure_is_the_clients(both: tuple[Taken, Taken]) -> None:
    """Rows, joins and who owns what are as they were; nothing is set aside."""
    client, shown = both
    assert {name: len(frame) for name, frame in shown.tables.items()} == {
        name: len(frame) for name, frame in client.tables.items()
    }
    assert shown.quarantine.empty
    accounts, deals = shown.tables["accounts"], shown.tables["opportunities"]
    assert accounts["parent_id"].iloc[1] == accounts["account_id"].iloc[0]
    assert deals["account_id"].iloc[0] == accounts["account_id"].iloc[0]
    assert accounts["owner_id"].nunique() == 2
    assert set(accounts["owner_id"]) == set(shown.tables["reps"]["rep_id"])


def test_money_is_scaled_by_one_factor_and_counts_are_not(both: tuple[Taken, Taken]) -> None:
    """Ratios of money stay; a target of new customers is a count."""
    client, shown = both
    factor = Disguise(KEY).factor
    assert 0.5 <= factor <= 2
    pairs = [("accounts", "acv"), ("opportunities", "amount")]
    for table, column in pairs:
        expected = (client.tables[table][column] * factor).round(2)
        assert shown.tables[table][column].tolist() == expected.tolist()
    assert shown.tables["targets"]["target_amount"].tolist() == [round(1000 * factor, 2), 5.0]


def test_dates_move_by_whole_weeks_and_periods_with_them(both: tuple[Taken, Taken]) -> None:
    """One shift for all dates, a multiple of seven days; periods move by whole years."""
    client, shown = both
    shift = (
        shown.tables["opportunities"]["close_date"] - client.tables["opportunities"]["close_date"]
    )
    days = int(shift.iloc[0].days)
    assert days % 7 == 0
    assert -3 * 366 <= days < 0
    assert (shown.as_of - client.as_of).days == days
    assert shown.tables["targets"]["period"].iloc[0] == f"{2026 - Disguise(KEY).years}Q1"


def test_places_are_coarse_and_texts_are_gone(both: tuple[Taken, Taken]) -> None:
    """No postcode, no address on the web, no note; head counts and coordinates are rounded."""
    shown = both[1].tables
    assert shown["accounts"]["latitude"].iloc[0] == 51.5
    assert shown["accounts"]["employees"].tolist() == [1200, 56, 7]
    for table, column in (("accounts", "postcode"), ("accounts", "website"), ("contacts", "email"),
                          ("opportunities", "next_step")):  # fmt: skip
        assert shown[table][column].isna().all(), column


def test_settings_follow_the_names(case: tuple[Path, Path], both: tuple[Taken, Taken]) -> None:
    """An owner in the settings is the rep of the case; a unit with a name in it is replaced."""
    plan = load_plan(case[1])
    assert plan.name == "A client"
    owner = plan.segmentation.segment_owners["Large"]
    assert both[1].tables["reps"]["rep_id"].iloc[0] in str(owner)
    assert plan.segmentation.unit_rules[0].unit.startswith("Label ")
    assert plan.segmentation.large_footprint_acv == round(1000 * Disguise(KEY).factor, 2)


def test_the_same_key_gives_the_same_case_and_another_does_not(
    case: tuple[Path, Path], tmp_path: Path
) -> None:
    """Bytes are equal under one key; under another no id is."""
    anonymise(case[0], tmp_path / "again", KEY)
    anonymise(case[0], tmp_path / "other", KEY[::-1])
    file = "inputs/accounts.csv"
    first = (case[1] / file).read_bytes()
    assert (tmp_path / "again" / file).read_bytes() == first
    other = pd.read_csv(tmp_path / "other" / file)["account_id"]
    assert not set(other) & set(pd.read_csv(case[1] / file)["account_id"])


def test_the_report_says_what_was_done_by_column(case: tuple[Path, Path]) -> None:
    """Each column with values has a line; a dropped one says so."""
    done = pd.read_csv(case[1] / "anonymised.csv")
    by_column = {(row[0], row[1]): row[2] for row in done.itertuples(index=False)}
    assert by_column["accounts", "name"] == "name Company"
    assert by_column["opportunities", "next_step"] == "dropped"
    assert by_column["override_territories", "why"] == "dropped"


def test_text_that_no_rule_knows_is_dropped() -> None:
    """A column added tomorrow is not shown before somebody has decided that it may be."""
    table = TABLES["accounts"]
    unknown = type(table.columns[0])("remark", "text", "A remark")
    assert action(table, unknown) == "dropped"


def test_names_are_found_within_other_texts() -> None:
    """As words in Latin script, as a run of signs in Chinese; not within other words."""
    finder = NameFinder(["Ann Lee", "Box", "赵钱孙", "North"], public=["North"])
    assert finder.holds_name("deal of ann  lee, 2026")
    assert finder.holds_name("box")
    assert finder.holds_name("由赵钱孙负责")
    assert not finder.holds_name("Annlee")
    assert not finder.holds_name("a box of pens")
    assert not finder.holds_name("North")


def test_what_cannot_be_done_is_refused_before_anything_is_written(
    case: tuple[Path, Path], tmp_path: Path
) -> None:
    """A short key, a folder that is taken, a secret in the command line, one that is not set."""
    with pytest.raises(WorkbookError, match="at least 16 are needed"):
        anonymise(case[0], tmp_path / "x", b"short")
    with pytest.raises(WorkbookError, match="is there already and not empty"):
        anonymise(case[0], case[1], KEY)
    for key, message in (("hunter2", "env:NAME"), ("env:PLANLIB_NOT_SET", "is not set")):
        done = CliRunner().invoke(
            cli.app, ["anonymise", str(case[0]), str(tmp_path / "x"), "--key", key]
        )
        assert done.exit_code == 2
        assert message in done.output
    assert not (tmp_path / "x").exists()


def test_the_command_names_the_cycle_that_fits_the_moved_dates(
    case: tuple[Path, Path], tmp_path: Path
) -> None:
    """The client's own cycle would hold none of the case's deals."""
    target = tmp_path / "a case"
    done = CliRunner().invoke(cli.app, ["anonymise", str(case[0]), str(target)])
    assert done.exit_code == 0, done.output
    day = load_plan(target).as_of
    assert day is not None
    assert day.isoformat() in done.output
    cycle = f"{day.year}Q{(day.month + 2) // 3}"
    assert f'planlib run "{target}" --cycle {cycle}' in done.output
