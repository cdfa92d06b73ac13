"""Questions that choose a way of selling, the model of each segment, teams by business line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from planlib.errors import SettingsError
from planlib.tables import table
from planlib.team.structure.choice_words import choice_notes
from planlib.team.structure.demand import measure_demand
from planlib.team.structure.factors import weigh_factors
from planlib.team.structure.ground import Ground, lay_ground
from planlib.team.structure.lines import weigh_lines
from planlib.team.structure.models import FIELD, INSIDE, LED, MIXED, UNKNOWN, name_models
from planlib.team.structure.questions import _judged, ask_segments
from planlib.team.structure.ratios import ratio_of_means, ratio_of_rates, ratio_of_shares
from tests.structure_frames import (
    AS_OF,
    make_accounts,
    make_inputs,
    make_leads,
    make_reps,
    rules,
)


def ground(inputs: Any = None, **changes: Any) -> Ground:
    """Lay the ground of the small team; few cases are enough for an answer."""
    return lay_ground(inputs or make_inputs(), rules(**{"minimum_cases": 5, **changes}), AS_OF)


def make_asked(**answers: tuple[str, str]) -> pd.DataFrame:
    """Give answers of one segment as (answer, what it calls for)."""
    return pd.DataFrame([
        {"segment": "Large", "question": name, "question_order": order, "value": 2.0,
         "others_value": 1.0, "ratio": 2.0, "low": 1.5, "high": 2.5, "count": 20,
         "answer": answer, "calls_for": calls, "definition": "as given"}
        for order, (name, (answer, calls)) in enumerate(answers.items(), start=1)
    ])  # fmt: skip


def test_ratios_have_their_intervals_by_hand() -> None:
    """Rates 100 of 50 against 100 of 100; shares 8 of 10 against 4 of 10; means 2 against 1."""
    rates = ratio_of_rates((100, 50), (100, 100), 10)
    assert rates.p == pytest.approx(2 * norm.sf(np.log(2.0) / np.sqrt(2 / 100)))
    assert rates.ratio == 2.0
    assert rates.low == pytest.approx(2 * np.exp(-1.96 * np.sqrt(0.02)))
    marks = [pd.Series([1.0] * k + [0.0] * (10 - k)) for k in (8, 4)]
    shares = ratio_of_shares(*marks, 5)
    spread = np.sqrt(1 / 8.5 - 1 / 11 + 1 / 4.5 - 1 / 11)
    assert shares.high == pytest.approx(8.5 / 4.5 * np.exp(1.96 * spread))
    assert shares.answer == "no clear difference"
    means = ratio_of_means(pd.Series([1.0, 3.0] * 10), pd.Series([0.5, 1.5] * 10), 5)
    relative = 2 * (20 / 19) / 20 / 4  # the same relative variance of the mean on both sides
    assert means.low == pytest.approx(2 * np.exp(-1.96 * np.sqrt(relative)))
    assert means.answer == "more"


def test_few_cases_give_no_answer() -> None:
    """Nine leads where ten are asked for: the figures stand, the answer is not known."""
    found = ratio_of_rates((9, 1), (100, 1), 10)
    assert (found.value, found.answer) == (9.0, "not known")
    assert ratio_of_shares(pd.Series([1.0] * 9), pd.Series([0.0] * 50), 10).answer == "not known"


def test_large_deals_are_found_and_equal_cycles_are_not() -> None:
    """Large deals are ten times as large; every cycle has 60 days."""
    found = ask_segments(ground()).set_index(["segment", "question"])
    assert found.loc[("Large", "deal_size"), "ratio"] == pytest.approx(10.0)
    assert found.loc[("Large", "deal_size"), "calls_for"] == "field"
    assert found.loc[("Small", "deal_size"), "calls_for"] == "inside"
    assert found.loc[("Large", "cycle"), "answer"] == "no clear difference"
    assert found.loc[("Large", "remote_wins"), "answer"] == "not known"
    assert table("structure_questions").check(found.reset_index()) is not None


def test_more_leads_of_small_accounts_call_for_inside() -> None:
    """A small account alone: 60 leads over six accounts and two years; then 40 against 20."""
    day = pd.Timestamp("2025-10-01")
    leads = make_leads(60).assign(account_id="A002", created_at=day)
    found = ask_segments(ground(make_inputs(leads=leads))).set_index(["segment", "question"])
    row = found.loc[("Small", "lead_volume")]
    assert (row["value"], row["others_value"]) == (5.0, 0.0)
    even = leads.assign(account_id=["A002"] * 40 + ["A000"] * 20)
    found = ask_segments(ground(make_inputs(leads=even))).set_index(["segment", "question"])
    assert found.loc[("Small", "lead_volume"), "calls_for"] == "inside"
    assert found.loc[("Large", "lead_volume"), "calls_for"] == "field"


@pytest.mark.parametrize(
    ("leads", "size", "cycle", "model"),
    [
        (("less", "field"), ("more", "field"), ("more", "field"), FIELD),
        (("not known", ""), ("more", "field"), ("more", "field"), FIELD),
        (("more", "inside"), ("less", "inside"), ("no clear difference", ""), LED),
        (("not known", ""), ("less", "inside"), ("less", "inside"), INSIDE),
        (("more", "inside"), ("more", "field"), ("more", "field"), MIXED),
        (("no clear difference", ""), ("no clear difference", ""), ("more", "field"), MIXED),
        (("not known", ""), ("not known", ""), ("more", "field"), UNKNOWN),
    ],
)
def test_the_model_follows_leads_size_and_cycle(
    leads: tuple[str, str], size: tuple[str, str], cycle: tuple[str, str], model: str
) -> None:
    """Two must agree and none may contradict; nobody is led by leads that are not known."""
    asked = make_asked(lead_volume=leads, deal_size=size, cycle=cycle)
    found = name_models(ground(), asked)
    assert found["model"].tolist() == [model]
    assert table("structure_models").check(found) is not None


def test_hours_of_small_local_accounts_are_what_inside_could_take() -> None:
    """Every seller sits on every account: nine of twelve are not among the largest fifth."""
    inputs = make_inputs()
    accounts = inputs.accounts.assign(latitude=50.0, longitude=10.0)
    reps = make_reps(latitude=50.0, longitude=10.0)
    base = ground(replace(inputs, accounts=accounts, reps=reps))
    found = name_models(base, ask_segments(base)).set_index("segment")
    small = accounts[accounts["employees"] < accounts["employees"].quantile(0.8)]
    hours = small.groupby("segment")["workload_hours"].sum()
    assert found["relief_hours"].to_dict() == pytest.approx(hours.to_dict())
    assert found["relief_heads"].sum() == pytest.approx(hours.sum() / 1000.0)
    far = ground(replace(inputs, accounts=accounts.assign(latitude=10.0), reps=reps))
    assert name_models(far, ask_segments(far))["relief_hours"].sum() == 0.0


def test_growing_leads_let_marketing_qualify() -> None:
    """Twenty leads in the year before, eighty in the last one, all of small accounts."""
    days = pd.to_datetime(["2024-10-01"] * 20 + ["2025-10-01"] * 80)
    leads = pd.DataFrame({"lead_id": [f"L{i}" for i in range(100)], "created_at": days,
                          "account_id": "A002"})  # fmt: skip
    base = ground(make_inputs(leads=leads))
    asked = make_asked(lead_volume=("more", "inside"), deal_size=("less", "inside"),
                       cycle=("less", "inside")).assign(segment="Small")  # fmt: skip
    row = name_models(base, asked).iloc[0]
    assert (row["leads_count"], row["leads_before_count"], row["leads_growth"]) == (80, 20, 3.0)
    assert row["growth_low"] > 0
    assert "marketing qualifies before it hands over" in row["marketing"]


def lined(wins: dict[str, tuple[int, int]], *, shared: bool = False, sellers: int = 8) -> Ground:
    """
    Give two lines, each sold by three of its own sellers and three of the other line.

    ``wins`` holds how many of ten deals in a line its own sellers and the others win.
    """
    names = {"Core": ["H1", "H2", "H3"], "Data": ["G1", "G2", "G3"]}
    rows = []
    for line, own in names.items():
        other = names["Data" if line == "Core" else "Core"]
        for group, (count, won) in ((own, (10, wins[line][0])), (other, (4, wins[line][1]))):
            for owner in group:
                for n in range(count):
                    account = f"{'X' if shared else line}{owner if not shared else ''}{n % 4}"
                    rows.append({"owner_id": owner, "line": line, "is_won": n < won,
                                 "account_id": account})  # fmt: skip
    deals = pd.DataFrame(rows).assign(region="North", segment="Large", amount=100.0, margin=50.0)
    deals["cycle_days"] = np.where(deals["line"] == "Core", 100.0, 40.0) + np.arange(len(deals)) % 3
    reps = pd.DataFrame({
        "rep_id": [f"P{n}" for n in range(sellers)], "role": "AE", "region": "North",
        "hire_date": pd.Timestamp("2020-01-01"), "leave_date": pd.NaT, "is_open_seat": False,
    })  # fmt: skip
    return replace(ground(make_inputs(reps=reps), team_size=3), deals=deals)


def test_a_line_whose_own_sellers_win_more_carries_a_team() -> None:
    """Sellers of Core win 8 of 10 there and the others 1 of 4; Data is won alike by both."""
    found = weigh_lines(lined({"Core": (8, 1), "Data": (5, 2)})).set_index("line")
    core, data = found.loc["Core"], found.loc["Data"]
    assert (core["home_sellers"], core["home_win_share"], core["others_win_share"]) == (
        3,
        0.8,
        0.25,
    )
    assert core["verdict"] == "team of its own"
    assert (data["verdict"], data["win_difference"]) == ("open", 0.0)
    assert (core["workflow"], data["workflow"]) == ("slower", "faster")
    assert found["amount_share"].sum() == pytest.approx(1.0)
    assert found["heads"].sum() == pytest.approx(8.0)
    assert table("structure_lines").check(found.reset_index()) is not None


def test_shared_customers_and_few_heads_need_one_team() -> None:
    """The same accounts buy both lines; or four sellers are too few for two teams of three."""
    found = weigh_lines(lined({"Core": (8, 1), "Data": (8, 1)}, shared=True))
    assert set(found["verdict"]) == {"one team for all"}
    assert found["reason"].str.contains("100 % of its customers buy other lines too").all()
    found = weigh_lines(lined({"Core": (8, 1), "Data": (8, 1)}, sellers=4))
    assert found["reason"].str.contains("2.0 heads would sell it, fewer than a team of 3").all()


def test_a_single_line_is_no_choice_and_order_does_not_matter() -> None:
    """One line gives no rows; shuffled deals give the same."""
    assert weigh_lines(ground()).empty
    base = lined({"Core": (8, 1), "Data": (5, 2)})
    shuffled = replace(base, deals=base.deals.sample(frac=1.0, random_state=3))
    pd.testing.assert_frame_equal(weigh_lines(base), weigh_lines(shuffled))


def test_notes_name_the_segments_and_lines_they_speak_of() -> None:
    """A model, a line with a team of its own, and a segment with too few deals."""
    base = lined({"Core": (8, 1), "Data": (5, 2)})
    asked = pd.concat([
        make_asked(lead_volume=("not known", ""), deal_size=("more", "field"),
                   cycle=("more", "field")),
        make_asked(deal_size=("more", "field")).assign(segment="Small"),
    ])  # fmt: skip
    notes = choice_notes({"structure_models": name_models(base, asked),
                          "structure_lines": weigh_lines(base)}, rules())  # fmt: skip
    text = "\n".join(f"{kind}: {note}" for kind, _, note in notes)
    assert "headline: Field sellers with account plans are called for in Large:" in text
    assert "headline: A team of its own would win more deals of Core" in text
    assert "missing: too few leads or closed deals for: Small" in text
    nothing = {name: table(name).empty() for name in ("structure_models", "structure_lines")}
    assert choice_notes(nothing, rules()) == []


def test_the_cut_offs_of_lines_are_settings() -> None:
    """Home, shared customers, sellers on a side and pace change the verdict where they are set."""
    base = lined({"Core": (8, 1), "Data": (5, 2)})
    plain = weigh_lines(base).set_index("line")

    def changed(**settings: Any) -> pd.DataFrame:
        other = base.settings.model_copy(update=settings)
        return weigh_lines(replace(base, settings=other)).set_index("line")

    assert plain["home_sellers"].tolist() == [3, 3]
    assert changed(line_home_share=0.9)["home_sellers"].tolist() == [0, 0]
    assert changed(line_sellers=4)["verdict"].tolist() == ["open", "open"]
    assert changed(line_pace=(0.1, 10.0))["workflow"].tolist() == ["same", "same"]
    shared = lined({"Core": (8, 1), "Data": (5, 2)}, shared=True)
    free = replace(shared, settings=shared.settings.model_copy(update={"line_shared_share": 1.0}))
    assert weigh_lines(shared).set_index("line")["verdict"]["Core"] == "one team for all"
    assert weigh_lines(free).set_index("line")["verdict"]["Core"] == "team of its own"


@pytest.mark.parametrize("pace", [(0.0, 1.2), (1.1, 1.2), (0.8, 0.9)])
def test_a_pace_stands_around_one(pace: tuple[float, float]) -> None:
    """A range that leaves out 1 is refused with what is allowed."""
    with pytest.raises(SettingsError, match="a ratio above 0 and at most 1"):
        rules(line_pace=pace)


def test_the_notes_name_the_cut_offs_that_are_set() -> None:
    """The definition of a team of its own says the figures of plan.yaml, and that they are it."""
    base = lined({"Core": (8, 1), "Data": (5, 2)})
    tables = {"structure_models": table("structure_models").empty(),
              "structure_lines": weigh_lines(base)}  # fmt: skip
    notes = choice_notes(tables, rules(line_shared_share=0.3, line_sellers=5))
    text = next(note for _, topic, note in notes if topic == "team of its own")
    assert "at most 30 % of its customers" in text
    assert "at least 5 sellers stand on either side" in text
    assert "choices of plan.yaml" in text


def test_answers_allow_for_all_questions_together() -> None:
    """One ratio just beyond its interval counts alone, and not among forty without a difference."""
    rows = pd.DataFrame({
        "p": [0.036] + [0.9] * 39,
        "answer": ["more"] + ["no clear difference"] * 39, "more": "field", "less": "inside",
    })  # fmt: skip
    alone = _judged(rows.iloc[:1])
    assert (alone["answer"][0], alone["calls_for"][0]) == ("more", "field")
    together = _judged(rows)
    assert set(together["answer"]) == {"no clear difference"}
    assert set(together["calls_for"]) == {""}
    assert together["p_adjusted"][0] > 0.05 > alone["p_adjusted"][0]


def test_a_region_still_to_be_opened_calls_for_field() -> None:
    """All accounts of the North are customers, none of the South is: expansion leans to field."""
    accounts = make_accounts(40)
    accounts["is_customer"] = accounts["region"] == "North"
    base = ground(make_inputs(accounts=accounts, segments=accounts))
    factors = weigh_factors(base, measure_demand(base))
    expansion = factors[factors["factor"] == "expansion"].set_index(["region", "segment"])
    assert (expansion.loc["South", "direction"] > 0).all()
    assert (expansion.loc["North", "direction"] < 0).all()
    assert (expansion.loc["South", "value"] > expansion.loc["North", "value"]).all()


def test_without_any_customer_on_record_expansion_is_not_known() -> None:
    """Nobody is marked as a customer: the factor is blank and weighs nothing."""
    accounts = make_accounts().assign(is_customer=False)
    base = ground(make_inputs(accounts=accounts, segments=accounts))
    factors = weigh_factors(base, measure_demand(base))
    expansion = factors[factors["factor"] == "expansion"]
    assert expansion["value"].isna().all()
    assert expansion["direction"].isna().all()
