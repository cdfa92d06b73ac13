"""The columns of a pack's sheets, declared once for the way out and the way back."""

from __future__ import annotations

from collections.abc import Sequence

from planlib.exchange.forms import FormColumn
from planlib.tables.quotas import QUOTA_REASONS
from planlib.tables.territory_decisions import REASON_CODES

KIND = "manager_pack"
#: Layout of the form; packs of layout 1 have no stamp of it, and no kind of reason for quotas.
VERSION = "2"
FOLDER = "packs"
TERRITORIES, BALANCE, TEAMS = "Territories", "Balance", "Teams"
QUOTAS, KEY_ACCOUNTS, QUESTIONS = "Quotas", "Key accounts", "Questions"
FILLED_BY, ACCEPT_REST = "Filled in by", "Accept the rest"
ACCEPT, CHALLENGE = "accept", "challenge"
YES, NO, LATER = "yes", "no", "later"

_NOTE = "Why, in your words."
_WHOLE, _PERCENT = "#,##0", "0 %"


def rep_label(rep: object, names: dict[str, str]) -> str:
    """
    Name a rep in one text.

    Examples
    --------
    >>> rep_label("R-01", {"R-01": "Kim Lee"}), rep_label("R-02", {})
    ('Kim Lee (R-01)', 'R-02')
    """
    key = str(rep)
    return f"{names[key]} ({key})" if names.get(key) else key


def territory_columns(currency: str, wanted: Sequence[str] = ()) -> tuple[FormColumn, ...]:
    """Give the columns of the sheet of accounts; ``wanted`` are the reps of the drop-down."""
    challenge = ("answer", CHALLENGE)
    return (
        FormColumn(name="account_id", header="Account id", kind="id", width=13),
        FormColumn(name="account", header="Account", width=26),
        FormColumn(name="owner", header="Owner in the plan", width=22),
        FormColumn(name="change", header="What changes", width=26),
        FormColumn(name="potential", header=f"Potential, {currency}", kind="amount", width=12),
        FormColumn(name="acv", header=f"ACV, {currency}", kind="amount", width=12),
        FormColumn(name="open_amount", header=f"Open pipeline, {currency}", kind="amount",
                   width=12),
        FormColumn(name="workload_hours", header="Hours a year", kind="number", width=10,
                   shown_as=_WHOLE),
        FormColumn(name="reason", header="Why this owner", width=44),
        FormColumn(name="next_best", header="Next best owner", width=22),
        FormColumn(name="swap_cost", header="More cost with the next best, cost units",
                   kind="number", width=12),
        FormColumn(name="swap_balance_price", header="Price of balance for it, cost units",
                   kind="number", width=12),
        FormColumn(name="swap_limit", header="Limit it would break", width=24),
        FormColumn(name="state", header="Said so far, and what became of it", width=34),
        FormColumn(name="answer", header="Decision", width=11, choices=(ACCEPT, CHALLENGE),
                   is_strict=True, help="accept or challenge. Blank: nothing is said about it."),
        FormColumn(name="wanted", header="Wanted owner", width=24, choices=tuple(wanted),
                   is_strict=True, needed_by=challenge,
                   help="Needed with challenge: who should own the account."),
        FormColumn(name="reason_code", header="Kind of reason", width=15, choices=REASON_CODES,
                   is_strict=True, needed_by=challenge, help="Needed with challenge."),
        FormColumn(name="note", header="Note", width=34, needed_by=challenge,
                   help=f"{_NOTE} Needed with challenge."),
    )  # fmt: skip


def balance_columns(currency: str, measures: Sequence[str]) -> tuple[FormColumn, ...]:
    """Give the columns of the sheet of balance: per measure amount, target and deviation."""
    units = {"workload_hours": "hours", "account_count": "accounts"}
    columns: list[FormColumn] = []
    for one in measures:
        unit = units.get(one, currency)
        words = one.replace("_", " ")
        columns += [
            FormColumn(name=f"{one}_after", header=f"{words} in the plan, {unit}",
                       kind="number", shown_as=_WHOLE, width=13),
            FormColumn(name=f"{one}_target", header=f"{words} target, {unit}",
                       kind="number", shown_as=_WHOLE, width=13),
            FormColumn(name=f"{one}_deviation", header=f"{words}: deviation from the target",
                       kind="share", width=12),
            FormColumn(name=f"{one}_within", header=f"{words}: within the tolerance", width=12),
        ]  # fmt: skip
    return (
        FormColumn(name="rep_id", header="Rep id", kind="id", width=10),
        FormColumn(name="rep", header="Rep", width=22),
        FormColumn(name="block", header="Part of the market", width=18),
        FormColumn(name="before_count", header="Accounts today", kind="int", width=10),
        FormColumn(name="after_count", header="Accounts in the plan", kind="int", width=10),
        FormColumn(name="gained_count", header="Gained", kind="int", width=8),
        FormColumn(name="lost_count", header="Lost to others", kind="int", width=8),
        *columns,
        FormColumn(name="flags", header="What stands out", width=44),
    )


