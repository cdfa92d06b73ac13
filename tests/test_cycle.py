"""The runner: what is due, what is skipped and why, what a revision pins."""

from __future__ import annotations

import datetime
import json
import shutil

import pandas as pd
import pytest

import planlib
from planlib.cycle.explain import explain
from planlib.cycle.fingerprint import changes
from planlib.cycle.modules import hash_code, used_files
from planlib.cycle.prepare import prepare
from planlib.cycle.selection import RunOptions, dependencies, due_steps, select_steps
from planlib.errors import InputError, MissingTableError, RunError, WorkbookError
from planlib.periods import Period
from planlib.plan import parse_plan
from planlib.steps import STEPS
from planlib.store.frames import write_frame
from tests.faults import tiny

STEPS_OF_TINY = list(tiny.READS)


@pytest.fixture
def root(tmp_path):
    """A workbook whose first cycle is published."""
    root = tiny.make_workbook(tmp_path)
    assert tiny.run(root).changed
    return root


def ran(root, options=None, **changes):
    """Run and give the steps whose notebooks were run."""
    calls = []

    def note(job):
        calls.append(job.step)
        return tiny.pretend(job)

    result = tiny.run(root, options, execute=note, **changes)
    assert result.exit_code == 0
    return sorted(calls), result


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2026", STEPS_OF_TINY),
        ("2026Q1", ["01_intake", "03_plan", "06_pipeline"]),
        ("2026-03", ["01_intake", "06_pipeline"]),
        ("2026W12", ["01_intake", "06_pipeline"]),
        ("2026-03-17", ["01_intake"]),
    ],
)
def test_a_period_does_its_own_cadence_and_finer_ones(period, expected):
    """A year does everything, a day takes in data."""
    due = due_steps(tiny.make_steps(), Period.parse(period), set(), set(STEPS_OF_TINY))
    assert list(due) == expected


def test_the_first_run_of_a_workbook_does_everything(tmp_path):
    """A week would not do segmentation, but there is none yet."""
    root = tiny.make_workbook(tmp_path)
    assert ran(root, cycle="2026W12")[0] == STEPS_OF_TINY
    assert ran(root, cycle="2026W13")[0] == ["01_intake", "06_pipeline"]


def test_steps_switched_off_are_left_out(root):
    """plan.yaml can switch a step off; asking for it is then an error."""
    steps = {name: STEPS[name] for name in STEPS}
    off = next(iter(list(STEPS)[1:]))
    plan = parse_plan(f"run: {{off: ['{off}']}}")
    from planlib.cycle.selection import steps_in_use

    used = steps_in_use(steps, plan)
    assert off not in used
    with pytest.raises(WorkbookError, match=f"no step '{off}'"):
        select_steps(used, used, RunOptions(only=(off,)))


def test_only_and_from_choose_steps(root):
    """--only takes one, --from that one and the later ones; a typing error names the nearest."""
    steps = tiny.make_steps()
    assert select_steps(steps, steps, RunOptions(only=("03_plan",))) == ["03_plan"]
    assert select_steps(steps, steps, RunOptions(start="03_plan")) == ["03_plan", "06_pipeline"]
    with pytest.raises(WorkbookError, match="did you mean '03_plan'"):
        select_steps(steps, steps, RunOptions(only=("03_plam",)))


def test_a_table_of_a_later_step_makes_no_dependency():
    """It comes from an earlier cycle, so that no circle can arise."""
    steps = tiny.make_steps(segments={"optional": ("tiny_pipeline",)})
    assert dependencies(steps, "02_segments") == ["01_intake"]
    assert dependencies(steps, "03_plan") == ["01_intake", "02_segments"]


def edit_notebook(root):
    """Change a cell."""
    tiny.make_notebook(root / "notebooks" / "06_pipeline.ipynb", tiny.CELL, tiny.COMPUTE, "1")


def run_notebook(root):
    """Store outputs in a notebook, without any change of its cells."""
    path = root / "notebooks" / "06_pipeline.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["execution_count"] = 7
    notebook["metadata"]["x"] = 1
    path.write_text(json.dumps(notebook))


def edit_input(root):
    """Change the input file without any change of its content as a table."""
    (root / "inputs" / "accounts.csv").write_text("account_id,name\n007, old\n")


def edit_settings(root):
    """Change a section that only one step uses."""
    (root / "plan.yaml").write_text("pipeline: {}\nsegmentation: {}\nrun: {workers: 1}\n")


