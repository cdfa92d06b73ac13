"""Tests of planlib.steps."""

import pytest

from planlib.plan import Plan
from planlib.steps import STEPS
from planlib.tables import TABLES


@pytest.mark.parametrize("name", STEPS)
def test_a_step_names_known_tables_and_settings(name):
    """Tables, settings and kinds of overrides exist, and the step writes something."""
    step = STEPS[name]
    assert set(step.reads) | set(step.writes) <= set(TABLES)
    assert all(Plan().section(section) for section in step.settings)
    assert all(f"override_{kind}" in TABLES for kind in step.overrides)
    assert step.writes


def test_every_output_table_has_one_writer():
    """No table is written twice and none is orphaned."""
    written = [table for step in STEPS.values() for table in step.writes]
    assert sorted(written) == sorted(
        name for name, table in TABLES.items() if table.role == "output"
    )


@pytest.mark.parametrize("name", STEPS)
def test_tables_of_an_earlier_cycle_are_those_of_later_steps(name):
    """What a step reads of an earlier cycle alone, a later step writes; nothing else is listed."""
    order = list(STEPS)
    later = {table for other in order[order.index(name) + 1 :] for table in STEPS[other].writes}
    assert set(STEPS[name].earlier) <= later


def test_order_follows_the_data():
    """A step comes after the steps whose tables it reads."""
    order = list(STEPS)
    for name, step in STEPS.items():
        writers = {TABLES[read].step for read in step.reads} - {""}
        assert all(order.index(before) < order.index(name) for before in writers)
