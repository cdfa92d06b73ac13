"""
Sliders and form of the quotas in a notebook: try a blend, set the quota of a rep, team or unit.

The sliders never write; the form stores nothing before a person presses Save. Where nobody sits
before the notebook, a table and a note stand in.
"""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.council_forms import signature, store_decisions
from planlib.displays import TableView, View, problem_list
from planlib.displays import table as table_view
from planlib.displays.values import write
from planlib.language import say
from planlib.quotas import QuotaReview
from planlib.quotas.assign import QuotaParts, assign_quotas
from planlib.quotas.trial import BlendEffect, DecisionEffect, try_blend, try_decision
from planlib.widgets import Decides, explore, is_interactive

if TYPE_CHECKING:
    import ipywidgets

_MOST_SUGGESTIONS = 2_000
_NOBODY = "no quotas are planned: see what is missing"
_DEFINED = (
    "chance: share of simulated years in which all reps together attain the target; leavers and "
    "late hires included",
    "stretch: quota / bottom-up",
    "capacity of a rep: ramped quota x all quotas / all ramped quotas, with the tolerance of the "
    "check of the plans",
)


def blend_sliders(
    review: QuotaReview, *, tolerance: float = 0.0
) -> ipywidgets.VBox | View | TableView:
    """
    Show sliders for the blend and the certainty, and at once what they do.

    Parameters
    ----------
    review
        The review; its settings stand in the first column.
    tolerance
        How far a quota may exceed capacity, ``plan_check.capacity_tolerance``.

    Returns
    -------
    VBox, View or TableView
        The sliders; headless a table of the plan and of both ends of the blend.
    """
    parts = review.parts
    if parts is None:
        return problem_list([], none=_NOBODY)
    plan = try_blend(parts, tolerance=tolerance)
    if not is_interactive():
        ends = {f"{name} alone": try_blend(parts, top_down_share=share, tolerance=tolerance)
                for name, share in (("bottom-up", 0.0), ("top-down", 1.0))}  # fmt: skip
        return _compare(parts, {"plan": plan, **ends}, "What the blend decides", (
            "in JupyterLab sliders stand here for top_down_share and certainty; nothing is stored "
            "by them",))  # fmt: skip

    def show(top_down_share: float, certainty: float) -> TableView:
        tried = try_blend(parts, top_down_share=round(top_down_share, 2),
                          certainty=round(certainty, 2), tolerance=tolerance)  # fmt: skip
        title = "What the sliders would do; nothing is stored"
        return _compare(parts, {"plan": plan, "sliders": tried}, title, (_setting(tried),))

    return explore(show, top_down_share=(0.0, 1.0, 0.05, plan.top_down_share),
                   certainty=(min(0.5, plan.certainty), max(0.99, plan.certainty), 0.01,
                              plan.certainty))  # fmt: skip


def quota_form(wb: Decides, review: QuotaReview) -> ipywidgets.VBox | View:
    """
    Show a form in which a leader sets the quota of a rep, a manager's team or a unit.

    Parameters
    ----------
    wb
        The workbook; Save stores a decision of kind ``quotas``.
    review
        The review; what the others of the level then get is computed from it.

    Returns
    -------
    VBox or View
        The form, or a note that says how to decide without one.
    """
    if review.parts is None:
        return problem_list([], none=_NOBODY)
    if not is_interactive():
        return problem_list([], none=(
            "In JupyterLab a form stands here: choose a rep, a manager's team or a unit, and see "
            "what the others of the level get before you save. Decide here, by "
            "wb.decide('quotas', [...], who=..., why=...), or by a line in overrides/quotas.csv. "
            "Fields: rep_id (a manager: the team) or unit, quota_amount, effective_from, "
            "effective_to. Give effective_from: without it a quota also counts in later years, and "
            "not where it is set after the as-of date."
        ))  # fmt: skip
    return _Form(wb, review.parts).view


def _setting(tried: BlendEffect) -> str:
    return (
        f"to keep it, write in plan.yaml under quotas: top_down_share: {tried.top_down_share:g}, "
        f"certainty: {tried.certainty:g}"
    )


def _compare(
    parts: QuotaParts, effects: dict[str, BlendEffect], title: str, notes: tuple[str, ...]
) -> TableView:
    quotas = parts.world.quotas
    rows = {
        "weight of top-down": [write(one.top_down_share, "share") for one in effects.values()],
        "certainty wanted": [write(one.certainty, "share") for one in effects.values()],
        "over-assignment": [write(one.over_assignment, "share") for one in effects.values()],
        "street quota": [write(one.street_amount, "amount") for one in effects.values()],
        "chance to reach the target": [
            write(one.probability, "share") + ("" if one.is_enough else ", less than wanted")
            for one in effects.values()
        ],
        "chance if higher quotas move nobody": [
            write(one.unmoved_probability, "share") for one in effects.values()
        ],
        "stretch: least, median, most": [
            " / ".join(write(value, "number")
                       for value in (one.stretch_low, one.stretch_middle, one.stretch_high))
            for one in effects.values()
        ],
        f"stretched, from {quotas.stretch_high:g} x": [
            write(one.stretched_count, "count") for one in effects.values()
        ],
        f"slack, below {quotas.stretch_low:g} x": [
            write(one.slack_count, "count") for one in effects.values()
        ],
        "reps beyond their capacity": [
            f"{one.beyond_count} of {one.carriers_count}" for one in effects.values()
        ],
        "quotas set by people, not kept": [
            ", ".join(one.lost) or "none" for one in effects.values()
        ],
    }  # fmt: skip
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(effects))
    frame = frame.rename_axis("measure").reset_index()
    return table_view(frame, title=title, notes=[*notes, *_DEFINED], limit=None)


