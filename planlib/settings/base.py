"""Base of all settings sections: frozen, unknown keys refused, every key with unit and meaning."""

from __future__ import annotations

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
