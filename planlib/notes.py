"""What a step says in sentences beside its tables, as rows of a table ``<domain>_notes``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

#: Sentences without a topic, or sentences by topic.
Notes = Iterable[str] | Mapping[str, str]
_LARGE = 1e15  # beyond it, digits of a float say nothing


def note_rows(kinds: Mapping[str, Notes | Iterable[tuple[str, str]]]) -> pd.DataFrame:
    """
    Give sentences of several kinds as rows, in the order given.

    Parameters
    ----------
    kinds
        By kind (``headline``, ``caution``, ``missing``, ``definition``, …): sentences, sentences
        by topic, or pairs of topic and sentence.

    Returns
    -------
    DataFrame
        Columns kind, note_order (from 0 within a kind), topic (blank without one), note.
    """
    rows = [
        (kind, at, *(("", note) if isinstance(note, str) else note))
        for kind, notes in kinds.items()
        for at, note in enumerate(notes.items() if isinstance(notes, Mapping) else notes)
    ]
    return pd.DataFrame(rows, columns=["kind", "note_order", "topic", "note"])


def notes_of(notes: pd.DataFrame, kind: str) -> list[str]:
    """
    Give the notes of a kind in their order, each after its topic in words.

    Parameters
    ----------
    notes
        A table ``<domain>_notes``, as ``note_rows`` makes it.
    kind
        One of its kinds; another one gives no notes.

    Examples
    --------
    >>> notes_of(note_rows({"caution": {"win_rate": "few deals"}}), "caution")
    ['win rate: few deals']
    """
    rows = notes[notes["kind"] == kind].sort_values("note_order")
    topics = rows["topic"].fillna("").str.replace("_", " ").str.strip()
    return (topics.where(topics == "", topics + ": ") + rows["note"]).tolist()


def rounded(number: float, digits: int) -> float:
    """
    Round a number as it reads, halves away from zero; floats hold many halves a little too small.

    Examples
    --------
    >>> rounded(11.95, 1), round(11.95, 1)
    (12.0, 11.9)
    """
    if not abs(number) < _LARGE:
        return number
    step = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(float(number))).quantize(step, rounding=ROUND_HALF_UP))


def percent(share: float, digits: int = 0) -> str:
    """
    Write a share as it is written everywhere.

    Examples
    --------
    >>> percent(0.283), percent(0.0521, 1)
    ('28 %', '5.2 %')
    """
    return f"{100 * share:.{digits}f} %"


def percent_exact(share: float) -> str:
    """
    Write a share in full percent, with a decimal where full percent would not tell it.

    For marks on an axis, where even steps have to read evenly.

    Examples
    --------
    >>> percent_exact(0.025), percent_exact(0.05)
    ('2.5 %', '5 %')
    """
    return percent(share, int(abs(100 * share - round(100 * share)) > 1e-6))


def percent_reached(share: float, digits: int = 0) -> str:
    """
    Write the reached share of a target; what is below it never reads as all of it.

    Examples
    --------
    >>> percent_reached(0.984), percent_reached(0.9987), percent_reached(1.0)
    ('98 %', '99.9 %', '100 %')
    """
    text = percent(share, digits)
    return f"{min(100 * share, 99.9):.1f} %" if share < 1 and text == percent(1, digits) else text


def percent_above_zero(share: float) -> str:
    """
    Write a share in full percent; what is above zero never reads as nothing.

    Examples
    --------
    >>> percent_above_zero(0.0021), percent_above_zero(0.0), percent_above_zero(0.283)
    ('under 1 %', '0 %', '28 %')
    """
    return "under 1 %" if 0 < share < 0.005 else percent(share)


def signed_percent(share: float, digits: int = 0) -> str:
    """
    Write a change as a share, with its sign.

    Examples
    --------
    >>> signed_percent(0.283), signed_percent(-0.0521, 1)
    ('+28 %', '-5.2 %')
    """
    return f"{100 * share:+.{digits}f} %"


def count_of(count: int, word: str, plural: str = "") -> str:
    """
    Write a count with its noun.

    Examples
    --------
    >>> count_of(1, "account"), count_of(1200, "account"), count_of(2, "entry", "entries")
    ('1 account', '1,200 accounts', '2 entries')
    """
    return f"{count:,} {word if count == 1 else plural or word + 's'}"
