"""Which account a lead belongs to: by domain, then by name; doubtful ones are for a person."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left

import numpy as np
import pandas as pd

from planlib.routing.enrich import with_domain

_LEGAL = re.compile(
    r"\b(?:inc|incorporated|corp|corporation|co|company|ltd|limited|llc|llp|plc|gmbh|ag|sa|sarl|"
    r"srl|spa|bv|nv|ab|oy|kg|pty|pte|kk|group|holding|holdings)\b|股份有限公司|有限责任公司|有限公司"
)
_SCHEME = re.compile(r"^(?:https?://)?(?:www\.)?([^/\s:]+)", re.IGNORECASE)
_START = 3  # letters with which compared names begin alike
_NAMED = 3  # accounts that a person may choose from, by name
_MOST = 400  # accounts of one beginning that are compared with a lead
#: Accounts and countries by plain name, and plain names in order by their first letters.
_Names = tuple[dict[str, list[tuple[str, str]]], dict[str, list[str]]]
COLUMNS = ("lead_id", "account_id", "method", "similarity", "is_used", "company", "account_name",
           "reason")  # fmt: skip


def match_accounts(
    leads: pd.DataFrame, accounts: pd.DataFrame | None, cutoff: float = 94, review: float = 84
) -> pd.DataFrame:
    """
    Match leads with accounts.

    Parameters
    ----------
    leads
        ``lead_id``, ``company``, ``email``, ``country`` and ``account_id`` where it is known.
    accounts
        ``account_id``, ``name``, ``website``, ``country``; None or empty matches nothing.
    cutoff
        Likeness of names (rapidfuzz ``ratio`` of plain names, 0 to 100) from which a match is
        used; countries that are both known must agree.
    review
        Likeness from which the pair is offered to a person.

    Returns
    -------
    DataFrame
        Columns ``COLUMNS``, one row per matched or doubtful lead. A domain that several accounts
        share, or a name that two accounts have, is for a person. Only names that begin with the
        same three letters are compared.
    """
    if accounts is None or accounts.empty or leads.empty:
        return _empty()
    known = leads[leads["account_id"].notna() & leads["account_id"].isin(accounts["account_id"])]
    parts = [
        _rows(known, known["account_id"], "given", used=True, reason="the lead names the account")
    ]
    rest = leads[~leads["lead_id"].isin(known["lead_id"])]
    by_domain = _by_domain(rest, accounts)
    parts.append(by_domain)
    rest = rest[~rest["lead_id"].isin(by_domain.loc[by_domain["is_used"], "lead_id"])]
    by_name = _by_name(rest, accounts, cutoff, review)
    doubtful = by_domain.loc[~by_domain["is_used"], "lead_id"]
    parts[1] = by_domain[~by_domain["lead_id"].isin(doubtful) | ~by_domain["lead_id"].isin(
        by_name["lead_id"])]  # fmt: skip
    parts.append(by_name)
    found = pd.concat([one for one in parts if len(one)] or [_empty()], ignore_index=True)
    names = accounts.drop_duplicates("account_id").set_index("account_id")["name"]
    company = leads.drop_duplicates("lead_id").set_index("lead_id")["company"]
    found = found.assign(
        account_name=found["account_id"].map(names), company=found["lead_id"].map(company)
    )
    return found.drop_duplicates("lead_id")[list(COLUMNS)].reset_index(drop=True)


def plain_name(name: str) -> str:
    """
    Give a name of a company in small letters, without signs and legal form.

    Examples
    --------
    >>> plain_name("ACME Retail, Inc."), plain_name("上海机电有限公司")
    ('acme retail', '上海机电')
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    text = re.sub(r"[\W_]+", " ", text)
    short = re.sub(r"\s+", " ", _LEGAL.sub(" ", text)).strip()
    return short or text.strip()


