"""Make a client's workbook: rendered beside its place, moved there whole."""

from __future__ import annotations

from pathlib import Path

from planlib.clients.answers import Answers, check_folder
from planlib.clients.pristine import Pristine, fingerprint, rendered
from planlib.clients.render import render
from planlib.store.atomic import new_folder


def new_workbook(folder: Path | str, answers: Answers, templates: Path | None = None) -> Path:
    """
    Make a client's workbook from a template.

    Parameters
    ----------
    folder
        Where; it must not exist or be empty.
    answers
        Checked by ``check_answers``.
    templates
        Folder of templates; None: those of the installation.

    Returns
    -------
    Path
        The workbook: plan.yaml, README.md, inputs/ and inputs_more/ with blank Excel files, maps/,
        overrides/, and the rendering itself in .planlib/ for later updates.

    Raises
    ------
    WorkbookError
        If the folder is taken or its name is not allowed; nothing is written then.
    """
    path = check_folder(folder)
    with new_folder(path) as stage:
        render(answers, stage, path.name, templates)
        files = rendered(stage)
        pristine = Pristine(stage)
        for name, content in files.items():
            pristine.keep(name, content)
        prints = {name: fingerprint(content) for name, content in files.items()}
        pristine.write(answers, prints)
    return path
