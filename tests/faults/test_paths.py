"""No name of a cycle, workbook, table or kind of decision leads out of the workbook."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pytest

import planlib
from planlib.errors import PlanError
from planlib.store.layout import cycle_folder
from tests.faults import tiny

NAMES = [
    "..",
    "../..",
    "../2026Q1",
    "2026Q1/../../x",
    "/etc/passwd",
    str(Path(tempfile.gettempdir(), "2026")),
    "~",
    "~root",
    "2026/",
    "2026Q1/..",
    "./2026",
    "2026\x00",
    "2026Q1\n",
    "",
    " ",
    ".",
    "CON",
    "NUL",
    "2026Q1.",
    "2026Q5",
    "..\\2026",
    "C:\\2026",
    "2026Q1;rm",
    "$HOME",
    "%2e%2e%2f",
    "２０２６",
    "2026" * 200,
    "r1",
    "current",
    "lock",
    "building",
]


@pytest.fixture
def root(tmp_path):
    """A workbook in a folder of its own, so that what appears beside it would show."""
    (tmp_path / "home").mkdir()
    return tiny.make_workbook(tmp_path / "home")


def snapshot(folder):
    """Every file and folder below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("name", NAMES)
def test_a_cycle_outside_is_refused(root, tmp_path, name):
    """A cycle is a period or an error, and nothing is written for an error."""
    if name == "2026Q1\n":  # white space around a period is no harm
        assert planlib.open_workbook(root, name).folder.path == root / "cycles" / "2026Q1"
        return
    before = snapshot(tmp_path)
    with pytest.raises(PlanError):
        tiny.run(root, cycle=name)
    with pytest.raises(PlanError):
        planlib.open_workbook(root, name).write_inputs({}, as_of=None)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("name", [name for name in NAMES if name not in (".", "..", "../..")])
def test_a_workbook_that_is_none_is_refused(root, tmp_path, monkeypatch, name):
    """A folder without plan.yaml is no workbook, and none is made."""
    monkeypatch.chdir(root / "inputs")
    before = snapshot(tmp_path)
    with pytest.raises(PlanError):
        tiny.run(name)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("name", NAMES)
def test_a_table_or_kind_outside_is_refused(root, tmp_path, name):
    """Tables and kinds of decisions are those of the contracts."""
    wb = planlib.open_workbook(root, "2026Q1", as_of="2026-03-31")
    before = snapshot(tmp_path)
    frame = pd.DataFrame({"account_id": ["A"]})
    for attempt in (
        lambda: wb.read(name),
        lambda: wb.write(name, frame),
        lambda: wb.write_inputs({name: frame}, as_of=wb.as_of),
        lambda: wb.overrides(name),
        lambda: wb.previous(name),
        lambda: wb.decide(name, [{}], who="a", why="b"),
    ):
        with pytest.raises(PlanError):
            attempt()
    assert snapshot(tmp_path) == before


def test_a_link_that_leads_out_is_refused(root, tmp_path):
    """A cycle's folder that is a link to elsewhere is not written."""
    (tmp_path / "elsewhere").mkdir()
    (root / "cycles").mkdir()
    (root / "cycles" / "2026Q1").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PlanError, match="leads out of the workbook"):
        cycle_folder(root, "2026Q1")
    with pytest.raises(PlanError, match="leads out of the workbook"):
        tiny.run(root)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_pointer_to_elsewhere_is_refused(root):
    """The pointer file names a revision or nothing."""
    tiny.run(root)
    for text in ("../../..", "r99", "/etc", "r1/../..", "draft", ""):
        tiny.folder_of(root).pointer.write_text(text)
        with pytest.raises(PlanError, match="not a revision; allowed are r1"):
            tiny.folder_of(root).current()
