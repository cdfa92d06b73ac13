"""Base of all settings sections: frozen, unknown keys refused, every key with unit and meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A section of plan.yaml."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False, strict=False
    )


def setting(default: Any, meaning: str, unit: str = "", **limits: Any) -> Any:
    """
    Declare a key of plan.yaml.

    Parameters
    ----------
    default
        Value where plan.yaml does not have the key.
    meaning
        One line for the settings reference and for error messages.
    unit
        Unit of the value, blank where it has none.
    limits
        Bounds as pydantic knows them: ``ge``, ``le``, ``gt``, ``lt``, ``min_length`` ...
    """
    return Field(default, description=meaning, json_schema_extra={"unit": unit}, **limits)


def each_once(message: str) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Make a validator that refuses a value that stands twice, with a message."""

    def check(values: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(set(values)) < len(values):
            raise ValueError(message)
        return values

    return check


def check_weights(weights: dict[Any, float]) -> dict[Any, float]:
    """Refuse weights below zero, and weights that are all zero."""
    if any(weight < 0 for weight in weights.values()) or sum(weights.values()) <= 0:
        raise ValueError("weights of at least 0 with a sum above 0")
    return weights


def rescaled(weights: Mapping[Any, float], names: tuple[str, ...]) -> dict[str, float]:
    """Give weights rescaled to sum to 1; one that is not named is 0."""
    total = sum(weights.values())
    return {name: weights.get(name, 0.0) / total for name in names}
