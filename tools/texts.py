"""
Bring the catalogue of texts up to the code: ``python -m tools.texts``.

Collects every text that a person may see (strings of the code and of the notebooks, texts of the
templates of pages, names of columns, values of categories, what stands in
``tools/texts_assembled.txt``), and writes ``planlib/language/zh.po``
with the translations it has; a text without one stands there blank, and the test of the catalogue
names it. An f-string becomes a pattern with places:
``f"{len(rows)} of {total} rows"`` is ``{rows} of {total} rows``.
"""

from __future__ import annotations

import ast
import datetime
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "planlib" / "language" / "zh.po"
ASSEMBLED = Path(__file__).parent / "texts_assembled.txt"

#: What is not shown in the language of the plan: the command line, errors, settings and their text,
#: forms of new clients (in both languages anyway), the catalogue itself; and the headings, which
#: the columns of the tables bring.
_LEFT_OUT = (
    "cli", "clients", "displays/headings.py", "displays/style.py", "docs.py", "errors.py",
    "language", "settings", "plan.py", "resources.py", "store",
)  # fmt: skip
_FIRST_DAY = datetime.datetime(2026, 11, 29, tzinfo=datetime.UTC)  # fixed: a diff shows texts alone
_COUNTING = ("count_of", "_plural", "more")
_SHOWING = ("facts", "Fact", "table", "Listing")  # calls whose labels may be single words
_COLUMN = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
_PLACE = re.compile(r"\{[A-Za-z_][A-Za-z_0-9]*\}")
_KEY = re.compile(r"[a-z0-9_.\-/*:,;|%#@+ ]*[a-z0-9_.\-/*:]")
_QUERY = re.compile(
    r"(?s)\b(SELECT|select)\b.*\b(FROM|from)\b|\b(left|inner) join\b|\bpartition by\b|\border by\b"
)
_NO_NAMES = ("len", "sum", "int", "str", "float", "abs", "iloc", "join", "item")
_MOST_VARIANTS = 16
_SENTENCE_SPACES = 3  # spaces of a text that explains a term


def texts() -> dict[str, list[str]]:
    """Give every text that may be shown, with the places of the code where it arises."""
    found: dict[str, list[str]] = defaultdict(list)
    for text, place in (
        *_of_modules(),
        *_of_notebooks(),
        *_of_templates(),
        *_of_tables(),
        *_assembled(),
    ):
        if place not in found[text]:
            found[text].append(place)
    return dict(sorted(found.items(), key=lambda item: (item[1][0], item[0])))


