"""CRM load files: a made-up Salesforce takes them, comes to the plan, and goes back."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planlib.errors import InputError, ParameterError, WorkbookError
from planlib.exchange.crm import make_load, read_export, undo_loads
from planlib.exchange.crm.files import STAMP, Shape, write_load
from planlib.exchange.crm.ids import full_ids
from planlib.exchange.crm.names import DEVELOPER_NAME, developer_names, labels
from planlib.exchange.crm.run import about_load, export_queries, system_of
from planlib.exchange.crm.wanted import split_quotas
from planlib.periods import FiscalYear, Period
from tests.crm_frames import Crm, make_crm, make_wanted

PARTS = ("territories", "quotas", "owners")


def run(wanted, crm: Crm, folder: Path, parts=PARTS, **shape):
    """Write the files of one round; give the load and its folder."""
    export = read_export(crm.export(folder / "export"), "salesforce")
    load, chosen = make_load(wanted, export, parts)
    out = folder / "load_files"
    write_load(out, load, Shape(**shape), about_load(wanted, load, chosen))
    return load, out


def bring(wanted, crm: Crm, folder: Path, parts=PARTS) -> list[Path]:
    """Load round after round, activate the model, until nothing is left; give the folders."""
    folders = []
    for number in range(12):
        load, out = run(wanted, crm, folder / str(number), parts)
        folders.append(out)
        if not load.operations:
            states = {one["State"] for one in crm.records["Territory2Model"].values()}
            if states == {"Active"} or "territories" not in parts:
                return folders
            crm.activate()
        crm.load(out)
    raise AssertionError("the rounds do not end")


def reasons(load) -> dict[str, str]:
    """Give why things are not loaded, by id of planlib."""
    left = load.all_not_loaded()
    return dict(zip(left["planlib_id"], left["reason"], strict=True))


def test_the_crm_comes_to_the_plan_and_goes_back(tmp_path):
    """Rounds end; every account is in its rep's territory; undo gives the state before."""
    wanted = make_wanted()
    crm = make_crm(wanted)
    before = crm.state()
    folders = bring(wanted, crm, tmp_path)
    territories = crm.records["Territory2"]
    accounts = crm.records["Account"]
    users = {one["Id"]: one["EmployeeNumber"] for one in crm.records["User"].values()}
    found = {
        accounts[one["ObjectId"]]["AccountNumber"]: territories[one["Territory2Id"]][
            "DeveloperName"
        ].removeprefix("planlib_2026Q1_")
        for one in crm.records["ObjectTerritory2Association"].values()
    }
    assert found == {"A-1": "R_1", "A-2": "R_2", "A-3": "R_3", "007": "R_2"}
    assert {one["AccountNumber"]: users[one["OwnerId"]] for one in accounts.values()} == {
        "A-1": "R-1", "A-2": "R-2", "A-3": "R-3", "007": "R-2",
    }  # fmt: skip
    assert [one["QuotaAmount"] for one in crm.records["ForecastingQuota"].values()] == ["100.50"]
    assert run(wanted, crm, tmp_path / "again")[0].operations == []
    undo_loads(folders, crm.export(tmp_path / "now"), tmp_path / "undo")
    crm.load(tmp_path / "undo")
    assert crm.state() == before


