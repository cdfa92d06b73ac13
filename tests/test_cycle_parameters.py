"""Parameters are checked before a kernel starts, and a name can never carry code."""

from __future__ import annotations

import keyword
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from planlib.cycle.parameters import declared_parameters, resolve_parameters
from planlib.cycle.selection import RunOptions
from planlib.errors import ParameterError, WorkbookError
from planlib.plan import parse_plan
from planlib.steps import STEPS
from tests.faults import tiny

DECLARED = "tolerance = None\ntop = 20\nshow = True\nregion = ''\nfactor = 0.5"
ATTACKS = [
    "__import__('os').system('touch executed')",
    "x\nimport os\nos.abort()",
    "a b",
    "",
    " ",
    ".",
    "tolerance ",
    " tolerance",
    "tolerance;print(1)",
    "tolerance\n",
    "ｔolerance",
    "tоlerance",
    "__class__",
    "_x",
    "Tolerance",
    "1a",
    "class",
    "lambda",
    "match",
    "type",
    "None",
    "a" * 65,
    "../x",
    "a-b",
    "{tolerance}",
    "tolerance#",
    "tolerance\x00",
    "tolerance\u200b",
    "٣",
    "print(1)",
]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """A notebook of territories with parameters of every kind."""
    path = tmp_path_factory.mktemp("nb") / "03_territories.ipynb"
    return tiny.make_notebook(path, "1", parameters=DECLARED)


def resolve(notebook, *texts, plan=""):
    """Resolve parameters for one notebook."""
    name = "03_territories"
    return resolve_parameters(texts, {name: notebook}, STEPS, parse_plan(plan))[name]


@settings(max_examples=1000)
@given(
    name=st.one_of(
        st.text(max_size=80),
        st.sampled_from(ATTACKS),
        st.from_regex(re.compile(r"[a-zA-Z_.;()\n ]{1,70}"), fullmatch=True),
    )
)
@example(name="tolerance=__import__('os')")
def test_only_declared_plain_names_get_through(notebook, name):
    """Whatever the name, it is refused, or it is a declared one: nothing else is ever injected."""
    try:
        found = resolve(notebook, f"{name}=0.1")
    except ParameterError:
        return
    assert set(found) <= {"tolerance", "top", "show", "region", "factor"}
    assert all(key.isidentifier() and key.isascii() and not keyword.iskeyword(key) for key in found)


@pytest.mark.parametrize("name", ATTACKS)
def test_no_kernel_starts_for_a_bad_name(tmp_path, name):
    """The run is refused before anything is written or executed."""
    root = tiny.make_workbook(tmp_path)
    before = sorted(root.rglob("*"))
    with pytest.raises(ParameterError):
        tiny.run(root, RunOptions(parameters=(f"{name}=1",)), execute=pytest.fail)
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("tolerance=0.2", 0.2),
        ("tolerance=None", None),
        ("03_territories.tolerance=0.2", 0.2),
        ("top=7", 7),
        ("show=false", False),
        ("show=True", True),
        ("factor=1e-1", 0.1),
        ("region=NO", "NO"),
        ("region=010", "010"),
        ("region=on", "on"),
        ("region=12:30", "12:30"),
        ("region=", ""),
        ("region=a=b", "a=b"),
        ("region='); import os", "'); import os"),
    ],
)
def test_values_keep_their_type(notebook, text, value):
    """Numbers become numbers where numbers are wanted; text stays text, also NO and 010."""
    found = resolve(notebook, text)
    assert list(found.values()) == [value]
    assert type(next(iter(found.values()))) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tolerence=0.1", "did you mean 'tolerance'"),
        ("03_teritories.tolerance=0.1", "did you mean '03_territories'"),
        ("tolerance=abc", r"tolerance is 'abc'; allowed"),
        ("tolerance=-1", "tolerance is '-1"),
        ("tolerance=nan", "tolerance"),
        ("tolerance=inf", "tolerance"),
        ("tolerance=1e999", "tolerance"),
        ("tolerance=010", "tolerance"),
        ("top=many", "allowed is a number such as 20"),
        ("top=true", "such as 20"),
        ("show=1", "such as True"),
        ("factor=nan", "allowed is a number"),
        ("tolerance", "is not name=value"),
        ("workbook=x", "set by the run itself"),
        ("cycle=2026", "set by the run itself"),
        ("region=" + "x" * 2000, "longer than 1000"),
    ],
)
def test_wrong_parameters_say_what_is_allowed(notebook, text, message):
    """A typing error names the nearest parameter, a wrong value what is allowed."""
    with pytest.raises(ParameterError, match=message):
        resolve(notebook, text)


def test_every_problem_is_listed_at_once(notebook):
    """Two wrong parameters give two problems."""
    with pytest.raises(ParameterError) as caught:
        resolve(notebook, "tolerence=0.1", "top=x")
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    "cell",
    [
        "x = print('executed')",
        "import os",
        "x, y = 1, 2",
        "x = [1]",
        "x = 1 +",
        "for i in range(3):\n    pass",
    ],
)
def test_a_parameters_cell_is_read_not_run(tmp_path, cell, capsys):
    """Anything but plain values is refused, and nothing of it is executed."""
    path = tiny.make_notebook(tmp_path / "n.ipynb", parameters=cell)
    with pytest.raises(WorkbookError, match="plain values only"):
        declared_parameters(path)
    assert "executed" not in capsys.readouterr().out


def test_defaults_are_read_as_they_stand(notebook):
    """Names, defaults and annotations of the parameters cell are understood."""
    assert declared_parameters(notebook) == {
        "workbook": "tiny",
        "cycle": "2026Q1",
        "tolerance": None,
        "top": 20,
        "show": True,
        "region": "",
        "factor": 0.5,
    }
