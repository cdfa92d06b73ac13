"""Section of the report on the stack ranking: groups, false moves, tiers, leads, reviews."""

from __future__ import annotations

import pandas as pd

from planlib.charts import ranking as charts
from planlib.displays import Fact
from planlib.exchange.audience import AudienceView, Baseline
from planlib.notes import count_of, notes_of
from planlib.ranking import METRICS
from planlib.report.common import gaps_in, named, rep_names
from planlib.report.parts import Block, Line, Listing, Notes, Section, picture
from planlib.steps import STEPS

STEP = "08_routing"
_TITLES = {name: one.title for name, one in METRICS.items()} | {"score": "Score"}
_ASKED = ("lowest tier", "long-term metric")


def section(view: AudienceView) -> Section | None:
    """Give the section, or None when the step ranked nobody."""
    scores, notes = view.rows("rep_scores"), view.rows("ranking_notes")
    if scores.empty:
        return None
    step = STEPS[STEP]
    found = notes[notes["kind"] == "finding"]
    return Section(
        step=STEP,
        title=step.title,
        question=step.decides,
        decided=[Line(text, step=STEP) for text in notes_of(notes, "headline")],
        asks=[Line(f"Ranking, {topic}: {note}.", step=STEP)
              for topic, note in zip(found["topic"], found["note"], strict=True)
              if topic in _ASKED],
        gaps=gaps_in(notes, "Ranking", STEP),
        facts=_facts(view),
        blocks=ranking_blocks(view),
    )  # fmt: skip


def changes(view: AudienceView, baseline: Baseline) -> list[Line]:
    """Say how many reps have another tier than in an earlier state; nobody is named."""
    before = baseline.get("rep_scores")
    if before is None or not view.has("rep_scores"):
        return []
    now = view.read("rep_scores")
    if "tier" not in now.columns or "tier" not in before.columns:
        kept = set(now.loc[now["status"] == "ranked", "rep_id"])
        old = set(before.loc[before["status"] == "ranked", "rep_id"])
        return [Line(f"{count_of(len(kept), 'rep')} are ranked, {len(kept - old)} of them new in "
                     "the ranking.", step=STEP)]  # fmt: skip
    both = now[["rep_id", "tier"]].merge(before[["rep_id", "tier"]], on="rep_id",
                                         suffixes=("", "_before")).dropna()  # fmt: skip
    moved = int((both["tier"] != both["tier_before"]).sum())
    return [Line(f"{count_of(moved, 'rep')} of {len(both)} changed the tier.", step=STEP)]


def ranking_blocks(view: AudienceView) -> list[Block]:
    """Give pictures and tables of the ranking; individual ones only where the audience may."""
    scores, notes = view.rows("rep_scores"), view.rows("ranking_notes")
    names = rep_names(view)
    person = {str(rep): str(name) for rep, name in names.items()}
    sees = "score" in scores.columns
    blocks: list[Block] = [picture(charts.plot_false_moves(view.rows("ranking_noise")))]
    blocks.append(_groups(view.rows("ranking_groups")))
    blocks.append(picture(charts.plot_tier_leads(view.rows("tier_leads"))))
    blocks.append(_transitions(view.rows("tier_transitions")))
    if sees:
        ranking = view.plan.ranking
        blocks += [
            picture(charts.plot_ranking(scores, person, up=1 + ranking.up_share,
                                        down=1 - ranking.down_share)),
            picture(charts.plot_tiers(view.rows("rep_tiers"), ranking.tiers, person)),
            _scores(view, scores, names),
            *_reviews(view, names),
        ]  # fmt: skip
    blocks.append(_status(scores))
    for kind, title in (
        ("finding", "Ranking: findings and answers to objections"),
        ("rule", "Ranking: the published rules"),
        ("definition", "Ranking: definitions"),
    ):
        blocks.append(Notes(notes_of(notes, kind), title))
    return blocks


def _facts(view: AudienceView) -> list[Fact]:
    noise, scores = view.rows("ranking_noise"), view.rows("rep_scores")
    ranked = int((scores["status"] == "ranked").sum())
    facts = [Fact("Reps ranked", ranked, f"of {len(scores)} people", "", "count")]
    alike = noise[noise["true_ratio"] == 1]
    if len(alike):
        raw = alike.loc[alike["rule"] == "raw", "move_share"].max()
        kept = alike.loc[alike["rule"] == "guarded", "move_share"].max()
        note = f"the plain rule would move {100 * raw:.0f} %"
        facts.append(Fact("Equal reps moved by luck, at most", float(kept), note, "", "share"))
    return [*facts, *_talk_facts(view.rows("rep_preparation"))]


