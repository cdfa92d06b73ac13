"""
The look of all pictures: colours, fonts, axes, titles, text from data, amounts, PNG bytes.

Colours follow the Okabe-Ito palette: they stay apart for colour-blind readers and in grey print.
A colour never stands alone: a word, a number or a place says the same.
"""

from __future__ import annotations

import io
import math
import re
import unicodedata
from datetime import date
from itertools import pairwise
from typing import cast

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import blended_transform_factory

from planlib.charts import fonts
from planlib.charts.fonts import missing_font_note
from planlib.charts.spoken import SpokenFigure, drawn
from planlib.language.width import text_columns
from planlib.notes import rounded

#: Colours by what they mean.
COLORS: dict[str, str] = {
    "before": "#A9B8C6",
    "after": "#0B62A4",
    "good": "#00876C",
    "watch": "#E69F00",
    "bad": "#C8501E",
    "grey": "#A3A9B0",
    "accent": "#0B62A4",
    "ink": "#22303C",
    "soft": "#5B6873",
    "line": "#DDE2E7",
}

#: Colours of series that mean nothing special, in this order.
SERIES: list[str] = [
    "#0B62A4",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#C8501E",
    "#6B5B95",
    "#8A8F96",
]

_HEADLINE = 12.5  # points
_SUBTITLE = 9.0
_ABOVE = 15.0  # room for tick labels that stand on top
_UNITS = {
    "en": ((1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "B")),
    "zh": ((1.0, ""), (1e4, "万"), (1e8, "亿")),
}

__all__ = [
    "COLORS",
    "SERIES",
    "figure_png",
    "label",
    "missing_font_note",
    "money",
    "new_axes",
    "set_style",
    "title",
]


def set_style(installed: list[str] | None = None) -> None:
    """
    Set the look of all pictures: fonts, colours, thin grids, no frames.

    Parameters
    ----------
    installed
        Names of fonts to choose from; None looks at this machine. Where none of them has Chinese
        characters, ``missing_font_note`` says what to install; the first text that lacks them logs
        it.
    """
    chosen = fonts.families(installed)
    mpl.rcParams.update(
        {
            "font.family": chosen,
            "font.size": 9.5,
            "figure.dpi": 96,
            "savefig.dpi": 110,
            "figure.facecolor": "white",
            "axes.facecolor": "white",
            "axes.prop_cycle": cycler(color=SERIES),
            "axes.edgecolor": COLORS["grey"],
            "axes.linewidth": 0.8,
            "axes.labelcolor": COLORS["soft"],
            "axes.labelsize": 9.0,
            "axes.titlelocation": "left",
            "axes.titlesize": _HEADLINE,
            "axes.titleweight": "bold",
            "axes.titlecolor": COLORS["ink"],
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.grid.axis": "y",
            "axes.axisbelow": True,
            "axes.unicode_minus": False,
            "grid.color": COLORS["line"],
            "grid.linewidth": 0.6,
            "text.color": COLORS["ink"],
            "xtick.color": COLORS["soft"],
            "ytick.color": COLORS["soft"],
            "xtick.labelsize": 9.0,
            "ytick.labelsize": 9.0,
            "xtick.major.size": 0,
            "ytick.major.size": 0,
            "legend.frameon": False,
            "legend.fontsize": 9.0,
            "lines.linewidth": 1.8,
            "patch.linewidth": 0.0,
            "svg.hashsalt": "planlib",
            "svg.fonttype": "path",
        }
    )


def new_axes(ax: Axes | None = None, *, width: float = 8.0, height: float = 4.5) -> Axes:
    """
    Give the axes to draw on: those handed in, else those of a new figure.

    Parameters
    ----------
    ax
        Axes of the caller, returned as they are.
    width, height
        Size of a new figure in inches.

    Returns
    -------
    Axes
        A new figure belongs to pyplot, so a notebook shows it; ``figure_png`` closes it.
    """
    if ax is not None:
        return ax
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        figsize=(width, height), layout="constrained", FigureClass=SpokenFigure
    )
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)  # type: ignore[call-arg, union-attr]
    return axes


def title(ax: Axes, headline: str, subtitle: str = "", *, as_of: date | None = None) -> None:
    """
    Write a headline and, smaller beneath it, unit, as-of date or definition.

    Both stand at the left edge of the picture (of the panel where a figure has several) and wrap
    at its width.

    Parameters
    ----------
    ax
        Axes to write above.
    headline
        The finding, or what is shown. ``$`` is text.
    subtitle
        Unit, as-of date, definition.
    as_of
        Named after the subtitle; None: the subtitle names it, or the picture has none.
    """
    parts = [part for part in (subtitle, "" if as_of is None else f"as of {as_of}") if part]
    below_it = [drawn(part) for part in parts]
    figure = cast(Figure, ax.figure)
    alone = len(figure.axes) == 1
    points = figure.get_figwidth() * 72 / (1 if alone else _panels(ax)) * 0.97
    line = ("; " if below_it == parts else "；").join(below_it)
    lower = _wrap(line, points / (_SUBTITLE * fonts.mean_width()))
    upper = _wrap(drawn(headline), points / (_HEADLINE * fonts.mean_width("bold")))
    lines = lower.count("\n") + 1 if lower else 0
    gap = 8.0
    pad = gap + lines * _SUBTITLE * 1.32 + (5.0 if lines else 0.0)
    if ax.xaxis.get_ticks_position() == "top":
        pad += _ABOVE
    written = ax.set_title(upper, loc="left", pad=pad)
    if alone:
        shift = ax.titleOffsetTrans  # type: ignore[attr-defined]
        written.set_transform(blended_transform_factory(figure.transFigure, ax.transAxes) + shift)
        written.set_x(0.012)
    said: list[Text] = [written]
    if lines:
        below = ax.annotate(
            lower,
            xy=(0, 0),
            xycoords=written,  # beneath the headline, wherever tick labels push it
            xytext=(0, -5),
            textcoords="offset points",
            ha="left",
            va="top",
            fontsize=_SUBTITLE,
            color=COLORS["soft"],
            linespacing=1.2,
            annotation_clip=False,
        )
        below.set_in_layout(False)
        said.append(below)
    if isinstance(figure, SpokenFigure):
        figure.keep_as_said(*said)


