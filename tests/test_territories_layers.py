"""Tests of planlib.territories.layers."""

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import planlib
from planlib.errors import InputError, TableError
from planlib.settings.territory_models import LayerRule, TerritoryModelsSettings
from planlib.tables import table
from planlib.territories.layers import Layers, plan_layers, pods_of
from tests.territory_model_frames import AS_OF, make_accounts, make_reps

DAY = pd.Timestamp(AS_OF)


def make_plan() -> pd.DataFrame:
    """Make the owners' plan: today's owners."""
    accounts = make_accounts()
    return accounts.rename(columns={"owner_id": "rep_id"})[
        ["account_id", "rep_id", "workload_hours", "potential"]
    ]


def make_layers(**changes: object) -> Layers:
    """Plan the layers of the small market."""
    settings = changes.pop("settings", TerritoryModelsSettings())
    return plan_layers(make_plan(), make_reps(), settings, as_of=DAY, **changes)  # type: ignore[arg-type]


def test_one_rep_per_account_and_layer() -> None:
    """Each account has at most one row in a layer, and overlays are marked."""
    found = make_layers()
    table("territory_layers").check(found.layers)
    table("territory_pods").check(found.pods)
    assert not found.layers.duplicated(["account_id", "role_layer"]).any()
    assert found.layers["is_overlay"].all()
    assert set(found.layers["role_layer"]) == {"SDR", "specialist", "success"}
    assert found.layers["role_layer"].eq("SDR").sum() == len(make_plan())


def test_a_book_stays_with_one_rep_of_the_team() -> None:
    """All accounts of an owner have the same SDR, the one of the team; other regions none."""
    rows = make_layers().layers
    sdr = rows[rows["role_layer"].eq("SDR")]
    by_owner = sdr.groupby("owner_id")["rep_id"].agg(lambda one: set(one.dropna()))
    assert by_owner["R-1"] == by_owner["R-2"] == {"S-1"}
    assert by_owner["R-3"] == {"S-2"}
    assert by_owner["R-5"] == set()
    assert sdr.loc[sdr["owner_id"].eq("R-5"), "reason"].str.startswith("No SDR in the team").all()


def test_a_pairing_wins() -> None:
    """A stated pair holds against the team, and is counted."""
    pairs = pd.DataFrame({"owner_id": ["R-1"], "rep_id": ["S-2"]})
    found = make_layers(pairings=pairs)
    rows = found.layers[found.layers["owner_id"].eq("R-1") & found.layers["role_layer"].eq("SDR")]
    assert set(rows["rep_id"]) == {"S-2"}
    assert set(rows["reason"]) == {"Paired with owner R-1"}
    assert found.pods.set_index("rep_id").loc["S-2", "paired_count"] == 1


def make_pairs(*rows: tuple[str, str, str], **changes: object) -> pd.DataFrame:
    """Make decisions: id, owner, rep; a day later each."""
    frame = pd.DataFrame(rows, columns=["decision_id", "owner_id", "rep_id"])
    when = pd.date_range("2026-03-01", periods=len(frame))
    frame = frame.assign(who="Ann", why="known each other", when=when, **changes)
    return table("override_pairings").coerce(frame)


def sdr_of(found: Layers, owner: str) -> set[str]:
    """Give the SDRs who serve an owner's accounts."""
    rows = found.layers[found.layers["role_layer"].eq("SDR")]
    return set(rows.loc[rows["owner_id"].eq(owner), "rep_id"].dropna())


def test_pairs_that_cannot_hold_are_named_by_their_decision() -> None:
    """Unknown people, leavers, roles without a layer and owners without accounts are all said."""
    reps = make_reps()
    reps.loc[reps["rep_id"].isin(["R-2", "S-1"]), "leave_date"] = DAY
    pairs = make_pairs(
        ("D-1", "R-99", "S-2"), ("D-2", "R-1", "S-99"), ("D-3", "R-2", "S-2"),
        ("D-4", "R-1", "S-1"), ("D-5", "R-3", "M-1"), ("D-6", "R-6", "S-2"),
    )  # fmt: skip
    plain = plan_layers(make_plan(), reps, TerritoryModelsSettings(), as_of=DAY)
    found = plan_layers(make_plan(), reps, TerritoryModelsSettings(), as_of=DAY, pairings=pairs)
    assert set(found.findings) - set(plain.findings) == {
        "pairing D-1 is not used, since owner R-99 is not in reps",
        "pairing D-2 is not used, since rep S-99 is not in reps",
        "pairing D-3 is not used, since owner R-2 is not employed on 2026-03-31",
        "pairing D-4 is not used, since rep S-1 is not employed on 2026-03-31",
        "pairing D-5 is not used, since the role of rep M-1 is in no layer",
        "pairing D-6 has no effect in layer SDR, since no account of owner R-6 is served there",
    }
    pd.testing.assert_frame_equal(found.layers, plain.layers)


