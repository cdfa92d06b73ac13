"""
The team: how many people of which role work where, how channels respond.

``review_structure`` gives roles, demand, the best structure and scenarios; ``review_channels``
how each persona responds on which channel. ``structure_tables`` puts both together.
"""

from planlib.team.channels import ChannelReview, review_channels
from planlib.team.outputs import structure_tables
from planlib.team.personas import personas_of
from planlib.team.structure import (
    Roster,
    StructureInputs,
    StructureReview,
    gather_people,
    review_structure,
)
from planlib.team.touches import ChannelInputs, gather_touches

__all__ = [
    "ChannelInputs",
    "ChannelReview",
    "Roster",
    "StructureInputs",
    "StructureReview",
    "gather_people",
    "gather_touches",
    "personas_of",
    "review_channels",
    "review_structure",
    "structure_tables",
]