def _by_domain(leads: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    if "website" not in accounts.columns:
        return _empty()
    site = accounts["website"].astype("str").str.extract(_SCHEME)[0].str.casefold()
    pairs = pd.DataFrame({"domain": site, "account_id": accounts["account_id"]}).dropna()
    pairs = pairs.drop_duplicates().sort_values(["domain", "account_id"])
    count = pairs.groupby("domain")["account_id"].transform("count")
    one = pairs.drop_duplicates("domain").set_index("domain")["account_id"]
    several = _shared(pairs[count > 1], accounts)
    domain = with_domain(leads)["domain"]
    hit = domain.isin(one.index)
    alone = hit & ~domain.isin(several.index)
    sure = _rows(leads[alone], domain[alone].map(one), "domain", used=True, reason=
                 "the e-mail address has the account's domain")  # fmt: skip
    shared = hit & ~alone
    open_ = _rows(leads[shared], domain[shared].map(one), "domain", used=False, reason="")
    open_ = open_.assign(reason=domain[shared].map(several).to_numpy())
    return pd.concat([sure, open_], ignore_index=True)


def _shared(pairs: pd.DataFrame, accounts: pd.DataFrame) -> pd.Series:
    """Name the accounts of each domain that several have, so that a person can choose."""
    known = accounts.drop_duplicates("account_id").set_index("account_id")["name"]
    named = pairs["account_id"].map(known).fillna("") + " (" + pairs["account_id"] + ")"
    groups = named.groupby(pairs["domain"]).agg(list)
    return groups.map(lambda some: (
        f"{len(some)} accounts share this domain, first {', '.join(some[:_NAMED])}; name the right "
        "one"
    )).astype("str")  # fmt: skip


def _by_name(
    leads: pd.DataFrame, accounts: pd.DataFrame, cutoff: float, review: float
) -> pd.DataFrame:
    rows = accounts[["account_id", "name"]].assign(country=accounts.get("country"))
    rows = rows.dropna(subset=["name"]).sort_values("account_id")
    known: dict[str, list[tuple[str, str]]] = {}
    countries = rows["country"].astype("object").where(rows["country"].notna(), "")
    for name, account, country in zip(rows["name"], rows["account_id"], countries, strict=True):
        known.setdefault(plain_name(name), []).append((account, country))
    blocks: dict[str, list[str]] = {}
    for plain in sorted(known):
        blocks.setdefault(plain[:_START], []).append(plain)
    named = leads[leads["company"].notna()]
    plains = {name: plain_name(name) for name in named["company"].unique()}
    asked = pd.DataFrame({
        "lead_id": named["lead_id"], "plain": named["company"].map(plains),
        "country": named["country"].fillna(""),
    })  # fmt: skip
    distinct = asked[["plain", "country"]].drop_duplicates()
    answers = [
        _best(plain, country, (known, blocks), cutoff, review)
        for plain, country in zip(distinct["plain"], distinct["country"], strict=True)
    ]
    table = pd.DataFrame(
        answers, columns=["account_id", "similarity", "is_used", "reason"], index=distinct.index
    )
    both = asked.merge(pd.concat([distinct, table], axis=1), on=["plain", "country"], how="left")
    both = both[both["account_id"].notna()]
    return both.assign(method="name", company="", account_name="")[list(COLUMNS)].astype(
        {"is_used": bool}
    )


def _best(
    plain: str, country: str, accounts: _Names, cutoff: float, review: float
) -> tuple[str | None, float, bool, str]:
    from rapidfuzz import fuzz, process

    known, blocks = accounts
    score, name = 100.0, plain
    if plain not in known:
        names = blocks.get(plain[:_START], [])
        near = bisect_left(names, plain)
        names = names[max(0, near - _MOST // 2) : near + _MOST // 2]
        found = process.extractOne(plain, names, scorer=fuzz.ratio, score_cutoff=review)
        if found is None or not plain:
            return None, np.nan, False, ""
        name, score = found[0], float(found[1])
    top = known[name]
    here = [one for one in top if one[1] == country] if country else top
    elsewhere = bool(country) and not here and all(one[1] for one in top)
    chosen = here or top
    account = chosen[0][0]
    if score < cutoff:
        return account, score, False, f"names are alike by {score:.0f} of 100; is it the same?"
    if elsewhere:
        return account, score, False, "same name in another country; is it the same?"
    if len(chosen) > 1:
        first = ", ".join(one[0] for one in chosen[:_NAMED])
        said = f"{len(chosen)} accounts have this name, first {first}; name the right one"
        return account, score, False, said
    return account, score, True, f"the names are alike by {score:.0f} of 100"


def _rows(
    leads: pd.DataFrame, accounts: pd.Series, method: str, *, used: bool,
    reason: str,
) -> pd.DataFrame:  # fmt: skip
    return pd.DataFrame({
        "lead_id": leads["lead_id"].to_numpy(), "account_id": accounts.to_numpy(),
        "method": method, "similarity": 100.0, "is_used": used, "company": "",
        "account_name": "", "reason": reason,
    })  # fmt: skip


def _empty() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="object") for name in COLUMNS}).astype(
        {"is_used": bool, "similarity": "float64"}
    )
