"""What each lead lets expect: the chance that it is won, for the mix adjustment of the ranking."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.routing.enrich import with_domain
from planlib.routing.scoring import score_leads, won_leads
from planlib.settings.routing import RoutingSettings
from planlib.tables import require_columns, table


def expect_leads(
    leads: pd.DataFrame | None,
    opportunities: pd.DataFrame | None,
    settings: RoutingSettings,
    as_of: date,
) -> pd.DataFrame:
    """
    Score every lead for the ranking.

    The score knows only what was known when a lead came in. It sees neither owner nor rank, so
    that a rank cannot feed itself; it is computed before the ranking, which routing then uses.

    Parameters
    ----------
    leads
        Table ``leads``; a repeated ``lead_id`` counts once.
    opportunities
        For the deals won. Where too few are, the score foretells the conversion instead: the
        ranking compares ratios to peers, so only the order and the spread of the chances count.
    settings
        Section ``routing``.
    as_of
        Day until whose end the data count.

    Returns
    -------
    DataFrame
        Table ``lead_scores``; ``score`` is NA with the reason where nothing could be learnt.
    """
    contract = table("lead_scores")
    if leads is None or leads.empty:
        return contract.empty()
    require_columns("leads", leads, ["lead_id"])
    rows = table("leads").conform(leads).dropna(subset=["lead_id"]).drop_duplicates("lead_id")
    rows = with_domain(rows.sort_values("lead_id", ignore_index=True))
    wanted = settings.model_copy(update={"score_target": "won"})
    found = score_leads(rows, rows, wanted, pd.Timestamp(as_of), won_leads(rows, opportunities))
    return contract.coerce(pd.DataFrame({
        "lead_id": rows["lead_id"], "score": found.chance, "target": found.target,
        "reason": found.missing,
    }))  # fmt: skip
