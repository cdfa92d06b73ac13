"""Headlines, cautions, rules and definitions of routing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from planlib.notes import count_of, note_rows, percent
from planlib.routing.measures import MEASURES
from planlib.routing.people import Crew
from planlib.routing.route import Routing, left_leads
from planlib.routing.service import exposure_line, service_line
from planlib.routing.simulated import GAINS
from planlib.routing.simulator import Simulation
from planlib.settings.routing import RoutingSettings

_UNITS = (
    "Of the reps of a territory, or of all where no territory is known, those of the lead's "
    "business unit are asked alone, where there is one."
)
POLICY_WORDS = {
    "best_ranked": "the best ranked rep at work; ranks shrunk towards the mean (empirical Bayes)",
    "raw_rank": "the same with bare win rates",
    "ranked_by_grade": "better leads to better ranked reps: the nearest rank at work",
    "weighted": "turns by weight of the tier (stride), among those at work",
    "round_robin": "turns among those at work",
    "strict_round_robin": "turns whether at work or not; for comparison",
    "least_loaded": "the fewest open leads, among those at work",
    "geography": "a fixed rep of the region, at work or not (simulator); turns in the region "
    "(router)",
    "cherry_picking": "reps pick the better half at once, the other half waits; for comparison",
    "thompson": "the best draw from what is known of the win rates, among those at work",
    "true_skill": "the best rep at work if skill were known; the upper limit",
}
DEFINITIONS = {
    "at work": "In working hours of the rep's own time zone, not on a holiday, not away, not in a "
    "meeting, below the caps.",
    "turn": "A number for each rep that grows with each lead, by 1 / weight in policy weighted; "
    "the lowest is next. After days away it is set level with the peers who were there.",
    "lead score": "Chance that a lead converts, from what was known when it came in; logistic "
    "regression, calibrated on later leads. Grades are quantiles of past scores.",
    "opportunity cost": "ACV that the policy with known skill wins in the same world, less ACV of "
    "the policy: leads that went to weaker reps while a stronger one was at work, or that waited.",
    "revenue spread": "Standard deviation of ACV over worlds / mean.",
    "interval": "95 %, Student's t over worlds. Every policy meets the same arrivals, skills, "
    "absences and luck.",
}


def headlines(
    waiting: Routing | None, replayed: Routing | None, tables: Mapping[str, pd.DataFrame],
    simulation: Simulation,
) -> list[str]:  # fmt: skip
    """Say what a leader should know first."""
    said = []
    if waiting is not None:
        rows = waiting.decisions
        lost = int((rows["outcome"] == "catch_all").sum())
        said.append(
            f"{len(rows):,} leads of the last {waiting.settings.open_days} days wait for an "
            f"answer: {len(rows) - lost:,} have a rep, {lost:,} are in the catch-all; policy "
            f"{waiting.policy.replace('_', ' ')}."
        )
    if replayed is not None:
        left = len(left_leads(replayed.leads, replayed.settings, replayed.as_of))
        if left:
            said.append(
                f"{count_of(left, 'older lead')} without an answer that nobody closed: not routed, "
                f"as they came in more than {replayed.settings.open_days} days ago; close them, or "
                "raise routing.open_days."
            )
        minutes = replayed.decisions["waiting_minutes"].dropna()
        now = float((minutes <= 0).mean()) if len(minutes) else 0.0
        given = (replayed.leads["first_response_at"] - replayed.leads["created_at"]).dropna()
        text = f"In a replay of {len(replayed.decisions):,} leads {percent(now)} find a rep at work"
        said.append(text + ".")
        if len(given):
            hours = (given.dt.total_seconds() / 3600).median()
            said.append(
                f"{percent(len(given) / len(replayed.leads))} of them have an answer on record; "
                f"these waited {hours:.1f} hours for it (median)."
            )
        quality = tables["lead_score_quality"].set_index("measure")
        if "area under the curve" in quality.index:
            top = {name: quality[name].to_dict()["share in the top tenth"]
                   for name in ("value", "base_value")}  # fmt: skip
            said.append(
                f"In the top tenth of the lead score {percent(top['value'])} are "
                f"{replayed.score.target}, of all {percent(top['base_value'])}, on leads that came "
                "later."
            )
    return [*said, *simulation.headlines, *service_line(tables["lead_service"]),
            *exposure_line(tables["rep_exposure"])]  # fmt: skip


def missing_notes(
    leads: pd.DataFrame | None, crew: Crew, replayed: Routing | None
) -> dict[str, str]:
    """Say what was not computed, and what would supply it."""
    found = {}
    if leads is None or leads.empty:
        found["routes, score, matches"] = (
            "table leads is missing or has no rows: nothing can be routed or scored; the "
            "simulator assumes arrivals"
        )
    if crew.people.empty:
        found["reps"] = "no rep can get leads (table reps): everything goes to the catch-all"
    elif not crew.is_ranked:
        found["ranking"] = "tables rep_scores and rep_tiers are missing: all reps are equal"
    if replayed is not None and replayed.score.missing:
        found["lead score"] = replayed.score.missing
    return found


def notes_table(
    lines: list[str], *, replayed: Routing | None, missing: Mapping[str, str],
    simulation: Simulation, settings: RoutingSettings, as_of: date,
) -> pd.DataFrame:  # fmt: skip
    """Give all notes as rows of table ``routing_notes``."""
    careful: list[tuple[str, str]] = []
    if replayed is not None:
        careful += [(f"leads {at}", text) for at, text in enumerate(replayed.findings, start=1)]
        if len(replayed.refused):
            careful.append(("refused rows", f"{len(replayed.refused)} rows were not taken: "
                            f"{replayed.refused['reason'].iloc[0]}"))  # fmt: skip
        doubtful = int((~replayed.matches["is_used"]).sum())
        if doubtful:
            careful.append(("matches", f"{doubtful} leads may belong to an account: lead_matches "
                            "lists them for a person"))  # fmt: skip
        careful += [
            ("lead score", f"leaves out {name.removeprefix('is_').replace('_', ' ')}, which {why}")
            for name, why in replayed.score.refused.items()
        ]
        if settings.open_cap is not None:
            careful.append((
                "replay", "the cap of open leads (routing.open_cap) is not used, as the replay "
                "does not know when its reps would have answered",
            ))  # fmt: skip
    careful += [(f"simulated {name}", text) for name, text in simulation.basis.items()]
    careful.append((
        "simulated choice", "every rep may get any lead, whatever its region, account owner or "
        "skill (policy geography: reps of its region); the rules in force ask owner and territory "
        "first, so the replay, not the simulator, says how soon their leads are begun",
    ))  # fmt: skip
    careful.append((
        "simulator", "a model, not evidence: response decay, skill spread and work on a lead are "
        "assumptions of plan.yaml, section simulator; change them and look again",
    ))  # fmt: skip
    careful += _kept_up(settings, as_of)
    return note_rows({
        "headline": lines,
        "caution": careful,
        "missing": missing,
        "definition": [
            *DEFINITIONS.items(), *POLICY_WORDS.items(),
            *((name, f"{what} ({unit})") for name, (unit, what) in MEASURES.items()),
            *((name, f"{what} (points)") for name, what in GAINS.items()),
        ],
        "rule": describe_rules(settings),
    })  # fmt: skip


def _kept_up(settings: RoutingSettings, as_of: date) -> list[tuple[str, str]]:
    """Say whether somebody answers for the rules, and whether they are looked at again."""
    found = []
    if not settings.owner:
        found.append(("rules", "nobody is named who answers for them (routing.owner)"))
    if settings.review_date is None:
        found.append(("rules", "no day is set by which they are reviewed again "
                      "(routing.review_date)"))  # fmt: skip
    elif settings.review_date < as_of:
        found.append(("rules", f"their review was due on {settings.review_date.isoformat()}"))
    return found


def describe_rules(settings: RoutingSettings) -> list[str]:
    """Say the rules in force in sentences, for everyone whom they concern."""
    chain = ", ".join(one.replace("_", " ") for one in settings.chain) or "no rule before it"
    owner = f", answered for by {settings.owner}" if settings.owner else ""
    until = settings.review_date
    review = "" if until is None else f", to be reviewed by {until.isoformat()}"
    policy = settings.policy.replace("_", " ")
    if settings.unit_policies:
        others = ", ".join(f"{unit} {name.replace('_', ' ')}"
                           for unit, name in settings.unit_policies.items())  # fmt: skip
        policy = f"{policy} ({others})"
    caps = [] if settings.daily_cap is None else [f"{settings.daily_cap} a day"]
    caps += [] if settings.open_cap is None else [f"{settings.open_cap} open"]
    caps += [f"{cap} a day by {name}" for name, cap in
             {**settings.rule_caps, **settings.grade_caps}.items()]  # fmt: skip
    return [
        f"Rules version {settings.version}{owner}{review}.",
        f"Same person first, then {chain}, then policy {policy}; the first that finds a rep "
        "decides; else the catch-all, with the reason.",
        *([_UNITS] if settings.units == "require" else []),
        f"Work is from {settings.work_start} to {settings.work_end} local time; a lead waits at "
        f"most {settings.wait_hours} hours for a rep, {settings.owner_wait_hours} for an owner.",
        f"Answer within {settings.deadline_minutes} minutes of the rep's working time, then the "
        "lead goes to somebody else; this holds for every grade.",
        f"Caps: {', '.join(caps) or 'none'}. New reps get grades "
        f"{', '.join(settings.ramp_grades)} for {settings.ramp_days} days.",
        f"Customers are called from {settings.customer_start} to {settings.customer_end} of their "
        "own time; at other hours the first answer is a mail.",
        f"{percent(settings.floor_share)} of the leads go by turn, whatever the rank. Statuses "
        "that "
        f"give the turn back: {', '.join(settings.credit_statuses) or 'none'}.",
    ]


def compare_policies(
    policy_results: pd.DataFrame, scenario: str, currency: str = ""
) -> pd.DataFrame:
    """
    Give the figures of all policies without a floor side by side, each as its unit is read.

    Parameters
    ----------
    policy_results
        Table ``policy_results``.
    scenario
        One of its scenarios.
    currency
        That of amounts, as their unit.

    Returns
    -------
    DataFrame
        One row per measure: ``measure`` in words, ``unit``, and a column of text per policy, those
        with the most wins first.
    """
    rows = policy_results[(policy_results["scenario"] == scenario)
                          & (policy_results["floor_share"] == 0)
                          & ~policy_results["measure"].isin(list(GAINS))]  # fmt: skip
    if rows.empty:
        return pd.DataFrame(columns=["measure", "unit"])
    values = rows["value"].astype("float64")
    rows = rows.assign(text=[_figure(value, unit) for value, unit in
                             zip(values, rows["unit"], strict=True)])  # fmt: skip
    wide = rows.pivot(index="measure_order", columns="policy", values="text").sort_index()
    wins = rows[rows["measure"] == "wins"].sort_values(["value", "policy"], ascending=[False, True])
    wide = wide[wins["policy"].tolist()].rename(columns=lambda name: name.replace("_", " "))
    facts = rows.drop_duplicates("measure_order").set_index("measure_order").sort_index()
    wide.insert(0, "measure", facts["measure"].str.replace("_", " "))
    wide.insert(1, "unit", facts["unit"].replace({"amount": currency or "amount"}))
    return wide.reset_index(drop=True).rename_axis(columns=None)


def _figure(value: float, unit: str) -> str:
    if value != value:  # not known
        return ""
    if unit == "share":
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if unit in ("amount", "minutes", "wins", "months") else f"{value:,.2f}"
