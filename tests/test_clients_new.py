"""A client's workbook from a template: what it holds, what it refuses, that it can be filled in."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from planlib import cli, resources
from planlib.clients import PARTS, TEMPLATES, check_answers, new_workbook
from planlib.clients.blank_inputs import example_row, input_tables, write_blank
from planlib.clients.plan_text import plan_text
from planlib.clients.render import preset
from planlib.errors import ParameterError, SettingsError, WorkbookError
from planlib.intake import check_lines
from planlib.intake.read import read_file
from planlib.intake.take import read_inputs
from planlib.plan import Plan, load_plan, parse_plan
from planlib.settings.inputs import Source
from planlib.steps import STEPS
from planlib.tables import TABLES


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Chinese client with territories alone and notebooks of its own."""
    answers = check_answers(
        template="industrial",
        only="territories",
        name="澜岳 {{ 7*7 }}: [a, {b: c}] #1",
        currency="CNY",
        fiscal_start=4,
        language="zh",
        notebooks=True,
    )
    return new_workbook(tmp_path_factory.mktemp("clients") / "澜岳 工业", answers)


def test_answers_arrive_as_data(client: Path) -> None:
    """Signs of YAML and of the template language in a name stay the name."""
    plan = load_plan(client)
    assert plan.name == "澜岳 {{ 7*7 }}: [a, {b: c}] #1"
    assert (plan.currency, plan.language, plan.fiscal_year.start_month) == ("CNY", "zh", 4)
    assert "澜岳 {{ 7*7 }}: [a, {b: c}] #1" in (client / "README.md").read_text(encoding="utf-8")


def test_a_part_alone_brings_its_own_tables_and_notebooks(client: Path) -> None:
    """Territories alone: accounts, reps, deals, owners; no project, no lead."""
    names = sorted(path.stem for path in (client / "inputs").iterdir())
    assert names == ["accounts", "opportunities", "reps", "territories"]
    more = {path.stem for path in (client / "inputs_more").iterdir()}
    assert "travel_times" in more
    assert not {"projects", "leads", *names} & more
    notebooks = [path.stem for path in sorted((client / "notebooks").iterdir())]
    assert notebooks == ["01_intake", "02_segmentation", "03_territories"]


def test_copied_notebooks_are_thin(client: Path) -> None:
    """They carry no output of somebody else's run."""
    text = (client / "notebooks/03_territories.ipynb").read_text(encoding="utf-8")
    assert '"execution_count": null' in text
    assert '"output_type"' not in text


def test_a_fresh_workbook_says_what_to_fill_in(client: Path) -> None:
    """No example row is data, and each blank file says who needs it and which columns."""
    plan = load_plan(client)
    taken = read_inputs(plan, client, strict=False)
    assert taken.tables == {}
    assert set(taken.unfilled) == {"accounts", "opportunities", "reps", "territories"}
    brief = check_lines(taken, plan)
    assert "  blank so far, and of use where you have the data: opportunities, territories" in brief
    assert not any(line.startswith("  territories:") for line in brief)
    lines = check_lines(taken, plan, details=True)
    line = next(line for line in lines if line.startswith("  territories:"))
    assert "fill in account_id, role_layer, rep_id" in line
    accounts = next(line for line in lines if line.startswith("  accounts:"))
    assert "Segmentation, Territories cannot run without it" in accounts


def test_filled_in_files_are_read_without_the_example(tmp_path: Path) -> None:
    """Rows below the example become the table, in the types of its declaration."""
    (tmp_path / "inputs").mkdir()
    for name, rows in (
        ("accounts", [["A-1", "Ant"], ["007", "Bee"]]),
        ("holidays", [["CN", "2026-02-17", "春节", "true"]]),
    ):
        path = tmp_path / "inputs" / f"{name}.xlsx"
        write_blank(path, TABLES[name], "zh")
        book = openpyxl.load_workbook(path)
        for row in rows:
            book[name].append(row)
        book.save(path)
    taken = read_inputs(parse_plan("as_of: 2026-03-31\n"), tmp_path)
    assert taken.tables["accounts"]["account_id"].tolist() == ["A-1", "007"]
    assert taken.tables["holidays"]["is_workday"].tolist() == [True]
    assert taken.quarantine.empty
    assert any("例：" in line for lines in taken.dropped.values() for line in lines)
    assert taken.unfilled == ()


