"""Lead score: the chance that a lead converts or is won, calibrated, with its accuracy."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from planlib.forecast.classifier import calibrate, fit_classifier
from planlib.notes import percent
from planlib.pipeline.levels import title_levels
from planlib.settings.routing import RoutingSettings

#: Columns that are known only after a lead was worked on, and why the score refuses them.
LEAKING = {
    "status": "says what became of the lead",
    "is_converted": "is what the score foretells",
    "converted_date": "is filled by the conversion",
    "opportunity_id": "is filled by the conversion",
    "account_id": "is filled by the conversion in many systems",
    "owner_id": "is decided by routing itself",
    "first_response_at": "comes after routing",
    "lead_score": "may be changed by the source system after the conversion",
}
CATEGORIES = ("source", "campaign_id", "country", "industry", "product_id", "level", "mail")
_MOST = 25  # values of a category that get a weight of their own
_LEAST = 30  # leads of a value below which it counts as other
_TEST = 0.25
_BINS = 5
_LEARNT = 100_000
_NEEDED = 60  # leads of each kind
_LEAK = 0.4


@dataclass(frozen=True, kw_only=True)
class LeadScore:
    """
    Scores of leads and how good they are.

    Parameters
    ----------
    chance
        Calibrated chance by the index of the leads; NA where nothing could be learnt.
    quality
        Table ``lead_score_quality``.
    refused
        Columns that were not used, with the reason.
    missing
        Why there is no score; blank where there is one.
    target
        What is foretold: ``won`` or ``converted``.
    peers
        Chances of the past leads, whose quantiles set the grades.
    """

    chance: pd.Series = field(repr=False)
    quality: pd.DataFrame = field(repr=False)
    refused: dict[str, str]
    missing: str = ""
    target: str = "converted"
    peers: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"), repr=False)


def score_leads(
    past: pd.DataFrame,
    leads: pd.DataFrame,
    settings: RoutingSettings,
    as_of: pd.Timestamp,
    won: pd.Series | None = None,
) -> LeadScore:
    """
    Learn from past leads that had time to convert, and score leads.

    Parameters
    ----------
    past
        Table ``leads`` with ``domain``, as it came: what was filled in after a conversion would
        tell the outcome. The latest 100,000 count.
    leads
        The leads to score, with the same columns.
    settings
        Section ``routing``.
    as_of
        Day until whose end the data count.
    won
        Whether the deal of each past lead is won, by the index of ``past``.

    Returns
    -------
    LeadScore
        Accuracy comes from a model that learnt from the first three quarters of the leads by
        time and foretold the last quarter; its calibration is applied to the model of all.
    """
    mature = past["created_at"].notna() & (
        past["created_at"] <= as_of - pd.Timedelta(days=settings.score_mature_days)
    )
    rows = past[mature].sort_values(["created_at", "lead_id"]).tail(_LEARNT)
    target, hit = _target(rows, settings, won)
    used, refused = _columns(rows, settings, hit)
    none = LeadScore(chance=pd.Series(np.nan, index=leads.index), quality=pd.DataFrame(),
                     refused=refused, target=target)  # fmt: skip
    yes = int(hit.sum())
    if min(yes, len(hit) - yes) < _NEEDED:
        why = (f"{yes} of {len(hit)} leads older than {settings.score_mature_days} days are "
               f"{target}; a score needs {_NEEDED} of each kind")  # fmt: skip
        return replace(none, missing=why)
    cut = int(len(rows) * (1 - _TEST))
    words = vocabulary(rows.iloc[:cut], used)
    came = hit.to_numpy()
    model = fit_classifier(design(rows.iloc[:cut], words), came[:cut])
    all_words = vocabulary(rows, used)
    whole = fit_classifier(design(rows, all_words), came)
    if model is None or whole is None:
        why = f"fewer than 30 leads are {target}, or are not, in the first three quarters by time"
        return replace(none, missing=why)
    late = rows.iloc[cut:]
    ahead = model.chance(design(late, words))
    corrected = calibrate(whole, ahead, came[cut:])
    quality = accuracy(ahead, came[cut:], float(came[:cut].mean()), late["lead_score"])
    parts = [
        corrected.chance(design(leads.iloc[at : at + _LEARNT], all_words))
        for at in range(0, len(leads), _LEARNT)
    ]
    chance = pd.Series(np.concatenate(parts) if parts else [], index=leads.index, dtype="float64")
    dated = quality.assign(from_date=late["created_at"].min().normalize(),
                           until_date=late["created_at"].max().normalize())  # fmt: skip
    peers = pd.Series(corrected.chance(design(rows, all_words)), index=rows.index)
    return replace(none, chance=chance, quality=dated, peers=peers)


def won_leads(leads: pd.DataFrame, opportunities: pd.DataFrame | None) -> pd.Series | None:
    """Tell which leads have a deal that is won; None where no table says so."""
    if opportunities is None or not {"opportunity_id", "is_won"} <= set(opportunities.columns):
        return None
    deals = opportunities.drop_duplicates("opportunity_id").set_index("opportunity_id")
    return leads["opportunity_id"].map(deals["is_won"]).fillna(False).astype(bool)


def grade_leads(
    chance: pd.Series, shares: dict[str, float], peers: pd.Series | None = None
) -> pd.Series:
    """
    Grade leads by their chance.

    Parameters
    ----------
    chance
        Chance of each lead, NA where not known: the grade is NA too.
    shares
        Share of the peers in each grade, best first.
    peers
        Chances of the leads that set the limits, such as those of the past; None: these.

    Returns
    -------
    Series
        Grade of each lead (str), by the index of ``chance``.
    """
    known = (chance if peers is None else peers).dropna()
    grades = pd.Series(pd.NA, index=chance.index, dtype="str")
    if known.empty:
        return grades
    names = list(shares)
    above = np.cumsum(list(shares.values()))[:-1]
    limits = np.quantile(known, np.clip(1 - above, 0, 1))
    place = (chance.to_numpy()[:, None] < limits[None, :]).sum(axis=1)
    return pd.Series(np.array(names, dtype=object)[place], index=chance.index).where(
        chance.notna()
    ).astype("str")  # fmt: skip


def accuracy(
    chance: np.ndarray, came: np.ndarray, base: float, given: pd.Series | None = None
) -> pd.DataFrame:
    """
    Measure foretold chances on leads that came later.

    Parameters
    ----------
    chance, came
        Foretold, and what happened.
    base
        Share that converted before: what one would say without a score.
    given
        Score of the source system, measured beside it.
    """
    from sklearn.metrics import roc_auc_score

    order = np.argsort(-chance, kind="stable")
    tenth = order[: max(1, len(order) // 10)]
    rate = float(came.mean())
    both = 0 < came.sum() < len(came)
    rows = [
        ("area under the curve", float(roc_auc_score(came, chance)) if both else np.nan, 0.5,
         "chance that a lead that came true stands above another; 0.5: no better than by lot"),
        ("Brier score", float(np.mean((chance - came) ** 2)), float(np.mean((base - came) ** 2)),
         "mean squared error; base: the earlier share for every lead; less is better"),
        ("share in the top tenth", float(came[tenth].mean()), rate,
         "what came true among the tenth with the highest score; base: among all"),
        ("mean chance", float(chance.mean()), rate, "foretold; base: what came true"),
    ]  # fmt: skip
    if given is not None and given.notna().all() and both:
        rows.append(
            (
                "area under the curve, source system",
                float(roc_auc_score(came, given.astype(float))),
                0.5,
                "the score that came with the leads; it may know what came later",
            )
        )
    for at, part in enumerate(np.array_split(order, min(_BINS, len(order))), start=1):
        rows.append((f"fifth {at} of the leads by score", float(chance[part].mean()),
                     float(came[part].mean()), "foretold; base: what came true"))  # fmt: skip
    table = pd.DataFrame(rows, columns=["measure", "value", "base_value", "definition"])
    return table.assign(measure_order=range(len(table)), lead_count=len(came))


def vocabulary(leads: pd.DataFrame, used: list[str]) -> dict[str, list[str]]:
    """Give the values of each category that get a weight; for ``employees`` their middle."""
    found: dict[str, list[str]] = {}
    for name in used:
        if name == "employees":
            middle = _log_size(leads).median()
            found[name] = [str(float(middle if pd.notna(middle) else 0.0))]
            continue
        counts = _values(leads, name).value_counts()
        found[name] = sorted(counts[counts >= _LEAST].head(_MOST).index)[1:]
    return found


def design(leads: pd.DataFrame, words: dict[str, list[str]]) -> np.ndarray:
    """Give one column per value of each category, and the logarithm of employees."""
    parts = [np.ones(len(leads))]
    for name, values in words.items():
        if name == "employees":
            size = _log_size(leads)
            middle = float(values[0])
            parts += [
                (size.fillna(middle) - middle).to_numpy(),
                size.isna().to_numpy().astype("float64"),
            ]
            continue
        codes = pd.Index(values, dtype="object").get_indexer(
            pd.Index(_values(leads, name).astype("object"))
        )
        parts += [(codes == at).astype("float64") for at in range(len(values))]
    return np.column_stack(parts)


def _log_size(leads: pd.DataFrame) -> pd.Series:
    size = leads["employees"].astype("Float64").astype("float64")
    return pd.Series(np.log1p(size.to_numpy()), index=leads.index)


def _values(leads: pd.DataFrame, name: str) -> pd.Series:
    if name == "level":
        return title_levels(leads["title"]).astype(str)
    if name == "mail":
        return leads["domain"].notna().map({True: "company", False: "free or none"})
    return leads[name].fillna("(unknown)").astype(str)


def _target(
    rows: pd.DataFrame, settings: RoutingSettings, won: pd.Series | None
) -> tuple[str, pd.Series]:
    if settings.score_target == "won" and won is not None:
        hit = won.reindex(rows.index).fillna(False).astype(bool)
        if int(hit.sum()) >= _NEEDED:
            return "won", hit
    return "converted", rows["is_converted"].fillna(False).astype(bool)


def _columns(
    rows: pd.DataFrame, settings: RoutingSettings, hit: pd.Series
) -> tuple[list[str], dict[str, str]]:
    """Give usable columns; one that is known mostly for leads that came true leaks."""
    refused = {name: why for name, why in LEAKING.items() if rows[name].notna().any()}
    used = []
    for name in (*CATEGORIES, "employees"):
        if name in settings.score_left_out:
            refused[name] = "is left out by plan.yaml"
            continue
        if name in rows.columns and 0 < hit.sum() < len(hit):
            known = rows[name].notna()
            yes, no = float(known[hit].mean()), float(known[~hit].mean())
            if yes - no > _LEAK:
                refused[name] = (f"is known for {percent(yes)} of leads that came true and "
                                 f"{percent(no)} of "
                                 "the others")  # fmt: skip
                continue
        used.append(name)
    return used, refused
