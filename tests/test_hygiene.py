"""Data checks: the account base and the data rigour of deals."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from planlib.errors import SettingsError, TableError
from planlib.hygiene import check_accounts, check_opportunities
from planlib.hygiene.industries import agree, division, fits_name, is_naics
from planlib.hygiene.moves import find_moves
from planlib.hygiene.places import country_code, fits_place, fits_postcode
from planlib.settings.hygiene import HygieneSettings
from planlib.tables import TABLES

DAY = datetime.date(2026, 3, 31)
SETTINGS = HygieneSettings()


def make_accounts(**changes: list[object]) -> pd.DataFrame:
    """Make three sound accounts with some columns changed."""
    base = {
        "account_id": ["A1", "A2", "A3"],
        "name": ["Acme", "Beta", "海华"],
        "country": ["Germany", "US", "中国"],
        "postcode": ["80331", "10001", "200000"],
        "latitude": [48.1, 40.7, 31.2],
        "longitude": [11.6, -74.0, 121.5],
        "employees": [10, 200, 3000],
        "revenue": [1e6, 2e7, 3e8],
        "sic": ["6021", "8062", "3511"],
        "industry": ["Banking", "Hospitals", "Manufacturing"],
        "owner_id": ["R1", "R1", "R2"],
        "updated_date": pd.to_datetime(["2026-01-01"] * 3),
        "created_date": pd.to_datetime(["2020-01-01"] * 3),
    }
    return TABLES["accounts"].coerce(pd.DataFrame({**base, **changes}))


def make_deals(**changes: list[object]) -> pd.DataFrame:
    """Make three sound open deals with some columns changed."""
    base = {
        "opportunity_id": ["D1", "D2", "D3"],
        "account_id": ["A1", "A2", "A3"],
        "owner_id": ["R1", "R1", "R2"],
        "amount": [100.0, 250.0, 999.0],
        "close_date": pd.to_datetime(["2026-05-15"] * 3),
        "is_closed": [False] * 3,
        "is_won": [False] * 3,
        "next_step": ["call"] * 3,
        "product_id": ["P"] * 3,
        "last_activity_date": pd.to_datetime(["2026-03-25"] * 3),
        "created_date": pd.to_datetime(["2026-03-01"] * 3),
    }
    return TABLES["opportunities"].coerce(pd.DataFrame({**base, **changes}))


def flags_of(deals: pd.DataFrame, **given: object) -> list[tuple[str, str]]:
    """Give the deals flagged and by which rule."""
    found = check_opportunities(deals, SETTINGS, as_of=DAY, **given)
    return list(zip(found.flags["opportunity_id"], found.flags["rule"], strict=True))


def test_sound_accounts_have_no_flags():
    """Checks that can be made are made, and find nothing."""
    found = check_accounts(make_accounts(), SETTINGS, as_of=DAY)
    assert found.flags.empty
    assert found.quality.set_index("check").loc["postcode", "checked_count"] == 3
    TABLES["account_flags"].check(found.flags)
    TABLES["account_quality"].check(found.quality)


ACCOUNT_FAULTS = {
    "employees missing": {"employees": [None, 200, 3000]},
    "name missing": {"name": [None, "Beta", "x"]},
    "no employees": {"employees": [0, 200, 3000]},
    "stale": {"updated_date": pd.to_datetime(["2025-03-30", "2025-03-31", "2026-01-01"])},
    "postcode": {"postcode": ["8033", "10001", "200000"]},
    "coordinates": {"latitude": [0.5, 40.7, 31.2]},
    "half a coordinate": {"latitude": [None, 40.7, 31.2]},
    "SIC code": {"sic": ["0000", "8062", "3511"]},
    "NAICS code": {"naics": ["990", "622110", "333611"], "sic": [None] * 3},
    "SIC and NAICS": {"naics": ["611310", "622110", "333611"]},
    "SIC and industry": {"industry": ["Retail", "Hospitals", "Manufacturing"]},
    "parent missing": {"parent_id": ["A9", None, None]},
    "dates": {"created_date": pd.to_datetime(["2026-02-01", "2020-01-01", "2020-01-01"])},
}


@pytest.mark.parametrize("check", ACCOUNT_FAULTS)
def test_each_fault_of_an_account_is_found_by_its_check(check):
    """One fault in the first account gives one flag of that check, there and nowhere else."""
    changes = dict(ACCOUNT_FAULTS[check])
    if check == "NAICS code":
        changes["naics"] = ["001", "622110", "333611"]
    found = check_accounts(make_accounts(**changes), SETTINGS, as_of=DAY)
    mine = found.flags[found.flags["check"] == check]
    assert mine["account_id"].tolist() == ["A1"]
    assert set(found.flags["account_id"]) == {"A1"}


def test_a_circle_of_parents_is_found_and_a_chain_is_not():
    """A1 above A2 above A1 is a circle; A3 below A1 is not in it."""
    accounts = make_accounts(parent_id=["A2", "A1", "A1"])
    flags = check_accounts(accounts, SETTINGS, as_of=DAY).flags
    assert flags[flags["check"] == "parent cycle"]["account_id"].tolist() == ["A1", "A2"]
    own = check_accounts(make_accounts(parent_id=["A1", None, None]), SETTINGS, as_of=DAY).flags
    assert own["check"].tolist() == ["parent cycle"]


def test_revenue_per_employee_far_off_is_suspicious_only_among_many():
    """Three accounts cannot tell; among forty, a factor of a million stands out."""
    rows = range(40)
    accounts = TABLES["accounts"].coerce(
        pd.DataFrame(
            {
                "account_id": [f"A{n:02d}" for n in rows],
                "employees": [100 + n for n in rows],
                "revenue": [1e7 + 1e6 * (n % 7) for n in rows],
            }
        )
    )
    accounts.loc[5, "revenue"] = 9.0
    flags = check_accounts(accounts, SETTINGS, as_of=DAY).flags
    assert flags[flags["check"] == "revenue per employee"]["account_id"].tolist() == ["A05"]


def test_a_check_without_its_columns_is_named_and_flags_nobody():
    """With ids alone every check says what it lacks."""
    accounts = TABLES["accounts"].coerce(pd.DataFrame({"account_id": ["A1"]}))
    found = check_accounts(accounts, SETTINGS, as_of=DAY)
    assert found.flags.empty
    assert found.quality["note"].str.startswith("not checked: no ").all()
    assert found.quality["flagged_share"].isna().all()


def test_a_missing_key_column_is_refused():
    """Without ids or the closed flag nothing can be said."""
    with pytest.raises(TableError, match="column 'account_id' is missing"):
        check_accounts(pd.DataFrame({"name": ["x"]}), SETTINGS, as_of=DAY)
    with pytest.raises(TableError, match="column 'is_closed' is missing"):
        check_opportunities(pd.DataFrame({"opportunity_id": ["x"]}), SETTINGS, as_of=DAY)


def test_places_and_codes_that_are_not_known_are_not_judged():
    """An unknown country has no postcode form; a name without a trade fits any code."""
    assert (country_code("United Kingdom"), country_code("中国")) == ("GB", "CN")
    assert fits_postcode("Narnia", "1") is None
    assert fits_place("Narnia", 0, 0) is None
    assert fits_postcode("GB", "SW1A 1AA") is True
    assert fits_place("US", 21.3, -157.8) is True
    assert (division("6021"), division("99")) == ("finance, insurance and real estate", "")
    assert (is_naics("5221"), agree("6021", "5221"), agree("6021", "x")) == (True, True, None)
    assert (fits_name("6021", "Banking"), fits_name("6021", "Other")) == (True, None)
    assert fits_name("7011", "Hospitality and Travel") is True


def test_sound_deals_are_clean():
    """No rule that can be checked flags them, and the share is 100 % with its denominator."""
    found = check_opportunities(make_deals(), SETTINGS, as_of=DAY)
    assert found.flags.empty
    everybody = found.summary.iloc[0]
    assert (everybody["level"], everybody["deal_count"], everybody["clean_share"]) == ("all", 3, 1)
    for name, frame in (
        ("opportunity_flags", found.flags),
        ("rigour_rules", found.rules),
        ("rigour_summary", found.summary),
    ):
        TABLES[name].check(frame)


DEAL_FAULTS = {
    "no account": {"account_id": [None, "A2", "A3"]},
    "no owner": {"owner_id": [None, "R1", "R2"]},
    "no product": {"product_id": [None, "P", "P"]},
    "no amount": {"amount": [0, 250, 999]},
    "default amount": {"is_amount_estimated": [True, False, False]},
    "no close date": {"close_date": pd.to_datetime([None, "2026-05-15", "2026-05-15"])},
    "close date past": {"close_date": pd.to_datetime(["2026-03-30", "2026-03-31", "2026-05-15"])},
    "no next step": {"next_step": [None, "x", "y"]},
    "next step old": {"next_step_date": pd.to_datetime(["2026-03-09", "2026-03-10", None])},
    "no activity": {
        "last_activity_date": pd.to_datetime(["2026-03-16", "2026-03-17", "2026-03-25"])
    },
    "pushed": {"push_count": [3, 2, 0]},
    "no contact": {"contact_count": [0, 1, 5]},
    "single contact": {"amount": [100_000, 99_999, 999], "contact_count": [1, 1, 1]},
    "late and omitted": {
        "forecast_category": ["omitted", "commit", "omitted"],
        "probability": [0.5, 0.9, 0.4],
    },
}


@pytest.mark.parametrize("rule", DEAL_FAULTS)
def test_each_rule_flags_the_deal_that_breaks_it(rule):
    """Just over the threshold is flagged, just under is not."""
    assert flags_of(make_deals(**DEAL_FAULTS[rule])) == [("D1", rule)]


def test_a_rule_without_its_columns_flags_nobody():
    """A missing column is not the deal's failure."""
    deals = TABLES["opportunities"].coerce(
        pd.DataFrame({"opportunity_id": ["D1"], "is_closed": [False]})
    )
    found = check_opportunities(deals, SETTINGS, as_of=DAY)
    assert found.flags.empty
    assert found.rules["note"].str.startswith("not checked: no ").all()
    assert found.summary.iloc[0]["clean_share"] == 1