def test_an_example_stays_data_in_files_that_are_not_ours(tmp_path: Path) -> None:
    """Only a file that planlib has made has example rows; elsewhere the word is a value."""
    book = openpyxl.Workbook()
    book.active.append(["account_id", "name"])
    book.active.append(["example: A-1", "Ant"])
    book.save(tmp_path / "accounts.xlsx")
    sheet = read_file(tmp_path / "accounts.xlsx", Source(path="accounts.xlsx"))[0]
    assert sheet.frame["account_id"].tolist() == ["example: A-1"]


@pytest.mark.parametrize("name", ["accounts", "opportunity_history", "controls", "pay_plans"])
def test_a_blank_file_follows_its_declaration(tmp_path: Path, name: str) -> None:
    """Headers in order, a drop-down for each list, and the same bytes each time."""
    table = TABLES[name]
    path = tmp_path / f"{name}.xlsx"
    write_blank(path, table)
    first = path.read_bytes()
    write_blank(path, table)
    assert path.read_bytes() == first
    page = openpyxl.load_workbook(path)[name]
    assert [cell.value for cell in page[1]] == [column.name for column in table.columns]
    lists = {
        str(rule.sqref).split("2")[0]: rule.formula1
        for rule in page.data_validations.dataValidation
        if rule.type == "list"
    }
    listed = [column for column in table.columns if column.allowed or column.kind == "bool"]
    assert len(lists) == len(listed)
    assert all(
        any(column.allowed[-1] in text for text in lists.values())
        for column in listed
        if column.allowed
    )


def test_every_table_has_an_example_that_its_declaration_allows() -> None:
    """The example row, without its mark, is a valid row of the table."""
    for table in input_tables():
        row = example_row(table)
        first = table.columns[0].name
        row[first] = row[first].removeprefix("example: ")
        filled = {name: [text] for name, text in row.items() if text}
        frame = pd.DataFrame(filled)
        for column in table.columns:
            if column.kind == "bool" and column.name in frame:
                frame[column.name] = frame[column.name] == "true"
        assert len(table.check(frame)) == 1, table.name


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("only", ["", *PARTS])
def test_every_preset_gives_a_valid_plan(template: str, only: str) -> None:
    """Each template with each part is read, and only the steps of the part stay on."""
    answers = check_answers(template=template, only=only, name="Acme")
    plan = parse_plan(plan_text(preset(answers, resources.templates_dir())))
    assert plan.name == "Acme"
    step = {
        "pipeline": "06_pipeline",
        "territories": "03_territories",
        "key_accounts": "05_key_accounts",
    }
    for part, name in step.items():
        assert (name in plan.run.off) == (bool(only) and part != only)


def test_the_presets_are_those_of_the_answers() -> None:
    """No preset is left over, none is missing."""
    found = {path.stem for path in (resources.templates_dir() / "presets").glob("*.yaml")}
    assert found == {*TEMPLATES, *(f"only-{part}" for part in PARTS)}


def test_settings_behind_a_sign_are_the_defaults() -> None:
    """Nothing behind # counts; with the signs removed, the plan is still all defaults."""
    text = plan_text({})
    assert parse_plan(text) == Plan()
    lines = [line.removeprefix("#") for line in text.splitlines() if not line.startswith("##")]
    assert parse_plan("\n".join(lines)) == Plan()
    assert yaml.safe_load(text) is None