def test_a_second_plan_moves_accounts_and_is_taken_back_alone(tmp_path):
    """Delete before insert; before/ makes the deleted rows anew; the first plan stands again."""
    crm = make_crm(make_wanted())
    bring(make_wanted(), crm, tmp_path / "first")
    before = crm.state()
    moved = make_wanted(
        owners=(("A-1", "R-2", "R-1"), ("A-2", "R-2", "R-2"), ("A-3", "R-3", "R-3"),
                ("007", "R-1", "R-2")),
        quotas=(("R-1", "2026-01-01", 90.0), ("R-2", "2026-02-01", 10.0)),
    )  # fmt: skip
    load, out = run(moved, crm, tmp_path / "second")
    names = [path.name for path in sorted((out / "load").glob("*.csv"))]
    assert names == [
        "06_ObjectTerritory2Association_delete.csv",
        "07_ObjectTerritory2Association_insert.csv", "09_ForecastingQuota_update.csv",
        "10_ForecastingQuota_insert.csv", "11_Account_update.csv",
    ]  # fmt: skip
    told = load.all_changes()
    told = told[(told["what"] == "account") & (told["field"] == "territory")]
    assert told[["planlib_id", "old", "new"]].to_numpy().tolist() == [
        ["A-1", "planlib_2026Q1_R_1", "planlib_2026Q1_R_2"],
        ["007", "planlib_2026Q1_R_2", "planlib_2026Q1_R_1"],
    ]
    crm.load(out)
    assert run(moved, crm, tmp_path / "again")[0].operations == []
    undo_loads([out], crm.export(tmp_path / "now"), tmp_path / "undo")
    crm.load(tmp_path / "undo")
    assert crm.state() == before


def test_the_undo_files_beside_a_load_bring_back_updates_and_deletes(tmp_path):
    """Where no record is new, undo/ is all that is needed, without another export."""
    wanted = make_wanted()
    crm = make_crm(wanted)
    before = crm.state()
    _, out = run(wanted, crm, tmp_path, ("owners",))
    crm.load(out)
    assert crm.state() != before
    crm.load(out / "undo")
    assert crm.state() == before


def test_what_others_changed_since_is_not_taken_back(tmp_path):
    """An owner and a quota set by hand after the load stay, and are listed."""
    wanted = make_wanted()
    crm = make_crm(wanted)
    _, out = run(wanted, crm, tmp_path, ("quotas", "owners"))
    crm.load(out)
    head = next(one["Id"] for one in crm.records["User"].values() if one["Name"] == "Head")
    account = next(one for one in crm.records["Account"].values() if one["AccountNumber"] == "A-2")
    account["OwnerId"] = head
    quota = next(iter(crm.records["ForecastingQuota"].values()))
    quota["QuotaAmount"] = "77"
    result = undo_loads([out], crm.export(tmp_path / "now"), tmp_path / "undo")
    assert result.files == []
    left = result.load.all_not_loaded()
    assert set(left["reason"]) == {"it has been changed since the load"}
    assert set(left["crm_id"]) == {account["Id"], quota["Id"]}


def test_a_territory_that_others_use_is_not_deleted(tmp_path):
    """Undo leaves a new territory, and its model and type, while a strange user is in it."""
    wanted = make_wanted()
    crm = make_crm(wanted)
    folders = bring(wanted, crm, tmp_path)
    territory = next(one["Id"] for one in crm.records["Territory2"].values()
                     if one["DeveloperName"].endswith("R_3"))  # fmt: skip
    stranger = crm.add("User", Name="Stranger", IsActive="true", EmployeeNumber="X")
    crm.add("UserTerritory2Association", UserId=stranger, Territory2Id=territory)
    undo_loads(folders, crm.export(tmp_path / "now"), tmp_path / "undo")
    crm.load(tmp_path / "undo")
    left = [one["DeveloperName"] for one in crm.records["Territory2"].values()]
    assert left == ["planlib_2026Q1_H_1", "planlib_2026Q1_M_2", "planlib_2026Q1_R_3"]
    assert len(crm.records["Territory2Model"]) == 1
    assert crm.records["ObjectTerritory2Association"] == {}


def test_accounts_wait_until_the_model_is_active(tmp_path):
    """In state Planning territories and users are loaded; accounts are listed as waiting."""
    wanted = make_wanted(model="FY26", hierarchy="flat")
    crm = make_crm(wanted)
    crm.add("Territory2Type", DeveloperName="Named", Priority="3")
    crm.add("Territory2Model", DeveloperName="FY26", State="Planning")
    load, out = run(wanted, crm, tmp_path, ("territories",))
    assert [one.name for one in load.operations] == ["Territory2_insert"]
    crm.load(out)
    load, _ = run(wanted, crm, tmp_path / "2", ("territories",))
    assert [one.name for one in load.operations] == ["UserTerritory2Association_insert"]
    assert reasons(load)["A-1"] == "the model is not active; accounts are loaded after it is"


