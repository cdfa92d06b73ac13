"""Values as text: numbers, money, dates, booleans, categories, ids."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planlib.intake.dates import parse_dates
from planlib.intake.ids import unify_ids
from planlib.intake.numbers import parse_numbers
from planlib.intake.values import Notation, read_column
from planlib.tables import Column


def texts(*values: str) -> pd.Series:
    """Make a column of text."""
    return pd.Series(list(values), dtype="str")


def number(value: str, **declared: str) -> float:
    """Understand one number."""
    return float(parse_numbers(texts(value), **declared).values[0])


def day(value: str, **declared: str) -> str:
    """Understand one date and write it as ISO text."""
    return str(parse_dates(texts(value), **declared).values[0])[:19]


NUMBERS = {
    "1": 1,
    "007": 7,
    "-2.5": -2.5,
    "+4": 4,
    ".5": 0.5,
    "5.": 5,
    "1e5": 100_000,
    "1.5E+3": 1500,
    "1,234.56": 1234.56,
    "12,345,678": 12_345_678,
    "1,00,000": 100_000,
    "1.234.567": 1_234_567,
    "1.234,56": 1234.56,
    "1234,5": 1234.5,
    "1 234,56": 1234.56,
    "1'234.5": 1234.5,
    "(1,000)": -1000,
    "1,000-": -1000,
    "−5": -5,
    "$1,200": 1200,
    "-$5": -5,
    "$-5": -5,
    "USD 1,200.50": 1200.5,
    "1200 EUR": 1200,
    "€ 3,50": 3.5,
    "￥1,000.00": 1000,
    "RMB 5": 5,
    "3.5万": 35_000,
    "1.2亿": 120_000_000,
    "500 万元": 5_000_000,
    "２３": 23,
    "１，２００．５": 1200.5,
    "45%": 0.45,
    "12.5 %": 0.125,
    "(5%)": -0.05,
    "2千": 2000,
    "HK$3": 3,
}


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_understood_as_people_write_it(text):
    """Separators, signs, currencies, brackets, percent, 万 and 亿, full-width digits."""
    assert number(text) == pytest.approx(NUMBERS[text], rel=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "inf",
        "-inf",
        "0x1F",
        "1_000",
        "--5",
        "(5",
        "5)",
        "$",
        "1,23.4",
        "1.2.3",
        "1 EUR USD",
        "12e",
        "1,2,3",
        "5 apples",
        "EUR$5",
        "1e999",
    ],
)
def test_what_is_no_number_is_bad_and_not_guessed(text):
    """Nothing is repaired: the cell is bad and its value missing."""
    found = parse_numbers(texts(text))
    assert found.bad.tolist() == [True]
    assert np.isnan(found.values).all()


@pytest.mark.parametrize("text", ["", " ", "n/a", "N/A", "NA", "null", "-", "nan", "无"])
def test_words_for_no_value_are_blank_in_number_columns(text):
    """They are missing, not bad, and never zero."""
    found = parse_numbers(texts(text))
    assert found.bad.tolist() == [False]
    assert np.isnan(found.values).all()


def test_unambiguous_values_decide_the_decimal_mark_of_a_column():
    """One value that allows a single reading decides for all."""
    assert parse_numbers(texts("1.500", "2,75")).values.tolist() == [1500, 2.75]
    assert parse_numbers(texts("1.500", "2.75")).values.tolist() == [1.5, 2.75]
    assert parse_numbers(texts("1,500", "2.75")).values.tolist() == [1500, 2.75]


def test_two_decimal_marks_in_one_column_are_a_problem():
    """A column that contradicts itself needs a declaration; both samples are named."""
    assert parse_numbers(texts("1,5", "2.75")).problem == (
        "'1,5' has a decimal comma and '2.75' a decimal point"
    )


def test_a_lone_mark_before_three_digits_needs_a_declaration_in_a_semicolon_file():
    """1.500 may be one and a half or fifteen hundred; a factor of 1000 is not guessed."""
    unclear = parse_numbers(texts("1.500", "7"), separator=";")
    assert unclear.problem == "'1.500' may have a decimal mark or a thousands separator"
    assert number("1.500", separator=";", decimal=",") == 1500
    assert number("1.500", separator=";", decimal=".") == 1.5


@pytest.mark.parametrize(
    ("cells", "unclear"),
    [
        (("250000", "€250.000"), "'250.000'"),
        (("12.500,00", "€45,000", "300"), "'45,000'"),
        (("0.125", "1.500"), ""),
        (("1,250.125", "1.500"), ""),
        (("12.125", "5.5"), ""),
        (("45,000", "1,250"), ""),
        (("45,000", "2.75"), ""),
    ],
)
def test_thousands_are_not_read_as_thousandths(cells: tuple[str, ...], unclear: str) -> None:
    """Three digits that end in a zero behind the decimal mark are asked about, not guessed."""
    problem = parse_numbers(texts(*cells)).problem
    expected = f"{unclear} may have a decimal mark or a thousands separator" if unclear else ""
    assert problem == expected


def test_the_currency_of_a_cell_is_kept():
    """Codes and clear signs give the currency; $ and ¥ are of several and give none."""
    found = parse_numbers(texts("USD 1", "2 EUR", "€3", "$4", "5元", "6"))
    assert found.currency.tolist() == ["USD", "EUR", "EUR", "", "CNY", ""]


@given(st.lists(st.floats(-1e12, 1e12).map(lambda x: round(x, 2)), min_size=1, max_size=20))
def test_numbers_survive_the_english_and_the_continental_way(numbers):
    """Written with separators either way, a column with cents gives its numbers back."""
    numbers = [*numbers, 1234.56]
    english = [f"{x:,.2f}" for x in numbers]
    german = [x.translate(str.maketrans(",.", ".,")) for x in english]
    for column in (english, german):
        found = parse_numbers(texts(*column))
        assert not found.problem
        assert found.values.tolist() == pytest.approx(numbers, rel=1e-12)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_as_programs_write_them_are_exact(numbers):
    """The shortest text of a double gives the same double."""
    assert parse_numbers(texts(*map(repr, numbers))).values.tolist() == numbers


@given(st.text(max_size=12))
def test_any_text_is_a_number_blank_or_bad(text):
    """Nothing raises, and a finite number is never also bad."""
    found = parse_numbers(texts(text))
    assert not (found.bad[0] and math.isfinite(found.values[0]))


# ------------------------------------------------------------------ dates

DATES = {
    "2026-03-05": "2026-03-05",
    "2026/3/5": "2026-03-05",
    "2026.03.05": "2026-03-05",
    "20260305": "2026-03-05",
    "2026年3月5日": "2026-03-05",
    "２０２６年３月５日": "2026-03-05",
    "2026年3月5号": "2026-03-05",
    "5 Mar 2026": "2026-03-05",
    "05-Mar-2026": "2026-03-05",
    "Mar 5, 2026": "2026-03-05",
    "March 5, 2026": "2026-03-05",
    "31/12/2026": "2026-12-31",
    "12/31/2026": "2026-12-31",
    "31.12.2026": "2026-12-31",
    "03/03/2026": "2026-03-03",
    "46086": "2026-03-05",
    "46086.0": "2026-03-05",
    "2024-02-29": "2024-02-29",
    "2026-03-05T00:00:00Z": "2026-03-05",
    "2026-03-05 00:00:00.000": "2026-03-05",
}


@pytest.mark.parametrize("text", DATES)
def test_a_date_is_understood_as_people_write_it(text):
    """ISO, Chinese, month names, clear day or month first, Excel days."""
    assert day(text) == DATES[text] + "T00:00:00"


MOMENTS = {
    "2026-03-05 13:04:05": "2026-03-05T13:04:05",
    "2026-03-05T13:04": "2026-03-05T13:04:00",
    "31/12/2026 2:05 PM": "2026-12-31T14:05:00",
    "31.12.2026 12:30 am": "2026-12-31T00:30:00",
    "2026/3/5 下午 2:30": "2026-03-05T14:30:00",
    "2026年3月5日 14时05分": "2026-03-05T14:05:00",
    "46086.5": "2026-03-05T12:00:00",
    "1772668800000": "2026-03-05T00:00:00",
    "2026-03-05T10:00:00+02:00": "2026-03-05T08:00:00",
    "2026-03-05T10:00:00.000+0000": "2026-03-05T10:00:00",
}


@pytest.mark.parametrize("text", MOMENTS)
def test_a_moment_is_understood_as_systems_write_it(text):
    """Clock times, noon words, zones, milliseconds."""
    assert day(text, whole_days=False) == MOMENTS[text]


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "2026-02-30",
        "2026-13-01",
        "2025-02-29",
        "1066-10-14",
        "2500-01-01",
        "5/6/26",
        "2026-03-05 24:00",
        "2026-03-05 13:60",
        "31/12/2026 13:05 PM",
        "32/12/2026",
        "12345",
        "99999",
        "2026",
        "2026-03",
        "5 Smarch 2026",
        "2026年3月",
    ],
)
def test_what_is_no_date_is_bad(text):
    """Days that do not exist, short years and fragments are not repaired."""
    found = parse_dates(texts(text))
    assert found.bad.tolist() == [True]
    assert np.isnat(found.values).all()


def test_one_clear_value_decides_day_or_month_first():
    """25/03 can only be a day first, so 05/03 in the same column is the fifth of March."""
    first = parse_dates(texts("05/03/2026", "25/03/2026"))
    assert first.values.astype("datetime64[D]").astype(str).tolist() == ["2026-03-05", "2026-03-25"]
    second = parse_dates(texts("05/03/2026", "03/25/2026"))
    assert second.values.astype("datetime64[D]").astype(str).tolist() == [
        "2026-05-03",
        "2026-03-25",
    ]


def test_an_unclear_column_names_a_sample_and_a_declaration_settles_it():
    """Without evidence nothing is guessed."""
    unclear = parse_dates(texts("05/03/2026", "06/07/2026"))
    assert unclear.problem == "'05/03/2026' may have the day or the month first"
    assert day("05/03/2026", order="mdy") == "2026-05-03T00:00:00"
    assert day("05/03/2026", order="dmy") == "2026-03-05T00:00:00"


def test_dates_with_points_have_the_day_first_unless_a_value_shows_otherwise():
    """Hire dates on the first of a month need no declaration where they are written with points."""
    found = parse_dates(texts("01.02.2016", "01.03.2017"))
    assert found.problem == ""
    assert found.values.astype("datetime64[D]").astype(str).tolist() == ["2016-02-01", "2017-03-01"]
    assert day("01.02.2016", order="mdy") == "2016-01-02T00:00:00"
    shown = parse_dates(texts("01.02.2016", "01.25.2017"))
    assert shown.values.astype("datetime64[D]").astype(str).tolist() == ["2016-01-02", "2017-01-25"]
    assert parse_dates(texts("01.02.2016", "01/02/2016")).problem.startswith("'01/02/2016' may")
    assert parse_dates(texts("1-2-2016 10:00")).problem.startswith("'1-2-2016' may")


def test_a_column_that_mixes_both_orders_is_a_problem():
    """25/03 and 03/25 cannot be of one column."""
    mixed = parse_dates(texts("25/03/2026", "03/25/2026"))
    assert mixed.problem == "'25/03/2026' has the day first and '03/25/2026' the month"


def test_a_year_of_9999_means_no_end():
    """Replication tools write it for what is still in force: missing, not bad."""
    found = parse_dates(texts("9999-12-31 23:59:59", "9999-12-31"))
    assert found.bad.tolist() == [False, False]
    assert np.isnat(found.values).all()


def test_moments_come_into_the_plans_time_zone():
    """A late edit in UTC is the next day in Shanghai."""
    assert day("2026-03-05T23:30:00Z", plan_zone="Asia/Shanghai") == "2026-03-06T07:30:00"
    assert day("2026-03-05 23:30:00", source_zone="UTC", plan_zone="Asia/Shanghai") == (
        "2026-03-06T07:30:00"
    )


def test_whole_days_stay_in_any_zone():
    """A date written as midnight UTC does not become the day before in New York."""
    found = parse_dates(
        texts("2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z"), plan_zone="America/New_York"
    )
    assert found.values.astype("datetime64[D]").astype(str).tolist() == ["2026-03-05", "2026-03-06"]


@given(
    st.lists(
        st.dates(datetime.date(1900, 1, 1), datetime.date(2199, 12, 31)), min_size=1, max_size=20
    ),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%Y年%m月%d日", "%d %b %Y", "%Y%m%d"]),
)
def test_dates_survive_every_way_of_writing(days, pattern):
    """Written and read with the day first declared, dates are the same."""
    column = [one.strftime(pattern) for one in days]
    found = parse_dates(texts(*column), order="dmy")
    assert found.values.astype("datetime64[D]").tolist() == days


@given(st.text(max_size=14))
def test_any_text_is_a_date_blank_or_bad(text):
    """Nothing raises, and a date is never also bad."""
    found = parse_dates(texts(text))
    assert not (found.bad[0] and not np.isnat(found.values[0]))


# ------------------------------------------------------------------ other kinds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TRUE", True),
        ("true", True),
        ("1", True),
        ("Yes", True),
        ("是", True),
        ("ja", True),
        ("FALSE", False),
        ("0", False),
        ("no", False),
        ("否", False),
        (" False ", False),
    ],
)
def test_a_boolean_is_understood_in_many_spellings(text, expected):
    """English, German and Chinese words and digits."""
    reading = read_column(texts(text), Column("x", "bool", "Yes or no"), Notation())
    assert reading.values.tolist() == [expected]
    assert reading.faults.empty


def test_other_words_are_no_boolean():
    """Maybe is bad; blank is missing."""
    reading = read_column(texts("maybe", "", "n/a"), Column("x", "bool", "m"), Notation())
    assert reading.values.isna().tolist() == [True, True, True]
    assert reading.faults["at"].tolist() == [0]


def test_a_category_keeps_its_own_spelling():
    """Case, blanks and hyphens do not matter; other words are bad and the allowed ones named."""
    column = Column("x", "category", "m", allowed=("best_case", "commit"))
    reading = read_column(texts("Best Case", "COMMIT", "other"), column, Notation())
    assert reading.values.tolist()[:2] == ["best_case", "commit"]
    assert reading.faults["allowed"].tolist() == ["one of best_case, commit"]


def test_ids_and_text_stay_as_they_are():
    """Leading zeros, NA, 1e5 and inner blanks survive; outer blanks go."""
    column = Column("x", "id", "m")
    reading = read_column(texts("007", "NA", "1e5", " a  b ", "\u200bc", ""), column, Notation())
    assert reading.values.iloc[:5].tolist() == ["007", "NA", "1e5", "a  b", "c"]
    assert reading.values.isna().tolist() == [False] * 5 + [True]


def test_what_a_spreadsheet_has_spoilt_is_bad():
    """Formula errors, and ids that became numbers, are named and not taken as text."""
    reading = read_column(texts("#N/A", "1.23457E+17", "ok"), Column("x", "id", "m"), Notation())
    assert reading.faults["at"].tolist() == [0, 1]
    assert reading.values.tolist()[2] == "ok"


def test_bounds_and_whole_numbers_are_checked_by_cell():
    """A value out of range or with decimals in a count is bad, and the range is named."""
    share = read_column(texts("0.5", "50%", "50", "-1"), Column("x", "share", "m"), Notation())
    assert share.values.tolist()[:2] == [0.5, 0.5]
    assert share.faults["at"].tolist() == [2, 3]
    assert share.faults["allowed"].tolist() == ["0 to 1", "0 to 1"]
    count = read_column(texts("3", "3.5", "1,200"), Column("x", "int", "m", ge=0), Notation())
    assert count.values.tolist()[::2] == [3, 1200]
    assert count.faults["rule"].tolist() == ["not a whole number"]


def test_a_declared_scale_does_not_touch_written_percentages():
    """65 means 0.65 where declared; 65 % does in any case."""
    share = Column("x", "share", "m")
    reading = read_column(texts("65", "65%", "0"), share, Notation(scale=0.01))
    assert reading.values.tolist() == [0.65, 0.65, 0.0]


def test_declared_words_are_blank_in_text_too():
    """NULL of a database export is no name."""
    reading = read_column(
        texts("NULL", "Null Ltd"), Column("x", "text", "m"), Notation(blanks=("NULL",))
    )
    assert reading.values.isna().tolist() == [True, False]


def test_short_salesforce_ids_get_their_check_characters():
    """The 18-character form of a known id, and the same for whole columns."""
    ids, wrong = unify_ids(texts("001A0000006Vm9r", "001A0000006Vm9rIAC", "007", "x" * 18))
    assert ids.tolist() == ["001A0000006Vm9rIAC", "001A0000006Vm9rIAC", "007", "x" * 18]
    assert wrong.tolist() == [False, False, False, False]


def test_an_id_whose_capitals_were_changed_is_seen():
    """The check characters do not fit any more."""
    _, wrong = unify_ids(texts("001a0000006Vm9rIAC"))
    assert wrong.tolist() == [True]


def long_id(short: str) -> str:
    """Add the characters that say which of five characters each are capital letters, one by one."""
    capitals = [["01"["A" <= letter <= "Z"] for letter in short[at : at + 5]] for at in (0, 5, 10)]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    return short + "".join(letters[int("".join(bits[::-1]), 2)] for bits in capitals)


@given(st.lists(st.text("abcXYZ019", min_size=15, max_size=15), min_size=1, max_size=10))
def test_check_characters_are_the_same_one_by_one_and_by_column(short):
    """The quick way for columns and the plain way agree."""
    made, _ = unify_ids(texts(*short))
    assert made.tolist() == [long_id(one) for one in short]