def label(text: object, width: int | None = None, fallback: object = "") -> str:
    r"""
    Make text from data safe and short enough for a picture.

    Parameters
    ----------
    text
        Any value; missing becomes "–". ``$`` is escaped, control characters are dropped.
    width
        Longest text; longer text ends in "…". Chinese characters count twice.
    fallback
        Shown when the fonts at hand lack a character, an id for example; without it such
        characters are written as codes ("U+5317·4EAC"), so that two names stay apart.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> label("Fees in $ and more", width=12)
    'Fees in \\$ a…'
    """
    if text is None or text != text or str(text) in ("<NA>", "NaT"):
        return "–"
    if width is not None and len(str(text)) > width:  # what is cut can no longer be translated
        text = drawn(str(text))
    plain = _drawable(str(text))
    if str(fallback) and plain != _one_line(str(text)):
        plain = _drawable(str(fallback))
    if width is not None:
        plain = _shorten(plain, width)
    if plain.startswith("_"):  # matplotlib leaves such names out of legends
        plain = " " + plain
    return _escape(plain)


def money(value: float | None, currency: str = "", language: str = "en") -> str:
    """
    Write an amount short enough for a picture.

    Parameters
    ----------
    value
        Amount in the plan's currency; missing becomes "–".
    currency
        Written in front where given.
    language
        "zh" counts in 万 and 亿 where the font has them.

    Returns
    -------
    str
        Two or three digits and a unit.

    Examples
    --------
    >>> money(1_234_567), money(-12_340, "USD"), money(950)
    ('1.2 M', 'USD -12.3 k', '950')
    """
    if value is None or value != value:
        return "–"
    number = float(value)
    if math.isinf(number):
        return f"{'-' if number < 0 else ''}∞"
    chinese = language == "zh" and fonts.covers("万亿")
    text = _scaled(number, _UNITS["zh" if chinese else "en"])
    return f"{currency} {text}" if currency else text


def figure_png(picture: Axes | Figure, *, dpi: int = 130, close: bool = True) -> bytes:
    """
    Give a picture as PNG, the same bytes each time: no dates, no version.

    Parameters
    ----------
    picture
        Axes or figure.
    dpi
        Dots per inch.
    close
        Whether the figure is closed afterwards.
    """
    figure = picture if isinstance(picture, Figure) else cast(Figure, picture.figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    if close:
        from matplotlib import pyplot

        pyplot.close(figure)
    return buffer.getvalue()


def _scaled(number: float, units: tuple[tuple[float, str], ...]) -> str:
    """Write a number in the smallest unit that keeps it below one of the next."""
    for (size, name), (following, _) in pairwise((*units, (math.inf, ""))):
        scaled = number / size
        near = rounded(abs(scaled), 1) < (100 if name else 10)
        kept = rounded(scaled, 1 if near else 0) + 0.0  # no minus zero
        if abs(kept) < following / size:
            break
    whole = not near or (not name and kept == round(kept))
    return f"{kept:,.{0 if whole else 1}f} {name}".rstrip()


def _drawable(text: str) -> str:
    """Write characters that no font has as codes."""
    plain = _one_line(text)
    missing = fonts.uncovered(plain)
    if not missing:
        return plain
    fonts.warn_once()
    pattern = "[" + re.escape("".join(sorted(missing))) + "]+"
    return re.sub(pattern, lambda run: "U+" + "·".join(f"{ord(c):X}" for c in run[0]), plain)


def _one_line(text: str) -> str:
    spaced = "".join(" " if char.isspace() else char for char in text)
    kept = "".join(char for char in spaced if unicodedata.category(char)[0] != "C")
    return " ".join(kept.split())


def _escape(text: str) -> str:
    """Escape every ``$`` that is not escaped yet, so that it is never read as mathematics."""
    return re.sub(r"(?<!\\)\$", r"\\$", text)


def _shorten(text: str, width: int) -> str:
    if text_columns(text) <= width:
        return text
    kept = text
    while kept and text_columns(kept) > width - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _wrap(text: str, width: float) -> str:
    """Break text at spaces, not before a percent sign; between Chinese characters where it must."""
    lines, line = [], ""
    safe = "\n".join(_drawable(part) for part in text.split("\n") if part)
    for word in re.findall(r"\n|[^\s]+(?: %\S*)?\s?|\s", safe):
        if word == "\n" or (line and text_columns(line + word.rstrip()) > width):
            lines.append(line.rstrip())
            line = ""
        if word == "\n":
            continue
        while text_columns(word) > width:
            cut = max(
                1, next(i for i in range(len(word), 0, -1) if text_columns(word[:i]) <= width)
            )
            lines.append(word[:cut])
            word = word[cut:]
        line += word
    return _escape("\n".join([*lines, line.rstrip()]).strip("\n"))


def _panels(ax: Axes) -> int:
    """How many panels stand side by side in the figure of an axes."""
    place = ax.get_subplotspec()
    return place.get_gridspec().ncols if place is not None else 1
