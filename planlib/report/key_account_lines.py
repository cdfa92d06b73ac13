"""Part of the key-account section: coverage, credit in two lines, duties, targets."""

from __future__ import annotations

import pandas as pd

from planlib.charts import key_account_lines as charts
from planlib.charts.base import money
from planlib.exchange.audience import AudienceView
from planlib.key_accounts import SUPPLIED, SUPPLY_LABELS, duty_counts
from planlib.notes import count_of, percent
from planlib.report.common import account_names, filled, named, rep_names
from planlib.report.parts import Block, Gap, Line, Listing, picture

_STEP = "05_key_accounts"
_MOST = 8  # duties that are named
_MONEY = ["target_amount", "last_amount", "before_amount", "base_amount"]


def decided(view: AudienceView) -> list[Line]:
    """Say once what the company booked, and then what is credited in both lines."""
    bridge = view.rows("key_account_credit_bridge")
    if bridge.empty:
        return []
    period = bridge["period"].max()
    last = bridge[bridge["period"] == period].set_index("part")["amount"]
    if not {"company total", "overlay", "functional", "credited"} <= set(last.index):
        return []
    total, credited = float(last["company total"]), float(last["credited"])
    currency = view.plan.currency
    text = (
        f"Booked in {period}: {money(total, currency)}, counted once. Credited in "
        f"both lines: {money(credited, currency)} (overlay splits "
        f"{money(float(last['overlay']))}, functional line {money(float(last['functional']))})."
    )
    return [Line(text, step=_STEP)]


def problems(view: AudienceView) -> list[Line]:
    """Name gaps in coverage, credit that does not reconcile, duties that are open, targets."""
    lines = []
    coverage = view.rows("key_account_coverage")
    gaps = coverage[coverage["gap_count"] > 0]
    if len(gaps):
        text = f"{count_of(len(gaps), 'key account')} with a gap in coverage: " + _commonest(gaps)
        lines.append(Line(text, step=_STEP))
    bridge = view.rows("key_account_credit_bridge")
    wrong = bridge[(bridge["part"] == "difference") & (bridge["amount"] != 0)]
    lines += [
        Line(f"counted credit of {row.period} differs from the bookings", float(row.amount), _STEP)  # type: ignore[arg-type]
        for row in wrong.itertuples()
    ]
    jumps = view.rows("key_account_target_jumps")
    warned = int(jumps["is_warning"].fillna(False).sum())
    verb = "follows" if warned == 1 else "follow"
    if warned:
        lines.append(
            Line(
                f"{count_of(warned, 'target')} of key-account reps {verb} one good year: see what "
                "came of such years",
                step=_STEP,
            )
        )
    duties = view.rows("director_duties")
    pending = duties[duties["status"] == "open"]
    if len(pending):
        who = pending["director_id"].nunique()
        lines.append(
            Line(
                f"{count_of(len(pending), 'duty', 'duties')} of "
                f"{count_of(who, 'key-account director')} are open",
                step=_STEP,
            )
        )
    return lines


def gaps(view: AudienceView) -> list[Gap]:
    """Say what could not be computed on the lines."""
    found = []
    if not view.has("reps"):
        found.append(
            Gap(
                "Who leads key accounts, roll-ups, duties",
                "there are no reps",
                "table reps with manager_id and functional_manager_id",
                _STEP,
                frozenset({"reps"}),
            )
        )
    elif view.rows("director_duties").empty:
        found.append(
            Gap(
                "Duties of the regional key-account directors",
                "nobody in reps is a director or leads functionally",
                "reps.functional_manager_id, or a role named in plan.yaml",
                _STEP,
                frozenset({"reps.functional_manager_id"}),
            )
        )
    if not view.has("bookings"):
        found.append(
            Gap(
                "Credit counted against finance",
                "won deals count as booked",
                "table bookings",
                _STEP,
                frozenset({"bookings"}),
            )
        )
    return found