def test_a_column_that_no_open_deal_has_is_not_kept():
    """Where not one of many open deals has a close date, the firm does not keep it."""
    many = pd.concat([make_deals()] * 4, ignore_index=True)
    many["opportunity_id"] = [f"D{n}" for n in range(12)]
    many["close_date"] = pd.NaT
    closed = make_deals(opportunity_id=["C1", "C2", "C3"], is_closed=[True] * 3)
    both = TABLES["opportunities"].coerce(pd.concat([many, closed], ignore_index=True))
    found = check_opportunities(both, SETTINGS, as_of=DAY)
    assert found.flags.empty


def test_meanings_hold_their_limits_as_they_are_written_everywhere():
    """Shares in percent with a space, amounts with commas, and no place left open."""
    settings = HygieneSettings(late_probability=0.7, single_contact_amount=1_250_000)
    rules = check_opportunities(make_deals(), settings, as_of=DAY).rules.set_index("rule")
    checks = check_accounts(make_accounts(), settings, as_of=DAY).quality
    meanings = rules["meaning"]
    assert "at least 70 %, and" in meanings["late and omitted"]
    assert meanings["single contact"] == "At least 1,250,000, and at most one contact"
    assert not pd.concat([meanings, checks["meaning"]]).str.contains(r"[{}]|\d%").any()


