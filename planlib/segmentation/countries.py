"""Country names and codes as one key, so that a rule for China also finds CN and 中国."""

from __future__ import annotations

#: ISO 3166 two-letter code, then other ways of writing the country.
_NAMES = """
AE ARE United Arab Emirates|UAE|阿联酋
AR ARG Argentina|阿根廷
AT AUT Austria|Österreich|奥地利
AU AUS Australia|澳大利亚
BE BEL Belgium|比利时
BR BRA Brazil|Brasil|巴西
CA CAN Canada|加拿大
CH CHE Switzerland|Schweiz|瑞士
CL CHL Chile|智利
CN CHN China|PRC|P.R. China|People's Republic of China|Mainland China|中国|中华人民共和国
CO COL Colombia|哥伦比亚
CZ CZE Czechia|Czech Republic|捷克
DE DEU Germany|Deutschland|德国
DK DNK Denmark|丹麦
EG EGY Egypt|埃及
ES ESP Spain|España|西班牙
FI FIN Finland|芬兰
FR FRA France|法国
GB GBR United Kingdom|UK|U.K.|Great Britain|England|英国
GR GRC Greece|希腊
HK HKG Hong Kong|Hong Kong SAR|香港
HU HUN Hungary|匈牙利
ID IDN Indonesia|印度尼西亚
IE IRL Ireland|爱尔兰
IL ISR Israel|以色列
IN IND India|印度
IT ITA Italy|Italia|意大利
JP JPN Japan|日本
KE KEN Kenya|肯尼亚
KR KOR South Korea|Korea|Republic of Korea|Korea, Republic of|韩国
LU LUX Luxembourg|卢森堡
MO MAC Macao|Macau|澳门
MX MEX Mexico|México|墨西哥
MY MYS Malaysia|马来西亚
NG NGA Nigeria|尼日利亚
NL NLD Netherlands|The Netherlands|Holland|荷兰
NO NOR Norway|挪威
NZ NZL New Zealand|新西兰
PE PER Peru|秘鲁
PH PHL Philippines|Philipines|菲律宾
PL POL Poland|波兰
PT PRT Portugal|葡萄牙
RO ROU Romania|罗马尼亚
RU RUS Russia|Russian Federation|俄罗斯
SA SAU Saudi Arabia|沙特阿拉伯
SE SWE Sweden|瑞典
SG SGP Singapore|新加坡
TH THA Thailand|泰国
TR TUR Turkey|Türkiye|土耳其
TW TWN Taiwan|台湾
UA UKR Ukraine|乌克兰
US USA United States|United States of America|U.S.|U.S.A.|America|美国
VN VNM Vietnam|Viet Nam|越南
ZA ZAF South Africa|南非
"""


def _aliases() -> dict[str, str]:
    known = {}
    for line in _NAMES.strip().splitlines():
        two, three, names = line.split(" ", 2)
        for name in (two, three, *names.split("|")):
            known[name.casefold()] = two
    return known


_KEYS = _aliases()


def country_key(name: str) -> str:
    """
    Give one key for all ways of writing a country; an unknown name is its own key.

    Examples
    --------
    >>> country_key("United States") == country_key(" usa ")
    True
    """
    word = name.strip().casefold()
    return _KEYS.get(word, word)