def team_columns(currency: str) -> tuple[FormColumn, ...]:
    """Give the columns of the roll-up of the teams below."""
    return (
        FormColumn(name="manager_id", header="Manager id", kind="id", width=11),
        FormColumn(name="manager", header="Team of", width=24),
        FormColumn(name="rep_count", header="Reps with accounts", kind="int", width=10),
        FormColumn(name="account_count", header="Accounts in the plan", kind="int", width=10),
        FormColumn(name="gained_count", header="Gained from others", kind="int", width=10),
        FormColumn(name="lost_count", header="Lost to others", kind="int", width=10),
        FormColumn(name="potential", header=f"Potential, {currency}", kind="amount", width=14),
        FormColumn(name="acv", header=f"ACV, {currency}", kind="amount", width=14),
        FormColumn(name="open_amount", header=f"Open pipeline, {currency}", kind="amount",
                   width=14),
        FormColumn(name="worst_deviation", header="Furthest from a target", kind="share",
                   width=11),
        FormColumn(name="flag_count", header="Territories with a flag", kind="int", width=10),
        FormColumn(name="key_count", header="Key accounts", kind="int", width=10),
        FormColumn(name="target_amount", header=f"Blended target, {currency}", kind="amount",
                   width=14),
        FormColumn(name="quota_amount", header=f"Quotas, {currency}", kind="amount", width=14),
        FormColumn(name="accepted_count", header="Accounts accepted", kind="int", width=10),
        FormColumn(name="challenged_count", header="Accounts challenged", kind="int", width=10),
        FormColumn(name="open_count", header="Accounts not answered", kind="int", width=10),
    )  # fmt: skip


def quota_columns(currency: str) -> tuple[FormColumn, ...]:
    """Give the columns of the sheet of quotas."""

    def amount(name: str, header: str) -> FormColumn:
        return FormColumn(name=name, header=f"{header}, {currency}", kind="amount", width=13)

    return (
        FormColumn(name="node_id", header="Id", kind="id", width=11),
        FormColumn(name="name", header="Who", width=24),
        FormColumn(name="kind", header="What", width=14),
        amount("full_amount", "Quota in force, full year"),
        amount("ramped_quota_amount", "Quota in force, ramped"),
        amount("bottom_up_amount", "Bottom-up"),
        amount("top_down_amount", "Top-down"),
        amount("target_amount", "Blended target"),
        amount("quota_amount", "Quota of the plan"),
        FormColumn(name="stretch", header="Quota / bottom-up", kind="number", width=10,
                   shown_as=_PERCENT),
        FormColumn(name="flag", header="What stands out", width=30),
        FormColumn(name="state", header="Said so far, and what became of it", width=34),
        FormColumn(name="answer", header="Decision", width=11, choices=(ACCEPT, CHALLENGE),
                   is_strict=True, help="accept or challenge. Blank: nothing is said about it."),
        FormColumn(name="wanted", header=f"Wanted quota, {currency}", kind="amount", width=14,
                   needed_by=("answer", CHALLENGE),
                   help="Needed with challenge: the yearly quota. Others of the same level take "
                   "up the difference; your own quota goes to the manager above as a question."),
        FormColumn(name="reason_code", header="Kind of reason", width=15, choices=QUOTA_REASONS,
                   is_strict=True, needed_by=("answer", CHALLENGE), help="Needed with challenge."),
        FormColumn(name="note", header="Note", width=34, needed_by=("answer", CHALLENGE),
                   help=f"{_NOTE} Needed with challenge."),
    )  # fmt: skip


def key_account_columns(currency: str) -> tuple[FormColumn, ...]:
    """Give the columns of the sheet of key accounts."""
    return (
        FormColumn(name="account_id", header="Account id", kind="id", width=13),
        FormColumn(name="account", header="Account", width=26),
        FormColumn(name="owner", header="Owner in the plan", width=22),
        FormColumn(name="score", header="Score", kind="score", width=8),
        FormColumn(name="rank", header="Rank", kind="int", width=7),
        FormColumn(name="status", header="Status", width=10),
        FormColumn(name="sales_amount", header=f"Sales in 12 months, {currency}", kind="amount",
                   width=13),
        FormColumn(name="need_count", header="Open needs", kind="int", width=8),
        FormColumn(name="need_value", header=f"Value of open needs, {currency}", kind="amount",
                   width=13),
        FormColumn(name="overdue_count", header="Needs overdue", kind="int", width=9),
        FormColumn(name="needs", header="Needs, next first", width=50),
        FormColumn(name="goal", header="Goal of this stage", width=36),
        FormColumn(name="actions", header="Steps and reviews that are due", width=50),
        FormColumn(name="gaps", header="Who is missing", width=24),
    )  # fmt: skip


def question_columns() -> tuple[FormColumn, ...]:
    """Give the columns of the sheet of open questions."""
    return (
        FormColumn(name="question_id", header="Question id", kind="id", width=22),
        FormColumn(name="about", header="About", width=18),
        FormColumn(name="question", header="Question", width=70),
        FormColumn(name="state", header="Said so far", width=34),
        FormColumn(name="answer", header="Answer", width=10, choices=(YES, NO, LATER),
                   is_strict=True, help="yes, no or later. Blank: no answer."),
        FormColumn(name="note", header="Note", width=44, needed_by=("answer", NO),
                   help=f"{_NOTE} Needed with no."),
    )  # fmt: skip
