"""Bringing a client's workbook up to date: both sides' changes are there, nothing is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from planlib import resources
from planlib.clients import render
from planlib.clients.answers import check_answers
from planlib.clients.merge import has_markers, merge_texts
from planlib.clients.new import new_workbook
from planlib.clients.update import update_workbook
from planlib.errors import WorkbookError
from planlib.plan import load_plan
from planlib.tables import Table


def stand_in(path: Path, table: Table, language: str) -> None:
    """Stands in for a blank Excel file, which takes longer to write than these tests should."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(f"PK {table.name} {language}".encode())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client with territories alone, made once."""
    folder = tmp_path_factory.mktemp("client")
    shutil.copytree(resources.templates_dir(), folder / "templates")
    answers = check_answers(template="software", only="territories", name="Acme")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "write_blank", stand_in)
        new_workbook(folder / "acme", answers, folder / "templates")
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it."""
    monkeypatch.setattr(render, "write_blank", stand_in)
    shutil.copytree(made, tmp_path / "place")
    return tmp_path / "place"


def change_template(place: Path, file: str, old: str, new: str) -> None:
    """Make a new version of a template."""
    path = place / "templates" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def change_mine(place: Path, file: str, old: str, new: str) -> None:
    """Edit a file as the client."""
    path = place / "acme" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a workbook but the lock."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def update(place: Path, **given: object) -> dict[str, str]:
    """Update, and give the state of every file that is told."""
    found = update_workbook(place / "acme", templates=place / "templates", **given)  # type: ignore[arg-type]
    return {change.name: change.state for change in found}


def test_without_a_new_template_nothing_changes(place: Path) -> None:
    """An update that has nothing to bring leaves every byte, and says nothing."""
    change_mine(place, "plan.yaml", "name: Acme", "name: Acme Group")
    update(place)
    before = contents(place / "acme")
    assert update(place) == {}
    assert contents(place / "acme") == before


def test_edit_and_new_template_are_both_there(place: Path) -> None:
    """The client's setting and the template's new one are in plan.yaml after one update."""
    change_mine(place, "plan.yaml", "name: Acme", "name: Acme Group")
    change_template(place, "presets/software.yaml", "tolerance: 0.1", "tolerance: 0.15")
    assert update(place)["plan.yaml"] == "merged"
    plan = load_plan(place / "acme")
    assert (plan.name, plan.territories.tolerance) == ("Acme Group", 0.15)


def test_an_untouched_file_is_replaced_and_a_removed_one_stays_away(place: Path) -> None:
    """What the client has not touched follows the template; what it removed does not come back."""
    (place / "acme" / "maps" / "README.md").unlink()
    change_template(place, "client/overrides/README.md.jinja", "Decisions by people", "Choices")
    change_template(place, "client/maps/README.md.jinja", "Column maps", "Maps of columns")
    assert update(place)["overrides/README.md"] == "updated"
    assert (place / "acme/overrides/README.md").read_text().startswith("Choices")
    assert not (place / "acme/maps/README.md").exists()


def test_a_conflict_is_shown_and_the_clients_file_is_as_it_was(place: Path) -> None:
    """Both versions stand in the side file; the client's is untouched, and twice is as once."""
    change_mine(place, "plan.yaml", "tolerance: 0.1", "tolerance: 0.3")
    change_template(place, "presets/software.yaml", "tolerance: 0.1", "tolerance: 0.15")
    mine = (place / "acme/plan.yaml").read_bytes()
    assert update(place)["plan.yaml"] == "conflict"
    assert (place / "acme/plan.yaml").read_bytes() == mine
    side = (place / "acme/.planlib/conflicts/plan.yaml").read_text()
    assert has_markers(side)
    assert side.index("tolerance: 0.3") < side.index("=======") < side.index("tolerance: 0.15")
    before = contents(place / "acme")
    assert update(place)["plan.yaml"] == "conflict"
    assert contents(place / "acme") == before


