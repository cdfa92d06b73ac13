"""Tests of the list of key accounts: memory, evidence, sales list, TOPSIS, workings, targets."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from planlib.key_accounts import list_checks, review_key_accounts, score_workings
from planlib.key_accounts.factors import factor_values
from planlib.key_accounts.findings import circles
from planlib.key_accounts.ranking import ScoreMatrix, apply_memory
from planlib.key_accounts.strata import build_strata
from planlib.key_accounts.targets import rep_targets, target_jumps
from planlib.key_accounts.topsis import topsis_scores
from planlib.periods import Period
from planlib.settings.key_accounts import KeyAccountsSettings
from tests.key_account_frames import AS_OF, all_key, make, make_accounts, make_people

YEAR = Period.parse(2026)
COUNT = 40


def make_market(**potential: float) -> pd.DataFrame:
    """Forty accounts of one stratum with rising potential, size and contract value."""
    rows = [
        {"account_id": f"A{n:02d}", "industry_group": "Steel", "potential": 1000.0 + 100 * n,
         "employees": 100 + n, "acv": 50.0}
        for n in range(COUNT)
    ]  # fmt: skip
    for row in rows:
        row["potential"] = potential.get(str(row["account_id"]), row["potential"])
    return make("accounts", *rows)


def make_deals(extra: dict[str, float] | None = None) -> pd.DataFrame:
    """Each account wins and loses one deal a year; some win more in the last year."""
    rows = []
    for n in range(COUNT):
        for year in (2023, 2024, 2025):
            for won in (True, False):
                rows.append((f"A{n:02d}", f"{year}-06-15", 100.0 + n, won))
    rows += [(key, "2026-02-01", amount, True) for key, amount in (extra or {}).items()]
    return make(
        "opportunities",
        *[
            {"opportunity_id": f"O{place}", "account_id": key, "close_date": day, "amount": amount,
             "is_closed": True, "is_won": won}
            for place, (key, day, amount, won) in enumerate(rows)
        ],
    )  # fmt: skip


def review(accounts: pd.DataFrame, deals: pd.DataFrame, previous: pd.DataFrame | None = None):
    """Review with ten percent of the stratum on the list."""
    settings = KeyAccountsSettings(top_share=0.1)
    return review_key_accounts(accounts, settings, AS_OF, opportunities=deals, previous=previous)


def test_one_extreme_year_neither_makes_nor_unmakes_a_key_account():
    """A flood of sales admits nobody; a key account without sales for a year is watched first."""
    plain = review(make_market(), make_deals())
    listed = set(plain.key_accounts.loc[plain.key_accounts["is_key"].astype(bool), "account_id"])
    assert listed == {"A36", "A37", "A38", "A39"}
    flood = review(make_market(), make_deals({"A05": 1e7}), plain.key_accounts)
    after = flood.key_accounts.set_index("account_id")
    assert after.loc["A05", "is_top_by_sales"]
    assert not after.loc["A05", "is_key"]
    drought = make_deals()
    drought = drought[(drought["account_id"] != "A39")].reset_index(drop=True)
    weak = make_market(A39=1000.0)
    first = review(weak, drought, plain.key_accounts)
    row = first.key_accounts.set_index("account_id").loc["A39"]
    assert (row["is_key"], row["status"], row["reviews_outside"]) == (True, "watch", 1)
    second = review(weak, drought, first.key_accounts)
    row = second.key_accounts.set_index("account_id").loc["A39"]
    assert (row["is_key"], row["status"]) == (False, "leaves")
    back = review(make_market(), make_deals(), first.key_accounts)
    row = back.key_accounts.set_index("account_id").loc["A39"]
    assert (row["is_key"], row["status"], row["reviews_outside"]) == (True, "stays", 0)


def test_a_key_account_that_cannot_be_scored_is_watched_and_not_counted_against():
    """An unknown score is no low score: the account stays and its count of reviews too."""
    rank = pd.Series([pd.NA], dtype="Int64")
    before = pd.DataFrame({"account_id": ["X"], "is_key": [True], "reviews_outside": [1]})
    cut_off = pd.Series([10], dtype="Int64")
    found = apply_memory(rank, cut_off, pd.Series(["X"]), KeyAccountsSettings(), before)
    assert found.to_dict("records") == [{"is_key": True, "status": "watch", "reviews_outside": 1}]


def test_small_strata_join_their_own_kind_first():
    """Small customer types of an industry are compared with each other, then with all small."""
    kinds = [("Steel", "user")] * 30 + [("Steel", "agent")] * 12 + [("Steel", "maker")] * 12
    kinds += [("Paper", "user")] * 5
    accounts = make(
        "accounts",
        *[
            {"account_id": f"A{n}", "industry_group": group, "customer_type": kind}
            for n, (group, kind) in enumerate(kinds)
        ],
    )
    strata, notes, found = build_strata(accounts, KeyAccountsSettings())
    assert strata.value_counts().to_dict() == {
        "Steel / user": 30, "Steel / other": 24, "other (small strata)": 5,
    }  # fmt: skip
    assert notes == ["3 strata with fewer than 20 accounts are pooled (29 accounts)"]
    assert [part["row_id"].iloc[0] for part in found] == ["other (small strata)"]


def test_a_stratum_of_two_accounts_is_named_and_scored():
    """Two accounts are ranked, and a finding says that they are few."""
    accounts = make_market().head(2)
    result = review(accounts, make_deals())
    assert result.key_accounts["score"].notna().all()
    small = result.findings[result.findings["check"] == "small stratum"]
    assert small["value"].tolist() == ["2 accounts"]


def make_ratings(*rows: tuple[object, ...]) -> pd.DataFrame:
    """Ratings of one account: factor, rating, day, rater, evidence."""
    keys = ("factor", "rating", "rating_date", "rater_id", "evidence")
    return make(
        "ratings", *[{"account_id": "A00"} | dict(zip(keys, row, strict=True)) for row in rows]
    )


def test_spread_age_and_evidence_of_judgements_are_shown():
    """Two raters differ by five points, a third judgement has expired; all is said."""
    ratings = make_ratings(
        ("demonstration", 3.0, "2026-01-10", "R1", "visit"),
        ("demonstration", 8.0, "2026-02-10", "R2", "tender"),
        ("winnability", 9.0, "2024-01-10", "R1", "old"),
    )
    result = review_key_accounts(make_market(), KeyAccountsSettings(), AS_OF, ratings=ratings)
    scores = result.scores.set_index(["account_id", "factor"])
    one = scores.loc[("A00", "demonstration")]
    assert (one["rating"], one["rating_low"], one["rating_high"]) == (5.5, 3, 8)
    assert (one["rater_count"], one["evidence"]) == (2, "tender; visit")
    gone = scores.loc[("A00", "winnability")]
    assert (gone["rater_count"], gone["expired_count"]) == (0, 1)
    assert pd.isna(gone["rating"])
    differ = result.findings[result.findings["check"] == "raters differ"]
    assert differ[["row_id", "value"]].to_numpy().tolist() == [["A00 / demonstration", "3 to 8"]]
    assert any("have expired" in note for note in result.notes)


def test_a_judgement_stands_in_for_money_that_is_not_known():
    """A rated potential counts as it is on 0 to 10, and does not bend the scale of the others."""
    accounts = make_market()
    accounts.loc[0, "potential"] = np.nan
    ratings = make_ratings(("potential", 9.0, "2026-01-10", "R1", None))
    result = review_key_accounts(accounts, KeyAccountsSettings(), AS_OF, ratings=ratings)
    row = result.scores.set_index(["account_id", "factor"]).loc[("A00", "potential")]
    assert (row["value"], row["factor_score"], row["basis"]) == (9, 9, "rating")
    bare = review_key_accounts(accounts, KeyAccountsSettings(), AS_OF)
    pd.testing.assert_frame_equal(
        result.scales[result.scales["factor"] == "potential"],
        bare.scales[bare.scales["factor"] == "potential"],
    )


def test_a_judgement_against_the_measured_score_is_named():
    """1,000 of a first threshold of 1,195 (0.05 quantile of 1,000 to 4,900) is 0.8, judged 9."""
    ratings = make_ratings(("potential", 9.0, "2026-01-10", "R1", None))
    result = review_key_accounts(make_market(), KeyAccountsSettings(), AS_OF, ratings=ratings)
    found = result.findings[result.findings["check"] == "judgement against measurement"]
    assert found["value"].tolist() == ["judged 9.0, measured 0.8"]


def test_judgements_outside_the_scale_or_of_nobody_do_not_count():
    """They are named with their row; the stand-in counts as if they were not there."""
    good = make_ratings(("demonstration", 5.0, "2026-01-10", "R1", None))
    wrong = pd.concat(
        [
            good.assign(rating=11.0),
            good.assign(rater_id="R2", rating_date=pd.Timestamp("2027-01-01")),
            good.assign(account_id="Z"),
        ],
        ignore_index=True,
    )
    accounts = make_market()
    result = review_key_accounts(accounts, KeyAccountsSettings(), AS_OF, ratings=wrong)
    checks = set(result.findings["check"])
    assert {
        "score outside its scale",
        "judgement after the as-of date",
        "unknown account",
    } <= checks
    values = factor_values(accounts, pd.Series("x", accounts.index), KeyAccountsSettings(), AS_OF)
    without = values.loc[values["factor"] == "demonstration", "value"]
    have = result.scores.loc[result.scores["factor"] == "demonstration", "value"]
    np.testing.assert_allclose(have, without)


def test_who_differs_from_a_list_by_sales_and_why():
    """The account with a flood of sales is named with the factors that hold it back."""
    result = review(make_market(), make_deals({"A05": 1e7}))
    rows = result.differences.set_index("account_id")
    assert rows.loc["A05", "difference"] == "top by sales, not key"
    assert rows.loc["A05", "sales_rank"] == 1
    assert "held back by" in rows.loc["A05", "reason"]
    missed = rows[rows["difference"] == "key, missed by sales"]
    assert missed["reason"].str.contains("carried by potential").all()
    keys = result.key_accounts
    both = keys["is_key"].astype(bool) != keys["is_top_by_sales"].astype(bool)
    assert len(rows) == both.sum()


def test_an_account_without_sales_is_said_to_have_none():
    """It has no place by sales; the reason says why, and its place by score."""
    deals = make_deals({"A05": 1e7}).query("account_id == 'A05'")
    rows = review(make_market(), deals).differences
    unsold = rows[rows["sales_rank"].isna()]
    assert len(unsold)
    assert unsold["reason"].str.match(r"nothing sold, place \d+ by score: ").all()


def test_topsis_by_hand():
    """Equal weights, scores 10 and 0: half way; the best account 100, unknown parts left out."""
    scores = np.array([[10, 10, 10, 10], [10, 0, 10, 0], [np.nan, 10, 10, 10], [5, 5, 5, 5.0]])
    ids = pd.Series(list("abcd"))
    matrix = ScoreMatrix(scores, pd.Series("x", index=ids.index), ids, 0.5)
    found = topsis_scores(matrix, np.full(4, 0.25))
    np.testing.assert_allclose(found, [100, 50, 100, 50])


def test_the_checks_count_verdicts_and_sure_places():
    """Of four key accounts and forty scored ones; nothing scored gives zero of zero."""
    result = review(make_market(), make_deals())
    found = list_checks(result.key_accounts, KeyAccountsSettings()).set_index("check")
    assert found["of_count"].tolist() == [40, 4, 4]
    chance = result.key_accounts.loc[result.key_accounts["is_key"], "in_list_probability"]
    assert found.loc["key accounts sure of their place", "count"] == (chance >= 0.9).sum()
    unscored = review_key_accounts(make_market()[["account_id"]], KeyAccountsSettings(), AS_OF)
    none = list_checks(unscored.key_accounts, KeyAccountsSettings())
    assert none["of_count"].tolist() == [0, 0, 0]


def test_a_score_worked_out_adds_up_to_the_score():
    """The last row of the workings is the score; a value lies between its thresholds."""
    result = review(make_market(), make_deals())
    row = result.key_accounts.set_index("account_id").loc["A17"]
    shown = score_workings("A17", result.scores, result.scales, row["stratum"])
    assert shown["points"].iloc[-1] == pytest.approx(row["score"])
    total = shown["points"].iloc[:-1].sum()
    assert shown["how"].iloc[-1].startswith(f"{total:.2f} points / ")
    potential = shown.set_index("factor").loc["potential"]
    assert potential["from_threshold"] <= potential["value"] <= potential["to_threshold"]
    assert potential["method"] == "yearly spend possible with us"
    assert shown.set_index("factor").loc["revenue", "method"].startswith("won amounts a year, mean")
    assert shown["method"].iloc[-1] == ""


def test_circles_are_found_once():
    """A circle of three and one of two, and somebody above himself who is none."""
    ids, up = pd.Series(list("abcdefg")), pd.Series(["b", "c", "a", "a", "f", "e", "g"])
    assert circles(ids, up) == [("a", "b", "c"), ("e", "f")]


def test_a_circle_of_parent_accounts_is_named():
    """Accounts above each other are named with the rows; the list is made all the same."""
    accounts = make_market()
    accounts.loc[[0, 1], "parent_id"] = ["A01", "A00"]
    result = review(accounts, make_deals())
    found = result.findings[result.findings["check"] == "circle in a hierarchy"]
    assert found[["table", "value"]].to_numpy().tolist() == [["accounts", "A00 > A01 > A00"]]


def make_sales(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Won deals: account, day, amount."""
    return make(
        "opportunities",
        *[
            {"opportunity_id": f"O{n}", "account_id": key, "close_date": day, "amount": amount,
             "is_won": True, "is_closed": True}
            for n, (key, day, amount) in enumerate(rows)
        ],
    )  # fmt: skip