@pytest.mark.parametrize("state", ["Archived", "Cloning"])
def test_a_model_that_takes_nothing_is_named(tmp_path, state):
    """File, row, model and state stand in the message."""
    wanted = make_wanted(model="FY26")
    crm = make_crm(wanted)
    crm.add("Territory2Model", DeveloperName="FY26", State=state)
    with pytest.raises(InputError, match=rf"Territory2Model.csv row 2.*'FY26' is in state {state}"):
        run(wanted, crm, tmp_path)


def test_associations_by_rule_are_left_alone(tmp_path):
    """A rule would bring the row back, so it is listed; a pair by rule that fits is not sent."""
    wanted = make_wanted(hierarchy="flat")
    crm = make_crm(wanted)
    bring(wanted, crm, tmp_path)
    rows = list(crm.records["ObjectTerritory2Association"].values())
    for row in rows:
        row["AssociationCause"] = "Territory2AssignmentRule"
    moved = make_wanted(owners=(("A-1", "R-2", "R-1"), ("A-2", "R-2", "R-1")), hierarchy="flat")
    load, out = run(moved, crm, tmp_path / "moved", ("territories",))
    assert [one.name for one in load.operations] == ["ObjectTerritory2Association_insert"]
    assert len(load.operations[0].rows) == 1
    assert reasons(load)["A-1"].startswith("a rule keeps it in territory 0MI")


def test_what_has_no_record_is_listed_and_not_loaded(tmp_path):
    """Unknown account, one id on two accounts, inactive user, open seat: each with its reason."""
    wanted = make_wanted(
        owners=(("A-1", "R-1", "R-3"), ("A-2", "R-2", "R-3"), ("A-3", "R-3", "R-1"),
                ("A-4", "S-1", "R-3"), ("A-5", "R-3", "R-1"), ("A-6", "", "R-1"),
                ("A-9", "R-1", "R-3")),
        reps=(("R-1", "Ann", ""), ("R-2", "Bo", ""), ("R-3", "Cy", ""), ("S-1", "Seat", "")),
    )  # fmt: skip
    reps = wanted.reps.assign(is_open_seat=wanted.reps["rep_id"].eq("S-1").astype("boolean"))
    wanted = type(wanted)(**{**vars(wanted), "reps": reps})
    crm = make_crm(wanted, inactive=["R-2"])
    crm.add("Account", AccountNumber="A-3", OwnerId=next(iter(crm.records["User"])))
    gone = next(key for key, one in crm.records["Account"].items()
                if one["AccountNumber"] == "A-9")  # fmt: skip
    del crm.records["Account"][gone]
    load, _ = run(wanted, crm, tmp_path, ("owners",))
    why = reasons(load)
    assert re.fullmatch("the user 005.* is not active", why["R-2"])
    assert why["S-1"] == "an open seat has no user yet"
    assert re.match("several records carry it in column AccountNumber: 001.* 001", why["A-3"])
    assert why["A-9"] == "no Account of the export has it in AccountNumber"
    assert why["A-6"] == "the plan gives it no owner"
    assert why["A-2"] == "its rep R-2 has no active user in the CRM"
    rows = load.operations[0].rows
    names = rows["Id"].map({one["Id"]: one["AccountNumber"]
                            for one in crm.records["Account"].values()})  # fmt: skip
    assert sorted(names) == ["A-1", "A-5"]


