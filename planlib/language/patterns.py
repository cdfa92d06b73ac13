"""Find the pattern that a text was made from, and fill its translation with what the text says."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z_0-9]*)\}")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_JOINT = re.compile(r"[.!?] [A-Z]|; |: ")
#: Letters of a pattern that may be met by chance.
FEW_LETTERS = 10
_FIGURE_ITSELF = (
    r"(?<![\w.,])(?:\d{4}-\d\d-\d\d(?!\w)"
    r"|(?:[A-Z]{3} )?[-+−±]?\d[\d,.]*(?<![.,])(?: ?%)?(?: ?[kMB](?!\w))?"
    r"(?: [A-Z]{3}(?!\w))?)"
)
_FIGURE = f"({_FIGURE_ITSELF})"
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_MEASURE_TWICE = re.compile(r"([个家位条]) ?\1")
_KINDS = {"figure": _FIGURE, "code": r"(\S*\d\S*)", "iso": r"(\d{4}-\d\d-\d\d)"}
#: Beginning of the name of a place whose text is never translated: names of tables, columns, files.
AS_IS = "as_is"
_NOT_IN_A_WORD = r"(?:(?<![\w.,])|(?![\w]))"


@dataclass(frozen=True)
class Pattern:
    """
    A text with places, and its translation.

    Parameters
    ----------
    regex
        Matches the texts that the pattern makes; one group a place.
    places
        Names of the places in their order.
    translation
        With the same places, in any order.
    fixed
        Letters that stand outside of places: how much of a text the pattern explains.
    is_label
        Whether it is a label with what it names behind it: ``Next: {what}``.
    begins_with_place
        Whether a place stands first, with words behind it that belong to it.
    ends_as_label
        Whether a colon and a place stand last.
    """

    regex: re.Pattern[str]
    places: tuple[str, ...]
    translation: str
    fixed: int
    is_label: bool
    begins_with_place: bool
    ends_as_label: bool

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """Give what orders patterns that fit a text: the one that says most about it first."""
        free = sum(not name.startswith(tuple(_KINDS)) for name in self.places)
        return -self.fixed, free, -len(self.places), self.translation

    def filled(self, values: Mapping[str, str]) -> str:
        """Give the translation with the given text at each place, no measure word twice."""
        pieces = _PLACE.split(self.translation)
        filled = pieces[0]
        for name, literal in zip(pieces[1::2], pieces[2::2], strict=True):
            filled = _joined(_joined(filled, values[name]), literal)
        return _MEASURE_TWICE.sub(r"\1", filled)


class Patterns:
    """
    All patterns of a catalogue.

    Parameters
    ----------
    translations
        Translation by pattern; only what has a place is kept. A pattern needs a word of its own.
    """

    def __init__(self, translations: Mapping[str, str]) -> None:
        words_of = {
            source: set(_WORD.findall(_PLACE.sub(" ", source)))
            for source in translations
            if _PLACE.search(source)
        }
        common = Counter(word for words in words_of.values() for word in words)
        self._by_word: dict[str, list[Pattern]] = defaultdict(list)
        for source, words in words_of.items():
            if words:
                rarest = min(words, key=lambda word: (common[word], -len(word), word))
                self._by_word[rarest].append(_made(source, translations[source]))

    def matching(self, text: str) -> Iterator[tuple[Pattern, dict[str, str]]]:
        """Give the patterns that fit a text with what stands at their places, the closest first."""
        found = []
        for word in dict.fromkeys(_WORD.findall(text)):
            for pattern in self._by_word.get(word, ()):
                match = pattern.regex.fullmatch(text)
                if match and _is_likely(pattern, match.groups()):
                    found.append((pattern, dict(zip(pattern.places, match.groups(), strict=True))))
        found.sort(key=lambda pair: pair[0].rank)
        yield from found


def _is_likely(pattern: Pattern, values: Sequence[str]) -> bool:
    """
    Tell whether a text is made from a pattern, and not from two that were put together.

    No place parts a bracket; at the first one, and at those of a pattern of few letters, stands no
    joint of sentences.
    """
    if any(value.count("(") != value.count(")") for value in values):
        return False
    if pattern.begins_with_place and _JOINT.search(values[0]):
        return False
    is_weak = pattern.fixed <= FEW_LETTERS and not pattern.is_label
    told = values[:-1] if pattern.ends_as_label else values
    return not (is_weak and any(_JOINT.search(value) for value in told))


def _joined(left: str, right: str) -> str:
    """Put two pieces together: a space between Chinese and Latin signs, none between Chinese."""
    if _CHINESE.search(left[-1:]) and right[:1].isascii() and right[:1].isalnum():
        return f"{left} {right}"
    if left[-1:].isascii() and left[-1:].isalnum() and _CHINESE.match(right):
        return f"{left} {right}"
    return left + right


def places(text: str) -> list[str]:
    """
    Give the names of the places of a pattern, sorted.

    Examples
    --------
    >>> places("{moved} of {all} accounts")
    ['all', 'moved']
    """
    return sorted(_PLACE.findall(text))


def _made(source: str, translation: str) -> Pattern:
    pieces = _PLACE.split(source)
    literals, names = pieces[::2], pieces[1::2]
    return Pattern(
        regex=re.compile(_regex(literals, names), re.DOTALL),
        places=tuple(names),
        translation=translation,
        fixed=sum(len(word) for piece in literals for word in _WORD.findall(piece)),
        begins_with_place=literals[0] == "" and literals[1][:1] not in tuple(";:,.("),
        ends_as_label=literals[-2].endswith(": ") and literals[-1] == "",
        is_label=len(names) == 1 and literals[0].endswith(": "),
    )


def _regex(literals: Sequence[str], names: Sequence[str]) -> str:
    """
    Give what matches the texts of a pattern.

    A place at either end (a full stop aside), or beside another one, may be empty: it is often a
    piece of a sentence that stands there only sometimes. Two places never part a word or a number.
    A place whose name begins with ``figure`` takes numbers and days alone, with ``code`` one word
    with a digit, with ``iso`` a day; with ``as_is`` any text, which stays as it is.
    """
    parts = [re.escape(literals[0])]
    last = len(literals) - 1
    for at, literal in enumerate(literals[1:], start=1):
        before, after = literals[at - 1], literal
        if not before and at > 1:
            parts.append(_NOT_IN_A_WORD)
        kind = next((one for name, one in _KINDS.items() if names[at - 1].startswith(name)), None)
        if kind is not None:
            parts += [kind, re.escape(literal)]
            continue
        is_loose = not before or not after or (at == last and after == ".")
        any_text = ".*?" if is_loose else ".+?"
        if not after and at < last:  # beside another one: a figure first, with all its digits
            any_text = f"{_FIGURE_ITSELF}|{any_text}"
        parts += [f"({any_text})", re.escape(literal)]
    return "".join(parts)
