"""Reps who can get leads: role, tier, score, ramp, zone; and lists of them by territory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.errors import TableError
from planlib.routing.skills import skill_set
from planlib.routing.zones import assume_zones
from planlib.settings.routing import RoutingSettings
from planlib.tables import require_columns, table

_NOT_ROUTED = ("manager", "vp", "director", "chief", "head", "ps", "support")


@dataclass(frozen=True, kw_only=True)
class Crew:
    """
    Reps who can get leads, in order of their id.

    Parameters
    ----------
    people
        ``rep_id``, ``name``, ``role``, ``unit``, ``region``, ``country``, ``time_zone``,
        ``zone_source``, ``calendar``, ``hire_date``, ``leave_date``, ``tier``, ``score``,
        ``score_sd``, ``weight``, ``skills`` and ``languages`` (sets of folded words).
    is_ranked
        Whether scores come from a ranking; else all reps are equal.
    findings
        What is odd about them.
    """

    people: pd.DataFrame = field(repr=False)
    is_ranked: bool
    findings: tuple[str, ...]

    @property
    def index(self) -> dict[str, int]:
        """Number of each rep."""
        return {rep: at for at, rep in enumerate(self.people["rep_id"])}

    @property
    def known_skills(self) -> frozenset[str]:
        """Every skill that some rep has."""
        return frozenset().union(*self.people["skills"])

    @property
    def ranks(self) -> np.ndarray:
        """Rank of each rep by score, 0 the best and 1 the last; equal scores share a rank."""
        score = self.people["score"]
        return ((score.rank(ascending=False) - 0.5) / len(score)).to_numpy(float)


def gather_crew(
    reps: pd.DataFrame,
    settings: RoutingSettings,
    as_of: pd.Timestamp,
    *,
    ranking: pd.DataFrame | None = None,
    plan_zone: str = "UTC",
    roles: Iterable[str] | None = None,
) -> Crew:
    """
    Find the reps who can get leads.

    Parameters
    ----------
    reps
        Table ``reps``. A rep who stands in several rows (two teams) is routed once.
    settings
        Section ``routing``.
    as_of
        Day on which they must be there.
    ranking
        ``rep_id`` with any of ``tier``, ``score`` (mean of the win rate) and ``score_sd``; None
        or no rows: all reps are equal.
    plan_zone
        Zone of reps whose place is not known.
    roles
        Instead of ``settings.roles``.

    Returns
    -------
    Crew
        One row per rep in order of ``rep_id``, with zone, calendar, tier, score, weight and skills.

    Raises
    ------
    TableError
        If ``rep_id`` is missing, or every weight is zero under policy weighted.
    """
    require_columns("reps", reps, ["rep_id"])
    shaped = table("reps").conform(reps)
    shaped, findings = _once(shaped)
    here = ~shaped["is_open_seat"].fillna(False).astype(bool)
    here &= shaped["leave_date"].isna() | (shaped["leave_date"] >= as_of)
    wanted = [one.casefold() for one in (settings.roles if roles is None else roles)]
    role = shaped["role"].fillna("").str.strip().str.casefold()
    mine = here & role.isin(wanted)
    if not mine.any() and here.any():
        mine = here & ~role.map(lambda one: any(word in one for word in _NOT_ROUTED)).astype(bool)
        findings.append(
            f"no rep has a role of routing.roles ({', '.join(settings.roles)}): all but managers "
            "get leads"
        )
    people = shaped[mine].sort_values("rep_id", ignore_index=True)
    zones = assume_zones(people, plan_zone)
    guessed = zones["zone_source"] != "given"
    if guessed.any():
        findings.append(f"{int(guessed.sum())} reps have no time zone: assumed from their place")
    people = people.assign(
        time_zone=zones["time_zone"], zone_source=zones["zone_source"],
        skills=people["skills"].map(lambda one: skill_set(one, settings.skill_synonyms)),
        languages=people["languages"].map(skill_set),
    )  # fmt: skip
    people, is_ranked = _ranked(people, ranking, findings)
    weight = people["tier"].map(settings.tier_weights).astype("float64").fillna(1.0)
    weighs = "weighted" in (settings.policy, *settings.unit_policies.values())
    if weighs and len(weight) and weight.max() <= 0:
        raise TableError(
            "reps",
            [
                "every weight of routing.tier_weights that applies is 0: "
                "nobody could get a lead; give one tier a weight above 0"
            ],
        )
    return Crew(people=people.assign(weight=weight), is_ranked=is_ranked, findings=tuple(findings))


def territory_lists(
    leads: pd.DataFrame, people: pd.DataFrame, accounts: pd.DataFrame | None
) -> tuple[pd.Series, dict[str, np.ndarray]]:
    """
    Give the territory of each lead, and the reps of each territory.

    A territory is a sales region: the one that most accounts of the lead's country and province
    (else of its country) have, else that of most reps of the country.

    Parameters
    ----------
    leads
        ``country``, ``province``.
    people
        Reps of a crew.
    accounts
        ``country``, ``province``, ``region``.

    Returns
    -------
    tuple
        Territory by the index of the leads, NA where not known; numbers of the reps.
    """
    region = people["region"]
    lists = {
        str(name): np.flatnonzero(region.eq(name).fillna(False).to_numpy(bool)).astype(np.int32)
        for name in sorted(region.dropna().unique())
    }
    blank = pd.Series(pd.NA, index=leads.index, dtype="str")
    found = blank
    if accounts is not None and {"country", "region"} <= set(accounts.columns):
        if "province" in accounts.columns:
            found = _usual(leads, accounts, ["country", "province"])
        found = found.fillna(_usual(leads, accounts, ["country"]))
    if people["country"].notna().any():
        found = found.fillna(_usual(leads, people, ["country"]))
    return found.astype("str"), lists


def _usual(leads: pd.DataFrame, others: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Give the region that most others with the same keys have; ties by name."""
    known = others[[*keys, "region"]].dropna()
    counts = known.groupby([*keys, "region"]).size().reset_index(name="count")
    best = counts.sort_values(["count", "region"], ascending=[False, True]).drop_duplicates(keys)
    merged = leads[keys].merge(best[[*keys, "region"]], on=keys, how="left")
    return pd.Series(merged["region"].to_numpy(), index=leads.index, dtype="str")


