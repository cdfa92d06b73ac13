"""Which fonts pictures use: one Latin face, one with Chinese characters where there is one."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

_LATIN = (
    "Source Sans 3",
    "Inter",
    "Noto Sans",
    "Open Sans",
    "Segoe UI",
    "Helvetica Neue",
    "Helvetica",
    "Arial",
    "Liberation Sans",
)
_CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans CJK JP",
    "Noto Sans CJK TC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "Microsoft JhengHei",
    "SimHei",
    "SimSun",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Heiti TC",
    "STHeiti",
    "Arial Unicode MS",
    "Droid Sans Fallback",
)
_FILES = (
    "notosanscjk",
    "notosanssc",
    "sourcehansans",
    "pingfang",
    "hiragino",
    "msyh",
    "msjh",
    "simhei",
    "simsun",
    "wqy",
    "stheiti",
    "droidsansfallback",
)
_LAST = "DejaVu Sans"  # comes with matplotlib
_SAMPLE = "区域客户销售额"
_WIDER = 1.08  # times the mean: some texts have wider characters
_LATIN_SAMPLE = "Who owns which account, and what closes: 1,250 deals moved by 12 % in 2026Q1"

_NOTE = (
    "No font with Chinese characters was found, so pictures show character codes instead of them. "
    "Install one and start again: Debian or Ubuntu 'apt install fonts-noto-cjk', Fedora "
    "'dnf install google-noto-sans-cjk-fonts', conda 'conda install -c conda-forge "
    "font-ttf-noto-sans-cjk'; Windows and macOS bring one."
)

logger = logging.getLogger(__name__)


def families(installed: Iterable[str] | None = None) -> list[str]:
    """
    Give the font families for pictures, first choice first.

    Parameters
    ----------
    installed
        Names of the fonts that exist; None looks at this machine.

    Returns
    -------
    list of str
        A Latin face where a good one exists, a face with Chinese characters where one exists, and
        always the face that comes with matplotlib.
    """
    names = _installed() if installed is None else set(installed)
    latin = [name for name in _LATIN if name in names][:1]
    chinese = [name for name in _CHINESE if name in names and covers(_SAMPLE, [name])][:1]
    return [*latin, *chinese, _LAST]


def missing_font_note(chosen: Iterable[str] | None = None) -> str:
    """
    Say how to get Chinese characters into pictures, or give "" when a font has them.

    Parameters
    ----------
    chosen
        Families in use; None takes those that matplotlib is set to.
    """
    return "" if covers(_SAMPLE, _in_use(chosen)) else _NOTE


def warn_once() -> None:
    """Log the note on a missing font, once in a process."""
    _warn(missing_font_note())


@cache
def _warn(note: str) -> None:
    if note:
        logger.warning(note)


def covers(text: str, chosen: Iterable[str] | None = None) -> bool:
    """Tell whether the fonts in use can draw every character of a text."""
    return not uncovered(text, chosen)


def uncovered(text: str, chosen: Iterable[str] | None = None) -> set[str]:
    """Give the characters of a text that no font in use can draw."""
    left = {char for char in text if not char.isspace() and not " " <= char <= "~"}
    for name in _in_use(chosen):
        if not left:
            break
        left = {char for char in left if ord(char) not in _characters(name)}
    return left


def mean_width(weight: str = "normal") -> float:
    """Give the mean width of a character of the font in use, as a share of the font's size."""
    return _mean_width(tuple(_in_use(None)), weight)


@cache
def _mean_width(chosen: tuple[str, ...], weight: str) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    face = FontProperties(family=list(chosen), weight=weight, size=100)
    width, _, _ = text_to_path.get_text_width_height_descent(_LATIN_SAMPLE, face, False)
    return _WIDER * float(width) / 100 / len(_LATIN_SAMPLE)


def _in_use(chosen: Iterable[str] | None) -> list[str]:
    from matplotlib import rcParams

    return list(rcParams["font.family"] if chosen is None else chosen)


@cache
def _characters(family: str) -> frozenset[int]:
    """Code points that a family has; none when matplotlib does not know the family."""
    try:
        path = font_manager.findfont(family, fallback_to_default=False)
    except ValueError:
        return frozenset()
    face = getattr(path, "face_index", 0)
    font = FT2Font(path, face_index=face) if face else FT2Font(path)
    return frozenset(font.get_charmap())


def _installed() -> set[str]:
    """Names of the fonts of this machine, also of those added after matplotlib first looked."""
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    if not known.intersection(_CHINESE):
        for path in sorted(font_manager.findSystemFonts()):
            if any(part in Path(path).name.lower() for part in _FILES):
                _add(path)
        known = {entry.name for entry in font_manager.fontManager.ttflist}
    return known


def _add(path: str) -> None:
    try:
        font_manager.fontManager.addfont(path)
    except (OSError, RuntimeError) as error:
        logger.info("font %s cannot be used: %s", Path(path).name, error)
