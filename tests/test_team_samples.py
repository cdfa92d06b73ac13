"""Tests of people in the samples: settings fit the data, and the files are as generated."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from data_samples.generator import INDUSTRIAL_SEED, SEED, welcome
from data_samples.generator.__main__ import folder_of
from planlib.plan import load_plan
from planlib.tables import table
from planlib.team.people_checks import check_people, check_people_settings

SAMPLES = (
    ("software", welcome.SOFTWARE, SEED),
    ("industrial", welcome.INDUSTRIAL, INDUSTRIAL_SEED),
)
FILES = ("inputs/onboarding.csv", "inputs/one_on_ones.csv", "overrides/team_remedies.csv")


def read(sample: str, name: str) -> pd.DataFrame:
    """Read a committed input file in the shape of its table."""
    frame = pd.read_csv(folder_of(sample) / "inputs" / f"{name}.csv", dtype="str")
    for column in ("is_open_seat", "is_method"):
        if column in frame.columns:
            frame[column] = frame[column].map({"true": True, "false": False})
    return table(name).check(frame)


@pytest.mark.parametrize("sample", ["software", "industrial"])
def test_settings_of_a_sample_fit_its_people(sample: str) -> None:
    """Roles, levels, metrics and shares of plan.yaml are known, and no row contradicts another."""
    settings, reps = load_plan(folder_of(sample)).team_people, read(sample, "reps")
    history = read(sample, "rep_history")
    assert check_people_settings(settings, reps, history).empty
    found = check_people(
        reps, history, pd.Timestamp("2026-03-31"), onboarding=read(sample, "onboarding"),
        one_on_ones=read(sample, "one_on_ones"),
    )  # fmt: skip
    assert found.empty
    assert not settings.individual_rows


@pytest.mark.parametrize(("sample", "words", "seed"), SAMPLES, ids=["software", "industrial"])
def test_the_files_of_people_are_as_generated(
    sample: str, words: welcome.Words, seed: int, tmp_path: Path
) -> None:
    """The same people and seed give the same files, byte by byte."""
    (tmp_path / "inputs").mkdir()
    shutil.copy(folder_of(sample) / "inputs" / "reps.csv", tmp_path / "inputs")
    welcome.add_people(tmp_path, words, seed)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (folder_of(sample) / name).read_bytes()