class _Form:
    """The parts of the form and what they do."""

    def __init__(self, wb: Decides, parts: QuotaParts) -> None:
        import ipywidgets as w

        self.wb, self.parts, self.made = wb, parts, assign_quotas(parts)
        self.about = _choices(parts)
        style, wide = {"description_width": "9em"}, w.Layout(width="40em")
        common = {"style": style, "layout": wide, "continuous_update": False}
        self.whose = w.Combobox(options=list(self.about)[:_MOST_SUGGESTIONS], ensure_option=False,
                                description=say("whose quota"),
                                placeholder=say("rep, team or unit"), **common)  # fmt: skip
        self.amount = w.Text(description=say("yearly quota"), placeholder=say("amount"), **common)
        year = parts.world.year
        self.first = w.Text(description=say("from"), value=year.start.isoformat(), **common)
        self.last = w.Text(description=say("to"), value=year.end.isoformat(), **common)
        self.effect = w.HTML()
        self.who, self.why, self.save, self.said = signature("Save quota")
        for one in (self.whose, self.amount, self.first, self.last):
            one.observe(lambda _: self._show(), names="value")
        self.save.on_click(lambda _: self._save())
        self.view = w.VBox([self.whose, self.amount, self.first, self.last, self.effect,
                            w.HBox([self.who, self.why, self.save]), self.said])  # fmt: skip

    def _given(self) -> tuple[dict[str, Any], list[str]]:
        """Give what is filled in, and what is wrong with it."""
        name = self.whose.value.strip()
        about = self.about.get(name)
        problems = []
        if about is None:
            problems.append(f"there is no rep, team or unit '{name}'" if name
                            else "choose a rep, a team or a unit")  # fmt: skip
        amount = _number(self.amount.value)
        if amount is None:
            problems.append("give the yearly quota as a number of at least 0")
        days = [_day(one.value) for one in (self.first, self.last)]
        if "" in days:
            problems.append("give days as 2026-07-01, or leave them blank")
        elif None not in days and str(days[0]) > str(days[1]):
            problems.append("the last day is before the first")
        return {"about": about, "amount": amount, "first": days[0], "last": days[1]}, problems

    def _try(self, given: dict[str, Any]) -> DecisionEffect:
        first, last = (None if given[name] is None else pd.Timestamp(given[name])
                       for name in ("first", "last"))  # fmt: skip
        return try_decision(self.parts, self.made, given["amount"], first=first, last=last,
                            **given["about"])  # fmt: skip

    def _show(self) -> None:
        if not (self.whose.value.strip() and self.amount.value.strip()):
            self.effect.value = ""
            return
        given, problems = self._given()
        if problems:
            self.effect.value = problem_list(problems, title="Not yet").body
            return
        tried = self._try(given)
        if not tried.is_kept:
            self.effect.value = problem_list([tried.reason], title="It cannot be kept").body
            return
        said = [tried.reason]
        if tried.supersedes:
            said.append(f"it takes the place of {tried.supersedes}")
        said += [f"no longer kept: {one}" for one in tried.lost]
        view = table_view(
            tried.level, title="What the level then gets; nothing is stored yet", limit=None,
            formats={"before_amount": "amount", "quota_amount": "amount", "stretch": "number",
                     "difference_amount": "amount", "bottom_up_amount": "amount"},
            notes=[*said, "the last line is the sum of the level"],
        )  # fmt: skip
        self.effect.value = view._repr_html_()

    def _save(self) -> None:
        given, problems = self._given()
        row: dict[str, object] = {}
        if not problems:
            tried = self._try(given)
            problems = [] if tried.is_kept else [f"it cannot be kept: {tried.reason}"]
            row = {
                **{name: one for name, one in given["about"].items() if one is not None},
                "quota_amount": f"{given['amount']:.2f}".removesuffix(".00"),
                "effective_from": given["first"], "effective_to": given["last"],
                "supersedes": tried.supersedes,
            }  # fmt: skip
        self.said.value = store_decisions(self.wb, "quotas", [row],
                                          (self.who.value, self.why.value), problems)  # fmt: skip


def _choices(parts: QuotaParts) -> dict[str, dict[str, str | None]]:
    """Give what a person reads of each rep, team and unit, and what it is."""
    nodes = parts.tree.nodes.dropna(subset="rep_id").sort_values(["rep_id", "depth"])
    nodes = nodes.drop_duplicates("rep_id")  # a manager's quota is that of the team
    found: dict[str, dict[str, str | None]] = {}
    for rep, name, kind in zip(nodes["rep_id"], nodes["name"], nodes["kind"], strict=True):
        team = say(", team") if kind == "manager" else ""
        found[f"{rep} · {name}{team}"] = {"rep_id": str(rep), "unit": None}
    for unit in sorted(parts.carriers["unit"].dropna().unique()):
        found[say(f"unit · {unit}")] = {"rep_id": None, "unit": str(unit)}
    return found


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "").replace(" ", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _day(text: str) -> str | None:
    """Give a day as it is stored; None where it is blank, blank text where it is none."""
    plain = text.strip()
    if not plain:
        return None
    try:
        return date.fromisoformat(plain).isoformat()
    except ValueError:
        return ""
