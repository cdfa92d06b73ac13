"""Names of companies and people, put together by rules that differ by culture."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

_WORDS = Path(__file__).parent / "words"
#: Culture of names by country.
CULTURE = {
    "US": "en",
    "CA": "en",
    "GB": "en",
    "IE": "en",
    "AU": "en",
    "NZ": "en",
    "DE": "de",
    "AT": "de",
    "CH": "de",
    "FR": "fr",
    "NL": "nl",
    "BE": "nl",
    "ES": "es",
    "MX": "es",
    "AR": "es",
    "CL": "es",
    "CO": "es",
    "BR": "pt",
    "IT": "it",
    "SE": "nordic",
    "DK": "nordic",
    "NO": "nordic",
    "PL": "pl",
    "JP": "ja",
    "KR": "ko",
    "IN": "in",
    "SG": "sg",
    "CN": "cn",
}
#: Provinces whose firms have French names.
_FRENCH = {"Quebec", "Geneva", "Vaud", "Wallonia"}
#: Family names that belong to well-known firms, and so name no firm here.
_NOT_FIRMS = frozenset((_WORDS / "not_firms.txt").read_text(encoding="utf-8").split())
#: Letters that the other Nordic languages write.
_FOREIGN = {"SE": "øæ", "DK": "äö", "NO": "äö"}
#: Words that say a trade, and the industries whose firms may have them.
_SAYS = tuple(
    (re.compile(pattern, re.IGNORECASE), frozenset(trades.split("|")))
    for pattern, trades in (
        (r"pharm|farma|therapeut|biosci|biotech|\bbio\b|biolog|laborat|diagnost",
         "Pharmaceuticals|Medical Devices|Hospitals and Health Care"),
        (r"\bmedical\b|medtech|medizintechnik", "Medical Devices|Hospitals and Health Care"),
        (r"chem|chimi|quím|polymer|coating|plásti|plastiq|plastica|kunststoff|lacke|vernici|dyes"
         r"|kasei|kagaku|\bpaint|peintur|pintur|tintas|kemi", "Chemicals"),
        (r"auto ?parts|autopart|autopeças|fahrzeug|auto comp", "Automotive Components"),
        (r"electron|elektron|électron|eletrôn|denki|\belektro\b", "Electronics"),
        (r"tele[ck]om|télécom|telecomun|infocomm|communications", "Telecommunications"),
        (r"software|logiciels|\bsoft\b", "Computer Software"),
        (r"\bbank|banc(o|a|orp)?\b|banque|savings|sparbank|credit union|volksbank",
         "Commercial Banking"),
        (r"capital|kapital|securities|invest|vermögens|vermogens|gestion|patrimoine|fund",
         "Asset Management"),
        (r"supermer|foods market|einkaufsm", "Grocery Retail"),
        (r"mining|petrol|minera|offshore|sekiyu|resources|rohstoffe|carrières",
         "Oil, Gas and Mining"),
        (r"\bgas\b|electric\b|elétrica|eléctrica|water|eaux|acque|netbeheer|\bpower\b",
         "Utilities"),
        (r"homes|propert|realty|immobil|inmobil|vastgoed|fudosan|incorporadora|fastigh|ejendomme"
         r"|nieruchom|realtors", "Real Estate"),
        (r"construct|builders|contractors|costruz|constru[cç]|\bbau\b|wohnungsbau|kensetsu"
         r"|bâtiment|travaux|komuten|e&c|entrepren", "Construction and Engineering"),
    )
)  # fmt: skip
_FAMOUS = re.compile(
    r"\b(blackrock|pixelworks|goldman|samsung|stonegate|clearwater paper|bluestone|blackstone|"
    r"silverlake|redwood|westgate|highland|falcon ?rock|starwood|ironmark|blue ?ridge|eaglestone|"
    r"redbridge|foxwood|clearfield|northwood|westrock|flexsys|highmark|northgate|milestone|"
    r"clearbridge|keystone|talentia|bluewater|redfield|intergas|interpack|northstone|polmex|"
    r"signal ?flow|orbit ?base)",
    re.IGNORECASE,
)


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_WORDS / name).read_text(encoding="utf-8"))


@cache
def _weighted(text: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    options, weights = [], []
    for part in text.split("|"):
        option, _, weight = part.partition("*")
        options.append(option)
        weights.append(float(weight or 1))
    total = sum(weights)
    return tuple(options), tuple(one / total for one in weights)


def pick(rng: np.random.Generator, text: str) -> str:
    """Draw one of ``option*weight|option*weight``."""
    options, weights = _weighted(text)
    return options[int(rng.choice(len(options), p=weights))]


def culture_of(country: str, province: str = "") -> str:
    """Give the culture of names in a country, or in a part of it that differs."""
    if province in _FRENCH and country in ("CA", "CH", "BE"):
        return "fr"
    return CULTURE[country]


def _list(text: str) -> list[str]:
    return text.split("|") if "|" in text else text.split(" ")


def person(rng: np.random.Generator, culture: str) -> str:
    """Draw a person's name."""
    words = _read("people.toml")[culture]
    first = _list(words["first"])
    last = _list(words["last"])
    if culture == "cn":  # family name first, common ones more often
        place = int(len(last) * rng.random() ** 1.8)
        return last[place] + first[int(rng.integers(len(first)))]
    return f"{first[int(rng.integers(len(first)))]} {last[int(rng.integers(len(last)))]}"


