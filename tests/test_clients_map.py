"""Column maps proposed for unknown exports: what is guessed, how sure, and never applied."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from planlib import cli
from planlib.clients.guess import SheetGuess, guess_sheet
from planlib.clients.propose import propose_map, write_proposal
from planlib.errors import InputError, WorkbookError
from planlib.intake.maps import load_map
from planlib.intake.read import read_file
from planlib.settings.inputs import Source


def make_export(folder: Path, name: str = "deals.csv", **columns: list[object]) -> Path:
    """An export of three deals under other names, with changes."""
    frame = {
        "Deal ID": ["D1", "D2", "D3"],
        "Deal Value": [100, 200, 300],
        "Est Close Date": ["2026-01-31", "2026-02-28", "2026-03-31"],
        "Win Probability": [10, 50, 90],
        "Sales Agent": ["Kim Lee", "Ann Ray", "Kim Lee"],
        "Type": ["New Business", "renewal", "Upgrade"],
        "Colour": ["red", "blue", "red"],
    } | columns
    path = folder / name
    pd.DataFrame(frame).to_csv(path, index=False)
    return path


def columns(found: SheetGuess) -> dict[str, str]:
    """Give what each header was taken for."""
    return {guess.header: guess.column for guess in found.guesses}


def test_names_and_values_are_matched(tmp_path: Path) -> None:
    """Known names, near names and readable values give the table and its columns."""
    (found,) = propose_map(make_export(tmp_path))
    assert found.table == "opportunities"
    assert columns(found) == {
        "Deal ID": "opportunity_id",
        "Deal Value": "amount",
        "Est Close Date": "close_date",
        "Win Probability": "probability",
        "Sales Agent": "owner_id",
        "Type": "deal_type",
    }
    assert found.left_open == ("Colour",)
    by_column = {guess.column: guess for guess in found.guesses}
    assert by_column["probability"].scale == 0.01
    assert by_column["owner_id"].looks_up
    assert by_column["deal_type"].values == ("New Business", "Upgrade")


def test_values_that_do_not_fit_take_the_confidence_away(tmp_path: Path) -> None:
    """A column called like a date that holds words is left open, one that is blank is doubted."""
    good, blank = ["2026-01-31"] * 3, [""] * 3
    words = ["soon", "later", "never"]
    sure, doubted, left = (
        {
            guess.column: guess.confidence
            for guess in propose_map(make_export(tmp_path, **{"Est Close Date": values}))[0].guesses
        }
        for values in (good, blank, words)
    )
    assert sure["close_date"] > doubted["close_date"]
    assert "close_date" not in left


def test_the_order_of_columns_does_not_matter(tmp_path: Path) -> None:
    """Columns in another order are guessed the same."""
    path = make_export(tmp_path)
    (plain,) = propose_map(path)
    frame = pd.read_csv(path)
    frame[frame.columns[::-1]].to_csv(path, index=False)
    assert columns(propose_map(path)[0]) == columns(plain)


def test_a_file_that_is_none_of_ours_is_left_alone(tmp_path: Path) -> None:
    """Nothing is proposed for it, unless a person names the table."""
    path = tmp_path / "weather.csv"
    pd.DataFrame({"station": ["a"], "rain": [1], "name": ["x"]}).to_csv(path, index=False)
    found = propose_map(path)
    assert found[0].table == ""
    with pytest.raises(InputError, match="looks like no table of planlib; name it with --table"):
        write_proposal(found, tmp_path / "maps" / "x.yaml")
    assert not (tmp_path / "maps").exists()
    assert columns(propose_map(path, "accounts")[0])["name"] in {"name", "account_id"}


def test_the_proposal_is_a_map_in_which_every_guess_is_marked(tmp_path: Path) -> None:
    """It loads as a column map; headers with signs of YAML stay what they are."""
    odd = "Amount: {x} #1\n- *a"
    path = make_export(tmp_path, **{odd: [1, 2, 3], "Deal Value": ["", "", ""]})
    target = tmp_path / "maps" / "deals.yaml"
    write_proposal(propose_map(path), target)
    text = target.read_text(encoding="utf-8")
    proposed = load_map("maps/deals.yaml", tmp_path)
    (part,) = proposed.tables["opportunities"]
    assert part.columns["opportunity_id"].names == ("Deal ID",)
    assert part.columns["probability"].scale == 0.01
    guessed = [line for line in text.splitlines() if line.startswith("      ") and line[6] != "#"]
    assert len(guessed) == len(part.columns)
    assert all("# GUESS 0." in line or "# GUESS 1." in line for line in guessed)
    assert "lookup: {table: reps, by: name, take: rep_id}" in text
    assert "words to translate (values: {word: meaning}): New Business, Upgrade" in text


def test_a_reviewed_map_is_never_overwritten(tmp_path: Path) -> None:
    """A file that is there stays as it is."""
    (tmp_path / "mine.yaml").write_text("reviewed")
    with pytest.raises(WorkbookError, match="is there already and may be reviewed"):
        write_proposal(propose_map(make_export(tmp_path)), tmp_path / "mine.yaml")
    assert (tmp_path / "mine.yaml").read_text() == "reviewed"


def test_the_command_writes_for_review_and_applies_nothing(tmp_path: Path) -> None:
    """plan.yaml is as it was; a misspelt table is named."""
    (tmp_path / "plan.yaml").write_text("name: x\n")
    path = make_export(tmp_path)
    done = CliRunner().invoke(cli.app, ["map", str(path), "--workbook", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "maps" / "deals-proposed.yaml").is_file()
    assert (tmp_path / "plan.yaml").read_text() == "name: x\n"
    assert "nothing uses it yet" in done.output
    wrong = CliRunner().invoke(cli.app, ["map", str(path), "--table", "opportunites"])
    assert wrong.exit_code == 2
    assert "did you mean 'opportunities'?" in wrong.output


#: What each column of the real sets is; a set of names where more than one answer is right.
NAMES = {"account_id", "name"}
TRUTH: dict[str, dict[str, dict[str, set[str] | str]]] = {
    "maven-crm": {
        "accounts.csv": {
            "account": NAMES, "sector": "industry", "revenue": "revenue", "employees": "employees",
            "subsidiary_of": "parent_id", "office_location": "country",
        },
        "sales_pipeline.csv": {
            "opportunity_id": "opportunity_id", "sales_agent": "owner_id", "product": "product_id",
            "account": "account_id", "deal_stage": "stage", "engage_date": "created_date",
            "close_date": "close_date", "close_value": "amount",
        },
        "products.csv": {
            "product": {"product_id", "name"}, "series": "family", "sales_price": "list_price",
        },
        "sales_teams.csv": {
            "sales_agent": {"rep_id", "name"}, "manager": "manager_id",
            "regional_office": "region",
        },
    },
    "ms-ai-sample": {
        "Accounts.csv": {
            "Account Name": "name", "City": "city", "State or Province": "province",
            "Postal Code": "postcode", "Country": "country", "Latitude": "latitude",
            "Longitude": "longitude", "Annual Revenue": "revenue",
            "Number of Employees": "employees", "Account Owner": "owner_id",
            "AccountSeq": "account_id", "Industry": "industry", "Region": "region",
        },
        "Contacts.csv": {
            "ContactID": "contact_id", "Contact": "name", "Job Title": "title",
            "AccountSeq": "account_id",
        },
        "Opportunities.csv": {
            "Topic": "name", "PipelineStep": "stage", "Value": "amount",
            "CloseDate": "close_date", "Opportunity Created On": "created_date",
            "Discount": "discount_share", "Probability": "probability",
            "AccountSeq": "account_id", "SystemUserSeq": "owner_id",
            "OpportunitySeq": "opportunity_id", "ProductSeq": "product_id",
            "CampaignSeq": "campaign_id", "Status": "is_won",
        },
        "Owners.csv": {
            "Sales owner": "name", "Manager": "manager_id", "SystemUserSeq": "rep_id",
        },
        "Products.csv": {
            "Product category": "family", "Product": "name", "ProductSeq": "product_id",
        },
        "Campaigns.csv": {
            "CampaignSeq": "campaign_id", "Type": "source", "Campaign Name": "name",
        },
    },
    "preppin-salesforce/week38/inputs": {
        "Account.csv": {
            "Id": "account_id", "Name": "name", "Type": "customer_type", "ParentId": "parent_id",
            "BillingCity": "city", "BillingState": "province", "BillingPostalCode": "postcode",
            "BillingCountry": "country", "BillingLatitude": "latitude",
            "BillingLongitude": "longitude", "Website": "website", "Sic": "sic",
            "Industry": "industry", "AnnualRevenue": "revenue",
            "NumberOfEmployees": "employees", "OwnerId": "owner_id",
            "CreatedDate": "created_date", "LastModifiedDate": "updated_date",
            "LastActivityDate": "last_activity_date", "NaicsCode": "naics",
            "Segment__c": "segment",
        },
        "User.csv": {
            "Id": "rep_id", "Name": "name", "Title": "role", "Department": "unit",
            "ManagerId": "manager_id",
        },
    },
    "fivetran-crm-fixtures/hubspot": {
        "deal_data.csv": {
            "deal_id": "opportunity_id", "deal_pipeline_stage_id": "stage",
            "owner_id": "owner_id", "property_dealname": "name", "property_amount": "amount",
            "property_closedate": "close_date", "property_createdate": "created_date",
        },
    },
}  # fmt: skip


def judge(found: SheetGuess, truth: dict[str, set[str] | str]) -> tuple[int, int, int]:
    """Count columns that were guessed right, guessed wrong, and left open."""
    guessed = [(guess.header, guess.column) for guess in found.guesses]

    def is_right(header: str, column: str) -> bool:
        answer = truth.get(header, set())
        return column in ({answer} if isinstance(answer, str) else answer)

    right = {header for header, column in guessed if is_right(header, column)}
    wrong = {header for header, column in guessed if not is_right(header, column)} - right
    return len(right), len(wrong), len(set(truth) - right - wrong)


@pytest.mark.parametrize(
    ("folder", "right", "wrong", "left_open"),
    [
        ("maven-crm", 19, 0, 1),
        ("ms-ai-sample", 36, 3, 2),
        ("preppin-salesforce/week38/inputs", 26, 0, 0),
        ("fivetran-crm-fixtures/hubspot", 7, 0, 0),
    ],
)
def test_real_exports(shared: Path, folder: str, right: int, wrong: int, left_open: int) -> None:
    """How many columns of real exports are guessed right, wrong, and left to the person."""
    counts = [
        judge(guess_sheet(sheet), truth)
        for file, truth in TRUTH[folder].items()
        for sheet in read_file(shared / "real" / folder / file, Source(path=file))
    ]
    assert tuple(map(sum, zip(*counts, strict=True))) == (right, wrong, left_open)


@pytest.mark.parametrize("file", ["geo-us/county_adjacency_queen_derived.csv"])
def test_real_files_that_are_no_table_of_ours(shared: Path, file: str) -> None:
    """Pairs of neighbouring counties are not taken for a table of a CRM."""
    path = shared / "real" / file
    (sheet,) = read_file(path, Source(path=path.name))
    assert guess_sheet(sheet).table == ""


def test_short_words_of_headers_are_read_in_full(tmp_path: Path) -> None:
    """No., Cust, Dt and a currency at the end are what a person takes them for."""
    path = tmp_path / "list.csv"
    pd.DataFrame({
        "Opp No.": ["1", "2"], "Customer Name": ["Ant", "Bee"], "Cust ID": ["C1", "C2"],
        "Sales Person": ["Kim Lee", "Ann Ray"], "Deal Stage": ["Won", "Proposal"],
        "Deal Value USD": ["12,500", "48,000"], "Exp. Close Dt": ["2026-03-31", "2026-02-28"],
        "Creation Dt": ["2026-01-05", "2026-01-15"], "Won?": ["Yes", "No"],
    }).to_csv(path, index=False)  # fmt: skip
    (found,) = propose_map(path)
    assert found.table == "opportunities"
    assert columns(found) == {
        "Opp No.": "opportunity_id", "Cust ID": "account_id", "Sales Person": "owner_id",
        "Deal Stage": "stage", "Deal Value USD": "amount", "Exp. Close Dt": "close_date",
        "Creation Dt": "created_date", "Won?": "is_won",
    }  # fmt: skip
    assert found.left_open == ("Customer Name",)
    assert (
        "read as 'customer id'" in {guess.header: guess.why for guess in found.guesses}["Cust ID"]
    )


def test_a_table_none_of_whose_columns_is_known_gets_no_map(tmp_path: Path) -> None:
    """A map without columns would help nobody; the headers are named instead."""
    path = tmp_path / "liste.csv"
    path.write_text("Asiakas,Arvo\nVirtanen,12\n", encoding="utf-8")
    match = "no column looks like one of opportunities; found Asiakas.*English, German or Chinese"
    with pytest.raises(InputError, match=match):
        write_proposal(propose_map(path, "opportunities"), tmp_path / "map.yaml")
    assert not (tmp_path / "map.yaml").exists()
    with pytest.raises(InputError, match="such as --table opportunities .tables are .*accounts"):
        write_proposal(propose_map(path), tmp_path / "map.yaml")
