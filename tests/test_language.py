"""Texts in the language of the plan: the catalogue, and how a sentence is found in it."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from planlib import displays
from planlib.charts import base, fonts
from planlib.language import catalogue_file, language, say, say_cell, speaking, watching
from planlib.language.numbers import amount_in_chinese, day_in_chinese
from planlib.language.patterns import places
from planlib.language.translate import Translator
from planlib.pages import Markup, texts_of_template
from tools.texts import texts

WORDS = {
    "account": "客户",
    "{moved} of {all} accounts moved": "{all} 家客户中有 {moved} 家变动",
    "{name}: {count} rows": "{name}：{count} 行",
    "balance kept": "均衡得到保持",
    "to {rep}, because {reason}": "归 {rep}，因为{reason}",
    "the travel is shorter by {km} km": "路程缩短 {km} 公里",
    "as of {day}": "截至 {day}",
    "won {share} of target{more}": "已完成目标的 {share}{more}",
    "in {days}{when} weeks": "{days}{when}周内",
    "{figure} closed": "已关闭 {figure}",
    "contact {code}": "联系人 {code}",
    "{whose}{figure} of {all} cells owned": "{whose}{all} 格中有 {figure} 格",
    "a line in overrides/{as_is}.csv. Fields: {as_is_2}": "{as_is}.csv 中加一行。字段：{as_is_2}",
    "{what} (by {iso})": "{what}（至 {iso}）",
    "cost of {kind}": "{kind}成本",
    "{list} are due": "{list} 到期",
    "went to {amount}{more}": "变为 {amount}{more}",
    "call": "电话",
    "visit": "拜访",
    "budget": "预算",
    "layer {name} is left out: {what}": "图层 {name} 不纳入：{what}",
    "no rep has one of its roles": "没有销售代表属于其角色之一",
    "the balance between them, however small, is kept": "两者之间的均衡无论多小均得到保持",
}


@pytest.fixture(scope="module")
def catalogue() -> dict[str, str]:
    """Give the translations by text, blank where there is none."""
    with catalogue_file().open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file, locale="zh") if one.id}


def said(text: str) -> str:
    """Give a text in Chinese by the words of this file."""
    return Translator(WORDS).said(text)[0]


def test_catalogue_has_every_text_of_the_code(catalogue: dict[str, str]) -> None:
    """A text that a person may see and that has no translation fails here, by name."""
    found = texts()
    missing = [text for text in found if not catalogue.get(text)]
    assert missing == [], "run python -m tools.texts, then fill in the blank entries of zh.po"


def test_catalogue_has_no_text_that_the_code_has_not(catalogue: dict[str, str]) -> None:
    """What no longer stands in the code leaves the catalogue."""
    found = texts()
    assert [text for text in catalogue if text not in found] == []


def test_translations_keep_the_places_of_their_pattern(catalogue: dict[str, str]) -> None:
    """A figure of the sentence is neither lost nor shown twice."""
    assert [text for text, one in catalogue.items() if one and places(text) != places(one)] == []


def test_translations_hold_no_markup_of_their_own(catalogue: dict[str, str]) -> None:
    """A translation can bring neither tags nor formulas into a page or a sheet."""
    tags = re.compile(r"<[a-zA-Z/!]")
    wrong = [text for text, one in catalogue.items() if tags.search(one) and not tags.search(text)]
    wrong += [
        text
        for text, one in catalogue.items()
        if one.startswith(("=", "@")) and not text.startswith(("=", "@"))
    ]
    assert wrong == []


def test_sentence_is_found_by_its_pattern() -> None:
    """Figures move to their places in the translation."""
    assert said("12 of 40 accounts moved") == "40 家客户中有 12 家变动"


def test_places_are_translated_too() -> None:
    """What stands at a place may be a sentence of its own; names stay."""
    text = "to Li Na, because the travel is shorter by 12 km"
    assert said(text) == "归 Li Na，因为路程缩短 12 公里"


def test_parts_between_joints_are_translated_one_by_one() -> None:
    """Sentences that are put together have no pattern as a whole."""
    text = "12 of 40 accounts moved; balance kept"
    assert said(text) == "40 家客户中有 12 家变动；均衡得到保持"
    assert said("Balance kept (as of 2026-03-31).") == "均衡得到保持（截至 2026年3月31日）。"


def test_counts_take_the_measure_word_of_their_noun() -> None:
    """A number of things needs no pattern of its own, in singular or plural."""
    assert said("12 accounts") == "12 家客户"
    assert said("1 account; 3 zorps") == "1 家客户；3 zorps"


def test_pieces_of_a_sentence_may_be_absent() -> None:
    """What stands at the end only sometimes may be missing, and no number is parted."""
    assert said("won 12 % of target") == "已完成目标的 12 %"
    assert said("won 12 % of target, balance kept") == "已完成目标的 12 %，均衡得到保持"
    assert said("in 2026-03 weeks") == "2026-03 周内"


def test_places_for_figures_take_figures_alone() -> None:
    """A short pattern does not match what it does not mean."""
    assert said("1.2 M EUR closed") == "已关闭 120 万 EUR"
    assert said("Acme closed") == "Acme closed"
    assert said("contact C-0501") == "联系人 C-0501"
    assert said("contact Ana Li") == "contact Ana Li"
    assert said("visit (by 2026-03-31)") == "拜访（至 2026年3月31日）"
    assert said("visit (by Ana Li)") == "拜访（by Ana Li）"


def test_names_of_tables_and_columns_stay_as_they_are() -> None:
    """Somebody who follows the note finds the file and its columns by these names."""
    text = "a line in overrides/balance.csv. Fields: account, budget, call"
    words = WORDS | {"balance": "均衡"}
    chinese = "balance.csv 中加一行。字段：account, budget, call"
    assert Translator(words).said(text) == (chinese, True)


def test_the_tie_to_finance_is_said_in_chinese(catalogue: dict[str, str]) -> None:
    """Tolerance, largest difference and figures that cannot be compared are three clauses."""
    said, is_whole = Translator({one: text for one, text in catalogue.items() if text}).said(
        "28 of 30 control figures tie to finance within 0.5 %; largest difference: closed amount "
        "of region 华东 in 2026Q1, 339,300 CNY (1.7 %) above finance; 1 cannot be compared"
    )
    assert is_whole
    assert said.count("；") == 2


def test_patterns_do_not_run_over_the_end_of_a_sentence() -> None:
    """Two sentences beside each other are two, whatever a place of the first could take."""
    assert said("cost of visit; balance kept") == "拜访成本；均衡得到保持"
    assert said("budget: call are due") == "预算：电话 到期"


def test_figures_beside_a_loose_place_are_taken_whole() -> None:
    """A day or an amount before a piece that may be absent keeps all its signs."""
    assert said("went to 2026-03-31") == "变为 2026年3月31日"
    assert said("went to 1.2 M EUR, balance kept") == "变为 120 万 EUR，均衡得到保持"


def test_a_figure_behind_what_may_be_absent_is_not_taken_for_it() -> None:
    """The place that is named a figure gets the number, whether or not something stands before."""
    assert said("217 of 2,308 cells owned") == "2,308 格中有 217 格"
    assert said("Acme: 1,217 of 2,308 cells owned") == "Acme：2,308 格中有 1,217 格"


def test_lists_ranges_and_months() -> None:
    """Words are joined by 和, figures by 至; months are those of pictures."""
    assert said("call, visit and budget") == "电话，拜访和预算"
    assert said("call or visit") == "电话或拜访"
    assert said("3 % to 10 %") == "3 % 至 10 %"
    assert said("budget (1.2 M to 3.4 M).") == "预算（120 万 至 340 万）。"
    assert said("15 Sep: visit") == "9月15日：拜访"


def test_known_sentence_is_found_with_its_own_commas() -> None:
    """A sentence of the catalogue is not parted at its own joints."""
    text = "budget: the balance between them, however small, is kept"
    assert said(text) == "预算：两者之间的均衡无论多小均得到保持"


def test_what_is_known_at_a_place_counts_as_explained() -> None:
    """A name that stays in a short sentence does not keep the sentence from being found."""
    text = "layer success is left out: no rep has one of its roles"
    assert said(text) == "图层 success 不纳入：没有销售代表属于其角色之一"


def test_amounts_between_names_are_counted_in_wan_too() -> None:
    """An amount behind a name that stays is written like any other; names with digits stay."""
    assert said("Acme North 38.2 M CNY") == "Acme North 3,820 万 CNY"
    assert said("P10 197 M") == "P10 1.97 亿"
    assert said("PX-5 M3 of KH02") == "PX-5 M3 of KH02"


def test_unknown_text_stays_and_is_told() -> None:
    """A text without translation is shown in English, never blank."""
    assert Translator(WORDS).said("nobody knows this") == ("nobody knows this", False)


def test_names_count_as_translated() -> None:
    """Names and codes are no English prose."""
    assert Translator(WORDS).said("Apex Machinery GmbH") == ("Apex Machinery GmbH", True)


@given(st.text(max_size=60))
def test_any_text_is_given_back_or_translated(text: str) -> None:
    """No text of the world breaks the translator, and what has no letters stays."""
    result, _ = Translator(WORDS).said(text)
    assert isinstance(result, str)
    assert bool(result.strip()) == bool(text.strip())


@given(st.integers(0, 10**12), st.text("abcXYZ &-", min_size=1).filter(lambda t: t.strip()))
def test_figures_and_names_are_never_changed(count: int, name: str) -> None:
    """What a sentence says of the data is in its translation as it was."""
    result = said(f"{name}: {count:,} rows")
    assert result == f"{name}：{count:,} 行"


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("1.2 M", "120 万"),
        ("EUR 1,234.5 k", "123.45 万 EUR"),
        ("CNY 2.05 B", "20.5 亿 CNY"),
        ("-3.4 k", "-3,400"),
        ("0.9 k", "900"),
        ("12.5 %", None),
        ("12", "12"),
        ("Q1", None),
    ],
)
def test_amounts_are_counted_in_wan_and_yi(text: str, chinese: str | None) -> None:
    """Thousands and millions become 万 and 亿 without losing a digit."""
    assert amount_in_chinese(text) == chinese


def test_days_are_written_in_full() -> None:
    """A day in a sentence is written as in Chinese texts; what is no day stays."""
    assert day_in_chinese("2026-12-05") == "2026年12月5日"
    assert day_in_chinese("2026-12") is None


def test_english_is_spoken_by_default() -> None:
    """Without a plan in Chinese every text stays as it is."""
    assert language() == "en"
    assert say("Won amount") == "Won amount"


def test_language_ends_with_its_block() -> None:
    """A language spoken for a while is over afterwards, also when something fails."""
    with pytest.raises(ZeroDivisionError), speaking("zh"):
        1 / len(language()[2:])
    assert language() == "en"


def test_untranslated_texts_are_collected() -> None:
    """Translators see what is shown in English still."""
    with speaking("zh"), watching() as found:
        say("zorp unknowable wordings here")
    assert found == {"zorp unknowable wordings here"}


def test_table_is_shown_in_chinese_with_data_as_it_is() -> None:
    """Headers are translated; names and ids are not."""
    frame = pd.DataFrame({"account_id": ["delivered"], "won_amount": [12.0]})
    with speaking("zh"):
        body = displays.table(frame).body
    assert '<td class="gt_row pl-keep">delivered</td>' in body
    assert "Won amount" not in body


def test_sums_in_a_column_of_names_are_said() -> None:
    """What stands in for a name is put into the language; a name of the data never is."""
    with speaking("zh"):
        assert say_cell("all managers", "name") == "所有经理"
        assert say_cell("Company", "Owner") == "公司"
        assert say_cell("Total", "account_name") == "Total"
        assert say_cell("won", "reason") == say("won")
    assert say_cell("all managers", "name") == "all managers"


def test_picture_keeps_english_where_no_font_has_the_characters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No empty boxes: without a font the English text stays."""
    monkeypatch.setattr(
        fonts, "uncovered", lambda text, chosen=None: {c for c in text if ord(c) > 0x3000}
    )
    ax = base.new_axes()
    ax.set_xlabel("Won amount")
    try:
        with speaking("zh"):
            ax.figure.canvas.draw()
        assert ax.get_xlabel() == "Won amount"
    finally:
        plt.close("all")