def jumps(sales: pd.DataFrame, **quota: float) -> pd.DataFrame:
    """Judge the quota of each rep, all of whom are there."""
    people = make_people().assign(leave_date=pd.NaT)
    people["quota"] = people["rep_id"].map(quota)
    accounts = make_accounts()
    found = target_jumps(
        accounts, all_key(accounts), YEAR, KeyAccountsSettings(revenue_years=2), AS_OF,
        reps=people, opportunities=sales,
    )  # fmt: skip
    return found.set_index("rep_id")


def test_a_target_that_follows_one_good_year_is_warned_of():
    """Base = mean of two years; warned where target and last year both exceed it by a quarter."""
    sales = make_sales(
        ("KA", "2024-04-15", 100.0), ("KA", "2025-06-01", 300.0),
        ("KB", "2024-06-01", 200.0), ("KB", "2025-06-01", 200.0),
    )  # fmt: skip
    found = jumps(sales, A=300.0, B=300.0, C=100.0)
    one = found.loc["A", ["base_amount", "target_ratio", "last_ratio", "is_warning"]]
    assert one.tolist() == [200.0, 1.5, 3.0, True]
    assert "one good year" in found.loc["A", "reason"]
    assert not found.loc["B", "is_warning"]
    assert "last year was no exception" in found.loc["B", "reason"]
    assert pd.isna(found.loc["C", "is_warning"])
    assert "nothing was won" in found.loc["C", "reason"]