def main() -> int:
    """Write the catalogue; say how many texts have no translation."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po

    known: dict[str, str] = {}
    if CATALOGUE.exists():
        with CATALOGUE.open("rb") as file:
            known = {str(one.id): str(one.string) for one in read_po(file) if one.id and one.string}
    fresh = Catalog(
        locale="zh", project="planlib", fuzzy=False, header_comment="# Chinese texts of planlib.",
        version="-", msgid_bugs_address="-", language_team="zh",
        last_translator="planlib contributors",
        creation_date=_FIRST_DAY, revision_date=_FIRST_DAY,
    )  # fmt: skip
    found = texts()
    for text, places in found.items():
        fresh.add(text, known.get(text, ""), locations=[(place, 0) for place in places[:1]])
    with CATALOGUE.open("wb") as file:
        write_po(file, fresh, width=0, omit_header=False, include_lineno=False, sort_output=False)
    blank = sum(1 for text in found if not known.get(text))
    gone = len(set(known) - set(found))
    print(f"{len(found):,} texts, {blank:,} without translation, {gone:,} no longer in the code")
    return 0


def _of_modules() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "planlib").rglob("*.py")):
        name = path.relative_to(ROOT / "planlib").as_posix()
        if not name.startswith(_LEFT_OUT):
            place = path.relative_to(ROOT).as_posix()
            for text in _strings(ast.parse(path.read_text(encoding="utf-8"))):
                yield text, place


def _of_notebooks() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        place = path.relative_to(ROOT).as_posix()
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code":
                for text in (*_strings(ast.parse(source)), *_headers(ast.parse(source))):
                    yield text, place
            else:
                for line in source.splitlines():
                    if re.search("[A-Za-z]{2}", line):
                        yield line.strip(), place


def _headers(tree: ast.AST) -> Iterator[str]:
    """Give the headers of the columns that a notebook lists, for those that no table has."""
    from planlib.displays.values import humanize

    for node in ast.walk(tree):
        for one in node.elts if isinstance(node, ast.List) else ():
            name = one.value if isinstance(one, ast.Constant) else None
            if isinstance(name, str) and _COLUMN.fullmatch(name):
                yield humanize(name)


def _of_templates() -> Iterator[tuple[str, str]]:
    from planlib.pages import texts_of_template

    for path in sorted((ROOT / "templates").glob("*/*.html")):
        place = path.relative_to(ROOT).as_posix()
        source = path.read_text(encoding="utf-8")
        for expression in re.findall(r"\{\{(.+?)\}\}", source):
            parts = [part.strip() for part in expression.split("~")]
            if len(parts) > 1:
                yield _once("".join(_of_expression(part) for part in parts)), place
            else:
                yield from ((text, place) for text in re.findall(r'"([^"]+)"', expression))
        yield from ((text, place) for text in texts_of_template(source))


def _assembled() -> Iterator[tuple[str, str]]:
    """Give the texts that the code puts together from parts, as people have written them down."""
    for line in ASSEMBLED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield json.loads(f'"{line}"'), ASSEMBLED.relative_to(ROOT).as_posix()


def _of_expression(part: str) -> str:
    """Give a piece of an expression of a template: a text, or the place of a name."""
    if part.startswith('"'):
        return part[1:-1]
    names = re.findall(r"[A-Za-z_]+", part.split("|")[0])
    return f"{{{names[-1]}}}"


def _of_tables() -> Iterator[tuple[str, str]]:
    from planlib.displays.values import humanize
    from planlib.steps import STEPS
    from planlib.tables import TABLES

    place = "planlib/tables"
    for step in STEPS.values():
        yield from ((text, "planlib/steps.py") for text in (step.title, step.decides))
    for table in TABLES.values():
        yield humanize(table.name), place
        yield table.meaning, place
        for column in table.columns:
            yield humanize(column.name), place
            yield column.meaning, place
            for value in column.allowed:
                if re.search("[A-Za-z]{2}", str(value)):
                    yield str(value).replace("_", " "), place


def _strings(tree: ast.AST) -> list[str]:
    collector = _Collector()
    collector.visit(tree)
    terms = [text for text in collector.terms if re.search("[A-Za-z]{2}", text)]
    return [text for text in collector.found if _is_shown(text)] + terms


class _Collector(ast.NodeVisitor):
    """Collect the texts of a module: no documentation, no messages of raised errors."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.terms: list[str] = []

    def visit_Raise(self, node: ast.Raise) -> None:
        """Errors are for those who run the workbook, and stay English."""

    def visit_Module(self, node: ast.Module) -> None:
        self._body(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        self._body(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._body(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        words = [one.value for one in node.args[1:] if isinstance(one, ast.Constant)]
        if name in _COUNTING and words and isinstance(words[0], str):
            plural = str(words[1]) if len(words) > 1 else f"{words[0]}s"
            lead = "… and {count} more " if name == "more" else "{count} "
            self.found += [f"{lead}{words[0]}", f"{lead}{plural}"]
        elif name in ("compile", "sub", "fullmatch", "search", "match", "getLogger"):
            return
        if name in _SHOWING:
            self.terms += _labels(node, name)
        self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> None:
        """Take the terms that a table of meanings explains: they are shown before its sentences."""
        self._terms(zip(node.keys, node.values, strict=True))
        self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        if len(node.elts) == 2:
            self._terms([(node.elts[0], node.elts[1])])
        self.generic_visit(node)

    def _terms(self, pairs: Iterable[tuple[ast.expr | None, ast.expr]]) -> None:
        for term, meaning in pairs:
            said = [text for text in _patterns(meaning) if text.count(" ") >= _SENTENCE_SPACES]
            if said and isinstance(term, ast.Constant) and isinstance(term.value, str):
                self.terms.append(term.value.replace("_", " "))

    def visit_Constant(self, node: ast.Constant) -> None:
        self._take(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._take(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self._take(node)

    def _body(self, node: ast.Module | ast.FunctionDef | ast.ClassDef) -> None:
        for statement in node.body:
            is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if not is_text:
                self.visit(statement)

    def _take(self, node: ast.expr) -> None:
        variants = _patterns(node)
        if not variants:
            self.generic_visit(node)
            return
        self.found += [_once(text) for text in variants]
        for part in ast.walk(node):
            if isinstance(part, ast.FormattedValue) and not _options(part.value):
                self.visit(part.value)


def _labels(call: ast.Call, name: str) -> list[str]:
    """Give labels of figures, headers and units of a call that shows them, single words too."""
    named = [one.value for one in call.keywords if one.arg in ("labels", "units")]
    found = [one for table in named if isinstance(table, ast.Dict) for one in table.values]
    if name == "Fact":
        found += call.args[:1]
    for one in ast.walk(call) if name == "facts" else ():
        found += one.elts[:1] if isinstance(one, ast.Tuple) and len(one.elts) > 1 else []
    return [text for one in found for text in _patterns(one) if "{" not in text]


def _patterns(node: ast.expr) -> list[str]:
    """Give the texts that an expression can make, with places; none where it is no text."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        parts = [_part(part) for part in node.values]
        return _combined(parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = [_patterns(side) for side in (node.left, node.right)]
        if any(sides):
            named = [side or [_named(one)] for side, one in
                     zip(sides, (node.left, node.right), strict=True)]  # fmt: skip
            return _combined(named)
    return []


def _combined(parts: list[list[str]]) -> list[str]:
    count = 1
    for part in parts:
        count *= len(part)
    chosen = parts if count <= _MOST_VARIANTS else [part[:1] for part in parts]
    return ["".join(one) for one in product(*chosen)]


def _part(part: ast.expr) -> list[str]:
    if isinstance(part, ast.Constant):
        return [str(part.value)]
    value = part.value if isinstance(part, ast.FormattedValue) else part
    return _options(value) or [_named(value)]


def _options(value: ast.expr) -> list[str]:
    """Give both texts of ``"a" if ... else "b"``."""
    if isinstance(value, ast.IfExp):
        sides = [_patterns(side) for side in (value.body, value.orelse)]
        if all(sides):
            return [text for side in sides for text in side]
    return []


def _named(value: ast.expr) -> str:
    """Name a place by the last word of its expression."""
    names = [name for name in re.findall(r"[A-Za-z_][A-Za-z_0-9]*", ast.unparse(value))
             if name not in _NO_NAMES]  # fmt: skip
    return "{" + (names[-1].strip("_") if names and names[-1].strip("_") else "value") + "}"


def _once(text: str) -> str:
    """Give places of one name numbers, so that each is known by its name."""
    seen: dict[str, int] = {}

    def numbered(place: re.Match[str]) -> str:
        name = place[0][1:-1]
        seen[name] = seen.get(name, 0) + 1
        return "{" + (name if seen[name] == 1 else f"{name}_{seen[name]}") + "}"

    return _PLACE.sub(numbered, text)


def _is_shown(text: str) -> bool:
    """Tell texts for people from keys, markup, queries and formats."""
    words = _PLACE.sub("", text)
    if not re.search(r"[A-Za-z]{2}", words) or not re.search(r"[a-z]", words):
        return False
    if _KEY.fullmatch(words.strip()) and " " not in words.strip():
        return False
    if re.search(r"[<>]\w|</|&#?\w+;|%[YmdHMS]|\\[swdb]|\{\{|://", text):
        return False
    if _QUERY.search(text):
        return False
    return bool(re.search(r"[A-Za-z]{3}", words))


if __name__ == "__main__":
    sys.exit(main())