def test_a_mapping_file_says_which_record_is_which(tmp_path):
    """planlib_ids.csv counts before the export's column; ids of 15 characters will do."""
    wanted = make_wanted()
    crm = make_crm(wanted)
    folder = crm.export(tmp_path / "export")
    account = next(one for one in crm.records["Account"].values() if one["AccountNumber"] == "A-2")
    account["AccountNumber"] = ""
    crm.export(folder)
    text = f"kind,planlib_id,crm_id\naccount,A-2,{account['Id'][:15]}\n"
    (folder / "planlib_ids.csv").write_text(text)
    load, _ = make_load(wanted, read_export(folder, "salesforce"), ("owners",))
    assert load.operations[0].rows["Id"].tolist() == [account["Id"]]
    (folder / "planlib_ids.csv").write_text("kind,planlib_id,crm_id\nfirm,A-2,001\n")
    with pytest.raises(InputError, match=r"(?s)column kind: 'firm'.*column crm_id: '001'"):
        read_export(folder, "salesforce")


def test_an_export_that_does_not_fit_is_named(tmp_path):
    """Another system, missing columns, missing files, ids broken by a spreadsheet, no keys."""
    wanted = make_wanted()
    crm = make_crm(wanted)
    folder = crm.export(tmp_path / "export")
    with pytest.raises(InputError, match="AccountX"):
        make_load(make_wanted(account_key="AccountX"), read_export(folder, "salesforce"))
    with pytest.raises(InputError, match="Account.csv: is an export of salesforce, but hubspot"):
        read_export(folder, "hubspot")
    (folder / "Account.csv").write_text("ID,NAME\n001,x\n")
    with pytest.raises(InputError, match="Account.csv: column 'OwnerId' is missing; found Id, Na"):
        read_export(folder, "salesforce")
    account = next(iter(crm.records["Account"].values()))
    (folder / "Account.csv").write_text(
        f"Id,OwnerId\n{account['Id'].lower()},{account['OwnerId']}\n"
    )
    with pytest.raises(InputError, match="Account.csv row 2, column Id: .* do not fit the others"):
        read_export(folder, "salesforce")
    (folder / "Account.csv").unlink()
    with pytest.raises(InputError, match=r"Account.csv is missing.*SELECT Id, OwnerId"):
        make_load(wanted, read_export(folder, "salesforce"), ("owners",))
    crm.export(folder)
    for row in crm.records["Account"].values():
        row["AccountNumber"] = "other " + row["AccountNumber"]
    crm.export(folder)
    with pytest.raises(InputError, match="no column of the export holds planlib's ids"):
        make_load(wanted, read_export(folder, "salesforce"), ("owners",))
    with pytest.raises(ParameterError, match="'leads' is not known for salesforce"):
        make_load(wanted, read_export(folder, "salesforce"), ("leads",))
    with pytest.raises(ParameterError, match="known are salesforce, hubspot"):
        system_of("siebel")


def test_success_files_of_a_loader_stand_for_a_fresh_export(tmp_path):
    """Made records count with their new ids; refused ones are asked to be taken out."""
    wanted = make_wanted(hierarchy="flat")
    crm = make_crm(wanted)
    folder = crm.export(tmp_path / "export")
    load, _ = make_load(wanted, read_export(folder, "salesforce"), ("territories",))
    made = {"Territory2Type": "0M5xQ0AAAA00009", "Territory2Model": "0MAxQ0AAAA00009"}
    for one in load.operations:
        rows = one.rows.assign(ID=made[one.object], STATUS="Item Created")
        rows.to_csv(folder / f"{one.object}_success.csv", index=False)
    again, _ = make_load(wanted, read_export(folder, "salesforce"), ("territories",))
    assert [one.name for one in again.operations] == ["Territory2_insert"]
    ids = full_ids(pd.Series(list(made.values())))["id"].tolist()
    first = again.operations[0].rows.iloc[0]
    assert [first["Territory2TypeId"], first["Territory2ModelId"]] == ids
    gone = folder / "ObjectTerritory2Association_delete_success.csv"
    gone.write_text("ID,STATUS\n0MOxQ0AAAA00009,Item Deleted\n")
    export = read_export(folder, "salesforce")  # it has no columns of an export, and needs none
    assert export.notes[-1].startswith(f"{gone.name}: a loader says that it made no record by it")
    (folder / "Territory2_error.csv").write_text("Name,ERROR\nx,bad value\n")
    with pytest.raises(InputError, match="records that were refused"):
        read_export(folder, "salesforce")