def _talk_facts(talks: pd.DataFrame) -> list[Fact]:
    """Give how many talks of all reps were prepared and had a next step."""
    if talks.empty or "done_count" not in talks.columns:
        return []
    facts = []
    for check, title in (("before", "Talks prepared"), ("after", "Talks with a next step")):
        mine = talks[talks["check"] == check]
        count = int(mine["talk_count"].sum())
        if count:
            share = float(mine["done_count"].sum()) / count
            facts.append(Fact(title, share, f"of {count:,} talks of the window", "", "share"))
    return facts


def _groups(groups: pd.DataFrame) -> Listing:
    columns = ["peer_group", "metric", "method", "weight", "reps_count", "count", "level", "spread",
               "difference_p", "verdict", "note"]  # fmt: skip
    tones = groups["verdict"].map({"reps differ": "good"}).astype("str").fillna("")
    return Listing(
        name="Ranking groups",
        frame=groups[columns].assign(metric=groups["metric"].map(_TITLES)),
        title="Do reps differ at all?",
        subtitle="difference p: chance of such differences where all reps are alike; spread: of "
        "true ratios to peers",
        labels={"reps_count": "Reps", "count": "Cases", "difference_p": "Difference p"},
        formats={"weight": "share", "difference_p": "chance", "level": "number",
                 "spread": "number"},
        colors=pd.DataFrame({"verdict": tones}),
        limit=None,
        empty="no peer group is ranked",
    )  # fmt: skip


def _transitions(moves: pd.DataFrame) -> Listing:
    return Listing(
        name="Tier transitions",
        frame=moves,
        title="Moves between tiers in the reviews on record",
        labels={"reviews_count": "Reviews", "move_count": "Moved", "move_share": "Share"},
        formats={"move_share": "share"},
        limit=None,
    )


def _scores(view: AudienceView, scores: pd.DataFrame, names: pd.Series) -> Listing:
    ranked = scores[scores["status"] == "ranked"].sort_values(["peer_group", "rank"],
                                                              ignore_index=True)  # fmt: skip
    columns = ["rep_id", "peer_group", "tier", "move", "cases_count", "score_raw", "score", "low",
               "high", "rank_low", "rank_high", "top_probability", "trend"]  # fmt: skip
    return Listing(
        name="Rep scores",
        frame=ranked[columns].assign(rep_id=named(ranked["rep_id"], names)),
        title="Scores with their intervals",
        subtitle="1 is what peers reach with the same mix; pale: no evidence of difference",
        labels={"rep_id": "Rep", "cases_count": "Cases", "score_raw": "Plain score",
                "low": "from", "high": "to", "rank_low": "Rank from", "rank_high": "to rank",
                "top_probability": "Chance of the top"},
        formats={"top_probability": "share", "score": "number"},
        grey=ranked["is_grey"].fillna(True).astype(bool),
        limit=view.plan.report.rows,
    )  # fmt: skip


def _reviews(view: AudienceView, names: pd.Series) -> list[Block]:
    rows = view.rows("ranking_reviews").sort_values("review_date", ascending=False,
                                                    ignore_index=True)  # fmt: skip
    if rows.empty:
        return []
    columns = ["review_date", "rep_id", "who", "metric", "agreed_step", "helper", "change", "low",
               "high", "note"]  # fmt: skip
    return [
        Listing(
            name="Ranking reviews",
            frame=rows[columns].assign(rep_id=named(rows["rep_id"], names),
                                       metric=rows["metric"].map(_TITLES)),
            title="Reviews with managers, and what the next scorecards show",
            subtitle="change of the ratio to peers, with its 80 % interval",
            labels={"review_date": "Day", "rep_id": "Rep", "who": "Manager",
                    "agreed_step": "Agreed step"},
            limit=view.plan.report.rows,
        )
    ]  # fmt: skip


def _status(scores: pd.DataFrame) -> Listing:
    counts = scores["status"].value_counts().rename_axis("status").reset_index(name="people_count")
    counts = counts.sort_values(["people_count", "status"], ascending=[False, True],
                                ignore_index=True)  # fmt: skip
    return Listing(
        name="Ranking status",
        frame=counts,
        title="Who is ranked, and who is not",
        labels={"people_count": "People"},
        limit=None,
    )
