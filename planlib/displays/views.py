"""Key figures and problem lists, and what every display has in common."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from planlib.displays.style import CSS
from planlib.displays.values import Format, flat, write
from planlib.language import say

Tone = Literal["", "good", "watch", "bad", "grey", "accent"]


@dataclass(frozen=True)
class View:
    """
    Something to look at: HTML in a notebook or report, plain text in a terminal.

    Parameters
    ----------
    body
        Escaped HTML without styles.
    text
        The same as plain text.
    """

    body: str
    text: str

    def __html__(self) -> str:
        """Give the HTML without styles, for pages that have them already."""
        return self.body

    def _repr_html_(self) -> str:
        return f"<style>{CSS}</style>\n{self.body}"

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Fact:
    """
    One key figure.

    Parameters
    ----------
    label
        What it is.
    value
        As printed; a number is written with ``format``.
    note
        Denominator, basis, as-of date or change.
    tone
        Colour of its edge.
    format
        How a number is written; None: whole numbers as counts, others as they are.
    """

    label: str
    value: object
    note: str = ""
    tone: Tone = ""
    format: Format | None = None

    @property
    def written(self) -> str:
        """The value as it is printed."""
        is_count = isinstance(self.value, int | np.integer) and not isinstance(self.value, bool)
        return write(self.value, self.format or ("count" if is_count else "text"))


def facts(items: Iterable[Fact | tuple[Any, ...]], *, title: str = "") -> View:
    """
    Show key figures side by side.

    Parameters
    ----------
    items
        ``Fact`` objects, or tuples in its order: label, value, note, tone, format.
    title
        Above them.
    """
    title = say(title)
    cards, lines = [], [title] if title else []
    for item in items:
        fact = item if isinstance(item, Fact) else Fact(*item)
        label, value, said = say(fact.label), say(fact.written), say(fact.note)
        note = f"<dd>{safe(said)}</dd>" if said else ""
        cards.append(
            f'<dl class="pl-fact {tone_class(fact.tone)}"><dt>{safe(label)}</dt>'
            f'<dd class="pl-value">{safe(value)}</dd>{note}</dl>'
        )
        lines.append(f"{flat(label)}: {value}" + (f" ({said})" if said else ""))
    body = f'<div class="pl">{_head(title)}<div class="pl-facts">{"".join(cards)}</div></div>'
    return View(body=body, text="\n".join(lines))


def problem_list(
    problems: Iterable[str],
    *,
    title: str = "",
    none: str = "No problems found.",
    limit: int | None = 20,
) -> View:
    """
    Show problems as a list, or say that there are none.

    Parameters
    ----------
    problems
        One sentence each: where, what, what to do.
    title
        Above the list.
    none
        What to say when the list is empty.
    limit
        How many are shown; how many more there are is said.
    """
    title, none = say(title), say(none)
    sentences = [say(str(problem)) for problem in problems]
    shown = sentences if limit is None else sentences[:limit]
    if len(shown) < len(sentences):
        shown = [*shown, more(len(sentences) - len(shown), "problem")]
    if shown:
        items = "".join(f"<li>{safe(sentence)}</li>" for sentence in shown)
        inner = f'<ul class="pl-list">{items}</ul>'
    else:
        inner = f"<p>{safe(none)}</p>"
    lines = [title] if title else []
    lines += [f"- {flat(sentence)}" for sentence in shown] or [none]
    return View(body=f'<div class="pl">{_head(title)}{inner}</div>', text="\n".join(lines))


def tone_class(tone: str) -> str:
    """Give the style class of a tone."""
    return f"pl-{tone}" if tone in ("good", "watch", "bad", "grey", "accent") else ""


def _head(title: str) -> str:
    return f'<p class="pl-head">{safe(title)}</p>' if title else ""


def safe(text: object) -> str:
    """Escape text from data for HTML."""
    return html.escape(flat(text), quote=True)


def more(count: int, what: str = "row") -> str:
    """Say how many more there are than are shown."""
    return say(f"… and {count:,} more {what}{'' if count == 1 else 's'}")
