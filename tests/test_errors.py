"""Tests of planlib.errors."""

import pickle
from pathlib import Path

import pytest

from planlib import errors

EXAMPLES = [
    errors.TableError("accounts", ["a", "b"]),
    errors.SettingsError("plan.yaml", ["a"]),
    errors.InputError("accounts.csv", ["row 2"]),
    errors.ParameterError("parameters", ["x"]),
    errors.MissingTableError("segments", "planlib run . --only 02_segmentation"),
    errors.RunError("02_segmentation", "kernel_died", "killed", Path("x.ipynb")),
    errors.LockedError("held"),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_errors_cross_processes(error):
    """A worker process hands an error over with its fields and its text."""
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - reads what this very line made
    assert str(back) == str(error)
    assert back.__dict__ == error.__dict__


def test_codes_are_distinct():
    """Every kind of error has its own stable code."""
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.PlanError)
    ]
    codes = [kind.code for kind in kinds if kind is not errors.ProblemsError]
    assert len(codes) == len(set(codes))


def test_many_problems_are_listed_line_by_line():
    """One problem stands inline, several get a line each."""
    assert str(EXAMPLES[1]) == "plan.yaml: a"
    assert str(EXAMPLES[0]) == "accounts: 2 problems\n  - a\n  - b"


def test_run_error_names_the_notebook_to_open():
    """A failed step says which notebook to open."""
    assert str(EXAMPLES[5]).endswith("open x.ipynb to see it")


def test_nearest_word():
    """The nearest known word is found, and nothing when none is near."""
    assert errors.nearest("acounts", ["accounts", "reps"]) == ["accounts"]
    assert errors.nearest("zzz", ["accounts"]) == []
