"""Tests of the look of pictures: fonts, text from data, titles, amounts, bytes."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt

from planlib import charts
from planlib.charts import fonts

CHINESE = "北京中关村设备有限公司"
PAYLOADS = [
    "<script>alert(1)</script>",
    r"$\frac",
    r"$\frac{1}{2}$",
    "$",
    "$$",
    "$a$b$",
    r"\$",
    r"\\$x$",
    "=1+1",
    "_{x}^{y}",
    r"\begin{x}",
    "a\nb",
    "a\tb",
    "a\x00b",
    "a\u202eb",
    "%s %d {0}",
    "{}",
    r"\n",
    "&amp; &",
    "–",
    "🙂",
    "ไทย",
    "العربية",
    "",
]


@pytest.fixture(autouse=True)
def _style() -> Iterator[None]:
    """Leave the look as it was, and no figure open."""
    yield
    charts.set_style()
    plt.close("all")


def draw(name: str) -> bytes:
    """Draw a chart in which a text from data stands at every place."""
    ax = charts.new_axes(width=4, height=3)
    ax.barh([0], [1], label=charts.label(name) or "blank")
    ax.set_yticks([0], [charts.label(name, width=24)])
    ax.legend()
    charts.title(ax, f"Sales of {name}", f"as of 2026-03-31, {name}")
    return charts.figure_png(ax)


@pytest.mark.parametrize("text", PAYLOADS)
def test_any_text_can_be_drawn(text: str) -> None:
    """No text from data breaks a picture or lacks a glyph."""
    assert draw(text).startswith(b"\x89PNG")


@given(st.text(max_size=12))
def test_label_is_one_line_without_mathematics(text: str) -> None:
    """A label has no line break and no dollar that matplotlib would read as mathematics."""
    label = charts.label(text)
    assert "\n" not in label
    assert label.replace(r"\$", "").count("$") == 0
    assert charts.label(label) == label


def test_chinese_is_drawn_where_a_font_has_it() -> None:
    """Chinese names stay as they are when a font on the machine has the characters."""
    if charts.missing_font_note():
        pytest.skip("no font with Chinese characters on this machine")
    assert charts.label(CHINESE) == CHINESE
    assert draw(CHINESE).startswith(b"\x89PNG")


def test_without_chinese_font_no_box_is_drawn() -> None:
    """Without such a font names become codes, each its own, and nothing lacks a glyph."""
    charts.set_style(installed=["DejaVu Sans"])
    assert charts.label("北京") == "U+5317·4EAC"
    assert charts.label("北京") != charts.label("上海")
    assert charts.label("北京 Co", fallback="A-001") == "A-001"
    assert charts.money(12_345, language="zh") == "12.3 k"
    assert draw(CHINESE).startswith(b"\x89PNG")


def test_the_check_for_boxes_works() -> None:
    """Text that does not go through label is seen to lack glyphs, so the test above can fail."""
    mpl.rcParams["font.family"] = ["DejaVu Sans"]
    ax = charts.new_axes(width=4, height=3)
    ax.set_xlabel(CHINESE)
    with pytest.warns(UserWarning, match="missing from font") as seen:
        charts.figure_png(ax)
    assert len(seen) == len(set(CHINESE))


def test_absence_of_a_font_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    """The log says which package to install, once, when a text needs it and not before."""
    fonts._warn.cache_clear()
    with caplog.at_level(logging.WARNING, logger="planlib.charts.fonts"):
        charts.set_style(installed=["DejaVu Sans"])
        assert caplog.records == []
        charts.label("北京")
        charts.label("上海")
    assert [record.message for record in caplog.records] == [charts.missing_font_note()]
    assert "fonts-noto-cjk" in charts.missing_font_note()


def test_families_keep_the_order_of_preference() -> None:
    """A Latin face comes first, the face that matplotlib brings last; unknown names are left."""
    assert fonts.families(["Comic Sans"]) == ["DejaVu Sans"]
    assert fonts.families(["Liberation Sans", "Arial"]) == ["Arial", "DejaVu Sans"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.4, "0.4"),
        (950, "950"),
        (999.6, "1.0 k"),
        (1234, "1.2 k"),
        (99_949, "99.9 k"),
        (99_960, "100 k"),
        (999_499, "999 k"),
        (999_950, "1.0 M"),
        (12_345_678, "12.3 M"),
        (123_456_789, "123 M"),
        (1.5e9, "1.5 B"),
        (2e12, "2,000 B"),
        (-1234, "-1.2 k"),
        (-0.0, "0"),
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "∞"),
    ],
)
def test_money_is_short(value: float | None, text: str) -> None:
    """Amounts have two to three digits and a unit, and carry over at the edge of a unit."""
    assert charts.money(value) == text


def test_money_has_currency_and_chinese_units() -> None:
    """The currency stands in front; Chinese counts in ten thousands and hundred millions."""
    assert charts.money(1_200_000, "USD") == "USD 1.2 M"
    if not charts.missing_font_note():
        assert charts.money(12_345, "CNY", "zh") == "CNY 1.2 万"
        assert charts.money(3.2e8, language="zh") == "3.2 亿"


@given(st.floats(min_value=1, max_value=1e14))
def test_money_is_near_the_value(value: float) -> None:
    """What is printed lies within a twentieth of the value."""
    number, _, unit = charts.money(value).partition(" ")
    size = {"": 1, "k": 1e3, "M": 1e6, "B": 1e9}[unit]
    assert float(number.replace(",", "")) * size == pytest.approx(value, rel=0.051, abs=0.51)


def test_pictures_have_the_same_bytes_each_time() -> None:
    """Drawing the same picture twice gives the same file, without date or version."""
    first, second = draw("Acme"), draw("Acme")
    assert first == second
    assert b"Software" not in first
    assert not plt.get_fignums()


def test_given_axes_are_used() -> None:
    """A chart draws on the caller's axes, and makes a figure only without them."""
    _, ax = plt.subplots()
    assert charts.new_axes(ax) is ax
    assert charts.new_axes() is not ax


@pytest.mark.parametrize("panels", [1, 2])
def test_titles_stay_inside_the_picture(panels: int) -> None:
    """Headline and subtitle start at the left, wrap, and do not leave the picture or overlap."""
    figure, axes = plt.subplots(1, panels, figsize=(8, 6), layout="constrained", squeeze=False)
    for ax in axes[0]:
        ax.barh([0], [1])
        ax.set_yticks([0], ["an account with quite a long name"])
        charts.title(ax, "Long headline, " * 10 + CHINESE * 5, "A definition that is long. " * 9)
    figure.canvas.draw()
    edge = figure.bbox
    for ax in axes[0]:
        box, lower = ax._left_title.get_window_extent(), ax.texts[0].get_window_extent()
        assert "Long headline" in ax.get_title(loc="left")
        assert box.x0 >= edge.x0
        assert box.y1 <= edge.y1 + 1
        assert box.width <= edge.width / panels * 1.02
        assert lower.width <= edge.width / panels * 1.02
        assert lower.y1 <= box.y0 + 4


def test_label_shortens_by_width_on_screen() -> None:
    """A shortened label is at most as wide as asked; Chinese characters count twice."""
    assert charts.label("abcdefgh", width=5) == "abcd…"
    assert charts.label("abcde", width=5) == "abcde"
    if not charts.missing_font_note():
        assert charts.label("北京上海", width=5) == "北京…"


@pytest.mark.parametrize("value", [None, math.nan, float("nan")])
def test_missing_text_is_a_dash(value: object) -> None:
    """A missing value is shown as a dash."""
    assert charts.label(value) == "–"
