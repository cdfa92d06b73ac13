"""Tables that step 05 writes around the list: weights, who differs, targets, findings."""

from planlib.tables.contract import Column, Table
from planlib.tables.inputs_customers import ACCOUNT_ID
from planlib.tables.key_accounts import SCORED, STEP, STRATUM

FACTOR = Column("factor", "category", "Factor", required=True, allowed=SCORED)

TABLES = [
    Table(
        "key_account_weights",
        "output",
        "One factor: its weight and where it comes from.",
        ("factor",),
        (
            FACTOR,
            Column("weight", "share", "Weight that counts; all four sum to 1", required=True),
            Column("plan_weight", "share", "Weight of plan.yaml, rescaled to a sum of 1"),
            Column("judged_weight", "share", "Weight by pairwise judgements (AHP)"),
            Column(
                "origin",
                "category",
                "Which of the two counts",
                allowed=("plan.yaml", "judgements"),
                required=True,
            ),
            Column(
                "consistency_ratio",
                "number",
                "Contradiction among the judgements: 0 none, above 0.1 judge again; blank where "
                "there are too few to contradict each other",
                ge=0,
            ),
            Column("judged_count", "int", "Pairs that were judged, of six", "pairs", ge=0, le=6),
        ),
        step=STEP,
    ),
    Table(
        "key_account_judgements",
        "output",
        "One pair of factors: as judged, and as the weights imply.",
        ("factor", "over_factor"),
        (
            FACTOR,
            Column("over_factor", "category", "Compared with", required=True, allowed=SCORED),
            Column("times", "number", "How many times as important it was judged; blank: not", "x"),
            Column("implied_times", "number", "How many times as important the weights say", "x"),
            Column("misfit", "number", "The larger of the two / the smaller; 1 is none", "x", ge=1),
        ),
        step=STEP,
    ),
    Table(
        "key_account_differences",
        "output",
        "One account on which the list and a list by sales alone differ.",
        ("account_id",),
        (
            ACCOUNT_ID,
            Column(
                "difference",
                "category",
                "Which list has it",
                allowed=("key, missed by sales", "top by sales, not key"),
                required=True,
            ),
            STRATUM,
            Column("sales_amount", "amount", "Sales of the last twelve months"),
            Column("sales_rank", "int", "Place by these sales in the stratum", ge=1),
            Column("rank", "int", "Place by score in the stratum", ge=1),
            Column("score", "score", "Score"),
            Column("reason", "text", "Factors that carry it or hold it back", required=True),
        ),
        step=STEP,
        refs={"account_id": ("accounts", "account_id")},
    ),
    Table(
        "key_account_target_jumps",
        "output",
        "One rep with key accounts: the target against sales of several years.",
        ("period", "rep_id"),
        (
            Column("period", "text", "Fiscal year of the target", required=True),
            Column("rep_id", "id", "Rep", required=True),
            Column("key_account_count", "int", "Key accounts that the rep owns", ge=0),
            Column("target_amount", "amount", "Target of the year", sensitive="pay"),
            Column(
                "target_origin", "category", "Table targets, or the quota of table reps",
                allowed=("target", "quota"),
            ),
            Column("last_amount", "amount", "Won with the rep's accounts in the last 12 months"),
            Column("before_amount", "amount", "Mean of the 12-month spans before"),
            Column("base_amount", "amount", "Mean of all these spans: the base"),
            Column("year_count", "int", "Spans that deals cover whole", "years", ge=0),
            Column("top_account_share", "share", "Share of the largest account in the last 12 "
                   "months"),
            Column("target_ratio", "number", "Target / base", "x", sensitive="pay"),
            Column("last_ratio", "number", "Last 12 months / mean of the spans before", "x"),
            Column("is_warning", "bool", "One good year made the target; blank: not known"),
            Column("reason", "text", "What was found", required=True, sensitive="pay"),
        ),
        step=STEP,
        refs={"rep_id": ("reps", "rep_id")},
    ),
    Table(
        "key_account_jump_results",
        "output",
        "Years of the past whose target one good year had made, and how they went on.",
        ("level",),
        (
            Column("level", "category", "What went before the year",
                   allowed=("all", "after one good year", "after other years"), required=True),
            Column("level_order", "int", "Order", required=True, ge=0),
            Column("basis", "category", "target: last year and target above the base; sales "
                   "alone: last year, since no target of a past year is known",
                   allowed=("target", "sales alone"), required=True),
            Column("people_count", "int", "People behind it", "people", required=True, ge=0),
            Column("case_count", "int", "Whole years of one person each, to whose end the person "
                   "stayed", "years", required=True, ge=0),
            Column("reached_count", "int", "Years that reached the target; by sales alone: what "
                   "was won in the year before", "years", ge=0),
            Column("reached_share", "share", "reached_count / case_count"),
            Column("low", "share", "Lower end of the 95 % interval (Wilson)"),
            Column("high", "share", "Upper end of it"),
            Column("median_ratio", "number", "Median of won in the year / target, or / won in the "
                   "year before", "x", ge=0),
            Column("is_grey", "bool", "Too few years for a conclusion"),
            Column("first_year", "text", "First fiscal year", required=True),
            Column("last_year", "text", "Last fiscal year", required=True),
            Column("note", "text", "Why groups are not shown alone"),
        ),
        step=STEP,
    ),
    Table(
        "key_account_findings",
        "output",
        "One row or setting that is wrong, and what was done about it.",
        (),
        (
            Column("check", "text", "What was checked", required=True),
            Column("table", "text", "Table or file", required=True),
            Column("row_id", "text", "Key of the row", required=True),
            Column("column", "text", "Column or key", required=True),
            Column("value", "text", "Value found"),
            Column("allowed", "text", "What is allowed", required=True),
            Column("effect", "text", "What was done", required=True),
        ),
        step=STEP,
    ),
]  # fmt: skip