def test_the_later_pair_of_an_owner_counts_in_a_layer() -> None:
    """Whatever the order of rows, the earlier one is named; pairs of two layers stand together."""
    pairs = make_pairs(("D-1", "R-1", "S-2"), ("D-2", "R-1", "C-1"), ("D-3", "R-1", "S-1"))
    for rows in (pairs, pairs.iloc[::-1]):
        found = make_layers(pairings=rows)
        assert sdr_of(found, "R-1") == {"S-1"}
        success = found.layers[found.layers["role_layer"].eq("success")].set_index("owner_id")
        assert set(success.loc["R-1", "rep_id"]) == {"C-1"}
        said = [one for one in found.findings if "pairing" in one]
        assert said == ["pairing D-1 is not used in layer SDR, since pairing D-3 of owner R-1 is "
                        "later"]  # fmt: skip
    same = make_pairs(("D-1", "R-1", "S-2"), ("D-2", "R-1", "S-2"))
    assert not any("not used" in one for one in make_layers(pairings=same).findings)


@pytest.mark.parametrize("mode", ["pod", "accounts"])
def test_a_pair_past_the_tolerance_is_kept_and_said(mode: str) -> None:
    """With all books at one SDR the largest deviation stands beside that without the pairs."""
    rule = LayerRule(name="SDR", roles=("SDR", "BDR"), mode=mode)  # type: ignore[arg-type]
    settings = TerritoryModelsSettings(layers=(rule,), pod_tolerance=0.5)
    reps = make_reps().assign(manager_id="")
    pairs = make_pairs(("D-1", "R-1", "S-2"), ("D-2", "R-2", "S-2"), ("D-3", "R-3", "S-2"))
    free = plan_layers(make_plan(), reps, settings, as_of=DAY)
    found = plan_layers(make_plan(), reps, settings, as_of=DAY, pairings=pairs)
    without = 100 * free.pods["deviation"].abs().max()
    assert without < 50
    assert all(sdr_of(found, owner) == {"S-2"} for owner in ("R-1", "R-2", "R-3"))
    assert found.findings == (
        "layer SDR keeps its pairings D-1, D-2, D-3, with which a rep deviates by up to 100.0 % "
        f"from the share of the hours, without them {without:.1f} %, tolerance 50.0 %",
    )
    wide = TerritoryModelsSettings(layers=(rule,), pod_tolerance=1.0)
    found = plan_layers(make_plan(), reps, wide, as_of=DAY, pairings=pairs)
    assert found.findings == ()


def test_pairings_reach_the_layers_from_the_file_of_decisions(tmp_path: Path) -> None:
    """What a person has decided holds; what has ended, or another decision replaces, does not."""
    (tmp_path / "plan.yaml").write_text("as_of: 2026-03-31\n")
    wb = planlib.open_workbook(tmp_path, "2026Q1")
    assert make_layers(pairings=wb.overrides("pairings")).findings == make_layers().findings
    pair = {"owner_id": "R-1", "rep_id": "S-2"}
    first = wb.decide("pairings", [pair], who="Ann", why="a good pair", when=AS_OF)
    found = make_layers(pairings=wb.overrides("pairings"))
    assert sdr_of(found, "R-1") == {"S-2"}
    assert found.pods.set_index("rep_id").loc["S-2", "paired_count"] == 1
    ended = {**pair, "supersedes": first[0], "effective_to": AS_OF - datetime.timedelta(days=1)}
    wb.decide("pairings", [ended], who="Ann", why="parted", when=AS_OF)
    after = make_layers(pairings=wb.overrides("pairings"))
    pd.testing.assert_frame_equal(after.layers, make_layers().layers)
    file = tmp_path / "overrides" / "pairings.csv"
    file.write_text(file.read_text() + "D-9,Ann,2026-03-31,no rep,,,,R-1,\n")
    with pytest.raises(InputError, match="line 4, column 'rep_id': is blank"):
        wb.overrides("pairings")


def test_what_is_today_stays_where_time_allows() -> None:
    """Within a region without teams, books stay with the SDR who serves them today."""
    reps = make_reps().assign(manager_id="")
    today = make_plan().assign(role_layer="BDR")
    today["rep_id"] = np.where(today["rep_id"].isin(["R-1"]), "S-2", "S-1")
    settings = TerritoryModelsSettings(pod_tolerance=1.0)
    found = plan_layers(make_plan(), reps, settings, as_of=DAY, territories=today)
    sdr = found.layers[found.layers["role_layer"].eq("SDR") & found.layers["rep_id"].notna()]
    assert not sdr["is_moved"].any()
    assert set(sdr.loc[sdr["owner_id"].eq("R-1"), "rep_id"]) == {"S-2"}


