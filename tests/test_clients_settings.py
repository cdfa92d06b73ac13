"""The settings sheet: out and back changes nothing by itself, a wrong cell is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest

from planlib import resources
from planlib.clients import read_settings_sheet, write_settings_sheet
from planlib.clients.settings_text import DEFAULT, change_settings
from planlib.clients.usual import USUAL
from planlib.errors import InputError, SettingsError, WorkbookError
from planlib.plan import Plan, load_plan, parse_plan
from planlib.settings.keys import all_keys


@pytest.fixture(scope="module", params=["industrial", "software"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan of a sample with its sheet, made once."""
    folder = tmp_path_factory.mktemp(request.param)
    shutil.copy(resources.samples_dir() / request.param / "plan.yaml", folder)
    write_settings_sheet(folder, folder / "settings.xlsx")
    return folder


@pytest.fixture
def place(written: Path, tmp_path: Path) -> Path:
    """A copy of both."""
    shutil.copytree(written, tmp_path / "w")
    return tmp_path / "w"


def fill(place: Path, **values: object) -> None:
    """Fill in cells by the name of their setting, with _ for the point behind the section."""
    book = openpyxl.load_workbook(place / "settings.xlsx")
    for sheet in ("Usual", "Further"):
        for key, cell, *_ in book[sheet].iter_rows(min_row=2):
            name = str(key.value).replace(".", "_", 1)
            if name in values:
                cell.value = values[name]
    book.save(place / "settings.xlsx")


def test_out_and_back_changes_nothing(place: Path) -> None:
    """Without an edit plan.yaml keeps every byte, comments included."""
    before = (place / "plan.yaml").read_bytes()
    assert read_settings_sheet(place, place / "settings.xlsx").lines == []
    assert (place / "plan.yaml").read_bytes() == before


def test_changed_cells_reach_the_plan_and_nothing_else_changes(place: Path) -> None:
    """Texts, numbers, lists, an emptied cell and an explicit nothing all arrive as meant."""
    old = load_plan(place)
    fill(
        place,
        name="A: {b} #1",
        territories_tolerance=0.05,
        territories_units="[North, 'a: b']",
        territories_disruption_share="null",
        territories_keep_families=False,
        calendar_name=None,
        fiscal_year_start_month=4,
    )
    found = read_settings_sheet(place, place / "settings.xlsx")
    assert len(found.lines) == 7
    plan = load_plan(place)
    assert plan.name == "A: {b} #1"
    assert plan.territories.units == ("North", "a: b")
    assert (plan.territories.tolerance, plan.territories.disruption_share) == (0.05, None)
    assert (plan.territories.keep_families, plan.calendar.name) == (False, "")
    assert plan.fiscal_year.start_month == 4
    for section in ("segmentation", "evaluation", "council", "projects", "key_accounts"):
        assert plan.section(section) == old.section(section)


def test_every_wrong_cell_is_named_and_nothing_is_changed(place: Path) -> None:
    """Sheet, cell, value and what is allowed; a right cell beside it is not taken either."""
    before = (place / "plan.yaml").read_bytes()
    fill(place, territories_tolerance="lots", territories_within="moon", name="Other")
    with pytest.raises(InputError) as caught:
        read_settings_sheet(place, place / "settings.xlsx")
    first, second = sorted(caught.value.problems)
    assert "sheet Usual, cell B" in first
    assert "territories.tolerance cannot be 'lots'; allowed: above 0" in second
    assert "territories.within cannot be 'moon'; allowed: blank, region, unit" in first
    assert (place / "plan.yaml").read_bytes() == before


def test_yaml_in_a_cell_is_data(place: Path) -> None:
    """Neither tags nor aliases are followed, and a text cell stays the text it is."""
    fill(place, territories_units="!!python/object/apply:os.system [ls]")
    with pytest.raises(InputError, match=r"territories\.units cannot be '!!python"):
        read_settings_sheet(place, place / "settings.xlsx")


def test_a_plan_changed_since_is_not_overwritten(place: Path) -> None:
    """A setting edited in both places is a problem that says what stands in plan.yaml."""
    fill(place, territories_tolerance=0.05)
    text = (place / "plan.yaml").read_text(encoding="utf-8")
    (place / "plan.yaml").write_text(
        text.replace("tolerance: 0.", "tolerance: 0.3 # 0.", 1), encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"changed in plan\.yaml since .* \(it is 0\.3\)"):
        read_settings_sheet(place, place / "settings.xlsx")


def test_another_kind_of_file_is_refused(place: Path) -> None:
    """A sheet that is none of ours is named, and so is a broken file."""
    openpyxl.Workbook().save(place / "other.xlsx")
    with pytest.raises(InputError, match="has no stamp"):
        read_settings_sheet(place, place / "other.xlsx")
    (place / "locked.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    with pytest.raises(InputError, match="remove the password"):
        read_settings_sheet(place, place / "locked.xlsx")


def test_the_usual_settings_exist() -> None:
    """A setting that is renamed or removed must be so in the list of usual ones too."""
    known = {key.dotted for key in all_keys(Plan)}
    usual = {f"{one}.{name}" if one else name for one, names in USUAL.items() for name in names}
    assert usual - known == set()


def test_lines_around_a_changed_setting_stay() -> None:
    """Remarks stay, sections appear and go with their last setting."""
    text = "# mine\nname: A  # why\nterritories:\n  tolerance: 0.1  # agreed\n\n# end\n"
    changed = change_settings(text, {"territories.tolerance": 0.2, "ranking.draws": 500})
    assert "tolerance: 0.2  # agreed" in changed
    assert changed.startswith("# mine\nname: A  # why\n")
    assert parse_plan(changed).ranking.draws == 500
    gone = change_settings(changed, {"territories.tolerance": DEFAULT})
    assert "territories" not in gone
    assert "# end" in gone


def test_an_unusual_file_is_left_to_the_person() -> None:
    """A section in one line is not rewritten by guess."""
    with pytest.raises(SettingsError, match=r"ranking\.draws: not changed"):
        change_settings("ranking: {seed_of: 1}\n", {"ranking.draws": 500})


def test_a_sheet_has_the_name_of_an_excel_file_and_must_be_there(place: Path) -> None:
    """Excel would not open another name; a missing file is told with the way to write it."""
    with pytest.raises(WorkbookError, match="s.csv is written as Excel; .* ends in .xlsx"):
        write_settings_sheet(place, place / "s.csv")
    assert not (place / "s.csv").exists()
    with pytest.raises(WorkbookError, match="there is no file .*away.xlsx; write it with --excel"):
        read_settings_sheet(place, place / "away.xlsx")


def test_a_wrong_currency_is_told_in_words_and_once(place: Path) -> None:
    """No pattern of signs, and what is allowed is not said twice."""
    fill(place, currency="eur")
    with pytest.raises(InputError) as caught:
        read_settings_sheet(place, place / "settings.xlsx")
    (problem,) = caught.value.problems
    assert problem.endswith("currency cannot be 'eur'; allowed: three capital letters, such as EUR")
