"""Tests of planlib.territories.models and of the opportunity index."""

import numpy as np
import pandas as pd
import pytest

from planlib.errors import TableError
from planlib.settings.territory_models import TerritoryModelsSettings
from planlib.tables import table
from planlib.territories import align
from planlib.territories.models import UnitModels, unit_models
from planlib.territories.opportunity import bands_of, judgement_of, opportunity_index
from tests.territory_model_frames import (
    AS_OF,
    make_accounts,
    make_reps,
    make_segments,
    make_settings,
    make_statement,
)

SETTINGS = TerritoryModelsSettings(bands=2)


def make_models(**changes: object) -> UnitModels:
    """Try the models on the small market; changes are keyword arguments."""
    segments = make_segments(make_accounts())
    return unit_models(make_statement(), SETTINGS, segments=segments, **changes)  # type: ignore[arg-type]


def test_each_unit_is_planned_by_its_own_model() -> None:
    """Step 02's coverage model decides, the plan follows it, and all three are compared."""
    found = make_models()
    table("territory_models").check(found.models)
    table("territory_model_plan").check(found.plan)
    chosen = found.models[found.models["is_chosen"].astype(bool)].set_index(["block", "unit"])
    assert chosen.loc[("EMEA", "Commercial"), "model"] == "commercial"
    assert chosen.loc[("EMEA", "Small Business"), "model"] == "small_business"
    assert found.models.groupby(["block", "unit"]).size().eq(3).all()
    mine = found.plan[found.plan["model"].eq("commercial")]
    assert (mine["rep_id"] == mine["commercial_rep_id"]).all()
    assert set(found.tables) == {"territory_models", "territory_model_plan"}


def test_settings_decide_before_step_02() -> None:
    """A unit named in the settings gets that model; without both the name decides."""
    settings = TerritoryModelsSettings(unit_models={"commercial": "enterprise"})
    plan = unit_models(make_statement(), settings).plan.set_index("unit")["model"]
    assert set(plan["Commercial"]) == {"enterprise"}
    assert set(plan["Small Business"]) == {"small_business"}


def test_each_model_is_best_in_its_own_figure() -> None:
    """Enterprise fits better than dealing out, which spreads bands by at most one account."""
    rows = make_models().models.set_index(["block", "unit", "model"])
    for block, unit in {key[:2] for key in rows.index}:
        part = rows.loc[(block, unit)]
        assert part.loc["small_business", "segment_spread"] <= 1
        assert part.loc["small_business", "count_deviation"] <= part["count_deviation"].max()
        assert part.loc["enterprise", "misfit"] <= part.loc["small_business", "misfit"] + 1e-9


def test_locks_hold_in_every_model() -> None:
    """Accounts that a rep of their unit must have stay there in all three."""
    statement = make_statement()
    block = statement.block("EMEA")
    units = statement.sellers["unit"].to_numpy(object)[block.reps]
    book = statement.book.iloc[block.rows]
    kept = np.flatnonzero(book["unit"].to_numpy(object) == units[block.owner])[:3]
    block.fixed[kept] = block.owner[kept]
    found = unit_models(statement, SETTINGS).plan.set_index("account_id")
    ids = statement.sellers["rep_id"].to_numpy(object)[block.reps]
    assert len(kept) == 3
    for row in kept:
        plans = found.loc[book["account_id"].iloc[row], ["enterprise_rep_id", "commercial_rep_id",
                                                         "small_business_rep_id"]]  # fmt: skip
        assert set(plans) == {ids[block.owner[row]]}


def test_a_judgement_on_an_unknown_account_is_named() -> None:
    """It changes no plan, and a person reads which decision that is."""
    judged = pd.DataFrame(
        {"account_id": ["A-001", "X-9"], "factor": [3.0, 2.0], "decision_id": ["D-1", "D-2"]}
    )
    found = make_models(judgements=judged)
    assert found.findings == ["judgement D-2 is not used, since account X-9 is not planned"]
    assert make_models(judgements=judged.drop(columns="decision_id").head(1)).findings == []


def test_judgement_is_a_factor() -> None:
    """The last factor of an account counts, others have 1, and the index itself stays."""
    judged = pd.DataFrame({"account_id": ["A-001", "A-001", "A-002"], "factor": [3.0, 2.0, 0.5]})
    plain, found = make_models(), make_models(judgements=judged)
    rows = found.plan.set_index("account_id")
    assert rows.loc["A-001", "judgement"] == 2.0
    assert rows.loc["A-003", "judgement"] == 1.0
    assert found.plan["opportunity_index"].equals(plain.plan["opportunity_index"])
    with pytest.raises(TableError, match="between 0.1 and 10 in 1 rows, first of account A-9"):
        judgement_of(make_accounts(), pd.DataFrame({"account_id": ["A-9"], "factor": [0.0]}))


def test_the_index_ranks_open_potential() -> None:
    """More potential not yet sold never lowers the index; unknown parts are left out."""
    book = pd.DataFrame({"potential": [1.0, 2, 3, np.nan], "acv": 0.0,
                         "open_amount": [np.nan] * 4, "complexity": [np.nan] * 4})  # fmt: skip
    index = opportunity_index(book, {"open_potential": 1.0, "pipeline": 1.0})
    assert index[:3].is_monotonic_increasing
    assert index[2] == 100.0
    assert index[3] == 50.0


def test_bands_are_of_the_same_size_in_every_segment() -> None:
    """Each segment has the same number in each band, the best score in band 1."""
    score = pd.Series(np.arange(12.0))
    segment = pd.Series(["a", "b"] * 6)
    bands = bands_of(score, segment, 3)
    assert pd.crosstab(segment, bands).to_numpy().tolist() == [[2, 2, 2], [2, 2, 2]]
    assert bands[10] == 1
    assert bands[0] == 3


def test_the_model_of_a_unit_can_be_put_in_force() -> None:
    """Its decisions are kept by the plan of record; other units are planned around them."""
    found = make_models()
    rows = found.decisions("Commercial")
    assert rows["rule"].eq("must").all()
    assert set(rows["account_id"]) == set(found.plan.query("unit == 'Commercial'")["account_id"])
    locks = rows.assign(decision_id=[f"D-{at}" for at in range(len(rows))], who="Mia", why="model",
                        when=pd.Timestamp("2026-01-05"))  # fmt: skip
    accounts = make_accounts()
    plan = align(accounts, make_reps(), make_settings(), as_of=AS_OF, overrides=locks,
                 segments=make_segments(accounts)).plan.set_index("account_id")  # fmt: skip
    assert plan.loc[rows["account_id"], "rep_id"].tolist() == rows["rep_id"].tolist()
    assert found.decisions("Nobody").empty
