"""The whole ranking: equal reps, mix of leads, missing tables, recomputing, reviews."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from planlib.errors import TableError
from planlib.ranking import RankingInputs, RankingReview, rank_reps
from planlib.ranking.cases import Cases
from planlib.ranking.past import improvement_lags
from planlib.settings.ranking import RankingSettings
from planlib.tables import table
from tests.ranking_frames import AS_OF, draw_deals, make_deals, make_reps, make_settings

EQUAL = {f"R{at:02d}": 0.35 for at in range(12)}


def rank(
    deals: pd.DataFrame, settings: RankingSettings | None = None, **tables: Any
) -> RankingReview:
    """Rank with few draws."""
    return rank_reps(RankingInputs(opportunities=deals, **tables), settings or make_settings(),
                     AS_OF, seed=3)  # fmt: skip


@pytest.fixture(scope="module")
def full() -> RankingReview:
    """A ranking on all metrics that deals alone can give, of twelve equal reps."""
    settings = RankingSettings(history_months=5, draws=500, simulations=100)
    deals = draw_deals(EQUAL, 14, 14, seed=11)
    return rank(deals, settings, reps=make_reps(*EQUAL))


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_equal_reps_show_no_evidence_of_difference(seed: int) -> None:
    """Drawn with one chance for all: no difference, no sure pair, and nobody moves a tier."""
    found = rank(draw_deals(EQUAL, 4, 20, seed), reps=make_reps(*EQUAL))
    groups = found.tables["ranking_groups"].set_index("metric")
    assert groups.at["score", "verdict"] == "no evidence of difference"
    assert "No evidence of difference between reps in 1 peer group." in found.headlines
    said = " ".join(found.headlines)  # deals stand in, and are not called leads
    assert "Deals received by tier, which stand in for leads: " in said
    assert "% of them at a mean expected chance to win of " in said
    assert found.scores["is_grey"].all()
    assert found.scores["above_count"].sum() <= 1
    assert (found.tables["rep_tiers"]["move"] == "stay").all()


def test_reps_who_differ_are_told_apart() -> None:
    """One rep wins 60 %, the others 30 %: surely first, and up a tier."""
    chances = {**EQUAL, "R05": 0.75}
    found = rank(draw_deals(chances, 4, 60, 5), reps=make_reps(*EQUAL))
    best = found.scores.set_index("rep_id").loc["R05"]
    assert (best["rank"], best["rank_low"], best["rank_high"]) == (1, 1, 1)
    assert best["above_count"] == 11
    assert best["tier"] == "A"
    groups = found.tables["ranking_groups"].set_index("metric")
    assert groups.at["score", "verdict"] == "reps differ"


def test_better_leads_do_not_make_a_better_score() -> None:
    """All reps win web at 20 % and events at 60 %: the one with events only is not ahead."""
    parts = []
    for rep in ("R1", "R2", "R3", "R4"):
        only = {"R1": ("event",), "R2": ("web",)}.get(rep, ("event", "web"))
        for source in only:
            rate = 0.6 if source == "event" else 0.2
            deals = make_deals({rep: (round(50 * rate), 50)}, source=source)
            parts.append(deals.assign(opportunity_id=deals["opportunity_id"] + source))
    found = rank(pd.concat(parts, ignore_index=True), make_settings(mix_prior=1e-6),
                 reps=make_reps("R1", "R2", "R3", "R4"))  # fmt: skip
    rows = found.metrics.set_index("rep_id")
    assert rows["own_value"].to_dict()["R1"] == pytest.approx(0.6)
    assert rows["ratio_raw"].tolist() == pytest.approx([1.0] * 4)


def test_a_rep_can_recompute_every_figure(full: RankingReview) -> None:
    """Units give the sums, sums the ratio, ratios and weights the plain score."""
    units = full.tables["rep_units"].groupby(["rep_id", "metric"])
    sums = units[["observed", "expected"]].sum()
    rows = full.metrics.set_index(["rep_id", "metric"]).sort_index()
    assert rows["count"].gt(0).all()
    assert (units.size() == rows["count"]).all()
    np.testing.assert_allclose(sums["observed"], rows["observed"].sort_index())
    ratio = rows["observed"] / (rows["expected"] * rows["level"])
    is_days = rows.index.get_level_values("metric") == "cycle_time"
    ratio = ratio.where(~is_days, 1 / ratio)
    np.testing.assert_allclose(ratio, rows["ratio_raw"])
    np.testing.assert_allclose(rows["weight"] * rows["ratio_raw"], rows["points"])
    score = rows["points"].groupby("rep_id").sum()
    np.testing.assert_allclose(score, full.scores.set_index("rep_id")["score_raw"])
    whole = full.tables["ranking_groups"].set_index("metric").loc["score"]
    one = full.scores.iloc[0]
    b = whole["spread"] ** 2 / (whole["spread"] ** 2 + one["score_raw_sd"] ** 2)
    assert one["score"] == pytest.approx(1 + b * (one["score_raw"] - 1))


def test_every_table_keeps_its_contract(full: RankingReview) -> None:
    """All tables pass their check, and every note says something."""
    for name, frame in full.tables.items():
        table(name).check(frame)
    for kind in ("headline", "finding", "missing", "definition", "rule"):
        assert all(full.notes(kind))


def test_the_order_of_rows_does_not_matter() -> None:
    """Shuffled deals and reps give the same tables."""
    deals, reps = draw_deals(EQUAL, 4, 8, 2), make_reps(*EQUAL)
    one = rank(deals, reps=reps)
    other = rank(deals.sample(frac=1, random_state=1), reps=reps.iloc[::-1])
    for name, frame in one.tables.items():
        pd.testing.assert_frame_equal(frame, other.tables[name], obj=name)


def test_money_in_another_unit_changes_no_ratio() -> None:
    """Ten times the amounts give the same score."""
    settings = make_settings(weights={"win_rate": 0.5, "acv_per_case": 0.5})
    deals, reps = draw_deals(EQUAL, 4, 10, 4), make_reps(*EQUAL)
    one = rank(deals, settings, reps=reps).scores["score"]
    other = rank(deals.assign(amount=deals["amount"] * 10), settings, reps=reps).scores["score"]
    np.testing.assert_allclose(one, other)


def test_one_great_deal_does_not_change_a_tier() -> None:
    """A deal a hundred times as large as others is capped and moves nobody."""
    settings = make_settings(weights={"win_rate": 0.5, "acv_per_case": 0.5})
    deals = make_deals({f"R{at}": (10, 30) for at in range(6)})
    deals.loc[0, "amount"] = 10_000.0
    found = rank(deals, settings, reps=make_reps(*[f"R{at}" for at in range(6)]))
    assert (found.tables["rep_tiers"]["move"] == "stay").all()
    assert found.scores["score_raw"].max() < 1.2


def test_a_few_bad_calls_do_not_change_a_tier() -> None:
    """Four losses more than peers with 30 cases: below the limit, and still not sure enough."""
    wins = {f"R{at}": (10, 30) for at in range(8)}
    found = rank(make_deals(wins | {"R0": (6, 30)}), make_settings(), reps=make_reps(*wins))
    row = found.scores.set_index("rep_id").loc["R0"]
    assert row["score_raw"] < 0.8
    assert row["move"] == "stay"
    assert "below the limit, but only" in row["move_reason"]


def test_deals_alone_are_enough_and_what_is_missing_is_said() -> None:
    """Without any other table every owner is ranked in one group."""
    found = rank(draw_deals(EQUAL, 4, 10, 6))
    assert found.scores["peer_group"].unique().tolist() == ["all owners"]
    assert (found.scores["status"] == "ranked").all()
    said = " ".join(found.notes("missing"))
    for name in ("reps", "availability", "key accounts", "segments", "table leads"):
        assert name in said, name


def test_no_deals_at_all_rank_nobody() -> None:
    """An empty table gives empty results and one sentence."""
    found = rank(make_deals({"R1": (1, 2)}).head(0))
    assert found.headlines == ["Nobody can be ranked: see what is missing."]
    assert found.metrics.empty


def test_too_few_cases_new_reps_open_seats_and_leavers_are_not_ranked() -> None:
    """Everybody who is not ranked is named with the reason."""
    reps = make_reps("R1", "R2", "R3", "R4", "FEW", "NEW", "SEAT", "GONE", "BOSS")
    reps = reps.set_index("rep_id")
    reps.loc["NEW", "hire_date"] = pd.Timestamp("2026-01-15")
    reps.loc["SEAT", "is_open_seat"] = True
    reps.loc["GONE", "leave_date"] = pd.Timestamp("2026-02-28")
    reps.loc["BOSS", "role"] = "manager"
    deals = make_deals({**{f"R{at}": (5, 15) for at in (1, 2, 3, 4)}, "FEW": (1, 4),
                        "NEW": (5, 15), "GONE": (5, 15), "STRANGER": (5, 15)})  # fmt: skip
    found = rank(deals, reps=reps.reset_index())
    status = found.scores.set_index("rep_id")["status"]
    assert status.drop(["R1", "R2", "R3", "R4"]).to_dict() == {
        "BOSS": "other role", "FEW": "too few cases", "GONE": "left", "NEW": "new",
        "SEAT": "open seat", "STRANGER": "not in reps",
    }  # fmt: skip
    tiers = found.scores.set_index("rep_id")["tier"]
    assert (tiers["NEW"], tiers["FEW"]) == ("C", "B")
    assert tiers[["BOSS", "GONE", "SEAT"]].isna().all()


def test_small_peer_groups_are_pooled_within_their_role() -> None:
    """Two of East and two of West are compared together; a lone rep is not ranked."""
    names = ["R1", "R2", "R3", "R4", "E1", "E2", "W1", "W2", "P1"]
    units = ["North"] * 4 + ["East"] * 2 + ["West"] * 2 + ["North"]
    reps = make_reps(*names, unit=units, role=["AE"] * 8 + ["PS"])
    found = rank(make_deals(dict.fromkeys(names, (5, 15))), make_settings(roles=("AE", "PS")),
                 reps=reps)  # fmt: skip
    rows = found.scores.set_index("rep_id")
    assert rows.at["R1", "peer_group"] == "AE, North"
    assert rows.loc[["E1", "W2"], "peer_group"].tolist() == ["AE, small groups"] * 2
    assert rows.at["P1", "status"] == "too few peers"


def test_key_account_reps_are_left_out_by_default() -> None:
    """Three of four deals with key accounts: not ranked; the opposite in plan.yaml is logged."""
    deals = make_deals({f"R{at}": (5, 16) for at in range(6)})
    mine = (deals["owner_id"] == "R0") & (deals.groupby("owner_id").cumcount() < 12)
    deals["account_id"] = deals["account_id"].mask(mine, "KEY")
    key = pd.DataFrame({"account_id": ["KEY", "A1"], "is_key": [True, False]})
    reps = make_reps(*[f"R{at}" for at in range(6)])
    found = rank(deals, reps=reps, key_accounts=key)
    first = found.scores.iloc[0]
    assert (first["status"], first["reason"]) == (
        "key-account rep", "75 % of the deals are with key accounts"
    )  # fmt: skip
    kept = rank(deals, make_settings(leave_out_key_account_reps=False), reps=reps, key_accounts=key)
    assert kept.scores["status"].eq("ranked").all()
    assert any("key-account reps: they are ranked" in one for one in kept.notes("finding"))


def test_a_rep_in_two_teams_is_refused_by_name() -> None:
    """The message names the rep and both teams."""
    reps = pd.concat([make_reps("R1", "R2"), make_reps("R1", unit="South")], ignore_index=True)
    with pytest.raises(TableError, match="R1 in North and South"):
        rank(make_deals({"R1": (5, 15)}), reps=reps)


def test_without_the_long_term_metric_no_tier_moves() -> None:
    """It is required by default; switching it off lets tiers move and is logged."""
    chances = {**EQUAL, "R05": 0.8}
    deals = draw_deals(chances, 4, 60, 5).assign(deal_type="new", account_id=None)
    reps = make_reps(*EQUAL)
    weights = {"win_rate": 0.8, "existing_customers": 0.2}
    held = rank(deals, make_settings(weights=weights, long_term_required=True), reps=reps)
    row = held.scores.set_index("rep_id").loc["R05"]
    assert row["move_reason"].startswith("no move: the long-term metric is missing")
    assert any("no tier moves there" in one for one in held.notes("finding"))
    free = rank(deals, make_settings(weights=weights, long_term_required=False), reps=reps)
    assert free.scores.set_index("rep_id").at["R05", "tier"] == "A"
    assert any("switched off in plan.yaml" in one for one in free.notes("finding"))


def test_weights_of_a_missing_metric_go_to_the_others() -> None:
    """Win rate 0.3 and amount 0.2 become 0.6 and 0.4 where the rest is not known."""
    settings = RankingSettings(minimum_metrics=2, history_months=1, draws=500, simulations=100,
                               long_term_required=False)  # fmt: skip
    deals = make_deals({f"R{at}": (6, 20) for at in range(5)}, created_date=pd.NaT,
                       account_id=None)  # fmt: skip
    found = rank(deals, settings, reps=make_reps(*[f"R{at}" for at in range(5)]))
    weights = found.metrics.drop_duplicates("metric").set_index("metric")["weight"]
    assert weights.to_dict() == pytest.approx({"win_rate": 0.6, "acv_per_case": 0.4})
    groups = found.tables["ranking_groups"].set_index("metric")
    assert groups.at["cycle_time", "note"] == "no rep has a sample of it"
    few = rank(deals, settings.model_copy(update={"minimum_metrics": 3}),
               reps=make_reps(*[f"R{at}" for at in range(5)]))  # fmt: skip
    assert few.scores["status"].eq("no common metrics").all()
    assert "2 metrics are common to the group, 3 are needed" in few.scores["reason"].iloc[0]


def test_leads_answered_in_time_while_present_are_the_follow_up() -> None:
    """A lead that came while its owner was on leave does not count; a young one neither."""
    reps = ("R1", "R2", "R3", "R4")
    day = pd.Timestamp("2026-02-10 09:00")
    leads = pd.DataFrame([
        {"lead_id": f"{rep}-{at}", "owner_id": rep, "created_at": day + pd.Timedelta(days=at),
         "first_response_at": day + pd.Timedelta(days=at, hours=1 if at % 2 else 30)}
        for rep in reps for at in range(4)
    ]).assign(source="web", account_id=None)  # fmt: skip
    leave = pd.DataFrame({"rep_id": ["R1"], "away_share": 1.0,
                          "start_date": pd.to_datetime(["2026-02-10"]),
                          "end_date": pd.to_datetime(["2026-02-10"])})  # fmt: skip
    weights = {"win_rate": 0.5, "follow_up": 0.5}
    found = rank(make_deals(dict.fromkeys(reps, (5, 15))), make_settings(weights=weights),
                 reps=make_reps(*reps), leads=leads, availability=leave)  # fmt: skip
    rows = found.metrics[found.metrics["metric"] == "follow_up"].set_index("rep_id")
    assert rows["count"].to_dict() == {"R1": 3, "R2": 4, "R3": 4, "R4": 4}
    assert rows.at["R1", "own_value"] == pytest.approx(2 / 3)
    assert rows.at["R2", "method"] == "leads"


def test_units_with_longer_sales_have_a_window_of_their_own() -> None:
    """Cases of five months ago count where the unit's window is six; others keep three."""
    units = {f"R{at}": "Large" if at < 4 else "Small" for at in range(8)}
    wins = dict.fromkeys(units, (5, 15))
    deals = pd.concat([make_deals(wins), make_deals(wins, closed="2025-11-10").assign(
        opportunity_id=lambda rows: "old " + rows["opportunity_id"],
        created_date=pd.Timestamp("2025-03-01"))], ignore_index=True)  # fmt: skip
    reps = make_reps(*units, unit=list(units.values()))
    settings = make_settings(windows={"Large": 6}, history_months=1)
    found = rank(deals, settings, reps=reps)
    cases = found.scores.set_index("rep_id")["cases_count"]
    assert cases.groupby(pd.Series(units)).unique().str.len().eq(1).all()
    assert (cases["R0"], cases["R7"]) == (30, 15)
    months = found.scores.set_index("rep_id")["window_months"]
    assert (months["R0"], months["R7"]) == (6, 3)
    assert any("3 months (Large 6), 12 for existing" in text for text in found.notes("rule"))
    said = [text for text in found.notes("finding") if text.startswith("window: ")]
    assert len(said) == 1  # half took more than 142 days: longer than three months, not than six
    assert said[0].startswith("window: Half of the sales won in AE, Small take more than 142 days")


