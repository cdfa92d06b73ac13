"""Tables of the running year: target, won so far, what is left, by level and by rep (04_quotas)."""

from planlib.tables.contract import Column, Table

STEP = "04_quotas"


def _group(name: str, meaning: str, kind: str = "amount", **limits: float) -> Column:
    """Give a figure that tells a person's quota where few people stand behind it."""
    return Column(name, kind, meaning, guard="pay", **limits)  # type: ignore[arg-type]


def _pay(name: str, meaning: str, kind: str = "amount", **limits: float) -> Column:
    return Column(name, kind, meaning, sensitive="pay", **limits)  # type: ignore[arg-type]


_WIDE = {"ge": -1e6, "le": 1e6}  # a tiny target makes a huge share: that is data, not a fault

TABLES = [
    Table(
        "quota_year",
        "output",
        "The running year at one level: target, won so far, left, what people can still sell, "
        "chance given what is won.",
        ("cut", "cut_value"),
        (
            Column("cut", "category", "What the level is",
                   allowed=("company", "manager", "unit", "region"), required=True),
            Column("cut_value", "text", "company, manager, unit or region; blank id: not assigned",
                   required=True),
            Column("name", "text", "Name"),
            Column("parent_id", "id", "Level above, of managers"),
            Column("depth", "int", "Steps below the company, of managers", ge=0),
            Column("carriers_count", "int", "Reps and posts with a quota below it", ge=0),
            Column("is_group", "bool", "Whether enough people stand behind the amounts to show "
                   "them to audiences that may not see pay", required=True),
            _group("target_amount", "Target of the year of the company; of other levels the "
                   "blended target: top-down and bottom-up, so that managers add up to it"),
            _group("stated_amount", "Target that people have set for the level; blank: none"),
            Column("target_basis", "text", "Where target_amount comes from"),
            Column("is_assumed", "bool", "Whether the company's target is an assumption"),
            Column("won_until", "date", "Last day that counts as won", required=True),
            Column("won_amount", "amount", "Won from the first day of the year until then"),
            Column("won_basis", "text", "What is counted as won"),
            _group("won_share", "won_amount / target_amount", "share", **_WIDE),
            Column("due_share", "share", "Part of the target due until then: days, weighted by the "
                   "targets of months or quarters where those are set"),
            _group("due_amount", "target_amount x due_share"),
            _group("remaining_amount", "target_amount less won_amount; never below zero"),
            _group("rest_low", "What people can sell in the rest of the year: one future in ten "
                   "is below"),
            _group("rest_amount", "The same, median of the futures"),
            _group("rest_high", "The same: one future in ten is above"),
            Column("months_left", "number", "Months left after the last day", "months", ge=0),
            _group("rate_amount", "Won in a month so far"),
            _group("needed_rate_amount", "remaining_amount / months_left"),
            _group("probability", "Share of futures in which won and rest reach the target, at the "
                   "quotas in force", "share"),
            _group("plan_probability", "The same if sales follow the quotas of the plan as "
                   "plan.yaml says", "share"),
        ),
        step=STEP,
    ),
    Table(
        "quota_to_date",
        "output",
        "Quota of one rep to date: attained, due, left, and the rate that is needed.",
        ("rep_id",),
        (
            Column("rep_id", "id", "Rep with a quota", required=True),
            Column("manager_id", "id", "Manager"),
            Column("unit", "text", "Business unit"),
            Column("region", "text", "Sales region"),
            Column("role", "text", "Role"),
            Column("won_until", "date", "Last day that counts as won", required=True),
            _pay("ramped_quota_amount", "Quota in force of the year: ramp, presence and first or "
                 "last day taken into account"),
            _pay("won_amount", "Won from the first day of the year until then"),
            _pay("attainment_share", "won_amount / ramped_quota_amount", "share", **_WIDE),
            _pay("due_amount", "Part of the quota in force that is due until then"),
            _pay("pace_share", "won_amount / due_amount", "share", **_WIDE),
            _pay("remaining_amount", "Quota in force less won; never below zero"),
            _pay("rate_amount", "Won in a month so far"),
            _pay("needed_rate_amount", "remaining_amount / months that the rep has left in the "
                 "year"),
            _pay("plan_quota_amount", "Quota of the plan"),
            _pay("plan_attainment_share", "won_amount / plan_quota_amount", "share", **_WIDE),
            _pay("plan_needed_rate_amount", "Quota of the plan less won, in each month left"),
        ),
        step=STEP,
    ),
]  # fmt: skip
