"""What the indicators of strain mean: title, unit, numerator, denominator, what supplies them."""

from __future__ import annotations

from dataclasses import dataclass

from planlib.settings.team_people import IndicatorName


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """
    What an indicator means.

    Parameters
    ----------
    title, unit
        For people.
    meaning
        Numerator and denominator.
    is_bad_high
        Whether more is worse.
    needs
        What supplies it where it is missing.
    """

    title: str
    unit: str
    meaning: str
    is_bad_high: bool
    needs: str


INDICATORS: dict[IndicatorName, Indicator] = {
    "connect_rate": Indicator(
        title="Connect rate", unit="share", is_bad_high=False,
        meaning="calls out of at least team_people.connect_minutes / calls out with a duration",
        needs="activities with direction and minutes",
    ),
    "touches_per_success": Indicator(
        title="Touches per success", unit="touches", is_bad_high=True,
        meaning="contacts out by people, not by systems / deals won",
        needs="activities and won opportunities",
    ),
    "win_rate": Indicator(
        title="Win rate", unit="share", is_bad_high=False,
        meaning="deals won / deals decided, renewals left out",
        needs="closed opportunities",
    ),
    "overdue_share": Indicator(
        title="Overdue next steps", unit="share", is_bad_high=True,
        meaning="open deals whose next step is past / open deals with a dated next step, on the "
        "as-of date",
        needs="next_step_date of open opportunities",
    ),
    "after_hours_share": Indicator(
        title="Work after hours", unit="share", is_bad_high=True,
        meaning="meetings and first answers to leads outside working hours at the rep's place / "
        "all of them; without times of day: activities on days off / activities",
        needs="meetings, first_response_at of leads, or activities",
    ),
    "meeting_hours": Indicator(
        title="Meeting load", unit="hours a week", is_bad_high=True,
        meaning="hours in meetings, demos and visits / weeks there",
        needs="meetings, or activities with minutes",
    ),
    "sales_trend": Indicator(
        title="Sales per person", unit="a month", is_bad_high=False,
        meaning="amount won / months there",
        needs="won opportunities",
    ),
    "inbound": Indicator(
        title="Inbound contacts", unit="a month", is_bad_high=False,
        meaning="contacts that customers started / months there",
        needs="activities with direction",
    ),
    "lead_quality_share": Indicator(
        title="Good leads", unit="share", is_bad_high=False,
        meaning="leads received with at least team_people.good_lead_score / leads with a score",
        needs="leads with lead_score and owner_id",
    ),
    "manager_contact": Indicator(
        title="One-on-ones", unit="a month", is_bad_high=False,
        meaning="talks with the manager alone / months there",
        needs="one_on_ones",
    ),
    "time_in_grade": Indicator(
        title="Long in grade", unit="share", is_bad_high=True,
        meaning="people longer in role and level than the ladder (or team_people.grade_months) "
        "says / people, on the as-of date",
        needs="rep_history",
    ),
    "stage_days": Indicator(
        title="Days in a stage", unit="days", is_bad_high=True,
        meaning="days that deals stood in a stage before they went on, seen from entry to end / "
        "stages left",
        needs="opportunity_history with stages over several days",
    ),
    "handoffs": Indicator(
        title="Hand-offs", unit="a deal", is_bad_high=True,
        meaning="changes of owner on record, and a first owner who did not create the deal / deals "
        "decided",
        needs="opportunity_history with owners and closed opportunities",
    ),
    "paperwork_share": Indicator(
        title="Desk work", unit="share", is_bad_high=True,
        meaning="tasks and other entries that are no contact / all that people logged themselves",
        needs="activities of type task or other",
    ),
}  # fmt: skip
