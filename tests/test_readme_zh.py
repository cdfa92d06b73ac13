"""The README and the walk-through in Chinese name commands, settings and files that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from planlib.intake.maps import known_maps
from planlib.plan import parse_plan
from planlib.steps import STEPS
from planlib.tables import TABLES
from tests.test_schedules import check_command, command_group, declared

ROOT = Path(__file__).resolve().parent.parent
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh.md"
WALK = ROOT / "docs" / "walk-through.zh.md"
PAGES = pytest.mark.parametrize("page", [CHINESE, WALK], ids=["readme", "walk-through"])
PROGRAM = re.compile(r"^(?:\S*[/\\])?planlib (.+)")


def fences(text: str, language: str = "") -> list[str]:
    """Give the contents of the code blocks in one language."""
    found = re.findall(r"^( *)```(\w*)\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [
        re.sub(rf"^{indent}", "", block, flags=re.MULTILINE)
        for indent, word, block in found
        if word == language
    ]


def commands(page: Path) -> list[str]:
    """Give the lines of the code blocks without their comments."""
    blocks = fences(page.read_text(encoding="utf-8"))
    lines = [re.split(r"\s+#", line)[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def inline(page: Path) -> list[str]:
    """Give what stands in code style within sentences and tables."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"`([^`\n]+)`", text)


def links(page: Path) -> set[str]:
    """Give the relative links and pictures of a page."""
    found = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    return {link for link in found if "://" not in link}


def options(name: str) -> set[str]:
    """Give the options that a command takes."""
    command = command_group().get_command(None, name)
    assert command is not None, f"planlib has no command {name}"
    return {option for one in command.params for option in (*one.opts, *one.secondary_opts)}


def sections(page: Path) -> int:
    """Count the sections of a page."""
    return len(re.findall(r"^## ", page.read_text(encoding="utf-8"), re.MULTILINE))


@PAGES
def test_every_command_in_a_block_exists(page: Path) -> None:
    """With its arguments, its options and a period that can be read."""
    found = [match[1] for line in commands(page) if (match := PROGRAM.match(line))]
    assert len(found) > 10
    names = {check_command(shlex.split(words)) for words in found}
    assert {"demo", "run", "status", "compare", "request"} <= names


@PAGES
def test_every_command_in_a_sentence_exists(page: Path) -> None:
    """Placeholders may stand for arguments; the name and the options are real."""
    found = [match[1].split() for code in inline(page) if (match := PROGRAM.match(code))]
    assert len(found) > 3
    for name, *words in found:
        said = {word.split("=")[0] for word in words if word.startswith("-")}
        assert said <= options(name), f"planlib {name} has no {said - options(name)}"


@PAGES
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    """Notebooks, pages, maps and pictures."""
    found = links(page)
    assert len(found) > 5
    assert sorted(link for link in found if not (page.parent / link).exists()) == []


@PAGES
def test_every_file_of_decisions_is_a_kind_of_decisions(page: Path) -> None:
    """A name such as overrides/quotas.csv is one that planlib reads."""
    kinds = re.findall(r"`overrides/(\w+)\.csv`", page.read_text(encoding="utf-8"))
    assert page == CHINESE or len(kinds) > 15
    assert [kind for kind in kinds if f"override_{kind}" not in TABLES] == []


@PAGES
def test_every_setting_exists(page: Path) -> None:
    """Blocks of plan.yaml are read, and keys in sentences stand in the settings reference."""
    plans = [block for block in fences(page.read_text("utf-8"), "yaml") if "currency:" in block]
    assert plans
    for block in plans:
        plan = parse_plan(block)
        named = {plan.inputs.map, *(source.map for source in plan.inputs.sources)} - {""}
        assert named <= set(known_maps())
    reference = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    keys = [code for code in inline(page) if re.fullmatch(r"[a-z_]+\.[a-z_]+", code)]
    files = (".yaml", ".xlsx", ".html", ".csv", ".parquet", ".md")
    missing = [key for key in keys if f"`{key}`" not in reference and not key.endswith(files)]
    assert missing == []


def test_kinds_of_contact_of_the_map_are_allowed() -> None:
    """The words that stand for calls and chat messages become values of the table."""
    blocks = fences(WALK.read_text(encoding="utf-8"), "yaml")
    (block,) = [block for block in blocks if "activity_type" in block]
    values = yaml.safe_load(block)["activity_type"]["values"]
    column = next(one for one in TABLES["activities"].columns if one.name == "activity_type")
    assert {"电话", "微信"} <= set(values)
    assert set(values.values()) <= set(column.allowed or ())


def test_both_readmes_say_the_same() -> None:
    """As many sections, the same commands, the same links, and each leads to the other."""
    assert sections(CHINESE) == sections(ENGLISH)
    assert set(commands(ENGLISH)) - set(commands(CHINESE)) == set()
    assert links(ENGLISH) - {"README.zh.md"} - links(CHINESE) == set()
    head = CHINESE.read_text(encoding="utf-8").splitlines()[0]
    assert "(README.md)" in head
    assert "(README.zh.md)" in "\n".join(ENGLISH.read_text("utf-8").splitlines()[:5])


def test_papermill_gives_declared_parameters() -> None:
    """The example on one notebook names parameters that it has."""
    (line,) = [line for line in commands(CHINESE) if line.startswith("papermill ")]
    words = shlex.split(line)
    names = [words[place + 1] for place, word in enumerate(words) if word == "-p"]
    assert set(names) <= declared(ROOT / words[1])


def test_the_walk_through_goes_through_every_step() -> None:
    """One part for each notebook, in order, each with what is decided."""
    parts = re.split(r"^### (?=\d\d )", WALK.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert [part[:2] for part in parts] == sorted(name[:2] for name in STEPS)
    assert [part[:2] for part in parts if "**决定：**" not in part] == []


def test_the_checks_can_fail(tmp_path: Path) -> None:
    """A page with a misspelt command, option, file and section is found out."""
    page = tmp_path / "page.md"
    page.write_text("## A\n```\nplanlib rum acme  # x\n```\n`planlib run --cicle` [a](no.md)\n")
    assert commands(page) == ["planlib rum acme"]
    with pytest.raises(AssertionError, match="no command rum"):
        check_command(["rum", "acme"])
    (code,) = inline(page)
    assert code.split()[2] not in options("run")
    assert links(page) == {"no.md"}
    assert sections(page) == 1
