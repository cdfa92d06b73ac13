"""Channels: how each persona of each segment responds, what converts, and who owns the content."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from planlib.intervals import newcombe
from planlib.settings.channels import PERSONAS, ChannelsSettings
from planlib.tables import table
from planlib.team.multiplicity import adjust, p_of_interval
from planlib.team.prospecting import ask_prospecting, prospecting_notes
from planlib.team.reviewed import TeamReview
from planlib.team.structure.inputs import words
from planlib.team.touches import UNKNOWN, ChannelInputs, Touched, gather_touches

ALL = "all"
NO_DIFFERENCE = "no clear difference"
_KEYS = ["source", "segment", "persona", "channel"]

DEFINITIONS: dict[str, str] = {
    "touched": "Sales: people to whom we made at least one outbound contact on the channel in the "
    "window; what a system sent or answered by itself counts for neither side. Marketing: leads "
    "that the channel touched.",
    "response": "Sales: the person came to us, on whatever channel, within the days of plan.yaml "
    "after our first contact on the channel. Marketing: the lead was converted within the days of "
    "conversion. The two are not the same and are not compared.",
    "response share": "Responses / touched, drawn to the channel's share over all cells (beta-"
    "binomial); interval of the Beta distribution. Everyone counts once by channel, by the first "
    "touch, so that many touches are no more chances.",
    "converted": "A new deal (no renewal) was created at the account within the days of plan.yaml "
    "after that contact; several channels may precede one deal, so this is no cause.",
    "difference of groups": "Named where its interval leaves out zero, and where it is beyond "
    "chance among all comparisons of the table together (Benjamini-Hochberg at the level of the "
    "interval).",
    "persona": "Seniority by the longest known word of the job title, else by the level in the "
    "CRM.",
}


class ChannelReview(TeamReview):
    """
    What was found about channels.

    Parameters
    ----------
    tables
        ``channel_response``, ``channel_preferences``, ``channel_content``,
        ``channel_prospecting``.
    lines
        Notes as kind, topic and text.
    """


def review_channels(
    inputs: ChannelInputs,
    settings: ChannelsSettings,
    as_of: date,
    *,
    segment_owners: dict[str, str] | None = None,
) -> ChannelReview:
    """
    Compare channels by segment and persona.

    Parameters
    ----------
    inputs
        Tables; a missing one leaves its part out and says so.
    settings
        Section ``channels`` of plan.yaml.
    as_of
        End of the window.
    segment_owners
        Accountable owner of each segment (``segmentation.segment_owners``).

    Returns
    -------
    ChannelReview
        Response, preferences, content and prospecting by segment, persona and channel.
    """
    touched = gather_touches(inputs, settings, as_of)
    owners = _Owners(settings, segment_owners or {}, inputs.reps)
    response = _response(touched, settings, owners)
    preferences = _preferences(touched, settings)
    content = _content(response, owners, _engaged(touched.inbound))
    tables = {
        "channel_response": response, "channel_preferences": preferences,
        "channel_content": content,
        "channel_prospecting": ask_prospecting(inputs, settings, as_of),
    }  # fmt: skip
    return ChannelReview(tables=tables, lines=_lines(inputs, tables, settings))


class _Owners:
    """Who owns the content of a cell."""

    def __init__(
        self, settings: ChannelsSettings, by_segment: dict[str, str], reps: pd.DataFrame | None
    ) -> None:
        self.given, self.by_segment = settings.content_owners, by_segment
        ids = [] if reps is None else reps["rep_id"].astype("str").tolist()
        self.names = {} if reps is None else dict(zip(ids, words(reps, "name"), strict=True))

    def of(self, segment: str, persona: str) -> tuple[str | None, str]:
        """Give owner and where it comes from."""
        for key, said in ((segment, "by segment"), (persona, "by persona")):
            if key in self.given:
                return self.given[key], f"channels.content_owners, {said}"
        if segment in self.by_segment:
            rep = self.by_segment[segment]
            return self.names.get(rep) or rep, "owner of the segment"
        return None, "no owner: name one in channels.content_owners"


def _response(touched: Touched, settings: ChannelsSettings, owners: _Owners) -> pd.DataFrame:
    from scipy.special import betaincinv

    people = touched.people
    if people.empty:
        return table("channel_response").empty()
    cells = _with_totals(people)
    count = cells.groupby(_KEYS, sort=True).agg(
        touch_count=("touch_count", "sum"), touched_count=("person_id", "size"),
        response_count=("is_response", "sum"), converted_count=("is_converted", "sum"),
        won_count=("is_won", "sum"),
    ).reset_index()  # fmt: skip
    n, k = (count[name].to_numpy(dtype=float) for name in ("touched_count", "response_count"))
    prior = _prior(count)
    mean = (k + prior["weight"] * prior["share"]) / (n + prior["weight"])
    a, b = mean * (n + prior["weight"]), (1 - mean) * (n + prior["weight"])
    tail = (1 - settings.confidence) / 2
    came = _with_totals(touched.inbound.assign(source="sales"))
    inbound = came.groupby(_KEYS).size()
    per_cell = came.groupby(_KEYS[:3]).size()
    index = pd.MultiIndex.from_frame(count[_KEYS])
    is_sales = count["source"] == "sales"
    own = pd.Series(inbound.reindex(index).fillna(0).to_numpy()).where(is_sales)
    whole = pd.Series(per_cell.reindex(pd.MultiIndex.from_frame(count[_KEYS[:3]])).to_numpy())
    frame = count.assign(
        raw_share=k / n, response_share=mean,
        low=betaincinv(np.maximum(a, 1e-3), np.maximum(b, 1e-3), tail),
        high=betaincinv(np.maximum(a, 1e-3), np.maximum(b, 1e-3), 1 - tail),
        inbound_count=own, inbound_share=own / whole.where(whole > 0),
        converted_share=count["converted_count"] / n,
        is_grey=n < settings.minimum_cases,
        owner=pd.Series([owners.of(s, p)[0] for s, p in
                         zip(count["segment"], count["persona"], strict=True)], dtype="object"),
    )  # fmt: skip
    return table("channel_response").coerce(frame)


def _with_totals(people: pd.DataFrame) -> pd.DataFrame:
    """Put the rows of all segments, and of all personas, beside the cells."""
    return pd.concat(
        [people, people.assign(segment=ALL), people.assign(persona=ALL),
         people.assign(segment=ALL, persona=ALL)], ignore_index=True,
    )  # fmt: skip


def _prior(count: pd.DataFrame) -> dict[str, np.ndarray]:
    """Give the share of each channel over all cells, and the cases it weighs (moments)."""
    share, weight = np.zeros(len(count)), np.zeros(len(count))
    single = (count["segment"] != ALL) & (count["persona"] != ALL)
    for _, rows in count.groupby(["source", "channel"]):
        cells = rows[single.loc[rows.index]]
        n = cells["touched_count"].to_numpy(dtype=float)
        k = cells["response_count"].to_numpy(dtype=float)
        mean = k.sum() / n.sum()
        seen = float((n * (k / n - mean) ** 2).sum())
        spread = (seen - (len(n) - 1) * mean * (1 - mean)) / n.sum()
        room = max(mean * (1 - mean), 1e-6)
        spread = min(max(spread, room / 201), room / 3)
        place = rows.index.to_numpy()
        share[place], weight[place] = mean, room / spread - 1
    return {"share": share, "weight": weight}


def _preferences(touched: Touched, settings: ChannelsSettings) -> pd.DataFrame:
    """Compare ways of contact and personas; a verdict allows for all comparisons together."""
    rows = list(_differences(touched.people, settings))
    if not rows:
        return table("channel_preferences").empty()
    found = pd.DataFrame(rows)
    alone = p_of_interval(found["difference"], found["low"], found["high"], settings.confidence)
    found["p_adjusted"] = adjust(np.where(found["is_grey"], np.nan, alone))
    is_chance = found["p_adjusted"] > 1 - settings.confidence
    return table("channel_preferences").coerce(
        found.assign(verdict=found["verdict"].mask(is_chance, NO_DIFFERENCE))
    )


def _differences(people: pd.DataFrame, settings: ChannelsSettings) -> Iterator[dict[str, object]]:
    sales = people[people["source"] == "sales"]
    if sales.empty:
        return
    face = sales["channel"].isin(settings.face_to_face)
    remote = sales["channel"].isin(settings.remote)
    social = sales["channel"].isin(settings.social)
    cells = [(ALL, ALL), *((ALL, p) for p in PERSONAS)]
    cells += [(s, ALL) for s in sorted(set(sales["segment"]) - {UNKNOWN})]
    for segment, persona in cells:
        mine = ((sales["segment"] == segment) | (segment == ALL)) & (
            (sales["persona"] == persona) | (persona == ALL)
        )
        for name, first, second in (("face to face less remote", face, remote),
                                    ("social less other", social, ~social)):  # fmt: skip
            yield _difference(name, (segment, persona, "both"), sales[mine & first],
                              sales[mine & second], settings)  # fmt: skip
    for channel in sorted(set(sales["channel"])):
        mine = sales["channel"] == channel
        yield _difference(
            "c_level less manager", (ALL, "both", channel),
            sales[mine & (sales["persona"] == "c_level")],
            sales[mine & (sales["persona"] == "manager")], settings,
        )  # fmt: skip


def _difference(
    comparison: str,
    key: tuple[str, str, str],
    first: pd.DataFrame,
    second: pd.DataFrame,
    settings: ChannelsSettings,
) -> dict[str, object]:
    """Compare two shares of people; interval of Newcombe (Statistics in Medicine 17, 1998)."""
    row: dict[str, object] = {
        "comparison": comparison, "segment": key[0], "persona": key[1], "channel": key[2],
        "first_count": len(first), "second_count": len(second),
        "is_grey": min(len(first), len(second)) < settings.minimum_cases,
    }  # fmt: skip
    if not len(first) or not len(second):
        return {**row, "difference": np.nan, "low": np.nan, "high": np.nan,
                "verdict": "not known: nobody was touched in one of the two groups"}  # fmt: skip
    one, two = float(first["is_response"].mean()), float(second["is_response"].mean())
    low, high = newcombe((int(first["is_response"].sum()), len(first)),
                         (int(second["is_response"].sum()), len(second)),
                         settings.confidence)  # fmt: skip
    names = comparison.split(" less ")
    if row["is_grey"]:
        said = "too few people for a conclusion"
    elif low > 0:
        said = f"{names[0]} responds more"
    elif high < 0:
        said = f"{names[1]} responds more"
    else:
        said = NO_DIFFERENCE
    return {**row, "first_share": one, "second_share": two, "difference": one - two, "low": low,
            "high": high, "verdict": said}  # fmt: skip


def _engaged(inbound: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Give the channel on which most contacts came to us, by segment and persona."""
    count = inbound.groupby(["segment", "persona", "channel"]).size().reset_index(name="n")
    count = count.sort_values(["n", "channel"], ascending=[False, True], kind="stable")
    first = count.drop_duplicates(["segment", "persona"])
    keys = zip(first["segment"], first["persona"], strict=True)
    return dict(zip(keys, first["channel"], strict=True))