def test_an_automatic_mail_follows_up_no_deal() -> None:
    """Without leads a deal is followed up by what a person did, never by what a system sent."""
    reps = ("R1", "R2", "R3", "R4")
    deals = make_deals(dict.fromkeys(reps, (5, 15)))
    acts = deals.assign(
        activity_id=deals["opportunity_id"], activity_type="email", rep_id=deals["owner_id"],
        activity_date=deals["created_date"],
        is_automatic=deals["owner_id"] == "R1",
    )  # fmt: skip
    weights = {"win_rate": 0.5, "follow_up": 0.5}
    found = rank(deals, make_settings(weights=weights), reps=make_reps(*reps), activities=acts)
    rows = found.metrics[found.metrics["metric"] == "follow_up"].set_index("rep_id")
    assert rows["observed"].to_dict() == {"R1": 0.0, "R2": 15.0, "R3": 15.0, "R4": 15.0}


def make_review(**changes: object) -> pd.DataFrame:
    """Make one talk of a manager with R05."""
    plain: dict[str, object] = {
        "decision_id": "D-0001", "who": "Ann", "rep_id": "R05", "metric": "win_rate",
        "review_date": pd.Timestamp("2025-12-05"), "agreed_step": "Qualify", "helper": "Bo",
        "tier": None,
    }  # fmt: skip
    return pd.DataFrame([{**plain, **changes}])


