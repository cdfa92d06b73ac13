"""Settings of the stack ranking: metrics and weights, window, peers, shrinkage, tier rule."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import field_validator, model_validator

from planlib.settings.base import Section, setting

MetricName = Literal[
    "win_rate", "acv_per_case", "cycle_time", "price_realisation", "follow_up",
    "existing_customers", "preparation",
]  # fmt: skip
PeerColumn = Literal["role", "level", "unit", "region", "segment"]
MixColumn = Literal["source", "segment", "deal_type", "lead_grade"]

#: Metrics that can be computed; ``LONG_TERM`` looks further back than the window, and
#: ``preparation`` counts in the score only where it is given a weight.
METRICS: tuple[MetricName, ...] = get_args(MetricName)
LONG_TERM: MetricName = "existing_customers"
_LONGEST = 36  # months of a window


class RankingSettings(Section):
    """How reps are scored against their peers, and when a tier changes."""

    weights: dict[MetricName, float] = setting(
        {
            "win_rate": 0.30,
            "acv_per_case": 0.20,
            "cycle_time": 0.10,
            "price_realisation": 0.10,
            "follow_up": 0.15,
            "existing_customers": 0.15,
        },
        "Weight of each metric; rescaled to sum to 1, also where a peer group lacks a metric",
    )
    required: tuple[MetricName, ...] = setting(
        ("win_rate",), "A peer group without these metrics is not ranked"
    )
    minimum_metrics: int = setting(
        3, "A peer group with fewer common metrics is not ranked", "metrics", ge=1, le=7
    )
    long_term_required: bool = setting(
        True,
        "No tier moves in a peer group without the long-term metric (wins with existing "
        "customers); switching this off is logged as a finding",
    )
    basis: Literal["auto", "leads", "deals"] = setting(
        "auto",
        "What a rep is handed: leads, or deals by their owner (weaker). auto: leads where most "
        "leads that became a deal stayed with their owner",
    )
    lead_days: int = setting(
        90, "A lead counts once it is this old: won when its deal was won by then", "days", ge=7,
        le=730,
    )  # fmt: skip
    window_months: int = setting(
        3, "Trailing window; longer windows give steadier tiers", "months", ge=1, le=_LONGEST
    )
    windows: dict[str, int] = setting(
        {},
        "Trailing window of single roles or units, by name, where their sales take longer or "
        "shorter; a unit goes before a role",
        "months",
    )
    long_term_months: int = setting(
        12, "Trailing window of the long-term metric", "months", ge=3, le=60
    )
    longest_window: float = setting(
        2.0,
        "A rep who was away gets an earlier start of the window, so that as many working days "
        "count; at most this multiple of the window",
        "x",
        ge=1,
        le=4,
    )
    cluster_hours: float = setting(
        5.0,
        "A day with at least these hours of meetings counts as away by its share of eight hours, "
        "as no new lead can be worked on it",
        "hours",
        ge=1,
        le=24,
    )
    roles: tuple[str, ...] = setting(
        ("AE",), "Roles that are ranked; where nobody has one of them, every owner is"
    )
    peer_by: tuple[PeerColumn, ...] = setting(
        ("role", "unit"),
        "Columns that make a peer group; segment: that of most of a rep's cases",
    )
    minimum_peers: int = setting(
        4, "A smaller peer group is pooled with the small ones of its role", "reps", ge=2
    )
    minimum_cases: int = setting(
        5, "A rep with fewer cases in the window is not ranked", "cases", ge=1
    )
    minimum_units: int = setting(
        3, "A rep has a metric from this sample on", "leads or deals", ge=1
    )
    known_share: float = setting(
        0.7,
        "A metric counts in a peer group when this share of its reps have it; a rep without it "
        "counts as peers do",
        "share",
        gt=0,
        le=1,
    )
    ramp_days: int = setting(
        120, "Days from hire until a rep is ranked; before, the lowest tier", "days", ge=0, le=730
    )
    leave_out_key_account_reps: bool = setting(
        True, "Reps who mainly sell to key accounts are not ranked"
    )
    key_account_share: float = setting(
        0.5, "Share of a rep's cases that makes a key-account rep", "share", gt=0, le=1
    )
    mix_by: tuple[MixColumn, ...] = setting(
        ("source", "segment", "deal_type", "lead_grade"),
        "Columns whose values set what is expected of a lead or deal; lead_grade: third of the "
        "lead scores in which its lead is. The chance to win a lead is its score itself",
    )
    mix_prior: float = setting(
        20.0, "Cases of all sources that are added to each cell of the expectation", "cases", gt=0
    )
    cap_quantile: float = setting(
        0.95,
        "Amounts and days above this quantile of all count as the quantile, so that one deal "
        "does not make a score; 1: no cap",
        "share",
        gt=0.5,
        le=1,
    )
    follow_up_hours: float = setting(
        24.0, "A lead is followed up when answered within", "hours", gt=0
    )
    follow_up_days: int = setting(
        7, "Without leads: a deal is followed up by an activity within", "days", ge=1, le=90
    )
    preparation_days: int = setting(
        7, "A talk is prepared when the rep was in touch with the account within these days before",
        "days", ge=1, le=60,
    )  # fmt: skip
    next_step_days: int = setting(
        7, "A talk has a next step when the rep is in touch again within these days after",
        "days", ge=1, le=60,
    )  # fmt: skip
    spread_floor: float = setting(
        0.05,
        "Smallest standard deviation of true ratios that is assumed, so that intervals never "
        "shrink to nothing",
        "x",
        gt=0,
        le=0.5,
    )
    top_share: float = setting(
        0.25, "Share of peers that is the top of a ranking", "share", gt=0, lt=1
    )
    tiers: tuple[str, ...] = setting(("A", "B", "C"), "Tiers from best to lowest", min_length=2)
    start_tier: str = setting("B", "Tier of a rep without a past")
    up_share: float = setting(
        0.20, "From this far above peers a rep moves one tier up", "share", gt=0, le=2
    )
    down_share: float = setting(
        0.20, "From this far below peers a rep moves one tier down", "share", gt=0, lt=1
    )
    confidence: float = setting(
        0.80, "Least probability that the true score is beyond the limit", "share", ge=0.5, lt=1
    )
    false_move_share: float = setting(
        0.05,
        "Most reps of equal skill that one review may move; the confidence is raised until a "
        "simulation of the samples at hand keeps it",
        "share",
        gt=0,
        le=0.5,
    )
    rest_months: int = setting(
        3, "Months after a move in which the opposite move is not made", "months", ge=0, le=24
    )
    history_months: int = setting(
        12, "Months for which the score is computed as of each month's end", "months", ge=1, le=60
    )
    scorecard_pages: bool = setting(
        True,
        "Write a page per rep, for the rep and the manager, into exchange/scorecards",
    )
    draws: int = setting(4000, "Draws for ranks and the chance of the top", ge=500, le=50_000)
    simulations: int = setting(
        400, "Simulated reviews per peer group for false moves", ge=100, le=10_000
    )

    @field_validator("windows")
    @classmethod
    def _whole_months(cls, value: dict[str, int]) -> dict[str, int]:
        wrong = [name for name, months in value.items() if not 1 <= months <= _LONGEST]
        if wrong:
            raise ValueError(f"windows: {', '.join(wrong)} must be 1 to {_LONGEST} months")
        return value

    @field_validator("weights")
    @classmethod
    def _some_weight(cls, value: dict[MetricName, float]) -> dict[MetricName, float]:
        if any(weight < 0 for weight in value.values()):
            raise ValueError("weights must not be below 0")
        if sum(value.values()) <= 0:
            raise ValueError("at least one weight must be above 0")
        return value

    def months_of(self, role: object, unit: object) -> int:
        """
        Give the window of a rep: that of the unit, else of the role, else of everybody.

        Examples
        --------
        >>> rules = RankingSettings(windows={"Enterprise": 6, "AE": 4})
        >>> rules.months_of("AE", "Enterprise"), rules.months_of("AE", None)
        (6, 4)
        """
        named = (self.windows.get(str(name)) for name in (unit, role))
        return next((months for months in named if months is not None), self.window_months)

    @model_validator(mode="after")
    def _tier_names(self) -> RankingSettings:
        if len(set(self.tiers)) < len(self.tiers) or not all(one.strip() for one in self.tiers):
            raise ValueError("ranking.tiers: each name once, none blank")
        if self.start_tier not in self.tiers:
            raise ValueError(
                f"ranking.start_tier '{self.start_tier}' is none of {', '.join(self.tiers)}"
            )
        return self
