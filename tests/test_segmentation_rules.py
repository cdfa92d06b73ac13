"""Rules: order, reasons, reports, and settings that cannot be meant."""

from __future__ import annotations

import numpy as np
import pytest

from planlib.errors import SettingsError
from planlib.segmentation.coded import Coded, combine
from planlib.segmentation.rules import rule_text
from planlib.settings.segmentation import UnitRule
from tests.segmentation_frames import findings, make_accounts, make_settings, run

WRONG = [
    ("unit_rules: [{unit: E, when: {sise: large}}]", "did you mean 'size'"),
    ("unit_rules: [{unit: E, when: {size: enterprize}}]", "did you mean 'enterprise'"),
    ("unit_rules: [{unit: E, at_least: {employes: 5}}]", "did you mean 'employees'"),
    ("segment_rules: [{segment: E, when: {segment: x}}]", "names 'segment', which is not"),
    ("segment_rules: [{when: {size: large}}]", "segment_rules"),
    ("workload_rules: [{when: {lifecycle: prospekt}}]", "did you mean 'prospect'"),
    ("size_cuts: [100, 50, 5000]", "increase"),
    ("size_cuts: [0, 50, 5000]", "above 0"),
    ("size_cuts: [100, 1000]", "size_cuts needs 3 cut lines for 4 size_names, found 2"),
    ("markets: [{name: X, countries: IN, size_cuts: [5]}]", "size_cuts of market X needs 3"),
    ("markets: [{name: X}]", "names no countries, regions or provinces"),
    ("markets: [{name: X, countries: A}, {name: X, countries: B}]", "market X stands twice"),
    ("size_names: [a, a, b, c]", "different names"),
    ("size_names: [a, unknown, b, c]", "different names"),
    ("lookalike_levels: [[sise]]", "lists of size"),
    ("lookalike_levels: [[size, market], [size]]", "add columns"),
    ("support: {customer: call}", "lifecycle classes are"),
    (
        "lookalike_levels: [[segment]]\nsegment_rules: [{segment: A, at_least: {potential: 1}}]",
        "may not use potential",
    ),
    ("potential_quantile: 0.2", "potential_quantile"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_settings_that_cannot_be_meant_are_refused(text: str, message: str) -> None:
    """Each wrong setting is an error that names the key and what is allowed."""
    with pytest.raises(SettingsError, match=message):
        make_settings(text)


def test_one_word_or_number_stands_for_a_list() -> None:
    """A rule may give one value without brackets, and a code as a number."""
    settings = make_settings(
        "industry_rules: [{group: X, sic: 52}]\nunit_rules: [{unit: E, when: {size: large}}]"
    )
    assert settings.industry_rules[0].sic == ("52",)
    assert settings.unit_rules[0].when == {"size": ("large",)}


def test_the_first_rule_that_fits_decides_and_says_why() -> None:
    """Order counts, and the reason holds the rule's number and the account's values."""
    text = """
unit_rules:
  - {unit: Key, when: {industry: Bank}, at_least: {employees: 500}}
  - {unit: Field, unless: {size: small}}
  - {unit: Inside, below: {employees: 100}}
"""
    accounts = make_accounts(employees=[900, 400, 50], industry=["bank", "Bank", None])
    rows = run(accounts, text).segments
    assert rows["unit"].tolist() == ["Key", "Field", "Inside"]
    assert rows["unit_reason"].tolist() == [
        "unit rule 1: industry bank, employees from 500",
        "unit rule 2: size medium",
        "unit rule 3: employees below 100",
    ]


def test_unknown_numbers_fit_no_limit() -> None:
    """An account without employees is neither above nor below a limit."""
    text = "unit_rules: [{unit: A, at_least: {employees: 0}}, {unit: B, below: {employees: 9}}]"
    assert run(make_accounts(employees=[None]), text).segments["unit"].tolist() == ["unassigned"]


def test_rules_may_use_the_segment_and_the_potential() -> None:
    """Unit rules see the segment, and both see the potential."""
    text = """
segment_rules:
  - {segment: Rich, at_least: {potential: 100}}
  - {segment: Rest}
unit_rules:
  - {unit: Top, when: {segment: Rich}}
  - {unit: Base}
"""
    rows = run(make_accounts(potential=[500.0, 5.0, None]), text).segments
    assert rows["segment"].tolist() == ["Rich", "Rest", "Rest"]
    assert rows["unit"].tolist() == ["Top", "Base", "Base"]


def test_country_rules_know_all_names_of_a_country() -> None:
    """A rule for China also fits CN and 中国."""
    text = "unit_rules: [{unit: Asia, when: {country: China}}, {unit: West}]"
    accounts = make_accounts(country=["CN", "中国", "France"])
    assert run(accounts, text).segments["unit"].tolist() == ["Asia", "Asia", "West"]


def test_report_tells_idle_rules_from_shadowed_ones() -> None:
    """A rule that fits nothing, one that comes too late, and a value nobody has are reported."""
    text = """
unit_rules:
  - {unit: A, when: {size: [small, large], industry: Bnak}}
  - {unit: B, unless: {size: large}}
  - {unit: C, when: {size: small}}
"""
    result = run(make_accounts(employees=[5, 6, 7], industry=["Bank"] * 3), text)
    rows = result.segment_rules.query("rule_list == 'unit'")
    assert rows["status"].tolist() == ["nothing fits", "ok", "decided otherwise"]
    assert rows["account_count"].tolist() == [0, 3, 0]
    assert rows["fitting_count"].tolist() == [0, 3, 3]
    assert "no account has industry 'Bnak' (did you mean 'Bank'?)" in rows["note"].iloc[0]
    assert len(findings(result, "rules")) == 3  # two idle rules, one value that never occurs


def test_idle_built_in_rules_are_no_problem() -> None:
    """Nobody wrote the built-in rules for these accounts, so their silence is no finding."""
    assert findings(run(make_accounts(employees=[5, 6, 7])), "rules") == []


def test_decided_counts_add_up_to_all_accounts() -> None:
    """Per list, the accounts that rules decided and those given make up all accounts."""
    accounts = make_accounts(employees=[5, 600, None], unit=["Labs", None, None])
    rows = run(accounts).segment_rules
    totals = rows.groupby("rule_list")["account_count"].sum()
    assert totals.to_dict() == {"segment": 3, "unit": 2, "workload": 3}


def test_sizes_of_ones_own_have_built_in_rules() -> None:
    """Built-in rules follow the size names of plan.yaml."""
    text = "size_names: [小型, 大型]\nsize_cuts: [100]"
    rows = run(make_accounts(employees=[50, 500, None]), text).segments
    assert rows["segment"].tolist() == ["小型", "大型", "Size unknown"]
    assert rows["unit"].tolist() == ["Small Business", "Enterprise", "Commercial"]


def test_coded_columns_round_trip() -> None:
    """Coding and decoding a column, and joining columns, lose nothing, missing values included."""
    first = Coded(np.array([0, 1, -1]), ("a", "b"))
    second = Coded(np.array([1, 1, 0]), ("x", "y"))
    joined = combine([first, second], "|".join).series().tolist()
    assert joined == ["a|y", "b|y", "|x"]
    assert first.fill("c").series().tolist() == ["a", "b", "c"]
    assert first.override(second).series().tolist() == ["y", "y", "x"]


def test_many_wide_columns_can_be_joined() -> None:
    """Columns whose combinations exceed a whole number are joined step by step."""
    wide = Coded(np.array([0, 99_999, -1]), tuple(str(place) for place in range(100_000)))
    joined = combine([wide] * 5, "|".join).series().tolist()
    assert joined == ["0|0|0|0|0", "|".join(["99999"] * 5), "||||"]


def test_rules_and_reasons_name_the_lifecycle_in_words() -> None:
    """No key of ours stands in a text for people; a value of the data stays as it is."""
    conditions = {"when": {"lifecycle": ("large_footprint",)}, "unless": {"region": ("big_one",)},
                  "at_least": {"business_line_count": 5}}  # fmt: skip
    assert rule_text(UnitRule(unit="Key", **conditions)) == (
        "lifecycle is large footprint and region is not big_one and business line count from 5"
    )
    text = "large_footprint_acv: 1\nunit_rules: [{unit: Key, when: {lifecycle: large_footprint}}]"
    found = run(make_accounts(acv=[100.0, 200.0]), text).segments
    assert set(found["unit_reason"]) == {"unit rule 1: lifecycle large footprint"}
    assert set(found["lifecycle"]) == {"large_footprint"}
    assert not found["workload_reason"].str.contains("_").any()