def test_the_effect_of_a_review_stands_on_the_next_scorecard() -> None:
    """From 20 % to 60 % after the talk: the change of the ratio and its interval are above zero."""
    reps = make_reps(*EQUAL)
    deals = draw_deals(EQUAL, 7, 40, 8)
    late = (deals["owner_id"] == "R05") & (deals["close_date"] > "2025-12-05")
    deals["is_won"] = deals["is_won"].mask(late, deals.index % 5 < 4)
    found = rank(deals, make_settings(history_months=6), reps=reps, reviews=make_review())
    row = found.tables["ranking_reviews"].iloc[0]
    assert (row["then_date"], row["now_date"]) == (pd.Timestamp("2025-11-30"),
                                                   pd.Timestamp("2026-03-31"))  # fmt: skip
    assert row["change"] == pytest.approx(row["now_ratio"] - row["then_ratio"])
    assert row["low"] > 0
    assert row["helper"] == "Bo"


def test_the_latest_helper_of_the_window_stands_beside_the_score() -> None:
    """A helper named before the window is gone; the lowest tier without one is counted."""
    talks = pd.concat([
        make_review(decision_id="D-1", rep_id="R00", review_date=pd.Timestamp("2026-02-01"),
                    helper="Ann"),
        make_review(decision_id="D-2", rep_id="R00", review_date=pd.Timestamp("2026-03-01"),
                    helper="Bo"),
        make_review(decision_id="D-3", rep_id="R01", review_date=pd.Timestamp("2025-06-01"),
                    helper="Cy"),
    ], ignore_index=True)  # fmt: skip
    scores = rank(draw_deals(EQUAL, 4, 10, 6), reviews=talks).scores.set_index("rep_id")
    assert scores.at["R00", "helper"] == "Bo"
    assert pd.isna(scores.at["R01", "helper"])


