"""Settings of the models beside the alignment: layers of roles, allocation by unit, response."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from planlib.settings.base import Section, setting

Model = Literal["enterprise", "commercial", "small_business"]


class LayerRule(Section):
    """One layer of roles beside the owners."""

    name: str = setting("", "Name of the layer", min_length=1)
    roles: tuple[str, ...] = setting((), "Roles of its reps, capitals do not matter", min_length=1)
    mode: Literal["pod", "accounts"] = setting(
        "pod",
        "pod: each rep serves whole books of owners; accounts: accounts are dealt out one by one",
    )
    customers_only: bool = setting(False, "Whether only customers are served")
    business_line: str = setting(
        "", "Only accounts with deals on products of this line; blank: all accounts"
    )


_LAYERS = (
    LayerRule(name="SDR", roles=("SDR", "BDR", "销售开发代表")),
    LayerRule(name="specialist", roles=("ECS", "PS", "SE", "Solution Engineer", "方案经理")),
    LayerRule(
        name="success", roles=("CSM", "Customer Success Manager", "客户成功经理"), mode="accounts",
        customers_only=True,
    ),
)  # fmt: skip


class TerritoryModelsSettings(Section):
    """Models beside the alignment of owners."""

    layers: tuple[LayerRule, ...] = setting(
        _LAYERS, "Layers beside the owners, planned one after the other; without reps: left out"
    )
    pod_tolerance: float = setting(
        0.20, "Allowed deviation of what a rep of such a layer serves; books are lumpy", "share",
        gt=0, le=5,
    )  # fmt: skip
    unit_models: dict[str, Model] = setting(
        {}, "Allocation model of each unit; others by coverage_model of step 02, then by name"
    )
    bands: int = setting(4, "Score bands of the small-business model", ge=1, le=20)
    index_weights: dict[Literal["open_potential", "pipeline", "size", "simple"], float] = setting(
        {"open_potential": 0.5, "pipeline": 0.2, "size": 0.2, "simple": 0.1},
        "Weights of the opportunity index: rank shares of potential not yet sold, open pipeline, "
        "potential, and how simple the account is",
    )
    response_form: Literal["power", "saturation"] = setting(
        "power", "How expected sales grow with selling time: a power of it, or up to a ceiling"
    )
    elasticity: float | None = setting(
        None, "Percent more sales for one percent more selling time, at the needed time; blank: "
        "fitted on logged time where ten accounts have it and their needed hours come from "
        "elsewhere, and drawn to 0.3", gt=0, lt=1,
    )  # fmt: skip
    sold_share: float | None = setting(
        None, "Share of the potential that is sold at the needed selling time without misfit and "
        "travel; blank: what accounts with ACV above 0 buy today of theirs", "share", gt=0, le=1,
    )  # fmt: skip
    misfit_loss: float = setting(
        0.30, "Share of sales lost with a rep wholly outside the account's skills", "share",
        ge=0, lt=1,
    )  # fmt: skip
    half_time_km: float = setting(
        1500.0, "Distance at which half of the time for an account is spent on the way", "km", gt=0
    )
    curve_factors: tuple[float, ...] = setting(
        (0.0, 0.25, 0.5, 2.0, 4.0), "Factors at which each weight of the cost is tried"
    )
    scenarios: int = setting(
        30, "Draws of the potential inside its interval", "scenarios", ge=2, le=1000
    )
    unstable_below: float = setting(
        0.80, "Accounts that keep their rep in a smaller share of the draws are called unstable",
        "share", gt=0, le=1,
    )  # fmt: skip

    @field_validator("layers")
    @classmethod
    def _once(cls, value: tuple[LayerRule, ...]) -> tuple[LayerRule, ...]:
        names = [rule.name.casefold() for rule in value]
        if len(set(names)) < len(names):
            raise ValueError("each layer once")
        return value

    @field_validator("curve_factors")
    @classmethod
    def _positive(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if any(factor < 0 for factor in value):
            raise ValueError("factors of at least 0")
        return value

    @field_validator("index_weights")
    @classmethod
    def _weighed(cls, value: dict[str, float]) -> dict[str, float]:
        if any(weight < 0 for weight in value.values()) or sum(value.values()) <= 0:
            raise ValueError("weights of at least 0, and one above 0")
        return value
