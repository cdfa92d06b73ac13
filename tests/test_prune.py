"""Old cycles go by rule, whole, with a line in the log; nothing that is still read goes."""

from __future__ import annotations

import datetime
import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from planlib import cli
from planlib.cycle import prune as pruning
from planlib.cycle.prune import LOG, plan_pruning, prune, read_log
from planlib.cycle.selection import RunOptions
from planlib.errors import LockedError, SettingsError, WorkbookError
from planlib.store.atomic import read_json, write_json
from planlib.store.lock import hold
from tests.faults import tiny

NOW = datetime.datetime(2027, 3, 1, 5, tzinfo=datetime.UTC)
WEEKS = ["2026W01", "2026W02", "2026W03", "2026W04", "2026W05", "2026W06"]
RULE = "retention: {cycles: 2, year_ends: false, superseded_days: 0}\n"


def publish(root: Path, cycle: str, *, revisions: int = 1, refers: str = "") -> Path:
    """Write a published cycle with the bare necessities, as a run leaves it."""
    folder = root / "cycles" / cycle
    for number in range(1, revisions + 1):
        revision = folder / f"r{number}"
        (revision / "tables").mkdir(parents=True)
        (revision / "tables" / "x.parquet").write_bytes(b"x" * 1000)
        previous = {"tiny_plan": refers} if refers else {}
        manifest = {"cycle": cycle, "steps": {"03_plan": {"previous": previous}}, "tables": {}}
        write_json(revision / "manifest.json", manifest)
        day = f"2026-06-{number:02d}T00:00:00+00:00"
        write_json(revision / "run.json", {"ended": day, "published": True, "steps": {}})
    (folder / "current").write_text(f"r{revisions}\n")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workbook with six published weeks, of which the rule keeps two."""
    root = tiny.make_workbook(tmp_path, plan=RULE)
    for week in WEEKS:
        publish(root, week)
    (root / "history" / "opportunities").mkdir(parents=True)
    (root / "history" / "opportunities" / "2026-01-31.parquet").write_bytes(b"snapshot")
    (root / "overrides").mkdir()
    (root / "overrides" / "segments.csv").write_text("decision_id\n")
    return root


def left(root: Path) -> list[str]:
    """Cycles and revisions that are there."""
    places = [*(root / "cycles").glob("*"), *(root / "cycles").glob("*/r*")]
    return sorted(one.relative_to(root / "cycles").as_posix() for one in places if one.is_dir())


def gone(root: Path) -> list[str]:
    """Names that the rule lets go."""
    return [one.name for one in plan_pruning(root, NOW.date()).gone]


def test_the_latest_of_each_kind_stay(root: Path) -> None:
    """Weeks do not push out a quarter; a dry run changes nothing."""
    publish(root, "2025Q4")
    before = left(root)
    assert gone(root) == WEEKS[:4]
    assert left(root) == before


def test_what_goes_is_removed_and_noted(root: Path) -> None:
    """History and overrides stay byte for byte; the log has a line before and one after."""
    prune(root, NOW)
    assert left(root) == ["2026W05", "2026W05/r1", "2026W06", "2026W06/r1"]
    rows = read_log(root)
    assert [row["what"] for row in rows] == [name for week in WEEKS[:4] for name in (week, week)]
    assert [row["state"] for row in rows] == ["begun", "removed"] * 4
    assert {row["at"] for row in rows} == {"2027-03-01T05:00:00+00:00"}
    assert int(rows[0]["bytes"]) > 1000
    assert (root / "history" / "opportunities" / "2026-01-31.parquet").read_bytes() == b"snapshot"
    assert (root / "overrides" / "segments.csv").read_text() == "decision_id\n"
    assert gone(root) == []


@pytest.mark.parametrize(
    ("rule", "kept", "reason"),
    [
        ("cycles: 2, year_ends: true", "2025W50", "last cycle of kind week in its fiscal year"),
        ("cycles: 2, pinned: [2026W02]", "2026W02", "pinned"),
        ("cycles: 2, pinned: [2026W02/r1]", "2026W02", "pinned"),
    ],
)
def test_year_ends_and_pins_stay(root: Path, rule: str, kept: str, reason: str) -> None:
    """The last week that was run in a fiscal year, and what plan.yaml names."""
    publish(root, "2025W49")
    publish(root, "2025W50")
    (root / "plan.yaml").write_text(f"retention: {{{rule}}}\n")
    found = plan_pruning(root, NOW.date())
    assert kept not in [one.name for one in found.gone]
    assert "2025W49" in [one.name for one in found.gone]
    (verdict,) = [one for one in found.kept if one.name == kept]
    assert reason in verdict.reason


def test_what_a_kept_cycle_read_stays(root: Path) -> None:
    """Also a superseded revision that its manifest names; what that one read in turn may go."""
    shutil.rmtree(root / "cycles" / "2026W06")
    publish(root, "2026W06", refers="2026W02/r1")
    shutil.rmtree(root / "cycles" / "2026W02")
    publish(root, "2026W02", revisions=3, refers="2026W01/r1")
    assert gone(root) == ["2026W01", "2026W02/r2", "2026W03", "2026W04"]
    reasons = {one.name: one.reason for one in plan_pruning(root, NOW.date()).kept}
    assert reasons["2026W02/r1"] == reasons["2026W02"] == "read by 2026W06"


def test_the_holders_of_a_table_stay(root: Path) -> None:
    """Later cycles read a table from the last cycle that has it, and the one before to compare."""
    for week in WEEKS[:3]:
        path = root / "cycles" / week / "r1" / "manifest.json"
        write_json(path, {**read_json(path), "tables": {"territories": {}}})
    assert gone(root) == ["2026W01", "2026W04"]


def test_a_cycle_with_work_in_it_stays(root: Path) -> None:
    """An unfinished run, a draft, or something that was never published."""
    (root / "cycles" / "2026W01" / "building").mkdir()
    draft = root / "cycles" / "2026W02" / "draft" / "tables"
    draft.mkdir(parents=True)
    (draft / "x.parquet").write_bytes(b"")
    (root / "cycles" / "2026W03" / "current").unlink()
    assert gone(root) == ["2026W04"]


def test_superseded_revisions_go_after_their_days(root: Path) -> None:
    """Counted from the day they were replaced; the published one and later ones never go."""
    shutil.rmtree(root / "cycles" / "2026W06")
    folder = publish(root, "2026W06", revisions=4)
    (folder / "current").write_text("r3\n")  # a person pointed back
    (root / "plan.yaml").write_text("retention: {cycles: 20, superseded_days: 272}\n")
    assert gone(root) == ["2026W06/r1"]
    (root / "plan.yaml").write_text("retention: {cycles: 20, superseded_days: 0}\n")
    assert gone(root) == ["2026W06/r1", "2026W06/r2"]
    prune(root, NOW)
    assert left(root)[-3:] == ["2026W06", "2026W06/r3", "2026W06/r4"]


def test_shared_files_are_counted_once(root: Path) -> None:
    """A table that a later revision took over by a hard link frees nothing."""
    kept = root / "cycles" / "2026W06" / "r1" / "tables" / "x.parquet"
    kept.unlink()
    os.link(root / "cycles" / "2026W01" / "r1" / "tables" / "x.parquet", kept)
    sizes = plan_pruning(root, NOW.date()).sizes
    assert sizes["2026W02"] - sizes["2026W01"] == 1000


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("target", [None, "archive"])
@pytest.mark.parametrize("moment", range(1, 14))
def test_killed_at_any_moment_it_can_be_given_again(
    root: Path, monkeypatch: pytest.MonkeyPatch, target: str | None, moment: int
) -> None:
    """What is there is whole, and the second call ends with the same content and a closed log."""
    place = None if target is None else root.parent / target
    count = 0

    def killing(original):  # type: ignore[no-untyped-def]
        def call(*args, **given):  # type: ignore[no-untyped-def]
            nonlocal count
            count += 1
            if count == moment:
                raise Killed
            return original(*args, **given)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(pruning, "_log", killing(pruning._log))
        patch.setattr(pruning, "_copy", killing(pruning._copy))
        patch.setattr(pruning.shutil, "rmtree", killing(shutil.rmtree))
        patch.setattr(Path, "rename", killing(Path.rename))
        with pytest.raises(Killed):
            prune(root, NOW, place)
    for week in WEEKS:
        folder = root / "cycles" / week
        assert not folder.exists() or (folder / "r1" / "tables" / "x.parquet").is_file()
    assert (root / "cycles" / "2026W06" / "current").read_text() == "r1\n"
    prune(root, NOW, place)
    assert left(root) == ["2026W05", "2026W05/r1", "2026W06", "2026W06/r1"]
    last = {row["what"]: row["state"] for row in read_log(root)}
    assert last == dict.fromkeys(WEEKS[:4], "removed" if target is None else "moved")
    if place is not None:
        moved = sorted(one.name for one in (place / "tiny").iterdir())
        assert moved == WEEKS[:4]
        assert (place / "tiny" / "2026W01" / "r1" / "tables" / "x.parquet").read_bytes() != b""


def test_a_cycle_follows_its_revisions_to_the_same_folder(root: Path) -> None:
    """What is archived again and again never stands in its own way."""
    place = root.parent / "archive"
    shutil.rmtree(root / "cycles" / "2026W05")
    publish(root, "2026W05", revisions=2)
    assert "2026W05/r1" in gone(root)
    prune(root, NOW, place)
    for week in ("2026W07", "2026W08"):
        publish(root, week)
    prune(root, NOW, place)
    moved = sorted(one.name for one in (place / "tiny").iterdir())
    assert moved == [*WEEKS[:4], "2026W05", "2026W05-r1", "2026W06"]
    assert (place / "tiny" / "2026W05" / "r2" / "tables" / "x.parquet").is_file()
    assert (place / "tiny" / "2026W05-r1" / "tables" / "x.parquet").is_file()


def test_a_run_is_not_disturbed(root: Path) -> None:
    """While any cycle of the workbook is run, nothing is removed; a scheduler sees it is busy."""
    with hold(root / "cycles" / "2026W06" / "lock", "a run of tiny 2026W06"):
        with pytest.raises(LockedError, match="a run of tiny 2026W06 is under way"):
            prune(root, NOW)
        assert CliRunner().invoke(cli.app, ["prune", str(root), "--yes"]).exit_code == 5
    assert len(left(root)) == 12
    assert not (root / LOG).exists()


def test_wrong_wishes_are_refused(root: Path) -> None:
    """A target inside, one that is taken, a pin that holds nothing: nothing is removed."""
    with pytest.raises(WorkbookError, match="name a folder outside tiny"):
        prune(root, NOW, root / "cycles" / "old")
    (root.parent / "archive" / "tiny" / "2026W01").mkdir(parents=True)
    with pytest.raises(WorkbookError, match="there already: .*2026W01"):
        prune(root, NOW, root.parent / "archive")
    (root / "plan.yaml").write_text("retention: {pinned: [2026W99]}\n")
    with pytest.raises(SettingsError, match="there is no '2026W99'"):
        prune(root, NOW)
    (root / "plan.yaml").write_text("retention: {pinned: ['../x']}\n")
    with pytest.raises(SettingsError, match="cycles such as 2026Q1"):
        prune(root, NOW)
    assert len(left(root)) == 12


def test_the_command_lists_first(root: Path) -> None:
    """Without --yes it says what would go, how large it is and why; with it, what went."""
    result = CliRunner().invoke(cli.app, ["prune", str(root), "--on", "2027-03-01", "--all"])
    assert "Would be removed" in result.output
    assert "older than the latest 2 of its kind" in result.output
    assert "one of the latest 2 cycles of kind week" in result.output
    assert "nothing was changed" in result.output
    assert len(left(root)) == 12
    result = CliRunner().invoke(cli.app, ["prune", str(root), "--on", "2027-03-01", "--yes"])
    assert result.exit_code == 0
    assert "noted in history/pruned.csv" in result.output
    assert "the rule lets nothing go" in CliRunner().invoke(cli.app, ["prune", str(root)]).output


def test_after_real_cycles_the_next_one_runs_as_before(tmp_path: Path) -> None:
    """Pruned and unpruned, a further cycle gives the same tables."""
    roots = [tmp_path / name / "tiny" for name in ("full", "pruned")]
    for root in roots:
        tiny.make_workbook(root.parent, plan=RULE)
        for cycle in ("2026", *WEEKS[:4]):
            tiny.run(root, cycle=cycle)
    prune(roots[1], NOW)
    assert len(left(roots[1])) < len(left(roots[0]))
    results = [tiny.run(root, RunOptions(force=True), cycle=WEEKS[4]) for root in roots]
    found = [tiny.contents(one.revision) for one in results if one.revision]
    assert found[0] == found[1]
    assert len(found) == 2
