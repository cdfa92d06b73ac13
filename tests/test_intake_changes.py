"""Field histories: one row per changed field gives the same past as any other history."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml

from planlib.intake import read_inputs
from planlib.intake.changes import complete_changes
from planlib.pipeline import PipelineHistory
from planlib.plan import load_plan
from planlib.tables import table

DEALS = """Id,AccountId,OwnerId,Name,StageName,Probability,Amount,CloseDate,CreatedDate,\
IsClosed,IsWon
D1,A1,U2,One,Closed Won,100,900,2026-02-20,2025-12-01,true,true
D2,A1,U1,Two,Prospecting,10,50,2026-05-31,2025-12-10,false,false
D3,A2,U1,Three,Proposal,60,70,2026-04-30,2026-01-15,false,false
"""
STAGES = """MasterLabel,ApiName,IsClosed,IsWon,SortOrder
Prospecting,Prospecting,false,false,1
Proposal,Proposal,false,false,2
Closed Won,Closed Won,true,true,3
"""
USERS = "Id,Name\nU1,Ann\nU2,Bo\n"
#: D1 began at 400 in Prospecting with Ann; D2 never changed; D3 began in Prospecting.
FIELD_HISTORY = """OpportunityId,Field,OldValue,NewValue,CreatedDate
D1,created,,,2025-12-01T09:00:00Z
D1,StageName,Prospecting,Proposal,2026-01-10T09:00:00Z
D1,Amount,400,900,2026-01-10T09:00:00Z
D1,Owner,Ann,Bo,2026-01-20T09:00:00Z
D1,CloseDate,2026-03-31,2026-02-20,2026-02-01T09:00:00Z
D1,StageName,Proposal,Closed Won,2026-02-20T09:00:00Z
D3,StageName,Prospecting,Proposal,2026-02-05T09:00:00Z
"""
#: The same story, whole rows.
OBJECT_HISTORY = """OpportunityId,StageName,Probability,Amount,CloseDate,CreatedDate
D1,Prospecting,10,400,2026-03-31,2025-12-01T09:00:00Z
D2,Prospecting,10,50,2026-05-31,2025-12-10T09:00:00Z
D1,Proposal,60,900,2026-03-31,2026-01-10T09:00:00Z
D3,Prospecting,10,70,2026-04-30,2026-01-15T09:00:00Z
D1,Proposal,60,900,2026-02-20,2026-02-01T09:00:00Z
D3,Proposal,60,70,2026-04-30,2026-02-05T09:00:00Z
D1,Closed Won,100,900,2026-02-20,2026-02-20T09:00:00Z
"""
HUBSPOT_DEALS = """deal_id,deal_pipeline_stage_id,owner_id,property_dealname,property_amount,\
property_closedate,property_createdate
D1,s3,U2,One,900,2026-02-20,2025-12-01
D2,s1,U1,Two,50,2026-05-31,2025-12-10
D3,s2,U1,Three,70,2026-04-30,2026-01-15
"""
#: Relabelled stages: the id that once said won is an open stage now.
HUBSPOT_STAGES = """stage_id,label,is_closed,closed_won,probability,display_order
s1,Prospecting,false,false,0.1,0
s2,Proposal,false,false,0.6,1
s3,Contract back,true,true,1.0,2
"""
PROPERTIES = """deal_id,name,value,timestamp,source
D1,dealstage,s1,2025-12-01 09:00:00,CRM
D1,amount,400,2025-12-01 09:00:00,CRM
D1,closedate,2026-03-31,2025-12-01 09:00:00,CRM
D1,hubspot_owner_id,U1,2025-12-01 09:00:00,CRM
D1,hs_analytics_source,ADS,2025-12-01 09:00:00,CRM
D2,dealstage,s1,2025-12-10 09:00:00,CRM
D2,amount,50,2025-12-10 09:00:00,CRM
D2,closedate,2026-05-31,2025-12-10 09:00:00,CRM
D2,hubspot_owner_id,U1,2025-12-10 09:00:00,CRM
D1,dealstage,s2,2026-01-10 09:00:00,CRM
D1,amount,900,2026-01-10 09:00:00,CRM
D3,dealstage,s1,2026-01-15 09:00:00,CRM
D3,amount,70,2026-01-15 09:00:00,CRM
D3,closedate,2026-04-30,2026-01-15 09:00:00,CRM
D3,hubspot_owner_id,U1,2026-01-15 09:00:00,CRM
D1,hubspot_owner_id,U2,2026-01-20 09:00:00,CRM
D1,closedate,2026-02-20,2026-02-01 09:00:00,CRM
D3,dealstage,s2,2026-02-05 09:00:00,CRM
D1,dealstage,s3,2026-02-20 09:00:00,CRM
"""
SALESFORCE = {"Opportunity.csv": DEALS, "OpportunityStage.csv": STAGES, "User.csv": USERS}
HUBSPOT = {
    "deal.csv": HUBSPOT_DEALS,
    "deal_pipeline_stage.csv": HUBSPOT_STAGES,
    "owner.csv": "owner_id,full_name\nU1,Ann\nU2,Bo\n",
    "deal_property_history.csv": PROPERTIES,
}


def take(folder: Path, column_map: str, files: dict[str, str]):
    """Take in some files through a map."""
    (folder / "inputs").mkdir(parents=True)
    for name, text in files.items():
        (folder / "inputs" / name).write_text(text, encoding="utf-8")
    plan = {"as_of": "2026-03-01", "inputs": {"map": column_map}}
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    return read_inputs(load_plan(folder), folder)


def past(taken) -> PipelineHistory:
    """Prepare deals and history as they were taken in."""
    return PipelineHistory(
        taken.tables["opportunities"],
        taken.tables["opportunity_history"],
        data_until=date(2026, 3, 1),
    )


#: The same as reports with the labels of the screen.
REPORT_DEALS = """Opportunity ID,Opportunity Name,Account Name,Opportunity Owner,Stage,Amount,\
Close Date,Created Date,Closed,Won
D1,One,A1,Bo,Closed Won,900,2026-02-20,2025-12-01,1,1
D2,Two,A1,Ann,Prospecting,50,2026-05-31,2025-12-10,0,0
D3,Three,A2,Ann,Proposal,70,2026-04-30,2026-01-15,0,0
"""
LABELS = {"StageName": "Stage", "CloseDate": "Close Date", "Owner": "Opportunity Owner",
          "OpportunityId": "Opportunity ID", "Field": "Field / Event", "OldValue": "Old Value",
          "NewValue": "New Value", "CreatedDate": "Edit Date"}  # fmt: skip


def relabelled(text: str) -> str:
    """Write a field history with the labels of a report."""
    return "\n".join(
        ",".join(LABELS.get(word, word) for word in line.split(",")) for line in text.split("\n")
    )


EXPORTS = {
    "report": (
        "salesforce-report",
        {
            "report.csv": REPORT_DEALS,
            "Opportunity Field History.csv": relabelled(FIELD_HISTORY),
        },
    ),
    "fields": ("salesforce", {**SALESFORCE, "OpportunityFieldHistory.csv": FIELD_HISTORY}),
    "objects": ("salesforce", {**SALESFORCE, "OpportunityHistory.csv": OBJECT_HISTORY}),
    "properties": ("hubspot", HUBSPOT),
}
#: Day, deal, and what was known: stage, amount, close date; None: not there or closed.
KNOWN = [
    ("2025-12-05", "D1", ("Prospecting", 400.0, "2026-03-31")),
    ("2025-12-05", "D2", None),
    ("2025-12-31", "D2", ("Prospecting", 50.0, "2026-05-31")),
    ("2026-01-12", "D1", ("Proposal", 900.0, "2026-03-31")),
    ("2026-01-20", "D3", ("Prospecting", 70.0, "2026-04-30")),
    ("2026-02-10", "D1", ("Proposal", 900.0, "2026-02-20")),
    ("2026-02-10", "D3", ("Proposal", 70.0, "2026-04-30")),
    ("2026-02-25", "D1", None),
]


@pytest.mark.parametrize("export", EXPORTS)
@pytest.mark.parametrize(("day", "deal", "known"), KNOWN)
def test_every_export_tells_the_same_past(tmp_path, export, day, deal, known):
    """Object, field and property history, and a report, give the same open deal on any day."""
    state = past(take(tmp_path / "w", *EXPORTS[export])).at(date.fromisoformat(day))
    assert state.basis == "changes"
    rows = state.open_deals.set_index("opportunity_id")
    if known is None:
        assert deal not in rows.index
        return
    row = rows.loc[deal]
    assert (row["stage"], row["amount"], f"{row['close_date']:%Y-%m-%d}") == known


@pytest.mark.parametrize("export", ["fields", "properties"])
def test_owners_of_the_past_are_those_of_the_day(tmp_path, export):
    """A change of owner is a change like any other, names become keys."""
    history = past(take(tmp_path / "w", *EXPORTS[export]))
    for day, owner in (("2026-01-19", "U1"), ("2026-01-25", "U2")):
        rows = history.at(date.fromisoformat(day)).open_deals.set_index("opportunity_id")
        assert rows.loc["D1", "owner_id"] == owner


def test_a_relabelled_stage_is_read_by_its_metadata(tmp_path):
    """The stage that the account calls 'Contract back' is won, whatever its label says."""
    history = past(take(tmp_path / "w", *EXPORTS["properties"])).records
    won = history[history["status"] == "won"]
    assert (won["stage"].tolist(), won["opportunity_id"].tolist()) == (["Contract back"], ["D1"])


def test_deals_that_never_changed_are_added_and_said(tmp_path):
    """D2 has no row in the field history; it stands as today since its creation, with a note."""
    taken = take(tmp_path / "w", *EXPORTS["fields"])
    history = taken.tables["opportunity_history"]
    mine = history[history["opportunity_id"] == "D2"]
    assert (len(mine), mine["amount"].iloc[0]) == (1, 50.0)
    assert f"{mine['snapshot_date'].iloc[0]:%Y-%m-%d}" == "2025-12-10"
    notes = taken.quarantine[taken.quarantine["severity"] == "note"]["rule"]
    assert notes.str.contains("1 deals without any change").any()
    row = taken.summary.set_index("table").loc["opportunity_history"]
    assert row["rows_read"] == row["rows_kept"] + row["rows_filtered"] + row["rows_quarantined"]


def test_a_field_that_is_not_tracked_stays_unknown(tmp_path):
    """Forecast categories do not stand in the field history, so the past has none."""
    history = take(tmp_path / "w", *EXPORTS["fields"]).tables["opportunity_history"]
    assert history["forecast_category"].isna().all()


def test_whole_rows_come_before_single_fields(tmp_path):
    """With both exports the object history counts, and the other is named, not lost silently."""
    files = {**EXPORTS["objects"][1], "OpportunityFieldHistory.csv": FIELD_HISTORY}
    taken = take(tmp_path / "w", "salesforce", files)
    assert len(taken.tables["opportunity_history"]) == 7
    assert any("OpportunityFieldHistory.csv (a weaker" in line for line in taken.unused)


def test_a_field_history_of_other_fields_feeds_nothing(tmp_path):
    """A history whose fields the map does not know leaves the table out and says so."""
    text = "OpportunityId,Field,OldValue,NewValue,CreatedDate\nD1,Color,a,b,2026-01-01\n"
    taken = take(tmp_path / "w", "salesforce", {**SALESFORCE, "OpportunityFieldHistory.csv": text})
    assert "opportunity_history" not in taken.tables
    assert "OpportunityFieldHistory.csv" in taken.unused


def test_a_moment_that_is_no_date_is_set_aside(tmp_path):
    """A row with a wrong moment goes to quarantine with file and row; the others are read."""
    text = FIELD_HISTORY.replace("D3,StageName,Prospecting,Proposal,2026-02-05T09:00:00Z",
                                 "D3,StageName,Prospecting,Proposal,soon")  # fmt: skip
    files = {**SALESFORCE, "OpportunityFieldHistory.csv": text}
    taken = take(tmp_path / "w", "salesforce", files)
    bad = taken.quarantine[taken.quarantine["severity"] == "row"]
    assert (bad["value"].tolist(), bad["row"].tolist()) == (["soon"], [8])
    assert (taken.tables["opportunity_history"]["opportunity_id"] == "D1").sum() == 5


def test_completing_leaves_other_values_alone():
    """A deal's changed field keeps its values; only the field without a change is filled."""
    history = table("opportunity_history").coerce(
        pd.DataFrame(
            {
                "opportunity_id": ["D1", "D1"],
                "snapshot_date": ["2026-01-01", "2026-01-05"],
                "sequence": [0, 0],
                "record": ["change", "change"],
                "amount": [1.0, 2.0],
                "stage": [None, None],
            }
        )
    )
    deals = table("opportunities").coerce(
        pd.DataFrame(
            {
                "opportunity_id": ["D1"],
                "amount": [9.0],
                "stage": ["S"],
                "created_date": ["2025-12-01"],
            }
        )
    )
    found = complete_changes(history, deals)
    assert found["amount"].tolist() == [1.0, 2.0]
    assert found["stage"].tolist() == ["S", "S"]
    assert found["snapshot_date"].dt.day.tolist() == [1, 5]


