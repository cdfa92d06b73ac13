"""The form in which a manager asks for another quota of a rep, in the view that managers get."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from planlib.council_forms import store_decisions
from planlib.displays import table
from planlib.review_scope import ReviewTables
from planlib.tables import table as contract
from planlib.widgets import Decides

_KIND = "quota_challenges"
_NOTE = 2_000  # characters


class QuotaChallenge:
    """
    The form and what was asked before; only for those who may see quotas.

    Parameters
    ----------
    tables
        What the manager may see; its quotas are those that can be challenged.
    wb
        Stores the challenge.
    sent
        Gives what is stored of a kind.
    """

    def __init__(
        self, tables: ReviewTables, wb: Decides, sent: Callable[[str], pd.DataFrame]
    ) -> None:
        import ipywidgets as w

        self.tables, self.wb, self.sent = tables, wb, sent
        style, wide = {"description_width": "9em"}, w.Layout(width="42em", max_width="98%")
        common = {"style": style, "layout": wide}
        mine = tables.quotas.dropna(subset="rep_id")
        people = [(f"{name} ({rep})" if isinstance(name, str) else str(rep), str(rep))
                  for rep, name in zip(mine["rep_id"], mine["name"], strict=True)]  # fmt: skip
        codes = contract(f"override_{_KIND}").by_name["reason_code"].allowed
        self.rep = w.Dropdown(options=[("choose a rep", ""), *people], value="",
                              description="quota of", **common)  # fmt: skip
        self.amount = w.Text(description="wanted quota", placeholder="yearly amount", **common)
        self.code = w.Dropdown(options=[("choose a reason", ""), *((one, one) for one in codes)],
                               value="", description="reason for it", **common)  # fmt: skip
        self.note = w.Textarea(description="why (quota)", rows=3, placeholder="what speaks for it",
                               **common)  # fmt: skip
        fixed = f"{tables.person_id} {tables.person_name}".strip()
        self.who = w.Text(description="who", placeholder="your name", value=fixed,
                          disabled=bool(fixed), **common)  # fmt: skip
        send = w.Button(description="Ask for another quota", button_style="primary",
                        layout=w.Layout(width="16em"))  # fmt: skip
        self.said, self.list = w.HTML(), w.HTML()
        send.on_click(lambda _: self._send())
        self.view = w.VBox([self.rep, self.amount, self.code, self.note, self.who, send,
                            self.said, self.list])  # fmt: skip
        self._list()

    def _send(self) -> None:
        note = self.note.value.strip()
        problems = [] if self.rep.value else ["choose a rep"]
        problems += [] if self.amount.value.strip() else ["give the yearly quota that is wanted"]
        problems += [] if self.code.value else ["choose a reason"]
        if len(note) > _NOTE:
            problems.append(f"the note has {len(note):,} characters; allowed are {_NOTE:,}")
        row = {"rep_id": self.rep.value, "reason_code": self.code.value,
               "wanted_amount": self.amount.value.replace(",", "").strip()}  # fmt: skip
        after = "The planner answers it in the step of the quotas, or the manager above in a pack."
        self.said.value = store_decisions(self.wb, _KIND, [row], (self.who.value, note), problems,
                                          after=after)  # fmt: skip
        if "Not saved" not in self.said.value:
            self.rep.value = self.amount.value = self.code.value = self.note.value = ""
        self._list()

    def _list(self) -> None:
        made = self.sent(_KIND)
        mine = made[made["rep_id"].isin(self.tables.quotas["rep_id"])]
        names: dict[Any, Any] = dict(
            zip(self.tables.quotas["rep_id"], self.tables.quotas["name"], strict=True)
        )
        shown = pd.DataFrame({
            "decision_id": mine["decision_id"], "when": mine["when"], "who": mine["who"],
            "rep": mine["rep_id"].map(names), "wanted_amount": mine["wanted_amount"],
            "reason": mine["reason_code"], "note": mine["why"],
        })  # fmt: skip
        self.list.value = table(
            shown.iloc[::-1], title="Quotas that were challenged", limit=50,
            formats={"wanted_amount": "amount"}, empty="no quota is challenged",
        )._repr_html_()  # fmt: skip
