"""Tables about people in step 10_team: retention, onboarding, burn-out."""

from functools import partial
from typing import Any, Literal

from planlib.settings.team_people import INDICATORS
from planlib.tables.contract import Column, Table
from planlib.tables.declare import output_table, override_table
from planlib.tables.notes import NOTE_KEY, note_columns

STEP = "10_team"
CUTS = ("total", "role", "tenure_band")
CLOSE_CUTS = ("manager", "cause")
DRIVERS = ("peer_exits", "peer_spread", "performance", "target_jump")
COST_PARTS = ("vacancy", "ramp", "hiring", "total")
BANDS = ("low", "watch", "high", "unknown")
ALERTS = ("alert", "within limits", "not known", "too few people")

_RETENTION: Literal["retention"] = "retention"
_REP = Column("rep_id", "id", "Sales person in the CRM", required=True, example="R-01")
_LOW = "Lower end of its 95 % interval"
_HIGH = "Upper end of that interval"
_ROLE = Column("role", "text", "Role", required=True)
_GREY = Column("is_grey", "bool", "Too little behind it: read as a question", required=True)
_PEOPLE = Column("people_count", "int", "People behind it", ge=0)

_output = partial(output_table, STEP)


def _rates(sensitive: Literal["", "retention"]) -> tuple[Column, ...]:
    def number(name: str, meaning: str, unit: str = "", **more: Any) -> Column:
        return Column(name, "number", meaning, unit, sensitive=sensitive, ge=0, **more)

    return (
        Column("window_from", "date", "First day that counts", required=True),
        Column("window_to", "date", "Last day that counts", required=True),
        Column("people_count", "int", "People with any day in the group and window", ge=0,
               sensitive=sensitive),
        number("person_years", "Days there / 365.25, in the group and window", "years"),
        Column("leavers_count", "int", "Of these people, left in the group and window", ge=0,
               sensitive=sensitive),
        number("rate", "leavers_count / person_years", "per person-year"),
        number("low", _LOW + " (exact Poisson)", "per person-year"),
        number("high", _HIGH, "per person-year"),
        number("rate_shrunk", "The rate drawn to that of everybody (gamma-Poisson)",
               "per person-year"),
        number("shrunk_low", "Lower end of the 95 % interval of the true rate",
               "per person-year"),
        number("shrunk_high", _HIGH, "per person-year"),
        Column("year_share", "share", "1 - exp(-rate_shrunk): share that leaves within a year",
               sensitive=sensitive),
        _GREY,
        Column("note", "text", "What is merged in it, or why it is blank"),
    )  # fmt: skip