def test_an_unknown_setting_of_a_preset_is_named() -> None:
    """A preset that names a key that is no more fails when it is rendered."""
    with pytest.raises(SettingsError, match=r"territories\.tolerence is no key"):
        plan_text({"territories": {"tolerence": 1}})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"template": "softwear"}, "template is 'softwear'; allowed: 'software', 'industrial'"),
        ({"only": "quotas"}, "only is 'quotas'; allowed: 'pipeline', 'territories'"),
        ({"currency": "euro"}, "currency is 'euro'; allowed: three capital letters"),
        ({"fiscal_start": 13}, "fiscal_start is '13'; allowed: less than or equal to 12"),
        ({"language": "de"}, "language is 'de'; allowed: 'en' or 'zh'"),
        ({"name": "../x"}, "name is '../x'; allowed: a name without parts of a path"),
        ({"name": "a\\b"}, "allowed: a name without parts of a path"),
        ({"name": "a\nb: c"}, "allowed: a name in one line"),
        ({"name": "x" * 101}, "allowed: a name of at most 100 characters"),
    ],
)
def test_a_wrong_answer_is_named_with_what_is_allowed(
    given: dict[str, object], message: str
) -> None:
    """Before anything is written."""
    with pytest.raises(ParameterError) as caught:
        check_answers(**given)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "name", ["..", "a/../b", "~/x", "CON", "aux.txt", "x.", "a:b", "x" * 201, "a\tb"]
)
def test_a_folder_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    """Nothing is written for it."""
    with pytest.raises(WorkbookError, match="no folder for a client|no name of a folder"):
        new_workbook(f"{tmp_path}/{name}" if name[0] != "~" else name, check_answers())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_taken_stays_as_it_is(tmp_path: Path) -> None:
    """A folder with something in it is not written to, nor one whose parent is missing."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "mine.txt").write_text("x")
    with pytest.raises(WorkbookError, match="is there already and not empty"):
        new_workbook(tmp_path / "acme", check_answers())
    with pytest.raises(WorkbookError, match="does not exist; make it first"):
        new_workbook(tmp_path / "no" / "acme", check_answers())
    assert [path.name for path in tmp_path.rglob("*")] == ["acme", "mine.txt"]


@pytest.mark.parametrize(
    ("part", "steps"),
    [
        ("pipeline", {"01_intake", "06_pipeline", "07_council"}),
        ("territories", {"01_intake", "02_segmentation", "03_territories"}),
        ("key_accounts", {"01_intake", "02_segmentation", "05_key_accounts"}),
    ],
)
def test_a_part_alone_uses_its_own_steps_and_no_others(part: str, steps: set[str]) -> None:
    """A step that is added later is switched off where one part stands alone."""
    answers = check_answers(name="x", only=part)
    plan = parse_plan(plan_text(preset(answers, resources.templates_dir())))
    assert set(STEPS) - set(plan.run.off) == steps


def test_the_command_says_what_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong answer ends with exit code 2 and leaves nothing behind."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.app, ["new", "acme", "--template", "bank"])
    assert done.exit_code == 2
    assert "template is 'bank'; allowed: 'software'" in done.output
    assert list(tmp_path.iterdir()) == []


def test_the_example_of_an_open_deal_contradicts_itself_nowhere() -> None:
    """It is open, counted in the forecast, and no column shows merely the first of its choices."""
    deal = example_row(TABLES["opportunities"])
    assert deal["forecast_category"] == "most_likely"
    assert (deal["is_closed"], deal["is_won"]) == ("false", "false")
    assert example_row(TABLES["accounts"])["lifecycle"] == ""
    assert example_row(TABLES["projects"])["loss_cause"] == ""


def test_the_readme_names_the_colour_of_required_columns(tmp_path: Path) -> None:
    """Yellow, as the cells of the blank file are."""
    root = new_workbook(tmp_path / "acme", check_answers(name="acme"))
    page = openpyxl.load_workbook(root / "inputs" / "accounts.xlsx")["accounts"]
    red, green, blue = (int(page["A1"].fill.fgColor.rgb[at : at + 2], 16) for at in (2, 4, 6))
    assert min(red, green) > blue + 50
    assert "yellow ones are" in (root / "README.md").read_text(encoding="utf-8")


def test_the_command_says_what_to_do_next_and_what_is_allowed(tmp_path: Path) -> None:
    """The next command can be copied; a blank choice is not offered as ''."""
    made = CliRunner().invoke(cli.app, ["new", str(tmp_path / "a b")])
    assert f'planlib check "{tmp_path / "a b"}"' in made.output
    wrong = CliRunner().invoke(cli.app, ["new", str(tmp_path / "c"), "--only", "all"])
    assert "allowed: 'pipeline', 'territories' or 'key_accounts'" in wrong.output
