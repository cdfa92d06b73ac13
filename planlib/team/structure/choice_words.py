"""Notes on ways of selling, business lines, and the leads that feed them."""

from __future__ import annotations

import pandas as pd

from planlib.settings.team_structure import TeamStructureSettings
from planlib.team.structure.models import FIELD, INSIDE, LED

_DEFINITIONS = {
    "way of selling": "Each segment against all others. Field with account plans: at least two of "
    "fewer leads, larger deals and longer cycles, and none the other way. Inside: the reverse, led "
    "by leads where leads are more than elsewhere. Only differences count whose 95 % interval "
    "leaves out none, and which are beyond chance among all questions of all segments together: on "
    "average one in twenty of those named is false (Benjamini-Hochberg).",
    "relief": "Hours a year that small and local accounts of field sellers need: what inside "
    "sellers could take over, so that field sellers have time for large accounts.",
}


def choice_notes(
    tables: dict[str, pd.DataFrame], settings: TeamStructureSettings
) -> list[tuple[str, str, str]]:
    """
    Give the notes on models and lines as kind, topic and text.

    Parameters
    ----------
    tables
        Tables of the structure; without models and lines there is nothing to say.
    settings
        Cut-offs that are choices and are named as such.
    """
    models, lines = tables["structure_models"], tables["structure_lines"]
    found = [("headline", "", text) for text in (*_models(models), *_lines(lines))]
    unknown = models[models["model"] == "not known"]["segment"].tolist()
    if unknown:
        found.append(("missing", "way of selling",
                      f"too few leads or closed deals for: {', '.join(unknown)}"))  # fmt: skip
    if len(models) or len(lines):
        found += [("definition", topic, text) for topic, text in _DEFINITIONS.items()]
        found.append(("definition", "team of its own", _own_team(settings)))
    return found


def _own_team(settings: TeamStructureSettings) -> str:
    low, high = settings.line_pace
    return (
        "A business line that fills a team, shares at most "
        f"{100 * settings.line_shared_share:.0f} % of its customers with other lines, and is won "
        "more by sellers at home in it, beyond the 95 % interval and beyond chance among all lines "
        f"together. At home is who has {100 * settings.line_home_share:.0f} % of the decided deals "
        f"in it, won or not; at least {settings.line_sellers} sellers stand on either side. The "
        f"same workflow serves a cycle of {low:g} to {high:g} times that of the other lines. All "
        "of these cut-offs are choices of plan.yaml, section team_structure."
    )


def _models(models: pd.DataFrame) -> list[str]:
    named = {
        model: ", ".join(models.loc[models["model"] == model, "segment"])
        for model in (FIELD, LED, INSIDE)
    }
    said = {
        FIELD: f"Field sellers with account plans are called for in {named[FIELD]}: deals are "
        "larger, cycles longer or leads fewer than elsewhere.",
        LED: f"Inside sellers led by leads are called for in {named[LED]}: leads are more, "
        "deals smaller or cycles shorter than elsewhere.",
        INSIDE: f"Inside sellers are called for in {named[INSIDE]}: deals are smaller and "
        "cycles shorter than elsewhere, and leads are not more or not known.",
    }
    texts = [text for model, text in said.items() if named[model]]
    relief = float(models["relief_heads"].sum())
    if relief >= 1:
        texts.append(
            f"Small local accounts of field sellers need {relief:.1f} heads of field time a year: "
            "what inside sellers could take over."
        )
    return texts


def _lines(lines: pd.DataFrame) -> list[str]:
    own = lines.loc[lines["verdict"] == "team of its own", "line"]
    if len(own):
        return [f"A team of its own would win more deals of {', '.join(own)}: see the interval."]
    return []
