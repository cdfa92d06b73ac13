"""Tests of planlib.tables."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from planlib.errors import PlanError, TableError
from planlib.tables import TABLES, Column, Table, require_columns, table

MADE_UP = Table(
    name="made_up",
    role="input",
    meaning="Columns with every kind of promise.",
    key=(),
    columns=(
        Column("made_id", "id", "filled", required=True),
        Column("horizon", "category", "one of two", allowed=("a", "b")),
        Column("made_share", "share", "0 to 1"),
        Column("made_count", "int", "at least 1", ge=1),
        Column("made_amount", "amount", "finite"),
        Column("note", "text", "anything"),
    ),
)


def make_needs(**changes) -> pd.DataFrame:
    """Three needs of two accounts."""
    columns = {
        "need_id": ["N1", "N2", "N3"],
        "account_id": ["007", "007", "NA"],
        "need": ["line", "service", "line"],
        "horizon": ["0-3m", "3-12m", "1-3y"],
        "likelihood": [0.5, None, 1.0],
        "recorded_date": ["2026-01-05", None, "2026-02-01"],
    }
    return pd.DataFrame(columns | changes)


@pytest.mark.parametrize("name", TABLES)
def test_declarations_hold_together(name):
    """Keys and references exist, names do not repeat, every column says what it is."""
    declared = TABLES[name]
    assert set(declared.key) <= set(declared.by_name)
    assert all(declared.by_name[column].required for column in declared.key)
    assert len(declared.by_name) == len(declared.columns)
    assert all(column.meaning for column in declared.columns)
    for column, (target, key) in declared.refs.items():
        assert key in TABLES[target].by_name, (column, target)
    assert (declared.role == "output") == bool(declared.step)


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_keeps_its_contract(name):
    """An empty frame of a table passes its own check with the right dtypes."""
    empty = TABLES[name].empty()
    checked = TABLES[name].check(empty)
    assert checked.dtypes.equals(empty.dtypes)


def test_coerce_gives_dtypes_order_and_missing_columns():
    """Ids stay text, numbers are numbers, absent optional columns are NA."""
    needs = table("needs").coerce(make_needs()[["horizon", "need", "account_id", "need_id"]])
    assert list(needs.columns) == [column.name for column in table("needs").columns]
    assert needs["account_id"].tolist() == ["007", "007", "NA"]
    assert needs["value"].isna().all()
    assert str(needs["recorded_date"].dtype) == "datetime64[us]"


def test_coerce_does_not_touch_its_input():
    """The frame handed in is the same afterwards."""
    given = make_needs()
    copy = given.copy(deep=True)
    table("needs").check(given)
    pd.testing.assert_frame_equal(given, copy)


def test_conform_drops_what_the_contract_lacks():
    """Helpers' columns go, the rest is coerced; rows may come one by one; nothing is refused."""
    contract = table("needs")
    plain = contract.coerce(make_needs())
    pd.testing.assert_frame_equal(contract.conform(make_needs(helper=[1, 2, 3])), plain)
    pd.testing.assert_frame_equal(contract.conform(make_needs().to_dict("records")), plain)


@pytest.mark.parametrize("rows", [None, [], pd.DataFrame(), pd.DataFrame(columns=["helper"])])
def test_without_rows_the_shape_is_that_of_the_contract(rows):
    """Nothing at all, and frames without rows whatever their columns, give the empty table."""
    empty = table("needs").empty()
    pd.testing.assert_frame_equal(table("needs").conform(rows), empty)


def test_a_missing_table_has_no_rows():
    """None is the table without rows; a frame that is there stays as it is."""
    contract, given = table("needs"), make_needs()
    pd.testing.assert_frame_equal(contract.or_empty(None), contract.empty())
    pd.testing.assert_frame_equal(contract.coerce(None), contract.empty())
    assert contract.or_empty(given) is given


def test_check_names_every_breach_at_once():
    """Wrong value, out of range, blank key, repeated key: all in one error."""
    bad = make_needs(
        need_id=["N1", "N1", "N3"],
        account_id=["007", None, "x"],
        horizon=["soon", "3-12m", "1-3y"],
        likelihood=[0.5, 7, 1.0],
    )
    with pytest.raises(TableError) as caught:
        table("needs").check(bad)
    text = str(caught.value)
    assert len(caught.value.problems) == 4
    assert "one of 0-3m, 3-12m, 1-3y, found 'soon'" in text
    assert "'likelihood': allowed at most 1, found 7.0 in 1 row(s), first at 1" in text
    assert "'account_id': allowed a value in every row" in text
    assert "key (need_id) repeats in 2 rows" in text


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["1", "2", None]),
            st.sampled_from(["a", "b", "c", None]),
            st.sampled_from([0.0, 1.0, 1.01, -0.01, float("inf"), float("nan")]),
            st.sampled_from([1, 2, 0, None]),
            st.sampled_from([1.5, float("-inf"), float("nan")]),
            st.sampled_from(["", "x", None]),
        ),
        max_size=3,
    )
)
def test_what_needs_no_second_look_is_right_for_pandera_too(rows):
    """A frame passes exactly when the schema finds nothing, though it is asked only then."""
    frame = pd.DataFrame(rows, columns=list(MADE_UP.by_name))
    try:
        MADE_UP.schema.validate(MADE_UP.coerce(frame), lazy=True)
    except SchemaErrors:
        with pytest.raises(TableError, match="allowed"):
            MADE_UP.check(frame)
    else:
        assert len(MADE_UP.check(frame)) == len(rows)


def test_infinite_numbers_are_refused():
    """Infinity is no amount."""
    with pytest.raises(TableError, match="finite"):
        table("needs").check(make_needs(value=[1.0, float("inf"), 2.0]))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"likelyhood": [1, 1, 1]}, "did you mean 'likelihood'"),
        ({"value": ["1", "much", "2"]}, "column 'value' is not amount"),
        ({"recorded_date": ["2026-01-01", "soon", None]}, "column 'recorded_date' is not date"),
    ],
)
def test_foreign_columns_and_values_are_named(change, match):
    """An unknown column or a value of another kind is an error that names it."""
    with pytest.raises(TableError, match=match):
        table("needs").coerce(make_needs(**change))


def test_a_missing_required_column_is_named():
    """Required columns must be there."""
    with pytest.raises(TableError, match="required column 'horizon' is missing"):
        table("needs").coerce(make_needs().drop(columns="horizon"))
    with pytest.raises(TableError, match="column 'horizon' is missing; found need_id"):
        require_columns("needs", make_needs()[["need_id"]], ["need_id", "horizon"])


def test_sensitive_columns_by_audience():
    """Pay is hidden unless the audience may see it."""
    assert table("reps").sensitive() == ["leave_reason", "quota"]
    assert table("reps").sensitive(["pay"]) == ["leave_reason"]


def test_unknown_tables_are_named_with_the_nearest():
    """A misspelt table gives the nearest name."""
    with pytest.raises(PlanError, match="did you mean 'accounts'"):
        table("acounts")


def test_parquet_round_trip_keeps_the_contract(tmp_path):
    """What is written and read back is the same table."""
    needs = table("needs").check(make_needs())
    needs.to_parquet(tmp_path / "needs.parquet")
    back = table("needs").check(pd.read_parquet(tmp_path / "needs.parquet"))
    pd.testing.assert_frame_equal(back, needs)
