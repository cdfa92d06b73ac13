"""Headlines, findings, definitions and the published rules of a ranking."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planlib.notes import count_of
from planlib.ranking.metrics import METRICS
from planlib.settings.ranking import LONG_TERM, RankingSettings

_NAMED = 5  # peer groups that a headline names
_FEW = 5  # moves below which their days are named, not their median
DEFINITIONS: dict[str, str] = {
    "expected": "What all other reps reach with cases of the same source, segment, deal type and "
    "third of the lead scores (ranking.mix_by), drawn to the rate of all cases; for the win rate "
    "of leads the score of the lead in table lead_scores. All cases on record teach it, so it is "
    "the same for every month.",
    "ratio to peers": "observed / (expected x level), level = observed / expected of all peers "
    "together: 1.0 is what peers reach with the same mix of leads.",
    "shrinkage": "A ratio from few cases is drawn to 1. Counts: (O / phi + a) / (E / phi + a), "
    "phi = variance of the count / E, a = 1 / variance of true ratios (gamma). Means: "
    "1 + B (r - 1), B = tau2 / (tau2 + v) (normal). The variance of true ratios comes from the "
    "peers, at least ranking.spread_floor squared.",
    "score": "Plain score: sum of weight x ratio_raw over the metrics that the group has in "
    "common. Score: 1 + B (plain - 1), B = tau2 / (tau2 + v), v = sum of weight squared x sampling "
    "variance, tau2 from the plain scores of the peers: what is true of a rep in all metrics is "
    "not shrunk away metric by metric.",
    "interval": "90 % of what is likely of the true score or ratio after shrinkage.",
    "top": "Share of draws in which a rep is among the best ranking.top_share of the peers.",
    "difference": "Cochran's Q of the ratios against their sampling variance; below 5 % reps "
    "differ, else there is no evidence of it. Beyond noise between two reps: 95 %.",
    "false move": "A review that moves a rep although all reps are alike, simulated from the "
    "samples of every metric of the group.",
    "quality": "Mean expected chance to win of the leads or deals received.",
}


def describe_rules(settings: RankingSettings) -> list[str]:
    """
    Give the published rules in sentences, with the settings at hand.

    Parameters
    ----------
    settings
        Section ``ranking`` of plan.yaml.

    Returns
    -------
    list of str
        One rule each.
    """
    weights = ", ".join(
        f"{_small(name)} {100 * weight / sum(settings.weights.values()):.0f} %"
        for name, weight in settings.weights.items() if weight > 0
    )  # fmt: skip
    up, down = 100 * settings.up_share, 100 * settings.down_share
    windows = ", ".join(f"{name} {months}" for name, months in settings.windows.items())
    other = f" ({windows})" if windows else ""
    return [
        f"The score weighs {weights}. A metric counts in a peer group when "
        f"{100 * settings.known_share:.0f} % of its reps have {settings.minimum_units} cases of "
        "it; the weights of a metric that the group lacks go to the others in proportion. A rep "
        "without a metric that peers have counts as peers do in it.",
        f"A group needs {', '.join(map(_small, settings.required)) or 'no certain metric'} and at "
        "least "
        f"{settings.minimum_metrics} metrics; a rep needs {settings.minimum_cases} decided cases.",
        f"The window is {settings.window_months} months{other}, {settings.long_term_months} for "
        "existing customers. A rep who was away gets an earlier start with as many working days, "
        f"at most {settings.longest_window:g} times the window.",
        f"From {up:.0f} % above peers a rep moves one tier up, from {down:.0f} % below one down: "
        f"one step per review, when the true score is beyond the limit with at least "
        f"{100 * settings.confidence:.0f} % probability, and never the other way within "
        f"{settings.rest_months} months of a move.",
        "The confidence of a group is raised until a simulation of its own samples moves at most "
        f"{100 * settings.false_move_share:.0f} % of equal reps; the same confidence is used for "
        "the months before.",
        f"Tiers from best to lowest: {', '.join(settings.tiers)}. A rep without a past begins in "
        f"{settings.start_tier}, a new one in {settings.tiers[-1]} for {settings.ramp_days} days.",
    ]


def _small(metric: str) -> str:
    """Give the title of a metric as it stands within a sentence."""
    title = METRICS[metric].title
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def setting_findings(settings: RankingSettings) -> list[tuple[str, str]]:
    """Log settings that make the ranking less fair."""
    found = []
    if not settings.long_term_required or settings.weights.get(LONG_TERM, 0.0) <= 0:
        found.append(("long-term metric", "it is switched off in plan.yaml "
                      "(ranking.long_term_required or its weight): reps may be ranked on quick "
                      "wins alone"))  # fmt: skip
    if not settings.leave_out_key_account_reps:
        found.append(("key-account reps", "they are ranked with the others "
                      "(ranking.leave_out_key_account_reps is false)"))  # fmt: skip
    return found


def headlines(
    tables: Mapping[str, pd.DataFrame], settings: RankingSettings, basis: str = "leads"
) -> list[str]:
    """Say what a leader should know first, of leads or deals; no single rep is named."""
    scores, groups = tables["rep_scores"], tables["ranking_groups"]
    ranked = scores[scores["status"] == "ranked"]
    if ranked.empty:
        return ["Nobody can be ranked: see what is missing."]
    why = scores.loc[scores["status"] != "ranked", "status"].value_counts()
    others = ", ".join(
        f"{count} {name}"
        for name, count in why.items()
        if name not in ("other role", "left", "open seat")
    )
    whole = groups[(groups["metric"] == "score") & groups["verdict"].notna()]
    differ = whole[whole["verdict"] == "reps differ"]
    lines = [
        f"{len(ranked)} reps in {_groups(ranked['peer_group'].nunique())} are ranked"
        + (f"; not ranked: {others}." if others else "."),
    ]
    known = sorted(differ["peer_group"].astype(str))
    names = "; ".join(known[:_NAMED]) + (" and others" if len(known) > _NAMED else "")
    lines.append(
        f"Reps differ beyond chance in {len(differ)} of {len(whole)} groups: {names}."
        if len(differ) else f"No evidence of difference between reps in {_groups(len(whole))}."
    )  # fmt: skip
    lines += _noise_line(tables["ranking_noise"])
    now = scores[scores["tier"].notna()]
    counts = ", ".join(f"{tier} {int((now['tier'] == tier).sum())}" for tier in settings.tiers)
    up, down = (int((now["move"] == move).sum()) for move in ("up", "down"))
    lines.append(
        f"Reps by tier, {len(now) - len(ranked)} who are not ranked included: {counts}; this "
        f"review moved {up} up and {down} down."
        if len(now) > len(ranked) else
        f"Reps by tier: {counts}; this review moved {up} up and {down} down."
    )  # fmt: skip
    lines += _quality_line(tables["tier_leads"], basis)
    return lines + _lag_line(tables["improvement_lags"])


def objections(tables: Mapping[str, pd.DataFrame]) -> list[tuple[str, str]]:
    """Answer the known objections to a ranking with the figures at hand."""
    noise, moves = tables["ranking_noise"], tables["tier_transitions"]
    alike = noise[(noise["rule"] == "guarded") & (noise["true_ratio"] == 1)]
    strong = noise[(noise["rule"] == "guarded") & (noise["true_ratio"] > 1)]
    found = []
    if len(alike):
        found.append(("objection: fairness", (
            f"luck moves at most {100 * alike['move_share'].max():.1f} % of equal reps per review, "
            "leads are compared with what others make of the same mix, and leave lengthens the "
            "window"
        )))  # fmt: skip
    if len(strong):
        up = moves[moves["move"] == "up"]
        count, of = int(up["move_count"].sum()), int(up["reviews_count"].sum())
        found.append(("objection: chance of promotion", (
            f"{count} of {of} reviews on record moved somebody up; a rep truly 30 % better in "
            f"every metric, among peers who differ, moves up in "
            f"{_range(strong['move_share'], 0)} % of single reviews, by group"
        )))  # fmt: skip
    reviews = tables["ranking_reviews"]
    helped = int(reviews["helper"].notna().sum()) if len(reviews) else 0
    taught = tables["rep_metrics"]["learn_from"].notna()
    found.append(("objection: teamwork", (
        f"{helped} reviews name a helper, and {int(taught.sum())} of {len(taught)} metrics name a "
        "peer to learn from; a score is a ratio to peers, so helping a peer lowers the own "
        "ratio: let helpers be named and thanked in the reviews"
    )))  # fmt: skip
    return found


def _noise_line(noise: pd.DataFrame) -> list[str]:
    alike = noise[noise["true_ratio"] == 1]
    if alike.empty:
        return []
    raw = alike[alike["rule"] == "raw"]["move_share"]
    kept = alike[alike["rule"] == "guarded"]["move_share"]
    return [f"If all reps were alike, the plain rule would move {_range(raw, 0)} % of them at "
            f"these samples, the rule used {_range(kept, 1)} %."]  # fmt: skip


def _range(shares: pd.Series, digits: int) -> str:
    """Write the range of some shares in per cent, once where it is one figure."""
    ends = [f"{100 * one:.{digits}f}" for one in (shares.min(), shares.max())]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def _groups(count: int) -> str:
    return f"{count} peer group" + ("" if count == 1 else "s")


def _quality_line(tier_leads: pd.DataFrame, basis: str) -> list[str]:
    rows = tier_leads[tier_leads["received_count"] > 0]
    if rows.empty:
        return []
    said = ", ".join(
        f"{row['tier']} {100 * row['received_share']:.0f} % of them at a mean expected chance to "
        f"win of {100 * row['quality']:.0f} %"
        for row in rows.to_dict("records")
    )  # fmt: skip
    if basis == "deals":
        return [f"Deals received by tier, which stand in for leads: {said}."]
    return [f"Leads received by tier: {said}."]


def _lag_line(lags: pd.DataFrame) -> list[str]:
    known = lags["to_better_days"].dropna()
    if lags.empty:
        return []
    moves = count_of(len(lags), "move")
    if known.empty:
        return [f"{moves} up on record; leads or deals were not better on the whole after any of "
                "them."]  # fmt: skip
    if len(known) >= _FEW:
        days = f"{float(known.median()):.0f} (median)"
    else:
        days = _span(float(known.min()), float(known.max()))
    return [
        f"{moves} up on record; after {len(known)} of them better leads or deals came, {days} days "
        "after the improvement, or after the move where a person set the tier."
    ]


def _span(least: float, most: float) -> str:
    return f"{least:.0f}" if least == most else f"{least:.0f} to {most:.0f}"
