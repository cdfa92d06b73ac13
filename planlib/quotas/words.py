"""What a reader must know of capacity and quotas: headlines, cautions, what is missing, rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.capacity.history import BOOKED
from planlib.capacity.ramp import RAMPED, short_ramps
from planlib.notes import percent
from planlib.quotas.gather import MONTHS, PLANNED_OWNERS, World, simulated_years

if TYPE_CHECKING:
    from planlib.quotas.plan import QuotaPlan

Note = tuple[str, str]

DEFINITIONS: dict[str, str] = {
    "effective reps": "sum over people of ramp(tenure) x presence x productivity(role, tenure); "
    "only roles that carry a quota of their own",
    "ramped quota": "full yearly quota in force x mean of ramp, presence and productivity over the "
    "twelve months of the plan year",
    "capacity": "ramped quota x usual attainment of the role",
    "street quota": "sum of the ramped quotas of all reps and posts",
    "attainment factor": "target / street quota: the share of the quotas that must be attained",
    "over-assignment": "street quota / target = 1 / attainment factor",
    "chance to reach the target": "share of simulated years in which all reps together attain at "
    "least the target; leavers and late hires take their part away",
    "bottom-up": "weighted mean of three parts: potential of the accounts x capture rate x ramped "
    "share; won in the last twelve months x growth; ramped quota x usual attainment",
    "blend": "lambda x top-down + (1 - lambda) x bottom-up x (target / sum of bottom-up); adds up "
    "to the target to the cent for every lambda",
    "blended target": "the company's target as it is; below it top-down and bottom-up, weighed so "
    "that managers, units and regions each add up to it; set target: what people have set for the "
    "level, which need not be the blended one",
    "changes within the year": "amounts are quotas of the plan; at a year's pace: quota of the "
    "plan / days there x days of the year; a decision is set as a yearly quota already",
    "stretch": "quota of the plan / bottom-up estimate of the rep",
    "share of the goal": "capacity by unit and region is that of the people there; without targets "
    "the goal is the potential of the accounts that these people own by the territory plan, else "
    "today. Segmentation (02) counts people and potential by the unit of the account instead: both "
    "differ where people own accounts of other units",
    "required reps": "target of the year / 12 / (mean full quota of a month x usual attainment); "
    "targets of quarters or months are left out there, since capacity knows no season either",
    "won to date": "won from the first day of the year until the as-of date, by the rep credited; "
    "it counts for the team in which that rep is today, so that what leavers won stays with their "
    "manager; what names nobody of the hierarchy stands in a row of its own, and all add up",
    "due": "target x share of the year that is over, by days and by the targets of months or "
    "quarters where those are set; for a rep by the months in which ramp and presence let it sell",
    "rest of the year": "what reps and posts sell from the as-of date on: usual attainment x "
    "ramped quota of the rest, with leavers and late hires simulated; open deals are not looked "
    "at, the forecast of 06_pipeline does that",
    "chance given what is won": "share of futures in which won to date and the rest of the year "
    "reach the target; the rest spreads as parts of past years did, and the factor that all reps "
    "share leans to what the year has shown as far as its noise allows",
    "needed rate": "what is left of target or quota in each month that is left",
    "interval": "from the futures: one in ten is below its lower end, one in ten above its upper",
}

_MISSING: dict[str, str] = {
    "targets": "the target is an assumption (quotas.target_amount or growth_share of plan.yaml)",
    "opportunities": "deals won, sales cycle and feed by leads are not known",
    "bookings": "attained amounts come from deals won in the CRM, not from finance",
    "leads": "whether leads feed the capacity cannot be checked",
    "segments": "potential of accounts comes from table accounts where given, else that part of "
    "the bottom-up estimate is left out",
    "territories": "owners of accounts come from the territory plan or the CRM",
    "rep_history": "months at risk count for the role of today",
    "availability": "nobody is taken for away",
    "pay_plans": "a rep without a quota takes that of the role in the unit, or of the role",
    "hiring_plan": "only the open seats of table reps are hired",
}


def headlines(world: World, tables: Mapping[str, pd.DataFrame], currency: str) -> list[str]:
    """Say what a leader should know first; no single rep is named."""
    so_far = _so_far_lines(world, tables["quota_year"], currency)
    lines = [*so_far, *_capacity_lines(world, tables["capacity_months"], currency)]
    street = _street(tables)
    if not street:
        return [*lines, "No quotas are planned: see what is missing."]
    now, plan = street["in force"], street["plan"]
    target = _money(now["target_amount"], currency)
    lines.append(
        f"Target {world.year.name}: {target} ({world.target.basis}). Ramped quotas in force add up "
        f"to {_money(now['street_amount'], currency)}: {_percent(now['attainment_factor'])} of "
        f"them must be attained; usual is {_percent(world.spread.default_level)}."
    )
    lines.append(
        f"Over the whole year, at the quotas in force, the target is reached in "
        f"{_percent(now['probability'])} of the "
        f"simulated years; attained is {_money(now['attained_low'], currency)} to "
        f"{_money(now['attained_high'], currency)} in eight of ten."
    )
    lines.append(
        f"Quotas of the plan: {_money(plan['street_amount'], currency)}, over-assignment "
        f"{_percent(plan['over_assignment'])}: the target is reached in "
        f"{_percent(plan['probability'])} of the simulated years, if reps follow quotas above "
        f"their usual amount {_followed(world.quotas.quota_response)}."
    )
    gap = tables["quota_gap"]
    if len(gap):
        amount = float(gap["gap_amount"].iloc[0])
        word = "below" if amount > 0 else "above"
        said = "; ".join(_option(row, currency) for row in gap.to_dict("records"))
        lines.append(f"Bottom-up is {_money(abs(amount), currency)} {word} the target. To decide: "
                     f"{said}.")  # fmt: skip
    flagged = tables["quotas"]["flag"].value_counts()
    lines.append(
        f"{int(flagged.get('stretched', 0))} of {len(tables['quotas'])} quotas are stretched (from "
        f"{world.quotas.stretch_high:g} times bottom-up), {int(flagged.get('slack', 0))} are slack."
    )
    return lines


def cautions(
    world: World, tables: Mapping[str, pd.DataFrame], planned: QuotaPlan | None
) -> list[Note]:
    """Say what weakens the figures, with the figures."""
    found = short_ramps(world.productivity, world.cycles)
    if world.target.is_weak:
        found.append(("target", world.target.basis))
    if planned is not None:
        found += _plan_cautions(world, tables, planned)
    pipeline = tables["capacity_pipeline"].set_index("measure")["value"]
    cover = pipeline.get("cover by leads")
    if cover is not None and cover < 1:
        found.append(("leads", f"leads feed {_percent(cover)} of the capacity that lives on them; "
                      f"{pipeline['leads needed a month']:.0f} a month are needed, "
                      f"{pipeline['leads a month']:.0f} come in"))  # fmt: skip
    if world.won is not None:
        found.append(("past quotas", "former quotas are not known: past attainment is measured "
                      "against the quotas in force today"))  # fmt: skip
    if planned is not None and world.as_of >= pd.Timestamp(world.year.start):
        found.append(("running year", f"{world.year.name} has begun; over-assignment is chosen for "
                      "the whole year, as if it began today. The chance given what is won stands "
                      "in table quota_year; open deals are looked at by the forecast of "
                      "06_pipeline alone"))  # fmt: skip
    wrong = len(tables["quota_findings"])
    if wrong:
        found.append(("input", f"{wrong} row{'s are' if wrong > 1 else ' is'} wrong or cannot be "
                      "kept; table quota_findings names each"))  # fmt: skip
    return found


def missing_notes(world: World, planned: QuotaPlan | None) -> list[Note]:
    """Say what was not computed or only by a weaker method, and what would supply it."""
    found = [(name, f"table {name} is missing: {text}") for name, text in _MISSING.items()
             if world.tables.get(name) is None]  # fmt: skip
    found += [(topic, note) for topic, note, is_best in _bases(world, planned) if not is_best]
    if planned is None:
        why = "nobody carries a quota" if world.carriers.empty else world.target.basis
        found.append(("quotas", f"no quotas are planned: {why}"))
    sources = world.carriers["quota_source"].value_counts().sort_index()
    others = "; ".join(f"{count} from: {name}" for name, count in sources.items() if name != "own")
    if others:
        found.append(("quotas in force", f"of {len(world.carriers)} carriers, {others}"))
    return found


def _bases(world: World, planned: QuotaPlan | None) -> list[tuple[str, str, bool]]:
    """Give what figures rest on: topic, basis, and whether there is none better."""
    spread = world.spread
    found = [
        ("won amounts", world.won_basis, world.won_basis == BOOKED),
        ("owners", world.owners_basis, world.owners_basis == PLANNED_OWNERS),
        *(("attainment", note, note not in spread.stated) for note in spread.notes),
    ]
    if planned is not None:
        found.append(("growth", planned.trend.note, planned.trend.is_known))
    return found


def rules(world: World, planned: QuotaPlan | None) -> list[Note]:
    """Say how capacity and quotas were computed, with the settings in force."""
    found = [(topic, note) for topic, note, is_best in _bases(world, planned) if is_best]
    curves = world.productivity.ramp.drop_duplicates("role").set_index("role")
    for role in sorted(set(world.carriers["role"])):
        row = curves.loc[role]
        found.append((f"ramp of {role}", f"{row['basis']}, own hire cohorts weigh "
                      f"{_percent(row['own_weight'])}; {percent(RAMPED)} of full productivity "
                      "after "
                      f"{world.productivity.length(role)} months"))  # fmt: skip
    hazards = world.hazards
    left = int(hazards["leaver_count"].sum()) if len(hazards) else 0
    risk = int(hazards["exposure_months"].sum()) if len(hazards) else 0
    stated = len(hazards) > 0 and (hazards["basis"] == "stated").all()
    found.append(("leavers", (
        f"nobody left on record: {_percent(world.capacity.yearly_turnover)} a year as stated"
        if stated or not len(hazards)
        else f"{left} leavers in {risk:,} person-months of the last "
        f"{world.capacity.leaver_months} months; small roles lean on all roles"
    )))  # fmt: skip
    fill = world.fill
    found.append(("posts", f"a post is filled after {fill.days:.0f} days (mean, exponential"
                  + (f"; 80 % interval {fill.low:.0f} to {fill.high:.0f}" if fill.low == fill.low
                     else "") + f"), {fill.basis}; the new person ramps anew"))  # fmt: skip
    if planned is None:
        return found
    quotas = world.quotas
    found.append(("top-down", f"weight {_percent(quotas.top_down_share)}; spread by "
                  f"{quotas.top_down_by}, and by targets of regions, units, managers and reps "
                  "where people have set them"))  # fmt: skip
    found.append(("over-assignment", (
        f"the least with which the target is reached in {_percent(quotas.certainty)} of "
        f"{simulated_years(world):,} simulated years, at most {quotas.most_over:g}"
    )))  # fmt: skip
    return found


def _plan_cautions(
    world: World, tables: Mapping[str, pd.DataFrame], planned: QuotaPlan
) -> list[Note]:
    found: list[Note] = []
    street = _street(tables)
    if not planned.over.is_enough:
        found.append(("over-assignment", (
            f"even {planned.over.factor:g} times the target reaches it in only "
            f"{_percent(planned.over.probability)} of the simulated years, "
            f"{_percent(world.quotas.certainty)} are wanted: hire, or lower the target"
        )))  # fmt: skip
    now = street["in force"]["street_amount"]
    ratio = street["plan"]["street_amount"] / now if now > 0 else float("nan")
    if ratio > world.quotas.stretch_high:
        found.append(("higher quotas", (
            f"the quotas of the plan are {ratio:.2f} times those in force; that reps follow quotas "
            f"above their usual amount {_followed(world.quotas.quota_response)} is an assumption "
            "(quotas.quota_response). If they do not, the chance is "
            f"{_percent(street['in force']['probability'])}"
        )))  # fmt: skip
    stated = world.target.by_rep
    mine = float(stated[stated.index.isin(world.carriers["rep_id"])].sum())
    share = mine / world.target.amount if world.target.amount else 1.0
    if mine and abs(share - 1) > world.quotas.gap_share:
        found.append(("targets of reps", (
            f"those that are set add up to {_percent(share)} of the company's "
            "target; they are used as proportions"
        )))  # fmt: skip
    return found


def _street(tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, Any]]:
    """Give the figures of both sets of quotas; nothing where none are planned."""
    return {str(row["quota_set"]): {str(name): value for name, value in row.items()}
            for row in tables["quota_street"].to_dict("records")}  # fmt: skip


def _capacity_lines(world: World, months: pd.DataFrame, currency: str) -> list[str]:
    total = months[(months["scenario"] == "plan") & (months["cut"] == "total")]
    if total.empty:
        return ["Nobody carries a quota: see what is missing."]
    year = total[total["month_date"] <= pd.Timestamp(world.year.end)]
    ahead = year[~year["is_past"].astype(bool)]
    first, last = year.iloc[0], year.iloc[-1]
    lines = [
        f"{last['effective_reps']:.1f} effective reps in {last['month_date']:%Y-%m} (80 % interval "
        f"{last['effective_low']:.1f} to {last['effective_high']:.1f}), of "
        f"{last['heads_count']:.1f} people; {first['effective_reps']:.1f} in "
        f"{first['month_date']:%Y-%m}."
    ]
    if ahead["required_reps"].notna().any():
        short = int((ahead["effective_high"] < ahead["required_reps"]).sum())
        lines.append(
            f"A twelfth of the target needs {ahead['required_reps'].iloc[-1]:.1f} fully ramped "
            "reps in each month at the quotas in force and usual attainment; "
            f"{short} of the {len(ahead)} months ahead are short of that even in good futures."
        )
    yearly = year["capacity_amount"].sum()
    lines.append(f"Capacity {world.year.name}: {_money(yearly, currency)} "
                 f"(sum of the medians of {min(len(year), MONTHS)} months).")  # fmt: skip
    return lines


def _so_far_lines(world: World, year: pd.DataFrame, currency: str) -> list[str]:
    """Say what is won, what is left, what people can still sell, and the chance that leaves."""
    if year.empty or world.as_of < pd.Timestamp(world.year.start):
        return []
    row = year.iloc[0]
    day = f"{world.as_of:%Y-%m-%d}"
    if pd.isna(row["won_amount"]):
        return [f"What is won of {world.year.name} is not known: {row['won_basis']}."]
    lines = [
        f"Won of {world.year.name} until {day}: {_money(row['won_amount'], currency)} of "
        f"{_money(row['target_amount'], currency)}, {_percent(row['won_share'])} "
        f"({row['won_basis']}); due by then were "
        f"{_money(row['due_amount'], currency)}."
    ]
    if row["remaining_amount"] <= 0:
        return [*lines, "The target of the year is reached."]
    if row["months_left"] <= 0:
        return [*lines, f"The year is over, {_money(row['remaining_amount'], currency)} short."]
    lines.append(
        f"Left are {_money(row['remaining_amount'], currency)}, "
        f"{_money(row['needed_rate_amount'], currency)} in each of "
        f"{round(row['months_left'], 1):g} "
        f"months; so far it was {_money(row['rate_amount'], currency)} a month. People can still "
        f"sell {_money(row['rest_low'], currency)} to {_money(row['rest_high'], currency)} in "
        f"eight of ten futures: the chance to reach the target given what is won is "
        f"{_percent(row['probability'])} at the quotas in force."
    )
    return lines


def _option(row: dict, currency: str) -> str:  # type: ignore[type-arg]
    value, unit = row["value"], row["unit_of_value"]
    if unit == "amount":
        said = _money(value, currency)
    elif unit == "share":
        said = _percent(value)
    else:
        said = f"{value:,.1f} {unit}"
    words = {"hire": f"hire {said}", "price": f"prices up by {said}",
             "lower the target": f"lower the target to {said}",
             "accept the stretch": f"accept quotas of {said} bottom-up",
             "raise the target": f"raise the target by {said}"}  # fmt: skip
    return words[str(row["option"])].replace(" x bottom", " times bottom")


def _followed(response: float) -> str:
    """Say how far attained amounts follow quotas."""
    if response >= 1:
        return "in full"
    return f"with an exponent of {response:g}" if response > 0 else "not at all"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share == share else "unknown"


def _money(value: float, currency: str) -> str:
    """Write an amount in words of three digits."""
    size, unit = next(((one, name) for one, name in ((1e9, " B"), (1e6, " M"), (1e3, " k"))
                       if abs(value) >= one), (1.0, ""))  # fmt: skip
    scaled = value / size
    digits = (2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0) if unit else 0
    return f"{currency} {scaled:,.{digits}f}{unit}".strip()