def test_a_rule_can_be_switched_off():
    """Rules that an organisation does not use are gone."""
    settings = HygieneSettings(off=("no next step",))
    found = check_opportunities(make_deals(next_step=[None] * 3), settings, as_of=DAY)
    assert "no next step" not in set(found.rules["rule"])


def test_a_rule_to_switch_off_must_exist():
    """A misspelt rule is refused with the nearest one."""
    with pytest.raises(SettingsError, match="no rule 'no nextstep'; did you mean 'no next step'"):
        check_opportunities(make_deals(), HygieneSettings(off=("no nextstep",)), as_of=DAY)


def test_closed_deals_are_not_judged():
    """Only open deals count in the denominator."""
    deals = make_deals(is_closed=[True, False, False], next_step=[None, "x", "y"])
    found = check_opportunities(deals, SETTINGS, as_of=DAY)
    assert found.flags.empty
    assert found.summary.iloc[0]["deal_count"] == 2


def make_history() -> pd.DataFrame:
    """Make the moves of two deals: one pushed three times, one that skipped a stage."""
    rows = [
        ("D1", "2026-01-01", "Qualify", "2026-01-31", 0.1),
        ("D1", "2026-01-20", "Qualify", "2026-02-28", 0.1),
        ("D1", "2026-02-20", "Propose", "2026-03-31", 0.5),
        ("D1", "2026-03-20", "Propose", "2026-05-15", 0.5),
        ("D2", "2026-01-01", "Qualify", "2026-05-15", 0.1),
        ("D2", "2026-01-10", "Negotiate", "2026-05-15", 0.8),
    ]
    frame = pd.DataFrame(
        rows, columns=["opportunity_id", "snapshot_date", "stage", "close_date", "probability"]
    )
    return TABLES["opportunity_history"].coerce(
        frame.assign(sequence=0, record="change", is_closed=False)
    )