def test_reviews_of_strangers_and_wrong_words_are_named() -> None:
    """An unknown rep, metric or tier is a finding; the rest of the log counts."""
    log = pd.concat([
        make_review(rep_id="NOBODY"), make_review(decision_id="D-0002", metric="charm"),
        make_review(decision_id="D-0003", tier="Z"),
    ], ignore_index=True)  # fmt: skip
    found = rank(draw_deals(EQUAL, 4, 10, 1), reps=make_reps(*EQUAL), reviews=log)
    said = " ".join(found.notes("finding"))
    assert "D-0001: rep NOBODY is not known" in said
    assert "D-0002: metric 'charm' is none of" in said
    assert "D-0003: tier 'Z' is none of A, B, C" in said
    assert found.tables["ranking_reviews"]["metric"].tolist() == ["score", "win_rate"]


def test_tiers_go_on_from_the_last_cycle() -> None:
    """A published tier is where the next review starts; its rows are kept."""
    deals, reps = draw_deals(EQUAL, 6, 10, 1), make_reps(*EQUAL)
    before = rank(deals, make_settings(history_months=4), reps=reps).tables["rep_tiers"]
    before = before[before["month_date"] < "2026-03-01"].assign(tier="A")
    after = rank(deals, make_settings(history_months=4), reps=reps, previous_tiers=before)
    now = after.scores
    assert (now["tier_before"] == "A").all()
    assert len(after.tables["rep_tiers"]) == len(before) + len(now)