def plain(text: str) -> str:
    """Write a name in plain lower-case letters, as in an e-mail address."""
    text = text.translate(
        str.maketrans(
            {
                "ø": "o",
                "Ø": "o",
                "ł": "l",
                "Ł": "L",
                "ß": "ss",
                "æ": "ae",
                "Æ": "Ae",
                "ü": "ue",
                "ö": "oe",
                "ä": "ae",
            }
        )
    )
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "", ascii_text)


def _key(name: str) -> str:
    return plain(re.sub(r"\b(inc|ltd|limited|gmbh|ag|llc|corp|co)\b\.?", "", name.lower()))


def _suits(name: str, trade: str) -> bool:
    said = [trades for pattern, trades in _SAYS if pattern.search(name)]
    return not trade or not said or any(trade in trades for trades in said)


class FirmNames:
    """
    Company names without repeats.

    Parameters
    ----------
    rng
        Random stream that all names come from.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._seen: set[str] = set()

    def draw(self, country: str, province: str, group: str, trade: str = "") -> tuple[str, str]:
        """
        Draw a name that no other firm has, and that says no other trade than the firm's.

        Returns
        -------
        tuple of str
            Full name, and the part that relatives of the firm share.
        """
        culture = culture_of(country, province)
        for _ in range(400):
            name, stem = self._one(culture, country, group)
            key = _key(name)
            foreign = _FOREIGN.get(country, "")
            if any(letter in foreign for letter in name.lower()) or not _suits(name, trade):
                continue
            if key not in self._seen and len(name) < 60 and not _FAMOUS.search(name):
                self._seen.add(key)
                return name, stem
        raise RuntimeError(f"no more names for {culture} {group}")

    def relative(self, stem: str, country: str, group: str, trade: str = "") -> str:
        """Draw the name of another firm of a family, in its own country's form."""
        words = _read("firms.toml")[culture_of(country)]
        trades = words["words"]
        legals = words["legal"].get(country, next(iter(words["legal"].values())))
        for _ in range(80):
            word = pick(self._rng, trades.get(group, trades["industry"]))
            name = re.sub(r"\s+", " ", f"{stem} {word} {pick(self._rng, legals)}").strip()
            if _key(name) not in self._seen and _suits(name, trade):
                break
        else:
            name = f"{stem} {country}"
        self._seen.add(_key(name))
        return name

    def _one(self, culture: str, country: str, group: str) -> tuple[str, str]:
        rng, words = self._rng, _read("firms.toml")[culture]
        kind = group if group in words else "plain"
        templates = words.get(f"{kind}_{country}", words[kind])
        if group in ("public", "education", "health", "services", "tech") and group in words:
            templates = words.get(f"{group}_{country}", words[group])
        template = pick(rng, templates)
        legal = words["legal"].get(country, next(iter(words["legal"].values())))
        trades = words["words"]
        one, two = self._surname(culture), self._surname(culture)
        while two == one:
            two = self._surname(culture)
        place = self._join(words["place_a"], words["place_b"])
        coined = self._join(words["coin_a"], words["coin_b"])
        tech = self._join(words["tech_a"], words["tech_b"])
        parts = {
            "S": one,
            "S2": two,
            "P": place,
            "C": coined,
            "T": tech,
            "W": pick(rng, trades.get(group, trades["industry"])),
            "L": pick(rng, legal),
            "R": pick(rng, words["broad"].replace(" ", "|")),
            "SAINT": pick(rng, words.get("saint", "Martin").replace(" ", "|")),
        }
        name = re.sub(r"\s+", " ", template.format(**parts)).strip()
        stem = next(
            (parts[key] for key in ("S", "C", "T", "P") if "{" + key + "}" in template), one
        )
        return name, stem

    def _surname(self, culture: str) -> str:
        names = [
            name for name in _list(_read("people.toml")[culture]["last"]) if name not in _NOT_FIRMS
        ]
        if culture == "en" and self._rng.random() < 0.03:
            names = ["Okonkwo", "Castellano", "Zielinski", "Haddad", "Lindgren", "Moreau"]
        if culture == "ko" or not names:
            names = ["Seonu", "Namgung", "Hwangbo", "Dokgo"]
        return names[int(self._rng.integers(len(names)))]

    def _join(self, first: str, second: str) -> str:
        rng = self._rng
        one = pick(rng, first.replace(" ", "|"))
        two = pick(rng, second if "|" in second else second.replace(" ", "|"))
        if two[:1].islower() and one[-1].lower() == two[0]:  # no doubled letters where they meet
            two = two[1:]
        return (one + two).strip()