def test_opportunities_follow_their_account(tmp_path):
    """Open ones get the account's territory; closed ones and those kept out stay."""
    wanted = make_wanted(hierarchy="flat")
    crm = make_crm(wanted)
    bring(wanted, crm, tmp_path, ("territories",))
    account = next(one["Id"] for one in crm.records["Account"].values()
                   if one["AccountNumber"] == "A-1")  # fmt: skip
    for closed, kept in (("false", "false"), ("true", "false"), ("false", "true")):
        crm.add("Opportunity", AccountId=account, IsClosed=closed,
                IsExcludedFromTerritory2Filter=kept, Territory2Id="")  # fmt: skip
    before = crm.state()
    load, out = run(wanted, crm, tmp_path / "deals", ("opportunities",))
    first, _, third = crm.records["Opportunity"]
    assert load.operations[0].rows["Id"].tolist() == [first]
    assert reasons(load) == {third: "it is kept out of automatic assignment"}
    crm.load(out)
    undo_loads([out], crm.export(tmp_path / "now"), tmp_path / "undo")
    assert "#N/A" in next((tmp_path / "undo" / "load").glob("*.csv")).read_text()
    crm.load(tmp_path / "undo")
    assert crm.state() == before


def test_opportunities_wait_until_the_model_is_active(tmp_path):
    """A territory of a model that is planned only takes no opportunity yet."""
    wanted = make_wanted(hierarchy="flat")
    crm = make_crm(wanted)
    for number in range(3):
        crm.load(run(wanted, crm, tmp_path / str(number), ("territories",))[1])
    assert len(crm.records["Territory2"]) == 3
    account = next(one["Id"] for one in crm.records["Account"].values()
                   if one["AccountNumber"] == "A-1")  # fmt: skip
    deal = crm.add("Opportunity", AccountId=account, IsClosed="false",
                   IsExcludedFromTerritory2Filter="false", Territory2Id="")  # fmt: skip
    load, _ = run(wanted, crm, tmp_path / "planned", ("opportunities",))
    assert load.operations == []
    why = "the model is not active; opportunities are loaded after it is"
    assert reasons(load) == {deal: why}
    crm.activate()
    load, _ = run(wanted, crm, tmp_path / "active", ("opportunities",))
    assert [one.name for one in load.operations] == ["Opportunity_update"]


def test_files_are_split_plain_and_free_of_formulas(tmp_path):
    """At most N rows; no mark unless asked; no cell starts like a formula; 007 and 李雷 stay."""
    wanted = make_wanted()
    crm = make_crm(wanted)
    for number in range(4):
        load, out = run(wanted, crm, tmp_path / str(number), rows=1, bom=number == 3)
        crm.load_file = Crm.load_file.__get__(crm)
        names = []
        for path in sorted((out / "load").glob("*.csv")):
            data = path.read_bytes()
            assert data.startswith(b"\xef\xbb\xbf") == (number == 3)
            assert b"\r" not in data
            rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))
            assert len(rows) == 2
            assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@")]
            names += [row[0] for row in rows[1:] if rows[0][0] == "Name"]
        if number == 3:
            assert names == ["Ann Lee (R-1)", "李雷 (R-2)", "cmd|' /C calc'!A0 (R-3)"]
            break
        crm.load(out)
    changes = (out / "changes.csv").read_text(encoding="utf-8-sig")
    assert "李雷 (R-2)" in changes
    with pytest.raises(WorkbookError, match="is not empty; give a new folder"):
        write_load(out, load, Shape(), {"as_of": "2026-03-31"})
    assert (out / STAMP).is_file()


def test_ids_get_their_checksum():
    """Published pairs of 15 and 18 characters; a changed case or length is found."""
    values = pd.Series(["001D000000IRFma", "001d000000irfmaIAH", "50130000000014cAAA", "12", None])
    found = full_ids(values)
    assert found["id"].fillna("").tolist() == [
        "001D000000IRFmaIAH", "", "50130000000014cAAA", "", "",
    ]  # fmt: skip
    assert found["problem"].tolist() == [
        "", "its last three characters do not fit the others", "",
        "no id of 15 or 18 letters and digits", "",
    ]  # fmt: skip
    assert len(full_ids(pd.Series(dtype="str"))) == 0


