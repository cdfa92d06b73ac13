"""What every part of the structure rests on: people, cells and closed deals, gathered once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.settings.team_structure import TeamStructureSettings
from planlib.team.structure.cells import Cells, build_cells
from planlib.team.structure.deals import gather_deals
from planlib.team.structure.inputs import Roster, StructureInputs, gather_people


@dataclass(frozen=True, kw_only=True)
class Ground:
    """
    People, cells and deals of a workbook.

    Parameters
    ----------
    inputs, settings, as_of
        Tables, section ``team_structure``, day of the count and end of the window.
    roster, cells
        Of ``gather_people`` and ``build_cells``.
    deals, margin_basis
        Of ``gather_deals``.
    """

    inputs: StructureInputs = field(repr=False)
    settings: TeamStructureSettings = field(repr=False)
    as_of: date
    roster: Roster = field(repr=False)
    cells: Cells = field(repr=False)
    deals: pd.DataFrame = field(repr=False)
    margin_basis: str

    @property
    def years(self) -> float:
        """Years of the window."""
        return self.settings.window_months / 12


def lay_ground(inputs: StructureInputs, settings: TeamStructureSettings, as_of: date) -> Ground:
    """
    Gather people, cells and deals.

    Parameters
    ----------
    inputs
        Tables; only reps are required.
    settings, as_of
        Section ``team_structure``; day of the count and end of the window.
    """
    roster = gather_people(inputs.reps, settings, as_of)
    cells = build_cells(inputs, roster, settings)
    deals, basis = gather_deals(inputs, cells, roster, settings, as_of)
    return Ground(inputs=inputs, settings=settings, as_of=as_of, roster=roster, cells=cells,
                  deals=deals, margin_basis=basis)  # fmt: skip
