"""The page that `planlib review` serves: published tables in, challenges out to overrides/."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from planlib.displays import problem_list
from planlib.errors import ParameterError, PlanError, WorkbookError, nearest
from planlib.exchange.audience import AudienceView
from planlib.plan import load_plan
from planlib.review_forms import review_page
from planlib.review_scope import READ, ReviewTables, scope_review
from planlib.store.layout import all_cycles, find_workbook
from planlib.store.scope import RunScope
from planlib.store.workbook import Workbook
from planlib.tables.declare import DECISION

if TYPE_CHECKING:
    import ipywidgets

#: Environment variable by which the server tells the page what to show, as JSON.
ENV_REVIEW = "PLANLIB_REVIEW"

_KINDS = ("challenges", "quota_challenges")
_OF_ALL = {column.name for column in DECISION}  # columns of every kind of decision


class PublishedPlan:
    """
    The published tables of a cycle as one audience sees them; challenges alone can be stored.

    Parameters
    ----------
    workbook
        Folder with plan.yaml.
    cycle
        Period; blank takes the latest one that is published.
    audience
        Audience of plan.yaml; blank takes ``report.audience``.

    Raises
    ------
    WorkbookError
        If nothing is published.
    ParameterError
        If plan.yaml has no such audience.
    """

    def __init__(self, workbook: str, cycle: str = "", audience: str = "") -> None:
        root = find_workbook(workbook)
        plan = load_plan(root)
        known = plan.report.audiences
        if audience and audience not in known:
            near = nearest(audience, known)
            hint = f"did you mean '{near[0]}'?" if near else f"plan.yaml has {', '.join(known)}"
            raise ParameterError("audience", [f"there is no audience '{audience[:40]}'; {hint}"])
        published = [one for one in all_cycles(root, plan.fiscal_year.fiscal_year())
                     if one.current() is not None]  # fmt: skip
        if cycle:
            wanted = plan.period(cycle).name
            published = [one for one in published if one.cycle == wanted]
        current = published[-1].current() if published else None
        if current is None:
            named = cycle or "any cycle"
            raise WorkbookError(f"{root.name}: nothing of {named} is published; "
                                f"run: planlib run {root.name} --cycle ...")  # fmt: skip
        period = plan.period(published[-1].cycle)
        self.root, self.revision = root, current.name
        self._workbook = Workbook(root, plan, period, scope=RunScope(current))
        self._view = AudienceView(self._workbook, audience or None)

    def tables(self, manager: str = "") -> ReviewTables:
        """Give what a manager may see; blank: everybody's."""
        return scope_review({name: self._view.get(name) for name in READ}, manager)

    def about(self) -> list[str]:
        """Give the lines that say what is shown."""
        book = self._workbook
        return [
            f"{book.root.name}, cycle {book.cycle.name}, published revision {self.revision}, data "
            f"as of {book.as_of}, amounts in {book.plan.currency}, shown for the audience "
            f"'{self._view.audience}'."
        ]

    def challenges(self, kind: str = "challenges") -> pd.DataFrame:
        """Give all challenges of a kind on record; rows that only end one are left out."""
        made = self._workbook.decisions(kind)
        own = [name for name in made.columns if name not in _OF_ALL]
        old = made.set_index("decision_id")[own].reindex(made["supersedes"]).set_axis(made.index)
        is_end = made["effective_to"].notna() & (old == made[own]).all(axis=1)
        return made[~is_end].reset_index(drop=True)

    def decide(
        self, kind: str, rows: Sequence[Mapping[str, object]], *, who: str, why: str
    ) -> list[str]:
        """
        Append challenges and give their ids.

        Raises
        ------
        WorkbookError
            If it is no challenge.
        InputError
            If a row is malformed; nothing is written then.
        """
        if kind not in _KINDS:
            raise WorkbookError(f"the review takes {', '.join(_KINDS)} only, not '{kind}'")
        return self._workbook.decide(kind, rows, who=who, why=why)


def show_review() -> ipywidgets.Widget:
    """Give the page for what the server was started for, or say why there is none."""
    import ipywidgets as w

    asked = json.loads(os.environ.get(ENV_REVIEW, "{}"))
    try:
        if not asked:
            raise WorkbookError("this page is opened by planlib review, not by itself")
        plan = PublishedPlan(asked["workbook"], asked["cycle"], asked["audience"])
        tables = plan.tables(asked["manager"])
    except PlanError as error:
        said = problem_list(str(error).splitlines(), title="The plan cannot be shown")
        return w.HTML(said._repr_html_())
    return review_page(tables, plan, plan.challenges, about=plan.about())