def test_a_short_history_judges_no_target():
    """With deals of one year there is no base of several years, and it is said."""
    found = jumps(make_sales(("KA", "2025-06-01", 300.0)), A=500.0)
    assert pd.isna(found.loc["A", "is_warning"])
    assert "no base of several years" in found.loc["A", "reason"]
    assert "no target" in found.loc["B", "reason"]


def test_targets_of_reps_beat_the_quota():
    """The four quarters of the year are the target; three of them are not."""
    people = make_people().assign(quota=1.0)
    rows = [
        {"period": f"2026Q{q}", "measure": "acv", "target_amount": 100.0, "rep_id": rep}
        for rep, most in (("A", 4), ("B", 3)) for q in range(1, most + 1)
    ]  # fmt: skip
    accounts = make_accounts()
    sales = make_sales(("KA", "2024-04-15", 100.0), ("KB", "2025-06-01", 300.0))
    found = target_jumps(
        accounts, all_key(accounts), YEAR, KeyAccountsSettings(), date(2026, 3, 31),
        reps=people, targets=make("targets", *rows), opportunities=sales,
    ).set_index("rep_id")  # fmt: skip
    assert found.loc["A", ["target_amount", "target_origin"]].tolist() == [400.0, "target"]
    assert found.loc["B", ["target_amount", "target_origin"]].tolist() == [1.0, "quota"]


