"""
Forecast: where the period stands in working days, what must be open, and what it closes at.

``forecast_pipeline`` does all of it. Every forecast is made again for every past week from what
was known then; a method that does not beat the baselines is not used.
"""

from planlib.forecast.conversion import pooled_ratios
from planlib.forecast.coverage import required_coverage
from planlib.forecast.curves import pacing_curves
from planlib.forecast.deals import deals_basis
from planlib.forecast.features import FEATURES, LEAKING, check_features
from planlib.forecast.grid import forecast_period, working_days
from planlib.forecast.hazards import closed_form, fit_hazards
from planlib.forecast.inputs import Inputs
from planlib.forecast.methods import METHODS, method_name, with_method_names
from planlib.forecast.panel import build_panel
from planlib.forecast.prepare import prepare_inputs
from planlib.forecast.review import PipelineForecast, forecast_inputs, forecast_pipeline
from planlib.forecast.walk import walk_forward
from planlib.forecast.words import DEFINITIONS

__all__ = [
    "DEFINITIONS",
    "FEATURES",
    "LEAKING",
    "METHODS",
    "Inputs",
    "PipelineForecast",
    "build_panel",
    "check_features",
    "closed_form",
    "deals_basis",
    "fit_hazards",
    "forecast_inputs",
    "forecast_period",
    "forecast_pipeline",
    "method_name",
    "pacing_curves",
    "pooled_ratios",
    "prepare_inputs",
    "required_coverage",
    "walk_forward",
    "with_method_names",
    "working_days",
]
