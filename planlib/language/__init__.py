"""
The language in which texts are shown.

Texts are written in English where they arise, and tables keep them so. Where a text is shown
(report, picture, Excel file, notebook) it goes through ``say``, which gives it in the language of
the plan. A sentence with figures is found by its pattern: ``12 of 40 accounts moved`` by
``{moved} of {all} accounts moved``. The same cycle can so be shown in either language, and what
people and programs compare does not depend on it. The catalogue is ``zh.po``;
``python -m tools.texts`` brings it up to the texts of the code.
"""

from __future__ import annotations

from planlib.language.speech import (
    LANGUAGES,
    Language,
    catalogue_file,
    is_of_data,
    language,
    say,
    say_cell,
    speak,
    speaking,
    watching,
)

__all__ = [
    "LANGUAGES",
    "Language",
    "catalogue_file",
    "is_of_data",
    "language",
    "say",
    "say_cell",
    "speak",
    "speaking",
    "watching",
]
