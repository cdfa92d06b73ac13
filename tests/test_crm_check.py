"""The checker of CRM load files, the commands, and a published cycle."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest
from typer.testing import CliRunner

from planlib import cli
from planlib.errors import InputError, MissingTableError, WorkbookError
from planlib.exchange.crm import check_files, make_load, read_export, read_wanted
from planlib.exchange.crm.files import Shape, write_load
from planlib.exchange.crm.run import about_load
from planlib.store.atomic import write_json, write_text
from planlib.store.frames import write_frame
from planlib.store.layout import MANIFEST
from planlib.tables import table
from tests.crm_frames import Crm, make_crm, make_wanted

PARTS = ("territories", "quotas", "owners")


@pytest.fixture
def planned(tmp_path):
    """A Salesforce with an active model and territories; its export; the files of the next load."""
    wanted = make_wanted(model="FY26", hierarchy="flat")
    crm = make_crm(wanted)
    kind = crm.add("Territory2Type", DeveloperName="Named", Priority="3")
    model = crm.add("Territory2Model", DeveloperName="FY26", State="Active")
    for rep in ("R_1", "R_2"):
        crm.add("Territory2", DeveloperName=f"FY26_{rep}", Name=rep, Territory2ModelId=model,
                Territory2TypeId=kind, ParentTerritory2Id="")  # fmt: skip
    export = crm.export(tmp_path / "export")
    load, _ = make_load(wanted, read_export(export, "salesforce"), PARTS)
    write_load(tmp_path / "out", load, Shape(), about_load(wanted, load, PARTS))
    return crm, export, tmp_path / "out"


def found(files, export, **limits) -> set[tuple[str, int, str, str]]:
    """Give the problems as file, row, column, what is allowed."""
    rows = check_files(files, export, "salesforce", **limits).table()
    return {
        (row["file"], row["row"], row["column"], row["allowed"]) for row in rows.to_dict("records")
    }


def write(folder, name: str, *lines: str):
    """Write a load file by hand."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / name


def test_what_planlib_writes_has_no_problem(planned):
    """Deletes, inserts, updates against the export that they were made from."""
    _, export, out = planned
    assert len(list((out / "load").glob("*.csv"))) == 5
    assert found([out], export) == set()


def test_wrong_ids_users_and_owners_are_named(planned, tmp_path):
    """Broken, foreign, unknown and inactive ids, a record twice, nothing changed."""
    crm, export, _ = planned
    accounts = list(crm.records["Account"].values())
    users = list(crm.records["User"].values())
    users[1]["IsActive"] = "false"
    crm.export(export)
    path = write(
        tmp_path / "a", "11_Account_update.csv", "Id,OwnerId",
        f"{accounts[0]['Id'].lower()},{users[0]['Id']}",
        f"{users[0]['Id']},{users[2]['Id']}",
        f"001xQ0ZZZZ99999,{users[2]['Id']}",
        f"{accounts[1]['Id'][:15]},{users[1]['Id']}",
        f"{accounts[1]['Id']},",
        f"{accounts[2]['Id']},{accounts[2]['OwnerId']}",
    )  # fmt: skip
    name = "11_Account_update.csv"
    once = "each record once in all files of an action"
    assert found([path], export) == {
        (name, 2, "Id", "an id of Salesforce, but its last three characters do not fit the others"),
        (name, 3, "Id", "an id of Account, which starts with 001"),
        (name, 4, "Id", "an id that the export of Account has"),
        (name, 5, "OwnerId", "a user that is active"),
        (name, 5, "Id", once),
        (name, 6, "Id", once),
        (name, 6, "OwnerId", "a value; a blank changes nothing, #N/A empties the field"),
        (name, 6, "Id", "a record that changes; this one is so already"),
        (name, 7, "Id", "a record that changes; this one is so already"),
    }