def blocks(view: AudienceView) -> list[Block]:
    """Give pictures and tables on the two lines."""
    names, currency = rep_names(view), view.plan.currency
    bridge, rollups = view.rows("key_account_credit_bridge"), view.rows("key_account_rollups")
    found: list[Block] = []
    if len(bridge):
        found += [picture(charts.plot_credit_bridge(bridge, currency)), _bridge(bridge, currency)]
    if len(rollups):
        found.append(picture(charts.plot_roll_ups(rollups, names, currency)))
    found += _coverage(view, names)
    duties = view.rows("director_duties")
    if len(duties):
        found.append(picture(charts.plot_duties(duties, names, view.as_of)))
        found += _duties(view, duties, names)
    found += _supply(view, names)
    found += _targets(view, names)
    boundary = view.rows("line_boundary")
    if len(boundary):
        found.append(
            Listing(
                name="Boundary of lines",
                frame=boundary.sort_values("place").drop(columns="place").reset_index(drop=True),
                title="Account line, project line, support line: who is responsible",
                subtitle="A answers for it, R does it, C is asked, I is told",
                limit=None,
            )
        )
    return found


def _commonest(gaps: pd.DataFrame) -> str:
    counts = gaps["gaps"].str.split("; ").explode().value_counts(sort=False)
    some = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))[:3]
    return ", ".join(f"{text} ({count})" for text, count in some)


def _bridge(bridge: pd.DataFrame, currency: str) -> Listing:
    wide = bridge.pivot(index="part", columns="period", values="amount")
    order = bridge.sort_values("place")["part"].drop_duplicates()
    rows = wide.reindex(order).reset_index()
    return Listing(
        name="Credit bridge",
        frame=rows,
        title="From the company total, counted once, to what is credited",
        subtitle=f"{currency}; by fiscal quarter, the last one until the as-of date",
        formats=dict.fromkeys(wide.columns, "amount"),
        labels={"part": "Step"},
        notes=[
            "Counted credit adds up to the bookings once. Credited amounts may exceed them and "
            "are never a company total."
        ],
        limit=None,
    )


def _coverage(view: AudienceView, names: pd.Series) -> list[Block]:
    coverage = view.rows("key_account_coverage")
    gaps = coverage[coverage["gap_count"] > 0]
    if gaps.empty:
        return []
    rows = pd.DataFrame(
        {
            "account": named(gaps["account_id"], account_names(view)),
            "owner": named(gaps["owner_id"], names),
            "planned": named(gaps["planned_owner_id"], names),
            "manager": named(gaps["manager_id"], names),
            "director": named(gaps["director_id"], names),
            "gaps": gaps["gaps"],
        }
    ).reset_index(drop=True)
    return [
        Listing(
            name="Coverage gaps",
            frame=filled(rows),
            title=f"Key accounts with a gap in coverage: {len(gaps)} of {len(coverage)}",
            subtitle="local rep owns today, before the territory plan; branch manager leads, "
            "regional director leads functionally",
            labels={"planned": "Owner in the territory plan"},
            missing=dict.fromkeys(["owner", "planned", "manager", "director"], "nobody"),
            limit=view.plan.report.rows,
        )
    ]


def _duties(view: AudienceView, duties: pd.DataFrame, names: pd.Series) -> list[Block]:
    """Count directors by duty, and show what is open or late; the rest is in the Excel file."""
    late = duties["is_late"].fillna(False).astype(bool)
    rows = duties[(duties["status"] == "open") | late].sort_values(["place", "director_id"])
    shown = rows.assign(director=named(rows["director_id"], names)).reset_index(drop=True)
    shown["status"] = shown["status"].mask(shown["is_late"].fillna(False).astype(bool), "late")
    kept = ["title", "director", "status", "evidence"]
    return [
        Listing(
            name="Duties by status",
            frame=duty_counts(duties),
            title="Duties of the key-account directors",
            subtitle=f"directors by status; {duties['director_id'].nunique()} directors",
            labels={
                "title": "Duty",
                "done_count": "Done",
                "open_count": "Open",
                "late_count": "Late",
                "unknown_count": "Not known",
            },
            notes=["Late: once said to be done, too long ago to count, and not done now."],
            limit=None,
        ),
        Listing(
            name="Duties open or late",
            frame=filled(shown[kept]),
            title=f"Open or late: {len(shown)} of {len(duties)}, and what shows it",
            labels={"title": "Duty"},
            limit=min(view.plan.report.rows, _MOST),
            empty="no duty is open",
        ),
    ]