def _content(
    response: pd.DataFrame, owners: _Owners, engaged: dict[tuple[str, str], str]
) -> pd.DataFrame:
    """Choose for each segment and persona the channel that is surely best: highest lower end."""
    cells = response[
        (response["source"] == "sales") & ~response["segment"].isin([ALL, UNKNOWN])
        & (response["persona"] != ALL)
    ]  # fmt: skip
    rows = []
    for segment, persona in sorted(set(zip(cells["segment"], cells["persona"], strict=True))):
        mine = cells[(cells["segment"] == segment) & (cells["persona"] == persona)]
        owner, basis = owners.of(segment, persona)
        row: dict[str, object] = {"segment": segment, "persona": persona, "owner": owner,
                                  "owner_basis": basis}  # fmt: skip
        row["engaged_channel"] = engaged.get((segment, persona))
        sure = mine[~mine["is_grey"]].sort_values(["low", "channel"], ascending=[False, True])
        row["is_grey"] = sure.empty
        if sure.empty:
            row["reason"] = "too few people on every channel for a suggestion"
        else:
            best = sure.iloc[0]
            row |= {name: best[name] for name in ("channel", "response_share", "low", "high",
                                                  "touched_count")}  # fmt: skip
            row["second_channel"] = sure["channel"].iloc[1] if len(sure) > 1 else None
            row["reason"] = (
                f"{best['channel']}: {100 * best['response_share']:.0f} % come back "
                f"({100 * best['low']:.0f} to {100 * best['high']:.0f} %, drawn to the channel's); "
                f"seen {best['response_count']} of {best['touched_count']}"
            )
        rows.append(row)
    return (
        table("channel_content").coerce(pd.DataFrame(rows))
        if rows
        else (table("channel_content").empty())
    )