def test_territories_by_hand_are_checked(planned, tmp_path):
    """Names, lengths, access, formulas, parents, a name that the organisation has, the limit."""
    crm, export, _ = planned
    territory = next(iter(crm.records["Territory2"].values()))
    model, kind = territory["Territory2ModelId"], territory["Territory2TypeId"]
    other = crm.add("Territory2Model", DeveloperName="FY27", State="Archived")
    crm.export(export)
    head = "Name,DeveloperName,Territory2ModelId,Territory2TypeId,ParentTerritory2Id,"
    path = write(
        tmp_path / "t", "03_Territory2_insert.csv", head + "AccountAccessLevel",
        f"=1+1,1st,{model},{kind},,Read/Write",
        f"North,fy26_r_1,{model},{kind},,Edit",
        f"{'x' * 81},New,{other},{kind},{territory['Id']},Edit",
        f" West,New,{model},{kind},,Edit",
    )  # fmt: skip
    name = "03_Territory2_insert.csv"
    assert found([path], export, most_territories=3) == {
        (name, 0, "Territory2ModelId", "at most 3 territories in a model; it would have 5"),
        (name, 2, "Name", "text that no spreadsheet takes for a formula, so not = + - @ first"),
        (name, 2, "DeveloperName", "letters, digits and single underscores, a letter first, no "
         "underscore last, at most 80 characters"),
        (name, 2, "AccountAccessLevel", "one of Read, Edit, All"),
        (name, 3, "DeveloperName", "a name that no territory of the organisation has, whatever its "
         "model"),
        (name, 4, "Name", "at most 80 characters"),
        (name, 4, "Territory2ModelId", "a model in state Planning or Active"),
        (name, 4, "ParentTerritory2Id", "a territory of the same model"),
        (name, 4, "DeveloperName", "each record once in all files of an action"),
        (name, 5, "DeveloperName", "each record once in all files of an action"),
        (name, 5, "Name", "no blanks before or after the value"),
    }  # fmt: skip


def test_associations_and_their_order_are_checked(planned, tmp_path):
    """There already, by rule, a model that is not active, inserts before deletes."""
    crm, export, _ = planned
    accounts = list(crm.records["Account"])
    territories = list(crm.records["Territory2"])
    by_rule = {"AssociationCause": "Territory2AssignmentRule", "Territory2Id": territories[0]}
    ruled = crm.add("ObjectTerritory2Association", ObjectId=accounts[0], **by_rule)
    crm.export(export)
    folder = tmp_path / "o"
    first, second = (
        "01_ObjectTerritory2Association_insert.csv", "02_ObjectTerritory2Association_delete.csv"
    )  # fmt: skip
    write(folder, first, "ObjectId,Territory2Id,AssociationCause",
          f"{accounts[0]},{territories[0]},Territory2Manual",
          f"{accounts[1]},{territories[0]},Manual")  # fmt: skip
    told = {(row, column) for _, row, column, _ in found([folder], export)}
    assert told == {(2, "ObjectId"), (3, "AssociationCause")}
    write(folder, second, "Id", ruled)
    problems = found([folder], export)
    told_back = "an association made by hand; the rule would bring this one back"
    assert (second, 2, "Id", told_back) in problems
    assert any(row == 0 and "this order: Territory2Type insert" in allowed
               for _, row, _, allowed in problems)  # fmt: skip
    model = next(iter(crm.records["Territory2Model"].values()))
    model["State"] = "Planning"
    crm.export(export)
    assert (first, 2, "Territory2Id", "a territory of the active model; this one is of a model in "
            "state Planning") in found([folder / first], export)  # fmt: skip