@given(st.lists(st.text(max_size=100), unique=True, max_size=20))
def test_developer_names_keep_the_rules_whatever_the_ids(ids):
    """Letters, digits, single underscores; unique without case; each depends on its id alone."""
    names = developer_names(ids, "FY26")
    assert all(re.fullmatch(DEVELOPER_NAME, name) and len(name) <= 80 for name in names)
    assert names.str.lower().is_unique
    assert developer_names(list(reversed(ids)), "FY26").sort_index().equals(names.sort_index())


def test_developer_names_stay_when_others_come():
    """A plain id is readable; a Chinese one gets a number of its own that does not move."""
    alone = developer_names(["R-058", "张三"], "FY26")
    more = developer_names(["R-001", "李四", "R-058", "张三"], "FY26")
    assert alone.tolist() == ["FY26_R_058", "FY26_1d841bc0"]
    assert more[["R-058", "张三"]].tolist() == alone.tolist()


def test_labels_are_one_line_of_80_characters():
    """The id stays whole at the end; line breaks and formula signs go."""
    found = labels(pd.Series(["=1+1", "a\nb", "x" * 99, pd.NA]), pd.Series(list("ABCD")))
    assert found.tolist() == ["1+1 (A)", "a b (B)", "x" * 76 + " (C)", "D"]


def test_quotas_add_up_to_the_cent_over_the_days_a_rep_is_there():
    """A year of 100 in twelve parts; a start in July gets six; unknown stays unknown."""
    quotas = pd.DataFrame({
        "rep_id": ["a", "b", "c"], "kind": "rep", "quota_amount": [100.0, 60.01, np.nan],
        "first_date": pd.to_datetime([None, "2026-07-16", None]),
        "leave_date": pd.to_datetime([None, None, None]),
    })  # fmt: skip
    found = split_quotas(quotas, Period.parse(2026), "month")
    sums = found.groupby("rep_id")["amount"].sum()
    assert sums.round(2).to_dict() == {"a": 100.0, "b": 60.01, "c": 0.0}
    assert (found["rep_id"] == "b").sum() == 6
    assert found[found["rep_id"] == "c"]["amount"].isna().all()
    first = found[found["rep_id"] == "b"].iloc[0]
    assert first["amount"] == pytest.approx(60.01 * 16 / 169, abs=0.01)
    year = Period.parse(2026, FiscalYear(start_month=2))
    starts = split_quotas(quotas.head(1), year, "quarter")["start_date"].dt.strftime("%m-%d")
    assert starts.tolist() == ["02-01", "05-01", "08-01", "11-01"]


def test_every_object_has_a_query():
    """What to export is said object by object."""
    lines = export_queries("salesforce")
    assert "Territory2Model.csv: query: SELECT Id, DeveloperName, Name, State FROM " in lines[1]
    assert len(lines) == 10
    assert export_queries("hubspot")[0].endswith("Record ID, Company owner, Company name")


