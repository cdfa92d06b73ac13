"""
The manager's view of a published plan: own accounts with reason, balance, quotas, challenges.

It only shows; a challenge is stored when a person presses Send. All text from data is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.council_forms import store_decisions
from planlib.displays import Format, problem_list, table
from planlib.displays.views import facts, safe
from planlib.review_quotas import QuotaChallenge
from planlib.review_scope import ReviewTables
from planlib.tables import table as contract
from planlib.widgets import Decides

if TYPE_CHECKING:
    import ipywidgets

_PAGE = 10
_EVERY = "everybody"
_BLANK = "choose a reason"
_NOTE, _MOST = 2_000, 5_000  # characters of a note, suggestions of accounts
_AMOUNTS: dict[str, Format] = {"acv": "amount", "potential": "amount", "open_amount": "amount",
            "workload_hours": "count"}  # fmt: skip
_SHOWN = ("account_id", "name", "owner", "planned", "next_best", "acv", "potential",
          "open_amount", "reason")  # fmt: skip
_LABELS = {"owner": "Owner today", "planned": "Owner in the plan", "next_best": "Next best rep",
           "acv": "ACV"}  # fmt: skip


def review_page(
    tables: ReviewTables, wb: Decides, sent: Callable[[str], pd.DataFrame], *, about: Sequence[str]
) -> ipywidgets.VBox:
    """
    Show the whole view.

    Parameters
    ----------
    tables
        What the manager may see.
    wb
        Stores decisions of kinds ``challenges`` and ``quota_challenges``.
    sent
        Gives what is stored of a kind.
    about
        Lines on top: workbook, cycle, as-of date, currency.
    """
    import ipywidgets as w

    form = _Challenge(tables, wb, sent)
    pages = {
        "Accounts": _Accounts(tables).view,
        "Balance": _balance(tables),
        "Quotas": _quotas(tables, wb, sent),
        "Key accounts": _key_accounts(tables),
        "Challenge": form.view,
    }
    tabs = w.Tab(children=list(pages.values()), titles=tuple(pages))
    return w.VBox([w.HTML(_head(tables, about)), tabs], layout=w.Layout(width="100%"))


def _head(tables: ReviewTables, about: Sequence[str]) -> str:
    accounts = tables.accounts
    gained = accounts["planned_id"].isin(list(tables.team)) & ~accounts["owner_id"].isin(
        list(tables.team)
    )
    lost = accounts["owner_id"].isin(list(tables.team)) & ~accounts["planned_id"].isin(
        list(tables.team)
    )
    whose = f"Plan of {tables.person_name}" if tables.person_id else "The whole plan"
    shown = facts([
        ("people", len(tables.team), "in this view"),
        ("accounts", len(accounts), "owned today or in the plan"),
        ("join", int(gained.sum()), "accounts that nobody of this view owns today"),
        ("leave", int(lost.sum()), "accounts that nobody of this view owns in the plan"),
    ])  # fmt: skip
    lines = "".join(f"<p>{safe(line)}</p>" for line in about)
    return f"{shown._repr_html_()}".replace(
        '<div class="pl">', f'<div class="pl"><h2>{safe(whose)}</h2>{lines}', 1
    )


class _Accounts:
    """The accounts, page by page, with a filter."""

    def __init__(self, tables: ReviewTables) -> None:
        import ipywidgets as w

        self.rows, self.first = tables.accounts, 0
        style = {"description_width": "initial"}
        self.words = w.Text(description="find", placeholder="account, id or words of the reason",
                            continuous_update=False, style=style)  # fmt: skip
        people = sorted((name, rep) for rep, name in tables.team.items())
        self.person = w.Dropdown(options=[(_EVERY, ""), *people], value="",
                                 description="rep, today or in the plan", style=style)  # fmt: skip
        self.moved = w.Checkbox(value=False, description="changes only", indent=False, style=style)
        self.body, self.count = w.HTML(), w.HTML()
        back = w.Button(description="◀", tooltip="earlier accounts", layout=w.Layout(width="3em"))
        ahead = w.Button(description="▶", tooltip="further accounts", layout=w.Layout(width="3em"))
        back.on_click(lambda _: self._turn(-_PAGE))
        ahead.on_click(lambda _: self._turn(_PAGE))
        for one in (self.words, self.person, self.moved):
            one.observe(lambda _: self._turn(None), names="value")
        self.view = w.VBox([w.HBox([self.words, self.person, self.moved]), self.body,
                            w.HBox([back, ahead, self.count])])  # fmt: skip
        self._turn(None)

    def _filtered(self) -> pd.DataFrame:
        rows = self.rows
        if self.person.value:
            rows = rows[rows[["owner_id", "planned_id"]].eq(self.person.value).any(axis=1)]
        if self.moved.value:
            rows = rows[rows["owner_id"].fillna("").ne(rows["planned_id"].fillna(""))]
        words = self.words.value.strip().casefold()
        if words:
            text = rows[["account_id", "name", "reason"]].fillna("").astype(str)
            rows = rows[text.agg(" ".join, axis=1).str.casefold().str.contains(words, regex=False)]
        return rows

    def _turn(self, step: int | None) -> None:
        rows = self._filtered()
        last = max(len(rows) - 1, 0) // _PAGE * _PAGE
        self.first = 0 if step is None else min(max(self.first + step, 0), last)
        shown = rows.iloc[self.first : self.first + _PAGE]
        self.body.value = table(shown[list(_SHOWN)], labels=_LABELS, formats=_AMOUNTS, limit=None,
                                empty="no account fits the filter")._repr_html_()  # fmt: skip
        self.count.value = (
            f"{self.first + 1:,} to {self.first + len(shown):,} of {len(rows):,}" if len(rows)
            else ""
        )  # fmt: skip


def _html(*parts: Any) -> Any:
    import ipywidgets as w

    return w.VBox([w.HTML(part._repr_html_()) for part in parts])


def _balance(tables: ReviewTables) -> Any:
    if "territory_balance" in tables.missing:
        return _html(problem_list([], none="The plan has no balance of territories."))
    balance = tables.balance.sort_values(["rep_name", "measure"]).reset_index(drop=True)
    outside = balance["is_within"].eq(False)
    found = table(
        balance.drop(columns="is_within"), limit=None, title="Each territory against its target",
        labels={"before": "Today", "after": "In the plan", "deviation_after": "Off target"},
        formats={"measure": "words", "before": "amount", "after": "amount", "target": "amount",
                 "deviation_after": "share", "tolerance": "share"},
        colors=pd.DataFrame({"deviation_after": outside.map({True: "bad", False: ""})}),
        notes=f"off target: in the plan / target - 1; {int(outside.sum())} outside the tolerance",
        empty="nobody of this view has a territory",
    )  # fmt: skip
    flags = table(tables.flags, limit=None, title="What stands out in a territory",
                  formats={"worst_deviation": "share", "worst_measure": "words"},
                  empty="no territory of this view stands out")  # fmt: skip
    return _html(found, flags)


def _quotas(tables: ReviewTables, wb: Decides, sent: Callable[[str], pd.DataFrame]) -> Any:
    import ipywidgets as w

    if "quotas" in tables.missing:
        return _html(problem_list([], none="The plan has no quotas yet."))
    if "quota_amount" not in tables.quotas.columns:
        return _html(problem_list([], none=(
            "Quotas are not shown: the audience of this view may not see pay. Whoever starts the "
            "view decides that, with --audience and report.audiences in plan.yaml."
        )))  # fmt: skip
    shown = _html(table(
        tables.quotas, limit=None, title="Quota of each rep",
        formats={"quota_amount": "amount", "bottom_up_amount": "amount",
                 "top_down_amount": "amount", "stretch": "number", "ramped_share": "share"},
        notes="stretch: quota / bottom-up; ramped: share of a full year that the rep can sell",
        empty="nobody of this view carries a quota",
    ))  # fmt: skip
    return w.VBox([shown, QuotaChallenge(tables, wb, sent).view])


def _key_accounts(tables: ReviewTables) -> Any:
    if "key_accounts" in tables.missing:
        return _html(problem_list([], none="The plan has no list of key accounts."))
    return _html(table(
        tables.key_accounts, limit=None, title="Key accounts of this view", labels=_LABELS,
        formats={"sales_amount": "amount", "score": "number", "rank": "count"},
        empty="no account of this view is a key account",
    ))  # fmt: skip


class _Challenge:
    """The form in which a manager asks for another owner, and what was asked before."""

    def __init__(
        self, tables: ReviewTables, wb: Decides, sent: Callable[[str], pd.DataFrame]
    ) -> None:
        import ipywidgets as w

        self.tables, self.wb, self.sent = tables, wb, sent
        rows = tables.accounts
        self.names = {_called(row): str(row["account_id"]) for row in rows.to_dict("records")}
        self.blocks = dict(zip(rows["account_id"], rows["block"].astype(str), strict=True))
        self.planned = dict(zip(rows["account_id"], rows["planned_id"], strict=True))
        style, wide = {"description_width": "9em"}, w.Layout(width="42em", max_width="98%")
        common = {"style": style, "layout": wide}
        self.account = w.Combobox(options=list(self.names)[:_MOST], placeholder="id or name",
                                  description="account", continuous_update=False,
                                  ensure_option=False, **common)  # fmt: skip
        self.now = w.HTML()
        self.rep = w.Dropdown(options=[("choose an account first", "")], description="wanted rep",
                              **common)  # fmt: skip
        codes = contract("override_challenges").by_name["reason_code"].allowed
        self.code = w.Dropdown(options=[(_BLANK, ""), *((code, code) for code in codes)],
                               description="reason", **common)  # fmt: skip
        self.note = w.Textarea(description="why (note)", rows=4, **common,
                               placeholder="what speaks for it")  # fmt: skip
        fixed = f"{tables.person_id} {tables.person_name}".strip()
        self.who = w.Text(description="who", placeholder="your name", value=fixed,
                          disabled=bool(fixed), **common)  # fmt: skip
        send = w.Button(description="Send challenge", button_style="primary")
        self.said, self.list = w.HTML(), w.HTML()
        self.account.observe(lambda _: self._chosen(), names="value")
        send.on_click(lambda _: self._send())
        told = w.HTML(problem_list([], none=(
            "A challenge asks the planner for another owner. It changes nothing by itself: the "
            "next run of the plan says whether it fits, or what stands in the way."
        ))._repr_html_())  # fmt: skip
        self.view = w.VBox([told, self.account, self.now, self.rep, self.code, self.note, self.who,
                            send, self.said, self.list])  # fmt: skip
        self._list()

    def _id(self) -> str:
        text = str(self.account.value).strip()
        return self.names.get(text, text)

    def _chosen(self) -> None:
        account = self._id()
        known = account in self.blocks
        reps = self.tables.choices.get(self.blocks.get(account, ""), {})
        options = [(f"{name} ({rep})", rep) for rep, name in reps.items()
                   if rep != self.planned.get(account)]  # fmt: skip
        self.rep.options = [("choose a rep", "") if known else ("choose an account first", ""),
                            *options]  # fmt: skip
        if not known:
            self.now.value = ""
            return
        row = self.tables.accounts.set_index("account_id").loc[account]
        self.now.value = table(
            pd.DataFrame([row[["owner", "planned", "next_best", "acv", "reason"]]]),
            labels=_LABELS, formats=_AMOUNTS,
        )._repr_html_()  # fmt: skip

    def _send(self) -> None:
        account, note = self._id(), self.note.value.strip()
        problems = []
        if account not in self.blocks:
            problems.append(f"there is no account '{account[:40]}' in this view" if account
                            else "choose an account")  # fmt: skip
        problems += [] if self.rep.value else ["choose the rep who should own it"]
        problems += [] if self.code.value else ["choose a reason"]
        if len(note) > _NOTE:
            problems.append(f"the note has {len(note):,} characters; allowed are {_NOTE:,}")
        row = {"account_id": account, "rep_id": self.rep.value, "reason_code": self.code.value}
        after = "The next run of the plan says what becomes of it."
        self.said.value = store_decisions(self.wb, "challenges", [row], (self.who.value, note),
                                          problems, after=after)  # fmt: skip
        if "Not saved" not in self.said.value:  # a second press sends nothing twice
            self.account.value = self.note.value = self.code.value = ""
        self._list()

    def _list(self) -> None:
        made = self.sent("challenges")
        mine = made[made["account_id"].isin(self.blocks)]
        name = self.tables.accounts.set_index("account_id")["name"]
        reps = {rep: called for block in self.tables.choices.values()
                for rep, called in block.items()}  # fmt: skip
        shown = pd.DataFrame({
            "decision_id": mine["decision_id"], "when": mine["when"], "who": mine["who"],
            "account_id": mine["account_id"], "name": mine["account_id"].map(name),
            "wanted_rep": mine["rep_id"].map(lambda rep: reps.get(rep, rep)),
            "reason": mine["reason_code"], "note": mine["why"],
        })  # fmt: skip
        view = table(shown.iloc[::-1], title="Challenges on record", limit=50,
                     empty="no challenge is on record")  # fmt: skip
        answers = self.tables.answers
        parts = [view._repr_html_()]
        if len(answers):
            parts.append(table(answers, title="What became of them in the published plan",
                               limit=50)._repr_html_())  # fmt: skip
        self.list.value = "".join(parts)


def _called(row: dict[Any, Any]) -> str:
    name = row["name"] if isinstance(row["name"], str) else ""
    return f"{row['account_id']} · {name}" if name else str(row["account_id"])


__all__ = ["review_page"]