@pytest.mark.parametrize(
    ("edit", "expected", "why"),
    [
        (edit_notebook, ["06_pipeline"], "notebook"),
        (run_notebook, [], ""),
        (edit_input, ["01_intake"], "inputs: inputs/accounts.csv"),
        (edit_settings, [], ""),
    ],
)
def test_what_has_not_changed_is_skipped(root, edit, expected, why):
    """A step runs when something it depends on has changed, and only then."""
    edit(root)
    steps, result = ran(root)
    assert steps == expected
    assert result.changed == bool(expected)
    if expected:
        assert result.steps[expected[0]]["reason"] == [why]


def test_decisions_that_hold_later_change_nothing_now(tmp_path):
    """A step runs again when a decision that holds on the as-of date is added."""
    steps = tiny.make_steps(segments={"overrides": ("segments",)})
    root = tiny.make_workbook(tmp_path)
    tiny.run(root, steps=steps)
    wb = planlib.open_workbook(root, tiny.CYCLE)
    later = {"account_id": "007", "segment": "x", "effective_from": datetime.date(2027, 1, 1)}
    wb.decide("segments", [later], who="A", why="w")
    assert ran(root, steps=steps)[0] == []
    wb.decide("segments", [{"account_id": "007", "segment": "x"}], who="A", why="w")
    calls, result = ran(root, steps=steps)
    assert calls == ["02_segments"]
    assert result.steps["02_segments"]["reason"] == ["overrides: segments"]


def test_decisions_ahead_change_the_step_that_reads_them(tmp_path):
    """A step that reads decisions of later dates too runs again when one is added."""
    steps = tiny.make_steps(segments={"overrides": ("segments",), "ahead": ("segments",)})
    root = tiny.make_workbook(tmp_path)
    tiny.run(root, steps=steps)
    wb = planlib.open_workbook(root, tiny.CYCLE)
    later = {"account_id": "007", "segment": "x", "effective_from": datetime.date(2027, 1, 1)}
    wb.decide("segments", [later], who="A", why="w")
    assert ran(root, steps=steps)[0] == ["02_segments"]


def test_a_malformed_decision_stops_the_step_and_is_named(tmp_path):
    """The message names the line; steps without these decisions finish."""
    steps = tiny.make_steps(segments={"overrides": ("segments",)})
    root = tiny.make_workbook(tmp_path)
    (root / "overrides").mkdir()
    (root / "overrides" / "segments.csv").write_text(
        "decision_id,who,when,why,account_id\n1,A,soon,w,007\n"
    )
    result = tiny.run(root, steps=steps)
    assert result.exit_code == 2
    assert "segments.csv: line 2, column 'when'" in str(result.failures[0])
    assert result.steps["06_pipeline"]["state"] == "succeeded"


def test_decisions_in_a_file_of_another_name_stop_the_run_before_it_starts(tmp_path):
    """Nothing is decided by a file that nobody reads, so it is named and nothing is written."""
    root = tiny.make_workbook(tmp_path)
    (root / "overrides").mkdir()
    (root / "overrides" / "segment.csv").write_text("decision_id,who,when,why,account_id\n")
    with pytest.raises(InputError, match="segment.csv is not read, .* save it as segments.csv"):
        tiny.run(root)
    assert not (root / "cycles").exists()


def test_a_step_without_its_tables_is_left_out(tmp_path):
    """The cycle completes, and the record says what is missing."""
    steps = tiny.make_steps(pipeline={"required": ("opportunities",)})
    root = tiny.make_workbook(tmp_path)
    result = tiny.run(root, steps=steps)
    assert result.exit_code == 0
    assert result.steps["06_pipeline"]["state"] == "left_out"
    assert "needs opportunities" in result.steps["06_pipeline"]["message"]
    assert not tiny.run(root, steps=steps).changed
    result = tiny.run(root, RunOptions(only=("06_pipeline",)), steps=steps)
    assert result.exit_code == 2
    assert isinstance(result.failures[0], MissingTableError)


def test_only_on_an_empty_workbook_names_intake(tmp_path):
    """Without inputs nothing can be computed, and the message says what to run."""
    root = tiny.make_workbook(tmp_path)
    result = tiny.run(root, RunOptions(only=("02_segments",)))
    assert "--only 01_intake" in str(result.failures[0])
    assert result.exit_code == 2


def test_steps_outside_a_run_are_carried_over_and_called_stale(root):
    """A run of one step keeps the others, and says which are behind."""
    tiny.set_mark(root, "new")
    result = tiny.run(root, RunOptions(only=("01_intake",)))
    assert result.changed
    assert result.stale == ("02_segments", "03_plan", "06_pipeline")
    assert result.revision.name == "r2"
    assert len(list((result.revision / "tables").iterdir())) == 3