def past_jumps(view: AudienceView) -> list[Block]:
    """Say what followed targets that one good year made: results, and who left."""
    past = view.rows("key_account_jump_results")
    found: list[Block] = []
    if len(past):
        by_sales = (past["basis"] == "sales alone").all()
        asked = (
            "reached: sold as much as in the year before, since no target of a past year is known"
            if by_sales
            else "reached: the target of the year"
        )
        found.append(
            Listing(
                name="After a good year",
                frame=past[["level", "people_count", "case_count", "reached_count",
                            "reached_share", "low", "high", "median_ratio", "note"]],
                title="How years went on after one good year, and after others",
                subtitle=f"{past['first_year'].iloc[0]} to {past['last_year'].iloc[0]}, years of "
                f"people who stayed to the end; {asked}; 95 % interval; pale: few years",
                labels={"level": "What went before", "people_count": "People",
                        "case_count": "Years", "reached_count": "Reached",
                        "reached_share": "Share", "median_ratio": "Median, x"},
                formats=dict.fromkeys(("reached_share", "low", "high"), "share"),
                grey=past["is_grey"].fillna(True).astype(bool),
                limit=None,
            )
        )  # fmt: skip
    exits = view.rows("exit_drivers")
    exits = exits[exits["driver"] == "target_jump"].reset_index(drop=True)
    if "ratio" in exits.columns and len(exits):
        found.append(
            Listing(
                name="Leavers after a good year",
                frame=exits[["driver_level", "people_count", "person_years", "leavers_count",
                             "ratio", "low", "high", "finding"]],
                title="Do people leave after a target that one good year made?",
                subtitle="everybody in the window of leavers; rate / rate of the others, 95 % "
                "interval; groups with few people are merged",
                labels={"driver_level": "Year", "people_count": "People",
                        "person_years": "Person-years", "leavers_count": "Leavers",
                        "finding": "In words"},
                limit=None,
            )
        )  # fmt: skip
    return found


def _supply(view: AudienceView, names: pd.Series) -> list[Block]:
    """Give what each director did for the key accounts led, most accounts first."""
    rows = view.rows("director_supply")
    if rows.empty:
        return []
    rows = rows.assign(director=named(rows["director_id"], names)).sort_values(
        ["accounts_count", "director_id"], ascending=[False, True], ignore_index=True
    )
    return [
        Listing(
            name="What directors supply",
            frame=rows[["director", *SUPPLIED]],
            title="What the directors judged, supplied and taught in twelve months",
            subtitle=f"for the key accounts led, {view.plan.currency}; local reps own accounts, so "
            "what a director owns in person stands first",
            labels=SUPPLY_LABELS,
            notes=sorted({text for text in rows["reason"] if text}),
            limit=None,
        )
    ]


def _targets(view: AudienceView, names: pd.Series) -> list[Block]:
    jumps = view.rows("key_account_target_jumps")
    warned = jumps[jumps["is_warning"].fillna(False).astype(bool)]
    if warned.empty:
        return past_jumps(view)
    rows = warned.assign(rep=named(warned["rep_id"], names)).reset_index(drop=True)
    kept = ["rep", *_MONEY, "top_account_share", "last_ratio", "reason"]
    rows = rows[[name for name in kept if name in rows.columns]]
    return [
        Listing(
            name="Targets that jump",
            frame=rows,
            title="Targets that follow one good year",
            subtitle="named: the target is more than "
            f"{percent(view.plan.key_accounts.jump_share)} above the base, and the last twelve "
            "months are so above the years before; base: mean yearly amount won with the accounts "
            f"that are the rep's today, of the {int(warned['year_count'].max())} years known",
            labels={
                "last_amount": "Last twelve months",
                "before_amount": "Mean of years before",
                "base_amount": "Mean of all years",
                "last_ratio": "Last / before",
            },
            formats=dict.fromkeys([name for name in _MONEY if name in rows.columns], "amount"),
            units=dict.fromkeys(
                [name for name in _MONEY if name in rows.columns], view.plan.currency
            ),
            limit=view.plan.report.rows,
        ),
        *past_jumps(view),
    ]
