"""The metrics as units: one lead or deal with what was observed and what was expected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.hygiene.activities import by_persons
from planlib.ranking.cases import Cases
from planlib.ranking.expected import expected_of_others
from planlib.ranking.preparation import talks_of
from planlib.settings.ranking import RankingSettings

_LIST_BAND = (0.3, 1.7)  # amount over list price that looks like one piece sold
_LIST_SHARE = 0.9  # share of won deals that must
UNIT_COLUMNS = ("metric", "method", "rep_id", "unit_id", "day", "observed", "expected")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """
    How a metric is computed and read.

    Parameters
    ----------
    title, unit
        For people.
    family
        ``count`` (gamma), ``mean`` (normal) or ``inverse`` (normal; fewer is better).
    meaning
        Denominator and basis.
    advice
        What to do when it is behind.
    methods
        Ways to compute it, best first, each with what it rests on.
    is_extra
        Not missed where it has no weight.
    """

    title: str
    unit: str
    family: str
    meaning: str
    advice: str
    methods: dict[str, str]
    is_extra: bool = False


METRICS: dict[str, Metric] = {
    "win_rate": Metric(
        title="Win rate", unit="won / decided", family="count",
        meaning="won cases / decided cases of the window; leads are decided at the age of "
        "ranking.lead_days, deals when closed, renewals left out",
        advice="Go through the lost cases of the window by reason with your manager, and agree "
        "when to qualify out",
        methods={"cases": "leads or deals decided in the window"},
    ),
    "acv_per_case": Metric(
        title="ACV per case", unit="amount / decided", family="mean",
        meaning="won amount / decided cases of the window, lost ones count as zero, large amounts "
        "capped",
        advice="Bring the buyer's budget and one more need into the second meeting, and price the "
        "whole need",
        methods={"cases": "leads or deals decided in the window"},
    ),
    "cycle_time": Metric(
        title="Cycle time", unit="days to win", family="inverse",
        meaning="days from received to won / won cases; the ratio is turned round, fewer days "
        "are better; long cycles capped",
        advice="Agree a dated next step at the end of each call, and ask for the decision process "
        "in the first one",
        methods={"cases": "cases won in the window"},
    ),
    "price_realisation": Metric(
        title="Price realisation", unit="paid / list", family="mean",
        meaning="amount / list amount of won cases of the window",
        advice="Trade each discount for something in return, and bring your manager in before "
        "the second one",
        methods={
            "discount": "discount of the deal",
            "lines": "list amount of the deal's lines",
            "list price": "list price of the main product, one piece each (weaker)",
        },
    ),
    "follow_up": Metric(
        title="Follow-up", unit="in time / received", family="count",
        meaning="leads answered within ranking.follow_up_hours / leads received in the window, "
        "those that came while the rep was away left out",
        advice="Block half an hour at the start of each day for new leads, and hand over what you "
        "cannot answer",
        methods={
            "leads": "first response to the leads owned",
            "activities": "first activity on new deals (weaker: says nothing of leads)",
        },
    ),
    "existing_customers": Metric(
        title="Existing customers", unit="won / decided", family="count",
        meaning="won / decided deals with existing customers over ranking.long_term_months",
        advice="Visit each customer whose contract ends within half a year, and agree one value "
        "review for each",
        methods={
            "renewals": "renewals",
            "renewals and expansions": "renewals and expansions",
            "repeat customers": "deals with accounts that had bought before (weaker: no deal type)",
        },
    ),
    "preparation": Metric(
        title="Preparation", unit="prepared / talks", family="count",
        meaning="meetings, demos and visits before which the rep was in touch with the account "
        "within ranking.preparation_days / all of the window; in the score only with a weight in "
        "ranking.weights",
        advice="Send an agenda two days before each talk, and ask for what the customer wants to "
        "take home from it",
        methods={"activities": "activities of the rep with the account"},
        is_extra=True,
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Extra:
    """Optional tables of the metrics; None where the workbook has none."""

    leads: pd.DataFrame | None = None
    activities: pd.DataFrame | None = None
    opportunity_lines: pd.DataFrame | None = None
    products: pd.DataFrame | None = None


def case_expectation(cases: Cases, settings: RankingSettings) -> pd.Series:
    """
    Give the chance to win of every case, decided or not: its lead score, else by its mix.

    Parameters
    ----------
    cases
        Leads or deals in one shape.
    settings
        Section ``ranking``: columns of the mix, prior in cases.

    Returns
    -------
    Series
        Chance to win of each case, 0 to 1, by the index of ``cases``.
    """
    rows = cases.rows.assign(observed=cases.rows["is_won"].astype(float), base=1.0)
    known = rows["decided_date"].notna()
    by_mix = expected_of_others(rows, known, settings.mix_by, settings.mix_prior)
    return rows["score"].fillna(by_mix).clip(0.0, 1.0)


def build_units(
    cases: Cases, extra: Extra, away: pd.DataFrame, settings: RankingSettings, as_of: pd.Timestamp
) -> pd.DataFrame:
    """
    Give the units of every metric and method.

    Parameters
    ----------
    cases
        Leads or deals in one shape.
    extra
        Optional tables; a metric whose table is missing has no units.
    away
        ``rep_id``, ``day``, ``away_share`` (of the working day).
    settings
        Section ``ranking`` of plan.yaml.
    as_of
        Day until which the data count.

    Returns
    -------
    DataFrame
        ``metric``, ``method``, ``rep_id``, ``unit_id``, ``day`` (on which it counts),
        ``observed`` and ``expected`` (from the other reps' units of the same mix).
    """
    parts = [*_case_units(cases, settings), *_price_units(cases, extra),
             *_follow_up_units(cases, extra, away, settings, as_of),
             *_existing_units(cases.deals), *_preparation_units(extra, settings)]  # fmt: skip
    chance = case_expectation(cases, settings)
    found = []
    for metric, method, units in parts:
        if units.empty:
            continue
        units = units.reset_index(drop=True)
        known = pd.Series(True, index=units.index)
        units["expected"] = expected_of_others(units, known, settings.mix_by, settings.mix_prior)
        if metric == "win_rate":
            score = units["unit_id"].map(pd.Series(chance.to_numpy(), index=cases.rows["case_id"]))
            units["expected"] = score.to_numpy()
        found.append(units.assign(metric=metric, method=method)[list(UNIT_COLUMNS)])
    if not found:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in UNIT_COLUMNS}).astype(
            {"observed": "float64", "expected": "float64", "day": "datetime64[us]"}
        )
    every = pd.concat(found, ignore_index=True)
    return every.sort_values(["metric", "method", "rep_id", "unit_id"], ignore_index=True)


_Part = tuple[str, str, pd.DataFrame]


def _units(
    rows: pd.DataFrame, day: str, observed: pd.Series, base: pd.Series | float = 1.0
) -> pd.DataFrame:
    kept = ["rep_id", "source", "segment", "deal_type", "lead_grade"]
    return rows[kept].assign(
        unit_id=rows["case_id"], day=rows[day], observed=observed.astype("float64"), base=base
    )


def _capped(values: pd.Series, quantile: float) -> pd.Series:
    if quantile >= 1 or values.notna().sum() == 0:
        return values
    return values.clip(upper=float(values.quantile(quantile)))


def _case_units(cases: Cases, settings: RankingSettings) -> list[_Part]:
    decided = cases.rows[cases.rows["decided_date"].notna()].reset_index(drop=True)
    won = decided[decided["is_won"]].reset_index(drop=True)
    cap = settings.cap_quantile
    paid = decided.assign(amount=_capped(decided["amount"].where(decided["is_won"]), cap))
    paid.loc[~paid["is_won"], "amount"] = 0.0
    paid = paid[paid["amount"].notna()].reset_index(drop=True)
    timed = won[won["days"].notna()].reset_index(drop=True)
    parts = [
        ("win_rate", "cases", _units(decided, "decided_date", decided["is_won"])),
        ("cycle_time", "cases", _units(timed, "decided_date", _capped(timed["days"], cap))),
    ]
    if paid["amount"].gt(0).any():
        parts.append(("acv_per_case", "cases", _units(paid, "decided_date", paid["amount"])))
    return parts


def _price_units(cases: Cases, extra: Extra) -> list[_Part]:
    won = cases.rows[cases.rows["is_won"] & (cases.rows["amount"] > 0)].reset_index(drop=True)
    given = won[won["discount_share"].notna() & (won["discount_share"] < 1)].reset_index(drop=True)
    parts = [
        ("price_realisation", "discount", _units(
            given, "decided_date", given["amount"], given["amount"] / (1 - given["discount_share"])
        ))
    ]  # fmt: skip
    lines = extra.opportunity_lines
    if lines is not None and "list_amount" in lines.columns:
        full = lines.groupby("opportunity_id")["list_amount"].sum(min_count=1)
        deal = won["opportunity_id"] if "opportunity_id" in won.columns else won["case_id"]
        priced = won.assign(list_amount=deal.map(full).astype("float64"))
        priced = priced[priced["list_amount"] > 0].reset_index(drop=True)
        parts.append(("price_realisation", "lines", _units(
            priced, "decided_date", priced["amount"], priced["list_amount"]
        )))  # fmt: skip
    if extra.products is not None and "list_price" in extra.products.columns:
        price = extra.products.drop_duplicates("product_id").set_index("product_id")["list_price"]
        sold = won.assign(list_amount=won["product_id"].map(price).astype("float64"))
        sold = sold[sold["list_amount"] > 0].reset_index(drop=True)
        share = (sold["amount"] / sold["list_amount"]).between(*_LIST_BAND).mean()
        if len(sold) and share >= _LIST_SHARE:
            parts.append(("price_realisation", "list price", _units(
                sold, "decided_date", sold["amount"], sold["list_amount"]
            )))  # fmt: skip
    return parts


def _follow_up_units(
    cases: Cases, extra: Extra, away: pd.DataFrame, settings: RankingSettings, as_of: pd.Timestamp
) -> list[_Part]:
    whole_days = away[away["away_share"] >= 1.0]
    absent = pd.MultiIndex.from_frame(whole_days[["rep_id", "day"]])
    parts: list[_Part] = []
    leads = extra.leads
    if leads is not None and leads["first_response_at"].notna().any():
        limit = pd.Timedelta(hours=settings.follow_up_hours)
        end = as_of + pd.Timedelta(days=1)
        mine = leads[leads["owner_id"].notna() & leads["created_at"].notna()]
        mine = mine[mine["created_at"] + limit <= end]
        rows = pd.DataFrame({
            "rep_id": mine["owner_id"], "case_id": mine["lead_id"],
            "source": mine["source"].fillna("(unknown)"), "segment": "all", "deal_type": "lead",
            "lead_grade": "all",
            "day": mine["created_at"].dt.normalize(),
            "in_time": (mine["first_response_at"] - mine["created_at"]) <= limit,
        })  # fmt: skip
        rows = rows[~pd.MultiIndex.from_frame(rows[["rep_id", "day"]]).isin(absent)]
        parts.append(("follow_up", "leads", _units(rows, "day", rows["in_time"])))
    acts = extra.activities
    if acts is not None and "opportunity_id" in acts.columns and len(acts):
        linked = by_persons(acts[acts["opportunity_id"].notna()])
        dated = cases.deals[cases.deals["received_date"].notna()]
        both = dated[["case_id", "received_date"]].merge(
            linked[["opportunity_id", "activity_date"]], left_on="case_id",
            right_on="opportunity_id",
        )  # fmt: skip
        wait = (both["activity_date"] - both["received_date"]).dt.days
        touched = both.loc[wait.between(0, settings.follow_up_days), "case_id"].unique()
        last = as_of - pd.Timedelta(days=settings.follow_up_days)
        begun = dated["received_date"].between(acts["activity_date"].min(), last)
        rows = dated[begun].reset_index(drop=True)
        rows = rows[~pd.MultiIndex.from_frame(rows[["rep_id", "received_date"]]).isin(absent)]
        hit = rows["case_id"].isin(touched)
        parts.append(("follow_up", "activities", _units(rows, "received_date", hit)))
    return parts


def _existing_units(deals: pd.DataFrame) -> list[_Part]:
    decided = deals[deals["decided_date"].notna()].reset_index(drop=True)
    renewal = decided[decided["deal_type"] == "renewal"].reset_index(drop=True)
    both = decided[decided["deal_type"].isin(["renewal", "expansion"])].reset_index(drop=True)
    parts = [
        ("existing_customers", "renewals", _units(renewal, "decided_date", renewal["is_won"])),
        ("existing_customers", "renewals and expansions",
         _units(both, "decided_date", both["is_won"])),
    ]  # fmt: skip
    if both.empty and decided["account_id"].notna().any():
        won = decided[decided["is_won"]]
        first = decided["account_id"].map(won.groupby("account_id")["decided_date"].min())
        repeat = decided[decided["received_date"] > first].reset_index(drop=True)
        parts.append(("existing_customers", "repeat customers",
                      _units(repeat, "decided_date", repeat["is_won"])))  # fmt: skip
    return parts


def _preparation_units(extra: Extra, settings: RankingSettings) -> list[_Part]:
    if extra.activities is None or settings.weights.get("preparation", 0.0) <= 0:
        return []
    talks = talks_of(extra.activities, settings)
    rows = talks.assign(
        case_id=talks["account_id"] + " " + talks["day"].dt.strftime("%Y-%m-%d"),
        source="all", segment="all", deal_type="talk", lead_grade="all",
    )  # fmt: skip
    return [("preparation", "activities", _units(rows, "day", rows["before"]))]


def family_of(metric: str) -> str:
    """Give ``count``, ``mean`` or ``inverse``."""
    return METRICS[metric].family


def sums_of(units: pd.DataFrame, windows: pd.DataFrame, long_from: pd.Timestamp) -> pd.DataFrame:
    """
    Add up the units of each rep, metric and method within the rep's window.

    Returns
    -------
    DataFrame
        ``metric``, ``method``, ``rep_id``; ``count``, ``observed``, ``expected`` and the sums of
        squares ``ee``, ``ye``, ``yy`` for the sampling variance.
    """
    placed = units.merge(windows[["rep_id", "window_from", "window_to"]], on="rep_id")
    first = placed["window_from"].where(placed["metric"] != "existing_customers", long_from)
    inside = placed[(placed["day"] >= first) & (placed["day"] <= placed["window_to"])]
    y, e = inside["observed"], inside["expected"]
    wide = inside[["metric", "method", "rep_id", "observed", "expected"]].assign(
        count=1, ee=e * e, ye=y * e, yy=y * y
    )
    return wide.groupby(["metric", "method", "rep_id"], sort=True, as_index=False)[
        ["count", "observed", "expected", "ee", "ye", "yy"]
    ].sum()


Sums = dict[tuple[str, str], pd.DataFrame]


def by_method(sums: pd.DataFrame) -> Sums:
    """Give the sums of each metric and method by rep."""
    names = ["count", "observed", "expected", "ee", "ye", "yy"]
    return {
        (str(metric), str(method)): rows.set_index("rep_id")[names].astype(np.float64)
        for (metric, method), rows in sums.groupby(["metric", "method"])
    }


def chosen_sums(sums: Sums, reps: list[str], metric: str, method: str) -> pd.DataFrame:
    """Give the sums of one metric for some reps, in their order; zero where there is no unit."""
    mine = sums.get((metric, method))
    if mine is None:
        names = ["count", "observed", "expected", "ee", "ye", "yy"]
        return pd.DataFrame(0.0, index=pd.Index(reps), columns=names)
    return mine.reindex(reps).fillna(0.0)
