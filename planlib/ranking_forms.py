"""
Form of a review with a rep in a notebook: the step agreed, who helps, a tier set by hand.

Nothing is stored before a person presses Save; where nobody sits before the notebook, a note says
how to keep the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.council_forms import signature, store_decisions
from planlib.displays import View, problem_list
from planlib.language import say
from planlib.ranking import METRICS
from planlib.widgets import Decides, is_interactive

if TYPE_CHECKING:
    import ipywidgets

_FIELDS = "rep_id, review_date, metric, agreed_step, helper, tier"


def review_form(
    wb: Decides,
    scores: pd.DataFrame,
    review_date: object,
    *,
    names: Mapping[str, str] | None = None,
) -> ipywidgets.VBox | View:
    """
    Show a form for the talk of a manager with a rep.

    Parameters
    ----------
    wb
        The workbook; Save stores a decision of kind ``ranking_reviews``.
    scores
        Table ``rep_scores``; reps with a tier can be chosen.
    review_date
        Day that is filled in.
    names
        Name by ``rep_id``; who has none is shown by the id.

    Returns
    -------
    VBox or View
        The form, or a note that says how to keep the log without one.
    """
    if not is_interactive():
        as_is = _FIELDS
        return problem_list([], none=(
            "In JupyterLab a form stands here for the review of a scorecard. Keep reviews here, by "
            "wb.decide('ranking_reviews', [...], who=..., why=...), or by a line in "
            f"overrides/ranking_reviews.csv. Fields: {as_is}. A tier sets it against the rule."
        ))  # fmt: skip
    return _form(wb, scores, str(review_date), names or {})


def _form(wb: Decides, scores: pd.DataFrame, day: str, names: Mapping[str, str]) -> ipywidgets.VBox:
    import ipywidgets as w

    wide = w.Layout(width="40em")
    style = {"description_width": "9em"}
    known = scores[scores["tier"].notna()].sort_values("rep_id")
    people = [(f"{names[rep]} ({rep})" if rep in names else rep, rep) for rep in known["rep_id"]]
    tiers = sorted(known["tier"].unique())
    metrics = [(say("the whole score"), "")]
    metrics += [(say(one.title), name) for name, one in METRICS.items()]
    fields: dict[str, Any] = {
        "rep_id": w.Dropdown(options=people, description=say("rep"), style=style),
        "review_date": w.Text(value=day, description=say("day"), style=style),
        "metric": w.Dropdown(options=metrics, description=say("metric"), style=style),
        "agreed_step": w.Text(placeholder=say("what was agreed"), description=say("step"),
                              style=style, layout=wide),
        "helper": w.Text(placeholder=say("who helps; blank: nobody"), description=say("helper"),
                         style=style, layout=wide),
        "tier": w.Dropdown(options=[(say("as the rule says"), ""),
                                    *[(say(one), one) for one in tiers]],
                           description=say("tier"), style=style),
    }  # fmt: skip
    who, why, save, said = signature("Save review")

    def on_save(_: object) -> None:
        row = {name: field.value.strip() or None if field.value else None
               for name, field in fields.items()}  # fmt: skip
        problems = [] if row["agreed_step"] else ["say which step was agreed"]
        problems += [] if row["rep_id"] else ["choose a rep"]
        said.value = store_decisions(wb, "ranking_reviews", [row], (who.value, why.value), problems)

    save.on_click(on_save)
    return w.VBox([*fields.values(), w.HBox([who, why, save]), said])
