"""Capacity: leavers, ramp, presence, and what reps can sell by month."""

from planlib.capacity.hazard import exit_hazard, hazard_of_months, person_months, yearly_turnover
from planlib.capacity.people import Staff, prepare_staff, reporting_cycles
from planlib.capacity.ramp import Productivity, fit_productivity
from planlib.capacity.simulate import CapacityFutures, CapacityInputs, simulate_capacity

__all__ = [
    "CapacityFutures",
    "CapacityInputs",
    "Productivity",
    "Staff",
    "exit_hazard",
    "fit_productivity",
    "hazard_of_months",
    "person_months",
    "prepare_staff",
    "reporting_cycles",
    "simulate_capacity",
    "yearly_turnover",
]