@pytest.mark.parametrize("name", ["OpportunityFieldHistory", "OpportunityHistory"])
def test_the_past_of_a_foreign_deal_is_in_its_currency(tmp_path, name):
    """Both histories of Salesforce give amounts in the deal's currency; all come at one rate."""
    heads, *rows = DEALS.strip().split("\n")
    money = ["EUR", "", "USD"]
    deals = "\n".join([f"{heads},CurrencyIsoCode", *map(",".join, zip(rows, money, strict=True))])
    text = FIELD_HISTORY if "Field" in name else OBJECT_HISTORY
    folder = tmp_path / "acme"
    files = {**SALESFORCE, "Opportunity.csv": deals, f"{name}.csv": text}
    (folder / "inputs").mkdir(parents=True)
    for file, content in files.items():
        (folder / "inputs" / file).write_text(content, encoding="utf-8")
    (folder / "plan.yaml").write_text(
        "as_of: 2026-03-01\ncurrency: USD\nrates: {EUR: 1.1}\ninputs: {map: salesforce}\n",
        encoding="utf-8",
    )
    taken = read_inputs(load_plan(folder), folder)
    history = taken.tables["opportunity_history"].sort_values(["snapshot_date", "sequence"])
    amounts = {deal: rows["amount"].round(6).drop_duplicates().tolist()
               for deal, rows in history.groupby("opportunity_id")}  # fmt: skip
    assert amounts == {"D1": [440, 990], "D2": [50], "D3": [70]}
    said = taken.quarantine.loc[taken.quarantine["table"] == "opportunity_history", "rule"]
    assert said.str.contains("rows state no currency; their money is taken in that of").any()


def test_a_field_history_says_who_made_each_change(tmp_path):
    """The editor stands with the rows of his changes, and with no other row."""
    heads, *rows = FIELD_HISTORY.strip().split("\n")
    editors = ["U1", "U1", "U1", "U2", "U2", "U2", "U1"]
    text = "\n".join([f"{heads},CreatedById", *map(",".join, zip(rows, editors, strict=True))])
    taken = take(
        tmp_path / "acme", "salesforce", {**SALESFORCE, "OpportunityFieldHistory.csv": text}
    )
    history = taken.tables["opportunity_history"]
    said = history.loc[history["opportunity_id"] == "D1", ["snapshot_date", "updated_by"]]
    known = said.dropna()
    days = known["snapshot_date"].dt.strftime("%m-%d")
    assert list(zip(days, known["updated_by"], strict=True)) == [
        ("01-10", "U1"), ("01-20", "U2"), ("02-01", "U2"), ("02-20", "U2"),
    ]  # fmt: skip
    assert history.loc[history["opportunity_id"] == "D2", "updated_by"].isna().all()
