"""Is prospecting in place: right buyer, right information, right time, in every segment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from planlib.intervals import newcombe
from planlib.notes import percent
from planlib.settings.channels import ChannelsSettings
from planlib.tables import table
from planlib.tables.team_structure import PROSPECTING
from planlib.team.multiplicity import adjust, p_of_interval
from planlib.team.personas import personas_of
from planlib.team.structure.inputs import column, days, flags, words
from planlib.team.touches import UNKNOWN, ChannelInputs

ALL = "all"
LOWER, HIGHER, ALIKE = "lower than elsewhere", "higher than elsewhere", "no clear difference"

#: Question: what is divided by what, and what supplies it where it is missing.
_SAID: dict[str, tuple[str, str]] = {
    "buyer_known": (
        "accounts with an active contact who decides (channels.buyers) / accounts",
        "tables segments (step 02) and contacts with titles",
    ),
    "buyer_reachable": (
        "of these contacts, with an e-mail address / contacts who decide",
        "table contacts with titles and e-mail addresses",
    ),
    "answered_in_time": (
        "leads answered within channels.answer_hours / leads of the window older than these hours",
        "table leads with created_at and first_response_at",
    ),
    "prospects_worked": (
        "prospects to whom a person reached out within channels.worked_months / accounts that are "
        "not customers yet",
        "tables segments (step 02) with customers told from prospects, and activities",
    ),
}  # fmt: skip


def ask_prospecting(inputs: ChannelInputs, settings: ChannelsSettings, as_of: date) -> pd.DataFrame:
    """
    Say for every segment whether buyers are known and reachable, and leads and prospects worked.

    A segment is set against all other known segments; a difference is only named where it is beyond
    chance among all questions of all segments (``multiplicity``).

    Parameters
    ----------
    inputs
        Segments, contacts, leads and activities; a question without its table is not known.
    settings
        Who decides, hours to answer, months in which a prospect counts as worked, level of
        intervals.
    as_of
        Last day that counts.

    Returns
    -------
    DataFrame
        Table ``channel_prospecting``: every question for all segments together, and those that can
        be asked for each; empty where none can.
    """
    found = dict(_cases(inputs, settings, as_of))
    if not found:
        return table("channel_prospecting").empty()
    segments = sorted({one for cases in found.values() for one in cases["segment"]} - {UNKNOWN})
    rows = [
        _row(question, segment, found.get(question), settings)
        for segment in (ALL, *segments) for question in PROSPECTING
        if segment == ALL or question in found  # what cannot be asked is said once
    ]  # fmt: skip
    asked = pd.DataFrame(rows)
    alone = p_of_interval(asked["difference"], asked["low"], asked["high"], settings.confidence)
    asked["p_adjusted"] = adjust(np.where(asked["is_grey"], np.nan, alone))
    is_sure = asked["p_adjusted"] <= 1 - settings.confidence
    side = pd.Series(np.where(asked["difference"] < 0, LOWER, HIGHER), index=asked.index)
    asked["verdict"] = asked["verdict"].mask(asked["verdict"] == "", side.where(is_sure, ALIKE))
    return table("channel_prospecting").coerce(asked)


def prospecting_notes(
    asked: pd.DataFrame, settings: ChannelsSettings
) -> list[tuple[str, str, str]]:
    """
    Give headlines and gaps of prospecting as kind, topic and text.

    Parameters
    ----------
    asked
        Table ``channel_prospecting``.
    settings
        Hours and months that the sentences name.
    """
    lines = []
    whole = {row["question"]: row for row in asked[asked["segment"] == ALL].to_dict("records")}
    for question in PROSPECTING:
        row = whole.get(question)
        if row is None or pd.isna(row["value"]):
            topic = f"prospecting, {question.replace('_', ' ')}"
            lines.append(("missing", topic, f"needs {_SAID[question][1]}"))
            continue
        share, count = 100 * float(row["value"]), int(row["count"])
        said = {
            "buyer_known": f"{share:.0f} % of {count:,} accounts have a known contact who decides.",
            "buyer_reachable": f"{share:.0f} % of {count:,} contacts who decide have an e-mail "
            "address on record.",
            "answered_in_time": f"{share:.0f} % of {count:,} leads were answered within "
            f"{settings.answer_hours:g} hours.",
            "prospects_worked": f"{share:.0f} % of {count:,} prospects were reached out to within "
            f"{settings.worked_months} months.",
        }[question]  # fmt: skip
        mine = asked[(asked["question"] == question) & (asked["verdict"] == LOWER)]
        said += _without_segment(asked[asked["question"] == question])
        behind = ", ".join(
            f"{one['segment']} ({percent(one['value'])} against {percent(one['others_value'])})"
            for one in mine.to_dict("records")
        )
        text = f"{said} Lower than elsewhere in {behind}." if behind else said
        lines.append(("headline", "", text))
    return lines


def _without_segment(asked: pd.DataFrame) -> str:
    """Say how cases without a segment differ from those with one, which alone are compared."""
    is_whole = asked["segment"] == ALL
    whole, parts = asked[is_whole].iloc[0], asked[~is_whole & asked["value"].notna()]
    known = int(parts["count"].sum())
    rest = int(whole["count"]) - known
    if not known or not rest:
        return ""
    yes = float((parts["value"] * parts["count"]).sum())
    others = (float(whole["value"]) * float(whole["count"]) - yes) / rest
    return (
        f" With a known segment: {percent(yes / known)} of {known:,}; "
        f"without a known segment: {percent(max(others, 0.0))} of {rest:,}."
    )


def _cases(
    inputs: ChannelInputs, settings: ChannelsSettings, as_of: date
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the cases of each question that can be asked: ``segment`` and ``is_yes``."""
    segments, contacts = inputs.segments, inputs.contacts
    place = pd.Series(dtype="str")
    if segments is not None and len(segments):
        accounts = segments["account_id"].astype("str")
        place = pd.Series(words(segments, "segment").to_numpy(), index=accounts)
        place = place[~place.index.duplicated()].replace({"": UNKNOWN})
    if contacts is not None and len(contacts) and words(contacts, "title").ne("").any():
        gone = column(contacts, "is_active").astype("boolean").eq(False).fillna(False)
        level = contacts["level"] if "level" in contacts.columns else None
        persona = personas_of(words(contacts, "title"), settings, level)
        buyers = contacts[persona.isin(settings.buyers) & ~gone.astype(bool)]
        home = words(buyers, "account_id")
        if len(place):
            known = place.index.isin(set(home))
            yield "buyer_known", pd.DataFrame({"segment": place.to_numpy(), "is_yes": known})
        mails = words(buyers, "email")
        if words(contacts, "email").ne("").any():
            yield "buyer_reachable", pd.DataFrame({
                "segment": _segment_of(home, place).to_numpy(),
                "is_yes": mails.ne("").to_numpy(),
            })  # fmt: skip
    yield from _answers(inputs, settings, as_of, place)
    yield from _worked(inputs, settings, as_of, place)


