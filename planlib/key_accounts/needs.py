"""Three horizons in one go: register, roll-forward, white space, proposals, capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from planlib.key_accounts.capability import capability_gap, skill_needs
from planlib.key_accounts.expert_hours import check_experts
from planlib.key_accounts.findings import all_findings
from planlib.key_accounts.horizons import account_horizons
from planlib.key_accounts.need_gaps import need_gaps, offering_horizons
from planlib.key_accounts.proposals import check_decisions, decide_proposals, propose_needs
from planlib.key_accounts.register import clean_needs, register_needs
from planlib.key_accounts.review import with_segments
from planlib.key_accounts.roll_forward import flow_difference, roll_forward
from planlib.key_accounts.white_space import white_space
from planlib.settings.key_account_needs import KeyAccountNeedsSettings
from planlib.tables import require_columns


@dataclass(frozen=True, kw_only=True)
class NeedsReview:
    """
    What key accounts need in three horizons; the frames are tables that step 05 writes.

    ``register`` is the frozen register that the next cycle compares with; ``notes`` say what was
    missing and what was used instead.
    """

    register: pd.DataFrame
    horizons: pd.DataFrame
    flow: pd.DataFrame
    proposals: pd.DataFrame
    white_space: pd.DataFrame
    capability: pd.DataFrame
    offerings: pd.DataFrame
    need_gaps: pd.DataFrame
    findings: pd.DataFrame
    notes: tuple[str, ...]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the tables to write, by name."""
        return {
            "key_account_needs": self.register,
            "key_account_horizons": self.horizons,
            "key_account_need_flow": self.flow,
            "need_proposals": self.proposals,
            "key_account_white_space": self.white_space,
            "capability_gaps": self.capability,
            "key_account_offerings": self.offerings,
            "key_account_need_gaps": self.need_gaps,
        }


def review_needs(
    accounts: pd.DataFrame,
    key_accounts: pd.DataFrame,
    settings: KeyAccountNeedsSettings,
    as_of: date,
    *,
    segments: pd.DataFrame | None = None,
    needs: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    opportunity_lines: pd.DataFrame | None = None,
    products: pd.DataFrame | None = None,
    experts: pd.DataFrame | None = None,
    availability: pd.DataFrame | None = None,
    expert_leave: pd.DataFrame | None = None,
    overrides: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
) -> NeedsReview:
    """
    Review the needs of key accounts in three horizons against own capability.

    Parameters
    ----------
    accounts
        Table ``accounts``.
    key_accounts
        Table ``key_accounts`` of this cycle.
    settings
        Section ``key_account_needs`` of plan.yaml.
    as_of
        As-of date.
    segments, needs, opportunities, opportunity_lines, products, experts, availability, expert_leave
        Tables, each may be None.
    overrides
        Decisions of kind ``need_proposals`` in force.
    previous
        Table ``key_account_needs`` of the last published cycle.

    Returns
    -------
    NeedsReview
        Register, roll-forward, white space, proposals and capability.

    Raises
    ------
    TableError
        If ``accounts`` has no ``account_id``.
    """
    require_columns("accounts", accounts, ["account_id"])
    full = with_segments(accounts, segments)
    keys = set(key_accounts.loc[key_accounts["is_key"].astype(bool), "account_id"])
    mine = full[full["account_id"].isin(keys)].reset_index(drop=True)
    clean = clean_needs(needs, full["account_id"])
    entered = register_needs(clean, as_of, previous=previous)
    cells = white_space(
        mine, products, settings, as_of, needs=entered, opportunities=opportunities,
        lines=opportunity_lines, peers=full,
    )  # fmt: skip
    proposals = propose_needs(
        mine, cells, settings, as_of, register=entered, opportunities=opportunities,
        lines=opportunity_lines, products=products,
    )  # fmt: skip
    proposals, confirmed = decide_proposals(
        proposals, overrides, opportunities=opportunities, previous=previous
    )
    register = register_needs(clean, as_of, confirmed, previous)
    found_experts = check_experts(experts, expert_leave)
    flow = roll_forward(register, previous)
    capability = capability_gap(
        register, settings, as_of, experts=experts, availability=availability,
        expert_leave=expert_leave,
    )  # fmt: skip
    return NeedsReview(
        register=register,
        horizons=account_horizons(
            mine,
            as_of,
            needs=clean,
            opportunities=opportunities,
            confirmed=confirmed,
            previous=previous,
        ),
        flow=flow,
        proposals=proposals,
        white_space=cells,
        capability=capability,
        offerings=offering_horizons(register, keys, settings, products),
        need_gaps=need_gaps(register, capability, settings, as_of),
        findings=all_findings([*check_decisions(overrides, proposals, confirmed), *found_experts]),
        notes=tuple(_notes(register, previous, flow, products, experts)),
    )


def _notes(
    register: pd.DataFrame,
    previous: pd.DataFrame | None,
    flow: pd.DataFrame,
    products: pd.DataFrame | None,
    experts: pd.DataFrame | None,
) -> list[str]:
    notes = []
    if previous is None:
        notes.append("no register of an earlier cycle: the roll-forward starts with the next one")
    elif (flow_difference(flow) != 0).any():
        notes.append("the roll-forward of needs does not close: report this as a fault")
    if products is None:
        notes.append("no products: there is no grid of white space")
    if skill_needs(register).empty:
        notes.append("no open need asks for hours of a skill: capability is not compared")
    elif experts is None:
        notes.append("no experts: skill hours are shown without what is available")
    return notes
