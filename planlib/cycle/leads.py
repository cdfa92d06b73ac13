"""Route one lead or a file of leads with the published tables of a workbook."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from planlib.errors import InfeasibleError, InputError, PlanError
from planlib.routing import Routing, route, waiting_leads, why_not
from planlib.routing.ranks import ranking_from
from planlib.routing.route import TABLES as USED
from planlib.store import Workbook
from planlib.store.ledger import Batch, after_published, read_ledger, route_batch


@dataclass(frozen=True, kw_only=True)
class Routed:
    """
    Decisions, sentences for a person, and the answer to "why not" where one was asked.

    ``faults`` are the reasons for which leads could not be decided at all, with their number:
    no time, or one after the as-of date.
    """

    decisions: pd.DataFrame = field(repr=False)
    findings: tuple[str, ...]
    refused: tuple[str, ...]
    faults: tuple[str, ...] = ()
    answer: str = ""

    def unplaced(self, where: str) -> PlanError | None:
        """Say why not one lead has a rep; None where one has, or where there was none to place."""
        if self.decisions["rep_id"].notna().any() or (self.decisions.empty and not self.refused):
            return None
        problems = ["no lead was placed, nothing was kept", *self.faults, *self.refused]
        if len(self.decisions) and not self.faults:
            return InfeasibleError(
                f"{where}: no lead was placed, nothing was kept: nobody can take one; the reason "
                "stands beside each lead"
            )
        return InputError(where, problems)


def route_leads(
    workbook: Workbook,
    leads: pd.DataFrame | None,
    as_of: datetime.date,
    *,
    policy: str = "",
    keep: bool = True,
    why: Sequence[str] = (),
) -> Routed:
    """
    Route leads and keep the decisions in the ledger of the workbook.

    Where not one lead has a rep, the ledger stays as it was (``Routed.unplaced`` says why): the
    same leads can be given again when the data or the limits are mended.

    Parameters
    ----------
    workbook
        A cycle whose tables are read.
    leads
        Table ``leads``; None: the leads of the workbook that wait.
    as_of
        Day until whose end leads may have come in.
    policy
        Policy; blank: as in plan.yaml.
    keep
        False decides without writing.
    why
        Lead and rep, for "why not".

    Raises
    ------
    InputError
        If ``why`` names a lead that is not given.
    MissingTableError
        If the cycle has no ``reps``, or no ``leads`` where none are given.
    TableError
        If the policy is not known.
    LockedError
        If another process routes leads of the workbook for longer than a minute.
    """
    given = _tables(workbook)
    past = workbook.get("leads")
    rows = leads
    if rows is None:
        rows = waiting_leads(workbook.read("leads"), workbook.plan.routing, as_of)
    if len(why) == 2 and not rows["lead_id"].eq(why[0]).any():
        raise InputError("--why", [f"lead '{why[0]}' is not among the {len(rows)} leads given"])
    made: list[Routing] = []

    def decide(_: Batch | None) -> Batch | None:
        earlier, state = _before(workbook)
        made.append(route(
            rows, workbook.read("reps"), policy, settings=workbook.plan.routing, as_of=as_of,
            tables={name: given[name] for name in USED}, past=past,
            ranking=ranking_from(given["rep_scores"], given["rep_tiers"]),
            earlier=earlier, state=state, handed_at=_handed(as_of, workbook.plan.time_zone),
            segmentation=workbook.plan.segmentation, plan_zone=workbook.plan.time_zone,
            weekend=tuple(workbook.plan.calendar.weekend), seed=workbook.plan.seed,
        ))  # fmt: skip
        is_placed = made[0].decisions["rep_id"].notna().any()
        return (made[0].decisions, made[0].state) if is_placed else None

    if keep:
        route_batch(workbook.root, decide, as_of)
    else:
        decide(read_ledger(workbook.root))
    result = made[0]
    refused = tuple(f"row {row}: {reason}{f' ({lead})' if lead else ''}" for row, lead, reason in
                    result.refused.itertuples(index=False))  # fmt: skip
    blocked = result.leads.loc[result.leads["blocked"] != "", "blocked"].value_counts(sort=False)
    return Routed(
        decisions=result.decisions, findings=result.findings, refused=refused,
        faults=tuple(f"{count:,} lead{'' if count == 1 else 's'}: {reason}"
                     for reason, count in sorted(blocked.items())),
        answer=why_not(result, why[0], why[1]) if len(why) == 2 else "",
    )  # fmt: skip


def _handed(as_of: datetime.date, zone: str) -> pd.Timestamp:
    """Give when reps learn of the decisions: now, or at the end of an as-of date that is past."""
    now = pd.Timestamp.now(tz=zone).tz_localize(None)
    return min(now, pd.Timestamp(as_of) + pd.Timedelta(days=1))


def _before(workbook: Workbook) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Give decisions and state before this batch, published or of the ledger, by as-of date."""
    source, state = workbook.sources("lead_routes"), workbook.get("routing_state")
    if source is None or state is None:
        return after_published(workbook.root, None, None, None)
    here = source.cycle == workbook.cycle.name
    day = workbook.as_of if here else source.as_of
    return after_published(workbook.root, None, (workbook.read("lead_routes"), state), day)


def _tables(workbook: Workbook) -> dict[str, pd.DataFrame | None]:
    names = (*USED, "rep_scores", "rep_tiers")
    return {name: workbook.get(name) for name in names}