def _answers(
    inputs: ChannelInputs, settings: ChannelsSettings, as_of: date, place: pd.Series
) -> Iterator[tuple[str, pd.DataFrame]]:
    leads = inputs.leads
    if leads is None or leads.empty:
        return
    came, answered = days(leads, "created_at"), days(leads, "first_response_at")
    if answered.isna().all():
        return
    end = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    limit = pd.Timedelta(hours=settings.answer_hours)
    inside = (came > end - pd.DateOffset(months=settings.window_months)) & (came + limit <= end)
    if inside.any():
        yield "answered_in_time", pd.DataFrame({
            "segment": _segment_of(words(leads, "account_id"), place),
            "is_yes": (answered - came) <= limit,
        })[inside].reset_index(drop=True)  # fmt: skip


def _worked(
    inputs: ChannelInputs, settings: ChannelsSettings, as_of: date, place: pd.Series
) -> Iterator[tuple[str, pd.DataFrame]]:
    segments, activities = inputs.segments, inputs.activities
    if segments is None or activities is None or activities.empty:
        return
    if not flags(segments, "is_customer").any():
        return  # nothing tells customers from prospects
    prospects = segments.loc[~flags(segments, "is_customer"), "account_id"].astype("str").unique()
    day = days(activities, "activity_date")
    first = pd.Timestamp(as_of) - pd.DateOffset(months=settings.worked_months)
    ours = (day > first) & (day <= pd.Timestamp(as_of)) & words(activities, "direction").ne("in")
    ours &= ~flags(activities, "is_automatic") & words(activities, "activity_type").ne("task")
    reached = set(words(activities, "account_id")[ours])
    if len(prospects):
        yield "prospects_worked", pd.DataFrame({
            "segment": _segment_of(pd.Series(prospects), place),
            "is_yes": [one in reached for one in prospects],
        })  # fmt: skip


def _segment_of(accounts: pd.Series, place: pd.Series) -> pd.Series:
    """Give the segment of each account; unknown where it has none."""
    known = place.to_dict()
    return accounts.map(lambda one: known.get(one, UNKNOWN)).astype("str")


def _row(
    question: str, segment: str, cases: pd.DataFrame | None, settings: ChannelsSettings
) -> dict[str, object]:
    """Give the row of a question and segment; a blank verdict is decided among all of them."""
    nothing = dict.fromkeys(("difference", "low", "high"), np.nan)
    row: dict[str, object] = {
        "segment": segment, "question": question,
        "question_order": PROSPECTING.index(question) + 1, "value": np.nan, "count": 0,
        "others_value": np.nan, "is_grey": True, **nothing, "definition": _SAID[question][0],
    }  # fmt: skip
    if cases is None:
        return {**row, "verdict": f"not known: needs {_SAID[question][1]}"}
    is_mine = (cases["segment"] == segment) | (segment == ALL)
    is_other = ~is_mine & (cases["segment"] != UNKNOWN)
    mine, others = cases.loc[is_mine, "is_yes"], cases.loc[is_other, "is_yes"]
    if mine.empty:
        return {**row, "verdict": "not known: no case in the segment"}
    row |= {"value": float(mine.mean()), "count": len(mine),
            "is_grey": len(mine) < settings.minimum_cases}  # fmt: skip
    if segment == ALL:
        count = int((cases["segment"] == UNKNOWN).sum())
        text = f"all, {count:,} of them without a segment" if count else "all segments"
        return {**row, "verdict": text}
    if others.empty:
        return {**row, "verdict": "not known: no other segment to compare with"}
    row["others_value"] = float(others.mean())
    if min(len(mine), len(others)) < settings.minimum_cases:
        return {**row, "is_grey": True, "verdict": "too few cases for a conclusion"}
    low, high = newcombe((int(mine.sum()), len(mine)), (int(others.sum()), len(others)),
                         settings.confidence)  # fmt: skip
    return {**row, "difference": float(mine.mean() - others.mean()), "low": low,
            "high": high, "verdict": ""}  # fmt: skip
