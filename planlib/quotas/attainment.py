"""
How far attained amounts spread around quotas, and simulated attainment of every rep.

A rep attains ``expected x common x own``. Expected is the usual amount, ``level x ramped quota in
force``, where the level is the share of ramped quota that the role attained in the past. Where a
new quota is above the one in force, and above the usual amount, expected follows it:
``usual x (quota / the higher of the two) ^ response``. The common factor moves all reps of a
simulated year together (market, product), the own factor moves one rep. Both are gamma distributed
with mean 1, so attainment is never negative and a few reps attain a multiple of their quota.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from planlib.notes import percent
from planlib.settings.quotas import QuotasSettings
from planlib.tables import require_columns

Floats = npt.NDArray[np.float64]

_YEARS = 4  # fewer years tell nothing about how years differ
_PRESENT = 0.5  # rep-years with a smaller share of the full quota tell little about the spread


@dataclass(frozen=True, kw_only=True)
class AttainmentSpread:
    """
    The spread model.

    Parameters
    ----------
    level
        Attained share of the ramped quota by role; roles that are not there take ``default_level``.
    default_level
        Level over all roles.
    rep_cv
        Coefficient of variation of a rep's own factor in a year.
    common_cv
        Coefficient of variation of the factor that all reps share.
    notes
        Where each part comes from.
    stated
        Of the notes those on parts that are stated, not found in the past.
    """

    level: dict[str, float]
    default_level: float
    rep_cv: float
    common_cv: float
    notes: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()

    def level_of(self, roles: pd.Series) -> Floats:
        """Give the level of each role; unknown roles take that over all."""
        return np.asarray(roles.map(self.level).fillna(self.default_level), dtype="float64")


@dataclass(frozen=True, kw_only=True)
class AttainmentDraws:
    """
    Simulated attainment.

    Parameters
    ----------
    rep_ids
        Reps in the order of the columns of ``share``.
    quota_amount
        Their quotas.
    luck
        Common x own factor, one row per simulated year, one column per rep.
    level, base_amount
        Usual attainment, and the quotas at which it was measured.
    response
        How far expected amounts follow higher quotas.
    """

    rep_ids: tuple[str, ...]
    quota_amount: Floats = field(repr=False)
    luck: Floats = field(repr=False)
    level: Floats = field(repr=False)
    base_amount: Floats = field(repr=False)
    response: float = 1.0

    def expected_at(self, over: float = 1.0) -> Floats:
        """Give the expected amount of each rep when all quotas are multiplied by a factor."""
        usual = self.level * self.base_amount
        reference = np.maximum(usual, self.base_amount)
        known = reference > 0
        asked = np.divide(self.quota_amount * over, reference, out=np.ones(len(usual)),
                          where=known)  # fmt: skip
        found: Floats = usual * np.maximum(asked, 1.0) ** self.response
        return found

    def attained_at(self, over: float = 1.0) -> Floats:
        """Give what all reps attain together in each simulated year, all quotas multiplied."""
        total: Floats = self.luck @ self.expected_at(over)
        return total

    def at_quotas(self, quota_amount: Floats) -> AttainmentDraws:
        """
        Give the same simulated years at other quotas.

        Parameters
        ----------
        quota_amount
            Quotas in the order of ``rep_ids``. Where no quota was in force, usual attainment is
            measured at the new one.
        """
        base = np.where(self.base_amount > 0, self.base_amount, quota_amount)
        return replace(self, quota_amount=quota_amount, base_amount=base)

    @property
    def share(self) -> Floats:
        """Attained / quota, one row per simulated year, one column per rep; 0 without a quota."""
        known = self.quota_amount > 0
        each = np.divide(self.expected_at(), self.quota_amount, out=np.zeros(len(known)),
                         where=known)  # fmt: skip
        found: Floats = self.luck * each
        return found

    @property
    def attained_amount(self) -> Floats:
        """Amount that all reps attain together in each simulated year."""
        return self.attained_at()


def fit_spread(rep_years: pd.DataFrame | None, settings: QuotasSettings) -> AttainmentSpread:
    """
    Learn level and spread of attainment from past rep-years, else take those of plan.yaml.

    Parameters
    ----------
    rep_years
        ``rep_id``, ``role``, ``year``, ``attained_amount``, ``ramped_quota`` (quota x ramp x
        presence in that year) and ``present_share`` (ramped quota / full yearly quota); None where
        history is missing.
    settings
        Stated level and spreads, and how many rep-years weigh as much as they do.

    Returns
    -------
    AttainmentSpread
        ``level`` of a role is shrunk to that of all roles; ``rep_cv`` is shrunk to the stated one;
        ``common_cv`` is the stated one below four past years.
    """
    known = None if rep_years is None else rep_years[rep_years["ramped_quota"] > 0]
    if known is None or known.empty:
        why = ("level and spread of attainment are those of plan.yaml (weaker): no past "
               "attainment is known")  # fmt: skip
        return AttainmentSpread(
            level={}, default_level=settings.attainment_level, rep_cv=settings.rep_cv,
            common_cv=settings.common_cv, notes=(why,), stated=(why,),
        )  # fmt: skip
    prior = settings.attainment_prior
    attained, quota = known["attained_amount"], known["ramped_quota"]
    overall = float(attained.sum() / quota.sum())
    by_role = known.groupby("role")[["attained_amount", "ramped_quota"]].sum()
    count = known.groupby("role")["present_share"].sum()
    own = count / (count + prior)
    level = own * by_role["attained_amount"] / by_role["ramped_quota"] + (1 - own) * overall
    expected = quota * known["role"].map(level).fillna(overall)
    cv, used = _rep_cv(known, expected)
    weight = used / (used + prior)
    rep_cv = float(np.sqrt(weight * cv**2 + (1 - weight) * settings.rep_cv**2))
    common, why, is_stated = _common_cv(known, expected, rep_cv, settings)
    return AttainmentSpread(
        level={str(role): float(value) for role, value in level.items()},
        default_level=overall, rep_cv=rep_cv, common_cv=common,
        notes=(
            f"level of attainment: attained / ramped quota of {len(known)} past rep-years, each "
            f"role shrunk to {percent(overall)} over all",
            f"spread between reps: coefficient of variation {rep_cv:.2f}, of {used} rep-years "
            f"with at least half a quota, weight {percent(weight)}, the rest stated",
            why,
        ),
        stated=(why,) if is_stated else (),
    )  # fmt: skip


def simulate_attainment(
    quotas: pd.DataFrame, spread: AttainmentSpread, *, simulations: int = 1000, seed: int = 0,
    response: float = 1.0,
) -> AttainmentDraws:  # fmt: skip
    """
    Draw the attainment of every rep in many simulated years.

    Parameters
    ----------
    quotas
        ``rep_id``, ``role`` and ``quota_amount`` (ramped quota of the year); ``base_amount``
        (ramped quota in force, at which the past attainment was measured) where it is another.
    spread
        From ``fit_spread``, or stated.
    simulations
        Simulated years.
    seed
        Seed; the same reps draw the same whatever their order.
    response
        How far expected amounts follow a quota above the one in force and above the usual amount:
        1 in full, 0 not at all (the usual amount is attained, whatever the quota).

    Returns
    -------
    AttainmentDraws
        Reps sorted by ``rep_id``.

    Raises
    ------
    TableError
        If a column is missing.
    """
    require_columns("quotas", quotas, ["rep_id", "role", "quota_amount"])
    rows = quotas.sort_values("rep_id", ignore_index=True)
    chance = np.random.default_rng([seed, 41])
    common = _factor(chance, spread.common_cv, (simulations, 1))
    own = _factor(chance, spread.rep_cv, (simulations, len(rows)))
    asked = rows["quota_amount"].fillna(0.0).to_numpy(dtype="float64")
    base = asked
    if "base_amount" in rows:
        given = rows["base_amount"].fillna(0.0).to_numpy(dtype="float64")
        base = np.where(given > 0, given, asked)
    return AttainmentDraws(
        rep_ids=tuple(rows["rep_id"].astype(str)), quota_amount=asked, luck=own * common,
        level=spread.level_of(rows["role"]) if len(rows) else np.zeros(0), base_amount=base,
        response=response,
    )  # fmt: skip


def _factor(chance: np.random.Generator, cv: float, shape: tuple[int, int]) -> Floats:
    """Draw gamma factors of mean 1; 1 where nothing varies."""
    if cv <= 0:
        return np.ones(shape)
    return chance.gamma(1.0 / cv**2, cv**2, size=shape)


def _rep_cv(known: pd.DataFrame, expected: pd.Series) -> tuple[float, int]:
    """Spread of rep-years around their year and role; years as a whole are taken out."""
    yearly = known.assign(expected=expected).groupby("year")[["attained_amount", "expected"]]
    total = yearly.transform("sum")
    around = expected * total["attained_amount"] / total["expected"].where(total["expected"] > 0)
    full = (known["present_share"] >= _PRESENT) & (around > 0)
    ratio = (known["attained_amount"] / around)[full] - 1.0
    years = int(known.loc[full, "year"].nunique())
    if len(ratio) <= years:
        return 0.0, 0
    return float(np.sqrt((ratio**2).sum() / (len(ratio) - years))), len(ratio)


def _common_cv(
    known: pd.DataFrame, expected: pd.Series, rep_cv: float, settings: QuotasSettings
) -> tuple[float, str, bool]:
    """Spread of whole years beyond what independent reps explain; why, and whether it is stated."""
    yearly = known.assign(expected=expected, square=expected**2).groupby("year")[
        ["attained_amount", "expected", "square"]
    ].sum()  # fmt: skip
    if len(yearly) < _YEARS:
        return (
            settings.common_cv,
            (
                f"spread of whole years: {settings.common_cv:.2f} as stated in plan.yaml; "
                f"{len(yearly)} past years tell nothing about it"
            ),
            True,
        )
    ratio = yearly["attained_amount"] / yearly["expected"]
    noise = float((yearly["square"] / yearly["expected"] ** 2).mean()) * rep_cv**2
    found = float(np.sqrt(max(float(ratio.var(ddof=1)) - noise, 0.0)))
    return found, f"spread of whole years: {found:.2f}, of {len(yearly)} past years", False
