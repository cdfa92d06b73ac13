"""All tables on structure and channels, notes included, in one place."""

from __future__ import annotations

import pandas as pd

from planlib.team.channels import ChannelReview
from planlib.team.structure import StructureReview
from planlib.team.structure.words import notes_table


def structure_tables(
    structure: StructureReview, channels: ChannelReview
) -> dict[str, pd.DataFrame]:
    """
    Give every table on structure and channels.

    Parameters
    ----------
    structure, channels
        The two reviews; their notes become table ``structure_notes``.
    """
    return {
        **structure.tables, **channels.tables,
        "structure_notes": notes_table([*structure.lines, *channels.lines]),
    }  # fmt: skip
