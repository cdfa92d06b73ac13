"""Worlds of the simulator: arrivals, quality, skill, absence and luck, the same for each policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from planlib.notes import percent
from planlib.routing.people import Crew
from planlib.routing.prepare import Arrays
from planlib.routing.scoring import won_leads
from planlib.routing.shifts import Shifts, make_shifts
from planlib.routing.zones import offsets, to_utc
from planlib.settings.routing import RoutingSettings, SimulatorSettings

BASE = datetime(2026, 1, 5)  # a Monday; only the pattern of weekdays and hours counts
_TAIL = 45  # days after the last lead
_ASSUMED = ("America/New_York", "Europe/London", "Asia/Singapore")
_SECTORS = 6
_FEWEST = 20  # wins below which the own history tells neither the chance nor the ACV of one
_WEEK = 7 * 1440


@dataclass(frozen=True, kw_only=True)
class Setting:
    """
    What all worlds share.

    Parameters
    ----------
    people
        Reps with ``rep_id``, ``time_zone``, ``calendar``, ``region``, ``weight``.
    shifts
        Their working time.
    minutes, regions, sectors
        Pool of arrivals: minute of the week (UTC), number of region and sector.
    region_names
        Names of the regions.
    lead_count
        Leads of a world.
    base_rate, acv, absence_share
        Chance of an average lead, ACV of a win, share of days away.
    basis
        Where each figure comes from, by name.
    """

    people: pd.DataFrame = field(repr=False)
    shifts: Shifts = field(repr=False)
    minutes: np.ndarray = field(repr=False)
    regions: np.ndarray = field(repr=False)
    sectors: np.ndarray = field(repr=False)
    region_names: tuple[str, ...]
    lead_count: int
    base_rate: float
    acv: float
    absence_share: float
    basis: dict[str, str]

    @property
    def rep_regions(self) -> np.ndarray:
        """Number of the region of each rep."""
        place = {name: at for at, name in enumerate(self.region_names)}
        return self.people["region"].map(place).to_numpy(np.int64)


def make_setting(
    settings: SimulatorSettings,
    routing: RoutingSettings,
    *,
    crew: Crew | None = None,
    leads: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    availability: pd.DataFrame | None = None,
    plan_zone: str = "UTC",
) -> Setting:
    """
    Take from the own history what it tells, and assume the rest.

    Parameters
    ----------
    settings, routing
        Sections ``simulator`` and ``routing``.
    crew
        Reps who get leads; None or ``settings.reps``: assumed, over three time zones.
    leads
        Table ``leads`` with ``territory``: hours, regions and industries of arrivals, and volume.
    opportunities
        For the share of leads whose deal is won, and the ACV of these deals.
    availability
        For the share of days away.
    plan_zone
        Zone of ``created_at``.

    Returns
    -------
    Setting
        Reps, arrivals, chances and ACV for ``draw_world``, each with its basis.
    """
    basis: dict[str, str] = {}
    people = _people(settings, crew, basis)
    known = None if leads is None else leads[leads["created_at"].notna()]
    if known is not None and len(known) < 200:
        known = None
    minutes, regions, sectors, names = _arrivals(people, known, plan_zone, basis)
    per_day = settings.leads_per_rep_day
    if per_day is None and known is not None and settings.reps is None:
        span = (known["created_at"].max() - known["created_at"].min()).days + 1
        per_day = len(known) / span / len(people)
        basis["volume"] = f"own history, {per_day:.2f} leads for each rep a day"
    per_day = 2.5 if per_day is None else per_day
    basis.setdefault("volume", f"assumed, {per_day:.2f} leads for each rep a day")
    base_rate = _chance(settings, routing, known, opportunities, basis)
    return Setting(
        people=people, minutes=minutes, regions=regions, sectors=sectors, region_names=names,
        shifts=make_shifts(people, BASE, settings.days + _TAIL,
                           (routing.work_start, routing.work_end)),
        lead_count=max(50, round(per_day * len(people) * settings.days)), base_rate=base_rate,
        acv=_acv(settings, known, opportunities, basis),
        absence_share=_absence(settings, people, availability, basis), basis=basis,
    )  # fmt: skip


def draw_world(setting: Setting, settings: SimulatorSettings, seed: int, skill_sd: float) -> Arrays:
    """
    Draw one world.

    Returns
    -------
    dict of ndarray
        By lead, in order of time: ``at``, ``quality``, ``quality_rank`` (by the score, 0 best),
        ``luck``, ``region``, ``sector``, ``lead_key``; by rep: ``skill``, ``away`` (by day). With
        outcome additive or multiplicative, quality and skill are 0.5 tanh of a normal draw, so
        that no chance leaves 0 to 1.
    """
    draw = np.random.default_rng([seed, 86])
    count, reps = setting.lead_count, len(setting.people)
    rows = draw.integers(0, len(setting.minutes), count)
    weeks = max(1, settings.days // 7)
    at = (draw.integers(0, weeks, count) * _WEEK + setting.minutes[rows]).astype(np.int64)
    order = np.argsort(at, kind="stable")
    quality = draw.normal(0, 1, count) * settings.quality_sd
    seen = quality + draw.normal(0, 1, count) * settings.score_noise_sd
    rank = np.empty(count)
    rank[np.argsort(-seen, kind="stable")] = (np.arange(count) + 0.5) / count
    skill = draw.normal(0, 1, reps) * skill_sd
    luck = draw.random(count)
    if settings.outcome != "logit":
        quality, skill = 0.5 * np.tanh(quality), 0.5 * np.tanh(skill)
    return {
        "at": at[order], "quality": quality[order], "quality_rank": rank[order],
        "luck": luck[order], "region": setting.regions[rows][order],
        "sector": setting.sectors[rows][order],
        "lead_key": draw.integers(0, 2**63, count).astype(np.uint64),
        "skill": skill, "away": _away(setting, draw),
    }  # fmt: skip


def _people(settings: SimulatorSettings, crew: Crew | None, basis: dict[str, str]) -> pd.DataFrame:
    if crew is not None and len(crew.people) >= 2 and settings.reps is None:
        basis["reps"] = f"own, {len(crew.people)} reps with their time zones"
        people = crew.people[["rep_id", "time_zone", "region", "weight"]].copy()
        return people.assign(calendar="", region=people["region"].fillna(people["time_zone"]))
    count = settings.reps or 24
    basis["reps"] = f"assumed, {count} reps over {len(_ASSUMED)} time zones"
    zones = [_ASSUMED[at % len(_ASSUMED)] for at in range(count)]
    return pd.DataFrame({
        "rep_id": pd.Series([f"S-{at:04d}" for at in range(count)], dtype="str"),
        "time_zone": zones, "region": zones, "calendar": "", "weight": 1.0,
    })  # fmt: skip


def _arrivals(
    people: pd.DataFrame, leads: pd.DataFrame | None, plan_zone: str, basis: dict[str, str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[str, ...]]:
    names = tuple(sorted(people["region"].unique()))
    place = {name: at for at, name in enumerate(names)}
    if leads is not None:
        mine = leads[leads["territory"].isin(names)] if "territory" in leads else leads[:0]
        if len(mine) >= 200:
            utc = to_utc(mine["created_at"], plan_zone)
            minute = utc.dt.day_of_week * 1440 + utc.dt.hour * 60 + utc.dt.minute
            sector = pd.factorize(mine["industry"].fillna("(unknown)"), sort=True)[0]
            basis["arrivals"] = f"own history, hours and regions of {len(mine):,} leads"
            return (minute.to_numpy(np.int64), mine["territory"].map(place).to_numpy(np.int64),
                    sector, names)  # fmt: skip
    basis["arrivals"] = "assumed, weekdays from 7 to 22 local time of the reps, even over regions"
    draw = np.random.default_rng(7)
    zone = people.drop_duplicates("region").set_index("region")["time_zone"]
    count = 20_000
    region = draw.integers(0, len(names), count)
    day = draw.integers(0, 5, count)
    local = day * 1440 + draw.integers(7 * 60, 22 * 60, count)
    shift = np.array([
        offsets(str(zone[name]), BASE, 24)[0] for name in names
    ])  # fmt: skip
    minute = ((local - shift[region]) % _WEEK).astype(np.int64)
    return minute, region, draw.integers(0, _SECTORS, count), names


def _chance(
    settings: SimulatorSettings, routing: RoutingSettings, leads: pd.DataFrame | None,
    opportunities: pd.DataFrame | None, basis: dict[str, str],
) -> float:  # fmt: skip
    """Give the share of leads that are won: a conversion is a deal, and most deals are lost."""
    if settings.win_rate is None and leads is not None:
        won = _decided(leads, opportunities, routing.score_mature_days)
        if won is not None and int(won.sum()) >= _FEWEST and not won.all():
            rate = float(won.mean())
            basis["chance"] = (
                f"own history, {percent(rate, 1)} of {len(won):,} leads are won; left out are "
                f"leads of the last {routing.score_mature_days} days and those whose deal is open"
            )
            return rate
        rate = float(leads["is_converted"].fillna(False).astype(bool).mean())
        if 0 < rate < 1:
            basis["chance"] = (
                f"own history, {percent(rate, 1)} of leads convert; fewer than {_FEWEST} are known "
                "to be won, so a conversion counts as a win"
            )
            return rate
    rate = settings.win_rate or 0.2
    basis["chance"] = f"assumed, {percent(rate, 1)}"
    return rate


def _decided(
    leads: pd.DataFrame, opportunities: pd.DataFrame | None, mature_days: int
) -> pd.Series | None:
    """Tell which leads are won, of those that had time to convert and whose deal is not open."""
    won = won_leads(leads, opportunities)
    if won is None or opportunities is None or "is_closed" not in opportunities:
        return None
    closed = opportunities["is_closed"].fillna(False).astype(bool)
    over = opportunities.loc[closed, "opportunity_id"]
    ended = leads["opportunity_id"].isna() | leads["opportunity_id"].isin(over)
    last = leads["created_at"].max() - pd.Timedelta(days=mature_days)
    decided: pd.Series = won[ended & (leads["created_at"] <= last)]
    return decided


def _acv(
    settings: SimulatorSettings, leads: pd.DataFrame | None, opportunities: pd.DataFrame | None,
    basis: dict[str, str],
) -> float:  # fmt: skip
    if settings.acv is not None:
        basis["ACV"] = "plan.yaml"
        return settings.acv
    if leads is not None and opportunities is not None and "amount" in opportunities.columns:
        deals = opportunities[opportunities["opportunity_id"].isin(leads["opportunity_id"])]
        won = deals.loc[deals["is_won"].fillna(False).astype(bool), "amount"].dropna()
        if len(won) >= _FEWEST:
            basis["ACV"] = f"own history, mean of {len(won)} deals won from leads"
            return float(won.mean())
    basis["ACV"] = "assumed, 10,000"
    return 10_000.0


def _absence(
    settings: SimulatorSettings, people: pd.DataFrame, availability: pd.DataFrame | None,
    basis: dict[str, str],
) -> float:  # fmt: skip
    if settings.absence_share is not None:
        basis["absence"] = "plan.yaml"
        return settings.absence_share
    if availability is not None:
        mine = availability[availability["rep_id"].isin(people["rep_id"])]
        if len(mine) >= 20:
            days = sum(
                int(np.busday_count(first.date(), last.date() + pd.Timedelta(days=1)))
                for first, last in zip(mine["start_date"], mine["end_date"], strict=True)
            )
            first, last = mine["start_date"].min().date(), mine["end_date"].max().date()
            share = min(0.5, days / (np.busday_count(first, last) * len(people)))
            basis["absence"] = f"own availability, {percent(share, 1)} of working days"
            return float(share)
    basis["absence"] = "assumed, 12 % of working days"
    return 0.12


def _away(setting: Setting, draw: np.random.Generator) -> np.ndarray:
    """Draw absences of a week for each rep until the share of days is reached on average."""
    days = setting.shifts.away.shape[1]
    away = np.zeros((len(setting.people), days), dtype=np.uint8)
    weeks = days // 7
    gone = draw.random((len(setting.people), weeks)) < setting.absence_share
    away[:, : weeks * 7] = np.repeat(gone, 7, axis=1) * 100
    return away
