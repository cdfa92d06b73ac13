"""Figures whose texts are drawn in the language that is spoken."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from matplotlib.axis import Axis
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import Formatter

from planlib.charts import fonts
from planlib.language import language, say


def drawn(text: str) -> str:
    """
    Give a text as a picture shows it in the language that is spoken.

    Where no font has the characters, the English text stays, and a note on fonts is logged once.
    """
    said = say(text)
    if said == text:
        return text
    if fonts.uncovered(said):
        fonts.warn_once()
        return text
    return said


class SpokenFigure(Figure):
    """A figure that puts its texts into the language that is spoken when it is drawn."""

    def draw(self, renderer: RendererBase) -> None:
        """Draw the figure."""
        self._speak()
        super().draw(renderer)

    def get_tightbbox(self, *args: Any, **kwargs: Any) -> Any:
        """Give the room that the figure takes, with its texts as they will be drawn."""
        self._speak()
        return super().get_tightbbox(*args, **kwargs)

    def _speak(self) -> None:
        if language() == "en":
            return
        for ax in self.axes:
            for axis in (ax.xaxis, ax.yaxis):
                _speak_ticks(axis)
        for text in self.findobj(Text):
            if isinstance(text, Text) and text.get_text() != self._said().get(text):
                text.set_text(drawn(text.get_text()))
                self.keep_as_said(text)

    def keep_as_said(self, *texts: Text) -> None:
        """Note texts that are in the language already, so that they are not translated again."""
        if language() != "en":
            self._said().update({text: text.get_text() for text in texts})

    def _said(self) -> WeakKeyDictionary[Text, str]:
        noted: WeakKeyDictionary[Text, str] = self.__dict__.setdefault(
            "_said_texts", WeakKeyDictionary()
        )
        return noted


class _SpokenTicks(Formatter):
    """Writes tick labels as another formatter does, in the language that is spoken."""

    def __init__(self, written: Formatter) -> None:
        self._written = written

    def __call__(self, x: float, pos: int | None = None) -> str:
        return drawn(self._written(x, pos))

    def format_ticks(self, values: Any) -> list[str]:
        return [drawn(text) for text in self._written.format_ticks(values)]

    def get_offset(self) -> str:
        return self._written.get_offset()

    def set_locs(self, locs: Any) -> None:
        self._written.set_locs(locs)


def _speak_ticks(axis: Axis) -> None:
    for given, take in (
        (axis.get_major_formatter(), axis.set_major_formatter),
        (axis.get_minor_formatter(), axis.set_minor_formatter),
    ):
        if not isinstance(given, _SpokenTicks):
            take(_SpokenTicks(given))
