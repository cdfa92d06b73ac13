"""
Pipeline: performance matrix, bridge, win rates, and the deals behind them.

``measure_pipeline`` does all of it, ``measure_sources`` all on credit and marketing; the parts can
be called on their own. A state of the pipeline
on a day comes from ``PipelineHistory``, the one place that reads the long history.
"""

from planlib.pipeline.bridge import Bridge, build_bridge, check_identity
from planlib.pipeline.cuts import UNKNOWN, CutTables
from planlib.pipeline.deals import prepare_deals
from planlib.pipeline.gap import deals_behind
from planlib.pipeline.history import AsOf, PipelineHistory, state_at
from planlib.pipeline.matrix import build_matrix, prior_day
from planlib.pipeline.measures import measure_deals
from planlib.pipeline.rates import measure_rates
from planlib.pipeline.review import PipelineReview, measure_pipeline, review_period
from planlib.pipeline.source_words import SOURCE_DEFINITIONS
from planlib.pipeline.sources_review import SourceReview, measure_sources
from planlib.pipeline.truncation import Records
from planlib.pipeline.views import coverage_cut, coverage_period, matrix_colors, matrix_view
from planlib.pipeline.words import DEFINITIONS

__all__ = [
    "DEFINITIONS",
    "SOURCE_DEFINITIONS",
    "UNKNOWN",
    "AsOf",
    "Bridge",
    "CutTables",
    "PipelineHistory",
    "PipelineReview",
    "Records",
    "SourceReview",
    "build_bridge",
    "build_matrix",
    "check_identity",
    "coverage_cut",
    "coverage_period",
    "deals_behind",
    "matrix_colors",
    "matrix_view",
    "measure_deals",
    "measure_pipeline",
    "measure_rates",
    "measure_sources",
    "prepare_deals",
    "prior_day",
    "review_period",
    "state_at",
]
