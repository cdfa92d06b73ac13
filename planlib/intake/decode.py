"""
From bytes to text: which encoding a file is in, and whether the result can be believed.

UTF-8 and marked UTF-16 are taken as they are. Without them the Chinese encodings are judged by
how many of their characters are everyday ones, then the western one by how its accented letters
stand. A text that looks wrong is refused with the candidates rather than passed on garbled.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from planlib.errors import InputError

#: Byte order marks, the longer ones first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 1 << 20  # bytes judged for a legacy encoding
_POSSIBLE = 0.6  # share of everyday characters that a Chinese text has at least
_AHEAD = 0.1  # by how much the better of two Chinese encodings must be ahead
_KOREAN = 12  # characters from which the habit of Korean text can be told
_RUN = 2.0  # accented letters in a row, on average, that a western text has at most
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 13)) + b"\x7f"
#: UTF-8 bytes of accented letters, quotes and Chinese characters once read as a western encoding.
_GARBLED = re.compile(
    "\u00c3[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014"
    "\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
    "|\u00e2\u20ac[\u0080-\u00bf\u0152\u0153\u02dc\u2122\u201c\u201d]"
    "|[\u00e4-\u00e9][\u00a1-\u00bf\u0152-\u2122][\u0080-\u00bf\u0152-\u2122]"
    "|\u951f\u65a4\u62f7|\u00ef\u00bb\u00bf"
)
_RUN_OF_OTHERS = re.compile("[^\x00-\x7f]{2,}")
#: Signs that are rare in names and amounts, frequent in misread Chinese.
_SIGNS = "[\u00a4-\u00a8\u00ac\u00ad\u00af\u00b1-\u00b9\u00bc-\u00be\u00d7\u00f7]"
_STRANGE = re.compile("[\u0080-\u009f\ufffd\ue000-\uf8ff]")


@dataclass(frozen=True)
class Decoded:
    """A file's text and the encoding it was read with."""

    text: str
    encoding: str


def decode(data: bytes, where: str, encoding: str = "") -> Decoded:
    """
    Decode a file's bytes.

    Parameters
    ----------
    data
        The whole file.
    where
        Name of the file for the message.
    encoding
        Declared encoding; blank decides by the content. A declared encoding is believed, so only
        bytes that do not fit it and control characters are refused.

    Raises
    ------
    InputError
        If no encoding fits, several fit equally, or the text looks garbled.

    Examples
    --------
    >>> decode("région".encode(), "a.csv").encoding
    'utf-8'
    """
    if encoding:
        return Decoded(_declared(data, where, encoding), encoding)
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Decoded(_checked(_strict(data, name, where), where, name), name)
    wide = _wide(data)
    if wide:
        return Decoded(_checked(_strict(data, wide, where), where, wide), wide)
    _refuse_controls(data, where)
    if data.isascii():
        return Decoded(data.decode("ascii"), "utf-8")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        name = _legacy(data, where, error)
        text = _strict(data, name, where)
        _refuse_mixture(data[: error.start], text, where, name)
        return Decoded(_checked(text, where, name), name)
    return Decoded(_checked(text, where, "utf-8"), "utf-8")


def _declared(data: bytes, where: str, encoding: str) -> str:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise InputError(
            where,
            [
                f"encoding '{encoding}' is not known; use a name such as utf-8, "
                "gb18030, big5, cp1252"
            ],
        ) from None
    text = _strict(data, encoding, where).removeprefix("\ufeff")
    _refuse_controls(text.encode("utf-8", "surrogatepass"), where)
    return text


def _strict(data: bytes, encoding: str, where: str) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, UnicodeError) as error:
        start = getattr(error, "start", 0)
        row = data.count(b"\n", 0, start) + 1
        raise InputError(
            where,
            [
                f"row {row}: bytes do not fit {encoding}; save the file as UTF-8, or declare "
                "its encoding in plan.yaml (inputs.sources, key encoding)"
            ],
        ) from None


def _refuse_controls(data: bytes, where: str) -> None:
    """Refuse NUL and other control characters, which no export writes on purpose."""
    if len(data.translate(None, _CONTROLS)) == len(data):
        return
    found = re.search(b"[" + re.escape(_CONTROLS) + b"]", data)
    start = found.start() if found else 0
    row = data.count(b"\n", 0, start) + 1
    raise InputError(
        where,
        [
            f"row {row}: control character 0x{data[start]:02X}; the file is damaged or is not "
            "a text file; export it again as CSV in UTF-8"
        ],
    )


