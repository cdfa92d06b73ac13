"""Strategy, evaluation, steadiness and partners of key accounts, as the report shows them."""

from __future__ import annotations

import pandas as pd

from planlib.charts import key_account_evaluation as evaluation_charts
from planlib.exchange.audience import AudienceView
from planlib.key_accounts.evaluation import CHECKS, check_totals
from planlib.key_accounts.strategy import revisions
from planlib.report.common import account_names, named, rep_names
from planlib.report.parts import Block, Listing, picture
from planlib.settings.evaluation import ASPECTS

_GREY_NOTE = "pale: too few cases"


def strategy_blocks(view: AudienceView) -> list[Block]:
    """Give landing steps, and the strategies to look at again."""
    names = account_names(view)
    steps, calls = view.rows("landing_steps"), view.rows("strategy_calls")
    found: list[Block] = []
    if steps["status"].ne("not begun").any():
        found.append(picture(evaluation_charts.plot_landing_steps(steps, as_of=view.as_of)))
    if len(calls):
        rows = calls.assign(account=named(calls["account_id"], names))
        found.append(
            Listing(
                name="Strategies to revise",
                frame=rows[["account", "reason", "detail", "last_date"]],
                title="Strategies to look at again",
                labels={"last_date": "Last version"},
                missing={"last_date": "none"},
                limit=view.plan.report.rows,
            )
        )
    return [*found, *_versions(view, names)]


def _versions(view: AudienceView, names: pd.Series) -> list[Block]:
    """Give what changed in strategies, the latest change first; first versions change nothing."""
    rows = revisions(view.rows("strategy_versions"))
    if rows.empty:
        return []
    return [
        Listing(
            name="Strategies changed",
            frame=rows.assign(account=named(rows["account_id"], names))[
                ["when", "account", "version", "changed", "why", "who", "stage_goal"]
            ],
            title="How strategies changed, and why",
            subtitle=f"every version after the first until {view.as_of}, with its goal",
            labels={"when": "Day", "changed": "What changed", "stage_goal": "Goal"},
            limit=view.plan.report.rows,
        )
    ]


def evaluation_blocks(view: AudienceView) -> list[Block]:
    """Give cadence, agenda, checks, cost and return, effort, steadiness."""
    names, reps, rules = account_names(view), rep_names(view), view.plan.evaluation
    calendar, effort = view.rows("evaluation_calendar"), view.rows("effort_against_score")
    found: list[Block] = []
    for aspect in ASPECTS:
        if len(calendar[(calendar["aspect"] == aspect) & calendar["rep_id"].notna()]):
            found.append(picture(evaluation_charts.plot_cadence(calendar, reps, aspect)))
    found += _agenda(view)
    found += _checks(view)
    if view.rows("key_account_returns")["return_ratio"].notna().any():
        returns, currency = view.rows("key_account_returns"), view.plan.currency
        found.append(picture(
            evaluation_charts.plot_returns(returns, names, currency, as_of=view.as_of)
        ))  # fmt: skip
    if effort["effort_ratio"].notna().any():
        limits = (rules.effort_low, rules.effort_high)
        found.append(picture(evaluation_charts.plot_effort(effort, names, limits, view.as_of)))
    return [*found, *_money(view), *_steadiness(view)]


def _agenda(view: AudienceView) -> list[Block]:
    """Say what is to be done until when, and the commands that bring it into the next cycle."""
    rows = view.rows("evaluation_agenda")
    if rows.empty:
        return []
    return [
        Listing(
            name="Evaluation agenda",
            frame=rows[["aspect", "cadence", "end_date", "done_count", "due_count",
                        "overdue_count", "asked_count", "put_off_count", "how", "hand_in",
                        "command"]].assign(cadence=rows["cadence"].str.replace("_", " ")),
            title="What is to be evaluated until when, and how it comes into the next cycle",
            subtitle="key accounts, in the running period of each aspect; overdue: missed in the "
            "period before too; a month between two quarters is a cycle of its own: it counts "
            "closeness, needs and capability anew and keeps the list of key accounts",
            notes=_burden(view),
            labels={"end_date": "To be done by", "done_count": "Done", "due_count": "Due count",
                    "overdue_count": "Overdue", "asked_count": "On the sheets",
                    "put_off_count": "Put off", "how": "What a person does",
                    "hand_in": "Hand in", "command": "Then run"},
            limit=None,
        )
    ]  # fmt: skip


