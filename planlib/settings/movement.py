"""Settings of movement: cohorts of stage conversion, ageing, velocity, slips, the project line."""

from __future__ import annotations

from typing import Literal

from planlib.settings.base import Section, setting

LossCause = Literal["relation", "support", "both", "other"]


class MovementSettings(Section):
    """How the movement of deals and projects is measured."""

    cohorts: int = setting(
        8, "Fiscal quarters of creation that are shown as cohorts", "quarters", ge=1, le=40
    )
    ageing_factor: float = setting(
        2.0,
        "A deal is old when it has been in its stage this many times as long as won deals were",
        "x",
        gt=0,
    )
    closed_days: int = setting(
        365,
        "Days back over which closed deals count for win rate, cycle and velocity",
        "days",
        ge=30,
        le=3660,
    )
    slip_periods: int = setting(
        4, "Earlier periods whose slip rate is shown beside this one's", "periods", ge=0, le=20
    )
    age_step_days: int = setting(
        14, "Step of age at which the share of deals won and lost is given", "days", ge=1, le=180
    )
    loss_causes: dict[str, LossCause] = setting(
        {},
        "What each loss reason of the CRM means: relation missing, support missing, both, other; "
        "used where projects have no loss cause",
    )