def _refuse_mixture(before: bytes, text: str, where: str, encoding: str) -> None:
    """Refuse a file that begins in UTF-8 and goes on otherwise, as files put together do."""
    if before.isascii() or _first_wrong(text) < 0:
        return
    row = before.count(b"\n") + 1
    raise InputError(
        where,
        [
            f"row {row} is in {encoding}, rows before it in UTF-8; a file has one encoding, so "
            "export it again, or give its parts as files of their own"
        ],
    )


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: every second byte of a western text is zero."""
    sample = data[:4096]
    if len(data) % 2 or len(sample) < 4:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else ""


def _checked(text: str, where: str, encoding: str) -> str:
    """Refuse text with signs of an earlier wrong conversion."""
    text = text.removeprefix("\ufeff")
    if text.isascii():
        return text
    start = _first_wrong(text)
    if start < 0:
        return text
    row = text.count("\n", 0, start) + 1
    around = text[max(text.rfind("\n", 0, start) + 1, start - 20) : start + 18]
    line = around.splitlines()[0]
    raise InputError(
        where,
        [
            f"row {row}: text looks garbled as {encoding}: {line!r}; export the file "
            f"again in UTF-8, or declare its encoding (candidates: {_candidates(encoding)})"
        ],
    )


def _first_wrong(text: str) -> int:
    """Position of the first sign of a wrong conversion, -1 without one."""
    runs = {run for run in set(_RUN_OF_OTHERS.findall(text)) if _GARBLED.search(run)}
    places = [text.find(run) for run in runs]
    strange = _STRANGE.search(text)
    return min([*places, *([strange.start()] if strange else [])], default=-1)


def _candidates(encoding: str) -> str:
    names = ["utf-8", "gb18030", "big5", "cp1252", "cp1250", "cp1251", "shift_jis", "euc_kr"]
    return ", ".join(name for name in names if name != encoding)


def _legacy(data: bytes, where: str, error: UnicodeDecodeError) -> str:
    """Choose among GB18030, Big5 and cp1252; refuse when none or several are likely."""
    begin = data.rfind(b"\n", 0, error.start) + 1
    sample = data[begin : begin + _SAMPLE]
    if begin + _SAMPLE < len(data):
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    shares = {name: _everyday_share(sample, name) for name in ("gb18030", "big5")}
    best, other = sorted(shares, key=lambda name: -shares[name])
    western = _is_western(sample)
    if western and shares[best] < _POSSIBLE:
        return "cp1252"
    clear = shares[best] - shares[other] > _AHEAD
    if not western and shares[best] >= _POSSIBLE and clear:
        return best
    row = data.count(b"\n", 0, error.start) + 1
    names = [name for name in shares if shares[name] >= _POSSIBLE] + ["cp1252"] * western
    shown = "; ".join(f"{name} reads {_shown(sample, name)!r}" for name in names) or (
        f"none of utf-8, gb18030, big5, cp1252 gives likely text (candidates: {_candidates('')})"
    )
    raise InputError(
        where,
        [
            f"row {row}: the encoding is not certain: {shown}; declare it in plan.yaml "
            "(inputs.sources, key encoding) or save the file as UTF-8"
        ],
    )


def _everyday_share(sample: bytes, encoding: str) -> float:
    """
    Share of the double-byte characters that belong to the everyday ones of a Chinese encoding.

    Both character sets order their characters by frequency: the first block holds the ones in
    daily use. Text of one read as the other falls outside it.
    """
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    pairs = [(sample[at], sample[at + 1]) for at in _pair_starts(sample)]
    if not pairs:
        return 0.0
    if encoding == "big5":
        return sum(0xA1 <= lead <= 0xC6 for lead, _ in pairs) / len(pairs)
    hanzi = [lead for lead, trail in pairs if 0xB0 <= lead <= 0xF7 and trail >= 0xA1]
    if len(hanzi) >= _KOREAN and max(hanzi) <= 0xC8:
        return 0.0  # the second half of the block is never used: Korean, not Chinese
    marks = sum(0xA1 <= lead <= 0xA9 and trail >= 0xA1 for lead, trail in pairs)
    return (sum(lead <= 0xD7 for lead in hanzi) + marks) / len(pairs)


def _pair_starts(sample: bytes) -> list[int]:
    starts: list[int] = []
    at = 0
    while at < len(sample) - 1 and len(starts) < 5000:
        if sample[at] >= 0x81:
            starts.append(at)
            at += 2
        else:
            at += 1
    return starts


def _is_western(sample: bytes) -> bool:
    """Whether high bytes stand as in western text: single letters among plain ones."""
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    if _GARBLED.search(text):
        return False
    runs = re.findall("[^\x00-\x7f]+", text)
    odd = re.findall(_SIGNS, text)
    inside = re.findall("(?<=[a-zß-ÿ])[\u00c0-\u00de]", text)
    letters = sum(map(len, runs))
    if len(odd) > 0.5 * letters:
        return False
    mean = letters / len(runs) if runs else 1.0
    return mean < _RUN and len(inside) <= 0.2 * max(letters, 1)


def _shown(sample: bytes, encoding: str) -> str:
    first = next((line for line in sample.splitlines() if not line.isascii()), sample)
    return first.decode(encoding, "replace")[:40]
