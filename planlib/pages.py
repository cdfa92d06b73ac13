"""Pages from templates: escaped, and in the language that is spoken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from planlib import resources
from planlib.language import LANGUAGES, language, say

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.lexer import Token

_TAG = re.compile(r"(?s)<style.*?</style>|<[^>]*>")
_LETTERS = re.compile(r"[A-Za-z]{2}")
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=[%万亿]|[kMB]\b)")


def page_writer(folder: str, template: str) -> Callable[[Mapping[str, Any]], str]:
    """
    Give what writes pages of a template, in the language that is spoken now.

    Parameters
    ----------
    folder, template
        The template, as ``templates/<folder>/<template>``.

    Returns
    -------
    callable
        Takes what the page shows by name, and gives the page without blank lines. Plain texts are
        escaped and put into the language; what has ``__html__`` is taken as it is. No line ends
        between a number and its unit.
    """
    page = _environment(folder).get_template(template)

    def write(values: Mapping[str, Any]) -> str:
        lines = _joined(page.render(lang=LANGUAGES[language()], **values)).splitlines()
        return "\n".join(line.rstrip() for line in lines if line.strip()) + "\n"

    return write


def _environment(folder: str) -> Environment:
    """Give the environment of a folder of templates, for the language that is spoken now."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from jinja2.ext import Extension

    class Spoken(Extension):
        """Puts the texts of a template into the language that is spoken."""

        def filter_stream(self, stream: Iterable[Token]) -> Iterator[Token]:
            markup = Markup()
            for token in stream:
                if token.type == "data":
                    pieces = markup.pieces(str(token.value))
                    said = "".join(_said(piece) if is_text else piece for is_text, piece in pieces)
                    token = type(token)(token.lineno, token.type, said)
                yield token

    return Environment(
        loader=FileSystemLoader(resources.templates_dir() / folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Spoken],
        finalize=_shown,
    )


class Markup:
    """Tells texts from tags in markup that comes in parts, as between expressions."""

    def __init__(self) -> None:
        self._in_tag = False

    def pieces(self, part: str) -> list[tuple[bool, str]]:
        """Give the pieces of the next part in order, each with whether it is a text to read."""
        found: list[tuple[bool, str]] = []
        if self._in_tag:
            tag, closed, part = part.partition(">")
            found.append((False, tag + closed))
            self._in_tag = not closed
            if self._in_tag:
                return found
        at = 0
        for one in _TAG.finditer(part):
            found += [(True, part[at : one.start()]), (False, one[0])]
            at = one.end()
        text, opened, rest = part[at:].partition("<")
        self._in_tag = bool(opened)
        return [*found, (True, text), (False, opened + rest)]


def texts_of_template(source: str) -> list[str]:
    """Give the texts of a template that stand outside of tags and expressions."""
    markup = Markup()
    return [
        piece.strip()
        for part in re.split(r"\{[{%#].*?[}%#]\}", source, flags=re.DOTALL)
        for is_text, piece in markup.pieces(part)
        if is_text and _LETTERS.search(piece)
    ]


def _joined(page: str) -> str:
    """Put a space that does not break between each number that is read and its unit."""
    return "".join(
        _BEFORE_UNIT.sub("\u00a0", piece) if is_text else piece
        for is_text, piece in Markup().pieces(page)
    )


def _said(text: str) -> str:
    inner = text.strip()
    return text.replace(inner, say(inner)) if inner else text


def _shown(value: Any) -> Any:
    return say(value) if type(value) is str else value