def test_a_correction_leaves_the_old_revision_as_it_was(root):
    """r1 stays beside r2, byte for byte, although files are shared."""
    r1 = tiny.folder_of(root).path / "r1"
    before = {path: path.read_bytes() for path in r1.rglob("*") if path.is_file()}
    tiny.set_mark(root, "new")
    tiny.run(root)
    assert {path: path.read_bytes() for path in r1.rglob("*") if path.is_file()} == before
    assert tiny.marks(r1) == {"old"}


def test_force_runs_what_has_not_changed(root):
    """--force makes a new revision with the same content."""
    calls, result = ran(root, RunOptions(force=True))
    assert calls == STEPS_OF_TINY
    assert tiny.contents(result.revision) == tiny.contents(tiny.folder_of(root).path / "r1")


def test_workers_do_not_change_the_content(tmp_path):
    """One after the other or side by side: the same hashes."""
    found = [
        tiny.contents(
            tiny.run(
                tiny.make_workbook(tmp_path / str(workers)), RunOptions(workers=workers)
            ).revision
        )
        for workers in (1, 4)
    ]
    assert found[0] == found[1]


def test_the_manifest_pins_other_cycles(root):
    """A week reads the quarter's segments and says from which revision."""
    steps = tiny.make_steps(pipeline={"optional": ("tiny_segments",)})
    result = tiny.run(root, cycle="2026W13", steps=steps)
    manifest = json.loads((result.revision / "manifest.json").read_text())
    assert manifest["upstream"] == {"tiny_segments": "2026Q1/r1"}
    assert manifest["previous"]["accounts"] == "2026Q1/r1"
    assert set(manifest["tables"]) == {"accounts", "tiny_pipeline"}


def test_the_manifest_holds_no_time_and_no_path(root):
    """What is hashed is the same on every machine; times stand in run.json alone."""
    revision = tiny.folder_of(root).current()
    text = (revision / "manifest.json").read_text()
    assert str(root.parent) not in text
    assert "seconds" not in text
    assert "started" not in text
    manifest = json.loads(text)
    assert manifest["as_of"] == tiny.AS_OF
    assert manifest["tables"]["accounts"]["rows"] == 1
    assert set(manifest["versions"]) >= {"python", "pandas", "planlib"}
    assert json.loads((revision / "run.json").read_text())["state"] == "succeeded"


def test_the_same_inputs_give_the_same_manifest(tmp_path):
    """Two workbooks on one machine differ in nothing that is hashed."""
    texts = [
        (tiny.run(tiny.make_workbook(tmp_path / name)).revision / "manifest.json").read_text()
        for name in ("a", "b")
    ]
    assert texts[0] == texts[1]


def test_an_as_of_date_is_handed_on_and_stored(tmp_path):
    """--as-of reaches intake, and what intake stored reaches the others."""
    root = tiny.make_workbook(tmp_path)
    days = {}

    def note(job):
        days[job.step] = job.as_of
        return tiny.pretend(job)

    tiny.run(root, execute=note)
    assert days == {"01_intake": "", **dict.fromkeys(STEPS_OF_TINY[1:], tiny.AS_OF)}
    tiny.run(root, RunOptions(as_of="2026-02-28"), execute=note)
    assert set(days.values()) == {"2026-02-28"}
    with pytest.raises(WorkbookError, match="--as-of 'soon' is not a date"):
        tiny.run(root, RunOptions(as_of="soon"))


def test_the_clients_own_notebook_counts(root):
    """A notebook in the workbook wins over the package's; one that is nowhere is named."""
    (root / "notebooks" / "06_pipeline.ipynb").unlink()
    elsewhere = tiny.make_notebook(root.parent / "06_pipeline.ipynb", "2")
    calls, _ = ran(root, notebooks={"06_pipeline": elsewhere})
    assert calls == ["06_pipeline"]
    elsewhere.unlink()
    with pytest.raises(RunError, match=r"06_pipeline\.ipynb does not exist"):
        tiny.run(root, notebooks={"06_pipeline": elsewhere})


def test_a_failing_report_publishes_nothing_and_is_tried_again(tmp_path):
    """The steps are not run again for it."""
    root = tiny.make_workbook(tmp_path)

    def build_report(wb):
        raise ValueError("no picture")

    with pytest.raises(ValueError, match="no picture"):
        tiny.run(root, finishers=(build_report,))
    assert tiny.folder_of(root).current() is None

    def write_report(wb):
        (wb.target / "report.html").write_text("fine")

    calls, result = ran(root, finishers=(write_report,))
    assert calls == []
    assert (result.revision / "report.html").read_text() == "fine"