def _burden(view: AudienceView) -> list[str]:
    """Say what the ratings of this month take, per account, and what the cap put off."""
    rows = view.rows("rating_burden")
    accounts = rows["accounts_count"].sum()
    if not accounts:
        return []
    each = rows["asked_minutes"].sum() / accounts
    return [
        f"Ratings of this month take {each:.1f} minutes for each key account; at most "
        f"{view.plan.evaluation.minutes_a_month:.0f} minutes are asked of a person, and "
        f"{int(rows['put_off_count'].sum()):,} ratings are put off to keep to that."
    ]


def _checks(view: AudienceView) -> list[Block]:
    """Count how many are up to standard; people's results only where the audience may see them."""
    totals = check_totals({name: view.rows(name) for name, _ in CHECKS.values()})
    if totals.empty:
        return []
    return [
        Listing(
            name="Three checks",
            frame=totals,
            title="Three checks: how many are up to standard",
            subtitle="each rule with its limit; what is not known is neither met nor failed",
            labels={"met": "Up to standard", "noted": "Not met, with a review note"},
            limit=None,
        )
    ]


def _money(view: AudienceView) -> list[Block]:
    """Give money by account against its share of the scores, the furthest from it first."""
    rows = view.rows("effort_against_score")
    rows = rows[rows["spend_ratio"].notna()]
    if rows.empty:
        return []
    apart = (rows["spend_amount"] - rows["fair_spend_amount"]).abs()
    rows = rows.assign(apart=apart, account=named(rows["account_id"], account_names(view)))
    rows = rows.sort_values(["apart", "account_id"], ascending=[False, True], ignore_index=True)
    return [
        Listing(
            name="Money against score",
            frame=rows[["account", "score", "spend_amount", "fair_spend_amount", "spend_ratio",
                        "hours", "fair_hours", "people_count"]],
            title="Money, hours and people by key account, against its share of the scores",
            subtitle=f"{view.plan.currency}, twelve months until {view.as_of}; fair: all money, or "
            "all hours, x score / sum of scores; the furthest from it first",
            labels={"spend_amount": "Spent", "fair_spend_amount": "Fair", "spend_ratio": "Ratio",
                    "people_count": "People"},
            formats={"score": "score", "spend_ratio": "number"},
            limit=view.plan.report.rows,
        )
    ]  # fmt: skip


_FLAGS = ("is_unsteady", "is_push")


def _steadiness(view: AudienceView) -> list[Block]:
    """Give how steady sales and owners are: beyond chance first, then pushes and changes."""
    rows = view.rows("key_account_stability")
    known = rows[rows["variation"].notna() | (rows["owner_changes_count"].fillna(0) > 0)]
    if known.empty:
        return []
    flag = {f"_{name}": known[name].fillna(False).astype(bool) for name in _FLAGS}
    known = known.assign(account=named(known["account_id"], account_names(view)), **flag)
    known = known.sort_values(
        [*flag, "owner_changes_count", "variation", "account_id"],
        ascending=[False, False, False, False, True], na_position="last",
    ).reset_index(drop=True)  # fmt: skip
    changed = int((rows["owner_changes_count"].fillna(0) > 0).sum())
    basis = view.rows("key_account_owners")["basis"].dropna()
    return [
        Listing(
            name="Steadiness",
            frame=known[["account", "wins_count", "variation", "chance_variation", "is_unsteady",
                         "short_term_share", "is_push", "owner_changes_count",
                         "last_change_date"]],
            title="Steadiness of sales, short-term push, and changes of owner",
            subtitle="variation of quarters beside what chance gives with deals of these sizes; "
            "push: most deals in the last ten days of a fiscal quarter while closeness falls; the "
            f"owner of {changed:,} key accounts changed",
            notes=[f"Owner, as it counts for changes: {one}." for one in basis.mode()[:1]],
            labels={"wins_count": "Deals won", "chance_variation": "By chance",
                    "is_unsteady": "Unsteady", "short_term_share": "At quarter's end",
                    "is_push": "Short-term push", "owner_changes_count": "Owner changes",
                    "last_change_date": "Last change"},
            formats={"short_term_share": "share"},
            missing={"variation": "no deal was won", "short_term_share": "few deals",
                     "is_unsteady": "few deals", "is_push": "not known",
                     "last_change_date": "no change seen"},
            limit=view.plan.report.rows,
        )
    ]  # fmt: skip