def _once(reps: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Keep one row of each rep, the first by content; name those in several teams."""
    double = reps["rep_id"].duplicated(keep=False)
    if not double.any():
        return reps, []
    teams = reps[double].fillna({"unit": "(no unit)"}).groupby("rep_id")["unit"].agg(
        lambda units: ", ".join(sorted(set(units))))  # fmt: skip
    order = reps.fillna({"unit": ""}).sort_values(["rep_id", "unit"]).index
    kept = reps.loc[order].drop_duplicates("rep_id")
    return kept.reset_index(drop=True), [
        f"rep {rep} stands in several rows ({units}): routed once, by the first by name"
        for rep, units in teams.items()
    ]


def _ranked(
    people: pd.DataFrame, ranking: pd.DataFrame | None, findings: list[str]
) -> tuple[pd.DataFrame, bool]:
    blank = pd.Series(pd.NA, index=people.index, dtype="str")
    if ranking is None or ranking.empty or not ranking["rep_id"].isin(people["rep_id"]).any():
        return people.assign(tier=blank, score=0.0, score_sd=0.0), False
    known = ranking.drop_duplicates("rep_id").set_index("rep_id")
    tier, score = blank, pd.Series(np.nan, index=people.index)
    spread = score
    if "tier" in known.columns:
        tier = people["rep_id"].map(known["tier"]).astype("str")
    if "score" in known.columns:
        score = people["rep_id"].map(known["score"]).astype("float64")
    if "score_sd" in known.columns:
        spread = people["rep_id"].map(known["score_sd"]).astype("float64")
    lost = int(score.isna().sum())
    if 0 < lost < len(people):
        findings.append(f"{lost} reps have no score: they count as the mean of the others")
    elif lost:
        return people.assign(tier=tier, score=0.0, score_sd=0.0), False
    return people.assign(
        tier=tier, score=score.fillna(score.mean()),
        score_sd=spread.fillna(spread.mean()).fillna(0.0),
    ), True  # fmt: skip
