"""Tables that step 05 writes: factor scores, the list of key accounts, scales, horizons."""

from planlib.tables.contract import Column, Table
from planlib.tables.inputs_customers import ACCOUNT_ID, HORIZONS

STEP = "05_key_accounts"
SCORED = ("revenue", "potential", "demonstration", "winnability")
STATUSES = ("enters", "stays", "watch", "leaves", "outside", "not scored")
STRATUM = Column("stratum", "text", "Accounts that are compared with each other", required=True)

TABLES = [
    Table(
        "key_accounts",
        "output",
        "One account: score, place in its stratum, key account or not.",
        ("account_id",),
        (
            ACCOUNT_ID,
            STRATUM,
            Column(
                "score", "score", "Weighted sum of the known factor scores x 10; blank: not scored"
            ),
            Column("known_weight", "share", "Weight of the factors that are known"),
            Column("confidence", "share", "Weighted mean confidence of the factor scores"),
            Column("rank", "int", "Place by score within the stratum, 1 is best", ge=1),
            Column("cut_off_rank", "int", "Last place of the stratum that is a key account", ge=0),
            Column("topsis_score", "score", "Check by TOPSIS: nearness to the ideal account"),
            Column("topsis_rank", "int", "Place by TOPSIS within the stratum", ge=1),
            Column("is_key", "bool", "Key account", required=True),
            Column(
                "is_listed",
                "bool",
                "In the list by score and memory alone, whatever people decided",
            ),
            Column(
                "status",
                "category",
                "What happened to the account in this review",
                allowed=STATUSES,
                required=True,
            ),
            Column("reviews_outside", "int", "Reviews in a row below the band of the list", ge=0),
            Column(
                "in_list_probability",
                "share",
                "Share of draws of uncertain weights in which "
                "the account is in the top of its stratum",
            ),
            Column(
                "sales_amount", "amount", "Our sales with the account in the last twelve months"
            ),
            Column("sales_rank", "int", "Place by these sales within the stratum", ge=1),
            Column(
                "is_top_by_sales",
                "bool",
                "Whether sales of the last twelve months alone would make it a key account",
            ),
            Column("reason", "text", "Why the account is in the list or not", required=True),
            Column("review_cycle", "text", "Cycle of the review that scored it"),
            Column("review_date", "date", "As-of date of that review"),
        ),
        step=STEP,
        refs={"account_id": ("accounts", "account_id")},
    ),
    Table(
        "key_account_scores",
        "output",
        "One factor of one account.",
        ("account_id", "factor"),
        (
            ACCOUNT_ID,
            Column("factor", "category", "Factor", required=True, allowed=SCORED),
            Column("value", "number", "Value before scaling: money, rating or win rate"),
            Column(
                "factor_score", "number", "Value on the scale of the stratum", "0-10", ge=0, le=10
            ),
            Column("weight", "share", "Weight of the factor", required=True),
            Column("confidence", "share", "How far the value can be relied on"),
            Column("method", "text", "What the value rests on", required=True),
            Column(
                "basis",
                "category",
                "value: put on the scale; rating: a judgement stands in for money not known",
                allowed=("value", "rating"),
                required=True,
            ),
            Column(
                "rating", "number", "Mean of the raters' latest judgements", "0-10", ge=0, le=10
            ),
            Column("rating_low", "number", "Lowest of these judgements", "0-10", ge=0, le=10),
            Column("rating_high", "number", "Highest of these judgements", "0-10", ge=0, le=10),
            Column("rater_count", "int", "People whose judgement counts", "people", ge=0),
            Column("expired_count", "int", "Judgements too old to count", "judgements", ge=0),
            Column("rated_date", "date", "Day of the latest judgement that counts"),
            Column("evidence", "text", "What the raters say it rests on"),
        ),
        step=STEP,
        refs={"account_id": ("accounts", "account_id")},
    ),
    Table(
        "key_account_scales",
        "output",
        "One threshold of a factor's scale in a stratum.",
        ("factor", "stratum", "step"),
        (
            Column("factor", "category", "Factor", required=True, allowed=SCORED),
            STRATUM,
            Column(
                "step",
                "int",
                "Score that is reached at the threshold",
                "0-10",
                required=True,
                ge=1,
                le=10,
            ),
            Column("threshold", "number", "Value from which the score is reached", required=True),
            Column(
                "origin",
                "category",
                "Set in plan.yaml, or deciles of the stratum",
                allowed=("plan.yaml", "deciles"),
                required=True,
            ),
            Column(
                "account_count",
                "int",
                "Accounts with a known value in the stratum",
                required=True,
                ge=0,
            ),
        ),
        step=STEP,
    ),
    Table(
        "key_account_horizons",
        "output",
        "What a key account needs in one horizon, by where the figure comes from.",
        ("account_id", "horizon", "origin"),
        (
            ACCOUNT_ID,
            Column(
                "horizon",
                "category",
                "When it falls due, from the as-of date",
                required=True,
                allowed=HORIZONS,
            ),
            Column(
                "origin",
                "category",
                "Needs register, or a proposal from open deals or white "
                "space that a person has yet to confirm",
                allowed=(
                    "register",
                    "confirmed proposal",
                    "open deals",
                    "overdue deals",
                    "white space",
                ),
                required=True,
            ),
            Column("need_count", "int", "Needs or deals counted", required=True, ge=0),
            Column("value", "amount", "Sum of their values"),
            Column(
                "expected_value", "amount", "Sum of value x likelihood where likelihood is known"
            ),
            Column(
                "gap_value",
                "amount",
                "Sum of value x likelihood x (1 - fit) where both are "
                "known: what our offer does not cover yet",
            ),
            Column(
                "unknown_count",
                "int",
                "Needs or deals without value, likelihood or fit",
                required=True,
                ge=0,
            ),
        ),
        step=STEP,
        refs={"account_id": ("accounts", "account_id")},
    ),
]
