"""The benchmark of the pipeline: the same deals for ever, the same rows, targets judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from benchmarks import __main__ as command
from benchmarks import pipeline
from benchmarks.harness import environments, results, usage
from benchmarks.instances.deals import SNAPSHOTS, write_deals
from benchmarks.peers.pipeline import LARGE, SMALL, WORKS
from benchmarks.pipeline import BRIDGE, MATRIX, Line


def read(folder: Path, name: str) -> pd.DataFrame:
    """Read a table of a folder, in the order of its rows' content."""
    files = f"{name}/*.parquet" if name in LARGE else f"{name}.parquet"
    with duckdb.connect() as connection:
        return connection.read_parquet(str(folder / files)).order("all").df()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two thousand deals in two pieces."""
    made = tmp_path_factory.mktemp("deals")
    write_deals(made, 2_000, piece=1_500)
    return made


@pytest.fixture(scope="module")
def rows(folder: Path) -> dict[str, pd.DataFrame]:
    """The rows of every work that has some."""
    found = {name: work(folder) for name, work in WORKS.items()}
    return {name: frame for name, frame in found.items() if frame is not None}


def make_line(**more: Any) -> Line:
    """A line of planlib's matrix on the large number that reaches the target."""
    good = Line(deals=pipeline.LARGE, work=MATRIX, who="planlib", wall=50.0, cpu=80.0,
                gigabytes=1.5, ratio=2.5, cpu_ratio=2.4,
                rows="900 rows: same", is_same=True)  # fmt: skip
    return replace(good, **more)


def test_the_generator_gives_the_same_rows_whatever_the_pieces(folder, tmp_path) -> None:
    """Another piece size changes no row of any table; another seed does."""
    write_deals(tmp_path / "again", 2_000, piece=700)
    write_deals(tmp_path / "other", 2_000, seed=8)
    for name in (*LARGE, *SMALL, "targets"):
        pd.testing.assert_frame_equal(read(tmp_path / "again", name), read(folder, name))
    assert not read(tmp_path / "other", "opportunities").equals(read(folder, "opportunities"))


def test_snapshots_hold_what_was_known_then(folder) -> None:
    """Each holds all deals created until its day, and never a closed deal that ends later."""
    records, deals = read(folder, "opportunity_history"), read(folder, "opportunities")
    assert len(deals) == 2_000
    for day in map(pd.Timestamp, SNAPSHOTS):
        one = records[records["snapshot_date"] == day]
        assert set(one["opportunity_id"]) == set(
            deals.loc[deals["created_date"] <= day, "opportunity_id"]
        )
        assert (one.loc[one["is_closed"], "close_date"] <= day).all()
    both = records.merge(deals, on="opportunity_id", suffixes=("", "_now"))
    for name in ("amount", "close_date", "owner_id"):
        assert (both[name] != both[f"{name}_now"]).any()


@pytest.mark.parametrize("work", pipeline.ON_FRAMES)
def test_the_database_gives_the_rows_of_the_frames(rows, work) -> None:
    """Every column of every cell, at two thousand deals, and the totals of plain SQL."""
    wanted = rows[pipeline.ON_FRAMES[work]]
    assert len(wanted) > 500
    assert pipeline.differing(rows[work], wanted) == 0
    assert pipeline.wrong_totals(rows[work], rows["totals"]) == []


def test_amounts_at_creation_come_from_history_where_there_are_none(rows) -> None:
    """The two ways of the matrix are not the same work: pipeline generated differs."""
    changed = rows["matrix"]["value"] != rows["matrix_unpriced"]["value"]
    both_known = rows["matrix"]["value"].notna()
    assert set(rows["matrix"].loc[changed & both_known, "measure"]) == {"generated"}


def test_a_wrong_cell_is_found(rows) -> None:
    """One cent in one cell is a different row, and its cut no longer adds up."""
    found = rows["matrix"].copy()
    at = found.index[(found["cut"] == "region") & (found["measure"] == "closed_acv")][0]
    found.loc[at, "value"] += 0.01
    assert pipeline.differing(found, rows["matrix"]) == 1
    assert pipeline.wrong_totals(found, rows["totals"]) == ["closed_acv in region"]
    assert pipeline.differing(found.head(3), rows["matrix"]) == len(found)
    moved = rows["bridge"].copy()
    at = moved.index[(moved["cut"] == "total") & (moved["reason"] == "won")][0]
    moved.loc[at, "amount"] += 1
    assert pipeline.wrong_totals(moved, rows["totals"]) == ["steps of total all"]


def test_sums_of_the_peer_are_compared_to_the_cent(rows) -> None:
    """A sum that is missing, or one cent off, is counted."""
    matrix = rows["matrix"]
    shown = matrix[matrix["measure"].isin(pipeline.FIGURES)]
    peer = shown[["cut", "cut_value", "measure"]].assign(
        now=(shown["value"].fillna(0) * 100).round().astype("int64"),
        before=(shown["prior_value"].fillna(0) * 100).round().astype("int64"),
    )
    assert pipeline.differing_sums(peer, matrix) == 0
    peer.iloc[0, peer.columns.get_loc("before")] += 1
    assert pipeline.differing_sums(peer.iloc[:-1], matrix) == 2