TABLES = [
    Table(
        "onboarding",
        "input",
        "One item of the onboarding programme of one person.",
        ("rep_id", "item"),
        (
            _REP,
            Column("item", "text", "Item, such as team guide, tool stack, accounts", required=True,
                   example="Team guide"),
            Column("is_method", "bool", "Whether the item teaches the common sales method"),
            Column("due_date", "date", "To be done by"),
            Column("done_date", "date", "Done on; blank: not done"),
        ),
        refs={"rep_id": ("reps", "rep_id")},
    ),
    Table(
        "one_on_ones",
        "input",
        "One talk of a manager with a member of the team alone.",
        (),
        (
            _REP,
            Column("meeting_date", "date", "Day of the talk", required=True),
            Column("manager_id", "id", "Manager"),
        ),
        refs={"rep_id": ("reps", "rep_id"), "manager_id": ("reps", "rep_id")},
    ),
    override_table(
        "team_remedies",
        "A remedy against strain in a team or process, and the indicator that it should move.",
        Column("team", "text", "Manager, unit or region as in burnout_bands; blank: all"),
        Column("indicator", "category", "Indicator that should improve", required=True,
               allowed=INDICATORS),
        Column("remedy", "text", "What is done", required=True),
        Column("start_date", "date", "First day", required=True),
        Column("owner", "text", "Who answers for it"),
    ),
    _output(
        "turnover",
        "Leavers for each person-year of a group that is large enough to be shown.",
        ("cut", "cut_value"),
        Column("cut", "category", "What makes the group", required=True, allowed=CUTS),
        Column("cut_value", "text", "Group; other groups: those too small alone", required=True),
        *_rates(""),
    ),
    _output(
        "turnover_close",
        "The same by manager and by cause: for allowed audiences alone.",
        ("cut", "cut_value"),
        Column("cut", "category", "What makes the group", required=True, allowed=CLOSE_CUTS),
        Column("cut_value", "text", "Manager, or cause of leaving", required=True,
               sensitive=_RETENTION),
        *_rates(_RETENTION),
    ),
    _output(
        "tenure_survival",
        "Share of a hire cohort that is still there after some months.",
        ("cohort", "tenure_months"),
        Column("cohort", "text", "Hire year, or all", required=True),
        Column("tenure_months", "int", "Months since the first day", "months", required=True, ge=0),
        Column("at_risk_count", "int", "People watched at this tenure", ge=0),
        Column("stayed_share", "share", "Still there (Kaplan-Meier; people who came before "
               "leavers are on record enter late)"),
        Column("low", "share", f"{_LOW}; blank as long as nobody left"),
        Column("high", "share", f"{_HIGH}; blank as long as nobody left"),
        Column("cohort_count", "int", "People of the cohort", ge=0),
        _GREY,
    ),
    _output(
        "exit_drivers",
        "Leavers at one level of a possible reason against all other levels.",
        ("driver", "driver_level"),
        Column("driver", "category", "Possible reason", required=True, allowed=DRIVERS),
        Column("driver_level", "text", "Its level", required=True),
        _PEOPLE,
        Column("person_years", "number", "Person-years at this level", "years", ge=0,
               sensitive=_RETENTION),
        Column("leavers_count", "int", "Leavers at this level", ge=0, sensitive=_RETENTION),
        Column("rate", "number", "leavers_count / person_years", "per person-year", ge=0,
               sensitive=_RETENTION),
        Column("ratio", "number", "Rate / rate of all other levels", "x", ge=0,
               sensitive=_RETENTION),
        Column("low", "number", _LOW + " (exact, given all leavers)", "x", ge=0,
               sensitive=_RETENTION),
        Column("high", "number", _HIGH, "x", ge=0, sensitive=_RETENTION),
        Column("p_adjusted", "share", "p-value of no difference, allowing for all levels of all "
               "reasons (Benjamini-Hochberg)", sensitive=_RETENTION),
        Column("finding", "text", "What own data say, in words", required=True,
               sensitive=_RETENTION),
    ),
    _output(
        "experience_curve",
        "What a person-month brings at one tenure.",
        ("role", "tenure_band"),
        Column("role", "text", "Role, or all", required=True),
        Column("tenure_band", "text", "Tenure", required=True),
        Column("band_order", "int", "Order of the band", required=True, ge=0),
        _PEOPLE,
        Column("person_months", "number", "Months there", "months", ge=0),
        Column("won_count", "int", "Deals won", ge=0),
        Column("won_amount", "amount", "Amount of these deals"),
        Column("month_amount", "amount", "won_amount / person_months"),
        Column("month_low", "amount", _LOW + " (by people)"),
        Column("month_high", "amount", _HIGH),
        Column("month_shrunk", "amount", "The same drawn to all bands together"),
        Column("deal_size", "amount", "won_amount / won_count"),
        Column("deal_low", "amount", _LOW + " (by people)"),
        Column("deal_high", "amount", _HIGH),
        _GREY,
        Column("note", "text", "Why it is blank"),
    ),
    _output(
        "leaver_costs",
        "One part of what it costs when one rep leaves.",
        ("role", "part"),
        _ROLE,
        Column("part", "category", "Part of the cost", required=True, allowed=COST_PARTS),
        Column("cost_amount", "amount", "What it costs; total: sum of the known parts"),
        Column("low", "amount", _LOW),
        Column("high", "amount", _HIGH),
        Column("is_complete", "bool", "Whether every part is known", required=True),
        Column("formula", "text", "How it is computed, with the figures used", required=True),
    ),
    _output(
        "onboarding_completion",
        "How far a cohort has come with an item of the onboarding programme.",
        ("cohort", "item"),
        Column("cohort", "text", "Hire half-year", required=True),
        Column("item", "text", "Item, or all", required=True),
        Column("is_method", "bool", "Teaches the common sales method", required=True),
        _PEOPLE,
        Column("due_count", "int", "Items due by the as-of date", ge=0),
        Column("done_count", "int", "Of these, done", ge=0),
        Column("on_time_count", "int", "Of these, by the due date", ge=0),
        Column("done_share", "share", "done_count / due_count"),
        Column("low", "share", _LOW + " (Wilson)"),
        Column("high", "share", _HIGH),
        Column("on_time_share", "share", "on_time_count / due_count"),
        _GREY,
    ),
    _output(
        "onboarding_variants",
        "What a variant of onboarding would do to turnover: a scenario, not a finding.",
        ("variant",),
        Column("variant", "text", "Variant", required=True),
        Column("first_year_share", "share", "Share of new reps who leave within a year"),
        Column("expected_tenure_years", "number", "Expected time with us, within 20 years",
               "years", ge=0),
        Column("leavers_a_year", "number", "Headcount / expected tenure, once settled", ge=0),
        Column("headcount", "int", "People the figure is for", ge=0),
        Column("saved_amount", "amount", "Fewer leavers a year x cost of a leaver; blank where the "
               "variant cannot be told from how it is"),
        Column("basis", "text", "What it rests on", required=True),
    ),
    _output(
        "method_consistency",
        "Whether teams work by one method: deals won that passed the usual stages.",
        ("team_by", "team"),
        Column("team_by", "category", "What makes the team", required=True,
               allowed=("all", "manager", "unit", "region")),
        Column("team", "text", "Team", required=True),
        _PEOPLE,
        Column("won_count", "int", "Deals won with a recorded course", ge=0),
        Column("usual_count", "int", "Of these, seen in every usual stage", ge=0),
        Column("usual_share", "share", "usual_count / won_count"),
        Column("low", "share", _LOW + " (Wilson)"),
        Column("high", "share", _HIGH),
        Column("finding", "text", "Whether teams differ beyond chance", required=True),
    ),
    _output(
        "burnout_indicators",
        "One indicator of strain of a team, against its limit and its own past.",
        ("team_by", "team", "indicator"),
        Column("team_by", "category", "What makes the team", required=True,
               allowed=("manager", "unit", "region")),
        Column("team", "text", "Team", required=True),
        Column("indicator", "category", "Indicator, as in the notes", required=True,
               allowed=INDICATORS),
        _PEOPLE,
        Column("value", "number", "Value in the recent months: sum / sum"),
        Column("count", "number", "Its denominator", ge=0),
        Column("past_value", "number", "The same in the months before"),
        Column("past_count", "number", "Its denominator", ge=0),
        Column("change_share", "number", "value / past_value - 1"),
        Column("change_z", "number", "Change in standard errors", "sd"),
        Column("others_value", "number", "The same of all other people, where it is compared"),
        Column("p_adjusted", "share", "Chance of this by noise alone, allowing for all cells "
               "with the same team_by (one-sided, Benjamini-Hochberg)"),
        Column("level_limit", "number", "Limit of the value"),
        Column("change_limit", "number", "Limit of the change, as a share"),
        Column("peers_limit", "number", "Limit of value / others_value - 1, as a share"),
        Column("status", "category", "Alert or not", required=True, allowed=ALERTS),
        Column("reason", "text", "Why, in words", required=True),
        Column("method", "text", "How it was computed"),
    ),
    _output(
        "burnout_bands",
        "Risk band of a team and its processes, with reasons; never of a person.",
        ("team_by", "team"),
        Column("team_by", "category", "What makes the team", required=True,
               allowed=("manager", "unit", "region")),
        Column("team", "text", "Team", required=True),
        _PEOPLE,
        Column("band", "category", "Risk band", required=True, allowed=BANDS),
        Column("alerts_count", "int", "Indicators with an alert", ge=0),
        Column("known_count", "int", "Indicators that could be computed", ge=0),
        Column("reasons", "text", "What is behind the band", required=True),
    ),
    _output(
        "team_remedies",
        "A remedy against strain, and how its indicator has moved since.",
        ("decision_id",),
        Column("decision_id", "id", "Decision in overrides/", required=True),
        Column("team", "text", "Team; all: everybody"),
        Column("indicator", "category", "Indicator", required=True, allowed=INDICATORS),
        Column("remedy", "text", "What is done", required=True),
        Column("start_date", "date", "First day", required=True),
        Column("owner", "text", "Who answers for it"),
        Column("before", "number", "Value in as many months before the start"),
        Column("after", "number", "Value since the start, at most past_months"),
        Column("change", "number", "after - before"),
        Column("low", "number", "Lower end of its 90 % interval"),
        Column("high", "number", _HIGH),
        Column("others_change", "number", "Change of everybody else in the same months"),
        Column("finding", "text", "How to read it", required=True),
    ),
    _output(
        "people_findings",
        "A row of an input or a key of plan.yaml that could not be used as it is.",
        ("finding", "table", "row_id"),
        Column("finding", "text", "What is wrong", required=True),
        Column("table", "text", "Input table, or plan.yaml", required=True),
        Column("row_id", "text", "Key of the row", required=True),
        Column("detail", "text", "What was found and what was done", required=True),
    ),
    _output(
        "people_notes",
        "What a reader must know: headlines, cautions, what is missing, definitions, privacy.",
        NOTE_KEY,
        *note_columns("headline", "caution", "missing", "definition", "privacy"),
    ),
]  # fmt: skip
