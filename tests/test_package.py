"""The package as a whole: public names, what loading it brings in, its wheel, its dependencies."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import planlib
from planlib import resources
from planlib.errors import WorkbookError

ROOT = Path(__file__).resolve().parent.parent

#: Heavy packages that only the module using them may load.
HEAVY = {
    "ortools",
    "sklearn",
    "scipy",
    "matplotlib",
    "ipywidgets",
    "IPython",
    "papermill",
    "nbclient",
    "duckdb",
    "pandera",
    "great_tables",
    "openpyxl",
    "xlsxwriter",
    "sqlalchemy",
    "pyarrow",
}

#: Import names that differ from the name of the distribution, or come along with one.
IMPORT_NAMES = {
    "cycler": "matplotlib",
    "yaml": "pyyaml",
    "sklearn": "scikit-learn",
    "IPython": "ipython",
}

#: Needed at run time though no module imports them by name.
USED_BY_OTHERS = {
    "ipykernel": "the kernel that runs the notebooks",
    "pyarrow": "pandas reads and writes Parquet with it",
}

#: conda-forge's names where they differ from those of the Python package index.
CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "great-tables": "great_tables",
    "ortools": "ortools-python",
}


def read_pyproject() -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def requirements(*groups: str) -> dict[str, Requirement]:
    """Give the requirements of a run and of the extras named, by canonical name."""
    project = read_pyproject()["project"]
    lines = [*project["dependencies"]]
    for group in groups:
        lines += project["optional-dependencies"][group]
    parsed = [Requirement(line) for line in lines]
    return {canonicalize_name(one.name): one for one in parsed}


def run_python(code: str, folder: Path, path: Path | None = None) -> Any:
    """Run code in a fresh interpreter in a folder, and give the JSON that it prints."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    clean["PYTHONDONTWRITEBYTECODE"] = "1"  # an unpacked wheel stays as it is
    if path is not None:
        clean["PYTHONPATH"] = str(path)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# ---------------------------------------------------------------- public names


def test_every_public_name_loads() -> None:
    """Each name in ``__all__`` gives an object, and shows up in ``dir(planlib)``."""
    missing = [name for name in planlib.__all__ if not hasattr(planlib, name)]
    assert missing == []
    assert set(planlib.__all__) <= set(dir(planlib))


def test_the_public_names_are_these() -> None:
    """Adding or removing a public name is a decision, so it is written down here too."""
    assert set(planlib.__all__) == {
        "STEPS",
        "TABLES",
        "Column",
        "FiscalYear",
        "InfeasibleError",
        "InputError",
        "LockedError",
        "MissingTableError",
        "ParameterError",
        "Period",
        "PeriodError",
        "Plan",
        "PlanError",
        "RunError",
        "SettingsError",
        "Table",
        "TableError",
        "WorkCalendar",
        "Workbook",
        "WorkbookError",
        "load_plan",
        "open_workbook",
    }


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A misspelt public name fails as it does in any module."""
    with pytest.raises(AttributeError, match="no attribute 'open_workbok'"):
        planlib.open_workbok  # noqa: B018 - the access is the test


def test_the_version_is_the_one_of_the_metadata() -> None:
    """The version is written twice, and equal."""
    assert planlib.__version__ == read_pyproject()["project"]["version"]


def test_loading_planlib_is_light(tmp_path: Path) -> None:
    """``import planlib`` loads no solver, picture, database, validator, nor pandas."""
    loaded = run_python(
        "import sys, json, planlib; print(json.dumps(sorted(sys.modules)))", tmp_path
    )
    top = {name.split(".")[0] for name in loaded}
    assert top & {*HEAVY, "pandas", "numpy", "pydantic"} == set()


def test_settings_and_contracts_load_without_heavy_packages(tmp_path: Path) -> None:
    """Reading a plan and looking up a table needs pandas, but no solver, picture or database."""
    code = (
        "import sys, json, planlib; planlib.load_plan, planlib.TABLES, planlib.STEPS;"
        "print(json.dumps(sorted(sys.modules)))"
    )
    top = {name.split(".")[0] for name in run_python(code, tmp_path)}
    assert top & (HEAVY - {"pyarrow"}) == set()  # pandas loads pyarrow where it is there


# ---------------------------------------------------------------- resources and wheel

WHERE = (
    "import json, planlib; from planlib import resources as r;"
    "print(json.dumps([planlib.__file__, r.is_checkout(), str(r.notebooks_dir()),"
    " str(r.templates_dir()), str(r.samples_dir())]))"
)


@pytest.fixture(scope="session")
def unpacked_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout and unpacked as an installation would."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run(
        [*command, str(ROOT)], capture_output=True, text=True, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def test_a_checkout_uses_its_own_folders(tmp_path: Path) -> None:
    """Run from anywhere, an editable installation finds the folders of the checkout."""
    _, is_checkout, *folders = run_python(WHERE, tmp_path)
    names = ["notebooks", "templates", "data_samples"]
    assert is_checkout
    assert [Path(folder) for folder in folders] == [ROOT / name for name in names]


def test_an_installed_wheel_uses_the_folders_it_carries(
    unpacked_wheel: Path, tmp_path: Path
) -> None:
    """Outside the checkout, an installed wheel finds notebooks, templates and samples in itself."""
    file, is_checkout, *folders = run_python(WHERE, tmp_path, unpacked_wheel)
    home = unpacked_wheel / "planlib"
    assert Path(file).parent == home
    assert not is_checkout
    names = ["notebooks", "templates", "data_samples"]
    assert [Path(folder) for folder in folders] == [home / "_resources" / name for name in names]


def test_the_wheel_carries_library_and_resources_and_nothing_from_runs(
    unpacked_wheel: Path,
) -> None:
    """Every file of the library and its resources is in the wheel, no cycle or history is."""
    home = unpacked_wheel / "planlib"
    packed = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    folders = {"planlib": "", "notebooks": "_resources/notebooks/"}
    folders |= {name: f"_resources/{name}/" for name in ("templates", "data_samples")}
    expected = {
        prefix + path.relative_to(ROOT / folder).as_posix()
        for folder, prefix in folders.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not stays_behind(path.relative_to(ROOT))
    }
    assert packed == expected


def stays_behind(path: Path) -> bool:
    """Tell whether a file was left by a run or a tool, or makes the samples."""
    left = {"__pycache__", ".ipynb_checkpoints", "cycles", "history"}
    return bool(left & set(path.parts[:-1])) or path.parts[:2] == ("data_samples", "generator")


def test_the_wheel_is_typed_and_licensed(unpacked_wheel: Path) -> None:
    """Type checkers see the annotations, and the licence travels along."""
    assert (unpacked_wheel / "planlib" / "py.typed").exists()
    assert list(unpacked_wheel.glob("planlib-*.dist-info/licenses/LICENSE"))


def test_an_incomplete_installation_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A package without its folders says which one is missing and what to do."""
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "planlib")
    with pytest.raises(WorkbookError, match="folder 'templates' .* install planlib again"):
        resources.templates_dir()


