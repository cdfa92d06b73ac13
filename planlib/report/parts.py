"""What a report is made of: lines for the first page, pictures and tables for the sections."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from planlib import displays
from planlib.charts.base import figure_png
from planlib.displays import Fact, Format
from planlib.displays.views import safe
from planlib.language import say

_DPI = 144
_WIDEST = 1500  # dots; the page is about 1000 wide


class Block(Protocol):
    """Something that stands in a section: text, picture or table."""

    def __html__(self) -> str:
        """Give escaped HTML."""
        ...


@dataclass(frozen=True)
class Line:
    """
    One line of the first page.

    Parameters
    ----------
    text
        A sentence.
    amount
        Money it touches, in the plan's currency; None: not known or not money.
    step
        Step whose section says more.
    """

    text: str
    amount: float | None = None
    step: str = ""


@dataclass(frozen=True)
class Gap:
    """
    Something that could not be computed, or only by a weaker method, and what unlocks it.

    Parameters
    ----------
    what, because, unlock
        Texts: what it is, why, and what to do.
    step
        Step that would compute it.
    missing
        Inputs that it lacks, each ``table`` or ``table.column``; a table stands for its columns.
    """

    what: str
    because: str
    unlock: str = ""
    step: str = ""
    missing: frozenset[str] = frozenset()

    def lacks(self, need: str) -> bool:
        """Tell whether an input, ``table`` or ``table.column``, is among the missing ones."""
        return need in self.missing or need.partition(".")[0] in self.missing


@dataclass(frozen=True)
class Text:
    """A paragraph; blank: nothing."""

    text: str

    def __html__(self) -> str:
        """Give escaped HTML."""
        return f"<p>{safe(say(self.text))}</p>" if self.text else ""


@dataclass(frozen=True)
class Notes:
    """
    Definitions or cautions as a small list.

    Parameters
    ----------
    lines, title
        What stands there.
    folded
        Whether the list stays closed until a reader opens it.
    """

    lines: Sequence[str]
    title: str = ""
    folded: bool = False

    def __html__(self) -> str:
        """Give escaped HTML."""
        if not self.lines:
            return ""
        items = "".join(f"<li>{safe(say(line))}</li>" for line in self.lines)
        if self.folded:
            return (f'<details class="notes"><summary>{safe(say(self.title or "Definitions"))} '
                    f"({len(self.lines)})</summary><ul>{items}</ul></details>")  # fmt: skip
        head = f"<h4>{safe(say(self.title))}</h4>" if self.title else ""
        return f'<div class="notes">{head}<ul>{items}</ul></div>'


@dataclass(frozen=True)
class Picture:
    """A picture with its headline for readers who cannot see it."""

    png: bytes
    alt: str
    inches: float

    def __html__(self) -> str:
        """Give the picture itself inside the page."""
        data = base64.b64encode(self.png).decode("ascii")
        return (
            f'<figure><img src="data:image/png;base64,{data}" alt="{safe(self.alt)}" '
            f'width="{self.inches * 96:.0f}"></figure>'
        )


@dataclass(frozen=True, kw_only=True)
class Listing:
    """
    A table of the report; the leadership roll-up holds the same rows in a sheet.

    Parameters
    ----------
    name
        Name of the sheet.
    frame
        Rows to show.
    title, subtitle, labels, formats, units, colors, grey, notes, missing, limit, empty
        As ``displays.table`` takes them.
    in_page
        Whether the table stands in the page; else it is in the leadership roll-up alone.
    """

    name: str
    frame: pd.DataFrame
    title: str = ""
    subtitle: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, Format] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    colors: pd.DataFrame | None = None
    grey: pd.Series | None = None
    notes: Sequence[str] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = 15
    empty: str = "no rows"
    in_page: bool = True

    def view(self) -> displays.TableView:
        """Give the table as it is shown."""
        return displays.table(
            self.frame,
            title=self.title,
            subtitle=self.subtitle,
            labels=self.labels,
            formats=self.formats,
            units=self.units,
            colors=self.colors,
            grey=self.grey,
            notes=self.notes,
            missing=self.missing,
            limit=self.limit,
            empty=self.empty,
        )

    def __html__(self) -> str:
        """Give escaped HTML."""
        return self.view().body if self.in_page else ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """
    What one step adds to the report.

    Parameters
    ----------
    step, title
        Name and title of the step.
    question
        What the step decides.
    decided
        What was decided, most important first.
    asks
        What needs a decision by a person.
    problems
        What is wrong, with the money it touches.
    gaps
        What could not be computed.
    facts
        Key figures for the first page.
    first
        Tables of the section that stand on the first page.
    blocks
        The section itself.
    """

    step: str
    title: str
    question: str
    decided: Sequence[Line] = ()
    asks: Sequence[Line] = ()
    problems: Sequence[Line] = ()
    gaps: Sequence[Gap] = ()
    facts: Sequence[Fact] = ()
    first: Sequence[Listing] = ()
    blocks: Sequence[Block] = ()


def picture(axes: Axes | np.ndarray) -> Picture:
    """
    Take a picture from its axes; headlines become the text for those who cannot see it.

    Parameters
    ----------
    axes
        Axes, or an array of them, of one figure.

    Returns
    -------
    Picture
        PNG of the whole figure, its headlines, its width in inches.
    """
    ax: Axes = axes if isinstance(axes, Axes) else axes.flat[0]
    titles = dict.fromkeys(one.get_title(loc="left") for one in ax.figure.axes)
    alt = " / ".join(say(text) for text in titles if text).replace("\\$", "$")
    inches = float(ax.figure.get_figwidth())  # type: ignore[union-attr]
    png = figure_png(ax, dpi=min(_DPI, int(_WIDEST / inches)))
    return Picture(png, " ".join(alt.split()), inches)
