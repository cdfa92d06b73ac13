"""Section of the report on the team: its parts, each in a module of its own."""

from __future__ import annotations

from types import ModuleType

from planlib.exchange.audience import AudienceView, Baseline
from planlib.report import team_people, team_structure
from planlib.report.parts import Line, Section
from planlib.steps import STEPS

STEP = "10_team"
#: Parts of the section in order; each gives ``decided``, ``asks``, ``problems``, ``gaps``,
#: ``facts``, ``blocks`` of a view, and ``changes`` of a view and an earlier state.
PARTS: tuple[ModuleType, ...] = (team_structure, team_people)


def section(view: AudienceView) -> Section | None:
    """Give the section, or None when the step wrote no roles."""
    if view.rows("team_roles").empty:
        return None
    step = STEPS[STEP]
    return Section(
        step=STEP,
        title=step.title,
        question=step.decides,
        decided=[line for part in PARTS for line in part.decided(view)],
        asks=[line for part in PARTS for line in part.asks(view)],
        problems=[line for part in PARTS for line in part.problems(view)],
        gaps=[gap for part in PARTS for gap in part.gaps(view)],
        facts=[fact for part in PARTS for fact in part.facts(view)],
        blocks=[block for part in PARTS for block in part.blocks(view)],
    )


def changes(view: AudienceView, baseline: Baseline) -> list[Line]:
    """Say what is different in the parts since an earlier state."""
    return [line for part in PARTS for line in part.changes(view, baseline)]