def test_an_interrupted_run_is_noted_and_resumed(root):
    """Ctrl-C leaves the published revision, and run.json says killed."""
    tiny.set_mark(root, "new")

    def interrupt(job):
        if job.step == "03_plan":
            raise KeyboardInterrupt
        return tiny.pretend(job)

    with pytest.raises(KeyboardInterrupt):
        tiny.run(root, execute=interrupt)
    facts = json.loads((tiny.folder_of(root).building / "run.json").read_text())
    assert facts["state"] == "killed"
    assert tiny.marks(tiny.check_whole(root)) == {"old"}
    calls, _ = ran(root)
    assert "03_plan" in calls
    assert "01_intake" not in calls
    assert tiny.marks(tiny.check_whole(root)) == {"new"}


def test_an_output_that_was_changed_by_hand_is_made_again(tmp_path):
    """A resumed run believes run.json only where the files are as it says."""
    root = tiny.make_workbook(tmp_path)

    def fail(job):
        if job.step == "03_plan":
            raise OSError("gone")
        return tiny.pretend(job)

    assert tiny.run(root, execute=fail, options=RunOptions(workers=1)).exit_code == 4
    write_frame(
        tiny.folder_of(root).building / "tables" / "tiny_segments.parquet",
        pd.DataFrame({"mark": ["forged"], "factor": [1.0]}),
    )
    calls, _ = ran(root)
    assert calls == ["02_segments", "03_plan"]


def explained(root, options=None, **changes):
    """Give what a run would do, by step."""
    given = {"steps": tiny.make_steps(), **changes}
    found = explain(prepare(root, tiny.CYCLE, options or RunOptions(), given["steps"], None))
    return {one.step: (one.action, one.reasons) for one in found}


def test_a_dry_run_says_what_would_run_and_why(root):
    """The changed part is named, and nothing is written."""
    assert {action for action, _ in explained(root).values()} == {"carry over"}
    before = sorted(root.rglob("*"))
    tiny.set_mark(root, "new")
    assert explained(root) == {
        "01_intake": ("run", ("inputs: inputs/accounts.csv",)),
        "02_segments": ("may run", ("after 01_intake",)),
        "03_plan": ("may run", ("after 01_intake, 02_segments",)),
        "06_pipeline": ("may run", ("after 01_intake",)),
    }
    assert sorted(root.rglob("*")) == before


def test_a_dry_run_of_a_new_and_of_an_unfinished_cycle(tmp_path):
    """Never run before; then what a resumed run would keep."""
    root = tiny.make_workbook(tmp_path)
    assert {action for action, _ in explained(root).values()} == {"run"}

    def fail(job):
        if job.step == "03_plan":
            raise OSError("gone")
        return tiny.pretend(job)

    tiny.run(root, execute=fail)
    actions = {name: action for name, (action, _) in explained(root).items()}
    assert actions == {
        "01_intake": "resume",
        "02_segments": "resume",
        "03_plan": "run",
        "06_pipeline": "resume",
    }


def test_changes_name_the_part_and_the_key():
    """Two fingerprints differ by name."""
    old = {"as_of": "2026-01-01", "tables": {"accounts": "a", "reps": "b"}, "code": "x"}
    new = {"as_of": "2026-02-01", "tables": {"accounts": "c", "reps": "b"}, "code": "x"}
    assert changes(old, new) == ["as_of", "tables: accounts"]
    assert changes(old, dict(old)) == []
    assert changes(None, new) == ["never run"]
    assert changes({"database": "x"}, {"database": "x"}) == [
        "a database is read again in every run"
    ]


def test_modules_are_found_through_public_names_and_other_modules():
    """A notebook's code depends on what it imports, and on what that imports."""
    names = {path.name for path in used_files(["from planlib import open_workbook"])}
    assert {"opening.py", "workbook.py", "atomic.py", "plan.py"} <= names
    assert used_files(["import pandas"]) == []
    assert used_files(["%matplotlib inline"]) == []
    codes = (
        "import planlib\nplanlib.Period",
        "import planlib.periods",
        "from planlib import periods",
        "from planlib.periods import Period",
    )
    found = [hash_code([code]) for code in codes]
    assert all(one == found[0] for one in found)
    assert "periods.py" in found[0]
    assert hash_code(["import pandas"]) == {}


def test_steps_are_kept_when_another_client_has_the_same_workbook(root, tmp_path):
    """A copied workbook runs nothing: no path is part of what a step depends on."""
    copy = shutil.copytree(root, tmp_path / "elsewhere" / "tiny")
    assert ran(copy)[0] == []
