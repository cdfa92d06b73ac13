"""Rules that stand in where plan.yaml has none; they follow the size names that it sets."""

from __future__ import annotations

from planlib.segmentation.industry_map import PUBLIC
from planlib.settings.segmentation import (
    UNKNOWN,
    SegmentationSettings,
    SegmentRule,
    UnitRule,
    WorkloadRule,
)

LARGE_FOOTPRINT = "Large footprint"
SIZE_UNKNOWN = "Size unknown"


def segment_rules(settings: SegmentationSettings) -> tuple[SegmentRule, ...]:
    """Give the segment rules in force: own ones, else large footprint, public sector, sizes."""
    if settings.segment_rules:
        return settings.segment_rules
    rules = [SegmentRule(segment=LARGE_FOOTPRINT, when={"lifecycle": ("large_footprint",)})]
    if settings.industry_builtin:
        public = settings.industry_names.get(PUBLIC, PUBLIC)
        rules.append(SegmentRule(segment=public, when={"industry_group": (public,)}))
    rules += [
        SegmentRule(segment=name[:1].upper() + name[1:], when={"size": (name,)})
        for name in settings.size_names[::-1]
    ]
    return (*rules, SegmentRule(segment=SIZE_UNKNOWN, when={"size": (UNKNOWN,)}))


def unit_rules(settings: SegmentationSettings) -> tuple[UnitRule, ...]:
    """Give the unit rules in force: own ones, else by size, large footprints to Enterprise."""
    if settings.unit_rules:
        return settings.unit_rules
    smallest, *middle, largest = (
        settings.size_names[0],
        *settings.size_names[1:-1],
        settings.size_names[-1],
    )
    rules = [
        UnitRule(unit="Enterprise", when={"size": (largest,)}),
        UnitRule(unit="Enterprise", when={"lifecycle": ("large_footprint",)}),
    ]
    if middle:
        rules.append(UnitRule(unit="Commercial", when={"size": tuple(middle)}))
    if smallest != largest:
        rules.append(UnitRule(unit="Small Business", when={"size": (smallest,)}))
    return (*rules, UnitRule(unit="Commercial", when={"size": (UNKNOWN,)}))


def workload_rules(settings: SegmentationSettings) -> tuple[WorkloadRule, ...]:
    """
    Give the workload rules in force.

    The built-in ones are starting values for one account and year: 72 hours for a large
    footprint, 45 for a large company that became a customer not long ago and 16 for a smaller
    one, 20 for a large prospect and 4.5 for a smaller one, 8 where nothing is known. Set them to
    what the own people report, or let logged activities correct them.
    """
    if settings.workload_rules:
        return settings.workload_rules
    upper = settings.size_names[len(settings.size_names) // 2 :]
    new, prospect = {"lifecycle": ("new_customer",)}, {"lifecycle": ("prospect",)}
    return (
        WorkloadRule(touches=48, hours_per_touch=1.5, when={"lifecycle": ("large_footprint",)}),
        WorkloadRule(touches=30, hours_per_touch=1.5, when={**new, "size": upper}),
        WorkloadRule(touches=16, hours_per_touch=1.0, when=new),
        WorkloadRule(touches=16, hours_per_touch=1.25, when={**prospect, "size": upper}),
        WorkloadRule(touches=6, hours_per_touch=0.75, when=prospect),
        WorkloadRule(touches=8, hours_per_touch=1.0),
    )
