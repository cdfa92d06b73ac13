"""The library is built in layers: imports point down, and the core is pure and small.

Every module is parsed, none is imported. A new module must be entered in ``LAYERS``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LAYERS = {
    "errors": 0,
    "compiled": 0,
    "deadline": 0,
    "intervals": 0,
    "bundle": 0,
    "bundle_kernels": 0,
    "xorshift": 0,
    **dict.fromkeys(
        [
            "language",
            "notes",
            "pages",
            "periods",
            "workdays",
            "settings",
            "plan",
            "tables",
            "steps",
            "resources",
        ],
        1,
    ),
    **dict.fromkeys(
        [
            "disclosure",
            "hygiene",
            "segmentation",
            "territories",
            "quotas",
            "capacity",
            "pay",
            "key_accounts",
            "pipeline",
            "forecast",
            "council",
            "ranking",
            "routing",
            "projects",
            "support",
            "team",
            "review_scope",
        ],
        2,
    ),
    **dict.fromkeys(
        [
            "charts",
            "council_forms",
            "displays",
            "edit_grid",
            "grids",
            "quota_forms",
            "ranking_forms",
            "review_forms",
            "review_quotas",
            "routing_forms",
            "widgets",
        ],
        3,
    ),
    **dict.fromkeys(["clients", "exchange", "intake", "store"], 4),
    **dict.fromkeys(
        [
            "cycle",
            "report",
            "review_server",
            "review_view",
            "cli",
            "cli_clients",
            "cli_common",
            "cli_crm",
            "cli_cycles",
            "cli_people",
            "cli_review",
            "docs",
            "__main__",
        ],
        5,
    ),
}
PURE = 2  # up to this layer: no files, clock, chance, pictures
FACE = "__init__"  # planlib/__init__.py shows the public names of all layers, lazily

#: Modules of the pure layers that read files, and why.
READS_CLOCK = {"deadline": "tells searches when a time limit set by the user is over"}
READS_FILES = {
    "plan": "reads plan.yaml",
    "language.speech": "reads the catalogue of texts that is part of the package",
    "resources": "finds folders of the installation",
    "routing.zones": "reads the list of time zones of the installation",
    "territories.gazetteer": "reads the list of places that is part of the package",
}

BANNED_IMPORTS = {
    "matplotlib",
    "ipywidgets",
    "IPython",
    "papermill",
    "nbclient",
    "great_tables",
    "duckdb",
    "sqlalchemy",
    "openpyxl",
    "xlsxwriter",
    "subprocess",
    "threading",
    "multiprocessing",
    "time",
    "tempfile",
    "shutil",
    "os",
}
CLOCK_CALLS = {"today", "now", "utcnow", "perf_counter", "monotonic", "localtime", "time_ns"}
FILE_CALLS = {
    "read_csv",
    "read_excel",
    "read_parquet",
    "read_sql",
    "to_csv",
    "to_excel",
    "to_parquet",
    "to_sql",
    "read_text",
    "write_text",
    "read_bytes",
    "write_bytes",
    "unlink",
    "mkdir",
    "glob",
    "rglob",
    "iterdir",
    "touch",
}
SEEDED = {"default_rng", "Generator", "SeedSequence", "PCG64", "Random", "RandomState"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
GLOBAL_CHANCE = re.compile(rf"(np|numpy)\.random\.(?!(?:{'|'.join(SEEDED)})$)\w+")

MODULE_LINES = 400
FUNCTION_LINES = 70
USUAL_LINES = 40
UNUSUAL_SHARE = 0.03  # of all functions may be longer than usual
COMPILED_LINES = 150
POSITIONAL = 5


@dataclass(frozen=True)
class Module:
    """One module of the library as text."""

    name: str  # dotted, without the package: "territories.solve"; "__init__" for the package
    text: str
    is_package: bool = False

    @property
    def unit(self) -> str:
        """The module or folder that has a place in the layers."""
        return self.name.split(".")[0]

    @property
    def layer(self) -> int:
        """Its layer; the package itself stands above all."""
        return max(LAYERS.values()) + 1 if self.unit == FACE else LAYERS[self.unit]

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text)


def read_modules() -> list[Module]:
    """Read every module of the library."""
    found = []
    for path in sorted((ROOT / "planlib").rglob("*.py")):
        parts = list(path.relative_to(ROOT / "planlib").with_suffix("").parts)
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package and len(parts) > 1 else parts)
        found.append(Module(name, path.read_text(encoding="utf-8"), is_package))
    return found


def read_programs() -> list[Module]:
    """Read the programs beside the library, which stay as small as its modules."""
    files = [path for folder in ("benchmarks", "tools") for path in (ROOT / folder).rglob("*.py")]
    return [
        Module(".".join(path.relative_to(ROOT).with_suffix("").parts), path.read_text("utf-8"))
        for path in sorted(files)
    ]


MODULES = read_modules()
PROGRAMS = read_programs()
UNITS = {module.unit for module in MODULES}
KNOWN = UNITS | set(LAYERS)
CORE = [module for module in MODULES if module.unit in LAYERS and module.layer <= PURE]


def imported(module: Module) -> Iterator[tuple[str, int]]:
    """Give the dotted names that a module imports, with lines; ours start with planlib."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                own = ["planlib", *module.name.split(".")]
                kept = own[: len(own) - node.level + module.is_package]
                base = ".".join([*kept, *([base] if base else [])])
            if base == "planlib":
                yield from ((f"planlib.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield base, node.lineno


def our_imports(module: Module, units: set[str]) -> Iterator[tuple[str, int]]:
    """Give the units of the library that a module imports; a public name counts as the package."""
    for name, line in imported(module):
        parts = name.split(".")
        if parts[0] == "planlib":
            yield (parts[1] if len(parts) > 1 and parts[1] in units else FACE), line


def direction_problems(module: Module, units: set[str]) -> list[str]:
    """Give imports that do not point down."""
    found = []
    for unit, line in our_imports(module, units):
        if unit == FACE:
            if module.layer < max(LAYERS.values()):
                found.append(f"line {line}: imports from planlib itself; name the module")
        elif LAYERS[unit] > module.layer:
            found.append(f"line {line}: layer {module.layer} imports {unit} of {LAYERS[unit]}")
        elif module.layer == 4 and LAYERS[unit] == 3:
            found.append(f"line {line}: layer 4 does without pictures, but imports {unit}")
    return found


def purity_problems(module: Module) -> list[str]:
    """Give the places where a module of the core reaches for files, clock, chance or pictures."""
    found = [
        f"line {line}: imports {name}"
        for name, line in imported(module)
        if (name.split(".")[0] in BANNED_IMPORTS or name == "random")
        and module.name not in READS_CLOCK
    ]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and module.name not in READS_CLOCK:
            found += [f"line {node.lineno}: {text}" for text in _call_problems(module, node)]
        if isinstance(node, ast.Attribute) and GLOBAL_CHANCE.fullmatch(ast.unparse(node)):
            found.append(f"line {node.lineno}: global chance, {ast.unparse(node)}")
    return found


def _call_problems(module: Module, call: ast.Call) -> Iterator[str]:
    called = ast.unparse(call.func)
    last = called.rsplit(".", 1)[-1]
    words = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
    if "." in called and last in CLOCK_CALLS:
        yield f"reads the clock, {called}()"
    if last in {"Timestamp", "to_datetime"} and set(words) & {"now", "today"}:
        yield f"reads the clock, {called}({words})"
    if last in {"default_rng", "Random", "RandomState"} and not (call.args or call.keywords):
        yield f"chance without a seed, {called}()"
    if called == "print":
        yield "prints"
    if module.name in READS_FILES:
        return
    if called == "open" or ("." in called and last in {*FILE_CALLS, "open"}):
        yield f"reads or writes a file, {called}()"


def function_lines(function: Function) -> int:
    """Count the lines of a function without its docstring: what a caller must know may be long."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is not None:
        length -= (function.body[0].end_lineno or 0) - function.body[0].lineno + 1
    return length


def is_compiled(function: Function) -> bool:
    """Tell a compiled loop, which keeps its state in arrays and calls little."""
    return any(ast.unparse(decorator) == "compiled" for decorator in function.decorator_list)


def unusual_share(modules: list[Module]) -> float:
    """Give the share of functions that are longer than usual; compiled loops do not count."""
    lengths = [
        function_lines(node)
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, Function) and not is_compiled(node)
    ]
    return sum(length > USUAL_LINES for length in lengths) / len(lengths)


def size_problems(module: Module) -> list[str]:
    """Give what has grown too long, and functions with too many positional arguments."""
    found = []
    lines = module.text.count("\n")
    if lines > MODULE_LINES:
        found.append(f"has {lines} lines; allowed are {MODULE_LINES}")
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            length = function_lines(node)
            if is_compiled(node):
                if length > COMPILED_LINES:
                    found.append(f"{node.name} has {length} lines; allowed are {COMPILED_LINES}")
                continue  # a compiled loop keeps its state in arrays, handed in one by one
            if length > FUNCTION_LINES:
                found.append(f"{node.name} has {length} lines; allowed are {FUNCTION_LINES}")
            if any(".command(" in ast.unparse(decorator) for decorator in node.decorator_list):
                continue  # a command's arguments are the options of the command line
            names = [arg.arg for arg in [*node.args.posonlyargs, *node.args.args]]
            if len([name for name in names if name not in {"self", "cls"}]) > POSITIONAL:
                found.append(f"{node.name} takes {len(names)} positional arguments; allowed are 5")
    return found


def import_cycles(modules: list[Module]) -> list[str]:
    """Give units that import each other, directly or through others, while they load."""
    units = {module.unit for module in modules}
    graph: dict[str, set[str]] = {unit: set() for unit in units}
    for module in modules:
        top = ast.Module([node for node in module.tree.body if not _only_types(node)], [])
        shallow = Module(module.name, ast.unparse(_without_functions(top)), module.is_package)
        graph[module.unit] |= {unit for unit, _ in our_imports(shallow, units)} - {module.unit}
    reach = {unit: _reachable(graph, unit) for unit in units}
    return sorted(unit for unit in units if unit in reach[unit])


def _only_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _without_functions(tree: ast.Module) -> ast.Module:
    kept = [
        node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return ast.Module(kept, [])


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        unit = waiting.pop()
        if unit not in seen and unit in graph:
            seen.add(unit)
            waiting += graph[unit]
    return seen


def name_of(module: Module) -> str:
    """Name a test after its module."""
    return module.name


def test_every_module_has_a_layer() -> None:
    """A new module or folder takes its place in the layers before it is used."""
    assert sorted(UNITS - {FACE} - set(LAYERS)) == []


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_imports_point_down(module: Module) -> None:
    """No module imports from a layer above its own, nor through the package's public names."""
    problems = direction_problems(module, KNOWN)
    assert problems == []


def test_no_two_modules_wait_for_each_other() -> None:
    """Within a layer too, imports at loading time form no circle."""
    assert import_cycles([module for module in MODULES if module.unit != FACE]) == []


@pytest.mark.parametrize("module", CORE, ids=name_of)
def test_the_core_is_pure(module: Module) -> None:
    """Layers 0 to 2 touch no file, clock, global chance or picture, and print nothing."""
    problems = purity_problems(module)
    assert problems == []


@pytest.mark.parametrize("module", [*MODULES, *PROGRAMS], ids=name_of)
def test_modules_and_functions_stay_small(module: Module) -> None:
    """A module fits in a reader's head, and a function on a screen."""
    assert size_problems(module) == []


def test_few_functions_are_long() -> None:
    """A function of more than 40 lines is the exception, not the rule."""
    assert unusual_share([*MODULES, *PROGRAMS]) <= UNUSUAL_SHARE


DIRECTION = [
    ("tables", "from planlib.store import open_workbook", "layer 1 imports store of 4"),
    ("pipeline.matrix", "from planlib import charts", "layer 2 imports charts of 3"),
    ("store.sql", "import planlib.charts.base", "does without pictures"),
    ("charts.base", "from planlib import open_workbook", "imports from planlib itself"),
    ("territories.solve", "from ..cli import main", "layer 2 imports cli of 5"),
    ("tables", "def f():\n    from planlib.cycle import run", "layer 1 imports cycle of 5"),
]


@pytest.mark.parametrize(("name", "text", "message"), DIRECTION)
def test_an_import_that_points_up_is_found(name: str, text: str, message: str) -> None:
    """Absolute, relative and late imports are all seen."""
    problems = direction_problems(Module(name, text), set(LAYERS))
    assert message in "".join(problems)


@pytest.mark.parametrize("text", ["from .base import x", "from planlib.errors import PlanError"])
def test_an_import_that_points_down_is_let_through(text: str) -> None:
    """A neighbour in the same folder and a lower layer may be imported."""
    assert direction_problems(Module("territories.solve", text), set(LAYERS)) == []


IMPURE = [
    ("import matplotlib.pyplot as plt", "imports matplotlib"),
    ("import random", "imports random"),
    ("as_of = pd.Timestamp.today()", "reads the clock"),
    ("as_of = datetime.datetime.now()", "reads the clock"),
    ("as_of = pd.Timestamp('now')", "reads the clock"),
    ("x = np.random.rand(3)", "global chance"),
    ("x = np.random.default_rng()", "without a seed"),
    ("print(accounts)", "prints"),
    ("text = open('plan.yaml').read()", "reads or writes a file"),
    ("accounts.to_csv('x.csv')", "reads or writes a file"),
]


@pytest.mark.parametrize(("text", "message"), IMPURE)
def test_an_effect_in_the_core_is_found(text: str, message: str) -> None:
    """Files, clock, chance, pictures and printing are each seen in a made-up module."""
    assert message in "".join(purity_problems(Module("pipeline.matrix", text)))


def test_seeded_chance_is_let_through() -> None:
    """A generator made from the plan's seed is no global chance."""
    text = "def draw(rng: np.random.Generator):\n    return np.random.default_rng(7)"
    assert purity_problems(Module("pipeline.matrix", text)) == []


def test_growth_is_found() -> None:
    """A long module, a long function and a long list of arguments are each named."""
    body = "\n".join("    x = 1" for _ in range(80))
    text = f"def long(a, b, c, d, e, f):\n{body}\n" + "y = 2\n" * 400
    problems = "".join(size_problems(Module("pipeline.matrix", text)))
    assert "481 lines" in problems
    assert "long has 81 lines" in problems
    assert "6 positional" in problems


def test_the_share_of_long_functions_is_counted() -> None:
    """One of two functions is longer than usual; a docstring and a compiled loop do not count."""
    body = "    x = 1\n" * 50
    told = "    word\n" * 50
    text = f"def long():\n{body}def short():\n    '''{told}    '''\n@compiled\ndef loop():\n{body}"
    assert unusual_share([Module("pipeline.matrix", text)]) == 0.5


def test_a_circle_of_imports_is_found() -> None:
    """Two modules that import each other are named; an import inside a function does not count."""
    first = Module("ranking", "from planlib.routing import a")
    second = Module("routing", "from planlib.ranking import b")
    late = Module("routing", "def f():\n    from planlib.ranking import b")
    assert import_cycles([first, second]) == ["ranking", "routing"]
    assert import_cycles([first, late]) == []
