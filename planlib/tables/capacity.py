"""Tables of capacity: hires that are planned; months, cohorts, ramp, leavers (step 04_quotas)."""

from functools import partial

from planlib.tables.contract import Column, Table
from planlib.tables.declare import output_table

STEP = "04_quotas"

_CUT = Column("cut", "category", "How people are cut", required=True,
              allowed=("total", "unit", "region", "role", "segment"))  # fmt: skip
_VALUE = Column("cut_value", "text", "Value of the cut; all for the total", required=True)
_MONTH = Column("month_date", "date", "First day of the month", required=True)
_GROUP = Column("is_group", "bool", "Whether enough people stand behind the amounts, also by "
                "subtraction, to show them to audiences that may not see pay",
                required=True)  # fmt: skip
_ROLE = Column("role", "text", "Role; all roles: over all of them", required=True)
_FROM = Column("tenure_from", "int", "First month of tenure of the band", "months", required=True,
               ge=0)  # fmt: skip
_TO = Column("tenure_to", "int", "Month of tenure before which the band ends; blank: open",
             "months", ge=1)  # fmt: skip

_output = partial(output_table, STEP)

TABLES = [
    Table(
        "hiring_plan",
        "input",
        "Hires that are planned beyond the open seats of table reps.",
        ("hire_plan_id",),
        (
            Column("hire_plan_id", "id", "Line of the plan", required=True, example="HP-01"),
            Column("role", "text", "Role that is hired", example="AE"),
            Column("unit", "text", "Business unit"),
            Column("region", "text", "Sales region"),
            Column("manager_id", "id", "Manager; blank: that of most people of unit and region"),
            Column("start_date", "date", "First day", required=True, example="2026-07-01"),
            Column("hires_count", "int", "How many", "people", ge=1, example="2"),
            Column("quota", "amount", "Full yearly quota of each; blank: that of the role", ge=0,
                   sensitive="pay"),
        ),
        refs={"manager_id": ("reps", "rep_id")},
    ),
    _output(
        "capacity_months",
        "Capacity of one month: people, effective reps and what they can sell, with intervals.",
        ("scenario", "cut", "cut_value", "month_date"),
        Column("scenario", "text", "plan, or a scenario of plan.yaml", required=True),
        _CUT,
        _VALUE,
        _MONTH,
        Column("heads_count", "number", "People there, weighted by days (mean)", "people", ge=0),
        Column("effective_low", "number", "Effective reps: one future in ten is below", "reps"),
        Column("effective_reps", "number",
               "Sum of ramp x presence x productivity (median of the futures)", "reps"),
        Column("effective_high", "number", "Effective reps: one future in ten is above", "reps"),
        _GROUP,
        Column("ramped_quota_amount", "amount", "Effective reps x quota in force of a month",
               guard="pay"),
        Column("capacity_low", "amount", "Capacity: one future in ten is below", guard="pay"),
        Column("capacity_amount", "amount", "Ramped quota x usual attainment of the role (median)",
               guard="pay"),
        Column("capacity_high", "amount", "Capacity: one future in ten is above", guard="pay"),
        Column("target_amount", "amount", "Target of the year / 12; blank outside the plan year"),
        Column("required_reps", "number",
               "Fully ramped reps needed: target / (mean quota in force x usual attainment)",
               "reps", guard="pay"),
        Column("is_past", "bool", "The month was over at the as-of date", required=True),
    ),
    _output(
        "capacity_cohorts",
        "People and effective reps of one hire cohort in one month (plan, means).",
        ("cohort", "month_date"),
        Column("cohort", "text", "Half-year of hiring, open seats, planned hires, replacements",
               required=True),
        _MONTH,
        Column("heads_count", "number", "People there, weighted by days", "people", ge=0),
        Column("effective_reps", "number", "Sum of ramp x presence x productivity", "reps", ge=0),
    ),
    _output(
        "ramp_curves",
        "Share of full productivity in one month of tenure.",
        ("role", "tenure_month"),
        _ROLE,
        Column("tenure_month", "int", "Whole months of tenure before it", "months", required=True,
               ge=0),
        Column("observed_share", "number",
               "Attained / quota of reps in this month of tenure, over that of ramped reps", "x"),
        Column("fitted_share", "share", "The same made monotone (isotonic regression)"),
        Column("ramp_share", "share", "Used: fitted, shrunk to the fallback by own_weight",
               required=True),
        Column("rep_months", "int", "Rep-months behind the observed share", ge=0),
        Column("own_weight", "share", "Weight of the own curve; the rest is the fallback"),
        Column("basis", "category", "Best source of the curve",
               allowed=("fitted", "all roles", "stated"), required=True),
    ),
    _output(
        "tenure_productivity",
        "Productivity of ramped reps of one tenure band; 1 is the mean of all ramped reps.",
        ("role", "tenure_from"),
        _ROLE,
        _FROM,
        _TO,
        Column("rep_months", "int", "Rep-months of the band", ge=0),
        Column("productivity_raw", "number", "Attained / quota of the band over that of all", "x"),
        Column("productivity", "number", "Used: shrunk to 1", "x", required=True, ge=0),
    ),
    _output(
        "exit_hazards",
        "Chance that a person of a role and tenure band leaves within a month.",
        ("role", "tenure_from"),
        _ROLE,
        _FROM,
        _TO,
        Column("exposure_months", "int", "Months at risk that were wholly observed", ge=0),
        Column("leaver_count", "int", "People who left in them", ge=0, sensitive="retention"),
        Column("hazard_raw", "share", "Leavers / months at risk", sensitive="retention"),
        Column("pooled_hazard", "share", "Hazard of the band over all roles"),
        Column("own_weight", "share", "Weight of the own hazard; the rest is the pooled one"),
        Column("hazard", "share", "Used: own and pooled by weight", required=True),
        Column("low", "share", "Lower end of the 80 % interval"),
        Column("high", "share", "Upper end of the 80 % interval"),
        Column("basis", "category", "What the hazard rests on",
               allowed=("own and pooled", "pooled", "stated"), required=True),
    ),
    _output(
        "capacity_alignment",
        "Share of capacity against share of the goal, by unit, region or segment.",
        ("cut", "cut_value"),
        _CUT,
        _VALUE,
        _GROUP,
        Column("ramped_quota_amount", "amount", "Ramped quota of the year, quotas in force",
               guard="pay"),
        Column("capacity_share", "share", "Its share of all capacity", guard="pay"),
        Column("goal_amount", "amount", "Target, else potential of the accounts"),
        Column("goal_share", "share", "Its share of all goals"),
        Column("difference", "share", "Share of capacity less share of goal; times 100 it is in "
               "percentage points", ge=-1.0, guard="pay"),
        Column("goal_basis", "category", "What the goal is; without targets by unit or region the "
               "potential stands at the unit or region of the rep who owns the account in the "
               "plan, which need not be that of the account",
               allowed=("targets", "potential of the accounts its people own",
                        "potential of accounts")),
    ),
    _output(
        "capacity_pipeline",
        "Whether leads x conversion feed the capacity: one measure.",
        ("measure",),
        Column("measure_order", "int", "Order", required=True, ge=1),
        Column("measure", "text", "What is measured", required=True),
        Column("value", "number", "Figure"),
        Column("unit_of_value", "text", "Unit of the figure"),
        Column("definition", "text", "How it is computed"),
    ),
]  # fmt: skip
