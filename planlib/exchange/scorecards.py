"""One printable page per rep with a tier, for rep and manager, with every part of the score."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib import resources
from planlib.exchange.month_path import month_path
from planlib.pages import page_writer
from planlib.ranking import METRICS, describe_rules, month_start
from planlib.settings.ranking import RankingSettings
from planlib.store.atomic import write_text
from planlib.tables import table

if TYPE_CHECKING:
    from planlib.store import Workbook

FOLDER = "exchange/scorecards"
_TONES = {"good": "good", "behind": "bad"}
_HEADS = ("Metric", "Weight", "Cases", "Observed", "Expected x level", "Yours", "Peers", "Ratio",
          "Shrunk", "90 % interval", "Points", "For the next tier", "Verdict")  # fmt: skip
_SPOKEN = ("call", "meeting", "demo", "visit")
_HEARD = 3  # talks of a strong peer that a metric names
_WORTH = 0.01  # points of the score from which a metric is named
_UNIT_HEADS = ("Metric", "Lead or deal", "Day", "Observed", "Expected")


def write_scorecards(workbook: Workbook) -> list[Path]:
    """
    Write a page per rep with a tier into ``exchange/scorecards/`` of the revision or draft.

    A page holds what one rep may see: the own figures, those of peers together, and the names of
    peers to learn from; never the score or rank of a peer. A rep without a score (new, or too few
    cases) is told why, and by which rules the next review goes. Nothing is written where this
    cycle ranked nobody or ``ranking.scorecard_pages`` is off.

    Parameters
    ----------
    workbook
        A cycle with a ranking.

    Returns
    -------
    list of Path
        The pages, by rep.
    """
    source = workbook.sources("rep_scores")
    if source is None or source.cycle != workbook.cycle.name:
        return []
    if not workbook.plan.ranking.scorecard_pages:
        return []
    scores = workbook.read("rep_scores")
    if not scores["status"].eq("ranked").any():
        return []
    shown = scores[scores["tier"].notna()].sort_values("rep_id")
    sheets = {
        name: table(name).or_empty(workbook.get(name))
        for name in ("rep_metrics", "rep_units", "ranking_reviews", "rep_preparation", "rep_tiers")
    }
    recordings = talks_of_examples(sheets["rep_metrics"], workbook.get("activities"))
    reps = table("reps").or_empty(workbook.get("reps"))
    names = dict(zip(reps["rep_id"], reps["name"].fillna(reps["rep_id"]), strict=True))
    write_page = page_writer("scorecard", "scorecard.html")
    css = (resources.templates_dir() / "scorecard" / "scorecard.css").read_text(encoding="utf-8")
    files = []
    for row, name in zip(shown.to_dict("records"), _file_names(shown["rep_id"]), strict=True):
        mine = {key: one[one["rep_id"] == row["rep_id"]] for key, one in sheets.items()}
        mine["recordings"] = recordings
        path = workbook.target / FOLDER / f"{name}.html"
        write_text(path, write_page({**page_values(row, mine, names, workbook), "css": css}))
        files.append(path)
    return files


def page_values(
    row: Mapping[Any, Any], mine: Mapping[str, pd.DataFrame], names: Mapping[str, str],
    workbook: Workbook,
) -> dict[str, Any]:  # fmt: skip
    """
    Give what stands on the page of one rep, as plain text that the template escapes.

    Parameters
    ----------
    row
        The rep's row of ``rep_scores``.
    mine
        The rep's rows of ``rep_metrics``, ``rep_units``, ``ranking_reviews``,
        ``rep_preparation`` and ``rep_tiers``; and ``recordings``, from ``talks_of_examples``.
    names
        Name by ``rep_id``.
    workbook
        For plan, cycle and as-of date.
    """
    plan, rep = workbook.plan, str(row["rep_id"])
    metrics = mine["rep_metrics"]
    manager = "" if pd.isna(row["manager_id"]) else names.get(row["manager_id"], row["manager_id"])
    has_score = row["status"] == "ranked"
    parts = _parts if has_score else _parts_without_score
    return {
        "org": plan.name or workbook.root.name,
        "title": f"Scorecard of {names.get(rep, rep)}",
        "subtitle": f"{row['window_from']:%Y-%m-%d} to {row['window_to']:%Y-%m-%d}, peers: "
        f"{row['peer_group']}; amounts in {plan.currency}; for {names.get(rep, rep)}"
        + (f" and {manager}" if manager else "") + " only",
        "facts": _facts(row) if has_score else [_tier_fact(row), _sample_fact(row)],
        "path": month_path(mine["rep_tiers"], plan.ranking),
        "heads": _HEADS,
        "metrics": [_metric(one) for one in metrics.to_dict("records")],
        "parts": [*parts(row, mine, names, workbook),
                  {"title": "Around your talks", "lines": _around(mine["rep_preparation"])}],
        "rules": [*(_sums(row) if has_score else []), *describe_rules(plan.ranking)],
        "units": [_unit(one) for one in mine["rep_units"].to_dict("records")],
        "unit_heads": _UNIT_HEADS,
    }  # fmt: skip


def _sums(row: Mapping[Any, Any]) -> list[str]:
    """Say how the own score comes about."""
    return [
        "Ratio = observed / (expected x level); for days turned round. Points = weight x "
        f"ratio, and their sum is the plain score {row['score_raw']:.3f}.",
        f"Shrunk score = 1 + B (plain - 1); B is the share of the plain difference that is "
        f"likely to be real: {_share_real(row)}. Expected: what all other reps reach with the "
        "same sources, segments and deal types; large amounts and long cycles are capped.",
    ]


def _share_real(row: Mapping[Any, Any]) -> str:
    plain = row["score_raw"] - 1
    return "nothing to shrink" if abs(plain) < 1e-9 else f"{(row['score'] - 1) / plain:.2f}"


def _file_names(rep_ids: pd.Series) -> list[str]:
    """Make file names of ids: letters, digits, dot and dash; each once."""
    seen: dict[str, int] = {}
    names = []
    for rep in rep_ids:
        base = re.sub(r"[^\w.-]+", "_", str(rep)).strip("._")[:60] or "rep"
        seen[base.lower()] = seen.get(base.lower(), 0) + 1
        count = seen[base.lower()]
        names.append(base if count == 1 else f"{base}_{count}")
    return names


def _tier_fact(row: Mapping[Any, Any]) -> tuple[str, str, str]:
    moved = {"up": "moved up", "down": "moved down"}.get(str(row["move"]), "unchanged")
    said = f"{moved}: {row['move_reason']}" if row["status"] == "ranked" else row["move_reason"]
    return "Tier", str(row["tier"]), str(said)


def _sample_fact(row: Mapping[Any, Any]) -> tuple[str, str, str]:
    away = f"{round(row['away_days'], 1):g} of {row['work_days']:g} working days away"
    won = 0 if pd.isna(row["win_count"]) else int(row["win_count"])
    return "Sample", f"{int(row['cases_count'])} cases", f"{won} won; {away}"


def _facts(row: Mapping[Any, Any]) -> list[tuple[str, str, str]]:
    trend = ("no earlier window yet" if pd.isna(row["trend"])
             else f"{row['trend']:+.2f} since the window before, "
             f"{row['trend_month']:+.2f} a month")  # fmt: skip
    return [
        _tier_fact(row),
        ("Score", f"{row['score']:.2f}", f"90 %: {row['low']:.2f} to {row['high']:.2f}; 1 is what "
         "peers reach"),
        ("Plain score", f"{row['score_raw']:.2f}", "before shrinkage"),
        ("Chance of the top", f"{100 * row['top_probability']:.0f} %",
         "of the peer group, which shows no evidence of difference between reps"
         if not pd.isna(row["is_grey"]) and row["is_grey"] else "of the peer group"),
        ("Trend", "–" if pd.isna(row["trend"]) else f"{row['trend']:+.2f}", trend),
        _sample_fact(row),
    ]  # fmt: skip


def _metric(one: Mapping[Any, Any]) -> dict[str, Any]:
    digits = _digits(one)
    expected = one["expected"] * one["level"]
    target = one["target_value"]
    cells = (
        METRICS[one["metric"]].title + f" ({METRICS[one['metric']].unit})",
        f"{100 * one['weight']:.0f} %", f"{int(one['count'])}",
        _number(one["observed"], 1), _number(expected, 1), _number(one["own_value"], digits),
        _number(one["peer_value"], digits), f"{one['ratio_raw']:.2f}", f"{one['ratio']:.2f}",
        f"{one['low']:.2f} to {one['high']:.2f}", f"{one['points']:.3f}",
        _number(target, digits), str(one["verdict"]),
    )  # fmt: skip
    return {"cells": cells, "tone": _TONES.get(str(one["verdict"]), "")}


def _digits(one: Mapping[Any, Any]) -> int:
    return 3 if abs(one["peer_value"]) < 10 else 0


def _number(value: Any, digits: int) -> str:
    return "–" if pd.isna(value) else f"{float(value):,.{digits}f}"


def _parts(
    row: Mapping[Any, Any], mine: Mapping[str, pd.DataFrame], names: Mapping[str, str],
    workbook: Workbook,
) -> list[dict[str, Any]]:  # fmt: skip
    metrics = mine["rep_metrics"]
    settings = workbook.plan.ranking
    rows = metrics.to_dict("records")
    recordings = mine["recordings"]
    good = [f"{METRICS[one['metric']].title}: {one['ratio']:.2f} of peers, "
            f"{100 * one['above_probability']:.0f} % sure to be above"
            for one in rows if one["verdict"] == "good"]  # fmt: skip
    todo = [f"{METRICS[one['metric']].title}: {one['advice']}."
            for one in rows if one["verdict"] != "good" and one["advice"]
            and not pd.isna(one["advice"])]  # fmt: skip
    learn = []
    for one in rows:
        if one["verdict"] != "good" and not pd.isna(one["learn_from"]):
            cases = "" if pd.isna(one["examples"]) else f"; look at {one['examples']}"
            spoken = "" if pd.isna(one["examples"]) else ", ".join(
                heard(recordings, str(one["learn_from"]), str(one["examples"])))  # fmt: skip
            cases += f", and hear {spoken}" if spoken else ""
            learn.append(f"{METRICS[one['metric']].title}: "
                         f"{names.get(one['learn_from'], one['learn_from'])}{cases}")  # fmt: skip
    steps = _steps(row, rows, settings)
    steps.append(_next_review(workbook.as_of, row, settings))
    return [
        {"title": "What is good", "lines": good or ["Nothing is surely above peers yet."]},
        {"title": "What to do", "lines": todo or ["Nothing is surely behind peers."]},
        {"title": "Next step", "lines": steps},
        {"title": "Whom to learn from", "lines": learn or ["No peer stands out surely."]},
        _talks(row, mine["ranking_reviews"], names, settings),
    ]


def _parts_without_score(
    row: Mapping[Any, Any], mine: Mapping[str, pd.DataFrame], names: Mapping[str, str],
    workbook: Workbook,
) -> list[dict[str, Any]]:  # fmt: skip
    """Say why there is no score yet, and what the next review looks at."""
    settings = workbook.plan.ranking
    reason = str(row["reason"])
    return [
        {"title": "Why you have no score yet", "lines": [f"{reason[:1].upper()}{reason[1:]}."]},
        {"title": "Next step", "lines": [_next_review(workbook.as_of, row, settings)]},
        _talks(row, mine["ranking_reviews"], names, settings),
    ]


def _talks(
    row: Mapping[Any, Any], reviews: pd.DataFrame, names: Mapping[str, str],
    settings: RankingSettings,
) -> dict[str, Any]:  # fmt: skip
    """Give the talks on record, and who helps a rep of the lowest tier."""
    talks = [_talk(one, names) for one in reviews.sort_values("review_date").to_dict("records")]
    if row["tier"] == settings.tiers[-1]:
        talks.append(
            "You are in the lowest tier, and nobody is named yet who helps you: agree on a helper "
            "in the next talk." if pd.isna(row["helper"]) else
            f"You are in the lowest tier; {names.get(row['helper'], row['helper'])} helps you."
        )  # fmt: skip
    return {"title": "Talks with your manager", "lines": talks or ["None on record."]}


def _steps(
    row: Mapping[Any, Any], rows: list[dict[Any, Any]], settings: RankingSettings
) -> list[str]:  # fmt: skip
    """Say what is missing to the next tier, and which metrics would bring most of it."""
    up, down = 1 + settings.up_share, 1 - settings.down_share
    aim = next((one["aim"] for one in rows if one["aim"]), "")
    gap = max(up - row["score_raw"], 0.0)
    if not aim:
        return [f"You are in the highest tier; it holds while the score is above {down:.2f}."]
    needs = f"Tier {aim} needs a plain score of {up:.2f} and enough cases to be sure; "
    if gap <= 0:
        return [f"{needs}the plain score is there."]
    brings = [(one["weight"] * (1 - one["ratio_raw"]), METRICS[one["metric"]].title)
              for one in rows]  # fmt: skip
    most = sorted((one for one in brings if one[0] >= _WORTH), reverse=True)[:2]
    alone = any(not pd.isna(one["target_value"]) for one in rows)
    lines = [needs + (
        f"{gap:.2f} is missing. The column 'For the next tier' says what each metric alone "
        "would have to reach." if alone
        else f"{gap:.2f} is missing, more than any metric alone can bring.")]  # fmt: skip
    if most:
        named = ", ".join(f"{title} {points:.2f}" for points, title in most)
        lines.append(f"Brought up to peers, these would add most to the score: {named}.")
    return lines


def talks_of_examples(rep_metrics: pd.DataFrame, activities: pd.DataFrame | None) -> pd.DataFrame:
    """
    Give the calls, meetings, demos and visits of strong peers on the cases that cards name.

    Parameters
    ----------
    rep_metrics
        Table ``rep_metrics``: ``learn_from`` and ``examples``.
    activities
        Table ``activities``; None gives no rows.

    Returns
    -------
    DataFrame
        ``rep_id``, ``case_id`` (deal or lead), ``activity_id``, ``activity_date``, latest first.
    """
    names = ["rep_id", "case_id", "activity_id", "activity_date"]
    cases = {one for text in rep_metrics["examples"].dropna() for one in text.split(", ")}
    if activities is None or not cases:
        return pd.DataFrame(columns=names)
    spoken = activities[activities["activity_type"].isin(_SPOKEN)]
    parts = []
    for name in ("opportunity_id", "lead_id"):
        if name in spoken:
            mine = spoken[spoken[name].isin(list(cases))]
            parts.append(mine.assign(case_id=mine[name]))
    found = pd.concat(parts)[names] if parts else pd.DataFrame(columns=names)
    found = found.sort_values(["activity_date", "activity_id"], ascending=[False, True])
    return found.reset_index(drop=True)


def heard(talks: pd.DataFrame, peer: str, examples: str) -> list[str]:
    """Name the latest talks of a peer on some cases: day and id in the CRM."""
    rows = talks[(talks["rep_id"] == peer) & talks["case_id"].isin(examples.split(", "))]
    return [f"{one['activity_date']:%Y-%m-%d} ({one['activity_id']})"
            for one in rows.head(_HEARD).to_dict("records")]  # fmt: skip


def _next_review(
    as_of: datetime.date, row: Mapping[Any, Any], settings: RankingSettings
) -> str:  # fmt: skip
    """Say before it begins what the next review will look at."""
    day = (pd.Timestamp(as_of) + pd.Timedelta(days=1) + pd.DateOffset(months=1)).date()
    last = day - datetime.timedelta(days=1)
    known = row["window_months"]
    months = settings.window_months if pd.isna(known) else int(known)
    return (f"The next review is on {last} and looks at {month_start(last, months)} and later, by "
            "the rules below.")  # fmt: skip


def _around(rows: pd.DataFrame) -> list[str]:
    """Say how often the rep's talks had support before, during and after, beside all others."""
    words = {
        "before": "Prepared beforehand",
        "during": "Joined by a colleague",
        "after": "With a next step",
    }
    known = rows[rows["talk_count"] > 0]
    lines = [
        f"{words[str(one['check'])]}: {int(one['done_count'])} of {int(one['talk_count'])} talks "
        f"({100 * one['done_share']:.0f} %, likely {100 * one['low']:.0f} to "
        f"{100 * one['high']:.0f}); all others {100 * one['peer_share']:.0f} %"
        for one in known.to_dict("records")
        if not pd.isna(one["peer_share"])
    ]
    return lines or ["No meeting, demo or visit is on record."]


def _talk(one: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    helper = "" if pd.isna(one["helper"]) else f", with {names.get(one['helper'], one['helper'])}"
    metric = METRICS[one["metric"]].title if one["metric"] in METRICS else "Score"
    effect = "" if pd.isna(one["change"]) else (
        f" {metric} since then: {one['change']:+.2f} ({one['low']:+.2f} to {one['high']:+.2f})."
    )  # fmt: skip
    note = "" if pd.isna(one["note"]) or not one["note"] else f" ({one['note']})"
    return f"{one['review_date']:%Y-%m-%d}: {one['agreed_step']}{helper}.{effect}{note}"


def _unit(one: Mapping[Any, Any]) -> tuple[str, ...]:
    return (METRICS[one["metric"]].title, str(one["unit_id"]), f"{one['day']:%Y-%m-%d}",
            _number(one["observed"], 2), _number(one["expected"], 3))  # fmt: skip


__all__ = ["write_scorecards"]