def test_time_in_a_pod_is_near_even() -> None:
    """Three equal books for two SDRs without teams: nobody is left without work."""
    reps = make_reps().assign(manager_id="")
    found = plan_layers(make_plan(), reps, TerritoryModelsSettings(), as_of=DAY)
    pods = found.pods[found.pods["role_layer"].eq("SDR")]
    assert pods["account_count"].min() > 0
    assert pods["workload_hours"].sum() == pytest.approx(pods["target_hours"].sum())
    assert pods["owner_count"].sum() == 3


def test_layers_serve_whom_they_should() -> None:
    """Success serves customers, a product line the accounts with deals on it; others are named."""
    lines = pd.DataFrame({"account_id": ["A-003", "A-007"], "business_line": ["Cloud", "Cloud"]})
    settings = TerritoryModelsSettings(layers=(
        LayerRule(name="success", roles=("CSM",), mode="accounts", customers_only=True),
        LayerRule(name="cloud", roles=("CSM",), mode="accounts", business_line="cloud"),
        LayerRule(name="voice", roles=("Voice",)),
    ))  # fmt: skip
    found = make_layers(settings=settings, customers=["A-003", "A-011", "A-001"], lines=lines)
    rows = found.layers.set_index(["role_layer", "account_id"])
    assert set(rows.loc["success"].index) == {"A-003", "A-011", "A-001"}
    assert set(rows.loc["cloud"].index) == {"A-003", "A-007"}
    assert rows.loc[("success", "A-003"), "rep_id"] == "C-1"
    assert pd.isna(rows.loc[("success", "A-001"), "rep_id"])
    assert found.findings == ("layer voice is left out: no rep has one of its roles",)


def test_customers_and_lines_come_from_the_tables() -> None:
    """Success serves whom step 02 calls a customer; a line those with a deal that is not lost."""
    accounts = make_plan()["account_id"]
    segments = pd.DataFrame({"account_id": accounts, "is_customer": accounts.eq("A-003")})
    products = pd.DataFrame({"product_id": ["P-1", "P-2"], "business_line": ["Cloud ", "Voice"]})
    deals = pd.DataFrame({
        "account_id": ["A-003", "A-007", "A-011", "A-001"],
        "product_id": ["P-1", "P-1", "P-1", "P-2"], "is_closed": [True, False, True, False],
        "is_won": [True, False, False, False],
    })  # fmt: skip
    settings = TerritoryModelsSettings(layers=(
        LayerRule(name="success", roles=("CSM",), customers_only=True),
        LayerRule(name="cloud", roles=("CSM",), business_line="cloud"),
    ))  # fmt: skip
    found = make_layers(
        settings=settings, segments=segments, opportunities=deals, products=products
    )
    rows = found.layers.groupby("role_layer")["account_id"].agg(set)
    assert rows["success"] == {"A-003"}
    assert rows["cloud"] == {"A-003", "A-007"}
    assert found.findings == ()


def test_rules_that_the_data_cannot_keep_are_said() -> None:
    """Without customers a layer serves all, without lines nobody; neither in silence."""
    settings = TerritoryModelsSettings(layers=(
        LayerRule(name="success", roles=("CSM",), customers_only=True),
        LayerRule(name="cloud", roles=("CSM",), business_line="Cloud"),
    ))  # fmt: skip
    found = make_layers(settings=settings)
    assert set(found.layers["role_layer"]) == {"success"}
    assert found.layers["account_id"].nunique() == len(make_plan())
    said = " | ".join(found.findings)
    assert "success serves all accounts, since it is not known which are customers" in said
    assert "do not tell who buys Cloud" in said


def test_accounts_are_dealt_one_by_one() -> None:
    """In a layer by account two reps of a region share the time, and books may be split."""
    reps = make_reps().assign(manager_id="")
    settings = TerritoryModelsSettings(
        layers=(LayerRule(name="SDR", roles=("SDR", "BDR"), mode="accounts"),), pod_tolerance=0.05
    )
    found = plan_layers(make_plan(), reps, settings, as_of=DAY)
    assert found.pods["deviation"].abs().max() <= 0.05


def test_those_who_left_serve_nobody() -> None:
    """A rep of a layer who has left takes no part."""
    reps = make_reps()
    reps.loc[reps["rep_id"].eq("S-1"), "leave_date"] = DAY
    found = plan_layers(make_plan(), reps, TerritoryModelsSettings(), as_of=DAY)
    assert "S-1" not in set(found.layers["rep_id"].dropna())
    with pytest.raises(TableError, match="rep_id"):
        plan_layers(make_plan().drop(columns="rep_id"), reps, TerritoryModelsSettings(), as_of=DAY)


def test_without_regions_anybody_may_serve() -> None:
    """Where no region is known all reps of the layer share the books."""
    owners = pd.DataFrame({"manager_id": ["", "M"], "region": ["", ""]})
    people = pd.DataFrame({"manager_id": ["M", ""], "region": ["", ""]})
    assert pods_of(owners, people).tolist() == [[True, True], [True, False]]
