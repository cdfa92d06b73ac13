"""The width of texts in columns, as a screen, a sheet or a picture sets them."""

from __future__ import annotations

import unicodedata


def text_columns(text: str) -> int:
    """
    Count the character widths that a text takes; a wide (Chinese) sign takes two.

    Examples
    --------
    >>> text_columns("华东 East")
    9
    """
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


__all__ = ["text_columns"]