def _lines(
    inputs: ChannelInputs, tables: dict[str, pd.DataFrame], settings: ChannelsSettings
) -> list[tuple[str, str, str]]:
    lines: list[tuple[str, str, str]] = [
        ("headline", "", text) for text in _headlines(tables["channel_preferences"], settings)
    ]
    for name, frames, said in (
        ("sales channels", (inputs.activities, inputs.contacts),
         "tables activities and contacts are needed to say who responds on which channel"),
        ("marketing channels", (inputs.marketing_touches, inputs.leads),
         "tables marketing_touches and leads are needed to say which campaign channel converts"),
        ("segments of channels", (inputs.segments,),
         "without segmentation (step 02) the segment of every contact is unknown"),
    ):  # fmt: skip
        if any(frame is None or frame.empty for frame in frames):
            lines.append(("missing", name, said))
    lines += prospecting_notes(tables["channel_prospecting"], settings)
    response = tables["channel_response"]
    unknown = response[(response["segment"] == ALL) & (response["persona"] == "unknown")]
    if len(unknown):
        lines.append((
            "caution", "personas",
            f"{int(unknown['touched_count'].sum())} touches of people whose title says no "
            "seniority: add words to channels.title_words",
        ))  # fmt: skip
    return lines + [("definition", topic, text) for topic, text in DEFINITIONS.items()]


