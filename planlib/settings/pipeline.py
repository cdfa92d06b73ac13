"""Settings of the pipeline: cuts of the performance matrix, small cells."""

from __future__ import annotations

from planlib.settings.base import Section, setting


class PipelineSettings(Section):
    """How the pipeline is measured."""

    cuts: tuple[str, ...] = setting(
        ("product_family", "region", "segment", "source", "deal_type"),
        "Columns by which the performance matrix is cut",
    )
    minimum_deals: int = setting(
        5, "A cell with fewer deals keeps its numbers and loses its colour", "deals", ge=1
    )
