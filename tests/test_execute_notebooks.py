"""Storing the notebooks: what is kept, what is dropped, and that twice gives the same."""

from __future__ import annotations

import base64
import io
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from nbclient.exceptions import CellExecutionError
from PIL import Image, ImageColor, ImageDraw

from planlib.charts.base import SERIES
from planlib.cycle.execute import Job
from planlib.store.frames import write_frame
from planlib.store.history import append_snapshot
from tests.faults import tiny
from tools.execute_notebooks import clean, execute, smaller_picture, take_over

WIDGET = "import ipywidgets\nipywidgets.IntSlider(value=3)"


def make_notebook(folder: Path, *sources: str) -> Path:
    """Write a notebook with tagged first code cell and stable ids."""
    cells = [nbformat.v4.new_markdown_cell("# Title", id="01-title")]
    for number, source in enumerate(sources, start=2):
        cells.append(nbformat.v4.new_code_cell(source, id=f"0{number}-code"))
    cells[1].metadata = {"tags": ["parameters"], "collapsed": True}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"papermill": {"parameters": {}}})
    path = folder / "made_up.ipynb"
    nbformat.write(notebook, path)
    return path


def test_executing_twice_gives_identical_files(tmp_path: Path) -> None:
    """Neither time, nor random ids of widgets, nor anything of the run is in the stored file."""
    path = make_notebook(tmp_path, "print(6 * 7)", WIDGET)
    first, second = execute(path), execute(path)
    assert nbformat.writes(first) == nbformat.writes(second)
    assert [cell.get("execution_count") for cell in first.cells] == [None, 1, 2]
    assert first.cells[1].outputs[0].text == "42\n"
    assert list(first.cells[2].outputs[0].data) == ["text/plain"]


def test_clean_keeps_ids_and_tags_and_drops_the_rest(tmp_path: Path) -> None:
    """Cell ids and tags stay, other metadata goes, and the notebook handed in is not changed."""
    notebook = nbformat.read(make_notebook(tmp_path, "1"), as_version=4)
    cleaned = clean(notebook)
    assert [cell.id for cell in cleaned.cells] == ["01-title", "02-code"]
    assert cleaned.cells[1].metadata == {"tags": ["parameters"]}
    assert sorted(cleaned.metadata) == ["kernelspec", "language_info"]
    assert "papermill" in notebook.metadata
    nbformat.validate(cleaned)


def test_a_failing_cell_stops_the_notebook(tmp_path: Path) -> None:
    """A notebook with an error is not given back, so it cannot be stored."""
    path = make_notebook(tmp_path, "1 / 0")
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        execute(path)


def test_a_stored_picture_is_smaller_and_looks_the_same() -> None:
    """A palette keeps size, white ground and the chart's colours, and takes less space."""
    drawn = Image.new("RGBA", (400, 200), "#ffffff00")
    pen = ImageDraw.Draw(drawn)
    for place in range(200):
        pen.line((0, place, 2 * place, place), fill=(20, 80 + place // 4, 160, 255))
    raw = io.BytesIO()
    drawn.save(raw, "PNG", compress_level=0)
    stored = base64.b64decode(smaller_picture(base64.b64encode(raw.getvalue()).decode()))
    again = Image.open(io.BytesIO(stored)).convert("RGB")
    assert len(stored) < len(raw.getvalue()) / 3
    assert again.size == drawn.size
    assert again.getpixel((399, 0)) == (255, 255, 255)
    assert (
        max(abs(a - b) for a, b in zip(again.getpixel((50, 100)), (20, 105, 160), strict=True)) <= 4
    )


def test_a_stored_picture_keeps_the_colours_that_mean_something() -> None:
    """A colour of the charts that covers few pixels is not drawn to a commoner one."""
    drawn = Image.new("RGB", (256, 256), "white")
    pen = ImageDraw.Draw(drawn)
    for place in range(256):
        pen.line((0, place, 255, place), fill=(place, place, 255 - place))
    for number, color in enumerate(SERIES):
        pen.rectangle((10 * number, 0, 10 * number + 2, 2), fill=color)
    raw = io.BytesIO()
    drawn.save(raw, "PNG")
    stored = base64.b64decode(smaller_picture(base64.b64encode(raw.getvalue()).decode()))
    again = Image.open(io.BytesIO(stored)).convert("RGB")
    kept = [again.getpixel((10 * number + 1, 1)) for number in range(len(SERIES))]
    assert kept == [ImageColor.getrgb(color) for color in SERIES]


def test_a_published_cycle_of_the_same_files_is_taken_over(tmp_path: Path) -> None:
    """A copy of the workbook gets the tables that a run there would give."""
    published = tiny.make_workbook(tmp_path / "one")
    tiny.run(published)
    copy = tiny.make_workbook(tmp_path / "two")
    assert take_over(tiny.folder_of(published), copy, tiny.make_steps())
    revision = tiny.check_whole(copy)
    assert tiny.contents(revision) == tiny.contents(tiny.check_whole(published))


@pytest.mark.parametrize("mark", [None, "old"])
def test_a_published_cycle_of_other_files_is_not_taken_over(
    tmp_path: Path, mark: str | None
) -> None:
    """Where an input differs, or nothing is published, the copy stays without a cycle."""
    published = tiny.make_workbook(tmp_path / "one")
    if mark:
        tiny.run(published)
    copy = tiny.make_workbook(tmp_path / "two", mark="new")
    assert not take_over(tiny.folder_of(published), copy, tiny.make_steps())
    assert not (copy / "cycles").exists()


def take_in(job: Job) -> dict[str, Any]:
    """Do what a step does; intake takes in a deal too, and leaves its snapshot."""
    if job.step == "01_intake":
        deals = pd.DataFrame({"opportunity_id": ["1"]})
        write_frame(Path(job.stage) / "inputs" / "opportunities.parquet", deals)
        append_snapshot(history_of(Path(job.root)), deals, date.fromisoformat(tiny.AS_OF))
    return tiny.pretend(job)


def history_of(workbook: Path) -> Path:
    """Give the folder of the snapshots."""
    return workbook / "history" / "opportunities"


@pytest.mark.parametrize("has_earlier", [False, True])
def test_the_snapshot_of_the_intake_is_taken_over_and_no_earlier_one(
    tmp_path: Path, has_earlier: bool
) -> None:
    """Steps that read the history find what a first run leaves; with more, a run would differ."""
    steps = tiny.make_steps(pipeline={"optional": ("opportunity_history",)})
    published = tiny.make_workbook(tmp_path / "one")
    if has_earlier:
        deals = pd.DataFrame({"opportunity_id": ["2"]})
        append_snapshot(history_of(published), deals, date(2025, 12, 31))
    assert tiny.run(published, steps=steps, execute=take_in).exit_code == 0
    copy = tiny.make_workbook(tmp_path / "two")
    assert take_over(tiny.folder_of(published), copy, steps) is not has_earlier
    assert (copy / "history").exists() is not has_earlier
    assert tiny.run(copy, steps=steps, execute=take_in).changed is has_earlier
