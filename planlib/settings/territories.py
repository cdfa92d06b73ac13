"""Settings of territories: balance measures, tolerance, weights of the cost parts."""

from __future__ import annotations

from planlib.settings.base import Section, setting


class TerritoriesSettings(Section):
    """How accounts are aligned with reps."""

    measures: tuple[str, ...] = setting(
        ("potential", "workload_hours"), "Measures that are balanced over territories"
    )
    tolerance: float = setting(
        0.10, "Allowed deviation of a territory from its target, per measure", "share", gt=0, le=1
    )
