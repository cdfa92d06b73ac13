"""Section of the report on step 08: the ranking of reps, then the routing of leads."""

from __future__ import annotations

from dataclasses import replace

from planlib.exchange.audience import AudienceView, Baseline
from planlib.report import ranking, routing
from planlib.report.parts import Line, Section

STEP = "08_routing"
_PARTS = ("decided", "asks", "problems", "gaps", "facts", "first", "blocks")


def section(view: AudienceView) -> Section | None:
    """Give what the ranking and the routing say, or None when neither wrote anything."""
    parts = [part.section(view) for part in (ranking, routing)]
    found = [part for part in parts if part is not None]
    if not found:
        return None
    joined = {name: [one for part in found for one in getattr(part, name)] for name in _PARTS}
    both: Section = replace(found[0], **joined)
    return both


def changes(view: AudienceView, baseline: Baseline) -> list[Line]:
    """Say how many reps have another tier, and how many waiting leads another rep."""
    return [*ranking.changes(view, baseline), *routing.changes(view, baseline)]
