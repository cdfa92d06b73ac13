"""Tests of planlib.plan and planlib.settings."""

import contextlib
import json
import time
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from planlib.errors import SettingsError
from planlib.plan import Plan, load_plan, parse_plan
from planlib.settings.base import Section


def every_key(model: type[Section], path: str = ""):
    """Walk over all keys of a section and of the sections in it."""
    for name, field in model.model_fields.items():
        yield f"{path}{name}", field
        kinds = [field.annotation, *getattr(field.annotation, "__args__", ())]
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, Section):
                yield from every_key(kind, f"{path}{name}.")


def test_an_empty_plan_has_all_defaults():
    """Every key has a default."""
    assert parse_plan("") == Plan()


@pytest.mark.parametrize(("key", "field"), list(every_key(Plan)), ids=lambda value: str(value)[:60])
def test_every_key_has_a_meaning_and_a_unit(key, field):
    """The settings reference is complete."""
    assert field.description, key
    assert "unit" in field.json_schema_extra


def test_every_problem_is_named_with_its_line():
    """All problems come at once: line, key, value, what is allowed, nearest known key."""
    text = "langauge: en\nterritories:\n  tolerance: 3\n  tolerence: 1\nseed: true\n"
    with pytest.raises(SettingsError) as caught:
        parse_plan(text, "acme/plan.yaml")
    message = str(caught.value)
    assert len(caught.value.problems) == 4
    assert "acme/plan.yaml" in message
    assert "line 1: langauge is not a known key; did you mean 'language'?" in message
    assert "line 3: territories.tolerance is '3'; allowed: less than or equal to 1" in message
    assert "line 4: territories.tolerence is not a known key; did you mean 'tolerance'?" in message
    assert "line 5: seed is 'True'; allowed: a valid integer" in message


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("a: &x 1\nname: *x", "aliases"),
        ("name: a\nname: b", "line 2: 'name' stands twice"),
        ("run: {off: [99_none]}", "names no step"),
        ("currency: Eur", "allowed: three capital letters, such as EUR$"),
        ("report: {audience: nobody}", "none of"),
        ("rates: {EUR: -1}", "above 0"),
        ("rates: {EUR: .inf}", "valid number"),
        ("[1, 2]", "key: value"),
        ("name: [", "not valid YAML"),
        ("name: !!python/object/apply:os.system ['true']", "not valid YAML"),
        ("calendar: {weekend: [0]}", "1 \\(Monday\\) to 7"),
        ("calendar: {weekend: [1,2,3,4,5,6,7]}", "not all of them"),
        ("seed: 010", "valid integer"),
        ("inputs: {sources: [{table: accounts}]}", "needs a path or an url"),
        ("inputs: {sources: [{url: 'postgresql://u:p@h/d'}]}", "env:NAME"),
        ("inputs: {sources: [{path: x, decmal: ','}]}", "did you mean 'decimal'"),
    ],
)
def test_wrong_plans_are_refused(text, match):
    """Each kind of mistake has its message."""
    with pytest.raises(SettingsError, match=match):
        parse_plan(text)


@pytest.mark.parametrize(
    ("word", "value"),
    [("NO", "NO"), ("on", "on"), ("'007'", "007"), ("12:30", "12:30"), ("010", "010")],
)
def test_plain_words_stay_words(word, value):
    """Norway stays NO, codes keep their zeros, times stay times."""
    assert parse_plan(f"name: {word}").name == value


def test_a_number_is_not_a_name():
    """Nothing is converted without a word."""
    with pytest.raises(SettingsError, match="name is '2026'; allowed: a valid string"):
        parse_plan("name: 2026")


def test_an_alias_bomb_is_refused_at_once():
    """Nested aliases neither expand nor take time."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    begun = time.process_time()
    with pytest.raises(SettingsError, match="aliases"):
        parse_plan("\n".join(lines))
    assert time.process_time() - begun < 5


def test_deep_nesting_is_an_error_not_a_crash():
    """A file that nests without end is refused."""
    with pytest.raises(SettingsError, match="plan.yaml"):
        parse_plan("name: " + "[" * 5000)


def test_sections_are_frozen():
    """Settings cannot be changed in place."""
    with pytest.raises(ValidationError, match="frozen"):
        Plan().territories.tolerance = 0.5


def test_override_replaces_only_what_is_given():
    """None keeps the plan's value; numpy numbers and tuples are fine."""
    plan = parse_plan("territories: {tolerance: 0.2}")
    assert plan.override("territories", tolerance=None).tolerance == 0.2
    assert plan.override("territories", tolerance=np.float64(0.3)).tolerance == 0.3
    assert plan.override("territories", measures=("acv",)).measures == ("acv",)
    assert plan.territories.tolerance == 0.2


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "0.1", True, -1, [0.1]])
def test_override_checks_values(value):
    """An overridden value passes the same checks as plan.yaml."""
    with pytest.raises(SettingsError, match=r"territories\.tolerance"):
        Plan().override("territories", tolerance=value)


def test_override_names_the_nearest_key_and_section():
    """A misspelt key or section is named with the nearest known one."""
    with pytest.raises(SettingsError, match="did you mean 'tolerance'"):
        Plan().override("territories", tolerence=0.1)
    with pytest.raises(SettingsError, match="did you mean 'territories'"):
        Plan().override("teritories", tolerance=0.1)


def test_hash_follows_content():
    """A section's hash changes with its content and with nothing else."""
    plain, changed = parse_plan(""), parse_plan("territories: {tolerance: 0.2}")
    assert plain.hash("territories") != changed.hash("territories")
    assert plain.hash("pipeline") == changed.hash("pipeline")
    assert plain.hash() == changed.hash()
    assert plain.hash() != parse_plan("currency: EUR").hash()


def test_a_missing_or_foreign_file_is_named(tmp_path):
    """No file, a huge file and a file in another encoding are refused by name."""
    with pytest.raises(SettingsError, match="does not exist"):
        load_plan(tmp_path)
    file = tmp_path / "plan.yaml"
    file.write_bytes("name: Jürgen".encode("latin-1"))
    with pytest.raises(SettingsError, match="not UTF-8 at byte 7"):
        load_plan(file)
    file.write_bytes(b"#" * 1_000_001)
    with pytest.raises(SettingsError, match="larger than"):
        load_plan(tmp_path)
    file.write_text("as_of: 2026-03-31\n", encoding="utf-8-sig")
    assert load_plan(tmp_path).as_of == date(2026, 3, 31)


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8), st.lists, max_leaves=5
        ),
        max_size=4,
    )
)
def test_any_mapping_is_a_plan_or_a_settings_error(content):
    """Whatever stands in plan.yaml, the answer is settings or a named error."""
    with contextlib.suppress(SettingsError):
        assert isinstance(parse_plan(json.dumps(content)), Plan)