def test_a_settled_conflict_is_over(place: Path) -> None:
    """After --done the next update starts from what the client has decided."""
    change_mine(place, "plan.yaml", "tolerance: 0.1", "tolerance: 0.3")
    change_template(place, "presets/software.yaml", "tolerance: 0.1", "tolerance: 0.15")
    update(place)
    assert update(place, done=("plan.yaml",)) == {"plan.yaml": "kept"}
    assert update(place) == {}
    assert load_plan(place / "acme").territories.tolerance == 0.3
    assert not (place / "acme/.planlib/conflicts").exists()


def test_markers_must_be_gone_before_a_conflict_is_settled(place: Path) -> None:
    """A file with a conflict's markers in it is not settled."""
    change_mine(place, "README.md", "# Acme", "<<<<<<< yours\n# Acme")
    with pytest.raises(WorkbookError, match="README.md still holds the markers"):
        update(place, done=("README.md",))
    with pytest.raises(WorkbookError, match="no file of the template"):
        update(place, done=("../other.md",))


def test_a_merge_that_would_break_the_settings_is_a_conflict(place: Path) -> None:
    """A merged plan.yaml is read before it is written; what it would not say stays away."""
    change_mine(place, "plan.yaml", "\n#key_accounts:\n", "\nkey_accounts: {top_share: 0.2}\n")
    change_template(
        place, "presets/software.yaml", "movement:", "key_accounts:\n  band_share: 0.2\nmovement:"
    )
    before = (place / "acme/plan.yaml").read_bytes()
    assert update(place)["plan.yaml"] == "conflict"
    assert (place / "acme/plan.yaml").read_bytes() == before


def newer(path: Path, table: Table, _language: str) -> None:
    """Stands in for a blank file of a newer declaration."""
    stand_in(path, table, "newer")


def test_a_filled_excel_file_is_never_overwritten(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new declaration gives a new blank file beside it; an untouched blank file is replaced."""
    path = place / "acme/inputs/accounts.xlsx"
    filled = b"PK filled in by the client"
    path.write_bytes(filled)
    monkeypatch.setattr(render, "write_blank", newer)
    found = update_workbook(place / "acme", templates=place / "templates")
    note = next(change.note for change in found if change.name == "inputs/accounts.xlsx")
    assert "filled in by you and not touched" in note
    assert path.read_bytes() == filled
    assert (place / "acme/.planlib/blank/inputs/accounts.xlsx").read_bytes().endswith(b"newer")
    assert (place / "acme/inputs/reps.xlsx").read_bytes() == b"PK reps newer"


def test_a_file_that_the_template_dropped_stays(place: Path) -> None:
    """The client keeps it and is told once."""
    (place / "templates/client/maps/README.md.jinja").unlink()
    assert update(place)["maps/README.md"] == "gone"
    assert (place / "acme/maps/README.md").is_file()
    assert update(place) == {}


def test_a_stopped_update_goes_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped after the first file, the next update ends where one in one go would have."""
    change_mine(place, "plan.yaml", "name: Acme", "name: Acme Group")
    change_template(place, "presets/software.yaml", "tolerance: 0.1", "tolerance: 0.15")
    change_template(place, "client/overrides/README.md.jinja", "Decisions by people", "Choices")
    shutil.copytree(place, place.parent / "other")
    from planlib.clients import update as module

    original = module.write_bytes
    written: list[Path] = []

    def fail_at_second(path: Path, content: bytes) -> None:
        if len(written) == 1:
            raise OSError("disk full")
        written.append(path)
        original(path, content)

    monkeypatch.setattr(module, "write_bytes", fail_at_second)
    with pytest.raises(OSError, match="disk full"):
        update(place)
    monkeypatch.setattr(module, "write_bytes", original)
    update(place)
    update(place.parent / "other")
    assert contents(place / "acme") == contents(place.parent / "other/acme")


def test_a_workbook_without_template_is_named(tmp_path: Path) -> None:
    """Nothing is written into a workbook that planlib new has not made."""
    (tmp_path / "plan.yaml").write_text("name: x\n")
    with pytest.raises(WorkbookError, match="was not made by planlib new"):
        update_workbook(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["plan.yaml"]


def test_equal_changes_are_no_conflict() -> None:
    """What both sides have changed alike is one change, whatever the line ends."""
    merged = merge_texts("a\nb\n", "a\r\nB\r\n", "a\nB\n")
    assert (merged.text, merged.conflict_count) == ("a\nB\n", 0)