def test_hubspot_companies_get_the_owner_by_address(tmp_path):
    """Owners are known by name or address; only what differs is sent; undo brings it back."""
    wanted = make_wanted()
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "hubspot-users-2026.csv").write_text(
        "User ID,First name,Last name,Email,Status,Number\n"
        "1,Ann,Lee,ann@x.com,Active,R-1\n2,Bo,Li,bo@x.com,Active,R-2\n"
        "3,Cy,Ng,cy@x.com,Deactivated,R-3\n"
    )
    (folder / "all-companies.csv").write_text(
        "Record ID,Company name,Company owner,Key\n"
        "123456789012345,One,Ann Lee,A-1\n22,Two,ann@x.com,A-2\n33,Three,,A-3\n44,Four,,007\n"
    )
    load, _ = make_load(wanted, read_export(folder, "hubspot"))
    assert [one.name for one in load.operations] == ["companies_update"]
    assert load.operations[0].rows.to_numpy().tolist() == [["22", "bo@x.com"], ["44", "bo@x.com"]]
    assert reasons(load)["A-3"] == "its rep R-3 has no active user in the CRM"
    out = tmp_path / "out"
    write_load(out, load, Shape(), about_load(wanted, load, ("owners",)))
    undone = (out / "undo" / "load" / "01_companies_update.csv").read_text()
    assert undone.splitlines() == ["Record ID,Company owner", "22,ann@x.com", "44,"]
    (folder / "all-companies.csv").write_text(
        "Record ID,Company name,Company owner,Key\n"
        "123456789012345,One,Ann Lee,A-1\n22,Two,bo@x.com,A-2\n33,Three,,A-3\n"
        "44,Four,bo@x.com,007\n"
    )
    owned = load.operations[0].rows["Record ID"] == "44"
    load.operations[0] = replace(load.operations[0], rows=load.operations[0].rows[owned],
                                 before=load.operations[0].before[owned])  # fmt: skip
    write_load(tmp_path / "one", load, Shape(), about_load(wanted, load, ("owners",)))
    back = undo_loads([tmp_path / "one"], folder, tmp_path / "back")
    assert back.files[0].path.read_text().splitlines() == ["Record ID,Company owner", "44,"]
    assert "1 records had nothing in Company owner before" in back.load.notes[-1]


def states(load, what: str) -> dict[str, tuple[str, str]]:
    """Give state and reason of what is not loaded, by id of planlib."""
    left = load.all_not_loaded()
    left = left[left["what"] == what]
    return {one["planlib_id"]: (one["state"], one["reason"]) for one in left.to_dict("records")}


def test_what_waits_comes_by_itself_and_what_cannot_needs_a_person(tmp_path):
    """A territory without an id yet: its quota waits; no user, territory or name: it cannot."""
    wanted = make_wanted(
        owners=(("A-1", "R-1", "R-3"), ("A-2", "R-2", "R-1"), ("A-3", "R-3", "R-1")),
        reps=(("R-1", "Ann", "M-1"), ("R-2", "Bo", "M-1"), ("R-3", "Cy", "M-1"),
              ("M-1", "Max", ""), ("R-9", "Flo", "M-1")),
        quotas=tuple((f"R-{n}", "2026-01-01", float(n)) for n in (1, 2, 3, 9)),
        quota_of="territory",
    )  # fmt: skip
    crm = make_crm(wanted, inactive=["R-2"])
    other = crm.add("Territory2Model", DeveloperName="other", Name="other", State="Planning")
    crm.add("Territory2", DeveloperName="planlib_2026Q1_R_3", Name="x", Territory2ModelId=other)
    load, _ = run(wanted, crm, tmp_path)
    quotas = {key.split()[0]: told for key, told in states(load, "quota").items()}
    assert quotas["R-1"] == ("waits", "the territory of R-1 has no id yet")
    assert quotas["R-2"] == ("cannot", "its rep has no active user in the CRM")
    assert quotas["R-3"][0] == "cannot"
    assert "cannot be made; its own row says why" in quotas["R-3"][1]
    assert quotas["R-9"] == ("cannot", "its rep has no territory in the plan")
    accounts = states(load, "account")
    assert accounts["A-1"] == ("waits", "the territory of R-1 has no id yet")
    assert accounts["A-3"][0] == "cannot"
    assert states(load, "territory")["R-3"][0] == "cannot"
    for account in crm.records["Account"].values():
        crm.add("Opportunity", AccountId=account["Id"], IsClosed="false",
                IsExcludedFromTerritory2Filter="false", Territory2Id="")  # fmt: skip
    deals = states(run(wanted, crm, tmp_path / "deals", ("opportunities",))[0], "opportunity")
    assert sorted(state for state, _ in deals.values()) == ["cannot", "waits", "waits"]
