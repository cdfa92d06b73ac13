"""Route one lead or a file of leads with the published tables of a workbook."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from planlib.errors import InputError
from planlib.routing import Routing, route, waiting_leads, why_not
from planlib.routing.ranks import ranking_from
from planlib.routing.route import TABLES as USED
from planlib.store import Workbook
from planlib.store.ledger import Batch, after_published, read_ledger, route_batch
from planlib.store.resolve import revision_as_of
from planlib.tables import table

_TRUE = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


@dataclass(frozen=True, kw_only=True)
class Routed:
    """Decisions, sentences for a person, and the answer to "why not" where one was asked."""

    decisions: pd.DataFrame = field(repr=False)
    findings: tuple[str, ...]
    refused: tuple[str, ...]
    answer: str = ""


def read_leads(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """
    Read a CSV of leads with the columns of table ``leads``.

    Returns
    -------
    tuple
        The leads, and sentences on values that could not be read and count as missing.

    Raises
    ------
    InputError
        If the file cannot be read, has no ``lead_id``, or names no column of the table.
    """
    try:
        rows = pd.read_csv(path, dtype="str", encoding="utf-8-sig", skipinitialspace=True)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(str(path), [f"not a CSV of leads in UTF-8: {error}"]) from None
    return shape_text(rows, str(path))


def shape_text(rows: pd.DataFrame, where: str) -> tuple[pd.DataFrame, list[str]]:
    """Bring columns of text into the shape of table ``leads``; see ``read_leads``."""
    contract = table("leads")
    rows = rows.rename(columns=lambda name: str(name).strip())
    if "lead_id" not in rows.columns:
        raise InputError(where, [f"column 'lead_id' is missing; found {', '.join(rows.columns)}"])
    unknown = [name for name in rows.columns if name not in contract.by_name]
    said = [f"columns that are not read: {', '.join(unknown)}"] if unknown else []
    data: dict[str, pd.Series] = {}
    for name in rows.columns:
        if name in unknown:
            continue
        kind, values = contract.by_name[name].kind, rows[name]
        if kind in ("date", "timestamp"):
            data[name] = pd.to_datetime(values, format="ISO8601", errors="coerce")
        elif kind in ("int", "score", "number"):
            data[name] = pd.to_numeric(values, errors="coerce")
        elif kind == "bool":
            data[name] = values.str.casefold().map(_TRUE).astype("boolean")
        else:
            data[name] = values
        bad = (values.notna() & data[name].isna()).to_numpy(bool)
        if bad.any():
            said.append(f"column '{name}': {int(bad.sum())} values cannot be read, first "
                        f"'{values[bad].iloc[0]}' in row {bad.argmax() + 2}; they count as "
                        "missing")  # fmt: skip
    return contract.coerce(pd.DataFrame(data)), said


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
    """
    given = _tables(workbook)
    past = workbook.get("leads")
    rows = leads
    if rows is None:
        rows = waiting_leads(workbook.read("leads"), workbook.plan.routing, as_of)
    if len(why) == 2 and not rows["lead_id"].eq(why[0]).any():
        raise InputError("--why", [f"lead '{why[0]}' is not among the {len(rows)} leads given"])
    made: list[Routing] = []

    def decide(_: Batch | None) -> Batch:
        earlier, state = _before(workbook)
        made.append(route(
            rows, workbook.read("reps"), policy, settings=workbook.plan.routing, as_of=as_of,
            tables={name: given[name] for name in USED}, past=past,
            ranking=ranking_from(given["rep_scores"], given["rep_tiers"]),
            earlier=earlier, state=state, handed_at=_handed(as_of, workbook.plan.time_zone),
            plan_zone=workbook.plan.time_zone,
            weekend=tuple(workbook.plan.calendar.weekend), seed=workbook.plan.seed,
        ))  # fmt: skip
        return made[0].decisions, made[0].state

    if keep:
        route_batch(workbook.root, decide, as_of)
    else:
        decide(read_ledger(workbook.root))
    result = made[0]
    refused = tuple(f"row {row}: {reason} ({lead})" for row, lead, reason in
                    result.refused.itertuples(index=False))  # fmt: skip
    return Routed(
        decisions=result.decisions, findings=result.findings, refused=refused,
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
    day = workbook.as_of if here else revision_as_of(source.path.parent.parent)
    return after_published(workbook.root, None, (workbook.read("lead_routes"), state), day)


def _tables(workbook: Workbook) -> dict[str, pd.DataFrame | None]:
    names = (*USED, "rep_scores", "rep_tiers")
    return {name: workbook.get(name) for name in names}
