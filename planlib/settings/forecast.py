"""Settings of the forecast: cells, how much past, small cells, simulation, choice of the method."""

from __future__ import annotations

from pydantic import field_validator

from planlib.settings.base import Section, each_once, setting
from planlib.settings.pipeline import CutName


class ForecastSettings(Section):
    """How the close of a period is forecast, and how forecasts are tested."""

    cuts: tuple[CutName, ...] = setting(
        ("deal_type", "product_family", "region", "segment", "source", "manager"),
        "Cuts whose cells get required coverage and a forecast; the first one is shown, and new "
        "and expansion are forecast apart where deal_type is among them",
    )
    history_periods: int = setting(
        8, "Past periods that are learnt from and tested", "periods", ge=1, le=40
    )
    prior_deals: float = setting(
        20,
        "Number of deals at which the past of a cell counts as much as that of its parent",
        "deals",
        ge=0,
    )
    minimum_deals: int = setting(
        5, "A cell with fewer deals in its past keeps its numbers and loses its colour", "deals",
        ge=1,
    )  # fmt: skip
    minimum_periods: int = setting(
        2, "Past periods below which a figure is shown in grey", "periods", ge=1
    )
    tested_periods: int = setting(
        2,
        "Past periods a method must be tested on before it can be chosen for its errors",
        "periods",
        ge=1,
    )
    shock: float = setting(
        0.15,
        "Common shock on what is still to come, assumed before past errors tell",
        "share",
        ge=0,
        le=1,
    )
    shock_periods: float = setting(
        2, "Number of past periods that this assumption counts for", "periods", ge=0
    )
    draws: int = setting(4000, "Draws of the simulation of the forecast", "draws", ge=200)
    test_draws: int = setting(400, "Draws of each simulation of the past", "draws", ge=100)
    deals: int = setting(
        300, "Open deals whose chance is written, largest expected amount first", "deals", ge=1
    )

    _once = field_validator("cuts")(each_once("each cut once"))
