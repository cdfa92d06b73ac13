"""
Controls on routing in a notebook: another policy tried on past leads, and the answer to why not me.

Neither stores anything; a policy is decided by a setting of plan.yaml, which the form names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planlib.displays import View, problem_list, table
from planlib.errors import PlanError
from planlib.routing import Routing, try_policy, why_not
from planlib.settings.routing import COMPARED_ONLY, POLICIES
from planlib.widgets import is_interactive

if TYPE_CHECKING:
    import ipywidgets

_MOST = 5_000  # suggestions
_NONE = "no lead is known: see what is missing"


def policy_form(routing: Routing | None) -> ipywidgets.VBox | View:
    """
    Show a policy and a floor to choose, and at once who would have had how many past leads.

    Parameters
    ----------
    routing
        Past leads as replayed by the policy in force; None without leads.

    Returns
    -------
    VBox or View
        The form, or a note that says which settings decide.
    """
    if routing is None:
        return problem_list([], none=_NONE)
    allowed = [one for one in POLICIES if one not in COMPARED_ONLY]
    if not is_interactive():
        return problem_list([], none=(
            "In JupyterLab a form stands here that tries another policy on the past leads. The "
            f"settings are routing.policy in plan.yaml ({', '.join(allowed)}) and "
            f"routing.floor_share; now {routing.policy} and {routing.settings.floor_share:g}."
        ))  # fmt: skip
    return _policy(routing, allowed)


def _policy(routing: Routing, allowed: list[str]) -> ipywidgets.VBox:
    import ipywidgets as w

    style, wide = {"description_width": "12em"}, w.Layout(width="36em")
    policy = w.Dropdown(options=allowed, value=routing.policy, description="policy", style=style,
                        layout=wide)  # fmt: skip
    floor = w.FloatSlider(value=routing.settings.floor_share, min=0.0, max=1.0, step=0.05,
                          description="share that goes by turn", continuous_update=False,
                          readout_format=".0%", style=style, layout=wide)  # fmt: skip
    result = w.HTML()

    def show(_: object = None) -> None:
        found = try_policy(routing, policy.value, round(floor.value, 2))
        placed = int(found["lead_count"].sum())
        moved = int(found["difference"].abs().sum()) // 2
        found = found.sort_values(["difference", "rep_id"], ascending=[False, True])
        view = table(
            found, title="Past leads by rep, as now and as tried; nothing is stored", limit=12,
            labels={"lead_count": "Leads now", "tried_count": "As tried",
                    "top_count": "Best grade now", "top_tried_count": "Best grade as tried"},
            notes=[f"at least {moved:,} of {placed:,} leads would go to somebody else",
                   f"to keep it, write in plan.yaml under routing: policy: {policy.value}, "
                   f"floor_share: {round(floor.value, 2):g}"],
        )  # fmt: skip
        result.value = view._repr_html_()

    for one in (policy, floor):
        one.observe(show, names="value")
    show()
    return w.VBox([policy, floor, result])


def why_form(routing: Routing | None) -> ipywidgets.VBox | View:
    """
    Show a lead and a rep to choose, and why the rep did or did not get the lead.

    Parameters
    ----------
    routing
        Leads as routed; None without leads.

    Returns
    -------
    VBox or View
        The form, or a note that names the command that answers.
    """
    if routing is None:
        return problem_list([], none=_NONE)
    if not is_interactive():
        return problem_list([], none=(
            "In JupyterLab a form stands here that says why a rep did not get a lead. Ask here by "
            "planlib.routing.why_not(routing, lead, rep), or by: planlib route WORKBOOK --why "
            "LEAD:REP"
        ))  # fmt: skip
    import ipywidgets as w

    style, wide = {"description_width": "12em"}, w.Layout(width="36em")
    leads = routing.leads.loc[routing.ready.order, "lead_id"].astype(str).tolist()
    people = routing.crew.people
    reps = [(f"{name} ({rep})" if isinstance(name, str) else str(rep), str(rep))
            for rep, name in zip(people["rep_id"], people["name"], strict=True)]  # fmt: skip
    lead = w.Combobox(options=leads[-_MOST:], description="lead", placeholder="id of a lead",
                      continuous_update=False, ensure_option=False, style=style,
                      layout=wide)  # fmt: skip
    rep = w.Dropdown(options=[("choose a rep", ""), *sorted(reps)], value="", description="rep",
                     style=style, layout=wide)  # fmt: skip
    said = w.HTML()

    def answer(_: Any) -> None:
        if not (lead.value.strip() and rep.value):
            said.value = ""
            return
        try:
            told = problem_list([], none=why_not(routing, lead.value.strip(), rep.value))
        except PlanError as error:
            told = problem_list(str(error).splitlines(), title="No answer")
        said.value = told._repr_html_()

    for one in (lead, rep):
        one.observe(answer, names="value")
    return w.VBox([lead, rep, said])