def test_shares_of_leads_by_tier_add_up(full: RankingReview) -> None:
    """All leads received by ranked reps, and all of the better third, are spread over the tiers."""
    rows = full.tables["tier_leads"]
    assert rows["received_share"].sum() == pytest.approx(1.0)
    assert rows["best_share"].sum() == pytest.approx(1.0)


def test_the_lag_runs_from_improving_to_better_leads() -> None:
    """Up in January; in February only good leads come: 28 days after the review."""
    chances = {**EQUAL, "R05": 0.85}
    deals = draw_deals(chances, 8, 40, 5)
    mine = deals["owner_id"] == "R05"
    created = deals["created_date"]
    deals["source"] = np.where(created >= "2025-12-01", "event", "web")
    deals.loc[~mine, "source"] = np.where(deals.loc[~mine].index % 2, "event", "web")
    poor = ~mine & deals["source"].eq("web")
    deals.loc[poor, "is_won"] = deals.loc[poor].index % 10 < 2
    found = rank(deals, make_settings(history_months=5), reps=make_reps(*EQUAL))
    lag = found.tables["improvement_lags"].set_index("rep_id").loc["R05"]
    assert lag["moved_date"] == pd.Timestamp("2025-11-30")
    assert lag["to_move_days"] == 0
    assert lag["better_date"] == pd.Timestamp("2025-12-31")
    assert lag["to_better_days"] == 31
    assert lag["quality_after"] > lag["quality_before"]
    said = (
        "1 move up on record; after 1 of them better leads or deals came, 31 days after the "
        "improvement"
    )
    assert any(line.startswith(said) for line in found.headlines)


def test_leads_that_are_worse_on_the_whole_are_no_better_leads() -> None:
    """One good month among three poor ones after a move does not count as better leads."""
    chance = [0.3] * 10 + [0.5] * 6 + [0.1] * 20
    days = ["2025-08-15"] * 10 + ["2025-10-15"] * 6 + ["2025-12-15"] * 20
    cases = cast("Cases", SimpleNamespace(rows=pd.DataFrame({
        "rep_id": "R1", "received_date": pd.to_datetime(days),
    })))  # fmt: skip
    tiers = pd.DataFrame({
        "rep_id": ["R1"], "month_date": pd.to_datetime(["2025-09-30"]), "move": ["up"],
        "score_raw": [1.2],
    })  # fmt: skip
    lag = improvement_lags(cases, pd.Series(chance), tiers, 1.1, pd.Timestamp("2026-01-31"))
    assert lag["note"].tolist() == ["leads or deals since then are not better on the whole"]
    assert lag["better_date"].isna().all()