def partner_blocks(view: AudienceView) -> list[Block]:
    """Give coverage, results and overlaps of partners, and the log of the directors."""
    found: list[Block] = []
    coverage, results = view.rows("partner_coverage"), view.rows("partner_results")
    if len(coverage):
        found.append(picture(
            evaluation_charts.plot_partners(coverage, view.plan.currency, as_of=view.as_of)
        ))  # fmt: skip
        found += _partner_gaps(view, coverage[coverage["is_gap"].astype(bool)])
    if len(results):
        rows = results.sort_values(["won_amount", "partner_id"], ascending=[False, True])
        rows = _with_kinds(rows)
        found.append(
            Listing(
                name="Partners",
                frame=rows[["name", "kind", "region", "deals_count", "won_count", "lost_count",
                            "won_amount", "win_share", "low", "high"]],
                title="What partners took part in",
                subtitle=f"{view.plan.currency}; a deal of two partners counts with both; low, "
                f"high: 95 % interval; {_GREY_NOTE}",
                labels={"deals_count": "Deals", "won_count": "Won", "lost_count": "Lost",
                        "won_amount": "Won amount", "win_share": "Win share"},
                formats=dict.fromkeys(("win_share", "low", "high"), "share"),
                grey=rows["is_grey"].fillna(True).astype(bool),
                limit=view.plan.report.rows,
            )
        )  # fmt: skip
    found += _overlaps(view)
    log = view.rows("director_log")
    if len(log):
        rows = log.assign(director=named(log["director_id"], rep_names(view)))
        tone = pd.Series("", index=log.index).mask(log["is_overdue"].astype(bool), "bad")
        found.append(
            Listing(
                name="Director's log",
                frame=rows[["director", "kind", "title", "due_date", "done_date", "status",
                            "effect", "closeness_change", "others_change", "accounts_count"]],
                title="Tasks and trainings of the directors",
                subtitle="closeness of the accounts concerned, three months on, beside all other "
                "key accounts: a sign, no proof",
                labels={"title": "What", "due_date": "Due", "done_date": "Done",
                        "closeness_change": "Change of closeness",
                        "others_change": "Change of others",
                        "accounts_count": "Accounts"},
                colors=pd.DataFrame({"status": tone, "due_date": tone}),
                limit=view.plan.report.rows,
            )
        )  # fmt: skip
    return found


def _with_kinds(rows: pd.DataFrame) -> pd.DataFrame:
    """Write the kinds of partner as people read them."""
    return rows.assign(kind=rows["kind"].str.replace("_", " ")).reset_index(drop=True)


def _partner_gaps(view: AudienceView, gaps: pd.DataFrame) -> list[Block]:
    """List the kinds of partner that a region should have, the most open business first."""
    if gaps.empty:
        return []
    rows = gaps.sort_values(["open_amount", "region", "kind"], ascending=[False, True, True])
    return [
        Listing(
            name="Partner gaps",
            frame=_with_kinds(rows)[["region", "kind", "detail", "partners_count",
                                     "accounts_count", "open_amount", "won_amount"]],
            title="Kinds of partner that a region should have, and has not",
            subtitle=f"{view.plan.currency}: open deals of the region, and won there in twelve "
            "months; what is expected is set in plan.yaml (key_account_lines.expected_partners)",
            labels={"detail": "What is missing", "partners_count": "Partners",
                    "accounts_count": "Key accounts", "open_amount": "Open deals",
                    "won_amount": "Won in the region"},
            limit=view.plan.report.rows,
        )
    ]  # fmt: skip


def _overlaps(view: AudienceView) -> list[Block]:
    rows = view.rows("partner_overlaps")
    if rows.empty:
        return []
    firms = view.rows("partners").drop_duplicates("partner_id").set_index("partner_id")["name"]
    rows = _with_kinds(rows)
    rows = rows.assign(partner=named(rows["partner_id"], firms),
                       other=named(rows["other_id"], firms))  # fmt: skip
    return [
        Listing(
            name="Partners in the same accounts",
            frame=rows[["kind", "partner", "other", "accounts_count", "deals_count",
                        "overlap_share"]],
            title="Partners of one kind in the same accounts",
            subtitle="overlap: shared accounts / accounts of the smaller of the two",
            labels={"other": "And", "accounts_count": "Accounts", "deals_count": "Deals",
                    "overlap_share": "Overlap"},
            formats={"overlap_share": "share"},
            limit=view.plan.report.rows,
        )
    ]  # fmt: skip
