"""Structure of the team: how many people of which kind of work, where, and at what price."""

from planlib.team.structure.inputs import Roster, StructureInputs, gather_people
from planlib.team.structure.review import StructureReview, review_structure

__all__ = ["Roster", "StructureInputs", "StructureReview", "gather_people", "review_structure"]
