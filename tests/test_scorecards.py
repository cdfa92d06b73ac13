"""Printable scorecards: one page per rep, complete, escaped, and for nobody else."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from planlib.exchange import write_scorecards
from planlib.exchange.audience import AudienceView
from planlib.exchange.month_path import month_path
from planlib.exchange.scorecards import heard, page_values, talks_of_examples
from planlib.ranking import RankingInputs, rank_reps
from planlib.report.build import sections
from planlib.store import Workbook
from planlib.tables import table
from tests.ranking_frames import AS_OF, draw_deals, make_reps, make_settings
from tests.report_workbook import make_workbook

CHANCES = {**{f"R{at}": 0.35 for at in range(6)}, "R3": 0.85}
PLAN = "report: {audiences: {leadership: {}, managers: {sees: [rank]}}}\n"


def fill(folder: Path, plan: str = PLAN, **settings: object) -> Workbook:
    """Make a workbook with a ranking in its draft; one rep has markup in the name and the id."""
    workbook = make_workbook(folder, plan)
    deals = draw_deals({**CHANCES, "../<i>": 0.35}, 4, 40, 3)
    reps = make_reps(*CHANCES, "../<i>")
    reps.loc[len(reps) - 1, "name"] = "<script>x</script>"
    reviews = pd.DataFrame([{
        "decision_id": "D-0001", "who": "Ann", "rep_id": "R3", "metric": "win_rate", "tier": None,
        "review_date": pd.Timestamp("2026-01-05"), "agreed_step": "Qualify <b>", "helper": "Bo",
    }])  # fmt: skip
    chosen = make_settings(weights={"win_rate": 0.6, "acv_per_case": 0.4}, history_months=4)
    names = ["activity_id", "rep_id", "account_id", "activity_date", "activity_type"]
    acts = pd.DataFrame([
        ("T-1", "R3", "A-1", "2026-02-02", "email"), ("T-2", "R3", "A-1", "2026-02-04", "meeting"),
        ("T-3", "R1", "A-2", "2026-02-04", "meeting"),
    ], columns=names)  # fmt: skip
    inputs = RankingInputs(opportunities=deals, reps=reps, reviews=reviews,
                           activities=table("activities").coerce(acts))  # fmt: skip
    found = rank_reps(inputs, chosen, AS_OF, seed=1)
    for name, frame in found.tables.items():
        workbook.write(name, frame)
    return workbook


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    """A workbook with a ranking."""
    return fill(tmp_path_factory.mktemp("cards") / "acme")


def test_one_page_per_ranked_rep_inside_the_folder(workbook: Workbook) -> None:
    """An id that is a path stays a file name of the folder."""
    files = write_scorecards(workbook)
    folder = workbook.target / "exchange" / "scorecards"
    assert [path.parent for path in files] == [folder] * 7
    assert sorted(path.name for path in files) == ["R0.html", "R1.html", "R2.html", "R3.html",
                                                   "R4.html", "R5.html", "i.html"]  # fmt: skip


def test_a_rep_without_a_score_is_told_why_and_by_which_rules(tmp_path: Path) -> None:
    """New, or too few cases: a page with tier, reason, next review and helper, and no figure."""
    workbook = fill(tmp_path / "acme")
    scores = workbook.read("rep_scores")
    new = scores["rep_id"] == "R3"
    figures = ["score_raw", "score", "low", "high", "rank", "top_probability", "trend", "win_count"]
    scores.loc[new, figures] = None
    scores = scores.assign(
        status=scores["status"].mask(new, "too few cases"), tier=scores["tier"].mask(new, "C"),
        reason=scores["reason"].mask(new, "2 decided in the window, 5 are needed"),
    )  # fmt: skip
    workbook.write("rep_scores", scores)
    metrics, units = (workbook.read(name) for name in ("rep_metrics", "rep_units"))
    workbook.write("rep_metrics", metrics[metrics["rep_id"] != "R3"].reset_index(drop=True))
    workbook.write("rep_units", units[units["rep_id"] != "R3"].reset_index(drop=True))
    assert len(write_scorecards(workbook)) == 7
    page = (workbook.target / "exchange/scorecards/R3.html").read_text(encoding="utf-8")
    page = page.replace("\u00a0", " ")
    for words in ("Why you have no score yet", "2 decided in the window, 5 are needed.",
                  "The next review is on 2026-04-30", "lowest tier", "Qualify", "0 won;",
                  "The score weighs win rate"):  # fmt: skip
        assert words in page, words
    assert "plain score" not in page.split("How to work it out yourself")[0]
    workbook.write("rep_scores", scores.assign(status="too few cases"))
    assert write_scorecards(workbook) == []


def test_a_page_holds_what_the_rep_needs(workbook: Workbook) -> None:
    """Tier, what is good, what to do, next step, whom to learn from, talks, and all parts."""
    write_scorecards(workbook)
    page = (workbook.target / "exchange/scorecards/R3.html").read_text(encoding="utf-8")
    page = page.replace("\u00a0", " ")  # no line ends before a unit
    other = (workbook.target / "exchange/scorecards/R1.html").read_text(encoding="utf-8")
    for words in ("Tier", "What is good", "What to do", "Next step", "Whom to learn from",
                  "Talks with your manager", "Qualify &lt;b&gt;, with Bo", "Points"):  # fmt: skip
        assert words in page, words
    row = workbook.read("rep_scores").set_index("rep_id").loc["R3"]
    assert f"{row['score_raw']:.3f}" in page
    assert f"; amounts in {workbook.plan.currency}; for " in page
    assert page.count("<table>") == page.count('<div class="wide"><table>') == 2
    units = workbook.read("rep_units")
    assert f"{int((units['rep_id'] == 'R3').sum())} leads and deals" in page
    assert "Win rate: R3; look at R3-" in other
    assert "Prepared beforehand: 1 of 1 talks (100 %, likely 27 to 100); all others 0 %" in page
    third = (workbook.target / "exchange/scorecards/R2.html").read_text(encoding="utf-8")
    assert "No meeting, demo or visit is on record." in third


def test_a_page_says_what_the_next_review_looks_at_and_who_helps(workbook: Workbook) -> None:
    """Day and window before they begin; a rep of the lowest tier is told of the helper or none."""
    write_scorecards(workbook)
    page = (workbook.target / "exchange/scorecards/R3.html").read_text(encoding="utf-8")
    assert "The next review is on 2026-04-30 and looks at 2026-02-01 and later" in page
    assert "lowest tier" not in page.split("How to work it out yourself")[0]
    scores = workbook.read("rep_scores")
    row = scores[scores["rep_id"] == "R3"].iloc[0].to_dict()
    names = ("rep_metrics", "rep_units", "ranking_reviews", "rep_preparation", "rep_tiers")
    mine = {name: workbook.read(name).query("rep_id == 'R3'") for name in names}
    mine["recordings"] = talks_of_examples(mine["rep_metrics"], None)
    mine["ranking_reviews"] = mine["ranking_reviews"].assign(helper="R1")
    told = ((None, "nobody is named yet who helps you"), ("Bo", "Bo helps you"),
            ("R1", "Ann Lee helps you"))  # fmt: skip
    for helper, words in told:
        named = {"R1": "Ann Lee"}  # a helper may be given by id
        values = page_values(row | {"tier": "C", "helper": helper}, mine, named, workbook)
        talks = next(one for one in values["parts"] if one["title"] == "Talks with your manager")
        assert words in talks["lines"][-1]
        assert "with Ann Lee." in talks["lines"][0]


def steps_of(workbook: Workbook, score: float, ratios: list[float], *, alone: bool) -> list[str]:
    """The next steps of a rep of tier B with two metrics of even weight."""
    metrics = pd.DataFrame({
        "metric": ["win_rate", "acv_per_case"], "weight": 0.5, "ratio_raw": ratios, "aim": "A",
        "target_value": [0.4 if alone else None, None], "verdict": "as peers", "advice": None,
        "learn_from": None, "examples": None, "count": 9, "observed": 3.0, "expected": 3.0,
        "level": 1.0, "own_value": 0.3, "peer_value": 0.3, "ratio": 1.0, "low": 0.9, "high": 1.1,
        "points": 0.5, "above_probability": 0.5,
    })  # fmt: skip
    empty = ("rep_units", "ranking_reviews", "rep_preparation", "rep_tiers")
    mine = {name: table(name).empty() for name in empty} | {"rep_metrics": metrics}
    mine["recordings"] = talks_of_examples(metrics, None)
    row = workbook.read("rep_scores").query("rep_id == 'R3'").iloc[0].to_dict()
    values = page_values(row | {"score_raw": score, "tier": "B"}, mine, {}, workbook)
    return next(one for one in values["parts"] if one["title"] == "Next step")["lines"]


def test_the_gap_to_the_next_tier_is_told_by_metric(workbook: Workbook) -> None:
    """What is missing, what no metric alone can bring, and which two would add most."""
    far = steps_of(workbook, 0.7, [0.6, 0.8], alone=False)
    assert "0.50 is missing, more than any metric alone can bring" in far[0]
    assert far[1].endswith("would add most to the score: Win rate 0.20, ACV per case 0.10.")
    near = steps_of(workbook, 1.1, [1.2, 1.0], alone=True)
    assert "0.10 is missing. The column 'For the next tier'" in near[0]
    assert "next review" in near[1]
    assert "the plain score is there" in steps_of(workbook, 1.3, [1.3, 1.3], alone=True)[0]


def test_the_talks_to_hear_are_those_of_the_strong_peer_on_the_cases_named() -> None:
    """Calls and meetings on deals or leads that the card names, latest first; no mails."""
    metrics = pd.DataFrame({"learn_from": ["R3", None], "examples": ["O-1, L-2", None]})
    acts = pd.DataFrame([
        ("T-1", "R3", "call", "O-1", None, "2026-01-05"),
        ("T-2", "R3", "demo", None, "L-2", "2026-02-05"),
        ("T-3", "R3", "email", "O-1", None, "2026-02-06"),
        ("T-4", "R5", "call", "O-1", None, "2026-02-07"),
        ("T-5", "R3", "call", "O-9", None, "2026-02-08"),
    ], columns=["activity_id", "rep_id", "activity_type", "opportunity_id", "lead_id",
                "activity_date"])  # fmt: skip
    acts["activity_date"] = pd.to_datetime(acts["activity_date"])
    found = talks_of_examples(metrics, acts)
    assert found["activity_id"].tolist() == ["T-4", "T-2", "T-1"]
    assert heard(found, "R3", "O-1, L-2") == ["2026-02-05 (T-2)", "2026-01-05 (T-1)"]
    assert heard(found, "R3", "O-8") == []
    assert talks_of_examples(metrics, None).empty


def make_path(*scores: float, tiers: str) -> pd.DataFrame:
    """Monthly reviews of one rep."""
    days = pd.date_range("2025-01-31", periods=len(scores), freq="ME")
    moves = ["up" if one < other else "down" if one > other else "stay"
             for one, other in zip(tiers[1:], tiers, strict=False)]  # fmt: skip
    return pd.DataFrame({"month_date": days, "score": scores, "tier": list(tiers),
                         "move": ["stay", *moves]})  # fmt: skip


def test_the_way_of_a_rep_is_drawn_by_month() -> None:
    """Higher scores stand higher, months without a score leave a gap, moves have a triangle."""
    path = month_path(make_path(0.9, 1.0, float("nan"), 1.3, tiers="BBBA"), make_settings())
    assert path is not None
    low, next_, gap, high = path["months"]
    assert low["y"] > high["y"]
    assert gap["y"] is None
    assert path["lines"] == [f"{low['x']},{low['y']} {next_['x']},{next_['y']}"]
    assert [one["tier"] + one["move"] for one in path["months"]] == ["B", "B", "B", "A▲"]
    assert [one["text"] for one in path["limits"]] == ["1.20", "1.00", "0.80"]
    assert all(8 <= one["y"] <= 104 for one in path["limits"])
    assert month_path(make_path(0.9, tiers="B"), make_settings()) is None
    assert len(month_path(make_path(*[1.0] * 20, tiers="B" * 20), make_settings())["months"]) == 12


def test_a_page_shows_no_score_of_a_peer(workbook: Workbook) -> None:
    """The plain score of each other rep stands on no other page."""
    write_scorecards(workbook)
    scores = workbook.read("rep_scores").set_index("rep_id")["score_raw"]
    page = (workbook.target / "exchange/scorecards/R1.html").read_text(encoding="utf-8")
    assert f"{scores['R1']:.3f}" in page
    assert not [rep for rep in scores.index if rep != "R1" and f"score {scores[rep]:.3f}" in page]


def test_text_from_data_is_escaped(workbook: Workbook) -> None:
    """Markup in ids, names and steps is text."""
    for path in write_scorecards(workbook):
        page = path.read_text(encoding="utf-8")
        assert "<script" not in page
        assert "<i>" not in page


def test_pages_are_the_same_each_time(workbook: Workbook) -> None:
    """The same tables give the same bytes."""
    first = [path.read_bytes() for path in write_scorecards(workbook)]
    assert first == [path.read_bytes() for path in write_scorecards(workbook)]


def test_no_pages_where_nobody_is_ranked_or_they_are_switched_off(tmp_path: Path) -> None:
    """A workbook without the step, and one whose plan says no."""
    assert write_scorecards(make_workbook(tmp_path / "empty")) == []
    off = fill(tmp_path / "off", "ranking: {scorecard_pages: false}\n")
    assert write_scorecards(off) == []


def test_leadership_sees_no_single_rank_in_the_report(workbook: Workbook) -> None:
    """Scores and tiers by rep are in the report of an audience that may see ranks, only there."""
    found = {}
    for audience in ("leadership", "managers"):
        section = sections(AudienceView(workbook, audience))[0]
        found[audience] = "".join(block.__html__() for block in section.blocks)
    assert "Scores with their intervals" in found["managers"]
    assert "Movement between tiers" in found["managers"]
    assert "Scores with their intervals" not in found["leadership"]
    assert "Score against peers" not in found["leadership"]
    assert "Do reps differ at all?" in found["leadership"]
    assert "Qualify" in found["managers"]
    assert "Qualify" not in found["leadership"]
    assert "<script>x" not in found["managers"]