def test_quotas_by_hand_are_checked(planned, tmp_path):
    """Days, amounts, currencies, and a quota that the CRM has already."""
    crm, export, _ = planned
    user, kind = next(iter(crm.records["User"])), next(iter(crm.records["ForecastingType"]))
    crm.add("ForecastingQuota", QuotaOwnerId=user, ForecastingTypeId=kind, QuotaAmount="5",
            StartDate="2026-03-17T00:00:00.000Z")  # fmt: skip
    crm.export(export)
    name = "10_ForecastingQuota_insert.csv"
    path = write(
        tmp_path / "q", name,
        "QuotaOwnerId,ForecastingTypeId,StartDate,QuotaAmount,CurrencyIsoCode",
        f"{user},{kind},2026-01-15,100,USD", f"{user},{kind},01/02/2026,\"1,000\",usd",
        f"{user},{kind},2026-03-01,-5,USD",
    )  # fmt: skip
    assert {(row, column) for _, row, column, _ in found([path], export)} == {
        (2, "StartDate"), (3, "StartDate"), (3, "QuotaAmount"), (3, "CurrencyIsoCode"),
        (4, "QuotaAmount"), (4, "QuotaOwnerId"),
    }  # fmt: skip


def test_headers_and_files_are_checked(planned, tmp_path):
    """Names of files, missing, strange and double columns, ragged rows, size, mark, encoding."""
    _, export, _ = planned
    folder = tmp_path / "h"
    write(folder, "owners.csv", "a")
    write(folder, "Account_update.csv", "\ufeffId,Ownerid,Id", "x,y,z", "x")
    (folder / "Account_update_2.csv").write_bytes(b"Id,OwnerId\n1,\xff\n")
    write(folder, "Account_update_3.csv", "")
    told = found([folder], export, most_rows=1)
    assert {(file, row, column) for file, row, column, _ in told} >= {
        ("owners.csv", 0, ""), ("Account_update.csv", 1, "OwnerId"),
        ("Account_update.csv", 1, "Ownerid"), ("Account_update.csv", 1, "Id"),
        ("Account_update.csv", 3, ""), ("Account_update_2.csv", 0, ""),
        ("Account_update_3.csv", 0, ""),
    }  # fmt: skip
    texts = {allowed for *_, allowed in told}
    assert "one of Id, OwnerId; is it OwnerId?" in texts
    assert "line 2: is not UTF-8; save it as CSV UTF-8" in texts
    assert "none; some loaders take it into the first header" in texts
    with pytest.raises(InputError, match="there is no such file or folder"):
        check_files([tmp_path / "no"], export, "salesforce")
    with pytest.raises(InputError, match="there is no CSV file to check"):
        check_files([export / ".."], export, "salesforce")


def make_workbook(root, *, sees: str = "[pay]"):
    """Give a workbook with one published cycle: two accounts, two reps, quotas."""
    revision = root / "cycles" / "2026Q1" / "r1"
    write_text(root / "plan.yaml", f"report:\n  audiences:\n    leadership: {{sees: {sees}}}\n")
    accounts = pd.DataFrame({"account_id": ["A-1", "A-2", "A-3"], "name": ["One", "Two", "=3"]})
    reps = pd.DataFrame({"rep_id": ["R-1", "R-2"], "name": ["Ann", "Bo"]})
    plan = pd.DataFrame({
        "account_id": ["A-2", "A-1", "A-3"], "role_layer": "AE",
        "is_in_scope": [True, True, False], "rep_id": ["R-2", "R-1", "R-1"],
        "previous_rep_id": ["R-1", "R-1", "R-1"], "is_moved": [True, False, False],
        "is_protected": False, "reason": "x",
    })  # fmt: skip
    quotas = pd.DataFrame({"rep_id": ["R-1", "R-2"], "role": "AE", "kind": ["rep", "rep"],
                           "quota_amount": [1200.0, None]})  # fmt: skip
    for part, name, frame in (
        ("inputs", "accounts", accounts), ("inputs", "reps", reps),
        ("tables", "territory_plan", plan), ("tables", "quotas", quotas),
    ):  # fmt: skip
        (revision / part).mkdir(parents=True, exist_ok=True)
        write_frame(revision / part / f"{name}.parquet", table(name).coerce(frame))
    write_json(revision / MANIFEST, {"as_of": "2026-03-31"})
    write_text(revision.parent / "current", "r1\n")
    return root