def test_history_tells_pushes_stages_and_stale_close_dates():
    """Three pushes, one stage skipped, a close date unchanged for 89 days."""
    moves = find_moves(make_history(), pd.Timestamp(DAY))
    assert moves.pushes.to_dict() == {"D1": 3, "D2": 0}
    assert moves.stages_skipped.to_dict() == {"D1": 0, "D2": 1}
    assert str(moves.close_date_set["D2"].date()) == "2026-01-01"
    assert str(moves.stage_entered["D1"].date()) == "2026-02-20"
    assert set(flags_of(make_deals(), history=make_history())) == {
        ("D1", "pushed"),
        ("D2", "stage skipped"),
        ("D2", "close date unchanged"),
    }


def test_skipped_stages_of_snapshots_say_that_short_stays_are_not_seen():
    """Days between snapshots stand in the note; records of every change need none."""
    notes = [
        check_opportunities(make_deals(), SETTINGS, as_of=DAY, history=history).rules.set_index(
            "rule"
        )["note"]["stage skipped"]
        for history in (make_history().assign(record="snapshot"), make_history())
    ]
    assert notes[0].startswith("records stand 19 days apart")
    assert notes[1] == ""


def test_a_history_without_close_dates_counts_no_pushes():
    """Stage changes alone say nothing about close dates: not checked, rather than never pushed."""
    history = make_history().assign(close_date=pd.NaT)
    found = check_opportunities(make_deals(), SETTINGS, as_of=DAY, history=history)
    notes = found.rules.set_index("rule")["note"]
    assert notes["pushed"] == "not checked: no push_count, or opportunity_history"
    assert notes["close date unchanged"] == "not checked: no close_date in opportunity_history"


def test_later_history_is_not_seen():
    """A push after the as-of date does not count."""
    moves = find_moves(make_history(), pd.Timestamp("2026-02-01"))
    assert moves.pushes["D1"] == 1


