"""
Stack ranking: scorecards against peers, shrunk and with intervals; tiers that move on evidence.

``rank_reps`` does all of it from deals or leads and, where they are there, reps, absence,
activities, lines, products, segments, key accounts, lead scores and reviews with managers.
"""

from planlib.ranking.absence import away_days, month_ends, month_start, rep_windows
from planlib.ranking.cases import Cases, prepare_cases
from planlib.ranking.expected import expected_of_others
from planlib.ranking.metrics import METRICS, Extra, Metric, build_units, case_expectation
from planlib.ranking.noise import find_rule, simulate_group
from planlib.ranking.past import improvement_lags, tier_leads
from planlib.ranking.review import RESULTS, RankingInputs, RankingReview, rank_reps
from planlib.ranking.score import GroupFit, fit_group, fit_metric, rank_group
from planlib.ranking.shrink import beta_binomial, difference_test, gamma_ratio, normal_ratio
from planlib.ranking.tiers import TierRule, guarded_moves, raw_moves, tier_path, transitions
from planlib.ranking.words import DEFINITIONS, describe_rules

__all__ = [
    "DEFINITIONS",
    "METRICS",
    "RESULTS",
    "Cases",
    "Extra",
    "GroupFit",
    "Metric",
    "RankingInputs",
    "RankingReview",
    "TierRule",
    "away_days",
    "beta_binomial",
    "build_units",
    "case_expectation",
    "describe_rules",
    "difference_test",
    "expected_of_others",
    "find_rule",
    "fit_group",
    "fit_metric",
    "gamma_ratio",
    "guarded_moves",
    "improvement_lags",
    "month_ends",
    "month_start",
    "normal_ratio",
    "prepare_cases",
    "rank_group",
    "rank_reps",
    "raw_moves",
    "rep_windows",
    "simulate_group",
    "tier_leads",
    "tier_path",
    "transitions",
]
