"""Capacity: leavers, ramp, presence, and what reps can sell by month."""

from planlib.capacity.hazard import exit_hazard, hazard_of_months, person_months, yearly_turnover

__all__ = ["exit_hazard", "hazard_of_months", "person_months", "yearly_turnover"]