@pytest.mark.parametrize(("start", "flagged"), [(1, 0), (2, 12)])
def test_deals_on_the_last_day_of_a_fiscal_quarter_are_suspicious_in_bulk(start, flagged):
    """30 April ends a quarter only where the year starts in February; renewals do not count."""
    deals = pd.concat([make_deals()] * 5, ignore_index=True)
    deals["opportunity_id"] = [f"D{n:02d}" for n in range(15)]
    deals["owner_id"] = "R1"
    deals["amount"] = [100.0 + n for n in range(15)]
    deals["close_date"] = pd.Timestamp("2026-04-30")
    deals["deal_type"] = ["renewal"] * 3 + ["new"] * 12
    found = check_opportunities(deals, SETTINGS, as_of=DAY, fiscal_start=start)
    assert found.flags["rule"].tolist() == ["last day of quarter"] * flagged


def test_old_deals_are_old_against_won_ones():
    """Twice the median of won deals, by total age where there is no history."""
    won = pd.concat([make_deals(is_closed=[True] * 3, is_won=[True] * 3)] * 4, ignore_index=True)
    won["opportunity_id"] = [f"W{n}" for n in range(12)]
    won["created_date"] = pd.Timestamp("2026-01-01")
    won["close_date"] = pd.Timestamp("2026-01-11")
    deals = TABLES["opportunities"].coerce(
        pd.concat(
            [
                won,
                make_deals(created_date=pd.to_datetime(["2026-03-10", "2026-03-11", "2026-03-12"])),
            ],
            ignore_index=True,
        )
    )
    assert flags_of(deals) == [("D1", "too old")]


def test_clean_share_by_person_has_denominator_interval_and_colour():
    """Managers have their reports' deals; few deals are grey; thresholds give the state."""
    deals = pd.concat([make_deals()] * 10, ignore_index=True)
    deals["opportunity_id"] = [f"D{n:02d}" for n in range(30)]
    deals["owner_id"] = ["R1"] * 20 + ["R2"] * 10
    deals["amount"] = [100.0 + n for n in range(30)]
    deals.loc[:7, "next_step"] = None
    reps = TABLES["reps"].coerce(
        pd.DataFrame(
            {
                "rep_id": ["R1", "R2", "M"],
                "name": ["Kim", "Ann", "Mo"],
                "manager_id": ["M", "M", None],
            }
        )
    )
    rows = check_opportunities(deals, SETTINGS, as_of=DAY, reps=reps).summary
    table = rows.set_index(["level", "rep_id"])
    assert table.loc[("manager", "M"), "deal_count"] == 30
    assert table.loc[("owner", "R1"), "clean_share"] == pytest.approx(0.6)
    assert table.loc[("owner", "R1"), "state"] == "poor"
    assert table.loc[("owner", "R2"), "state"] == "good"
    assert table.loc[("owner", "R1"), "name"] == "Kim"
    assert (rows["clean_share_low"] <= rows["clean_share"]).all()
    assert (rows["clean_share_high"] >= rows["clean_share"]).all()
    strict = HygieneSettings(minimum_deals=11)
    few = check_opportunities(deals, strict, as_of=DAY).summary.set_index("rep_id")
    assert few.loc["R2", "state"] == "few deals"


def test_row_order_and_input_do_not_change():
    """Shuffled deals give the same tables, and the input stays as it was."""
    deals = make_deals(next_step=[None, "x", None])
    before = deals.copy()
    plain = check_opportunities(deals, SETTINGS, as_of=DAY, history=make_history())
    mixed = check_opportunities(
        deals.iloc[::-1], SETTINGS, as_of=DAY, history=make_history().iloc[::-1]
    )
    pd.testing.assert_frame_equal(plain.flags, mixed.flags)
    pd.testing.assert_frame_equal(plain.rules, mixed.rules)
    pd.testing.assert_frame_equal(plain.summary, mixed.summary)
    pd.testing.assert_frame_equal(deals, before)
