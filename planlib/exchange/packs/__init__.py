"""Excel packs for managers, out and back."""

from __future__ import annotations

from planlib.exchange.packs.teams import Team, find_teams
from planlib.exchange.packs.write import write_packs

__all__ = ["Team", "find_teams", "write_packs"]
