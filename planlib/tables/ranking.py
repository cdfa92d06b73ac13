"""Tables of the stack ranking in step 08_routing, and the reviews with managers."""

from functools import partial
from typing import Literal

from planlib.settings.ranking import METRICS
from planlib.tables.contract import Column, Table
from planlib.tables.declare import output_table, override_table
from planlib.tables.notes import NOTE_KEY, note_columns

STEP = "08_routing"

STATUSES = ("ranked", "too few cases", "too few peers", "no common metrics", "new",
            "key-account rep", "other role", "left", "open seat", "not in reps")  # fmt: skip
MOVES = ("up", "down", "stay")
VERDICTS = ("good", "as peers", "behind", "no sample")
DIFFERENCES = ("reps differ", "no evidence of difference", "too few to tell")

_RANK: Literal["rank"] = "rank"
_REP = Column("rep_id", "id", "Rep", required=True)
_GROUP = Column("peer_group", "text", "Reps compared with each other")
_METRIC = Column("metric", "category", "Metric, as in the notes", allowed=METRICS, required=True)
_METHOD = Column("method", "text", "How the metric was computed, as in the notes")
_TIER = Column("tier", "text", "Tier after the review", sensitive=_RANK)


def _ranked(name: str, meaning: str, unit: str = "", **limits: float) -> Column:
    return Column(name, "number", meaning, unit, sensitive=_RANK, **limits)  # type: ignore[arg-type]


def _chance(name: str, meaning: str) -> Column:
    return Column(name, "share", meaning, sensitive=_RANK)


_output = partial(output_table, STEP)

PREPARED = Table(
    "rep_preparation",
    "output",
    "Talks of a rep in the window with support before, during and after; a talk is a meeting, demo "
    "or visit with an account on a day.",
    ("rep_id", "check"),
    (
        _REP,
        Column("check", "category", "before: in touch with the account within "
               "ranking.preparation_days; during: another rep is in a talk there that day; after: "
               "in touch again within ranking.next_step_days",
               allowed=("before", "during", "after"), required=True),
        Column("talk_count", "int", "Talks: the denominator", "talks", ge=0),
        Column("done_count", "int", "Talks with that support", "talks", ge=0, sensitive=_RANK),
        _chance("done_share", "done_count / talk_count; blank: no talk"),
        _chance("low", "Lower end of its 90 % interval (Wilson)"),
        _chance("high", "Upper end of its 90 % interval (Wilson)"),
        _chance("peer_share", "The same of all other reps together"),
        Column("verdict", "category", "By whether the interval leaves out that of the others",
               allowed=VERDICTS, sensitive=_RANK),
        Column("window_from", "date", "First day of the window"),
        Column("window_to", "date", "Last day on which a talk counts"),
    ),
    step=STEP,
)  # fmt: skip

