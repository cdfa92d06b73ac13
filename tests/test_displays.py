"""Tests of tables, key figures and problem lists."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planlib import displays
from planlib.displays.headings import HEADINGS
from planlib.displays.values import humanize
from planlib.tables import TABLES

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    '"><script>alert(1)</script>',
    "'><b>x</b>",
    "</td></tr></table><h1>x</h1>",
    "</style><script>alert(1)</script>",
    "<!-- x",
    "<![CDATA[x]]>",
    "javascript:alert(1)",
    "<a href='javascript:alert(1)'>x</a>",
    "<iframe src=//x>",
    "&lt;script&gt;",
    "&#60;b&#62;",
    "[x](javascript:alert(1))",
    "**bold** _x_ `code`",
    "![x](http://example.org/a.png)",
    r"$\frac{1}{2}$",
    "=1+1",
    "{{ 7*7 }}",
    "{% raw %}",
    "\x00\x01<b>",
    "\u202egnp.exe",
]
TAGS = {
    "div",
    "table",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "td",
    "th",
    "br",
    "small",
    "span",
    "p",
    "ul",
    "li",
    "dl",
    "dt",
    "dd",
}


class Page(HTMLParser):
    """Reads a page: its tags, its attributes and its text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def make_frame(**changes: Any) -> pd.DataFrame:
    """Three accounts with one column of each kind."""
    data: dict[str, Any] = {
        "account_id": ["007", "A2", "A3"],
        "won_amount": [1234567.4, -2.0, np.nan],
        "win_share": [0.6315, 0.1, np.nan],
        "deals_count": pd.array([1200, 2, None], dtype="Int64"),
        "closeness_score": [71.6, 3.2, np.nan],
        "close_date": pd.to_datetime(["2026-01-01", None, "2025-02-03"]),
        "is_won": pd.array([True, False, None], dtype="boolean"),
    }
    return pd.DataFrame({**data, **changes})


@pytest.mark.parametrize("text", PAYLOADS)
def test_text_from_data_is_only_text(text: str) -> None:
    """Cells, headers, units, titles and notes never become tags, attributes or styles."""
    frame = pd.DataFrame({"account_id": [text], text: ["x"]})
    shown = displays.table(
        frame,
        title=text,
        subtitle=text,
        notes=[text],
        units={text: text},
        labels={"account_id": text},
        missing={text: text},
    ).body
    shown += displays.facts([(text, text, text)], title=text).body
    shown += displays.problem_list([text], title=text).body
    page = Page(shown)
    assert page.tags <= TAGS
    assert page.attributes <= {"class", "id", "colspan", "scope"}
    plain = displays.write(text).replace("\x00", "").replace("\x01", "").replace("\u202e", "")
    assert page.text.count(plain) >= 10
    assert "<script" not in shown.lower()


@given(st.text(max_size=30))
def test_any_text_survives_escaping(text: str) -> None:
    """Whatever stands in a cell, only the tags of a table reach the page."""
    assert Page(displays.table(pd.DataFrame({"a": [text]})).body).tags <= TAGS


def test_values_are_written_by_kind() -> None:
    """Amounts, shares, counts, scores, dates and flags follow from dtype and name."""
    lines = repr(displays.table(make_frame())).splitlines()
    assert lines[0].split("  ")[0] == "Account id"
    assert lines[1].split() == ["007", "1,234,567", "63.2", "%", "1,200", "72", "2026-01-01", "yes"]
    assert lines[3].split() == ["A3", *["–"] * 4, "2025-02-03", "–"]


def test_midnight_has_its_time_where_others_of_the_column_have_one() -> None:
    """A time is no date; a column of days alone stays one of days."""
    times = pd.to_datetime(["2026-04-01 00:00", "2026-04-01 03:30", None])
    frame = pd.DataFrame({"at": times, "day": times.normalize()})
    text = displays.table(frame).text
    assert "2026-04-01 00:00  2026-04-01" in text
    assert "2026-04-01 03:30  2026-04-01" in text
    assert "–" in text


def test_formats_and_labels_win() -> None:
    """A given format, header or unit replaces what would be guessed."""
    view = displays.table(
        make_frame()[["win_share"]],
        formats={"win_share": "number"},
        labels={"win_share": "Win rate"},
        units={"win_share": "of closed"},
    )
    assert repr(view).splitlines()[:2] == ["Win rate, of closed", f"{'0.63':>19}"]


def test_keys_are_written_as_words_where_asked() -> None:
    """Underscores of keys become blanks, and the column stays on the left like text."""
    frame = pd.DataFrame({"kind": ["red_cell", None], "name": ["a_b", "c"]})
    lines = repr(displays.table(frame, formats={"kind": "words"})).splitlines()
    assert lines[1].split("  ") == ["red cell", "a_b"]


def test_values_are_written_by_the_unit_beside_them() -> None:
    """Each value of a column of unlike figures is written by its own unit; none is a dash."""
    values = pd.Series([0.125, 1234.5, 3.14159, None], index=[4, 2, 7, 1])
    units = pd.Series(["share", "amount", "leads a month", "share"], index=values.index)
    found = displays.write_by_unit(values, units)
    assert found.tolist() == ["12.5 %", "1,234", "3.14", displays.DASH]
    assert found.index.tolist() == [4, 2, 7, 1]
    assert displays.write_by_unit(values.head(0), units.head(0)).empty


def test_rows_beyond_the_limit_are_counted() -> None:
    """A shortened table says how many rows are not shown; None shows all."""
    frame = pd.DataFrame({"a": range(143)})
    assert "… and 123 more rows" in displays.table(frame).body
    assert "… and 1 more row" in repr(displays.table(frame, limit=142)).splitlines()
    assert "more row" not in displays.table(frame, limit=None).body
    assert displays.table(frame, limit=None).body.count("<tr>") == 143