def test_a_published_cycle_is_read_and_a_draft_is_not(tmp_path):
    """Accounts in scope alone; quotas where pay may be seen; the rest is named."""
    root = make_workbook(tmp_path / "book")
    wanted = read_wanted(root)
    assert wanted.owners["account_id"].tolist() == ["A-1", "A-2"]
    assert wanted.as_of == datetime.date(2026, 3, 31)
    assert wanted.notes == ("1 accounts are out of the plan's scope and stay as they are",)
    assert wanted.quotas is not None
    assert wanted.quotas.groupby("rep_id").size().to_dict() == {"R-1": 12, "R-2": 12}
    assert read_wanted(root, "2026Q1").revision == "r1"
    with pytest.raises(WorkbookError, match="cycle 2026Q2 is not published; published are 2026Q1"):
        read_wanted(root, "2026Q2")
    with pytest.raises(WorkbookError, match="there is no audience 'x'; plan.yaml has leadership"):
        read_wanted(root, audience="x")
    hidden = read_wanted(make_workbook(tmp_path / "other", sees="[]"))
    assert hidden.quotas is None
    assert any("may not see pay" in note for note in hidden.notes)
    (root / "cycles/2026Q1/r1/tables/territory_plan.parquet").unlink()
    with pytest.raises(MissingTableError, match="--only 03_territories"):
        read_wanted(root, "2026Q1")


def test_the_commands_write_check_and_undo(tmp_path, monkeypatch):
    """The commands crm, crm-check, crm-undo: exit codes, files, and what is printed."""
    monkeypatch.setattr(cli.out, "_width", 200)
    root = make_workbook(tmp_path / "book")

    def call(*arguments):
        return CliRunner().invoke(cli.app, [str(one) for one in arguments])

    asked = call("crm", root)
    assert asked.exit_code == 2
    assert "User.csv: query: SELECT Id, IsActive, Name" in asked.output
    crm: Crm = make_crm(read_wanted(root))
    before = crm.state()
    export, out, undo = crm.export(tmp_path / "export"), tmp_path / "out", tmp_path / "undo"
    made = call("crm", root, "--existing", export, "--out", out, "--load", "owners",
                "--load", "quotas", "--cycle", "2026Q1")  # fmt: skip
    assert made.exit_code == 0, made.output
    assert "10_ForecastingQuota_insert.csv" in made.output
    assert "accounts are found by column AccountNumber of Account" in made.output
    assert (out / "changes.xlsx").is_file()
    assert call("crm-check", out, "--existing", export).output.endswith("0 errors, 0 warnings\n")
    path = next((out / "load").glob("*Account_update.csv"))
    path.write_text(path.read_text().replace("005", "001", 1))
    checked = call("crm-check", path, "--existing", export, "--out", tmp_path / "wrong.csv")
    assert checked.exit_code == 2
    assert "OwnerId" in (tmp_path / "wrong.csv").read_text(encoding="utf-8-sig")
    path.write_text(path.read_text().replace("001", "005").replace("005", "001", 1))
    crm.load(out)
    again = crm.export(tmp_path / "again")
    undone = call("crm-undo", out, "--existing", again, "--out", undo)
    assert undone.exit_code == 0, undone.output
    crm.load(undo)
    assert crm.state() == before
    refused = call("crm-undo", export, "--existing", again, "--out", tmp_path / "no")
    assert refused.exit_code == 2
    assert "crm_load.json is missing" in refused.output


def test_folders_that_were_not_named_are_told_at_once() -> None:
    """A command without its folders names each option and what it is for."""
    found = CliRunner().invoke(cli.app, ["crm-undo", "load"])
    said = " ".join(found.output.split())
    assert found.exit_code == 2
    assert "--existing: name the folder with the CRM's own export" in said
    assert "--out: name a new folder for the files" in said
