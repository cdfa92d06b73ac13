"""Tests of matching, enrichment and scoring of leads; of files; of the command planlib route."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from planlib import cli
from planlib.cycle.lead_files import last_moment, read_leads
from planlib.cycle.leads import Routed
from planlib.errors import InputError
from planlib.exchange.leads import owner_csv
from planlib.plan import parse_plan
from planlib.routing import grade_leads, match_accounts, review_routing, score_leads
from planlib.routing.enrich import enrich_leads
from planlib.routing.scoring import accuracy
from planlib.settings.routing import RoutingSettings, SimulatorSettings
from planlib.store import open_workbook
from planlib.store.ledger import read_ledger
from planlib.tables import table
from tests.routing_frames import AS_OF, make_leads, make_reps, run


def make_accounts() -> pd.DataFrame:
    """Four accounts: two share a domain, two share a name."""
    return table("accounts").coerce(pd.DataFrame({
        "account_id": ["A-1", "A-2", "A-3", "A-4"],
        "name": ["Acme Retail Ltd", "Acme Bank AG", "Borealis Steel Inc.", "Borealis Steel GmbH"],
        "website": ["https://www.acme.com/shop", "acme.com", "borealis-steel.com", None],
        "country": ["United Kingdom", "Germany", "United States", "Germany"],
        "industry": ["Retail", "Banking", "Metals", "Metals"],
    }))  # fmt: skip


def test_a_domain_matches_before_a_name_and_a_shared_one_is_for_a_person():
    """Exact domain: used when one account has it; else the name, else the review list."""
    leads = make_leads(3, email=["a@borealis-steel.com", "b@acme.com", "c@acme.com"],
                       company=["Something", "ACME Bank", "Unknown"],
                       country=["United States", "Germany", None])  # fmt: skip
    found = match_accounts(leads, make_accounts()).set_index("lead_id")
    assert found.loc["L-000", ["account_id", "method", "is_used"]].tolist() == [
        "A-3",
        "domain",
        True,
    ]
    assert found.loc["L-001", ["account_id", "method", "is_used"]].tolist() == ["A-2", "name", True]
    assert not found.loc["L-002", "is_used"]
    assert found.loc["L-002", "reason"] == (
        "2 accounts share this domain, first Acme Retail Ltd (A-1), Acme Bank AG (A-2); name the "
        "right one"
    )


def test_names_match_without_legal_form_and_doubtful_ones_are_for_a_person():
    """The country tells twins apart; a near name or another country is asked."""
    leads = make_leads(4, company=["borealis steel", "Borealis Steels", "Acme Retail", "Zzz"],
                       country=["Germany", "Germany", "France", "France"])  # fmt: skip
    found = match_accounts(leads, make_accounts(), cutoff=99).set_index("lead_id")
    assert found.loc["L-000", ["account_id", "is_used"]].tolist() == ["A-4", True]
    assert "is it the same?" in found.loc["L-001", "reason"]
    assert "another country" in found.loc["L-002", "reason"]
    assert "L-003" not in found.index
    assert match_accounts(leads, None).empty


def test_enrichment_fills_and_counts_by_field():
    """Blank fields come from the account; the share is of all leads."""
    leads = make_leads(2, industry=[None, "Energy"], email=["x@acme.io", "y@gmail.com"],
                       company=[None, "Own"])  # fmt: skip
    filled, counts = enrich_leads(leads, accounts=make_accounts(),
                                  matches=pd.Series(["A-3", None]))  # fmt: skip
    assert filled["industry"].tolist() == ["Metals", "Energy"]
    assert filled["company"].tolist() == ["acme", "Own"]
    row = counts.set_index("field").loc["industry"]
    assert (row["given_count"], row["enriched_count"], row["known_share"]) == (1, 1, 1.0)


def make_history(count: int = 1200) -> pd.DataFrame:
    """Leads whose conversion hangs on the source, with columns that tell it afterwards."""
    draw = np.random.default_rng(4)
    source = draw.choice(["Events", "Website"], count)
    hit = draw.random(count) < np.where(source == "Events", 0.5, 0.05)
    rows = make_leads(count, "2h", source=source, is_converted=hit,
                      status=np.where(hit, "Converted", "Nurture"),
                      product_id=pd.Series(np.where(hit, "P-1", None), dtype="object"))  # fmt: skip
    return rows.assign(domain=pd.NA, created_at=rows["created_at"] - pd.Timedelta(days=300))


def test_the_score_learns_from_early_leads_and_is_measured_on_later_ones():
    """Events come first; columns that are known afterwards are refused by name."""
    leads = make_history()
    found = score_leads(leads, leads, RoutingSettings(), pd.Timestamp(AS_OF))
    by = found.chance.groupby(leads["source"]).mean()
    assert by["Events"] == pytest.approx(0.5, abs=0.1)
    assert by["Website"] == pytest.approx(0.05, abs=0.05)
    quality = found.quality.set_index("measure")
    assert quality.loc["area under the curve", "value"] > 0.7
    assert quality.loc["Brier score", "value"] < quality.loc["Brier score", "base_value"]
    assert "is known for 100 % of leads that came true" in found.refused["product_id"]
    assert found.refused["status"] == "says what became of the lead"


def test_too_few_conversions_give_no_score_and_the_reason():
    """Unknown, not zero."""
    leads = make_leads(20).assign(domain=pd.NA)
    found = score_leads(leads, leads, RoutingSettings(), pd.Timestamp(AS_OF))
    assert found.chance.isna().all()
    assert "a score needs 60 of each kind" in found.missing


def test_grades_are_quantiles_best_first():
    """A tenth, two tenths, and so on; no chance, no grade."""
    chance = pd.Series([*np.linspace(0.01, 1, 100), np.nan])
    grades = grade_leads(chance, {"A": 0.1, "B": 0.2, "C": 0.7})
    assert grades.value_counts().to_dict() == {"A": 10, "B": 20, "C": 70}
    assert grades[99] == "A"
    assert pd.isna(grades[100])


def test_accuracy_by_hand():
    """Two of two right: area 1, Brier 0.01."""
    found = accuracy(np.array([0.9, 0.1]), np.array([True, False]), 0.5).set_index("measure")
    assert found.loc["area under the curve", "value"] == 1.0
    assert found.loc["Brier score", "value"] == pytest.approx(0.01)
    assert found.loc["Brier score", "base_value"] == pytest.approx(0.25)


QUICK = SimulatorSettings(seeds=2, days=14, policies=["geography", "round_robin", "best_ranked"],
                          floors=[0.0, 0.2])  # fmt: skip


@pytest.mark.parametrize("present", [("reps",), ("reps", "leads"), ()])
def test_a_review_works_with_what_is_there(present):
    """Every table of the step is in its shape, and what is missing is said in one line."""
    tables = {"reps": make_reps(3, region="UK"), "leads": make_leads(3)}
    found = review_routing({name: tables[name] for name in present}, parse_plan(""), AS_OF,
                           simulator=QUICK)  # fmt: skip
    for name, frame in found.tables.items():
        table(name).check(frame)
    assert len(found.tables["lead_routes"]) == (3 if "leads" in present else 0)
    missing = " ".join(found.notes("missing"))
    assert ("table leads is missing" in missing) == ("leads" not in present)
    assert found.headlines


def test_the_wait_for_an_answer_is_that_of_answered_leads_and_says_so():
    """Half have an answer on record, after two hours; the others may wait still."""
    leads = make_leads(4)
    answered = leads["created_at"] + pd.Timedelta(hours=2)
    leads["first_response_at"] = answered.where([True, False, True, False])
    found = review_routing({"reps": make_reps(3, region="UK"), "leads": leads}, parse_plan(""),
                           AS_OF, simulator=QUICK)  # fmt: skip
    said = "50 % of them have an answer on record; these waited 2.0 hours for it (median)."
    assert said in found.headlines


def test_waiting_leads_say_how_far_back_and_older_ones_are_named():
    """One of three came half a year ago: it is not routed, and nobody closed it."""
    leads = make_leads(3)
    leads.loc[2, "created_at"] = pd.Timestamp(AS_OF) - pd.Timedelta(days=180)
    found = review_routing({"reps": make_reps(3, region="UK"), "leads": leads}, parse_plan(""),
                           AS_OF, simulator=QUICK)  # fmt: skip
    assert found.headlines[0].startswith("2 leads of the last 30 days wait for an answer: 2 have")
    assert found.headlines[1] == (
        "1 older lead without an answer that nobody closed: not routed, as they came in more than "
        "30 days ago; close them, or raise routing.open_days."
    )


def test_the_simulator_says_that_it_does_not_ask_the_rules_before_the_policy():
    """Its reps take leads of any region, so that its waits are not those of the rules in force."""
    found = review_routing({"reps": make_reps(3, region="UK"), "leads": make_leads(3)},
                           parse_plan(""), AS_OF, simulator=QUICK)  # fmt: skip
    assert any("every rep may get any lead" in text for text in found.notes("caution"))


@pytest.mark.parametrize(
    ("rules", "rule", "cautions"),
    [
        ("", "Rules version 1.", ["nobody is named", "no day is set"]),
        ("{owner: Ops, version: '2', review_date: 2026-09-30}",
         "Rules version 2, answered for by Ops, to be reviewed by 2026-09-30.", []),
        ("{owner: Ops, review_date: 2026-01-31}",
         "Rules version 1, answered for by Ops, to be reviewed by 2026-01-31.",
         ["their review was due on 2026-01-31"]),
    ],
)  # fmt: skip
def test_rules_name_owner_version_and_review_or_say_that_they_do_not(rules, rule, cautions):
    """Who answers for the rules, and when they are looked at again, is never left unsaid."""
    plan = parse_plan(f"routing: {rules}" if rules else "")
    found = review_routing({"reps": make_reps(3, region="UK")}, plan, AS_OF, simulator=QUICK)
    assert found.notes("rule")[0] == rule
    said = [text for text in found.notes("caution") if text.startswith("rules: ")]
    assert len(said) == len(cautions)
    assert all(part in text for part, text in zip(cautions, said, strict=True))


def test_owner_files_hold_every_lead_and_no_formula():
    """Leads of the catch-all stand at the end; text cannot run in a spreadsheet."""
    leads = make_leads(3)
    leads.loc[0, "created_at"] = pd.NaT
    text = owner_csv(run(leads=leads).decisions.assign(reason="=1+1"), "America/New_York")
    lines = text.splitlines()
    assert lines[0] == "LeadId,OwnerId,RespondBy,ContactAt,Grade,Rule,Reason"
    assert lines[-1].startswith("L-000,,")
    assert "'=1+1" in lines[1]
    respond_by = lines[1].split(",")[2]
    assert respond_by.endswith("-05:00")  # a CRM may take a time without offset for UTC
    assert pd.Timestamp(respond_by).tz_localize(None) > leads["created_at"].max()


MOMENT = pd.Timestamp("2026-03-31 12:00")


def read(path, text: str):
    """Write a file of leads and read it."""
    path.write_text(text, encoding="utf-8")
    return read_leads(path, MOMENT)


def test_a_file_of_leads_is_read_with_what_is_wrong(tmp_path):
    """Row, column, value and what is allowed of every cell; unread columns; blank times."""
    found = read(
        tmp_path / "in.csv",
        "lead_id,created_at,employees,colour,is_converted\n"
        "L-1,2026-02-30,many,red,\n"
        ",2026-03-01T09:00,5,blue,\n"
        "L-2,,5,blue,perhaps\n"
        "L-1,2026-03-01T09:00,5,blue,\n"
        "L-3,2026-03-01T09:00,5,blue,true\n",
    )
    assert found.rows["lead_id"].tolist() == ["L-1", "L-2", "L-3"]
    assert found.rows["created_at"].isna().tolist() == [True, True, False]
    said = "\n".join(found.said)
    assert "columns that are not read: colour" in said
    assert "row 2, column created_at, value '2026-02-30': not a " in said
    assert "row 2, column employees, value 'many': not a number" in said
    assert "row 3, column lead_id, value '': blank, and a value is required" in said
    assert "row 4, column is_converted, value 'perhaps'" in said
    assert "same key as row 2" in said
    assert "created_at is blank in row 4: a lead without a time goes to nobody" in said
    assert "()" not in said


def test_blank_lines_do_not_shift_the_rows_of_messages(tmp_path):
    """The row is the one that a person sees in the file."""
    found = read(
        tmp_path / "in.csv", "lead_id,created_at,title\n\nL-1,2026-03-01,CIO\n\n,2026-03-02,CFO\n"
    )
    assert any(one.startswith("row 5, column lead_id") for one in found.said)


def test_lines_below_the_table_are_told(tmp_path):
    """A footer of an export is no lead, and is not left out in silence."""
    found = read(tmp_path / "in.csv", "lead_id,created_at,title\nL-1,2026-03-01,CIO\n\nExported\n")
    assert found.said == ("1 line that is no data left out, such as row 4: Exported",)


def test_without_ids_everything_that_is_wrong_is_told_at_once(tmp_path):
    """The column, the one that looks like it, other bad cells and unread columns."""
    with pytest.raises(InputError) as error:
        read(tmp_path / "in.csv", "leadid_no,created_at,colour\nL-1,soon,red\nL-2,2026-03-01,red\n")
    text = str(error.value)
    assert "column 'lead_id' is missing; nearest: leadid_no; found leadid_no, created_at" in text
    assert "row 2, column created_at, value 'soon'" in text
    assert "columns that are not read: leadid_no, colour" in text


def test_leads_without_times_are_taken_as_come_in_now_and_that_is_said(tmp_path):
    """A list that is to be given out has no times; moment and column are named."""
    found = read(tmp_path / "in.csv", "Lead ID,Company\nL-1,Acme\n")
    assert found.rows["created_at"].tolist() == [MOMENT]
    assert found.rows["company"].tolist() == ["Acme"]
    assert found.said == (
        "no column created_at: every lead is taken as come in at 2026-03-31 12:00; give the column "
        "where leads have waited",
    )


def test_the_moment_of_leads_lies_within_the_as_of_date():
    """A past day ends with its last minute; on a day to come it is still now."""
    past = last_moment(datetime.date(2026, 1, 5), "UTC")
    assert past == pd.Timestamp("2026-01-05 23:59")
    now = pd.Timestamp.now(tz="UTC").tz_localize(None)
    assert last_moment(datetime.date(2199, 1, 1), "UTC") <= now


def test_a_sheet_of_leads_is_found_by_its_name(tmp_path):
    """One sheet needs no name; of two, one is named leads."""
    path = tmp_path / "in.xlsx"
    rows = pd.DataFrame({"lead_id": ["L-1"], "created_at": ["2026-03-01T09:00"]})
    with pd.ExcelWriter(path) as writer:
        rows.assign(lead_id="X").to_excel(writer, sheet_name="notes", index=False)
        rows.to_excel(writer, sheet_name="Leads", index=False)
    assert read_leads(path, MOMENT).rows["lead_id"].tolist() == ["L-1"]
    with pd.ExcelWriter(path) as writer:
        rows.to_excel(writer, sheet_name="a", index=False)
        rows.to_excel(writer, sheet_name="b", index=False)
    with pytest.raises(InputError, match="of sheets a, b one has to be named leads"):
        read_leads(path, MOMENT)


@pytest.fixture
def workbook(tmp_path):
    """A workbook with reps and leads of one cycle."""
    root = tmp_path / "wb"
    root.mkdir()
    (root / "plan.yaml").write_text("time_zone: UTC\n", encoding="utf-8")
    wb = open_workbook(root, "2026Q1")
    wb.write_inputs({"reps": make_reps(), "leads": make_leads(2)}, as_of=AS_OF)
    return root


def call(*arguments: str):
    """Call the command line."""
    return CliRunner().invoke(cli.app, ["route", *arguments])


def test_the_command_routes_a_file_once_and_explains(workbook, tmp_path):
    """A second call keeps every rep; owners are written; the answer to why not is there."""
    file = tmp_path / "in.csv"
    file.write_text("lead_id,created_at,first_response_at\nL-9,2026-03-03T10:00,2026-03-03T10:01\n",
                    encoding="utf-8")  # fmt: skip
    args = (str(workbook), str(file), "--cycle", "2026Q1", "--as-of", "2026-03-31")
    first = call(*args, "--why", "L-9:R-2", "--to", str(tmp_path / "out.csv"))
    assert first.exit_code == 0, first.output
    assert "R-2 did not" in first.output
    assert "L-9,R-0" in (tmp_path / "out.csv").read_text(encoding="utf-8")
    second = call(*args)
    assert "kept" in second.output


def test_the_command_takes_one_lead_or_those_that_wait(workbook):
    """--lead gives one; without a file the waiting ones are routed; a dry run keeps nothing."""
    one = call(str(workbook), "--lead", "lead_id=L-5", "--lead", "created_at=2026-03-02T09:30",
               "--as-of", "2026-03-31", "--dry-run")  # fmt: skip
    assert one.exit_code == 0, one.output
    assert "L-5" in one.output
    assert not list((workbook / "history" / "routing").glob("*.parquet"))
    waiting = call(str(workbook), "--as-of", "2026-03-31")
    assert "L-001" in waiting.output


@pytest.mark.parametrize(("extra", "message"), [
    (["--lead", "nothing"], "--lead needs NAME=VALUE"),
    (["--policy", "bingo"], "policy 'bingo' is not known"),
    (["--why", "L-000"], "--why is LEAD:REP"),
    (["--why", "L-77:R-1"], "lead 'L-77' is not among the 2 leads given"),
])  # fmt: skip
def test_wrong_use_ends_with_two_and_one_message(workbook, extra, message):
    """Exit code 2, no traceback."""
    result = call(str(workbook), *extra, "--as-of", "2026-03-31")
    assert not list((workbook / "history" / "routing").glob("*.parquet"))
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(("text", "code", "messages"), [
    ("lead_id,created_at\nL-1,2026-02-30\nL-2,\n", 2,
     ["no lead was placed", "2 leads: the time at which the lead came in is missing",
      "row 2, column created_at, value '2026-02-30'", "created_at is blank in row 3"]),
    ("lead_id,created_at\nL-1,2027-01-01T09:00\n", 2,
     ["no lead was placed", "1 lead: created after the as-of date 2026-03-31"]),
    ("lead_id,created_at\n,2026-03-01T09:00\n", 2,
     ["there is no lead that can be routed", "row 2, column lead_id, value ''"]),
    ("lead_id,created_at\n", 2, ["there is no lead that can be routed"]),
    ("lead_id,created_at,language\nL-1,2026-03-03T10:00,xx\nL-2,2027-01-01T10:00,\n", 0,
     ["not placed: 1 lead: created after the as-of date 2026-03-31"]),
])  # fmt: skip
def test_the_exit_code_tells_that_nothing_was_placed(workbook, tmp_path, text, code, messages):
    """Two with every reason where not one lead has a rep; 0 where some have."""
    file = tmp_path / "in.csv"
    file.write_text(text, encoding="utf-8")
    result = call(str(workbook), str(file), "--cycle", "2026Q1", "--as-of", "2026-03-31",
                  "--dry-run")  # fmt: skip
    assert result.exit_code == code, result.output
    assert [one for one in messages if one not in result.output] == []


def test_leads_that_nobody_can_take_end_with_infeasible():
    """Exit code 3: the leads are right, and the limits leave nobody."""
    nobody = table("lead_routes").coerce(pd.DataFrame({
        "lead_id": ["L-1"], "rep_id": [None], "outcome": ["catch_all"], "decided_at": [MOMENT],
        "rule": ["catch_all"], "reason": ["Catch-all."],
    }))  # fmt: skip
    error = Routed(decisions=nobody, findings=(), refused=()).unplaced("in.csv")
    assert error is not None
    assert error.exit_code == 3
    placed = nobody.assign(rep_id="R-1")
    assert Routed(decisions=placed, findings=(), refused=()).unplaced("in.csv") is None
    assert Routed(decisions=nobody[:0], findings=(), refused=()).unplaced("leads") is None


@pytest.mark.parametrize(("text", "code"), [
    ("lead_id,created_at\nL-1,2027-01-01T09:00\n", 2),
    ("lead_id,created_at\nL-1,2026-03-03T10:00\n", 3),
], ids=["bad input", "nobody can take it"])  # fmt: skip
def test_a_run_that_placed_nothing_leaves_nothing_behind(workbook, tmp_path, text, code):
    """Neither a batch in the ledger nor a file of owners; a batch with one placed lead has both."""
    (workbook / "plan.yaml").write_text("time_zone: UTC\nrouting: {daily_cap: 1, wait_hours: 1}\n",
                                        encoding="utf-8")  # fmt: skip
    file, owners = tmp_path / "in.csv", tmp_path / "owners.csv"
    args = (str(workbook), str(file), "--cycle", "2026Q1", "--as-of", "2026-03-31")
    full = "".join(f"L-{lead},2026-03-03T10:00,2026-03-03T10:01\n" for lead in range(10, 14))
    file.write_text("lead_id,created_at,first_response_at\n" + full, encoding="utf-8")
    assert call(*args, "--to", str(owners)).exit_code == 0
    before, _ = read_ledger(workbook)
    assert before["rep_id"].isna().any()
    assert owners.exists()
    owners.unlink()
    file.write_text(text, encoding="utf-8")
    failed = call(*args, "--to", str(owners))
    assert failed.exit_code == code, failed.output
    assert "no lead was placed, nothing was kept" in failed.output
    pd.testing.assert_frame_equal(read_ledger(workbook)[0], before)
    assert not owners.exists()


def test_a_run_without_waiting_leads_keeps_no_empty_batch(workbook):
    """A schedule that finds nothing to do does not make the cycle run its step again."""
    day = ("--cycle", "2026Q1", "--as-of", "2026-12-31")
    result = call(str(workbook), *day)
    assert result.exit_code == 0, result.output
    assert "no lead waits" in result.output
    assert read_ledger(workbook) is None


def test_settings_that_contradict_themselves_are_refused():
    """Shares that do not add up, unknown rules and grades, all weights 0, no quarter hour."""
    for change, message in (
        ({"grade_shares": {"A": 0.5}}, "add up to 1"), ({"rule_caps": {"x": 1}}, "is none of"),
        ({"ramp_grades": ["Z"]}, "is no grade"), ({"tier_weights": {"A": 0.0}}, "one above 0"),
        ({"work_start": "09:07"}, "quarter hours"), ({"work_end": "08:00"}, "must come after"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            RoutingSettings(**change)
    with pytest.raises(ValueError, match="each policy once"):
        SimulatorSettings(policies=["bingo"])
