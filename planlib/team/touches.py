"""Who was touched on which channel, who responded, and what came of it: one row per person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from planlib.settings.channels import ChannelsSettings
from planlib.team.personas import personas_of
from planlib.team.structure.inputs import days, flags, words

UNKNOWN = "unknown"
_COLUMNS = ["source", "person_id", "account_id", "segment", "persona", "channel", "touch_count",
            "is_response", "is_converted", "is_won"]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ChannelInputs:
    """
    Tables of the workbook on channels, each None where it is missing.

    Parameters
    ----------
    activities, contacts, marketing_touches, campaigns, leads, opportunities, segments, reps
        As their contracts say; ``segments`` is that of step 02.
    """

    activities: pd.DataFrame | None = None
    contacts: pd.DataFrame | None = None
    marketing_touches: pd.DataFrame | None = None
    campaigns: pd.DataFrame | None = None
    leads: pd.DataFrame | None = None
    opportunities: pd.DataFrame | None = None
    segments: pd.DataFrame | None = None
    reps: pd.DataFrame | None = None


@dataclass(frozen=True, kw_only=True)
class Touched:
    """
    Touches, gathered.

    Parameters
    ----------
    people
        One row per source, person and channel: segment, persona, touches, and for the first of
        them whether the person responded, the account had a new deal in time, and won it.
    inbound
        One row per contact that came to us: segment, persona, channel.
    """

    people: pd.DataFrame = field(repr=False)
    inbound: pd.DataFrame = field(repr=False)


def gather_touches(inputs: ChannelInputs, settings: ChannelsSettings, as_of: date) -> Touched:
    """
    Gather touches of sales and marketing within the window.

    Parameters
    ----------
    inputs
        Sales: outbound activities to a contact. Marketing: touches of a lead.
    settings
        Window, days of response and conversion, words of titles.
    as_of
        End of the window.

    Returns
    -------
    Touched
        Touches by person and channel, and contacts that came to us.
    """
    segment = _segments(inputs)
    created = _new_deals(inputs)
    sales, inbound = _sales(inputs, settings, as_of, segment)
    marketing = _marketing(inputs, settings, as_of, segment)
    people = pd.concat([_with_deals(sales, created, settings), marketing], ignore_index=True)
    return Touched(people=people[_COLUMNS], inbound=inbound)


def _segments(inputs: ChannelInputs) -> dict[str, str]:
    if inputs.segments is None:
        return {}
    return dict(zip(inputs.segments["account_id"].astype("str"), words(inputs.segments, "segment"),
                    strict=True))  # fmt: skip


def _segment_of(account: pd.Series, segment: dict[str, str]) -> pd.Series:
    """Give the segment of each account, unknown where there is none."""
    return account.map(segment).astype("object").fillna(UNKNOWN).replace({"": UNKNOWN})


def _new_deals(inputs: ChannelInputs) -> pd.DataFrame:
    if inputs.opportunities is None:
        return pd.DataFrame({
            **{name: pd.Series(dtype="str") for name in ("opportunity_id", "account_id")},
            "created": pd.Series(dtype="datetime64[us]"), "is_won": pd.Series(dtype="bool"),
        })  # fmt: skip
    deals = inputs.opportunities
    frame = pd.DataFrame({
        "opportunity_id": deals["opportunity_id"].astype("str"),
        "account_id": words(deals, "account_id"), "created": days(deals, "created_date"),
        "is_won": flags(deals, "is_won"), "is_new": words(deals, "deal_type").ne("renewal"),
    })  # fmt: skip
    return frame[frame["is_new"]].dropna(subset=["created"])


def _inside(day: pd.Series, settings: ChannelsSettings, as_of: date) -> pd.Series:
    start = pd.Timestamp(as_of) - pd.DateOffset(months=settings.window_months)
    return (day > start) & (day < pd.Timestamp(as_of) + pd.Timedelta(days=1))


def _sales(
    inputs: ChannelInputs, settings: ChannelsSettings, as_of: date, segment: dict[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give outbound touches, one row each, and inbound contacts."""
    activities, contacts = inputs.activities, inputs.contacts
    nothing = pd.DataFrame(columns=["person_id", "account_id", "channel", "day", "segment",
                                    "persona", "is_response"])  # fmt: skip
    if activities is None or contacts is None or activities.empty or contacts.empty:
        return nothing, nothing[["segment", "persona", "channel"]]
    people = contacts.drop_duplicates("contact_id")
    persona = personas_of(words(people, "title"), settings, words(people, "level"))
    persona_of = dict(zip(people["contact_id"].astype("str"), persona, strict=True))
    home = dict(zip(people["contact_id"].astype("str"), words(people, "account_id"), strict=True))
    day = days(activities, "activity_date")
    person = words(activities, "contact_id")
    account = words(activities, "account_id")
    frame = pd.DataFrame({
        "person_id": person, "day": day, "direction": words(activities, "direction"),
        "account_id": account.mask(account == "", person.map(home)).fillna(""),
        "channel": words(activities, "activity_type").replace({"": "other"}),
        "persona": person.map(persona_of),
    })[_inside(day, settings, as_of) & ~flags(activities, "is_automatic")]  # fmt: skip
    frame = frame[frame["persona"].notna() & (frame["channel"] != "task")]
    frame = frame.assign(segment=_segment_of(frame["account_id"], segment))
    out = frame[frame["direction"] == "out"].sort_values(
        ["day", "person_id", "channel"], kind="stable", ignore_index=True
    )
    came = frame[frame["direction"] == "in"].sort_values(["day", "person_id"], kind="stable")
    out["is_response"] = _answered(out, came, settings.response_days)
    return out, came[["segment", "persona", "channel"]].reset_index(drop=True)