def test_an_empty_table_says_so() -> None:
    """A table without rows has its header and one line that says there are none."""
    view = displays.table(make_frame().head(0), empty="no account is overdue")
    assert "no account is overdue" in view.body
    assert repr(view).splitlines()[-1] == "no account is overdue"
    assert "Account id" in view.body


def test_missing_values_are_explained() -> None:
    """A dash is explained where a reason is given, and only when a dash is there."""
    why = {"win_share": "fewer than 1 closed deal", "account_id": "never"}
    body = displays.table(make_frame(), missing=why).body
    assert "– in Share won: fewer than 1 closed deal" in body
    assert "never" not in body


def test_colors_and_grey_mark_cells() -> None:
    """A tone marks its cell, a grey row all its cells; unknown tones mark nothing."""
    colors = pd.DataFrame({"won_amount": ["good", "bad", ""], "win_share": ["", "<b>", None]})
    body = displays.table(make_frame(), colors=colors, grey=pd.Series([False, False, True])).body
    assert body.count("pl-good") == 1
    assert body.count("pl-bad") == 1
    assert body.count("pl-grey") == make_frame().shape[1]
    assert 'pl-good gt_right">1,234,567' in body
    assert "–" in body.split("pl-grey")[2]


def test_a_column_of_long_texts_is_wide_and_one_of_short_texts_is_not() -> None:
    """Else a browser squeezes a reason to a word a line where a table has many columns."""
    reason = "Moved: balance gains 12, change of owner costs 3, and nobody else has room for it."
    body = displays.table(pd.DataFrame({"reason": [reason, "stays"], "state": ["a", "b"]})).body
    assert body.count("pl-long") == 1
    assert f'<td class="gt_row pl-long">{reason}' in body


def test_the_same_frame_gives_the_same_text() -> None:
    """Output is deterministic: fixed id, nothing random."""
    first, second = displays.table(make_frame()), displays.table(make_frame())
    assert first._repr_html_() == second._repr_html_()
    other = displays.table(make_frame(account_id=["1", "2", "3"]))
    assert other.body.split('id="')[1][:10] != first.body.split('id="')[1][:10]


def test_frame_is_not_changed() -> None:
    """Showing a frame leaves it as it was."""
    frame = make_frame()
    displays.table(frame, limit=1)
    pd.testing.assert_frame_equal(frame, make_frame())


def test_named_index_and_header_rows_become_columns() -> None:
    """A pivot is shown with its index as first column and one header row."""
    pivot = make_frame().pivot_table(
        index="account_id", columns="is_won", values="won_amount", aggfunc=["sum", "sum"]
    )
    lines = repr(displays.table(pivot)).splitlines()
    assert lines[0].split() == [
        "Account",
        "id",
        "sum",
        "False",
        "sum",
        "True",
        "sum",
        "False",
        "(2)",
        "sum",
        "True",
        "(2)",
    ]


def test_chinese_columns_stay_aligned_in_a_terminal() -> None:
    """Wide characters count twice, so that columns line up."""
    frame = pd.DataFrame({"name": ["北京设备", "ab"], "x": ["1", "2"]})
    assert repr(displays.table(frame)).splitlines() == ["Name      X", "北京设备  1", "ab        2"]


def test_facts_and_problems_in_plain_text() -> None:
    """Key figures and problems read well in a terminal."""
    view = displays.facts(
        [
            displays.Fact("Accounts", 3012, "all", format="count"),
            ("Share", 0.5, "", "good", "share"),
            ("Deals", 12345),
            ("Period", "2026Q1"),
        ],
        title="Key figures",
    )
    assert (
        repr(view)
        == "Key figures\nAccounts: 3,012 (all)\nShare: 50.0 %\nDeals: 12,345\nPeriod: 2026Q1"
    )
    assert "pl-good" in view.body
    assert repr(displays.problem_list([], title="Problems")) == "Problems\nNo problems found."
    assert repr(displays.problem_list(["a", "b"], limit=1)) == "- a\n- … and 1 more problem"


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (0.6315, "share", "63.2 %"),
        (-0.0001, "share", "0.0 %"),
        (1e300, "amount", "1e+300"),
        (float("inf"), "number", "∞"),
        (-0.4, "amount", "0"),
        (2.5, "days", "2"),
        (1234.5, "number", "1,234.5"),
        (100, "number", "100"),
        (np.int64(1200), "number", "1,200"),
        (pd.NA, "count", "–"),
        (pd.NaT, "date", "–"),
        (None, "text", "–"),
        (pd.Timestamp("2026-03-31 14:05"), "date", "2026-03-31 14:05"),
        (True, "count", "yes"),
    ],
)
def test_single_values(value: object, kind: displays.Format, text: str) -> None:
    """Numbers round as they read, without minus zero; missing is a dash."""
    assert displays.write(value, kind) == text


def test_plain_headings_are_those_of_columns_that_exist() -> None:
    """A heading for a column that no table has is dead."""
    names = {column.name for one in TABLES.values() for column in one.columns}
    assert sorted(set(HEADINGS) - names) == []


@pytest.mark.parametrize("name", sorted(TABLES))
def test_no_two_columns_of_a_table_have_the_same_heading(name: str) -> None:
    """A reader tells columns apart by their headings."""
    headings = pd.Series([humanize(column.name) for column in TABLES[name].columns])
    assert headings[headings.str.casefold().duplicated()].tolist() == []
