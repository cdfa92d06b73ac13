"""Small pictures as inline SVG for printed pages: bars, lines and dots; every text is escaped."""

from __future__ import annotations

from collections.abc import Sequence

from planlib.charts.base import COLORS
from planlib.displays import View
from planlib.displays.views import safe
from planlib.language import say

_ATTITUDES = ("not known", "against", "critical", "neutral", "for us", "sponsor")
_APART = 19.0  # between two seats of one attitude

_SVG = (
    '<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
    'aria-label="{label}">{body}</svg>'
)
_RECT = '<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" fill="{fill}"/>'
_TEXT = '<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{text}</text>'
_LINE = '<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}"/>'
_PATH = '<path d="{path}" fill="none" stroke="{stroke}" stroke-width="1.6"/>'
_DOT = '<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{fill}" stroke="{stroke}"/>'


def columns(
    names: Sequence[str],
    values: Sequence[float | None],
    labels: Sequence[str],
    *,
    label: str,
    size: tuple[int, int] = (300, 96),
) -> View:
    """
    Draw one column per name with its label on top; an unknown value is a dash.

    Parameters
    ----------
    names
        Below the columns.
    values
        Heights, at least 0; None: not known.
    labels
        On top of the columns.
    label
        What the picture shows, for readers that cannot see it.
    size
        Width and height in points.
    """
    width, height = size
    top, bottom = 14.0, 14.0
    most = max((one for one in values if one), default=1.0)
    step = width / max(len(names), 1)
    body = [_LINE.format(x1=0, y1=height - bottom, x2=width, y2=height - bottom,
                         stroke=COLORS["grey"])]  # fmt: skip
    for place, (name, value, text) in enumerate(zip(names, values, labels, strict=True)):
        middle = (place + 0.5) * step
        tall = 0.0 if not value else (height - top - bottom) * value / most
        if value is not None:
            body.append(_RECT.format(x=middle - step * 0.3, y=height - bottom - tall,
                                     w=step * 0.6, h=tall, fill=COLORS["after"]))  # fmt: skip
        body.append(_text(middle, height - bottom - tall - 3, text, "middle"))
        body.append(_text(middle, height - 3, name, "middle", COLORS["soft"]))
    return _svg(size, label, body)


def bars(
    rows: Sequence[tuple[str, float | None, str]],
    *,
    most: float,
    label: str,
    size: tuple[int, int] = (300, 70),
) -> View:
    """
    Draw one horizontal bar per row: name, value, text behind the bar.

    Parameters
    ----------
    rows
        Name, value from 0 to ``most`` (None: not known), text.
    most
        Value of a full bar.
    label
        What the picture shows.
    size
        Width and height in points.
    """
    width, height = size
    left, right = 92.0, 78.0
    step = height / max(len(rows), 1)
    body = []
    for place, (name, value, text) in enumerate(rows):
        y = place * step
        wide = (width - left - right) * min(max(value or 0.0, 0.0), most) / most
        body.append(_text(0, y + step * 0.68, name, "start"))
        body.append(_RECT.format(x=left, y=y + step * 0.2, w=width - left - right, h=step * 0.6,
                                 fill=COLORS["line"]))  # fmt: skip
        body.append(_RECT.format(x=left, y=y + step * 0.2, w=wide, h=step * 0.6,
                                 fill=COLORS["after"]))  # fmt: skip
        body.append(_text(width - right + 5, y + step * 0.68, text, "start", COLORS["soft"]))
    return _svg(size, label, body)