TABLES = [
    PREPARED,
    override_table(
        "ranking_reviews",
        "A manager reviews the scorecard with a rep and agrees on a step.",
        Column("rep_id", "id", "Rep reviewed", required=True),
        Column("review_date", "date", "Day of the talk", required=True),
        Column("metric", "text", "Metric that the step is for; blank: the whole score"),
        Column("agreed_step", "text", "What was agreed", required=True),
        Column("helper", "text", "Who helps"),
        Column("tier", "text", "Tier set by the manager against the rule; blank: the rule's",
               sensitive=_RANK),
    ),
    _output(
        "rep_scores",
        "Score of one rep against peers, or why the rep is not ranked.",
        ("rep_id",),
        _REP,
        Column("status", "category", "Ranked, or why not", allowed=STATUSES, required=True),
        Column("reason", "text", "Why the rep is not ranked, in words"),
        _GROUP,
        Column("manager_id", "id", "Manager"),
        Column("window_months", "int", "Length of the plain window", "months", ge=1),
        Column("window_from", "date", "First day that counts; earlier for a rep who was away"),
        Column("window_to", "date", "Last day that counts"),
        Column("work_days", "number", "Working days of the plain window", "days", ge=0),
        Column("away_days", "number", "Of these, away", "days", ge=0),
        Column("present_days", "number", "Working days present in the window used", "days", ge=0),
        Column("cases_count", "int", "Cases decided in the window", ge=0),
        Column("key_account_share", "share", "Share of recent deals with key accounts"),
        Column("win_count", "int", "Of the cases, won", sensitive=_RANK, ge=0),
        Column("won_amount", "amount", "Amount of the cases won", sensitive=_RANK),
        _chance("win_share", "Cases won / decided, as it is"),
        _chance("win_share_shrunk", "The same, drawn to the peers' rate (beta-binomial)"),
        _chance("win_share_low", "Lower end of its 95 % interval (Wilson)"),
        _chance("win_share_high", "Upper end of that interval"),
        _ranked("score_raw", "Sum of weight x ratio_raw: weighted ratio to peers as it is", "x"),
        _ranked("score_raw_sd", "Its standard deviation by chance alone", "x", ge=0),
        _ranked("score", "The same after shrinkage: the best estimate", "x"),
        _ranked("score_sd", "Standard deviation of the true score", "x", ge=0),
        _ranked("low", "Lower end of the 90 % interval of the true score", "x"),
        _ranked("high", "Upper end of that interval", "x"),
        Column("rank", "int", "Place by score in the peer group", sensitive=_RANK, ge=1),
        Column("rank_low", "int", "Best place of the 90 % interval", sensitive=_RANK, ge=1),
        Column("rank_high", "int", "Last place of that interval", sensitive=_RANK, ge=1),
        _chance("top_probability", "Chance to be in the top of the peers, by draws"),
        Column("above_count", "int", "Peers who are below beyond noise (95 %)", sensitive=_RANK,
               ge=0),
        Column("below_count", "int", "Peers who are above beyond noise (95 %)", sensitive=_RANK,
               ge=0),
        Column("tier_before", "text", "Tier before this review", sensitive=_RANK),
        _TIER,
        Column("move", "category", "What this review did", allowed=MOVES, sensitive=_RANK),
        Column("move_reason", "text", "Why", sensitive=_RANK),
        _ranked("trend", "Change of the score since the last window that does not overlap", "x"),
        _ranked("trend_month", "The same per month", "x"),
        Column("helper", "text", "Who helps, from the latest review of the window that names one",
               sensitive=_RANK),
        Column("is_grey", "bool", "The peers show no evidence of difference: do not rank them"),
    ),
    _output(
        "rep_metrics",
        "One metric of one rep with every part of its calculation.",
        ("rep_id", "metric"),
        _REP, _METRIC, _METHOD, _GROUP,
        Column("weight", "share", "Weight in the score after rescaling", required=True),
        Column("count", "int", "Leads or deals behind it", required=True, ge=0, sensitive=_RANK),
        _ranked("observed", "Sum over these of what was reached"),
        _ranked("expected", "Sum of what other reps reach with the same mix"),
        Column("level", "number", "Observed / expected of all peers together: what 1.0 means"),
        _ranked("own_value", "Own figure in its unit"),
        _ranked("peer_value", "What peers would reach with the same mix, in the same unit"),
        _ranked("ratio_raw", "observed / (expected x level); for days turned round", "x"),
        _ranked("ratio", "The same after shrinkage", "x"),
        _ranked("low", "Lower end of its 90 % interval", "x"),
        _ranked("high", "Upper end of that interval", "x"),
        _chance("above_probability", "Chance that the true ratio is above peers"),
        _ranked("points", "weight x ratio_raw: what it adds to score_raw", "x"),
        Column("verdict", "category", "What is good, and what is not", allowed=VERDICTS,
               sensitive=_RANK),
        Column("advice", "text", "What to do", sensitive=_RANK),
        Column("aim", "text", "Next tier", sensitive=_RANK),
        _ranked("target_ratio", "Ratio that reaches the next tier, all else the same", "x"),
        _ranked("target_value", "The same in its unit; blank: not by this metric alone"),
        Column("learn_from", "id", "Peer who is surely above peers in it", sensitive=_RANK),
        Column("examples", "text", "That peer's best cases of the window", sensitive=_RANK),
    ),
    _output(
        "rep_units",
        "One lead or deal behind a metric of a rep.",
        ("rep_id", "metric", "unit_id"),
        Column("rep_id", "id", "Rep", required=True, sensitive=_RANK),
        _METRIC,
        Column("unit_id", "id", "Lead or deal", required=True),
        Column("day", "date", "Day on which it counts", required=True),
        _ranked("observed", "What was reached: won, amount, days, in time"),
        _ranked("expected", "What other reps reach with the same mix"),
    ),
    _output(
        "ranking_groups",
        "One metric of a peer group: its spread, and whether reps differ at all.",
        ("peer_group", "metric"),
        Column("peer_group", "text", "Reps compared with each other", required=True),
        Column("metric", "category", "Metric, or the weighted score",
               allowed=(*METRICS, "score"), required=True),
        _METHOD,
        Column("is_used", "bool", "Whether it counts in the score", required=True),
        Column("weight", "share", "Weight after rescaling"),
        Column("reps_count", "int", "Reps ranked", ge=0),
        Column("count", "int", "Leads or deals", ge=0),
        Column("observed", "number", "Sum of what was reached"),
        Column("expected", "number", "Sum of what others reach with the same mix"),
        Column("level", "number", "observed / expected"),
        Column("spread", "number", "Standard deviation of true ratios that shrinkage uses", "x"),
        Column("difference_q", "number", "Cochran's Q: differences over what chance makes"),
        Column("difference_p", "share", "Chance of such a Q where all reps are alike"),
        Column("verdict", "category", "Whether reps differ", allowed=DIFFERENCES),
        Column("note", "text", "Why it does not count"),
    ),
    _output(
        "ranking_noise",
        "Share of reviews in which a tier rule moves a rep, simulated at the samples at hand.",
        ("peer_group", "rule", "true_ratio"),
        Column("peer_group", "text", "Reps compared with each other", required=True),
        Column("rule", "category", "Plain 20 % rule, or the guarded one",
               allowed=("raw", "guarded"), required=True),
        Column("true_ratio", "number", "True ratio of the rep to peers: 1 alike", "x",
               required=True),
        Column("move_share", "share", "Moved; at another ratio than 1: moved the right way"),
        Column("limit_share", "share", "Most that plan.yaml allows at ratio 1"),
        Column("confidence", "share", "Confidence that the guarded rule asks for; 1: no move"),
        Column("reps_count", "int", "Reps of the group", ge=0),
        Column("median_cases", "number", "Median sample of the first metric", ge=0),
        Column("simulations", "int", "Simulated reviews", ge=0),
    ),
    _output(
        "rep_tiers",
        "Tier of a rep after a monthly review.",
        ("rep_id", "month_date"),
        _REP,
        Column("month_date", "date", "Day of the review", required=True),
        _GROUP,
        _ranked("score_raw", "Weighted ratio to peers before shrinkage", "x"),
        _ranked("score", "The same after shrinkage", "x"),
        _chance("up_probability", "Chance that the true score is above the upper limit"),
        _chance("down_probability", "Chance that it is below the lower limit"),
        Column("cases_count", "int", "Cases decided in the window", ge=0),
        Column("tier_before", "text", "Tier before the review", sensitive=_RANK),
        _TIER,
        Column("move", "category", "What the review did", allowed=MOVES, sensitive=_RANK),
        Column("reason", "text", "Why", sensitive=_RANK),
    ),
    _output(
        "tier_transitions",
        "How many reviews moved reps of a tier.",
        ("tier", "move"),
        Column("tier", "text", "Tier before the review", required=True),
        Column("move", "category", "Direction", allowed=MOVES, required=True),
        Column("reviews_count", "int", "Reviews of reps in the tier", ge=0),
        Column("move_count", "int", "Of these, moved so", ge=0),
        Column("move_share", "share", "move_count / reviews_count"),
    ),
    _output(
        "tier_leads",
        "Share and quality of the leads or deals that a tier received in the window.",
        ("tier",),
        Column("tier", "text", "Tier at the time", required=True),
        Column("reps_count", "int", "Reps who received any", ge=0),
        Column("received_count", "int", "Leads or deals received", ge=0),
        Column("received_share", "share", "Of all received by ranked reps"),
        Column("per_rep", "number", "received_count / reps_count", ge=0),
        Column("quality", "share", "Mean expected chance to win"),
        Column("best_share", "share", "Of the better third of all leads, received by the tier"),
        Column("best_own_share", "share", "Of the tier's leads, in the better third of all"),
    ),
    _output(
        "improvement_lags",
        "How long a rep who improved waited for the tier and for better leads.",
        ("rep_id", "moved_date"),
        Column("rep_id", "id", "Rep", required=True, sensitive=_RANK),
        Column("moved_date", "date", "Review that moved the rep up", required=True),
        Column("improved_date", "date", "First review in a row with a score above the limit",
               sensitive=_RANK),
        Column("to_move_days", "int", "From improving to the move", "days", sensitive=_RANK, ge=0),
        _chance("quality_before", "Mean expected chance of leads in the three months before"),
        _chance("quality_after", "The same in the three months after"),
        Column("better_date", "date", "End of the month by which leads since the move are better",
               sensitive=_RANK),
        Column("to_better_days", "int", "From improving to better leads", "days",
               sensitive=_RANK),
        Column("note", "text", "Why it is blank"),
    ),
    _output(
        "ranking_reviews",
        "A review with the manager, and what later scorecards show.",
        ("decision_id",),
        Column("decision_id", "id", "Decision in overrides/", required=True),
        _REP,
        Column("review_date", "date", "Day of the talk", required=True),
        Column("who", "text", "Manager"),
        Column("metric", "category", "Metric of the step, or the score",
               allowed=(*METRICS, "score"), required=True, sensitive=_RANK),
        Column("agreed_step", "text", "What was agreed", required=True, sensitive=_RANK),
        Column("helper", "text", "Who helps"),
        Column("tier", "text", "Tier set by hand", sensitive=_RANK),
        Column("then_date", "date", "Scorecard before the review"),
        _ranked("then_ratio", "Ratio to peers then, shrunk", "x"),
        Column("now_date", "date", "Scorecard compared"),
        _ranked("now_ratio", "Ratio to peers now, shrunk", "x"),
        _ranked("change", "now - then", "x"),
        _ranked("low", "Lower end of the 80 % interval of the change", "x"),
        _ranked("high", "Upper end of that interval", "x"),
        Column("note", "text", "How to read it, or why it is blank"),
    ),
    _output(
        "ranking_notes",
        "What a reader must know: headlines, findings, what is missing, definitions, rules.",
        NOTE_KEY,
        *note_columns("headline", "finding", "missing", "definition", "rule"),
    ),
]  # fmt: skip
