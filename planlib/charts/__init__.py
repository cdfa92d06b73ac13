"""
Pictures of a planning cycle: one look, one small file per step.

Importing this package sets the look (fonts, colours, thin grids). Every ``plot_*`` function takes
result tables and an optional ``ax``, does one thing and returns the Axes.
"""

from __future__ import annotations

from planlib.charts.base import (
    COLORS,
    SERIES,
    figure_png,
    label,
    missing_font_note,
    money,
    new_axes,
    set_style,
    title,
)

set_style()

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