def line(
    values: Sequence[float | None],
    *,
    ends: tuple[str, str],
    label: str,
    size: tuple[int, int] = (300, 74),
) -> View:
    """
    Draw a line from 0 to 100 over equal steps; unknown values leave a gap.

    Parameters
    ----------
    values
        Points from left to right.
    ends
        Names of the first and the last point.
    label
        What the picture shows.
    size
        Width and height in points.
    """
    width, height = size
    bottom, left = 14.0, 22.0
    deep = height - bottom - 5
    step = (width - left - 24) / max(len(values) - 1, 1)
    body = []
    for level in (0, 50, 100):
        y = 5 + deep * (1 - level / 100)
        body.append(_LINE.format(x1=left, y1=y, x2=width - 20, y2=y, stroke=COLORS["line"]))
        body.append(_text(left - 4, y + 3, f"{level}", "end", COLORS["soft"]))
    path, is_open, last = "", False, None
    for place, value in enumerate(values):
        if value is None or value != value:
            is_open = False
            continue
        last = (left + place * step, 5 + deep * (1 - min(max(value, 0), 100) / 100))
        path += f"{'L' if is_open else 'M'}{last[0]:.1f} {last[1]:.1f}"
        is_open = True
    body.append(_PATH.format(path=path, stroke=COLORS["after"]) if path else "")
    if last is not None:
        body.append(_DOT.format(x=last[0], y=last[1], r=2.6, fill=COLORS["after"],
                                stroke=COLORS["after"]))  # fmt: skip
    body.append(_text(left, height - 3, ends[0], "start", COLORS["soft"]))
    body.append(_text(width - 20, height - 3, ends[1], "end", COLORS["soft"]))
    return _svg(size, label, body)


def dots(states: Sequence[str], *, label: str) -> View:
    """Draw one dot per step: full is done, half-dark is open, hollow has not begun."""
    fills = {"done": COLORS["good"], "open": COLORS["watch"]}
    body = [
        _DOT.format(x=6 + 13 * place, y=6, r=4.2, fill=fills.get(state, "none"),
                    stroke=fills.get(state, COLORS["grey"]))
        for place, state in enumerate(states)
    ]  # fmt: skip
    return _svg((max(13 * len(states), 1), 12), label, body)


def map_of_seats(
    seats: Sequence[tuple[str, float, float | None, float | None]],
    *,
    label: str,
    size: tuple[int, int] = (300, 120),
) -> View:
    """
    Draw seats by attitude to the right and power upwards; the dot grows with closeness.

    Parameters
    ----------
    seats
        Name, power (share), attitude (-2 to 2, None: not known), closeness (None: nobody known;
        NaN: somebody is known, but not counted).
    label
        What the picture shows.
    size
        Width and height in points.
    """
    width, height = size
    bottom, column = 13.0, size[0] / 6
    most = max((power for _, power, _, _ in seats), default=1.0) or 1.0
    lowest: dict[int, float] = {}
    body = []
    for name, power, attitude, score in sorted(seats, key=lambda seat: (-seat[1], seat[0])):
        place = 0 if attitude is None or attitude != attitude else int(attitude) + 3
        x = (place + 0.5) * column
        y = 9 + (height - bottom - 28) * (1 - power / most)
        y = lowest[place] = max(y, lowest.get(place, -_APART) + _APART)
        is_counted = score is not None and score == score
        color = (
            COLORS["after"] if is_counted else COLORS["bad"] if score is None else COLORS["grey"]
        )
        body.append(_DOT.format(x=x, y=y, r=3 + 0.045 * (score or 0.0) if is_counted else 3.2,
                                fill="none" if score is None else color,
                                stroke=color))  # fmt: skip
        body.append(_text(x, y + 13, name, "middle"))
    height = max(height, int(max(lowest.values(), default=0) + bottom + 18))  # stacked seats
    body.append(_LINE.format(x1=0, y1=height - bottom, x2=width, y2=height - bottom,
                             stroke=COLORS["grey"]))  # fmt: skip
    body += [
        _text((place + 0.5) * column, height - 3, name, "middle", COLORS["soft"])
        for place, name in enumerate(_ATTITUDES)
    ]
    return _svg((width, height), label, body)


def _svg(size: tuple[int, int], label: str, body: Sequence[str]) -> View:
    drawn = _SVG.format(width=size[0], height=size[1], label=safe(say(label)), body="".join(body))
    return View(body=drawn, text=say(label))


def _text(x: float, y: float, text: str, anchor: str, fill: str = COLORS["ink"]) -> str:
    return _TEXT.format(x=x, y=y, anchor=anchor, fill=fill, text=safe(say(text)))