def _headlines(preferences: pd.DataFrame, settings: ChannelsSettings) -> list[str]:
    texts = []
    confidence = f"{100 * settings.confidence:.0f}"
    whole = preferences[
        (preferences["comparison"] == "face to face less remote")
        & (preferences["segment"] == ALL) & (preferences["persona"] == ALL)
    ]  # fmt: skip
    for row in whole.to_dict("records"):
        if pd.notna(row["difference"]):
            said = str(row["verdict"])
            if said == NO_DIFFERENCE and (row["low"] > 0 or row["high"] < 0):
                count = int((~preferences["is_grey"].astype(bool)).sum())
                said = f"no clear difference, as it may be chance among {count} comparisons"
            texts.append(
                f"{100 * row['first_share']:.0f} % of the people met face to face come back to us "
                f"against {100 * row['second_share']:.0f} % of those contacted remotely "
                f"({confidence} % interval {100 * row['low']:+.0f} to {100 * row['high']:+.0f} "
                f"points): {said}."
            )
    levels = preferences[
        (preferences["comparison"] == "c_level less manager") & ~preferences["is_grey"]
    ]
    sure = levels[levels["verdict"].ne(NO_DIFFERENCE)]
    if len(levels):
        named = ", ".join(
            f"{channel} ({100 * difference:+.0f} points)" for channel, difference in
            zip(sure["channel"], sure["difference"], strict=True)
        )  # fmt: skip
        texts.append(
            f"C-level and managers differ by more than chance on {len(sure)} of {len(levels)} "
            "channels" + (f": {named}." if named else ".")
        )
    return texts