def _answered(out: pd.DataFrame, came: pd.DataFrame, within: int) -> np.ndarray:
    """Say which touches the same person answered, on whatever channel, within the days."""
    if out.empty or came.empty:
        return np.zeros(len(out), dtype=bool)
    answers = came[["day", "person_id"]].rename(columns={"day": "answer"})
    joined = pd.merge_asof(
        out[["day", "person_id"]], answers.assign(day=answers["answer"]), on="day",
        by="person_id", direction="forward", tolerance=pd.Timedelta(days=within),
    )  # fmt: skip
    return joined["answer"].notna().to_numpy()


def _with_deals(
    out: pd.DataFrame, created: pd.DataFrame, settings: ChannelsSettings
) -> pd.DataFrame:
    """Add the first new deal of the account in time, and bring touches to people."""
    if out.empty:
        return pd.DataFrame(columns=_COLUMNS)
    deals = created.sort_values(["created", "opportunity_id"], kind="stable")
    deals = deals.assign(day=deals["created"])
    joined = pd.merge_asof(
        out, deals[["day", "account_id", "created", "is_won"]], on="day", by="account_id",
        direction="forward", tolerance=pd.Timedelta(days=settings.conversion_days),
    )  # fmt: skip
    joined["is_converted"] = joined["created"].notna()
    joined["is_won"] = joined["is_won"].astype("boolean").fillna(False).astype(bool)
    return _people(joined.assign(source="sales"))


def _people(touches: pd.DataFrame) -> pd.DataFrame:
    """Bring touches to people by their first touch, so that many touches are no more chances."""
    keys = ["source", "person_id", "account_id", "segment", "persona", "channel"]
    grouped = touches.sort_values(["day", *keys], kind="stable").groupby(keys, sort=True)
    return grouped.agg(
        touch_count=("is_response", "size"), is_response=("is_response", "first"),
        is_converted=("is_converted", "first"), is_won=("is_won", "first"),
    ).reset_index()  # fmt: skip


def _marketing(
    inputs: ChannelInputs, settings: ChannelsSettings, as_of: date, segment: dict[str, str]
) -> pd.DataFrame:
    """Give leads by channel: answered when the lead became a deal or contact in time."""
    touches, leads = inputs.marketing_touches, inputs.leads
    if touches is None or leads is None or touches.empty or leads.empty:
        return pd.DataFrame(columns=_COLUMNS)
    known = leads.drop_duplicates("lead_id").set_index("lead_id")
    persona = personas_of(words(known, "title"), settings)
    day = days(touches, "touch_date")
    lead = words(touches, "lead_id")
    channel = words(touches, "channel")
    if inputs.campaigns is not None:
        of_campaign = dict(zip(inputs.campaigns["campaign_id"], words(inputs.campaigns, "channel"),
                               strict=True))  # fmt: skip
        channel = channel.mask(channel == "", words(touches, "campaign_id").map(of_campaign))
    frame = pd.DataFrame({
        "person_id": lead, "day": day, "channel": channel.fillna("").replace({"": "other"}),
    })[_inside(day, settings, as_of) & lead.isin(known.index)]  # fmt: skip
    if frame.empty:
        return pd.DataFrame(columns=_COLUMNS)
    account = words(known, "account_id")
    won = _won_ids(inputs)
    deal = words(known, "opportunity_id")
    when = days(known, "converted_date")
    frame = frame.assign(
        account_id=frame["person_id"].map(account), persona=frame["person_id"].map(persona),
        deal=frame["person_id"].map(deal), when=frame["person_id"].map(when),
    )  # fmt: skip
    late = frame["when"] - frame["day"]
    in_time = (late >= pd.Timedelta(0)) & (late <= pd.Timedelta(days=settings.conversion_days))
    converted = in_time & (frame["deal"] != "")
    return _people(frame.assign(
        source="marketing",
        segment=_segment_of(frame["account_id"], segment),
        is_response=in_time, is_converted=converted, is_won=converted & frame["deal"].isin(won),
    ))  # fmt: skip


def _won_ids(inputs: ChannelInputs) -> set[str]:
    if inputs.opportunities is None:
        return set()
    deals = inputs.opportunities
    return set(deals.loc[flags(deals, "is_won"), "opportunity_id"].astype("str"))
