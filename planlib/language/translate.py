"""Put texts into Chinese by a list of words, patterns and the joints between them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from planlib.language.numbers import amount_in_chinese, amounts_in_chinese, day_in_chinese
from planlib.language.patterns import AS_IS, FEW_LETTERS, Patterns

_DEEPEST = 6  # patterns inside places of patterns
_MOST_TRIED = 8  # patterns tried for one text
_MOST_KEPT = 200_000  # texts whose translation is remembered
_ENOUGH = 0.5  # share of a text's letters that a pattern explains, if its places stay English
_CERTAIN = 20  # letters of a pattern that is not met by chance
_PROSE = re.compile(
    r"(?<![\w./@-])[a-z]{3,}(?![\w./@-])"
    r"|(?<![\w./@-])(?<![A-Za-z&] )(?:as|at|by|if|in|is|it|no|of|on|or|to)(?![\w./@-])"
)
_LETTERS = re.compile(r"[A-Za-z]{2}|\d ?[kMB]\b")
_COUNTED = re.compile(r"(?P<count>[-+−]?\d[\d,.]*(?: ?[%kMB])?) (?P<noun>[a-z][a-zA-Z -]*)")
#: Measure word by the end of a noun; others take 个.
_MEASURES = {
    "客户": "家", "代表": "位", "经理": "位", "人": "位", "行": "", "次": "", "点": "", "天": "",
    "周": "", "小时": "", "分钟": "",
}  # fmt: skip
_EDGES = re.compile(r"(\s*(?:[-–•·…] ?)?)(.*?)([\s:.…]*)", re.DOTALL)
_ENDINGS = (".", ":")
_ENDS = str.maketrans({":": "：", ".": "。"})
_JOINTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\n"), "\n"),
    (re.compile(r"(?<=[.!?]) (?=[A-Z0-9\u4e00-\u9fff])"), ""),
    (re.compile(r"; "), "；"),
    (re.compile(r" · "), " · "),
    (re.compile(r" [–—] "), " – "),
    (re.compile(r": "), "："),
    (re.compile(r" / "), " / "),
    (re.compile(r",? and "), "和"),
    (re.compile(r",? or "), "或"),
    (re.compile(r", "), "，"),
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_SPACE = re.compile(r"(?<=[，。；：）]) (?=[\u4e00-\u9fff])")
_STOP = re.compile(r"(?<=[\d%）])\.$")
_SENTENCE = 25  # letters from which an entry of the list is taken for a sentence
_LISTS = ("和", "或")  # joints of names and words, never of sentences
_ASIDE = re.compile(r"(?P<head>.+?) \((?P<inner>[^()]+)\)(?P<tail>.*)", re.DOTALL)
_RANGE = re.compile(r"(?P<low>\S*?\d.*?) to (?P<high>.*?\d.*)")
_OF = re.compile(r"(?P<part>\d[\d,]*) of (?P<all>\d[\d,]*)")
_FIGURE = re.compile(r"[-+−]?[\d,.]*\d ?%?(?: [kMB])?(?: [A-Z]{3})?|\d{4}(?:-?Q\d|-\d\d(?:-\d\d)?)")

#: A text, and whether no English prose is left in it.
Said = tuple[str, bool]


class Translator:
    """
    Gives texts in Chinese.

    Parameters
    ----------
    words
        Chinese by English text; a text may have places in braces, which its translation has too.
    """

    def __init__(self, words: Mapping[str, str]) -> None:
        self._exact = dict(words)
        for source, said in words.items():  # a heading begins with a capital where words do not
            self._exact.setdefault(source[:1].upper() + source[1:], said)
        self._patterns = Patterns(words)
        self._kept: dict[str, Said] = {}

    def said(self, text: str) -> Said:
        """
        Give a text in Chinese, and whether all of it is.

        Names, codes and what the list does not know stay as they are.
        """
        if text not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            said, whole = self._said(text, 0)
            self._kept[text] = _finished(said), whole
        return self._kept[text]

    def _said(self, text: str, depth: int) -> Said:
        direct = self._direct(text)
        if direct is not None:
            return direct, True
        if not _LETTERS.search(text):
            return (text.translate(_ENDS) if text in _ENDINGS else text), True
        found = _EDGES.fullmatch(text)
        start, inner, end = found.groups() if found else ("", text, "")
        if (start or end) and (direct := self._direct(inner)) is not None:
            return f"{start}{direct}{end.translate(_ENDS)}", True
        best = (text, False) if prose_left(text) else (amounts_in_chinese(text), True)
        if depth > _DEEPEST:
            return best
        if "\n" in text:
            lines = [self._said(line, depth + 1) for line in text.split("\n")]
            if all(whole for _, whole in lines):
                return "\n".join(line for line, _ in lines), True
        ways = (self._by_known, self._by_pattern, self._by_edges, self._by_joint, self._by_aside)
        for way in ways:
            attempt = way(text, depth)
            if attempt is not None and attempt[1]:
                return attempt
            best = _better(best, attempt)
        return best

    def _direct(self, text: str) -> str | None:
        """Give what needs no pattern: an entry of the list, a number, a day, a count of things."""
        known = self._exact.get(text) or _figure(text)
        if known is not None:
            return known
        if found := _RANGE.fullmatch(text):
            low, high = _figure(found["low"]), _figure(found["high"])
            if low and high:
                return f"{low} 至 {high}"
        if found := _OF.fullmatch(text):
            return f"{found['part']}/{found['all']}"
        found = _COUNTED.fullmatch(text)
        return self._counted(found["count"], found["noun"]) if found else None

    def _counted(self, count: str, noun: str) -> str | None:
        """Give a number of things, with the measure word of their kind."""
        forms = (noun, noun.removesuffix("s"), noun.removesuffix("es"), f"{noun[:-3]}y")
        said = next((self._exact[one] for one in forms if one in self._exact), None)
        if said is None:
            return None
        if not count[-1].isdigit():  # an amount or a share
            return f"{said} {amount_in_chinese(count) or count}"
        measure = next((word for end, word in _MEASURES.items() if said.endswith(end)), "个")
        measure = "" if said.startswith(measure) else measure
        return f"{amount_in_chinese(count) or count} {measure}{said}"

    def _by_pattern(self, text: str, depth: int) -> Said | None:
        best: Said | None = None
        for tried, (pattern, found) in enumerate(self._patterns.matching(text)):
            if tried == _MOST_TRIED:
                break
            inside = {
                place: (value, True) if place.startswith(AS_IS) else self._said(value, depth + 1)
                for place, value in found.items()
            }
            said = pattern.filled({place: value for place, (value, _) in inside.items()})
            attempt = said, all(whole for _, whole in inside.values())
            if attempt[1]:
                return attempt
            enough = min(_ENOUGH * sum(map(str.isalpha, text)), _CERTAIN)
            explained = pattern.fixed
            if explained > FEW_LETTERS:  # what stands at a place and is known is explained too
                explained += sum(
                    sum(map(str.isalpha, found[place]))
                    for place, (_, whole) in inside.items()
                    if whole
                )
            if pattern.is_label or explained >= enough:
                best = attempt if best is None else _better(best, attempt)
        return best

    def _by_known(self, text: str, depth: int) -> Said | None:
        """Part a text where a sentence of the list begins or ends, though it has joints itself."""
        for joint, mark in _JOINTS:
            for found in joint.finditer(text):
                head, tail = text[: found.start()], text[found.end() :]
                if len(tail) >= _SENTENCE and (known := self._sentence(tail)):
                    first, whole = self._said(head, depth + 1)
                    return f"{first}{mark}{known}", whole and _is_said(head, first)
                if len(head) >= _SENTENCE and (known := self._sentence(head)):
                    last, whole = self._said(tail, depth + 1)
                    return f"{known}{mark}{last}", whole and _is_said(tail, last)
        return None

    def _sentence(self, text: str) -> str | None:
        known = self._exact.get(text)
        if known is None and text.endswith("."):
            known = self._exact.get(text[:-1])
            known = f"{known}。" if known else None
        return known

    def _by_edges(self, text: str, depth: int) -> Said | None:
        """Put a text without its bullet or its full stop into Chinese."""
        found = _EDGES.fullmatch(text)
        if found is None or found[2] in ("", text):
            return None
        inner = self._said(found[2], depth + 1)
        return f"{found[1]}{inner[0]}{found[3].translate(_ENDS)}", inner[1]

    def _by_joint(self, text: str, depth: int) -> Said | None:
        """Put the parts of a text into Chinese one by one, at the first joint that serves."""
        best: Said | None = None
        for joint, mark in _JOINTS:
            pieces = _split(joint, text)
            if len(pieces) == 1 or (mark in _LISTS and not all(map(self._is_word, pieces))):
                continue
            if len(pieces) > 2 and mark not in _LISTS:  # a piece may hold such a joint itself
                at = text.index(pieces[1], len(pieces[0]))
                first, rest = (self._said(one, depth + 1) for one in (pieces[0], text[at:]))
                if first[1] and rest[1]:
                    return f"{first[0]}{mark}{rest[0]}", True
            said = [self._said(piece, depth + 1) for piece in pieces]
            attempt = mark.join(piece for piece, _ in said), all(whole for _, whole in said)
            if attempt[1]:
                return attempt
            best = attempt if best is None else _better(best, attempt)
        return best

    def _is_word(self, text: str) -> bool:
        """Tell words and names from sentences."""
        pieces = text.split(", ")
        return all(self._direct(one) is not None or not prose_left(one) for one in pieces)

    def _by_aside(self, text: str, depth: int) -> Said | None:
        found = _ASIDE.fullmatch(text)
        if found is None:
            return None
        head, inner, tail = (self._said(piece, depth + 1) for piece in found.groups())
        return f"{head[0]}（{inner[0]}）{tail[0]}", head[1] and inner[1] and tail[1]


def prose_left(text: str) -> int:
    """
    Count the English words that are left in a text; names and codes are none.

    Examples
    --------
    >>> prose_left("Apex Machinery：3 deals"), prose_left("plan.yaml 中的 ACV")
    (1, 0)
    """
    return len(_PROSE.findall(text))


def _finished(said: str) -> str:
    """Give a translation without spaces behind Chinese marks, and with a Chinese full stop."""
    if not _CHINESE.search(said):
        return said
    return _STOP.sub("。", _SPACE.sub("", said))


def _figure(text: str) -> str | None:
    """Give an amount, a share or a day; None where the text is none."""
    known = amount_in_chinese(text) or day_in_chinese(text)
    return known or (text if _FIGURE.fullmatch(text) else None)


def _split(joint: re.Pattern[str], text: str) -> list[str]:
    """Part a text at a joint, never inside brackets."""
    pieces, start = [], 0
    for found in joint.finditer(text):
        before = text[start : found.start()]
        if before.count("(") == before.count(")"):
            pieces.append(before)
            start = found.end()
    return [*pieces, text[start:]]


def _is_said(text: str, said: str) -> bool:
    """Tell whether a text of more than one word came out otherwise than it went in."""
    return " " not in text.strip() or _letters(said) < _letters(text)


def _better(best: Said, attempt: Said | None) -> Said:
    """Take the attempt that leaves less English."""
    if attempt is None or _letters(attempt[0]) >= _letters(best[0]):
        return best
    return attempt


def _letters(text: str) -> int:
    return sum(sign.isascii() and sign.isalpha() for sign in text)