# ---------------------------------------------------------------- dependencies


def imported_distributions() -> set[str]:
    """Give the distributions that the library imports, by canonical name."""
    names: set[str] = set()
    for path in (ROOT / "planlib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names.add(node.module.split(".")[0])
    outside = names - set(sys.stdlib_module_names) - {"planlib"}
    return {canonicalize_name(IMPORT_NAMES.get(name, name)) for name in outside}


def test_what_is_imported_is_declared() -> None:
    """Every package that the library imports is one of its declared dependencies."""
    assert imported_distributions() - set(requirements()) == set()


def test_what_is_declared_is_used() -> None:
    """No dependency is declared that neither the library nor a package it uses for it needs."""
    unused = set(requirements()) - imported_distributions() - set(USED_BY_OTHERS)
    assert unused == set()


def test_every_dependency_has_a_floor() -> None:
    """Each requirement names the oldest version it is meant for."""
    lacking = [
        name
        for name, one in requirements("lab", "review", "dev", "browser").items()
        if not any(part.operator == ">=" for part in one.specifier)
    ]
    assert lacking == []


def read_constraints() -> dict[str, str]:
    """Read the pins, by canonical name."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    wrong = [line for line in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", line)]
    assert wrong == []
    return {canonicalize_name(name): version for name, version in (pin.split("==") for pin in pins)}


def test_every_dependency_is_pinned_within_its_bounds() -> None:
    """constraints.txt pins each declared package to a version that pyproject.toml allows."""
    pins = read_constraints()
    outside = [
        f"{one} but pinned {pins.get(name)}"
        for name, one in requirements("lab", "review", "dev", "browser").items()
        if name not in pins or not one.specifier.contains(pins[name])
    ]
    assert outside == []


def test_the_pins_are_complete() -> None:
    """Whatever the declared packages need in this environment is pinned as well."""
    pins = read_constraints()
    waiting = list(requirements("dev").values())
    seen: set[str] = set()
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name in seen or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        seen.add(name)
        waiting += [Requirement(line) for line in metadata.requires(name) or []]
    assert seen - set(pins) == set()


def test_conda_environment_is_in_step() -> None:
    """environment.yml names the same packages with the same bounds, no more and no fewer."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    conda = dict(line.split(" ", 1) for line in listed if isinstance(line, str) and " " in line)
    expected = {
        CONDA_NAMES.get(name, name): str(one.specifier)
        for name, one in requirements("lab", "review").items()
    }
    expected["python"] = read_pyproject()["project"]["requires-python"]
    assert {name: bounds(text) for name, text in conda.items()} == {
        name: bounds(text) for name, text in expected.items()
    }


def bounds(text: str) -> set[str]:
    """Give the parts of a version range, whatever their order."""
    return set(text.split(","))
