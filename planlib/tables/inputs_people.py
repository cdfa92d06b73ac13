"""Input tables about people: reps, their history, absence, holidays, pay plans, experts."""

from planlib.tables.contract import Column, Table

REP_ID = Column("rep_id", "id", "Sales person in the CRM", required=True, example="R-01")

TABLES = [
    Table(
        "reps",
        "input",
        "One sales person, manager or open seat.",
        ("rep_id",),
        (
            REP_ID,
            Column("name", "text", "Name", example="Kim Lee"),
            Column("manager_id", "id", "Manager (administrative line)"),
            Column("functional_manager_id", "id", "Functional lead, such as key-account director"),
            Column("role", "text", "Role, such as AE, BDR, SDR, manager", example="AE"),
            Column("level", "text", "Level within the role"),
            Column("unit", "text", "Business unit"),
            Column("region", "text", "Sales region"),
            Column("country", "text", "Country of the place of work"),
            Column("province", "text", "State or province of the place of work"),
            Column("city", "text", "City of the place of work"),
            Column("latitude", "number", "Latitude of the place of work", "degrees", ge=-90, le=90),
            Column(
                "longitude", "number", "Longitude of the place of work", "degrees", ge=-180, le=180
            ),
            Column(
                "skills",
                "text",
                "Industries, products or skills, separated by ;",
                example="Retail;Data platform",
            ),
            Column("languages", "text", "Languages, separated by ;"),
            Column("time_zone", "text", "IANA time zone", example="Europe/Berlin"),
            Column("calendar", "text", "Holiday calendar", example="DE"),
            Column("hire_date", "date", "First day"),
            Column("leave_date", "date", "Last day; blank: still here"),
            Column("leave_reason", "text", "Why the person left", sensitive="retention"),
            Column("is_open_seat", "bool", "A post that is not filled yet"),
            Column("capacity_hours", "number", "Selling hours a year", "hours", ge=0),
            Column("quota", "amount", "Yearly quota", ge=0, sensitive="pay"),
        ),
        refs={"manager_id": ("reps", "rep_id"), "functional_manager_id": ("reps", "rep_id")},
        spans=(("hire_date", "leave_date"),),
    ),
    Table(
        "rep_history",
        "input",
        "Where a rep stood in the organisation, by date.",
        ("rep_id", "effective_from"),
        (
            REP_ID,
            Column("effective_from", "date", "First day of this state", required=True),
            Column("effective_to", "date", "Last day; blank: until today"),
            Column("manager_id", "id", "Manager at that time"),
            Column("role", "text", "Role at that time"),
            Column("level", "text", "Level at that time"),
            Column("unit", "text", "Business unit at that time"),
            Column("region", "text", "Sales region at that time"),
        ),
        refs={"rep_id": ("reps", "rep_id"), "manager_id": ("reps", "rep_id")},
        spans=(("effective_from", "effective_to"),),
    ),
    Table(
        "availability",
        "input",
        "Days or hours on which a rep is away.",
        (),
        (
            REP_ID,
            Column("start_date", "date", "First day away", required=True),
            Column("end_date", "date", "Last day away", required=True),
            Column(
                "kind",
                "category",
                "Why",
                allowed=("leave", "sick", "training", "meeting", "parental", "other"),
            ),
            Column("away_share", "share", "Share of the working time away; blank: all of it"),
        ),
        refs={"rep_id": ("reps", "rep_id")},
        spans=(("start_date", "end_date"),),
    ),
    Table(
        "holidays",
        "input",
        "Public holidays, and weekend days that are worked instead.",
        ("calendar", "holiday_date"),
        (
            Column(
                "calendar", "text", "Calendar, such as a country code", required=True, example="CN"
            ),
            Column("holiday_date", "date", "The day", required=True, example="2026-02-17"),
            Column("name", "text", "Name of the holiday", example="Spring Festival"),
            Column("is_workday", "bool", "True for a make-up working day on a weekend"),
        ),
    ),
    Table(
        "pay_plans",
        "input",
        "Pay plan of a role.",
        ("role", "effective_from"),
        (
            Column("role", "text", "Role", required=True, example="AE"),
            Column("effective_from", "date", "First day of the plan", required=True),
            Column("base_pay", "amount", "Yearly base pay", ge=0, sensitive="pay"),
            Column(
                "variable_pay",
                "amount",
                "Yearly variable pay at 100 % attainment",
                ge=0,
                sensitive="pay",
            ),
            Column("quota", "amount", "Yearly quota behind the plan", ge=0, sensitive="pay"),
            Column(
                "threshold_share",
                "share",
                "Attainment below which nothing is paid",
                le=10,
                sensitive="pay",
            ),
            Column(
                "accelerator", "number", "Multiple of the rate above 100 %", ge=0, sensitive="pay"
            ),
            Column(
                "cap_share",
                "share",
                "Attainment above which no more is paid",
                le=100,
                sensitive="pay",
            ),
            Column("draw_amount", "amount", "Guaranteed advance a month", ge=0, sensitive="pay"),
            Column(
                "deal_types",
                "text",
                "Deal types that count for the plan, separated by ;; blank: not known",
                example="new;expansion",
            ),
        ),
    ),
    Table(
        "experts",
        "input",
        "One scarce expert: solution, delivery, product, test.",
        ("expert_id",),
        (
            Column("expert_id", "id", "Expert", required=True),
            Column("name", "text", "Name"),
            Column("line", "text", "Line, such as solution, delivery, product, test"),
            Column("skills", "text", "Skills, separated by ;"),
            Column("province", "text", "State or province of the place of work"),
            Column("city", "text", "City of the place of work"),
            Column("hours_per_week", "number", "Hours a week for projects", "hours", ge=0, le=168),
            Column("available_from", "date", "First day available"),
            Column("available_to", "date", "Last day available"),
            Column("cost_per_hour", "amount", "Cost of an hour", ge=0, sensitive="pay"),
        ),
        spans=(("available_from", "available_to"),),
    ),
]
