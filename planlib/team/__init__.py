"""
The team: how many people of which role work where, how channels respond.

``review_structure`` gives roles, demand, the best structure and scenarios.
"""

from planlib.team.structure import (
    Roster,
    StructureInputs,
    StructureReview,
    gather_people,
    review_structure,
)

__all__ = ["Roster", "StructureInputs", "StructureReview", "gather_people", "review_structure"]
