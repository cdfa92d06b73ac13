"""The whole ranking: one call from inputs and settings to all its tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.notes import note_rows, notes_of
from planlib.ranking.absence import away_days, meeting_days, month_ends, month_start
from planlib.ranking.cards import advice_of, metric_rows, trend_of, with_examples
from planlib.ranking.cases import Cases, prepare_cases
from planlib.ranking.groups import group_rows
from planlib.ranking.metrics import METRICS, Extra, build_units, case_expectation
from planlib.ranking.months import Month, World, group_rules, review_month
from planlib.ranking.past import improvement_lags, tier_leads
from planlib.ranking.peers import months_by_rep, people
from planlib.ranking.preparation import preparation_rows
from planlib.ranking.reviews import (
    check_reviews,
    follow_reviews,
    helpers,
    metric_history,
    unsupported,
)
from planlib.ranking.scores import score_rows
from planlib.ranking.tiers import TIER_COLUMNS, TierRule, tier_path, transitions
from planlib.ranking.words import (
    DEFINITIONS,
    describe_rules,
    headlines,
    objections,
    setting_findings,
)
from planlib.settings.ranking import RankingSettings
from planlib.tables import table
from planlib.workdays import WorkCalendar

_MONTH_DAYS = 30.4
#: Tables of the ranking, in order.
RESULTS = (
    "rep_scores", "rep_metrics", "rep_units", "ranking_groups", "ranking_noise", "rep_tiers",
    "tier_transitions", "tier_leads", "improvement_lags", "ranking_reviews", "rep_preparation",
    "ranking_notes",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RankingInputs:
    """
    The tables a ranking can use; only ``opportunities`` is needed.

    Parameters
    ----------
    opportunities, leads, reps, availability, meetings, activities, opportunity_lines, products
        Input tables.
    segments, key_accounts
        Of steps 02 and 05.
    lead_scores
        ``lead_id`` and ``score``: chance that the lead is won, from what was known when it came
        in (``planlib.routing.expect_leads``).
    previous_tiers
        Table ``rep_tiers`` of the last published cycle before this one.
    reviews
        Decisions of kind ``ranking_reviews`` in force.
    """

    opportunities: pd.DataFrame = field(repr=False)
    leads: pd.DataFrame | None = field(default=None, repr=False)
    reps: pd.DataFrame | None = field(default=None, repr=False)
    availability: pd.DataFrame | None = field(default=None, repr=False)
    meetings: pd.DataFrame | None = field(default=None, repr=False)
    activities: pd.DataFrame | None = field(default=None, repr=False)
    opportunity_lines: pd.DataFrame | None = field(default=None, repr=False)
    products: pd.DataFrame | None = field(default=None, repr=False)
    segments: pd.DataFrame | None = field(default=None, repr=False)
    key_accounts: pd.DataFrame | None = field(default=None, repr=False)
    lead_scores: pd.DataFrame | None = field(default=None, repr=False)
    previous_tiers: pd.DataFrame | None = field(default=None, repr=False)
    reviews: pd.DataFrame | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class RankingReview:
    """
    What the ranking found.

    Parameters
    ----------
    as_of
        Day until which the data count.
    basis
        ``leads`` or ``deals``: what a case is.
    tables
        Every table of the ranking by name, in its declared shape.
    """

    as_of: date
    basis: str
    tables: dict[str, pd.DataFrame] = field(repr=False)

    @property
    def scores(self) -> pd.DataFrame:
        """Table ``rep_scores``."""
        return self.tables["rep_scores"]

    @property
    def metrics(self) -> pd.DataFrame:
        """Table ``rep_metrics``."""
        return self.tables["rep_metrics"]

    @property
    def headlines(self) -> list[str]:
        """What a leader should know first."""
        return self.notes("headline")

    def notes(self, kind: str) -> list[str]:
        """Give the notes of a kind: headline, finding, missing, definition or rule."""
        return notes_of(self.tables["ranking_notes"], kind)


def rank_reps(
    inputs: RankingInputs,
    settings: RankingSettings,
    as_of: date,
    *,
    calendar: WorkCalendar | None = None,
    seed: int = 0,
) -> RankingReview:
    """
    Rank reps against their peers, move tiers on evidence, and write every scorecard.

    Parameters
    ----------
    inputs
        The tables at hand.
    settings
        Section ``ranking`` of plan.yaml.
    as_of
        Day until which the data count.
    calendar
        Working days; None: Monday to Friday.
    seed
        Seed of draws and simulations.

    Returns
    -------
    RankingReview
        Every table of the ranking by name: scores with intervals, tiers with reasons, scorecards.

    Raises
    ------
    TableError
        If a rep, deal or lead stands twice, or a needed column is missing.
    """
    cases = prepare_cases(
        inputs.opportunities, settings, as_of, leads=inputs.leads,
        lead_scores=inputs.lead_scores, segments=inputs.segments,
    )  # fmt: skip
    world = _world(inputs, cases, settings, as_of, calendar=calendar, seed=seed)
    months = [review_month(world, end) for end in month_ends(as_of, settings.history_months)]
    rules, noise = group_rules(months, settings, seed)
    known = set(world.people["rep_id"])
    reviews, wrong = check_reviews(inputs.reviews, known, settings)
    tiers = _tiers(months, rules, settings, inputs.previous_tiers, reviews)
    chance = case_expectation(cases, settings)
    day, last = pd.Timestamp(as_of), months[-1]
    current = tiers[tiers["month_date"] == day]
    units = _used_units(world.units, last, settings)
    history = metric_history([(month.day, month.fits) for month in months])
    groups = group_rows(last)
    lengths = months_by_rep(world.people, settings)
    found = {
        "rep_scores": score_rows(
            last, cases, current, trend_of(tiers, lengths), groups,
            helper=helpers(reviews, settings, day),
        ),
        "rep_metrics": _cards(last, current, units, settings),
        "rep_units": units,
        "ranking_groups": groups,
        "ranking_noise": noise,
        "rep_tiers": tiers,
        "tier_transitions": transitions(tiers, settings.tiers),
        "tier_leads": tier_leads(cases, chance, tiers, settings.tiers, as_of=day,
                                 months=settings.window_months),
        "improvement_lags": improvement_lags(cases, chance, tiers, 1 + settings.up_share, day),
        "ranking_reviews": follow_reviews(reviews, history, lengths),
        "rep_preparation": preparation_rows(
            inputs.activities, current["rep_id"].tolist(), settings, as_of
        ),
    }  # fmt: skip
    shaped = {name: table(name).conform(frame) for name, frame in found.items()}
    findings = [
        *setting_findings(settings), *cases.findings, *wrong,
        *_support(unsupported(current, reviews, settings, day)), *_long_term(last, settings),
        *_short_windows(last, cases, settings),
    ]  # fmt: skip
    notes = note_rows({
        "headline": [("", text) for text in headlines(shaped, settings, cases.basis)],
        "finding": [*findings, *objections(shaped)],
        "missing": _missing(inputs, cases, last),
        "definition": [*DEFINITIONS.items(), *_metric_words()],
        "rule": [("", text) for text in describe_rules(settings)],
    })  # fmt: skip
    shaped["ranking_notes"] = table("ranking_notes").conform(notes)
    return RankingReview(as_of=as_of, basis=cases.basis,
                         tables={name: shaped[name] for name in RESULTS})  # fmt: skip


def _world(
    inputs: RankingInputs, cases: Cases, settings: RankingSettings, as_of: date,
    *, calendar: WorkCalendar | None, seed: int,
) -> World:  # fmt: skip
    days = calendar or WorkCalendar()
    away = away_days(_absences(inputs, settings), days)
    extra = Extra(leads=inputs.leads, activities=inputs.activities, products=inputs.products,
                  opportunity_lines=inputs.opportunity_lines)  # fmt: skip
    return World(
        cases=cases, people=people(cases, inputs.reps), away=away, calendar=days,
        units=build_units(cases, extra, away, settings, pd.Timestamp(as_of)),
        key_accounts=inputs.key_accounts, settings=settings, seed=seed,
    )  # fmt: skip


def _absences(inputs: RankingInputs, settings: RankingSettings) -> pd.DataFrame | None:
    """Give leave and days full of meetings in one frame."""
    names = ["rep_id", "start_date", "end_date", "away_share"]
    busy = meeting_days(inputs.meetings, settings.cluster_hours)
    given = inputs.availability
    if given is not None and "away_share" not in given.columns:
        given = given.assign(away_share=float("nan"))
    found = [one[names].astype({"away_share": "float64"}) for one in (given, busy)
             if one is not None and len(one)]  # fmt: skip
    return pd.concat(found, ignore_index=True) if found else None


def _tiers(
    months: list[Month], rules: dict[str, TierRule], settings: RankingSettings,
    previous: pd.DataFrame | None, reviews: pd.DataFrame | None,
) -> pd.DataFrame:  # fmt: skip
    """Walk on from the tiers of the last published cycle, else from the first month on."""
    earlier, start = None, {}
    if previous is not None:
        known = previous[previous["tier"].isin(settings.tiers)
                         & (previous["month_date"] < months[-1].day)]  # fmt: skip
        if len(known):
            earlier = known.sort_values(["month_date", "rep_id"], ignore_index=True)
            last = earlier.drop_duplicates("rep_id", keep="last")
            start = dict(zip(last["rep_id"], last["tier"], strict=True))
    begin = pd.Timestamp.min if earlier is None else earlier["month_date"].max()
    path = tier_path([month.rows() for month in months if month.day > begin], rules, settings,
                     start, decided=reviews, earlier=earlier)  # fmt: skip
    if earlier is None:
        return path
    return pd.concat([earlier[list(TIER_COLUMNS)], path], ignore_index=True)


def _cards(
    month: Month, current: pd.DataFrame, units: pd.DataFrame, settings: RankingSettings
) -> pd.DataFrame:
    if not month.fits:
        return table("rep_metrics").empty()
    tier = dict(zip(current["rep_id"], current["tier"], strict=True))
    rows = pd.concat([metric_rows(fit, settings, tier) for fit in month.fits], ignore_index=True)
    rows = with_examples(rows, units)
    rows = rows.assign(advice=advice_of(rows))
    order = {name: place for place, name in enumerate(METRICS)}
    return rows.assign(place=rows["metric"].map(order)).sort_values(
        ["rep_id", "place"], ignore_index=True
    )


def _used_units(units: pd.DataFrame, month: Month, settings: RankingSettings) -> pd.DataFrame:
    """Keep the units that the scores of the last review rest on."""
    used = pd.DataFrame(
        [(rep, one.metric, one.method) for fit in month.fits for one in fit.metrics
         for rep in fit.reps],
        columns=["rep_id", "metric", "method"],
    )  # fmt: skip
    long_from = month.day + pd.Timedelta(days=1) - pd.DateOffset(months=settings.long_term_months)
    windows = month.judged[["rep_id", "window_from", "window_to"]]
    mine = units.merge(used, on=["rep_id", "metric", "method"]).merge(windows, on="rep_id")
    first = mine["window_from"].where(mine["metric"] != "existing_customers", long_from)
    return mine[mine["day"].between(first, mine["window_to"])].reset_index(drop=True)


def _support(lonely: list[str]) -> list[tuple[str, str]]:
    if not lonely:
        return []
    return [("lowest tier", f"{len(lonely)} reps of the lowest tier have no helper in a review of "
             "the window; table rep_scores names them")]  # fmt: skip


def _long_term(month: Month, settings: RankingSettings) -> list[tuple[str, str]]:
    lacks = [fit.name for fit in month.fits
             if "existing_customers" in fit.missing
             and settings.weights.get("existing_customers", 0.0) > 0]  # fmt: skip
    if not lacks:
        return []
    then = "no tier moves there" if settings.long_term_required else "tiers move without it"
    return [("long-term metric", f"{', '.join(lacks)}: not known; {then}")]


def _short_windows(month: Month, cases: Cases, settings: RankingSettings) -> list[tuple[str, str]]:
    """Name the peer groups whose sales take longer than the window in which they are judged."""
    since = pd.Timestamp(month_start(month.day.date(), settings.long_term_months))
    rows = cases.rows
    won = rows[rows["is_won"] & rows["decided_date"].between(since, month.day)]
    length = month.judged.set_index("rep_id")["window_months"]
    found = []
    for fit in month.fits:
        days = won.loc[won["rep_id"].isin(fit.reps), "days"].median()
        months = int(length[fit.reps].max())
        if days > months * _MONTH_DAYS:
            found.append(("window", f"Half of the sales won in {fit.name} take more than "
                          f"{days:.0f} days, but the window is {months} months (ranking.windows "
                          "sets a longer one for a unit or a role)"))  # fmt: skip
    return found


def _metric_words() -> list[tuple[str, str]]:
    return [
        (name, f"{one.meaning}. Methods, best first: "
         + "; ".join(f"{key}: {text}" for key, text in one.methods.items()))
        for name, one in METRICS.items()
    ]  # fmt: skip


def _missing(inputs: RankingInputs, cases: Cases, month: Month) -> list[tuple[str, str]]:
    """Say what was not computed or only by a weaker method, and what would supply it."""
    found = [("cases", cases.why)]
    for name, effect in (
        ("reps", "every owner is ranked in one group; roles, teams and new reps are not known"),
        ("availability", "nobody is taken for away; leave costs sample"),
        ("meetings", "days full of meetings cannot be told from others"),
        ("key_accounts", "key-account reps cannot be told from others"),
        ("segments", "the mix of leads is compared by source and deal type alone"),
    ):
        if getattr(inputs, name) is None:
            found.append((name, f"table {name} is missing: {effect}"))
    if inputs.previous_tiers is None:
        found.append(("tiers", "no earlier cycle is published: tiers are walked through the "
                      "months on record by today's rule"))  # fmt: skip
    scores = inputs.lead_scores
    if cases.basis == "leads" and (scores is None or scores["score"].isna().all()):
        found.append(("lead_scores", "there is no lead score: the expected chance of a lead is "
                      "that of its source and segment with other reps (weaker)"))  # fmt: skip
    elif cases.basis == "deals" and scores is not None and scores["score"].notna().any():
        graded = int((cases.rows["lead_grade"] != "no score").sum())
        found.append(("lead_scores", f"deals stand in for leads: {graded} of {len(cases.rows)} "
                      "come from a lead with a score, and are compared with deals from leads of "
                      "the same third; the others by source, segment and deal type"))  # fmt: skip
    for fit in month.fits:
        for metric, why in fit.missing.items():
            found.append((f"{METRICS[metric].title} in {fit.name}", why))
        for one in fit.metrics:
            methods = list(METRICS[one.metric].methods)
            if one.method != methods[0]:
                text = METRICS[one.metric].methods[one.method]
                found.append((f"{METRICS[one.metric].title} in {fit.name}", f"by {text}"))
    return found
