"""Settings of segmentation: sizes, industry groups, lifecycle, units, potential, workload."""

from __future__ import annotations

from planlib.settings.base import Section, setting


class SegmentationSettings(Section):
    """How accounts are segmented."""

    large_footprint_acv: float = setting(
        100_000, "Annual contract value from which a customer has a large footprint", "currency",
        ge=0,
    )