@pytest.mark.parametrize(
    ("line", "found", "good"),
    [
        (make_line(), "2.50 times (process 2.40), 1.50 GB", True),
        (make_line(ratio=3.1), "3.10 times (process 2.40), 1.50 GB", False),
        (make_line(gigabytes=2.0), "2.50 times (process 2.40), 2.00 GB", False),
        (
            make_line(is_same=False),
            "2.50 times (process 2.40), 1.50 GB, but the rows are not the same",
            False,
        ),
        (make_line(ratio=None, error="out of memory"), "out of memory", False),
        (make_line(deals=200_000), "not measured", None),
        (make_line(who="pandas"), "not measured", None),
        (make_line(work=BRIDGE), "not measured", None),
    ],
)
def test_the_target_is_judged_from_the_lines(line, found, good) -> None:
    """Time, memory and rows have to be right, on the large number, by planlib itself."""
    assert pipeline.verdict([line], MATRIX) == (found, good)


def fake_calls(monkeypatch: pytest.MonkeyPatch, broken: str = "") -> None:
    """Measure nothing: each work takes as many seconds as there are letters in its name."""

    def call(folder: Path, work: str, **more: object) -> dict[str, float]:
        if work == broken:
            raise pipeline.Failed("ended by signal 9, as when memory runs out")
        return {"wall": float(len(work)), "cpu": 1.0, "gigabytes": 0.5}

    def refuse(name: str) -> Path:
        raise environments.NotInstalled("not installed: no matching distribution")

    monkeypatch.setattr(pipeline, "_call", call)
    monkeypatch.setattr(environments, "python_of", refuse)


def test_frames_are_scaled_up_and_a_missing_peer_is_named(monkeypatch) -> None:
    """The factor stands in the line, memory is not scaled, ratios are to the scan of that size."""
    fake_calls(monkeypatch)
    lines = pipeline.run((200, 2_000), 1)
    large = [line for line in lines if line.deals == 2_000]
    frames = next(line for line in large if line.work == MATRIX and "frames" in line.who)
    assert frames.who.endswith("(x 10 from 200)")
    assert (frames.wall, frames.gigabytes, frames.ratio) == (130.0, None, 130 / 4)
    peer = next(line for line in large if "polars" in line.who)
    assert peer.absent == "not installed: no matching distribution"
    assert [line.ratio for line in large if line.work == pipeline.SCAN] == [1.0]


def test_the_command_keeps_the_lines_and_fails_where_one_failed(monkeypatch, tmp_path) -> None:
    """A process that was ended is a line of the page and an exit code; other sections stay."""
    fake_calls(monkeypatch, broken="bridge")
    page = tmp_path / "README.md"
    page.write_text("# Old\n\n## Segmentation\n\nas it was\n\n## Gone\n\nunknown\n")
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(command, "TABLE", page)
    monkeypatch.setattr("sys.argv", ["benchmarks", "pipeline"])
    monkeypatch.setenv("BENCH", "short")
    with pytest.raises(SystemExit, match="1 calls failed"):
        command.main()
    text = page.read_text()
    assert "**failed**: ended by signal 9, as when memory runs out" in text
    assert "10,000,000 deals: within 3 times the scan, under 2 GB. Found: not measured." in text
    assert "## Segmentation\n\nas it was\n" in text
    assert "unknown" not in text
    assert (tmp_path / "pipeline-short.json").is_file()


def test_a_failed_scan_leaves_no_ratio_and_no_verdict(monkeypatch) -> None:
    """Without the scan nothing is compared with it, and the target is not reached."""
    fake_calls(monkeypatch, broken="scan")
    lines = pipeline.run((pipeline.LARGE,), 1)
    assert {(line.ratio, line.cpu_ratio) for line in lines} == {(None, None)}
    assert pipeline.verdict(lines, MATRIX) == ("the scan failed", False)


def test_a_process_that_fails_says_why(tmp_path) -> None:
    """The last line that it wrote is the reason."""
    with pytest.raises(pipeline.Failed, match="KeyError: 'nothing'"):
        pipeline._call(tmp_path, "nothing")


def test_peak_memory_is_that_of_the_program(monkeypatch, tmp_path) -> None:
    """It is read where the system tells it, else it is what getrusage says."""
    file = tmp_path / "status"
    monkeypatch.setattr(usage, "STATUS", file)
    assert 0.01 < usage.peak_gigabytes() < 1_000
    file.write_text("Name:\tpython\nVmHWM:\t 3145728 kB\n")
    assert usage.peak_gigabytes() == 3.0