def test_targets_of_reps_may_name_their_place_but_no_other_cut():
    """Region and unit say where the rep sells; a segment makes it a target of something else."""
    people = make_people().assign(quota=1.0)
    rows = [
        {"period": f"2026Q{q}", "measure": "acv", "target_amount": 100.0, "rep_id": rep, **place}
        for rep, place in (("A", {"region": "North", "unit": "East"}), ("B", {"segment": "SMB"}))
        for q in range(1, 5)
    ]  # fmt: skip
    found = rep_targets(people["rep_id"], YEAR, people, make("targets", *rows))
    found = found.set_index("rep_id")
    assert found.loc["A", ["target_amount", "target_origin"]].tolist() == [400.0, "target"]
    assert found.loc["B", ["target_amount", "target_origin"]].tolist() == [1.0, "quota"]


def test_nobody_who_has_left_is_judged():
    """A rep who left before the as-of date has no target; one whose last day it is has."""
    accounts, sales = make_accounts(), make_sales(("KC", "2024-04-15", 100.0))
    for day, is_judged in ((AS_OF, True), (AS_OF - timedelta(days=1), False)):
        people = make_people().assign(quota=1.0)
        people.loc[people["rep_id"].eq("C"), "leave_date"] = pd.Timestamp(day)
        found = target_jumps(
            accounts, all_key(accounts), YEAR, KeyAccountsSettings(), AS_OF, reps=people,
            opportunities=sales,
        )  # fmt: skip
        assert ("C" in set(found["rep_id"])) == is_judged


def test_without_reps_or_deals_no_target_is_judged():
    """An empty table, no error."""
    accounts = make_accounts()
    assert target_jumps(accounts, all_key(accounts), YEAR, KeyAccountsSettings(), AS_OF).empty
