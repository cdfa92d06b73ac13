"""The whole step: one call from inputs and settings to all its tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.capacity.people import finding, findings_table
from planlib.notes import note_rows, notes_of
from planlib.periods import FiscalYear, Period
from planlib.quotas.assign import QuotaParts
from planlib.quotas.gather import Tables, World, gather
from planlib.quotas.groups import open_groups, people_by_segment, with_groups
from planlib.quotas.months import capacity_tables
from planlib.quotas.plan import plan_quotas
from planlib.quotas.words import DEFINITIONS, cautions, headlines, missing_notes, rules
from planlib.settings.capacity import CapacitySettings
from planlib.settings.quotas import QuotasSettings
from planlib.tables import table
from planlib.workdays import WorkCalendar

#: Tables of capacity and quotas, in order.
RESULTS = (
    "capacity_months", "capacity_cohorts", "ramp_curves", "tenure_productivity", "exit_hazards",
    "capacity_alignment", "capacity_pipeline", "quotas", "quota_levels", "quota_street",
    "quota_year", "quota_to_date",
    "over_assignment_curve", "quota_gap", "quota_changes", "quota_decisions", "quota_findings",
    "quota_notes",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class QuotaReview:
    """
    What the step found.

    Parameters
    ----------
    world
        People, ramp, leavers, spread and target that all parts share.
    parts
        What the quotas are made of, to try other settings; None where none are planned.
    tables
        Every table by name, in its declared shape.
    """

    world: World = field(repr=False)
    parts: QuotaParts | None = field(repr=False)
    tables: dict[str, pd.DataFrame] = field(repr=False)

    @property
    def headlines(self) -> list[str]:
        """What a leader should know first."""
        return self.notes("headline")

    def notes(self, kind: str) -> list[str]:
        """Give the notes of a kind: headline, caution, missing, definition or rule."""
        return notes_of(self.tables["quota_notes"], kind)


def plan_year(cycle: Period, settings: QuotasSettings, fiscal_year: FiscalYear) -> Period:
    """
    Give the fiscal year that is planned: as set in plan.yaml, else the one of the cycle.

    Parameters
    ----------
    cycle
        Period of the cycle.
    settings
        Section ``quotas``: ``year``.
    fiscal_year
        Of the plan.

    Returns
    -------
    Period
        A fiscal year.

    Raises
    ------
    PeriodError
        If ``quotas.year`` is no period.
    """
    if settings.year:
        return Period.parse(settings.year, fiscal_year)
    return Period.of(cycle.start, "year", fiscal_year)


def review_quotas(
    tables: Tables, capacity: CapacitySettings, quotas: QuotasSettings, as_of: date, year: Period,
    *, decisions: pd.DataFrame | None = None, challenges: pd.DataFrame | None = None,
    calendar: WorkCalendar | None = None, seed: int = 0, currency: str = "", minimum_group: int = 5,
) -> QuotaReview:  # fmt: skip
    """
    Compute capacity by month and the quotas of the year.

    Parameters
    ----------
    tables
        ``reps``, and where present the tables of ``gather.OPTIONAL``.
    capacity, quotas
        Sections of plan.yaml.
    as_of
        Last day of the data.
    year
        Fiscal year that is planned.
    decisions
        All decisions of kind ``quotas``; those that hold on some day of the year count.
    challenges
        Decisions of kind ``quota_challenges`` that are in force; they change no quota, and those
        that concern nobody known are among the findings.
    calendar
        Working days; None: Monday to Friday.
    seed
        Seed of all draws.
    currency
        Currency of the plan, for the words.
    minimum_group
        Fewest people whose quotas are shown in a sum to those who may not see pay:
        ``pay.minimum_group`` of plan.yaml.

    Returns
    -------
    QuotaReview
        Every table of the step by name, and the parts of the quotas for a trial of other settings.

    Raises
    ------
    TableError
        If ``reps`` has no ``rep_id``.
    """
    world = gather(tables, capacity, quotas, as_of, year, calendar=calendar, seed=seed,
                   minimum_group=minimum_group)  # fmt: skip
    found, plan = capacity_tables(world)
    planned = plan_quotas(world, plan, decisions)
    wrong = [
        world.staff.findings,
        findings_table([*world.target.findings, *_lost_challenges(world, challenges)]),
    ]
    cuts = (open_groups(None, world.carriers, minimum_group)[1] if planned is None
            else planned.open_cuts)  # fmt: skip
    found |= {name: with_groups(found[name], cuts, people_by_segment(world), minimum_group)
              for name in ("capacity_months", "capacity_alignment")}  # fmt: skip
    if planned is not None:
        found |= planned.tables
        wrong.append(findings_table(planned.findings))
    found["quota_findings"] = pd.concat([one for one in wrong if len(one)] or wrong[:1])
    shaped = {name: _shaped(name, found.get(name)) for name in RESULTS if name != "quota_notes"}
    shaped["quota_notes"] = _shaped("quota_notes", note_rows({
        "headline": [("", text) for text in headlines(world, shaped, currency)],
        "caution": cautions(world, shaped, planned),
        "missing": missing_notes(world, planned),
        "definition": list(DEFINITIONS.items()),
        "rule": rules(world, planned),
    }))  # fmt: skip
    return QuotaReview(world=world, parts=None if planned is None else planned.parts,
                       tables={name: shaped[name] for name in RESULTS})  # fmt: skip


def _lost_challenges(world: World, challenges: pd.DataFrame | None) -> list[dict[str, object]]:
    """Name the challenges whose rep is neither in reps nor carries a quota."""
    if challenges is None:
        return []
    known = {*world.tables["reps"]["rep_id"], *world.carriers["rep_id"]}  # type: ignore[index]
    lost = challenges[~challenges["rep_id"].isin(list(known))]
    return [
        finding("override_quota_challenges", decision, "rep_id", rep,
                f"{rep} is neither in reps nor a post with a quota; the challenge is not used")
        for decision, rep in zip(lost["decision_id"], lost["rep_id"], strict=True)
    ]  # fmt: skip


def _shaped(name: str, frame: pd.DataFrame | None) -> pd.DataFrame:
    """Bring a frame into the declared shape of its table; no rows where it has none."""
    contract = table(name)
    return contract.check(contract.conform(frame))