@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")  # the machine may have no font
def test_picture_is_drawn_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels and ticks are put into the language when the picture is drawn."""
    monkeypatch.setattr(fonts, "uncovered", lambda text, chosen=None: set())
    ax = base.new_axes()
    ax.set_xlabel("Won amount")
    ax.set_yticks([1.0], ["Won amount"])
    try:
        with speaking("zh"):
            expected = say("Won amount")
            ax.figure.canvas.draw()
            ticks = [one.get_text() for one in ax.get_yticklabels()]
        assert ax.get_xlabel() == expected != "Won amount"
        assert ticks == [expected]
    finally:
        plt.close("all")


def test_markup_of_templates_is_not_text() -> None:
    """Attributes stay, also where an expression stands inside a tag."""
    source = '<p class="{{ tone }} wide">Won {{ amount }} of <b>all</b></p><style>p {}</style>'
    assert texts_of_template(source) == ["Won", "of", "all"]
    markup = Markup()
    assert [piece for part in ('<a href="', '">more</a>') for is_text, piece in markup.pieces(part)
            if is_text and piece] == ["more"]  # fmt: skip


def test_a_long_note_is_taken_sentence_by_sentence() -> None:
    """What is known is said, what is not stays, lines stay lines; a long one is not searched."""
    known = "accounts of the team"
    assert say(known) == known
    with speaking("zh"):
        short = say("The plan has 3 accounts.")
        endless = "the account of a rep in the plan and " * 200
        said = say(f"{'The plan has 3 accounts. ' * 40}\n{endless}")
    first, second = said.split("\n")
    assert first.startswith(short)
    assert first.count("3") == 40
    assert second == endless
